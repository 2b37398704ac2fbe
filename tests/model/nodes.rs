//! Servers over SQLite, each with an engine of its own, that reach each other over HTTP on this machine. Each can be killed at
//! any call, and the line to each cut before or after any request.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::Result;
use sync2::event::{Direction, ObjectId};
use sync2::feed::own::FeedRequest;
use sync2::identity::NodeChoice;
use sync2::status::RunReport;
use sync2::store::conflicts::Conflict;
use sync2::store::parked::Parked;
use sync2::store::{Sql, Transaction, now, schema};
use sync2::testing::sqlite_host::SqliteHost;
use sync2::wire::{MEDIA_TYPE, NODE_HEADER};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::clinic::object;
use crate::ledger::{Seen, Snapshot};

pub const CATEGORIES: [&str; 4] = ["patient", "visit", "encounter", "observation"];

/// One server.
pub struct Node {
    pub engine: Engine,
    pub host: SqliteHost,
    config: String,
    is_lossy: bool,
    /// What is not copied with the database; nothing where no database is ever copied.
    directory: Option<DataDirectory>,
}

impl Node {
    fn of(config: &Value, is_lossy: bool, directory: Option<DataDirectory>) -> Node {
        let mut host = migrated();
        let config = config.to_string();
        let engine = opened(&config, directory.as_ref(), &mut host);
        host.capture_changes();
        host.cascade_removals();
        if is_lossy {
            host.transform_saves(|_, document| without_addresses(&document));
        }
        Node { engine, host, config, is_lossy, directory }
    }

    /// The process is gone, with all that was not committed; another one begins on the same database, after the leases of
    /// the first have run out.
    pub fn restart(&mut self) {
        self.host.find_database();
        self.engine = opened(&self.config, self.directory.as_ref(), &mut self.host);
        self.change("UPDATE sync2_lease SET expires_at = 0");
    }

    /// Another process begins on a copy of a database, in the data directory of before. The copy stays what it is.
    pub fn go_on_with(&mut self, database: &SqliteHost) {
        self.host = database.backup().unwrap();
        if self.is_lossy {
            self.host.transform_saves(|_, document| without_addresses(&document));
        }
        self.restart();
    }

    /// Somebody reads its feed. False where nothing was ever published.
    pub fn publish(&mut self) -> bool {
        let url = "http://localhost/ws/rest/v1/sync2/feed/recent";
        let page = self.engine.feed_page(&mut self.host, &FeedRequest::of(url, None).unwrap());
        page.unwrap();
        !self.host.query("SELECT event_no FROM sync2_event LIMIT 1", &[]).unwrap().is_empty()
    }

    /// Compares everything with the parent.
    pub fn backfill(&mut self) -> Result<RunReport> {
        self.engine.backfill(&mut self.host)
    }

    /// Somebody says which node this server is.
    pub fn choose(&mut self, choice: NodeChoice) -> Result<String> {
        self.engine.choose_node(&mut self.host, choice)
    }

    /// All that is tried again by itself is due.
    pub fn let_a_day_pass(&mut self) {
        self.change("UPDATE sync2_parked SET next_attempt_at = 0 WHERE next_attempt_at IS NOT NULL");
    }

    fn change(&mut self, statement: &str) {
        self.host.begin().unwrap();
        self.host.update(statement, &[]).unwrap();
        self.host.commit().unwrap();
    }

    /// What somebody does here in one transaction, later than all before by the database's clock: that is the order of the
    /// feed.
    pub fn edit_together(&mut self, saved: &[(ObjectId, Value)], voided: &[ObjectId]) {
        let before = now(&mut self.host).unwrap();
        while now(&mut self.host).unwrap() == before {}
        let saved: Vec<_> =
            saved.iter().map(|(object, document)| (object.clone(), document.to_string().into_bytes())).collect();
        self.host.edit_together(&saved, voided).unwrap();
    }

    pub fn snapshot(&self) -> Snapshot {
        let contents = self.host.contents().unwrap().into_iter();
        contents
            .map(|(object, removed, document)| (object, Seen::of(removed, serde_json::from_slice(&document).unwrap())))
            .collect()
    }

