//! Searches of the audit that have to look into more messages than one of them may.

use std::collections::HashSet;

use super::lists::{Size, fill};
use super::{failure, with_status};
use crate::error::{ErrorKind, Result};
use crate::event::Direction;
use crate::store::audit::{self, AuditQuery, AuditStatus, MOST_LOOKED_AT, Outcome};
use crate::store::paging::Cursor;
use crate::store::{Sql, SqlValue};

/// More than one search looks at, and how many there are then.
const MESSAGES: Size = Size { messages: MOST_LOOKED_AT as i64 + 1, parked: 0, conflicts: 0 };
const FILLED: i64 = 38_400;

/// The words of each fifth message of the tables.
const OF_AN_ERROR: &str = "it failed with";

/// Ways to look at every message: as they were written, and by time.
fn along_everything() -> [AuditQuery; 2] {
    let written = AuditQuery { limit: 50, ..AuditQuery::default() };
    [AuditQuery { from: Some(0), ..written.clone() }, written]
}

pub(super) fn search_says_how_far_it_looked(sql: &mut dyn Sql) -> Result<()> {
    fill(sql, &MESSAGES)?;
    let mut outcome = Outcome { error: Some(failure(ErrorKind::Gone)), ..with_status(AuditStatus::Parked) };
    if let Some(error) = &mut outcome.error {
        error.message = "only the oldest says this".into();
    }
    audit::update_outcome(sql, "audit of event-0", &outcome)?;
    for all in along_everything() {
        let mut query = AuditQuery { words: Some("ONLY the oldest".into()), ..all };
        let found = audit::search(sql, &query)?;
        assert!(found.messages.is_empty());
        assert_eq!(found.next.as_ref().map(Cursor::time), Some(FILLED - i64::from(MOST_LOOKED_AT)));
        query.after = found.next;
        let found = audit::search(sql, &query)?;
        assert_eq!(found.messages.iter().map(|message| message.row.event_id.as_str()).collect::<Vec<_>>(), ["event-0"]);
        assert_eq!(found.next, None);
    }
    let outright = AuditQuery { error_kind: Some(ErrorKind::Gone), limit: 1, ..AuditQuery::default() };
    assert_eq!(audit::search(sql, &outright)?.messages.len(), 1);
    let nowhere = AuditQuery { status: Some(AuditStatus::Kept), ..outright };
    let found = audit::search(sql, &nowhere)?;
    assert!(found.messages.is_empty() && found.next.is_none());
    Ok(())
}

pub(super) fn searches_that_go_on_find_each_once(sql: &mut dyn Sql) -> Result<()> {
    fill(sql, &MESSAGES)?;
    let [by_time, written] = along_everything();
    let parked = AuditQuery { status: Some(AuditStatus::Parked), ..written.clone() };
    // A page of 400 ends with a slice, one of 1,000 in the middle of one.
    for (all, limit) in [(by_time, 400), (written, 1000), (parked.clone(), 400), (parked, 1000)] {
        let status = all.status.map_or("status", |_| "'PARKED'");
        let expected = count(sql, &format!("error_message IS NOT NULL AND status = {status}"))?;
        let wanted = AuditQuery { words: Some(OF_AN_ERROR.into()), direction: Some(Direction::Pull), limit, ..all };
        let times = times_in_pages(sql, wanted)?;
        assert_eq!(times.len() as i64, expected);
        assert_eq!(times.iter().collect::<HashSet<_>>().len(), times.len());
        assert!(times.is_sorted_by(|newer, older| newer > older));
    }
    Ok(())
}

fn count(sql: &mut dyn Sql, condition: &str) -> Result<i64> {
    let counted = sql.query(&format!("SELECT COUNT(*) FROM sync2_audit_message WHERE {condition}"), &[])?;
    let [SqlValue::Int(count)] = counted[0][..] else { panic!("{counted:?}") };
    Ok(count)
}

/// When all that a query asks for was recorded, search after search.
fn times_in_pages(sql: &mut dyn Sql, mut query: AuditQuery) -> Result<Vec<i64>> {
    let mut times = Vec::new();
    loop {
        let found = audit::search(sql, &query)?;
        times.extend(found.messages.into_iter().map(|message| message.row.recorded_at));
        if found.next.is_none() {
            return Ok(times);
        }
        query.after = found.next;
    }
}

pub(super) fn search_goes_on_after_what_is_gone(sql: &mut dyn Sql) -> Result<()> {
    fill(sql, &Size { messages: 0, parked: 0, conflicts: 0 })?;
    for all in along_everything() {
        let query = AuditQuery { status: Some(AuditStatus::Parked), limit: 1, ..all };
        let first = audit::search(sql, &query)?;
        let place = first.next.expect("there are more");
        let second = audit::search(sql, &AuditQuery { after: Some(place.clone()), ..query.clone() })?;
        let uuid = &first.messages[0].row.uuid;
        audit::update_outcome(sql, uuid, &with_status(AuditStatus::Applied))?;
        let again = audit::search(sql, &AuditQuery { after: Some(place), ..query })?;
        assert_eq!(second.messages[0].row, again.messages[0].row);
    }
    Ok(())
}
