//! The last comparison of both sides: how far it has come in each category, and what it found. A new one takes its place; until
//! then its rows stay.

use std::collections::BTreeMap;

use serde::Serialize;

use super::named::{self, Named};
use super::paging::{Page, Paged, select_page};
use super::row::{Columns, read_all, read_first};
use super::statement::{KEYS_PER_STATEMENT, delete_objects, insert_rows, keys_by_category, marks, name, name_or_null};
use super::{LARGEST_LIST, Sql, SqlValue, now};
use crate::decide::verification::{Depth, Finding, Newer, Why};
use crate::error::Result;
use crate::event::{Category, ObjectId};

impl Named for Finding {
    const WHAT: &'static str = "finding of a comparison";
}

impl Named for Newer {
    const WHAT: &'static str = "newer side";
}

impl Named for Why {
    const WHAT: &'static str = "reason of a comparison";
}

/// The last comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Milliseconds since 1970 by the database's clock; nothing where nobody has asked for one.
    pub begun_at: Option<i64>,
    /// When all was compared; nothing while it is not.
    pub ended_at: Option<i64>,
    /// True if each object is compared, whatever the digests say.
    #[serde(serialize_with = "serialize_depth")]
    pub deep: Depth,
    /// The categories that it has come to.
    pub categories: Vec<Verified>,
}

/// A category of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Which one.
    #[serde(serialize_with = "named::serialize")]
    pub category: Category,
    /// The place in the list here after which it goes on.
    #[serde(skip)]
    pub here_after: Option<String>,
    /// The place in the parent's list.
    #[serde(skip)]
    pub there_after: Option<String>,
    /// How many leaves of it are compared, where that goes by digests.
    #[serde(skip)]
    pub leaves: Option<u32>,
    /// Objects that were looked at, on either side.
    pub compared: u64,
    /// Of these, those of one side that this node does not synchronize.
    pub left_out: u64,
    /// Why the category, or the rest of it, is not compared.
    #[serde(serialize_with = "named::serialize_option")]
    pub why: Option<Why>,
    /// When it was gone through, milliseconds since 1970 by the database's clock; nothing while it is not.
    pub ended_at: Option<i64>,
    /// How many objects there are of each finding.
    #[serde(serialize_with = "serialize_findings")]
    pub findings: BTreeMap<&'static str, u64>,
}

fn serialize_depth<S: serde::Serializer>(depth: &Depth, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_bool(*depth == Depth::Deep)
}

fn serialize_findings<S: serde::Serializer>(
    findings: &BTreeMap<&'static str, u64>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let named = Finding::DIFFERENCES.iter().chain(&[Finding::Waiting, Finding::NotCompared, Finding::Suspected]);
    serializer.collect_map(named.map(|finding| (finding.name(), findings.get(finding.name()).copied().unwrap_or(0))))
}

/// An object that is not the same on both sides, or of which that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Which object.
    #[serde(serialize_with = "named::serialize_object")]
    pub object: ObjectId,
    /// What was found.
    #[serde(serialize_with = "named::serialize")]
    pub finding: Finding,
    /// Of a difference, the side that changed since both agreed.
    #[serde(serialize_with = "named::serialize_option")]
    pub newer: Option<Newer>,
    /// Why it waits, or is not compared.
    #[serde(serialize_with = "named::serialize_option")]
    pub why: Option<Why>,
    /// The hash here at the first look.
    #[serde(skip)]
    pub ours_hash: Option<String>,
    /// The hash of the parent's at the first look.
    #[serde(skip)]
    pub theirs_hash: Option<String>,
    /// When it was looked at last, milliseconds since 1970 by the database's clock.
    pub found_at: i64,
    /// When its repair was begun; its audit says what became of that.
    pub repaired_at: Option<i64>,
}

impl Paged for Difference {
    fn place(&self) -> (i64, Vec<&str>) {
        (self.found_at, vec![self.object.category.name(), &self.object.uuid])
    }
}

/// Which differences of a list. What is `None` does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DifferenceFilter {
    /// Of one kind of object.
    pub category: Option<Category>,
    /// With one finding.
    pub finding: Option<Finding>,
}

/// Which differences are repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToRepair {
    /// All of them.
    All,
    /// Those of one kind of object.
    OfCategory(Category),
    /// That of one object.
    One(ObjectId),
}

const COLUMNS: &str = "category, object_uuid, finding, newer_side, why, ours_hash, theirs_hash, found_at, repaired_at";

