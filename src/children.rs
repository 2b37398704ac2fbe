//! The children of this node as somebody here sees them: the table of its sites.

use serde::Serialize;

use crate::decide::child::Need;
use crate::error::Result;
use crate::store::children::{self, Child};
use crate::store::{Sql, now};

/// A child, and whether somebody has to look after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildReport {
    /// Why it needs somebody.
    pub need: Need,
    /// How far its clock was ahead of this server's database when it was heard of last, the way of its request included; in
    /// milliseconds.
    pub clock_difference_ms: i64,
    /// The child, by its last introduction.
    #[serde(flatten)]
    pub child: Child,
}

/// First those that need somebody most, then in the order of their names.
pub(crate) fn reports(sql: &mut dyn Sql) -> Result<Vec<ChildReport>> {
    let now = now(sql)?;
    let report = |child: Child| ChildReport {
        need: Need::of(&child.introduction, now.saturating_sub(child.heard_at)),
        clock_difference_ms: child.introduction.clock.saturating_sub(child.heard_at),
        child,
    };
    let mut reports: Vec<ChildReport> = children::list(sql)?.into_iter().map(report).collect();
    reports.sort_by_key(|report| report.need);
    Ok(reports)
}
