//! One transaction: what is here is read under lock and decided on, theirs is saved, read back and compared, and audit
//! and markers go with it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::SyncPullService;
use super::item::{Item, Record, Source, Work, asked_event_id, event_audit_uuid, reference_event_id};
use super::received::{Incoming, Received};
use super::removals::{Fate, Removals};
use crate::audit::{Disagreement, Entry, Origin, Settled, Verdict};
use crate::config::{OnRecordFailure, Validation};
use crate::decide::canonical;
use crate::decide::conflict::{self, Decision, Policy, Situation, Unanswered, Version, decide};
use crate::decide::content::{Content, changed_at};
use crate::decide::naming::{repair, role};
use crate::decide::reconcile::{Reconciled, Sides, coming_down, reconcile};
use crate::defect::caught;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Direction, ObjectId, Representation};
use crate::host::{Host, Removal, Stored};
use crate::naming::named_by_document;
use crate::passing::{Passing, audit_uuid};
use crate::reconciliation::{Agreed, Reconciliation, TheirVersion, agreement, base, in_dispute, kept, parsed};
use crate::removal::{REMOVED_AT_THE_PARENT, given_reason};
use crate::saving::{
    BatchFailure, Ours, ReadBack, confirm_removed, expect_reads, lock_first, parse_stored, read_back, save,
};
use crate::store::audit::AuditStatus;
use crate::store::bases::{self, Base};
use crate::store::conflicts::{ConflictKind, Documents};
use crate::store::object_states::ObjectState;
use crate::store::pending::{self, PendingHashes};
use crate::store::runs::RunProgress;
use crate::store::{copies, now, object_states, unknown_kinds};
use crate::withheld;

/// How the records of a batch are written.
#[derive(Clone, Copy)]
pub(super) enum Order<'a> {
    /// Each is written before the next one is decided on.
    OneByOne,
    /// All are decided on first. Then what is here is replaced by what others need between, and all are written in the
    /// order of these indexes.
    Together { between: &'a HashMap<ObjectId, Vec<u8>>, order: &'a [usize] },
}

/// The result of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Batch {
    Committed,
    /// It was rolled back: what these items brought is older than what was agreed since, and has to be fetched anew.
    Outdated(Vec<usize>),
}

/// The content of a transaction.
enum Filled {
    Applied(Applied),
    Outdated(Vec<usize>),
}

/// The facts that are true once the transaction is committed.
struct Applied {
    progress: RunProgress,
    /// Objects that others may refer to now, or cannot in this run.
    learned: Vec<(ObjectId, Result<()>)>,
}

/// The memory of an object.
#[derive(Clone, Copy)]
struct Remembered<'a> {
    /// The last agreement of both sides.
    state: Option<&'a ObjectState>,
    /// The version that was sent to the parent and is not answered yet.
    sent: Option<&'a PendingHashes>,
    /// The documents of the agreement, where the two sides have them not alike.
    unlike: Option<&'a Base>,
    /// True if nothing was agreed on, and it is here as the parent had it when this database was copied from there.
    is_as_copied: bool,
    /// Who is right where both changed the same.
    policy: Policy,
    /// True if a push offers to the parent again what it may have lost.
    is_offered: bool,
}

impl Remembered<'_> {
    fn unanswered(&self, theirs: Version<'_>) -> Unanswered {
        let hash = hash_of(theirs).unwrap_or_else(|| pending::REMOVAL.to_string());
        match self.sent {
            None => Unanswered::Nothing,
            Some(sent) if sent.contains(&hash) => Unanswered::Theirs,
            Some(_) => Unanswered::Other,
        }
    }

    /// Returns true if theirs is what a restored parent had before edits from here, which are sent to it again: it decides on them.
    /// Not where nothing of its feed is what it was: then it cannot tell whether somebody has put that back since.
    fn is_from_before(&self, state: Option<&ObjectState>, theirs: Version<'_>) -> bool {
        let can_tell = |state: &&ObjectState| state.restored_to.is_some_and(|number| number > 0);
        let Some(state) = state.filter(|_| self.is_offered).filter(can_tell) else { return false };
        hash_of(theirs).is_some_and(|hash| state.replaced.contains(&hash))
    }
}

/// The step that was written for a record inside the transaction, before it is read back.
enum Written<'a> {
    /// There is nothing to read back.
    Settled(Box<Verdict>),
    /// Their document is saved.
    Saved { theirs: &'a Incoming, rules: Vec<String> },
    /// Another document is saved in the place of theirs.
    Reconciled(Box<Reconciliation>),
    /// The object is removed, and these with it.
    Removed { origin: Origin, along: Vec<(ObjectId, ObjectState)>, reason: Option<String> },
}

