//! The feed that this node publishes: its events, in the order of their numbers, which have no gaps.
//!
//! Invariant: events are numbered by whoever has locked the counter, in a transaction that commits before the lock goes to
//! another. So a reader who has seen a number has seen, or can see, every one before it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::slice;

use uuid::Uuid;

use super::row::{Columns, one_int, read_all, read_first};
use super::statement::{insert_rows, keys_by_category, marks, name, name_or_null, objects_in, with_category};
use super::{LARGEST_LIST, Sql, SqlValue, markers, now};
use crate::decide::changes::ObjectEvent;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId};
use crate::wire::FeedPlace;

/// An event of this node's feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedEvent {
    /// Its place in the complete feed, from 1.
    pub number: u64,
    /// Its place in the feed of its category, from 1.
    pub category_number: u64,
    /// Its id, a uuid.
    pub uuid: String,
    /// The object, and what happened to it.
    pub event: ObjectEvent,
    /// Milliseconds since 1970 by the database's clock.
    pub published_at: i64,
}

/// The facts that are fixed for as long as a feed has the same epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFeed {
    /// A uuid.
    pub epoch: String,
    /// Entries on a page.
    pub page_size: u32,
}

const EVENT_COUNTER: &str = "event";

const COLUMNS: &str = "event_no, category_no, uuid, category, object_uuid, event_action, patient_uuid, location_uuid, \
     caused_by_category, caused_by_uuid, published_at";

/// Keeps all others from publishing until the transaction ends.
pub fn lock(sql: &mut dyn Sql) -> Result<()> {
    let statement = "UPDATE sync2_counter SET counter_value = counter_value WHERE counter_name = ?";
    match sql.update(statement, &[EVENT_COUNTER.into()])? {
        0 => Err(Error::new(
            ErrorKind::Host,
            "the row of table sync2_counter was deleted: insert it again (counter_name event, counter_value 0)",
        )),
        _ => Ok(()),
    }
}

/// This node's feed; nothing before it began.
pub fn own_feed(sql: &mut dyn Sql) -> Result<Option<OwnFeed>> {
    read_first(sql, "SELECT feed_epoch, page_size FROM sync2_feed WHERE slot = 1", &[], |row| {
        Ok(OwnFeed { epoch: row.text()?, page_size: row.count()? as u32 })
    })
}

/// This node's feed, which begins now with pages of that size if there was none. The caller holds the [`lock`].
pub fn begin_feed(sql: &mut dyn Sql, page_size: u32) -> Result<OwnFeed> {
    if let Some(feed) = own_feed(sql)? {
        return Ok(feed);
    }
    let feed = OwnFeed { epoch: Uuid::new_v4().to_string(), page_size };
    let statement = "INSERT INTO sync2_feed (slot, feed_epoch, page_size) VALUES (1, ?, ?)";
    sql.update(statement, &[feed.epoch.as_str().into(), page_size.into()])?;
    Ok(feed)
}

/// Begins a new epoch of this node's feed, if it has begun: its readers must not take its events for those of another server.
/// Pushed events stay pushed. Locks the feed until the transaction ends.
pub fn begin_epoch(sql: &mut dyn Sql) -> Result<()> {
    lock(sql)?;
    let Some(feed) = own_feed(sql)? else { return Ok(()) };
    let epoch = Uuid::new_v4().to_string();
    sql.update("UPDATE sync2_feed SET feed_epoch = ? WHERE slot = 1", &[epoch.as_str().into()])?;
    markers::rename_epoch(sql, Direction::Push, &feed.epoch, &epoch)
}

/// Numbers events and adds them to the feed, in this order. The caller holds the [`lock`].
pub fn append(sql: &mut dyn Sql, events: &[ObjectEvent]) -> Result<()> {
    let time = now(sql)?;
    let mut last = counter(sql, EVENT_COUNTER)?.unwrap_or(0);
    let mut last_of_category: BTreeMap<Category, i64> = BTreeMap::new();
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        last += 1;
        let category = event.object.category;
        let category_number = match last_of_category.get(&category) {
            Some(number) => number + 1,
            None => counter(sql, &category_counter(category))?.unwrap_or(0) + 1,
        };
        last_of_category.insert(category, category_number);
        rows.push(row(event, [last, category_number, time]));
    }
    insert_rows(sql, &format!("sync2_event ({COLUMNS})"), rows)?;
    for (category, number) in last_of_category {
        set_counter(sql, &category_counter(category), number)?;
    }
    set_counter(sql, EVENT_COUNTER, last)
}

