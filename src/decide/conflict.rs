//! Whose version holds. Two servers give different bytes for the same thing, so each hash is compared with its own side
//! only: "ours" with what was read back here, "theirs" with what the parent gave. Only at first contact, and when both
//! sides changed, are the two documents compared with each other.

/// The present version of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version<'a> {
    /// Nothing, and no sign that there ever was something.
    Absent,
    /// Proof that it was removed: voided, retired, deleted.
    Removed,
    /// A document with this hash.
    Document(&'a str),
}

/// The versions on which both sides last agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed<'a> {
    /// The hash of what was read back here; None when it was removed.
    pub local_hash: Option<&'a str>,
    /// The hash of what the parent gave; None when it was removed.
    pub remote_hash: Option<&'a str>,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Their document is written here.
    TakeTheirs,
    /// The object is removed here.
    Remove,
    /// Both sides have the same; only the agreement is recorded.
    Same,
    /// Only ours changed since: it stays.
    KeepOurs,
    /// Both changed since they last agreed, or differ at first contact.
    Conflict,
    /// The parent no longer has it, but no event says that it was removed.
    GoneWithoutEvent,
    /// A version that was sent from here is not answered yet: theirs may have come of it.
    AwaitAnswer,
}

/// The version that was sent of an object from here and is not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing is under way.
    Nothing,
    /// The very version that the parent has now.
    Theirs,
    /// Another one, as far as can be seen: a parent may change what it saves.
    Other,
}

/// Who is right where both sides changed the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// A person decides.
    #[default]
    Manual,
    /// The version of the parent holds.
    ParentWins,
    /// The version of the child holds.
    ChildWins,
    /// Who wrote last, by the clocks of the two servers; a person decides where a document does not say when it was written.
    Newest,
}

impl Policy {
    /// Every policy with its name in the configuration; the default comes first.
    pub const NAMED: [(&'static str, Policy); 4] = [
        ("manual", Policy::Manual),
        ("parentWins", Policy::ParentWins),
        ("childWins", Policy::ChildWins),
        ("newest", Policy::Newest),
    ];

    /// Who is right; nothing when a person has to say so. The times are when each side wrote its document.
    pub fn winner(self, childs: Option<i64>, parents: Option<i64>) -> Option<Side> {
        match (self, childs, parents) {
            (Policy::ParentWins, ..) => Some(Side::Parent),
            (Policy::ChildWins, ..) => Some(Side::Child),
            (Policy::Newest, Some(childs), Some(parents)) if childs > parents => Some(Side::Child),
            (Policy::Newest, Some(childs), Some(parents)) if parents > childs => Some(Side::Parent),
            (Policy::Newest | Policy::Manual, ..) => None,
        }
    }
}

/// One of the two that disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The node that pulls and pushes.
    Child,
    /// The node that it pulls from and pushes to.
    Parent,
}

/// The facts about an object when its event is decided on.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The version here.
    pub ours: Version<'a>,
    /// The version of the other side.
    pub theirs: Version<'a>,
    /// None at first contact, and when the agreement is of another representation or canonical version.
    pub agreed: Option<Agreed<'a>>,
    /// True if our document and theirs have the same canonical form.
    pub same_content: bool,
    /// True if the event says that the object was removed.
    pub removal_event: bool,
    /// The sends of the object that were never answered, compared with theirs.
    pub unanswered: Unanswered,
    /// True if the parent was restored, and theirs is what it had before edits from here, which a push offers to it again.
    pub is_from_before: bool,
}

/// Decides whose version holds. What was sent from here is never taken for somebody else's: what was edited here since
/// would be overwritten by its own past.
pub fn decide(situation: Situation<'_>) -> Decision {
    if situation.is_from_before {
        return Decision::KeepOurs;
    }
    let decision = match situation.agreed {
        None => decide_first_contact(situation),
        Some(agreed) => decide_since(agreed, situation),
    };
    match (decision, situation.unanswered) {
        (Decision::TakeTheirs | Decision::Remove | Decision::Conflict, Unanswered::Theirs) => Decision::KeepOurs,
        (Decision::TakeTheirs | Decision::Remove | Decision::Conflict, Unanswered::Other) => Decision::AwaitAnswer,
        (decision, _) => decision,
    }
}

