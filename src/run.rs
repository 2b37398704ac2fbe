//! The parts of every run, whichever way records travel in it: its lease, its record, its end, and a calling thread that does
//! all host work and waits for the network outside of any transaction.

pub(crate) mod calling_thread;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::{error, warn};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::audit::SyncAuditLogger;
use crate::config::Config;
use crate::decide::retry::longest_wait;
use crate::defect::defect;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::feed::Dialect;
use crate::host::Host;
use crate::identity::Identity;
use crate::introduction::Introduction;
use crate::passing::Passing;
use crate::status::Progress;
use crate::store::audit::AuditStatus;
use crate::store::parked::Parked;
use crate::store::runs::{Run, RunId, RunKind, RunProgress, RunState};
use crate::store::{self, lease::Lease};
use crate::store::{
    Failure, audit, bases, conflicts, entry_rules, kept_since, lease, lost_paths, markers, node, now, parked, restores,
    runs, transaction, unknown_kinds,
};
use crate::switched_on;
use calling_thread::{CallingThread, Task};

/// The most pairs of one name that the status tells.
pub(crate) const MOST_PAIRS: u32 = 50;

/// The most old audit messages, and the most old runs, that one run removes.
const PRUNED_PER_RUN: u32 = 1000;

/// The parts that the engine keeps from run to run and lends to each.
#[derive(Clone)]
pub(crate) struct RunParts {
    pub config: Arc<Config>,
    pub runtime: Handle,
    pub progress: Arc<Progress>,
    /// Who asks for the lease, as others see it.
    pub owner: String,
    pub identity: Arc<Identity>,
}

/// A run that is to begin.
pub(crate) struct NewRun {
    /// The id that it will be known by.
    pub id: RunId,
    /// Ends it before its end.
    pub cancel: CancellationToken,
}

/// A run that is under way: it holds the lease of its direction.
pub(crate) struct ActiveRun<'a> {
    parts: &'a RunParts,
    /// The record of it, as others see it.
    pub record: Run,
    /// The introduction of this node to its parent in this run.
    pub introduction: Introduction,
    cancel: CancellationToken,
    lease: Lease,
    /// When the lease was last acquired or renewed.
    renewed: Instant,
    thread: CallingThread,
    /// The tasks for this thread while it waits.
    tasks: mpsc::Receiver<Task>,
}

/// Why waiting stopped.
enum Waited<T> {
    Done(Result<T>),
    LeaseDue,
    Asked(Task),
}

