//! Removals that a child brings: each takes along only what the child knows. And what a child brings of an object which
//! hangs on one that is removed here.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::apply::{LineResult, Sent, Step};
use super::lines::object;
use crate::decide::naming::role;
use crate::decide::references::references;
use crate::decide::removal::{Hanging, Standing, Taking, owners, taking};
use crate::decide::scope::{Scope, Verb};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{ObjectId, Representation};
use crate::host::{Host, Removal, Stored};
use crate::places::Places;
use crate::removal::{Against, MOST_NAMED, dependents, each_taken, given_reason};
use crate::saving::{Ours, parse_stored};
use crate::store::events;
use crate::wire::{Along, ApplyStatus, Named};

/// Reads what a child knows of the objects that go along with its removal. Errors: `Malformed`.
pub(super) fn known(along: Vec<Along>) -> Result<HashMap<ObjectId, (Representation, String)>> {
    let known = along.into_iter().map(|along| {
        let (object, representation) = object(&along.category, &along.uuid, &along.representation)?;
        Ok((object, (representation, along.last_seen)))
    });
    known.collect()
}

/// Returns the owners of an object, as its document here says.
pub(super) fn owners_in(representation: Representation, object: &ObjectId, document: &Value) -> Vec<ObjectId> {
    owners(representation, object, &references(representation, object, document))
}

/// Which of those that the lines' objects hang on are removed here, and why.
///
/// An account that may not know of one of them is not told why it is.
pub(super) fn removed_owners(
    host: &mut dyn Host,
    steps: &[Step<'_>],
    places: &mut Places<'_>,
) -> Result<HashMap<ObjectId, String>> {
    let mut candidates: Vec<ObjectId> = Vec::new();
    for step in steps {
        if let Step::Save(sent, content, before) = step {
            let owners = owners(content.representation, &sent.object, &content.references);
            candidates.extend(owners.into_iter().filter(|owner| !before.contains(owner)));
        }
    }
    candidates.sort();
    candidates.dedup();
    if candidates.is_empty() {
        return Ok(HashMap::new());
    }
    let why = host.why_removed(&candidates)?;
    let mut removed = HashMap::new();
    for (owner, why) in candidates.into_iter().zip(why) {
        if let Some(why) = why {
            let told = if places.allow(host, &owner, None)? { why } else { String::new() };
            removed.insert(owner, told);
        }
    }
    Ok(removed)
}

/// Why an object is not taken onto one that is removed here. The child sends it again when that one is back.
pub(super) fn hangs_on_removed(object: &ObjectId, owner: &ObjectId, why: &str) -> Error {
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    let message = format!(
        "{object} belongs to {}, removed at the parent{why}. Move it to another patient, visit or encounter, or have {owner} \
         restored at the parent",
        role(object, owner)
    );
    Error::new(ErrorKind::MissingReference, message)
}

impl Sent {
    /// Returns the objects that stand against this removal: those that are named, and how many more; nothing when it may be done.
    ///
    /// Objects out of the account's scope stand against it, whatever the child knows of them.
    pub(super) fn against(
        &self,
        host: &mut dyn Host,
        scope: Scope<'_>,
        places: &mut Places<'_>,
    ) -> Result<Option<(Vec<Named>, usize)>> {
        let mut against = Against::default();
        let mut hanging = Vec::new();
        let representation = |taken: &ObjectId| match self.along.get(taken) {
            Some((representation, _)) => *representation,
            None => taken.category.default_representation(),
        };
        each_taken(host, &self.object, representation, |taken| {
            hanging.push((taken.object.clone(), taken.hash.clone()));
            against.add(taken);
            Ok(())
        })?;
        places.expect(host, hanging.iter().map(|(object, _)| object))?;
        let mut in_scope = Vec::with_capacity(hanging.len());
        for (object, _) in &hanging {
            in_scope.push(places.allow(host, object, None)?);
        }
        let mut in_the_copy = Vec::with_capacity(hanging.len());
        for (object, _) in &hanging {
            in_the_copy.push(match self.copied_at {
                Some(number) => events::is_untouched_since(host, object, number)?,
                None => false,
            });
        }
        let known = |object: &ObjectId| self.along.get(object).map(|(_, last_seen)| last_seen.as_str());
        let looked_at = hanging.iter().zip(&in_scope).zip(&in_the_copy);
        let decided = taking(looked_at.map(|(((object, here), in_scope), in_the_copy)| Hanging {
            object,
            here,
            known: known(object).or(in_the_copy.then_some(here.as_str())).filter(|_| *in_scope),
            under_way: false,
        }));
        Ok(match decided {
            Taking::All | Taking::Wait(_) => None,
            Taking::Nothing(standing) => {
                let may_be_named = |(place, _): &&(usize, Standing)| {
                    in_scope.get(*place).is_some_and(|in_scope| *in_scope)
                        && hanging.get(*place).is_some_and(|(object, _)| scope.may(Verb::Read, object.category))
                };
                let named = standing.iter().filter(may_be_named).take(MOST_NAMED).copied();
                let named = against.named(&named.collect::<Vec<_>>());
                let more = standing.len() - named.len();
                Some((named, more))
            }
        })
    }

    /// Returns the objects that the child says go along and do not, because they hang on something else here.
    pub(super) fn stays(&self, host: &mut dyn Host, places: &mut Places<'_>) -> Result<Vec<ObjectId>> {
        if self.along.is_empty() {
            return Ok(Vec::new());
        }
        let hanging: HashSet<ObjectId> = dependents(host, &self.object)?.into_iter().map(|one| one.object).collect();
        let mut stays = Vec::new();
        for (object, (representation, _)) in self.along.iter().filter(|(object, _)| !hanging.contains(object)) {
            let is_here = matches!(host.read(*representation, object, false)?, Stored::Present(_));
            if is_here && places.allow(host, object, None)? {
                stays.push(object.clone());
            }
        }
        stays.sort();
        Ok(stays)
    }

    /// The answer to a removal that is not done.
    pub(super) fn conflict(&self, host: &mut dyn Host, against: (Vec<Named>, usize)) -> Result<LineResult> {
        let stored = host.read(self.representation, &self.object, false)?;
        let hash = Ours::of(&self.object, self.representation, &stored)?.into_hash();
        let theirs = match &stored {
            Stored::Present(bytes) => Some(parse_stored(&self.object, bytes)?),
            Stored::Absent | Stored::Removed => None,
        };
        Ok(LineResult { theirs, against, ..LineResult::of(ApplyStatus::Conflict, hash) })
    }

    /// How it is removed here.
    pub(super) fn removal(&self, child: &str) -> Removal {
        let reason = given_reason(self.reason.as_deref()).unwrap_or_else(|| format!("Removed at the child {child}"));
        Removal { action: self.action, reason }
    }
}