impl SyncPullService<'_> {
    /// Applies the items in one transaction and commits it. After an error it is rolled back.
    pub(super) fn write_batch(
        &mut self,
        host: &mut dyn Host,
        items: &[Item],
        order: Order<'_>,
    ) -> std::result::Result<Batch, BatchFailure> {
        host.begin()?;
        let applied = match self.fill_transaction(host, items, order) {
            Ok(Filled::Applied(applied)) => applied,
            Ok(Filled::Outdated(items)) => {
                host.rollback();
                return Ok(Batch::Outdated(items));
            }
            Err(failure) => {
                host.rollback();
                return Err(failure);
            }
        };
        if let Some(refused) = self.run.commit(host, applied.progress)? {
            return Err(BatchFailure::Commit(refused));
        }
        applied.learned.iter().for_each(|(object, outcome)| self.known.learn(object, outcome));
        if let Some(newest) = passing(items).markers().map(|(marker, _)| marker.updated).max() {
            self.parts.run.progress.passed(newest);
        }
        Ok(Batch::Committed)
    }

    fn fill_transaction(
        &self,
        host: &mut dyn Host,
        items: &[Item],
        order: Order<'_>,
    ) -> std::result::Result<Filled, BatchFailure> {
        lock_first(host, items.iter().filter_map(Item::written_object), items.iter().flat_map(Item::references))?;
        self.run.renew_lease(host)?;
        let now = now(host)?;
        self.fetching.tell_time(now);
        let records: Vec<(usize, &Record)> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| match item {
                Item::Record(record) => Some((index, record.as_ref())),
                Item::Passed(_) => None,
            })
            .collect();
        let verdicts = self.write_and_verify(host, &records, order)?;
        let outdated = outdated(host, &records, now)?;
        if !outdated.is_empty() {
            return Ok(Filled::Outdated(outdated));
        }
        self.refuse_when_halting(&records, &verdicts)?;
        let event_ids: Vec<String> = records.iter().map(|(_, record)| self.event_id(record)).collect();
        let settled: Vec<Settled<'_>> = records
            .iter()
            .zip(&event_ids)
            .zip(verdicts)
            .map(|(((_, record), event_id), verdict)| self.settled(record, event_id, verdict))
            .collect();
        let counts = self.run.audit_logger(now).record(host, &settled)?;
        remember_withheld(host, &records, &settled)?;
        unknown_kinds::note(host, items.iter().flat_map(Item::unknown_kinds))?;
        let progress = self.run.record_progress(host, counts, &passing(items))?;
        let learned = settled.iter().filter_map(|record| Some((record.object.clone(), record.verdict.presence()?)));
        Ok(Filled::Applied(Applied { progress, learned: learned.collect() }))
    }

    fn write_and_verify(
        &self,
        host: &mut dyn Host,
        records: &[(usize, &Record)],
        order: Order<'_>,
    ) -> std::result::Result<Vec<Verdict>, BatchFailure> {
        let objects: Vec<ObjectId> =
            records.iter().filter_map(|(_, record)| record.written_object().cloned()).collect();
        let mut states = object_states::get_all(host, &objects)?;
        let mut removals = Removals::new(self.config, records, &self.coming);
        let sent = pending::get_all(host, &objects)?;
        let agreed: Vec<ObjectId> = states.keys().cloned().collect();
        let unlike = bases::get_all_unlike(host, &agreed)?;
        let unknown: Vec<ObjectId> = objects.iter().filter(|object| !states.contains_key(*object)).cloned().collect();
        let as_copied = match self.copied_at {
            // Asked anew: the parent may have been restored to before the copy.
            Some(_) => copies::as_copied(host, &unknown)?,
            None => HashSet::new(),
        };
        let mut written = Vec::with_capacity(records.len());
        let mut absent = HashSet::new();
        for (index, record) in records {
            removals.at(*index);
            let one = match first_reference(record, &absent) {
                Some(reference) => {
                    Ok(Written::Settled(Box::new(Verdict { absent: true, ..waiting(record, reference) })))
                }
                None => {
                    let remembered = Remembered {
                        state: states.get(&record.object),
                        sent: sent.get(&record.object),
                        unlike: unlike.get(&record.object),
                        is_as_copied: as_copied.contains(&record.object),
                        policy: self.config.conflict_policy(record.object.category),
                        is_offered: self.config.offers_again(record.object.category),
                    };
                    caught(|| settle(host, record, remembered, &mut removals))
                }
            };
            let mut one = one.map_err(|error| BatchFailure::Item(*index, error))?;
            if let Order::OneByOne = order {
                let validation = self.config.validation(record.object.category);
                caught(|| one.write(host, record, validation)).map_err(|error| BatchFailure::Item(*index, error))?;
            }
            if matches!(&one, Written::Settled(verdict) if verdict.absent) {
                absent.extend(record.object.names());
            }
            if let Written::Removed { along, .. } = &one {
                states.extend(along.iter().cloned());
            }
            written.push(one);
        }
        if let Order::Together { between, order } = order {
            self.write_together(host, records, &mut written, (between, order))?;
        }
        host.clear()?;
        let saved = records.iter().zip(&written).filter_map(|((_, record), written)| match written {
            Written::Saved { theirs, .. } => Some((theirs.content.representation, &record.object)),
            Written::Reconciled(made) => Some((made.saved.representation, &record.object)),
            Written::Settled(_) | Written::Removed { .. } => None,
        });
        expect_reads(host, saved).map_err(BatchFailure::Commit)?;
        let mut verdicts = Vec::with_capacity(records.len());
        for ((index, record), written) in records.iter().zip(written) {
            let verdict =
                caught(|| verify(host, record, written)).map_err(|error| BatchFailure::Item(*index, error))?;
            verdicts.push(Verdict { duration_ms: record.started.at.elapsed().as_millis() as i64, ..verdict });
        }
        Ok(verdicts)
    }

    /// Writes records that were all decided on before: first what is here between, where it is to be replaced.
    fn write_together(
        &self,
        host: &mut dyn Host,
        records: &[(usize, &Record)],
        written: &mut [Written<'_>],
        (between, order): (&HashMap<ObjectId, Vec<u8>>, &[usize]),
    ) -> std::result::Result<(), BatchFailure> {
        for ((index, record), written) in records.iter().zip(&*written) {
            if let (Written::Saved { theirs, .. }, Some(document)) = (written, between.get(&record.object)) {
                let document = (theirs.content.representation, document.as_slice());
                let validation = self.config.validation(record.object.category);
                caught(|| save(host, validation, &record.object, document))
                    .map_err(|error| BatchFailure::Item(*index, error))?;
            }
        }
        for position in order {
            if let (Some((index, record)), Some(written)) = (records.get(*position), written.get_mut(*position)) {
                let validation = self.config.validation(record.object.category);
                caught(|| written.write(host, record, validation))
                    .map_err(|error| BatchFailure::Item(*index, error))?;
            }
        }
        Ok(())
    }

    /// With `onRecordFailure = halt` a record that would be parked is not passed.
    fn refuse_when_halting(
        &self,
        records: &[(usize, &Record)],
        verdicts: &[Verdict],
    ) -> std::result::Result<(), BatchFailure> {
        if self.config.pull.on_record_failure == OnRecordFailure::Proceed {
            return Ok(());
        }
        for ((index, record), verdict) in records.iter().zip(verdicts) {
            if let (Source::Event(_), Some(error)) = (&record.source, &verdict.error) {
                return Err(BatchFailure::Item(*index, error.clone()));
            }
        }
        Ok(())
    }

    fn event_id(&self, record: &Record) -> String {
        match &record.source {
            Source::Event(event) => event.id.clone(),
            Source::Reference => reference_event_id(),
            Source::Asked => asked_event_id(&record.object),
            Source::Parked(parked) => parked.audit_uuid.clone(),
        }
    }

    fn settled<'a>(&'a self, record: &'a Record, event_id: &'a str, verdict: Verdict) -> Settled<'a> {
        let entry = match &record.source {
            Source::Event(event) => Entry::New { audit_uuid: event_audit_uuid(event), epoch: &event.epoch, event_id },
            Source::Reference => Entry::New { audit_uuid: Uuid::new_v4(), epoch: &self.run.record.id, event_id },
            Source::Asked => Entry::New {
                audit_uuid: audit_uuid(Direction::Pull, &self.run.record.id, event_id),
                epoch: &self.run.record.id,
                event_id,
            },
            Source::Parked(parked) => Entry::Parked(parked),
        };
        let object_is_known = crate::event::is_object_uuid(&record.object.uuid);
        Settled { object: &record.object, action: record.action, object_is_known, entry, verdict }
    }
}

