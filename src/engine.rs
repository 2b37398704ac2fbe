//! The engine as its callers see it: opened once, called from any thread, closed once.

mod dismissal;
mod starts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::children::{self, ChildReport};
use crate::config::Config;
use crate::connection_test::{ConnectionTest, test_connection};
use crate::days::{Day, Days, days};
use crate::decide::scope::{Account, Scope};
use crate::decide::uuid_map::UuidMap;
use crate::decide::verification::Depth;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Direction, ObjectId, is_object_uuid};
use crate::exchange::turns::Turns;
use crate::exchange::{self, Applied, Child};
use crate::feed::FeedCache;
use crate::feed::own::{self, FeedPage, FeedRequest};
use crate::filter::{Filter, Filters, HostFilter};
use crate::host::Host;
use crate::http::ParentClient;
use crate::identity::{Identity, NodeChoice};
use crate::indexing::Indexing;
use crate::introduction::Introduction;
use crate::listening::{self, LeftToDo, ListeningStep};
use crate::mapped_host::MappedHost;
use crate::namesakes::{self, Pair};
use crate::pace::Pace;
use crate::preflight::{self, Preflight, Way};
use crate::pull::{self, PullParts, backfill, pull, pull_object};
use crate::push::{self, PushParts, push, push_object};
use crate::resolution::{self, ConflictDetail, Decided, OneOfSeveral, Resolved, Which};
use crate::resource::{HostClient, ResourceClient};
use crate::run::{MOST_PAIRS, NewRun, RunParts, lease_ms};
use crate::status::{Progress, RunReport, Status, clocks_differ, report};
use crate::store::attempts::{self, Attempt};
use crate::store::audit::{self, AuditMessage, AuditQuery, Found};
use crate::store::configuration;
use crate::store::conflicts::{self, Conflict};
use crate::store::copies;
use crate::store::entry_rules::{self, EntryRule};
use crate::store::events;
use crate::store::lost_paths;
use crate::store::markers::{self, FeedPosition};
use crate::store::paging::{Page, Paged, PagedRow};
use crate::store::parked::{self, Cause, Parked, ParkedFilter, Which as WhichParked};
use crate::store::runs::{self, RunId, RunState};
use crate::store::verifications::{self, Difference, DifferenceFilter, ToRepair, Verification};
use crate::store::{
    self, LARGEST_LIST, backfills, lease, node, now, restores, schema, switched_on, transaction, unknown_kinds,
};
use crate::story::{self, Story};
use crate::wire::NODE_HEADER;

pub use dismissal::Reason;
pub use starts::{Retry, Wanted, category_named};
use starts::{Runs, Turn};

/// How long `close` waits for runtime threads that are in the middle of something.
const LONGEST_CLOSE: Duration = Duration::from_secs(10);

/// How long `close` waits for calls that are inside the host: a batch takes seconds, and what never comes back must not keep
/// a server from stopping.
const LONGEST_CALL_AT_CLOSE: Duration = Duration::from_secs(60);

/// The parts that an implementation brings along.
#[derive(Default)]
pub struct Injected {
    /// Asked before the FHIR and the REST client, on the engine's threads.
    pub clients: Vec<Arc<dyn ResourceClient>>,
    /// Asked after the configured filters, on the engine's threads.
    pub filters: Vec<Box<dyn Filter>>,
    /// Asked before all other clients, on the thread that pulls.
    pub host_clients: Vec<Arc<dyn HostClient>>,
    /// Asked after all other filters, on the thread that pulls.
    pub host_filters: Vec<Arc<dyn HostFilter>>,
    /// As `filters`, for what is pushed. On the thread that pushes.
    pub push_filters: Vec<Box<dyn Filter>>,
    /// As `host_filters`, for what is pushed. On the thread that pushes.
    pub host_push_filters: Vec<Arc<dyn HostFilter>>,
}

/// A sync engine. All calls may come from any thread; those that take a host block on its database, and a pull or push on
/// the network too. After [`close`](Engine::close) every call gives [`ErrorKind::Closed`].
pub struct Engine {
    config: Arc<Config>,
    progress: Arc<Progress>,
    identity: Arc<Identity>,
    /// Who asks for leases, as others see it.
    owner: String,
    /// Absent on the root, which has nobody to pull from.
    pull: Option<PullParts>,
    /// Absent on the root, which has nobody to push to.
    push: Option<PushParts>,
    /// Taken when the engine closes.
    runtime: Mutex<Option<Runtime>>,
    closing: CancellationToken,
    pulls: Runs,
    pushes: Runs,
    /// `exchange.concurrency`: calls of children at work at once.
    turns: Turns,
    /// Of what children bring.
    pace: Pace,
    indexing: Indexing,
    /// Held by the connection test that is under way.
    connection_tests: Mutex<()>,
    calls: Calls,
}

impl Engine {
    /// Checks a configuration document without opening anything. Returns what is allowed but can hardly be meant (see
    /// [`Config::warnings`]).
    ///
    /// Errors: [`ErrorKind::Configuration`] with one line for each wrong field.
    pub fn check_config(document: &str) -> Result<Vec<String>> {
        Config::parse(document, &environment_variable).map(|config| config.warnings())
    }

    /// The configuration document that the host's database keeps; nothing when there is none. Brings the tables up to
    /// date first, since this is what a host asks before it can open an engine.
    ///
    /// Errors: `Host` (such as a database user who may not create tables).
    pub fn stored_configuration(host: &mut dyn Host) -> Result<Option<String>> {
        schema::migrate(host)?;
        transaction::read(host, |host| configuration::get(host))
    }

    /// Keeps a configuration document in the host's database, unchecked: its secrets may be sealed.
    ///
    /// Errors: `Host`.
    pub fn store_configuration(host: &mut dyn Host, document: &str) -> Result<()> {
        schema::migrate(host)?;
        transaction::write(host, |host| configuration::put(host, document))
    }

