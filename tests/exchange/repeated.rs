//! The same lines again: nothing is applied twice, nothing is lost, nobody's edit is overwritten.

use serde_json::json;
use sync2::store::{Sql, SqlValue};
use sync2::testing::sqlite_host::CommitFailure;
use sync2::wire::{ApplyLine, ApplyStatus, GreetingAnswer};

use super::parent::*;

#[test]
fn a_line_whose_acknowledgement_was_lost_is_not_saved_again() {
    let mut parent = Parent::new();
    let (seen, new) = (patient("p", "Nakato"), patient("p", "Okello"));
    parent.edit(&seen);
    let line = sent_over(&new, &seen);
    parent.apply_one(&line);
    let again = parent.apply_one(&line);
    assert_eq!((again.status, again.hash), (ApplyStatus::Unchanged, Some(hash(&new))));
    assert_eq!(parent.host.counters().saves, 1);
}

#[test]
fn nor_is_one_of_which_this_server_did_not_keep_everything() {
    let mut parent = Parent::new();
    parent.lose_birth_dates();
    let line = sent(&patient("p", "Nakato"));
    let first = parent.apply_one(&line);
    assert_eq!(parent.apply_one(&line), first);
    assert_eq!(parent.host.counters().saves, 1);
}

#[test]
fn an_object_that_was_edited_again_before_the_retry_is_saved() {
    for lossy in [false, true] {
        let mut parent = Parent::new();
        if lossy {
            parent.lose_birth_dates();
        }
        let (seen, sent_before, new) = (patient("p", "first"), patient("p", "second"), patient("p", "third"));
        parent.edit(&seen);
        parent.apply_one(&sent_over(&sent_before, &seen));
        let retry = ApplyLine { pending: vec![hash(&sent_before)], ..sent_over(&new, &seen) };
        let expected = if lossy { ApplyStatus::Partial } else { ApplyStatus::Applied };
        assert_eq!(parent.apply_one(&retry).status, expected);
        assert_eq!(parent.document(&object("patient", "p")).unwrap()["name"], new["name"]);
    }
}

/// The parent had what the child sent already; that is an answer that can be lost, too.
#[test]
fn object_edited_after_a_lost_unchanged_answer_is_applied() {
    let mut parent = Parent::new();
    let (same, new) = (patient("p", "same on both sides"), patient("p", "new"));
    parent.edit(&same);
    assert_eq!(parent.apply_one(&sent(&same)).status, ApplyStatus::Unchanged);
    let retry = ApplyLine { pending: vec![hash(&same)], ..sent(&new) };
    assert_eq!(parent.apply_one(&retry).status, ApplyStatus::Applied);
}

#[test]
fn object_edited_by_the_parent_in_between_is_a_conflict() {
    let mut parent = Parent::new();
    let (seen, sent_before, theirs) = (patient("p", "first"), patient("p", "second"), patient("p", "at the parent"));
    parent.edit(&seen);
    let line = sent_over(&sent_before, &seen);
    parent.apply_one(&line);
    parent.edit(&theirs);
    let edited_again = ApplyLine { pending: vec![hash(&sent_before)], ..sent_over(&patient("p", "third"), &seen) };
    for line in [line, edited_again] {
        assert_eq!(parent.apply_one(&line).status, ApplyStatus::Conflict);
    }
    assert_eq!(parent.document(&object("patient", "p")), Some(theirs));
}

#[test]
fn send_of_another_child_is_not_taken_for_ones_own() {
    let mut parent = Parent::new();
    let (seen, of_another, new) = (patient("p", "first"), patient("p", "of another child"), patient("p", "new"));
    parent.edit(&seen);
    let lines = written(&[sent_over(&of_another, &seen)]);
    parent.engine.apply_objects(&mut parent.host, ACCOUNT, "another-node", &lines).unwrap();
    let line = ApplyLine { pending: vec![hash(&of_another)], ..sent_over(&new, &seen) };
    assert_eq!(parent.apply_one(&line).status, ApplyStatus::Conflict);
}

/// Then it is a conflict at worst: nothing is saved over what is here.
#[test]
fn line_repeated_after_the_audits_keep_days_is_a_conflict() {
    for (days, expected) in [(29, ApplyStatus::Partial), (31, ApplyStatus::Conflict)] {
        let mut parent = Parent::configured(
            json!({"pull": {"enabled": false}, "audit": {"keepDays": 30}, "exchange": {"children": {ACCOUNT: {}}}}),
        );
        parent.lose_birth_dates();
        let line = sent(&patient("p", "Nakato"));
        assert_eq!(parent.apply_one(&line).status, ApplyStatus::Partial);
        parent.let_days_pass(days);
        parent.apply_one(&sent(&patient("another", "Okello")));
        assert_eq!(parent.apply_one(&line).status, expected, "after {days} days");
        assert_eq!(parent.host.counters().saves, 2);
    }
}

/// Three who took back what they had done before it arrived.
#[test]
fn line_held_back_until_a_later_one_came_changes_nothing() {
    let (old, new) = (patient("p", "Nakato"), patient("p", "Okello"));
    let never = ApplyLine { document: None, action: "VOIDED".into(), ..sent(&new) };
    let taken_back = [
        (Some(&old), sent_over(&new, &old), ApplyLine { pending: vec![hash(&new)], ..sent_over(&old, &old) }),
        (Some(&old), removal(&old), ApplyLine { pending: vec![String::new()], ..sent_over(&old, &old) }),
        (None, sent(&new), ApplyLine { pending: vec![hash(&new)], ..never }),
    ];
    for (before, first, second) in taken_back {
        let mut parent = Parent::new();
        if let Some(before) = before {
            parent.edit(before);
        }
        let held = ApplyLine { number: Some(6), ..first };
        assert_eq!(parent.apply_one(&ApplyLine { number: Some(7), ..second }).status, ApplyStatus::Unchanged);
        let late = parent.apply_one(&held);
        assert_eq!(late.status, ApplyStatus::Failed);
        assert_eq!(late.error.unwrap().kind, "Outdated");
        assert_eq!(parent.document(&object("patient", "p")), before.cloned());
        let next = ApplyLine { number: Some(8), pending: Vec::new(), ..held };
        assert_ne!(parent.apply_one(&next).status, ApplyStatus::Failed);
    }
}

