//! The guarantee *Nobody's edit is overwritten silently*: an edit here survives at the worst moment, too.

use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};
use sync2::decide::canonical::{canonical, hash};
use sync2::event::{Action, Representation};
use sync2::store::audit::AuditStatus;
use sync2::store::{Sql, SqlValue};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, database_file, object, patient, state};

/// The rows stay locked from the decision to the commit: another connection's edit is made after it, and then found.
#[test]
fn edit_between_decision_and_save_waits_and_is_found_after_it() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let file = database_file("edit");
    let mut child = Child::over(SqliteHost::open(&file).unwrap(), parent.config_document(&["patient"]));
    child.pull_to_the_end();
    parent.put(category("patient"), patient("p", "Changed there"));

    let edited = patient("p", "Edited here").to_string();
    let (decided, is_decided) = mpsc::channel();
    let editor = thread::spawn({
        let (file, edited) = (file.clone(), edited.clone());
        move || {
            let mut other = SqliteHost::open(&file).unwrap();
            is_decided.recv().unwrap();
            other.edit(Representation::Fhir, &object("patient", "p"), edited.as_bytes()).unwrap();
        }
    });
    let mut impatient = SqliteHost::open(&file).unwrap();
    impatient.never_wait().unwrap();
    let mut host = Intercepted::new(&mut child.host, |_, call| {
        if call == Call::Save {
            let refused = impatient.edit(Representation::Fhir, &object("patient", "p"), edited.as_bytes());
            assert!(refused.is_err(), "what was decided on is not locked");
            decided.send(()).unwrap();
        }
        Ok(())
    });
    assert_eq!(state(&child.engine.pull(&mut host).unwrap()), "completed");
    editor.join().unwrap();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));

    parent.put(category("patient"), patient("p", "Changed there again"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));
    assert_eq!(child.conflicts(), [object("patient", "p")]);
}

#[test]
fn edit_unknown_to_the_parent_is_kept_without_a_conflict() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    child.edit("patient", "p", patient("p", "Edited here"));
    // An event, but not of a change.
    parent.put(category("patient"), patient("p", "Okello"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));
    assert!(child.conflicts().is_empty());
    assert!(child.statuses_of("p").contains(&AuditStatus::Kept));
}

#[test]
fn an_edited_object_is_not_removed() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    child.edit("patient", "p", patient("p", "Edited here"));
    parent.void(category("patient"), "p");
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Edited here")));
    assert_eq!(child.conflicts(), [object("patient", "p")]);
}

#[test]
fn object_entered_on_both_sides_before_they_met_is_a_conflict() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "There"));
    parent.put(category("patient"), patient("q", "The same"));
    let mut child = Child::of(&parent, &["patient"]);
    child.edit("patient", "p", patient("p", "Here"));
    child.edit("patient", "q", patient("q", "The same"));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Here")));
    assert_eq!(child.conflicts(), [object("patient", "p")]);
    assert_eq!(child.statuses_of("q"), [AuditStatus::Unchanged]);
}

/// The guarantee *Absence is never guessed*.
#[test]
fn absence_is_no_proof_of_removal() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("deleted", "Okello"));
    parent.put(category("patient"), patient("hidden", "Okello"));
    parent.put(category("location"), json!({"uuid": "l", "name": "Ward"}));
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["location"] = json!({"representation": "rest"});
    let mut child = Child::configured(document);
    child.pull_to_the_end();

    parent.delete(category("patient"), "deleted");
    parent.delete(category("location"), "l");
    // It can be read again before its event is: an event alone proves nothing either.
    parent.append_event(category("patient"), sync2::event::Action::Voided, "hidden");
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 3);
    assert_eq!(child.host.counters().removes, 0);
    let mut parked: Vec<String> = child.parked().into_iter().map(|parked| parked.object.uuid).collect();
    parked.sort();
    assert_eq!(parked, ["deleted", "l"]);
}

/// While a pull waits for the rows a push settles the same object: what that agreed on holds.
#[test]
fn agreements_are_those_of_when_the_rows_are_locked() {
    let parent = MockParent::start();
    let put = |family: &str| parent.put(category("patient"), patient("p", family));
    put("Okello");
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    put("Auma");
    let (kept, theirs) = (patient("p", "kept here"), patient("p", "Auma"));
    child.host.before_lock(move |host| {
        let bytes = SqlValue::Bytes(kept.to_string().into_bytes());
        host.update("UPDATE test_object SET json = ? WHERE uuid = 'p'", &[bytes]).unwrap();
        let hash = |document: &Value| SqlValue::Text(hash(&canonical(Representation::Fhir, document)));
        let statement = "UPDATE sync2_object_state SET local_hash = ?, remote_hash = ? WHERE object_uuid = 'p'";
        host.update(statement, &[hash(&kept), hash(&theirs)]).unwrap();
    });
    child.pull_to_the_end();
    assert_eq!(child.audit()[0].outcome.status, AuditStatus::Unchanged);
}

/// What was agreed on with a parent that was restored since is not taken for what it has now.
#[test]
fn version_lost_by_a_restored_parent_is_not_undone_here() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    child.change("UPDATE sync2_object_state SET restored_to = 1");
    parent.append_event(category("patient"), Action::Updated, "p");
    child.pull_to_the_end();
    assert_eq!(child.audit()[0].outcome.status, AuditStatus::Unchanged);
    child.change("UPDATE sync2_object_state SET restored_to = 1");
    parent.put(category("patient"), patient("p", "from the backup"));
    child.pull_to_the_end();
    assert_eq!(child.audit()[0].outcome.status, AuditStatus::Conflict);
    assert_eq!(child.document("patient", "p"), Some(patient("p", "Okello")));
}
