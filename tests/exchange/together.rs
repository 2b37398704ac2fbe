//! Lines of one request that are refused because of one another, at a parent that refuses what OpenMRS refuses.

use serde_json::{Value, json};
use sync2::event::Representation;
use sync2::wire::{ApplyLine, ApplyStatus};

use super::parent::*;

const BOTH: [Representation; 2] = [Representation::Fhir, Representation::Rest];

/// As long as uuids are: a refusal names the holder by it.
fn uuid(name: char) -> String {
    std::iter::repeat_n(name, 36).collect()
}

fn patient(representation: Representation, name: char, numbers: &[&str]) -> Value {
    let element = |number: &&str| match representation {
        Representation::Fhir => json!({"id": format!("i{number}"), "type": {"text": "Card"}, "value": number}),
        Representation::Rest => json!({"uuid": format!("i{number}"), "identifier": number,
                                       "identifierType": {"uuid": "card", "display": "Card"}}),
    };
    let elements: Vec<Value> = numbers.iter().map(element).collect();
    match representation {
        Representation::Fhir => json!({"resourceType": "Patient", "id": uuid(name), "identifier": elements}),
        Representation::Rest => json!({"uuid": uuid(name), "identifiers": elements}),
    }
}

fn visit(first: u32, last: u32) -> Value {
    json!({"uuid": "v", "patient": {"uuid": uuid('a')}, "startDatetime": format!("2026-11-{first:02}T08:00:00.000+0000"),
           "stopDatetime": format!("2026-11-{last:02}T18:00:00.000+0000")})
}

fn encounter(day: u32) -> Value {
    json!({"uuid": "e", "patient": {"uuid": uuid('a')}, "visit": {"uuid": "v"},
           "encounterDatetime": format!("2026-11-{day:02}T09:00:00.000+0000")})
}

fn line(category: &str, document: &Value, seen: Option<&Value>) -> ApplyLine {
    let uuid = document.get("id").or_else(|| document.get("uuid")).and_then(Value::as_str).unwrap();
    let representation = if document.get("resourceType").is_some() { "fhir" } else { "rest" };
    ApplyLine {
        category: category.into(),
        uuid: uuid.into(),
        representation: representation.into(),
        last_seen: seen.map(hash),
        ..sent(document)
    }
}

fn parent() -> Parent {
    let mut parent = Parent::new();
    parent
        .host
        .edit(Representation::Rest, &object("patient_identifier_type", "card"), b"{\"uuid\": \"card\"}")
        .unwrap();
    parent.host.refuse_like_openmrs();
    parent
}

fn edit(parent: &mut Parent, representation: Representation, name: char, document: &Value) {
    let bytes = document.to_string().into_bytes();
    parent.host.edit(representation, &object("patient", &uuid(name)), &bytes).unwrap();
}

fn here(parent: &Parent, name: char) -> Option<Value> {
    parent.document(&object("patient", &uuid(name)))
}

#[test]
fn numbers_that_were_swapped_at_the_child_are_swapped() {
    for representation in BOTH {
        let mut parent = parent();
        let before = [('a', "1"), ('b', "2")].map(|(name, number)| patient(representation, name, &[number, "own-a"]));
        let before = [before[0].clone(), patient(representation, 'b', &["2"])];
        let after = [patient(representation, 'a', &["2", "own-a"]), patient(representation, 'b', &["1"])];
        edit(&mut parent, representation, 'a', &before[0]);
        edit(&mut parent, representation, 'b', &before[1]);
        let lines: Vec<ApplyLine> =
            after.iter().zip(&before).map(|(after, before)| line("patient", after, Some(before))).collect();
        assert_eq!(statuses(&parent.apply(&lines)), [ApplyStatus::Applied, ApplyStatus::Applied]);
        assert_eq!((here(&parent, 'a'), here(&parent, 'b')), (Some(after[0].clone()), Some(after[1].clone())));
        // The same request once more, because its answer was lost.
        assert_eq!(statuses(&parent.apply(&lines)), [ApplyStatus::Unchanged, ApplyStatus::Unchanged]);
    }
}

