//! How tables change: each kind of step by itself, and the tables of the first release with rows in them, by a server that is
//! killed after each statement.

use std::collections::HashSet;

use super::{committed, in_rolled_back, patient};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Direction;
use crate::store::audit::{self, AuditQuery, AuditStatus};
use crate::store::schema::step::{self, Step, batches, column, column_type, index, table};
use crate::store::{
    Dialect, Row, Sql, SqlValue, Transaction, attempts, conflicts, events, lease, markers, node, now, object_states,
    outbox, parked, pending, requests, runs, schema,
};

/// The version of the tables of release 0.1.0.
const FIRST_RELEASE: i64 = 4;

/// A database whose server is killed after each statement that changes something, the first time that it is run.
struct Killed<'a> {
    database: &'a mut dyn Transaction,
    survived: HashSet<String>,
    dead: bool,
}

impl Killed<'_> {
    fn alive(&self) -> Result<()> {
        if self.dead { Err(Error::new(ErrorKind::Host, "the server was killed")) } else { Ok(()) }
    }

    /// Starts the server again. The lock of the one that was killed has ended by then.
    fn start_again(&mut self) -> Result<()> {
        self.dead = false;
        committed(self.database, |sql| {
            sql.update("UPDATE sync2_schema SET applied_at = 0 WHERE version = 0", &[]).map(drop)
        })
    }
}

impl Sql for Killed<'_> {
    fn dialect(&self) -> Dialect {
        self.database.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.alive()?;
        let changed = self.database.update(statement, parameters)?;
        self.dead = self.survived.insert(statement.to_owned());
        self.alive().map(|()| changed)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.alive()?;
        self.database.query(statement, parameters)
    }
}

impl Transaction for Killed<'_> {
    fn begin(&mut self) -> Result<()> {
        self.alive()?;
        self.database.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.alive()?;
        self.database.commit()
    }

    fn rollback(&mut self) {
        self.database.rollback();
    }
}

/// A small table that stands for a large one.
const LETTERS: &[Step] = &[
    table("sync2_trial", "id INT NOT NULL PRIMARY KEY, letter VARCHAR(8) NOT NULL", &[("sync2_trial_old", "letter")]),
    Step::Rows(
        "INSERT INTO sync2_trial (id, letter) SELECT version, 'a' FROM sync2_schema WHERE version = 0 \
         AND NOT EXISTS (SELECT 1 FROM sync2_trial)",
    ),
];

const CHANGES: &[Step] = &[
    column("sync2_trial", "sent_at", "BIGINT NOT NULL DEFAULT 7"),
    column("sync2_trial", "document", "{blob}"),
    column("sync2_trial", "note", "{text}"),
    index("sync2_trial_sent", "sync2_trial", "sent_at, id"),
    Step::DropIndex("sync2_trial_old", "sync2_trial"),
    column_type("sync2_trial", "letter", "VARCHAR(100)"),
    column_type("sync2_trial", "id", "BIGINT"),
    batches("sync2_trial", next_letters),
    Step::Rows("UPDATE sync2_trial SET note = 'ä'"),
];

fn next_letters(sql: &mut dyn Sql) -> Result<u64> {
    sql.update("UPDATE sync2_trial SET letter = ? WHERE letter = 'a'", &["b".repeat(100).as_str().into()])
}

fn take_all(database: &mut dyn Transaction, steps: &[Step]) -> Result<()> {
    for step in steps {
        while committed(database, |sql| step::advance(sql, step))? {}
    }
    Ok(())
}

pub(super) fn every_step_can_be_repeated(database: &mut dyn Transaction) -> Result<()> {
    schema::migrate(database)?;
    for _ in 0..2 {
        take_all(database, LETTERS)?;
    }
    for _ in 0..2 {
        take_all(database, CHANGES)?;
    }
    in_rolled_back(database, |sql| {
        let large = i64::from(u32::MAX);
        let insert = "INSERT INTO sync2_trial (id, letter, document) VALUES (?, ?, ?)";
        sql.update(insert, &[large.into(), "c".into(), SqlValue::Bytes(vec![0, 255])])?;
        let rows = sql.query("SELECT id, letter, sent_at, note, document FROM sync2_trial ORDER BY id", &[])?;
        let old = vec![SqlValue::Int(0), "b".repeat(100).as_str().into(), SqlValue::Int(7), "ä".into(), SqlValue::Null];
        let new = vec![large.into(), "c".into(), SqlValue::Int(7), SqlValue::Null, SqlValue::Bytes(vec![0, 255])];
        assert_eq!(rows, [old, new]);
        Ok(())
    })?;
    let null = in_rolled_back(database, |sql| sql.update("UPDATE sync2_trial SET letter = NULL", &[]));
    assert!(null.is_err(), "a column that may not be null may be, once its type was changed");
    assert_eq!(indexes(database)?, ["sync2_trial_sent"]);
    for _ in 0..2 {
        take_all(database, &[Step::DropTable("sync2_trial"), batches("sync2_trial", next_letters)])?;
    }
    assert!(!in_rolled_back(database, |sql| step::table_exists(sql, "sync2_trial"))?);
    Ok(())
}

