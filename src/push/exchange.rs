//! Sending in batches to a parent that has this module too: it decides on each object at the moment of writing, so that
//! the same line may arrive twice.

use futures_util::future::BoxFuture;

use super::removals::Along;
use super::sending::{Accepted, Delivered, Deliveries, Delivery, Outgoing, Sender, of_what_was_sent};
use crate::decide::canonical;
use crate::decide::loss::{Losses, losses};
use crate::error::{Error, ErrorKind, Namesake, Result};
use crate::event::ObjectId;
use crate::greeter::Greeter;
use crate::http::Answer;
use crate::http::endpoint::is_lines;
use crate::json;
use crate::removal;
use crate::store::audit::AuditStatus;
use crate::wire::{self, ApplyAnswer, ApplyLine, ApplyStatus, FeedPlace, WireError};

/// The name in the audit.
pub(super) const CLIENT: &str = "exchange";

/// The most differing paths that are taken over from an answer, and characters of each.
const MOST_PATHS: usize = 50;
const LONGEST_PATH: usize = 200;

/// Sends to the parent's `objects/apply`.
pub(super) struct ExchangeSender {
    /// Has met the parent.
    greeter: Greeter,
}

impl ExchangeSender {
    pub(crate) fn new(greeter: Greeter) -> ExchangeSender {
        ExchangeSender { greeter }
    }

    async fn deliver_all(&self, outgoing: &[&Outgoing], deliveries: &mut Deliveries) -> Result<()> {
        let mut most = outgoing.len();
        while deliveries.answered.len() < outgoing.len() {
            let rest = outgoing.get(deliveries.answered.len()..).unwrap_or_default();
            let (count, lines) = self.lines(rest.get(..most).unwrap_or(rest))?;
            let sent = rest.get(..count).unwrap_or(rest);
            most = match of_what_was_sent(self.apply(sent, &lines).await)? {
                Ok((answered, feed)) => {
                    deliveries.answered.extend(answered);
                    deliveries.feed = feed.or(deliveries.feed.take());
                    outgoing.len()
                }
                // Something in it is to blame: cut until it stands alone.
                Err(error) if sent.len() > 1 => {
                    log::info!("{} objects are sent in two halves: {}", sent.len(), error.kind);
                    sent.len() / 2
                }
                Err(error) => {
                    self.check_still_served(&error).await?;
                    let alone = sent.first().map(|alone| failure(&alone.object, error.clone()));
                    deliveries.answered.push(self.delivery(alone.ok_or(error)?));
                    outgoing.len()
                }
            };
        }
        Ok(())
    }

    /// One object's request failed each time. If even an empty one does, the object is not to blame.
    ///
    /// Errors: `Unreachable`, or what stops the run.
    async fn check_still_served(&self, failure: &Error) -> Result<()> {
        match of_what_was_sent(self.greeter.greet(Vec::new()).await)? {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(_) => {
                let message = format!("the parent's exchange does not answer any more: {}", failure.message);
                Err(Error { kind: ErrorKind::Unreachable, message, ..failure.clone() })
            }
        }
    }

    /// As many of the first lines as a request may have bytes, at least one, and how many they are.
    fn lines(&self, outgoing: &[&Outgoing]) -> Result<(usize, Vec<u8>)> {
        let mut lines = Vec::new();
        let number = self.greeter.next_number();
        for (count, outgoing) in outgoing.iter().enumerate() {
            let line = line(outgoing, self.greeter.spoken(), number)?;
            if count > 0 && lines.len() + line.len() > self.greeter.endpoint().most_bytes() {
                return Ok((count, lines));
            }
            lines.extend(line);
        }
        Ok((outgoing.len(), lines))
    }

    /// Sends lines. What is answered are the first so many of them, at least one.
    async fn apply(&self, sent: &[&Outgoing], lines: &[u8]) -> Result<(Vec<Delivery>, Option<FeedPlace>)> {
        let answer = self.greeter.endpoint().post(lines).await?;
        match answer.status {
            200 if is_lines(&answer) => self.answers(sent, &answer),
            200 => Err(self.malformed("answers with something else than the exchange's lines")),
            status => Err(self.refused(status)),
        }
    }

