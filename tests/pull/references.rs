//! Nothing is saved while what it refers to is not here, and what the filters leave out stays out.

use serde_json::{Value, json};
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::{Error, ErrorKind};
use sync2::event::ObjectId;
use sync2::filter::Filter;
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::{Fault, MockParent};
use sync2::testing::sqlite_host::SqliteHost;

use crate::node::{Child, category, encounter, object, patient};

/// What the parked encounter `e` waits for.
fn awaited_by_encounter(child: &mut Child) -> Option<ObjectId> {
    let parked = child.parked().into_iter().find(|parked| parked.object == object("encounter", "e"));
    parked.expect("the encounter is parked").waiting_for
}

#[test]
fn reference_to_object_removed_before_it_came_is_missing() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    parent.void(category("patient"), "p");
    parent.put(category("encounter"), encounter("e", "p"));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), None);
    assert_eq!(child.parked()[0].waiting_for, Some(object("patient", "p")));

    // The parent restores it: nobody here has anything against it.
    parent.put(category("patient"), patient("p", "Okello"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
    assert_eq!(child.statuses_of("e"), [AuditStatus::Applied]);
    assert!(child.conflicts().is_empty() && child.parked().is_empty());
}

/// A voided object of OpenMRS REST is still served: that it is not saved is only known when it is decided on, in the
/// transaction that would save what refers to it.
#[test]
fn a_reference_to_what_turns_out_to_be_removed_is_waited_for() {
    let parent = MockParent::start();
    parent.store(category("patient"), json!({"uuid": "p", "voided": true}));
    parent.put(category("encounter"), encounter("e", "p"));
    let mut document = parent.config_document(&["encounter"]);
    document["categories"]["patient"] = json!({"representation": "rest"});
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), None);
    assert_eq!(awaited_by_encounter(&mut child), Some(object("patient", "p")));
}

#[test]
fn encounter_of_retired_metadata_arrives_with_it() {
    let parent = MockParent::start();
    let retired = json!({"uuid": "l", "name": "Ward", "retired": true});
    parent.store(category("location"), retired.clone());
    parent.store(category("patient"), patient("p", "Okello"));
    let mut referring = encounter("e", "p");
    referring["location"] = json!([{"location": {"reference": "Location/l"}}]);
    parent.put(category("encounter"), referring.clone());
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["categories"]["location"] = json!({"representation": "rest"});
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    assert_eq!(child.document("location", "l"), Some(retired));
    assert_eq!(child.document("encounter", "e"), Some(referring));
    assert!(child.parked().is_empty());
}

/// Each batch that refers to it looks for it again.
#[test]
fn purged_object_keeps_records_that_refer_to_it_waiting() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["transfer"] = json!({"batchSize": 1});
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    child.change("DELETE FROM test_object WHERE uuid = 'p'");
    for number in 0..3 {
        parent.put(category("encounter"), encounter(&format!("e{number}"), "p"));
    }
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 0);
    assert_eq!(child.parked().len(), 3);
    child.assert_audited(4);
}

/// By hand, or with another module: no event of the parent tells of it.
#[test]
fn waiting_record_goes_on_when_its_reference_came_without_event() {
    let parent = MockParent::start();
    parent.put(category("encounter"), encounter("e", "p"));
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull_to_the_end();
    let parked = child.parked();
    // Its quick attempts are used up: it would be tried tomorrow.
    assert!(parked[0].next_attempt_at.unwrap() > parked[0].parked_at + 22 * 3_600_000, "{parked:?}");
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), None);

    child.edit("patient", "p", patient("p", "Okello"));
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), Some(encounter("e", "p")));
    assert!(child.parked().is_empty());
}

/// A visit and an encounter that is a part of it, as OpenMRS gives that in FHIR.
fn put_encounter_of_visit(parent: &MockParent) -> Value {
    parent.put(category("patient"), patient("p", "Okello"));
    parent.put(category("visit"), json!({"uuid": "v", "patient": {"uuid": "p"}}));
    let mut part = encounter("e", "p");
    part["partOf"] = json!({"reference": "Encounter/v"});
    parent.put(category("encounter"), part.clone());
    part
}

#[test]
fn an_encounter_comes_with_the_visit_that_it_is_a_part_of() {
    let parent = MockParent::start();
    let part = put_encounter_of_visit(&parent);
    let mut child = Child::of(&parent, &["patient", "visit", "encounter"]);
    child.pull();
    assert_eq!(child.document("encounter", "e"), Some(part));
    assert_eq!(child.statuses_of("e"), [AuditStatus::Applied]);
    assert_eq!(parent.count_requests(|path| path.contains("/Encounter/v")), 0);
}