/// Of the table of this test, without those of its keys.
fn indexes(database: &mut dyn Transaction) -> Result<Vec<String>> {
    let statement = match database.dialect() {
        Dialect::MySql => {
            "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() \
             AND table_name = 'sync2_trial' AND index_name <> 'PRIMARY'"
        }
        Dialect::PostgreSql => {
            "SELECT indexname FROM pg_indexes WHERE tablename = 'sync2_trial' AND indexname NOT LIKE '%pkey'"
        }
        Dialect::H2 => {
            "SELECT LOWER(index_name) FROM information_schema.indexes WHERE LOWER(table_name) = 'sync2_trial' \
             AND LOWER(index_name) LIKE 'sync2%'"
        }
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'sync2_trial%'",
    };
    names(database, statement)
}

fn names(database: &mut dyn Transaction, statement: &str) -> Result<Vec<String>> {
    let rows = in_rolled_back(database, |sql| sql.query(statement, &[]))?;
    Ok(rows
        .into_iter()
        .flatten()
        .map(|value| if let SqlValue::Text(name) = value { name } else { panic!("{value:?}") })
        .collect())
}

/// Rows as release 0.1.0 wrote them, in every table that it had.
const FIRST_RELEASE_ROWS: &[&str] = &[
    "INSERT INTO sync2_marker (direction, feed, feed_epoch, page_url, entry_id, entry_updated, events, changed_at) \
     VALUES ('pull', 'sync2', 'epoch-1', 'http://parent/1', 'event-1', 5, 9, 1000)",
    "INSERT INTO sync2_run (id, direction, run_kind, run_state, started_at, ended_at, events, counts, feed_position, \
     remaining, error_kind, error_message, node_id, fencing_token) \
     VALUES ('run-1', 'pull', 'feed', 'completed', 1000, 2000, 9, '{\"APPLIED\": 9}', 'sync2 9', 0, NULL, NULL, 'node-1', 3)",
    "INSERT INTO sync2_audit (uuid, run_id, direction, category, object_uuid, event_action, feed_epoch, event_id, status, \
     representation, client_name, url, error_kind, error_message, detail, carried_by, duration_ms, node_id, recorded_at) \
     VALUES ('a-1', 'run-1', 'pull', 'patient', 'p1', 'UPDATED', 'epoch-1', 'event-1', 'PARKED', 'fhir', 'fhir', \
     'http://parent/Patient/p1', 'NotFound', 'it is not there', '{\"paths\": [\"name\"]}', NULL, 12, 'node-1', 1500)",
    "INSERT INTO sync2_audit (uuid, run_id, direction, category, object_uuid, event_action, feed_epoch, event_id, status, \
     representation, client_name, url, error_kind, error_message, detail, carried_by, duration_ms, node_id, recorded_at) \
     VALUES ('a-2', 'run-1', 'push', 'visit', NULL, 'OTHER', 'epoch-1', 'event-1', 'COALESCED', NULL, NULL, NULL, NULL, \
     NULL, NULL, 'a-1', 0, 'node-1', 1400)",
    "INSERT INTO sync2_attempt (audit_uuid, attempt_no, run_id, attempted_at, outcome, error_kind, error_message) \
     VALUES ('a-1', 1, 'run-1', 1600, 'PARKED', 'NotFound', 'it is not there')",
    "INSERT INTO sync2_object_state (category, object_uuid, local_hash, remote_hash, representation, canonical_version, \
     changed_at) VALUES ('patient', 'p1', '11', '22', 'fhir', 1, 1500)",
    "INSERT INTO sync2_parked (direction, category, object_uuid, audit_uuid, event_action, representation, error_kind, \
     error_message, url, waiting_for_category, waiting_for_uuid, attempts, next_attempt_at, parked_at, changed_at) \
     VALUES ('pull', 'patient', 'p1', 'a-1', 'UPDATED', 'fhir', 'NotFound', 'it is not there', NULL, 'location', 'l1', 1, \
     9000, 1500, 1600)",
    "INSERT INTO sync2_conflict (uuid, direction, category, object_uuid, audit_uuid, representation, ours_document, \
     theirs_document, ours_hash, theirs_hash, remote_hash, detected_at, changed_at) \
     VALUES ('c-1', 'pull', 'patient', 'p2', 'a-9', 'fhir', NULL, NULL, '33', '44', NULL, 1500, 1500)",
    "UPDATE sync2_lease SET lease_owner = 'server A', fencing_token = 3 WHERE direction = 'pull'",
    "UPDATE sync2_node SET node_id = 'node-1', created_at = 500 WHERE slot = 1",
    "INSERT INTO sync2_outbox (uuid, transaction_uuid, category, object_uuid, event_action, patient_uuid, location_uuid, \
     captured_at) VALUES ('o-1', 't-1', 'visit', 'v1', 'CREATED', 'p1', NULL, 1700)",
    "INSERT INTO sync2_event (event_no, uuid, category, category_no, object_uuid, event_action, patient_uuid, \
     location_uuid, published_at) VALUES (1, 'e-1', 'patient', 1, 'p1', 'CREATED', 'p1', NULL, 1200)",
    "UPDATE sync2_counter SET counter_value = 1 WHERE counter_name = 'event'",
    "INSERT INTO sync2_feed (slot, feed_epoch, page_size) VALUES (1, 'own-epoch', 100)",
    "INSERT INTO sync2_request (child_node, category, object_uuid, sent_hash, result_hash, answered_at) \
     VALUES ('child A', 'patient', 'p1', '55', '66', 1800)",
    "INSERT INTO sync2_pending (category, object_uuid, pending_hash, changed_at) VALUES ('patient', 'p1', '77', 1900)",
];

