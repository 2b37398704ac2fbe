//! How two nodes learn how the other one stands, and where the parent's feed ends. By that a child knows that its parent was
//! restored: the feed has not had any more what the child has seen of it.

use super::apply::Child;
use crate::decide::canonical;
use crate::error::Result;
use crate::feed::publisher;
use crate::host::Host;
use crate::introduction::Introduction;
use crate::json;
use crate::store::{children, events, requests, transaction};
use crate::wire::{ApplyAnswer, ApplyStatus, FeedPlace, Greeted, Greeting, GreetingAnswer, GreetingLine};

/// The greeting in that line; nothing when it is another line.
pub(super) fn parse(line: &[u8]) -> Option<Greeting> {
    json::read::<GreetingLine>(line).ok().map(|line| line.greeting)
}

/// Answers a child's greeting. An account that may do nothing learns nothing. Blocks on the host's database.
///
/// Errors: `Host`.
pub(super) fn answer(host: &mut dyn Host, child: &Child<'_>, greeting: &Greeting) -> Result<GreetingAnswer> {
    if !child.scope.is_named() {
        return Ok(GreetingAnswer { greeting: of_anybody() });
    }
    // It speaks of itself: which node that is says the request.
    let introduction = greeting.introduction.clone().map(|told| Introduction { node: child.node.to_string(), ..told });
    let believed = introduction.and_then(Introduction::believed);
    let numbered_from = transaction::write(host, |host| {
        if let Some(introduction) = &believed {
            children::hear(host, child.scope.account(), introduction)?;
        }
        requests::next_numbers(host)
    })?;
    publisher::publish(host, child.config.transfer.page_size)?;
    let greeting = transaction::read(host, |host| {
        let known = greeting.seen.iter().map(|place| events::has_had(host, place)).collect::<Result<Vec<bool>>>()?;
        let feed = events::last_place(host)?;
        Ok(Greeted { feed, known: known.iter().position(|known| *known), numbered_from, ..of_anybody() })
    })?;
    Ok(GreetingAnswer { greeting })
}

/// Returns the part of it that everybody may know of this node.
fn of_anybody() -> Greeted {
    Greeted { canonical_versions: (canonical::OLDEST_VERSION..=canonical::VERSION).collect(), ..Greeted::default() }
}

/// Adds to the last answer where the feed ends, with what was done told of. What was done stands, whatever happens here: a
/// failure is only logged.
pub(super) fn tell_where_the_feed_ends(host: &mut dyn Host, child: &Child<'_>, answers: &mut [ApplyAnswer]) {
    let has_changed = |answer: &ApplyAnswer| {
        matches!(answer.status, ApplyStatus::Applied | ApplyStatus::Partial | ApplyStatus::Removed)
    };
    if !answers.iter().any(has_changed) {
        return;
    }
    let Some(last) = answers.last_mut() else { return };
    match end_of_the_feed(host, child) {
        Ok(place) => last.feed = place,
        Err(error) => log::warn!("a child could not be told where this node's feed ends: {}", error.for_log()),
    }
}

fn end_of_the_feed(host: &mut dyn Host, child: &Child<'_>) -> Result<Option<FeedPlace>> {
    publisher::publish(host, child.config.transfer.page_size)?;
    transaction::read(host, |host| events::last_place(host))
}
