//! SyncPullService: the order of the steps of a pull, and nothing else.
//!
//! Feed → filter → coalesce → fetch happens ahead, on tokio ([`ahead`]). The thread that called takes what is ready,
//! makes sure that what it refers to is here ([`references`]), and applies it batch by batch ([`apply`]). Nobody waits on
//! the network with a transaction open. While it waits it does what the host program's own clients and filters are asked
//! ([`calling_thread`]).

mod ahead;
mod apply;
mod backfill;
mod calling_thread;
mod decisions;
mod digests;
mod feeds;
mod item;
mod listed;
mod meeting;
mod named;
mod received;
mod references;
mod removals;
mod repair;
mod repeated;
mod second_look;
mod together;
mod verification;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::info;

use crate::config::{Config, OnRecordFailure};
use crate::copied;
use crate::decide::batching::{Split, batch_length, split};
use crate::decide::verification::Depth;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId, is_object_uuid};
use crate::feed::{Dialect, FeedCache, FeedOptions, FeedReader};
use crate::filter::{Filters, HostFilter};
use crate::host::Host;
use crate::http::ParentClient;
use crate::naming::named;
use crate::pace::Pace;
use crate::resource::room::Room;
use crate::resource::{HostClient, ResourceClient, SyncResourceManager};
use crate::run::{ActiveRun, NewRun, RunParts, without_panic};
use crate::saving::BatchFailure;
use crate::store::parked::Parked;
use crate::store::runs::{Run, RunKind};
use crate::store::verifications::ToRepair;
use crate::store::{now, parked, transaction};
use crate::withheld;
use ahead::{Fetching, Window};
use apply::{Batch, Order};
use backfill::with_remedy;
use calling_thread::{DelegatedClient, DelegatedFilters};
use item::{Item, Record, Source, Work};
use received::Received;
use references::KnownObjects;
use repeated::pass_repeated;

/// Pages of a feed that are loaded ahead, for each request that may be under way: pages are small and quick beside groups
/// of objects, and a window of the smallest pages needs dozens.
const PAGES_AHEAD: usize = 5;

/// Pages of all feeds that are asked for at once, for each request that may be under way: one waits while the answer to
/// another is parsed, and groups of objects wait behind no more.
const PAGE_REQUESTS: usize = 2;

/// The most objects that records wait for and that are looked for here in one run.
const MOST_AWAITED: u32 = 500;

/// The parts that the engine keeps from run to run and lends to each.
pub(crate) struct PullParts {
    pub run: RunParts,
    pub parent: Arc<ParentClient>,
    /// The way to the parent.
    pub environment: Environment,
    pub feed_cache: Arc<FeedCache>,
    pub filters: Arc<Filters>,
    pub clients: Vec<Arc<dyn ResourceClient>>,
    pub host_clients: Vec<Arc<dyn HostClient>>,
    pub host_filters: Vec<Arc<dyn HostFilter>>,
    /// Those of a push: a comparison asks them.
    pub push_filters: Arc<Filters>,
    pub host_push_filters: Vec<Arc<dyn HostFilter>>,
    pub pace: Pace,
}

/// One pull, from taking the lease to giving it back. Blocks the calling thread, which does all host work.
pub(crate) struct SyncPullService<'a> {
    config: &'a Config,
    parts: &'a PullParts,
    /// The parts' client, whose waits end when this run is cancelled.
    parent: Arc<ParentClient>,
    fetching: Arc<Fetching>,
    run: ActiveRun<'a>,
    known: KnownObjects,
    /// Categories that are closed as a whole, or whose feeds cannot be read, and why: nothing of them is tried again in this
    /// run.
    held: BTreeMap<Category, Error>,
    on_closed: OnClosed,
    /// Up to which event this database is the parent's, where it was made from a copy of it.
    copied_at: Option<u64>,
    /// Objects whose documents wait behind the batch that is applied.
    coming: HashSet<ObjectId>,
}

/// The treatment of the records of a category that is closed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnClosed {
    /// They are left for this run, with what refers to them: the marker of the category's own feed stays. So is what
    /// somebody asked for by name.
    Leave,
    /// They are parked, and what refers to them waits for them: the one marker of a complete feed passes them.
    Park,
}

/// Pulls until the feed's end or until something stops it. A run that was stopped is no error: it is told in the run.
/// With it comes the pause that the parent asked for.
///
/// Errors: `AlreadyRunning` when another run holds the lease, `Configuration` when a run had this id already, `Host` when
/// the database cannot even record the start.
pub(crate) fn pull(parts: &PullParts, new: NewRun, host: &mut dyn Host) -> Result<(Run, Option<Duration>)> {
    let mut service = SyncPullService::start(parts, RunKind::Feed, new, host)?;
    let result = without_panic(host, |host| {
        service.begin(host)?;
        service.begin_with_lists(host)?;
        service.work(host)
    });
    Ok(service.finish(host, result))
}

