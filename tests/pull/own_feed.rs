//! Pulls from the feed that the parent publishes itself: one marker for all categories.

use std::ops::Range;

use serde_json::{Value, json};
use sync2::error::ErrorKind;
use sync2::event::Action;
use sync2::status::RunReport;
use sync2::store::audit::AuditStatus;
use sync2::store::now;
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::node::{Child, category, encounter, entry, object, patient, state};

/// A parent that publishes its own feed.
pub fn parent() -> MockParent {
    let parent = MockParent::start();
    parent.publish_own_feed();
    parent
}

fn put_patients(parent: &MockParent, numbers: Range<usize>) {
    numbers.for_each(|number| parent.put(category("patient"), patient(&format!("p{number}"), "Okello")));
}

fn location(uuid: &str) -> Value {
    json!({"uuid": uuid, "name": format!("Ward {uuid}"), "retired": false})
}

fn encounter_at(uuid: &str, patient: &str, location: &str) -> Value {
    let mut document = encounter(uuid, patient);
    document["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
    document
}

/// Patients and encounters over FHIR, locations over REST.
fn three_categories(parent: &MockParent) -> Value {
    let mut document = parent.config_document(&["patient", "encounter"]);
    document["categories"]["location"] = json!({"representation": "rest"});
    document
}

fn close_locations(parent: &MockParent, status: u16) {
    parent.fail(|path| path.contains("/rest/v1/location"), Fault::status(status));
}

fn feeds_read(child: &mut Child) -> Vec<String> {
    let positions = child.engine.markers(&mut child.host).unwrap();
    positions.into_iter().filter(|position| position.events > 0).map(|position| position.feed.to_string()).collect()
}

/// How many events were passed.
fn passed(child: &mut Child) -> u64 {
    child.engine.markers(&mut child.host).unwrap().iter().map(|position| position.events).sum()
}

/// That the run failed because only a backfill helps, and passed nothing; what it says.
fn assert_needs_backfill(child: &mut Child) -> String {
    let before = passed(child);
    let report = child.pull();
    assert_eq!(state(&report), "failed");
    assert_eq!(passed(child), before);
    error_of(&report, ErrorKind::NeedsBackfill)
}

fn error_of(report: &RunReport, kind: ErrorKind) -> String {
    let error = report.run.error.as_ref().expect("the run was stopped");
    assert_eq!(error.kind, kind, "{error:?}");
    error.message.clone()
}

// --- The way forward.

#[test]
fn one_marker_passes_events_of_all_categories_in_order() {
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
    // What an encounter refers to was always there before it: nothing was fetched as a reference.
    assert_eq!(child.audit().len(), 26);

    parent.put(category("encounter"), encounter("last", "p3"));
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 1);
    child.assert_audited(27);
    assert_eq!(parent.count_requests(|path| path.contains("/ws/atomfeed/")), 0);
}

#[test]
fn nothing_new_costs_one_request_in_all() {
    let parent = parent();
    put_patients(&parent, 0..12);
    let mut child = Child::of(&parent, &["patient", "encounter", "location"]);
    child.pull_to_the_end();
    for _ in 0..2 {
        parent.forget_requests();
        let report = child.pull_to_the_end();
        assert_eq!(report.run.progress.events, 0);
        let requests = parent.requests();
        let paths: Vec<&str> = requests.iter().filter_map(|request| request.path.split('?').next()).collect();
        assert_eq!(paths, ["/openmrs/ws/rest/v1/sync2/feed/3"]);
    }
}

// --- A parent that gives no stretches of its feed: this mock parent is one, which takes no notice of the question.