/// How far the items pass events.
fn passing(items: &[Item]) -> Passing {
    let mut passing = Passing::default();
    for item in items {
        match item {
            Item::Passed(passed) => passing.pass_all(&passed.passing),
            Item::Record(record) => {
                if let Source::Event(event) = &record.source {
                    passing.pass(event);
                }
            }
        }
    }
    passing
}

/// The first of these objects that the record's document refers to.
fn first_reference(record: &Record, objects: &HashSet<ObjectId>) -> Option<ObjectId> {
    match &record.work {
        Work::Received(Received::Document(document)) => {
            document.references().find(|reference| objects.contains(*reference)).cloned()
        }
        _ => None,
    }
}

/// The verdict on a record whose reference was expected earlier in the transaction, and turned out not to be here.
fn waiting(record: &Record, reference: ObjectId) -> Verdict {
    let object = &record.object;
    let message = format!(
        "{object} waits for {}, not here: it was removed at the parent before it came here; {}",
        role(object, &reference),
        repair(object, &reference)
    );
    let error = Error::new(ErrorKind::MissingReference, message);
    let error = match record.document() {
        Some(document) => named_by_document(object, document.content.as_saved(), error),
        None => error,
    };
    Verdict { waiting_for: Some(reference), ..Verdict::parked(error) }
}

