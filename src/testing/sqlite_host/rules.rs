//! OpenMRS's refusals because of other objects: an identifier that another live patient has, a visit and its encounters
//! that do not lie within each other's dates or are of different patients, visits of one patient that overlap.

use rusqlite::params;
use serde_json::Value;

use super::{SqliteHost, host_error};
use crate::decide::blocked::identifiers;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};

/// A live object beside the one that is saved.
struct Other {
    object: ObjectId,
    representation: Representation,
    document: Value,
}

impl SqliteHost {
    /// Errors: `Duplicate`, `Rejected`.
    pub(super) fn check_rules(&self, saved: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        let Ok(document) = serde_json::from_slice::<Value>(document) else { return Ok(()) };
        match object.category.name() {
            "patient" => self.identifiers_are_free(saved, object, &document),
            "encounter" => self.lies_in_its_visit(saved, &document),
            "visit" => self.has_room_for_its_encounters(object, &document),
            _ => Ok(()),
        }
    }

    fn live(&self, category: &str) -> Result<Vec<Other>> {
        let Some(kind) = Category::parse(category) else { return Ok(Vec::new()) };
        let rows: Vec<(String, String, Vec<u8>)> = self
            .connection
            .prepare_cached("SELECT uuid, representation, json FROM test_object WHERE category = ? AND removed = 0")
            .and_then(|mut statement| {
                statement.query_map(params![category], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
            })
            .map_err(host_error)?;
        let others = rows.into_iter().filter_map(|(uuid, representation, json)| {
            Some(Other {
                object: ObjectId { category: kind, uuid },
                representation: Representation::parse(&representation)?,
                document: serde_json::from_slice(&json).ok()?,
            })
        });
        Ok(others.collect())
    }

    fn identifiers_are_free(&self, saved: Representation, object: &ObjectId, document: &Value) -> Result<()> {
        let wanted = identifiers(saved, object, document);
        if wanted.is_empty() {
            return Ok(());
        }
        for other in self.live("patient")?.into_iter().filter(|other| other.object != *object) {
            let held = identifiers(other.representation, &other.object, &other.document);
            if wanted.iter().any(|(key, _)| held.iter().any(|(other, _)| other == key)) {
                let message = format!("the patient {} here has the same identifier", other.object.uuid);
                return Err(Error::new(ErrorKind::Duplicate, message));
            }
        }
        Ok(())
    }

    fn lies_in_its_visit(&self, saved: Representation, document: &Value) -> Result<()> {
        let Some(visit) = visit_of(saved, document) else { return Ok(()) };
        match self.live("visit")?.into_iter().find(|other| other.object.uuid == visit) {
            Some(other) => fits(saved, document, &other.document),
            None => Ok(()),
        }
    }

    fn has_room_for_its_encounters(&self, object: &ObjectId, document: &Value) -> Result<()> {
        for other in self.live("encounter")? {
            if visit_of(other.representation, &other.document) == Some(object.uuid.as_str()) {
                fits(other.representation, &other.document, document)?;
            }
        }
        for other in self.live("visit")?.into_iter().filter(|other| other.object != *object) {
            if other.document.pointer("/patient/uuid") == document.pointer("/patient/uuid")
                && start(&other.document) <= stop(document)
                && start(document) <= stop(&other.document)
            {
                return Err(Error::new(ErrorKind::Rejected, "the visit overlaps with another visit of the patient"));
            }
        }
        Ok(())
    }
}

fn visit_of(representation: Representation, encounter: &Value) -> Option<&str> {
    match representation {
        Representation::Fhir => encounter.pointer("/partOf/reference")?.as_str()?.strip_prefix("Encounter/"),
        Representation::Rest => encounter.pointer("/visit/uuid")?.as_str(),
    }
}

/// Texts of one form are compared: the tests write all times in UTC.
fn fits(representation: Representation, encounter: &Value, visit: &Value) -> Result<()> {
    let (moment, patient) = match representation {
        Representation::Fhir => (
            encounter.pointer("/period/start"),
            encounter.pointer("/subject/reference").and_then(Value::as_str).and_then(|text| text.split('/').nth(1)),
        ),
        Representation::Rest => {
            (encounter.get("encounterDatetime"), encounter.pointer("/patient/uuid").and_then(Value::as_str))
        }
    };
    let moment = moment.and_then(Value::as_str).unwrap_or_default();
    if visit.pointer("/patient/uuid").and_then(Value::as_str) != patient {
        return Err(Error::new(ErrorKind::Rejected, "the encounter is of another patient than its visit"));
    }
    if moment < start(visit) || moment > stop(visit) {
        return Err(Error::new(ErrorKind::Rejected, "the encounter lies outside of the dates of its visit"));
    }
    Ok(())
}

fn start(visit: &Value) -> &str {
    visit["startDatetime"].as_str().unwrap_or_default()
}

/// A visit without an end lasts.
fn stop(visit: &Value) -> &str {
    visit["stopDatetime"].as_str().unwrap_or("9")
}
