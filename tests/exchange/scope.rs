//! What an account may exchange, at both endpoints.

use serde_json::{Value, json};
use sync2::decide::scope::{Account, Rights};
use sync2::error::{Error, ErrorKind};
use sync2::event::Category;
use sync2::host::Stored;
use sync2::wire::{Along, ApplyLine, ApplyStatus, ReadState};

use super::parent::*;

fn parent() -> Parent {
    let mut parent = Parent::with(json!({"children": {
        "clinic": {"locations": ["here"]},
        "registry": {"categories": ["patient"]},
    }}));
    for document in [location("here"), location("elsewhere"), patient_at("here", "p"), patient("nowhere", "Akello")] {
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
    let objects = [
        ("encounter", "ours"),
        ("encounter", "others"),
        ("patient", "p"),
        ("patient", "nowhere"),
        ("location", "elsewhere"),
    ];
    let (present, refused) = (ReadState::Present, ReadState::Refused);
    assert_eq!(read_states("clinic", &objects), [present, refused, present, refused, present]);
    assert_eq!(read_states(ACCOUNT, &objects), [present; 5]);
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
fn unnamed_account_may_do_nothing_and_the_status_says_so() {
    let mut parent = parent();
    let before = patient_at("here", "p");
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
fn account_may_do_with_a_category_what_the_host_allows_only() {
    for (object, document) in
        [(object("patient", "p"), patient_at("here", "p")), (object("location", "here"), location("here"))]
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
fn object_deleted_by_a_child_is_voided_and_not_purged() {
    let mut parent = parent();
    let deleted = ApplyLine { action: "DELETED".to_string(), ..removal(&patient_at("here", "p")) };
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

fn observation(uuid: &str, patient: &str, encounter: &str) -> Value {
    json!({"resourceType": "Observation", "id": uuid, "status": "final", "code": {"text": "temperature"},
           "subject": {"reference": format!("Patient/{patient}")},
           "encounter": {"reference": format!("Encounter/{encounter}")}})
}

#[test]
fn observation_belongs_where_its_encounter_does_here() {
    let mut parent = parent();
    parent.edit(&patient_at("elsewhere", "q"));
    parent.edit(&encounter("of-q", "q", "here"));
    parent.edit(&observation("seen-elsewhere", "p", "others"));
    parent.edit(&observation("seen-here", "q", "of-q"));
    let states: Vec<_> = parent
        .read_as("clinic", &[asked("observation", "seen-elsewhere"), asked("observation", "seen-here")])
        .into_iter()
        .map(|answer| answer.state)
        .collect();
    assert_eq!(states, [ReadState::Refused, ReadState::Present]);
    let lines = [
        sent(&observation("a", "p", "others")),
        // An own encounter does not open the records of a patient who is not its patient.
        sent(&observation("b", "q", "ours")),
        sent(&observation("c", "q", "of-q")),
        sent(&observation("d", "p", "ours")),
    ];
    let answers = parent.apply_as("clinic", &lines);
    assert_eq!(answers.iter().map(kind).collect::<Vec<_>>(), ["Forbidden", "Forbidden", "", ""]);
}

#[test]
fn new_patient_comes_in_one_request_with_what_belongs_to_her() {
    let mut parent = parent();
    let lines = [
        sent(&patient_at("here", "new")),
        sent(&encounter("first", "new", "here")),
        sent(&observation("of-first", "new", "first")),
        sent(&observation("of-no-encounter", "new", "never")),
        sent(&patient_at("elsewhere", "stranger")),
        sent(&observation("of-stranger", "stranger", "never")),
    ];
    let answers = parent.apply_as("clinic", &lines);
    let kinds: Vec<_> = answers.iter().map(kind).collect();
    assert_eq!(kinds, ["", "", "", "MissingReference", "Forbidden", "Forbidden"]);
}

#[test]
fn child_refers_to_objects_by_type_and_id_only() {
    let mut parent = parent();
    for reference in ["Patient?identifier=number%20of%20p", "http://elsewhere/fhir/Patient/p", "urn:uuid:p", "p"] {
        let mut document = observation("o", "p", "ours");
        document["subject"]["reference"] = json!(reference);
        for account in ["clinic", ACCOUNT] {
            let answer = parent.apply_as(account, &[sent(&document)]).remove(0);
            assert_eq!(kind(&answer), "Malformed", "{reference}");
        }
    }
    assert_eq!(parent.document(&object("observation", "o")), None);
}

#[test]
fn removal_neither_takes_along_nor_names_what_is_out_of_scope() {
    let mut parent = parent();
    parent.host.cascade_removals();
    let (seen, others) = (patient_at("here", "p"), encounter("others", "p", "elsewhere"));
    let mut line = removal(&seen);
    line.takes_along = [("ours", encounter("ours", "p", "here")), ("others", others.clone())]
        .map(|(uuid, document)| Along {
            category: "encounter".into(),
            uuid: uuid.into(),
            representation: "fhir".into(),
            last_seen: hash(&document),
        })
        .to_vec();
    let answer = parent.apply_as("clinic", &[line.clone()]).remove(0);
    assert_eq!((answer.status, answer.takes_along.len(), answer.more), (ApplyStatus::Conflict, 0, 1));
    assert_eq!(parent.document(&object("encounter", "others")), Some(others));
    assert_eq!(statuses(&parent.apply_as(ACCOUNT, &[line])), [ApplyStatus::Removed]);
}

#[test]
fn removed_object_is_restored_only_by_who_might_remove_it() {
    for (account, uuid, expected) in
        [("clinic", "ours", ""), ("clinic", "others", "Forbidden"), (ACCOUNT, "others", "")]
    {
        let mut parent = parent();
        parent.host.capture_changes();
        let document = encounter(uuid, "p", if uuid == "ours" { "here" } else { "elsewhere" });
        parent.edit(&document);
        parent.host.void(&object("encounter", uuid)).unwrap();
        parent.feed_as(ACCOUNT);
        let asked = parent.read_as(account, &[asked("encounter", uuid)]).remove(0);
        let state = if expected.is_empty() { ReadState::Removed } else { ReadState::Refused };
        assert_eq!(asked.state, state, "{account} {uuid}");
        let restored = ApplyLine { last_seen: None, ..sent(&document) };
        let moved = sent(&encounter(uuid, "p", "here"));
        for line in [restored, moved] {
            let answer = parent.apply_as(account, &[line]).remove(0);
            assert_eq!(kind(&answer), expected, "{account} {uuid}");
        }
    }
}

#[test]
fn words_to_an_account_with_locations_name_nobody_else() {
    let mut parent = parent();
    parent.edit(&patient_at("elsewhere", "secret-patient"));
    let taken = Error::new(ErrorKind::Duplicate, "the number 7 is that of patient/secret-patient, not of patient/new");
    let document = patient_at("here", "new");
    for (account, words) in [
        ("clinic", "the number 7 is that of another patient, not of patient/new"),
        (ACCOUNT, "the number 7 is that of patient/secret-patient, not of patient/new"),
    ] {
        parent.host.fail_save("new", taken.clone());
        let answer = parent.apply_as(account, &[sent(&document)]).remove(0);
        let message = answer.error.unwrap().message;
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn status_says_that_locations_are_no_limit_to_fhir_and_rest() {
    let problems = parent().engine.status().unwrap().problems;
    let of_clinic: Vec<_> = problems.iter().filter(|problem| problem.contains("over FHIR and REST")).collect();
    assert!(of_clinic.len() == 1 && of_clinic[0].contains("clinic"), "{problems:?}");
    let unlimited = Parent::with(json!({"children": {"registry": {"categories": ["patient"]}}}));
    assert!(unlimited.engine.status().unwrap().problems.is_empty());
}
