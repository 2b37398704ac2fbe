//! Which encounter, patient and locations a document says that its object belongs to, alike in each representation. And
//! which references a child may send.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::event::{Belongs, Category, ObjectId, Representation, is_object_uuid};

/// Where OpenMRS's FHIR module writes at which location an identifier was given.
const IDENTIFIER_LOCATION: &str = "http://fhir.openmrs.org/ext/patient/identifier#location";

/// The patient and the locations that an object belongs to, as its document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belonging {
    /// The uuid of its encounter.
    pub encounter: Option<String>,
    /// The uuids of its own locations; of a patient those of the identifiers.
    pub locations: BTreeSet<String>,
    /// The uuids of its patients: several for a relationship; for a person, who may be one, its own; for a patient none.
    pub patients: BTreeSet<String>,
}

/// Where an object belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere in particular: what everybody needs, such as the person that a provider is.
    Anywhere,
    /// At these locations, by uuid: those of its encounter, else its own, else its patient's. None for what has no location
    /// at all.
    At(BTreeSet<String>),
}

impl Place {
    /// Returns true if it is at no location.
    pub fn is_nowhere(&self) -> bool {
        matches!(self, Place::At(locations) if locations.is_empty())
    }
}

impl Belonging {
    /// Reads it from that object's document. Only the elements that say it count: a location that is named elsewhere in a
    /// document, such as in an extension, is none of the object's.
    pub fn of(representation: Representation, object: &ObjectId, document: &Value) -> Belonging {
        let mut belonging = match representation {
            Representation::Fhir => of_fhir(document),
            Representation::Rest => of_rest(document),
        };
        let own = |uuid: &str| BTreeSet::from([uuid.to_string()]);
        match object.category.kind().belongs {
            Belongs::AsItSays => {}
            Belongs::ToNoEncounter => belonging.encounter = None,
            Belongs::ToNoPatient => belonging.patients = BTreeSet::new(),
            Belongs::ToItself => belonging = Belonging { patients: own(&object.uuid), ..Belonging::default() },
        }
        belonging
    }
}

fn of_fhir(document: &Value) -> Belonging {
    let encounter = ["encounter", "context"].iter().find_map(|field| fhir_target(document.get(field)?, "Encounter"));
    let patients =
        ["subject", "patient", "for"].iter().filter_map(|field| fhir_target(document.get(field)?, "Patient"));
    let at = |place: &Value| fhir_target(place, "Location").or_else(|| fhir_target(place.get("location")?, "Location"));
    let identifiers = document.get("identifier").into_iter().flat_map(items);
    let extensions = identifiers.flat_map(|identifier| identifier.get("extension").into_iter().flat_map(items));
    let given_at = extensions
        .filter(|extension| extension.get("url").and_then(Value::as_str) == Some(IDENTIFIER_LOCATION))
        .filter_map(|extension| fhir_target(extension.get("valueReference")?, "Location"));
    let own = document.get("location").into_iter().flat_map(items).filter_map(at);
    Belonging { encounter, locations: own.chain(given_at).collect(), patients: patients.collect() }
}

fn of_rest(document: &Value) -> Belonging {
    // Each of them may be a patient.
    let is_person = |kind: Category| matches!(kind.kind().belongs, Belongs::ToNoPatient | Belongs::ToItself);
    let people = document.as_object().into_iter().flatten().map(|(field, _)| field);
    let people = people.filter(|field| Category::of_rest_field(field).is_some_and(is_person));
    let identifiers = document.get("identifiers").into_iter().flat_map(items);
    let given_at = identifiers.filter_map(|identifier| rest_target(identifier, "location"));
    Belonging {
        encounter: rest_target(document, "encounter"),
        locations: rest_target(document, "location").into_iter().chain(given_at).collect(),
        patients: people.filter_map(|field| rest_target(document, field)).collect(),
    }
}

/// A list's items, or the one that stands in its place.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn fhir_target(reference: &Value, fhir_type: &str) -> Option<String> {
    let (kind, uuid) = type_and_id(reference.get("reference")?.as_str()?)?;
    (kind == fhir_type).then(|| uuid.to_string())
}

fn rest_target(document: &Value, field: &str) -> Option<String> {
    let uuid = document.get(field)?.get("uuid")?.as_str().filter(|uuid| is_object_uuid(uuid))?;
    Some(uuid.to_string())
}

/// A relative literal reference, `Type/id` or `Type/id/_history/version` (FHIR R4, References), by its type and id.
pub fn type_and_id(reference: &str) -> Option<(&str, &str)> {
    let mut parts = reference.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    let is_version = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => true,
        (Some("_history"), Some(version), None) => is_object_uuid(version),
        _ => false,
    };
    let is_type = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_version && is_type && is_object_uuid(id)).then_some((kind, id))
}

/// Returns true if a FHIR document refers to anything in another way than by `Type/id`, or to something within itself: a server
/// would look it up by what is written there, such as `Patient?identifier=…`, or fetch it from elsewhere.
pub fn refers_otherwise(representation: Representation, document: &Value) -> bool {
    representation == Representation::Fhir && has_other_reference(document)
}

fn has_other_reference(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, field)| match field {
            Value::String(text) if name == "reference" => !text.starts_with('#') && type_and_id(text).is_none(),
            field => has_other_reference(field),
        }),
        Value::Array(items) => items.iter().any(has_other_reference),
        _ => false,
    }
}

/// The shortest word that is taken for a uuid where no category stands before it.
const SHORTEST_UUID: usize = 32;

/// Words for people without the uuids of which `is_known` says no: each `category/uuid`, and each word that is as long as a
/// uuid, which has no category.
pub fn without_strangers(words: &str, is_known: impl Fn(Option<Category>, &str) -> bool) -> String {
    let mut told = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(start) = rest.find(is_of_name) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|symbol| !is_of_name(symbol)).unwrap_or(from.len()));
        told.push_str(before);
        told.push_str(&known_word(word, &is_known));
        rest = after;
    }
    told.push_str(rest);
    told
}

