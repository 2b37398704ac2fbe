//! One transaction: both sides are looked at again under lock, what was decided is written, read back and recorded.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{DIRECTIONS, Decided, Facts, Hanging, Resolved, in_their_place};
use crate::audit::{Entry, Settled, SyncAuditLogger, Verdict};
use crate::coming_back::await_pull;
use crate::config::Config;
use crate::decide::conflict::Version;
use crate::decide::content::{Content, mismatch};
use crate::decide::resolution::{Choice, Refusal, Resolution, resolve as decide};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, Direction, ObjectId, Representation};
use crate::feed::publisher::publish;
use crate::host::{Host, Removal};
use crate::reconciliation::{Reconciliation, TheirVersion, agreement, base, kept, parsed};
use crate::removal::{dependents, gone_with};
use crate::saving::{Ours, confirm_removed, save};
use crate::store::audit::{AuditMessage, AuditStatus};
use crate::store::conflicts::{self, Conflict, Documents};
use crate::store::consents::{self, Consent};
use crate::store::{audit, events, lease, node, now, object_states, outbox, parked, transaction};
use crate::wire::Decision;

/// The longest reason that is written to what is removed.
const LONGEST_REASON: usize = 200;

/// The changes that were written.
struct Done {
    verdict: Verdict,
    /// The objects that the push has to look at.
    offered: Vec<ObjectId>,
    /// The objects that were removed at the parent with this one and waited here with it: they stay.
    stays: Vec<ObjectId>,
    /// The objects that the next pull brings back.
    awaited: Vec<ObjectId>,
}

impl Done {
    fn of(verdict: Verdict) -> Done {
        Done { verdict, offered: Vec::new(), stays: Vec::new(), awaited: Vec::new() }
    }
}

/// Carries out what somebody decided about a conflict, in a transaction of its own. An error changes nothing, but one of the
/// commit, after which it is unknown whether it took place: then the conflict says so by being there or not.
///
/// Errors: `NotFound` when there is no such conflict (any more); `Outdated` when either side moved since it was shown, or
/// something is on its way; `Rejected` when the decision does not fit; those of the host's `save` and `remove`.
pub(crate) fn resolve(config: &Config, host: &mut dyn Host, uuid: &str, decided: &Decided) -> Result<Resolved> {
    let noticed = transaction::read(host, |host| find(host, uuid))?;
    if noticed.0.child_node.is_some() {
        return transaction::write(host, |host| leave_to_child(config, host, uuid, decided));
    }
    if noticed.0.ours_hash.is_none() {
        // The feed tells of the objects that went along with the removal.
        publish(host, config.transfer.page_size)?;
    }
    transaction::write(host, |host| {
        let referred = content_of(&noticed)?.map(|content| content.references).unwrap_or_default();
        let referred: Vec<ObjectId> = referred.into_iter().filter(|object| *object != noticed.0.object).collect();
        host.lock(std::slice::from_ref(&noticed.0.object), &referred)?;
        lease::hold_up(host, Direction::Push)?;
        let found = find(host, uuid)?;
        let facts = Facts::read(config, host, found, true)?;
        facts.check_current(decided)?;
        facts.check_nothing_under_way(host)?;
        let done = facts.carry_out(config, host, decided)?;
        facts.record(config, host, decided, done)
    })
}

fn find(host: &mut dyn Host, uuid: &str) -> Result<(Conflict, Documents)> {
    let Some(found) = conflicts::get(host, uuid)? else {
        let message = format!("there is no conflict {uuid}, or it is over: look at the list again");
        return Err(Error::new(ErrorKind::NotFound, message));
    };
    Ok(found)
}

