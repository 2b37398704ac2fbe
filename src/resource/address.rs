//! Reading objects at their own addresses, which FHIR and REST have in common: what each status means, and whether
//! one object or its whole category is refused.

use std::sync::Arc;

use futures_util::future::try_join_all;
use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use super::room::{Place, Room, no_room};
use super::{Document, Fetched, GroupReply, Json, unusable};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{ObjectId, Representation};
use crate::http::{Answer, Get, ParentClient};
use crate::json::{self, Measured};

/// The answer from an object's address.
pub(super) enum Reading {
    /// The parent's own answer.
    Answered(Fetched),
    /// No whole answer of the parent's own: the line broke, or a portal in between redirects or shows its own page; or the
    /// parent failed, as it also does while it stops.
    Doubtful(Error),
}

impl Reading {
    /// Returns the answer's word on the object, once it is known that the parent answers otherwise.
    fn of_the_object(self) -> Fetched {
        match self {
            Reading::Answered(fetched) => fetched,
            Reading::Doubtful(error) => Fetched::Failed(error),
        }
    }
}

/// Reads documents of one representation.
pub(super) struct AddressReader {
    pub(super) parent: Arc<ParentClient>,
    pub(super) representation: Representation,
    /// The name of the client that it reads for.
    pub(super) client: Arc<str>,
    /// The media type that is asked for.
    pub(super) accept: &'static str,
    /// `transfer.maxBodyBytes`
    pub(super) max_body_bytes: usize,
    /// For the documents that it reads.
    pub(super) room: Room,
}

impl AddressReader {
    /// Reads one object. Errors: what stops the run.
    pub(super) async fn read(&self, object: &ObjectId, url: Url) -> Result<Reading> {
        if self.room.is_full() {
            return Ok(Reading::Answered(Fetched::Failed(no_room(object))));
        }
        let named = |error: Error| Error { message: format!("{object}: {}", error.message), ..error };
        match self.get(&url, self.max_body_bytes).await {
            Ok(answer) if is_web_page(&answer) => Ok(Reading::Doubtful(named(web_page(&url)))),
            Ok(answer) => Ok(match self.judge(object, url, &answer) {
                Fetched::Failed(error) if error.kind == ErrorKind::ParentFailed => Reading::Doubtful(error),
                fetched => Reading::Answered(fetched),
            }),
            Err(error) => match error.kind {
                ErrorKind::ParentFailed => Ok(Reading::Doubtful(named(error))),
                ErrorKind::Malformed => Ok(Reading::Answered(Fetched::Failed(named(error)))),
                _ => Err(error),
            },
        }
    }

    /// Reads several objects at once, as many as the parent client lets through.
    pub(super) async fn read_all(&self, addresses: Vec<(ObjectId, Url)>) -> Result<Vec<Reading>> {
        try_join_all(addresses.iter().map(|(object, url)| self.read(object, url.clone()))).await
    }

    pub(super) async fn get(&self, url: &Url, max_bytes: usize) -> Result<Answer> {
        self.parent.get(Get { url, accept: self.accept, etag: None, headers: &[], max_bytes }).await
    }

    pub(super) fn document(&self, url: String, json: Json, place: Place) -> Document {
        Document { representation: self.representation, client: self.client.clone(), url, json, place }
    }

