//! A node as the parent, its own engine deciding at the other end, behind a line that breaks when it has committed and
//! begins to answer.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::error::{Error, ErrorKind, Namesake};
use sync2::event::{Action, Representation};
use sync2::host::Stored;
use sync2::namesakes::Pair;
use sync2::store::audit::AuditStatus::{self, Applied, Coalesced, Conflict, Partial, Unchanged};
use sync2::store::{Sql, Transaction, outbox};
use sync2::testing::sqlite_host::SqliteHost;
use sync2::wire::{MEDIA_TYPE, NODE_HEADER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::node::{Child, encounter, object, patient, state};

/// What every line begins with, and every line of an answer.
const ANSWER_LINE: &[u8] = b"{\"category\"";

/// A root over SQLite, and the server of its exchange. Its engine works on tokio's blocking threads.
pub struct Parent {
    pub node: Arc<Mutex<Node>>,
    line: BreakingLine,
    /// Serves until it is dropped.
    _runtime: Runtime,
}

pub struct Node {
    pub engine: Engine,
    pub host: SqliteHost,
    /// True while what children bring is held back on its way.
    holds: bool,
    /// The child and the lines of each request that was.
    held: Vec<(String, Vec<u8>)>,
}

impl Node {
    fn new(engine: Engine, host: SqliteHost) -> Node {
        Node { engine, host, holds: false, held: Vec::new() }
    }
}

impl Parent {
    pub fn start() -> Parent {
        Parent::configured(json!({}))
    }

    fn configured(may: Value) -> Parent {
        let mut host = SqliteHost::in_memory().unwrap();
        let engine = Engine::open(&root(may).to_string(), &mut host).unwrap();
        let node = Arc::new(Mutex::new(Node::new(engine, host)));
        let runtime = Runtime::new().unwrap();
        let router = Router::new()
            .route("/openmrs/ws/rest/v1/session", get(async || r#"{"authenticated": true}"#))
            .route("/openmrs/ws/rest/v1/sync2/objects/apply", post(apply))
            .with_state(node.clone());
        let line = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move { axum::serve(listener, router).await });
            BreakingLine::open(address).await
        });
        Parent { node, line, _runtime: runtime }
    }

    /// A child whose requests are tried once in a run.
    pub fn child(&self) -> Child {
        Child::configured(json!({
            "parent": {"url": format!("http://{}/openmrs", self.line.address), "username": "sync", "password": "sync-test"},
            "pull": {"enabled": false},
            "push": {"enabled": true},
            "retry": {"attempts": 1, "firstDelaySeconds": 0, "maxDelaySeconds": 0},
            "categories": {"patient": {}},
        }))
    }

    /// Lets this server drop the birth date of every patient that it saves.
    fn lose_birth_dates(&self) {
        self.node.lock().unwrap().host.transform_saves(|_, document| {
            let mut document: Value = serde_json::from_slice(&document).unwrap();
            document.as_object_mut().unwrap().remove("birthDate");
            document.to_string().into_bytes()
        });
    }

    /// A child of this parent that also has encounters, and sends them one by one as long as requests are short.
    pub fn child_with_encounters(&self) -> Child {
        let mut child = self.child();
        child.restart_with(|document| {
            document["categories"]["encounter"] = json!({});
            document["transfer"] = json!({"batchSize": 1});
        });
        child
    }

    pub fn document(&self, category: &str, uuid: &str) -> Option<Value> {
        match self.node.lock().unwrap().host.look(&object(category, uuid)).unwrap() {
            Stored::Present(bytes) => serde_json::from_slice(&bytes).unwrap(),
            Stored::Absent | Stored::Removed => None,
        }
    }

    /// What somebody does here.
    pub fn edit(&self, document: &Value) {
        let object = object("patient", document["id"].as_str().unwrap());
        let bytes = document.to_string().into_bytes();
        self.node.lock().unwrap().host.edit(Representation::Fhir, &object, &bytes).unwrap();
    }

    pub fn void(&self, uuid: &str) {
        self.node.lock().unwrap().host.void(&object("patient", uuid)).unwrap();
    }

    pub fn family(&self, uuid: &str) -> Option<String> {
        match self.node.lock().unwrap().host.look(&object("patient", uuid)).unwrap() {
            Stored::Present(bytes) => {
                let document: Value = serde_json::from_slice(&bytes).unwrap();
                Some(document["name"][0]["family"].as_str().unwrap().to_string())
            }
            Stored::Absent | Stored::Removed => None,
        }
    }

    /// A copy of its database as it is now.
    pub fn back_up(&self) -> SqliteHost {
        let file = std::env::temp_dir().join(format!("sync2-backup-{}.db", Uuid::new_v4()));
        self.node.lock().unwrap().host.copy(&file).unwrap()
    }

    /// Goes on with the database of another time.
    pub fn restore(&self, mut host: SqliteHost) {
        host.capture_changes();
        let engine = Engine::open(&root(json!({})).to_string(), &mut host).unwrap();
        *self.node.lock().unwrap() = Node::new(engine, host);
    }

    /// What somebody does to its database by hand.
    pub fn change(&self, statement: &str) {
        let host = &mut self.node.lock().unwrap().host;
        host.begin().unwrap();
        host.update(statement, &[]).unwrap();
        host.commit().unwrap();
    }

    /// Tells of a patient whom nobody has changed, as a search of what may have been missed does.
    pub fn tell_anew(&self, uuid: &str) {
        let host = &mut self.node.lock().unwrap().host;
        host.begin().unwrap();
        outbox::add(host, &object("patient", uuid), Action::Updated).unwrap();
        host.commit().unwrap();
    }

    /// Tells of what is changed here from now on.
    pub fn capture_changes(&self) {
        self.node.lock().unwrap().host.capture_changes();
    }

    /// What was held back arrives, and nobody hears the answers.
    fn let_arrive(&self) {
        let node = &mut *self.node.lock().unwrap();
        for (child, lines) in std::mem::take(&mut node.held) {
            node.engine.apply_objects(&mut node.host, "sync", &child, &lines).unwrap();
        }
    }

    /// How often it has saved and removed.
    pub fn effects(&self) -> u64 {
        let counters = self.node.lock().unwrap().host.counters();
        counters.saves + counters.removes
    }
}

