//! Since when what is synchronized is switched on: categories, their actions, and locations.

use std::collections::BTreeSet;

use super::row::read_all;
use super::statement::{delete_each, insert_rows, name};
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::event::Direction;

/// Something that is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOn {
    /// The direction that it is switched on for.
    pub direction: Direction,
    /// The subject: parts with a colon between two, from the whole to the part (`category:patient:CREATED`).
    pub subject: String,
    /// Milliseconds since 1970 by the database's clock.
    pub since: i64,
    /// True if events had been passed before, which may have told of it.
    pub late: bool,
}

/// All that is switched on, ordered by direction and subject.
pub fn list(sql: &mut dyn Sql) -> Result<Vec<SwitchedOn>> {
    let statement =
        "SELECT direction, subject, switched_on_at, is_late FROM sync2_switched_on ORDER BY direction, subject";
    read_all(sql, statement, &[], |row| {
        Ok(SwitchedOn { direction: row.named()?, subject: row.text()?, since: row.int()?, late: row.int()? != 0 })
    })
}

/// From now on this is switched on of that direction, and nothing else. What was switched on before keeps its time, and so does
/// a part of it.
pub fn replace(
    sql: &mut dyn Sql,
    direction: Direction,
    known: &[SwitchedOn],
    subjects: &BTreeSet<String>,
    is_late: impl Fn(&str) -> bool,
) -> Result<()> {
    let time = now(sql)?;
    let known: Vec<&SwitchedOn> = known.iter().filter(|known| known.direction == direction).collect();
    let gone = known.iter().filter(|known| !subjects.contains(&known.subject));
    let keys: Vec<Vec<SqlValue>> = gone.map(|known| vec![name(direction), known.subject.as_str().into()]).collect();
    delete_each(sql, "sync2_switched_on WHERE direction = ? AND subject = ?", &keys)?;
    let new = subjects.iter().filter(|subject| !known.iter().any(|known| known.subject == **subject));
    let rows = new.map(|subject| {
        let whole = known.iter().find(|known| subject.starts_with(&format!("{}:", known.subject)));
        let (since, late) = whole.map_or_else(|| (time, is_late(subject)), |whole| (whole.since, whole.late));
        vec![name(direction), subject.as_str().into(), since.into(), i64::from(late).into()]
    });
    let rows = rows.collect();
    insert_rows(sql, "sync2_switched_on (direction, subject, switched_on_at, is_late)", rows)
}

/// What was told of these subjects before they were switched on has come.
pub fn has_come(sql: &mut dyn Sql, direction: Direction, subjects: &[String]) -> Result<()> {
    let statement = "UPDATE sync2_switched_on SET is_late = 0 WHERE direction = ? AND subject = ?";
    subjects.iter().try_for_each(|subject| sql.update(statement, &[name(direction), subject.as_str().into()]).map(drop))
}
