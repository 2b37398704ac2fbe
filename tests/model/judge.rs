//! What must be true when all is quiet.

use std::collections::BTreeSet;

use serde_json::Value;
use sync2::event::ObjectId;
use sync2::store::conflicts::{Conflict, ConflictKind};

use crate::clinic::{object, owners};
use crate::fields::field_of;
use crate::ledger::{Ledger, State, Word};

/// An open conflict somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub object: ObjectId,
    pub kind: ConflictKind,
    /// The fields that it says are in dispute.
    pub fields: BTreeSet<String>,
    /// The objects that it says a removal would take along.
    pub named: BTreeSet<ObjectId>,
}

impl Open {
    pub fn of(conflict: &Conflict) -> Open {
        let detail = conflict.detail.clone().unwrap_or_default();
        let fields = detail["fields"].as_array().into_iter().flatten().filter_map(Value::as_str).map(field_of);
        let named = detail["takesAlong"].as_array().into_iter().flatten();
        let named = named.map(|one| object(one["category"].as_str().unwrap(), one["uuid"].as_str().unwrap()));
        Open { object: conflict.object.clone(), kind: conflict.kind, fields: fields.collect(), named: named.collect() }
    }
}

/// Returns what is wrong.
pub fn judge(ledger: &Ledger, open: &[Open]) -> Vec<String> {
    let objects = ledger.objects().into_iter();
    objects.flat_map(|object| Judged { ledger, object: &object, open }.judge()).collect()
}

/// One object.
struct Judged<'a> {
    ledger: &'a Ledger,
    object: &'a ObjectId,
    open: &'a [Open],
}

