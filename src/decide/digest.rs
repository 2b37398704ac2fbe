//! Decides which part of a category has to be compared object by object: digests of ranges say of all others that both sides are the
//! same. An object stands in one of [`LEAVES`] leaves, chosen by a hash of its uuid, so that they are of one size whatever the uuids
//! look like. A digest is a sum over objects: it does not depend on their order, and is kept by adding and taking away.

use std::collections::VecDeque;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::conflict::{Agreed, Version, is};

/// How many leaves a category has: of a million objects about 250 each.
pub const LEAVES: u32 = 4096;

/// The leaves of a block, of which there are as many: two questions lead to any leaf.
pub const BLOCK: u32 = 64;

/// The most digests in one answer.
pub const MOST_DIGESTS: u32 = BLOCK;

/// The most objects of a leaf: where there are more, nobody counts on digests. 80 million objects of a category.
pub const MOST_IN_LEAF: usize = 20_000;

/// How often in one run a parent that is still working out its digests is asked again.
const MOST_WAITS: u32 = 100_000;

/// How often it may answer without having come any further.
const MOST_IDLE_WAITS: u32 = 20;

/// The digest of some objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// How many objects there are.
    pub objects: u64,
    /// The sum of what stands for each.
    pub sum: u128,
}

impl Digest {
    /// With an object whose document has that hash.
    pub fn with(self, uuid: &str, hash: &str) -> Digest {
        Digest { objects: self.objects.wrapping_add(1), sum: self.sum.wrapping_add(mark(uuid, hash)) }
    }

    /// Without an object that is in it.
    pub fn without(self, uuid: &str, hash: &str) -> Digest {
        Digest { objects: self.objects.wrapping_sub(1), sum: self.sum.wrapping_sub(mark(uuid, hash)) }
    }

    /// With all objects of another digest, which are different ones.
    pub fn and(self, other: Digest) -> Digest {
        Digest { objects: self.objects.wrapping_add(other.objects), sum: self.sum.wrapping_add(other.sum) }
    }

    /// The sum as 32 hexadecimal digits.
    pub fn text(&self) -> String {
        format!("{:032x}", self.sum)
    }

    /// The digest with a sum that [`text`](Digest::text) has written.
    pub fn parse(objects: u64, sum: &str) -> Option<Digest> {
        let is_text = sum.len() == 32 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sum = u128::from_str_radix(sum, 16).ok()?;
        is_text.then_some(Digest { objects, sum })
    }
}

/// Stands for an object in a sum.
fn mark(uuid: &str, hash: &str) -> u128 {
    first_bytes(&[uuid, hash].join(" "))
}

/// The leaf of an object.
pub fn leaf_of(uuid: &str) -> u32 {
    (first_bytes(uuid) >> (128 - LEAVES.ilog2())) as u32
}

fn first_bytes(text: &str) -> u128 {
    Sha256::digest(text).iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// The digests of all leaves of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaves(Vec<Digest>);

impl Default for Leaves {
    fn default() -> Leaves {
        Leaves(vec![Digest::default(); LEAVES as usize])
    }
}

impl Leaves {
    /// Adds what is in a leaf. One that there is not is left out.
    pub fn add(&mut self, leaf: u32, digest: Digest) {
        if let Some(kept) = self.0.get_mut(leaf as usize) {
            *kept = kept.and(digest);
        }
    }

    /// An object counts with another hash than before; at none it is not there.
    pub fn replace(&mut self, uuid: &str, before: Option<&str>, now: Option<&str>) {
        let Some(kept) = self.0.get_mut(leaf_of(uuid) as usize) else { return };
        *kept = before.map_or(*kept, |hash| kept.without(uuid, hash));
        *kept = now.map_or(*kept, |hash| kept.with(uuid, hash));
    }

    /// The digest of these leaves.
    pub fn of(&self, leaves: Range<u32>) -> Digest {
        let of_leaf = |leaf| self.0.get(leaf as usize).copied().unwrap_or_default();
        leaves.map(of_leaf).fold(Digest::default(), Digest::and)
    }
}

/// A question for digests: one for each so many leaves of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The leaves.
    pub leaves: Range<u32>,
    /// How many leaves each digest is of.
    pub width: u32,
}

impl Question {
    /// All leaves in one digest.
    pub fn whole() -> Question {
        Question { leaves: 0..LEAVES, width: LEAVES }
    }

    /// A digest for each block from that leaf on.
    pub fn blocks_from(leaf: u32) -> Question {
        Question { leaves: leaf..LEAVES, width: BLOCK }
    }