#[test]
fn an_encounter_waits_for_the_visit_that_is_refused() {
    let parent = MockParent::start();
    put_encounter_of_visit(&parent);
    let mut child = Child::of(&parent, &["patient", "visit", "encounter"]);
    child.host.fail_save("v", Error::new(ErrorKind::Rejected, "refused"));
    child.pull();
    assert_eq!(child.document("encounter", "e"), None);
    assert_eq!(awaited_by_encounter(&mut child), Some(object("encounter", "v")));
}

/// Nothing brings that visit here: the encounter comes without it, and says so.
#[test]
fn encounter_of_visit_removed_at_parent_is_saved_without_it() {
    let parent = MockParent::start();
    let mut without = put_encounter_of_visit(&parent);
    without.as_object_mut().unwrap().remove("partOf");
    parent.store(category("visit"), json!({"uuid": "v", "patient": {"uuid": "p"}, "voided": true}));
    let mut child = Child::of(&parent, &["patient", "visit", "encounter"]);
    child.pull();
    assert_eq!(child.document("encounter", "e"), Some(without));
    assert_eq!(child.statuses_of("e"), [AuditStatus::Partial]);
    assert!(child.parked().iter().all(|parked| parked.object.uuid != "e"));
}

/// In FHIR nobody can read who is retired.
#[test]
fn encounter_of_provider_retired_before_it_is_saved_without_her() {
    let parent = MockParent::start();
    parent.put(category("provider"), json!({"resourceType": "Practitioner", "id": "d"}));
    parent.put(category("patient"), patient("p", "Okello"));
    let mut attended = encounter("e", "p");
    attended["participant"] = json!([{"individual": {"reference": "Practitioner/d"}}]);
    parent.put(category("encounter"), attended);
    parent.retire(category("provider"), "d");
    let mut child = Child::of(&parent, &["patient", "provider", "encounter"]);
    child.pull_to_the_end();
    assert_eq!(child.document("encounter", "e"), Some(encounter("e", "p")));
    assert_eq!(child.statuses_of("e").last(), Some(&AuditStatus::Partial));
    assert!(child.parked().is_empty(), "{:?}", child.parked());
}

#[test]
fn a_visit_in_the_form_of_an_encounter_is_not_saved_as_one() {
    let parent = MockParent::start();
    put_encounter_of_visit(&parent);
    let tag = json!({"system": "http://fhir.openmrs.org/ext/encounter-tag", "code": "visit"});
    let visit = json!({"resourceType": "Encounter", "id": "v", "meta": {"tag": [tag]}});
    parent.store(category("encounter"), visit);
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    child.pull();
    assert_eq!((child.document("encounter", "v"), child.document("encounter", "e")), (None, None));
    let parked = child.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(
        (&parked[0].object, &parked[0].waiting_for),
        (&object("encounter", "e"), &Some(object("encounter", "v")))
    );
}

struct OnlyNamedOkello;

impl Filter for OnlyNamedOkello {
    fn wants_document(&self, _object: &ObjectId, document: &Value) -> bool {
        document["name"][0]["family"] == "Okello"
    }
}

#[test]
fn parked_record_that_a_filter_leaves_out_ends_without_a_save() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Nakato"));
    parent.fail(|path| path.contains("/Patient/p?"), Fault::status(500));
    let mut host = SqliteHost::in_memory().unwrap();
    let injected = Injected { filters: vec![Box::new(OnlyNamedOkello)], ..Injected::default() };
    let mut document = parent.config_document(&["patient"]);
    document["retry"] = json!({"attempts": 1});
    let engine = Engine::open_with(&document.to_string(), injected, Environment::default(), &mut host).unwrap();
    engine.pull(&mut host).unwrap();
    let parked = engine.parked(&mut host, 10, 0).unwrap();
    engine.retry(&mut host, &[parked[0].audit_uuid.clone()]).unwrap();

    parent.heal();
    engine.pull(&mut host).unwrap();
    assert_eq!(host.present().unwrap(), 0);
    assert!(engine.parked(&mut host, 10, 0).unwrap().is_empty());
    let (message, _) = engine.audit_message(&mut host, &parked[0].audit_uuid).unwrap().unwrap();
    assert_eq!(message.outcome.status, AuditStatus::Filtered);
}

