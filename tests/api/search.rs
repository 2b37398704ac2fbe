//! Searches of the audit: what they find, how far they looked, and how they go on.

use std::cell::RefMut;

use serde_json::{Value, json};
use sync2::store::audit::MOST_LOOKED_AT;
use sync2::store::{Sql, Transaction};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;

use crate::program::{Program, category, get, patient};

/// A child whose oldest message alone is of its node, and is followed by more than one search looks at.
fn child_with_long_audit() -> Program {
    let parent = MockParent::start();
    let program = Program::of(&parent);
    parent.put(category("patient"), patient("oldest"));
    program.post("pull", json!({}));
    program.perform_all();
    let mut host = program.host.borrow_mut();
    host.begin().unwrap();
    let copied = "run_id, direction, category, event_action, feed_epoch, event_id, status, duration_ms, recorded_at";
    let copy = |keep: &str| {
        format!(
            "INSERT INTO sync2_audit_message (uuid, event_key, node_id, {copied}) \
             SELECT randomblob(16), randomblob(16), x'00', {copied} FROM sync2_audit_message {keep}"
        )
    };
    host.update(&copy(""), &[]).unwrap();
    while messages(&mut host) <= i64::from(MOST_LOOKED_AT) {
        host.update(&copy("WHERE node_id = x'00'"), &[]).unwrap();
    }
    host.commit().unwrap();
    drop(host);
    program
}

fn messages(host: &mut RefMut<'_, SqliteHost>) -> i64 {
    let rows = host.query("SELECT MAX(row_no) FROM sync2_audit_message", &[]).unwrap();
    let [sync2::store::SqlValue::Int(newest)] = rows[0][..] else { panic!("{rows:?}") };
    newest
}

#[test]
fn audit_search_that_looked_at_enough_says_where_to_go_on() {
    let program = child_with_long_audit();
    let node = program.get("audit?objectUuid=oldest")["messages"][0]["nodeId"].clone();
    let search = format!("audit?nodeId={}", node.as_str().unwrap());
    let first = program.get(&search);
    assert_eq!(first["messages"], json!([]));
    assert!(first["lookedBackTo"].is_i64());
    let second = program.get(&format!("{search}&after={}", first["next"].as_str().unwrap()));
    assert_eq!(second["messages"][0]["objectUuid"], "oldest");
    assert_eq!(
        (&second["messages"][1], &second["next"], &second["lookedBackTo"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn file_of_an_audit_search_has_what_it_finds_to_the_end() {
    let program = child_with_long_audit();
    let node = program.get("audit?objectUuid=oldest")["messages"][0]["nodeId"].clone();
    let file = program.answer(&get(&format!("audit.csv?nodeId={}", node.as_str().unwrap())));
    let text = String::from_utf8(file.body).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains("\"oldest\""));
}

#[test]
fn audit_search_after_no_place_of_its_list_is_refused() {
    let program = Program::of(&MockParent::start());
    for path in ["audit?after=x", "audit?after=5~pull~patient~a", "audit?offset=1"] {
        assert_eq!(program.answer(&get(path)).status, 400, "{path}");
    }
}
