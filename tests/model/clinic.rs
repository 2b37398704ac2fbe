//! What people do at a server: each deed is one transaction there, as OpenMRS makes it.

use serde_json::{Value, json};
use sync2::event::ObjectId;
pub use sync2::testing::objects::object;

use crate::ledger::{Ledger, Seen, Snapshot, State, is_lost};
use crate::steps::Deed;

/// What a deed saves and removes. Nothing where there is nothing to do it with.
#[derive(Default)]
pub struct Transaction {
    pub saved: Vec<(ObjectId, Value)>,
    pub voided: Vec<ObjectId>,
}

/// Makes what is new: no two things of a schedule are alike.
pub struct Maker {
    made: u32,
}

impl Maker {
    pub fn new() -> Maker {
        Maker { made: 0 }
    }

    fn next(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    fn word(&mut self) -> String {
        format!("w{}", self.next())
    }

    fn day(&mut self) -> String {
        let number = self.next();
        format!("{}-{:02}-{:02}", 1900 + number / 336, number / 28 % 12 + 1, number % 28 + 1)
    }

    fn name(&mut self) -> Value {
        let number = self.next();
        json!({"id": format!("n{number}"), "family": format!("w{number}")})
    }
}

/// Somebody at a server.
pub struct Clerk<'a> {
    pub maker: &'a mut Maker,
    pub here: &'a Snapshot,
    pub ledger: &'a Ledger,
    /// True if this server keeps no addresses.
    pub is_lossy: bool,
}

