//! SyncPushService: the order of the steps of a push, and nothing else.
//!
//! This node's own feed after the marker ([`own_feed`]) → filter → coalesce → read here ([`reading`]) → decide → note what is
//! about to be sent → send, outside of any transaction ([`sending`]) → settle: state, audit and marker in one transaction
//! ([`settling`]). The marker moves only past what the parent has answered. While one request is under way, the next one is
//! read and decided on; it is noted and sent when the first is answered, and settled after the first.

mod exchange;
mod hanging;
mod item;
mod local_server;
mod named;
mod own_feed;
mod plain;
mod reading;
mod refused;
mod removals;
mod sending;
mod settling;
mod waiting;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use crate::audit::Verdict;
use crate::config::{Config, OnRecordFailure};
use crate::copied;
use crate::decide::batching::longer_request;
use crate::decide::canonical;
use crate::decide::content::Content;
use crate::decide::push::{Local, ToSend, to_send};
use crate::decide::{conflict, reconcile};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Direction, Event, ObjectId};
use crate::feed::Dialect;
use crate::filter::{Filter, Filters, HostFilter};
use crate::greeter::Greeter;
use crate::host::Host;
use crate::http::ParentClient;
use crate::reconciliation::{Agreed, parsed};
use crate::resource::SyncResourceManager;
use crate::restored::{self, Met};
use crate::run::{ActiveRun, NewRun, RunParts, without_panic};
use crate::store::audit::AuditStatus;
use crate::store::bases::Base;
use crate::store::runs::{Run, RunKind};
use crate::store::{audit, copies, object_states, pending, transaction};
use exchange::ExchangeSender;
use item::{Item, Plan, Planned, Record};
use own_feed::OwnFeed;
use plain::PlainSender;
use reading::{Known, Ours};
use removals::Removed;
use sending::{Deliveries, Outgoing, Sender};
use waiting::Waiting;

/// No more is read ahead for a request than this, and the batch that passes it: what a parent takes as one group.
const MOST_BYTES_OF_A_REQUEST: usize = 4 << 20;

/// A request is sent again when its answer is lost.
const MOST_BATCHES_OF_A_REQUEST: usize = 8;

/// The parts that the engine keeps from run to run and lends to each.
pub(crate) struct PushParts {
    run: RunParts,
    parent: Arc<ParentClient>,
    /// The way to this server's own FHIR and REST addresses; nothing when the host reads.
    local: Option<(Config, ParentClient)>,
    filters: Arc<Filters>,
    host_filters: Vec<Arc<dyn HostFilter>>,
}

impl PushParts {
    /// Errors: `Configuration` when TLS to this server itself cannot be set up.
    pub(crate) fn new(
        run: RunParts,
        parent: Arc<ParentClient>,
        filters: Arc<Filters>,
        host_filters: Vec<Arc<dyn HostFilter>>,
    ) -> Result<PushParts> {
        let local = local_server::client(&run.config)?;
        Ok(PushParts { run, parent, local, filters, host_filters })
    }
}

/// One push, from taking the lease to giving it back. Blocks the calling thread, which does all host work.
pub(crate) struct SyncPushService<'a> {
    config: &'a Config,
    parts: &'a PushParts,
    /// The parts' client, whose waits end when this run is cancelled.
    parent: Arc<ParentClient>,
    /// Asks this server's own addresses; nothing when the host reads.
    local: Option<Arc<SyncResourceManager>>,
    /// Chosen when there is something to send: a push of nothing asks the parent nothing.
    sender: Option<Arc<dyn Sender>>,
    /// True if this run has noticed that.
    parent_was_restored: bool,
    /// Up to which event this database is the parent's, where it was made from a copy of it.
    copied_at: Option<u64>,
    /// The most items of the next request.
    request_length: usize,
    run: ActiveRun<'a>,
}

/// The task that sends. Dropping it ends it.
type Sending = AbortOnDropHandle<Deliveries>;

/// A request that is under way.
struct Request {
    planned: Vec<Planned>,
    /// None when nothing of it is to be sent.
    sending: Option<Sending>,
}

