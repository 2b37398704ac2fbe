//! The mock parent's answers over HTTP.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Extract};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use flate2::read::GzDecoder;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use url::form_urlencoded;
use uuid::Uuid;

use super::applying::MockApplying;
use super::exchange;
use super::fault::{Fault, Faults, capability_statement, operation_outcome};
use super::feed::{self, MockEntry, MockEvent, MockFeed, PagePlace};
use super::objects::{Found, MockObjects, Removal};
use super::own_feed::{OwnFeed, OwnPage};
use super::{LoggedRequest, lock};
use crate::event::{Action, Category};
use crate::introduction;
use crate::wire::{ApplyLine, MEDIA_TYPE, NODE_HEADER};

/// How a node answers a line that it cannot read.
const UNREADABLE: &str = "{\"category\":\"\",\"uuid\":\"\",\"status\":\"failed\"}\n";

/// [`USERNAME`](super::USERNAME) and [`PASSWORD`](super::PASSWORD) as a header.
const BASIC: &str = "Basic c3luYzpzeW5jLXRlc3Q=";

const FHIR_JSON: &str = "application/fhir+json;charset=UTF-8";
const JSON: &str = "application/json;charset=UTF-8";
const XML: &str = "application/xml;charset=UTF-8";
const ATOM: &str = "text/plain;charset=ISO-8859-1";

/// The number of resources that the fhir2 module gives when `_count` says nothing.
const DEFAULT_COUNT: usize = 10;

/// No request of a child has a larger body.
const LARGEST_REQUEST: usize = 1 << 20;

/// A piece of a body that is made while it is sent.
static FILLING: [u8; 64 << 10] = [b' '; 64 << 10];

/// The state that the test's thread and the server's threads share.
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    /// The server's address with the context path, without a trailing slash.
    pub(super) url: String,
}

pub(super) struct State {
    pub(super) objects: MockObjects,
    pub(super) applying: MockApplying,
    pub(super) faults: Faults,
    pub(super) sessions: HashSet<String>,
    pub(super) log: Vec<LoggedRequest>,
    pub(super) if_match: Vec<String>,
    pub(super) introductions: Vec<String>,
    pub(super) page_size: u64,
    pub(super) etags: bool,
    /// True if `own_feed` is published.
    pub(super) publishes_own_feed: bool,
    pub(super) own_feed: OwnFeed,
    /// True if this parent has an exchange.
    pub(super) exchange: bool,
    /// Without it there is no answer to who asks for a list.
    pub(super) said: exchange::Said,
    feeds: HashMap<String, MockFeed>,
    clock: u64,
}

impl State {
    pub(super) fn new() -> State {
        State {
            objects: MockObjects::default(),
            applying: MockApplying::default(),
            faults: Faults::default(),
            sessions: HashSet::new(),
            log: Vec::new(),
            if_match: Vec::new(),
            introductions: Vec::new(),
            page_size: 5,
            etags: false,
            publishes_own_feed: false,
            own_feed: OwnFeed::begin(),
            exchange: false,
            said: exchange::Said::default(),
            feeds: HashMap::new(),
            clock: 0,
        }
    }

    /// The feed of a category; of one that nobody knows it is empty, as it is in OpenMRS.
    pub(super) fn feed(&mut self, category: &str) -> &mut MockFeed {
        self.feeds.entry(category.to_string()).or_default()
    }

    pub(super) fn append(&mut self, category: Category, entry: MockEntry) {
        self.own_feed.append(category, entry.clone());
        self.feed(category.name()).append(entry);
    }

    /// The time of the next event, as it stands in a feed.
    pub(super) fn tick(&mut self) -> String {
        self.clock += 1;
        feed::instant(self.clock)
    }
}

/// Serves until the runtime is dropped, which closes all connections.
pub(super) fn serve(listener: TcpListener, shared: Arc<Shared>) -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads for the server");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let router = Router::new().fallback(answer).with_state(shared);
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener within a runtime");
        axum::serve(listener, router).await
    });
    runtime
}

