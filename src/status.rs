//! The status of a node: of each direction the run that is under way or was last, and where each feed stands. Kept in memory, so
//! that asking never waits for a run or the database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::event::{Category, Direction};
use crate::feed::Dialect;
use crate::host::LONGEST_CALL;
use crate::http::LARGEST_CLOCK_DIFFERENCE_MS;
use crate::introduction::Introduction;
use crate::listening;
use crate::store::bases::Kept;
use crate::store::entry_rules::MetRule;
use crate::store::listening::Listening;
use crate::store::lost_paths::CountedPath;
use crate::store::paging::Paged;
use crate::store::restores::Restore;
use crate::store::runs::{Run, RunKind, RunState};
use crate::store::switched_on::SwitchedOn;
use crate::store::unknown_kinds::UnknownKind;
use crate::store::{Failure, minute};
use crate::switched_on;

/// The longest pause that a parent can ask for: a wrong `Retry-After` must not keep a child away for ever.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// The time between two counts of the figures that take a look at each row of a large table.
const COUNTED_EACH: Duration = Duration::from_secs(86_400);

/// A run as the HTTP API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// The run as it is recorded.
    #[serde(flatten)]
    pub run: Run,
    /// Events, or objects of which no event told, a second since the run began.
    pub rate_per_second: f64,
    /// When the schedule starts the next one, milliseconds since 1970; nothing while one is under way, and after one that
    /// is not on the schedule. Later than the interval says when the parent asked for it.
    pub next_run_at: Option<i64>,
}

impl Paged for RunReport {
    fn place(&self) -> (i64, Vec<&str>) {
        self.run.place()
    }
}

/// The state of a node.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `node.name`
    pub node: String,
    /// The version of the engine.
    pub version: &'static str,
    /// The parent's address; nothing on the root.
    pub parent: Option<String>,
    /// The publisher of the feed that the last run read: `sync2`, the parent's own, or `atomfeed`; nothing before one.
    pub parent_feed: Option<&'static str>,
    /// `pull.enabled`
    pub pull_enabled: bool,
    /// Warnings of what the configuration allows but can hardly mean, one sentence each.
    pub warnings: Vec<String>,
    /// `pull.intervalSeconds`: from the end of one scheduled run to the start of the next.
    pub pull_interval_seconds: u64,
    /// The pull that is under way or was last.
    pub pull: Option<RunReport>,
    /// `push.enabled`
    pub push_enabled: bool,
    /// `push.intervalSeconds`: from the end of one scheduled run to the start of the next.
    pub push_interval_seconds: u64,
    /// The push that is under way or was last.
    pub push: Option<RunReport>,
    /// Says whether that push sends in batches, since the parent has this module too; nothing before it has asked.
    pub push_exchange: Option<bool>,
    /// How old the newest event was that the last run passed, in milliseconds; nothing before the first event.
    pub lag_ms: Option<i64>,
    /// Records that wait.
    pub parked: i64,
    /// Conflicts that wait for a person.
    pub conflicts: i64,
    /// Rules of data entry of this server that records did not keep and were saved all the same, with how often, as of the
    /// last run's end.
    pub rules: Vec<MetRule>,
    /// The places of records that were not kept where they were saved, as of the last run's end; what OpenMRS always makes of them
    /// and loses nothing stands apart.
    pub losses: Vec<CountedPath>,
    /// The documents that both sides had when they last agreed, which merges compare with, as they were counted within the last
    /// day; nothing before the first run.
    pub bases: Option<Kept>,
    /// Categories that the last run of the feeds, or a run since, had to leave, and why. In the parent's own feed they are
    /// passed, and their records are parked until a run finds them open again.
    pub held: BTreeMap<&'static str, Failure>,
    /// The failures that the last run of each direction met and somebody has to do something about.
    pub notes: Vec<Failure>,
    /// Other problems that somebody has to do something about, a sentence each.
    pub problems: Vec<String>,
}

/// The figures of the running pull and push, for others to read.
#[derive(Default)]
pub(crate) struct Progress(Mutex<Snapshot>);

