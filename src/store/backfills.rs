//! How far what the parent has is compared with what is here, object by object instead of event by event.

use std::collections::BTreeSet;

use strum::{EnumString, IntoStaticStr};

use super::named::Named;
use super::row::read_first;
use super::statement::name;
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::event::{Category, ObjectId};

/// The phase of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Phase {
    /// Agreed objects: does the parent still have each so?
    Agreed,
    /// Objects that the parent lists: is each here?
    Listed,
}

impl Named for Phase {
    const WHAT: &'static str = "phase of a backfill";
}

/// The findings so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Objects that were looked at.
    pub compared: u64,
    /// Of these, those that the parent has otherwise, or has and this node had not.
    pub differing: u64,
    /// Of these, those that the parent does not have any more.
    pub missing: u64,
}

/// One comparison of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Its place among all, from 1.
    pub number: i64,
    /// Milliseconds since 1970 by the database's clock.
    pub begun_at: i64,
    /// The categories that it is about; nothing where it is about all.
    pub only: Option<BTreeSet<Category>>,
    /// The phase that it is in, or ended in.
    pub phase: Phase,
    /// The last object that this phase has gone past; nothing at its beginning.
    pub reached: Option<ObjectId>,
    /// The figures of all phases so far.
    pub found: Found,
    /// True if the parent did not list all that it has.
    pub not_listed: bool,
    /// Events of the parent's feed of before were not read, because it has removed them, and not listed either: milliseconds since
    /// 1970 by the parent's clock.
    pub unread_before: Option<i64>,
    /// When all was compared; nothing while it is not.
    pub ended_at: Option<i64>,
}

impl Backfill {
    /// Returns true if it compares objects of that category.
    pub fn is_about(&self, category: Category) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&category))
    }
}

/// The last one.
pub fn last(sql: &mut dyn Sql) -> Result<Option<Backfill>> {
    let statement = "SELECT backfill_no, begun_at, only_categories, phase, reached_category, reached_uuid, compared_objects, \
                     differing_objects, missing_objects, not_listed, unread_before, ended_at \
                     FROM sync2_backfill ORDER BY backfill_no DESC LIMIT 1";
    read_first(sql, statement, &[], |row| {
        Ok(Backfill {
            number: row.int()?,
            begun_at: row.int()?,
            only: row.text_or_null()?.map(|names| names.split(' ').filter_map(Category::parse).collect()),
            phase: row.named()?,
            reached: row.object_or_null()?,
            found: Found { compared: row.count()?, differing: row.count()?, missing: row.count()? },
            not_listed: row.int_or_null()?.is_some_and(|not_listed| not_listed > 0),
            unread_before: row.int_or_null()?,
            ended_at: row.int_or_null()?,
        })
    })
}

/// The last one, while not all is compared.
pub fn unfinished(sql: &mut dyn Sql) -> Result<Option<Backfill>> {
    Ok(last(sql)?.filter(|last| last.ended_at.is_none()))
}

/// Begins one of these categories, or of all. It takes the place of one that has not ended.
pub fn begin(sql: &mut dyn Sql, only: Option<&BTreeSet<Category>>) -> Result<()> {
    let number = last(sql)?.map_or(0, |last| last.number) + 1;
    let time = now(sql)?;
    let only = only.map(|only| only.iter().map(|category| category.name()).collect::<Vec<_>>().join(" "));
    let statement = "INSERT INTO sync2_backfill (backfill_no, begun_at, phase, only_categories, compared_objects, \
                     differing_objects, missing_objects) VALUES (?, ?, ?, ?, 0, 0, 0)";
    sql.update(statement, &[number.into(), time.into(), name(Phase::Agreed), only.into()]).map(drop)
}

/// It has gone past that object.
pub fn reach(sql: &mut dyn Sql, number: i64, object: &ObjectId, found: Found) -> Result<()> {
    let statement = "UPDATE sync2_backfill SET reached_category = ?, reached_uuid = ?, \
                     compared_objects = compared_objects + ?, differing_objects = differing_objects + ?, \
                     missing_objects = missing_objects + ? WHERE backfill_no = ?";
    let [compared, differing, missing] =
        [found.compared, found.differing, found.missing].map(|count| SqlValue::Int(count as i64));
    let place = [name(object.category), object.uuid.as_str().into()];
    let parameters: Vec<SqlValue> = place.into_iter().chain([compared, differing, missing, number.into()]).collect();
    sql.update(statement, &parameters).map(drop)
}

/// So much more was found, and nothing is left behind it.
pub fn found(sql: &mut dyn Sql, number: i64, found: Found) -> Result<()> {
    let statement = "UPDATE sync2_backfill SET compared_objects = compared_objects + ?, \
                     differing_objects = differing_objects + ?, missing_objects = missing_objects + ? WHERE backfill_no = ?";
    let counts = [found.compared, found.differing, found.missing].map(|count| SqlValue::Int(count as i64));
    sql.update(statement, &[counts.as_slice(), &[number.into()]].concat()).map(drop)
}

/// The parent does not say all that it has.
pub fn not_listed(sql: &mut dyn Sql, number: i64) -> Result<()> {
    sql.update("UPDATE sync2_backfill SET not_listed = 1 WHERE backfill_no = ?", &[number.into()]).map(drop)
}

/// The next phase begins.
pub fn enter(sql: &mut dyn Sql, number: i64, phase: Phase) -> Result<()> {
    let statement =
        "UPDATE sync2_backfill SET phase = ?, reached_category = NULL, reached_uuid = NULL WHERE backfill_no = ?";
    sql.update(statement, &[name(phase), number.into()]).map(drop)
}

/// All is compared. The parent's feed has no events any more of before `unread`, which is returned where it matters: where the
/// parent did not list all.
pub fn end(sql: &mut dyn Sql, number: i64, unread: Option<i64>) -> Result<Option<i64>> {
    let (time, not_listed) = (now(sql)?, last(sql)?.is_some_and(|last| last.not_listed));
    let unread = unread.filter(|_| not_listed);
    let statement = "UPDATE sync2_backfill SET ended_at = ?, unread_before = ? WHERE backfill_no = ?";
    sql.update(statement, &[time.into(), unread.into(), number.into()])?;
    Ok(unread)
}