/// A conflict that a child met: it hears by its next pull what was decided, and carries it out. Only the child knows what both
/// had when they last agreed, and what is to go with the object there.
fn leave_to_child(config: &Config, host: &mut dyn Host, uuid: &str, decided: &Decided) -> Result<Resolved> {
    let found = find(host, uuid)?;
    let facts = Facts::read(config, host, found, true)?;
    facts.check_current(decided)?;
    if matches!(decided.choice, Choice::Fields(_) | Choice::Document(_)) {
        return Err(rejected(format!(
            "{}: this conflict was met by a child: decide here for one side as a whole, or at the child field by field",
            facts.object()
        )));
    }
    decide(facts.sides(), &decided.choice, facts.written_at())
        .map_err(|Refusal(why)| rejected(format!("{}: {why}", facts.object())))?;
    // The version here now is the one that was decided on.
    let ours = facts.here.as_ref().map(|document| document.to_string().into_bytes());
    let documents = Documents { ours, theirs: facts.theirs.as_ref().map(|(content, _)| content.to_save.clone()) };
    let noticed = Conflict { ours_hash: facts.ours_hash().map(str::to_string), ..facts.conflict.clone() };
    conflicts::put(host, &noticed, &documents)?;
    let (by, reason) = (decided.by.clone(), decided.reason.clone());
    conflicts::decide(host, uuid, &Decision { choice: decided.choice.name().to_string(), by, reason })?;
    let audit_uuid = facts.tell(host, decided)?;
    Ok(Resolved {
        uuid: uuid.to_string(),
        object: facts.object().clone(),
        choice: decided.choice.name(),
        audit_uuid,
        goes_up: false,
        goes_down: true,
        comes_back: 0,
        lost_paths: Vec::new(),
    })
}

fn content_of((conflict, documents): &(Conflict, Documents)) -> Result<Option<Content>> {
    let Some(bytes) = &documents.theirs else { return Ok(None) };
    let document = parsed(bytes)?;
    Ok(Some(Content::of(conflict.representation, &conflict.object, &document)))
}

fn rejected(message: String) -> Error {
    Error::new(ErrorKind::Rejected, message)
}

impl Facts {
    fn carry_out(&self, config: &Config, host: &mut dyn Host, decided: &Decided) -> Result<Done> {
        let resolution = decide(self.sides(), &decided.choice, self.written_at())
            .map_err(|Refusal(why)| rejected(format!("{}: {why}", self.object())))?;
        if resolution != Resolution::RemoveThere {
            consents::remove(host, std::slice::from_ref(self.object()))?;
        }
        match resolution {
            Resolution::Agree => Ok(Done::of(self.agree())),
            Resolution::Write(document) => self.write(config, host, &document).map(Done::of),
            Resolution::KeepHere => self.keep_here(host),
            Resolution::RemoveHere => self.remove_here(host, decided).map(Done::of),
            Resolution::RestoreHere => self.restore_here(config, host),
            Resolution::RemoveThere => self.remove_there(host).map(Done::of),
        }
    }

    /// Both sides have the same by now.
    fn agree(&self) -> Verdict {
        let agreed = agreement(
            self.conflict.representation,
            self.ours_hash().map(str::to_string),
            self.theirs_hash().map(str::to_string),
        );
        let base = match (&self.ours, &self.theirs) {
            (Ours::Document { canonical, .. }, Some((theirs, _))) => {
                Some(Box::new(base(theirs.canonical.clone(), canonical.clone())))
            }
            _ => None,
        };
        Verdict { agreed: Some(agreed), base, ..Verdict::of(AuditStatus::Resolved) }
    }

    /// The agreement is on theirs: what is written beside it counts as edited here, and goes up.
    fn write(&self, config: &Config, host: &mut dyn Host, document: &Value) -> Result<Verdict> {
        let (object, representation) = (self.object(), self.conflict.representation);
        let Some((theirs, _)) = &self.theirs else { return Ok(self.agree()) };
        if let Some(what) = mismatch(representation, object, document) {
            return Err(rejected(format!("{object}: the document {what}")));
        }
        let saved = Content::of(representation, object, document);
        if saved.says_removed {
            return Err(rejected(format!("{object}: the document says that it is removed: remove it here instead")));
        }
        check_references(host, object, &saved)?;
        let mut made = Reconciliation {
            is_here: self.ours.version() == Version::Document(&saved.hash),
            saved,
            theirs: TheirVersion::of(theirs),
            in_their_place: in_their_place(&self.sides()),
            status: AuditStatus::Resolved,
            rules: Vec::new(),
        };
        if !made.is_here {
            made.rules = save(host, config.validation(object.category), object, made.saved.as_saved())?;
        }
        host.clear()?;
        made.verify(host, object)
    }

    /// It goes up as something that the parent has removed, and so does what the parent removed with it.
    fn keep_here(&self, host: &mut dyn Host) -> Result<Done> {
        let known: Vec<&Hanging> = self.hanging.iter().filter(|one| one.is_known_there()).collect();
        let along = known.iter().map(|one| gone_with(&one.object, one.representation)).collect();
        let offered = std::iter::once(self.object()).chain(known.iter().map(|one| &one.object)).cloned().collect();
        let verdict = Verdict {
            along,
            // The fields that the parent can hold and this server cannot are still known.
            base: self.base.clone().map(Box::new),
            offered: None,
            status: AuditStatus::Resolved,
            ..kept(self.conflict.representation, None, false)
        };
        Ok(Done { offered, stays: self.removals_that_wait(host)?, ..Done::of(verdict) })
    }