/// Items whose answer of the parent may be older than what was agreed on their objects since: while they were on their way a
/// push, or an earlier batch, has brought both sides further. Where the clock was set back meanwhile, nothing tells which
/// came first, and any may be.
fn outdated(host: &mut dyn Host, records: &[(usize, &Record)], now: i64) -> Result<Vec<usize>> {
    let fetched = records.iter().filter_map(|(index, record)| Some((index, record, record.fetched_hash()?)));
    let fetched: Vec<_> = fetched.filter(|(_, record, _)| record.may_be_outdated()).collect();
    let started = |record: &Record| Some(record.started.database_time).filter(|time| *time <= now).unwrap_or(i64::MIN);
    let Some(oldest) = fetched.iter().map(|(_, record, _)| started(record)).min() else {
        return Ok(Vec::new());
    };
    let objects: Vec<ObjectId> = fetched.iter().map(|(_, record, _)| record.object.clone()).collect();
    let recorded = object_states::recorded_since(host, &objects, oldest)?;
    if recorded.is_empty() {
        return Ok(Vec::new());
    }
    let states = object_states::get_all(host, &objects)?;
    let differs = |record: &Record, hash: Option<&str>| {
        states.get(&record.object).is_some_and(|state| state.remote_hash.as_deref() != hash)
            && recorded.get(&record.object).is_some_and(|time| *time >= started(record))
    };
    Ok(fetched.into_iter().filter(|(_, record, hash)| differs(record, *hash)).map(|(index, ..)| *index).collect())
}

/// Notes an object that was saved without identifiers that another patient has here: it waits for them; one that was saved whole
/// does not.
fn remember_withheld(host: &mut dyn Host, records: &[(usize, &Record)], settled: &[Settled<'_>]) -> Result<()> {
    let is_written = |settled: &&Settled<'_>| {
        matches!(settled.verdict.status, AuditStatus::Applied | AuditStatus::Partial | AuditStatus::Removed)
    };
    withheld::forget(host, settled.iter().filter(is_written).map(|settled| settled.object))?;
    for ((_, record), settled) in records.iter().zip(settled) {
        if let (Some(document), AuditStatus::Partial) = (record.document(), settled.verdict.status)
            && let Some(reduced) = &document.reduced
        {
            let representation = document.content.representation;
            withheld::remember(host, &record.object, representation, reduced, Some(settled.entry.audit_uuid()))?;
        }
    }
    Ok(())
}

impl Written<'_> {
    /// Does what was decided.
    fn write(&mut self, host: &mut dyn Host, record: &Record, validation: Validation) -> Result<()> {
        match self {
            Written::Settled(_) => Ok(()),
            Written::Saved { theirs, rules } => {
                *rules = save(host, validation, &record.object, theirs.as_saved())?;
                Ok(())
            }
            Written::Reconciled(made) if made.is_here => Ok(()),
            Written::Reconciled(made) => {
                made.rules = save(host, validation, &record.object, made.saved.as_saved())?;
                Ok(())
            }
            Written::Removed { origin, reason, .. } => {
                let reason = reason.clone().unwrap_or_else(|| REMOVED_AT_THE_PARENT.to_string());
                let removal = Removal { action: record.action, reason };
                host.remove(origin.representation, &record.object, &removal)
            }
        }
    }
}

