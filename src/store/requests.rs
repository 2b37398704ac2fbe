//! The children's last sends of objects, and their results here: so that an object whose acknowledgement was lost is known
//! again when it comes a second time.

use std::collections::{HashMap, HashSet};

use super::row::{Columns, read_all, read_first};
use super::statement::{delete_each, insert_rows, keys_by_category, marks, name};
use super::{LARGEST_LIST, Sql, SqlValue, now};
use crate::error::Result;
use crate::event::ObjectId;

/// A child's last send of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Of its document: SHA-256 in hexadecimal. Nothing when it sent that the object was removed.
    pub sent_hash: Option<String>,
    /// Of what was read back here. Nothing when it was removed.
    pub result_hash: Option<String>,
    /// The number of the request that brought it; nothing where it had none.
    pub number: Option<u64>,
}

/// The row of `sync2_counter` by which requests are numbered.
const COUNTER: &str = "request";

/// So many requests a child can number until it greets again.
const NUMBERS_AT_ONCE: i64 = 1_000_000;

/// Returns the number from which on a child numbers its requests: greater than all that were given before. Nothing where the row was
/// deleted.
pub fn next_numbers(sql: &mut dyn Sql) -> Result<Option<u64>> {
    let statement = "UPDATE sync2_counter SET counter_value = counter_value + ? WHERE counter_name = ?";
    sql.update(statement, &[NUMBERS_AT_ONCE.into(), COUNTER.into()])?;
    let statement = "SELECT counter_value FROM sync2_counter WHERE counter_name = ?";
    read_first(sql, statement, &[COUNTER.into()], Columns::count)
}

/// The next three columns: a request.
fn read(row: &mut Columns) -> Result<Request> {
    let (sent_hash, result_hash) = (row.text_or_null()?, row.text_or_null()?);
    let number = row.int_or_null()?.and_then(|number| u64::try_from(number).ok());
    Ok(Request { sent_hash, result_hash, number })
}

/// Returns this child's last send of those of the objects that it sent.
pub fn get_all(sql: &mut dyn Sql, child_node: &str, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Request>> {
    let mut requests = HashMap::with_capacity(objects.len());
    for (category, uuids) in keys_by_category(objects) {
        let statement = format!(
            "SELECT object_uuid, sent_hash, result_hash, request_no FROM sync2_request \
             WHERE child_node = ? AND category = ? AND object_uuid IN ({})",
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> = [child_node.into(), name(category)].into_iter().chain(uuids).collect();
        requests.extend(read_all(sql, &statement, &parameters, |row| {
            let object = ObjectId { category, uuid: row.text()? };
            Ok((object, read(row)?))
        })?);
    }
    Ok(requests)
}

/// Returns each child's last send of an object, with its node id and when it was answered: the newest first.
pub fn of_object(sql: &mut dyn Sql, object: &ObjectId, limit: u32) -> Result<Vec<(String, Request, i64)>> {
    let statement = "SELECT child_node, sent_hash, result_hash, request_no, answered_at FROM sync2_request \
                     WHERE object_uuid = ? AND category = ? ORDER BY answered_at DESC, child_node LIMIT ?";
    let parameters = [object.uuid.as_str().into(), name(object.category), limit.min(LARGEST_LIST).into()];
    read_all(sql, statement, &parameters, |row| Ok((row.text()?, read(row)?, row.int()?)))
}

/// Records what this child sent of different objects. Looks first which are known, as
/// [`object_states::put_all`](super::object_states::put_all) does.
pub fn put_all(sql: &mut dyn Sql, child_node: &str, requests: &[(ObjectId, Request)]) -> Result<()> {
    let objects: Vec<ObjectId> = requests.iter().map(|(object, _)| object.clone()).collect();
    let known: HashSet<ObjectId> = get_all(sql, child_node, &objects)?.into_keys().collect();
    let time = now(sql)?;
    let row = |(object, request): &(ObjectId, Request)| {
        vec![
            request.sent_hash.as_ref().into(),
            request.result_hash.as_ref().into(),
            request.number.map_or(SqlValue::Null, |number| SqlValue::Int(number as i64)),
            time.into(),
            child_node.into(),
            name(object.category),
            object.uuid.as_str().into(),
        ]
    };
    let (updates, inserts): (Vec<_>, Vec<_>) = requests.iter().partition(|(object, _)| known.contains(object));
    insert_rows(
        sql,
        "sync2_request (sent_hash, result_hash, request_no, answered_at, child_node, category, object_uuid)",
        inserts.into_iter().map(row).collect(),
    )?;
    if updates.is_empty() {
        return Ok(());
    }
    let statement = "UPDATE sync2_request SET sent_hash = ?, result_hash = ?, request_no = ?, answered_at = ? \
                     WHERE child_node = ? AND category = ? AND object_uuid = ?";
    sql.update_all(statement, &updates.into_iter().map(row).collect::<Vec<_>>()).map(drop)
}

/// Forgets at most `limit` requests that were answered before `older_than`, the oldest first. Returns how many. A child that
/// comes back later with one of them meets a conflict where this server did not keep everything that it sent, or where it
/// has edited the object since.
pub fn prune(sql: &mut dyn Sql, older_than: i64, limit: u32) -> Result<u64> {
    let keys = read_all(
        sql,
        "SELECT child_node, category, object_uuid FROM sync2_request WHERE answered_at < ? ORDER BY answered_at LIMIT ?",
        &[older_than.into(), limit.min(LARGEST_LIST).into()],
        |row| Ok(vec![row.text()?.into(), row.text()?.into(), row.text()?.into(), older_than.into()]),
    )?;
    // Again by age: the child may have sent the object anew since it was looked for.
    let condition = "sync2_request WHERE child_node = ? AND category = ? AND object_uuid = ? AND answered_at < ?";
    delete_each(sql, condition, &keys)
}
