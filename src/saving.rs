//! The steps that a pull and the exchange have in common: what is here of an object, and whether a save is what it says.
//! All in a transaction of the host, on the calling thread.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::config::Validation;
use crate::decide::canonical::{self, canonical};
use crate::decide::conflict::Version;
use crate::decide::content::Content;
use crate::decide::loss::{Losses, losses};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::json;

/// Why a batch was rolled back.
#[derive(Debug)]
pub(crate) enum BatchFailure {
    /// The item at this index could not be done.
    Item(usize, Error),
    /// The commit was refused, or objects could not be loaded together: some item is to blame.
    Commit(Error),
    /// The database or the lease is lost: nothing more can be done.
    Run(Error),
}

impl From<Error> for BatchFailure {
    /// Errors outside of a single object's own reading and saving end it all.
    fn from(error: Error) -> BatchFailure {
        BatchFailure::Run(error)
    }
}

/// The version here, with its canonical form.
pub(crate) enum Ours {
    Absent,
    Removed,
    Document { canonical: Vec<u8>, hash: String },
}

impl Ours {
    /// Reads the host's document. Errors: `Host` when that is no JSON.
    pub(crate) fn of(object: &ObjectId, representation: Representation, stored: &Stored) -> Result<Ours> {
        match stored {
            Stored::Absent => Ok(Ours::Absent),
            Stored::Removed => Ok(Ours::Removed),
            Stored::Present(bytes) => {
                let canonical = canonical(representation, &parse_stored(object, bytes)?);
                Ok(Ours::Document { hash: canonical::hash(&canonical), canonical })
            }
        }
    }

    /// The hash of the canonical form, where there is a document.
    pub(crate) fn into_hash(self) -> Option<String> {
        match self {
            Ours::Document { hash, .. } => Some(hash),
            Ours::Absent | Ours::Removed => None,
        }
    }

    pub(crate) fn version(&self) -> Version<'_> {
        match self {
            Ours::Absent => Version::Absent,
            Ours::Removed => Version::Removed,
            Ours::Document { hash, .. } => Version::Document(hash),
        }
    }
}

/// A document that the host read. Errors: `Host` when it is no JSON.
pub(crate) fn parse_stored(object: &ObjectId, bytes: &[u8]) -> Result<Value> {
    json::read(bytes)
        .map_err(|why| Error::new(ErrorKind::Host, format!("{object}, as read here, cannot be used: {why}")))
}

/// Says to the host what is read next, by representation, where that is more than one object. A failure means only that they
/// cannot be loaded together: one of them may be unreadable, and the transaction is to be given up.
pub(crate) fn expect_reads<'a>(
    host: &mut dyn Host,
    reads: impl Iterator<Item = (Representation, &'a ObjectId)>,
) -> Result<()> {
    let mut expected: BTreeMap<&'static str, (Representation, Vec<ObjectId>)> = BTreeMap::new();
    for (representation, object) in reads {
        expected.entry(representation.name()).or_insert((representation, Vec::new())).1.push(object.clone());
    }
    let mut together = expected.into_values().filter(|(_, objects)| objects.len() > 1);
    together.try_for_each(|(representation, objects)| host.expect_reads(representation, &objects))
}

/// Locks what is written, and what that refers to, before anything else is done in the transaction.
///
/// Errors: as of a commit that is refused, since some object is to blame.
pub(crate) fn lock_first<'a>(
    host: &mut dyn Host,
    objects: impl Iterator<Item = &'a ObjectId>,
    referred: impl Iterator<Item = &'a ObjectId>,
) -> std::result::Result<(), BatchFailure> {
    let objects: BTreeSet<&ObjectId> = objects.collect();
    let referred: BTreeSet<&ObjectId> = referred.filter(|object| !objects.contains(object)).collect();
    if objects.is_empty() {
        return Ok(());
    }
    let owned = |set: BTreeSet<&ObjectId>| set.into_iter().cloned().collect::<Vec<_>>();
    host.lock(&owned(objects), &owned(referred)).map_err(BatchFailure::Commit)
}

/// Saves a document. Returns the rules of data entry that it does not keep, where these do not refuse it.
pub(crate) fn save(
    host: &mut dyn Host,
    validation: Validation,
    object: &ObjectId,
    (representation, document): (Representation, &[u8]),
) -> Result<Vec<String>> {
    match validation {
        Validation::Record => host.record(representation, object, document),
        Validation::Strict => host.save(representation, object, document).map(|()| Vec::new()),
    }
}

/// The result of a document that was saved.
pub(crate) struct ReadBack {
    /// Where it differs from what was saved.
    pub losses: Losses,
    /// Its canonical form; nothing when that is the one of what was saved.
    pub canonical: Option<Vec<u8>>,
    /// Of its canonical form.
    pub hash: String,
}

/// Reads back what was saved. The session has been cleared, so that it comes from the database.
///
/// Errors: `Host` also when it is not there.
pub(crate) fn read_back(host: &mut dyn Host, object: &ObjectId, saved: &Content) -> Result<ReadBack> {
    let stored = host.read(saved.representation, object, false)?;
    if matches!(&stored, Stored::Present(bytes) if *bytes == saved.to_save) {
        // Byte for byte what was saved: its canonical form is the same.
        return Ok(ReadBack { losses: Losses::default(), canonical: None, hash: saved.hash.clone() });
    }
    match Ours::of(object, saved.representation, &stored)? {
        Ours::Document { canonical, hash } => {
            Ok(ReadBack { losses: losses(&saved.canonical, &canonical), canonical: Some(canonical), hash })
        }
        Ours::Absent | Ours::Removed => Err(not_done(object, "saved it, but does not give it when read back")),
    }
}

/// Looks whether an object that was removed is gone. Errors: `Host` also when it is not.
pub(crate) fn confirm_removed(host: &mut dyn Host, object: &ObjectId, representation: Representation) -> Result<()> {
    match host.read(representation, object, false)? {
        Stored::Present(_) => Err(not_done(object, "removed it, but still gives it when read back")),
        Stored::Absent | Stored::Removed => Ok(()),
    }
}

fn not_done(object: &ObjectId, what: &str) -> Error {
    Error::new(ErrorKind::Host, format!("{object}: this server {what}"))
}