    /// Those that this server met itself; what its children met is judged there.
    pub fn conflicts(&mut self) -> Vec<Conflict> {
        let conflicts = self.engine.conflicts(&mut self.host, 1000, 0).unwrap();
        conflicts.into_iter().filter(|conflict| conflict.child_node.is_none()).collect()
    }

    pub fn parked(&mut self) -> Vec<Parked> {
        self.engine.parked(&mut self.host, 1000, 0).unwrap()
    }

    pub fn run(&mut self, direction: Direction) -> Result<RunReport> {
        match direction {
            Direction::Pull => self.engine.pull(&mut self.host),
            Direction::Push => self.engine.push(&mut self.host),
        }
    }
}

fn opened(config: &str, directory: Option<&DataDirectory>, host: &mut SqliteHost) -> Engine {
    let data_directory = directory.map(|directory| directory.0.clone());
    let environment = Environment { data_directory, ..Environment::default() };
    Engine::open_with(config, Injected::default(), environment, host).unwrap()
}

/// A directory that is removed with its server.
pub struct DataDirectory(PathBuf);

impl DataDirectory {
    fn new() -> DataDirectory {
        let directory = std::env::temp_dir().join(format!("sync2-model-{}", Uuid::new_v4()));
        std::fs::create_dir(&directory).unwrap();
        DataDirectory(directory)
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        // What stays behind is small, and in a directory for what is temporary.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// As a server keeps a document that has no room for addresses, and writes its lines in its own way.
fn without_addresses(document: &[u8]) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(document).unwrap();
    document.as_object_mut().unwrap().remove("address");
    serde_json::to_vec_pretty(&document).unwrap()
}

/// A database with all tables and nothing in them.
fn migrated() -> SqliteHost {
    static TEMPLATE: OnceLock<Mutex<SqliteHost>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let mut host = SqliteHost::in_memory().unwrap();
        schema::migrate(&mut host).unwrap();
        Mutex::new(host)
    });
    template.lock().unwrap().backup().unwrap()
}

/// What becomes of the requests to a server.
#[derive(Default)]
pub struct Line {
    /// So many requests pass before the one that does not arrive.
    pub cut_after: Option<u32>,
    /// So many requests that bring objects pass before the one whose answer does not arrive.
    pub unheard_after: Option<u32>,
    /// How often each kind of request arrived.
    pub arrived: BTreeMap<&'static str, u32>,
    /// The objects that were brought.
    pub brought: Vec<ObjectId>,
}

/// A server, and the line to it.
struct Served {
    node: Mutex<Node>,
    line: Mutex<Line>,
}

/// Servers that reach each other.
pub struct Nodes {
    served: Arc<Vec<Served>>,
    serving: JoinHandle<()>,
}