fn read(row: &mut Columns) -> Result<Difference> {
    Ok(Difference {
        object: row.object()?,
        finding: row.named()?,
        newer: row.named_or_null()?,
        why: row.named_or_null()?,
        ours_hash: row.text_or_null()?,
        theirs_hash: row.text_or_null()?,
        found_at: row.int()?,
        repaired_at: row.int_or_null()?,
    })
}

/// The last comparison, without its differences.
pub fn last(sql: &mut dyn Sql) -> Result<Verification> {
    let statement = "SELECT begun_at, ended_at, is_deep FROM sync2_verification WHERE slot = 1";
    let begun = read_first(sql, statement, &[], |row| Ok((row.int()?, row.int_or_null()?, depth(row)?)))?;
    let Some((begun_at, ended_at, deep)) = begun else { return Ok(Verification::default()) };
    let mut categories = verified(sql)?;
    for (category, finding, count) in counts(sql)? {
        if let Some(verified) = categories.iter_mut().find(|verified| verified.category == category) {
            verified.findings.insert(finding.name(), count);
        }
    }
    Ok(Verification { begun_at: Some(begun_at), ended_at, deep, categories })
}

/// How deep the one is that has not ended; nothing where there is none.
pub fn unfinished(sql: &mut dyn Sql) -> Result<Option<Depth>> {
    read_first(sql, "SELECT is_deep FROM sync2_verification WHERE ended_at IS NULL", &[], depth)
}

/// One that the release before has begun compares each object.
fn depth(row: &mut Columns) -> Result<Depth> {
    Ok(if row.int_or_null()? == Some(0) { Depth::Quick } else { Depth::Deep })
}

/// The last one counts no more: its rows are to be [removed](remove_some) before another one begins.
pub fn forget(sql: &mut dyn Sql) -> Result<()> {
    sql.update("DELETE FROM sync2_verification", &[]).map(drop)
}

/// Removes some of what a forgotten one found. Returns true while there may be more.
pub fn remove_some(sql: &mut dyn Sql) -> Result<bool> {
    let statement = "SELECT category, object_uuid FROM sync2_difference ORDER BY category, object_uuid LIMIT ?";
    let some = read_all(sql, statement, &[LARGEST_LIST.into()], Columns::object)?;
    remove(sql, &some)?;
    if some.is_empty() {
        sql.update("DELETE FROM sync2_verified", &[])?;
    }
    Ok(!some.is_empty())
}

/// Begins one.
pub fn begin(sql: &mut dyn Sql, depth: Depth) -> Result<()> {
    let time = now(sql)?;
    let is_deep = i64::from(depth == Depth::Deep);
    let statement = "INSERT INTO sync2_verification (slot, begun_at, is_deep) VALUES (1, ?, ?)";
    sql.update(statement, &[time.into(), is_deep.into()]).map(drop)
}

/// All is compared.
pub fn end(sql: &mut dyn Sql) -> Result<()> {
    let time = now(sql)?;
    sql.update("UPDATE sync2_verification SET ended_at = ? WHERE slot = 1", &[time.into()]).map(drop)
}

/// The categories that it has come to, in their order, without how much was found.
pub fn verified(sql: &mut dyn Sql) -> Result<Vec<Verified>> {
    let statement = "SELECT category, here_after, there_after, leaves_passed, compared_objects, left_out_objects, why, \
                     ended_at FROM sync2_verified";
    let mut verified = read_all(sql, statement, &[], |row| {
        Ok(Verified {
            category: row.named()?,
            here_after: row.text_or_null()?,
            there_after: row.text_or_null()?,
            leaves: row.int_or_null()?.map(|leaves| leaves as u32),
            compared: row.count()?,
            left_out: row.count()?,
            why: row.named_or_null()?,
            ended_at: row.int_or_null()?,
            findings: BTreeMap::new(),
        })
    })?;
    verified.sort_by_key(|verified| verified.category);
    Ok(verified)
}

/// Notes how far it has come in a category.
pub fn put(sql: &mut dyn Sql, verified: &Verified) -> Result<()> {
    let values: [SqlValue; 8] = [
        verified.here_after.as_ref().into(),
        verified.there_after.as_ref().into(),
        verified.leaves.map(i64::from).into(),
        SqlValue::Int(verified.compared as i64),
        SqlValue::Int(verified.left_out as i64),
        name_or_null(verified.why),
        verified.ended_at.into(),
        name(verified.category),
    ];
    let statement = "UPDATE sync2_verified SET here_after = ?, there_after = ?, leaves_passed = ?, compared_objects = ?, \
                     left_out_objects = ?, why = ?, ended_at = ? WHERE category = ?";
    if sql.update(statement, &values)? == 0 {
        let statement = "INSERT INTO sync2_verified (here_after, there_after, leaves_passed, compared_objects, \
                         left_out_objects, why, ended_at, category) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        sql.update(statement, &values)?;
    }
    Ok(())
}

