//! When something that failed is tried again. Exponential delays with full jitter, so that the children of one parent
//! do not come back all at once.

use std::time::Duration;

use crate::error::ErrorKind;

/// `retry`: how often and when a failed request or record is tried again.
#[derive(Clone, Debug)]
pub struct RetryConfig {
    /// Tries in all, 1 to 20.
    pub attempts: u32,
    /// The full delay after the first try; 2 s by default.
    pub first_delay: Duration,
    /// Each further delay is this many times the one before.
    pub factor: f64,
    /// The longest full delay; an hour by default.
    pub max_delay: Duration,
}

/// How long to wait after try number `attempt` (the first is 1) has failed. `jitter` is a random number from 0 to 1:
/// the wait lies anywhere between nothing and the full delay of that try.
pub fn delay(config: &RetryConfig, attempt: u32, jitter: f64) -> Duration {
    let growth = config.factor.powf(f64::from(attempt.saturating_sub(1)));
    let full = (config.first_delay.as_secs_f64() * growth).min(config.max_delay.as_secs_f64());
    Duration::from_secs_f64(full * jitter.clamp(0.0, 1.0))
}

/// How long a parked record waits once it has been tried often enough, or when trying soon does not help.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a parked record waits until it is tried again by schedule, after `attempts_made` tries of which the last
/// failed with `kind`: soon as long as the reason may pass by itself, then once a day for ever. A newer event of the same
/// object, what it refers to, or an administrator may come first.
pub fn next_attempt(kind: ErrorKind, config: &RetryConfig, attempts_made: u32, jitter: f64) -> Duration {
    if can_pass_by_itself(kind) && attempts_made < config.attempts {
        delay(config, attempts_made, jitter)
    } else {
        // Within the last hour of the day: not all at the same moment.
        DAY - Duration::from_secs_f64(3600.0 * jitter.clamp(0.0, 1.0))
    }
}

/// The longest wait that [`next_attempt`] gives.
pub fn longest_wait(config: &RetryConfig) -> Duration {
    DAY.max(config.max_delay)
}

/// Returns true if the same try may succeed later although nobody has done anything about it.
fn can_pass_by_itself(kind: ErrorKind) -> bool {
    match kind {
        // The parent, the network or the database may have recovered.
        ErrorKind::Unreachable
        | ErrorKind::Unauthorized
        | ErrorKind::Busy
        | ErrorKind::ParentFailed
        | ErrorKind::Host => true,
        // Half an answer, or the page of a proxy in between, looks malformed too.
        ErrorKind::Malformed => true,
        // An object that is missing may be on its way: the parent was restarting, or a local user is about to enter it.
        ErrorKind::NotFound | ErrorKind::MissingReference => true,
        // The same object meets the same rule, until somebody changes the object, the rule or the account.
        ErrorKind::Forbidden | ErrorKind::Gone | ErrorKind::Rejected | ErrorKind::Duplicate => false,
        // A defect repeats itself.
        ErrorKind::Internal => false,
        // These end runs; no record is parked with them.
        ErrorKind::NeedsBackfill
        | ErrorKind::Configuration
        | ErrorKind::AlreadyRunning
        | ErrorKind::LeaseLost
        | ErrorKind::Outdated
        | ErrorKind::Cancelled
        | ErrorKind::Closed => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn config() -> RetryConfig {
        RetryConfig {
            attempts: 3,
            first_delay: Duration::from_secs(2),
            factor: 3.0,
            max_delay: Duration::from_secs(10),
        }
    }

    #[test]
    fn delays_grow_by_the_factor_up_to_the_longest() {
        let delays: Vec<_> = (1..=4).map(|attempt| delay(&config(), attempt, 1.0).as_secs()).collect();
        assert_eq!(delays, [2, 6, 10, 10]);
    }

    #[test]
    fn the_jitter_spreads_over_the_whole_delay() {
        assert_eq!(delay(&config(), 2, 0.0), Duration::ZERO);
        assert_eq!(delay(&config(), 2, 0.5), Duration::from_secs(3));
    }

    #[test]
    fn record_without_attempts_left_is_tried_once_a_day() {
        assert_eq!(next_attempt(ErrorKind::ParentFailed, &config(), 2, 1.0), Duration::from_secs(6));
        for attempts in [3, 4, 1000] {
            assert_eq!(next_attempt(ErrorKind::ParentFailed, &config(), attempts, 0.0), DAY);
        }
    }

    #[test]
    fn record_that_only_a_person_can_help_is_tried_once_a_day() {
        for kind in [ErrorKind::Forbidden, ErrorKind::Rejected, ErrorKind::Duplicate, ErrorKind::Gone] {
            assert_eq!(next_attempt(kind, &config(), 1, 0.0), DAY, "{kind}");
        }
    }

    proptest! {
        #[test]
        fn no_delay_is_longer_than_the_longest(attempt: u32, jitter in -1.0..2.0f64) {
            prop_assert!(delay(&config(), attempt, jitter) <= config().max_delay);
        }
    }
}
