//! Both sides compared, and what differs repaired. Differences are planted in a database past the engine, as by SQL.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sync2::decide::verification::{Depth, Finding, Newer, Why};
use sync2::error::ErrorKind;
use sync2::event::Category;
use sync2::store::paging::Page;
use sync2::store::runs::RunKind;
use sync2::store::verifications::{Difference, DifferenceFilter, ToRepair, Verified};

use crate::nodes::{Node, Pair, encounter, object, object_of, observation, patient};

/// Both sides have so many patients: more than a part of a list.
pub fn alike(patients: usize) -> Pair {
    let mut pair = Pair::start();
    (0..patients).for_each(|number| pair.parent().edit(&patient(&name(number), "Okello")));
    pair.sync();
    pair
}

pub fn name(number: usize) -> String {
    format!("p{number:03}")
}

/// Saved past the engine: no event tells of it.
pub fn plant(node: &mut Node, document: &Value) {
    node.host.edit_untold(&[(object_of(document), document.to_string().into_bytes())], &[]).unwrap();
}

pub fn lose(node: &mut Node, uuid: &str) {
    node.change(&format!("DELETE FROM test_object WHERE uuid = '{uuid}'"));
}

fn verify(pair: &mut Pair) -> Vec<(String, &'static str)> {
    compare(pair, Depth::Deep)
}

pub fn compare(pair: &mut Pair, depth: Depth) -> Vec<(String, &'static str)> {
    let report = pair.child.engine.verify(&mut pair.child.host, depth).unwrap();
    assert_eq!((report.run.state.name(), report.run.kind), ("completed", RunKind::Verify), "{:?}", report.run.error);
    assert!(pair.child.engine.verification(&mut pair.child.host).unwrap().ended_at.is_some());
    told(&mut pair.child)
}

pub fn repair(pair: &mut Pair, which: ToRepair) {
    let report = pair.child.engine.repair(&mut pair.child.host, which).unwrap();
    assert_eq!((report.run.state.name(), report.run.kind), ("completed", RunKind::Repair), "{:?}", report.run.error);
}

pub fn differences(node: &mut Node) -> Vec<Difference> {
    let filter = DifferenceFilter::default();
    let found = node.engine.differences(&mut node.host, &filter, &Page::From(0), 1000).unwrap();
    let mut found: Vec<Difference> = found.into_iter().map(|found| found.row).collect();
    found.sort_by(|one, other| one.object.cmp(&other.object));
    found
}

/// Uuid and finding of everything that the last comparison tells.
pub fn told(node: &mut Node) -> Vec<(String, &'static str)> {
    differences(node).into_iter().map(|found| (found.object.uuid, found.finding.name())).collect()
}

pub fn of(node: &mut Node, category: &str) -> Verified {
    let verification = node.engine.verification(&mut node.host).unwrap();
    let category = Category::parse(category).unwrap();
    verification.categories.into_iter().find(|verified| verified.category == category).unwrap()
}

pub fn owned(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    expected.iter().map(|(uuid, finding)| (uuid.to_string(), *finding)).collect()
}

/// One of each kind on each side, of 140 patients, an encounter and an observation.
pub fn with_planted_differences() -> Pair {
    let mut pair = alike(140);
    pair.parent().edit(&encounter("e", "p000"));
    pair.parent().edit(&observation("o", "p000", "e", "5.1"));
    pair.sync();
    lose(&mut pair.child, "p010");
    plant(&mut pair.child, &patient("p020", "Auma"));
    pair.child.void_by_sql("p030");
    plant(&mut pair.child, &patient("x-here", "Akello"));
    plant(&mut pair.child, &observation("o", "p000", "e", "5.2"));
    {
        let mut parent = pair.parent();
        lose(&mut parent, "p110");
        plant(&mut parent, &patient("p120", "Auma"));
        parent.void_by_sql("p130");
        plant(&mut parent, &patient("x-there", "Nakato"));
    }
    pair
}

