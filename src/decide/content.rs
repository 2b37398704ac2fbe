//! A document in the forms that are needed of it before it is decided on.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::canonical::{self, canonical};
use super::references::references;
use crate::event::{ObjectId, Representation};
use crate::json;

/// The system of the tags by which OpenMRS's FHIR module tells encounters from visits.
const ENCOUNTER_TAG: &str = "http://fhir.openmrs.org/ext/encounter-tag";

/// The document that another node gave for an object. Patient data.
#[derive(Debug)]
pub struct Content {
    /// The representation that the document came in.
    pub representation: Representation,
    /// True if it says itself that the object was voided.
    pub says_removed: bool,
    /// Why, in its author's words, where it says so.
    pub void_reason: Option<String>,
    /// As it is to be saved, JSON.
    pub to_save: Vec<u8>,
    /// Its canonical form, JSON.
    pub canonical: Vec<u8>,
    /// The canonical form's hash.
    pub hash: String,
    /// The other objects that it refers to.
    pub references: BTreeSet<ObjectId>,
    /// When it was written, milliseconds since 1970 by its server's clock; nothing when it does not say so.
    pub changed_at: Option<i64>,
}

impl Content {
    /// The forms of that object's document.
    pub fn of(representation: Representation, object: &ObjectId, document: &Value) -> Content {
        let canonical = canonical(representation, document);
        Content {
            representation,
            says_removed: says_removed(representation, document),
            void_reason: void_reason(representation, document),
            to_save: canonical::to_save(representation, document),
            hash: canonical::hash(&canonical),
            canonical,
            references: references(representation, object, document),
            changed_at: changed_at(representation, document),
        }
    }
}

impl Content {
    /// Its hash in a version of the canonical form that is known.
    pub fn hash_at(&self, version: u32) -> Cow<'_, str> {
        if !canonical::differs(version, self.representation) {
            return Cow::Borrowed(&self.hash);
        }
        // JSON that was written here can be read.
        let document: Value = serde_json::from_slice(&self.to_save).unwrap_or_default();
        Cow::Owned(canonical::hash_at(version, self.representation, &document))
    }

    /// Returns the bytes that are saved, and their representation.
    pub fn as_saved(&self) -> (Representation, &[u8]) {
        (self.representation, &self.to_save)
    }
}

/// FHIR has no place for it.
fn void_reason(representation: Representation, document: &Value) -> Option<String> {
    let field = if representation == Representation::Rest { document.get("voidReason") } else { None };
    field.and_then(Value::as_str).map(str::to_string)
}

/// When a document was written, milliseconds since 1970 by its server's clock. OpenMRS's REST documents don't say it.
pub fn changed_at(representation: Representation, document: &Value) -> Option<i64> {
    let written = match representation {
        Representation::Fhir => document.get("meta").and_then(|meta| meta.get("lastUpdated")),
        Representation::Rest => None,
    };
    written.and_then(Value::as_str).and_then(canonical::parse_instant).map(|instant| instant.timestamp_millis())
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
        Representation::Fhir if !has_sane_decimals("", document) => Some("has a decimal that no server can work with"),
        Representation::Rest if field("uuid") != Some(&object.uuid) => Some("has another uuid"),
        _ => None,
    }
}

/// Elements of FHIR that hold a decimal, and that a FHIR server reads as one also where it is written as a text. `value` is
/// one in all but identifiers and contact points.
const DECIMALS: [&str; 13] = [
    "value",
    "valueDecimal",
    "valueInteger",
    "latitude",
    "longitude",
    "altitude",
    "duration",
    "durationMax",
    "period",
    "periodMax",
    "factor",
    "lowerLimit",
    "upperLimit",
];
const WITH_VALUES_IN_WORDS: [&str; 7] = [
    "identifier",
    "valueIdentifier",
    "masterIdentifier",
    "groupIdentifier",
    "requisition",
    "telecom",
    "valueContactPoint",
];

/// Returns true if every decimal that is written as a text is one that can be worked with. Those that are written as numbers were
/// looked at when the document was read.
fn has_sane_decimals(element: &str, content: &Value) -> bool {
    match content {
        Value::Object(fields) => fields.iter().all(|(name, field)| match field {
            Value::String(text) if is_decimal(element, name) => {
                let text = text.trim();
                !json::is_number(text) || json::is_sane_number(text)
            }
            field => has_sane_decimals(name, field),
        }),
        Value::Array(items) => items.iter().all(|item| has_sane_decimals(element, item)),
        _ => true,
    }
}

fn is_decimal(element: &str, field: &str) -> bool {
    DECIMALS.contains(&field) && !(field == "value" && WITH_VALUES_IN_WORDS.contains(&element))
}

/// OpenMRS's FHIR module gives visits as Encounters with this tag.
pub fn is_visit(document: &Value) -> bool {
    let tags = document.get("meta").and_then(|meta| meta.get("tag")).and_then(Value::as_array);
    tags.is_some_and(|tags| tags.iter().any(|tag| tag["system"] == ENCOUNTER_TAG && tag["code"] == "visit"))
}

/// Returns true if an OpenMRS REST document says itself that the object was voided. `retired` is content like any other: retired
/// metadata is no longer offered for new data, but old data goes on referring to it.
pub fn says_removed(representation: Representation, document: &Value) -> bool {
    representation == Representation::Rest && document.get("voided") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Category;

    fn mismatch_of(fields: Value) -> Option<&'static str> {
        let mut document = json!({"resourceType": "Patient", "id": "p1"});
        if let (Value::Object(document), Value::Object(fields)) = (&mut document, fields) {
            document.extend(fields);
        }
        let object = ObjectId { category: Category::patient(), uuid: "p1".to_string() };
        mismatch(Representation::Fhir, &object, &document)
    }

    #[test]
    fn decimal_string_beyond_limits_is_refused_wherever_it_is_read() {
        for fields in [
            json!({"valueQuantity": {"value": "1e20000000"}}),
            json!({"component": [{"valueQuantity": {"value": " 1E+2000 "}}]}),
            json!({"position": {"latitude": "-1e999"}}),
            json!({"extension": [{"valueDecimal": "9".repeat(101)}]}),
            json!({"identifier": [{"value": "A1", "extension": [{"valueDecimal": "1e999"}]}]}),
        ] {
            assert!(mismatch_of(fields.clone()).is_some(), "{fields}");
        }
    }

    #[test]
    fn text_that_only_looks_like_a_number_is_kept() {
        for fields in [
            json!({"identifier": [{"value": "12E4567"}]}),
            json!({"telecom": [{"value": "9".repeat(200)}]}),
            json!({"valueString": "1e20000000"}),
            json!({"valueQuantity": {"value": "1.5"}}),
            json!({"period": {"start": "2020-01-01"}}),
            json!({"value": "2020-01-01"}),
        ] {
            assert_eq!(mismatch_of(fields.clone()), None, "{fields}");
        }
    }
}
