//! A child that was made from a copy of its parent's database, by purpose. What both have agreed on is what the copied tables
//! say: everything, up to the last event that both feeds have. So nothing is transferred at first, and what has no event of
//! its own since then is unedited here.

use std::collections::BTreeSet;
use std::sync::Arc;

use log::info;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Direction, ObjectId};
use crate::greeter::Greeter;
use crate::host::Host;
use crate::http::ParentClient;
use crate::run::ActiveRun;
use crate::store::copies::{self, Copy};
use crate::store::events::PublishedEvent;
use crate::store::markers::Marker;
use crate::store::{Sql, events, markers, outbox, sightings, transaction};
use crate::wire::FeedPlace;

/// The name of a complete feed in markers.
const FEED: &str = "sync2";

/// Where the parent's feed is below `parent.restPath`.
const FEED_PATH: &str = "/sync2/feed";

/// Up to which event this database is the parent's; nothing where it was not made from a copy. The first run finds it out: pull
/// and push go on from there.
///
/// Errors: `Configuration` when the parent cannot tell, or when this is no copy of its database; what stops the run.
pub(crate) fn settle(
    run: &mut ActiveRun<'_>,
    host: &mut dyn Host,
    parent: &Arc<ParentClient>,
    config: &Config,
) -> Result<Option<u64>> {
    let Some(copy) = transaction::read(host, |host| copies::get(host))? else { return Ok(None) };
    if let Some(common) = copy.common {
        return Ok(Some(common));
    }
    let greeter = Greeter::new(parent.clone(), config, &run.introduction);
    let (common, epoch) = find_common(run, host, &greeter, &copy)?;
    info!("this server was made from a copy of the parent that has the events of its feed up to {common}");
    transaction::write(host, |host| {
        run.renew_lease(host)?;
        copies::settle(host, common)?;
        let event = events::range(host, common, common)?.pop().ok_or_else(|| no_copy(&copy))?;
        sightings::add(host, &FeedPlace { epoch: epoch.clone(), number: common, event: event.uuid.clone() })?;
        put_markers(host, parent, &epoch, &event)
    })?;
    Ok(Some(common))
}

/// The most events that are looked at in one transaction.
const GIVEN_BACK_AT_ONCE: u64 = 500;

/// The parent was restored to that event, which may be before the copy that this server was made from: then both are the same only
/// up to there, and what the copy has of later is added to what is pushed, a portion at a time. Goes on where an earlier run was
/// stopped.
pub(crate) fn give_back_after(run: &ActiveRun<'_>, host: &mut dyn Host, restored_to: u64) -> Result<()> {
    loop {
        run.check_cancelled()?;
        let common = transaction::read(host, |host| copies::common(host))?;
        let Some(common) = common.filter(|common| *common > restored_to) else { return Ok(()) };
        let before = common.saturating_sub(GIVEN_BACK_AT_ONCE).max(restored_to);
        transaction::write(host, |host| {
            run.renew_lease(host)?;
            let told = events::range(host, before + 1, common)?.into_iter().map(|told| told.event.object);
            let told: Vec<ObjectId> = told.collect::<BTreeSet<_>>().into_iter().collect();
            for (object, last) in events::last_of(host, &told)? {
                outbox::add(host, &object, last.action)?;
            }
            copies::settle(host, before)
        })?;
    }
}

/// The last event that the parent has had, and the epoch of its feed. The parent has had all before one that it has had.
fn find_common(run: &mut ActiveRun<'_>, host: &mut dyn Host, greeter: &Greeter, copy: &Copy) -> Result<(u64, String)> {
    let (mut known, mut unknown) = (0, copy.end.number + 1);
    let mut asked = copy.end.number;
    let mut epoch = String::new();
    while known + 1 < unknown {
        let event = transaction::read(host, |host| events::range(host, asked, asked))?.pop();
        // Rows that were removed for their age are older than the copy.
        let has_had = match event {
            None => true,
            Some(event) => {
                let place = FeedPlace { epoch: copy.end.epoch.clone(), number: asked, event: event.uuid };
                let greeted = run.wait(host, greeter.greet(vec![place]))?.ok_or_else(without_exchange)?;
                epoch = greeted.feed.ok_or_else(without_exchange)?.epoch;
                greeted.known.is_some()
            }
        };
        if has_had {
            known = asked
        } else {
            unknown = asked
        }
        asked = known + (unknown - known) / 2;
    }
    if known == 0 || epoch.is_empty() { Err(no_copy(copy)) } else { Ok((known, epoch)) }
}

/// Pull and push go on after that event, which both feeds have on the same page.
fn put_markers(host: &mut dyn Host, parent: &ParentClient, epoch: &str, event: &PublishedEvent) -> Result<()> {
    let Some(own) = events::own_feed(host)? else { return Ok(()) };
    let page = (event.number - 1) / u64::from(own.page_size.max(1)) + 1;
    let marker = |epoch: &str, page_url: String, entry_id: String| Marker {
        feed: FEED.into(),
        epoch: epoch.into(),
        page_url: page_url.into(),
        entry_id,
        updated: event.published_at,
    };
    let there = parent.rest_url(&format!("{FEED_PATH}/{page}")).to_string();
    let pulled = marker(epoch, there, format!("urn:uuid:{}", event.uuid));
    let pushed = marker(&own.epoch, format!("/ws/rest/v1{FEED_PATH}/{page}"), event.uuid.clone());
    for (direction, marker) in [(Direction::Pull, pulled), (Direction::Push, pushed)] {
        begin_after(host, direction, &marker, event.number)?;
    }
    Ok(())
}

fn begin_after(sql: &mut dyn Sql, direction: Direction, marker: &Marker, passed: u64) -> Result<()> {
    markers::start_epoch(sql, direction, &marker.feed, &marker.epoch)?;
    markers::put(sql, direction, marker, passed)
}

fn without_exchange() -> Error {
    let message = "this server was made from a copy of its parent, and only the parent's exchange tells which of its events the \
                   copy has: install this module there, and name this server's account in exchange.children";
    Error::new(ErrorKind::Configuration, message)
}

fn no_copy(copy: &Copy) -> Error {
    let message = format!(
        "somebody said that this server was made from a copy of its parent, but the parent has had none of the {} events of the \
         copied feed: put parent.url right, or make the copy again while the parent's feed has events",
        copy.end.number
    );
    Error::new(ErrorKind::Configuration, message)
}
