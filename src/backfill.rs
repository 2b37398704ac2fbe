//! The other source of work of a pull, beside the feed: what both sides agreed on, compared with what the parent has now, by
//! hashes where it gives them. What is done with what differs, and how it goes on after a kill, is in `pull/backfill.rs`.

use std::collections::HashMap;

use crate::event::{Category, ObjectId, Representation};
use crate::store::object_states::ObjectState;

/// The result of a comparison by hashes.
pub(crate) struct Compared {
    /// The objects that the parent has as agreed on.
    pub same: Vec<ObjectId>,
    /// The objects that it has otherwise, or not at all, as far as hashes tell; in their order.
    pub other: Vec<ObjectId>,
}

/// Compares agreements with the hashes that the parent gave. An agreement in another representation than `representation` says,
/// or in another form of it, is not the same: its document tells.
pub(crate) fn compare(
    agreed: &HashMap<ObjectId, ObjectState>,
    hashes: &HashMap<ObjectId, String>,
    representation: impl Fn(Category) -> Representation,
) -> Compared {
    let is_same = |object: &ObjectId, state: &ObjectState| {
        let hash = hashes.get(object);
        state.is_comparable(representation(object.category)) && hash.is_some() && state.remote_hash.as_ref() == hash
    };
    let (same, other): (Vec<_>, Vec<_>) = agreed.iter().partition(|(object, state)| is_same(object, state));
    let names = |found: Vec<(&ObjectId, &ObjectState)>| {
        let mut names: Vec<ObjectId> = found.into_iter().map(|(object, _)| object.clone()).collect();
        names.sort();
        names
    };
    Compared { same: names(same), other: names(other) }
}
