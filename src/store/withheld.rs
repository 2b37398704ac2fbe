//! Identifiers that could not be saved here with their patient, because another live patient has them. Kept until they are
//! free: then they are put where they belong.

use super::row::{Columns, read_all};
use super::statement::{delete_objects, name};
use super::{LARGEST_LIST, Sql, now};
use crate::error::Result;
use crate::event::{ObjectId, Representation};

/// The identifiers of one patient that wait. Patient data: never printed.
pub struct Withheld {
    /// The patient.
    pub object: ObjectId,
    /// The representation of the elements.
    pub representation: Representation,
    /// The elements of the document, a JSON array.
    pub identifiers: String,
    /// The uuid of the patient who has one of them, where the refusal named it.
    pub holder: Option<String>,
    /// The hash of that patient's document when they were tried last: as long as it is the same, none is free.
    pub holder_hash: Option<String>,
    /// The audit message that says `PARTIAL` because of them; nothing for what a child brought.
    pub audit_uuid: Option<String>,
    /// When they were first refused, milliseconds since 1970 by the database's clock.
    pub withheld_at: i64,
}

const COLUMNS: &str =
    "category, object_uuid, representation, identifiers, holder_uuid, holder_hash, audit_uuid, withheld_at";

fn read(row: &mut Columns) -> Result<Withheld> {
    Ok(Withheld {
        object: row.object()?,
        representation: row.named()?,
        identifiers: row.text()?,
        holder: row.text_or_null()?,
        holder_hash: row.text_or_null()?,
        audit_uuid: row.text_or_null()?,
        withheld_at: row.int()?,
    })
}

/// Records what waits, in the place of what waited of the same object.
pub fn put(sql: &mut dyn Sql, withheld: &Withheld) -> Result<()> {
    let values = [
        name(withheld.representation),
        withheld.identifiers.as_str().into(),
        withheld.holder.as_deref().into(),
        withheld.holder_hash.as_deref().into(),
        withheld.audit_uuid.as_deref().into(),
        now(sql)?.into(),
        name(withheld.object.category),
        withheld.object.uuid.as_str().into(),
    ];
    let updated = sql.update(
        "UPDATE sync2_withheld SET representation = ?, identifiers = ?, holder_uuid = ?, holder_hash = ?, \
         audit_uuid = ?, changed_at = ? WHERE category = ? AND object_uuid = ?",
        &values,
    )?;
    if updated == 0 {
        sql.update(
            "INSERT INTO sync2_withheld (representation, identifiers, holder_uuid, holder_hash, audit_uuid, changed_at, \
             category, object_uuid, withheld_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[values.as_slice(), &[withheld.withheld_at.into()]].concat(),
        )?;
    }
    Ok(())
}

/// Nothing of these objects waits any more.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    delete_objects(sql, "sync2_withheld", objects)
}

/// Returns the waiting objects, those first that were looked at the longest ago.
pub fn list(sql: &mut dyn Sql, limit: u32) -> Result<Vec<Withheld>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_withheld ORDER BY changed_at, category, object_uuid LIMIT ?");
    read_all(sql, &statement, &[limit.min(LARGEST_LIST).into()], read)
}
