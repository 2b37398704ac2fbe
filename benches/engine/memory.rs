//! Memory under a child that means harm, and under a parent that does: each of them for ten minutes, and the most resident
//! memory of this process above what it was before. What the allocator keeps of the child's is counted with the parent's.
//!
//! The bytes of a child's request are the carrier's, which limits them: it is made before, and held once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::engine::Engine;
use sync2::testing::null_host::NullHost;

use crate::measure::{forget_peak, peak_resident, resident, rounded};
use crate::parent::{HOSTILE, HOSTILE_COUNT, Parent};

const TARGET_MIB: f64 = 512.0;

/// Minutes of each, while the benchmark itself is worked on.
const MINUTES: &str = "SYNC2_BENCH_MINUTES";

/// Requests of the child at once: many more than there are turns for.
const CHILDREN: usize = 16;

/// Lines of a request.
const LINES: usize = 24;

/// The longest line by default.
const LARGEST_LINE: usize = 1 << 20;

pub fn run() -> Value {
    let minutes = std::env::var(MINUTES).ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(10.0);
    let time = Duration::from_secs_f64(60.0 * minutes);
    let before = resident();
    let child = hostile_child(time);
    let parent = hostile_parent(time, before);
    let reached = [&parent, &child].iter().all(|figures| figures["peakMibAboveIdle"].as_f64() <= Some(TARGET_MIB));
    json!({
        "bench": "memory", "minutes": minutes, "hostileParent": parent, "hostileChild": child,
        "target": {"peakMibAboveIdle": TARGET_MIB}, "reached": reached,
    })
}

/// Pulls one after the other, each of all that the parent has.
fn hostile_parent(time: Duration, idle: u64) -> Value {
    let parent = Parent::start(HOSTILE);
    forget_peak();
    let started = Instant::now();
    let (mut pulls, mut applied, mut parked) = (0, 0, 0);
    while started.elapsed() < time {
        let mut host = NullHost::new().expect("a database in memory");
        let engine = Engine::open(&parent.config(json!({"patient": {}})), &mut host).expect("an engine");
        let run = engine.pull(&mut host).expect("a pull").run;
        let count =
            |status| run.progress.counts.iter().filter(|(of, _)| of.name() == status).map(|(_, n)| n).sum::<u64>();
        assert_eq!(run.progress.events, HOSTILE_COUNT, "{:?}", run.error);
        (pulls, applied, parked) = (pulls + 1, applied + count("APPLIED"), parked + count("PARKED"));
        engine.close().expect("an engine that was open");
    }
    json!({"pulls": pulls, "applied": applied, "parked": parked, "peakMibAboveIdle": above(idle)})
}

/// Requests of many children at once to the exchange of one node, again and again.
fn hostile_child(time: Duration) -> Value {
    let mut host = NullHost::new().expect("a database in memory");
    let config = json!({"pull": {"enabled": false}, "exchange": {"children": {"child": {}}}}).to_string();
    let engine = Engine::open(&config, &mut host).expect("an engine");
    let requests = requests();
    let (answered, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let over = AtomicBool::new(false);
    let idle = resident();
    forget_peak();
    thread::scope(|scope| {
        for number in 0..CHILDREN {
            let (engine, requests, over, answered, refused) = (&engine, &requests, &over, &answered, &refused);
            scope.spawn(move || {
                let mut host = NullHost::new().expect("a database in memory");
                for request in requests.iter().cycle().skip(number).take_while(|_| !over.load(Ordering::Relaxed)) {
                    let node = format!("child-{number}");
                    let applied = engine.apply_objects(&mut host, "child", &node, request);
                    let read = engine.read_objects(&mut host, "child", request);
                    let busy = u64::from(applied.is_err()) + u64::from(read.is_err());
                    refused.fetch_add(busy, Ordering::Relaxed);
                    answered.fetch_add(2 - busy, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
    });
    json!({
        "children": CHILDREN, "answered": answered.into_inner(), "refused": refused.into_inner(),
        "peakMibAboveIdle": above(idle),
    })
}

/// Requests of lines that take many times their length in memory, that are long, and that are refused after they are read.
fn requests() -> Vec<Vec<u8>> {
    let small_objects = format!("[{}{{}}]", r#"{"a":0},"#.repeat(48_000));
    let texts = format!("[{}\"\"]", r#""","#.repeat(90_000));
    let values = [
        small_objects,
        texts,
        json!("x".repeat(LARGEST_LINE - 1000)).to_string(),
        format!("{}{}", "[".repeat(90), "]".repeat(90)),
        "9".repeat(LARGEST_LINE / 2),
        "1e20000000".to_string(),
        format!("[{}{{}}]", r#"{"a":0},"#.repeat(120_000)),
    ];
    let request =
        |value: &String| (0..LINES).map(|number| line(number, value)).collect::<Vec<_>>().join("\n").into_bytes();
    values.iter().map(request).collect()
}

fn line(number: usize, value: &str) -> String {
    let uuid = format!("patient-{number}");
    format!(
        r#"{{"category":"patient","uuid":"{uuid}","representation":"fhir","canonicalVersion":{},"action":"UPDATED","document":{{"resourceType":"Patient","id":"{uuid}","name":{value}}}}}"#,
        canonical::VERSION
    )
}

fn above(idle: u64) -> f64 {
    rounded(peak_resident().saturating_sub(idle) as f64 / f64::from(1 << 20))
}
