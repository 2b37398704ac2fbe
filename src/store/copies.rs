//! The note that this database was made from a copy of the parent's, and up to which event both are the same.

use std::collections::HashSet;

use super::row::{read_all, read_first};
use super::statement::{keys_by_category, marks, name};
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::event::ObjectId;
use crate::wire::FeedPlace;

/// The tables that tell of a copied parent, and of its own parent: nothing of them holds for its child.
const OF_THE_PARENT: [&str; 20] = [
    "sync2_object_state",
    "sync2_base",
    "sync2_pending",
    "sync2_marker",
    "sync2_parked",
    "sync2_dispute",
    "sync2_withheld",
    "sync2_consent",
    "sync2_unheard",
    "sync2_sighting",
    "sync2_restore",
    "sync2_backfill",
    "sync2_switched_on",
    "sync2_unknown_kind",
    "sync2_entry_rule",
    "sync2_request",
    "sync2_child",
    "sync2_verification",
    "sync2_verified",
    "sync2_difference",
];

/// A database that was made from a copy of the parent's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where its feed, which was the parent's, ended when somebody said so.
    pub end: FeedPlace,
    /// The number of the last event that the parent has had, too; nothing before the parent was asked.
    pub common: Option<u64>,
}

/// This database, if it was made from a copy of the parent's.
pub fn get(sql: &mut dyn Sql) -> Result<Option<Copy>> {
    let statement = "SELECT feed_epoch, event_no, event_uuid, common_no FROM sync2_copy WHERE slot = 1";
    read_first(sql, statement, &[], |row| {
        let end = FeedPlace { epoch: row.text()?, number: row.count()?, event: row.text()? };
        Ok(Copy { end, common: row.int_or_null()?.map(i64::unsigned_abs) })
    })
}

/// The number of the event up to which this database is the parent's; nothing where it is none, or that is not known yet.
pub fn common(sql: &mut dyn Sql) -> Result<Option<u64>> {
    Ok(get(sql)?.and_then(|copy| copy.common))
}

/// From now on this is a copy of the parent's database. What that one knew of others is forgotten.
pub fn begin(sql: &mut dyn Sql, end: &FeedPlace) -> Result<()> {
    for table in OF_THE_PARENT {
        sql.update(&format!("DELETE FROM {table}"), &[])?;
    }
    sql.update("DELETE FROM sync2_copy", &[])?;
    let time = now(sql)?;
    let statement = "INSERT INTO sync2_copy (slot, feed_epoch, event_no, event_uuid, made_at) VALUES (1, ?, ?, ?, ?)";
    let parameters = [end.epoch.as_str().into(), (end.number as i64).into(), end.event.as_str().into(), time.into()];
    sql.update(statement, &parameters).map(drop)
}

/// Both are the same up to the event with that number.
pub fn settle(sql: &mut dyn Sql, common: u64) -> Result<()> {
    sql.update("UPDATE sync2_copy SET common_no = ? WHERE slot = 1", &[(common as i64).into()]).map(drop)
}

/// Those of the objects that are here as the parent had them when this database was copied from there; none where it was not.
pub fn as_copied(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashSet<ObjectId>> {
    match common(sql)? {
        Some(common) => unedited(sql, objects, common),
        None => Ok(HashSet::new()),
    }
}

/// Those of the objects of which nothing here tells after that event: they are as the parent had them then. Events
/// that were removed for their age have been pushed before, and so were agreed on.
pub fn unedited(sql: &mut dyn Sql, objects: &[ObjectId], common: u64) -> Result<HashSet<ObjectId>> {
    let mut edited: HashSet<ObjectId> = HashSet::new();
    for (category, uuids) in keys_by_category(objects) {
        let those = marks(uuids.len());
        let told = format!(
            "SELECT DISTINCT object_uuid FROM sync2_event WHERE object_uuid IN ({those}) AND category = ? AND event_no > ?"
        );
        let waiting =
            format!("SELECT DISTINCT object_uuid FROM sync2_outbox WHERE object_uuid IN ({those}) AND category = ?");
        let keys: Vec<SqlValue> = uuids.into_iter().chain([name(category)]).collect();
        let after: Vec<SqlValue> = keys.iter().cloned().chain([SqlValue::Int(common as i64)]).collect();
        for (statement, parameters) in [(told, &after), (waiting, &keys)] {
            let found = read_all(sql, &statement, parameters, |row| Ok(ObjectId { category, uuid: row.text()? }))?;
            edited.extend(found);
        }
    }
    Ok(objects.iter().filter(|object| !edited.contains(*object)).cloned().collect())
}
