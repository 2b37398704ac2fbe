//! What both sides changed is merged, and what one side could not hold is erased by nobody.

use serde_json::{Value, json};
use sync2::event::Direction;
use sync2::host::Stored;
use sync2::store::audit::AuditQuery;
use sync2::store::audit::AuditStatus::{self, Conflict, Kept, Merged, Partial};
use sync2::store::conflicts::ConflictKind;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, config, object, parent, patient};

fn person(family: &str, gender: &str, born: &str) -> Value {
    json!({
        "resourceType": "Patient", "id": "p", "gender": gender, "birthDate": born,
        "name": [{"id": "n1", "family": family}]
    })
}

fn there(parent: &MockParent) -> Value {
    parent.document(category("patient"), "p").unwrap()
}

fn here(child: &Child) -> Value {
    match child.host.look(&object("patient", "p")).unwrap() {
        Stored::Present(bytes) => serde_json::from_slice(&bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// What became of the patient in the pulls.
fn pulled(child: &mut Child) -> Vec<AuditStatus> {
    let query = AuditQuery { direction: Some(Direction::Pull), limit: 1000, ..AuditQuery::default() };
    let messages = child.engine.audit(&mut child.host, &query).unwrap().into_messages();
    messages.into_iter().map(|message| message.outcome.status).collect()
}

/// A child that has what the parent has, over the exchange or without it.
fn agreed(exchange: &str, change: impl FnOnce(&mut Value)) -> (MockParent, Child) {
    let parent = parent();
    let mut document = config(&parent);
    document["parent"]["exchange"] = json!(exchange);
    change(&mut document);
    let mut child = Child::configured(document);
    parent.put(category("patient"), person("Okello", "female", "1990-01-01"));
    child.pull_to_the_end();
    (parent, child)
}

#[test]
fn different_fields_changed_on_both_sides_are_merged_and_go_up() {
    for (exchange, pull_first) in [("auto", true), ("auto", false), ("never", true), ("never", false)] {
        let (parent, mut child) = agreed(exchange, |_| {});
        parent.put(category("patient"), person("Okello", "female", "1991-02-02"));
        child.edit("patient", person("Auma", "female", "1990-01-01"));
        if !pull_first {
            child.push_to_the_end();
        }
        child.pull_to_the_end();
        let merged = person("Auma", "female", "1991-02-02");
        assert_eq!(here(&child), merged);
        assert!(pulled(&mut child).contains(&Merged));
        assert!(child.conflicts().is_empty());
        child.push_to_the_end();
        assert_eq!(there(&parent), merged);
        // Then there is nothing more to say.
        let edits = parent.effects().len();
        child.pull_to_the_end();
        child.push_to_the_end();
        assert_eq!(parent.effects().len(), edits);
        assert_eq!(here(&child), merged);
    }
}

#[test]
fn pull_that_meets_a_field_changed_differently_names_it() {
    let (parent, mut child) = agreed("auto", |_| {});
    parent.put(category("patient"), person("Achieng", "male", "1990-01-01"));
    child.edit("patient", person("Auma", "female", "1991-02-02"));
    child.pull_to_the_end();
    let conflicts = child.conflicts();
    assert_eq!((conflicts.len(), conflicts[0].kind), (1, ConflictKind::Content));
    assert_eq!(conflicts[0].detail, Some(json!({"fields": ["name[n1].family"]})));
    assert_eq!(here(&child), person("Auma", "female", "1991-02-02"));
}

#[test]
fn a_field_that_was_added_here_goes_up_with_a_merge() {
    for exchange in ["auto", "never"] {
        let (parent, mut child) = agreed(exchange, |_| {});
        let mut edited = person("Okello", "female", "1990-01-01");
        edited["address"] = json!([{"id": "a1", "city": "Kisumu"}]);
        child.edit("patient", edited.clone());
        parent.put(category("patient"), person("Okello", "female", "1991-02-02"));
        child.pull_to_the_end();
        child.push_to_the_end();
        edited["birthDate"] = json!("1991-02-02");
        assert_eq!((here(&child), there(&parent)), (edited.clone(), edited), "{exchange}");
    }
}

#[test]
fn push_that_meets_a_field_changed_differently_names_it() {
    for exchange in ["auto", "never"] {
        for pulls_first in [false, true] {
            let (parent, mut child) = agreed(exchange, |_| {});
            parent.put(category("patient"), person("Achieng", "male", "1990-01-01"));
            child.edit("patient", person("Auma", "female", "1991-02-02"));
            if pulls_first {
                child.pull_to_the_end();
            }
            child.push_to_the_end();
            let conflicts = child.conflicts();
            assert_eq!(conflicts.len(), 1);
            assert_eq!(conflicts[0].detail, Some(json!({"fields": ["name[n1].family"]})), "{exchange}");
        }
    }
}

#[test]
fn policy_decides_disputed_fields_and_the_rest_is_merged() {
    for (policy, family) in [("parentWins", "Achieng"), ("childWins", "Auma")] {
        let (parent, mut child) = agreed("auto", |document| {
            document["categories"]["patient"] = json!({"conflict": policy});
        });
        parent.put(category("patient"), person("Achieng", "male", "1990-01-01"));
        child.edit("patient", person("Auma", "female", "1991-02-02"));
        child.pull_to_the_end();
        child.push_to_the_end();
        let merged = person(family, "male", "1991-02-02");
        assert_eq!((here(&child), there(&parent)), (merged.clone(), merged), "{policy}");
        assert!(child.conflicts().is_empty());
    }
}

#[test]
fn with_child_wins_a_change_brings_back_what_the_parent_removed() {
    let (parent, mut child) = agreed("auto", |document| {
        document["categories"]["patient"] = json!({"conflict": "childWins"});
    });
    parent.void(category("patient"), "p");
    child.edit("patient", person("Auma", "female", "1990-01-01"));
    child.pull_to_the_end();
    child.push_to_the_end();
    assert_eq!(
        (here(&child), there(&parent)),
        (person("Auma", "female", "1990-01-01"), person("Auma", "female", "1990-01-01"))
    );
    assert!(child.conflicts().is_empty());
    assert!(pulled(&mut child).contains(&Kept));
}

#[test]
fn a_conflict_at_first_contact_is_not_merged_by_guessing() {
    let parent = parent();
    let mut child = Child::of(&parent);
    parent.put(category("patient"), patient("p", "Achieng"));
    child.edit("patient", patient("p", "Auma"));
    child.pull_to_the_end();
    assert_eq!(pulled(&mut child), [Conflict]);
}

fn without(fields: &'static [&'static str]) -> impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static {
    move |bytes| {
        let mut document: Value = serde_json::from_slice(&bytes).unwrap();
        fields.iter().for_each(|field| drop(document.as_object_mut().unwrap().remove(*field)));
        document.to_string().into_bytes()
    }
}

#[test]
fn field_the_child_cannot_hold_stays_at_the_parent() {
    for exchange in ["auto", "never"] {
        let (parent, mut child) = agreed(exchange, |_| {});
        let lose = without(&["photo", "contact"]);
        child.host.transform_saves(move |_, bytes| lose(bytes));
        let rich = |family: &str, gender: &str, photo: &str| {
            let mut person = person(family, gender, "1990-01-01");
            person["photo"] = json!([{"url": photo}]);
            person["contact"] = json!([{"gender": "male"}]);
            person
        };
        parent.put(category("patient"), rich("Okello", "female", "1.png"));
        child.pull_to_the_end();
        assert!(pulled(&mut child).contains(&Partial));
        for (family, photo) in [("Auma", "2.png"), ("Akello", "3.png")] {
            // Edited here only.
            let mut edited = here(&child);
            edited["name"][0]["family"] = json!(family);
            child.edit("patient", edited.clone());
            child.push_to_the_end();
            let photo_before = there(&parent)["photo"][0]["url"].clone();
            assert_eq!(there(&parent), rich(family, "female", photo_before.as_str().unwrap()), "{exchange}");
            child.pull_to_the_end();
            // Edited on both sides: the parent changes what cannot be held here.
            parent.put(category("patient"), rich(family, "female", photo));
            edited["gender"] = json!("other");
            child.edit("patient", edited.clone());
            child.pull_to_the_end();
            child.push_to_the_end();
            assert_eq!(there(&parent), rich(family, "other", photo), "{exchange}");
            assert!(child.conflicts().is_empty());
            edited["gender"] = json!("female");
            child.edit("patient", edited);
            child.push_to_the_end();
            child.pull_to_the_end();
            assert_eq!(there(&parent), rich(family, "female", photo), "{exchange}");
        }
    }
}

#[test]
fn field_the_parent_cannot_hold_stays_at_the_child() {
    let (parent, mut child) = agreed("auto", |_| {});
    parent.transform_applied(|document| drop(document.as_object_mut().unwrap().remove("photo")));
    let with_photo = |family: &str, born: &str| {
        let mut person = person(family, "female", born);
        person["photo"] = json!([{"url": "1.png"}]);
        person
    };
    child.edit("patient", with_photo("Auma", "1990-01-01"));
    child.push_to_the_end();
    assert_eq!(there(&parent), person("Auma", "female", "1990-01-01"));
    for born in ["1991-01-01", "1992-02-02"] {
        parent.put(category("patient"), person("Auma", "female", born));
        child.pull_to_the_end();
        assert_eq!(here(&child), with_photo("Auma", born));
        child.push_to_the_end();
        assert_eq!(there(&parent), person("Auma", "female", born));
    }
    child.edit("patient", with_photo("Nakato", "1992-02-02"));
    child.push_to_the_end();
    assert_eq!(there(&parent), person("Nakato", "female", "1992-02-02"));
    assert!(child.conflicts().is_empty() && child.parked().is_empty());
}

/// OpenMRS refuses a REST document that lacks a field: it is taken for one that the account may not read.
#[test]
fn merged_rest_document_goes_up_with_its_empty_fields() {
    let (parent, mut child) = agreed("auto", |config| config["categories"]["visit"] = json!({}));
    parent.transform_applied(|document| {
        if let Some(stop) = document.get_mut("stopDatetime") {
            *stop = Value::Null;
        }
    });
    let visit = |start: &str, stop: Value| {
        json!({
            "uuid": "v", "voided": false, "patient": {"uuid": "p"}, "visitType": null, "indication": null, "location": null,
            "startDatetime": start, "stopDatetime": stop, "activeAttributes": [], "creator": null, "dateCreated": null
        })
    };
    let (first, second) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
    let stop = json!("2026-03-02T12:00:00Z");
    child.edit("visit", visit(first, stop.clone()));
    child.push_to_the_end();
    let there = |parent: &MockParent| parent.document(category("visit"), "v").unwrap();
    assert_eq!(there(&parent), visit(first, Value::Null));
    child.edit("visit", visit(second, stop));
    child.push_to_the_end();
    let (fields, expected) = (there(&parent), visit(second, Value::Null));
    assert_eq!(fields["startDatetime"], second);
    let missing: Vec<&String> =
        expected.as_object().unwrap().keys().filter(|name| fields.get(name.as_str()).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // A part that is new there says who made it.
    let mut attended = visit(second, json!("2026-03-02T12:00:00Z"));
    attended["activeAttributes"] = json!([{"uuid": "a", "valueReference": "by bus", "creator": {"uuid": "u"}}]);
    child.edit("visit", attended);
    child.push_to_the_end();
    assert_eq!(there(&parent)["activeAttributes"][0]["creator"]["uuid"], "u");
}

/// As a provider's name, which follows the person's.
#[test]
fn parents_untold_change_met_by_a_push_is_merged_by_the_pull() {
    for exchange in ["auto", "never"] {
        let (parent, mut child) = agreed(exchange, |_| {});
        parent.store(category("patient"), person("Okello", "female", "1991-02-02"));
        child.edit("patient", person("Auma", "female", "1990-01-01"));
        child.push_to_the_end();
        assert_eq!(child.conflicts().len(), 1, "{exchange}");
        child.pull_to_the_end();
        child.push_to_the_end();
        let merged = person("Auma", "female", "1991-02-02");
        assert_eq!((there(&parent), here(&child)), (merged.clone(), merged), "{exchange}");
        assert!(child.conflicts().is_empty() && child.parked().is_empty(), "{exchange}");
    }
}
