//! The objects that a removal would take along here: those that hang on the object and are not removed yet, as they are now. In a
//! transaction of the host, on the calling thread.

use serde_json::{Value, json};

use crate::decide::canonical::{self, canonical};
use crate::decide::removal::{Standing, takes_others};
use crate::error::Result;
use crate::event::{ObjectId, Representation};
use crate::host::{Dependent, Host, Stored};
use crate::reconciliation::agreement;
use crate::saving::parse_stored;
use crate::store::object_states::ObjectState;
use crate::wire::Named;

/// The most objects that are named of those which stand against a removal. The others are only counted.
pub(crate) const MOST_NAMED: usize = 200;

/// Why an object is removed that the parent has removed, where its author's reason is not known.
pub(crate) const REMOVED_AT_THE_PARENT: &str = "Removed at the parent, which does not tell why";

/// The longest reason that is taken over, in characters.
const LONGEST_REASON: usize = 200;

/// The reason that the other side gives, cut to what a host can keep; nothing where it gives none.
pub(crate) fn given_reason(reason: Option<&str>) -> Option<String> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty())?;
    Some(reason.chars().take(LONGEST_REASON).collect())
}

/// Something that a removal would take along. Patient data.
pub(crate) struct Taken {
    pub object: ObjectId,
    /// See [`Dependent::label`].
    pub label: String,
    pub representation: Representation,
    /// Of the document's canonical form.
    pub hash: String,
}

/// Everything that hangs on the object, removed or not; nothing on an object of a kind that takes nothing along.
pub(crate) fn dependents(host: &mut dyn Host, object: &ObjectId) -> Result<Vec<Dependent>> {
    if takes_others(object.category) { host.dependents(object) } else { Ok(Vec::new()) }
}

/// Hands over what a removal of the object would take along, one after the other.
///
/// Errors: those of the host, and of `look`.
pub(crate) fn each_taken(
    host: &mut dyn Host,
    object: &ObjectId,
    representation: impl Fn(&ObjectId) -> Representation,
    mut look: impl FnMut(Taken) -> Result<()>,
) -> Result<()> {
    let live: Vec<Dependent> = dependents(host, object)?.into_iter().filter(|dependent| !dependent.removed).collect();
    for Dependent { object, label, .. } in live {
        let representation = representation(&object);
        if let Stored::Present(bytes) = host.read(representation, &object, true)? {
            let document = parse_stored(&object, &bytes)?;
            let hash = canonical::hash(&canonical(representation, &document));
            look(Taken { object, label, representation, hash })?;
        }
    }
    Ok(())
}

/// The objects that hang on an object, as far as they are named if they stand against its removal.
#[derive(Default)]
pub(crate) struct Against(Vec<Named>);

impl Against {
    pub(crate) fn add(&mut self, taken: Taken) {
        self.0.push(Named {
            category: taken.object.category.name().to_string(),
            uuid: taken.object.uuid,
            label: taken.label,
            why: Standing::Unseen,
            representation: taken.representation.name().to_string(),
            hash: taken.hash,
        });
    }

    /// Those that stand against it, each by its place.
    pub(crate) fn named(self, standing: &[(usize, Standing)]) -> Vec<Named> {
        let named = standing.iter().filter_map(|(place, why)| Some(Named { why: *why, ..self.0.get(*place)?.clone() }));
        named.collect()
    }

    /// The detail of the conflict.
    pub(crate) fn detail(self, standing: &[(usize, Standing)]) -> Value {
        detail(&self.named(standing), 0)
    }
}

/// Returns the detail of a conflict about what a removal would take along: those that are named, at most so many, and how many more
/// there are, which are not.
pub(crate) fn detail(named: &[Named], others: usize) -> Value {
    let shown: Vec<&Named> = named.iter().take(MOST_NAMED).collect();
    json!({ "takesAlong": shown, "more": others + named.len() - shown.len() })
}

/// Returns the hash of the version here that was agreed on with the parent. Nothing in other terms, which cannot be compared.
pub(crate) fn agreed_hash(state: &ObjectState, representation: Representation) -> Option<&str> {
    let comparable = state.is_comparable(representation) && state.restored_to.is_none();
    // Where the parent has removed it already, what is here is not what it knew.
    state.local_hash.as_deref().filter(|_| comparable && state.remote_hash.is_some())
}

/// Notes that the objects that went along with a removal are gone on both sides.
pub(crate) fn gone_with(object: &ObjectId, representation: Representation) -> (ObjectId, ObjectState) {
    (object.clone(), agreement(representation, None, None))
}
