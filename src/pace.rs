//! How many records go into one transaction, so that nobody at this server waits long for the rows that it holds: known from
//! how long the last ones took, in this run or an earlier one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::decide::batching::next_length;

/// Of one engine and direction.
#[derive(Debug)]
pub(crate) struct Pace {
    most: usize,
    length: AtomicUsize,
}

impl Pace {
    /// It begins with the most, and never goes beyond it.
    pub(crate) fn of(most: usize) -> Pace {
        Pace { most, length: AtomicUsize::new(most) }
    }

    /// How many records the next transaction may have.
    pub(crate) fn length(&self) -> usize {
        self.length.load(Ordering::Relaxed)
    }

    /// A transaction with so many records held their rows for so long. Two at once may forget one of both: the next one tells
    /// again.
    pub(crate) fn held(&self, written: usize, time: Duration) {
        self.length.store(next_length(self.length(), written, time, self.most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transaction_is_shorter_after_a_slow_one_longer_after_quick() {
        let pace = Pace::of(100);
        pace.held(100, Duration::from_secs(1));
        assert_eq!(pace.length(), 50);
        pace.held(50, Duration::from_millis(10));
        assert_eq!(pace.length(), 100);
    }
}
