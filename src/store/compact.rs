//! Ids in few bytes: a uuid, or one behind a well-known prefix, takes 16 or 17, where its text takes 36 to 59. Other texts
//! are kept as they are.

use uuid::Uuid;

use super::SqlValue;
use crate::error::{Error, ErrorKind, Result};

/// The prefixes of the ids of feeds' entries before the uuid.
const PREFIXES: [&str; 2] = ["urn:uuid:", "tag:atomfeed.ict4h.org:"];

/// The first byte of a text. Those of a prefix and a uuid count up from here.
const TEXT: u8 = 0;

/// The bytes of an id. 16 bytes are always a uuid: a text that would take as many gets a second first byte.
pub(super) fn compact(id: &str) -> SqlValue {
    if let Some(uuid) = uuid(id) {
        return SqlValue::Bytes(uuid.into_bytes().to_vec());
    }
    for (first, prefix) in (TEXT + 1..).zip(PREFIXES) {
        if let Some(uuid) = id.strip_prefix(prefix).and_then(uuid) {
            return SqlValue::Bytes([&[first], uuid.as_bytes().as_slice()].concat());
        }
    }
    let marks: &[u8] = if id.len() == 15 { &[TEXT, TEXT] } else { &[TEXT] };
    SqlValue::Bytes([marks, id.as_bytes()].concat())
}

/// Null for no id.
pub(super) fn compact_or_null(id: Option<&str>) -> SqlValue {
    id.map_or(SqlValue::Null, compact)
}

/// The id that these bytes stand for.
///
/// # Errors
///
/// [`ErrorKind::Internal`] when [`compact`] never makes such bytes.
pub(super) fn expand(bytes: &[u8]) -> Result<String> {
    if let Ok(uuid) = Uuid::from_slice(bytes) {
        return Ok(uuid.to_string());
    }
    let unknown = || Error::new(ErrorKind::Internal, "the database holds an id that this version does not know");
    let (&first, rest) = bytes.split_first().ok_or_else(unknown)?;
    if first == TEXT {
        let text = if rest.len() == 16 { rest.strip_prefix(&[TEXT]).unwrap_or(rest) } else { rest };
        return String::from_utf8(text.to_vec()).map_err(|_| unknown());
    }
    let prefix = PREFIXES.get(usize::from(first - TEXT - 1)).ok_or_else(unknown)?;
    Ok(format!("{prefix}{}", Uuid::from_slice(rest).map_err(|_| unknown())?))
}

/// Only the one way of writing a uuid that it is expanded to.
fn uuid(text: &str) -> Option<Uuid> {
    let written = |uuid: &Uuid| uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
    Uuid::try_parse(text).ok().filter(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "6d2a2b06-5c58-42cb-90bd-18b9bfe138ba";

    fn bytes(id: &str) -> Vec<u8> {
        match compact(id) {
            SqlValue::Bytes(bytes) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_id_comes_back_as_it_was() {
        let uuid = |before: &str| format!("{before}{UUID}");
        let ids = [
            uuid(""),
            uuid("urn:uuid:"),
            uuid("tag:atomfeed.ict4h.org:"),
            uuid("urn:uuid:urn:uuid:"),
            UUID.to_uppercase(),
            UUID.replace('-', ""),
            "00000000-0000-0000-0000-000000000000".to_string(),
            "\u{1}aaaaaaaaaaaaaaaa".to_string(),
        ];
        let lengths = (0..40).map(|length| "ü".repeat(length / 2) + &"a".repeat(length % 2));
        for id in ids.into_iter().chain(lengths) {
            assert_eq!(expand(&bytes(&id)).unwrap(), id);
        }
    }

    #[test]
    fn a_uuid_takes_few_bytes() {
        assert_eq!(bytes(UUID).len(), 16);
        assert_eq!(bytes(&format!("urn:uuid:{UUID}")).len(), 17);
    }

    #[test]
    fn bytes_that_no_id_gives_are_refused() {
        for wrong in [&[][..], &[9, 1], &[1, 1], &[TEXT, 0xff]] {
            assert_eq!(expand(wrong).unwrap_err().kind, ErrorKind::Internal, "{wrong:?}");
        }
    }
}