#[test]
fn parent_without_stretches_is_asked_once_and_read_by_pages() {
    let parent = parent();
    put_patients(&parent, 0..17);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    put_patients(&parent, 17..38);
    parent.forget_requests();
    child.pull_to_the_end();
    child.assert_audited(38);
    let mut pages: Vec<String> = parent.requests().into_iter().map(|request| request.path).collect();
    pages.retain(|path| path.contains("/sync2/feed/"));
    assert!(pages[0].contains("/feed/4?without=") && pages[0].contains("&after="), "{pages:?}");
    assert_eq!(pages.len(), 6, "{pages:?}");
    assert!(pages[1..].iter().all(|path| !path.contains('?')), "{pages:?}");
}

#[test]
fn parent_that_refuses_stretches_is_read_by_pages() {
    let refusals = [
        Fault::status(400),
        Fault::status(414),
        Fault::status(500),
        Fault::body("text/html", "<html>This address looks dangerous</html>"),
    ];
    for fault in refusals {
        let parent = parent();
        parent.fail(|path| path.contains("without="), fault);
        put_patients(&parent, 0..7);
        let mut child = Child::of(&parent, &["patient"]);
        child.pull_to_the_end();
        put_patients(&parent, 7..14);
        child.pull_to_the_end();
        child.assert_audited(14);
    }
}