pub fn planted() -> Vec<(String, &'static str)> {
    owned(&[
        ("p010", "onlyThere"),
        ("p020", "differs"),
        ("p030", "removedHere"),
        ("p110", "onlyHere"),
        ("p120", "differs"),
        ("p130", "removedThere"),
        ("x-here", "onlyHere"),
        ("x-there", "onlyThere"),
        ("o", "differs"),
    ])
}

fn assert_repaired(pair: &mut Pair) {
    let family = |node: &Node, uuid: &str| node.live("patient", uuid).map(|found| found["name"][0]["family"].clone());
    for (uuid, expected) in [
        ("p010", Some("Okello")),
        ("p020", Some("Auma")),
        ("p030", None),
        ("p110", Some("Okello")),
        ("p120", Some("Auma")),
        ("p130", None),
        ("x-here", Some("Akello")),
        ("x-there", Some("Nakato")),
    ] {
        let expected = expected.map(|family| json!(family));
        assert_eq!(family(&pair.child, uuid), expected, "{uuid} at the child");
        assert_eq!(family(&pair.parent(), uuid), expected, "{uuid} at the parent");
    }
    assert_eq!(pair.parent().live("observation", "o").unwrap()["valueString"], "5.2");
}

#[test]
fn sides_that_are_alike_have_no_differences() {
    let mut pair = alike(230);
    pair.parent().void("patient", "p100");
    pair.sync();
    assert_eq!(verify(&mut pair), []);
    let patients = of(&mut pair.child, "patient");
    assert_eq!((patients.compared, patients.left_out, patients.why), (230, 0, None));
    assert!(patients.ended_at.is_some());
    let (pulled, pushed) = (pair.child.pull(), pair.child.push());
    assert_eq!((pulled.run.progress.events, pushed.run.progress.events), (0, 0));
}

#[test]
fn each_planted_difference_is_found_and_repaired() {
    let mut pair = with_planted_differences();
    assert_eq!(verify(&mut pair), planted());
    let newer = |node: &mut Node, uuid: &str| {
        differences(node).into_iter().find(|found| found.object.uuid == uuid).and_then(|found| found.newer)
    };
    assert_eq!(newer(&mut pair.child, "p020"), Some(Newer::Here));
    assert_eq!(newer(&mut pair.child, "p120"), Some(Newer::There));
    let findings = of(&mut pair.child, "patient").findings;
    assert_eq!(findings.values().sum::<u64>(), 8, "{findings:?}");
    repair(&mut pair, ToRepair::All);
    assert_repaired(&mut pair);
    assert!(differences(&mut pair.child).iter().all(|found| found.repaired_at.is_some()));
    pair.sync();
    assert_eq!(verify(&mut pair), []);
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty(), "{:?}", pair.child.parked());
}

#[test]
fn repair_of_one_and_of_a_category_leaves_the_others() {
    let mut pair = with_planted_differences();
    verify(&mut pair);
    let missing = object("patient", "p010");
    repair(&mut pair, ToRepair::One(missing));
    assert!(pair.child.is_live("patient", "p010"));
    assert!(!pair.child.is_live("patient", "x-there") && !pair.parent().is_live("patient", "x-here"));
    repair(&mut pair, ToRepair::OfCategory(Category::parse("observation").unwrap()));
    assert_eq!(pair.parent().live("observation", "o").unwrap()["valueString"], "5.2");
    assert!(!pair.parent().is_live("patient", "x-here"));
    repair(&mut pair, ToRepair::OfCategory(Category::patient()));
    assert_repaired(&mut pair);
}

#[test]
fn comparison_that_was_killed_goes_on_and_finds_the_same() {
    assert_found_after_a_kill(Depth::Deep, (30..430).step_by(50));
}

/// It was killed at any of its calls: pulls go on with it, or somebody asks again where it had not begun.
pub fn assert_found_after_a_kill(depth: Depth, kills: impl Iterator<Item = u32>) {
    for calls in kills {
        let mut pair = with_planted_differences();
        pair.child.die_in_verify_after(calls, depth);
        let goes_on = pair.child.count("SELECT COUNT(*) FROM sync2_verification") > 0;
        if goes_on {
            drop(pair.child.pull());
            assert!(pair.child.engine.verification(&mut pair.child.host).unwrap().ended_at.is_some(), "{calls}");
        } else {
            compare(&mut pair, depth);
        }
        assert_eq!(told(&mut pair.child), planted(), "{calls}");
    }
}

