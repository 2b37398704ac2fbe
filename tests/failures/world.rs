//! A parent and its child with some history, and what must be true of them whatever happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::event::{Action, Direction, ObjectId};
use sync2::host::Stored;
use sync2::status::RunReport;
use sync2::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use sync2::store::markers::FeedPosition;
use sync2::store::parked::Parked;
use sync2::testing::mock_parent::MockParent;
pub use sync2::testing::objects::{category, encounter, object};
use sync2::testing::sqlite_host::SqliteHost;

use crate::table::{ComesBack, GoesOn, MarkerAt, Row};

/// Two in FHIR without references, one in FHIR with, one in REST.
const CATEGORIES: [&str; 4] = ["patient", "location", "encounter", "encounter_type"];

/// How often a parked record is tried by schedule after its event, with the mock parent's configuration.
const SCHEDULED_TRIES: u32 = 2;

pub struct World {
    pub parent: Arc<MockParent>,
    pub host: SqliteHost,
    pub engine: Engine,
    config: Value,
    /// What must be here at the end, as the parent has it.
    expected: BTreeMap<ObjectId, Value>,
    /// True if the parent publishes its own feed, of all categories.
    own_feed: bool,
    /// Events that are passed without an audit message.
    unaudited: u64,
    /// What the events of each feed are about, in their order.
    appended: BTreeMap<&'static str, Vec<String>>,
    /// What was here before the failure.
    history: BTreeMap<ObjectId, Value>,
    /// How many events of each feed were passed before the failure.
    passed: BTreeMap<&'static str, u64>,
    bad: Bad,
    others: u32,
}

/// The bad record.
struct Bad {
    category: &'static str,
    /// None: its entry does not say.
    uuid: Option<String>,
    /// Events of its feed before it.
    before: u64,
    /// Records that are parked when it is.
    parked: usize,
}

impl World {
    /// A child that has pulled a bit of everything.
    pub fn with(on_record_failure: &str) -> World {
        World::below(MockParent::start(), false, on_record_failure)
    }

    /// As `with`, of a parent that publishes its own feed.
    pub fn with_own_feed(on_record_failure: &str) -> World {
        let parent = MockParent::start();
        parent.publish_own_feed();
        World::below(parent, true, on_record_failure)
    }