/// The page in the place of a stretch, with that element and those numbers of its entries.
fn as_stretch(page: &str, element: &str, numbers: Range<u64>) -> String {
    let head = format!(r#"<feed xmlns:sync2="urn:openmrs:sync2:feed" xmlns="http://www.w3.org/2005/Atom">{element}"#);
    let mut pieces = page.split("</entry>");
    let mut stretch = pieces.next().unwrap().replace(r#"<feed xmlns="http://www.w3.org/2005/Atom">"#, &head);
    for (piece, number) in pieces.zip(numbers.start..) {
        if numbers.contains(&number) {
            stretch.push_str(&format!("<sync2:number>{number}</sync2:number>"));
        }
        stretch.push_str(&format!("</entry>{piece}"));
    }
    stretch
}

#[test]
fn stretch_that_cannot_be_believed_is_read_as_a_page_instead() {
    let edits: [fn(&str) -> String; 5] = [
        // It leaves out what it has not looked at.
        |page| as_stretch(page, r#"<sync2:stretch first="1" last="9" end="9" pageSize="5"/>"#, 1..6),
        // Its entries have other numbers, or none.
        |page| as_stretch(page, r#"<sync2:stretch first="1" last="5" end="9" pageSize="5"/>"#, 0..5),
        |page| as_stretch(page, r#"<sync2:stretch first="1" last="5" end="9" pageSize="5"/>"#, 0..0),
        // It never ends, or counts beyond all numbers.
        |page| as_stretch(page, r#"<sync2:stretch first="1" last="0" end="9" pageSize="5"/>"#, 1..6),
        |page| as_stretch(page, r#"<sync2:stretch first="1" last="5" end="18446744073709551615" pageSize="5"/>"#, 1..6),
    ];
    for edit in edits {
        let parent = parent();
        parent.fail(|path| path.contains("without="), Fault::Edited(edit));
        put_patients(&parent, 0..7);
        let mut child = Child::of(&parent, &["patient"]);
        child.pull_to_the_end();
        child.assert_audited(7);
        assert_eq!(passed(&mut child), 7);
    }
}

#[test]
fn stretch_from_another_place_passes_nothing() {
    let edits: [fn(&str) -> String; 3] = [
        |page| as_stretch(page, r#"<sync2:stretch first="3" last="7" end="9" pageSize="5"/>"#, 3..8),
        |page| {
            let after = r#"after="0b5f4a1e-6d2c-4f0e-9a53-3a0c5b7d8e91""#;
            as_stretch(page, &format!(r#"<sync2:stretch {after} first="1" last="5" end="9" pageSize="5"/>"#), 1..6)
        },
        // Pages that nobody asked to leave anything out of.
        |page| as_stretch(page, r#"<sync2:stretch first="1" last="3" end="3" pageSize="5"/>"#, 1..4),
    ];
    for (edit, asked) in edits.into_iter().zip(["without=", "without=", "/feed/recent"]) {
        let parent = parent();
        parent.fail(move |path| path.contains(asked), Fault::Edited(edit));
        put_patients(&parent, 0..8);
        let mut child = Child::of(&parent, &["patient"]);
        let report = child.pull();
        error_of(&report, ErrorKind::NeedsBackfill);
        assert!(child.document("patient", "p7").is_none());
    }
}

#[test]
fn a_page_that_was_full_when_it_was_read_last_leads_on() {
    let parent = parent();
    put_patients(&parent, 0..5);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    child.pull_to_the_end();
    put_patients(&parent, 5..6);
    assert_eq!(child.pull_to_the_end().run.progress.events, 1);
}

#[test]
fn event_of_other_category_or_location_is_passed_without_audit() {
    let parent = parent();
    put_patients(&parent, 0..1);
    parent.append_event(category("visit"), Action::Created, "v");
    let elsewhere = entry("elsewhere", "patient", "UPDATED", "p9")
        .replace("<id>", "<category term=\"location:there\"/><category term=\"patient:p9\"/><id>");
    parent.append_raw_entry(category("patient"), &elsewhere);
    let mut document = parent.config_document(&["patient"]);
    document["filter"] = json!({"locations": ["here"]});
    let mut child = Child::configured(document);
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 3);
    child.assert_audited(1);
    assert_eq!(child.pull_to_the_end().run.progress.events, 0);
}

/// They are for newer versions of this module.
#[test]
fn kinds_of_objects_that_this_version_does_not_know_are_passed() {
    let parent = parent();
    put_patients(&parent, 0..1);
    parent.append_raw_entry(category("patient"), &entry("newer", "unicorn", "CREATED", "u"));
    put_patients(&parent, 1..2);
    for record_filtered in [false, true] {
        let mut document = parent.config_document(&["patient"]);
        document["audit"] = json!({"recordFiltered": record_filtered});
        let mut child = Child::configured(document);
        let report = child.pull_to_the_end();
        assert_eq!(report.run.progress.events, 3);
        assert!(child.parked().is_empty());
        child.assert_audited(2);
        let told = |child: &Child| {
            let notes = child.engine.status().unwrap().notes.into_iter().map(|note| note.message);
            notes.filter(|message| message.starts_with("unicorn: ")).count()
        };
        assert_eq!(told(&child), 1);
        child.restart();
        assert_eq!(told(&child), 1);
    }
}

#[test]
fn unreadable_entry_is_parked_only_if_its_category_is_pulled() {
    let parent = parent();
    for name in ["patient", "visit"] {
        let broken = entry(name, name, "CREATED", "x").replace("{\"rest\"", "{\"nothing\"");
        parent.append_raw_entry(category("patient"), &broken);
    }
    put_patients(&parent, 0..1);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    let parked = child.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!((parked[0].object.category, parked[0].error.kind), (category("patient"), ErrorKind::Malformed));
    child.assert_audited(2);
}

// --- Interruptions.

#[test]
fn a_parent_that_is_away_loses_nothing() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    parent.stop();
    let report = child.pull();
    error_of(&report, ErrorKind::Unreachable);
    assert!(child.engine.markers(&mut child.host).unwrap().is_empty());

    parent.restart();
    child.pull_to_the_end();
    put_patients(&parent, 3..6);
    for fault in [Fault::status(503), Fault::status(401), Fault::CutOff] {
        let before = child.marked_entries();
        parent.fail(|path| path.contains("/sync2/feed/"), fault);
        assert_eq!(state(&child.pull()), "interrupted");
        assert_eq!(child.marked_entries(), before);
        assert!(child.parked().is_empty());
        parent.heal();
    }
    child.pull_to_the_end();
    child.assert_audited(6);
}

#[test]
fn with_the_marker_set_back_by_hand_no_effect_is_repeated() {
    let parent = parent();
    put_patients(&parent, 0..12);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    let (before, audit) = (child.host.counters(), child.audit());
    child.set_markers_back();
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 12);
    assert_eq!(child.host.counters().saves, before.saves);
    assert_eq!(child.audit(), audit);
}

#[test]
fn a_feed_that_cannot_be_read_stops_the_run() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    put_patients(&parent, 3..6);
    for (fault, kind) in [
        (Fault::status(500), ErrorKind::ParentFailed),
        (Fault::HalfBody, ErrorKind::Malformed),
        (Fault::body("text/html", "<html>log in</html>"), ErrorKind::Malformed),
        (Fault::Edited(|page| page.replace("urn:uuid:", "urn:other:")), ErrorKind::Malformed),
    ] {
        parent.fail(|path| path.contains("/sync2/feed/"), fault);
        let report = child.pull();
        assert_eq!(state(&report), "interrupted");
        error_of(&report, kind);
        parent.heal();
    }
    child.pull_to_the_end();
    child.assert_audited(6);
}

#[test]
fn an_account_that_may_not_read_the_feed_is_told_the_privilege() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    // Before the first event, and after it.
    for _ in 0..2 {
        parent.fail(|path| path.contains("/sync2/feed/"), Fault::status(403));
        let report = child.pull();
        assert_eq!(state(&report), "interrupted");
        let message = error_of(&report, ErrorKind::Forbidden);
        assert!(message.contains("Get Sync2 Feed"), "{message}");
        assert_eq!(child.engine.status().unwrap().notes.len(), 1);
        parent.heal();
        child.pull_to_the_end();
    }
    child.assert_audited(3);
}

// --- A feed that does not go on where it was left.

#[test]
fn a_feed_that_began_anew_needs_a_backfill() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    let before = parent.back_up_own_feed();
    parent.begin_own_feed_anew();
    for events in [0, 3] {
        put_patients(&parent, 0..events);
        let message = assert_needs_backfill(&mut child);
        assert!(message.contains("began anew"), "{message}");
    }
    parent.restore_own_feed(before);
    child.pull_to_the_end();
    child.assert_audited(3);
}

#[test]
fn feed_begun_anew_before_the_first_read_needs_no_backfill() {
    let parent = parent();
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.begin_own_feed_anew();
    put_patients(&parent, 0..3);
    child.pull_to_the_end();
    child.assert_audited(3);
}

#[test]
fn a_parent_that_was_restored_needs_a_backfill() {
    let parent = parent();
    put_patients(&parent, 0..4);
    let backup = parent.back_up_own_feed();
    put_patients(&parent, 4..12);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    let right = parent.back_up_own_feed();

    parent.restore_own_feed(backup);
    let message = assert_needs_backfill(&mut child);
    assert!(message.contains("newest page is 1"), "{message}");
    // Other events under the same numbers.
    put_patients(&parent, 4..12);
    let message = assert_needs_backfill(&mut child);
    assert!(message.contains("no longer on its page"), "{message}");

    parent.restore_own_feed(right);
    child.pull_to_the_end();
    child.assert_audited(12);
}

#[test]
fn events_that_the_parent_keeps_no_longer_need_a_backfill() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    put_patients(&parent, 3..12);
    parent.remove_own_pages(1);
    let message = assert_needs_backfill(&mut child);
    assert!(message.contains("feed.keepDays"), "{message}");
    // A node that has read nothing cannot begin with the feed either.
    assert_needs_backfill(&mut Child::of(&parent, &["patient"]));
}

// --- Which feed is read.

#[test]
fn auto_takes_the_parents_own_feed_and_goes_on_with_it() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    let before = child.engine.status().unwrap();
    assert_eq!((before.parent_feed, before.warnings.len()), (None, 0));
    child.pull_to_the_end();
    let after = child.engine.status().unwrap();
    assert_eq!(after.parent_feed, Some("sync2"));
    // Only the atomfeed module has feeds of their own for the patients' names.
    assert!(!after.warnings.iter().any(|warning| warning.contains("person_name")), "{:?}", after.warnings);

    parent.withdraw_own_feed();
    put_patients(&parent, 3..6);
    child.restart();
    let message = error_of(&child.pull(), ErrorKind::NotFound);
    assert!(message.contains("parent.feed"), "{message}");
    parent.publish_own_feed();
    child.pull_to_the_end();
    assert_eq!(feeds_read(&mut child), ["sync2"]);
    child.assert_audited(6);
    assert_eq!(parent.count_requests(|path| path.contains("/ws/atomfeed")), 0);
}

/// A child of a parent whose module does not run at the first contact, though the atomfeed module does.
fn child_of_parent_with_stopped_module(parent: &MockParent, document: Value) -> Child {
    parent.withdraw_own_feed();
    let mut child = Child::configured(document);
    child.pull_to_the_end();
    let status = child.engine.status().unwrap();
    assert_eq!(status.parent_feed, Some("atomfeed"));
    assert!(status.warnings.iter().any(|warning| warning.contains("person_name")), "{:?}", status.warnings);
    parent.publish_own_feed();
    child
}

#[test]
fn auto_goes_over_to_the_own_feed_of_a_parent_started_again() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = child_of_parent_with_stopped_module(&parent, parent.config_document(&["patient"]));
    put_patients(&parent, 3..6);
    child.pull_to_the_end();
    child.assert_audited(6);

    put_patients(&parent, 6..9);
    parent.forget_requests();
    child.restart();
    // The feed goes on where the others ended: nothing is read twice.
    let report = child.pull_to_the_end();
    assert_eq!(report.run.progress.events, 3);
    child.assert_audited(9);
    assert_eq!(child.host.present().unwrap(), 9);
    assert_eq!(child.engine.status().unwrap().parent_feed, Some("sync2"));
    assert_eq!(parent.count_requests(|path| path.contains("/ws/atomfeed")), 0);
}

#[test]
fn change_while_auto_goes_over_is_told_by_either_feed() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = child_of_parent_with_stopped_module(&parent, parent.config_document(&["patient"]));
    put_patients(&parent, 3..6);
    let mut end_is_known = false;
    let gate = parent.hold(move |path| {
        end_is_known |= path.ends_with("/sync2/feed/recent");
        end_is_known && path.contains("/ws/atomfeed/")
    });
    std::thread::scope(|scope| {
        scope.spawn(|| {
            gate.wait_until_reached();
            put_patients(&parent, 6..8);
            gate.release();
        });
        child.pull_to_the_end();
    });
    parent.heal();
    put_patients(&parent, 8..9);
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 9);
    assert_eq!(child.engine.status().unwrap().parent_feed, Some("sync2"));
    assert!(child.parked().is_empty() && child.conflicts().is_empty());
}

