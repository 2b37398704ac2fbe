//! Getting objects from the parent. [`SyncResourceManager`] chooses the client; those who ask it don't know which one
//! answers. What an answer says about the object is kept apart from what it says about the parent:
//!
//! - the object: [`Fetched`]. Its failures park a record and hold up nobody;
//! - the whole category: [`GroupOutcome::CategoryClosed`]. The category is held, no record is to blame;
//! - the parent: an `Err`. The run stops, nothing is consumed.

pub mod http;

mod address;
mod fhir;
mod rest;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::config::Config;
use crate::decide::content::mismatch;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};
use fhir::FhirClient;
use http::ParentClient;
use rest::RestClient;

/// An object as the parent gave it, nothing added or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// How it is written.
    pub representation: Representation,
    /// The name of the client that got it, for the audit.
    pub client: Arc<str>,
    /// Its own address at the parent.
    pub url: String,
    /// The document: the right type and uuid, everything else unchecked.
    pub json: Value,
}

/// What became of one object that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// Here it is; it may say itself that it is voided.
    Document(Document),
    /// The parent says with 410 that it is no longer there.
    Gone {
        /// Where it was.
        url: String,
    },
    /// It could not be had: `Forbidden` (403), `NotFound` (404), `Rejected` (other 4xx), `ParentFailed` (5xx) or
    /// `Malformed` (no JSON, another type or uuid, too large).
    Failed(Error),
}

/// What became of a group of objects of one category.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupOutcome {
    /// One for each uuid that was asked for, in their order.
    Objects(Vec<Fetched>),
    /// The parent does not serve this category at all to this account: `Forbidden` or `NotFound`.
    CategoryClosed(Error),
}

/// A way to get objects: FHIR, REST, or what an implementation brings along.
pub trait ResourceClient: Send + Sync {
    /// The name in the audit.
    fn name(&self) -> &str;

    /// Whether it gives objects of this category in this representation.
    fn serves(&self, category: Category, representation: Representation) -> bool;

    /// Gets objects that it serves; one [`Fetched`] for each uuid, in their order. Dropped when the run is cancelled.
    ///
    /// Errors: only what stops the run: `Unreachable`, `Busy`, `Unauthorized`, `Cancelled`.
    fn fetch<'a>(&'a self, category: Category, uuids: &'a [String]) -> BoxFuture<'a, Result<GroupOutcome>>;
}

/// Chooses the client for each category by the representation that the configuration gives it. Lives for one run: it
/// remembers which categories the parent has closed.
pub struct SyncResourceManager {
    representations: BTreeMap<Category, Representation>,
    /// In the order of preference.
    clients: Vec<Arc<dyn ResourceClient>>,
    closed: Mutex<BTreeMap<Category, Error>>,
}

impl SyncResourceManager {
    /// The injected clients come before those for FHIR and REST.
    pub fn new(parent: Arc<ParentClient>, config: &Config, injected: Vec<Arc<dyn ResourceClient>>) -> Self {
        let mut clients = injected;
        clients.push(Arc::new(FhirClient::new(parent.clone(), config)));
        clients.push(Arc::new(RestClient::new(parent, config)));
        let representations = Category::all().map(|category| (category, config.representation(category))).collect();
        SyncResourceManager { representations, clients, closed: Mutex::default() }
    }

    /// Gets the objects with these uuids (see [`is_object_uuid`](crate::event::is_object_uuid)), as a group where the
    /// parent can.
    ///
    /// Errors: `Unreachable`, `Busy`, `Unauthorized` (the parent is away: the run stops), `Cancelled`,
    /// `Configuration` (no client serves this category), `Internal` (a client answered for other objects).
    pub async fn fetch(&self, category: Category, uuids: &[String]) -> Result<GroupOutcome> {
        if let Some(closed) = self.closed_before(category) {
            return Ok(GroupOutcome::CategoryClosed(closed));
        }
        let representation = self.representations[&category];
        let client = self.client_for(category, representation)?;
        match client.fetch(category, uuids).await? {
            GroupOutcome::CategoryClosed(error) => {
                self.remember_closed(category, &error);
                Ok(GroupOutcome::CategoryClosed(error))
            }
            GroupOutcome::Objects(fetched) if fetched.len() == uuids.len() => {
                let objects = uuids.iter().map(|uuid| ObjectId { category, uuid: uuid.clone() });
                let checked = objects.zip(fetched).map(|(object, fetched)| checked(&object, representation, fetched));
                Ok(GroupOutcome::Objects(checked.collect()))
            }
            GroupOutcome::Objects(fetched) => Err(Error::new(
                ErrorKind::Internal,
                format!("client {} answered {} of {} objects", client.name(), fetched.len(), uuids.len()),
            )),
        }
    }

    fn client_for(&self, category: Category, representation: Representation) -> Result<&dyn ResourceClient> {
        let client = self.clients.iter().find(|client| client.serves(category, representation));
        client.map(Arc::as_ref).ok_or_else(|| not_served(category, representation))
    }

    fn closed_before(&self, category: Category) -> Option<Error> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).get(&category).cloned()
    }

    fn remember_closed(&self, category: Category, error: &Error) {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).insert(category, error.clone());
    }
}

/// Asks the parent for any one object of a category, in the representation that the configuration gives it.
///
/// Errors: why it cannot be read.
pub(crate) async fn probe(parent: Arc<ParentClient>, config: &Config, category: Category) -> Result<()> {
    match config.representation(category) {
        Representation::Fhir => FhirClient::new(parent, config).probe(category).await,
        Representation::Rest => RestClient::new(parent, config).probe(category).await,
    }
}

fn not_served(category: Category, representation: Representation) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("categories.{category}.representation: no client gets it as {}", representation.name()),
    )
}

/// Lets a document through only if it is what was asked for, whichever client it comes from.
fn checked(object: &ObjectId, representation: Representation, fetched: Fetched) -> Fetched {
    let Fetched::Document(document) = &fetched else { return fetched };
    match unsuitable(object, representation, document) {
        None => fetched,
        Some(what) => Fetched::Failed(
            Error::new(ErrorKind::Malformed, format!("{object}: the answer {what}")).at(document.url.as_str()),
        ),
    }
}

fn unsuitable(object: &ObjectId, representation: Representation, document: &Document) -> Option<&'static str> {
    if document.representation != representation {
        return Some("has another representation than categories.NAME.representation says");
    }
    mismatch(representation, object, &document.json)
}
