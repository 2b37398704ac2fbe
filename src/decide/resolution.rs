//! The result of a conflict that a person decides. Where only one side changed a field, that change is kept, whoever is right about
//! the rest: a decision is about what is in dispute, and undoes nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::canonical::{self, canonical};
use super::merge::{Choice as Settled, Dispute};
use super::reconcile::{Sides, merged};

/// Which side is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The side of the node where it is decided.
    Ours,
    /// The other side.
    Theirs,
}

impl Whose {
    /// The name in the HTTP API.
    pub fn name(self) -> &'static str {
        match self {
            Whose::Ours => "ours",
            Whose::Theirs => "theirs",
        }
    }

    fn settled(self) -> Settled {
        match self {
            Whose::Ours => Settled::Ours,
            Whose::Theirs => Settled::Theirs,
        }
    }
}

/// The choice of a person.
#[derive(Clone, PartialEq)]
pub enum Choice {
    /// One side is right about everything in dispute; of a removal: what that side did.
    Side(Whose),
    /// Whoever wrote last, by the clocks of the two servers.
    Newest,
    /// Each place in dispute by its path.
    Fields(BTreeMap<String, Whose>),
    /// Neither: this document holds. Patient data.
    Document(Value),
    /// Of a removal, whichever side made it: the object stays, or comes back.
    Keep,
    /// Of a removal, whichever side made it: the object is removed on both.
    Apply,
}

impl Choice {
    /// The same, as the other side sees it.
    pub fn seen_from_the_other_side(self) -> Choice {
        match self {
            Choice::Side(Whose::Ours) => Choice::Side(Whose::Theirs),
            Choice::Side(Whose::Theirs) => Choice::Side(Whose::Ours),
            choice => choice,
        }
    }

    /// The name in the HTTP API and the audit.
    pub fn name(&self) -> &'static str {
        match self {
            Choice::Side(whose) => whose.name(),
            Choice::Newest => "newest",
            Choice::Fields(_) => "fields",
            Choice::Document(_) => "document",
            Choice::Keep => "keep",
            Choice::Apply => "apply",
        }
    }
}

/// The steps that a decision takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// Both sides have the same already, or have both removed the object.
    Agree,
    /// This document is here from now on; where it differs from theirs it goes up.
    Write(Value),
    /// The parent removed the object: it stays here, and goes up again with all that hangs on it.
    KeepHere,
    /// The parent removed the object: so it is here, with all that hangs on it.
    RemoveHere,
    /// The object was removed here: it comes back as the parent has it, with all that was removed with it.
    RestoreHere,
    /// The object was removed here: so it is at the parent, with what was named of what hangs on it there.
    RemoveThere,
}

/// Why a decision cannot be carried out, for the person who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// Returns the places in dispute: with no base, also every place that both sides have differently. Nothing where a side removed the
/// object.
pub fn disputes(sides: Sides<'_>) -> Vec<Dispute> {
    match (sides.ours, sides.theirs) {
        (Some(_), Some(_)) => merged(sides, &|_| None).disputes,
        _ => Vec::new(),
    }
}

/// Returns the steps that a decision takes, given what each side has now. The times are when each side wrote its document.
///
/// Errors: the decision does not fit the conflict, or leaves something in dispute.
pub fn resolve(
    sides: Sides<'_>,
    choice: &Choice,
    [ours_at, theirs_at]: [Option<i64>; 2],
) -> Result<Resolution, Refusal> {
    let choice = match choice {
        Choice::Newest => &Choice::Side(newest(ours_at, theirs_at)?),
        choice => choice,
    };
    match (sides.ours, sides.theirs) {
        (Some(ours), Some(theirs)) => content(sides, [ours, theirs], choice),
        (Some(_), None) => match choice {
            Choice::Side(Whose::Ours) | Choice::Keep => Ok(Resolution::KeepHere),
            Choice::Side(Whose::Theirs) | Choice::Apply => Ok(Resolution::RemoveHere),
            _ => Err(only_as_a_whole()),
        },
        (None, Some(_)) => match choice {
            Choice::Side(Whose::Ours) | Choice::Apply => Ok(Resolution::RemoveThere),
            Choice::Side(Whose::Theirs) | Choice::Keep => Ok(Resolution::RestoreHere),
            _ => Err(only_as_a_whole()),
        },
        (None, None) => Ok(Resolution::Agree),
    }
}

