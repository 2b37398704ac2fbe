//! The units of work between the feed and the database.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use uuid::Uuid;

use super::ahead::Answer;
use super::received::{Incoming, Received};
use crate::error::{Error, ErrorKind};
use crate::event::{Action, Category, Direction, Event, ObjectId};
use crate::passing::{NAMESPACE, Passing, audit_uuid};
use crate::store::parked::Parked;

/// The most kinds of objects that are told of by name.
const MOST_UNKNOWN: usize = 50;

/// How often an answer that may be too old is fetched anew.
const MOST_FETCHES: u8 = 3;

/// One step forward in the order of the feed.
#[derive(Debug)]
pub(super) enum Item {
    /// Filtered or repeated events: they only move markers.
    Passed(Passed),
    /// Something that ends in an audit message.
    Record(Box<Record>),
}

/// A run of events that have no effect.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// How far they are passed.
    pub passing: Passing,
    /// Names of kinds of objects that this version does not know.
    pub unknown_kinds: BTreeSet<String>,
}

/// One object, or the word that another record brings it.
#[derive(Debug)]
pub(super) struct Record {
    /// Why it is looked at.
    pub source: Source,
    /// The object that it is about. The uuid of an entry that cannot be understood is its id (see [`unreadable_object`]).
    pub object: ObjectId,
    /// The action that the feed names.
    pub action: Action,
    /// The work on it.
    pub work: Work,
    /// When its fetch began.
    pub started: Started,
    /// How often its answer was too old when it came to be written.
    pub fetched_anew: u8,
}

/// A moment, on both clocks that count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    /// Of this process.
    pub at: Instant,
    /// Of the database, as it was last heard of: not later than it was then.
    pub database_time: i64,
}

/// Why a record is looked at; it decides which rows tell of it.
#[derive(Debug)]
pub(super) enum Source {
    /// Its event in the feed.
    Event(Event),
    /// Another record refers to it.
    Reference,
    /// Somebody asked for it by name.
    Asked,
    /// It was parked, and its time has come.
    Parked(Parked),
}

/// The work on a record.
#[derive(Debug)]
pub(super) enum Work {
    /// The parent's answer is to be decided on.
    Received(Received),
    /// The parent answers so to every question for this category: it is held from here on. The record is parked only
    /// where no marker can wait for it.
    CategoryClosed(Error),
    /// It refers to something that cannot be had now.
    Waiting { reference: ObjectId, error: Error },
    /// Both sides agreed on it, and the parent does not have it, nor says that it was removed.
    Lost,
    /// The event with this audit uuid brings the object.
    Coalesced { carried_by: Uuid },
    /// The filters leave it out, and the audit is to say so.
    Filtered,
}

impl Work {
    /// Returns the work that the parent's answer makes of it.
    pub(crate) fn answered(answer: Answer) -> Work {
        match answer {
            Answer::Object(received) => Work::Received(received),
            Answer::LeftOut => Work::Filtered,
            Answer::CategoryClosed(error) => Work::CategoryClosed(error),
        }
    }
}

impl Record {
    /// Returns true if the record is left when these categories are. What another record refers to moves no marker: it goes on with
    /// the one that needs it, or that one would fetch it again and again. The marker of a complete feed passes everything.
    fn is_left_with(&self, held: &BTreeMap<Category, Error>) -> bool {
        match &self.source {
            Source::Event(event) => category_of(event).is_some_and(|category| held.contains_key(&category)),
            Source::Reference => false,
            Source::Asked | Source::Parked(_) => held.contains_key(&self.object.category),
        }
    }

    /// The category that has to be held when this record cannot be looked at: that of its feed, whose marker must not
    /// pass it, if the feed has one. An entry may tell of another category than its feed's.
    fn held_with(&self) -> Category {
        match &self.source {
            Source::Event(event) => category_of(event).unwrap_or(self.object.category),
            Source::Reference | Source::Asked | Source::Parked(_) => self.object.category,
        }
    }

    /// The parent's document, if it is what there is to do.
    pub(crate) fn document(&self) -> Option<&Incoming> {
        match &self.work {
            Work::Received(Received::Document(document)) => Some(document),
            _ => None,
        }
    }

    /// The hash of what the parent answered, None for a removal; None when it did not answer.
    pub(crate) fn fetched_hash(&self) -> Option<Option<&str>> {
        match &self.work {
            Work::Received(Received::Document(document)) if !document.content.says_removed => {
                Some(Some(&document.content.hash))
            }
            Work::Received(Received::Document(_) | Received::Gone { .. }) => Some(None),
            _ => None,
        }
    }

