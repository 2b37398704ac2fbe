//! How far each feed has been worked through.

use std::sync::Arc;

use super::row::{Columns, read_all};
use super::statement::name;
use super::{Sql, now};
use crate::error::Result;
use crate::event::{Direction, Event};

/// The last event of a feed that this node has finished with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The feed: `sync2` for the parent's own, in the atomfeed dialect the name of its category.
    pub feed: Arc<str>,
    /// The epoch of the feed, within which event ids are unique.
    pub epoch: Arc<str>,
    /// The page that the entry stood on, as an absolute url.
    pub page_url: Arc<str>,
    /// The entry's `atom:id`.
    pub entry_id: String,
    /// The entry's `atom:updated`, milliseconds since 1970 by the parent's clock.
    pub updated: i64,
}

impl Marker {
    /// The entry of a marker before the first event of its page, where the pages before it are not there any more.
    pub const BEFORE_THE_PAGE: &'static str = "";

    /// The marker that stands at an event.
    pub fn at(event: &Event) -> Marker {
        Marker {
            feed: event.feed.clone(),
            epoch: event.epoch.clone(),
            page_url: event.page_url.clone(),
            entry_id: event.id.clone(),
            updated: event.updated,
        }
    }
}

/// The position in one feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPosition {
    /// The feed: `sync2` for the parent's own, in the atomfeed dialect the name of its category.
    pub feed: Arc<str>,
    /// The epoch that its events are audited under.
    pub epoch: Arc<str>,
    /// Where to go on; nothing before the first event.
    pub marker: Option<Marker>,
    /// How many events have been passed in this epoch.
    pub events: u64,
}

impl FeedPosition {
    /// Returns true if events of this epoch were passed, also when the marker was set back since.
    pub fn has_begun(&self) -> bool {
        self.events > 0
    }
}

/// The positions of all feeds of a direction, ordered by feed name.
pub fn load(sql: &mut dyn Sql, direction: Direction) -> Result<Vec<FeedPosition>> {
    let statement = "SELECT feed, feed_epoch, events, page_url, entry_id, entry_updated FROM sync2_marker \
                     WHERE direction = ? ORDER BY feed";
    read_all(sql, statement, &[name(direction)], read)
}

fn read(row: &mut Columns) -> Result<FeedPosition> {
    let feed: Arc<str> = row.text()?.into();
    let epoch: Arc<str> = row.text()?.into();
    let events = row.count()?;
    let marker = match (row.text_or_null()?, row.text_or_null()?, row.int_or_null()?) {
        (Some(page_url), Some(entry_id), Some(updated)) => Some(Marker {
            feed: Arc::clone(&feed),
            epoch: Arc::clone(&epoch),
            page_url: page_url.into(),
            entry_id,
            updated,
        }),
        _ => None,
    };
    Ok(FeedPosition { feed, epoch, marker, events })
}

/// Starts a feed, or an epoch of it, from its first event. Committed before the first batch, so that the epoch, and with
/// it the audit's keys, are the same after a batch was rolled back.
pub fn start_epoch(sql: &mut dyn Sql, direction: Direction, feed: &str, epoch: &str) -> Result<()> {
    let time = now(sql)?;
    let updated = sql.update(
        "UPDATE sync2_marker SET feed_epoch = ?, page_url = NULL, entry_id = NULL, entry_updated = NULL, events = 0, \
         changed_at = ? WHERE direction = ? AND feed = ?",
        &[epoch.into(), time.into(), name(direction), feed.into()],
    )?;
    if updated == 0 {
        sql.update(
            "INSERT INTO sync2_marker (feed_epoch, changed_at, direction, feed, events) VALUES (?, ?, ?, ?, 0)",
            &[epoch.into(), time.into(), name(direction), feed.into()],
        )?;
    }
    Ok(())
}

/// The epoch of a feed has another name from now on; its marker stays.
pub fn rename_epoch(sql: &mut dyn Sql, direction: Direction, old: &str, new: &str) -> Result<()> {
    let time = now(sql)?;
    sql.update(
        "UPDATE sync2_marker SET feed_epoch = ?, changed_at = ? WHERE direction = ? AND feed_epoch = ?",
        &[new.into(), time.into(), name(direction), old.into()],
    )?;
    Ok(())
}

/// Moves the marker of a feed past `passed` more events.
pub fn put(sql: &mut dyn Sql, direction: Direction, marker: &Marker, passed: u64) -> Result<()> {
    let time = now(sql)?;
    let parameters = [
        marker.epoch.as_ref().into(),
        marker.page_url.as_ref().into(),
        marker.entry_id.as_str().into(),
        marker.updated.into(),
        time.into(),
        (passed as i64).into(),
        name(direction),
        marker.feed.as_ref().into(),
    ];
    let updated = sql.update(
        "UPDATE sync2_marker SET feed_epoch = ?, page_url = ?, entry_id = ?, entry_updated = ?, changed_at = ?, \
         events = events + ? WHERE direction = ? AND feed = ?",
        &parameters,
    )?;
    if updated == 0 {
        sql.update(
            "INSERT INTO sync2_marker \
             (feed_epoch, page_url, entry_id, entry_updated, changed_at, events, direction, feed) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            &parameters,
        )?;
    }
    Ok(())
}