/// Pushes until the end of this node's feed or until something stops it. A run that was stopped is no error: it is told in
/// the run. With it comes the pause that the parent asked for.
///
/// Errors: `AlreadyRunning` when another run holds the lease, `Configuration` when a run had this id already, `Host` when
/// the database cannot even record the start.
pub(crate) fn push(parts: &PushParts, new: NewRun, host: &mut dyn Host) -> Result<(Run, Option<Duration>)> {
    let mut service = start(parts, RunKind::Feed, new, host)?;
    let result = without_panic(host, |host| {
        service.settle_copy(host)?;
        service.work(host)
    });
    Ok(service.run.finish(host, result.err()))
}

/// Pushes one object that somebody asked for by name, and what hangs on it here. Moves no marker; what goes wrong with one of
/// them is parked, and tried again by later pushes.
///
/// Errors: as those of [`push`].
pub(crate) fn push_object(
    parts: &PushParts,
    new: NewRun,
    object: &ObjectId,
    host: &mut dyn Host,
) -> Result<(Run, Option<Duration>)> {
    let mut service = start(parts, RunKind::Object, new, host)?;
    let result = without_panic(host, |host| {
        service.settle_copy(host)?;
        service.send_named(host, object)
    });
    Ok(service.run.finish(host, result.err()))
}

/// Tries again what is parked and due, as what an administrator asked for is. Moves no marker.
///
/// Errors: as those of [`push`].
pub(crate) fn retry(parts: &PushParts, new: NewRun, host: &mut dyn Host) -> Result<(Run, Option<Duration>)> {
    let mut service = start(parts, RunKind::Retry, new, host)?;
    let result = without_panic(host, |host| {
        service.settle_copy(host)?;
        service.work_on_parked(host)
    });
    Ok(service.run.finish(host, result.err()))
}

fn start<'a>(parts: &'a PushParts, kind: RunKind, new: NewRun, host: &mut dyn Host) -> Result<SyncPushService<'a>> {
    let run = ActiveRun::start(&parts.run, Direction::Push, kind, new, host)?;
    let local = parts.local.as_ref().map(|(config, client)| {
        let client = Arc::new(client.with_cancellation(run.cancellation()));
        Arc::new(SyncResourceManager::new(client, config, Vec::new()))
    });
    Ok(SyncPushService {
        config: &parts.run.config,
        parts,
        parent: Arc::new(parts.parent.with_cancellation(run.cancellation())),
        local,
        sender: None,
        parent_was_restored: false,
        copied_at: None,
        request_length: longest_request(&parts.run.config, false),
        run,
    })
}

