//! A child that was made from a copy of its parent's database, by purpose; and one that was cloned with its node id.

use sync2::error::ErrorKind;
use sync2::identity::NodeChoice;
use sync2::store::audit::AuditQuery;

use crate::nodes::{Node, Pair, encounter, object, observation, patient};

fn family(node: &Node, uuid: &str) -> Option<String> {
    Some(node.live("patient", uuid)?["name"][0]["family"].as_str().unwrap().to_string())
}

/// Says what this server is.
fn choose(node: &mut Node, choice: NodeChoice) {
    let Node { engine, host, .. } = node;
    engine.choose_node(host, choice).unwrap();
}

/// A parent with some patients, of whom one has an encounter with an observation, and a child with a copy of its database.
fn copied() -> Pair {
    let mut pair = Pair::start();
    for uuid in ["p", "q", "r", "s", "t"] {
        pair.parent().edit(&patient(uuid, "Okello"));
    }
    pair.parent().edit(&encounter("e", "r"));
    pair.parent().edit(&observation("o", "r", "e", "5.1"));
    pair.parent().edit(&encounter("f", "s"));
    // Somebody has read its feed.
    pair.child.pull();
    let copy = pair.parent().back_up();
    pair.child.restore(copy);
    pair
}

/// Pulls, and looks that nothing was transferred.
fn begin(pair: &mut Pair) {
    choose(&mut pair.child, NodeChoice::ChildOfCopy);
    let (saves, reads) = (pair.child.host.counters().saves, pair.parent().host.counters().reads);
    let report = pair.child.pull();
    assert!(report.run.progress.counts.is_empty(), "{:?}", report.run.progress.counts);
    assert_eq!((pair.child.host.counters().saves, pair.parent().host.counters().reads), (saves, reads));
}

fn assert_settled(pair: &mut Pair) {
    assert!(pair.child.conflicts().is_empty(), "{:?}", pair.child.disputes());
    assert!(pair.child.parked().is_empty(), "{:?}", pair.child.parked());
}

#[test]
fn child_of_a_copy_begins_at_once_and_edits_go_both_ways() {
    let mut pair = copied();
    begin(&mut pair);
    pair.child.push();
    assert!(
        pair.child
            .engine
            .audit(&mut pair.child.host, &AuditQuery { limit: 10, ..AuditQuery::default() })
            .unwrap()
            .messages
            .is_empty()
    );

    pair.parent().edit(&patient("p", "Auma"));
    pair.child.edit(&patient("q", "Nakato"));
    pair.child.edit(&patient("new", "Opio"));
    pair.sync();
    for node in [&pair.child, &*pair.parent()] {
        assert_eq!(family(node, "p").as_deref(), Some("Auma"));
        assert_eq!(family(node, "q").as_deref(), Some("Nakato"));
        assert_eq!(family(node, "new").as_deref(), Some("Opio"));
    }
    assert_settled(&mut pair);
    // A second edit has an agreement to stand on.
    pair.parent().edit(&patient("q", "Akello"));
    pair.child.edit(&patient("p", "Adong"));
    pair.sync();
    assert_eq!(family(&pair.child, "q").as_deref(), Some("Akello"));
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Adong"));
    assert_settled(&mut pair);
}

#[test]
fn object_edited_by_both_since_the_copy_is_the_only_conflict() {
    let mut pair = copied();
    // Each before anybody said what this server is.
    pair.child.edit(&patient("p", "Auma"));
    pair.child.edit(&patient("t", "Akello"));
    pair.parent().edit(&patient("p", "Nakato"));
    pair.parent().edit(&patient("q", "Opio"));
    choose(&mut pair.child, NodeChoice::ChildOfCopy);
    pair.sync();
    let disputes: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    assert_eq!(disputes, [object("patient", "p").to_string()]);
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Auma"));
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Nakato"));
    assert_eq!(family(&pair.child, "q").as_deref(), Some("Opio"));
    assert_eq!(family(&pair.parent(), "t").as_deref(), Some("Akello"));
}

#[test]
fn a_removal_since_the_copy_takes_along_what_both_have_of_it() {
    let mut pair = copied();
    begin(&mut pair);
    pair.parent().void("patient", "r");
    pair.child.void("patient", "s");
    pair.sync();
    assert_settled(&mut pair);
    for node in [&pair.child, &*pair.parent()] {
        for (category, uuid) in
            [("patient", "r"), ("encounter", "e"), ("observation", "o"), ("patient", "s"), ("encounter", "f")]
        {
            assert!(!node.is_live(category, uuid), "{category} {uuid}");
        }
    }
}

#[test]
fn removal_leaves_what_the_other_side_changed_since_the_copy() {
    let mut pair = copied();
    begin(&mut pair);
    let mut changed = encounter("e", "r");
    changed["status"] = "finished".into();
    pair.child.edit(&changed);
    pair.parent().void("patient", "r");
    pair.child.pull();
    assert!(pair.child.is_live("encounter", "e") && pair.child.is_live("patient", "r"));
    assert_eq!(pair.child.disputes().len(), 1);

    let mut changed = encounter("f", "s");
    changed["status"] = "finished".into();
    pair.parent().edit(&changed);
    pair.child.void("patient", "s");
    pair.child.push();
    assert!(pair.parent().is_live("encounter", "f") && pair.parent().is_live("patient", "s"));
    assert!(pair.child.disputes().iter().any(|(object, _)| object.ends_with("s")), "{:?}", pair.child.disputes());
}

