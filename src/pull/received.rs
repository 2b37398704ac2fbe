//! What the parent gave for an object, worked out where it was fetched: the calling thread, which saves, is the one that
//! everything waits for.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::audit::Origin;
use crate::decide::canonical;
use crate::decide::references::references;
use crate::error::Error;
use crate::event::{ObjectId, Representation};
use crate::resource::{Document, Fetched};

/// What became of one object that was asked for.
#[derive(Debug)]
pub(super) enum Received {
    Document(Box<Incoming>),
    /// The parent says with 410 that it is no longer there.
    Gone {
        url: String,
    },
    /// It could not be had.
    Failed(Error),
}

/// A document of the parent in the forms that are needed of it.
#[derive(Debug)]
pub(super) struct Incoming {
    pub origin: Origin,
    /// Whether it says itself that the object was voided.
    pub says_removed: bool,
    /// As it is to be saved, JSON.
    pub to_save: Vec<u8>,
    /// Its canonical form, JSON.
    pub canonical: Vec<u8>,
    /// The canonical form's hash.
    pub hash: String,
    /// The other objects that it refers to.
    pub references: BTreeSet<ObjectId>,
}

impl Received {
    pub fn of(object: &ObjectId, fetched: Fetched) -> Received {
        match fetched {
            Fetched::Document(document) => Received::Document(Box::new(Incoming::of(object, document))),
            Fetched::Gone { url } => Received::Gone { url },
            Fetched::Failed(error) => Received::Failed(error),
        }
    }
}

impl Incoming {
    fn of(object: &ObjectId, document: Document) -> Incoming {
        let Document { representation, client, url, json } = document;
        let canonical = canonical::canonical(representation, &json);
        Incoming {
            origin: Origin { representation, client: client.to_string(), url },
            says_removed: says_removed(representation, &json),
            to_save: canonical::to_save(representation, &json),
            hash: canonical::hash(&canonical),
            canonical,
            references: references(representation, object, &json),
        }
    }
}

/// Whether an OpenMRS REST document says itself that the object was voided. `retired` is content like any other: retired
/// metadata is no longer offered for new data, but old data goes on referring to it.
fn says_removed(representation: Representation, document: &Value) -> bool {
    representation == Representation::Rest && document.get("voided") == Some(&Value::Bool(true))
}
