//! Records that are refused because of one another, at a host that refuses what OpenMRS refuses.

use serde_json::{Value, json};
use sync2::event::{ObjectId, Representation};
use sync2::store::audit::AuditStatus::{self, Applied, Partial};
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, object};

const BOTH: [Representation; 2] = [Representation::Fhir, Representation::Rest];

/// As long as uuids are: a refusal names the holder by it.
fn uuid(name: char) -> String {
    std::iter::repeat_n(name, 36).collect()
}

fn patient(representation: Representation, name: char, numbers: &[&str]) -> Value {
    match representation {
        Representation::Fhir => {
            let identifier =
                |number: &&str| json!({"id": format!("i{name}{number}"), "type": {"text": "Card"}, "value": number});
            json!({"resourceType": "Patient", "id": uuid(name), "birthDate": "1985-04-12",
                   "identifier": numbers.iter().map(identifier).collect::<Vec<_>>()})
        }
        Representation::Rest => {
            let identifier = |number: &&str| {
                json!({"uuid": format!("i{name}{number}"), "identifier": number,
                                                    "identifierType": {"uuid": "card", "display": "Card"}})
            };
            json!({"uuid": uuid(name), "person": {"uuid": uuid(name), "birthdate": "1985-04-12"},
                   "identifiers": numbers.iter().map(identifier).collect::<Vec<_>>()})
        }
    }
}

/// A visit from one day of November to another.
fn visit(name: &str, patient: char, first: u32, last: u32) -> Value {
    json!({"uuid": name, "patient": {"uuid": uuid(patient)}, "startDatetime": format!("2026-11-{first:02}T08:00:00.000+0000"),
           "stopDatetime": format!("2026-11-{last:02}T18:00:00.000+0000")})
}

fn encounter(representation: Representation, name: &str, patient: char, visit: &str, day: u32) -> Value {
    let time = format!("2026-11-{day:02}T09:00:00.000+0000");
    match representation {
        Representation::Fhir => json!({"resourceType": "Encounter", "id": name, "status": "unknown",
            "subject": {"reference": format!("Patient/{}", uuid(patient))}, "period": {"start": time},
            "partOf": {"reference": format!("Encounter/{visit}")}}),
        Representation::Rest => json!({"uuid": name, "patient": {"uuid": uuid(patient)}, "encounterDatetime": time,
            "visit": {"uuid": visit}}),
    }
}

/// A child of that parent that refuses like OpenMRS.
fn child(parent: &MockParent, representation: Representation, batch_size: usize) -> Child {
    let mut document = parent.config_document(&["patient", "visit", "encounter"]);
    for category in ["patient", "encounter"] {
        document["categories"][category] = json!({"representation": representation.name()});
    }
    document["categories"]["patient_identifier_type"] = json!({});
    document["transfer"] = json!({"batchSize": batch_size});
    parent.store(category("patient_identifier_type"), json!({"uuid": "card", "name": "Card"}));
    let mut child = Child::configured(document);
    child.host.refuse_like_openmrs();
    child
}

/// Each representation, in batches and one by one.
fn in_every_way(body: impl Fn(Representation, &MockParent, &mut Child)) {
    for representation in BOTH {
        for batch_size in [1, 100] {
            let parent = MockParent::start();
            let mut child = child(&parent, representation, batch_size);
            body(representation, &parent, &mut child);
        }
    }
}

fn assert_here(child: &mut Child, category: &str, expected: &Value) {
    let uuid = expected.get("id").or_else(|| expected.get("uuid")).and_then(Value::as_str).unwrap();
    assert_eq!(child.document(category, uuid).as_ref(), Some(expected));
}

fn assert_nothing_is_left(child: &mut Child) {
    let parked = child.parked();
    assert!(parked.is_empty(), "{parked:#?}");
    assert!(child.conflicts().is_empty());
    assert!(child.audit().iter().all(|message| message.outcome.status != AuditStatus::Partial));
}

#[test]
fn numbers_that_were_swapped_are_swapped_in_one_pull() {
    in_every_way(|representation, parent, child| {
        parent.put(category("patient"), patient(representation, 'a', &["1", "own"]));
        parent.put(category("patient"), patient(representation, 'b', &["2"]));
        child.pull_to_the_end();
        let swapped = [patient(representation, 'a', &["2", "own"]), patient(representation, 'b', &["1"])];
        swapped.iter().for_each(|patient| parent.put(category("patient"), patient.clone()));
        child.pull_to_the_end();
        swapped.iter().for_each(|patient| assert_here(child, "patient", patient));
        assert_nothing_is_left(child);
        // Both sides agree: neither is an edit of this server.
        swapped.iter().for_each(|patient| parent.put(category("patient"), patient.clone()));
        child.pull_to_the_end();
        assert_nothing_is_left(child);
    });
}