#[test]
fn repair_that_was_killed_is_done_by_the_next() {
    for calls in (20..320).step_by(60) {
        let mut pair = with_planted_differences();
        verify(&mut pair);
        pair.child.die_in_repair_after(calls);
        repair(&mut pair, ToRepair::All);
        pair.child.push();
        assert_repaired(&mut pair);
        pair.sync();
        assert_eq!(verify(&mut pair), [], "{calls}");
    }
}

#[test]
fn what_both_sides_changed_becomes_a_conflict_and_then_waits() {
    let mut pair = alike(3);
    plant(&mut pair.child, &patient("p001", "Auma"));
    plant(&mut pair.parent(), &patient("p001", "Nakato"));
    assert_eq!(verify(&mut pair), owned(&[("p001", "differs")]));
    assert_eq!(differences(&mut pair.child)[0].newer, Some(Newer::Both));
    repair(&mut pair, ToRepair::All);
    let disputes: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    assert_eq!(disputes, [object("patient", "p001").to_string()]);
    assert_eq!(verify(&mut pair), owned(&[("p001", "waiting")]));
    assert_eq!(differences(&mut pair.child)[0].why, Some(Why::Conflict));
}

#[test]
fn edit_that_was_not_pushed_yet_waits_and_is_no_difference() {
    let mut pair = alike(3);
    pair.child.edit(&patient("p001", "Auma"));
    pair.child.edit(&patient("new", "Auma"));
    pair.child.void("patient", "p002");
    assert_eq!(verify(&mut pair), owned(&[("new", "waiting"), ("p001", "waiting"), ("p002", "waiting")]));
    assert!(differences(&mut pair.child).iter().all(|found| found.why == Some(Why::Event)));
    repair(&mut pair, ToRepair::All);
    assert!(differences(&mut pair.child).iter().all(|found| found.repaired_at.is_none()), "there is nothing to repair");
    pair.child.push();
    assert_eq!(verify(&mut pair), []);
}

/// While the first part of a list is compared, nurses at the parent edit an object of the next part, void one and add one.
#[test]
fn edits_at_the_parent_meanwhile_are_no_differences() {
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
    assert_eq!(verify(&mut pair), []);
    assert_eq!(pair.child.live("patient", "p150"), Some(patient("p150", "Auma")));
    assert!(pair.child.is_live("patient", "p170-new") && !pair.child.is_live("patient", "p160"));
}

/// A side changes between the two looks, and nothing tells of it.
#[test]
fn object_that_changes_between_the_looks_is_not_said_to_differ() {
    let mut pair = alike(3);
    plant(&mut pair.child, &patient("p001", "Auma"));
    let (parent, once) = (pair.parent_itself(), AtomicBool::new(true));
    pair.child.host.after_read(move |_, object| {
        if object.uuid == "p002" && once.swap(false, Ordering::Relaxed) {
            plant(&mut parent.lock().unwrap(), &patient("p001", "Nakato"));
        }
    });
    assert_eq!(verify(&mut pair), owned(&[("p001", "waiting")]));
    assert_eq!(differences(&mut pair.child)[0].why, Some(Why::Changing));
}

#[test]
fn object_that_one_side_cannot_hold_whole_is_as_agreed() {
    let mut pair = Pair::start();
    pair.child.host.transform_saves(|_, document| {
        let mut document: Value = serde_json::from_slice(&document).unwrap();
        document.as_object_mut().unwrap().remove("gender");
        document.to_string().into_bytes()
    });
    let mut whole = patient("p", "Okello");
    whole["gender"] = json!("female");
    pair.parent().edit(&whole);
    pair.sync();
    assert_eq!(pair.child.live("patient", "p"), Some(patient("p", "Okello")));
    assert_eq!(verify(&mut pair), []);
}