    /// A digest for each of these leaves.
    pub fn each(leaves: Range<u32>) -> Question {
        Question { leaves, width: 1 }
    }

    /// The ranges of leaves that it asks of, a digest for each; nothing where it is none that is answered.
    pub fn ranges(&self) -> Option<Vec<Range<u32>>> {
        let Range { start, end } = self.leaves;
        let is_range = start < end && end <= LEAVES && self.width > 0;
        let count = is_range.then(|| (end - start).div_ceil(self.width)).filter(|count| *count <= MOST_DIGESTS)?;
        let range = |number: u32| {
            let first = start + number * self.width;
            first..first.saturating_add(self.width).min(end)
        };
        Some((0..count).map(range).collect())
    }

    /// Compares the parent's answer with what is here: it may be to the first part of the question only. Nothing where these do not
    /// answer it.
    pub fn answered(&self, ours: &Leaves, theirs: &[Digest]) -> Option<Answered> {
        let ranges = self.ranges().filter(|ranges| ranges.len() >= theirs.len())?;
        let rest = ranges.get(theirs.len()).map_or(self.leaves.end, |range| range.start)..self.leaves.end;
        let differing = ranges.into_iter().zip(theirs).filter(|(range, theirs)| ours.of(range.clone()) != **theirs);
        Some(Answered { differing: differing.map(|(range, _)| range).collect(), rest })
    }
}

/// The result of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The ranges of which the parent has other digests than this node.
    pub differing: Vec<Range<u32>>,
    /// The leaves of which it has said nothing; empty where it has answered all.
    pub rest: Range<u32>,
}

/// How far a category is compared: what is the same was passed, what differs waits to be looked into.
#[derive(Clone, Debug)]
pub struct Course {
    /// The first leaf of which nothing was asked.
    unasked: u32,
    /// Ranges that differ and were not looked into.
    ranges: VecDeque<Range<u32>>,
    /// Leaves that differ and whose objects were not looked at.
    leaves: VecDeque<u32>,
}

impl Course {
    /// The leaves before that one are compared.
    pub fn from(leaf: u32) -> Course {
        Course { unasked: leaf, ranges: VecDeque::new(), leaves: VecDeque::new() }
    }

    /// The leaf up to which all is compared: before the next one that may differ.
    pub fn passed(&self) -> u32 {
        let range = self.ranges.front().map(|range| range.start);
        self.leaves.front().copied().or(range).unwrap_or(self.unasked)
    }

    /// Returns true at the end.
    pub fn is_over(&self) -> bool {
        self.passed() >= LEAVES
    }

    /// The next questions, as long as no leaf waits: for the parts of so many ranges that differ, else for what comes after them.
    pub fn questions(&self, most: usize) -> Vec<Question> {
        if self.ranges.is_empty() {
            return vec![Question::blocks_from(self.unasked)];
        }
        self.ranges.iter().take(most).map(|range| Question::each(range.clone())).collect()
    }

    /// Goes on by the answer to the first of these questions. Returns true if that was answered whole, so that the next one's
    /// answer goes on from there. Nothing where it does not lead any further.
    pub fn hear(&mut self, ours: &Leaves, theirs: &[Digest]) -> Option<bool> {
        let question = self.questions(1).into_iter().next()?;
        let Answered { differing, rest } = question.answered(ours, theirs)?;
        if question.width == 1 {
            let is_whole = rest.is_empty();
            self.leaves.extend(differing.into_iter().map(|range| range.start));
            self.ranges.pop_front();
            if !is_whole {
                self.ranges.push_front(rest);
            }
            return Some(is_whole).filter(|_| !theirs.is_empty());
        }
        self.ranges.extend(differing);
        self.unasked = rest.start;
        if theirs.is_empty() {
            // A block is more than the parent looks at for one request: its leaves are asked for.
            self.unasked = rest.start.saturating_add(BLOCK).min(LEAVES);
            self.ranges.push_back(rest.start..self.unasked);
        }
        Some(true)
    }

    /// The next leaves that differ: so many at most, and with about so many objects here.
    pub fn next_leaves(&self, ours: &Leaves, (most, most_objects): (usize, u64)) -> Vec<u32> {
        let mut objects = 0;
        let fits = |leaf: &&u32| {
            let is_room = objects < most_objects;
            objects += ours.of(**leaf..**leaf + 1).objects;
            is_room
        };
        self.leaves.iter().take(most).take_while(fits).copied().collect()
    }

    /// The first of the next leaves was looked at.
    pub fn pass_leaf(&mut self) {
        self.leaves.pop_front();
    }
}

