//! The decision of a person about a conflict: what is shown of it, and what is done. Both sides are looked at again in the
//! transaction that carries the decision out; who decided on something else is told so, and nothing is written. What comes of
//! it goes up like any other edit, on top of the parent's version that was decided on: should the parent have a newer one by
//! then, it says so, and the conflict is there again.

mod carrying_out;
mod written;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use crate::config::Config;
use crate::decide::canonical::without_derived;
use crate::decide::conflict::Version;
use crate::decide::content::{Content, changed_at};
use crate::decide::reconcile::{self, Sides};
use crate::decide::removal::Standing;
use crate::decide::resolution::{Choice, disputes, version};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Direction, ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::reconciliation::{Agreed, parsed};
use crate::removal::{agreed_hash, each_taken};
use crate::saving::{Ours, parse_stored};
use crate::store::bases::{self, Base};
use crate::store::conflicts::{self, Conflict, Documents};
use crate::store::named;
use crate::store::object_states::{self, ObjectState};
use crate::store::pending;
use crate::wire::Named;

pub(crate) use carrying_out::resolve;
pub use written::decisions;

/// The decision of a person, who made it, and why.
pub struct Decided {
    /// The choice of the person.
    pub choice: Choice,
    /// The account of the person.
    pub by: String,
    /// In the person's words.
    pub reason: String,
    /// [`ConflictDetail::version`] of what was shown. Without it what was noticed last counts as shown.
    pub version: Option<String>,
}

/// Which conflicts are decided in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those with these uuids.
    Uuids(Vec<String>),
    /// Those that a filter lets through.
    Filter(conflicts::ConflictFilter),
}

/// A conflict with everything that somebody needs who decides about it, as both sides are now. Patient data.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictDetail {
    /// The conflict as lists show it.
    #[serde(flatten)]
    pub conflict: Conflict,
    /// Stands for what is shown here: who decides sends it back.
    pub version: String,
    /// True if this side has moved since the conflict was noticed.
    pub changed_here_since: bool,
    /// The version here now; nothing when it is removed.
    pub ours: Option<Value>,
    /// The parent's version when the conflict was noticed; nothing when it was removed there.
    pub theirs: Option<Value>,
    /// The version on which both sides last agreed, where it is kept.
    pub base: Option<Value>,
    /// The places in dispute.
    pub differences: Vec<Difference>,
    /// The objects that are removed with this one, here or at the parent, if its removal holds.
    pub takes_along: Vec<TakenAlong>,
    /// How many more the parent has, which it does not name.
    pub more_taken_along: u64,
    /// The choices, and what each means.
    pub choices: Vec<Offer>,
}

/// A place in dispute.
#[derive(Serialize)]
pub struct Difference {
    /// The place in the document, such as `name[2b7c].family`.
    pub path: String,
    /// The value on which both sides last agreed; null when there was none.
    pub base: Option<Value>,
    /// The value here; null when it is not there.
    pub ours: Option<Value>,
    /// The value of the other side; null when it is not there.
    pub theirs: Option<Value>,
}

/// Something that a removal takes along.
#[derive(Serialize)]
pub struct TakenAlong {
    /// The name of its category.
    pub category: String,
    /// Its uuid.
    pub uuid: String,
    /// The name by which a person knows it.
    pub label: String,
    /// Why it stands against the removal; nothing when its author knew it as it is.
    pub why: Option<Standing>,
}

/// Something that can be decided.
#[derive(Serialize)]
pub struct Offer {
    /// The name of the choice, as the request to resolve gives it: `ours`, `theirs`, `fields`, `document`, `keep` or `apply`.
    pub choice: &'static str,
    /// In words.
    pub meaning: String,
}

/// The steps that were taken about a conflict.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// The conflict's.
    pub uuid: String,
    /// The object that the conflict was about.
    #[serde(serialize_with = "named::serialize_object")]
    pub object: ObjectId,
    /// The name of the choice that was made.
    pub choice: &'static str,
    /// The audit message that tells of it.
    pub audit_uuid: String,
    /// True if something goes to the parent with the next push.
    pub goes_up: bool,
    /// True if the child that met it hears of it by its next pull, and carries it out.
    pub goes_down: bool,
    /// How many objects the next pull brings back.
    pub comes_back: usize,
    /// Where what was read back differs from what was saved.
    pub lost_paths: Vec<String>,
}

