//! The JSON of a document that was fetched.

use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

use crate::json::{self, Unreadable};

/// The JSON of a document. What comes in a group is built when it is first looked at: documents that are worked out one after
/// the other find their memory in the processor's cache, which has no room for all of a group.
#[derive(Clone, Debug)]
pub struct Json {
    /// Nothing when it came built.
    text: Bytes,
    built: OnceLock<Result<Value, Unreadable>>,
}

impl Json {
    /// Of a text that is known to keep the limits.
    pub(super) fn unbuilt(text: Bytes) -> Json {
        Json { text, built: OnceLock::new() }
    }

    /// Builds it, unless it is. Errors: it cannot be.
    pub fn read(&self) -> Result<&Value, &Unreadable> {
        self.built.get_or_init(|| json::build(&self.text)).as_ref()
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Json {
        Json { text: Bytes::new(), built: OnceLock::from(Ok(value)) }
    }
}

/// Null when it cannot be built.
impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.read().unwrap_or(&Value::Null)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        self.read() == other.read()
    }
}
