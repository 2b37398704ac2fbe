//! A parent that means harm: what it answers for one patient, among others that are good.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::crawling::Crawling;
use serde_json::{Value, json};
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::Result;
use sync2::event::{Action, Category, Event, ObjectId, Representation};
use sync2::filter::HostFilter;
use sync2::host::Stored;
use sync2::testing::mock_parent::{Fault, MockParent};
use sync2::testing::sqlite_host::SqliteHost;

/// What the parent does besides having two good patients.
pub type Scenario = fn(&MockParent);

pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("parent-number", |parent| spoil(parent, "1e20000000")),
    ("parent-number-overflow", |parent| spoil(parent, "-1E+1000000000")),
    ("parent-number-small", |parent| spoil(parent, "1e-20000000")),
    ("parent-digits", |parent| spoil(parent, &"9".repeat(200_000))),
    ("parent-number-in-words", |parent| spoil(parent, r#""1e20000000""#)),
    ("parent-number-in-entry", |parent| {
        let entry = entry("<![CDATA[{\"fhir\": \"/ws/fhir2/R4/Patient/bad\", \"size\": 1e20000000}]]>");
        parent.append_raw_entry(patients(), &entry);
    }),
    ("parent-parser-key", |parent| spoil(parent, r#"{"$serde_json::private::Number": "x"}"#)),
    ("parent-parser-key-escaped", |parent| spoil(parent, r#"{"\u0024serde_json::private::Number": "1e20000000"}"#)),
    ("parent-depth", |parent| spoil(parent, &format!("{}{}", "[".repeat(20_000), "]".repeat(20_000)))),
    ("parent-values", |parent| spoil(parent, &format!("[{}{{}}]", r#"{"a":0},"#.repeat(200_000)))),
    ("parent-huge", |parent| {
        parent.put(patients(), patient("bad"));
        parent.fail(|path| path.contains("/Patient/bad"), Fault::HugeBody(100 << 20));
        without_searches(parent);
    }),
    ("parent-other-object", |parent| {
        parent.put(patients(), patient("bad"));
        parent.fail(|path| path.contains("/Patient/bad"), answer(patient("good-1").to_string()));
        without_searches(parent);
    }),
    ("parent-redirect", |parent| {
        parent.put(patients(), patient("bad"));
        let elsewhere = ("location", "http://169.254.169.254/latest/meta-data".to_string());
        let redirect = Fault::Answer { status: 302, headers: vec![elsewhere], body: String::new() };
        parent.fail(|path| path.contains("/Patient/bad"), redirect);
        without_searches(parent);
    }),
    ("parent-link-elsewhere", |parent| {
        let entry = entry("<![CDATA[{\"fhir\": \"http://169.254.169.254/ws/fhir2/R4/Patient/bad\"}]]>");
        parent.append_raw_entry(patients(), &entry);
    }),
    ("parent-path-in-uuid", |parent| {
        let entry = entry("<![CDATA[{\"fhir\": \"/ws/fhir2/R4/Patient/..%2F..%2Fadmin\"}]]>");
        parent.append_raw_entry(patients(), &entry);
    }),
    ("parent-empty-pages", |parent| {
        (0..5200).for_each(|_| parent.append_event(patients(), Action::Updated, "good-1"));
        let emptied = |page: &str| match (page.find("<entry>"), page.rfind("</entry>")) {
            (Some(first), Some(last)) => format!("{}{}", &page[..first], &page[last + "</entry>".len()..]),
            _ => page.to_string(),
        };
        let is_later = |path: &str| path.contains("/ws/atomfeed/patient/") && !path.ends_with("/1");
        parent.fail(is_later, Fault::Edited(emptied));
    }),
    ("parent-entities", |parent| {
        parent.append_raw_entry(patients(), &entry("{\"fhir\": \"/ws/fhir2/R4/Patient/&bad;\"}"));
    }),
];

/// What becomes of the record: `KIND, parked`; and, where the feed itself is the input, of the run: `KIND, STATE`. The good
/// patients arrive in the first case, and in any case when the parent has been put right.
pub fn gets(scenario: &Scenario) -> String {
    let parent = MockParent::start();
    parent.put(patients(), patient("good-1"));
    let mut child = Child::of(&parent);
    child.pull();
    scenario(&parent);
    parent.put(patients(), patient("good-2"));
    let gets = child.pull();
    assert!(child.has("good-1"));
    assert!(child.has("good-2") || !gets.ends_with("parked"), "one bad record holds up another");
    gets
}

struct Child {
    engine: Engine,
    host: SqliteHost,
}

impl Child {
    fn of(parent: &MockParent) -> Child {
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&parent.config_document(&["patient"]).to_string(), &mut host).unwrap();
        Child { engine, host }
    }

    fn pull(&mut self) -> String {
        let run = self.engine.pull(&mut self.host).unwrap().run;
        let parked = self.engine.parked(&mut self.host, 10, 0).unwrap();
        let status = self.engine.status().unwrap().pull.unwrap().run.state;
        assert_eq!(status, run.state, "the status says how the run ended");
        match (parked.as_slice(), run.error) {
            ([bad], None) => format!("{}, parked", bad.error.kind),
            ([], None) => "–".to_string(),
            (_, Some(error)) => format!("{}, {}", error.kind, run.state.name()),
            (parked, None) => panic!("{parked:?}"),
        }
    }

    fn has(&self, uuid: &str) -> bool {
        let object = ObjectId { category: patients(), uuid: uuid.to_string() };
        matches!(self.host.look(&object).unwrap(), Stored::Present(_))
    }
}

fn patients() -> Category {
    Category::patient()
}

fn patient(uuid: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "name": [{"family": "Okello"}]})
}

/// A patient whose answers have that value, as it is written here, also where it is found with others.
fn spoil(parent: &MockParent, value: &str) {
    parent.put(patients(), patient("bad"));
    let bad = patient("bad").to_string();
    let bad = bad.replacen('{', &format!(r#"{{"extension": [{{"valueQuantity": {{"value": {value}}}}}],"#), 1);
    parent.fail(|path| path.contains("/Patient/bad"), answer(bad.clone()));
    let others = [patient("good-2").to_string(), bad].map(|resource| format!(r#"{{"resource": {resource}}}"#));
    let bundle = format!(r#"{{"resourceType": "Bundle", "entry": [{}]}}"#, others.join(","));
    parent.fail(|path| path.contains("/Patient?_id="), answer(bundle));
}

fn without_searches(parent: &MockParent) {
    parent.fail(|path| path.contains("/Patient?_id="), Fault::status(500));
}

fn answer(body: String) -> Fault {
    Fault::body("application/fhir+json", body)
}

fn entry(content: &str) -> String {
    format!(
        "<entry><title>x</title><category term=\"UPDATED\"/><category term=\"patient\"/><id>bad</id>\
         <updated>2026-11-23T00:00:09Z</updated><content type=\"application/vnd.atomfeed+xml\">{content}</content></entry>"
    )
}

/// A panic costs the record that meets it.
#[test]
fn panic_while_a_record_is_saved_parks_that_record() {
    let parent = MockParent::start();
    let mut child = Child::of(&parent);
    child.host.transform_saves(|object, document| {
        assert_ne!(object.uuid, "bad", "on purpose");
        document
    });
    ["good-1", "bad", "good-2"].iter().for_each(|uuid| parent.put(patients(), patient(uuid)));
    assert_eq!(child.pull(), "Internal, parked");
    assert!(child.has("good-1") && child.has("good-2"));
}

/// A filter of the host program that panics, once.
struct Panics(AtomicBool);

impl HostFilter for Panics {
    fn wants_event(&self, _: &ObjectId, _: &Event) -> Result<bool> {
        assert!(!self.0.swap(false, Ordering::Relaxed), "on purpose");
        Ok(true)
    }

    fn wants_document(&self, _: Representation, _: &ObjectId, _: &[u8]) -> Result<bool> {
        Ok(true)
    }
}

/// A panic that is no record's ends the run, which is told, and the next one goes on.
#[test]
fn panic_of_a_run_ends_its_record_and_its_status() {
    let parent = MockParent::start();
    let mut host = SqliteHost::in_memory().unwrap();
    let panics = Injected { host_filters: vec![Arc::new(Panics(AtomicBool::new(true)))], ..Injected::default() };
    let config = parent.config_document(&["patient"]).to_string();
    let engine = Engine::open_with(&config, panics, Environment::default(), &mut host).unwrap();
    let mut child = Child { engine, host };
    parent.put(patients(), patient("good-1"));
    assert_eq!(child.pull(), "Internal, failed");
    let runs = child.engine.runs(&mut child.host, 10, 0).unwrap();
    assert_eq!(runs[0].run.state.name(), "failed");
    assert_eq!(child.pull(), "–");
    assert!(child.has("good-1"));
}

/// An object that cannot be loaded with others costs only itself.
#[test]
fn reads_that_fail_together_are_done_one_by_one() {
    let parent = MockParent::start();
    let mut child = Child::of(&parent);
    child.host.refuse_to_load("bad");
    ["good-1", "bad", "good-2"].iter().for_each(|uuid| parent.put(patients(), patient(uuid)));
    assert_eq!(child.pull(), "–");
    assert!(child.has("good-1") && child.has("bad") && child.has("good-2"));
}

/// A call into the host that never comes back does not keep a server from stopping.
#[test]
fn host_call_that_never_returns_does_not_block_the_close() {
    let parent = MockParent::start();
    parent.put(patients(), patient("good-1"));
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Arc::new(Engine::open(&parent.config_document(&["patient"]).to_string(), &mut host).unwrap());
    let (reached, is_reached) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    host.transform_saves(move |_, document| {
        reached.send(()).unwrap();
        let _ = released.recv();
        document
    });
    let pulling = {
        let engine = engine.clone();
        std::thread::spawn(move || engine.pull(&mut host).map(|report| report.run.state))
    };
    is_reached.recv().unwrap();
    engine.close_within(std::time::Duration::from_millis(10)).unwrap();
    drop(release);
    pulling.join().unwrap().unwrap();
}

/// More documents than there is room for arrive all the same, each once: what finds no room is asked for again.
#[test]
fn documents_beyond_the_room_in_memory_all_arrive() {
    let parent = MockParent::start();
    let mut child = Child::of(&parent);
    // Small objects, which take a hundred times as much as their text.
    let large = |number: u32| {
        let small: Vec<Value> = (0..45_000).map(|_| json!({"a": 0})).collect();
        json!({"resourceType": "Patient", "id": format!("p{number}"), "name": small})
    };
    (0..8).for_each(|number| parent.put(patients(), large(number)));
    assert_eq!(child.pull(), "–");
    assert!((0..8).all(|number| child.has(&format!("p{number}"))));
    assert_eq!(child.host.counters().saves, 8);
    let asked = parent.count_requests(|path| path.contains("/Patient/"));
    assert!(asked > 8, "none was asked for again, so there was room for all of them");
}

/// A parent that sends its answer byte by byte does not hold a pull for ever: the run ends, and nothing is consumed.
#[test]
fn answer_that_comes_byte_by_byte_ends_the_run() {
    for (path, status) in [("/session", "200 OK"), ("/Patient", "200 OK"), ("/Patient", "500 Failed")] {
        let parent = MockParent::start();
        parent.put(patients(), patient("good-1"));
        let crawling = Crawling::before(&parent, path, status);
        let mut document = parent.config_document(&["patient"]);
        document["parent"]["url"] = crawling.url().into();
        document["parent"]["readTimeoutSeconds"] = 1.into();
        document["retry"]["attempts"] = 1.into();
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&document.to_string(), &mut host).unwrap();
        let run = engine.pull(&mut host).unwrap().run;
        if status == "200 OK" {
            assert_eq!(run.error.unwrap().kind.name(), "Unreachable", "{path} {status}");
        }
        assert!(engine.parked(&mut host, 10, 0).unwrap().len() < 2);
    }
}
