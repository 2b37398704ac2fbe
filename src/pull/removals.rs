//! Removals of the parent's that take others along: each takes only what the parent knew, and what went along at the parent
//! follows its owner here.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::item::{Record, Source};
use crate::config::Config;
use crate::decide::references::references;
use crate::decide::removal::{Hanging, Taking, takers, taking};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Direction, ObjectId};
use crate::host::{Host, Stored};
use crate::removal::{Against, agreed_hash, each_taken, gone_with};
use crate::saving::parse_stored;
use crate::store::conflicts::ConflictKind;
use crate::store::object_states::ObjectState;
use crate::store::{conflicts, copies, object_states, parked, pending};

/// The memory of a transaction of its removals.
pub(super) struct Removals<'a> {
    config: &'a Config,
    /// Objects that the parent removed, and that stay here for now.
    held: HashSet<ObjectId>,
    /// Objects that come after this transaction.
    coming: &'a HashSet<ObjectId>,
    /// The place in this transaction of each document that comes in it.
    places: HashMap<&'a ObjectId, usize>,
    /// The place of the record that is looked at.
    place: usize,
}

/// The decision on a removal of the parent's.
pub(super) enum Fate {
    /// It is done, and takes these along.
    Remove { along: Vec<(ObjectId, ObjectState)> },
    /// It waits for that object.
    Wait(Box<(ObjectId, Error)>),
    /// It is a conflict, of which there is this to say.
    Conflict(Option<Value>),
}

