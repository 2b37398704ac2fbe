//! One page of a feed, of this module or of the OpenMRS atomfeed module: from bytes to events. Pure.
//!
//! A fault of the page as a whole refuses the page; a fault of one entry makes that entry's event
//! malformed and leaves the others alone.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

use atom_syndication::{Entry, Feed, FixedDateTime};
use quick_xml::events::Event as XmlEvent;
use quick_xml::{Reader, Writer};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use super::dialect::FeedScope;
use super::stretch::{Numbers, Stretch};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, Event, NoObject, ObjectId, is_object_uuid};
use crate::json;

/// A page needs five levels. atom_syndication recurses into extension elements, so that depth is a limit of the stack.
const MAX_DEPTH: usize = 32;

/// The longest `atom:id` that is kept as it is: it is a key column.
const MAX_ID_BYTES: usize = 255;

/// The most that a message repeats of what came from outside.
const MAX_EXCERPT_CHARS: usize = 120;

/// Which feed a page is read as.
#[derive(Clone, Debug)]
pub(crate) struct FeedIdentity {
    /// The categories that the feed tells of.
    pub scope: FeedScope,
    /// The epoch that its event ids are unique in.
    pub epoch: Arc<str>,
    /// Where the feed is, without a trailing slash, such as `https://emr.example.org/openmrs/ws/atomfeed/patient`.
    pub url: Url,
}

impl FeedIdentity {
    /// The url of a numbered page.
    pub(crate) fn page_url(&self, number: u64) -> Url {
        self.below(&number.to_string())
    }

    /// The url that always answers with the newest page.
    pub(crate) fn recent_url(&self) -> Url {
        self.below("recent")
    }

    fn below(&self, segment: &str) -> Url {
        let mut url = self.url.clone();
        // Every http url has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(segment);
        }
        url
    }
}

/// A page of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The epoch that the feed says it has, a uuid; nothing in the atomfeed dialect, which has none.
    pub epoch: Option<String>,
    /// Counted from 1 at the feed's beginning; 0 is what a feed without any event answers.
    pub number: u64,
    /// The number of the page after this one, when there is one.
    pub next_archive: Option<u64>,
    /// The number of the page before this one, when there is one.
    pub prev_archive: Option<u64>,
    /// In the order of the feed, oldest first. Ids are unique within a page.
    pub events: Vec<Event>,
    /// What it says of the stretch that it is, where it is no page but a stretch of a complete feed.
    pub stretch: Option<Stretch>,
}

