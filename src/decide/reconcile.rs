//! The resolution of an object that both sides changed: merged where they changed different fields, decided where somebody or
//! a policy says who is right, else in dispute.

use serde_json::Value;

use super::conflict::Side;
use super::merge::{Choice, Dispute, Merged, Versions, add_what_was_lost, apply_changes, merge_with};
use super::same_meaning::settled;
use crate::event::Representation;

/// The versions on which both sides last agreed.
#[derive(Clone, Copy, Debug)]
pub struct Agreed<'a> {
    /// As the parent gave it.
    pub remote: &'a Value,
    /// As it was read back here; the same where nothing was lost.
    pub local: &'a Value,
}

impl Agreed<'_> {
    fn is_unlike(&self) -> bool {
        self.local != self.remote
    }
}

/// The present version of each side; nothing of one that removed the object.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The representation of all documents.
    pub representation: Representation,
    /// The document here; None when it is removed.
    pub ours: Option<&'a Value>,
    /// The document of the other side; None when it is removed.
    pub theirs: Option<&'a Value>,
    /// None at first contact.
    pub agreed: Option<Agreed<'a>>,
}

/// The step to take with the version here. Where it differs from theirs afterwards, it goes up.
#[derive(Clone, Debug, PartialEq)]
pub enum Reconciled {
    /// This is written here.
    Write(Value),
    /// The object is removed here.
    Remove,
    /// It stays as it is here.
    Keep,
    /// A person decides; nothing is named where one side removed the object.
    Open(Vec<Dispute>),
}

/// Merges what can be merged, and lets the winner be right about the rest; without one, what both mean alike is decided.
pub fn reconcile(sides: Sides<'_>, winner: Option<Side>) -> Reconciled {
    match (sides.ours, sides.theirs, winner) {
        (Some(_), Some(theirs), Some(Side::Parent)) if sides.agreed.is_none() => Reconciled::Write(theirs.clone()),
        (Some(_), Some(_), Some(Side::Child)) if sides.agreed.is_none() => Reconciled::Keep,
        (Some(_), Some(_), winner) => {
            let merged = merged(sides, &|dispute| match winner {
                Some(Side::Child) => Some(Choice::Ours),
                Some(Side::Parent) => Some(Choice::Theirs),
                None => settled(sides.representation, dispute),
            });
            // Without a base nobody knows what was removed: fields that only one side has are in doubt as well.
            if merged.disputes.is_empty() && sides.agreed.is_some() {
                Reconciled::Write(merged.document)
            } else {
                Reconciled::Open(merged.disputes)
            }
        }
        (_, _, Some(Side::Child)) => Reconciled::Keep,
        (_, Some(theirs), Some(Side::Parent)) => Reconciled::Write(theirs.clone()),
        (_, None, Some(Side::Parent)) => Reconciled::Remove,
        (_, _, None) => Reconciled::Open(Vec::new()),
    }
}

/// Both documents in one, where both are there; what is in dispute is asked for. What the parent could not hold stays here.
pub fn merged(sides: Sides<'_>, settle: &dyn Fn(&Dispute) -> Option<Choice>) -> Merged {
    let representation = sides.representation;
    let (ours, theirs) = (sides.ours.unwrap_or(&Value::Null), sides.theirs.unwrap_or(&Value::Null));
    match sides.agreed {
        Some(agreed) if agreed.is_unlike() => {
            let going_up = going_up(representation, agreed, ours);
            let versions = Versions { base: agreed.remote, ours: &going_up, theirs };
            let merged = merge_with(representation, versions, settle);
            let document = add_what_was_lost(representation, &merged.document, ours, agreed.remote);
            Merged { document, ..merged }
        }
        agreed => {
            let base = agreed.map_or(&Value::Null, |agreed| agreed.remote);
            merge_with(representation, Versions { base, ours, theirs }, settle)
        }
    }
}

/// Returns the document for the parent: its own, with only what was edited here changed in it. What could not be kept here
/// was removed by nobody.
pub fn going_up(representation: Representation, agreed: Agreed<'_>, ours: &Value) -> Value {
    apply_changes(representation, Versions { base: agreed.local, ours, theirs: agreed.remote })
}

/// Returns the document to save here when only the parent changed it: its document, with what it could not hold and is here.
pub fn coming_down(representation: Representation, agreed: Agreed<'_>, ours: &Value, theirs: &Value) -> Value {
    add_what_was_lost(representation, theirs, ours, agreed.remote)
}

