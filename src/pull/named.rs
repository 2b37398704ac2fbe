//! A pull by name: one object, and what hangs on it at the parent. A patient comes with her visits, encounters
//! and observations.

use super::SyncPullService;
use super::item::{Item, Record, Source, Work};
use super::received::Received;
use crate::error::Result;
use crate::event::{Action, ObjectId};
use crate::host::Host;
use crate::store::{conflicts, transaction};

/// The most objects that are merged in one run without an event of them.
const MOST_MERGED: u32 = 200;

impl SyncPullService<'_> {
    /// Brings the object, whatever the filters say of it, and then what hangs on it, as far as this node pulls such objects.
    pub(super) fn bring_named(&mut self, host: &mut dyn Host, object: &ObjectId) -> Result<()> {
        if !self.bring_all(host, std::slice::from_ref(object))? {
            return Ok(());
        }
        let fetching = self.fetching.clone();
        let mut hanging = self.run.wait(host, fetching.hanging_on(object))?;
        hanging.sort_by_key(|object| object.category);
        for some in hanging.chunks(self.config.transfer.batch_size) {
            self.bring_all(host, some)?;
        }
        Ok(())
    }

    /// Brings what a push found changed on both sides without a dispute. The parent may tell of its change by no event: a
    /// provider's name follows the person's.
    pub(super) fn merge_what_can_be(&mut self, host: &mut dyn Host) -> Result<()> {
        let found = transaction::read(host, |host| conflicts::to_merge(host, MOST_MERGED))?;
        let pulled: Vec<ObjectId> = found.into_iter().filter(|object| self.config.pulls(object.category)).collect();
        for some in pulled.chunks(self.config.transfer.batch_size) {
            self.bring_all(host, some)?;
        }
        Ok(())
    }

    /// False when the parent has none of them.
    fn bring_all(&mut self, host: &mut dyn Host, objects: &[ObjectId]) -> Result<bool> {
        let fetching = self.fetching.clone();
        let started = fetching.now();
        let answers = self.run.wait(host, fetching.fetch_named(objects))?;
        let has_some = answers.iter().any(|(_, work)| matches!(work, Work::Received(Received::Document(_))));
        let items = answers.into_iter().map(|(object, work)| {
            let (source, action) = (Source::Asked, Action::Other);
            Item::Record(Box::new(Record { source, object, action, work, started, fetched_anew: 0 }))
        });
        self.process(host, items.collect())?;
        Ok(has_some)
    }
}
