//! A host without Java: objects and the engine's tables in one SQLite database, in one transaction. It can be told to
//! fail, to lose parts of what it saves, to let somebody edit at the worst moment, and to remove with an object what hangs on
//! it, as OpenMRS does.

mod index;
mod rules;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};
use uuid::Uuid;

use crate::decide::belonging::Belonging;
use crate::decide::references::references;
use crate::decide::removal::takers;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, ObjectId, Representation};
use crate::host::{Dependent, Host, Removal, Stored};
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction, outbox};

/// How long a host waits for another one that has the same file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Room for all statements of a batch, or each batch would have every one of them parsed anew.
const STATEMENTS_OF_A_BATCH: usize = 64;

/// The most pages of a database that are copied at once: all of a test's.
const PAGES_AT_ONCE: i32 = 100_000;

/// The state in which a failing commit left the transaction before it reported the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFailure {
    /// The transaction is committed; only the answer was lost.
    Committed,
    /// The transaction is rolled back.
    RolledBack,
}

/// How often a host was asked for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls of `save`, failed ones included.
    pub saves: u64,
    /// Calls of `remove`.
    pub removes: u64,
    /// Calls of `read`.
    pub reads: u64,
    /// Commits that took place.
    pub commits: u64,
    /// Rollbacks of a transaction that was open.
    pub rollbacks: u64,
    /// Calls of `update`, `update_all` and `query`: with Java each is a call across the boundary.
    pub statements: u64,
}

/// The change that a host makes to a document while it saves it.
type Transform = Box<dyn FnMut(&ObjectId, Vec<u8>) -> Vec<u8> + Send>;

/// The action right after an object was read.
type AfterRead = Box<dyn FnMut(&mut SqliteHost, &ObjectId) + Send>;

/// The action once a failed save is rolled back.
type AfterRollback = Box<dyn FnOnce(&mut SqliteHost) + Send>;

/// A node in one SQLite database. Several hosts on one file are several connections of one node.
pub struct SqliteHost {
    connection: Connection,
    rejected: HashMap<String, Error>,
    unloadable: Option<String>,
    broken_rules: HashMap<String, Vec<String>>,
    commit_failure: Option<CommitFailure>,
    transform: Option<Transform>,
    after_read: Option<AfterRead>,
    before_lock: Option<AfterRollback>,
    after_rollback: Option<AfterRollback>,
    save_failed: bool,
    database_lost: bool,
    /// After how many more calls the database is lost; nothing: it stays.
    calls_left: Option<u32>,
    /// How far the database's clock is ahead.
    clock_ahead_days: i32,
    /// The transaction that changes are captured under; nothing when they are not.
    captured_as: Option<Uuid>,
    /// True if saves are refused because of other objects, as OpenMRS refuses them.
    has_rules: bool,
    /// How many changes were captured: their order.
    captured: Cell<u64>,
    /// True if a removal takes along what hangs on the object.
    cascades: bool,
    /// True if it says what it has of a category.
    lists: bool,
    /// True if what was removed with an object stays removed when that one is restored.
    restores_alone: bool,
    /// Why objects were removed through the engine.
    reasons: HashMap<ObjectId, String>,
    /// Where people are searched; nothing in a host without such an index.
    index: Option<index::Index>,
    counters: Counters,
}

impl SqliteHost {
    /// A host whose data is gone when it is dropped.
    pub fn in_memory() -> Result<SqliteHost> {
        SqliteHost::over(Connection::open_in_memory().map_err(host_error)?)
    }

    /// A host on a file, which is created when it is not there. What was committed survives a kill of the process.
    pub fn open(file: &Path) -> Result<SqliteHost> {
        SqliteHost::over(Connection::open(file).map_err(host_error)?)
    }

    /// A copy of this database as it is now, in that file. What else this host was told it does not know.
    pub fn copy(&self, file: &Path) -> Result<SqliteHost> {
        let statement = format!("VACUUM INTO '{}'", file.display());
        self.connection.execute_batch(&statement).map_err(host_error)?;
        SqliteHost::open(file)
    }

