//! The store's promises about the feed that a node publishes.

use std::collections::BTreeSet;

use super::{committed, in_rolled_back, object, patient};
use crate::config::Config;
use crate::decide::changes::ObjectEvent;
use crate::error::{ErrorKind, Result};
use crate::event::{Action, Category, ObjectId};
use crate::feed::publisher;
use crate::store::events::{self, PublishedEvent, Removal};
use crate::store::{Sql, SqlValue, Transaction, now, outbox};

fn event(object: ObjectId) -> ObjectEvent {
    ObjectEvent { object, action: Action::Updated, patient: None, location: None, caused_by: None }
}

fn patients(count: usize) -> Vec<ObjectEvent> {
    (0..count).map(|number| event(patient(&format!("p{number}")))).collect()
}

fn numbers(events: &[PublishedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.number).collect()
}

pub(super) fn feed_begins_once(sql: &mut dyn Sql) -> Result<()> {
    assert_eq!(events::own_feed(sql)?, None);
    events::lock(sql)?;
    let begun = events::begin_feed(sql, 100)?;
    assert_eq!((begun.epoch.len(), begun.page_size), (36, 100));
    assert_eq!(events::begin_feed(sql, 7)?, begun);
    assert_eq!(events::own_feed(sql)?, Some(begun));
    Ok(())
}

pub(super) fn events_are_numbered(sql: &mut dyn Sql) -> Result<()> {
    events::append(sql, &[event(patient("a")), event(object("visit", "v")), event(patient("b"))])?;
    events::append(sql, &[])?;
    events::append(sql, &[event(patient("c"))])?;
    let all = events::range(sql, 1, 100)?;
    assert_eq!(numbers(&all), [1, 2, 3, 4]);
    assert_eq!(all.iter().map(|event| event.category_number).collect::<Vec<_>>(), [1, 1, 2, 3]);
    assert_eq!(numbers(&events::range(sql, 2, 3)?), [2, 3]);
    let patients = Category::patient();
    assert_eq!(numbers(&events::range_of_category(sql, patients, 2, 3)?), [3, 4]);
    let last = [None, Some(patients), Category::parse("location")].map(|category| events::last_number(sql, category));
    assert_eq!(last.into_iter().collect::<Result<Vec<_>>>()?, [4, 3, 0]);
    Ok(())
}

pub(super) fn events_of_other_categories_are_passed_over(sql: &mut dyn Sql) -> Result<()> {
    let told = [patient("a"), object("visit", "v"), object("encounter", "e"), patient("b"), patient("c")];
    events::append(sql, &told.map(event))?;
    let others = ["visit", "encounter"].map(|name| Category::parse(name).unwrap_or_else(Category::patient));
    for (range, without, most, expected) in [
        ([1, 5], &others[..], 10, vec![1, 4, 5]),
        ([1, 5], &others[..1], 10, vec![1, 3, 4, 5]),
        ([1, 5], &[], 3, vec![1, 2, 3]),
        ([2, 4], &others[..], 10, vec![4]),
        ([2, 3], &others[..], 10, vec![]),
        ([6, 5], &others[..], 10, vec![]),
    ] {
        assert_eq!(numbers(&events::range_without(sql, range, without, most)?), expected, "{range:?} {without:?}");
    }
    let counts = [(1, 5), (2, 4), (6, 5), (5, 9)].map(|(first, last)| events::count_range(sql, first, last));
    assert_eq!(counts.into_iter().collect::<Result<Vec<_>>>()?, [5, 3, 0, 1]);
    Ok(())
}

pub(super) fn events_come_back(sql: &mut dyn Sql) -> Result<()> {
    let full = ObjectEvent {
        object: object("drug_order", "o"),
        action: Action::Voided,
        patient: Some("p".into()),
        location: Some("l".into()),
        caused_by: Some(object("encounter", "e")),
    };
    let before = now(sql)?;
    events::append(sql, &[full.clone(), event(patient("a"))])?;
    let published = events::range(sql, 1, 2)?;
    assert_eq!(published[0].event, full);
    assert_eq!(published[1].event, event(patient("a")));
    assert!(published[0].uuid.len() == 36 && published[0].uuid != published[1].uuid);
    assert!(published[0].published_at >= before);
    Ok(())
}

