//! Repairs what a comparison found, by the means that bring objects in any run: what the parent has newer is fetched, what is newer
//! here is told in this node's own feed, which a push follows, and what both changed is merged or a conflict.

use super::SyncPullService;
use super::backfill::item;
use super::item::{Item, Work};
use super::received::Received;
use super::second_look::{Looked, told};
use crate::decide::verification::{Finding, Newer, Side};
use crate::error::{ErrorKind, Result};
use crate::event::{Action, Category, ObjectId};
use crate::host::Host;
use crate::store::verifications::{self, Difference, ToRepair};
use crate::store::{now, object_states, outbox, transaction};

/// What is to be done about a portion.
#[derive(Default)]
struct Portion {
    /// Both sides have them alike by now.
    same: Vec<ObjectId>,
    /// They wait, or cannot be seen any more.
    changed: Vec<Difference>,
    fetched: Vec<Looked>,
    offered: Vec<Looked>,
}

impl SyncPullService<'_> {
    /// Repairs these differences.
    ///
    /// Errors: `Configuration` where the parent does not have the exchange; what stops the run.
    pub(super) fn repair(&mut self, host: &mut dyn Host, which: &ToRepair) -> Result<()> {
        self.require_exchange(host)?;
        match which {
            ToRepair::All => Category::all().try_for_each(|category| self.repair_category(host, category)),
            ToRepair::OfCategory(category) => self.repair_category(host, *category),
            ToRepair::One(object) => {
                let found = transaction::read(host, |host| verifications::get(host, object))?;
                let is_difference = |found: &Difference| Finding::DIFFERENCES.contains(&found.finding);
                self.repair_portion(host, found.into_iter().filter(is_difference).collect())
            }
        }
    }

    fn repair_category(&mut self, host: &mut dyn Host, category: Category) -> Result<()> {
        let most = self.config.transfer.batch_size as u32;
        let mut after = String::new();
        loop {
            self.run.check_cancelled()?;
            let found = transaction::read(host, |host| verifications::to_repair(host, category, &after, most))?;
            let Some(last) = found.last() else { return Ok(()) };
            after = last.object.uuid.clone();
            self.repair_portion(host, found)?;
        }
    }

    fn repair_portion(&mut self, host: &mut dyn Host, found: Vec<Difference>) -> Result<()> {
        let Portion { same, changed, fetched, offered } = self.portion(host, found)?;
        let repaired: Vec<ObjectId> = fetched.iter().chain(&offered).map(|looked| looked.object.clone()).collect();
        self.fetch_again(host, &fetched)?;
        self.offer_again(host, offered)?;
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            let time = now(host)?;
            verifications::remove(host, &same)?;
            verifications::put_all(host, &changed)?;
            verifications::mark_repaired(host, &repaired, time)
        })
    }

    /// Looks at the differences once more: it may be long ago that they were found.
    fn portion(&mut self, host: &mut dyn Host, found: Vec<Difference>) -> Result<Portion> {
        let objects: Vec<ObjectId> = found.iter().map(|difference| difference.object.clone()).collect();
        let mut portion = Portion::default();
        for (difference, looked) in found.into_iter().zip(self.look(host, &objects)?) {
            let category = looked.object.category;
            let Some(judged) = looked.judged() else {
                portion.same.push(looked.object);
                continue;
            };
            match judged.newer {
                None => portion.changed.push(told(difference, judged)),
                Some(Newer::Here) if self.config.offers_again(category) => portion.offered.push(looked),
                Some(Newer::There | Newer::Both) if self.config.pulls(category) => portion.fetched.push(looked),
                // It stays as it was found: this node does not synchronize it that way.
                Some(_) => {}
            }
        }
        Ok(portion)
    }

    fn fetch_again(&mut self, host: &mut dyn Host, looked: &[Looked]) -> Result<()> {
        self.forget_lost(host, looked)?;
        let objects: Vec<ObjectId> = looked.iter().map(|looked| looked.object.clone()).collect();
        let fetching = self.fetching.clone();
        let started = fetching.now();
        let answers = self.run.wait(host, fetching.fetch_named(&objects))?;
        let mut items: Vec<Item> = answers
            .into_iter()
            .filter(|(_, work)| !is_unknown(work))
            .map(|(object, work)| item(object, action_of(&work), work, started))
            .collect();
        items.sort_by_key(|item| item.written_object().cloned());
        self.process(host, items)
    }

    /// What both sides agreed on and is not here any more was lost, since nothing says that it was removed: it comes as at first
    /// contact.
    fn forget_lost(&self, host: &mut dyn Host, looked: &[Looked]) -> Result<()> {
        let lost = looked.iter().filter(|looked| looked.ours == Side::Absent && looked.state.is_some());
        let lost: Vec<ObjectId> = lost.map(|looked| looked.object.clone()).collect();
        if lost.is_empty() {
            return Ok(());
        }
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            let here = host.exists(&lost)?;
            let absent = lost.iter().zip(here).filter(|(_, here)| !here).map(|(object, _)| object.clone());
            object_states::forget(host, &absent.collect::<Vec<_>>())
        })
    }

    /// Adds to what is pushed: of what the parent has lost, with an agreement that says so.
    fn offer_again(&mut self, host: &mut dyn Host, looked: Vec<Looked>) -> Result<()> {
        let started = self.fetching.now();
        let (lost, changed): (Vec<_>, Vec<_>) =
            looked.into_iter().partition(|looked| looked.theirs == Side::Absent && looked.state.is_some());
        let items = lost.into_iter().map(|looked| item(looked.object, Action::Other, Work::Lost, started));
        self.process(host, items.collect())?;
        let (removed, kept): (Vec<_>, Vec<_>) = changed.into_iter().partition(|looked| looked.ours == Side::Removed);
        let objects = |looked: Vec<Looked>| looked.into_iter().map(|looked| looked.object).collect::<Vec<_>>();
        let (removed, kept) = (objects(removed), objects(kept));
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            outbox::add_together(host, &kept, Action::Updated)?;
            outbox::add_together(host, &removed, Action::Voided)
        })
    }
}

/// An answer that is proof of a removal counts as its event.
fn action_of(work: &Work) -> Action {
    match work {
        Work::Received(Received::Gone { .. }) => Action::Voided,
        Work::Received(Received::Document(document)) if document.content.says_removed => Action::Voided,
        _ => Action::Other,
    }
}

/// It was removed since it was looked at, which an event tells.
fn is_unknown(work: &Work) -> bool {
    matches!(work, Work::Received(Received::Failed(error)) if error.kind == ErrorKind::NotFound)
}
