//! SyncAuditLogger: what became of each record is written in the transaction of its effect: the audit message, the
//! object's state, and the parked record or conflict that comes or goes with it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::decide::loss::Losses;
use crate::decide::merge::is_changeable;
use crate::decide::retry::{RetryConfig, next_attempt};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Direction, ObjectId, Representation};
use crate::jitter::jitter;
use crate::store::attempts::{self, Attempt};
use crate::store::audit::{self, AuditMessage, AuditStatus, Outcome};
use crate::store::bases::{self, Base};
use crate::store::conflicts::{self, Conflict, ConflictKind, Documents};
use crate::store::entry_rules::{self, EntryRule};
use crate::store::lost_paths::{self, LostPath};
use crate::store::object_states::{self, ObjectState};
use crate::store::parked::{self, Parked};
use crate::store::{Failure, Sql, outbox, unheard};

/// The verdict on one record.
pub struct Verdict {
    /// In one word.
    pub status: AuditStatus,
    /// Why it is parked.
    pub error: Option<Error>,
    /// The object that a parked record waits for.
    pub waiting_for: Option<ObjectId>,
    /// It is parked because the parent is closed to its whole category: every run tries it again, and none that finds the
    /// category still closed uses up an attempt.
    pub category_closed: bool,
    /// The object is not here, and stays away: nothing can refer to it.
    pub absent: bool,
    /// The audit uuid of the event that brings the object.
    pub carried_by: Option<Uuid>,
    /// Where what was read back differs from what was saved.
    pub losses: Losses,
    /// The rules of data entry that it does not keep, in the words of the server that saved it.
    pub rules: Vec<String>,
    /// Notes that people should know about it, a sentence each.
    pub notes: Vec<String>,
    /// How the object was fetched.
    pub origin: Option<Origin>,
    /// The agreement of both sides from now on.
    pub agreed: Option<ObjectState>,
    /// The objects that went along when the object was removed, and the agreement on each from now on.
    pub along: Vec<(ObjectId, ObjectState)>,
    /// The objects that went along here and not at the parent, where they hang on something else by now.
    pub stayed: Vec<ObjectId>,
    /// The documents of that agreement; nothing when both sides removed the object.
    pub base: Option<Box<Base>>,
    /// The push has to look at the object again, as if this had happened to it.
    pub offered: Option<Action>,
    /// Both sides, when they are in conflict.
    pub conflict: Option<Box<Disagreement>>,
    /// The decision of a person, who made it, and why.
    pub resolution: Option<Value>,
    /// From the start of the fetch to now.
    pub duration_ms: i64,
}

/// How an object was fetched.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The representation of the document: FHIR or REST.
    pub representation: Representation,
    /// The name of the client that asked for it, such as `fhir`, `rest` or `exchange`.
    pub client: String,
    /// The absolute url that was asked.
    pub url: String,
}

/// Both sides of a conflict. Patient data: never printed.
pub struct Disagreement {
    /// The subject of the conflict: content or removal.
    pub kind: ConflictKind,
    /// The representation that the hashes and documents are in.
    pub representation: Representation,
    /// The hash of the version here; None when it is removed.
    pub ours_hash: Option<String>,
    /// The hash of the version of the other side; None when it is removed.
    pub theirs_hash: Option<String>,
    /// The hash of theirs when both sides last agreed.
    pub remote_hash: Option<String>,
    /// See [`Conflict::detail`].
    pub detail: Option<Value>,
    /// The documents of both sides, and the one on which they last agreed.
    pub documents: Documents,
}

impl Verdict {
    /// A verdict that has nothing more to say.
    pub fn of(status: AuditStatus) -> Verdict {
        Verdict {
            status,
            error: None,
            waiting_for: None,
            category_closed: false,
            absent: false,
            carried_by: None,
            losses: Losses::default(),
            rules: Vec::new(),
            notes: Vec::new(),
            origin: None,
            agreed: None,
            along: Vec::new(),
            stayed: Vec::new(),
            base: None,
            offered: None,
            conflict: None,
            resolution: None,
            duration_ms: 0,
        }
    }

