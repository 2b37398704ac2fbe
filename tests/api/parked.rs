//! What waits: seen by cause, tried again at once, given up.

use serde_json::{Value, json};
use sync2::error::{Error, ErrorKind};
use sync2::event::{ObjectId, Representation};
use sync2::testing::mock_parent::MockParent;

use crate::program::{Program, category, get, patient, post};

/// A child that could save none of three patients.
fn child_with_three_parked(parent: &MockParent) -> Program {
    let program = Program::of(parent);
    for uuid in ["a", "b", "c"] {
        parent.put(category("patient"), patient(uuid));
        program.host.borrow_mut().fail_save(uuid, Error::new(ErrorKind::Rejected, "no name"));
    }
    program.post("pull", json!({}));
    program.perform_all();
    assert_eq!(parked(&program), 3);
    program
}

fn parked(program: &Program) -> usize {
    program.get("parked").as_array().unwrap().len()
}

fn message_of(program: &Program, uuid: &str) -> Value {
    program.get(&format!("audit?objectUuid={uuid}"))["messages"][0].clone()
}

#[test]
fn pulled_record_is_tried_at_once_and_alone() {
    let parent = MockParent::start();
    let program = child_with_three_parked(&parent);
    let markers = program.get("marker");
    program.host.borrow_mut().accept_save("b");
    parent.put(category("patient"), patient("later"));
    let uuid = message_of(&program, "b")["uuid"].clone();
    let answer = program.post("audit/retry", json!({"uuids": [uuid]}));
    assert_eq!(answer["retried"], 1);
    assert_eq!(answer["runs"][0]["direction"], "pull");
    let id = answer["runs"][0]["id"].as_str().unwrap().to_string();
    assert_eq!(program.get(&format!("runs/{id}"))["kind"], "retry");
    assert_eq!(program.perform_all(), 1);
    assert_eq!(program.get(&format!("runs/{id}"))["state"], "completed");
    assert_eq!(message_of(&program, "b")["status"], "APPLIED");
    assert_eq!(parked(&program), 2);
    assert_eq!(program.get("marker"), markers, "a retry moves no marker");
}

#[test]
fn pushed_record_is_tried_at_once() {
    let parent = MockParent::start();
    parent.serve_exchange();
    let program = Program::of(&parent);
    let object = ObjectId { category: category("patient"), uuid: "p".to_string() };
    let document = patient("p").to_string();
    program.host.borrow_mut().edit(Representation::Fhir, &object, document.as_bytes()).unwrap();
    parent.refuse("p", ErrorKind::Rejected);
    program.post("push", json!({}));
    program.perform_all();
    assert_eq!(parked(&program), 1);
    parent.accept("p");
    let answer = program.post("parked/retry", json!({"filter": {"direction": "push"}}));
    assert_eq!((&answer["retried"], &answer["runs"][0]["direction"]), (&json!(1), &json!("push")));
    program.perform_all();
    assert_eq!(parked(&program), 0);
    assert_eq!(program.get("status")["push"]["kind"], "retry");
}

#[test]
fn retry_that_is_asked_for_during_a_run_follows_it() {
    let parent = MockParent::start();
    let program = child_with_three_parked(&parent);
    let pull = program.post("pull", json!({}))["id"].clone();
    let answer = program.post("parked/retry", json!({"filter": {}}));
    assert_eq!(answer["retried"], 3);
    let retry = answer["runs"][0]["id"].as_str().unwrap().to_string();
    assert_ne!(pull, json!(retry));
    assert_eq!(program.get(&format!("runs/{retry}"))["state"], "running");
    for uuid in ["a", "b", "c"] {
        program.host.borrow_mut().accept_save(uuid);
    }
    assert_eq!(program.perform_all(), 1, "the run that is under way takes it along");
    assert_eq!(program.get(&format!("runs/{retry}"))["state"], "completed");
    assert_eq!(parked(&program), 0);
}