/// Pulls one object that somebody asked for by name, what hangs on it at the parent, and what these refer to and is missing
/// here. Moves no marker; what goes wrong with one of them is parked, and tried again by later pulls.
///
/// Errors: as those of [`pull`].
pub(crate) fn pull_object(
    parts: &PullParts,
    new: NewRun,
    object: &ObjectId,
    host: &mut dyn Host,
) -> Result<(Run, Option<Duration>)> {
    let mut service = SyncPullService::start(parts, RunKind::Object, new, host)?;
    let result = without_panic(host, |host| {
        service.begin(host)?;
        service.bring_named(host, object)
    });
    Ok(service.finish(host, result))
}

/// Compares everything with the parent, object by object, and then pulls as [`pull`] does.
///
/// Errors: as those of [`pull`].
pub(crate) fn backfill(parts: &PullParts, new: NewRun, host: &mut dyn Host) -> Result<(Run, Option<Duration>)> {
    let mut service = SyncPullService::start(parts, RunKind::Backfill, new, host)?;
    let result = without_panic(host, |host| {
        service.settle_copy(host)?;
        service.begin_backfill(host)?;
        service.work(host)
    });
    Ok(service.finish(host, result))
}

/// Pulls as [`pull`] does, and then compares both sides.
///
/// Errors: as those of [`pull`].
pub(crate) fn verify(
    parts: &PullParts,
    new: NewRun,
    depth: Depth,
    host: &mut dyn Host,
) -> Result<(Run, Option<Duration>)> {
    let mut service = SyncPullService::start(parts, RunKind::Verify, new, host)?;
    let result = without_panic(host, |host| {
        service.begin(host)?;
        service.begin_verification(host, depth)?;
        service.work(host)
    });
    Ok(service.finish(host, result))
}

/// Repairs what a comparison found. What is newer here is left to the push that follows. Moves no marker.
///
/// Errors: as those of [`pull`].
pub(crate) fn repair(
    parts: &PullParts,
    new: NewRun,
    which: &ToRepair,
    host: &mut dyn Host,
) -> Result<(Run, Option<Duration>)> {
    let mut service = SyncPullService::start(parts, RunKind::Repair, new, host)?;
    let result = without_panic(host, |host| {
        service.begin(host)?;
        service.repair(host, which)
    });
    Ok(service.finish(host, result))
}

/// Tries again what is parked and due, as what an administrator asked for is. Moves no marker.
///
/// Errors: as those of [`pull`].
pub(crate) fn retry(parts: &PullParts, new: NewRun, host: &mut dyn Host) -> Result<(Run, Option<Duration>)> {
    let mut service = SyncPullService::start(parts, RunKind::Retry, new, host)?;
    let result = without_panic(host, |host| {
        service.begin(host)?;
        service.work_on_parked(host)
    });
    Ok(service.finish(host, result))
}

