//! The store's promises on every database: run over SQLite here and over JDBC from the Java tests.

mod digests;
mod listening;
mod lists;
mod own_feed;
mod plans;
mod search;
mod upgrade;
mod verification;

pub use self::lists::list_milliseconds;
pub use self::plans::lists_are_not_sorted;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::mem::ManuallyDrop;

use serde_json::json;

use self::digests::*;
use self::listening::*;
use self::own_feed::*;
use self::search::*;
use self::upgrade::*;
use self::verification::*;

use crate::decide::changes::ObjectEvent;
use crate::error::{ErrorKind, Namesake, Result};
use crate::event::{Action, Category, Direction, ObjectId, Representation};
use crate::introduction::Introduction;
use crate::store::attempts::{self, Attempt};
use crate::store::audit::{self, AuditMessage, AuditQuery, AuditStatus, Outcome};
use crate::store::conflicts::{self, Conflict, ConflictFilter, ConflictKind, Documents};
use crate::store::consents::{self, Consent};
use crate::store::entry_rules::{self, EntryRule};
use crate::store::lost_paths::{self, LostPath};
use crate::store::markers::{self, FeedPosition, Marker};
use crate::store::object_states::{self, ObjectState};
use crate::store::paging::{Cursor, Page, Paged, PagedRow};
use crate::store::parked::{self, Awaited, Parked, ParkedFilter, Which};
use crate::store::requests::{self, Request};
use crate::store::runs::{self, Run, RunKind, RunProgress, RunState};
use crate::store::switched_on::{self, SwitchedOn};
use crate::store::{
    Failure, LARGEST_LIST, Sql, SqlValue, Transaction, events, kept_since, lease, node, now, outbox, pending, restores,
    schema, sightings, unheard,
    unindexed::{self, Note},
};
use crate::store::{children, configuration};
use crate::wire::{Decision, FeedPlace};

/// Gives a macro the names of all promises: those that are kept or broken inside one transaction, and those of a whole
/// database. Each is a function here or in a part of this module.
#[macro_export]
macro_rules! store_promises {
    ($to:ident) => {
        $to! {
            in_a_transaction: [
                clock_gives_milliseconds,
                epoch_is_kept_before_first_event,
                marker_is_replaced,
                new_epoch_starts_without_marker,
                directions_have_own_markers,
                run_is_kept,
                runs_are_listed,
                counts_are_read_since,
                orphans_are_interrupted,
                audit_round_trip,
                known_events_are_found,
                event_ids_differ_by_case,
                audit_filters_select,
                audit_is_paged,
                lists_go_on,
                outcome_is_replaced,
                waiting_messages_are_coalesced,
                pruning_spares_what_waits,
                old_runs_are_pruned,
                attempts_are_listed,
                entry_rules_are_counted,
                lost_paths_are_counted,
                object_states_in_bulk,
                lost_agreements_are_marked,
                what_was_replaced_is_remembered_where_it_may_be_there_again,
                what_is_on_keeps_its_time,
                requests_of_children,
                requests_are_numbered_upwards,
                old_requests_are_forgotten,
                locked_states_are_replaced,
                pending_versions_add_up,
                published_event_is_found,
                record_is_parked,
                parked_records_become_due,
                future_attempts_become_due,
                arrival_releases,
                administrator_makes_due,
                causes_are_told,
                messages_are_found_by_words,
                dismissal_settles_the_messages,
                conflict_keeps_uuid,
                conflict_with_child_is_its_own,
                child_is_what_it_said_last,
                child_of_another_account_is_believed_after_a_day_only,
                a_decision_stays_until_a_side_moves,
                conflicts_are_selected,
                consents_add_up,
                unheard_is_kept_once,
                notes_of_a_call_are_removed_one_by_one,
                lease_is_held_by_one,
                expired_lease_is_taken_over,
                own_lease_is_taken_anew,
                lease_of_the_future_is_void,
                jump_ages_by_a_day,
                node_id_stays,
                renewed_node_goes_on,
                configuration_is_replaced,
                long_messages_are_kept,
                batch_takes_few_statements,
                changes_are_taken_in_order,
                feed_begins_once,
                events_are_numbered,
                events_come_back,
                events_of_other_categories_are_passed_over,
                last_event_of_an_object_is_found,
                changes_of_the_engine_are_one_transaction,
                old_events_are_removed,
                events_of_the_future_are_removed,
                needed_events_stay,
                newest_page_stays,
                missing_counter_is_told,
                first_listening_missed_nothing,
                unheard_feed_is_a_gap,
                missed_time_is_a_gap,
                time_missed_after_a_clock_that_was_ahead_is_a_gap,
                gap_over_a_clock_that_was_set_back_has_no_end,
                search_goes_on,
                last_gap_is_told,
                search_says_how_far_it_looked,
                searches_that_go_on_find_each_once,
                search_goes_on_after_what_is_gone,
                comparison_goes_on_where_it_was,
                findings_are_replaced_counted_and_listed,
                difference_is_repaired_once,
                next_comparison_begins_without_the_rows_of_the_last,
                hashes_are_summed_by_leaf,
                turn_of_an_inventory_is_taken_by_one,
                inventory_that_began_anew_has_nothing_of_before,
                agreements_on_other_hashes_than_each_other_are_listed,
                objects_that_events_of_some_categories_tell_of_are_found,
                objects_that_events_tell_of_are_found,
            ]
            of_a_database: [
                every_step_can_be_repeated,
                first_release_is_upgraded,
                second_audit_is_moved,
                migrations_are_repeatable,
                old_conflicts_become_one_per_object,
                migration_waits_for_another,
                lock_of_the_future_is_void,
                newer_schema_is_refused,
                rollback_takes_everything_back,
                event_is_recorded_once,
                what_is_committed_is_published,
            ]
        }
    };
}

enum Promise {
    /// In a transaction that is rolled back, so that no other promise sees its rows.
    InATransaction(fn(&mut dyn Sql) -> Result<()>),
    /// In a database of its own, with new tables.
    OfADatabase(fn(&mut dyn Transaction) -> Result<()>),
}

macro_rules! by_name {
    (in_a_transaction: [$($small:ident,)*] of_a_database: [$($whole:ident,)*]) => {
        const PROMISES: &[(&str, Promise)] = &[
            $((stringify!($small), Promise::InATransaction($small)),)*
            $((stringify!($whole), Promise::OfADatabase($whole)),)*
        ];
    };
}

store_promises!(by_name);

/// The names of all promises, in an order in which one database can be held against them.
pub fn promises() -> impl Iterator<Item = &'static str> {
    PROMISES.iter().map(|(name, _)| *name)
}

/// Holds a database against the promise of this name. A broken one panics and says where; an error is one of the database.
/// Tables of Sync 2 that are there are used or dropped.
pub fn keep(name: &str, database: &mut dyn Transaction) -> Result<()> {
    let promise = PROMISES.iter().find(|(known, _)| *known == name);
    match promise.map(|(_, promise)| promise) {
        Some(Promise::InATransaction(work)) => {
            schema::migrate(database)?;
            in_rolled_back(database, work)
        }
        Some(Promise::OfADatabase(work)) => {
            upgrade::drop_all(database)?;
            schema::migrate(database)?;
            work(database)
        }
        None => panic!("there is no promise {name}"),
    }
}

/// A transaction that is rolled back, also when an assertion panics in it, unless it was committed.
struct Begun<'a>(&'a mut dyn Transaction);

impl<'a> Begun<'a> {
    fn begin(database: &'a mut dyn Transaction) -> Result<Self> {
        database.begin()?;
        Ok(Self(database))
    }

    fn commit(self) -> Result<()> {
        ManuallyDrop::new(self).0.commit()
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.rollback();
    }
}

fn in_rolled_back<T>(database: &mut dyn Transaction, work: impl FnOnce(&mut dyn Sql) -> Result<T>) -> Result<T> {
    let begun = Begun::begin(database)?;
    work(begun.0)
}

fn committed<T>(database: &mut dyn Transaction, work: impl FnOnce(&mut dyn Sql) -> Result<T>) -> Result<T> {
    let begun = Begun::begin(database)?;
    let done = work(begun.0)?;
    begun.commit()?;
    Ok(done)
}

fn versions(sql: &mut dyn Sql) -> Result<Vec<crate::store::Row>> {
    sql.query("SELECT version FROM sync2_schema ORDER BY version", &[])
}

fn migrations_are_repeatable(database: &mut dyn Transaction) -> Result<()> {
    schema::migrate(database)?;
    let first = in_rolled_back(database, versions)?;
    schema::migrate(database)?;
    assert_eq!(in_rolled_back(database, versions)?, first);
    // A kill after the last step and before the version was recorded, of every migration.
    committed(database, |sql| sql.update("DELETE FROM sync2_schema WHERE version > 0", &[]))?;
    schema::migrate(database)?;
    assert_eq!(in_rolled_back(database, versions)?, first);
    assert_eq!(in_rolled_back(database, |sql| sql.query("SELECT direction FROM sync2_lease", &[]))?.len(), 2);
    Ok(())
}

/// As a database of an older version has them, and killed in the middle.
fn old_conflicts_become_one_per_object(database: &mut dyn Transaction) -> Result<()> {
    let columns = "uuid, direction, category, object_uuid, audit_uuid, representation, ours_document, theirs_document, \
                   ours_hash, theirs_hash, remote_hash, detected_at, changed_at";
    committed(database, |sql| {
        for (uuid, direction, object, theirs_hash) in
            [("c1", "push", "p1", "'h2'"), ("c2", "pull", "p1", "'h2'"), ("c3", "push", "p2", "NULL")]
        {
            let statement = format!(
                "INSERT INTO sync2_conflict ({columns}) VALUES (?, ?, 'patient', ?, 'a', 'fhir', ?, NULL, 'h1', \
                 {theirs_hash}, NULL, 1000, 1000)"
            );
            sql.update(&statement, &[uuid.into(), direction.into(), object.into(), SqlValue::Bytes(vec![1])])?;
        }
        sql.update("DELETE FROM sync2_schema WHERE version > 0", &[])
    })?;
    schema::migrate(database)?;
    committed(database, |sql| {
        for (uuid, kind) in [("c1", None), ("c2", Some(ConflictKind::Content)), ("c3", Some(ConflictKind::Removal))] {
            assert_eq!(conflicts::get(sql, uuid)?.map(|(found, _)| found.kind), kind, "{uuid}");
        }
        assert!(sql.query("SELECT uuid FROM sync2_conflict", &[])?.is_empty());
        conflicts::remove(sql, &[patient("p1"), patient("p2")])
    })?;
    Ok(())
}

