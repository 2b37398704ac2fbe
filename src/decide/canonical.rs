//! The canonical form of a document: what is left when everything is taken away that servers make themselves, so that
//! two documents with the same content have the same hash. Versioned: a hash is only ever compared with one of the same
//! version, representation and side.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::event::Representation;
use crate::json;

/// Raised by every release that changes the rules below.
pub const VERSION: u32 = 4;

/// The oldest version whose form can still be made: that of the release before, 0.1.0. Agreements in it are carried over, and
/// nodes of that release are spoken to in it.
pub const OLDEST_VERSION: u32 = 3;

/// Fields that an OpenMRS REST server makes: links, who and when, localised labels, the age, which changes by itself, and
/// the datatype of an observation's concept, which is no part of the observation.
const REST_SERVER_FIELDS: [&str; 11] = [
    "links",
    "auditInfo",
    "creator",
    "dateCreated",
    "personCreator",
    "personDateCreated",
    "display",
    "resourceVersion",
    "age",
    "voidReason",
    DATATYPE,
];

/// Fields of OpenMRS REST documents that hold a date or a time of day only. A server writes them with its own zone, which
/// they don't have, and a birth time with the date of birth or with none: only this part of the text counts.
const REST_LOCAL_FIELDS: [(&str, Range<usize>); 2] = [("birthdate", 0..10), ("birthtime", 11..19)];

/// The value of an observation that is a date, a time of day or both: which of them, its concept's datatype tells.
const VALUE_DATETIME: &str = "valueDatetime";

/// The kind of value that a concept asks for.
const DATATYPE: &str = "datatype";

/// The datatypes of values that have no zone, under OpenMRS's own uuids (`ConceptDatatype`), and what counts of their text.
const LOCAL_DATATYPES: [(&str, Range<usize>); 2] =
    [("8d4a505e-c2cc-11de-8d13-0010c6dffd0f", 0..10), ("8d4a591e-c2cc-11de-8d13-0010c6dffd0f", 11..19)];

/// The name of an object.
const NAME: &str = "name";

/// The generated text of a FHIR resource.
const NARRATIVE: &str = "text";

/// Where a FHIR resource tells of itself.
const META: &str = "meta";

/// `Resource.meta` fields that a FHIR server makes.
const FHIR_SERVER_META: [&str; 2] = ["versionId", "lastUpdated"];

/// `Resource.meta` lists whose order means nothing (FHIR R4, Meta).
const FHIR_META_SETS: [&str; 3] = ["tag", "security", "profile"];

/// The members of an Observation that is a group (FHIR R4, Observation.hasMember).
const GROUP_MEMBERS: &str = "hasMember";

/// The value of an Observation in words. OpenMRS, whose groups have no value of their own, writes those of the members
/// here, in any order (`Obs.getValueAsString`).
const VALUE_IN_WORDS: &str = "valueString";

/// The text that OpenMRS puts between the members' values.
const BETWEEN_VALUES: &str = ", ";

/// The tag by which a FHIR server says that an answer to `_summary` lacks the narrative.
const SUBSETTED: &str = "SUBSETTED";

/// Few resources are larger, so that their text is seldom moved while it grows.
const USUAL_BYTES: usize = 4096;

/// The most differing paths that are named.
const MOST_PATHS: usize = 50;

/// The document as it is to be saved, as JSON: without the narrative and the marks of the answer that it came in.
pub fn to_save(representation: Representation, document: &Value) -> Vec<u8> {
    match (representation, document) {
        (Representation::Fhir, Value::Object(resource)) => {
            json_bytes(&Fields(without_transport(resource).iter().map(|(name, field)| (*name, field))))
        }
        _ => json_bytes(document),
    }
}

