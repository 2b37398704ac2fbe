//! A child that reads its parent's feed in stretches, which leave out what it does not want and what it is not told of. The feed
//! comes through the HTTP API, and compressed, as a carrier sends it.

use std::cell::RefCell;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, Request as Arrived, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sync2::api::routes::GET_FEED;
use sync2::api::{self, Answer, Refusal, Refused, Request, User};
use sync2::engine::Engine;
use sync2::error::{ErrorKind, Result};
use sync2::event::{Direction, Representation};
use sync2::feed::own::FeedRequest;
use sync2::host::Host;
use sync2::status::RunReport;
use sync2::store::audit::{AuditQuery, AuditStatus};
use sync2::store::runs::RunId;
use sync2::testing::proxy::{LineQuality, SlowLine};
use sync2::testing::sqlite_host::SqliteHost;
use tokio::runtime::Runtime;

use crate::nodes::{Node, child_of, encounter, exchange, listen, object_of, patient};

/// What the requests asked for, in their order: path and query.
type Asked = Arc<Mutex<Vec<String>>>;

/// A parent with pages of three events, and a child that pulls patients only.
struct Land {
    parent: Arc<Mutex<Node>>,
    child: Node,
    asked: Asked,
    line: SlowLine,
    _runtime: Runtime,
}

impl Land {
    fn new() -> Land {
        Land::with(json!({"sync": {}}), 3)
    }

    /// Whose account has that place in the parent's configuration.
    fn with(children: Value, page_size: u32) -> Land {
        let parent = Node::of(&json!({
            "pull": {"enabled": false}, "exchange": {"children": children}, "transfer": {"pageSize": page_size},
        }));
        let (parent, asked) = (Arc::new(Mutex::new(parent)), Asked::default());
        let runtime = Runtime::new().unwrap();
        let feed = Router::new().route("/openmrs/ws/rest/v1/sync2/feed/{page}", get(feed)).with_state(parent.clone());
        let router = feed.merge(exchange(parent.clone()));
        let address = listen(&runtime, router.layer(from_fn_with_state(asked.clone(), noted_and_compressed)));
        let quality = LineQuality { round_trip: Duration::ZERO, bits_per_second: None };
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let line = runtime.block_on(SlowLine::open(any, address, quality)).unwrap();
        let mut config = child_of(line.address(), Representation::Fhir);
        config["categories"] = json!({"patient": {}});
        Land { parent, child: Node::of(&config), asked, line, _runtime: runtime }
    }

    fn parent(&self) -> MutexGuard<'_, Node> {
        self.parent.lock().unwrap()
    }

    /// Each is an event of its own: patients by `p…`, encounters of the first patient by all other names.
    fn tell(&self, names: &[&str]) {
        for name in names {
            self.parent().edit(&if name.starts_with('p') { patient(name, "Okello") } else { encounter(name, "p1") });
        }
    }

    /// Has the parent number what was told.
    fn publish(&self) {
        let node = &mut *self.parent();
        let recent = FeedRequest::of("http://parent/openmrs/ws/rest/v1/sync2/feed/recent", None).unwrap();
        node.engine.feed_page(&mut node.host, &recent).unwrap();
    }

    /// What was asked for since the last call.
    fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// Those of it that asked for the feed.
    fn take_feed_asked(&self) -> Vec<String> {
        self.take_asked().into_iter().filter(|asked| asked.contains("/feed/")).collect()
    }

    /// How many events the child has passed.
    fn passed(&mut self) -> u64 {
        self.child.engine.markers(&mut self.child.host).unwrap().iter().map(|position| position.events).sum()
    }

    fn marked(&mut self) -> Option<String> {
        let positions = self.child.engine.markers(&mut self.child.host).unwrap();
        positions.into_iter().find_map(|position| Some(position.marker?.entry_id))
    }

    fn audited(&mut self) -> Vec<(String, AuditStatus)> {
        let query = AuditQuery { limit: 1000, ..AuditQuery::default() };
        let messages = self.child.engine.audit(&mut self.child.host, &query).unwrap().into_messages();
        messages.into_iter().map(|message| (message.object_uuid.unwrap(), message.outcome.status)).collect()
    }
}

fn count_applied(audited: &[(String, AuditStatus)]) -> usize {
    audited.iter().filter(|(_, status)| *status == AuditStatus::Applied).count()
}

fn events(report: &RunReport) -> u64 {
    report.run.progress.events
}

/// What the program around a node lends for one request.
struct Lent<'a> {
    engine: &'a Engine,
    host: RefCell<&'a mut SqliteHost>,
}

