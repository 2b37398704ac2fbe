//! Decides what a comparison of both sides comes to. Both lists of a category are gone through in step; what differs at the first
//! look is looked at again before it is said.

use std::cmp::Ordering;
use std::collections::VecDeque;

use strum::{EnumString, IntoStaticStr};

use super::conflict::{Agreed, Version, is};

/// How a comparison goes about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// What the digests of both sides tell alike is the same: what was changed past the host is not seen.
    #[default]
    Quick,
    /// Each object is read on both sides.
    Deep,
}

/// What was found about an object that is not the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum Finding {
    /// It differed at the first look, and was not looked at again yet.
    Suspected,
    /// It is here, and the parent does not have it.
    OnlyHere,
    /// The parent has it, and it is not here.
    OnlyThere,
    /// Both sides have it, with other contents.
    Differs,
    /// It was removed here, and the parent has it.
    RemovedHere,
    /// It is here, and was removed at the parent.
    RemovedThere,
    /// It differs, and something that is under way will settle it.
    Waiting,
    /// One side cannot be seen.
    NotCompared,
}

impl Finding {
    /// Those that somebody may have repaired.
    pub const DIFFERENCES: [Finding; 5] =
        [Finding::OnlyHere, Finding::OnlyThere, Finding::Differs, Finding::RemovedHere, Finding::RemovedThere];

    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The finding of that name.
    pub fn parse(name: &str) -> Option<Finding> {
        name.parse().ok()
    }
}

/// The side that changed since both agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum Newer {
    /// This one: repaired by a push.
    Here,
    /// The parent: repaired by a fetch.
    There,
    /// Both, or nobody knows: fetched, and merged or in conflict.
    Both,
}

impl Newer {
    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Why something waits or is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum Why {
    /// It waits: an event of this node's feed that tells of it was not pushed yet.
    Event,
    /// It waits: it was sent, and the answer has not come.
    Sent,
    /// It waits: it is parked.
    Parked,
    /// It waits: it is in conflict.
    Conflict,
    /// It waits: one side changed while it was compared.
    Changing,
    /// Not compared: it cannot be read here.
    UnreadableHere,
    /// Not compared: the parent cannot read it.
    UnreadableThere,
    /// Not compared: the account of this node may not read it at the parent.
    Refused,
    /// Not compared, a category: it is closed to the account of this node.
    Closed,
    /// Not compared, a category: the parent does not list it, or its list does not come forward.
    UnlistedThere,
    /// Not compared, a category: this server does not list it.
    UnlistedHere,
}

impl Why {
    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One side of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// Nothing, and no sign that there ever was something.
    Absent,
    /// Proof that it was removed.
    Removed,
    /// A document with this hash.
    Document(String),
    /// The account may not see it.
    Refused,
    /// It could not be read.
    Unreadable,
}

impl Side {
    /// The version, where it can be seen.
    pub fn version(&self) -> Option<Version<'_>> {
        match self {
            Side::Absent => Some(Version::Absent),
            Side::Removed => Some(Version::Removed),
            Side::Document(hash) => Some(Version::Document(hash)),
            Side::Refused | Side::Unreadable => None,
        }
    }

    /// The hash of the document.
    pub fn hash(&self) -> Option<&str> {
        match self {
            Side::Document(hash) => Some(hash),
            Side::Absent | Side::Removed | Side::Refused | Side::Unreadable => None,
        }
    }
}

/// Compares the versions of both sides. Nothing where they are the same, or are as both have agreed: a side that cannot hold all of
/// an object has another document, and is no difference.
pub fn compare(ours: Version<'_>, theirs: Version<'_>, agreed: Option<Agreed<'_>>) -> Option<(Finding, Newer)> {
    use Version::{Absent, Document, Removed};
    let changed = agreed.map(|agreed| (!is(ours, agreed.local_hash), !is(theirs, agreed.remote_hash)));
    let newer = match changed {
        Some((false, false)) => return None,
        Some((true, false)) => Newer::Here,
        Some((false, true)) => Newer::There,
        Some((true, true)) | None => Newer::Both,
    };
    match (ours, theirs) {
        (Document(ours), Document(theirs)) if ours == theirs => None,
        (Document(_), Document(_)) => Some((Finding::Differs, newer)),
        (Document(_), Removed) => Some((Finding::RemovedThere, newer)),
        (Removed, Document(_)) => Some((Finding::RemovedHere, newer)),
        // Absence is no proof of a removal: what was agreed on was lost where it is absent.
        (Document(_), Absent) => Some((Finding::OnlyHere, Newer::Here)),
        (Absent, Document(_)) => Some((Finding::OnlyThere, Newer::There)),
        (Absent | Removed, Absent | Removed) => None,
    }
}