/// The canonical form, as JSON. Nothing of the document is copied on the way.
pub fn canonical(representation: Representation, document: &Value) -> Vec<u8> {
    match (representation, document) {
        (Representation::Fhir, Value::Object(resource)) => {
            let mut fields = without_transport(resource);
            let is_group = resource.contains_key(GROUP_MEMBERS);
            for (name, field) in &mut fields {
                match *name {
                    META => sort_meta_sets(field.to_mut()),
                    VALUE_IN_WORDS if is_group => sort_values(field.to_mut()),
                    _ => {}
                }
            }
            let fields = fields.iter().map(|(name, field)| (*name, field.as_ref()));
            json_bytes(&Fields(FHIR_RULES.fields(fields)))
        }
        (Representation::Rest, Value::Object(fields)) if follows_a_person(fields) => {
            json_bytes(&Fields(REST_RULES.fields_of(fields).filter(|(name, _)| *name != NAME)))
        }
        (Representation::Fhir, _) => json_bytes(&Canonical::of(document, &FHIR_RULES)),
        (Representation::Rest, _) => json_bytes(&Canonical::of(document, &REST_RULES)),
    }
}

/// Returns true if documents can be compared by that version of their form.
pub fn is_known(version: u32) -> bool {
    (OLDEST_VERSION..=VERSION).contains(&version)
}

/// Returns true if documents of that representation may have another form in that version than today. Version 3 differs only in
/// REST.
pub fn differs(version: u32, representation: Representation) -> bool {
    version != VERSION && representation == Representation::Rest
}

/// The hash of a document in a version that is known.
pub fn hash_at(version: u32, representation: Representation, document: &Value) -> String {
    if !differs(version, representation) {
        return hash(&canonical(representation, document));
    }
    // Views did not ask for the datatype of an observation's concept, and the name of a provider was content.
    let mut document = document.clone();
    if let Some(Value::Object(concept)) = document.get_mut("concept") {
        concept.remove(DATATYPE);
    }
    hash(&json_bytes(&Canonical::of(&document, &REST_RULES)))
}

/// The document without what OpenMRS derives from another object, and what servers make of it by themselves: a merge must not
/// take these for an edit.
pub fn without_derived(representation: Representation, document: Value) -> Value {
    let Value::Object(mut fields) = document else { return document };
    Value::Object(match representation {
        Representation::Fhir => {
            let told = without_transport(&fields).into_iter();
            told.map(|(name, field)| (name.to_string(), field.into_owned())).collect()
        }
        Representation::Rest => {
            if follows_a_person(&fields) {
                fields.remove(NAME);
            }
            fields
        }
    })
}

/// Returns true if the object has the name of a person: a provider who is one. It changes with the person, without an event.
fn follows_a_person(fields: &Map<String, Value>) -> bool {
    fields.contains_key(NAME) && fields.get("person").is_some_and(|person| !REST_RULES.is_empty(person))
}

/// SHA-256 of a canonical document, in lower-case hex.
pub fn hash(canonical: &[u8]) -> String {
    let digest = Sha256::digest(canonical);
    let mut hex = String::with_capacity(2 * digest.len());
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    hex.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    hex
}

/// Faster than `to_string`, which goes through a formatter piece by piece.
fn json_bytes(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    match serde_json::to_writer(&mut bytes, document) {
        Ok(()) => bytes,
        // Never of a document, whose keys are texts.
        Err(_) => Vec::new(),
    }
}

/// Where two canonical documents differ, as JSON paths such as `identifier[1].value`; at most 50.
pub fn differences(expected: &[u8], found: &[u8]) -> Vec<String> {
    let mut paths = Vec::new();
    each_difference(expected, found, &mut |path, _, _| paths.push(path.to_string()));
    paths
}

/// The same, with what is expected and what is found there; null where there is nothing.
pub(super) fn each_difference(expected: &[u8], found: &[u8], told: &mut dyn FnMut(&str, &Value, &Value)) {
    if expected != found {
        let mut left = MOST_PATHS;
        walk_differences((&parsed(expected), &parsed(found)), "", &mut left, told);
    }
}

fn parsed(canonical: &[u8]) -> Value {
    // A value that cannot be read differs from all others.
    json::read_group(canonical).unwrap_or_default()
}

