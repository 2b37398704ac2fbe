//! A child over SQLite, pulling from the mock parent.

use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::error::Result;
use sync2::event::{Category, ObjectId, Representation};
use sync2::host::Stored;
use sync2::status::RunReport;
use sync2::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;

pub struct Child {
    pub engine: Engine,
    pub host: SqliteHost,
}

impl Child {
    pub fn of(parent: &MockParent, categories: &[&str]) -> Child {
        Child::configured(parent.config_document(categories))
    }

    pub fn configured(document: Value) -> Child {
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&document.to_string(), &mut host).unwrap();
        Child { engine, host }
    }

    pub fn pull(&mut self) -> RunReport {
        self.try_pull().unwrap()
    }

    pub fn try_pull(&mut self) -> Result<RunReport> {
        self.engine.pull(&mut self.host)
    }

    /// Pulls, and expects that nothing stopped it.
    pub fn pull_to_the_end(&mut self) -> RunReport {
        let report = self.pull();
        assert_eq!(state(&report), "completed", "{:?}", report.run.error);
        report
    }

    pub fn audit(&mut self) -> Vec<AuditMessage> {
        let query = AuditQuery { limit: 1000, ..AuditQuery::default() };
        self.engine.audit(&mut self.host, &query).unwrap()
    }

    pub fn statuses_of(&mut self, uuid: &str) -> Vec<AuditStatus> {
        let messages = self.audit().into_iter().filter(|message| message.object_uuid.as_deref() == Some(uuid));
        messages.map(|message| message.outcome.status).collect()
    }

    pub fn document(&self, category: &str, uuid: &str) -> Option<Value> {
        match self.host.look(&object(category, uuid)).unwrap() {
            Stored::Present(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
            Stored::Absent | Stored::Removed => None,
        }
    }

    /// What a local user does to an object.
    pub fn edit(&mut self, category: &str, uuid: &str, document: Value) {
        self.host.edit(Representation::Fhir, &object(category, uuid), document.to_string().as_bytes()).unwrap();
    }
}

pub fn state(report: &RunReport) -> &'static str {
    report.run.state.name()
}

pub fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

pub fn object(category_name: &str, uuid: &str) -> ObjectId {
    ObjectId { category: category(category_name), uuid: uuid.to_string() }
}

pub fn patient(uuid: &str, family: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "name": [{"family": family}], "birthDate": "1985-04-12"})
}

pub fn encounter(uuid: &str, patient: &str) -> Value {
    json!({"resourceType": "Encounter", "id": uuid, "status": "unknown",
           "subject": {"reference": format!("Patient/{patient}")}, "period": {"start": "2026-11-20T09:30:00+00:00"}})
}
