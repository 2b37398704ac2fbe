//! The guarantee *A parent that is away consumes nothing*.

use sync2::error::ErrorKind;
use sync2::testing::mock_parent::Fault;

use crate::node::{Child, effects, parent, patient, state};

#[test]
fn a_parent_that_is_away_stops_the_run_and_nothing_else() {
    for (fault, kind) in [
        (Fault::status(502), ErrorKind::Unreachable),
        (Fault::retry_after(503, 3600), ErrorKind::Busy),
        (Fault::status(401), ErrorKind::Unauthorized),
        (Fault::Unanswered, ErrorKind::Unreachable),
    ] {
        for from_request in [0, 1] {
            let parent = parent();
            let mut child = Child::of(&parent);
            child.edit("patient", patient("p", "Okello"));
            let mut seen = 0;
            let matches = move |path: &str| {
                let concerned = path.ends_with("/objects/apply");
                seen += u32::from(concerned);
                concerned && seen > from_request
            };
            parent.fail(matches, fault.clone());
            let report = child.push();
            assert_eq!(state(&report), "interrupted");
            assert_eq!(report.run.error.unwrap().kind, kind);
            assert!(child.parked().is_empty() && child.audit().is_empty());
            assert_eq!(child.marker().events, 0);

            parent.heal();
            child.push_to_the_end();
            assert_eq!(effects(&parent), ["patient/p CREATED"]);
        }
    }
}

#[test]
fn the_pause_that_the_parent_asks_for_is_told() {
    let parent = parent();
    let mut child = Child::of(&parent);
    child.edit("patient", patient("p", "Okello"));
    parent.fail(|path| path.ends_with("/objects/apply"), Fault::retry_after(503, 3600));
    let report = child.push();
    let pause = report.next_run_at.unwrap() - report.run.ended_at.unwrap();
    assert_eq!(pause, 3600 * 1000);
}

#[test]
fn answer_before_the_parent_went_away_is_kept() {
    let parent = parent();
    let mut document = crate::node::config(&parent);
    document["transfer"] = serde_json::json!({"batchSize": 2});
    document["retry"] = serde_json::json!({"attempts": 1});
    let mut child = Child::configured(document);
    for number in 0..5 {
        child.edit("patient", patient(&format!("p{number}"), "Okello"));
    }
    let mut seen = 0;
    let third_request = move |path: &str| {
        seen += u32::from(path.ends_with("/objects/apply"));
        seen > 2
    };
    parent.fail(third_request, Fault::status(502));
    let report = child.push();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(child.marker().events, 2);
    assert_eq!(report.run.progress.remaining, Some(3));
    parent.heal();
    child.push_to_the_end();
    assert_eq!(effects(&parent).len(), 5);
    assert_eq!(child.audit().len(), 5);
}
