//! A host whose metadata has other uuids than the parent's: the engine knows each object by the parent's uuid, and the host
//! by its own. So what both sides agreed on, and what is compared, is always in the parent's terms.

use std::borrow::Cow;

use crate::decide::belonging::Place;
use crate::decide::uuid_map::UuidMap;
use crate::error::Result;
use crate::event::{Category, ObjectId, Representation};
use crate::host::{Dependent, Host, Removal, Stored};
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction};

/// Hands every call on, in the host's terms. Every method of [`Host`] has to be here, also those with a default.
pub(crate) struct MappedHost<'a> {
    host: &'a mut dyn Host,
    map: &'a UuidMap,
}

impl<'a> MappedHost<'a> {
    pub(crate) fn new(host: &'a mut dyn Host, map: &'a UuidMap) -> MappedHost<'a> {
        MappedHost { host, map }
    }

    fn here(&self, objects: &[ObjectId]) -> Vec<ObjectId> {
        objects.iter().map(|object| self.map.object_here(object)).collect()
    }
}

impl Host for MappedHost<'_> {
    fn lock(&mut self, objects: &[ObjectId], referred: &[ObjectId]) -> Result<()> {
        let (objects, referred) = (self.here(objects), self.here(referred));
        self.host.lock(&objects, &referred)
    }

    fn save(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        self.host.save(representation, &self.map.object_here(object), &self.map.document_here(document))
    }

    fn record(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<Vec<String>> {
        self.host.record(representation, &self.map.object_here(object), &self.map.document_here(document))
    }

    fn remove(&mut self, representation: Representation, object: &ObjectId, removal: &Removal) -> Result<()> {
        self.host.remove(representation, &self.map.object_here(object), removal)
    }

    /// Objects that hang on others are clinical: only metadata is mapped.
    fn dependents(&mut self, object: &ObjectId) -> Result<Vec<Dependent>> {
        self.host.dependents(&self.map.object_here(object))
    }

    fn why_removed(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        let objects = self.here(objects);
        self.host.why_removed(&objects)
    }

    fn places(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<Place>>> {
        let objects = self.here(objects);
        let places = self.host.places(&objects)?;
        let of_parent = |place| match place {
            Place::At(here) => Place::At(here.iter().map(|location| self.map.uuid_of_parent(location)).collect()),
            Place::Anywhere => Place::Anywhere,
        };
        Ok(places.into_iter().map(|place| place.map(of_parent)).collect())
    }

    fn clear(&mut self) -> Result<()> {
        self.host.clear()
    }

    fn expect_reads(&mut self, representation: Representation, objects: &[ObjectId]) -> Result<()> {
        let objects = self.here(objects);
        self.host.expect_reads(representation, &objects)
    }

    fn read(&mut self, representation: Representation, object: &ObjectId, lock: bool) -> Result<Stored> {
        let stored = self.host.read(representation, &self.map.object_here(object), lock)?;
        Ok(match stored {
            Stored::Present(document) => match self.map.document_of_parent(&document) {
                Cow::Owned(translated) => Stored::Present(translated),
                Cow::Borrowed(_) => Stored::Present(document),
            },
            other => other,
        })
    }

    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>> {
        let objects = self.here(objects);
        self.host.exists(&objects)
    }

    fn list(&mut self, category: Category, after: Option<&str>, most: usize) -> Result<Option<Vec<String>>> {
        let after = after.map(|uuid| self.map.object_here(&ObjectId { category, uuid: uuid.to_string() }).uuid);
        let listed = self.host.list(category, after.as_deref(), most)?;
        Ok(listed.map(|uuids| uuids.iter().map(|uuid| self.map.uuid_of_parent(uuid)).collect()))
    }

    fn index_behind(&mut self, call: &str) -> Result<bool> {
        self.host.index_behind(call)
    }

    fn await_index(&mut self, call: &str) -> Result<()> {
        self.host.await_index(call)
    }

    fn index_again(&mut self, objects: &[ObjectId]) -> Result<()> {
        let objects = self.here(objects);
        self.host.index_again(&objects)
    }

    fn catch_index_up(&mut self) {
        self.host.catch_index_up();
    }
}

impl Sql for MappedHost<'_> {
    fn dialect(&self) -> Dialect {
        self.host.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.host.update(statement, parameters)
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        self.host.update_all(statement, rows)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.host.query(statement, parameters)
    }
}

impl Transaction for MappedHost<'_> {
    fn begin(&mut self) -> Result<()> {
        self.host.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.host.commit()
    }

    fn rollback(&mut self) {
        self.host.rollback();
    }
}
