//! Objects whose conflict is over here while nothing of them is to be sent: a parent that keeps the conflict, too, has yet
//! to hear of it.

use std::collections::HashSet;

use super::Sql;
use super::statement::{delete_objects, name, objects_in};
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
    objects_in(sql, "sync2_unheard", objects)
}

/// The parent has heard of these.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    delete_objects(sql, "sync2_unheard", objects)
}