impl<'a> ActiveRun<'a> {
    /// Takes the lease of the direction and records that a run began.
    ///
    /// Errors: `AlreadyRunning` when another run holds the lease; `Configuration` when a run had this id already, or while it
    /// is open which node this server is; `Host` when the database cannot even record the start.
    pub(crate) fn start(
        parts: &'a RunParts,
        direction: Direction,
        kind: RunKind,
        new: NewRun,
        host: &mut dyn Host,
    ) -> Result<ActiveRun<'a>> {
        let NewRun { id, cancel } = new;
        let (lease, record) = transaction::write(host, |host| {
            let lease = lease::acquire(host, direction, &parts.owner, lease_ms(&parts.config))?;
            runs::interrupt_orphans(host, &lease)?;
            let record = record_start(host, kind, id, &lease)?;
            parts.identity.check(&record.node_id)?;
            Ok((lease, record))
        })?;
        let introduction = parts.progress.introduction(&parts.config, &record);
        parts.progress.run_started(&record);
        let (thread, tasks) = CallingThread::new();
        Ok(ActiveRun { parts, record, introduction, cancel, lease, renewed: Instant::now(), thread, tasks })
    }

    /// Returns the token that ends this run before its end.
    pub(crate) fn cancellation(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Leads to the thread that called the engine, while it waits.
    pub(crate) fn calling_thread(&self) -> CallingThread {
        self.thread.clone()
    }

    /// Waits for the network on the calling thread, outside of any transaction: renews the lease when it is time, however
    /// short the waits are, does what this thread is asked to do, and ends at once when the run is cancelled.
    pub(crate) fn wait<T>(&mut self, host: &mut dyn Host, future: impl Future<Output = Result<T>>) -> Result<T> {
        let mut future = std::pin::pin!(future);
        loop {
            let cancel = self.cancel.clone();
            let renewal = self.renewed + self.parts.config.transfer.lease / 3;
            let waited = self.parts.runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => Waited::Done(Err(cancelled())),
                    () = tokio::time::sleep_until(renewal.into()) => Waited::LeaseDue,
                    done = &mut future => Waited::Done(done),
                    Some(task) = self.tasks.recv() => Waited::Asked(task),
                }
            });
            self.parts.progress.run_seen(self.record.direction);
            match waited {
                Waited::Done(done) => return done,
                Waited::LeaseDue => {
                    transaction::write(host, |host| self.renew_lease(host))?;
                    self.renewed = Instant::now();
                }
                Waited::Asked(task) => task(),
            }
        }
    }

    /// Errors: `Cancelled`.
    pub(crate) fn check_cancelled(&self) -> Result<()> {
        if self.cancel.is_cancelled() { Err(cancelled()) } else { Ok(()) }
    }

    /// In a transaction: proves that it may be committed, since no later run has taken the lease.
    ///
    /// Errors: `LeaseLost`.
    pub(crate) fn renew_lease(&self, host: &mut dyn Host) -> Result<()> {
        lease::renew(host, &self.lease, lease_ms(&self.parts.config))
    }

    /// Commits a transaction that renewed the lease and brought this run to that progress. A commit whose result is unknown
    /// is asked after. Returns why it was refused, if it did not happen.
    ///
    /// Errors: the database or the lease is lost.
    pub(crate) fn commit(&mut self, host: &mut dyn Host, progress: RunProgress) -> Result<Option<Error>> {
        if let Err(error) = host.commit() {
            host.rollback();
            if !self.was_committed(host, &progress)? {
                return Ok(Some(error));
            }
        }
        self.parts.progress.run_seen(self.record.direction);
        self.renewed = Instant::now();
        self.record.progress = progress;
        Ok(None)
    }

    /// In a transaction: moves the markers past these events, and notes with what became of its records how far the run has come.
    pub(crate) fn record_progress(
        &self,
        host: &mut dyn Host,
        counts: BTreeMap<AuditStatus, u64>,
        passing: &Passing,
    ) -> Result<RunProgress> {
        let mut progress = self.record.progress.clone();
        counts.into_iter().for_each(|(status, count)| *progress.counts.entry(status).or_insert(0) += count);
        for (marker, events) in passing.markers() {
            markers::put(host, self.record.direction, marker, *events)?;
            progress.events += events;
            progress.position = Some(format!("{} {}", marker.page_url, marker.entry_id));
        }
        runs::update_progress(host, &self.record.id, &progress)?;
        Ok(progress)
    }

    /// After a commit whose outcome is unknown: what the database says of this run. Every batch changes its progress.
    /// The lease's row is locked until the outcome is settled, also when the database has not yet noticed that the
    /// connection is gone.
    fn was_committed(&self, host: &mut dyn Host, progress: &RunProgress) -> Result<bool> {
        let recorded = transaction::read(host, |host| {
            self.renew_lease(host)?;
            runs::get(host, &self.record.id)
        })?;
        Ok(recorded.is_some_and(|run| run.progress == *progress))
    }

    /// Notes since when what a run of this direction synchronizes is switched on.
    pub(crate) fn note_what_is_on(&self, host: &mut dyn Host, dialect: Dialect) -> Result<()> {
        let (config, direction) = (&self.parts.config, self.record.direction);
        let known = transaction::read(host, |host| store::switched_on::list(host))?;
        let switched_on = if switched_on::is_noted(&known, config, direction) {
            known
        } else {
            transaction::write(host, |host| {
                self.renew_lease(host)?;
                switched_on::note(host, config, direction, dialect)
            })?
        };
        self.parts.progress.switched_on(switched_on);
        Ok(())
    }

    /// Lets others see how far the run has come.
    pub(crate) fn progressed(&self) {
        self.parts.progress.run_progressed(&self.record);
    }

    /// Returns the writer of the audit of a transaction at that time of the database.
    pub(crate) fn audit_logger(&self, now: i64) -> SyncAuditLogger<'_> {
        SyncAuditLogger {
            direction: self.record.direction,
            run_id: &self.record.id,
            node_id: &self.record.node_id,
            now,
            retry: &self.parts.config.retry,
            parent_keeps_conflicts: self.parts.config.tells_parent(),
        }
    }

    /// A batch of what is parked and due: by its schedule, released by an arrival, or asked for by an administrator. Not of
    /// the categories that cannot be tried now.
    pub(crate) fn due(&self, host: &mut dyn Host, held: &[Category]) -> Result<Vec<Parked>> {
        let most = self.parts.config.transfer.batch_size as u32;
        transaction::read(host, |host| {
            let now = now(host)?;
            parked::due(host, self.record.direction, now, held, most)
        })
    }

    /// Nothing waits longer than a day, or than the configuration's longest delay: what does was parked while the clock was
    /// ahead, and is due.
    pub(crate) fn recall_from_the_future(&self, host: &mut dyn Host) -> Result<()> {
        let longest = longest_wait(&self.parts.config.retry).as_millis() as i64;
        transaction::write(host, |host| {
            let now = now(host)?;
            parked::make_due_when_later(host, self.record.direction, now, now + longest).map(drop)
        })
    }

    /// Removes audit messages that are older than the configuration keeps them, runs that are as old and have none any more, and
    /// the documents of agreements about what is not synchronized any more.
    pub(crate) fn prune(&self, host: &mut dyn Host) -> Result<()> {
        let keep_days = self.parts.config.audit.keep_days;
        transaction::write(host, |host| {
            if let Some(oldest) = kept_since(host, keep_days)? {
                audit::prune(host, oldest, PRUNED_PER_RUN)?;
                runs::prune(host, oldest, PRUNED_PER_RUN)?;
            }
            self.forget_bases(host)
        })
    }

    /// Removes base documents of what is not synchronized any more: it is not merged either. Looked for until none is
    /// left, and then once a day: what is synchronized changes with the engine only.
    fn forget_bases(&self, host: &mut dyn Host) -> Result<()> {
        if !self.parts.progress.bases_are_due() {
            return Ok(());
        }
        let config = &self.parts.config;
        let mut more = false;
        for category in Category::all().filter(|category| !config.pulls(*category) && !config.pushes(*category)) {
            more |= bases::remove_some_of(host, category, PRUNED_PER_RUN)? == PRUNED_PER_RUN as usize;
        }
        if !more {
            self.parts.progress.bases(bases::kept(host)?);
        }
        Ok(())
    }

    /// Records how the run ended and gives the lease back. When the database is away the run is told from memory, and
    /// the next run marks it as interrupted. With it comes the pause that the parent asked for.
    pub(crate) fn finish(mut self, host: &mut dyn Host, error: Option<Error>) -> (Run, Option<Duration>) {
        // Whoever sees that the run has ended finds what it brought.
        host.catch_index_up();
        self.record.state = error.as_ref().map_or(RunState::Completed, state_after);
        self.record.error = error.as_ref().map(Failure::from);
        if let Some(error) = &error {
            warn!(
                "the {} {} was {}: {}",
                self.record.direction.name(),
                self.record.id,
                self.record.state.name(),
                error.for_log()
            );
        }
        let retry_after = error.and_then(|error| error.retry_after);
        let recorded = transaction::write(host, |host| {
            runs::finish(host, &self.record.id, self.record.state, self.record.error.as_ref())?;
            lease::release(host, &self.lease)?;
            self.parts.progress.counted(parked::count(host)?, conflicts::count(host)?);
            self.parts.progress.met_rules(entry_rules::list(host)?);
            self.parts.progress.lost(lost_paths::list(host)?);
            self.parts.progress.same_named(parked::same_named(host, MOST_PAIRS)?);
            self.parts.progress.unknown_kinds(unknown_kinds::list(host)?);
            self.parts.progress.restored(restores::settle(host)?);
            runs::get(host, &self.record.id)
        });
        match recorded {
            Ok(Some(run)) => self.record = run,
            Ok(None) => error!("the run {} is not in the database any more", self.record.id),
            Err(error) => error!("the end of the run {} could not be recorded: {}", self.record.id, error.for_log()),
        }
        self.parts.progress.run_ended(&self.record, retry_after);
        (self.record, retry_after)
    }
}

