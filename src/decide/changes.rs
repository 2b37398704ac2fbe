//! From the changes that transactions captured to the events that tell of them: one for each object and transaction.

use std::collections::HashMap;

use crate::event::{Action, ObjectId};

/// One change of one object by one transaction. A transaction that changes an object in several places makes several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The transaction, by an id that its host minted.
    pub transaction: String,
    pub object: ObjectId,
    pub action: Action,
    /// The patient whose record the object belongs to.
    pub patient: Option<String>,
    /// The location that the object belongs to.
    pub location: Option<String>,
}

/// What a feed tells of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    pub object: ObjectId,
    pub action: Action,
    /// The patient whose record the object belongs to.
    pub patient: Option<String>,
    /// The location that the object belongs to.
    pub location: Option<String>,
}

/// The events that tell of these changes, in an order in which each object comes after what it may refer to: transactions
/// by their first change, within one transaction by category.
pub fn events(changes: Vec<Change>) -> Vec<ObjectEvent> {
    let mut transactions: Vec<Vec<ObjectEvent>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for change in changes {
        let place = *places.entry(change.transaction.clone()).or_insert_with(|| {
            transactions.push(Vec::new());
            transactions.len() - 1
        });
        if let Some(events) = transactions.get_mut(place) {
            add(events, change);
        }
    }
    for events in &mut transactions {
        events.sort_by_key(|event| event.object.category);
    }
    transactions.into_iter().flatten().collect()
}

fn add(events: &mut Vec<ObjectEvent>, change: Change) {
    match events.iter_mut().find(|event| event.object == change.object) {
        Some(event) => {
            event.action = merged(event.action, change.action);
            event.patient = change.patient.or(event.patient.take());
            event.location = change.location.or(event.location.take());
        }
        None => {
            let Change { object, action, patient, location, .. } = change;
            events.push(ObjectEvent { object, action, patient, location });
        }
    }
}

/// What two changes of one object in one transaction come to, the earlier one first. A reader takes an object away only
/// for an event that says so, and looks at it for every other.
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
        Change { transaction: transaction.to_string(), object, action, patient: None, location: None }
    }

    fn told(changes: Vec<Change>) -> Vec<(String, Action)> {
        events(changes).into_iter().map(|event| (event.object.to_string(), event.action)).collect()
    }

    #[test]
    fn one_event_for_each_object_and_transaction_in_the_order_of_dependence() {
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
}
