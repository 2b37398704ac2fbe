//! Fills the tables as a first pull of many objects does: for the benchmark of what they take.

use std::time::Duration;

use uuid::Uuid;

use crate::audit::{Entry, Origin, Settled, SyncAuditLogger, Verdict};
use crate::decide::canonical;
use crate::decide::retry::RetryConfig;
use crate::error::Result;
use crate::event::{Action, Category, Direction, ObjectId, Representation};
use crate::feed::publisher;
use crate::passing::audit_uuid;
use crate::store::audit::AuditStatus;
use crate::store::lease::{self, Lease};
use crate::store::markers::{self, Marker};
use crate::store::object_states::ObjectState;
use crate::store::runs::{self, Run, RunId, RunKind, RunProgress, RunState};
use crate::store::{Sql, SqlValue, Transaction, node, now, outbox, schema, transaction};

/// `transfer.batchSize` by default.
const BATCH: u64 = 100;

/// How many events a child captures of its own before its feed is read and they are published.
const PUBLISHED_AFTER: u64 = 20 * BATCH;

/// Of each patient come an event of her own, one of each encounter and one of each observation, as in the benchmark `space`.
const EACH_PATIENT: u64 = 221;
const ENCOUNTERS: std::ops::RangeInclusive<u64> = 1..=20;

const LEASE_MS: i64 = 60_000;
const PAGE_SIZE: u32 = 100;
const FEED: &str = "sync2";
const EPOCH: &str = "3f0f2c1e-7a60-4c4e-9a3a-3e1f0d1c5b77";
const LOCATION: &str = "8d6c993e-c2cc-11de-8d13-0010c6dffd0f";
const PARENT: &str = "https://parent.example.org/openmrs/ws/rest/v1/sync2";

const RETRY: RetryConfig =
    RetryConfig { attempts: 1, first_delay: Duration::ZERO, factor: 1.0, max_delay: Duration::ZERO };

/// Does in the tables what a pull of so many events does, after the first `passed`: a run of its own, 100 to a transaction.
/// Each event is of an object that was never here. It becomes an audit message and an agreement; and, since saving the object
/// is captured, a row of the outbox that becomes an event of the own feed. Objects and their documents are the host's.
///
/// Errors: `Host`.
pub fn pull(database: &mut dyn Transaction, passed: u64, events: u64) -> Result<()> {
    schema::migrate(database)?;
    let (lease, run) = transaction::write(database, |sql| begin(sql))?;
    let end = passed + events;
    for first in (passed..end).step_by(BATCH as usize) {
        let batch: Vec<PulledEvent> = (first..end.min(first + BATCH)).map(PulledEvent::of).collect();
        transaction::write(database, |sql| pass(sql, &lease, &run, &batch))?;
        if (first + BATCH).is_multiple_of(PUBLISHED_AFTER) {
            publisher::publish(database, PAGE_SIZE)?;
        }
    }
    publisher::publish(database, PAGE_SIZE)?;
    transaction::write(database, |sql| {
        runs::finish(sql, &run.id, RunState::Completed, None)?;
        lease::release(sql, &lease)
    })
}

fn begin(sql: &mut dyn Sql) -> Result<(Lease, Run)> {
    let lease = lease::acquire(sql, Direction::Pull, "bench", LEASE_MS)?;
    let run = Run {
        id: RunId::random().to_string(),
        direction: Direction::Pull,
        kind: RunKind::Feed,
        state: RunState::Running,
        started_at: now(sql)?,
        ended_at: None,
        progress: RunProgress::default(),
        error: None,
        node_id: node::id(sql)?,
        token: lease.token,
    };
    runs::insert(sql, &run)?;
    markers::start_epoch(sql, Direction::Pull, FEED, EPOCH)?;
    Ok((lease, run))
}

/// One batch, in its transaction.
fn pass(sql: &mut dyn Sql, lease: &Lease, run: &Run, batch: &[PulledEvent]) -> Result<()> {
    lease::renew(sql, lease, LEASE_MS)?;
    let transaction = Uuid::new_v4().to_string();
    let captured: Vec<Vec<SqlValue>> = batch.iter().map(|event| event.captured(&transaction)).collect();
    sql.update_all(&outbox::insert_statement(sql.dialect()), &captured)?;
    let time = now(sql)?;
    let settled: Vec<Settled<'_>> = batch.iter().map(|event| event.settled(time)).collect();
    let logger = SyncAuditLogger {
        direction: Direction::Pull,
        run_id: &run.id,
        node_id: &run.node_id,
        now: time,
        retry: &RETRY,
        parent_keeps_conflicts: true,
    };
    let counts = logger.record(sql, &settled)?;
    let events = batch.len() as u64;
    if let Some(last) = batch.last() {
        markers::put(sql, Direction::Pull, &last.marker(time), events)?;
    }
    runs::update_progress(sql, &run.id, &RunProgress { events, counts, ..RunProgress::default() })
}

/// An event of the parent's feed.
struct PulledEvent {
    object: ObjectId,
    id: String,
    patient: String,
}

impl PulledEvent {
    fn of(number: u64) -> PulledEvent {
        let place = number % EACH_PATIENT;
        let category = match place {
            0 => "patient",
            place if ENCOUNTERS.contains(&place) => "encounter",
            _ => "observation",
        };
        let object = ObjectId { category: Category::parse(category).expect("a category"), uuid: object_uuid(number) };
        PulledEvent { object, id: format!("urn:uuid:{}", uuid("event", number)), patient: object_uuid(number - place) }
    }

    fn settled(&self, time: i64) -> Settled<'_> {
        let origin = Origin {
            representation: Representation::Fhir,
            client: "exchange".to_string(),
            url: format!("{PARENT}/objects/read"),
        };
        let verdict = Verdict {
            origin: Some(origin),
            agreed: Some(self.agreed()),
            duration_ms: time % 1000,
            ..Verdict::of(AuditStatus::Applied)
        };
        let audit_uuid = audit_uuid(Direction::Pull, EPOCH, &self.id);
        let entry = Entry::New { audit_uuid, epoch: EPOCH, event_id: &self.id };
        Settled { object: &self.object, action: Action::Created, object_is_known: true, entry, verdict }
    }

    fn agreed(&self) -> ObjectState {
        let hash = |side: &str| Some(canonical::hash(format!("{} {side}", self.object.uuid).as_bytes()));
        ObjectState {
            local_hash: hash("here"),
            remote_hash: hash("there"),
            representation: Representation::Fhir,
            canonical_version: canonical::VERSION,
            restored_to: None,
            replaced: Vec::new(),
        }
    }

    /// Returns the row that the host writes of a change: see [`outbox::insert_statement`].
    fn captured(&self, transaction: &str) -> Vec<SqlValue> {
        let (category, object) = (self.object.category.name(), self.object.uuid.as_str());
        let row = Uuid::new_v4().to_string();
        let hangs_on = (self.patient != object).then_some(self.patient.as_str());
        [&row, transaction, category, object, Action::Created.name(), &self.patient, LOCATION]
            .map(SqlValue::from)
            .into_iter()
            .chain([hangs_on.into()])
            .collect()
    }

    fn marker(&self, time: i64) -> Marker {
        Marker {
            feed: FEED.into(),
            epoch: EPOCH.into(),
            page_url: format!("{PARENT}/feed/10000").into(),
            entry_id: self.id.clone(),
            updated: time,
        }
    }
}

fn object_uuid(number: u64) -> String {
    uuid("object", number)
}

/// As random as uuids of version 4, and the same each time.
fn uuid(what: &str, number: u64) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{what} {number}").as_bytes()).to_string()
}
