//! Values that stand in the database and in JSON by their name.

use std::str::FromStr;

use serde::Serializer;
use serde::ser::SerializeStruct;

use crate::error::ErrorKind;
use crate::event::{Action, Category, Direction, ObjectId, Representation};

/// A closed set of values, each with a name that never changes.
pub(super) trait Named: Copy + Into<&'static str> + FromStr {
    /// The name of such a value in an error message.
    const WHAT: &'static str;
}

impl Named for Direction {
    const WHAT: &'static str = "direction";
}

impl Named for Category {
    const WHAT: &'static str = "category";
}

impl Named for Action {
    const WHAT: &'static str = "action";
}

impl Named for Representation {
    const WHAT: &'static str = "representation";
}

impl Named for ErrorKind {
    const WHAT: &'static str = "error kind";
}

/// For `#[serde(serialize_with)]`: the name as a JSON string.
pub(super) fn serialize<T: Named, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str((*value).into())
}

/// For `#[serde(serialize_with)]`: the name as a JSON string, or null.
pub(super) fn serialize_option<T: Named, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_str((*value).into()),
        None => serializer.serialize_none(),
    }
}

/// For `#[serde(serialize_with)]`: `{"category": …, "uuid": …}`.
pub(crate) fn serialize_object<S: Serializer>(object: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("ObjectId", 2)?;
    fields.serialize_field("category", object.category.name())?;
    fields.serialize_field("uuid", &object.uuid)?;
    fields.end()
}

/// For `#[serde(serialize_with)]`: `{"category": …, "uuid": …}`, or null.
pub(super) fn serialize_object_option<S: Serializer>(
    object: &Option<ObjectId>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match object {
        Some(object) => serialize_object(object, serializer),
        None => serializer.serialize_none(),
    }
}
