//! Categories and locations that are switched on after the feed was read: what was told of them before was passed, and does not
//! come by itself.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::error::{ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::feed::Dialect;
use crate::store::markers::FeedPosition;
use crate::store::switched_on::{self, SwitchedOn};
use crate::store::{Failure, Sql, markers, minute};

/// The prefixes of the subjects of categories and of those of locations.
const CATEGORY: &str = "category";
const LOCATION: &str = "location";

/// Returns true if what is known of that direction is what the configuration switches on.
pub(crate) fn is_noted(known: &[SwitchedOn], config: &Config, direction: Direction) -> bool {
    of_direction(known, direction).into_iter().eq(subjects(config, direction).iter().map(String::as_str))
}

fn of_direction(known: &[SwitchedOn], direction: Direction) -> BTreeSet<&str> {
    known.iter().filter(|known| known.direction == direction).map(|known| known.subject.as_str()).collect()
}

/// Notes, in the transaction, what is switched on for a run of that direction, which reads feeds of that dialect. Returns all
/// that is known of both directions.
pub(crate) fn note(
    sql: &mut dyn Sql,
    config: &Config,
    direction: Direction,
    dialect: Dialect,
) -> Result<Vec<SwitchedOn>> {
    let subjects = subjects(config, direction);
    let known = switched_on::list(sql)?;
    let before = of_direction(&known, direction);
    let positions = markers::load(sql, direction)?;
    // Where nothing is known, nobody has kept it yet: as far as is known, all of it was on from the start.
    let is_late = |subject: &str| !before.is_empty() && has_passed(subject, dialect, &positions, &before);
    switched_on::replace(sql, direction, &known, &subjects, is_late)?;
    switched_on::list(sql)
}

/// Returns true if events were passed that may have told of it. A category that has a feed of its own begins with its first event
/// when it is switched on.
fn has_passed(subject: &str, dialect: Dialect, positions: &[FeedPosition], known: &BTreeSet<&str>) -> bool {
    let mut begun = positions.iter().filter(|position| position.has_begun());
    match (dialect, category_of(subject)) {
        (Dialect::Atomfeed, Some(category)) => {
            let was_on = known.iter().any(|known| category_of(known) == Some(category));
            was_on && begun.any(|position| *position.feed == *category)
        }
        _ => begun.next().is_some(),
    }
}

fn category_of(subject: &str) -> Option<&str> {
    let mut parts = subject.split(':');
    if parts.next() == Some(CATEGORY) { parts.next() } else { None }
}

/// Returns the subjects that the configuration switches on: each with all, or with some of its actions or locations.
fn subjects(config: &Config, direction: Direction) -> BTreeSet<String> {
    let is_on = |category: Category| match direction {
        Direction::Pull => config.pulls(category),
        Direction::Push => config.pushes(category),
    };
    let mut subjects = BTreeSet::new();
    for (category, configured) in config.categories.iter().filter(|(category, _)| is_on(**category)) {
        match &configured.actions {
            None => drop(subjects.insert(format!("{CATEGORY}:{category}"))),
            Some(actions) => {
                subjects.extend(actions.iter().map(|action| format!("{CATEGORY}:{category}:{}", action.name())));
            }
        }
    }
    match (direction, config.filter.locations.as_slice()) {
        (Direction::Push, _) => {}
        (Direction::Pull, []) => drop(subjects.insert(LOCATION.to_string())),
        (Direction::Pull, locations) => {
            subjects.extend(locations.iter().map(|uuid| format!("{LOCATION}:{uuid}")));
        }
    }
    subjects
}

/// Returns what the parent has to list for what was switched on late for pulls, after that time: one category each, all for a
/// location. A list cannot tell which actions brought an object about: these are left to a backfill that somebody asks for.
pub(crate) fn to_list(known: &[SwitchedOn], config: &Config, after: Option<i64>) -> BTreeSet<Category> {
    let is_new = |known: &&SwitchedOn| after.is_none_or(|after| known.since > after);
    let of_subject = |known: &SwitchedOn| match concerned(&known.subject) {
        Some(Concerned::Category(category)) => vec![category],
        Some(Concerned::All) => config.listed_categories(),
        None => Vec::new(),
    };
    late_pulls(known).filter(is_new).flat_map(of_subject).collect()
}

