use proptest::prelude::*;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::Config;
use crate::environment::Environment;
use crate::error::ErrorKind;
use crate::event::Action;
use crate::testing::mock_parent::{Fault, MockParent};

fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

/// A child that pulls some categories from a mock parent.
struct Child {
    parent: MockParent,
    client: Arc<ParentClient>,
    cache: Arc<FeedCache>,
    categories: Vec<Category>,
}

impl Child {
    fn of(categories: &[&str]) -> Child {
        let parent = MockParent::start();
        let document = parent.config_document(categories).to_string();
        let config = Config::parse(&document, &|_| None).unwrap();
        let client = Arc::new(ParentClient::new(&config, &Environment::default(), CancellationToken::new()).unwrap());
        let categories = categories.iter().map(|name| category(name)).collect();
        Child { parent, client, cache: Arc::new(FeedCache::new()), categories }
    }

    /// Appends so many events to the category's feed.
    fn publish(&self, name: &str, events: usize) {
        for number in 0..events {
            self.parent.append_event(category(name), Action::Updated, &format!("{name}-{number}"));
        }
    }

    /// A reader that begins after these events, each of another feed.
    fn reader_after(&self, last: &[&Event]) -> FeedReader {
        let start = |category: &Category| FeedStart {
            scope: FeedScope::Category(*category),
            epoch: "epoch-1".into(),
            marker: last.iter().find(|event| *event.feed == *category.name()).map(|event| Marker::at(event)),
            unwanted: None,
        };
        let options = FeedOptions { page_limit_bytes: 1 << 20, pages_ahead: 3, requests: 3 };
        let feeds = self.categories.iter().map(start).collect();
        FeedReader::new(self.client.clone(), self.cache.clone(), feeds, options)
    }

    async fn read_after(&self, last: &[&Event]) -> Result<Reading> {
        read_all(self.reader_after(last)).await
    }
}

/// The events that a reader gave.
#[derive(Debug, Default)]
struct Reading {
    events: Vec<Event>,
    held: Vec<(Category, Error)>,
}

impl Reading {
    fn ids(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.id.as_str()).collect()
    }

    /// The objects of one feed, in their order.
    fn of(&self, name: &str) -> Vec<String> {
        let events = self.events.iter().filter(|event| *event.feed == *name);
        events.map(|event| event.object.as_ref().unwrap().uuid.clone()).collect()
    }
}

async fn read_all(mut reader: FeedReader) -> Result<Reading> {
    let mut reading = Reading::default();
    while let Some(step) = reader.next(7).await? {
        match step {
            FeedStep::Events(events) => {
                assert!((1..=7).contains(&events.len()));
                reading.events.extend(events);
            }
            FeedStep::Held { category, error } => reading.held.push((category, error)),
        }
    }
    assert_eq!(reader.progress(), FeedProgress { read: reading.events.len() as u64, remaining: Some(0) });
    Ok(reading)
}

fn numbered(name: &str, numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("{name}-{number}")).collect()
}

// --- The way forward.

#[tokio::test]
async fn all_pages_are_read_in_order_from_the_first_event() {
    for events in [0, 1, 4, 5, 6, 10, 23] {
        let child = Child::of(&["patient"]);
        child.publish("patient", events);
        let reading = child.read_after(&[]).await.unwrap();
        assert_eq!(reading.of("patient"), numbered("patient", 0..events));
    }
}

/// A feed that grows as fast as it is read would never let a run end.
#[tokio::test]
async fn event_during_a_run_is_read_only_on_the_page_that_was_last() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 7);
    let gate = child.parent.hold(|path| path.ends_with("/patient/2"));
    let growing = async {
        let gate = tokio::task::spawn_blocking(move || {
            gate.wait_until_reached();
            gate
        });
        let gate = gate.await.unwrap();
        child.publish("patient", 10);
        gate.release();
    };
    let (first, ()) = tokio::join!(child.read_after(&[]), growing);
    let first = first.unwrap();
    assert_eq!(first.events.len(), 10, "the second page is read with what has come on it");
    assert_eq!(child.parent.count_requests(|path| path.ends_with("/patient/3")), 0);
    let next = child.read_after(&[first.events.last().unwrap()]).await.unwrap();
    assert_eq!(next.events.len(), 7);
    assert!(first.ids().iter().all(|id| !next.ids().contains(id)));
}