pub(super) fn last_event_of_an_object_is_found(sql: &mut dyn Sql) -> Result<()> {
    let voided = ObjectEvent { action: Action::Voided, caused_by: Some(patient("a")), ..event(object("visit", "v")) };
    events::append(sql, &[event(object("visit", "v")), event(patient("a")), voided.clone(), event(patient("b"))])?;
    let objects = [object("visit", "v"), patient("a"), patient("v"), patient("never")];
    let expected = [(object("visit", "v"), voided), (patient("a"), event(patient("a")))];
    assert_eq!(events::last_of(sql, &objects)?, expected.into());
    Ok(())
}

pub(super) fn changes_of_the_engine_are_one_transaction(sql: &mut dyn Sql) -> Result<()> {
    outbox::add_together(sql, &[], Action::Updated)?;
    outbox::add_together(sql, &[object("visit", "v"), patient("a")], Action::Updated)?;
    let changes = outbox::take(sql, 10)?;
    assert_eq!(changes.iter().map(|change| &change.object.uuid).collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(changes[0].transaction, changes[1].transaction);
    Ok(())
}

fn set_published_at(sql: &mut dyn Sql, last: i64, time: i64) -> Result<()> {
    let statement = "UPDATE sync2_event SET published_at = ? WHERE event_no <= ?";
    sql.update(statement, &[time.into(), last.into()]).map(drop)
}

pub(super) fn old_events_are_removed(sql: &mut dyn Sql) -> Result<()> {
    events::append(sql, &patients(20))?;
    set_published_at(sql, 20, 2000)?;
    set_published_at(sql, 13, 1000)?;
    // One page at a time, then what is left of the old ones but for the page that is not all old.
    assert_eq!(events::remove_older(sql, 1500, 3, 1, None)?, removal(3, false));
    assert_eq!(events::oldest_number(sql)?, Some(4));
    assert_eq!(events::remove_older(sql, 1500, 3, 100, None)?, removal(9, false));
    assert_eq!(events::remove_older(sql, 1500, 3, 100, None)?, removal(0, false));
    assert_eq!(events::oldest_number(sql)?, Some(13));
    assert_eq!(events::last_number(sql, None)?, 20);
    Ok(())
}

pub(super) fn events_of_the_future_are_removed(sql: &mut dyn Sql) -> Result<()> {
    const YEAR: i64 = 365 * 86_400_000;
    let time = now(sql)?;
    events::append(sql, &patients(21))?;
    // Pages of three: one right, two of a clock that was a year ahead, one right, and what is not old.
    for (last, published_at) in [(18, time), (12, 1000), (9, time + YEAR), (3, 1000)] {
        set_published_at(sql, last, published_at)?;
    }
    assert_eq!(events::remove_older(sql, 1500, 3, 3, None)?, removal(3, false));
    assert_eq!(events::remove_older(sql, 1500, 3, 2, None)?, removal(0, false));
    assert_eq!(events::remove_older(sql, 1500, 3, 100, Some(10))?, removal(0, true));
    assert_eq!(events::remove_older(sql, 1500, 3, 100, None)?, removal(9, false));
    assert_eq!(events::oldest_number(sql)?, Some(13));
    // Nothing old follows them.
    set_published_at(sql, 15, time + YEAR)?;
    assert_eq!(events::remove_older(sql, 1500, 3, 100, None)?, removal(0, false));
    Ok(())
}

fn removal(removed: u64, held_back: bool) -> Removal {
    Removal { removed, held_back }
}

pub(super) fn needed_events_stay(sql: &mut dyn Sql) -> Result<()> {
    events::append(sql, &patients(12))?;
    set_published_at(sql, 9, 1000)?;
    for nothing_pushed in [0, 1, 3] {
        assert_eq!(events::remove_older(sql, 1500, 3, 100, Some(nothing_pushed))?, removal(0, true));
    }
    // With its page, of which it is the last.
    assert_eq!(events::remove_older(sql, 1500, 3, 100, Some(6))?, removal(3, true));
    assert_eq!(events::remove_older(sql, 1500, 3, 1, Some(7))?, removal(3, false));
    assert_eq!(events::remove_older(sql, 500, 3, 100, Some(7))?, removal(0, false));
    assert_eq!(events::remove_older(sql, 1500, 3, 100, Some(12))?, removal(3, false));
    assert_eq!(events::oldest_number(sql)?, Some(10));
    Ok(())
}

pub(super) fn newest_page_stays(sql: &mut dyn Sql) -> Result<()> {
    assert_eq!(events::remove_older(sql, i64::MAX, 3, 100, None)?, removal(0, false));
    events::append(sql, &patients(6))?;
    assert_eq!(events::remove_older(sql, i64::MAX, 3, 100, None)?, removal(3, false));
    assert_eq!(numbers(&events::range(sql, 1, 6)?), [4, 5, 6]);
    Ok(())
}

pub(super) fn missing_counter_is_told(sql: &mut dyn Sql) -> Result<()> {
    events::lock(sql)?;
    sql.update("DELETE FROM sync2_counter WHERE counter_name = 'event'", &[])?;
    let refused = events::lock(sql).expect_err("nothing to lock");
    assert!(refused.kind == ErrorKind::Host && refused.message.contains("insert it again"), "{refused}");
    Ok(())
}

/// Writes changes of patients to the outbox, as a transaction of the host does.
fn capture(sql: &mut dyn Sql, transaction: &str, changes: &[(&str, Action)]) -> Result<()> {
    let statement = outbox::insert_statement(sql.dialect());
    for (number, (uuid, action)) in changes.iter().enumerate() {
        let id = format!("{transaction}.{number}");
        let texts = [id.as_str(), transaction, "patient", uuid, action.name(), uuid].map(SqlValue::from);
        let row: Vec<SqlValue> = texts.into_iter().chain([SqlValue::Null, SqlValue::Null]).collect();
        sql.update(&statement, &row)?;
    }
    Ok(())
}

pub(super) fn what_is_committed_is_published(database: &mut dyn Transaction) -> Result<()> {
    let feed = publisher::publish(database, 2)?;
    in_rolled_back(database, |sql| capture(sql, "t1", &[("rolled back", Action::Created)]))?;
    committed(database, |sql| {
        capture(sql, "t2", &[("a", Action::Created), ("b", Action::Created), ("a", Action::Updated)])
    })?;
    assert_eq!(publisher::publish(database, 9)?, feed);
    committed(database, |sql| capture(sql, "t3", &[("a", Action::Voided)]))?;
    publisher::publish(database, 2)?;
    publisher::publish(database, 2)?;
    let published = in_rolled_back(database, |sql| events::range(sql, 1, 100))?;
    let told: Vec<_> = published.iter().map(|told| (told.event.object.uuid.as_str(), told.event.action)).collect();
    assert_eq!(told, [("a", Action::Created), ("b", Action::Created), ("a", Action::Voided)]);
    assert!(in_rolled_back(database, outbox::is_empty)?, "what was published is still waiting");

    let [for_ever, for_a_day] = [0, 1].map(|days| {
        let document = format!(r#"{{"pull": {{"enabled": false}}, "feed": {{"keepDays": {days}}}}}"#);
        Config::parse(&document, &|_| None).expect("a configuration")
    });
    publisher::remove_expired(database, &feed, &for_a_day)?;
    committed(database, |sql| set_published_at(sql, 3, 0))?;
    publisher::remove_expired(database, &feed, &for_ever)?;
    assert_eq!(in_rolled_back(database, events::oldest_number)?, Some(1));
    publisher::remove_expired(database, &feed, &for_a_day)?;
    assert_eq!(in_rolled_back(database, events::oldest_number)?, Some(3));
    Ok(())
}