fn row(event: &ObjectEvent, [number, category_number, time]: [i64; 3]) -> Vec<SqlValue> {
    vec![
        number.into(),
        category_number.into(),
        SqlValue::Text(Uuid::new_v4().to_string()),
        name(event.object.category),
        event.object.uuid.as_str().into(),
        name(event.action),
        event.patient.as_ref().into(),
        event.location.as_ref().into(),
        name_or_null(event.caused_by.as_ref().map(|owner| owner.category)),
        event.caused_by.as_ref().map(|owner| owner.uuid.as_str()).into(),
        time.into(),
    ]
}

/// The number of the last event that was published, of a category or of all; 0 when there was none. Events that were
/// removed since count.
pub fn last_number(sql: &mut dyn Sql, category: Option<Category>) -> Result<u64> {
    let counter_name = category.map_or_else(|| EVENT_COUNTER.to_string(), category_counter);
    Ok(counter(sql, &counter_name)?.unwrap_or(0).unsigned_abs())
}

/// Where the complete feed ends; nothing before it began.
pub fn last_place(sql: &mut dyn Sql) -> Result<Option<FeedPlace>> {
    let Some(OwnFeed { epoch, .. }) = own_feed(sql)? else { return Ok(None) };
    let number = last_number(sql, None)?;
    Ok(Some(FeedPlace { epoch, number, event: uuid_at(sql, number)?.unwrap_or_default() }))
}

/// Returns true if this feed has had that event, in whichever epoch. One that was removed since for its age counts where the epoch
/// is still the same, as does the place before the first: by these alone the feed of other tables looks alike.
pub fn has_had(sql: &mut dyn Sql, place: &FeedPlace) -> Result<bool> {
    if place.number > last_number(sql, None)? {
        return Ok(false);
    }
    match uuid_at(sql, place.number)? {
        Some(uuid) => Ok(uuid == place.event),
        None if own_feed(sql)?.is_none_or(|feed| feed.epoch != place.epoch) => Ok(false),
        None => Ok(place.number == 0 || oldest_number(sql)?.is_some_and(|oldest| oldest > place.number)),
    }
}

/// Returns true if nothing tells of the object after the event with that number. Not where that event, or one after it, is none of
/// those that the feed still has; nor at 0, which stands for no event at all: what was changed before the feed began is told of by
/// none.
pub fn is_untouched_since(sql: &mut dyn Sql, object: &ObjectId, number: u64) -> Result<bool> {
    let (oldest, last) = (oldest_number(sql)?, last_number(sql, None)?);
    if number == 0 || number > last || oldest.map_or(number < last, |oldest| oldest > number + 1) {
        return Ok(false);
    }
    Ok(!is_told_of_after(sql, object, number)?)
}

/// Returns true if an event after the one with that number tells of the object, or one that has no number yet.
pub fn is_told_of_after(sql: &mut dyn Sql, object: &ObjectId, number: u64) -> Result<bool> {
    Ok(!told_of_after(sql, slice::from_ref(object), number)?.is_empty())
}

/// As [`is_told_of_after`]: those of the objects of which that is true.
pub fn told_of_after(sql: &mut dyn Sql, objects: &[ObjectId], number: u64) -> Result<HashSet<ObjectId>> {
    let mut told = objects_in(sql, "sync2_outbox", objects)?;
    for (category, uuids) in keys_by_category(objects) {
        let marks = marks(uuids.len());
        let statement = format!(
            "SELECT DISTINCT object_uuid FROM sync2_event WHERE category = ? AND object_uuid IN ({marks}) AND event_no > ?"
        );
        let mut parameters = with_category(category, uuids);
        parameters.push((number as i64).into());
        let uuids = read_all(sql, &statement, &parameters, Columns::text)?;
        told.extend(uuids.into_iter().map(|uuid| ObjectId { category, uuid }));
    }
    Ok(told)
}

/// When the event with that number was published, milliseconds since 1970 by the database's clock; nothing when the feed does
/// not have it, or not any more.
pub fn published_at(sql: &mut dyn Sql, number: u64) -> Result<Option<i64>> {
    let statement = "SELECT published_at FROM sync2_event WHERE event_no = ?";
    read_first(sql, statement, &[(number as i64).into()], Columns::int)
}