fn migration_waits_for_another(database: &mut dyn Transaction) -> Result<()> {
    let held_until = committed(database, |sql| {
        let held_until = now(sql)? + 300;
        sql.update("DELETE FROM sync2_schema WHERE version > 0", &[])?;
        sql.update("UPDATE sync2_schema SET applied_at = ? WHERE version = 0", &[held_until.into()])?;
        Ok(held_until)
    })?;
    schema::migrate(database)?;
    assert!(in_rolled_back(database, now)? >= held_until, "it did not wait for the lock");
    assert_eq!(in_rolled_back(database, versions)?.len() as i64, schema::VERSION + 1);
    Ok(())
}

/// Held by a server that was killed while the clock was a year ahead.
fn lock_of_the_future_is_void(database: &mut dyn Transaction) -> Result<()> {
    const YEAR: i64 = 365 * 86_400_000;
    committed(database, |sql| {
        let held_until = now(sql)? + YEAR;
        sql.update("DELETE FROM sync2_schema WHERE version > 0", &[])?;
        sql.update("UPDATE sync2_schema SET applied_at = ? WHERE version = 0", &[held_until.into()])
    })?;
    schema::migrate(database)?;
    assert_eq!(in_rolled_back(database, versions)?.len() as i64, schema::VERSION + 1);
    Ok(())
}

fn newer_schema_is_refused(database: &mut dyn Transaction) -> Result<()> {
    let newer = schema::VERSION + 1;
    committed(database, |sql| {
        sql.update("INSERT INTO sync2_schema (version, applied_at) VALUES (?, 0)", &[newer.into()])
    })?;
    let refused = schema::migrate(database).expect_err("a newer schema");
    assert_eq!(refused.kind, ErrorKind::Host);
    assert!(refused.message.contains("install the newer module"), "{refused}");
    committed(database, |sql| sql.update("DELETE FROM sync2_schema WHERE version = ?", &[newer.into()]))?;
    Ok(())
}

fn rollback_takes_everything_back(database: &mut dyn Transaction) -> Result<()> {
    in_rolled_back(database, |sql| {
        markers::put(sql, Direction::Pull, &marker("patient", "epoch-1", "event-1"), 1)?;
        audit::insert_all(sql, &[message("event-1")])
    })?;
    in_rolled_back(database, |sql| {
        assert_eq!(markers::load(sql, Direction::Pull)?, []);
        assert_eq!(audit::find(sql, &AuditQuery { limit: 10, ..AuditQuery::default() })?, []);
        Ok(())
    })?;
    Ok(())
}

fn event_is_recorded_once(database: &mut dyn Transaction) -> Result<()> {
    let again = in_rolled_back(database, |sql| {
        audit::insert_all(sql, &[message("event-1")])?;
        audit::insert_all(sql, &[AuditMessage { uuid: "another".into(), ..message("event-1") }])
    });
    assert!(again.is_err(), "the database took a second audit row of one event");
    Ok(())
}

fn object(category: &str, uuid: &str) -> ObjectId {
    ObjectId { category: Category::parse(category).expect("a category"), uuid: uuid.into() }
}

fn patient(uuid: &str) -> ObjectId {
    object("patient", uuid)
}

fn failure(kind: ErrorKind) -> Failure {
    Failure { kind, message: format!("it failed with {kind}") }
}

fn marker(feed: &str, epoch: &str, entry_id: &str) -> Marker {
    Marker {
        feed: feed.into(),
        epoch: epoch.into(),
        page_url: format!("http://127.0.0.1/{feed}/1").into(),
        entry_id: entry_id.into(),
        updated: 1_700_000_000_000,
    }
}

fn applied() -> Outcome {
    Outcome {
        status: AuditStatus::Applied,
        representation: Some(Representation::Fhir),
        client: Some("fhir".into()),
        url: Some("http://127.0.0.1/Patient/p1".into()),
        error: None,
        detail: None,
        carried_by: None,
        duration_ms: 12,
    }
}

fn with_status(status: AuditStatus) -> Outcome {
    Outcome { status, ..applied() }
}

fn parked_outcome(kind: ErrorKind) -> Outcome {
    Outcome { error: Some(failure(kind)), ..with_status(AuditStatus::Parked) }
}

fn message(event_id: &str) -> AuditMessage {
    AuditMessage {
        uuid: format!("audit of {event_id}"),
        run_id: "run-1".into(),
        direction: Direction::Pull,
        category: Category::parse("patient").expect("a category"),
        object_uuid: Some("p1".into()),
        action: Action::Updated,
        epoch: "epoch-1".into(),
        event_id: event_id.into(),
        node_id: "node-1".into(),
        recorded_at: 1000,
        outcome: applied(),
    }
}

fn event_ids(messages: &[AuditMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.event_id.as_str()).collect()
}

fn parked_record(object: ObjectId) -> Parked {
    Parked {
        direction: Direction::Pull,
        audit_uuid: format!("audit of {}", object.uuid),
        object,
        action: Action::Created,
        representation: Some(Representation::Fhir),
        error: failure(ErrorKind::Forbidden),
        url: Some("http://127.0.0.1/Patient/p1".into()),
        waiting_for: None,
        namesake: None,
        attempts: 0,
        next_attempt_at: None,
        parked_at: 1000,
    }
}

fn uuids(records: &[Parked]) -> Vec<&str> {
    records.iter().map(|parked| parked.object.uuid.as_str()).collect()
}

fn new_run(id: &str, started_at: i64, token: i64) -> Run {
    Run {
        id: id.into(),
        direction: Direction::Pull,
        kind: RunKind::Feed,
        state: RunState::Running,
        started_at,
        ended_at: None,
        progress: RunProgress::default(),
        error: None,
        node_id: "node-1".into(),
        token,
    }
}

fn run_ids(runs: &[Run]) -> Vec<&str> {
    runs.iter().map(|run| run.id.as_str()).collect()
}

fn conflict(uuid: &str) -> Conflict {
    Conflict {
        uuid: uuid.into(),
        kind: ConflictKind::Content,
        direction: Direction::Pull,
        object: patient("p1"),
        child_node: None,
        child_name: None,
        decision: None,
        audit_uuid: Some("audit-1".into()),
        representation: Representation::Fhir,
        ours_hash: Some("11".into()),
        theirs_hash: Some("22".into()),
        remote_hash: None,
        detail: Some(json!({"fields": ["gender"]})),
        detected_at: 1000,
    }
}

fn clock_gives_milliseconds(sql: &mut dyn Sql) -> Result<()> {
    let here = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
    let apart = now(sql)? - here.as_millis() as i64;
    // A wrong unit or a local time zone is an hour or more; the clocks of one machine are not.
    assert!(apart.abs() < 20 * 60 * 1000, "the database's clock is {apart} ms away from this machine's");
    Ok(())
}

fn epoch_is_kept_before_first_event(sql: &mut dyn Sql) -> Result<()> {
    markers::start_epoch(sql, Direction::Pull, "patient", "epoch-1")?;
    let position = FeedPosition { feed: "patient".into(), epoch: "epoch-1".into(), marker: None, events: 0 };
    assert_eq!(markers::load(sql, Direction::Pull)?, [position]);
    Ok(())
}

fn marker_is_replaced(sql: &mut dyn Sql) -> Result<()> {
    markers::start_epoch(sql, Direction::Pull, "patient", "epoch-1")?;
    markers::put(sql, Direction::Pull, &marker("patient", "epoch-1", "event-1"), 3)?;
    markers::put(sql, Direction::Pull, &marker("patient", "epoch-1", "event-2"), 4)?;
    markers::put(sql, Direction::Pull, &marker("encounter", "epoch-2", "event-9"), 1)?;
    let positions = markers::load(sql, Direction::Pull)?;
    assert_eq!(positions.len(), 2);
    assert_eq!(positions[0].marker, Some(marker("encounter", "epoch-2", "event-9")));
    assert_eq!(positions[1].marker, Some(marker("patient", "epoch-1", "event-2")));
    assert_eq!((positions[0].events, positions[1].events), (1, 7));
    Ok(())
}

fn new_epoch_starts_without_marker(sql: &mut dyn Sql) -> Result<()> {
    markers::put(sql, Direction::Pull, &marker("patient", "epoch-1", "event-1"), 3)?;
    markers::start_epoch(sql, Direction::Pull, "patient", "epoch-2")?;
    let position = FeedPosition { feed: "patient".into(), epoch: "epoch-2".into(), marker: None, events: 0 };
    assert_eq!(markers::load(sql, Direction::Pull)?, [position]);
    Ok(())
}

fn directions_have_own_markers(sql: &mut dyn Sql) -> Result<()> {
    markers::put(sql, Direction::Pull, &marker("patient", "epoch-1", "event-1"), 1)?;
    assert_eq!(markers::load(sql, Direction::Push)?, []);
    Ok(())
}

fn run_is_kept(sql: &mut dyn Sql) -> Result<()> {
    let run = new_run("run-1", 1000, 1);
    runs::insert(sql, &run)?;
    assert_eq!(runs::get(sql, "run-1")?, Some(run.clone()));
    let progress = RunProgress {
        events: 7,
        counts: BTreeMap::from([(AuditStatus::Applied, 5), (AuditStatus::Parked, 1)]),
        position: Some("patient 7".into()),
        remaining: Some(3),
    };
    runs::update_progress(sql, "run-1", &progress)?;
    runs::finish(sql, "run-1", RunState::Interrupted, Some(&failure(ErrorKind::Unreachable)))?;
    let ended = runs::get(sql, "run-1")?.expect("the run");
    assert!(ended.ended_at.is_some());
    let expected = Run {
        state: RunState::Interrupted,
        ended_at: ended.ended_at,
        error: Some(failure(ErrorKind::Unreachable)),
        progress,
        ..run
    };
    assert_eq!(ended, expected);
    let shown = serde_json::to_value(&ended).expect("JSON");
    assert_eq!(shown["counts"], json!({"APPLIED": 5, "PARKED": 1}));
    assert_eq!(shown["error"]["kind"], "Unreachable");
    assert_eq!(shown["state"], "interrupted");
    assert_eq!(runs::get(sql, "run-2")?, None);
    Ok(())
}