#[test]
fn auto_does_not_go_over_while_a_category_is_held() {
    let parent = parent();
    put_patients(&parent, 0..3);
    let mut child = child_of_parent_with_stopped_module(&parent, three_categories(&parent));
    close_locations(&parent, 403);
    parent.put(category("location"), location("l1"));
    put_patients(&parent, 3..4);
    child.pull();
    assert_eq!(child.engine.status().unwrap().parent_feed, Some("atomfeed"));
    assert!(child.document("location", "l1").is_none());

    parent.heal();
    child.pull_to_the_end();
    assert!(child.document("location", "l1").is_some());
    put_patients(&parent, 4..5);
    child.pull_to_the_end();
    assert_eq!(child.engine.status().unwrap().parent_feed, Some("sync2"));
    assert_eq!(child.host.present().unwrap(), 6);
}

#[test]
fn auto_looks_for_the_own_feed_only_after_a_run_with_events() {
    let parent = MockParent::start();
    put_patients(&parent, 0..3);
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    parent.forget_requests();
    child.pull_to_the_end();
    let paths: Vec<String> = parent.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    put_patients(&parent, 3..4);
    child.pull_to_the_end();
    assert_eq!(parent.count_requests(|path| path.ends_with("/sync2/feed/recent")), 1);
    // A feed that cannot be read is none.
    for fault in [Fault::status(500), Fault::body("text/html", "<html>log in</html>"), Fault::status(403)] {
        parent.fail(|path| path.ends_with("/sync2/feed/recent"), fault);
        put_patients(&parent, 4..5);
        child.pull_to_the_end();
        parent.heal();
    }
    assert_eq!(feeds_read(&mut child), ["patient"]);
}

