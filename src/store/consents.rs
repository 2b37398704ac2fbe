//! Consents of persons here to have objects removed at the parent with one that was removed here, as they were shown to them.
//! Kept until the parent has done so.

use std::collections::HashMap;

use super::row::read_all;
use super::statement::{delete_each, delete_objects, insert_rows, keys_by_category, marks, name};
use super::{Sql, SqlValue};
use crate::error::Result;
use crate::event::{ObjectId, Representation};

/// One object that goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Which object.
    pub object: ObjectId,
    /// The representation that the hash is of.
    pub representation: Representation,
    /// Of the parent's version that was shown.
    pub seen_hash: String,
}

/// Adds to what goes along with the removal of an object. What was decided before stays, but for the same objects.
pub fn add(sql: &mut dyn Sql, owner: &ObjectId, consents: &[Consent]) -> Result<()> {
    let key = |object: &ObjectId| -> Vec<SqlValue> {
        vec![name(owner.category), owner.uuid.as_str().into(), name(object.category), object.uuid.as_str().into()]
    };
    let keys: Vec<Vec<SqlValue>> = consents.iter().map(|consent| key(&consent.object)).collect();
    let condition = "sync2_consent WHERE category = ? AND object_uuid = ? AND taken_category = ? AND taken_uuid = ?";
    delete_each(sql, condition, &keys)?;
    let row = |consent: &Consent| {
        let hash = [name(consent.representation), consent.seen_hash.as_str().into()];
        key(&consent.object).into_iter().chain(hash).collect()
    };
    let columns = "sync2_consent (category, object_uuid, taken_category, taken_uuid, representation, seen_hash)";
    insert_rows(sql, columns, consents.iter().map(row).collect())
}

/// Returns the consents to the removals of those of the objects of which any were given.
pub fn get_all(sql: &mut dyn Sql, owners: &[ObjectId]) -> Result<HashMap<ObjectId, Vec<Consent>>> {
    let mut consents: HashMap<ObjectId, Vec<Consent>> = HashMap::new();
    for (category, uuids) in keys_by_category(owners) {
        let statement = format!(
            "SELECT object_uuid, taken_category, taken_uuid, representation, seen_hash FROM sync2_consent \
             WHERE category = ? AND object_uuid IN ({}) ORDER BY object_uuid, taken_category, taken_uuid",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        let found = read_all(sql, &statement, &parameters, |row| {
            let owner = ObjectId { category, uuid: row.text()? };
            let consent = Consent { object: row.object()?, representation: row.named()?, seen_hash: row.text()? };
            Ok((owner, consent))
        })?;
        found.into_iter().for_each(|(owner, consent)| consents.entry(owner).or_default().push(consent));
    }
    Ok(consents)
}

/// Forgets what was decided for these objects.
pub fn remove(sql: &mut dyn Sql, owners: &[ObjectId]) -> Result<()> {
    delete_objects(sql, "sync2_consent", owners)
}
