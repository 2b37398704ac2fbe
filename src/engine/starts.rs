//! The runs of one direction: one at a time. A run that somebody asks for is known by its id before it begins, on whichever
//! thread and however late that is.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::decide::verification::Depth;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId};
use crate::run::state_after;
use crate::status::now_ms;
use crate::store::Failure;
use crate::store::runs::{Run, RunId, RunKind, RunProgress, RunState};
use crate::store::verifications::ToRepair;

/// The most runs that could not even be recorded and are remembered all the same.
const MOST_NOT_BEGUN: usize = 20;

/// The work that somebody wants of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The feed of that direction from its marker, and the parked records that are due.
    Feed(Direction),
    /// The parked records of that direction that are due, as those are that somebody asked for.
    Retry(Direction),
    /// One object, what hangs on it, and what these refer to.
    Object(Direction, ObjectId),
    /// Everything that the parent has, compared with what is here, and then its feed.
    Backfill,
    /// The feed, and then a comparison of both sides.
    Verify(Depth),
    /// The repair of what a comparison found.
    Repair(ToRepair),
}

/// The category that somebody asks for.
///
/// Errors: `Configuration` when there is no such category.
pub fn category_named(name: &str) -> Result<Category> {
    let unknown = || Error::new(ErrorKind::Configuration, format!("category: there is no {name:?}"));
    Category::parse(name).ok_or_else(unknown)
}

impl Wanted {
    /// The object of that name.
    ///
    /// Errors: `Configuration` when there is no such category.
    pub fn object(direction: Direction, category: &str, uuid: String) -> Result<Wanted> {
        Ok(Wanted::Object(direction, ObjectId { category: category_named(category)?, uuid }))
    }

    /// Which way the records of the run travel.
    pub fn direction(&self) -> Direction {
        match self {
            Wanted::Feed(direction) | Wanted::Retry(direction) | Wanted::Object(direction, _) => *direction,
            Wanted::Backfill | Wanted::Verify(_) | Wanted::Repair(_) => Direction::Pull,
        }
    }

    fn kind(&self) -> RunKind {
        match self {
            Wanted::Feed(_) => RunKind::Feed,
            Wanted::Retry(_) => RunKind::Retry,
            Wanted::Object(..) => RunKind::Object,
            Wanted::Backfill => RunKind::Backfill,
            Wanted::Verify(_) => RunKind::Verify,
            Wanted::Repair(_) => RunKind::Repair,
        }
    }
}

/// A retry that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Somebody has to [`perform`](super::Engine::perform) it now.
    Announced(RunId),
    /// It follows the run that is under way, on the thread of that one.
    Follows(RunId),
}

/// A run that is to begin.
#[derive(Clone)]
pub(super) struct Announced {
    pub id: RunId,
    pub wanted: Wanted,
    /// Ends it before its end.
    pub cancel: CancellationToken,
    /// When it was asked for, by this server's clock.
    at: i64,
}

impl Announced {
    /// How it is told until the database tells it.
    fn told(&self) -> Run {
        Run {
            id: self.id.to_string(),
            direction: self.wanted.direction(),
            kind: self.wanted.kind(),
            state: RunState::Running,
            started_at: self.at,
            ended_at: None,
            progress: RunProgress::default(),
            error: None,
            node_id: String::new(),
            token: 0,
        }
    }
}

/// The runs of one direction.
pub(super) struct Runs {
    direction: Direction,
    closing: CancellationToken,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Now,
    /// A retry that follows the run that is under way.
    next: Option<Announced>,
    /// The newest runs that could not be recorded.
    not_begun: VecDeque<Run>,
}

#[derive(Default)]
enum Now {
    #[default]
    Nothing,
    Announced(Announced),
    UnderWay(Announced),
    /// Something during which no run may begin.
    Paused,
}

impl Runs {
    /// `closing` cancels them all.
    pub(crate) fn of(direction: Direction, closing: CancellationToken) -> Runs {
        Runs { direction, closing, state: Mutex::default() }
    }

    /// Makes a run known that is to begin soon; until it has ended no other one begins.
    ///
    /// Errors: `AlreadyRunning`.
    pub(crate) fn announce(&self, wanted: Wanted) -> Result<RunId> {
        let mut state = self.state();
        self.expect_nothing(&state)?;
        let announced = self.announced(RunId::random(), wanted);
        let id = announced.id;
        state.now = Now::Announced(announced);
        Ok(id)
    }

