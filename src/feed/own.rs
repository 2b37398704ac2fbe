//! The feed that this node publishes, page by page, as it is asked for over HTTP.
//!
//! Invariant: what was answered for a page that has a successor is the answer for ever, until the page is removed; so any
//! HTTP cache may keep it.

mod document;
mod pages;
mod stretch;

use serde::Serialize;
use url::Url;
use uuid::Uuid;

use crate::config::Config;
use crate::decide::scope::{Account, Scope};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Category;
use crate::host::Host;
use crate::passing::NAMESPACE;
use crate::places::Places;
use crate::store::events::{self, OwnFeed, PublishedEvent};
use crate::store::{Sql, transaction};
use document::{Document, Shown};
use pages::{Page, Pages};
use stretch::{AskedStretch, Found};

use super::publisher;
use super::stretch::Stretch;

/// Where a node's feed is, below its context path. The feed of one category is at the category's name below it.
pub const FEED_PATH: &str = "/ws/rest/v1/sync2/feed";

/// Where a feed of this node is, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedUrl(Url);

impl FeedUrl {
    /// The url of a page by its number.
    fn page(&self, number: u64) -> Url {
        self.below(&number.to_string())
    }

    /// The url that always answers with the newest page.
    fn recent(&self) -> Url {
        self.below("recent")
    }

    fn below(&self, segment: &str) -> Url {
        let mut url = self.0.clone();
        // Every http url has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(segment);
        }
        url
    }
}

/// Which page of a feed is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedPage {
    /// The newest.
    Recent,
    Numbered(u64),
}

/// A request for a page of this node's feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRequest {
    /// Without fragment; with a query only where it asks for a stretch.
    url: Url,
    feed: FeedUrl,
    /// Nothing: the complete feed, over all categories.
    category: Option<Category>,
    page: AskedPage,
    /// What it asks for in place of the page.
    stretch: Option<AskedStretch>,
    /// The header `If-None-Match`.
    if_none_match: Option<String>,
    /// Whose events are told: the account that asks. Nothing: all are told.
    reader: Option<Account>,
}

impl FeedRequest {
    /// The same request by that account, by its user name: where `exchange.children` limits it, it is told of what is in its
    /// scope only.
    pub fn read_by(self, account: &str) -> FeedRequest {
        FeedRequest { reader: Some(Account::from(account)), ..self }
    }

    /// The request for that absolute url, with its query. It is one of `recent`, a page's number, or a category's name and one of
    /// these, below [`FEED_PATH`]. With `without` in the query of a page's number it is one for the stretch of the complete feed that
    /// begins on that page, after the event `after` if one is given; any other query counts for nothing.
    ///
    /// Errors: `NotFound` when it leads to no feed of this node, `Malformed` when it asks for a stretch in another form.
    pub fn of(url: &str, if_none_match: Option<&str>) -> Result<FeedRequest> {
        let refused = || Error::new(ErrorKind::NotFound, "there is no such feed: ask for feed/recent").at(url);
        let mut url = Url::parse(url).ok().filter(Url::has_host).ok_or_else(refused)?;
        let query = url.query().unwrap_or_default().to_string();
        url.set_query(None);
        url.set_fragment(None);
        let (server, asked) = url.path().split_once(&format!("{FEED_PATH}/")).ok_or_else(refused)?;
        let (category, page) = match asked.split_once('/') {
            Some((name, page)) => (Some(Category::parse(name).ok_or_else(refused)?), page),
            None => (None, asked),
        };
        let page = asked_page(page).ok_or_else(refused)?;
        let mut feed = url.clone();
        feed.set_path(&format!("{server}{FEED_PATH}"));
        let feed = category.iter().fold(FeedUrl(feed), |feed, category| FeedUrl(feed.below(category.name())));
        let stretch = AskedStretch::parse(&query)
            .map_err(|what| Error::new(ErrorKind::Malformed, what).at(url.as_str()))?
            .filter(|_| category.is_none() && page != AskedPage::Recent);
        if stretch.is_some() {
            url.set_query(Some(&query));
        }
        let if_none_match = if_none_match.map(str::to_string);
        Ok(FeedRequest { url, feed, category, page, stretch, if_none_match, reader: None })
    }