/// The fields of a resource, of which only `meta` is copied: a document is much larger.
fn without_transport(resource: &Map<String, Value>) -> Vec<(&str, Cow<'_, Value>)> {
    let told = resource.iter().filter(|(name, _)| *name != NARRATIVE);
    told.filter_map(|(name, field)| match field {
        Value::Object(meta) if name == META => without_server_meta(meta).map(|meta| (META, Cow::Owned(meta))),
        field => Some((name.as_str(), Cow::Borrowed(field))),
    })
    .collect()
}

/// None when nothing is left.
fn without_server_meta(meta: &Map<String, Value>) -> Option<Value> {
    let told = meta.iter().filter(|(name, _)| !FHIR_SERVER_META.contains(&name.as_str()));
    let mut meta: Map<String, Value> = told.map(|(name, field)| (name.clone(), field.clone())).collect();
    if let Some(Value::Array(tags)) = meta.get_mut("tag") {
        tags.retain(|tag| tag.get("code").and_then(Value::as_str) != Some(SUBSETTED));
        if tags.is_empty() {
            meta.remove("tag");
        }
    }
    (!meta.is_empty()).then_some(Value::Object(meta))
}

fn sort_meta_sets(meta: &mut Value) {
    for set in FHIR_META_SETS {
        if let Some(Value::Array(items)) = meta.get_mut(set) {
            items.sort_by_cached_key(Value::to_string);
        }
    }
}

fn sort_values(words: &mut Value) {
    if let Value::String(words) = words {
        let mut values: Vec<&str> = words.split(BETWEEN_VALUES).collect();
        values.sort_unstable();
        *words = values.join(BETWEEN_VALUES);
    }
}

/// Returns the rules for documents of that representation.
pub(super) fn rules(representation: Representation) -> &'static Rules {
    match representation {
        Representation::Fhir => &FHIR_RULES,
        Representation::Rest => &REST_RULES,
    }
}

/// The rules of a representation at every depth.
pub(super) struct Rules {
    /// Fields that servers make.
    server_fields: &'static [&'static str],
    /// The fields that may identify an element of a list, the first that all have.
    identities: &'static [&'static str],
    /// The fields by which a merge tells elements of a list apart, also of one whose order counts.
    pub told_apart_by: &'static [&'static str],
    /// Fields of whose text only a part counts.
    parts: &'static [(&'static str, Range<usize>)],
}

/// A list of references names a set of objects.
const FHIR_RULES: Rules = Rules {
    server_fields: &["display"],
    identities: &["id", "reference"],
    told_apart_by: &["id", "reference", "url"],
    parts: &[],
};

const REST_RULES: Rules = Rules {
    server_fields: &REST_SERVER_FIELDS,
    identities: &["uuid"],
    told_apart_by: &["uuid"],
    parts: &REST_LOCAL_FIELDS,
};

impl Rules {
    /// Returns true if a field counts.
    pub(crate) fn keep(&self, name: &str, field: &Value) -> bool {
        !self.server_fields.contains(&name) && !self.is_empty(field)
    }

