//! A parent without this module: object by object, over FHIR and REST.

use serde_json::{Value, json};
use sync2::error::ErrorKind;
use sync2::event::Representation;
use sync2::host::Stored;
use sync2::store::audit::AuditStatus::{Applied, Coalesced, Conflict, Removed, Unchanged};
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::node::{Child, category, config, encounter, object, patient, state};

fn location(uuid: &str, name: &str) -> Value {
    json!({"resourceType": "Location", "id": uuid, "name": name})
}

fn encounter_type(uuid: &str, name: &str) -> Value {
    json!({"uuid": uuid, "name": name, "description": "as it was agreed", "retired": false})
}

fn child_of(parent: &MockParent) -> Child {
    let mut document = config(parent);
    document["categories"] =
        json!({"patient": {}, "encounter": {}, "observation": {}, "location": {}, "encounter_type": {}});
    Child::configured(document)
}

fn edit_type(child: &mut Child, uuid: &str, name: &str) {
    let document = encounter_type(uuid, name).to_string();
    child.host.edit(Representation::Rest, &object("encounter_type", uuid), document.as_bytes()).unwrap();
}

#[test]
fn objects_are_created_changed_and_removed() {
    let parent = MockParent::start();
    let mut child = child_of(&parent);
    child.edit("location", location("l", "Ward"));
    edit_type(&mut child, "t", "Visit");
    child.push_to_the_end();
    assert_eq!(child.engine.status().unwrap().push_exchange, Some(false));
    child.edit("location", location("l", "New ward"));
    edit_type(&mut child, "t", "Home visit");
    child.push_to_the_end();
    assert_eq!(parent.document(category("location"), "l"), Some(location("l", "New ward")));
    assert_eq!(parent.document(category("encounter_type"), "t").unwrap()["name"], "Home visit");
    assert_eq!(child.statuses_of("l"), [Applied, Applied]);
    assert_eq!(child.statuses_of("t"), [Applied, Applied]);
    child.void("location", "l");
    child.push_to_the_end();
    assert_eq!(parent.document(category("location"), "l"), None);
    assert_eq!(child.statuses_of("l"), [Applied, Applied, Removed]);
    child.pull_to_the_end();
    parent.forget_requests();
    child.push_to_the_end();
    assert_eq!(parent.requests(), []);
}

#[test]
fn object_that_fhir_does_not_create_is_parked_with_advice() {
    let parent = MockParent::start();
    let mut child = child_of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.edit("location", location("l", "Ward"));
    child.push_to_the_end();
    let parked = child.parked();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].error.kind, ErrorKind::Rejected);
    assert!(parked[0].error.message.contains("Install Sync 2 at the parent"), "{}", parked[0].error.message);
    assert_eq!(child.statuses_of("l"), [Applied]);
}

#[test]
fn object_changed_meanwhile_at_a_plain_parent_is_kept() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = child_of(&parent);
    child.pull_to_the_end();
    parent.put(category("patient"), patient("p", "Auma"));
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Auma")));
    assert_eq!(child.statuses_of("p"), [Conflict, Coalesced]);
    assert_eq!(child.conflicts().len(), 1);
}

#[test]
fn a_write_whose_answer_is_lost_is_recognised() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = child_of(&parent);
    child.pull_to_the_end();
    child.push_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    // The address without a query is only written to.
    parent.fail(|path| path.ends_with("/Patient/p"), Fault::Unanswered);
    assert_eq!(state(&child.push()), "interrupted");
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Nakato")));
    parent.heal();
    child.edit("patient", patient("p", "Achieng"));
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Achieng")));
    assert!(child.conflicts().is_empty());
    assert_eq!(child.count("sync2_pending"), 0);
}

#[test]
fn the_same_change_on_both_sides_is_written_by_neither() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = child_of(&parent);
    child.pull_to_the_end();
    child.push_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    parent.put(category("patient"), patient("p", "Nakato"));
    parent.forget_requests();
    child.push_to_the_end();
    assert_eq!(child.statuses_of("p"), [Unchanged, Unchanged]);
    assert!(parent.requests().iter().all(|request| request.method != "PUT"));
}

#[test]
fn a_version_that_the_parent_names_is_what_is_replaced() {
    let parent = MockParent::start();
    let mut versioned = patient("p", "Okello");
    versioned["meta"] = json!({"versionId": "7"});
    parent.put(category("patient"), versioned);
    let mut child = child_of(&parent);
    child.pull_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    assert_eq!(parent.if_match(), ["W/\"7\""]);
}