#[test]
fn parent_that_gets_the_module_before_the_first_read_is_found() {
    let parent = MockParent::start();
    let mut child = Child::of(&parent, &["patient"]);
    child.pull_to_the_end();
    assert_eq!(child.engine.status().unwrap().parent_feed, Some("atomfeed"));
    parent.publish_own_feed();
    put_patients(&parent, 0..1);
    child.pull_to_the_end();
    assert_eq!(feeds_read(&mut child), ["sync2"]);
}

#[test]
fn a_parent_that_fails_to_say_which_feed_it_has_decides_nothing() {
    let parent = parent();
    put_patients(&parent, 0..1);
    let mut child = Child::of(&parent, &["patient"]);
    for (fault, kind) in [
        (Fault::status(500), ErrorKind::ParentFailed),
        (Fault::body("text/html", "<html>log in</html>"), ErrorKind::Malformed),
    ] {
        parent.fail(|path| path.ends_with("/sync2/feed/recent"), fault);
        error_of(&child.pull(), kind);
        assert!(child.engine.markers(&mut child.host).unwrap().is_empty());
        parent.heal();
    }
    child.pull_to_the_end();
    assert_eq!(feeds_read(&mut child), ["sync2"]);
}

#[test]
fn configured_feed_is_read() {
    let parent = parent();
    put_patients(&parent, 0..2);
    let configured = |feed: &str| {
        let mut document = parent.config_document(&["patient"]);
        document["parent"]["feed"] = feed.into();
        document
    };
    let mut child = Child::configured(configured("atomfeed"));
    child.pull_to_the_end();
    assert_eq!(feeds_read(&mut child), ["patient"]);
    // Everything is compared once more, under the other feed's epoch.
    let mut child = Child::over(child.host, configured("sync2"));
    child.pull_to_the_end();
    assert_eq!(feeds_read(&mut child), ["patient", "sync2"]);
    let statuses: Vec<AuditStatus> = child.audit().into_iter().map(|message| message.outcome.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == AuditStatus::Unchanged).count(), 2);

    parent.withdraw_own_feed();
    let report = Child::configured(configured("sync2")).pull();
    error_of(&report, ErrorKind::NotFound);
}

