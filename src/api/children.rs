//! The children of this node, as somebody at the parent sees them.

use serde::Serialize;

use super::{Answer, Call, Refusal, Refused};
use crate::event::is_object_uuid;

/// First those that need somebody most.
pub(super) fn list(call: &Call<'_>) -> Refused<Answer> {
    call.request.parameters(&[])?;
    Answer::ok(&call.ask(|engine, host| engine.children(host))?)
}

#[derive(Serialize)]
struct Forgotten {
    forgotten: bool,
}

/// One that is no more.
pub(super) fn forget(call: &Call<'_>) -> Refused<Answer> {
    call.request.require_nothing()?;
    let node = call.place();
    let forgotten = is_object_uuid(node) && call.ask(|engine, host| engine.forget_child(host, node))?;
    if forgotten { Answer::ok(&Forgotten { forgotten }) } else { Err(Refusal::not_found("there is no such child")) }
}