/// An object at its second look.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// As it is here.
    pub ours: &'a Side,
    /// As the parent has it.
    pub theirs: &'a Side,
    /// None where both never agreed, and where the agreement is of another representation.
    pub agreed: Option<Agreed<'a>>,
    /// The thing under way that will settle it.
    pub waits: Option<Why>,
    /// True if a side is not as at the first look.
    pub is_moving: bool,
}

/// The finding about an object, and what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// Of a difference.
    pub newer: Option<Newer>,
    /// Of what waits or is not compared.
    pub why: Option<Why>,
}

/// Decides what is said of an object; nothing where both sides are the same.
pub fn judge(look: Look<'_>) -> Option<Judged> {
    let without_side = |finding, why| Some(Judged { finding, newer: None, why: Some(why) });
    let (ours, theirs) = match (look.ours.version(), look.theirs.version()) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (None, _) => return without_side(Finding::NotCompared, Why::UnreadableHere),
        (_, None) if *look.theirs == Side::Refused => return without_side(Finding::NotCompared, Why::Refused),
        (_, None) => return without_side(Finding::NotCompared, Why::UnreadableThere),
    };
    let (finding, newer) = compare(ours, theirs, look.agreed)?;
    match look.waits.or(look.is_moving.then_some(Why::Changing)) {
        Some(why) => without_side(Finding::Waiting, why),
        None => Some(Judged { finding, newer: Some(newer), why: None }),
    }
}

/// An object of one list or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing<T> {
    /// In both, with what the parent's list says of it.
    Both(String, T),
    /// In the list here alone.
    Here(String),
    /// In the parent's list alone, with what that says of it.
    There(String, T),
}

/// The part of a list that was read and not gone through yet.
#[derive(Debug)]
pub struct Part<T> {
    objects: VecDeque<(String, T)>,
    /// The last object that was gone past.
    passed: Option<String>,
    /// How far the list was read.
    reached: Option<String>,
    has_ended: bool,
}

impl<T> Part<T> {
    /// A list of which nothing was read after that place.
    pub fn after(place: Option<String>) -> Part<T> {
        Part { objects: VecDeque::new(), reached: place.clone(), passed: place, has_ended: false }
    }

    /// Returns true if the list has to be read on.
    pub fn needs_more(&self) -> bool {
        self.objects.is_empty() && !self.has_ended
    }

    /// How far the list was read: it is read on after that.
    pub fn reached(&self) -> Option<&str> {
        self.reached.as_deref()
    }

    /// Adds what was read, up to that place; at none to the end of the list.
    pub fn add(&mut self, objects: impl IntoIterator<Item = (String, T)>, reached: Option<String>) {
        if self.objects.is_empty() {
            self.passed = self.reached.clone();
        }
        self.objects.extend(objects);
        self.has_ended = reached.is_none();
        if reached.is_some() {
            self.reached = reached;
        }
    }

    /// Where another run goes on.
    pub fn place(&self) -> Option<&str> {
        if self.needs_more() { self.reached.as_deref() } else { self.passed.as_deref() }
    }

    fn next(&mut self) -> Option<(String, T)> {
        let (uuid, of_it) = self.objects.pop_front()?;
        self.passed = Some(uuid.clone());
        Some((uuid, of_it))
    }

    fn is_over(&self) -> bool {
        self.objects.is_empty() && self.has_ended
    }
}

/// Both lists of a category. Each is in an order of its own server's: where the two orders differ, an object is found in each list by
/// itself, which the second look sorts out.
#[derive(Debug)]
pub struct Lists<T> {
    /// The list here.
    pub here: Part<()>,
    /// The parent's list.
    pub there: Part<T>,
}