    /// Opens an engine: reads the configuration, brings the tables in the host's database up to date, starts threads.
    /// Does not connect to the parent.
    ///
    /// Errors: `Configuration`, `Host` (such as a database user who may not create tables).
    pub fn open(document: &str, host: &mut dyn Host) -> Result<Engine> {
        Engine::open_with(document, Injected::default(), Environment::default(), host)
    }

    /// As [`open`](Engine::open), with clients and filters of the implementation's own, and on the host program's way to
    /// the parent.
    pub fn open_with(
        document: &str,
        injected: Injected,
        environment: Environment,
        host: &mut dyn Host,
    ) -> Result<Engine> {
        let config = Arc::new(Config::parse(document, &environment_variable)?);
        config.warnings().iter().for_each(|warning| log::warn!("{warning}"));
        schema::migrate(host)?;
        retry_mapped(&config.uuid_map, host)?;
        let identity = Arc::new(Identity::new(environment.data_directory.as_deref()));
        look_at(&identity, host)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sync2")
            .enable_all()
            .build()
            .map_err(|error| Error::new(ErrorKind::Internal, format!("no threads could be started: {error}")))?;
        let closing = CancellationToken::new();
        let progress = Arc::new(Progress::default());
        transaction::read(host, |host| {
            progress.counted(parked::count(host)?, conflicts::count(host)?);
            progress.met_rules(entry_rules::list(host)?);
            progress.lost(lost_paths::list(host)?);
            progress.same_named(parked::same_named(host, MOST_PAIRS)?);
            progress.unknown_kinds(unknown_kinds::list(host)?);
            progress.restored(restores::last_with_rest(host)?);
            progress.unread(backfills::last(host)?.and_then(|last| last.unread_before));
            progress.switched_on(switched_on::list(host)?);
            Ok(())
        })?;
        let owner = format!("{} ({})", config.node.name, Uuid::new_v4());
        let run = RunParts {
            config: config.clone(),
            runtime: runtime.handle().clone(),
            progress: progress.clone(),
            owner: owner.clone(),
            identity: identity.clone(),
        };
        let (pull, push) = match &config.parent {
            None => (None, None),
            Some(_) => {
                let parent = Arc::new(ParentClient::new(&config, &environment, closing.clone())?);
                let push_filters = Arc::new(Filters::of_push(&config, injected.push_filters));
                let host_push_filters = injected.host_push_filters;
                let push =
                    PushParts::new(run.clone(), parent.clone(), push_filters.clone(), host_push_filters.clone())?;
                let pull = PullParts {
                    run,
                    parent,
                    environment,
                    feed_cache: Arc::new(FeedCache::new()),
                    filters: Arc::new(Filters::new(&config, injected.filters)),
                    clients: injected.clients,
                    host_clients: injected.host_clients,
                    host_filters: injected.host_filters,
                    push_filters,
                    host_push_filters,
                    pace: Pace::of(config.transfer.batch_size),
                };
                (Some(pull), Some(push))
            }
        };
        Ok(Engine {
            turns: Turns::of(&config),
            // A request has as many as the child chose to send.
            pace: Pace::of(usize::MAX),
            indexing: Indexing::new(closing.clone()),
            connection_tests: Mutex::default(),
            config,
            progress,
            identity,
            owner,
            pull,
            push,
            runtime: Mutex::new(Some(runtime)),
            pulls: Runs::of(Direction::Pull, closing.clone()),
            pushes: Runs::of(Direction::Push, closing.clone()),
            closing,
            calls: Calls::default(),
        })
    }

    /// Pulls until the feed's end. A run that something stopped is no error: its report says what, and the next run goes
    /// on. Refused on a thread that has a transaction.
    ///
    /// Errors: `AlreadyRunning`, `Configuration` (no parent, or two ids of this node), `Host` (the start could not be
    /// recorded), `Closed`.
    pub fn pull(&self, host: &mut dyn Host) -> Result<RunReport> {
        self.pull_as(RunId::random(), host)
    }

    /// As [`pull`](Engine::pull), in a run with an id that the caller knows beforehand.
    ///
    /// Errors: as those of `pull`, and `Configuration` when there was a run with this id.
    pub fn pull_as(&self, id: RunId, host: &mut dyn Host) -> Result<RunReport> {
        self.run_as(id, Wanted::Feed(Direction::Pull), host)
    }

    /// Pulls one object that somebody asks for by name, whatever the filters say of it, what hangs on it at the parent (of a
    /// patient her visits, encounters and observations, as far as their categories are pulled), and what these refer to and
    /// is missing here. Moves no marker. What goes wrong with one of them is parked and tried again by later pulls. Refused on
    /// a thread that has a transaction.
    ///
    /// Errors: as those of [`pull`](Engine::pull) and [`check_object`](Engine::check_object).
    pub fn pull_object(&self, object: &ObjectId, host: &mut dyn Host) -> Result<RunReport> {
        self.pull_object_as(RunId::random(), object, host)
    }

    /// As [`pull_object`](Engine::pull_object), in a run with an id that the caller knows beforehand.
    ///
    /// Errors: as those of `pull_object`, and `Configuration` when there was a run with this id.
    pub fn pull_object_as(&self, id: RunId, object: &ObjectId, host: &mut dyn Host) -> Result<RunReport> {
        self.check_object(Direction::Pull, object)?;
        self.run_as(id, Wanted::Object(Direction::Pull, object.clone()), host)
    }

    /// Pushes one object that somebody asks for by name, and what hangs on it here: a patient with her visits, encounters and
    /// observations, as far as their categories are pushed. Moves no marker. What goes wrong with one of them is parked and
    /// tried again by later pushes. Refused on a thread that has a transaction.
    ///
    /// Errors: as those of [`push`](Engine::push) and [`check_object`](Engine::check_object).
    pub fn push_object(&self, object: &ObjectId, host: &mut dyn Host) -> Result<RunReport> {
        self.push_object_as(RunId::random(), object, host)
    }

