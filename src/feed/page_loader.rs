//! One page of one feed over HTTP.

use std::sync::Arc;

use url::Url;

use super::atom::{self, FeedIdentity, Page};
use super::dialect::FeedScope;
use super::stretch::{AFTER, NONE, Stretch, WITHOUT, event_uuid};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Category;
use crate::http::{Answer, Get, ParentClient};
use crate::introduction;

/// Feeds are said to be Atom, and labelled `text/plain` by the atomfeed module.
const ACCEPT: &str = "application/atom+xml, application/xml;q=0.9, text/plain;q=0.8";

/// Loads pages of one feed.
pub(super) struct PageLoader {
    pub(super) client: Arc<ParentClient>,
    pub(super) feed: FeedIdentity,
    /// The most bytes that a page may have.
    pub(super) page_limit_bytes: usize,
    /// What the parent is asked to leave out, as it stands in the query; nothing where it is asked for whole pages.
    without: Option<String>,
}

/// The place that a feed is read from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The number of the page.
    pub(super) page: u64,
    /// The id of the entry of that page after which it is; nothing before the page's first.
    pub(super) after: Option<String>,
    /// The number of the event of that entry, where it is known.
    pub(super) passed: Option<u64>,
}

/// The answer to a request for a page.
pub(super) enum Loaded {
    /// As the `ETag` says that it was.
    NotModified,
    /// The page, and its `ETag` when it was asked for by number.
    Page(Page, Option<String>),
}

/// Where the feeds of the atomfeed module are below `parent.url`; the category's name follows.
const FEEDS_PATH: &str = "/ws/atomfeed";

/// Where the parent's own feed is below `parent.restPath`.
const OWN_FEED_PATH: &str = "/sync2/feed";

impl PageLoader {
    /// Loads pages of that feed, whose events get that epoch.
    pub(super) fn of(
        client: Arc<ParentClient>,
        scope: FeedScope,
        epoch: Arc<str>,
        page_limit_bytes: usize,
    ) -> PageLoader {
        let url = match scope {
            FeedScope::Complete => client.rest_url(OWN_FEED_PATH),
            FeedScope::Category(category) => client.url(&format!("{FEEDS_PATH}/{category}")),
        };
        PageLoader { client, feed: FeedIdentity { scope, epoch, url }, page_limit_bytes, without: None }
    }

    /// The same, which has the parent leave out events of these categories where it is asked for what comes after a place.
    pub(super) fn leaving_out(self, categories: &[Category]) -> PageLoader {
        let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
        let without = if names.is_empty() { NONE.to_string() } else { names.join(",") };
        PageLoader { without: Some(without), ..self }
    }

    /// Returns true if what comes after a place is asked for as a stretch.
    pub(super) fn is_leaving_out(&self) -> bool {
        self.without.is_some()
    }

    /// What comes after a place: a stretch of the feed, or the page of the place where the parent gives none.
    ///
    /// Errors: as [`page`](PageLoader::page).
    pub(super) async fn after(&self, place: &Place, etag: Option<&str>) -> Result<Loaded> {
        let Some(url) = self.stretch_url(place) else { return self.page(place.page, etag).await };
        let loaded = match self.load(&url, etag).await {
            // Something on the way, or in the parent, takes pages only.
            Err(error) if is_of_the_question(error.kind) => return self.page(place.page, etag).await,
            loaded => loaded.map_err(|error| located(error, &url))?,
        };
        if let Loaded::Page(page, _) = &loaded {
            let checked = match &page.stretch {
                Some(stretch) => check_stretch(stretch, place),
                None => check_place(page, place.page),
            };
            checked.and_then(|()| self.check_epoch(page)).map_err(|error| error.at(url.as_str()))?;
        }
        Ok(loaded)
    }

    /// None after an entry that has no id as those of this module's feeds.
    fn stretch_url(&self, place: &Place) -> Option<Url> {
        let mut query = format!("{WITHOUT}={}", self.without.as_deref()?);
        if let Some(id) = &place.after {
            query.push_str(&format!("&{AFTER}={}", event_uuid(id)?));
        }
        let mut url = self.feed.page_url(place.page);
        url.set_query(Some(&query));
        Some(url)
    }

