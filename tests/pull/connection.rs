//! The connection test: each way in which a parent cannot be used is told at its own step.

use serde_json::{Value, json};
use sync2::connection_test::{Check, ConnectionTest};
use sync2::engine::{Engine, Injected};
use sync2::environment::{Environment, HostZone};
use sync2::error::ErrorKind;
use sync2::event::Action;
use sync2::testing::mock_parent::{Fault, MockParent};
use sync2::testing::sqlite_host::SqliteHost;

use crate::node::{Child, category, patient};
use crate::own_feed;

fn test(config: &Value) -> ConnectionTest {
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(&config.to_string(), &mut host).unwrap();
    let test = engine.connection_test().unwrap();
    assert_eq!(engine.runs(&mut host, 10, 0).unwrap().len(), 0, "a test is no run");
    test
}

fn config(parent: &MockParent) -> Value {
    parent.config_document(&["patient", "location", "encounter_type"])
}

fn outline(test: &ConnectionTest) -> Vec<(&str, Option<&str>, bool)> {
    test.checks.iter().map(|check| (check.name, check.category, check.ok)).collect()
}

/// The one check that is not well.
fn failed(test: &ConnectionTest) -> &Check {
    assert!(!test.ok);
    let failed: Vec<&Check> = test.checks.iter().filter(|check| !check.ok).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    failed[0]
}

#[test]
fn a_parent_that_is_well_passes_every_check() {
    let parent = MockParent::start();
    let test = test(&config(&parent));
    assert!(test.ok, "{test:?}");
    let expected = [
        ("dns", None),
        ("connect", None),
        ("http", None),
        ("logIn", None),
        ("feed", Some("encounter_type")),
        ("feed", Some("location")),
        ("feed", Some("patient")),
        ("rest", Some("encounter_type")),
        ("fhir", Some("location")),
        ("fhir", Some("patient")),
        ("versions", None),
        ("clock", None),
        ("zone", None),
    ];
    assert_eq!(outline(&test), expected.map(|(name, category)| (name, category, true)));
    let versions: Vec<_> = test.versions.iter().map(|(name, version)| (name.as_str(), version.as_str())).collect();
    assert_eq!(versions, [("fhir", "4.0.1"), ("fhir2", "4.2.0"), ("hapi", "5.7.9"), ("openmrs", "2.8.9")]);
    assert!(test.clock_difference_ms.unwrap().abs() < 60_000);
    assert!(parent.requests().iter().all(|request| request.method == "GET"));
}

/// The checks of feeds.
fn feed_checks(test: &ConnectionTest) -> Vec<(Option<&str>, bool)> {
    test.checks.iter().filter(|check| check.name == "feed").map(|check| (check.category, check.ok)).collect()
}

#[test]
fn a_parent_that_publishes_its_own_feed_needs_no_other() {
    let parent = own_feed::parent();
    parent.fail(|path| path.contains("/ws/atomfeed"), Fault::status(404));
    assert_eq!(feed_checks(&test(&config(&parent))), [(None, true)]);
    let mut config = config(&parent);
    config["parent"]["feed"] = "atomfeed".into();
    assert!(feed_checks(&test(&config)).iter().all(|(category, ok)| category.is_some() && !ok));
}

#[test]
fn test_of_parent_without_the_configured_own_feed_fails() {
    let parent = MockParent::start();
    let mut config = config(&parent);
    config["parent"]["feed"] = "sync2".into();
    assert_eq!(feed_checks(&test(&config)), [(None, false)]);
}

#[test]
fn the_privilege_for_the_parents_own_feed_is_told() {
    let parent = own_feed::parent();
    parent.fail(|path| path.contains("/sync2/feed"), Fault::status(403));
    let test = test(&config(&parent));
    assert!(failed(&test).message.contains("Get Sync2 Feed"), "{test:?}");
}

