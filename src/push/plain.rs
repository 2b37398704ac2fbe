//! Sending object by object over FHIR and REST, to a parent without the exchange. What the parent has is read first, and
//! replaced only if it is what was seen last, or what was sent from here before.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::hanging::{Asked, asked};
use super::sending::{Accepted, Delivered, Deliveries, Delivery, Outgoing, Sender, of_what_was_sent};
use crate::config::Config;
use crate::decide::canonical::{self, canonical};
use crate::decide::conflict::Version;
use crate::decide::content::says_removed;
use crate::decide::exchange::{Decision, Earlier, Meanwhile, Sent, decide};
use crate::decide::loss::{Losses, losses};
use crate::decide::push::{Writing, wave_length};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{ObjectId, Representation, by_category};
use crate::http::{ParentClient, Send};
use crate::removal::given_reason;
use crate::resource::{Document, Fetched, GroupReply, SyncResourceManager};
use crate::store::audit::AuditStatus;

/// Sends to the parent's FHIR and REST addresses.
pub(super) struct PlainSender {
    parent: Arc<ParentClient>,
    resources: SyncResourceManager,
    fhir_path: String,
    rest_path: String,
    max_body_bytes: usize,
}

/// The parent's version of an object.
enum Theirs {
    Present(Document, Canonical),
    /// Nothing, or it was removed.
    None,
    /// It could not be read.
    Unreadable(Error),
}

/// A document's canonical form, with its hash.
struct Canonical {
    json: Vec<u8>,
    hash: String,
}

impl Canonical {
    /// Its hash in a version of the canonical form that is known.
    fn hash_at(&self, version: u32, document: &Document) -> Cow<'_, str> {
        if canonical::differs(version, document.representation) {
            Cow::Owned(canonical::hash_at(version, document.representation, &document.json))
        } else {
            Cow::Borrowed(&self.hash)
        }
    }
}

/// The step to take with one object.
enum Step {
    /// Nothing more is asked of the parent.
    Done(Delivered),
    /// Written, unless it failed; what came of it is read back. Of a removal with what stays there of what went along here.
    Written(Result<Vec<ObjectId>>),
}

impl PlainSender {
    pub(crate) fn new(parent: Arc<ParentClient>, config: &Config) -> PlainSender {
        let paths = config.parent.as_ref().map(|parent| (parent.fhir_path.clone(), parent.rest_path.clone()));
        let (fhir_path, rest_path) = paths.unwrap_or_default();
        PlainSender {
            resources: SyncResourceManager::new(parent.clone(), config, Vec::new()),
            parent,
            fhir_path,
            rest_path,
            max_body_bytes: config.transfer.max_body_bytes,
        }
    }

    /// Wave by wave: what refers to another object comes after it.
    async fn deliver_all(&self, outgoing: &[&Outgoing], deliveries: &mut Deliveries) -> Result<()> {
        while deliveries.answered.len() < outgoing.len() {
            let rest = outgoing.get(deliveries.answered.len()..).unwrap_or_default();
            let wave = rest.get(..wave_length(rest.iter().map(|outgoing| writing(outgoing)))).unwrap_or(rest);
            self.deliver_wave(wave, deliveries).await?;
        }
        Ok(())
    }

    async fn deliver_wave(&self, wave: &[&Outgoing], deliveries: &mut Deliveries) -> Result<()> {
        let theirs = self.read(wave).await?;
        let steps = join_all(wave.iter().zip(theirs).map(|(outgoing, theirs)| self.step(outgoing, theirs))).await;
        // The parent's versions are asked for even when it went away for some: those that were written are then known.
        let mut after = self.read(&written(wave, &steps)).await?.into_iter();
        for (outgoing, step) in wave.iter().zip(steps) {
            let result = match step {
                Step::Done(delivered) => delivered,
                Step::Written(outcome) => match of_what_was_sent(outcome)? {
                    Ok(stayed) => read_back(outgoing, after.next().unwrap_or(Theirs::None), stayed),
                    Err(error) => failure(error),
                },
            };
            deliveries.answered.push(Delivery {
                client: outgoing.representation.name(),
                url: self.address(outgoing).to_string(),
                result,
            });
        }
        Ok(())
    }

    /// Reads the parent's version of each object, in groups where it can.
    async fn read(&self, outgoing: &[&Outgoing]) -> Result<Vec<Theirs>> {
        let mut found = BTreeMap::new();
        for (category, uuids) in by_category(outgoing.iter().map(|outgoing| &outgoing.object)) {
            let fetched = match self.resources.fetch(category, &uuids).await? {
                GroupReply::Objects(fetched) => fetched,
                GroupReply::CategoryClosed(error) => vec![Fetched::Failed(unserved(error)); uuids.len()],
            };
            let objects = uuids.into_iter().map(|uuid| ObjectId { category, uuid });
            found.extend(objects.zip(fetched.into_iter().map(Theirs::of)));
        }
        Ok(outgoing.iter().map(|outgoing| found.remove(&outgoing.object).unwrap_or(Theirs::None)).collect())
    }

