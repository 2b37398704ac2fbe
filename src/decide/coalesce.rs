//! Several waiting events of one object are one fetch: the document that is fetched after all of them were read shows
//! what all of them did.

use std::collections::HashMap;

use crate::event::{Action, Event, ObjectId};

/// The task of one event of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Brings the object as it is now. The action is that of the object's last event in the window, but an update, also of
    /// a part, does not take back a removal, nor does its creation: that is told after it where the clock was set back.
    Carrier(Action),
    /// Done by the event at this index of the window.
    Coalesced(usize),
}

/// The role of each event, in order. The first event of an object carries, so that what refers to the object finds it;
/// but a removal is carried by the last, so that what was moved away from the object before is moved here before, too.
pub fn roles(window: &[Event]) -> Vec<Role> {
    let mut events_of: HashMap<&ObjectId, ObjectEvents> = HashMap::new();
    for (index, event) in window.iter().enumerate() {
        if let Ok(object) = &event.object {
            let new = ObjectEvents { first: index, last: index, action: event.action };
            events_of.entry(object).and_modify(|events| events.go_on(index, event.action)).or_insert(new);
        }
    }
    let role = |(index, event): (usize, &Event)| match &event.object {
        Err(_) => Role::Carrier(event.action),
        Ok(object) => {
            let Some(events) = events_of.get(object) else { return Role::Carrier(event.action) };
            let carrier = if events.action.is_removal() { events.last } else { events.first };
            if index == carrier { Role::Carrier(events.action) } else { Role::Coalesced(carrier) }
        }
    };
    window.iter().enumerate().map(role).collect()
}

/// The events of one object, as one.
struct ObjectEvents {
    first: usize,
    last: usize,
    action: Action,
}

impl ObjectEvents {
    fn go_on(&mut self, index: usize, action: Action) {
        self.last = index;
        if !self.action.is_removal() || takes_back_a_removal(action) {
            self.action = action;
        }
    }
}

fn takes_back_a_removal(action: Action) -> bool {
    !matches!(action, Action::Created | Action::Updated | Action::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Category, NoObject};

    fn event(uuid: &str, action: Action) -> Event {
        let category = Category::parse("patient").unwrap();
        Event {
            feed: "patient".into(),
            epoch: "e".into(),
            id: "id".into(),
            page_url: "http://example.org/1".into(),
            updated: 0,
            action,
            tags: vec![],
            object: Ok(ObjectId { category, uuid: uuid.into() }),
            left_out: 0,
        }
    }

    #[test]
    fn the_first_event_carries_with_the_last_action() {
        let window = [event("a", Action::Created), event("b", Action::Created), event("a", Action::Updated)];
        assert_eq!(
            roles(&window),
            [Role::Carrier(Action::Updated), Role::Carrier(Action::Created), Role::Coalesced(0)]
        );
    }

    #[test]
    fn a_removal_is_carried_by_the_last_event() {
        let window = [event("a", Action::Created), event("b", Action::Updated), event("a", Action::Voided)];
        assert_eq!(roles(&window), [Role::Coalesced(2), Role::Carrier(Action::Updated), Role::Carrier(Action::Voided)]);
    }

    #[test]
    fn neither_an_update_nor_a_creation_takes_back_a_removal() {
        for action in [Action::Updated, Action::Created] {
            let window = [event("a", Action::Voided), event("a", action)];
            assert_eq!(roles(&window), [Role::Coalesced(1), Role::Carrier(Action::Voided)]);
        }
    }

    #[test]
    fn object_voided_and_unvoided_is_no_removal() {
        let window = [event("a", Action::Voided), event("a", Action::Unvoided)];
        assert_eq!(roles(&window), [Role::Carrier(Action::Unvoided), Role::Coalesced(0)]);
    }

    #[test]
    fn entries_that_cannot_be_understood_are_never_one() {
        let category = Category::parse("patient").unwrap();
        let broken = Event {
            object: Err(NoObject::Malformed { category, reason: "no content".into() }),
            ..event("a", Action::Other)
        };
        assert_eq!(roles(&[broken.clone(), broken]), [Role::Carrier(Action::Other); 2]);
    }
}
