//! Objects and events as tests and benchmarks need them.

use serde_json::{Value, json};

use crate::event::{Category, ObjectId};
use crate::status::RunReport;

/// A category that is known.
pub fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

/// An object of a category that is known.
pub fn object(category_name: &str, uuid: &str) -> ObjectId {
    ObjectId { category: category(category_name), uuid: uuid.to_string() }
}

/// A patient as FHIR writes one.
pub fn patient(uuid: &str, family: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "name": [{"family": family}], "birthDate": "1985-04-12"})
}

/// An encounter as FHIR writes one.
pub fn encounter(uuid: &str, patient: &str) -> Value {
    json!({"resourceType": "Encounter", "id": uuid, "status": "unknown",
           "subject": {"reference": format!("Patient/{patient}")}, "period": {"start": "2026-11-20T09:30:00+00:00"}})
}

/// How a run ended, by name.
pub fn state(report: &RunReport) -> &'static str {
    report.run.state.name()
}
