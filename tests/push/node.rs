//! A child over SQLite that captures its own changes, pushing to the mock parent.

use serde_json::{Value, json};
use sync2::event::{Action, Direction, ObjectId, Representation};
use sync2::status::RunReport;
use sync2::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use sync2::store::conflicts::Conflict;
use sync2::store::markers::FeedPosition;
use sync2::store::{Sql, SqlValue, events, now};
use sync2::testing::mock_parent::MockParent;
pub use sync2::testing::objects::{category, encounter, object, patient, state};
use sync2::testing::sqlite_host::SqliteHost;

pub use crate::child::Child;

/// A parent with this module.
pub fn parent() -> MockParent {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent
}

/// What a child of that parent is configured with: pull and push of patients and encounters.
pub fn config(parent: &MockParent) -> Value {
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["push"] = json!({"enabled": true});
    document["parent"]["exchange"] = json!("auto");
    document
}

impl Child {
    pub fn of(parent: &MockParent) -> Child {
        Child::configured(config(parent))
    }

    pub fn configured(document: Value) -> Child {
        let mut child = Child::over(SqliteHost::in_memory().unwrap(), document);
        child.host.capture_changes();
        child
    }

    /// As [`restart`](Child::restart), with another configuration.
    pub fn restart_with(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.document);
        self.restart();
    }

    /// How many rows of a table there are.
    pub fn count(&mut self, table: &str) -> i64 {
        match self.host.query(&format!("SELECT COUNT(*) FROM {table}"), &[]).unwrap()[0][..] {
            [SqlValue::Int(count)] => count,
            ref other => panic!("{other:?}"),
        }
    }

    /// What a local user does to an object, later than all before by the database's clock: that is the order of the feed.
    pub fn edit(&mut self, category: &str, document: Value) {
        self.await_next_millisecond();
        let (representation, uuid) = match document["id"].as_str() {
            Some(id) => (Representation::Fhir, id),
            None => (Representation::Rest, document["uuid"].as_str().unwrap()),
        };
        self.host.edit(representation, &object(category, uuid), document.to_string().as_bytes()).unwrap();
    }

    pub fn void(&mut self, category: &str, uuid: &str) {
        self.await_next_millisecond();
        self.host.void(&object(category, uuid)).unwrap();
    }

    fn await_next_millisecond(&mut self) {
        let before = now(&mut self.host).unwrap();
        while now(&mut self.host).unwrap() == before {}
    }

    pub fn push(&mut self) -> RunReport {
        self.engine.push(&mut self.host).unwrap()
    }

    /// Pushes, and expects that nothing stopped it.
    pub fn push_to_the_end(&mut self) -> RunReport {
        let report = self.push();
        assert_eq!(state(&report), "completed", "{:?}", report.run.error);
        report
    }

    pub fn marker(&mut self) -> FeedPosition {
        self.engine.push_marker(&mut self.host).unwrap().unwrap()
    }

    /// The audit messages of pushes.
    pub fn audit(&mut self) -> Vec<AuditMessage> {
        let query = AuditQuery { direction: Some(Direction::Push), limit: 1000, ..AuditQuery::default() };
        self.engine.audit(&mut self.host, &query).unwrap().into_messages()
    }

    /// What became of the object's events in pushes, in the order of the feed.
    pub fn statuses_of(&mut self, uuid: &str) -> Vec<AuditStatus> {
        let messages = self.audit().into_iter().filter(|message| message.object_uuid.as_deref() == Some(uuid));
        let numbered = messages.map(|message| {
            let number = events::number_of(&mut self.host, &message.event_id).unwrap();
            (number, message.outcome.status)
        });
        let mut statuses: Vec<_> = numbered.collect();
        statuses.sort();
        statuses.into_iter().map(|(_, status)| status).collect()
    }

    pub fn conflicts(&mut self) -> Vec<Conflict> {
        self.engine.conflicts(&mut self.host, 1000, 0).unwrap()
    }
}

/// What the parent did with what was sent, as `patient/p CREATED`.
pub fn effects(parent: &MockParent) -> Vec<String> {
    let told = |(object, action): (ObjectId, Action)| format!("{object} {}", action.name());
    parent.effects().into_iter().map(told).collect()
}
