//! The list of what this node has of a category, a part at a time, for a child that compares everything.

use super::read::{Readable, find};
use crate::decide::belonging::Place;
use crate::decide::canonical;
use crate::decide::listing::{MOST_OBJECTS, READ_TOGETHER};
use crate::decide::scope::Scope;
use crate::error::{ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};
use crate::host::Host;
use crate::inventory::listed_objects;
use crate::places::Places;
use crate::saving::expect_reads;
use crate::wire::{Listed, ListedObject, Listing, ReadState};

/// The question of a child.
pub(super) struct Asking {
    pub category: Category,
    pub representation: Representation,
    /// The version of the canonical form that hashes are asked for in; nothing where they are not.
    pub hashed: Option<u32>,
    pub listing: Listing,
}

impl Asking {
    /// The part of the list that was asked for; nothing where this server cannot say. It ends early behind an object that cannot
    /// be read, after which the host's transaction cannot be used any more.
    ///
    /// Errors: those of the host.
    pub(crate) fn list(
        &self,
        host: &mut dyn Host,
        scope: Scope<'_>,
        places: &mut Places<'_>,
    ) -> Result<Option<Listed>> {
        let most = self.listing.most.clamp(1, MOST_OBJECTS);
        let Some(uuids) = host.list(self.category, self.listing.after.as_deref(), most)? else { return Ok(None) };
        let reached = uuids.last().filter(|_| uuids.len() >= most).cloned();
        let objects = listed_objects(host, self.category, uuids)?;
        let mut listed = Listed { objects: Vec::with_capacity(objects.len()), reached };
        for together in objects.chunks(READ_TOGETHER) {
            places.expect(host, together.iter())?;
            expect_reads(host, together.iter().map(|object| (self.representation, object)))?;
            if let Some(unread) = self.add_to(&mut listed.objects, host, (scope, &mut *places), together)? {
                listed.reached = Some(unread.uuid.clone());
                break;
            }
        }
        Ok(Some(listed))
    }

    /// Adds the objects to the list, as far as the child may read them. Returns the first that cannot be read, which ends the list.
    fn add_to<'a>(
        &self,
        listed: &mut Vec<ListedObject>,
        host: &mut dyn Host,
        (scope, places): (Scope<'_>, &mut Places<'_>),
        objects: &'a [ObjectId],
    ) -> Result<Option<&'a ObjectId>> {
        for object in objects {
            let uuid = object.uuid.clone();
            match find(host, places, object, self.representation) {
                Ok(Readable { state: ReadState::Present, document: Some(document), .. }) => {
                    let hash = self.hashed.filter(|version| canonical::is_known(*version));
                    let hash = hash.map(|version| canonical::hash_at(version, self.representation, &document));
                    let locations = if self.listing.located { locations(host, places, object)? } else { Vec::new() };
                    listed.push(ListedObject { uuid, hash, locations });
                }
                Ok(_) => {}
                Err(error) if error.kind == ErrorKind::Forbidden => {}
                Err(error) => {
                    log::warn!("{object} is listed without its hash, because it cannot be read: {}", error.kind);
                    if !scope.is_local(self.category) {
                        listed.push(ListedObject { uuid, hash: None, locations: Vec::new() });
                    }
                    return Ok(Some(object));
                }
            }
        }
        Ok(None)
    }
}

pub(super) fn locations(host: &mut dyn Host, places: &mut Places<'_>, object: &ObjectId) -> Result<Vec<String>> {
    Ok(match places.of(host, object)? {
        Some(Place::At(locations)) => locations.into_iter().collect(),
        Some(Place::Anywhere) | None => Vec::new(),
    })
}
