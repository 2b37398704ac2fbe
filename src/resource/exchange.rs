//! Objects through the parent's exchange, when it has this module too: one request for many objects of any category.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::room::{Place, Room, no_room};
use super::{Document, Fetched, Reply};
use crate::config::Config;
use crate::decide::digest::{Digest, Question};
use crate::decide::verification::Side;
use crate::decide::{canonical, digest, listing};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};
use crate::http::endpoint::{Endpoint, refusal};
use crate::http::{Answer, ParentClient};
use crate::json::{self, Measured};
use crate::store::conflicts::Conflict;
use crate::store::digests::Kind;
use crate::wire::{
    Decision, Digested, Digesting, Disputed, Listed, ListedObject, Listing, Name, ReadAnswer, ReadLine, ReadState,
    WireError,
};

/// The answer of a parent that was asked for a part of a list.
pub(crate) enum PartOfList {
    /// The part.
    Listed(Listed),
    /// The account may read nothing of the category.
    Closed,
    /// The parent cannot say, or not to this question.
    Unlisted,
}

/// The answer of a parent that was asked for digests.
pub(crate) enum OfDigests<T> {
    /// What was asked for.
    Given(T),
    /// It is still working them out: a number that rises with what it has done.
    Behind(u64),
    /// It has none for this account, or does not know the question; the account may read nothing of the category.
    Without,
}

impl<T> OfDigests<T> {
    fn of(answer: Option<ReadAnswer>, given: impl FnOnce(Digested) -> Option<T>) -> OfDigests<T> {
        let is_busy = |error: &WireError| ErrorKind::parse(&error.kind) == Some(ErrorKind::Busy);
        match answer {
            Some(ReadAnswer { digested: Some(digested), .. }) if digested.whole => {
                given(digested).map_or(OfDigests::Without, OfDigests::Given)
            }
            Some(ReadAnswer { digested: Some(digested), .. }) => OfDigests::Behind(digested.turn),
            // The answers before it are as much as travels at once.
            Some(ReadAnswer { error: Some(error), .. }) if is_busy(&error) => OfDigests::Behind(0),
            Some(_) | None => OfDigests::Without,
        }
    }
}

/// Reads from the parent's exchange. Lives for one run: it is asked once whether it is there.
pub(super) struct ExchangeClient {
    endpoint: Endpoint,
    /// This node's id.
    node: String,
    /// The name in the audit.
    client: Arc<str>,
    max_body_bytes: usize,
    room: Room,
    asked: OnceCell<()>,
    /// Why it is not used; nothing while it is.
    refusal: Mutex<Option<Error>>,
}

impl ExchangeClient {
    pub(super) fn new(parent: Arc<ParentClient>, config: &Config, node: &str, room: Room) -> ExchangeClient {
        ExchangeClient {
            endpoint: Endpoint::new(parent, config, node, "read"),
            node: node.to_string(),
            client: "exchange".into(),
            max_body_bytes: config.transfer.max_body_bytes,
            room,
            asked: OnceCell::new(),
            refusal: Mutex::default(),
        }
    }

    /// Returns true if the parent has it for this account. A question without objects tells.
    ///
    /// Errors: what stops the run.
    pub(super) async fn is_there(&self) -> Result<bool> {
        self.asked.get_or_try_init(|| self.ask()).await?;
        Ok(self.refusal().is_none())
    }

    /// Why it is not used in this run; nothing when it is, or was not asked for yet.
    pub(super) fn refusal(&self) -> Option<Error> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for objects: one result for each, in their order. Nothing when they have to be asked for in another way.
    ///
    /// Errors: what stops the run.
    pub(super) async fn fetch(&self, objects: &[(&ObjectId, Representation)]) -> Result<Option<Vec<Reply>>> {
        if self.room.is_full() {
            let later = objects.iter().map(|(object, _)| Reply::Object(Fetched::Failed(no_room(object))));
            return Ok(Some(later.collect()));
        }
        let lines: Vec<ReadLine> =
            objects.iter().map(|(object, representation)| line(object, *representation)).collect();
        let answer = match self.post(&lines).await {
            Ok(answer) => answer,
            Err(error) => return unusable(error).map(|()| None),
        };
        match refusal(&answer) {
            None => {
                let replies = self.replies(objects, &answer.body);
                if replies.iter().flatten().any(failed_at_the_parent) {
                    self.must_still_answer().await?;
                }
                Ok(replies)
            }
            Some(error) => {
                log::info!("objects are asked for without the exchange: {}", error.for_log());
                if error.kind != ErrorKind::ParentFailed {
                    self.refuse(error);
                }
                Ok(None)
            }
        }
    }

