//! A child over SQLite, pulling from the mock parent.

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::Value;
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::Result;
use sync2::event::{ObjectId, Representation};
use sync2::host::Stored;
use sync2::status::RunReport;
use sync2::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use sync2::testing::mock_parent::MockParent;
pub use sync2::testing::objects::{category, encounter, object, patient, state};
use sync2::testing::sqlite_host::SqliteHost;

pub use crate::child::Child;

impl Child {
    pub fn of(parent: &MockParent, categories: &[&str]) -> Child {
        Child::configured(parent.config_document(categories))
    }

    pub fn configured(document: Value) -> Child {
        Child::over(SqliteHost::in_memory().unwrap(), document)
    }

    /// With clients and filters of its own.
    pub fn with(document: Value, injected: Injected) -> Child {
        let mut host = SqliteHost::in_memory().unwrap();
        let environment = Environment::default();
        let engine = Engine::open_with(&document.to_string(), injected, environment, &mut host).unwrap();
        Child { engine, host, document }
    }

    /// As [`restart`](Child::restart), with another configuration.
    pub fn restart_as(&mut self, document: Value) {
        self.document = document;
        self.restart();
    }

    /// Sets the markers back to the feeds' beginnings.
    pub fn set_markers_back(&mut self) {
        self.change("UPDATE sync2_marker SET page_url = NULL, entry_id = NULL, entry_updated = NULL");
    }

    /// The entry that each feed's marker stands at.
    pub fn marked_entries(&mut self) -> Vec<Option<String>> {
        let positions = self.engine.markers(&mut self.host).unwrap();
        positions.into_iter().map(|position| position.marker.map(|marker| marker.entry_id)).collect()
    }

    pub fn conflicts(&mut self) -> Vec<ObjectId> {
        let conflicts = self.engine.conflicts(&mut self.host, 1000, 0).unwrap();
        conflicts.into_iter().map(|conflict| conflict.object).collect()
    }

    /// The audit messages of events that stood in a feed.
    pub fn audited_events(&mut self) -> Vec<AuditMessage> {
        self.audit().into_iter().filter(|message| !message.event_id.starts_with("reference:")).collect()
    }

    /// What every audit must be: each event once, and nothing that points nowhere.
    pub fn assert_audited(&mut self, events: usize) {
        let messages = self.audit();
        let uuids: HashSet<&str> = messages.iter().map(|message| message.uuid.as_str()).collect();
        for message in &messages {
            let carrier = message.outcome.carried_by.as_deref();
            assert_eq!(carrier.is_some(), message.outcome.status == AuditStatus::Coalesced, "{message:?}");
            assert!(carrier.is_none_or(|carrier| uuids.contains(carrier)), "it points nowhere: {message:?}");
        }
        let audited = self.audited_events();
        let ids: HashSet<(&str, &str)> =
            audited.iter().map(|message| (message.epoch.as_str(), message.event_id.as_str())).collect();
        assert_eq!((audited.len(), ids.len()), (events, events), "{audited:#?}");
    }

    pub fn pull(&mut self) -> RunReport {
        self.try_pull().unwrap()
    }

    pub fn try_pull(&mut self) -> Result<RunReport> {
        self.engine.pull(&mut self.host)
    }

    pub fn audit(&mut self) -> Vec<AuditMessage> {
        let query = AuditQuery { limit: 1000, ..AuditQuery::default() };
        self.engine.audit(&mut self.host, &query).unwrap().into_messages()
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
        self.edit_as(Representation::Fhir, &object(category, uuid), &document);
    }

    pub fn edit_as(&mut self, representation: Representation, object: &ObjectId, document: &Value) {
        self.host.edit(representation, object, document.to_string().as_bytes()).unwrap();
    }
}

/// An entry as the atomfeed module writes it, with an id of its own.
pub fn entry(id: &str, category_name: &str, action: &str, uuid: &str) -> String {
    entry_with_link(id, category_name, action, &format!("/ws/rest/v1/{category_name}/{uuid}?v=full"))
}

/// An entry whose `rest` link is given.
pub fn entry_with_link(id: &str, category_name: &str, action: &str, link: &str) -> String {
    format!(
        "<entry><title>x</title><category term=\"{action}\"/><category term=\"{category_name}\"/><id>{id}</id>\
         <updated>2026-11-23T00:00:00Z</updated><content type=\"application/vnd.atomfeed+xml\"><![CDATA[\
         {{\"rest\":\"{link}\"}}]]></content></entry>"
    )
}

/// A database file in the build's temporary folder, new for each test.
pub fn database_file(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pull-{test}-{}", std::process::id()));
    // Left behind by an earlier process with the same id, if at all.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("node.sqlite")
}
