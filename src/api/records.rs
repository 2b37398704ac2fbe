//! What became of each record, and what waits.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Call, Refusal, Refused};
use crate::engine::Retry;
use crate::error::ErrorKind;
use crate::event::{Category, Direction};
use crate::store::attempts::Attempt;
use crate::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use crate::store::listing::Listed;
use crate::store::markers::FeedPosition;

/// The most audit messages that one request may name.
const MOST_NAMED: usize = 1000;

const AUDIT: &[&str] = &[
    "limit",
    "offset",
    "after",
    "direction",
    "category",
    "objectUuid",
    "status",
    "runId",
    "errorKind",
    "from",
    "until",
];

pub(super) fn audit(call: &Call<'_>) -> Refused<Answer> {
    let query = audit_query(call)?;
    let messages = call.ask(|engine, host| engine.audit(host, &query))?;
    Answer::ok(&messages.into_iter().map(listed).collect::<Vec<_>>())
}

fn audit_query(call: &Call<'_>) -> Refused<AuditQuery> {
    let asked = call.request.parameters(AUDIT)?;
    let text = |name| asked.text(name).map(str::to_string);
    Ok(AuditQuery {
        direction: asked.one_of("direction", direction)?,
        category: asked.one_of("category", Category::parse)?,
        object_uuid: text("objectUuid"),
        status: asked.one_of("status", AuditStatus::parse)?,
        run_id: text("runId"),
        error_kind: asked.one_of("errorKind", ErrorKind::parse)?,
        from: asked.number("from")?,
        until: asked.number("until")?,
        limit: asked.limit()?,
        offset: asked.offset()?,
        after: text("after"),
    })
}

fn direction(name: &str) -> Option<Direction> {
    [Direction::Pull, Direction::Push].into_iter().find(|direction| direction.name() == name)
}

/// The list of messages goes on after one by its uuid.
fn listed(message: AuditMessage) -> Listed<AuditMessage> {
    Listed { cursor: message.uuid.clone(), row: message }
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

pub(super) fn parked(call: &Call<'_>) -> Refused<Answer> {
    let asked = call.request.parameters(&["limit", "offset", "after"])?;
    let (page, limit) = (asked.page()?, asked.limit()?);
    Answer::ok(&call.ask(|engine, host| engine.list_parked(host, &page, limit))?)
}

pub(super) fn conflicts(call: &Call<'_>) -> Refused<Answer> {
    let asked = call.request.parameters(&["limit", "offset", "after"])?;
    let (page, limit) = (asked.page()?, asked.limit()?);
    Answer::ok(&call.ask(|engine, host| engine.list_conflicts(host, &page, limit))?)
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedRetry {
    uuids: Vec<String>,
    /// False: by the next run, whenever that is.
    #[serde(default = "at_once")]
    run: bool,
}

fn at_once() -> bool {
    true
}

/// Has parked records tried again, at once where nothing else is said.
pub(super) fn retry(call: &Call<'_>) -> Refused<Answer> {
    let form = format!("{{\"uuids\": [...]}} with 1 to {MOST_NAMED} audit messages");
    let AskedRetry { uuids, run } = call.request.object(&form)?;
    if uuids.is_empty() || uuids.len() > MOST_NAMED {
        return Err(Refusal::bad_request(format!("the body is {form}")));
    }
    let (retried, directions) = call.ask(|engine, host| {
        let directions = engine.directions_of(host, &uuids)?;
        directions.iter().try_for_each(|direction| engine.check_run(*direction))?;
        Ok((engine.retry(host, &uuids)?, directions))
    })?;
    let runs = if run { start_retries(call, &directions)? } else { Vec::new() };
    Answer::ok(&json!({"retried": retried, "runs": runs}))
}

/// A run for each of these directions, which tries what is due: now, or right after the run that is under way.
fn start_retries(call: &Call<'_>, directions: &[Direction]) -> Refused<Vec<Value>> {
    let start = |direction: &Direction| {
        let id = match call.engine()?.announce_retry(*direction)? {
            Retry::Follows(id) => id,
            Retry::Announced(id) => {
                call.perform(*direction, id)?;
                id
            }
        };
        Ok(json!({"id": id.to_string(), "direction": direction.name()}))
    };
    directions.iter().map(start).collect()
}
