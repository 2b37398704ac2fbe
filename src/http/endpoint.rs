//! The way of a child to one address of its parent's exchange.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;
use url::Url;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Answer, ParentClient, Send};
use crate::wire::{MEDIA_TYPE, NODE_HEADER};

/// An address that takes lines and answers lines.
pub(crate) struct Endpoint {
    parent: Arc<ParentClient>,
    url: Url,
    /// This node's id.
    node: String,
    most_bytes: usize,
}

impl Endpoint {
    /// The address of that name, such as `apply`.
    pub(crate) fn new(parent: Arc<ParentClient>, config: &Config, node: &str, name: &str) -> Endpoint {
        Endpoint {
            url: parent.rest_url(&format!("/sync2/objects/{name}")),
            parent,
            node: node.to_string(),
            most_bytes: config.transfer.max_group_bytes(),
        }
    }

    /// Returns the absolute url of the address.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The most bytes of an answer; a request should have no more before it is compressed.
    pub(crate) fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    /// Sends lines, each ended by a line feed. They may arrive twice.
    ///
    /// Errors: as those of [`ParentClient::send`].
    pub(crate) async fn post(&self, lines: &[u8]) -> Result<Answer> {
        let headers = [("content-type", MEDIA_TYPE), ("x-sync2", "1"), (NODE_HEADER, self.node.as_str())];
        let request = Send {
            method: Method::POST,
            url: &self.url,
            accept: MEDIA_TYPE,
            headers: &headers,
            body: compressed(lines)?,
            max_bytes: self.most_bytes,
        };
        self.parent.send(request).await
    }
}

/// Why an answer says that there is no exchange for this account; `ParentFailed` when it only failed.
pub(crate) fn refusal(answer: &Answer) -> Option<Error> {
    let what = "the parent's exchange is not used, and objects travel by FHIR and REST, slower:";
    let (kind, why) = match answer.status {
        200 if is_lines(answer) => return None,
        200 => (ErrorKind::Malformed, "it answers something else; a portal or proxy stands in between".to_string()),
        403 => (
            ErrorKind::Forbidden,
            "it answers 403; give the sync account the privilege \"Exchange Sync2 Objects\" there".to_string(),
        ),
        404 | 405 => (ErrorKind::NotFound, "the parent does not have it; install this module there".to_string()),
        415 => (ErrorKind::Rejected, "it speaks another version; update the older module of the two".to_string()),
        status => (ErrorKind::ParentFailed, format!("it answers {status}; see the parent's log")),
    };
    Some(Error::new(kind, format!("{what} {why}")))
}

/// Returns true if the body is lines of the exchange, in the version that is spoken here.
pub(crate) fn is_lines(answer: &Answer) -> bool {
    answer.content_type.as_deref().is_some_and(|given| given.starts_with(MEDIA_TYPE))
}

/// Gzip, which the parent knows by its first bytes: OpenMRS refuses requests whose head says `Content-Encoding`.
fn compressed(lines: &[u8]) -> Result<Bytes> {
    let mut body = GzEncoder::new(Vec::new(), Compression::default());
    let finished = body.write_all(lines).and_then(|()| body.finish());
    let finished = finished
        .map_err(|error| Error::new(ErrorKind::Internal, format!("a request could not be written: {error}")))?;
    Ok(Bytes::from(finished))
}