impl SyncPushService<'_> {
    fn settle_copy(&mut self, host: &mut dyn Host) -> Result<()> {
        self.copied_at = copied::settle(&mut self.run, host, &self.parent, self.config)?;
        Ok(())
    }

    fn work(&mut self, host: &mut dyn Host) -> Result<()> {
        // This node's own feed is one of all categories.
        self.run.note_what_is_on(host, Dialect::Sync2)?;
        self.run.recall_from_the_future(host)?;
        self.ask_after_unanswered(host)?;
        restored::find_what_was_lost(&self.run, host)?;
        self.retry_due(host)?;
        self.send_feed(host)?;
        if self.parent_was_restored {
            // Objects that it may have lost have come into the feed since.
            self.send_feed(host)?;
        }
        // Arrived objects have released the records that waited for them.
        self.retry_due(host)?;
        self.send_what_is_needed(host)?;
        self.send_refused_together(host)?;
        self.run.prune(host)
    }

    fn work_on_parked(&mut self, host: &mut dyn Host) -> Result<()> {
        self.run.recall_from_the_future(host)?;
        self.ask_after_unanswered(host)?;
        self.retry_due(host)?;
        self.send_what_is_needed(host)?;
        self.send_refused_together(host)
    }

    fn send_feed(&mut self, host: &mut dyn Host) -> Result<()> {
        let feed = OwnFeed::open(host, self.config.transfer.page_size)?;
        self.process(host, Waiting::of_feed(feed))
    }

    /// Returns the task of each event. Events after one that a filter of the host could not decide on are left, and the error
    /// comes with the others: nothing may pass a filter unseen.
    fn items(&self, host: &mut dyn Host, events: Vec<Event>) -> Result<(Vec<Item>, Option<Error>)> {
        let repeated = {
            let Some(epoch) = events.first().map(|event| event.epoch.clone()) else { return Ok((Vec::new(), None)) };
            let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
            transaction::read(host, |host| audit::known(host, Direction::Push, &epoch, &ids))?
        };
        let mut sifted = Vec::with_capacity(events.len());
        let mut stopped = None;
        for event in events {
            match self.wants_event(&event) {
                Ok(wanted) => sifted.push((wanted, event)),
                Err(error) => {
                    stopped = Some(error);
                    break;
                }
            }
        }
        let events: Vec<Event> = sifted.iter().map(|(_, event)| event.clone()).collect();
        let mut went_along = removals::went_along(&events);
        // Where the owner's removal is not sent, its author's removal of this one is.
        went_along.retain(|_, owner| self.parts.filters.wants_category(owner.category));
        let records_filtered = self.config.audit.record_filtered;
        Ok((item::items(sifted, &repeated, &went_along, records_filtered), stopped))
    }

    fn wants_event(&self, event: &Event) -> Result<bool> {
        let Ok(object) = &event.object else { return Ok(false) };
        if !self.parts.filters.wants_event(event) {
            return Ok(false);
        }
        for filter in &self.parts.host_filters {
            if !filter.wants_event(object, event)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tries again what is parked and due: by its schedule, released by an arrival, or asked for by an administrator.
    fn retry_due(&mut self, host: &mut dyn Host) -> Result<()> {
        loop {
            let due = self.run.due(host, &[])?;
            if due.is_empty() {
                return Ok(());
            }
            let items = due.into_iter().map(|parked| {
                let wanted = self.parts.filters.wants_category(parked.object.category);
                Item::Record(Box::new(Record::retried(parked, wanted)))
            });
            self.process(host, Waiting::of_items(items.collect()))?;
        }
    }

    /// Sends items in their order, request by request. While one is under way the next one is planned; it is sent as soon
    /// as that one is answered, where it may be, and only then are the answers settled.
    fn process(&mut self, host: &mut dyn Host, mut waiting: Waiting) -> Result<()> {
        let planned = self.plan_request(host, &mut waiting)?;
        let mut under_way = self.send(host, &mut waiting, planned)?;
        self.tell_remaining(&waiting, under_way.as_ref());
        while let Some(Request { planned, sending }) = under_way {
            self.run.check_cancelled()?;
            let next = self.plan_request(host, &mut waiting);
            let mut delivered = self.answers(host, sending)?;
            let stopped = delivered.stopped.take();
            let upcoming = next.as_deref().unwrap_or_default();
            let announced = stopped.is_none()
                && self.may_be_sent_before_settling(&planned, upcoming)
                && self.announce(host, upcoming)?;
            let (next, sent) =
                if announced { (Ok(Vec::new()), Some(self.start_sending(host, next?)?)) } else { (next, None) };
            self.settle(host, planned, delivered)?;
            self.run.progressed();
            stopped.map_or(Ok(()), Err)?;
            under_way = match sent {
                Some(request) => Some(request),
                None => self.send(host, &mut waiting, next?)?,
            };
            self.tell_remaining(&waiting, under_way.as_ref());
        }
        waiting.stopped.map_or(Ok(()), Err)
    }

    /// Announces and sends what is planned, which is planned anew as long as that does not hold; None at the end.
    fn send(
        &mut self,
        host: &mut dyn Host,
        waiting: &mut Waiting,
        mut planned: Vec<Planned>,
    ) -> Result<Option<Request>> {
        while !planned.is_empty() {
            self.run.check_cancelled()?;
            if self.announce(host, &planned)? {
                return self.start_sending(host, planned).map(Some);
            }
            waiting.put_back(planned);
            planned = self.plan_request(host, waiting)?;
        }
        Ok(None)
    }

    /// Not with `halt`, where what is settled may stop the run. And what is settled may change what is to be done about its
    /// objects.
    fn may_be_sent_before_settling(&self, answered: &[Planned], next: &[Planned]) -> bool {
        let settled: HashSet<&ObjectId> = answered.iter().filter_map(|planned| planned.item.written_object()).collect();
        !next.is_empty()
            && self.config.push.on_record_failure == OnRecordFailure::Proceed
            && next.iter().flat_map(Planned::decided_on).all(|object| !settled.contains(object))
    }

    fn tell_remaining(&mut self, waiting: &Waiting, under_way: Option<&Request>) {
        if let Some(remaining) = waiting.remaining(under_way.map_or(0, |request| request.planned.len())) {
            self.run.record.progress.remaining = Some(remaining);
        }
    }

    /// Reads the feed as far as the next request needs it.
    ///
    /// Errors: `Cancelled`. What goes wrong with the feed ends what waits, and counts when that is sent.
    fn read_on(&self, host: &mut dyn Host, waiting: &mut Waiting) -> Result<()> {
        while waiting.needs_more(self.request_length) {
            self.run.check_cancelled()?;
            match waiting.read_on(host).and_then(|events| self.items(host, events)) {
                Ok((items, stopped)) => {
                    waiting.add(items);
                    stopped.into_iter().for_each(|error| waiting.stop(error));
                }
                Err(error) => waiting.stop(error),
            }
        }
        Ok(())
    }

    /// Reads and decides on what the next request brings, a batch at a time; none at the end.
    fn plan_request(&mut self, host: &mut dyn Host, waiting: &mut Waiting) -> Result<Vec<Planned>> {
        let mut request = Vec::new();
        let mut bytes = 0;
        self.read_on(host, waiting)?;
        let mut items = waiting.next_request(self.request_length);
        while !items.is_empty() && bytes < MOST_BYTES_OF_A_REQUEST {
            let batch = items.drain(..items.len().min(self.config.transfer.batch_size)).collect();
            let planned = self.plan(host, batch)?;
            bytes += planned.iter().filter_map(Planned::outgoing).map(|outgoing| outgoing.bytes()).sum::<usize>();
            request.extend(planned);
        }
        waiting.put_back_items(items);
        Ok(request)
    }

    /// Reads what is here of each record's object and decides what is to be sent.
    fn plan(&mut self, host: &mut dyn Host, batch: Vec<Item>) -> Result<Vec<Planned>> {
        let objects: Vec<ObjectId> = batch.iter().filter_map(|item| item.written_object().cloned()).collect();
        if objects.is_empty() {
            return Ok(batch.into_iter().map(|item| Planned { plan: item.plan_without_reading(), item }).collect());
        }
        let mut known = Known::read(host, &objects)?;
        let mut ours = self.read_here(host, &objects)?;
        let mut removed = removals::removed(host, &batch)?;
        let planned = batch.into_iter().map(|item| {
            let plan = match item.written_object() {
                None => item.plan_without_reading(),
                Some(object) => {
                    let found = ours.remove(object).unwrap_or(Ours::Absent);
                    let removed = removed.remove(object).unwrap_or_default();
                    self.decide(&item, object.clone(), found, &mut known, removed)
                }
            };
            Planned { plan, item }
        });
        Ok(planned.collect())
    }

    fn decide(&self, item: &Item, object: ObjectId, ours: Ours, known: &mut Known, removed: Removed) -> Plan {
        match ours {
            Ours::Failed(error) => return Plan::settled(Verdict::parked(error)),
            Ours::LeftOut => return Plan::settled(Verdict::of(AuditStatus::Filtered)),
            Ours::Absent | Ours::Removed | Ours::Document(_) => {}
        }
        let representation = self.config.representation(object.category);
        let state = known.states.remove(&object);
        let sent = known.pending.remove(&object).unwrap_or_default();
        // An agreement in other terms says nothing: the parent compares the documents as at first contact.
        let comparable = state.as_ref().filter(|state| state.is_known(representation));
        // One of an earlier release still holds where documents have the form that they had in it.
        let agreed_in = comparable.map(|state| state.canonical_version);
        let canonical_version =
            agreed_in.filter(|version| canonical::differs(*version, representation)).unwrap_or(canonical::VERSION);
        let hash = ours.hash_at(canonical_version);
        // Objects that the parent may have lost are sent again.
        let agreed = comparable.filter(|state| state.restored_to.is_none()).map(|state| conflict::Agreed {
            local_hash: state.local_hash.as_deref(),
            remote_hash: state.remote_hash.as_deref(),
        });
        let action = item.action();
        let was_unheard = known.unheard.remove(&object);
        let local = Local {
            ours: ours.version(hash.as_deref()),
            agreed,
            known_there: state.is_some() || self.copied_at.is_some(),
            pending: !sent.is_empty(),
            removal_event: action.is_removal(),
            unheard: was_unheard,
        };
        let is_news = to_send(Local { unheard: false, ..local }) != ToSend::Nothing;
        match to_send(local) {
            ToSend::Nothing => Plan::settled(Verdict::of(AuditStatus::Unchanged)),
            ToSend::Vanished => Plan::settled(Verdict::parked(vanished(&object))),
            ToSend::Document | ToSend::Removal => {
                let base = known.unlike.remove(&object).filter(|_| comparable.is_some());
                let last_seen =
                    comparable.and_then(|state| state.remote_hash.clone()).or(known.removed_there.remove(&object));
                let restored_to = comparable.and_then(|state| state.restored_to);
                let copied_at = self.copied_at.filter(|_| state.is_none());
                let (document, here) = match going_up(&object, ours.document(), base.as_ref()) {
                    Ok(documents) => documents,
                    Err(error) => return Plan::settled(Verdict::parked(error)),
                };
                let pending = sent.into_iter().collect();
                Plan::Send(Arc::new(Outgoing {
                    action,
                    representation,
                    canonical_version,
                    last_seen,
                    restored_to,
                    copied_at,
                    pending,
                    document,
                    here,
                    state,
                    removed,
                    was_unheard,
                    is_news,
                    object,
                }))
            }
        }
    }

    /// Commits what is about to be sent, so that a version of the parent's that came from here is known again. False when
    /// a pull has agreed on one of the objects since it was read, or when the parent turns out to be restored: what is to be sent
    /// has to be decided anew.
    fn announce(&mut self, host: &mut dyn Host, planned: &[Planned]) -> Result<bool> {
        let outgoing: Vec<&Arc<Outgoing>> = planned.iter().filter_map(Planned::outgoing).collect();
        if outgoing.is_empty() {
            return Ok(true);
        }
        self.sender(host)?;
        if self.copied_at.is_some() {
            // The parent may have been restored to before the copy.
            let copied_at = transaction::read(host, |host| copies::common(host))?;
            if copied_at != self.copied_at {
                self.copied_at = copied_at;
                return Ok(false);
            }
        }
        let objects: Vec<ObjectId> = outgoing.iter().flat_map(|outgoing| outgoing.decided_on()).cloned().collect();
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            let states = object_states::get_all(host, &objects)?;
            let fresh = outgoing.iter().all(|outgoing| outgoing.is_fresh(&states));
            if fresh {
                let sent: Vec<(ObjectId, String)> = outgoing
                    .iter()
                    .map(|outgoing| {
                        let hash = outgoing.hash().map_or_else(|| pending::REMOVAL.to_string(), Cow::into_owned);
                        (outgoing.object.clone(), hash)
                    })
                    .collect();
                pending::add_all(host, &sent)?;
            }
            Ok(fresh)
        })
    }

    /// After a request of that many items: the next one is sent only when that one was answered.
    fn lengthen_requests(&mut self, sent: usize) {
        let in_batches = self.sender.as_ref().is_some_and(|sender| sender.sends_in_batches());
        let most = longest_request(self.config, in_batches);
        self.request_length = longer_request(self.request_length, sent, most);
    }

    /// Sends what is to be sent, on tokio's threads.
    fn start_sending(&mut self, host: &mut dyn Host, planned: Vec<Planned>) -> Result<Request> {
        let outgoing: Vec<Arc<Outgoing>> = planned.iter().filter_map(Planned::outgoing).cloned().collect();
        let sending = if outgoing.is_empty() {
            None
        } else {
            let sender = self.sender(host)?;
            Some(AbortOnDropHandle::new(self.parts.run.runtime.spawn(async move {
                let outgoing: Vec<&Outgoing> = outgoing.iter().map(Arc::as_ref).collect();
                sender.deliver(&outgoing).await
            })))
        };
        self.lengthen_requests(planned.len());
        Ok(Request { planned, sending })
    }

    /// Waits for the answers to a request.
    fn answers(&mut self, host: &mut dyn Host, sending: Option<Sending>) -> Result<Deliveries> {
        match sending {
            None => Ok(Deliveries::default()),
            Some(sending) => self.run.wait(host, async { sending.await.map_err(panicked) }),
        }
    }

    /// Returns the sender of this run: the exchange where the parent has it, else FHIR and REST.
    fn sender(&mut self, host: &mut dyn Host) -> Result<Arc<dyn Sender>> {
        if let Some(sender) = &self.sender {
            return Ok(sender.clone());
        }
        let greeter = Greeter::new(self.parent.clone(), self.config, &self.run.introduction);
        let asked = self.config.may_exchange();
        let met = if asked { restored::meet(&mut self.run, host, &greeter)? } else { Met::WithoutExchange };
        self.parent_was_restored |= met == Met::Restored;
        let exchanges = met != Met::WithoutExchange;
        self.parts.run.progress.push_exchanges(exchanges);
        let sender: Arc<dyn Sender> = if exchanges {
            Arc::new(ExchangeSender::new(greeter))
        } else {
            Arc::new(PlainSender::new(self.parent.clone(), self.config))
        };
        self.sender = Some(sender.clone());
        Ok(sender)
    }
}

