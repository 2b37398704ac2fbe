//! Lists, page after page, the newest first. A page goes on after the last row of the one before, by the columns that the
//! list is sorted by; an index has them in this order, so that neither the tenth page nor the thousandth sorts or counts
//! anything.

use serde::Serialize;

use super::statement::page;
use super::{LARGEST_LIST, SqlValue};
use crate::error::{Error, ErrorKind, Result};

/// A row of a list, and where the list goes on after it.
#[derive(Debug, Serialize)]
pub struct PagedRow<T> {
    /// To be given as `after` for the rows after this one. It stays good when the row is gone.
    pub cursor: String,
    /// The row.
    #[serde(flatten)]
    pub row: T,
}

/// A row that has a place in a list.
pub trait Paged {
    /// The values of the columns that its list is sorted by: the time in milliseconds, and what tells rows of one time apart.
    fn place(&self) -> (i64, Vec<&str>);
}

impl<T: Paged> From<T> for PagedRow<T> {
    fn from(row: T) -> PagedRow<T> {
        let (time, others) = row.place();
        let cursor = Cursor { time, others: others.into_iter().map(String::from).collect() };
        PagedRow { cursor: cursor.to_string(), row }
    }
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    time: i64,
    others: Vec<String>,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.time)?;
        self.others.iter().try_for_each(|other| write!(f, "~{other}"))
    }
}

impl Cursor {
    /// Reads what a list gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for anything else.
    pub fn parse(text: &str) -> Result<Cursor> {
        let read = text.split_once('~').and_then(|(time, others)| {
            let others = others.split('~').map(String::from).collect();
            Some(Cursor { time: time.parse().ok()?, others })
        });
        read.ok_or_else(|| Error::new(ErrorKind::Configuration, "after: it must be the cursor of a row of this list"))
    }

    /// The place of what is told apart by a number.
    pub(super) fn numbered(time: i64, number: i64) -> Cursor {
        Cursor { time, others: vec![number.to_string()] }
    }

    /// The number of what is told apart by one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when it is a cursor of another list.
    pub(super) fn number(&self) -> Result<i64> {
        let number = <&[String; 1]>::try_from(self.others.as_slice()).ok().and_then(|[number]| number.parse().ok());
        number.ok_or_else(of_another_list)
    }

    /// The time of the row, in milliseconds since 1970.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// The parameters for [`after`] with so many columns.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when it is a cursor of another list.
    pub(super) fn parameters(&self, columns: usize) -> Result<Vec<SqlValue>> {
        if self.others.len() + 1 != columns {
            return Err(of_another_list());
        }
        let others = self.others.iter().map(SqlValue::from);
        let values: Vec<SqlValue> = std::iter::once(SqlValue::Int(self.time)).chain(others).collect();
        let last = values.len() - 1;
        Ok(values
            .into_iter()
            .enumerate()
            .flat_map(|(index, value)| vec![value; if index == last { 1 } else { 2 }])
            .collect())
    }
}

fn of_another_list() -> Error {
    Error::new(ErrorKind::Configuration, "after: it is the cursor of another list")
}

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Without so many of the newest rows.
    From(u32),
    /// After that row.
    After(Cursor),
}

/// `ORDER BY` these columns, the newest first.
pub(super) fn newest_first(columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| format!("{column} DESC")).collect();
    format!("ORDER BY {}", columns.join(", "))
}

/// The condition for what comes after a place in that order. The first comparison stands alone, because that is what
/// MySQL finds in an index.
pub(super) fn after(columns: &[&str]) -> String {
    match columns {
        [] => "1 = 1".to_string(),
        [last] => format!("{last} < ?"),
        [first, rest @ ..] => format!("{first} <= ? AND ({first} < ? OR ({}))", after(rest)),
    }
}

/// The condition for that place and what comes before it, with the same parameters.
pub(super) fn not_after(columns: &[&str]) -> String {
    match columns {
        [] => "1 = 1".to_string(),
        [last] => format!("{last} >= ?"),
        [first, rest @ ..] => format!("{first} >= ? AND ({first} > ? OR ({}))", not_after(rest)),
    }
}

/// The end of a SELECT without a condition that gives a page, with its parameters.
pub(super) fn select_page(columns: &[&str], which: &Page, limit: u32) -> Result<(String, Vec<SqlValue>)> {
    let order = newest_first(columns);
    match which {
        Page::From(offset) => Ok((format!("{order} LIMIT ? OFFSET ?"), page(limit, *offset).to_vec())),
        Page::After(cursor) => {
            let mut parameters = cursor.parameters(columns.len())?;
            parameters.push(limit.min(LARGEST_LIST).into());
            Ok((format!("WHERE {} {order} LIMIT ?", after(columns)), parameters))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for text in ["5~a", "-5~pull~patient~u", "0~"] {
            assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["", "5", "a~5", "~", "5.0~a"] {
            assert_eq!(Cursor::parse(wrong).unwrap_err().kind, ErrorKind::Configuration, "{wrong}");
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = Cursor::parse("5~a").unwrap();
        assert_eq!(cursor.parameters(2).unwrap().len(), 3);
        assert_eq!(cursor.parameters(4).unwrap_err().kind, ErrorKind::Configuration);
    }
}
