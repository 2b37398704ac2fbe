//! What an account may exchange, at both endpoints.

use serde_json::json;
use sync2::exchange::wire::{ApplyStatus, ReadState};

use super::parent::*;

fn parent() -> Parent {
    let mut parent = Parent::with(json!({"children": {
        "clinic": {"locations": ["here"]},
        "registry": {"categories": ["patient"]},
    }}));
    for document in [location("here"), location("elsewhere"), patient("p", "Nakato")] {
        parent.edit(&document);
    }
    parent.edit(&encounter("ours", "p", "here"));
    parent.edit(&encounter("others", "p", "elsewhere"));
    parent
}

fn read_states(account: &str, asked_for: &[(&str, &str)]) -> Vec<ReadState> {
    let lines: Vec<_> = asked_for.iter().map(|(category, uuid)| asked(category, uuid)).collect();
    let answers = parent().read_as(account, &lines);
    for answer in answers.iter().filter(|answer| matches!(answer.state, ReadState::Refused | ReadState::Closed)) {
        assert_eq!(answer.error.as_ref().unwrap().kind, "Forbidden");
        assert!(answer.document.is_none());
    }
    answers.into_iter().map(|answer| answer.state).collect()
}

#[test]
fn reading_is_limited_to_the_locations_of_the_account() {
    let objects = [("encounter", "ours"), ("encounter", "others"), ("patient", "p"), ("location", "elsewhere")];
    let (present, refused) = (ReadState::Present, ReadState::Refused);
    assert_eq!(read_states("clinic", &objects), [present, refused, present, present]);
    assert_eq!(read_states(ACCOUNT, &objects), [present; 4]);
}

#[test]
fn reading_is_limited_to_the_categories_of_the_account() {
    let objects = [("patient", "p"), ("encounter", "ours"), ("encounter", "never")];
    let expected = [ReadState::Present, ReadState::Closed, ReadState::Closed];
    assert_eq!(read_states("registry", &objects), expected);
}

#[test]
fn applying_is_limited_to_the_locations_of_the_account() {
    let mut parent = parent();
    let (others, moved_here) = (encounter("others", "p", "elsewhere"), encounter("others", "p", "here"));
    let refused = [
        sent(&encounter("new", "p", "elsewhere")),
        // The child's document says that it is at the child's, ours that it is not.
        sent_over(&moved_here, &others),
        // Nor may a child learn by a conflict what it may not read.
        sent(&moved_here),
        removal(&others),
    ];
    for answer in parent.apply_as("clinic", &refused) {
        assert_eq!((answer.status, kind(&answer)), (ApplyStatus::Failed, "Forbidden"));
        assert!(answer.theirs.is_none() && answer.hash.is_none());
    }
    assert_eq!(statuses(&parent.apply_as("clinic", &[sent(&encounter("new", "p", "here"))])), [ApplyStatus::Applied]);
    assert_eq!(parent.document(&object("encounter", "others")), Some(others));
}

#[test]
fn applying_is_limited_to_the_categories_of_the_account() {
    let mut parent = parent();
    let seen = encounter("ours", "p", "here");
    let lines = [sent(&encounter("new", "p", "here")), removal(&seen), sent(&patient("new", "Okello"))];
    let answers = parent.apply_as("registry", &lines);
    assert_eq!(statuses(&answers), [ApplyStatus::Failed, ApplyStatus::Failed, ApplyStatus::Applied]);
    assert_eq!([kind(&answers[0]), kind(&answers[1])], ["Forbidden"; 2]);
}
