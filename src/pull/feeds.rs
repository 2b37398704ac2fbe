//! Which feeds a pull reads, and where each goes on.

use std::sync::Arc;

use log::info;
use uuid::Uuid;

use super::{OnClosed, SyncPullService};
use crate::config::FeedDialect;
use crate::error::{ErrorKind, Result};
use crate::event::Direction;
use crate::feed::{self, Dialect, FeedScope, FeedStart};
use crate::filter::unwanted_at_the_parent;
use crate::host::Host;
use crate::store::markers::{FeedPosition, Marker};
use crate::store::{markers, transaction};

impl SyncPullService<'_> {
    /// Chooses the dialect that this run reads. The parent is asked when neither the configuration nor a marker says it, and
    /// for the epoch of its own feed before the first event of that.
    pub(super) fn choose_dialect(&mut self, host: &mut dyn Host) -> Result<Dialect> {
        let dialect = self.find_dialect(host)?;
        self.parts.run.progress.reads(dialect);
        self.on_closed = match dialect {
            Dialect::Sync2 => OnClosed::Park,
            Dialect::Atomfeed => OnClosed::Leave,
        };
        Ok(dialect)
    }

    fn find_dialect(&mut self, host: &mut dyn Host) -> Result<Dialect> {
        let configured = self.config.parent.as_ref().map_or(FeedDialect::Auto, |parent| parent.feed);
        let positions = transaction::read(host, |host| markers::load(host, Direction::Pull))?;
        match Dialect::settled(configured, &positions) {
            Some(Dialect::Atomfeed) => Ok(Dialect::Atomfeed),
            Some(Dialect::Sync2)
                if position_of(FeedScope::Complete, &positions).is_some_and(FeedPosition::has_begun) =>
            {
                Ok(Dialect::Sync2)
            }
            settled => match self.begin_own_feed(host, &positions) {
                Err(error) if error.kind == ErrorKind::NotFound && settled.is_none() => Ok(Dialect::Atomfeed),
                begun => begun.map(|()| Dialect::Sync2),
            },
        }
    }

    fn begin_own_feed(&mut self, host: &mut dyn Host, positions: &[FeedPosition]) -> Result<()> {
        let (parent, limit) = (self.parent.clone(), self.config.transfer.max_group_bytes());
        let epoch = self.run.wait(host, feed::own_epoch(parent, limit))?;
        if position_of(FeedScope::Complete, positions).is_some_and(|position| *position.epoch == *epoch) {
            return Ok(());
        }
        info!("the feed that the parent publishes itself is read, from its beginning");
        let name = FeedScope::Complete.name();
        transaction::write(host, |host| markers::start_epoch(host, Direction::Pull, name, &epoch))
    }

    /// Goes over to the feed that the parent publishes itself, from the next run on, if the atomfeed module's were only read
    /// because the parent had none: its module was stopped, or came later. Asked only after a run that passed events, so that one
    /// that finds nothing new costs no request more.
    ///
    /// The place where the parent's feed ends is taken first, and then the other feeds are read to their ends: they told of
    /// everything up to that place, and the parent's feed tells of all that comes after it.
    ///
    /// A category that is held has events that only its own feed tells of: nothing changes as long as there is one.
    pub(super) fn go_over_to_own_feed(&mut self, host: &mut dyn Host, dialect: Dialect) -> Result<()> {
        if dialect != Dialect::Atomfeed || !self.is_feed_automatic() || self.run.record.progress.events == 0 {
            return Ok(());
        }
        let Some(end) = self.own_feed_end(host)? else { return Ok(()) };
        self.read_feed(host, dialect)?;
        if !self.held.is_empty() {
            return Ok(());
        }
        info!("the parent publishes a feed itself, which is read from now on in place of the atomfeed module's");
        transaction::write(host, |host| {
            markers::start_epoch(host, Direction::Pull, &end.feed, &end.epoch)?;
            markers::put(host, Direction::Pull, &end, 1)
        })
    }

    fn is_feed_automatic(&self) -> bool {
        self.config.parent.as_ref().is_none_or(|parent| parent.feed == FeedDialect::Auto)
    }

    fn own_feed_end(&mut self, host: &mut dyn Host) -> Result<Option<Marker>> {
        let (parent, limit) = (self.parent.clone(), self.config.transfer.max_group_bytes());
        match self.run.wait(host, feed::own_end(parent, limit)) {
            Err(error) if !feed::concerns_all_feeds(error.kind) => {
                info!("the parent publishes no feed that could be read: {}", error.for_log());
                Ok(None)
            }
            end => end,
        }
    }

    /// Where each feed goes on. One of the atomfeed module that is new gets its epoch before its first event.
    pub(super) fn feeds(&self, host: &mut dyn Host, dialect: Dialect) -> Result<Vec<FeedStart>> {
        let scopes: Vec<FeedScope> = match dialect {
            Dialect::Sync2 => vec![FeedScope::Complete],
            Dialect::Atomfeed => {
                let read = self.config.pulled_categories().filter(|category| !self.held.contains_key(category));
                read.map(FeedScope::Category).collect()
            }
        };
        let unwanted = (dialect == Dialect::Sync2).then(|| unwanted_at_the_parent(self.config));
        transaction::write(host, |host| {
            let positions = markers::load(host, Direction::Pull)?;
            let start = |scope| Ok(FeedStart { unwanted: unwanted.clone(), ..feed_start(host, scope, &positions)? });
            scopes.into_iter().map(start).collect()
        })
    }
}

fn feed_start(host: &mut dyn Host, scope: FeedScope, positions: &[FeedPosition]) -> Result<FeedStart> {
    if let Some(position) = position_of(scope, positions) {
        let (epoch, marker) = (position.epoch.clone(), position.marker.clone());
        return Ok(FeedStart { scope, epoch, marker, unwanted: None });
    }
    let epoch = Uuid::new_v4().to_string();
    markers::start_epoch(host, Direction::Pull, scope.name(), &epoch)?;
    Ok(FeedStart { scope, epoch: Arc::from(epoch), marker: None, unwanted: None })
}

fn position_of(scope: FeedScope, positions: &[FeedPosition]) -> Option<&FeedPosition> {
    positions.iter().find(|position| *position.feed == *scope.name())
}