    /// Returns true if the asker has what that tag stands for. Tags are compared weakly (RFC 9110, 13.1.2).
    fn has(&self, etag: &str) -> bool {
        let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
        let tags = self.if_none_match.iter().flat_map(|tags| tags.split(','));
        tags.map(strong).any(|tag| tag == "*" || tag == strong(etag))
    }
}

fn asked_page(segment: &str) -> Option<AskedPage> {
    match segment {
        "recent" => Some(AskedPage::Recent),
        number => number.parse::<u32>().ok().map(|number| AskedPage::Numbered(number.into())),
    }
}

/// The answer to a [`FeedRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedPage {
    /// The header `ETag`, of the page as it is now.
    pub etag: String,
    /// True if the page never changes again, so that whoever may read it may keep it.
    pub archived: bool,
    /// The Atom document; nothing when the asker has it already.
    pub document: Option<String>,
}

/// Publishes what waits in the outbox, removes what is older than the configuration keeps, and answers with the page. In the
/// place of an event that is not told to its reader stands an entry that says nothing but its id and time: the pages and
/// numbers are the same for all. A stretch leaves such events out. `hear_of_old` is told whether events that are not pushed yet stay longer than they would have to.
///
/// Errors: `NotFound` when the feed has no such page yet, `Gone` when its events were removed, `Host`.
pub(crate) fn serve(
    host: &mut dyn Host,
    config: &Config,
    request: &FeedRequest,
    hear_of_old: impl FnOnce(bool),
) -> Result<FeedPage> {
    let feed = publisher::publish(host, config.transfer.page_size)?;
    hear_of_old(publisher::remove_expired(host, &feed, config)?);
    transaction::read(host, |host| answer(host, config, &feed, request))
}

fn answer(host: &mut dyn Host, config: &Config, feed: &OwnFeed, request: &FeedRequest) -> Result<FeedPage> {
    let mut told = Told::to(config, request.reader.as_ref());
    if let (Some(asked), AskedPage::Numbered(number)) = (&request.stretch, request.page)
        && let Some(found) = stretch::find(host, feed, (asked, number), &mut told)?
    {
        return Ok(answer_stretch(feed, request, number, &found));
    }
    let page = find_page(host, feed, request)?;
    let events = match request.category {
        Some(category) => events::range_of_category(host, category, page.first, page.last)?,
        None => events::range(host, page.first, page.last)?,
    };
    if page.archived && (events.len() as u64) < page.events() {
        return Err(removed(page.number).at(request.url.as_str()));
    }
    let shown = told.shown(host, &events)?;
    let last = events.last().map_or("", |last| last.uuid.as_str());
    let etag = etag(&feed.epoch, request.category, (page, last), &shown);
    let archived = page.archived && shown.iter().all(|shown| *shown == Shown::Event);
    let document = (!request.has(&etag)).then(|| {
        let asked = request.url.as_str();
        let events = events.iter().zip(shown).collect();
        Document { epoch: &feed.epoch, url: &request.feed, asked, page, stretch: None, events }.write()
    });
    Ok(FeedPage { etag, archived, document })
}

/// What a stretch has may be another thing for each reader and at each time, so its tag is made of all of it.
fn answer_stretch(feed: &OwnFeed, request: &FeedRequest, number: u64, found: &Found) -> FeedPage {
    let told = found.told.iter().map(|event| (event, Shown::Event));
    let events = told.chain(found.last.iter().map(|event| (event, Shown::Nothing))).collect();
    let Stretch { first, last, .. } = found.stretch;
    let page = Page { number, first, last, archived: false };
    let (asked, stretch) = (request.url.as_str(), Some(found.stretch));
    let document = Document { epoch: &feed.epoch, url: &request.feed, asked, page, stretch, events }.write();
    let etag = format!("W/\"{}\"", Uuid::new_v5(&NAMESPACE, document.as_bytes()));
    let document = Some(document).filter(|_| !request.has(&etag));
    FeedPage { etag, archived: false, document }
}

