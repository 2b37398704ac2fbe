//! From the changes that transactions captured to the events that tell of them: one for each object and transaction.

use std::collections::HashMap;

use crate::event::{Action, ObjectId};

/// One change of one object by one transaction. A transaction that changes an object in several places makes several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The transaction, by an id that its host minted.
    pub transaction: String,
    /// The object that was changed.
    pub object: ObjectId,
    /// The kind of change.
    pub action: Action,
    /// The patient whose record the object belongs to.
    pub patient: Option<String>,
    /// The location that the object belongs to.
    pub location: Option<String>,
    /// The uuids of what the object hangs on, such as its patient, its visit and its encounter.
    pub hangs_on: Vec<String>,
}

/// An event of the feed about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// The object that the event tells of.
    pub object: ObjectId,
    /// The kind of change, of all changes that the event stands for.
    pub action: Action,
    /// The patient whose record the object belongs to.
    pub patient: Option<String>,
    /// The location that the object belongs to.
    pub location: Option<String>,
    /// The object whose removal or restoration took this one along.
    pub caused_by: Option<ObjectId>,
}

/// The events that tell of these changes, in an order in which each object comes after what it may refer to: transactions
/// by their first change, within one transaction by category. What was removed comes last: what was moved off it is moved
/// first wherever the events are read.
pub fn events(changes: Vec<Change>) -> Vec<ObjectEvent> {
    let mut transactions: Vec<Told> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for change in changes {
        let place = *places.entry(change.transaction.clone()).or_insert_with(|| {
            transactions.push(Told::default());
            transactions.len() - 1
        });
        if let Some(told) = transactions.get_mut(place) {
            told.add(change);
        }
    }
    transactions.into_iter().flat_map(Told::events).collect()
}

/// The events of one transaction.
#[derive(Default)]
struct Told {
    events: Vec<ObjectEvent>,
    /// For each object what it hangs on.
    hangs_on: HashMap<ObjectId, Vec<String>>,
}

impl Told {
    fn add(&mut self, change: Change) {
        let Change { object, action, patient, location, hangs_on, .. } = change;
        if !hangs_on.is_empty() {
            self.hangs_on.insert(object.clone(), hangs_on);
        }
        match self.events.iter_mut().find(|event| event.object == object) {
            Some(event) => {
                event.action = merged(event.action, action);
                event.patient = patient.or(event.patient.take());
                event.location = location.or(event.location.take());
            }
            None => self.events.push(ObjectEvent { object, action, patient, location, caused_by: None }),
        }
    }

    /// In the order of dependence, so that each comes after what it hangs on; removals last, after what was moved off the
    /// object before.
    fn events(mut self) -> Vec<ObjectEvent> {
        self.events.sort_by_key(|event| (event.action.is_removal(), event.object.category));
        let mut told = Vec::with_capacity(self.events.len());
        for event in &self.events {
            let caused_by = self.cause(event, &told);
            told.push(ObjectEvent { caused_by, ..event.clone() });
        }
        told
    }

    /// Returns the object that the same transaction removed or restored, and that this one hangs on. Of several that hang on each
    /// other, the one on which all of them do. `told` are the events before this one; members of a group come in any order, so that
    /// theirs may be the group.
    fn cause(&self, event: &ObjectEvent, told: &[ObjectEvent]) -> Option<ObjectId> {
        if !matches!(event.action, Action::Voided | Action::Unvoided | Action::Deleted) {
            return None;
        }
        let owners = self.hangs_on.get(&event.object)?;
        let is_owner = |other: &&ObjectEvent| {
            other.object != event.object && other.action == event.action && owners.contains(&other.object.uuid)
        };
        let owner = told.iter().chain(&self.events).find(is_owner)?;
        Some(owner.caused_by.clone().unwrap_or_else(|| owner.object.clone()))
    }
}