    /// The record cannot be done now.
    pub fn parked(error: Error) -> Verdict {
        Verdict { error: Some(error), ..Verdict::of(AuditStatus::Parked) }
    }

    /// Returns true if the object is here as the parent has it, so that what waits for it can go on.
    pub fn has_arrived(&self) -> bool {
        use AuditStatus::{Applied, Merged, Partial, Unchanged};
        !self.absent && matches!(self.status, Applied | Partial | Unchanged | Merged)
    }

    /// Returns true if what waits for the object is tried again: it is here, or it is gone and took along what waits with it.
    fn releases(&self) -> bool {
        self.has_arrived() || self.status == AuditStatus::Removed
    }

    /// Says whether others can refer to the object from now on; None when this says nothing about it.
    pub fn presence(&self) -> Option<Result<()>> {
        match &self.error {
            Some(error) => Some(Err(error.clone())),
            None if self.absent && self.status == AuditStatus::Kept => {
                Some(Err(Error::new(ErrorKind::MissingReference, "it was removed here")))
            }
            None if self.absent => {
                Some(Err(Error::new(ErrorKind::Gone, "it was removed at the parent before it came here")))
            }
            None => self.has_arrived().then_some(Ok(())),
        }
    }

    /// Returns true if an open conflict of the object is over: both sides agree, or the other one went back to what was agreed.
    fn ends_conflict(&self) -> bool {
        self.agreed.is_some() || self.status == AuditStatus::Kept
    }

    fn detail(&self) -> Option<Value> {
        let Losses { lost, adjusted } = &self.losses;
        let told = [("lostPaths", lost), ("adjustedPaths", adjusted), ("rules", &self.rules), ("notes", &self.notes)];
        let told: Map<String, Value> = told
            .into_iter()
            .filter(|(_, texts)| !texts.is_empty())
            .map(|(name, texts)| (name.to_string(), texts.iter().cloned().collect()))
            .chain(self.resolution.iter().map(|resolution| ("resolution".to_string(), resolution.clone())))
            .collect();
        (!told.is_empty()).then_some(Value::Object(told))
    }

    /// How the object was fetched, when somebody may want to look at it there. Of all else the url says nothing that the
    /// object does not.
    fn notable_origin(&self) -> Option<&Origin> {
        let notable = self.error.is_some() || self.conflict.is_some() || !self.losses.lost.is_empty();
        self.origin.as_ref().filter(|_| notable)
    }

    /// Returns what the audit message says.
    pub(crate) fn outcome(&self) -> Outcome {
        let origin = self.origin.as_ref();
        let failed_at = self.error.as_ref().and_then(|error| error.url.clone());
        Outcome {
            status: self.status,
            representation: origin.map(|origin| origin.representation),
            client: origin.map(|origin| origin.client.clone()),
            url: failed_at.or_else(|| self.notable_origin().map(|origin| origin.url.clone())),
            error: self.error.as_ref().map(Failure::from),
            detail: self.detail(),
            carried_by: self.carried_by.map(|uuid| uuid.to_string()),
            duration_ms: self.duration_ms,
        }
    }
}

/// A record and what became of it.
pub struct Settled<'a> {
    /// The object that the record is about.
    pub object: &'a ObjectId,
    /// The action that the event names.
    pub action: Action,
    /// True if the object's own uuid is known (an entry that cannot be understood has none).
    pub object_is_known: bool,
    /// The audit message that tells of the record.
    pub entry: Entry<'a>,
    /// The verdict on the record.
    pub verdict: Verdict,
}

