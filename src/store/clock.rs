//! The database's clock.

use super::row::one_int;
use super::{Dialect, Sql};
use crate::error::Result;

/// The time of the database server in milliseconds since 1970. H2 gives the same time throughout a transaction.
pub fn now(sql: &mut dyn Sql) -> Result<i64> {
    let query = format!("SELECT {}", clock_expression(sql.dialect()));
    one_int(sql, &query, &[])
}

/// The same, to be written into a statement. UTC throughout: a local time occurs twice when the clocks go back.
pub(super) fn clock_expression(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000",
        Dialect::PostgreSql => "CAST(FLOOR(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000) AS BIGINT)",
        Dialect::H2 => "CAST(FLOOR(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000) AS BIGINT)",
        Dialect::Sqlite => "CAST(ROUND((JULIANDAY('now') - 2440587.5) * 86400000) AS INTEGER)",
    }
}