impl<T> Lists<T> {
    /// Goes through both in step, up to where one of them has to be read on, or to the end.
    pub fn pairings(&mut self) -> Vec<Pairing<T>> {
        let mut pairings = Vec::new();
        while let Some(order) = self.order() {
            pairings.extend(match order {
                Ordering::Less => self.here.next().map(|(uuid, ())| Pairing::Here(uuid)),
                Ordering::Greater => self.there.next().map(|(uuid, of_it)| Pairing::There(uuid, of_it)),
                Ordering::Equal => {
                    self.here.next().and(self.there.next()).map(|(uuid, of_it)| Pairing::Both(uuid, of_it))
                }
            });
        }
        pairings
    }

    /// Returns true at the end of both.
    pub fn are_over(&self) -> bool {
        self.here.is_over() && self.there.is_over()
    }

    /// Which list has the next object; nothing where one of them has to be read on, and at the end.
    fn order(&self) -> Option<Ordering> {
        match (self.here.objects.front(), self.there.objects.front()) {
            (Some((here, ())), Some((there, _))) => Some(here.cmp(there)),
            (Some(_), None) => self.there.has_ended.then_some(Ordering::Less),
            (None, Some(_)) => self.here.has_ended.then_some(Ordering::Greater),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGREED: Agreed<'static> = Agreed { local_hash: Some("ours"), remote_hash: Some("theirs") };
    const REMOVED: Agreed<'static> = Agreed { local_hash: None, remote_hash: None };
    const OURS: Version<'static> = Version::Document("ours");
    const THEIRS: Version<'static> = Version::Document("theirs");
    const EDITED: Version<'static> = Version::Document("edited");

    #[test]
    fn sides_that_are_alike_or_as_agreed_are_the_same() {
        for agreed in [None, Some(AGREED), Some(REMOVED)] {
            assert_eq!(compare(EDITED, EDITED, agreed), None);
            assert_eq!(compare(Version::Removed, Version::Absent, agreed), None);
        }
        assert_eq!(compare(OURS, THEIRS, Some(AGREED)), None);
        let kept_here = Agreed { local_hash: Some("ours"), remote_hash: None };
        assert_eq!(compare(OURS, Version::Removed, Some(kept_here)), None);
    }

    #[test]
    fn newer_side_is_the_one_that_is_not_as_agreed() {
        let differs = |newer| Some((Finding::Differs, newer));
        assert_eq!(compare(EDITED, THEIRS, Some(AGREED)), differs(Newer::Here));
        assert_eq!(compare(OURS, EDITED, Some(AGREED)), differs(Newer::There));
        assert_eq!(compare(EDITED, Version::Document("other"), Some(AGREED)), differs(Newer::Both));
        assert_eq!(compare(OURS, THEIRS, None), differs(Newer::Both));
    }

    #[test]
    fn removal_is_told_by_its_proof_and_absence_by_the_other_side() {
        use Version::{Absent, Removed};
        assert_eq!(compare(Removed, THEIRS, Some(AGREED)), Some((Finding::RemovedHere, Newer::Here)));
        assert_eq!(compare(OURS, Removed, Some(AGREED)), Some((Finding::RemovedThere, Newer::There)));
        assert_eq!(compare(OURS, Removed, Some(REMOVED)), Some((Finding::RemovedThere, Newer::Here)));
        for agreed in [None, Some(AGREED)] {
            assert_eq!(compare(OURS, Absent, agreed), Some((Finding::OnlyHere, Newer::Here)));
            assert_eq!(compare(Absent, THEIRS, agreed), Some((Finding::OnlyThere, Newer::There)));
        }
    }

    fn look<'a>(ours: &'a Side, theirs: &'a Side) -> Look<'a> {
        Look { ours, theirs, agreed: None, waits: None, is_moving: false }
    }

    fn document(hash: &str) -> Side {
        Side::Document(hash.to_string())
    }

    #[test]
    fn object_that_waits_or_changes_is_no_difference() {
        let (ours, theirs) = (document("ours"), document("theirs"));
        let waits = |look| judge(look).map(|judged| (judged.finding, judged.why));
        let parked = Look { waits: Some(Why::Parked), ..look(&ours, &theirs) };
        assert_eq!(waits(parked), Some((Finding::Waiting, Some(Why::Parked))));
        let moving = Look { is_moving: true, ..look(&ours, &theirs) };
        assert_eq!(waits(moving), Some((Finding::Waiting, Some(Why::Changing))));
        assert_eq!(waits(look(&ours, &theirs)), Some((Finding::Differs, None)));
        let same = Look { is_moving: true, waits: Some(Why::Event), ..look(&ours, &ours) };
        assert_eq!(judge(same), None);
    }

    #[test]
    fn side_that_cannot_be_seen_is_not_compared() {
        let ours = document("ours");
        let why = |ours, theirs| judge(look(ours, theirs)).and_then(|judged| judged.why);
        assert_eq!(why(&Side::Unreadable, &ours), Some(Why::UnreadableHere));
        assert_eq!(why(&ours, &Side::Unreadable), Some(Why::UnreadableThere));
        assert_eq!(why(&ours, &Side::Refused), Some(Why::Refused));
    }

    /// Goes through lists that are given in parts of that many. In each round it may be killed, and begins anew at its places.
    fn gone_through(here: &[&str], there: &[&str], most: usize, kills: bool) -> Vec<Pairing<()>> {
        let read = |list: &[&str], after: Option<&str>| {
            let start = after.map_or(0, |after| list.iter().position(|uuid| *uuid == after).unwrap() + 1);
            let part: Vec<(String, ())> = list[start..].iter().take(most).map(|uuid| (uuid.to_string(), ())).collect();
            let reached = part.last().map(|(uuid, ())| uuid.clone()).filter(|_| part.len() == most);
            (part, reached)
        };
        let mut lists: Lists<()> = Lists { here: Part::after(None), there: Part::after(None) };
        let mut found = Vec::new();
        for _ in 0..100 {
            if lists.here.needs_more() {
                let (part, reached) = read(here, lists.here.reached());
                lists.here.add(part, reached);
            }
            if lists.there.needs_more() {
                let (part, reached) = read(there, lists.there.reached());
                lists.there.add(part, reached);
            }
            found.extend(lists.pairings());
            if lists.are_over() {
                return found;
            }
            if kills {
                let place = |place: Option<&str>| place.map(str::to_string);
                let (here, there) = (place(lists.here.place()), place(lists.there.place()));
                lists = Lists { here: Part::after(here), there: Part::after(there) };
            }
        }
        panic!("it does not come to its end: {lists:?}");
    }

    #[test]
    fn lists_are_paired_whatever_their_parts_are() {
        let (here, there) = (["a", "b", "d", "e", "g"], ["b", "c", "d", "f", "g", "h", "i"]);
        for most in 1..9 {
            for kills in [false, true] {
                let mut lists = [Vec::new(), Vec::new(), Vec::new()];
                for pairing in gone_through(&here, &there, most, kills) {
                    match pairing {
                        Pairing::Both(uuid, ()) => lists[0].push(uuid),
                        Pairing::Here(uuid) => lists[1].push(uuid),
                        Pairing::There(uuid, ()) => lists[2].push(uuid),
                    }
                }
                let [both, only_here, only_there] = lists;
                assert_eq!(both, ["b", "d", "g"], "{most} {kills}");
                assert_eq!((only_here, only_there.join("")), (vec!["a".into(), "e".into()], "cfhi".into()));
            }
        }
    }

    #[test]
    fn lists_in_other_orders_leave_no_object_out() {
        let (here, there) = (["b", "a", "d", "c"], ["a", "b", "c", "d"]);
        for most in 1..5 {
            for kills in [false, true] {
                let (mut of_here, mut of_there) = (Vec::new(), Vec::new());
                for pairing in gone_through(&here, &there, most, kills) {
                    match pairing {
                        Pairing::Both(uuid, ()) => {
                            of_here.push(uuid.clone());
                            of_there.push(uuid);
                        }
                        Pairing::Here(uuid) => of_here.push(uuid),
                        Pairing::There(uuid, ()) => of_there.push(uuid),
                    }
                }
                assert_eq!((of_here.join(""), of_there.join("")), ("badc".into(), "abcd".into()), "{most}");
            }
        }
    }

    #[test]
    fn side_whose_list_is_empty_pairs_nothing() {
        assert_eq!(gone_through(&[], &[], 2, false), []);
        assert_eq!(gone_through(&["a"], &[], 1, true), [Pairing::Here("a".into())]);
        assert_eq!(gone_through(&[], &["a"], 1, true), [Pairing::There("a".into(), ())]);
    }
}
