//! Metadata of one name with two uuids.

use serde_json::{Value, json};
use sync2::error::{Error, ErrorKind, Namesake};
use sync2::testing::mock_parent::MockParent;

use crate::program::{Program, category, get};

fn refused_beside(program: &Program, uuid: &str, name: &str, here: &str) {
    let namesake = Namesake::told(name, here).unwrap();
    let refusal = Error::new(ErrorKind::Duplicate, format!("{name} is here already")).beside(namesake);
    program.host.borrow_mut().fail_save(uuid, refusal);
}

#[test]
fn namesakes_are_listed_as_pairs_until_they_are_mapped() {
    let parent = MockParent::start();
    let mut program = Program::with_categories(&parent, &["location"]);
    assert_eq!(program.get("namesakes"), json!([]));
    for (uuid, name) in [("theirs-2", "Ward <b>"), ("theirs-1", "Outpatients")] {
        parent.put(category("location"), json!({"resourceType": "Location", "id": uuid, "name": name}));
        refused_beside(&program, uuid, name, &uuid.replace("theirs", "ours"));
    }
    program.post("pull", json!({}));
    program.perform_all();
    let pair = |name: &str, parent: &str, here: &str| json!({"category": "location", "name": name, "parent": parent, "here": here});
    let (first, second) = (pair("Outpatients", "theirs-1", "ours-1"), pair("Ward <b>", "theirs-2", "ours-2"));
    assert_eq!(program.get("namesakes"), json!([first, second]));
    let parked = program.get("parked");
    assert_eq!(parked[0]["namesake"]["name"].as_str().map(str::is_empty), Some(false));

    let mut document: Value = program.get("config");
    document["uuidMap"] = json!({"location": {"theirs-1": "ours-1"}});
    program.reopen(document);
    assert_eq!(program.get("namesakes"), json!([second]));
    assert_eq!(program.refused(&get("namesakes?limit=1")).0, 400);
}