/// Returns true if the body begins as a feed does, whatever follows.
pub(crate) fn begins_as_feed(body: &[u8]) -> bool {
    let mut reader = Reader::from_reader(body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body));
    loop {
        match reader.read_event() {
            Ok(XmlEvent::Start(element) | XmlEvent::Empty(element)) => return element.name().as_ref() == b"feed",
            Ok(XmlEvent::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// The number of a page, from its url or path: the last path segment. Larger ones than any feed's are none.
pub(crate) fn page_number(url: &str) -> Option<u64> {
    let path = url.split(['?', '#']).next()?;
    path.rsplit('/').next()?.parse::<u32>().ok().map(u64::from)
}

/// Reads one page. The body is taken as UTF-8 whatever it is labelled with.
///
/// An entry with the id of an earlier one is left out when it is the same entry again; else it is malformed, and its
/// event has an id derived from its content, as has an entry without an id.
///
/// Errors: [`ErrorKind::Malformed`] when the body is no feed, is not complete, has a document type declaration or own
/// entities, is nested deeper than any feed, has a link to another origin, does not say which page it is, or is a stretch whose
/// entries are not numbered one after the other.
pub(crate) fn parse_page(body: &[u8], feed: &FeedIdentity) -> Result<Page> {
    let document = document_text(body)?;
    check_structure(document)?;
    let atom = read_atom(document)?;
    let archive = |rel| archive_link(&atom, rel, &feed.url);
    let number = match archive("via")? {
        Some(number) => Some(number),
        None => archive("self")?,
    };
    let number = match number {
        Some(number) => number,
        None if atom.entries.is_empty() => 0,
        None => return Err(malformed("the page has no link that says its number")),
    };
    let (next_archive, prev_archive) = (archive("next-archive")?, archive("prev-archive")?);
    let epoch = match feed.scope {
        FeedScope::Complete => Some(epoch_of(&atom)?),
        FeedScope::Category(_) => None,
    };
    let page_url = Arc::from(feed.page_url(number).as_str());
    let entries = read_entries(&atom.entries, feed, &page_url);
    let (events, stretch) = match feed.scope {
        FeedScope::Complete => placed(&atom, entries, feed)?,
        FeedScope::Category(_) => (events_of(entries), None),
    };
    Ok(Page { epoch, number, next_archive, prev_archive, events, stretch })
}

type ReadEntries<'a> = Vec<(&'a Entry, Event)>;

fn events_of(entries: ReadEntries<'_>) -> Vec<Event> {
    entries.into_iter().map(|(_, event)| event).collect()
}

/// The events with their places, which in a stretch are on many pages.
fn placed(atom: &Feed, mut entries: ReadEntries<'_>, feed: &FeedIdentity) -> Result<(Vec<Event>, Option<Stretch>)> {
    let wrong = |what: &str| malformed(format!("the page is a stretch of the feed that cannot be read: {what}"));
    let Some(stretch) = Stretch::of(atom).map_err(wrong)? else { return Ok((events_of(entries), None)) };
    let mut numbers = Numbers::of(&stretch);
    for (entry, event) in &mut entries {
        let (number, left_out) = numbers.next(entry).map_err(wrong)?;
        event.page_url = Arc::from(feed.page_url(stretch.page_of(number)).as_str());
        event.left_out = left_out;
    }
    numbers.finish().map_err(wrong)?;
    Ok((events_of(entries), Some(stretch)))
}

/// The feed's id is `urn:uuid:` and its epoch.
fn epoch_of(atom: &Feed) -> Result<String> {
    let epoch = atom.id.trim().strip_prefix("urn:uuid:").and_then(|uuid| Uuid::try_parse(uuid).ok());
    let epoch = epoch.ok_or_else(|| malformed(format!("the feed's id is no urn:uuid: {}", excerpt(&atom.id))))?;
    Ok(epoch.to_string())
}

/// The document as text, without byte order mark and declaration: an encoding that is declared there would be believed.
fn document_text(body: &[u8]) -> Result<&str> {
    let text = std::str::from_utf8(body).map_err(|_| malformed("the page is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.strip_prefix("<?xml") {
        Some(rest) => {
            let (_, document) = rest.split_once("?>").ok_or_else(|| malformed("the page is cut off"))?;
            Ok(document)
        }
        None => Ok(text),
    }
}

/// Refuses what the Atom parser must not be given.
fn check_structure(document: &str) -> Result<()> {
    let mut reader = Reader::from_str(document);
    let mut depth = 0;
    let mut elements = 0_usize;
    loop {
        match reader.read_event().map_err(not_xml)? {
            XmlEvent::Start(element) => {
                if elements == 0 && element.name().as_ref() != b"feed" {
                    let name = String::from_utf8_lossy(element.name().into_inner()).into_owned();
                    return Err(malformed(format!("the page is no Atom feed: it begins with <{}>", excerpt(&name))));
                }
                elements += 1;
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(malformed("the page is nested too deeply"));
                }
            }
            XmlEvent::Empty(_) => elements += 1,
            XmlEvent::End(_) => depth -= 1,
            XmlEvent::DocType(_) => {
                return Err(malformed("the page has a document type declaration, which is refused"));
            }
            XmlEvent::GeneralRef(entity) if !is_plain_reference(&entity) => {
                return Err(malformed("the page uses an entity of its own, which is refused"));
            }
            XmlEvent::Eof if elements == 0 => return Err(malformed("the page is no XML document")),
            XmlEvent::Eof if depth > 0 => return Err(malformed("the page is cut off")),
            XmlEvent::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A character reference, or one of the five entities of XML itself.
fn is_plain_reference(entity: &[u8]) -> bool {
    entity.starts_with(b"#") || matches!(entity, b"amp" | b"lt" | b"gt" | b"quot" | b"apos")
}

/// The Atom parser refuses a whole page for one date that is none; such dates are taken out and the page read again.
fn read_atom(document: &str) -> Result<Feed> {
    let feed = match Feed::read_from(document.as_bytes()) {
        Err(atom_syndication::Error::WrongDatetime(_)) => Feed::read_from(&*without_wrong_dates(document)?),
        other => other,
    };
    feed.map_err(not_xml)
}

fn without_wrong_dates(document: &str) -> Result<Vec<u8>> {
    let mut reader = Reader::from_str(document);
    let mut writer = Writer::new(Vec::with_capacity(document.len()));
    let mut in_date = false;
    loop {
        let event = reader.read_event().map_err(not_xml)?;
        match &event {
            XmlEvent::Start(element) => in_date = matches!(element.name().as_ref(), b"updated" | b"published"),
            XmlEvent::End(_) => in_date = false,
            XmlEvent::Eof => return Ok(writer.into_inner()),
            XmlEvent::Text(text) if in_date && is_date(text) => {}
            _ if in_date => continue,
            _ => {}
        }
        writer.write_event(event).map_err(|error| malformed(format!("the page cannot be copied: {error}")))?;
    }
}

fn is_date(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.trim().parse::<FixedDateTime>().is_ok())
}

/// The page number that the feed's link of that relation leads to. A link without a number (`recent`) counts as none.
fn archive_link(atom: &Feed, rel: &str, feed_url: &Url) -> Result<Option<u64>> {
    let Some(link) = atom.links.iter().find(|link| link.rel == rel) else {
        return Ok(None);
    };
    let refused = |why| malformed(format!("the page's {rel} link {why}")).at(excerpt(&link.href));
    let url = feed_url.join(&link.href).map_err(|_| refused("is no url"))?;
    if url.origin() != feed_url.origin() {
        return Err(refused("leads to another host"));
    }
    Ok(page_number(url.path()))
}

fn read_entries<'a>(entries: &'a [Entry], feed: &FeedIdentity, page_url: &Arc<str>) -> ReadEntries<'a> {
    let mut ids = EntryIds::default();
    let (mut updated, name) = (0, Arc::from(feed.scope.name()));
    let mut events = Vec::with_capacity(entries.len());
    for entry in entries {
        updated = updated_millis(entry).unwrap_or(updated);
        let Some((id, fault)) = ids.identify(entry) else {
            continue;
        };
        let terms = Terms::of(entry, feed.scope);
        let object = match fault {
            Some(reason) => Err(reason.to_string()),
            None => object_of(entry, terms.category, &feed.url),
        };
        let event = Event {
            feed: Arc::clone(&name),
            epoch: feed.epoch.clone(),
            id,
            page_url: page_url.clone(),
            updated,
            action: terms.action_on_object(),
            object: object.map_err(|reason| no_object(feed.scope, terms.category, reason)),
            tags: terms.tags,
            left_out: 0,
        };
        events.push((entry, event));
    }
    events
}

fn no_object(scope: FeedScope, named: Option<Category>, reason: String) -> NoObject {
    let category = match scope {
        FeedScope::Category(own) => Some(own),
        FeedScope::Complete => named,
    };
    category.map_or(NoObject::UnknownCategory, |category| NoObject::Malformed { category, reason })
}

/// An entry without a date, or with one that was taken out, has the parser's default: the beginning of 1970.
fn updated_millis(entry: &Entry) -> Option<i64> {
    Some(entry.updated.timestamp_millis()).filter(|millis| *millis != 0)
}

/// Gives each entry of a page an id of its own that is the same whenever the page is read.
#[derive(Default)]
struct EntryIds<'a> {
    given: HashMap<&'a str, &'a Entry>,
    derived: HashSet<String>,
}

impl<'a> EntryIds<'a> {
    /// The id, and what is wrong with the entry's own if it could not be used. None: the same entry once more.
    fn identify(&mut self, entry: &'a Entry) -> Option<(String, Option<&'static str>)> {
        let fault = match entry.id.trim() {
            "" => "the entry has no id",
            id if id.len() > MAX_ID_BYTES => "the entry's id is longer than 255 bytes",
            id => match self.given.insert(id, entry) {
                None => return Some((id.to_string(), None)),
                Some(earlier) if earlier == entry => return None,
                Some(_) => "the entry has the id of another entry of its page",
            },
        };
        let id = derived_id(entry);
        self.derived.insert(id.clone()).then_some((id, Some(fault)))
    }
}

/// `sha256:` and the hash of what makes up the entry.
fn derived_id(entry: &Entry) -> String {
    let mut hash = Sha256::new();
    let content = entry.content.as_ref().and_then(|content| content.value.as_deref());
    let terms = entry.categories.iter().map(|category| category.term.as_str());
    let parts = [entry.id.as_str(), entry.title.value.as_str(), content.unwrap_or_default()];
    for part in parts.into_iter().chain(terms) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(entry.updated.timestamp_millis().to_be_bytes());
    hash.finalize().iter().fold("sha256:".to_string(), |mut id, byte| {
        // Memory takes what is written to it.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// The category elements of an entry; they come in any order.
struct Terms {
    action: Action,
    /// The feed's own when it is named, else the first that is known.
    category: Option<Category>,
    tags: Vec<String>,
}

impl Terms {
    fn of(entry: &Entry, scope: FeedScope) -> Terms {
        let mut terms = Terms { action: Action::Other, category: None, tags: Vec::new() };
        for term in entry.categories.iter().map(|category| category.term.as_str()) {
            if let Some(category) = Category::parse(term) {
                if scope == FeedScope::Category(category) || terms.category.is_none() {
                    terms.category = Some(category);
                }
            } else if let Some(action) = Action::parse(term) {
                terms.action = action;
            } else {
                terms.tags.push(term.to_string());
            }
        }
        terms
    }

    /// Whatever happened to a part, its object was updated.
    fn action_on_object(&self) -> Action {
        match self.category.and_then(Category::part_of) {
            Some(_) => Action::Updated,
            None => self.action,
        }
    }
}

/// The content of an entry.
#[derive(Deserialize)]
struct EntryLinks<'a> {
    #[serde(borrow)]
    rest: Option<Cow<'a, str>>,
    #[serde(borrow)]
    fhir: Option<Cow<'a, str>>,
}

fn object_of(entry: &Entry, category: Option<Category>, feed_url: &Url) -> std::result::Result<ObjectId, String> {
    let category = category.ok_or("the entry has no category that this version knows")?;
    let content = entry.content.as_ref().and_then(|content| content.value.as_deref());
    let content = content.ok_or("the entry has no content")?;
    let links: EntryLinks<'_> = json::read(content.as_bytes())
        .map_err(|_| "the entry's content is not a JSON object with the links rest and fhir")?;
    if let Some(whole) = category.part_of() {
        let uuid = links.rest.as_deref().map(|link| uuid_of_whole(link, feed_url)).transpose()?;
        let uuid = uuid.ok_or("the entry has no rest link, which would say what it is a part of")?;
        return Ok(ObjectId { category: whole, uuid });
    }
    let uuids = (uuid_of(links.rest.as_deref(), feed_url)?, uuid_of(links.fhir.as_deref(), feed_url)?);
    let uuid = match uuids {
        (Some(rest), Some(fhir)) if rest != fhir => {
            return Err(format!("the entry's rest link says {rest}, its fhir link {fhir}"));
        }
        (Some(uuid), _) | (None, Some(uuid)) => uuid,
        (None, None) => return Err("the entry has neither a rest nor a fhir link".to_string()),
    };
    Ok(ObjectId { category, uuid })
}

/// The uuid that a link to an object ends in.
fn uuid_of(link: Option<&str>, feed_url: &Url) -> std::result::Result<Option<String>, String> {
    link.map(|link| uuid_from_end(link, 0, feed_url)).transpose()
}

/// The uuid of the object that a link to one of its parts leads through: `…/person/UUID/address/UUID`.
fn uuid_of_whole(link: &str, feed_url: &Url) -> std::result::Result<String, String> {
    uuid_from_end(link, 2, feed_url)
}

/// The uuid at a segment of the link's path, counted from its end.
fn uuid_from_end(link: &str, segment: usize, feed_url: &Url) -> std::result::Result<String, String> {
    let refused = |why| format!("the entry's link {} {why}", excerpt(link));
    if !link.starts_with('/') && !link.contains("://") {
        return Err(refused("does not begin at the parent's root"));
    }
    let url = feed_url.join(link).map_err(|_| refused("is no url"))?;
    if url.origin() != feed_url.origin() {
        return Err(refused("leads to another host"));
    }
    let uuid = url.path().rsplit('/').nth(segment).filter(|segment| is_object_uuid(segment));
    uuid.map(str::to_string).ok_or_else(|| refused("has no uuid where one belongs"))
}

fn malformed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, message)
}

fn not_xml(error: impl std::fmt::Display) -> Error {
    malformed(format!("the page is not well-formed: {}", excerpt(&error.to_string())))
}

/// The beginning of a text from outside, without control characters.
fn excerpt(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(MAX_EXCERPT_CHARS).collect()
}

#[cfg(test)]
mod tests;
