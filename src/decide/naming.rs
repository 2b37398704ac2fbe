//! Names by which people know objects in messages: kind, day and the patient's number; the name of metadata. Never what was found
//! or noted. The identity goes with it in brackets, so that it can be looked up. Numbers are patient data: such a message is shown
//! to who may see the records, and never logged.

use serde_json::Value;

use super::blocked::identifiers;
use super::removal::label;
use crate::event::{Category, KnownBy, ObjectId, Representation};

/// The patient whom a document is about; nothing of a patient's own document, and of metadata.
pub fn patient_of(representation: Representation, document: &Value) -> Option<ObjectId> {
    let uuid = match representation {
        Representation::Fhir => {
            let reference = document.pointer("/subject/reference").or_else(|| document.pointer("/patient/reference"));
            reference?.as_str()?.strip_prefix("Patient/")?
        }
        Representation::Rest => {
            document.pointer("/patient/uuid").or_else(|| document.pointer("/person/uuid"))?.as_str()?
        }
    };
    Some(ObjectId { category: Category::patient(), uuid: uuid.to_string() })
}

/// The number that a patient is known by: the preferred one, else the first.
pub fn number_of(representation: Representation, patient: &ObjectId, document: &Value) -> Option<String> {
    let all = identifiers(representation, patient, document);
    let is_preferred = |element: &Value| match representation {
        Representation::Fhir => element.get("use").and_then(Value::as_str) == Some("official"),
        Representation::Rest => element.get("preferred") == Some(&Value::Bool(true)),
    };
    let preferred = all.iter().find(|(_, element)| is_preferred(element));
    let (_, element) = preferred.or_else(|| all.first())?;
    let field = if representation == Representation::Fhir { "value" } else { "identifier" };
    element.get(field).and_then(Value::as_str).map(str::to_string)
}

/// Returns the words by which a person knows the object of this document; `number` is that of the patient whom it is about.
pub fn subject(
    representation: Representation,
    object: &ObjectId,
    document: &Value,
    number: Option<&str>,
) -> Option<String> {
    let number = |of: &str| number.map(|number| format!("{of}{number}"));
    match object.category.kind().known_by {
        KnownBy::Number => number("patient "),
        KnownBy::Day => {
            let of_patient = number(" of patient ").unwrap_or_default();
            Some(format!("{}{of_patient}", label(object.category, representation, document)))
        }
        KnownBy::Nothing => None,
        KnownBy::Name => {
            let name = document.get("name").and_then(Value::as_str)?;
            Some(format!("{} '{name}'", in_words(object.category)))
        }
    }
}

/// A message in which its object is told by what people know it by.
pub fn introduced(message: &str, object: &ObjectId, subject: &str) -> String {
    let name = object.to_string();
    if message.contains(subject) {
        return message.to_string();
    }
    let is_end = |rest: &str| rest.chars().next().is_none_or(|next| !next.is_ascii_alphanumeric() && next != '-');
    let mention = message.match_indices(&name).find(|(at, _)| message.get(at + name.len()..).is_some_and(is_end));
    match mention {
        Some((at, _)) => {
            let (before, after) = message.split_at(at);
            let after = after.strip_prefix(&name).unwrap_or(after);
            format!("{before}{subject} ({name}){after}")
        }
        None => format!("{subject} ({name}): {message}"),
    }
}

/// Returns the role of one object for another that refers to it.
pub fn role(object: &ObjectId, reference: &ObjectId) -> String {
    let kind = match (object.category.name(), reference.category.name()) {
        ("encounter", "encounter") => "visit".to_string(),
        ("observation", "observation") => "group".to_string(),
        _ => in_words(reference.category),
    };
    format!("its {kind} ({reference})")
}

/// Returns the advice for the parent about an object that refers to what was removed there.
pub fn repair(object: &ObjectId, reference: &ObjectId) -> &'static str {
    match (object.category.name(), reference.category.name()) {
        ("encounter", "visit" | "encounter") => "restore that visit there, or take the encounter out of it there",
        (_, "patient" | "person") => "restore that patient there, or move this one to another patient there",
        ("observation", "encounter") => "restore that encounter there, or remove this observation there",
        _ => "restore that one there, or remove there what refers to it",
    }
}

fn in_words(category: Category) -> String {
    category.kind().words.map_or_else(|| category.name().replace('_', " "), str::to_string)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(category: &str, uuid: &str) -> ObjectId {
        ObjectId { category: Category::parse(category).unwrap(), uuid: uuid.into() }
    }

    #[test]
    fn encounter_is_named_by_its_day_and_its_patients_number() {
        let (encounter, patient) = (object("encounter", "e"), object("patient", "p"));
        let fhir = json!({"subject": {"reference": "Patient/p"}, "period": {"start": "2026-11-10T08:00:00Z"}});
        let rest = json!({"patient": {"uuid": "p"}, "encounterDatetime": "2026-11-10T08:00:00.000+0000"});
        let numbered_fhir = json!({"identifier": [{"value": "OLD"}, {"use": "official", "value": "100HA1"}]});
        let numbered_rest = json!({"identifiers": [
            {"uuid": "1", "identifierType": {"uuid": "t"}, "identifier": "OLD", "preferred": false},
            {"uuid": "2", "identifierType": {"uuid": "t"}, "identifier": "100HA1", "preferred": true}]});
        for (representation, document, numbered) in
            [(Representation::Fhir, fhir, numbered_fhir), (Representation::Rest, rest, numbered_rest)]
        {
            assert_eq!(patient_of(representation, &document), Some(patient.clone()));
            let number = number_of(representation, &patient, &numbered);
            assert_eq!(number.as_deref(), Some("100HA1"));
            let words = subject(representation, &encounter, &document, number.as_deref());
            assert_eq!(words.as_deref(), Some("encounter of 2026-11-10 of patient 100HA1"));
            let unnumbered = subject(representation, &encounter, &document, None);
            assert_eq!(unnumbered.as_deref(), Some("encounter of 2026-11-10"));
        }
    }

    #[test]
    fn metadata_is_known_by_its_name_and_a_person_by_nothing() {
        let words =
            |category: &str, document: Value| subject(Representation::Rest, &object(category, "x"), &document, None);
        assert_eq!(words("encounter_type", json!({"name": "Triage"})).as_deref(), Some("encounter type 'Triage'"));
        assert_eq!(words("person", json!({"name": "Okello"})), None);
        assert_eq!(words("patient", json!({})), None);
    }

    #[test]
    fn a_message_tells_its_object_once_by_what_people_know_it_by() {
        let encounter = object("encounter", "e");
        let told = |message: &str| introduced(message, &encounter, "encounter of today");
        assert_eq!(
            told("encounter/e waits for encounter/e2"),
            "encounter of today (encounter/e) waits for encounter/e2"
        );
        assert_eq!(
            told("visit/v misses encounter/e2"),
            "encounter of today (encounter/e): visit/v misses encounter/e2"
        );
        assert_eq!(told("it is refused"), "encounter of today (encounter/e): it is refused");
        assert_eq!(told(&told("it is refused")), "encounter of today (encounter/e): it is refused");
    }

    #[test]
    fn missing_reference_is_named_by_its_role() {
        let encounter = object("encounter", "e");
        assert_eq!(role(&encounter, &object("encounter", "v")), "its visit (encounter/v)");
        assert_eq!(role(&encounter, &object("visit", "v")), "its visit (visit/v)");
        assert_eq!(role(&object("visit", "v"), &object("visittype", "t")), "its visit type (visittype/t)");
        assert_eq!(role(&object("observation", "o"), &object("observation", "g")), "its group (observation/g)");
    }
}
