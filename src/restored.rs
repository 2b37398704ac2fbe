//! The parent was restored from an older copy: what it acknowledged after that copy was made is not there any more. It shows by
//! the end of its feed, which the parent tells in every answer: it has not had any more what was seen of it. Every
//! agreement of a later time is then compared again, and what the parent lost is sent again.

use crate::copied;
use crate::error::Result;
use crate::event::ObjectId;
use crate::greeter::Greeter;
use crate::host::Host;
use crate::run::ActiveRun;
use crate::store::restores::{self, Restore};
use crate::store::sightings::{self, Sighting};
use crate::store::{object_states, transaction};
use crate::wire::FeedPlace;

/// The most sightings that are looked through for one that the parent still knows.
const MOST_SIGHTINGS: u32 = 10_000;

/// So many of the newest are asked for each by itself, and of the others one in so many.
const NEWEST_ASKED: usize = 200;
const ONE_IN: usize = 50;

/// How the parent was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It does not serve the exchange to this account.
    WithoutExchange,
    /// It serves the exchange, and nothing is known of where it was before.
    First,
    /// It has had what was seen of it.
    GoesOn,
    /// It was restored, which nobody here knew yet.
    Restored,
}

/// Greets the parent, and finds out whether it was restored: then what it may have lost is marked, and offered to the push.
///
/// Errors: what stops the run.
pub(crate) fn meet(run: &mut ActiveRun<'_>, host: &mut dyn Host, greeter: &Greeter) -> Result<Met> {
    let last = transaction::read(host, |host| sightings::newest(host, 1))?.pop();
    let seen = last.iter().map(|last| last.place.clone()).collect();
    let Some(greeted) = run.wait(host, greeter.greet(seen))? else { return Ok(Met::WithoutExchange) };
    let Some(feed) = greeted.feed else { return Ok(if last.is_some() { Met::GoesOn } else { Met::First }) };
    match last {
        Some(last) if greeted.known.is_none() => {
            note_restored(run, host, greeter, (&last, &feed))?;
            Ok(Met::Restored)
        }
        last => {
            transaction::write(host, |host| sightings::add(host, &feed))?;
            Ok(if last.is_some() { Met::GoesOn } else { Met::First })
        }
    }
}

/// The parent has not had the last place any more at which it was seen.
fn note_restored(
    run: &mut ActiveRun<'_>,
    host: &mut dyn Host,
    greeter: &Greeter,
    (last, feed): (&Sighting, &FeedPlace),
) -> Result<()> {
    let seen = sampled(transaction::read(host, |host| sightings::newest(host, MOST_SIGHTINGS))?);
    let places = seen.iter().map(|sighting| sighting.place.clone()).collect();
    let greeted = run.wait(host, greeter.greet(places))?.unwrap_or_default();
    let known = greeted.known.and_then(|index| seen.get(index));
    let (number, restored_to) = known.map_or((0, 0), |known| (known.number, known.place.number));
    log::warn!(
        "the parent was restored from an older copy: it has not had the event {} of its feed any more, but those up to \
         {restored_to}",
        last.place.number
    );
    transaction::write(host, |host| {
        run.renew_lease(host)?;
        // The other direction may have noticed it meanwhile.
        if sightings::newest(host, 1)?.first() != Some(last) {
            return Ok(());
        }
        restores::begin(host, &last.place, restored_to, number)?;
        sightings::forget_after(host, number)?;
        sightings::add(host, feed)
    })?;
    find_what_was_lost(run, host)
}

/// The parent was restored, and nobody can say from how old a copy: whatever was agreed on with it may be lost.
pub(crate) fn doubt_everything(run: &ActiveRun<'_>, host: &mut dyn Host) -> Result<()> {
    log::warn!(
        "the parent was restored or replaced, and nothing tells how old what it has is: all of it is compared anew"
    );
    transaction::write(host, |host| {
        run.renew_lease(host)?;
        let last = sightings::newest(host, 1)?.pop().map(|last| last.place);
        let nowhere = FeedPlace { epoch: String::new(), number: 0, event: String::new() };
        restores::begin(host, &last.unwrap_or(nowhere), 0, 0)
    })?;
    find_what_was_lost(run, host)
}

/// Marks the agreements that a restored parent may have lost, and adds them to what is pushed, a portion at a time. Goes on
/// where an earlier run was stopped.
pub(crate) fn find_what_was_lost(run: &ActiveRun<'_>, host: &mut dyn Host) -> Result<()> {
    let last = transaction::read(host, |host| restores::last(host))?;
    let Some(restore) = last.filter(|restore| !restore.ended) else { return Ok(()) };
    copied::give_back_after(run, host, restore.restored_to)?;
    let mut after: Option<ObjectId> = None;
    loop {
        run.check_cancelled()?;
        let marked = transaction::write(host, |host| {
            run.renew_lease(host)?;
            let marked = object_states::mark_restored(host, after.as_ref(), oldest_doubtful(&restore), &restore)?;
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
