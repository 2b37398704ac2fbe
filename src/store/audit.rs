//! Audit messages: one row per (direction, feed epoch, event id), by a key of the database (guarantee *Nothing is applied twice*).

use std::collections::HashMap;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use strum::{EnumString, IntoStaticStr};

use super::compact::{compact, compact_or_null};
use super::named::{self, Named};
use super::row::{Columns, read_all, read_first};
use super::statement::{KEYS_PER_STATEMENT, failure_or_nulls, insert_rows, marks, name, name_or_null};
use super::{Failure, LARGEST_LIST, Sql, SqlValue};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, Direction, ObjectId, Representation};

mod search;

pub use search::{AuditQuery, Found, MOST_LOOKED_AT, find, search};

/// The status of an event in the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditStatus {
    /// Saved, and read back as it was sent.
    Applied,
    /// Saved, but some paths did not survive: they are in the detail.
    Partial,
    /// Nothing to do: this side already had it.
    Unchanged,
    /// Another event of the same object carried it.
    Coalesced,
    /// Merged field by field with a change of this side.
    Merged,
    /// This side's version was kept, as the policy says.
    Kept,
    /// Removed here, with proof.
    Removed,
    /// Could not be done yet; waits in `parked`.
    Parked,
    /// Both sides changed; waits for a person.
    Conflict,
    /// A person resolved the conflict.
    Resolved,
    /// Not wanted here.
    Filtered,
    /// A person gave it up, with a reason.
    Dismissed,
}

impl AuditStatus {
    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<AuditStatus> {
        name.parse().ok()
    }
}

impl Named for AuditStatus {
    const WHAT: &'static str = "audit status";
}

impl fmt::Display for AuditStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for AuditStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The record of what became of one event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditMessage {
    /// Its own id.
    pub uuid: String,
    /// The run that passed the event.
    pub run_id: String,
    /// Which way the record travelled.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// The kind of object.
    #[serde(serialize_with = "named::serialize")]
    pub category: Category,
    /// Which object; nothing when the entry could not be understood.
    pub object_uuid: Option<String>,
    /// The action that the feed named.
    #[serde(serialize_with = "named::serialize")]
    pub action: Action,
    /// The epoch of the feed.
    pub epoch: String,
    /// The entry's `atom:id`, at most [`LONGEST_EVENT_ID`](super::LONGEST_EVENT_ID) characters.
    pub event_id: String,
    /// The node that wrote this.
    pub node_id: String,
    /// Milliseconds since 1970 by the database's clock.
    pub recorded_at: i64,
    /// Its outcome.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The outcome of an event: the part of an audit message that a retry changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// In one word.
    pub status: AuditStatus,
    /// The representation that the object was fetched in; nothing when it was not fetched.
    #[serde(serialize_with = "named::serialize_option")]
    pub representation: Option<Representation>,
    /// The client that fetched it, such as `fhir`.
    pub client: Option<String>,
    /// Where it was fetched, without credentials.
    pub url: Option<String>,
    /// Why it is parked.
    pub error: Option<Failure>,
    /// Details, such as the paths that did not survive. No patient data.
    pub detail: Option<Value>,
    /// For `COALESCED`: the audit message of the event that carried it.
    pub carried_by: Option<String>,
    /// From the start of the fetch to the end of the save, in milliseconds.
    pub duration_ms: i64,
}

/// The columns that `read` takes.
const COLUMNS: &str = "uuid, run_id, direction, category, object_uuid, event_action, feed_epoch, event_id, node_id, \
                       recorded_at, status, representation, client_name, url, error_kind, error_message, detail, \
                       carried_by, duration_ms";

/// Writes the messages of a batch.
pub fn insert_all(sql: &mut dyn Sql, messages: &[AuditMessage]) -> Result<()> {
    let rows = messages.iter().map(parameters).collect();
    insert_rows(sql, &format!("sync2_audit_message (event_key, object_key, {COLUMNS})"), rows)
}

/// Moves the oldest messages out of the table of release 0.1.0. Returns how many there were.
pub(super) fn move_first(sql: &mut dyn Sql) -> Result<u64> {
    move_out(sql, &FIRST_TABLE)
}

/// Moves the oldest messages out of the table that no release had. Returns how many there were.
pub(super) fn move_second(sql: &mut dyn Sql) -> Result<u64> {
    move_out(sql, &SECOND_TABLE)
}

fn move_out(sql: &mut dyn Sql, former: &Former) -> Result<u64> {
    let Former { table, order, key, ids } = former;
    let statement = format!("SELECT {COLUMNS} FROM {table} ORDER BY {order} LIMIT {MOVED_AT_ONCE}");
    let messages = read_all(sql, &statement, &[], |row| read_with(row, ids))?;
    insert_all(sql, &messages)?;
    let keys: Vec<SqlValue> = messages.iter().map(|message| key(&message.uuid)).collect();
    for portion in keys.chunks(KEYS_PER_STATEMENT) {
        sql.update(&format!("DELETE FROM {table} WHERE uuid IN ({})", marks(portion.len())), portion)?;
    }
    Ok(messages.len() as u64)
}

