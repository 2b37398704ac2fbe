//! A parent that comes back from an older copy of its database, and children that only push.

use sync2::store::audit::AuditStatus::{Applied, Conflict};
use sync2::store::{Sql, SqlValue, Transaction};
use sync2::testing::sqlite_host::SqliteHost;

use crate::node::{Child, encounter, object, patient};
use crate::real_parent::Parent;

fn parent() -> Parent {
    let parent = Parent::start();
    parent.capture_changes();
    parent
}

/// The parent has acknowledged an edit of a child's, and lost it.
fn restored() -> (Parent, Child) {
    let parent = parent();
    let mut child = parent.child();
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    let backup = parent.back_up();
    child.edit("patient", patient("p", "Auma"));
    child.push_to_the_end();
    parent.restore(backup);
    (parent, child)
}

fn problem(child: &Child) -> Option<String> {
    child.engine.status().unwrap().problems.into_iter().find(|problem| problem.contains("restored"))
}

/// Somebody changes something here, so that a push has something to send.
fn push_something(child: &mut Child) {
    let name = format!("n{}", child.count("sync2_event"));
    child.edit("patient", patient("new", &name));
    child.push_to_the_end();
}

#[test]
fn object_lost_by_a_restored_parent_is_sent_again() {
    let parent = parent();
    let mut child = parent.child_with_encounters();
    for uuid in ["edited", "removed", "same"] {
        child.edit("patient", patient(uuid, "Okello"));
    }
    child.push_to_the_end();
    let backup = parent.back_up();

    child.edit("patient", patient("edited", "Auma"));
    child.edit("patient", patient("created", "Nakato"));
    child.edit("encounter", encounter("e", "created"));
    child.void("patient", "removed");
    child.push_to_the_end();
    parent.restore(backup);
    assert_eq!(problem(&child), None);

    push_something(&mut child);
    assert_eq!(parent.family("edited").as_deref(), Some("Auma"));
    assert_eq!(parent.family("created").as_deref(), Some("Nakato"));
    assert_eq!(parent.document("encounter", "e"), Some(encounter("e", "created")));
    assert_eq!(parent.family("removed"), None);
    assert_eq!(parent.family("same").as_deref(), Some("Okello"));
    assert!(child.conflicts().is_empty() && child.parked().is_empty(), "{:?} {:?}", child.conflicts(), child.parked());
    let told = problem(&child).unwrap();
    assert!(told.contains("all of them are settled"), "{told}");

    // From then on all is quiet.
    let effects = parent.effects();
    child.push_to_the_end();
    push_something(&mut child);
    assert_eq!(parent.effects(), effects + 1);
}

/// By its number alone its feed has only grown.
#[test]
fn a_restored_parent_that_has_told_of_more_since_is_noticed() {
    let (parent, mut child) = restored();
    for number in 0..5 {
        parent.edit(&patient(&format!("other{number}"), "Okot"));
    }
    push_something(&mut child);
    assert_eq!(parent.family("p").as_deref(), Some("Auma"));
    assert!(child.conflicts().is_empty());
}

#[test]
fn object_changed_at_the_restored_parent_is_a_conflict() {
    let parent = parent();
    let mut child = parent.child();
    child.edit("patient", patient("p", "Okello"));
    child.edit("patient", patient("q", "Okello"));
    child.push_to_the_end();
    let backup = parent.back_up();
    child.edit("patient", patient("p", "Auma"));
    child.edit("patient", patient("q", "Auma"));
    child.push_to_the_end();
    parent.restore(backup);
    parent.edit(&patient("p", "Nakato"));
    push_something(&mut child);
    assert_eq!(parent.family("p").as_deref(), Some("Nakato"));
    assert_eq!(parent.family("q").as_deref(), Some("Auma"));
    let conflicts = child.conflicts();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].object, object("patient", "p"));
    assert!(child.statuses_of("p").contains(&Conflict));
    assert!(problem(&child).unwrap().contains("1 of them are not settled"), "{:?}", problem(&child));
}

/// What one child brought back is there already when the next one comes.
#[test]
fn two_children_bring_back_what_each_had_sent() {
    let parent = parent();
    let (mut first, mut second) = (parent.child(), parent.child());
    push_something(&mut first);
    second.edit("patient", patient("other", "n"));
    second.push_to_the_end();
    let backup = parent.back_up();
    first.edit("patient", patient("p", "Okello"));
    first.push_to_the_end();
    second.edit("patient", patient("q", "Auma"));
    second.push_to_the_end();
    parent.restore(backup);
    push_something(&mut first);
    second.edit("patient", patient("other", "m"));
    second.push_to_the_end();
    assert_eq!(parent.family("p").as_deref(), Some("Okello"));
    assert_eq!(parent.family("q").as_deref(), Some("Auma"));
    assert!(first.conflicts().is_empty() && second.conflicts().is_empty());
}