    /// Returns true if nothing is left of the value.
    fn is_empty(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            // FHIR has no empty strings, and OpenMRS saves them as none.
            Value::String(text) => text.is_empty(),
            Value::Object(fields) => !fields.iter().any(|(name, field)| self.keep(name, field)),
            Value::Array(items) => items.iter().all(|item| self.is_empty(item)),
            _ => false,
        }
    }

    fn fields<'a>(
        &'a self,
        fields: impl Iterator<Item = (&'a str, &'a Value)> + Clone,
    ) -> impl Iterator<Item = (&'a str, Canonical<'a>)> + Clone {
        let kept = fields.filter(|(name, field)| self.keep(name, field));
        kept.map(|(name, value)| (name, Canonical { value, rules: self, part: self.part_of(name) }))
    }

    /// The same of a whole object, in which one field may tell what counts of another.
    fn fields_of<'a>(
        &'a self,
        object: &'a Map<String, Value>,
    ) -> impl Iterator<Item = (&'a str, Canonical<'a>)> + Clone {
        self.fields(object.iter().map(|(name, field)| (name.as_str(), field))).map(move |(name, canonical)| {
            let part = if name == VALUE_DATETIME { local_part(object) } else { canonical.part };
            (name, Canonical { part, ..canonical })
        })
    }

    /// Returns true if two values of the field of that name have the same canonical form; nothing is as good as what is empty.
    pub(crate) fn same(&self, name: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
        let bytes = |value: &Value| json_bytes(&Canonical { value, rules: self, part: self.part_of(name) });
        let [one, other] = [one, other].map(|value| value.filter(|value| !self.is_empty(value)));
        one == other || matches!((one, other), (Some(one), Some(other)) if bytes(one) == bytes(other))
    }

    /// The field by which the elements of these lists are told apart: the first in which each has a text of its own.
    pub(crate) fn common_identity(&self, lists: &[&[Value]]) -> Option<&'static str> {
        let identifies = |field: &&&'static str| {
            lists.iter().all(|list| {
                let identities: BTreeSet<&str> =
                    list.iter().filter_map(|item| item.get(**field).and_then(Value::as_str)).collect();
                identities.len() == list.len()
            })
        };
        self.told_apart_by.iter().find(identifies).copied()
    }

    fn part_of(&self, name: &str) -> Option<&'static Range<usize>> {
        self.parts.iter().find(|(field, _)| *field == name).map(|(_, part)| part)
    }

    /// Without what is empty; sorted when each element has an identity of its own.
    fn elements<'a>(&self, items: &'a [Value]) -> Vec<&'a Value> {
        let mut elements: Vec<&Value> = items.iter().filter(|item| !self.is_empty(item)).collect();
        // Most lists have one.
        if elements.len() < 2 {
            return elements;
        }
        let identity = |field: &str, item: &&'a Value| item.get(field).and_then(Value::as_str);
        let identified =
            self.identities.iter().find(|field| elements.iter().all(|item| identity(field, item).is_some()));
        if let Some(field) = identified {
            elements.sort_by_key(|item| identity(field, item));
        }
        elements
    }
}

/// Writes names and values as an object.
struct Fields<I>(I);

impl<K: Serialize, V: Serialize, I: Iterator<Item = (K, V)> + Clone> Serialize for Fields<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}

/// Writes a value in its canonical form: without the fields that servers make and everything empty, with instants in UTC
/// and lists sorted whose elements all have an identity of their own. Keys are sorted: serde_json's map is a BTreeMap here.
struct Canonical<'a> {
    value: &'a Value,
    rules: &'a Rules,
    /// The part of a text that counts; all of it when there is none, or when the text does not reach so far.
    part: Option<&'static Range<usize>>,
}

impl<'a> Canonical<'a> {
    fn of(value: &'a Value, rules: &'a Rules) -> Canonical<'a> {
        Canonical { value, rules, part: None }
    }

    fn text(&self, text: &'a str) -> Cow<'a, str> {
        if let Some(part) = self.part.and_then(|part| text.get(part.clone())) {
            return Cow::Borrowed(part);
        }
        match parse_instant(text) {
            Some(instant) => Cow::Owned(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => Cow::Borrowed(text),
        }
    }
}

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rules = self.rules;
        match self.value {
            Value::Object(fields) => serializer.collect_map(rules.fields_of(fields)),
            Value::Array(items) => {
                serializer.collect_seq(rules.elements(items).into_iter().map(|value| Canonical::of(value, rules)))
            }
            Value::String(text) => serializer.serialize_str(&self.text(text)),
            other => other.serialize(serializer),
        }
    }
}

/// Returns the part that counts of the value of an observation whose concept asks for a date or for a time of day; None for others.
fn local_part(object: &Map<String, Value>) -> Option<&'static Range<usize>> {
    let datatype = object.get("concept")?.get(DATATYPE)?.get("uuid")?.as_str()?;
    LOCAL_DATATYPES.iter().find(|(local, _)| *local == datatype).map(|(_, part)| part)
}

