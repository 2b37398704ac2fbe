//! What a comparison of both sides keeps.

use std::collections::{BTreeMap, HashSet};

use super::{object, patient};
use crate::decide::changes::ObjectEvent;
use crate::decide::verification::{Depth, Finding, Newer, Why};
use crate::error::Result;
use crate::event::{Action, Category, ObjectId};
use crate::store::paging::{Cursor, Page, PagedRow};
use crate::store::verifications::{self, Difference, DifferenceFilter, Verified};
use crate::store::{LARGEST_LIST, Sql, events, outbox};

fn difference(object: ObjectId, finding: Finding, found_at: i64) -> Difference {
    let (newer, why) = match finding {
        Finding::Waiting => (None, Some(Why::Event)),
        Finding::Suspected => (None, None),
        _ => (Some(Newer::There), None),
    };
    let ours_hash = Some("a".repeat(64));
    Difference { object, finding, newer, why, ours_hash, theirs_hash: None, found_at, repaired_at: None }
}

fn verified(category: Category, compared: u64) -> Verified {
    let (here_after, there_after) = (Some("p1".to_string()), None);
    let findings = Default::default();
    let leaves = Some(64);
    Verified { category, here_after, there_after, leaves, compared, left_out: 2, why: None, ended_at: None, findings }
}

pub(super) fn comparison_goes_on_where_it_was(sql: &mut dyn Sql) -> Result<()> {
    assert_eq!(verifications::last(sql)?, verifications::Verification::default());
    assert_eq!(verifications::unfinished(sql)?, None);
    verifications::begin(sql, Depth::Deep)?;
    let first = verified(Category::patient(), 100);
    verifications::put(sql, &first)?;
    assert_eq!(verifications::verified(sql)?, std::slice::from_ref(&first));
    let there_after = Some("p2".to_string());
    let second = Verified { there_after, why: Some(Why::Closed), ended_at: Some(5), compared: 200, ..first };
    verifications::put(sql, &second)?;
    assert_eq!(verifications::verified(sql)?, [second]);
    assert_eq!(verifications::unfinished(sql)?, Some(Depth::Deep));
    assert_eq!(verifications::last(sql)?.deep, Depth::Deep);
    verifications::end(sql)?;
    assert_eq!(verifications::unfinished(sql)?, None);
    assert!(verifications::last(sql)?.ended_at.is_some());
    Ok(())
}

pub(super) fn findings_are_replaced_counted_and_listed(sql: &mut dyn Sql) -> Result<()> {
    verifications::begin(sql, Depth::Quick)?;
    verifications::put(sql, &verified(Category::patient(), 4))?;
    let suspects = ["p1", "p2", "p3", "p4"].map(|uuid| difference(patient(uuid), Finding::Suspected, 1));
    verifications::put_all(sql, &suspects)?;
    assert_eq!(verifications::suspected(sql)?, suspects);
    assert_eq!(listed(sql, DifferenceFilter::default())?, Vec::<String>::new());
    let found = [
        difference(patient("p1"), Finding::Differs, 2),
        difference(patient("p2"), Finding::OnlyThere, 3),
        difference(patient("p3"), Finding::Waiting, 3),
    ];
    verifications::put_all(sql, &found)?;
    verifications::remove(sql, &[patient("p4")])?;
    assert!(verifications::suspected(sql)?.is_empty());
    let counts = verifications::last(sql)?.categories[0].findings.clone();
    assert_eq!(counts, BTreeMap::from([("differs", 1), ("onlyThere", 1), ("waiting", 1)]));
    assert_eq!(listed(sql, DifferenceFilter::default())?, ["p3", "p2", "p1"]);
    let waiting = DifferenceFilter { finding: Some(Finding::Waiting), ..DifferenceFilter::default() };
    assert_eq!(listed(sql, waiting)?, ["p3"]);
    let visits = DifferenceFilter { category: Category::parse("visit"), ..DifferenceFilter::default() };
    assert_eq!(listed(sql, visits)?, Vec::<String>::new());
    Ok(())
}

/// The uuids of a list that is read a row at a time.
fn listed(sql: &mut dyn Sql, filter: DifferenceFilter) -> Result<Vec<String>> {
    let (mut uuids, mut page) = (Vec::new(), Page::From(0));
    loop {
        let Some(last) = verifications::list(sql, &filter, &page, 1)?.pop() else { return Ok(uuids) };
        uuids.push(last.object.uuid.clone());
        page = Page::After(Cursor::parse(&PagedRow::from(last).cursor)?);
    }
}

pub(super) fn difference_is_repaired_once(sql: &mut dyn Sql) -> Result<()> {
    let found = [
        difference(patient("p1"), Finding::Differs, 1),
        difference(patient("p2"), Finding::Waiting, 1),
        difference(patient("p3"), Finding::OnlyHere, 1),
        difference(object("visit", "v"), Finding::Differs, 1),
    ];
    verifications::put_all(sql, &found)?;
    let uuids = |sql: &mut dyn Sql, after: &str, most: u32| -> Result<Vec<String>> {
        let found = verifications::to_repair(sql, Category::patient(), after, most)?;
        Ok(found.into_iter().map(|difference| difference.object.uuid).collect())
    };
    assert_eq!(uuids(sql, "", 10)?, ["p1", "p3"]);
    assert_eq!((uuids(sql, "p1", 10)?, uuids(sql, "", 1)?), (vec!["p3".to_string()], vec!["p1".to_string()]));
    verifications::mark_repaired(sql, &[patient("p1")], 7)?;
    assert_eq!(uuids(sql, "", 10)?, ["p3"]);
    assert_eq!(verifications::get(sql, &patient("p1"))?.and_then(|found| found.repaired_at), Some(7));
    Ok(())
}

pub(super) fn next_comparison_begins_without_the_rows_of_the_last(sql: &mut dyn Sql) -> Result<()> {
    verifications::begin(sql, Depth::Quick)?;
    verifications::put(sql, &verified(Category::patient(), 1))?;
    let many = (0..=LARGEST_LIST).map(|number| difference(patient(&format!("p{number}")), Finding::Differs, 1));
    verifications::put_all(sql, &many.collect::<Vec<_>>())?;
    verifications::forget(sql)?;
    assert_eq!(verifications::last(sql)?.begun_at, None);
    let mut rounds = 0;
    while verifications::remove_some(sql)? {
        rounds += 1;
    }
    assert_eq!(rounds, 2);
    verifications::begin(sql, Depth::Quick)?;
    assert_eq!(verifications::last(sql)?.categories, []);
    assert_eq!(listed(sql, DifferenceFilter::default())?, Vec::<String>::new());
    Ok(())
}

pub(super) fn objects_that_events_tell_of_are_found(sql: &mut dyn Sql) -> Result<()> {
    let told = |uuid: &str| ObjectEvent {
        object: patient(uuid),
        action: Action::Updated,
        patient: None,
        location: None,
        caused_by: None,
    };
    events::lock(sql)?;
    let before = events::last_number(sql, None)?;
    events::append(sql, &[told("p1"), told("p2"), told("p2")])?;
    outbox::add(sql, &patient("p3"), Action::Updated)?;
    let objects = ["p1", "p2", "p3", "p4"].map(patient);
    assert_eq!(events::told_of_after(sql, &objects, before)?, HashSet::from(["p1", "p2", "p3"].map(patient)));
    assert_eq!(events::told_of_after(sql, &objects, before + 2)?, HashSet::from(["p2", "p3"].map(patient)));
    assert_eq!(events::told_of_after(sql, &[object("visit", "p1")], before)?, HashSet::new());
    Ok(())
}