#[derive(Clone, Default)]
struct Snapshot {
    pull: LastRun,
    push: LastRun,
    push_exchange: Option<bool>,
    dialect: Option<Dialect>,
    held: BTreeMap<&'static str, Failure>,
    without_exchange: Option<Failure>,
    newest_event: Option<i64>,
    /// When a run of each direction came to its end.
    pulled_at: Option<i64>,
    pushed_at: Option<i64>,
    unpushed_events_are_old: bool,
    /// Accounts that asked for objects though nobody has named them.
    unnamed: BTreeSet<String>,
    listening: Option<Listening>,
    switched_on: Vec<SwitchedOn>,
    unknown_kinds: Vec<UnknownKind>,
    /// The last time that the parent was found to be restored, and how many objects are not agreed on since.
    restored: Option<(Restore, u64)>,
    /// Before when a parent that does not list what it has has removed events that the last backfill did not read.
    unread: Option<i64>,
    parked: i64,
    conflicts: i64,
    rules: Vec<MetRule>,
    losses: Vec<CountedPath>,
    bases: Option<(Kept, Instant)>,
    /// Why metadata waits that the other side has under another uuid.
    same_named: Vec<String>,
}

/// The run of a direction that is under way or was last.
#[derive(Clone, Default)]
struct LastRun {
    run: Option<Run>,
    /// The pause that the parent asked for.
    retry_after: Option<Duration>,
    /// When the calling thread was last seen outside of a call into the host.
    seen: Option<Instant>,
}

impl LastRun {
    /// Since when the run that is under way is inside a call into the host, where that is too long.
    fn problem(&self, now: Instant) -> Option<String> {
        let run = self.run.as_ref().filter(|run| run.state == RunState::Running)?;
        let inside = now.checked_duration_since(self.seen?).filter(|inside| *inside >= LONGEST_CALL)?;
        Some(format!(
            "the {} {} has been inside one call of this server for {} minutes, and does nothing meanwhile: see in a thread \
             dump, and in the database's list of locks, what the thread that runs it waits for; a restart of this server \
             ends it, and the next run goes on from the marker",
            run.direction.name(),
            run.id,
            inside.as_secs() / 60
        ))
    }

    fn report(self, config: &Config) -> Option<RunReport> {
        self.run.map(|run| report(run, self.retry_after, config))
    }

    fn failure(&self) -> Option<&Failure> {
        self.run.as_ref()?.error.as_ref()
    }
}

impl Snapshot {
    fn last(&mut self, direction: Direction) -> &mut LastRun {
        match direction {
            Direction::Pull => &mut self.pull,
            Direction::Push => &mut self.push,
        }
    }

    fn completed(&mut self, direction: Direction) -> &mut Option<i64> {
        match direction {
            Direction::Pull => &mut self.pulled_at,
            Direction::Push => &mut self.pushed_at,
        }
    }
}

impl Progress {
    pub(crate) fn run_started(&self, run: &Run) {
        self.change(|snapshot| {
            *snapshot.last(run.direction) =
                LastRun { run: Some(run.clone()), seen: Some(Instant::now()), retry_after: None };
            match run.direction {
                Direction::Pull if run.kind == RunKind::Feed => snapshot.held.clear(),
                Direction::Pull => {}
                Direction::Push => snapshot.push_exchange = None,
            }
        });
    }

    pub(crate) fn run_progressed(&self, run: &Run) {
        self.change(|snapshot| snapshot.last(run.direction).run = Some(run.clone()));
    }

    /// The thread of the run of that direction is not inside a call into the host.
    pub(crate) fn run_seen(&self, direction: Direction) {
        self.change(|snapshot| snapshot.last(direction).seen = Some(Instant::now()));
    }

    /// The run is over; the parent may have asked for a pause.
    pub(crate) fn run_ended(&self, run: &Run, retry_after: Option<Duration>) {
        self.change(|snapshot| {
            *snapshot.last(run.direction) = LastRun { run: Some(run.clone()), retry_after, seen: None };
            if run.state == RunState::Completed {
                *snapshot.completed(run.direction) = run.ended_at;
            }
        });
    }

