//! The database may go away at any call (guarantee *Nothing is lost*): what was committed stays done, everything else is done by a later
//! run, and nothing twice.

use std::cell::Cell;

use serde_json::json;
use sync2::error::{Error, ErrorKind, Result};
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::{CommitFailure, SqliteHost};

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, encounter, patient, state};
use crate::own_feed;

/// A little of everything: changes, a removal, a reference that is fetched, a record that waits for another.
fn with_a_little_of_everything(parent: MockParent) -> MockParent {
    for number in 0..3 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
        parent.put(category("encounter"), encounter(&format!("e{number}"), &format!("p{number}")));
    }
    parent.put(category("patient"), patient("p0", "Nakato"));
    parent.void(category("encounter"), "e1");
    parent.store(category("patient"), patient("not-in-the-feed", "Auma"));
    parent.put(category("encounter"), encounter("e3", "not-in-the-feed"));
    parent.put(category("encounter"), encounter("e4", "nobody"));
    parent
}

const EVENTS: usize = 11;

fn child_of(parent: &MockParent) -> Child {
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["transfer"] = json!({"batchSize": 3});
    Child::configured(document)
}

fn assert_complete(child: &mut Child, how: &str) {
    for (uuid, family) in [("p0", "Nakato"), ("p1", "Okello"), ("p2", "Okello"), ("not-in-the-feed", "Auma")] {
        assert_eq!(child.document("patient", uuid), Some(patient(uuid, family)), "{how}");
    }
    for (uuid, subject) in [("e0", "p0"), ("e2", "p2"), ("e3", "not-in-the-feed")] {
        assert_eq!(child.document("encounter", uuid), Some(encounter(uuid, subject)), "{how}");
    }
    assert_eq!(child.host.present().unwrap(), 7, "{how}");
    let waiting: Vec<String> = child.parked().into_iter().map(|parked| parked.object.uuid).collect();
    assert_eq!(waiting, ["e4"], "{how}");
    assert!(child.conflicts().is_empty(), "{how}");
    child.assert_audited(EVENTS);
}

fn gone() -> Error {
    Error::new(ErrorKind::Host, "the database does not answer")
}

/// Pulls with a host that fails as `fails` says from the first, second, third… call on (of those that count), until a
/// pull gets through without; each time a later process goes on, and must come to the same end. Returns how many such
/// calls a whole pull makes.
fn fail_at_every_call(counts: impl Fn(Call) -> bool, fails: impl Fn(&mut SqliteHost, Call, bool) -> Result<()>) -> u64 {
    fail_at_every_call_from(&with_a_little_of_everything(MockParent::start()), counts, fails)
}

fn fail_at_every_call_from(
    parent: &MockParent,
    counts: impl Fn(Call) -> bool,
    fails: impl Fn(&mut SqliteHost, Call, bool) -> Result<()>,
) -> u64 {
    for nth in 1.. {
        let mut child = child_of(parent);
        let calls = Cell::new(0);
        let mut host = Intercepted::new(&mut child.host, |host, call| {
            let counted = counts(call);
            calls.set(calls.get() + u64::from(counted));
            if calls.get() < nth { Ok(()) } else { fails(host, call, counted && calls.get() == nth) }
        });
        let outcome = child.engine.pull(&mut host);
        if let Ok(report) = &outcome {
            assert_ne!(state(report), "running");
        }
        let how = format!("failed at call {nth}: {outcome:?}");
        if calls.get() < nth {
            assert_complete(&mut child, &how);
            return calls.get();
        }
        child.restart();
        child.pull_to_the_end();
        assert_complete(&mut child, &how);
    }
    unreachable!("every pull ends")
}

#[test]
fn the_database_goes_away_at_any_call() {
    assert!(fail_at_every_call(|_| true, |_, _, _| Err(gone())) > 50);
}

#[test]
fn database_lost_at_any_call_on_complete_feed_loses_nothing() {
    let parent = with_a_little_of_everything(own_feed::parent());
    assert!(fail_at_every_call_from(&parent, |_| true, |_, _, _| Err(gone())) > 50);
}

#[test]
fn any_single_call_fails() {
    fail_at_every_call(|_| true, |_, _, is_the_one| if is_the_one { Err(gone()) } else { Ok(()) });
}

#[test]
fn the_database_goes_away_after_any_commit_took_place() {
    let is_commit = |call| call == Call::Commit;
    let commits = fail_at_every_call(is_commit, |host, _, is_the_one| {
        if is_the_one {
            host.fail_next_commit(CommitFailure::Committed);
        }
        if is_the_one { Ok(()) } else { Err(gone()) }
    });
    assert!(commits > 5);
}

/// The run reads what became of the commit: what took place is not done again, what did not is.
#[test]
fn run_goes_on_rightly_after_a_commit_of_unknown_result() {
    for failure in [CommitFailure::Committed, CommitFailure::RolledBack] {
        for nth in 1..8 {
            let parent = with_a_little_of_everything(MockParent::start());
            let mut child = child_of(&parent);
            let batches = Cell::new(0);
            let saved = Cell::new(false);
            let mut host = Intercepted::new(&mut child.host, |host, call| {
                saved.set(saved.get() || call == Call::Clear);
                if call == Call::Commit && saved.replace(false) {
                    batches.set(batches.get() + 1);
                    if batches.get() == nth {
                        host.fail_next_commit(failure);
                    }
                }
                Ok(())
            });
            let report = child.engine.pull(&mut host).unwrap();
            if failure == CommitFailure::Committed {
                assert_eq!(state(&report), "completed", "at batch {nth}: {:?}", report.run.error);
                assert_eq!(report.run.progress.events, EVENTS as u64);
            }
            // A batch without an object that could be to blame is not tried again in this run.
            child.pull_to_the_end();
            assert_complete(&mut child, &format!("{failure:?} at batch {nth}"));
        }
    }
}

/// What the one item of a batch did not do is not its fault: no record is parked for a marker that cannot be written.
#[test]
fn filtered_events_are_never_parked() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["patient"] = json!({"actions": ["RETIRED"]});
    document["audit"] = json!({"recordFiltered": true});
    let mut child = Child::configured(document);
    let clears = Cell::new(0);
    let mut host = Intercepted::new(&mut child.host, |host, call| {
        clears.set(clears.get() + u32::from(call == Call::Clear));
        if call == Call::Commit && clears.get() == 1 {
            host.fail_next_commit(CommitFailure::RolledBack);
        }
        Ok(())
    });
    let report = child.engine.pull(&mut host).unwrap();
    assert_eq!(state(&report), "interrupted");
    assert!(child.parked().is_empty());

    child.restart();
    child.pull_to_the_end();
    assert_eq!(child.statuses_of("p"), [AuditStatus::Filtered]);
    assert_eq!(child.host.present().unwrap(), 0);
}

/// The lease is not left behind by a run that never began.
#[test]
fn a_run_that_cannot_be_recorded_keeps_nobody_out() {
    let parent = with_a_little_of_everything(MockParent::start());
    let mut child = child_of(&parent);
    for nth in 1.. {
        let calls = Cell::new(0);
        let mut host = Intercepted::new(&mut child.host, |_, _| {
            calls.set(calls.get() + 1);
            if calls.get() == nth { Err(gone()) } else { Ok(()) }
        });
        match child.engine.pull(&mut host) {
            Err(error) => assert_eq!(error.kind, ErrorKind::Host, "at call {nth}: {error}"),
            Ok(_) => {
                assert!(nth > 5, "the run began before call {nth}");
                return;
            }
        }
    }
}
