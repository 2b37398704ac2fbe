//! The feed over the API: what may be kept of it, and which questions for a part of it are refused.

use serde_json::json;
use sync2::event::{ObjectId, Representation};

use crate::program::{Program, category, get};

/// With two pages of the feed, the first of which never changes again.
fn program_with_two_pages() -> Program {
    let program = Program::with_child();
    {
        let mut host = program.host.borrow_mut();
        for number in 0..101 {
            let uuid = format!("p{number}");
            let document = json!({"resourceType": "Patient", "id": uuid}).to_string();
            let object = ObjectId { category: category("patient"), uuid };
            host.edit(Representation::Fhir, &object, document.as_bytes()).unwrap();
        }
    }
    program
}

#[test]
fn page_that_never_changes_may_be_kept_and_a_stretch_may_not() {
    let program = program_with_two_pages();
    for (path, kept) in [
        ("feed/1", true),
        ("feed/1?v=full", true),
        ("feed/2", false),
        ("feed/1?without=none", false),
        ("feed/1?without=visit", false),
        ("feed/1?without=patient", false),
    ] {
        let answer = program.answer(&get(path));
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("Cache-Control").unwrap().contains("immutable"), kept, "{path}");
        assert!(answer.header("ETag").is_some(), "{path}");
    }
}

#[test]
fn stretch_goes_over_pages_and_says_how_far() {
    let program = program_with_two_pages();
    let document = |path: &str| String::from_utf8(program.answer(&get(path)).body).unwrap();
    let all = document("feed/1?without=visit");
    assert_eq!(all.matches("<entry>").count(), 101);
    let none = document("feed/1?without=patient");
    assert_eq!(none.matches("<entry>").count(), 1);
    assert!(none.contains("<sync2:number>101</sync2:number>") && !none.contains("p100"), "{none}");
}

#[test]
fn question_for_a_part_of_the_feed_in_another_form_is_refused() {
    let program = program_with_two_pages();
    for path in [
        "feed/1?without=",
        "feed/1?without=visit&without=visit",
        "feed/1?without=visit&since=7",
        "feed/1?without=visit&after=../../etc",
        "feed/recent?after=7",
    ] {
        assert_eq!(program.refused(&get(path)), (400, "Malformed".to_string()), "{path}");
    }
    assert_eq!(program.refused(&get("feed/9?without=visit")).0, 404);
}

#[test]
fn stretch_that_cannot_be_given_is_answered_by_the_page() {
    let program = program_with_two_pages();
    for path in [
        // The feed does not have that event there.
        "feed/1?without=visit&after=0b5f4a1e-6d2c-4f0e-9a53-3a0c5b7d8e91",
        "feed/1?after=0b5f4a1e-6d2c-4f0e-9a53-3a0c5b7d8e91",
        "feed/recent?without=visit",
        "feed/patient/1?without=visit",
    ] {
        let answer = program.answer(&get(path));
        let page = String::from_utf8(answer.body).unwrap();
        assert!(answer.status == 200 && page.contains("<entry>") && !page.contains("sync2:stretch"), "{path}: {page}");
    }
}