/// Decides on one record; what is to be written is not yet.
fn settle<'a>(
    host: &mut dyn Host,
    record: &'a Record,
    remembered: Remembered<'_>,
    removals: &mut Removals<'_>,
) -> Result<Written<'a>> {
    let verdict = match &record.work {
        Work::Received(Received::Document(document)) => {
            return decide_document(host, record, document, remembered, removals);
        }
        Work::Received(Received::Gone { url, reason }) => {
            return decide_gone(host, record, (url, reason.as_deref()), remembered, removals);
        }
        Work::Received(Received::Failed(error)) => Verdict::parked(error.clone()),
        Work::CategoryClosed(error) => Verdict { category_closed: true, ..Verdict::parked(error.clone()) },
        Work::Waiting { reference, error } => {
            Verdict { waiting_for: Some(reference.clone()), ..Verdict::parked(error.clone()) }
        }
        Work::Lost => lost(host, record, remembered.state)?,
        Work::Coalesced { carried_by } => {
            Verdict { carried_by: Some(*carried_by), ..Verdict::of(AuditStatus::Coalesced) }
        }
        Work::Filtered => Verdict::of(AuditStatus::Filtered),
    };
    Ok(Written::Settled(Box::new(verdict)))
}

fn decide_document<'a>(
    host: &mut dyn Host,
    record: &Record,
    document: &'a Incoming,
    remembered: Remembered<'_>,
    removals: &mut Removals<'_>,
) -> Result<Written<'a>> {
    let theirs = if document.content.says_removed { Theirs::Removed } else { Theirs::Document(document) };
    let reason = given_reason(document.content.void_reason.as_deref());
    decide_contact(host, record, Contact { origin: document.origin.clone(), theirs, reason }, remembered, removals)
}

fn decide_gone(
    host: &mut dyn Host,
    record: &Record,
    (url, reason): (&str, Option<&str>),
    remembered: Remembered<'_>,
    removals: &mut Removals<'_>,
) -> Result<Written<'static>> {
    let state = remembered.state;
    let representation = state.map_or(record.object.category.default_representation(), |state| state.representation);
    let origin = Origin { representation, client: representation.name().to_string(), url: url.to_string() };
    let contact = Contact { origin, theirs: Theirs::Removed, reason: given_reason(reason) };
    decide_contact(host, record, contact, remembered, removals)
}

/// The parent's version.
#[derive(Clone, Copy)]
enum Theirs<'a> {
    Removed,
    Document(&'a Incoming),
}

impl<'a> Theirs<'a> {
    fn version(self) -> Version<'a> {
        match self {
            Theirs::Removed => Version::Removed,
            Theirs::Document(document) => Version::Document(&document.content.hash),
        }
    }

    fn content(self) -> Option<&'a Content> {
        match self {
            Theirs::Removed => None,
            Theirs::Document(document) => Some(&document.content),
        }
    }

    /// Returns the bytes that would be saved of it.
    fn as_saved(self) -> Option<&'a [u8]> {
        match self {
            Theirs::Removed => None,
            Theirs::Document(document) => Some(document.as_saved().1),
        }
    }

    fn document(self) -> Option<Vec<u8>> {
        self.content().map(|content| content.to_save.clone())
    }
}

fn kind_of(ours: Version<'_>, theirs: Version<'_>) -> ConflictKind {
    match (ours, theirs) {
        (Version::Document(_), Version::Document(_)) => ConflictKind::Content,
        _ => ConflictKind::Removal,
    }
}

fn hash_of(version: Version<'_>) -> Option<String> {
    match version {
        Version::Document(hash) => Some(hash.to_string()),
        Version::Absent | Version::Removed => None,
    }
}

/// The parent's answer for an object, and how it came.
struct Contact<'a> {
    origin: Origin,
    theirs: Theirs<'a>,
    /// Why it was removed there, where that is told.
    reason: Option<String>,
}

