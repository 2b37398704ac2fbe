//! One error type for the whole engine. Its kind decides what happens to a record or a run, and which Java exception
//! class a caller sees; its message is written for the person who must act.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::event::is_object_uuid;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of a failure, as far as the engine treats it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
pub enum ErrorKind {
    /// No answer from the parent: refused, reset, timed out, TLS failure, 502 or 504.
    Unreachable,
    /// The parent did not accept our credentials, also after a new log-in.
    Unauthorized,
    /// The parent asks us to come later (429, 503).
    Busy,
    /// 403: this account may not read it.
    Forbidden,
    /// 404: no proof that it is gone.
    NotFound,
    /// 410, or a body that says voided.
    Gone,
    /// The host's validators, or the parent (409, 422 and other 4xx), do not accept this object.
    Rejected,
    /// The parent failed at this object (500 and other 5xx that do not mean "away", a redirect, or an answer that breaks
    /// off) while it answers for others.
    ParentFailed,
    /// The object refers to something that is neither here nor to be had.
    MissingReference,
    /// Another local object already has this identifier.
    Duplicate,
    /// An input from outside is not what it has to be.
    Malformed,
    /// The feed no longer continues where we stopped: only a backfill can tell what changed.
    NeedsBackfill,
    /// The Java side or its database failed.
    Host,
    /// The configuration is wrong.
    Configuration,
    /// Another run holds the lease of this direction.
    AlreadyRunning,
    /// Another server took the lease over while this run was under way.
    LeaseLost,
    /// The versions that somebody decided on have changed since they were shown.
    Outdated,
    /// An administrator or a shutdown cancelled the run.
    Cancelled,
    /// The engine was used after `close`.
    Closed,
    /// A defect in this engine.
    Internal,
}

impl ErrorKind {
    /// Every kind; the Java bindings hold an exception class for each.
    pub const ALL: &[ErrorKind] = ErrorKind::VARIANTS;

    /// The name as it stands in audit rows, run records and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kind of that name, as read back from the database.
    pub fn parse(name: &str) -> Option<ErrorKind> {
        name.parse().ok()
    }

    /// The parent is away, or does not let us in at all: the run stops (guarantee *A parent that is away consumes nothing*).
    pub fn is_parent_away(self) -> bool {
        matches!(self, ErrorKind::Unreachable | ErrorKind::Unauthorized | ErrorKind::Busy)
    }

    /// Says nothing of what was asked for or sent, but that nobody may go on: the run stops.
    pub fn stops_run(self) -> bool {
        self.is_parent_away() || matches!(self, ErrorKind::Cancelled | ErrorKind::Closed)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failure with its kind. Holds no secret, and is shown to those who may see records: what a host, a parent or a document is
/// quoted with may tell of a patient. The log has [`for_log`](Error::for_log).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}{}", .url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default())]
pub struct Error {
    /// How it is treated.
    pub kind: ErrorKind,
    /// The failure, its object, and what to do.
    pub message: String,
    /// Where it happened, without credentials.
    pub url: Option<String>,
    /// How long the parent asked us to wait (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// Of metadata that is refused as a [`Duplicate`](ErrorKind::Duplicate): what is there of the same name.
    pub namesake: Option<Box<Namesake>>,
}

/// Metadata of the name that other metadata has: the two may be one thing under two uuids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namesake {
    /// The name that people know both by.
    pub name: String,
    /// The uuid of the one that is there already.
    pub uuid: String,
}

impl Namesake {
    /// As much of the name as is kept, in characters.
    const LONGEST_NAME: usize = 255;

    /// From outside; nothing where that is no uuid. PostgreSQL refuses the character NUL.
    pub fn told(name: &str, uuid: &str) -> Option<Namesake> {
        let name = name.chars().filter(|character| *character != '\0').take(Namesake::LONGEST_NAME).collect();
        is_object_uuid(uuid).then(|| Namesake { name, uuid: uuid.to_string() })
    }
}

impl Error {
    /// An error that has no url.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), url: None, retry_after: None, namesake: None }
    }

    /// The same error, saying where it happened.
    pub fn at(mut self, url: impl Into<String>) -> Error {
        self.url = Some(url.into());
        self
    }

    /// Returns the part that may be logged: all that only this engine words, else the kind and the place. Runs and the audit have
    /// it whole, for those who may see it.
    pub fn for_log(&self) -> String {
        match (self.kind, &self.url) {
            (
                ErrorKind::Unreachable
                | ErrorKind::Unauthorized
                | ErrorKind::Busy
                | ErrorKind::NeedsBackfill
                | ErrorKind::Configuration
                | ErrorKind::AlreadyRunning
                | ErrorKind::LeaseLost
                | ErrorKind::Cancelled
                | ErrorKind::Closed,
                _,
            ) => self.to_string(),
            (kind, Some(url)) => format!("{kind} ({url})"),
            (kind, None) => kind.to_string(),
        }
    }

    /// The same error, naming what is there of the same name.
    pub fn beside(mut self, namesake: Namesake) -> Error {
        self.namesake = Some(Box::new(namesake));
        self
    }

    /// The same error, with the wait that the parent asked for.
    pub fn after(mut self, wait: Duration) -> Error {
        self.retry_after = Some(wait);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_no_words_of_a_host_a_parent_or_a_document() {
        let said = |kind| Error::new(kind, "Nakato has B24").at("http://parent/Patient/p").for_log();
        assert_eq!(said(ErrorKind::Host), "Host (http://parent/Patient/p)");
        let without_words = ErrorKind::ALL.iter().copied().filter(|kind| !said(*kind).contains("Nakato"));
        assert!(without_words.count() >= 11);
        for kind in [ErrorKind::Rejected, ErrorKind::Duplicate, ErrorKind::Malformed, ErrorKind::Internal] {
            assert!(!said(kind).contains("Nakato"), "{kind}");
        }
    }
}