#[test]
fn the_feeds_that_the_last_run_read_are_tried() {
    let parent = MockParent::start();
    parent.append_event(category("patient"), Action::Updated, "nobody");
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.publish_own_feed();
    assert_eq!(feed_checks(&child.engine.connection_test().unwrap()), [(Some("patient"), true)]);
}

#[test]
fn a_category_that_is_part_of_another_needs_only_its_feed() {
    let parent = MockParent::start();
    let test = test(&parent.config_document(&["patient", "person_name"]));
    assert!(test.ok, "{test:?}");
    let checks = test.checks.iter().filter(|check| check.category == Some("person_name"));
    assert_eq!(checks.map(|check| check.name).collect::<Vec<_>>(), ["feed"]);
}

#[test]
fn a_name_without_an_address_is_told_as_such() {
    let parent = MockParent::start();
    let mut config = config(&parent);
    config["parent"]["url"] = json!("http://parent.invalid/openmrs");
    let test = test(&config);
    assert_eq!(outline(&test), [("dns", None, false)]);
    assert!(failed(&test).message.contains("parent.invalid"));
}

#[test]
fn a_server_that_is_not_there_is_told_as_such() {
    let parent = MockParent::start();
    parent.stop();
    let test = test(&config(&parent));
    assert_eq!(outline(&test), [("dns", None, true), ("connect", None, false)]);
    assert!(failed(&test).message.contains("refused"), "{test:?}");
}

#[test]
fn https_where_there_is_none_is_told_as_such() {
    let parent = MockParent::start();
    let mut config = config(&parent);
    config["parent"]["url"] = json!(parent.url().as_str().replace("http:", "https:"));
    config["parent"]["caFile"] = json!(own_ca());
    let test = test(&config);
    assert_eq!(outline(&test), [("dns", None, true), ("connect", None, true), ("tls", None, false)]);
    assert!(failed(&test).message.contains("certificate"), "{test:?}");
}

/// So that TLS can be set up on a machine that has no certificates.
fn own_ca() -> std::path::PathBuf {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("connection-test-ca.pem");
    std::fs::write(&path, certificate.pem()).unwrap();
    path
}

#[test]
fn a_wrong_password_ends_at_the_log_in_and_is_not_shown() {
    let parent = MockParent::start();
    let mut config = config(&parent);
    config["parent"]["password"] = json!("not the right one");
    let test = test(&config);
    assert_eq!(test.checks.last().map(|check| check.name), Some("logIn"));
    assert!(failed(&test).message.contains("parent.password"), "{test:?}");
    assert!(!format!("{test:?}").contains("not the right one"));
}

#[test]
fn a_portal_in_between_is_told_with_its_address() {
    let parent = MockParent::start();
    let headers = vec![("location", "http://portal.example.org/login?to=x".to_string())];
    parent.fail(|_| true, Fault::Answer { status: 302, headers, body: String::new() });
    let test = test(&config(&parent));
    assert_eq!(failed(&test).name, "http");
    assert!(failed(&test).message.contains("http://portal.example.org/login,"), "{test:?}");
}

