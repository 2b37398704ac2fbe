//! A removal takes only what its author knew.

use serde_json::json;
use sync2::error::{Error, ErrorKind};
use sync2::host::Host;
use sync2::store::conflicts::ConflictKind;

use crate::nodes::*;

fn dispute(object: &str, named: &[&str]) -> (String, Vec<String>) {
    (object.to_string(), named.iter().map(ToString::to_string).collect())
}

#[test]
fn a_removal_of_the_parents_takes_what_the_parent_knew_along() {
    let mut pair = shared();
    pair.parent().void("patient", "p");
    pair.sync();
    assert!(!pair.child.is_live("patient", "p") && !pair.child.is_live("observation", "o"));
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty(), "{:?}", pair.child.parked());
}

fn why_removed(node: &mut Node, patient: &str) -> Vec<Option<String>> {
    node.host.why_removed(&[object("patient", patient)]).unwrap()
}

#[test]
fn the_reason_of_a_removal_comes_along_in_both_directions() {
    for at_the_parent in [true, false] {
        let mut pair = shared();
        if at_the_parent {
            pair.parent().void("patient", "p");
        } else {
            pair.child.void("patient", "p");
        }
        pair.sync();
        let reason = [Some("removed by a user".to_string())];
        assert_eq!(why_removed(&mut pair.parent(), "p"), reason);
        assert_eq!(why_removed(&mut pair.child, "p"), reason);
    }
}

#[test]
fn encounter_entered_here_opposes_the_parents_removal() {
    let mut pair = shared();
    pair.parent().void("patient", "p");
    pair.child.edit(&encounter("new", "p"));
    pair.child.edit(&observation("n1", "p", "new", "7"));
    pair.sync();
    for (category, uuid) in [("patient", "p"), ("encounter", "e"), ("encounter", "new"), ("observation", "n1")] {
        assert!(pair.child.is_live(category, uuid), "{category}/{uuid}");
    }
    assert_eq!(pair.child.disputes(), [dispute("patient/p", &["encounter/new", "observation/n1"])]);
    assert_eq!(pair.child.conflicts()[0].kind, ConflictKind::Removal);
    // Nothing live comes onto the voided patient there, and what went along there waits here.
    assert!(!pair.parent().is_live("encounter", "new"));
    let waiting: Vec<String> = pair.child.parked().iter().map(|parked| parked.object.to_string()).collect();
    assert!(
        waiting.contains(&"encounter/e".to_string()) && waiting.contains(&"encounter/new".to_string()),
        "{waiting:?}"
    );
}

#[test]
fn result_added_here_opposes_the_removal_of_its_encounter() {
    let mut pair = shared();
    pair.parent().void("encounter", "e");
    pair.child.edit(&observation("lab", "p", "e", "positive"));
    pair.sync();
    assert!(pair.child.is_live("encounter", "e") && pair.child.is_live("observation", "lab"));
    assert_eq!(pair.child.disputes(), [dispute("encounter/e", &["observation/lab"])]);
}

#[test]
fn observation_changed_here_opposes_the_parents_removal() {
    let mut pair = shared();
    pair.parent().void("patient", "p");
    pair.child.edit(&observation("o", "p", "e", "corrected"));
    pair.sync();
    // The observation is in conflict by itself, too: it was sent, and is removed at the parent.
    assert_eq!(pair.child.disputes(), [dispute("observation/o", &[]), dispute("patient/p", &["observation/o"])]);
    assert_eq!(pair.child.live("observation", "o").unwrap()["valueString"], "corrected");
}

#[test]
fn a_removal_of_the_childs_takes_along_only_what_the_child_knew() {
    let mut pair = shared();
    for number in 0..12 {
        pair.parent().edit(&encounter(&format!("other-{number}"), "p"));
    }
    pair.child.void("patient", "p");
    pair.child.push();
    {
        let parent = pair.parent();
        assert!(parent.is_live("patient", "p") && parent.is_live("encounter", "e"));
        assert!((0..12).all(|number| parent.is_live("encounter", &format!("other-{number}"))));
    }
    let disputes = pair.child.disputes();
    assert_eq!((disputes.len(), disputes[0].0.as_str(), disputes[0].1.len()), (1, "patient/p", 12));
    assert!(!pair.child.is_live("encounter", "e"), "its author removed it with the patient");
}

#[test]
fn a_removal_of_the_childs_is_done_where_the_child_knew_all() {
    let mut pair = shared();
    pair.child.void("patient", "p");
    pair.sync();
    assert!(!pair.parent().is_live("patient", "p") && !pair.parent().is_live("observation", "o"));
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty(), "{:?}", pair.child.parked());
    // What went along is agreed on: it comes back with its patient.
    pair.parent().edit(&patient("p", "Okello"));
    pair.sync();
    assert!(pair.child.is_live("encounter", "e") && pair.child.is_live("observation", "o"));
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty());
}