fn runs_are_listed(sql: &mut dyn Sql) -> Result<()> {
    for (id, started_at, token) in [("a", 1000, 2), ("b", 3000, 1), ("c", 2000, 3)] {
        runs::insert(sql, &new_run(id, started_at, token))?;
    }
    assert_eq!(run_ids(&runs::list(sql, &Page::From(0), 2)?), ["b", "c"]);
    assert_eq!(run_ids(&runs::list(sql, &Page::From(2), 2)?), ["a"]);
    // The clock has gone back since "b" began.
    assert_eq!(runs::newest(sql, Direction::Pull)?.map(|run| run.id), Some("c".into()));
    assert_eq!(runs::newest(sql, Direction::Push)?, None);
    Ok(())
}

fn counts_are_read_since(sql: &mut dyn Sql) -> Result<()> {
    let counts = |count| BTreeMap::from([(AuditStatus::Applied, count)]);
    // More than one page, of which many began at the same time.
    let many: i64 = i64::from(LARGEST_LIST) + 2;
    for number in 0..many {
        let id = format!("run-{number:04}");
        runs::insert(sql, &new_run(&id, 2000 + number / 2, number))?;
        runs::update_progress(sql, &id, &RunProgress { counts: counts(number as u64), ..RunProgress::default() })?;
    }
    for (id, started_at) in [("old", 1999), ("idle", 9000)] {
        runs::insert(sql, &new_run(id, started_at, 0))?;
    }
    runs::update_progress(sql, "old", &RunProgress { counts: counts(1), ..RunProgress::default() })?;
    let read = runs::counts_since(sql, 2000)?;
    let expected: Vec<_> = (0..many).rev().map(|number| (2000 + number / 2, counts(number as u64))).collect();
    assert_eq!(read, expected);
    Ok(())
}

fn orphans_are_interrupted(sql: &mut dyn Sql) -> Result<()> {
    let lease = lease::acquire(sql, Direction::Pull, "node-2", 60_000)?;
    runs::insert(sql, &new_run("orphan", 1000, lease.token - 1))?;
    runs::insert(sql, &new_run("own", 2000, lease.token))?;
    runs::insert(sql, &Run { direction: Direction::Push, ..new_run("other", 1000, 0) })?;
    assert_eq!(runs::interrupt_orphans(sql, &lease)?, 1);
    let orphan = runs::get(sql, "orphan")?.expect("the orphan");
    assert_eq!(orphan.state, RunState::Interrupted);
    assert_eq!(orphan.error.map(|error| error.kind), Some(ErrorKind::LeaseLost));
    assert_eq!(runs::get(sql, "own")?.map(|run| run.state), Some(RunState::Running));
    assert_eq!(runs::get(sql, "other")?.map(|run| run.state), Some(RunState::Running));
    // The server that lost the lease comes back to say how its run ended: too late.
    runs::finish(sql, "orphan", RunState::Completed, None)?;
    assert_eq!(runs::get(sql, "orphan")?.map(|run| run.state), Some(RunState::Interrupted));
    Ok(())
}

fn audit_round_trip(sql: &mut dyn Sql) -> Result<()> {
    let partial = AuditMessage {
        outcome: Outcome {
            detail: Some(json!({"paths": ["name[0].given", "ā ß 漢 🙂"]})),
            carried_by: Some("audit-0".into()),
            ..with_status(AuditStatus::Partial)
        },
        ..message("event-1")
    };
    let malformed = AuditMessage {
        object_uuid: None,
        action: Action::Other,
        outcome: Outcome { representation: None, client: None, url: None, ..parked_outcome(ErrorKind::Malformed) },
        ..message("event-2")
    };
    audit::insert_all(sql, &[partial.clone(), malformed.clone()])?;
    audit::insert_all(sql, &[])?;
    assert_eq!(audit::get(sql, &partial.uuid)?, Some(partial));
    assert_eq!(audit::get(sql, &malformed.uuid)?, Some(malformed.clone()));
    assert_eq!(audit::get(sql, "unknown")?, None);
    let shown = serde_json::to_value(&malformed).expect("JSON");
    assert_eq!(shown["status"], "PARKED");
    assert_eq!(shown["eventId"], "event-2");
    assert_eq!(shown["error"]["kind"], "Malformed");
    Ok(())
}

fn known_events_are_found(sql: &mut dyn Sql) -> Result<()> {
    let messages: Vec<AuditMessage> = (0..450).map(|number| message(&format!("event-{number}"))).collect();
    audit::insert_all(sql, &messages)?;
    let ids: Vec<String> = (200..700).map(|number| format!("event-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let known = audit::known(sql, Direction::Pull, "epoch-1", &ids)?;
    assert_eq!(known.len(), 250);
    assert_eq!(known.get("event-449").map(String::as_str), Some("audit of event-449"));
    assert_eq!(audit::known(sql, Direction::Pull, "epoch-2", &ids)?, HashMap::new());
    assert_eq!(audit::known(sql, Direction::Push, "epoch-1", &ids)?, HashMap::new());
    assert_eq!(audit::known(sql, Direction::Pull, "epoch-1", &[])?, HashMap::new());
    Ok(())
}

fn event_ids_differ_by_case(sql: &mut dyn Sql) -> Result<()> {
    audit::insert_all(sql, &[message("event-a"), message("event-A"), message("event-ä")])?;
    assert_eq!(audit::known(sql, Direction::Pull, "epoch-1", &["event-A"])?.len(), 1);
    object_states::put_all(sql, &[state("abc", "1"), state("ABC", "2")])?;
    assert_eq!(object_states::get_all(sql, &[patient("abc"), patient("ABC")])?.len(), 2);
    Ok(())
}

fn audit_filters_select(sql: &mut dyn Sql) -> Result<()> {
    let plain = message("plain");
    let others = [
        AuditMessage { direction: Direction::Push, ..message("direction") },
        AuditMessage { category: Category::parse("visit").expect("a category"), ..message("category") },
        AuditMessage { object_uuid: Some("p2".into()), ..message("object") },
        AuditMessage { outcome: with_status(AuditStatus::Kept), ..message("status") },
        AuditMessage { run_id: "run-2".into(), ..message("run") },
        AuditMessage { outcome: parked_outcome(ErrorKind::Gone), ..message("error") },
        AuditMessage { recorded_at: 2000, ..message("late") },
        AuditMessage { recorded_at: 500, ..message("early") },
    ];
    audit::insert_all(sql, &[plain])?;
    audit::insert_all(sql, &others)?;
    let all = AuditQuery { limit: 100, ..AuditQuery::default() };
    let queries = [
        ("direction", AuditQuery { direction: Some(Direction::Push), ..all.clone() }),
        ("category", AuditQuery { category: Category::parse("visit"), ..all.clone() }),
        ("object", AuditQuery { object_uuid: Some("p2".into()), ..all.clone() }),
        ("status", AuditQuery { status: Some(AuditStatus::Kept), ..all.clone() }),
        ("run", AuditQuery { run_id: Some("run-2".into()), ..all.clone() }),
        ("error", AuditQuery { error_kind: Some(ErrorKind::Gone), ..all.clone() }),
        ("late", AuditQuery { from: Some(2000), ..all.clone() }),
        ("early", AuditQuery { until: Some(1000), ..all.clone() }),
    ];
    for (expected, query) in queries {
        assert_eq!(event_ids(&audit::find(sql, &query)?), [expected]);
    }
    let several = AuditQuery {
        direction: Some(Direction::Pull),
        category: Category::parse("patient"),
        object_uuid: Some("p1".into()),
        status: Some(AuditStatus::Applied),
        run_id: Some("run-1".into()),
        from: Some(1000),
        until: Some(1001),
        ..all.clone()
    };
    assert_eq!(event_ids(&audit::find(sql, &several)?), ["plain"]);
    assert_eq!(audit::find(sql, &all)?.len(), 9);
    Ok(())
}

fn audit_is_paged(sql: &mut dyn Sql) -> Result<()> {
    let messages: Vec<AuditMessage> =
        (0..1100).map(|number| AuditMessage { recorded_at: number, ..message(&format!("event-{number}")) }).collect();
    audit::insert_all(sql, &messages)?;
    let too_many = AuditQuery { limit: 5000, ..AuditQuery::default() };
    let found = audit::search(sql, &too_many)?;
    assert_eq!(found.messages.len(), 1000);
    let page = AuditQuery { limit: 2, after: found.next, ..AuditQuery::default() };
    assert_eq!(event_ids(&audit::find(sql, &page)?), ["event-99", "event-98"]);
    assert_eq!(audit::find(sql, &too_many)?.len(), 1100);
    Ok(())
}

fn lists_go_on(sql: &mut dyn Sql) -> Result<()> {
    let names = ["a", "b", "c", "d", "e"];
    for (number, uuid) in names.into_iter().enumerate() {
        // Two at a time, so that a page ends between rows of the same time.
        let time = (number / 2) as i64;
        audit::insert_all(sql, &[AuditMessage { recorded_at: time, ..message(uuid) }])?;
        runs::insert(sql, &new_run(uuid, time, 1))?;
        parked::put(sql, &Parked { parked_at: time, ..parked_record(patient(uuid)) })?;
        conflicts::put(
            sql,
            &Conflict { object: patient(uuid), detected_at: time, ..conflict(uuid) },
            &Documents::default(),
        )?;
    }
    let reversed: Vec<String> = names.iter().rev().map(ToString::to_string).collect();
    for size in 1..=3 {
        let by_number = AuditQuery { limit: size, ..AuditQuery::default() };
        let by_time = AuditQuery { from: Some(0), ..by_number.clone() };
        for query in [by_number, by_time] {
            assert_eq!(audit_in_pages(sql, query)?, reversed);
        }
        let of_runs = in_pages(|page| runs::list(sql, page, size), |run| run.id.clone());
        let of_parked = in_pages(
            |page| parked::list(sql, &ParkedFilter::default(), page, size),
            |parked| parked.object.uuid.clone(),
        );
        let of_conflicts = in_pages(|page| conflicts::list(sql, page, size), |conflict| conflict.uuid.clone());
        assert_eq!([of_runs?, of_parked?, of_conflicts?], [reversed.clone(), reversed.clone(), reversed.clone()]);
    }
    let first = PagedRow::from(parked::list(sql, &ParkedFilter::default(), &Page::From(0), 2)?.remove(1));
    assert_eq!(first.row.object.uuid, "d");
    parked::remove(sql, Direction::Pull, &[first.row.object])?;
    parked::put(sql, &Parked { parked_at: 9, ..parked_record(patient("new")) })?;
    assert_eq!(
        uuids(&parked::list(sql, &ParkedFilter::default(), &Page::After(Cursor::parse(&first.cursor)?), 2)?),
        ["c", "b"]
    );
    let of_another = runs::list(sql, &Page::After(Cursor::parse(&first.cursor)?), 2).expect_err("of another list");
    assert_eq!(of_another.kind, ErrorKind::Configuration);
    let of_another = AuditQuery { after: Some(Cursor::parse("1~a")?), limit: 1, ..AuditQuery::default() };
    assert_eq!(audit::find(sql, &of_another).expect_err("of another list").kind, ErrorKind::Configuration);
    Ok(())
}

/// The event ids of all messages that a query asks for, read page by page.
fn audit_in_pages(sql: &mut dyn Sql, mut query: AuditQuery) -> Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let found = audit::search(sql, &query)?;
        all.extend(found.messages.into_iter().map(|message| message.row.event_id));
        if found.next.is_none() {
            return Ok(all);
        }
        query.after = found.next;
    }
}

