//! Nodes and clients that mean harm. Each row of the tables in `docs/security.md` is one input of theirs, and what it gets is
//! read from the row.

mod child;
mod crawling;
mod digests;
mod listing;
mod parent;
mod table;
mod web_client;

use std::collections::BTreeSet;

use table::{Row, rows};

/// Every row has a scenario, every scenario a row, and each gets what its row says.
fn check<S>(prefix: &str, scenarios: &[(&str, S)], gets: impl Fn(&S) -> String) {
    let rows: Vec<Row> = rows(prefix);
    let written: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(written, scenarios.iter().map(|(id, _)| *id).collect(), "rows and scenarios");
    assert_eq!(rows.len(), scenarios.len(), "an id is there twice");
    let found: Vec<(&str, String)> = scenarios.iter().map(|(id, scenario)| (*id, gets(scenario))).collect();
    let expected: Vec<(&str, String)> = scenarios
        .iter()
        .filter_map(|(id, _)| Some((*id, rows.iter().find(|row| row.id == *id)?.gets.clone())))
        .collect();
    assert_eq!(found, expected, "what the inputs get, and what docs/security.md says");
}

#[test]
fn hostile_parent_gets_what_its_row_says() {
    check("parent-", parent::SCENARIOS, parent::gets);
}

#[test]
fn hostile_list_gets_what_its_row_says() {
    check("list-", listing::SCENARIOS, listing::gets);
}

#[test]
fn hostile_digests_get_what_their_row_says() {
    check("digests-", digests::SCENARIOS, digests::gets);
}

#[test]
fn hostile_child_gets_what_its_row_says() {
    check("child-", child::SCENARIOS, child::gets);
}

#[test]
fn hostile_web_client_gets_what_its_row_says() {
    check("web-", web_client::SCENARIOS, web_client::gets);
}