#[test]
fn line_repeated_after_somebody_here_took_it_back_does_nothing() {
    let mut parent = Parent::new();
    let (old, new) = (patient("p", "Nakato"), patient("p", "Okello"));
    parent.edit(&old);
    let line = ApplyLine { number: Some(7), ..sent_over(&new, &old) };
    assert_eq!(parent.apply_one(&line).status, ApplyStatus::Applied);
    parent.edit(&old);
    assert_eq!(parent.apply_one(&line).status, ApplyStatus::Failed);
    assert_eq!(parent.document(&object("patient", "p")), Some(old));
    // The child never heard of it, and comes again.
    let again = ApplyLine { number: Some(8), pending: vec![hash(&new)], ..line };
    assert_eq!(parent.apply_one(&again).status, ApplyStatus::Conflict);
}

#[test]
fn each_greeting_gives_greater_numbers() {
    let mut parent = Parent::new();
    let mut numbered_from = || {
        let greeting = json!({"greeting": {}}).to_string();
        let answer = parent.engine.apply_objects(&mut parent.host, ACCOUNT, NODE, greeting.as_bytes()).unwrap();
        parsed::<GreetingAnswer>(&answer)[0].greeting.numbered_from.unwrap()
    };
    let first = numbered_from();
    assert!(numbered_from() > first);
}

#[test]
fn a_removal_can_come_twice() {
    let mut parent = Parent::new();
    let document = patient("p", "Nakato");
    parent.edit(&document);
    assert_eq!(parent.apply_one(&removal(&document)).status, ApplyStatus::Removed);
    let again = parent.apply_one(&removal(&document));
    assert_eq!((again.status, again.hash), (ApplyStatus::Unchanged, None));
    assert_eq!(parent.host.counters().removes, 1);
}

#[test]
fn object_restored_before_the_removals_answer_comes_back() {
    let mut parent = Parent::new();
    let (seen, restored) = (patient("p", "Nakato"), patient("p", "Nakato, after all"));
    parent.edit(&seen);
    parent.apply_one(&removal(&seen));
    let line = sent_over(&restored, &seen);
    assert_eq!(parent.apply_one(&line).status, ApplyStatus::Conflict);
    let line = ApplyLine { pending: vec![String::new()], ..line };
    assert_eq!(parent.apply_one(&line).status, ApplyStatus::Applied);
}

#[test]
fn removed_object_comes_back_if_the_child_saw_the_removal() {
    let mut parent = Parent::new();
    let document = patient("p", "Nakato");
    parent.edit(&document);
    parent.apply_one(&removal(&document));
    assert_eq!(parent.apply_one(&sent(&document)).status, ApplyStatus::Applied);
}

#[test]
fn a_commit_whose_outcome_is_unknown_is_not_done_twice() {
    for failure in [CommitFailure::Committed, CommitFailure::RolledBack] {
        let mut parent = Parent::new();
        let lines: Vec<ApplyLine> = (0..4).map(|number| sent(&patient(&format!("p{number}"), "Nakato"))).collect();
        parent.host.fail_next_commit(failure);
        let answers = parent.apply(&lines);
        let expected = match failure {
            CommitFailure::Committed => ApplyStatus::Unchanged,
            CommitFailure::RolledBack => ApplyStatus::Applied,
        };
        assert_eq!(statuses(&answers), [expected; 4], "{failure:?}");
        assert_eq!(parent.host.present().unwrap(), 4);
    }
}

/// Its id is no secret: it stands in reasons of removals.
#[test]
fn node_id_of_another_account_does_not_make_its_sends_ones_own() {
    let mut parent = Parent::with(json!({"children": {"thief": {}}}));
    parent.lose_birth_dates();
    let (first, second) = (patient("p", "Nakato"), patient("p", "Okello"));
    parent.apply_one(&sent(&first));
    let retry = ApplyLine { pending: vec![hash(&first)], ..sent(&second) };
    assert_eq!(parent.apply_as("thief", std::slice::from_ref(&retry))[0].status, ApplyStatus::Conflict);
    assert_eq!(parent.apply_one(&retry).status, ApplyStatus::Partial);
}

/// While a request waits for the rows, the same one is done by another connection: this one is known as its repetition.
#[test]
fn earlier_send_is_looked_up_when_the_rows_are_locked() {
    let mut parent = Parent::new();
    let (new, kept) = (patient("p", "as it was sent"), patient("p", "as it was kept"));
    parent.edit(&kept);
    parent.apply_one(&sent(&patient("q", "Okello")));
    let hashes = [SqlValue::Text(hash(&new)), SqlValue::Text(hash(&kept))];
    parent.host.before_lock(move |host| {
        let statement = "INSERT INTO sync2_request (child_node, category, object_uuid, sent_hash, result_hash, answered_at) \
                         SELECT child_node, 'patient', 'p', ?, ?, 0 FROM sync2_request WHERE object_uuid = 'q'";
        host.update(statement, &hashes).unwrap();
    });
    assert_eq!(parent.apply_one(&sent(&new)).status, ApplyStatus::Partial);
}