impl Clerk<'_> {
    pub fn act(&mut self, deed: Deed, picks: [u32; 3]) -> Option<Transaction> {
        match deed {
            Deed::Register => Some(self.registers()),
            Deed::Visit => self.opens_visit(picks),
            Deed::Encounter => self.sees(picks),
            Deed::Observe => self.observes(picks),
            Deed::Edit => self.edits(picks),
            Deed::AddPart => self.adds_part(picks),
            Deed::RemovePart => self.removes_part(picks),
            Deed::Void => self.voids(picks),
            Deed::Unvoid => self.unvoids(picks),
            Deed::Merge => self.merges(picks),
            Deed::Move => self.moves(picks),
            Deed::Assign => self.assigns(picks),
            _ => None,
        }
    }

    fn registers(&mut self) -> Transaction {
        let object = object("patient", &format!("p{}", self.maker.next()));
        let document = json!({
            "resourceType": "Patient", "id": object.uuid, "name": [self.maker.name()], "birthDate": self.maker.day(),
        });
        saved(object, document)
    }

    fn opens_visit(&mut self, [first, ..]: [u32; 3]) -> Option<Transaction> {
        let (patient, _) = self.pick("patient", first)?;
        let object = object("visit", &format!("v{}", self.maker.next()));
        let document = json!({"uuid": object.uuid, "patient": {"uuid": patient.uuid}, "startDatetime": self.maker.day(), "attributes": []});
        Some(saved(object, document))
    }

    fn sees(&mut self, [first, second, _]: [u32; 3]) -> Option<Transaction> {
        let (patient, _) = self.pick("patient", first)?;
        let visits = self.live("visit").into_iter();
        let visits: Vec<_> = visits.filter(|(_, seen)| seen.document["patient"]["uuid"] == patient.uuid).collect();
        let object = object("encounter", &format!("e{}", self.maker.next()));
        let mut document = json!({
            "resourceType": "Encounter", "id": object.uuid, "status": "unknown",
            "subject": {"reference": format!("Patient/{}", patient.uuid)}, "period": {"start": self.maker.day()},
        });
        // One more than there are visits: none.
        if let Some((visit, _)) = visits.get(second as usize % (visits.len() + 1)) {
            document["partOf"] = json!({"reference": format!("Encounter/{}", visit.uuid)});
        }
        Some(saved(object, document))
    }

    fn observes(&mut self, [first, ..]: [u32; 3]) -> Option<Transaction> {
        let (encounter, seen) = self.pick("encounter", first)?;
        let subject = seen.document["subject"].clone();
        let reference = format!("Encounter/{}", encounter.uuid);
        let object = object("observation", &format!("o{}", self.maker.next()));
        let document = json!({
            "resourceType": "Observation", "id": object.uuid, "status": "final", "subject": subject,
            "encounter": {"reference": reference}, "valueString": self.maker.word(),
        });
        Some(saved(object, document))
    }

    fn edits(&mut self, [first, second, third]: [u32; 3]) -> Option<Transaction> {
        let (object, seen) = self.pick_of_all(first)?;
        let mut document = seen.document.clone();
        let parts = match object.category.name() {
            "patient" => "name",
            _ => "attributes",
        };
        let part = document[parts].as_array().map_or(0, Vec::len);
        match (object.category.name(), second % 2) {
            ("patient" | "visit", 0) if part > 0 => {
                let value = if parts == "name" { "family" } else { "value" };
                document[parts][third as usize % part][value] = self.maker.word().into();
            }
            ("patient", _) => document["birthDate"] = self.maker.day().into(),
            ("visit", _) => document["startDatetime"] = self.maker.day().into(),
            ("encounter", 0) => document["reasonCode"] = json!([{"text": self.maker.word()}]),
            ("encounter", _) => document["period"] = json!({"start": self.maker.day()}),
            _ => document["valueString"] = self.maker.word().into(),
        }
        Some(saved(object, document))
    }

    fn adds_part(&mut self, [first, second, _]: [u32; 3]) -> Option<Transaction> {
        let kinds: Vec<_> = [self.live("patient"), self.live("visit")].concat();
        let (object, seen) = picked(kinds, first)?;
        let mut document = seen.document.clone();
        let (list, part) = match (object.category.name(), second % 2) {
            ("patient", choice) if choice == 0 || self.is_lossy => ("name", self.maker.name()),
            ("patient", _) => {
                let number = self.maker.next();
                ("address", json!({"id": format!("a{number}"), "city": format!("w{number}")}))
            }
            _ => {
                let number = self.maker.next();
                ("attributes", json!({"uuid": format!("t{number}"), "value": format!("w{number}")}))
            }
        };
        let mut parts = document[list].as_array().cloned().unwrap_or_default();
        parts.push(part);
        document[list] = parts.into();
        Some(saved(object, document))
    }

    fn removes_part(&mut self, [first, second, _]: [u32; 3]) -> Option<Transaction> {
        let (object, seen) = self.pick("patient", first)?;
        let mut document = seen.document.clone();
        let names = document["name"].as_array_mut()?;
        if names.len() < 2 {
            return None;
        }
        names.remove(second as usize % names.len());
        Some(saved(object, document))
    }

    fn voids(&mut self, [first, ..]: [u32; 3]) -> Option<Transaction> {
        let (object, _) = self.pick_of_all(first)?;
        Some(Transaction { voided: vec![object], ..Transaction::default() })
    }

    /// Restores what hangs on nothing that is removed, where the server still has all of it.
    fn unvoids(&mut self, [first, ..]: [u32; 3]) -> Option<Transaction> {
        let removed = self.here.iter().filter(|(_, seen)| seen.state == State::Removed);
        let is_whole = |object: &ObjectId| !self.ledger.fields(object).iter().any(|field| is_lost(field));
        let free = removed.filter(|(_, seen)| self.owners_are_live(seen));
        let free = free.filter(|(object, _)| !self.is_lossy || is_whole(object));
        let (object, seen) = picked(free.map(|(object, seen)| (object.clone(), seen.clone())).collect(), first)?;
        Some(saved(object, seen.document.clone()))
    }

    /// Moves all that hangs on a patient to another one, and removes the first.
    fn merges(&mut self, [first, second, _]: [u32; 3]) -> Option<Transaction> {
        let (loser, _) = self.pick("patient", first)?;
        let (survivor, _) = self.pick("patient", second)?;
        let hanging = self.all_live().into_iter();
        let hanging: Vec<_> =
            hanging.filter(|(_, seen)| patient_of(&seen.document) == Some(loser.uuid.as_str())).collect();
        if loser == survivor {
            return None;
        }
        let mut transaction = self.to_patient(hanging, &survivor)?;
        transaction.voided.push(loser);
        Some(transaction)
    }

    /// Moves a visit, or an encounter that is out of any, to another patient, with all that hangs on it.
    fn moves(&mut self, [first, second, _]: [u32; 3]) -> Option<Transaction> {
        let (patient, _) = self.pick("patient", second)?;
        let encounters = self.live("encounter").into_iter().filter(|(_, seen)| visit_of(&seen.document).is_none());
        let movable: Vec<_> = self.live("visit").into_iter().chain(encounters).collect();
        let (object, seen) = picked(movable, first)?;
        if patient_of(&seen.document) == Some(patient.uuid.as_str()) {
            return None;
        }
        let mut moved = vec![(object, seen)];
        for (object, seen) in self.live("encounter").into_iter().chain(self.live("observation")) {
            let hangs = |(owner, _): &(ObjectId, Seen)| owners(&seen.document).contains(owner);
            if moved.iter().any(hangs) {
                moved.push((object, seen));
            }
        }
        self.to_patient(moved, &patient)
    }

    /// Puts an encounter into another visit of its patient.
    fn assigns(&mut self, [first, second, _]: [u32; 3]) -> Option<Transaction> {
        let (encounter, seen) = self.pick("encounter", first)?;
        let patient = patient_of(&seen.document);
        let visits = self.live("visit").into_iter();
        let visits: Vec<_> = visits.filter(|(_, visit)| patient_of(&visit.document) == patient).collect();
        let (visit, _) = picked(visits, second)?;
        let reference = json!({"reference": format!("Encounter/{}", visit.uuid)});
        if self.ledger.ever_was(&encounter, "partOf", &reference.to_string()) {
            return None;
        }
        let mut document = seen.document.clone();
        document["partOf"] = reference;
        Some(saved(encounter, document))
    }

    /// Only where none of them ever was of that patient: what a field says is then known to be written by one deed.
    fn to_patient(&self, moved: Vec<(ObjectId, Seen)>, patient: &ObjectId) -> Option<Transaction> {
        let mut transaction = Transaction::default();
        for (object, seen) in moved {
            let (field, value) = match object.category.name() {
                "visit" => ("patient", json!({"uuid": patient.uuid})),
                _ => ("subject", json!({"reference": format!("Patient/{}", patient.uuid)})),
            };
            if self.ledger.ever_was(&object, field, &value.to_string()) {
                return None;
            }
            let mut document = seen.document;
            document[field] = value;
            transaction.saved.push((object, document));
        }
        Some(transaction)
    }

    fn owners_are_live(&self, seen: &Seen) -> bool {
        owners(&seen.document).iter().all(|owner| self.here.get(owner).is_some_and(|owner| owner.state == State::Live))
    }

    fn live(&self, category: &str) -> Vec<(ObjectId, Seen)> {
        self.all_live().into_iter().filter(|(object, _)| object.category.name() == category).collect()
    }

    fn all_live(&self) -> Vec<(ObjectId, Seen)> {
        let live = self.here.iter().filter(|(_, seen)| seen.state == State::Live);
        live.map(|(object, seen)| (object.clone(), seen.clone())).collect()
    }

    fn pick(&self, category: &str, number: u32) -> Option<(ObjectId, Seen)> {
        picked(self.live(category), number)
    }

    fn pick_of_all(&self, number: u32) -> Option<(ObjectId, Seen)> {
        picked(self.all_live(), number)
    }
}

fn picked<T>(mut choices: Vec<T>, number: u32) -> Option<T> {
    (!choices.is_empty()).then(|| choices.swap_remove(number as usize % choices.len()))
}

fn saved(object: ObjectId, document: Value) -> Transaction {
    Transaction { saved: vec![(object, document)], ..Transaction::default() }
}

fn referred<'a>(document: &'a Value, field: &str) -> Option<&'a str> {
    document[field]["reference"].as_str()?.split('/').nth(1)
}

pub fn patient_of(document: &Value) -> Option<&str> {
    document["patient"]["uuid"].as_str().or_else(|| referred(document, "subject"))
}

fn visit_of(document: &Value) -> Option<&str> {
    referred(document, "partOf")
}

/// What an object hangs on.
pub fn owners(document: &Value) -> Vec<ObjectId> {
    let owners = [
        patient_of(document).map(|uuid| object("patient", uuid)),
        visit_of(document).map(|uuid| object("visit", uuid)),
        referred(document, "encounter").map(|uuid| object("encounter", uuid)),
    ];
    owners.into_iter().flatten().collect()
}