/// The atomfeed module answers 200 with a stack trace.
#[test]
fn a_feed_that_is_a_stack_trace_is_told_by_its_category() {
    let parent = MockParent::start();
    let trace = Fault::body("application/json", r#"{"stackTrace": []}"#);
    parent.fail(|path| path.contains("/ws/atomfeed/location"), trace);
    let test = test(&config(&parent));
    assert_eq!((failed(&test).name, failed(&test).category), ("feed", Some("location")));
}

#[test]
fn category_closed_to_the_account_is_named_by_the_test() {
    for (path, name, category) in [("/Patient", "fhir", "patient"), ("/encountertype", "rest", "encounter_type")] {
        let parent = MockParent::start();
        parent.fail(move |asked| asked.contains(path), Fault::status(403));
        let test = test(&config(&parent));
        assert_eq!((failed(&test).name, failed(&test).category), (name, Some(category)));
        assert!(failed(&test).message.contains("privileges"), "{test:?}");
    }
}

/// As a standalone node lets an account of a child do.
#[test]
fn an_account_that_may_only_use_the_exchange_needs_no_more() {
    let parent = MockParent::start();
    parent.fail(|path| ["/fhir2/", "/encountertype"].iter().any(|plain| path.contains(plain)), Fault::status(403));
    let mut config = config(&parent);
    config["parent"]["exchange"] = json!("auto");
    assert_eq!(test(&config).checks.iter().filter(|check| !check.ok).count(), 3);
    parent.serve_exchange();
    let test = test(&config);
    assert!(test.ok, "{test:?}");
    let patients = test.checks.iter().find(|check| check.name == "fhir" && check.category == Some("patient"));
    assert!(patients.unwrap().message.contains("exchange"), "{test:?}");
}

#[test]
fn a_failure_of_the_parent_itself_is_told() {
    let parent = MockParent::start();
    parent.fail(|path| path.contains("/Location"), Fault::status(500));
    let test = test(&config(&parent));
    assert_eq!(failed(&test).category, Some("location"));
    assert!(failed(&test).message.contains("500"), "{test:?}");
}

#[test]
fn test_names_each_category_of_a_fhir_servlet_without_resources() {
    let parent = MockParent::start();
    parent.lose_fhir_resources();
    let test = test(&config(&parent));
    let failed: Vec<&Check> = test.checks.iter().filter(|check| !check.ok).collect();
    assert_eq!(failed.iter().map(|check| check.category).collect::<Vec<_>>(), [Some("location"), Some("patient")]);
    assert!(failed.iter().all(|check| check.message.contains("restart the parent's OpenMRS")), "{failed:?}");
}

#[test]
fn versions_that_the_account_may_not_see_are_no_failure() {
    let parent = MockParent::start();
    parent.fail(
        |path| ["systeminformation", "module", "metadata"].iter().any(|name| path.contains(name)),
        Fault::status(403),
    );
    let test = test(&config(&parent));
    assert!(test.ok, "{test:?}");
    assert!(test.versions.is_empty());
}

#[test]
fn a_clock_that_is_far_off_is_told() {
    let parent = MockParent::start();
    let headers = vec![
        ("content-type", "application/json".to_string()),
        ("set-cookie", "JSESSIONID=1; Path=/openmrs".to_string()),
        ("date", "Fri, 01 Jan 2100 00:00:00 GMT".to_string()),
    ];
    let body = r#"{"authenticated": true}"#.to_string();
    parent.fail(|path| path.ends_with("/session"), Fault::Answer { status: 200, headers, body });
    let mut config = json!({"parent": config(&parent)["parent"], "categories": {}});
    config["parent"]["feed"] = "atomfeed".into();
    let test = test(&config);
    assert_eq!(failed(&test).name, "clock");
    assert!(test.clock_difference_ms.unwrap() > 1_000_000_000);
}

/// As OpenMRS tells them in a zone that is three hours ahead of UTC.
fn in_nairobi(parent: &MockParent) {
    let headers =
        vec![("content-type", "application/json".to_string()), ("date", "Mon, 30 Nov 2026 06:00:10 GMT".to_string())];
    let body = json!({"systemInfo": {
        "SystemInfo.title.openmrsInformation": {
            "SystemInfo.OpenMRSInstallation.systemDate": "2026-11-30",
            "SystemInfo.OpenMRSInstallation.systemTime": "09:00:09"},
        "SystemInfo.title.javaRuntimeEnvironmentInformation": {
            "SystemInfo.JavaRuntimeEnv.systemTimezone": "Africa/Nairobi"}}});
    let body = body.to_string();
    parent.fail(|path| path.ends_with("/systeminformation"), Fault::Answer { status: 200, headers, body });
}

fn test_in(zone: Option<HostZone>, parent: &MockParent) -> (ConnectionTest, String) {
    let mut host = SqliteHost::in_memory().unwrap();
    let environment = Environment { zone, ..Environment::default() };
    let engine = Engine::open_with(&config(parent).to_string(), Injected::default(), environment, &mut host).unwrap();
    let test = engine.connection_test().unwrap();
    let zone = test.checks.iter().find(|check| check.name == "zone").unwrap();
    assert!(zone.ok, "{zone:?}");
    let message = zone.message.clone();
    (test, message)
}

#[test]
fn zones_that_differ_are_told_with_what_that_means() {
    let parent = MockParent::start();
    in_nairobi(&parent);
    let utc = HostZone { name: "UTC".to_string(), offsets: vec![(0, 0)] };
    let (test, message) = test_in(Some(utc), &parent);
    assert_eq!(test.zone_difference_seconds, Some(10_800));
    assert!(message.contains("Africa/Nairobi (UTC+03:00)") && message.contains("3 h earlier here"), "{message}");
    // Summer time has begun long ago, and what comes later does not count.
    let offsets = vec![(0, 0), (1_000, 10_800), (i64::MAX, 0)];
    let (test, _) = test_in(Some(HostZone { name: "Africa/Kampala".to_string(), offsets }), &parent);
    assert_eq!(test.zone_difference_seconds, Some(0));
}

#[test]
fn a_zone_that_is_not_told_is_no_failure() {
    let parent = MockParent::start();
    let (test, message) = test_in(None, &parent);
    assert_eq!(test.zone_difference_seconds, None);
    assert!(message.contains("not known"), "{message}");
    parent.fail(|path| path.contains("systeminformation") || path.contains("_summary=count"), Fault::status(403));
    let utc = HostZone { name: "UTC".to_string(), offsets: vec![(0, 0)] };
    let (_, message) = test_in(Some(utc), &parent);
    assert!(message.contains("does not tell"), "{message}");
}

#[test]
fn a_node_without_a_parent_has_nothing_to_test() {
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(r#"{"pull": {"enabled": false}}"#, &mut host).unwrap();
    assert_eq!(engine.connection_test().unwrap_err().kind, ErrorKind::Configuration);
    engine.close().unwrap();
    assert_eq!(engine.connection_test().unwrap_err().kind, ErrorKind::Closed);
}

#[test]
fn closing_the_engine_ends_a_test_that_waits() {
    let parent = MockParent::start();
    let gate = parent.hold(|path| path.ends_with("/session"));
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(&config(&parent).to_string(), &mut host).unwrap();
    std::thread::scope(|scope| {
        let test = scope.spawn(|| engine.connection_test());
        gate.wait_until_reached();
        engine.close().unwrap();
        assert_eq!(test.join().unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    });
}

#[test]
fn a_status_after_a_run_names_a_clock_that_is_ten_minutes_slow() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    let told = |child: &Child| {
        let problems = child.engine.status().unwrap().problems;
        problems.into_iter().find(|problem| problem.contains("clock"))
    };
    assert_eq!(told(&child), None);
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(600);
    let headers = vec![("date", httpdate::fmt_http_date(ahead))];
    parent.put(category("patient"), patient("q", "Auma"));
    parent.fail(|path| path.contains("/Patient/"), Fault::Answer { status: 404, headers, body: String::new() });
    child.pull_to_the_end();
    let told = told(&child).unwrap();
    assert!(told.contains(" seconds behind the parent's") && told.contains("NTP"), "{told}");
}

#[test]
fn while_one_test_is_under_way_another_is_refused() {
    let parent = MockParent::start();
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(&config(&parent).to_string(), &mut host).unwrap();
    let gate = parent.hold(|path| path.contains("/session"));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| engine.connection_test().unwrap().ok);
        gate.wait_until_reached();
        assert_eq!(engine.connection_test().unwrap_err().kind, ErrorKind::AlreadyRunning);
        gate.release();
        assert!(first.join().unwrap());
    });
    assert!(engine.connection_test().unwrap().ok);
}
