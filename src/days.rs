//! The figures of the runs of the last days, day by day.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Result;
use crate::store::audit::AuditStatus;
use crate::store::{Sql, now, runs};

const DAY_MS: i64 = 86_400_000;

/// The days that are told.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// How many, today included.
    pub count: u32,
    /// How far the reader's clock on the wall is ahead of UTC, in milliseconds.
    pub ahead_ms: i64,
}

/// One day. A run belongs to the day on which it began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// When it begins, milliseconds since 1970.
    pub from: i64,
    /// Events that were dealt with; without those that are not wanted here.
    pub done: u64,
    /// How often a record had to wait, each try that did not help included.
    pub parked: u64,
    /// How often both sides had changed the same.
    pub conflicts: u64,
}

/// The oldest day first, each that had nothing included.
pub(crate) fn days(sql: &mut dyn Sql, wanted: Days) -> Result<Vec<Day>> {
    let first = first_day(now(sql)?, wanted);
    let mut days: Vec<Day> =
        (0..i64::from(wanted.count)).map(|number| Day { from: first + number * DAY_MS, ..Day::default() }).collect();
    for (started_at, counts) in runs::counts_since(sql, first)? {
        let number = usize::try_from((started_at - first) / DAY_MS).unwrap_or(usize::MAX);
        if let Some(day) = days.get_mut(number) {
            add(day, &counts);
        }
    }
    Ok(days)
}

/// When the first day begins, where today is the last.
fn first_day(now: i64, Days { count, ahead_ms }: Days) -> i64 {
    let today = (now + ahead_ms).div_euclid(DAY_MS);
    (today + 1 - i64::from(count)) * DAY_MS - ahead_ms
}

fn add(day: &mut Day, counts: &BTreeMap<AuditStatus, u64>) {
    for (status, count) in counts {
        match status {
            AuditStatus::Parked => day.parked += count,
            AuditStatus::Conflict => day.conflicts += count,
            AuditStatus::Filtered => {}
            AuditStatus::Applied
            | AuditStatus::Partial
            | AuditStatus::Unchanged
            | AuditStatus::Coalesced
            | AuditStatus::Merged
            | AuditStatus::Kept
            | AuditStatus::Removed
            | AuditStatus::Resolved
            | AuditStatus::Dismissed => day.done += count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_of_the_reader() {
        let hour = 3_600_000;
        let evening = 10 * DAY_MS + 22 * hour;
        let last = |ahead_ms| first_day(evening, Days { count: 1, ahead_ms });
        assert_eq!(last(0), 10 * DAY_MS);
        assert_eq!(last(3 * hour), 11 * DAY_MS - 3 * hour);
        assert_eq!(last(-5 * hour), 10 * DAY_MS + 5 * hour);
        assert_eq!(first_day(evening, Days { count: 14, ahead_ms: 0 }), -3 * DAY_MS);
    }
}