const MOVED_AT_ONCE: usize = 1000;

/// A table that had the messages before.
struct Former {
    table: &'static str,
    /// The oldest first.
    order: &'static str,
    /// A message's uuid as the table has it.
    key: fn(&str) -> SqlValue,
    ids: Ids,
}

/// How ids are read.
struct Ids {
    id: fn(&mut Columns) -> Result<String>,
    id_or_null: fn(&mut Columns) -> Result<Option<String>>,
    object_or_null: fn(&mut Columns) -> Result<Option<String>>,
}

const COMPACT: Ids = Ids { id: Columns::id, id_or_null: Columns::id_or_null, object_or_null: Columns::id_or_null };

const FIRST_TABLE: Former = Former {
    table: "sync2_audit",
    order: "recorded_at, uuid",
    key: |uuid| uuid.into(),
    ids: Ids { id: Columns::text, id_or_null: Columns::text_or_null, object_or_null: Columns::text_or_null },
};

const SECOND_TABLE: Former = Former {
    table: "sync2_message",
    order: "row_no",
    key: compact,
    ids: Ids { object_or_null: Columns::text_or_null, ..COMPACT },
};

/// The 16 bytes that stand for an event: SHA-256, so that no feed can choose ids for which they are the same.
fn event_key(direction: Direction, epoch: &str, event_id: &str) -> SqlValue {
    let digest = Sha256::digest([direction.name(), epoch, event_id].join("\n"));
    SqlValue::Bytes(digest.iter().take(16).copied().collect())
}

/// The number that an object's messages are found by, of four bytes. Different objects may have the same.
fn object_key(object_uuid: &str) -> i64 {
    let digest = Sha256::digest(object_uuid);
    digest.iter().take(4).fold(0, |key: i32, byte| key << 8 | i32::from(*byte)).into()
}

fn parameters(message: &AuditMessage) -> Vec<SqlValue> {
    let mut parameters = vec![
        event_key(message.direction, &message.epoch, &message.event_id),
        message.object_uuid.as_deref().map(object_key).into(),
        compact(&message.uuid),
        compact(&message.run_id),
        name(message.direction),
        name(message.category),
        compact_or_null(message.object_uuid.as_deref()),
        name(message.action),
        compact(&message.epoch),
        compact(&message.event_id),
        compact(&message.node_id),
        message.recorded_at.into(),
    ];
    parameters.extend(outcome_parameters(&message.outcome));
    parameters
}

fn outcome_parameters(outcome: &Outcome) -> [SqlValue; 9] {
    let [error_kind, error_message] = failure_or_nulls(outcome.error.as_ref());
    [
        name(outcome.status),
        name_or_null(outcome.representation),
        outcome.client.as_ref().into(),
        outcome.url.as_ref().into(),
        error_kind,
        error_message,
        outcome.detail.as_ref().map_or(SqlValue::Null, |detail| SqlValue::Text(detail.to_string())),
        compact_or_null(outcome.carried_by.as_deref()),
        outcome.duration_ms.clamp(0, i32::MAX.into()).into(),
    ]
}

fn read(row: &mut Columns) -> Result<AuditMessage> {
    read_with(row, &COMPACT)
}

fn read_with(row: &mut Columns, ids: &Ids) -> Result<AuditMessage> {
    Ok(AuditMessage {
        uuid: (ids.id)(row)?,
        run_id: (ids.id)(row)?,
        direction: row.named()?,
        category: row.named()?,
        object_uuid: (ids.object_or_null)(row)?,
        action: row.named()?,
        epoch: (ids.id)(row)?,
        event_id: (ids.id)(row)?,
        node_id: (ids.id)(row)?,
        recorded_at: row.int()?,
        outcome: Outcome {
            status: row.named()?,
            representation: row.named_or_null()?,
            client: row.text_or_null()?,
            url: row.text_or_null()?,
            error: row.failure_or_null()?,
            detail: row.text_or_null()?.as_deref().map(parse_detail).transpose()?,
            carried_by: (ids.id_or_null)(row)?,
            duration_ms: row.int()?,
        },
    })
}

fn parse_detail(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("the detail of an audit message in the database is not JSON: {error}"))
    })
}

/// Which of the events are already recorded: the event id and the uuid of its message.
pub fn known(
    sql: &mut dyn Sql,
    direction: Direction,
    epoch: &str,
    event_ids: &[&str],
) -> Result<HashMap<String, String>> {
    let mut known = HashMap::new();
    for portion in event_ids.chunks(KEYS_PER_STATEMENT) {
        let statement =
            format!("SELECT event_id, uuid FROM sync2_audit_message WHERE event_key IN ({})", marks(portion.len()));
        let keys: Vec<SqlValue> = portion.iter().map(|id| event_key(direction, epoch, id)).collect();
        known.extend(read_all(sql, &statement, &keys, |row| Ok((row.id()?, row.id()?)))?);
    }
    Ok(known)
}

