//! How the mock parent fails.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::lock;

/// For a request that has to come: longer than any machine takes, and an end for a test to which none comes.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The answer to a request instead of its proper one.
#[derive(Clone)]
pub enum Fault {
    /// This answer.
    Answer {
        /// The HTTP status.
        status: u16,
        /// Name and value of each header.
        headers: Vec<(&'static str, String)>,
        /// The body; empty for none.
        body: String,
    },
    /// The proper answer with another body, made from the proper one.
    Edited(fn(&str) -> String),
    /// The first half of the proper body, as if that were all.
    HalfBody,
    /// The first half of the proper body; then the connection is cut.
    CutOff,
    /// The proper effect, and then a connection that is closed without an answer.
    Unanswered,
    /// Status 200 and a body of so many bytes. It is made while it is sent.
    HugeBody(u64),
    /// The proper answer, once the gate is released.
    Wait(Gate),
}

impl Fault {
    /// An answer of that status with an empty body.
    pub fn status(status: u16) -> Fault {
        Fault::Answer { status, headers: Vec::new(), body: String::new() }
    }

    /// An answer of that status that asks to come again in so many seconds.
    pub fn retry_after(status: u16, seconds: u64) -> Fault {
        Fault::Answer { status, headers: vec![("retry-after", seconds.to_string())], body: String::new() }
    }

    /// Status 200 with another content.
    pub fn body(content_type: &str, body: impl Into<String>) -> Fault {
        Fault::Answer { status: 200, headers: vec![("content-type", content_type.to_string())], body: body.into() }
    }

    /// Returns HAPI's answer to `/metadata` when it serves these types.
    pub fn served_types(types: &[&str]) -> Fault {
        Fault::body("application/fhir+json;charset=UTF-8", capability_statement(types).to_string())
    }

    /// Returns HAPI's answer for a type that it does not serve, or that it has lost.
    pub fn unknown_resource_type(fhir_type: &str) -> Fault {
        let text = format!("HAPI-0302: Unknown resource type '{fhir_type}' - Server knows how to handle: [Metadata]");
        Fault::Answer {
            status: 404,
            headers: vec![("content-type", "application/fhir+json;charset=UTF-8".to_string())],
            body: operation_outcome(&text),
        }
    }
}

/// Returns HAPI's answer to `/metadata` when it serves these types.
pub(super) fn capability_statement(types: &[&str]) -> Value {
    let resources: Vec<Value> = types.iter().map(|fhir_type| json!({"type": fhir_type})).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "software": {"name": "HAPI FHIR Server", "version": "5.7.9"},
        "fhirVersion": "4.0.1",
        "rest": [{"mode": "server", "resource": resources}],
    })
}

/// HAPI's error document.
pub(super) fn operation_outcome(diagnostics: &str) -> String {
    let issue = json!({"severity": "error", "code": "processing", "diagnostics": diagnostics});
    json!({"resourceType": "OperationOutcome", "issue": [issue]}).to_string()
}

/// Holds requests back.
#[derive(Clone)]
pub struct Gate {
    state: Arc<GateState>,
}

struct GateState {
    reached: Mutex<bool>,
    changed: Condvar,
    released: CancellationToken,
}

impl Gate {
    pub(super) fn new() -> Gate {
        let state =
            GateState { reached: Mutex::new(false), changed: Condvar::new(), released: CancellationToken::new() };
        Gate { state: Arc::new(state) }
    }

    /// Blocks until a request waits here. Panics if none comes in [`LONGEST_WAIT`].
    pub fn wait_until_reached(&self) {
        let reached = lock(&self.state.reached);
        let waited = self.state.changed.wait_timeout_while(reached, LONGEST_WAIT, |reached| !*reached);
        assert!(waited.is_ok_and(|(_, outcome)| !outcome.timed_out()), "no request came within {LONGEST_WAIT:?}");
    }

    /// Lets all requests go on, those that wait and those to come.
    pub fn release(&self) {
        self.state.released.cancel();
    }

    pub(super) async fn pass(&self) {
        *lock(&self.state.reached) = true;
        self.state.changed.notify_all();
        self.state.released.cancelled().await;
    }
}

/// Returns true for the paths, with their queries, that a fault concerns.
pub(super) type Matches = Box<dyn FnMut(&str) -> bool + Send>;

/// The faults that are set.
#[derive(Default)]
pub(super) struct Faults {
    rules: Vec<Rule>,
}

struct Rule {
    /// How often it still acts; `None`: for ever.
    left: Option<u32>,
    matches: Matches,
    fault: Fault,
}

impl Faults {
    pub(super) fn add(&mut self, times: Option<u32>, matches: Matches, fault: Fault) {
        self.rules.push(Rule { left: times, matches, fault });
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that this request meets.
    pub(super) fn meet(&mut self, path: &str) -> Option<Fault> {
        let mut rules = self.rules.iter_mut().filter(|rule| rule.left != Some(0));
        let rule = rules.find_map(|rule| (rule.matches)(path).then_some(rule))?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.fault.clone())
    }
}
