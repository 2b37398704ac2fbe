//! A parent whose list of what it has means harm: it does not end, or is none.

use serde_json::json;
use sync2::decide::verification::Depth;
use sync2::engine::Engine;
use sync2::event::{Category, ObjectId};
use sync2::host::Stored;
use sync2::store::Sql;
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;
use sync2::wire::{Listed, ListedObject, ReadLine};

/// A part of the list of patients, by its number from 0.
pub type Scenario = fn(usize) -> Listed;

pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("list-stands-still", |_| part(&["good-1"], Some("a"))),
    ("list-circle", |number| part(&["good-1"], ["a", "b", "c"].get(number % 3).copied())),
    ("list-more-than-asked", |_| {
        let many: Vec<String> = (0..1000).map(|number| format!("p{number}")).collect();
        part(&many.iter().map(String::as_str).collect::<Vec<_>>(), Some("z"))
    }),
    ("list-long-place", |_| part(&["good-1"], Some(&"a".repeat(1 << 20)))),
    ("list-same-object", |_| part(&["good-1"; 250], None)),
    ("list-path-in-uuid", |_| part(&["../../admin", "good-1"], None)),
    ("list-of-nothing", |_| part(&["not-there", "good-1"], None)),
];

fn part(uuids: &[&str], reached: Option<&str>) -> Listed {
    let listed = |uuid: &&str| ListedObject { uuid: uuid.to_string(), hash: None, locations: Vec::new() };
    Listed { objects: uuids.iter().map(listed).collect(), reached: reached.map(str::to_string) }
}

/// How the backfill ends, and whether the list was left. What stands in the list of the other
/// category arrives in any case, and nothing is saved twice.
pub fn gets(scenario: &Scenario) -> String {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent.store(Category::patient(), json!({"resourceType": "Patient", "id": "good-1"}));
    parent.store(location(), json!({"resourceType": "Location", "id": "good-2", "name": "Gulu"}));
    let (scenario, mut number) = (*scenario, 0);
    parent.list_as(move |asked: &ReadLine| {
        if asked.category != "patient" {
            return part(&["good-2"], None);
        }
        number += 1;
        scenario(number - 1)
    });
    let mut document = parent.config_document(&["location", "patient"]);
    document["parent"]["exchange"] = "auto".into();
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(&document.to_string(), &mut host).unwrap();
    let run = engine.backfill(&mut host).unwrap().run;
    assert!(has(&host, location(), "good-2"), "one bad list holds up another");
    assert!(host.counters().saves <= 2, "what is listed twice is saved once");
    assert!(engine.parked(&mut host, 10, 0).unwrap().is_empty());
    let left = host.query("SELECT not_listed FROM sync2_backfill WHERE not_listed = 1", &[]).unwrap().len();
    assert!(left == 1 || has(&host, Category::patient(), "good-1"));
    assert_eq!(is_compared_whole(&engine, &mut host), left == 0, "a comparison leaves the same lists");
    format!("{}, {}", run.state.name(), if left == 1 { "left" } else { "whole" })
}

/// Compares both sides, which comes to its end in any case. Returns true if the list of patients was not left.
fn is_compared_whole(engine: &Engine, host: &mut SqliteHost) -> bool {
    let run = engine.verify(host, Depth::Quick).unwrap().run;
    assert_eq!(run.state.name(), "completed", "{:?}", run.error);
    let verification = engine.verification(host).unwrap();
    assert!(verification.ended_at.is_some());
    let patients = verification.categories.into_iter().find(|verified| verified.category == Category::patient());
    patients.unwrap().why.is_none()
}

fn location() -> Category {
    Category::parse("location").unwrap()
}

fn has(host: &SqliteHost, category: Category, uuid: &str) -> bool {
    matches!(host.look(&ObjectId { category, uuid: uuid.to_string() }).unwrap(), Stored::Present(_))
}
