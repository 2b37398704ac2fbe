//! Categories, actions and locations that are switched on when the feed has been read already.

use serde_json::{Value, json};
use sync2::testing::mock_parent::MockParent;

use crate::node::Child;
use crate::own_feed::parent;

fn patients(parent: &MockParent, uuids: &[&str]) {
    for uuid in uuids {
        parent.put(sync2::event::Category::patient(), json!({"resourceType": "Patient", "id": uuid}));
    }
}

fn config(parent: &MockParent, change: impl FnOnce(&mut Value)) -> Value {
    let mut document = parent.config_document(&["patient"]);
    change(&mut document);
    document
}

fn told(child: &Child) -> Vec<String> {
    let notes = child.engine.status().unwrap().notes;
    notes.into_iter().map(|note| note.message).filter(|message| message.contains("needs a backfill")).collect()
}

fn pull(child: &mut Child) {
    let report = child.engine.pull(&mut child.host).unwrap();
    assert_eq!(report.run.state.name(), "completed", "{:?}", report.run.error);
}

/// A child that has read the feed with one configuration, and then once more with another.
fn switched(parent: &MockParent, first: Value, then: Value) -> Child {
    patients(parent, &["p1", "p2"]);
    let mut child = Child::configured(first);
    pull(&mut child);
    assert!(told(&child).is_empty(), "{:?}", told(&child));
    child.restart_as(then);
    pull(&mut child);
    child
}

#[test]
fn subject_switched_on_after_the_marker_passed_is_noted() {
    type Change = fn(&mut Value);
    let none: Change = |_| {};
    let cases: [(Change, Change, &str); 4] = [
        (none, |to| to["categories"]["encounter"] = json!({}), "encounter: pulled since 2"),
        (
            |from| from["filter"] = json!({"locations": ["here"]}),
            |to| to["filter"] = json!({"locations": ["here", "there"]}),
            "what belongs to the location there: pulled since 2",
        ),
        (|from| from["filter"] = json!({"locations": ["here"]}), none, "what belongs to any location: pulled since 2"),
        (|from| from["categories"]["patient"]["actions"] = json!(["CREATED"]), none, "patient: pulled since 2"),
    ];
    for (first, then, words) in cases {
        let parent = parent();
        let mut child = switched(&parent, config(&parent, first), config(&parent, then));
        let notes = told(&child);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with(words), "{notes:?}");
        // It is kept, and no later run changes it.
        pull(&mut child);
        child.restart();
        assert_eq!(told(&child), notes);
    }
}

#[test]
fn subject_on_all_the_time_is_not_noted() {
    type Change = fn(&mut Value);
    let cases: [(Change, Change); 3] = [
        (|_| {}, |to| to["filter"] = json!({"locations": ["here"]})),
        (|_| {}, |to| to["categories"]["patient"]["actions"] = json!(["CREATED"])),
        (|from| from["categories"]["encounter"] = json!({}), |_| {}),
    ];
    for (first, then) in cases {
        let parent = parent();
        let child = switched(&parent, config(&parent, first), config(&parent, then));
        assert!(told(&child).is_empty(), "{:?}", told(&child));
    }
}

#[test]
fn subject_off_for_a_while_is_noted() {
    let parent = parent();
    let all = config(&parent, |all| all["categories"]["encounter"] = json!({}));
    let mut child = switched(&parent, all.clone(), config(&parent, |_| {}));
    child.restart_as(all);
    pull(&mut child);
    assert_eq!(told(&child).len(), 1, "{:?}", told(&child));
}

/// In the atomfeed module's dialect a category is read from its own first event.
#[test]
fn a_category_with_a_feed_of_its_own_is_not_told() {
    let parent = MockParent::start();
    let then = config(&parent, |to| to["categories"]["encounter"] = json!({}));
    let child = switched(&parent, config(&parent, |_| {}), then);
    assert!(told(&child).is_empty(), "{:?}", told(&child));
    let parent = MockParent::start();
    let first = config(&parent, |from| from["categories"]["patient"]["actions"] = json!(["CREATED"]));
    let child = switched(&parent, first, config(&parent, |_| {}));
    assert_eq!(told(&child).len(), 1, "{:?}", told(&child));
}

#[test]
fn base_documents_are_counted_and_go_with_their_category() {
    let parent = parent();
    let without = |to: &mut Value| to["categories"] = json!({"location": {}});
    patients(&parent, &["p1", "p2"]);
    let mut child = Child::configured(config(&parent, |_| {}));
    assert_eq!(child.engine.status().unwrap().bases, None);
    pull(&mut child);
    let kept = child.engine.status().unwrap().bases.unwrap();
    assert_eq!(kept.objects, 2);
    assert!(kept.bytes > 0);
    child.restart_as(config(&parent, without));
    pull(&mut child);
    let left = child.engine.status().unwrap().bases.unwrap();
    assert_eq!((left.objects, left.bytes), (0, 0));
}
