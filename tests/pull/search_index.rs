//! Who was pulled is found by a search: after the run, and after a kill at any place and one run more.

use std::cell::Cell;

use serde_json::json;
use sync2::error::{Error, ErrorKind};
use sync2::listening::ListeningStep;
use sync2::store::{Sql, Transaction};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::{CommitFailure, SqliteHost};

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, encounter, patient, state};

/// Four batches of a child, in which patients are created, changed and removed.
fn parent() -> MockParent {
    let parent = MockParent::start();
    for number in 0..9 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
    }
    parent.put(category("encounter"), encounter("e0", "p0"));
    parent.put(category("patient"), patient("p0", "Nakato"));
    parent.void(category("patient"), "p1");
    parent
}

fn child_of(parent: &MockParent) -> Child {
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["transfer"] = json!({"batchSize": 3});
    let mut child = Child::configured(document);
    child.host.keep_index();
    child
}

fn notes(host: &mut SqliteHost) -> usize {
    host.begin().unwrap();
    let notes = host.query("SELECT objects FROM sync2_unindexed", &[]).unwrap().len();
    host.rollback();
    notes
}

fn listens(child: &mut Child) {
    child.engine.listening(&mut child.host, &ListeningStep::Listens { time: 1 }).unwrap();
}

#[test]
fn index_is_waited_for_once_before_the_run_is_seen_to_end() {
    let parent = parent();
    let mut child = child_of(&parent);
    let ends = "SELECT id FROM sync2_run WHERE run_state = 'completed'";
    let mut not_found_at_the_end = None;
    let mut host = Intercepted::new(&mut child.host, |host, call| {
        if call == Call::Commit && not_found_at_the_end.is_none() && !host.query(ends, &[]).unwrap().is_empty() {
            not_found_at_the_end = Some(host.not_found().unwrap());
        }
        Ok(())
    });
    assert_eq!(state(&child.engine.pull(&mut host).unwrap()), "completed");
    assert_eq!(not_found_at_the_end, Some(Vec::new()));
    assert_eq!(child.host.waits_for_index(), 1);
    assert_eq!((child.host.not_found().unwrap(), notes(&mut child.host)), (vec![], 0));
}

#[test]
fn whoever_was_pulled_is_found_after_a_kill_and_one_run() {
    let parent = parent();
    let mut kills_with_unfound = 0;
    for nth in 1.. {
        let mut child = child_of(&parent);
        let calls = Cell::new(0);
        let mut host = Intercepted::new(&mut child.host, |host, call| {
            calls.set(calls.get() + u32::from(matches!(call, Call::Begin | Call::Save | Call::Commit)));
            if calls.get() < nth {
                return Ok(());
            }
            host.lose_database();
            host.lose_what_is_not_indexed();
            host.break_index(true);
            Err(Error::new(ErrorKind::Host, "killed"))
        });
        // It may not even have begun.
        let _ = child.engine.pull(&mut host);
        if calls.get() < nth {
            break;
        }
        child.host.find_database();
        child.host.lose_what_is_not_indexed();
        kills_with_unfound += usize::from(!child.host.not_found().unwrap().is_empty());
        child.restart();
        child.pull_to_the_end();
        assert_eq!(child.host.not_found().unwrap(), [], "killed at call {nth}");
        assert_eq!(notes(&mut child.host), 0, "killed at call {nth}");
    }
    assert!(kills_with_unfound > 3, "the kills lost nothing of the index: {kills_with_unfound}");
}

#[test]
fn what_a_killed_process_left_is_found_without_a_run() {
    let parent = parent();
    let mut child = child_of(&parent);
    child.host.break_index(true);
    child.pull_to_the_end();
    assert!(!child.host.not_found().unwrap().is_empty() && notes(&mut child.host) > 0);
    child.host.lose_what_is_not_indexed();
    child.restart();
    child.engine.listening(&mut child.host, &ListeningStep::Begins { time: 1 }).unwrap();
    assert_eq!((child.host.not_found().unwrap(), notes(&mut child.host)), (vec![], 0));
}

#[test]
fn index_that_cannot_be_written_is_tried_again_until_it_can_be() {
    let parent = parent();
    let mut child = child_of(&parent);
    child.host.break_index(true);
    child.pull_to_the_end();
    let left = notes(&mut child.host);
    listens(&mut child);
    assert_eq!(notes(&mut child.host), left);
    child.host.break_index(false);
    listens(&mut child);
    assert_eq!((child.host.not_found().unwrap(), notes(&mut child.host)), (vec![], 0));
}

#[test]
fn notes_of_a_run_under_way_are_left_to_it() {
    let parent = parent();
    let mut child = child_of(&parent);
    let engine = &child.engine;
    let looked = Cell::new(false);
    let mut host = Intercepted::new(&mut child.host, |host, call| {
        if call == Call::Begin && notes(host) > 0 {
            let before = notes(host);
            engine.listening(host, &ListeningStep::Listens { time: 1 }).unwrap();
            assert_eq!(notes(host), before);
            looked.set(true);
        }
        Ok(())
    });
    assert_eq!(state(&engine.pull(&mut host).unwrap()), "completed");
    assert!(looked.get(), "there were never notes");
    assert_eq!(child.host.waits_for_index(), 1);
}

#[test]
fn batch_that_is_rolled_back_leaves_no_note() {
    let parent = parent();
    let mut child = child_of(&parent);
    child.host.fail_save("p4", Error::new(ErrorKind::Rejected, "no"));
    child.host.break_index(true);
    child.pull_to_the_end();
    child.host.begin().unwrap();
    let noted = child.host.query("SELECT objects FROM sync2_unindexed WHERE objects LIKE '%p4%'", &[]).unwrap();
    child.host.rollback();
    assert_eq!(noted.len(), 0);
}

#[test]
fn people_are_found_though_the_answer_to_a_commit_was_lost() {
    let parent = parent();
    let mut child = child_of(&parent);
    let fails = Cell::new(true);
    let mut host = Intercepted::new(&mut child.host, |host, call| {
        if call == Call::Commit && host.counters().saves > 0 && fails.replace(false) {
            host.fail_next_commit(CommitFailure::Committed);
        }
        Ok(())
    });
    assert_eq!(state(&child.engine.pull(&mut host).unwrap()), "completed");
    assert!(!child.host.not_found().unwrap().is_empty() && notes(&mut child.host) > 0);
    listens(&mut child);
    assert_eq!((child.host.not_found().unwrap(), notes(&mut child.host)), (vec![], 0));
}

#[test]
fn nothing_is_noted_where_there_is_no_index() {
    let parent = parent();
    let mut child = child_of(&parent);
    child.host.keep_no_index();
    let noted = Cell::new(0);
    let mut host = Intercepted::new(&mut child.host, |host, call| {
        if call == Call::Begin {
            noted.set(noted.get() + notes(host));
        }
        Ok(())
    });
    assert_eq!(state(&child.engine.pull(&mut host).unwrap()), "completed");
    assert_eq!(noted.get(), 0);
}
