//! Records that could not be done yet. One per object and direction: the newest event that failed.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use strum::VariantArray;

use super::named;
use super::paging::{Page, Paged, select_page};
use super::row::{Columns, one_int, read_all};
use super::statement::{KEYS_PER_STATEMENT, failure_or_nulls, keys, keys_by_category, marks, name, name_or_null};
use super::{Failure, LARGEST_LIST, Sql, SqlValue, now};
use crate::error::{ErrorKind, Namesake, Result};
use crate::event::{Action, Category, Direction, ObjectId, Representation};

/// A parked record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Parked {
    /// Which way it was to travel.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// Which object. Of an entry that could not be understood: its category and a hash of the event id.
    #[serde(serialize_with = "named::serialize_object")]
    pub object: ObjectId,
    /// The audit message of the event.
    pub audit_uuid: String,
    /// The action that the feed named.
    #[serde(serialize_with = "named::serialize")]
    pub action: Action,
    /// The representation that the object was fetched in; nothing when it was not fetched.
    #[serde(serialize_with = "named::serialize_option")]
    pub representation: Option<Representation>,
    /// Why.
    pub error: Failure,
    /// Where it happened, without credentials.
    pub url: Option<String>,
    /// The object whose arrival releases it.
    #[serde(serialize_with = "named::serialize_object_option")]
    pub waiting_for: Option<ObjectId>,
    /// The object of the same name where it was to go.
    pub namesake: Option<Namesake>,
    /// How often it was tried again.
    pub attempts: u32,
    /// When it is tried again, milliseconds since 1970 by the database's clock; nothing: only when released or asked for.
    pub next_attempt_at: Option<i64>,
    /// When the object was first parked, milliseconds since 1970 by the database's clock.
    pub parked_at: i64,
}

/// The columns that `read` takes.
const COLUMNS: &str = "direction, category, object_uuid, audit_uuid, event_action, representation, error_kind, \
                       error_message, url, waiting_for_category, waiting_for_uuid, namesake_name, namesake_uuid, \
                       attempts, next_attempt_at, parked_at";

fn read(row: &mut Columns) -> Result<Parked> {
    Ok(Parked {
        direction: row.named()?,
        object: row.object()?,
        audit_uuid: row.text()?,
        action: row.named()?,
        representation: row.named_or_null()?,
        error: row.failure()?,
        url: row.text_or_null()?,
        waiting_for: row.object_or_null()?,
        namesake: namesake_or_null(row)?,
        attempts: row.count()? as u32,
        next_attempt_at: row.int_or_null()?,
        parked_at: row.int()?,
    })
}

fn namesake_or_null(row: &mut Columns) -> Result<Option<Namesake>> {
    let (name, uuid) = (row.text_or_null()?, row.text_or_null()?);
    Ok(name.zip(uuid).map(|(name, uuid)| Namesake { name, uuid }))
}

/// Parks a record, in the place of an older one of the same object, whose `parked_at` stays.
pub fn put(sql: &mut dyn Sql, parked: &Parked) -> Result<()> {
    let changes = changes(parked, now(sql)?);
    let key = [name(parked.direction), name(parked.object.category), parked.object.uuid.as_str().into()];
    let updated = sql.update(
        "UPDATE sync2_parked SET audit_uuid = ?, event_action = ?, representation = ?, error_kind = ?, \
         error_message = ?, url = ?, waiting_for_category = ?, waiting_for_uuid = ?, namesake_name = ?, \
         namesake_uuid = ?, attempts = ?, next_attempt_at = ?, changed_at = ? WHERE direction = ? AND category = ? AND object_uuid = ?",
        &[changes.as_slice(), key.as_slice()].concat(),
    )?;
    if updated == 0 {
        sql.update(
            "INSERT INTO sync2_parked (audit_uuid, event_action, representation, error_kind, error_message, url, \
             waiting_for_category, waiting_for_uuid, namesake_name, namesake_uuid, attempts, next_attempt_at, \
             changed_at, direction, category, object_uuid, parked_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[changes.as_slice(), key.as_slice(), &[parked.parked_at.into()]].concat(),
        )?;
    }
    Ok(())
}

