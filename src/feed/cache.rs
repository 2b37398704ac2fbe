//! The engine's memory of its feeds' ends between runs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::dialect::FeedScope;
use crate::store::markers::Marker;

/// The last page of each feed as it was seen last, so that a run that finds nothing new need not read it again. Kept in
/// memory only, by the engine: losing it costs the body of one page for each feed.
#[derive(Default)]
pub struct FeedCache {
    ends: Mutex<HashMap<FeedScope, FeedEnd>>,
}

/// The page at a feed's end.
pub(super) struct FeedEnd {
    /// The page, by its number.
    pub(super) page_url: String,
    /// Its last entry.
    pub(super) entry_id: String,
    /// The parent's `ETag` for this very state of the page.
    pub(super) etag: String,
}

impl FeedCache {
    /// A cache that knows nothing yet.
    pub fn new() -> FeedCache {
        FeedCache::default()
    }

    /// The `ETag` to ask with; only when the marker is the last entry of the page as it was, since the answer "not
    /// modified" then means "nothing new".
    pub(super) fn etag(&self, feed: FeedScope, marker: &Marker) -> Option<String> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ends.get(&feed)?;
        (*end.page_url == *marker.page_url && end.entry_id == marker.entry_id).then(|| end.etag.clone())
    }

    pub(super) fn remember(&self, feed: FeedScope, end: FeedEnd) {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(feed, end);
    }
}
