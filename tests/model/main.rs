//! Servers that are worked at and synchronized in random order, beside a plain model of who wrote what.
//!
//! A schedule is a list of steps: people register, edit, remove, restore, merge and move at any server; runs pull and push,
//! are cut off, lose an answer, or die in the middle. Then everything is synchronized until nothing changes any more, and
//! the result is judged by what people did, which the [`ledger`] knows only from looking at the servers before and after
//! each step. docs/testing.md says what is judged, how to run it longer, and how to repeat a schedule.

mod clinic;
mod faults;
mod fields;
mod judge;
mod ledger;
mod nodes;
mod random;
mod schedule;
mod steps;
mod trial;

use trial::{Setting, hold};

#[test]
fn two_sides_end_equal_or_in_a_conflict_naming_the_dispute() {
    hold(Setting::Pair);
}

#[test]
fn so_it_is_with_three_levels() {
    hold(Setting::Chain);
}

#[test]
fn so_it_is_with_two_children_and_a_child_of_one() {
    hold(Setting::Four);
}