async fn answer(Extract(shared): Extract<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let fault = {
        let mut state = lock(&shared.state);
        state.if_match.extend(header(request.headers(), IF_MATCH.as_str()).map(str::to_string));
        state.introductions.extend(header(request.headers(), introduction::HEADER).map(str::to_string));
        state.log.push(LoggedRequest { method: request.method().to_string(), path: path.clone() });
        state.faults.meet(&path)
    };
    if let Some(Fault::Wait(gate)) = &fault {
        gate.pass().await;
    }
    let (head, body) = request.into_parts();
    // A child that goes away in the middle of its request gets no answer.
    let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else { std::panic::resume_unwind(Box::new(())) };
    let arrived = Arrived { method: head.method, path, headers: head.headers, body: body.to_vec() };
    let reply = || shared.reply(&arrived);
    match fault {
        None | Some(Fault::Wait(_)) => reply().into_response(),
        Some(Fault::Answer { status, headers, body }) => Reply { status, headers, body: body.into() }.into_response(),
        Some(Fault::Edited(edit)) => reply().edited(edit).into_response(),
        Some(Fault::HalfBody) => reply().halved().into_response(),
        Some(Fault::CutOff) => reply().halved().into_broken_response(),
        Some(Fault::HugeBody(bytes)) => huge(bytes),
        Some(Fault::Unanswered) => {
            reply();
            // The server closes the connection of a task that ends so. No message: it is no failure of the test.
            std::panic::resume_unwind(Box::new(()))
        }
    }
}

/// The first bytes of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A request, read to its end.
struct Arrived {
    method: Method,
    /// Path and query.
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Arrived {
    /// The body as it was before compression.
    fn text(&self) -> String {
        let mut text = String::new();
        if self.body.starts_with(&GZIP) {
            GzDecoder::new(&self.body[..]).read_to_string(&mut text).expect("a gzip body");
        } else {
            text.push_str(&String::from_utf8_lossy(&self.body));
        }
        text
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text()).expect("a JSON body")
    }
}

/// An answer before it is sent.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply { status, headers: vec![("content-type", content_type.to_string())], body: body.into() }
    }

    fn fhir(status: u16, body: &Value) -> Reply {
        Reply::new(status, FHIR_JSON, body.to_string())
    }

    fn fhir_error(status: u16, diagnostics: &str) -> Reply {
        Reply::new(status, FHIR_JSON, operation_outcome(diagnostics))
    }

    fn rest_error(status: u16, message: &str) -> Reply {
        Reply::new(status, JSON, json!({"error": {"message": message, "code": "", "detail": ""}}).to_string())
    }

    /// The atomfeed module's way to fail, when XML is accepted besides Atom.
    fn stack_trace(message: &str) -> Reply {
        let exception = "org.openmrs.api.APIAuthenticationException";
        let document = format!("<{exception}><stackTrace/><detailMessage>{message}</detailMessage></{exception}>");
        Reply::new(200, XML, document)
    }

    /// The page with its `ETag`, or 304 when that is known.
    fn unless_known(content_type: &str, page: String, headers: &HeaderMap) -> Reply {
        let etag = etag(&page);
        let mut reply = if header(headers, IF_NONE_MATCH.as_str()) == Some(&etag) {
            Reply { status: 304, headers: Vec::new(), body: Vec::new() }
        } else {
            Reply::new(200, content_type, page)
        };
        reply.headers.push(("etag", etag));
        reply
    }

    fn edited(mut self, edit: fn(&str) -> String) -> Reply {
        self.body = edit(&String::from_utf8_lossy(&self.body)).into_bytes();
        self
    }

    fn halved(mut self) -> Reply {
        self.body.truncate(self.body.len() / 2);
        self
    }

    fn into_response(self) -> Response {
        let body = Body::from(self.body);
        respond(self.status, self.headers, body)
    }

    /// The body, and then an error that makes the server cut the connection. In between it waits once: what was written
    /// goes out then, head and all.
    fn into_broken_response(self) -> Response {
        let body = stream::once(async { Ok(self.body) });
        let cut = stream::once(async {
            tokio::task::yield_now().await;
            Err(std::io::Error::other("cut off"))
        });
        respond(self.status, self.headers, Body::from_stream(body.chain(cut)))
    }
}