#[test]
fn with_exchange_never_the_parent_is_not_asked_for_it() {
    let parent = crate::node::parent();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut document = config(&parent);
    document["parent"]["exchange"] = json!("never");
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    child.edit("encounter", encounter("e", "p"));
    child.push_to_the_end();
    assert_eq!(parent.count_requests(|path| path.contains("/objects/")), 0);
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Nakato")));
}

/// A patient whom both have, with an encounter; the child removes with a patient what hangs on her.
fn with_encounter(parent: &MockParent) -> Child {
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("encounter"), encounter("known", "p"));
    let mut child = child_of(parent);
    child.host.cascade_removals();
    child.pull_to_the_end();
    child.push_to_the_end();
    child
}

#[test]
fn removal_at_a_plain_parent_takes_along_nothing_unknown_here() {
    let parent = MockParent::start();
    let mut child = with_encounter(&parent);
    parent.put(category("encounter"), encounter("elsewhere", "p"));
    child.void("patient", "p");
    child.push_to_the_end();
    assert!(parent.document(category("patient"), "p").is_some());
    let conflicts = child.conflicts();
    let named = conflicts[0].detail.as_ref().unwrap()["takesAlong"].as_array().unwrap();
    let named: Vec<&str> = named.iter().map(|one| one["uuid"].as_str().unwrap()).collect();
    assert_eq!((conflicts.len(), named), (1, vec!["elsewhere"]));
}

#[test]
fn encounter_changed_at_a_plain_parent_opposes_the_removal() {
    let parent = MockParent::start();
    let mut child = with_encounter(&parent);
    let mut changed = encounter("known", "p");
    changed["period"]["start"] = json!("2026-11-21T08:00:00+00:00");
    parent.put(category("encounter"), changed);
    child.void("patient", "p");
    child.push_to_the_end();
    assert!(parent.document(category("patient"), "p").is_some());
    assert_eq!(child.conflicts()[0].detail.as_ref().unwrap()["takesAlong"][0]["why"], "changed");
}

#[test]
fn a_removal_of_what_was_known_whole_is_done_at_a_plain_parent() {
    let parent = MockParent::start();
    let mut child = with_encounter(&parent);
    child.void("patient", "p");
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), None);
    assert!(child.conflicts().is_empty());
}

/// What is live here.
fn here(child: &Child, category: &str, uuid: &str) -> Option<Value> {
    match child.host.look(&object(category, uuid)).unwrap() {
        Stored::Present(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Stored::Absent | Stored::Removed => None,
    }
}

/// Its result has no event of its own: only the parent's answer says that it stays.
#[test]
fn encounter_moved_at_a_plain_parent_comes_back_with_results() {
    let parent = MockParent::start();
    let result = json!({"resourceType": "Observation", "id": "o", "status": "final", "valueString": "5.1",
                        "encounter": {"reference": "Encounter/known"}});
    parent.put(category("patient"), patient("q", "Okelo"));
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("encounter"), encounter("known", "p"));
    parent.put(category("observation"), result.clone());
    let mut child = with_encounter(&parent);
    assert_eq!(here(&child, "observation", "o"), Some(result.clone()));
    parent.put(category("encounter"), encounter("known", "q"));
    child.void("patient", "p");
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), None);
    child.pull_to_the_end();
    assert_eq!(here(&child, "encounter", "known"), Some(encounter("known", "q")));
    assert_eq!(here(&child, "observation", "o"), Some(result), "{:?}", child.parked());
    assert!(child.parked().is_empty() && child.conflicts().is_empty());
}

#[test]
fn plain_parent_that_hides_what_goes_along_gets_no_removal() {
    let parent = MockParent::start();
    let mut child = with_encounter(&parent);
    parent.fail(|path| path.contains("/Encounter?patient="), Fault::status(403));
    child.void("patient", "p");
    child.push_to_the_end();
    assert!(parent.document(category("patient"), "p").is_some());
    let parked = child.parked();
    let words = &parked.iter().find(|parked| parked.object.uuid == "p").unwrap().error.message;
    assert!(words.contains("would go along") && words.contains("let the sync account read"), "{words}");
}