fn changes(parked: &Parked, time: i64) -> [SqlValue; 13] {
    let namesake = parked.namesake.as_ref();
    let [error_kind, error_message] = failure_or_nulls(Some(&parked.error));
    [
        parked.audit_uuid.as_str().into(),
        name(parked.action),
        name_or_null(parked.representation),
        error_kind,
        error_message,
        parked.url.as_ref().into(),
        name_or_null(parked.waiting_for.as_ref().map(|object| object.category)),
        parked.waiting_for.as_ref().map(|object| object.uuid.as_str()).into(),
        namesake.map(|namesake| namesake.name.as_str()).into(),
        namesake.map(|namesake| namesake.uuid.as_str()).into(),
        parked.attempts.into(),
        parked.next_attempt_at.into(),
        time.into(),
    ]
}

/// Takes the records of these objects out, because they are done. Returns how many there were.
pub fn remove(sql: &mut dyn Sql, direction: Direction, objects: &[ObjectId]) -> Result<u64> {
    let mut removed = 0;
    for keys in keys(direction, objects) {
        removed += sql.update(&format!("DELETE FROM sync2_parked WHERE {}", keys.condition), &keys.parameters)?;
    }
    Ok(removed)
}

/// The records of those of the objects that have one.
pub fn get_all(sql: &mut dyn Sql, direction: Direction, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Parked>> {
    let mut found = HashMap::new();
    for keys in keys(direction, objects) {
        let statement = format!("SELECT {COLUMNS} FROM sync2_parked WHERE {}", keys.condition);
        let records = read_all(sql, &statement, &keys.parameters, read)?;
        found.extend(records.into_iter().map(|parked| (parked.object.clone(), parked)));
    }
    Ok(found)
}

/// The records whose next attempt is due at `time`, the longest due first, without those of the categories that cannot
/// be tried now.
pub fn due(sql: &mut dyn Sql, direction: Direction, time: i64, held: &[Category], limit: u32) -> Result<Vec<Parked>> {
    let others = if held.is_empty() { String::new() } else { format!("AND category NOT IN ({}) ", marks(held.len())) };
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_parked WHERE direction = ? AND next_attempt_at <= ? {others}\
         ORDER BY next_attempt_at, parked_at, category, object_uuid LIMIT ?"
    );
    let held = held.iter().map(|category| name(*category));
    let limit = SqlValue::from(limit.min(LARGEST_LIST));
    let parameters: Vec<SqlValue> = [name(direction), time.into()].into_iter().chain(held).chain([limit]).collect();
    read_all(sql, &statement, &parameters, read)
}

/// Makes the records due at `time` whose next attempt is later than `latest`: it was set while the clock was ahead. Returns
/// how many.
pub fn make_due_when_later(sql: &mut dyn Sql, direction: Direction, time: i64, latest: i64) -> Result<u64> {
    let statement = "UPDATE sync2_parked SET next_attempt_at = ? WHERE direction = ? AND next_attempt_at > ?";
    sql.update(statement, &[time.into(), name(direction), latest.into()])
}

/// Which refused records are looked at again.
pub struct Refused<'a> {
    /// The direction that they travelled.
    pub direction: Direction,
    /// Why they were refused.
    pub kinds: &'a [ErrorKind],
    /// Those that were tried again less often.
    pub attempts: u32,
    /// Or those that are due at this time.
    pub time: i64,
    /// Not of these categories.
    pub held: &'a [Category],
    /// The most records to return; more than [`LARGEST_LIST`] are never returned.
    pub limit: u32,
}

/// The refused records, those that were tried the least often first.
pub fn refused(sql: &mut dyn Sql, wanted: &Refused<'_>) -> Result<Vec<Parked>> {
    let held = &wanted.held;
    let others = if held.is_empty() { String::new() } else { format!("AND category NOT IN ({}) ", marks(held.len())) };
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_parked WHERE direction = ? AND error_kind IN ({}) \
         AND (attempts < ? OR next_attempt_at <= ?) {others}\
         ORDER BY attempts, parked_at, category, object_uuid LIMIT ?",
        marks(wanted.kinds.len())
    );
    let parameters: Vec<SqlValue> = std::iter::once(name(wanted.direction))
        .chain(wanted.kinds.iter().map(|kind| SqlValue::from(kind.name())))
        .chain([wanted.attempts.into(), wanted.time.into()])
        .chain(held.iter().map(|category| name(*category)))
        .chain([wanted.limit.min(LARGEST_LIST).into()])
        .collect();
    read_all(sql, &statement, &parameters, read)
}

