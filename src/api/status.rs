//! The state of the node.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::{Answer, Call, Refused};
use crate::days::Days;
use crate::error::ErrorKind;
use crate::status::Status;

/// The state that is known when no engine is open.
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

const DEFAULT_DAYS: i64 = 14;
const MOST_DAYS: i64 = 31;

/// The clocks of the zones of the earth are 12 hours behind UTC to 14 ahead.
const ZONES_MINUTES: RangeInclusive<i64> = -720..=840;

/// Returns the figures of the runs of the last days.
pub(super) fn days(call: &Call<'_>) -> Refused<Answer> {
    let parameters = call.request.parameters(&["days", "aheadMinutes"])?;
    let count = parameters.number_within("days", 1..=MOST_DAYS)?.unwrap_or(DEFAULT_DAYS);
    let ahead_minutes = parameters.number_within("aheadMinutes", ZONES_MINUTES)?.unwrap_or_default();
    let wanted = Days { count: count as u32, ahead_ms: ahead_minutes * 60_000 };
    Answer::ok(&call.ask(|engine, host| engine.days(host, wanted))?)
}