#[tokio::test]
async fn nothing_new_costs_one_request_for_each_category() {
    let child = Child::of(&["patient", "encounter"]);
    child.publish("patient", 7);
    child.publish("encounter", 5);
    let first = child.read_after(&[]).await.unwrap();
    let last = |name: &str| first.events.iter().rfind(|event| *event.feed == *name).unwrap();
    for _ in 0..3 {
        child.parent.forget_requests();
        let reading = child.read_after(&[last("patient"), last("encounter")]).await.unwrap();
        assert!(reading.events.is_empty());
        assert_eq!(child.parent.requests().len(), 2);
        assert_eq!(child.parent.count_requests(|path| path.ends_with("/patient/2")), 1);
        child.parent.send_etags();
    }
}

#[tokio::test]
async fn an_etag_is_used_only_while_its_page_ends_with_the_marker() {
    let child = Child::of(&["patient"]);
    child.parent.send_etags();
    child.publish("patient", 8);
    let first = child.read_after(&[]).await.unwrap();
    let (middle, last) = (&first.events[6], &first.events[7]);
    assert!(child.read_after(&[last]).await.unwrap().events.is_empty());
    assert_eq!(child.read_after(&[middle]).await.unwrap().ids(), [last.id.as_str()]);
    child.publish("patient", 4);
    assert_eq!(child.read_after(&[last]).await.unwrap().of("patient"), numbered("patient", 0..4));
}

#[tokio::test]
async fn a_page_that_was_full_is_continued_by_the_next_one() {
    let child = Child::of(&["patient"]);
    child.parent.send_etags();
    child.publish("patient", 5);
    let last = child.read_after(&[]).await.unwrap().events.pop().unwrap();
    assert!(child.read_after(&[&last]).await.unwrap().events.is_empty());
    child.publish("patient", 1);
    assert_eq!(child.read_after(&[&last]).await.unwrap().of("patient"), numbered("patient", 0..1));
}

#[tokio::test]
async fn pages_are_asked_for_ahead_but_only_a_few() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 100);
    let mut reader = child.reader_after(&[]);
    let Some(FeedStep::Events(_)) = reader.next(1).await.unwrap() else { panic!("an event") };
    assert_eq!(reader.progress(), FeedProgress { read: 1, remaining: Some(99) });
    let pages = child.parent.count_requests(|path| path.contains("/patient/") && !path.ends_with("recent"));
    assert!(pages <= 4, "{pages} pages were asked for to read one event");
}

#[tokio::test]
async fn a_lost_session_is_renewed() {
    let child = Child::of(&["patient", "encounter"]);
    child.publish("patient", 3);
    child.read_after(&[]).await.unwrap();
    child.parent.invalidate_sessions();
    assert_eq!(child.read_after(&[]).await.unwrap().events.len(), 3);
    assert_eq!(child.parent.count_requests(|path| path.ends_with("/session")), 2);
}

// --- Merging.

