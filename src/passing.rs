//! How a run passes the events of a feed: the markers that it comes to, and the keys of its audit messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::event::{Direction, Event};
use crate::store::markers::Marker;

/// How far events are passed: the last marker of each feed, and how many events come to it.
#[derive(Debug, Default)]
pub(crate) struct Passing(BTreeMap<Arc<str>, (Marker, u64)>);

impl Passing {
    /// One event.
    pub(crate) fn of(event: &Event) -> Passing {
        let mut passing = Passing::default();
        passing.pass(event);
        passing
    }

    /// One more event, with those before it that the parent left out.
    pub(crate) fn pass(&mut self, event: &Event) {
        self.move_to(Marker::at(event), event.left_out.saturating_add(1));
    }

    /// More events, which come after these.
    pub(crate) fn pass_all(&mut self, later: &Passing) {
        later.markers().for_each(|(marker, events)| self.move_to(marker.clone(), *events));
    }

    /// Leaves out feeds.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.0.retain(|feed, _| is_kept(feed));
    }

    /// Returns true if nothing is passed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last marker of each feed, each with how many events come to it.
    pub(crate) fn markers(&self) -> impl Iterator<Item = &(Marker, u64)> {
        self.0.values()
    }

    fn move_to(&mut self, marker: Marker, events: u64) {
        match self.0.get_mut(&marker.feed) {
            Some((last, passed)) => (*last, *passed) = (marker, passed.saturating_add(events)),
            None => drop(self.0.insert(marker.feed.clone(), (marker, events))),
        }
    }
}

/// The audit uuid of what has this key: event ids are unique within an epoch. The same whenever it is computed, so that a
/// coalesced event can point at its carrier before that one is recorded, also across a crash.
pub(crate) fn audit_uuid(direction: Direction, epoch: &str, event_id: &str) -> Uuid {
    let key = [direction.name(), epoch, event_id].join("\n");
    Uuid::new_v5(&NAMESPACE, key.as_bytes())
}

/// The name space of the uuids that are computed here (RFC 9562, version 5).
pub(crate) const NAMESPACE: Uuid = Uuid::from_u128(0x8d0c_6d0c_5a3e_4d53_9c1b_3f5f_2b7a_90e1);
