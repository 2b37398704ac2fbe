//! Everything that is known of one object, in order of time and in words: for a person who asks what became of it.

use serde::Serialize;

use crate::config::Config;
use crate::decide::changes::ObjectEvent;
use crate::decide::conflict::Version;
use crate::error::{ErrorKind, Result};
use crate::event::{Direction, ObjectId};
use crate::host::Host;
use crate::saving::Ours;
use crate::store::attempts::{self, Attempt};
use crate::store::audit::{self, AuditMessage, AuditQuery, AuditStatus};
use crate::store::conflicts::{self, Conflict, ConflictKind};
use crate::store::events::{self, PublishedEvent};
use crate::store::named;
use crate::store::object_states::{self, ObjectState};
use crate::store::parked::{self, Parked};
use crate::store::pending;
use crate::store::requests::{self, Request};

/// The most audit messages, and the most events of this node's feed, that are told: the newest.
const MOST: u32 = 200;

/// The story of an object.
#[derive(Debug, Serialize)]
pub struct Story {
    /// The object that is asked about.
    #[serde(serialize_with = "named::serialize_object")]
    pub object: ObjectId,
    /// How things stand now, a sentence each.
    pub now: Vec<String>,
    /// The events, the oldest first.
    pub happened: Vec<Told>,
}

/// Something that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Milliseconds since 1970 by the database's clock.
    pub at: i64,
    /// `event`, `audit`, `attempt`, `agreement`, `parked`, `conflict` or `child`.
    pub what: &'static str,
    /// The event in a sentence, for a person.
    pub words: String,
    /// The audit message that says more.
    pub audit_uuid: Option<String>,
}

impl Told {
    fn of(at: i64, what: &'static str, words: String) -> Told {
        Told { at, what, words, audit_uuid: None }
    }
}

/// Tells what is known of an object. In a transaction.
///
/// Errors: `Host`.
pub(crate) fn tell(config: &Config, host: &mut dyn Host, object: &ObjectId) -> Result<Story> {
    let only = std::slice::from_ref(object);
    let state = object_states::get_all(host, only)?.remove(object);
    let mut happened = Vec::new();
    if let (Some(state), Some(at)) = (&state, object_states::recorded_since(host, only, 0)?.remove(object)) {
        happened.push(Told::of(at, "agreement", agreement(state)));
    }
    happened.extend(events::of_object(host, object, MOST)?.iter().map(event));
    for message in messages(host, object)? {
        let attempts = attempts::list(host, &message.uuid, MOST)?;
        happened.extend(attempts.into_iter().map(attempt));
        happened.push(audited(message));
    }
    let disputes = conflicts::all_of(host, object)?;
    happened.extend(disputes.iter().map(conflict));
    for direction in [Direction::Pull, Direction::Push] {
        happened.extend(parked::get_all(host, direction, only)?.values().map(waiting));
    }
    happened.extend(requests::of_object(host, object, MOST)?.iter().map(brought));
    happened.sort_by_key(|told| told.at);
    let now = standing(config, host, object, state.as_ref())?;
    Ok(Story { object: object.clone(), now, happened })
}

fn messages(host: &mut dyn Host, object: &ObjectId) -> Result<Vec<AuditMessage>> {
    let query = AuditQuery {
        category: Some(object.category),
        object_uuid: Some(object.uuid.clone()),
        limit: MOST,
        ..AuditQuery::default()
    };
    audit::find(host, &query)
}

fn standing(
    config: &Config,
    host: &mut dyn Host,
    object: &ObjectId,
    state: Option<&ObjectState>,
) -> Result<Vec<String>> {
    let pending = pending::get_all(host, std::slice::from_ref(object))?.contains_key(object);
    let unanswered =
        pending.then(|| "Something of it was sent to the parent, and the answer has not come yet.".to_string());
    Ok(std::iter::once(read_here(config, host, object, state)?).chain(unanswered).collect())
}

/// The story of an object that the host cannot read is told all the same: who asks looks for what is wrong with it.
fn read_here(config: &Config, host: &mut dyn Host, object: &ObjectId, state: Option<&ObjectState>) -> Result<String> {
    let representation = config.representation(object.category);
    let read = host.read(representation, object, false).and_then(|stored| {
        let ours = Ours::of(object, representation, &stored)?;
        let comparable = state.filter(|state| state.is_comparable(representation));
        Ok(here(&ours.version(), comparable).to_string())
    });
    match read {
        Err(error) if error.kind == ErrorKind::Host => Ok(format!("It cannot be read here: {}", error.message)),
        read => read,
    }
}