#[test]
fn numbers_that_went_round_among_three_go_round() {
    in_every_way(|representation, parent, child| {
        for (name, number) in [('a', "1"), ('b', "2"), ('c', "3")] {
            parent.put(category("patient"), patient(representation, name, &[number]));
        }
        child.pull_to_the_end();
        let moved = [('a', "2"), ('b', "3"), ('c', "1")].map(|(name, number)| patient(representation, name, &[number]));
        moved.iter().for_each(|patient| parent.put(category("patient"), patient.clone()));
        child.pull_to_the_end();
        moved.iter().for_each(|patient| assert_here(child, "patient", patient));
        assert_nothing_is_left(child);
    });
}

#[test]
fn a_number_that_was_handed_on_arrives_whoever_is_told_of_first() {
    in_every_way(|representation, parent, child| {
        parent.put(category("patient"), patient(representation, 'a', &["1"]));
        parent.put(category("patient"), patient(representation, 'b', &["2"]));
        child.pull_to_the_end();
        let (taker, giver) = (patient(representation, 'b', &["1"]), patient(representation, 'a', &["3"]));
        parent.put(category("patient"), taker.clone());
        parent.put(category("patient"), giver.clone());
        child.pull_to_the_end();
        assert_here(child, "patient", &taker);
        assert_here(child, "patient", &giver);
        assert_nothing_is_left(child);
    });
}

#[test]
fn merged_patient_before_the_loser_has_all_of_both() {
    in_every_way(|representation, parent, child| {
        parent.put(category("patient"), patient(representation, 'a', &["1"]));
        parent.put(category("patient"), patient(representation, 'b', &["2"]));
        parent.put(category("visit"), visit("v", 'b', 10, 12));
        parent.put(category("encounter"), encounter(representation, "e", 'b', "v", 11));
        child.pull_to_the_end();
        let survivor = patient(representation, 'a', &["1", "2"]);
        parent.put(category("patient"), survivor.clone());
        parent.put(category("visit"), visit("v", 'a', 10, 12));
        let moved = encounter(representation, "e", 'a', "v", 11);
        parent.put(category("encounter"), moved.clone());
        parent.void(category("patient"), &uuid('b'));
        child.pull_to_the_end();
        assert_here(child, "patient", &survivor);
        assert_here(child, "encounter", &moved);
        assert_here(child, "visit", &visit("v", 'a', 10, 12));
        assert_eq!(child.document("patient", &uuid('b')), None);
        assert_nothing_is_left(child);
    });
}

/// The line is cut after the survivor: what the loser has is put where it belongs when its removal comes.
#[test]
fn merged_patient_lacks_the_number_until_the_loser_is_voided() {
    in_every_way(|representation, parent, child| {
        parent.put(category("patient"), patient(representation, 'a', &["1"]));
        parent.put(category("patient"), patient(representation, 'b', &["2"]));
        child.pull_to_the_end();
        let survivor = patient(representation, 'a', &["1", "2"]);
        parent.put(category("patient"), survivor.clone());
        child.pull_to_the_end();
        assert_here(child, "patient", &patient(representation, 'a', &["1"]));
        parent.void(category("patient"), &uuid('b'));
        child.pull_to_the_end();
        assert_here(child, "patient", &survivor);
        assert_nothing_is_left(child);
    });
}

fn moved_together(
    representation: Representation,
    before: (char, u32, u32, u32),
    after: (char, u32, u32, u32),
    visit_first: bool,
) {
    let parent = MockParent::start();
    let mut child = child(&parent, representation, 1);
    for name in ['a', 'b'] {
        parent.put(category("patient"), patient(representation, name, &[]));
    }
    let documents = |(patient, first, last, day): (char, u32, u32, u32)| {
        [("visit", visit("v", patient, first, last)), ("encounter", encounter(representation, "e", patient, "v", day))]
    };
    documents(before).into_iter().for_each(|(kind, document)| parent.put(category(kind), document));
    child.pull_to_the_end();
    let mut moved = documents(after);
    if !visit_first {
        moved.reverse();
    }
    moved.iter().for_each(|(kind, document)| parent.put(category(kind), document.clone()));
    child.pull_to_the_end();
    moved.iter().for_each(|(kind, document)| assert_here(&mut child, kind, document));
    assert_nothing_is_left(&mut child);
}

#[test]
fn a_visit_and_its_encounter_are_moved_together() {
    for representation in BOTH {
        for visit_first in [true, false] {
            moved_together(representation, ('a', 20, 21, 20), ('a', 10, 11, 10), visit_first);
            moved_together(representation, ('a', 10, 11, 10), ('a', 20, 21, 20), visit_first);
            moved_together(representation, ('a', 10, 11, 10), ('b', 10, 11, 10), visit_first);
        }
    }
}

