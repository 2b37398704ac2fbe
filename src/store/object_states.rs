//! The last agreement of both sides on each object.

use std::collections::HashMap;

use serde_json::Value;

use super::restores::Restore;
use super::row::{Columns, one_int, read_all};
use super::statement::{delete_objects, insert_rows, keys_by_category, marks, name};
use super::{Sql, SqlValue, now, outbox, sightings};
use crate::decide::canonical;
use crate::error::Result;
use crate::event::{Action, Category, ObjectId, Representation};

/// The hashes of an object as both sides had it. Each is only ever compared with its own side: two servers give
/// different bytes for the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectState {
    /// As read back here: SHA-256 in hexadecimal. Nothing when it was removed here.
    pub local_hash: Option<String>,
    /// As the parent gave it. Nothing when the parent had removed it.
    pub remote_hash: Option<String>,
    /// The representation that both were hashed in.
    pub representation: Representation,
    /// The version of the canonical form that was hashed.
    pub canonical_version: u32,
    /// The parent was restored from a copy that has the events of its feed up to this number, and may have lost what was
    /// agreed on here.
    pub restored_to: Option<u64>,
    /// The hashes of the parent's versions that pushes from here have replaced one after the other, up to this agreement, the
    /// oldest first; the newest of them, at most [`MOST_REPLACED`]. Nothing after an agreement that came otherwise.
    pub replaced: Vec<String>,
}

/// The most versions that are remembered of those that were replaced.
pub const MOST_REPLACED: usize = 8;

impl ObjectState {
    /// Returns true if its hashes can be compared with those of documents of today, in that representation.
    pub fn is_comparable(&self, representation: Representation) -> bool {
        self.is_known(representation) && !canonical::differs(self.canonical_version, representation)
    }

    /// Returns true if its hashes can be compared with those that documents have in its version of their form, in that
    /// representation.
    pub fn is_known(&self, representation: Representation) -> bool {
        self.representation == representation && canonical::is_known(self.canonical_version)
    }

    /// The same agreement in terms of today, as far as it still holds for what each side has; nothing in another representation
    /// or an unknown version.
    pub fn carried_over(
        &self,
        representation: Representation,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) -> Option<ObjectState> {
        if !self.is_known(representation) || self.is_comparable(representation) {
            return Some(self.clone()).filter(|state| state.is_comparable(representation));
        }
        let carried = |hash: &Option<String>, document: Option<&Value>| match (hash, document) {
            (Some(hash), Some(document))
                if *hash == canonical::hash_at(self.canonical_version, representation, document) =>
            {
                Some(canonical::hash_at(canonical::VERSION, representation, document))
            }
            // Another one than any of today: that side has changed.
            (hash, _) => hash.clone(),
        };
        Some(ObjectState {
            local_hash: carried(&self.local_hash, ours),
            remote_hash: carried(&self.remote_hash, theirs),
            canonical_version: canonical::VERSION,
            // They are of the other form.
            replaced: Vec::new(),
            ..self.clone()
        })
    }

    /// Returns the versions that this version of the parent's has replaced, after that agreement.
    fn replaced_since<'a>(&'a self, before: Option<&'a ObjectState>) -> &'a [String] {
        let same = before.filter(|before| {
            self.replaced.is_empty()
                && (&before.remote_hash, before.representation, before.canonical_version)
                    == (&self.remote_hash, self.representation, self.canonical_version)
        });
        same.map_or(&self.replaced, |before| &before.replaced)
    }
}

