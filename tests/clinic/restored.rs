//! A parent, a child or both that come back from an older copy of their database.

use serde_json::json;
use sync2::decide::verification::Depth;
use sync2::engine::Retry;
use sync2::error::ErrorKind;
use sync2::event::Direction;
use sync2::identity::NodeChoice;
use sync2::store::audit::{AuditQuery, AuditStatus};

use crate::nodes::{Node, Pair, encounter, object, patient};

fn family(node: &Node, uuid: &str) -> Option<String> {
    Some(node.live("patient", uuid)?["name"][0]["family"].as_str().unwrap().to_string())
}

/// The parent numbers its events when its feed is read, here by another child.
fn numbered(pair: &Pair) {
    let mut reader = pair.child.cloned();
    reader.restart_with(|config| config["push"]["enabled"] = json!(false));
    drop(reader.engine.pull(&mut reader.host).unwrap());
}

/// Both have what everybody agreed on before the copy was made.
fn pair(uuids: &[&str]) -> Pair {
    let mut pair = Pair::start();
    for uuid in uuids {
        pair.parent().edit(&patient(uuid, "Okello"));
    }
    pair.sync();
    pair
}

/// Nothing is open, and nothing more happens.
fn assert_quiet(pair: &mut Pair) {
    assert!(pair.child.conflicts().is_empty(), "{:?}", pair.child.conflicts());
    assert!(pair.child.parked().is_empty(), "{:?}", pair.child.parked());
    let counters = [pair.child.host.counters(), pair.parent().host.counters()];
    pair.sync();
    let after = [pair.child.host.counters(), pair.parent().host.counters()];
    for (before, after) in counters.iter().zip(&after) {
        assert_eq!((after.saves, after.removes), (before.saves, before.removes));
    }
}

#[test]
fn restored_parent_gets_its_loss_back_and_the_pull_goes_on() {
    let mut pair = pair(&["edited", "removed", "same", "later"]);
    let backup = pair.parent().back_up();
    pair.child.edit(&patient("edited", "Auma"));
    pair.child.edit(&patient("created", "Nakato"));
    pair.child.edit(&encounter("e", "created"));
    pair.child.void("patient", "removed");
    pair.sync();
    pair.parent().restore(backup);
    pair.parent().edit(&patient("later", "Opio"));

    let stopped = pair.child.pull_stopped();
    assert_eq!(stopped.kind, ErrorKind::NeedsBackfill);
    assert!(stopped.message.contains("sync2/backfill"), "{}", stopped.message);
    assert!(pair.child.engine.status().unwrap().notes.iter().any(|note| note.message == stopped.message));
    assert_eq!(pair.child.pull_stopped().message, stopped.message);

    pair.child.backfill();
    for node in [&pair.child, &*pair.parent()] {
        assert_eq!(family(node, "edited").as_deref(), Some("Auma"));
        assert_eq!(family(node, "created").as_deref(), Some("Nakato"));
        assert_eq!(family(node, "same").as_deref(), Some("Okello"));
        assert_eq!(family(node, "later").as_deref(), Some("Opio"));
        assert!(node.is_live("encounter", "e"));
        assert!(!node.is_live("patient", "removed"));
    }
    assert_quiet(&mut pair);
    // What is edited from then on travels as ever.
    pair.parent().edit(&patient("same", "Akello"));
    pair.child.edit(&patient("edited", "Adong"));
    pair.sync();
    assert_eq!(family(&pair.child, "same").as_deref(), Some("Akello"));
    assert_eq!(family(&pair.parent(), "edited").as_deref(), Some("Adong"));
    assert_quiet(&mut pair);
}

/// No event that the child had read is gone, and nobody does anything by which it would show.
#[test]
fn restored_parent_without_the_last_push_gets_it_while_quiet() {
    let mut pair = pair(&["p"]);
    let backup = pair.parent().back_up();
    pair.child.edit(&patient("p", "Auma"));
    pair.child.push();
    pair.parent().restore(backup);
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Okello"));
    pair.sync();
    for node in [&pair.child, &*pair.parent()] {
        assert_eq!(family(node, "p").as_deref(), Some("Auma"));
    }
    assert_quiet(&mut pair);
}

