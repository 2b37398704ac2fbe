//! Objects on which two sides disagree, until both have agreed again or a person decides. One per object, whichever way the
//! records travelled when it was noticed; and at a parent one more for each child that disagrees with it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use serde_json::Value;
use strum::{EnumString, IntoStaticStr};

use super::named::{self, Named};
use super::paging::{Page, Paged, select_page};
use super::row::{Columns, one_int, read_all, read_first};
use super::statement::{keys_by_category, marks, name};
use super::{LARGEST_LIST, Sql, SqlValue, now};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId, Representation};
use crate::wire::Decision;

/// The subject of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ConflictKind {
    /// The content of the object.
    Content,
    /// The dispute is whether it is removed, or what goes with it when it is.
    Removal,
}

impl ConflictKind {
    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<ConflictKind> {
        name.parse().ok()
    }
}

impl Named for ConflictKind {
    const WHAT: &'static str = "kind of a conflict";
}

/// A conflict, without the documents.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Its own id.
    pub uuid: String,
    /// The subject of the conflict.
    #[serde(serialize_with = "named::serialize")]
    pub kind: ConflictKind,
    /// Noticed last while records travelled this way.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// Which object.
    #[serde(serialize_with = "named::serialize_object")]
    pub object: ObjectId,
    /// The node id of the child that disagrees; nothing when it is the parent.
    pub child_node: Option<String>,
    /// The name that the child gives itself, where it has said so.
    pub child_name: Option<String>,
    /// The decision of a person here on a conflict with a child, with who and why: the child carries it out when it asks next.
    pub decision: Option<Decision>,
    /// The audit message of the event that brought theirs; nothing of what a child brings.
    pub audit_uuid: Option<String>,
    /// The representation of the documents.
    #[serde(serialize_with = "named::serialize")]
    pub representation: Representation,
    /// Of ours as it was read: SHA-256 in hexadecimal. Nothing when it was removed here.
    pub ours_hash: Option<String>,
    /// Of theirs as it was fetched. Nothing when it was removed there.
    pub theirs_hash: Option<String>,
    /// The hash of theirs when both sides last agreed; nothing when they never did.
    pub remote_hash: Option<String>,
    /// Details: the paths in dispute (`fields`), or the objects that a removal would take along. No
    /// patient data.
    pub detail: Option<Value>,
    /// When it was first found, milliseconds since 1970 by the database's clock.
    pub detected_at: i64,
}

/// Both sides of a conflict as JSON. Nothing for a side that removed the object. Patient data.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Documents {
    /// The version here.
    pub ours: Option<Vec<u8>>,
    /// The parent's version.
    pub theirs: Option<Vec<u8>>,
}

/// The columns that `read` takes.
const COLUMNS: &str = "uuid, conflict_kind, direction, category, object_uuid, child_node, audit_uuid, representation, \
                       ours_hash, theirs_hash, remote_hash, detail, detected_at, decision, \
                       (SELECT c.child_name FROM sync2_child c WHERE c.child_node = sync2_dispute.child_node)";

/// Stands for the parent in the place of a child's node id: a null would not be unique.
const PARENT: &str = "";

fn read(row: &mut Columns) -> Result<Conflict> {
    Ok(Conflict {
        uuid: row.text()?,
        kind: row.named()?,
        direction: row.named()?,
        object: row.object()?,
        child_node: row.text_or_null()?.filter(|node| node != PARENT),
        audit_uuid: row.text_or_null()?,
        representation: row.named()?,
        ours_hash: row.text_or_null()?,
        theirs_hash: row.text_or_null()?,
        remote_hash: row.text_or_null()?,
        detail: row.text_or_null()?.as_deref().map(parse).transpose()?,
        detected_at: row.int()?,
        decision: row.text_or_null()?.as_deref().map(parse).transpose()?,
        child_name: row.text_or_null()?,
    })
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("the row of a conflict cannot be read: {error}")))
}

