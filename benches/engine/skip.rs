//! A million events that the filters leave out: how fast markers move over them, and that memory does not grow with
//! them.

use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::testing::null_host::NullHost;

use crate::measure::{cost, forget_peak, peak_resident, resident, rounded};
use crate::parent::{FILTERED, FILTERED_COUNT, Parent};

const TARGET_EVENTS_PER_SECOND: f64 = 50_000.0;
const TARGET_MIB: f64 = 64.0;

pub fn run() -> Value {
    let parent = Parent::start(FILTERED);
    let mut host = NullHost::new().expect("a database in memory");
    // The feed tells of updates only.
    let categories = json!({"patient": {"actions": ["VOIDED"]}});
    let engine = Engine::open(&parent.config(categories), &mut host).expect("an engine");
    forget_peak();
    let idle = resident();
    let (report, cost) = cost(|| engine.pull(&mut host).expect("a pull"));
    let mib = (peak_resident() - idle) as f64 / f64::from(1 << 20);
    assert_eq!(report.run.progress.events, FILTERED_COUNT, "{:?}", report.run.error);
    let rate = FILTERED_COUNT as f64 / cost.wall.as_secs_f64();
    json!({
        "bench": "skip", "events": FILTERED_COUNT, "eventsPerSecond": rounded(rate),
        "cpuMicrosPerEvent": rounded(cost.cpu.as_secs_f64() * 1e6 / FILTERED_COUNT as f64),
        "peakMibAboveIdle": rounded(mib),
        "target": {"eventsPerSecond": TARGET_EVENTS_PER_SECOND, "peakMibAboveIdle": TARGET_MIB},
        "reached": rate >= TARGET_EVENTS_PER_SECOND && mib <= TARGET_MIB,
    })
}
