//! Events of this node's own feed that grow old before they are pushed.

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::feed::own::FeedRequest;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, config, parent, patient};

/// Keeps events for a day, two on a page.
fn child(parent: &MockParent, pushes: bool) -> Child {
    let mut document = config(parent);
    document["push"]["enabled"] = json!(pushes);
    document["feed"] = json!({"keepDays": 1});
    document["transfer"] = json!({"pageSize": 2});
    Child::configured(document)
}

impl Child {
    fn edit_patients(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.edit("patient", patient(&format!("p{number}"), "Okello"));
        }
    }

    /// A child of this node asks for its feed, two days after everything in it was published.
    fn serve_feed_two_days_later(&mut self) {
        let recent = FeedRequest::of("http://here/openmrs/ws/rest/v1/sync2/feed/recent", None).unwrap();
        self.engine.feed_page(&mut self.host, &recent).unwrap();
        self.change("UPDATE sync2_event SET published_at = published_at - 172800000");
        self.engine.feed_page(&mut self.host, &recent).unwrap();
    }

    fn problems(&self) -> Vec<String> {
        self.engine.status().unwrap().problems
    }
}

#[test]
fn event_not_pushed_yet_is_kept_and_the_status_says_so() {
    let parent = parent();
    let mut child = child(&parent, true);
    child.edit_patients(0..5);
    child.serve_feed_two_days_later();
    assert_eq!(child.count("sync2_event"), 5);
    let problems = child.problems();
    assert!(problems.len() == 1 && problems[0].contains("feed.keepDays"), "{problems:?}");

    assert_eq!(child.push_to_the_end().run.progress.events, 5);
    child.serve_feed_two_days_later();
    assert_eq!(child.count("sync2_event"), 1);
    assert!(child.problems().is_empty(), "{:?}", child.problems());
}

/// By that one the push knows where it is.
#[test]
fn the_page_of_the_event_that_was_pushed_last_is_kept() {
    let parent = parent();
    let mut child = child(&parent, true);
    child.edit_patients(0..2);
    child.push_to_the_end();
    child.edit_patients(2..4);
    child.serve_feed_two_days_later();
    assert_eq!(child.count("sync2_event"), 4);
    assert_eq!(child.push_to_the_end().run.progress.events, 2);
}

#[test]
fn where_nothing_is_pushed_age_alone_decides() {
    let parent = parent();
    let mut child = child(&parent, false);
    child.edit_patients(0..5);
    child.serve_feed_two_days_later();
    assert_eq!(child.count("sync2_event"), 1);
    assert!(child.problems().is_empty(), "{:?}", child.problems());
    let error = child.push().run.error.unwrap();
    assert_eq!(error.kind, ErrorKind::NeedsBackfill);
}
