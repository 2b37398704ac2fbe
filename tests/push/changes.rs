//! What is changed here goes up, once, and does not come back.

use serde_json::json;
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::ErrorKind;
use sync2::event::Event;
use sync2::filter::Filter;
use sync2::store::audit::AuditStatus::{Applied, Coalesced, Filtered, Partial, Removed, Unchanged};

use crate::node::{Child, category, config, effects, encounter, parent, patient, state};

#[test]
fn a_new_patient_is_sent_and_recorded() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    let report = child.push_to_the_end();

    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Okello")));
    assert_eq!(effects(&parent), ["patient/p CREATED"]);
    assert_eq!(report.run.progress.events, 1);
    let audit = child.audit();
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0].outcome.status, Applied);
    assert_eq!(audit[0].outcome.client.as_deref(), Some("exchange"));
    assert_eq!(child.count("sync2_pending"), 0);
    assert_eq!(child.count("sync2_object_state"), 1);
    let marker = child.marker();
    assert_eq!(marker.events, 1);
    assert_eq!(marker.marker.unwrap().entry_id, audit[0].event_id);
}

#[test]
fn changes_and_removals_are_sent() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.edit("encounter", encounter("e", "p"));
    child.push_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    child.void("encounter", "e");
    child.push_to_the_end();

    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Nakato")));
    assert_eq!(parent.document(category("encounter"), "e"), None);
    assert_eq!(child.statuses_of("p"), [Applied, Applied]);
    assert_eq!(child.statuses_of("e"), [Applied, Removed]);
    // What comes back here comes back there.
    child.edit("encounter", encounter("e", "p"));
    child.push_to_the_end();
    assert_eq!(parent.document(category("encounter"), "e"), Some(encounter("e", "p")));
}

#[test]
fn several_changes_of_one_object_are_sent_once() {
    let parent = parent();
    let mut child = Child::of(&parent);
    for family in ["Okello", "Auma", "Nakato"] {
        child.edit("patient", patient("p", family));
    }
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/p CREATED"]);
    assert_eq!(child.statuses_of("p"), [Applied, Coalesced, Coalesced]);
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Nakato")));
}

#[test]
fn object_unknown_to_the_parent_is_not_removed_there() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.void("patient", "p");
    child.push_to_the_end();
    assert_eq!(parent.requests(), []);
    assert_eq!(child.statuses_of("p"), [Coalesced, Unchanged]);
}

#[test]
fn pulled_object_is_not_sent_back() {
    let parent = parent();
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("encounter"), encounter("e", "p"));
    let mut child = Child::of(&parent);
    child.pull_to_the_end();
    parent.void(category("encounter"), "e");
    child.pull_to_the_end();
    parent.forget_requests();
    child.push_to_the_end();
    assert_eq!(parent.requests(), []);
    assert_eq!(child.statuses_of("p"), [Unchanged]);
}

#[test]
fn after_push_and_pull_both_ways_there_is_silence() {
    let parent = parent();
    // A server that adds something of its own to whatever it saves.
    parent.transform_applied(|document| document["language"] = json!("en"));
    parent.put(category("patient"), patient("theirs", "Okello"));
    let mut child = Child::of(&parent);
    child.edit("patient", patient("ours", "Auma"));
    child.pull_to_the_end();
    child.edit("patient", patient("theirs", "Nakato"));
    child.push_to_the_end();
    assert_eq!(child.statuses_of("ours"), [Partial]);
    child.pull_to_the_end();
    child.push_to_the_end();

    let (sent, here) = (effects(&parent).len(), child.host.counters().saves);
    child.pull_to_the_end();
    parent.forget_requests();
    child.push_to_the_end();
    assert_eq!(parent.requests(), []);
    assert_eq!((effects(&parent).len(), child.host.counters().saves), (sent, here));
    assert!(child.conflicts().is_empty());
    assert_eq!(effects(&parent), ["patient/ours CREATED", "patient/theirs UPDATED"]);
}

#[test]
fn edit_of_an_object_with_an_echo_is_sent() {
    let parent = parent();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent);
    child.pull_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/p UPDATED"]);
    let saves = child.host.counters().saves;
    child.pull_to_the_end();
    assert_eq!(child.host.counters().saves, saves);
}

#[test]
fn event_of_unwanted_category_or_action_only_moves_the_marker() {
    let parent = parent();
    let mut document = config(&parent);
    document["categories"] = json!({"patient": {"actions": ["CREATED"]}, "encounter": {"push": false}});
    document["audit"] = json!({"recordFiltered": true});
    let mut child = Child::configured(document);
    child.edit("patient", patient("p", "Okello"));
    child.edit("encounter", encounter("e", "p"));
    child.push_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/p CREATED"]);
    assert_eq!(child.statuses_of("p"), [Applied, Filtered]);
    assert_eq!(child.statuses_of("e"), [Filtered]);
    assert_eq!(child.marker().events, 3);
}

