//! Clients and filters of the host program: asked on the thread that pulls, and what their answers and failures lead to.

use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use serde_json::Value;
use sync2::engine::Injected;
use sync2::error::{Error, ErrorKind, Result};
use sync2::event::{Category, Event, ObjectId, Representation};
use sync2::filter::HostFilter;
use sync2::resource::{Document, Fetched, HostClient, Place};
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, encounter, patient, state};

/// What a test lets a client or filter answer, and where it was asked.
struct Asked<F> {
    answer: F,
    threads: Mutex<Vec<ThreadId>>,
}

impl<F> Asked<F> {
    fn new(answer: F) -> Arc<Asked<F>> {
        Arc::new(Asked { answer, threads: Mutex::default() })
    }

    fn note(&self) {
        self.threads.lock().unwrap().push(thread::current().id());
    }

    /// It was asked, and nowhere but here.
    fn assert_asked_on_this_thread(&self) {
        let threads = self.threads.lock().unwrap();
        assert!(!threads.is_empty());
        assert!(threads.iter().all(|asked| *asked == thread::current().id()), "{threads:?}");
    }
}

/// A client that has patients.
struct Patients<F>(Arc<Asked<F>>);

impl<F: Fn(&str) -> Result<Fetched> + Send + Sync> HostClient for Patients<F> {
    fn name(&self) -> &str {
        "own"
    }

    fn serves(&self, representation: Representation, served: Category) -> bool {
        (representation, served) == (Representation::Fhir, category("patient"))
    }

    fn fetch(&self, _: Representation, _: Category, uuids: &[String]) -> Result<Vec<Fetched>> {
        self.0.note();
        uuids.iter().map(|uuid| (self.0.answer)(uuid)).collect()
    }
}

fn own(uuid: &str) -> Fetched {
    let url = format!("own://{uuid}");
    Fetched::Document(Document {
        representation: Representation::Fhir,
        client: "own".into(),
        url,
        json: patient(uuid, "Own").into(),
        place: Place::default(),
    })
}

struct Events<F>(Arc<Asked<F>>);

impl<F: Fn(&str) -> Result<bool> + Send + Sync> HostFilter for Events<F> {
    fn wants_event(&self, object: &ObjectId, _: &Event) -> Result<bool> {
        self.0.note();
        (self.0.answer)(&object.uuid)
    }

    fn wants_document(&self, _: Representation, _: &ObjectId, _: &[u8]) -> Result<bool> {
        Ok(true)
    }
}

struct Documents<F>(Arc<Asked<F>>);

impl<F: Fn(&Value) -> Result<bool> + Send + Sync> HostFilter for Documents<F> {
    fn wants_event(&self, _: &ObjectId, _: &Event) -> Result<bool> {
        Ok(true)
    }

    fn wants_document(&self, _: Representation, _: &ObjectId, document: &[u8]) -> Result<bool> {
        self.0.note();
        (self.0.answer)(&serde_json::from_slice(document).unwrap())
    }
}

fn with_client<F>(parent: &MockParent, asked: &Arc<Asked<F>>) -> Child
where
    F: Fn(&str) -> Result<Fetched> + Send + Sync + 'static,
{
    let injected = Injected { host_clients: vec![Arc::new(Patients(asked.clone()))], ..Injected::default() };
    Child::with(parent.config_document(&["patient", "encounter"]), injected)
}

fn with_filter(parent: &MockParent, filter: impl HostFilter + 'static) -> Child {
    let injected = Injected { host_filters: vec![Arc::new(filter)], ..Injected::default() };
    Child::with(parent.config_document(&["patient", "encounter"]), injected)
}

fn parent_with(patients: &[&str]) -> MockParent {
    let parent = MockParent::start();
    for uuid in patients {
        parent.put(category("patient"), patient(uuid, "Okello"));
    }
    parent
}

fn failure(kind: ErrorKind) -> Error {
    Error::new(kind, "on purpose")
}

#[test]
fn a_client_serves_its_category_on_the_thread_that_pulls() {
    let parent = parent_with(&["a", "b"]);
    let asked = Asked::new(|uuid: &str| Ok(own(uuid)));
    let mut child = with_client(&parent, &asked);
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "a"), Some(patient("a", "Own")));
    assert_eq!(child.document("patient", "b"), Some(patient("b", "Own")));
    assert_eq!(child.audit()[0].outcome.client.as_deref(), Some("own"));
    assert_eq!(parent.count_requests(|path| path.contains("/Patient")), 0);
    asked.assert_asked_on_this_thread();
}

/// While the thread that pulls waits for what an encounter refers to, it is the one that is asked for it.
#[test]
fn a_client_serves_what_others_refer_to() {
    let parent = MockParent::start();
    for number in 0..300 {
        parent.put(category("encounter"), encounter(&format!("e{number}"), &format!("p{number}")));
    }
    let asked = Asked::new(|uuid: &str| Ok(own(uuid)));
    let mut child = with_client(&parent, &asked);
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 600);
    asked.assert_asked_on_this_thread();
}

