//! Atom feeds: the parent's, which is read, and this node's own, which is published.
//!
//! Reading the parent's feed, in the dialect of the OpenMRS atomfeed module: one feed for each category below
//! `/ws/atomfeed`, in numbered pages.
//!
//! `atom` turns one page into events; `category_feed` goes through the pages of one feed from its marker; `reader` merges the
//! feeds of all categories. Nothing here moves a marker.
//!
//! `publisher` numbers what this node's transactions changed; `own` answers with the pages of it.

mod atom;
mod cache;
mod category_feed;
pub mod own;
mod page_loader;
pub mod publisher;
mod reader;

use std::sync::Arc;

use crate::error::Result;
use crate::event::Category;
use crate::resource::http::ParentClient;
use page_loader::PageLoader;

pub use cache::FeedCache;
pub use reader::{FeedOptions, FeedProgress, FeedReader, FeedStart, FeedStep};

/// Reads the newest page of a category's feed, to see whether the feed can be read.
///
/// Errors: why it cannot, as when a pull reads it.
pub(crate) async fn probe(client: Arc<ParentClient>, category: Category, page_limit_bytes: usize) -> Result<()> {
    PageLoader::of(client, category, Arc::from(""), page_limit_bytes).recent().await.map(drop)
}
