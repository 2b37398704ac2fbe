//! The rules of data entry that records did not keep and were saved all the same: how often each was met, which the audit
//! messages say one by one.

use serde::Serialize;

use super::named;
use super::row::read_all;
use super::statement::{marks, name};
use super::{LARGEST_LIST, Sql, SqlValue, now};
use crate::error::Result;
use crate::event::{Category, Direction};

const TABLE: &str = "sync2_entry_rule";
const KEY: [&str; 3] = ["direction", "category", "entry_rule"];

/// The longest text of the column of a rule.
const LONGEST_RULE: usize = 255;

/// A rule of the host, as it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRule {
    /// Which way the record travelled; at a parent, what its children push.
    pub direction: Direction,
    /// The kind of object that did not keep the rule.
    pub category: Category,
    /// In the host's words.
    pub rule: String,
}

impl EntryRule {
    fn key(&self) -> (&str, Category, &str) {
        (self.direction.name(), self.category, &self.rule)
    }
}

/// How often a rule was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetRule {
    /// Which way the records travelled; at a parent, what its children push.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// The kind of objects.
    #[serde(serialize_with = "named::serialize")]
    pub category: Category,
    /// In the host's words.
    pub rule: String,
    /// How many records did not keep it.
    pub records: i64,
    /// When the last of them was saved, milliseconds since 1970 by the database's clock.
    pub last_at: i64,
}

/// Counts rules that were met, in one order, so that two that count do not wait for each other.
pub fn count(sql: &mut dyn Sql, met: &[EntryRule]) -> Result<()> {
    if met.is_empty() {
        return Ok(());
    }
    let time = now(sql)?;
    let mut sorted: Vec<EntryRule> = met.iter().map(shortened).collect();
    sorted.sort_by(|one, other| one.key().cmp(&other.key()));
    for same in sorted.chunk_by(|one, next| one == next) {
        let Some(rule) = same.first() else { continue };
        let key = [name(rule.direction), name(rule.category), SqlValue::from(rule.rule.as_str())];
        add_to(sql, (TABLE, &KEY), (same.len() as i64, time), &key)?;
    }
    Ok(())
}

/// Adds so many records, the last of them at that time, to the row of the key.
pub(super) fn add_to(
    sql: &mut dyn Sql,
    (table, columns): (&str, &[&str]),
    (records, time): (i64, i64),
    key: &[SqlValue],
) -> Result<()> {
    let parameters: Vec<SqlValue> = [records.into(), time.into()].into_iter().chain(key.iter().cloned()).collect();
    let is_row: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
    let statement = format!("UPDATE {table} SET records = records + ?, last_at = ? WHERE {}", is_row.join(" AND "));
    if sql.update(&statement, &parameters)? == 0 {
        let statement = format!(
            "INSERT INTO {table} (records, last_at, {}) VALUES ({})",
            columns.join(", "),
            marks(parameters.len())
        );
        sql.update(&statement, &parameters)?;
    }
    Ok(())
}

fn shortened(rule: &EntryRule) -> EntryRule {
    EntryRule { rule: rule.rule.chars().take(LONGEST_RULE).collect(), ..rule.clone() }
}

/// The rules that were met, the most frequent first.
pub fn list(sql: &mut dyn Sql) -> Result<Vec<MetRule>> {
    let statement = "SELECT direction, category, entry_rule, records, last_at FROM sync2_entry_rule \
                     ORDER BY records DESC, entry_rule LIMIT ?";
    read_all(sql, statement, &[LARGEST_LIST.into()], |row| {
        Ok(MetRule {
            direction: row.named()?,
            category: row.named()?,
            rule: row.text()?,
            records: row.int()?,
            last_at: row.int()?,
        })
    })
}
