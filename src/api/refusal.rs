//! Refusals. The one place that says which HTTP status a kind of failure has.

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};

/// An answer, or why there is none.
pub type Refused<T> = std::result::Result<T, Refusal>;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The kind: that of an [`Error`], or one that only the API has.
    pub kind: &'static str,
    /// The fault, and what to do.
    pub message: String,
    /// The mistakes one by one, where there are several.
    pub details: Option<Value>,
}

/// A mistake in a document.
#[derive(Serialize)]
struct Mistake<'a> {
    path: &'a str,
    message: &'a str,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, kind, message: message.into(), details: None }
    }

    /// The request is not what this address takes.
    pub fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "BadRequest", message)
    }

    /// Nobody is logged in.
    pub fn not_authenticated() -> Refusal {
        Refusal::new(401, "NotAuthenticated", "log in first")
    }

    /// The user may not do this.
    pub fn forbidden(message: impl Into<String>) -> Refusal {
        Refusal::new(403, "Forbidden", message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(404, "NotFound", message)
    }

    /// The address does not take this method, or this program cannot do it.
    pub fn method_not_allowed(message: impl Into<String>) -> Refusal {
        Refusal::new(405, "MethodNotAllowed", message)
    }

    /// The body is too long.
    pub fn too_large(message: impl Into<String>) -> Refusal {
        Refusal::new(413, "TooLarge", message)
    }

    /// The body is of a type that this address does not take.
    pub fn unsupported_media_type(message: impl Into<String>) -> Refusal {
        Refusal::new(415, "UnsupportedMediaType", message)
    }

    /// A defect; the log has the details.
    pub fn internal() -> Refusal {
        Refusal::new(500, ErrorKind::Internal.name(), "the request failed; the server's log says why")
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        json!({"error": {"kind": self.kind, "message": self.message, "details": self.details}})
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let details = (error.kind == ErrorKind::Configuration).then(|| mistakes(&error.message));
        let message = match &error.url {
            Some(url) => format!("{} ({url})", error.message),
            None => error.message,
        };
        Refusal { status: status_of(error.kind), kind: error.kind.name(), message, details: details.flatten() }
    }
}

/// The HTTP status that a failure of the engine is answered with.
pub fn status_of(kind: ErrorKind) -> u16 {
    match kind {
        ErrorKind::Configuration | ErrorKind::Malformed => 400,
        ErrorKind::NotFound => 404,
        ErrorKind::AlreadyRunning | ErrorKind::Outdated => 409,
        ErrorKind::Gone => 410,
        // This server does not take what somebody decided.
        ErrorKind::Rejected | ErrorKind::MissingReference | ErrorKind::Duplicate => 422,
        ErrorKind::Busy | ErrorKind::Closed => 503,
        ErrorKind::Unreachable
        | ErrorKind::Unauthorized
        | ErrorKind::Forbidden
        | ErrorKind::ParentFailed
        | ErrorKind::NeedsBackfill
        | ErrorKind::Host
        | ErrorKind::LeaseLost
        | ErrorKind::Cancelled
        | ErrorKind::Internal => 500,
    }
}

/// The lines of a message that each name the field that is wrong.
fn mistakes(message: &str) -> Option<Value> {
    let lines = message.lines().map(|line| line.split_once(": ").map(|(path, message)| Mistake { path, message }));
    let mistakes = lines.collect::<Option<Vec<Mistake<'_>>>>()?;
    serde_json::to_value(mistakes.into_iter().filter(|mistake| !mistake.path.contains(' ')).collect::<Vec<_>>())
        .ok()
        .filter(|mistakes| mistakes.as_array().is_some_and(|mistakes| !mistakes.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_a_configuration_is_told_with_its_path() {
        let error = Error::new(ErrorKind::Configuration, "a.b: is wrong\nc: also: wrong");
        let refusal = Refusal::from(error);
        assert_eq!(refusal.status, 400);
        assert_eq!(
            refusal.details,
            Some(json!([{"path": "a.b", "message": "is wrong"}, {"path": "c", "message": "also: wrong"}]))
        );
        let other = Error::new(ErrorKind::Configuration, "limit is 1 to 1000; got 0");
        assert_eq!(Refusal::from(other).details, None);
    }

    #[test]
    fn where_it_happened_is_part_of_the_message() {
        let refusal = Refusal::from(Error::new(ErrorKind::Gone, "removed").at("http://parent/feed/1"));
        assert_eq!((refusal.status, refusal.message.as_str()), (410, "removed (http://parent/feed/1)"));
    }
}
