//! The documents that both sides had when they last agreed: what a merge compares with, and what a push changes only the
//! edits in. Canonical and compressed. Patient data: they are gone as soon as the object is.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use serde::Serialize;

use super::row::{Columns, read_all, read_first};
use super::statement::{delete_objects, insert_rows, keys_by_category, marks, name, objects_in, with_category};
use super::{Sql, SqlValue, now};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId};

/// The base documents of an object, in the terms of its agreement. Canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// As the parent gave it.
    pub remote: Vec<u8>,
    /// As it was read back here, where that is something else: one side could not hold all of it.
    pub local: Option<Vec<u8>>,
    /// `remote` as it is kept, where that was made ahead.
    pub packed: Option<Packed>,
}

impl Base {
    /// As it was read back here.
    pub fn local(&self) -> &[u8] {
        self.local.as_ref().unwrap_or(&self.remote)
    }
}

/// A canonical document as it is kept. To make it takes longer than to insert it, so what is fetched is packed by the
/// threads that fetch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Errors: `Internal` when the document could not be compressed.
    pub fn of(document: &[u8]) -> Result<Packed> {
        let mut packer = PACKER.take().unwrap_or_else(Packer::new);
        let packed = packer.pack(document)?;
        PACKER.set(Some(packer));
        Ok(packed)
    }

    /// Returns how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// No document that could be saved is larger once it is unpacked.
const LARGEST: u64 = 256 << 20;

/// Keeps the bases of different objects, in the place of older ones.
pub fn put_all(sql: &mut dyn Sql, bases: &[(&ObjectId, &Base)]) -> Result<()> {
    if bases.is_empty() {
        return Ok(());
    }
    let objects: Vec<ObjectId> = bases.iter().map(|(object, _)| (*object).clone()).collect();
    let known = known(sql, &objects)?;
    let time = now(sql)?;
    let (updates, inserts): (Vec<_>, Vec<_>) = bases.iter().partition(|(object, _)| known.contains(object));
    let table = "sync2_base (remote_document, local_document, stored_bytes, changed_at, category, object_uuid)";
    insert_rows(sql, table, rows(&inserts, time)?)?;
    if updates.is_empty() {
        return Ok(());
    }
    let statement = "UPDATE sync2_base SET remote_document = ?, local_document = ?, stored_bytes = ?, changed_at = ? \
                     WHERE category = ? AND object_uuid = ?";
    sql.update_all(statement, &rows(&updates, time)?).map(drop)
}

fn rows(bases: &[(&ObjectId, &Base)], time: i64) -> Result<Vec<Vec<SqlValue>>> {
    let row = |(object, base): &(&ObjectId, &Base)| {
        let remote = base.packed.clone().map_or_else(|| Packed::of(&base.remote), Ok)?;
        let local = base.local.as_deref().map(Packed::of).transpose()?;
        let bytes = remote.bytes() + local.as_ref().map_or(0, Packed::bytes);
        Ok(vec![
            SqlValue::Bytes(remote.0),
            local.map_or(SqlValue::Null, |local| SqlValue::Bytes(local.0)),
            SqlValue::Int(i64::try_from(bytes).unwrap_or(i64::MAX)),
            time.into(),
            name(object.category),
            object.uuid.as_str().into(),
        ])
    };
    bases.iter().map(row).collect()
}

/// Where they are kept.
const TABLE: &str = "sync2_base";

/// Takes out what is kept of these objects.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    let known: Vec<ObjectId> = known(sql, objects)?.into_iter().collect();
    delete_objects(sql, TABLE, &known)
}

/// Takes out what is kept of objects of a category, of so many at most. Returns of how many.
pub fn remove_some_of(sql: &mut dyn Sql, category: Category, limit: u32) -> Result<usize> {
    let statement = "SELECT object_uuid FROM sync2_base WHERE category = ? LIMIT ?";
    let uuids = read_all(sql, statement, &[name(category), limit.into()], Columns::text)?;
    let objects: Vec<ObjectId> = uuids.into_iter().map(|uuid| ObjectId { category, uuid }).collect();
    delete_objects(sql, TABLE, &objects)?;
    Ok(objects.len())
}

/// The sum of what is kept of all objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The number of objects of which documents are kept.
    pub objects: u64,
    /// As they are kept, compressed.
    pub bytes: u64,
}

/// Looks at each row: for now and then.
pub fn kept(sql: &mut dyn Sql) -> Result<Kept> {
    let statement = "SELECT COUNT(*), COALESCE(SUM(stored_bytes), 0) FROM sync2_base";
    let kept = read_first(sql, statement, &[], |row| Ok(Kept { objects: row.count()?, bytes: row.count()? }))?;
    Ok(kept.unwrap_or_default())
}

/// Those of the objects of which a base is kept. Looked up without the documents.
fn known(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashSet<ObjectId>> {
    objects_in(sql, TABLE, objects)
}

/// Returns the base documents of those of the objects of which any are kept.
pub fn get_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Base>> {
    get_all_where(sql, objects, "")
}

/// As [`get_all`], of those only that the two sides have not alike.
pub fn get_all_unlike(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Base>> {
    get_all_where(sql, objects, " AND local_document IS NOT NULL")
}

fn get_all_where(sql: &mut dyn Sql, objects: &[ObjectId], condition: &str) -> Result<HashMap<ObjectId, Base>> {
    let mut bases = HashMap::new();
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid, remote_document, local_document FROM sync2_base \
             WHERE category = ? AND object_uuid IN ({}){condition}",
            marks(uuids.len())
        );
        bases.extend(read_all(sql, &statement, &with_category(category, uuids), |row| {
            let object = ObjectId { category, uuid: row.text()? };
            let remote = row.bytes_or_null()?.unwrap_or_default();
            let local = row.bytes_or_null()?;
            let local = local.as_deref().map(unpacked).transpose()?;
            let base = Base { remote: unpacked(&remote)?, local, packed: None };
            Ok((object, base))
        })?);
    }
    Ok(bases)
}

/// Compresses one document after the other in the same memory: to make that anew takes three times as long as to compress a
/// usual document.
struct Packer(ZlibEncoder<Vec<u8>>);

thread_local! {
    /// The packer of the thread, while it packs nothing. After a failure it is not put back: nothing of a document may get into the
    /// next one.
    static PACKER: Cell<Option<Packer>> = const { Cell::new(None) };
}

/// The bytes of a usual document.
const USUAL_BYTES: usize = 1024;

impl Packer {
    fn new() -> Packer {
        Packer(ZlibEncoder::new(Vec::new(), Compression::fast()))
    }

    fn pack(&mut self, document: &[u8]) -> Result<Packed> {
        // The next document's room; what is full by then is handed out.
        let packed = self.0.write_all(document).and_then(|()| self.0.reset(Vec::with_capacity(USUAL_BYTES)));
        packed
            .map(Packed)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("a document could not be compressed: {error}")))
    }
}

fn unpacked(stored: &[u8]) -> Result<Vec<u8>> {
    let mut document = Vec::new();
    ZlibDecoder::new(stored).take(LARGEST).read_to_end(&mut document).map_err(|error| {
        Error::new(ErrorKind::Host, format!("a document that was kept in sync2_base cannot be read: {error}"))
    })?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_packed_in_turn_are_unpacked_each_as_it_was() {
        let documents = ["", "{}", &"[1.10, 2]".repeat(300_000), r#"{"uuid": "a"}"#, "", r#"{"uuid": "b"}"#];
        for document in documents {
            let packed = Packed::of(document.as_bytes()).unwrap();
            assert_eq!(unpacked(&packed.0).unwrap(), document.as_bytes());
        }
    }
}