/// The names of all rows of a list, read page by page.
fn in_pages<T: Paged>(
    mut list: impl FnMut(&Page) -> Result<Vec<T>>,
    name: impl Fn(&T) -> String,
) -> Result<Vec<String>> {
    let (mut all, mut page) = (Vec::new(), Page::From(0));
    loop {
        let Some(last) = list(&page)?.into_iter().inspect(|row| all.push(name(row))).last() else { return Ok(all) };
        page = Page::After(Cursor::parse(&PagedRow::from(last).cursor)?);
    }
}

fn outcome_is_replaced(sql: &mut dyn Sql) -> Result<()> {
    let before = AuditMessage { outcome: parked_outcome(ErrorKind::NotFound), ..message("event-1") };
    audit::insert_all(sql, &[before.clone(), message("event-2")])?;
    audit::update_outcome(sql, &before.uuid, &applied())?;
    assert_eq!(audit::get(sql, &before.uuid)?, Some(AuditMessage { outcome: applied(), ..before }));
    Ok(())
}

fn waiting_messages_are_coalesced(sql: &mut dyn Sql) -> Result<()> {
    let waiting = parked_outcome(ErrorKind::NotFound);
    audit::insert_all(
        sql,
        &[
            AuditMessage { outcome: waiting.clone(), ..message("parked") },
            AuditMessage { outcome: with_status(AuditStatus::Conflict), ..message("conflict") },
            message("applied"),
            AuditMessage { outcome: waiting.clone(), ..message("carrier") },
            AuditMessage { outcome: waiting.clone(), object_uuid: Some("p2".into()), ..message("other object") },
            AuditMessage { outcome: waiting, direction: Direction::Push, ..message("other direction") },
        ],
    )?;
    assert_eq!(audit::coalesce_parked(sql, Direction::Pull, &patient("p1"), "audit of carrier")?, 2);
    for (event, status) in [
        ("parked", AuditStatus::Coalesced),
        ("conflict", AuditStatus::Coalesced),
        ("applied", AuditStatus::Applied),
        ("carrier", AuditStatus::Parked),
        ("other object", AuditStatus::Parked),
        ("other direction", AuditStatus::Parked),
    ] {
        let outcome = audit::get(sql, &format!("audit of {event}"))?.expect("the message").outcome;
        assert_eq!(outcome.status, status, "{event}");
        let carried = (status == AuditStatus::Coalesced).then(|| "audit of carrier".to_owned());
        assert_eq!(outcome.carried_by, carried, "{event}");
    }
    Ok(())
}

fn pruning_spares_what_waits(sql: &mut dyn Sql) -> Result<()> {
    audit::insert_all(
        sql,
        &[
            AuditMessage { recorded_at: 1, outcome: parked_outcome(ErrorKind::Gone), ..message("parked") },
            AuditMessage { recorded_at: 1, outcome: with_status(AuditStatus::Conflict), ..message("conflict") },
            AuditMessage { recorded_at: 2, ..message("oldest") },
            AuditMessage { recorded_at: 3, ..message("older") },
            AuditMessage { recorded_at: 4, ..message("old") },
            AuditMessage { recorded_at: 5, ..message("young") },
        ],
    )?;
    attempts::add(sql, &attempt("audit of oldest", 1))?;
    attempts::add(sql, &attempt("audit of young", 1))?;
    assert_eq!(audit::prune(sql, 5, 2)?, 2);
    assert_eq!(audit::prune(sql, 5, 2)?, 1);
    assert_eq!(audit::prune(sql, 5, 2)?, 0);
    let left = audit::find(sql, &AuditQuery { limit: 10, ..AuditQuery::default() })?;
    assert_eq!(event_ids(&left), ["young", "conflict", "parked"]);
    assert_eq!(attempts::list(sql, "audit of oldest", 10)?, []);
    assert_eq!(attempts::list(sql, "audit of young", 10)?.len(), 1);
    Ok(())
}

fn old_runs_are_pruned(sql: &mut dyn Sql) -> Result<()> {
    let ended = |id: &str, ended_at: i64| Run { ended_at: Some(ended_at), ..new_run(id, 1, 1) };
    for run in [ended("waits", 2), ended("b", 3), ended("a", 4), ended("long", 6), new_run("under way", 1, 2)] {
        runs::insert(sql, &run)?;
    }
    let waiting = parked_outcome(ErrorKind::NotFound);
    audit::insert_all(sql, &[AuditMessage { run_id: "waits".into(), outcome: waiting, ..message("parked") }])?;
    assert_eq!(runs::prune(sql, 5, 1)?, 1);
    assert_eq!(runs::prune(sql, 5, 10)?, 1);
    assert_eq!(runs::prune(sql, 5, 10)?, 0);
    let mut left = runs::list(sql, &Page::From(0), 10)?;
    left.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(run_ids(&left), ["long", "under way", "waits"]);
    Ok(())
}

fn attempt(audit_uuid: &str, number: u32) -> Attempt {
    Attempt {
        audit_uuid: audit_uuid.into(),
        number,
        run_id: "run-1".into(),
        attempted_at: 1000,
        outcome: AuditStatus::Parked,
        error: Some(failure(ErrorKind::NotFound)),
    }
}

fn entry_rules_are_counted(sql: &mut dyn Sql) -> Result<()> {
    let met =
        |rule: &str| EntryRule { direction: Direction::Pull, category: Category::patient(), rule: rule.to_string() };
    entry_rules::count(sql, &[met("b"), met("a"), met("b")])?;
    entry_rules::count(sql, &[met("b"), met(&"long ".repeat(100))])?;
    let counted: Vec<_> = entry_rules::list(sql)?.into_iter().map(|met| (met.rule, met.records)).collect();
    let long: String = "long ".repeat(100).chars().take(255).collect();
    assert_eq!(counted, [("b".to_string(), 3), ("a".to_string(), 1), (long, 1)]);
    Ok(())
}

fn lost_paths_are_counted(sql: &mut dyn Sql) -> Result<()> {
    let lost = |path: &str, harmless| LostPath::of(Direction::Pull, Category::patient(), path, harmless);
    lost_paths::count(sql, &[lost("names[0].use", true), lost("identifiers[2].identifier", false)])?;
    lost_paths::count(sql, &[lost("names[1].use", true), lost("names[0].use", false)])?;
    lost_paths::count(sql, &[lost("identifiers[0].identifier", false)])?;
    let counted: Vec<_> = lost_paths::list(sql)?.into_iter().map(|one| (one.path, one.harmless, one.records)).collect();
    let place = |path: &str, harmless, records| (path.to_string(), harmless, records);
    assert_eq!(
        counted,
        [place("identifiers.identifier", false, 2), place("names.use", false, 1), place("names.use", true, 2)]
    );
    Ok(())
}

fn attempts_are_listed(sql: &mut dyn Sql) -> Result<()> {
    let applied = Attempt { outcome: AuditStatus::Applied, error: None, ..attempt("audit-1", 3) };
    for attempt in [&attempt("audit-1", 1), &attempt("audit-1", 2), &applied, &attempt("audit-2", 1)] {
        attempts::add(sql, attempt)?;
    }
    assert_eq!(attempts::list(sql, "audit-1", 2)?, [applied, attempt("audit-1", 2)]);
    Ok(())
}

fn state(uuid: &str, hash: &str) -> (ObjectId, ObjectState) {
    let state = ObjectState {
        local_hash: Some(format!("local {hash}")),
        remote_hash: Some(format!("remote {hash}")),
        representation: Representation::Rest,
        canonical_version: 1,
        restored_to: None,
        replaced: Vec::new(),
    };
    (patient(uuid), state)
}

fn object_states_in_bulk(sql: &mut dyn Sql) -> Result<()> {
    let first: Vec<_> = (0..450).map(|number| state(&format!("p{number}"), "1")).collect();
    object_states::put_all(sql, &first)?;
    let visit = (object("visit", "p1"), ObjectState { remote_hash: None, ..state("p1", "of the visit").1 });
    let second: Vec<_> = (400..500).map(|number| state(&format!("p{number}"), "2")).chain([visit.clone()]).collect();
    object_states::put_all(sql, &second)?;
    object_states::put_all(sql, &[])?;
    let mut objects: Vec<ObjectId> = (0..600).map(|number| patient(&format!("p{number}"))).collect();
    objects.push(visit.0.clone());
    let states = object_states::get_all(sql, &objects)?;
    assert_eq!(states.len(), 501);
    assert_eq!(states.get(&patient("p1")), Some(&state("p1", "1").1));
    assert_eq!(states.get(&patient("p400")), Some(&state("p400", "2").1));
    assert_eq!(states.get(&visit.0), Some(&visit.1));
    Ok(())
}

