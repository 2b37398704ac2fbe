//! The runs, as the status and the page show them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use super::audit::AuditStatus;
use super::compact::compact;
use super::lease::Lease;
use super::named::{self, Named};
use super::paging::{Page, Paged, select_page};
use super::row::{Columns, read_all, read_first};
use super::statement::{delete_each, failure_or_nulls, name};
use super::{Failure, LARGEST_LIST, Sql, SqlValue, now};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Direction;

/// The work of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum RunKind {
    /// The feed from its marker, and the parked records that are due.
    Feed,
    /// Only parked records that are due, as those are that an administrator asked for.
    Retry,
    /// One object that somebody asked for, and what it refers to.
    Object,
    /// Everything, object by object, and then the feed.
    Backfill,
    /// The feed, and then both sides are compared.
    Verify,
    /// What a comparison found is repaired.
    Repair,
}

impl Named for RunKind {
    const WHAT: &'static str = "kind of run";
}

/// The id of a run that is to begin. Callers may choose it, so that they know it before the run is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunId(Uuid);

impl RunId {
    /// One that no run has had.
    pub fn random() -> RunId {
        RunId(Uuid::new_v4())
    }

    /// The id that is written so: a uuid in lower case with hyphens, so that a run is found by the very text.
    ///
    /// Errors: [`ErrorKind::Configuration`] for any other text.
    pub fn parse(text: &str) -> Result<RunId> {
        let id = Uuid::try_parse(text).ok().map(RunId).filter(|id| id.to_string() == text);
        id.ok_or_else(|| {
            let message = "the id of a run must be a uuid in lower case, such as 6f1f0b0e-3c55-4a0e-9d5c-0f6f2f0a9a11";
            Error::new(ErrorKind::Configuration, message)
        })
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum RunState {
    /// Under way.
    Running,
    /// At the end of its work.
    Completed,
    /// Stopped by something that passes, such as a parent that is away; the next run goes on.
    Interrupted,
    /// Stopped by a person or a shutdown.
    Cancelled,
    /// Stopped by something that somebody must put right.
    Failed,
}

impl RunState {
    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Named for RunState {
    const WHAT: &'static str = "state of a run";
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its own id.
    pub id: String,
    /// Which direction.
    #[serde(serialize_with = "named::serialize")]
    pub direction: Direction,
    /// Its work.
    #[serde(serialize_with = "named::serialize")]
    pub kind: RunKind,
    /// Where it stands.
    #[serde(serialize_with = "named::serialize")]
    pub state: RunState,
    /// Milliseconds since 1970 by the database's clock.
    pub started_at: i64,
    /// Milliseconds since 1970 by the database's clock; nothing while it is under way.
    pub ended_at: Option<i64>,
    /// How far it has come.
    #[serde(flatten)]
    pub progress: RunProgress,
    /// Why it stopped before its end.
    pub error: Option<Failure>,
    /// The node that runs it.
    pub node_id: String,
    /// The token of the lease that it runs under; later runs have greater ones.
    #[serde(skip)]
    pub token: i64,
}

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunProgress {
    /// Events passed, filtered ones included.
    pub events: u64,
    /// How many events became what.
    #[serde(serialize_with = "serialize_counts")]
    pub counts: BTreeMap<AuditStatus, u64>,
    /// Where in the feed it is, for people.
    pub position: Option<String>,
    /// How many events are still to come, if that is known.
    pub remaining: Option<u64>,
}

impl RunProgress {
    /// How much it has dealt with: events, or objects of which no event told, where these are more.
    pub fn done(&self) -> u64 {
        self.events.max(self.counts.values().sum())
    }
}

fn serialize_counts<S: Serializer>(
    counts: &BTreeMap<AuditStatus, u64>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(status, count)| (status.name(), count)))
}

/// The columns that `read` takes.
const COLUMNS: &str = "id, direction, run_kind, run_state, started_at, ended_at, events, counts, feed_position, remaining, \
                       error_kind, error_message, node_id, fencing_token";

fn read(row: &mut Columns) -> Result<Run> {
    Ok(Run {
        id: row.text()?,
        direction: row.named()?,
        kind: row.named()?,
        state: row.named()?,
        started_at: row.int()?,
        ended_at: row.int_or_null()?,
        progress: RunProgress {
            events: row.count()?,
            counts: parse_counts(&row.text()?)?,
            position: row.text_or_null()?,
            remaining: row.int_or_null()?.map(|remaining| remaining.max(0) as u64),
        },
        error: row.failure_or_null()?,
        node_id: row.text()?,
        token: row.int()?,
    })
}

fn counts_text(counts: &BTreeMap<AuditStatus, u64>) -> String {
    let named: serde_json::Map<_, _> =
        counts.iter().map(|(status, count)| (status.name().to_owned(), (*count).into())).collect();
    serde_json::Value::Object(named).to_string()
}

fn parse_counts(text: &str) -> Result<BTreeMap<AuditStatus, u64>> {
    let wrong = |what: &str| Error::new(ErrorKind::Internal, format!("the counts of a run in the database: {what}"));
    let named: BTreeMap<String, u64> = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    named
        .into_iter()
        .map(|(name, count)| AuditStatus::parse(&name).map(|status| (status, count)).ok_or_else(|| wrong(&name)))
        .collect()
}

fn progress_parameters(progress: &RunProgress) -> [SqlValue; 4] {
    [
        (progress.events as i64).into(),
        SqlValue::Text(counts_text(&progress.counts)),
        progress.position.as_ref().into(),
        progress.remaining.map(|remaining| remaining as i64).into(),
    ]
}

/// Records a new run.
pub fn insert(sql: &mut dyn Sql, run: &Run) -> Result<()> {
    let [events, counts, position, remaining] = progress_parameters(&run.progress);
    let [error_kind, error_message] = failure_or_nulls(run.error.as_ref());
    sql.update(
        &format!("INSERT INTO sync2_run ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        &[
            run.id.as_str().into(),
            name(run.direction),
            name(run.kind),
            name(run.state),
            run.started_at.into(),
            run.ended_at.into(),
            events,
            counts,
            position,
            remaining,
            error_kind,
            error_message,
            run.node_id.as_str().into(),
            run.token.into(),
        ],
    )?;
    Ok(())
}

/// Records how far a run has come.
pub fn update_progress(sql: &mut dyn Sql, id: &str, progress: &RunProgress) -> Result<()> {
    let parameters: Vec<SqlValue> = progress_parameters(progress).into_iter().chain([SqlValue::from(id)]).collect();
    sql.update(
        "UPDATE sync2_run SET events = ?, counts = ?, feed_position = ?, remaining = ? WHERE id = ?",
        &parameters,
    )?;
    Ok(())
}

/// Records how a run ended. A run that a later holder of the lease has already marked as interrupted stays so.
pub fn finish(sql: &mut dyn Sql, id: &str, state: RunState, error: Option<&Failure>) -> Result<()> {
    let [error_kind, error_message] = failure_or_nulls(error);
    let time = now(sql)?;
    sql.update(
        "UPDATE sync2_run SET run_state = ?, ended_at = ?, error_kind = ?, error_message = ? \
         WHERE id = ? AND run_state = ?",
        &[name(state), time.into(), error_kind, error_message, id.into(), name(RunState::Running)],
    )?;
    Ok(())
}

/// Marks the runs that earlier holders of the lease left as running: their server was stopped or lost the lease.
/// Returns how many.
pub fn interrupt_orphans(sql: &mut dyn Sql, lease: &Lease) -> Result<u64> {
    let left = Failure {
        kind: ErrorKind::LeaseLost,
        message: "the server stopped, or lost its database, during this run; the next run went on from the marker"
            .into(),
    };
    let [error_kind, error_message] = failure_or_nulls(Some(&left));
    let time = now(sql)?;
    sql.update(
        "UPDATE sync2_run SET run_state = ?, ended_at = ?, error_kind = ?, error_message = ? \
         WHERE direction = ? AND run_state = ? AND fencing_token < ?",
        &[
            name(RunState::Interrupted),
            time.into(),
            error_kind,
            error_message,
            name(lease.direction),
            name(RunState::Running),
            lease.token.into(),
        ],
    )
}

/// The runs of both directions, the newest first.
pub fn list(sql: &mut dyn Sql, page: &Page, limit: u32) -> Result<Vec<Run>> {
    let (page, parameters) = select_page(&["started_at", "id"], page, limit)?;
    read_all(sql, &format!("SELECT {COLUMNS} FROM sync2_run {page}"), &parameters, read)
}

/// The most runs that [`counts_since`] reads: each minute of 30 days one.
const MOST_COUNTED: usize = 43_200;

/// When each run began and what it counted, the newest first, of those that began at `since` or later and counted something.
pub fn counts_since(sql: &mut dyn Sql, since: i64) -> Result<Vec<(i64, BTreeMap<AuditStatus, u64>)>> {
    let mut counted = Vec::new();
    let mut last = (i64::MAX, String::new());
    while counted.len() < MOST_COUNTED {
        let runs = read_all(
            sql,
            "SELECT started_at, id, counts FROM sync2_run WHERE started_at <= ? AND (started_at < ? OR id < ?) \
             AND started_at >= ? AND counts <> '{}' ORDER BY started_at DESC, id DESC LIMIT ?",
            &[last.0.into(), last.0.into(), last.1.as_str().into(), since.into(), LARGEST_LIST.into()],
            |row| Ok((row.int()?, row.text()?, row.text()?)),
        )?;
        let Some((started_at, id, _)) = runs.last() else { break };
        last = (*started_at, id.clone());
        for (started_at, _, counts) in runs {
            counted.push((started_at, parse_counts(&counts)?));
        }
    }
    Ok(counted)
}

impl Paged for Run {
    fn place(&self) -> (i64, Vec<&str>) {
        (self.started_at, vec![&self.id])
    }
}

/// The newest run of a direction, whatever the clock said when it began.
pub fn newest(sql: &mut dyn Sql, direction: Direction) -> Result<Option<Run>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_run WHERE direction = ? ORDER BY fencing_token DESC LIMIT 1");
    read_first(sql, &statement, &[name(direction)], read)
}

