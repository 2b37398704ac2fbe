//! The content of a push, and its order.

use std::collections::BTreeSet;

use super::conflict::{Agreed, Version};

/// The facts that this node knows about an object when its event is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Local<'a> {
    /// The version here.
    pub ours: Version<'a>,
    /// None at first contact, and when the agreement is of another representation or canonical version.
    pub agreed: Option<Agreed<'a>>,
    /// True if the parent has, or had, the object, as far as this node knows.
    pub known_there: bool,
    /// True if something of it was sent before, and it is unknown whether it arrived.
    pub pending: bool,
    /// True if the event says that the object was removed.
    pub removal_event: bool,
    /// True if the parent has yet to hear that a conflict of it is over.
    pub unheard: bool,
}

/// The version to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToSend {
    /// The parent has this, or has no need of it.
    Nothing,
    /// The document as it is here.
    Document,
    /// The word that the object was removed.
    Removal,
    /// It is not here, and nothing says that it was removed.
    Vanished,
}

/// Decides what is to be sent. What is here now *is* what was agreed: an echo of a pull, or an event of an edit that was
/// taken back; neither goes up. After a send that may have arrived even that is sent again: the parent may have what it
/// replaced.
pub fn to_send(local: Local<'_>) -> ToSend {
    match local.ours {
        Version::Document(hash) => {
            let agreed = local.agreed.is_some_and(|agreed| agreed.local_hash == Some(hash));
            if agreed && !local.pending && !local.unheard { ToSend::Nothing } else { ToSend::Document }
        }
        Version::Absent if !local.removal_event => ToSend::Vanished,
        // Its removal has an event of its own, and the parent removes nothing without one.
        Version::Removed if !local.removal_event => ToSend::Nothing,
        Version::Absent | Version::Removed => {
            let agreed = local.agreed.is_some_and(|agreed| agreed.local_hash.is_none());
            let nothing = if local.pending || local.unheard { false } else { agreed || !local.known_there };
            if nothing { ToSend::Nothing } else { ToSend::Removal }
        }
    }
}

/// An object that is to be written, as far as the order of writing needs it.
pub struct Writing<'a, O> {
    /// The object that is written.
    pub object: &'a O,
    /// Other objects that its document refers to.
    pub references: Option<&'a BTreeSet<O>>,
    /// True if the object is removed, and not saved.
    pub is_removal: bool,
}

/// How many of the first writings may be made at the same time: until one that refers to an earlier one of them, and a
/// removal only by itself, because it may take along what was moved off the object before.
pub fn wave_length<'a, O: Ord + 'a>(writings: impl Iterator<Item = Writing<'a, O>>) -> usize {
    let mut earlier = BTreeSet::new();
    let mut length = 0;
    for writing in writings {
        if length > 0
            && (writing.is_removal || writing.references.into_iter().flatten().any(|object| earlier.contains(object)))
        {
            break;
        }
        length += 1;
        if writing.is_removal {
            break;
        }
        earlier.insert(writing.object);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "as here";
    const AGREED: Agreed<'static> = Agreed { local_hash: Some(HERE), remote_hash: Some("as there") };
    const REMOVED: Agreed<'static> = Agreed { local_hash: None, remote_hash: None };

    fn local<'a>(ours: Version<'a>, agreed: Option<Agreed<'a>>) -> Local<'a> {
        Local { ours, agreed, known_there: agreed.is_some(), pending: false, removal_event: false, unheard: false }
    }

    #[test]
    fn object_as_it_was_received_is_not_sent() {
        assert_eq!(to_send(local(Version::Document(HERE), Some(AGREED))), ToSend::Nothing);
        assert_eq!(to_send(local(Version::Document("edited"), Some(AGREED))), ToSend::Document);
        assert_eq!(to_send(local(Version::Document(HERE), None)), ToSend::Document);
        assert_eq!(to_send(local(Version::Document(HERE), Some(REMOVED))), ToSend::Document);
    }

    #[test]
    fn unanswered_send_is_followed_up() {
        let taken_back = Local { pending: true, ..local(Version::Document(HERE), Some(AGREED)) };
        assert_eq!(to_send(taken_back), ToSend::Document);
        let created_and_removed = Local { pending: true, removal_event: true, ..local(Version::Removed, None) };
        assert_eq!(to_send(created_and_removed), ToSend::Removal);
    }

    #[test]
    fn the_end_of_a_conflict_is_told_also_where_nothing_is_news() {
        let agreed = local(Version::Document(HERE), Some(AGREED));
        assert_eq!(to_send(Local { unheard: true, ..agreed }), ToSend::Document);
        let removed = Local { removal_event: true, ..local(Version::Removed, Some(REMOVED)) };
        assert_eq!(to_send(Local { unheard: true, ..removed }), ToSend::Removal);
    }

    #[test]
    fn a_removal_is_sent_once_and_only_of_what_the_parent_knows() {
        for ours in [Version::Removed, Version::Absent] {
            let removal = |agreed| Local { removal_event: true, ..local(ours, agreed) };
            assert_eq!(to_send(removal(Some(AGREED))), ToSend::Removal);
            assert_eq!(to_send(removal(Some(REMOVED))), ToSend::Nothing);
            assert_eq!(to_send(removal(None)), ToSend::Nothing);
            assert_eq!(to_send(Local { known_there: true, ..removal(None) }), ToSend::Removal);
        }
    }

    #[test]
    fn absence_without_a_removal_is_never_sent() {
        assert_eq!(to_send(local(Version::Absent, Some(AGREED))), ToSend::Vanished);
        assert_eq!(to_send(local(Version::Removed, Some(AGREED))), ToSend::Nothing);
    }

    fn wave(writings: &[(u32, &[u32], bool)]) -> usize {
        let references: Vec<BTreeSet<u32>> =
            writings.iter().map(|(_, references, _)| references.iter().copied().collect()).collect();
        let writings = writings.iter().zip(&references);
        wave_length(writings.map(|((object, _, is_removal), references)| Writing {
            object,
            references: Some(references),
            is_removal: *is_removal,
        }))
    }

    #[test]
    fn object_that_refers_to_another_waits_for_the_next_request() {
        assert_eq!(wave(&[(1, &[9], false), (2, &[], false), (3, &[1], false), (4, &[], false)]), 2);
        assert_eq!(wave(&[(1, &[], false), (2, &[], true), (3, &[], false)]), 1);
        assert_eq!(wave(&[(2, &[], true), (3, &[], false)]), 1);
        assert_eq!(wave(&[]), 0);
    }
}
