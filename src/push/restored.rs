//! The parent was restored from an older copy: what it acknowledged after that copy was made is not there any more. It shows by
//! the end of its feed, which the parent tells in every answer: it has not had any more what was seen of it. Every
//! agreement of a later time is then compared again, and what the parent lost is sent again.

use super::SyncPushService;
use super::exchange::ExchangeSender;
use crate::error::Result;
use crate::event::ObjectId;
use crate::exchange::wire::FeedPlace;
use crate::host::Host;
use crate::store::restores::{self, Restore};
use crate::store::sightings::{self, Sighting};
use crate::store::{object_states, transaction};

/// The most sightings that are looked through for one that the parent still knows.
const MOST_SIGHTINGS: u32 = 10_000;

/// So many of the newest are asked for each by itself, and of the others one in so many.
const NEWEST_ASKED: usize = 200;
const ONE_IN: usize = 50;

impl SyncPushService<'_> {
    /// Greets the parent, and finds out whether it was restored. Whether it serves the exchange.
    ///
    /// Errors: what stops the run.
    pub(super) fn meet(&mut self, host: &mut dyn Host, exchange: &ExchangeSender) -> Result<bool> {
        let last = transaction::read(host, |host| sightings::newest(host, 1))?.pop();
        let seen = last.iter().map(|last| last.place.clone()).collect();
        let Some(greeted) = self.run.wait(host, exchange.greet(seen))? else { return Ok(false) };
        match (last, greeted.feed) {
            (Some(last), Some(feed)) if greeted.known.is_none() => self.was_restored(host, exchange, &last, &feed)?,
            (_, Some(feed)) => transaction::write(host, |host| sightings::add(host, &feed))?,
            (_, None) => {}
        }
        Ok(true)
    }

    /// The parent has not had the last place any more at which it was seen.
    fn was_restored(
        &mut self,
        host: &mut dyn Host,
        exchange: &ExchangeSender,
        last: &Sighting,
        feed: &FeedPlace,
    ) -> Result<()> {
        let seen = sampled(transaction::read(host, |host| sightings::newest(host, MOST_SIGHTINGS))?);
        let places = seen.iter().map(|sighting| sighting.place.clone()).collect();
        let greeted = self.run.wait(host, exchange.greet(places))?.unwrap_or_default();
        let known = greeted.known.and_then(|index| seen.get(index));
        let (number, restored_to) = known.map_or((0, 0), |known| (known.number, known.place.number));
        log::warn!(
            "the parent was restored from an older copy: it has not had the event {} of its feed any more, but those up to \
             {restored_to}",
            last.place.number
        );
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            restores::begin(host, &last.place, restored_to, number)?;
            sightings::forget_after(host, number)?;
            sightings::add(host, feed)
        })?;
        self.parent_was_restored = true;
        self.find_what_was_lost(host)
    }

    /// Marks the agreements that a restored parent may have lost, and adds them to what is pushed, a portion at a time. Goes on
    /// where an earlier run was stopped.
    pub(super) fn find_what_was_lost(&self, host: &mut dyn Host) -> Result<()> {
        let last = transaction::read(host, |host| restores::last(host))?;
        let Some(restore) = last.filter(|restore| !restore.ended) else { return Ok(()) };
        let mut after: Option<ObjectId> = None;
        loop {
            self.run.check_cancelled()?;
            let marked = transaction::write(host, |host| {
                self.run.renew_lease(host)?;
                let marked =
                    object_states::mark_restored(host, after.as_ref(), oldest_doubtful(&restore), restore.restored_to)?;
                match &marked {
                    Some((_, count)) => restores::found(host, restore.number, *count)?,
                    None => restores::end(host, restore.number)?,
                }
                Ok(marked)
            })?;
            match marked {
                Some((last, _)) => after = Some(last),
                None => return Ok(()),
            }
        }
    }
}

/// At which sighting the oldest of the agreements was recorded that may be lost. A pull records what it fetched between two
/// sightings at the first of them, so one more is looked at.
fn oldest_doubtful(restore: &Restore) -> i64 {
    if restore.sighting == 0 { 0 } else { (restore.sighting - 1).max(1) }
}

/// The newest, and of the others some.
fn sampled(sightings: Vec<Sighting>) -> Vec<Sighting> {
    let is_asked = |(index, _): &(usize, Sighting)| *index < NEWEST_ASKED || index % ONE_IN == 0;
    sightings.into_iter().enumerate().filter(is_asked).map(|(_, sighting)| sighting).collect()
}
