//! The hashes of what is here, with the digests of their leaves.

use super::{object, patient};
use crate::decide::changes::ObjectEvent;
use crate::decide::digest::{LEAVES, Leaves, leaf_of};
use crate::error::Result;
use crate::event::{Action, Category, Representation};
use crate::store::digests::{self, Inventory, Kind, Reached};
use crate::store::object_states::{self, ObjectState};
use crate::store::{Sql, events};

fn kind(category: &str) -> Kind {
    Kind { category: Category::parse(category).unwrap(), representation: Representation::Fhir }
}

fn begun(sql: &mut dyn Sql, kind: Kind) -> Result<Inventory> {
    digests::begin(sql, kind, "form", ("epoch", 7))?;
    Ok(digests::find(sql, kind)?.unwrap())
}

fn hashed(uuid: impl Into<String>, hash: &str) -> (String, Option<String>) {
    (uuid.into(), Some(hash.to_string()))
}

pub(super) fn hashes_are_summed_by_leaf(sql: &mut dyn Sql) -> Result<()> {
    let number = begun(sql, kind("patient"))?.number;
    let other = begun(sql, kind("visit"))?.number;
    let many: Vec<_> = (0..450).map(|number| hashed(format!("p{number}"), "a")).collect();
    digests::put_all(sql, number, &many)?;
    digests::put_all(sql, other, &many[..1])?;
    let changes = [
        hashed("p1", "b"),
        ("p2".to_string(), None),
        ("unknown".to_string(), None),
        hashed("p3", "a"),
        hashed("new", "c"),
    ];
    digests::put_all(sql, number, &changes)?;
    digests::put_all(sql, number, &[])?;
    let mut expected = Leaves::default();
    let kept = many.iter().map(|(uuid, _)| uuid.as_str()).filter(|uuid| *uuid != "p1" && *uuid != "p2");
    kept.for_each(|uuid| expected.replace(uuid, None, Some("a")));
    expected.replace("p1", None, Some("b"));
    expected.replace("new", None, Some("c"));
    assert_eq!(digests::leaves(sql, number, 0..LEAVES)?, expected);
    let some = digests::leaves(sql, number, 64..128)?;
    assert_eq!((some.of(64..128), some.of(0..64).objects), (expected.of(64..128), 0));
    assert_eq!(digests::leaves(sql, other, 0..LEAVES)?.of(0..LEAVES).objects, 1);
    let found = digests::hashes(sql, number, &["p1", "p2", "p3"])?;
    assert_eq!((found.len(), found["p1"].as_str(), found["p3"].as_str()), (2, "b", "a"));
    let leaf = digests::of_leaf(sql, number, leaf_of("p1"), 1000)?;
    assert!(
        leaf.contains(&("p1".to_string(), "b".to_string()))
            && leaf.iter().all(|(uuid, _)| leaf_of(uuid) == leaf_of("p1"))
    );
    assert_eq!(leaf.len() as u64, expected.of(leaf_of("p1")..leaf_of("p1") + 1).objects);
    let all: Vec<_> = many.iter().map(|(uuid, _)| (uuid.clone(), None)).chain([("new".to_string(), None)]).collect();
    digests::put_all(sql, number, &all)?;
    assert_eq!(digests::leaves(sql, number, 0..LEAVES)?, Leaves::default());
    Ok(())
}

pub(super) fn turn_of_an_inventory_is_taken_by_one(sql: &mut dyn Sql) -> Result<()> {
    let inventory = begun(sql, kind("patient"))?;
    let begun = Reached { listed: None, is_whole: false, event: 7 };
    assert_eq!((&inventory.reached, inventory.turn), (&begun, 0));
    assert_eq!((inventory.form.as_str(), inventory.epoch.as_str()), ("form", "epoch"));
    let reached = Reached { listed: Some("p9".to_string()), is_whole: true, event: 9 };
    assert!(digests::take_turn(sql, &inventory, &reached)?);
    assert!(!digests::take_turn(sql, &inventory, &begun)?, "somebody else has taken it");
    let next = digests::find(sql, kind("patient"))?.unwrap();
    assert_eq!((&next.reached, next.turn), (&reached, 1));
    assert!(digests::take_turn(sql, &next, &reached)?);
    Ok(())
}

