//! The references of a document, so that each can be asked for before saving: OpenMRS drops an unknown reference silently.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::belonging::type_and_id;
use crate::event::{Category, ObjectId, Representation, is_object_uuid};

/// The field of a REST document that holds an attribute's type. Each kind of object has its own.
const ATTRIBUTE_TYPE: &str = "attributeType";

/// The other objects that a document refers to, each once. References to types that no category covers, to contained
/// resources and to other servers are not among them: whether they survive is seen when the object is read back.
pub fn references(representation: Representation, object: &ObjectId, document: &Value) -> BTreeSet<ObjectId> {
    let mut found = BTreeSet::new();
    match representation {
        Representation::Fhir => collect_fhir(document, &mut found),
        Representation::Rest => collect_rest_document(object, document, &mut found),
    }
    // A patient is a person of the same uuid: that one is no other object.
    found.retain(|reference| reference.uuid != object.uuid);
    found
}

/// Why an object cannot be saved together with what it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolvable {
    /// This one is neither here nor fetched.
    Missing(ObjectId),
    /// These refer to each other in a circle, so none can be first.
    Cycle(Vec<ObjectId>),
}

/// The fetched objects that have to be saved, in this order, before what refers to `wanted` can be.
///
/// `missing_of` holds, for each fetched object, those of its references that were not here when it was fetched;
/// `provided` are objects that are saved before all of these.
pub fn save_order(
    wanted: &ObjectId,
    missing_of: &HashMap<ObjectId, BTreeSet<ObjectId>>,
    provided: &HashSet<ObjectId>,
) -> Result<Vec<ObjectId>, Unresolvable> {
    let mut walk = Walk { missing_of, provided, trail: Vec::new(), order: Vec::new() };
    walk.visit(wanted)?;
    Ok(walk.order)
}

struct Walk<'a> {
    missing_of: &'a HashMap<ObjectId, BTreeSet<ObjectId>>,
    provided: &'a HashSet<ObjectId>,
    trail: Vec<ObjectId>,
    order: Vec<ObjectId>,
}

impl Walk<'_> {
    fn visit(&mut self, object: &ObjectId) -> Result<(), Unresolvable> {
        if self.provided.contains(object) || self.order.contains(object) {
            return Ok(());
        }
        if let Some(start) = self.trail.iter().position(|visited| visited == object) {
            return Err(Unresolvable::Cycle(self.trail.iter().skip(start).cloned().collect()));
        }
        let missing = self.missing_of.get(object).ok_or_else(|| Unresolvable::Missing(object.clone()))?;
        self.trail.push(object.clone());
        missing.iter().try_for_each(|reference| self.visit(reference))?;
        self.trail.pop();
        self.order.push(object.clone());
        Ok(())
    }
}

fn collect_fhir(value: &Value, found: &mut BTreeSet<ObjectId>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| match field {
            Value::String(text) if name == "reference" => found.extend(parse_fhir_reference(text)),
            field => collect_fhir(field, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| collect_fhir(item, found)),
        _ => {}
    }
}

fn parse_fhir_reference(reference: &str) -> Option<ObjectId> {
    let (fhir_type, id) = type_and_id(reference)?;
    Some(ObjectId { category: Category::of_fhir_type(fhir_type)?, uuid: id.to_string() })
}

fn collect_rest_document(object: &ObjectId, document: &Value, found: &mut BTreeSet<ObjectId>) {
    let types = object.category.attribute_types();
    let named = |field: &str| if field == ATTRIBUTE_TYPE { types } else { Category::of_rest_field(field) };
    collect_rest(document, &named, found);
    if document.get("encounter").is_some_and(Value::is_object) {
        // An observation in an encounter is about the patient of the encounter, who is a person but has no events
        // as one.
        found.retain(|reference| reference.category.name() != "person");
    }
}

fn collect_rest(value: &Value, named: &dyn Fn(&str) -> Option<Category>, found: &mut BTreeSet<ObjectId>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let reference = |uuid: &str| Some(ObjectId { category: named(name)?, uuid: uuid.to_string() });
                found.extend(rest_uuid(field).and_then(reference));
                collect_rest(field, named, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_rest(item, named, found)),
        _ => {}
    }
}

