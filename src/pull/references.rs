//! Before a batch is opened: what its documents refer to must be here. What is missing is fetched and put before the
//! record that needs it; a record whose reference cannot be had waits for it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::ahead::Answer;
use super::item::{Item, Record, Source, Started, Work};
use super::received::{Incoming, Received};
use super::{OnClosed, SyncPullService};
use crate::config::OnRecordFailure;
use crate::decide::naming::{repair, role};
use crate::decide::references::{Unresolvable, save_order};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, ObjectId};
use crate::filter::Filter;
use crate::host::Host;
use crate::naming::named;
use crate::store::transaction;
use crate::withheld::without_removed;

/// How far references of references are followed.
const DEEPEST: usize = 8;

/// The most objects that are remembered as being here, or as not to be had; then it is asked again.
const MOST_REMEMBERED: usize = 100_000;

/// This run's knowledge of objects that others refer to.
#[derive(Default)]
pub(super) struct KnownObjects {
    here: HashSet<ObjectId>,
    /// Neither here nor to be had in this run, and why.
    unavailable: HashMap<ObjectId, Error>,
}

impl KnownObjects {
    /// Learns from a committed batch about the object.
    pub(crate) fn learn(&mut self, object: &ObjectId, presence: &Result<()>) {
        for name in object.names() {
            match presence {
                Ok(()) => self.arrived(name),
                Err(error) => self.failed(name, error.clone()),
            }
        }
    }

    /// Returns true if the parent has removed it, and it is not here.
    pub(crate) fn is_removed(&self, object: &ObjectId) -> bool {
        self.unavailable.get(object).is_some_and(|error| error.kind == ErrorKind::Gone)
    }

    /// The object was seen here, in a transaction that is committed.
    fn arrived(&mut self, object: ObjectId) {
        self.unavailable.remove(&object);
        if self.here.len() >= MOST_REMEMBERED {
            self.here.clear();
        }
        self.here.insert(object);
    }

    /// The object could not be applied.
    fn failed(&mut self, object: ObjectId, error: Error) {
        if !self.here.contains(&object) {
            if self.unavailable.len() >= MOST_REMEMBERED {
                self.unavailable.clear();
            }
            self.unavailable.insert(object, error);
        }
    }
}

/// Documents that were fetched because others refer to them.
#[derive(Default)]
struct Fetches {
    documents: HashMap<ObjectId, Box<Incoming>>,
    /// For each document its references that are not here.
    missing_of: HashMap<ObjectId, BTreeSet<ObjectId>>,
    /// Objects that were not fetched because their whole category is closed to us: what refers to them is left.
    closed: HashMap<ObjectId, Error>,
    /// As `closed`, but it is parked, so that what refers to it can wait for it.
    to_park: HashMap<ObjectId, Error>,
    /// When they were last asked for.
    started: Option<Started>,
}

impl Fetches {
    /// Returns the missing object, if it has to be parked itself and has not been in this run.
    fn missing_to_park(&mut self, unresolvable: &Unresolvable) -> Option<Item> {
        let Unresolvable::Missing(reference) = unresolvable else { return None };
        let (object, error) = self.to_park.remove_entry(reference)?;
        Some(reference_item(object, Work::CategoryClosed(error), self.started?))
    }
}

