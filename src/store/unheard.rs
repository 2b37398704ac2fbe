//! Objects whose conflict is over here while nothing of them is to be sent: a parent that keeps the conflict, too, has yet
//! to hear of it.

use std::collections::HashSet;

use super::row::read_all;
use super::statement::{keys_by_category, marks, name};
use super::{Sql, SqlValue};
use crate::error::Result;
use crate::event::ObjectId;

/// Adds an object.
pub fn add(sql: &mut dyn Sql, object: &ObjectId) -> Result<()> {
    if get_all(sql, std::slice::from_ref(object))?.is_empty() {
        let statement = "INSERT INTO sync2_unheard (category, object_uuid) VALUES (?, ?)";
        sql.update(statement, &[name(object.category), object.uuid.as_str().into()])?;
    }
    Ok(())
}

/// Those of the objects of which the parent has yet to hear.
pub fn get_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashSet<ObjectId>> {
    let mut unheard = HashSet::new();
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid FROM sync2_unheard WHERE category = ? AND object_uuid IN ({})",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        let uuids = read_all(sql, &statement, &parameters, |row| row.text())?;
        unheard.extend(uuids.into_iter().map(|uuid| ObjectId { category, uuid }));
    }
    Ok(unheard)
}

/// The parent has heard of these.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    for (category, uuids) in keys_by_category(objects) {
        let statement =
            format!("DELETE FROM sync2_unheard WHERE category = ? AND object_uuid IN ({})", marks(uuids.len()));
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        sql.update(&statement, &parameters)?;
    }
    Ok(())
}
