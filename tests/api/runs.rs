//! Runs that are started by a request.

use serde_json::json;
use sync2::event::Direction;
use sync2::testing::mock_parent::MockParent;

use crate::program::{Program, category, get, patient, post};

#[test]
fn run_is_told_from_its_answer_on() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p"));
    let program = Program::of(&parent);
    for (path, kind, body) in [
        ("pull", "feed", json!({})),
        ("push", "feed", json!({})),
        ("pull", "object", json!({"category": "patient", "uuid": "p"})),
    ] {
        let id = program.post(path, body)["id"].as_str().unwrap().to_string();
        let run = program.get(&format!("runs/{id}"));
        assert_eq!((&run["state"], &run["kind"], &run["direction"]), (&json!("running"), &json!(kind), &json!(path)));
        assert_eq!(program.refused(&post(path, json!({}))).0, 409);
        assert_eq!(program.perform_all(), 1);
        assert_eq!(program.get(&format!("runs/{id}"))["state"], "completed");
    }
    assert_eq!(program.get("runs").as_array().unwrap().len(), 3);
}

#[test]
fn run_that_finds_no_thread_is_told_and_makes_way() {
    let program = Program::of(&MockParent::start());
    program.has_no_thread.set(true);
    assert_eq!(program.refused(&post("pull", json!({}))).0, 503);
    program.has_no_thread.set(false);
    program.post("pull", json!({}));
}

#[test]
fn cancelled_run_ends_before_it_has_done_anything() {
    let parent = MockParent::start();
    parent.put(category("patient"), patient("p"));
    let program = Program::of(&parent);
    let id = program.post("pull", json!({}))["id"].as_str().unwrap().to_string();
    assert_eq!(program.post("cancel", json!({}))["state"], "cancelling");
    program.perform_all();
    let run = program.get(&format!("runs/{id}"));
    assert_eq!((&run["state"], &run["events"]), (&json!("cancelled"), &json!(0)));
}

#[test]
fn object_that_cannot_be_asked_for_is_refused_at_once() {
    let program = Program::of(&MockParent::start());
    for (category, uuid) in [("unicorn", "u"), ("location", "not-pulled"), ("patient", "../p")] {
        let asked = post("pull", json!({"category": category, "uuid": uuid}));
        assert_eq!(program.refused(&asked), (400, "Configuration".to_string()), "{category}");
    }
    for body in [json!([]), json!(1), json!({"category": "patient"}), json!({"category": "patient", "uuid": 1})] {
        assert_eq!(program.refused(&post("pull", body)), (400, "BadRequest".to_string()));
    }
    assert!(program.asked.borrow().is_empty());
    assert_eq!(program.refused(&get("runs/none")).0, 404);
}

#[test]
fn program_is_told_which_way_a_run_goes() {
    let program = Program::of(&MockParent::start());
    program.post("push", json!({}));
    program.post("pull", json!({}));
    let directions: Vec<Direction> = program.asked.borrow().iter().map(|(direction, _)| *direction).collect();
    assert_eq!(directions, [Direction::Push, Direction::Pull]);
}
