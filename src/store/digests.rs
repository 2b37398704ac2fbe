//! The hashes of the documents that are here, by category and representation, with the digests of their leaves, so that no document
//! is read to compare both sides. Rows follow the events of this node's feed: each inventory says up to which one it has come.

use std::collections::HashMap;
use std::ops::Range;

use super::row::{Columns, one_int, read_all, read_first};
use super::statement::{KEYS_PER_STATEMENT, delete_each, insert_rows, marks, name};
use super::{Sql, SqlValue};
use crate::decide::digest::{Digest, Leaves, leaf_of};
use crate::error::Result;
use crate::event::{Category, Representation};

/// The objects of a category in one representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Which objects.
    pub category: Category,
    /// What their hashes are of.
    pub representation: Representation,
}

/// How far an inventory has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The last object of the host's list that was taken in; nothing at its beginning and at its end.
    pub listed: Option<String>,
    /// True if the list was gone through.
    pub is_whole: bool,
    /// The number of the last event of this node's feed that was taken in.
    pub event: u64,
}

/// What is kept of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Its rows have this number.
    pub number: i64,
    /// Rises with each portion that is taken in.
    pub turn: u64,
    /// What made its hashes.
    pub form: String,
    /// The epoch of the feed that it follows.
    pub epoch: String,
    /// How far it has come.
    pub reached: Reached,
}

/// What is kept of a kind; nothing where nobody has begun to.
pub fn find(sql: &mut dyn Sql, kind: Kind) -> Result<Option<Inventory>> {
    let statement = "SELECT inventory_no, turn_no, form, feed_epoch, listed_until, is_whole, event_no FROM sync2_inventory \
                     WHERE category = ? AND representation = ? AND is_dropped = 0";
    read_first(sql, statement, &[name(kind.category), name(kind.representation)], |row| {
        Ok(Inventory {
            number: row.int()?,
            turn: row.count()?,
            form: row.text()?,
            epoch: row.text()?,
            reached: Reached { listed: row.text_or_null()?, is_whole: row.int()? != 0, event: row.count()? },
        })
    })
}

/// Begins to keep hashes of that form, from that event on, in the place of what was kept of the kind before. The caller holds
/// the [`lock`](super::events::lock) of the feed.
pub fn begin(sql: &mut dyn Sql, kind: Kind, form: &str, (epoch, event): (&str, u64)) -> Result<()> {
    let of_kind = [name(kind.category), name(kind.representation)];
    let statement = "UPDATE sync2_inventory SET is_dropped = 1 WHERE category = ? AND representation = ?";
    sql.update(statement, &of_kind)?;
    let last = one_int(sql, "SELECT COALESCE(MAX(inventory_no), 0) FROM sync2_inventory", &[])?;
    let [category, representation] = of_kind;
    let values = [(last + 1).into(), category, representation, form.into(), epoch.into(), SqlValue::Int(event as i64)];
    let statement = "INSERT INTO sync2_inventory (inventory_no, category, representation, form, feed_epoch, event_no, \
                     is_whole, is_dropped, turn_no) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)";
    sql.update(statement, &values).map(drop)
}

/// Removes some of what is kept in the place of nothing any more. Returns true while there may be more.
pub fn remove_some(sql: &mut dyn Sql) -> Result<bool> {
    let statement = "SELECT MIN(inventory_no) FROM sync2_inventory WHERE is_dropped = 1";
    let Some(number) = read_first(sql, statement, &[], Columns::int_or_null)?.flatten() else { return Ok(false) };
    let statement = "SELECT object_uuid FROM sync2_content_hash WHERE inventory_no = ? ORDER BY object_uuid LIMIT 1000";
    let uuids = read_all(sql, statement, &[number.into()], Columns::text)?;
    delete(sql, number, &uuids.iter().map(String::as_str).collect::<Vec<_>>())?;
    if uuids.is_empty() {
        sql.update("DELETE FROM sync2_leaf WHERE inventory_no = ?", &[number.into()])?;
        sql.update("DELETE FROM sync2_inventory WHERE inventory_no = ?", &[number.into()])?;
    }
    Ok(true)
}

/// Takes the next turn of an inventory, and locks it until the transaction ends. Returns false where somebody else did so since it
/// was looked at: then what was read meanwhile may be older than what is kept.
pub fn take_turn(sql: &mut dyn Sql, inventory: &Inventory, reached: &Reached) -> Result<bool> {
    let statement = "UPDATE sync2_inventory SET turn_no = turn_no + 1, listed_until = ?, is_whole = ?, event_no = ? \
                     WHERE inventory_no = ? AND turn_no = ? AND is_dropped = 0";
    let values = [
        reached.listed.as_ref().into(),
        i64::from(reached.is_whole).into(),
        SqlValue::Int(reached.event as i64),
        inventory.number.into(),
        SqlValue::Int(inventory.turn as i64),
    ];
    Ok(sql.update(statement, &values)? > 0)
}

/// Keeps the hashes of different objects in the place of those before; none of an object that is not here. The caller has
/// [taken its turn](take_turn).
pub fn put_all(sql: &mut dyn Sql, number: i64, objects: &[(String, Option<String>)]) -> Result<()> {
    let uuids: Vec<&str> = objects.iter().map(|(uuid, _)| uuid.as_str()).collect();
    let before = hashes(sql, number, &uuids)?;
    let kept = |uuid: &str| before.get(uuid).map(String::as_str);
    let changed: Vec<_> = objects.iter().filter(|(uuid, hash)| kept(uuid) != hash.as_deref()).collect();
    let mut changes = Leaves::default();
    changed.iter().for_each(|(uuid, hash)| changes.replace(uuid, kept(uuid), hash.as_deref()));
    let gone: Vec<&str> = changed.iter().map(|(uuid, _)| uuid.as_str()).filter(|uuid| kept(uuid).is_some()).collect();
    delete(sql, number, &gone)?;
    let rows = changed.iter().filter_map(|(uuid, hash)| {
        let hash = hash.as_deref()?;
        Some(vec![number.into(), uuid.as_str().into(), leaf_of(uuid).into(), hash.into()])
    });
    insert_rows(sql, "sync2_content_hash (inventory_no, object_uuid, leaf_no, content_hash)", rows.collect())?;
    let mut leaves: Vec<u32> = changed.iter().map(|(uuid, _)| leaf_of(uuid)).collect();
    leaves.sort_unstable();
    leaves.dedup();
    change_leaves(sql, number, &leaves, &changes)
}