fn respond(status: u16, headers: Vec<(&'static str, String)>, body: Body) -> Response {
    let start = Response::builder().status(status);
    let builder = headers.into_iter().fold(start, |builder, (name, value)| builder.header(name, value));
    builder.body(body).expect("a proper status and proper headers")
}

fn huge(bytes: u64) -> Response {
    let piece = |left: u64| async move {
        let size = left.min(FILLING.len() as u64);
        (size > 0).then(|| (std::io::Result::Ok(&FILLING[..size as usize]), left - size))
    };
    respond(200, Vec::new(), Body::from_stream(stream::unfold(bytes, piece)))
}

impl Shared {
    fn reply(&self, arrived: &Arrived) -> Reply {
        let headers = &arrived.headers;
        let (path, query) = arrived.path.split_once('?').unwrap_or((&arrived.path, ""));
        let query = Query::parse(query);
        let mut state = lock(&self.state);
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments[..] {
            ["openmrs", "ws", "rest", "v1", "session"] => state.session(headers),
            ["openmrs", "ws", "atomfeed", category, page] => {
                if !state.has_session(headers) {
                    return Reply::stack_trace("Privileges required: Get Atom Feed");
                }
                let feed_url = format!("{}/ws/atomfeed/{category}", self.url);
                let place = PagePlace { feed_url: &feed_url, requested: page, page_size: state.page_size };
                state.feed_page(category, &place, headers)
            }
            ["openmrs", "ws", "fhir2" | "rest", ..] if !state.is_known(headers) => {
                Reply::rest_error(401, "User is not logged in")
            }
            ["openmrs", "ws", "rest", "v1", "sync2", "objects", "read"] if state.exchange => {
                let State { objects, said, .. } = &mut *state;
                Reply::new(200, MEDIA_TYPE, exchange::read_objects(objects, said, &arrived.body))
            }
            ["openmrs", "ws", "rest", "v1", "sync2", "objects", "apply"] if state.exchange => state.apply(arrived),
            ["openmrs", "ws", "fhir2" | "rest", ..] if arrived.method != Method::GET => {
                state.change(arrived, &segments)
            }
            ["openmrs", "ws", "fhir2", "R4", "metadata"] => {
                let types: Vec<&str> = Category::all().filter_map(Category::fhir_type).collect();
                Reply::fhir(200, &capability_statement(&types))
            }
            ["openmrs", "ws", "rest", "v1", "systeminformation"] => {
                let openmrs = json!({"SystemInfo.OpenMRSInstallation.openmrsVersion": "2.8.9  Build 0"});
                Reply::new(
                    200,
                    JSON,
                    json!({"systemInfo": {"SystemInfo.title.openmrsInformation": openmrs}}).to_string(),
                )
            }
            ["openmrs", "ws", "rest", "v1", "module"] => {
                let modules = json!([{"uuid": "fhir2", "version": "4.2.0"}, {"uuid": "idgen", "version": "4.14.0"}]);
                Reply::new(200, JSON, json!({"results": modules}).to_string())
            }
            ["openmrs", "ws", "rest", "v1", "sync2", "feed", page] if state.publishes_own_feed => {
                let feed_url = format!("{}/ws/rest/v1/sync2/feed", self.url);
                let place = PagePlace { feed_url: &feed_url, requested: page, page_size: state.page_size };
                state.own_feed_page(&place, headers)
            }
            ["openmrs", "ws", "fhir2", "R4", fhir_type] => state.fhir_search(fhir_type, &query),
            ["openmrs", "ws", "fhir2", "R4", fhir_type, uuid] => state.fhir_read(fhir_type, uuid, &query),
            ["openmrs", "ws", "rest", "v1", resource] => state.rest_list(resource, &query),
            ["openmrs", "ws", "rest", "v1", resource, uuid] => state.rest_read(resource, uuid),
            _ => Reply::new(404, "text/html;charset=utf-8", "<!doctype html><html><body>Not Found</body></html>"),
        }
    }
}

impl State {
    fn session(&mut self, headers: &HeaderMap) -> Reply {
        if self.has_session(headers) {
            return Reply::new(200, JSON, json!({"authenticated": true, "locale": "en_GB"}).to_string());
        }
        if header(headers, AUTHORIZATION.as_str()) != Some(BASIC) {
            return Reply::new(200, JSON, json!({"authenticated": false}).to_string());
        }
        let id = Uuid::new_v4().simple().to_string().to_uppercase();
        let cookie = format!("JSESSIONID={id}; Path=/openmrs; HttpOnly");
        self.sessions.insert(id);
        let mut reply = Reply::new(200, JSON, json!({"authenticated": true, "locale": "en_GB"}).to_string());
        reply.headers.push(("set-cookie", cookie));
        reply
    }

    fn has_session(&self, headers: &HeaderMap) -> bool {
        let cookies = header(headers, COOKIE.as_str()).unwrap_or_default();
        let session = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("JSESSIONID="));
        session.is_some_and(|id| self.sessions.contains(id))
    }

    /// FHIR and REST take Basic credentials too.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        self.has_session(headers) || header(headers, AUTHORIZATION.as_str()) == Some(BASIC)
    }

    fn feed_page(&mut self, category: &str, place: &PagePlace<'_>, headers: &HeaderMap) -> Reply {
        match self.feed(category).page(category, place) {
            None => Reply::stack_trace("feed does not exist"),
            Some(page) if self.etags => Reply::unless_known(ATOM, page, headers),
            Some(page) => Reply::new(200, ATOM, page),
        }
    }

    fn own_feed_page(&self, place: &PagePlace<'_>, headers: &HeaderMap) -> Reply {
        match self.own_feed.page(place) {
            OwnPage::Page(page) => Reply::unless_known("application/atom+xml;charset=UTF-8", page, headers),
            OwnPage::Removed => Reply::rest_error(410, "the events of this page were removed"),
            OwnPage::None => Reply::rest_error(404, "there is no such page yet"),
        }
    }

    fn apply(&mut self, arrived: &Arrived) -> Reply {
        let headers = &arrived.headers;
        if header(headers, CONTENT_TYPE.as_str()) != Some(MEDIA_TYPE) || header(headers, "x-sync2").is_none() {
            return Reply::rest_error(415, "another version");
        }
        let node = header(headers, NODE_HEADER).unwrap_or_default();
        let text = arrived.text();
        let (greetings, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("{\"greeting"));
        // As a node of the release before answers what it does not know.
        let mut answers: String = greetings.iter().map(|_| UNREADABLE).collect();
        for line in lines {
            let line: ApplyLine = serde_json::from_str(line).expect("a line of the exchange");
            let (answer, effect) = self.applying.apply(node, &line, &mut self.objects);
            if let Some(effect) = effect {
                self.tell(effect.object.category, effect.action, &effect.object.uuid);
            }
            answers.push_str(&serde_json::to_string(&answer).expect("an answer"));
            answers.push('\n');
        }
        Reply::new(200, MEDIA_TYPE, answers)
    }

    /// Appends an event of now.
    fn tell(&mut self, category: Category, action: Action, uuid: &str) {
        let updated = self.tick();
        self.append(category, MockEntry::Event(MockEvent { action, uuid: uuid.to_string(), updated }));
    }

    /// PUT over FHIR, POST and DELETE over REST.
    fn change(&mut self, arrived: &Arrived, segments: &[&str]) -> Reply {
        let fhir = segments[2] == "fhir2";
        let category = if fhir { Category::of_fhir_type(segments[4]) } else { rest_category(segments[4]) };
        let Some(category) = category else { return Reply::rest_error(404, "Unknown resource") };
        let uuid = segments.get(5).copied();
        let known = uuid.is_some_and(|uuid| match self.objects.fhir(category, uuid) {
            Found::Present(_) | Found::Gone => true,
            Found::Missing => self.objects.rest(category, uuid).is_some(),
        });
        match (arrived.method.as_str(), uuid) {
            ("DELETE", Some(uuid)) if known => {
                self.objects.remove(category, uuid, Removal::Voided);
                self.tell(category, Action::Voided, uuid);
                Reply { status: 204, headers: Vec::new(), body: Vec::new() }
            }
            // The fhir2 module creates only a few types under a given id.
            ("PUT", Some(_)) if fhir && (known || category.name() == "location") => self.save(category, arrived.json()),
            ("POST", Some(_)) if known => self.save(category, arrived.json()),
            ("POST", None) if !fhir => self.save(category, arrived.json()),
            ("PUT" | "POST" | "DELETE", Some(_)) => Reply::rest_error(404, "Object with given uuid doesn't exist"),
            _ => Reply::rest_error(405, "Method not allowed"),
        }
    }

    fn save(&mut self, category: Category, document: Value) -> Reply {
        let (uuid, existed) = self.objects.store(category, document);
        self.tell(category, if existed { Action::Updated } else { Action::Created }, &uuid);
        Reply::new(if existed { 200 } else { 201 }, JSON, "{}")
    }

    fn fhir_read(&self, fhir_type: &str, uuid: &str, query: &Query) -> Reply {
        let Some(category) = Category::of_fhir_type(fhir_type) else {
            return Reply::fhir_error(404, &format!("HAPI-0302: Unknown resource type '{fhir_type}'"));
        };
        match self.objects.fhir(category, uuid) {
            Found::Present(document) => Reply::fhir(200, &query.summarized(document)),
            Found::Gone => {
                Reply::fhir_error(410, &format!("Resource of type {fhir_type} with ID {uuid} is gone/deleted"))
            }
            Found::Missing => {
                Reply::fhir_error(404, &format!("HAPI-2001: Resource of type {fhir_type} with ID '{uuid}' not found"))
            }
        }
    }

    /// Only a search by `_id`, or by patient or encounter: what is not there, voided or over the count is left out.
    fn fhir_search(&self, fhir_type: &str, query: &Query) -> Reply {
        let Some(category) = Category::of_fhir_type(fhir_type) else {
            return Reply::fhir_error(404, &format!("HAPI-0302: Unknown resource type '{fhir_type}'"));
        };
        let ids = query.get("_id").unwrap_or_default();
        let present: Vec<&Value> = match query.owner() {
            Some(owner) => self.objects.fhir_all(category).filter(|document| refers_to(document, owner)).collect(),
            None => ids
                .split(',')
                .filter_map(|uuid| match self.objects.fhir(category, uuid) {
                    Found::Present(document) => Some(document),
                    Found::Gone | Found::Missing => None,
                })
                .collect(),
        };
        let count = query.get("_count").and_then(|count| count.parse().ok()).unwrap_or(DEFAULT_COUNT);
        let start = query.get("_getpagesoffset").and_then(|start| start.parse().ok()).unwrap_or(0);
        let entries: Vec<Value> = present
            .iter()
            .skip(start)
            .take(count)
            .map(|document| json!({"resource": query.summarized(document)}))
            .collect();
        let mut bundle =
            json!({"resourceType": "Bundle", "type": "searchset", "total": present.len(), "entry": entries});
        if let Some((name, uuid)) = query.owner()
            && present.len() > start + count
        {
            // As behind a proxy: the server does not know the name that it is asked by.
            let next = format!(
                "http://inside:8080/openmrs/ws/fhir2/R4/{fhir_type}?{name}={uuid}&_count={count}&_getpagesoffset={}",
                start + count
            );
            bundle["link"] = json!([{"relation": "next", "url": next}]);
        }
        Reply::fhir(200, &bundle)
    }

    fn rest_read(&self, resource: &str, uuid: &str) -> Reply {
        match rest_category(resource).and_then(|category| self.objects.rest(category, uuid)) {
            Some(document) => Reply::new(200, JSON, document.to_string()),
            None => Reply::rest_error(404, "Object with given uuid doesn't exist"),
        }
    }

    fn rest_list(&self, resource: &str, query: &Query) -> Reply {
        let Some(category) = rest_category(resource) else {
            return Reply::rest_error(404, "Unknown resource");
        };
        let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_COUNT);
        let start = query.get("startIndex").and_then(|start| start.parse().ok()).unwrap_or(0);
        let owner = query.owner();
        let found = self.objects.rest_all(category);
        let found = found.filter(|document| owner.is_none_or(|(name, uuid)| document[name]["uuid"] == uuid));
        let results: Vec<Value> = match owner {
            Some(_) => found.skip(start).take(limit).cloned().collect(),
            None => found
                .skip(start)
                .take(limit)
                .map(|document| json!({"uuid": document["uuid"], "display": document["display"]}))
                .collect(),
        };
        Reply::new(200, JSON, json!({"results": results}).to_string())
    }
}