pub(super) fn first_release_is_upgraded(database: &mut dyn Transaction) -> Result<()> {
    drop_all(database)?;
    schema::migrate_to(database, FIRST_RELEASE)?;
    committed(database, |sql| FIRST_RELEASE_ROWS.iter().try_for_each(|row| sql.update(row, &[]).map(drop)))?;
    let mut killed = Killed { database, survived: HashSet::new(), dead: false };
    while schema::migrate(&mut killed).is_err() {
        killed.start_again()?;
    }
    in_rolled_back(database, rows_are_kept)?;
    drop_all(database)?;
    Ok(())
}

/// The version in which the audit was in `sync2_message`.
const SECOND_AUDIT: i64 = 24;

/// A text as ids were kept that are no uuids.
fn text_id(text: &str) -> SqlValue {
    SqlValue::Bytes([&[0], text.as_bytes()].concat())
}

pub(super) fn second_audit_is_moved(database: &mut dyn Transaction) -> Result<()> {
    const MESSAGES: i64 = 1234;
    drop_all(database)?;
    schema::migrate_to(database, SECOND_AUDIT)?;
    committed(database, |sql| (0..MESSAGES).try_for_each(|number| insert_second(sql, number)))?;
    let mut killed = Killed { database, survived: HashSet::new(), dead: false };
    while schema::migrate(&mut killed).is_err() {
        killed.start_again()?;
    }
    in_rolled_back(database, |sql| {
        let newest = audit::find(sql, &AuditQuery { limit: 2, ..AuditQuery::default() })?;
        let told = newest.iter().map(|message| (message.uuid.as_str(), message.object_uuid.as_deref()));
        assert_eq!(told.collect::<Vec<_>>(), [("a-1233", None), ("a-1232", Some(OBJECT))]);
        let of_object = AuditQuery { object_uuid: Some(OBJECT.to_string()), limit: 1000, ..AuditQuery::default() };
        assert_eq!(audit::find(sql, &of_object)?.len() as i64, MESSAGES / 2);
        let first = audit::get(sql, "a-0")?.expect("the first message");
        assert_eq!((first.run_id.as_str(), first.event_id.as_str(), first.recorded_at), ("run-1", "event-0", 1500));
        assert_eq!(first.outcome.carried_by.as_deref(), Some("a-9"));
        assert_eq!(audit::known(sql, Direction::Pull, "epoch-1", &["event-0", "event-1233", "event-1234"])?.len(), 2);
        assert!(!step::table_exists(sql, "sync2_message")?);
        Ok(())
    })?;
    drop_all(database)?;
    Ok(())
}

const OBJECT: &str = "5946f880-b197-400b-9caa-a3c661d23041";

