//! What becomes of records.

use serde_json::{Value, json};
use sync2::error::{Error, ErrorKind};
use sync2::event::{Action, Representation};
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, encounter, object, patient, state};

#[test]
fn changes_arrive_and_no_change_costs_one_request_per_category() {
    let parent = MockParent::start();
    for number in 0..23 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
        parent.put(category("encounter"), encounter(&format!("e{number}"), &format!("p{number}")));
    }
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 46);
    assert_eq!(report.run.progress.counts[&AuditStatus::Applied], 46);
    assert_eq!(child.document("patient", "p7"), Some(patient("p7", "Okello")));
    assert_eq!(child.document("encounter", "e22"), Some(encounter("e22", "p22")));

    parent.put(category("patient"), patient("p7", "Nakato"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p7"), Some(patient("p7", "Nakato")));

    parent.forget_requests();
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 0);
    assert_eq!(parent.requests().len(), 2, "{:?}", parent.requests());
}

#[test]
fn events_of_one_object_share_fetch_and_save_and_are_audited() {
    let parent = MockParent::start();
    for family in ["A", "B", "C"] {
        parent.put(category("patient"), patient("p", family));
    }
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    assert_eq!(child.host.counters().saves, 1);
    let mut statuses = child.statuses_of("p");
    statuses.sort();
    assert_eq!(statuses, [AuditStatus::Applied, AuditStatus::Coalesced, AuditStatus::Coalesced]);
    let messages = child.audit();
    let carrier = messages.iter().find(|message| message.outcome.status == AuditStatus::Applied).unwrap();
    let pointers = messages.iter().filter_map(|message| message.outcome.carried_by.clone());
    assert_eq!(pointers.collect::<Vec<_>>(), [carrier.uuid.clone(), carrier.uuid.clone()]);
}

#[test]
fn a_removal_with_proof_removes() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.void(category("patient"), "p");
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), None);
    assert!(child.statuses_of("p").contains(&AuditStatus::Removed));
}

#[test]
fn metadata_is_retired_and_unretired_as_any_field_changes() {
    let parent = MockParent::start();
    let visit_type = |retired: bool| json!({"uuid": "v", "name": "Clinic", "retired": retired});
    parent.put(category("visittype"), visit_type(false));
    let mut child = Child::of(&parent, &["visittype"]);
    child.pull_to_the_end();
    parent.retire(category("visittype"), "v");
    child.pull_to_the_end();
    assert_eq!(child.document("visittype", "v"), Some(visit_type(true)));

    parent.store(category("visittype"), visit_type(false));
    parent.append_event(category("visittype"), Action::Unretired, "v");
    child.pull_to_the_end();
    assert_eq!(child.document("visittype", "v"), Some(visit_type(false)));
    assert_eq!(child.host.counters().removes, 0);
    assert!(child.parked().is_empty() && child.conflicts().is_empty());
}

#[test]
fn a_deletion_without_proof_removes_nothing() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.delete(category("patient"), "p");
    child.pull_to_the_end();
    assert!(child.document("patient", "p").is_some());
    assert!(child.statuses_of("p").contains(&AuditStatus::Parked));
}

#[test]
fn a_local_edit_is_never_overwritten() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    child.edit("patient", "p", patient("p", "Edited here"));
    parent.put(category("patient"), patient("p", "Changed there"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));
    let conflicts = child.engine.conflicts(&mut child.host, 10, 0).unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].object, object("patient", "p"));
    assert_eq!(child.engine.status().unwrap().conflicts, 1);

    // The same event again changes nothing; and when the parent comes round to our version the conflict is over.
    parent.put(category("patient"), patient("p", "Edited here"));
    child.pull_to_the_end();
    assert!(child.engine.conflicts(&mut child.host, 10, 0).unwrap().is_empty());
    assert!(!child.statuses_of("p").contains(&AuditStatus::Conflict));
}

#[test]
fn after_a_rollback_it_is_decided_again() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.put(category("patient"), patient("p", "Changed there"));
    parent.put(category("patient"), patient("same-batch", "Okello"));
    child.host.fail_save("p", Error::new(ErrorKind::Rejected, "the first try is rolled back"));
    // The lock is given up with the rollback; then a local user comes first.
    child.host.after_failed_save(|host| {
        let document = patient("p", "Edited here").to_string();
        host.edit(Representation::Fhir, &object("patient", "p"), document.as_bytes()).unwrap();
        host.accept_save("p");
    });
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));
    assert!(child.statuses_of("p").contains(&AuditStatus::Conflict));
}

#[test]
fn a_bad_record_is_parked_and_holds_up_nobody() {
    let parent = MockParent::start();
    for number in 0..30 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
    }
    let mut child = Child::of(&parent, &["patient"]);
    child.host.fail_save("p13", Error::new(ErrorKind::Rejected, "birthDate: must not be in the future"));
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.counts[&AuditStatus::Applied], 29);
    let parked = child.engine.parked(&mut child.host, 10, 0).unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].object, object("patient", "p13"));
    assert_eq!(parked[0].error.message, "birthDate: must not be in the future");

    // An administrator puts it right and asks for it again.
    child.host.accept_save("p13");
    assert_eq!(child.engine.retry(&mut child.host, &[parked[0].audit_uuid.clone()]).unwrap(), 1);
    child.pull_to_the_end();
    assert!(child.engine.parked(&mut child.host, 10, 0).unwrap().is_empty());
    assert_eq!(child.statuses_of("p13"), [AuditStatus::Applied]);
}

