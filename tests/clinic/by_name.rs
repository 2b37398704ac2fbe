//! Objects that somebody asks for by name, and what hangs on them. Nothing tells of them in a feed.

use serde_json::{Value, json};
use sync2::event::ObjectId;
use sync2::status::RunReport;
use sync2::store::runs::RunKind;

use super::nodes::{Node, Pair, encounter_in, object, object_of, observation, patient, visit};

/// A patient with a visit, an encounter in it and two observations; and another patient's encounter.
fn history() -> Vec<Value> {
    vec![
        patient("p", "Okello"),
        patient("other", "Nakato"),
        visit("v", "p"),
        encounter_in("e", "p", "v"),
        encounter_in("other-e", "other", "other-v"),
        visit("other-v", "other"),
        observation("o1", "p", "e", "120/80"),
        observation("o2", "p", "e", "came alone"),
    ]
}

const HERS: [(&str, &str); 5] =
    [("patient", "p"), ("visit", "v"), ("encounter", "e"), ("observation", "o1"), ("observation", "o2")];

/// Saved while nobody listens, as before the module was installed.
fn untold(node: &mut Node, documents: &[Value]) {
    let saved: Vec<_> =
        documents.iter().map(|document| (object_of(document), document.to_string().into_bytes())).collect();
    node.host.edit_untold(&saved, &[]).unwrap();
}

fn has_hers(node: &Node) -> Vec<bool> {
    HERS.iter().map(|(category, uuid)| node.is_live(category, uuid)).collect()
}

fn ended(report: RunReport) {
    assert_eq!(report.run.state.name(), "completed", "{:?}", report.run.error);
    assert_eq!(report.run.kind, RunKind::Object);
}

fn push(pair: &mut Pair, named: &ObjectId) {
    let Node { engine, host, .. } = &mut pair.child;
    ended(engine.push_object(named, host).unwrap());
}

fn pull(pair: &mut Pair, named: &ObjectId) {
    let Node { engine, host, .. } = &mut pair.child;
    ended(engine.pull_object(named, host).unwrap());
}

#[test]
fn a_patient_pushed_by_name_goes_with_all_that_hangs_on_her() {
    let mut pair = Pair::start();
    untold(&mut pair.child, &history());
    pair.child.push();
    assert_eq!(has_hers(&pair.parent()), [false; 5]);
    push(&mut pair, &object("patient", "p"));
    assert_eq!(has_hers(&pair.parent()), [true; 5]);
    assert!(!pair.parent().is_live("patient", "other") && !pair.parent().is_live("encounter", "other-e"));
    assert!(pair.child.parked().is_empty() && pair.child.conflicts().is_empty());
}

#[test]
fn a_patient_pulled_by_name_comes_with_all_that_hangs_on_her() {
    let mut pair = Pair::start();
    untold(&mut pair.parent(), &history());
    pair.child.pull();
    assert_eq!(has_hers(&pair.child), [false; 5]);
    pull(&mut pair, &object("patient", "p"));
    assert_eq!(has_hers(&pair.child), [true; 5]);
    assert!(!pair.child.is_live("patient", "other") && !pair.child.is_live("encounter", "other-e"));
    assert!(pair.child.parked().is_empty());
}

#[test]
fn encounter_by_name_brings_its_observations_and_owners() {
    let mut pair = Pair::start();
    untold(&mut pair.child, &history());
    push(&mut pair, &object("encounter", "e"));
    assert_eq!(has_hers(&pair.parent()), [true; 5]);
}

#[test]
fn push_by_name_sends_neither_voided_nor_agreed_objects() {
    let mut pair = Pair::start();
    untold(&mut pair.child, &history());
    pair.child.host.edit_untold(&[], &[object("observation", "o2")]).unwrap();
    push(&mut pair, &object("patient", "p"));
    assert_eq!(has_hers(&pair.parent()), [true, true, true, true, false]);
    let Node { engine, host, .. } = &mut pair.child;
    let again = engine.push_object(&object("patient", "p"), host).unwrap();
    let counts: Vec<_> = again.run.progress.counts.iter().map(|(status, count)| (status.name(), *count)).collect();
    assert_eq!(counts, [("UNCHANGED", 4)]);
}

#[test]
fn account_without_a_right_to_a_kind_is_not_told_of_it() {
    let mut pair = Pair::configured(json!({"children": {"sync": {"categories": ["patient", "visit"]}}}));
    untold(&mut pair.parent(), &history());
    pull(&mut pair, &object("patient", "p"));
    assert_eq!(has_hers(&pair.child), [true, true, false, false, false]);
    assert!(pair.child.parked().is_empty());
}