#[test]
fn object_edited_here_and_at_the_restored_parent_is_in_conflict() {
    let mut pair = pair(&["p", "q"]);
    let backup = pair.parent().back_up();
    pair.child.edit(&patient("p", "Auma"));
    pair.sync();
    pair.parent().restore(backup);
    // As many events as before: by their number alone nothing has changed.
    pair.parent().edit(&patient("p", "Nakato"));
    pair.child.pull_stopped();
    pair.child.backfill();
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Auma"));
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Nakato"));
    assert_eq!(pair.child.disputes().len(), 1);
    pair.sync();
    assert_eq!(pair.child.disputes().len(), 1);
}

/// A parent was restored to before the last push, and somebody edits there what was pushed; the event that the child had read last is
/// still there.
fn edited_where_the_push_is_lost() -> Pair {
    let mut pair = pair(&["p", "q"]);
    let backup = pair.parent().back_up();
    pair.child.edit(&patient("p", "Auma"));
    pair.child.push();
    pair.parent().restore(backup);
    pair.parent().edit(&patient("p", "Nakato"));
    pair
}

/// Each has its own, and somebody has to decide.
fn assert_disputed(pair: &mut Pair) {
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Auma"));
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Nakato"));
    assert_eq!(pair.child.disputes().len(), 1);
}

#[test]
fn edit_at_a_parent_without_the_last_push_is_no_news() {
    let mut pair = edited_where_the_push_is_lost();
    pair.child.pull();
    assert_disputed(&mut pair);
    pair.sync();
    assert_disputed(&mut pair);
}

#[test]
fn object_pulled_by_name_from_a_restored_parent_is_no_news() {
    let mut pair = edited_where_the_push_is_lost();
    let Node { engine, host, .. } = &mut pair.child;
    engine.pull_object(&object("patient", "p"), host).unwrap();
    assert_disputed(&mut pair);
}

#[test]
fn verification_at_a_restored_parent_takes_nothing_for_news() {
    let mut pair = edited_where_the_push_is_lost();
    crate::verification::compare(&mut pair, Depth::Deep);
    assert_disputed(&mut pair);
}

/// An event was parked before, for a reason that is gone.
#[test]
fn retry_at_a_restored_parent_takes_nothing_for_news() {
    let mut pair = pair(&["p", "q"]);
    pair.parent().tell_anew(&object("patient", "p"));
    pair.parent().change("UPDATE test_object SET json = CAST('[' || json AS BLOB) WHERE uuid = 'p'");
    pair.child.pull();
    pair.parent().change("UPDATE test_object SET json = substr(json, 2) WHERE uuid = 'p'");
    let parked = pair.child.parked().remove(0).audit_uuid;
    let backup = pair.parent().back_up();
    pair.child.edit(&patient("p", "Auma"));
    pair.child.push();
    pair.parent().restore(backup);
    pair.parent().edit(&patient("p", "Nakato"));
    let Node { engine, host, .. } = &mut pair.child;
    engine.retry(host, &[parked]).unwrap();
    let Retry::Announced(id) = engine.announce_retry(Direction::Pull).unwrap() else { panic!("another run") };
    engine.perform(id, host).unwrap();
    assert_disputed(&mut pair);
}

/// A backfill that was broken off goes on at a parent that was restored meanwhile.
#[test]
fn resumed_backfill_at_a_restored_parent_takes_nothing_for_news() {
    let mut resumed = 0;
    for calls in (5..200).step_by(15) {
        let mut pair = pair(&["p", "q"]);
        pair.child.restart_with(|config| config["transfer"] = json!({"batchSize": 1}));
        pair.child.die_in_backfill_after(calls);
        resumed += pair.child.count("SELECT COUNT(*) FROM sync2_backfill WHERE ended_at IS NULL");
        let backup = pair.parent().back_up();
        pair.child.edit(&patient("p", "Auma"));
        pair.child.push();
        pair.parent().restore(backup);
        pair.parent().edit(&patient("p", "Nakato"));
        pair.child.pull();
        assert_disputed(&mut pair);
    }
    assert!(resumed > 0);
}

