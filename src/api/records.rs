//! Audit messages of each record, and how far the feeds have been read.

use serde::Serialize;

use super::{Answer, Call, Refusal, Refused};
use crate::error::ErrorKind;
use crate::event::{Category, Direction, ObjectId, is_object_uuid};
use crate::store::attempts::Attempt;
use crate::store::audit::{AuditMessage, AuditQuery, AuditStatus, Found};
use crate::store::markers::FeedPosition;
use crate::store::paging::{Cursor, PagedRow};

const AUDIT: &[&str] = &[
    "limit",
    "after",
    "direction",
    "category",
    "objectUuid",
    "status",
    "runId",
    "errorKind",
    "nodeId",
    "words",
    "from",
    "until",
];

/// The findings of an audit search.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FoundMessages {
    messages: Vec<PagedRow<AuditMessage>>,
    /// To be given as `after` to go on; null when everything has been looked at.
    next: Option<String>,
    /// The time of the last message that was looked at, milliseconds since 1970; null as `next`.
    looked_back_to: Option<i64>,
}

impl From<Found> for FoundMessages {
    fn from(found: Found) -> FoundMessages {
        FoundMessages {
            messages: found.messages,
            looked_back_to: found.next.as_ref().map(Cursor::time),
            next: found.next.map(|cursor| cursor.to_string()),
        }
    }
}

pub(super) fn audit(call: &Call<'_>) -> Refused<Answer> {
    let query = audit_query(call)?;
    Answer::ok(&FoundMessages::from(call.ask(|engine, host| engine.audit(host, &query))?))
}

pub(super) fn audit_query(call: &Call<'_>) -> Refused<AuditQuery> {
    let asked = call.request.parameters(AUDIT)?;
    let text = |name| asked.text(name).map(str::to_string);
    Ok(AuditQuery {
        direction: asked.one_of("direction", Direction::parse)?,
        category: asked.one_of("category", Category::parse)?,
        object_uuid: text("objectUuid"),
        status: asked.one_of("status", AuditStatus::parse)?,
        run_id: text("runId"),
        error_kind: asked.one_of("errorKind", ErrorKind::parse)?,
        node_id: text("nodeId"),
        words: text("words"),
        from: asked.number("from")?,
        until: asked.number("until")?,
        limit: asked.limit()?,
        after: asked.text("after").map(Cursor::parse).transpose()?,
    })
}

/// An audit message with the tries after it was parked.
#[derive(Serialize)]
struct AuditDetail {
    #[serde(flatten)]
    message: AuditMessage,
    attempts: Vec<Attempt>,
}

pub(super) fn audit_message(call: &Call<'_>) -> Refused<Answer> {
    let found = call.ask(|engine, host| engine.audit_message(host, call.place()))?;
    let (message, attempts) = found.ok_or_else(|| Refusal::not_found("there is no such audit message"))?;
    Answer::ok(&AuditDetail { message, attempts })
}

/// Everything that is known of one object.
pub(super) fn story(call: &Call<'_>) -> Refused<Answer> {
    let unknown = || Refusal::not_found("there is no such kind of object, or no such uuid");
    let [category, uuid] = call.places[..] else { return Err(unknown()) };
    let category = Category::parse(category).filter(|_| is_object_uuid(uuid)).ok_or_else(unknown)?;
    let object = ObjectId { category, uuid: uuid.to_string() };
    Answer::ok(&call.ask(|engine, host| engine.story(host, &object))?)
}

/// How far a feed has been worked through.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MarkerRow {
    feed: String,
    epoch: String,
    /// Events passed in this epoch.
    events: u64,
    /// Of the last event passed, as the next three; null before the first one.
    page_url: Option<String>,
    entry_id: Option<String>,
    /// Milliseconds since 1970.
    entry_updated: Option<i64>,
}

impl From<FeedPosition> for MarkerRow {
    fn from(position: FeedPosition) -> MarkerRow {
        let marker = position.marker.as_ref();
        MarkerRow {
            feed: position.feed.to_string(),
            epoch: position.epoch.to_string(),
            events: position.events,
            page_url: marker.map(|marker| marker.page_url.to_string()),
            entry_id: marker.map(|marker| marker.entry_id.to_string()),
            entry_updated: marker.map(|marker| marker.updated),
        }
    }
}

pub(super) fn markers(call: &Call<'_>) -> Refused<Answer> {
    let positions = call.ask(|engine, host| engine.markers(host))?;
    Answer::ok(&positions.into_iter().map(MarkerRow::from).collect::<Vec<_>>())
}