impl Judged<'_> {
    fn judge(&self) -> Vec<String> {
        let conflicts: Vec<&Open> = self.open.iter().filter(|open| open.object == *self.object).collect();
        let wrong = if !conflicts.is_empty() {
            conflicts.iter().flat_map(|open| self.in_dispute(open)).collect()
        } else if self.waits_for_another() {
            self.waiting()
        } else {
            self.settled()
        };
        wrong.into_iter().map(|wrong| format!("{}: {wrong}", self.object)).collect()
    }

    /// Returns true if a conflict of what it hangs on, anywhere, is about it, too.
    fn waits_for_another(&self) -> bool {
        let mut owning: BTreeSet<ObjectId> = BTreeSet::from([self.object.clone()]);
        loop {
            let documents = self.ledger.here.iter().flat_map(|here| owning.iter().filter_map(|one| here.get(one)));
            let owners: BTreeSet<ObjectId> = documents.flat_map(|seen| owners(&seen.document)).collect();
            let known = owning.len();
            owning.extend(owners);
            if owning.len() == known {
                break;
            }
        }
        let is_about = |open: &Open| {
            open.named.contains(self.object) || open.kind == ConflictKind::Removal && owning.contains(&open.object)
        };
        self.open.iter().any(is_about)
    }

    /// Nothing is open: all servers say the same, and it is what people wrote last.
    fn settled(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let states: Vec<_> = self.ledger.here.iter().map(|here| here.get(self.object).map(|seen| seen.state)).collect();
        let is_live = states.contains(&Some(State::Live));
        if is_live && states.iter().any(|state| *state != Some(State::Live)) {
            return vec![format!("it is not the same everywhere: {states:?}")];
        }
        if !is_live && self.ledger.is_stray(self.object) {
            wrong.push("it is removed, and nobody removed it".to_string());
        }
        let fields = self.ledger.fields(self.object);
        for field in fields.into_iter().filter(|field| !self.ledger.is_kept_from_others(field)) {
            let words = self.ledger.words(self.object, &field);
            let mut standing = self.ledger.standing(self.object, &field);
            if !is_live {
                // What was taken away before is removed with the object.
                standing.possible.remove(&Word::Missing);
                standing.certain.remove(&Word::Missing);
            }
            if words.len() > 1 {
                wrong.push(format!("{field:?} is not the same everywhere: {words:?}"));
            } else if !words.is_subset(&standing.possible) && !self.was_never_there(&words, &standing.possible) {
                wrong.push(format!("{field:?} says what was replaced: {words:?}, not {:?}", standing.possible));
            }
            let lost: Vec<&Word> = standing.certain.difference(&words).collect();
            if !lost.is_empty() && words.len() == 1 {
                wrong.push(format!("{field:?} says {words:?}; lost without a word: {lost:?}"));
            }
        }
        wrong
    }

    /// A field that nobody wrote, or whose every version is lost or was taken away, or where the object was removed.
    fn was_never_there(&self, words: &BTreeSet<Word>, possible: &BTreeSet<Word>) -> bool {
        possible.is_empty() && words.iter().all(|word| matches!(word, Word::Missing | Word::Removed))
    }

    /// It hangs on what is in dispute: it may be removed on one side only; but where it is live it is the same unless the
    /// conflict names it, and nothing that anybody wrote is gone.
    fn waiting(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let is_named = self.open.iter().any(|open| open.named.contains(self.object));
        for field in self.ledger.fields(self.object) {
            let mut words = self.ledger.words(self.object, &field);
            words.remove(&Word::Removed);
            if words.len() > 1 && !is_named && !self.ledger.is_kept_from_others(&field) {
                wrong.push(format!("{field:?} is not the same everywhere: {words:?}, and no conflict names it"));
            }
            wrong.extend(self.gone(&field));
        }
        wrong
    }

    fn in_dispute(&self, open: &Open) -> Vec<String> {
        let mut wrong = Vec::new();
        let fields = self.ledger.fields(self.object);
        let is_alike =
            |field: &String| self.ledger.is_kept_from_others(field) || self.ledger.words(self.object, field).len() == 1;
        let is_same = fields.iter().all(is_alike) && self.ledger.here.iter().all(|here| here.contains_key(self.object));
        // Whoever never heard that its edit arrived may differ from the parent in what it cannot hold.
        if is_same && open.named.is_empty() && !self.ledger.unheard {
            wrong.push(format!("the conflict is open, but all is the same everywhere: {open:?}"));
        }
        for field in &fields {
            wrong.extend(self.gone(field));
        }
        if open.kind == ConflictKind::Content && self.object.category.name() != "observation" {
            wrong.extend(self.misnamed(open, &fields));
        }
        wrong
    }

    fn misnamed(&self, open: &Open, fields: &[String]) -> Option<String> {
        let standing = |field: &&String| self.ledger.standing(self.object, field);
        let certain: BTreeSet<String> =
            fields.iter().filter(|field| standing(field).certain.len() > 1).cloned().collect();
        // Whoever never heard that its edit arrived cannot know that what the parent has since was written over it.
        let differs = |field: &&String| self.ledger.unheard && self.ledger.words(self.object, field).len() > 1;
        let possible: BTreeSet<String> =
            fields.iter().filter(|field| standing(field).possible.len() > 1 || differs(field)).cloned().collect();
        // Each is between two servers: what is in dispute with one need not be with another.
        let of_it = self.open.iter().filter(|other| other.object == *self.object);
        let named: BTreeSet<String> = of_it.flat_map(|other| other.fields.iter().cloned()).collect();
        (!certain.is_subset(&named) || !open.fields.is_subset(&possible)).then(|| {
            format!("the conflict names {:?}; in dispute are {certain:?}, and perhaps {possible:?}", open.fields)
        })
    }

    /// What somebody wrote, nobody replaced, and no server has.
    fn gone(&self, field: &str) -> Option<String> {
        let texts = self.ledger.texts(self.object, field);
        let words = self.ledger.words(self.object, field);
        let certain = self.ledger.standing(self.object, field).certain;
        let gone: Vec<Word> =
            certain.into_iter().filter(|word| !texts.contains(word) && !words.contains(word)).collect();
        (!gone.is_empty()).then(|| format!("{field:?}: no server has {gone:?} any more"))
    }
}
