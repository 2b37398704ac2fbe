//! What each object was when both sides last agreed.

use std::collections::{HashMap, HashSet};

use super::row::read_all;
use super::statement::{insert_rows, keys_by_category, marks, name};
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::event::{ObjectId, Representation};

/// The hashes of an object as both sides had it. Each is only ever compared with its own side: two servers give
/// different bytes for the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectState {
    /// As read back here: SHA-256 in hexadecimal. Nothing when it was removed here.
    pub local_hash: Option<String>,
    /// As the parent gave it. Nothing when the parent had removed it.
    pub remote_hash: Option<String>,
    /// What both were hashed in.
    pub representation: Representation,
    /// The version of the canonical form that was hashed.
    pub canonical_version: u32,
}

/// The states of those of the objects that have one.
pub fn get_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, ObjectState>> {
    let mut states = HashMap::with_capacity(objects.len());
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid, local_hash, remote_hash, representation, canonical_version FROM sync2_object_state \
             WHERE category = ? AND object_uuid IN ({})",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        states.extend(read_all(sql, &statement, &parameters, |row| {
            let object = ObjectId { category, uuid: row.text()? };
            let state = ObjectState {
                local_hash: row.text_or_null()?,
                remote_hash: row.text_or_null()?,
                representation: row.named()?,
                canonical_version: row.count()? as u32,
            };
            Ok((object, state))
        })?);
    }
    Ok(states)
}

/// Those of the objects whose states were recorded at `time` or later.
pub fn recorded_since(sql: &mut dyn Sql, objects: &[ObjectId], time: i64) -> Result<HashMap<ObjectId, i64>> {
    let mut recorded = HashMap::new();
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid, changed_at FROM sync2_object_state \
             WHERE category = ? AND object_uuid IN ({}) AND changed_at >= ?",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> =
            std::iter::once(name(category)).chain(uuids).chain([SqlValue::from(time)]).collect();
        recorded.extend(read_all(sql, &statement, &parameters, |row| {
            Ok((ObjectId { category, uuid: row.text()? }, row.int()?))
        })?);
    }
    Ok(recorded)
}

/// Locks the states of those of the objects that have one until the transaction ends.
pub fn lock_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "UPDATE sync2_object_state SET changed_at = changed_at WHERE category = ? AND object_uuid IN ({})",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        sql.update(&statement, &parameters)?;
    }
    Ok(())
}

/// Records the states of different objects. Looks first which are known, instead of counting the rows of updates: not
/// every driver counts those of many statements sent together.
pub fn put_all(sql: &mut dyn Sql, states: &[(ObjectId, ObjectState)]) -> Result<()> {
    let objects: Vec<ObjectId> = states.iter().map(|(object, _)| object.clone()).collect();
    let known: HashSet<ObjectId> = get_all(sql, &objects)?.into_keys().collect();
    let time = now(sql)?;
    let (updates, inserts): (Vec<_>, Vec<_>) = states.iter().partition(|(object, _)| known.contains(object));
    insert_rows(
        sql,
        "sync2_object_state \
         (local_hash, remote_hash, representation, canonical_version, changed_at, category, object_uuid)",
        rows(&inserts, time),
    )?;
    if updates.is_empty() {
        return Ok(());
    }
    let statement = "UPDATE sync2_object_state SET local_hash = ?, remote_hash = ?, representation = ?, \
                     canonical_version = ?, changed_at = ? WHERE category = ? AND object_uuid = ?";
    sql.update_all(statement, &rows(&updates, time)).map(drop)
}

fn rows(states: &[&(ObjectId, ObjectState)], time: i64) -> Vec<Vec<SqlValue>> {
    let row = |(object, state): &&(ObjectId, ObjectState)| {
        vec![
            state.local_hash.as_ref().into(),
            state.remote_hash.as_ref().into(),
            name(state.representation),
            state.canonical_version.into(),
            time.into(),
            name(object.category),
            object.uuid.as_str().into(),
        ]
    };
    states.iter().map(row).collect()
}