    /// As [`push_object`](Engine::push_object), in a run with an id that the caller knows beforehand.
    ///
    /// Errors: as those of `push_object`, and `Configuration` when there was a run with this id.
    pub fn push_object_as(&self, id: RunId, object: &ObjectId, host: &mut dyn Host) -> Result<RunReport> {
        self.check_object(Direction::Push, object)?;
        self.run_as(id, Wanted::Object(Direction::Push, object.clone()), host)
    }

    /// Compares everything that this node and its parent know of each other, object by object, and then pulls: the remedy where
    /// the parent's feed does not go on where it was read last, because the parent was restored or replaced, or removed what
    /// was not read yet. What the parent has lost is offered to it again, where this node pushes; what differs is taken over or
    /// is a conflict. What is left when something stops it is done by the next pull. Refused on a thread that has a
    /// transaction.
    ///
    /// Errors: as those of [`pull`](Engine::pull).
    pub fn backfill(&self, host: &mut dyn Host) -> Result<RunReport> {
        self.run_as(RunId::random(), Wanted::Backfill, host)
    }

    /// Pulls, and then compares both sides, category by category, in the place of an earlier comparison: where both keep digests, what
    /// these tell alike is the same, unless each object is to be compared ([`Deep`](Depth::Deep)). What is only on one side or
    /// differs is kept for [`differences`](Engine::differences). When something stops it, pulls go on with it, a stretch each.
    /// A parent without the exchange cannot be compared with: the run fails with `Configuration`. Refused on a thread that has a
    /// transaction.
    ///
    /// Errors: as those of [`pull`](Engine::pull).
    pub fn verify(&self, host: &mut dyn Host, depth: Depth) -> Result<RunReport> {
        self.run_as(RunId::random(), Wanted::Verify(depth), host)
    }

    /// Repairs what the last comparison found: what the parent has newer is fetched, what is newer here is pushed, and what both
    /// changed is merged or a conflict. Each object is looked at again before. Refused on a thread that has a transaction.
    ///
    /// Errors: as those of [`pull`](Engine::pull).
    pub fn repair(&self, host: &mut dyn Host, which: ToRepair) -> Result<RunReport> {
        self.run_as(RunId::random(), Wanted::Repair(which), host)
    }

    /// Fails where there can be no run of this direction, for who starts one elsewhere and answers at once. In memory; only while
    /// it is open which node this server is, a small file is read.
    ///
    /// Errors: `Configuration` (no parent, or two ids of this node), `Closed`.
    pub fn check_run(&self, direction: Direction) -> Result<()> {
        let _call = self.calls.enter()?;
        match direction {
            Direction::Pull => self.pull_parts().map(|_| ())?,
            Direction::Push => self.push_parts().map(|_| ())?,
        }
        self.identity.check_known()
    }

    /// Settles which node this server is, where its database and its data directory name two; or makes a new node of it in
    /// any case. Returns its id from now on. With [`Renew`](NodeChoice::Renew) its feed begins a new epoch: who has read it
    /// needs a backfill, and the push goes on where it was. With [`ChildOfCopy`](NodeChoice::ChildOfCopy) what the copied node knew of
    /// others is forgotten, and the first run finds out up to which event both are the same. Blocks on the database and a file. Refused on a thread that has a
    /// transaction.
    ///
    /// Errors: `AlreadyRunning` when a run is under way; `Host` when the database fails, or when the id cannot be written into
    /// the data directory: then the choice is to be made again; `Closed`.
    pub fn choose_node(&self, host: &mut dyn Host, choice: NodeChoice) -> Result<String> {
        let _call = self.calls.enter()?;
        let _none_under_way = (self.pulls.pause()?, self.pushes.pause()?);
        let id = transaction::write(host, |host| match choice {
            NodeChoice::Adopt => node::id(host),
            NodeChoice::Renew => self.renew_node(host),
            NodeChoice::ChildOfCopy => self.become_child_of_copy(host),
        })?;
        self.identity.settle(&id)?;
        log::info!("by an administrator's choice ({choice:?}) this server is the node {id}");
        Ok(id)
    }

    /// Forgets what the copied node knew of others. The first run asks the parent which of the events the copy has.
    ///
    /// Errors: `Configuration` when the copied node has published nothing.
    fn become_child_of_copy(&self, host: &mut dyn Host) -> Result<String> {
        let end = events::last_place(host)?.filter(|end| end.number > 0).ok_or_else(|| {
            let message = "the copied database has published no events by which the parent could know it: read the parent's feed \
                           once (GET \u{2026}/sync2/feed/recent there) and make the copy after that";
            Error::new(ErrorKind::Configuration, message)
        })?;
        let id = self.renew_node(host)?;
        copies::begin(host, &end)?;
        Ok(id)
    }

    /// In a transaction, in which no server on this database can be in a run.
    fn renew_node(&self, host: &mut dyn Host) -> Result<String> {
        let duration = lease_ms(&self.config);
        let leases = [
            lease::acquire(host, Direction::Pull, &self.owner, duration)?,
            lease::acquire(host, Direction::Push, &self.owner, duration)?,
        ];
        let id = node::renew(host)?;
        leases.iter().try_for_each(|lease| lease::release(host, lease))?;
        Ok(id)
    }

