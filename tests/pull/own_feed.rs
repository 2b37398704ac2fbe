//! Pulls from the feed that the parent publishes itself: one marker for all categories.

use serde_json::{Value, json};
use sync2::error::ErrorKind;
use sync2::store::audit::AuditStatus;
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::node::{Child, category, encounter, object, patient, state};

/// A parent that publishes its own feed.
fn parent() -> MockParent {
    let parent = MockParent::start();
    parent.publish_own_feed();
    parent
}

fn put_patients(parent: &MockParent, uuids: std::ops::Range<usize>) {
    uuids.for_each(|number| parent.put(category("patient"), patient(&format!("p{number}"), "Okello")));
}

fn feeds_read(child: &mut Child) -> Vec<String> {
    let positions = child.engine.markers(&mut child.host).unwrap();
    positions.into_iter().map(|position| position.feed.to_string()).collect()
}

#[test]
fn one_marker_passes_the_events_of_all_categories() {
    let parent = parent();
    for number in 0..13 {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
        parent.put(category("encounter"), encounter(&format!("e{number}"), &format!("p{number}")));
    }
    let mut child = Child::of(&parent, &["patient", "encounter"]);
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 26);
    assert_eq!(feeds_read(&mut child), ["sync2"]);
    assert_eq!(child.host.present().unwrap(), 26);
    child.assert_audited(26);
    // What it waits for was always there before it.
    assert!(child.audit().iter().all(|message| message.outcome.status == AuditStatus::Applied));

    parent.put(category("encounter"), encounter("last", "p3"));
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 1);
    child.assert_audited(27);
    assert_eq!(parent.count_requests(|path| path.contains("/ws/atomfeed/")), 0);
}
