//! What is here of a kind of object: which objects there are, and the hashes of their documents, which are kept so that two nodes can
//! compare digests instead of documents. They are taken in once, in the order of the host's list, and from then on follow this node's
//! own feed: an object of which an event tells is read anew before anybody is told a digest.
//!
//! A portion is read in transactions of its own, and written where nobody has taken a turn meanwhile. So a hash is never older than
//! the last event that its inventory says it has come to.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::config::Config;
use crate::decide::canonical;
use crate::error::Result;
use crate::event::{Category, ObjectId, Representation, is_object_uuid};
use crate::host::{Host, Stored};
use crate::saving::{expect_reads, parse_stored};
use crate::store::digests::{self, Inventory, Kind, Reached};
use crate::store::{events, transaction};

/// The most objects of a portion: each is read.
const PORTION: usize = 200;

/// The most events that a portion passes.
const EVENTS: u64 = 50_000;

/// What stands before something that is no hash.
const UNREADABLE: char = '?';

/// How an inventory stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The host does not list what it has.
    Unlisted,
    /// Not all is taken in; a number that rises with each portion.
    Behind(u64),
    /// All is in it that the feed told of when it was asked for: the number of its rows.
    Current(i64),
}

/// The next portion of an inventory.
enum Next {
    Nothing,
    Unlisted,
    Portion { uuids: Vec<String>, objects: Vec<ObjectId>, reached: Reached },
}

/// Takes in the next portion of what is here, if anything is left. Changes that are not published yet are not in it. Blocks on the
/// database; outside of a transaction.
///
/// Errors: `Host`.
pub(crate) fn bring_on(host: &mut dyn Host, config: &Config, kind: Kind) -> Result<Kept> {
    let Some(inventory) = transaction::read(host, |host| usable(host, kind))? else {
        transaction::write(host, |host| begin(host, config, kind))?;
        return Ok(Kept::Behind(0));
    };
    match transaction::read(host, |host| next(host, kind.category, &inventory.reached))? {
        Next::Nothing => Ok(Kept::Current(inventory.number)),
        Next::Unlisted => Ok(Kept::Unlisted),
        Next::Portion { uuids, objects, reached } => {
            let hashes = read_hashes(host, kind.representation, &objects)?;
            // A uuid that is no object of this kind (any more), such as that of a person who is a patient, has no hash.
            let mut changes: Vec<(String, Option<String>)> = uuids.into_iter().map(|uuid| (uuid, None)).collect();
            changes.retain(|(uuid, _)| !objects.iter().any(|object| object.uuid == *uuid));
            changes.extend(objects.into_iter().map(|object| object.uuid).zip(hashes));
            transaction::write(host, |host| {
                if digests::take_turn(host, &inventory, &reached)? {
                    digests::put_all(host, inventory.number, &changes)?;
                }
                digests::remove_some(host)
            })?;
            Ok(Kept::Behind(inventory.turn + 1))
        }
    }
}

/// The hash that is kept; nothing of a document that could not be read.
pub(crate) fn hash_of(kept: &str) -> Option<&str> {
    Some(kept).filter(|kept| !kept.starts_with(UNREADABLE))
}

/// What is kept of a kind, where its hashes are made as today and no event is missing between it and the end of the feed.
fn usable(host: &mut dyn Host, kind: Kind) -> Result<Option<Inventory>> {
    let (Some(inventory), Some(feed)) = (digests::find(host, kind)?, events::own_feed(host)?) else { return Ok(None) };
    let (oldest, last) = (events::oldest_number(host)?, events::last_number(host, None)?);
    let reached = inventory.reached.event;
    let has_the_next = reached == last || oldest.is_some_and(|oldest| oldest <= reached + 1);
    let follows = inventory.epoch == feed.epoch && reached <= last && has_the_next;
    Ok(Some(inventory).filter(|inventory| follows && inventory.form == form()))
}

/// Another release may ask a server for other fields of a document.
fn form() -> String {
    format!("{} {}", canonical::VERSION, env!("CARGO_PKG_VERSION"))
}