/// Returns true if a resource names another one as its patient or encounter.
fn refers_to(document: &Value, (name, uuid): (&str, &str)) -> bool {
    let (field, of) = if name == "patient" { ("subject", "Patient") } else { ("encounter", "Encounter") };
    document[field]["reference"] == format!("{of}/{uuid}")
}

fn rest_category(resource: &str) -> Option<Category> {
    Category::all().find(|category| category.rest_resource() == Some(resource))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn etag(page: &str) -> String {
    let mut hasher = DefaultHasher::new();
    page.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// The parameters of a request.
struct Query(HashMap<String, String>);

impl Query {
    fn parse(query: &str) -> Query {
        Query(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The object whose objects are asked for: its kind and its uuid.
    fn owner(&self) -> Option<(&str, &str)> {
        ["patient", "encounter"].into_iter().find_map(|name| Some((name, self.get(name)?)))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// With `_summary=data` the FHIR module leaves the narrative out and says so by a tag.
    fn summarized(&self, document: &Value) -> Value {
        let mut document = document.clone();
        if self.get("_summary") == Some("data")
            && let Some(fields) = document.as_object_mut()
        {
            fields.remove("text");
            let meta = fields.entry("meta").or_insert_with(|| json!({}));
            let tag = json!({
                "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
                "code": "SUBSETTED",
                "display": "Resource encoded in summary mode",
            });
            match meta.get_mut("tag").and_then(Value::as_array_mut) {
                Some(tags) => tags.push(tag),
                None => meta["tag"] = json!([tag]),
            }
        }
        document
    }
}
