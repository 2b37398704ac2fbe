//! What was committed and the host's index may not have yet, by the call of the engine that committed it. A note is written in
//! the transaction of what it names, and removed once the index certainly has that.

use super::row::{Columns, read_all};
use super::statement::delete_each;
use super::{LARGEST_LIST, Sql};
use crate::error::Result;
use crate::event::{Category, ObjectId};

/// The objects of a transaction, or some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number among those of its call.
    pub number: i64,
    /// Which objects.
    pub objects: Vec<ObjectId>,
}

/// Writes a note under a number that the call has not used yet.
pub fn add(sql: &mut dyn Sql, call: &str, note: &Note) -> Result<()> {
    let lines: Vec<String> =
        note.objects.iter().map(|object| format!("{} {}", object.category.name(), object.uuid)).collect();
    let statement = "INSERT INTO sync2_unindexed (call_id, note_no, objects) VALUES (?, ?, ?)";
    sql.update(statement, &[call.into(), note.number.into(), lines.join("\n").into()]).map(drop)
}

/// Returns the calls that have notes.
pub fn calls(sql: &mut dyn Sql) -> Result<Vec<String>> {
    let statement = "SELECT DISTINCT call_id FROM sync2_unindexed ORDER BY call_id LIMIT ?";
    read_all(sql, statement, &[LARGEST_LIST.into()], Columns::text)
}

/// Returns the first notes of a call, at most so many.
pub fn list(sql: &mut dyn Sql, call: &str, most: u32) -> Result<Vec<Note>> {
    let statement = "SELECT note_no, objects FROM sync2_unindexed WHERE call_id = ? ORDER BY note_no LIMIT ?";
    let parameters = [call.into(), most.min(LARGEST_LIST).into()];
    read_all(sql, statement, &parameters, |row| Ok(Note { number: row.int()?, objects: objects(&row.text()?) }))
}

/// Kinds of objects that this version does not know were noted by a newer one.
fn objects(lines: &str) -> Vec<ObjectId> {
    let object = |line: &str| {
        let (category, uuid) = line.split_once(' ')?;
        Some(ObjectId { category: Category::parse(category)?, uuid: uuid.to_string() })
    };
    lines.lines().filter_map(object).collect()
}

/// Removes the notes of a call with these numbers.
pub fn remove(sql: &mut dyn Sql, call: &str, numbers: &[i64]) -> Result<()> {
    let keys: Vec<_> = numbers.iter().map(|number| vec![call.into(), (*number).into()]).collect();
    delete_each(sql, "sync2_unindexed WHERE call_id = ? AND note_no = ?", &keys).map(drop)
}
