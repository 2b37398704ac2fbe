//! The decision of a parent on an object that a child brings. The child says which version of the parent's it saw last: if
//! that is still the one which is here, nobody else's edit is lost by taking the child's.

use super::conflict::Version;

/// The version that a child brings, and what it knows.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The hash of its document; None when the object was removed there.
    pub hash: Option<&'a str>,
    /// The hash of the version of ours that it saw last; None when it saw none, or saw that it was removed.
    pub last_seen: Option<&'a str>,
    /// The hashes of what it sent since then and never heard of again; the empty text stands for a removal.
    pub pending: &'a [String],
    /// The changes here since the child saw the object last.
    pub meanwhile: Meanwhile<'a>,
}

/// Changes of this server and the object since the child saw it last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meanwhile<'a> {
    /// True if this server was restored from a copy that is older than what the child saw last, and nobody has changed the
    /// object since: then what is here comes before that.
    pub is_newer: bool,
    /// Where this server was restored: the versions of ours that this child's edits replaced one after the other, up to
    /// `last_seen`, the oldest first. Nothing where this server no longer remembers all that it was brought since.
    pub replaced: &'a [String],
    /// True if the child saw last what was here when its database was copied from here, and the object was changed or removed
    /// here since. What it was then is not known: `last_seen` says nothing.
    pub changed_since_copy: bool,
}

/// The result of the same child's last send of the object.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// The hash of its document; None of a removal.
    pub sent_hash: Option<&'a str>,
    /// The hash of what was read back here; None when it was removed.
    pub result_hash: Option<&'a str>,
    /// The number of the request that brought it.
    pub number: Option<u64>,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The document is written here.
    Save,
    /// The object is removed here.
    Remove,
    /// It is here already, or gone already.
    Unchanged,
    /// The same document was saved before, and only the acknowledgement was lost: what is here is what became of it.
    SavedBefore,
    /// The version here is not the one that the child saw last.
    Conflict,
}

/// Returns true if a line was held back on its way, or arrives once more, after its time: something of the object that the child sent
/// later is here already, or this line was done before and somebody has changed the object since. What it says of the versions
/// that the child saw does not tell: the object may have become again what it was then. A child that still waits for the answer
/// sends it anew, with another number.
pub fn is_late(ours: Version<'_>, number: Option<u64>, earlier: Option<Earlier<'_>>) -> bool {
    let Some(earlier) = earlier else { return false };
    let numbers = number.zip(earlier.number);
    numbers
        .is_some_and(|(number, before)| number < before || (number == before && earlier.result_hash != hash_of(ours)))
}

fn hash_of(ours: Version<'_>) -> Option<&str> {
    match ours {
        Version::Document(hash) => Some(hash),
        Version::Absent | Version::Removed => None,
    }
}

/// Decides what to do with what a child sent, given what is here and what it sent before.
pub fn decide(ours: Version<'_>, sent: Sent<'_>, earlier: Option<Earlier<'_>>) -> Decision {
    let current = hash_of(ours);
    // The version here is the one that this child's last send left, not somebody's edit.
    let own = earlier.filter(|earlier| earlier.result_hash == current);
    // It could not be taken over whole, the child saw what was kept, and since then it has become what the child had sent.
    let whole_since = earlier.is_some_and(|earlier| {
        earlier.result_hash == sent.last_seen && earlier.sent_hash == current && current.is_some()
    });
    let remembers = |own: Earlier<'_>| sent.pending.iter().any(|pending| pending == own.sent_hash.unwrap_or_default());
    // Somebody changed it since, though it may be again as the child saw it before: removed, for instance.
    let changed_since = sent.meanwhile.changed_since_copy
        || earlier.is_some_and(|earlier| remembers(earlier) && earlier.result_hash != current);
    if current == sent.hash {
        Decision::Unchanged
    } else if own.is_some_and(|own| own.sent_hash == sent.hash) {
        Decision::SavedBefore
    } else if (current != sent.last_seen || changed_since)
        && !sent.meanwhile.is_newer
        && !is_from_before(current, sent, earlier)
        && !whole_since
        && !own.is_some_and(remembers)
    {
        Decision::Conflict
    } else if sent.hash.is_some() {
        Decision::Save
    } else {
        Decision::Remove
    }
}

/// Returns true if what a restored server has is what it had before the child's edits replaced it, whatever its feed has told of
/// the object since: it tells anew of what it had not numbered, and of what its search finds. Not where it remembers an edit
/// of the child's that came later: then somebody has put it back since.
fn is_from_before(current: Option<&str>, sent: Sent<'_>, earlier: Option<Earlier<'_>>) -> bool {
    let place = current.and_then(|current| sent.meanwhile.replaced.iter().rposition(|replaced| replaced == current));
    let Some(place) = place else { return false };
    let later = sent.meanwhile.replaced.iter().skip(place + 1).map(|hash| Some(hash.as_str()));
    let mut later = later.chain([sent.last_seen]);
    !earlier.is_some_and(|earlier| later.any(|hash| hash == earlier.result_hash))
}