    /// Fails where this object cannot be asked for. In memory.
    ///
    /// Errors: `Configuration` when there is no parent, when its category does not travel in this direction or is one of parts,
    /// or when its uuid is none; `Closed`.
    pub fn check_object(&self, direction: Direction, object: &ObjectId) -> Result<()> {
        self.check_run(direction)?;
        let _call = self.calls.enter()?;
        let wrong = |message: String| Err(Error::new(ErrorKind::Configuration, message));
        let category = object.category;
        if !is_object_uuid(&object.uuid) {
            return wrong("uuid: must be 1 to 64 letters, digits, hyphens, dots or underscores".to_string());
        }
        if let Some(whole) = category.part_of() {
            return wrong(format!("category: a {category} is only a part of a {whole}: ask for that one"));
        }
        let travels = match direction {
            Direction::Pull => self.config.pulls(category),
            Direction::Push => self.config.pushes(category),
        };
        if !travels {
            let way = direction.name();
            return wrong(format!("categories.{category}.{way}: must be true to {way} one of its objects"));
        }
        Ok(())
    }

    /// Pushes until the end of this node's feed: what was changed here goes to the parent. A run that something stopped is
    /// no error: its report says what, and the next run goes on. A pull may be under way meanwhile, on another thread with
    /// a host of its own. Refused on a thread that has a transaction.
    ///
    /// Errors: `AlreadyRunning`, `Configuration` (no parent, or two ids of this node), `Host` (the start could not be
    /// recorded), `Closed`.
    pub fn push(&self, host: &mut dyn Host) -> Result<RunReport> {
        self.push_as(RunId::random(), host)
    }

    /// As [`push`](Engine::push), in a run with an id that the caller knows beforehand.
    ///
    /// Errors: as those of `push`, and `Configuration` when there was a run with this id.
    pub fn push_as(&self, id: RunId, host: &mut dyn Host) -> Result<RunReport> {
        self.run_as(id, Wanted::Feed(Direction::Push), host)
    }

    /// Shows the host in the parent's terms to what the engine does with the parent.
    fn with_uuids<T>(&self, host: &mut dyn Host, work: impl FnOnce(&mut dyn Host) -> T) -> T {
        match &self.config.uuid_map {
            map if map.is_empty() => work(host),
            map => work(&mut MappedHost::new(host, map)),
        }
    }

    /// Makes a run known that somebody will [`perform`](Engine::perform) soon: from now on [`run`](Engine::run) tells of it, and
    /// no other run of its direction begins before it has ended. Blocks on nothing but a small file.
    ///
    /// Errors: `AlreadyRunning`, `Configuration` (there cannot be such a run: see [`check_object`](Engine::check_object)),
    /// `Closed`.
    pub fn announce(&self, wanted: Wanted) -> Result<RunId> {
        match &wanted {
            Wanted::Feed(direction) | Wanted::Retry(direction) => self.check_run(*direction)?,
            Wanted::Object(direction, object) => self.check_object(*direction, object)?,
            Wanted::Backfill | Wanted::Verify(_) | Wanted::Repair(_) => self.check_run(Direction::Pull)?,
        }
        let _call = self.calls.enter()?;
        self.runs_of(wanted.direction()).announce(wanted)
    }

    /// As [`announce`](Engine::announce), of a retry. While another run is under way it follows that one, on its thread.
    ///
    /// Errors: `AlreadyRunning` while an administrator chooses which node this is, `Configuration`, `Closed`.
    pub fn announce_retry(&self, direction: Direction) -> Result<Retry> {
        self.check_run(direction)?;
        let _call = self.calls.enter()?;
        self.runs_of(direction).announce_retry()
    }

    /// Does what was announced under that id, on this thread, as [`pull`](Engine::pull) and [`push`](Engine::push) do.
    ///
    /// Errors: as those of `pull`, and `NotFound` when nothing was announced, or when it has begun already.
    pub fn perform(&self, id: RunId, host: &mut dyn Host) -> Result<RunReport> {
        let _call = self.calls.enter()?;
        let turn = [&self.pulls, &self.pushes].into_iter().find_map(|runs| runs.begin_announced(id));
        let turn = turn.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no run {id} waits to begin")))?;
        self.take(turn, host)
    }

    /// An announced run will not begin, for that reason.
    pub fn withdraw(&self, id: RunId, why: &Error) {
        [&self.pulls, &self.pushes].into_iter().for_each(|runs| runs.withdraw(id, why));
    }

    fn runs_of(&self, direction: Direction) -> &Runs {
        match direction {
            Direction::Pull => &self.pulls,
            Direction::Push => &self.pushes,
        }
    }

    fn run_as(&self, id: RunId, wanted: Wanted, host: &mut dyn Host) -> Result<RunReport> {
        let _call = self.calls.enter()?;
        let turn = self.runs_of(wanted.direction()).begin(id, wanted)?;
        self.take(turn, host)
    }

    /// Does a run, and then the retry that somebody asked for meanwhile.
    fn take(&self, mut turn: Turn<'_>, host: &mut dyn Host) -> Result<RunReport> {
        let first = self.work(&turn, host);
        while turn.goes_on() {
            if let Err(error) = self.work(&turn, host) {
                log::warn!("the retry {} did not begin: {}", turn.run.id, error.for_log());
            }
        }
        first
    }

    fn work(&self, turn: &Turn<'_>, host: &mut dyn Host) -> Result<RunReport> {
        let new = NewRun { id: turn.run.id, cancel: turn.run.cancel.clone() };
        let run = |host: &mut dyn Host| match &turn.run.wanted {
            Wanted::Feed(Direction::Pull) => pull(self.pull_parts()?, new, host),
            Wanted::Feed(Direction::Push) => push(self.push_parts()?, new, host),
            Wanted::Retry(Direction::Pull) => pull::retry(self.pull_parts()?, new, host),
            Wanted::Retry(Direction::Push) => push::retry(self.push_parts()?, new, host),
            Wanted::Backfill => backfill(self.pull_parts()?, new, host),
            Wanted::Verify(depth) => pull::verify(self.pull_parts()?, new, *depth, host),
            Wanted::Repair(which) => pull::repair(self.pull_parts()?, new, which, host),
            Wanted::Object(Direction::Pull, object) => pull_object(self.pull_parts()?, new, object, host),
            Wanted::Object(Direction::Push, object) => push_object(self.push_parts()?, new, object, host),
        };
        let done = self.indexing.behind(host, |host| self.with_uuids(host, run));
        let (run, retry_after) = done.inspect_err(|error| turn.did_not_begin(error))?;
        let offers = matches!(turn.run.wanted, Wanted::Backfill | Wanted::Repair(_));
        if offers && run.state == RunState::Completed {
            self.push_what_is_offered(host);
        }
        Ok(report(run, retry_after, &self.config))
    }

