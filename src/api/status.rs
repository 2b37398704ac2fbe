//! What the node is doing.

use serde::Serialize;

use super::{Answer, Call, Refused};
use crate::error::ErrorKind;
use crate::status::Status;

/// What is known when no engine is open.
#[derive(Serialize)]
struct Closed<'a> {
    problems: &'a [String],
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct Open<'a> {
    #[serde(flatten)]
    status: Status,
    commit: Option<&'a str>,
}

/// When no engine is open, the problems say why.
pub(super) fn status(call: &Call<'_>) -> Refused<Answer> {
    let (problems, commit) = (call.node.problems(), call.node.commit());
    match call.engine().and_then(|engine| engine.status()) {
        Ok(mut status) => {
            status.problems.extend_from_slice(problems);
            Answer::ok(&Open { status, commit })
        }
        Err(error) if error.kind == ErrorKind::Closed => Answer::ok(&Closed { problems, commit }),
        Err(error) => Err(error.into()),
    }
}