#[tokio::test]
async fn an_instant_is_not_split_unless_it_is_long() {
    let child = Child::of(&["patient", "encounter"]);
    let publish = |name, uuid: String| {
        child.parent.append_event_at(category(name), Action::Created, &uuid, "2026-11-23T10:00:00Z");
    };
    for number in 0..3 {
        publish("patient", format!("p{number}"));
        publish("encounter", format!("e{number}"));
    }
    for (limit, lengths) in [(4, vec![6]), (3, vec![6]), (2, vec![4, 2])] {
        let mut reader = child.reader_after(&[]);
        for length in lengths {
            let Some(FeedStep::Events(events)) = reader.next(limit).await.unwrap() else { panic!("events") };
            assert_eq!(events.len(), length, "at most {limit}");
        }
        assert!(reader.next(limit).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn feeds_are_merged_by_time_and_within_an_instant_by_category() {
    let child = Child::of(&["encounter", "patient", "location"]);
    let at = |name, uuid, second| {
        let updated = format!("2026-11-23T10:00:{second:02}Z");
        child.parent.append_event_at(category(name), Action::Created, uuid, &updated);
    };
    for (name, uuid, second) in [
        ("encounter", "e1", 2),
        ("encounter", "e2", 4),
        ("patient", "p1", 2),
        ("patient", "p2", 3),
        ("location", "l1", 4),
    ] {
        at(name, uuid, second);
    }
    let reading = child.read_after(&[]).await.unwrap();
    let order: Vec<_> = reading.events.iter().map(|event| event.object.as_ref().unwrap().uuid.as_str()).collect();
    assert_eq!(order, ["p1", "e1", "p2", "l1", "e2"]);
}

#[tokio::test]
async fn event_dated_in_the_future_holds_up_no_feed_and_loses_none() {
    let child = Child::of(&["patient", "encounter"]);
    child.publish("patient", 2);
    child.parent.append_event_at(category("patient"), Action::Updated, "future", "2999-01-01T00:00:00Z");
    child.publish("patient", 2);
    child.publish("encounter", 12);
    let reading = child.read_after(&[]).await.unwrap();
    assert_eq!(reading.of("encounter"), numbered("encounter", 0..12));
    assert_eq!(reading.of("patient"), ["patient-0", "patient-1", "future", "patient-0", "patient-1"]);
    assert_eq!(*reading.events[13].feed, *"encounter");
}

#[tokio::test]
async fn an_entry_that_cannot_be_understood_is_an_event_like_others() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 1);
    child.parent.append_raw_entry(category("patient"), "<entry><title>nothing else</title></entry>");
    child.publish("patient", 4);
    let reading = child.read_after(&[]).await.unwrap();
    assert_eq!(reading.events.len(), 6);
    let malformed = &reading.events[1];
    assert!(malformed.object.is_err());
    assert_eq!(child.read_after(&[malformed]).await.unwrap().of("patient"), numbered("patient", 0..4));
}

// --- One feed fails: it is held, the others go on.

async fn held_by(fault: Fault) -> Error {
    let child = Child::of(&["patient", "encounter"]);
    child.publish("patient", 6);
    child.publish("encounter", 6);
    child.parent.fail(|path| path.contains("/atomfeed/patient/"), fault);
    let mut reading = child.read_after(&[]).await.unwrap();
    assert_eq!(reading.of("encounter"), numbered("encounter", 0..6));
    assert_eq!(reading.held.len(), 1);
    let (held, error) = reading.held.remove(0);
    assert_eq!(held, category("patient"));
    assert!(error.url.as_ref().unwrap().contains("/atomfeed/patient/"), "{error}");
    error
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_is_held_with_the_reason() {
    let entities = r#"<!DOCTYPE feed [<!ENTITY a "ha">]><feed>&a;</feed>"#;
    let elsewhere = r#"<feed><link rel="via" href="http://other.example.org/ws/atomfeed/patient/1"/></feed>"#;
    for (fault, kind) in [
        (Fault::status(403), ErrorKind::Forbidden),
        (Fault::status(404), ErrorKind::NotFound),
        (Fault::status(410), ErrorKind::Gone),
        (Fault::status(400), ErrorKind::Rejected),
        (Fault::status(500), ErrorKind::ParentFailed),
        (Fault::body("text/html", "<html><body>Log in</body></html>"), ErrorKind::Malformed),
        (Fault::body("application/json", "{\"cause\":null}"), ErrorKind::Malformed),
        (Fault::body("text/plain", "not a feed"), ErrorKind::Malformed),
        (Fault::body("application/atom+xml", entities), ErrorKind::Malformed),
        (Fault::body("application/atom+xml", elsewhere), ErrorKind::Malformed),
        (Fault::HalfBody, ErrorKind::Malformed),
        (Fault::HugeBody(100 << 20), ErrorKind::Malformed),
    ] {
        assert_eq!(held_by(fault).await.kind, kind);
    }
}

#[tokio::test]
async fn a_bad_page_in_the_middle_comes_after_the_good_ones_before_it() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 30);
    child.parent.fail(|path| path.ends_with("/patient/4"), Fault::HalfBody);
    let reading = child.read_after(&[]).await.unwrap();
    assert_eq!(reading.of("patient"), numbered("patient", 0..15));
    assert_eq!(reading.held.len(), 1);
    child.parent.heal();
    let rest = child.read_after(&[reading.events.last().unwrap()]).await.unwrap();
    assert_eq!(rest.of("patient"), numbered("patient", 15..30));
}

