//! From the outbox to the feed that this node publishes.

use crate::decide::changes::events;
use crate::error::Result;
use crate::store::events::{self as published, OwnFeed};
use crate::store::{Transaction, kept_since, outbox, transaction};

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

/// Removes some of the events that are older than so many days, in a transaction of its own; none when it is 0.
///
/// Errors: `Host`.
pub fn remove_expired(host: &mut dyn Transaction, feed: &OwnFeed, keep_days: u32) -> Result<()> {
    let most_pages = (MOST_REMOVED_AT_ONCE / feed.page_size).max(1);
    transaction::write(host, |sql| match kept_since(sql, keep_days)? {
        Some(before) => published::remove_older(sql, before, feed.page_size, most_pages).map(drop),
        None => Ok(()),
    })
}
