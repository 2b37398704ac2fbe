//! Since when and until when this node's host listened to its changes, and the times when it did not. Times here are those by
//! which the host dates its objects, so they are given to these functions.

use serde::Serialize;

use super::row::{Columns, one_int, read_all, read_first};
use super::{Sql, SqlValue};
use crate::error::Result;

/// A gap that was shorter and held nothing is forgotten when it has been searched: an hour.
const SHORTEST_TOLD: i64 = 3_600_000;

/// The end of a gap in which the clock was set back: rows that were dated before that are dated later than now, whenever
/// that is. A time that every database can hold, 9999-01-01.
pub const NO_END: i64 = 253_370_764_800_000;

/// How far the own feed tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// Changes before are not in it.
    pub tells_since: i64,
    /// The last time that the host was known to listen.
    pub heard_until: i64,
    /// How many objects there were when it began; nothing until they have been counted.
    pub older_objects: Option<i64>,
    /// The oldest first: those that are still searched, and the last that there is something to say of.
    pub gaps: Vec<Gap>,
}

/// A time when nobody listened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Its place among all gaps, from 1.
    pub number: i64,
    /// When nobody listened any more, milliseconds since 1970 by the clock of the host.
    pub from: i64,
    /// [`NO_END`] where the clock was set back.
    pub until: i64,
    /// The kind that is searched now, as the host calls it; nothing before the search begins.
    pub kind: Option<String>,
    /// The last primary key of that kind that was looked at.
    pub passed: i64,
    /// Changes that were found.
    pub found: i64,
    /// True if all of it has been searched.
    #[serde(skip)]
    pub ended: bool,
}

/// Returns the state; nothing before the first [`begin`].
pub fn get(sql: &mut dyn Sql) -> Result<Option<Listening>> {
    let statement = "SELECT tells_since, heard_until, older_objects FROM sync2_listening WHERE slot = 1";
    let known = read_first(sql, statement, &[], |row| {
        Ok(Listening {
            tells_since: row.int()?,
            heard_until: row.int()?,
            older_objects: row.int_or_null()?,
            gaps: Vec::new(),
        })
    })?;
    match known {
        Some(known) => Ok(Some(Listening { gaps: gaps(sql)?, ..known })),
        None => Ok(None),
    }
}

fn gaps(sql: &mut dyn Sql) -> Result<Vec<Gap>> {
    let statement = "SELECT gap_no, missed_from, missed_until, searched_kind, passed_key, found_changes, ended_at \
                     FROM sync2_gap ORDER BY gap_no LIMIT 100";
    read_all(sql, statement, &[], |row| {
        Ok(Gap {
            number: row.int()?,
            from: row.int()?,
            until: row.int()?,
            kind: row.text_or_null()?,
            passed: row.int()?,
            found: row.int()?,
            ended: row.int_or_null()?.is_some(),
        })
    })
}

/// The host listens from now on. What it missed since it was last heard of becomes a gap; a node that has published events
/// before it kept this record has missed what came after the newest of them.
pub fn begin(sql: &mut dyn Sql, time: i64) -> Result<()> {
    match get(sql)? {
        Some(known) => {
            let from = last_heard(sql, &known, time)?;
            missed(sql, from, if known.heard_until > time { NO_END } else { time })?;
        }
        None => begin_record(sql, time)?,
    }
    heard(sql, time)
}

/// When the host was heard last, at that time. A record of a later time was made while the clock was ahead: then it goes by the
/// last event that was published at a time which has passed.
fn last_heard(sql: &mut dyn Sql, known: &Listening, time: i64) -> Result<i64> {
    if known.heard_until <= time {
        return Ok(known.heard_until);
    }
    let statement = "SELECT MAX(published_at) FROM sync2_event WHERE published_at <= ?";
    let published = read_first(sql, statement, &[time.into()], Columns::int_or_null)?.flatten();
    Ok(published.unwrap_or(known.tells_since).min(time))
}

fn begin_record(sql: &mut dyn Sql, time: i64) -> Result<()> {
    let statement = "SELECT MIN(published_at), MAX(published_at) FROM sync2_event";
    let published = |row: &mut Columns| Ok(row.int_or_null()?.zip(row.int_or_null()?));
    let published = read_first(sql, statement, &[], published)?.flatten();
    let since = published.map_or(time, |(oldest, _)| oldest.min(time));
    let insert = "INSERT INTO sync2_listening (slot, tells_since, heard_until) VALUES (1, ?, ?)";
    sql.update(insert, &[since.into(), time.into()])?;
    match published {
        Some((_, newest)) => missed(sql, newest.min(time), time),
        None => Ok(()),
    }
}

/// The host listens still.
pub fn heard(sql: &mut dyn Sql, time: i64) -> Result<()> {
    sql.update("UPDATE sync2_listening SET heard_until = ? WHERE slot = 1", &[time.into()]).map(drop)
}

/// How many objects there were before the feed began.
pub fn counted(sql: &mut dyn Sql, older: i64) -> Result<()> {
    sql.update("UPDATE sync2_listening SET older_objects = ? WHERE slot = 1", &[older.into()]).map(drop)
}

/// Nobody listened from one moment to another, by a clock that may have been set back in between. One with a gap whose
/// search has not begun.
pub fn missed(sql: &mut dyn Sql, from: i64, until: i64) -> Result<()> {
    let (from, until) = if until < from { (until, NO_END) } else { (from, until) };
    let waiting = "SELECT gap_no, missed_from, missed_until FROM sync2_gap \
                   WHERE ended_at IS NULL AND searched_kind IS NULL ORDER BY gap_no LIMIT 1";
    let waiting = read_first(sql, waiting, &[], |row| Ok((row.int()?, row.int()?, row.int()?)))?;
    if let Some((number, earlier, later)) = waiting {
        let widen = "UPDATE sync2_gap SET missed_from = ?, missed_until = ? WHERE gap_no = ?";
        let parameters = [earlier.min(from).into(), later.max(until).into(), number.into()];
        return sql.update(widen, &parameters).map(drop);
    }
    let number = one_int(sql, "SELECT COALESCE(MAX(gap_no), 0) + 1 FROM sync2_gap", &[])?;
    let insert = "INSERT INTO sync2_gap (gap_no, missed_from, missed_until, passed_key, found_changes) \
                  VALUES (?, ?, ?, 0, 0)";
    sql.update(insert, &[number.into(), from.into(), until.into()]).map(drop)
}

/// The search of a gap has come to this key of this kind, and found so many changes more.
pub fn searched(sql: &mut dyn Sql, number: i64, kind: &str, passed: i64, found: i64) -> Result<()> {
    let statement = "UPDATE sync2_gap SET searched_kind = ?, passed_key = ?, found_changes = found_changes + ? \
                     WHERE gap_no = ?";
    sql.update(statement, &[kind.into(), passed.into(), found.into(), number.into()]).map(drop)
}

/// The search of a gap is over. Only the last is kept that there is something to say of.
pub fn ended(sql: &mut dyn Sql, number: i64, time: i64) -> Result<()> {
    let nothing = "DELETE FROM sync2_gap WHERE gap_no = ? AND found_changes = 0 AND missed_until - missed_from < ?";
    if sql.update(nothing, &[number.into(), SHORTEST_TOLD.into()])? == 0 {
        let parameters: [SqlValue; 2] = [time.into(), number.into()];
        sql.update("UPDATE sync2_gap SET ended_at = ? WHERE gap_no = ?", &parameters)?;
        sql.update("DELETE FROM sync2_gap WHERE ended_at IS NOT NULL AND gap_no < ?", &[number.into()])?;
    }
    Ok(())
}
