//! A parent and a child over SQLite, each with an engine of its own. The parent serves its feed and its exchange.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Extract};
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sync2::decide::verification::Depth;
use sync2::engine::Engine;
use sync2::error::{ErrorKind, Result};
use sync2::event::{Action, Category, ObjectId, Representation};
use sync2::feed::own::FeedRequest;
use sync2::host::{Host, Stored};
use sync2::status::RunReport;
use sync2::store::conflicts::Conflict;
use sync2::store::parked::Parked;
use sync2::store::verifications::ToRepair;
use sync2::store::{Failure, Sql, SqlValue, Transaction, now, outbox};
pub use sync2::testing::objects::{encounter, object};
use sync2::testing::sqlite_host::SqliteHost;
use sync2::wire::{MEDIA_TYPE, NODE_HEADER};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const CATEGORIES: [&str; 4] = ["patient", "visit", "encounter", "observation"];

/// One server.
pub struct Node {
    pub engine: Engine,
    pub host: SqliteHost,
    /// What it was asked for, and answered, since it was started.
    pub served: Served,
    config: String,
}

/// The requests that a server has answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    pub requests: usize,
    /// Of requests as they came, and of answers before they are packed.
    pub bytes: usize,
    /// Parts of lists that were asked for.
    pub lists: usize,
    /// True if it knows no question for digests, as one of a release before.
    pub knows_no_digests: bool,
}

impl Served {
    fn count(&mut self, bytes: usize) {
        self.requests += 1;
        self.bytes += bytes;
    }
}

impl Node {
    pub fn of(document: &Value) -> Node {
        Node::over(SqliteHost::in_memory().unwrap(), document.to_string())
    }

    /// A server on a database that is there.
    pub fn over(mut host: SqliteHost, config: String) -> Node {
        let engine = Engine::open(&config, &mut host).unwrap();
        host.capture_changes();
        host.cascade_removals();
        Node { engine, host, config, served: Served::default() }
    }

    /// A copy of its database as it is now.
    pub fn back_up(&self) -> SqliteHost {
        self.host.backup().unwrap()
    }

    /// Another server with a copy of its database, configured alike.
    pub fn cloned(&self) -> Node {
        Node::over(self.back_up(), self.config.clone())
    }

    /// Goes on with the database of another time.
    pub fn restore(&mut self, backup: SqliteHost) {
        *self = Node::over(backup, self.config.clone());
    }

    /// Goes on without anything that this module has kept, as where somebody dropped its tables.
    pub fn lose_the_modules_tables(&mut self) {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sync2\\_%' ESCAPE '\\'";
        for table in self.host.query(tables, &[]).unwrap() {
            let [SqlValue::Text(table)] = &table[..] else { panic!("{table:?}") };
            self.change(&format!("DROP TABLE {table}"));
        }
        self.restore(self.back_up());
    }

    /// Goes on in another process, configured otherwise.
    pub fn restart_with(&mut self, change: impl FnOnce(&mut Value)) {
        let mut config: Value = serde_json::from_str(&self.config).unwrap();
        change(&mut config);
        *self = Node::over(self.back_up(), config.to_string());
    }

    /// Is asked for a backfill, loses its database after so many calls, and goes on in another process.
    pub fn die_in_backfill_after(&mut self, calls: u32) {
        self.die_after(calls, Engine::backfill);
    }

    /// As `die_in_backfill_after`, in a pull.
    pub fn die_in_pull_after(&mut self, calls: u32) {
        self.die_after(calls, Engine::pull);
    }

    /// As `die_in_backfill_after`, in a comparison of both sides.
    pub fn die_in_verify_after(&mut self, calls: u32, depth: Depth) {
        self.die_after(calls, |engine, host| engine.verify(host, depth));
    }

    /// As `die_in_backfill_after`, in a repair of everything.
    pub fn die_in_repair_after(&mut self, calls: u32) {
        self.die_after(calls, |engine, host| engine.repair(host, ToRepair::All));
    }

    fn die_after(&mut self, calls: u32, run: impl FnOnce(&Engine, &mut dyn Host) -> Result<RunReport>) {
        self.host.lose_database_after(calls);
        let _ = run(&self.engine, &mut self.host);
        self.host.find_database();
        self.restore(self.back_up());
        self.change("UPDATE sync2_lease SET expires_at = 0");
    }

    /// What somebody asks for where a pull ends with `NeedsBackfill`.
    pub fn backfill(&mut self) -> RunReport {
        completed(self.engine.backfill(&mut self.host).unwrap())
    }

