//! One object that somebody asks for by name.

use serde_json::{Value, json};
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::{Error, ErrorKind};
use sync2::event::{Action, ObjectId};
use sync2::filter::Filter;
use sync2::status::RunReport;
use sync2::store::audit::AuditStatus;
use sync2::store::runs::{RunId, RunKind};
use sync2::testing::mock_parent::{Fault, MockParent};
use sync2::testing::sqlite_host::SqliteHost;

use crate::node::{Child, category, encounter, object, patient, state};

/// Pulls one object, and expects that nothing stopped the run.
fn pull_object(child: &mut Child, category: &str, uuid: &str) -> RunReport {
    let report = child.engine.pull_object(&object(category, uuid), &mut child.host).unwrap();
    assert_eq!(state(&report), "completed", "{:?}", report.run.error);
    report
}

/// In the order of the statuses: messages of the same millisecond have no other.
fn statuses_of(child: &mut Child, uuid: &str) -> Vec<AuditStatus> {
    let mut statuses = child.statuses_of(uuid);
    statuses.sort();
    statuses
}

#[test]
fn it_arrives_with_what_it_refers_to_and_moves_no_marker() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("q", "Auma"));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    let markers = child.marked_entries();
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("encounter"), encounter("e", "p"));
    let report = pull_object(&mut child, "encounter", "e");
    assert_eq!((report.run.kind, report.run.progress.events), (RunKind::Object, 0));
    assert_eq!(report.run.progress.counts[&AuditStatus::Applied], 2);
    assert_eq!(report.next_run_at, None);
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
    assert_eq!(child.document("encounter", "e"), Some(encounter("e", "p")));
    assert_eq!(child.marked_entries(), markers);

    // Its event still comes, and finds it here.
    child.pull_to_the_end();
    assert_eq!(statuses_of(&mut child, "e"), [AuditStatus::Applied, AuditStatus::Unchanged]);
}

#[test]
fn its_audit_key_is_the_run_and_the_object() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    let id = RunId::random();
    child.engine.pull_object_as(id, &object("patient", "p"), &mut child.host).unwrap();
    let messages = child.audit();
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].run_id.clone(), messages[0].epoch.clone()), (id.to_string(), id.to_string()));
    assert_eq!(messages[0].event_id, "object:patient/p");
    pull_object(&mut child, "patient", "p");
    assert_eq!(statuses_of(&mut child, "p"), [AuditStatus::Applied, AuditStatus::Unchanged]);
}

#[test]
fn a_change_is_taken_and_an_edit_is_not_overwritten() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.store(category("patient"), patient("p", "Nakato"));
    pull_object(&mut child, "patient", "p");
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Nakato")));

    child.edit("patient", "p", patient("p", "Edited here"));
    parent.store(category("patient"), patient("p", "Changed there"));
    pull_object(&mut child, "patient", "p");
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));
    assert_eq!(child.conflicts(), [object("patient", "p")]);
}

#[test]
fn object_missing_at_the_parent_is_parked_and_tried_again() {
    let parent = MockParent::start();
    let mut child = Child::of(&parent, &["patient"]);
    let report = pull_object(&mut child, "patient", "p");
    assert_eq!(report.run.progress.counts[&AuditStatus::Parked], 1);
    assert_eq!(child.parked()[0].error.kind, ErrorKind::NotFound);

    parent.store(category("patient"), patient("p", "Okello"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
    assert_eq!(child.statuses_of("p"), [AuditStatus::Applied]);
    assert!(child.parked().is_empty());
}

/// Asking is no proof of removal.
#[test]
fn object_removed_at_the_parent_stays_here_until_its_event() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.void(category("patient"), "p");
    pull_object(&mut child, "patient", "p");
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
    assert_eq!(child.parked()[0].error.kind, ErrorKind::Gone);
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), None);
    assert!(child.parked().is_empty());
}

/// Also with `halt`, which is about the feed.
#[test]
fn object_by_name_that_cannot_be_saved_is_parked() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    let mut document = parent.config_document(&["patient"]);
    document["pull"] = json!({"onRecordFailure": "halt"});
    let mut child = Child::configured(document);
    child.host.fail_save("p", Error::new(ErrorKind::Rejected, "not like this"));
    pull_object(&mut child, "patient", "p");
    assert_eq!(child.parked()[0].error.kind, ErrorKind::Rejected);
    // What has arrived is no longer parked.
    child.host.accept_save("p");
    pull_object(&mut child, "patient", "p");
    assert!(child.parked().is_empty());
    assert_eq!(statuses_of(&mut child, "p"), [AuditStatus::Applied, AuditStatus::Coalesced]);
}