fn what_was_replaced_is_remembered_where_it_may_be_there_again(sql: &mut dyn Sql) -> Result<()> {
    let replacing = |uuid: &str| {
        let (object, state) = state(uuid, "1");
        (object, ObjectState { replaced: vec!["older".to_string(), "old".to_string()], ..state })
    };
    object_states::put_all(sql, &[replacing("p1"), state("p2", "1")])?;
    sightings::add(sql, &place(10))?;
    object_states::put_all(sql, &[replacing("p2")])?;
    restores::begin(sql, &place(20), 10, 1)?;
    let Some(restore) = restores::last(sql)? else { panic!("it is not there") };
    object_states::mark_restored(sql, None, 0, &restore)?;
    let states = object_states::get_all(sql, &[patient("p1"), patient("p2")])?;
    let marked = |uuid: &str| ObjectState { restored_to: Some(10), ..replacing(uuid).1 };
    assert_eq!(states.get(&patient("p1")), Some(&ObjectState { replaced: Vec::new(), ..marked("p1") }));
    assert_eq!(states.get(&patient("p2")), Some(&marked("p2")));
    // As a pull agrees on it once more, and then on another one.
    object_states::put_all(sql, &[state("p2", "1")])?;
    assert_eq!(object_states::get_all(sql, &[patient("p2")])?.get(&patient("p2")), Some(&replacing("p2").1));
    object_states::put_all(sql, &[state("p2", "2")])?;
    assert_eq!(object_states::get_all(sql, &[patient("p2")])?.get(&patient("p2")), Some(&state("p2", "2").1));
    Ok(())
}

fn what_is_on_keeps_its_time(sql: &mut dyn Sql) -> Result<()> {
    let mut replace = |direction, subjects: &[&str], late: bool| {
        let known = switched_on::list(sql)?;
        let subjects: BTreeSet<String> = subjects.iter().map(|subject| subject.to_string()).collect();
        switched_on::replace(sql, direction, &known, &subjects, |_| late)?;
        switched_on::list(sql)
    };
    let told = |known: Vec<SwitchedOn>| known.into_iter().map(|on| (on.subject, on.late)).collect::<Vec<_>>();
    let kept = |subject: &str, late| (subject.to_string(), late);
    let first = replace(Direction::Pull, &["category:patient", "location"], false)?;
    assert_eq!(told(first.clone()), [kept("category:patient", false), kept("location", false)]);
    replace(Direction::Push, &["category:visit"], true)?;
    let next = replace(Direction::Pull, &["category:encounter", "category:patient:CREATED", "location"], true)?;
    assert_eq!(next.get(2), first.get(1));
    assert_eq!(next.get(1).map(|on| on.since), first.first().map(|on| on.since));
    assert_eq!(
        told(next),
        [
            kept("category:encounter", true),
            kept("category:patient:CREATED", false),
            kept("location", false),
            kept("category:visit", true)
        ]
    );
    Ok(())
}

fn place(number: u64) -> FeedPlace {
    FeedPlace { epoch: "epoch".to_string(), number, event: format!("event-{number}") }
}

fn lost_agreements_are_marked(sql: &mut dyn Sql) -> Result<()> {
    let states = |from: u32| (from..from + 700).map(|number| state(&format!("p{number:04}"), "1")).collect::<Vec<_>>();
    object_states::put_all(sql, &states(0))?;
    sightings::add(sql, &place(10))?;
    sightings::add(sql, &place(10))?;
    assert_eq!(sightings::newest_number(sql)?, 1);
    object_states::put_all(sql, &states(1000))?;
    sightings::add(sql, &place(20))?;
    restores::begin(sql, &place(20), 10, 1)?;
    let before = sql.query("SELECT COUNT(*) FROM sync2_outbox", &[])?;
    let Some(restore) = restores::last(sql)? else { panic!("it is not there") };
    let (last, count) = object_states::mark_restored(sql, None, 1, &restore)?.unwrap_or((patient(""), 0));
    assert_eq!((last.uuid.as_str(), count), ("p1499", 500));
    assert_eq!(object_states::mark_restored(sql, Some(&last), 1, &restore)?, Some((patient("p1699"), 200)));
    assert_eq!(object_states::mark_restored(sql, None, 1, &restore)?, None);
    assert_ne!(sql.query("SELECT COUNT(*) FROM sync2_outbox", &[])?, before);
    assert_eq!(object_states::count_restored(sql)?, 700);
    restores::end(sql, 1)?;
    assert_eq!(restores::settle(sql)?.map(|(restore, left)| (restore.settled_at, left)), Some((None, 700)));
    // A version that is agreed on anew is not in doubt any more.
    object_states::put_all(sql, &states(1000))?;
    assert!(restores::settle(sql)?.is_some_and(|(restore, left)| restore.settled_at.is_some() && left == 0));
    sightings::forget_after(sql, 1)?;
    assert_eq!(sightings::newest(sql, 9)?.into_iter().map(|seen| seen.place).collect::<Vec<_>>(), [place(10)]);
    Ok(())
}

fn request(uuid: &str, hash: Option<&str>) -> (ObjectId, Request) {
    let number = hash.map(|_| 7);
    let hash = |side: &str| hash.map(|hash| format!("{side} {hash}"));
    (patient(uuid), Request { sent_hash: hash("sent"), result_hash: hash("result"), number })
}

fn requests_of_children(sql: &mut dyn Sql) -> Result<()> {
    let first: Vec<_> = (0..300).map(|number| request(&format!("p{number}"), Some("1"))).collect();
    requests::put_all(sql, "child A", &first)?;
    requests::put_all(sql, "child A", &[request("p1", None), request("p300", Some("2"))])?;
    requests::put_all(sql, "child B", &[request("p2", Some("of B"))])?;
    requests::put_all(sql, "child B", &[])?;
    let objects: Vec<ObjectId> = (0..400).map(|number| patient(&format!("p{number}"))).collect();
    let of_a = requests::get_all(sql, "child A", &objects)?;
    assert_eq!(of_a.len(), 301);
    for expected in
        [request("p0", Some("1")), request("p1", None), request("p2", Some("1")), request("p300", Some("2"))]
    {
        assert_eq!(of_a.get(&expected.0), Some(&expected.1));
    }
    let of_b = requests::get_all(sql, "child B", &objects)?;
    assert_eq!(of_b, HashMap::from([request("p2", Some("of B"))]));
    Ok(())
}

fn requests_are_numbered_upwards(sql: &mut dyn Sql) -> Result<()> {
    let first = requests::next_numbers(sql)?.unwrap();
    let second = requests::next_numbers(sql)?.unwrap();
    assert!(first > 0 && second > first, "{first}, {second}");
    Ok(())
}

fn old_requests_are_forgotten(sql: &mut dyn Sql) -> Result<()> {
    let uuids = ["p0", "p1", "p2", "p3"];
    requests::put_all(sql, "child A", &uuids.map(|uuid| request(uuid, Some("1"))))?;
    requests::put_all(sql, "child B", &[request("p0", Some("of B"))])?;
    for (uuid, answered_at) in [("p0", 4), ("p1", 3), ("p2", 2)] {
        let statement = "UPDATE sync2_request SET answered_at = ? WHERE object_uuid = ? AND child_node = 'child A'";
        sql.update(statement, &[SqlValue::Int(answered_at), SqlValue::from(uuid)])?;
    }
    assert_eq!(requests::prune(sql, 4, 1)?, 1);
    let objects = uuids.map(patient);
    let left = |sql: &mut dyn Sql, child: &str| {
        requests::get_all(sql, child, &objects)
            .map(|found| found.into_keys().map(|object| object.uuid).collect::<BTreeSet<_>>())
    };
    assert_eq!(left(sql, "child A")?, ["p0", "p1", "p3"].map(String::from).into());
    assert_eq!(requests::prune(sql, 4, 10)?, 1);
    assert_eq!(left(sql, "child A")?, ["p0", "p3"].map(String::from).into());
    assert_eq!(left(sql, "child B")?.len(), 1);
    Ok(())
}

fn locked_states_are_replaced(sql: &mut dyn Sql) -> Result<()> {
    object_states::put_all(sql, &[state("known", "first")])?;
    object_states::lock_all(sql, &[patient("known"), patient("unknown")])?;
    object_states::put_all(sql, &[state("known", "second"), state("unknown", "first")])?;
    let states = object_states::get_all(sql, &[patient("known"), patient("unknown")])?;
    assert_eq!(states, HashMap::from([state("known", "second"), state("unknown", "first")]));
    Ok(())
}

fn pending_versions_add_up(sql: &mut dyn Sql) -> Result<()> {
    let sent = |uuid: &str, hash: &str| (patient(uuid), hash.to_string());
    pending::add_all(sql, &[sent("p", "first"), sent("q", pending::REMOVAL)])?;
    pending::add_all(sql, &[sent("p", "first")])?;
    pending::add_all(sql, &[sent("p", "second"), sent("r", "other")])?;
    let versions = |hashes: &[&str]| hashes.iter().map(ToString::to_string).collect::<pending::PendingHashes>();
    let found = pending::get_all(sql, &[patient("p"), patient("q"), patient("unknown")])?;
    let expected = [(patient("p"), versions(&["first", "second"])), (patient("q"), versions(&[""]))];
    assert_eq!(found, HashMap::from(expected));
    pending::remove(sql, &[patient("p"), patient("q")])?;
    let left = pending::get_all(sql, &[patient("p"), patient("q"), patient("r")])?;
    assert_eq!(left, HashMap::from([(patient("r"), versions(&["other"]))]));
    Ok(())
}

fn published_event_is_found(sql: &mut dyn Sql) -> Result<()> {
    events::lock(sql)?;
    events::begin_feed(sql, 2)?;
    let first = events::last_number(sql, None)? + 1;
    let event = |uuid: &str| ObjectEvent {
        object: patient(uuid),
        action: Action::Created,
        patient: None,
        location: None,
        caused_by: None,
    };
    events::append(sql, &[event("a"), event("b")])?;
    let second = &events::range(sql, first, first + 1)?[1];
    assert_eq!(second.event.object, patient("b"));
    assert_eq!(events::number_of(sql, &second.uuid)?, Some(first + 1));
    assert_eq!(events::number_of(sql, "no event's")?, None);
    Ok(())
}