fn decide_contact<'a>(
    host: &mut dyn Host,
    record: &Record,
    contact: Contact<'a>,
    remembered: Remembered<'_>,
    removals: &mut Removals<'_>,
) -> Result<Written<'a>> {
    let representation = contact.origin.representation;
    let stored = host.read(representation, &record.object, true)?;
    let ours = Ours::of(&record.object, representation, &stored)?;
    // An agreement in other terms says nothing: the documents are compared as at first contact.
    // So does one that the parent has forgotten, where it has something else now: that may be older than what was agreed on.
    let is_theirs = |state: &ObjectState| state.remote_hash == hash_of(contact.theirs.version());
    let as_copied = remembered.is_as_copied.then(|| ours.version()).filter(|ours| *ours != Version::Absent);
    let as_copied = as_copied.map(|ours| agreement(representation, hash_of(ours), hash_of(ours)));
    let carried = carried_over(record, remembered.state, &stored, &contact)?.or(as_copied);
    let state = carried.as_ref().filter(|state| state.restored_to.is_none() || is_theirs(state));
    let decision = decide(Situation {
        ours: ours.version(),
        theirs: contact.theirs.version(),
        agreed: state.map(|state| conflict::Agreed {
            local_hash: state.local_hash.as_deref(),
            remote_hash: state.remote_hash.as_deref(),
        }),
        same_content: matches!(ours.version(), Version::Document(_)) && ours.version() == contact.theirs.version(),
        removal_event: record.action.is_removal(),
        unanswered: remembered.unanswered(contact.theirs.version()),
        is_from_before: remembered.is_from_before(carried.as_ref(), contact.theirs.version()),
    });
    let origin = contact.origin.clone();
    let absent = matches!(ours, Ours::Absent);
    let settled =
        |verdict: Verdict| Ok(Written::Settled(Box::new(Verdict { origin: Some(origin.clone()), absent, ..verdict })));
    let disagreement = |detail: Option<Value>, stored: Stored| Disagreement {
        kind: kind_of(ours.version(), contact.theirs.version()),
        representation,
        ours_hash: hash_of(ours.version()),
        theirs_hash: hash_of(contact.theirs.version()),
        remote_hash: state.and_then(|state| state.remote_hash.clone()),
        detail,
        documents: Documents { ours: bytes_of(stored), theirs: contact.theirs.document() },
    };
    let conflict = |detail: Option<Value>, stored: Stored| {
        let disagreement = disagreement(detail, stored);
        settled(Verdict { conflict: Some(Box::new(disagreement)), ..Verdict::of(AuditStatus::Conflict) })
    };
    let is_removal = record.action.is_removal() && matches!(contact.theirs, Theirs::Removed);
    let fate = match decision {
        Decision::Remove => Some(removals.fate(host, record, &stored)?),
        Decision::Conflict if is_removal => Some(removals.fate_of_conflict(host, record, &stored)?),
        _ => None,
    };
    match (decision, fate, contact.theirs) {
        (Decision::TakeTheirs, _, Theirs::Document(theirs)) => match (remembered.unlike, &stored, state) {
            (Some(base), Stored::Present(bytes), Some(_)) if theirs.reduced.is_none() => {
                richer(record, theirs, &parse_stored(&record.object, bytes)?, &Agreed::of(base)?)
            }
            _ => Ok(Written::Saved { theirs, rules: Vec::new() }),
        },
        (_, Some(Fate::Remove { along }), _) => Ok(Written::Removed { origin, along, reason: contact.reason.clone() }),
        (_, Some(Fate::Wait(awaited)), _) => {
            let (awaited, error) = *awaited;
            settled(Verdict { waiting_for: Some(awaited), ..Verdict::parked(error) })
        }
        (_, Some(Fate::Conflict(detail)), _) if remembered.policy != Policy::ChildWins => conflict(detail, stored),
        (Decision::Conflict, _, theirs) => {
            let both = Both { stored, ours, theirs, remote_hash: state.and_then(|state| state.remote_hash.clone()) };
            let written = both.reconcile(host, record, &contact, remembered.policy)?;
            Ok(match written {
                Written::Settled(verdict) => {
                    Written::Settled(Box::new(Verdict { origin: Some(origin.clone()), absent, ..*verdict }))
                }
                written => written,
            })
        }
        (_, Some(Fate::Conflict(detail)), _) => conflict(detail, stored),
        (Decision::Same, _, theirs) => {
            let agreed = agreement(representation, hash_of(ours.version()), hash_of(theirs.version()));
            let base = match (ours, theirs) {
                (Ours::Document { canonical, .. }, Theirs::Document(theirs)) => {
                    Some(Box::new(base(theirs.content.canonical.clone(), canonical)))
                }
                _ => None,
            };
            settled(Verdict { agreed: Some(agreed), base, ..Verdict::of(AuditStatus::Unchanged) })
        }
        (Decision::KeepOurs, _, _) => settled(Verdict::of(AuditStatus::Kept)),
        (Decision::AwaitAnswer, _, _) => settled(awaiting_answer(&record.object)),
        (Decision::GoneWithoutEvent | Decision::TakeTheirs | Decision::Remove, _, _) => {
            settled(Verdict::parked(gone_without_event(&record.object, absent)))
        }
    }
}