/// The states of those of the objects that have one.
pub fn get_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, ObjectState>> {
    let mut states = HashMap::with_capacity(objects.len());
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid, local_hash, remote_hash, representation, canonical_version, restored_to, replaced_hashes \
             FROM sync2_object_state WHERE category = ? AND object_uuid IN ({})",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = std::iter::once(name(category)).chain(uuids).collect();
        states.extend(read_all(sql, &statement, &parameters, |row| {
            Ok((ObjectId { category, uuid: row.text()? }, state(row)?))
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

/// Records the states of different objects. Where the parent's version stays, so does what it has replaced: a pull meets again
/// what a push has brought. Looks first which are known, instead of counting the rows of updates: not every driver counts those of
/// many statements sent together.
pub fn put_all(sql: &mut dyn Sql, states: &[(ObjectId, ObjectState)]) -> Result<()> {
    let objects: Vec<ObjectId> = states.iter().map(|(object, _)| object.clone()).collect();
    let known = get_all(sql, &objects)?;
    let (time, sighting) = (now(sql)?, sightings::newest_number(sql)?);
    let (updates, inserts): (Vec<_>, Vec<_>) = states.iter().partition(|(object, _)| known.contains_key(object));
    insert_rows(
        sql,
        "sync2_object_state \
         (local_hash, remote_hash, representation, canonical_version, restored_to, replaced_hashes, changed_at, \
         sighting_no, category, object_uuid)",
        rows(&inserts, &known, time, sighting),
    )?;
    if updates.is_empty() {
        return Ok(());
    }
    let statement = "UPDATE sync2_object_state SET local_hash = ?, remote_hash = ?, representation = ?, \
                     canonical_version = ?, restored_to = ?, replaced_hashes = ?, changed_at = ?, sighting_no = ? \
                     WHERE category = ? AND object_uuid = ?";
    sql.update_all(statement, &rows(&updates, &known, time, sighting)).map(drop)
}

fn rows(
    states: &[&(ObjectId, ObjectState)],
    known: &HashMap<ObjectId, ObjectState>,
    time: i64,
    sighting: i64,
) -> Vec<Vec<SqlValue>> {
    let row = |(object, state): &&(ObjectId, ObjectState)| {
        let replaced = state.replaced_since(known.get(object)).join(" ");
        vec![
            state.local_hash.as_ref().into(),
            state.remote_hash.as_ref().into(),
            name(state.representation),
            state.canonical_version.into(),
            state.restored_to.map(|number| number as i64).into(),
            if replaced.is_empty() { SqlValue::Null } else { SqlValue::Text(replaced) },
            time.into(),
            sighting.into(),
            name(object.category),
            object.uuid.as_str().into(),
        ]
    };
    states.iter().map(row).collect()
}

/// Forgets what was agreed on about these objects.
pub fn forget(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    delete_objects(sql, "sync2_object_state", objects)
}

/// The most states that are marked at once.
const MARKED_AT_ONCE: u32 = 500;

/// Of the states after that object, which were recorded at that sighting of the parent or later: marks the first so many as
/// what a parent may have lost that was restored so, and adds each to what is to be pushed. Returns the last of them and how
/// many there were; nothing when there was none. What was agreed on before the parent was seen where it was restored to has
/// replaced nothing that it has.
pub fn mark_restored(
    sql: &mut dyn Sql,
    after: Option<&ObjectId>,
    sighting: i64,
    restore: &Restore,
) -> Result<Option<(ObjectId, u64)>> {
    let (category, uuid) = after.map_or(("", ""), |object| (object.category.name(), object.uuid.as_str()));
    let statement = "SELECT category, object_uuid, local_hash FROM sync2_object_state \
                     WHERE (category > ? OR (category = ? AND object_uuid > ?)) AND COALESCE(sighting_no, 0) >= ? \
                     AND (restored_to IS NULL OR restored_to > ?) ORDER BY category, object_uuid LIMIT ?";
    let number = restore.restored_to as i64;
    let parameters =
        [category.into(), category.into(), uuid.into(), sighting.into(), number.into(), MARKED_AT_ONCE.into()];
    let found = read_all(sql, statement, &parameters, |row| Ok((row.object()?, row.text_or_null()?)))?;
    let keys = found.iter().map(|(object, _)| {
        vec![number.into(), restore.sighting.into(), name(object.category), object.uuid.as_str().into()]
    });
    let keys: Vec<Vec<SqlValue>> = keys.collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let statement = "UPDATE sync2_object_state SET restored_to = ?, replaced_hashes = \
                     CASE WHEN COALESCE(sighting_no, 0) < ? THEN NULL ELSE replaced_hashes END \
                     WHERE category = ? AND object_uuid = ?";
    sql.update_all(statement, &keys)?;
    for (object, local_hash) in &found {
        outbox::add(sql, object, if local_hash.is_some() { Action::Updated } else { Action::Voided })?;
    }
    let count = found.len() as u64;
    Ok(found.into_iter().next_back().map(|(object, _)| (object, count)))
}

/// In an agreement whose parent does not have the object any more: it is sent as one that the parent never had.
pub const FORGOTTEN: u64 = i64::MAX as u64;

/// The agreements after that object, in their order, at most so many.
pub fn after(sql: &mut dyn Sql, object: Option<&ObjectId>, most: u32) -> Result<Vec<(ObjectId, ObjectState)>> {
    let (category, uuid) = object.map_or(("", ""), |object| (object.category.name(), object.uuid.as_str()));
    let statement = "SELECT category, object_uuid, local_hash, remote_hash, representation, canonical_version, restored_to, \
                     replaced_hashes FROM sync2_object_state WHERE category > ? OR (category = ? AND object_uuid > ?) \
                     ORDER BY category, object_uuid LIMIT ?";
    read_all(sql, statement, &[category.into(), category.into(), uuid.into(), most.into()], |row| {
        Ok((row.object()?, state(row)?))
    })
}

/// The agreements of a category after that uuid on which both sides have other hashes than each other, in the order of the uuids; at
/// most so many.
pub fn unlike(sql: &mut dyn Sql, category: Category, after: &str, most: u32) -> Result<Vec<(String, ObjectState)>> {
    let statement = "SELECT object_uuid, local_hash, remote_hash, representation, canonical_version, restored_to, \
                     replaced_hashes FROM sync2_object_state WHERE category = ? AND object_uuid > ? \
                     AND COALESCE(local_hash, '') <> COALESCE(remote_hash, '') ORDER BY object_uuid LIMIT ?";
    read_all(sql, statement, &[name(category), after.into(), most.into()], |row| Ok((row.text()?, state(row)?)))
}

/// The parent has these as was agreed: it has not lost them.
pub fn unmark(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    let keys = objects.iter().map(|object| vec![name(object.category), object.uuid.as_str().into()]);
    let keys: Vec<Vec<SqlValue>> = keys.collect();
    if keys.is_empty() {
        return Ok(());
    }
    let statement = "UPDATE sync2_object_state SET restored_to = NULL WHERE category = ? AND object_uuid = ?";
    sql.update_all(statement, &keys).map(drop)
}

fn state(row: &mut Columns) -> Result<ObjectState> {
    Ok(ObjectState {
        local_hash: row.text_or_null()?,
        remote_hash: row.text_or_null()?,
        representation: row.named()?,
        canonical_version: row.count()? as u32,
        restored_to: row.int_or_null()?.map(i64::unsigned_abs),
        replaced: row.text_or_null()?.unwrap_or_default().split_whitespace().map(str::to_string).collect(),
    })
}

/// How many states a restored parent may have lost that were not agreed on with it since.
pub fn count_restored(sql: &mut dyn Sql) -> Result<u64> {
    let statement = "SELECT COUNT(*) FROM sync2_object_state WHERE restored_to IS NOT NULL";
    Ok(one_int(sql, statement, &[])?.unsigned_abs())
}
