use serde_json::json;
use sync2::error::ErrorKind;
use sync2::host::{Host, Removal};
use sync2::store::Transaction;
use sync2::wire::{ReadLine, ReadState};
use sync2::{event::Action, event::Representation};

use super::parent::*;

#[test]
fn each_object_is_present_removed_or_absent() {
    let mut parent = Parent::new();
    parent.edit(&patient("p", "Nakato"));
    parent.edit(&patient("gone", "Okello"));
    let removal = Removal { action: Action::Voided, reason: "entered twice".into() };
    parent.host.begin().unwrap();
    parent.host.remove(Representation::Fhir, &object("patient", "gone"), &removal).unwrap();
    parent.host.commit().unwrap();
    let answers = parent.read(&[asked("patient", "p"), asked("patient", "gone"), asked("patient", "never")]);
    let states: Vec<_> = answers.iter().map(|answer| answer.state).collect();
    assert_eq!(states, [ReadState::Present, ReadState::Removed, ReadState::Absent]);
    assert_eq!(answers[0].document, Some(patient("p", "Nakato")));
    assert_eq!((answers[2].category.as_str(), answers[2].uuid.as_str()), ("patient", "never"));
}

#[test]
fn a_line_that_cannot_be_read_fails_for_itself_only() {
    let mut parent = Parent::new();
    parent.edit(&patient("p", "Nakato"));
    let good = serde_json::to_string(&asked("patient", "p")).unwrap();
    let bad = [
        "no json".to_string(),
        json!({"category": "unicorn", "uuid": "u", "representation": "fhir"}).to_string(),
        json!({"category": "patient", "uuid": "../p", "representation": "fhir"}).to_string(),
        json!({"category": "encounter_type", "uuid": "u", "representation": "fhir"}).to_string(),
        json!({"category": "patient_identifier", "uuid": "u", "representation": "rest"}).to_string(),
        good[..good.len() - 1].to_string(),
    ];
    for line in bad {
        let request = format!("{good}\n{line}\n\n{good}");
        let answers = parent.engine.read_objects(&mut parent.host, ACCOUNT, request.as_bytes()).unwrap();
        let answers: Vec<sync2::wire::ReadAnswer> = parsed(&answers);
        let states: Vec<_> = answers.iter().map(|answer| answer.state).collect();
        assert_eq!(states, [ReadState::Present, ReadState::Failed, ReadState::Present], "{line}");
        assert_eq!(answers[1].error.as_ref().unwrap().kind, "Malformed", "{line}");
    }
}

#[test]
fn an_object_that_the_host_cannot_read_fails_for_itself_only() {
    let mut parent = Parent::new();
    parent.edit(&patient("p", "Nakato"));
    let as_rest = ReadLine { representation: "rest".into(), ..asked("patient", "p") };
    let answers = parent.read(&[as_rest.clone(), asked("patient", "p"), as_rest]);
    let states: Vec<_> = answers.iter().map(|answer| answer.state).collect();
    assert_eq!(states, [ReadState::Failed, ReadState::Present, ReadState::Failed]);
    assert_eq!(answers[0].error.as_ref().unwrap().kind, "Host");
    assert_eq!(parent.host.counters().rollbacks, 2 + rollbacks_of_opening());
}

fn rollbacks_of_opening() -> u64 {
    Parent::new().host.counters().rollbacks
}

#[test]
fn a_question_without_lines_has_no_answers() {
    let mut parent = Parent::new();
    assert!(parent.engine.read_objects(&mut parent.host, ACCOUNT, b"").unwrap().is_empty());
    assert!(parent.engine.apply_objects(&mut parent.host, ACCOUNT, NODE, b"\n").unwrap().is_empty());
}

#[test]
fn a_database_that_is_away_is_an_error() {
    let mut parent = Parent::new();
    parent.host.lose_database();
    let lines = written(&[asked("patient", "p")]);
    let error = parent.engine.read_objects(&mut parent.host, ACCOUNT, &lines).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Host);
}

#[test]
fn more_children_than_allowed_are_told_to_come_later() {
    let mut parent = Parent::with(json!({"concurrency": 1}));
    parent.edit(&patient("p", "Nakato"));
    let engine = std::sync::Arc::new(parent.engine);
    let lines = written(&[asked("patient", "p")]);
    let (second, again) = (engine.clone(), lines.clone());
    parent.host.after_read(move |host, _| {
        for refused in [
            second.read_objects(host, ACCOUNT, &again).unwrap_err(),
            second.apply_objects(host, ACCOUNT, NODE, b"").unwrap_err(),
        ] {
            assert_eq!(refused.kind, ErrorKind::Busy);
            assert!(refused.retry_after.is_some());
        }
    });
    for _ in 0..2 {
        let answers: Vec<sync2::wire::ReadAnswer> =
            parsed(&engine.read_objects(&mut parent.host, ACCOUNT, &lines).unwrap());
        assert_eq!(answers[0].state, ReadState::Present);
    }
}
