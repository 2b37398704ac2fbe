//! Leases, cancelling, closing, and defects of what is brought along (guarantee *The JVM survives*, as far as it is Rust's).

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::{ErrorKind, Result};
use sync2::event::{Event, ObjectId};
use sync2::filter::Filter;
use sync2::status::RunReport;
use sync2::store::Transaction;
use sync2::store::audit::AuditQuery;
use sync2::store::runs::RunId;
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, database_file, patient, state};

fn parent_with_patients(patients: usize) -> MockParent {
    let parent = MockParent::start();
    for number in 0..patients {
        parent.put(category("patient"), patient(&format!("p{number}"), "Okello"));
    }
    parent
}

/// Two records in each transaction.
fn small_batches(parent: &MockParent) -> Value {
    let mut document = parent.config_document(&["patient"]);
    document["transfer"] = json!({"batchSize": 2});
    document
}

/// Pulls, and calls `at_fifth` while the fifth record is about to be saved.
fn pull_disturbed(engine: &Engine, host: &mut SqliteHost, mut at_fifth: impl FnMut()) -> Result<RunReport> {
    let saves = Cell::new(0);
    let mut host = Intercepted::new(host, |_, call| {
        if call == Call::Save {
            saves.set(saves.get() + 1);
            if saves.get() == 5 {
                at_fifth();
            }
        }
        Ok(())
    });
    engine.pull(&mut host)
}

#[test]
fn host_is_told_what_will_be_read_back_before_the_reads() {
    let parent = parent_with_patients(2);
    let mut child = Child::configured(small_batches(&parent));
    let mut calls = Vec::new();
    let mut host = Intercepted::new(&mut child.host, |_, call| {
        calls.push(call);
        Ok(())
    });
    assert_eq!(state(&child.engine.pull(&mut host).unwrap()), "completed");
    let cleared = calls.iter().position(|call| *call == Call::Clear).unwrap();
    assert_eq!(calls[cleared + 1..cleared + 4], [Call::ExpectReads, Call::Read, Call::Read]);
}

#[test]
fn cancelled_run_stops_between_batches_and_the_next_goes_on() {
    let parent = parent_with_patients(30);
    let mut child = Child::configured(small_batches(&parent));
    let report = pull_disturbed(&child.engine, &mut child.host, || child.engine.cancel().unwrap()).unwrap();
    assert_eq!(state(&report), "cancelled");
    assert_eq!(report.run.progress.events, 6);
    child.assert_audited(6);
    child.pull_to_the_end();
    child.assert_audited(30);
}

#[test]
fn a_run_that_waits_for_the_network_is_cancelled_at_once() {
    let parent = parent_with_patients(1);
    let gate = parent.hold(|path| path.contains("/Patient/p0"));
    let mut child = Child::of(&parent, &["patient"]);
    let engine = &child.engine;
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            gate.wait_until_reached();
            engine.cancel().unwrap();
        });
        engine.pull(&mut child.host).unwrap()
    });
    assert_eq!(state(&report), "cancelled");
    gate.release();
    child.pull_to_the_end();
}

#[test]
fn run_can_be_cancelled_after_a_second_one_was_refused() {
    let parent = parent_with_patients(30);
    let file = database_file("refused");
    let mut child = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let engine = &child.engine;
    let gate = parent.hold(|path| path.contains("/Patient"));
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            gate.wait_until_reached();
            let mut other = SqliteHost::open(&file).unwrap();
            assert_eq!(engine.pull(&mut other).unwrap_err().kind, ErrorKind::AlreadyRunning);
            engine.cancel().unwrap();
            gate.release();
        });
        engine.pull(&mut child.host).unwrap()
    });
    assert_eq!(state(&report), "cancelled");
}

#[test]
fn closing_ends_the_run_and_every_later_call() {
    let parent = parent_with_patients(30);
    let mut child = Child::configured(small_batches(&parent));
    let engine = &child.engine;
    let report = thread::scope(|scope| {
        let closer = Cell::new(None);
        let report = pull_disturbed(engine, &mut child.host, || {
            closer.set(Some(scope.spawn(|| engine.close())));
            // Calls are refused from the moment that closing has begun.
            while engine.status().is_ok() {
                thread::yield_now();
            }
        });
        closer.take().unwrap().join().unwrap().unwrap();
        report.unwrap()
    });
    assert_eq!(state(&report), "cancelled");
    assert_eq!(report.run.progress.events, 6);
    assert_eq!(engine.close().unwrap_err().kind, ErrorKind::Closed);
    let host = &mut child.host;
    assert_eq!(engine.pull(host).unwrap_err().kind, ErrorKind::Closed);
    assert_eq!(engine.cancel().unwrap_err().kind, ErrorKind::Closed);
    assert_eq!(engine.audit(host, &AuditQuery::default()).unwrap_err().kind, ErrorKind::Closed);
    assert_eq!(engine.retry(host, &[]).unwrap_err().kind, ErrorKind::Closed);
    child.restart();
    child.pull_to_the_end();
    child.assert_audited(30);
}

#[test]
fn a_host_may_ask_for_the_status_during_a_run() {
    let parent = parent_with_patients(6);
    let mut child = Child::configured(small_batches(&parent));
    let report = pull_disturbed(&child.engine, &mut child.host, || {
        let run = child.engine.status().unwrap().pull.unwrap();
        assert_eq!((state(&run), run.run.progress.events), ("running", 4));
    });
    assert_eq!(state(&report.unwrap()), "completed");
}