#[test]
fn with_halt_a_bad_record_stops_the_run_before_it() {
    let parent = MockParent::start();
    for number in 0..5 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
    }
    let mut document = parent.config_document(&["patient"]);
    document["pull"]["onRecordFailure"] = "halt".into();
    let mut child = Child::configured(document);
    child.host.fail_save("p3", Error::new(ErrorKind::Rejected, "no"));
    let report = child.pull();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Rejected);
    assert_eq!(report.run.progress.events, 3);
    assert!(child.engine.parked(&mut child.host, 10, 0).unwrap().is_empty());

    child.host.accept_save("p3");
    assert_eq!(child.pull_to_the_end().run.progress.events, 2);
}

#[test]
fn missing_reference_is_fetched_before_its_object() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    parent.put(category("encounter"), encounter("e", "p"));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    assert!(child.document("patient", "p").is_some());
    assert_eq!(child.statuses_of("e"), [AuditStatus::Applied]);
}

#[test]
fn a_record_that_waits_goes_on_when_what_it_needs_arrives() {
    let parent = MockParent::start();
    parent.put(category("encounter"), encounter("e", "p"));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    let parked = child.engine.parked(&mut child.host, 10, 0).unwrap();
    assert_eq!(parked[0].waiting_for, Some(object("patient", "p")));
    assert_eq!(parked[0].error.kind, ErrorKind::MissingReference);
    assert_eq!(child.document("encounter", "e"), None);

    parent.put(category("patient"), patient("p", "Okello"));
    child.pull_to_the_end();
    assert!(child.document("encounter", "e").is_some());
    assert_eq!(child.statuses_of("e"), [AuditStatus::Applied]);
    assert!(child.engine.parked(&mut child.host, 10, 0).unwrap().is_empty());
}

/// The name gets a use that nobody gave it, and the gender is lost.
#[test]
fn harmless_change_on_save_is_no_partial_and_counted_apart() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("whole", "Okello"));
    let mut poorer = patient("poorer", "Auma");
    poorer["gender"] = json!("female");
    parent.put(category("patient"), poorer);
    let mut child = Child::of(&parent, &["patient"]);
    child.host.transform_saves(|_, document| {
        let mut document: Value = serde_json::from_slice(&document).unwrap();
        document["name"][0]["use"] = json!("usual");
        document.as_object_mut().unwrap().remove("gender");
        document.to_string().into_bytes()
    });
    child.pull();
    assert_eq!(child.statuses_of("whole"), [AuditStatus::Applied]);
    assert_eq!(child.statuses_of("poorer"), [AuditStatus::Partial]);
    let status = serde_json::to_value(child.engine.status().unwrap()).unwrap();
    let told = |one: &Value| (one["path"].clone(), one["harmless"].clone(), one["records"].clone());
    let losses: Vec<_> = status["losses"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(losses, [(json!("gender"), json!(false), json!(1)), (json!("name.use"), json!(true), json!(2))]);
}

#[test]
fn field_that_does_not_survive_the_save_is_partial_with_path() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.host.transform_saves(|_, document| {
        let mut value: Value = serde_json::from_slice(&document).unwrap();
        value.as_object_mut().unwrap().remove("birthDate");
        value.to_string().into_bytes()
    });
    child.pull_to_the_end();
    let messages = child.audit();
    assert_eq!(messages[0].outcome.status, AuditStatus::Partial);
    assert_eq!(messages[0].outcome.detail, Some(json!({"lostPaths": ["birthDate"]})));

    // What was lost here is no edit: the parent's next version is taken.
    parent.put(category("patient"), patient("p", "Nakato"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p").unwrap()["name"][0]["family"], "Nakato");
}

#[test]
fn record_that_breaks_an_entry_rule_is_saved_and_rule_recorded() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("patient"), patient("q", "Nakato"));
    let mut child = Child::of(&parent, &["patient"]);
    for uuid in ["p", "q"] {
        child.host.break_rules(uuid, &["birthdate: too long ago"]);
    }
    child.pull_to_the_end();
    assert!(child.document("patient", "p").is_some());
    for message in child.audit() {
        assert_eq!(message.outcome.status, AuditStatus::Applied);
        assert_eq!(message.outcome.detail, Some(json!({"rules": ["birthdate: too long ago"]})));
    }
    let rules = child.engine.status().unwrap().rules;
    let counted: Vec<_> = rules.iter().map(|met| (met.category.name(), met.rule.as_str(), met.records)).collect();
    assert_eq!(counted, [("patient", "birthdate: too long ago", 2)]);
}

#[test]
fn record_that_breaks_a_rule_is_parked_while_strict() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["patient"]["validation"] = json!("strict");
    let mut child = Child::configured(document);
    child.host.break_rules("p", &["birthdate: too long ago"]);
    child.pull_to_the_end();
    let parked = child.engine.parked(&mut child.host, 10, 0).unwrap();
    assert_eq!((parked.len(), parked[0].error.kind), (1, ErrorKind::Rejected));
    assert_eq!(parked[0].error.message, "this server refuses it: birthdate: too long ago");
    assert_eq!(child.document("patient", "p"), None);

    child.host.break_rules("p", &[]);
    parent.put(category("patient"), patient("p", "Okello"));
    child.pull_to_the_end();
    assert!(child.document("patient", "p").is_some());
    assert!(child.engine.parked(&mut child.host, 10, 0).unwrap().is_empty());
}

#[test]
fn filtered_events_only_move_the_marker() {
    let parent = MockParent::start();
    for number in 0..12 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
        parent.append_event(category("patient"), Action::Updated, &format!("p{number}"));
    }
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["patient"]["actions"] = json!(["RETIRED"]);
    let mut child = Child::configured(document);
    assert_eq!(child.pull_to_the_end().run.progress.events, 24);
    assert!(child.audit().is_empty());
    assert_eq!(parent.count_requests(|path| path.contains("/Patient")), 0);
    assert_eq!(child.pull_to_the_end().run.progress.events, 0);
}