/// The result for one of several conflicts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OneOfSeveral {
    /// The uuid of the conflict.
    pub uuid: String,
    /// Nothing when it could not be done.
    pub resolved: Option<Resolved>,
    /// Why not.
    pub error: Option<WhyNot>,
}

/// Why a conflict was not resolved.
#[derive(Debug, Serialize)]
pub struct WhyNot {
    /// The name of an [`ErrorKind`](crate::error::ErrorKind).
    pub kind: &'static str,
    /// The reason and what to do, for a person.
    pub message: String,
}

impl OneOfSeveral {
    pub(crate) fn of(uuid: String, result: Result<Resolved>) -> OneOfSeveral {
        match result {
            Ok(resolved) => OneOfSeveral { uuid, resolved: Some(resolved), error: None },
            Err(error) => {
                let why = WhyNot { kind: error.kind.name(), message: error.message };
                OneOfSeveral { uuid, resolved: None, error: Some(why) }
            }
        }
    }
}

/// Returns the view of a conflict; nothing when there is none of that uuid. In a transaction.
pub(crate) fn look(config: &Config, host: &mut dyn Host, uuid: &str) -> Result<Option<ConflictDetail>> {
    match conflicts::get(host, uuid)? {
        None => Ok(None),
        Some(found) => Facts::read(config, host, found, false)?.shown().map(Some),
    }
}

/// A conflict, and both sides as they are now.
struct Facts {
    conflict: Conflict,
    ours: Ours,
    /// The version here, if there is one, and when it was written as far as it says so.
    here: Option<Value>,
    here_at: Option<i64>,
    /// The parent's version, if it has one.
    theirs: Option<(Content, Value)>,
    /// The documents of the agreement that both sides changed, where they are kept.
    base: Option<Base>,
    agreed: Option<Agreed>,
    /// The live objects here that hang on an object that the parent removed.
    hanging: Vec<Hanging>,
}

/// Something that goes along when the object is removed here.
struct Hanging {
    object: ObjectId,
    label: String,
    representation: Representation,
    hash: String,
    state: Option<ObjectState>,
}

impl Hanging {
    /// Why it stands against the removal, if it does.
    fn standing(&self) -> Option<Standing> {
        match self.state.as_ref().and_then(|state| agreed_hash(state, self.representation)) {
            Some(known) if known == self.hash => None,
            Some(_) => Some(Standing::Changed),
            None => Some(Standing::Unseen),
        }
    }

    /// Returns true if the parent has it, or had it.
    fn is_known_there(&self) -> bool {
        self.state.is_some()
    }
}

impl Facts {
    /// With `lock` the rows of what is here stay locked until the transaction ends.
    fn read(
        config: &Config,
        host: &mut dyn Host,
        (conflict, documents): (Conflict, Documents),
        lock: bool,
    ) -> Result<Facts> {
        let (object, representation) = (&conflict.object, conflict.representation);
        let stored = host.read(representation, object, lock)?;
        let ours = Ours::of(object, representation, &stored)?;
        let here = match &stored {
            Stored::Present(bytes) => Some(parse_stored(object, bytes)?),
            Stored::Absent | Stored::Removed => None,
        };
        let here_at = here.as_ref().and_then(|document| changed_at(representation, document));
        let here = here.map(|document| without_derived(representation, document));
        let theirs = match &documents.theirs {
            Some(bytes) => {
                let document = parsed(bytes)?;
                let content = Content::of(representation, object, &document);
                Some((content, without_derived(representation, document)))
            }
            None => None,
        };
        let base = agreement_of(host, &conflict)?;
        let agreed = base.as_ref().map(Agreed::of).transpose()?;
        let removed_there = here.is_some() && theirs.is_none() && conflict.child_node.is_none();
        let hanging = if removed_there { hanging(config, host, object)? } else { Vec::new() };
        Ok(Facts { conflict, ours, here, here_at, theirs, base, agreed, hanging })
    }

    fn object(&self) -> &ObjectId {
        &self.conflict.object
    }

