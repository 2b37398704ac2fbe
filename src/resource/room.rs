//! Room in memory for what is fetched and not yet applied. Nobody waits for room while holding some, so that nobody waits for
//! ever: what finds none is not kept, and asked for again when its turn has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::event::ObjectId;

/// How many objects of the largest size there is room for, read but not yet worked out.
const LARGEST_OBJECTS: usize = 16;

/// Room for the largest document however small objects are configured to be: see [`crate::json::MOST_VALUES`].
const SMALLEST: usize = 128 << 20;

/// So many bytes, shared by all who fetch.
#[derive(Clone)]
pub(crate) struct Room(Arc<Bytes>);

struct Bytes {
    all: usize,
    /// Less than so much that is free is not worth a request.
    worth_asking: usize,
    taken: AtomicUsize,
    given_back: Notify,
}

/// The room that a document takes until it is dropped.
#[derive(Clone, Debug, Default)]
pub struct Place(Option<Arc<Taken>>);

struct Taken {
    room: Arc<Bytes>,
    bytes: usize,
}

impl Room {
    /// Of a run with that configuration.
    pub(crate) fn of(config: &Config) -> Room {
        let largest = config.transfer.max_body_bytes;
        Room::new(largest.saturating_mul(LARGEST_OBJECTS).max(SMALLEST), largest)
    }

    /// For one object at a time, which always has room.
    pub(crate) fn unlimited() -> Room {
        Room::new(usize::MAX, 0)
    }

    pub(crate) fn new(all: usize, worth_asking: usize) -> Room {
        Room(Arc::new(Bytes { all, worth_asking, taken: AtomicUsize::new(0), given_back: Notify::new() }))
    }

    /// Nothing when there is not so much room.
    pub(crate) fn take(&self, bytes: usize) -> Option<Place> {
        let free = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= self.0.all);
        self.0.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).ok()?;
        Some(Place(Some(Arc::new(Taken { room: self.0.clone(), bytes }))))
    }

    /// Returns true if there is so little that nothing should be asked for.
    pub(crate) fn is_full(&self) -> bool {
        self.free() < self.0.worth_asking
    }

    /// Waits until so much is free, or nothing is taken.
    pub(crate) async fn until_free(&self, bytes: usize) {
        loop {
            let given_back = self.0.given_back.notified();
            if self.free() >= bytes.min(self.0.all) {
                return;
            }
            given_back.await;
        }
    }

    fn free(&self) -> usize {
        self.0.all - self.0.taken.load(Ordering::Relaxed)
    }
}

impl Place {
    /// How much it is.
    pub fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |taken| taken.bytes)
    }

    /// The same place, of no more than that size.
    pub(crate) fn shrunk_to(self, bytes: usize) -> Place {
        let Place(Some(mut taken)) = self else { return self };
        if let Some(taken) = Arc::get_mut(&mut taken).filter(|taken| bytes < taken.bytes) {
            taken.room.give_back(taken.bytes - bytes);
            taken.bytes = bytes;
        }
        Place(Some(taken))
    }

    /// The place cut for documents of those sizes, as far as it goes.
    pub(crate) fn cut(self, sizes: impl Iterator<Item = usize>) -> Vec<Place> {
        let Place(Some(mut taken)) = self else { return sizes.map(|_| Place::default()).collect() };
        let Some(left) = Arc::get_mut(&mut taken) else { return sizes.map(|_| Place::default()).collect() };
        let mut cut = |size: usize| {
            let bytes = size.min(left.bytes);
            left.bytes -= bytes;
            Place(Some(Arc::new(Taken { room: left.room.clone(), bytes })))
        };
        sizes.map(&mut cut).collect()
    }
}

/// Where a document is kept is no part of what it is.
impl PartialEq for Place {
    fn eq(&self, _: &Place) -> bool {
        true
    }
}

impl Bytes {
    fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
        self.given_back.notify_waiters();
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.give_back(self.bytes);
    }
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.bytes)
    }
}

/// The failure of an object that found no room: it is asked for again.
pub(crate) fn no_room(object: &ObjectId) -> Error {
    let message = format!("{object} found no room in memory beside what was fetched before it, and is asked for again");
    Error::new(ErrorKind::Busy, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_was_not_taken_and_what_was_given_back() {
        let room = Room::new(100, 30);
        let first = room.take(60).unwrap();
        assert!(room.take(60).is_none());
        assert!(!room.is_full());
        let first = first.shrunk_to(20).shrunk_to(50);
        assert_eq!((first.bytes(), room.free()), (20, 80));
        let second = room.take(80).unwrap();
        assert!(room.is_full());
        drop(first);
        assert_eq!(room.free(), 20);
        let cut = second.cut([30, 70].into_iter());
        assert_eq!(cut.iter().map(Place::bytes).collect::<Vec<_>>(), [30, 50]);
        assert_eq!(room.free(), 20);
        drop(cut);
        assert_eq!(room.free(), 100);
    }

    #[test]
    fn waiter_for_room_goes_on_when_room_is_given_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let room = Room::new(100, 0);
            let place = room.take(80).unwrap();
            let waiting = tokio::spawn({
                let room = room.clone();
                async move { room.until_free(50).await }
            });
            tokio::task::yield_now().await;
            assert!(!waiting.is_finished());
            drop(place);
            waiting.await.unwrap();
        });
    }
}
