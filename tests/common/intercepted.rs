//! A host whose calls a test sees, and can let fail, before they reach the database.

use sync2::error::Result;
use sync2::event::{ObjectId, Representation};
use sync2::host::{Dependent, Host, Removal, Stored};
use sync2::store::{Dialect, Row, Sql, SqlValue, Transaction};
use sync2::testing::sqlite_host::SqliteHost;

/// What the engine asks a host to do. A rollback is not among them: it never fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Begin,
    Commit,
    Save,
    Remove,
    Dependents,
    WhyRemoved,
    Clear,
    ExpectReads,
    Read,
    Exists,
    Statement,
}

/// A host that asks `before` before each call; an error of it is the call's.
pub struct Intercepted<'a, F> {
    host: &'a mut SqliteHost,
    before: F,
}

impl<'a, F: FnMut(&mut SqliteHost, Call) -> Result<()>> Intercepted<'a, F> {
    pub fn new(host: &'a mut SqliteHost, before: F) -> Intercepted<'a, F> {
        Intercepted { host, before }
    }

    fn before(&mut self, call: Call) -> Result<&mut SqliteHost> {
        (self.before)(self.host, call)?;
        Ok(self.host)
    }
}

impl<F: FnMut(&mut SqliteHost, Call) -> Result<()>> Host for Intercepted<'_, F> {
    fn save(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        self.before(Call::Save)?.save(representation, object, document)
    }

    fn remove(&mut self, representation: Representation, object: &ObjectId, removal: &Removal) -> Result<()> {
        self.before(Call::Remove)?.remove(representation, object, removal)
    }

    fn dependents(&mut self, object: &ObjectId) -> Result<Vec<Dependent>> {
        self.before(Call::Dependents)?.dependents(object)
    }

    fn why_removed(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        self.before(Call::WhyRemoved)?.why_removed(objects)
    }

    fn clear(&mut self) -> Result<()> {
        self.before(Call::Clear)?.clear()
    }

    fn expect_reads(&mut self, representation: Representation, objects: &[ObjectId]) -> Result<()> {
        self.before(Call::ExpectReads)?.expect_reads(representation, objects)
    }

    fn read(&mut self, representation: Representation, object: &ObjectId, lock: bool) -> Result<Stored> {
        self.before(Call::Read)?.read(representation, object, lock)
    }

    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>> {
        self.before(Call::Exists)?.exists(objects)
    }

    /// The index is no part of the database: these are not among the calls.
    fn index_behind(&mut self, call: &str) -> Result<bool> {
        self.host.index_behind(call)
    }

    fn await_index(&mut self, call: &str) -> Result<()> {
        self.host.await_index(call)
    }

    fn index_again(&mut self, objects: &[ObjectId]) -> Result<()> {
        self.host.index_again(objects)
    }
}

impl<F: FnMut(&mut SqliteHost, Call) -> Result<()>> Sql for Intercepted<'_, F> {
    fn dialect(&self) -> Dialect {
        self.host.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.before(Call::Statement)?.update(statement, parameters)
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        self.before(Call::Statement)?.update_all(statement, rows)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.before(Call::Statement)?.query(statement, parameters)
    }
}

impl<F: FnMut(&mut SqliteHost, Call) -> Result<()>> Transaction for Intercepted<'_, F> {
    fn begin(&mut self) -> Result<()> {
        self.before(Call::Begin)?.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.before(Call::Commit)?.commit()
    }

    fn rollback(&mut self) {
        self.host.rollback();
    }
}
