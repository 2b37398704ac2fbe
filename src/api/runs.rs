//! Runs: seen, started, cancelled.

use serde::Deserialize;
use serde_json::json;

use super::{Answer, Call, Refusal, Refused};
use crate::engine::Wanted;
use crate::event::Direction;
use crate::json;

pub(super) fn list(call: &Call<'_>) -> Refused<Answer> {
    let parameters = call.request.parameters(&["limit", "offset", "after"])?;
    let (page, limit) = (parameters.page()?, parameters.limit()?);
    Answer::ok(&call.ask(|engine, host| engine.list_runs(host, &page, limit))?)
}

pub(super) fn one(call: &Call<'_>) -> Refused<Answer> {
    let found = call.ask(|engine, host| engine.run(host, call.place()))?;
    found.map_or_else(|| Err(Refusal::not_found("there is no such run")), |run| Answer::ok(&run))
}

/// Which objects a body names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default, deserialize_with = "json::given")]
    pub(super) category: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    pub(super) uuid: Option<String>,
}

pub(super) fn pull(call: &Call<'_>) -> Refused<Answer> {
    start(call, wanted(call, Direction::Pull)?)
}

pub(super) fn push(call: &Call<'_>) -> Refused<Answer> {
    start(call, wanted(call, Direction::Push)?)
}

pub(super) fn backfill(call: &Call<'_>) -> Refused<Answer> {
    call.request.require_nothing()?;
    start(call, Wanted::Backfill)
}

/// Everything, or the one object that the body names.
fn wanted(call: &Call<'_>, direction: Direction) -> Refused<Wanted> {
    const FORM: &str = "{} or {\"category\": ..., \"uuid\": ...}";
    match call.request.object(FORM)? {
        Asked { category: None, uuid: None } => Ok(Wanted::Feed(direction)),
        Asked { category: Some(category), uuid: Some(uuid) } => Ok(Wanted::object(direction, &category, uuid)?),
        _ => Err(Refusal::bad_request(format!("the body is {FORM}"))),
    }
}

pub(super) fn start(call: &Call<'_>, wanted: Wanted) -> Refused<Answer> {
    let engine = call.engine()?;
    let direction = wanted.direction();
    let id = engine.announce(wanted)?;
    call.perform(direction, id)?;
    Answer::accepted(&json!({"id": id.to_string()}))
}

pub(super) fn cancel(call: &Call<'_>) -> Refused<Answer> {
    call.request.require_nothing()?;
    call.engine()?.cancel()?;
    Answer::accepted(&json!({"state": "cancelling"}))
}
