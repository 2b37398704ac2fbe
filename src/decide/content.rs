//! A document in the forms that are needed of it before it is decided on.

use std::collections::BTreeSet;

use serde_json::Value;

use super::canonical::{self, canonical};
use super::references::references;
use crate::event::{ObjectId, Representation};

/// The system of the tags by which OpenMRS's FHIR module tells encounters from visits.
const ENCOUNTER_TAG: &str = "http://fhir.openmrs.org/ext/encounter-tag";

/// What another node gave for an object. Patient data.
#[derive(Debug)]
pub struct Content {
    pub representation: Representation,
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

impl Content {
    /// The forms of that object's document.
    pub fn of(representation: Representation, object: &ObjectId, document: &Value) -> Content {
        let canonical = canonical(representation, document);
        Content {
            representation,
            says_removed: says_removed(representation, document),
            to_save: canonical::to_save(representation, document),
            hash: canonical::hash(&canonical),
            canonical,
            references: references(representation, object, document),
        }
    }
}

/// Why a document is not that of the object; None when it is.
pub fn mismatch(representation: Representation, object: &ObjectId, document: &Value) -> Option<&'static str> {
    let field = |name: &str| document.get(name).and_then(Value::as_str);
    match representation {
        Representation::Fhir if field("resourceType") != object.category.fhir_type() => {
            Some("is a resource of another type")
        }
        Representation::Fhir if field("id") != Some(&object.uuid) => Some("has another id"),
        Representation::Fhir if is_visit(document) => Some("is a visit, which only the category visit brings"),
        Representation::Rest if field("uuid") != Some(&object.uuid) => Some("has another uuid"),
        _ => None,
    }
}

/// OpenMRS's FHIR module gives visits as Encounters with this tag.
fn is_visit(document: &Value) -> bool {
    let tags = document.pointer("/meta/tag").and_then(Value::as_array);
    tags.is_some_and(|tags| tags.iter().any(|tag| tag["system"] == ENCOUNTER_TAG && tag["code"] == "visit"))
}

/// Whether an OpenMRS REST document says itself that the object was voided. `retired` is content like any other: retired
/// metadata is no longer offered for new data, but old data goes on referring to it.
pub fn says_removed(representation: Representation, document: &Value) -> bool {
    representation == Representation::Rest && document.get("voided") == Some(&Value::Bool(true))
}