/// The configuration of a node that has one child.
/// The child may do there what `may` says.
fn root(may: Value) -> Value {
    json!({"pull": {"enabled": false}, "exchange": {"children": {"sync": may}}})
}

async fn apply(Extract(node): Extract<Arc<Mutex<Node>>>, headers: HeaderMap, body: Bytes) -> Response {
    let child = headers[NODE_HEADER].to_str().unwrap().to_string();
    let answers = tokio::task::spawn_blocking(move || {
        let mut lines = Vec::new();
        GzDecoder::new(&body[..]).read_to_end(&mut lines).unwrap();
        let node = &mut *node.lock().unwrap();
        // Not the greeting.
        if node.holds && lines.starts_with(ANSWER_LINE) {
            node.held.push((child, lines));
            return None;
        }
        Some(node.engine.apply_objects(&mut node.host, "sync", &child, &lines).unwrap())
    });
    match answers.await.unwrap() {
        Some(answers) => ([(CONTENT_TYPE, MEDIA_TYPE)], answers).into_response(),
        None => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// Carries connections to a server, and breaks them on demand. It serves on the runtime that it was opened on.
struct BreakingLine {
    address: SocketAddr,
    breaks: Arc<AtomicBool>,
}

impl BreakingLine {
    async fn open(server: SocketAddr) -> BreakingLine {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let breaks = Arc::new(AtomicBool::new(false));
        let shared = breaks.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, shared.clone()));
            }
        });
        BreakingLine { address, breaks }
    }

    /// Breaks the connection on which the next line of an answer comes, before it has passed.
    fn break_at_the_next_answer(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }

    /// Returns true if that has happened.
    fn has_broken(&self) -> bool {
        !self.breaks.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: SocketAddr, breaks: Arc<AtomicBool>) {
    let server = TcpStream::connect(server).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut heard = Vec::new();
    while from_server.read_buf(&mut heard).await.is_ok_and(|read| read > 0) {
        let answers = heard.windows(ANSWER_LINE.len()).any(|bytes| bytes == ANSWER_LINE);
        if answers && breaks.swap(false, Ordering::SeqCst) {
            break;
        }
        if to_client.write_all(&heard).await.is_err() {
            break;
        }
        heard.clear();
    }
    asking.abort();
}

