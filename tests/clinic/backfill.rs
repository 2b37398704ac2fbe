//! Everything that the parent has, compared and listed: what its feed does not tell any more.

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::store::audit::{AuditQuery, AuditStatus};

use crate::nodes::{Node, Pair, encounter, object, observation, patient};

/// A parent whose feed has pages of two events, with so many patients, and an encounter and an observation of the first.
fn parent_with(patients: usize) -> Pair {
    let pair = Pair::start();
    {
        let mut parent = pair.parent();
        parent.restart_with(|config| config["transfer"] = json!({"pageSize": 2}));
        (0..patients).for_each(|number| parent.edit(&patient(&format!("p{number}"), "Okello")));
        parent.edit(&encounter("e", "p0"));
        parent.edit(&observation("o", "p0", "e", "5.1"));
    }
    pair
}

/// The parent numbers its events when its feed is read.
fn numbered(pair: &mut Pair) {
    let mut reader = pair.child.cloned();
    reader.restart_with(|config| config["push"]["enabled"] = json!(false));
    drop(reader.engine.pull(&mut reader.host).unwrap());
}

fn patients(node: &mut Node) -> i64 {
    node.count("SELECT COUNT(*) FROM test_object WHERE category = 'patient' AND removed = 0")
}

fn notes(node: &Node) -> Vec<String> {
    node.engine.status().unwrap().notes.into_iter().map(|note| note.message).collect()
}

fn assert_complete(pair: &mut Pair, expected: i64) {
    assert_eq!(patients(&mut pair.child), expected);
    assert!(pair.child.is_live("encounter", "e") && pair.child.is_live("observation", "o"));
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty(), "{:?}", pair.child.parked());
    // From then on all travels as ever, each once.
    pair.parent().edit(&patient("p0", "Auma"));
    pair.sync();
    assert_eq!(pair.child.live("patient", "p0"), Some(patient("p0", "Auma")));
    let (pulled, pushed) = (pair.child.pull(), pair.child.push());
    assert_eq!((pulled.run.progress.events, pushed.run.progress.events), (0, 0));
}

#[test]
fn event_that_a_feed_lost_is_made_up_for_by_the_list() {
    let mut pair = parent_with(9);
    numbered(&mut pair);
    pair.parent().void("patient", "p8");
    pair.forget_events(8);
    let stopped = pair.child.pull_stopped();
    assert_eq!(stopped.kind, ErrorKind::NeedsBackfill);
    assert!(stopped.message.contains("sync2/backfill"), "{}", stopped.message);
    pair.child.backfill();
    assert_eq!(notes(&pair.child), Vec::<String>::new());
    assert_complete(&mut pair, 8);
}

#[test]
fn pull_whose_next_events_are_gone_goes_on_after_a_backfill() {
    let mut pair = parent_with(3);
    pair.sync();
    (3..9).for_each(|number| pair.parent().edit(&patient(&format!("p{number}"), "Okello")));
    pair.parent().edit(&patient("p1", "Akello"));
    numbered(&mut pair);
    pair.forget_events(8);
    assert_eq!(pair.child.pull_stopped().kind, ErrorKind::NeedsBackfill);
    pair.child.backfill();
    assert_eq!(pair.child.live("patient", "p1"), Some(patient("p1", "Akello")));
    assert_complete(&mut pair, 9);
}

/// It was killed at any of its calls, and more of the feed has gone when it goes on.
#[test]
fn a_backfill_completes_though_the_feed_loses_pages_meanwhile() {
    for calls in (10..260).step_by(25) {
        let mut pair = parent_with(9);
        pair.child.restart_with(|config| config["transfer"] = json!({"batchSize": 2}));
        numbered(&mut pair);
        pair.forget_events(2);
        pair.child.die_in_backfill_after(calls);
        pair.forget_events(8);
        let goes_on = pair.child.count("SELECT COUNT(*) FROM sync2_backfill WHERE ended_at IS NULL") > 0;
        if goes_on {
            drop(pair.child.pull())
        } else {
            drop(pair.child.backfill())
        }
        assert_complete(&mut pair, 9);
    }
}