#[test]
fn what_this_node_does_not_synchronize_is_left_out() {
    let mut pair = alike(3);
    pair.child.restart_with(|config| config["categories"]["patient"]["push"] = json!(false));
    plant(&mut pair.child, &patient("local", "Auma"));
    lose(&mut pair.parent(), "p001");
    assert_eq!(verify(&mut pair), owned(&[("p001", "onlyHere")]), "it was known there");
    assert_eq!(of(&mut pair.child, "patient").left_out, 1);
    repair(&mut pair, ToRepair::All);
    assert_eq!(differences(&mut pair.child)[0].repaired_at, None, "this node does not push patients");
    pair.child.restart_with(|config| {
        config["categories"]["patient"]["pull"] = json!(false);
        config["categories"]["patient"]["push"] = json!(true);
    });
    plant(&mut pair.parent(), &patient("theirs", "Auma"));
    assert_eq!(verify(&mut pair), owned(&[("local", "onlyHere"), ("p001", "onlyHere")]));
    assert_eq!(of(&mut pair.child, "patient").left_out, 1);
}

#[test]
fn category_that_cannot_be_listed_is_not_compared() {
    let mut pair = Pair::configured(json!({"children": {"sync": {"categories": ["patient"]}}}));
    pair.parent().edit(&patient("p", "Okello"));
    pair.sync();
    plant(&mut pair.child, &encounter("e", "p"));
    assert_eq!(verify(&mut pair), []);
    let why = |node: &mut Node, category: &str| of(node, category).why;
    assert_eq!((why(&mut pair.child, "encounter"), why(&mut pair.child, "patient")), (Some(Why::Closed), None));
    pair.parent().host.cannot_list();
    verify(&mut pair);
    assert_eq!(why(&mut pair.child, "patient"), Some(Why::UnlistedThere));
    pair.child.host.cannot_list();
    verify(&mut pair);
    assert_eq!(why(&mut pair.child, "patient"), Some(Why::UnlistedHere));
}

#[test]
fn object_that_the_account_may_not_read_is_not_compared() {
    let mut pair = alike(2);
    plant(&mut pair.child, &patient("p000", "Auma"));
    // From now on the parent gives no patients of no place.
    pair.parent().restart_with(|config| {
        config["exchange"] = json!({"children": {"sync": {"locations": ["north"]}}});
    });
    assert_eq!(verify(&mut pair), owned(&[("p000", "notCompared"), ("p001", "notCompared")]));
    assert!(differences(&mut pair.child).iter().all(|found| found.why == Some(Why::Refused)));
}

#[test]
fn comparison_with_a_parent_without_exchange_fails_in_words() {
    let mut pair = alike(1);
    pair.child.restart_with(|config| config["parent"]["exchange"] = json!("never"));
    for report in [
        pair.child.engine.verify(&mut pair.child.host, Depth::Deep).unwrap(),
        pair.child.engine.repair(&mut pair.child.host, ToRepair::All).unwrap(),
    ] {
        let error = report.run.error.unwrap();
        assert_eq!((report.run.state.name(), error.kind), ("failed", ErrorKind::Configuration));
        assert!(error.message.contains("exchange"), "{}", error.message);
    }
    assert_eq!(pair.child.engine.verification(&mut pair.child.host).unwrap().begun_at, None);
}

#[test]
fn next_comparison_takes_the_place_of_the_last() {
    let mut pair = alike(2);
    plant(&mut pair.child, &patient("p000", "Auma"));
    assert_eq!(verify(&mut pair), owned(&[("p000", "differs")]));
    plant(&mut pair.child, &patient("p000", "Okello"));
    lose(&mut pair.child, "p001");
    assert_eq!(verify(&mut pair), owned(&[("p001", "onlyThere")]));
    let waiting = DifferenceFilter { finding: Some(Finding::Waiting), category: None };
    let page = Page::From(0);
    assert!(pair.child.engine.differences(&mut pair.child.host, &waiting, &page, 10).unwrap().is_empty());
}
