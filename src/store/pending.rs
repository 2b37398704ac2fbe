//! Versions that were sent to the parent and are not acknowledged yet. Committed before they are sent: when the acknowledgement is
//! lost, the parent's version is recognised by it as one that came from here.

use std::collections::{BTreeSet, HashMap};

use super::row::read_all;
use super::statement::{delete_objects, keys_by_category, marks, name};
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::event::ObjectId;

/// Stands for a removal in the place of a document's hash.
pub const REMOVAL: &str = "";

/// The hashes of one object, SHA-256 in hexadecimal, or [`REMOVAL`].
pub type PendingHashes = BTreeSet<String>;

/// Returns the pending hashes of those of the objects of which any are.
pub fn get_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, PendingHashes>> {
    let mut pending: HashMap<ObjectId, PendingHashes> = HashMap::new();
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid, pending_hash FROM sync2_pending WHERE category = ? AND object_uuid IN ({})",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        let rows = read_all(sql, &statement, &parameters, |row| Ok((row.text()?, row.text()?)))?;
        for (uuid, hash) in rows {
            pending.entry(ObjectId { category, uuid }).or_default().insert(hash);
        }
    }
    Ok(pending)
}

/// Adds what is about to be sent of different objects, beside what is pending of them.
pub fn add_all(sql: &mut dyn Sql, sent: &[(ObjectId, String)]) -> Result<()> {
    let objects: Vec<ObjectId> = sent.iter().map(|(object, _)| object.clone()).collect();
    let known = get_all(sql, &objects)?;
    let time = now(sql)?;
    let new = sent.iter().filter(|(object, hash)| !known.get(object).is_some_and(|hashes| hashes.contains(hash)));
    let rows: Vec<Vec<SqlValue>> = new
        .map(|(object, hash)| vec![name(object.category), object.uuid.as_str().into(), hash.into(), time.into()])
        .collect();
    if !rows.is_empty() {
        let statement =
            "INSERT INTO sync2_pending (category, object_uuid, pending_hash, changed_at) VALUES (?, ?, ?, ?)";
        sql.update_all(statement, &rows)?;
    }
    Ok(())
}

/// Takes everything of these objects out, because it is known what became of it.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    delete_objects(sql, "sync2_pending", objects)
}
