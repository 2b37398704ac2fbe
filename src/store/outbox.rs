//! Changes by transactions of the host, from their commit until they are published in this node's feed.

use uuid::Uuid;

use super::clock::clock_expression;
use super::row::read_all;
use super::statement::{delete_each, name};
use super::{Dialect, Sql, SqlValue};
use crate::decide::changes::Change;
use crate::error::Result;
use crate::event::{Action, ObjectId};

/// The separator between the uuids of two owners.
pub const OWNER_SEPARATOR: &str = ",";

/// The statement with which a host writes a change on the connection of the transaction that makes it. Its parameters are
/// texts: a new id, the transaction's uuid, the names of category and action as the feed has them, the object's uuid
/// between these two, the uuids of patient and location, or null, and the uuids of what the object hangs on, with a comma
/// between two, or null. What one transaction changed is told in the order of
/// the ids, compared as texts: what becomes of an object that is voided and restored depends on which came last.
pub fn insert_statement(dialect: Dialect) -> String {
    let clock = clock_expression(dialect);
    format!(
        "INSERT INTO sync2_outbox (uuid, transaction_uuid, category, object_uuid, event_action, patient_uuid, \
         location_uuid, hangs_on, captured_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {clock})"
    )
}

/// Writes a change of the engine's own, in a transaction of its own name: the push then looks at the object again.
pub fn add(sql: &mut dyn Sql, object: &ObjectId, action: Action) -> Result<()> {
    add_together(sql, std::slice::from_ref(object), action)
}

/// As [`add`], of several objects in one transaction: they are looked at in the order of dependence.
pub fn add_together(sql: &mut dyn Sql, objects: &[ObjectId], action: Action) -> Result<()> {
    let statement = insert_statement(sql.dialect());
    let transaction = Uuid::new_v4().to_string();
    let rows = objects.iter().map(|object| {
        vec![
            Uuid::new_v4().to_string().into(),
            transaction.as_str().into(),
            name(object.category),
            object.uuid.as_str().into(),
            name(action),
            SqlValue::Null,
            SqlValue::Null,
            SqlValue::Null,
        ]
    });
    let rows: Vec<Vec<SqlValue>> = rows.collect();
    if rows.is_empty() { Ok(()) } else { sql.update_all(&statement, &rows).map(drop) }
}

/// Returns true if anything is waiting.
pub fn is_empty(sql: &mut dyn Sql) -> Result<bool> {
    Ok(sql.query("SELECT uuid FROM sync2_outbox LIMIT 1", &[])?.is_empty())
}

/// Takes out the oldest changes, at most so many. The caller has locked the counter of events: nobody else takes.
pub fn take(sql: &mut dyn Sql, most: u32) -> Result<Vec<Change>> {
    let statement = "SELECT uuid, transaction_uuid, category, object_uuid, event_action, patient_uuid, location_uuid, \
                     hangs_on FROM sync2_outbox ORDER BY captured_at, transaction_uuid, uuid LIMIT ?";
    let rows = read_all(sql, statement, &[most.into()], |row| {
        let uuid = row.text()?;
        let captured = Change {
            transaction: row.text()?,
            object: row.object()?,
            action: row.named()?,
            patient: row.text_or_null()?,
            location: row.text_or_null()?,
            hangs_on: row
                .text_or_null()?
                .iter()
                .flat_map(|owners| owners.split(OWNER_SEPARATOR))
                .map(str::to_string)
                .collect(),
        };
        Ok((uuid, captured))
    })?;
    let (uuids, captured): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let keys: Vec<Vec<SqlValue>> = uuids.iter().map(|uuid| vec![uuid.into()]).collect();
    delete_each(sql, "sync2_outbox WHERE uuid = ?", &keys)?;
    Ok(captured)
}
