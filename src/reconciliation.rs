//! Another document than theirs is written here: a merge, somebody's decision, or theirs with what they could not hold.
//! Shared by a pull and by a resolution. In a transaction of the host, on the calling thread.

use serde_json::{Value, json};

use crate::audit::{Disagreement, Verdict};
use crate::decide::canonical::{self, canonical};
use crate::decide::content::Content;
use crate::decide::merge::Dispute;
use crate::decide::reconcile::{self, Reconciled, Sides, as_read_back};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, ObjectId, Representation};
use crate::host::Host;
use crate::saving::read_back;
use crate::store::Sql;
use crate::store::audit::AuditStatus;
use crate::store::bases::{self, Base};
use crate::store::object_states::ObjectState;

/// The parent's version that is answered by what is written.
#[derive(Debug)]
pub(crate) struct TheirVersion {
    pub canonical: Vec<u8>,
    pub hash: String,
}

impl TheirVersion {
    pub(crate) fn of(content: &Content) -> TheirVersion {
        TheirVersion { canonical: content.canonical.clone(), hash: content.hash.clone() }
    }
}

/// The document that is written in the place of theirs.
pub(crate) struct Reconciliation {
    pub saved: Content,
    pub theirs: TheirVersion,
    /// The document that would have been saved if nothing had been changed here.
    pub in_their_place: Value,
    pub status: AuditStatus,
    pub rules: Vec<String>,
    /// It is what is here already, and need not be saved.
    pub is_here: bool,
}

impl Reconciliation {
    /// Reads back what was saved. The agreement is on theirs: what is here beside it counts as edited here, and goes up.
    ///
    /// Errors: `Host` also when it is not there.
    pub(crate) fn verify(self, host: &mut dyn Host, object: &ObjectId) -> Result<Verdict> {
        let representation = self.saved.representation;
        let back = read_back(host, object, &self.saved)?;
        let saved = parsed(&self.saved.canonical)?;
        let here = back.canonical.as_deref().map(parsed).transpose()?;
        let as_theirs = as_read_back(representation, &saved, here.as_ref().unwrap_or(&saved), &self.in_their_place);
        let local = canonical(representation, &as_theirs);
        let local_hash = canonical::hash(&local);
        let status = match self.status {
            AuditStatus::Applied if !back.losses.lost.is_empty() => AuditStatus::Partial,
            status => status,
        };
        Ok(Verdict {
            losses: back.losses,
            rules: self.rules,
            offered: (back.hash != local_hash).then_some(Action::Updated),
            agreed: Some(agreement(representation, Some(local_hash), Some(self.theirs.hash))),
            base: Some(Box::new(base(self.theirs.canonical, local))),
            ..Verdict::of(status)
        })
    }
}

/// Returns the version that stays here and goes up, where the parent has this version, or has removed the object.
pub(crate) fn kept(representation: Representation, theirs: Option<TheirVersion>, removed_here: bool) -> Verdict {
    let hash = theirs.as_ref().map(|theirs| theirs.hash.clone());
    Verdict {
        agreed: Some(agreement(representation, hash.clone(), hash)),
        base: theirs.map(|theirs| Box::new(Base { remote: theirs.canonical, local: None, packed: None })),
        offered: Some(if removed_here { Action::Voided } else { Action::Updated }),
        ..Verdict::of(AuditStatus::Kept)
    }
}

/// The base of an agreement on these canonical documents.
pub(crate) fn base(remote: Vec<u8>, local: Vec<u8>) -> Base {
    let local = (local != remote).then_some(local);
    Base { remote, local, packed: None }
}

/// An agreement in the terms of today.
pub(crate) fn agreement(
    representation: Representation,
    local_hash: Option<String>,
    remote_hash: Option<String>,
) -> ObjectState {
    ObjectState {
        local_hash,
        remote_hash,
        representation,
        canonical_version: canonical::VERSION,
        restored_to: None,
        replaced: Vec::new(),
    }
}

/// The documents of an agreement.
pub(crate) struct Agreed {
    remote: Value,
    local: Value,
}

impl Agreed {
    /// Of a base that was kept. Errors: `Internal` when it is no JSON.
    pub(crate) fn of(base: &Base) -> Result<Agreed> {
        Ok(Agreed { remote: parsed(&base.remote)?, local: parsed(base.local())? })
    }

    /// Reads the base documents of the object's agreement; nothing when none are kept.
    pub(crate) fn read(sql: &mut dyn Sql, object: &ObjectId) -> Result<Option<Agreed>> {
        bases::get_all(sql, std::slice::from_ref(object))?.get(object).map(Agreed::of).transpose()
    }

    pub(crate) fn as_decided(&self) -> reconcile::Agreed<'_> {
        reconcile::Agreed { remote: &self.remote, local: &self.local }
    }
}

/// Returns the detail of a conflict of two documents: the paths in dispute. Nothing where these can be merged, which the next pull
/// does.
///
/// Errors: `Internal` when a document is no JSON.
pub(crate) fn disputed(sql: &mut dyn Sql, object: &ObjectId, disagreement: &Disagreement) -> Result<Option<Value>> {
    let (Some(ours), Some(theirs)) = (&disagreement.documents.ours, &disagreement.documents.theirs) else {
        return Ok(None);
    };
    let as_edited = |document| canonical::without_derived(disagreement.representation, document);
    let (ours, theirs) = (as_edited(parsed(ours)?), as_edited(parsed(theirs)?));
    let agreed = match disagreement.remote_hash {
        Some(_) => Agreed::read(sql, object)?,
        None => None,
    };
    let sides = Sides {
        representation: disagreement.representation,
        ours: Some(&ours),
        theirs: Some(&theirs),
        agreed: agreed.as_ref().map(Agreed::as_decided),
    };
    Ok(match reconcile::reconcile(sides, None) {
        Reconciled::Open(disputes) => in_dispute(&disputes),
        Reconciled::Write(_) | Reconciled::Keep | Reconciled::Remove => None,
    })
}

/// The paths in dispute, as a conflict tells them.
pub(crate) fn in_dispute(disputes: &[Dispute]) -> Option<Value> {
    let paths: Vec<&str> = disputes.iter().map(|dispute| dispute.path.as_str()).collect();
    (!paths.is_empty()).then(|| json!({ "fields": paths }))
}

/// A document that the engine wrote itself.
pub(crate) fn parsed(document: &[u8]) -> Result<Value> {
    serde_json::from_slice(document)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("a document that was kept is not JSON: {error}")))
}
