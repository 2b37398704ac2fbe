//! One feed, from its marker to its end.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

use super::atom::{Page, page_number};
use super::cache::{FeedCache, FeedEnd};
use super::dialect::FeedScope;
use super::page_loader::{Loaded, PageLoader, Place};
use super::stretch::Stretch;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::store::markers::Marker;

/// Pages that are loaded ahead when a feed begins. Each that is handed out allows for one more, up to the feed's limit: of
/// many feeds, most have little to give, and what the first events are about is not asked for before their pages are here.
const PAGES_AHEAD_AT_FIRST: usize = 4;

/// So many pages without any event in a row are no feed. Pages lose events for their age, but then their feed goes on with others
/// soon.
const MOST_EMPTY_PAGES: usize = 1000;

/// Pages that were asked for and not yet handed out, in their order.
type PagesAhead = VecDeque<AbortOnDropHandle<Result<Loaded>>>;

/// Goes through one feed, in its order. When nothing is new, that is one request; else the newest page's number is asked
/// for once, and the pages up to it are loaded and parsed ahead on the runtime's threads. Where the parent leaves out what is not
/// wanted, stretch after stretch is asked for in place of the pages, each where the one before it ended.
pub(super) struct PagedFeed {
    loader: Arc<PageLoader>,
    cache: Arc<FeedCache>,
    /// Where to begin, until it has begun.
    start: Option<Start>,
    ahead: PagesAhead,
    limits: PageLimits,
    /// How many pages may be ahead now.
    window: usize,
    /// The page to ask for next.
    next: u64,
    /// The newest page when it began. What comes after it is for the next run: a feed that grows as fast as it is read would
    /// never let one end.
    newest: u64,
    /// How far it is read in stretches; nothing where it is read by pages.
    stretches: Option<Stretches>,
}

/// How far a feed is read in stretches.
struct Stretches {
    /// The number of the feed's last event when the first of them came. What comes later is for the next run, as for pages.
    until: u64,
    /// How many events up to that one come after the last stretch.
    left: u64,
    /// Where the next one begins, which is on its way; nothing after the last.
    next: Option<Place>,
}

/// The limits of loading ahead.
pub(super) struct PageLimits {
    /// Pages of this feed, at least 1.
    pub ahead: usize,
    /// Pages of all feeds that are asked for at once.
    pub requests: Arc<Semaphore>,
}

enum Start {
    Beginning,
    After(Marker),
}

impl PagedFeed {
    /// A feed that will begin after the marker, or with its first event. Does not connect.
    pub(super) fn new(
        loader: PageLoader,
        cache: Arc<FeedCache>,
        marker: Option<Marker>,
        limits: PageLimits,
    ) -> PagedFeed {
        PagedFeed {
            loader: Arc::new(loader),
            cache,
            start: Some(marker.map_or(Start::Beginning, Start::After)),
            ahead: PagesAhead::new(),
            window: PAGES_AHEAD_AT_FIRST.min(limits.ahead),
            limits,
            next: 1,
            newest: 0,
            stretches: None,
        }
    }

    pub(super) fn scope(&self) -> FeedScope {
        self.loader.feed.scope
    }

    /// How many events are still to be handed out or passed, where a page has so many at the most; `None` before the feed has begun.
    pub(super) fn events_left(&self, page_length: u64) -> Option<u64> {
        self.start.is_none().then(|| match &self.stretches {
            Some(stretches) => stretches.left,
            None => {
                let pages = self.ahead.len() as u64 + (self.newest + 1).saturating_sub(self.next);
                pages.saturating_mul(page_length)
            }
        })
    }

