//! Places of records that were not kept where they were saved: how often, with what loses nothing counted apart. The audit
//! messages say it one by one.

use serde::Serialize;

use super::entry_rules::add_to;
use super::named;
use super::row::read_all;
use super::statement::name;
use super::{LARGEST_LIST, Sql, SqlValue, now};
use crate::decide::loss::place;
use crate::error::Result;
use crate::event::{Category, Direction};

/// The longest text of the column of a place.
const LONGEST_PLACE: usize = 255;

const TABLE: &str = "sync2_lost_path";
const KEY: [&str; 4] = ["direction", "category", "lost_path", "harmless"];

/// Something that was not kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LostPath {
    /// Which way the record travelled.
    pub direction: Direction,
    /// The kind of object that lost it.
    pub category: Category,
    /// Where in the document, whatever the part, such as `identifier.value`.
    pub place: String,
    /// True for what OpenMRS always makes of it, and loses nothing.
    pub harmless: bool,
}

impl LostPath {
    /// Returns the place that a path of a document is counted as.
    pub fn of(direction: Direction, category: Category, path: &str, harmless: bool) -> LostPath {
        let place = place(path).chars().take(LONGEST_PLACE).collect();
        LostPath { direction, category, place, harmless }
    }
}

/// How many records something was not kept of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CountedPath {
    /// Which way the records travelled.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// The kind of objects.
    #[serde(serialize_with = "named::serialize")]
    pub category: Category,
    /// Where in the document, whatever the part.
    pub path: String,
    /// True for what OpenMRS always makes of it, and loses nothing.
    pub harmless: bool,
    /// How many records.
    pub records: i64,
    /// When the last of them was saved, milliseconds since 1970 by the database's clock.
    pub last_at: i64,
}

/// Counts what was not kept of records, each place once for a record, in one order, so that two that count do not wait for each other.
pub fn count(sql: &mut dyn Sql, lost: &[LostPath]) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let time = now(sql)?;
    let mut sorted = lost.to_vec();
    sorted.sort();
    for same in sorted.chunk_by(|one, next| one == next) {
        let Some(lost) = same.first() else { continue };
        let key = [
            name(lost.direction),
            name(lost.category),
            SqlValue::from(lost.place.as_str()),
            i64::from(lost.harmless).into(),
        ];
        add_to(sql, (TABLE, &KEY), (same.len() as i64, time), &key)?;
    }
    Ok(())
}

/// The places, what loses something first, then the most frequent first.
pub fn list(sql: &mut dyn Sql) -> Result<Vec<CountedPath>> {
    let statement = "SELECT direction, category, lost_path, harmless, records, last_at FROM sync2_lost_path \
                     ORDER BY harmless, records DESC, lost_path LIMIT ?";
    read_all(sql, statement, &[LARGEST_LIST.into()], |row| {
        Ok(CountedPath {
            direction: row.named()?,
            category: row.named()?,
            path: row.text()?,
            harmless: row.int()? != 0,
            records: row.int()?,
            last_at: row.int()?,
        })
    })
}
