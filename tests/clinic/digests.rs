//! Both sides compared by digests, which follow the feeds: what they tell alike is not gone through.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sync2::decide::verification::{Depth, Newer, Why};
use sync2::store::verifications::ToRepair;

use crate::nodes::{Node, Pair, Served, object_of, patient};
use crate::verification::{
    alike, assert_found_after_a_kill, compare, differences, lose, name, of, owned, plant, planted, repair,
    with_planted_differences,
};

fn quick(pair: &mut Pair) -> Vec<(String, &'static str)> {
    compare(pair, Depth::Quick)
}

/// What a comparison asks of the parent.
fn served(pair: &mut Pair) -> Served {
    pair.parent().served = Served::default();
    assert_eq!(quick(pair), []);
    pair.parent().served
}

fn patients_compared(pair: &mut Pair) -> u64 {
    of(&mut pair.child, "patient").compared
}

/// The hashes are taken in at the first comparison, 2000 objects a request at most; after that they follow the feed.
#[test]
fn equal_sides_take_as_many_requests_whatever_their_size() {
    let taken = [20, 700].map(|patients| {
        let mut pair = alike(patients);
        let first = served(&mut pair);
        assert_eq!(patients_compared(&mut pair), patients as u64);
        assert!(of(&mut pair.child, "patient").ended_at.is_some());
        assert!(first.requests <= 12 + patients / 2000, "{first:?}");
        let next = served(&mut pair);
        assert_eq!(next.lists, 0);
        assert_eq!(patients_compared(&mut pair), patients as u64);
        next
    });
    assert_eq!(taken[0].requests, taken[1].requests);
    assert!(taken[1].requests <= 8, "{taken:?}");
    assert!(taken[1].bytes < 8_000, "{taken:?}");
}

#[test]
fn each_planted_difference_is_found_and_repaired_by_digests() {
    let mut pair = with_planted_differences();
    assert_eq!(quick(&mut pair), planted());
    let newer = |pair: &mut Pair, uuid: &str| {
        differences(&mut pair.child).into_iter().find(|found| found.object.uuid == uuid).and_then(|found| found.newer)
    };
    assert_eq!(newer(&mut pair, "p020"), Some(Newer::Here));
    assert_eq!(newer(&mut pair, "p120"), Some(Newer::There));
    assert_eq!(patients_compared(&mut pair), 142, "140 and one that each side has alone");
    repair(&mut pair, ToRepair::All);
    pair.sync();
    assert_eq!(quick(&mut pair), []);
    assert_eq!(compare(&mut pair, Depth::Deep), []);
}

#[test]
fn hundred_planted_differences_are_found_and_none_invented() {
    let mut pair = alike(600);
    let mut expected = Vec::new();
    for number in (0..600).step_by(6) {
        let uuid = name(number);
        let finding = match number / 6 % 5 {
            0 => {
                lose(&mut pair.child, &uuid);
                "onlyThere"
            }
            1 => {
                lose(&mut pair.parent(), &uuid);
                "onlyHere"
            }
            2 => {
                plant(&mut pair.child, &patient(&uuid, "Auma"));
                "differs"
            }
            3 => {
                pair.child.void_by_sql(&uuid);
                "removedHere"
            }
            _ => {
                pair.parent().void_by_sql(&uuid);
                "removedThere"
            }
        };
        expected.push((uuid, finding));
    }
    assert_eq!(expected.len(), 100);
    pair.parent().served = Served::default();
    assert_eq!(quick(&mut pair), expected);
    let by_digests = pair.parent().served;
    assert_eq!(by_digests.lists, 0);
    // 64 digests of blocks, and of each block that differs.
    assert!(by_digests.requests <= 20 && by_digests.bytes < 64 * 65 * 64, "{by_digests:?}");
    assert_eq!(compare(&mut pair, Depth::Deep), expected);
}

/// They were kept before.
#[test]
fn digests_follow_what_is_entered_on_either_side() {
    let mut pair = alike(30);
    assert_eq!(quick(&mut pair), []);
    pair.child.edit(&patient("p001", "Auma"));
    pair.child.edit(&patient("new", "Auma"));
    pair.child.void("patient", "p002");
    assert_eq!(quick(&mut pair), owned(&[("new", "waiting"), ("p001", "waiting"), ("p002", "waiting")]));
    assert!(differences(&mut pair.child).iter().all(|found| found.why == Some(Why::Event)));
    pair.sync();
    assert_eq!(quick(&mut pair), []);
    assert_eq!(patients_compared(&mut pair), 30);
    pair.parent().edit(&patient("p003", "Nakato"));
    pair.parent().void("patient", "p004");
    assert_eq!(quick(&mut pair), [], "it is pulled before anything is said");
    assert_eq!(patients_compared(&mut pair), 29);
}

