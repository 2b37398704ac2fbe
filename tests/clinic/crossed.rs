//! What both sides do at once to objects that hang together, with either of them as the one who removes. Nothing is lost
//! without a conflict that names it, and whatever is decided, both sides end equal.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync2::decide::resolution::{Choice, Whose};
use sync2::event::Representation;
use sync2::resolution::{ConflictDetail, Decided};

use crate::nodes::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Parent,
    Child,
}

const SIDES: [Side; 2] = [Side::Parent, Side::Child];

impl Side {
    fn other(self) -> Side {
        if self == Side::Parent { Side::Child } else { Side::Parent }
    }

    fn acts(self, pair: &mut Pair, work: impl FnOnce(&mut Node)) {
        match self {
            Side::Parent => work(&mut pair.parent()),
            Side::Child => work(&mut pair.child),
        }
    }

    fn live(self, pair: &Pair, object: &str) -> Option<Value> {
        let (category, uuid) = object.split_once('/').unwrap();
        match self {
            Side::Parent => pair.parent().live(category, uuid),
            Side::Child => pair.child.live(category, uuid),
        }
    }
}

/// Both have a patient with a visit and an encounter in it, with one observation, and another patient.
fn known() -> Pair {
    let mut pair = Pair::start();
    {
        let mut parent = pair.parent();
        parent.edit(&patient("p", "Okello"));
        parent.edit(&patient("q", "Okelo"));
        parent.edit(&visit("v", "p"));
        parent.edit(&encounter_in("e", "p", "v"));
        parent.edit(&observation("o", "p", "e", "5.1"));
    }
    pair.sync();
    assert!(pair.child.is_live("observation", "o"));
    pair
}

/// One side does this, the other that, and neither knows of the other yet.
fn crossed(side: Side, one: impl FnOnce(&mut Node), other: impl FnOnce(&mut Node)) -> Pair {
    let mut pair = known();
    side.acts(&mut pair, one);
    side.other().acts(&mut pair, other);
    pair.sync();
    pair.sync();
    pair
}

/// How everything that is open is decided.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Decision {
    Keep,
    Apply,
}

const DECISIONS: [Decision; 2] = [Decision::Keep, Decision::Apply];

impl Decision {
    fn of(self, shown: &ConflictDetail) -> Choice {
        let is_removal = shown.choices.iter().any(|offer| offer.choice == "keep");
        match (self, is_removal) {
            (Decision::Keep, true) => Choice::Keep,
            (Decision::Apply, true) => Choice::Apply,
            (Decision::Keep, false) => Choice::Side(Whose::Ours),
            (Decision::Apply, false) => Choice::Side(Whose::Theirs),
        }
    }
}

/// Decides on all that is open, as often as something new comes of it; then nothing is open, and nothing travels.
fn decide(pair: &mut Pair, decision: Decision) {
    for _ in 0..4 {
        for conflict in pair.child.conflicts() {
            // Another decision may have closed it.
            let Some(shown) = pair.child.engine.conflict(&mut pair.child.host, &conflict.uuid).unwrap() else {
                continue;
            };
            let decided = Decided {
                choice: decision.of(&shown),
                by: "clerk".to_string(),
                reason: "as the paper file says".to_string(),
                version: Some(shown.version.clone()),
            };
            pair.child.engine.resolve(&mut pair.child.host, &conflict.uuid, &decided).unwrap();
        }
        pair.sync();
        pair.sync();
    }
    assert_eq!(pair.child.disputes(), [], "{decision:?}");
    assert!(pair.child.parked().is_empty(), "{decision:?}: {:?}", pair.child.parked());
    assert_eq!(pair.parent().disputes(), [], "{decision:?}");
    let (pulled, pushed) = (pair.child.pull(), pair.child.push());
    assert_eq!((pulled.run.progress.events, pushed.run.progress.events), (0, 0));
}

