//! Looks for messages, the newest first. What an index does not tell is looked up message by message, slice by slice, and one
//! search looks at no more than [`MOST_LOOKED_AT`]: who wants more goes on from where it came to.

use super::{AuditMessage, AuditStatus, COLUMNS, object_key, read};
use crate::error::{ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::store::compact::compact;
use crate::store::paging::{Cursor, PagedRow, after, newest_first, not_after};
use crate::store::row::{Columns, read_all, read_first};
use crate::store::statement::{name, page};
use crate::store::{Dialect, LARGEST_LIST, Sql, SqlValue};

/// How many messages one search looks at. MariaDB needs up to 9 µs for each that it has to read from the disk.
pub const MOST_LOOKED_AT: u32 = 20_000;

/// How many of them are looked at by one statement. Where most messages are wanted, the first slice fills the page.
const SLICE: u32 = 2_000;

/// Which audit messages to list. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Of one direction.
    pub direction: Option<Direction>,
    /// Of one kind of object.
    pub category: Option<Category>,
    /// Of one object.
    pub object_uuid: Option<String>,
    /// With one status.
    pub status: Option<AuditStatus>,
    /// Of one run.
    pub run_id: Option<String>,
    /// With one kind of error.
    pub error_kind: Option<ErrorKind>,
    /// Written by one node.
    pub node_id: Option<String>,
    /// With these words in what the error says, in whatever case.
    pub words: Option<String>,
    /// Recorded at this time or later, milliseconds since 1970.
    pub from: Option<i64>,
    /// Recorded before this time, milliseconds since 1970.
    pub until: Option<i64>,
    /// At most so many; never more than [`LARGEST_LIST`].
    pub limit: u32,
    /// The place in the list that the wanted ones come after.
    pub after: Option<Cursor>,
}

/// The findings of a search.
#[derive(Debug)]
pub struct Found {
    /// At most as many as were asked for.
    pub messages: Vec<PagedRow<AuditMessage>>,
    /// Where to go on; nothing when every message has been looked at. The page may have room left: then this is the last
    /// message that was looked at.
    pub next: Option<Cursor>,
}

impl Found {
    fn of(messages: Vec<(Place, AuditMessage)>, next: Option<Place>) -> Found {
        let paged = |(place, row): (Place, AuditMessage)| PagedRow { cursor: place.cursor().to_string(), row };
        Found { messages: messages.into_iter().map(paged).collect(), next: next.map(|place| place.cursor()) }
    }

    /// The messages alone, in their order.
    pub fn into_messages(self) -> Vec<AuditMessage> {
        self.messages.into_iter().map(|message| message.row).collect()
    }
}

/// Looks for what a query asks for, the newest first: in the order in which they were written, or by time where times are
/// asked for and nothing else that has an index. Either is the order of an index.
///
/// # Errors
///
/// [`ErrorKind::Configuration`] when `after` is a place in another list.
pub fn search(sql: &mut dyn Sql, query: &AuditQuery) -> Result<Found> {
    let way = Way::of(query);
    let limit = query.limit.min(LARGEST_LIST) as usize;
    let mut place = query.after.as_ref().map(Place::of).transpose()?;
    let mut messages: Vec<(Place, AuditMessage)> = Vec::new();
    for _ in 0..MOST_LOOKED_AT / SLICE {
        let slice = Slice { place, end: way.end_of_slice(sql, place)? };
        messages.extend(way.messages(sql, &slice, limit - messages.len())?);
        if messages.len() >= limit {
            place = messages.last().map(|(place, _)| *place);
            break;
        }
        place = slice.end;
        if place.is_none() {
            break;
        }
    }
    Ok(Found::of(messages, place))
}

/// As [`search`], but goes on until there are as many as were asked for, or no more.
///
/// # Errors
///
/// Those of [`search`].
pub fn find(sql: &mut dyn Sql, query: &AuditQuery) -> Result<Vec<AuditMessage>> {
    let mut query = query.clone();
    let mut all = Vec::new();
    loop {
        let found = search(sql, &query)?;
        query.limit = query.limit.saturating_sub(found.messages.len() as u32);
        all.extend(found.messages.into_iter().map(|message| message.row));
        if found.next.is_none() || query.limit == 0 {
            return Ok(all);
        }
        query.after = found.next;
    }
}

/// When a message was recorded, and its number.
#[derive(Clone, Copy)]
struct Place {
    time: i64,
    number: i64,
}

impl Place {
    fn of(cursor: &Cursor) -> Result<Place> {
        Ok(Place { time: cursor.time(), number: cursor.number()? })
    }

    fn cursor(self) -> Cursor {
        Cursor::numbered(self.time, self.number)
    }

    fn read(row: &mut Columns) -> Result<Place> {
        Ok(Place { time: row.int()?, number: row.int()? })
    }
}

/// The part of the list after a place, up to the end and with it.
struct Slice {
    place: Option<Place>,
    end: Option<Place>,
}

/// Conditions that all hold, with their parameters.
#[derive(Clone)]
struct Conditions {
    written: Vec<String>,
    parameters: Vec<SqlValue>,
}

impl Conditions {
    fn of(filters: &[Filter]) -> Conditions {
        Conditions {
            written: filters.iter().map(|filter| filter.condition.to_string()).collect(),
            parameters: filters.iter().flat_map(|filter| filter.parameters.clone()).collect(),
        }
    }

    fn and(mut self, condition: String, parameters: Vec<SqlValue>) -> Conditions {
        self.written.push(condition);
        self.parameters.extend(parameters);
        self
    }

