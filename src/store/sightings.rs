//! Where the parent's feed ended each time that this node has heard of it: by that a parent that was restored from an older
//! copy is known, and how old that copy is.

use super::row::{one_int, read_all};
use super::{Sql, now};
use crate::error::Result;
use crate::wire::FeedPlace;

/// The most that are kept.
const MOST_KEPT: i64 = 10_000;

/// One time that the parent was heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its place among all, from 1.
    pub number: i64,
    /// Where the parent's feed ended.
    pub place: FeedPlace,
}

/// The number of the newest; 0 when there is none.
pub fn newest_number(sql: &mut dyn Sql) -> Result<i64> {
    one_int(sql, "SELECT COALESCE(MAX(sighting_no), 0) FROM sync2_sighting", &[])
}

/// The newest, at most so many, the newest first.
pub fn newest(sql: &mut dyn Sql, most: u32) -> Result<Vec<Sighting>> {
    let statement = "SELECT sighting_no, feed_epoch, event_no, event_uuid FROM sync2_sighting \
                     ORDER BY sighting_no DESC LIMIT ?";
    read_all(sql, statement, &[most.into()], |row| {
        let number = row.int()?;
        Ok(Sighting { number, place: FeedPlace { epoch: row.text()?, number: row.count()?, event: row.text()? } })
    })
}

/// Adds one, unless it is where the parent was seen last. The oldest of very many are forgotten.
pub fn add(sql: &mut dyn Sql, place: &FeedPlace) -> Result<()> {
    let last = newest(sql, 1)?.pop();
    if last.as_ref().is_some_and(|last| last.place == *place) {
        return Ok(());
    }
    let number = last.map_or(0, |last| last.number) + 1;
    let time = now(sql)?;
    sql.update(
        "INSERT INTO sync2_sighting (sighting_no, feed_epoch, event_no, event_uuid, seen_at) VALUES (?, ?, ?, ?, ?)",
        &[
            number.into(),
            place.epoch.as_str().into(),
            (place.number as i64).into(),
            place.event.as_str().into(),
            time.into(),
        ],
    )?;
    sql.update("DELETE FROM sync2_sighting WHERE sighting_no <= ?", &[(number - MOST_KEPT).into()]).map(drop)
}

/// Forgets those after that one: the parent has not been there any more.
pub fn forget_after(sql: &mut dyn Sql, number: i64) -> Result<()> {
    sql.update("DELETE FROM sync2_sighting WHERE sighting_no > ?", &[number.into()]).map(drop)
}
