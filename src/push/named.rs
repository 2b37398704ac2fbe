//! A push by name: one object, and what hangs on it here. A patient goes with her visits, encounters and
//! observations.

use super::SyncPushService;
use super::item::{Item, Record};
use super::waiting::Waiting;
use crate::error::Result;
use crate::event::ObjectId;
use crate::filter::Filter;
use crate::host::Host;
use crate::removal::dependents;
use crate::store::transaction;

impl SyncPushService<'_> {
    /// Sends the object as it is here, then what hangs on it, then what the parent misses for these.
    pub(super) fn send_named(&mut self, host: &mut dyn Host, object: &ObjectId) -> Result<()> {
        let run = self.run.record.id.clone();
        let named = self.with_what_hangs_on_it(host, object)?;
        let items = named.into_iter().map(|object| Item::Record(Box::new(Record::asked(object, &run))));
        self.process(host, Waiting::of_items(items.collect()))?;
        self.send_what_is_needed(host)?;
        self.send_refused_together(host)
    }

    /// Referenced objects come first. An object that is removed here is left out: its removal has an event of its own. So is what
    /// this node does not push.
    fn with_what_hangs_on_it(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Vec<ObjectId>> {
        let hanging = transaction::read(host, |host| dependents(host, object))?;
        let live = hanging.into_iter().filter(|dependent| !dependent.removed).map(|dependent| dependent.object);
        let mut hanging: Vec<ObjectId> =
            live.filter(|object| self.parts.filters.wants_category(object.category)).collect();
        hanging.sort_by_key(|object| object.category);
        Ok(std::iter::once(object.clone()).chain(hanging).collect())
    }
}
