//! The lists of the page over full tables: those whose plans are looked at, and all of them with their times.

use std::time::Instant;

use serde_json::{Map, Value};

use super::message;
use crate::error::{ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::store::audit::{self, AuditMessage, AuditQuery, AuditStatus};
use crate::store::conflicts;
use crate::store::events;
use crate::store::paging::{Cursor, Page, Paged, PagedRow};
use crate::store::parked::{self, Awaited, ParkedFilter};
use crate::store::runs;
use crate::store::{Dialect, Sql, Transaction, schema};

/// How many rows the tables are filled with.
pub(super) struct Size {
    pub messages: i64,
    pub parked: i64,
    pub conflicts: i64,
}

/// A list as it is asked for.
pub(super) struct List {
    name: String,
    /// Its first page and the one after it.
    pub read_two_pages: Read,
}

type Read = Box<dyn Fn(&mut dyn Sql) -> Result<()>>;

/// The rows of a page.
const PAGE: u32 = 50;

/// How often the pages are read. The slowest counts.
const TIMES: usize = 3;

/// Fills the tables of a new database with so many messages, 10,000 parked records and 5,000 conflicts, and reads two pages of
/// each list, filtered in each way that there is. Returns by name the milliseconds that both took.
pub fn list_milliseconds(database: &mut dyn Transaction, messages: i64) -> Result<Value> {
    schema::migrate(database)?;
    let size = Size { messages, parked: 10_000, conflicts: 5_000 };
    super::committed(database, |sql| fill(sql, &size))?;
    super::committed(database, analyze)?;
    super::in_rolled_back(database, |sql| {
        let lists = main_lists(messages).into_iter().chain(more_lists());
        lists.map(|list| Ok((list.name.clone(), slowest(sql, &list)?.into()))).collect::<Result<Map<_, _>>>()
    })
    .map(Value::from)
}

/// Milliseconds.
fn slowest(sql: &mut dyn Sql, list: &List) -> Result<f64> {
    let mut slowest: f64 = 0.0;
    for _ in 0..TIMES {
        let begun = Instant::now();
        (list.read_two_pages)(sql)?;
        slowest = slowest.max(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok((slowest * 10.0).round() / 10.0)
}

/// Those that no table may be too large for.
pub(super) fn main_lists(messages: i64) -> Vec<List> {
    let all = || AuditQuery { limit: PAGE, ..AuditQuery::default() };
    vec![
        audit("all", all()),
        audit("direction", AuditQuery { direction: Some(Direction::Pull), ..all() }),
        audit("category", AuditQuery { category: Category::parse("visit"), ..all() }),
        audit("status", AuditQuery { status: Some(AuditStatus::Applied), ..all() }),
        audit("objectUuid", AuditQuery { object_uuid: Some("object-7".into()), ..all() }),
        audit("runId", AuditQuery { run_id: Some("run-7".into()), ..all() }),
        audit("errorKind", AuditQuery { error_kind: Some(ErrorKind::NotFound), ..all() }),
        audit("from, until", AuditQuery { from: Some(1), until: Some(messages), ..all() }),
        audit("until", AuditQuery { until: Some(messages / 2), ..all() }),
        audit("direction of none", AuditQuery { direction: Some(Direction::Push), ..all() }),
        audit("until, words of none", AuditQuery { until: Some(messages / 2), ..without_words() }),
        audit("rare status, words of none", AuditQuery { status: Some(AuditStatus::Kept), ..without_words() }),
        paged("runs", |sql, page| runs::list(sql, page, PAGE)),
        List {
            name: "counts of the newest half of the runs".into(),
            read_two_pages: Box::new(move |sql| runs::counts_since(sql, messages / 2).map(drop)),
        },
        parked("all", ParkedFilter::default()),
        paged("conflicts", |sql, page| conflicts::list(sql, page, PAGE)),
        List {
            name: "own feed without some categories".into(),
            read_two_pages: Box::new(move |sql| {
                let without = ["encounter", "visit"].into_iter().filter_map(Category::parse).collect::<Vec<_>>();
                for range in [[1, messages as u64], [messages as u64 / 2, messages as u64]] {
                    events::range_without(sql, range, &without, PAGE)?;
                }
                Ok(())
            }),
        },
    ]
}

/// Other lists that somebody may ask for, also of what is not there.
fn more_lists() -> Vec<List> {
    let all = || AuditQuery { limit: PAGE, ..AuditQuery::default() };
    let none = ParkedFilter::default;
    vec![
        audit("nodeId", AuditQuery { node_id: Some("node-1".into()), ..all() }),
        audit("nodeId of none", AuditQuery { node_id: Some("no-node".into()), ..all() }),
        audit("words", AuditQuery { words: Some("o".into()), ..all() }),
        audit("words of none", without_words()),
        audit("category of none", AuditQuery { category: Category::parse("task"), ..all() }),
        audit("status of none", AuditQuery { status: Some(AuditStatus::Dismissed), ..all() }),
        audit(
            "category and status of none together",
            AuditQuery { category: Category::parse("visit"), status: Some(AuditStatus::Conflict), ..all() },
        ),
        audit("status and words of none", AuditQuery { status: Some(AuditStatus::Parked), ..without_words() }),
        parked("direction of none", ParkedFilter { direction: Some(Direction::Push), ..none() }),
        parked("category", ParkedFilter { category: Category::parse("patient"), ..none() }),
        parked("kind", ParkedFilter { kind: Some(ErrorKind::NotFound), ..none() }),
        parked("kind of none", ParkedFilter { kind: Some(ErrorKind::Gone), ..none() }),
        parked("waitingForCategory none", ParkedFilter { waiting_for: Some(Awaited::Nothing), ..none() }),
        parked("waitingForUuid", ParkedFilter { waiting_for_uuid: Some("nobody".into()), ..none() }),
        List { name: "parked groups".into(), read_two_pages: Box::new(|sql| parked::causes(sql).map(drop)) },
    ]
}

/// A search for words that are in no message.
fn without_words() -> AuditQuery {
    AuditQuery { words: Some("nobody said this".into()), limit: PAGE, ..AuditQuery::default() }
}

fn audit(name: &str, query: AuditQuery) -> List {
    let read_two_pages = Box::new(move |sql: &mut dyn Sql| {
        let after = audit::search(sql, &query)?.next;
        audit::search(sql, &AuditQuery { after, ..query.clone() }).map(drop)
    });
    List { name: format!("audit by {name}"), read_two_pages }
}

fn parked(name: &str, filter: ParkedFilter) -> List {
    paged(&format!("parked by {name}"), move |sql, page| parked::list(sql, &filter, page, PAGE))
}

fn paged<T: Paged>(name: &str, list: impl Fn(&mut dyn Sql, &Page) -> Result<Vec<T>> + 'static) -> List {
    let read_two_pages = Box::new(move |sql: &mut dyn Sql| {
        let Some(last) = list(sql, &Page::From(0))?.pop() else { return Ok(()) };
        list(sql, &Page::After(Cursor::parse(&PagedRow::from(last).cursor)?)).map(drop)
    });
    List { name: name.to_owned(), read_two_pages }
}

/// Fills the tables of an empty database; messages to the next power of two of 1200.
pub(super) fn fill(sql: &mut dyn Sql, size: &Size) -> Result<()> {
    let categories = ["patient", "encounter", "visit"].map(|name| Category::parse(name).expect("a category"));
    let statuses = [AuditStatus::Applied, AuditStatus::Parked, AuditStatus::Unchanged];
    let messages: Vec<AuditMessage> = (0..BASE)
        .map(|number| {
            let mut message = message(&format!("event-{number}"));
            message.category = categories[number as usize % 3];
            message.outcome.status = statuses[number as usize / 3 % 3];
            message.outcome.error = (number % 5 == 0).then(|| super::failure(ErrorKind::NotFound));
            message.object_uuid = Some(format!("object-{number}"));
            message.run_id = format!("run-{}", number % 100);
            message.recorded_at = number;
            message
        })
        .collect();
    audit::insert_all(sql, &messages)?;
    let mut filled = BASE;
    while filled < size.messages {
        double(sql, filled)?;
        filled *= 2;
    }
    sql.update(&format!("UPDATE sync2_audit_message SET status = 'KEPT' WHERE recorded_at % {RARE} = 7"), &[])?;
    for (statement, rows) in OTHER_LISTS.into_iter().zip([size.messages, size.messages, size.parked, size.conflicts]) {
        sql.update(&format!("{statement} WHERE recorded_at < ?"), &[rows.into()])?;
    }
    Ok(())
}

/// One in so many messages has another status.
const RARE: i64 = 500;

/// How many messages are written one by one.
const BASE: i64 = 1200;

/// Copies every message under another uuid, event and time.
fn double(sql: &mut dyn Sql, filled: i64) -> Result<()> {
    // 16 digits are taken for the 16 bytes of a uuid.
    let number = format!("{} + recorded_at", 1_000_000_000_000_000 + filled);
    let bytes = match sql.dialect() {
        Dialect::MySql => format!("CAST({number} AS BINARY)"),
        Dialect::PostgreSql => format!("CAST(CAST({number} AS TEXT) AS BYTEA)"),
        Dialect::H2 => format!("CAST(CAST({number} AS VARCHAR) AS VARBINARY)"),
        Dialect::Sqlite => format!("CAST(CAST({number} AS TEXT) AS BLOB)"),
    };
    let copied = "run_id, direction, category, object_uuid, object_key, event_action, feed_epoch, event_id, status, \
                  error_kind, error_message, duration_ms, node_id";
    let statement = format!(
        "INSERT INTO sync2_audit_message (uuid, event_key, recorded_at, {copied}) \
         SELECT {bytes}, {bytes}, recorded_at + {filled}, {copied} FROM sync2_audit_message"
    );
    sql.update(&statement, &[]).map(drop)
}

/// A run, an event, a parked record and a conflict for each of the oldest messages.
const OTHER_LISTS: [&str; 4] = [
    "INSERT INTO sync2_run (id, direction, run_kind, run_state, started_at, events, counts, node_id, fencing_token) \
     SELECT CAST(recorded_at AS CHAR(20)), 'pull', 'feed', 'completed', recorded_at, 0, '{\"APPLIED\":1}', 'node-1', recorded_at \
     FROM sync2_audit_message",
    "INSERT INTO sync2_event (event_no, uuid, category, category_no, object_uuid, event_action, published_at) \
     SELECT recorded_at + 1, CAST(recorded_at AS CHAR(20)), category, recorded_at + 1, CAST(recorded_at AS CHAR(20)), \
     'UPDATED', recorded_at FROM sync2_audit_message",
    "INSERT INTO sync2_parked (direction, category, object_uuid, audit_uuid, event_action, error_kind, error_message, \
     attempts, next_attempt_at, parked_at, changed_at) SELECT 'pull', 'patient', CAST(recorded_at AS CHAR(20)), 'a', \
     'CREATED', 'NotFound', 'gone', 0, recorded_at, recorded_at, recorded_at FROM sync2_audit_message",
    "INSERT INTO sync2_dispute (uuid, conflict_kind, direction, category, object_uuid, child_node, representation, \
     detected_at, changed_at) SELECT CAST(recorded_at AS CHAR(20)), 'CONTENT', 'pull', 'patient', \
     CAST(recorded_at AS CHAR(20)), '', 'fhir', recorded_at, recorded_at FROM sync2_audit_message",
];

/// Has the database count its rows.
pub(super) fn analyze(sql: &mut dyn Sql) -> Result<()> {
    if sql.dialect() == Dialect::MySql {
        let statement = "ANALYZE TABLE sync2_audit_message, sync2_run, sync2_event, sync2_parked, sync2_dispute";
        return sql.query(statement, &[]).map(drop);
    }
    sql.update("ANALYZE", &[]).map(drop)
}