/// What the parent has told before its feed ended is in the copy, but it tells anew what it searches. Nobody is asked, and the
/// parent is not right about what it lost.
#[test]
fn event_told_anew_by_a_restored_parent_changes_nothing() {
    for policy in ["manual", "parentWins"] {
        let mut pair = pair(&["p", "q"]);
        pair.child.restart_with(|config| config["categories"]["patient"]["conflict"] = json!(policy));
        let backup = pair.parent().back_up();
        pair.child.edit(&patient("p", "Auma"));
        pair.sync();
        pair.child.edit(&patient("p", "Nakato"));
        pair.sync();
        pair.parent().restore(backup);
        pair.parent().tell_anew(&object("patient", "p"));
        pair.child.pull_stopped();
        pair.child.backfill();
        pair.child.push();
        for node in [&pair.child, &*pair.parent()] {
            assert_eq!(family(node, "p").as_deref(), Some("Nakato"), "{policy}");
        }
        let met = AuditQuery { status: Some(AuditStatus::Conflict), limit: 10, ..AuditQuery::default() };
        assert!(pair.child.engine.audit(&mut pair.child.host, &met).unwrap().into_messages().is_empty());
        pair.sync();
        assert_quiet(&mut pair);
    }
}

/// It never pushes: what it has of the parent's is the only copy of what the parent lost.
fn pulling_only(uuids: &[&str]) -> Pair {
    let mut pair = pair(uuids);
    pair.child.restart_with(|config| config["push"]["enabled"] = json!(false));
    pair
}

#[test]
fn child_that_only_pulls_keeps_what_a_restored_parent_lost() {
    let mut pair = pulling_only(&["p", "q"]);
    let backup = pair.parent().back_up();
    pair.parent().edit(&patient("p", "Auma"));
    pair.parent().edit(&patient("new", "Nakato"));
    pair.child.pull();
    pair.parent().restore(backup);
    pair.child.pull_stopped();
    pair.child.backfill();
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Auma"));
    assert_eq!(family(&pair.child, "new").as_deref(), Some("Nakato"));
    let disputes: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    assert_eq!(disputes, [object("patient", "p").to_string()]);
    let of_new = AuditQuery { object_uuid: Some("new".to_string()), limit: 1, ..AuditQuery::default() };
    let kept = pair.child.engine.audit(&mut pair.child.host, &of_new).unwrap().into_messages().remove(0);
    assert_eq!(kept.outcome.status, AuditStatus::Kept);
    assert!(kept.outcome.detail.unwrap().to_string().contains("does not have it any more"));
    pair.child.pull();
}

#[test]
fn a_restored_child_gets_back_what_it_had() {
    let mut pair = pair(&["p", "q", "r"]);
    let backup = pair.child.back_up();
    pair.child.edit(&patient("p", "Auma"));
    pair.child.edit(&patient("created", "Nakato"));
    pair.child.void("patient", "r");
    pair.sync();
    pair.parent().edit(&patient("q", "Opio"));
    pair.sync();
    pair.child.restore(backup);
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Okello"));
    pair.sync();
    for node in [&pair.child, &*pair.parent()] {
        assert_eq!(family(node, "p").as_deref(), Some("Auma"));
        assert_eq!(family(node, "q").as_deref(), Some("Opio"));
        assert_eq!(family(node, "created").as_deref(), Some("Nakato"));
        assert!(!node.is_live("patient", "r"));
    }
    assert_quiet(&mut pair);
}

/// Its edit is of what it had before, over what it had acknowledged after that.
#[test]
fn edit_at_a_restored_child_does_not_undo_its_earlier_push() {
    let mut pair = pair(&["p"]);
    let backup = pair.child.back_up();
    pair.child.edit(&patient("p", "Auma"));
    pair.sync();
    pair.child.restore(backup);
    pair.child.edit(&patient("p", "Nakato"));
    pair.child.push();
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Auma"));
    pair.sync();
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Nakato"));
    assert_eq!(pair.child.disputes().len(), 1);
}

