//! A pull that finds nothing new: what a schedule costs a parent most of the time.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::testing::sqlite_host::SqliteHost;

use crate::measure::{cost, median, rounded};
use crate::parent::{Parent, QUIET, QUIET_CATEGORIES};

const RUNS: usize = 20;

pub fn run() -> Value {
    let mut parent = Parent::start(QUIET);
    let mut host = SqliteHost::in_memory().expect("a database in memory");
    let categories: BTreeMap<&str, Value> = QUIET_CATEGORIES.iter().map(|name| (*name, json!({}))).collect();
    let engine = Engine::open(&parent.config(json!(categories)), &mut host).expect("an engine");
    let first = engine.pull(&mut host).expect("a pull");
    assert_eq!(first.run.progress.events, QUIET_CATEGORIES.len() as u64, "{:?}", first.run.error);
    parent.take_requests();
    let mut runs = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let (report, cost) = cost(|| engine.pull(&mut host).expect("a pull"));
        assert_eq!(report.run.state.name(), "completed", "{:?}", report.run.error);
        runs.push((parent.take_requests().len(), cost));
    }
    let requests = runs.iter().map(|(requests, _)| *requests).max();
    let milliseconds = median(runs.iter().map(|(_, cost)| cost.wall.as_secs_f64() * 1e3));
    json!({
        "bench": "idle", "categories": QUIET_CATEGORIES.len(), "runs": RUNS, "requests": requests,
        "milliseconds": rounded(milliseconds),
        "target": {"requests": QUIET_CATEGORIES.len()}, "reached": requests == Some(QUIET_CATEGORIES.len()),
    })
}