/// Does the work of a run. A panic ends it as an error does: with what it had begun in the database rolled back, so that
/// its end can be recorded.
pub(crate) fn without_panic(host: &mut dyn Host, work: impl FnOnce(&mut dyn Host) -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(|| work(host))).unwrap_or_else(|panic| {
        host.rollback();
        Err(defect(&*panic))
    })
}

fn record_start(host: &mut dyn Host, kind: RunKind, id: RunId, lease: &Lease) -> Result<Run> {
    let id = id.to_string();
    if runs::get(host, &id)?.is_some() {
        let message = format!("there was a run {id} already: each needs an id of its own");
        return Err(Error::new(ErrorKind::Configuration, message));
    }
    let run = Run {
        id,
        direction: lease.direction,
        kind,
        state: RunState::Running,
        started_at: now(host)?,
        ended_at: None,
        progress: RunProgress::default(),
        error: None,
        node_id: node::id(host)?,
        token: lease.token,
    };
    runs::insert(host, &run)?;
    Ok(run)
}

pub(crate) fn lease_ms(config: &Config) -> i64 {
    config.transfer.lease.as_millis() as i64
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the run was cancelled; the next one goes on from the marker")
}

/// How a run that something stopped is told: passing by itself, wanted by a person, or waiting for one.
pub(crate) fn state_after(error: &Error) -> RunState {
    match error.kind {
        ErrorKind::Cancelled | ErrorKind::Closed => RunState::Cancelled,
        ErrorKind::NeedsBackfill | ErrorKind::Configuration | ErrorKind::Internal => RunState::Failed,
        _ => RunState::Interrupted,
    }
}
