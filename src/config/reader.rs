//! Walks a JSON document field by field and collects what is wrong instead of stopping at the first.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

/// The wrong fields found so far, one line each.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<String>>);

impl Problems {
    /// Returns what was read, if nothing was wrong with it.
    pub(super) fn finish<T>(self, read: T) -> Result<T> {
        let problems = self.0.into_inner();
        if problems.is_empty() { Ok(read) } else { Err(Error::new(ErrorKind::Configuration, problems.join("\n"))) }
    }
}

/// A JSON object at a path. Each key that is read is ticked off; `finish` reports those that nobody asked for.
pub(super) struct Object<'a> {
    path: String,
    fields: Option<&'a Map<String, Value>>,
    seen: BTreeSet<String>,
    problems: &'a Problems,
}

impl<'a> Object<'a> {
    pub(super) fn root(value: &'a Value, problems: &'a Problems) -> Object<'a> {
        Object::at(String::new(), Some(value), problems)
    }

    fn at(path: String, value: Option<&'a Value>, problems: &'a Problems) -> Object<'a> {
        let fields = value.and_then(Value::as_object);
        if value.is_some() && fields.is_none() {
            let place = if path.is_empty() { "the document" } else { &path };
            problems.0.borrow_mut().push(format!("{place}: must be an object"));
        }
        Object { path, fields, seen: BTreeSet::new(), problems }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn problem(&mut self, key: &str, what: &str) {
        self.problems.0.borrow_mut().push(format!("{}: {what}", self.path_of(key)));
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn value(&mut self, key: &str) -> Option<&'a Value> {
        self.seen.insert(key.to_string());
        self.fields.and_then(|fields| fields.get(key))
    }

    pub(super) fn object(&mut self, key: &str) -> Object<'a> {
        let value = self.value(key);
        Object::at(self.path_of(key), value, self.problems)
    }

    pub(super) fn optional_object(&mut self, key: &str) -> Option<Object<'a>> {
        self.value(key).is_some().then(|| self.object(key))
    }

    fn checked<T>(&mut self, key: &str, default: T, must_be: &str, check: impl Fn(&Value) -> Option<T>) -> T {
        match self.value(key).map(check) {
            None => default,
            Some(Some(read)) => read,
            Some(None) => {
                self.problem(key, &format!("must be {must_be}"));
                default
            }
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.checked(key, None, "a text that is not empty", |value| {
            value.as_str().filter(|text| !text.trim().is_empty()).map(|text| Some(text.to_string()))
        })
    }

    pub(super) fn required_text(&mut self, key: &str) -> String {
        if self.value(key).is_none() {
            self.problem(key, "must be given");
        }
        self.text(key).unwrap_or_default()
    }

    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        self.checked(key, None, "a list of texts", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(str::to_string)).collect::<Option<Vec<_>>>().map(Some)
        })
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        self.checked(key, default, "true or false", Value::as_bool)
    }

    pub(super) fn whole(&mut self, key: &str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let must_be = format!("a whole number from {} to {}", range.start(), range.end());
        self.checked(key, default, &must_be, |value| value.as_u64().filter(|number| range.contains(number)))
    }

    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<f64>, default: f64) -> f64 {
        let must_be = format!("a number from {} to {}", range.start(), range.end());
        self.checked(key, default, &must_be, |value| value.as_f64().filter(|number| range.contains(number)))
    }

    pub(super) fn seconds(&mut self, key: &str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_secs(self.whole(key, range, default))
    }

    pub(super) fn duration(&mut self, key: &str, range: RangeInclusive<f64>, default: f64) -> Duration {
        Duration::from_secs_f64(self.number(key, range, default))
    }

    /// One of some names; the first is the default.
    #[allow(clippy::indexing_slicing, reason = "the choices are written in this crate, at least one")]
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> T {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        self.checked(key, choices[0].1, &format!("one of: {}", names.join(", ")), |value| {
            choices.iter().find(|(name, _)| value.as_str() == Some(name)).map(|(_, choice)| *choice)
        })
    }

    /// Reports the keys that nobody asked for, with those that there are.
    pub(super) fn finish(&mut self) {
        let keys = self.keys();
        let asked_for: Vec<_> = self.seen.iter().map(String::as_str).collect();
        let wrong = match asked_for.join(", ") {
            known if known.is_empty() => "is no key of the configuration".to_string(),
            known => format!("is no key of the configuration; there are: {known}"),
        };
        for key in keys.iter().filter(|key| !self.seen.contains(*key)) {
            self.problems.0.borrow_mut().push(format!("{}: {wrong}", self.path_of(key)));
        }
    }
}
