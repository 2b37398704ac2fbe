//! The limits of the database itself.

use super::row::read_first;
use super::{Dialect, Sql};
use crate::error::Result;

/// The largest statement that the database takes, in bytes; nothing where it knows no such limit.
pub fn largest_statement(sql: &mut dyn Sql) -> Result<Option<u64>> {
    match sql.dialect() {
        Dialect::MySql => read_first(sql, "SELECT @@max_allowed_packet", &[], |row| row.count()),
        Dialect::PostgreSql | Dialect::H2 | Dialect::Sqlite => Ok(None),
    }
}