#[test]
fn encounter_sent_before_goes_along_with_its_removed_patient() {
    let mut pair = shared();
    pair.child.edit(&encounter("new", "p"));
    pair.child.push();
    assert!(pair.parent().is_live("encounter", "new"));
    pair.child.void("patient", "p");
    pair.sync();
    assert!(!pair.parent().is_live("encounter", "new"));
    assert!(pair.child.conflicts().is_empty(), "{:?}", pair.child.disputes());
}

#[test]
fn object_moved_off_in_the_same_transaction_opposes_no_removal() {
    for at_the_parent in [true, false] {
        let mut pair = shared();
        pair.parent().edit(&patient("q", "Okello"));
        pair.sync();
        let merged = [encounter("e", "q"), observation("o", "q", "e", "5.1")];
        let loser = [object("patient", "p")];
        if at_the_parent {
            pair.parent().edit_together(&merged, &loser);
        } else {
            pair.child.edit_together(&merged, &loser);
        }
        pair.sync();
        pair.sync();
        for node in [&*pair.parent(), &pair.child] {
            assert!(!node.is_live("patient", "p"));
            assert_eq!(node.live("encounter", "e"), Some(encounter("e", "q")));
            assert!(node.is_live("observation", "o"));
        }
        assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty());
    }
}

#[test]
fn encounter_of_a_patient_merged_away_meanwhile_stays() {
    let mut pair = shared();
    pair.parent().edit(&patient("q", "Okello"));
    pair.sync();
    pair.child.edit(&encounter("new", "p"));
    pair.parent().edit_together(&[encounter("e", "q"), observation("o", "q", "e", "5.1")], &[object("patient", "p")]);
    pair.child.push();
    pair.sync();
    assert!(pair.child.is_live("encounter", "new") && pair.child.is_live("patient", "p"));
    assert_eq!(pair.child.live("encounter", "e"), Some(encounter("e", "q")));
    assert_eq!(pair.child.disputes(), [dispute("patient/p", &["encounter/new"])]);
    // The clerk moves it to the survivor: nothing stands against the removal any more.
    pair.child.edit(&encounter("new", "q"));
    pair.sync();
    assert_eq!(pair.parent().live("encounter", "new"), Some(encounter("new", "q")));
}

#[test]
fn object_closed_to_the_account_is_only_counted() {
    let mut pair = Pair::configured(json!({"children": {"sync": {"categories": ["patient", "visit"]}}}));
    pair.parent().edit(&patient("p", "Okello"));
    pair.sync();
    pair.parent().edit(&encounter("hidden", "p"));
    pair.child.void("patient", "p");
    pair.child.push();
    assert!(pair.parent().is_live("encounter", "hidden"));
    let conflict = &pair.child.conflicts()[0];
    assert_eq!(conflict.detail, Some(json!({"takesAlong": [], "more": 1})));
}

#[test]
fn removed_visit_takes_along_only_encounters_that_were_known() {
    let mut pair = shared();
    pair.parent().edit(&visit("v", "p"));
    pair.parent().edit(&encounter_in("e", "p", "v"));
    pair.sync();
    pair.child.edit(&encounter_in("new", "p", "v"));
    pair.parent().void("visit", "v");
    pair.sync();
    assert_eq!(pair.child.disputes(), [dispute("visit/v", &["encounter/new"])]);
    assert!(pair.child.is_live("encounter", "e") && pair.child.is_live("encounter", "new"));
}

#[test]
fn object_that_awaits_a_decision_costs_no_request_in_a_run() {
    let mut pair = shared();
    pair.parent().void("patient", "p");
    pair.child.edit(&encounter("new", "p"));
    pair.child.edit(&observation("n1", "p", "new", "7"));
    pair.sync();
    pair.sync();
    assert!(!pair.child.parked().is_empty());
    for _ in 0..2 {
        assert!(pair.child.pull().run.progress.counts.is_empty());
        assert!(pair.child.push().run.progress.counts.is_empty());
    }
}

/// Its own event tells of a consequence, not of what was refused.
#[test]
fn record_stays_parked_as_its_object_goes_with_its_patient() {
    let mut pair = shared();
    let mut finished = encounter("e", "p");
    finished["status"] = json!("finished");
    pair.parent().edit(&finished);
    pair.child.host.fail_save("e", Error::new(ErrorKind::Rejected, "not like this"));
    pair.child.pull();
    let parked =
        |pair: &mut Pair| pair.child.parked().iter().map(|parked| parked.object.to_string()).collect::<Vec<_>>();
    assert_eq!(parked(&mut pair), ["encounter/e"]);

    pair.child.void("patient", "p");
    pair.child.push();
    assert!(!pair.child.is_live("encounter", "e"));
    assert_eq!(parked(&mut pair), ["encounter/e"]);
    // The parent has what this node never had: nothing of it is removed unasked.
    assert!(pair.parent().is_live("encounter", "e"));

    pair.child.host.accept_save("e");
    pair.sync();
    assert_eq!(pair.child.disputes(), [dispute("patient/p", &["encounter/e"])]);
    assert_eq!(pair.parent().live("encounter", "e"), Some(finished));
}
