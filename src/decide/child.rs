//! Decides whether somebody has to look after a child, by what it said of itself last.

use serde::Serialize;

use crate::introduction::Introduction;

/// Why a child needs somebody; those that need it most come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Need {
    /// It was not heard of for longer than it should be.
    Silent,
    /// A run of its ended before its end, or there is something else that somebody has to do there.
    Stopped,
    /// Records or conflicts wait for a person.
    Stuck,
    /// Its data are old.
    Behind,
    /// Nothing.
    Nothing,
}

/// A child that runs each minute may be without a line for a day.
const LONGEST_SILENCE_MS: i64 = 24 * 60 * 60 * 1000;

/// A child that runs each week may miss two of its runs.
const RUNS_MISSED: i64 = 3;

/// Older events than this are late where a run comes each hour or more often.
const LARGEST_LAG_MS: i64 = 60 * 60 * 1000;

impl Need {
    /// Returns the state of a child that said this of itself so long ago, in milliseconds.
    pub fn of(said: &Introduction, silence_ms: i64) -> Need {
        let between_runs =
            said.interval_seconds.map_or(0, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000));
        if silence_ms > LONGEST_SILENCE_MS.max(between_runs.saturating_mul(RUNS_MISSED)) {
            Need::Silent
        } else if said.pull_stopped.is_some() || said.push_stopped.is_some() || said.problems > 0 {
            Need::Stopped
        } else if said.parked > 0 || said.conflicts > 0 {
            Need::Stuck
        } else if said.lag_ms.is_some_and(|lag| lag > LARGEST_LAG_MS.max(between_runs.saturating_mul(RUNS_MISSED))) {
            Need::Behind
        } else {
            Need::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;

    #[test]
    fn worst_need_of_a_child_counts() {
        let well = Introduction { interval_seconds: Some(60), lag_ms: Some(HOUR), ..Introduction::default() };
        let behind = Introduction { lag_ms: Some(HOUR + 1), ..well.clone() };
        let stuck = Introduction { conflicts: 1, ..behind.clone() };
        let stopped = Introduction { push_stopped: Some("Unauthorized".into()), ..stuck.clone() };
        let needs = [&well, &behind, &stuck, &stopped].map(|said| Need::of(said, 24 * HOUR));
        assert_eq!(needs, [Need::Nothing, Need::Behind, Need::Stuck, Need::Stopped]);
        assert_eq!(Need::of(&stopped, 24 * HOUR + 1), Need::Silent);
        assert!(Need::Silent < Need::Stopped && Need::Behind < Need::Nothing);
    }

    #[test]
    fn child_that_runs_each_week_may_be_silent_for_three() {
        let weekly = Introduction {
            interval_seconds: Some(7 * 24 * 3600),
            lag_ms: Some(7 * 24 * HOUR),
            ..Introduction::default()
        };
        assert_eq!(Need::of(&weekly, 21 * 24 * HOUR), Need::Nothing);
        assert_eq!(Need::of(&weekly, 21 * 24 * HOUR + 1), Need::Silent);
        let for_ever = Introduction { interval_seconds: Some(u64::MAX), ..weekly };
        assert_eq!(Need::of(&for_ever, i64::MAX), Need::Nothing);
    }
}