/// A message; every second is of an object.
fn insert_second(sql: &mut dyn Sql, number: i64) -> Result<()> {
    let [uuid, event] = ["a", "event"].map(|what| text_id(&format!("{what}-{number}")));
    let object = if number % 2 == 0 { OBJECT.into() } else { SqlValue::Null };
    let parameters = [
        uuid.clone(),
        text_id("run-1"),
        object,
        text_id("epoch-1"),
        event,
        uuid,
        text_id("a-9"),
        text_id("node-1"),
        SqlValue::Int(1500 - number),
    ];
    let insert = "INSERT INTO sync2_message (uuid, run_id, direction, category, object_uuid, object_key, event_action, \
                  feed_epoch, event_id, event_key, status, carried_by, duration_ms, node_id, recorded_at) \
                  VALUES (?, ?, 'pull', 'patient', ?, 7, 'UPDATED', ?, ?, ?, 'COALESCED', ?, 12, ?, ?)";
    sql.update(insert, &parameters).map(drop)
}

pub(super) fn drop_all(database: &mut dyn Transaction) -> Result<()> {
    let statement = match database.dialect() {
        Dialect::MySql => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'sync2%'"
        }
        Dialect::PostgreSql => {
            "SELECT tablename FROM pg_tables WHERE schemaname = CURRENT_SCHEMA() AND tablename LIKE 'sync2%'"
        }
        Dialect::H2 => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = SCHEMA() AND LOWER(table_name) LIKE 'sync2%'"
        }
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sync2%'",
    };
    for table in names(database, statement)? {
        committed(database, |sql| sql.update(&format!("DROP TABLE {table}"), &[]))?;
    }
    Ok(())
}

fn rows_are_kept(sql: &mut dyn Sql) -> Result<()> {
    audit_is_kept(sql)?;
    let [position] = markers::load(sql, Direction::Pull)?.try_into().expect("one marker");
    assert_eq!((position.events, position.marker.map(|marker| marker.entry_id)), (9, Some("event-1".into())));
    assert_eq!(runs::get(sql, "run-1")?.map(|run| (run.progress.events, run.token)), Some((9, 3)));
    let states = object_states::get_all(sql, &[patient("p1")])?;
    let state = &states[&patient("p1")];
    assert_eq!((state.local_hash.as_deref(), state.remote_hash.as_deref()), (Some("11"), Some("22")));
    let time = now(sql)?;
    let due = parked::due(sql, Direction::Pull, time, &[], 10)?;
    assert_eq!(
        due.iter().map(|parked| (parked.attempts, parked.audit_uuid.as_str())).collect::<Vec<_>>(),
        [(1, "a-1")]
    );
    let conflicts = conflicts::get_all(sql, &[patient("p2")])?;
    assert_eq!(conflicts[&patient("p2")].theirs_hash.as_deref(), Some("44"));
    assert_eq!(lease::acquire(sql, Direction::Pull, "server B", 1000)?.token, 4);
    assert_eq!(node::id(sql)?, "node-1");
    assert_eq!(outbox::take(sql, 10)?.len(), 1);
    assert_eq!(events::range(sql, 1, 1)?[0].event.object, patient("p1"));
    assert_eq!(events::own_feed(sql)?.map(|feed| feed.epoch), Some("own-epoch".into()));
    let requests = requests::get_all(sql, "child A", &[patient("p1")])?;
    assert_eq!(requests[&patient("p1")].result_hash.as_deref(), Some("66"));
    assert_eq!(requests[&patient("p1")].number, None);
    assert!(pending::get_all(sql, &[patient("p1")])?[&patient("p1")].contains("77"));
    Ok(())
}

fn audit_is_kept(sql: &mut dyn Sql) -> Result<()> {
    let all = audit::find(sql, &AuditQuery { limit: 10, ..AuditQuery::default() })?;
    let [parked, coalesced] = <[_; 2]>::try_from(all).expect("two messages");
    assert_eq!((parked.run_id.as_str(), parked.recorded_at, parked.outcome.duration_ms), ("run-1", 1500, 12));
    assert_eq!(parked.outcome.error.map(|error| error.message), Some("it is not there".into()));
    assert_eq!(parked.outcome.detail, Some(serde_json::json!({"paths": ["name"]})));
    assert_eq!((coalesced.direction, coalesced.object_uuid), (Direction::Push, None));
    assert_eq!(coalesced.outcome.status, AuditStatus::Coalesced);
    assert_eq!(coalesced.outcome.carried_by.as_deref(), Some("a-1"));
    assert_eq!(attempts::list(sql, "a-1", 10)?.len(), 1);
    assert_eq!(audit::known(sql, Direction::Pull, "epoch-1", &["event-1"])?.len(), 1);
    Ok(())
}
