//! Removals on their way to the parent: what went along with each here, and which only went along themselves.

use std::collections::{BTreeSet, HashMap};

use super::item::Item;
use crate::decide::removal::takes_others;
use crate::error::Result;
use crate::event::{Action, Event, ObjectId, Representation};
use crate::host::Host;
use crate::removal::dependents;
use crate::store::consents::Consent;
use crate::store::object_states::ObjectState;
use crate::store::{consents, object_states, transaction};

/// The most objects that a removal says went along: beyond that it is a conflict at the parent.
const MOST_ALONG: usize = 5000;

/// Something that is removed here and hangs on an object that is removed.
pub(super) struct Along {
    pub object: ObjectId,
    /// The agreement on it when it was read.
    pub state: Option<ObjectState>,
    /// The version that somebody here was shown, and decided to have removed at the parent.
    pub consent: Option<Consent>,
    /// True if it is removed here; else it is removed when the parent tells so.
    pub gone_here: bool,
}

impl Along {
    /// The parent's version that was seen last, and what its hash is of; nothing when none was, or in terms that the parent
    /// cannot compare.
    pub(crate) fn last_seen(&self) -> Option<(Representation, &str)> {
        if let Some(consent) = &self.consent {
            return Some((consent.representation, &consent.seen_hash));
        }
        let state = self.state.as_ref().filter(|state| state.is_comparable(state.representation))?;
        Some((state.representation, state.remote_hash.as_deref()?))
    }

    /// Returns the agreement when the parent has done the removal: it is gone on both.
    pub(crate) fn agreed(&self) -> Option<(ObjectId, ObjectState)> {
        let state = self.state.as_ref().filter(|_| self.gone_here)?;
        let gone = ObjectState {
            local_hash: None,
            remote_hash: None,
            restored_to: None,
            replaced: Vec::new(),
            ..state.clone()
        };
        Some((self.object.clone(), gone))
    }
}

/// The facts about a removal that is to be sent.
#[derive(Default)]
pub(super) struct Removed {
    pub along: Vec<Along>,
    /// Why, in its author's words.
    pub reason: Option<String>,
}

impl Removed {
    /// Returns the agreements on the objects that went along, when the parent has done the removal but for these.
    pub(crate) fn gone_there(&self, stayed: &[ObjectId]) -> Vec<(ObjectId, ObjectState)> {
        let gone = self.along.iter().filter(|along| !stayed.contains(&along.object));
        gone.filter_map(Along::agreed).collect()
    }

    /// Those of the objects that went along here.
    pub(crate) fn gone_here(&self, mut objects: Vec<ObjectId>) -> Vec<ObjectId> {
        objects.retain(|object| self.along.iter().any(|along| along.gone_here && along.object == *object));
        objects
    }
}

/// Returns the facts about those of the items that may be removals.
pub(super) fn removed(host: &mut dyn Host, items: &[Item]) -> Result<HashMap<ObjectId, Removed>> {
    let removals = items.iter().filter(|item| item.action().is_removal()).filter_map(Item::written_object);
    let removals: Vec<ObjectId> = removals.cloned().collect();
    if removals.is_empty() {
        return Ok(HashMap::new());
    }
    transaction::read(host, |host| {
        let reasons = host.why_removed(&removals)?;
        let mut consents = consents::get_all(host, &removals)?;
        let removed = removals.iter().zip(reasons).map(|(object, reason)| {
            let consents = consents.remove(object).unwrap_or_default();
            let along = if takes_others(object.category) { along(host, object, consents)? } else { Vec::new() };
            Ok((object.clone(), Removed { along, reason }))
        });
        removed.collect()
    })
}

/// Returns the objects that went along here, and those that somebody decided to let go along there.
fn along(host: &mut dyn Host, object: &ObjectId, consents: Vec<Consent>) -> Result<Vec<Along>> {
    let gone = dependents(host, object)?.into_iter().filter(|dependent| dependent.removed);
    let gone: BTreeSet<ObjectId> = gone.map(|dependent| dependent.object).take(MOST_ALONG).collect();
    let mut consents: HashMap<ObjectId, Consent> =
        consents.into_iter().map(|consent| (consent.object.clone(), consent)).collect();
    let objects: BTreeSet<ObjectId> = gone.iter().chain(consents.keys()).cloned().collect();
    let objects: Vec<ObjectId> = objects.into_iter().collect();
    let mut states = object_states::get_all(host, &objects)?;
    let along = objects.into_iter().map(|object| Along {
        state: states.remove(&object),
        consent: consents.remove(&object),
        gone_here: gone.contains(&object),
        object,
    });
    Ok(along.collect())
}

/// Of the objects whose removals in these events only went along with another's: what they went along with last.
pub(super) fn went_along(events: &[Event]) -> HashMap<ObjectId, ObjectId> {
    let mut owners: HashMap<ObjectId, Option<ObjectId>> = HashMap::new();
    for event in events {
        let Ok(object) = &event.object else { continue };
        if matches!(event.action, Action::Created | Action::Unvoided | Action::Unretired) {
            owners.remove(object);
        } else if event.action.is_removal() {
            let owner = event.caused_by();
            // An object that somebody removed by itself stays so, whatever went on about it later.
            owners.entry(object.clone()).and_modify(|known| *known = known.take().and(owner.clone())).or_insert(owner);
        }
    }
    owners.into_iter().filter_map(|(object, owner)| Some((object, owner?))).collect()
}
