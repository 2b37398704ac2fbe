//! How a pull meets the parent: before it takes anything from it, and after what it took. By that a parent that was restored from
//! an older copy is known ([`restored`]).

use log::info;

use super::SyncPullService;
use crate::error::{ErrorKind, Result};
use crate::event::Direction;
use crate::feed::FeedScope;
use crate::greeter::Greeter;
use crate::host::Host;
use crate::restored::{self, Met};
use crate::store::markers::Marker;
use crate::store::{markers, sightings, transaction};

impl SyncPullService<'_> {
    /// Greets the parent where it was seen at another place than the one up to which its feed was read: the feed goes on from the
    /// marker also where the parent has lost what came after it, which is what this node had sent. What is fetched of a restored
    /// parent is news only where both sides had nothing later. After a run that read the feed to its end it costs no request.
    ///
    /// Errors: what stops the run, and an answer that is neither yes nor no.
    pub(super) fn meet_first(&mut self, host: &mut dyn Host) -> Result<()> {
        restored::find_what_was_lost(&self.run, host)?;
        if was_seen_elsewhere(host)? {
            self.meet(host)?;
        }
        Ok(())
    }

    /// Notes where the parent's feed ends after what was pulled: by that a restore is noticed later, and how old the copy is.
    /// What was pulled stands, whatever the parent answers.
    pub(super) fn see_the_parent(&mut self, host: &mut dyn Host) -> Result<()> {
        if self.fetching.without_exchange().is_some() || self.run.record.progress.events == 0 {
            return Ok(());
        }
        match self.meet(host) {
            Err(error) if error.kind == ErrorKind::Host || error.kind == ErrorKind::LeaseLost => Err(error),
            Err(error) => {
                info!("where the parent's feed ends is not known: {}", error.kind);
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    pub(super) fn meet(&mut self, host: &mut dyn Host) -> Result<Met> {
        if !self.config.may_exchange() {
            return Ok(Met::WithoutExchange);
        }
        let greeter = Greeter::new(self.parent.clone(), self.config, &self.run.introduction);
        restored::meet(&mut self.run, host, &greeter)
    }
}

/// Returns true if the parent was seen, and not at the place up to which its own feed was read.
fn was_seen_elsewhere(host: &mut dyn Host) -> Result<bool> {
    transaction::read(host, |host| {
        // A feed without events ends nowhere.
        let seen = sightings::newest(host, 1)?.pop().filter(|seen| seen.place.number > 0);
        let Some(seen) = seen else { return Ok(false) };
        let positions = markers::load(host, Direction::Pull)?;
        let complete = positions.into_iter().find(|position| *position.feed == *FeedScope::Complete.name());
        let is_there = |marker: Marker| marker.entry_id.ends_with(&seen.place.event);
        Ok(!complete.and_then(|feed| feed.marker).is_some_and(is_there))
    })
}