    /// Returns true if the parent gives objects of a category: it is asked for one that nobody has.
    ///
    /// Errors: what stops the run.
    pub(super) async fn gives(&self, category: Category, representation: Representation) -> Result<bool> {
        let nobodys = ObjectId { category, uuid: Uuid::nil().to_string() };
        let replies = self.fetch(&[(&nobodys, representation)]).await?.unwrap_or_default();
        Ok(replies.iter().any(|reply| match reply {
            Reply::Object(Fetched::Failed(error)) => error.kind == ErrorKind::NotFound,
            Reply::Object(_) => true,
            Reply::CategoryClosed(_) => false,
        }))
    }

    /// Returns the objects that hang on an object at the parent; nothing when they have to be found in another way: the exchange is
    /// not there, or does not know the question.
    ///
    /// Errors: what stops the run.
    pub(super) async fn hanging_on(
        &self,
        object: &ObjectId,
        representation: Representation,
    ) -> Result<Option<Vec<ObjectId>>> {
        let asked = ReadLine { hanging: true, ..line(object, representation) };
        let Some(answer) = self.answer(&[asked]).await? else { return Ok(None) };
        let answer: Option<ReadAnswer> = json::read(answer.body.trim_ascii_end()).ok();
        let names = answer.and_then(|answer| answer.hanging);
        Ok(names.map(|names| names.into_iter().filter_map(Name::object).collect()))
    }

    /// The hashes of the parent's documents, in their order, in this node's version of the canonical form; none for an object
    /// that the parent does not give. Nothing when the exchange is not there, or answers otherwise.
    ///
    /// Errors: what stops the run.
    pub(super) async fn hashes(&self, objects: &[(&ObjectId, Representation)]) -> Result<Option<Vec<Option<String>>>> {
        let asked = objects.iter().map(|(object, representation)| ReadLine {
            hashed: Some(canonical::VERSION),
            ..line(object, *representation)
        });
        let Some(answer) = self.answer(&asked.collect::<Vec<_>>()).await? else { return Ok(None) };
        let lines = lines(&answer);
        let hashes = lines.iter().zip(objects).map(|(line, (object, representation))| {
            json::read::<ReadAnswer>(line).ok().and_then(|answer| hash_in(answer, object, *representation))
        });
        Ok((lines.len() == objects.len()).then(|| hashes.collect()))
    }

    /// A part of the list of what the parent has of a category, after what was reached before.
    ///
    /// Errors: what stops the run.
    pub(super) async fn list(
        &self,
        category: Category,
        representation: Representation,
        after: Option<&str>,
        located: bool,
    ) -> Result<PartOfList> {
        let asked = ReadLine {
            hashed: Some(canonical::VERSION),
            listing: Some(Listing { after: after.map(str::to_string), most: listing::MOST_OBJECTS, located }),
            ..line(&ObjectId { category, uuid: String::new() }, representation)
        };
        let Some(answer) = self.answer(&[asked]).await? else { return Ok(PartOfList::Unlisted) };
        let answer: Option<ReadAnswer> = json::read(answer.body.trim_ascii_end()).ok();
        Ok(match answer {
            Some(answer) if answer.state == ReadState::Closed => PartOfList::Closed,
            Some(ReadAnswer { listed: Some(listed), .. }) => PartOfList::Listed(listed),
            Some(_) | None => PartOfList::Unlisted,
        })
    }

