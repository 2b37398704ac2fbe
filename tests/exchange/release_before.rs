//! A child of the release before, line by line: requests as it writes them, and answers as far as it reads them.

use serde::Deserialize;
use serde_json::{Value, json};
use sync2::decide::canonical;
use sync2::event::Representation;

use super::parent::{ACCOUNT, NODE, Parent, patient};

/// What it reads of an answer; it passes over what it does not know.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Answer {
    category: String,
    uuid: String,
    status: Status,
    hash: Option<String>,
    #[serde(default)]
    lost_paths: Vec<String>,
    theirs: Option<Value>,
}

/// The statuses that it knows: any other makes the whole answer unreadable to it.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
enum Status {
    Applied,
    Partial,
    Unchanged,
    Removed,
    Conflict,
    Failed,
}

fn hash(document: &Value) -> String {
    canonical::hash_at(3, Representation::Fhir, document)
}

/// Sends the lines as they are, and reads an answer for each.
fn answers(parent: &mut Parent, lines: &[String]) -> Vec<Answer> {
    let request = lines.concat();
    let answers = parent.engine.apply_objects(&mut parent.host, ACCOUNT, NODE, request.as_bytes()).unwrap();
    let answers = String::from_utf8(answers).unwrap();
    answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn created(document: &Value) -> String {
    let uuid = document["id"].as_str().unwrap();
    format!(
        r#"{{"category":"patient","uuid":"{uuid}","representation":"fhir","canonicalVersion":3,"action":"CREATED","document":{document}}}"#
    ) + "\n"
}

fn updated(document: &Value, last_seen: &str, pending: &[String]) -> String {
    let uuid = document["id"].as_str().unwrap();
    let pending = if pending.is_empty() { String::new() } else { format!(r#","pending":{}"#, json!(pending)) };
    format!(
        r#"{{"category":"patient","uuid":"{uuid}","representation":"fhir","canonicalVersion":3,"action":"UPDATED","document":{document},"lastSeen":"{last_seen}"{pending}}}"#
    ) + "\n"
}

fn voided(uuid: &str, last_seen: &str) -> String {
    format!(
        r#"{{"category":"patient","uuid":"{uuid}","representation":"fhir","canonicalVersion":3,"action":"VOIDED","lastSeen":"{last_seen}"}}"#
    ) + "\n"
}

fn answer(uuid: &str, status: Status, hash: Option<String>) -> Answer {
    Answer { category: "patient".into(), uuid: uuid.into(), status, hash, lost_paths: Vec::new(), theirs: None }
}

#[test]
fn line_of_the_release_before_gets_an_answer_it_can_read() {
    let mut parent = Parent::new();
    parent.host.capture_changes();
    let [first, second, other] = [patient("p", "Okello"), patient("p", "Nakato"), patient("q", "Auma")];
    assert_eq!(
        answers(&mut parent, &[created(&first), created(&other)]),
        [answer("p", Status::Applied, Some(hash(&first))), answer("q", Status::Applied, Some(hash(&other)))]
    );
    // It did not hear of its first edit, and sends the second with what it sent before.
    let edit = updated(&second, &hash(&first), &[]);
    assert_eq!(answers(&mut parent, &[edit]), [answer("p", Status::Applied, Some(hash(&second)))]);
    let third = patient("p", "Achieng");
    let again = updated(&third, &hash(&first), &[hash(&second)]);
    assert_eq!(answers(&mut parent, &[again]), [answer("p", Status::Applied, Some(hash(&third)))]);
    let unchanged = updated(&third, &hash(&third), &[]);
    assert_eq!(answers(&mut parent, &[unchanged]), [answer("p", Status::Unchanged, Some(hash(&third)))]);
    assert_eq!(answers(&mut parent, &[voided("q", &hash(&other))]), [answer("q", Status::Removed, None)]);
}

#[test]
fn edit_on_both_sides_is_a_conflict_the_old_release_can_read() {
    let mut parent = Parent::new();
    let first = patient("p", "Okello");
    answers(&mut parent, &[created(&first)]);
    let theirs = patient("p", "Nakato");
    parent.edit(&theirs);
    let edit = updated(&patient("p", "Achieng"), &hash(&first), &[]);
    let [conflict] = <[Answer; 1]>::try_from(answers(&mut parent, &[edit])).unwrap();
    assert_eq!((conflict.status, conflict.hash), (Status::Conflict, Some(hash(&theirs))));
    assert_eq!(conflict.theirs, Some(theirs));
}

#[test]
fn a_line_of_the_release_before_that_cannot_be_read_fails_alone() {
    let mut parent = Parent::new();
    let good = patient("p", "Okello");
    let lines = ["{\"category\":\"patient\"}\n".to_string(), created(&good)];
    let statuses: Vec<Status> = answers(&mut parent, &lines).into_iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [Status::Failed, Status::Applied]);
}