    /// Decides as a parent with the exchange does. This one keeps nothing of what was sent before: it is known by its
    /// content.
    async fn step(&self, outgoing: &Outgoing, theirs: Theirs) -> Step {
        if let Theirs::Unreadable(error) = theirs {
            return Step::Done(Delivered::Refused(error));
        }
        let (hash, sent_hash) = (theirs.hash_at(outgoing.canonical_version), outgoing.hash());
        let hash = hash.as_deref();
        let sent = Sent {
            hash: sent_hash.as_deref(),
            last_seen: outgoing.last_seen.as_deref(),
            pending: &outgoing.pending,
            // Nobody can say what became of it there since.
            meanwhile: Meanwhile::default(),
        };
        let version = hash.map_or(Version::Absent, Version::Document);
        let earlier = Earlier { sent_hash: hash, result_hash: hash, number: None };
        match decide(version, sent, Some(earlier)) {
            Decision::Unchanged | Decision::SavedBefore => Step::Done(Delivered::Accepted(Accepted {
                status: AuditStatus::Unchanged,
                hash: hash.map(str::to_string),
                document: theirs.canonical().map(<[u8]>::to_vec),
                losses: Losses::default(),
                rules: Vec::new(),
                notes: Vec::new(),
                stayed: Vec::new(),
            })),
            Decision::Conflict => Step::Done(Delivered::Conflict {
                theirs_hash: hash.map(str::to_string),
                theirs: theirs.document().map(as_saved),
                detail: None,
            }),
            Decision::Save => Step::Written(self.write(outgoing, theirs.document()).await.map(|()| Vec::new())),
            Decision::Remove => match asked(&self.resources, outgoing).await {
                Ok(Asked::Known { stays }) => {
                    Step::Written(self.write(outgoing, theirs.document()).await.map(|()| stays))
                }
                Ok(Asked::Against(detail)) => Step::Done(Delivered::Conflict {
                    theirs_hash: hash.map(str::to_string),
                    theirs: theirs.document().map(as_saved),
                    detail: Some(detail),
                }),
                Err(error) => Step::Written(Err(error)),
            },
        }
    }

    async fn write(&self, outgoing: &Outgoing, theirs: Option<&Document>) -> Result<()> {
        let address = self.address(outgoing);
        let media_type = media_type(outgoing.representation);
        let etag = theirs.and_then(etag);
        let mut headers: Vec<(&str, &str)> = etag.iter().map(|etag| ("if-match", etag.as_str())).collect();
        let (method, url, body) = match (&outgoing.document, outgoing.representation) {
            (None, representation) => (Method::DELETE, with_reason(address, outgoing, representation), Bytes::new()),
            (Some(document), Representation::Fhir) => (Method::PUT, address, document.to_save.clone().into()),
            // Only what counts as content: OpenMRS refuses fields that it makes itself.
            (Some(document), Representation::Rest) => {
                let url = if theirs.is_some() { address } else { self.collection(outgoing) };
                (Method::POST, url, document.canonical.clone().into())
            }
        };
        if !body.is_empty() {
            headers.push(("content-type", media_type));
        }
        let request =
            Send { method, url: &url, accept: media_type, headers: &headers, body, max_bytes: self.max_body_bytes };
        let answer = self.parent.send_once(request).await?;
        let without_query = url.as_str().split('?').next().unwrap_or_default();
        refusal(&outgoing.object, answer.status).map_or(Ok(()), |error| Err(error.at(without_query)))
    }

    fn address(&self, outgoing: &Outgoing) -> Url {
        let collection = self.collection_path(outgoing);
        self.parent.url(&format!("{collection}/{}", outgoing.object.uuid))
    }

    fn collection(&self, outgoing: &Outgoing) -> Url {
        self.parent.url(&self.collection_path(outgoing))
    }

    fn collection_path(&self, outgoing: &Outgoing) -> String {
        let category = outgoing.object.category;
        let (path, resource) = match outgoing.representation {
            Representation::Fhir => (&self.fhir_path, category.fhir_type()),
            Representation::Rest => (&self.rest_path, category.rest_resource()),
        };
        format!("{path}/{}", resource.unwrap_or(category.name()))
    }
}

impl Sender for PlainSender {
    fn sends_in_batches(&self) -> bool {
        false
    }

    fn deliver<'a>(&'a self, outgoing: &'a [&'a Outgoing]) -> BoxFuture<'a, Deliveries> {
        Box::pin(async move {
            let mut deliveries = Deliveries::default();
            deliveries.stopped = self.deliver_all(outgoing, &mut deliveries).await.err();
            deliveries
        })
    }
}

impl Theirs {
    fn of(fetched: Fetched) -> Theirs {
        match fetched {
            Fetched::Gone { .. } => Theirs::None,
            Fetched::Failed(error) if error.kind == ErrorKind::NotFound => Theirs::None,
            Fetched::Failed(error) => Theirs::Unreadable(error),
            Fetched::Document(document) if says_removed(document.representation, &document.json) => Theirs::None,
            Fetched::Document(document) => {
                let json = canonical(document.representation, &document.json);
                let hash = canonical::hash(&json);
                Theirs::Present(document, Canonical { json, hash })
            }
        }
    }

