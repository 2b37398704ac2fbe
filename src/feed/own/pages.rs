//! How the numbered events of a feed fall onto its pages. Pure.

/// The pages of a feed at one moment. A page is the same events for ever once another one has begun after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages {
    /// Events on a full page, at least 1.
    pub size: u64,
    /// The number of the feed's last event, counted from 1; 0 before the first.
    pub last_event: u64,
}

/// A page, and the numbers of the events that belong on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Counted from 1 at the feed's beginning; 0 in a feed that has no event yet.
    pub number: u64,
    /// The first event.
    pub first: u64,
    /// The last event, as far as the page is filled; before `first` when there is none.
    pub last: u64,
    /// True if there is a page after it. Then it never changes again (RFC 5005 calls it archived).
    pub archived: bool,
}

impl Pages {
    /// The newest page.
    pub(crate) fn newest(&self) -> Page {
        self.page(self.newest_number())
    }

    /// The page of that number; nothing when there is none yet.
    pub(crate) fn numbered(&self, number: u64) -> Option<Page> {
        (1..=self.newest_number()).contains(&number).then(|| self.page(number))
    }

    fn newest_number(&self) -> u64 {
        self.last_event.div_ceil(self.size)
    }

    fn page(&self, number: u64) -> Page {
        let before = number.saturating_sub(1) * self.size;
        Page {
            number,
            first: before + 1,
            last: self.last_event.min(before + self.size),
            archived: number < self.newest_number(),
        }
    }
}

impl Page {
    /// How many events belong on it.
    pub(crate) fn events(&self) -> u64 {
        self.last + 1 - self.first
    }

    /// The page before it.
    pub(crate) fn previous(&self) -> Option<u64> {
        self.number.checked_sub(1).filter(|number| *number > 0)
    }

    /// The page after it.
    pub(crate) fn next(&self) -> Option<u64> {
        self.archived.then_some(self.number + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_feed_has_a_page_zero_without_events() {
        let pages = Pages { size: 100, last_event: 0 };
        let newest = pages.newest();
        assert_eq!((newest.number, newest.events(), newest.previous(), newest.next()), (0, 0, None, None));
        assert_eq!(pages.numbered(0), None);
        assert_eq!(pages.numbered(1), None);
    }

    #[test]
    fn a_full_page_is_archived_when_the_next_one_begins() {
        let full = Pages { size: 100, last_event: 200 }.newest();
        assert_eq!(full, Page { number: 2, first: 101, last: 200, archived: false });
        let followed = Pages { size: 100, last_event: 201 }.numbered(2).unwrap();
        assert_eq!(followed, Page { archived: true, ..full });
        assert_eq!((followed.previous(), followed.next()), (Some(1), Some(3)));
    }

    proptest! {
        #[test]
        fn each_event_is_on_exactly_one_page(size in 1_u64..50, last_event in 0_u64..500) {
            let pages = Pages { size, last_event };
            let numbers = 1..=pages.newest().number;
            let events = numbers.filter_map(|number| pages.numbered(number)).flat_map(|page| page.first..=page.last);
            prop_assert!(events.eq(1..=last_event));
            prop_assert_eq!(pages.numbered(pages.newest().number + 1), None);
        }
    }
}
