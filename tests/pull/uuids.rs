//! Metadata that is one thing under two uuids.

use serde_json::{Value, json};
use sync2::error::{Error, ErrorKind};
use sync2::event::Representation;
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, encounter, object, patient};

fn location(uuid: &str) -> Value {
    json!({"resourceType": "Location", "id": uuid, "name": "Outpatients"})
}

fn encounter_at(location: &str) -> Value {
    let mut document = encounter("e", "p");
    document["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
    document
}

/// A parent whose outpatients' clinic has another uuid than here.
fn parent() -> MockParent {
    let parent = MockParent::start();
    parent.put(category("location"), location("theirs"));
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("encounter"), encounter_at("theirs"));
    parent
}

fn child(document: Value) -> Child {
    let mut child = Child::configured(document);
    child.edit_as(Representation::Fhir, &object("location", "ours"), &location("ours"));
    child
}

fn mapped(parent: &MockParent) -> Value {
    let mut document = parent.config_document(&["location", "patient", "encounter"]);
    document["uuidMap"] = json!({"location": {"theirs": "ours"}});
    document
}

#[test]
fn what_refers_to_mapped_metadata_is_saved_with_the_uuid_here() {
    let parent = parent();
    let mut child = child(mapped(&parent));
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), Some(encounter_at("ours")));
    assert_eq!(child.document("location", "theirs"), None);
    assert_eq!(child.statuses_of("e"), [AuditStatus::Applied]);
    assert_eq!(child.statuses_of("theirs"), [] as [AuditStatus; 0]);

    // Both sides agree on it: the next version is no conflict.
    let mut moved = encounter_at("theirs");
    moved["status"] = json!("finished");
    parent.put(category("encounter"), moved);
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e").unwrap()["status"], "finished");
    assert!(child.conflicts().is_empty());
}

#[test]
fn what_waited_for_metadata_of_the_same_name_follows_once_it_is_mapped() {
    let parent = parent();
    let mut child = child(parent.config_document(&["location", "patient", "encounter"]));
    let same_name = "the location 'Outpatients' is ours here and theirs there: if they are one, say so";
    child.host.fail_save("theirs", Error::new(ErrorKind::Duplicate, same_name));
    child.pull_to_the_end();
    assert_eq!(child.parked().len(), 2);
    let problems = |child: &Child| -> Vec<String> {
        let problems = child.engine.status().unwrap().problems.into_iter();
        problems.filter(|problem| problem.contains("two uuids")).collect()
    };
    let told = problems(&child);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("'Outpatients' is ours here and theirs there") && told[0].contains("uuidMap"), "{told:?}");

    child.restart_as(mapped(&parent));
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), Some(encounter_at("ours")));
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    assert_eq!(problems(&child), Vec::<String>::new());
}
