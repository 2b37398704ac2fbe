//! Pulls through the parent's exchange give what pulls by FHIR and REST give, in fewer requests.

use serde_json::{Value, json};
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::MockParent;

use crate::node::*;

fn is_exchange(path: &str) -> bool {
    path.contains("/sync2/objects/")
}

fn configured(parent: &MockParent, categories: &[&str]) -> Value {
    let mut document = parent.config_document(categories);
    document["parent"]["exchange"] = json!("auto");
    document
}

/// Some objects of each kind, of which some are edited, voided or unreadable.
fn populate(parent: &MockParent) {
    parent.set_page_size(100);
    parent.put(category("encounter_type"), json!({"uuid": "visit-note", "name": "Visit Note"}));
    for number in 0..40 {
        let (patient_uuid, encounter_uuid) = (format!("p{number}"), format!("e{number}"));
        parent.put(category("patient"), patient(&patient_uuid, "Nakato"));
        parent.put(category("encounter"), encounter(&encounter_uuid, &patient_uuid));
    }
    parent.put(category("patient"), patient("p1", "Nakato-Okello"));
    parent.void(category("encounter"), "e2");
    parent.append_event(category("patient"), sync2::event::Action::Updated, "never-there");
}

fn everything(child: &mut Child) -> Vec<(String, Option<Value>, Vec<AuditStatus>)> {
    let uuids = (0..40).flat_map(|number| [("patient", format!("p{number}")), ("encounter", format!("e{number}"))]);
    let uuids = uuids.chain([("encounter_type", "visit-note".to_string()), ("patient", "never-there".to_string())]);
    uuids
        .map(|(category, uuid)| {
            let mut statuses = child.statuses_of(&uuid);
            statuses.sort_by_key(|status| format!("{status:?}"));
            (uuid.clone(), child.document(category, &uuid), statuses)
        })
        .collect()
}

const CATEGORIES: [&str; 3] = ["encounter_type", "patient", "encounter"];

#[test]
fn pull_by_exchange_brings_the_same_with_fewer_requests() {
    let parent = MockParent::start();
    populate(&parent);
    let once = |mut document: Value| {
        document["retry"]["attempts"] = json!(1);
        document
    };
    let mut plain = Child::configured(once(parent.config_document(&CATEGORIES)));
    plain.pull_to_the_end();
    parent.serve_exchange();
    parent.forget_requests();
    let mut exchanging = Child::configured(once(configured(&parent, &CATEGORIES)));
    exchanging.pull_to_the_end();
    assert_eq!(everything(&mut exchanging), everything(&mut plain));
    assert!(exchanging.audit().iter().any(|message| message.outcome.client.as_deref() == Some("exchange")));
    // One to ask whether it is there, one for the objects of all three categories, and one to ask where the parent's feed ends.
    assert_eq!(parent.count_requests(is_exchange), 3);
    assert_eq!(parent.count_requests(|path| path.contains("/fhir2/") || path.contains("encountertype")), 0);
    assert!(exchanging.engine.status().unwrap().notes.is_empty());
}

#[test]
fn a_voided_rest_document_is_removed() {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent.put(category("visit"), json!({"uuid": "v"}));
    let mut child = Child::configured(configured(&parent, &["visit"]));
    child.pull_to_the_end();
    assert!(child.document("visit", "v").is_some());
    parent.void(category("visit"), "v");
    child.pull_to_the_end();
    assert!(child.document("visit", "v").is_none());
}

#[test]
fn parent_without_exchange_is_pulled_by_fhir_with_a_note() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Nakato"));
    let mut child = Child::configured(configured(&parent, &["patient"]));
    child.pull_to_the_end();
    assert!(child.document("patient", "p").is_some());
    let notes = child.engine.status().unwrap().notes;
    assert!(notes.len() == 1 && notes[0].message.contains("exchange"), "{notes:?}");
    assert_eq!(parent.count_requests(is_exchange), 1);
}

#[test]
fn a_pull_that_finds_nothing_new_does_not_ask_for_it() {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent.put(category("patient"), patient("p", "Nakato"));
    let mut child = Child::configured(configured(&parent, &["patient"]));
    child.pull_to_the_end();
    parent.forget_requests();
    child.pull_to_the_end();
    assert_eq!(parent.count_requests(is_exchange), 0);
}

#[test]
fn one_object_by_name_and_what_it_refers_to_go_through_it() {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent.store(category("patient"), patient("p", "Nakato"));
    parent.store(category("encounter"), encounter("e", "p"));
    let mut child = Child::configured(configured(&parent, &["patient", "encounter"]));
    child.engine.pull_object(&object("encounter", "e"), &mut child.host).unwrap();
    assert!(child.document("patient", "p").is_some() && child.document("encounter", "e").is_some());
    assert_eq!(parent.count_requests(|path| path.contains("/fhir2/")), 0);
}

#[test]
fn the_session_that_ended_is_renewed() {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent.put(category("patient"), patient("p", "Nakato"));
    let mut child = Child::configured(configured(&parent, &["patient"]));
    child.pull_to_the_end();
    parent.invalidate_sessions();
    parent.put(category("patient"), patient("p2", "Okello"));
    child.pull_to_the_end();
    assert!(child.document("patient", "p2").is_some());
}
