//! The objects of the mock parent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::event::{Category, ObjectId, Representation};

/// The state of an object that is kept.
#[derive(Clone, Copy)]
pub(super) enum Removal {
    Voided,
    Retired,
}

impl Removal {
    /// The field of REST documents that says it.
    fn field(self) -> &'static str {
        match self {
            Removal::Voided => "voided",
            Removal::Retired => "retired",
        }
    }
}

struct MockObject {
    document: Value,
    removed: bool,
}

/// The result of a look for a FHIR resource.
pub(super) enum Found<'a> {
    Present(&'a Value),
    Gone,
    Missing,
}

/// All objects, by uuid within each category and representation.
#[derive(Default)]
pub(super) struct MockObjects {
    kinds: BTreeMap<(Category, Representation), BTreeMap<String, MockObject>>,
}

impl MockObjects {
    /// Keeps a document; its uuid, and whether there was one before.
    pub(super) fn store(&mut self, category: Category, document: Value) -> (String, bool) {
        let (representation, id) = if document.get("resourceType").is_some() {
            (Representation::Fhir, "id")
        } else {
            (Representation::Rest, "uuid")
        };
        let uuid = document[id].as_str().expect("a document with its id").to_string();
        let kind = self.kinds.entry((category, representation)).or_default();
        let before = kind.insert(uuid.clone(), MockObject { document, removed: false });
        (uuid, before.is_some())
    }

    pub(super) fn remove(&mut self, category: Category, uuid: &str, removal: Removal) {
        if let Some(object) = self.get_mut(category, Representation::Fhir, uuid) {
            object.removed = true;
        }
        if let Some(object) = self.get_mut(category, Representation::Rest, uuid) {
            object.document[removal.field()] = json!(true);
        }
    }

    /// As a user of the parent voids it.
    pub(super) fn void(&mut self, category: Category, uuid: &str) {
        self.remove(category, uuid, Removal::Voided);
    }

    /// Returns true if it is here, removed or not.
    pub(super) fn has(&self, object: &ObjectId) -> bool {
        let kinds =
            [Representation::Fhir, Representation::Rest].map(|representation| (object.category, representation));
        kinds.iter().any(|kind| self.kinds.get(kind).is_some_and(|kind| kind.contains_key(&object.uuid)))
    }

    pub(super) fn delete(&mut self, category: Category, uuid: &str) {
        for representation in [Representation::Fhir, Representation::Rest] {
            self.kinds.entry((category, representation)).or_default().remove(uuid);
        }
    }

    pub(super) fn fhir(&self, category: Category, uuid: &str) -> Found<'_> {
        match self.kinds.get(&(category, Representation::Fhir)).and_then(|kind| kind.get(uuid)) {
            Some(object) if object.removed => Found::Gone,
            Some(object) => Found::Present(&object.document),
            None => Found::Missing,
        }
    }

    /// REST shows voided and retired objects too, and says so in them.
    pub(super) fn rest(&self, category: Category, uuid: &str) -> Option<&Value> {
        let kind = self.kinds.get(&(category, Representation::Rest))?;
        kind.get(uuid).map(|object| &object.document)
    }

    /// All REST documents of a category.
    pub(super) fn rest_all(&self, category: Category) -> impl Iterator<Item = &Value> {
        self.kinds.get(&(category, Representation::Rest)).into_iter().flatten().map(|(_, object)| &object.document)
    }

    /// All FHIR resources of a category that are not removed.
    pub(super) fn fhir_all(&self, category: Category) -> impl Iterator<Item = &Value> {
        let kind = self.kinds.get(&(category, Representation::Fhir)).into_iter().flatten();
        kind.filter(|(_, object)| !object.removed).map(|(_, object)| &object.document)
    }

    fn get_mut(&mut self, category: Category, representation: Representation, uuid: &str) -> Option<&mut MockObject> {
        self.kinds.get_mut(&(category, representation))?.get_mut(uuid)
    }
}