/// Neither what the child edits of them, nor what it adds to them, brings them back there.
#[test]
fn object_removed_since_the_copy_is_not_revived_by_an_edit() {
    let mut pair = copied();
    begin(&mut pair);
    pair.child.edit(&patient("p", "Auma"));
    pair.child.edit(&encounter("new", "q"));
    pair.parent().void("patient", "p");
    pair.parent().void("patient", "q");
    pair.sync();
    assert!(!pair.parent().is_live("patient", "p") && !pair.parent().is_live("patient", "q"));
    assert!(pair.child.is_live("patient", "p") && pair.child.is_live("encounter", "new"));
    let mut disputed: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    disputed.sort();
    assert_eq!(disputed, [object("patient", "p").to_string(), object("patient", "q").to_string()]);
}

#[test]
fn parent_restored_to_before_the_copy_gets_its_loss_back() {
    let mut pair = Pair::start();
    pair.parent().edit(&patient("p", "Okello"));
    pair.child.pull();
    let older = pair.parent().back_up();
    pair.parent().edit(&patient("p", "Auma"));
    pair.parent().edit(&patient("q", "Nakato"));
    pair.child.pull();
    let copy = pair.parent().back_up();
    pair.child.restore(copy);
    begin(&mut pair);
    pair.parent().restore(older);
    assert_eq!(pair.child.pull_stopped().kind, ErrorKind::NeedsBackfill);
    pair.child.backfill();
    pair.sync();
    assert_eq!(family(&pair.parent(), "q").as_deref(), Some("Nakato"));
    // How old the parent's copy is nobody here saw: what differs is for a person.
    assert_eq!(family(&pair.child, "p").as_deref(), Some("Auma"));
    assert_eq!(family(&pair.parent(), "p").as_deref(), Some("Okello"));
    let disputes: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    assert_eq!(disputes, [object("patient", "p").to_string()]);
}

/// Its feed was read once more after the copy, so that it has events that the parent never had.
#[test]
fn the_last_event_that_both_have_is_found_whatever_came_after() {
    for edits in [1, 2, 7] {
        let mut pair = copied();
        for edit in 0..edits {
            pair.child.edit(&patient("q", &format!("Nakato{edit}")));
            let Node { engine, host, .. } = &mut pair.child;
            let url = "http://localhost/openmrs/ws/rest/v1/sync2/feed/recent";
            engine.feed_page(host, &sync2::feed::own::FeedRequest::of(url, None).unwrap()).unwrap();
            pair.parent().edit(&patient("p", &format!("Auma{edit}")));
        }
        choose(&mut pair.child, NodeChoice::ChildOfCopy);
        pair.sync();
        assert_eq!(family(&pair.parent(), "q"), Some(format!("Nakato{}", edits - 1)));
        assert_eq!(family(&pair.child, "p"), Some(format!("Auma{}", edits - 1)));
        assert_settled(&mut pair);
    }
}

#[test]
fn database_that_is_no_copy_of_the_parent_is_refused_with_words() {
    let mut pair = copied();
    let mut other = Pair::start();
    other.parent().edit(&patient("x", "Okot"));
    other.child.pull();
    let copy = other.parent().back_up();
    pair.child.restore(copy);
    choose(&mut pair.child, NodeChoice::ChildOfCopy);
    let stopped = pair.child.pull_stopped();
    assert_eq!(stopped.kind, ErrorKind::Configuration);
    assert!(stopped.message.contains("copy"), "{}", stopped.message);
    assert!(pair.child.is_live("patient", "x") && !pair.child.is_live("patient", "p"));

    let Node { engine, host, .. } = &mut Pair::start().child;
    assert_eq!(engine.choose_node(host, NodeChoice::ChildOfCopy).unwrap_err().kind, ErrorKind::Configuration);
}

/// One goes on as the node that both were, the other one becomes a new one.
#[test]
fn a_child_that_was_cloned_and_renewed_works_beside_the_other() {
    let mut pair = copied();
    choose(&mut pair.child, NodeChoice::ChildOfCopy);
    pair.sync();
    pair.child.edit(&patient("p", "Auma"));
    let mut clone = pair.child.cloned();
    choose(&mut clone, NodeChoice::Renew);
    // Both have the edit that was not sent yet.
    clone.edit(&patient("q", "Nakato"));
    pair.sync();
    clone.push();
    clone.pull();
    pair.sync();
    for node in [&pair.child, &clone, &*pair.parent()] {
        assert_eq!(family(node, "p").as_deref(), Some("Auma"));
        assert_eq!(family(node, "q").as_deref(), Some("Nakato"));
    }
    assert_settled(&mut pair);
    assert!(clone.conflicts().is_empty(), "{:?}", clone.disputes());
}