#[test]
fn a_visit_is_split_in_two_in_whichever_order_it_is_told() {
    for representation in BOTH {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let parent = MockParent::start();
            let mut child = child(&parent, representation, 1);
            parent.put(category("patient"), patient(representation, 'a', &["1"]));
            parent.put(category("visit"), visit("v", 'a', 1, 10));
            parent.put(category("encounter"), encounter(representation, "e", 'a', "v", 2));
            parent.put(category("encounter"), encounter(representation, "f", 'a', "v", 9));
            child.pull_to_the_end();
            let split = [
                ("visit", visit("v", 'a', 1, 5)),
                ("visit", visit("w", 'a', 8, 10)),
                ("encounter", encounter(representation, "f", 'a', "w", 9)),
            ];
            for index in order {
                let (kind, document) = &split[index];
                parent.put(category(kind), document.clone());
            }
            child.pull_to_the_end();
            split.iter().for_each(|(kind, document)| assert_here(&mut child, kind, document));
            assert_nothing_is_left(&mut child);
        }
    }
}

/// The patient here who has the number of a newcomer, and the newcomer with an encounter.
fn same_person_twice(representation: Representation, parent: &MockParent, child: &mut Child) -> ObjectId {
    let local = object("patient", &uuid('l'));
    child.edit_as(representation, &local, &patient(representation, 'l', &["national"]));
    parent.put(category("patient"), patient(representation, 'n', &["card", "national"]));
    parent.put(category("visit"), visit("v", 'n', 10, 12));
    parent.put(category("encounter"), encounter(representation, "e", 'n', "v", 11));
    child.pull_to_the_end();
    local
}

#[test]
fn new_patient_of_a_taken_number_and_her_data_come_without_it() {
    in_every_way(|representation, parent, child| {
        let local = same_person_twice(representation, parent, child);
        assert_here(child, "patient", &patient(representation, 'n', &["card"]));
        assert_here(child, "encounter", &encounter(representation, "e", 'n', "v", 11));
        assert_here(child, "patient", &patient(representation, 'l', &["national"]));
        assert_eq!(child.parked(), []);
        let messages = child.audit();
        let message = messages.iter().find(|message| message.object_uuid == Some(uuid('n'))).unwrap();
        assert_eq!(message.outcome.status, Partial);
        let note = message.outcome.detail.as_ref().unwrap()["notes"][0].as_str().unwrap().to_string();
        assert!(note.contains(&local.uuid) && note.contains("Card") && !note.contains("national"), "{note}");
    });
}

#[test]
fn withheld_number_is_added_when_its_holder_gives_it_up() {
    for voided in [true, false] {
        in_every_way(|representation, parent, child| {
            let local = same_person_twice(representation, parent, child);
            child.pull_to_the_end();
            assert_here(child, "patient", &patient(representation, 'n', &["card"]));
            if voided {
                child.host.void(&local).unwrap();
            } else {
                child.edit_as(representation, &local, &patient(representation, 'l', &["other"]));
            }
            child.pull_to_the_end();
            let whole = patient(representation, 'n', &["card", "national"]);
            assert_here(child, "patient", &whole);
            assert_eq!(child.statuses_of(&uuid('n')), [Applied]);
            // It is no edit of this server: the parent's next version is taken.
            let later = patient(representation, 'n', &["card", "national", "third"]);
            parent.put(category("patient"), later.clone());
            child.pull_to_the_end();
            assert_here(child, "patient", &later);
            assert_nothing_is_left(child);
        });
    }
}

/// What is not refused because of others stays parked, with what it was refused for, and is tried once in each run.
#[test]
fn record_refused_in_every_way_is_parked_and_tried_later() {
    in_every_way(|representation, parent, child| {
        parent.put(category("patient"), patient(representation, 'a', &["1"]));
        parent.put(category("visit"), visit("v", 'a', 1, 5));
        child.pull_to_the_end();
        parent.put(category("visit"), visit("w", 'a', 4, 8));
        child.pull_to_the_end();
        let parked = child.parked();
        assert_eq!(parked.iter().map(|parked| parked.object.uuid.as_str()).collect::<Vec<_>>(), ["w"]);
        assert!(parked[0].error.message.contains("overlaps"), "{}", parked[0].error.message);
        assert_eq!(parked[0].attempts, 1);
        // A clerk closes the other visit earlier, here.
        child.edit_as(Representation::Rest, &object("visit", "v"), &visit("v", 'a', 1, 3));
        child.pull_to_the_end();
        assert_here(child, "visit", &visit("w", 'a', 4, 8));
        assert_eq!(child.parked(), []);
    });
}
