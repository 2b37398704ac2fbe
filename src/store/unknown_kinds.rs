//! Kinds of objects that the parent's feed told of and this version does not know: their events were passed.

use std::collections::BTreeSet;

use super::row::read_all;
use super::statement::insert_rows;
use super::{Sql, now};
use crate::error::Result;

/// The most that are kept.
const MOST_KEPT: usize = 200;

/// A kind of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind {
    /// As the feed names it.
    pub name: String,
    /// When the first of its events was passed, milliseconds since 1970 by the database's clock.
    pub since: i64,
}

/// All that are known of, by name.
pub fn list(sql: &mut dyn Sql) -> Result<Vec<UnknownKind>> {
    let statement = "SELECT kind_name, first_passed_at FROM sync2_unknown_kind ORDER BY kind_name";
    read_all(sql, statement, &[], |row| Ok(UnknownKind { name: row.text()?, since: row.int()? }))
}

/// Notes kinds whose events are passed.
pub fn note<'a>(sql: &mut dyn Sql, kinds: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut kinds: BTreeSet<&str> = kinds.collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let known = list(sql)?;
    kinds.retain(|kind| !known.iter().any(|known| known.name == *kind));
    let time = now(sql)?;
    let room = MOST_KEPT.saturating_sub(known.len());
    let rows = kinds.into_iter().take(room).map(|kind| vec![kind.into(), time.into()]).collect();
    insert_rows(sql, "sync2_unknown_kind (kind_name, first_passed_at)", rows)
}