/// Replaces the outcome of a message, after a retry or a person's choice. The event's key and time stay.
pub fn update_outcome(sql: &mut dyn Sql, uuid: &str, outcome: &Outcome) -> Result<()> {
    let parameters: Vec<SqlValue> = outcome_parameters(outcome).into_iter().chain([compact(uuid)]).collect();
    sql.update(
        "UPDATE sync2_audit_message SET status = ?, representation = ?, client_name = ?, url = ?, error_kind = ?, \
         error_message = ?, detail = ?, carried_by = ?, duration_ms = ? WHERE uuid = ?",
        &parameters,
    )?;
    Ok(())
}

/// A newer event of the object brought what older ones waited for: their messages that are still `PARKED` or `CONFLICT`
/// become `COALESCED`, carried by the given message. Returns how many.
pub fn coalesce_parked(sql: &mut dyn Sql, direction: Direction, object: &ObjectId, carried_by: &str) -> Result<u64> {
    sql.update(
        "UPDATE sync2_audit_message SET status = ?, carried_by = ? \
         WHERE object_key = ? AND object_uuid = ? AND category = ? AND direction = ? AND status IN (?, ?) AND uuid <> ?",
        &[
            name(AuditStatus::Coalesced),
            compact(carried_by),
            object_key(&object.uuid).into(),
            compact(&object.uuid),
            name(object.category),
            name(direction),
            name(AuditStatus::Parked),
            name(AuditStatus::Conflict),
            compact(carried_by),
        ],
    )
}

/// A person gives up what is parked of an object: its message says who and why, and the older ones of it are carried by that.
pub fn dismiss(sql: &mut dyn Sql, direction: Direction, object: &ObjectId, uuid: &str, detail: &Value) -> Result<()> {
    sql.update(
        "UPDATE sync2_audit_message SET status = ?, detail = ? WHERE uuid = ?",
        &[name(AuditStatus::Dismissed), SqlValue::Text(detail.to_string()), compact(uuid)],
    )?;
    sql.update(
        "UPDATE sync2_audit_message SET status = ?, carried_by = ? \
         WHERE object_key = ? AND object_uuid = ? AND category = ? AND direction = ? AND status = ? AND uuid <> ?",
        &[
            name(AuditStatus::Coalesced),
            compact(uuid),
            object_key(&object.uuid).into(),
            compact(&object.uuid),
            name(object.category),
            name(direction),
            name(AuditStatus::Parked),
            compact(uuid),
        ],
    )
    .map(drop)
}

/// A conflict is over: the messages of it in both directions become `COALESCED`, carried by the given message.
pub fn coalesce_conflicts(sql: &mut dyn Sql, object: &ObjectId, carried_by: &str) -> Result<u64> {
    sql.update(
        "UPDATE sync2_audit_message SET status = ?, carried_by = ? \
         WHERE object_key = ? AND object_uuid = ? AND category = ? AND status = ? AND uuid <> ?",
        &[
            name(AuditStatus::Coalesced),
            compact(carried_by),
            object_key(&object.uuid).into(),
            compact(&object.uuid),
            name(object.category),
            name(AuditStatus::Conflict),
            compact(carried_by),
        ],
    )
}

/// The message of that uuid.
pub fn get(sql: &mut dyn Sql, uuid: &str) -> Result<Option<AuditMessage>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_audit_message WHERE uuid = ?");
    read_first(sql, &statement, &[compact(uuid)], read)
}

/// Deletes at most `limit` messages recorded before `older_than`, the oldest first, with their attempts. What still
/// waits (`PARKED`, `CONFLICT`) stays whatever its age. Returns how many were deleted: fewer than `limit` (and than
/// [`LARGEST_LIST`]) when there are no more.
pub fn prune(sql: &mut dyn Sql, older_than: i64, limit: u32) -> Result<u64> {
    let messages: Vec<(i64, String)> = read_all(
        sql,
        "SELECT row_no, uuid FROM sync2_audit_message WHERE recorded_at < ? AND status NOT IN (?, ?) \
         ORDER BY recorded_at, row_no LIMIT ?",
        &[older_than.into(), name(AuditStatus::Parked), name(AuditStatus::Conflict), limit.min(LARGEST_LIST).into()],
        |row| Ok((row.int()?, row.id()?)),
    )?;
    for portion in messages.chunks(KEYS_PER_STATEMENT) {
        let (numbers, uuids): (Vec<SqlValue>, Vec<SqlValue>) =
            portion.iter().map(|(number, uuid)| (SqlValue::from(*number), SqlValue::from(uuid))).unzip();
        let keys = marks(portion.len());
        sql.update(&format!("DELETE FROM sync2_attempt WHERE audit_uuid IN ({keys})"), &uuids)?;
        sql.update(&format!("DELETE FROM sync2_audit_message WHERE row_no IN ({keys})"), &numbers)?;
    }
    Ok(messages.len() as u64)
}
