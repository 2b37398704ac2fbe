//! What happens in a schedule, one thing after the other, and how it is written down.

use std::fmt;
use std::str::FromStr;

use crate::random::Random;

/// What somebody, or a run, does at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Register,
    Visit,
    Encounter,
    Observe,
    Edit,
    AddPart,
    RemovePart,
    Void,
    Unvoid,
    Merge,
    Move,
    Assign,
    Pull,
    Push,
    /// The line is cut before a request.
    PullCut,
    PushCut,
    /// A request is answered, and the answer lost.
    PushUnheard,
    /// The process ends in the middle of the run.
    PullKilled,
    PushKilled,
    /// The parent's process ends while it is asked.
    ParentKilled,
    /// Somebody looks at the conflicts.
    Look,
    /// Somebody decides about a conflict, as it was when somebody looked at it last.
    Decide,
    /// So much time that all is tried again that is tried again by itself.
    DayPasses,
    /// A copy of the database is laid aside.
    BackUp,
    /// The server goes on with a copy that was laid aside; where there is none, one is.
    Restore,
    /// Another server goes on with a copy of this one's database, its node id included.
    Clone,
    /// The server becomes one that was made from a copy of its parent.
    ChildOfCopy,
    /// Somebody has everything compared with the parent.
    Backfill,
    /// As before, and the process ends in the middle of it.
    BackfillKilled,
}

impl Deed {
    /// Returns true if it copies a database, puts one back, or is a remedy for that.
    pub fn is_of_copies(self) -> bool {
        use Deed::{BackUp, Backfill, BackfillKilled, ChildOfCopy, Clone, Restore};
        matches!(self, BackUp | Restore | Clone | ChildOfCopy | Backfill | BackfillKilled)
    }
}

/// Every deed, with its name in a schedule and how often it happens, if at all.
const DEEDS: [(Deed, &str, u32); 29] = [
    (Deed::Register, "register", 3),
    (Deed::Visit, "visit", 4),
    (Deed::Encounter, "encounter", 8),
    (Deed::Observe, "observe", 8),
    (Deed::Edit, "edit", 18),
    (Deed::AddPart, "add-part", 3),
    (Deed::RemovePart, "remove-part", 2),
    (Deed::Void, "void", 9),
    (Deed::Unvoid, "unvoid", 6),
    (Deed::Merge, "merge", 4),
    (Deed::Move, "move", 5),
    (Deed::Assign, "assign", 3),
    (Deed::Pull, "pull", 10),
    (Deed::Push, "push", 10),
    (Deed::PullCut, "pull-cut", 2),
    (Deed::PushCut, "push-cut", 2),
    (Deed::PushUnheard, "push-unheard", 3),
    (Deed::PullKilled, "pull-killed", 2),
    (Deed::PushKilled, "push-killed", 2),
    (Deed::ParentKilled, "parent-killed", 2),
    (Deed::Look, "look", 1),
    (Deed::Decide, "decide", 4),
    (Deed::DayPasses, "day-passes", 1),
    (Deed::BackUp, "back-up", 8),
    (Deed::Restore, "restore", 14),
    (Deed::Clone, "clone", 2),
    (Deed::ChildOfCopy, "child-of-copy", 2),
    (Deed::Backfill, "backfill", 1),
    (Deed::BackfillKilled, "backfill-killed", 2),
];

/// One step. The picks say which of the objects that are there, and which of their fields: each counts modulo how many there
/// are then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub node: usize,
    pub deed: Deed,
    pub picks: [u32; 3],
}

impl Step {
    /// With deeds that copy databases, or without.
    pub fn random(random: &mut Random, nodes: usize, with_copies: bool) -> Step {
        let weighted = DEEDS.iter().filter(|(deed, ..)| with_copies || !deed.is_of_copies());
        let weighted: Vec<_> = weighted.map(|(deed, _, weight)| (*weight, *deed)).collect();
        let node = random.below(nodes as u32) as usize;
        let deed = random.weighted(&weighted);
        Step { node, deed, picks: [(); 3].map(|()| random.below(240)) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name, _) = DEEDS.iter().find(|(deed, ..)| *deed == self.deed).unwrap();
        let [first, second, third] = self.picks;
        write!(f, "{} {name} {first} {second} {third}", self.node)
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Step, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |word: &str| word.parse::<u32>().map_err(|_| format!("{word} is no number in the step {text:?}"));
        let [node, name, first, second, third] = words[..] else {
            return Err(format!("a step is a server, a deed and three numbers, not {text:?}"));
        };
        let known = DEEDS.iter().find(|(_, known, _)| *known == name);
        let (deed, ..) = known.ok_or_else(|| format!("nobody knows how to {name}"))?;
        let picks = [number(first)?, number(second)?, number(third)?];
        Ok(Step { node: number(node)? as usize, deed: *deed, picks })
    }
}