    fn removals_that_wait(&self, host: &mut dyn Host) -> Result<Vec<ObjectId>> {
        let objects: Vec<ObjectId> = self.hanging.iter().map(|one| one.object.clone()).collect();
        let waiting = parked::get_all(host, Direction::Pull, &objects)?;
        let removals = waiting.into_values().filter(|record| record.action.is_removal());
        Ok(removals.map(|record| record.object).collect())
    }

    fn remove_here(&self, host: &mut dyn Host, decided: &Decided) -> Result<Verdict> {
        let representation = self.conflict.representation;
        let reason = format!("{} ({})", decided.reason, decided.by).chars().take(LONGEST_REASON).collect();
        let removal = Removal { action: self.their_removal(host)?, reason };
        host.remove(representation, self.object(), &removal)?;
        host.clear()?;
        confirm_removed(host, self.object(), representation)?;
        Ok(Verdict {
            along: self.hanging.iter().map(|one| gone_with(&one.object, one.representation)).collect(),
            agreed: Some(agreement(representation, None, None)),
            ..Verdict::of(AuditStatus::Resolved)
        })
    }

    /// Returns the action that the parent's event names.
    fn their_removal(&self, host: &mut dyn Host) -> Result<Action> {
        let told = match &self.conflict.audit_uuid {
            Some(uuid) => audit::get(host, uuid)?.map(|message| message.action),
            None => None,
        };
        Ok(told.filter(|action| action.is_removal()).unwrap_or(Action::Voided))
    }

    /// Restores the object. Those that were removed with it and do not come back by themselves are brought by the next pull, as
    /// after the parent restored it.
    fn restore_here(&self, config: &Config, host: &mut dyn Host) -> Result<Done> {
        let Some((_, document)) = &self.theirs else { return Ok(Done::of(self.agree())) };
        let verdict = self.write(config, host, document)?;
        let removed = dependents(host, self.object())?.into_iter().filter(|one| one.removed);
        let removed: Vec<ObjectId> = removed.map(|one| one.object).collect();
        let causes = self.causes_of_its_removal(host)?;
        let last = events::last_of(host, &removed)?;
        let states = object_states::get_all(host, &removed)?;
        let disputed = conflicts::get_all(host, &removed)?;
        let went_along = |object: &ObjectId| {
            last.get(object).is_some_and(|event| {
                event.action.is_removal() && event.caused_by.as_ref().is_some_and(|cause| causes.contains(cause))
            })
        };
        let is_there = |object: &ObjectId| states.get(object).is_some_and(|state| state.remote_hash.is_some());
        let awaited = removed.into_iter().filter(|object| {
            config.pulls(object.category) && went_along(object) && is_there(object) && !disputed.contains_key(object)
        });
        let awaited = awaited.collect();
        Ok(Done { awaited, ..Done::of(verdict) })
    }

    /// Returns the objects that took along what went with the object: itself, or what it went along with itself.
    fn causes_of_its_removal(&self, host: &mut dyn Host) -> Result<Vec<ObjectId>> {
        let mut last = events::last_of(host, std::slice::from_ref(self.object()))?;
        let removal = last.remove(self.object()).filter(|event| event.action.is_removal());
        let causes = std::iter::once(self.object().clone()).chain(removal.and_then(|event| event.caused_by));
        Ok(causes.collect())
    }

    /// The removal goes up once more, with the word that what the parent named goes along.
    fn remove_there(&self, host: &mut dyn Host) -> Result<Verdict> {
        let (named, more) = self.named_there();
        if more > 0 {
            return Err(rejected(format!(
                "{more} objects hang on {} at the parent that it does not name: they are many, or this server's account may not \
                 read them. Have it removed at the parent, or choose keep",
                self.object()
            )));
        }
        let consents = named.into_iter().filter_map(|named| {
            let object = ObjectId { category: Category::parse(&named.category)?, uuid: named.uuid };
            let representation = Representation::parse(&named.representation)?;
            Some(Consent { object, representation, seen_hash: named.hash })
        });
        let consents: Vec<Consent> = consents.collect();
        consents::add(host, self.object(), &consents)?;
        let theirs = self.theirs.as_ref().map(|(content, _)| TheirVersion::of(content));
        Ok(Verdict { status: AuditStatus::Resolved, ..kept(self.conflict.representation, theirs, true) })
    }

