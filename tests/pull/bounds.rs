//! The guarantee *Memory is bounded*: however long the backlog and however slow the host, reading does not go far ahead of what is
//! committed.

use std::cell::Cell;

use serde_json::{Value, json};
use sync2::testing::mock_parent::MockParent;

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, patient, state};

const PAGE: usize = 100;

/// How many pages a pull reads whose host does nothing after its first batch. To give it time enough to read all of them,
/// another child pulls the whole feed meanwhile.
fn pages_read_ahead(parent: &MockParent, document: &Value, events: usize) -> usize {
    let blocked = Child::configured(document.clone());
    let mut other = Child::configured(document.clone());
    let Child { engine, mut host, .. } = blocked;
    let pages = Cell::new(None);
    let mut host = Intercepted::new(&mut host, |_, call| {
        let passed = engine.status()?.pull.map_or(0, |run| run.run.progress.events);
        if call == Call::Begin && passed > 0 && pages.get().is_none() {
            assert_eq!(other.pull_to_the_end().run.progress.events, events as u64);
            // The newest page is asked for by another name.
            let read_by_other = events / PAGE - 1;
            let numbered = |path: &str| path.contains("/ws/atomfeed/") && !path.ends_with("/recent");
            pages.set(Some(parent.count_requests(numbered) - read_by_other));
            engine.cancel()?;
        }
        Ok(())
    });
    assert_eq!(state(&engine.pull(&mut host).unwrap()), "cancelled");
    pages.get().unwrap()
}

/// A few windows of 40 events, and 10 pages ahead of them.
#[test]
fn of_many_wanted_events_few_are_fetched_ahead_of_a_slow_host() {
    const EVENTS: usize = 5_000;
    let parent = MockParent::start();
    parent.set_page_size(PAGE as u64);
    for number in 0..EVENTS {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
    }
    let mut document = parent.config_document(&["patient"]);
    document["transfer"] = json!({"batchSize": 20, "fetchConcurrency": 2});
    let pages = pages_read_ahead(&parent, &document, EVENTS);
    assert!((1..20).contains(&pages), "{pages} of {} pages", EVENTS / PAGE);
}

/// A few windows of 10,000 events, and 20 pages ahead of them.
#[test]
fn of_endless_filtered_events_few_are_read_ahead_of_a_slow_host() {
    const EVENTS: usize = 200_000;
    let parent = MockParent::start();
    parent.set_page_size(PAGE as u64);
    parent.serve_synthetic_feed(category("patient"), EVENTS as u64);
    let mut document = parent.config_document(&["patient"]);
    document["categories"]["patient"] = json!({"actions": ["RETIRED"]});
    let pages = pages_read_ahead(&parent, &document, EVENTS);
    assert!((1..900).contains(&pages), "{pages} of {} pages", EVENTS / PAGE);
}
