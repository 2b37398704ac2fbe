//! The index that people are searched in, as OpenMRS has one: beside the database, and no part of its transactions.

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::event::ObjectId;
use crate::host::Stored;

use super::SqliteHost;

/// What is written of an object: its document, or nothing when it is removed.
type Written = (ObjectId, Option<Vec<u8>>);

/// The index of one host. It is not copied with the database.
#[derive(Default)]
pub(super) struct Index {
    found: HashMap<ObjectId, Option<Vec<u8>>>,
    /// By call, what was handed over and is not indexed yet.
    handed_over: HashMap<String, Vec<Written>>,
    /// The call that the commits of this thread are of, if they do not wait.
    behind: Option<String>,
    /// The objects that the open transaction has written.
    transaction: Vec<ObjectId>,
    is_broken: bool,
    waits: u64,
}

impl Index {
    fn take(&mut self, written: Vec<Written>) -> Result<()> {
        if self.is_broken {
            return Err(Error::new(ErrorKind::Host, "the index cannot be written"));
        }
        self.waits += 1;
        self.found.extend(written);
        Ok(())
    }
}

impl SqliteHost {
    /// Keeps an index from now on.
    pub fn keep_index(&mut self) {
        self.index = Some(Index::default());
    }

    /// Keeps none any more.
    pub fn keep_no_index(&mut self) {
        self.index = None;
    }

    /// What a killed process had handed over to its index is lost.
    pub fn lose_what_is_not_indexed(&mut self) {
        if let Some(index) = &mut self.index {
            *index = Index { found: std::mem::take(&mut index.found), ..Index::default() };
        }
    }

    /// From now on the index cannot be written, or can be again.
    pub fn break_index(&mut self, is_broken: bool) {
        if let Some(index) = &mut self.index {
            index.is_broken = is_broken;
        }
    }

    /// How often somebody has waited for the index.
    pub fn waits_for_index(&self) -> u64 {
        self.index.as_ref().map_or(0, |index| index.waits)
    }

    /// The people here whom a search does not find as they are.
    pub fn not_found(&self) -> Result<Vec<ObjectId>> {
        let found = |object: &ObjectId| self.index.as_ref().and_then(|index| index.found.get(object).cloned());
        let people = self.contents()?.into_iter().filter(|(object, ..)| object.category.kind().is_indexed);
        let as_they_are = people.map(|(object, removed, document)| (object, (!removed).then_some(document)));
        Ok(as_they_are
            .filter(|(object, here)| found(object).as_ref() != Some(here))
            .map(|(object, _)| object)
            .collect())
    }

    pub(super) fn will_be_indexed(&mut self, object: &ObjectId) {
        if let Some(index) = self.index.as_mut().filter(|_| object.category.kind().is_indexed) {
            index.transaction.push(object.clone());
        }
    }

    pub(super) fn index_nothing(&mut self) {
        if let Some(index) = &mut self.index {
            index.transaction.clear();
        }
    }

    /// After a commit that is known to have taken place.
    pub(super) fn index_committed(&mut self) -> Result<()> {
        let Some(objects) = self.index.as_mut().map(|index| std::mem::take(&mut index.transaction)) else {
            return Ok(());
        };
        let written = self.as_written(&objects)?;
        match self.index.as_mut() {
            Some(index) if !written.is_empty() => match index.behind.clone() {
                Some(call) => index.handed_over.entry(call).or_default().extend(written),
                None => index.take(written)?,
            },
            _ => {}
        }
        Ok(())
    }

    fn as_written(&self, objects: &[ObjectId]) -> Result<Vec<Written>> {
        let written = objects.iter().map(|object| match self.look(object)? {
            Stored::Present(document) => Ok((object.clone(), Some(document))),
            Stored::Absent | Stored::Removed => Ok((object.clone(), None)),
        });
        written.collect()
    }

    pub(super) fn follow(&mut self, call: &str) -> bool {
        match &mut self.index {
            Some(index) => {
                index.behind = Some(call.to_string());
                true
            }
            None => false,
        }
    }

    pub(super) fn await_followed(&mut self, call: &str) -> Result<()> {
        let Some(index) = &mut self.index else { return Ok(()) };
        index.behind = None;
        match index.handed_over.remove(call) {
            Some(written) => index.take(written),
            None => Ok(()),
        }
    }

    pub(super) fn index_as_they_are(&mut self, objects: &[ObjectId]) -> Result<()> {
        assert!(self.in_transaction(), "objects are indexed again under their locks");
        let written = self.as_written(objects)?;
        self.index.as_mut().map_or(Ok(()), |index| index.take(written))
    }
}