/// The push of which the parent does everything, and the child hears nothing.
fn push_unheard(child: &mut Child, parent: &Parent) {
    let effects = parent.effects();
    parent.line.break_at_the_next_answer();
    let report = child.push();
    assert_eq!(state(&report), "interrupted", "{:?}", report.run.error);
    assert!(parent.line.has_broken());
    assert_eq!(parent.effects(), effects + 1);
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    assert_eq!(child.count("sync2_pending"), 1);
    child.restart();
}

/// Everything is settled, and each event is in the audit once.
fn assert_settled(child: &mut Child, expected: &[AuditStatus]) {
    assert_eq!(child.statuses_of("p"), expected);
    assert_eq!(child.audit().len() as i64, child.count("sync2_event"));
    assert_eq!(child.count("sync2_pending"), 0);
    assert!(child.parked().is_empty(), "{:?}", child.parked());
}

#[test]
fn send_with_a_lost_answer_is_applied_once_and_not_lost() {
    for (lossy, settled) in [(false, Unchanged), (true, Partial)] {
        let parent = Parent::start();
        if lossy {
            parent.lose_birth_dates();
        }
        let mut child = parent.child();
        child.edit("patient", patient("p", "Okello"));
        push_unheard(&mut child, &parent);
        child.push_to_the_end();
        assert_eq!(parent.effects(), 1);
        assert_settled(&mut child, &[settled]);
        assert!(child.conflicts().is_empty());
        assert_eq!(parent.family("p").as_deref(), Some("Okello"));
    }
}

#[test]
fn object_edited_before_the_retry_arrives_as_it_is_now() {
    for (lossy, settled) in [(false, Applied), (true, Partial)] {
        let parent = Parent::start();
        if lossy {
            parent.lose_birth_dates();
        }
        let mut child = parent.child();
        child.edit("patient", patient("p", "Okello"));
        push_unheard(&mut child, &parent);
        child.edit("patient", patient("p", "Auma"));
        child.push_to_the_end();
        assert_eq!(parent.effects(), 2);
        assert_settled(&mut child, &[settled, Coalesced]);
        assert!(child.conflicts().is_empty());
        assert_eq!(parent.family("p").as_deref(), Some("Auma"));
    }
}

#[test]
fn object_removed_before_the_retry_is_removed_there() {
    let parent = Parent::start();
    let mut child = parent.child();
    child.edit("patient", patient("p", "Okello"));
    push_unheard(&mut child, &parent);
    child.void("patient", "p");
    child.push_to_the_end();
    assert_eq!(parent.effects(), 2);
    assert_eq!(parent.family("p"), None);
    assert!(child.conflicts().is_empty() && child.parked().is_empty());
    assert_eq!(child.count("sync2_pending"), 0);
}

/// The push of which nothing arrives before the child gives up.
fn push_held_back(child: &mut Child, parent: &Parent) {
    parent.node.lock().unwrap().holds = true;
    let report = child.push();
    assert_eq!(state(&report), "interrupted", "{:?}", report.run.error);
    let node = &mut *parent.node.lock().unwrap();
    assert_eq!(node.held.len(), 1);
    node.holds = false;
}