// --- Categories that are closed as a whole.

#[test]
fn record_of_a_closed_category_is_parked_and_comes_when_open() {
    for (status, kind) in [(403, ErrorKind::Forbidden), (404, ErrorKind::NotFound)] {
        let parent = parent();
        for number in 0..6 {
            parent.put(category("location"), location(&format!("l{number}")));
            put_patients(&parent, number..number + 1);
        }
        let mut document = three_categories(&parent);
        document["transfer"] = json!({"batchSize": 4});
        let mut child = Child::configured(document);
        close_locations(&parent, status);
        let report = child.pull_to_the_end();
        assert_eq!(report.run.progress.events, 12);
        assert_eq!(child.host.present().unwrap(), 6);
        child.assert_audited(12);
        assert!(child.parked().iter().all(|parked| parked.error.kind == kind));
        let notes = child.engine.status().unwrap().notes;
        assert!(notes.len() == 1 && notes[0].message.starts_with("location: "), "{notes:?}");

        // However often it stays closed, no attempt is used up.
        put_patients(&parent, 6..7);
        for _ in 0..5 {
            child.pull_to_the_end();
            let parked = child.parked();
            assert_eq!(parked.len(), 6);
            assert!(parked.iter().all(|parked| parked.attempts == 0 && parked.next_attempt_at.is_some()));
            assert_eq!(child.engine.status().unwrap().notes, notes);
        }
        assert!(child.document("patient", "p6").is_some());

        parent.heal();
        child.pull_to_the_end();
        assert!(child.parked().is_empty());
        assert_eq!(child.host.present().unwrap(), 13);
        assert!(child.engine.status().unwrap().notes.is_empty());
        child.assert_audited(13);
    }
}

