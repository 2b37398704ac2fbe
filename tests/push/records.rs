//! One bad record holds up nobody else, or stops the run before it; and nobody's edit is overwritten silently.

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::event::Direction;
use sync2::store::audit::AuditStatus::{Applied, Coalesced, Conflict, Parked};
use sync2::store::conflicts::ConflictKind;
use sync2::testing::mock_parent::Fault;

use crate::node::{Child, category, config, effects, encounter, object, parent, patient, state};

#[test]
fn one_of_many_that_is_refused_is_parked_and_the_others_arrive() {
    let parent = parent();
    let mut child = Child::of(&parent);
    for number in 0..10 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    parent.refuse("p4", ErrorKind::Rejected);
    child.push_to_the_end();
    assert_eq!(effects(&parent).len(), 9);
    let parked = child.parked();
    assert_eq!((parked.len(), parked[0].direction), (1, Direction::Push));
    assert_eq!(parked[0].error.kind, ErrorKind::Rejected);
    assert!(parked[0].next_attempt_at.unwrap() > parked[0].parked_at + 22 * 3_600_000);
    assert_eq!(child.count("sync2_pending"), 0);

    // An administrator asks for it once the parent takes it.
    parent.accept("p4");
    child.engine.retry(&mut child.host, &[parked[0].audit_uuid.clone()]).unwrap();
    child.push_to_the_end();
    assert!(child.parked().is_empty());
    assert_eq!(child.statuses_of("p4"), [Applied]);
    assert_eq!(effects(&parent).len(), 10);
}

#[test]
fn a_newer_event_settles_what_is_parked() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    parent.refuse("p", ErrorKind::Rejected);
    child.push_to_the_end();
    assert_eq!(child.statuses_of("p"), [Parked]);
    parent.accept("p");
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    assert_eq!(child.statuses_of("p"), [Coalesced, Applied]);
    assert!(child.parked().is_empty());
}

#[test]
fn object_whose_reference_the_parent_misses_waits_for_it() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.edit("encounter", encounter("e", "p"));
    parent.refuse("p", ErrorKind::Rejected);
    child.push_to_the_end();
    let waiting = child.parked().into_iter().find(|parked| parked.object.uuid == "e").unwrap();
    assert_eq!(waiting.error.kind, ErrorKind::MissingReference);
    assert_eq!(waiting.waiting_for, Some(object("patient", "p")));

    parent.accept("p");
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    assert_eq!(effects(&parent), ["patient/p CREATED", "encounter/e CREATED"]);
}

#[test]
fn halt_stops_the_run_before_a_bad_record_and_sends_none_after() {
    let parent = parent();
    let mut document = config(&parent);
    document["push"] = json!({"enabled": true, "onRecordFailure": "halt"});
    let mut child = Child::configured(document);
    for number in 0..4 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    parent.refuse("p1", ErrorKind::Rejected);
    let report = child.push();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.unwrap().kind, ErrorKind::Rejected);
    assert_eq!(effects(&parent), ["patient/p0 CREATED"]);
    assert!(child.parked().is_empty());
    assert_eq!(child.marker().events, 1);

    parent.accept("p1");
    child.push_to_the_end();
    assert_eq!(effects(&parent).len(), 4);
}

#[test]
fn an_object_that_cannot_be_read_here_is_parked_alone() {
    let parent = parent();
    let mut child = Child::of(&parent);
    for uuid in ["a", "b", "c"] {
        child.edit("patient", patient(uuid, "Okello"));
    }
    // Stored in another representation than it is asked for.
    child.change("UPDATE test_object SET representation = 'rest' WHERE uuid = 'b'");
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/a CREATED", "patient/c CREATED"]);
    let parked = child.parked();
    assert_eq!((parked.len(), parked[0].object.uuid.as_str()), (1, "b"));
    assert_eq!(parked[0].error.kind, ErrorKind::Host);
}

#[test]
fn object_changed_on_both_sides_is_a_conflict_and_stays() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    child.pull_to_the_end();
    parent.put(category("patient"), patient("p", "Auma"));
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();

    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Auma")));
    assert_eq!(child.statuses_of("p"), [Applied, Conflict]);
    let conflicts = child.conflicts();
    assert_eq!((conflicts.len(), conflicts[0].direction), (1, Direction::Push));
    let uuid = conflicts[0].uuid.clone();
    sync2::store::Transaction::begin(&mut child.host).unwrap();
    let (_, documents) = sync2::store::conflicts::get(&mut child.host, &uuid).unwrap().unwrap();
    sync2::store::Transaction::rollback(&mut child.host);
    let read = |bytes: Option<Vec<u8>>| serde_json::from_slice::<serde_json::Value>(&bytes.unwrap()).unwrap();
    assert_eq!(read(documents.ours), patient("p", "Nakato"));
    assert_eq!(read(documents.theirs), patient("p", "Auma"));
    assert_eq!(child.count("sync2_pending"), 0);
}

#[test]
fn a_line_that_the_parent_cannot_answer_is_found_and_parked() {
    let parent = parent();
    let mut document = config(&parent);
    document["transfer"] = json!({"maxBodyBytes": 4096, "batchSize": 10});
    document["retry"] = json!({"attempts": 1});
    let mut child = Child::configured(document);
    for number in 0..6 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    // One object's conflict brings a document that is larger than an answer may be.
    let mut huge = patient("p2", "Auma");
    huge["language"] = json!("x".repeat(20_000));
    parent.store(category("patient"), huge);
    child.push_to_the_end();
    assert_eq!(effects(&parent).len(), 5);
    let parked = child.parked();
    assert_eq!((parked.len(), parked[0].object.uuid.as_str()), (1, "p2"));
    assert_eq!(parked[0].error.kind, ErrorKind::Malformed);
}

#[test]
fn parent_whose_exchange_fails_for_all_is_away() {
    let parent = parent();
    let mut child = Child::of(&parent);
    for number in 0..3 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    let mut seen = 0;
    let after_the_first = move |path: &str| {
        seen += u32::from(path.ends_with("/objects/apply"));
        seen > 1
    };
    parent.fail(after_the_first, Fault::status(500));
    let report = child.push();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.unwrap().kind, ErrorKind::Unreachable);
    assert!(child.parked().is_empty() && child.audit().is_empty());
}

#[test]
fn conflict_met_by_push_and_pull_is_one_and_either_closes_it() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    child.pull_to_the_end();
    for (there, here, seen_by_push) in [("Auma", "Nakato", true), ("Achieng", "Nabirye", false)] {
        parent.put(category("patient"), patient("p", there));
        child.edit("patient", patient("p", here));
        child.push_to_the_end();
        child.pull_to_the_end();
        let conflicts = child.conflicts();
        assert_eq!((conflicts.len(), conflicts[0].kind), (1, ConflictKind::Content));
        if seen_by_push {
            child.edit("patient", patient("p", there));
            child.push_to_the_end();
        } else {
            parent.put(category("patient"), patient("p", here));
            child.pull_to_the_end();
        }
        assert!(child.conflicts().is_empty());
        assert!(!child.statuses_of("p").contains(&Conflict));
    }
}

/// The push has passed its event when it met the conflict.
#[test]
fn edit_goes_up_when_the_parent_returns_to_the_agreed_version() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    child.pull_to_the_end();
    parent.put(category("patient"), patient("p", "Auma"));
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    parent.put(category("patient"), patient("p", "Okello"));
    child.pull_to_the_end();
    assert!(child.conflicts().is_empty());
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Nakato")));
}
