use serde_json::json;
use sync2::decide::canonical;
use sync2::error::{Error, ErrorKind};
use sync2::wire::{ApplyLine, ApplyStatus};

use super::parent::*;

#[test]
fn line_for_a_new_or_seen_version_is_saved() {
    let mut parent = Parent::new();
    let (first, second) = (patient("p", "Nakato"), patient("p", "Nakato-Okello"));
    let created = parent.apply_one(&sent(&first));
    assert_eq!((created.status, created.hash), (ApplyStatus::Applied, Some(hash(&first))));
    let changed = parent.apply_one(&sent_over(&second, &first));
    assert_eq!((changed.status, changed.hash), (ApplyStatus::Applied, Some(hash(&second))));
    assert_eq!(parent.document(&object("patient", "p")), Some(second));
}

#[test]
fn line_for_an_unseen_version_is_a_conflict_with_its_document() {
    let mut parent = Parent::new();
    let (seen, theirs) = (patient("p", "Nakato"), patient("p", "edited at the parent"));
    parent.edit(&theirs);
    for line in [sent_over(&patient("p", "edited at the child"), &seen), sent(&seen), removal(&seen)] {
        let answer = parent.apply_one(&line);
        assert_eq!((answer.status, answer.hash), (ApplyStatus::Conflict, Some(hash(&theirs))));
        assert_eq!(answer.theirs, Some(theirs.clone()));
    }
    assert_eq!(parent.host.counters().saves, 0);
}

#[test]
fn field_that_this_server_does_not_keep_is_told() {
    let mut parent = Parent::new();
    parent.lose_birth_dates();
    let document = patient("p", "Nakato");
    let answer = parent.apply_one(&sent(&document));
    assert_eq!((answer.status, answer.lost_paths), (ApplyStatus::Partial, vec!["birthDate".to_string()]));
    assert_eq!(answer.hash, Some(hash(&parent.document(&object("patient", "p")).unwrap())));
}

#[test]
fn line_that_breaks_an_entry_rule_is_saved_and_the_rule_told() {
    let mut parent = Parent::new();
    parent.host.break_rules("p", &["identifier: is empty"]);
    let answer = parent.apply_one(&sent(&patient("p", "Nakato")));
    assert_eq!((answer.status, answer.rules), (ApplyStatus::Applied, vec!["identifier: is empty".to_string()]));
    let rules = parent.engine.status().unwrap().rules;
    assert_eq!(
        rules.iter().map(|met| (met.rule.as_str(), met.records)).collect::<Vec<_>>(),
        [("identifier: is empty", 1)]
    );
}

#[test]
fn line_that_breaks_an_entry_rule_is_refused_while_strict() {
    let mut parent = Parent::configured(
        json!({"pull": {"enabled": false}, "validation": "strict", "exchange": {"children": {ACCOUNT: {}}}}),
    );
    parent.host.break_rules("p", &["identifier: is empty"]);
    let answer = parent.apply_one(&sent(&patient("p", "Nakato")));
    assert_eq!((answer.status, kind(&answer)), (ApplyStatus::Failed, "Rejected"));
    assert_eq!(parent.document(&object("patient", "p")), None);
}

#[test]
fn a_removal_needs_an_action_that_says_so() {
    let mut parent = Parent::new();
    let document = patient("p", "Nakato");
    parent.edit(&document);
    let guess = ApplyLine { action: "UPDATED".into(), ..removal(&document) };
    assert_eq!(kind(&parent.apply_one(&guess)), "Malformed");
    assert!(parent.document(&object("patient", "p")).is_some());
    let removed = parent.apply_one(&removal(&document));
    assert_eq!((removed.status, removed.hash), (ApplyStatus::Removed, None));
    assert!(parent.document(&object("patient", "p")).is_none());
}

#[test]
fn a_rest_document_that_says_voided_is_a_removal() {
    let mut parent = Parent::new();
    let document = json!({"uuid": "t", "name": "Triage"});
    parent.edit(&document);
    let voided = json!({"uuid": "t", "name": "Triage", "voided": true});
    let line = ApplyLine { action: "VOIDED".into(), ..sent_over(&voided, &document) };
    assert_eq!(parent.apply_one(&line).status, ApplyStatus::Removed);
}

/// In OpenMRS an observation without an encounter refers to the person that its patient is.
#[test]
fn a_patient_who_comes_before_is_the_person_that_is_referred_to() {
    let mut parent = Parent::new();
    let document = json!({"uuid": "o", "person": {"uuid": "p"}, "valueText": "as usual"});
    let line = ApplyLine {
        category: "observation".into(),
        uuid: "o".into(),
        representation: "rest".into(),
        document: Some(document),
        ..sent(&patient("o", "Nakato"))
    };
    assert_eq!(kind(&parent.apply_one(&line)), "MissingReference");
    let answers = parent.apply(&[sent(&patient("p", "Nakato")), line]);
    assert_eq!(statuses(&answers), [ApplyStatus::Applied, ApplyStatus::Applied]);
}