#[test]
fn what_was_changed_past_the_feed_takes_a_deep_comparison() {
    let mut pair = alike(30);
    assert_eq!(quick(&mut pair), []);
    plant(&mut pair.child, &patient("p001", "Auma"));
    plant(&mut pair.parent(), &patient("p002", "Auma"));
    assert_eq!(quick(&mut pair), []);
    let expected = owned(&[("p001", "differs"), ("p002", "differs")]);
    assert_eq!(compare(&mut pair, Depth::Deep), expected);
    repair(&mut pair, ToRepair::All);
    pair.sync();
    assert_eq!(quick(&mut pair), [], "hashes of before are no differences");
}

/// The hash of the child's and the parent's documents differ for good.
#[test]
fn object_that_one_side_cannot_hold_whole_is_as_expected() {
    let mut pair = Pair::start();
    pair.child.host.transform_saves(|_, document| {
        let mut document: Value = serde_json::from_slice(&document).unwrap();
        document.as_object_mut().unwrap().remove("gender");
        document.to_string().into_bytes()
    });
    for number in 0..20 {
        let mut whole = patient(&name(number), "Okello");
        whole["gender"] = json!("female");
        pair.parent().edit(&whole);
    }
    pair.sync();
    let first = served(&mut pair);
    assert!(first.requests <= 12, "{first:?}");
    let next = served(&mut pair);
    assert!(next.bytes < 8_000, "no part of it is asked for: {next:?}");
    plant(&mut pair.parent(), &patient("p001", "Auma"));
    pair.parent().tell_anew(&object_of(&patient("p001", "")));
    plant(&mut pair.child, &patient("p002", "Auma"));
    pair.child.tell_anew(&object_of(&patient("p002", "")));
    assert_eq!(quick(&mut pair), owned(&[("p002", "waiting")]));
}

#[test]
fn sides_that_have_nothing_in_common_are_gone_through() {
    let mut pair = alike(1);
    let mut expected = Vec::new();
    for number in 0..250 {
        let (here, there) = (format!("h{number:03}"), format!("t{number:03}"));
        plant(&mut pair.child, &patient(&here, "Auma"));
        plant(&mut pair.parent(), &patient(&there, "Auma"));
        expected.extend([(here, "onlyHere"), (there, "onlyThere")]);
    }
    expected.sort();
    assert_eq!(quick(&mut pair), expected);
    assert_eq!(patients_compared(&mut pair), 501);
}

#[test]
fn comparison_by_digests_that_was_killed_finds_the_same() {
    assert_found_after_a_kill(Depth::Quick, (30..1200).step_by(90));
}

/// While the child takes in its first object, nurses at the parent edit others, void one and add one.
#[test]
fn edits_at_the_parent_meanwhile_are_no_differences_of_digests() {
    let mut pair = alike(230);
    let (parent, once) = (pair.parent_itself(), AtomicBool::new(true));
    pair.child.host.after_read(move |_, object| {
        if object.uuid == "p000" && once.swap(false, Ordering::Relaxed) {
            let mut parent = parent.lock().unwrap();
            parent.edit(&patient("p150", "Auma"));
            parent.void("patient", "p160");
            parent.edit(&patient("p170-new", "Auma"));
        }
    });
    assert_eq!(quick(&mut pair), []);
    assert_eq!(pair.child.live("patient", "p150"), Some(patient("p150", "Auma")));
    assert!(pair.child.is_live("patient", "p170-new") && !pair.child.is_live("patient", "p160"));
}

#[test]
fn lists_of_a_parent_without_digests_are_gone_through() {
    let mut pair = with_planted_differences();
    pair.parent().served.knows_no_digests = true;
    assert_eq!(quick(&mut pair), planted());
    assert_eq!(patients_compared(&mut pair), 142);
    assert_eq!(pair.child.count("SELECT COUNT(*) FROM sync2_content_hash"), 0, "nothing is read here in vain");
}

