//! Records that were refused because of others: those that belong together are tried in one transaction, in several ways.
//! A patient who is refused for good because of an identifier that another one has here is saved without it.

use std::collections::{BTreeSet, HashMap};
use std::mem;

use log::info;
use serde_json::Value;

use super::SyncPullService;
use super::apply::{Batch, Order};
use super::item::{Item, Record, Work};
use super::received::{Incoming, Received};
use crate::decide::batching::batch_length;
use crate::decide::blocked::{self, Member, Way, freed, identifiers, may_be_freed, may_be_without};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId};
use crate::host::{Host, Stored};
use crate::saving::{BatchFailure, parse_stored};
use crate::store::parked::{self, Parked, Refused};
use crate::store::{now, transaction};
use crate::withheld::without_taken;

/// The most refused records that are looked at in one run.
const MOST_REFUSED: u32 = 200;

/// The most transactions that are tried for them in one run.
const MOST_TRIES: usize = 400;

/// Why records may be refused because of others.
const KINDS: [ErrorKind; 3] = [ErrorKind::Duplicate, ErrorKind::Rejected, ErrorKind::MissingReference];

/// Refused records that belong together.
struct Group {
    records: Vec<Record>,
    /// The documents that those that are here can have for a moment.
    between: HashMap<ObjectId, Vec<u8>>,
}

