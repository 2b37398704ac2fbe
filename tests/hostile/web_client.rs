//! A web client that means harm: what it gives for the configuration, and asks of the lists and pages.

use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::error::Result;
use sync2::feed::own::FeedRequest;
use sync2::testing::sqlite_host::SqliteHost;

/// What it does.
pub type Scenario = fn() -> Result<()>;

pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("web-number", || check(r#"{"retry": {"factor": 1e20000000}}"#)),
    ("web-digits", || check(&format!(r#"{{"pull": {{"intervalSeconds": {}}}}}"#, "9".repeat(200_000)))),
    ("web-parser-key", || check(r#"{"node": {"$serde_json::private::Number": "x"}}"#)),
    ("web-depth", || check(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000)))),
    ("web-values", || check(&format!(r#"{{"categories": [{}0]}}"#, "0,".repeat(500_000)))),
    ("web-credentials-in-url", || check(&with_parent(json!({"url": "https://me:secret@emr.example.org/openmrs"})))),
    ("web-file-scheme", || check(&with_parent(json!({"url": "file:///etc/passwd"})))),
    ("web-path-up", || check(&with_parent(json!({"restPath": "/../../admin"})))),
    ("web-node-id", || {
        let (engine, mut host) = node();
        engine.apply_objects(&mut host, "child", "../../x\n", b"").map(drop)
    }),
    ("web-page-number", || {
        let (engine, mut host) = node();
        let url = format!("http://localhost/openmrs/ws/rest/v1/sync2/feed/{}", u64::MAX);
        engine.feed_page(&mut host, &FeedRequest::of(&url, None)?).map(drop)
    }),
    ("web-without", || {
        let without = vec!["patient"; 10_000].join(",");
        let url = format!("http://localhost/openmrs/ws/rest/v1/sync2/feed/1?without={without}");
        FeedRequest::of(&url, None).map(drop)
    }),
    ("web-page-path", || {
        let url = "http://localhost/openmrs/ws/rest/v1/sync2/feed/..%2F..%2Fetc%2Fpasswd";
        FeedRequest::of(url, None).map(drop)
    }),
];

/// The kind of the error.
pub fn gets(scenario: &Scenario) -> String {
    scenario().err().map_or("–".to_string(), |error| {
        assert!(!error.message.contains("secret"), "{}", error.message);
        error.kind.name().to_string()
    })
}

fn check(document: &str) -> Result<()> {
    Engine::check_config(document).map(drop)
}

fn with_parent(fields: Value) -> String {
    let mut document = json!({"parent": {"url": "https://emr.example.org/openmrs", "username": "me", "password": "x"}});
    if let (Value::Object(parent), Value::Object(fields)) = (&mut document["parent"], fields) {
        parent.extend(fields);
    }
    document.to_string()
}

fn node() -> (Engine, SqliteHost) {
    let mut host = SqliteHost::in_memory().unwrap();
    (Engine::open(r#"{"pull": {"enabled": false}}"#, &mut host).unwrap(), host)
}
