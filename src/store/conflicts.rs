//! Objects that both sides changed, until a person or a newer event settles them. One per object and direction.

use std::collections::HashMap;

use serde::Serialize;

use super::named;
use super::row::{Columns, one_int, read_all, read_first};
use super::statement::{keys, name, page};
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::event::{Direction, ObjectId, Representation};

/// A conflict, without the documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Its own id.
    pub uuid: String,
    /// Found while records travelled this way.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// Which object.
    #[serde(serialize_with = "named::serialize_object")]
    pub object: ObjectId,
    /// The audit message of the event that brought theirs.
    pub audit_uuid: String,
    /// What the documents are written in.
    #[serde(serialize_with = "named::serialize")]
    pub representation: Representation,
    /// Of ours as it was read: SHA-256 in hexadecimal. Nothing when it was removed here.
    pub ours_hash: Option<String>,
    /// Of theirs as it was fetched. Nothing when it was removed there.
    pub theirs_hash: Option<String>,
    /// What theirs was when both sides last agreed; nothing when they never did.
    pub remote_hash: Option<String>,
    /// When it was first found, milliseconds since 1970 by the database's clock.
    pub detected_at: i64,
}

/// Both sides of a conflict as JSON. Nothing for a side that removed the object. Patient data.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Documents {
    /// What is here.
    pub ours: Option<Vec<u8>>,
    /// What the parent has.
    pub theirs: Option<Vec<u8>>,
}

/// The columns that `read` takes.
const COLUMNS: &str = "uuid, direction, category, object_uuid, audit_uuid, representation, ours_hash, theirs_hash, \
                       remote_hash, detected_at";

fn read(row: &mut Columns) -> Result<Conflict> {
    Ok(Conflict {
        uuid: row.text()?,
        direction: row.named()?,
        object: row.object()?,
        audit_uuid: row.text()?,
        representation: row.named()?,
        ours_hash: row.text_or_null()?,
        theirs_hash: row.text_or_null()?,
        remote_hash: row.text_or_null()?,
        detected_at: row.int()?,
    })
}

/// Records a conflict. An older one of the same object is brought up to date: its uuid and `detected_at` stay, because
/// somebody may be looking at it.
pub fn put(sql: &mut dyn Sql, conflict: &Conflict, documents: &Documents) -> Result<()> {
    let changes: [SqlValue; 8] = [
        conflict.audit_uuid.as_str().into(),
        name(conflict.representation),
        documents.ours.as_ref().into(),
        documents.theirs.as_ref().into(),
        conflict.ours_hash.as_ref().into(),
        conflict.theirs_hash.as_ref().into(),
        conflict.remote_hash.as_ref().into(),
        now(sql)?.into(),
    ];
    let key = [name(conflict.direction), name(conflict.object.category), conflict.object.uuid.as_str().into()];
    let updated = sql.update(
        "UPDATE sync2_conflict SET audit_uuid = ?, representation = ?, ours_document = ?, theirs_document = ?, \
         ours_hash = ?, theirs_hash = ?, remote_hash = ?, changed_at = ? \
         WHERE direction = ? AND category = ? AND object_uuid = ?",
        &[changes.as_slice(), key.as_slice()].concat(),
    )?;
    if updated == 0 {
        sql.update(
            "INSERT INTO sync2_conflict (audit_uuid, representation, ours_document, theirs_document, ours_hash, \
             theirs_hash, remote_hash, changed_at, direction, category, object_uuid, uuid, detected_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[changes.as_slice(), key.as_slice(), &[conflict.uuid.as_str().into(), conflict.detected_at.into()]]
                .concat(),
        )?;
    }
    Ok(())
}

/// Takes the conflicts of these objects out, because they are settled. Returns how many there were.
pub fn remove(sql: &mut dyn Sql, direction: Direction, objects: &[ObjectId]) -> Result<u64> {
    let mut removed = 0;
    for keys in keys(direction, objects) {
        removed += sql.update(&format!("DELETE FROM sync2_conflict WHERE {}", keys.condition), &keys.parameters)?;
    }
    Ok(removed)
}

/// The open conflicts of those of the objects that have one.
pub fn get_all(sql: &mut dyn Sql, direction: Direction, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Conflict>> {
    let mut found = HashMap::new();
    for keys in keys(direction, objects) {
        let statement = format!("SELECT {COLUMNS} FROM sync2_conflict WHERE {}", keys.condition);
        let conflicts = read_all(sql, &statement, &keys.parameters, read)?;
        found.extend(conflicts.into_iter().map(|conflict| (conflict.object.clone(), conflict)));
    }
    Ok(found)
}

/// The conflict of that uuid with its documents.
pub fn get(sql: &mut dyn Sql, uuid: &str) -> Result<Option<(Conflict, Documents)>> {
    let statement = format!("SELECT {COLUMNS}, ours_document, theirs_document FROM sync2_conflict WHERE uuid = ?");
    read_first(sql, &statement, &[uuid.into()], |row| {
        Ok((read(row)?, Documents { ours: row.bytes_or_null()?, theirs: row.bytes_or_null()? }))
    })
}

/// The open conflicts, the newest first, without documents.
pub fn list(sql: &mut dyn Sql, limit: u32, offset: u32) -> Result<Vec<Conflict>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_conflict ORDER BY detected_at DESC, uuid LIMIT ? OFFSET ?");
    read_all(sql, &statement, &page(limit, offset), read)
}

/// How many conflicts are open.
pub fn count(sql: &mut dyn Sql) -> Result<i64> {
    one_int(sql, "SELECT COUNT(*) FROM sync2_conflict", &[])
}
