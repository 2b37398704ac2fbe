//! How each row of `docs/failures.md` comes about, and how its cause goes away.

use std::sync::Arc;

use serde_json::json;
use sync2::error::{Error, ErrorKind};
use sync2::event::Action;
use sync2::testing::mock_parent::Fault;
use sync2::testing::sqlite_host::{CommitFailure, SqliteHost};

use crate::world::{World, category, encounter, encounter_type, entry, location, location_within, patient};

pub struct Scenario {
    /// The row's id.
    pub id: &'static str,
    /// Adds the bad input, between good records, and lets things fail.
    pub spoil: fn(&mut World),
    /// Takes the cause away.
    pub heal: fn(&mut World),
}

/// What only the parent's faults cause goes away with them.
const fn parent(id: &'static str, spoil: fn(&mut World)) -> Scenario {
    Scenario { id, spoil, heal: |world| world.parent.heal() }
}

/// A bad entry stays as it is; the object's next event brings it.
const fn bad_entry(id: &'static str, spoil: fn(&mut World)) -> Scenario {
    Scenario { id, spoil, heal: |world| world.put("patient", "bad", patient("bad")) }
}

const fn scenario(id: &'static str, spoil: fn(&mut World), heal: fn(&mut World)) -> Scenario {
    Scenario { id, spoil, heal }
}

/// The content of a proper entry about the patient `bad`.
const LINKS: &str = r#"{"rest": "/ws/rest/v1/patient/bad?v=full", "fhir": "/ws/fhir/Patient/bad"}"#;

/// An expansion of entities that would fill any memory.
const ENTITIES: &str = r#"<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
    <!ENTITY c "&b;&b;&b;&b;&b;&b;">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&c;</title></feed>"#;

const WEB_PAGE: &str = "<!doctype html><html><body>Please log in to the guest network</body></html>";

const HUGE: u64 = 100 << 20;