    /// The answers to questions for digests of what the parent has, in their order.
    ///
    /// Errors: what stops the run.
    pub(super) async fn digests(&self, asked: &[(Kind, Question)]) -> Result<Vec<OfDigests<Vec<Digest>>>> {
        let lines = asked.iter().map(|(kind, Question { leaves, width })| {
            of_digests(*kind, Digesting { from: leaves.start, to: leaves.end, width: Some(*width), located: false })
        });
        let answers = self.answers_of(&lines.collect::<Vec<_>>()).await?;
        let read = |digested: Digested| {
            let digests = digested.digests.into_iter().take(digest::MOST_DIGESTS as usize + 1);
            digests.map(|told| Digest::parse(told.objects, &told.sum)).collect::<Option<Vec<_>>>()
        };
        Ok(answers.into_iter().map(|answer| OfDigests::of(answer, read)).collect())
    }

    /// The objects of leaves of what the parent has, for each in their order; where asked with where each belongs.
    ///
    /// Errors: what stops the run.
    pub(super) async fn leaves(
        &self,
        kind: Kind,
        leaves: &[u32],
        located: bool,
    ) -> Result<Vec<OfDigests<Vec<ListedObject>>>> {
        let lines = leaves
            .iter()
            .map(|leaf| of_digests(kind, Digesting { from: *leaf, to: leaf.saturating_add(1), width: None, located }));
        let answers = self.answers_of(&lines.collect::<Vec<_>>()).await?;
        let read = |digested: Digested| Some(digested.objects).filter(|objects| objects.len() <= digest::MOST_IN_LEAF);
        Ok(answers.into_iter().map(|answer| OfDigests::of(answer, read)).collect())
    }

    /// An answer for each line; none to those that cannot be read or are not to that line, and to all where the exchange is not
    /// there.
    ///
    /// Errors: what stops the run.
    async fn answers_of(&self, asked: &[ReadLine]) -> Result<Vec<Option<ReadAnswer>>> {
        let Some(answer) = self.answer(asked).await? else { return Ok(asked.iter().map(|_| None).collect()) };
        let mut lines = lines(&answer).into_iter();
        let answers = asked.iter().map(|asked| {
            let answer: ReadAnswer = json::read(lines.next()?).ok()?;
            Some(answer).filter(|answer| answer.category == asked.category && answer.uuid == asked.uuid)
        });
        Ok(answers.collect())
    }

    /// What the parent has of each of these objects, in their order, by the hash of its document in that version of the canonical
    /// form. Nothing when the exchange is not there, or answers otherwise.
    ///
    /// Errors: what stops the run.
    pub(super) async fn look(&self, objects: &[(&ObjectId, Representation, u32)]) -> Result<Option<Vec<Side>>> {
        let asked = objects.iter().map(|(object, representation, version)| ReadLine {
            hashed: Some(*version),
            ..line(object, *representation)
        });
        let Some(answer) = self.answer(&asked.collect::<Vec<_>>()).await? else { return Ok(None) };
        let lines = lines(&answer);
        let sides = lines.iter().zip(objects).map(|(line, (object, representation, version))| {
            let answer = json::read::<ReadAnswer>(line).ok();
            let answer = answer.filter(|answer| is_of(answer, object));
            answer.map_or(Side::Unreadable, |answer| side_in(answer, *representation, *version))
        });
        Ok((lines.len() == objects.len()).then(|| sides.collect()))
    }

    /// Returns the decisions of persons at the parent about each of these conflicts with it, in their order. Nothing when the
    /// exchange is not there, or does not know the question.
    ///
    /// Errors: what stops the run.
    pub(super) async fn decisions(&self, conflicts: &[&Conflict]) -> Result<Option<Vec<Option<Decision>>>> {
        let asked = conflicts.iter().map(|conflict| ReadLine {
            hashed: Some(canonical::VERSION),
            decided: Some(Disputed {
                child: self.node.clone(),
                childs: conflict.ours_hash.clone(),
                parents: conflict.theirs_hash.clone(),
            }),
            ..line(&conflict.object, conflict.representation)
        });
        let Some(answer) = self.answer(&asked.collect::<Vec<_>>()).await? else { return Ok(None) };
        let lines = lines(&answer);
        let decisions = lines.iter().zip(conflicts).map(|(line, conflict)| {
            let answer: ReadAnswer = json::read(line).ok()?;
            let of_the_object = is_of(&answer, &conflict.object);
            answer.decision.filter(|_| of_the_object)
        });
        Ok((lines.len() == conflicts.len()).then(|| decisions.collect()))
    }

