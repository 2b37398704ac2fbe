//! From bytes to lines and back, and what is checked of every line.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::decide::scope::{Scope, Verb};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation, is_object_uuid};
use crate::json;

/// The lines of a request. Empty ones say nothing.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

/// Reads a line. Errors: `Malformed`, without the content of the line.
pub(super) fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T> {
    json::read(line)
        .map_err(|why| malformed(format!("the line cannot be read: {why}; a line that is longer than allowed is cut")))
}

/// The values of `category` and `uuid` in a line that cannot be read, as far as it has them: the answer repeats them.
pub(super) fn subject(line: &[u8]) -> (String, String) {
    let line: Value = json::read(line).unwrap_or_default();
    let text = |field: &str| line.get(field).and_then(Value::as_str).unwrap_or_default().to_string();
    (text("category"), text("uuid"))
}

/// The category that a line names, and how its objects are written. Errors: `Malformed`.
pub(super) fn category(category: &str, representation: &str) -> Result<(Category, Representation)> {
    let category = Category::parse(category).ok_or_else(|| malformed(format!("there is no category {category:?}")))?;
    let representation = Representation::parse(representation)
        .filter(|representation| category.has(*representation))
        .ok_or_else(|| malformed(format!("{category} does not exist as {representation:?}")))?;
    Ok((category, representation))
}

/// The object that a line names, and how it is written. Errors: `Malformed`.
pub(super) fn object(named: &str, uuid: &str, representation: &str) -> Result<(ObjectId, Representation)> {
    let (category, representation) = category(named, representation)?;
    if !is_object_uuid(uuid) {
        return Err(malformed(format!("this is no uuid of a {category}: {uuid:?}")));
    }
    Ok((ObjectId { category, uuid: uuid.to_string() }, representation))
}

/// An error of what the child sent.
pub(super) fn malformed(message: String) -> Error {
    Error::new(ErrorKind::Malformed, message)
}

/// The object is at no location of the account.
pub(super) fn out_of_scope(object: &ObjectId) -> Error {
    let message = format!(
        "{object} is outside of what the parent lets this account exchange: see exchange.children in the parent's \
         configuration"
    );
    Error::new(ErrorKind::Forbidden, message)
}

/// Fails where the account may not do that with objects of this kind. Errors: `Forbidden`, with what the parent's administrator can
/// do about it.
pub(super) fn check(scope: Scope<'_>, verb: Verb, object: &ObjectId) -> Result<()> {
    match scope.refusal(verb, object.category) {
        Some(why) => Err(Error::new(ErrorKind::Forbidden, format!("{object}: {why}"))),
        None => Ok(()),
    }
}

/// One line for each answer.
pub(super) fn written<T: Serialize>(answers: &[T]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for answer in answers {
        serde_json::to_writer(&mut bytes, answer)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("an answer could not be written: {error}")))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
