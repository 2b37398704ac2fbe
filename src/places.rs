//! Where objects belong, which decides whether an account that is limited to some locations may have them. In a transaction
//! of the host, on the calling thread.

use std::collections::{BTreeSet, HashMap};

use crate::config::Config;
use crate::decide::belonging::{Belonging, Place};
use crate::decide::changes::ObjectEvent;
use crate::decide::scope::Scope;
use crate::error::Result;
use crate::event::{Category, ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::saving::parse_stored;
use crate::store::events;

/// The places that are known of objects within one transaction.
pub(crate) struct Places<'a> {
    config: &'a Config,
    scope: Scope<'a>,
    /// Nothing for what is not here.
    known: HashMap<ObjectId, Option<Place>>,
    /// The documents that a child brings and that may not be here yet.
    brought: HashMap<ObjectId, Belonging>,
    documents_read: usize,
}

impl<'a> Places<'a> {
    /// Nothing is known yet.
    pub(crate) fn new(config: &'a Config, scope: Scope<'a>) -> Places<'a> {
        Places { config, scope, known: HashMap::new(), brought: HashMap::new(), documents_read: 0 }
    }

    /// How many documents were asked for so far, since the host did not say where their objects belong.
    pub(crate) fn documents_read(&self) -> usize {
        self.documents_read
    }

    /// Asks the host for all of these at once, as far as it matters where they are.
    pub(crate) fn expect<'b>(
        &mut self,
        host: &mut dyn Host,
        objects: impl Iterator<Item = &'b ObjectId>,
    ) -> Result<()> {
        let local: BTreeSet<&ObjectId> = objects.filter(|object| self.scope.is_local(object.category)).collect();
        let unknown: Vec<ObjectId> =
            local.into_iter().filter(|object| !self.known.contains_key(object)).cloned().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let told = host.places(&unknown)?;
        let told = unknown.into_iter().zip(told).filter(|(_, place)| place.is_some());
        self.known.extend(told);
        Ok(())
    }

    /// A child brings this object with others that may belong to it.
    pub(crate) fn brings(&mut self, object: &ObjectId, belonging: Belonging) {
        self.brought.insert(object.clone(), belonging);
    }

    /// Returns true if the object, as it is here, is in the scope of the account; `document` is what is here of it, where that is
    /// at hand. What is not here is in it.
    pub(crate) fn allow(
        &mut self,
        host: &mut dyn Host,
        object: &ObjectId,
        document: Option<(Representation, &serde_json::Value)>,
    ) -> Result<bool> {
        if !self.scope.is_local(object.category) {
            return Ok(true);
        }
        let place = match (self.told(host, object)?, document) {
            (Some(place), _) => Some(place),
            (None, Some((representation, document))) => {
                let place = self.of_belonging(host, &Belonging::of(representation, object, document))?;
                self.known.insert(object.clone(), Some(place.clone()));
                Some(place)
            }
            (None, None) => self.of(host, object)?,
        };
        Ok(place.is_none_or(|place| self.scope.allows(&place)))
    }

    /// Returns true if the account is told of an event: as it may read the object, or, where nothing of that is here any more, as
    /// the event says where it belonged.
    pub(crate) fn allow_event(&mut self, host: &mut dyn Host, event: &ObjectEvent) -> Result<bool> {
        let object = &event.object;
        if !self.scope.is_local(object.category) {
            return Ok(true);
        }
        let place = match self.of(host, object)? {
            Some(place) => place,
            None => self.of_belonging(host, &belonging_of(event))?,
        };
        Ok(self.scope.allows(&place))
    }

    /// Returns true if what a child brings is in the scope of its account as the child says it. Who says that something belongs to
    /// an encounter of the account, and to a patient that is not the encounter's, needs both.
    pub(crate) fn allow_brought(
        &mut self,
        host: &mut dyn Host,
        object: &ObjectId,
        belonging: &Belonging,
    ) -> Result<bool> {
        if !self.scope.is_local(object.category) {
            return Ok(true);
        }
        let place = self.of_belonging(host, belonging)?;
        if !self.scope.allows(&place) {
            return Ok(false);
        }
        match &belonging.encounter {
            Some(encounter) => self.is_of_its_patient(host, encounter, belonging),
            None => Ok(true),
        }
    }

    fn is_of_its_patient(&mut self, host: &mut dyn Host, encounter: &str, belonging: &Belonging) -> Result<bool> {
        let patients = Belonging { patients: belonging.patients.clone(), ..Belonging::default() };
        if patients.patients.is_empty() || self.scope.allows(&self.of_belonging(host, &patients)?) {
            return Ok(true);
        }
        let Some(encounter) = object("encounter", encounter) else { return Ok(false) };
        let of_encounter = match self.read(host, &encounter)? {
            Some(document) => Belonging::of(self.representation(&encounter), &encounter, &document),
            None => self.brought.get(&encounter).cloned().unwrap_or_default(),
        };
        Ok(belonging.patients.is_subset(&of_encounter.patients))
    }

    /// Where an object belongs; nothing where it is neither here nor brought.
    pub(crate) fn of(&mut self, host: &mut dyn Host, object: &ObjectId) -> Result<Option<Place>> {
        if let Some(place) = self.told(host, object)? {
            return Ok(Some(place));
        }
        if let Some(known) = self.known.get(object) {
            return Ok(known.clone());
        }
        let place = self.by_document(host, object)?;
        self.known.insert(object.clone(), place.clone());
        Ok(place)
    }

    /// As the host tells it.
    fn told(&mut self, host: &mut dyn Host, object: &ObjectId) -> Result<Option<Place>> {
        if !self.known.contains_key(object)
            && let Some(place) = host.places(std::slice::from_ref(object))?.into_iter().next().flatten()
        {
            self.known.insert(object.clone(), Some(place));
        }
        Ok(self.known.get(object).cloned().flatten())
    }

    fn by_document(&mut self, host: &mut dyn Host, object: &ObjectId) -> Result<Option<Place>> {
        let representation = self.representation(object);
        self.documents_read += 1;
        let belonging = match host.read(representation, object, false)? {
            Stored::Present(bytes) => Belonging::of(representation, object, &parse_stored(object, &bytes)?),
            Stored::Removed => last_told(host, object)?,
            Stored::Absent => match self.brought.get(object) {
                Some(brought) => brought.clone(),
                None => return Ok(None),
            },
        };
        self.of_belonging(host, &belonging).map(Some)
    }

    /// Where something belongs that belongs to these: to its encounter's location, else its own, else its patient's.
    pub(crate) fn of_belonging(&mut self, host: &mut dyn Host, belonging: &Belonging) -> Result<Place> {
        if let Some(encounter) = belonging.encounter.as_deref().and_then(|uuid| object("encounter", uuid))
            && let Some(place) = self.of(host, &encounter)?.filter(|place| !place.is_nowhere())
        {
            return Ok(place);
        }
        if !belonging.locations.is_empty() {
            return Ok(Place::At(belonging.locations.clone()));
        }
        let mut locations = BTreeSet::new();
        for uuid in &belonging.patients {
            let patient = ObjectId { category: Category::patient(), uuid: uuid.clone() };
            if let Some(Place::At(of_patient)) = self.of(host, &patient)? {
                locations.extend(of_patient);
            }
        }
        Ok(Place::At(locations))
    }

    fn read(&self, host: &mut dyn Host, object: &ObjectId) -> Result<Option<serde_json::Value>> {
        match host.read(self.representation(object), object, false)? {
            Stored::Present(bytes) => parse_stored(object, &bytes).map(Some),
            Stored::Absent | Stored::Removed => Ok(None),
        }
    }

    fn representation(&self, object: &ObjectId) -> Representation {
        self.config.representation(object.category)
    }
}

fn object(category: &str, uuid: &str) -> Option<ObjectId> {
    Some(ObjectId { category: Category::parse(category)?, uuid: uuid.to_string() })
}

/// Returns the last event of this node's feed about an object that is removed here.
fn last_told(host: &mut dyn Host, object: &ObjectId) -> Result<Belonging> {
    let told = events::last_of(host, std::slice::from_ref(object))?.remove(object);
    Ok(told.map_or_else(Belonging::default, |event| belonging_of(&event)))
}

/// A patient is told of as its own.
fn belonging_of(event: &ObjectEvent) -> Belonging {
    let patients = event.patient.iter().filter(|patient| **patient != event.object.uuid).cloned().collect();
    Belonging { encounter: None, locations: event.location.iter().cloned().collect(), patients }
}