    /// Nothing where the exchange is not there, or its answer cannot be used.
    ///
    /// Errors: what stops the run.
    async fn answer(&self, lines: &[ReadLine]) -> Result<Option<Answer>> {
        match self.post(lines).await {
            Ok(answer) => Ok(Some(answer).filter(|answer| refusal(answer).is_none())),
            Err(error) => unusable(error).map(|()| None),
        }
    }

    /// A parent that is being stopped fails at what it was asked just before: no object is to blame for that.
    ///
    /// Errors: what stops the run.
    async fn must_still_answer(&self) -> Result<()> {
        match self.post(&[]).await {
            Ok(answer) if answer.status >= 500 => {
                let message = format!("the parent's exchange answers {} to everything", answer.status);
                Err(Error::new(ErrorKind::Unreachable, message).at(self.endpoint.url()))
            }
            Ok(_) => Ok(()),
            Err(error) => unusable(error),
        }
    }

    async fn ask(&self) -> Result<()> {
        let refused = match self.post(&[]).await {
            Ok(answer) => refusal(&answer),
            Err(error) if is_of_the_answer(&error) => Some(error),
            Err(error) => return Err(error),
        };
        if let Some(error) = refused {
            self.refuse(error);
        }
        Ok(())
    }

    fn refuse(&self, error: Error) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.at(self.endpoint.url()));
    }

    async fn post(&self, lines: &[ReadLine]) -> Result<Answer> {
        let mut body = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut body, line).map_err(unwritable)?;
            body.push(b'\n');
        }
        self.endpoint.post(&body).await
    }

    /// Nothing when there is not one answer for each object, in their order.
    fn replies(&self, objects: &[(&ObjectId, Representation)], body: &[u8]) -> Option<Vec<Reply>> {
        let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let matching = lines.len() == objects.len();
        let answers = lines.iter().zip(objects).map(|(line, (object, representation))| {
            // A document that cannot be used is that object's failure, not the whole answer's.
            let measured = match Measured::of(line, json::MOST_VALUES) {
                Err(why) => return Some(self.unusable(object, &why)),
                Ok(measured) => measured,
            };
            let Some(place) = self.room.take(measured.weight()) else {
                return Some(Reply::Object(Fetched::Failed(no_room(object))));
            };
            let answer: ReadAnswer = measured.read().ok()?;
            is_of(&answer, object).then(|| {
                let reply = self.reply(object, *representation, answer, line.len());
                kept_at(place, reply)
            })
        });
        let replies = answers.collect::<Option<Vec<_>>>().filter(|_| matching);
        if replies.is_none() {
            log::info!("objects are asked for without the exchange: its answers are not those to what was asked");
        }
        replies
    }

    fn unusable(&self, object: &ObjectId, why: &json::Unreadable) -> Reply {
        let message = format!("{object}: {}", super::unusable(why));
        Reply::Object(Fetched::Failed(Error::new(ErrorKind::Malformed, message).at(self.endpoint.url())))
    }

    fn reply(&self, object: &ObjectId, representation: Representation, answer: ReadAnswer, bytes: usize) -> Reply {
        let url = self.endpoint.url().to_string();
        let failed = |kind, what: &str| {
            Reply::Object(Fetched::Failed(Error::new(kind, format!("{object}: {what}")).at(url.clone())))
        };
        let (kind, reason) = reason(answer.error);
        match (answer.state, answer.document) {
            (ReadState::Present, _) if bytes > self.max_body_bytes => {
                failed(ErrorKind::Malformed, "the document is larger than transfer.maxBodyBytes allows")
            }
            (ReadState::Present, Some(json)) => Reply::Object(Fetched::Document(Document {
                representation,
                client: self.client.clone(),
                url,
                json: json.into(),
                place: Place::default(),
            })),
            (ReadState::Present, None) => failed(ErrorKind::Malformed, "the parent has it, but answers no document"),
            (ReadState::Removed, _) => Reply::Object(Fetched::Gone { url, reason: answer.reason }),
            (ReadState::Absent, _) => {
                failed(ErrorKind::NotFound, "the parent does not have it, which is no proof that it was removed")
            }
            (ReadState::Refused, _) => failed(ErrorKind::Forbidden, &reason),
            (ReadState::Closed, _) => Reply::CategoryClosed(Error::new(ErrorKind::Forbidden, reason).at(url)),
            (ReadState::Failed, _) => failed(kind, &reason),
        }
    }
}