    /// Returns true if the push that is under way sends in batches.
    pub(crate) fn push_exchanges(&self, exchanges: bool) {
        self.change(|snapshot| snapshot.push_exchange = Some(exchanges));
    }

    /// The run passed an event of this time.
    pub(crate) fn passed(&self, updated: i64) {
        self.change(|snapshot| snapshot.newest_event = snapshot.newest_event.max(Some(updated)));
    }

    /// Sets the number of waiting records, as counted in the database.
    pub(crate) fn counted(&self, parked: i64, conflicts: i64) {
        self.change(|snapshot| (snapshot.parked, snapshot.conflicts) = (parked, conflicts));
    }

    /// Returns true if any conflict was open when they were counted last.
    pub(crate) fn has_conflicts(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).conflicts > 0
    }

    /// Which rules of data entry were met, as counted in the database.
    pub(crate) fn met_rules(&self, rules: Vec<MetRule>) {
        self.change(|snapshot| snapshot.rules = rules);
    }

    /// Sets the places that were not kept, as counted in the database.
    pub(crate) fn lost(&self, losses: Vec<CountedPath>) {
        self.change(|snapshot| snapshot.losses = losses);
    }

    /// The documents that merges compare with, as the database has them now.
    pub(crate) fn bases(&self, kept: Kept) {
        self.change(|snapshot| snapshot.bases = Some((kept, Instant::now())));
    }

    /// Returns true if it is time to count these documents again.
    pub(crate) fn bases_are_due(&self) -> bool {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner).bases;
        counted.is_none_or(|(_, at)| at.elapsed() >= COUNTED_EACH)
    }

    /// Why metadata waits that the other side has under another uuid, as the database has it.
    pub(crate) fn same_named(&self, why: Vec<String>) {
        self.change(|snapshot| snapshot.same_named = why);
    }

    /// The run reads feeds of this dialect.
    pub(crate) fn reads(&self, dialect: Dialect) {
        self.change(|snapshot| snapshot.dialect = Some(dialect));
    }

    /// Sets the publisher of the feeds that the last run read.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).dialect
    }

    pub(crate) fn held(&self, category: Category, error: &Error) {
        self.change(|snapshot| drop(snapshot.held.insert(category.name(), Failure::from(error))));
    }

    /// Why the run that ends made no use of the parent's exchange, if it could have.
    pub(crate) fn without_exchange(&self, why: Option<&Error>) {
        self.change(|snapshot| snapshot.without_exchange = why.map(Failure::from));
    }

    /// An account asked for objects that the configuration does not name. A few are kept.
    pub(crate) fn asked_unnamed(&self, account: &str) {
        const MOST: usize = 20;
        self.change(|snapshot| {
            if snapshot.unnamed.len() < MOST {
                snapshot.unnamed.insert(account.chars().take(100).collect());
            }
        });
    }

    /// Returns true if retention of this node's feed keeps events for the push that are older than they have to be.
    pub(crate) fn unpushed_events_are_old(&self, old: bool) {
        self.change(|snapshot| snapshot.unpushed_events_are_old = old);
    }

    /// When the host listened to its own changes, as the database has it.
    pub(crate) fn listens(&self, listening: Listening) {
        self.change(|snapshot| snapshot.listening = Some(listening));
    }

    /// Kinds of objects whose events were passed because this version does not know them.
    pub(crate) fn unknown_kinds(&self, kinds: Vec<UnknownKind>) {
        self.change(|snapshot| snapshot.unknown_kinds = kinds);
    }

    /// Since when what is synchronized is switched on, as the database has it.
    pub(crate) fn switched_on(&self, switched_on: Vec<SwitchedOn>) {
        self.change(|snapshot| snapshot.switched_on = switched_on);
    }

    /// Before when a parent that does not list what it has has removed events that the last backfill did not read; milliseconds
    /// since 1970.
    pub(crate) fn unread(&self, before: Option<i64>) {
        self.change(|snapshot| snapshot.unread = before);
    }

    /// The last time that the parent was found to be restored, and how many objects are not agreed on since.
    pub(crate) fn restored(&self, restored: Option<(Restore, u64)>) {
        self.change(|snapshot| snapshot.restored = restored);
    }

    /// Returns the introduction of this node to its parent in a run that begins.
    pub(crate) fn introduction(&self, config: &Config, begins: &Run) -> Introduction {
        let snapshot = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stopped = |last: &LastRun| last.failure().map(|failure| failure.kind.name().to_string());
        let (pull_stopped, push_stopped) = (stopped(&snapshot.pull), stopped(&snapshot.push));
        let Status { parked, conflicts, notes, problems, .. } = self.status(config);
        Introduction {
            node: begins.node_id.clone(),
            name: config.node.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            clock: begins.started_at,
            interval_seconds: config.shortest_interval().map(|interval| interval.as_secs()),
            lag_ms: snapshot.newest_event.map(|updated| (begins.started_at - updated).max(0)),
            parked,
            conflicts,
            problems: (notes.len() + problems.len()) as u32,
            pulled_at: snapshot.pulled_at,
            pushed_at: snapshot.pushed_at,
            pull_stopped,
            push_stopped,
        }
    }

    /// The state as it is known now.
    pub(crate) fn status(&self, config: &Config) -> Status {
        let snapshot = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = now_ms();
        let stopped = [snapshot.pull.failure(), snapshot.push.failure()];
        let mut notes = notes(&snapshot.held, stopped.into_iter().flatten());
        notes.extend(snapshot.without_exchange);
        let runs = [&snapshot.pull, &snapshot.push];
        let mut problems: Vec<String> = runs.into_iter().filter_map(|last| last.problem(Instant::now())).collect();
        problems.extend(snapshot.unnamed.iter().map(|account| unnamed(account)));
        problems.extend(open_besides_the_exchange(config));
        problems.extend(snapshot.unpushed_events_are_old.then(|| unpushed_events_are_kept(config)));
        problems
            .extend(snapshot.restored.iter().filter_map(|(restore, left)| parent_was_restored(restore, *left, now)));
        problems.extend(two_uuids(&snapshot.same_named));
        notes.extend(snapshot.unread.map(unread));
        notes.extend(unknown_kinds(&snapshot.unknown_kinds));
        notes.extend(switched_on::notes(&snapshot.switched_on));
        notes.extend(snapshot.listening.iter().flat_map(listening::notes));
        let mut warnings = match snapshot.dialect {
            Some(dialect) => config.warnings_reading(dialect.configured()),
            None => config.warnings(),
        };
        warnings.extend(snapshot.listening.as_ref().and_then(listening::warning));
        Status {
            node: config.node.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            parent: config.parent.as_ref().map(|parent| parent.url.to_string()),
            parent_feed: snapshot.dialect.map(Dialect::name),
            pull_enabled: config.pull.enabled,
            warnings,
            pull_interval_seconds: config.pull.interval.as_secs(),
            pull: snapshot.pull.report(config),
            push_enabled: config.push.enabled,
            push_interval_seconds: config.push.interval.as_secs(),
            push: snapshot.push.report(config),
            push_exchange: snapshot.push_exchange,
            lag_ms: snapshot.newest_event.map(|updated| (now - updated).max(0)),
            parked: snapshot.parked,
            conflicts: snapshot.conflicts,
            rules: snapshot.rules,
            losses: snapshot.losses,
            bases: snapshot.bases.map(|(kept, _)| kept),
            notes,
            problems,
            held: snapshot.held,
        }
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Returns the advice about the difference of the clocks; nothing where it is small.
pub(crate) fn clocks_differ(ahead_ms: i64) -> Option<String> {
    let (seconds, side) = (ahead_ms.unsigned_abs() / 1000, if ahead_ms > 0 { "behind" } else { "ahead of" });
    (ahead_ms.unsigned_abs() > LARGEST_CLOCK_DIFFERENCE_MS).then(|| {
        format!(
            "the clock of this server is about {seconds} seconds {side} the parent's, as the parent's answers tell: what is \
             entered now on one side may look as if it were in the future on the other. Let both servers set their clocks by \
             the network (NTP)"
        )
    })
}

/// A run with what follows from it. `retry_after` is the pause that the parent asked for.
pub(crate) fn report(run: Run, retry_after: Option<Duration>, config: &Config) -> RunReport {
    let seconds = (run.ended_at.unwrap_or_else(now_ms) - run.started_at).max(1) as f64 / 1000.0;
    let schedule = match run.direction {
        Direction::Pull => &config.pull,
        Direction::Push => &config.push,
    };
    let pause = schedule.interval.max(retry_after.unwrap_or_default().min(LONGEST_PAUSE));
    let next_run_at = match run.state {
        RunState::Running => None,
        _ if !schedule.enabled || run.kind != RunKind::Feed => None,
        _ => run.ended_at.map(|ended| ended + pause.as_millis() as i64),
    };
    RunReport { rate_per_second: run.progress.done() as f64 / seconds, next_run_at, run }
}

/// One for each reason why categories were left, with their names, and one for each reason that stopped a run and waits for
/// a person.
fn notes<'a>(held: &BTreeMap<&'static str, Failure>, stopped: impl Iterator<Item = &'a Failure>) -> Vec<Failure> {
    let mut notes: Vec<(Vec<&str>, &Failure)> = Vec::new();
    for (category, failure) in held {
        match notes.iter_mut().find(|(_, known)| *known == failure) {
            Some((categories, _)) => categories.push(category),
            None => notes.push((vec![category], failure)),
        }
    }
    let of_categories = notes.into_iter().map(|(categories, failure)| Failure {
        kind: failure.kind,
        message: format!("{}: {}", categories.join(", "), failure.message),
    });
    let mut all: Vec<Failure> = of_categories.collect();
    for failure in stopped.filter(|failure| waits_for_a_person(failure.kind)) {
        if !all.contains(failure) && !held.values().any(|told| told == failure) {
            all.push(failure.clone());
        }
    }
    all
}

