//! Objects that the parent refused because of others: what it misses is sent first, and what it refused for one another is
//! sent once more in one request, where a parent with this module tries it together.

use std::collections::{HashSet, VecDeque};

use super::SyncPushService;
use super::item::{Item, Record};
use super::waiting::Waiting;
use crate::error::{ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId};
use crate::filter::Filter;
use crate::host::Host;
use crate::store::parked::{self, Parked, Refused};
use crate::store::{conflicts, copies, now, object_states, transaction};

/// How far references of references are followed.
const DEEPEST: usize = 8;

/// The most objects of each kind of trouble that are looked at in one run.
const MOST: u32 = 200;

/// Why the parent may refuse an object because of others.
const KINDS: [ErrorKind; 3] = [ErrorKind::Duplicate, ErrorKind::Rejected, ErrorKind::MissingReference];

impl SyncPushService<'_> {
    /// Sends again at once what was sent in an earlier run and never answered: the answer says what became of it.
    pub(super) fn ask_after_unanswered(&self, host: &mut dyn Host) -> Result<()> {
        transaction::write(host, |host| {
            let now = now(host)?;
            self.run.renew_lease(host)?;
            parked::ask_after_unanswered(host, now).map(drop)
        })
    }

    /// Sends the objects that the parent misses for others, and what these refer to in turn: it was made while nobody listened, or
    /// before this module came. The filters decide on it as on anything else.
    pub(super) fn send_what_is_needed(&mut self, host: &mut dyn Host) -> Result<()> {
        let mut asked = HashSet::new();
        for _ in 0..DEEPEST {
            let needed = self.needed(host, &mut asked)?;
            if needed.is_empty() {
                return Ok(());
            }
            let run = self.run.record.id.clone();
            let items = needed.into_iter().map(|object| Item::Record(Box::new(Record::needed(object, &run))));
            let items: VecDeque<Item> = items.collect();
            self.process(host, Waiting::of_items(items))?;
            self.retry_due(host)?;
        }
        Ok(())
    }

    /// Objects here that others wait for, each once in a run. Not those that the parent had, as far as is known: it refuses what
    /// hangs on what it has removed. Nor those that it has refused themselves, which are tried again in their time, and those that
    /// are in dispute, which somebody has to decide about first.
    fn needed(&self, host: &mut dyn Host, asked: &mut HashSet<ObjectId>) -> Result<Vec<ObjectId>> {
        transaction::read(host, |host| {
            let mut needed = Vec::new();
            for awaited in parked::awaited(host, Direction::Push, MOST)? {
                let names: Vec<ObjectId> =
                    names(&awaited).filter(|name| self.parts.filters.wants_category(name.category)).collect();
                let here = host.exists(&names)?;
                let found = names.into_iter().zip(here).find(|(_, here)| *here).map(|(name, _)| name);
                needed.extend(found.filter(|object| asked.insert(object.clone())));
            }
            let known = object_states::get_all(host, &needed)?;
            let as_copied = copies::as_copied(host, &needed)?;
            let refused = parked::get_all(host, Direction::Push, &needed)?;
            let disputed = conflicts::get_all(host, &needed)?;
            needed.retain(|object| {
                let was_there = match known.get(object) {
                    Some(state) => state.remote_hash.is_some(),
                    None => as_copied.contains(object),
                };
                !was_there && !refused.contains_key(object) && !disputed.contains_key(object)
            });
            Ok(needed)
        })
    }

    /// Sends once more what was refused, in this run or in an earlier one, in the order in which it was parked.
    pub(super) fn send_refused_together(&mut self, host: &mut dyn Host) -> Result<()> {
        let mut refused = self.refused(host)?;
        if refused.iter().all(|parked| parked.error.kind == ErrorKind::MissingReference) {
            return Ok(());
        }
        refused.sort_by_key(|parked| parked.parked_at);
        let items = refused.into_iter().map(|parked| {
            let wanted = self.parts.filters.wants_category(parked.object.category);
            Item::Record(Box::new(Record::retried(parked, wanted)))
        });
        let items: VecDeque<Item> = items.collect();
        self.process(host, Waiting::of_items(items))?;
        self.retry_due(host)
    }

    fn refused(&self, host: &mut dyn Host) -> Result<Vec<Parked>> {
        transaction::read(host, |host| {
            let wanted = Refused {
                direction: Direction::Push,
                kinds: &KINDS,
                attempts: self.config.retry.attempts,
                time: now(host)?,
                held: &[],
                limit: MOST,
            };
            parked::refused(host, &wanted)
        })
    }
}

/// Returns the objects that a reference may be to: a visit where it says encounter, a patient where it says person; itself at last.
pub(super) fn names(referred: &ObjectId) -> impl Iterator<Item = ObjectId> {
    let category = referred.category;
    let others = Category::all().filter(move |other| *other != category && other.names().any(|name| name == category));
    others.chain([category]).map(|category| ObjectId { category, uuid: referred.uuid.clone() })
}