impl<'a> Removals<'a> {
    /// `coming` are the objects whose documents come after this transaction.
    pub(crate) fn new(
        config: &'a Config,
        records: &[(usize, &'a Record)],
        coming: &'a HashSet<ObjectId>,
    ) -> Removals<'a> {
        let documents = records.iter().filter(|(_, record)| record.brings_document());
        let places = documents.map(|(place, record)| (&record.object, *place)).collect();
        Removals { config, held: HashSet::new(), coming, places, place: 0 }
    }

    /// The record at this place is looked at.
    pub(crate) fn at(&mut self, place: usize) {
        self.place = place;
    }

    /// Says whether a removal that would be done takes only what the parent knew. One that only went along with another at the
    /// parent waits with that one.
    pub(crate) fn fate(&mut self, host: &mut dyn Host, record: &Record, ours: &Stored) -> Result<Fate> {
        let fate = match self.held_owner(host, record, ours)? {
            Some(owner) => Fate::Wait(Box::new((owner.clone(), waits_with(&record.object, &owner)))),
            None => self.fate_by_dependents(host, &record.object)?,
        };
        if !matches!(fate, Fate::Remove { .. }) {
            self.held.insert(record.object.clone());
        }
        Ok(fate)
    }

    /// The same of a removal that is a conflict by itself, because the object was changed here.
    pub(crate) fn fate_of_conflict(&mut self, host: &mut dyn Host, record: &Record, ours: &Stored) -> Result<Fate> {
        Ok(match self.fate(host, record, ours)? {
            Fate::Remove { .. } => {
                self.held.insert(record.object.clone());
                Fate::Conflict(None)
            }
            fate => fate,
        })
    }

    /// Returns the owner that was removed at the parent while it stays here: the object hangs on it here, or went along with it
    /// there.
    fn held_owner(&self, host: &mut dyn Host, record: &Record, ours: &Stored) -> Result<Option<ObjectId>> {
        let mut candidates = takers_of(self.config, &record.object, ours)?;
        let cause = match &record.source {
            Source::Event(event) => event.caused_by(),
            _ => None,
        };
        if let Some(cause) = &cause
            && self.comes_after(host, cause)?
        {
            return Ok(Some(cause.clone()));
        }
        candidates.extend(cause);
        if let Some(held) = candidates.iter().find(|owner| self.held.contains(*owner)) {
            return Ok(Some(held.clone()));
        }
        let conflicts = conflicts::get_all(host, &candidates)?;
        let parked = parked::get_all(host, Direction::Pull, &candidates)?;
        Ok(candidates.into_iter().find(|owner| {
            let disputed = conflicts.get(owner);
            let disputed =
                disputed.is_some_and(|found| found.kind == ConflictKind::Removal && found.theirs_hash.is_none());
            disputed || parked.get(owner).is_some_and(|parked| parked.action.is_removal())
        }))
    }

    /// Returns true if nothing is decided yet about the removal of what took something along at the parent: it is here, and was
    /// there when both sides last agreed. A feed tells of it before what went along; where it was told of once more, its removal
    /// comes later.
    fn comes_after(&self, host: &mut dyn Host, cause: &ObjectId) -> Result<bool> {
        let states = object_states::get_all(host, std::slice::from_ref(cause))?;
        if states.get(cause).is_none_or(|state| state.remote_hash.is_none()) {
            return Ok(false);
        }
        let stored = host.read(self.config.representation(cause.category), cause, false)?;
        Ok(self.config.pulls(cause.category) && matches!(stored, Stored::Present(_)))
    }

    fn fate_by_dependents(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Fate> {
        let mut against = Against::default();
        let mut hanging = Vec::new();
        each_taken(
            host,
            object,
            |taken| self.config.representation(taken.category),
            |taken| {
                hanging.push((taken.object.clone(), taken.representation, taken.hash.clone()));
                against.add(taken);
                Ok(())
            },
        )?;
        let objects: Vec<ObjectId> = hanging.iter().map(|(object, ..)| object.clone()).collect();
        let states = object_states::get_all(host, &objects)?;
        let as_copied = copies::as_copied(host, &objects)?;
        let is_as_copied = |object: &ObjectId| as_copied.contains(object) && !states.contains_key(object);
        let sent = pending::get_all(host, &objects)?;
        let waiting = parked::get_all(host, Direction::Pull, &objects)?;
        let decided = taking(hanging.iter().map(|(object, representation, here)| Hanging {
            object,
            here,
            known: match states.get(object) {
                Some(state) => agreed_hash(state, *representation),
                None => is_as_copied(object).then_some(here.as_str()),
            },
            under_way: self.is_coming(object)
                || sent.contains_key(object)
                || waiting.get(object).is_some_and(|parked| !parked.action.is_removal()),
        }));
        Ok(match decided {
            Taking::All => Fate::Remove {
                along: hanging.iter().map(|(object, representation, _)| gone_with(object, *representation)).collect(),
            },
            Taking::Wait(awaited) => Fate::Wait(Box::new((awaited.clone(), waits_for(object, &awaited)))),
            Taking::Nothing(standing) => Fate::Conflict(Some(against.detail(&standing))),
        })
    }

    /// Returns true if a newer version of it comes later, which may have moved it elsewhere.
    fn is_coming(&self, object: &ObjectId) -> bool {
        self.coming.contains(object) || self.places.get(object).is_some_and(|place| *place > self.place)
    }
}

fn takers_of(config: &Config, object: &ObjectId, stored: &Stored) -> Result<Vec<ObjectId>> {
    let Stored::Present(bytes) = stored else { return Ok(Vec::new()) };
    let representation = config.representation(object.category);
    let document = parse_stored(object, bytes)?;
    Ok(takers(representation, object, &references(representation, object, &document)))
}

fn waits_with(object: &ObjectId, owner: &ObjectId) -> Error {
    let message = format!(
        "{object} was removed at the parent, as was {owner}, on which it hangs. Here {owner} is not removed yet: decide on \
         that one, and this one goes with it"
    );
    Error::new(ErrorKind::Gone, message)
}

fn waits_for(object: &ObjectId, awaited: &ObjectId) -> Error {
    let message = format!(
        "{object} was removed at the parent. {awaited} hangs on it here, and its newest version is still on its way: the \
         removal waits for that"
    );
    Error::new(ErrorKind::Busy, message)
}