    fn below(parent: MockParent, own_feed: bool, on_record_failure: &str) -> World {
        let parent = Arc::new(parent);
        let mut config = parent.config_document(&CATEGORIES);
        config["pull"]["onRecordFailure"] = on_record_failure.into();
        config["transfer"]["maxBodyBytes"] = json!(1 << 18);
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&config.to_string(), &mut host).unwrap();
        let mut world = World {
            parent,
            host,
            engine,
            config,
            expected: BTreeMap::new(),
            own_feed,
            unaudited: 0,
            appended: BTreeMap::new(),
            history: BTreeMap::new(),
            passed: BTreeMap::new(),
            bad: Bad { category: "patient", uuid: None, before: 0, parked: 1 },
            others: 0,
        };
        world.put("patient", "here", patient("here"));
        world.put_others();
        world.pull_history();
        world
    }

    /// Pulls what there is: all of it was here before the failure.
    pub fn pull_history(&mut self) {
        assert_eq!(self.pull().run.state.name(), "completed");
        self.history = self.expected.clone();
        self.passed = self.appended.keys().map(|feed| (*feed, self.events_of(feed))).collect();
    }

    /// Opens the engine anew over the same database, with another `pull.onRecordFailure` or batch size.
    pub fn reopen(&mut self, change: impl FnOnce(&mut Value)) {
        self.engine.close().unwrap();
        change(&mut self.config);
        self.engine = Engine::open(&self.config.to_string(), &mut self.host).unwrap();
    }

    // --- The parent.

    /// A good record of each category, none of which needs another of them.
    pub fn put_others(&mut self) {
        self.others += 1;
        let number = self.others;
        self.put("location", &format!("l{number}"), location(&format!("l{number}")));
        self.put("patient", &format!("p{number}"), patient(&format!("p{number}")));
        self.put("encounter", &format!("e{number}"), encounter(&format!("e{number}"), "here"));
        let uuid = format!("t{number}");
        self.put("encounter_type", &uuid, encounter_type(&uuid));
    }

    /// An object that must have arrived at the end.
    pub fn put(&mut self, feed: &'static str, uuid: &str, document: Value) {
        self.expected.insert(object(feed, uuid), document.clone());
        self.parent.put(category(feed), document);
        self.appended(feed, uuid);
    }

    /// As `put`, of the bad record.
    pub fn put_bad(&mut self, feed: &'static str, document: Value) {
        self.bad_is_next(feed, Some("bad"));
        self.put(feed, "bad", document);
    }

    /// The next event of this feed is the bad one.
    pub fn bad_is_next(&mut self, feed: &'static str, uuid: Option<&str>) {
        let before = self.events_of(self.feed_of(feed));
        self.bad = Bad { category: feed, uuid: uuid.map(str::to_string), before, parked: 1 };
    }

    /// So many records are parked along with the bad one.
    pub fn parked_are(&mut self, parked: usize) {
        self.bad.parked = parked;
    }

    /// An event without an object.
    pub fn append_event(&mut self, feed: &'static str, action: Action, uuid: &str) {
        self.parent.append_event(category(feed), action, uuid);
        self.appended(feed, uuid);
    }

    pub fn append_event_at(&mut self, feed: &'static str, uuid: &str, updated: &str) {
        self.parent.append_event_at(category(feed), Action::Created, uuid, updated);
        self.appended(feed, uuid);
    }

    /// An entry that nobody here is told of.
    pub fn append_unaudited(&mut self, feed: &'static str, entry: &str) {
        self.append_raw(feed, entry);
        self.unaudited += 1;
    }

    pub fn append_raw(&mut self, feed: &'static str, entry: &str) {
        self.parent.append_raw_entry(category(feed), entry);
        self.appended(feed, "");
    }

    /// The object is at the parent, and has to arrive.
    pub fn store(&mut self, feed: &'static str, uuid: &str, document: Value) {
        self.expected.insert(object(feed, uuid), document.clone());
        self.parent.store(category(feed), document);
    }

    /// Voids the object: the two events of OpenMRS.
    pub fn void(&mut self, feed: &'static str, uuid: &str) {
        self.expected.remove(&object(feed, uuid));
        self.parent.void(category(feed), uuid);
        self.appended(feed, uuid);
        self.appended(feed, uuid);
    }

    /// Forgets the whole feed, as a parent does that was replaced by an empty one.
    pub fn forget_feed(&mut self, feed: &'static str) {
        self.parent.truncate_feed(category(feed), 0);
    }

    /// Writes the same events again into a feed that was forgotten.
    pub fn restore_feed(&mut self, feed: &'static str) {
        self.forget_feed(feed);
        for uuid in &self.appended[feed] {
            self.parent.append_event(category(feed), Action::Created, uuid);
        }
    }

    fn appended(&mut self, feed: &'static str, uuid: &str) {
        self.appended.entry(self.feed_of(feed)).or_default().push(uuid.to_string());
    }

    /// The feed that the events of a category stand in.
    fn feed_of(&self, category: &'static str) -> &'static str {
        if self.own_feed { "sync2" } else { category }
    }

    /// How many events there are in a feed.
    fn events_of(&self, feed: &str) -> u64 {
        self.appended.get(feed).map_or(0, |events| events.len() as u64)
    }

    // --- The child.

    pub fn pull(&mut self) -> RunReport {
        self.engine.pull(&mut self.host).unwrap()
    }

    pub fn document(&self, feed: &str, uuid: &str) -> Option<Value> {
        match self.host.look(&object(feed, uuid)).unwrap() {
            Stored::Present(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
            Stored::Absent | Stored::Removed => None,
        }
    }

    /// What has to happen besides the cause being gone: an administrator's retry.
    pub fn ask_again_as(&mut self, row: &Row) {
        if matches!(row.comes_back, ComesBack::Retry | ComesBack::Administrator) {
            let uuids: Vec<String> = self.parked().into_iter().map(|parked| parked.audit_uuid).collect();
            assert_eq!(self.engine.retry(&mut self.host, &uuids).unwrap(), uuids.len() as u64);
        }
    }

    fn parked(&mut self) -> Vec<Parked> {
        self.engine.parked(&mut self.host, 100, 0).unwrap()
    }

    fn audit(&mut self) -> Vec<AuditMessage> {
        self.engine.audit(&mut self.host, &AuditQuery { limit: 1000, ..AuditQuery::default() }).unwrap().into_messages()
    }

    /// How many events of a feed were passed.
    pub fn passed(&mut self, feed: &str) -> u64 {
        self.positions()[feed].events
    }

    fn positions(&mut self) -> BTreeMap<String, FeedPosition> {
        let positions = self.engine.markers(&mut self.host).unwrap();
        positions.into_iter().map(|position| (position.feed.to_string(), position)).collect()
    }

    // --- What must be true.

    /// That the row is true of the run that met the failure.
    pub fn check_after_the_failure(&mut self, row: &Row, report: &RunReport) {
        // The database may be what failed: it is looked at when it is there again.
        self.host.find_database();
        assert_eq!(report.run.state.name(), row.run, "the run's state: {:?}", report.run.error);
        self.check_bad_record(row);
        let run_error = report.run.error.as_ref().map(|error| error.kind.name());
        let expected = Some(row.kind.as_str()).filter(|kind| *kind != "–" && row.audit != "PARKED");
        assert_eq!(run_error, expected, "the run's error: {:?}", report.run.error);
        self.check_markers(row);
        self.check_what_goes_on(row);
        self.check_nothing_removed();
        self.check_audit_up_to_the_markers();
    }

    /// That after the cause is gone nothing is missing and nothing was done twice.
    pub fn check_at_the_end(&mut self, row: &Row, report: &RunReport) {
        assert_eq!(report.run.state.name(), "completed", "{:?}", report.run.error);
        for (object, document) in &self.expected {
            assert_eq!(self.document(object.category.name(), &object.uuid).as_ref(), Some(document), "{object}");
        }
        // The event of an entry that nobody can understand stays told.
        let told = usize::from(row.comes_back == ComesBack::NewerEvent && self.bad.uuid.is_none());
        let parked = self.parked();
        assert_eq!(parked.len(), told, "{parked:?}");
        for (feed, position) in self.positions() {
            assert_eq!(position.events, self.events_of(&feed), "the marker of {feed} at the end");
        }
        self.check_nothing_lost_of_history();
        self.check_audit_up_to_the_markers();
        let waiting = self.audit().into_iter().filter(|message| message.outcome.status == AuditStatus::Parked).count();
        assert_eq!(waiting, told, "audit messages of parked records");
    }

    fn check_bad_record(&mut self, row: &Row) {
        let parked = self.parked();
        if row.audit == "PARKED" {
            assert_eq!(parked.len(), self.bad.parked, "{parked:?}");
            for record in &parked {
                assert_eq!(record.error.kind.name(), row.kind, "{}", record.error.message);
                self.check_tries(row, record);
            }
        } else {
            assert!(parked.is_empty(), "{parked:?}");
        }
        let statuses = self.statuses_of_bad();
        let told = statuses.iter().filter(|status| **status != AuditStatus::Coalesced);
        let told: Vec<&str> = told.map(|status| status.name()).collect();
        let expected: &[&str] = if row.audit == "–" { &[] } else { &[&row.audit] };
        assert_eq!(told, expected, "what the audit says of the bad record");
    }

    fn check_tries(&self, row: &Row, record: &Parked) {
        match row.comes_back {
            ComesBack::Retry => assert_eq!(record.attempts, SCHEDULED_TRIES, "tries by schedule"),
            ComesBack::Administrator => {
                assert!(record.attempts <= 1, "tries: {}", record.attempts);
                assert!(record.next_attempt_at.is_some_and(|at| at > record.parked_at + 22 * 3_600_000), "not soon");
            }
            _ => {}
        }
    }

    /// Messages of this failure only: an object that was here before has older ones.
    fn statuses_of_bad(&mut self) -> Vec<AuditStatus> {
        let (uuid, newest_run) =
            (self.bad.uuid.clone(), self.engine.runs(&mut self.host, 1, 0).unwrap()[0].run.id.clone());
        let messages = self.audit().into_iter();
        let of_bad = messages.filter(|message| match &uuid {
            Some(uuid) => message.object_uuid.as_ref() == Some(uuid) && message.run_id == newest_run,
            None => message.object_uuid.is_none(),
        });
        of_bad.map(|message| message.outcome.status).collect()
    }

    fn check_markers(&mut self, row: &Row) {
        let positions = self.positions();
        let feed = self.feed_of(self.bad.category);
        let bad = positions[feed].events;
        let (passed, all) = (self.passed[feed], self.events_of(feed));
        match row.marker {
            MarkerAt::PastIt => assert_eq!(bad, all, "the marker is past it"),
            MarkerAt::BeforeIt => assert_eq!(bad, self.bad.before, "the marker is before it"),
            MarkerAt::Unmoved => assert_eq!(bad, passed, "the marker is unmoved"),
            MarkerAt::AsFarAsSaved => assert!((passed + 1..all).contains(&bad), "{bad} is between {passed} and {all}"),
        }
        // With `halt` the run may have come a bit further in other feeds before it stopped.
        if row.marker == MarkerAt::Unmoved && row.goes_on == GoesOn::Nothing && row.on_record_failure() == "proceed" {
            for (feed, position) in positions {
                assert_eq!(position.events, self.passed[feed.as_str()], "the marker of {feed}");
            }
        }
    }

    fn check_what_goes_on(&mut self, row: &Row) {
        let positions = self.positions();
        for category in CATEGORIES {
            let goes_on = match row.goes_on {
                GoesOn::Everything => true,
                GoesOn::OtherCategories => category != self.bad.category,
                GoesOn::Nothing => false,
            };
            if goes_on {
                let feed = self.feed_of(category);
                assert_eq!(positions[feed].events, self.events_of(feed), "the marker of {feed}");
                self.check_others_of(category);
            }
        }
    }

    fn check_others_of(&self, category: &str) {
        let is_other = |object: &ObjectId| object.category.name() == category && object.uuid.len() < 4;
        for (object, document) in self.expected.iter().filter(|(object, _)| is_other(object) && object.uuid != "bad") {
            assert_eq!(self.document(category, &object.uuid).as_ref(), Some(document), "{object} has arrived");
        }
    }

    fn check_nothing_removed(&self) {
        assert_eq!(self.host.counters().removes, 0, "something was removed here");
        self.check_nothing_lost_of_history();
    }

    fn check_nothing_lost_of_history(&self) {
        for object in self.history.keys().filter(|object| self.expected.contains_key(object)) {
            assert!(self.document(object.category.name(), &object.uuid).is_some(), "{object} was here");
        }
    }

    /// Every event up to the marker has exactly one message, and none beyond it has one; what is said to have arrived is
    /// here.
    fn check_audit_up_to_the_markers(&mut self) {
        let audit = self.audit();
        for (feed, position) in self.positions() {
            let messages: Vec<_> = audit.iter().filter(|message| *message.epoch == *position.epoch).collect();
            let audited = messages.len() as u64 + self.unaudited;
            assert!((position.events..=position.events + self.unaudited).contains(&audited), "messages of {feed}");
            let last = position.marker.as_ref().map(|marker| marker.entry_id.as_str());
            assert!(messages.iter().any(|message| Some(message.event_id.as_str()) == last), "the marker of {feed}");
        }
        for message in audit.iter().filter(|message| message.outcome.status == AuditStatus::Applied) {
            let uuid = message.object_uuid.as_deref().unwrap();
            let object = ObjectId { category: message.category, uuid: uuid.to_string() };
            assert_ne!(self.host.look(&object).unwrap(), Stored::Absent, "{object} is said to be applied");
            assert_eq!(message.direction, Direction::Pull);
        }
    }
}

pub fn patient(uuid: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "name": [{"family": "Okello"}], "birthDate": "1985-04-12"})
}

pub fn location(uuid: &str) -> Value {
    json!({"resourceType": "Location", "id": uuid, "name": "Ward"})
}

pub fn location_within(uuid: &str, parent: &str) -> Value {
    json!({"resourceType": "Location", "id": uuid, "partOf": {"reference": format!("Location/{parent}")}})
}

pub fn encounter_type(uuid: &str) -> Value {
    json!({"uuid": uuid, "name": "Visit", "retired": false})
}

/// An `entry` element with these terms and this content.
pub fn entry(id: &str, terms: &[&str], content: Option<&str>) -> String {
    let categories: String = terms.iter().map(|term| format!("<category term=\"{term}\" />")).collect();
    let content = content
        .map(|content| format!("<content type=\"application/vnd.atomfeed+xml\"><![CDATA[{content}]]></content>"));
    format!(
        "<entry><title>Ökello</title>{categories}<id>{id}</id><updated>2026-11-23T00:00:09Z</updated>{}</entry>",
        content.unwrap_or_default()
    )
}