/// How theirs (see [`coming_down`]) would have been read back here, given what became of the document that was saved in its place. What is here
/// differs from that by what has to go up, and by nothing that could not be kept.
pub fn as_read_back(representation: Representation, saved: &Value, read_back: &Value, theirs: &Value) -> Value {
    apply_changes(representation, Versions { base: saved, ours: read_back, theirs })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sides<'a>(ours: Option<&'a Value>, theirs: Option<&'a Value>, agreed: Option<Agreed<'a>>) -> Sides<'a> {
        Sides { representation: Representation::Fhir, ours, theirs, agreed }
    }

    #[test]
    fn different_fields_are_merged_and_the_winner_takes_the_same() {
        let base = json!({"gender": "other", "birthDate": "1990"});
        let (ours, theirs) =
            (json!({"gender": "male", "birthDate": "1990"}), json!({"gender": "female", "birthDate": "1"}));
        let agreed = Some(Agreed { remote: &base, local: &base });
        let both = sides(Some(&ours), Some(&theirs), agreed);
        assert!(matches!(reconcile(both, None), Reconciled::Open(disputes) if disputes[0].path == "gender"));
        for (winner, gender) in [(Side::Child, "male"), (Side::Parent, "female")] {
            let expected = json!({"gender": gender, "birthDate": "1"});
            assert_eq!(reconcile(both, Some(winner)), Reconciled::Write(expected));
        }
        let edited = json!({"gender": "other", "birthDate": "1990", "active": true});
        let expected = json!({"gender": "female", "birthDate": "1", "active": true});
        assert_eq!(reconcile(sides(Some(&edited), Some(&theirs), agreed), None), Reconciled::Write(expected));
    }

    #[test]
    fn at_first_contact_the_winner_has_all_of_it() {
        let (ours, theirs) = (json!({"gender": "male"}), json!({"birthDate": "1990"}));
        let both = sides(Some(&ours), Some(&theirs), None);
        assert_eq!(reconcile(both, None), Reconciled::Open(vec![]));
        assert_eq!(reconcile(both, Some(Side::Child)), Reconciled::Keep);
        assert_eq!(reconcile(both, Some(Side::Parent)), Reconciled::Write(theirs.clone()));
    }

    #[test]
    fn a_removal_against_a_change_is_decided_by_the_winner() {
        let document = json!({"gender": "male"});
        let agreed = Some(Agreed { remote: &document, local: &document });
        let (removed_there, removed_here) =
            (sides(Some(&document), None, agreed), sides(None, Some(&document), agreed));
        assert_eq!(reconcile(removed_there, None), Reconciled::Open(vec![]));
        assert_eq!(reconcile(removed_there, Some(Side::Parent)), Reconciled::Remove);
        assert_eq!(reconcile(removed_there, Some(Side::Child)), Reconciled::Keep);
        assert_eq!(reconcile(removed_here, Some(Side::Parent)), Reconciled::Write(document.clone()));
        assert_eq!(reconcile(removed_here, Some(Side::Child)), Reconciled::Keep);
    }

    #[test]
    fn field_one_side_cannot_hold_survives_edits_and_merges() {
        // The child cannot hold `photo`, the parent cannot hold `contact`.
        let remote = json!({"gender": "other", "birthDate": "1990", "photo": "x"});
        let local = json!({"gender": "other", "birthDate": "1990", "contact": "y"});
        let agreed = Agreed { remote: &remote, local: &local };
        let ours = json!({"gender": "male", "birthDate": "1990", "contact": "y"});
        let sent = going_up(Representation::Fhir, agreed, &ours);
        assert_eq!(sent, json!({"gender": "male", "birthDate": "1990", "photo": "x"}));
        let theirs = json!({"gender": "other", "birthDate": "1991", "photo": "z"});
        let here = coming_down(Representation::Fhir, agreed, &local, &theirs);
        assert_eq!(here, json!({"gender": "other", "birthDate": "1991", "photo": "z", "contact": "y"}));
        let merged = merged(sides(Some(&ours), Some(&theirs), Some(agreed)), &|_| None);
        assert_eq!(merged.document, json!({"gender": "male", "birthDate": "1991", "photo": "z", "contact": "y"}));
        let read_back = json!({"gender": "male", "birthDate": "1991", "contact": "y"});
        let here = coming_down(Representation::Fhir, agreed, &ours, &theirs);
        let as_theirs = as_read_back(Representation::Fhir, &merged.document, &read_back, &here);
        assert_eq!(as_theirs, json!({"gender": "other", "birthDate": "1991", "contact": "y"}));
        let agreed = Agreed { remote: &theirs, local: &as_theirs };
        let sent = going_up(Representation::Fhir, agreed, &read_back);
        assert_eq!(sent["photo"], "z");
        assert_eq!(sent["gender"], "male");
    }
}