    /// After everything is compared the parent is given back what it has lost, and after a repair what is newer here, as far as it
    /// takes it. Whatever becomes of this push is told in its own run; another one follows by the schedule.
    fn push_what_is_offered(&self, host: &mut dyn Host) {
        if self.config.push.enabled
            && let Err(error) = self.push(host)
        {
            log::info!("what the parent is to have is not offered to it at once: {}", error.for_log());
        }
    }

    /// Asks the runs that are under way or about to begin to stop; they do so between two batches. Returns at once.
    pub fn cancel(&self) -> Result<()> {
        let _call = self.calls.enter()?;
        [&self.pulls, &self.pushes].into_iter().for_each(Runs::cancel);
        Ok(())
    }

    /// Tries what a pull needs of the parent, step by step. Blocks on the network for two minutes at the most, also while
    /// a pull is under way; changes nothing and needs no host.
    ///
    /// Errors: `AlreadyRunning` when another one is under way, `Configuration` (no parent, or TLS cannot be set up), `Cancelled` (the engine closes), `Closed`.
    pub fn connection_test(&self) -> Result<ConnectionTest> {
        let _call = self.calls.enter()?;
        let _only = self.one_connection_test()?;
        let parts = self.pull_parts()?;
        let dialect = self.progress.dialect();
        let RunParts { runtime, config, .. } = &parts.run;
        runtime.block_on(test_connection(config, dialect, &parts.environment, self.closing.child_token()))
    }

    /// Checks before the first sync what can be known of this server, the line and the parent. Blocks on the database, and then
    /// on the network for four minutes at the most; changes nothing. Refused on a thread that has a transaction.
    ///
    /// Errors: as those of [`connection_test`](Engine::connection_test), and `Host`.
    pub fn preflight(&self, host: &mut dyn Host) -> Result<Preflight> {
        let _call = self.calls.enter()?;
        let _only = self.one_connection_test()?;
        let parts = self.pull_parts()?;
        let RunParts { runtime, config, .. } = &parts.run;
        let here = preflight::here(host, config)?;
        let (dialect, cancel) = (self.progress.dialect(), self.closing.child_token());
        let way = Way { config, environment: &parts.environment, dialect, cancel };
        runtime.block_on(preflight::check(way, here))
    }

