//! How far the parent's clock is off this server's, as every answer of the parent tells.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Nothing is known.
const UNKNOWN: i64 = i64::MIN;

/// An answer that took long, or that a cache kept, makes the parent's clock look slower than it is, and nothing makes it look
/// faster: of the answers of a run the largest difference is the nearest.
pub(super) struct ParentClock {
    in_this_run: AtomicI64,
    in_the_last_run: AtomicI64,
}

impl Default for ParentClock {
    fn default() -> ParentClock {
        ParentClock { in_this_run: AtomicI64::new(UNKNOWN), in_the_last_run: AtomicI64::new(UNKNOWN) }
    }
}

impl ParentClock {
    /// A run begins: either clock may have been set since the last one.
    pub(super) fn begin_run(&self) {
        let known = self.in_this_run.swap(UNKNOWN, Ordering::Relaxed);
        if known != UNKNOWN {
            self.in_the_last_run.store(known, Ordering::Relaxed);
        }
    }

    /// The parent answered at that time by its own clock; the answer came at that time by this server's.
    pub(super) fn heard(&self, date: SystemTime, received: SystemTime) {
        self.in_this_run.fetch_max(milliseconds(date) - milliseconds(received), Ordering::Relaxed);
    }

    /// How far the parent's clock is ahead, in milliseconds, exact to a second or two; negative when it is behind.
    pub(super) fn difference_ms(&self) -> Option<i64> {
        let known = [&self.in_this_run, &self.in_the_last_run].map(|known| known.load(Ordering::Relaxed));
        known.into_iter().find(|known| *known != UNKNOWN)
    }
}

fn milliseconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn slow_answers_say_less_than_quick_ones_and_a_new_run_forgets() {
        let clock = ParentClock::default();
        assert_eq!(clock.difference_ms(), None);
        let received = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let ahead = |seconds| received + Duration::from_secs(seconds);
        clock.heard(ahead(580), received);
        clock.heard(ahead(600), received);
        clock.heard(ahead(590), received);
        assert_eq!(clock.difference_ms(), Some(600_000));
        clock.begin_run();
        assert_eq!(clock.difference_ms(), Some(600_000), "known until the run has an answer");
        clock.heard(received - Duration::from_secs(2), received);
        assert_eq!(clock.difference_ms(), Some(-2_000));
    }

    #[test]
    fn clock_set_during_a_run_is_reported_by_the_next_run() {
        const YEAR: i64 = 365 * 86_400;
        let right = UNIX_EPOCH + Duration::from_secs(2 * YEAR as u64);
        let year = Duration::from_secs(YEAR as u64);
        for (received, ahead) in [(right + year, -YEAR), (right - year, YEAR)] {
            let clock = ParentClock::default();
            clock.heard(right, right);
            clock.heard(right, received);
            clock.begin_run();
            clock.heard(right, received);
            assert_eq!(clock.difference_ms(), Some(ahead * 1000));
        }
    }
}
