//! How the database finds the rows of each list when its table is large: in the order of an index, without sorting.

use super::message;
use crate::error::{ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::store::audit::{self, AuditMessage, AuditQuery, AuditStatus};
use crate::store::conflicts;
use crate::store::paging::{Cursor, Page, Paged, PagedRow};
use crate::store::parked::{self, ParkedFilter};
use crate::store::runs;
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction, schema};

/// Remembers each SELECT and its parameters.
struct Remembering<'a> {
    sql: &'a mut dyn Sql,
    selects: Vec<(String, Vec<SqlValue>)>,
}

impl Sql for Remembering<'_> {
    fn dialect(&self) -> Dialect {
        self.sql.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.sql.update(statement, parameters)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.selects.push((statement.to_owned(), parameters.to_vec()));
        self.sql.query(statement, parameters)
    }
}

/// Fills the tables of a new database with so many rows each, and reads the plan of each list's pages: that of a first page,
/// and of one in the middle. Panics with the statement whose plan sorts. Returns how many plans there were.
pub fn lists_are_not_sorted(database: &mut dyn Transaction, rows: i64) -> Result<usize> {
    schema::migrate(database)?;
    super::committed(database, |sql| fill(sql, rows))?;
    super::committed(database, analyze)?;
    super::in_rolled_back(database, |sql| {
        let mut remembering = Remembering { sql, selects: Vec::new() };
        read_lists(&mut remembering, rows)?;
        let selects = remembering.selects;
        selects.iter().try_for_each(|(statement, parameters)| assert_not_sorted(sql, statement, parameters))?;
        Ok(selects.len())
    })
}

fn fill(sql: &mut dyn Sql, rows: i64) -> Result<()> {
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
    while filled < rows {
        double(sql, filled)?;
        filled *= 2;
    }
    for statement in OTHER_LISTS {
        sql.update(statement, &[])?;
    }
    Ok(())
}

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

/// A run, a parked record and a conflict for each message.
const OTHER_LISTS: [&str; 3] = [
    "INSERT INTO sync2_run (id, direction, run_kind, run_state, started_at, events, counts, node_id, fencing_token) \
     SELECT CAST(recorded_at AS CHAR(20)), 'pull', 'feed', 'completed', recorded_at, 0, '{\"APPLIED\":1}', 'node-1', recorded_at \
     FROM sync2_audit_message",
    "INSERT INTO sync2_parked (direction, category, object_uuid, audit_uuid, event_action, error_kind, error_message, \
     attempts, next_attempt_at, parked_at, changed_at) SELECT 'pull', 'patient', CAST(recorded_at AS CHAR(20)), 'a', \
     'CREATED', 'NotFound', 'gone', 0, recorded_at, recorded_at, recorded_at FROM sync2_audit_message",
    "INSERT INTO sync2_dispute (uuid, conflict_kind, direction, category, object_uuid, child_node, representation, \
     detected_at, changed_at) SELECT CAST(recorded_at AS CHAR(20)), 'CONTENT', 'pull', 'patient', \
     CAST(recorded_at AS CHAR(20)), '', 'fhir', recorded_at, recorded_at FROM sync2_audit_message",
];

fn analyze(sql: &mut dyn Sql) -> Result<()> {
    if sql.dialect() == Dialect::MySql {
        let statement = "ANALYZE TABLE sync2_audit_message, sync2_run, sync2_parked, sync2_dispute";
        return sql.query(statement, &[]).map(drop);
    }
    sql.update("ANALYZE", &[]).map(drop)
}

fn read_lists(sql: &mut dyn Sql, rows: i64) -> Result<()> {
    let all = AuditQuery { limit: 50, ..AuditQuery::default() };
    let queries = [
        all.clone(),
        AuditQuery { direction: Some(Direction::Pull), ..all.clone() },
        AuditQuery { category: Category::parse("visit"), ..all.clone() },
        AuditQuery { status: Some(AuditStatus::Applied), ..all.clone() },
        AuditQuery { object_uuid: Some("object-7".into()), ..all.clone() },
        AuditQuery { run_id: Some("run-7".into()), ..all.clone() },
        AuditQuery { error_kind: Some(ErrorKind::NotFound), ..all.clone() },
        AuditQuery { from: Some(1), until: Some(rows), ..all.clone() },
        AuditQuery { until: Some(rows / 2), ..all },
    ];
    for query in queries {
        let first = audit::find(sql, &query)?;
        let after = first.last().map(|message| message.uuid.clone());
        audit::find(sql, &AuditQuery { after, ..query })?;
    }
    two_pages(|page| runs::list(sql, page, 50))?;
    runs::counts_since(sql, rows / 2)?;
    two_pages(|page| parked::list(sql, &ParkedFilter::default(), page, 50))?;
    two_pages(|page| conflicts::list(sql, page, 50))?;
    Ok(())
}

fn two_pages<T: Paged>(mut list: impl FnMut(&Page) -> Result<Vec<T>>) -> Result<()> {
    let last = list(&Page::From(0))?.pop().expect("a row");
    list(&Page::After(Cursor::parse(&PagedRow::from(last).cursor)?)).map(drop)
}

fn assert_not_sorted(sql: &mut dyn Sql, statement: &str, parameters: &[SqlValue]) -> Result<()> {
    let explain = if sql.dialect() == Dialect::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let plan = format!("{:?}", sql.query(&format!("{explain} {statement}"), parameters)?);
    let sorted = match sql.dialect() {
        Dialect::MySql => plan.contains("Using filesort"),
        Dialect::PostgreSql => plan.contains("Sort") && most_rows(&plan) > FEW_ROWS,
        Dialect::H2 => statement.contains("ORDER BY") && !plan.contains("index sorted"),
        Dialect::Sqlite => plan.contains("TEMP B-TREE"),
    };
    assert!(!sorted, "{statement}\n{parameters:?}\n{plan}");
    Ok(())
}

/// What belongs to one object may be sorted.
const FEW_ROWS: u64 = 3000;

/// The most rows that any step of a plan of PostgreSQL's expects.
fn most_rows(plan: &str) -> u64 {
    let counts = plan.split("rows=").skip(1).filter_map(|rest| rest.split(' ').next()?.parse().ok());
    counts.max().unwrap_or(u64::MAX)
}
