//! When the host listened to its own changes: it says so again and again, and searches what it missed. Its search is its own,
//! since only it knows its objects; how far that has come is kept here.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, Result};
use crate::store::listening::{self, Gap, Listening, NO_END};
use crate::store::{Failure, Sql, minute};

/// The word of the host on its listening. Times are milliseconds since 1970 by the clock that it dates its objects by.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "step", deny_unknown_fields)]
pub enum ListeningStep {
    /// It begins to listen.
    Begins {
        /// When it began.
        time: i64,
    },
    /// It listens.
    Listens {
        /// When it was last known to listen.
        time: i64,
    },
    /// It did not hear some changes between these times.
    Missed {
        /// The beginning; later than `until` where the clock was set back in between.
        from: i64,
        /// The end.
        until: i64,
    },
    /// So many objects were there before it began.
    Counted {
        /// The number of objects.
        older: i64,
    },
    /// Its search of a gap has passed this primary key of this kind, and found so many changes more.
    Searched {
        /// The number of the gap, from 1.
        gap: i64,
        /// The kind that is searched, as the host calls it.
        kind: String,
        /// The last primary key that was looked at.
        passed: i64,
        /// The number of changes that were found since the step before.
        found: i64,
    },
    /// It has searched all of a gap.
    Ended {
        /// The number of the gap, from 1.
        gap: i64,
        /// When the search ended.
        time: i64,
    },
}

/// Notes a step in the transaction; what is known after it.
pub(crate) fn note(sql: &mut dyn Sql, step: &ListeningStep) -> Result<Listening> {
    match step {
        ListeningStep::Begins { time } => listening::begin(sql, *time)?,
        ListeningStep::Listens { time } => listening::heard(sql, *time)?,
        ListeningStep::Missed { from, until } => listening::missed(sql, *from, *until)?,
        ListeningStep::Counted { older } => listening::counted(sql, *older)?,
        ListeningStep::Searched { gap, kind, passed, found } => {
            listening::searched(sql, *gap, kind, *passed, *found)?;
        }
        ListeningStep::Ended { gap, time } => listening::ended(sql, *gap, *time)?,
    }
    Ok(listening::get(sql)?.unwrap_or_default())
}

/// The work that is left for the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftToDo {
    /// The gap that it is to search next.
    pub gap: Option<Gap>,
    /// True if it is to count the objects that are older than its listening.
    pub count: bool,
}

/// Returns the work that is left for the host.
pub(crate) fn left_to_do(listening: &Listening) -> LeftToDo {
    LeftToDo { gap: listening.gaps.iter().find(|gap| !gap.ended).cloned(), count: listening.older_objects.is_none() }
}

/// Returns a word on the objects that the feed of this server does not tell of. Nothing is wrong, and most of them come with
/// OpenMRS itself.
pub(crate) fn warning(listening: &Listening) -> Option<String> {
    listening.older_objects.filter(|older| *older > 0).map(|older| {
        format!(
            "the feed of this server tells of what was changed since {}; the {older} objects that are older are not in it \
             until somebody changes them: a new child gets of them only what others refer to",
            minute(listening.tells_since)
        )
    })
}

/// Returns notes of what people have to know of the times when it did not listen.
pub(crate) fn notes(listening: &Listening) -> impl Iterator<Item = Failure> {
    listening.gaps.iter().map(gap_note).map(|message| Failure { kind: ErrorKind::NeedsBackfill, message })
}

fn gap_note(gap: &Gap) -> String {
    let between = match gap.until {
        NO_END => format!("since {} by a clock that was set back", minute(gap.from)),
        until => format!("between {} and {}", minute(gap.from), minute(until)),
    };
    if !gap.ended {
        return format!(
            "some changes {between} were not noticed when they were made; they are being looked for, {} were found so far",
            gap.found
        );
    }
    format!(
        "some changes {between} were not noticed when they were made: {} were found afterwards and are in the feed. What was \
         deleted then, and what was changed without a date of its own (a list of tags, SQL), could not be found: change such \
         an object again",
        gap.found
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(ended: bool) -> Gap {
        Gap { number: 1, from: 0, until: 86_400_000, kind: None, passed: 0, found: 7, ended }
    }

    #[test]
    fn feed_younger_than_its_objects_warns_with_its_first_day() {
        let listening = Listening { older_objects: Some(5), ..Listening::default() };
        let warning = warning(&listening).unwrap();
        assert!(warning.contains("since 1970-01-01 00:00 UTC; the 5 objects"), "{warning}");
        assert_eq!(notes(&listening).count(), 0, "nothing is to be done");
    }

    #[test]
    fn a_new_server_says_nothing() {
        assert_eq!(warning(&Listening { older_objects: Some(0), ..Listening::default() }), None);
    }

    #[test]
    fn a_gap_in_which_the_clock_was_set_back_has_no_end() {
        let listening = Listening { gaps: vec![Gap { until: NO_END, ..gap(true) }], ..Listening::default() };
        let note = notes(&listening).next().unwrap().message;
        assert!(note.contains("since 1970-01-01 00:00 UTC by a clock that was set back were not noticed"), "{note}");
    }

    #[test]
    fn gap_is_noted_during_its_search_and_unfindable_ones_after() {
        let searching = Listening { gaps: vec![gap(false)], ..Listening::default() };
        assert_eq!(left_to_do(&searching).gap, Some(gap(false)));
        assert!(notes(&searching).next().unwrap().message.contains("7 were found so far"));
        let searched = Listening { gaps: vec![gap(true)], ..Listening::default() };
        assert_eq!(left_to_do(&searched), LeftToDo { gap: None, count: true });
        assert!(notes(&searched).next().unwrap().message.contains("deleted"));
    }
}