/// The run of that id.
pub fn get(sql: &mut dyn Sql, id: &str) -> Result<Option<Run>> {
    let statement = format!("SELECT {COLUMNS} FROM sync2_run WHERE id = ?");
    read_first(sql, &statement, &[id.into()], read)
}

/// Deletes at most `limit` runs that ended before `older_than` and whose audit messages are all gone, the oldest first.
/// Returns how many.
pub fn prune(sql: &mut dyn Sql, older_than: i64, limit: u32) -> Result<u64> {
    let mut without_messages = Vec::new();
    let mut last = (i64::MIN, String::new());
    loop {
        let ended = ended_after(sql, &last, older_than)?;
        let Some(newest) = ended.last() else { break };
        last = newest.clone();
        for (_, id) in ended {
            if without_messages.len() < limit as usize && !has_messages(sql, &id)? {
                without_messages.push(vec![id.into()]);
            }
        }
        if without_messages.len() == limit as usize {
            break;
        }
    }
    delete_each(sql, "sync2_run WHERE id = ?", &without_messages)
}

/// The next runs that ended before `older_than`, by their beginning and id.
fn ended_after(sql: &mut dyn Sql, last: &(i64, String), older_than: i64) -> Result<Vec<(i64, String)>> {
    read_all(
        sql,
        "SELECT started_at, id FROM sync2_run WHERE started_at >= ? AND (started_at > ? OR id > ?) AND started_at < ? \
         AND ended_at < ? ORDER BY started_at, id LIMIT ?",
        &[
            last.0.into(),
            last.0.into(),
            last.1.as_str().into(),
            older_than.into(),
            older_than.into(),
            LARGEST_LIST.into(),
        ],
        |row| Ok((row.int()?, row.text()?)),
    )
}

fn has_messages(sql: &mut dyn Sql, id: &str) -> Result<bool> {
    let statement = "SELECT row_no FROM sync2_audit_message WHERE run_id = ? LIMIT 1";
    Ok(read_first(sql, statement, &[compact(id)], Columns::int)?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_run_is_a_uuid_in_one_way_of_writing() {
        let id = RunId::random().to_string();
        assert_eq!(RunId::parse(&id).unwrap().to_string(), id);
        for wrong in ["", "run-1", "../status", &id.to_uppercase(), &id.replace('-', ""), &format!("{{{id}}}")] {
            assert_eq!(RunId::parse(wrong).unwrap_err().kind, ErrorKind::Configuration, "{wrong}");
        }
    }
}