fn record_is_parked(sql: &mut dyn Sql) -> Result<()> {
    let first = parked_record(patient("p1"));
    parked::put(sql, &first)?;
    parked::put(sql, &parked_record(object("visit", "p1")))?;
    assert_eq!(
        parked::get_all(sql, Direction::Pull, &[patient("p1"), patient("p2")])?,
        HashMap::from([(patient("p1"), first.clone())])
    );
    let newer = Parked {
        audit_uuid: "newer".into(),
        action: Action::Deleted,
        representation: None,
        error: failure(ErrorKind::MissingReference),
        url: None,
        waiting_for: Some(object("location", "l1")),
        namesake: Some(Namesake { name: "Ward 1".into(), uuid: "l2".into() }),
        attempts: 2,
        next_attempt_at: Some(5000),
        parked_at: 9000,
        ..first
    };
    parked::put(sql, &newer)?;
    let kept = Parked { parked_at: 1000, ..newer };
    assert_eq!(parked::get_all(sql, Direction::Pull, &[patient("p1")])?.get(&patient("p1")), Some(&kept));
    assert_eq!(parked::count(sql)?, 2);
    assert_eq!(parked::list(sql, &ParkedFilter::default(), &Page::From(1), 1)?, std::slice::from_ref(&kept));
    assert_eq!(parked::list(sql, &ParkedFilter::default(), &Page::From(1), 5)?.len(), 1);
    let shown = serde_json::to_value(&kept).expect("JSON");
    assert_eq!(shown["object"], json!({"category": "patient", "uuid": "p1"}));
    assert_eq!(shown["waitingFor"]["uuid"], "l1");
    assert_eq!(shown["namesake"], json!({"name": "Ward 1", "uuid": "l2"}));
    assert_eq!(parked::beside_namesakes(sql, 10)?, [], "it is not refused as a duplicate any more");
    let duplicate = Parked { error: failure(ErrorKind::Duplicate), ..kept.clone() };
    parked::put(sql, &duplicate)?;
    assert_eq!(parked::beside_namesakes(sql, 10)?, [duplicate]);
    assert_eq!(parked::remove(sql, Direction::Push, &[patient("p1")])?, 0);
    assert_eq!(parked::remove(sql, Direction::Pull, &[patient("p1"), patient("p2")])?, 1);
    assert_eq!(parked::count(sql)?, 1);
    Ok(())
}

fn parked_records_become_due(sql: &mut dyn Sql) -> Result<()> {
    for (uuid, next_attempt_at) in [("never", None), ("later", Some(3000)), ("second", Some(2000)), ("first", Some(1))]
    {
        parked::put(sql, &Parked { next_attempt_at, ..parked_record(patient(uuid)) })?;
    }
    assert_eq!(uuids(&parked::due(sql, Direction::Pull, 2000, &[], 10)?), ["first", "second"]);
    assert_eq!(uuids(&parked::due(sql, Direction::Pull, 2000, &[], 1)?), ["first"]);
    assert_eq!(parked::due(sql, Direction::Push, 2000, &[], 10)?, []);
    let held = |names: &[&str]| names.iter().filter_map(|name| Category::parse(name)).collect::<Vec<_>>();
    assert_eq!(parked::due(sql, Direction::Pull, 2000, &held(&["patient", "visit"]), 10)?, []);
    assert_eq!(uuids(&parked::due(sql, Direction::Pull, 2000, &held(&["visit"]), 1)?), ["first"]);
    Ok(())
}

fn future_attempts_become_due(sql: &mut dyn Sql) -> Result<()> {
    for (uuid, next_attempt_at) in [("never", None), ("soon", Some(3000)), ("in a year", Some(900_000))] {
        parked::put(sql, &Parked { next_attempt_at, ..parked_record(patient(uuid)) })?;
    }
    assert_eq!(parked::make_due_when_later(sql, Direction::Push, 2000, 5000)?, 0);
    assert_eq!(parked::make_due_when_later(sql, Direction::Pull, 2000, 5000)?, 1);
    assert_eq!(uuids(&parked::due(sql, Direction::Pull, 2000, &[], 10)?), ["in a year"]);
    Ok(())
}

fn arrival_releases(sql: &mut dyn Sql) -> Result<()> {
    let waits = |uuid: &str, reference: ObjectId| Parked {
        waiting_for: Some(reference),
        next_attempt_at: Some(9000),
        ..parked_record(object("encounter", uuid))
    };
    parked::put(sql, &waits("e1", patient("p1")))?;
    parked::put(sql, &waits("e2", object("location", "p1")))?;
    parked::put(sql, &waits("e3", object("location", "l1")))?;
    parked::put(sql, &parked_record(object("encounter", "e4")))?;
    // The person that the patient is.
    parked::put(sql, &waits("e5", object("person", "p1")))?;
    assert_eq!(parked::release(sql, Direction::Pull, &[patient("p1"), object("location", "l1")], 2000)?, 3);
    assert_eq!(uuids(&parked::due(sql, Direction::Pull, 2000, &[], 10)?), ["e1", "e3", "e5"]);
    assert_eq!(parked::release(sql, Direction::Pull, &[], 2000)?, 0);
    Ok(())
}

fn administrator_makes_due(sql: &mut dyn Sql) -> Result<()> {
    parked::put(sql, &parked_record(patient("p1")))?;
    parked::put(sql, &parked_record(patient("p2")))?;
    assert_eq!(
        parked::retry_now(sql, &Which::Uuids(["audit of p2", "audit of nothing"].map(String::from).to_vec()), 2000)?,
        1
    );
    assert_eq!(uuids(&parked::due(sql, Direction::Pull, 2000, &[], 10)?), ["p2"]);
    Ok(())
}

fn causes_are_told(sql: &mut dyn Sql) -> Result<()> {
    let waits = |uuid: &str, awaited: &str| Parked {
        waiting_for: Some(patient(awaited)),
        error: failure(ErrorKind::MissingReference),
        ..parked_record(object("encounter", uuid))
    };
    for record in [waits("e1", "p1"), waits("e2", "p1"), waits("e3", "p2"), parked_record(object("encounter", "e4"))] {
        parked::put(sql, &record)?;
    }
    let causes = parked::causes(sql)?;
    let told: Vec<_> = causes.iter().map(|cause| (cause.count, cause.awaited, cause.audit_uuids.len())).collect();
    assert_eq!(told, [(3, 2, 3), (1, 0, 1)]);
    assert_eq!(causes[0].message, failure(ErrorKind::MissingReference).message);
    for (awaited, count) in [(Awaited::Nothing, 1), (Awaited::OfCategory(patient("p1").category), 3)] {
        let filter = ParkedFilter { waiting_for: Some(awaited), ..ParkedFilter::default() };
        assert_eq!(parked::list(sql, &filter, &Page::From(0), 10)?.len(), count);
    }
    let filter = ParkedFilter { waiting_for_uuid: Some("p1".into()), ..ParkedFilter::default() };
    assert_eq!(parked::list(sql, &filter, &Page::From(0), 10)?.len(), 2);
    let cursor = PagedRow::from(parked::list(sql, &filter, &Page::From(0), 10)?.remove(0)).cursor;
    assert_eq!(parked::list(sql, &filter, &Page::After(Cursor::parse(&cursor)?), 10)?.len(), 1);
    let which = Which::Filter(filter);
    assert_eq!((parked::retry_now(sql, &which, 1)?, parked::directions(sql, &which)?), (2, vec![Direction::Pull]));
    assert_eq!(parked::matching(sql, &which, 1)?.len(), 1);
    assert_eq!(parked::matching(sql, &Which::Filter(ParkedFilter::default()), 10)?.len(), 4);
    Ok(())
}

fn messages_are_found_by_words(sql: &mut dyn Sql) -> Result<()> {
    let says = |event: &str, text: &str, node: &str| {
        let mut message = message(event);
        message.node_id = node.to_string();
        message.outcome.error = Some(Failure { kind: ErrorKind::Rejected, message: text.to_string() });
        message
    };
    let messages = [says("e1", "Identifier is 100% MISSING", "n1"), says("e2", "identifier_is missing", "n2")];
    audit::insert_all(sql, &messages)?;
    let mut found = |words: &str, node: Option<&str>| -> Result<Vec<String>> {
        let query = AuditQuery {
            words: Some(words.to_string()),
            node_id: node.map(String::from),
            limit: 10,
            ..AuditQuery::default()
        };
        Ok(audit::find(sql, &query)?.into_iter().map(|message| message.event_id).collect())
    };
    assert_eq!(found("missing", None)?, ["e2", "e1"]);
    assert_eq!(found("100% m", None)?, ["e1"]);
    assert_eq!(found("r_is", None)?, ["e2"]);
    assert_eq!(found("missing", Some("n1"))?, ["e1"]);
    assert_eq!(found("!", None)?, [""; 0]);
    Ok(())
}

fn dismissal_settles_the_messages(sql: &mut dyn Sql) -> Result<()> {
    let parked_message = |event: &str| {
        let mut message = message(event);
        message.object_uuid = Some("p1".to_string());
        message.outcome.status = AuditStatus::Parked;
        message
    };
    let messages = [parked_message("e1"), parked_message("e2")];
    audit::insert_all(sql, &messages)?;
    let detail = json!({"dismissed": {"reason": "entered twice"}});
    audit::dismiss(sql, messages[1].direction, &patient("p1"), &messages[1].uuid, &detail)?;
    let outcome = |sql: &mut dyn Sql, index: usize| -> Result<Outcome> {
        Ok(audit::get(sql, &messages[index].uuid)?.expect("it is there").outcome)
    };
    let newest = outcome(sql, 1)?;
    assert_eq!((newest.status, newest.detail), (AuditStatus::Dismissed, Some(detail)));
    let older = outcome(sql, 0)?;
    assert_eq!((older.status, older.carried_by.as_ref()), (AuditStatus::Coalesced, Some(&messages[1].uuid)));
    Ok(())
}