/// Records a conflict. An older one of the same object with the same side is brought up to date: its uuid and
/// `detected_at` stay, because somebody may be looking at it. So does what was decided about it, until either side moves.
pub fn put(sql: &mut dyn Sql, conflict: &Conflict, documents: &Documents) -> Result<()> {
    let changes: [SqlValue; 11] = [
        name(conflict.kind),
        name(conflict.direction),
        conflict.audit_uuid.as_ref().into(),
        name(conflict.representation),
        documents.ours.as_ref().into(),
        documents.theirs.as_ref().into(),
        conflict.ours_hash.as_ref().into(),
        conflict.theirs_hash.as_ref().into(),
        conflict.remote_hash.as_ref().into(),
        conflict.detail.as_ref().map_or(SqlValue::Null, |detail| SqlValue::Text(detail.to_string())),
        now(sql)?.into(),
    ];
    let key = [
        name(conflict.object.category),
        conflict.object.uuid.as_str().into(),
        conflict.child_node.as_deref().unwrap_or(PARENT).into(),
    ];
    let text = |hash: &Option<String>| SqlValue::Text(hash.clone().unwrap_or_default());
    let decided_on = [text(&conflict.ours_hash), text(&conflict.theirs_hash)];
    // First: in MySQL what stands behind it is changed already.
    let updated = sql.update(
        "UPDATE sync2_dispute SET decision = CASE WHEN COALESCE(ours_hash, '') = ? AND COALESCE(theirs_hash, '') = ? \
         THEN decision ELSE NULL END, conflict_kind = ?, direction = ?, audit_uuid = ?, representation = ?, \
         ours_document = ?, theirs_document = ?, ours_hash = ?, theirs_hash = ?, remote_hash = ?, detail = ?, \
         changed_at = ? WHERE category = ? AND object_uuid = ? AND child_node = ?",
        &[decided_on.as_slice(), changes.as_slice(), key.as_slice()].concat(),
    )?;
    if updated == 0 {
        sql.update(
            "INSERT INTO sync2_dispute (conflict_kind, direction, audit_uuid, representation, ours_document, \
             theirs_document, ours_hash, theirs_hash, remote_hash, detail, changed_at, category, object_uuid, \
             child_node, uuid, detected_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[changes.as_slice(), key.as_slice(), &[conflict.uuid.as_str().into(), conflict.detected_at.into()]]
                .concat(),
        )?;
    }
    Ok(())
}

/// Takes the conflicts of these objects with the parent out, because they are over. Returns how many there were.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<u64> {
    remove_with(sql, PARENT, objects)
}

/// Takes the conflicts of these objects with that child out. Returns how many there were.
pub fn remove_of_child(sql: &mut dyn Sql, child_node: &str, objects: &[ObjectId]) -> Result<u64> {
    remove_with(sql, child_node, objects)
}

fn remove_with(sql: &mut dyn Sql, side: &str, objects: &[ObjectId]) -> Result<u64> {
    let mut removed = 0;
    for (condition, parameters) in keys(side, objects) {
        removed += sql.update(&format!("DELETE FROM sync2_dispute WHERE {condition}"), &parameters)?;
    }
    Ok(removed)
}

/// The conditions that together select the rows of these objects with one side, each with its parameters.
fn keys(side: &str, objects: &[ObjectId]) -> Vec<(String, Vec<SqlValue>)> {
    let keys = keys_by_category(objects).into_iter().map(|(category, uuids)| {
        let condition = format!("child_node = ? AND category = ? AND object_uuid IN ({})", marks(uuids.len()));
        (condition, [side.into(), name(category)].into_iter().chain(uuids).collect())
    });
    keys.collect()
}

/// The open conflicts with the parent of those of the objects that have one.
pub fn get_all(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Conflict>> {
    get_all_with(sql, PARENT, objects)
}

/// The open conflicts with that child of those of the objects that have one.
pub fn get_all_of_child(
    sql: &mut dyn Sql,
    child_node: &str,
    objects: &[ObjectId],
) -> Result<HashMap<ObjectId, Conflict>> {
    get_all_with(sql, child_node, objects)
}

fn get_all_with(sql: &mut dyn Sql, side: &str, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Conflict>> {
    let mut found = HashMap::new();
    for (condition, parameters) in keys(side, objects) {
        let statement = format!("SELECT {COLUMNS} FROM sync2_dispute WHERE {condition}");
        let conflicts = read_all(sql, &statement, &parameters, read)?;
        found.extend(conflicts.into_iter().map(|conflict| (conflict.object.clone(), conflict)));
    }
    Ok(found)
}

/// Notes what was decided about a conflict with a child.
pub fn decide(sql: &mut dyn Sql, uuid: &str, decision: &Decision) -> Result<()> {
    let decision = serde_json::to_string(decision).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("the decision about a conflict cannot be written: {error}"))
    })?;
    sql.update("UPDATE sync2_dispute SET decision = ? WHERE uuid = ?", &[decision.into(), uuid.into()]).map(drop)
}

