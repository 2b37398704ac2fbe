//! The line breaks after the parent has committed: what was sent is neither lost nor sent to any effect twice.

use serde_json::json;
use sync2::store::audit::AuditStatus::{Applied, Coalesced, Unchanged};
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::node::{Child, category, config, effects, parent, patient, state};

fn is_apply(path: &str) -> bool {
    path.ends_with("/objects/apply")
}

/// A child whose requests are tried once in a run.
fn impatient(parent: &MockParent) -> Child {
    let mut document = config(parent);
    document["retry"] = json!({"attempts": 1});
    Child::configured(document)
}

/// The push of which the parent does everything, and the child hears nothing.
fn push_unheard(child: &mut Child, parent: &MockParent) {
    let marker = child.engine.push_marker(&mut child.host).unwrap();
    // The first request asks whether there is an exchange; those after it are lines.
    let mut asked = false;
    parent.fail(move |path| is_apply(path) && std::mem::replace(&mut asked, true), Fault::Unanswered);
    let report = child.push();
    assert_eq!(state(&report), "interrupted");
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    let events = |marker: Option<sync2::store::markers::FeedPosition>| marker.map_or(0, |marker| marker.events);
    assert_eq!(events(Some(child.marker())), events(marker));
    parent.heal();
}

#[test]
fn send_with_a_lost_answer_is_not_applied_again() {
    for lossy in [false, true] {
        let parent = parent();
        if lossy {
            parent.transform_applied(|document| document["language"] = json!("en"));
        }
        let mut child = impatient(&parent);
        child.edit("patient", patient("p", "Okello"));
        push_unheard(&mut child, &parent);
        assert_eq!(effects(&parent), ["patient/p CREATED"]);
        assert_eq!(child.count("sync2_pending"), 1);

        child.restart();
        child.push_to_the_end();
        assert!(child.conflicts().is_empty());
        assert_eq!(child.count("sync2_pending"), 0);
        assert_eq!(child.audit().len(), 1);
        if !lossy {
            assert_eq!(effects(&parent), ["patient/p CREATED"]);
            assert_eq!(child.statuses_of("p"), [Unchanged]);
        }
        child.pull_to_the_end();
        assert!(child.conflicts().is_empty());
    }
}

#[test]
fn object_edited_after_a_lost_answer_is_no_conflict() {
    for lossy in [false, true] {
        let parent = parent();
        if lossy {
            parent.transform_applied(|document| document["language"] = json!("en"));
        }
        let mut child = impatient(&parent);
        child.edit("patient", patient("p", "Okello"));
        push_unheard(&mut child, &parent);
        // The next edit does not even reach the parent, the one after it does unheard, then all is well.
        child.edit("patient", patient("p", "Auma"));
        parent.stop();
        child.push();
        parent.restart();
        child.edit("patient", patient("p", "Nakato"));
        push_unheard(&mut child, &parent);
        child.edit("patient", patient("p", "Achieng"));
        child.push_to_the_end();

        assert!(child.conflicts().is_empty());
        let expected = ["patient/p CREATED", "patient/p UPDATED", "patient/p UPDATED"];
        assert_eq!(effects(&parent), expected);
        let there = parent.document(category("patient"), "p").unwrap();
        assert_eq!(there["name"], patient("p", "Achieng")["name"]);
        assert_eq!(child.statuses_of("p").iter().filter(|status| **status != Coalesced).count(), 1);
        child.pull_to_the_end();
        assert!(child.conflicts().is_empty());
    }
}

#[test]
fn edit_taken_back_after_a_lost_answer_is_taken_back_there_too() {
    let parent = parent();
    parent.put(category("patient"), patient("p", "Okello"));
    let mut child = impatient(&parent);
    child.pull_to_the_end();
    child.push_to_the_end();
    child.edit("patient", patient("p", "Nakato"));
    push_unheard(&mut child, &parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Okello")));
    assert!(child.conflicts().is_empty());
}

/// The pull comes first: it must neither take the parent's version for somebody else's nor give back what was edited since.
#[test]
fn pull_after_a_lost_answer_overwrites_nothing_without_conflict() {
    for lossy in [false, true] {
        for family in ["Okello", "Achieng"] {
            let parent = parent();
            parent.put(category("patient"), patient("p", "Okello"));
            let mut child = impatient(&parent);
            child.pull_to_the_end();
            child.push_to_the_end();
            if lossy {
                parent.transform_applied(|document| document["language"] = json!("en"));
            }
            child.edit("patient", patient("p", "Nakato"));
            push_unheard(&mut child, &parent);
            child.edit("patient", patient("p", family));
            child.pull_to_the_end();
            assert!(child.conflicts().is_empty());
            assert_eq!(child.parked().len(), usize::from(lossy));

            child.push_to_the_end();
            child.pull_to_the_end();
            child.push_to_the_end();
            assert!(child.conflicts().is_empty() && child.parked().is_empty());
            assert_eq!(parent.document(category("patient"), "p").unwrap()["name"][0]["family"], family);
            let here = child.host.look(&crate::node::object("patient", "p")).unwrap();
            let sync2::host::Stored::Present(here) = here else { panic!("{here:?}") };
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&here).unwrap()["name"][0]["family"], family);
        }
    }
}

#[test]
fn object_removed_after_a_lost_answer_is_removed_there() {
    let parent = parent();
    let mut child = impatient(&parent);
    child.edit("patient", patient("p", "Okello"));
    push_unheard(&mut child, &parent);
    child.void("patient", "p");
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), None);
    assert_eq!(effects(&parent), ["patient/p CREATED", "patient/p VOIDED"]);
}

#[test]
fn a_removal_that_arrived_unheard_is_done() {
    let parent = parent();
    let mut child = impatient(&parent);
    child.edit("patient", patient("p", "Okello"));
    child.push_to_the_end();
    child.void("patient", "p");
    push_unheard(&mut child, &parent);
    child.push_to_the_end();
    assert_eq!(effects(&parent), ["patient/p CREATED", "patient/p VOIDED"]);
    assert_eq!(child.statuses_of("p"), [Applied, Unchanged]);
    assert_eq!(child.count("sync2_pending"), 0);
}

/// Within one run, too: the client tries a line again.
#[test]
fn a_request_that_breaks_once_is_repeated_to_no_further_effect() {
    for fault in [Fault::Unanswered, Fault::CutOff, Fault::HalfBody] {
        let parent = parent();
        let mut child = Child::of(&parent);
        for number in 0..5 {
            child.edit("patient", patient(&format!("p{number}"), "Okello"));
        }
        let mut asked = 0;
        let is_first_with_lines = move |path: &str| {
            asked += u32::from(is_apply(path));
            is_apply(path) && asked == 2
        };
        parent.fail(is_first_with_lines, fault);
        child.push_to_the_end();
        assert_eq!(effects(&parent).len(), 5);
        assert!(child.parked().is_empty());
        assert_eq!(child.audit().len(), 5);
    }
}
