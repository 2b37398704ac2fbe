//! The digests of what a parent has of a category.

use serde_json::json;
use sync2::decide::canonical;
use sync2::decide::digest::{Digest, LEAVES, leaf_of};
use sync2::event::Representation;
use sync2::wire::{Digested, Digesting, ReadAnswer, ReadLine, ReadState};

use super::parent::*;

fn line(category: &str, from: u32, to: u32, width: Option<u32>) -> ReadLine {
    let digests = Some(Digesting { from, to, width, located: false });
    ReadLine { hashed: Some(canonical::VERSION), digests, ..asked(category, "") }
}

/// As a child asks: until all is in it.
fn answered(parent: &mut Parent, account: &str, line: &ReadLine) -> ReadAnswer {
    for _ in 0..20 {
        let answer = parent.read_as(account, std::slice::from_ref(line)).remove(0);
        if answer.digested.as_ref().is_none_or(|digested| digested.whole) {
            return answer;
        }
    }
    panic!("it is never whole");
}

fn digested(parent: &mut Parent, line: &ReadLine) -> Digested {
    answered(parent, ACCOUNT, line).digested.unwrap()
}

/// Of all patients.
fn whole(parent: &mut Parent) -> Digest {
    let told = digested(parent, &line("patient", 0, LEAVES, Some(LEAVES))).digests.remove(0);
    Digest::parse(told.objects, &told.sum).unwrap()
}

fn expected(names: &[(&str, &str)]) -> Digest {
    names.iter().fold(Digest::default(), |sum, (uuid, name)| sum.with(uuid, &hash(&patient(uuid, name))))
}

fn capturing() -> Parent {
    let mut parent = Parent::new();
    parent.host.capture_changes();
    parent
}

#[test]
fn digest_is_of_what_is_here_now() {
    let mut parent = capturing();
    assert_eq!(whole(&mut parent), Digest::default());
    for uuid in ["a", "b", "c"] {
        parent.edit(&patient(uuid, "Okello"));
    }
    assert_eq!(whole(&mut parent), expected(&[("a", "Okello"), ("b", "Okello"), ("c", "Okello")]));
    parent.edit(&patient("b", "Auma"));
    parent.host.void(&object("patient", "c")).unwrap();
    parent.edit(&patient("d", "Okello"));
    assert_eq!(whole(&mut parent), expected(&[("a", "Okello"), ("b", "Auma"), ("d", "Okello")]));
}

#[test]
fn leaf_gives_its_objects_with_their_hashes() {
    let mut parent = capturing();
    let names: Vec<String> = (0..300).map(|number| format!("p{number}")).collect();
    names.iter().for_each(|uuid| parent.edit(&patient(uuid, "Okello")));
    let leaf = leaf_of("p7");
    let given = digested(&mut parent, &line("patient", leaf, leaf + 1, None));
    assert!(given.digests.is_empty());
    let found: Vec<&str> = given.objects.iter().map(|listed| listed.uuid.as_str()).collect();
    let mut in_leaf: Vec<&str> = names.iter().map(String::as_str).filter(|uuid| leaf_of(uuid) == leaf).collect();
    in_leaf.sort_unstable();
    assert_eq!(found, in_leaf);
    assert!(given.objects.iter().all(|listed| listed.hash == Some(hash(&patient(&listed.uuid, "Okello")))));
    let blocks = digested(&mut parent, &line("patient", 0, LEAVES, Some(64))).digests;
    assert_eq!((blocks.len(), blocks.iter().map(|digest| digest.objects).sum::<u64>()), (64, 300));
}

/// A request reads so many at most, and says that there are more.
#[test]
fn digests_that_are_not_worked_out_yet_are_told_so() {
    let mut parent = capturing();
    (0..2300).for_each(|number| parent.edit(&patient(&format!("p{number}"), "Okello")));
    let asked = line("patient", 0, LEAVES, Some(LEAVES));
    let first = parent.read(std::slice::from_ref(&asked)).remove(0).digested.unwrap();
    assert!(!first.whole && first.turn > 0 && first.digests.is_empty(), "{first:?}");
    let second = parent.read(std::slice::from_ref(&asked)).remove(0).digested.unwrap();
    assert!(second.whole && second.digests[0].objects == 2300, "{second:?}");
}

