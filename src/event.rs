//! The content of a feed: events, their actions and the categories of objects. Pure data.

mod kinds;
mod rest_view;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;
use strum::{EnumString, IntoStaticStr, VariantArray};

use kinds::KINDS;
pub(crate) use kinds::{Belongs, Kind, KnownBy};

/// How an object is written on the wire and handed to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Representation {
    /// FHIR R4 JSON.
    Fhir,
    /// OpenMRS REST JSON, in the view of [`Category::rest_view`].
    Rest,
}

impl Representation {
    /// The name in configuration, audit and the host interface.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The representation of that name.
    pub fn parse(name: &str) -> Option<Representation> {
        name.parse().ok()
    }
}

/// A kind of object that can be synchronized, named as the OpenMRS atomfeed module names it. Ordered by dependence:
/// a location is less than the encounter that refers to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Category(usize);

impl Category {
    /// The row of the kind.
    #[allow(clippy::indexing_slicing, reason = "a category is a place in the table")]
    pub(crate) fn kind(self) -> &'static Kind {
        &KINDS[self.0]
    }

    /// Every known category, in the order of dependence.
    pub fn all() -> impl Iterator<Item = Category> {
        (0..KINDS.len()).map(Category)
    }

    /// The category of that name, as it stands in feeds and configuration.
    pub fn parse(name: &str) -> Option<Category> {
        Category::all().find(|category| category.name() == name)
    }

    /// The category of patients.
    #[allow(clippy::expect_used, reason = "they are in the table")]
    pub fn patient() -> Category {
        Category::parse("patient").expect("patients are a known category")
    }

    /// As what documents refer to its objects: who is a patient is also a person of the same uuid, and OpenMRS gives a
    /// visit as an Encounter in FHIR, which those in it are a part of.
    pub fn names(self) -> impl Iterator<Item = Category> {
        std::iter::once(self).chain(self.kind().also_named.and_then(Category::parse))
    }

    /// The category that a FHIR resource type belongs to.
    pub fn of_fhir_type(fhir_type: &str) -> Option<Category> {
        Category::all().find(|category| category.fhir_type() == Some(fhir_type))
    }

    /// The category of what that field of an OpenMRS REST document holds.
    pub fn of_rest_field(field: &str) -> Option<Category> {
        Category::all().find(|category| category.kind().rest_fields.contains(&field))
    }

    /// The category of the types of its objects' attributes.
    pub fn attribute_types(self) -> Option<Category> {
        self.kind().attribute_types.and_then(Category::parse)
    }

    /// The name in feeds, configuration and audit, such as `drug_order`.
    pub fn name(self) -> &'static str {
        self.kind().name
    }

    /// The FHIR R4 resource type, where the FHIR module serves one.
    pub fn fhir_type(self) -> Option<&'static str> {
        self.kind().fhir_type
    }

    /// The resource name below `/ws/rest/v1/`, where the REST module serves one.
    pub fn rest_resource(self) -> Option<&'static str> {
        self.kind().rest_resource
    }

    /// The value of the parameter `v` with which the object is asked for over REST: `custom:(…)` with exactly the fields
    /// that the category owns, or `full`. Nothing in it needs escaping in a query (RFC 3986).
    pub fn rest_view(self) -> &'static str {
        self.kind().rest_view
    }

    /// Puts null into a REST document where a field of [`rest_view`](Category::rest_view) is missing.
    pub fn fill_rest_view(self, document: &mut Value) {
        rest_view::fill(self.rest_view(), document);
    }

    /// FHIR where there is FHIR, else REST.
    pub fn default_representation(self) -> Representation {
        if self.fhir_type().is_some() { Representation::Fhir } else { Representation::Rest }
    }

    /// For a kind of part: what it is a part of. Events of a part tell of a change of that object; the part itself is
    /// never fetched. What is a part of a person may be one of a patient.
    pub fn part_of(self) -> Option<Category> {
        self.kind().part_of.and_then(Category::parse)
    }

    /// Returns true if its objects are about a patient or another person. All else is metadata.
    pub fn is_patient_data(self) -> bool {
        self.kind().is_patient_data
    }

    /// Returns true if this kind of object exists in that representation.
    pub fn has(self, representation: Representation) -> bool {
        match representation {
            Representation::Fhir => self.fhir_type().is_some(),
            Representation::Rest => self.rest_resource().is_some(),
        }
    }
}

impl From<Category> for &'static str {
    fn from(category: Category) -> &'static str {
        category.name()
    }
}

impl FromStr for Category {
    type Err = strum::ParseError;

    fn from_str(name: &str) -> Result<Category, strum::ParseError> {
        Category::parse(name).ok_or(strum::ParseError::VariantNotFound)
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The change of an object, as the feed names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    /// The object was saved for the first time.
    Created,
    /// The object was changed.
    Updated,
    /// The object, data of a patient, was voided.
    Voided,
    /// The object was voided and is restored.
    Unvoided,
    /// The object, metadata, was retired.
    Retired,
    /// The object was retired and is restored.
    Unretired,
    /// The object's row was deleted: purged.
    Deleted,
    /// A feed may know actions that we don't: the object is looked at as if it had been updated.
    Other,
}

impl Action {
    /// The term in feeds and audit.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The action that a feed's term names.
    pub fn parse(term: &str) -> Option<Action> {
        term.parse().ok().filter(|action| *action != Action::Other)
    }

