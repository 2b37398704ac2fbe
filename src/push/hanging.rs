//! Before a removal is sent to a parent without this module: what hangs on the object there is asked for, and compared with
//! what went along here. Between that answer and the removal somebody may add to it; only a parent with this module closes
//! that gap.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sending::Outgoing;
use crate::decide::canonical::{self, canonical};
use crate::decide::content::says_removed;
use crate::decide::references::references;
use crate::decide::removal::{Hanging, Taking, label, takers, takes_others, taking};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, by_category};
use crate::removal::{Against, Taken};
use crate::resource::{Document, Fetched, GroupReply, SyncResourceManager};

/// The most objects of a kind that are asked for at once.
const MOST_AT_ONCE: usize = 100;

/// The parent's word on what would go along with a removal there.
pub(super) enum Asked {
    /// Nothing that is not known here. What went along here and hangs on something else there stays.
    Known { stays: Vec<ObjectId> },
    /// This stands against it, as the conflict tells it.
    Against(Value),
}

/// Asks the parent what a removal would take along.
///
/// Errors: what stops the run, and why the parent does not tell.
pub(super) async fn asked(resources: &SyncResourceManager, outgoing: &Outgoing) -> Result<Asked> {
    if !takes_others(outgoing.object.category) {
        return Ok(Asked::Known { stays: Vec::new() });
    }
    let mut against = Against::default();
    let mut hanging = Vec::new();
    for (object, document) in hanging_there(resources, &outgoing.object).await? {
        let representation = document.representation;
        let hash = canonical::hash(&canonical(representation, &document.json));
        let label = label(object.category, representation, &document.json);
        let along = outgoing.removed.along.iter().find(|along| along.object == object);
        let known = along.and_then(|along| along.last_seen()).filter(|(seen_in, _)| *seen_in == representation);
        hanging.push((object.clone(), hash.clone(), known.map(|(_, hash)| hash.to_string())));
        against.add(Taken { object, label, representation, hash });
    }
    let decided = taking(hanging.iter().map(|(object, here, known)| Hanging {
        object,
        here,
        known: known.as_deref(),
        under_way: false,
    }));
    match decided {
        Taking::All | Taking::Wait(_) => {
            let known = outgoing.removed.along.iter().filter(|along| along.last_seen().is_some());
            let elsewhere =
                known.map(|along| &along.object).filter(|along| !hanging.iter().any(|(one, ..)| one == *along));
            let mut elsewhere = documents(resources, &outgoing.object, by_category(elsewhere)).await?;
            // Objects without a list go along all the same.
            elsewhere.retain(|(object, document)| !takers_there(object, document).contains(&outgoing.object));
            Ok(Asked::Known { stays: elsewhere.into_iter().map(|(object, _)| object).collect() })
        }
        Taking::Nothing(standing) => Ok(Asked::Against(against.detail(&standing))),
    }
}

/// Returns the objects that the parent would remove along, as far as its lists tell.
async fn hanging_there(resources: &SyncResourceManager, owner: &ObjectId) -> Result<Vec<(ObjectId, Document)>> {
    let named = resources.hanging_on(owner, &|_| true).await.map_err(|error| not_told(owner, error))?;
    let mut found = documents(resources, owner, by_category(&named)).await?;
    found.retain(|(object, document)| is_taken(object, document));
    Ok(found)
}

/// Those of the objects that are not removed at the parent.
async fn documents(
    resources: &SyncResourceManager,
    owner: &ObjectId,
    uuids: BTreeMap<Category, Vec<String>>,
) -> Result<Vec<(ObjectId, Document)>> {
    let mut found = Vec::new();
    for (category, uuids) in uuids {
        for uuids in uuids.chunks(MOST_AT_ONCE) {
            let fetched = match resources.fetch(category, uuids).await? {
                GroupReply::Objects(fetched) => fetched,
                GroupReply::CategoryClosed(error) => return Err(not_told(owner, error)),
            };
            for (uuid, fetched) in uuids.iter().zip(fetched) {
                let object = ObjectId { category, uuid: uuid.clone() };
                match fetched {
                    Fetched::Document(document) if !says_removed(document.representation, &document.json) => {
                        found.push((object, document));
                    }
                    Fetched::Document(_) | Fetched::Gone { .. } => {}
                    Fetched::Failed(error) if error.kind == ErrorKind::NotFound => {}
                    Fetched::Failed(error) => return Err(not_told(owner, error)),
                }
            }
        }
    }
    Ok(found)
}

/// A list by patient has also what stays when she is removed.
fn is_taken(object: &ObjectId, document: &Document) -> bool {
    !takers_there(object, document).is_empty()
}

/// Returns the objects that would take it along at the parent.
fn takers_there(object: &ObjectId, document: &Document) -> Vec<ObjectId> {
    let representation = document.representation;
    takers(representation, object, &references(representation, object, &document.json))
}

/// An error that stops the run stays what it is.
fn not_told(owner: &ObjectId, error: Error) -> Error {
    match error.kind {
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Malformed => {
            let message = format!(
                "{owner} is not removed at the parent, which does not tell what would go along ({}): let the sync account read \
                 that there, or install Sync 2 there",
                error.message
            );
            Error { message, kind: ErrorKind::Forbidden, ..error }
        }
        _ => error,
    }
}