#[cfg(test)]
mod tests {
    use super::Version::{Absent, Document, Removed};
    use super::*;

    /// A document, or a removal, from a child that saw this version of ours last.
    fn sent<'a>(hash: Option<&'a str>, last_seen: Option<&'a str>) -> Sent<'a> {
        Sent { hash, last_seen, pending: &[], meanwhile: Meanwhile::default() }
    }

    fn first(ours: Version<'_>, sent: Sent<'_>) -> Decision {
        decide(ours, sent, None)
    }

    #[test]
    fn the_version_that_the_child_saw_is_replaced() {
        assert_eq!(first(Document("old"), sent(Some("new"), Some("old"))), Decision::Save);
        assert_eq!(first(Absent, sent(Some("new"), None)), Decision::Save);
        assert_eq!(first(Removed, sent(Some("new"), None)), Decision::Save);
        assert_eq!(first(Document("old"), sent(None, Some("old"))), Decision::Remove);
    }

    #[test]
    fn another_version_is_a_conflict() {
        assert_eq!(first(Document("edited"), sent(Some("new"), Some("old"))), Decision::Conflict);
        assert_eq!(first(Document("edited"), sent(Some("new"), None)), Decision::Conflict);
        assert_eq!(first(Document("edited"), sent(None, Some("old"))), Decision::Conflict);
        assert_eq!(first(Removed, sent(Some("new"), Some("old"))), Decision::Conflict);
    }

    #[test]
    fn version_that_is_here_already_changes_nothing() {
        assert_eq!(first(Document("new"), sent(Some("new"), Some("old"))), Decision::Unchanged);
        assert_eq!(first(Removed, sent(None, Some("old"))), Decision::Unchanged);
        assert_eq!(first(Absent, sent(None, None)), Decision::Unchanged);
    }

    /// This parent gave something else back than it was sent.
    const EARLIER: Option<Earlier<'static>> =
        Some(Earlier { sent_hash: Some("sent"), result_hash: Some("kept"), number: None });

    const REMOVAL: Option<Earlier<'static>> = Some(Earlier { sent_hash: None, result_hash: None, number: None });

    #[test]
    fn a_lost_acknowledgement_is_made_up_for() {
        let again = sent(Some("sent"), Some("old"));
        assert_eq!(decide(Document("kept"), again, EARLIER), Decision::SavedBefore);
        let pending = ["before that".to_string(), "sent".to_string()];
        let edited = Sent { pending: &pending, ..sent(Some("new"), Some("old")) };
        assert_eq!(decide(Document("kept"), edited, EARLIER), Decision::Save);
        let removed = Sent { pending: &pending, ..sent(None, Some("old")) };
        assert_eq!(decide(Document("kept"), removed, EARLIER), Decision::Remove);
    }

    #[test]
    fn version_kept_in_part_and_whole_since_is_no_edit() {
        assert_eq!(decide(Document("sent"), sent(Some("new"), Some("kept")), EARLIER), Decision::Save);
        assert_eq!(decide(Document("sent"), sent(None, Some("kept")), EARLIER), Decision::Remove);
        assert_eq!(decide(Document("sent"), sent(Some("new"), Some("old")), EARLIER), Decision::Conflict);
        assert_eq!(decide(Document("edited"), sent(Some("new"), Some("kept")), EARLIER), Decision::Conflict);
    }

    #[test]
    fn so_is_that_of_a_removal() {
        let restored = Sent { pending: &[String::new()], ..sent(Some("new"), Some("old")) };
        assert_eq!(decide(Removed, restored, REMOVAL), Decision::Save);
        assert_eq!(decide(Document("edited here"), restored, REMOVAL), Decision::Conflict);
        assert_eq!(decide(Removed, restored, None), Decision::Conflict);
    }

    /// This parent kept what it was sent in its own way, as request 7 of that child.
    const NUMBERED: Option<Earlier<'static>> =
        Some(Earlier { sent_hash: Some("sent"), result_hash: Some("kept"), number: Some(7) });

    #[test]
    fn what_was_sent_before_what_is_here_already_is_late() {
        for ours in [Document("kept"), Document("old"), Removed] {
            assert!(is_late(ours, Some(6), NUMBERED));
            assert!(!is_late(ours, Some(8), NUMBERED));
            // An earlier release numbers nothing.
            assert!(
                !is_late(ours, None, NUMBERED) && !is_late(ours, Some(6), EARLIER) && !is_late(ours, Some(6), None)
            );
        }
    }