fn uuid_at(sql: &mut dyn Sql, number: u64) -> Result<Option<String>> {
    let statement = "SELECT uuid FROM sync2_event WHERE event_no = ?";
    read_first(sql, statement, &[(number as i64).into()], Columns::text)
}

/// The events with numbers from `first` to `last`, both included, in the complete feed.
pub fn range(sql: &mut dyn Sql, first: u64, last: u64) -> Result<Vec<PublishedEvent>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_event WHERE event_no BETWEEN ? AND ? ORDER BY event_no");
    read_all(sql, &statement, &[(first as i64).into(), (last as i64).into()], read)
}

/// The first events with numbers from `first` to `last`, both included, that are of none of these categories; at most so many.
pub fn range_without(
    sql: &mut dyn Sql,
    [first, last]: [u64; 2],
    without: &[Category],
    most: u32,
) -> Result<Vec<PublishedEvent>> {
    let others = match without.len() {
        0 => String::new(),
        categories => format!(" AND category NOT IN ({})", marks(categories)),
    };
    let statement =
        format!("SELECT {COLUMNS} FROM sync2_event WHERE event_no BETWEEN ? AND ?{others} ORDER BY event_no LIMIT ?");
    let range = [(first as i64).into(), (last as i64).into()];
    let categories = without.iter().map(|category| name(*category));
    let parameters: Vec<SqlValue> =
        range.into_iter().chain(categories).chain([most.min(LARGEST_LIST).into()]).collect();
    read_all(sql, &statement, &parameters, read)
}

/// Numbers and objects' uuids of the events with numbers from `first` to `last`, both included, that are of these categories; in their
/// order, at most so many.
pub fn objects_told_of(
    sql: &mut dyn Sql,
    [first, last]: [u64; 2],
    categories: &[Category],
    most: u32,
) -> Result<Vec<(u64, String)>> {
    let statement = format!(
        "SELECT event_no, object_uuid FROM sync2_event WHERE event_no BETWEEN ? AND ? AND category IN ({}) \
         ORDER BY event_no LIMIT ?",
        marks(categories.len())
    );
    let range = [(first as i64).into(), (last as i64).into()];
    let categories = categories.iter().map(|category| name(*category));
    let parameters: Vec<SqlValue> =
        range.into_iter().chain(categories).chain([most.min(LARGEST_LIST).into()]).collect();
    read_all(sql, &statement, &parameters, |row| Ok((row.count()?, row.text()?)))
}

/// How many events are there with numbers from `first` to `last`, both included.
pub fn count_range(sql: &mut dyn Sql, first: u64, last: u64) -> Result<u64> {
    let statement = "SELECT COUNT(*) FROM sync2_event WHERE event_no BETWEEN ? AND ?";
    Ok(one_int(sql, statement, &[(first as i64).into(), (last as i64).into()])?.unsigned_abs())
}

/// The events with numbers from `first` to `last`, both included, in the feed of that category.
pub fn range_of_category(sql: &mut dyn Sql, category: Category, first: u64, last: u64) -> Result<Vec<PublishedEvent>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_event WHERE category = ? AND category_no BETWEEN ? AND ? ORDER BY category_no"
    );
    read_all(sql, &statement, &[name(category), (first as i64).into(), (last as i64).into()], read)
}

/// The newest events of an object, the last one first.
pub fn of_object(sql: &mut dyn Sql, object: &ObjectId, limit: u32) -> Result<Vec<PublishedEvent>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_event WHERE object_uuid = ? AND category = ? ORDER BY event_no DESC LIMIT ?"
    );
    let parameters = [object.uuid.as_str().into(), name(object.category), limit.min(LARGEST_LIST).into()];
    read_all(sql, &statement, &parameters, read)
}

/// Returns the last event of each of the objects, as far as that is still there.
pub fn last_of(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, ObjectEvent>> {
    let mut last = HashMap::new();
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT {COLUMNS} FROM sync2_event WHERE event_no IN (SELECT MAX(event_no) FROM sync2_event \
             WHERE object_uuid IN ({}) AND category = ? GROUP BY object_uuid)",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = uuids.into_iter().chain([name(category)]).collect();
        let events = read_all(sql, &statement, &parameters, read)?;
        last.extend(events.into_iter().map(|published| (published.event.object.clone(), published.event)));
    }
    Ok(last)
}