// --- What stops the run.

async fn stopped_by(fault: Fault) -> ErrorKind {
    let child = Child::of(&["patient", "encounter"]);
    child.publish("patient", 6);
    child.parent.fail(|path| path.contains("/atomfeed/patient/"), fault);
    child.read_after(&[]).await.unwrap_err().kind
}

#[tokio::test]
async fn a_parent_that_is_away_stops_the_run() {
    assert_eq!(stopped_by(Fault::status(502)).await, ErrorKind::Unreachable);
    assert_eq!(stopped_by(Fault::status(503)).await, ErrorKind::Busy);
    assert_eq!(stopped_by(Fault::status(401)).await, ErrorKind::Unauthorized);
    assert_eq!(stopped_by(Fault::CutOff).await, ErrorKind::Unreachable);
}

#[tokio::test]
async fn a_parent_that_stops_in_the_middle_is_read_on_when_it_is_back() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 60);
    let mut reader = child.reader_after(&[]);
    let mut read = Vec::new();
    let error = loop {
        match reader.next(10).await {
            Ok(Some(FeedStep::Events(events))) => read.extend(events),
            Ok(other) => panic!("not stopped: {other:?}"),
            Err(error) => break error,
        }
        child.parent.stop();
    };
    assert_eq!(error.kind, ErrorKind::Unreachable);
    child.parent.restart();
    let rest = child.read_after(&[read.last().unwrap()]).await.unwrap();
    read.extend(rest.events);
    let uuids: Vec<_> = read.iter().map(|event| event.object.as_ref().unwrap().uuid.clone()).collect();
    assert_eq!(uuids, numbered("patient", 0..60));
}

#[tokio::test]
async fn feed_that_does_not_continue_at_the_marker_needs_backfill() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 14);
    let last = child.read_after(&[]).await.unwrap().events.pop().unwrap();
    for keep in [12, 10, 4, 0] {
        child.parent.truncate_feed(category("patient"), keep);
        assert_eq!(child.read_after(&[&last]).await.unwrap_err().kind, ErrorKind::NeedsBackfill, "{keep} kept");
    }
}