/// Which of these are live, the same on both sides.
fn alike(pair: &Pair, objects: &[&str]) -> BTreeMap<String, bool> {
    let each = objects.iter().map(|object| {
        let (here, there) = (Side::Child.live(pair, object), Side::Parent.live(pair, object));
        assert_eq!(here, there, "{object}");
        (object.to_string(), here.is_some())
    });
    each.collect()
}

fn all(objects: &[&str], live: bool) -> BTreeMap<String, bool> {
    objects.iter().map(|object| (object.to_string(), live)).collect()
}

/// What is open, by its object and what it names.
fn is_named(pair: &mut Pair, object: &str) -> bool {
    pair.child.disputes().iter().any(|(of, named)| of == object || named.iter().any(|one| one == object))
}

#[test]
fn visit_removed_as_its_encounter_moves_to_another_visit() {
    for side in SIDES {
        for decision in DECISIONS {
            let mut pair = crossed(
                side,
                |node| node.void("visit", "v"),
                |node| {
                    node.edit(&visit("w", "p"));
                    node.edit(&encounter_in("e", "p", "w"));
                },
            );
            let moved = Some(encounter_in("e", "p", "w"));
            assert_eq!(side.other().live(&pair, "encounter/e"), moved, "removed by the {side:?}");
            decide(&mut pair, decision);
            let live = alike(&pair, &["visit/v", "visit/w", "encounter/e", "observation/o", "patient/p"]);
            assert!(live["visit/w"] && live["patient/p"], "{side:?} {decision:?}: {live:?}");
            if decision == Decision::Keep {
                assert_eq!(Side::Parent.live(&pair, "encounter/e"), moved, "removed by the {side:?}");
                assert!(live["observation/o"], "removed by the {side:?}");
            }
        }
    }
}

#[test]
fn patient_removed_as_her_encounter_moves_to_another_patient() {
    for side in SIDES {
        let mut pair = crossed(
            side,
            |node| node.void("patient", "p"),
            |node| node.edit_together(&[encounter("e", "q"), observation("o", "q", "e", "5.1")], &[]),
        );
        let moved = Some(encounter("e", "q"));
        assert_eq!(side.other().live(&pair, "encounter/e"), moved, "removed by the {side:?}");
        let named = is_named(&mut pair, "encounter/e");
        assert!(named || Side::Parent.live(&pair, "encounter/e") == moved, "removed by the {side:?}");
        decide(&mut pair, Decision::Keep);
        assert_eq!(Side::Parent.live(&pair, "encounter/e"), moved, "removed by the {side:?}");
        assert!(alike(&pair, &["encounter/e", "observation/o", "patient/q"]).into_values().all(|live| live));
    }
}

#[test]
fn an_encounter_is_removed_while_its_observation_is_corrected() {
    for side in SIDES {
        for decision in DECISIONS {
            let corrected = observation("o", "p", "e", "corrected");
            let mut pair = crossed(side, |node| node.void("encounter", "e"), |node| node.edit(&corrected));
            assert_eq!(side.other().live(&pair, "observation/o"), Some(corrected.clone()), "removed by the {side:?}");
            assert!(is_named(&mut pair, "observation/o"), "removed by the {side:?}: {:?}", pair.child.disputes());
            decide(&mut pair, decision);
            let hanging = ["encounter/e", "observation/o"];
            assert_eq!(alike(&pair, &hanging), all(&hanging, decision == Decision::Keep), "{side:?}");
            assert!(pair.child.is_live("visit", "v"));
        }
    }
}

#[test]
fn an_encounter_is_removed_while_a_result_is_added_to_it() {
    for side in SIDES {
        for decision in DECISIONS {
            let added = observation("lab", "p", "e", "positive");
            let mut pair = crossed(side, |node| node.void("encounter", "e"), |node| node.edit(&added));
            assert_eq!(side.other().live(&pair, "observation/lab"), Some(added.clone()), "removed by the {side:?}");
            assert!(is_named(&mut pair, "observation/lab"), "{side:?}: {:?}", pair.child.disputes());
            decide(&mut pair, decision);
            let hanging = ["encounter/e", "observation/o", "observation/lab"];
            assert_eq!(alike(&pair, &hanging), all(&hanging, decision == Decision::Keep), "{side:?}");
        }
    }
}

