//! From values to statements.

use std::collections::HashSet;

use super::failure::Failure;
use super::named::Named;
use super::row::{Columns, read_all};
use super::{LARGEST_LIST, Sql, SqlValue};
use crate::error::Result;
use crate::event::{Category, Direction, ObjectId, by_category};

/// The most keys in one IN list: few statements a batch, and far from every database's limit of parameters.
pub(super) const KEYS_PER_STATEMENT: usize = 200;

/// A parameter from the name of a value.
pub(super) fn name<T: Named>(value: T) -> SqlValue {
    let name: &str = value.into();
    SqlValue::from(name)
}

/// A parameter from the name of a value, or null.
pub(super) fn name_or_null<T: Named>(value: Option<T>) -> SqlValue {
    value.map_or(SqlValue::Null, name)
}

/// Two parameters: the kind and the message of a failure, or two nulls.
pub(super) fn failure_or_nulls(failure: Option<&Failure>) -> [SqlValue; 2] {
    match failure {
        Some(failure) => [name(failure.kind), SqlValue::Text(failure.kept_message())],
        None => [SqlValue::Null, SqlValue::Null],
    }
}

/// The two parameters of a page of a list.
pub(super) fn page(limit: u32, offset: u32) -> [SqlValue; 2] {
    [SqlValue::from(i64::from(limit.min(LARGEST_LIST))), SqlValue::from(i64::from(offset))]
}

/// `?, ?, ?` for that many parameters.
pub(super) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The most rows that one INSERT brings.
const ROWS_PER_INSERT: usize = 100;

/// Inserts rows into `TABLE (COLUMNS)`, many with each statement: drivers send the statements of a batch one by one.
pub(super) fn insert_rows(sql: &mut dyn Sql, table_and_columns: &str, rows: Vec<Vec<SqlValue>>) -> Result<()> {
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.peek() {
        let values = format!("({})", marks(first.len()));
        let portion: Vec<Vec<SqlValue>> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        let statement =
            format!("INSERT INTO {table_and_columns} VALUES {}", vec![values.as_str(); portion.len()].join(", "));
        sql.update(&statement, &portion.into_iter().flatten().collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Deletes the rows that a condition such as `TABLE WHERE KEY = ?` selects, for each of these keys. One by one: for a list of
/// keys MariaDB may go through the whole table, and wait there for transactions that have not committed yet. Returns how
/// many rows there were.
pub(super) fn delete_each(sql: &mut dyn Sql, table_and_condition: &str, keys: &[Vec<SqlValue>]) -> Result<u64> {
    if keys.is_empty() {
        return Ok(0);
    }
    Ok(sql.update_all(&format!("DELETE FROM {table_and_condition}"), keys)?.into_iter().sum())
}

/// Those of the objects that have a row in a table with the columns `category` and `object_uuid`.
pub(super) fn objects_in(sql: &mut dyn Sql, table: &str, objects: &[ObjectId]) -> Result<HashSet<ObjectId>> {
    let mut found = HashSet::new();
    for (category, uuids) in keys_by_category(objects) {
        let marks = marks(uuids.len());
        let statement = format!("SELECT object_uuid FROM {table} WHERE category = ? AND object_uuid IN ({marks})");
        let uuids = read_all(sql, &statement, &with_category(category, uuids), Columns::text)?;
        found.extend(uuids.into_iter().map(|uuid| ObjectId { category, uuid }));
    }
    Ok(found)
}

/// Deletes the rows of these objects from a table with the columns `category` and `object_uuid`.
pub(super) fn delete_objects(sql: &mut dyn Sql, table: &str, objects: &[ObjectId]) -> Result<()> {
    for (category, uuids) in keys_by_category(objects) {
        let marks = marks(uuids.len());
        let statement = format!("DELETE FROM {table} WHERE category = ? AND object_uuid IN ({marks})");
        sql.update(&statement, &with_category(category, uuids))?;
    }
    Ok(())
}

/// The parameters of a statement about objects of one category.
pub(super) fn with_category(category: Category, uuids: Vec<SqlValue>) -> Vec<SqlValue> {
    std::iter::once(name(category)).chain(uuids).collect()
}

/// The uuids of objects by category, in portions for one IN list each. (Rows of two columns in an IN list are written
/// differently in SQLite.)
pub(super) fn keys_by_category(objects: &[ObjectId]) -> Vec<(Category, Vec<SqlValue>)> {
    let keys = |portion: &[String]| portion.iter().map(|uuid| SqlValue::from(uuid.as_str())).collect();
    by_category(objects)
        .iter()
        .flat_map(|(category, uuids)| uuids.chunks(KEYS_PER_STATEMENT).map(|portion| (*category, keys(portion))))
        .collect()
}

/// A condition on rows whose key is direction, category and object uuid, with its parameters.
pub(super) struct Keys {
    pub condition: String,
    pub parameters: Vec<SqlValue>,
}

/// The conditions that together select the rows of these objects.
pub(super) fn keys(direction: Direction, objects: &[ObjectId]) -> Vec<Keys> {
    keys_by_category(objects)
        .into_iter()
        .map(|(category, uuids)| Keys {
            condition: format!("direction = ? AND category = ? AND object_uuid IN ({})", marks(uuids.len())),
            parameters: [name(direction), name(category)].into_iter().chain(uuids).collect(),
        })
        .collect()
}

impl From<i64> for SqlValue {
    fn from(value: i64) -> SqlValue {
        SqlValue::Int(value)
    }
}

impl From<u32> for SqlValue {
    fn from(value: u32) -> SqlValue {
        SqlValue::Int(i64::from(value))
    }
}

impl From<&str> for SqlValue {
    fn from(value: &str) -> SqlValue {
        SqlValue::Text(value.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(value: String) -> SqlValue {
        SqlValue::Text(value)
    }
}

impl From<&String> for SqlValue {
    fn from(value: &String) -> SqlValue {
        SqlValue::Text(value.clone())
    }
}

impl From<&Vec<u8>> for SqlValue {
    fn from(value: &Vec<u8>) -> SqlValue {
        SqlValue::Bytes(value.clone())
    }
}

impl<T> From<Option<T>> for SqlValue
where
    SqlValue: From<T>,
{
    fn from(value: Option<T>) -> SqlValue {
        value.map_or(SqlValue::Null, SqlValue::from)
    }
}
