//! The database may go away at any call (guarantee *Nothing is lost*): what was committed stays done, everything else is done by a later
//! run, and nothing to any effect twice.

use std::cell::Cell;

use serde_json::json;
use sync2::error::{Error, ErrorKind, Result};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::{CommitFailure, SqliteHost};

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, config, effects, encounter, parent, patient, state};

/// A little of everything: new and changed objects, a removal, an echo, one that the parent refuses.
fn child_with_a_little_of_everything(parent: &MockParent) -> Child {
    parent.put(category("patient"), patient("pulled", "Okello"));
    parent.refuse("refused", ErrorKind::Rejected);
    let mut document = config(parent);
    document["transfer"] = json!({"batchSize": 3});
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    child.edit("patient", patient("removed", "Auma"));
    child.push_to_the_end();
    child.void("patient", "removed");
    for number in 0..3 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
        child.edit("encounter", encounter(&format!("e{number}"), &format!("p{number}")));
    }
    child.edit("patient", patient("p0", "Nakato"));
    child.edit("patient", patient("refused", "Achieng"));
    child
}

const EVENTS: usize = 11;

fn assert_complete(child: &mut Child, parent: &MockParent, how: &str) {
    for (uuid, family) in [("p0", "Nakato"), ("p1", "Okello"), ("p2", "Okello"), ("pulled", "Okello")] {
        assert_eq!(parent.document(category("patient"), uuid), Some(patient(uuid, family)), "{how}");
    }
    for (uuid, subject) in [("e0", "p0"), ("e1", "p1"), ("e2", "p2")] {
        assert_eq!(parent.document(category("encounter"), uuid), Some(encounter(uuid, subject)), "{how}");
    }
    assert_eq!(parent.document(category("patient"), "removed"), None, "{how}");
    let waiting: Vec<String> = child.parked().into_iter().map(|parked| parked.object.uuid).collect();
    assert_eq!(waiting, ["refused"], "{how}");
    assert!(child.conflicts().is_empty(), "{how}");
    let audit = child.audit();
    assert_eq!(audit.len(), EVENTS, "{how}: {audit:#?}");
    assert_eq!(effects(parent).len(), 8, "{how}: {:?}", effects(parent));
    assert_eq!(child.marker().events, EVENTS as u64, "{how}");
    assert_eq!(child.count("sync2_pending"), 0, "{how}");
}

fn gone() -> Error {
    Error::new(ErrorKind::Host, "the database does not answer")
}

/// Pushes with a host that fails as `fails` says from the first, second, third… call on (of those that count), until a
/// push gets through without; each time a later process goes on, and must come to the same end. Returns how many such
/// calls a whole push makes.
fn fail_at_every_call(counts: impl Fn(Call) -> bool, fails: impl Fn(&mut SqliteHost, Call, bool) -> Result<()>) -> u64 {
    for nth in 1.. {
        let parent = parent();
        let mut child = child_with_a_little_of_everything(&parent);
        let calls = Cell::new(0);
        let mut host = Intercepted::new(&mut child.host, |host, call| {
            let counted = counts(call);
            calls.set(calls.get() + u64::from(counted));
            if calls.get() < nth { Ok(()) } else { fails(host, call, counted && calls.get() == nth) }
        });
        let outcome = child.engine.push(&mut host);
        if let Ok(report) = &outcome {
            assert_ne!(state(report), "running");
        }
        let how = format!("failed at call {nth}: {outcome:?}");
        if calls.get() < nth {
            assert_complete(&mut child, &parent, &how);
            return calls.get();
        }
        child.restart();
        child.push_to_the_end();
        assert_complete(&mut child, &parent, &how);
    }
    unreachable!("every push ends")
}

#[test]
fn the_database_goes_away_at_any_call() {
    assert!(fail_at_every_call(|_| true, |_, _, _| Err(gone())) > 50);
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
    assert!(commits > 8);
}

/// The run reads what became of the commit: what took place is not done again, what did not is.
#[test]
fn after_a_commit_of_unknown_outcome_the_next_run_goes_on() {
    for failure in [CommitFailure::Committed, CommitFailure::RolledBack] {
        fail_at_every_call(
            |call| call == Call::Commit,
            |host, _, is_the_one| {
                if is_the_one {
                    host.fail_next_commit(failure);
                }
                Ok(())
            },
        );
    }
}