    /// How a pull ends that something stops.
    pub fn pull_stopped(&mut self) -> Failure {
        self.engine.pull(&mut self.host).unwrap().run.error.unwrap()
    }

    /// What somebody does here, later than all before by the database's clock: that is the order of the feed.
    pub fn edit(&mut self, document: &Value) {
        self.edit_together(std::slice::from_ref(document), &[]);
    }

    /// Voided in the database: no event tells of it, and nothing goes along.
    pub fn void_by_sql(&mut self, uuid: &str) {
        self.host.begin().unwrap();
        self.host.update("UPDATE test_object SET removed = 1 WHERE uuid = ?", &[uuid.into()]).unwrap();
        self.host.commit().unwrap();
    }

    /// Tells of an object that nobody has changed, as a search of what may have been missed does.
    pub fn tell_anew(&mut self, object: &ObjectId) {
        self.host.begin().unwrap();
        outbox::add(&mut self.host, object, Action::Updated).unwrap();
        self.host.commit().unwrap();
    }

    pub fn void(&mut self, category: &str, uuid: &str) {
        self.edit_together(&[], &[object(category, uuid)]);
    }

    pub fn edit_together(&mut self, saved: &[Value], voided: &[ObjectId]) {
        let before = now(&mut self.host).unwrap();
        while now(&mut self.host).unwrap() == before {}
        let saved: Vec<_> =
            saved.iter().map(|document| (object_of(document), document.to_string().into_bytes())).collect();
        self.host.edit_together(&saved, voided).unwrap();
    }

    pub fn change(&mut self, statement: &str) {
        self.host.begin().unwrap();
        self.host.update(statement, &[]).unwrap();
        self.host.commit().unwrap();
    }

    pub fn count(&mut self, statement: &str) -> i64 {
        match self.host.query(statement, &[]).unwrap()[0][..] {
            [SqlValue::Int(count)] => count,
            ref other => panic!("{other:?}"),
        }
    }

    /// The document, while the object is live.
    pub fn live(&self, category: &str, uuid: &str) -> Option<Value> {
        match self.host.look(&object(category, uuid)).unwrap() {
            Stored::Present(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
            Stored::Absent | Stored::Removed => None,
        }
    }

    pub fn is_live(&self, category: &str, uuid: &str) -> bool {
        self.live(category, uuid).is_some()
    }

    pub fn conflicts(&mut self) -> Vec<Conflict> {
        self.engine.conflicts(&mut self.host, 1000, 0).unwrap()
    }

    /// The objects of the open conflicts, and for each what it names.
    pub fn disputes(&mut self) -> Vec<(String, Vec<String>)> {
        let disputes = self.conflicts().into_iter().map(|conflict| (conflict.object.to_string(), named(&conflict)));
        let mut disputes: Vec<_> = disputes.collect();
        disputes.sort();
        disputes
    }

    pub fn parked(&mut self) -> Vec<Parked> {
        self.engine.parked(&mut self.host, 1000, 0).unwrap()
    }

    pub fn push(&mut self) -> RunReport {
        completed(self.engine.push(&mut self.host).unwrap())
    }

    pub fn pull(&mut self) -> RunReport {
        completed(self.engine.pull(&mut self.host).unwrap())
    }
}

fn completed(report: RunReport) -> RunReport {
    assert_eq!(report.run.state.name(), "completed", "{:?}", report.run.error);
    report
}

/// What a conflict says would go along.
pub fn named(conflict: &Conflict) -> Vec<String> {
    let detail = conflict.detail.clone().unwrap_or_default();
    let named = detail["takesAlong"].as_array().cloned().unwrap_or_default();
    named.iter().map(|one| format!("{}/{}", one["category"].as_str().unwrap(), one["uuid"].as_str().unwrap())).collect()
}

/// Both servers.
pub struct Pair {
    parent: Arc<Mutex<Node>>,
    pub child: Node,
    /// Serves until it is dropped.
    _runtime: Runtime,
}

impl Pair {
    pub fn start() -> Pair {
        Pair::configured(json!({"children": {"sync": {}}}))
    }

    /// With a configuration of the parent's exchange.
    pub fn configured(exchange: Value) -> Pair {
        Pair::with(exchange, Representation::Fhir)
    }