    /// With where the parent's feed ends after the last of them, as far as it says so.
    fn answers(&self, sent: &[&Outgoing], answer: &Answer) -> Result<(Vec<Delivery>, Option<FeedPlace>)> {
        let mut deliveries = Vec::with_capacity(sent.len());
        let mut feed = None;
        let lines = answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for (outgoing, line) in sent.iter().zip(lines) {
            match delivered(outgoing, line) {
                Ok((delivered, place)) => {
                    deliveries.push(self.delivery(delivered));
                    feed = place.or(feed);
                }
                Err(what) if deliveries.is_empty() => return Err(self.malformed(what)),
                // It and those after it are sent again.
                Err(_) => break,
            }
        }
        if deliveries.is_empty() {
            return Err(self.malformed("answers none of the lines"));
        }
        Ok((deliveries, feed))
    }

    fn delivery(&self, result: Delivered) -> Delivery {
        Delivery { client: CLIENT, url: self.greeter.endpoint().url().to_string(), result }
    }

    fn refused(&self, status: u16) -> Error {
        let kind = match status {
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            500.. => ErrorKind::ParentFailed,
            _ => ErrorKind::Rejected,
        };
        Error::new(kind, format!("the parent's exchange answers {status}: see the parent's log"))
            .at(self.greeter.endpoint().url())
    }

    fn malformed(&self, what: &str) -> Error {
        Error::new(ErrorKind::Malformed, format!("the parent's exchange {what}")).at(self.greeter.endpoint().url())
    }
}

impl Sender for ExchangeSender {
    fn sends_in_batches(&self) -> bool {
        true
    }

    fn deliver<'a>(&'a self, outgoing: &'a [&'a Outgoing]) -> BoxFuture<'a, Deliveries> {
        Box::pin(async move {
            let mut deliveries = Deliveries::default();
            deliveries.stopped = self.deliver_all(outgoing, &mut deliveries).await.err();
            deliveries
        })
    }
}

/// Returns the result for the only object of a request that failed. A refusal is the parent's word that it did nothing.
fn failure(object: &ObjectId, error: Error) -> Delivered {
    let error = Error { message: format!("{object}: {}", error.message), ..error };
    match error.kind {
        ErrorKind::Rejected | ErrorKind::Forbidden | ErrorKind::NotFound => Delivered::Refused(error),
        _ => Delivered::Unknown(error),
    }
}