    fn one_connection_test(&self) -> Result<MutexGuard<'_, ()>> {
        match self.connection_tests.try_lock() {
            Ok(only) => Ok(only),
            Err(TryLockError::Poisoned(over)) => Ok(over.into_inner()),
            Err(TryLockError::WouldBlock) => {
                let message = "a connection test is under way on this server; wait for its end";
                Err(Error::new(ErrorKind::AlreadyRunning, message))
            }
        }
    }

    fn push_parts(&self) -> Result<&PushParts> {
        self.push.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "parent: must be given: this node has nobody to push to")
        })
    }

    fn pull_parts(&self) -> Result<&PullParts> {
        self.pull.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "parent: must be given: this node has nobody to pull from")
        })
    }

    /// Returns the state of this node, from memory.
    pub fn status(&self) -> Result<Status> {
        let _call = self.calls.enter()?;
        let mut status = self.progress.status(&self.config);
        status.problems.extend(self.identity.problem());
        status.problems.extend(self.turns.problem());
        let difference = self.pull.as_ref().and_then(|parts| parts.parent.clock_difference_ms());
        status.problems.extend(difference.and_then(clocks_differ));
        Ok(status)
    }

    /// The audit messages that a query asks for, the newest first, as far as one search looks.
    pub fn audit(&self, host: &mut dyn Host, query: &AuditQuery) -> Result<Found> {
        self.read(host, |host| audit::search(host, query))
    }

    /// One audit message, and the tries after it was parked.
    pub fn audit_message(&self, host: &mut dyn Host, uuid: &str) -> Result<Option<(AuditMessage, Vec<Attempt>)>> {
        self.read(host, |host| match audit::get(host, uuid)? {
            Some(message) => Ok(Some((message, attempts::list(host, uuid, crate::store::LARGEST_LIST)?))),
            None => Ok(None),
        })
    }

    /// A page of the past runs, the newest first.
    pub fn list_runs(&self, host: &mut dyn Host, page: &Page, limit: u32) -> Result<Vec<PagedRow<RunReport>>> {
        let runs = self.read(host, |host| runs::list(host, page, limit))?;
        Ok(runs.into_iter().map(|run| PagedRow::from(report(run, None, &self.config))).collect())
    }

    /// Past runs, the newest first, without the first `offset`.
    pub fn runs(&self, host: &mut dyn Host, limit: u32, offset: u32) -> Result<Vec<RunReport>> {
        Ok(rows(self.list_runs(host, &Page::From(offset), limit)?))
    }

    /// One run, also before it begins.
    pub fn run(&self, host: &mut dyn Host, id: &str) -> Result<Option<RunReport>> {
        // Asked before the database: a run that ends in between is recorded there.
        let announced = [&self.pulls, &self.pushes].into_iter().find_map(|runs| runs.find(id));
        let recorded = self.read(host, |host| runs::get(host, id))?;
        Ok(recorded.or(announced).map(|run| report(run, None, &self.config)))
    }

    /// A page of the records that wait and that a filter lets through, the newest first.
    pub fn list_parked(
        &self,
        host: &mut dyn Host,
        filter: &ParkedFilter,
        page: &Page,
        limit: u32,
    ) -> Result<Vec<PagedRow<Parked>>> {
        self.read(host, |host| Ok(paged(parked::list(host, filter, page, limit)?)))
    }

    /// Records that wait, the newest first, without the first `offset`.
    pub fn parked(&self, host: &mut dyn Host, limit: u32, offset: u32) -> Result<Vec<Parked>> {
        Ok(rows(self.list_parked(host, &ParkedFilter::default(), &Page::From(offset), limit)?))
    }

    /// Why records wait, the most frequent cause first.
    pub fn causes(&self, host: &mut dyn Host) -> Result<Vec<Cause>> {
        self.read(host, |host| parked::causes(host))
    }

    /// A page of the conflicts that wait for a person, the newest first, without the documents.
    pub fn list_conflicts(&self, host: &mut dyn Host, page: &Page, limit: u32) -> Result<Vec<PagedRow<Conflict>>> {
        self.read(host, |host| Ok(paged(conflicts::list(host, page, limit)?)))
    }

    /// Conflicts that wait for a person, the newest first, without the first `offset`, without the documents.
    pub fn conflicts(&self, host: &mut dyn Host, limit: u32, offset: u32) -> Result<Vec<Conflict>> {
        Ok(rows(self.list_conflicts(host, &Page::From(offset), limit)?))
    }

    /// A conflict with everything that somebody needs who decides about it, as both sides are now; nothing when there is none
    /// of that uuid.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn conflict(&self, host: &mut dyn Host, uuid: &str) -> Result<Option<ConflictDetail>> {
        self.with_uuids(host, |host| self.read(host, |host| resolution::look(&self.config, host, uuid)))
    }

    /// Carries out what somebody decided about a conflict; what comes of it goes to the parent with the next push. A run may be
    /// under way meanwhile. Refused on a thread that has a transaction.
    ///
    /// Errors: `NotFound` when there is no such conflict, or it is over; `Outdated` when either side moved since it was shown;
    /// `Rejected` when the decision does not fit it; those of the host's `save` and `remove`; `Closed`. None of them has changed
    /// anything, but a commit that fails (`Host`) may have taken place: the conflict is still there or not.
    pub fn resolve(&self, host: &mut dyn Host, uuid: &str, decided: &Decided) -> Result<Resolved> {
        let _call = self.calls.enter()?;
        let resolved = self.with_uuids(host, |host| resolution::resolve(&self.config, host, uuid, decided));
        self.count_open(host);
        resolved
    }

    /// As [`resolve`](Engine::resolve), of several conflicts, each in a transaction of its own: what became of each. At most
    /// 1000, the oldest first.
    ///
    /// Errors: `Host` when they cannot be listed; `Closed`.
    pub fn resolve_all(&self, host: &mut dyn Host, which: &Which, decided: &Decided) -> Result<Vec<OneOfSeveral>> {
        let _call = self.calls.enter()?;
        let uuids = match which {
            Which::Uuids(uuids) => uuids.clone(),
            Which::Filter(filter) => transaction::read(host, |host| conflicts::matching(host, filter, LARGEST_LIST))?,
        };
        let resolved = self.with_uuids(host, |host| {
            let one = |uuid: String| {
                let result = resolution::resolve(&self.config, host, &uuid, decided);
                OneOfSeveral::of(uuid, result)
            };
            uuids.into_iter().map(one).collect()
        });
        self.count_open(host);
        Ok(resolved)
    }

    /// For the status. What was done stands, whatever happens here: a failure is only logged.
    fn count_open(&self, host: &mut dyn Host) {
        let counted = transaction::read(host, |host| Ok((parked::count(host)?, conflicts::count(host)?)));
        match counted {
            Ok((parked, conflicts)) => self.progress.counted(parked, conflicts),
            Err(error) => log::warn!("parked records and conflicts could not be counted: {}", error.kind),
        }
    }

    /// Everything that is known of an object, in order of time and in words.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn story(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Story> {
        self.with_uuids(host, |host| self.read(host, |host| story::tell(&self.config, host, object)))
    }

    /// The last comparison of both sides, by category. Blocks on the database.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn verification(&self, host: &mut dyn Host) -> Result<Verification> {
        self.read(host, |host| verifications::last(host))
    }

    /// A page of what the last comparison found and that a filter lets through, the newest first.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn differences(
        &self,
        host: &mut dyn Host,
        filter: &DifferenceFilter,
        page: &Page,
        limit: u32,
    ) -> Result<Vec<PagedRow<Difference>>> {
        self.read(host, |host| Ok(paged(verifications::list(host, filter, page, limit)?)))
    }

    /// What the last comparison found of an object; nothing where both sides are the same.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn difference(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Option<Difference>> {
        self.read(host, |host| verifications::get(host, object))
    }

    /// How far each feed of the parent has been worked through.
    pub fn markers(&self, host: &mut dyn Host) -> Result<Vec<FeedPosition>> {
        self.read(host, |host| markers::load(host, Direction::Pull))
    }

    /// How far this node's own feed has been pushed; nothing before the first push.
    pub fn push_marker(&self, host: &mut dyn Host) -> Result<Option<FeedPosition>> {
        self.read(host, |host| Ok(markers::load(host, Direction::Push)?.pop()))
    }

    /// A page of the feed that this node publishes, with everything that has been committed until now; also on the root.
    ///
    /// Errors: `NotFound` when there is no such page yet, `Gone` when its events were removed after `feed.keepDays`,
    /// `Host`, `Closed`.
    pub fn feed_page(&self, host: &mut dyn Host, request: &FeedRequest) -> Result<FeedPage> {
        let _call = self.calls.enter()?;
        own::serve(host, &self.config, request, |old| self.progress.unpushed_events_are_old(old))
    }

    /// Notes what a child says of itself with its request for the feed. An account that nobody has named is not listened to. What
    /// was asked for is answered, whatever happens here: a failure is only logged.
    pub fn hear_child(&self, host: &mut dyn Host, account: &str, introduction: &Introduction) {
        let (Ok(_call), true) = (self.calls.enter(), self.config.exchange.children.contains_key(account)) else {
            return;
        };
        if let Err(error) = transaction::write(host, |host| store::children::hear(host, account, introduction)) {
            log::warn!("the introduction of a child could not be noted: {}", error.for_log());
        }
    }

    /// The children of this node, and why each needs somebody; first those that need somebody most. Blocks on the database.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn children(&self, host: &mut dyn Host) -> Result<Vec<ChildReport>> {
        self.read(host, |host| children::reports(host))
    }

    /// Returns the figures of the runs of the last days, the oldest day first. Blocks on the database.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn days(&self, host: &mut dyn Host, wanted: Days) -> Result<Vec<Day>> {
        self.read(host, |host| days(host, wanted))
    }

    /// Metadata that waits because other metadata has its name, at most 50 pairs. Blocks on the database.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn namesakes(&self, host: &mut dyn Host) -> Result<Vec<Pair>> {
        self.read(host, |host| namesakes::pairs(host, &self.config.uuid_map))
    }

    /// Forgets a child, until it comes again. Returns whether there was one. Blocks on the database.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn forget_child(&self, host: &mut dyn Host, node: &str) -> Result<bool> {
        let _call = self.calls.enter()?;
        transaction::write(host, |host| store::children::forget(host, node))
    }

    /// Which ways the parked records that are meant travel.
    pub fn directions_of(&self, host: &mut dyn Host, which: &WhichParked) -> Result<Vec<Direction>> {
        self.read(host, |host| parked::directions(host, which))
    }

    /// Makes the parked records of these audit messages due, so that the next run tries them first. Returns how many there
    /// were.
    pub fn retry(&self, host: &mut dyn Host, audit_uuids: &[String]) -> Result<u64> {
        self.make_due(host, &WhichParked::Uuids(audit_uuids.to_vec()))
    }

    /// Makes the parked records that are meant due, so that the next run tries them first. Returns how many there were.
    pub fn make_due(&self, host: &mut dyn Host, which: &WhichParked) -> Result<u64> {
        let _call = self.calls.enter()?;
        transaction::write(host, |host| {
            let now = now(host)?;
            parked::retry_now(host, which, now)
        })
    }

    /// Gives the parked records that are meant up, with a reason that the audit keeps: only a newer event of the same object
    /// brings it again. In transactions of a batch each. Returns how many there were.
    ///
    /// Errors: `Host`; what was given up before stays so.
    pub fn dismiss(&self, host: &mut dyn Host, which: &WhichParked, reason: &Reason) -> Result<u64> {
        let _call = self.calls.enter()?;
        let mut dismissed = 0;
        loop {
            let batch = transaction::write(host, |host| dismissal::dismiss(host, which, reason))?;
            if batch == 0 {
                break;
            }
            dismissed += batch;
        }
        self.count_open(host);
        Ok(dismissed)
    }

    /// Cancels what runs, waits until every call has returned, and ends all threads. A call that is inside the host for more
    /// than a minute is left there, with a word in the log. The second call gives `Closed`. Must not be called from within a
    /// host's method: it would wait for itself.
    pub fn close(&self) -> Result<()> {
        self.close_within(LONGEST_CALL_AT_CLOSE)
    }

    /// As [`close`](Engine::close), with another limit than a minute.
    pub fn close_within(&self, longest_call: Duration) -> Result<()> {
        self.calls.refuse_more()?;
        self.closing.cancel();
        let left = self.calls.wait_until_none(longest_call);
        if left > 0 {
            log::error!(
                "{left} calls of the sync engine are still inside this server after {longest_call:?} and are left there: see \
                 in a thread dump what they wait for"
            );
        }
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_timeout(LONGEST_CLOSE);
        }
        Ok(())
    }

    /// Reads the objects that a child asks for: for each [`ReadLine`](crate::wire::ReadLine) of
    /// `lines` (newline-delimited JSON) a [`ReadAnswer`](crate::wire::ReadAnswer), in their order. `account` is
    /// the user name that the child logged in with; what it may read is configured by it. Works on the root, too.
    ///
    /// Errors: `Busy` when `exchange.concurrency` calls are at work; `Host`, `Closed`.
    pub fn read_objects(&self, host: &mut dyn Host, account: impl Into<Account>, lines: &[u8]) -> Result<Vec<u8>> {
        let _call = self.calls.enter()?;
        let _turn = self.turns.take(lines)?;
        let account = account.into();
        exchange::read_objects(host, &self.config, self.scope(&account), lines)
    }

    /// Takes over what a child brings: for each [`ApplyLine`](crate::wire::ApplyLine) of `lines` an
    /// [`ApplyAnswer`](crate::wire::ApplyAnswer), in their order. `child_node` is the child's node id, by which
    /// it is known again. When the answer is lost, the same lines can be sent again. Refused on a thread that has a
    /// transaction.
    ///
    /// Errors: as those of [`read_objects`](Engine::read_objects), and `Malformed` when `child_node` is no node id.
    pub fn apply_objects(
        &self,
        host: &mut dyn Host,
        account: impl Into<Account>,
        child_node: &str,
        lines: &[u8],
    ) -> Result<Vec<u8>> {
        let _call = self.calls.enter()?;
        let _turn = self.turns.take(lines)?;
        if !is_object_uuid(child_node) {
            let message = format!("the header {NODE_HEADER} must be the child's node id");
            return Err(Error::new(ErrorKind::Malformed, message));
        }
        let account = account.into();
        let child = Child::new(child_node, &account, self.scope(&account), &self.config);
        let applied = self
            .indexing
            .behind_exchange(host, child_node, |host| exchange::apply_objects(host, &child, &self.pace, lines));
        let Applied { answers, rules, in_conflict } = applied?;
        exchange::forget_old_requests(host, self.config.audit.keep_days);
        if !rules.is_empty() {
            self.count_rules(host, &rules);
        }
        if in_conflict || self.progress.has_conflicts() {
            self.count_open(host);
        }
        Ok(answers)
    }

    /// Waits until all that this child has brought since the last call is found by a search, where the host has an index that
    /// follows. Before the child hears that its request has ended. Refused on a thread that has a transaction.
    ///
    /// Errors: `Closed`.
    pub fn end_exchange(&self, host: &mut dyn Host, child_node: &str) -> Result<()> {
        let _call = self.calls.enter()?;
        self.indexing.end_exchange(host, child_node);
        Ok(())
    }

    /// Returns the scope of an account. One that nobody has named is told of on the status.
    fn scope<'a>(&'a self, account: &'a Account) -> Scope<'a> {
        let scope = Scope::of(&self.config.exchange.children, account);
        if !scope.is_named() {
            self.progress.asked_unnamed(&account.name);
        }
        scope
    }

    /// For the status. What was answered stands, whatever happens here: a failure is only logged.
    fn count_rules(&self, host: &mut dyn Host, met: &[EntryRule]) {
        let counted = transaction::write(host, |host| {
            entry_rules::count(host, met)?;
            entry_rules::list(host)
        });
        match counted {
            Ok(rules) => self.progress.met_rules(rules),
            Err(error) => {
                log::warn!("the rules that objects of children do not keep could not be counted: {}", error.for_log())
            }
        }
    }

    /// Keeps what the host tells of its listening to its own changes; what is left for it to do. When it begins, and again and
    /// again after that, what a killed process left is indexed. Refused on a thread that has a transaction.
    ///
    /// Errors: `Host`, `Closed`.
    pub fn listening(&self, host: &mut dyn Host, step: &ListeningStep) -> Result<LeftToDo> {
        let _call = self.calls.enter()?;
        let known = transaction::write(host, |host| listening::note(host, step))?;
        let left = listening::left_to_do(&known);
        self.progress.listens(known);
        if matches!(step, ListeningStep::Begins { .. } | ListeningStep::Listens { .. }) {
            self.indexing.carry_out(host);
        }
        Ok(left)
    }

    /// How many exchanges of all children may be open at once: `exchange.maxOpen`. In memory.
    pub fn most_open_exchanges(&self) -> Result<usize> {
        let _call = self.calls.enter()?;
        Ok(self.config.exchange.max_open)
    }

    /// The most bytes that one line of the exchange may have: `exchange.maxLineBytes`. In memory.
    pub fn largest_line(&self) -> Result<usize> {
        let _call = self.calls.enter()?;
        Ok(self.config.exchange.max_line_bytes)
    }

    fn read<T>(&self, host: &mut dyn Host, body: impl FnOnce(&mut dyn Host) -> Result<T>) -> Result<T> {
        let _call = self.calls.enter()?;
        transaction::read(host, |host| body(host))
    }
}

