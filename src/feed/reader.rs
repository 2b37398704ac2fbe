//! All feeds that are read as one sequence of events.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::cache::FeedCache;
use super::dialect::FeedScope;
use super::page_loader::PageLoader;
use super::paged_feed::{PageLimits, PagedFeed, concerns_all_feeds};
use crate::error::{Error, Result};
use crate::event::{Category, Event};
use crate::http::ParentClient;
use crate::store::markers::Marker;

/// Where one feed is to be read from.
#[derive(Clone, Debug)]
pub struct FeedStart {
    /// The categories that the feed tells of.
    pub scope: FeedScope,
    /// The epoch that is written into the feed's events; that of a complete feed must be its own.
    pub epoch: Arc<str>,
    /// The last event that this node has finished with; `None`: from the first event.
    pub marker: Option<Marker>,
    /// The categories whose events the parent may leave out of a complete feed, as well as those that it does not tell this account
    /// of; `None`: it is asked for all of its pages.
    pub unwanted: Option<Vec<Category>>,
}

/// The limits of reading.
#[derive(Clone, Copy, Debug)]
pub struct FeedOptions {
    /// The most bytes that one page may have.
    pub page_limit_bytes: usize,
    /// How many pages of each feed are loaded ahead at most.
    pub pages_ahead: usize,
    /// How many of the pages ahead, of all feeds together, are asked for at once. How many of these are under way is the
    /// client's limit; what else it is to send waits behind no more than these.
    pub requests: usize,
}

/// The step that [`FeedReader::next`] comes upon.
#[derive(Debug)]
pub enum FeedStep {
    /// At least one event.
    Events(Vec<Event>),
    /// This category's feed cannot be read. Told once, after all of its events before the failure; the feed is left
    /// for this run.
    Held {
        /// The category whose feed is left.
        category: Category,
        /// The failure that keeps its next page from being read.
        error: Error,
    },
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedProgress {
    /// Events handed out.
    pub read: u64,
    /// An estimate of the events that are still to come: whole pages are taken to be as long as the longest so far.
    /// `None` until every feed has begun.
    pub remaining: Option<u64>,
}

/// Reads several feeds and merges them by time. Within one feed events keep their order; an event is
/// handed out exactly once. Memory is bounded: a few pages of each feed, whatever the backlog.
///
/// To be used within a tokio runtime: pages are loaded and parsed on its threads.
pub struct FeedReader {
    sources: Vec<Source>,
    /// The failures that have not been told.
    failures: VecDeque<(FeedScope, Error)>,
    read: u64,
    /// The longest page so far, in events.
    page_length: u64,
}

/// One feed, and the events of it that come next.
struct Source {
    feed: PagedFeed,
    events: std::vec::IntoIter<Event>,
}

impl Source {
    fn head(&self) -> Option<&Event> {
        self.events.as_slice().first()
    }
}

impl FeedReader {
    /// A reader of these feeds. Does not connect.
    pub fn new(
        client: Arc<ParentClient>,
        cache: Arc<FeedCache>,
        feeds: Vec<FeedStart>,
        options: FeedOptions,
    ) -> FeedReader {
        let requests = Arc::new(Semaphore::new(options.requests));
        let source = |start: FeedStart| {
            let loader = PageLoader::of(client.clone(), start.scope, start.epoch, options.page_limit_bytes);
            let loader = match &start.unwanted {
                Some(unwanted) => loader.leaving_out(unwanted),
                None => loader,
            };
            let limits = PageLimits { ahead: options.pages_ahead, requests: requests.clone() };
            let feed = PagedFeed::new(loader, cache.clone(), start.marker, limits);
            Source { feed, events: Vec::new().into_iter() }
        };
        let sources = feeds.into_iter().map(source).collect();
        FeedReader { sources, failures: VecDeque::new(), read: 0, page_length: 0 }
    }

    /// The next events, oldest first, events of the same instant by category; `None` at the end of all feeds. At most
    /// `limit`, or twice as many when the last instant goes on: the parts of an object are written together, and stand in
    /// feeds of their own. Waits for the network. A call that is dropped before it ends may lose events: drop the reader
    /// with it.
    ///
    /// Errors: what concerns every feed and stops the run: `Unreachable`, `Busy`, `Unauthorized`, `Cancelled`,
    /// `NeedsBackfill`, `Internal`, and whatever keeps a complete feed from being read. Events before it have been handed out by then.
    pub async fn next(&mut self, limit: usize) -> Result<Option<FeedStep>> {
        let mut events = Vec::new();
        loop {
            self.refill().await;
            if !self.failures.is_empty() || self.is_enough(&events, limit) {
                break;
            }
            match self.take_first() {
                Some(event) => events.push(event),
                None => break,
            }
        }
        if !events.is_empty() {
            self.read += events.len() as u64;
            return Ok(Some(FeedStep::Events(events)));
        }
        match self.failures.pop_front() {
            Some((FeedScope::Category(category), error)) if !concerns_all_feeds(error.kind) => {
                Ok(Some(FeedStep::Held { category, error }))
            }
            Some((_, error)) => Err(error),
            None => Ok(None),
        }
    }

    /// How far reading has come.
    pub fn progress(&self) -> FeedProgress {
        let left = |source: &Source| {
            let buffered = source.events.len() as u64;
            Some(source.feed.events_left(self.page_length)?.saturating_add(buffered))
        };
        let remaining = self.sources.iter().map(left).try_fold(0_u64, |sum, left| Some(sum.saturating_add(left?)));
        FeedProgress { read: self.read, remaining }
    }

    fn is_enough(&self, events: &[Event], limit: usize) -> bool {
        let instant_goes_on = || {
            let mut heads = self.sources.iter().filter_map(Source::head);
            events.last().is_some_and(|last| heads.any(|head| head.updated == last.updated))
        };
        events.len() >= 2 * limit || (events.len() >= limit && !instant_goes_on())
    }

    /// Until every feed shows its next event or has ended: which one is first is not known before.
    async fn refill(&mut self) {
        if self.sources.iter().all(|source| source.head().is_some()) {
            return;
        }
        let empty = self.sources.iter_mut().filter(|source| source.head().is_none());
        let outcomes = join_all(empty.map(|source| source.feed.next_events())).await;
        let mut outcomes = outcomes.into_iter();
        let mut sources = Vec::with_capacity(self.sources.len());
        for mut source in self.sources.drain(..) {
            if source.head().is_none() {
                // There is a result for each empty source.
                match outcomes.next().unwrap_or(Ok(None)) {
                    Ok(Some(events)) => {
                        self.page_length = self.page_length.max(events.len() as u64);
                        source.events = events.into_iter();
                    }
                    Ok(None) => continue,
                    Err(error) => {
                        self.failures.push_back((source.feed.scope(), error));
                        continue;
                    }
                }
            }
            sources.push(source);
        }
        self.sources = sources;
    }

    /// The oldest of the heads. A feed whose clock is ahead comes after the others, and so holds up none of them.
    fn take_first(&mut self) -> Option<Event> {
        let order = |source: &&mut Source| source.head().map(|event| (event.updated, source.feed.scope()));
        let first = self.sources.iter_mut().min_by_key(order)?;
        first.events.next()
    }
}

#[cfg(test)]
mod tests;