#[test]
fn number_handed_on_arrives_when_the_taker_is_sent_first() {
    for representation in BOTH {
        let mut parent = parent();
        let (giver, taker) = (patient(representation, 'a', &["1"]), patient(representation, 'b', &["2"]));
        edit(&mut parent, representation, 'a', &giver);
        edit(&mut parent, representation, 'b', &taker);
        let lines = [
            line("patient", &patient(representation, 'b', &["1"]), Some(&taker)),
            line("patient", &patient(representation, 'a', &["3"]), Some(&giver)),
        ];
        assert_eq!(statuses(&parent.apply(&lines)), [ApplyStatus::Applied, ApplyStatus::Applied]);
        assert_eq!(here(&parent, 'b'), Some(patient(representation, 'b', &["1"])));
    }
}

#[test]
fn visit_and_encounter_moved_in_time_at_the_child_are_applied() {
    for (before, after) in [((20, 21, 20), (10, 11, 10)), ((10, 11, 10), (20, 21, 20))] {
        let mut parent = parent();
        edit(&mut parent, Representation::Rest, 'a', &patient(Representation::Rest, 'a', &[]));
        let (visit_before, encounter_before) = (visit(before.0, before.1), encounter(before.2));
        for (category, document) in [("visit", &visit_before), ("encounter", &encounter_before)] {
            assert_eq!(parent.apply_one(&line(category, document, None)).status, ApplyStatus::Applied);
        }
        let (visit_after, encounter_after) = (visit(after.0, after.1), encounter(after.2));
        let lines = [
            line("visit", &visit_after, Some(&visit_before)),
            line("encounter", &encounter_after, Some(&encounter_before)),
        ];
        assert_eq!(statuses(&parent.apply(&lines)), [ApplyStatus::Applied, ApplyStatus::Applied]);
        assert_eq!(parent.document(&object("encounter", "e")), Some(encounter_after));
        assert_eq!(parent.document(&object("visit", "v")), Some(visit_after));
    }
}

/// The same person at both servers, with an encounter that only the child has.
#[test]
fn new_patient_lacks_the_taken_number_until_it_is_free() {
    for representation in BOTH {
        for voided in [true, false] {
            let mut parent = parent();
            edit(&mut parent, representation, 'l', &patient(representation, 'l', &["national"]));
            let newcomer = patient(representation, 'a', &["card", "national"]);
            let encounter = json!({"uuid": "e", "patient": {"uuid": uuid('a')}});
            let answers = parent.apply(&[line("patient", &newcomer, None), line("encounter", &encounter, None)]);
            assert_eq!(statuses(&answers), [ApplyStatus::Partial, ApplyStatus::Applied]);
            let reduced = patient(representation, 'a', &["card"]);
            assert_eq!(here(&parent, 'a'), Some(reduced.clone()));
            assert_eq!(answers[0].hash, Some(hash(&reduced)));
            let note = &answers[0].notes[0];
            assert!(note.contains(&uuid('l')) && !note.contains("national"), "{note}");
            assert_eq!(here(&parent, 'l'), Some(patient(representation, 'l', &["national"])));

            // The parent's clerk merges the two, or corrects the other one's number.
            let other = object("patient", &uuid('l'));
            if voided {
                parent.host.void(&other).unwrap();
            } else {
                edit(&mut parent, representation, 'l', &patient(representation, 'l', &["other"]));
            }
            assert_eq!(parent.apply(&[]), []);
            assert_eq!(here(&parent, 'a'), Some(newcomer.clone()));
            // What the child brings later is over what it saw, or a version that is here already.
            let later = patient(representation, 'a', &["card", "national", "third"]);
            let answer = parent.apply_one(&line("patient", &later, Some(&newcomer)));
            assert_eq!(answer.status, ApplyStatus::Applied);
        }
    }
}
