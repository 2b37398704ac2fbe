//! The guarantees *Nothing is lost* and *Nothing is applied twice*, whatever the feed and the markers look like.

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::event::Action;
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::node::{Child, category, encounter, entry, patient, state};

#[test]
fn with_the_marker_set_back_by_hand_no_effect_is_repeated() {
    let parent = MockParent::start();
    for number in 0..12 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
    }
    parent.void(category("patient"), "p3");
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    let (before, audit, markers) = (child.host.counters(), child.audit(), child.marked_entries());
    child.set_markers_back();
    let report = child.pull_to_the_end();
    let after = child.host.counters();
    assert_eq!((after.saves, after.removes), (before.saves, before.removes));
    assert_eq!(report.run.progress.events, 14);
    assert!(report.run.progress.counts.is_empty());
    assert_eq!(child.audit(), audit);
    assert_eq!(child.marked_entries(), markers);
}

#[test]
fn new_event_of_known_object_arrives_after_marker_is_set_back() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.put(category("patient"), patient("p", "Nakato"));
    parent.put(category("patient"), patient("p", "Auma"));
    child.set_markers_back();
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Auma")));
    child.assert_audited(3);
    let statuses = [AuditStatus::Applied, AuditStatus::Applied, AuditStatus::Coalesced];
    let mut found = child.statuses_of("p");
    found.sort();
    assert_eq!(found, statuses);
}

#[test]
fn an_entry_that_the_feed_repeats_is_one_event() {
    let parent = MockParent::start();
    parent.set_page_size(1);
    parent.store(category("patient"), patient("p", "Okello"));
    parent.store(category("patient"), patient("q", "Okello"));
    for uuid in ["p", "p", "q"] {
        let id = if uuid == "p" { "the same" } else { "another" };
        parent.append_raw_entry(category("patient"), &entry(id, "patient", "UPDATED", uuid));
    }
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    child.assert_audited(2);
    parent.append_raw_entry(category("patient"), &entry("the same", "patient", "UPDATED", "p"));
    parent.put(category("patient"), patient("r", "Okello"));
    child.pull_to_the_end();
    child.assert_audited(3);
    assert_eq!(child.host.present().unwrap(), 3);
}

#[test]
fn feeds_may_use_the_same_ids() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    parent.store(category("encounter"), encounter("e", "p"));
    parent.append_raw_entry(category("patient"), &entry("1", "patient", "CREATED", "p"));
    parent.append_raw_entry(category("encounter"), &entry("1", "encounter", "CREATED", "e"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    // The second feed is switched on when the first one's event is in the audit.
    let mut both = Child::over(child.host, parent.config_document(&["patient", "encounter"]));
    both.set_markers_back();
    both.pull_to_the_end();
    assert_eq!(both.document("encounter", "e"), Some(encounter("e", "p")));
    both.assert_audited(2);
}

/// A marker never passes what is left for a later run, whatever category the entries name.
#[test]
fn event_of_closed_category_holds_the_feed_it_stands_in() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    parent.store(category("encounter"), encounter("e", "p"));
    parent.append_raw_entry(category("patient"), &entry("stray", "encounter", "UPDATED", "e"));
    parent.put(category("patient"), patient("q", "Okello"));
    parent.fail(|path| path.contains("/Encounter"), Fault::status(403));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    let report = child.pull();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Forbidden);
    assert!(child.parked().is_empty());

    parent.heal();
    child.pull_to_the_end();
    child.assert_audited(3);
    assert_eq!(child.host.present().unwrap(), 3);
}

#[test]
fn a_held_feed_keeps_its_marker_and_others_go_on() {
    let parent = MockParent::start();
    for number in 0..12 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
        parent.put(category("location"), location(number));
        parent.append_event(category("location"), Action::Retired, "nobody");
    }
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["location"] = json!({"representation": "rest", "actions": ["CREATED", "UPDATED"]});
    document["transfer"] = json!({"batchSize": 4});
    let mut child = Child::configured(document);
    parent.fail(|path| path.contains("/rest/v1/location"), Fault::status(403));
    let report = child.pull();
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Forbidden);
    assert_eq!(child.host.present().unwrap(), 12);
    assert_eq!(child.marked_entries().iter().filter(|marker| marker.is_none()).count(), 1);
    child.assert_audited(12);

    parent.heal();
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 24);
    child.assert_audited(24);
}

#[test]
fn records_of_a_held_category_do_not_hold_up_retries_of_others() {
    let parent = MockParent::start();
    for number in 0..3 {
        parent.put(category("location"), location(number));
    }
    parent.put(category("patient"), patient("p", "Okello"));
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["location"] = json!({"representation": "rest"});
    document["transfer"] = json!({"batchSize": 2});
    // Only when somebody asks.
    document["retry"] = json!({"attempts": 1});
    let mut child = Child::configured(document);
    parent.fail(|path| path.contains("/Patient/p?") || path.contains("/rest/v1/location/"), Fault::status(500));
    child.pull_to_the_end();
    let parked: Vec<String> = child.parked().into_iter().map(|parked| parked.audit_uuid).collect();
    assert_eq!(child.engine.retry(&mut child.host, &parked).unwrap(), 4);

    parent.heal();
    parent.fail(|path| path.contains("/rest/v1/location"), Fault::status(403));
    child.pull();
    assert!(child.document("patient", "p").is_some());
    assert_eq!(child.parked().len(), 3);
}

fn location(number: usize) -> serde_json::Value {
    json!({"uuid": format!("l{number}"), "name": format!("Ward {number}"), "retired": false})
}
