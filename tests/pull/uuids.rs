//! Metadata that is one thing under two uuids.

use serde_json::{Value, json};
use sync2::error::{Error, ErrorKind, Namesake};
use sync2::event::Representation;
use sync2::namesakes::Pair;
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
fn reference_to_mapped_metadata_is_saved_with_the_uuid_here() {
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
fn record_waiting_for_a_namesake_is_saved_once_it_is_mapped() {
    let parent = parent();
    let mut child = child(parent.config_document(&["location", "patient", "encounter"]));
    let same_name = "the location 'Outpatients' is ours here and theirs there: if they are one, say so";
    let outpatients = Namesake { name: "Outpatients".into(), uuid: "ours".into() };
    child.host.fail_save("theirs", Error::new(ErrorKind::Duplicate, same_name).beside(outpatients));
    child.pull_to_the_end();
    assert_eq!(child.parked().len(), 2);
    let problems = |child: &Child| -> Vec<String> {
        let problems = child.engine.status().unwrap().problems.into_iter();
        problems.filter(|problem| problem.contains("two uuids")).collect()
    };
    let told = problems(&child);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("'Outpatients' is ours here and theirs there") && told[0].contains("uuidMap"), "{told:?}");

    let pair = Pair { category: "location", name: "Outpatients".into(), parent: "theirs".into(), here: "ours".into() };
    assert_eq!(child.engine.namesakes(&mut child.host).unwrap(), [pair]);

    child.restart_as(mapped(&parent));
    assert_eq!(child.engine.namesakes(&mut child.host).unwrap(), [], "it is mapped, and not tried again yet");
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), Some(encounter_at("ours")));
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    assert_eq!(problems(&child), Vec::<String>::new());
}

/// Types of attributes have no place in FHIR: all of it travels over REST.
#[test]
fn attribute_type_made_on_both_sides_waits_until_it_is_mapped() {
    for (owner, types) in [
        ("visit", "visit_attribute_type"),
        ("location", "location_attribute_type"),
        ("provider", "provider_attribute_type"),
    ] {
        let described = |kind: &str| {
            json!({"uuid": "d", "voided": false, "retired": false,
                   "activeAttributes": [{"uuid": "a", "attributeType": {"uuid": kind}, "valueReference": "said so"}]})
        };
        let parent = MockParent::start();
        // Known by what refers to it only: the atomfeed module tells of no such types by itself.
        parent.store(category(types), json!({"uuid": "theirs", "name": "Bed", "retired": false}));
        parent.put(category(owner), described("theirs"));
        let configured = |map: Value| {
            let mut document = parent.config_document(&[owner, types]);
            document["categories"][owner] = json!({"representation": "rest"});
            document["uuidMap"] = map;
            document
        };
        let mut child = Child::configured(configured(json!({})));
        let bed = json!({"uuid": "ours", "name": "Bed", "retired": false});
        child.edit_as(Representation::Rest, &object(types, "ours"), &bed);
        child
            .host
            .fail_save("theirs", Error::new(ErrorKind::Duplicate, "the type 'Bed' is ours here and theirs there"));
        child.pull_to_the_end();
        let waiting: Vec<String> = child.parked().iter().map(|parked| parked.object.to_string()).collect();
        assert!(waiting.contains(&format!("{owner}/d")), "{waiting:?}");
        assert_eq!(child.document(owner, "d"), None);

        child.restart_as(configured(json!({types: {"theirs": "ours"}})));
        child.pull_to_the_end();
        assert_eq!(child.document(owner, "d"), Some(described("ours")), "{:?}", child.parked());
        assert_eq!((child.document(types, "theirs"), child.parked().len()), (None, 0));
    }
}