fn counts(sql: &mut dyn Sql) -> Result<Vec<(Category, Finding, u64)>> {
    let statement = "SELECT category, finding, COUNT(*) FROM sync2_difference GROUP BY finding, category";
    read_all(sql, statement, &[], |row| Ok((row.named()?, row.named()?, row.count()?)))
}

/// Keeps what was found of different objects, in the place of what was found of them before.
pub fn put_all(sql: &mut dyn Sql, differences: &[Difference]) -> Result<()> {
    let objects: Vec<ObjectId> = differences.iter().map(|difference| difference.object.clone()).collect();
    remove(sql, &objects)?;
    let rows = differences.iter().map(|difference| {
        vec![
            name(difference.object.category),
            difference.object.uuid.as_str().into(),
            name(difference.finding),
            name_or_null(difference.newer),
            name_or_null(difference.why),
            difference.ours_hash.as_ref().into(),
            difference.theirs_hash.as_ref().into(),
            difference.found_at.into(),
            difference.repaired_at.into(),
        ]
    });
    insert_rows(sql, &format!("sync2_difference ({COLUMNS})"), rows.collect())
}

/// Both sides have these alike.
pub fn remove(sql: &mut dyn Sql, objects: &[ObjectId]) -> Result<()> {
    delete_objects(sql, "sync2_difference", objects)
}

/// The repair of these was begun at that time.
pub fn mark_repaired(sql: &mut dyn Sql, objects: &[ObjectId], time: i64) -> Result<()> {
    for (category, uuids) in keys_by_category(objects) {
        let condition = format!("category = ? AND object_uuid IN ({})", marks(uuids.len()));
        let parameters: Vec<SqlValue> = [time.into(), name(category)].into_iter().chain(uuids).collect();
        sql.update(&format!("UPDATE sync2_difference SET repaired_at = ? WHERE {condition}"), &parameters)?;
    }
    Ok(())
}

/// Some of what has to be looked at again.
pub fn suspected(sql: &mut dyn Sql) -> Result<Vec<Difference>> {
    let statement =
        format!("SELECT {COLUMNS} FROM sync2_difference WHERE finding = ? ORDER BY category, object_uuid LIMIT ?");
    let most = SqlValue::from(KEYS_PER_STATEMENT as i64 / 2);
    read_all(sql, &statement, &[name(Finding::Suspected), most], read)
}

/// The differences of a category whose repair was not begun, after that uuid, at most so many.
pub fn to_repair(sql: &mut dyn Sql, category: Category, after: &str, most: u32) -> Result<Vec<Difference>> {
    let findings = Finding::DIFFERENCES;
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_difference WHERE category = ? AND object_uuid > ? AND repaired_at IS NULL \
         AND finding IN ({}) ORDER BY object_uuid LIMIT ?",
        marks(findings.len())
    );
    let parameters = [name(category), after.into()].into_iter().chain(findings.map(name));
    let parameters: Vec<SqlValue> = parameters.chain([most.min(LARGEST_LIST).into()]).collect();
    read_all(sql, &statement, &parameters, read)
}

/// What was found of an object; nothing where both sides are the same.
pub fn get(sql: &mut dyn Sql, object: &ObjectId) -> Result<Option<Difference>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_difference WHERE category = ? AND object_uuid = ?");
    read_first(sql, &statement, &[name(object.category), object.uuid.as_str().into()], read)
}

/// A page of what was found, without what has to be looked at again; the newest first.
pub fn list(sql: &mut dyn Sql, filter: &DifferenceFilter, page: &Page, limit: u32) -> Result<Vec<Difference>> {
    let mut conditions = vec!["finding <> ?"];
    let mut parameters = vec![name(Finding::Suspected)];
    if let Some(category) = filter.category {
        conditions.push("category = ?");
        parameters.push(name(category));
    }
    if let Some(finding) = filter.finding {
        conditions.push("finding = ?");
        parameters.push(name(finding));
    }
    let (page, of_page) = select_page(&["found_at", "category", "object_uuid"], page, limit)?;
    let filter = conditions.join(" AND ");
    let page = match page.strip_prefix("WHERE ") {
        Some(after) => format!("WHERE {filter} AND {after}"),
        None => format!("WHERE {filter} {page}"),
    };
    parameters.extend(of_page);
    read_all(sql, &format!("SELECT {COLUMNS} FROM sync2_difference {page}"), &parameters, read)
}
