//! Names, addresses, attributes and identifiers have feeds of their own: each of their events is a change of the person or
//! patient that they belong to.

use serde_json::{Value, json};
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, entry_with_link, patient};

/// What a parent's child is told to pull.
const CATEGORIES: [&str; 4] = ["person", "patient", "patient_identifier", "person_name"];

fn name_entry(id: &str, action: &str, person: &str) -> String {
    entry_with_link(id, "person_name", action, &format!("/ws/rest/v1/person/{person}/name/a-name?v=full"))
}

fn person(uuid: &str, family: &str) -> Value {
    json!({"resourceType": "Person", "id": uuid, "name": [{"family": family}]})
}

#[test]
fn a_changed_name_brings_the_patient() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &CATEGORIES);
    child.pull_to_the_end();
    parent.store(category("patient"), patient("p", "Nakato"));
    parent.append_raw_entry(category("person_name"), &name_entry("changed", "UPDATED", "p"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Nakato")));
    assert_eq!(child.document("person", "p"), None);
    child.assert_audited(2);
}

#[test]
fn a_voided_name_removes_nobody() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    parent.append_raw_entry(category("person_name"), &name_entry("voided", "VOIDED", "p"));
    let mut child = Child::of(&parent, &CATEGORIES);
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
    let mut statuses = child.statuses_of("p");
    statuses.sort();
    assert_eq!(statuses, [AuditStatus::Applied, AuditStatus::Coalesced]);
    assert_eq!(parent.count_requests(|path| path.contains("/Patient")), 1);
}

#[test]
fn voided_patient_is_removed_despite_a_later_event_of_its_name() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &CATEGORIES);
    child.pull_to_the_end();
    parent.void(category("patient"), "p");
    let entry = name_entry("voided too", "VOIDED", "p").replace("2026-11-23", "2031-11-23");
    parent.append_raw_entry(category("person_name"), &entry);
    child.pull_to_the_end();
    assert_eq!(child.parked(), []);
    assert_eq!(child.document("patient", "p"), None);
}

#[test]
fn an_identifier_belongs_to_its_patient() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    let link = "/ws/rest/v1/patient/p/identifier/an-identifier?v=full";
    parent
        .append_raw_entry(category("patient_identifier"), &entry_with_link("1", "patient_identifier", "CREATED", link));
    let mut child = Child::of(&parent, &CATEGORIES);
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
}

#[test]
fn a_person_who_is_no_patient_is_brought_as_a_person() {
    let parent = MockParent::start();
    parent.store(category("person"), person("q", "Auma"));
    parent.append_raw_entry(category("person_name"), &name_entry("1", "CREATED", "q"));
    let mut child = Child::of(&parent, &CATEGORIES);
    child.pull_to_the_end();
    assert_eq!(child.document("person", "q"), Some(person("q", "Auma")));
    child.assert_audited(1);
}

#[test]
fn person_who_is_no_patient_stays_away_if_only_patients_come() {
    let parent = MockParent::start();
    parent.store(category("person"), person("q", "Auma"));
    parent.append_raw_entry(category("person_name"), &name_entry("1", "CREATED", "q"));
    let mut child = Child::of(&parent, &["patient", "person_name"]);
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 0);
    assert!(child.audit().is_empty() && child.parked().is_empty());
}

#[test]
fn a_part_that_does_not_say_whose_it_is_is_parked() {
    let parent = MockParent::start();
    let link = "/ws/rest/v1/name/a-name?v=full";
    parent.append_raw_entry(category("person_name"), &entry_with_link("1", "person_name", "CREATED", link));
    let mut child = Child::of(&parent, &CATEGORIES);
    child.pull_to_the_end();
    assert_eq!(child.parked().len(), 1);
}