pub const SCENARIOS: &[Scenario] = &[
    // --- A feed.
    parent("feed-not-xml", |world| fail_feed(world, Fault::body("application/atom+xml", "out of paper"))),
    parent("feed-web-page", |world| fail_feed(world, Fault::body("text/html", WEB_PAGE))),
    parent("feed-json", |world| fail_feed(world, Fault::body("application/json", r#"{"stackTrace": []}"#))),
    parent("feed-truncated", |world| {
        // The first page has five entries and is whole.
        ["m0", "m1"].into_iter().for_each(|uuid| put_patient(world, uuid));
        world.bad_is_next("patient", None);
        (2..12).for_each(|number| put_patient(world, &format!("m{number}")));
        world.parent.fail(|path| path.ends_with("/patient/2"), Fault::HalfBody);
    }),
    parent("feed-too-large", |world| fail_feed(world, Fault::HugeBody(HUGE))),
    parent("feed-entities", |world| fail_feed(world, Fault::body("application/atom+xml", ENTITIES))),
    parent("feed-link-elsewhere", |world| {
        fail_feed(world, Fault::Edited(|page| page.replace("href=\"http://127.0.0.1:", "href=\"http://example.org:")));
    }),
    parent("feed-wrong-encoding-label", |world| {
        append_bad_entry(world, &["CREATED", "patient"], Some(LINKS));
        fail_feed(world, Fault::Edited(|page| page.replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"")));
    }),
    parent("feed-clock-in-the-future", |world| {
        world.store("patient", "bad", patient("bad"));
        world.bad_is_next("patient", Some("bad"));
        world.append_event_at("patient", "bad", "2131-01-01T00:00:00Z");
    }),
    parent("feed-403", |world| fail_feed(world, Fault::status(403))),
    parent("feed-404", |world| fail_feed(world, Fault::status(404))),
    parent("feed-500", |world| fail_feed(world, Fault::status(500))),
    parent("feed-503", |world| fail_feed(world, Fault::status(503))),
    parent("feed-breaks-off", |world| fail_feed(world, Fault::CutOff)),
    parent("feed-page-loop", |world| {
        (0..10).for_each(|number| put_patient(world, &format!("m{number}")));
        world.parent.fail(
            |path| path.ends_with("/patient/recent"),
            Fault::Edited(|page| page.replace("/patient/2\" />", "/patient/3\" />")),
        );
    }),
    parent("feed-marker-gone", |world| {
        fail_feed(world, Fault::Edited(|page| page.replace("patient-000000000001<", "patient-000000009001<")));
    }),
    scenario(
        "feed-went-backwards",
        |world| {
            (0..10).for_each(|number| put_patient(world, &format!("m{number}")));
            world.pull_history();
            world.forget_feed("patient");
        },
        |world| world.restore_feed("patient"),
    ),
    // --- An entry.
    bad_entry("entry-without-id", |world| {
        world.bad_is_next("patient", None);
        world.append_raw("patient", &entry("", &["CREATED", "patient"], Some(LINKS)));
    }),
    bad_entry("entry-without-content", |world| append_unreadable(world, &["CREATED", "patient"], None)),
    bad_entry("entry-without-category", |world| append_unreadable(world, &["CREATED"], Some(LINKS))),
    bad_entry("entry-unknown-category", |world| append_unreadable(world, &["CREATED", "unicorn"], Some(LINKS))),
    bad_entry("entry-content-not-json", |world| append_unreadable(world, &["CREATED", "patient"], Some("bad"))),
    bad_entry("entry-without-link", |world| append_unreadable(world, &["CREATED", "patient"], Some("{}"))),
    bad_entry("entry-link-elsewhere", |world| {
        let link = r#"{"fhir": "http://example.org/ws/fhir/Patient/bad"}"#;
        append_unreadable(world, &["CREATED", "patient"], Some(link));
    }),
    parent("entry-categories-in-any-order", |world| {
        append_bad_entry(world, &["location:ward", "patient", "urgent", "CREATED"], Some(LINKS));
    }),
    parent("entry-unknown-action", |world| append_bad_entry(world, &["DREAMT", "patient"], Some(LINKS))),
    // --- An object.
    scenario("object-404", append_event_of_nothing, |world| world.store("patient", "bad", patient("bad"))),
    parent("object-410", |world| {
        world.bad_is_next("patient", Some("here"));
        world.append_event("patient", Action::Updated, "here");
        world.parent.fail(|path| path.contains("here"), Fault::status(410));
    }),
    parent("object-410-never-here", |world| {
        world.put_bad("patient", patient("bad"));
        world.void("patient", "bad");
    }),
    scenario(
        "object-voided-without-event",
        |world| {
            world.bad_is_next("encounter_type", Some("t1"));
            world.append_event("encounter_type", Action::Updated, "t1");
            world.parent.store(category("encounter_type"), json!({"uuid": "t1", "name": "Visit", "voided": true}));
        },
        |world| world.store("encounter_type", "t1", encounter_type("t1")),
    ),
    parent("object-retired-never-here", |world| {
        let mut retired = encounter_type("bad");
        retired["retired"] = true.into();
        world.put_bad("encounter_type", retired);
    }),
    parent("object-401-once", |world| {
        world.put_bad("patient", patient("bad"));
        world.parent.fail_times(1, is_bad, Fault::status(401));
    }),
    parent("object-403", |world| fail_object(world, Fault::status(403))),
    parent("object-409", |world| fail_object(world, Fault::status(409))),
    parent("object-429-once", |world| {
        world.put_bad("patient", patient("bad"));
        world.parent.fail_times(1, is_bad, Fault::retry_after(429, 0));
    }),
    parent("object-500", |world| fail_object(world, Fault::status(500))),
    parent("object-breaks-off", |world| fail_object(world, Fault::CutOff)),
    parent("object-corrupt-gzip", |world| {
        let headers = vec![("content-encoding", "gzip".to_string())];
        fail_object(world, Fault::Answer { status: 200, headers, body: "no gzip".to_string() });
    }),
    parent("object-wrong-uuid", |world| {
        fail_object(world, Fault::Edited(|body| body.replace("\"id\":\"bad\"", "\"id\":\"other\"")));
    }),
    parent("object-wrong-type", |world| {
        let retyped = |body: &str| body.replace("\"resourceType\":\"Patient\"", "\"resourceType\":\"Person\"");
        fail_object(world, Fault::Edited(retyped));
    }),
    parent("object-not-json", |world| fail_object(world, Fault::body("application/fhir+json", "out of paper"))),
    parent("object-truncated", |world| fail_object(world, Fault::HalfBody)),
    parent("object-web-page", |world| fail_object(world, Fault::body("text/html", WEB_PAGE))),
    parent("object-redirect", |world| fail_object(world, redirect())),
    parent("object-too-large", |world| fail_object(world, Fault::HugeBody(HUGE / 2))),
    parent("object-subsetted", |world| {
        let mut tagged = patient("bad");
        tagged["meta"] = json!({"tag": [{"code": "SUBSETTED"}]});
        world.put_bad("patient", patient("bad"));
        world.parent.store(category("patient"), tagged);
    }),
    scenario(
        "reference-to-nothing",
        |world| world.put_bad("encounter", encounter("bad", "nobody")),
        |world| world.put("patient", "nobody", patient("nobody")),
    ),
    scenario(
        "reference-cycle",
        |world| {
            world.put_bad("location", location_within("bad", "bad-too"));
            world.put("location", "bad-too", location_within("bad-too", "bad"));
            world.parked_are(2);
        },
        |world| world.put("location", "bad", location("bad")),
    ),
    // --- A category.
    parent("category-403", |world| fail_patients(world, Fault::status(403))),
    parent("category-404", |world| fail_patients(world, Fault::unknown_resource_type("Patient"))),
    // --- The parent's own feed.
    parent("sync2-feed-403", |world| fail_own_feed(world, Fault::status(403))),
    parent("sync2-feed-404", |world| fail_own_feed(world, Fault::status(404))),
    parent("sync2-feed-500", |world| fail_own_feed(world, Fault::status(500))),
    parent("sync2-feed-truncated", |world| fail_own_feed(world, Fault::HalfBody)),
    parent("sync2-feed-without-epoch", |world| {
        fail_own_feed(world, Fault::Edited(|page| page.replacen("<id>urn:uuid:", "<id>tag:", 1)));
    }),
    parent("sync2-feed-began-anew", |world| fail_own_feed(world, Fault::Edited(with_another_epoch))),
    parent("sync2-marker-gone", |world| fail_own_feed(world, Fault::Edited(with_other_entries))),
    parent("sync2-events-removed", |world| fail_own_feed(world, Fault::status(410))),
    parent("sync2-entry-unknown-category", |world| {
        let link = r#"{"rest": "/ws/rest/v1/unicorn/bad"}"#;
        world.append_unaudited("patient", &entry("newer", &["CREATED", "unicorn"], Some(link)));
    }),
    parent("sync2-category-403", |world| close_patients(world, Fault::status(403))),
    parent("sync2-category-404", |world| close_patients(world, Fault::unknown_resource_type("Patient"))),
    parent("halt-sync2-category-403", |world| fail_patients(world, Fault::status(403))),
    // --- The exchange.
    parent("exchange-absent", |world| exchange_fails(world, Fault::status(404))),
    parent("exchange-403", |world| exchange_fails(world, Fault::status(403))),
    parent("exchange-other-version", |world| exchange_fails(world, Fault::status(415))),
    parent("exchange-500", |world| exchange_fails(world, Fault::status(500))),
    parent("exchange-breaks-off", |world| exchange_fails(world, Fault::CutOff)),
    parent("exchange-web-page", |world| exchange_fails(world, Fault::body("text/html", WEB_PAGE))),
    parent("exchange-mixed-up", |world| exchange_fails(world, Fault::Edited(|lines| lines.replace("bad", "other")))),
    parent("exchange-503", |world| exchange_fails(world, Fault::status(503))),
    parent("exchange-object-refused", |world| {
        let refused = |lines: &str| lines.replace(r#""bad","state":"present""#, r#""bad","state":"refused""#);
        exchange_fails(world, Fault::Edited(refused));
    }),
    parent("exchange-category-closed", |world| {
        let closed = |lines: &str| {
            lines.replace(r#""state":"present","document":{"birthDate""#, r#""state":"closed","document":{"birthDate""#)
        };
        exchange_fails(world, Fault::Edited(closed));
    }),
    // --- The parent.
    scenario("parent-away", |world| world.parent.stop(), |world| world.parent.restart()),
    scenario("parent-goes-away", stop_in_the_middle, |world| world.parent.restart()),
    parent("parent-401", |world| fail_patients(world, Fault::status(401))),
    parent("parent-refuses-log-in", |world| {
        world.parent.invalidate_sessions();
        let anonymous = Fault::body("application/json", r#"{"authenticated": false}"#);
        world.parent.fail(|path| path.ends_with("/session"), anonymous);
    }),
    parent("parent-429", |world| fail_patients(world, Fault::status(429))),
    parent("parent-429-retry-after", |world| fail_patients(world, Fault::retry_after(429, 3600))),
    parent("parent-502", |world| fail_types(world, Fault::status(502))),
    parent("parent-503", |world| fail_types(world, Fault::status(503))),
    parent("parent-504", |world| fail_patients(world, Fault::status(504))),
    parent("parent-breaks-off", |world| fail_types(world, Fault::CutOff)),
    parent("parent-web-page", |world| {
        fail_patients(world, Fault::body("text/html", WEB_PAGE));
    }),
    parent("parent-redirect", |world| world.parent.fail(|_| true, redirect())),
    // --- This server.
    scenario(
        "save-breaks-rule",
        |world| {
            world.host.break_rules("bad", &["encounterDatetime: after now"]);
            world.put_bad("patient", patient("bad"));
        },
        do_nothing,
    ),
    scenario("save-rejected", |world| refuse_save(world, ErrorKind::Rejected), accept_save),
    scenario("save-duplicate", |world| refuse_save(world, ErrorKind::Duplicate), accept_save),
    scenario("save-failed", |world| refuse_save(world, ErrorKind::Host), accept_save),
    scenario("commit-failed-once", |world| fail_commit_once(world, CommitFailure::RolledBack), do_nothing),
    scenario("commit-answer-lost", |world| fail_commit_once(world, CommitFailure::Committed), do_nothing),
    scenario(
        "commit-failed-always",
        |world| {
            world.put_bad("patient", patient("bad"));
            when_bad_is_read(world, |host| host.fail_next_commit(CommitFailure::RolledBack));
        },
        |world| world.host.after_read(|_, _| {}),
    ),
    scenario(
        "database-lost",
        |world| {
            world.put_bad("patient", patient("bad"));
            when_bad_is_read(world, SqliteHost::lose_database);
        },
        |world| world.host.after_read(|_, _| {}),
    ),
    // --- With `onRecordFailure = halt`.
    scenario("halt-object-404", append_event_of_nothing, |world| world.store("patient", "bad", patient("bad"))),
    parent("halt-object-breaks-off", |world| fail_object(world, Fault::CutOff)),
    scenario("halt-save-rejected", |world| refuse_save(world, ErrorKind::Rejected), accept_save),
    scenario(
        "halt-reference-to-nothing",
        |world| world.put_bad("encounter", encounter("bad", "nobody")),
        |world| world.put("patient", "nobody", patient("nobody")),
    ),
    scenario(
        "halt-entry-without-content",
        |world| append_unreadable(world, &["CREATED", "patient"], None),
        |world| {
            world.reopen(|config| config["pull"]["onRecordFailure"] = "proceed".into());
            world.put("patient", "bad", patient("bad"));
        },
    ),
    parent("halt-feed-truncated", |world| fail_feed(world, Fault::HalfBody)),
    parent("halt-category-403", |world| fail_patients(world, Fault::status(403))),
    scenario("halt-parent-away", |world| world.parent.stop(), |world| world.parent.restart()),
];

fn do_nothing(_: &mut World) {}

fn is_bad(path: &str) -> bool {
    path.contains("bad")
}

fn redirect() -> Fault {
    let headers = vec![("location", "http://example.org/guests".to_string())];
    Fault::Answer { status: 302, headers, body: String::new() }
}

fn put_patient(world: &mut World, uuid: &str) {
    world.put("patient", uuid, patient(uuid));
}

/// Every page of the patients' feed fails.
fn fail_feed(world: &mut World, fault: Fault) {
    world.parent.fail(|path| path.contains("/atomfeed/patient/"), fault);
}

/// Every page of the parent's own feed fails.
fn fail_own_feed(world: &mut World, fault: Fault) {
    world.parent.fail(|path| path.contains("/sync2/feed/"), fault);
}

/// The feed's own id comes first, before those of its entries.
const ID: &str = "<id>urn:uuid:";

fn with_another_epoch(page: &str) -> String {
    let (before, rest) = page.split_once(ID).unwrap();
    format!("{before}{ID}00000000{}", &rest[8..])
}

fn with_other_entries(page: &str) -> String {
    let (before, rest) = page.split_once(ID).unwrap();
    let mut pieces = rest.split(ID);
    let own = pieces.next().unwrap();
    let entries: String = pieces.map(|piece| format!("{ID}00000000{}", &piece[8..])).collect();
    format!("{before}{ID}{own}{entries}")
}

/// The bad patient stands between two others: all three are parked.
fn close_patients(world: &mut World, fault: Fault) {
    world.put_bad("patient", patient("bad"));
    world.parked_are(3);
    fail_patients(world, fault);
}

/// Every request for patients fails.
fn fail_patients(world: &mut World, fault: Fault) {
    world.parent.fail(|path| path.contains("/fhir2/R4/Patient"), fault);
}

/// Every request for encounter types fails: they are read one by one, over REST.
fn fail_types(world: &mut World, fault: Fault) {
    world.bad_is_next("encounter_type", None);
    world.parent.fail(|path| path.contains("/rest/v1/encountertype"), fault);
}

/// One patient cannot be had, whichever way it is asked for.
fn fail_object(world: &mut World, fault: Fault) {
    world.put_bad("patient", patient("bad"));
    world.parent.fail(is_bad, fault);
}

/// A bad patient at a parent that has the exchange, whose answers fail so.
fn exchange_fails(world: &mut World, fault: Fault) {
    world.parent.serve_exchange();
    world.reopen(|config| config["parent"]["exchange"] = json!("auto"));
    world.put_bad("patient", patient("bad"));
    world.parent.fail(|path| path.contains("/sync2/objects/"), fault);
}

fn append_event_of_nothing(world: &mut World) {
    world.bad_is_next("patient", Some("bad"));
    world.append_event("patient", Action::Created, "bad");
}

/// An entry that looks odd and can be understood.
fn append_bad_entry(world: &mut World, terms: &[&str], content: Option<&str>) {
    world.store("patient", "bad", patient("bad"));
    world.bad_is_next("patient", Some("bad"));
    world.append_raw("patient", &entry("bad-entry", terms, content));
}

/// An entry that does not say what it is about.
fn append_unreadable(world: &mut World, terms: &[&str], content: Option<&str>) {
    world.bad_is_next("patient", None);
    world.append_raw("patient", &entry("bad-entry", terms, content));
}

/// Small batches, and the parent stops while one of them is saved.
fn stop_in_the_middle(world: &mut World) {
    world.reopen(|config| config["transfer"]["batchSize"] = 1.into());
    (0..40).for_each(|number| put_patient(world, &format!("m{number}")));
    let parent = Arc::clone(&world.parent);
    world.host.transform_saves(move |object, document| {
        if object.uuid == "m5" {
            parent.stop();
        }
        document
    });
}

fn refuse_save(world: &mut World, kind: ErrorKind) {
    world.put_bad("patient", patient("bad"));
    world.host.fail_save("bad", Error::new(kind, "not like this"));
}

fn accept_save(world: &mut World) {
    world.host.accept_save("bad");
}

fn fail_commit_once(world: &mut World, failure: CommitFailure) {
    world.put_bad("patient", patient("bad"));
    let mut failed = false;
    when_bad_is_read(world, move |host| {
        if !std::mem::replace(&mut failed, true) {
            host.fail_next_commit(failure);
        }
    });
}

fn when_bad_is_read(world: &mut World, mut act: impl FnMut(&mut SqliteHost) + Send + 'static) {
    world.host.after_read(move |host, object| {
        if object.uuid == "bad" {
            act(host);
        }
    });
}
