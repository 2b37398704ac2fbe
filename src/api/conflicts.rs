//! Conflicts, with the changes of both sides, for a person to look at and to decide.

use super::{Answer, Call, Refusal, Refused};
use crate::resolution::{Decided, decisions};

pub(super) fn list(call: &Call<'_>) -> Refused<Answer> {
    let asked = call.request.parameters(&["limit", "offset", "after"])?;
    let (page, limit) = (asked.page()?, asked.limit()?);
    Answer::ok(&call.ask(|engine, host| engine.list_conflicts(host, &page, limit))?)
}

/// With both documents, what is in dispute, and what can be decided. Patient data.
pub(super) fn one(call: &Call<'_>) -> Refused<Answer> {
    let found = call.ask(|engine, host| engine.conflict(host, call.place()))?;
    found.map_or_else(|| Err(Refusal::not_found("there is no such conflict")), |conflict| Answer::ok(&conflict))
}

pub(super) fn resolve(call: &Call<'_>) -> Refused<Answer> {
    let decided = Decided::parse(&call.request.body, decider(call)?)?;
    Answer::ok(&call.ask(|engine, host| engine.resolve(host, call.place(), &decided))?)
}

/// Decides several, and returns the result for each of those that the body names or lets through.
pub(super) fn resolve_several(call: &Call<'_>) -> Refused<Answer> {
    let (which, decided) = decisions(&call.request.body, decider(call)?)?;
    Answer::ok(&call.ask(|engine, host| engine.resolve_all(host, &which, &decided))?)
}

/// The account that the audit names.
fn decider<'a>(call: &'a Call<'_>) -> Refused<&'a str> {
    call.request.user.as_ref().map(|user| user.name.as_str()).ok_or_else(Refusal::not_authenticated)
}