impl SyncPullService<'_> {
    /// The same items, with what they refer to before them where it was missing. Asks the host in a transaction of its
    /// own and the parent outside of any.
    pub(super) fn complete(&mut self, host: &mut dyn Host, items: Vec<Item>) -> Result<Vec<Item>> {
        let missing = self.not_here(host, wanted_from_elsewhere(&items))?;
        if missing.is_empty() {
            return Ok(items);
        }
        let mut fetches = self.fetch_missing(host, missing)?;
        let mut provided = HashSet::new();
        let mut complete = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Record(record) => {
                    complete.extend(self.complete_record(host, record, &mut fetches, &mut provided))
                }
                Item::Passed(_) => complete.push(item),
            }
        }
        Ok(complete)
    }

    /// Those of the objects that neither this run nor the host knows.
    fn not_here(&mut self, host: &mut dyn Host, mut objects: BTreeSet<ObjectId>) -> Result<BTreeSet<ObjectId>> {
        objects.retain(|object| !self.known.here.contains(object));
        if objects.is_empty() {
            return Ok(objects);
        }
        let asked: Vec<ObjectId> = objects.into_iter().collect();
        let here = transaction::read(host, |host| host.exists(&asked))?;
        let (here, missing): (Vec<_>, Vec<_>) = asked.into_iter().zip(here).partition(|(_, here)| *here);
        here.into_iter().for_each(|(object, _)| self.known.arrived(object));
        Ok(missing.into_iter().map(|(object, _)| object).collect())
    }

    /// Fetches objects, then what they refer to and is missing too, and so on.
    fn fetch_missing(&mut self, host: &mut dyn Host, mut missing: BTreeSet<ObjectId>) -> Result<Fetches> {
        let mut fetches = Fetches::default();
        for _ in 0..DEEPEST {
            let asked: Vec<&ObjectId> = missing.iter().filter(|object| self.is_worth_asking_for(object)).collect();
            if asked.is_empty() {
                break;
            }
            let fetching = self.fetching.clone();
            fetches.started.get_or_insert_with(|| fetching.now());
            let answers = self.run.wait(host, fetching.fetch(&asked))?;
            let mut referred = BTreeMap::new();
            for (object, answer) in answers {
                self.sort_answer(object, answer, &mut fetches, &mut referred);
            }
            missing = self.not_here(host, referred.values().flatten().cloned().collect())?;
            for (object, mut references) in referred {
                references.retain(|reference| missing.contains(reference));
                fetches.missing_of.insert(object, references);
            }
            missing.retain(|object| !fetches.documents.contains_key(object));
        }
        Ok(fetches)
    }

    fn is_worth_asking_for(&self, object: &ObjectId) -> bool {
        self.parts.filters.wants_category(object.category) && !self.known.unavailable.contains_key(object)
    }

    fn sort_answer(
        &mut self,
        object: ObjectId,
        answer: Answer,
        fetches: &mut Fetches,
        referred: &mut BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    ) {
        match answer {
            Answer::LeftOut => {
                let error = Error::new(ErrorKind::MissingReference, format!("{object} is left out by the filters"));
                self.known.failed(object, error);
            }
            Answer::Object(Received::Document(document)) if document.content.says_removed => {
                let error = Error::new(ErrorKind::Gone, format!("{object} was removed at the parent"));
                self.known.failed(object, error.at(document.origin.url));
            }
            Answer::Object(Received::Document(document)) => {
                referred.insert(object.clone(), document.content.references.clone());
                fetches.documents.insert(object, document);
            }
            Answer::Object(Received::Gone { url, .. }) => {
                let error = Error::new(ErrorKind::Gone, format!("{object} was removed at the parent")).at(url);
                self.known.failed(object, error);
            }
            Answer::Object(Received::Failed(error)) => self.known.failed(object, error),
            Answer::CategoryClosed(error) => match self.on_closed {
                OnClosed::Leave => drop(fetches.closed.insert(object, error)),
                OnClosed::Park => {
                    self.known.failed(object.clone(), error.clone());
                    // With `halt` the run stops at what refers to it.
                    if self.config.pull.on_record_failure == OnRecordFailure::Proceed {
                        fetches.to_park.insert(object, error);
                    }
                }
            },
        }
    }

    /// The record, after those that it needs; or the record waiting.
    fn complete_record(
        &self,
        host: &mut dyn Host,
        mut record: Box<Record>,
        fetches: &mut Fetches,
        provided: &mut HashSet<ObjectId>,
    ) -> Vec<Item> {
        let mut items = Vec::new();
        self.leave_out_removed(&mut record);
        let started = fetches.started.unwrap_or(record.started);
        if let Some(references) = references_of(&record) {
            match self.needed(&references, fetches, provided) {
                Ok(needed) => {
                    let documents = needed.into_iter().filter_map(|object| fetches.documents.remove_entry(&object));
                    let received = |document| Work::Received(Received::Document(document));
                    items.extend(
                        documents.map(|(object, document)| reference_item(object, received(document), started)),
                    );
                    provided.extend(items.iter().filter_map(Item::written_object).cloned());
                    provided.extend(record.object.names());
                }
                Err(unresolvable) => {
                    items.extend(fetches.missing_to_park(&unresolvable));
                    record.work = self.unresolved(host, &record, unresolvable, fetches);
                }
            }
        }
        items.push(Item::Record(record));
        items
    }

    /// Leaves out references to what the parent has removed, which never comes: where the record can be without it, it is.
    fn leave_out_removed(&self, record: &mut Record) {
        let Work::Received(Received::Document(document)) = &mut record.work else { return };
        let removed = |reference: &&ObjectId| self.known.is_removed(reference);
        if document.reduced.is_none()
            && let Some(reference) = document.content.references.iter().find(removed)
        {
            document.reduced = without_removed(&record.object, &document.content, reference);
        }
    }

    fn needed(
        &self,
        references: &BTreeSet<&ObjectId>,
        fetches: &Fetches,
        provided: &HashSet<ObjectId>,
    ) -> std::result::Result<Vec<ObjectId>, Unresolvable> {
        let missing = references.iter().filter(|reference| !self.known.here.contains(reference));
        let orders = missing.map(|reference| save_order(reference, &fetches.missing_of, provided));
        Ok(orders.collect::<std::result::Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn unresolved(&self, host: &mut dyn Host, record: &Record, unresolvable: Unresolvable, fetches: &Fetches) -> Work {
        let object = &record.object;
        let (reference, why) = match unresolvable {
            Unresolvable::Missing(reference) => match fetches.closed.get(&reference) {
                Some(error) => return Work::CategoryClosed(error.clone()),
                None => {
                    let why = self.why_missing(object, &reference);
                    (reference, why)
                }
            },
            Unresolvable::Cycle(circle) => {
                let names: Vec<_> = circle.iter().map(ObjectId::to_string).collect();
                (
                    circle.first().unwrap_or(object).clone(),
                    format!("these refer to each other in a circle: {}", names.join(", ")),
                )
            }
        };
        let message = format!("{object} waits for {}, not here: {why}", role(object, &reference));
        let error = Error::new(ErrorKind::MissingReference, message);
        let error = match record.document() {
            Some(document) => named(host, object, document.content.as_saved(), error),
            None => error,
        };
        Work::Waiting { reference, error }
    }

    fn why_missing(&self, object: &ObjectId, reference: &ObjectId) -> String {
        match self.known.unavailable.get(reference) {
            Some(error) if error.kind == ErrorKind::Gone => {
                format!("it was removed at the parent before it came here; {}", repair(object, reference))
            }
            Some(error) => format!("it could not be saved or fetched itself ({error})"),
            None if !self.parts.filters.wants_category(reference.category) => {
                format!(
                    "this server does not pull the category {}: switch it on in the configuration",
                    reference.category
                )
            }
            None => {
                "it waits for another record itself, and comes with that one: look at it in the list of parked records"
                    .to_string()
            }
        }
    }
}

/// Returns the references of the items that no earlier one of them brings.
fn wanted_from_elsewhere(items: &[Item]) -> BTreeSet<ObjectId> {
    let mut earlier = HashSet::new();
    let mut wanted = BTreeSet::new();
    for item in items {
        let Item::Record(record) = item else { continue };
        if let Some(references) = references_of(record) {
            wanted.extend(references.into_iter().filter(|reference| !earlier.contains(*reference)).cloned());
            earlier.extend(record.object.names());
        }
    }
    wanted
}

fn references_of(record: &Record) -> Option<BTreeSet<&ObjectId>> {
    match &record.work {
        Work::Received(Received::Document(document)) => Some(document.references().collect()),
        _ => None,
    }
}

fn reference_item(object: ObjectId, work: Work, started: Started) -> Item {
    Item::Record(Box::new(Record {
        source: Source::Reference,
        object,
        action: Action::Other,
        work,
        started,
        fetched_anew: 0,
    }))
}