impl api::Node for Lent<'_> {
    fn engine(&self) -> Result<&Engine> {
        Ok(self.engine)
    }

    fn with_host(&self, work: &mut dyn FnMut(&mut dyn Host) -> Result<()>) -> Result<()> {
        work(&mut **self.host.borrow_mut())
    }

    fn commit(&self) -> Option<&str> {
        None
    }

    fn problems(&self) -> &[String] {
        &[]
    }

    fn perform(&self, _: Direction, _: RunId) -> Refused<()> {
        Err(Refusal::internal())
    }

    fn configuration(&self) -> Refused<String> {
        Err(Refusal::internal())
    }

    fn save_configuration(&self, _: &str) -> Refused<()> {
        Err(Refusal::internal())
    }

    fn check_configuration(&self, _: &str) -> Refused<Vec<String>> {
        Err(Refusal::internal())
    }
}

async fn feed(
    State(node): State<Arc<Mutex<Node>>>,
    Path(page): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let server = headers["host"].to_str().unwrap();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_string()));
    let request = Request {
        method: "GET".to_string(),
        path: format!("feed/{page}"),
        query: query.unwrap_or_default(),
        url: format!("http://{server}/openmrs/ws/rest/v1/sync2/feed/{page}"),
        user: Some(User { name: "sync".to_string(), privileges: vec![GET_FEED.to_string()] }),
        headers: headers.collect(),
        body: Vec::new(),
    };
    let answered = tokio::task::spawn_blocking(move || {
        let Node { engine, host, .. } = &mut *node.lock().unwrap();
        api::answer(&Lent { engine, host: RefCell::new(host) }, &request)
    });
    let Answer { status, headers, body } = answered.await.unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

/// Notes the request, and compresses answers of the exchange as the carriers do.
async fn noted_and_compressed(State(asked): State<Asked>, request: Arrived, next: Next) -> Response {
    asked.lock().unwrap().push(request.uri().to_string());
    let is_of_exchange = request.uri().path().contains("/objects/");
    let answer = next.run(request).await;
    if !is_of_exchange {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&to_bytes(body, usize::MAX).await.unwrap()).unwrap();
    head.headers.remove("content-length");
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, Body::from(gzip.finish().unwrap()))
}

// --- What is asked for, and what it costs.

#[test]
fn events_of_categories_that_are_off_are_passed_in_one_request() {
    let mut land = Land::new();
    land.tell(&["p1", "e1", "e2", "e3", "e4", "p2", "e5", "e6", "e7", "e8", "e9"]);
    let report = land.child.pull();
    assert_eq!((events(&report), land.passed()), (11, 11));
    assert_eq!(count_applied(&land.audited()), 2);
    let asked = land.take_feed_asked();
    // The first one finds out which feed there is.
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[1].contains("/feed/1?without=") && asked[1].contains("encounter"), "{asked:?}");
    assert!(!asked[1].contains("patient,") && !asked[1].contains("after="), "{asked:?}");
}

#[test]
fn nothing_new_costs_one_request_and_soon_no_body() {
    let mut land = Land::new();
    land.tell(&["p1", "e1", "e2"]);
    land.child.pull();
    land.take_asked();
    for _ in 0..3 {
        assert_eq!(events(&land.child.pull()), 0);
        let asked = land.take_asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
    }
    let before = land.line.traffic().to_client;
    land.child.pull();
    assert!(land.line.traffic().to_client - before < 300);
    // And what comes then is told.
    land.tell(&["e3", "p2"]);
    assert_eq!(events(&land.child.pull()), 2);
    assert!(land.child.is_live("patient", "p2"));
}

#[test]
fn event_after_what_was_left_out_is_passed_in_its_place() {
    let mut land = Land::new();
    land.tell(&["p1", "e1", "e2", "e3", "e4"]);
    land.child.pull();
    let marked = land.marked();
    // The marker stands at an event that was not told: the feed goes on from there, page after page.
    for round in 0..7 {
        land.tell(&[&format!("p{}", 10 + round), &format!("e{}", 10 + round)]);
        assert_eq!(events(&land.child.pull()), 2);
    }
    assert_ne!(land.marked(), marked);
    assert_eq!((land.passed(), count_applied(&land.audited())), (19, 8));
}

#[test]
fn all_of_more_events_than_a_stretch_tells_are_read() {
    let mut land = Land::with(json!({"sync": {}}), 100);
    let patients: Vec<Value> = (0..1201).map(|number| patient(&format!("p{number}"), "Okello")).collect();
    land.parent().edit_together(&patients, &[]);
    land.child.pull();
    assert_eq!(land.passed(), 1201);
    assert_eq!(land.child.count("SELECT COUNT(*) FROM test_object"), 1201);
    // 500 at a time, and the question which feed there is.
    assert_eq!(land.take_feed_asked().len(), 4);
}