/// One problem for all pairs. Each message names its pair, then says what to do about that one.
fn two_uuids(why: &[String]) -> Option<String> {
    let pairs: Vec<&str> = why.iter().map(|message| message.split(": if ").next().unwrap_or(message)).collect();
    (!pairs.is_empty()).then(|| {
        format!(
            "metadata of one name has two uuids, and what uses it waits. {}. If the two of a pair are one, say so in uuidMap of the \
             child's configuration: all that waits then comes by itself; if not, rename one of them",
            pairs.join("; ")
        )
    })
}

fn unnamed(account: &str) -> String {
    format!(
        "the account {account:?} asked for objects, and may do nothing, because exchange.children of this server's \
         configuration does not name it: name it there, with what it may write, or take its privilege away"
    )
}

/// Returns the sentence about what the limits of an account by location do not hold for.
fn open_besides_the_exchange(config: &Config) -> Option<String> {
    let children = config.exchange.children.iter().filter(|(_, child)| !child.locations.is_empty());
    let names: Vec<&str> = children.map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "exchange.children limits {} to some locations in the exchange and the feed, but over FHIR and REST this server \
             lets these accounts do all that their privileges allow, at every location: keep /ws/fhir2 and /ws/rest of this \
             server from them, but for /ws/rest/v1/sync2, such as in the proxy before it",
            names.join(", ")
        )
    })
}

