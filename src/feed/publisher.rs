//! From the outbox to the feed that this node publishes.

use crate::config::Config;
use crate::decide::changes::events;
use crate::error::Result;
use crate::event::Direction;
use crate::store::events::{self as published, OwnFeed};
use crate::store::{Sql, Transaction, kept_since, markers, outbox, transaction};

/// The most changes that one transaction publishes.
const MOST_AT_ONCE: u32 = 2000;

/// The most events, in whole pages, that one transaction removes; more than it publishes, so that removing keeps up.
const MOST_REMOVED_AT_ONCE: u32 = 2 * MOST_AT_ONCE;

/// Publishes everything that has been committed to the outbox, in transactions of its own. Returns this node's feed, which
/// begins with pages of that size if there was none. Blocks on the database, also while another thread or server
/// publishes.
///
/// Errors: `Host`.
pub fn publish(host: &mut dyn Transaction, page_size: u32) -> Result<OwnFeed> {
    loop {
        let begun =
            transaction::read(host, |sql| Ok(if outbox::is_empty(sql)? { published::own_feed(sql)? } else { None }))?;
        match begun {
            Some(feed) => return Ok(feed),
            None => publish_some(host, page_size)?,
        }
    }
}

fn publish_some(host: &mut dyn Transaction, page_size: u32) -> Result<()> {
    transaction::write(host, |sql| {
        published::lock(sql)?;
        published::begin_feed(sql, page_size)?;
        let changes = outbox::take(sql, MOST_AT_ONCE)?;
        published::append(sql, &events(changes))
    })
}

/// Removes some of the events that are older than the configuration keeps them, in a transaction of its own. Where what is
/// changed here is pushed, events that are not pushed yet stay, and so does the page of the one that was pushed last.
/// Returns whether any stay only therefore.
///
/// Errors: `Host`.
pub fn remove_expired(host: &mut dyn Transaction, feed: &OwnFeed, config: &Config) -> Result<bool> {
    let most_pages = (MOST_REMOVED_AT_ONCE / feed.page_size).max(1);
    transaction::write(host, |sql| {
        let Some(before) = kept_since(sql, config.feed.keep_days)? else { return Ok(false) };
        let needed_from = config.push.enabled.then(|| pushed_until(sql, feed)).transpose()?;
        Ok(published::remove_older(sql, before, feed.page_size, most_pages, needed_from)?.held_back)
    })
}

/// The number of the event that was pushed last; 0 when none was, or when it cannot be said where in this feed the push is.
fn pushed_until(sql: &mut dyn Sql, feed: &OwnFeed) -> Result<u64> {
    let positions = markers::load(sql, Direction::Push)?;
    let position = positions.into_iter().find(|position| *position.epoch == *feed.epoch);
    match position.and_then(|position| position.marker) {
        Some(marker) => Ok(published::number_of(sql, &marker.entry_id)?.unwrap_or(0)),
        None => Ok(0),
    }
}