impl SyncPullService<'_> {
    /// Tries again what was refused, in this run or in an earlier one, what belongs together at once. False when there was
    /// nothing.
    pub(super) fn try_together(&mut self, host: &mut dyn Host) -> Result<bool> {
        let refused = self.refused(host)?;
        let (bereft, refused): (Vec<_>, Vec<_>) = refused.into_iter().partition(|parked| self.can_be_without(parked));
        if !bereft.is_empty() {
            let items = self.fetch_parked(host, bereft)?;
            self.process(host, items)?;
        }
        if refused.iter().all(|parked| parked.error.kind == ErrorKind::MissingReference) {
            return Ok(false);
        }
        let reasons: HashMap<ObjectId, (ErrorKind, String)> = refused
            .iter()
            .map(|parked| (parked.object.clone(), (parked.error.kind, parked.error.message.clone())))
            .collect();
        let (records, others) = apart(self.fetch_parked(host, refused)?);
        let others = others.into_iter().filter(|item| {
            let kind = item.written_object().and_then(|object| reasons.get(object)).map(|(kind, _)| *kind);
            kind != Some(ErrorKind::MissingReference)
        });
        self.process(host, others.collect())?;
        let mut tries = MOST_TRIES;
        for group in groups(host, records, &reasons)? {
            self.try_group(host, group, &mut tries)?;
        }
        Ok(true)
    }

    /// Returns true if it waits for what the parent has removed, as this run has seen, and can be saved without that.
    fn can_be_without(&self, parked: &Parked) -> bool {
        let awaited = parked.waiting_for.as_ref();
        awaited.is_some_and(|awaited| self.known.is_removed(awaited) && may_be_without(&parked.object, awaited))
    }

    fn refused(&self, host: &mut dyn Host) -> Result<Vec<Parked>> {
        let held: Vec<Category> = self.held.keys().copied().collect();
        transaction::read(host, |host| {
            let wanted = Refused {
                direction: Direction::Pull,
                kinds: &KINDS,
                attempts: self.config.retry.attempts,
                time: now(host)?,
                held: &held,
                limit: MOST_REFUSED,
            };
            parked::refused(host, &wanted)
        })
    }

    /// Until all of the group is written, or each that could not be is decided alone.
    fn try_group(&mut self, host: &mut dyn Host, group: Group, tries: &mut usize) -> Result<()> {
        let mut records = group.records;
        while !records.is_empty() && *tries > 0 {
            let items = self.complete(host, in_order(mem::take(&mut records)))?;
            let (ready, others) = apart(items);
            self.process(host, others)?;
            let items: Vec<Item> = ready.into_iter().map(item_of).collect();
            if batch_length(items.iter().map(Item::written_object), items.len()) < items.len() || items.is_empty() {
                return self.process(host, items);
            }
            let Some((index, error)) = self.try_ways(host, &items, &group.between, tries)? else { return Ok(()) };
            let (mut ready, _) = apart(items);
            let refused = ready.remove(index.min(ready.len() - 1));
            self.finish_refused(host, refused, error)?;
            records = ready;
        }
        Ok(())
    }

    /// None when the items are written in one of the ways; else which of them failed in the last one, and why.
    fn try_ways(
        &mut self,
        host: &mut dyn Host,
        items: &[Item],
        between: &HashMap<ObjectId, Vec<u8>>,
        tries: &mut usize,
    ) -> Result<Option<(usize, Error)>> {
        let mut failed = None;
        for way in Way::worth_trying(items.len(), !between.is_empty()) {
            self.run.check_cancelled()?;
            *tries = tries.saturating_sub(1);
            let order = order(items, way);
            let nothing = HashMap::new();
            let between = if way.frees_first() { between } else { &nothing };
            match self.write_batch(host, items, Order::Together { between, order: &order }) {
                Ok(Batch::Committed) => {
                    self.run.progressed();
                    info!("{} records that were refused are written together", items.len());
                    return Ok(None);
                }
                // Later agreements come with the next run.
                Ok(Batch::Outdated(_)) => return Ok(None),
                Err(BatchFailure::Run(error)) => return Err(error),
                Err(BatchFailure::Item(index, error)) => failed = Some((index, error)),
                Err(BatchFailure::Commit(error)) => failed = Some((items.len() - 1, error)),
            }
        }
        Ok(failed)
    }

    /// Finishes the records that are refused in every way: a patient is saved without what another one has here; everything else
    /// stays parked.
    fn finish_refused(&mut self, host: &mut dyn Host, mut record: Record, error: Error) -> Result<()> {
        if error.kind == ErrorKind::Duplicate
            && let Some(document) = record.document()
        {
            for reduced in without_taken(&record.object, &document.content, &error) {
                set_reduced(&mut record, Some(reduced));
                let item = item_of(record);
                let written = self.write_batch(host, std::slice::from_ref(&item), Order::OneByOne);
                let Item::Record(back) = item else { return Ok(()) };
                record = *back;
                match written {
                    Ok(_) => return Ok(()),
                    Err(BatchFailure::Run(error)) => return Err(error),
                    Err(BatchFailure::Item(..) | BatchFailure::Commit(_)) => {}
                }
            }
        }
        record.fail(host, error);
        self.process(host, vec![item_of(record)])
    }
}

fn set_reduced(record: &mut Record, reduced: Option<crate::withheld::Reduced>) {
    if let Work::Received(Received::Document(document)) = &mut record.work {
        document.reduced = reduced;
    }
}

fn item_of(record: Record) -> Item {
    Item::Record(Box::new(record))
}

/// The records that bring documents, and the others.
fn apart(items: Vec<Item>) -> (Vec<Record>, Vec<Item>) {
    let (mut documents, mut others) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Record(record) if record.document().is_some_and(|document| !document.content.says_removed) => {
                documents.push(*record);
            }
            item => others.push(item),
        }
    }
    (documents, others)
}

fn order(items: &[Item], way: Way) -> Vec<usize> {
    let nothing = BTreeSet::new();
    let members: Vec<(&ObjectId, &BTreeSet<ObjectId>)> = items
        .iter()
        .filter_map(|item| match item {
            Item::Record(record) => {
                Some((&record.object, record.document().map_or(&nothing, |document| &document.content.references)))
            }
            Item::Passed(_) => None,
        })
        .collect();
    way.order(&members)
}

