//! The preflight: two good sides pass, and each planted fault fails its own check and no other.

use serde_json::{Value, json};
use sync2::decide::preflight::CHECKS;
use sync2::engine::{Engine, Injected};
use sync2::environment::{Environment, HostZone};
use sync2::error::{Error, ErrorKind};
use sync2::event::{ObjectId, Representation};
use sync2::testing::mock_parent::{Fault, MockParent};
use sync2::testing::sqlite_host::SqliteHost;

use crate::intercepted::{Call, Intercepted};
use crate::program::{Program, by, category, get, post};

const JSON: &str = "application/json";

/// A parent that has and tells everything, in UTC.
fn good_parent() -> MockParent {
    parent_with(|_| ())
}

/// The same with a fault, which comes before what is good.
fn parent_with(plant: impl FnOnce(&MockParent)) -> MockParent {
    let parent = MockParent::start();
    plant(&parent);
    parent.publish_own_feed();
    parent.serve_exchange();
    modules(&parent, env!("CARGO_PKG_VERSION"));
    objects(&parent, 7);
    let system = json!({"systemInfo": {"SystemInfo.title.openmrsInformation": {
        "SystemInfo.OpenMRSInstallation.systemDate": "2026-11-30",
        "SystemInfo.OpenMRSInstallation.systemTime": "06:00:09"}}});
    let headers = vec![("content-type", JSON.to_string()), ("date", "Mon, 30 Nov 2026 06:00:10 GMT".to_string())];
    let system = Fault::Answer { status: 200, headers, body: system.to_string() };
    parent.fail(|path| path.ends_with("/systeminformation"), system);
    parent
}

/// Its modules, this one in that version.
fn modules(parent: &MockParent, version: &str) {
    let modules = json!({"results": [{"uuid": "fhir2", "version": "4.2.0"}, {"uuid": "sync2", "version": version}]});
    parent.fail(|path| path.contains("/module?"), Fault::body(JSON, modules.to_string()));
}

/// So many of each category.
fn objects(parent: &MockParent, total: u64) {
    let bundle = json!({"resourceType": "Bundle", "total": total, "entry": [{"resource": {"id": "some"}}]});
    parent.fail(|path| path.contains("?_count=5"), Fault::body(JSON, bundle.to_string()));
}

fn child(parent: &MockParent) -> Program {
    let mut program = Program::with_categories(parent, &["patient", "location"]);
    let mut document: Value = program.get("config");
    document["pull"] = json!({"firstRun": "backfill"});
    program.reopen(document);
    program
}

/// The checks that say something is wrong, with the verdict.
fn wrong(preflight: &Value) -> Vec<(&str, &str)> {
    let checks = preflight["checks"].as_array().unwrap();
    let told = checks.iter().map(|check| (check["check"].as_str().unwrap(), check["result"].as_str().unwrap()));
    let wrong: Vec<_> = told.filter(|(_, result)| !matches!(*result, "ok" | "unknown")).collect();
    for check in checks {
        assert!(!check["what"].as_str().unwrap().is_empty(), "{check}");
        assert_eq!(check["todo"] == "", check["result"] == "ok", "{check}");
    }
    assert!(!preflight.to_string().contains("sync-test"), "it holds the password");
    wrong
}

