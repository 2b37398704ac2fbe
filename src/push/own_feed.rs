//! The events of this node's own feed after the marker, from the database.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{CAUSE_TAG, Direction, Event};
use crate::feed::publisher;
use crate::host::Host;
use crate::store::events::{self, PublishedEvent};
use crate::store::markers::FeedPosition;
use crate::store::{Sql, markers, transaction};

/// The name of this node's own feed in markers.
const FEED: &str = "sync2";

/// Events that are read at once.
const WINDOW: u64 = 1000;

/// This node's feed, from the marker to what was published when it was opened.
pub(super) struct OwnFeed {
    feed: Arc<str>,
    epoch: Arc<str>,
    page_size: u64,
    /// The number of the last event that was read.
    read: u64,
    /// The number of the last event.
    last: u64,
}

impl OwnFeed {
    /// Publishes what was changed here until now, and finds the place of the marker. The first push begins at the feed's
    /// first event.
    ///
    /// Errors: `NeedsBackfill` when the feed no longer continues at the marker, `Host`.
    pub(crate) fn open(host: &mut dyn Host, page_size: u32) -> Result<OwnFeed> {
        let feed = publisher::publish(host, page_size)?;
        transaction::write(host, |host| {
            let positions = markers::load(host, Direction::Push)?;
            let position = positions.iter().find(|position| *position.feed == *FEED);
            let read = match position {
                Some(position) if *position.epoch != *feed.epoch => return Err(replaced(position)),
                Some(position) => number_at(host, position)?,
                None => {
                    markers::start_epoch(host, Direction::Push, FEED, &feed.epoch)?;
                    0
                }
            };
            refuse_gap(host, read)?;
            Ok(OwnFeed {
                feed: FEED.into(),
                epoch: feed.epoch.as_str().into(),
                page_size: u64::from(feed.page_size.max(1)),
                read,
                last: events::last_number(host, None)?,
            })
        })
    }

    /// The next events; none at the end.
    pub(crate) fn next(&mut self, host: &mut dyn Host) -> Result<Vec<Event>> {
        let (first, last) = (self.read + 1, (self.read + WINDOW).min(self.last));
        if first > last {
            return Ok(Vec::new());
        }
        let published = transaction::read(host, |host| {
            refuse_gap(host, self.read)?;
            events::range(host, first, last)
        })?;
        self.read = last;
        Ok(published.into_iter().map(|published| self.event(published)).collect())
    }

    /// How many events come after those that were read.
    pub(crate) fn remaining(&self) -> u64 {
        self.last - self.read
    }

    fn event(&self, published: PublishedEvent) -> Event {
        let page = (published.number - 1) / self.page_size + 1;
        let event = published.event;
        let patient = event.patient.map(|uuid| format!("patient:{uuid}"));
        let location = event.location.map(|uuid| format!("location:{uuid}"));
        let cause = event.caused_by.map(|owner| format!("{CAUSE_TAG}{owner}"));
        Event {
            feed: self.feed.clone(),
            epoch: self.epoch.clone(),
            id: published.uuid,
            page_url: format!("/ws/rest/v1/sync2/feed/{page}").into(),
            updated: published.published_at,
            action: event.action,
            tags: patient.into_iter().chain(location).chain(cause).collect(),
            object: Ok(event.object),
            left_out: 0,
        }
    }
}

/// The number of the event that the marker stands at; 0 before the first.
fn number_at(sql: &mut dyn Sql, position: &FeedPosition) -> Result<u64> {
    let Some(marker) = &position.marker else { return Ok(0) };
    events::number_of(sql, &marker.entry_id)?.ok_or_else(|| {
        Error::new(
            ErrorKind::NeedsBackfill,
            format!(
                "the event {} that was pushed last is not in this node's feed any more: feed.keepDays has removed it, or \
                 the database was restored from a backup. What changed since can only be told by a backfill",
                marker.entry_id
            ),
        )
    })
}

/// Retention must not have removed what was not pushed yet.
fn refuse_gap(sql: &mut dyn Sql, read: u64) -> Result<()> {
    let oldest = events::oldest_number(sql)?;
    match oldest.filter(|oldest| *oldest > read + 1) {
        None => Ok(()),
        Some(oldest) => Err(Error::new(
            ErrorKind::NeedsBackfill,
            format!(
                "the events {} to {} of this node's feed were removed before they were pushed (feed.keepDays): what they \
                 told of can only be sent by a backfill",
                read + 1,
                oldest - 1
            ),
        )),
    }
}

fn replaced(position: &FeedPosition) -> Error {
    let message = format!(
        "this node's feed began anew since the last push, which knew it as {}: what changed in between can only be told by \
         a backfill",
        position.epoch
    );
    Error::new(ErrorKind::NeedsBackfill, message)
}