    fn over(connection: Connection) -> Result<SqliteHost> {
        connection.busy_timeout(BUSY_TIMEOUT).map_err(host_error)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_OF_A_BATCH);
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
                 CREATE TABLE IF NOT EXISTS test_object (
                     category TEXT NOT NULL, uuid TEXT NOT NULL, representation TEXT NOT NULL,
                     removed INTEGER NOT NULL, json BLOB NOT NULL, PRIMARY KEY (category, uuid));
                 CREATE TABLE IF NOT EXISTS test_taken (
                     category TEXT NOT NULL, uuid TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (category, uuid));",
            )
            .map_err(host_error)?;
        Ok(SqliteHost {
            connection,
            rejected: HashMap::new(),
            unloadable: None,
            broken_rules: HashMap::new(),
            commit_failure: None,
            transform: None,
            after_read: None,
            before_lock: None,
            after_rollback: None,
            save_failed: false,
            database_lost: false,
            calls_left: None,
            clock_ahead_days: 0,
            captured_as: None,
            has_rules: false,
            captured: Cell::new(0),
            cascades: false,
            lists: true,
            reasons: HashMap::new(),
            restores_alone: false,
            index: None,
            counters: Counters::default(),
        })
    }

    /// Lets every statement fail at once that would have to wait for another host.
    pub fn never_wait(&self) -> Result<()> {
        self.connection.busy_timeout(Duration::ZERO).map_err(host_error)
    }

    /// Lets every save of this uuid fail, until [`accept_save`](SqliteHost::accept_save).
    pub fn fail_save(&mut self, uuid: &str, error: Error) {
        self.rejected.insert(uuid.to_owned(), error);
    }

    /// Lets saves of this uuid succeed again.
    pub fn accept_save(&mut self, uuid: &str) {
        self.rejected.remove(uuid);
    }

    /// Lets this uuid not be loaded together with others: as a stored value that no search can answer with.
    pub fn refuse_to_load(&mut self, uuid: &str) {
        self.unloadable = Some(uuid.to_owned());
    }

    /// From now on a save of this uuid does not keep these rules of data entry; none: it keeps all.
    pub fn break_rules(&mut self, uuid: &str, rules: &[&str]) {
        self.broken_rules.insert(uuid.to_owned(), rules.iter().map(|rule| rule.to_string()).collect());
    }

    /// Lets the next commit report a failure.
    pub fn fail_next_commit(&mut self, failure: CommitFailure) {
        self.commit_failure = Some(failure);
    }

    /// Loses the database: the open transaction is rolled back, and every call fails until
    /// [`find_database`](SqliteHost::find_database).
    pub fn lose_database(&mut self) {
        self.rollback();
        self.database_lost = true;
    }

    /// Loses the database as [`lose_database`](SqliteHost::lose_database) does, once it has been asked so many times more.
    pub fn lose_database_after(&mut self, calls: u32) {
        self.calls_left = Some(calls);
    }

    /// The database is there again, with what was committed.
    pub fn find_database(&mut self) {
        self.database_lost = false;
        self.calls_left = None;
    }

    /// A copy of the whole database as it is now, in memory: what a backup of the server would be. It captures, cascades and
    /// refuses as this host does.
    pub fn backup(&self) -> Result<SqliteHost> {
        let mut copy = SqliteHost::in_memory()?;
        Backup::new(&self.connection, &mut copy.connection)
            .and_then(|backup| backup.run_to_completion(PAGES_AT_ONCE, Duration::ZERO, None))
            .map_err(host_error)?;
        copy.captured_as = self.captured_as.map(|_| Uuid::new_v4());
        copy.captured.set(self.captured.get());
        (copy.has_rules, copy.cascades) = (self.has_rules, self.cascades);
        Ok(copy)
    }

    /// Stores what `transform` makes of each document that is saved, as a lossy server does.
    pub fn transform_saves(&mut self, transform: impl FnMut(&ObjectId, Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.transform = Some(Box::new(transform));
    }

    /// Calls `hook` once when rows are asked for: what others commit while this host waits for them.
    pub fn before_lock(&mut self, hook: impl FnOnce(&mut SqliteHost) + Send + 'static) {
        self.before_lock = Some(Box::new(hook));
    }

    /// Calls `hook` after each read of an object, with the host itself, so that it can edit what was just read.
    pub fn after_read(&mut self, hook: impl FnMut(&mut SqliteHost, &ObjectId) + Send + 'static) {
        self.after_read = Some(Box::new(hook));
    }

    /// Calls `hook` after the rollback that follows the next failed save: what another connection does as soon as the locks are gone.
    pub fn after_failed_save(&mut self, hook: impl FnOnce(&mut SqliteHost) + Send + 'static) {
        self.after_rollback = Some(Box::new(hook));
    }

    /// Sets the database's clock so many days ahead of the right time, or back when it is negative.
    pub fn set_clock_ahead(&mut self, days: i32) {
        self.clock_ahead_days = days;
    }

    /// The statement with that clock.
    fn dated<'a>(&self, statement: &'a str) -> Cow<'a, str> {
        if self.clock_ahead_days == 0 {
            return Cow::Borrowed(statement);
        }
        let clock = format!("(JULIANDAY('now') + {})", self.clock_ahead_days);
        Cow::Owned(statement.replace("JULIANDAY('now')", &clock))
    }

    /// Writes every change of an object into the outbox from now on, in the transaction that makes it. The tables are those of
    /// an engine that was opened here.
    pub fn capture_changes(&mut self) {
        self.captured_as = Some(Uuid::new_v4());
    }

    /// Refuses from now on what OpenMRS refuses because of other objects (`rules.rs`).
    pub fn refuse_like_openmrs(&mut self) {
        self.has_rules = true;
    }

    /// Does not say any more what it has of a category.
    pub fn cannot_list(&mut self) {
        self.lists = false;
    }

    /// Removes with an object what hangs on it from now on, and restores with it what was removed with it.
    pub fn cascade_removals(&mut self) {
        self.cascades = true;
    }

    /// Restores an object without what was removed with it from now on, as OpenMRS's services for persons do.
    pub fn restore_alone(&mut self) {
        self.restores_alone = true;
    }

    /// Returns the counts of the calls to this host so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Puts an object here as a local user would: no hook, no count.
    pub fn edit(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        self.as_local_user(|host| host.store(representation, object, document))
    }

    /// Voids an object as a local user would: no hook, no count.
    pub fn void(&mut self, object: &ObjectId) -> Result<()> {
        self.as_local_user(|host| host.mark_removed(object, Action::Voided))
    }

    /// In a transaction of its own, unless a hook calls in the middle of one.
    fn as_local_user(&mut self, change: impl FnOnce(&SqliteHost) -> Result<()>) -> Result<()> {
        if self.in_transaction() {
            return change(self);
        }
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(host_error)?;
        self.new_capture();
        let changed = change(self);
        self.connection.execute_batch(if changed.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(host_error)?;
        changed
    }

    /// Several changes of a local user in one transaction, as OpenMRS makes when it merges two patients: documents that are
    /// saved, then objects that are voided.
    pub fn edit_together(&mut self, saved: &[(ObjectId, Vec<u8>)], voided: &[ObjectId]) -> Result<()> {
        self.as_local_user(|host| {
            let store = |(object, document): &(ObjectId, Vec<u8>)| {
                let is_fhir = serde_json::from_slice::<serde_json::Value>(document)
                    .is_ok_and(|document| document.get("resourceType").is_some());
                let representation = if is_fhir { Representation::Fhir } else { Representation::Rest };
                host.store(representation, object, document)
            };
            saved.iter().try_for_each(store)?;
            voided.iter().try_for_each(|object| host.mark_removed(object, Action::Voided))
        })
    }

    /// As `edit_together`, while nothing listens: no event tells of it.
    pub fn edit_untold(&mut self, saved: &[(ObjectId, Vec<u8>)], voided: &[ObjectId]) -> Result<()> {
        let listening = self.captured_as.take();
        let edited = self.edit_together(saved, voided);
        self.captured_as = listening;
        edited
    }

    fn new_capture(&mut self) {
        self.captured_as = self.captured_as.map(|_| Uuid::new_v4());
    }

    fn capture(&self, object: &ObjectId, action: Action) -> Result<()> {
        let Some(transaction) = self.captured_as else { return Ok(()) };
        let owners: Vec<String> = self.owners(object)?.into_iter().map(|owner| owner.uuid).collect();
        let belonging =
            self.document(object)?.map(|(representation, document)| Belonging::of(representation, object, &document));
        let belonging = belonging.unwrap_or_default();
        let values = params![
            format!("{transaction}.{:010}", self.captured.replace(self.captured.get() + 1)),
            transaction.to_string(),
            object.category.name(),
            object.uuid,
            action.name(),
            belonging.patients.first(),
            belonging.locations.first(),
            (!owners.is_empty()).then(|| owners.join(outbox::OWNER_SEPARATOR)),
        ];
        self.connection
            .prepare_cached(&self.dated(&outbox::insert_statement(Dialect::Sqlite)))
            .and_then(|mut statement| statement.execute(values))
            .map_err(host_error)?;
        Ok(())
    }

    fn mark_removed(&self, object: &ObjectId, action: Action) -> Result<()> {
        let removed = self
            .connection
            .execute(
                "UPDATE test_object SET removed = 1 WHERE category = ? AND uuid = ?",
                params![object.category.name(), object.uuid],
            )
            .map_err(host_error)?;
        if removed == 0 {
            return Err(Error::new(ErrorKind::Host, format!("{object} is not here and cannot be removed")));
        }
        self.capture(object, action)?;
        if self.cascades {
            let hanging = self.hanging(object)?;
            hanging.iter().filter(|one| !one.removed).try_for_each(|one| self.take_along(&one.object, object))?;
        }
        Ok(())
    }

    fn take_along(&self, taken: &ObjectId, owner: &ObjectId) -> Result<()> {
        let key = params![taken.category.name(), taken.uuid];
        self.connection
            .execute("UPDATE test_object SET removed = 1 WHERE category = ? AND uuid = ?", key)
            .and_then(|_| {
                let row = params![taken.category.name(), taken.uuid, owner.to_string()];
                self.connection
                    .execute("INSERT OR REPLACE INTO test_taken (category, uuid, owner) VALUES (?, ?, ?)", row)
            })
            .map_err(host_error)?;
        self.capture(taken, Action::Voided)
    }

    /// Restores what was removed with an object, and was not restored by itself since.
    fn bring_back(&self, owner: &ObjectId) -> Result<()> {
        let select = "SELECT o.category, o.uuid FROM test_taken t JOIN test_object o ON o.category = t.category \
                      AND o.uuid = t.uuid WHERE t.owner = ? AND o.removed = 1 ORDER BY o.category, o.uuid";
        for taken in self.objects(select, params![owner.to_string()])? {
            self.connection
                .execute(
                    "UPDATE test_object SET removed = 0 WHERE category = ? AND uuid = ?",
                    params![taken.category.name(), taken.uuid],
                )
                .map_err(host_error)?;
            self.capture(&taken, Action::Unvoided)?;
        }
        self.connection
            .execute("DELETE FROM test_taken WHERE owner = ?", params![owner.to_string()])
            .map(drop)
            .map_err(host_error)
    }

    /// Returns the owners of an object, as its document says.
    fn owners(&self, object: &ObjectId) -> Result<Vec<ObjectId>> {
        Ok(self.document(object)?.map_or_else(Vec::new, |(representation, document)| {
            takers(representation, object, &references(representation, object, &document))
        }))
    }

    /// Returns the document of an object, removed or not.
    fn document(&self, object: &ObjectId) -> Result<Option<(Representation, serde_json::Value)>> {
        Ok(self.find(object)?.map(|found| {
            let representation = Representation::parse(&found.representation).unwrap_or(Representation::Fhir);
            (representation, serde_json::from_slice(&found.document).unwrap_or_default())
        }))
    }

    /// Returns the objects that hang on an object, and those that hang on these, in the order of dependence.
    fn hanging(&self, object: &ObjectId) -> Result<Vec<Dependent>> {
        let mut all = self.objects("SELECT category, uuid FROM test_object", params![])?;
        all.sort();
        let mut owners = vec![object.clone()];
        let mut hanging = Vec::new();
        for one in all.into_iter().filter(|one| one != object) {
            if self.owners(&one)?.iter().any(|owner| owners.contains(owner)) {
                let removed = self.find(&one)?.is_some_and(|found| found.removed);
                hanging.push(Dependent { label: one.category.to_string(), removed, object: one.clone() });
                owners.push(one);
            }
        }
        Ok(hanging)
    }

    fn objects(&self, select: &str, parameters: impl rusqlite::Params) -> Result<Vec<ObjectId>> {
        let rows: Vec<(String, String)> = self
            .connection
            .prepare_cached(select)
            .and_then(|mut statement| statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(host_error)?;
        Ok(rows
            .into_iter()
            .filter_map(|(category, uuid)| Some(ObjectId { category: Category::parse(&category)?, uuid }))
            .collect())
    }

    /// Returns the stored version of an object, in whatever representation: no hook, no count.
    pub fn look(&self, object: &ObjectId) -> Result<Stored> {
        Ok(match self.find(object)? {
            None => Stored::Absent,
            Some(found) if found.removed => Stored::Removed,
            Some(found) => Stored::Present(found.document),
        })
    }

    /// Everything that is stored: each object with whether it is removed, and its last document. No hook, no count.
    pub fn contents(&self) -> Result<Vec<(ObjectId, bool, Vec<u8>)>> {
        let mut objects = self.objects("SELECT category, uuid FROM test_object", params![])?;
        objects.sort();
        let found = objects.into_iter().map(|object| Ok(self.find(&object)?.map(|found| (object, found))));
        let found = found.filter_map(Result::transpose);
        found.map(|found| found.map(|(object, found)| (object, found.removed, found.document))).collect()
    }

    /// How many objects are here that are not removed.
    pub fn present(&self) -> Result<i64> {
        self.connection
            .query_row("SELECT COUNT(*) FROM test_object WHERE removed = 0", [], |row| row.get(0))
            .map_err(host_error)
    }

    fn store(&self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        let action = match self.find(object)? {
            None => Action::Created,
            Some(found) if found.removed => Action::Unvoided,
            Some(_) => Action::Updated,
        };
        self.connection
            .prepare_cached(
                "INSERT INTO test_object (category, uuid, representation, removed, json) VALUES (?, ?, ?, 0, ?)
                 ON CONFLICT (category, uuid) DO UPDATE
                 SET representation = excluded.representation, removed = 0, json = excluded.json",
            )
            .and_then(|mut statement| {
                statement.execute(params![object.category.name(), object.uuid, representation.name(), document])
            })
            .map_err(host_error)?;
        self.capture(object, action)?;
        let brings_back = self.cascades && !self.restores_alone && action == Action::Unvoided;
        if brings_back { self.bring_back(object) } else { Ok(()) }
    }

    fn find(&self, object: &ObjectId) -> Result<Option<Found>> {
        self.connection
            .prepare_cached("SELECT representation, removed, json FROM test_object WHERE category = ? AND uuid = ?")
            .and_then(|mut statement| {
                statement
                    .query_row(params![object.category.name(), object.uuid], |row| {
                        Ok(Found { representation: row.get(0)?, removed: row.get(1)?, document: row.get(2)? })
                    })
                    .optional()
            })
            .map_err(host_error)
    }

    /// Under whatever it is referred to as.
    fn is_here(&self, name: &ObjectId) -> Result<bool> {
        for category in Category::all().filter(|category| category.names().any(|named| named == name.category)) {
            if self.find(&ObjectId { category, uuid: name.uuid.clone() })?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn connected(&mut self) -> Result<()> {
        if let Some(left) = self.calls_left {
            match left.checked_sub(1) {
                Some(left) => self.calls_left = Some(left),
                None => self.lose_database(),
            }
        }
        if self.database_lost { Err(Error::new(ErrorKind::Host, "no connection to the database")) } else { Ok(()) }
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }
}

/// A row of `test_object`.
struct Found {
    representation: String,
    removed: bool,
    document: Vec<u8>,
}

impl Host for SqliteHost {
    fn save(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        match self.record(representation, object, document)?.as_slice() {
            [] => Ok(()),
            rules => Err(Error::new(ErrorKind::Rejected, format!("this server refuses it: {}", rules.join("; ")))),
        }
    }

    fn record(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<Vec<String>> {
        self.connected()?;
        self.counters.saves += 1;
        if let Some(error) = self.rejected.get(&object.uuid) {
            self.save_failed = true;
            return Err(error.clone());
        }
        if self.has_rules {
            self.check_rules(representation, object, document)?;
        }
        let document = match &mut self.transform {
            Some(transform) => transform(object, document.to_vec()),
            None => document.to_vec(),
        };
        self.store(representation, object, &document)?;
        self.will_be_indexed(object);
        Ok(self.broken_rules.get(&object.uuid).cloned().unwrap_or_default())
    }

    fn remove(&mut self, _representation: Representation, object: &ObjectId, removal: &Removal) -> Result<()> {
        self.connected()?;
        self.counters.removes += 1;
        self.reasons.insert(object.clone(), removal.reason.clone());
        self.will_be_indexed(object);
        self.mark_removed(object, removal.action)
    }

    fn dependents(&mut self, object: &ObjectId) -> Result<Vec<Dependent>> {
        self.connected()?;
        if self.cascades { self.hanging(object) } else { Ok(Vec::new()) }
    }

    fn why_removed(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        self.connected()?;
        let known = |object| self.reasons.get(object).cloned().unwrap_or_else(|| "removed by a user".to_string());
        let reason = |object| Ok(self.find(object)?.filter(|found| found.removed).map(|_| known(object)));
        objects.iter().map(reason).collect()
    }

    /// There is no session: every read comes from the database anyway.
    fn clear(&mut self) -> Result<()> {
        Ok(())
    }

    /// `lock` needs nothing more: a transaction here has locked the whole database since `begin`.
    fn expect_reads(&mut self, _: Representation, objects: &[ObjectId]) -> Result<()> {
        match &self.unloadable {
            Some(uuid) if objects.iter().any(|object| object.uuid == *uuid) => {
                Err(Error::new(ErrorKind::Host, "the search fails"))
            }
            _ => Ok(()),
        }
    }

    fn lock(&mut self, _objects: &[ObjectId], _referred: &[ObjectId]) -> Result<()> {
        if let Some(hook) = self.before_lock.take() {
            hook(self);
        }
        Ok(())
    }

    fn read(&mut self, representation: Representation, object: &ObjectId, _lock: bool) -> Result<Stored> {
        self.connected()?;
        self.counters.reads += 1;
        let found = self.find(object)?;
        if let Some(mut hook) = self.after_read.take() {
            hook(self, object);
            self.after_read.get_or_insert(hook);
        }
        self.connected()?;
        match found {
            None => Ok(Stored::Absent),
            Some(found) if found.removed => Ok(Stored::Removed),
            Some(found) if found.representation == representation.name() => Ok(Stored::Present(found.document)),
            Some(found) => Err(Error::new(
                ErrorKind::Host,
                format!(
                    "{object} is stored as {} and cannot be read as {}",
                    found.representation,
                    representation.name()
                ),
            )),
        }
    }

    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>> {
        self.connected()?;
        objects.iter().map(|object| self.is_here(object)).collect()
    }

    fn list(&mut self, category: Category, after: Option<&str>, most: usize) -> Result<Option<Vec<String>>> {
        self.connected()?;
        if !self.lists {
            return Ok(None);
        }
        let key = params![category.name(), after.unwrap_or_default(), most as i64];
        let select = "SELECT category, uuid FROM test_object WHERE category = ? AND uuid > ? ORDER BY uuid LIMIT ?";
        Ok(Some(self.objects(select, key)?.into_iter().map(|object| object.uuid).collect()))
    }

    fn index_behind(&mut self, call: &str) -> Result<bool> {
        Ok(self.follow(call))
    }

    fn await_index(&mut self, call: &str) -> Result<()> {
        self.await_followed(call)
    }

    fn index_again(&mut self, objects: &[ObjectId]) -> Result<()> {
        self.connected()?;
        self.index_as_they_are(objects)
    }
}

impl Sql for SqliteHost {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.connected()?;
        self.counters.statements += 1;
        let mut prepared = self.connection.prepare_cached(&self.dated(statement)).map_err(host_error)?;
        let rows = prepared.execute(params_from_iter(parameters)).map_err(host_error)?;
        Ok(rows as u64)
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        self.connected()?;
        self.counters.statements += 1;
        let mut prepared = self.connection.prepare_cached(&self.dated(statement)).map_err(host_error)?;
        rows.iter()
            .map(|parameters| prepared.execute(params_from_iter(parameters)).map(|rows| rows as u64))
            .collect::<rusqlite::Result<_>>()
            .map_err(host_error)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.connected()?;
        self.counters.statements += 1;
        let mut prepared = self.connection.prepare_cached(&self.dated(statement)).map_err(host_error)?;
        let columns = prepared.column_count();
        prepared
            .query_map(params_from_iter(parameters), |row| {
                (0..columns).map(|column| Ok(SqlValue::from(row.get::<_, Value>(column)?))).collect()
            })
            .and_then(Iterator::collect)
            .map_err(host_error)
    }
}

impl Transaction for SqliteHost {
    fn begin(&mut self) -> Result<()> {
        self.connected()?;
        if self.in_transaction() {
            return Err(Error::new(ErrorKind::Host, "this thread already has a transaction"));
        }
        self.new_capture();
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(host_error)
    }

    fn commit(&mut self) -> Result<()> {
        self.connected()?;
        let failure = self.commit_failure.take();
        if failure == Some(CommitFailure::RolledBack) {
            self.connection.execute_batch("ROLLBACK").map_err(host_error)?;
        } else {
            self.connection.execute_batch("COMMIT").map_err(host_error)?;
            self.counters.commits += 1;
        }
        match failure {
            None => self.index_committed(),
            Some(_) => Err(Error::new(ErrorKind::Host, "the connection was lost during the commit")),
        }
    }

    fn rollback(&mut self) {
        self.index_nothing();
        if !self.in_transaction() {
            return;
        }
        self.counters.rollbacks += 1;
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            log::error!("rolling back failed: {error}");
        }
        if std::mem::take(&mut self.save_failed)
            && let Some(hook) = self.after_rollback.take()
        {
            hook(self);
        }
    }
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            SqlValue::Null => ValueRef::Null,
            SqlValue::Int(value) => ValueRef::Integer(*value),
            SqlValue::Text(value) => ValueRef::Text(value.as_bytes()),
            SqlValue::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

impl From<Value> for SqlValue {
    /// The engine has no column of real numbers: one is shown as text, and the reader of the column complains.
    fn from(value: Value) -> SqlValue {
        match value {
            Value::Null => SqlValue::Null,
            Value::Integer(value) => SqlValue::Int(value),
            Value::Real(value) => SqlValue::Text(value.to_string()),
            Value::Text(value) => SqlValue::Text(value),
            Value::Blob(value) => SqlValue::Bytes(value),
        }
    }
}

fn host_error(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::Host, format!("SQLite: {error}"))
}
