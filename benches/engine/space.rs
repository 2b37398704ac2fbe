//! The room of the module's own tables at a child after a first pull of patients with their encounters and observations: bytes
//! by table, indexes included, as SQLite's pages.

use serde_json::{Map, Value, json};
use sync2::engine::Engine;
use sync2::store::{Sql, SqlValue};
use sync2::testing::sqlite_host::SqliteHost;

use crate::parent::{CLINIC, CLINIC_OBJECTS, CLINIC_PATIENTS, Parent};

/// The number of patients that the figures are given for.
const PER_PATIENTS: u64 = 1000;

/// Each table with its indexes: bytes of whole pages. `dbstat` has a row for each page (sqlite.org/dbstat.html).
const BYTES: &str = "SELECT schema.tbl_name, SUM(pages.pgsize) FROM dbstat AS pages JOIN sqlite_schema AS schema \
                     ON schema.name = pages.name WHERE schema.tbl_name LIKE 'sync2_%' GROUP BY schema.tbl_name ORDER BY 1";

/// Tables that have a row for each object, and what is said of them.
const NAMED: [(&str, &str); 3] =
    [("bases", "sync2_base"), ("states", "sync2_object_state"), ("audit", "sync2_audit_message")];

pub fn run() -> Value {
    let parent = Parent::start(CLINIC);
    let mut host = SqliteHost::in_memory().expect("a database in memory");
    let categories = json!({"location": {}, "patient": {}, "encounter": {}, "observation": {}});
    let engine = Engine::open(&parent.config(categories), &mut host).expect("an engine");
    let empty = bytes(&mut host);
    let report = engine.pull(&mut host).expect("a pull");
    let counts = &report.run.progress.counts;
    assert_eq!(counts.values().sum::<u64>(), CLINIC_OBJECTS, "{counts:?} {:?}", report.run.error);
    assert_eq!(counts.len(), 1, "all of them are applied: {counts:?}");
    let grown: Vec<(String, u64)> = bytes(&mut host)
        .into_iter()
        .map(|(table, bytes)| {
            let before = empty.iter().find(|(known, _)| *known == table).map_or(0, |(_, bytes)| *bytes);
            (table, (bytes - before) * PER_PATIENTS / CLINIC_PATIENTS)
        })
        .collect();
    let of = |table: &str| grown.iter().find(|(name, _)| name == table).map_or(0, |(_, bytes)| *bytes);
    let named = NAMED.iter().map(|(name, table)| (name.to_string(), figures(&mut host, table, of(table))));
    let named: Map<String, Value> = named.collect();
    let all = grown.iter().map(|(_, bytes)| *bytes).sum::<u64>();
    let by_table = grown.iter().filter(|(_, bytes)| *bytes > 0).map(|(table, bytes)| (table.clone(), json!(bytes)));
    json!({
        "bench": "space", "perPatients": PER_PATIENTS, "objects": CLINIC_OBJECTS * PER_PATIENTS / CLINIC_PATIENTS,
        "of": named, "bytesByTable": Value::Object(by_table.collect()), "bytes": all,
    })
}

fn figures(host: &mut SqliteHost, table: &str, bytes: u64) -> Value {
    let rows = numbers(host, &format!("SELECT 'rows', COUNT(*) FROM {table}"))[0].1 * PER_PATIENTS / CLINIC_PATIENTS;
    json!({"rows": rows, "bytes": bytes, "bytesPerRow": bytes / rows.max(1)})
}

fn bytes(host: &mut SqliteHost) -> Vec<(String, u64)> {
    numbers(host, BYTES)
}

/// The rows of a statement that gives a name and a number in each.
fn numbers(host: &mut SqliteHost, statement: &str) -> Vec<(String, u64)> {
    let rows = host.query(statement, &[]).expect("an answer of the database");
    rows.into_iter()
        .map(|row| match &row[..] {
            [SqlValue::Text(name), SqlValue::Int(number)] => (name.clone(), number.unsigned_abs()),
            other => panic!("{other:?}"),
        })
        .collect()
}
