//! Decides whether the list that a parent gives of what it has, part by part, comes to an end. A parent may be broken or lie: its
//! list is gone through as long as it comes forward, and no longer than any list of a real server is.

use crate::event::{Category, is_object_uuid};

/// The most objects of a part: no more are asked for at once. A part costs a round trip, and the next one is asked for after it.
pub const MOST_OBJECTS: usize = 500;

/// So many of a part are read together, or compared and committed: a document is a few thousand bytes.
pub const READ_TOGETHER: usize = 100;

/// The most parts of the list of a category: 200 million objects.
const MOST_PARTS: u64 = 2_000_000;

/// How far the lists of a parent have come in one run. In memory of a fixed size, whatever the parent says.
#[derive(Debug, Default)]
pub struct ListingSoFar {
    category: Option<Category>,
    parts: u64,
    /// A place that the list reached before, and after how many parts the next one takes its place: twice as many each time, so
    /// that a list that goes in a circle comes by one of them.
    passed: Option<String>,
    next_passed: u64,
}

impl ListingSoFar {
    /// Returns true if that part can be used, which has so many objects and ends at that place; at none at the end of the list.
    /// After a part that cannot be used the list of the category is left.
    pub fn comes_forward(
        &mut self,
        category: Category,
        after: Option<&str>,
        objects: usize,
        reached: Option<&str>,
    ) -> bool {
        if self.category != Some(category) {
            *self =
                ListingSoFar { category: Some(category), passed: after.map(str::to_string), next_passed: 1, parts: 0 };
        }
        let Some(reached) = reached else { return objects <= MOST_OBJECTS };
        self.parts += 1;
        let is_further = after != Some(reached) && self.passed.as_deref() != Some(reached);
        if self.parts >= self.next_passed {
            self.passed = Some(reached.to_string());
            self.next_passed = self.parts.saturating_mul(2);
        }
        is_further && objects <= MOST_OBJECTS && is_object_uuid(reached) && self.parts <= MOST_PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many parts the list is left; nothing where it came to its end.
    fn left_after<'a>(reached: impl Iterator<Item = &'a str>) -> Option<usize> {
        let (mut so_far, mut after) = (ListingSoFar::default(), None);
        for (part, reached) in reached.enumerate() {
            if !so_far.comes_forward(Category::patient(), after, 1, Some(reached)) {
                return Some(part);
            }
            after = Some(reached);
        }
        assert!(so_far.comes_forward(Category::patient(), after, 1, None));
        None
    }

    #[test]
    fn list_that_comes_forward_is_gone_through_to_its_end() {
        let uuids: Vec<String> = (0..5000).map(|number| format!("p{number}")).collect();
        assert_eq!(left_after(uuids.iter().map(String::as_str)), None);
        assert_eq!(left_after(std::iter::empty()), None);
    }

    #[test]
    fn list_that_stands_still_or_goes_in_a_circle_is_left() {
        assert_eq!(left_after(["a", "a"].into_iter()), Some(1));
        assert_eq!(left_after(["a", "b"].into_iter().cycle()), Some(3));
        for (before, around) in [(0, 1), (1, 2), (10, 7), (1000, 300)] {
            let uuids: Vec<String> = (0..before + around).map(|number| format!("p{number}")).collect();
            let circle = uuids.iter().skip(before).cycle();
            let left = left_after(uuids.iter().take(before).chain(circle).map(String::as_str)).unwrap_or(usize::MAX);
            assert!(left <= 4 * (before + around), "{before} {around}: {left}");
        }
    }

    #[test]
    fn list_of_another_category_may_reach_the_same_places() {
        let mut so_far = ListingSoFar::default();
        for name in ["encounter", "patient"] {
            let category = Category::parse(name).unwrap();
            assert!(so_far.comes_forward(category, None, 100, Some("a")));
            assert!(so_far.comes_forward(category, Some("a"), 100, Some("b")));
        }
    }

    #[test]
    fn endless_list_is_left_after_the_most_parts_a_server_has() {
        let (mut so_far, mut reached) = (ListingSoFar::default(), String::new());
        let left = (0..=MOST_PARTS).find(|part| {
            let after = std::mem::replace(&mut reached, format!("p{part}"));
            !so_far.comes_forward(Category::patient(), Some(&after), 0, Some(&reached))
        });
        assert_eq!(left, Some(MOST_PARTS));
    }

    #[test]
    fn part_that_is_none_is_left() {
        for (objects, reached) in [(MOST_OBJECTS + 1, Some("a")), (MOST_OBJECTS + 1, None), (1, Some("../../admin"))] {
            assert!(!ListingSoFar::default().comes_forward(Category::patient(), None, objects, reached));
        }
        let long = "a".repeat(1 << 20);
        assert!(!ListingSoFar::default().comes_forward(Category::patient(), None, 1, Some(&long)));
    }
}
