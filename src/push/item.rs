//! The units of work between this node's feed and the parent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;

use super::sending::Outgoing;
use crate::audit::Verdict;
use crate::decide::coalesce::{Role, roles};
use crate::event::{Action, Direction, Event, ObjectId};
use crate::passing::{Passing, audit_uuid};
use crate::store::audit::AuditStatus;
use crate::store::parked::Parked;

/// One step forward in the feed.
pub(super) enum Item {
    /// Events that have no effect: they only move the marker.
    Passed(Passing),
    /// Something that ends in an audit message.
    Record(Box<Record>),
}

/// One object that is looked at, or the word that another record brings it.
pub(super) struct Record {
    /// Why it is looked at; it decides which rows tell of it.
    pub source: Source,
    pub object: ObjectId,
    /// The action that the events come to.
    pub action: Action,
    pub work: Work,
    pub started: Instant,
}

pub(super) enum Source {
    /// Its event in the feed.
    Event(Event),
    /// It was parked, and its time has come.
    Parked(Parked),
    /// No event tells of it: another object needs it at the parent, or somebody asked for it by name.
    WithoutEvent { audit_uuid: Uuid, run: String, event_id: String },
}

/// The work on a record.
pub(super) enum Work {
    /// To be read, and sent if the parent should have it.
    Wanted,
    /// The event with this audit uuid brings the object.
    Coalesced { carried_by: Uuid },
    /// It was removed only because what it hung on was: that removal takes it along at the parent, too.
    WentAlong,
    /// The filters leave it out, and the audit is to say so.
    Filtered,
}

/// An item, and what is to be done about it.
pub(super) struct Planned {
    pub item: Item,
    pub plan: Plan,
}

/// The plan for an item.
pub(super) enum Plan {
    /// Only the marker moves.
    Pass,
    /// The verdict is known without asking the parent.
    Settled(Box<Verdict>),
    /// It is sent; shared with the threads that send it.
    Send(Arc<Outgoing>),
}

impl Plan {
    pub(crate) fn settled(verdict: Verdict) -> Plan {
        Plan::Settled(Box::new(verdict))
    }
}

impl Planned {
    pub(crate) fn outgoing(&self) -> Option<&Arc<Outgoing>> {
        match &self.plan {
            Plan::Send(outgoing) => Some(outgoing),
            Plan::Pass | Plan::Settled(_) => None,
        }
    }
}

impl Planned {
    /// The objects that it was decided on.
    pub(crate) fn decided_on(&self) -> impl Iterator<Item = &ObjectId> {
        let along = self.outgoing().into_iter().flat_map(|outgoing| outgoing.decided_on());
        self.item.written_object().into_iter().chain(along)
    }
}

impl Record {
    /// An object that the parent needs for others, as that run found.
    pub(crate) fn needed(object: ObjectId, run: &str) -> Record {
        Record::without_event(format!("reference:{object}"), object, run)
    }

    /// An object that somebody asked for by name, or that hangs on one, in that run.
    pub(crate) fn asked(object: ObjectId, run: &str) -> Record {
        Record::without_event(format!("object:{object}"), object, run)
    }

    fn without_event(event_id: String, object: ObjectId, run: &str) -> Record {
        let audit_uuid = audit_uuid(Direction::Push, run, &event_id);
        Record {
            action: Action::Other,
            work: Work::Wanted,
            source: Source::WithoutEvent { audit_uuid, run: run.to_string(), event_id },
            started: Instant::now(),
            object,
        }
    }

    /// A parked record whose time has come.
    pub(crate) fn retried(parked: Parked, wanted: bool) -> Record {
        Record {
            object: parked.object.clone(),
            action: parked.action,
            work: if wanted { Work::Wanted } else { Work::Filtered },
            source: Source::Parked(parked),
            started: Instant::now(),
        }
    }
}

impl Item {
    /// The object when something is decided about it.
    pub(crate) fn written_object(&self) -> Option<&ObjectId> {
        match self {
            Item::Record(record) if matches!(record.work, Work::Wanted) => Some(&record.object),
            _ => None,
        }
    }

    /// Returns the change of the object.
    pub(crate) fn action(&self) -> Action {
        match self {
            Item::Passed(_) => Action::Other,
            Item::Record(record) => record.action,
        }
    }

    /// Returns the plan for an item whose object is not looked at.
    pub(crate) fn plan_without_reading(&self) -> Plan {
        match self {
            Item::Passed(_) => Plan::Pass,
            Item::Record(record) => Plan::settled(match record.work {
                Work::Coalesced { carried_by } => {
                    Verdict { carried_by: Some(carried_by), ..Verdict::of(AuditStatus::Coalesced) }
                }
                Work::WentAlong => Verdict::of(AuditStatus::Coalesced),
                Work::Wanted | Work::Filtered => Verdict::of(AuditStatus::Filtered),
            }),
        }
    }
}

/// The items of these events, each with whether the filters want it. Events that have an audit message already, because the
/// marker was set back, only move the marker; so do those that nobody wants, unless the audit is to say so. `went_along` are
/// the objects that were removed only with another.
pub(super) fn items(
    sifted: Vec<(bool, Event)>,
    audited: &HashMap<String, String>,
    went_along: &HashMap<ObjectId, ObjectId>,
    records_filtered: bool,
) -> Vec<Item> {
    let is_new = |event: &Event| !audited.contains_key(&event.id);
    let wanted: Vec<Event> =
        sifted.iter().filter(|(wanted, event)| *wanted && is_new(event)).map(|(_, event)| event.clone()).collect();
    let uuids: Vec<Uuid> = wanted.iter().map(event_audit_uuid).collect();
    let mut roles = roles(&wanted).into_iter();
    let mut items = Vec::with_capacity(sifted.len());
    for (wanted, event) in sifted {
        if !is_new(&event) {
            pass(&mut items, &event);
        } else if wanted {
            let role = roles.next().unwrap_or(Role::Carrier(event.action));
            let goes_along = event.object.as_ref().is_ok_and(|object| went_along.contains_key(object));
            items.extend(carried(event, role, &uuids, goes_along));
        } else if records_filtered {
            let action = event.action;
            items.extend(record(event, action, Work::Filtered));
        } else {
            pass(&mut items, &event);
        }
    }
    items
}

fn carried(event: Event, role: Role, uuids: &[Uuid], goes_along: bool) -> Option<Item> {
    match role {
        Role::Carrier(action) if goes_along && action.is_removal() => record(event, action, Work::WentAlong),
        Role::Carrier(action) => record(event, action, Work::Wanted),
        Role::Coalesced(carrier) => {
            let action = event.action;
            record(event, action, Work::Coalesced { carried_by: *uuids.get(carrier)? })
        }
    }
}

/// The events of this node's own feed always say which object they are about.
fn record(event: Event, action: Action, work: Work) -> Option<Item> {
    let object = event.object.clone().ok()?;
    Some(Item::Record(Box::new(Record { source: Source::Event(event), object, action, work, started: Instant::now() })))
}

fn pass(items: &mut Vec<Item>, event: &Event) {
    match items.last_mut() {
        Some(Item::Passed(passing)) => passing.pass(event),
        _ => items.push(Item::Passed(Passing::of(event))),
    }
}

/// The audit uuid of an event (see [`audit_uuid`]).
pub(super) fn event_audit_uuid(event: &Event) -> Uuid {
    audit_uuid(Direction::Push, &event.epoch, &event.id)
}
