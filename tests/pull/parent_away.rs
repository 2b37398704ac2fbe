//! The guarantee *A parent that is away consumes nothing*.

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, encounter, patient, state};

fn parent_with_patients(patients: usize) -> MockParent {
    let parent = MockParent::start();
    for number in 0..patients {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
        parent.put(category("encounter"), encounter(&format!("e{number}"), &format!("p{number}")));
    }
    parent
}

fn assert_nothing_consumed(child: &mut Child, markers: &[Option<String>]) {
    assert_eq!(child.marked_entries(), markers);
    assert!(child.parked().is_empty());
    assert!(child.conflicts().is_empty());
}

#[test]
fn a_parent_that_is_away_for_the_whole_run_moves_nothing() {
    let parent = parent_with_patients(2);
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    let markers = child.marked_entries();
    parent.put(category("patient"), patient("new", "Okello"));
    parent.stop();
    let report = child.pull();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Unreachable);
    assert_nothing_consumed(&mut child, &markers);
    child.assert_audited(4);

    parent.restart();
    child.pull_to_the_end();
    assert!(child.document("patient", "new").is_some());
    child.assert_audited(5);
}

#[test]
fn a_parent_that_goes_away_in_the_middle_loses_nothing() {
    let parent = parent_with_patients(40);
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["transfer"] = json!({"batchSize": 2});
    let mut child = Child::configured(document);
    let mut saves = 0;
    let mut host = Intercepted::new(&mut child.host, |_, call| {
        saves += u32::from(call == Call::Save);
        if call == Call::Save && saves == 5 {
            parent.stop();
        }
        Ok(())
    });
    let report = child.engine.pull(&mut host).unwrap();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Unreachable);
    let passed = report.run.progress.events;
    assert!((5..80).contains(&passed), "{passed}");
    assert!(child.parked().is_empty());
    child.assert_audited(passed as usize);
    assert_eq!(child.host.present().unwrap() as u64, passed);

    parent.restart();
    child.pull_to_the_end();
    child.assert_audited(80);
    assert_eq!(child.host.present().unwrap(), 80);
}

/// Says whether it says so for the feed, for objects or for what objects refer to.
#[test]
fn each_way_to_be_away_stops_the_run_where_it_is() {
    let ways = [
        (Fault::status(401), ErrorKind::Unauthorized),
        (Fault::status(429), ErrorKind::Busy),
        (Fault::retry_after(503, 3600), ErrorKind::Busy),
        (Fault::status(502), ErrorKind::Unreachable),
        (Fault::status(504), ErrorKind::Unreachable),
    ];
    for (fault, kind) in ways {
        for place in ["/ws/atomfeed/encounter", "/ws/fhir2/R4/Encounter", "/ws/fhir2/R4/Patient/referred"] {
            assert_stops(&fault, kind, place);
        }
    }
}

/// A body that breaks off at one address alone is that object's failure; here it is every address of the kind.
#[test]
fn a_line_that_breaks_off_every_body_stops_the_run_where_it_is() {
    for place in ["/ws/atomfeed/encounter", "/ws/fhir2/R4/Encounter", "/ws/fhir2/R4/Patient"] {
        assert_stops(&Fault::CutOff, ErrorKind::Unreachable, place);
    }
}

/// As a parent answers what it was asked just before it was stopped.
#[test]
fn request_failed_by_a_stopping_parent_is_no_objects_failure() {
    assert_away_as_objects_fail(|parent| {
        parent.fail(|path| path.contains("/Patient?_count=1&"), Fault::status(502));
    });
}

/// As OpenMRS does while a module is started or stopped.
#[test]
fn a_parent_that_fails_at_everything_is_away() {
    assert_away_as_objects_fail(|parent| {
        parent.fail(|path| path.contains("/Patient?_count=1&") || path.ends_with("/session"), Fault::status(500));
    });
}

/// An object fails with 500, and so does what else is asked then.
fn assert_away_as_objects_fail(fail_besides: fn(&MockParent)) {
    let parent = parent_with_patients(2);
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    let markers = child.marked_entries();
    parent.put(category("patient"), patient("new", "Auma"));
    parent.fail(|path| path.contains("/Patient/new"), Fault::status(500));
    fail_besides(&parent);
    let report = child.pull();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Unreachable);
    assert_nothing_consumed(&mut child, &markers);
    parent.heal();
    child.pull_to_the_end();
    assert!(child.document("patient", "new").is_some());
}

/// Lets the requests for `place` fail, and expects that pulls say so, consume nothing, and complete once it is over.
fn assert_stops(fault: &Fault, kind: ErrorKind, place: &'static str) {
    let parent = parent_with_patients(2);
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    let markers = child.marked_entries();
    parent.store(category("patient"), patient("referred", "Auma"));
    parent.put(category("encounter"), encounter("new", "referred"));
    parent.fail(move |path| path.contains(place), fault.clone());
    for _ in 0..2 {
        let report = child.pull();
        assert_eq!(state(&report), "interrupted", "{kind} at {place}");
        assert_eq!(report.run.error.as_ref().unwrap().kind, kind, "{kind} at {place}");
        assert_nothing_consumed(&mut child, &markers);
    }
    parent.heal();
    child.pull_to_the_end();
    assert!(child.document("encounter", "new").is_some(), "{kind} at {place}");
}

#[test]
fn a_parked_record_is_not_used_up_while_the_parent_is_away() {
    let parent = parent_with_patients(1);
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["retry"] = json!({"attempts": 1});
    let mut child = Child::configured(document);
    parent.fail(|path| path.contains("/Patient/p0"), Fault::status(500));
    child.pull_to_the_end();
    let parked = child.parked();
    assert_eq!(parked.len(), 2);
    let uuids: Vec<String> = parked.iter().map(|parked| parked.audit_uuid.clone()).collect();
    child.engine.retry(&mut child.host, &uuids).unwrap();
    parent.stop();
    let report = child.pull();
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Unreachable);
    let attempts: Vec<u32> = child.parked().iter().map(|parked| parked.attempts).collect();
    assert_eq!(attempts, [0, 0]);

    parent.restart();
    parent.heal();
    child.pull_to_the_end();
    assert!(child.parked().is_empty());
    assert_eq!(child.host.present().unwrap(), 2);
}
