//! One transaction: what became of a batch is written with the agreement, the audit and the marker.

use std::sync::Arc;

use super::SyncPushService;
use super::item::{Item, Plan, Planned, Record, Source, event_audit_uuid};
use super::sending::{Deliveries, Delivery, Outgoing};
use crate::audit::{Entry, Settled, SyncAuditLogger, Verdict};
use crate::coming_back;
use crate::config::OnRecordFailure;
use crate::error::{Error, Result};
use crate::event::{Direction, ObjectId};
use crate::host::Host;
use crate::naming::named;
use crate::passing::Passing;
use crate::reconciliation::disputed;
use crate::store::runs::RunProgress;
use crate::store::{consents, now, object_states, parked, pending, sightings, unheard};
use crate::wire::FeedPlace;

/// The rows to write for a batch.
#[derive(Default)]
struct Settlement {
    records: Vec<(Box<Record>, Verdict)>,
    /// The objects that were sent, with the agreements when they were read.
    sent: Vec<Arc<Outgoing>>,
    /// Those of which nothing can be under way any more.
    settled: Vec<ObjectId>,
    /// Where the parent's feed ended when it had answered.
    feed: Option<FeedPlace>,
    /// How far the events are passed.
    passing: Passing,
}

impl Settlement {
    /// Of the items before the first one that was to be sent and is not answered.
    fn of(host: &mut dyn Host, planned: Vec<Planned>, deliveries: Vec<Delivery>) -> Settlement {
        let mut settlement = Settlement::default();
        let mut deliveries = deliveries.into_iter();
        for Planned { item, plan } in planned {
            let verdict = match plan {
                Plan::Pass => None,
                Plan::Settled(verdict) => Some(*verdict),
                Plan::Send(outgoing) => match deliveries.next() {
                    None => break,
                    Some(delivery) => Some(settlement.delivered(host, outgoing, delivery)),
                },
            };
            settlement.add(item, verdict);
        }
        settlement
    }

    /// A refusal of the parent is told by what people know the object by here.
    fn delivered(&mut self, host: &mut dyn Host, outgoing: Arc<Outgoing>, delivery: Delivery) -> Verdict {
        if delivery.is_certain() {
            self.settled.push(outgoing.object.clone());
        }
        let mut verdict = delivery.verdict(&outgoing);
        if let Some(document) = outgoing.here.as_ref().or(outgoing.document.as_ref()) {
            let told = |error| named(host, &outgoing.object, document.as_saved(), error);
            verdict.error = verdict.error.take().map(told);
        }
        self.sent.push(outgoing);
        verdict
    }

    fn add(&mut self, item: Item, verdict: Option<Verdict>) {
        match (item, verdict) {
            (Item::Record(record), Some(verdict)) => {
                if let Source::Event(event) = &record.source {
                    self.passing.pass(event);
                }
                let duration_ms = record.started.elapsed().as_millis() as i64;
                self.records.push((record, Verdict { duration_ms, ..verdict }));
            }
            (Item::Passed(passing), _) => self.passing.pass_all(&passing),
            (Item::Record(_), None) => {}
        }
    }

    /// With `onRecordFailure = halt` a record that would be parked is not passed.
    fn halting_failure(&self) -> Option<&Error> {
        let failed = |(record, verdict): &'_ (Box<Record>, Verdict)| {
            matches!(record.source, Source::Event(_)) && verdict.error.is_some()
        };
        self.records.iter().find(|record| failed(record)).and_then(|(_, verdict)| verdict.error.as_ref())
    }
}