    /// The events of the next page that has any; `None` at the feed's end. After an error the feed is of no more use.
    ///
    /// Errors: as [`PageLoader::page`]; `NeedsBackfill` when the feed no longer continues where the marker is; `Malformed` where it has
    /// nothing but empty pages.
    pub(super) async fn next_events(&mut self) -> Result<Option<Vec<Event>>> {
        let mut events = match self.start.take() {
            Some(Start::Beginning) => self.read_beginning().await?,
            Some(Start::After(marker)) => self.read_after(&marker).await?,
            None => Vec::new(),
        };
        let mut empty_pages = 0;
        while events.is_empty() {
            if empty_pages == MOST_EMPTY_PAGES {
                let message = format!("{MOST_EMPTY_PAGES} pages of the feed in a row have no event");
                return Err(Error::new(ErrorKind::Malformed, message).at(self.loader.feed.recent_url().as_str()));
            }
            match self.next_part().await? {
                Some(next) => events = next,
                None => return Ok(None),
            }
            empty_pages += 1;
        }
        Ok(Some(events))
    }

    /// The first stretch of the feed. By pages nothing: the first of them is ahead.
    async fn read_beginning(&mut self) -> Result<Vec<Event>> {
        if self.loader.is_leaving_out() {
            let place = Place { page: 1, after: None, passed: None };
            match self.loader.after(&place, None).await {
                Ok(Loaded::Page(page, etag)) => return self.take(place, page, etag).await,
                // A feed that has no event has no first page.
                Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
                Ok(Loaded::NotModified) | Err(_) => {}
            }
        }
        self.read_from(1).await?;
        Ok(Vec::new())
    }

    /// What comes after the marker: a stretch, or the rest of its page, which is read again because it may have grown.
    async fn read_after(&mut self, marker: &Marker) -> Result<Vec<Event>> {
        let number = page_number(&marker.page_url)
            .ok_or_else(|| needs_backfill("the marker names no numbered page").at(&*marker.page_url))?;
        (self.next, self.newest) = (number + 1, number);
        let etag = self.cache.etag(self.scope(), marker);
        let after = Some(marker.entry_id.clone()).filter(|id| id != Marker::BEFORE_THE_PAGE);
        let place = Place { page: number, after, passed: None };
        match self.loader.after(&place, etag.as_deref()).await {
            Ok(Loaded::NotModified) => Ok(Vec::new()),
            Ok(Loaded::Page(page, etag)) => self.take(place, page, etag).await,
            Err(error) => Err(self.why_page_failed(number, error).await),
        }
    }

    /// The events of what was asked for after a place.
    async fn take(&mut self, place: Place, page: Page, etag: Option<String>) -> Result<Vec<Event>> {
        match page.stretch {
            Some(stretch) => Ok(self.take_stretch(&place, stretch, page.events, etag)),
            None => self.take_page(&place, page, etag).await,
        }
    }

    /// The parent gave the whole page: what comes after it is read by pages, too.
    async fn take_page(&mut self, place: &Place, mut page: Page, etag: Option<String>) -> Result<Vec<Event>> {
        self.stretches = None;
        let passed = match &place.after {
            None => 0,
            Some(id) => {
                let position = page.events.iter().position(|event| event.id == *id);
                position.ok_or_else(|| self.marker_is_gone(place.page))? + 1
            }
        };
        self.remember_end(&page, etag);
        if page.next_archive.is_some() {
            self.read_from(place.page + 1).await?;
        }
        Ok(page.events.split_off(passed))
    }

    fn take_stretch(
        &mut self,
        place: &Place,
        stretch: Stretch,
        events: Vec<Event>,
        etag: Option<String>,
    ) -> Vec<Event> {
        let until = self.stretches.as_ref().map_or(stretch.end, |stretches| stretches.until);
        let left = until.saturating_sub(stretch.last);
        let next = events.last().filter(|_| left > 0).map(|last| Place {
            page: stretch.page_of(stretch.last),
            after: Some(last.id.clone()),
            passed: Some(stretch.last),
        });
        self.stretches = Some(Stretches { until, left, next });
        self.ask_ahead();
        // Only the tag of nothing at all says that nothing is new.
        if let (true, Some(etag), Some(entry_id)) = (events.is_empty(), etag, &place.after) {
            let page_url = self.loader.feed.page_url(place.page).to_string();
            self.cache.remember(self.scope(), FeedEnd { page_url, entry_id: entry_id.clone(), etag });
        }
        events
    }