/// The feed of locations cannot be read, so its category is held; but the location itself can be, and is refused here.
#[test]
fn a_refused_reference_of_a_held_category_parks_what_needs_it() {
    let parent = MockParent::start();
    parent.store(category("location"), json!({"uuid": "l", "name": "Ward"}));
    parent.store(category("patient"), patient("p", "Okello"));
    let mut referring = encounter("e", "p");
    referring["location"] = json!([{"location": {"reference": "Location/l"}}]);
    parent.put(category("encounter"), encounter("first", "p"));
    parent.put(category("encounter"), encounter("second", "p"));
    parent.put(category("encounter"), referring);
    parent.fail_times(9, |path| path.contains("/ws/atomfeed/location"), Fault::status(403));
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["categories"]["location"] = json!({"representation": "rest"});
    // The category is held with the first window: the encounter that needs the location is in the second.
    document["transfer"] = json!({"batchSize": 1});
    let mut child = Child::configured(document);
    child.host.fail_save("l", Error::new(ErrorKind::Rejected, "refused"));
    child.pull();
    assert_eq!(awaited_by_encounter(&mut child), Some(object("location", "l")));
}

/// The event that says so could not be looked at when it came; then another record refers to the object.
#[test]
fn a_parked_removal_is_not_forgotten_for_a_reference() {
    let parent = MockParent::start();
    parent.store(category("patient"), patient("p", "Okello"));
    parent.put(category("location"), json!({"uuid": "l", "name": "Ward", "voided": false}));
    parent.void(category("location"), "l");
    parent.fail_times(99, |path| path.contains("/location/l"), Fault::status(500));
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["categories"]["location"] = json!({"representation": "rest"});
    let mut child = Child::configured(document);
    child.pull();
    let removal = child.parked().into_iter().find(|parked| parked.object == object("location", "l")).unwrap();
    assert!(removal.action.is_removal());

    parent.heal();
    let mut referring = encounter("e", "p");
    referring["location"] = json!([{"location": {"reference": "Location/l"}}]);
    parent.put(category("encounter"), referring);
    child.change("UPDATE sync2_parked SET next_attempt_at = NULL");
    child.pull();
    let parked: Vec<String> = child.parked().into_iter().map(|parked| parked.audit_uuid).collect();
    child.engine.retry(&mut child.host, &parked).unwrap();
    child.pull();
    let parked: Vec<ObjectId> = child.parked().into_iter().map(|parked| parked.object).collect();
    assert_eq!(parked, [object("encounter", "e")]);
}

/// A parent with a relationship between the patient `a` and the person `b`, and that relationship.
fn related() -> (MockParent, Value) {
    let parent = MockParent::start();
    // Known by what refers to it only: the atomfeed module tells of no such types.
    let guardian = json!({"uuid": "t", "aIsToB": "Guardian", "bIsToA": "Ward", "retired": false});
    parent.store(category("relationship_type"), guardian);
    parent.store(category("person"), json!({"uuid": "b", "gender": "F", "voided": false}));
    parent.put(category("patient"), patient("a", "Okello"));
    let relationship = json!({"uuid": "r", "voided": false, "personA": {"uuid": "a"}, "personB": {"uuid": "b"},
                              "relationshipType": {"uuid": "t"}, "startDate": null, "endDate": null});
    parent.put(category("relationship"), relationship.clone());
    (parent, relationship)
}

fn child_of_related(parent: &MockParent, categories: &[&str]) -> Child {
    let mut document = parent.config_document(categories);
    for name in ["person", "relationship"] {
        document["categories"][name] = json!({"representation": "rest"});
    }
    Child::configured(document)
}

#[test]
fn relationship_arrives_with_its_type_and_both_persons() {
    let (parent, relationship) = related();
    let mut child = child_of_related(&parent, &["patient", "relationship_type"]);
    child.pull_to_the_end();
    assert_eq!(child.document("relationship", "r"), Some(relationship));
    assert_eq!(child.document("relationship_type", "t").unwrap()["aIsToB"], "Guardian");
    assert!(child.document("person", "b").is_some());
    // A patient is a person of the same uuid: she is not fetched once more as one.
    assert_eq!(child.document("person", "a"), None);
    assert!(child.parked().is_empty(), "{:?}", child.parked());
}

#[test]
fn relationship_of_a_type_that_is_not_pulled_waits_for_it() {
    let (parent, _) = related();
    let mut child = child_of_related(&parent, &["patient"]);
    child.pull_to_the_end();
    assert_eq!(child.document("relationship", "r"), None);
    assert_eq!(child.parked()[0].waiting_for, Some(object("relationship_type", "t")));
}
