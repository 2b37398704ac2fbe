//! A child whose agreements are of the release before, which compared documents in another form.

use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::event::{Action, Representation};
use sync2::store::audit::AuditStatus::{self, Applied, Conflict, Kept};
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, object};

fn dated(name: &str) -> Value {
    json!({"uuid": "t", "name": name, "valueDatetime": "2026-03-02T00:00:00.000+0300",
           "concept": {"datatype": {"uuid": "8d4a505e-c2cc-11de-8d13-0010c6dffd0f"}}})
}

/// A child that pulled the document before it was updated.
fn updated_child(parent: &MockParent) -> Child {
    parent.put(category("encounter_type"), dated("one"));
    let mut child = Child::of(parent, &["encounter_type"]);
    child.pull_to_the_end();
    let before = canonical::hash_at(3, Representation::Rest, &dated("one"));
    child.change(&format!(
        "UPDATE sync2_object_state SET canonical_version = 3, local_hash = '{before}', remote_hash = '{before}'"
    ));
    child.change("DELETE FROM sync2_base");
    child.restart();
    child
}

fn edit(child: &mut Child, document: &Value) {
    let object = object("encounter_type", "t");
    child.host.edit(Representation::Rest, &object, document.to_string().as_bytes()).unwrap();
}

/// What became of the newest event of the object in a pull.
fn pulled(child: &mut Child, uuid: &str) -> AuditStatus {
    child.pull_to_the_end();
    let messages = child.audit();
    let newest = messages.iter().find(|message| message.object_uuid.as_deref() == Some(uuid)).unwrap();
    newest.outcome.status
}

#[test]
fn edit_on_one_side_after_an_update_is_no_conflict() {
    let parent = MockParent::start();
    let mut child = updated_child(&parent);
    parent.put(category("encounter_type"), dated("two"));
    assert_eq!(pulled(&mut child, "t"), Applied);
    assert_eq!(child.document("encounter_type", "t").map(|document| document["name"].clone()), Some(json!("two")));
    // From then on the agreement is of today.
    edit(&mut child, &dated("three"));
    parent.append_event(category("encounter_type"), Action::Updated, "t");
    assert_eq!(pulled(&mut child, "t"), Kept);
}

#[test]
fn edit_here_alone_is_kept_after_an_update() {
    let parent = MockParent::start();
    let mut child = updated_child(&parent);
    edit(&mut child, &dated("here"));
    parent.append_event(category("encounter_type"), Action::Updated, "t");
    assert_eq!(pulled(&mut child, "t"), Kept);
}

#[test]
fn edit_on_both_sides_is_a_conflict_after_an_update_too() {
    let parent = MockParent::start();
    let mut child = updated_child(&parent);
    edit(&mut child, &dated("here"));
    parent.put(category("encounter_type"), dated("there"));
    assert_eq!(pulled(&mut child, "t"), Conflict);
}

/// OpenMRS shows the person's name as that of the provider, and tells of no change of the provider.
#[test]
fn a_provider_whose_person_was_renamed_here_was_not_edited() {
    let parent = MockParent::start();
    let provider = |name: &str, identifier: &str| json!({"uuid": "d", "person": {"uuid": "p"}, "name": name, "identifier": identifier});
    let mut document = parent.config_document(&["provider", "person"]);
    document["categories"]["provider"] = json!({"representation": "rest"});
    document["categories"]["person"] = json!({"representation": "rest"});
    parent.put(category("person"), json!({"uuid": "p", "gender": "F"}));
    parent.put(category("provider"), provider("Okello", "1"));
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    let here = provider("Auma", "1");
    child.host.edit(Representation::Rest, &object("provider", "d"), here.to_string().as_bytes()).unwrap();
    parent.put(category("provider"), provider("Okello", "2"));
    assert_eq!(pulled(&mut child, "d"), Applied);
    assert_eq!(child.document("provider", "d").map(|document| document["identifier"].clone()), Some(json!("2")));
}