fn decide_first_contact(situation: Situation<'_>) -> Decision {
    match (situation.ours, situation.theirs) {
        (Version::Absent, _) => apply_theirs(situation),
        _ if agree_now(situation) => Decision::Same,
        (_, Version::Document(_)) => Decision::Conflict,
        _ if situation.removal_event => Decision::Conflict,
        _ => Decision::GoneWithoutEvent,
    }
}

fn decide_since(agreed: Agreed<'_>, situation: Situation<'_>) -> Decision {
    let ours_changed = !is(situation.ours, agreed.local_hash);
    let theirs_changed = !is(situation.theirs, agreed.remote_hash);
    match (ours_changed, theirs_changed) {
        (false, false) => Decision::Same,
        (true, false) => Decision::KeepOurs,
        (false, true) => apply_theirs(situation),
        (true, true) if agree_now(situation) => Decision::Same,
        (true, true) => Decision::Conflict,
    }
}

fn apply_theirs(situation: Situation<'_>) -> Decision {
    match (situation.theirs, situation.removal_event) {
        (Version::Document(_), _) => Decision::TakeTheirs,
        (_, false) => Decision::GoneWithoutEvent,
        (_, true) if situation.ours == Version::Absent => Decision::Same,
        (_, true) => Decision::Remove,
    }
}

fn agree_now(situation: Situation<'_>) -> bool {
    match (situation.ours, situation.theirs) {
        (Version::Document(_), Version::Document(_)) => situation.same_content,
        (Version::Removed, Version::Removed) => true,
        _ => false,
    }
}

