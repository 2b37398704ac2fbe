//! The store over SQLite: the contract that every database keeps, and what only several connections can show.

use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;

use sync2::error::{Error, ErrorKind, Result};
use sync2::event::{Action, Category, Direction, ObjectId, Representation};
use sync2::host::{Host, Removal, Stored};
use sync2::store::{Dialect, Row, Sql, SqlValue, Transaction, lease, node, schema};
use sync2::testing::sqlite_host::{CommitFailure, SqliteHost};
use sync2::testing::store_contract;

/// A database file in the build's temporary folder, new for each test.
fn database_file(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
    // Left behind by an earlier process with the same id, if at all.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join("node.sqlite")
}

fn patient(uuid: &str) -> ObjectId {
    ObjectId { category: Category::parse("patient").expect("a category"), uuid: uuid.into() }
}

fn committed<T>(host: &mut SqliteHost, work: impl FnOnce(&mut SqliteHost) -> Result<T>) -> Result<T> {
    host.begin()?;
    let outcome = work(host);
    match outcome {
        Ok(done) => host.commit().map(|()| done),
        Err(error) => {
            host.rollback();
            Err(error)
        }
    }
}

macro_rules! tests {
    (in_a_transaction: [$($small:ident,)*] of_a_database: [$($whole:ident,)*]) => {
        /// Each promise that every database keeps, kept by SQLite.
        mod sqlite {
            use super::*;

            $(tests!(one $small);)*
            $(tests!(one $whole);)*
        }
    };
    (one $name:ident) => {
        #[test]
        fn $name() {
            let mut host = SqliteHost::in_memory().expect("a host");
            store_contract::keep(stringify!($name), &mut host).expect("a database");
        }
    };
}

sync2::store_promises!(tests);

#[test]
fn of_many_servers_one_gets_the_lease_and_all_get_one_node_id() {
    const SERVERS: usize = 4;
    let file = database_file("lease");
    // Opened one after the other: SQLite refuses at once who would change a file's journal while another does, and a
    // server that does not come to the barrier holds up all others for ever.
    let hosts: Vec<_> = (0..SERVERS).map(|_| SqliteHost::open(&file).expect("a host")).collect();
    let start = Barrier::new(SERVERS);
    let results: Vec<(Result<lease::Lease>, String)> = thread::scope(|scope| {
        let servers: Vec<_> = hosts
            .into_iter()
            .enumerate()
            .map(|(number, mut host)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    schema::migrate(&mut host).expect("the tables");
                    let owner = format!("server {number}");
                    let lease = committed(&mut host, |host| lease::acquire(host, Direction::Pull, &owner, 600_000));
                    (lease, committed(&mut host, |host| node::id(host)).expect("the node id"))
                })
            })
            .collect();
        servers.into_iter().map(|server| server.join().expect("a server")).collect()
    });
    assert_eq!(results.iter().filter(|(lease, _)| lease.is_ok()).count(), 1);
    let refused: Vec<ErrorKind> =
        results.iter().filter_map(|(lease, _)| lease.as_ref().err()).map(|error| error.kind).collect();
    assert_eq!(refused, [ErrorKind::AlreadyRunning; SERVERS - 1]);
    assert!(results.iter().all(|(_, id)| *id == results[0].1));
}

/// A connection whose user may not create anything: SQLite itself knows no users.
struct WithoutCreate(SqliteHost);

impl Sql for WithoutCreate {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        if statement.starts_with("CREATE") {
            return Err(Error::new(ErrorKind::Host, "CREATE command denied"));
        }
        self.0.update(statement, parameters)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.0.query(statement, parameters)
    }
}

impl Transaction for WithoutCreate {
    fn begin(&mut self) -> Result<()> {
        self.0.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.0.commit()
    }

    fn rollback(&mut self) {
        self.0.rollback();
    }
}

#[test]
fn a_user_who_may_not_create_tables_is_told_what_to_do() {
    let mut host = WithoutCreate(SqliteHost::in_memory().expect("a host"));
    let error = schema::migrate(&mut host).expect_err("no right to create tables");
    assert_eq!(error.kind, ErrorKind::Host);
    assert!(error.message.contains("give it that right"), "{error}");
    assert!(error.message.contains("CREATE command denied"), "{error}");
    assert_eq!(error.message.lines().count(), 1);
    host.begin().expect("no transaction is left open");
}

#[test]
fn tables_that_are_up_to_date_need_no_right_to_create_any() {
    let mut host = SqliteHost::in_memory().expect("a host");
    schema::migrate(&mut host).expect("the tables");
    schema::migrate(&mut WithoutCreate(host)).expect("nothing to do");
}

#[test]
fn an_object_is_saved_removed_and_restored_with_its_transaction() {
    let mut host = SqliteHost::in_memory().expect("a host");
    let object = patient("p1");
    let read = |host: &mut SqliteHost| host.read(Representation::Fhir, &object, true).expect("a read");
    assert_eq!(read(&mut host), Stored::Absent);
    committed(&mut host, |host| host.save(Representation::Fhir, &object, b"{}")).expect("saved");
    let removal = Removal { action: Action::Voided, reason: "entered twice".into() };
    committed(&mut host, |host| host.remove(Representation::Fhir, &object, &removal)).expect("removed");
    assert_eq!(read(&mut host), Stored::Removed);
    assert_eq!(host.exists(&[object.clone(), patient("p2")]).expect("an answer"), [true, false]);
    host.begin().expect("a transaction");
    host.save(Representation::Fhir, &object, b"{}").expect("saved");
    assert_eq!(read(&mut host), Stored::Present(b"{}".to_vec()));
    assert_eq!(host.begin().expect_err("there is one already").kind, ErrorKind::Host);
    host.rollback();
    assert_eq!(read(&mut host), Stored::Removed);
}

#[test]
fn the_host_fails_loses_and_edits_as_told() {
    let mut host = SqliteHost::in_memory().expect("a host");
    let save = |host: &mut SqliteHost, uuid: &str| {
        committed(host, |host| host.save(Representation::Fhir, &patient(uuid), b"{\"a\":1}"))
    };
    host.fail_save("p1", Error::new(ErrorKind::Rejected, "no"));
    assert_eq!(save(&mut host, "p1").expect_err("told to fail").kind, ErrorKind::Rejected);
    host.accept_save("p1");
    host.fail_next_commit(CommitFailure::RolledBack);
    assert!(save(&mut host, "p1").is_err());
    assert_eq!(host.look(&patient("p1")).expect("a look"), Stored::Absent);
    host.fail_next_commit(CommitFailure::Committed);
    assert!(save(&mut host, "p1").is_err());
    assert_eq!(host.present().expect("a count"), 1);
    host.transform_saves(|_, _| b"{}".to_vec());
    save(&mut host, "p2").expect("saved");
    assert_eq!(host.look(&patient("p2")).expect("a look"), Stored::Present(b"{}".to_vec()));
    host.after_read(|host, object| host.edit(Representation::Fhir, object, b"edited").expect("an edit"));
    let read = host.read(Representation::Fhir, &patient("p2"), true).expect("a read");
    assert_eq!(read, Stored::Present(b"{}".to_vec()));
    assert_eq!(host.look(&patient("p2")).expect("a look"), Stored::Present(b"edited".to_vec()));
    assert_eq!((host.counters().saves, host.counters().commits, host.counters().reads), (4, 2, 1));
}

#[test]
fn sqlite_sorts_no_list() {
    let mut host = SqliteHost::in_memory().expect("a host");
    let plans = store_contract::lists_are_not_sorted(&mut host, 20_000).expect("the plans");
    assert!(plans > 20, "{plans}");
}