    #[test]
    fn what_comes_again_is_late_where_it_was_changed_since() {
        assert!(!is_late(Document("kept"), Some(7), NUMBERED));
        assert!(is_late(Document("old"), Some(7), NUMBERED) && is_late(Removed, Some(7), NUMBERED));
    }

    #[test]
    fn an_edit_after_the_lost_acknowledgement_is_a_conflict() {
        let again = sent(Some("sent"), Some("old"));
        assert_eq!(decide(Document("edited here"), again, EARLIER), Decision::Conflict);
        let edited = Sent { pending: &["sent".to_string()], ..sent(Some("new"), Some("old")) };
        assert_eq!(decide(Document("edited here"), edited, EARLIER), Decision::Conflict);
    }

    #[test]
    fn object_changed_back_after_a_lost_answer_is_a_conflict() {
        let saved = Some(Earlier { sent_hash: Some("sent"), result_hash: Some("sent"), number: None });
        let pending = ["sent".to_string()];
        let again = Sent { pending: &pending, ..sent(Some("sent"), None) };
        assert_eq!(decide(Removed, again, saved), Decision::Conflict);
        assert_eq!(decide(Document("old"), Sent { last_seen: Some("old"), ..again }, saved), Decision::Conflict);
        // The child heard of that send, and of the removal.
        assert_eq!(decide(Removed, Sent { pending: &[], ..again }, saved), Decision::Save);
    }

    #[test]
    fn edit_of_object_removed_since_the_copy_is_a_conflict() {
        let of_a_copy = Sent {
            meanwhile: Meanwhile { changed_since_copy: true, ..Meanwhile::default() },
            ..sent(Some("new"), None)
        };
        assert_eq!(first(Removed, of_a_copy), Decision::Conflict);
        assert_eq!(first(Document("edited"), of_a_copy), Decision::Conflict);
        assert_eq!(first(Document("new"), of_a_copy), Decision::Unchanged);
        // The change since is its own send, whose answer was lost.
        let pending = ["sent".to_string()];
        assert_eq!(decide(Document("kept"), Sent { pending: &pending, ..of_a_copy }, EARLIER), Decision::Save);
    }

    #[test]
    fn restored_version_gives_way_to_what_a_child_sent_later() {
        let newer =
            |hash| Sent { meanwhile: Meanwhile { is_newer: true, ..Meanwhile::default() }, ..sent(hash, Some("lost")) };
        for here in [Document("from the backup"), Absent, Removed] {
            assert_eq!(first(here, newer(Some("lost"))), Decision::Save);
        }
        assert_eq!(first(Document("from the backup"), newer(None)), Decision::Remove);
        assert_eq!(first(Document("lost"), newer(Some("lost"))), Decision::Unchanged);
    }

    /// The child's edits made the first version the second, and that one the lost one.
    #[test]
    fn restored_version_told_anew_gives_way_to_its_replacement() {
        let replaced = ["first".to_string(), "second".to_string()];
        let again = |hash| Sent {
            meanwhile: Meanwhile { replaced: &replaced, ..Meanwhile::default() },
            ..sent(hash, Some("lost"))
        };
        let left = |hash| Some(Earlier { sent_hash: Some("sent"), result_hash: hash, number: None });
        for (here, earlier) in [("first", None), ("first", left(Some("older"))), ("second", left(Some("second")))] {
            assert_eq!(decide(Document(here), again(Some("lost")), earlier), Decision::Save);
            assert_eq!(decide(Document(here), again(None), earlier), Decision::Remove);
        }
        for here in [Document("edited"), Removed, Absent] {
            assert_eq!(first(here, again(Some("edited since"))), Decision::Conflict);
        }
    }

    #[test]
    fn version_put_back_at_a_restored_server_is_a_conflict() {
        let replaced = ["first".to_string(), "second".to_string()];
        let again = Sent {
            meanwhile: Meanwhile { replaced: &replaced, ..Meanwhile::default() },
            ..sent(Some("lost"), Some("lost"))
        };
        let left = |hash| Some(Earlier { sent_hash: Some("sent"), result_hash: hash, number: None });
        assert_eq!(decide(Document("first"), again, left(Some("second"))), Decision::Conflict);
        assert_eq!(decide(Document("second"), again, left(Some("lost"))), Decision::Conflict);
        let removed = Sent { last_seen: None, hash: None, ..again };
        assert_eq!(decide(Document("second"), removed, left(None)), Decision::Conflict);
    }

    /// A child that was restored from a backup sends from before: it must not undo what it sent after that.
    #[test]
    fn child_that_forgot_its_own_send_is_in_conflict_with_it() {
        assert_eq!(decide(Document("kept"), sent(Some("new"), Some("old")), EARLIER), Decision::Conflict);
        assert_eq!(decide(Removed, sent(Some("new"), Some("old")), REMOVAL), Decision::Conflict);
    }
}