/// What is told to the one who asks.
struct Told<'a> {
    /// Nothing: all is told.
    limits: Option<(Scope<'a>, Places<'a>)>,
}

impl<'a> Told<'a> {
    fn to(config: &'a Config, reader: Option<&'a Account>) -> Told<'a> {
        let limits = reader.map(|account| {
            let scope = Scope::of(&config.exchange.children, account);
            (scope, Places::new(config, scope))
        });
        Told { limits }
    }

    /// Returns true if it may be told of objects of that category at all.
    fn is_of_its_scope(&self, category: Category) -> bool {
        self.limits.as_ref().is_none_or(|(scope, _)| scope.is_told_of(category))
    }

    /// Finds out where the objects of these events belong, all at once, as far as it matters.
    fn expect(&mut self, host: &mut dyn Host, events: &[PublishedEvent]) -> Result<()> {
        match &mut self.limits {
            Some((_, places)) => places.expect(host, events.iter().map(|published| &published.event.object)),
            None => Ok(()),
        }
    }

    fn hears_of(&mut self, host: &mut dyn Host, published: &PublishedEvent) -> Result<bool> {
        match &mut self.limits {
            Some((scope, places)) => {
                let event = &published.event;
                Ok(scope.is_told_of(event.object.category) && places.allow_event(host, event)?)
            }
            None => Ok(true),
        }
    }

    /// The part of each event that is shown.
    fn shown(&mut self, host: &mut dyn Host, events: &[PublishedEvent]) -> Result<Vec<Shown>> {
        self.expect(host, events)?;
        let shown = events.iter().map(|published| {
            let hears = self.hears_of(host, published)?;
            Ok(if hears { Shown::Event } else { Shown::Nothing })
        });
        shown.collect()
    }

    fn documents_read(&self) -> usize {
        self.limits.as_ref().map_or(0, |(_, places)| places.documents_read())
    }
}

fn find_page(sql: &mut dyn Sql, feed: &OwnFeed, request: &FeedRequest) -> Result<Page> {
    let last_event = events::last_number(sql, request.category)?;
    let pages = Pages { size: feed.page_size.into(), last_event };
    match request.page {
        AskedPage::Recent => Ok(pages.newest()),
        AskedPage::Numbered(number) => pages.numbered(number).ok_or_else(|| {
            let newest = pages.newest().number;
            let message = format!("this feed has no page {number} yet: its newest page is {newest}");
            Error::new(ErrorKind::NotFound, message).at(request.url.as_str())
        }),
    }
}

fn removed(number: u64) -> Error {
    let message = format!(
        "events of page {number} are older than this node keeps (feed.keepDays) and were removed: what they told of can \
         only be had by reading the objects themselves"
    );
    Error::new(ErrorKind::Gone, message)
}

/// A page that gets its successor becomes another: its reader must learn where the feed goes on. So does one with as many other
/// events, which a restored server has: by the id of its last event.
fn etag(epoch: &str, category: Option<Category>, (page, last): (Page, &str), shown: &[Shown]) -> String {
    let feed = category.map_or("all", Category::name);
    let state = if page.archived { "archived".to_string() } else { page.last.to_string() };
    let left_out = left_out(shown);
    format!("W/\"{epoch}-{feed}-{}-{state}-{last}{left_out}\"", page.number)
}

/// Which events are not shown; empty where all are.
fn left_out(shown: &[Shown]) -> String {
    let bits =
        shown.chunks(4).map(|four| four.iter().fold(0, |bits, one| bits << 1 | u32::from(*one == Shown::Nothing)));
    let digits: Vec<u32> = bits.collect();
    if digits.iter().all(|bits| *bits == 0) {
        return String::new();
    }
    std::iter::once('-').chain(digits.into_iter().filter_map(|bits| char::from_digit(bits, 16))).collect()
}

#[cfg(test)]
mod tests;
