//! The mock parent's exchange: what a node with this module answers to `objects/read`.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::objects::{Found, MockObjects};
use crate::event::{Category, Representation};
use crate::wire::{Digested, Digesting, Listed, ReadAnswer, ReadLine, ReadState};

/// The lists in answer to a question.
pub(super) type Lists = Box<dyn FnMut(&ReadLine) -> Listed + Send>;

/// The digests in answer to a question.
pub(super) type Digests = Box<dyn FnMut(&Digesting) -> Digested + Send>;

/// What this parent says to questions that are not for an object.
#[derive(Default)]
pub(super) struct Said {
    pub(super) lists: Option<Lists>,
    pub(super) digests: Option<Digests>,
}

/// The answer lines to the lines of a request, which is gzip.
pub(super) fn read_objects(objects: &MockObjects, said: &mut Said, request: &[u8]) -> Vec<u8> {
    let mut lines = String::new();
    GzDecoder::new(request).read_to_string(&mut lines).expect("lines in gzip");
    let answers = lines.lines().map(|line| {
        let asked: ReadLine = serde_json::from_str(line).expect("a line as the child writes it");
        let listed = said.lists.as_mut().filter(|_| asked.listing.is_some()).map(|lists| lists(&asked));
        let digested = said.digests.as_mut().zip(asked.digests.as_ref()).map(|(digests, asked)| digests(asked));
        let answer = ReadAnswer { listed, digested, ..answer(objects, asked) };
        serde_json::to_string(&answer).expect("an answer of texts") + "\n"
    });
    answers.collect::<String>().into_bytes()
}

fn answer(objects: &MockObjects, asked: ReadLine) -> ReadAnswer {
    let ReadLine { category, uuid, representation, .. } = asked;
    let (state, document) = match (Category::parse(&category), Representation::parse(&representation)) {
        (Some(kind), Some(representation)) => find(objects, kind, representation, &uuid),
        _ => (ReadState::Failed, None),
    };
    ReadAnswer {
        category,
        uuid,
        state,
        document,
        reason: None,
        hanging: None,
        hash: None,
        decision: None,
        listed: None,
        digested: None,
        error: None,
    }
}

/// As the host of a node has it: a voided object is none, however it is written.
fn find(
    objects: &MockObjects,
    category: Category,
    representation: Representation,
    uuid: &str,
) -> (ReadState, Option<Value>) {
    match representation {
        Representation::Fhir => match objects.fhir(category, uuid) {
            Found::Present(document) => (ReadState::Present, Some(document.clone())),
            Found::Gone => (ReadState::Removed, None),
            Found::Missing => (ReadState::Absent, None),
        },
        Representation::Rest => match objects.rest(category, uuid) {
            Some(document) if document["voided"] == true => (ReadState::Removed, None),
            Some(document) => (ReadState::Present, Some(document.clone())),
            None => (ReadState::Absent, None),
        },
    }
}