pub(super) fn inventory_that_began_anew_has_nothing_of_before(sql: &mut dyn Sql) -> Result<()> {
    let before = begun(sql, kind("patient"))?;
    let many: Vec<_> = (0..1100).map(|number| hashed(format!("p{number}"), "a")).collect();
    digests::put_all(sql, before.number, &many)?;
    let other = begun(sql, kind("visit"))?;
    digests::put_all(sql, other.number, &many[..1])?;
    let anew = begun(sql, kind("patient"))?;
    assert!(anew.number != before.number && anew.number != other.number);
    assert_eq!(digests::leaves(sql, anew.number, 0..LEAVES)?, Leaves::default());
    assert!(!digests::take_turn(sql, &before, &before.reached)?, "it counts no more");
    let mut rounds = 0;
    while digests::remove_some(sql)? {
        rounds += 1;
    }
    assert_eq!(rounds, 3);
    assert_eq!(digests::hashes(sql, before.number, &["p1"])?.len(), 0);
    assert_eq!(digests::leaves(sql, before.number, 0..LEAVES)?, Leaves::default());
    assert_eq!(digests::hashes(sql, other.number, &["p0"])?.len(), 1);
    Ok(())
}

pub(super) fn agreements_on_other_hashes_than_each_other_are_listed(sql: &mut dyn Sql) -> Result<()> {
    let agreed = |uuid: &str, local: Option<&str>, remote: Option<&str>| {
        let state = ObjectState {
            local_hash: local.map(str::to_string),
            remote_hash: remote.map(str::to_string),
            representation: Representation::Fhir,
            canonical_version: 4,
            restored_to: None,
            replaced: Vec::new(),
        };
        (patient(uuid), state)
    };
    let mut states = vec![
        agreed("a", Some("1"), Some("1")),
        agreed("b", Some("1"), Some("2")),
        agreed("c", None, None),
        agreed("d", None, Some("2")),
        agreed("e", Some("1"), None),
    ];
    states.push((object("visit", "b"), states[1].1.clone()));
    object_states::put_all(sql, &states)?;
    let uuids = |sql: &mut dyn Sql, after: &str, most: u32| -> Result<Vec<String>> {
        let unlike = object_states::unlike(sql, Category::patient(), after, most)?;
        Ok(unlike.into_iter().map(|(uuid, _)| uuid).collect())
    };
    assert_eq!(uuids(sql, "", 10)?, ["b", "d", "e"]);
    assert_eq!((uuids(sql, "", 1)?, uuids(sql, "b", 1)?), (vec!["b".to_string()], vec!["d".to_string()]));
    Ok(())
}

pub(super) fn objects_that_events_of_some_categories_tell_of_are_found(sql: &mut dyn Sql) -> Result<()> {
    let told = |object| ObjectEvent { object, action: Action::Updated, patient: None, location: None, caused_by: None };
    events::lock(sql)?;
    let objects = [patient("p1"), object("visit", "v"), object("person", "q"), patient("p1"), patient("p2")];
    events::append(sql, &objects.map(told))?;
    let last = events::last_number(sql, None)?;
    let categories = [Category::patient(), Category::parse("person").unwrap()];
    let mut found = |range: [u64; 2], most: u32| events::objects_told_of(sql, range, &categories, most);
    let all = found([last - 4, last], 10)?;
    let uuids: Vec<&str> = all.iter().map(|(_, uuid)| uuid.as_str()).collect();
    assert_eq!(uuids, ["p1", "q", "p1", "p2"]);
    assert_eq!(found([last - 1, last], 1)?, [(last - 1, "p1".to_string())]);
    Ok(())
}