#[test]
fn references_must_be_here_or_come_before() {
    let mut parent = Parent::new();
    parent.edit(&location("ward"));
    let alone = parent.apply_one(&sent(&encounter("e", "p", "ward")));
    assert_eq!(kind(&alone), "MissingReference");
    assert!(alone.error.unwrap().message.contains("patient/p"));
    let together = [sent(&patient("p", "Nakato")), sent(&encounter("e", "p", "ward"))];
    assert_eq!(statuses(&parent.apply(&together)), [ApplyStatus::Applied; 2]);
    let backwards = [sent(&encounter("e2", "p2", "ward")), sent(&patient("p2", "Okello"))];
    assert_eq!(statuses(&parent.apply(&backwards)), [ApplyStatus::Failed, ApplyStatus::Applied]);
}

#[test]
fn a_bad_line_stands_alone() {
    let mut parent = Parent::new();
    parent.host.fail_save("p3", Error::new(ErrorKind::Rejected, "a patient needs a gender"));
    let lines: Vec<ApplyLine> = (0..8).map(|number| sent(&patient(&format!("p{number}"), "Nakato"))).collect();
    let answers = parent.apply(&lines);
    for (number, answer) in answers.iter().enumerate() {
        let expected = if number == 3 { ApplyStatus::Failed } else { ApplyStatus::Applied };
        assert_eq!((answer.uuid.as_str(), answer.status), (format!("p{number}").as_str(), expected));
    }
    let error = answers[3].error.as_ref().unwrap();
    assert_eq!((error.kind.as_str(), error.message.as_str()), ("Rejected", "a patient needs a gender"));
    assert_eq!(parent.host.present().unwrap(), 7);
}

#[test]
fn an_object_that_comes_twice_is_decided_on_twice() {
    let mut parent = Parent::new();
    let (first, second) = (patient("p", "Nakato"), patient("p", "Okello"));
    let answers = parent.apply(&[sent(&first), sent_over(&second, &first), sent_over(&second, &first)]);
    assert_eq!(statuses(&answers), [ApplyStatus::Applied, ApplyStatus::Applied, ApplyStatus::Unchanged]);
    assert_eq!(parent.document(&object("patient", "p")), Some(second));
}

#[test]
fn a_line_that_cannot_be_understood_fails_for_itself_only() {
    let mut parent = Parent::new();
    let good = sent(&patient("p", "Nakato"));
    let bad = [
        ApplyLine { category: "unicorn".into(), ..good.clone() },
        ApplyLine { uuid: "another".into(), ..good.clone() },
        ApplyLine { category: "encounter".into(), ..good.clone() },
        ApplyLine { representation: "soap".into(), ..good.clone() },
    ];
    for (index, line) in bad.into_iter().enumerate() {
        let next = sent(&patient(&format!("p{index}"), "Okello"));
        let answers = parent.apply(&[line, next]);
        assert_eq!(statuses(&answers), [ApplyStatus::Failed, ApplyStatus::Applied]);
        assert_eq!(kind(&answers[0]), "Malformed");
    }
}

#[test]
fn hashes_of_another_canonical_form_are_not_compared() {
    let line = sent(&patient("p", "Nakato"));
    let versions = [canonical::OLDEST_VERSION - 1, line.canonical_version + 1];
    for canonical_version in versions {
        let mut parent = Parent::new();
        let other = ApplyLine { canonical_version, ..line.clone() };
        // A child that speaks nothing else waits: it comes again with all of them.
        let lines = written(&[other.clone(), other.clone()]);
        let error = parent.engine.apply_objects(&mut parent.host, ACCOUNT, NODE, &lines).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Busy);
        assert!(error.message.contains(&format!("version {canonical_version}")), "{error}");
        assert_eq!(parent.host.present().unwrap(), 0);
        // One line holds up no other.
        let next = patient(&format!("p{canonical_version}"), "Okello");
        let answers = parent.apply(&[other, sent(&next)]);
        assert_eq!(statuses(&answers), [ApplyStatus::Failed, ApplyStatus::Applied]);
        assert_eq!(kind(&answers[0]), "Busy");
    }
}

#[test]
fn a_child_has_to_say_who_it_is() {
    let mut parent = Parent::new();
    let lines = written(&[sent(&patient("p", "Nakato"))]);
    for node in ["", "not a node id"] {
        let error = parent.engine.apply_objects(&mut parent.host, ACCOUNT, node, &lines).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Malformed);
    }
}