/// The number of the event with that uuid; nothing when it was removed, or never was.
pub fn number_of(sql: &mut dyn Sql, uuid: &str) -> Result<Option<u64>> {
    read_first(sql, "SELECT event_no FROM sync2_event WHERE uuid = ?", &[uuid.into()], Columns::count)
}

/// The number of the oldest event that is still there; nothing in an empty feed.
pub fn oldest_number(sql: &mut dyn Sql) -> Result<Option<u64>> {
    let oldest = read_first(sql, "SELECT MIN(event_no) FROM sync2_event", &[], Columns::int_or_null)?.flatten();
    Ok(oldest.map(i64::unsigned_abs))
}

/// The result of removing old events of this node's feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// How many were removed.
    pub removed: u64,
    /// True if there are others that are as old, and stay because they are needed.
    pub held_back: bool,
}

/// Removes the events of whole pages of the complete feed that were published before that time (milliseconds), at most so
/// many pages. The newest page stays, and so do those from the page of the event with the number `needed_from` on, if one
/// is given.
///
/// A page of events that are dated later than now, by a clock that was ahead, goes with the next page that is old: it is older
/// than that one.
pub fn remove_older(
    sql: &mut dyn Sql,
    before: i64,
    page_size: u32,
    most_pages: u32,
    needed_from: Option<u64>,
) -> Result<Removal> {
    let mut removal = Removal::default();
    let Some(oldest) = oldest_number(sql)? else { return Ok(removal) };
    let page_size = u64::from(page_size);
    let newest_page = last_number(sql, None)?.saturating_sub(1) / page_size;
    let first_page = (oldest - 1) / page_size;
    let first_needed = needed_from.map(|number| number.saturating_sub(1) / page_size);
    let mut remove_from = first_page;
    let time = now(sql)?;
    for page in (first_page..newest_page).take(most_pages as usize) {
        let last = ((page + 1) * page_size) as i64;
        match newest_within(sql, [(page * page_size + 1) as i64, last])? {
            Some(newest) if newest > time => continue,
            Some(newest) if newest >= before => break,
            _ => {}
        }
        removal.held_back = first_needed.is_some_and(|needed| page >= needed);
        if removal.held_back {
            break;
        }
        let removed = [SqlValue::Int((remove_from * page_size + 1) as i64), last.into()];
        removal.removed += sql.update("DELETE FROM sync2_event WHERE event_no BETWEEN ? AND ?", &removed)?;
        remove_from = page + 1;
    }
    Ok(removal)
}

/// When the newest of the events with these first and last numbers was published.
fn newest_within(sql: &mut dyn Sql, [first, last]: [i64; 2]) -> Result<Option<i64>> {
    let statement = "SELECT MAX(published_at) FROM sync2_event WHERE event_no BETWEEN ? AND ?";
    Ok(read_first(sql, statement, &[first.into(), last.into()], Columns::int_or_null)?.flatten())
}

fn read(row: &mut Columns) -> Result<PublishedEvent> {
    let (number, category_number, uuid) = (row.count()?, row.count()?, row.text()?);
    let event = ObjectEvent {
        object: row.object()?,
        action: row.named()?,
        patient: row.text_or_null()?,
        location: row.text_or_null()?,
        caused_by: row.object_or_null()?,
    };
    Ok(PublishedEvent { number, category_number, uuid, event, published_at: row.int()? })
}

fn category_counter(category: Category) -> String {
    format!("{EVENT_COUNTER}:{category}")
}

pub(super) fn counter(sql: &mut dyn Sql, counter_name: &str) -> Result<Option<i64>> {
    let statement = "SELECT counter_value FROM sync2_counter WHERE counter_name = ?";
    read_first(sql, statement, &[counter_name.into()], Columns::int)
}

pub(super) fn set_counter(sql: &mut dyn Sql, counter_name: &str, value: i64) -> Result<()> {
    let parameters = [value.into(), counter_name.into()];
    if sql.update("UPDATE sync2_counter SET counter_value = ? WHERE counter_name = ?", &parameters)? == 0 {
        sql.update("INSERT INTO sync2_counter (counter_value, counter_name) VALUES (?, ?)", &parameters)?;
    }
    Ok(())
}