    fn record(&self, config: &Config, host: &mut dyn Host, decided: &Decided, done: Done) -> Result<Resolved> {
        let (object, time) = (self.object(), now(host)?);
        let audit_uuid = Uuid::new_v4();
        let offered_together = !done.offered.is_empty();
        let (node_id, run) = (node::id(host)?, self.conflict.uuid.as_str());
        let logger = |direction| SyncAuditLogger {
            direction,
            run_id: run,
            node_id: &node_id,
            now: time,
            retry: &config.retry,
            parent_keeps_conflicts: config.tells_parent() && !offered_together,
        };
        let verdict = Verdict { resolution: Some(self.told(decided)), ..done.verdict };
        let goes_up = verdict.offered.is_some() || offered_together;
        let lost_paths = verdict.losses.lost.clone();
        let event_id = format!("resolution:{audit_uuid}");
        let entry = Entry::New { audit_uuid, epoch: run, event_id: &event_id };
        let action = verdict.offered.unwrap_or(Action::Other);
        let settled = Settled { object, action, object_is_known: true, entry, verdict };
        logger(self.conflict.direction).record(host, &[settled])?;
        for object in &done.stays {
            audit::coalesce_parked(host, Direction::Pull, object, &audit_uuid.to_string())?;
        }
        parked::remove(host, Direction::Pull, &done.stays)?;
        let why = format!("with {object}");
        await_pull(config, host, &logger(Direction::Pull), &done.awaited, &why)?;
        outbox::add_together(host, &done.offered, Action::Updated)?;
        let hanging = self.hanging.iter().map(|one| &one.object);
        let touched: Vec<ObjectId> = std::iter::once(object).chain(hanging).chain(&done.awaited).cloned().collect();
        for direction in DIRECTIONS {
            parked::retry_objects(host, direction, &touched, time)?;
        }
        Ok(Resolved {
            uuid: run.to_string(),
            object: object.clone(),
            choice: decided.choice.name(),
            audit_uuid: audit_uuid.to_string(),
            goes_up,
            goes_down: false,
            comes_back: done.awaited.len(),
            lost_paths,
        })
    }

    /// Nothing has changed here yet but what is known of the conflict. The audit message's uuid.
    fn tell(&self, host: &mut dyn Host, decided: &Decided) -> Result<String> {
        let uuid = Uuid::new_v4().to_string();
        let verdict = Verdict { resolution: Some(self.told(decided)), ..Verdict::of(AuditStatus::Resolved) };
        let message = AuditMessage {
            uuid: uuid.clone(),
            run_id: self.conflict.uuid.clone(),
            direction: self.conflict.direction,
            category: self.object().category,
            object_uuid: Some(self.object().uuid.clone()),
            action: Action::Other,
            epoch: self.conflict.uuid.clone(),
            event_id: format!("resolution:{uuid}"),
            node_id: node::id(host)?,
            recorded_at: now(host)?,
            outcome: verdict.outcome(),
        };
        audit::insert_all(host, &[message])?;
        Ok(uuid)
    }

    fn told(&self, decided: &Decided) -> Value {
        let mut told = json!({
            "choice": decided.choice.name(),
            "by": decided.by,
            "reason": decided.reason,
            "conflict": self.conflict.uuid,
        });
        if let (Choice::Fields(fields), Some(told)) = (&decided.choice, told.as_object_mut()) {
            let fields = fields.iter().map(|(path, whose)| (path.clone(), Value::from(whose.name()))).collect();
            told.insert("fields".to_string(), Value::Object(fields));
        }
        told
    }
}

/// Errors: `MissingReference` when it refers to something that is not here.
fn check_references(host: &mut dyn Host, object: &ObjectId, saved: &Content) -> Result<()> {
    let references: Vec<ObjectId> = saved.references.iter().cloned().collect();
    if references.is_empty() {
        return Ok(());
    }
    let here = host.exists(&references)?;
    match references.into_iter().zip(here).find(|(_, here)| !here) {
        None => Ok(()),
        Some((missing, _)) => {
            let message = format!("{object} would refer to {missing}, which is not here: pull that one first");
            Err(Error::new(ErrorKind::MissingReference, message))
        }
    }
}
