//! Objects on their way to the parent, and its answers.

use std::borrow::Cow;
use std::collections::HashMap;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::exchange::CLIENT;
use super::refused::names;
use super::removals::Removed;
use crate::audit::{Disagreement, Origin, Verdict};
use crate::decide::content::Content;
use crate::decide::loss::Losses;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, ObjectId, Representation};
use crate::reconciliation::{agreement, base};
use crate::store::audit::AuditStatus;
use crate::store::bases::Base;
use crate::store::conflicts::{ConflictKind, Documents};
use crate::store::object_states::{MOST_REPLACED, ObjectState};
use crate::wire::FeedPlace;

/// One object on its way to the parent.
pub(super) struct Outgoing {
    pub object: ObjectId,
    /// The change of it here.
    pub action: Action,
    pub representation: Representation,
    /// The version of the canonical form that it is compared in: that of the agreement, where documents have another form in it.
    pub canonical_version: u32,
    /// Nothing when it was removed here.
    pub document: Option<Content>,
    /// The document here, where another one is sent (see `going_up`).
    pub here: Option<Content>,
    /// The agreement when it was read here.
    pub state: Option<ObjectState>,
    /// The hash of the parent's version that was seen last; nothing when none was, or when it was removed there.
    pub last_seen: Option<String>,
    /// See [`ObjectState::restored_to`].
    pub restored_to: Option<u64>,
    /// See [`ApplyLine::copied_at`](crate::wire::ApplyLine::copied_at).
    pub copied_at: Option<u64>,
    /// The hashes of what was sent since and never answered; empty for a removal.
    pub pending: Vec<String>,
    /// Of a removal: what went along, and why.
    pub removed: Removed,
    /// True if the parent has yet to hear that a conflict is over.
    pub was_unheard: bool,
    /// True if the parent is to have something new; else it only hears that a conflict is over.
    pub is_news: bool,
}

impl Outgoing {
    /// How long its document is.
    pub(crate) fn bytes(&self) -> usize {
        self.document.as_ref().map_or(0, |document| document.to_save.len())
    }

    /// The objects whose agreements it was decided on.
    pub(crate) fn decided_on(&self) -> impl Iterator<Item = &ObjectId> {
        std::iter::once(&self.object).chain(self.removed.along.iter().map(|along| &along.object))
    }

    /// Returns true if the agreements are those that it was decided on.
    pub(crate) fn is_fresh(&self, states: &HashMap<ObjectId, ObjectState>) -> bool {
        states.get(&self.object) == self.state.as_ref()
            && self.removed.along.iter().all(|along| states.get(&along.object) == along.state.as_ref())
    }

    /// The hash of what is sent; nothing for a removal.
    pub(crate) fn hash(&self) -> Option<Cow<'_, str>> {
        self.document.as_ref().map(|document| document.hash_at(self.canonical_version))
    }
}

impl Outgoing {
    /// Returns the document here; nothing when it was removed.
    pub(crate) fn here(&self) -> Option<&Content> {
        self.here.as_ref().or(self.document.as_ref())
    }

    /// See [`ApplyLine::replaced`](crate::wire::ApplyLine::replaced).
    pub(crate) fn replaced(&self) -> &[String] {
        let lost = self.state.as_ref().filter(|_| self.restored_to.is_some());
        lost.map_or(&[], |state| &state.replaced)
    }

    /// Returns the parent's versions that have been replaced up to an agreement on what it has now. Only where it had what was seen
    /// last until then: not where an answer was lost before, nor where it may have been restored.
    fn replaced_by(&self, accepted: &Accepted) -> Vec<String> {
        let Some(last_seen) = &self.last_seen else { return Vec::new() };
        if !self.pending.is_empty() || self.restored_to.is_some() {
            return Vec::new();
        }
        let mut replaced = self.state.as_ref().map(|state| state.replaced.clone()).unwrap_or_default();
        match accepted.status {
            _ if accepted.hash.as_ref() == Some(last_seen) => {}
            // It was not this that changed it there.
            AuditStatus::Unchanged => replaced.clear(),
            _ => replaced.push(last_seen.clone()),
        }
        let more = replaced.len().saturating_sub(MOST_REPLACED);
        replaced.split_off(more)
    }

    /// The documents of an agreement on what the parent has now.
    fn base(&self, accepted: &Accepted) -> Option<Base> {
        let (sent, here) = (self.document.as_ref()?, self.here()?);
        let remote = match &accepted.document {
            Some(document) => document.clone(),
            None if accepted.hash.as_deref() == Some(&*sent.hash_at(self.canonical_version)) => sent.canonical.clone(),
            None => return None,
        };
        Some(base(remote, here.canonical.clone()))
    }
}

/// The result for one object that was sent.
pub(super) struct Delivery {
    /// How it was sent.
    pub client: &'static str,
    /// Where to.
    pub url: String,
    pub result: Delivered,
}