    fn sides(&self) -> Sides<'_> {
        Sides {
            representation: self.conflict.representation,
            ours: self.here.as_ref(),
            theirs: self.theirs.as_ref().map(|(_, document)| document),
            agreed: self.agreed.as_ref().map(Agreed::as_decided),
        }
    }

    /// When each side wrote its document, as far as it says so.
    fn written_at(&self) -> [Option<i64>; 2] {
        [self.here_at, self.theirs.as_ref().and_then(|(content, _)| content.changed_at)]
    }

    fn ours_hash(&self) -> Option<&str> {
        match self.ours.version() {
            Version::Document(hash) => Some(hash),
            Version::Absent | Version::Removed => None,
        }
    }

    fn theirs_hash(&self) -> Option<&str> {
        self.theirs.as_ref().map(|(content, _)| content.hash.as_str())
    }

    /// Returns the objects that the parent says stand against a removal that was made here, and how many more.
    fn named_there(&self) -> (Vec<Named>, u64) {
        if self.theirs.is_none() {
            return (Vec::new(), 0);
        }
        (self.named(), self.more_named())
    }

    /// How many more there are than the conflict names.
    fn more_named(&self) -> u64 {
        self.conflict.detail.as_ref().and_then(|detail| detail.get("more")?.as_u64()).unwrap_or_default()
    }

    /// Returns the objects that the conflict names as standing against the removal.
    fn named(&self) -> Vec<Named> {
        let detail = self.conflict.detail.as_ref();
        let named = detail.and_then(|detail| serde_json::from_value(detail.get("takesAlong")?.clone()).ok());
        named.unwrap_or_default()
    }

    fn version(&self) -> String {
        let detail = self.conflict.detail.as_ref().map(Value::to_string);
        let sides = [self.ours_hash(), self.theirs_hash(), detail.as_deref()];
        let hanging = self.hanging.iter().map(|one| format!("{} {}", one.object, one.hash));
        let hanging: Vec<String> = hanging.collect();
        version(sides.into_iter().map(Option::unwrap_or_default).chain(hanging.iter().map(String::as_str)))
    }

    fn changed_here_since(&self) -> bool {
        self.ours_hash() != self.conflict.ours_hash.as_deref()
    }

    /// Errors: `Outdated` when this is not what was shown to the one who decides.
    fn check_current(&self, decided: &Decided) -> Result<()> {
        let object = self.object();
        let what = match &decided.version {
            Some(version) if *version == self.version() => return Ok(()),
            Some(_) => format!("{object} has changed, here or at the parent, since it was shown to you"),
            None if self.changed_here_since() => {
                format!("{object} was changed here since the conflict was noticed")
            }
            None => match self.unnamed() {
                Some(new) => {
                    format!("{} ({}) hangs on {object}, and the conflict does not name it", new.object, new.label)
                }
                None => return Ok(()),
            },
        };
        Err(outdated(format!("{what}: nothing was done. Look at the conflict again, and decide on what is shown then")))
    }

    /// Something that stands against the removal, and was not when the conflict was noticed.
    fn unnamed(&self) -> Option<&Hanging> {
        let named = self.named();
        let is_named =
            |one: &Hanging| named.iter().any(|named| named.uuid == one.object.uuid && named.hash == one.hash);
        self.hanging.iter().find(|one| one.standing().is_some() && !is_named(one))
    }

    /// Errors: `Outdated` while something of it is on its way to the parent, which may be about to take it over.
    fn check_nothing_under_way(&self, host: &mut dyn Host) -> Result<()> {
        let objects: Vec<ObjectId> =
            std::iter::once(self.object()).chain(self.hanging.iter().map(|one| &one.object)).cloned().collect();
        match pending::get_all(host, &objects)?.into_keys().min() {
            None => Ok(()),
            Some(object) => Err(outdated(format!(
                "{object} was sent to the parent, and the answer has not come yet: nothing was done. Push once more, then \
                 decide"
            ))),
        }
    }

    fn shown(self) -> Result<ConflictDetail> {
        let differences = disputes(self.sides()).into_iter().map(|dispute| Difference {
            path: dispute.path,
            base: dispute.base,
            ours: dispute.ours,
            theirs: dispute.theirs,
        });
        let differences: Vec<Difference> = differences.collect();
        let (takes_along, more_taken_along) = self.taken_along();
        // It was on what is not here any more.
        let decision = self.conflict.decision.clone().filter(|_| !self.changed_here_since());
        Ok(ConflictDetail {
            version: self.version(),
            changed_here_since: self.changed_here_since(),
            choices: self.offers(takes_along.len() as u64 + more_taken_along),
            differences,
            takes_along,
            more_taken_along,
            base: self.base.as_ref().map(|base| parsed(&base.remote)).transpose()?,
            ours: self.here,
            theirs: self.theirs.map(|(_, document)| document),
            conflict: Conflict { decision, ..self.conflict },
        })
    }

    fn taken_along(&self) -> (Vec<TakenAlong>, u64) {
        let met_by_child = self.conflict.child_node.is_some();
        if self.here.is_none() || met_by_child {
            let (named, more) = if met_by_child { (self.named(), self.more_named()) } else { self.named_there() };
            let taken = named.into_iter().map(|Named { category, uuid, label, why, .. }| TakenAlong {
                category,
                uuid,
                label,
                why: Some(why),
            });
            return (taken.collect(), more);
        }
        let taken = self.hanging.iter().map(|one| TakenAlong {
            category: one.object.category.name().to_string(),
            uuid: one.object.uuid.clone(),
            label: one.label.clone(),
            why: one.standing(),
        });
        (taken.collect(), 0)
    }

    /// Returns the choices here. A conflict that a child met can be decided only for one side as a whole: what both had is known
    /// there.
    fn offers(&self, along: u64) -> Vec<Offer> {
        let object = self.object();
        let met_by_child = self.conflict.child_node.is_some();
        let other = if met_by_child { "the child" } else { "the parent" };
        let with = match along {
            _ if met_by_child => ", with what hangs on it".to_string(),
            0 => String::new(),
            1 => ", with the object that hangs on it".to_string(),
            more => format!(", with the {more} objects that hang on it"),
        };
        let offer = |choice, meaning| Offer { choice, meaning };
        match (&self.here, &self.theirs) {
            (Some(_), Some(_)) => {
                let wherever = "wherever both sides changed the same";
                let mut offers = vec![
                    offer("ours", format!("{object} is what it is here, {wherever}")),
                    offer("theirs", format!("{object} is what it is at {other}, {wherever}")),
                ];
                if !met_by_child {
                    offers.push(offer("fields", "for each place in dispute, ours or theirs".to_string()));
                    offers.push(offer("document", "neither: the document that you give".to_string()));
                }
                offers
            }
            (Some(_), None) => vec![
                offer("keep", format!("{object} stays here, and comes back at {other} with what hangs on it")),
                offer("apply", format!("{object} is removed here, too{with}")),
            ],
            (None, Some(_)) => vec![
                offer("keep", format!("{object} stays at {other}, and comes back here with what was removed with it")),
                offer("apply", format!("{object} is removed at {other}, too{with}")),
            ],
            (None, None) => vec![offer("apply", format!("{object} is removed on both sides: the conflict is closed"))],
        }
    }
}

