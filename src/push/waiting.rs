//! Records that wait to be sent: parked ones that are due, or the events of this node's own feed, which is read as far as
//! requests need it.

use std::collections::VecDeque;

use super::item::{Item, Planned};
use super::own_feed::OwnFeed;
use crate::decide::batching::batch_length;
use crate::error::{Error, Result};
use crate::event::Event;
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
    pub(crate) fn of_items(items: VecDeque<Item>) -> Waiting {
        Waiting { items, feed: None, unread: None, stopped: None }
    }

    pub(crate) fn of_feed(feed: OwnFeed) -> Waiting {
        Waiting { items: VecDeque::new(), unread: Some(feed.remaining()), feed: Some(feed), stopped: None }
    }

    /// Returns true if the feed has to be read on before so many items are taken.
    pub(crate) fn needs_more(&self, most: usize) -> bool {
        self.items.len() < most && self.feed.is_some()
    }

    /// The next events of the feed, for [`add`](Waiting::add) to take what they come to; none at its end.
    pub(crate) fn read_on(&mut self, host: &mut dyn Host) -> Result<Vec<Event>> {
        let Some(feed) = &mut self.feed else { return Ok(Vec::new()) };
        let events = feed.next(host)?;
        if events.is_empty() {
            self.feed = None;
        } else {
            self.unread = Some(feed.remaining());
        }
        Ok(events)
    }

    /// More items, behind the others.
    pub(crate) fn add(&mut self, items: Vec<Item>) {
        self.items.extend(items);
    }

    /// No more come, because of that.
    pub(crate) fn stop(&mut self, error: Error) {
        self.stopped = Some(error);
        self.feed = None;
    }

    /// Takes what one request may bring of what was read: at most `most`, and no object twice. None at the end.
    pub(crate) fn next_request(&mut self, most: usize) -> VecDeque<Item> {
        let length = batch_length(self.items.iter().map(Item::written_object), most);
        self.items.drain(..length).collect()
    }

    /// How many events are not sent yet, with those that are read ahead.
    ///
    /// `planned`: how many items were taken and not sent.
    pub(crate) fn remaining(&self, planned: usize) -> Option<u64> {
        self.unread.map(|unread| unread + (self.items.len() + planned) as u64)
    }

    /// Puts the first ones back, whose plans do not hold any more.
    pub(crate) fn put_back(&mut self, planned: Vec<Planned>) {
        self.put_back_items(planned.into_iter().map(|planned| planned.item).collect());
    }

    /// Puts the first ones back.
    pub(crate) fn put_back_items(&mut self, mut items: VecDeque<Item>) {
        items.append(&mut self.items);
        self.items = items;
    }
}