/// The location has no event of its own: it was there before the feed began.
#[test]
fn record_that_refers_into_a_closed_category_waits_for_it() {
    let parent = parent();
    parent.store(category("location"), location("l"));
    put_patients(&parent, 0..1);
    for number in 0..3 {
        parent.put(category("encounter"), encounter_at(&format!("e{number}"), "p0", "l"));
    }
    put_patients(&parent, 1..2);
    let mut document = three_categories(&parent);
    document["transfer"] = json!({"batchSize": 2});
    let mut child = Child::configured(document);
    close_locations(&parent, 403);
    child.pull_to_the_end();
    assert_eq!(child.host.present().unwrap(), 2);
    let mut parked: Vec<_> = child.parked().into_iter().map(|parked| (parked.object, parked.waiting_for)).collect();
    parked.sort();
    let waiting = |uuid: &str| (object("encounter", uuid), Some(object("location", "l")));
    let expected = [(object("location", "l"), None), waiting("e0"), waiting("e1"), waiting("e2")];
    assert_eq!(parked, expected);
    // One message of the location, however many refer to it.
    assert_eq!(child.statuses_of("l"), [AuditStatus::Parked]);

    // Until the encounters have used up their quick attempts.
    for _ in 0..5 {
        child.pull_to_the_end();
    }
    let tomorrow = now(&mut child.host).unwrap() + 22 * 3_600_000;
    assert!(child.parked().iter().all(|parked| {
        (parked.object.category == category("location")) == parked.next_attempt_at.is_some_and(|at| at < tomorrow)
    }));

    parent.heal();
    child.pull_to_the_end();
    assert!(child.parked().is_empty(), "{:?}", child.parked());
    assert_eq!(child.host.present().unwrap(), 6);
    child.assert_audited(5);
}

#[test]
fn with_halt_a_closed_category_stops_the_run_before_it() {
    let parent = parent();
    put_patients(&parent, 0..1);
    parent.put(category("location"), location("l"));
    put_patients(&parent, 1..2);
    let mut document = three_categories(&parent);
    document["pull"] = json!({"onRecordFailure": "halt"});
    document["transfer"] = json!({"batchSize": 1});
    let mut child = Child::configured(document);
    close_locations(&parent, 403);
    let report = child.pull();
    assert_eq!(state(&report), "interrupted");
    error_of(&report, ErrorKind::Forbidden);
    assert!(child.parked().is_empty());
    assert_eq!(child.document("patient", "p1"), None);
    child.assert_audited(1);
    parent.heal();
    child.pull_to_the_end();
    child.assert_audited(3);
}

#[test]
fn with_halt_what_refers_into_a_closed_category_stops_the_run() {
    let parent = parent();
    parent.store(category("location"), location("l"));
    put_patients(&parent, 0..1);
    parent.put(category("encounter"), encounter_at("e", "p0", "l"));
    let mut document = three_categories(&parent);
    document["pull"] = json!({"onRecordFailure": "halt"});
    let mut child = Child::configured(document);
    close_locations(&parent, 403);
    let message = error_of(&child.pull(), ErrorKind::MissingReference);
    assert!(message.contains("location/l") && message.contains("Forbidden"), "{message}");
    assert!(child.parked().is_empty());
    child.assert_audited(1);
    parent.heal();
    child.pull_to_the_end();
    child.assert_audited(2);
}