fn known_word(word: &str, is_known: impl Fn(Option<Category>, &str) -> bool) -> String {
    match named(word) {
        Some(object) if is_known(Some(object.category), &object.uuid) => word.to_string(),
        Some(object) => format!("another {}", object.category),
        None if word.len() < SHORTEST_UUID || is_known(None, word) => word.to_string(),
        None => "another object".to_string(),
    }
}

fn is_of_name(symbol: char) -> bool {
    symbol.is_ascii_alphanumeric() || matches!(symbol, '-' | '_' | '/')
}

fn named(word: &str) -> Option<ObjectId> {
    let (category, uuid) = word.split_once('/')?;
    let category = Category::parse(category)?;
    is_object_uuid(uuid).then(|| ObjectId { category, uuid: uuid.to_string() })
}

/// Every `category/uuid` in words for people.
pub fn named_in(words: &str) -> BTreeSet<ObjectId> {
    words.split(|symbol| !is_of_name(symbol)).filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(category: &str, document: Value) -> (Option<String>, Vec<String>, Vec<String>) {
        let representation = match document.get("resourceType") {
            Some(_) => Representation::Fhir,
            None => Representation::Rest,
        };
        let object = ObjectId { category: Category::parse(category).unwrap(), uuid: "own".into() };
        let Belonging { encounter, locations, patients } = Belonging::of(representation, &object, &document);
        (encounter, locations.into_iter().collect(), patients.into_iter().collect())
    }

    fn expected(encounter: &str, location: &str, patient: &str) -> (Option<String>, Vec<String>, Vec<String>) {
        let given = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        (given(encounter), given(location).into_iter().collect(), given(patient).into_iter().collect())
    }

    #[test]
    fn both_representations_say_the_same() {
        let fhir = json!({"resourceType": "Encounter", "subject": {"reference": "Patient/p"},
                          "location": [{"location": {"reference": "Location/l"}}]});
        let rest = json!({"uuid": "own", "patient": {"uuid": "p"}, "location": {"uuid": "l"}});
        assert_eq!((of("encounter", fhir), of("encounter", rest)), (expected("", "l", "p"), expected("", "l", "p")));
        let fhir = json!({"resourceType": "Observation", "subject": {"reference": "Patient/p"},
                          "encounter": {"reference": "Encounter/e/_history/2"}});
        let rest = json!({"uuid": "own", "person": {"uuid": "p"}, "encounter": {"uuid": "e"}});
        assert_eq!(
            (of("observation", fhir), of("observation", rest)),
            (expected("e", "", "p"), expected("e", "", "p"))
        );
        let fhir = json!({"resourceType": "Patient", "identifier": [{"extension": [
            {"url": IDENTIFIER_LOCATION, "valueReference": {"reference": "Location/l"}}]}]});
        let rest = json!({"uuid": "own", "identifiers": [{"location": {"uuid": "l"}}]});
        assert_eq!((of("patient", fhir), of("patient", rest)), (expected("", "l", ""), expected("", "l", "")));
    }

    #[test]
    fn a_location_in_another_place_is_none_of_the_objects() {
        let elsewhere = json!({"reference": "Location/l"});
        let fhir = json!({"resourceType": "Observation", "subject": {"reference": "Patient/p"},
                          "extension": [{"url": "x", "valueReference": elsewhere}], "performer": [elsewhere]});
        assert_eq!(of("observation", fhir), expected("", "", "p"));
        let rest = json!({"uuid": "own", "person": {"uuid": "p"}, "value": {"location": {"uuid": "l"}}});
        assert_eq!(of("observation", rest), expected("", "", "p"));
        assert_eq!(of("person", json!({"uuid": "own"})), expected("", "", "own"));
    }

    #[test]
    fn only_references_by_type_and_id_are_let_through() {
        let with = |reference: &str| json!({"resourceType": "Observation", "subject": {"reference": reference}});
        let refused = |reference: &str| refers_otherwise(Representation::Fhir, &with(reference));
        for reference in [
            "Patient?identifier=http://x|1",
            "Patient/p?x=y",
            "http://elsewhere/fhir/Patient/p",
            "urn:uuid:8d6c993e-c2cc-11de-8d13-0010c6dffd0f",
            "/Patient/p",
            "Patient/..",
            "Patient/p/_history/1/2",
            "Patient/p/x",
            "p",
            "",
        ] {
            assert!(refused(reference), "{reference}");
        }
        for reference in ["Patient/p", "Patient/p/_history/1", "ServiceRequest/s", "#within"] {
            assert!(!refused(reference), "{reference}");
        }
        assert!(!refers_otherwise(Representation::Rest, &with("Patient?identifier=1")));
    }

    #[test]
    fn objects_are_found_in_words() {
        let words =
            "the identifier 12 is that of patient/a-1, merged into patient/b (person/c). either/or, and/ or x/y/z";
        let named: Vec<String> = named_in(words).iter().map(ObjectId::to_string).collect();
        assert_eq!(named, ["person/c", "patient/a-1", "patient/b"]);
    }

    #[test]
    fn words_do_not_name_strangers() {
        let stranger = "8d6c993e-c2cc-11de-8d13-0010c6dffd0f";
        let words = format!("the identifier 12/7 is that of patient/p, and of patient/known; see {stranger}.");
        let told = without_strangers(&words, |_, uuid| uuid == "known");
        assert_eq!(told, "the identifier 12/7 is that of another patient, and of patient/known; see another object.");
        assert_eq!(without_strangers(&words, |_, _| true), words);
    }
}