    /// Returns true if the event says that the object is gone: believed only with proof (guarantee *Absence is never guessed*).
    pub fn is_removal(self) -> bool {
        matches!(self, Action::Voided | Action::Retired | Action::Deleted)
    }
}

/// An object of one node, by what it is and its OpenMRS uuid (or FHIR id).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// The kind of object.
    pub category: Category,
    /// 1 to 64 characters of `A-Z a-z 0-9 - . _`; checked where it enters (see [`is_object_uuid`]).
    pub uuid: String,
}

impl ObjectId {
    /// Returns the objects as which documents refer to it.
    pub fn names(&self) -> impl Iterator<Item = ObjectId> {
        self.category.names().map(|category| ObjectId { category, uuid: self.uuid.clone() })
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.category, self.uuid)
    }
}

/// The uuids of objects by category, each category's in their order.
pub fn by_category<'a>(objects: impl IntoIterator<Item = &'a ObjectId>) -> BTreeMap<Category, Vec<String>> {
    let mut uuids: BTreeMap<Category, Vec<String>> = BTreeMap::new();
    for object in objects {
        uuids.entry(object.category).or_default().push(object.uuid.clone());
    }
    uuids
}

/// Returns true if a text can stand in a url path and a key column as an object's uuid: OpenMRS uuids are mostly RFC 4122, but
/// also 36 times the letter A; FHIR ids are `[A-Za-z0-9\-\.]{1,64}`.
pub fn is_object_uuid(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && text.bytes().any(|byte| byte != b'.')
}

/// One entry of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The feed that it stands in: `sync2` for the parent's own, in the atomfeed dialect the name of its category.
    pub feed: Arc<str>,
    /// The epoch of that feed; event ids are unique within it.
    pub epoch: Arc<str>,
    /// The entry's `atom:id`.
    pub id: String,
    /// The page that it stands on, as an absolute url.
    pub page_url: Arc<str>,
    /// The entry's `atom:updated`, milliseconds since 1970 by the parent's clock. Orders feeds against each other only.
    pub updated: i64,
    /// The action that the entry names.
    pub action: Action,
    /// Terms that are neither action nor category.
    pub tags: Vec<String>,
    /// The object that it is about.
    pub object: std::result::Result<ObjectId, NoObject>,
    /// How many events before it, after the one that is told before it, the parent left out because this node does not want them.
    pub left_out: u64,
}

/// With this begins the term of an event that is only the consequence of what happened to the object which it names, as
/// `category/uuid`. A reader that does not know it takes the event for one like any other.
pub const CAUSE_TAG: &str = "with:";

/// Why it is not known what an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoObject {
    /// The entry stands properly in its feed but does not say what it is about: it is parked, and holds up nobody.
    Malformed {
        /// The category that it was read under.
        category: Category,
        /// The fault in it.
        reason: String,
    },
    /// The entry of a complete feed names no kind of object that this version knows: it is passed.
    UnknownCategory,
}

impl Event {
    /// The category that must be wanted for the event to be: that of the part which it tells of, else that of the
    /// object. None: one that this version does not know.
    pub fn category(&self) -> Option<Category> {
        self.part().or_else(|| self.object_category())
    }

    /// The kind of part that the event tells of, if it stands in the feed of one.
    pub fn part(&self) -> Option<Category> {
        Category::parse(&self.feed).filter(|category| category.part_of().is_some())
    }

    /// Returns the object whose removal or restoration took this one along, where the feed says so.
    pub fn caused_by(&self) -> Option<ObjectId> {
        let cause = self.tags.iter().find_map(|tag| tag.strip_prefix(CAUSE_TAG))?;
        let (category, uuid) = cause.split_once('/')?;
        let category = Category::parse(category)?;
        is_object_uuid(uuid).then(|| ObjectId { category, uuid: uuid.to_string() })
    }

    /// The name of the kind of object that the event of a complete feed tells of, where this version does not know it. Its other
    /// terms have a colon.
    pub fn unknown_kind(&self) -> Option<&str> {
        if self.object != Err(NoObject::UnknownCategory) {
            return None;
        }
        let named = |term: &&String| {
            term.len() <= 64 && term.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        self.tags.iter().find(named).map(String::as_str)
    }

    fn object_category(&self) -> Option<Category> {
        match &self.object {
            Ok(object) => Some(object.category),
            Err(NoObject::Malformed { category, .. }) => Some(*category),
            Err(NoObject::UnknownCategory) => None,
        }
    }
}

/// Which way records travel, seen from the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Direction {
    /// From the parent to the child.
    Pull,
    /// From the child to the parent.
    Push,
}

impl Direction {
    /// The direction of that name.
    pub fn parse(name: &str) -> Option<Direction> {
        name.parse().ok()
    }

    /// The name in the database and the HTTP API.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