#[test]
fn records_are_told_by_cause_and_chosen_by_it() {
    let program = child_with_three_parked(&MockParent::start());
    let groups = program.get("parked/groups");
    assert_eq!(groups.as_array().unwrap().len(), 1);
    let group = &groups[0];
    assert_eq!(
        (&group["count"], &group["kind"], &group["category"]),
        (&json!(3), &json!("Rejected"), &json!("patient"))
    );
    assert_eq!(group["message"], "no name");
    assert_eq!(program.get("parked?kind=Rejected&limit=2").as_array().unwrap().len(), 2);
    assert_eq!(program.get("parked?kind=Duplicate"), json!([]));
    assert_eq!(program.get("parked?waitingForCategory=none").as_array().unwrap().len(), 3);
    assert_eq!(program.get("parked?waitingForCategory=visit"), json!([]));
    assert_eq!(program.get("audit?words=NO%20name")["messages"].as_array().unwrap().len(), 3);
    assert_eq!(program.get("audit?words=other"), json!({"messages": [], "next": null, "lookedBackTo": null}));
}

#[test]
fn dismissed_record_is_gone_with_a_reason_until_a_newer_event() {
    let parent = MockParent::start();
    let program = child_with_three_parked(&parent);
    for body in
        [json!({"filter": {}}), json!({"reason": "x"}), json!({"filter": {}, "auditUuids": ["u"], "reason": "x"})]
    {
        assert_eq!(program.refused(&post("parked/dismiss", body)).0, 400);
    }
    let uuid = message_of(&program, "a")["uuid"].clone();
    let answer = program.post("parked/dismiss", json!({"auditUuids": [uuid], "reason": " entered twice "}));
    assert_eq!(answer, json!({"dismissed": 1}));
    let message = message_of(&program, "a");
    assert_eq!(message["status"], "DISMISSED");
    let dismissed = &message["detail"]["dismissed"];
    assert_eq!((&dismissed["by"], &dismissed["reason"]), (&json!("nurse"), &json!("entered twice")));
    assert_eq!(program.get("status")["parked"], 2);
    program.post("parked/dismiss", json!({"filter": {"category": "patient"}, "reason": "all"}));
    assert_eq!(parked(&program), 0);

    program.host.borrow_mut().accept_save("a");
    parent.put(category("patient"), patient("a"));
    program.post("pull", json!({}));
    program.perform_all();
    assert_eq!(message_of(&program, "a")["status"], "APPLIED");
}

#[test]
fn retry_of_nothing_that_is_parked_starts_no_run() {
    let program = Program::of(&MockParent::start());
    let answer = program.post("audit/retry", json!({"uuids": ["a"]}));
    assert_eq!(answer, json!({"retried": 0, "runs": []}));
    for body in [json!({"uuids": []}), json!({}), json!([]), json!({"uuids": ["a"], "all": true})] {
        assert_eq!(program.refused(&post("audit/retry", body)).0, 400);
    }
    assert!(program.asked.borrow().is_empty());
    assert_eq!(program.refused(&get("audit/retry")).0, 405);
}

#[test]
fn lists_are_files_with_a_row_for_each_record() {
    let program = child_with_three_parked(&MockParent::start());
    let rows = |path: &str| {
        let answer = program.answer(&get(path));
        assert!(answer.header("Content-Type").unwrap().starts_with("text/csv"));
        let text = String::from_utf8(answer.body).unwrap();
        text.lines().map(str::to_string).collect::<Vec<_>>()
    };
    let parked = rows("parked.csv?kind=Rejected");
    assert_eq!(parked.len(), 4);
    assert!(parked[0].starts_with("parkedAt,direction,category,objectUuid"));
    assert!(parked[1].contains("\"patient\",\"c\",\"Rejected\",\"no name\""), "{}", parked[1]);
    assert_eq!(rows("parked.csv?kind=Duplicate").len(), 1);
    assert_eq!(rows("audit.csv?status=PARKED").len(), 4);
}

#[test]
fn metrics_count_what_waits() {
    let mut program = child_with_three_parked(&MockParent::start());
    let text = |program: &Program| String::from_utf8(program.answer(&get("metrics")).body).unwrap();
    let lines = text(&program);
    for line in [
        "sync2_up 1",
        "sync2_parked 3",
        "sync2_running{direction=\"pull\"} 0",
        "sync2_last_run_completed{direction=\"pull\"} 1",
    ] {
        assert!(lines.lines().any(|known| known == line), "{line} in\n{lines}");
    }
    assert!(!lines.contains("last_run_completed{direction=\"push\"}"), "there was no push");
    program.closed = Some("stopped".to_string());
    assert!(text(&program).ends_with("sync2_up 0\n"));
}