fn lines(answer: &Answer) -> Vec<&[u8]> {
    answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
}

fn line(object: &ObjectId, representation: Representation) -> ReadLine {
    ReadLine {
        category: object.category.name().to_string(),
        uuid: object.uuid.clone(),
        representation: representation.name().to_string(),
        hanging: false,
        hashed: None,
        decided: None,
        listing: None,
        digests: None,
    }
}

fn of_digests(kind: Kind, asked: Digesting) -> ReadLine {
    ReadLine {
        hashed: Some(canonical::VERSION),
        digests: Some(asked),
        ..line(&ObjectId { category: kind.category, uuid: String::new() }, kind.representation)
    }
}

/// The hash in an answer; nothing where it is not present, or its document could not be used.
fn hash_in(answer: ReadAnswer, object: &ObjectId, representation: Representation) -> Option<String> {
    if !is_of(&answer, object) || answer.state != ReadState::Present {
        return None;
    }
    let of_document = |document: Value| canonical::hash_at(canonical::VERSION, representation, &document);
    answer.hash.or_else(|| answer.document.map(of_document))
}

fn is_of(answer: &ReadAnswer, object: &ObjectId) -> bool {
    answer.category == object.category.name() && answer.uuid == object.uuid
}

/// The parent's side in an answer about that object.
fn side_in(answer: ReadAnswer, representation: Representation, version: u32) -> Side {
    match answer.state {
        ReadState::Present => {
            let of_document = |document: Value| canonical::hash_at(version, representation, &document);
            let hash = answer.hash.or_else(|| answer.document.map(of_document));
            hash.map_or(Side::Unreadable, Side::Document)
        }
        ReadState::Removed => Side::Removed,
        ReadState::Absent => Side::Absent,
        ReadState::Refused | ReadState::Closed => Side::Refused,
        ReadState::Failed => Side::Unreadable,
    }
}

fn kept_at(place: Place, reply: Reply) -> Reply {
    match reply {
        Reply::Object(Fetched::Document(document)) => Reply::Object(Fetched::Document(Document { place, ..document })),
        other => other,
    }
}

/// Returns the parent's word on a failure. A failure there is its own matter here.
fn reason(error: Option<WireError>) -> (ErrorKind, String) {
    match error {
        Some(error) => match ErrorKind::parse(&error.kind) {
            Some(kind @ (ErrorKind::Malformed | ErrorKind::Rejected | ErrorKind::Busy)) => (kind, error.message),
            _ => (ErrorKind::ParentFailed, error.message),
        },
        None => (ErrorKind::ParentFailed, "the parent does not say why".to_string()),
    }
}

fn failed_at_the_parent(reply: &Reply) -> bool {
    matches!(reply, Reply::Object(Fetched::Failed(error)) if error.kind == ErrorKind::ParentFailed)
}

/// Returns true if the failure lies in this answer, and another way to ask may have a better one.
fn is_of_the_answer(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Malformed | ErrorKind::ParentFailed)
}

/// Errors: what stops the run.
fn unusable(error: Error) -> Result<()> {
    if !is_of_the_answer(&error) {
        return Err(error);
    }
    log::info!("objects are asked for without the exchange: {}", error.for_log());
    Ok(())
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Internal, format!("a request could not be written: {error}"))
}