#[test]
fn two_good_sides_pass_every_check() {
    let parent = good_parent();
    let mut host = SqliteHost::in_memory().unwrap();
    let zone = Some(HostZone { name: "UTC".to_string(), offsets: vec![(0, 0)] });
    let environment = Environment { zone, ..Environment::default() };
    let mut document = parent.config_document(&["patient", "location"]);
    document["parent"]["exchange"] = "auto".into();
    document["pull"] = json!({"firstRun": "backfill"});
    let engine = Engine::open_with(&document.to_string(), Injected::default(), environment, &mut host).unwrap();
    let preflight = serde_json::to_value(engine.preflight(&mut host).unwrap()).unwrap();
    let checks = preflight["checks"].as_array().unwrap();
    assert_eq!(checks.iter().map(|check| check["check"].as_str().unwrap()).collect::<Vec<_>>(), CHECKS);
    for check in checks.iter().filter(|check| check["check"] != "disk") {
        assert_eq!(check["result"], "ok", "{check}");
    }
    assert_eq!((wrong(&preflight), &preflight["result"]), (vec![], &json!("ok")));
    assert_eq!(checks[10]["details"]["objects"], json!({"location": 7, "patient": 7}));
    assert_eq!(engine.runs(&mut host, 10, 0).unwrap().len(), 0, "a preflight is no run");
}

#[test]
fn parent_that_is_away_fails_reach_alone() {
    let parent = good_parent();
    parent.stop();
    let preflight = child(&parent).post("preflight", json!({}));
    assert_eq!((wrong(&preflight), preflight["checks"].as_array().unwrap().len()), (vec![("reach", "failed")], 1));
    assert_eq!(preflight["result"], "failed");
}

#[test]
fn category_that_is_refused_fails_privileges_alone() {
    let parent = good_parent();
    let mut program = child(&parent);
    let mut document: Value = program.get("config");
    document["parent"]["exchange"] = "never".into();
    document["pull"] = json!({"firstRun": "feed"});
    program.reopen(document);
    parent.fail(|path| path.contains("/Location?_count=1"), Fault::status(403));
    let preflight = program.post("preflight", json!({}));
    assert_eq!(wrong(&preflight), [("privileges", "failed")], "{preflight}");
    assert!(preflight["checks"][1]["what"].as_str().unwrap().contains("location"), "{preflight}");
}

#[test]
fn parent_of_another_series_is_warned_of() {
    let parent = parent_with(|parent| modules(parent, "0.1.0"));
    assert_eq!(wrong(&child(&parent).post("preflight", json!({}))), [("versions", "warning")]);
}

#[test]
fn parent_without_this_module_or_atomfeed_fails() {
    let modules = json!({"results": [{"uuid": "fhir2", "version": "4.2.0"}, {"uuid": "idgen", "version": "4"}]});
    let modules = Fault::body(JSON, modules.to_string());
    let parent = parent_with(|parent| parent.fail(|path| path.contains("/module?"), modules));
    assert_eq!(wrong(&child(&parent).post("preflight", json!({}))), [("parentModules", "failed")]);
}

#[test]
fn clock_that_is_ten_minutes_off_fails() {
    let parent = good_parent();
    let program = child(&parent);
    let is_session = |path: &str| path.ends_with("/session");
    assert!(program.engine.connection_test().unwrap().ok);
    // The last of them asks for the time; those before log in.
    let (last, mut asked) = (parent.count_requests(is_session), 0);
    let asks_time = move |path: &str| {
        asked += usize::from(is_session(path));
        is_session(path) && asked == last
    };
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(600);
    let headers = vec![("content-type", JSON.to_string()), ("date", httpdate::fmt_http_date(ahead))];
    let body = json!({"authenticated": true}).to_string();
    parent.fail(asks_time, Fault::Answer { status: 200, headers, body });
    assert_eq!(wrong(&program.post("preflight", json!({}))), [("clock", "failed")]);
}

#[test]
fn server_that_is_a_copy_of_its_parent_fails_node_alone() {
    let parent = good_parent();
    let program = child(&parent);
    let own_feed = program.answer(&get("feed/recent"));
    assert_eq!(own_feed.status, 200);
    let page = String::from_utf8(own_feed.body).unwrap();
    let page = page.replace("http://127.0.0.1/openmrs", parent.url().as_str().trim_end_matches('/'));
    parent.fail(|path| path.contains("/sync2/feed/"), Fault::body("application/atom+xml", page));
    let preflight = program.post("preflight", json!({}));
    assert_eq!(wrong(&preflight), [("node", "failed")], "{preflight}");
}