/// Returns the document to send for one that is here; and that one, where another is sent: the parent's own, with what was edited
/// here changed in it, because one side could not hold all of it.
fn going_up(
    object: &ObjectId,
    ours: Option<Content>,
    base: Option<&Base>,
) -> Result<(Option<Content>, Option<Content>)> {
    let (Some(ours), Some(base)) = (&ours, base) else { return Ok((ours, None)) };
    let agreed = Agreed::of(base)?;
    let saved = parsed(&ours.to_save)?;
    // As it is here, not in its canonical form: a part that is new there has its creator.
    let edited = canonical::without_derived(ours.representation, saved.clone());
    let mut document = reconcile::going_up(ours.representation, agreed.as_decided(), &edited);
    if ours.representation == crate::event::Representation::Rest {
        object.category.fill_rest_view(&mut document);
    }
    let here = Content::of(ours.representation, object, &saved);
    Ok((Some(Content::of(ours.representation, object, &document)), Some(here)))
}

/// The most items of a request. With `halt` objects are sent one by one: nothing may reach the parent after the record that
/// stops the run.
fn longest_request(config: &Config, in_batches: bool) -> usize {
    match (config.push.on_record_failure, in_batches) {
        (OnRecordFailure::Halt, _) => 1,
        (OnRecordFailure::Proceed, false) => config.transfer.batch_size,
        (OnRecordFailure::Proceed, true) => MOST_BATCHES_OF_A_REQUEST * config.transfer.batch_size,
    }
}

fn panicked(error: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Internal, format!("sending failed: {error}"))
}

fn vanished(object: &ObjectId) -> Error {
    let message = format!("{object} is not here any more, and no event says that it was removed: it is not sent");
    Error::new(ErrorKind::NotFound, message)
}
