//! A new child that begins with all that its parent has (`pull.firstRun`: `backfill`), whatever the parent's feed tells of.

use serde_json::{Value, json};

use sync2::event::ObjectId;

use crate::nodes::{Node, Pair, encounter, object_of, observation, patient};

/// A parent with so many patients of before the module was installed there, and as many of afterwards, one of which has changed
/// often. Its feed has pages of two events.
fn pair(of_each: usize) -> Pair {
    let mut pair = Pair::start();
    pair.child.restart_with(|config| {
        config["pull"] = json!({"firstRun": "backfill"});
        config["transfer"] = json!({"batchSize": 2});
    });
    let mut parent = pair.parent();
    parent.restart_with(|config| config["transfer"] = json!({"pageSize": 2}));
    let mut old: Vec<_> = (0..of_each).map(|number| patient(&format!("old{number}"), "Okello")).collect();
    old.extend([encounter("e", "old0"), observation("o", "old0", "e", "5.1")]);
    let old: Vec<_> = old.iter().map(told).collect();
    parent.host.edit_untold(&old, &[]).unwrap();
    (0..of_each).for_each(|number| parent.edit(&patient(&format!("new{number}"), "Auma")));
    (0..4).for_each(|number| parent.edit(&patient("new0", &format!("Auma {number}"))));
    drop(parent);
    pair
}

/// As a host is told of it.
fn told(document: &Value) -> (ObjectId, Vec<u8>) {
    (object_of(document), document.to_string().into_bytes())
}

fn patients(node: &mut Node) -> i64 {
    node.count("SELECT COUNT(*) FROM test_object WHERE category = 'patient' AND removed = 0")
}

fn assert_level(pair: &mut Pair, expected: i64) {
    assert_eq!(patients(&mut pair.child), expected);
    assert!(pair.child.is_live("encounter", "e") && pair.child.is_live("observation", "o"));
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty(), "{:?}", pair.child.parked());
    // From then on all travels as ever, each once.
    pair.parent().edit(&patient("old0", "Nakato"));
    pair.child.edit(&patient("new0", "Opio"));
    pair.sync();
    assert_eq!(pair.child.live("patient", "old0"), Some(patient("old0", "Nakato")));
    assert_eq!(pair.parent().live("patient", "new0"), Some(patient("new0", "Opio")));
    pair.child.pull();
    let (pulled, pushed) = (pair.child.pull(), pair.child.push());
    assert_eq!((pulled.run.progress.events, pushed.run.progress.events), (0, 0));
}

fn backfills(node: &mut Node) -> i64 {
    node.count("SELECT COUNT(*) FROM sync2_backfill")
}

#[test]
fn first_pull_brings_what_no_event_tells_of_and_no_history() {
    let mut pair = pair(3);
    let first = pair.child.pull();
    assert_eq!(first.run.progress.events, 0, "the feed goes on from where it ended");
    assert!(first.rate_per_second > 0.0, "of objects");
    assert_eq!(pair.child.live("patient", "new0"), Some(patient("new0", "Auma 3")));
    assert_level(&mut pair, 6);
    assert_eq!(backfills(&mut pair.child), 1, "only the first one begins so");
}

#[test]
fn first_pull_from_a_parent_without_events_brings_all() {
    let mut pair = pair(2);
    pair.parent().change("DELETE FROM sync2_outbox");
    pair.child.pull();
    assert_level(&mut pair, 4);
}

#[test]
fn first_pull_that_was_killed_goes_on_where_it_was() {
    let mut killed_within = 0;
    for calls in (10..400).step_by(13) {
        let mut pair = pair(3);
        pair.child.die_in_pull_after(calls);
        if pair.child.count("SELECT COUNT(*) FROM sync2_backfill WHERE ended_at IS NULL") > 0 {
            killed_within += 1;
        }
        pair.parent().edit(&patient("meanwhile", "Acen"));
        pair.child.pull();
        assert_eq!(backfills(&mut pair.child), 1, "{calls}");
        assert_level(&mut pair, 7);
    }
    assert!(killed_within > 5, "{killed_within}");
}

#[test]
fn what_is_changed_while_it_is_listed_comes_by_the_feed() {
    let mut pair = pair(3);
    let parent = pair.parent_itself();
    let mut reads = 0;
    pair.child.host.after_read(move |_, _| {
        reads += 1;
        let mut parent = parent.lock().unwrap();
        match reads {
            2 => parent.edit(&patient("old1", "Changed")),
            3 => parent.void("patient", "old2"),
            4 => parent.edit(&patient("created", "Meanwhile")),
            _ => {}
        }
    });
    pair.child.pull();
    pair.child.pull();
    assert_eq!(pair.child.live("patient", "old1"), Some(patient("old1", "Changed")));
    assert!(!pair.child.is_live("patient", "old2"));
    assert!(pair.child.is_live("patient", "created"));
    assert_level(&mut pair, 6);
}

#[test]
fn all_of_the_feed_is_read_where_the_parent_does_not_list() {
    let mut pair = pair(3);
    pair.parent().host.cannot_list();
    let first = pair.child.pull();
    assert!(first.run.progress.events > 0);
    assert_eq!(patients(&mut pair.child), 3, "those of which the feed tells");
}

/// A child that pulled all but observations before.
fn without_observations(of_each: usize) -> Pair {
    let mut pair = pair(of_each);
    switch_observations(&mut pair, false);
    pair.child.pull();
    pair
}

fn switch_observations(pair: &mut Pair, is_on: bool) {
    pair.child.restart_with(|config| {
        let categories = config["categories"].as_object_mut().unwrap();
        if is_on {
            categories.insert("observation".to_string(), json!({}));
        } else {
            categories.remove("observation");
        }
    });
}