    /// Makes a retry known: to begin soon, or after the run that is under way.
    ///
    /// Errors: `AlreadyRunning` while no run may begin.
    pub(crate) fn announce_retry(&self) -> Result<Retry> {
        let mut state = self.state();
        let retry = self.announced(RunId::random(), Wanted::Retry(self.direction));
        match (&state.now, &state.next) {
            (Now::Paused, _) => Err(self.already_running()),
            (Now::Nothing, _) => {
                let id = retry.id;
                state.now = Now::Announced(retry);
                Ok(Retry::Announced(id))
            }
            (_, Some(next)) => Ok(Retry::Follows(next.id)),
            (_, None) => {
                let id = retry.id;
                state.next = Some(retry);
                Ok(Retry::Follows(id))
            }
        }
    }

    /// The run with that id begins on this thread: it was announced, or nothing else is.
    ///
    /// Errors: `AlreadyRunning`.
    pub(crate) fn begin(&self, id: RunId, wanted: Wanted) -> Result<Turn<'_>> {
        let mut state = self.state();
        let run = match &state.now {
            Now::Announced(announced) if announced.id == id => announced.clone(),
            _ => {
                self.expect_nothing(&state)?;
                self.announced(id, wanted)
            }
        };
        state.now = Now::UnderWay(run.clone());
        Ok(Turn { runs: self, run, over: false })
    }

    /// The announced run with that id begins on this thread; nothing when it was not announced.
    pub(crate) fn begin_announced(&self, id: RunId) -> Option<Turn<'_>> {
        let wanted = match &self.state().now {
            Now::Announced(announced) if announced.id == id => announced.wanted.clone(),
            _ => return None,
        };
        self.begin(id, wanted).ok()
    }

    /// Until it is dropped, no run begins.
    ///
    /// Errors: `AlreadyRunning` when one is under way or announced.
    pub(crate) fn pause(&self) -> Result<Pause<'_>> {
        let mut state = self.state();
        self.expect_nothing(&state)?;
        state.now = Now::Paused;
        Ok(Pause(self))
    }

    /// The announced run will not begin: nobody could be found to perform it.
    pub(crate) fn withdraw(&self, id: RunId, why: &Error) {
        let mut state = self.state();
        if let Now::Announced(announced) = &state.now
            && announced.id == id
        {
            let run = announced.clone();
            state.remember(&run, why);
            state.now = Now::Nothing;
        }
    }

    /// Cancels what is under way and what is to begin.
    pub(crate) fn cancel(&self) {
        let state = self.state();
        if let Now::Announced(run) | Now::UnderWay(run) = &state.now {
            run.cancel.cancel();
        }
        if let Some(next) = &state.next {
            next.cancel.cancel();
        }
    }

    /// Returns the state of the run with that id, which the database may not know.
    pub(crate) fn find(&self, id: &str) -> Option<Run> {
        let state = self.state();
        let now = match &state.now {
            Now::Announced(run) | Now::UnderWay(run) => Some(run),
            Now::Nothing | Now::Paused => None,
        };
        let announced = now.into_iter().chain(&state.next).find(|run| run.id.to_string() == id);
        announced.map(Announced::told).or_else(|| state.not_begun.iter().find(|run| run.id == id).cloned())
    }

    fn announced(&self, id: RunId, wanted: Wanted) -> Announced {
        Announced { id, wanted, cancel: self.closing.child_token(), at: now_ms() }
    }

    fn expect_nothing(&self, state: &State) -> Result<()> {
        if matches!(state.now, Now::Nothing) { Ok(()) } else { Err(self.already_running()) }
    }

    fn already_running(&self) -> Error {
        let direction = self.direction.name();
        let message = format!("a {direction} run is under way on this server; wait for its end or cancel it");
        Error::new(ErrorKind::AlreadyRunning, message)
    }

    /// Only small values are guarded, which no panic leaves half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remember(&mut self, announced: &Announced, why: &Error) {
        if self.not_begun.len() == MOST_NOT_BEGUN {
            self.not_begun.pop_front();
        }
        self.not_begun.push_back(Run {
            state: state_after(why),
            ended_at: Some(now_ms()),
            error: Some(Failure::from(why)),
            ..announced.told()
        });
    }
}

/// A run that is under way, until it is dropped.
pub(super) struct Turn<'a> {
    runs: &'a Runs,
    pub run: Announced,
    over: bool,
}

