//! How records are cut into transactions.

use std::collections::HashSet;
use std::hash::Hash;
use std::time::Duration;

/// How long people who save the same patients may wait for a transaction that has their rows.
pub const LONGEST_HOLD: Duration = Duration::from_millis(500);

/// So many records go into a transaction however long they take: each commit costs, too.
pub const FEWEST: usize = 10;

/// How many of the first items go into one transaction: at most `most`, and no object twice, because what the second
/// one is decided on is what the first one left in the database.
pub fn batch_length<'a, O: Hash + Eq + 'a>(objects: impl Iterator<Item = Option<&'a O>>, most: usize) -> usize {
    let mut seen = HashSet::new();
    objects.take(most).take_while(|object| object.is_none_or(|object| seen.insert(object))).count()
}

/// How many records the next transaction may have, at most `most`, where it might have had `length` and one with `written` of
/// them held their rows for so long: fewer after one that took too long, and more again after one that was quick.
pub fn next_length(length: usize, written: usize, held: Duration, most: usize) -> usize {
    let next = if held > LONGEST_HOLD {
        let fitting = written as u128 * LONGEST_HOLD.as_millis() / held.as_millis().max(1);
        usize::try_from(fitting).unwrap_or(most)
    } else if written >= length && held < LONGEST_HOLD / 2 {
        length.saturating_mul(2)
    } else {
        length
    };
    next.clamp(FEWEST.min(most), most)
}

/// How many items the next request may bring, after one that might bring `length` and brought `sent`: a line that carries a
/// full one carries a longer one, and each request costs a round trip.
pub fn longer_request(length: usize, sent: usize, most: usize) -> usize {
    if sent < length { length } else { (2 * length).min(most) }
}

/// How a batch is cut after it was rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The item stood alone: it is the bad one.
    Alone,
    /// Two parts, of which the first has this many items.
    At(usize),
}

/// Cuts a batch of `length` items of which the one at `failed` is known to be bad; None when only the whole failed.
pub fn split(length: usize, failed: Option<usize>) -> Split {
    match (length, failed) {
        (0 | 1, _) => Split::Alone,
        (_, Some(0)) => Split::At(1),
        (_, Some(failed)) => Split::At(failed),
        (_, None) => Split::At(length / 2),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_object_is_twice_in_a_transaction() {
        let objects = [Some(&1), None, Some(&2), None, Some(&1), Some(&3)];
        assert_eq!(batch_length(objects.into_iter(), 100), 4);
        assert_eq!(batch_length(objects.into_iter(), 3), 3);
        assert_eq!(batch_length(std::iter::repeat_n(None::<&i32>, 9), 100), 9);
    }

    #[test]
    fn requests_grow_while_they_are_full() {
        assert_eq!(longer_request(100, 100, 800), 200);
        assert_eq!(longer_request(200, 199, 800), 200);
        assert_eq!(longer_request(800, 800, 800), 800);
        assert_eq!(longer_request(1, 1, 1), 1);
    }

    #[test]
    fn a_transaction_is_as_long_as_people_can_wait_for_it() {
        let after = |length, written, millis| next_length(length, written, Duration::from_millis(millis), 100);
        assert_eq!(after(100, 100, 400), 100);
        assert_eq!(after(100, 100, 2000), 25);
        assert_eq!(after(100, 7, 5000), 10, "never fewer");
        assert_eq!(after(25, 25, 499), 25);
        assert_eq!(after(25, 25, 200), 50);
        assert_eq!(after(25, 3, 20), 25, "a short one says nothing");
        assert_eq!(after(80, 80, 1), 100, "never more");
        assert_eq!(next_length(3, 3, Duration::from_secs(9), 3), 3);
    }

    proptest! {
        /// Whatever is known about the failure, cutting ends with the bad item alone and everything else applied once.
        #[test]
        fn cutting_isolates_the_bad_item(length in 1usize..200, bad in 0usize..200, located: bool) {
            let bad = bad % length;
            let mut waiting: Vec<_> = std::iter::once(0..length).collect();
            let (mut applied, mut alone) = (Vec::new(), Vec::new());
            while let Some(range) = waiting.pop() {
                if !range.contains(&bad) {
                    applied.extend(range);
                    continue;
                }
                match split(range.len(), located.then_some(bad - range.start)) {
                    Split::Alone => alone.push(range.start),
                    Split::At(first) => {
                        prop_assert!(first > 0 && first < range.len());
                        waiting.push(range.start + first..range.end);
                        waiting.push(range.start..range.start + first);
                    }
                }
            }
            prop_assert_eq!(alone, vec![bad]);
            prop_assert_eq!(applied, (0..length).filter(|index| *index != bad).collect::<Vec<_>>());
        }
    }
}