/// One whose number was given at that location.
fn patient_at(location: &str, uuid: &str, family: &str) -> Value {
    let at = json!({"url": "http://fhir.openmrs.org/ext/patient/identifier#location",
                    "valueReference": {"reference": format!("Location/{location}")}});
    let mut patient = patient(uuid, family);
    patient["identifier"] = json!([{"value": format!("number of {uuid}"), "extension": [at]}]);
    patient
}

/// What was changed past the feed is in the next that are taken in.
fn forget_hashes(node: &mut Node) {
    for table in ["sync2_inventory", "sync2_content_hash", "sync2_leaf"] {
        node.change(&format!("DELETE FROM {table}"));
    }
}

/// Its account gets the patients of the north.
fn of_the_north() -> Pair {
    let mut pair = Pair::configured(json!({"children": {"sync": {"locations": ["north"]}}}));
    pair.child.restart_with(|config| config["categories"]["location"] = json!({}));
    for location in ["north", "south"] {
        pair.parent().edit(&json!({"resourceType": "Location", "id": location, "name": location}));
    }
    for number in 0..40 {
        let location = ["north", "south"][number % 2];
        pair.parent().edit(&patient_at(location, &name(number), "Okello"));
    }
    pair.sync();
    assert!(pair.child.is_live("patient", "p000") && !pair.child.is_live("patient", "p001"));
    pair
}

#[test]
fn digests_are_of_what_the_account_of_the_child_may_read() {
    let mut pair = of_the_north();
    pair.parent().served = Served::default();
    assert_eq!(quick(&mut pair), []);
    assert_eq!((patients_compared(&mut pair), pair.parent().served.lists), (20, 0));
    pair.child.restart_with(|config| config["filter"] = json!({"locations": ["north"]}));
    assert_eq!(quick(&mut pair), []);
    assert_eq!((patients_compared(&mut pair), pair.parent().served.lists), (20, 0));
    lose(&mut pair.child, "p010");
    plant(&mut pair.child, &patient_at("north", "x-here", "Auma"));
    plant(&mut pair.parent(), &patient_at("north", "p012", "Auma"));
    plant(&mut pair.parent(), &patient_at("south", "p013", "Auma"));
    plant(&mut pair.parent(), &patient_at("north", "x-there", "Auma"));
    forget_hashes(&mut pair.child);
    forget_hashes(&mut pair.parent());
    let expected =
        owned(&[("p010", "onlyThere"), ("p012", "differs"), ("x-here", "onlyHere"), ("x-there", "onlyThere")]);
    assert_eq!(quick(&mut pair), expected);
    assert_eq!(pair.parent().served.lists, 0);
}

/// She moves away at the parent; nothing of her other data changes.
#[test]
fn patient_who_left_the_places_of_an_account_is_not_compared() {
    let mut pair = of_the_north();
    assert_eq!(quick(&mut pair), []);
    pair.parent().edit(&patient_at("south", "p010", "Okello"));
    assert_eq!(quick(&mut pair), owned(&[("p010", "notCompared")]));
    assert_eq!(differences(&mut pair.child)[0].why, Some(Why::Refused));
}

/// Nothing was agreed on since the account was limited.
#[test]
fn what_an_account_may_not_read_any_more_is_not_compared() {
    let mut pair = alike(3);
    plant(&mut pair.child, &patient("p000", "Auma"));
    pair.parent().restart_with(|config| {
        config["exchange"] = json!({"children": {"sync": {"locations": ["north"]}}});
    });
    assert_eq!(quick(&mut pair), owned(&[("p000", "notCompared"), ("p001", "notCompared"), ("p002", "notCompared")]));
    assert!(differences(&mut pair.child).iter().all(|found| found.why == Some(Why::Refused)));
}

#[test]
fn hashes_are_taken_in_anew_where_events_are_missing() {
    let mut pair = alike(20);
    assert_eq!(quick(&mut pair), []);
    pair.child.edit(&patient("p001", "Auma"));
    pair.child.edit(&patient("p003", "Auma"));
    pair.sync();
    // Those events are gone before the hashes have come to them, and this change is told by none.
    plant(&mut pair.child, &patient("p002", "Auma"));
    let last = pair.child.count("SELECT MAX(event_no) FROM sync2_event");
    pair.child.change(&format!("DELETE FROM sync2_event WHERE event_no < {last}"));
    assert_eq!(quick(&mut pair), owned(&[("p002", "differs")]));
}
