//! How a child greets its parent's exchange: each learns how the other stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::config::Config;
use crate::decide::canonical;
use crate::error::{Error, ErrorKind, Result};
use crate::http::ParentClient;
use crate::http::endpoint::{Endpoint, refusal};
use crate::introduction::Introduction;
use crate::json;
use crate::wire::{FeedPlace, Greeted, Greeting, GreetingAnswer, GreetingLine};

/// Greets at the parent's `objects/apply`.
pub(crate) struct Greeter {
    endpoint: Endpoint,
    /// The introduction of this node.
    introduction: Introduction,
    /// The newest version of the canonical form that both sides know.
    spoken: AtomicU32,
    /// The number of the next request; 0 where the parent gives none.
    number: AtomicU64,
}

impl Greeter {
    pub(crate) fn new(parent: Arc<ParentClient>, config: &Config, introduction: &Introduction) -> Greeter {
        Greeter {
            endpoint: Endpoint::new(parent, config, &introduction.node, "apply"),
            introduction: introduction.clone(),
            spoken: AtomicU32::new(canonical::VERSION),
            number: AtomicU64::new(0),
        }
    }

    /// Where it greets, and where what follows is sent.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The version of the canonical form to speak in, as of the last greeting.
    pub(crate) fn spoken(&self) -> u32 {
        self.spoken.load(Ordering::Relaxed)
    }

    /// The number of the next request that brings something, greater than that of the one before; nothing where the parent gives none.
    pub(crate) fn next_number(&self) -> Option<u64> {
        let next = |number: u64| (number > 0).then(|| number.saturating_add(1));
        self.number.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()
    }

    /// Greets the parent, and says where its feed has been seen to end, the newest first. What it says of itself; nothing when
    /// it does not serve the exchange to this account. A parent of an earlier release says nothing of itself.
    ///
    /// Errors: what stops the run, and any answer that is neither yes nor no.
    pub(crate) async fn greet(&self, seen: Vec<FeedPlace>) -> Result<Option<Greeted>> {
        let greeting = greeting(Greeting { seen, introduction: Some(self.introduction.clone()) })?;
        let answer = self.endpoint.post(&greeting).await?;
        match refusal(&answer) {
            None => {
                let greeted = greeted(&answer.body);
                self.spoken.store(spoken(&greeted)?, Ordering::Relaxed);
                self.number.store(greeted.numbered_from.unwrap_or(0), Ordering::Relaxed);
                Ok(Some(greeted))
            }
            Some(error) if error.kind == ErrorKind::ParentFailed => Err(error.at(self.endpoint.url())),
            Some(error) => {
                log::info!("objects are sent without the exchange: {}", error.for_log());
                Ok(None)
            }
        }
    }
}

fn greeting(greeting: Greeting) -> Result<Vec<u8>> {
    let line = serde_json::to_vec(&GreetingLine { greeting });
    let mut bytes =
        line.map_err(|error| Error::new(ErrorKind::Internal, format!("a greeting could not be written: {error}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Returns the parent's answer to the greeting; nothing of what is not to be believed.
fn greeted(body: &[u8]) -> Greeted {
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let greeted = json::read::<GreetingAnswer>(line).map(|answer| answer.greeting).unwrap_or_default();
    Greeted { feed: greeted.feed.filter(FeedPlace::can_be_kept), ..greeted }
}

/// The newest version of the canonical form that both sides know. The release before does not say which it knows: one.
///
/// Errors: `Busy` when there is none: nothing is lost meanwhile.
fn spoken(greeted: &Greeted) -> Result<u32> {
    let theirs = match greeted.canonical_versions.as_slice() {
        [] => &[canonical::OLDEST_VERSION],
        theirs => theirs,
    };
    theirs.iter().copied().filter(|version| canonical::is_known(*version)).max().ok_or_else(|| {
        let message = format!(
            "the parent compares documents by the versions {theirs:?} of their form, and this node by {} to {}: nothing is sent \
             until the module of the older one of the two is updated",
            canonical::OLDEST_VERSION,
            canonical::VERSION
        );
        Error::new(ErrorKind::Busy, message)
    })
}
