//! Turns of children: so many of their calls are at work at once, and no more than there is room for in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::lines::lines;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::host::LONGEST_CALL;
use crate::json;
use crate::resource::Place;
use crate::resource::room::Room;

/// When a child that found no turn is to come again: a few groups of objects later.
const PAUSE_OF_THE_REFUSED: Duration = Duration::from_secs(5);

/// How often the bytes of a request are held at once: as they came, to be saved, and in the canonical form.
const COPIES: usize = 3;

/// `exchange.concurrency` turns, and the room that all of them share.
pub(crate) struct Turns {
    turns: Semaphore,
    room: Room,
    at_work: Mutex<AtWork>,
}

#[derive(Default)]
struct AtWork {
    next: u64,
    since: BTreeMap<u64, Instant>,
}

/// A call that is at work, until it is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    number: u64,
    _turn: SemaphorePermit<'a>,
    _place: Place,
}

impl Turns {
    pub(crate) fn of(config: &Config) -> Turns {
        let turns = Semaphore::new(config.exchange.concurrency);
        Turns { turns, room: Room::of(config), at_work: Mutex::default() }
    }

    /// A turn for those lines. Errors: `Busy`.
    pub(crate) fn take(&self, request: &[u8]) -> Result<Turn<'_>> {
        let turn = self.turns.try_acquire().ok();
        let (Some(turn), Some(place)) = (turn, self.room.take(weight(request))) else {
            let message = "as many children as allowed are being served (exchange.concurrency), or what they bring takes all \
                           the memory that there is for it: come again later";
            return Err(Error::new(ErrorKind::Busy, message).after(PAUSE_OF_THE_REFUSED));
        };
        let mut at_work = self.at_work();
        at_work.next += 1;
        let number = at_work.next;
        at_work.since.insert(number, Instant::now());
        Ok(Turn { turns: self, number, _turn: turn, _place: place })
    }

    /// Says whether calls are inside the host for so long that they will hardly come back.
    pub(crate) fn problem(&self) -> Option<String> {
        self.problem_at(Instant::now())
    }

    fn problem_at(&self, now: Instant) -> Option<String> {
        let at_work = self.at_work();
        let hang = |since: &&Instant| now.saturating_duration_since(**since) >= LONGEST_CALL;
        let hanging = at_work.since.values().filter(hang).count();
        (hanging > 0).then(|| {
            format!(
                "{hanging} groups of objects of children have been inside this server for more than {} minutes, and take \
                 turns from others (exchange.concurrency): see in a thread dump, and in the database's list of locks, what \
                 they wait for",
                LONGEST_CALL.as_secs() / 60
            )
        })
    }

    /// Only a map is guarded, which no panic leaves half done.
    fn at_work(&self) -> MutexGuard<'_, AtWork> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.at_work().since.remove(&self.number);
    }
}

/// Returns the most that a request takes: its lines are built one after the other. One that is refused is never built.
fn weight(request: &[u8]) -> usize {
    let built = lines(request).filter_map(|line| json::measure(line, json::MOST_VALUES).ok());
    COPIES * request.len() + built.map(|measure| measure.weight).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(configuration: &str) -> Turns {
        Turns::of(&Config::parse(configuration, &|_| None).unwrap())
    }

    #[test]
    fn request_without_room_in_memory_is_told_to_come_later() {
        let turns = turns(r#"{"pull": {"enabled": false}, "exchange": {"concurrency": 64}}"#);
        let heavy = format!("[{}{{}}]", r#"{"a":0},"#.repeat(49_000));
        let taken: Vec<Turn<'_>> = std::iter::from_fn(|| turns.take(heavy.as_bytes()).ok()).collect();
        assert!((2..6).contains(&taken.len()), "{}", taken.len());
        assert!(turns.take(b"{}").is_ok(), "a small one finds room");
        drop(taken);
        assert!(turns.take(heavy.as_bytes()).is_ok());
    }

    #[test]
    fn call_that_does_not_come_back_is_a_problem_until_it_does() {
        let turns = turns(r#"{"pull": {"enabled": false}}"#);
        let turn = turns.take(b"{}").unwrap();
        assert_eq!(turns.problem(), None);
        let later = Instant::now() + LONGEST_CALL;
        assert!(turns.problem_at(later).unwrap().starts_with("1 groups"));
        drop(turn);
        assert_eq!(turns.problem_at(later), None);
    }
}
