//! A child of the release before, which compares documents by version 3 of their form.

use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::event::Representation;
use sync2::wire::{ApplyAnswer, ApplyLine, ApplyStatus, GreetingAnswer};

use super::parent::{ACCOUNT, NODE, Parent, hash, parsed, patient, sent};

/// What has another form in version 3: a date with a zone that it does not have.
fn dated(name: &str) -> Value {
    json!({"uuid": "t", "name": name, "valueDatetime": "2026-03-02T00:00:00.000+0300",
           "concept": {"datatype": {"uuid": "8d4a505e-c2cc-11de-8d13-0010c6dffd0f"}}})
}

fn hash_of_before(document: &Value) -> String {
    canonical::hash_at(3, Representation::Rest, document)
}

fn of_before(document: &Value, seen: Option<&Value>) -> ApplyLine {
    ApplyLine { canonical_version: 3, last_seen: seen.map(hash_of_before), ..sent(document) }
}

fn outcome(answer: &ApplyAnswer) -> (ApplyStatus, Option<String>) {
    (answer.status, answer.hash.clone())
}

#[test]
fn a_child_of_the_release_before_is_answered_in_its_terms() {
    let mut parent = Parent::new();
    assert_ne!(hash_of_before(&dated("one")), hash(&dated("one")));
    let first = parent.apply_one(&of_before(&dated("one"), None));
    assert_eq!(outcome(&first), (ApplyStatus::Applied, Some(hash_of_before(&dated("one")))));
    // Each time it says what it saw last, as it was told.
    let again = parent.apply_one(&of_before(&dated("one"), Some(&dated("one"))));
    assert_eq!(outcome(&again), (ApplyStatus::Unchanged, Some(hash_of_before(&dated("one")))));
    let edited = parent.apply_one(&of_before(&dated("two"), Some(&dated("one"))));
    assert_eq!(outcome(&edited), (ApplyStatus::Applied, Some(hash_of_before(&dated("two")))));
    // An edit here is still nobody's to overwrite.
    parent.edit(&dated("edited here"));
    let conflict = parent.apply_one(&of_before(&dated("three"), Some(&dated("two"))));
    assert_eq!(outcome(&conflict), (ApplyStatus::Conflict, Some(hash_of_before(&dated("edited here")))));
}

#[test]
fn answer_lost_to_the_release_before_is_made_up_for() {
    let mut parent = Parent::new();
    parent.apply_one(&of_before(&dated("one"), None));
    let pending = vec![hash_of_before(&dated("one"))];
    let edited = ApplyLine { pending, ..of_before(&dated("two"), None) };
    assert_eq!(parent.apply_one(&edited).status, ApplyStatus::Applied);
}

/// Its update comes between two of its sends.
#[test]
fn updated_child_goes_on_from_the_answers_it_had_before() {
    let mut parent = Parent::new();
    parent.apply_one(&of_before(&dated("one"), None));
    let carried = of_before(&dated("two"), Some(&dated("one")));
    assert_eq!(parent.apply_one(&carried).status, ApplyStatus::Applied);
    let today = ApplyLine { last_seen: Some(hash(&dated("two"))), ..sent(&dated("three")) };
    assert_eq!(parent.apply_one(&today).status, ApplyStatus::Applied);
}

#[test]
fn a_greeting_is_answered_with_the_versions_that_are_known_here() {
    let mut parent = Parent::new();
    parent.host.capture_changes();
    let line = serde_json::to_string(&sent(&patient("p", "Nakato"))).unwrap();
    let request = format!("{}\n{line}\n", json!({"greeting": {"from": "a later release"}}));
    let answers = parent.engine.apply_objects(&mut parent.host, ACCOUNT, NODE, request.as_bytes()).unwrap();
    let (greeted, answers) = answers.split_at(answers.iter().position(|byte| *byte == b'\n').unwrap() + 1);
    let greeted: Vec<GreetingAnswer> = parsed(greeted);
    assert_eq!(greeted[0].greeting.canonical_versions, [3, 4]);
    let answers: Vec<ApplyAnswer> = parsed(answers);
    assert_eq!(answers[0].status, ApplyStatus::Applied);
    assert_eq!(answers[0].feed.as_ref().map(|feed| feed.number), Some(1));
    // Who may do nothing learns nothing of what is here.
    let unnamed = parent.engine.apply_objects(&mut parent.host, "stranger", NODE, request.as_bytes()).unwrap();
    let first = unnamed.split(|byte| *byte == b'\n').next().unwrap();
    assert_eq!(parsed::<GreetingAnswer>(first)[0].greeting.feed, None);
}