/// Leaves out what has that uuid, or that name.
struct Not(&'static str);

impl Filter for Not {
    fn wants_event(&self, event: &Event) -> bool {
        event.object.as_ref().is_ok_and(|object| object.uuid != self.0)
    }

    fn wants_document(&self, _: &sync2::event::ObjectId, document: &serde_json::Value) -> bool {
        document["name"][0]["family"] != self.0
    }
}

#[test]
fn injected_filters_of_the_push_are_asked() {
    let parent = parent();
    let mut child = Child::of(&parent);
    let injected =
        Injected { push_filters: vec![Box::new(Not("secret")), Box::new(Not("Hidden"))], ..Injected::default() };
    let document = config(&parent).to_string();
    child.engine = Engine::open_with(&document, injected, Environment::default(), &mut child.host).unwrap();
    for (uuid, family) in [("p", "Okello"), ("secret", "Auma"), ("q", "Hidden")] {
        child.edit("patient", patient(uuid, family));
    }
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/p CREATED"]);
    assert_eq!(child.marker().events, 3);
    assert_eq!(child.statuses_of("q"), [Filtered]);
}

#[test]
fn a_marker_that_is_set_back_sends_nothing_twice() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    child.change("UPDATE sync2_marker SET page_url = NULL, entry_id = NULL, entry_updated = NULL");
    child.edit("patient", patient("q", "Auma"));
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/p CREATED", "patient/q CREATED"]);
    assert_eq!(child.audit().len(), 2);
}

#[test]
fn a_feed_that_lost_what_was_not_pushed_needs_a_backfill() {
    let parent = parent();
    for lost in ["DELETE FROM sync2_event", "DELETE FROM sync2_event WHERE event_no <= 2"] {
        let mut child = Child::of(&parent);
        child.edit("patient", patient("p", "Okello"));
        child.push_to_the_end();
        child.edit("patient", patient("p", "Auma"));
        child.edit("patient", patient("p", "Nakato"));
        child.restart();
        // Published, but not pushed.
        parent.stop();
        child.push();
        parent.restart();
        child.change(lost);
        let report = child.push();
        assert_eq!(state(&report), "failed");
        assert_eq!(report.run.error.unwrap().kind, ErrorKind::NeedsBackfill, "{lost}");
    }
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push();
    child.change("UPDATE sync2_feed SET feed_epoch = 'another'");
    assert_eq!(child.push().run.error.unwrap().kind, ErrorKind::NeedsBackfill);
}

#[test]
fn reference_to_mapped_metadata_is_sent_with_the_parents_uuid() {
    let parent = parent();
    let at = |location: &str| {
        let mut document = encounter("e", "p");
        document["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
        document
    };
    let location = |uuid: &str| json!({"resourceType": "Location", "id": uuid, "name": "Outpatients"});
    parent.put(category("location"), location("theirs"));
    let mut document = config(&parent);
    document["uuidMap"] = json!({"location": {"theirs": "ours"}});
    let mut child = Child::configured(document);
    child.edit("location", location("ours"));
    child.edit("patient", patient("p", "Okello"));
    child.edit("encounter", at("ours"));
    child.push_to_the_end();

    assert_eq!(parent.document(category("encounter"), "e"), Some(at("theirs")));
    assert_eq!(parent.document(category("location"), "ours"), None);
    assert_eq!(child.statuses_of("e"), [Applied]);
    assert!(child.parked().is_empty());

    // What both sides agree on is no edit, and what comes back is no change.
    child.pull_to_the_end();
    child.push_to_the_end();
    assert!(child.conflicts().is_empty());
    assert_eq!(effects(&parent).iter().filter(|effect| effect.starts_with("encounter/e")).count(), 1);
}

#[test]
fn a_category_that_is_pushed_only_later_is_told() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.restart_with(|document| document["categories"]["encounter"]["push"] = json!(false));
    child.edit("patient", patient("p", "Okello"));
    child.edit("encounter", encounter("e", "p"));
    child.push_to_the_end();
    let told = |child: &Child| {
        let notes = child.engine.status().unwrap().notes.into_iter();
        notes.map(|note| note.message).filter(|message| message.contains("pushed since")).collect::<Vec<_>>()
    };
    assert!(told(&child).is_empty());
    child.restart_with(|document| document["categories"]["encounter"]["push"] = json!(true));
    child.push_to_the_end();
    assert_eq!(told(&child).len(), 1, "{:?}", told(&child));
    assert!(told(&child)[0].starts_with("encounter: pushed since"), "{:?}", told(&child));
}
