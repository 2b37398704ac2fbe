//! A page of this node's feed as an Atom document (RFC 4287, paged and archived as in RFC 5005). Pure.
//!
//! Entries look as those of the OpenMRS atomfeed module, so that its clients can read them: action and category stand in
//! the terms, and the content is JSON with the links of the object.

use std::io;

use chrono::{DateTime, SecondsFormat};
use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, BytesText, Event as XmlEvent};
use serde::Serialize;

use super::FeedUrl;
use super::pages::Page;
use crate::event::{CAUSE_TAG, ObjectId, is_object_uuid};
use crate::feed::stretch::{NAMESPACE, NUMBER, PREFIX, STRETCH, Stretch};
use crate::store::events::PublishedEvent;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
/// Title and author. They say nothing of the node that may change: archived pages don't.
const TITLE: &str = "Sync 2 for OpenMRS";

/// The media type of content that the atomfeed module's clients know.
const CONTENT_TYPE: &str = "application/vnd.atomfeed+json";

/// The parts of a page.
pub(crate) struct Document<'a> {
    /// Of the feed, a uuid.
    pub epoch: &'a str,
    /// The url of the feed, which those of its pages are made of.
    pub url: &'a FeedUrl,
    /// The url that was asked for.
    pub asked: &'a str,
    /// The place of the page in the feed.
    pub page: Page,
    /// What it says where it is no page but a stretch, whose entries are numbered and which is linked to no other page.
    pub stretch: Option<Stretch>,
    /// The events on the page, with the part of each that is shown.
    pub events: Vec<(&'a PublishedEvent, Shown)>,
}

/// The part of an event that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// All of it.
    Event,
    /// Only that there is one: its id and its time. Readers pass it as an entry of a kind that they do not know.
    Nothing,
}

type Xml = Writer<Vec<u8>>;

impl Document<'_> {
    /// The document.
    #[allow(clippy::expect_used, reason = "memory takes what is written to it, and texts are texts")]
    pub(crate) fn write(&self) -> String {
        let mut xml = Writer::new(Vec::with_capacity(1024 * (self.events.len() + 1)));
        self.write_feed(&mut xml).expect("memory takes what is written to it");
        String::from_utf8(xml.into_inner()).expect("it was written from texts")
    }

    fn write_feed(&self, xml: &mut Xml) -> io::Result<()> {
        xml.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let ours = format!("xmlns:{PREFIX}");
        let namespaces = [("xmlns", ATOM), ("xmlns:fh", HISTORY)].into_iter();
        let namespaces = namespaces.chain(self.stretch.map(|_| (ours.as_str(), NAMESPACE)));
        let feed = xml.create_element("feed").with_attributes(namespaces);
        feed.write_inner_content(|xml| {
            self.write_head(xml)?;
            self.events.iter().try_for_each(|(event, shown)| {
                xml.create_element("entry").write_inner_content(|xml| {
                    match shown {
                        Shown::Event => write_entry(xml, event)?,
                        Shown::Nothing => write_empty_entry(xml, event)?,
                    }
                    self.write_number(xml, event)
                })?;
                Ok(())
            })
        })?;
        Ok(())
    }

    fn write_number(&self, xml: &mut Xml, event: &PublishedEvent) -> io::Result<()> {
        match self.stretch {
            Some(_) => write_text(xml, &format!("{PREFIX}:{NUMBER}"), &event.number.to_string()),
            None => Ok(()),
        }
    }

    fn write_head(&self, xml: &mut Xml) -> io::Result<()> {
        write_text(xml, "id", &format!("urn:uuid:{}", self.epoch))?;
        write_text(xml, "title", TITLE)?;
        xml.create_element("author").write_inner_content(|xml| write_text(xml, "name", TITLE))?;
        let updated = self.events.last().map_or(0, |(event, _)| event.published_at);
        write_text(xml, "updated", &instant(updated))?;
        if self.page.archived {
            xml.create_element("fh:archive").write_empty()?;
        }
        if let Some(stretch) = &self.stretch {
            let attributes = stretch.attributes();
            let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
            xml.create_element(format!("{PREFIX}:{STRETCH}")).with_attributes(attributes).write_empty()?;
        }
        self.write_links(xml)
    }

    fn write_links(&self, xml: &mut Xml) -> io::Result<()> {
        let page_url = |number: u64| self.url.page(number).to_string();
        let number = Some(self.page.number).filter(|number| *number > 0);
        let links = [
            ("self", Some(self.asked.to_string())),
            ("current", Some(self.url.recent().to_string())),
            ("via", number.map(page_url)),
            ("next-archive", self.page.next().map(page_url)),
            ("prev-archive", self.page.previous().filter(|_| self.stretch.is_none()).map(page_url)),
        ];
        for (rel, href) in links {
            let Some(href) = href else { continue };
            let attributes = [("rel", rel), ("type", "application/atom+xml"), ("href", href.as_str())];
            xml.create_element("link").with_attributes(attributes).write_empty()?;
        }
        Ok(())
    }
}