/// The hash that the parent's document of an object has where both sides are the same: that of the document here, or what both
/// agreed on where this side is as agreed. None where the parent has none then.
pub fn expected_there<'a>(ours: Option<&'a str>, agreed: Option<Agreed<'a>>) -> Option<&'a str> {
    match agreed {
        Some(agreed) if is(ours.map_or(Version::Absent, Version::Document), agreed.local_hash) => agreed.remote_hash,
        _ => ours,
    }
}

/// How long a parent has been waited for that works out its digests. A parent may lie: the waiting ends in any case.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waits {
    all: u32,
    idle: u32,
    reached: Option<u64>,
}

impl Waits {
    /// Returns true if it is asked again, having come so far; else both lists are gone through.
    pub fn goes_on(&mut self, reached: u64) -> bool {
        self.all += 1;
        self.idle = if self.reached.is_none_or(|before| reached > before) { 0 } else { self.idle + 1 };
        self.reached = Some(reached);
        self.all <= MOST_WAITS && self.idle <= MOST_IDLE_WAITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> Vec<(String, String)> {
        (0..5000).map(|number| (format!("p{number}"), format!("hash-{}", number % 7))).collect()
    }

    fn leaves(objects: &[(String, String)]) -> Leaves {
        let mut leaves = Leaves::default();
        objects.iter().for_each(|(uuid, hash)| leaves.replace(uuid, None, Some(hash)));
        leaves
    }

    /// The leaves that differ, found as a child finds them, and how many digests that took; of a parent that gives so many at once.
    fn found(ours: &Leaves, theirs: &Leaves, most: usize) -> (Vec<u32>, usize) {
        let (mut course, mut leaves, mut digests) = (Course::from(0), Vec::new(), 1);
        if ours.of(0..LEAVES) == theirs.of(0..LEAVES) {
            return (leaves, digests);
        }
        while !course.is_over() {
            for leaf in course.next_leaves(ours, (usize::MAX, u64::MAX)) {
                leaves.push(leaf);
                course.pass_leaf();
            }
            if course.is_over() {
                break;
            }
            for question in course.questions(3) {
                let ranges = question.ranges().unwrap().into_iter().take(most);
                let answer: Vec<Digest> = ranges.map(|range| theirs.of(range)).collect();
                digests += answer.len();
                if !course.hear(ours, &answer).unwrap() {
                    break;
                }
            }
        }
        (leaves, digests)
    }

    #[test]
    fn digest_says_nothing_of_the_order_and_is_kept_by_changes() {
        let mut objects = many();
        let before = leaves(&objects);
        objects.reverse();
        assert_eq!(leaves(&objects), before);
        let mut changed = before.clone();
        changed.replace("p7", Some("hash-0"), Some("other"));
        changed.replace("p8", Some("hash-1"), None);
        assert_ne!(changed, before);
        changed.replace("p8", None, Some("hash-1"));
        changed.replace("p7", Some("other"), Some("hash-0"));
        assert_eq!(changed, before);
    }

    #[test]
    fn equal_sides_take_one_digest_whatever_their_size() {
        for objects in [Vec::new(), many()] {
            assert_eq!(found(&leaves(&objects), &leaves(&objects), 64), (Vec::new(), 1));
        }
    }

    #[test]
    fn each_difference_is_in_a_leaf_that_differs() {
        let objects = many();
        for planted in [1, 100] {
            let mut theirs = leaves(&objects);
            let step = objects.len() / planted;
            for (number, (uuid, hash)) in objects.iter().step_by(step).enumerate() {
                let now = [None, Some("other")][number % 2];
                theirs.replace(uuid, Some(hash), now);
            }
            let mut expected: Vec<u32> = objects.iter().step_by(step).map(|(uuid, _)| leaf_of(uuid)).collect();
            expected.sort_unstable();
            expected.dedup();
            for most in [1, 7, 64] {
                let (differing, digests) = found(&leaves(&objects), &theirs, most);
                assert_eq!(differing, expected);
                assert!(digests <= 1 + 64 + 64 * planted, "{digests}");
            }
        }
    }

    #[test]
    fn leaves_are_of_one_size_whatever_the_uuids_look_like() {
        let alike = (0..LEAVES * 8).map(|number| format!("{number:0<36}"));
        let mut sizes = vec![0; LEAVES as usize];
        alike.for_each(|uuid| sizes[leaf_of(&uuid) as usize] += 1);
        assert!(sizes.iter().all(|size| *size < 40), "{:?}", sizes.iter().max());
    }

    #[test]
    fn two_objects_with_each_others_documents_are_a_difference() {
        let one = Digest::default().with("a", "1").with("b", "2");
        assert_ne!(one, Digest::default().with("a", "2").with("b", "1"));
    }

    #[test]
    fn question_or_answer_that_is_none_is_refused() {
        let leaves = Leaves::default();
        for (leaves, width) in
            [(0..LEAVES, 1), (5..5, 1), (0..LEAVES + 1, LEAVES), (0..64, 0), (u32::MAX - 1..u32::MAX, 1)]
        {
            assert_eq!(Question { leaves, width }.ranges(), None);
        }
        let many = vec![Digest::default(); 65];
        assert_eq!(Question::each(0..64).answered(&leaves, &many), None);
        let all = Answered { differing: Vec::new(), rest: 64..64 };
        assert_eq!(Question::each(0..64).answered(&leaves, &many[..64]), Some(all));
        let some = Answered { differing: Vec::new(), rest: 7..64 };
        assert_eq!(Question::each(0..64).answered(&leaves, &many[..7]), Some(some));
        assert_eq!(Question::each(LEAVES - BLOCK..LEAVES).ranges().map(|ranges| ranges.len()), Some(64));
        let reversed = Range { start: 9, end: 3 };
        assert_eq!(Question { leaves: reversed, width: 1 }.ranges(), None);
    }

    #[test]
    fn block_of_which_nothing_is_said_is_asked_for_by_leaf() {
        let (ours, one) = (Leaves::default(), [Digest::default()]);
        let mut course = Course::from(0);
        assert_eq!(course.hear(&ours, &[]), Some(true));
        assert_eq!((course.questions(9), course.passed()), (vec![Question::each(0..64)], 0));
        assert_eq!(course.hear(&ours, &one), Some(false));
        assert_eq!((course.questions(9), course.passed()), (vec![Question::each(1..64)], 1));
        assert_eq!(course.hear(&ours, &[]), None, "a leaf is always told");
        let mut last = Course::from(LEAVES - 3);
        assert_eq!(last.hear(&ours, &[]), Some(true));
        assert_eq!(last.questions(9), [Question::each(LEAVES - 3..LEAVES)]);
        assert_eq!((last.hear(&ours, &[Digest::default(); 3]), last.is_over()), (Some(true), true));
    }

    #[test]
    fn comparison_that_goes_on_passes_the_rest() {
        let objects = many();
        let (ours, mut theirs) = (leaves(&objects), leaves(&objects));
        objects.iter().step_by(50).for_each(|(uuid, hash)| theirs.replace(uuid, Some(hash), Some("other")));
        let (all, _) = found(&ours, &theirs, 64);
        let from = all[all.len() / 2];
        let mut course = Course::from(from);
        let answer: Vec<Digest> =
            course.questions(1)[0].ranges().unwrap().into_iter().map(|range| theirs.of(range)).collect();
        assert_eq!(course.hear(&ours, &answer), Some(true));
        assert_eq!(course.passed(), from);
    }

    #[test]
    fn sum_is_read_as_it_was_written_and_in_no_other_way() {
        let digest = Digest::default().with("a", "1");
        assert_eq!(Digest::parse(1, &digest.text()), Some(digest));
        for text in ["", "+1", "00000000000000000000000000000g00", &"0".repeat(33), &format!("+{}", "0".repeat(31))] {
            assert_eq!(Digest::parse(1, text), None, "{text}");
        }
    }

    #[test]
    fn what_is_expected_there_is_what_is_no_difference() {
        use super::super::verification::compare;
        let hashes = [None, Some("a"), Some("b"), Some("c")];
        for local_hash in hashes {
            for remote_hash in hashes {
                for (ours, theirs) in hashes.iter().flat_map(|ours| hashes.map(|theirs| (*ours, theirs))) {
                    for agreed in [None, Some(Agreed { local_hash, remote_hash })] {
                        let version = |hash: Option<&'static str>| hash.map_or(Version::Absent, Version::Document);
                        let is_same = expected_there(ours, agreed) == theirs;
                        let differs = compare(version(ours), version(theirs), agreed).is_some();
                        assert!(!(is_same && differs), "{ours:?} {theirs:?} {agreed:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn parent_that_does_not_come_any_further_is_not_waited_for() {
        let asked = |reached: &dyn Fn(u64) -> u64| {
            let mut waits = Waits::default();
            (0..u64::MAX).take_while(|number| waits.goes_on(reached(*number))).count() as u32
        };
        assert_eq!(asked(&|_| 5), 1 + MOST_IDLE_WAITS);
        assert_eq!(asked(&|number| number), MOST_WAITS);
    }
}