fn here(ours: &Version<'_>, agreed: Option<&ObjectState>) -> &'static str {
    match (ours, agreed) {
        (Version::Absent, None) => "It is not here, and never came here as far as is known.",
        (Version::Absent, Some(_)) => "It is not here any more.",
        (Version::Removed, Some(state)) if state.local_hash.is_none() => {
            "It is removed here, as both sides agreed last."
        }
        (Version::Removed, _) => "It is removed here; both sides have not agreed on that.",
        (Version::Document(_), None) => "It is here; both sides have never agreed on it.",
        (Version::Document(hash), Some(state)) if state.local_hash.as_deref() == Some(*hash) => {
            "It is here as both sides agreed last."
        }
        (Version::Document(_), Some(_)) => "It is here, and was changed here since both sides agreed last.",
    }
}

fn agreement(state: &ObjectState) -> String {
    let agreed = match (&state.local_hash, &state.remote_hash) {
        (Some(local), Some(remote)) if local == remote => "Both sides had the same.",
        (Some(_), Some(_)) => "Both sides agreed, each as far as it can hold what the other has.",
        (None, None) => "Both sides had removed it.",
        (Some(_), None) => "It was here, and removed at the parent.",
        (None, Some(_)) => "It was removed here, and the parent had it.",
    };
    agreed.to_string()
}

fn event(published: &PublishedEvent) -> Told {
    let ObjectEvent { action, caused_by, .. } = &published.event;
    let with = caused_by.as_ref().map(|owner| format!(" with {owner}")).unwrap_or_default();
    Told::of(published.published_at, "event", format!("Changed on this server: {}{with}.", action.name()))
}

fn audited(message: AuditMessage) -> Told {
    let way = match message.direction {
        Direction::Pull => "Pull",
        Direction::Push => "Push",
    };
    let outcome = &message.outcome;
    let mut words = format!("{way}, {}: {}.", message.action.name(), became(message.direction, outcome.status));
    if let Some(error) = &outcome.error {
        words.push_str(&format!(" {}", error.message));
    }
    let said = |name: &str| outcome.detail.as_ref()?.get("resolution")?.get(name)?.as_str().map(str::to_string);
    if let (Some(choice), Some(by), Some(reason)) = (said("choice"), said("by"), said("reason")) {
        words.push_str(&format!(" {by} decided {choice:?}: {reason}"));
    }
    Told { audit_uuid: Some(message.uuid), ..Told::of(message.recorded_at, "audit", words) }
}

fn became(direction: Direction, status: AuditStatus) -> &'static str {
    match (status, direction) {
        (AuditStatus::Applied, Direction::Pull) => "saved here",
        (AuditStatus::Applied, Direction::Push) => "saved at the parent",
        (AuditStatus::Partial, Direction::Pull) => "saved here, not with everything",
        (AuditStatus::Partial, Direction::Push) => "saved at the parent, not with everything",
        (AuditStatus::Unchanged, _) => "both sides had this already",
        (AuditStatus::Coalesced, _) => "another event brought it",
        (AuditStatus::Merged, _) => "merged with what was changed here",
        (AuditStatus::Kept, _) => "what is here stays",
        (AuditStatus::Removed, Direction::Pull) => "removed here",
        (AuditStatus::Removed, Direction::Push) => "removed at the parent",
        (AuditStatus::Parked, _) => "could not be done, and waits",
        (AuditStatus::Conflict, _) => "both sides changed it, and a person has to decide",
        (AuditStatus::Resolved, _) => "a person decided",
        (AuditStatus::Dismissed, _) => "a person gave it up",
        (AuditStatus::Filtered, _) => "not wanted",
    }
}

fn attempt(attempt: Attempt) -> Told {
    let why = attempt.error.map(|error| format!(" {}", error.message)).unwrap_or_default();
    let words = format!("Tried again, the {}. time: {}.{why}", attempt.number, attempt.outcome);
    Told { audit_uuid: Some(attempt.audit_uuid), ..Told::of(attempt.attempted_at, "attempt", words) }
}

fn waiting(parked: &Parked) -> Told {
    let awaited = parked.waiting_for.as_ref().map(|object| format!(" It waits for {object}.")).unwrap_or_default();
    let words = format!("Waits since then in the {}: {}{awaited}", parked.direction.name(), parked.error.message);
    Told { audit_uuid: Some(parked.audit_uuid.clone()), ..Told::of(parked.parked_at, "parked", words) }
}

fn conflict(conflict: &Conflict) -> Told {
    let side = match &conflict.child_node {
        Some(child) => format!("the child {}", conflict.child_name.as_ref().unwrap_or(child)),
        None => "the parent".to_string(),
    };
    let what = match conflict.kind {
        ConflictKind::Content => "its content",
        ConflictKind::Removal => "its removal",
    };
    let words = format!("In conflict with {side} since then about {what}: conflict {}.", conflict.uuid);
    Told { audit_uuid: conflict.audit_uuid.clone(), ..Told::of(conflict.detected_at, "conflict", words) }
}

fn brought((child, request, at): &(String, Request, i64)) -> Told {
    let what = if request.sent_hash.is_some() { "brought it" } else { "brought the word that it is removed" };
    Told::of(*at, "child", format!("The child {child} {what}, and it was taken over."))
}