/// Returns the subjects that were late for pulls, and have come with a backfill of these categories, or of all, that began then.
pub(crate) fn brought(
    known: &[SwitchedOn],
    config: &Config,
    only: Option<&BTreeSet<Category>>,
    begun_at: i64,
) -> Vec<String> {
    let is_listed = |subject: &str| match (only, concerned(subject)) {
        (None, _) => true,
        (Some(only), Some(Concerned::Category(category))) => only.contains(&category),
        (Some(only), Some(Concerned::All)) => config.listed_categories().iter().all(|category| only.contains(category)),
        (Some(_), None) => false,
    };
    let has_come = |known: &&SwitchedOn| known.since <= begun_at && is_listed(&known.subject);
    late_pulls(known).filter(has_come).map(|known| known.subject.clone()).collect()
}

fn late_pulls(known: &[SwitchedOn]) -> impl Iterator<Item = &SwitchedOn> {
    known.iter().filter(|known| known.late && known.direction == Direction::Pull)
}

/// What a subject is about as a whole.
enum Concerned {
    Category(Category),
    All,
}

/// Returns what a subject is about; nothing where it is about some actions only.
fn concerned(subject: &str) -> Option<Concerned> {
    match subject.split(':').collect::<Vec<_>>().as_slice() {
        [CATEGORY, name] => {
            Category::parse(name).map(|category| category.part_of().unwrap_or(category)).map(Concerned::Category)
        }
        [LOCATION, ..] => Some(Concerned::All),
        _ => None,
    }
}

/// Returns notes of what people have to know of it: one for each time at which something was switched on late.
pub(crate) fn notes(switched_on: &[SwitchedOn]) -> Vec<Failure> {
    let mut late: Vec<&SwitchedOn> = switched_on.iter().filter(|switched_on| switched_on.late).collect();
    late.sort_by_key(|switched_on| (switched_on.direction, switched_on.since));
    let together = late.chunk_by(|one, next| (one.direction, one.since) == (next.direction, next.since));
    together.filter_map(note_of).collect()
}

fn note_of(together: &[&SwitchedOn]) -> Option<Failure> {
    let first = together.first()?;
    let names: Vec<String> = together.iter().map(|switched_on| words(&switched_on.subject)).collect();
    let (done, feed) = match first.direction {
        Direction::Pull => ("pulled", "the parent's feed"),
        Direction::Push => ("pushed", "this server's feed"),
    };
    let message = format!(
        "{}: {done} since {}, when {feed} had been read already: what is older, and is not changed again, needs a backfill",
        names.join(", "),
        minute(first.since)
    );
    Some(Failure { kind: ErrorKind::NeedsBackfill, message })
}

fn words(subject: &str) -> String {
    let mut parts = subject.splitn(3, ':').skip(1);
    match (category_of(subject), parts.next(), parts.next()) {
        (Some(category), _, Some(action)) => format!("{category} ({action})"),
        (Some(category), ..) => category.to_string(),
        (None, Some(uuid), _) => format!("what belongs to the location {uuid}"),
        (None, None, _) => "what belongs to any location".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switched_on(subject: &str, since: i64, late: bool) -> SwitchedOn {
        SwitchedOn { direction: Direction::Pull, subject: subject.to_string(), since, late }
    }

    #[test]
    fn what_was_switched_on_late_is_told_once_for_each_time() {
        let told = notes(&[
            switched_on("category:encounter", 60_000, true),
            switched_on("category:patient", 0, false),
            switched_on("category:visit:CREATED", 60_000, true),
            switched_on("location:gulu", 120_000, true),
            switched_on("location", 180_000, true),
        ]);
        let told: Vec<&str> = told.iter().map(|note| note.message.split(", when").next().unwrap_or_default()).collect();
        assert_eq!(
            told,
            [
                "encounter, visit (CREATED): pulled since 1970-01-01 00:01 UTC",
                "what belongs to the location gulu: pulled since 1970-01-01 00:02 UTC",
                "what belongs to any location: pulled since 1970-01-01 00:03 UTC"
            ]
        );
    }
}
