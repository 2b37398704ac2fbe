//! Giving up what is parked.

use serde_json::json;

use crate::error::Result;
use crate::store::parked::{self, Which};
use crate::store::{Sql, audit, now};

/// The most records that are given up in one transaction.
const BATCH: u32 = 200;

/// Why a person decides so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The account of the person.
    pub by: String,
    /// In the person's words.
    pub text: String,
}

/// Gives up some of the records that are meant. Returns how many; none when there are no more.
pub(super) fn dismiss(sql: &mut dyn Sql, which: &Which, reason: &Reason) -> Result<u64> {
    let time = now(sql)?;
    let detail = json!({"dismissed": {"by": reason.by, "reason": reason.text, "at": time}});
    let records = parked::matching(sql, which, BATCH)?;
    for record in &records {
        audit::dismiss(sql, record.direction, &record.object, &record.audit_uuid, &detail)?;
        parked::remove(sql, record.direction, std::slice::from_ref(&record.object))?;
    }
    Ok(records.len() as u64)
}
