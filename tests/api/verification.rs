//! Comparisons of both sides, as a request starts, shows and repairs them.

use serde_json::{Value, json};
use sync2::api::routes::VIEW;
use sync2::testing::mock_parent::MockParent;
use sync2::testing::objects::object;
use sync2::wire::{Listed, ListedObject};

use crate::program::{Program, by, category, get, patient, post};

/// A child of a parent with the exchange that lists what it has; both have one patient that the other has not.
fn with_two_differences() -> (MockParent, Program) {
    let parent = MockParent::start();
    parent.serve_exchange();
    parent.list_as(|_| {
        let listed = |uuid: &str| ListedObject { uuid: uuid.to_string(), hash: None, locations: Vec::new() };
        Listed { objects: ["both", "there"].map(listed).to_vec(), reached: None }
    });
    let program = Program::with_categories(&parent, &["patient"]);
    parent.put(category("patient"), patient("both"));
    program.post("pull", json!({}));
    program.perform_all();
    parent.store(category("patient"), patient("there"));
    let here = object("patient", "here");
    let document = patient("here").to_string().into_bytes();
    program.host.borrow_mut().edit_untold(&[(here, document)], &[]).unwrap();
    (parent, program)
}

fn findings(program: &Program, path: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let found = program.get(path);
    found.as_array().unwrap().iter().map(|one| (text(&one["object"]["uuid"]), text(&one["finding"]))).collect()
}

#[test]
fn comparison_is_told_by_category_and_object_and_repaired() {
    let (_parent, program) = with_two_differences();
    assert_eq!(program.get("verify"), json!({"begunAt": null, "endedAt": null, "deep": false, "categories": []}));
    let id = program.post("verify", json!({}))["id"].as_str().unwrap().to_string();
    assert_eq!(program.get(&format!("runs/{id}"))["kind"], "verify");
    program.perform_all();
    assert_eq!(program.get(&format!("runs/{id}"))["state"], "completed");
    let verification = program.get("verify");
    assert!(verification["endedAt"].is_i64() && verification["deep"] == false);
    let patients = &verification["categories"][0];
    assert_eq!((&patients["category"], &patients["compared"]), (&json!("patient"), &json!(3)));
    assert_eq!((&patients["findings"]["onlyHere"], &patients["findings"]["onlyThere"]), (&json!(1), &json!(1)));
    let first = program.get("verify/differences?limit=1");
    let rest = format!("verify/differences?after={}", first[0]["cursor"].as_str().unwrap());
    assert_eq!(findings(&program, &rest).len(), 1);
    let only_there = ("there".to_string(), "onlyThere".to_string());
    assert_eq!(findings(&program, "verify/differences?category=patient&finding=onlyThere"), [only_there]);
    let file = program.answer(&get("verify.csv?finding=onlyHere"));
    let text = String::from_utf8(file.body).unwrap();
    assert!(text.lines().count() == 2 && text.contains("\"patient\",\"here\",\"onlyHere\",\"here\""), "{text}");
    program.post("verify/repair", json!({"category": "patient", "uuid": "there"}));
    assert_eq!(program.perform_all(), 1);
    let repaired = program.get("verify/differences?finding=onlyThere");
    assert!(repaired[0]["repairedAt"].is_i64(), "{repaired}");
    assert_eq!(program.get("audit?objectUuid=there&direction=pull")["messages"][0]["status"], "APPLIED");
}

#[test]
fn comparison_of_each_object_says_that_it_is_one() {
    let (_parent, program) = with_two_differences();
    program.post("verify", json!({"deep": true}));
    program.perform_all();
    let verification = program.get("verify");
    assert!(verification["endedAt"].is_i64() && verification["deep"] == true, "{verification}");
}

#[test]
fn comparison_that_cannot_be_asked_for_is_refused() {
    let program = Program::of(&MockParent::start());
    assert_eq!(program.refused(&by(post("verify", json!({})), &[VIEW])).0, 403);
    assert_eq!(program.refused(&by(post("verify/repair", json!({})), &[VIEW])).0, 403);
    assert_eq!(program.refused(&by(get("verify"), &[])).0, 403);
    for body in [json!({"deep": "yes"}), json!({"deep": null}), json!({"depth": true})] {
        assert_eq!(program.refused(&post("verify", body)), (400, "BadRequest".to_string()));
    }
    for body in [json!([]), json!({"uuid": "p"}), json!({"category": null}), json!({"categories": []})] {
        assert_eq!(program.refused(&post("verify/repair", body)), (400, "BadRequest".to_string()));
    }
    let unknown = post("verify/repair", json!({"category": "unicorn"}));
    assert_eq!(program.refused(&unknown), (400, "Configuration".to_string()));
    let nothing = post("verify/repair", json!({"category": "patient", "uuid": "p"}));
    assert_eq!(program.refused(&nothing), (404, "NotFound".to_string()));
    for path in ["verify/differences?finding=suspected", "verify/differences?after=x", "verify.csv?limit=1"] {
        assert_eq!(program.answer(&get(path)).status, 400, "{path}");
    }
    assert!(program.asked.borrow().is_empty());
}