fn unpushed_events_are_kept(config: &Config) -> String {
    format!(
        "events of this node's feed that are older than {} days (feed.keepDays) are kept, because they are not pushed yet: \
         see why the push does not get on, or give them up with push.enabled = false",
        config.feed.keep_days
    )
}

/// Returns the sentence about kinds that the parent has and this version does not know.
fn unknown_kinds(kinds: &[UnknownKind]) -> Option<Failure> {
    let unknown: Vec<&UnknownKind> = kinds.iter().filter(|kind| Category::parse(&kind.name).is_none()).collect();
    let since = unknown.iter().map(|kind| kind.since).min()?;
    let names: Vec<&str> = unknown.iter().map(|kind| kind.name.as_str()).collect();
    let message = format!(
        "{}: the parent's feed tells of these kinds of objects, which this version does not know; since {} their events are passed. \
         Update this server to have them; what is older needs a backfill then",
        names.join(", "),
        minute(since)
    );
    Some(Failure { kind: ErrorKind::NeedsBackfill, message })
}

/// Returns the sentence about what a backfill has not seen.
fn unread(before: i64) -> Failure {
    let message = format!(
        "the parent has removed events of its feed of before {}, which were not read (feed.keepDays there), and does not list what \
         it has: what was made there before and not changed since comes here only where something refers to it, or somebody \
         pulls it by name. Update the module at the parent, then POST \u{2026}/sync2/backfill",
        minute(before)
    );
    Failure { kind: ErrorKind::NeedsBackfill, message }
}