#[test]
fn category_that_is_not_readable_here_fails_modules_here() {
    let parent = good_parent();
    let program = child(&parent);
    let mut host = program.host.borrow_mut();
    let mut without_fhir = Intercepted::new(&mut host, |_, call| match call {
        Call::Read => Err(Error::new(ErrorKind::Host, "the module fhir2 is not started")),
        _ => Ok(()),
    });
    let preflight = serde_json::to_value(program.engine.preflight(&mut without_fhir).unwrap()).unwrap();
    assert_eq!(wrong(&preflight), [("modulesHere", "failed")]);
}

#[test]
fn metadata_of_one_name_fails_until_it_is_mapped() {
    let parent = good_parent();
    let mut program = child(&parent);
    let ward = ObjectId { category: category("location"), uuid: "ours-1".to_string() };
    let document = json!({"resourceType": "Location", "id": "ours-1", "name": "Ward"}).to_string();
    program.host.borrow_mut().edit(Representation::Fhir, &ward, document.as_bytes()).unwrap();
    let list = json!({"results": [{"uuid": "theirs-1", "name": "Ward"}, {"uuid": "theirs-2", "name": "Lab"}]});
    parent.fail(|path| path.contains("/location?v=custom"), Fault::body(JSON, list.to_string()));
    let preflight = program.post("preflight", json!({}));
    assert_eq!(wrong(&preflight), [("metadata", "failed")], "{preflight}");
    let same = &preflight["checks"][8]["details"]["sameNames"];
    assert_eq!(*same, json!({"location": {"count": 1, "names": ["Ward"]}}));

    let mut document: Value = program.get("config");
    document["uuidMap"] = json!({"location": {"theirs-1": "ours-1"}});
    program.reopen(document);
    assert_eq!(wrong(&program.post("preflight", json!({}))), []);
}

#[test]
fn parent_that_lists_nothing_is_warned_of() {
    let parent = good_parent();
    parent.fail(|path| path.contains("/objects/read"), Fault::status(404));
    assert_eq!(wrong(&child(&parent).post("preflight", json!({}))), [("firstRun", "warning")]);
}

#[test]
fn first_pull_of_many_days_is_warned_of() {
    let parent = parent_with(|parent| objects(parent, 1_000_000_000_000_000));
    assert_eq!(wrong(&child(&parent).post("preflight", json!({}))), [("amount", "warning")]);
}

#[test]
fn parent_that_lies_or_stalls_gives_unknown_in_time() {
    let lie = json!({"total": -1, "entry": "many"}).to_string();
    let mut stalled = None;
    let parent = parent_with(|parent| {
        parent.fail(|path| path.contains("/module?"), Fault::body(JSON, "{\"results\": [7, {\"uuid\": []}]}"));
        parent.fail(|path| path.contains("/Location?_count=5"), Fault::body(JSON, lie));
        let stalls = |path: &str| path.contains("/Patient?_count=5") || path.contains("/location?v=custom");
        stalled = Some(parent.hold(stalls));
    });
    let mut program = child(&parent);
    let mut document: Value = program.get("config");
    document["parent"]["readTimeoutSeconds"] = 1.into();
    program.reopen(document);
    let preflight = program.post("preflight", json!({}));
    assert_eq!(wrong(&preflight), [], "{preflight}");
    let unknown = preflight["checks"].as_array().unwrap().iter().filter(|check| check["result"] == "unknown");
    let unknown: Vec<_> = unknown.map(|check| check["check"].as_str().unwrap()).collect();
    assert_eq!(unknown, ["parentModules", "zone", "metadata", "amount", "disk"], "{preflight}");
}

#[test]
fn preflight_needs_the_privilege_to_manage() {
    let program = child(&good_parent());
    assert_eq!(program.refused(&by(post("preflight", json!({})), &["View Sync2 Audit"])).0, 403);
}