#[test]
fn what_arrives_after_the_child_went_on_does_not_win() {
    type Deed = fn(&mut Child);
    let edits: Deed = |child| child.edit("patient", patient("p", "Okello"));
    let takes_back: Deed = |child| child.edit("patient", patient("p", "Nakato"));
    let removes: Deed = |child| child.void("patient", "p");
    let nothing: Deed = |_| {};
    for (before, first, second, expected) in [
        (nothing, edits, removes, None),
        (takes_back, edits, takes_back, Some("Nakato")),
        (takes_back, removes, takes_back, Some("Nakato")),
        (takes_back, edits, removes, None),
    ] {
        let parent = Parent::start();
        let mut child = parent.child();
        before(&mut child);
        child.push_to_the_end();
        first(&mut child);
        push_held_back(&mut child, &parent);
        second(&mut child);
        child.push_to_the_end();
        assert_eq!(parent.family("p").as_deref(), expected);
        let effects = parent.effects();

        parent.let_arrive();
        assert_eq!((parent.family("p").as_deref(), parent.effects()), (expected, effects));
        child.push_to_the_end();
        assert!(child.conflicts().is_empty() && child.parked().is_empty());
    }
}

/// The parent's edit is of the child's version, but not the child's: it stands.
#[test]
fn object_edited_there_before_the_retry_is_a_conflict() {
    for family in ["Okello", "Auma"] {
        let parent = Parent::start();
        let mut child = parent.child();
        child.edit("patient", patient("p", "Okello"));
        push_unheard(&mut child, &parent);
        parent.edit(&patient("p", "Nakato"));
        child.edit("patient", patient("p", family));
        child.push_to_the_end();
        assert_eq!(parent.effects(), 1);
        assert_eq!(parent.family("p").as_deref(), Some("Nakato"));
        assert_eq!(child.conflicts().len(), 1);
        assert!(child.statuses_of("p").contains(&Conflict));
    }
}

/// The conflict is the last that the parent said of it: that the child once brought it is forgotten there by then.
#[test]
fn object_removed_there_before_the_retry_stays_in_dispute() {
    let parent = Parent::start();
    let mut child = parent.child();
    child.edit("patient", patient("p", "Okello"));
    push_unheard(&mut child, &parent);
    parent.void("p");
    for family in ["Opio", "Okot"] {
        child.push_to_the_end();
        assert_eq!(child.conflicts().len(), 1);
        child.edit("patient", patient("p", family));
    }
    child.push_to_the_end();
    assert_eq!((child.conflicts().len(), parent.effects()), (1, 1));
    assert_eq!(parent.family("p"), None);
}

fn numbered(uuid: &str, number: &str) -> Value {
    let mut patient = patient(uuid, "Okello");
    patient["identifier"] = json!([{"type": {"text": "Card"}, "value": number}]);
    patient
}

/// Each was sent, and refused, alone.
#[test]
fn numbers_that_were_swapped_here_are_swapped_there() {
    let parent = Parent::start();
    let mut child = parent.child_with_encounters();
    child.edit("patient", numbered("p", "1"));
    child.edit("patient", numbered("q", "2"));
    child.push_to_the_end();
    parent.node.lock().unwrap().host.refuse_like_openmrs();
    child.edit("patient", numbered("p", "2"));
    child.edit("patient", numbered("q", "1"));
    child.push_to_the_end();
    assert_eq!(parent.document("patient", "p"), Some(numbered("p", "2")));
    assert_eq!(parent.document("patient", "q"), Some(numbered("q", "1")));
    assert!(child.parked().is_empty() && child.conflicts().is_empty(), "{:?}", child.parked());
    // The first one was kept without its number until the second one gave it up: that is nobody's edit.
    assert_eq!(child.statuses_of("p"), [Applied, Partial]);
    child.edit("patient", numbered("p", "3"));
    child.push_to_the_end();
    assert_eq!(parent.document("patient", "p"), Some(numbered("p", "3")));
    assert!(child.conflicts().is_empty());
}

/// The patient was registered before anybody listened.
#[test]
fn object_that_the_parent_misses_for_others_goes_first() {
    let parent = Parent::start();
    let mut child = parent.child_with_encounters();
    child.edit("patient", patient("p", "Okello"));
    let mut first = encounter("first", "p");
    first["partOf"] = json!({"reference": "Encounter/whole"});
    child.edit("encounter", encounter("whole", "p"));
    child.change("DELETE FROM sync2_outbox");
    child.edit("encounter", first.clone());
    child.push_to_the_end();
    assert_eq!(parent.document("patient", "p"), Some(patient("p", "Okello")));
    assert_eq!(parent.document("encounter", "whole"), Some(encounter("whole", "p")));
    assert_eq!(parent.document("encounter", "first"), Some(first));
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    // Nothing of it is news any more.
    let effects = parent.effects();
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    assert_eq!(parent.effects(), effects);
}