fn begin(host: &mut dyn Host, config: &Config, kind: Kind) -> Result<()> {
    events::lock(host)?;
    let feed = events::begin_feed(host, config.transfer.page_size)?;
    if usable(host, kind)?.is_some() {
        return Ok(());
    }
    let last = events::last_number(host, None)?;
    digests::begin(host, kind, &form(), (&feed.epoch, last))
}

/// Events come first: what is listed is read later than they were published.
fn next(host: &mut dyn Host, category: Category, reached: &Reached) -> Result<Next> {
    let last = events::last_number(host, None)?;
    let (uuids, reached) = if reached.event < last {
        let most = last.min(reached.event + EVENTS);
        let told = events::objects_told_of(host, [reached.event + 1, most], &telling(category), PORTION as u32)?;
        let event = told.last().map(|(number, _)| *number).filter(|_| told.len() >= PORTION).unwrap_or(most);
        let uuids: BTreeSet<String> = told.into_iter().map(|(_, uuid)| uuid).collect();
        (uuids.into_iter().collect::<Vec<_>>(), Reached { event, ..reached.clone() })
    } else if !reached.is_whole {
        let Some(uuids) = host.list(category, reached.listed.as_deref(), PORTION)? else { return Ok(Next::Unlisted) };
        let listed = uuids.last().filter(|_| uuids.len() >= PORTION).cloned();
        let reached = Reached { is_whole: listed.is_none(), listed, event: reached.event };
        (uuids, reached)
    } else {
        return Ok(Next::Nothing);
    };
    let objects = listed_objects(host, category, uuids.clone())?;
    Ok(Next::Portion { uuids, objects, reached })
}

/// The categories whose events tell of objects of this one: a patient is a person no more.
fn telling(category: Category) -> Vec<Category> {
    if category.name() == "person" { vec![category, Category::patient()] } else { vec![category] }
}

/// The objects of a part of a host's list. A person who is a patient is the patient.
pub(crate) fn listed_objects(host: &mut dyn Host, category: Category, uuids: Vec<String>) -> Result<Vec<ObjectId>> {
    let named = |category: Category, uuid: &String| ObjectId { category, uuid: uuid.clone() };
    let known: Vec<&String> = uuids.iter().filter(|uuid| is_object_uuid(uuid)).collect();
    let objects = known.iter().map(|uuid| named(category, uuid));
    if category.name() != "person" {
        return Ok(objects.collect());
    }
    let patients: Vec<ObjectId> = known.iter().map(|uuid| named(Category::patient(), uuid)).collect();
    let are_patients = host.exists(&patients)?;
    Ok(objects.zip(are_patients).filter(|(_, is_patient)| !is_patient).map(|(object, _)| object).collect())
}

/// The hashes of objects in their order, none of one that is not here: all read in one transaction; when one cannot be read, each in
/// its own.
fn read_hashes(
    host: &mut dyn Host,
    representation: Representation,
    objects: &[ObjectId],
) -> Result<Vec<Option<String>>> {
    let together = transaction::read(host, |host| {
        expect_reads(host, objects.iter().map(|object| (representation, object)))?;
        objects.iter().map(|object| read_hash(host, representation, object)).collect()
    });
    match together {
        Ok(hashes) => Ok(hashes),
        Err(_) => objects.iter().map(|object| read_alone(host, representation, object)).collect(),
    }
}

fn read_alone(host: &mut dyn Host, representation: Representation, object: &ObjectId) -> Result<Option<String>> {
    host.begin()?;
    let read = read_hash(host, representation, object);
    host.rollback();
    // Another text at every try and on every server: it is never taken for the same.
    Ok(read.unwrap_or_else(|error| {
        log::info!("{object} has no hash, because it cannot be read: {}", error.kind);
        Some(format!("{UNREADABLE}{}", Uuid::new_v4().simple()))
    }))
}

fn read_hash(host: &mut dyn Host, representation: Representation, object: &ObjectId) -> Result<Option<String>> {
    match host.read(representation, object, false)? {
        Stored::Absent | Stored::Removed => Ok(None),
        Stored::Present(bytes) => {
            let document = parse_stored(object, &bytes)?;
            Ok(Some(canonical::hash_at(canonical::VERSION, representation, &document)))
        }
    }
}
