//! Parked records: seen by cause, tried again, given up.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::{Parameters, known};
use super::{Answer, Call, Refusal, Refused};
use crate::engine::{Reason, Retry};
use crate::error::ErrorKind;
use crate::event::{Category, Direction};
use crate::json;
use crate::store::parked::{Awaited, ParkedFilter, Which};

/// The most audit messages that one request may name.
const MOST_NAMED: usize = 1000;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 1000;

pub(super) const LIST: &[&str] =
    &["limit", "offset", "after", "direction", "category", "kind", "waitingForCategory", "waitingForUuid"];

pub(super) fn list(call: &Call<'_>) -> Refused<Answer> {
    let asked = call.request.parameters(LIST)?;
    let (filter, page, limit) = (filter_of(&asked)?, asked.page()?, asked.limit()?);
    Answer::ok(&call.ask(|engine, host| engine.list_parked(host, &filter, &page, limit))?)
}

pub(super) fn filter_of(asked: &Parameters) -> Refused<ParkedFilter> {
    Ok(ParkedFilter {
        direction: asked.one_of("direction", Direction::parse)?,
        category: asked.one_of("category", Category::parse)?,
        kind: asked.one_of("kind", ErrorKind::parse)?,
        waiting_for: asked.one_of("waitingForCategory", Awaited::parse)?,
        waiting_for_uuid: asked.text("waitingForUuid").map(str::to_string),
    })
}

pub(super) fn groups(call: &Call<'_>) -> Refused<Answer> {
    Answer::ok(&call.ask(|engine, host| engine.causes(host))?)
}

/// Records by their audit messages, or by a filter; `{}` lets all through.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Meant {
    #[serde(default, deserialize_with = "json::given")]
    audit_uuids: Option<Vec<String>>,
    #[serde(default, deserialize_with = "json::given")]
    filter: Option<MeantFilter>,
    #[serde(default, deserialize_with = "json::given")]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MeantFilter {
    #[serde(default, deserialize_with = "json::given")]
    direction: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    category: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    waiting_for_category: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    waiting_for_uuid: Option<String>,
}

impl MeantFilter {
    fn read(self) -> Refused<ParkedFilter> {
        Ok(ParkedFilter {
            direction: known("direction", self.direction.as_deref(), Direction::parse)?,
            category: known("category", self.category.as_deref(), Category::parse)?,
            kind: known("kind", self.kind.as_deref(), ErrorKind::parse)?,
            waiting_for: known("waitingForCategory", self.waiting_for_category.as_deref(), Awaited::parse)?,
            waiting_for_uuid: self.waiting_for_uuid,
        })
    }
}

impl Meant {
    fn which(self) -> Refused<Which> {
        match (self.audit_uuids, self.filter) {
            (Some(uuids), None) if (1..=MOST_NAMED).contains(&uuids.len()) => Ok(Which::Uuids(uuids)),
            (None, Some(filter)) => Ok(Which::Filter(filter.read()?)),
            _ => {
                let form = format!("auditUuids, 1 to {MOST_NAMED}, or filter, which may be {{}} for all");
                Err(Refusal::bad_request(format!("the body needs {form}")))
            }
        }
    }
}

/// Has records tried again at once.
pub(super) fn retry(call: &Call<'_>) -> Refused<Answer> {
    let meant: Meant = call.request.object("{\"auditUuids\": [...]} or {\"filter\": {...}}")?;
    if meant.reason.is_some() {
        return Err(Refusal::bad_request("a retry needs no reason"));
    }
    retry_now(call, &meant.which()?)
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

/// Has the records of audit messages tried again, at once where nothing else is said.
pub(super) fn retry_messages(call: &Call<'_>) -> Refused<Answer> {
    let form = format!("{{\"uuids\": [...]}} with 1 to {MOST_NAMED} audit messages");
    let AskedRetry { uuids, run } = call.request.object(&form)?;
    if uuids.is_empty() || uuids.len() > MOST_NAMED {
        return Err(Refusal::bad_request(format!("the body is {form}")));
    }
    let which = Which::Uuids(uuids);
    if run {
        return retry_now(call, &which);
    }
    let retried = call.ask(|engine, host| engine.make_due(host, &which))?;
    Answer::ok(&json!({"retried": retried, "runs": []}))
}

fn retry_now(call: &Call<'_>, which: &Which) -> Refused<Answer> {
    let (retried, directions) = call.ask(|engine, host| {
        let directions = engine.directions_of(host, which)?;
        directions.iter().try_for_each(|direction| engine.check_run(*direction))?;
        Ok((engine.make_due(host, which)?, directions))
    })?;
    let runs: Vec<Value> = directions.iter().map(|direction| start_retry(call, *direction)).collect::<Refused<_>>()?;
    Answer::ok(&json!({"retried": retried, "runs": runs}))
}

/// A run that tries what is due: now, or right after the run that is under way.
fn start_retry(call: &Call<'_>, direction: Direction) -> Refused<Value> {
    let id = match call.engine()?.announce_retry(direction)? {
        Retry::Follows(id) => id,
        Retry::Announced(id) => {
            call.perform(direction, id)?;
            id
        }
    };
    Ok(json!({"id": id.to_string(), "direction": direction.name()}))
}

/// Gives records up, with a reason that the audit keeps.
pub(super) fn dismiss(call: &Call<'_>) -> Refused<Answer> {
    let form = "{\"auditUuids\": [...], \"reason\": ...} or {\"filter\": {...}, \"reason\": ...}";
    let mut meant: Meant = call.request.object(form)?;
    let text = meant.reason.take().unwrap_or_default().trim().to_string();
    if text.is_empty() || text.chars().count() > LONGEST_REASON {
        let message = format!("the body needs a reason of 1 to {LONGEST_REASON} characters, which the audit keeps");
        return Err(Refusal::bad_request(message));
    }
    let which = meant.which()?;
    let by = call.request.user.as_ref().map(|user| user.name.clone()).unwrap_or_default();
    let dismissed = call.ask(|engine, host| engine.dismiss(host, &which, &Reason { by, text }))?;
    Answer::ok(&json!({"dismissed": dismissed}))
}
