//! Why something did not go well, as it is kept.

use serde::Serialize;

use super::named;
use crate::error::{Error, ErrorKind};

/// The kind and message of an [`Error`], as audit, parked records, attempts and runs keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// How the engine treated it.
    #[serde(serialize_with = "named::serialize")]
    pub kind: ErrorKind,
    /// The failure and what to do. At most [`Failure::LONGEST_MESSAGE`] characters are kept.
    pub message: String,
}

impl Failure {
    /// Longer messages are cut here: some quote what a stranger sent.
    pub const LONGEST_MESSAGE: usize = 4000;

    /// The message as a column takes it. PostgreSQL refuses the character NUL.
    pub(super) fn kept_message(&self) -> String {
        self.message.chars().filter(|character| *character != '\0').take(Failure::LONGEST_MESSAGE).collect()
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Failure {
        Failure { kind: error.kind, message: error.message.clone() }
    }
}