    /// The page of that number.
    ///
    /// Errors: those of [`ParentClient::get`]; `Malformed` when it is no page of a feed; `NeedsBackfill` when it is not
    /// the page that it should be, or of another epoch, or removed from the parent's own feed; `Forbidden`, `NotFound`,
    /// `Gone`, `ParentFailed` or `Rejected` by its status.
    pub(super) async fn page(&self, number: u64, etag: Option<&str>) -> Result<Loaded> {
        let url = self.feed.page_url(number);
        let loaded = self.load(&url, etag).await.map_err(|error| located(error, &url))?;
        if let Loaded::Page(page, _) = &loaded {
            check_place(page, number).map_err(|error| error.at(url.as_str()))?;
            self.check_epoch(page).map_err(|error| error.at(url.as_str()))?;
        }
        Ok(loaded)
    }

    /// The newest page. Errors as [`page`](PageLoader::page).
    pub(super) async fn recent(&self) -> Result<Page> {
        let page = self.recent_of_any_epoch().await?;
        self.check_epoch(&page).map_err(|error| error.at(self.feed.recent_url().as_str()))?;
        Ok(page)
    }

    /// The newest page of the feed as it is now, also when it began anew. Errors as [`page`](PageLoader::page).
    pub(super) async fn recent_of_any_epoch(&self) -> Result<Page> {
        let url = self.feed.recent_url();
        match self.load(&url, None).await.map_err(|error| located(error, &url))? {
            Loaded::Page(page, _) => {
                check_place(&page, page.number).map_err(|error| error.at(url.as_str()))?;
                Ok(page)
            }
            Loaded::NotModified => Err(refusal(self.feed.scope, 304).at(url.as_str())),
        }
    }

    /// Returns true if the parent says that it removed the page of that number for its age.
    ///
    /// Errors: those of [`ParentClient::get`].
    pub(super) async fn is_removed(&self, number: u64) -> Result<bool> {
        Ok(self.get(&self.feed.page_url(number), None).await?.status == 410)
    }

    fn check_epoch(&self, page: &Page) -> Result<()> {
        match &page.epoch {
            Some(epoch) if **epoch != *self.feed.epoch => {
                let message = format!(
                    "the parent's feed began anew: its id is {epoch}, and was {} when this node read it last. The parent \
                     was replaced, or its tables of this module were: only a backfill tells what changed. If it is the \
                     wrong server, put parent.url right, or that server's database back: the pull goes on by itself",
                    self.feed.epoch
                );
                Err(Error::new(ErrorKind::NeedsBackfill, message))
            }
            _ => Ok(()),
        }
    }

    async fn load(&self, url: &Url, etag: Option<&str>) -> Result<Loaded> {
        let mut answer = self.get(url, etag).await?;
        if hides_an_error(&answer) {
            self.client.renew_session(&answer).await?;
            answer = self.get(url, etag).await?;
        }
        match answer.status {
            304 if etag.is_some() => Ok(Loaded::NotModified),
            200 if !atom::begins_as_feed(&answer.body) => Err(Error::new(
                ErrorKind::Malformed,
                "the parent answers with something else than a feed, also after a new log-in: look into its log, and check \
                 that the account may read this feed and that no proxy or portal answers in its place",
            )),
            200 => Ok(Loaded::Page(atom::parse_page(&answer.body, &self.feed)?, answer.etag)),
            status => Err(refusal(self.feed.scope, status)),
        }
    }

    async fn get(&self, url: &Url, etag: Option<&str>) -> Result<Answer> {
        let introduction = match self.feed.scope {
            FeedScope::Complete => self.client.take_introduction(),
            FeedScope::Category(_) => None,
        };
        let headers: Vec<(&str, &str)> =
            introduction.iter().map(|header| (introduction::HEADER, header.as_str())).collect();
        let request = Get { url, accept: ACCEPT, etag, headers: &headers, max_bytes: self.page_limit_bytes };
        let answer = self.client.get(request).await;
        answer.map_err(|error| match error.kind {
            // Pages are alike: what breaks off or redirects is the line or a portal, and concerns every feed.
            ErrorKind::ParentFailed => Error { kind: ErrorKind::Unreachable, ..error },
            _ => error,
        })
    }
}