impl Drop for Engine {
    /// An engine that was never closed stops its threads without waiting: it may be dropped on one of them.
    fn drop(&mut self) {
        self.closing.cancel();
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_background();
        }
    }
}

/// Has those records tried again that wait for metadata which is known by now under both its uuids.
fn retry_mapped(map: &UuidMap, host: &mut dyn Host) -> Result<()> {
    if map.is_empty() {
        return Ok(());
    }
    transaction::write(host, |host| {
        let time = now(host)?;
        [Direction::Pull, Direction::Push]
            .into_iter()
            .try_for_each(|direction| parked::retry_objects(host, direction, &map.names(), time))
    })
}

/// Compares the node's id in the database with that in the data directory. When they differ the engine opens all the same:
/// its status says so, and somebody chooses.
fn look_at(identity: &Identity, host: &mut dyn Host) -> Result<()> {
    if !identity.is_kept() {
        return Ok(());
    }
    let id = transaction::write(host, |host| node::id(host))?;
    if identity.check(&id).is_err() || identity.problem().is_some() {
        log::warn!("{}", identity.problem().unwrap_or_default());
    }
    Ok(())
}

fn environment_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the calls that are under way: `close` waits for them. No lock is held during a call, so that a host's method
/// may call `status` or `cancel`.
#[derive(Default)]
struct Calls {
    closed: AtomicBool,
    running: Mutex<usize>,
    returned: Condvar,
}

/// A call that is under way, until it is dropped.
struct Call<'a>(&'a Calls);

impl Calls {
    fn enter(&self) -> Result<Call<'_>> {
        let mut running = lock(&self.running);
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "the sync engine is closed"));
        }
        *running += 1;
        Ok(Call(self))
    }

    fn refuse_more(&self) -> Result<()> {
        let _running = lock(&self.running);
        if self.closed.swap(true, Ordering::AcqRel) {
            return Err(Error::new(ErrorKind::Closed, "the sync engine is closed already"));
        }
        Ok(())
    }

    /// Returns how many there are still after that time.
    fn wait_until_none(&self, longest: Duration) -> usize {
        let running = lock(&self.running);
        let waited = self.returned.wait_timeout_while(running, longest, |running| *running > 0);
        let (running, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *running
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        *lock(&self.0.running) -= 1;
        self.0.returned.notify_all();
    }
}

fn paged<T: Paged>(rows: Vec<T>) -> Vec<PagedRow<T>> {
    rows.into_iter().map(PagedRow::from).collect()
}

fn rows<T>(paged: Vec<PagedRow<T>>) -> Vec<T> {
    paged.into_iter().map(|paged| paged.row).collect()
}
