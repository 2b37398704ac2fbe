//! A child over SQLite, which pulls from the mock parent or pushes to it. The tests of each direction add what they need.

use serde_json::Value;
use sync2::engine::Engine;
use sync2::status::RunReport;
use sync2::store::parked::Parked;
use sync2::store::{Sql, Transaction};
use sync2::testing::objects::state;
use sync2::testing::sqlite_host::SqliteHost;

pub struct Child {
    pub engine: Engine,
    pub host: SqliteHost,
    /// What it is configured with.
    pub document: Value,
}

impl Child {
    pub fn over(mut host: SqliteHost, document: Value) -> Child {
        let engine = Engine::open(&document.to_string(), &mut host).unwrap();
        Child { engine, host, document }
    }

    /// Another process on the same database, later than the lease of one that was killed.
    pub fn restart(&mut self) {
        self.engine = Engine::open(&self.document.to_string(), &mut self.host).unwrap();
        self.change("UPDATE sync2_lease SET expires_at = 0");
    }

    /// What somebody does to the database by hand.
    pub fn change(&mut self, statement: &str) {
        self.host.begin().unwrap();
        self.host.update(statement, &[]).unwrap();
        self.host.commit().unwrap();
    }

    /// Pulls, and expects that nothing stopped it.
    pub fn pull_to_the_end(&mut self) -> RunReport {
        let report = self.engine.pull(&mut self.host).unwrap();
        assert_eq!(state(&report), "completed", "{:?}", report.run.error);
        report
    }

    pub fn parked(&mut self) -> Vec<Parked> {
        self.engine.parked(&mut self.host, 1000, 0).unwrap()
    }
}