fn write_entry(xml: &mut Xml, published: &PublishedEvent) -> io::Result<()> {
    let event = &published.event;
    let updated = instant(published.published_at);
    write_text(xml, "id", &format!("urn:uuid:{}", published.uuid))?;
    write_text(xml, "title", event.object.category.name())?;
    write_text(xml, "updated", &updated)?;
    write_text(xml, "published", &updated)?;
    write_term(xml, event.action.name())?;
    write_term(xml, event.object.category.name())?;
    write_owner(xml, "patient", event.patient.as_deref())?;
    write_owner(xml, "location", event.location.as_deref())?;
    write_cause(xml, event.caused_by.as_ref())?;
    write_content(xml, &event.object)
}

fn write_empty_entry(xml: &mut Xml, published: &PublishedEvent) -> io::Result<()> {
    let updated = instant(published.published_at);
    write_text(xml, "id", &format!("urn:uuid:{}", published.uuid))?;
    write_text(xml, "title", "not for this account")?;
    write_text(xml, "updated", &updated)?;
    write_text(xml, "published", &updated)
}

/// Writes the owners of the object, for filters of the reader's.
fn write_owner(xml: &mut Xml, kind: &str, uuid: Option<&str>) -> io::Result<()> {
    match uuid.filter(|uuid| is_object_uuid(uuid)) {
        Some(uuid) => write_term(xml, &format!("{kind}:{uuid}")),
        None => Ok(()),
    }
}

/// Writes the object that took this one along.
fn write_cause(xml: &mut Xml, cause: Option<&ObjectId>) -> io::Result<()> {
    match cause.filter(|cause| is_object_uuid(&cause.uuid)) {
        Some(cause) => write_term(xml, &format!("{CAUSE_TAG}{cause}")),
        None => Ok(()),
    }
}

/// Where the object is, below this server's context path.
#[derive(Serialize)]
struct ObjectLinks {
    #[serde(skip_serializing_if = "Option::is_none")]
    rest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fhir: Option<String>,
}

impl ObjectLinks {
    /// An object that has no proper uuid has no links either: its readers put it aside, and go on.
    fn of(object: &ObjectId) -> ObjectLinks {
        let uuid = Some(object.uuid.as_str()).filter(|uuid| is_object_uuid(uuid));
        let below = |root: &str, kind: Option<&str>| Some(format!("{root}/{}/{}", kind?, uuid?));
        ObjectLinks {
            rest: below("/ws/rest/v1", object.category.rest_resource()),
            fhir: below("/ws/fhir2/R4", object.category.fhir_type()),
        }
    }
}

/// As CDATA: the atomfeed module's clients do not undo escapes in content of this type.
fn write_content(xml: &mut Xml, object: &ObjectId) -> io::Result<()> {
    let links = serde_json::to_string(&ObjectLinks::of(object))?;
    xml.create_element("content").with_attribute(("type", CONTENT_TYPE)).write_cdata_content(BytesCData::new(links))?;
    Ok(())
}

fn write_term(xml: &mut Xml, term: &str) -> io::Result<()> {
    xml.create_element("category").with_attribute(("term", term)).write_empty()?;
    Ok(())
}

fn write_text(xml: &mut Xml, element: &str, text: &str) -> io::Result<()> {
    xml.create_element(element).write_text_content(BytesText::new(text))?;
    Ok(())
}

/// RFC 3339, UTC. A time beyond the calendar's end is its beginning.
fn instant(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
