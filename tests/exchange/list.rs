//! The list of what a parent has of a category.

use serde_json::json;
use sync2::decide::canonical;
use sync2::event::Representation;
use sync2::wire::{Listed, Listing, ReadAnswer, ReadLine, ReadState};

use super::parent::*;

fn line(category: &str, after: Option<&str>, most: usize) -> ReadLine {
    let listing = Some(Listing { after: after.map(str::to_string), most, located: false });
    ReadLine { hashed: Some(canonical::VERSION), listing, ..asked(category, "") }
}

fn answered(parent: &mut Parent, account: &str, line: ReadLine) -> ReadAnswer {
    parent.read_as(account, &[line]).remove(0)
}

fn list(parent: &mut Parent, after: Option<&str>, most: usize) -> Listed {
    answered(parent, ACCOUNT, line("patient", after, most)).listed.unwrap()
}

fn uuids(listed: &Listed) -> Vec<&str> {
    listed.objects.iter().map(|object| object.uuid.as_str()).collect()
}

#[test]
fn list_goes_on_where_it_ended_until_all_hashes_are_listed() {
    let mut parent = Parent::new();
    for uuid in ["a", "b", "c", "d", "e"] {
        parent.edit(&patient(uuid, uuid));
    }
    parent.host.void(&object("patient", "c")).unwrap();
    let first = list(&mut parent, None, 2);
    assert_eq!((uuids(&first), first.reached.as_deref()), (vec!["a", "b"], Some("b")));
    assert_eq!(first.objects[0].hash, Some(hash(&patient("a", "a"))));
    let second = list(&mut parent, Some("b"), 2);
    assert_eq!((uuids(&second), second.reached.as_deref()), (vec!["d"], Some("d")));
    let last = list(&mut parent, Some("d"), 2);
    assert_eq!((uuids(&last), last.reached.as_deref()), (vec!["e"], None));
    let without = ReadLine { hashed: None, ..line("patient", None, 1) };
    assert_eq!(answered(&mut parent, ACCOUNT, without).listed.unwrap().objects[0].hash, None);
}

#[test]
fn no_more_is_listed_at_once_than_five_hundred() {
    let mut parent = Parent::new();
    (0..530).for_each(|number| parent.edit(&patient(&format!("p{number:03}"), "Okello")));
    let listed = list(&mut parent, None, usize::MAX);
    assert_eq!((listed.objects.len(), listed.reached.as_deref()), (500, Some("p499")));
    assert_eq!(list(&mut parent, Some("p499"), 0).objects.len(), 1);
}

#[test]
fn only_what_the_account_may_read_is_listed() {
    let scope = json!({"children": {"north": {"locations": ["north"]}, "places": {"categories": ["location"]}}});
    let mut parent = Parent::with(scope);
    parent.edit(&location("north"));
    parent.edit(&location("south"));
    for (place, uuid) in [("south", "a"), ("north", "b"), ("south", "c")] {
        parent.edit(&patient_at(place, uuid));
    }
    let first = answered(&mut parent, "north", line("patient", None, 1)).listed.unwrap();
    assert_eq!((uuids(&first), first.reached.as_deref()), (vec![], Some("a")));
    let rest = answered(&mut parent, "north", line("patient", Some("a"), 10)).listed.unwrap();
    assert_eq!((uuids(&rest), rest.reached.as_deref()), (vec!["b"], None));
    let located = Listing { located: true, most: 10, ..Listing::default() };
    let all = answered(&mut parent, ACCOUNT, ReadLine { listing: Some(located), ..line("patient", None, 10) });
    let places: Vec<_> = all.listed.unwrap().objects.into_iter().map(|object| object.locations).collect();
    assert_eq!(places, [["south"], ["north"], ["south"]]);
    for account in ["places", "somebody"] {
        let closed = answered(&mut parent, account, line("patient", None, 10));
        assert_eq!((closed.state, closed.listed), (ReadState::Closed, None));
    }
}

#[test]
fn list_is_empty_if_the_host_cannot_and_fails_for_no_kind() {
    let mut parent = Parent::new();
    parent.edit(&patient("a", "Okello"));
    assert_eq!(answered(&mut parent, ACCOUNT, line("nothing", None, 10)).state, ReadState::Failed);
    parent.host.cannot_list();
    let answer = answered(&mut parent, ACCOUNT, line("patient", None, 10));
    assert_eq!((answer.state, answer.listed), (ReadState::Present, None));
}

/// It is listed as the patient.
#[test]
fn a_person_who_is_a_patient_is_not_listed_as_a_person() {
    let mut parent = Parent::new();
    parent.edit(&patient("a", "Okello"));
    for uuid in ["a", "b"] {
        let person = json!({"resourceType": "Person", "id": uuid, "name": [{"family": "Okello"}]}).to_string();
        parent.host.edit(Representation::Fhir, &object("person", uuid), person.as_bytes()).unwrap();
    }
    let listed = answered(&mut parent, ACCOUNT, line("person", None, 10)).listed.unwrap();
    assert_eq!(uuids(&listed), ["b"]);
}
