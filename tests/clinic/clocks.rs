//! The clocks of both servers go wrong by a year, forward or back, and are put right again.

use serde_json::Value;

use super::nodes::{Node, Pair, encounter, patient, shared};

const YEAR: i32 = 365;

/// Sets both clocks.
fn set_clocks(pair: &mut Pair, child: i32, parent: i32) {
    pair.child.host.set_clock_ahead(child);
    pair.parent().host.set_clock_ahead(parent);
}

/// What both have of a patient.
fn both(pair: &Pair, uuid: &str) -> [Option<Value>; 2] {
    [pair.child.live("patient", uuid), pair.parent().live("patient", uuid)]
}

#[test]
fn edits_of_both_sides_arrive_whatever_their_clocks_do() {
    for (child, parent) in [(YEAR, 0), (-YEAR, 0), (0, YEAR), (0, -YEAR), (YEAR, -YEAR), (-YEAR, YEAR)] {
        let clocks = format!("child {child} days, parent {parent} days");
        let mut pair = shared();
        // While they are wrong, and then when they are right again.
        for (turn, [here, there]) in [[child, parent], [0, 0], [child, parent], [0, 0]].into_iter().enumerate() {
            set_clocks(&mut pair, here, there);
            let [new_here, new_there] = ["here", "there"].map(|side| format!("{side}-{turn}"));
            pair.child.edit(&patient(&new_here, "Okello"));
            pair.child.edit(&encounter(&format!("e-{turn}"), &new_here));
            pair.parent().edit(&patient(&new_there, "Auma"));
            // Each side's newcomer of the turn before is changed by the other.
            if let Some(before) = turn.checked_sub(1) {
                pair.child.edit(&patient(&format!("there-{before}"), "Nakato"));
                pair.parent().edit(&patient(&format!("here-{before}"), "Nakato"));
            }
            pair.sync();
        }
        pair.sync();
        for turn in 0..3 {
            for side in ["here", "there"] {
                let uuid = format!("{side}-{turn}");
                assert_eq!(both(&pair, &uuid), [(); 2].map(|()| Some(patient(&uuid, "Nakato"))), "{clocks}: {uuid}");
            }
            assert!(pair.parent().is_live("encounter", &format!("e-{turn}")), "{clocks}");
        }
        assert!(pair.child.conflicts().is_empty() && pair.parent().conflicts().is_empty(), "{clocks}");
        assert!(pair.child.parked().is_empty(), "{clocks}");
        // Nothing is said twice.
        pair.child.push();
        assert_eq!(pair.child.pull().run.progress.events, 0, "{clocks}");
        assert_eq!(pair.child.push().run.progress.events, 0, "{clocks}");
    }
}

#[test]
fn last_change_stands_though_the_clock_was_set_before_its_push() {
    for side in ["child", "parent"] {
        for [first, second] in [[YEAR, 0], [0, -YEAR], [0, YEAR]] {
            let clocks = format!("{side}: {first}, then {second}");
            let mut pair = shared();
            let mut at = |days: i32, change: &dyn Fn(&mut Node)| match side {
                "child" => {
                    pair.child.host.set_clock_ahead(days);
                    change(&mut pair.child);
                }
                _ => {
                    let mut parent = pair.parent();
                    parent.host.set_clock_ahead(days);
                    change(&mut parent);
                }
            };
            at(first, &|node| node.edit(&patient("gone", "Okello")));
            at(first, &|node| node.edit(&encounter("e-gone", "gone")));
            at(first, &|node| node.void("patient", "p"));
            // Nobody has heard of these when it is set.
            at(second, &|node| node.void("patient", "gone"));
            at(second, &|node| node.edit(&patient("p", "Nakato")));
            pair.sync();
            pair.sync();
            assert_eq!(both(&pair, "gone"), [None, None], "{clocks}");
            assert_eq!(both(&pair, "p"), [(); 2].map(|()| Some(patient("p", "Nakato"))), "{clocks}");
            assert!(pair.child.conflicts().is_empty() && pair.parent().conflicts().is_empty(), "{clocks}");
            assert_eq!(pair.child.parked(), [], "{clocks}");
            assert_eq!(pair.child.pull().run.progress.events, 0, "{clocks}");
        }
    }
}
