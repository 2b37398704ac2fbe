//! The database's clock.

use super::row::one_int;
use super::{Dialect, Sql};
use crate::error::Result;

/// The time of the database server in milliseconds since 1970. H2 gives the same time throughout a transaction.
pub fn now(sql: &mut dyn Sql) -> Result<i64> {
    let query = format!("SELECT {}", clock_expression(sql.dialect()));
    one_int(sql, &query, &[])
}

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// The time before which nothing is kept that is kept for so many days, milliseconds since 1970; nothing when it is 0: then
/// everything is kept.
pub fn kept_since(sql: &mut dyn Sql, keep_days: u32) -> Result<Option<i64>> {
    if keep_days == 0 {
        return Ok(None);
    }
    Ok(Some(now(sql)? - i64::from(keep_days) * MILLISECONDS_A_DAY))
}

/// The time now, to be written into a statement. UTC throughout: a local time occurs twice when the clocks go back.
pub(super) fn clock_expression(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000",
        Dialect::PostgreSql => "CAST(FLOOR(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000) AS BIGINT)",
        Dialect::H2 => "CAST(FLOOR(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000) AS BIGINT)",
        Dialect::Sqlite => "CAST(ROUND((JULIANDAY('now') - 2440587.5) * 86400000) AS INTEGER)",
    }
}