/// Why metadata waits that is known by the same name, under another uuid, on the side where it was to go: each once.
pub fn same_named(sql: &mut dyn Sql, limit: u32) -> Result<Vec<String>> {
    let statement = "SELECT error_message FROM sync2_parked WHERE error_kind = ? AND category NOT IN ('patient', 'person') \
                     ORDER BY category, object_uuid, direction LIMIT ?";
    let kind = SqlValue::from(ErrorKind::Duplicate.name());
    let messages = read_all(sql, statement, &[kind, limit.min(LARGEST_LIST).into()], |row| row.text_or_null())?;
    let each: BTreeSet<String> = messages.into_iter().flatten().collect();
    Ok(each.into_iter().collect())
}

/// The records of metadata that is refused because of what has the same name.
pub fn beside_namesakes(sql: &mut dyn Sql, limit: u32) -> Result<Vec<Parked>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM sync2_parked WHERE error_kind = ? AND namesake_uuid IS NOT NULL \
         ORDER BY category, object_uuid, direction LIMIT ?"
    );
    let kind = SqlValue::from(ErrorKind::Duplicate.name());
    read_all(sql, &statement, &[kind, limit.min(LARGEST_LIST).into()], read)
}

/// Makes the records due at `time` of whose objects something was sent and never answered: what became of it is asked for.
pub fn ask_after_unanswered(sql: &mut dyn Sql, time: i64) -> Result<u64> {
    sql.update(
        "UPDATE sync2_parked SET next_attempt_at = ?, changed_at = ? WHERE direction = ? AND next_attempt_at > ? \
         AND EXISTS (SELECT 1 FROM sync2_pending p WHERE p.category = sync2_parked.category \
         AND p.object_uuid = sync2_parked.object_uuid)",
        &[time.into(), time.into(), name(Direction::Push), time.into()],
    )
}

/// The objects that records of a direction miss, other than themselves, each once. Not what removals wait for: that is here,
/// and somebody has to decide on it.
pub fn awaited(sql: &mut dyn Sql, direction: Direction, limit: u32) -> Result<Vec<ObjectId>> {
    let removals: Vec<SqlValue> =
        Action::VARIANTS.iter().copied().filter(|action| action.is_removal()).map(name).collect();
    let statement = format!(
        "SELECT DISTINCT waiting_for_category, waiting_for_uuid FROM sync2_parked \
         WHERE direction = ? AND waiting_for_uuid IS NOT NULL AND waiting_for_uuid <> object_uuid \
         AND event_action NOT IN ({}) ORDER BY waiting_for_category, waiting_for_uuid LIMIT ?",
        marks(removals.len())
    );
    let parameters = [vec![name(direction)], removals, vec![limit.min(LARGEST_LIST).into()]].concat();
    read_all(sql, &statement, &parameters, |row| row.object())
}

/// Makes the records that wait for one of the arrived objects due at `time`. Returns how many.
pub fn release(sql: &mut dyn Sql, direction: Direction, arrived: &[ObjectId], time: i64) -> Result<u64> {
    let mut released = 0;
    for (category, uuids) in keys_by_category(arrived) {
        let categories: Vec<SqlValue> = category.names().map(name).collect();
        let statement = format!(
            "UPDATE sync2_parked SET next_attempt_at = ?, changed_at = ? \
             WHERE direction = ? AND waiting_for_category IN ({}) AND waiting_for_uuid IN ({})",
            marks(categories.len()),
            marks(uuids.len())
        );
        let parameters: Vec<SqlValue> =
            [time.into(), time.into(), name(direction)].into_iter().chain(categories).chain(uuids).collect();
        released += sql.update(&statement, &parameters)?;
    }
    Ok(released)
}

/// Which ways the records that are meant travel.
pub fn directions(sql: &mut dyn Sql, which: &Which) -> Result<Vec<Direction>> {
    let mut found = BTreeSet::new();
    for (condition, parameters) in which.conditions() {
        let statement = format!("SELECT DISTINCT direction FROM sync2_parked WHERE {condition}");
        found.extend(read_all(sql, &statement, &parameters, Columns::named::<Direction>)?);
    }
    Ok(found.into_iter().collect())
}