/// The atomfeed module says 200 to a request without a session, with an exception as JSON or XML.
fn hides_an_error(answer: &Answer) -> bool {
    answer.status == 200 && !atom::begins_as_feed(&answer.body)
}

/// The numbers of a feed's pages are the only proof that none was left out: each page must name itself and its
/// neighbours rightly.
fn check_place(page: &Page, number: u64) -> Result<()> {
    if page.stretch.is_some() {
        let message = "it was asked for a page of the feed, and answers with a stretch that leaves events out: a proxy mixes up \
                       its answers";
        return Err(Error::new(ErrorKind::NeedsBackfill, message));
    }
    let wrong = |what: &str, found: u64| {
        let message = format!(
            "page {number} of the feed names {found} as {what}: its pages do not follow each other. The parent was \
             restored or replaced, or a proxy mixes up its answers"
        );
        Err(Error::new(ErrorKind::NeedsBackfill, message))
    };
    if page.number != number {
        return wrong("itself", page.number);
    }
    match (page.prev_archive, page.next_archive) {
        (Some(before), _) if before + 1 != number => wrong("the page before it", before),
        (_, Some(after)) if after != number + 1 => wrong("the page after it", after),
        _ => Ok(()),
    }
}

/// Of a stretch the numbers of its events are that proof: it must begin where it was asked to.
fn check_stretch(stretch: &Stretch, place: &Place) -> Result<()> {
    let asked = place.after.as_deref().and_then(event_uuid);
    let begins = match (place.passed, &place.after) {
        (Some(passed), _) => stretch.first == passed + 1,
        (None, Some(_)) => stretch.page_of(stretch.first - 1) == place.page,
        (None, None) => stretch.first == place.page.saturating_sub(1).saturating_mul(stretch.page_size) + 1,
    };
    if begins && stretch.after == asked {
        return Ok(());
    }
    let message = format!(
        "the parent was asked for what follows in its feed on page {}, and answers with what follows event {}: its events do not \
         follow each other. The parent was restored or replaced, or a proxy mixes up its answers",
        place.page,
        stretch.first - 1
    );
    Err(Error::new(ErrorKind::NeedsBackfill, message))
}

/// Returns true if a failure may lie in the question for a stretch: the same parent may well answer with a page.
fn is_of_the_question(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Rejected | ErrorKind::Malformed | ErrorKind::ParentFailed)
}

fn refusal(scope: FeedScope, status: u16) -> Error {
    let (kind, advice) = match (scope, status) {
        (FeedScope::Complete, 403) => (ErrorKind::Forbidden, "give the account the privilege Get Sync2 Feed"),
        (FeedScope::Complete, 404) => (
            ErrorKind::NotFound,
            "it has no feed of its own (any more): start its sync2 module, or set parent.feed to atomfeed if it has \
             the atomfeed module",
        ),
        (FeedScope::Complete, 410) => (
            ErrorKind::NeedsBackfill,
            "it does not keep events for so long, and removed some that this node has not read: only a backfill tells \
             what they changed. Let the parent keep them longer (feed.keepDays there)",
        ),
        (_, status) => refusal_of_any(status),
    };
    Error::new(kind, format!("the parent answers {status} in place of the feed: {advice}"))
}

fn refusal_of_any(status: u16) -> (ErrorKind, &'static str) {
    match status {
        403 => (ErrorKind::Forbidden, "give the account the privilege to read this feed, or disable the category"),
        404 => (ErrorKind::NotFound, "check that the parent's atomfeed module publishes this category"),
        410 => (ErrorKind::Gone, "the parent no longer publishes this category"),
        500.. => (ErrorKind::ParentFailed, "look into the parent's log"),
        _ => (ErrorKind::Rejected, "check parent.url and what stands between here and the parent"),
    }
}

/// Says which page it was, unless the error names a more exact place.
fn located(error: Error, url: &Url) -> Error {
    if error.url.is_some() { error } else { error.at(url.as_str()) }
}
