//! The database's clock.

use chrono::DateTime;

use super::row::{Columns, one_int, read_first};
use super::{Dialect, Sql};
use crate::error::Result;

/// The time of the database server in milliseconds since 1970. H2 gives the same time throughout a transaction.
pub fn now(sql: &mut dyn Sql) -> Result<i64> {
    let query = format!("SELECT {}", clock_expression(sql.dialect()));
    one_int(sql, &query, &[])
}

/// A time in milliseconds since 1970, to the minute, for people.
pub fn minute(time: i64) -> String {
    DateTime::from_timestamp_millis(time)
        .map_or_else(|| format!("millisecond {time}"), |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
}

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// The time before which nothing is kept that is kept for so many days, milliseconds since 1970; nothing when it is 0: then
/// everything is kept.
///
/// It goes by a time that only moves with what has passed between two calls: a clock that was years ahead for a minute must
/// not delete what is kept for weeks. It is never later than the clock, and catches up at twice the clock's pace after a
/// time in which the server was off. Writes, at most once a minute.
pub fn kept_since(sql: &mut dyn Sql, keep_days: u32) -> Result<Option<i64>> {
    if keep_days == 0 {
        return Ok(None);
    }
    let clock = now(sql)?;
    let seen = counter(sql, SEEN)?.unwrap_or(clock);
    let passed = retention_time(counter(sql, PASSED)?.unwrap_or(clock), seen, clock);
    if !(0..MILLISECONDS_A_MINUTE).contains(&(clock - seen)) {
        set_counter(sql, SEEN, clock)?;
        set_counter(sql, PASSED, passed)?;
    }
    Ok(Some(passed - i64::from(keep_days) * MILLISECONDS_A_DAY))
}

/// The time that retention goes by: `passed` when it was last asked for at the clock's time `seen`, and now that the clock
/// says `clock`. However far the clock went, at most a day is added.
fn retention_time(passed: i64, seen: i64, clock: i64) -> i64 {
    let step = clock.saturating_sub(seen).clamp(0, MILLISECONDS_A_DAY / 2);
    clock.min(passed.saturating_add(2 * step))
}

/// Sets retention's time when there is none yet: a migration, so that it is not taken from a clock that goes wrong later.
pub(super) fn begin_retention(sql: &mut dyn Sql) -> Result<u64> {
    if counter(sql, SEEN)?.is_some() {
        return Ok(0);
    }
    let clock = now(sql)?;
    for name in [SEEN, PASSED] {
        sql.update(
            "INSERT INTO sync2_counter (counter_name, counter_value) VALUES (?, ?)",
            &[name.into(), clock.into()],
        )?;
    }
    Ok(1)
}

/// The rows of `sync2_counter` that hold the clock when it was last asked, and retention's time.
const SEEN: &str = "retention-seen";
const PASSED: &str = "retention-passed";

const MILLISECONDS_A_MINUTE: i64 = 60_000;

fn counter(sql: &mut dyn Sql, name: &str) -> Result<Option<i64>> {
    let statement = "SELECT counter_value FROM sync2_counter WHERE counter_name = ?";
    read_first(sql, statement, &[name.into()], Columns::int)
}

fn set_counter(sql: &mut dyn Sql, name: &str, value: i64) -> Result<()> {
    let statement = "UPDATE sync2_counter SET counter_value = ? WHERE counter_name = ?";
    sql.update(statement, &[value.into(), name.into()]).map(drop)
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

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000;
    const HOUR: i64 = MILLISECONDS_A_DAY / 24;
    const YEAR: i64 = 365 * MILLISECONDS_A_DAY;

    /// Retention's time after the clock has said these times one after the other.
    fn after(clocks: &[i64]) -> i64 {
        let (_, passed) =
            clocks.iter().fold((START, START), |(seen, passed), clock| (*clock, retention_time(passed, seen, *clock)));
        passed
    }

    #[test]
    fn retention_follows_a_clock_that_goes_right() {
        assert_eq!(after(&[START + HOUR, START + 2 * HOUR]), START + 2 * HOUR);
        let hourly: Vec<i64> = (1..1000).map(|hour| START + hour * HOUR).collect();
        assert_eq!(after(&hourly), START + 999 * HOUR);
    }

    #[test]
    fn a_clock_that_jumps_ahead_costs_at_most_a_day() {
        assert_eq!(after(&[START + YEAR]), START + MILLISECONDS_A_DAY);
        assert_eq!(after(&[START + YEAR, START + YEAR + HOUR]), START + MILLISECONDS_A_DAY + 2 * HOUR);
        assert_eq!(after(&[START + YEAR, START + HOUR]), START + HOUR);
    }

    #[test]
    fn a_clock_that_goes_back_deletes_nothing() {
        assert_eq!(after(&[START - YEAR]), START - YEAR);
        assert!(after(&[START - YEAR, START + HOUR]) <= START + HOUR);
    }

    #[test]
    fn retention_catches_up_after_a_server_was_off() {
        let off = START + 30 * MILLISECONDS_A_DAY;
        let clocks: Vec<i64> = (0..30 * 24).map(|hour| off + hour * HOUR).collect();
        assert_eq!(after(&clocks), off + (30 * 24 - 1) * HOUR);
    }
}
