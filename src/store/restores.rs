//! The note that the parent was restored from an older copy, and how far what it may have lost has been looked for.

use super::row::read_first;
use super::{Sql, now, object_states};
use crate::error::Result;
use crate::wire::FeedPlace;

/// The state of the last time that the parent was found to be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    /// Its place among all, from 1.
    pub number: i64,
    /// When it was noticed, milliseconds since 1970 by the database's clock.
    pub noticed_at: i64,
    /// The number of the last event that the parent had had.
    pub seen: u64,
    /// The number of the last event of those that it still has; 0 when none is known.
    pub restored_to: u64,
    /// The sighting of the parent at which it was there; 0 when none is known.
    pub sighting: i64,
    /// How many agreements it may have lost.
    pub doubtful: u64,
    /// True if all of them have been looked for.
    pub ended: bool,
    /// When all of them had been agreed on with the parent, milliseconds since 1970 by the database's clock.
    pub settled_at: Option<i64>,
}

/// The last one.
pub fn last(sql: &mut dyn Sql) -> Result<Option<Restore>> {
    let statement = "SELECT restore_no, noticed_at, seen_event_no, restored_to, sighting_no, doubtful_objects, ended_at, \
                     settled_at FROM sync2_restore ORDER BY restore_no DESC LIMIT 1";
    read_first(sql, statement, &[], |row| {
        Ok(Restore {
            number: row.int()?,
            noticed_at: row.int()?,
            seen: row.count()?,
            restored_to: row.count()?,
            sighting: row.int()?,
            doubtful: row.count()?,
            ended: row.int_or_null()?.is_some(),
            settled_at: row.int_or_null()?,
        })
    })
}

/// Notes that the parent was restored: where it had been, and, with the sighting, where it was found to be.
pub fn begin(sql: &mut dyn Sql, seen: &FeedPlace, restored_to: u64, sighting: i64) -> Result<()> {
    let number = last(sql)?.map_or(0, |last| last.number) + 1;
    let time = now(sql)?;
    let statement = "INSERT INTO sync2_restore (restore_no, noticed_at, seen_event_no, restored_to, sighting_no, \
                     doubtful_objects) VALUES (?, ?, ?, ?, ?, 0)";
    let parameters = [number, time, seen.number as i64, restored_to as i64, sighting].map(Into::into);
    sql.update(statement, &parameters).map(drop)
}

/// So many agreements more were found that it may have lost.
pub fn found(sql: &mut dyn Sql, number: i64, doubtful: u64) -> Result<()> {
    let statement = "UPDATE sync2_restore SET doubtful_objects = doubtful_objects + ? WHERE restore_no = ?";
    sql.update(statement, &[(doubtful as i64).into(), number.into()]).map(drop)
}

/// All of them have been found.
pub fn end(sql: &mut dyn Sql, number: i64) -> Result<()> {
    let time = now(sql)?;
    sql.update("UPDATE sync2_restore SET ended_at = ? WHERE restore_no = ?", &[time.into(), number.into()]).map(drop)
}

/// The last one, and how many of its objects are not agreed on with the parent yet.
pub fn last_with_rest(sql: &mut dyn Sql) -> Result<Option<(Restore, u64)>> {
    match last(sql)? {
        Some(restore) if restore.settled_at.is_none() => Ok(Some((restore, object_states::count_restored(sql)?))),
        restore => Ok(restore.map(|restore| (restore, 0))),
    }
}

/// As [`last_with_rest`], and notes it when none is left.
pub fn settle(sql: &mut dyn Sql) -> Result<Option<(Restore, u64)>> {
    let last = last_with_rest(sql)?;
    let Some((restore, 0)) = &last else { return Ok(last) };
    if !restore.ended || restore.settled_at.is_some() {
        return Ok(last);
    }
    let time = now(sql)?;
    let statement = "UPDATE sync2_restore SET settled_at = ? WHERE restore_no = ?";
    sql.update(statement, &[time.into(), restore.number.into()])?;
    Ok(Some((Restore { settled_at: Some(time), ..restore.clone() }, 0)))
}