fn conflict_keeps_uuid(sql: &mut dyn Sql) -> Result<()> {
    let documents = Documents { ours: Some(vec![0, 1, 0xff, b'{']), theirs: Some(vec![b'x'; 2_000_000]) };
    conflicts::put(sql, &conflict("c1"), &documents)?;
    let stored = conflicts::get(sql, "c1")?.expect("the conflict");
    assert_eq!(stored.0, conflict("c1"));
    assert!(stored.1 == documents, "the documents changed");
    let newer = Conflict {
        kind: ConflictKind::Removal,
        direction: Direction::Push,
        remote_hash: Some("33".into()),
        theirs_hash: None,
        detected_at: 2000,
        ..conflict("c2")
    };
    conflicts::put(sql, &newer, &Documents { ours: documents.ours.clone(), theirs: None })?;
    let kept = Conflict { uuid: "c1".into(), detected_at: 1000, ..newer };
    let stored = conflicts::get(sql, "c1")?.expect("the conflict");
    assert_eq!(stored.0, kept);
    assert!(stored.1.theirs.is_none());
    assert_eq!(conflicts::list(sql, &Page::From(0), 10)?, std::slice::from_ref(&kept));
    assert_eq!(conflicts::get_all(sql, &[patient("p1")])?, HashMap::from([(patient("p1"), kept)]));
    assert_eq!(conflicts::count(sql)?, 1);
    assert_eq!(conflicts::remove(sql, &[patient("p1")])?, 1);
    assert_eq!(conflicts::count(sql)?, 0);
    assert!(conflicts::get(sql, "c1")?.is_none());
    Ok(())
}

fn conflicts_are_selected(sql: &mut dyn Sql) -> Result<()> {
    let of = |uuid: &str, object: ObjectId, detected_at: i64| Conflict { object, detected_at, ..conflict(uuid) };
    let removal = ConflictKind::Removal;
    conflicts::put(sql, &of("c1", patient("p1"), 3), &Documents::default())?;
    conflicts::put(sql, &Conflict { kind: removal, ..of("c2", patient("p2"), 2) }, &Documents::default())?;
    let pushed = Conflict { direction: Direction::Push, ..of("c3", object("visit", "v"), 1) };
    conflicts::put(sql, &pushed, &Documents::default())?;
    let of_child = Conflict { child_node: Some("node-2".into()), ..of("c4", patient("p1"), 0) };
    conflicts::put(sql, &of_child, &Documents::default())?;
    let all = ConflictFilter::default();
    let patients = ConflictFilter { category: Some(Category::patient()), ..all.clone() };
    let filters = [
        (all.clone(), vec!["c3", "c2", "c1"]),
        (patients.clone(), vec!["c2", "c1"]),
        (ConflictFilter { kind: Some(removal), ..all.clone() }, vec!["c2"]),
        (ConflictFilter { direction: Some(Direction::Push), ..all.clone() }, vec!["c3"]),
        (ConflictFilter { direction: Some(Direction::Push), ..patients }, vec![]),
    ];
    for (filter, uuids) in filters {
        assert_eq!(conflicts::matching(sql, &filter, 10)?, uuids, "{filter:?}");
    }
    assert_eq!(conflicts::matching(sql, &all, 1)?, ["c3"]);
    Ok(())
}

fn consents_add_up(sql: &mut dyn Sql) -> Result<()> {
    let consent = |uuid: &str, hash: &str| Consent {
        object: object("encounter", uuid),
        representation: Representation::Fhir,
        seen_hash: hash.into(),
    };
    let (owner, other) = (patient("p1"), patient("p2"));
    consents::add(sql, &owner, &[consent("e1", "11"), consent("e2", "22")])?;
    consents::add(sql, &owner, &[consent("e2", "33"), consent("e3", "44")])?;
    consents::add(sql, &other, &[consent("e1", "55")])?;
    consents::add(sql, &owner, &[])?;
    let owners = [owner.clone(), other.clone(), patient("p3")];
    let kept = vec![consent("e1", "11"), consent("e2", "33"), consent("e3", "44")];
    let of_other = (other, vec![consent("e1", "55")]);
    let all = consents::get_all(sql, &owners)?;
    assert_eq!(all, HashMap::from([(owner.clone(), kept), of_other.clone()]));
    consents::remove(sql, std::slice::from_ref(&owner))?;
    assert_eq!(consents::get_all(sql, &owners)?, HashMap::from([of_other]));
    Ok(())
}

fn notes_of_a_call_are_removed_one_by_one(sql: &mut dyn Sql) -> Result<()> {
    let note = |number: i64, uuids: &[&str]| Note { number, objects: uuids.iter().map(|uuid| patient(uuid)).collect() };
    let notes = [note(1, &["p1", "p2"]), note(2, &["p3"]), note(3, &["p4"])];
    notes.iter().try_for_each(|note| unindexed::add(sql, "call-1", note))?;
    unindexed::add(sql, "call-2", &note(1, &["p5"]))?;
    assert_eq!(unindexed::calls(sql)?, ["call-1", "call-2"]);
    assert_eq!(unindexed::list(sql, "call-1", 2)?, notes[..2]);
    unindexed::remove(sql, "call-1", &[1, 3])?;
    assert_eq!(unindexed::list(sql, "call-1", 9)?, notes[1..2]);
    unindexed::remove(sql, "call-1", &[2])?;
    assert_eq!(unindexed::calls(sql)?, ["call-2"]);
    Ok(())
}

fn unheard_is_kept_once(sql: &mut dyn Sql) -> Result<()> {
    let (p1, p2) = (patient("p1"), patient("p2"));
    unheard::add(sql, &p1)?;
    unheard::add(sql, &p1)?;
    unheard::add(sql, &object("visit", "p2"))?;
    assert_eq!(unheard::get_all(sql, &[p1.clone(), p2])?, HashSet::from([p1.clone()]));
    unheard::remove(sql, std::slice::from_ref(&p1))?;
    assert!(unheard::get_all(sql, &[p1])?.is_empty());
    Ok(())
}

fn conflict_with_child_is_its_own(sql: &mut dyn Sql) -> Result<()> {
    let of_child = |uuid: &str, node: &str| Conflict {
        child_node: Some(node.into()),
        audit_uuid: None,
        detail: None,
        ..conflict(uuid)
    };
    let objects = [patient("p1")];
    children::hear(sql, "mbale", &introduced("node-2", "Clinic"))?;
    children::hear(sql, "mbale", &introduced("node-2", "Clinic of Mbale"))?;
    conflicts::put(sql, &conflict("c1"), &Documents::default())?;
    conflicts::put(sql, &of_child("c2", "node-2"), &Documents::default())?;
    conflicts::put(sql, &of_child("c3", "node-3"), &Documents::default())?;
    conflicts::put(sql, &Conflict { detected_at: 9, ..of_child("c4", "node-3") }, &Documents::default())?;
    assert_eq!(conflicts::count(sql)?, 3);
    assert_eq!(conflicts::get_all(sql, &objects)?[&objects[0]], conflict("c1"));
    assert_eq!(conflicts::get_all_of_child(sql, "node-3", &objects)?[&objects[0]], of_child("c3", "node-3"));
    let of_named = conflicts::get_all_of_child(sql, "node-2", &objects)?.remove(&objects[0]);
    assert_eq!(of_named.and_then(|conflict| conflict.child_name).as_deref(), Some("Clinic of Mbale"));
    let with_parent = conflicts::with_parent_after(sql, "", 10)?;
    assert_eq!(with_parent, [conflict("c1")]);
    assert!(conflicts::with_parent_after(sql, "c1", 10)?.is_empty());
    assert_eq!(conflicts::remove_of_child(sql, "node-2", &objects)?, 1);
    assert_eq!(conflicts::remove(sql, &objects)?, 1);
    assert_eq!(conflicts::list(sql, &Page::From(0), 10)?, [of_child("c3", "node-3")]);
    Ok(())
}

fn introduced(node: &str, name: &str) -> Introduction {
    Introduction { node: node.into(), name: name.into(), version: "0.2.0".into(), parked: 3, ..Introduction::default() }
}

fn child_is_what_it_said_last(sql: &mut dyn Sql) -> Result<()> {
    children::hear(sql, "gulu", &introduced("node-8", "Gulu"))?;
    children::hear(sql, "arua", &introduced("node-9", "Arua"))?;
    children::hear(sql, "gulu", &Introduction { parked: 0, lag_ms: Some(7), ..introduced("node-8", "Zombo") })?;
    let known = children::list(sql)?;
    let seen: Vec<_> = known.iter().map(|child| (child.account.as_str(), &child.introduction)).collect();
    assert_eq!(
        seen,
        [
            ("arua", &introduced("node-9", "Arua")),
            ("gulu", &Introduction { parked: 0, lag_ms: Some(7), ..introduced("node-8", "Zombo") })
        ]
    );
    assert!(known.iter().all(|child| child.heard_at > 0));
    assert!(children::forget(sql, "node-9")?);
    assert!(!children::forget(sql, "node-9")?);
    assert_eq!(children::list(sql)?.len(), 1);
    Ok(())
}

fn child_of_another_account_is_believed_after_a_day_only(sql: &mut dyn Sql) -> Result<()> {
    children::hear(sql, "gulu", &introduced("node-8", "Gulu"))?;
    children::hear(sql, "thief", &introduced("node-8", "Mine"))?;
    assert_eq!(children::list(sql)?[0].account, "gulu");
    let day = 24 * 60 * 60 * 1000;
    sql.update("UPDATE sync2_child SET heard_at = heard_at - ?", &[SqlValue::Int(day)])?;
    children::hear(sql, "renamed", &introduced("node-8", "Gulu"))?;
    assert_eq!(children::list(sql)?[0].account, "renamed");
    Ok(())
}

fn a_decision_stays_until_a_side_moves(sql: &mut dyn Sql) -> Result<()> {
    let of_child = Conflict { child_node: Some("node-2".into()), audit_uuid: None, detail: None, ..conflict("c1") };
    let removed = Conflict { theirs_hash: None, ..of_child.clone() };
    let decision = Decision { choice: "ours".into(), by: "clerk".into(), reason: "the paper file".into() };
    for (one, other) in [(&of_child, &removed), (&removed, &of_child)] {
        conflicts::put(sql, one, &Documents::default())?;
        conflicts::decide(sql, "c1", &decision)?;
        conflicts::put(sql, one, &Documents::default())?;
        assert_eq!(conflicts::all_of(sql, &patient("p1"))?[0].decision.as_ref(), Some(&decision));
        conflicts::put(sql, other, &Documents::default())?;
        assert_eq!(conflicts::all_of(sql, &patient("p1"))?[0].decision, None);
    }
    Ok(())
}