/// Adds so many events of encounters that nobody has, and one of the patients after each 500th.
fn add_events(parent: &mut Node, events: i64, patients: i64) {
    let each = events / patients;
    let saved: Vec<_> = (1..=patients)
        .map(|number| patient(&format!("p{number}"), "Okello"))
        .map(|document| (object_of(&document), document.to_string().into_bytes()))
        .collect();
    parent.host.edit_untold(&saved, &[]).unwrap();
    let first = parent.count("SELECT counter_value FROM sync2_counter WHERE counter_name = 'event'");
    parent.change(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {events})
         INSERT INTO sync2_event (event_no, uuid, category, category_no, object_uuid, event_action, published_at)
         SELECT {first} + i, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4000-8000-' || hex(randomblob(6))),
                CASE WHEN i % {each} = 0 THEN 'patient' ELSE 'encounter' END, {first} + i,
                CASE WHEN i % {each} = 0 THEN 'p' || (i / {each}) ELSE 'e' || i END, 'UPDATED', 1800000000000 + i FROM n"
    ));
    parent.change(&format!(
        "UPDATE sync2_counter SET counter_value = {} WHERE counter_name IN ('event', 'event:patient', 'event:encounter')",
        first + events
    ));
}

#[test]
fn child_far_behind_is_level_after_few_requests_and_bytes() {
    let mut land = Land::with(json!({"sync": {}}), 100);
    land.tell(&["p0"]);
    land.child.pull();
    land.take_asked();
    let before = land.line.traffic();
    add_events(&mut land.parent(), 100_000, 200);
    assert_eq!(events(&land.child.pull()), 100_000);
    let after = land.line.traffic();
    let asked = land.take_asked();
    let bytes = after.to_client - before.to_client + after.to_server - before.to_server;
    println!("{} requests, {bytes} bytes", asked.len());
    assert!(asked.len() <= 5, "{asked:#?}");
    assert!(bytes <= 100_000, "{bytes} bytes");
    assert_eq!((land.passed(), land.child.count("SELECT COUNT(*) FROM test_object")), (100_001, 201));
    assert_eq!(events(&land.child.pull()), 0);
}

// --- Who is told of what.

fn patient_at(uuid: &str, location: &str) -> Value {
    let at = json!({"url": "http://fhir.openmrs.org/ext/patient/identifier#location",
                    "valueReference": {"reference": format!("Location/{location}")}});
    let mut patient = patient(uuid, "Nakato");
    patient["identifier"] =
        json!([{"id": format!("{uuid}-1"), "value": format!("number of {uuid}"), "extension": [at]}]);
    patient
}

#[test]
fn patient_out_of_scope_is_left_out_until_she_comes_into_it() {
    let mut land = Land::with(json!({"sync": {"locations": ["here"]}}), 3);
    land.child.restart_with(|config| config["categories"]["location"] = json!({}));
    for location in ["here", "elsewhere"] {
        land.parent().edit(&json!({"resourceType": "Location", "id": location, "name": location}));
    }
    for number in 0..20 {
        land.parent().edit(&patient_at(&format!("p{number}"), "elsewhere"));
    }
    land.parent().edit(&patient_at("ours", "here"));
    land.child.pull();
    assert_eq!(land.passed(), 23);
    assert_eq!(land.child.count("SELECT COUNT(*) FROM test_object"), 3);
    assert_eq!(land.take_feed_asked().len(), 2);
    // She moves to us.
    land.parent().edit(&patient_at("p7", "here"));
    land.child.pull();
    assert!(land.child.is_live("patient", "p7"));
    // And one of ours is removed at the parent, in our scope as before.
    land.parent().void("patient", "p7");
    land.child.pull();
    assert!(!land.child.is_live("patient", "p7"));
    // One who leaves is not told of any more, as on a page of the feed.
    land.parent().edit(&patient_at("ours", "elsewhere"));
    let before = land.audited().len();
    assert_eq!(events(&land.child.pull()), 1);
    assert_eq!(land.audited().len(), before);
}

/// This host does not say where objects belong, so their documents are read: 500 for a request at the most.
#[test]
fn scope_that_only_documents_tell_is_found_in_bounded_steps() {
    let mut land = Land::with(json!({"sync": {"locations": ["here"]}}), 100);
    let elsewhere: Vec<Value> = (0..1201).map(|number| patient_at(&format!("p{number}"), "elsewhere")).collect();
    land.parent().edit_together(&elsewhere, &[]);
    land.child.pull();
    assert_eq!((land.passed(), land.audited().len()), (1201, 0));
    assert_eq!(land.take_feed_asked().len(), 4);
}

