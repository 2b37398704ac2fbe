//! Atom feeds: the parent's, which is read, and this node's own, which is published.
//!
//! Reading, in numbered pages and two dialects: this module's, one feed of all categories below `/ws/rest/v1/sync2/feed`;
//! and the OpenMRS atomfeed module's, one feed for each category below `/ws/atomfeed`. `dialect` says which feeds there
//! are; `atom` turns one page into events; `paged_feed` goes through the pages of one feed from its marker; `reader` merges
//! all feeds. Nothing here moves a marker.
//!
//! Publishing: `publisher` numbers what this node's transactions changed; `own` answers with the pages of it.
//!
//! Both know of `stretch`: many pages of a complete feed in one document, without what its reader does not want.

pub(crate) mod atom;
mod cache;
mod dialect;
pub mod own;
mod page_loader;
mod paged_feed;
pub mod publisher;
mod reader;
mod stretch;

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::{Error, ErrorKind, Result};
use crate::event::Category;
use crate::http::ParentClient;
use crate::store::markers::Marker;
use page_loader::{Loaded, PageLoader};
use paged_feed::{PageLimits, PagedFeed};

pub use cache::FeedCache;
pub use dialect::{Dialect, FeedScope};
pub(crate) use paged_feed::concerns_all_feeds;
pub use reader::{FeedOptions, FeedProgress, FeedReader, FeedStart, FeedStep};

/// Reads the newest page of a category's feed, to see whether the feed can be read.
///
/// Errors: why it cannot, as when a pull reads it.
pub(crate) async fn probe(client: Arc<ParentClient>, category: Category, page_limit_bytes: usize) -> Result<()> {
    let scope = FeedScope::Category(category);
    PageLoader::of(client, scope, Arc::from(""), page_limit_bytes).recent().await.map(drop)
}

/// How a feed stands to the place where it was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continuity {
    GoesOn,
    /// It is there, and what was read last is not in it any more: the parent was restored or replaced.
    Broken,
    /// The next events were removed there for their age.
    Removed,
}

/// Finds out whether a feed goes on where it is to be read from.
///
/// Errors: why it cannot be read at all.
pub(crate) async fn continuity(
    client: Arc<ParentClient>,
    start: FeedStart,
    page_limit_bytes: usize,
) -> Result<Continuity> {
    let FeedStart { scope, epoch, marker, .. } = start;
    let loader = PageLoader::of(client.clone(), scope, epoch.clone(), page_limit_bytes);
    let next = marker.as_ref().map_or(Some(1), |marker| atom::page_number(&marker.page_url));
    let limits = PageLimits { ahead: 1, requests: Arc::new(Semaphore::new(1)) };
    let mut feed = PagedFeed::new(loader, Arc::new(FeedCache::new()), marker, limits);
    match (feed.next_events().await, next) {
        (Ok(_), _) => Ok(Continuity::GoesOn),
        (Err(error), _) if error.kind != ErrorKind::NeedsBackfill => Err(error),
        (Err(_), None) => Ok(Continuity::Broken),
        (Err(_), Some(next)) => {
            let loader = PageLoader::of(client, scope, epoch, page_limit_bytes);
            Ok(if loader.is_removed(next).await? { Continuity::Removed } else { Continuity::Broken })
        }
    }
}

/// Before the first event that a feed still has, where the parent has removed events of it for their age; nothing where it has
/// all of them, or none.
///
/// Errors: why it cannot be read.
pub(crate) async fn first_left(
    client: Arc<ParentClient>,
    start: FeedStart,
    page_limit_bytes: usize,
) -> Result<Option<Marker>> {
    let loader = PageLoader::of(client, start.scope, start.epoch.clone(), page_limit_bytes);
    let newest = loader.recent().await?.number;
    if newest <= 1 || !loader.is_removed(1).await? {
        return Ok(None);
    }
    // The last that is known to be removed, and the first that is known to be left.
    let (mut removed, mut left) = (1, newest);
    while left - removed > 1 {
        let between = removed + (left - removed) / 2;
        if loader.is_removed(between).await? { removed = between } else { left = between }
    }
    let Loaded::Page(page, _) = loader.page(left, None).await? else { return Ok(None) };
    Ok(page.events.into_iter().next().map(|first| Marker {
        feed: start.scope.name().into(),
        epoch: start.epoch,
        page_url: first.page_url,
        entry_id: Marker::BEFORE_THE_PAGE.to_string(),
        updated: first.updated,
    }))
}

/// The epoch of the feed that the parent publishes itself.
///
/// Errors: `NotFound` when it publishes none; else why its feed cannot be read.
pub(crate) async fn own_epoch(client: Arc<ParentClient>, page_limit_bytes: usize) -> Result<String> {
    let loader = PageLoader::of(client, FeedScope::Complete, Arc::from(""), page_limit_bytes);
    let page = loader.recent_of_any_epoch().await?;
    page.epoch.ok_or_else(|| Error::new(ErrorKind::Internal, "a complete feed was read without its epoch"))
}

/// The place of the newest event of the feed that the parent publishes itself; none while that is empty.
///
/// Errors: as those of [`own_epoch`].
pub(crate) async fn own_end(client: Arc<ParentClient>, page_limit_bytes: usize) -> Result<Option<Marker>> {
    let loader = PageLoader::of(client, FeedScope::Complete, Arc::from(""), page_limit_bytes);
    let mut page = loader.recent_of_any_epoch().await?;
    let (Some(epoch), Some(event)) = (page.epoch, page.events.pop()) else { return Ok(None) };
    Ok(Some(Marker {
        feed: event.feed,
        epoch: Arc::from(epoch),
        page_url: event.page_url,
        entry_id: event.id,
        updated: event.updated,
    }))
}