impl<'a> SyncPullService<'a> {
    fn start(parts: &'a PullParts, kind: RunKind, new: NewRun, host: &mut dyn Host) -> Result<SyncPullService<'a>> {
        let run = ActiveRun::start(&parts.run, Direction::Pull, kind, new, host)?;
        let parent = parts.parent.with_cancellation(run.cancellation());
        let parent = Arc::new(parent.introducing(run.introduction.to_header()));
        let fetching = Arc::new(fetching(parts, parent.clone(), &run));
        fetching.tell_time(run.record.started_at);
        Ok(SyncPullService {
            config: &parts.run.config,
            parts,
            parent,
            fetching,
            run,
            known: KnownObjects::default(),
            held: BTreeMap::new(),
            on_closed: OnClosed::Leave,
            copied_at: None,
            coming: HashSet::new(),
        })
    }

    /// What each run does first, but a backfill, which does so in an order of its own: nothing of a parent that was restored is
    /// taken for news before that is known.
    fn begin(&mut self, host: &mut dyn Host) -> Result<()> {
        self.settle_copy(host)?;
        self.meet_first(host)
    }

    fn settle_copy(&mut self, host: &mut dyn Host) -> Result<()> {
        self.copied_at = copied::settle(&mut self.run, host, &self.parent, self.config)?;
        Ok(())
    }

    fn work(&mut self, host: &mut dyn Host) -> Result<()> {
        let dialect = self.choose_dialect(host)?;
        self.run.note_what_is_on(host, dialect)?;
        self.run.recall_from_the_future(host)?;
        self.begin_with_what_is_on_late(host)?;
        self.go_on_with_backfill(host)?;
        self.release_what_is_here(host)?;
        self.retry_due(host)?;
        self.read_feed(host, dialect)?;
        self.merge_what_can_be(host)?;
        self.carry_out_decisions(host)?;
        // Arrived objects have released the records that waited for them.
        self.retry_due(host)?;
        if self.try_together(host)? {
            self.retry_due(host)?;
        }
        withheld::put_what_is_free(host, &mut |host| self.run.renew_lease(host))?;
        self.go_over_to_own_feed(host, dialect)?;
        self.see_the_parent(host)?;
        self.go_on_with_verification(host, dialect)?;
        self.run.prune(host)
    }

    fn work_on_parked(&mut self, host: &mut dyn Host) -> Result<()> {
        self.run.recall_from_the_future(host)?;
        self.release_what_is_here(host)?;
        self.retry_due(host)?;
        if self.try_together(host)? {
            self.retry_due(host)?;
        }
        withheld::put_what_is_free(host, &mut |host| self.run.renew_lease(host))
    }

    fn read_feed(&mut self, host: &mut dyn Host, dialect: Dialect) -> Result<()> {
        let feeds = self.feeds(host, dialect)?;
        let options = FeedOptions {
            page_limit_bytes: self.config.transfer.max_group_bytes(),
            pages_ahead: PAGES_AHEAD * self.config.transfer.fetch_concurrency,
            requests: PAGE_REQUESTS * self.config.transfer.fetch_concurrency,
        };
        let reader = FeedReader::new(self.parent.clone(), self.parts.feed_cache.clone(), feeds, options);
        let (mut windows, reading) = ahead::start(&self.parts.run.runtime, reader, self.fetching.clone());
        while let Some(window) = self.run.wait(host, async { Ok(windows.recv().await) })? {
            self.apply_window(host, window)?;
        }
        self.run.wait(host, async { reading.await.flatten().map_err(|_| reading_failed()) })
    }

    fn apply_window(&mut self, host: &mut dyn Host, window: Window) -> Result<()> {
        self.run.record.progress.remaining = window.remaining;
        let items = transaction::read(host, |host| pass_repeated(host, window.items))?;
        self.process(host, items)?;
        for (category, error) in window.held {
            self.hold(category, error)?;
        }
        window.stopped.map_or(Ok(()), Err)
    }

    /// Tries again what is parked and due: by its schedule, released by an arrival, or asked for by an administrator.
    fn retry_due(&mut self, host: &mut dyn Host) -> Result<()> {
        loop {
            let held: Vec<Category> = self.held.keys().copied().collect();
            let due = self.run.due(host, &held)?;
            if due.is_empty() {
                return Ok(());
            }
            let items = self.fetch_parked(host, due)?;
            self.process(host, items)?;
        }
    }

    /// Asks the parent again for what is parked.
    fn fetch_parked(&mut self, host: &mut dyn Host, parked: Vec<Parked>) -> Result<Vec<Item>> {
        let objects: Vec<ObjectId> = parked.iter().map(|parked| parked.object.clone()).collect();
        let readable: Vec<&ObjectId> = objects.iter().filter(|object| is_object_uuid(&object.uuid)).collect();
        let fetching = self.fetching.clone();
        let started = fetching.now();
        let mut answers = self.run.wait(host, fetching.fetch(&readable))?;
        let items = parked.into_iter().map(|parked| {
            let object = parked.object.clone();
            let work = answers.remove(&object).map(Work::answered).unwrap_or_else(|| {
                Work::Received(Received::Failed(Error::new(parked.error.kind, parked.error.message.clone())))
            });
            let action = parked.action;
            let source = Source::Parked(parked);
            Item::Record(Box::new(Record { source, object, action, work, started, fetched_anew: 0 }))
        });
        Ok(items.collect())
    }

    /// Releases records whose awaited object came by another way: by hand, or with another module.
    fn release_what_is_here(&self, host: &mut dyn Host) -> Result<()> {
        transaction::write(host, |host| {
            let awaited = parked::awaited(host, Direction::Pull, MOST_AWAITED)?;
            if awaited.is_empty() {
                return Ok(());
            }
            self.run.renew_lease(host)?;
            let here = host.exists(&awaited)?;
            let arrived: Vec<ObjectId> =
                awaited.into_iter().zip(here).filter(|(_, here)| *here).map(|(object, _)| object).collect();
            let now = now(host)?;
            parked::release(host, Direction::Pull, &arrived, now).map(drop)
        })
    }

    /// Asks the parent once more for items whose answers are older than what was agreed since.
    fn fetch_anew(&mut self, host: &mut dyn Host, batch: &mut [Item], outdated: &[usize]) -> Result<()> {
        let objects: Vec<ObjectId> =
            outdated.iter().filter_map(|index| batch.get(*index)?.written_object().cloned()).collect();
        info!("{} objects are fetched anew: they were agreed on while their answers were on their way", objects.len());
        let fetching = self.fetching.clone();
        let started = fetching.now();
        let mut answers = self.run.wait(host, fetching.fetch(&objects.iter().collect::<Vec<_>>()))?;
        for index in outdated {
            let Some(Item::Record(record)) = batch.get_mut(*index) else { continue };
            (record.started, record.fetched_anew) = (started, record.fetched_anew + 1);
            if let Some(answer) = answers.remove(&record.object) {
                record.work = Work::answered(answer);
            }
        }
        Ok(())
    }

    /// Applies items in their order, batch by batch. A batch that fails is cut until the bad item stands alone.
    fn process(&mut self, host: &mut dyn Host, items: Vec<Item>) -> Result<()> {
        let mut waiting = VecDeque::from(items);
        let mut most = self.parts.pace.length();
        loop {
            self.run.check_cancelled()?;
            self.leave_out_held(&mut waiting)?;
            if waiting.is_empty() {
                return Ok(());
            }
            let first: Vec<Item> = waiting.drain(..most.min(waiting.len())).collect();
            let first = self.bring(host, first, &mut waiting)?;
            let mut batch = self.complete(host, first)?;
            if batch.iter().filter_map(Item::closed).any(|(category, _)| !self.held.contains_key(&category)) {
                put_back(&mut waiting, batch);
                continue;
            }
            let length = batch_length(batch.iter().map(Item::written_object), most);
            put_back(&mut waiting, batch.split_off(length));
            self.coming = documents_of(&waiting);
            let begun = Instant::now();
            most = match self.write_batch(host, &batch, Order::OneByOne) {
                Ok(Batch::Committed) => {
                    self.run.progressed();
                    self.parts.pace.held(length, begun.elapsed());
                    self.parts.pace.length()
                }
                Ok(Batch::Outdated(outdated)) => {
                    self.fetch_anew(host, &mut batch, &outdated)?;
                    put_back(&mut waiting, batch);
                    self.parts.pace.length()
                }
                Err(failure) => self.cut(host, batch, failure, &mut waiting)?,
            };
        }
    }

    /// The items before the first one that found no room in memory when it was fetched ahead. When that is the first of all, it
    /// is fetched now, alone; the others wait.
    fn bring(&mut self, host: &mut dyn Host, mut items: Vec<Item>, waiting: &mut VecDeque<Item>) -> Result<Vec<Item>> {
        if let Some(Item::Record(record)) = items.first_mut()
            && record.found_no_room()
        {
            let (fetching, object) = (self.fetching.clone(), record.object.clone());
            record.work = self.run.wait(host, fetching.fetch_alone(&object))?;
        }
        let ready = items.iter().skip(1).position(Item::found_no_room).map_or(items.len(), |place| place + 1);
        put_back(waiting, items.split_off(ready));
        Ok(items)
    }

    /// After a rollback: how many items are tried together next. A bad item that stood alone is parked.
    fn cut(
        &mut self,
        host: &mut dyn Host,
        mut batch: Vec<Item>,
        failure: BatchFailure,
        waiting: &mut VecDeque<Item>,
    ) -> Result<usize> {
        let (index, error) = match failure {
            BatchFailure::Run(error) => return Err(error),
            BatchFailure::Item(index, error) => (Some(index), error),
            BatchFailure::Commit(error) => (None, error),
        };
        let most = match split(batch.len(), index) {
            Split::At(first) => first,
            Split::Alone => {
                self.give_up(host, &mut batch, error)?;
                1
            }
        };
        put_back(waiting, batch);
        Ok(most)
    }

    /// The one item of this batch cannot be done: what is left to do is to say so. Errors: when it has nothing that
    /// could be to blame, the database has failed.
    fn give_up(&self, host: &mut dyn Host, batch: &mut [Item], error: Error) -> Result<()> {
        match batch {
            [Item::Record(record)] if record.brings_something() && !self.halts_at(record) => {
                // Only its kind: what a host says of an object may tell of the patient.
                info!("{} is parked: {}", record.object, error.kind);
                record.fail(host, error);
                Ok(())
            }
            _ => Err(error),
        }
    }

    fn halts_at(&self, record: &Record) -> bool {
        self.config.pull.on_record_failure == OnRecordFailure::Halt && matches!(record.source, Source::Event(_))
    }

    /// Nothing of the category is tried again in this run. With `halt` the run ends here, unless its records are parked: then
    /// the first of them ends it, after those before it.
    fn hold(&mut self, category: Category, error: Error) -> Result<()> {
        if self.config.pull.on_record_failure == OnRecordFailure::Halt && self.on_closed == OnClosed::Leave {
            return Err(error);
        }
        info!("the category {category} is closed, nothing of it comes in this run: {}", error.for_log());
        self.parts.run.progress.held(category, &error);
        self.held.entry(category).or_insert(error);
        Ok(())
    }

    fn leave_out_held(&mut self, waiting: &mut VecDeque<Item>) -> Result<()> {
        let closed = waiting.iter().filter_map(Item::closed);
        let closed: BTreeMap<Category, Error> = closed.map(|(category, error)| (category, error.clone())).collect();
        for (category, error) in closed {
            if !self.held.contains_key(&category) {
                self.hold(category, error)?;
            }
        }
        if !self.held.is_empty() {
            waiting.retain_mut(|item| item.leave_out(&self.held));
        }
        Ok(())
    }

    /// Why feeds were not read to their ends, if any was not.
    fn left_undone(&self) -> Option<Error> {
        match self.on_closed {
            OnClosed::Leave => self.held.values().next().cloned(),
            OnClosed::Park => None,
        }
    }

    fn finish(self, host: &mut dyn Host, result: Result<()>) -> (Run, Option<Duration>) {
        let kind = self.run.record.kind;
        let error = result.err().or_else(|| self.left_undone()).map(|error| with_remedy(kind, error));
        self.parts.run.progress.without_exchange(self.fetching.without_exchange().as_ref());
        self.run.finish(host, error)
    }
}

/// Returns the fetcher of one run; what it asks the host program is asked on the thread that pulls.
fn fetching(parts: &PullParts, parent: Arc<ParentClient>, run: &ActiveRun<'_>) -> Fetching {
    let (config, thread) = (&parts.run.config, run.calling_thread());
    let delegated = parts.host_clients.iter().map(|client| -> Arc<dyn ResourceClient> {
        Arc::new(DelegatedClient::new(client.clone(), config, thread.clone()))
    });
    let clients: Vec<_> = delegated.chain(parts.clients.iter().cloned()).collect();
    let node = &run.record.node_id;
    let room = Room::of(config);
    let resources = |room: Room| {
        SyncResourceManager::within(room, parent.clone(), config, clients.clone()).with_exchange(
            parent.clone(),
            config,
            node,
        )
    };
    let within = (room.clone(), resources(room));
    let host_filters = DelegatedFilters::new(parts.host_filters.clone(), thread);
    Fetching::new(config, within, resources(Room::unlimited()), parts.filters.clone(), host_filters)
}

impl Item {
    fn found_no_room(&self) -> bool {
        matches!(self, Item::Record(record) if record.found_no_room())
    }
}

impl Record {
    /// Returns true if its object has to be asked for again, alone.
    fn found_no_room(&self) -> bool {
        matches!(&self.work, Work::Received(Received::Failed(error)) if error.kind == ErrorKind::Busy)
    }

    /// Nothing of it can be done. The failure says whom it is about, as far as the document tells.
    fn fail(&mut self, host: &mut dyn Host, error: Error) {
        let error = match self.document() {
            Some(document) => named(host, &self.object, document.content.as_saved(), error),
            None => error,
        };
        self.work = Work::Received(Received::Failed(error));
    }

    fn brings_something(&self) -> bool {
        matches!(self.work, Work::Received(Received::Document(_) | Received::Gone { .. }))
    }
}

/// The objects whose documents these bring.
fn documents_of(items: &VecDeque<Item>) -> HashSet<ObjectId> {
    let records = items.iter().filter_map(|item| match item {
        Item::Record(record) if record.brings_document() => Some(record.object.clone()),
        Item::Record(_) | Item::Passed(_) => None,
    });
    records.collect()
}

fn put_back(waiting: &mut VecDeque<Item>, items: Vec<Item>) {
    items.into_iter().rev().for_each(|item| waiting.push_front(item));
}

/// The feed did not end: the marker stays where it is.
fn reading_failed() -> Error {
    let message = "reading ahead ended in a panic: a filter or client that was brought along, or the engine, has a \
                   defect; the log has the details";
    Error::new(ErrorKind::Internal, message)
}
