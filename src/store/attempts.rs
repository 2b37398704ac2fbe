//! The retries of a parked record.

use serde::Serialize;

use super::audit::AuditStatus;
use super::row::read_all;
use super::statement::{failure_or_nulls, name};
use super::{Failure, Sql};
use crate::error::Result;

/// One retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The audit message of the event that was parked.
    pub audit_uuid: String,
    /// Counted from 1.
    pub number: u32,
    /// The run that it happened in.
    pub run_id: String,
    /// Milliseconds since 1970 by the database's clock.
    pub attempted_at: i64,
    /// The status that it got.
    pub outcome: AuditStatus,
    /// Why it did not go well.
    pub error: Option<Failure>,
}

/// Records a retry.
pub fn add(sql: &mut dyn Sql, attempt: &Attempt) -> Result<()> {
    let [error_kind, error_message] = failure_or_nulls(attempt.error.as_ref());
    sql.update(
        "INSERT INTO sync2_attempt (audit_uuid, attempt_no, run_id, attempted_at, outcome, error_kind, error_message) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        &[
            attempt.audit_uuid.as_str().into(),
            attempt.number.into(),
            attempt.run_id.as_str().into(),
            attempt.attempted_at.into(),
            name(attempt.outcome),
            error_kind,
            error_message,
        ],
    )?;
    Ok(())
}

/// The newest `limit` retries of an audit message's record, the last one first.
pub fn list(sql: &mut dyn Sql, audit_uuid: &str, limit: u32) -> Result<Vec<Attempt>> {
    let statement = "SELECT audit_uuid, attempt_no, run_id, attempted_at, outcome, error_kind, error_message \
                     FROM sync2_attempt WHERE audit_uuid = ? ORDER BY attempt_no DESC LIMIT ?";
    read_all(sql, statement, &[audit_uuid.into(), limit.min(super::LARGEST_LIST).into()], |row| {
        Ok(Attempt {
            audit_uuid: row.text()?,
            number: row.count()? as u32,
            run_id: row.text()?,
            attempted_at: row.int()?,
            outcome: row.named()?,
            error: row.failure_or_null()?,
        })
    })
}