#[test]
fn account_reads_in_stretches_no_category_that_it_may_not_read() {
    let mut land = Land::with(json!({"sync": {"categories": ["patient"]}}), 3);
    land.child.restart_with(|config| config["categories"]["encounter"] = json!({}));
    land.tell(&["p1", "e1", "e2", "e3", "e4", "p2"]);
    land.child.pull();
    assert_eq!((land.passed(), land.audited().len()), (6, 2));
    assert!(land.child.parked().is_empty());
}

// --- What is switched on, recorded, or unknown.

#[test]
fn category_switched_on_later_is_noted_and_comes_from_then_on() {
    let mut land = Land::new();
    land.tell(&["p1", "e1", "e2", "e3", "e4"]);
    land.child.pull();
    land.child.restart_with(|config| config["categories"]["encounter"] = json!({}));
    land.tell(&["e5"]);
    land.child.pull();
    let notes = land.child.engine.status().unwrap().notes;
    assert!(notes.iter().any(|note| note.message.starts_with("encounter: pulled since ")), "{notes:?}");
    assert!(land.child.is_live("encounter", "e5") && !land.child.is_live("encounter", "e1"));
}

#[test]
fn what_the_audit_records_as_filtered_is_not_left_out() {
    let mut land = Land::new();
    land.child.restart_with(|config| config["audit"] = json!({"recordFiltered": true}));
    land.tell(&["p1", "e1", "e2", "e3", "e4"]);
    land.child.pull();
    let audited = land.audited();
    let filtered = audited.iter().filter(|(_, status)| *status == AuditStatus::Filtered).count();
    assert_eq!((filtered, count_applied(&audited), land.passed()), (4, 1, 5));
    assert!(land.take_feed_asked()[1].contains("without=none"));
}

// --- A feed that does not go on.

#[test]
fn restored_parent_is_noticed_though_the_marker_was_left_out() {
    let mut land = Land::new();
    land.tell(&["p1", "e1"]);
    let backup = land.parent().back_up();
    land.tell(&["e2", "e3", "e4", "e5"]);
    land.child.pull();
    let before = land.marked();
    land.parent().restore(backup);
    assert_eq!(land.child.pull_stopped().kind, ErrorKind::NeedsBackfill);
    // As many other events, and more.
    land.tell(&["p2", "p3", "p4", "p5", "p6", "p7"]);
    assert_eq!(land.child.pull_stopped().kind, ErrorKind::NeedsBackfill);
    assert_eq!((land.marked(), land.passed()), (before, 6));
    land.child.backfill();
    assert!(land.child.is_live("patient", "p7"));
}

#[test]
fn parent_whose_feed_began_anew_is_noticed() {
    let mut land = Land::new();
    land.tell(&["p1", "e1"]);
    land.child.pull();
    land.parent().change("UPDATE sync2_feed SET feed_epoch = '0b5f4a1e-6d2c-4f0e-9a53-3a0c5b7d8e91'");
    land.tell(&["p2"]);
    assert_eq!(land.child.pull_stopped().kind, ErrorKind::NeedsBackfill);
    assert_eq!(land.passed(), 2);
}

#[test]
fn events_that_were_removed_are_lost_and_not_left_out() {
    // Those before a gap come by the pages before it.
    for (removed, passed) in [("event_no <= 3", 2), ("event_no = 5", 3)] {
        let mut land = Land::new();
        land.tell(&["p1", "e1"]);
        land.child.pull();
        land.tell(&["e2", "e3", "p2", "e4", "e5", "e6", "e7"]);
        land.publish();
        land.parent().change(&format!("DELETE FROM sync2_event WHERE {removed}"));
        assert_eq!(land.child.pull_stopped().kind, ErrorKind::NeedsBackfill, "{removed}");
        assert_eq!(land.passed(), passed, "{removed}");
    }
}

// --- A child that was interrupted.

#[test]
fn child_killed_at_any_call_goes_on_where_it_was() {
    let told = ["p1", "e1", "e2", "p2", "e3", "e4", "e5", "p3", "e6"];
    for calls in (1..).step_by(7) {
        let mut land = Land::new();
        land.tell(&told);
        land.child.host.lose_database_after(calls);
        let ended = land.child.engine.pull(&mut land.child.host);
        let is_complete = ended.is_ok_and(|report| report.run.state.name() == "completed");
        land.child.host.find_database();
        land.child.restart_with(|_| {});
        land.child.change("UPDATE sync2_lease SET expires_at = 0");
        land.child.pull();
        assert_eq!((land.passed(), count_applied(&land.audited())), (9, 3), "after {calls} calls");
        if is_complete {
            return;
        }
    }
}
