//! The store's promises to a host that listens, and about the times when it did not.

use super::patient;
use crate::decide::changes::ObjectEvent;
use crate::error::Result;
use crate::event::Action;
use crate::store::listening::{self, Gap, Listening, NO_END};
use crate::store::{Sql, events};

/// Milliseconds that a gap must have to be told though nothing was found.
const LONG: i64 = 3_600_000;

fn known(sql: &mut dyn Sql) -> Result<Listening> {
    Ok(listening::get(sql)?.unwrap_or_default())
}

fn gap(number: i64, from: i64, until: i64) -> Gap {
    Gap { number, from, until, kind: None, passed: 0, found: 0, ended: false }
}

pub(super) fn first_listening_missed_nothing(sql: &mut dyn Sql) -> Result<()> {
    assert_eq!(listening::get(sql)?, None);
    listening::begin(sql, 1000)?;
    listening::counted(sql, 17)?;
    listening::heard(sql, 2000)?;
    let expected = Listening { tells_since: 1000, heard_until: 2000, older_objects: Some(17), gaps: vec![] };
    assert_eq!(known(sql)?, expected);
    Ok(())
}

pub(super) fn unheard_feed_is_a_gap(sql: &mut dyn Sql) -> Result<()> {
    let event =
        ObjectEvent { object: patient("a"), action: Action::Updated, patient: None, location: None, caused_by: None };
    events::append(sql, &[event])?;
    let published = events::range(sql, 1, 1)?[0].published_at;
    listening::begin(sql, published + 5000)?;
    let begun = known(sql)?;
    assert_eq!(begun.tells_since, published);
    assert_eq!(begun.gaps, [gap(1, published, published + 5000)]);
    Ok(())
}

pub(super) fn missed_time_is_a_gap(sql: &mut dyn Sql) -> Result<()> {
    listening::begin(sql, 1000)?;
    listening::heard(sql, 2000)?;
    listening::begin(sql, 9000)?;
    assert_eq!(known(sql)?.gaps, [gap(1, 2000, 9000)]);
    assert_eq!(known(sql)?.tells_since, 1000);
    // Again stopped before its search began.
    listening::begin(sql, 12000)?;
    assert_eq!(known(sql)?.gaps, [gap(1, 2000, 12000)]);
    Ok(())
}

pub(super) fn time_missed_after_a_clock_that_was_ahead_is_a_gap(sql: &mut dyn Sql) -> Result<()> {
    const YEAR: i64 = 365 * 86_400_000;
    listening::begin(sql, 1000)?;
    listening::heard(sql, YEAR)?;
    // Nothing was told since it began.
    listening::begin(sql, 9000)?;
    assert_eq!(known(sql)?.gaps, [gap(1, 1000, NO_END)]);
    listening::searched(sql, 1, "patient", 1, 0)?;
    listening::ended(sql, 1, 9000)?;

    let event =
        ObjectEvent { object: patient("a"), action: Action::Updated, patient: None, location: None, caused_by: None };
    events::append(sql, &[event])?;
    let published = events::range(sql, 1, 1)?[0].published_at;
    listening::heard(sql, published + YEAR)?;
    listening::begin(sql, published + 5000)?;
    assert_eq!(known(sql)?.gaps[1], gap(2, published, NO_END));
    Ok(())
}

pub(super) fn gap_over_a_clock_that_was_set_back_has_no_end(sql: &mut dyn Sql) -> Result<()> {
    listening::begin(sql, 1000)?;
    listening::missed(sql, 9000, 2000)?;
    assert_eq!(known(sql)?.gaps, [gap(1, 2000, NO_END)]);
    listening::missed(sql, 1500, 3000)?;
    assert_eq!(known(sql)?.gaps, [gap(1, 1500, NO_END)]);
    Ok(())
}

pub(super) fn search_goes_on(sql: &mut dyn Sql) -> Result<()> {
    listening::begin(sql, 1000)?;
    listening::missed(sql, 1000, 2000)?;
    listening::searched(sql, 1, "patient", 50, 2)?;
    listening::searched(sql, 1, "patient", 100, 1)?;
    listening::begin(sql, 5000)?;
    let searched = Gap { kind: Some("patient".to_string()), passed: 100, found: 3, ..gap(1, 1000, 2000) };
    assert_eq!(known(sql)?.gaps, [searched, gap(2, 1000, 5000)]);
    Ok(())
}

pub(super) fn last_gap_is_told(sql: &mut dyn Sql) -> Result<()> {
    listening::begin(sql, 0)?;
    for (number, until, found) in [(1, 5, 0), (1, LONG, 0), (2, 5, 4), (3, 5, 0)] {
        listening::missed(sql, 0, until)?;
        listening::searched(sql, number, "patient", 1, found)?;
        listening::ended(sql, number, 7)?;
    }
    let told: Vec<(i64, i64)> = known(sql)?.gaps.iter().map(|gap| (gap.number, gap.found)).collect();
    assert_eq!(told, [(2, 4)]);
    Ok(())
}
