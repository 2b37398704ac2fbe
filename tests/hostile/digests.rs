//! A parent whose digests mean harm: they lie, or never come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use sync2::decide::digest::{LEAVES, leaf_of};
use sync2::decide::verification::Depth;
use sync2::engine::Engine;
use sync2::event::Category;
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;
use sync2::wire::{Digested, Digesting, Listed, ListedObject, RangeDigest};

/// The answer to a question.
pub type Scenario = fn(&Digesting) -> Digested;

pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("digests-never-whole", |_| Digested { turn: 7, ..Digested::default() }),
    ("digests-none", |_| Digested { whole: true, ..Digested::default() }),
    ("digests-more-than-asked", |_| whole(vec![other(1); 100_000])),
    ("digests-no-sum", |asked| whole(vec![RangeDigest { objects: 1, sum: "sum".repeat(1000) }; asked_for(asked)])),
    ("digests-huge-count", |asked| match asked.width {
        Some(_) => whole(vec![other(u64::MAX); asked_for(asked)]),
        None => whole(Vec::new()),
    }),
    ("digests-of-other-leaves", |asked| match asked.width {
        Some(_) => whole(vec![other(1); asked_for(asked)]),
        None => Digested {
            objects: (0..50).map(|number| listed(&other_uuid(asked, number))).collect(),
            ..whole(Vec::new())
        },
    }),
    ("digests-many-objects", |asked| match asked.width {
        Some(_) => whole(vec![other(1); asked_for(asked)]),
        None if asked.from == 0 => Digested { objects: vec![listed("good-1"); 30_000], ..whole(Vec::new()) },
        None => whole(Vec::new()),
    }),
];

fn whole(digests: Vec<RangeDigest>) -> Digested {
    Digested { whole: true, digests, ..Digested::default() }
}

fn other(objects: u64) -> RangeDigest {
    RangeDigest { objects, sum: "f".repeat(32) }
}

/// How many digests were asked for.
fn asked_for(asked: &Digesting) -> usize {
    (asked.to - asked.from).div_ceil(asked.width.unwrap_or(LEAVES)) as usize
}

fn other_uuid(asked: &Digesting, number: u32) -> String {
    let mut uuids = (number * 10..).map(|number| format!("other-{number}"));
    uuids.find(|uuid| leaf_of(uuid) != asked.from).unwrap()
}

fn listed(uuid: &str) -> ListedObject {
    ListedObject { uuid: uuid.to_string(), hash: Some("0".repeat(64)), locations: Vec::new() }
}

/// How a comparison ends, and whether the lists were gone through instead. No difference is invented.
pub fn gets(scenario: &Scenario) -> String {
    let parent = MockParent::start();
    parent.serve_exchange();
    for (category, document) in [
        (Category::patient(), json!({"resourceType": "Patient", "id": "good-1"})),
        (location(), json!({"resourceType": "Location", "id": "good-2", "name": "Gulu"})),
    ] {
        parent.put(category, document);
    }
    let is_listed = Arc::new(AtomicBool::new(false));
    let seen = is_listed.clone();
    parent.list_as(move |asked| {
        seen.store(true, Ordering::Relaxed);
        let uuid = if asked.category == "patient" { "good-1" } else { "good-2" };
        Listed { objects: vec![ListedObject { hash: None, ..listed(uuid) }], reached: None }
    });
    let scenario = *scenario;
    parent.digest_as(scenario);
    let mut document = parent.config_document(&["location", "patient"]);
    document["parent"]["exchange"] = "auto".into();
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(&document.to_string(), &mut host).unwrap();
    assert_eq!(engine.pull(&mut host).unwrap().run.state.name(), "completed");
    let run = engine.verify(&mut host, Depth::Quick).unwrap().run;
    let verification = engine.verification(&mut host).unwrap();
    assert!(verification.ended_at.is_some());
    assert!(verification.categories.iter().all(|verified| verified.findings.is_empty()), "{verification:?}");
    let way = if is_listed.load(Ordering::Relaxed) { "listed" } else { "by digests" };
    format!("{}, {way}", run.state.name())
}

fn location() -> Category {
    Category::parse("location").unwrap()
}