#[test]
fn object_not_found_by_a_client_is_parked_alone() {
    let parent = parent_with(&["a", "missing", "b"]);
    let asked = Asked::new(|uuid: &str| match uuid {
        "missing" => Ok(Fetched::Failed(failure(ErrorKind::NotFound))),
        _ => Ok(own(uuid)),
    });
    let mut child = with_client(&parent, &asked);
    child.pull_to_the_end();
    let parked = child.parked();
    assert_eq!((parked.len(), parked[0].error.kind), (1, ErrorKind::NotFound));
    assert_eq!(child.host.present().unwrap(), 2);
    child.assert_audited(3);
}

#[test]
fn a_client_that_fails_parks_what_it_was_asked_for() {
    let parent = parent_with(&["a"]);
    let asked = Asked::new(|_: &str| Err(failure(ErrorKind::Host)));
    let mut child = with_client(&parent, &asked);
    child.pull_to_the_end();
    assert_eq!(child.parked()[0].error.kind, ErrorKind::Host);
    child.assert_audited(1);
}

#[test]
fn client_of_an_absent_server_stops_the_run_that_consumes_none() {
    for kind in [ErrorKind::Unreachable, ErrorKind::Busy, ErrorKind::Unauthorized] {
        let parent = parent_with(&["a"]);
        let asked = Asked::new(move |_: &str| Err(failure(kind)));
        let mut child = with_client(&parent, &asked);
        let report = child.pull();
        assert_eq!(state(&report), "interrupted");
        assert_eq!(report.run.error.unwrap().kind, kind);
        assert!(child.parked().is_empty());
        child.assert_audited(0);
    }
}

#[test]
fn an_event_that_a_filter_leaves_out_is_passed_without_a_fetch() {
    let parent = parent_with(&["a", "unwanted", "b"]);
    let asked = Asked::new(|uuid: &str| Ok(uuid != "unwanted"));
    let mut child = with_filter(&parent, Events(asked.clone()));
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 3);
    assert_eq!(child.host.present().unwrap(), 2);
    assert_eq!(parent.count_requests(|path| path.contains("unwanted")), 0);
    asked.assert_asked_on_this_thread();
}

#[test]
fn nothing_passes_a_filter_that_cannot_decide_on_an_event() {
    let parent = parent_with(&["a", "unclear", "b"]);
    let asked = Asked::new(|uuid: &str| if uuid == "unclear" { Err(failure(ErrorKind::Host)) } else { Ok(true) });
    let mut child = with_filter(&parent, Events(asked));
    for _ in 0..2 {
        let report = child.pull();
        assert_eq!(state(&report), "interrupted");
        assert_eq!(report.run.error.unwrap().kind, ErrorKind::Host);
        assert_eq!(child.host.present().unwrap(), 1);
        child.assert_audited(1);
    }
}

#[test]
fn a_document_that_a_filter_leaves_out_is_not_saved() {
    let parent = parent_with(&["a"]);
    parent.put(category("patient"), patient("unwanted", "Nakato"));
    parent.put(category("encounter"), encounter("e", "unwanted"));
    let asked = Asked::new(|document: &Value| Ok(document["name"][0]["family"] != "Nakato"));
    let mut child = with_filter(&parent, Documents(asked.clone()));
    child.pull_to_the_end();
    assert_eq!(child.document("patient", "unwanted"), None);
    assert_eq!(child.parked()[0].error.kind, ErrorKind::MissingReference);
    assert_eq!(child.host.present().unwrap(), 1);
    asked.assert_asked_on_this_thread();
}

#[test]
fn document_undecided_by_a_filter_is_parked_and_tried_again() {
    let parent = parent_with(&["a", "unclear"]);
    let clear = Arc::new(Mutex::new(false));
    let seen = clear.clone();
    let asked = Asked::new(move |document: &Value| match document["id"] == "unclear" && !*seen.lock().unwrap() {
        true => Err(failure(ErrorKind::Host)),
        false => Ok(document["id"] != "unclear"),
    });
    let mut child = with_filter(&parent, Documents(asked));
    child.pull_to_the_end();
    let parked = child.parked();
    assert_eq!((parked.len(), parked[0].error.kind), (1, ErrorKind::Host));
    assert_eq!(child.host.present().unwrap(), 1);

    *clear.lock().unwrap() = true;
    child.engine.retry(&mut child.host, &[parked[0].audit_uuid.clone()]).unwrap();
    child.pull_to_the_end();
    assert!(child.parked().is_empty());
    assert_eq!(child.statuses_of("unclear"), [AuditStatus::Filtered]);
    assert_eq!(child.host.present().unwrap(), 1);
}

#[test]
fn a_filter_that_cannot_reach_what_it_needs_stops_the_run() {
    let parent = parent_with(&["a"]);
    let asked = Asked::new(|_: &Value| Err(failure(ErrorKind::Unreachable)));
    let mut child = with_filter(&parent, Documents(asked));
    assert_eq!(child.pull().run.error.unwrap().kind, ErrorKind::Unreachable);
    child.assert_audited(0);
}