fn line(outgoing: &Outgoing, spoken: u32, number: Option<u64>) -> Result<Vec<u8>> {
    let unwritable = |error: serde_json::Error| {
        Error::new(ErrorKind::Internal, format!("{} cannot be written as a line: {error}", outgoing.object))
    };
    let document = outgoing.document.as_ref().map(|document| serde_json::from_slice(&document.to_save));
    let line = ApplyLine {
        category: outgoing.object.category.name().to_string(),
        uuid: outgoing.object.uuid.clone(),
        representation: outgoing.representation.name().to_string(),
        canonical_version: outgoing.canonical_version.min(spoken),
        action: outgoing.action.name().to_string(),
        document: document.transpose().map_err(unwritable)?,
        last_seen: outgoing.last_seen.clone(),
        pending: outgoing.pending.clone(),
        restored_to: outgoing.restored_to,
        replaced: outgoing.replaced().to_vec(),
        copied_at: outgoing.copied_at,
        takes_along: outgoing.removed.along.iter().filter_map(known_there).collect(),
        reason: outgoing.removed.reason.clone(),
        number,
    };
    let mut bytes = serde_json::to_vec(&line).map_err(unwritable)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Returns the line about something that went along, if the parent has it as far as is known here.
fn known_there(along: &Along) -> Option<wire::Along> {
    let (representation, last_seen) = along.last_seen()?;
    Some(wire::Along {
        category: along.object.category.name().to_string(),
        uuid: along.object.uuid.clone(),
        representation: representation.name().to_string(),
        last_seen: last_seen.to_string(),
    })
}

/// Reads one line of the answer, and where the parent's feed ends; or what is wrong with it.
fn delivered(outgoing: &Outgoing, line: &[u8]) -> std::result::Result<(Delivered, Option<FeedPlace>), &'static str> {
    let object = &outgoing.object;
    let answer: ApplyAnswer = json::read(line).map_err(|_| "answers with a line that is none of the exchange's")?;
    if answer.category != object.category.name() || answer.uuid != object.uuid {
        return Err("answers for another object than was sent");
    }
    if answer.hash.as_deref().is_some_and(|hash| !is_hash(hash)) {
        return Err("answers with a hash that is none");
    }
    let accepted = |status| {
        let (rules, notes) = (limited(&answer.rules), limited(&answer.notes));
        let document = answer.theirs.as_ref().map(|document| canonical::canonical(outgoing.representation, document));
        let document = document.filter(|_| is_of_answer(outgoing, &answer));
        let losses = losses_there(outgoing, &answer, document.as_deref());
        // The parent may have named what loses nothing.
        let is_whole = losses.lost.is_empty() && !losses.adjusted.is_empty();
        let status = if status == AuditStatus::Partial && is_whole { AuditStatus::Applied } else { status };
        let stayed = answer.stayed.iter().cloned().filter_map(wire::Name::object).collect();
        Delivered::Accepted(Accepted { status, hash: answer.hash.clone(), document, losses, rules, notes, stayed })
    };
    let feed = answer.feed.clone().filter(FeedPlace::can_be_kept);
    let delivered = match answer.status {
        ApplyStatus::Applied => accepted(AuditStatus::Applied),
        ApplyStatus::Partial => accepted(AuditStatus::Partial),
        ApplyStatus::Unchanged => accepted(AuditStatus::Unchanged),
        ApplyStatus::Removed => accepted(AuditStatus::Removed),
        ApplyStatus::Conflict => Delivered::Conflict {
            theirs_hash: answer.hash,
            theirs: answer.theirs.map(|document| document.to_string().into_bytes()),
            detail: (!answer.takes_along.is_empty() || answer.more > 0)
                .then(|| removal::detail(&answer.takes_along, answer.more)),
        },
        ApplyStatus::Failed => Delivered::Refused(refused_line(object, answer.error)),
    };
    Ok((delivered, feed))
}

/// Returns the places that the parent did not keep; told apart where it gives its document, and there is no more that it can do
/// without.
fn losses_there(outgoing: &Outgoing, answer: &ApplyAnswer, theirs: Option<&[u8]>) -> Losses {
    match (&outgoing.document, theirs) {
        (Some(sent), Some(theirs)) if !answer.lost_paths.is_empty() && answer.notes.is_empty() => {
            losses(&sent.canonical, theirs)
        }
        _ => Losses { lost: limited(&answer.lost_paths), adjusted: Vec::new() },
    }
}

/// Returns true if the document in an answer is the one that its hash is of.
fn is_of_answer(outgoing: &Outgoing, answer: &ApplyAnswer) -> bool {
    let hash = |document| canonical::hash_at(outgoing.canonical_version, outgoing.representation, document);
    answer.hash.is_some() && answer.hash == answer.theirs.as_ref().map(hash)
}

/// Returns the parent's words, as much of them as is kept.
fn limited(texts: &[String]) -> Vec<String> {
    texts.iter().take(MOST_PATHS).map(|text| text.chars().take(LONGEST_PATH).collect()).collect()
}

/// The parent's own failure at an object. Kinds that would stop this node's run, or tell of its own host, are the parent's.
fn refused_line(object: &ObjectId, error: Option<WireError>) -> Error {
    let Some(error) = error else {
        return Error::new(ErrorKind::ParentFailed, format!("{object}: the parent refuses it and does not say why"));
    };
    let kind = match ErrorKind::parse(&error.kind) {
        Some(
            kind @ (ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Gone
            | ErrorKind::Rejected
            | ErrorKind::MissingReference
            | ErrorKind::Duplicate
            | ErrorKind::Malformed),
        ) => kind,
        _ => ErrorKind::ParentFailed,
    };
    let refusal = Error::new(kind, format!("{object}: the parent says: {}", error.message));
    let namesake = error.namesake.filter(|_| kind == ErrorKind::Duplicate);
    match namesake.and_then(|told| Namesake::told(&told.name, &told.uuid)) {
        Some(namesake) => refusal.beside(namesake),
        None => refusal,
    }
}

/// SHA-256 in lower-case hexadecimal.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