    fn marker_is_gone(&self, page: u64) -> Error {
        needs_backfill(
            "the event that this node finished with last is no longer on its page of the feed: the parent was \
             restored or replaced",
        )
        .at(self.loader.feed.page_url(page).as_str())
    }

    /// Begins to read ahead, up to what is now the newest page.
    async fn read_from(&mut self, first: u64) -> Result<()> {
        let recent = self.loader.recent().await?;
        if recent.number < first && first > 1 {
            return Err(self.went_backwards(first, recent.number));
        }
        (self.next, self.newest) = (first, recent.number);
        if recent.number == first {
            self.next += 1;
            let page = std::future::ready(Ok(Loaded::Page(recent, None)));
            self.ahead.push_back(AbortOnDropHandle::new(tokio::spawn(page)));
        }
        Ok(())
    }

    /// The events of the next page or stretch, which a page may have none of; `None` after the last.
    async fn next_part(&mut self) -> Result<Option<Vec<Event>>> {
        self.ask_ahead();
        let Some(task) = self.ahead.pop_front() else {
            return Ok(None);
        };
        let loaded = task
            .await
            .map_err(|error| Error::new(ErrorKind::Internal, format!("the task that reads a page failed: {error}")))?;
        let Loaded::Page(page, etag) = loaded? else {
            return Err(Error::new(ErrorKind::Internal, "a page that was not asked for with an ETag has not changed"));
        };
        if let Some(place) = self.stretches.as_mut().and_then(|stretches| stretches.next.take()) {
            return self.take(place, page, etag).await.map(Some);
        }
        self.remember_end(&page, etag);
        self.window = self.limits.ahead.min(self.window + 1);
        self.ask_ahead();
        Ok(Some(page.events))
    }

    fn ask_ahead(&mut self) {
        let stretch = self.stretches.as_ref().and_then(|stretches| stretches.next.clone());
        if let Some(place) = stretch.filter(|_| self.ahead.is_empty()) {
            let (loader, requests) = (self.loader.clone(), self.limits.requests.clone());
            let task = tokio::spawn(async move {
                let _turn = requests.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
                loader.after(&place, None).await
            });
            self.ahead.push_back(AbortOnDropHandle::new(task));
            return;
        }
        while self.ahead.len() < self.window && self.next <= self.newest {
            let (loader, requests, number) = (self.loader.clone(), self.limits.requests.clone(), self.next);
            let task = tokio::spawn(async move {
                let _turn = requests.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
                loader.page(number, None).await
            });
            self.ahead.push_back(AbortOnDropHandle::new(task));
            self.next += 1;
        }
    }

    fn remember_end(&self, page: &Page, etag: Option<String>) {
        if let (None, Some(last), Some(etag)) = (page.next_archive, page.events.last(), etag) {
            let end = FeedEnd { page_url: last.page_url.to_string(), entry_id: last.id.clone(), etag };
            self.cache.remember(self.scope(), end);
        }
    }

    /// A parent that was restored answers an error for pages that it does not have any more.
    async fn why_page_failed(&self, number: u64, error: Error) -> Error {
        if concerns_all_feeds(error.kind) {
            return error;
        }
        match self.loader.recent().await {
            Ok(recent) if recent.number < number => self.went_backwards(number, recent.number),
            Err(other) if concerns_all_feeds(other.kind) => other,
            _ => error,
        }
    }

    fn went_backwards(&self, expected: u64, newest: u64) -> Error {
        needs_backfill(format!(
            "the feed's newest page is {newest}, but it has had page {expected} before: the parent was restored or \
             replaced"
        ))
        .at(self.loader.feed.recent_url().as_str())
    }
}

/// Returns true if a failure of one feed says something about all of them.
pub(crate) fn concerns_all_feeds(kind: ErrorKind) -> bool {
    let one_feed_only = matches!(
        kind,
        ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Gone
            | ErrorKind::Rejected
            | ErrorKind::ParentFailed
            | ErrorKind::Malformed
    );
    !one_feed_only
}

fn needs_backfill(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NeedsBackfill, message)
}