/// Keeps an object that the parent has lost: it stays as it is here, and the push sends it as one that the parent
/// never had.
fn lost(host: &mut dyn Host, record: &Record, state: Option<&ObjectState>) -> Result<Verdict> {
    let kept = Verdict::of(AuditStatus::Kept);
    let Some(state) = state else { return Ok(kept) };
    let stored = host.read(state.representation, &record.object, true)?;
    let offered = if matches!(stored, Stored::Present(_)) { Action::Updated } else { Action::Voided };
    let agreed = ObjectState { remote_hash: None, restored_to: Some(object_states::FORGOTTEN), ..state.clone() };
    let note = format!(
        "{} was agreed on with the parent, which does not have it any more and does not say that it was removed: it stays \
         here, and is sent again where this node pushes",
        record.object
    );
    Ok(Verdict { agreed: Some(agreed), offered: Some(offered), notes: vec![note], ..kept })
}

/// The parent has removed it, and no event says so: what is here stays.
fn gone_without_event(object: &ObjectId, absent: bool) -> Error {
    let message = if absent {
        format!("{object} was removed at the parent before it came here: if it is wanted, restore it there")
    } else {
        format!(
            "{object} is removed at the parent, but no event says so yet, as when it was done in the database there: it stays \
             here until one does. To have it removed here, too, restore it at the parent and remove it there once more, or \
             remove it here"
        )
    };
    Error::new(ErrorKind::Gone, message)
}

/// The agreement in terms of today.
fn carried_over(
    record: &Record,
    state: Option<&ObjectState>,
    stored: &Stored,
    contact: &Contact<'_>,
) -> Result<Option<ObjectState>> {
    let representation = contact.origin.representation;
    let Some(state) = state else { return Ok(None) };
    if state.is_comparable(representation) {
        return Ok(Some(state.clone()));
    }
    let ours = match stored {
        Stored::Present(bytes) => Some(parse_stored(&record.object, bytes)?),
        Stored::Absent | Stored::Removed => None,
    };
    let theirs = contact.theirs.content().map(|content| parsed(&content.to_save)).transpose()?;
    Ok(state.carried_over(representation, ours.as_ref(), theirs.as_ref()))
}

/// The versions of both sides, when both changed it.
struct Both<'a> {
    stored: Stored,
    ours: Ours,
    theirs: Theirs<'a>,
    /// Of the parent's version that was agreed on; nothing at first contact.
    remote_hash: Option<String>,
}

impl Both<'_> {
    /// Merges, or decides as the policy says; else it is a conflict.
    fn reconcile<'a>(
        self,
        host: &mut dyn Host,
        record: &Record,
        contact: &Contact<'_>,
        policy: Policy,
    ) -> Result<Written<'a>> {
        let representation = contact.origin.representation;
        let agreed = match self.remote_hash {
            Some(_) => Agreed::read(host, &record.object)?,
            None => None,
        };
        let ours = match &self.stored {
            Stored::Present(bytes) => Some(parse_stored(&record.object, bytes)?),
            Stored::Absent | Stored::Removed => None,
        };
        let theirs = self.theirs.as_saved().map(parsed).transpose()?;
        let written_here = ours.as_ref().and_then(|ours| changed_at(representation, ours));
        let as_edited = |document| canonical::without_derived(representation, document);
        let (ours, theirs) = (ours.map(as_edited), theirs.map(as_edited));
        let sides = Sides {
            representation,
            ours: ours.as_ref(),
            theirs: theirs.as_ref(),
            agreed: agreed.as_ref().map(Agreed::as_decided),
        };
        let written_there = self.theirs.content().and_then(|content| content.changed_at);
        match (reconcile(sides, policy.winner(written_here, written_there)), self.theirs.content()) {
            (Reconciled::Write(document), Some(content)) => {
                let saved = Content::of(representation, &record.object, &document);
                // An edit made here since is no part of it: that has to go up.
                let in_their_place = match (&sides.agreed, &theirs) {
                    (Some(agreed), Some(theirs)) => coming_down(representation, *agreed, agreed.local, theirs),
                    _ => theirs.clone().unwrap_or_default(),
                };
                let made = Reconciliation {
                    is_here: self.ours.version() == Version::Document(&saved.hash),
                    saved,
                    theirs: TheirVersion::of(content),
                    in_their_place,
                    status: AuditStatus::Merged,
                    rules: Vec::new(),
                };
                Ok(Written::Reconciled(Box::new(made)))
            }
            (Reconciled::Keep, content) => {
                let verdict = kept(representation, content.map(TheirVersion::of), ours.is_none());
                Ok(Written::Settled(Box::new(verdict)))
            }
            (Reconciled::Open(disputes), _) => Ok(self.in_conflict(representation, in_dispute(&disputes))),
            (Reconciled::Remove | Reconciled::Write(_), _) => Ok(self.in_conflict(representation, None)),
        }
    }

    fn in_conflict<'a>(self, representation: Representation, detail: Option<Value>) -> Written<'a> {
        let disagreement = Disagreement {
            kind: kind_of(self.ours.version(), self.theirs.version()),
            representation,
            ours_hash: hash_of(self.ours.version()),
            theirs_hash: hash_of(self.theirs.version()),
            remote_hash: self.remote_hash,
            detail,
            documents: Documents { ours: bytes_of(self.stored), theirs: self.theirs.document() },
        };
        let conflict = Some(Box::new(disagreement));
        Written::Settled(Box::new(Verdict { conflict, ..Verdict::of(AuditStatus::Conflict) }))
    }
}