#[test]
fn run_has_the_id_its_caller_chose_and_no_other_run_gets_it() {
    let parent = parent_with_patients(1);
    let mut child = Child::of(&parent, &["patient"]);
    let id = RunId::random();
    let report = child.engine.pull_as(id, &mut child.host).unwrap();
    assert_eq!(report.run.id, id.to_string());
    assert_eq!(child.audit()[0].run_id, id.to_string());
    let refused = child.engine.pull_as(id, &mut child.host).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Configuration);
    // What is refused leaves no lease behind.
    child.pull_to_the_end();
    assert_eq!(child.engine.runs(&mut child.host, 10, 0).unwrap().len(), 2);
}

#[test]
fn a_pull_refuses_a_thread_that_has_a_transaction() {
    let parent = parent_with_patients(1);
    let mut child = Child::of(&parent, &["patient"]);
    child.host.begin().unwrap();
    assert_eq!(child.try_pull().unwrap_err().kind, ErrorKind::Host);
    child.host.rollback();
    child.pull_to_the_end();
}

#[test]
fn of_two_servers_on_one_database_one_pulls() {
    let parent = parent_with_patients(30);
    let file = database_file("two-servers");
    let mut first = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let second = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let mut second_host = SqliteHost::open(&file).unwrap();
    let refused = Cell::new(0);
    let mut host = Intercepted::new(&mut first.host, |_, call| {
        // Before each transaction but the first, which takes the lease.
        if call == Call::Begin && first.engine.status()?.pull.is_some() {
            let error = second.engine.pull(&mut second_host).unwrap_err();
            assert_eq!(error.kind, ErrorKind::AlreadyRunning);
            refused.set(refused.get() + 1);
        }
        Ok(())
    });
    let report = first.engine.pull(&mut host).unwrap();
    assert_eq!(state(&report), "completed");
    assert!(refused.get() > 15, "{}", refused.get());
    first.assert_audited(30);
}

/// Also when the other server has done nothing yet that would get in the way.
#[test]
fn a_run_whose_lease_was_taken_over_commits_nothing_more() {
    let parent = parent_with_patients(30);
    let file = database_file("takeover");
    let mut first = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let mut second = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let clears = Cell::new(0);
    let before = Cell::new(None);
    let mut host = Intercepted::new(&mut first.host, |host, call| {
        clears.set(clears.get() + u32::from(call == Call::Clear));
        if call == Call::Begin && clears.get() == 3 && before.get().is_none() {
            before.set(Some(host.counters()));
            second.change("UPDATE sync2_lease SET fencing_token = fencing_token + 1");
        }
        Ok(())
    });
    let report = first.engine.pull(&mut host).unwrap();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::LeaseLost);
    let (before, after) = (before.get().unwrap(), first.host.counters());
    assert_eq!(after.saves, before.saves);
    // The end of the run is recorded, and nothing else.
    assert_eq!(after.commits, before.commits + 1);
    first.assert_audited(6);

    second.change("UPDATE sync2_lease SET expires_at = 0");
    second.pull_to_the_end();
    second.assert_audited(30);
    assert_eq!(first.host.counters().saves + second.host.counters().saves, 30);
}

#[test]
fn a_run_that_another_server_took_for_dead_stays_interrupted() {
    let parent = parent_with_patients(30);
    let file = database_file("orphan");
    let mut first = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let mut second = Child::over(SqliteHost::open(&file).unwrap(), small_batches(&parent));
    let clears = Cell::new(0);
    let mut host = Intercepted::new(&mut first.host, |_, call| {
        clears.set(clears.get() + u32::from(call == Call::Clear));
        if call == Call::Begin && clears.replace(clears.get() % 3) == 3 {
            second.change("UPDATE sync2_lease SET expires_at = 0");
            second.pull_to_the_end();
        }
        Ok(())
    });
    let report = first.engine.pull(&mut host).unwrap();
    assert_eq!(state(&report), "interrupted");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::LeaseLost);
    first.assert_audited(30);
    let runs = first.engine.runs(&mut first.host, 10, 0).unwrap();
    let mut states: Vec<&str> = runs.iter().map(state).collect();
    states.sort();
    assert_eq!(states, ["completed", "interrupted"]);
}

/// A filter with a defect.
struct Panicking {
    in_event: bool,
}

impl Filter for Panicking {
    fn wants_event(&self, _event: &Event) -> bool {
        assert!(!self.in_event, "a defect");
        true
    }

    fn wants_document(&self, _object: &ObjectId, _document: &Value) -> bool {
        panic!("a defect")
    }
}

fn pull_with(filter: Panicking) -> (RunReport, Arc<Engine>, SqliteHost) {
    let parent = parent_with_patients(1);
    let mut host = SqliteHost::in_memory().unwrap();
    let injected = Injected { filters: vec![Box::new(filter)], ..Injected::default() };
    let document = parent.config_document(&["patient"]).to_string();
    let engine = Arc::new(Engine::open_with(&document, injected, Environment::default(), &mut host).unwrap());
    (engine.pull(&mut host).unwrap(), engine, host)
}

#[test]
fn run_whose_reading_panicked_has_failed() {
    let (report, engine, mut host) = pull_with(Panicking { in_event: true });
    assert_eq!(state(&report), "failed");
    assert_eq!(report.run.error.as_ref().unwrap().kind, ErrorKind::Internal);
    assert!(engine.markers(&mut host).unwrap()[0].marker.is_none());
    engine.close().unwrap();
}

#[test]
fn record_whose_document_made_a_filter_panic_is_parked() {
    let (report, engine, mut host) = pull_with(Panicking { in_event: false });
    assert_eq!(state(&report), "completed");
    let parked = engine.parked(&mut host, 10, 0).unwrap();
    assert_eq!(parked.iter().map(|parked| parked.error.kind).collect::<Vec<_>>(), [ErrorKind::Internal]);
    engine.close().unwrap();
}
