//! Everything that the engine remembers, in the host's own database and transaction. All SQL text of the product is
//! here, once, portable over MariaDB/MySQL, PostgreSQL, H2 and SQLite.
//!
//! Invariants of every statement here:
//!
//! - It runs in the transaction of the caller, who commits or rolls back. Only [`schema::migrate`] has its own.
//! - Nothing relies on a statement failing: PostgreSQL gives up the whole transaction then. A row is updated first and
//!   inserted when there was none.
//! - Times are milliseconds since 1970 by the database's clock ([`now`]), so that several servers agree.
//! - No identifier is a reserved word of any of the databases, and none is quoted.
//! - What is read is bounded: by a limit, or by the number of keys that were asked for.

pub mod attempts;
pub mod audit;
pub mod backfills;
pub mod bases;
pub mod children;
pub mod configuration;
pub mod conflicts;
pub mod consents;
pub mod copies;
pub mod digests;
pub mod entry_rules;
pub mod events;
pub mod lease;
pub mod limits;
pub mod listening;
pub mod lost_paths;
pub mod markers;
pub mod node;
pub mod object_states;
pub mod outbox;
pub mod paging;
pub mod parked;
pub mod pending;
pub mod requests;
pub mod restores;
pub mod runs;
pub mod schema;
pub mod sightings;
pub mod switched_on;
pub mod unheard;
pub mod unindexed;
pub mod unknown_kinds;
pub mod verifications;
pub mod withheld;

mod clock;
mod compact;
mod failure;
pub(crate) mod named;
mod row;
mod statement;
pub(crate) mod transaction;

pub use clock::{kept_since, minute, now};
pub use failure::Failure;

use crate::error::Result;

/// The longest event id, in characters, that the audit's unique key and the markers can hold. A feed's reader does not
/// hand on a longer one as it is.
pub const LONGEST_EVENT_ID: usize = 255;

/// The most rows that one list returns.
pub const LARGEST_LIST: u32 = 1000;

/// The database that the statements run on. Only types, the clock and row locks differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// MySQL and MariaDB.
    MySql,
    /// PostgreSQL.
    PostgreSql,
    /// H2, the database of a standalone node.
    H2,
    /// SQLite, the database of the Rust tests.
    Sqlite,
}

/// A value in a statement or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlValue {
    /// SQL `NULL`, of any type.
    Null,
    /// A whole number of any width.
    Int(i64),
    /// A text: UTF-8, of any length.
    Text(String),
    /// Binary data.
    Bytes(Vec<u8>),
}

/// A row of a query's answer, in the order of the selected columns.
pub type Row = Vec<SqlValue>;

/// A connection inside the host's transaction. `?` marks a parameter.
pub trait Sql {
    /// Which database this is.
    fn dialect(&self) -> Dialect;

    /// Runs an INSERT, UPDATE, DELETE or DDL statement; the number of rows that it found, also those that already had
    /// the new values (what JDBC drivers count unless `useAffectedRows` is set).
    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64>;

    /// Runs one statement for many rows of parameters; the number of rows changed by each. A host that can send them
    /// in one round trip does.
    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        rows.iter().map(|parameters| self.update(statement, parameters)).collect()
    }

    /// Runs a SELECT and returns all rows: the caller bounds them.
    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>>;
}

/// The host's one transaction on the calling thread.
pub trait Transaction: Sql {
    /// Opens the transaction (READ COMMITTED) that everything until `commit` or `rollback` belongs to. Refused when the
    /// thread already has one.
    fn begin(&mut self) -> Result<()>;

    /// Commits. An error means that the result is unknown: the engine reads its marker again before anything else.
    fn commit(&mut self) -> Result<()>;

    /// Rolls back and clears the session. Also called when `commit` failed; never fails visibly.
    fn rollback(&mut self);
}
