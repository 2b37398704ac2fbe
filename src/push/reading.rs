//! The versions here of the objects of a batch: the documents, and what is known of the parent's side of them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::SyncPushService;
use crate::decide::conflict::Version;
use crate::decide::content::{Content, says_removed};
use crate::defect::caught;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{ObjectId, by_category};
use crate::filter::Filter;
use crate::host::{Host, Stored};
use crate::resource::{Fetched, GroupReply};
use crate::saving::{expect_reads, parse_stored};
use crate::store::bases::{self, Base};
use crate::store::object_states::ObjectState;
use crate::store::pending::PendingHashes;
use crate::store::{conflicts, object_states, pending, transaction, unheard};

/// The memory of objects. Read before the documents, and compared again before anything is sent: in between a pull
/// may have agreed on another version with the parent.
pub(super) struct Known {
    pub states: HashMap<ObjectId, ObjectState>,
    pub pending: HashMap<ObjectId, PendingHashes>,
    /// The documents of the agreement, where the two sides have them not alike.
    pub unlike: HashMap<ObjectId, Base>,
    /// Of which the parent has yet to hear that a conflict is over.
    pub unheard: HashSet<ObjectId>,
    /// The hashes here of those that were never agreed on when the parent said that it had removed them. Until somebody decides
    /// they are in dispute: sent again as if the parent had never seen them, they would be brought back there.
    pub removed_there: HashMap<ObjectId, String>,
}

impl Known {
    pub(crate) fn read(host: &mut dyn Host, objects: &[ObjectId]) -> Result<Known> {
        transaction::read(host, |host| {
            let states = object_states::get_all(host, objects)?;
            let agreed: Vec<ObjectId> = states.keys().cloned().collect();
            let unlike = bases::get_all_unlike(host, &agreed)?;
            let unheard = unheard::get_all(host, objects)?;
            let pending = pending::get_all(host, objects)?;
            let never_agreed = objects.iter().filter(|object| !states.contains_key(object)).cloned();
            let removed_there = removed_there(host, &never_agreed.collect::<Vec<_>>())?;
            Ok(Known { states, pending, unlike, unheard, removed_there })
        })
    }
}

fn removed_there(host: &mut dyn Host, objects: &[ObjectId]) -> Result<HashMap<ObjectId, String>> {
    let open = conflicts::get_all(host, objects)?.into_values().filter(|conflict| conflict.theirs_hash.is_none());
    Ok(open.filter_map(|conflict| Some((conflict.object, conflict.ours_hash?))).collect())
}

/// The version here of one object.
pub(super) enum Ours {
    Absent,
    Removed,
    Document(Content),
    /// The filters leave it out now that it is known.
    LeftOut,
    /// It could not be read.
    Failed(Error),
}

impl Ours {
    /// The hash of the document, if it is here, in that version of the canonical form.
    pub(crate) fn hash_at(&self, version: u32) -> Option<String> {
        match self {
            Ours::Document(document) => Some(document.hash_at(version).into_owned()),
            Ours::Absent | Ours::Removed | Ours::LeftOut | Ours::Failed(_) => None,
        }
    }

    /// As it is decided on, by its hash.
    pub(crate) fn version<'a>(&self, hash: Option<&'a str>) -> Version<'a> {
        match self {
            Ours::Document(_) => hash.map_or(Version::Absent, Version::Document),
            Ours::Removed => Version::Removed,
            Ours::Absent | Ours::LeftOut | Ours::Failed(_) => Version::Absent,
        }
    }

    /// The document, if it is here.
    pub(crate) fn document(self) -> Option<Content> {
        match self {
            Ours::Document(document) => Some(document),
            Ours::Absent | Ours::Removed | Ours::LeftOut | Ours::Failed(_) => None,
        }
    }
}

