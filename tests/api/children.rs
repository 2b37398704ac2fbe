//! What children say of themselves, and what somebody at the parent sees of it.

use serde_json::{Value, json};
use sync2::api::Request;
use sync2::api::routes::{GET_FEED, VIEW};
use sync2::introduction::{HEADER, Introduction};
use sync2::testing::mock_parent::MockParent;

use crate::program::{Program, by, category, get, patient, post};

const NODE: &str = "11111111-2222-4333-8444-555555555555";

fn feed_with(header: &str) -> Request {
    Request { headers: vec![(HEADER.to_string(), header.to_string())], ..by(get("feed/recent"), &[GET_FEED]) }
}

fn of_gulu() -> Introduction {
    Introduction { node: NODE.into(), name: "Gulu <script>".into(), version: "0.2.0".into(), ..Introduction::default() }
}

fn children(program: &Program) -> Vec<Value> {
    program.get("children").as_array().unwrap().clone()
}

#[test]
fn pull_says_once_how_the_child_is() {
    let parent = MockParent::start();
    parent.publish_own_feed();
    parent.put(category("patient"), patient("p"));
    let program = Program::of(&parent);
    for _ in 0..2 {
        program.post("pull", json!({}));
        program.perform_all();
    }
    let said: Vec<Introduction> =
        parent.introductions().iter().map(|header| Introduction::from_header(header).unwrap()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0].pulled_at, None);
    assert!(said[1].pulled_at.is_some_and(|ended| ended <= said[1].clock));
    assert!(said[1].lag_ms.is_some());
}

#[test]
fn parent_tells_what_a_child_said_and_forgets_it() {
    let program = Program::with_child();
    assert!(children(&program).is_empty());
    assert_eq!(program.answer(&feed_with(&of_gulu().to_header())).status, 200);
    let stuck = Introduction { conflicts: 2, ..of_gulu() };
    assert_eq!(program.answer(&feed_with(&stuck.to_header())).status, 200);
    let told = children(&program);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["need"], "stuck");
    assert_eq!((&told[0]["name"], &told[0]["account"]), (&json!("Gulu <script>"), &json!("nurse")));

    let forget = format!("children/{NODE}/forget");
    assert_eq!(program.refused(&by(post(&forget, json!({})), &[VIEW])).0, 403);
    assert_eq!(program.post(&forget, json!({}))["forgotten"], true);
    assert!(children(&program).is_empty());
    for unknown in [forget.as_str(), "children/..%2F/forget"] {
        assert_eq!(program.refused(&post(unknown, json!({}))).0, 404);
    }
}

#[test]
fn metrics_tell_of_each_child_by_its_name_whatever_that_is() {
    let program = Program::with_child();
    let metrics = || String::from_utf8(program.answer(&get("metrics")).body).unwrap();
    assert!(!metrics().contains("sync2_child"), "there is no child yet");
    let said = Introduction { name: "Gulu \"North\" \\ 2".into(), parked: 3, lag_ms: Some(1500), ..of_gulu() };
    program.answer(&feed_with(&said.to_header()));
    let text = metrics();
    let labels = format!("{{node=\"{NODE}\",name=\"Gulu \\\"North\\\" \\\\ 2\"}}");
    for line in [
        format!("sync2_child_needs_somebody{labels} 1"),
        format!("sync2_child_lag_seconds{labels} 1.5"),
        format!("sync2_child_parked{labels} 3"),
        format!("sync2_child_conflicts{labels} 0"),
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    assert!(text.contains(&format!("sync2_child_last_contact_timestamp_seconds{labels} 1")), "{text}");
}

#[test]
fn worst_child_comes_first() {
    let program = Program::with_child();
    let child = |number: usize, name: &str| Introduction {
        node: format!("{number}{}", &NODE[1..]),
        name: name.into(),
        ..of_gulu()
    };
    for said in [
        child(1, "Arua"),
        Introduction { parked: 1, ..child(2, "Bugiri") },
        Introduction { pull_stopped: Some("Unauthorized".into()), ..child(3, "Moroto") },
        Introduction { lag_ms: Some(9_000_000), ..child(4, "Aber") },
    ] {
        program.answer(&feed_with(&said.to_header()));
    }
    let names: Vec<Value> = children(&program).iter().map(|child| child["name"].clone()).collect();
    assert_eq!(names, ["Moroto", "Bugiri", "Aber", "Arua"]);
}

#[test]
fn unnamed_account_or_bad_introduction_is_answered_not_noted() {
    let program = Program::with_child();
    for header in ["", "{", "{\"node\":\"a b\"}", &"x".repeat(5000)] {
        assert_eq!(program.answer(&feed_with(header)).status, 200);
    }
    let unnamed = Program::of(&MockParent::start());
    assert_eq!(unnamed.answer(&feed_with(&of_gulu().to_header())).status, 200);
    assert!(children(&program).is_empty() && children(&unnamed).is_empty());
}
