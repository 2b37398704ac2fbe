//! How a run passes the events of a feed: the marker that stands at an event, and the key of its audit message.

use uuid::Uuid;

use crate::event::{Direction, Event};
use crate::store::markers::Marker;

/// The marker that stands at an event.
pub(crate) fn marker_at(event: &Event) -> Marker {
    Marker {
        feed: event.feed.clone(),
        epoch: event.epoch.clone(),
        page_url: event.page_url.clone(),
        entry_id: event.id.clone(),
        updated: event.updated,
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