impl SyncPushService<'_> {
    /// Reads the objects, by the host or at this server's own addresses. What cannot be read is the failure of that object.
    ///
    /// Errors: what stops the run.
    pub(super) fn read_here(&mut self, host: &mut dyn Host, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Ours>> {
        match self.local.clone() {
            None => self.read_in_process(host, objects),
            Some(_) => self.read_over_http(host, objects),
        }
    }

    /// All in one transaction; when one cannot be read, each in its own, so that it is known which.
    fn read_in_process(&self, host: &mut dyn Host, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Ours>> {
        host.begin()?;
        let expected = objects.iter().map(|object| (self.config.representation(object.category), object));
        let read: Result<Vec<Stored>> = expect_reads(host, expected)
            .and_then(|()| objects.iter().map(|object| self.stored(host, object)).collect());
        host.rollback();
        let stored = match read {
            Ok(stored) => stored.into_iter().map(Ok).collect(),
            Err(_) => objects.iter().map(|object| self.stored_alone(host, object)).collect::<Result<Vec<_>>>()?,
        };
        objects
            .iter()
            .zip(stored)
            .map(|(object, stored)| Ok((object.clone(), caught(|| self.ours(object, stored)).or_else(of_the_object)?)))
            .collect()
    }

    fn stored(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Stored> {
        host.read(self.config.representation(object.category), object, false)
    }

    /// Errors of the outer result: there is no transaction to be had, so the object is not to blame.
    fn stored_alone(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Result<Stored>> {
        host.begin()?;
        let stored = self.stored(host, object);
        host.rollback();
        Ok(stored)
    }

    fn ours(&self, object: &ObjectId, stored: Result<Stored>) -> Result<Ours> {
        match stored {
            Ok(Stored::Absent) => Ok(Ours::Absent),
            Ok(Stored::Removed) => Ok(Ours::Removed),
            Err(error) => Ok(Ours::Failed(error)),
            Ok(Stored::Present(bytes)) => match parse_stored(object, &bytes) {
                Ok(json) => self.document(object, &json),
                Err(error) => Ok(Ours::Failed(error)),
            },
        }
    }

    fn document(&self, object: &ObjectId, json: &Value) -> Result<Ours> {
        if !self.parts.filters.wants_document(object, json) {
            return Ok(Ours::LeftOut);
        }
        let representation = self.config.representation(object.category);
        let document = Content::of(representation, object, json);
        for filter in &self.parts.host_filters {
            match filter.wants_document(representation, object, &document.to_save) {
                Ok(true) => {}
                Ok(false) => return Ok(Ours::LeftOut),
                Err(error) if error.kind.stops_run() => return Err(error),
                Err(error) => return Ok(Ours::Failed(error)),
            }
        }
        Ok(Ours::Document(document))
    }

    fn read_over_http(&mut self, host: &mut dyn Host, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Ours>> {
        let Some(local) = self.local.clone() else { return Ok(HashMap::new()) };
        let mut ours = HashMap::new();
        for (category, uuids) in by_category(objects) {
            let outcome = self.run.wait(host, local.fetch(category, &uuids)).map_err(of_this_server)?;
            let fetched = match outcome {
                GroupReply::Objects(fetched) => fetched,
                GroupReply::CategoryClosed(error) => vec![Fetched::Failed(error); uuids.len()],
            };
            for (uuid, fetched) in uuids.into_iter().zip(fetched) {
                let object = ObjectId { category, uuid };
                let one = caught(|| self.fetched(&object, fetched)).or_else(of_the_object)?;
                ours.insert(object, one);
            }
        }
        Ok(ours)
    }

    fn fetched(&self, object: &ObjectId, fetched: Fetched) -> Result<Ours> {
        match fetched {
            Fetched::Gone { .. } => Ok(Ours::Removed),
            Fetched::Failed(error) if error.kind == ErrorKind::NotFound => Ok(Ours::Absent),
            Fetched::Failed(error) => Ok(Ours::Failed(of_this_server(error))),
            Fetched::Document(document) if says_removed(document.representation, &document.json) => Ok(Ours::Removed),
            Fetched::Document(document) => self.document(object, &document.json),
        }
    }
}

/// A defect that an object shows is that object's failure. Errors: all others, which stop the run.
fn of_the_object(error: Error) -> Result<Ours> {
    if error.kind == ErrorKind::Internal { Ok(Ours::Failed(error)) } else { Err(error) }
}

/// The client speaks of whom it asks as the parent.
fn of_this_server(error: Error) -> Error {
    match error.kind {
        ErrorKind::Cancelled | ErrorKind::Closed => error,
        _ => Error {
            message: format!("this server, asked at local.url in the parent's place: {}", error.message),
            ..error
        },
    }
}
