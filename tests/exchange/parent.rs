//! A parent over SQLite that children exchange objects with. It is a root: it has no parent itself.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::decide::scope::Account;
use sync2::engine::Engine;
use sync2::event::{Category, ObjectId, Representation};
use sync2::feed::own::FeedRequest;
use sync2::host::Stored;
use sync2::store::{Sql, SqlValue, Transaction};
pub use sync2::testing::objects::{object, patient};
use sync2::testing::sqlite_host::SqliteHost;
use sync2::wire::{ApplyAnswer, ApplyLine, ApplyStatus, ReadAnswer, ReadLine};

/// An account that may do everything.
pub const ACCOUNT: &str = "child";
/// Its node id.
pub const NODE: &str = "child-node";

pub struct Parent {
    pub engine: Engine,
    pub host: SqliteHost,
}

impl Parent {
    pub fn new() -> Parent {
        Parent::with(json!({}))
    }

    /// With that configuration of `exchange`.
    pub fn with(mut exchange: Value) -> Parent {
        exchange["children"][ACCOUNT] = json!({"write": ["*"]});
        Parent::configured(json!({"pull": {"enabled": false}, "exchange": exchange}))
    }

    pub fn configured(document: Value) -> Parent {
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&document.to_string(), &mut host).unwrap();
        Parent { engine, host }
    }

    pub fn read(&mut self, lines: &[ReadLine]) -> Vec<ReadAnswer> {
        self.read_as(ACCOUNT, lines)
    }

    pub fn read_as(&mut self, account: impl Into<Account>, lines: &[ReadLine]) -> Vec<ReadAnswer> {
        parsed(&self.engine.read_objects(&mut self.host, account, &written(lines)).unwrap())
    }

    pub fn apply(&mut self, lines: &[ApplyLine]) -> Vec<ApplyAnswer> {
        self.apply_as(ACCOUNT, lines)
    }

    pub fn apply_as(&mut self, account: impl Into<Account>, lines: &[ApplyLine]) -> Vec<ApplyAnswer> {
        parsed(&self.engine.apply_objects(&mut self.host, account, NODE, &written(lines)).unwrap())
    }

    pub fn apply_one(&mut self, line: &ApplyLine) -> ApplyAnswer {
        let [answer] = <[ApplyAnswer; 1]>::try_from(self.apply(std::slice::from_ref(line))).unwrap();
        answer
    }

    /// What a local user does to an object.
    pub fn edit(&mut self, document: &Value) {
        let object = object_of(document);
        self.host.edit(representation_of(document), &object, document.to_string().as_bytes()).unwrap();
    }

    /// Lets everything that was answered until now have been answered so many days earlier.
    pub fn let_days_pass(&mut self, days: i64) {
        let earlier = [SqlValue::Int(days * 86_400_000)];
        self.host.begin().unwrap();
        self.host.update("UPDATE sync2_request SET answered_at = answered_at - ?", &earlier).unwrap();
        self.host.commit().unwrap();
    }

    /// The newest page of the feed, as the account sees it.
    pub fn feed_as(&mut self, account: &str) -> String {
        let url = "http://parent/openmrs/ws/rest/v1/sync2/feed/recent";
        let request = FeedRequest::of(url, None).unwrap().read_by(account);
        self.engine.feed_page(&mut self.host, &request).unwrap().document.unwrap()
    }

    pub fn document(&self, object: &ObjectId) -> Option<Value> {
        match self.host.look(object).unwrap() {
            Stored::Present(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
            Stored::Absent | Stored::Removed => None,
        }
    }

    /// Lets this server drop the birth date of every patient that it saves.
    pub fn lose_birth_dates(&mut self) {
        self.host.transform_saves(|_, document| {
            let mut document: Value = serde_json::from_slice(&document).unwrap();
            document.as_object_mut().unwrap().remove("birthDate");
            document.to_string().into_bytes()
        });
    }
}

pub fn written(lines: &[impl Serialize]) -> Vec<u8> {
    lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect::<String>().into_bytes()
}

pub fn parsed<T: DeserializeOwned>(answers: &[u8]) -> Vec<T> {
    let text = std::str::from_utf8(answers).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn representation_of(document: &Value) -> Representation {
    if document.get("resourceType").is_some() { Representation::Fhir } else { Representation::Rest }
}

/// The object that a FHIR document, or that of an encounter type, is of.
pub fn object_of(document: &Value) -> ObjectId {
    let uuid = document.get("id").or_else(|| document.get("uuid")).and_then(Value::as_str).unwrap();
    let fhir_type = document.get("resourceType").and_then(Value::as_str);
    let category = fhir_type.map_or_else(|| Category::parse("encounter_type"), Category::of_fhir_type);
    ObjectId { category: category.unwrap(), uuid: uuid.to_string() }
}

pub fn hash(document: &Value) -> String {
    canonical::hash(&canonical::canonical(representation_of(document), document))
}

/// One whose number was given at that location.
pub fn patient_at(location: &str, uuid: &str) -> Value {
    let at = json!({"url": "http://fhir.openmrs.org/ext/patient/identifier#location",
                    "valueReference": {"reference": format!("Location/{location}")}});
    let mut patient = patient(uuid, "Nakato");
    patient["identifier"] = json!([{"value": format!("number of {uuid}"), "extension": [at]}]);
    patient
}

pub fn encounter(uuid: &str, patient: &str, location: &str) -> Value {
    json!({"resourceType": "Encounter", "id": uuid, "status": "unknown",
           "subject": {"reference": format!("Patient/{patient}")},
           "location": [{"location": {"reference": format!("Location/{location}")}}]})
}

pub fn location(uuid: &str) -> Value {
    json!({"resourceType": "Location", "id": uuid, "name": uuid})
}

pub fn asked(category: &str, uuid: &str) -> ReadLine {
    ReadLine {
        category: category.into(),
        uuid: uuid.into(),
        representation: "fhir".into(),
        hanging: false,
        hashed: None,
        decided: None,
        listing: None,
        digests: None,
    }
}

/// A document from a child that has seen nothing of the parent's.
pub fn sent(document: &Value) -> ApplyLine {
    let object = object_of(document);
    ApplyLine {
        category: object.category.name().into(),
        uuid: object.uuid,
        representation: representation_of(document).name().into(),
        canonical_version: canonical::VERSION,
        action: "UPDATED".into(),
        document: Some(document.clone()),
        last_seen: None,
        pending: Vec::new(),
        restored_to: None,
        replaced: Vec::new(),
        copied_at: None,
        takes_along: Vec::new(),
        reason: None,
        number: None,
    }
}

/// The same, from a child that saw this version last.
pub fn sent_over(document: &Value, seen: &Value) -> ApplyLine {
    ApplyLine { last_seen: Some(hash(seen)), ..sent(document) }
}

/// A removal of what the child saw last.
pub fn removal(seen: &Value) -> ApplyLine {
    ApplyLine { document: None, action: "VOIDED".into(), ..sent_over(seen, seen) }
}

pub fn statuses(answers: &[ApplyAnswer]) -> Vec<ApplyStatus> {
    answers.iter().map(|answer| answer.status).collect()
}

/// The kind of a failure.
pub fn kind(answer: &ApplyAnswer) -> &str {
    answer.error.as_ref().map_or("", |error| error.kind.as_str())
}