/// A date with time and zone, as FHIR (`+03:00`, `Z`) and OpenMRS REST (`+0300`) write it.
pub(super) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    if !(20..=40).contains(&bytes.len()) || bytes.get(4) != Some(&b'-') || bytes.get(10) != Some(&b'T') {
        return None;
    }
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|instant| instant.with_timezone(&Utc))
}

fn walk_differences(
    (expected, found): (&Value, &Value),
    path: &str,
    left: &mut usize,
    told: &mut dyn FnMut(&str, &Value, &Value),
) {
    if *left == 0 || expected == found {
        return;
    }
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names: std::collections::BTreeSet<_> = expected.keys().chain(found.keys()).collect();
            for name in names {
                let place = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let (ours, theirs) = (expected.get(name), found.get(name));
                let both = (ours.unwrap_or(&Value::Null), theirs.unwrap_or(&Value::Null));
                walk_differences(both, &place, left, told);
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            for index in 0..expected.len().max(found.len()) {
                let (ours, theirs) = (expected.get(index), found.get(index));
                let place = format!("{path}[{index}]");
                let both = (ours.unwrap_or(&Value::Null), theirs.unwrap_or(&Value::Null));
                walk_differences(both, &place, left, told);
            }
        }
        _ => {
            *left -= 1;
            told(path, expected, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fhir(document: Value) -> Value {
        parsed(&canonical(Representation::Fhir, &document))
    }

    #[test]
    fn field_made_by_a_fhir_server_does_not_count() {
        let parent = json!({
            "resourceType": "Patient", "id": "p",
            "meta": {"versionId": "7", "lastUpdated": "2026-11-23T06:47:13.000+00:00",
                     "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}]},
            "text": {"status": "generated", "div": "<div/>"},
            "generalPractitioner": [{"reference": "Practitioner/x", "display": "Dr X"}], "contact": [], "photo": null,
            "gender": ""
        });
        let child = json!({
            "resourceType": "Patient", "id": "p", "meta": {"versionId": "1"},
            "generalPractitioner": [{"reference": "Practitioner/x"}]
        });
        assert_eq!(fhir(parent), fhir(child));
    }

    #[test]
    fn the_narrative_and_the_marks_of_an_answer_are_not_saved() {
        let document = json!({
            "resourceType": "Patient", "id": "p", "text": {"div": "<div/>"},
            "meta": {"versionId": "7", "tag": [{"code": "SUBSETTED"}, {"code": "kept"}]}
        });
        let saved: Value = serde_json::from_slice(&to_save(Representation::Fhir, &document)).unwrap();
        assert_eq!(saved, json!({"resourceType": "Patient", "id": "p", "meta": {"tag": [{"code": "kept"}]}}));
    }

    #[test]
    fn instants_are_compared_in_utc_and_decimals_by_their_digits() {
        let one = |period: &str, weight: &str| {
            fhir(serde_json::from_str(&format!(r#"{{"start": "{period}", "value": {weight}}}"#)).unwrap())
        };
        assert_eq!(one("2026-11-20T12:30:00+03:00", "61.5"), one("2026-11-20T09:30:00.000Z", "61.5"));
        assert_eq!(one("2026-11-20T12:30:00.000+0300", "61.5"), one("2026-11-20T09:30:00Z", "61.5"));
        assert_ne!(one("2026-11-20T09:30:00Z", "61.50"), one("2026-11-20T09:30:00Z", "61.5"));
        assert_ne!(one("2026-11-20", "1"), one("2026-11-21", "1"));
    }

    #[test]
    fn list_with_identities_is_compared_by_them_others_in_order() {
        assert_eq!(
            fhir(json!({"name": [{"id": "b", "family": "B"}, {"id": "a", "family": "A"}]})),
            fhir(json!({"name": [{"id": "a", "family": "A"}, {"id": "b", "family": "B"}]}))
        );
        assert_ne!(fhir(json!({"given": ["Ann", "Mary"]})), fhir(json!({"given": ["Mary", "Ann"]})));
    }

    #[test]
    fn group_members_and_their_values_are_compared_in_any_order() {
        let group = |members: [&str; 2], words: &str| {
            let members = members.map(|uuid| json!({"reference": format!("Observation/{uuid}"), "display": words}));
            fhir(json!({"hasMember": members, "valueString": words}))
        };
        assert_eq!(group(["a", "b"], "120.0, sitting"), group(["b", "a"], "sitting, 120.0"));
        assert_ne!(group(["a", "b"], "120.0, sitting"), group(["a", "c"], "120.0, sitting"));
        assert_ne!(group(["a", "b"], "120.0, sitting"), group(["a", "b"], "130.0, sitting"));
        assert_ne!(fhir(json!({"valueString": "a, b"})), fhir(json!({"valueString": "b, a"})));
    }

    #[test]
    fn field_made_by_a_rest_server_does_not_count_at_any_depth() {
        let document = json!({"uuid": "u", "display": "x", "links": [], "resourceVersion": "1.8",
            "auditInfo": {"creator": {"uuid": "c"}}, "creator": {"uuid": "c"}, "dateCreated": "2026-11-20", "person": {"age": 41, "gender": "F", "links": [1], "personCreator": {"uuid": "c"}, "personDateCreated": "2026-11-20"}});
        let canonical = canonical(Representation::Rest, &document);
        assert_eq!(parsed(&canonical), json!({"uuid": "u", "person": {"gender": "F"}}));
    }

    #[test]
    fn value_of_zoneless_datatype_is_compared_as_written() {
        let observation = |datatype: &str, value: &str| {
            let concept = json!({"uuid": "c", "datatype": {"uuid": datatype}});
            canonical(Representation::Rest, &json!({"concept": concept, "valueDatetime": value}))
        };
        let (date, time, instant) = (
            "8d4a505e-c2cc-11de-8d13-0010c6dffd0f",
            "8d4a591e-c2cc-11de-8d13-0010c6dffd0f",
            "8d4a5af4-c2cc-11de-8d13-0010c6dffd0f",
        );
        let nairobi = "2026-03-02T00:00:00.000+0300";
        assert_eq!(observation(date, nairobi), observation(date, "2026-03-02T00:00:00.000+0000"));
        assert_ne!(observation(date, nairobi), observation(date, "2026-03-01T21:00:00.000+0000"));
        assert_eq!(observation(time, nairobi), observation(time, "1970-01-01T00:00:00.000+0000"));
        assert_ne!(observation(time, nairobi), observation(time, "1970-01-01T21:00:00.000+0000"));
        assert_eq!(observation(instant, nairobi), observation(instant, "2026-03-01T21:00:00.000+0000"));
        assert_ne!(observation(instant, nairobi), observation(instant, "2026-03-02T00:00:00.000+0000"));
    }

    #[test]
    fn the_name_of_a_provider_who_is_a_person_is_the_persons() {
        let provider = |person: Value, name: &str| json!({"uuid": "u", "person": person, "name": name});
        let form = |document: &Value| canonical(Representation::Rest, document);
        let (one, other) = (provider(json!({"uuid": "p"}), "Okello"), provider(json!({"uuid": "p"}), "Auma"));
        assert_eq!(form(&one), form(&other));
        assert_eq!(without_derived(Representation::Rest, one.clone()), json!({"uuid": "u", "person": {"uuid": "p"}}));
        let fhir =
            json!({"id": "u", "text": {"div": "told"}, "meta": {"lastUpdated": "2026-11-23T06:47:13.000+00:00"}});
        assert_eq!(without_derived(Representation::Fhir, fhir), json!({"id": "u"}));
        assert_ne!(hash_at(3, Representation::Rest, &one), hash_at(3, Representation::Rest, &other));
        for nobody in [json!(null), json!({})] {
            let (one, other) = (provider(nobody.clone(), "Okello"), provider(nobody, "Auma"));
            assert_ne!(form(&one), form(&other));
            assert_eq!(without_derived(Representation::Rest, one.clone()), one);
        }
    }

    #[test]
    fn a_hash_is_sha_256_in_lower_case_hex() {
        assert_eq!(hash(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    /// As release 0.1.0 hashed them.
    #[test]
    fn documents_have_the_hash_of_the_release_before() {
        let date = json!({"uuid": "o", "concept": {"uuid": "c"}, "valueDatetime": "2026-03-02T00:00:00.000+0300"});
        let with_datatype = json!({"uuid": "o", "valueDatetime": "2026-03-02T00:00:00.000+0300",
            "concept": {"uuid": "c", "datatype": {"uuid": "8d4a505e-c2cc-11de-8d13-0010c6dffd0f"}}});
        let before = hash(br#"{"concept":{"uuid":"c"},"uuid":"o","valueDatetime":"2026-03-01T21:00:00Z"}"#);
        assert_eq!(hash_at(3, Representation::Rest, &date), before);
        assert_eq!(hash_at(3, Representation::Rest, &with_datatype), before);
        assert_ne!(hash_at(4, Representation::Rest, &with_datatype), before);
        let patient = json!({"resourceType": "Patient", "id": "p"});
        assert_eq!(hash_at(3, Representation::Fhir, &patient), hash_at(4, Representation::Fhir, &patient));
    }

    #[test]
    fn the_datatype_of_a_concept_is_no_part_of_an_observation() {
        let observation = |concept| canonical(Representation::Rest, &json!({"concept": concept, "valueNumeric": 1.5}));
        assert_eq!(
            observation(json!({"uuid": "c"})),
            observation(json!({"uuid": "c", "datatype": {"uuid": "8d4a4488-c2cc-11de-8d13-0010c6dffd0f"}}))
        );
    }

    #[test]
    fn dates_without_a_zone_are_compared_as_they_are_written() {
        let person = |birthdate: &str, birthtime: &str, death: &str| {
            let document = json!({"birthdate": birthdate, "birthtime": birthtime, "deathDate": death});
            parsed(&canonical(Representation::Rest, &document))
        };
        let nairobi =
            person("1980-02-29T00:00:00.000+0300", "1980-02-29T09:30:00.000+0300", "2026-11-20T12:30:00.000+0300");
        let lima =
            person("1980-02-29T00:00:00.000-0500", "1970-01-01T09:30:00.000-0500", "2026-11-20T04:30:00.000-0500");
        assert_eq!(nairobi, lima);
        assert_eq!(
            nairobi,
            json!({"birthdate": "1980-02-29", "birthtime": "09:30:00", "deathDate": "2026-11-20T09:30:00Z"})
        );
    }

    #[test]
    fn differences_are_named_by_path() {
        let paths = differences(
            br#"{"a": 1, "b": [{"c": 1}, {"c": 2}], "gone": {"x": 1}}"#,
            br#"{"a": 1, "b": [{"c": 1}, {"c": 3}, {"c": 4}]}"#,
        );
        assert_eq!(paths, ["b[1].c", "b[2]", "gone"]);
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,4}|[a-z], [a-z]|2026-0[1-9]-01T0[0-9]:00:00(Z|\\+03:00)".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(
                    "id|uuid|text|meta|display|reference|hasMember|valueString|[a-c]",
                    inner,
                    0..4
                )
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_of_a_canonical_form_is_itself(document in documents()) {
            for representation in [Representation::Fhir, Representation::Rest] {
                let once = canonical(representation, &document);
                prop_assert_eq!(canonical(representation, &parsed(&once)), once);
            }
        }

        #[test]
        fn saved_document_has_the_canonical_form_of_the_one_that_came(document in documents()) {
            for representation in [Representation::Fhir, Representation::Rest] {
                let saved = parsed(&to_save(representation, &document));
                prop_assert_eq!(canonical(representation, &saved), canonical(representation, &document));
            }
        }

        #[test]
        fn documents_are_equal_exactly_when_no_path_differs(left in documents(), right in documents()) {
            let (left, right) = (canonical(Representation::Fhir, &left), canonical(Representation::Fhir, &right));
            prop_assert_eq!(differences(&left, &right).is_empty(), left == right);
        }
    }
}