#[test]
fn object_by_name_is_not_recorded_if_parent_is_away_or_closed() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    parent.store(category("encounter"), encounter("e", "p"));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    let faults = [
        ("/Encounter/e", Fault::status(502), ErrorKind::Unreachable),
        ("/Patient/p", Fault::status(503), ErrorKind::Busy),
        ("/Encounter", Fault::status(403), ErrorKind::Forbidden),
    ];
    for (place, fault, kind) in faults {
        parent.fail(move |path| path.contains(place), fault);
        let report = child.engine.pull_object(&object("encounter", "e"), &mut child.host).unwrap();
        assert_eq!((state(&report), report.run.error.unwrap().kind), ("interrupted", kind));
        assert!(child.audit().is_empty() && child.parked().is_empty(), "{kind}");
        parent.heal();
    }
    pull_object(&mut child, "encounter", "e");
}

struct NothingAtAll;

impl Filter for NothingAtAll {
    fn wants_document(&self, _object: &ObjectId, _document: &serde_json::Value) -> bool {
        false
    }
}

#[test]
fn the_filters_do_not_leave_it_out() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    let mut host = SqliteHost::in_memory().unwrap();
    let injected = Injected { filters: vec![Box::new(NothingAtAll)], ..Injected::default() };
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["patient"] = json!({"actions": [Action::Created.name()]});
    let engine = Engine::open_with(&document.to_string(), injected, Environment::default(), &mut host).unwrap();
    engine.pull_object(&object("patient", "p"), &mut host).unwrap();
    assert_eq!(host.present().unwrap(), 1);
}

#[test]
fn object_not_pulled_or_without_a_uuid_is_refused_by_name() {
    let parent = MockParent::start();
    let mut document = parent.config_document(&["patient", "person_address"]);
    document["categories"]["location"] = json!({"pull": false});
    let mut child = Child::configured(document);
    let never = [("location", "l"), ("encounter", "e"), ("patient", "../p"), ("patient", ""), ("person_address", "a")];
    for (category, uuid) in never {
        let refused = child.engine.pull_object(&object(category, uuid), &mut child.host).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Configuration, "{refused}");
    }
    assert!(parent.requests().is_empty());
    assert!(child.engine.runs(&mut child.host, 10, 0).unwrap().is_empty());
}

fn rest_visit(uuid: &str, patient: &str) -> Value {
    json!({"uuid": uuid, "patient": {"uuid": patient}, "startDatetime": "2026-11-20T08:00:00.000+0000"})
}

fn observation(uuid: &str, encounter: &str) -> Value {
    json!({"resourceType": "Observation", "id": uuid, "status": "final", "subject": {"reference": "Patient/p"},
           "encounter": {"reference": format!("Encounter/{encounter}")}})
}

/// More than a page of each list has.
fn long_history(parent: &MockParent) -> usize {
    parent.store(category("patient"), patient("p", "Okello"));
    (0..120).for_each(|n| parent.store(category("visit"), rest_visit(&format!("v{n}"), "p")));
    parent.store(category("visit"), rest_visit("others", "q"));
    (0..230).for_each(|n| parent.store(category("encounter"), encounter(&format!("e{n}"), "p")));
    parent.store(category("encounter"), encounter("others", "q"));
    (0..130).for_each(|n| parent.store(category("observation"), observation(&format!("o{n}"), "e1")));
    1 + 120 + 230 + 130
}

#[test]
fn a_patient_comes_with_all_that_hangs_on_her_at_a_plain_parent() {
    let parent = MockParent::start();
    let hers = long_history(&parent);
    parent.void(category("encounter"), "e7");
    let mut child = Child::of(&parent, &["patient", "visit", "encounter", "observation"]);
    let report = pull_object(&mut child, "patient", "p");
    assert_eq!(report.run.progress.counts[&AuditStatus::Applied], hers as u64 - 1);
    assert_eq!(child.host.present().unwrap(), hers as i64 - 1);
    assert!(child.parked().is_empty());
}

#[test]
fn a_list_that_the_parent_refuses_ends_the_run_with_words() {
    let parent = MockParent::start();
    long_history(&parent);
    let mut child = Child::of(&parent, &["patient", "encounter", "observation"]);
    parent.fail(|path| path.contains("Observation?patient=p"), Fault::status(403));
    let report = child.engine.pull_object(&object("patient", "p"), &mut child.host).unwrap();
    let error = report.run.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    assert!(error.message.contains("observation"), "{}", error.message);
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
}
