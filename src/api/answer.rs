//! The answer to a request.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::refusal::{Refusal, Refused};
use super::request::Request;

/// Smaller answers fit into one packet as they are.
const SMALLEST_COMPRESSED: usize = 1000;

/// The type of most answers.
const JSON: &str = "application/json;charset=UTF-8";

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without the length.
    pub headers: Vec<(&'static str, String)>,
    /// The body, coded as the headers say.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer with what was asked for, as JSON.
    pub fn ok(value: &impl Serialize) -> Refused<Answer> {
        Answer::json(200, value)
    }

    /// The answer to a request that is under way; `status` and `runs` show it.
    pub fn accepted(value: &impl Serialize) -> Refused<Answer> {
        Answer::json(202, value)
    }

    fn json(status: u16, value: &impl Serialize) -> Refused<Answer> {
        let body = serde_json::to_vec(value).map_err(|_| {
            log::error!("an answer could not be written");
            Refusal::internal()
        })?;
        Ok(Answer::of(status, JSON, body))
    }

    /// A document of that type. Nothing may keep it: it tells of patients, or of what is happening now.
    pub fn of(status: u16, content_type: &str, body: Vec<u8>) -> Answer {
        let headers = vec![("Content-Type", content_type.to_string()), ("Cache-Control", "no-store".to_string())];
        Answer { status, headers, body }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// As the sender of the request can take it: not at all when it has it already, else compressed.
    pub(super) fn for_reader_of(self, request: &Request) -> Answer {
        self.tagged(request).compressed(request)
    }

    /// With a tag, by which who polls does not get again what it has.
    fn tagged(mut self, request: &Request) -> Answer {
        if self.status != 200 || request.method != "GET" {
            return self;
        }
        if self.header("ETag").is_none() {
            let digest = Sha256::digest(&self.body);
            let tag: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
            self.headers.push(("ETag", format!("W/\"{tag}\"")));
        }
        if self.header("ETag").is_some_and(|tag| request.has(tag)) {
            self.status = 304;
            self.headers.retain(|(name, _)| *name != "Content-Type");
            self.body.clear();
        }
        self
    }

    fn compressed(mut self, request: &Request) -> Answer {
        self.headers.push(("Vary", "Accept-Encoding".to_string()));
        if self.body.len() < SMALLEST_COMPRESSED || !request.accepts_gzip() {
            return self;
        }
        let mut gzip = GzEncoder::new(Vec::with_capacity(self.body.len() / 4), Compression::fast());
        if let Ok(compressed) = gzip.write_all(&self.body).and_then(|()| gzip.finish()) {
            self.body = compressed;
            self.headers.push(("Content-Encoding", "gzip".to_string()));
        }
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        let unwritten = || Answer::of(500, JSON, json!({"error": {"kind": "Internal"}}).to_string().into_bytes());
        Answer::json(refusal.status, &refusal.body()).unwrap_or_else(|_| unwritten())
    }
}