#[test]
fn search_for_what_a_parent_lost_goes_on_after_a_kill() {
    let (parent, mut child) = restored();
    push_something(&mut child);
    // As after a kill between the notice and the first mark.
    parent.edit(&patient("p", "from the copy"));
    child.change("UPDATE sync2_restore SET ended_at = NULL, settled_at = NULL");
    child.restart();
    child.push_to_the_end();
    assert_eq!(child.conflicts().len(), 1);
}

#[test]
fn a_parent_that_goes_on_is_not_taken_for_a_restored_one() {
    let parent = parent();
    let mut child = parent.child();
    for _ in 0..3 {
        push_something(&mut child);
        parent.edit(&patient("there", "Okot"));
        child.restart();
    }
    assert_eq!(problem(&child), None);
    assert_eq!(child.statuses_of("new"), [Applied; 3]);
    assert_eq!(child.count("sync2_restore"), 0);
}

/// It has begun to search what it may have missed: all of its patients are told of, though nobody has changed them.
fn restored_telling_anew(backup: SqliteHost, parent: &Parent, uuids: &[&str]) {
    parent.restore(backup);
    uuids.iter().for_each(|uuid| parent.tell_anew(uuid));
}

#[test]
fn object_told_anew_by_a_restored_parent_is_sent_again() {
    let parent = parent();
    let mut child = parent.child();
    for uuid in ["once", "twice", "removed", "newer"] {
        child.edit("patient", patient(uuid, "Okello"));
    }
    child.push_to_the_end();
    let backup = parent.back_up();
    child.edit("patient", patient("once", "Auma"));
    child.edit("patient", patient("twice", "Auma"));
    child.edit("patient", patient("newer", "Auma"));
    child.void("patient", "removed");
    child.push_to_the_end();
    child.edit("patient", patient("twice", "Nakato"));
    child.push_to_the_end();
    restored_telling_anew(backup, &parent, &["once", "twice", "removed", "newer"]);
    child.edit("patient", patient("newer", "Opio"));
    child.push_to_the_end();
    assert_eq!(parent.family("once").as_deref(), Some("Auma"));
    assert_eq!(parent.family("twice").as_deref(), Some("Nakato"));
    assert_eq!(parent.family("newer").as_deref(), Some("Opio"));
    assert_eq!(parent.family("removed"), None);
    assert!(child.conflicts().is_empty(), "{:?}", child.conflicts());
    let told = problem(&child).unwrap();
    assert!(told.contains("all of them are settled"), "{told}");
}

/// The copy is of between two edits of the child's.
#[test]
fn edit_at_a_restored_parent_that_tells_anew_is_a_conflict() {
    for edited in ["Okello", "Opio"] {
        let parent = parent();
        let mut child = parent.child();
        child.edit("patient", patient("p", "Okello"));
        child.push_to_the_end();
        child.edit("patient", patient("p", "Auma"));
        child.push_to_the_end();
        let backup = parent.back_up();
        child.edit("patient", patient("p", "Nakato"));
        child.push_to_the_end();
        restored_telling_anew(backup, &parent, &["p"]);
        parent.edit(&patient("p", edited));
        push_something(&mut child);
        assert_eq!(parent.family("p").as_deref(), Some(edited));
        assert_eq!(child.conflicts().len(), 1, "{edited}");
    }
}

/// The child's edit is in the copy, but was not numbered in the feed yet.
#[test]
fn object_put_back_that_the_copy_has_is_a_conflict() {
    let parent = parent();
    let mut child = parent.child();
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    let mut told = parent.back_up();
    child.edit("patient", patient("p", "Auma"));
    child.push_to_the_end();
    let mut backup = parent.back_up();
    let numbered = |host: &mut SqliteHost| match host.query("SELECT MAX(event_no) FROM sync2_event", &[]).unwrap()[0][..]
    {
        [SqlValue::Int(number)] => number,
        ref other => panic!("{other:?}"),
    };
    let told = numbered(&mut told);
    backup.begin().unwrap();
    backup.update("DELETE FROM sync2_event WHERE event_no > ?", &[told.into()]).unwrap();
    backup.update("UPDATE sync2_counter SET counter_value = ? WHERE counter_name = 'event'", &[told.into()]).unwrap();
    backup.commit().unwrap();
    restored_telling_anew(backup, &parent, &["p"]);
    parent.edit(&patient("p", "Okello"));
    push_something(&mut child);
    assert_eq!(parent.family("p").as_deref(), Some("Okello"));
    assert_eq!(child.conflicts().len(), 1);
}

#[test]
fn send_that_a_restored_parent_forgot_is_a_conflict() {
    let (parent, mut child) = restored();
    parent.tell_anew("p");
    parent.change("UPDATE sync2_event SET published_at = 0");
    push_something(&mut child);
    assert_eq!(child.conflicts().len(), 1);
}