/// Returns the one action for two changes of one object in one transaction, the earlier one first. A reader takes an object away
/// only for an event that says so, and looks at it for every other.
fn merged(first: Action, second: Action) -> Action {
    match (first, second) {
        (Action::Deleted, _) | (_, Action::Deleted) => Action::Deleted,
        (first, Action::Updated | Action::Other) => first,
        (Action::Voided, Action::Unvoided) | (Action::Retired, Action::Unretired) => Action::Updated,
        (Action::Created, Action::Unvoided | Action::Unretired) => Action::Created,
        (_, second) => second,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Category;

    fn change(transaction: &str, category: &str, uuid: &str, action: Action) -> Change {
        let object = ObjectId { category: Category::parse(category).unwrap(), uuid: uuid.to_string() };
        let hangs_on = Vec::new();
        Change { transaction: transaction.to_string(), object, action, patient: None, location: None, hangs_on }
    }

    fn told(changes: Vec<Change>) -> Vec<(String, Action)> {
        events(changes).into_iter().map(|event| (event.object.to_string(), event.action)).collect()
    }

    #[test]
    fn transaction_gives_one_event_per_object_in_dependence_order() {
        let told = told(vec![
            change("1", "encounter", "e", Action::Created),
            change("1", "patient", "p", Action::Created),
            change("2", "patient", "p", Action::Updated),
            change("1", "patient", "p", Action::Updated),
        ]);
        let expected =
            [("patient/p", Action::Created), ("encounter/e", Action::Created), ("patient/p", Action::Updated)];
        assert_eq!(told, expected.map(|(object, action)| (object.to_string(), action)));
    }

    #[test]
    fn a_removal_is_told_of_whatever_else_happened() {
        for (first, second, merged) in [
            (Action::Created, Action::Voided, Action::Voided),
            (Action::Updated, Action::Voided, Action::Voided),
            (Action::Voided, Action::Updated, Action::Voided),
            (Action::Voided, Action::Unvoided, Action::Updated),
            (Action::Unvoided, Action::Updated, Action::Unvoided),
            (Action::Created, Action::Deleted, Action::Deleted),
            (Action::Deleted, Action::Created, Action::Deleted),
        ] {
            let changes = vec![change("1", "visit", "v", first), change("1", "visit", "v", second)];
            assert_eq!(told(changes), [("visit/v".to_string(), merged)], "{first:?} {second:?}");
        }
    }

    fn hanging(change: Change, owners: &[&str]) -> Change {
        Change { hangs_on: owners.iter().map(ToString::to_string).collect(), ..change }
    }

    fn causes(changes: Vec<Change>) -> Vec<(String, Option<String>)> {
        let cause = |event: ObjectEvent| (event.object.to_string(), event.caused_by.map(|cause| cause.to_string()));
        events(changes).into_iter().map(cause).collect()
    }

    #[test]
    fn change_along_with_owners_is_a_consequence_of_the_first_owner() {
        for action in [Action::Voided, Action::Unvoided] {
            let told = causes(vec![
                hanging(change("1", "observation", "o", action), &["p", "e"]),
                hanging(change("1", "encounter", "e", action), &["p", "v"]),
                hanging(change("1", "visit", "v", action), &["p"]),
            ]);
            let visit = || Some("visit/v".to_string());
            let expected = [("visit/v", None), ("encounter/e", visit()), ("observation/o", visit())];
            assert_eq!(told, expected.map(|(object, cause)| (object.to_string(), cause)));
        }
    }

    #[test]
    fn object_moved_off_is_told_before_the_removal() {
        let told = told(vec![
            change("1", "patient", "loser", Action::Voided),
            change("1", "patient", "survivor", Action::Updated),
            change("1", "encounter", "moved", Action::Updated),
        ]);
        let names: Vec<_> = told.iter().map(|(object, _)| object.as_str()).collect();
        assert_eq!(names, ["patient/survivor", "encounter/moved", "patient/loser"]);
    }

    #[test]
    fn change_without_the_same_to_its_owner_is_no_consequence() {
        let told = causes(vec![
            hanging(change("1", "encounter", "e", Action::Voided), &["p"]),
            change("1", "patient", "p", Action::Updated),
            change("2", "patient", "p", Action::Voided),
            hanging(change("2", "encounter", "moved", Action::Updated), &["p"]),
            hanging(change("2", "encounter", "of another", Action::Voided), &["q"]),
        ]);
        assert!(told.iter().all(|(_, cause)| cause.is_none()), "{told:?}");
    }
}
