//! From rows to values. A value of another type than the column's is a defect of the host, and said so.

use super::compact::expand;
use super::failure::Failure;
use super::named::Named;
use super::{Row, Sql, SqlValue};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId};

/// The columns of one row, taken from left to right in the order of the SELECT.
pub(super) struct Columns {
    values: std::vec::IntoIter<SqlValue>,
}

impl Columns {
    /// The columns of that row.
    pub(crate) fn of(row: Row) -> Columns {
        Columns { values: row.into_iter() }
    }

    fn next(&mut self) -> Result<SqlValue> {
        self.values.next().ok_or_else(|| Error::new(ErrorKind::Internal, "a row has fewer columns than were selected"))
    }

    /// The next column, a number.
    pub(crate) fn int(&mut self) -> Result<i64> {
        self.int_or_null()?.ok_or_else(|| unexpected("null", "a number"))
    }

    /// The next column, a number or null.
    pub(crate) fn int_or_null(&mut self) -> Result<Option<i64>> {
        match self.next()? {
            SqlValue::Int(value) => Ok(Some(value)),
            SqlValue::Null => Ok(None),
            other => Err(unexpected(type_of(&other), "a number")),
        }
    }

    /// The next column, a number that cannot be negative.
    pub(crate) fn count(&mut self) -> Result<u64> {
        let value = self.int()?;
        u64::try_from(value).map_err(|_| unexpected("a negative number", "a count"))
    }

    /// The next column, a text.
    pub(crate) fn text(&mut self) -> Result<String> {
        self.text_or_null()?.ok_or_else(|| unexpected("null", "a text"))
    }

    /// The next column, a text or null.
    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>> {
        match self.next()? {
            SqlValue::Text(value) => Ok(Some(value)),
            SqlValue::Null => Ok(None),
            other => Err(unexpected(type_of(&other), "a text")),
        }
    }

    /// The next column, bytes or null.
    pub(crate) fn bytes_or_null(&mut self) -> Result<Option<Vec<u8>>> {
        match self.next()? {
            SqlValue::Bytes(value) => Ok(Some(value)),
            SqlValue::Null => Ok(None),
            other => Err(unexpected(type_of(&other), "bytes")),
        }
    }

    /// The next column, a compact id.
    pub(crate) fn id(&mut self) -> Result<String> {
        self.id_or_null()?.ok_or_else(|| unexpected("null", "an id"))
    }

    /// The next column, a compact id or null.
    pub(crate) fn id_or_null(&mut self) -> Result<Option<String>> {
        self.bytes_or_null()?.map(|bytes| expand(&bytes)).transpose()
    }

    /// The next column, the name of a value.
    pub(crate) fn named<T: Named>(&mut self) -> Result<T> {
        parse(&self.text()?)
    }

    /// The next column, the name of a value or null.
    pub(crate) fn named_or_null<T: Named>(&mut self) -> Result<Option<T>> {
        self.text_or_null()?.as_deref().map(parse).transpose()
    }

    /// The next two columns: category and uuid.
    pub(crate) fn object(&mut self) -> Result<ObjectId> {
        Ok(ObjectId { category: self.named()?, uuid: self.text()? })
    }

    /// The next two columns: category and uuid, or nothing when either is null.
    pub(crate) fn object_or_null(&mut self) -> Result<Option<ObjectId>> {
        let category: Option<Category> = self.named_or_null()?;
        let uuid = self.text_or_null()?;
        Ok(category.zip(uuid).map(|(category, uuid)| ObjectId { category, uuid }))
    }

    /// The next two columns: error kind and message.
    pub(crate) fn failure(&mut self) -> Result<Failure> {
        Ok(Failure { kind: self.named()?, message: self.text()? })
    }

    /// The next two columns: error kind and message, or nothing when there is no kind.
    pub(crate) fn failure_or_null(&mut self) -> Result<Option<Failure>> {
        let kind = self.named_or_null()?;
        let message = self.text_or_null()?.unwrap_or_default();
        Ok(kind.map(|kind| Failure { kind, message }))
    }
}

fn parse<T: Named>(name: &str) -> Result<T> {
    name.parse().map_err(|_| {
        let message = format!(
            "the database holds the {} '{name}', which this version does not know: was a newer version installed?",
            T::WHAT
        );
        Error::new(ErrorKind::Host, message)
    })
}

fn type_of(value: &SqlValue) -> &'static str {
    match value {
        SqlValue::Null => "null",
        SqlValue::Int(_) => "a number",
        SqlValue::Text(_) => "a text",
        SqlValue::Bytes(_) => "bytes",
    }
}

fn unexpected(got: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("the host read {got} from the database where {wanted} was expected"))
}

/// Runs a SELECT and reads each of its rows.
pub(super) fn read_all<T>(
    sql: &mut dyn Sql,
    statement: &str,
    parameters: &[SqlValue],
    read: impl Fn(&mut Columns) -> Result<T>,
) -> Result<Vec<T>> {
    sql.query(statement, parameters)?.into_iter().map(|row| read(&mut Columns::of(row))).collect()
}

/// Runs a SELECT and reads its first row, if it has one.
pub(super) fn read_first<T>(
    sql: &mut dyn Sql,
    statement: &str,
    parameters: &[SqlValue],
    read: impl Fn(&mut Columns) -> Result<T>,
) -> Result<Option<T>> {
    sql.query(statement, parameters)?.into_iter().next().map(|row| read(&mut Columns::of(row))).transpose()
}

/// Runs a SELECT of one number.
pub(super) fn one_int(sql: &mut dyn Sql, statement: &str, parameters: &[SqlValue]) -> Result<i64> {
    read_first(sql, statement, parameters, Columns::int)?
        .ok_or_else(|| Error::new(ErrorKind::Internal, "the database answered a query for one number with no row"))
}