impl Nodes {
    /// Each with what its configuration has beside the address of its parent, which is given by its number, and whether it is
    /// lossy. With data directories where databases will be copied.
    pub fn start(configured: &[(Option<usize>, Value, bool)], with_directories: bool) -> Nodes {
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let node = |(parent, config, is_lossy): &(Option<usize>, Value, bool)| {
            let mut config = config.clone();
            if let Some(parent) = parent {
                config["parent"] = json!({
                    "url": format!("http://{address}/{parent}"), "username": "sync", "password": "sync-test", "feed": "sync2",
                });
            }
            let directory = with_directories.then(DataDirectory::new);
            Served { node: Mutex::new(Node::of(&config, *is_lossy, directory)), line: Mutex::default() }
        };
        let served = Arc::new(configured.iter().map(node).collect::<Vec<_>>());
        let router = Router::new()
            .route("/{node}/ws/rest/v1/session", get(async || r#"{"authenticated": true}"#))
            .route("/{node}/ws/rest/v1/sync2/feed/{page}", get(feed))
            .route("/{node}/ws/rest/v1/sync2/objects/read", post(read))
            .route("/{node}/ws/rest/v1/sync2/objects/apply", post(apply))
            .layer(from_fn_with_state(served.clone(), over_the_line))
            .with_state(served.clone());
        let serving = runtime.spawn(async move { drop(axum::serve(listener, router).await) });
        Nodes { served, serving }
    }

    pub fn count(&self) -> usize {
        self.served.len()
    }

    pub fn node(&self, number: usize) -> MutexGuard<'_, Node> {
        self.served[number].node.lock().unwrap()
    }

    pub fn line(&self, number: usize) -> MutexGuard<'_, Line> {
        self.served[number].line.lock().unwrap()
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves all servers of this process.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

type AllServed = Arc<Vec<Served>>;

/// What a request is for, by the end of its path.
const REQUESTS: [(&str, &str); 4] =
    [("/objects/apply", "apply"), ("/objects/read", "read"), ("/feed/", "feed"), ("/session", "session")];

/// Lets a request arrive, and its answer, unless the line is cut.
async fn over_the_line(State(served): State<AllServed>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_string();
    let node: usize = path[1..].split('/').next().unwrap().parse().unwrap();
    let (_, kind) = REQUESTS.iter().find(|(part, _)| path.contains(part)).unwrap();
    let (arrives, heard) = {
        let line = &mut *served[node].line.lock().unwrap();
        let arrives = passes(&mut line.cut_after);
        if arrives {
            *line.arrived.entry(kind).or_default() += 1;
        }
        (arrives, *kind != "apply" || passes(&mut line.unheard_after))
    };
    if !arrives {
        return broken();
    }
    let answer = next.run(request).await;
    if heard { answer } else { broken() }
}

/// Counts one down; false for the one that is not to pass.
fn passes(left: &mut Option<u32>) -> bool {
    match left {
        Some(0) => {
            *left = None;
            false
        }
        Some(left) => {
            *left -= 1;
            true
        }
        None => true,
    }
}

/// An answer whose connection breaks.
fn broken() -> Response {
    let nothing = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the line is cut")) });
    (StatusCode::OK, Body::from_stream(nothing)).into_response()
}

async fn feed(
    State(served): State<AllServed>,
    Path((number, page)): Path<(usize, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let tag = headers.get("if-none-match").map(|tag| tag.to_str().unwrap().to_string());
    let server = headers["host"].to_str().unwrap().to_string();
    let page = at_work(move || {
        let node = &mut *served[number].node.lock().unwrap();
        let query = query.unwrap_or_default();
        let url = format!("http://{server}/{number}/ws/rest/v1/sync2/feed/{page}?{query}");
        node.engine.feed_page(&mut node.host, &FeedRequest::of(&url, tag.as_deref())?)
    });
    match page.await {
        Err(_) => StatusCode::NOT_FOUND.into_response(),
        Ok(page) => match page.document {
            None => StatusCode::NOT_MODIFIED.into_response(),
            Some(document) => {
                ([(ETAG, page.etag), (CONTENT_TYPE, "application/atom+xml".into())], document).into_response()
            }
        },
    }
}

async fn read(State(served): State<AllServed>, Path(number): Path<usize>, body: Bytes) -> Response {
    answered(at_work(move || {
        let node = &mut *served[number].node.lock().unwrap();
        node.engine.read_objects(&mut node.host, "sync", &unzipped(&body))
    }))
    .await
}

async fn apply(
    State(served): State<AllServed>,
    Path(number): Path<usize>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let child = headers[NODE_HEADER].to_str().unwrap().to_string();
    served[number].line.lock().unwrap().brought.extend(objects(&unzipped(&body)));
    answered(at_work(move || {
        let node = &mut *served[number].node.lock().unwrap();
        node.engine.apply_objects(&mut node.host, "sync", &child, &unzipped(&body))
    }))
    .await
}

/// What the lines of a request are about.
fn objects(lines: &[u8]) -> Vec<ObjectId> {
    let lines = lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    lines.filter_map(|line| Some(object(line["category"].as_str()?, line["uuid"].as_str()?))).collect()
}

async fn at_work<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn answered(lines: impl Future<Output = Result<Vec<u8>>>) -> Response {
    match lines.await {
        Ok(lines) => ([(CONTENT_TYPE, MEDIA_TYPE)], lines).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn unzipped(body: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    GzDecoder::new(body).read_to_end(&mut lines).unwrap();
    lines
}
