//! What waits to be sent: parked records that are due, or the events of this node's own feed, which is read as far as
//! requests need it.

use std::collections::VecDeque;

use super::SyncPushService;
use super::item::{Item, Planned};
use super::own_feed::OwnFeed;
use crate::decide::batching::batch_length;
use crate::error::{Error, Result};
use crate::host::Host;

/// Items in their order.
pub(super) struct Waiting {
    items: VecDeque<Item>,
    /// Where more come from.
    feed: Option<OwnFeed>,
    /// How many events were not read yet; None without a feed, where nobody counts.
    unread: Option<u64>,
    /// Why no more come; it counts when all others are sent.
    pub stopped: Option<Error>,
}

impl Waiting {
    pub fn of_items(items: VecDeque<Item>) -> Waiting {
        Waiting { items, feed: None, unread: None, stopped: None }
    }

    pub fn of_feed(feed: OwnFeed) -> Waiting {
        Waiting { items: VecDeque::new(), unread: Some(feed.remaining()), feed: Some(feed), stopped: None }
    }

    /// Takes what one request may bring: at most `most`, and no object twice. None at the end.
    ///
    /// Errors: `Cancelled`.
    pub fn next_request(
        &mut self,
        service: &mut SyncPushService<'_>,
        host: &mut dyn Host,
        most: usize,
    ) -> Result<VecDeque<Item>> {
        while self.items.len() < most && self.feed.is_some() {
            service.run.check_cancelled()?;
            if let Err(error) = self.read_on(service, host) {
                self.stopped = Some(error);
                self.feed = None;
            }
        }
        let length = batch_length(self.items.iter().map(Item::written_object), most);
        Ok(self.items.drain(..length).collect())
    }

    fn read_on(&mut self, service: &mut SyncPushService<'_>, host: &mut dyn Host) -> Result<()> {
        let Some(feed) = &mut self.feed else { return Ok(()) };
        let events = feed.next(host)?;
        if events.is_empty() {
            self.feed = None;
            return Ok(());
        }
        self.unread = Some(feed.remaining());
        let (items, stopped) = service.items(host, events)?;
        self.items.extend(items);
        stopped.map_or(Ok(()), Err)
    }

    /// How many events are not sent yet, with those that are read ahead.
    ///
    /// `planned`: how many items were taken and not sent.
    pub fn remaining(&self, planned: usize) -> Option<u64> {
        self.unread.map(|unread| unread + (self.items.len() + planned) as u64)
    }

    /// Puts the first ones back, whose plans do not hold any more.
    pub fn put_back(&mut self, planned: Vec<Planned>) {
        self.put_back_items(planned.into_iter().map(|planned| planned.item).collect());
    }

    /// Puts the first ones back.
    pub fn put_back_items(&mut self, mut items: VecDeque<Item>) {
        items.append(&mut self.items);
        self.items = items;
    }
}