    fn hash_at(&self, version: u32) -> Option<Cow<'_, str>> {
        match self {
            Theirs::Present(document, canonical) => Some(canonical.hash_at(version, document)),
            Theirs::None | Theirs::Unreadable(_) => None,
        }
    }

    fn canonical(&self) -> Option<&[u8]> {
        match self {
            Theirs::Present(_, canonical) => Some(&canonical.json),
            Theirs::None | Theirs::Unreadable(_) => None,
        }
    }

    fn document(&self) -> Option<&Document> {
        match self {
            Theirs::Present(document, _) => Some(document),
            Theirs::None | Theirs::Unreadable(_) => None,
        }
    }
}

fn as_saved(document: &Document) -> Vec<u8> {
    canonical::to_save(document.representation, &document.json)
}

fn writing<'a>(outgoing: &'a Outgoing) -> Writing<'a, ObjectId> {
    Writing {
        object: &outgoing.object,
        references: outgoing.document.as_ref().map(|document| &document.references),
        is_removal: outgoing.document.is_none(),
    }
}

/// Those that were written.
fn written<'a>(wave: &[&'a Outgoing], steps: &[Step]) -> Vec<&'a Outgoing> {
    let written = wave.iter().zip(steps).filter(|(_, step)| matches!(step, Step::Written(Ok(_))));
    written.map(|(outgoing, _)| *outgoing).collect()
}

/// Reads back a write that the parent accepted.
fn read_back(outgoing: &Outgoing, theirs: Theirs, stayed: Vec<ObjectId>) -> Delivered {
    match (&outgoing.document, theirs) {
        (_, Theirs::Unreadable(error)) => Delivered::Unknown(error),
        (None, Theirs::None) => {
            let removed = Accepted {
                status: AuditStatus::Removed,
                hash: None,
                document: None,
                losses: Losses::default(),
                rules: Vec::new(),
                notes: Vec::new(),
                stayed,
            };
            Delivered::Accepted(removed)
        }
        (Some(document), Theirs::Present(theirs, stored)) => {
            let losses = losses(&document.canonical, &stored.json);
            let status = if losses.lost.is_empty() { AuditStatus::Applied } else { AuditStatus::Partial };
            Delivered::Accepted(Accepted {
                status,
                hash: Some(stored.hash_at(outgoing.canonical_version, &theirs).into_owned()),
                document: Some(stored.json),
                losses,
                rules: Vec::new(),
                notes: Vec::new(),
                stayed: Vec::new(),
            })
        }
        (document, _) => {
            let what = if document.is_some() { "saved it" } else { "removed it" };
            let message = format!("{}: the parent says that it {what}, but does not show so", outgoing.object);
            Delivered::Unknown(Error::new(ErrorKind::ParentFailed, message))
        }
    }
}

fn failure(error: Error) -> Delivered {
    match error.kind {
        ErrorKind::ParentFailed | ErrorKind::Malformed => Delivered::Unknown(error),
        _ => Delivered::Refused(error),
    }
}

/// Returns the error of a status that is no success.
fn refusal(object: &ObjectId, status: u16) -> Option<Error> {
    let refused = |kind, what: &str| Some(Error::new(kind, format!("{object}: the parent answers {status}{what}")));
    match status {
        200..=299 => None,
        403 => refused(ErrorKind::Forbidden, ": give the sync account the privilege to write it"),
        404 | 405 => refused(
            ErrorKind::Rejected,
            ": it does not create this kind of object under a given uuid. Install Sync 2 at the parent, or choose another \
             categories.NAME.representation",
        ),
        // Tried again: its version is then compared anew.
        409 | 412 => refused(ErrorKind::ParentFailed, ": the object was changed there at the same moment"),
        400..=499 => refused(ErrorKind::Rejected, ": see the parent's log"),
        _ => refused(ErrorKind::ParentFailed, ": see the parent's log"),
    }
}

/// The whole category is closed: a 404 is then no word about the object, and passes when the parent serves the category again.
fn unserved(error: Error) -> Error {
    match error.kind {
        ErrorKind::NotFound => Error { kind: ErrorKind::ParentFailed, ..error },
        _ => error,
    }
}

/// OpenMRS's REST module takes why something is voided; FHIR has no place for it.
fn with_reason(mut address: Url, outgoing: &Outgoing, representation: Representation) -> Url {
    let reason = given_reason(outgoing.removed.reason.as_deref()).filter(|_| representation == Representation::Rest);
    if let Some(reason) = reason {
        address.query_pairs_mut().append_pair("reason", &reason);
    }
    address
}

fn media_type(representation: Representation) -> &'static str {
    match representation {
        Representation::Fhir => "application/fhir+json",
        Representation::Rest => "application/json",
    }
}

/// The tag of a FHIR version (RFC 9110, weak), where the server gives one.
fn etag(document: &Document) -> Option<String> {
    let version = document.json.get("meta")?.get("versionId").and_then(Value::as_str)?;
    let is_token = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    (is_token && !version.is_empty()).then(|| format!("W/\"{version}\""))
}