impl SyncPushService<'_> {
    /// Writes what became of a batch, as far as it was answered, and commits it.
    ///
    /// Errors: the failure of a record that halts the run; the database or the lease is lost.
    pub(super) fn settle(&mut self, host: &mut dyn Host, planned: Vec<Planned>, delivered: Deliveries) -> Result<()> {
        let settlement = Settlement { feed: delivered.feed, ..Settlement::of(host, planned, delivered.answered) };
        if self.config.push.on_record_failure == OnRecordFailure::Halt
            && let Some(error) = settlement.halting_failure()
        {
            return Err(error.clone());
        }
        host.begin()?;
        let progress = match self.fill_transaction(host, settlement) {
            Ok(progress) => progress,
            Err(error) => {
                host.rollback();
                return Err(error);
            }
        };
        self.run.commit(host, progress)?.map_or(Ok(()), Err)
    }

    fn fill_transaction(&self, host: &mut dyn Host, mut settlement: Settlement) -> Result<RunProgress> {
        self.run.renew_lease(host)?;
        let now = now(host)?;
        leave_newer_agreements(host, &mut settlement)?;
        name_disputes(host, &mut settlement)?;
        let (records, verdicts): (Vec<_>, Vec<_>) = settlement.records.into_iter().unzip();
        let settled: Vec<Settled<'_>> =
            records.iter().zip(verdicts).map(|(record, verdict)| settled(record, verdict)).collect();
        let counts = self.run.audit_logger(now).record(host, &settled)?;
        let stayed: Vec<ObjectId> = settled.iter().flat_map(|record| &record.verdict.stayed).cloned().collect();
        let pulls = SyncAuditLogger { direction: Direction::Pull, ..self.run.audit_logger(now) };
        coming_back::after_removal(self.config, host, &pulls, &stayed)?;
        if let Some(place) = &settlement.feed {
            sightings::add(host, place)?;
        }
        pending::remove(host, &settlement.settled)?;
        consents::remove(host, &removed_there(&settlement.sent, &settled))?;
        unheard::remove(host, &heard(&settlement.sent, &settled))?;
        // A pull that met the parent's version before its answer came here waits for that answer.
        parked::release(host, Direction::Pull, &settlement.settled, now)?;
        self.run.record_progress(host, counts, &settlement.passing)
    }
}

/// The objects whose removals the parent has done.
fn removed_there(sent: &[Arc<Outgoing>], settled: &[Settled<'_>]) -> Vec<ObjectId> {
    let removals = sent.iter().filter(|outgoing| outgoing.document.is_none());
    let done =
        |object: &ObjectId| settled.iter().any(|record| record.object == object && record.verdict.agreed.is_some());
    removals.map(|outgoing| outgoing.object.clone()).filter(done).collect()
}

/// The objects of which the parent has heard that a conflict is over.
fn heard(sent: &[Arc<Outgoing>], settled: &[Settled<'_>]) -> Vec<ObjectId> {
    let told = sent.iter().filter(|outgoing| outgoing.was_unheard).map(|outgoing| &outgoing.object);
    let accepted =
        |object: &&ObjectId| settled.iter().any(|record| record.object == *object && record.verdict.agreed.is_some());
    told.filter(accepted).cloned().collect()
}

/// While an object was on its way a pull may have agreed on a newer version of it: that one stays.
fn leave_newer_agreements(host: &mut dyn Host, settlement: &mut Settlement) -> Result<()> {
    let objects: Vec<ObjectId> = settlement.sent.iter().flat_map(|sent| sent.decided_on()).cloned().collect();
    if objects.is_empty() {
        return Ok(());
    }
    object_states::lock_all(host, &objects)?;
    let states = object_states::get_all(host, &objects)?;
    for outgoing in &settlement.sent {
        let newer = outgoing.removed.along.iter().filter(|along| states.get(&along.object) != along.state.as_ref());
        for along in newer {
            settlement
                .records
                .iter_mut()
                .for_each(|(_, verdict)| verdict.along.retain(|(object, _)| *object != along.object));
        }
        if states.get(&outgoing.object) != outgoing.state.as_ref() {
            let records = settlement.records.iter_mut();
            for (_, verdict) in records.filter(|(record, _)| record.object == outgoing.object) {
                verdict.agreed = None;
            }
        }
    }
    Ok(())
}

/// The parent says what it has, not what of it is in dispute.
fn name_disputes(host: &mut dyn Host, settlement: &mut Settlement) -> Result<()> {
    for (record, verdict) in &mut settlement.records {
        if let Some(disagreement) = verdict.conflict.as_mut().filter(|disagreement| disagreement.detail.is_none()) {
            disagreement.detail = disputed(host, &record.object, disagreement)?;
        }
    }
    Ok(())
}

fn settled(record: &Record, verdict: Verdict) -> Settled<'_> {
    let entry = match &record.source {
        Source::Event(event) => {
            Entry::New { audit_uuid: event_audit_uuid(event), epoch: &event.epoch, event_id: &event.id }
        }
        Source::Parked(parked) => Entry::Parked(parked),
        Source::WithoutEvent { audit_uuid, run, event_id } => {
            Entry::New { audit_uuid: *audit_uuid, epoch: run, event_id }
        }
    };
    Settled { object: &record.object, action: record.action, object_is_known: true, entry, verdict }
}
