//! Reading the parent's feed, in the dialect of the OpenMRS atomfeed module: one feed for each category below
//! `/ws/atomfeed`, in numbered pages.
//!
//! `atom` turns one page into events; `category_feed` goes through the pages of one feed from its marker; `reader` merges the
//! feeds of all categories. Nothing here moves a marker.

mod atom;
mod cache;
mod category_feed;
mod page_loader;
mod reader;

pub use cache::FeedCache;
pub use reader::{FeedOptions, FeedProgress, FeedReader, FeedStart, FeedStep};