fn delete(sql: &mut dyn Sql, number: i64, uuids: &[&str]) -> Result<()> {
    for uuids in uuids.chunks(KEYS_PER_STATEMENT) {
        let those = marks(uuids.len());
        let statement = format!("DELETE FROM sync2_content_hash WHERE inventory_no = ? AND object_uuid IN ({those})");
        sql.update(&statement, &with_number(number, uuids))?;
    }
    Ok(())
}

/// Adds to these leaves what has changed in them.
fn change_leaves(sql: &mut dyn Sql, number: i64, leaves: &[u32], changes: &Leaves) -> Result<()> {
    let mut kept = Leaves::default();
    for portion in leaves.chunks(KEYS_PER_STATEMENT) {
        let condition = format!("inventory_no = ? AND leaf_no IN ({})", marks(portion.len()));
        let parameters = std::iter::once(number.into()).chain(portion.iter().map(|leaf| SqlValue::from(*leaf)));
        let found = read_leaves(sql, &condition, &parameters.collect::<Vec<_>>())?;
        found.into_iter().for_each(|(leaf, digest)| kept.add(leaf, digest));
    }
    let keys: Vec<Vec<SqlValue>> = leaves.iter().map(|leaf| vec![number.into(), (*leaf).into()]).collect();
    delete_each(sql, "sync2_leaf WHERE inventory_no = ? AND leaf_no = ?", &keys)?;
    let rows = leaves.iter().filter_map(|leaf| {
        let one = *leaf..leaf + 1;
        let digest = kept.of(one.clone()).and(changes.of(one));
        let [high, low] = halves(digest.sum);
        let objects = SqlValue::Int(digest.objects as i64);
        (digest.objects > 0).then(|| vec![number.into(), (*leaf).into(), objects, high.into(), low.into()])
    });
    insert_rows(sql, "sync2_leaf (inventory_no, leaf_no, objects, high_sum, low_sum)", rows.collect())
}

/// The digests of these leaves of an inventory.
pub fn leaves(sql: &mut dyn Sql, number: i64, range: Range<u32>) -> Result<Leaves> {
    let mut leaves = Leaves::default();
    let parameters = [number.into(), range.start.into(), range.end.into()];
    let found = read_leaves(sql, "inventory_no = ? AND leaf_no >= ? AND leaf_no < ?", &parameters)?;
    found.into_iter().for_each(|(leaf, digest)| leaves.add(leaf, digest));
    Ok(leaves)
}

fn read_leaves(sql: &mut dyn Sql, condition: &str, parameters: &[SqlValue]) -> Result<Vec<(u32, Digest)>> {
    let statement = format!("SELECT leaf_no, objects, high_sum, low_sum FROM sync2_leaf WHERE {condition}");
    read_all(sql, &statement, parameters, |row| {
        let (leaf, objects) = (row.count()? as u32, row.count()?);
        Ok((leaf, Digest { objects, sum: joined([row.int()?, row.int()?]) }))
    })
}

/// The objects of a leaf with their hashes, in the order of their uuids; at most so many.
pub fn of_leaf(sql: &mut dyn Sql, number: i64, leaf: u32, most: usize) -> Result<Vec<(String, String)>> {
    let statement = "SELECT object_uuid, content_hash FROM sync2_content_hash WHERE inventory_no = ? AND leaf_no = ? \
                     ORDER BY object_uuid LIMIT ?";
    read_all(sql, statement, &[number.into(), leaf.into(), SqlValue::Int(most as i64)], |row| {
        Ok((row.text()?, row.text()?))
    })
}

/// The hashes of those of the objects that have one.
pub fn hashes(sql: &mut dyn Sql, number: i64, uuids: &[&str]) -> Result<HashMap<String, String>> {
    let mut found = HashMap::with_capacity(uuids.len());
    for uuids in uuids.chunks(KEYS_PER_STATEMENT) {
        let those = marks(uuids.len());
        let statement = format!(
            "SELECT object_uuid, content_hash FROM sync2_content_hash WHERE inventory_no = ? AND object_uuid IN ({those})"
        );
        let read = read_all(sql, &statement, &with_number(number, uuids), |row| Ok((row.text()?, row.text()?)))?;
        found.extend(read);
    }
    Ok(found)
}

fn with_number(number: i64, uuids: &[&str]) -> Vec<SqlValue> {
    std::iter::once(number.into()).chain(uuids.iter().map(|uuid| SqlValue::from(*uuid))).collect()
}

/// A sum as two numbers of the database.
fn halves(sum: u128) -> [i64; 2] {
    [(sum >> 64) as i64, sum as i64]
}

fn joined([high, low]: [i64; 2]) -> u128 {
    (u128::from(high as u64) << 64) | u128::from(low as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sum_survives_as_two_numbers() {
        for sum in [0, 1, u128::MAX, 1 << 63, 1 << 64, 1 << 127, u128::MAX - 1] {
            assert_eq!(joined(halves(sum)), sum);
        }
    }
}