/// The audit message that a record belongs to.
pub enum Entry<'a> {
    /// A new one.
    New {
        /// The uuid of the message; the same event has the same one after a crash.
        audit_uuid: Uuid,
        /// The epoch of the feed that the event stands in.
        epoch: &'a str,
        /// The event's id, unique within the epoch.
        event_id: &'a str,
    },
    /// The object of the event that was parked.
    Parked(&'a Parked),
}

impl Entry<'_> {
    /// The uuid of the message.
    pub fn audit_uuid(&self) -> String {
        match self {
            Entry::New { audit_uuid, .. } => audit_uuid.to_string(),
            Entry::Parked(parked) => parked.audit_uuid.clone(),
        }
    }
}

/// Writes what became of records.
pub struct SyncAuditLogger<'a> {
    /// The direction that the records travelled.
    pub direction: Direction,
    /// The id of the run that settled them, a uuid.
    pub run_id: &'a str,
    /// The id of this node, a uuid.
    pub node_id: &'a str,
    /// The database's time of this transaction.
    pub now: i64,
    /// The delays after which parked records are tried again.
    pub retry: &'a RetryConfig,
    /// True if the parent keeps conflicts, too, and has to hear when they are over.
    pub parent_keeps_conflicts: bool,
}

impl SyncAuditLogger<'_> {
    /// Writes everything that has to be known of a batch, in the transaction of its effect. Returns how many records
    /// became what.
    pub fn record(&self, sql: &mut dyn Sql, settled: &[Settled<'_>]) -> Result<BTreeMap<AuditStatus, u64>> {
        self.write_messages(sql, settled)?;
        self.write_states(sql, settled)?;
        self.park_and_release(sql, settled)?;
        self.write_conflicts(sql, settled)?;
        entry_rules::count(sql, &self.met_rules(settled))?;
        lost_paths::count(sql, &self.lost_paths(settled))?;
        let mut counts = BTreeMap::new();
        for record in settled {
            *counts.entry(record.verdict.status).or_insert(0) += 1;
        }
        Ok(counts)
    }

    fn met_rules(&self, settled: &[Settled<'_>]) -> Vec<EntryRule> {
        let met = |record: &Settled<'_>| {
            let (direction, category) = (self.direction, record.object.category);
            let rules = record.verdict.rules.clone();
            rules.into_iter().map(move |rule| EntryRule { direction, category, rule }).collect::<Vec<_>>()
        };
        settled.iter().flat_map(met).collect()
    }

    /// Each place once for a record.
    fn lost_paths(&self, settled: &[Settled<'_>]) -> Vec<LostPath> {
        let lost = |record: &Settled<'_>| {
            let Losses { lost, adjusted } = &record.verdict.losses;
            let paths = lost.iter().map(|path| (path, false)).chain(adjusted.iter().map(|path| (path, true)));
            let counted =
                paths.map(|(path, harmless)| LostPath::of(self.direction, record.object.category, path, harmless));
            counted.collect::<BTreeSet<LostPath>>()
        };
        settled.iter().flat_map(lost).collect()
    }

    fn write_messages(&self, sql: &mut dyn Sql, settled: &[Settled<'_>]) -> Result<()> {
        let mut messages = Vec::new();
        for record in settled {
            match &record.entry {
                Entry::New { audit_uuid, epoch, event_id } => {
                    messages.push(self.message(record, audit_uuid, epoch, event_id));
                }
                Entry::Parked(parked) => self.write_attempt(sql, parked, &record.verdict)?,
            }
        }
        audit::insert_all(sql, &messages)
    }

    fn message(&self, record: &Settled<'_>, audit_uuid: &Uuid, epoch: &str, event_id: &str) -> AuditMessage {
        AuditMessage {
            uuid: audit_uuid.to_string(),
            run_id: self.run_id.to_string(),
            direction: self.direction,
            category: record.object.category,
            object_uuid: record.object_is_known.then(|| record.object.uuid.clone()),
            action: record.action,
            epoch: epoch.to_string(),
            event_id: event_id.to_string(),
            node_id: self.node_id.to_string(),
            recorded_at: self.now,
            outcome: record.verdict.outcome(),
        }
    }

    fn write_attempt(&self, sql: &mut dyn Sql, parked: &Parked, verdict: &Verdict) -> Result<()> {
        let attempt = Attempt {
            audit_uuid: parked.audit_uuid.clone(),
            number: parked.attempts + 1,
            run_id: self.run_id.to_string(),
            attempted_at: self.now,
            outcome: verdict.status,
            error: verdict.error.as_ref().map(Failure::from),
        };
        attempts::add(sql, &attempt)?;
        audit::update_outcome(sql, &parked.audit_uuid, &verdict.outcome())
    }

    fn write_states(&self, sql: &mut dyn Sql, settled: &[Settled<'_>]) -> Result<()> {
        let mut states: BTreeMap<ObjectId, ObjectState> =
            settled.iter().flat_map(|record| record.verdict.along.iter().cloned()).collect();
        // The object's own messages come after.
        let state = |record: &Settled<'_>| Some((record.object.clone(), record.verdict.agreed.clone()?));
        states.extend(settled.iter().filter_map(state));
        let states: Vec<(ObjectId, ObjectState)> = states.into_iter().collect();
        if states.is_empty() {
            return Ok(());
        }
        object_states::put_all(sql, &states)?;
        write_bases(sql, settled)?;
        let offers = settled.iter().filter_map(|record| Some((record.object, record.verdict.offered?)));
        offers.into_iter().try_for_each(|(object, action)| outbox::add(sql, object, action))
    }

    fn park_and_release(&self, sql: &mut dyn Sql, settled: &[Settled<'_>]) -> Result<()> {
        let before = parked::get_all(sql, self.direction, &decided_objects(settled))?;
        let mut settled_now = Vec::new();
        for record in decided(settled) {
            if record.verdict.status == AuditStatus::Parked {
                parked::put(sql, &self.parked(record, before.get(record.object)))?;
            } else if before.contains_key(record.object) {
                audit::coalesce_parked(sql, self.direction, record.object, &record.entry.audit_uuid())?;
                settled_now.push(record.object.clone());
            }
        }
        if !settled_now.is_empty() {
            parked::remove(sql, self.direction, &settled_now)?;
        }
        let arrived = settled.iter().filter(|record| record.verdict.releases());
        let arrived: Vec<ObjectId> = arrived.map(|record| record.object.clone()).collect();
        parked::release(sql, self.direction, &arrived, self.now)?;
        Ok(())
    }

    fn parked(&self, record: &Settled<'_>, before: Option<&Parked>) -> Parked {
        let attempts = match &record.entry {
            Entry::New { .. } => 0,
            Entry::Parked(parked) => parked.attempts + 1,
        };
        let verdict = &record.verdict;
        let outcome = verdict.outcome();
        let error = verdict
            .error
            .clone()
            .unwrap_or_else(|| Error::new(ErrorKind::Internal, "a record was parked without a reason"));
        let wait = if verdict.category_closed {
            Duration::ZERO
        } else {
            next_attempt(error.kind, self.retry, attempts + 1, jitter())
        };
        Parked {
            direction: self.direction,
            object: record.object.clone(),
            audit_uuid: record.entry.audit_uuid(),
            action: action_to_retry(record.action, before),
            representation: outcome.representation,
            error: Failure::from(&error),
            url: outcome.url,
            waiting_for: verdict.waiting_for.clone(),
            namesake: error.namesake.as_deref().cloned(),
            attempts,
            next_attempt_at: Some(self.now + wait.as_millis() as i64),
            parked_at: before.map_or(self.now, |before| before.parked_at),
        }
    }

    /// A conflict is over when both sides have agreed again, whichever way the record travelled that shows it.
    fn write_conflicts(&self, sql: &mut dyn Sql, settled: &[Settled<'_>]) -> Result<()> {
        let before = conflicts::get_all(sql, &decided_objects(settled))?;
        let mut over = Vec::new();
        for record in decided(settled) {
            if let Some(disagreement) = &record.verdict.conflict {
                conflicts::put(sql, &self.conflict(record, disagreement), &disagreement.documents)?;
            } else if let Some(conflict) = before.get(record.object).filter(|_| record.verdict.ends_conflict()) {
                audit::coalesce_conflicts(sql, record.object, &record.entry.audit_uuid())?;
                if record.verdict.status == AuditStatus::Kept {
                    // The push gave its event up when it met the conflict.
                    let removed = conflict.ours_hash.is_none();
                    outbox::add(sql, record.object, if removed { Action::Voided } else { Action::Updated })?;
                }
                self.tell_parent(sql, record)?;
                over.push(record.object.clone());
            }
        }
        if over.is_empty() { Ok(()) } else { conflicts::remove(sql, &over).map(|_| ()) }
    }

    /// An edit that goes up tells the parent that a conflict is over. Where nothing goes up, it has to hear so by itself.
    fn tell_parent(&self, sql: &mut dyn Sql, record: &Settled<'_>) -> Result<()> {
        let verdict = &record.verdict;
        let heard = self.direction == Direction::Push && verdict.status != AuditStatus::Resolved;
        if heard || !self.parent_keeps_conflicts || verdict.offered.is_some() {
            return Ok(());
        }
        let Some(agreed) = &verdict.agreed else { return Ok(()) };
        unheard::add(sql, record.object)?;
        outbox::add(sql, record.object, if agreed.local_hash.is_some() { Action::Updated } else { Action::Voided })
    }

    fn conflict(&self, record: &Settled<'_>, disagreement: &Disagreement) -> Conflict {
        Conflict {
            uuid: Uuid::new_v4().to_string(),
            kind: disagreement.kind,
            direction: self.direction,
            object: record.object.clone(),
            child_node: None,
            child_name: None,
            decision: None,
            audit_uuid: Some(record.entry.audit_uuid()),
            representation: disagreement.representation,
            ours_hash: disagreement.ours_hash.clone(),
            theirs_hash: disagreement.theirs_hash.clone(),
            remote_hash: disagreement.remote_hash.clone(),
            detail: disagreement.detail.clone(),
            detected_at: self.now,
        }
    }
}

/// Of what is never changed a base is kept only where the two sides have it not alike.
fn write_bases(sql: &mut dyn Sql, settled: &[Settled<'_>]) -> Result<()> {
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for record in settled.iter().filter(|record| record.verdict.agreed.is_some()) {
        match &record.verdict.base {
            Some(base) if is_changeable(record.object.category) || base.local.is_some() => {
                kept.push((record.object, base.as_ref()));
            }
            _ => gone.push(record.object.clone()),
        }
    }
    bases::put_all(sql, &kept)?;
    if gone.is_empty() { Ok(()) } else { bases::remove(sql, &gone) }
}

/// Returns the action of the record; but a record that another one refers to, and an update, does not take back a removal that was
/// parked.
fn action_to_retry(action: Action, before: Option<&Parked>) -> Action {
    match before {
        Some(before) if before.action.is_removal() && matches!(action, Action::Updated | Action::Other) => {
            before.action
        }
        _ => action,
    }
}

/// The records whose objects were decided on: not those that only point at others, and not events that nobody wants.
/// A parked record that nobody wants any more is done by that.
fn decided<'a, 'b>(settled: &'a [Settled<'b>]) -> impl Iterator<Item = &'a Settled<'b>> {
    settled.iter().filter(|record| {
        matches!(record.entry, Entry::Parked(_))
            || !matches!(record.verdict.status, AuditStatus::Coalesced | AuditStatus::Filtered)
    })
}

fn decided_objects(settled: &[Settled<'_>]) -> Vec<ObjectId> {
    decided(settled).map(|record| record.object.clone()).collect()
}
