//! The decision of a person, as it is written in JSON. It comes from outside.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Decided, Which};
use crate::decide::resolution::{Choice, Whose};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::json;
use crate::store::conflicts::{ConflictFilter, ConflictKind};
use crate::wire::Decision;

/// The most conflicts that are resolved at once.
const MOST_AT_ONCE: usize = 1000;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenDecision {
    choice: String,
    #[serde(default, deserialize_with = "json::given")]
    fields: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "json::given")]
    document: Option<Value>,
    #[serde(default, deserialize_with = "json::given")]
    reason: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenDecisions {
    #[serde(default, deserialize_with = "json::given")]
    uuids: Option<Vec<String>>,
    #[serde(default, deserialize_with = "json::given")]
    filter: Option<WrittenFilter>,
    choice: String,
    #[serde(default, deserialize_with = "json::given")]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenFilter {
    #[serde(default, deserialize_with = "json::given")]
    category: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    direction: Option<String>,
}

impl Decided {
    /// Reads `{"choice", "fields", "document", "reason", "version"}`, decided by the account `by`.
    ///
    /// Errors: `Configuration`, naming what is wrong.
    pub fn parse(text: &[u8], by: &str) -> Result<Decided> {
        let written: WrittenDecision = read(text)?;
        let choice = match (written.choice.as_str(), written.fields, written.document) {
            ("fields", Some(fields), None) => Choice::Fields(sides(fields)?),
            ("fields", ..) => return Err(wrong("fields: give \"ours\" or \"theirs\" for each path, and no document")),
            ("document", None, Some(document)) if document.is_object() => Choice::Document(document),
            ("document", ..) => return Err(wrong("document: give the document that holds, and no fields")),
            (name, None, None) => simple(name)?,
            (name, ..) => return Err(wrong(format!("choice {name:?} takes neither fields nor a document"))),
        };
        Decided::of(choice, by, written.reason, written.version)
    }

    /// Reads a decision that a person made at the parent; nothing of a choice that this version does not know.
    pub(crate) fn at_the_parent(decision: &Decision) -> Option<Decided> {
        let choice = simple(&decision.choice).ok()?.seen_from_the_other_side();
        let reason = decision.reason.chars().take(LONGEST_REASON).collect();
        Decided::of(choice, &format!("{} (at the parent)", decision.by), Some(reason), None).ok()
    }

    fn of(choice: Choice, by: &str, reason: Option<String>, version: Option<String>) -> Result<Decided> {
        let reason = reason.unwrap_or_default().trim().to_string();
        match reason.chars().count() {
            0 => Err(wrong("reason: say why you decide so, for who looks at it later")),
            count if count > LONGEST_REASON => {
                Err(wrong(format!("reason: at most {LONGEST_REASON} characters; these are {count}")))
            }
            _ => Ok(Decided { choice, by: by.to_string(), reason, version }),
        }
    }
}

/// Reads `{"uuids" or "filter": {"category", "kind", "direction"}, "choice", "reason"}`, decided by the account `by`.
///
/// Errors: `Configuration`, naming what is wrong.
pub fn decisions(text: &[u8], by: &str) -> Result<(Which, Decided)> {
    let written: WrittenDecisions = read(text)?;
    let decided = Decided::of(simple(&written.choice)?, by, written.reason, None)?;
    let which = match (written.uuids, written.filter) {
        (Some(uuids), None) if (1..=MOST_AT_ONCE).contains(&uuids.len()) => Which::Uuids(uuids),
        (Some(_), None) => return Err(wrong(format!("uuids: 1 to {MOST_AT_ONCE} conflicts"))),
        (None, Some(filter)) => Which::Filter(filter.known()?),
        _ => return Err(wrong("give either uuids or a filter; {} is the filter that lets all through")),
    };
    Ok((which, decided))
}

impl WrittenFilter {
    fn known(self) -> Result<ConflictFilter> {
        Ok(ConflictFilter {
            category: named("category", self.category, Category::parse)?,
            kind: named("kind", self.kind, ConflictKind::parse)?,
            direction: named("direction", self.direction, Direction::parse)?,
        })
    }
}

fn named<T>(field: &str, name: Option<String>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    let Some(name) = name else { return Ok(None) };
    parse(&name).map(Some).ok_or_else(|| wrong(format!("filter.{field}: {name:?} is none")))
}