/// Only theirs changed, and the parent could not hold all of what is here: that stays.
fn richer<'a>(record: &Record, theirs: &Incoming, ours: &Value, agreed: &Agreed) -> Result<Written<'a>> {
    let representation = theirs.content.representation;
    let document = coming_down(representation, agreed.as_decided(), ours, &parsed(&theirs.content.to_save)?);
    Ok(Written::Reconciled(Box::new(Reconciliation {
        saved: Content::of(representation, &record.object, &document),
        theirs: TheirVersion::of(&theirs.content),
        in_their_place: document,
        status: AuditStatus::Applied,
        rules: Vec::new(),
        is_here: false,
    })))
}

/// Settled by the push that hears what became of what was sent: it releases what waits for the object itself.
fn awaiting_answer(object: &ObjectId) -> Verdict {
    let message = format!(
        "{object} was sent to the parent, and the answer has not come yet: whether the parent's version is that one, the \
         next push finds out"
    );
    Verdict { waiting_for: Some(object.clone()), ..Verdict::parked(Error::new(ErrorKind::Busy, message)) }
}

/// Reads back what was written; what differs is `PARTIAL`.
fn verify(host: &mut dyn Host, record: &Record, written: Written<'_>) -> Result<Verdict> {
    match written {
        Written::Settled(verdict) => Ok(*verdict),
        Written::Removed { origin, along, reason } => {
            confirm_removed(host, &record.object, origin.representation)?;
            Ok(Verdict {
                along,
                notes: reason.map(|reason| format!("removed there with the reason: {reason}")).into_iter().collect(),
                agreed: Some(agreement(origin.representation, None, None)),
                origin: Some(origin),
                ..Verdict::of(AuditStatus::Removed)
            })
        }
        Written::Reconciled(made) => {
            let origin = match &record.work {
                Work::Received(Received::Document(document)) => Some(document.origin.clone()),
                _ => None,
            };
            Ok(Verdict { origin, ..made.verify(host, &record.object)? })
        }
        Written::Saved { theirs, rules } => Ok(Verdict { rules, ..verify_saved(host, &record.object, theirs)? }),
    }
}

fn verify_saved(host: &mut dyn Host, object: &ObjectId, theirs: &Incoming) -> Result<Verdict> {
    let ReadBack { losses, canonical, hash } = read_back(host, object, &theirs.content)?;
    let remote = theirs.content.canonical.clone();
    let notes = theirs.reduced.as_ref().map(|reduced| reduced.notes.clone()).unwrap_or_default();
    let status = if losses.lost.is_empty() { AuditStatus::Applied } else { AuditStatus::Partial };
    Ok(Verdict {
        losses,
        notes,
        agreed: Some(agreement(theirs.content.representation, Some(hash), Some(theirs.content.hash.clone()))),
        base: Some(Box::new(Base {
            local: canonical.filter(|local| *local != remote),
            remote,
            packed: theirs.packed.clone(),
        })),
        origin: Some(theirs.origin.clone()),
        ..Verdict::of(status)
    })
}

fn bytes_of(stored: Stored) -> Option<Vec<u8>> {
    match stored {
        Stored::Present(bytes) => Some(bytes),
        Stored::Absent | Stored::Removed => None,
    }
}
