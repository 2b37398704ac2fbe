//! The publisher of the feeds that are read, and which feeds those are.

use crate::config::FeedDialect;
use crate::event::Category;
use crate::store::markers::FeedPosition;

/// The name of a node's complete feed in markers and audit. It is no category's.
const COMPLETE_FEED: &str = "sync2";

/// The publisher of the parent's feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// This module: one feed of all categories, which says its epoch.
    Sync2,
    /// The OpenMRS atomfeed module: one feed for each category.
    Atomfeed,
}

impl Dialect {
    /// The name in configuration and status.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Sync2 => "sync2",
            Dialect::Atomfeed => "atomfeed",
        }
    }

    /// As the configuration names it.
    pub fn configured(self) -> FeedDialect {
        match self {
            Dialect::Sync2 => FeedDialect::Sync2,
            Dialect::Atomfeed => FeedDialect::Atomfeed,
        }
    }

    /// The dialect that the configuration names, or else the one in which this node has passed events: it goes on with that
    /// one, since the other's markers would begin anew. None: the parent decides.
    pub fn settled(configured: FeedDialect, positions: &[FeedPosition]) -> Option<Dialect> {
        match configured {
            FeedDialect::Sync2 => Some(Dialect::Sync2),
            FeedDialect::Atomfeed => Some(Dialect::Atomfeed),
            FeedDialect::Auto => {
                let mut begun = positions.iter().filter(|position| position.has_begun()).peekable();
                begun.peek()?;
                let complete = begun.any(|position| *position.feed == *COMPLETE_FEED);
                Some(if complete { Dialect::Sync2 } else { Dialect::Atomfeed })
            }
        }
    }
}

/// The categories that a feed tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeedScope {
    /// Objects of all categories: the feed that the parent publishes itself.
    Complete,
    /// Objects of one category: a feed of the atomfeed module.
    Category(Category),
}

impl FeedScope {
    /// The feed's name in markers and audit.
    pub fn name(self) -> &'static str {
        match self {
            FeedScope::Complete => COMPLETE_FEED,
            FeedScope::Category(category) => category.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(feeds: &[(&str, u64)]) -> Vec<FeedPosition> {
        let position = |(feed, events): &(&str, u64)| FeedPosition {
            feed: (*feed).into(),
            epoch: "e".into(),
            marker: None,
            events: *events,
        };
        feeds.iter().map(position).collect()
    }

    #[test]
    fn a_node_goes_on_with_the_dialect_that_it_began_with() {
        let settled = |feeds| Dialect::settled(FeedDialect::Auto, &positions(feeds));
        assert_eq!(settled(&[]), None);
        assert_eq!(settled(&[("sync2", 0), ("patient", 0)]), None);
        assert_eq!(settled(&[("encounter", 0), ("patient", 3)]), Some(Dialect::Atomfeed));
        assert_eq!(settled(&[("sync2", 1)]), Some(Dialect::Sync2));
    }

    #[test]
    fn configured_dialect_comes_before_the_one_that_was_read() {
        let begun = positions(&[("patient", 3)]);
        assert_eq!(Dialect::settled(FeedDialect::Sync2, &begun), Some(Dialect::Sync2));
        assert_eq!(Dialect::settled(FeedDialect::Atomfeed, &positions(&[("sync2", 1)])), Some(Dialect::Atomfeed));
    }
}