fn rest_uuid(field: &Value) -> Option<&str> {
    field.get("uuid")?.as_str().filter(|uuid| is_object_uuid(uuid))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(category: &str, uuid: &str) -> ObjectId {
        ObjectId { category: Category::parse(category).unwrap(), uuid: uuid.into() }
    }

    #[test]
    fn fhir_references_at_any_depth() {
        let document = json!({
            "resourceType": "Encounter", "id": "e",
            "subject": {"reference": "Patient/p"},
            "location": [{"location": {"reference": "Location/l/_history/3"}}],
            "partOf": {"reference": "Encounter/e"},
            "contained": [{"resourceType": "Organization", "id": "c"}],
            "serviceProvider": {"reference": "#c"},
            "extension": [{"url": "x", "valueReference": {"reference": "https://example.org/fhir/Patient/other"}}],
            "basedOn": [{"reference": "ServiceRequest/s"}, {"reference": "urn:uuid:1"}, {"reference": "Patient/../x"}]
        });
        let found = references(Representation::Fhir, &object("encounter", "e"), &document);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [object("location", "l"), object("patient", "p")]);
    }

    fn rest_references(category: &str, document: Value) -> Vec<ObjectId> {
        references(Representation::Rest, &object(category, "own"), &document).into_iter().collect()
    }

    #[test]
    fn rest_references_of_a_patient() {
        let document = json!({
            "uuid": "own", "creator": {"uuid": "user"},
            "person": {
                "uuid": "own", "names": [{"uuid": "n"}], "causeOfDeath": {"uuid": "c"},
                "attributes": [{"uuid": "a", "attributeType": {"uuid": "at"}, "value": {"uuid": "elsewhere"}}]
            },
            "identifiers": [{"uuid": "i", "identifierType": {"uuid": "it"}, "location": {"uuid": "l"}}]
        });
        assert_eq!(
            rest_references("patient", document),
            [
                object("concept", "c"),
                object("patient_identifier_type", "it"),
                object("person_attribute_type", "at"),
                object("location", "l")
            ]
        );
    }

    #[test]
    fn rest_references_of_an_encounter() {
        let document = json!({
            "uuid": "own", "patient": {"uuid": "p"}, "encounterType": {"uuid": "et"}, "location": {"uuid": "l"},
            "form": {"uuid": "f"}, "visit": {"uuid": "v"},
            "encounterProviders": [{"uuid": "ep", "provider": {"uuid": "pr"}, "encounterRole": {"uuid": "er"}}]
        });
        assert_eq!(
            rest_references("encounter", document),
            [
                object("encounter_type", "et"),
                object("encounter_role", "er"),
                object("location", "l"),
                object("provider", "pr"),
                object("patient", "p"),
                object("visit", "v")
            ]
        );
    }

    #[test]
    fn an_observation_needs_its_encounter_or_else_its_person() {
        let observation = |encounter: Value| {
            json!({"uuid": "own", "person": {"uuid": "p"}, "concept": {"uuid": "q"}, "valueCoded": {"uuid": "a"},
                   "obsGroup": {"uuid": "g"}, "encounter": encounter})
        };
        let (question, answer, group) = (object("concept", "q"), object("concept", "a"), object("observation", "g"));
        assert_eq!(
            rest_references("observation", observation(json!({"uuid": "e"}))),
            [answer.clone(), question.clone(), object("encounter", "e"), group.clone()]
        );
        assert_eq!(
            rest_references("observation", observation(Value::Null)),
            [answer, question, object("person", "p"), group]
        );
    }

    #[test]
    fn rest_references_of_visits_locations_and_providers() {
        let attributes = json!([{"uuid": "a", "attributeType": {"uuid": "at"}}]);
        let visit = json!({"uuid": "own", "patient": {"uuid": "p"}, "visitType": {"uuid": "vt"},
                           "indication": {"uuid": "c"}, "location": null, "activeAttributes": attributes});
        assert_eq!(
            rest_references("visit", visit),
            [
                object("concept", "c"),
                object("visittype", "vt"),
                object("visit_attribute_type", "at"),
                object("patient", "p")
            ]
        );
        let location = json!({"uuid": "own", "parentLocation": {"uuid": "l"}, "tags": [{"uuid": "t"}],
                              "activeAttributes": attributes});
        assert_eq!(
            rest_references("location", location),
            [object("location_attribute_type", "at"), object("location", "l")]
        );
        let provider = json!({"uuid": "own", "person": {"uuid": "p"}, "activeAttributes": attributes});
        assert_eq!(
            rest_references("provider", provider),
            [object("provider_attribute_type", "at"), object("person", "p")]
        );
    }

    fn fetched(entries: &[(&str, &[&str])]) -> HashMap<ObjectId, BTreeSet<ObjectId>> {
        let location = |uuid: &&str| object("location", uuid);
        entries.iter().map(|(uuid, missing)| (location(uuid), missing.iter().map(location).collect())).collect()
    }

    #[test]
    fn referenced_object_is_saved_first() {
        let missing_of = fetched(&[("ward", &["clinic", "here"]), ("clinic", &["district"]), ("district", &[])]);
        let order = save_order(&object("location", "ward"), &missing_of, &HashSet::from([object("location", "here")]));
        let names: Vec<_> = order.unwrap().into_iter().map(|object| object.uuid).collect();
        assert_eq!(names, ["district", "clinic", "ward"]);
    }

    #[test]
    fn a_circle_and_a_gap_are_told() {
        let missing_of = fetched(&[("a", &["b"]), ("b", &["a"]), ("c", &["nowhere"])]);
        let provided = HashSet::new();
        assert_eq!(
            save_order(&object("location", "a"), &missing_of, &provided),
            Err(Unresolvable::Cycle(vec![object("location", "a"), object("location", "b")]))
        );
        assert_eq!(
            save_order(&object("location", "c"), &missing_of, &provided),
            Err(Unresolvable::Missing(object("location", "nowhere")))
        );
    }
}