    /// Returns true if it is worth asking once more. Where the database's clock was set back, asking never helps.
    pub(crate) fn may_be_outdated(&self) -> bool {
        self.fetched_anew < MOST_FETCHES
    }

    /// Returns true if it brings the object as it is at the parent.
    pub(crate) fn brings_document(&self) -> bool {
        matches!(&self.work, Work::Received(Received::Document(document)) if !document.content.says_removed)
    }

    /// The object when something is decided about it; None when the record only tells of itself.
    pub(crate) fn written_object(&self) -> Option<&ObjectId> {
        (!matches!(self.work, Work::Coalesced { .. } | Work::Filtered)).then_some(&self.object)
    }
}

/// The category whose feed the event stands in; None in a complete feed.
fn category_of(event: &Event) -> Option<Category> {
    Category::parse(&event.feed)
}

impl Item {
    /// Names of kinds of objects that it passes because this version does not know them.
    pub(crate) fn unknown_kinds(&self) -> impl Iterator<Item = &str> {
        let passed = match self {
            Item::Passed(passed) => Some(&passed.unknown_kinds),
            Item::Record(_) => None,
        };
        passed.into_iter().flatten().map(String::as_str)
    }
}

impl Item {
    /// The category that is held from this item on, and why, if it is one that cannot be looked at.
    pub(crate) fn closed(&self) -> Option<(Category, &Error)> {
        match self {
            Item::Record(record) => match &record.work {
                Work::CategoryClosed(error) => Some((record.held_with(), error)),
                _ => None,
            },
            Item::Passed(_) => None,
        }
    }

    /// Takes out what belongs to held feeds, so that their markers stay; false when nothing is left.
    pub(crate) fn leave_out(&mut self, held: &BTreeMap<Category, Error>) -> bool {
        match self {
            Item::Passed(passed) => {
                let is_held = |feed: &str| held.keys().any(|category| category.name() == feed);
                passed.passing.retain(|feed| !is_held(feed));
                !passed.passing.is_empty()
            }
            Item::Record(record) => !record.is_left_with(held),
        }
    }

    /// See [`Record::written_object`].
    /// Returns the references of the document that it brings.
    pub(crate) fn references(&self) -> impl Iterator<Item = &ObjectId> {
        let document = match self {
            Item::Record(record) => match &record.work {
                Work::Received(Received::Document(document)) => Some(document),
                _ => None,
            },
            Item::Passed(_) => None,
        };
        document.into_iter().flat_map(|document| &document.content.references)
    }

    pub(crate) fn written_object(&self) -> Option<&ObjectId> {
        match self {
            Item::Passed(_) => None,
            Item::Record(record) => record.written_object(),
        }
    }
}

impl Passed {
    /// One event.
    pub(crate) fn of(event: &Event) -> Passed {
        let mut passed = Passed::default();
        passed.pass(event);
        passed
    }

    /// One more event.
    pub(crate) fn pass(&mut self, event: &Event) {
        self.passing.pass(event);
        self.unknown_kinds
            .extend(event.unknown_kind().filter(|_| self.unknown_kinds.len() < MOST_UNKNOWN).map(str::to_string));
    }
}

/// Returns the stand-in for the object of an entry that does not say what it is about. It is no object's uuid.
pub(super) fn unreadable_object(category: Category, event_id: &str) -> ObjectId {
    ObjectId { category, uuid: format!("entry:{}", Uuid::new_v5(&NAMESPACE, event_id.as_bytes())) }
}

/// The failure of an entry that does not say what it is about.
pub(super) fn malformed_entry(event: &Event, reason: &str) -> Error {
    let message = format!("the entry {} of the feed {} cannot be understood: {reason}", event.id, event.feed);
    Error::new(ErrorKind::Malformed, message).at(event.page_url.to_string())
}

/// The audit uuid of an event (see [`audit_uuid`]).
pub(super) fn event_audit_uuid(event: &Event) -> Uuid {
    audit_uuid(Direction::Pull, &event.epoch, &event.id)
}

/// Returns the event id for the audit of an object that somebody asked for, with the run as its epoch.
pub(super) fn asked_event_id(object: &ObjectId) -> String {
    format!("object:{object}")
}

/// Returns the event id for the audit of an object that was fetched because another refers to it, with the run as its
/// epoch.
pub(super) fn reference_event_id() -> String {
    format!("reference:{}", Uuid::new_v4())
}