/// The parent's answer.
pub(super) enum Delivered {
    /// It has it now, or had it already.
    Accepted(Accepted),
    /// Its version is another one than was seen here. The document is JSON; nothing when it removed the object.
    /// The detail says what of the parent's stands against a removal.
    Conflict { theirs_hash: Option<String>, theirs: Option<Vec<u8>>, detail: Option<Value> },
    /// It refused it, and changed nothing.
    Refused(Error),
    /// It is not known what it did: no whole answer came, also not when the object stood alone.
    Unknown(Error),
}

/// The parent's version of an object that it accepted.
pub(super) struct Accepted {
    /// `Applied`, `Partial`, `Unchanged` or `Removed`.
    pub status: AuditStatus,
    /// The hash of its version; nothing when it is removed.
    pub hash: Option<String>,
    /// Its version in canonical form, where that differs from what was sent and is known.
    pub document: Option<Vec<u8>>,
    /// Where its version differs from what was sent.
    pub losses: Losses,
    /// The parent's rules of data entry that it does not keep.
    pub rules: Vec<String>,
    /// The parts that it was saved without there, and why.
    pub notes: Vec<String>,
    /// Of a removal: what went along here, and stays there.
    pub stayed: Vec<ObjectId>,
}

/// The results for several objects.
#[derive(Default)]
pub(super) struct Deliveries {
    /// Those of the first so many, in their order.
    pub answered: Vec<Delivery>,
    /// Where the parent's feed ended when it had done that, if it says so.
    pub feed: Option<FeedPlace>,
    /// Why there are not more: the parent is away, or the run was cancelled.
    pub stopped: Option<Error>,
}

/// A way to the parent.
pub(super) trait Sender: Send + Sync {
    /// Returns true if objects travel together, so that more of them in a request cost fewer round trips.
    fn sends_in_batches(&self) -> bool;

    /// Sends objects in this order. Dropped when the run is cancelled. What was answered is given also when the parent goes
    /// away in the middle.
    fn deliver<'a>(&'a self, outgoing: &'a [&'a Outgoing]) -> BoxFuture<'a, Deliveries>;
}

impl Delivery {
    /// Returns true if nothing that was sent of the object can be under way any more.
    pub(crate) fn is_certain(&self) -> bool {
        !matches!(self.result, Delivered::Unknown(_))
    }

    /// Returns the verdict for the audit.
    pub(crate) fn verdict(self, outgoing: &Outgoing) -> Verdict {
        let origin = Origin { representation: outgoing.representation, client: self.client.to_string(), url: self.url };
        let verdict = match self.result {
            Delivered::Accepted(accepted) => {
                // Another parent does not remember what it was brought.
                let replaced = if self.client == CLIENT { outgoing.replaced_by(&accepted) } else { Vec::new() };
                Verdict {
                    along: outgoing.removed.gone_there(&accepted.stayed),
                    stayed: outgoing.removed.gone_here(accepted.stayed.clone()),
                    base: outgoing.base(&accepted).map(Box::new),
                    losses: accepted.losses,
                    rules: accepted.rules,
                    notes: accepted.notes,
                    agreed: Some(ObjectState {
                        canonical_version: outgoing.canonical_version,
                        replaced,
                        ..agreement(
                            outgoing.representation,
                            outgoing.here().map(|here| here.hash_at(outgoing.canonical_version).into_owned()),
                            accepted.hash,
                        )
                    }),
                    ..Verdict::of(accepted.status)
                }
            }
            // The parent has something newer, which comes with the next pull: nothing of this side stands against it.
            Delivered::Conflict { .. } | Delivered::Refused(_) if !outgoing.is_news => {
                Verdict::of(AuditStatus::Unchanged)
            }
            Delivered::Conflict { theirs_hash, theirs, detail } => {
                let both_have_it = outgoing.document.is_some() && theirs.is_some();
                let disagreement = Disagreement {
                    kind: if both_have_it { ConflictKind::Content } else { ConflictKind::Removal },
                    representation: outgoing.representation,
                    ours_hash: outgoing.here().map(|here| here.hash.clone()),
                    theirs_hash,
                    remote_hash: outgoing.last_seen.clone(),
                    detail,
                    documents: Documents { ours: outgoing.here().map(|here| here.to_save.clone()), theirs },
                };
                Verdict { conflict: Some(Box::new(disagreement)), ..Verdict::of(AuditStatus::Conflict) }
            }
            Delivered::Refused(error) | Delivered::Unknown(error) => {
                Verdict { waiting_for: missing_reference(outgoing, &error), ..Verdict::parked(error) }
            }
        };
        Verdict { origin: Some(origin), ..verdict }
    }
}

/// Which of the references the parent says that it misses: it names the object as what it is, such as the visit where a FHIR
/// document says encounter.
fn missing_reference(outgoing: &Outgoing, error: &Error) -> Option<ObjectId> {
    if error.kind != ErrorKind::MissingReference {
        return None;
    }
    let mut references = outgoing.document.iter().flat_map(|document| &document.references);
    references.find(|reference| names(reference).any(|name| error.message.contains(&name.to_string()))).cloned()
}

/// As a result whose error stops the run, around the failure of what was sent.
pub(super) fn of_what_was_sent<T>(result: Result<T>) -> Result<Result<T>> {
    match result {
        Err(error) if error.kind.stops_run() => Err(error),
        result => Ok(result),
    }
}