fn newest(ours_at: Option<i64>, theirs_at: Option<i64>) -> Result<Whose, Refusal> {
    match (ours_at, theirs_at) {
        (Some(ours), Some(theirs)) if ours > theirs => Ok(Whose::Ours),
        (Some(ours), Some(theirs)) if theirs > ours => Ok(Whose::Theirs),
        _ => Err(Refusal("the documents do not say which of them was written last: choose ours or theirs".to_string())),
    }
}

fn only_as_a_whole() -> Refusal {
    Refusal("one side removed the object: choose keep or apply, or ours or theirs".to_string())
}

fn content(sides: Sides<'_>, [ours, theirs]: [&Value; 2], choice: &Choice) -> Result<Resolution, Refusal> {
    let form = |document: &Value| canonical(sides.representation, document);
    match choice {
        Choice::Document(document) => Ok(Resolution::Write(document.clone())),
        Choice::Keep | Choice::Apply => {
            Err(Refusal("neither side removed the object: choose ours, theirs, fields or document".to_string()))
        }
        _ if form(ours) == form(theirs) => Ok(Resolution::Agree),
        // Nobody knows what was removed where there is no base: the whole document is one side's.
        Choice::Side(Whose::Ours) if sides.agreed.is_none() => Ok(Resolution::Write(ours.clone())),
        Choice::Side(Whose::Theirs) if sides.agreed.is_none() => Ok(Resolution::Write(theirs.clone())),
        Choice::Side(whose) => Ok(Resolution::Write(merged(sides, &|_| Some(whose.settled())).document)),
        Choice::Fields(fields) => by_field(sides, fields),
        // It was replaced by a side before.
        Choice::Newest => Err(Refusal("choose ours or theirs".to_string())),
    }
}

fn by_field(sides: Sides<'_>, fields: &BTreeMap<String, Whose>) -> Result<Resolution, Refusal> {
    let disputes = disputes(sides);
    let disputed: BTreeSet<&str> = disputes.iter().map(|dispute| dispute.path.as_str()).collect();
    let open: Vec<&str> = disputed.iter().copied().filter(|path| !fields.contains_key(*path)).collect();
    if !open.is_empty() {
        return Err(Refusal(format!("these fields are in dispute, too: {}", listed(&open))));
    }
    let unknown: Vec<&str> = fields.keys().map(String::as_str).filter(|path| !disputed.contains(path)).collect();
    if !unknown.is_empty() {
        return Err(Refusal(format!("these fields are not in dispute: {}", listed(&unknown))));
    }
    let settle = |dispute: &Dispute| fields.get(&dispute.path).map(|whose| whose.settled());
    Ok(Resolution::Write(merged(sides, &settle).document))
}

/// The most paths that are named, and characters of each.
const MOST_NAMED: usize = 20;
const LONGEST_NAMED: usize = 200;

