//! A feed of the mock parent, as the atomfeed module's library writes it.

use std::fmt::Write;
use std::time::Duration;

use atom_syndication::FixedDateTime;

use crate::event::{Action, Category};

/// An entry of a feed.
#[derive(Clone)]
pub(super) enum MockEntry {
    Event(MockEvent),
    /// An `entry` element.
    Raw(String),
}

/// The parts of an entry.
#[derive(Clone)]
pub(super) struct MockEvent {
    pub(super) action: Action,
    pub(super) uuid: String,
    /// As it stands in the feed.
    pub(super) updated: String,
}

/// The events of one category.
#[derive(Default)]
pub(super) struct MockFeed {
    entries: Vec<MockEntry>,
    /// Events that are made up when they are asked for; they come before `entries`.
    synthetic: u64,
}

/// The place of a page in its feed.
pub(super) struct PagePlace<'a> {
    /// Where the feed is, without a trailing slash.
    pub(super) feed_url: &'a str,
    /// The last path segment of the request: a number or `recent`.
    pub(super) requested: &'a str,
    /// How many entries a page has.
    pub(super) page_size: u64,
}

/// The head of a page, besides its place.
pub(super) struct PageHead {
    /// The feed's `id`.
    pub(super) id: String,
    pub(super) number: u64,
    /// The number of the newest page.
    pub(super) newest: u64,
}

/// The head of an entry, besides its event.
pub(super) struct EntryHead<'a> {
    /// The entry's `id`.
    pub(super) id: String,
    pub(super) category: &'a str,
    /// Where its `fhir` link leads to.
    pub(super) fhir_path: &'a str,
}

impl MockFeed {
    pub(super) fn append(&mut self, entry: MockEntry) {
        self.entries.push(entry);
    }

    pub(super) fn serve_synthetic(&mut self, events: u64) {
        *self = MockFeed { entries: Vec::new(), synthetic: events };
    }

    pub(super) fn truncate(&mut self, keep: usize) {
        self.entries.truncate(keep);
    }

    /// The page of that category's feed, or `None` when there is no such page. `recent` is page 0 when there are no events
    /// at all.
    pub(super) fn page(&self, category: &str, place: &PagePlace<'_>) -> Option<String> {
        let events = self.synthetic + self.entries.len() as u64;
        let newest = events.div_ceil(place.page_size);
        let number = match place.requested {
            "recent" => newest,
            number => number.parse().ok().filter(|number| (1..=newest).contains(number))?,
        };
        let mut page = String::with_capacity(1024 + 640 * place.page_size as usize);
        let id = format!("a2ad93fd-8a7f-405f-bbc1-da4535e6d05c+{number}");
        write_head(&mut page, place, &PageHead { id, number, newest });
        let first = number.saturating_sub(1) * place.page_size;
        for index in first..events.min(first + place.page_size) {
            self.write_entry(&mut page, category, index);
        }
        page.push_str("</feed>\n");
        Some(page)
    }

    fn write_entry(&self, page: &mut String, category: &str, index: u64) {
        let id = format!("tag:atomfeed.ict4h.org:{category}-{index:012}");
        let head = EntryHead { id, category, fhir_path: "/ws/fhir" };
        match index.checked_sub(self.synthetic).map(|recorded| &self.entries[recorded as usize]) {
            Some(MockEntry::Raw(entry)) => page.push_str(entry),
            Some(MockEntry::Event(event)) => write_event(page, &head, event),
            None => write_event(page, &head, &synthetic_event(index)),
        }
    }
}

/// The event of that number in a synthetic feed.
fn synthetic_event(index: u64) -> MockEvent {
    MockEvent {
        action: Action::Updated,
        uuid: format!("00000000-0000-4000-8000-{index:012x}"),
        updated: "2026-11-23T00:00:00Z".to_string(),
    }
}

pub(super) fn write_head(page: &mut String, place: &PagePlace<'_>, head: &PageHead) {
    let PageHead { id, number, newest } = head;
    page.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n  \
         <title>OpenMRS Feed Publisher for Sync2.0</title>\n",
    );
    let mut link = |rel: &str, target: &str| {
        let url = place.feed_url;
        writeln!(page, "  <link rel=\"{rel}\" type=\"application/atom+xml\" href=\"{url}/{target}\" />")
    };
    let mut links = || {
        link("self", place.requested)?;
        link("via", &number.to_string())?;
        if number < newest {
            link("next-archive", &(number + 1).to_string())?;
        }
        if *number > 1 {
            link("prev-archive", &(number - 1).to_string())?;
        }
        std::fmt::Result::Ok(())
    };
    links().expect("writing to a string");
    writeln!(
        page,
        "  <author>\n    <name>SolDevelo</name>\n  </author>\n  <id>{id}</id>\n  \
         <generator uri=\"https://github.com/ICT4H/atomfeed\">OpenMRS Feed Publisher</generator>\n  \
         <updated>2026-11-23T00:00:00Z</updated>"
    )
    .expect("writing to a string");
}

pub(super) fn write_event(page: &mut String, head: &EntryHead<'_>, event: &MockEvent) {
    let EntryHead { id, category, fhir_path } = head;
    let MockEvent { action, uuid, updated } = event;
    let known = Category::parse(category);
    let rest = known.and_then(Category::rest_resource).unwrap_or(category);
    let fhir = known.and_then(Category::fhir_type).unwrap_or(category);
    writeln!(
        page,
        "  <entry>\n    <title>{category}</title>\n    <category term=\"{}\" />\n    <category term=\"{category}\" />\n    \
         <id>{id}</id>\n    <updated>{updated}</updated>\n    <published>{updated}</published>\n    \
         <content type=\"application/vnd.atomfeed+xml\"><![CDATA[{{\"rest\":\"/ws/rest/v1/{rest}/{uuid}?v=full\",\
         \"fhir\":\"{fhir_path}/{fhir}/{uuid}\"}}]]></content>\n  </entry>",
        action.name(),
    )
    .expect("writing to a string");
}

/// So many seconds after the mock parent's beginning of time, as it stands in a feed.
pub(super) fn instant(seconds: u64) -> String {
    let start: FixedDateTime = "2026-11-23T00:00:00Z".parse().expect("a constant date");
    (start + Duration::from_secs(seconds)).to_rfc3339().replace("+00:00", "Z")
}
