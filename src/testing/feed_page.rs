//! A page of a feed as the engine reads it, for tests that read what nobody would write.

use std::sync::Arc;

use url::Url;

use crate::error::Result;
use crate::feed::FeedScope;
use crate::feed::atom::{FeedIdentity, parse_page};

/// How many events the body has, read as a page of a complete feed.
///
/// Errors: those of a page that cannot be read.
pub fn events_of_page(body: &[u8]) -> Result<usize> {
    #[allow(clippy::expect_used, reason = "a constant url")]
    let url = Url::parse("http://parent.example.org/openmrs/ws/rest/v1/sync2/feed").expect("a constant url");
    let feed = FeedIdentity { scope: FeedScope::Complete, epoch: Arc::from("e"), url };
    parse_page(body, &feed).map(|page| page.events.len())
}
