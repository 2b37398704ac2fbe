//! What an account may exchange, at both endpoints.

use serde_json::json;
use sync2::decide::scope::{Account, Rights};
use sync2::event::Category;
use sync2::exchange::wire::{ApplyLine, ApplyStatus, ReadState};
use sync2::host::Stored;

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

#[test]
fn an_account_that_is_not_named_may_do_nothing_and_the_status_says_so() {
    let mut parent = parent();
    let before = patient("p", "Nakato");
    let read = parent.read_as("thief", &[asked("patient", "p"), asked("location", "here")]);
    assert!(read.iter().all(|answer| answer.state == ReadState::Closed && answer.document.is_none()));
    assert!(read[0].error.as_ref().unwrap().message.contains("not named in exchange.children"));
    for line in [sent(&patient("p", "Okello")), sent_over(&patient("p", "Okello"), &before), removal(&before)] {
        let answers = parent.apply_as("thief", &[line]);
        assert_eq!((answers[0].status, kind(&answers[0])), (ApplyStatus::Failed, "Forbidden"));
        // Not even a hash: with it the next try would pass for one that saw what is here.
        assert!(answers[0].theirs.is_none() && answers[0].hash.is_none());
    }
    assert_eq!(parent.document(&object("patient", "p")), Some(before));
    let problems = parent.engine.status().unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("\"thief\"")), "{problems:?}");
}

/// Every category over read, write and remove, with the account's own rights at the host.
#[test]
fn an_account_may_do_with_each_category_what_the_host_lets_it_do_and_no_more() {
    for (object, document) in
        [(object("patient", "p"), patient("p", "Nakato")), (object("location", "here"), location("here"))]
    {
        let only = || [object.category].into_iter().collect();
        let none = Rights::default;
        for (rights, may) in [
            (none(), [false, false, false]),
            (Rights { read: only(), ..none() }, [true, false, false]),
            (Rights { write: only(), remove: only(), ..none() }, [false, false, false]),
            (Rights { read: only(), write: only(), ..none() }, [true, true, false]),
            (Rights { read: only(), remove: only(), ..none() }, [true, false, true]),
        ] {
            let account = Account { name: ACCOUNT.to_string(), rights: Some(rights) };
            let mut parent = parent();
            let (name, uuid) = (object.category.name(), object.uuid.as_str());
            let read = parent.read_as(account.clone(), &[asked(name, uuid)]);
            let written = parent.apply_as(account.clone(), &[sent(&document)]);
            let removed = parent.apply_as(account.clone(), &[removal(&document)]);
            let done = [
                read[0].state == ReadState::Present,
                written[0].status != ApplyStatus::Failed,
                removed[0].status == ApplyStatus::Removed,
            ];
            assert_eq!(done, may, "{object} {account:?}");
        }
    }
}

#[test]
fn metadata_is_only_read_unless_it_is_named() {
    let mut parent = parent();
    assert_eq!(parent.read_as("clinic", &[asked("location", "here")])[0].state, ReadState::Present);
    let seen = location("here");
    for line in [sent(&location("new")), sent(&seen), removal(&seen)] {
        assert_eq!(kind(&parent.apply_as("clinic", &[line])[0]), "Forbidden");
    }
}

#[test]
fn what_a_child_deleted_is_voided_and_nothing_is_purged() {
    let mut parent = parent();
    let deleted = ApplyLine { action: "DELETED".to_string(), ..removal(&patient("p", "Nakato")) };
    assert_eq!(parent.apply(&[deleted])[0].status, ApplyStatus::Removed);
    assert_eq!(parent.host.look(&object("patient", "p")).unwrap(), Stored::Removed);
}

#[test]
fn a_child_does_not_say_which_classes_this_server_runs() {
    let mut parent = parent();
    let category = Category::parse("patient_identifier_type").unwrap();
    let document = json!({"uuid": "t", "name": "Number", "validator": "javax.script.ScriptEngineManager"});
    let line = ApplyLine {
        category: category.name().to_string(),
        uuid: "t".to_string(),
        representation: "rest".to_string(),
        document: Some(document),
        ..sent(&patient("t", "x"))
    };
    let answers = parent.apply(&[line]);
    assert_eq!(kind(&answers[0]), "Forbidden");
    assert!(answers[0].error.as_ref().unwrap().message.contains("validator"));
}