/// The number that another patient has there is not taken off here, nor sent away there later.
#[test]
fn namesake_refused_by_the_parent_is_listed_as_a_pair() {
    let parent = Parent::configured(json!({"write": ["*"]}));
    let refusal = Error::new(ErrorKind::Duplicate, "the location 'Ward 1' is there already");
    let ward = Namesake { name: "Ward 1".into(), uuid: "theirs".into() };
    parent.node.lock().unwrap().host.fail_save("ours", refusal.beside(ward));
    let mut child = parent.child();
    child.restart_with(|document| document["categories"] = json!({"location": {}}));
    child.edit("location", json!({"resourceType": "Location", "id": "ours", "name": "Ward 1"}));
    child.push_to_the_end();
    let pair = Pair { category: "location", name: "Ward 1".into(), parent: "theirs".into(), here: "ours".into() };
    assert_eq!(child.engine.namesakes(&mut child.host).unwrap(), [pair]);
}

#[test]
fn patient_sent_without_a_taken_number_gets_it_when_it_is_free() {
    let parent = Parent::start();
    let mut child = parent.child_with_encounters();
    parent.edit(&numbered("other", "1"));
    parent.node.lock().unwrap().host.refuse_like_openmrs();
    child.edit("patient", numbered("p", "1"));
    child.edit("encounter", encounter("e", "p"));
    child.push_to_the_end();
    let mut without = numbered("p", "1");
    without["identifier"] = json!([]);
    assert_eq!(parent.document("patient", "p"), Some(without));
    assert_eq!(parent.document("encounter", "e"), Some(encounter("e", "p")));
    assert_eq!(child.statuses_of("p"), [Partial]);
    assert!(child.parked().is_empty() && child.conflicts().is_empty(), "{:?}", child.parked());
    parent.node.lock().unwrap().host.void(&object("patient", "other")).unwrap();
    child.edit("encounter", encounter("f", "p"));
    child.push_to_the_end();
    assert_eq!(parent.document("patient", "p"), Some(numbered("p", "1")));
}

/// The agreements of an update are those of the release before.
#[test]
fn edit_after_an_update_goes_up_without_a_conflict() {
    let parent = Parent::start();
    let mut child = parent.child();
    child.restart_with(|document| {
        document["categories"]["observation"] = json!({"representation": "rest"});
    });
    let dated = |text: &str| {
        json!({"uuid": "o", "comment": text, "valueDatetime": "2026-03-02T00:00:00.000+0300",
               "concept": {"datatype": {"uuid": "8d4a505e-c2cc-11de-8d13-0010c6dffd0f"}, "uuid": "c"}})
    };
    let edit = |child: &mut Child, text: &str| {
        let bytes = dated(text).to_string().into_bytes();
        child.host.edit(Representation::Rest, &object("observation", "o"), &bytes).unwrap();
        child.push_to_the_end();
    };
    let concept = (object("concept", "c"), b"{\"uuid\": \"c\"}");
    parent.node.lock().unwrap().host.edit(Representation::Rest, &concept.0, concept.1).unwrap();
    edit(&mut child, "one");
    let before = sync2::decide::canonical::hash_at(3, Representation::Rest, &dated("one"));
    child.change(&format!(
        "UPDATE sync2_object_state SET canonical_version = 3, local_hash = '{before}', remote_hash = '{before}'"
    ));
    for text in ["two", "three"] {
        edit(&mut child, text);
        assert_eq!(parent.document("observation", "o"), Some(dated(text)));
    }
    let effects = parent.effects();
    edit(&mut child, "three");
    assert_eq!(parent.effects(), effects);
    assert!(child.conflicts().is_empty() && child.parked().is_empty(), "{:?}", child.parked());
}
