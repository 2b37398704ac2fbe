//! Runs of a push, beside those of a pull.

use serde_json::json;
use sync2::engine::Engine;
use sync2::error::ErrorKind;
use sync2::event::Direction;
use sync2::store::audit::AuditStatus::{Applied, Unchanged};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;

use crate::node::{Child, category, config, effects, parent, patient, state};

#[test]
fn pull_and_push_run_at_the_same_time_and_each_once() {
    let parent = parent();
    let folder =
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("push-runs-{}", std::process::id()));
    // Left behind by an earlier process with the same id, if at all.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("node.sqlite");
    let mut pulling = SqliteHost::open(&file).unwrap();
    let engine = Engine::open(&config(&parent).to_string(), &mut pulling).unwrap();
    let mut pushing = SqliteHost::open(&file).unwrap();
    pushing.capture_changes();
    let ours = crate::node::object("patient", "ours");
    pushing.edit(sync2::event::Representation::Fhir, &ours, patient("ours", "Auma").to_string().as_bytes()).unwrap();
    parent.put(category("patient"), patient("theirs", "Okello"));

    let gate = parent.hold(|path| path.contains("/ws/atomfeed/"));
    std::thread::scope(|scope| {
        let pull = scope.spawn(|| engine.pull(&mut pulling).unwrap());
        gate.wait_until_reached();
        let report = engine.push(&mut pushing).unwrap();
        assert_eq!(state(&report), "completed");
        assert_eq!(engine.pull(&mut pushing).unwrap_err().kind, ErrorKind::AlreadyRunning);
        let status = engine.status().unwrap();
        assert_eq!(status.pull.unwrap().run.state.name(), "running");
        assert_eq!(status.push.unwrap().run.state.name(), "completed");
        assert_eq!(status.push_exchange, Some(true));
        gate.release();
        assert_eq!(state(&pull.join().unwrap()), "completed");
    });
    assert!(parent.document(category("patient"), "ours").is_some());
}

#[test]
fn a_push_is_cancelled_while_it_waits_for_the_parent() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    let gate = parent.hold(|path| path.ends_with("/objects/apply"));
    let (engine, host) = (&child.engine, &mut child.host);
    std::thread::scope(|scope| {
        let push = scope.spawn(|| engine.push(host).unwrap());
        gate.wait_until_reached();
        engine.cancel().unwrap();
        assert_eq!(state(&push.join().unwrap()), "cancelled");
    });
    gate.release();
    parent.heal();
    assert_eq!(child.marker().events, 0);
    child.push_to_the_end();
    assert!(parent.document(category("patient"), "p").is_some());
}

#[test]
fn requests_grow_while_the_parent_answers_them() {
    let parent = parent();
    let mut document = config(&parent);
    document["transfer"] = json!({"batchSize": 10});
    let mut child = Child::configured(document);
    log_in(&mut child, &parent);
    for number in 0..155 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    child.push_to_the_end();
    assert_eq!(effects(&parent).len(), 1 + 155);
    // One that asks whether there is an exchange; then 10, 20, 40, 80, and the last 5.
    assert_eq!(parent.count_requests(|path| path.ends_with("/objects/apply")), 6);
}

/// The feed is read in windows of 1000 events, so that these two of one object are not one for both.
#[test]
fn object_read_during_its_own_send_is_read_again_afterwards() {
    let parent = parent();
    let mut child = Child::of(&parent);
    log_in(&mut child, &parent);
    for number in 1..1000 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    child.edit("patient", patient("last", "Auma"));
    child.edit("patient", patient("last", "Nakato"));
    child.push_to_the_end();
    assert_eq!(child.statuses_of("last"), [Applied, Unchanged]);
    assert_eq!(effects(&parent).iter().filter(|effect| effect.starts_with("patient/last ")).count(), 1);
    // 1 that asks, then 100, 200, 400 and 300; the second event of the last one is no news any more.
    assert_eq!(parent.count_requests(|path| path.ends_with("/objects/apply")), 5);
}

/// So that no request has to be sent twice for want of a session.
fn log_in(child: &mut Child, parent: &MockParent) {
    child.edit("patient", patient("first", "Okello"));
    child.push_to_the_end();
    parent.forget_requests();
}

#[test]
fn a_node_without_a_parent_has_nobody_to_push_to() {
    let mut child = Child::configured(json!({"pull": {"enabled": false}, "categories": {"patient": {}}}));
    let refused = child.engine.push(&mut child.host).unwrap_err();
    for error in [refused, child.engine.check_run(Direction::Push).unwrap_err()] {
        assert_eq!(error.kind, ErrorKind::Configuration);
        assert!(error.message.contains("nobody to push to"), "{error}");
    }
}

#[test]
fn the_schedule_of_a_push_is_its_own() {
    let parent = parent();
    let mut document = config(&parent);
    document["pull"] = json!({"enabled": false});
    document["push"] = json!({"enabled": true, "intervalSeconds": 60});
    let mut child = Child::configured(document);
    let report = child.push_to_the_end();
    assert_eq!(report.next_run_at.unwrap() - report.run.ended_at.unwrap(), 60_000);
    assert_eq!(child.engine.pull(&mut child.host).unwrap().next_run_at, None);
    let status = child.engine.status().unwrap();
    assert!(status.push_enabled && !status.pull_enabled);
    assert_eq!((status.push_interval_seconds, status.push_exchange), (60, None));
}

#[test]
fn runs_are_removed_with_the_audit_that_tells_of_them() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    child.push_to_the_end();
    assert_eq!((child.count("sync2_run"), child.count("sync2_audit_message")), (2, 1));
    let days = 366_i64 * 86_400_000;
    child.change(&format!("UPDATE sync2_run SET started_at = started_at - {days}, ended_at = ended_at - {days}"));
    child.push_to_the_end();
    // The second run had no audit; that of the first is kept yet.
    assert_eq!((child.count("sync2_run"), child.count("sync2_audit_message")), (2, 1));
    child.change(&format!("UPDATE sync2_audit_message SET recorded_at = recorded_at - {days}"));
    child.push_to_the_end();
    assert_eq!((child.count("sync2_run"), child.count("sync2_audit_message")), (2, 0));
}