    /// Says whether the whole category is closed: `probe` asks for any one object of it. Asked anew each time, since
    /// starting a module on the parent can close a category in the middle of a run.
    ///
    /// Errors: what stops the run; `Unreachable` also when even this gets no answer of the parent's own.
    pub(super) async fn closed(&self, probe: &Url) -> Result<Option<Error>> {
        match self.get(probe, self.max_body_bytes).await {
            Ok(answer) if is_web_page(&answer) => Err(Error { kind: ErrorKind::Unreachable, ..web_page(probe) }),
            Ok(answer) if answer.status >= 500 => self.parent.must_serve().await.map(|()| None),
            Ok(answer) => Ok(closed_by(answer.status).map(|error| error.at(probe.as_str()))),
            Err(error) => match error.kind {
                ErrorKind::ParentFailed => Err(Error { kind: ErrorKind::Unreachable, ..error }),
                // Too large, but an answer.
                ErrorKind::Malformed => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Fails where objects cannot be read, as far as asking for any one of them tells. REST resources without a list refuse
    /// that question (4xx) and are readable all the same.
    ///
    /// Errors: why they cannot.
    pub(super) async fn probe(&self, probe: &Url) -> Result<()> {
        let answer = self.get(probe, self.max_body_bytes).await?;
        if is_web_page(&answer) {
            return Err(web_page(probe));
        }
        let refusal = match answer.status {
            status @ 500.. => {
                Some(Error::new(ErrorKind::ParentFailed, format!("the parent answers {status}: see the parent's log")))
            }
            status => closed_by(status),
        };
        refusal.map_or(Ok(()), |error| Err(error.at(probe.as_str())))
    }

    /// Returns the result for a group. Asks `probe` when all that came are refusals that the whole category could share, and
    /// when some readings are doubtful: they are the objects' failures only if the parent answers otherwise.
    pub(super) async fn reply(&self, readings: Vec<Reading>, probe: &Url) -> Result<GroupReply> {
        let doubtful = readings.iter().any(|reading| matches!(reading, Reading::Doubtful(_)));
        let fetched: Vec<Fetched> = readings.into_iter().map(Reading::of_the_object).collect();
        let refused = fetched.iter().any(is_refusal);
        let served = fetched.iter().any(|fetched| matches!(fetched, Fetched::Document(_) | Fetched::Gone { .. }));
        if (doubtful || refused && !served)
            && let Some(closed) = self.closed(probe).await?
            && !served
        {
            return Ok(GroupReply::CategoryClosed(closed));
        }
        Ok(GroupReply::Objects(fetched))
    }

    /// Nothing when there is no room for it.
    fn read_document(&self, body: &[u8]) -> std::result::Result<Option<(Value, Place)>, json::Unreadable> {
        let measured = Measured::of(body, json::MOST_VALUES)?;
        match self.room.take(measured.weight()) {
            Some(place) => Ok(Some((measured.read()?, place))),
            None => Ok(None),
        }
    }

    fn judge(&self, object: &ObjectId, url: Url, answer: &Answer) -> Fetched {
        let failed = |kind, what: &str| {
            Fetched::Failed(Error::new(kind, format!("{object}: the parent {what}")).at(url.as_str()))
        };
        match StatusCode::from_u16(answer.status).unwrap_or_default() {
            StatusCode::OK => match self.read_document(&answer.body) {
                Ok(Some((json, place))) => Fetched::Document(self.document(url.into(), json.into(), place)),
                Ok(None) => Fetched::Failed(no_room(object)),
                Err(why) => Fetched::Failed(
                    Error::new(ErrorKind::Malformed, format!("{object}: {}", unusable(&why))).at(url.as_str()),
                ),
            },
            StatusCode::GONE => Fetched::Gone { url: url.into(), reason: None },
            StatusCode::FORBIDDEN => {
                failed(ErrorKind::Forbidden, "answers 403: give the sync account the privilege to read it")
            }
            StatusCode::NOT_FOUND => failed(ErrorKind::NotFound, "answers 404, which is no proof that it was removed"),
            status if status.is_client_error() => failed(ErrorKind::Rejected, &format!("answers {status}")),
            status if status.is_server_error() => {
                failed(ErrorKind::ParentFailed, &format!("answers {status}: see the parent's log"))
            }
            status => failed(ErrorKind::Malformed, &format!("answers {status} instead of a document")),
        }
    }
}

/// JSON was asked for: markup comes from a portal, a proxy or a log-in page.
fn is_web_page(answer: &Answer) -> bool {
    answer.body.trim_ascii_start().first() == Some(&b'<')
}

fn web_page(url: &Url) -> Error {
    let message = "the answer is a web page in place of a document: a portal or proxy stands in between, or the parent's \
                   FHIR or REST module fails there";
    Error::new(ErrorKind::Malformed, message).at(url.as_str())
}

fn is_refusal(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Failed(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound))
}

fn closed_by(status: u16) -> Option<Error> {
    match status {
        403 => Some(Error::new(
            ErrorKind::Forbidden,
            "the parent refuses every object of this category (403): give the sync account the privileges to read it, \
             or switch the category off",
        )),
        404 => Some(Error::new(
            ErrorKind::NotFound,
            "the parent does not serve this category (404): check parent.fhirPath and parent.restPath. If it was served \
             before: starting or stopping any module leaves the parent's FHIR module without resources until the parent \
             is restarted",
        )),
        _ => None,
    }
}
