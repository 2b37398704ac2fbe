//! The mock parent's `objects/apply`: what a parent with this module does with each line, in a small way.

use std::collections::HashMap;

use serde_json::Value;

use super::objects::{Found, MockObjects};
use crate::decide::canonical::{OLDEST_VERSION, canonical, differences, hash};
use crate::decide::references::references;
use crate::event::{Action, Category, ObjectId, Representation};
use crate::wire::{ApplyAnswer, ApplyLine, ApplyStatus, WireError};

/// The change that a parent's storage makes to a document.
pub(super) type Transform = fn(&mut Value);

/// The result of the last line of a child for an object.
struct Request {
    sent: Option<String>,
    result: Option<String>,
}

/// The mock parent's treatment of what children bring.
#[derive(Default)]
pub(super) struct MockApplying {
    /// Objects that its validators refuse, by uuid, with the kind of the error.
    pub(super) refused: HashMap<String, String>,
    /// The change that its storage makes to what it saves.
    pub(super) transform: Option<Transform>,
    /// The lines that changed something, in their order.
    pub(super) effects: Vec<(ObjectId, Action)>,
    requests: HashMap<(String, ObjectId), Request>,
}

/// The change that a line made.
pub(super) struct Effect {
    pub(super) object: ObjectId,
    pub(super) action: Action,
}

impl MockApplying {
    /// Does what one line says, and answers it.
    pub(super) fn apply(
        &mut self,
        node: &str,
        line: &ApplyLine,
        objects: &mut MockObjects,
    ) -> (ApplyAnswer, Option<Effect>) {
        let category = Category::parse(&line.category).expect("a known category");
        let representation = Representation::parse(&line.representation).expect("a known representation");
        let object = ObjectId { category, uuid: line.uuid.clone() };
        let theirs = current(objects, representation, &object);
        let theirs_hash = theirs.as_ref().map(|document| hash(&canonical(representation, document)));
        let sent = line.document.as_ref().map(|document| hash(&canonical(representation, document)));
        let answer = |status, hash| ApplyAnswer {
            category: line.category.clone(),
            uuid: line.uuid.clone(),
            status,
            hash,
            lost_paths: Vec::new(),
            notes: Vec::new(),
            rules: Vec::new(),
            theirs: None,
            takes_along: Vec::new(),
            more: 0,
            stayed: Vec::new(),
            error: None,
            feed: None,
        };
        if line.canonical_version != OLDEST_VERSION {
            let message = "the child compares documents by another version".to_string();
            let error = WireError { kind: "Rejected".to_string(), message, namesake: None };
            return (ApplyAnswer { error: Some(error), ..answer(ApplyStatus::Failed, None) }, None);
        }
        if let Some(error) = self.refusal(line, representation, &object, objects) {
            return (ApplyAnswer { error: Some(error), ..answer(ApplyStatus::Failed, None) }, None);
        }
        if sent == theirs_hash {
            return (answer(ApplyStatus::Unchanged, theirs_hash), None);
        }
        let earlier = self.requests.get(&(node.to_string(), object.clone()));
        let is_own = earlier.is_some_and(|request| {
            let sent_before = request.sent.clone().unwrap_or_default();
            request.result == theirs_hash && (line.pending.contains(&sent_before) || request.sent == sent)
        });
        if theirs_hash != line.last_seen && !is_own {
            return (ApplyAnswer { theirs, ..answer(ApplyStatus::Conflict, theirs_hash) }, None);
        }
        let (answer, result) = match &line.document {
            None => {
                objects.void(category, &line.uuid);
                (answer(ApplyStatus::Removed, None), None)
            }
            Some(document) => {
                let mut stored = document.clone();
                self.transform.inspect(|transform| transform(&mut stored));
                let (before, after) = (canonical(representation, document), canonical(representation, &stored));
                let lost_paths = differences(&before, &after);
                let status = if lost_paths.is_empty() { ApplyStatus::Applied } else { ApplyStatus::Partial };
                let theirs = (status == ApplyStatus::Partial).then(|| stored.clone());
                objects.store(category, stored);
                let result = Some(hash(&after));
                (ApplyAnswer { lost_paths, theirs, ..answer(status, result.clone()) }, result)
            }
        };
        self.requests.insert((node.to_string(), object.clone()), Request { sent, result });
        let action = match (&line.document, &theirs) {
            (None, _) => Action::Voided,
            (Some(_), None) => Action::Created,
            (Some(_), Some(_)) => Action::Updated,
        };
        self.effects.push((object.clone(), action));
        (answer, Some(Effect { object, action }))
    }

    fn refusal(
        &self,
        line: &ApplyLine,
        representation: Representation,
        object: &ObjectId,
        objects: &MockObjects,
    ) -> Option<WireError> {
        if let Some(kind) = self.refused.get(&line.uuid) {
            return Some(WireError {
                kind: kind.clone(),
                message: "the validator says no".to_string(),
                namesake: None,
            });
        }
        let document = line.document.as_ref()?;
        let referred = references(representation, object, document);
        let missing = referred.into_iter().find(|reference| !objects.has(reference))?;
        Some(WireError {
            kind: "MissingReference".to_string(),
            message: format!("{missing} is not here"),
            namesake: None,
        })
    }
}

fn current(objects: &MockObjects, representation: Representation, object: &ObjectId) -> Option<Value> {
    match representation {
        Representation::Fhir => match objects.fhir(object.category, &object.uuid) {
            Found::Present(document) => Some(document.clone()),
            Found::Gone | Found::Missing => None,
        },
        Representation::Rest => {
            let document = objects.rest(object.category, &object.uuid)?;
            (document["voided"] != Value::Bool(true)).then(|| document.clone())
        }
    }
}