fn listed(paths: &[&str]) -> String {
    let named: Vec<String> =
        paths.iter().take(MOST_NAMED).map(|path| path.chars().take(LONGEST_NAMED).collect()).collect();
    match paths.len().saturating_sub(MOST_NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Stands for what was shown of a conflict: who decides on it says so, and what has moved since is noticed.
pub fn version<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = parts.map(|part| format!("{}:{part}", part.len())).collect();
    canonical::hash(all.concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::decide::reconcile::Agreed;
    use crate::event::Representation;

    const UNKNOWN: [Option<i64>; 2] = [None, None];

    fn sides<'a>(ours: Option<&'a Value>, theirs: Option<&'a Value>, base: Option<&'a Value>) -> Sides<'a> {
        let agreed = base.map(|base| Agreed { remote: base, local: base });
        Sides { representation: Representation::Fhir, ours, theirs, agreed }
    }

    fn refused(result: Result<Resolution, Refusal>) -> String {
        result.unwrap_err().0
    }

    fn fields(fields: &[(&str, Whose)]) -> Choice {
        Choice::Fields(fields.iter().map(|(path, whose)| (path.to_string(), *whose)).collect())
    }

    /// Both changed the gender, each one field more, which is not in dispute.
    fn patients() -> [Value; 3] {
        [
            json!({"gender": "other", "birthDate": "1990", "active": true}),
            json!({"gender": "male", "birthDate": "1991", "active": true}),
            json!({"gender": "female", "birthDate": "1990", "active": false}),
        ]
    }

    #[test]
    fn chosen_side_wins_disputed_fields_and_the_rest_stays_merged() {
        let [base, ours, theirs] = patients();
        let both = sides(Some(&ours), Some(&theirs), Some(&base));
        for (whose, gender) in [(Whose::Ours, "male"), (Whose::Theirs, "female")] {
            let expected = Resolution::Write(json!({"gender": gender, "birthDate": "1991", "active": false}));
            assert_eq!(resolve(both, &Choice::Side(whose), UNKNOWN), Ok(expected.clone()));
            assert_eq!(resolve(both, &fields(&[("gender", whose)]), UNKNOWN), Ok(expected));
        }
        assert_eq!(disputes(both).len(), 1);
    }

    #[test]
    fn without_a_base_the_whole_document_is_one_sides() {
        let [_, ours, theirs] = patients();
        let both = sides(Some(&ours), Some(&theirs), None);
        assert_eq!(resolve(both, &Choice::Side(Whose::Ours), UNKNOWN), Ok(Resolution::Write(ours.clone())));
        assert_eq!(resolve(both, &Choice::Side(Whose::Theirs), UNKNOWN), Ok(Resolution::Write(theirs.clone())));
    }

    #[test]
    fn fields_that_are_left_open_or_not_in_dispute_are_named() {
        let [base, ours, theirs] = patients();
        let both = sides(Some(&ours), Some(&theirs), Some(&base));
        assert_eq!(refused(resolve(both, &fields(&[]), UNKNOWN)), "these fields are in dispute, too: gender");
        let more = fields(&[("gender", Whose::Ours), ("birthDate", Whose::Theirs)]);
        assert_eq!(refused(resolve(both, &more, UNKNOWN)), "these fields are not in dispute: birthDate");
    }

    #[test]
    fn an_edited_document_holds() {
        let [base, ours, theirs] = patients();
        let edited = json!({"gender": "unknown"});
        let both = sides(Some(&ours), Some(&theirs), Some(&base));
        let resolved = resolve(both, &Choice::Document(edited.clone()), UNKNOWN);
        assert_eq!(resolved, Ok(Resolution::Write(edited)));
    }

    #[test]
    fn a_removal_is_done_or_undone_on_either_side() {
        let document = json!({"gender": "male"});
        let there = |choice| resolve(sides(Some(&document), None, None), &choice, UNKNOWN);
        let here = |choice| resolve(sides(None, Some(&document), None), &choice, UNKNOWN);
        for choice in [Choice::Side(Whose::Ours), Choice::Keep] {
            assert_eq!(there(choice), Ok(Resolution::KeepHere));
        }
        for choice in [Choice::Side(Whose::Theirs), Choice::Apply] {
            assert_eq!(there(choice), Ok(Resolution::RemoveHere));
        }
        for choice in [Choice::Side(Whose::Theirs), Choice::Keep] {
            assert_eq!(here(choice), Ok(Resolution::RestoreHere));
        }
        for choice in [Choice::Side(Whose::Ours), Choice::Apply] {
            assert_eq!(here(choice), Ok(Resolution::RemoveThere));
        }
        assert!(refused(there(fields(&[]))).contains("keep or apply"));
        assert!(refused(here(Choice::Document(json!({})))).contains("keep or apply"));
    }

    #[test]
    fn keep_and_apply_without_a_removal_are_refused() {
        let [base, ours, theirs] = patients();
        for choice in [Choice::Keep, Choice::Apply] {
            let both = sides(Some(&ours), Some(&theirs), Some(&base));
            assert!(refused(resolve(both, &choice, UNKNOWN)).contains("neither side removed"));
        }
    }

    #[test]
    fn sides_equal_by_now_agree_whoever_is_chosen() {
        let document = json!({"gender": "male"});
        let equal = sides(Some(&document), Some(&document), None);
        for choice in [Choice::Side(Whose::Ours), Choice::Side(Whose::Theirs), fields(&[])] {
            assert_eq!(resolve(equal, &choice, UNKNOWN), Ok(Resolution::Agree));
        }
        assert_eq!(resolve(sides(None, None, None), &Choice::Keep, UNKNOWN), Ok(Resolution::Agree));
    }

    #[test]
    fn the_newest_is_right_where_both_say_when() {
        let [base, ours, theirs] = patients();
        let both = sides(Some(&ours), Some(&theirs), Some(&base));
        let as_side = |whose| resolve(both, &Choice::Side(whose), UNKNOWN);
        assert_eq!(resolve(both, &Choice::Newest, [Some(2), Some(1)]), as_side(Whose::Ours));
        assert_eq!(resolve(both, &Choice::Newest, [Some(1), Some(2)]), as_side(Whose::Theirs));
        for times in [[Some(1), Some(1)], [None, Some(1)], [Some(1), None]] {
            assert!(refused(resolve(both, &Choice::Newest, times)).contains("written last"));
        }
    }

    #[test]
    fn a_version_stands_for_each_part_and_its_place() {
        let of = |parts: &[&str]| version(parts.iter().copied());
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
    }

    fn word() -> impl Strategy<Value = Value> {
        prop_oneof![Just(Value::Null), "[a-c]".prop_map(Value::String)]
    }

    fn document() -> impl Strategy<Value = Value> {
        let names = prop::collection::btree_map("[a-c]", (word(), word()), 0..3).prop_map(|names| {
            let parts = names.into_iter().map(|(id, (family, text))| json!({"id": id, "family": family, "text": text}));
            Value::Array(parts.collect())
        });
        (word(), word(), word(), names).prop_map(
            |(gender, birth, language, name)| json!({"id": "p", "gender": gender, "birthDate": birth, "language": language, "name": name}),
        )
    }

    fn form(document: &Value) -> Vec<u8> {
        canonical(Representation::Fhir, document)
    }

    fn written(resolution: Resolution, ours: &Value) -> Value {
        match resolution {
            Resolution::Write(document) => document,
            Resolution::Agree => ours.clone(),
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn it_makes_no_difference_on_which_side_somebody_decides(
            base in document(), one in document(), other in document()
        ) {
            let here = resolve(sides(Some(&one), Some(&other), Some(&base)), &Choice::Side(Whose::Ours), UNKNOWN);
            let there = resolve(sides(Some(&other), Some(&one), Some(&base)), &Choice::Side(Whose::Theirs), UNKNOWN);
            prop_assert_eq!(form(&written(here.unwrap(), &one)), form(&written(there.unwrap(), &other)));
        }

        #[test]
        fn all_fields_of_one_side_are_that_side(base in document(), ours in document(), theirs in document()) {
            let both = sides(Some(&ours), Some(&theirs), Some(&base));
            for whose in [Whose::Ours, Whose::Theirs] {
                let each = disputes(both).into_iter().map(|dispute| (dispute.path, whose)).collect();
                let by_field = resolve(both, &Choice::Fields(each), UNKNOWN).unwrap();
                let as_a_whole = resolve(both, &Choice::Side(whose), UNKNOWN).unwrap();
                prop_assert_eq!(form(&written(by_field, &ours)), form(&written(as_a_whole, &ours)));
            }
        }

        /// The agreement after a resolution is on theirs: with that as the base nothing is in dispute, and the result stands.
        #[test]
        fn decision_stands_when_decided_again(
            base in document(), ours in document(), theirs in document(), whose in any::<bool>()
        ) {
            let whose = if whose { Whose::Ours } else { Whose::Theirs };
            let both = sides(Some(&ours), Some(&theirs), Some(&base));
            let result = written(resolve(both, &Choice::Side(whose), UNKNOWN).unwrap(), &ours);
            let again = sides(Some(&result), Some(&theirs), Some(&theirs));
            prop_assert!(disputes(again).is_empty());
            prop_assert_eq!(form(&merged(again, &|_| None).document), form(&result));
        }

        #[test]
        fn every_field_that_only_one_side_changed_is_in_the_result(
            base in document(), ours in document(), theirs in document(), whose in any::<bool>()
        ) {
            let side = if whose { Whose::Ours } else { Whose::Theirs };
            let both = sides(Some(&ours), Some(&theirs), Some(&base));
            let result = written(resolve(both, &Choice::Side(side), UNKNOWN).unwrap(), &ours);
            for field in ["gender", "birthDate", "language"] {
                let expected = match (ours[field] == base[field], theirs[field] == base[field]) {
                    (true, _) => &theirs[field],
                    (false, true) => &ours[field],
                    (false, false) => if whose { &ours[field] } else { &theirs[field] },
                };
                let is = result.get(field).unwrap_or(&Value::Null);
                prop_assert_eq!(is, expected, "{}", field);
            }
        }
    }
}