#[test]
fn both_restored_to_different_times_come_together_again() {
    for parent_first in [true, false] {
        let mut pair = pair(&["p", "q"]);
        let (old_parent, old_child) = (pair.parent().back_up(), pair.child.back_up());
        pair.child.edit(&patient("p", "Auma"));
        pair.sync();
        let (new_parent, new_child) = (pair.parent().back_up(), pair.child.back_up());
        pair.child.edit(&patient("q", "Nakato"));
        pair.sync();
        let (parent, child) = if parent_first { (old_parent, new_child) } else { (new_parent, old_child) };
        pair.parent().restore(parent);
        pair.child.restore(child);
        pair.child.backfill();
        pair.sync();
        for node in [&pair.child, &*pair.parent()] {
            assert_eq!(family(node, "p").as_deref(), Some("Auma"), "{parent_first}");
            assert_eq!(family(node, "q").as_deref(), Some("Okello"), "{parent_first}");
        }
        assert_quiet(&mut pair);
    }
}

/// The parent's tables of this module are new: nothing of its feed is what it was.
#[test]
fn a_parent_whose_feed_began_anew_is_compared_object_by_object() {
    let mut pair = pair(&["p", "q", "r"]);
    {
        let mut parent = pair.parent();
        let Node { engine, host, .. } = &mut *parent;
        engine.choose_node(host, NodeChoice::Renew).unwrap();
        parent.edit(&patient("p", "Auma"));
    }
    assert_eq!(pair.child.pull_stopped().kind, ErrorKind::NeedsBackfill);
    pair.child.backfill();
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Auma"));
    assert_quiet(&mut pair);
}

#[test]
fn a_backfill_that_was_killed_goes_on_with_the_next_pull() {
    for calls in (20..400).step_by(20) {
        let mut pair = pair(&["p", "q", "r"]);
        pair.child.restart_with(|config| config["transfer"] = json!({"batchSize": 1}));
        let backup = pair.parent().back_up();
        pair.child.edit(&patient("p", "Auma"));
        pair.child.edit(&patient("created", "Nakato"));
        pair.sync();
        pair.parent().restore(backup);
        pair.child.die_in_backfill_after(calls);
        let begun = pair.child.count("SELECT COUNT(*) FROM sync2_backfill") > 0;
        if begun {
            drop(pair.child.pull())
        } else {
            drop(pair.child.backfill())
        }
        pair.sync();
        assert_eq!(pair.child.count("SELECT COUNT(*) FROM sync2_backfill WHERE ended_at IS NULL"), 0);
        assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Auma"), "{calls}");
        assert_eq!(family(&pair.parent(), "created").as_deref(), Some("Nakato"), "{calls}");
        assert_quiet(&mut pair);
    }
}

#[test]
fn a_comparison_of_what_is_alike_transfers_and_writes_nothing() {
    let mut pair = pair(&["p", "q", "r"]);
    let before = pair.child.host.counters();
    let report = pair.child.backfill();
    assert_eq!(pair.child.host.counters().saves, before.saves);
    assert!(report.run.progress.counts.is_empty(), "{:?}", report.run.progress.counts);
}

/// Its tables of this module were dropped, and nothing listened until they were made anew: that no event tells of an object proves
/// nothing.
#[test]
fn edit_at_a_parent_before_its_tables_were_lost_is_not_undone() {
    let mut pair = pair(&["unseen", "unheard", "same"]);
    pair.parent().edit(&patient("unseen", "Auma"));
    numbered(&pair);
    let unheard = (object("patient", "unheard"), patient("unheard", "Opio").to_string().into_bytes());
    pair.parent().host.edit_untold(&[unheard], &[]).unwrap();
    pair.parent().lose_the_modules_tables();
    pair.child.edit(&patient("other", "Nakato"));
    pair.child.push();
    pair.child.push();
    assert_eq!(family(&pair.parent(), "unseen").as_deref(), Some("Auma"));
    assert_eq!(family(&pair.parent(), "unheard").as_deref(), Some("Opio"));
    assert_eq!(family(&pair.parent(), "other").as_deref(), Some("Nakato"));
    pair.child.pull_stopped();
    pair.child.backfill();
    let known = ["unseen", "unheard"].map(|uuid| {
        family(&pair.child, uuid) == family(&pair.parent(), uuid)
            || pair.child.conflicts().iter().any(|conflict| conflict.object.uuid == uuid)
    });
    assert_eq!(known, [true, true], "{:?}", pair.child.disputes());
}