#[test]
fn account_gets_digests_of_what_it_may_read() {
    let scope = json!({"children": {"north": {"locations": ["north"]}, "places": {"categories": ["location"]}}});
    let mut parent = Parent::with(scope);
    parent.edit(&location("north"));
    for (place, uuid) in [("south", "a"), ("north", "b"), ("south", "c"), ("north", "d")] {
        parent.edit(&patient_at(place, uuid));
    }
    let of_patients = line("patient", 0, LEAVES, Some(LEAVES));
    let expected = |uuids: &[(&str, &str)]| {
        let hashed = |(place, uuid): &(&str, &str)| (uuid.to_string(), hash(&patient_at(place, uuid)));
        let objects = uuids.iter().map(hashed);
        objects.fold(Digest::default(), |sum, (uuid, hash)| sum.with(&uuid, &hash))
    };
    let mut told = |account: &str| {
        let told = answered(&mut parent, account, &of_patients).digested.unwrap().digests.remove(0);
        Digest::parse(told.objects, &told.sum).unwrap()
    };
    assert_eq!(told("north"), expected(&[("north", "b"), ("north", "d")]));
    assert_eq!(told(ACCOUNT), expected(&[("south", "a"), ("north", "b"), ("south", "c"), ("north", "d")]));
    for uuid in ["a", "b"] {
        let mut asked = line("patient", leaf_of(uuid), leaf_of(uuid) + 1, None);
        asked.digests.as_mut().unwrap().located = true;
        let listed = answered(&mut parent, "north", &asked).digested.unwrap().objects;
        let found: Vec<_> = listed.into_iter().map(|listed| (listed.uuid, listed.locations)).collect();
        let expected = vec![("b".to_string(), vec!["north".to_string()])];
        assert_eq!(found, if uuid == "b" { expected } else { Vec::new() });
    }
    let places = answered(&mut parent, "north", &line("location", 0, LEAVES, Some(LEAVES))).digested.unwrap();
    assert_eq!(places.digests[0].objects, 1, "metadata belongs to no place");
    for account in ["places", "somebody"] {
        let closed = answered(&mut parent, account, &of_patients);
        assert_eq!((closed.state, closed.digested), (ReadState::Closed, None));
    }
}

/// This host knows from documents only where something belongs.
#[test]
fn digests_of_places_look_at_so_many_objects_at_once() {
    let mut parent = Parent::with(json!({"children": {"north": {"locations": ["north"]}}}));
    parent.edit(&location("north"));
    (0..700).for_each(|number| parent.edit(&patient_at("north", &format!("p{number}"))));
    let whole = answered(&mut parent, "north", &line("patient", 0, LEAVES, Some(LEAVES))).digested.unwrap();
    assert!(whole.digests.is_empty(), "{whole:?}");
    let (mut from, mut objects, mut answers) = (0, 0, 0);
    while from < LEAVES {
        let blocks = answered(&mut parent, "north", &line("patient", from, LEAVES, Some(64))).digested.unwrap().digests;
        assert!(!blocks.is_empty());
        from += 64 * blocks.len() as u32;
        objects += blocks.iter().map(|digest| digest.objects).sum::<u64>();
        answers += 1;
    }
    assert_eq!((objects, answers), (700, 2));
}

#[test]
fn question_that_is_none_is_not_answered() {
    let mut parent = capturing();
    parent.edit(&patient("a", "Okello"));
    for (from, to, width) in [(0, LEAVES, 1), (0, LEAVES + 1, LEAVES), (5, 5, 1), (0, 64, 0), (u32::MAX, 0, 7)] {
        let answer = answered(&mut parent, ACCOUNT, &line("patient", from, to, Some(width)));
        assert_eq!((answer.state, answer.digested), (ReadState::Failed, None), "{from} {to} {width}");
    }
    assert_eq!(answered(&mut parent, ACCOUNT, &line("nothing", 0, 64, Some(64))).state, ReadState::Failed);
    let nowhere = answered(&mut parent, ACCOUNT, &line("patient", u32::MAX, 0, None)).digested.unwrap();
    assert!(nowhere.objects.is_empty());
    let whole = line("patient", 0, LEAVES, Some(LEAVES));
    for hashed in [None, Some(canonical::OLDEST_VERSION), Some(u32::MAX)] {
        let other = ReadLine { hashed, ..whole.clone() };
        assert_eq!(answered(&mut parent, ACCOUNT, &other).digested, None, "{hashed:?}");
    }
    parent.host.cannot_list();
    let never_listed = line("location", 0, LEAVES, Some(LEAVES));
    assert_eq!(answered(&mut parent, ACCOUNT, &never_listed).digested, None);
}

/// She was a person before.
#[test]
fn a_person_who_became_a_patient_is_in_no_digest_of_persons() {
    let mut parent = capturing();
    for uuid in ["a", "b"] {
        let person = json!({"resourceType": "Person", "id": uuid, "name": [{"family": "Okello"}]}).to_string();
        parent.host.edit(Representation::Fhir, &object("person", uuid), person.as_bytes()).unwrap();
    }
    let persons = line("person", 0, LEAVES, Some(LEAVES));
    assert_eq!(digested(&mut parent, &persons).digests[0].objects, 2);
    parent.edit(&patient("a", "Okello"));
    assert_eq!(digested(&mut parent, &persons).digests[0].objects, 1);
}