/// Makes the records that are meant due at `time`, because an administrator asks. Returns how many there were.
pub fn retry_now(sql: &mut dyn Sql, which: &Which, time: i64) -> Result<u64> {
    let mut found = 0;
    for (condition, parameters) in which.conditions() {
        let statement = format!("UPDATE sync2_parked SET next_attempt_at = ?, changed_at = ? WHERE {condition}");
        found += sql.update(&statement, &[vec![time.into(), time.into()], parameters].concat())?;
    }
    Ok(found)
}

/// Makes the records of these objects, and those that wait for them, due at `time`: something about the objects has been
/// decided.
pub fn retry_objects(sql: &mut dyn Sql, direction: Direction, objects: &[ObjectId], time: i64) -> Result<()> {
    for keys in keys(direction, objects) {
        let parameters: Vec<SqlValue> =
            [SqlValue::from(time), time.into()].into_iter().chain(keys.parameters).collect();
        let statement = format!("UPDATE sync2_parked SET next_attempt_at = ?, changed_at = ? WHERE {}", keys.condition);
        sql.update(&statement, &parameters)?;
    }
    release(sql, direction, objects, time).map(drop)
}

/// The parked records that a filter lets through, the newest first.
pub fn list(sql: &mut dyn Sql, filter: &ParkedFilter, page: &Page, limit: u32) -> Result<Vec<Parked>> {
    let (filter, of_filter) = filter.condition();
    let (page, of_page) = select_page(&["parked_at", "direction", "category", "object_uuid"], page, limit)?;
    let page = match (filter.is_empty(), page.strip_prefix("WHERE ")) {
        (true, _) => page,
        (false, Some(after)) => format!("WHERE {filter} AND {after}"),
        (false, None) => format!("WHERE {filter} {page}"),
    };
    let parameters = [of_filter, of_page].concat();
    read_all(sql, &format!("SELECT {COLUMNS} FROM sync2_parked {page}"), &parameters, read)
}

/// Which parked records. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParkedFilter {
    /// Of one direction.
    pub direction: Option<Direction>,
    /// Of one kind of object.
    pub category: Option<Category>,
    /// With one kind of error.
    pub kind: Option<ErrorKind>,
    /// Those that wait for such objects.
    pub waiting_for: Option<Awaited>,
    /// Those that wait for the object with this uuid.
    pub waiting_for_uuid: Option<String>,
}

/// The objects that parked records wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// No object.
    Nothing,
    /// One of this category.
    OfCategory(Category),
}

impl Awaited {
    /// How it is written that they wait for none.
    const NOTHING: &'static str = "none";

    /// Reads the name of a category, or `none`.
    pub fn parse(name: &str) -> Option<Awaited> {
        match name {
            Self::NOTHING => Some(Awaited::Nothing),
            name => Category::parse(name).map(Awaited::OfCategory),
        }
    }
}

impl ParkedFilter {
    /// A condition, without `WHERE`, with its parameters; empty when it lets everything through.
    fn condition(&self) -> (String, Vec<SqlValue>) {
        let (conditions, parameters): (Vec<&str>, Vec<SqlValue>) = [
            ("direction = ?", self.direction.map(name)),
            ("category = ?", self.category.map(name)),
            ("error_kind = ?", self.kind.map(name)),
            ("waiting_for_category = ?", self.awaited_category().map(name)),
            ("waiting_for_uuid = ?", self.waiting_for_uuid.as_ref().map(SqlValue::from)),
        ]
        .into_iter()
        .filter_map(|(condition, parameter)| Some((condition, parameter?)))
        .unzip();
        let for_nothing = (self.waiting_for == Some(Awaited::Nothing)).then_some("waiting_for_category IS NULL");
        (conditions.into_iter().chain(for_nothing).collect::<Vec<_>>().join(" AND "), parameters)
    }

    fn awaited_category(&self) -> Option<Category> {
        match self.waiting_for? {
            Awaited::Nothing => None,
            Awaited::OfCategory(category) => Some(category),
        }
    }
}

/// Parked records that somebody means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of these audit messages.
    Uuids(Vec<String>),
    /// Those that a filter lets through.
    Filter(ParkedFilter),
}

impl Which {
    /// Conditions that together select them, each with its parameters.
    fn conditions(&self) -> Vec<(String, Vec<SqlValue>)> {
        match self {
            Which::Uuids(uuids) => uuids
                .chunks(KEYS_PER_STATEMENT)
                .map(|portion| {
                    (format!("audit_uuid IN ({})", marks(portion.len())), portion.iter().map(SqlValue::from).collect())
                })
                .collect(),
            Which::Filter(filter) => match filter.condition() {
                (condition, parameters) if condition.is_empty() => vec![("1 = 1".to_string(), parameters)],
                condition => vec![condition],
            },
        }
    }
}

