//! A stretch of a complete feed, over any number of pages, without what its reader does not want: how it is asked for, and how
//! its document says what was left out. Pure.
//!
//! A stretch is an Atom feed document with an element `stretch` of this module's namespace, and an element `number` in each entry:
//! the place of its event in the feed, from 1. Events whose numbers are not among them were left out. The last entry is the last
//! event that was looked at, whatever it is about, so that its reader's marker passes those before it.

use std::collections::BTreeMap;

use atom_syndication::extension::ExtensionMap;
use atom_syndication::{Entry, Feed};
use uuid::Uuid;

/// The namespace of the elements, and the prefix that stands for it.
pub(super) const NAMESPACE: &str = "urn:openmrs:sync2:feed";
pub(super) const PREFIX: &str = "sync2";

/// The names of the elements, without prefix.
pub(super) const STRETCH: &str = "stretch";
pub(super) const NUMBER: &str = "number";

/// The parameter with the names of the categories that may be left out, and its value where none is.
pub(super) const WITHOUT: &str = "without";
pub(super) const NONE: &str = "none";
/// The parameter with the id of the event after which the stretch begins.
pub(super) const AFTER: &str = "after";

/// What ids of entries of a complete feed begin with; a uuid follows.
const ENTRY_ID: &str = "urn:uuid:";

/// Larger numbers are none of a feed: up to here each is exact in any JSON reader.
const LARGEST_NUMBER: u64 = 1 << 53;

/// What a document says of the stretch that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// The event that it begins after; nothing where it begins with a page.
    pub after: Option<Uuid>,
    /// The number of the first event that was looked at.
    pub first: u64,
    /// The number of the last event that was looked at; the one before `first` when nothing comes after its beginning.
    pub last: u64,
    /// The number of the feed's last event.
    pub end: u64,
    /// Events on a page of the feed, at least 1.
    pub page_size: u64,
}

impl Stretch {
    /// The attributes of its element, in the order in which they are written.
    pub(super) fn attributes(&self) -> Vec<(&'static str, String)> {
        let after = self.after.map(|after| ("after", after.to_string()));
        let numbers = [("first", self.first), ("last", self.last), ("end", self.end), ("pageSize", self.page_size)];
        after.into_iter().chain(numbers.map(|(name, number)| (name, number.to_string()))).collect()
    }

    /// What a document says; nothing where it is no stretch.
    ///
    /// Errors: what is wrong with it.
    pub(super) fn of(feed: &Feed) -> Result<Option<Stretch>, &'static str> {
        if feed.namespaces.get(PREFIX).is_none_or(|namespace| namespace != NAMESPACE) {
            return Ok(None);
        }
        let Some(element) = elements(&feed.extensions, STRETCH).first() else { return Ok(None) };
        let stretch = Stretch::read(&element.attrs).ok_or("its element stretch cannot be understood")?;
        Ok(Some(stretch))
    }

    fn read(attributes: &BTreeMap<String, String>) -> Option<Stretch> {
        let number = |name: &str| number(attributes.get(name)?);
        let after = attributes.get("after").map(|uuid| Uuid::try_parse(uuid));
        let stretch = Stretch {
            after: after.transpose().ok()?,
            first: number("first")?,
            last: number("last")?,
            end: number("end")?,
            page_size: number("pageSize")?,
        };
        // One that comes no further though there is more would be asked for again and again.
        let comes_further = (stretch.first..=stretch.end).contains(&stretch.last);
        let is_at_the_end = stretch.last == stretch.end && stretch.first == stretch.end + 1;
        let has_pages = u32::try_from(stretch.page_of(stretch.end)).is_ok();
        (has_pages && (comes_further || is_at_the_end)).then_some(stretch)
    }

    /// The number of the page that an event stands on.
    pub(super) fn page_of(&self, number: u64) -> u64 {
        page_of(number, self.page_size)
    }
}

/// The number of the page, of that many events, on which the event of a number stands. Both count from 1.
pub(super) fn page_of(number: u64, page_size: u64) -> u64 {
    number.saturating_sub(1) / page_size.max(1) + 1
}

/// The numbers of a stretch's entries, one after the other.
pub(super) struct Numbers {
    before: u64,
    last: u64,
}

impl Numbers {
    pub(super) fn of(stretch: &Stretch) -> Numbers {
        Numbers { before: stretch.first - 1, last: stretch.last }
    }

    /// The number of the next entry, and how many events before it were left out.
    ///
    /// Errors: when it does not come after the one before it, or not within the stretch.
    pub(super) fn next(&mut self, entry: &Entry) -> Result<(u64, u64), &'static str> {
        let said = elements(&entry.extensions, NUMBER).first().and_then(|element| number(element.value.as_deref()?));
        let number = said.filter(|number| (self.before + 1..=self.last).contains(number));
        let number = number.ok_or("an entry has no number, or none that can follow the one before it")?;
        let left_out = number - self.before - 1;
        self.before = number;
        Ok((number, left_out))
    }

    /// Errors: when the last event that was looked at is not among them: a marker could not pass what was left out.
    pub(super) fn finish(self) -> Result<(), &'static str> {
        if self.before == self.last { Ok(()) } else { Err("its last entry is not the last event that was looked at") }
    }
}

fn elements<'a>(extensions: &'a ExtensionMap, name: &str) -> &'a [atom_syndication::extension::Extension] {
    extensions.get(PREFIX).and_then(|ours| ours.get(name)).map_or(&[], Vec::as_slice)
}

fn number(text: &str) -> Option<u64> {
    let number = text.trim().parse::<u64>().ok()?;
    (1..=LARGEST_NUMBER).contains(&number).then_some(number)
}

/// The uuid of an event, from its entry's id; nothing for an id of another form, which no stretch begins after.
pub(super) fn event_uuid(entry_id: &str) -> Option<Uuid> {
    entry_id.strip_prefix(ENTRY_ID).and_then(|uuid| Uuid::try_parse(uuid).ok())
}