/// The open conflicts with the parent after the one of that uuid, in the order of their uuids, at most so many.
pub fn with_parent_after(sql: &mut dyn Sql, uuid: &str, most: u32) -> Result<Vec<Conflict>> {
    let statement =
        format!("SELECT {COLUMNS} FROM sync2_dispute WHERE child_node = ? AND uuid > ? ORDER BY uuid LIMIT ?");
    read_all(sql, &statement, &[PARENT.into(), uuid.into(), most.min(LARGEST_LIST).into()], read)
}

/// Every open conflict of an object, with the parent and with children, the oldest first.
pub fn all_of(sql: &mut dyn Sql, object: &ObjectId) -> Result<Vec<Conflict>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_dispute WHERE category = ? AND object_uuid = ? ORDER BY detected_at, uuid LIMIT ?"
    );
    let parameters = [name(object.category), object.uuid.as_str().into(), LARGEST_LIST.into()];
    read_all(sql, &statement, &parameters, read)
}

/// The conflict of that uuid with its documents.
pub fn get(sql: &mut dyn Sql, uuid: &str) -> Result<Option<(Conflict, Documents)>> {
    let statement = format!("SELECT {COLUMNS}, ours_document, theirs_document FROM sync2_dispute WHERE uuid = ?");
    read_first(sql, &statement, &[uuid.into()], |row| {
        Ok((read(row)?, Documents { ours: row.bytes_or_null()?, theirs: row.bytes_or_null()? }))
    })
}

/// Which conflicts are meant. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConflictFilter {
    /// Of one kind of object.
    pub category: Option<Category>,
    /// Of one kind of disagreement.
    pub kind: Option<ConflictKind>,
    /// Noticed last while records travelled this way.
    pub direction: Option<Direction>,
}

/// The uuids of the open conflicts with the parent that a filter lets through, the oldest first.
pub fn matching(sql: &mut dyn Sql, filter: &ConflictFilter, limit: u32) -> Result<Vec<String>> {
    let conditions = [
        ("category = ?", filter.category.map(name)),
        ("conflict_kind = ?", filter.kind.map(name)),
        ("direction = ?", filter.direction.map(name)),
    ];
    let wanted: Vec<(&str, SqlValue)> =
        conditions.into_iter().filter_map(|(condition, value)| Some((condition, value?))).collect();
    let (conditions, values): (Vec<&str>, Vec<SqlValue>) = wanted.into_iter().unzip();
    let condition = conditions.iter().map(|condition| format!(" AND {condition}")).collect::<String>();
    let statement =
        format!("SELECT uuid FROM sync2_dispute WHERE child_node = ?{condition} ORDER BY detected_at, uuid LIMIT ?");
    let parameters: Vec<SqlValue> =
        [PARENT.into()].into_iter().chain(values).chain([limit.min(LARGEST_LIST).into()]).collect();
    read_all(sql, &statement, &parameters, Columns::text)
}

/// The open conflicts, the newest first, without documents.
pub fn list(sql: &mut dyn Sql, page: &Page, limit: u32) -> Result<Vec<Conflict>> {
    let (page, parameters) = select_page(&["detected_at", "uuid"], page, limit)?;
    read_all(sql, &format!("SELECT {COLUMNS} FROM sync2_dispute {page}"), &parameters, read)
}

impl Paged for Conflict {
    fn place(&self) -> (i64, Vec<&str>) {
        (self.detected_at, vec![&self.uuid])
    }
}

/// The objects that a push found changed on both sides where nothing is in dispute: a pull merges them. At most `limit`.
pub fn to_merge(sql: &mut dyn Sql, limit: u32) -> Result<Vec<ObjectId>> {
    let statement = "SELECT category, object_uuid FROM sync2_dispute WHERE child_node = ? AND conflict_kind = ? AND \
                     direction = ? AND detail IS NULL AND ours_hash IS NOT NULL AND theirs_hash IS NOT NULL \
                     ORDER BY detected_at, uuid LIMIT ?";
    let parameters =
        [PARENT.into(), name(ConflictKind::Content), name(Direction::Push), limit.min(LARGEST_LIST).into()];
    read_all(sql, statement, &parameters, Columns::object)
}

/// How many conflicts are open.
pub fn count(sql: &mut dyn Sql) -> Result<i64> {
    one_int(sql, "SELECT COUNT(*) FROM sync2_dispute", &[])
}
