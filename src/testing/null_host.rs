//! A host for which saving costs nothing, so that what a benchmark measures is the engine.

use std::collections::HashMap;

use super::sqlite_host::SqliteHost;
use crate::error::Result;
use crate::event::{ObjectId, Representation};
use crate::host::{Host, Removal, Stored};
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction};

/// Takes every object and keeps it only until the transaction ends, so that it can be read back. Says that every object
/// that is asked for by [`exists`](Host::exists) is here. The engine's own tables are real, in memory.
pub struct NullHost {
    tables: SqliteHost,
    saved: HashMap<ObjectId, Vec<u8>>,
}

impl NullHost {
    /// A host without any objects.
    ///
    /// Errors: `Host` when SQLite refuses.
    pub fn new() -> Result<NullHost> {
        Ok(NullHost { tables: SqliteHost::in_memory()?, saved: HashMap::new() })
    }
}

impl Host for NullHost {
    fn save(&mut self, _representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        self.saved.insert(object.clone(), document.to_vec());
        Ok(())
    }

    fn remove(&mut self, _representation: Representation, object: &ObjectId, _removal: &Removal) -> Result<()> {
        self.saved.remove(object);
        Ok(())
    }

    fn clear(&mut self) -> Result<()> {
        Ok(())
    }

    fn read(&mut self, _representation: Representation, object: &ObjectId, _lock: bool) -> Result<Stored> {
        Ok(self.saved.get(object).map_or(Stored::Absent, |document| Stored::Present(document.clone())))
    }

    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>> {
        Ok(vec![true; objects.len()])
    }
}

impl Sql for NullHost {
    fn dialect(&self) -> Dialect {
        self.tables.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.tables.update(statement, parameters)
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        self.tables.update_all(statement, rows)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.tables.query(statement, parameters)
    }
}

impl Transaction for NullHost {
    fn begin(&mut self) -> Result<()> {
        self.tables.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.saved.clear();
        self.tables.commit()
    }

    fn rollback(&mut self) {
        self.saved.clear();
        self.tables.rollback();
    }
}