#[test]
fn patients_are_merged_into_each_other() {
    for side in SIDES {
        for decision in DECISIONS {
            let mut pair = known();
            pair.parent().edit(&encounter("f", "q"));
            pair.sync();
            side.acts(&mut pair, |node| {
                node.edit_together(
                    &[encounter("e", "q"), observation("o", "q", "e", "5.1")],
                    &[object("patient", "p")],
                );
            });
            side.other().acts(&mut pair, |node| node.edit_together(&[encounter("f", "p")], &[object("patient", "q")]));
            pair.sync();
            pair.sync();
            for encounter in ["encounter/e", "encounter/f"] {
                let live = SIDES.map(|side| side.live(&pair, encounter).is_some());
                assert!(live == [true, true] || is_named(&mut pair, encounter), "{side:?}: {encounter} {live:?}");
            }
            decide(&mut pair, decision);
            let live = alike(&pair, &["patient/p", "patient/q", "encounter/e", "encounter/f", "observation/o"]);
            if decision == Decision::Keep {
                assert!(live.values().all(|live| *live), "{side:?}: {live:?}");
            }
        }
    }
}

#[test]
fn a_visit_is_removed_on_one_side_and_its_patient_on_the_other() {
    for side in SIDES {
        let mut pair = crossed(side, |node| node.void("visit", "v"), |node| node.void("patient", "p"));
        assert_eq!(pair.child.disputes(), [], "the visit by the {side:?}");
        let all_of_her = ["patient/p", "visit/v", "encounter/e", "observation/o"];
        assert_eq!(alike(&pair, &all_of_her), all(&all_of_her, false));
        decide(&mut pair, Decision::Keep);
    }
}

#[test]
fn visit_removed_as_its_patient_goes_with_a_new_encounter() {
    for side in SIDES {
        let mut pair = crossed(
            side,
            |node| node.void("visit", "v"),
            |node| {
                node.edit(&encounter_in("new", "p", "v"));
                node.void("patient", "p");
            },
        );
        let all_of_her = ["patient/p", "visit/v", "encounter/e", "encounter/new", "observation/o"];
        assert_eq!(alike(&pair, &all_of_her), all(&all_of_her, false), "the visit by the {side:?}");
        decide(&mut pair, Decision::Keep);
    }
}

#[test]
fn encounter_removed_by_itself_stays_so_as_its_patient_returns() {
    for side in SIDES {
        let mut pair = known();
        pair.parent().edit(&encounter("mistake", "p"));
        pair.sync();
        side.other().acts(&mut pair, |node| node.void("encounter", "mistake"));
        pair.sync();
        side.acts(&mut pair, |node| node.void("patient", "p"));
        pair.sync();
        pair.sync();
        side.acts(&mut pair, |node| node.edit(&patient("p", "Okello")));
        decide(&mut pair, Decision::Keep);
        let hers = ["patient/p", "visit/v", "encounter/e", "observation/o"];
        assert_eq!(alike(&pair, &hers), all(&hers, true), "by the {side:?}");
        assert_eq!(alike(&pair, &["encounter/mistake"]), all(&["encounter/mistake"], false), "by the {side:?}");
    }
}

#[test]
fn encounter_removed_and_restored_as_its_observation_changes() {
    for side in SIDES {
        let mut pair = crossed(
            side,
            |node| {
                node.void("encounter", "e");
                node.edit(&encounter_in("e", "p", "v"));
            },
            |node| node.edit(&observation("o", "p", "e", "corrected")),
        );
        decide(&mut pair, Decision::Keep);
        let hanging = ["encounter/e", "observation/o"];
        assert_eq!(alike(&pair, &hanging), all(&hanging, true), "by the {side:?}");
        assert_eq!(pair.child.live("observation", "o").unwrap()["valueString"], "corrected", "by the {side:?}");
    }
}