/// What the status says of what was switched on late.
fn late(node: &Node) -> Vec<String> {
    let notes = node.engine.status().unwrap().notes.into_iter().map(|note| note.message);
    notes.filter(|note| note.contains("pulled since")).collect()
}

#[test]
fn category_switched_on_later_is_listed_by_the_next_pull() {
    let mut pair = without_observations(2);
    switch_observations(&mut pair, true);
    pair.child.pull();
    assert_eq!(pair.child.count("SELECT COUNT(*) FROM sync2_backfill WHERE only_categories = 'observation'"), 1);
    assert_eq!(late(&pair.child), Vec::<String>::new());
    assert_level(&mut pair, 4);
    assert_eq!(backfills(&mut pair.child), 2, "once");
}

#[test]
fn edit_and_removal_while_a_category_was_off_come_when_it_is_on() {
    let mut pair = pair(2);
    pair.parent().edit(&observation("gone", "old0", "e", "7"));
    pair.child.pull();
    switch_observations(&mut pair, false);
    pair.parent().edit(&observation("o", "old0", "e", "6.2"));
    pair.parent().void("observation", "gone");
    pair.child.pull();
    assert_eq!(pair.child.live("observation", "o"), Some(observation("o", "old0", "e", "5.1")));
    switch_observations(&mut pair, true);
    pair.child.pull();
    assert_eq!(pair.child.live("observation", "o"), Some(observation("o", "old0", "e", "6.2")));
    assert!(!pair.child.is_live("observation", "gone"));
    assert_level(&mut pair, 4);
}

#[test]
fn location_switched_on_later_brings_what_belongs_to_it() {
    let mut pair = pair(1);
    let place = |uuid: &str| json!({"resourceType": "Location", "id": uuid, "name": uuid});
    let old = [place("gulu"), place("arua"), at("gulu", "g"), at("arua", "a")];
    pair.parent().host.edit_untold(&old.iter().map(told).collect::<Vec<_>>(), &[]).unwrap();
    pair.child.restart_with(|config| {
        config["filter"] = json!({"locations": ["arua"]});
        config["categories"]["location"] = json!({});
    });
    pair.child.pull();
    assert!(pair.child.is_live("encounter", "a") && !pair.child.is_live("encounter", "g"));
    pair.child.restart_with(|config| config["filter"] = json!({"locations": ["arua", "gulu"]}));
    pair.child.pull();
    assert!(pair.child.is_live("encounter", "g"));
    assert_eq!(late(&pair.child), Vec::<String>::new());
}

fn at(location: &str, uuid: &str) -> Value {
    let mut encounter = encounter(uuid, "old0");
    encounter["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
    encounter
}

#[test]
fn category_that_is_not_listed_stays_noted_and_is_tried_once() {
    let mut pair = without_observations(2);
    pair.parent().host.cannot_list();
    switch_observations(&mut pair, true);
    for _ in 0..3 {
        pair.child.pull();
        assert_eq!(backfills(&mut pair.child), 2);
        assert_eq!(late(&pair.child).len(), 1);
    }
}

#[test]
fn category_switched_on_later_comes_though_the_child_is_killed() {
    for calls in (10..200).step_by(10) {
        let mut pair = without_observations(2);
        switch_observations(&mut pair, true);
        pair.child.die_in_pull_after(calls);
        pair.child.pull();
        assert_eq!(late(&pair.child), Vec::<String>::new(), "{calls}");
        assert_level(&mut pair, 4);
    }
}

/// Where a new child begins with the feed, what is switched on later waits for somebody who asks for it.
#[test]
fn backfill_of_all_settles_what_was_switched_on_late() {
    let mut pair = without_observations(2);
    switch_observations(&mut pair, true);
    pair.child.restart_with(|config| config["pull"] = json!({"firstRun": "feed"}));
    pair.child.pull();
    assert_eq!(late(&pair.child).len(), 1);
    pair.child.backfill();
    assert_eq!(late(&pair.child), Vec::<String>::new());
    assert_level(&mut pair, 4);
}

/// A part has 100 objects, and one refers to another part's.
#[test]
fn list_of_several_parts_comes_whole() {
    let mut pair = pair(1);
    let uuid = |number: usize| format!("panel{number:03}");
    let mut panel = observation(&uuid(0), "old0", "e", "1");
    panel["hasMember"] = json!([{"reference": format!("Observation/{}", uuid(149))}]);
    let others = (1..150).map(|number| observation(&uuid(number), "old0", "e", "2"));
    let told: Vec<_> = std::iter::once(panel).chain(others).map(|one| told(&one)).collect();
    pair.parent().host.edit_untold(&told, &[]).unwrap();
    pair.child.pull();
    assert_eq!(pair.child.count("SELECT COUNT(*) FROM test_object WHERE category = 'observation'"), 151);
    assert_level(&mut pair, 2);
}

/// A list says of an object that it was created.
#[test]
fn history_is_read_where_only_some_actions_are_wanted() {
    let mut pair = pair(2);
    pair.parent().edit(&observation("o", "old0", "e", "5.2"));
    pair.child.restart_with(|config| config["categories"]["observation"] = json!({"actions": ["UPDATED"]}));
    pair.child.pull();
    assert_level(&mut pair, 4);
}

/// Its account at the parent may not exchange: the feed and FHIR are all that there is.
#[test]
fn first_pull_without_an_exchange_begins_with_the_feed() {
    let mut pair = pair(2);
    pair.child.restart_with(|config| config["parent"]["exchange"] = json!("never"));
    assert_eq!(pair.child.pull().run.progress.events, 6, "from the first to the last");
    assert_eq!(backfills(&mut pair.child), 0);
}
