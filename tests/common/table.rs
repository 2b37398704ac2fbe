//! Reads the tables of `docs/failures.md`.

use sync2::event::Direction;

/// The page itself.
const PAGE: &str = include_str!("../../docs/failures.md");

/// What the ids of rows begin with that tell of a push.
const PUSH: &str = "push-";

/// One kind of bad input, and what it gets.
pub struct Row {
    pub id: String,
    /// The error kind of the parked record, or of the run when nothing is parked; `–`: no error.
    pub kind: String,
    /// What the audit says of the record; `–`: nothing.
    pub audit: String,
    /// The state that the run ends in.
    pub run: String,
    pub marker: MarkerAt,
    pub goes_on: GoesOn,
    pub comes_back: ComesBack,
}

/// Where the marker of the bad record's feed stands after the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerAt {
    /// At the end of the feed.
    PastIt,
    /// At the last event before the bad one.
    BeforeIt,
    /// Where it was before the run.
    Unmoved,
    /// At the last event that was saved.
    AsFarAsSaved,
}

/// What the same run does with the other records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoesOn {
    Everything,
    OtherCategories,
    Nothing,
}

/// What brings the record when the cause is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComesBack {
    /// It is there already.
    Arrived,
    NextRun,
    /// The retries by schedule; when they are used up, an administrator's.
    Retry,
    /// Only an administrator's retry.
    Administrator,
    /// The arrival of what it waits for.
    Arrival,
    /// A newer event of the same object.
    NewerEvent,
}

impl Row {
    /// `onRecordFailure` of the scenario: the id says when it is not the default.
    pub fn on_record_failure(&self) -> &'static str {
        if self.id.trim_start_matches(PUSH).starts_with("halt-") { "halt" } else { "proceed" }
    }

    fn direction(&self) -> Direction {
        if self.id.starts_with(PUSH) { Direction::Push } else { Direction::Pull }
    }

    fn parse(line: &str) -> Option<Row> {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let id = cells[0].strip_prefix('`')?.strip_suffix('`')?;
        let [_, _, kind, audit, run, marker, goes_on, comes_back, _] = cells[..] else {
            panic!("the row {id} has {} cells", cells.len());
        };
        let text = |cell: &str| cell.trim_matches('`').to_string();
        Some(Row {
            id: id.to_string(),
            kind: text(kind),
            audit: text(audit),
            run: text(run),
            marker: match marker {
                "past it" => MarkerAt::PastIt,
                "before it" => MarkerAt::BeforeIt,
                "unmoved" => MarkerAt::Unmoved,
                "as far as saved" => MarkerAt::AsFarAsSaved,
                _ => panic!("the row {id} has the marker {marker}"),
            },
            goes_on: match goes_on {
                "everything" => GoesOn::Everything,
                "other categories" => GoesOn::OtherCategories,
                "nothing" => GoesOn::Nothing,
                _ => panic!("the row {id} says that this goes on: {goes_on}"),
            },
            comes_back: match comes_back {
                "–" => ComesBack::Arrived,
                "the next run" => ComesBack::NextRun,
                "a retry" => ComesBack::Retry,
                "an administrator" => ComesBack::Administrator,
                "its arrival" => ComesBack::Arrival,
                "a newer event" => ComesBack::NewerEvent,
                _ => panic!("the row {id} comes back by {comes_back}"),
            },
        })
    }
}

/// The rows of all tables of the page that tell of that direction.
pub fn rows(direction: Direction) -> Vec<Row> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `")).filter_map(Row::parse);
    let rows: Vec<Row> = rows.filter(|row| row.direction() == direction).collect();
    assert!(!rows.is_empty(), "docs/failures.md has no rows");
    rows
}