fn in_order(records: Vec<Record>) -> Vec<Item> {
    let whole: Vec<Item> = records.into_iter().map(item_of).collect();
    let order = order(&whole, Way::InOrder);
    let mut whole: Vec<Option<Item>> = whole.into_iter().map(Some).collect();
    order.into_iter().filter_map(|position| whole.get_mut(position)?.take()).collect()
}

/// The records by who may block whom. What only waits for something is tried with what it waits for, and not by itself.
fn groups(
    host: &mut dyn Host,
    records: Vec<Record>,
    reasons: &HashMap<ObjectId, (ErrorKind, String)>,
) -> Result<Vec<Group>> {
    let ours =
        transaction::read(host, |host| records.iter().map(|record| ours(host, record)).collect::<Result<Vec<_>>>())?;
    let held: Vec<BTreeSet<String>> =
        records.iter().zip(&ours).map(|(record, ours)| keys(record, ours.as_ref())).collect();
    let members: Vec<Member<'_>> = records
        .iter()
        .zip(&held)
        .filter_map(|(record, held)| {
            let document = record.document()?;
            let wanted = parsed(document).map(|document| keys(record, Some(&document))).unwrap_or_default();
            Some(Member {
                object: &record.object,
                references: &document.content.references,
                identifiers: wanted.union(held).cloned().collect(),
                reason: reasons.get(&record.object).map_or("", |(_, message)| message),
            })
        })
        .collect();
    let groups = blocked::groups(&members);
    let kind = |index: &usize| reasons.get(&records.get(*index)?.object).map(|(kind, _)| *kind);
    let groups: Vec<Vec<usize>> = groups
        .into_iter()
        .filter(|group| group.iter().any(|index| kind(index) != Some(ErrorKind::MissingReference)))
        .collect();
    let betweens: Vec<HashMap<ObjectId, Vec<u8>>> =
        groups.iter().map(|group| between(group, &records, &ours, &held)).collect();
    let mut records: Vec<Option<Record>> = records.into_iter().map(Some).collect();
    let taken = groups.into_iter().zip(betweens).map(|(group, between)| Group {
        records: group.into_iter().filter_map(|index| records.get_mut(index)?.take()).collect(),
        between,
    });
    Ok(taken.collect())
}

/// Returns the version here of a patient or an encounter.
fn ours(host: &mut dyn Host, record: &Record) -> Result<Option<Value>> {
    let Some(document) = record.document() else { return Ok(None) };
    if !may_be_freed(record.object.category) {
        return Ok(None);
    }
    match host.read(document.content.representation, &record.object, false)? {
        Stored::Present(bytes) => parse_stored(&record.object, &bytes).map(Some),
        Stored::Absent | Stored::Removed => Ok(None),
    }
}

fn parsed(document: &Incoming) -> Option<Value> {
    serde_json::from_slice(&document.content.to_save).ok()
}

fn keys(record: &Record, document: Option<&Value>) -> BTreeSet<String> {
    let (Some(received), Some(document)) = (record.document(), document) else { return BTreeSet::new() };
    let found = identifiers(received.content.representation, &record.object, document);
    found.into_iter().map(|(key, _)| key).collect()
}

/// Returns the documents that each of a group that is here can have for a moment, so that others can be written.
fn between(
    group: &[usize],
    records: &[Record],
    ours: &[Option<Value>],
    held: &[BTreeSet<String>],
) -> HashMap<ObjectId, Vec<u8>> {
    let one = |index: &usize| {
        ours.get(*index)?.as_ref()?;
        let record = records.get(*index)?;
        let document = record.document()?;
        let others = group.iter().filter(|other| *other != index);
        let taken: BTreeSet<String> = others.filter_map(|other| held.get(*other)).flatten().cloned().collect();
        let freed = freed(document.content.representation, &record.object, &parsed(document)?, &taken)?;
        Some((record.object.clone(), freed.to_string().into_bytes()))
    };
    group.iter().filter_map(one).collect()
}