/// How long it is told that the parent was restored when all is agreed on: 30 days.
const RESTORE_TOLD_MS: i64 = 30 * 86_400_000;

fn parent_was_restored(restore: &Restore, left: u64, now: i64) -> Option<String> {
    let rest = match restore.settled_at {
        Some(settled) if now - settled > RESTORE_TOLD_MS => return None,
        Some(_) => "all of them are settled".to_string(),
        None => format!("{left} of them are not settled yet: see the conflicts and what waits"),
    };
    Some(format!(
        "the parent was restored from an older copy, as was noticed on {}: it had not had the event {} of its feed any more, but \
         those up to {}. The {} objects that were agreed on with it since are compared anew and sent again where it has lost \
         them; {rest}",
        minute(restore.noticed_at),
        restore.seen,
        restore.restored_to,
        restore.doubtful
    ))
}

/// Returns true if a run that it stopped is stopped again until somebody has done something.
fn waits_for_a_person(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unauthorized
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::NeedsBackfill
            | ErrorKind::Configuration
    )
}

/// Only shown, never decided on: decisions use the database's clock.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind, message: &str) -> Failure {
        Failure { kind, message: message.to_string() }
    }

    #[test]
    fn categories_with_the_same_reason_are_one_note() {
        let empty = failure(ErrorKind::NotFound, "restart the parent");
        let forbidden = failure(ErrorKind::Forbidden, "give the privilege");
        let held =
            BTreeMap::from([("location", empty.clone()), ("patient", empty.clone()), ("visit", forbidden.clone())]);
        let expected = [
            failure(ErrorKind::NotFound, "location, patient: restart the parent"),
            failure(ErrorKind::Forbidden, "visit: give the privilege"),
        ];
        assert_eq!(notes(&held, [&empty].into_iter()), expected);
    }

    #[test]
    fn run_inside_one_call_of_the_host_for_too_long_is_a_problem() {
        let run = Run {
            id: "r1".to_string(),
            direction: Direction::Pull,
            kind: RunKind::Feed,
            state: RunState::Running,
            started_at: 0,
            ended_at: None,
            progress: Default::default(),
            error: None,
            node_id: "n1".to_string(),
            token: 1,
        };
        let seen = Instant::now();
        let last = LastRun { run: Some(run.clone()), retry_after: None, seen: Some(seen) };
        assert_eq!(last.problem(seen + LONGEST_CALL - Duration::from_secs(1)), None);
        let problem = last.problem(seen + LONGEST_CALL).unwrap();
        assert!(problem.contains("the pull r1 has been inside one call of this server for 10 minutes"), "{problem}");
        let over = LastRun { run: Some(Run { state: RunState::Completed, ..run }), ..last };
        assert_eq!(over.problem(seen + 2 * LONGEST_CALL), None);
    }

    #[test]
    fn what_passes_by_itself_is_no_note() {
        let stopped_by = |kind| notes(&BTreeMap::new(), [&failure(kind, "x")].into_iter()).len();
        assert_eq!([ErrorKind::Unreachable, ErrorKind::Busy, ErrorKind::Cancelled].map(stopped_by), [0, 0, 0]);
        assert_eq!(
            [ErrorKind::Unauthorized, ErrorKind::Forbidden, ErrorKind::NeedsBackfill].map(stopped_by),
            [1, 1, 1]
        );
        let twice = failure(ErrorKind::Unauthorized, "x");
        assert_eq!(notes(&BTreeMap::new(), [&twice, &twice].into_iter()).len(), 1);
    }
}