/// A choice that needs nothing more.
fn simple(name: &str) -> Result<Choice> {
    let simple = [Choice::Side(Whose::Ours), Choice::Side(Whose::Theirs), Choice::Newest, Choice::Keep, Choice::Apply];
    let found = simple.into_iter().find(|choice| choice.name() == name);
    found.ok_or_else(|| {
        wrong(format!("choice: {name:?} is none: ours, theirs, keep, apply, newest, fields or document"))
    })
}

fn sides(fields: BTreeMap<String, String>) -> Result<BTreeMap<String, Whose>> {
    let side = |(path, name): (String, String)| {
        let whose = [Whose::Ours, Whose::Theirs].into_iter().find(|whose| whose.name() == name);
        Ok((path, whose.ok_or_else(|| wrong("fields: each is \"ours\" or \"theirs\""))?))
    };
    fields.into_iter().map(side).collect()
}

fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T> {
    json::read(text).map_err(|why| wrong(format!("the body cannot be read: {why}")))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> std::result::Result<Decided, String> {
        Decided::parse(text.as_bytes(), "clerk").map_err(|error| error.message)
    }

    #[test]
    fn a_decision_says_what_who_and_why() {
        let decided = parsed(r#"{"choice": "ours", "reason": " the child knows ", "version": "v"}"#).ok().unwrap();
        assert!(decided.choice == Choice::Side(Whose::Ours));
        assert_eq!((decided.by.as_str(), decided.reason.as_str()), ("clerk", "the child knows"));
        assert_eq!(decided.version.as_deref(), Some("v"));
        let fields = parsed(r#"{"choice": "fields", "fields": {"gender": "theirs"}, "reason": "x"}"#).ok().unwrap();
        assert!(fields.choice == Choice::Fields([("gender".to_string(), Whose::Theirs)].into()));
        let document = parsed(r#"{"choice": "document", "document": {"id": "p"}, "reason": "x"}"#).ok().unwrap();
        assert!(document.choice == Choice::Document(serde_json::json!({"id": "p"})));
    }

    #[test]
    fn a_decision_that_is_none_says_what_is_wrong() {
        for (text, word) in [
            (r#"{"choice": "ours"}"#, "reason"),
            (r#"{"choice": "ours", "reason": " "}"#, "reason"),
            (r#"{"choice": "mine", "reason": "x"}"#, "choice"),
            (r#"{"choice": "ours", "fields": {}, "reason": "x"}"#, "neither fields"),
            (r#"{"choice": "fields", "reason": "x"}"#, "fields"),
            (r#"{"choice": "fields", "fields": {"a": "mine"}, "reason": "x"}"#, "fields"),
            (r#"{"choice": "document", "reason": "x"}"#, "document"),
            (r#"{"choice": "ours", "reason": "x", "by": "me"}"#, "by"),
            ("[]", "read"),
        ] {
            let message = parsed(text).err().unwrap();
            assert!(message.contains(word), "{text}: {message}");
        }
        let long = format!(r#"{{"choice": "ours", "reason": "{}"}}"#, "x".repeat(LONGEST_REASON + 1));
        assert!(parsed(&long).err().unwrap().contains("at most"));
    }

    #[test]
    fn several_are_named_or_filtered() {
        let read =
            |text: &str| decisions(text.as_bytes(), "clerk").map(|(which, _)| which).map_err(|error| error.message);
        let uuids = read(r#"{"uuids": ["a"], "choice": "theirs", "reason": "x"}"#);
        assert_eq!(uuids, Ok(Which::Uuids(vec!["a".to_string()])));
        let all = read(r#"{"filter": {}, "choice": "newest", "reason": "x"}"#);
        assert_eq!(all, Ok(Which::Filter(ConflictFilter::default())));
        let some = read(r#"{"filter": {"category": "patient", "kind": "REMOVAL"}, "choice": "keep", "reason": "x"}"#);
        let filter =
            ConflictFilter { category: Category::parse("patient"), kind: Some(ConflictKind::Removal), direction: None };
        assert_eq!(some, Ok(Which::Filter(filter)));
        for text in [
            r#"{"choice": "ours", "reason": "x"}"#,
            r#"{"uuids": [], "choice": "ours", "reason": "x"}"#,
            r#"{"uuids": ["a"], "filter": {}, "choice": "ours", "reason": "x"}"#,
            r#"{"filter": {"kind": "OTHER"}, "choice": "ours", "reason": "x"}"#,
            r#"{"uuids": ["a"], "choice": "document", "reason": "x"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