#[tokio::test]
async fn missing_marker_page_of_a_continuing_feed_is_no_restore() {
    let child = Child::of(&["patient"]);
    child.publish("patient", 14);
    let last = child.read_after(&[]).await.unwrap().events.pop().unwrap();
    child.parent.fail(|path| path.ends_with("/patient/3"), Fault::status(404));
    assert_eq!(child.read_after(&[&last]).await.unwrap().held[0].1.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn pages_that_do_not_follow_each_other_need_a_backfill() {
    let link = |rel: &str, number: u64| format!(r#"<link rel="{rel}" href="/openmrs/ws/atomfeed/patient/{number}"/>"#);
    for links in [
        link("via", 1),
        link("via", 2) + &link("prev-archive", 2),
        link("via", 2) + &link("next-archive", 2),
        link("via", 2) + &link("prev-archive", 1) + &link("next-archive", 1),
        link("via", 2) + &link("next-archive", 4),
    ] {
        let child = Child::of(&["patient"]);
        child.publish("patient", 15);
        let page = format!("<feed>{links}</feed>");
        child.parent.fail(|path| path.ends_with("/patient/2"), Fault::body("text/plain", page));
        let error = child.read_after(&[]).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NeedsBackfill, "{links}");
        assert!(error.url.unwrap().ends_with("/patient/2"));
    }
}

#[tokio::test]
async fn a_cancelled_run_stops() {
    let child = Child::of(&["patient"]);
    let cancel = CancellationToken::new();
    let client = Arc::new(child.client.with_cancellation(cancel.clone()));
    let _gate = child.parent.hold(|path| path.contains("/atomfeed/"));
    let scope = FeedScope::Category(category("patient"));
    let start = FeedStart { scope, epoch: "epoch-1".into(), marker: None, unwanted: None };
    let options = FeedOptions { page_limit_bytes: 1 << 20, pages_ahead: 1, requests: 1 };
    let mut reader = FeedReader::new(client, child.cache.clone(), vec![start], options);
    let reading = tokio::spawn(async move { reader.next(1).await.map(|_| ()) });
    cancel.cancel();
    assert_eq!(reading.await.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
}

// --- For all feeds.

/// How a feed comes to be, and how it is read.
#[derive(Clone, Debug)]
struct Story {
    page_size: u64,
    etags: bool,
    /// Between two runs, events of these feeds are published.
    rounds: Vec<Vec<usize>>,
    /// After each run, so many per cent of what was read are committed.
    committed: usize,
}

const FEEDS: [&str; 3] = ["location", "patient", "encounter"];

fn stories() -> impl Strategy<Value = Story> {
    let round = proptest::collection::vec(0..FEEDS.len(), 0..40);
    let rounds = proptest::collection::vec(round, 1..5);
    (1u64..9, any::<bool>(), rounds, 1usize..=100).prop_map(|(page_size, etags, rounds, committed)| Story {
        page_size,
        etags,
        rounds,
        committed,
    })
}

/// Runs the story until nothing is left; the events in the order in which they were committed.
async fn live(child: &Child, story: &Story) -> Vec<Event> {
    let mut committed: Vec<Event> = Vec::new();
    let mut rounds = story.rounds.iter();
    let mut published = 0;
    loop {
        let round = rounds.next();
        for feed in round.into_iter().flatten() {
            child.parent.append_event(
                category(FEEDS[*feed]),
                Action::Updated,
                &format!("{}-{published}", FEEDS[*feed]),
            );
            published += 1;
        }
        let last = FEEDS.map(|name| committed.iter().rfind(|event| *event.feed == *name));
        let last: Vec<&Event> = last.into_iter().flatten().collect();
        let mut reading = child.read_after(&last).await.unwrap();
        if reading.events.is_empty() && round.is_none() {
            return committed;
        }
        let keep = (reading.events.len() * story.committed).div_ceil(100);
        reading.events.truncate(keep);
        committed.extend(reading.events);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_event_is_read_exactly_once_in_the_order_of_its_feed(story in stories()) {
        let child = Child::of(&FEEDS);
        child.parent.set_page_size(story.page_size);
        if story.etags {
            child.parent.send_etags();
        }
        let committed = Runtime::new().unwrap().block_on(live(&child, &story));
        let all = story.rounds.iter().flatten().enumerate();
        for (index, name) in FEEDS.iter().enumerate() {
            let expected: Vec<String> =
                all.clone().filter(|(_, feed)| **feed == index).map(|(number, _)| format!("{name}-{number}")).collect();
            let reading = Reading { events: committed.clone(), held: Vec::new() };
            prop_assert_eq!(reading.of(name), expected);
        }
    }
}
