//! Metadata that is one thing under two uuids: the parent's and the one here. Whoever looks at a document sees the parent's;
//! the host sees its own. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::event::ObjectId;

/// Which objects of the parent are which here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UuidMap {
    /// As the parent calls them.
    objects: BTreeSet<ObjectId>,
    here: BTreeMap<String, String>,
    parents: BTreeMap<String, String>,
}

impl UuidMap {
    /// Says that an object of the parent is the one with that uuid here. False when one of the two is another one's already.
    pub fn add(&mut self, object: ObjectId, here: String) -> bool {
        if self.here.contains_key(&object.uuid) || self.parents.contains_key(&here) {
            return false;
        }
        self.here.insert(object.uuid.clone(), here.clone());
        self.parents.insert(here, object.uuid.clone());
        self.objects.insert(object)
    }

    /// Returns true if every object has the same uuid on both sides.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Returns true if it is one of them, as the parent calls it. Each server keeps its own: it neither comes nor goes.
    pub fn has(&self, object: &ObjectId) -> bool {
        self.objects.contains(object)
    }

    /// Returns true if it is one of them, as it is called here.
    pub fn has_here(&self, object: &ObjectId) -> bool {
        self.parents.get(&object.uuid).is_some_and(|parents| {
            self.objects.contains(&ObjectId { category: object.category, uuid: parents.clone() })
        })
    }

    /// Those of the map, under both names.
    pub fn names(&self) -> Vec<ObjectId> {
        self.objects.iter().flat_map(|object| [object.clone(), self.object_here(object)]).collect()
    }

    /// The object as it is called here.
    pub fn object_here(&self, object: &ObjectId) -> ObjectId {
        if !self.has(object) {
            return object.clone();
        }
        let uuid = self.here.get(&object.uuid).unwrap_or(&object.uuid).clone();
        ObjectId { category: object.category, uuid }
    }

    /// Returns the parent's uuid for the object with this uuid here.
    pub fn uuid_of_parent(&self, here: &str) -> String {
        self.parents.get(here).map_or(here, String::as_str).to_string()
    }

    /// A document of the parent, referring to what is here.
    pub fn document_here<'a>(&self, document: &'a [u8]) -> Cow<'a, [u8]> {
        translated(document, &self.here)
    }

    /// A document of this server, referring to what the parent has.
    pub fn document_of_parent<'a>(&self, document: &'a [u8]) -> Cow<'a, [u8]> {
        translated(document, &self.parents)
    }
}

/// A document that names none of them stays byte for byte; so does one that is not JSON.
fn translated<'a>(document: &'a [u8], uuids: &BTreeMap<String, String>) -> Cow<'a, [u8]> {
    let names = |uuid: &String| document.windows(uuid.len()).any(|part| part == uuid.as_bytes());
    if !uuids.keys().any(names) {
        return Cow::Borrowed(document);
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(document) else { return Cow::Borrowed(document) };
    translate(&mut value, uuids);
    serde_json::to_vec(&value).map_or(Cow::Borrowed(document), Cow::Owned)
}

fn translate(value: &mut Value, uuids: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(other) = other_name(text, uuids) {
                *text = other;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| translate(item, uuids)),
        Value::Object(fields) => fields.values_mut().for_each(|field| translate(field, uuids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A uuid by itself, or at the end of a reference such as `Location/UUID`.
fn other_name(text: &str, uuids: &BTreeMap<String, String>) -> Option<String> {
    if let Some(other) = uuids.get(text) {
        return Some(other.clone());
    }
    let (before, uuid) = text.rsplit_once('/')?;
    uuids.get(uuid).map(|other| format!("{before}/{other}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Category;
    use serde_json::json;

    fn object(category: &str, uuid: &str) -> ObjectId {
        ObjectId { category: Category::parse(category).unwrap(), uuid: uuid.to_string() }
    }

    fn map() -> UuidMap {
        let mut map = UuidMap::default();
        assert!(map.add(object("location", "theirs"), "ours".to_string()));
        map
    }

    #[test]
    fn a_document_refers_to_what_is_on_the_side_that_reads_it() {
        let theirs =
            json!({"location": {"uuid": "theirs"}, "partOf": [{"reference": "Location/theirs"}], "name": "not theirs"});
        let ours =
            json!({"location": {"uuid": "ours"}, "partOf": [{"reference": "Location/ours"}], "name": "not theirs"});
        let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        assert_eq!(parsed(&map().document_here(theirs.to_string().as_bytes())), ours);
        assert_eq!(parsed(&map().document_of_parent(ours.to_string().as_bytes())), theirs);
    }

    #[test]
    fn a_document_that_names_none_of_them_stays_byte_for_byte() {
        let document = br#"{ "location" : "another" }"#;
        assert!(matches!(map().document_here(document), Cow::Borrowed(same) if same == document));
    }

    #[test]
    fn an_object_has_one_name_on_each_side() {
        let mut map = map();
        assert!(!map.add(object("location", "theirs"), "another".to_string()));
        assert!(!map.add(object("location", "another"), "ours".to_string()));
        assert_eq!(map.object_here(&object("location", "theirs")), object("location", "ours"));
        assert!(map.has_here(&object("location", "ours")));
        assert!(!map.has_here(&object("visittype", "ours")));
        assert_eq!(map.object_here(&object("visittype", "theirs")), object("visittype", "theirs"));
    }
}