impl Turn<'_> {
    /// The run could not be recorded.
    pub(crate) fn did_not_begin(&self, why: &Error) {
        self.runs.state().remember(&self.run, why);
    }

    /// Ends the run. Returns whether this turn goes on with a retry that was asked for meanwhile.
    pub(crate) fn goes_on(&mut self) -> bool {
        let mut state = self.runs.state();
        match state.next.take() {
            Some(next) => {
                state.now = Now::UnderWay(next.clone());
                self.run = next;
            }
            None => {
                state.now = Now::Nothing;
                self.over = true;
            }
        }
        !self.over
    }
}

impl Drop for Turn<'_> {
    /// When a panic ended it, a retry that was to follow does not begin.
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut state = self.runs.state();
        state.now = Now::Nothing;
        if let Some(next) = state.next.take() {
            let why = Error::new(ErrorKind::Internal, "the run before it ended in a panic; ask for it again");
            state.remember(&next, &why);
        }
    }
}

/// No run begins until it is dropped.
pub(super) struct Pause<'a>(&'a Runs);

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.state().now = Now::Nothing;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulls() -> Runs {
        Runs::of(Direction::Pull, CancellationToken::new())
    }

    const FEED: Wanted = Wanted::Feed(Direction::Pull);

    #[test]
    fn announced_run_keeps_others_out_and_is_known_until_it_ends() {
        let runs = pulls();
        let id = runs.announce(FEED).unwrap();
        assert_eq!(runs.announce(FEED).unwrap_err().kind, ErrorKind::AlreadyRunning);
        assert!(runs.begin(RunId::random(), FEED).is_err());
        assert!(runs.pause().is_err());
        assert_eq!(runs.find(&id.to_string()).unwrap().state, RunState::Running);
        let mut turn = runs.begin_announced(id).unwrap();
        assert!(runs.begin_announced(id).is_none());
        assert!(runs.find(&id.to_string()).is_some());
        assert!(!turn.goes_on());
        assert_eq!(runs.find(&id.to_string()), None);
        drop(turn);
        runs.announce(FEED).unwrap();
    }

    #[test]
    fn retry_during_a_run_follows_it_once() {
        let runs = pulls();
        let mut turn = runs.begin(RunId::random(), FEED).unwrap();
        let Retry::Follows(id) = runs.announce_retry().unwrap() else { panic!("it should follow") };
        assert_eq!(runs.announce_retry().unwrap(), Retry::Follows(id));
        assert_eq!(runs.find(&id.to_string()).unwrap().kind, RunKind::Retry);
        assert!(turn.goes_on());
        assert_eq!(turn.run.wanted, Wanted::Retry(Direction::Pull));
        assert!(matches!(runs.announce_retry().unwrap(), Retry::Follows(later) if later != id));
        runs.cancel();
        assert!(turn.run.cancel.is_cancelled());
        assert!(turn.goes_on());
        assert!(turn.run.cancel.is_cancelled());
        assert!(!turn.goes_on());
        drop(turn);
        assert!(matches!(runs.announce_retry().unwrap(), Retry::Announced(_)));
    }

    #[test]
    fn run_that_cannot_be_recorded_is_told_as_failed() {
        let runs = pulls();
        let id = runs.announce(FEED).unwrap();
        runs.withdraw(id, &Error::new(ErrorKind::Closed, "the node is stopping"));
        let told = runs.find(&id.to_string()).unwrap();
        assert_eq!((told.state, told.error.unwrap().kind), (RunState::Cancelled, ErrorKind::Closed));
        for _ in 0..MOST_NOT_BEGUN {
            let id = runs.announce(FEED).unwrap();
            let mut turn = runs.begin_announced(id).unwrap();
            turn.did_not_begin(&Error::new(ErrorKind::Host, "no database"));
            assert!(!turn.goes_on());
            assert_eq!(runs.find(&id.to_string()).unwrap().state, RunState::Interrupted);
        }
        assert_eq!(runs.find(&id.to_string()), None, "only the newest are kept");
    }

    #[test]
    fn turn_that_a_panic_ends_lets_the_next_run_begin() {
        let runs = pulls();
        let turn = runs.begin(RunId::random(), FEED).unwrap();
        let Retry::Follows(id) = runs.announce_retry().unwrap() else { panic!("it should follow") };
        drop(turn);
        assert_eq!(runs.find(&id.to_string()).unwrap().state, RunState::Failed);
        drop(runs.pause().unwrap());
        runs.announce(FEED).unwrap();
    }
}