    /// Where patients, encounters and observations travel in that representation. Both have the type `card` of identifiers.
    pub fn travelling_in(representation: Representation) -> Pair {
        let mut pair = Pair::with(json!({"children": {"sync": {}}}), representation);
        let (kind, document) = (object("patient_identifier_type", "card"), br#"{"uuid": "card", "name": "Card"}"#);
        pair.parent().host.edit(Representation::Rest, &kind, document).unwrap();
        pair.child.host.edit(Representation::Rest, &kind, document).unwrap();
        pair
    }

    fn with(exchange: Value, representation: Representation) -> Pair {
        let parent = Node::of(&json!({"pull": {"enabled": false}, "exchange": exchange}));
        let parent = Arc::new(Mutex::new(parent));
        let runtime = Runtime::new().unwrap();
        let address = serve(&runtime, parent.clone());
        let child = Node::of(&child_of(address, representation));
        Pair { parent, child, _runtime: runtime }
    }

    pub fn parent(&self) -> MutexGuard<'_, Node> {
        self.parent.lock().unwrap()
    }

    /// For who edits at the parent while the child is at work.
    pub fn parent_itself(&self) -> Arc<Mutex<Node>> {
        self.parent.clone()
    }

    /// The parent has removed the first so many events of its feed for their age.
    pub fn forget_events(&self, first: i64) {
        self.parent().change(&format!("DELETE FROM sync2_event WHERE event_no <= {first}"));
    }