#[test]
fn observation_moved_as_its_first_encounter_is_removed() {
    for side in SIDES {
        let mut pair = known();
        pair.parent().edit(&encounter("f", "p"));
        pair.sync();
        let moved = observation("o", "p", "f", "5.1");
        side.acts(&mut pair, |node| node.void("encounter", "e"));
        side.other().acts(&mut pair, |node| node.edit(&moved));
        pair.sync();
        pair.sync();
        assert_eq!(side.other().live(&pair, "observation/o"), Some(moved.clone()), "removed by the {side:?}");
        decide(&mut pair, Decision::Keep);
        assert_eq!(alike(&pair, &["observation/o"]), all(&["observation/o"], true));
        assert_eq!(pair.child.live("observation", "o"), Some(moved), "removed by the {side:?}");
    }
}

/// As long as uuids are: a refusal names the holder by it.
fn long(name: char) -> String {
    std::iter::repeat_n(name, 36).collect()
}

#[test]
fn a_number_is_handed_on_through_three_patients_in_a_circle() {
    for representation in [Representation::Fhir, Representation::Rest] {
        for side in SIDES {
            let mut pair = Pair::travelling_in(representation);
            let card = |name: char, number: &str| numbered(representation, &long(name), number);
            for (name, number) in [('a', "1"), ('b', "2"), ('c', "3")] {
                pair.parent().edit(&card(name, number));
            }
            pair.sync();
            side.other().acts(&mut pair, |node| node.host.refuse_like_openmrs());
            for (name, number) in [('a', "2"), ('b', "3"), ('c', "1")] {
                side.acts(&mut pair, |node| node.edit(&card(name, number)));
            }
            match side {
                Side::Parent => drop(pair.child.pull()),
                Side::Child => drop(pair.child.push()),
            }
            for (name, number) in [('a', "2"), ('b', "3"), ('c', "1")] {
                let there = side.other().live(&pair, &format!("patient/{}", long(name)));
                assert_eq!(
                    there,
                    Some(card(name, number)),
                    "{representation:?}, by the {side:?}: {:?}",
                    pair.child.parked()
                );
            }
            assert!(pair.child.parked().is_empty(), "{representation:?}, by the {side:?}: {:?}", pair.child.parked());
        }
    }
}

#[test]
fn number_of_a_removed_patient_handed_on_as_she_is_edited() {
    for representation in [Representation::Fhir, Representation::Rest] {
        for side in SIDES {
            let mut pair = Pair::travelling_in(representation);
            let card = |name: char, number: &str| numbered(representation, &long(name), number);
            pair.parent().edit(&card('a', "1"));
            pair.parent().edit(&card('b', "2"));
            pair.sync();
            side.other().acts(&mut pair, |node| node.host.refuse_like_openmrs());
            side.acts(&mut pair, |node| {
                node.void("patient", &long('a'));
                node.edit(&card('b', "1"));
            });
            side.other().acts(&mut pair, |node| {
                let mut edited = card('a', "1");
                edited["gender"] = json!("female");
                node.edit(&edited);
            });
            pair.sync();
            pair.sync();
            let a = format!("patient/{}", long('a'));
            assert!(side.other().live(&pair, &a).is_some(), "{representation:?}, removed by the {side:?}");
            assert!(is_named(&mut pair, &a), "{representation:?}, removed by the {side:?}");
            decide(&mut pair, Decision::Apply);
            assert_eq!(alike(&pair, &[&a]), all(&[&a], false));
            let b = pair.child.live("patient", &long('b'));
            assert_eq!(b, Some(card('b', "1")), "{representation:?}, removed by the {side:?}");
            assert_eq!(pair.parent().live("patient", &long('b')), b);
        }
    }
}