    fn clause(&self) -> String {
        if self.written.is_empty() { String::new() } else { format!("WHERE {}", self.written.join(" AND ")) }
    }
}

/// Along which index the messages are looked at, and what has to be looked at in each.
struct Way {
    /// The column that the index begins with, of which one value is asked.
    indexed: Option<&'static str>,
    /// The columns that come next in the index.
    order: &'static [&'static str],
    /// The conditions that the index tells.
    along: Conditions,
    /// That, and what it does not tell.
    wanted: Conditions,
    /// True if there is any of that.
    is_looked_into: bool,
}

impl Way {
    fn of(query: &AuditQuery) -> Way {
        let filters = filters(query);
        let indexed = INDEXED.into_iter().find(|column| filters.iter().any(|filter| filter.is_of(column)));
        let by_time = indexed.is_none() && filters.iter().any(|filter| filter.is_of(TIME));
        let column = indexed.or(by_time.then_some(TIME));
        let told: Vec<Filter> =
            filters.iter().filter(|filter| column.is_some_and(|column| filter.is_of(column))).cloned().collect();
        Way {
            indexed,
            order: if by_time { &[TIME, NUMBER] } else { &[NUMBER] },
            along: Conditions::of(&told),
            wanted: Conditions::of(&filters),
            is_looked_into: told.len() < filters.len(),
        }
    }

    /// The last message of a slice; nothing when it has all that are left, also because the index finds what is wanted alone.
    fn end_of_slice(&self, sql: &mut dyn Sql, place: Option<Place>) -> Result<Option<Place>> {
        if !self.is_looked_into {
            return Ok(None);
        }
        let mut conditions = self.within(self.along.clone(), &Slice { place, end: None });
        conditions.parameters.extend(page(1, SLICE - 1));
        let (clause, order) = (conditions.clause(), self.newest_first(sql.dialect()));
        // The numbers are in every index, the times in one: who skips by them does not read the messages.
        let number = format!("SELECT {NUMBER} FROM sync2_audit_message {clause} {order} LIMIT ? OFFSET ?");
        let statement = format!("SELECT {TIME}, {NUMBER} FROM sync2_audit_message WHERE {NUMBER} = ({number})");
        read_first(sql, &statement, &conditions.parameters, Place::read)
    }

    fn messages(&self, sql: &mut dyn Sql, slice: &Slice, limit: usize) -> Result<Vec<(Place, AuditMessage)>> {
        let mut conditions = self.within(self.wanted.clone(), slice);
        conditions.parameters.push((limit as i64).into());
        let (clause, order) = (conditions.clause(), self.newest_first(sql.dialect()));
        let statement = format!("SELECT {TIME}, {NUMBER}, {COLUMNS} FROM sync2_audit_message {clause} {order} LIMIT ?");
        read_all(sql, &statement, &conditions.parameters, |row| Ok((Place::read(row)?, read(row)?)))
    }

    fn within(&self, conditions: Conditions, slice: &Slice) -> Conditions {
        let bounds = [(slice.place, after(self.order)), (slice.end, not_after(self.order))];
        bounds.into_iter().fold(conditions, |conditions, (place, condition)| match place {
            Some(place) => conditions.and(condition, self.compared(place)),
            None => conditions,
        })
    }

    /// The parameters of a comparison with a place.
    fn compared(&self, place: Place) -> Vec<SqlValue> {
        let compared =
            if self.order.len() > 1 { vec![place.time, place.time, place.number] } else { vec![place.number] };
        compared.into_iter().map(SqlValue::from).collect()
    }

    /// H2 takes the order of an index only when all its columns are named; MariaDB sorts when they are.
    fn newest_first(&self, dialect: Dialect) -> String {
        let indexed = self.indexed.filter(|_| dialect == Dialect::H2);
        newest_first(&indexed.iter().chain(self.order).copied().collect::<Vec<_>>())
    }
}

/// The columns that an index begins with and that one value is asked of, the fewest messages first.
const INDEXED: [&str; 5] = ["object_key", "run_id", "error_kind", "status", "category"];

const TIME: &str = "recorded_at";
const NUMBER: &str = "row_no";

#[derive(Clone)]
struct Filter {
    condition: &'static str,
    parameters: Vec<SqlValue>,
}

impl Filter {
    fn is_of(&self, column: &str) -> bool {
        self.condition.starts_with(column)
    }
}

fn filters(query: &AuditQuery) -> Vec<Filter> {
    let one = |condition, parameter: Option<SqlValue>| Some(Filter { condition, parameters: vec![parameter?] });
    let object = query.object_uuid.as_deref().map(|uuid| vec![object_key(uuid).into(), compact(uuid)]);
    [
        one("direction = ?", query.direction.map(name)),
        one("category = ?", query.category.map(name)),
        object.map(|parameters| Filter { condition: "object_key = ? AND object_uuid = ?", parameters }),
        one("status = ?", query.status.map(name)),
        one("run_id = ?", query.run_id.as_deref().map(compact)),
        one("error_kind = ?", query.error_kind.map(name)),
        one("node_id = ?", query.node_id.as_deref().map(compact)),
        one("LOWER(error_message) LIKE ? ESCAPE '!'", query.words.as_deref().map(containing)),
        one("recorded_at >= ?", query.from.map(SqlValue::from)),
        one("recorded_at < ?", query.until.map(SqlValue::from)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The pattern of LIKE for what has these words in it.
fn containing(words: &str) -> SqlValue {
    let escaped = words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    SqlValue::Text(format!("%{escaped}%"))
}
