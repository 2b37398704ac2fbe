//! Tells in messages whom and what a record is about, as people know it (`decide/naming.rs`).

use serde_json::Value;

use crate::decide::naming::{introduced, number_of, patient_of, subject};
use crate::error::{Error, ErrorKind};
use crate::event::{ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::json;
use crate::store::transaction;

/// Of which kinds of failure the record is the subject. What these say is never logged.
fn is_about_the_record(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Rejected | ErrorKind::Duplicate | ErrorKind::MissingReference | ErrorKind::Gone | ErrorKind::Host
    )
}

/// The failure of a record, told by what its document says of it.
pub(crate) fn named_by_document(
    object: &ObjectId,
    (representation, document): (Representation, &[u8]),
    error: Error,
) -> Error {
    let known = json::read::<Value>(document).ok().and_then(|document| {
        subject(representation, object, &document, number_of(representation, object, &document).as_deref())
    });
    introduce(object, known, error)
}

/// The failure of a record, told by what people know its object by. Asks the host for the patient's number in a transaction of
/// its own.
pub(crate) fn named(
    host: &mut dyn Host,
    object: &ObjectId,
    (representation, document): (Representation, &[u8]),
    error: Error,
) -> Error {
    let Ok(document) = json::read::<Value>(document) else { return error };
    if !is_about_the_record(error.kind) {
        return error;
    }
    let number = match patient_of(representation, &document) {
        Some(patient) => number_here(host, representation, &patient),
        None => number_of(representation, object, &document),
    };
    introduce(object, subject(representation, object, &document, number.as_deref()), error)
}

fn introduce(object: &ObjectId, subject: Option<String>, error: Error) -> Error {
    match subject.filter(|_| is_about_the_record(error.kind)) {
        Some(subject) => Error { message: introduced(&error.message, object, &subject), ..error },
        None => error,
    }
}

/// Nothing where the patient is not here, or cannot be read: then the message does without.
fn number_here(host: &mut dyn Host, representation: Representation, patient: &ObjectId) -> Option<String> {
    let stored = transaction::read(host, |host| host.read(representation, patient, false)).ok()?;
    let Stored::Present(bytes) = stored else { return None };
    number_of(representation, patient, &json::read::<Value>(&bytes).ok()?)
}
