//! Runs the tables of `docs/failures.md`: each row is one scenario, and what is expected of it is read from the row.

mod scenarios;
#[path = "../common/table.rs"]
mod table;
mod world;

use std::collections::BTreeSet;
use std::thread;

use sync2::error::ErrorKind;
use sync2::event::Direction;
use sync2::testing::mock_parent::Fault;

use scenarios::{SCENARIOS, Scenario};
use table::Row;
use world::{World, category, location, patient};

#[test]
fn every_row_has_a_scenario_and_every_scenario_a_row() {
    let rows: Vec<String> = table::rows(Direction::Pull).into_iter().map(|row| row.id).collect();
    let scenarios: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
    assert_eq!(rows.iter().map(String::as_str).collect::<BTreeSet<_>>(), scenarios.iter().copied().collect());
    assert_eq!(rows.len(), scenarios.len(), "an id is there twice");
}

#[test]
fn each_row_is_true() {
    let mut wrong = Vec::new();
    for row in table::rows(Direction::Pull) {
        let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.id == row.id) else { continue };
        // The thread's name stands in the message of a failure.
        let thread = thread::Builder::new().name(row.id.clone());
        let outcome = thread::scope(|scope| thread.spawn_scoped(scope, || run(&row, scenario)).unwrap().join());
        if outcome.is_err() {
            wrong.push(row.id.clone());
        }
    }
    assert!(wrong.is_empty(), "these rows are not true: {wrong:?}");
}

/// Returns true if the parent of the scenario publishes its own feed.
fn is_of_own_feed(row: &Row) -> bool {
    row.id.trim_start_matches("halt-").starts_with("sync2-")
}

fn run(row: &Row, scenario: &Scenario) {
    let on_record_failure = row.on_record_failure();
    let mut world =
        if is_of_own_feed(row) { World::with_own_feed(on_record_failure) } else { World::with(on_record_failure) };
    world.put_others();
    (scenario.spoil)(&mut world);
    world.put_others();
    let report = world.pull();
    world.check_after_the_failure(row, &report);
    (scenario.heal)(&mut world);
    world.ask_again_as(row);
    let report = world.pull();
    world.check_at_the_end(row, &report);
}

#[test]
fn a_pause_that_the_parent_asks_for_puts_the_next_run_off() {
    let mut world = World::with("proceed");
    world.put_others();
    for (asked, pause) in [(3600, 3600), (60, 300), (u64::MAX, 86_400)] {
        world.parent.fail(|path| path.contains("/Patient"), Fault::retry_after(429, asked));
        let report = world.pull();
        assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Busy);
        let next_run_at = Some(report.run.ended_at.unwrap() + pause * 1000);
        assert_eq!(report.next_run_at, next_run_at);
        assert_eq!(world.engine.status().unwrap().pull.unwrap().next_run_at, next_run_at);
        world.parent.heal();
    }
}

/// Starting a module at the parent makes every FHIR type answer 404.
#[test]
fn parent_without_fhir_resources_removes_nothing_with_advice() {
    let mut world = World::with("proceed");
    let before: Vec<u64> = ["patient", "location", "encounter"].map(|feed| world.passed(feed)).to_vec();
    world.put_others();
    world.void("patient", "p1");
    world.parent.lose_fhir_resources();
    let report = world.pull();
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::NotFound);
    assert_eq!(["patient", "location", "encounter"].map(|feed| world.passed(feed)).to_vec(), before);
    assert_eq!(world.document("patient", "p1"), Some(patient("p1")));
    assert!(world.document("encounter_type", "t2").is_some(), "what comes by REST goes on");
    let status = world.engine.status().unwrap();
    assert_eq!(status.notes.len(), 1, "{:?}", status.notes);
    let note = &status.notes[0].message;
    assert!(note.starts_with("encounter, location, patient: the parent's FHIR servlet is without resources"), "{note}");
    assert!(note.contains("restart the parent's OpenMRS"), "{note}");

    world.parent.heal();
    assert_eq!(world.pull().run.state.name(), "completed");
    assert_eq!(world.document("patient", "p1"), None);
    assert!(world.engine.status().unwrap().notes.is_empty());
}

/// An entry may tell of another category than its feed's; when that one is closed, its own feed must not pass it.
#[test]
fn an_entry_of_a_closed_category_is_not_passed_in_another_feed() {
    let mut world = World::with("proceed");
    world.parent.store(category("location"), location("elsewhere"));
    let link = r#"{"fhir": "/ws/fhir2/R4/Location/elsewhere"}"#;
    world.append_raw("patient", &world::entry("other-category", &["UPDATED", "location"], Some(link)));
    world.put("patient", "after", patient("after"));
    world.parent.fail(|path| path.contains("/Location"), Fault::status(403));
    let report = world.pull();
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Forbidden);
    world.parent.heal();
    world.pull();
    assert_eq!(world.document("location", "elsewhere"), Some(location("elsewhere")));
    assert_eq!(world.document("patient", "after"), Some(patient("after")));
}

/// Filtered events move the marker, but not over those of a category that is held.
#[test]
fn filtered_events_of_a_held_category_are_not_passed() {
    let mut world = World::with("proceed");
    let before = world.passed("patient");
    world.reopen(|config| config["filter"]["locations"] = serde_json::json!(["here"]));
    world.put("patient", "held", patient("held"));
    let link = r#"{"fhir": "/ws/fhir2/R4/Patient/elsewhere"}"#;
    let terms = ["UPDATED", "patient", "location:elsewhere"];
    world.append_raw("patient", &world::entry("filtered", &terms, Some(link)));
    world.parent.fail(|path| path.contains("/Patient"), Fault::status(403));
    world.pull();
    assert_eq!(world.passed("patient"), before);
    world.parent.heal();
    world.pull();
    assert_eq!(world.document("patient", "held"), Some(patient("held")));
}