fn lease_is_held_by_one(sql: &mut dyn Sql) -> Result<()> {
    let lease = lease::acquire(sql, Direction::Pull, "server A", 60_000)?;
    let refused = lease::acquire(sql, Direction::Pull, "server B", 60_000).expect_err("it is held");
    assert_eq!(refused.kind, ErrorKind::AlreadyRunning);
    assert!(refused.message.contains("server A"), "{refused}");
    lease::acquire(sql, Direction::Push, "server B", 60_000)?;
    lease::renew(sql, &lease, 60_000)?;
    lease::release(sql, &lease)?;
    let next = lease::acquire(sql, Direction::Pull, "server B", 60_000)?;
    assert!(next.token > lease.token);
    assert_eq!(next.owner, "server B");
    Ok(())
}

fn own_lease_is_taken_anew(sql: &mut dyn Sql) -> Result<()> {
    let earlier = lease::acquire(sql, Direction::Pull, "server A", 60_000)?;
    let lease = lease::acquire(sql, Direction::Pull, "server A", 60_000)?;
    assert!(lease.token > earlier.token);
    // The earlier run's steps are refused, and do not take the lease away.
    let lost = lease::renew(sql, &earlier, 60_000).expect_err("it was taken anew");
    assert_eq!(lost.kind, ErrorKind::LeaseLost);
    lease::release(sql, &earlier)?;
    assert!(lease::acquire(sql, Direction::Pull, "server B", 60_000).is_err());
    lease::renew(sql, &lease, 60_000)
}

fn expired_lease_is_taken_over(sql: &mut dyn Sql) -> Result<()> {
    let expired = lease::acquire(sql, Direction::Pull, "server A", 0)?;
    let lease = lease::acquire(sql, Direction::Pull, "server B", 60_000)?;
    let lost = lease::renew(sql, &expired, 60_000).expect_err("it was taken over");
    assert_eq!(lost.kind, ErrorKind::LeaseLost);
    // The one who lost it cannot end the other's either.
    lease::release(sql, &expired)?;
    assert!(lease::acquire(sql, Direction::Pull, "server A", 60_000).is_err());
    lease::renew(sql, &lease, 60_000)
}

fn lease_of_the_future_is_void(sql: &mut dyn Sql) -> Result<()> {
    const YEARS: i64 = 3 * 365 * 86_400_000;
    let ahead = lease::acquire(sql, Direction::Pull, "server A", YEARS)?;
    let lease = lease::acquire(sql, Direction::Pull, "server B", 60_000)?;
    assert_eq!(lease::renew(sql, &ahead, 60_000).expect_err("it was void").kind, ErrorKind::LeaseLost);
    let refused = lease::acquire(sql, Direction::Pull, "server A", 60_000).expect_err("it is held");
    assert_eq!(refused.kind, ErrorKind::AlreadyRunning);
    lease::renew(sql, &lease, 60_000)
}

fn jump_ages_by_a_day(sql: &mut dyn Sql) -> Result<()> {
    const DAY: i64 = 86_400_000;
    let before = kept_since(sql, 30)?.expect("a time");
    // As if all until now had been a year ago: to this server its clock has jumped.
    sql.update(
        "UPDATE sync2_counter SET counter_value = counter_value - ? WHERE counter_name <> 'event'",
        &[(365 * DAY).into()],
    )?;
    let after = kept_since(sql, 30)?.expect("a time");
    let again = kept_since(sql, 30)?.expect("a time");
    assert!(before - 364 * DAY >= after && after >= before - 366 * DAY, "{before} {after}");
    // The clock goes on between the two.
    assert!((0..DAY).contains(&(again - after)), "{after} {again}");
    assert_eq!(kept_since(sql, 0)?, None);
    Ok(())
}

fn configuration_is_replaced(sql: &mut dyn Sql) -> Result<()> {
    assert_eq!(configuration::get(sql)?, None);
    configuration::put(sql, "{}")?;
    let long = format!(r#"{{"node": {{"name": "Häuschen {}"}}}}"#, "x".repeat(100_000));
    configuration::put(sql, &long)?;
    assert_eq!(configuration::get(sql)?, Some(long));
    Ok(())
}

fn node_id_stays(sql: &mut dyn Sql) -> Result<()> {
    let minted = node::id(sql)?;
    assert_eq!(minted.len(), 36);
    assert_eq!(node::id(sql)?, minted);
    Ok(())
}

fn renewed_node_goes_on(sql: &mut dyn Sql) -> Result<()> {
    let first = node::id(sql)?;
    let second = node::renew(sql)?;
    assert_eq!((node::id(sql)?, events::own_feed(sql)?), (second.clone(), None));
    events::lock(sql)?;
    let feed = events::begin_feed(sql, 2)?;
    for direction in [Direction::Pull, Direction::Push] {
        markers::put(sql, direction, &marker("sync2", &feed.epoch, "event-1"), 3)?;
    }
    let third = node::renew(sql)?;
    assert_eq!(HashSet::from([&first, &second, &third]).len(), 3);
    let renewed = events::own_feed(sql)?.expect("the feed");
    assert!(renewed.epoch != feed.epoch && renewed.page_size == 2, "{renewed:?}");
    let [pushed] = <[FeedPosition; 1]>::try_from(markers::load(sql, Direction::Push)?).expect("one marker");
    let expected = marker("sync2", &renewed.epoch, "event-1");
    assert_eq!((&*pushed.epoch, pushed.events), (renewed.epoch.as_str(), 3));
    assert_eq!(pushed.marker.map(|marker| marker.entry_id), Some(expected.entry_id));
    assert_eq!(*markers::load(sql, Direction::Pull)?[0].epoch, *feed.epoch);
    Ok(())
}

fn long_messages_are_kept(sql: &mut dyn Sql) -> Result<()> {
    let long = Failure { kind: ErrorKind::Rejected, message: format!("a\0b '🙂' {}", "x".repeat(100_000)) };
    let url = format!("http://127.0.0.1/{}", "y".repeat(100_000));
    let outcome = Outcome { error: Some(long), url: Some(url.clone()), ..with_status(AuditStatus::Parked) };
    let event_id = "ü".repeat(crate::store::LONGEST_EVENT_ID);
    audit::insert_all(sql, &[AuditMessage { uuid: "long".into(), event_id, outcome, ..message("") }])?;
    let stored = audit::get(sql, "long")?.expect("the message").outcome;
    let kept = stored.error.expect("the error").message;
    assert!(kept.starts_with("ab '🙂' xxx"), "{}", &kept[..20]);
    assert_eq!(kept.chars().count(), Failure::LONGEST_MESSAGE);
    assert_eq!(stored.url, Some(url));
    Ok(())
}

/// Written in an order that is neither that of the ids nor its reverse.
fn changes_are_taken_in_order(sql: &mut dyn Sql) -> Result<()> {
    let statement = outbox::insert_statement(sql.dialect());
    let rows = [("2", Action::Unvoided), ("3", Action::Voided), ("1", Action::Updated)].map(|(id, action)| {
        let texts = [id, "transaction", "visit", "v", action.name(), "p"];
        texts.map(SqlValue::from).into_iter().chain([SqlValue::Null, SqlValue::Null]).collect()
    });
    sql.update_all(&statement, &rows)?;
    // As if all had been captured within one millisecond.
    sql.update("UPDATE sync2_outbox SET captured_at = 1", &[])?;
    let mut taken = Vec::new();
    while !outbox::is_empty(sql)? {
        taken.extend(outbox::take(sql, 2)?);
    }
    assert_eq!(
        taken.iter().map(|change| change.action).collect::<Vec<_>>(),
        [Action::Updated, Action::Unvoided, Action::Voided]
    );
    assert_eq!((taken[0].patient.as_deref(), taken[0].location.as_deref()), (Some("p"), None));
    Ok(())
}

/// Counts the calls that cross to the database.
struct Counting<'a> {
    sql: &'a mut dyn Sql,
    calls: u32,
}

impl Sql for Counting<'_> {
    fn dialect(&self) -> crate::store::Dialect {
        self.sql.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[crate::store::SqlValue]) -> Result<u64> {
        self.calls += 1;
        self.sql.update(statement, parameters)
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<crate::store::SqlValue>]) -> Result<Vec<u64>> {
        self.calls += 1;
        self.sql.update_all(statement, rows)
    }

    fn query(&mut self, statement: &str, parameters: &[crate::store::SqlValue]) -> Result<Vec<crate::store::Row>> {
        self.calls += 1;
        self.sql.query(statement, parameters)
    }
}

fn batch_takes_few_statements(sql: &mut dyn Sql) -> Result<()> {
    let mut counting = Counting { sql, calls: 0 };
    let messages: Vec<AuditMessage> = (0..100).map(|number| message(&format!("event-{number}"))).collect();
    let states: Vec<_> = (0..100).map(|number| state(&format!("p{number}"), "1")).collect();
    let objects: Vec<ObjectId> = states.iter().map(|(object, _)| object.clone()).collect();
    let lease = lease::acquire(&mut counting, Direction::Pull, "server A", 60_000)?;
    counting.calls = 0;
    audit::known(&mut counting, Direction::Pull, "epoch-1", &event_ids(&messages))?;
    object_states::get_all(&mut counting, &objects)?;
    parked::get_all(&mut counting, Direction::Pull, &objects)?;
    audit::insert_all(&mut counting, &messages)?;
    object_states::put_all(&mut counting, &states)?;
    parked::release(&mut counting, Direction::Pull, &objects, 1000)?;
    markers::put(&mut counting, Direction::Pull, &marker("patient", "epoch-1", "event-99"), 100)?;
    lease::renew(&mut counting, &lease, 60_000)?;
    assert!(counting.calls <= 14, "{} statements", counting.calls);
    Ok(())
}