pub(super) fn is(version: Version<'_>, recorded: Option<&str>) -> bool {
    match version {
        // An object that never came here, or was purged after it had been removed, is as absent as was agreed.
        Version::Absent | Version::Removed => recorded.is_none(),
        Version::Document(hash) => recorded == Some(hash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "ours";
    const THEIRS: &str = "theirs";

    const AGREED: Agreed<'static> = Agreed { local_hash: Some(OURS), remote_hash: Some(THEIRS) };

    fn situation<'a>(ours: Version<'a>, theirs: Version<'a>, agreed: Option<Agreed<'a>>) -> Situation<'a> {
        let unanswered = Unanswered::Nothing;
        Situation { ours, theirs, agreed, same_content: false, removal_event: false, unanswered, is_from_before: false }
    }

    use Version::{Absent, Document, Removed};

    #[test]
    fn policy_names_the_winner_and_newest_only_if_both_are_dated() {
        assert_eq!(Policy::Manual.winner(Some(2), Some(1)), None);
        assert_eq!(Policy::ParentWins.winner(Some(2), Some(1)), Some(Side::Parent));
        assert_eq!(Policy::ChildWins.winner(None, Some(1)), Some(Side::Child));
        assert_eq!(Policy::Newest.winner(Some(2), Some(1)), Some(Side::Child));
        assert_eq!(Policy::Newest.winner(Some(1), Some(2)), Some(Side::Parent));
        for (childs, parents) in [(Some(1), Some(1)), (None, Some(1)), (Some(1), None)] {
            assert_eq!(Policy::Newest.winner(childs, parents), None);
        }
    }

    #[test]
    fn version_of_a_restored_parent_before_edits_here_is_no_news() {
        for ours in [Document(OURS), Document("edited"), Removed] {
            let before = Situation { is_from_before: true, ..situation(ours, Document("older"), None) };
            assert_eq!(decide(before), Decision::KeepOurs);
        }
    }

    #[test]
    fn first_contact() {
        let with = |ours, theirs| situation(ours, theirs, None);
        assert_eq!(decide(with(Absent, Document(THEIRS))), Decision::TakeTheirs);
        assert_eq!(decide(with(Document(OURS), Document(THEIRS))), Decision::Conflict);
        let same = Situation { same_content: true, ..with(Document(OURS), Document(THEIRS)) };
        assert_eq!(decide(same), Decision::Same);
        assert_eq!(decide(with(Removed, Document(THEIRS))), Decision::Conflict);
        assert_eq!(decide(with(Removed, Removed)), Decision::Same);
    }

    #[test]
    fn nothing_is_removed_without_a_removal_event() {
        for agreed in [None, Some(AGREED)] {
            assert_eq!(decide(situation(Document(OURS), Removed, agreed)), Decision::GoneWithoutEvent);
        }
        assert_eq!(decide(situation(Absent, Removed, None)), Decision::GoneWithoutEvent);
    }

    #[test]
    fn a_removal_event_with_proof_removes_what_did_not_change_here() {
        let removal = |ours, agreed| Situation { removal_event: true, ..situation(ours, Removed, agreed) };
        assert_eq!(decide(removal(Document(OURS), Some(AGREED))), Decision::Remove);
        assert_eq!(decide(removal(Document("edited"), Some(AGREED))), Decision::Conflict);
        assert_eq!(decide(removal(Document(OURS), None)), Decision::Conflict);
        assert_eq!(decide(removal(Absent, None)), Decision::Same);
        assert_eq!(decide(removal(Removed, Some(AGREED))), Decision::Same);
    }

    #[test]
    fn one_side_changed_is_that_side() {
        let with = |ours, theirs| situation(Document(ours), Document(theirs), Some(AGREED));
        assert_eq!(decide(with(OURS, THEIRS)), Decision::Same);
        assert_eq!(decide(with(OURS, "new")), Decision::TakeTheirs);
        assert_eq!(decide(with("edited", THEIRS)), Decision::KeepOurs);
        assert_eq!(decide(with("edited", "new")), Decision::Conflict);
    }

    #[test]
    fn own_version_coming_back_does_not_overwrite_a_later_edit() {
        for ours in [OURS, "edited"] {
            let theirs =
                |unanswered| Situation { unanswered, ..situation(Document(ours), Document("sent"), Some(AGREED)) };
            assert_eq!(decide(theirs(Unanswered::Theirs)), Decision::KeepOurs);
            assert_eq!(decide(theirs(Unanswered::Other)), Decision::AwaitAnswer);
        }
        let unchanged = situation(Document("edited"), Document(THEIRS), Some(AGREED));
        assert_eq!(decide(Situation { unanswered: Unanswered::Other, ..unchanged }), Decision::KeepOurs);
        let removal = Situation {
            removal_event: true,
            unanswered: Unanswered::Theirs,
            ..situation(Document(OURS), Removed, Some(AGREED))
        };
        assert_eq!(decide(removal), Decision::KeepOurs);
    }

    #[test]
    fn both_made_the_same_change() {
        let both = situation(Document("new here"), Document("new there"), Some(AGREED));
        assert_eq!(decide(Situation { same_content: true, ..both }), Decision::Same);
    }

    #[test]
    fn object_purged_after_agreement_is_not_created_again() {
        assert_eq!(decide(situation(Absent, Document("new"), Some(AGREED))), Decision::Conflict);
        assert_eq!(decide(situation(Absent, Document(THEIRS), Some(AGREED))), Decision::KeepOurs);
    }

    #[test]
    fn object_removed_by_both_comes_back_when_parent_restores_it() {
        let removed = Agreed { local_hash: None, remote_hash: None };
        assert_eq!(decide(situation(Removed, Document("back"), Some(removed))), Decision::TakeTheirs);
        assert_eq!(decide(situation(Absent, Document("back"), Some(removed))), Decision::TakeTheirs);
        assert_eq!(decide(situation(Removed, Removed, Some(removed))), Decision::Same);
    }
}