    /// Pull, push, pull.
    pub fn sync(&mut self) {
        self.child.pull();
        self.child.push();
        self.child.pull();
    }
}

/// Serves the feed and the exchange of a node, on that runtime.
pub fn serve(runtime: &Runtime, node: Arc<Mutex<Node>>) -> SocketAddr {
    listen(runtime, feed_and_exchange(node))
}

/// The feed and the exchange of a node.
pub fn feed_and_exchange(node: Arc<Mutex<Node>>) -> Router {
    let feed = Router::new().route("/openmrs/ws/rest/v1/sync2/feed/{page}", get(feed)).with_state(node.clone());
    feed.merge(exchange(node))
}

/// The exchange of a node.
pub fn exchange(node: Arc<Mutex<Node>>) -> Router {
    Router::new()
        .route("/openmrs/ws/rest/v1/session", get(async || r#"{"authenticated": true}"#))
        .route("/openmrs/ws/rest/v1/sync2/objects/read", post(read))
        .route("/openmrs/ws/rest/v1/sync2/objects/apply", post(apply))
        .with_state(node)
}

pub fn listen(runtime: &Runtime, router: Router) -> SocketAddr {
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    })
}

/// The configuration of a child of the node that is served there.
pub fn child_of(parent: SocketAddr, representation: Representation) -> Value {
    let categories: serde_json::Map<String, Value> =
        CATEGORIES.iter().map(|name| (name.to_string(), settings(name, representation))).collect();
    json!({
        "parent": {"url": format!("http://{parent}/openmrs"), "username": "sync", "password": "sync-test", "feed": "sync2"},
        "push": {"enabled": true},
        "retry": {"attempts": 1, "firstDelaySeconds": 0, "maxDelaySeconds": 0},
        "categories": categories,
    })
}

/// A visit is no resource of FHIR.
fn settings(category: &str, representation: Representation) -> Value {
    if category == "visit" { json!({}) } else { json!({"representation": representation.name()}) }
}

async fn feed(
    Extract(node): Extract<Arc<Mutex<Node>>>,
    Path(page): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let tag = headers.get("if-none-match").map(|tag| tag.to_str().unwrap().to_string());
    let server = headers["host"].to_str().unwrap().to_string();
    let page = tokio::task::spawn_blocking(move || {
        let node = &mut *node.lock().unwrap();
        let url = format!("http://{server}/openmrs/ws/rest/v1/sync2/feed/{page}?{}", query.unwrap_or_default());
        let page = node.engine.feed_page(&mut node.host, &FeedRequest::of(&url, tag.as_deref()).unwrap());
        let bytes = page.as_ref().ok().and_then(|page| page.document.as_ref()).map_or(0, String::len);
        node.served.count(bytes);
        page
    });
    match page.await.unwrap() {
        Err(error) if error.kind == ErrorKind::Gone => StatusCode::GONE.into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
        Ok(page) => match page.document {
            None => StatusCode::NOT_MODIFIED.into_response(),
            Some(document) => {
                ([(ETAG, page.etag), (CONTENT_TYPE, "application/atom+xml".into())], document).into_response()
            }
        },
    }
}

async fn read(Extract(node): Extract<Arc<Mutex<Node>>>, body: Bytes) -> impl IntoResponse {
    answered(move || {
        let node = &mut *node.lock().unwrap();
        let lines = unzipped(&body);
        let lines = if node.served.knows_no_digests { without_digests(&lines) } else { lines };
        let answer = node.engine.read_objects(&mut node.host, "sync", &lines).unwrap();
        node.served.count(body.len() + answer.len());
        node.served.lists += String::from_utf8_lossy(&lines).matches("\"listing\":").count();
        answer
    })
    .await
}

async fn apply(Extract(node): Extract<Arc<Mutex<Node>>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let child = headers[NODE_HEADER].to_str().unwrap().to_string();
    answered(move || {
        let node = &mut *node.lock().unwrap();
        node.engine.apply_objects(&mut node.host, "sync", &child, &unzipped(&body)).unwrap()
    })
    .await
}

async fn answered(work: impl FnOnce() -> Vec<u8> + Send + 'static) -> impl IntoResponse {
    ([(CONTENT_TYPE, MEDIA_TYPE)], tokio::task::spawn_blocking(work).await.unwrap())
}

fn unzipped(body: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    GzDecoder::new(body).read_to_end(&mut lines).unwrap();
    lines
}

/// Lines without what a parent of a release before passes over.
fn without_digests(lines: &[u8]) -> Vec<u8> {
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let known = lines.map(|line| {
        let mut line: Value = serde_json::from_slice(line).unwrap();
        line.as_object_mut().unwrap().remove("digests");
        line.to_string() + "\n"
    });
    known.collect::<String>().into_bytes()
}

pub fn object_of(document: &Value) -> ObjectId {
    match document["resourceType"].as_str() {
        Some(resource) => {
            let category = Category::of_fhir_type(resource).unwrap();
            ObjectId { category, uuid: document["id"].as_str().unwrap().into() }
        }
        None => {
            let kinds =
                [("identifiers", "patient"), ("encounterDatetime", "encounter"), ("obsDatetime", "observation")];
            let kind =
                kinds.into_iter().find(|(field, _)| document.get(field).is_some()).map_or("visit", |(_, kind)| kind);
            object(kind, document["uuid"].as_str().unwrap())
        }
    }
}

pub fn patient(uuid: &str, family: &str) -> Value {
    json!({"resourceType": "Patient", "id": uuid, "name": [{"family": family}]})
}

pub fn visit(uuid: &str, patient: &str) -> Value {
    json!({"uuid": uuid, "patient": {"uuid": patient}, "startDatetime": "2026-11-20T08:00:00.000+0000"})
}

pub fn encounter_in(uuid: &str, patient: &str, visit: &str) -> Value {
    let mut document = encounter(uuid, patient);
    document["partOf"] = json!({"reference": format!("Encounter/{visit}")});
    document
}

pub fn observation(uuid: &str, patient: &str, encounter: &str, value: &str) -> Value {
    json!({"resourceType": "Observation", "id": uuid, "status": "final", "valueString": value,
           "subject": {"reference": format!("Patient/{patient}")},
           "encounter": {"reference": format!("Encounter/{encounter}")}})
}

/// A patient with this number, in either representation.
pub fn numbered(representation: Representation, uuid: &str, number: &str) -> Value {
    match representation {
        Representation::Fhir => json!({"resourceType": "Patient", "id": uuid,
            "identifier": [{"id": format!("{uuid}-1"), "use": "official", "type": {"text": "Card"}, "value": number}]}),
        Representation::Rest => json!({"uuid": uuid, "identifiers": [{"uuid": format!("{uuid}-1"),
            "identifierType": {"uuid": "card"}, "identifier": number, "preferred": true}]}),
    }
}

/// An encounter of the 20th in a visit, in either representation.
pub fn visited(representation: Representation, uuid: &str, patient: &str, visit: &str) -> Value {
    match representation {
        Representation::Fhir => encounter_in(uuid, patient, visit),
        Representation::Rest => json!({"uuid": uuid, "patient": {"uuid": patient}, "visit": {"uuid": visit},
            "encounterDatetime": "2026-11-20T09:30:00.000+0000"}),
    }
}

/// Both have a patient with one encounter, with one observation.
pub fn shared() -> Pair {
    let mut pair = Pair::start();
    {
        let mut parent = pair.parent();
        parent.edit(&patient("p", "Okello"));
        parent.edit(&encounter("e", "p"));
        parent.edit(&observation("o", "p", "e", "5.1"));
    }
    pair.sync();
    assert!(pair.child.is_live("observation", "o"));
    pair
}