/// Returns the agreement, in the terms of the conflict. What both had is known at the child only.
fn agreement_of(host: &mut dyn Host, conflict: &Conflict) -> Result<Option<Base>> {
    if conflict.child_node.is_some() {
        return Ok(None);
    }
    let object = std::slice::from_ref(&conflict.object);
    let state = object_states::get_all(host, object)?.remove(&conflict.object);
    let comparable =
        state.is_some_and(|state| state.is_comparable(conflict.representation) && state.restored_to.is_none());
    if comparable { Ok(bases::get_all(host, object)?.remove(&conflict.object)) } else { Ok(None) }
}

fn hanging(config: &Config, host: &mut dyn Host, object: &ObjectId) -> Result<Vec<Hanging>> {
    let mut hanging = Vec::new();
    let representation = |taken: &ObjectId| config.representation(taken.category);
    each_taken(host, object, representation, |taken| {
        let (representation, hash) = (taken.representation, taken.hash);
        hanging.push(Hanging { object: taken.object, label: taken.label, representation, hash, state: None });
        Ok(())
    })?;
    let objects: Vec<ObjectId> = hanging.iter().map(|one| one.object.clone()).collect();
    let mut states: HashMap<ObjectId, ObjectState> = object_states::get_all(host, &objects)?;
    hanging.iter_mut().for_each(|one| one.state = states.remove(&one.object));
    Ok(hanging)
}

fn outdated(message: String) -> Error {
    Error::new(ErrorKind::Outdated, message)
}

/// Returns the document that would be saved here if nothing had been changed here: what was added here since is no part of it, and
/// has to go up.
fn in_their_place(sides: &Sides<'_>) -> Value {
    match (sides.agreed, sides.ours, sides.theirs) {
        (Some(agreed), Some(_), Some(theirs)) => {
            reconcile::coming_down(sides.representation, agreed, agreed.local, theirs)
        }
        (.., theirs) => theirs.cloned().unwrap_or_default(),
    }
}

/// Both directions: what is decided about an object may free what waits for it in either.
const DIRECTIONS: [Direction; 2] = [Direction::Pull, Direction::Push];