/// The parked records that are meant, at most so many, in no order.
pub fn matching(sql: &mut dyn Sql, which: &Which, limit: u32) -> Result<Vec<Parked>> {
    let mut found = Vec::new();
    for (condition, mut parameters) in which.conditions() {
        let left = limit.min(LARGEST_LIST).saturating_sub(found.len() as u32);
        parameters.push(left.into());
        let statement = format!("SELECT {COLUMNS} FROM sync2_parked WHERE {condition} LIMIT ?");
        found.extend(read_all(sql, &statement, &parameters, read)?);
    }
    Ok(found)
}

/// Parked records that have the same cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Which way they travel.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// How they failed last.
    #[serde(serialize_with = "named::serialize")]
    pub kind: ErrorKind,
    /// The kind of objects.
    #[serde(serialize_with = "named::serialize")]
    pub category: Category,
    /// The kind of objects that they wait for; nothing when for none.
    #[serde(serialize_with = "named::serialize_option")]
    pub waiting_for_category: Option<Category>,
    /// How many objects they wait for.
    pub awaited: u64,
    /// How many they are.
    pub count: u64,
    /// When the oldest of them was parked, milliseconds since 1970.
    pub oldest: i64,
    /// When the newest of them was parked, milliseconds since 1970.
    pub newest: i64,
    /// The message of the newest of them.
    pub message: String,
    /// The audit messages of the newest of them.
    pub audit_uuids: Vec<String>,
}

/// The most audit messages that are named of a cause.
const NAMED_OF_A_CAUSE: u32 = 5;

/// Why records are parked, the most frequent first.
pub fn causes(sql: &mut dyn Sql) -> Result<Vec<Cause>> {
    let statement = "SELECT direction, error_kind, category, waiting_for_category, COUNT(DISTINCT waiting_for_uuid), \
                     COUNT(*), MIN(parked_at), MAX(parked_at) FROM sync2_parked \
                     GROUP BY direction, error_kind, category, waiting_for_category \
                     ORDER BY COUNT(*) DESC, direction, error_kind, category, waiting_for_category LIMIT ?";
    let mut causes = read_all(sql, statement, &[LARGEST_LIST.into()], |row| {
        Ok(Cause {
            direction: row.named()?,
            kind: row.named()?,
            category: row.named()?,
            waiting_for_category: row.named_or_null()?,
            awaited: row.count()?,
            count: row.count()?,
            oldest: row.int()?,
            newest: row.int()?,
            message: String::new(),
            audit_uuids: Vec::new(),
        })
    })?;
    causes.iter_mut().try_for_each(|cause| name_newest(sql, cause))?;
    Ok(causes)
}

fn name_newest(sql: &mut dyn Sql, cause: &mut Cause) -> Result<()> {
    let filter = ParkedFilter {
        direction: Some(cause.direction),
        category: Some(cause.category),
        kind: Some(cause.kind),
        waiting_for: Some(cause.waiting_for_category.map_or(Awaited::Nothing, Awaited::OfCategory)),
        waiting_for_uuid: None,
    };
    let (condition, mut parameters) = filter.condition();
    let statement = format!(
        "SELECT audit_uuid, error_message FROM sync2_parked WHERE {condition} ORDER BY parked_at DESC, object_uuid LIMIT ?"
    );
    parameters.push(NAMED_OF_A_CAUSE.into());
    let newest = read_all(sql, &statement, &parameters, |row| Ok((row.text()?, row.text()?)))?;
    cause.message = newest.first().map(|(_, message)| message.clone()).unwrap_or_default();
    cause.audit_uuids = newest.into_iter().map(|(uuid, _)| uuid).collect();
    Ok(())
}

impl Paged for Parked {
    fn place(&self) -> (i64, Vec<&str>) {
        (self.parked_at, vec![self.direction.name(), self.object.category.name(), &self.object.uuid])
    }
}

/// How many records are parked.
pub fn count(sql: &mut dyn Sql) -> Result<i64> {
    one_int(sql, "SELECT COUNT(*) FROM sync2_parked", &[])
}