#[test]
fn a_parent_that_cannot_list_is_told_of_until_it_can() {
    let mut pair = parent_with(9);
    numbered(&mut pair);
    pair.parent().host.cannot_list();
    pair.forget_events(8);
    pair.child.backfill();
    // What is left of the feed, and what that refers to.
    assert_eq!(patients(&mut pair.child), 2);
    let told = |node: &Node| notes(node).iter().any(|note| note.contains("does not list what it has"));
    assert!(told(&pair.child), "{:?}", notes(&pair.child));
    pair.child.restart_with(|_| ());
    assert!(told(&pair.child));
    pair.parent().restart_with(|_| ());
    pair.child.backfill();
    assert!(!told(&pair.child), "{:?}", notes(&pair.child));
    assert_complete(&mut pair, 9);
}

/// Both had it before they knew each other.
#[test]
fn object_alike_on_both_sides_is_agreed_on_without_a_transfer() {
    let mut pair = parent_with(4);
    (0..3).for_each(|number| pair.child.edit(&patient(&format!("p{number}"), "Okello")));
    pair.child.edit(&patient("p3", "Auma"));
    pair.child.change("DELETE FROM sync2_outbox");
    numbered(&mut pair);
    pair.forget_events(4);
    let saves = pair.child.host.counters().saves;
    pair.child.backfill();
    assert_eq!(pair.child.host.counters().saves - saves, 2, "the encounter and the observation");
    for number in 0..3 {
        let uuid = format!("p{number}");
        let query = AuditQuery { object_uuid: Some(uuid.clone()), limit: 10, ..AuditQuery::default() };
        let message = pair.child.engine.audit(&mut pair.child.host, &query).unwrap().into_messages().pop().unwrap();
        let outcome = (message.outcome.status, message.outcome.client.as_deref());
        assert_eq!(outcome, (AuditStatus::Unchanged, Some("list")), "{uuid}");
    }
    let disputes: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    assert_eq!(disputes, [object("patient", "p3").to_string()]);
    let before = pair.child.host.counters();
    pair.child.backfill();
    assert_eq!(pair.child.host.counters().saves, before.saves);
}

#[test]
fn a_child_is_given_only_what_it_may_read() {
    let mut pair = Pair::configured(json!({"children": {"sync": {"categories": ["patient"]}}}));
    pair.parent().restart_with(|config| config["transfer"] = json!({"pageSize": 2}));
    (0..4).for_each(|number| pair.parent().edit(&patient(&format!("p{number}"), "Okello")));
    pair.parent().edit(&encounter("e", "p0"));
    numbered(&mut pair);
    pair.forget_events(2);
    pair.child.restart_with(|config| {
        config["categories"] = json!({"patient": {}, "encounter": {}});
    });
    let _ = pair.child.engine.backfill(&mut pair.child.host).unwrap();
    assert_eq!(patients(&mut pair.child), 4);
    assert!(!pair.child.is_live("encounter", "e"));
}

/// What the feed would not have brought is not brought by the list either.
#[test]
fn a_list_passes_the_filters_of_the_feed() {
    let at = |uuid: &str, location: &str| {
        let mut document = encounter(uuid, "p0");
        document["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
        document
    };
    let mut pair = parent_with(1);
    for (uuid, location) in [("north", "n"), ("south", "s")] {
        let place = json!({"resourceType": "Location", "id": location, "name": location});
        pair.parent().edit(&place);
        pair.parent().edit(&at(uuid, location));
    }
    pair.parent().edit(&patient("later", "Okello"));
    pair.parent().edit(&patient("last", "Okello"));
    numbered(&mut pair);
    pair.forget_events(8);
    pair.child.restart_with(|config| {
        config["filter"] = json!({"locations": ["n"]});
        config["categories"]["location"] = json!({});
        config["categories"]["observation"] = json!({"actions": ["UPDATED"]});
    });
    pair.child.backfill();
    assert!(pair.child.is_live("encounter", "north"));
    assert!(!pair.child.is_live("encounter", "south"));
    assert!(!pair.child.is_live("observation", "o"));
}
