//! Getting objects from the parent. [`SyncResourceManager`] chooses the client; those who ask it don't know which one
//! answers. What an answer says about the object is kept apart from what it says about the parent:
//!
//! - the object: [`Fetched`]. Its failures park a record and hold up nobody;
//! - the whole category: [`GroupReply::CategoryClosed`]. The category is held, no record is to blame;
//! - the parent: an `Err`. The run stops, nothing is consumed.

mod address;
mod document;
mod exchange;
mod fhir;
mod hanging;
mod rest;
pub(crate) mod room;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use crate::config::Config;
use crate::decide::content::mismatch;
use crate::decide::digest::{Digest, Question};
use crate::decide::verification::Side;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation, by_category};
use crate::http::ParentClient;
use crate::json::Unreadable;
use crate::store::conflicts::Conflict;
use crate::store::digests::Kind;
use crate::wire::{Decision, ListedObject};
pub use document::Json;
use exchange::ExchangeClient;
pub(crate) use exchange::{OfDigests, PartOfList};
use fhir::FhirClient;
use hanging::HangingLists;
use rest::RestClient;
pub use room::Place;
use room::Room;

/// Stands for a node id where something is only tried.
const PROBING: &str = "connection-test";

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
    pub json: Json,
    /// Where it is kept in memory; the default for who brings it along from elsewhere.
    pub place: Place,
}

/// The result for one object that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// Here it is; it may say itself that it is voided.
    Document(Document),
    /// The parent says with 410 that it is no longer there.
    Gone {
        /// Where it was.
        url: String,
        /// Why it was removed, in its author's words, where the parent tells.
        reason: Option<String>,
    },
    /// It could not be had: `Forbidden` (403), `NotFound` (404), `Rejected` (other 4xx), `ParentFailed` (5xx),
    /// `Malformed` (no JSON, another type or uuid, too large), or `Busy`: not now, it has to be asked for again alone.
    Failed(Error),
}

/// The result for a group of objects of one category.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupReply {
    /// One for each uuid that was asked for, in their order.
    Objects(Vec<Fetched>),
    /// The parent does not serve this category at all to this account: `Forbidden` or `NotFound`.
    CategoryClosed(Error),
}

/// The result for one object of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The parent's answer for this object.
    Object(Fetched),
    /// The parent does not serve its category at all to this account.
    CategoryClosed(Error),
}

/// The result for one object of a group. Its document may be another than was asked for, and is not built before it is checked:
/// those who work out many do so one by one.
#[derive(Debug)]
pub struct Unchecked {
    representation: Representation,
    reply: Reply,
}

impl Unchecked {
    /// Lets a document of that object through only if it is what was asked for, whichever client it comes from.
    pub fn checked(self, object: &ObjectId) -> Reply {
        match self.reply {
            Reply::Object(fetched) => Reply::Object(checked(object, self.representation, fetched)),
            closed => closed,
        }
    }
}

/// A way to get objects: FHIR, REST, or what an implementation brings along.
pub trait ResourceClient: Send + Sync {
    /// The name in the audit.
    fn name(&self) -> &str;

    /// Returns true if it gives objects of this category in this representation.
    fn serves(&self, category: Category, representation: Representation) -> bool;

    /// Gets objects that it serves; one [`Fetched`] for each uuid, in their order. Dropped when the run is cancelled.
    ///
    /// Errors: only what stops the run: `Unreachable`, `Busy`, `Unauthorized`, `Cancelled`.
    fn fetch<'a>(&'a self, category: Category, uuids: &'a [String]) -> BoxFuture<'a, Result<GroupReply>>;
}

/// A client that the host program brings along, called on the thread that called the engine, outside of any transaction.
pub trait HostClient: Send + Sync {
    /// The name in the audit.
    fn name(&self) -> &str;

    /// Returns true if it gives objects of this category in this representation.
    fn serves(&self, representation: Representation, category: Category) -> bool;

    /// Gets objects that it serves; one [`Fetched`] for each uuid, in their order. May block, also on the network.
    ///
    /// Errors: `Unreachable`, `Busy`, `Unauthorized` and `Cancelled` stop the run; any other is the failure of each of the
    /// objects.
    fn fetch(&self, representation: Representation, category: Category, uuids: &[String]) -> Result<Vec<Fetched>>;
}

/// Chooses the client for each category by the representation that the configuration gives it. Lives for one run: it
/// remembers which categories the parent has closed.
pub struct SyncResourceManager {
    representations: BTreeMap<Category, Representation>,
    /// The clients that an implementation brought along, in the order of preference.
    injected: Vec<Arc<dyn ResourceClient>>,
    /// One request for many objects of any category, where the parent has it.
    exchange: Option<ExchangeClient>,
    /// FHIR and REST.
    plain: [Arc<dyn ResourceClient>; 2],
    lists: HangingLists,
    room: Room,
    closed: Mutex<BTreeMap<Category, Error>>,
}

impl SyncResourceManager {
    /// The injected clients come before those for FHIR and REST.
    pub fn new(parent: Arc<ParentClient>, config: &Config, injected: Vec<Arc<dyn ResourceClient>>) -> Self {
        SyncResourceManager::within(Room::unlimited(), parent, config, injected)
    }

    /// As [`new`](SyncResourceManager::new), with so much room for all documents that it has given and that are still kept.
    pub(crate) fn within(
        room: Room,
        parent: Arc<ParentClient>,
        config: &Config,
        injected: Vec<Arc<dyn ResourceClient>>,
    ) -> Self {
        let plain: [Arc<dyn ResourceClient>; 2] = [
            Arc::new(FhirClient::new(parent.clone(), config, room.clone())),
            Arc::new(RestClient::new(parent.clone(), config, room.clone())),
        ];
        let lists = HangingLists::new(parent, config);
        let representations = Category::all().map(|category| (category, config.representation(category))).collect();
        SyncResourceManager { representations, injected, exchange: None, plain, lists, room, closed: Mutex::default() }
    }

    /// The same, with the parent's exchange between the injected clients and those for FHIR and REST, where the parent
    /// has it and `parent.exchange` does not forbid it. `node` is this node's id.
    pub fn with_exchange(mut self, parent: Arc<ParentClient>, config: &Config, node: &str) -> Self {
        self.exchange = config.may_exchange().then(|| ExchangeClient::new(parent, config, node, self.room.clone()));
        self
    }

    /// Why the parent's exchange is not used, if it is not and could be; nothing before the first objects were asked for.
    pub fn without_exchange(&self) -> Option<Error> {
        self.exchange.as_ref().and_then(ExchangeClient::refusal)
    }

    /// The groups that these objects are to be asked for in, each of at most `most` objects: of one category, or of any
    /// where they go through the exchange.
    ///
    /// Errors: what stops the run.
    pub async fn groups(&self, objects: &[&ObjectId], most: usize) -> Result<Vec<Vec<ObjectId>>> {
        let mut groups: BTreeMap<Option<Category>, Vec<ObjectId>> = BTreeMap::new();
        for object in objects {
            let category = if self.is_exchanged(object.category).await? { None } else { Some(object.category) };
            groups.entry(category).or_default().push((*object).clone());
        }
        Ok(groups.values().flat_map(|objects| objects.chunks(most).map(<[ObjectId]>::to_vec)).collect())
    }

    /// Gets the objects of one of those [`groups`](SyncResourceManager::groups), each with what became of it.
    ///
    /// Errors: as those of [`fetch`](SyncResourceManager::fetch).
    pub async fn fetch_group(&self, group: &[ObjectId]) -> Result<Vec<(ObjectId, Unchecked)>> {
        let (closed, open): (Vec<_>, Vec<_>) =
            group.iter().partition(|object| self.closed_before(object.category).is_some());
        let closed = closed
            .into_iter()
            .filter_map(|object| Some((object.clone(), Reply::CategoryClosed(self.closed_before(object.category)?))));
        let mut replies: Vec<_> = closed.collect();
        if !open.is_empty() {
            match self.exchange_objects(&open).await? {
                Some(exchanged) => replies.extend(exchanged),
                None => replies.extend(self.fetch_by_category(&open).await?),
            }
        }
        let unchecked = replies.into_iter().map(|(object, reply)| {
            let representation = self.representation(object.category);
            (object, Unchecked { representation, reply })
        });
        Ok(unchecked.collect())
    }

    /// Returns the objects that hang on an object at the parent and are not removed there, by the exchange where it is, else by
    /// lists of FHIR and REST of the wanted kinds: on a patient visits, encounters and observations, on a visit encounters and
    /// their observations, on an encounter observations.
    ///
    /// Errors: what stops the run, and why a list cannot be had.
    pub(crate) async fn hanging_on(
        &self,
        object: &ObjectId,
        wanted: &(dyn Fn(Category) -> bool + Sync),
    ) -> Result<Vec<ObjectId>> {
        if let Some(exchange) = &self.exchange
            && exchange.is_there().await?
            && let Some(mut hanging) = exchange.hanging_on(object, self.representation(object.category)).await?
        {
            hanging.retain(|object| wanted(object.category));
            return Ok(hanging);
        }
        let mut hanging = self.lists.on(object, &|category| self.representation(category), wanted).await?;
        hanging.retain(|object| wanted(object.category));
        Ok(hanging)
    }

    /// The hashes of the parent's documents of those objects that the exchange gives; none of others.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn hashes(&self, objects: &[&ObjectId]) -> Result<HashMap<ObjectId, String>> {
        let Some(exchange) = &self.exchange else { return Ok(HashMap::new()) };
        let mut asked = Vec::with_capacity(objects.len());
        for object in objects {
            if self.is_exchanged(object.category).await? {
                asked.push((*object, self.representation(object.category)));
            }
        }
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let hashes = exchange.hashes(&asked).await?.unwrap_or_default();
        let known = asked.into_iter().zip(hashes);
        Ok(known.filter_map(|((object, _), hash)| Some((object.clone(), hash?))).collect())
    }

    /// A part of the list of what the parent has of a category, where asked with where each belongs.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn list(&self, category: Category, after: Option<&str>, located: bool) -> Result<PartOfList> {
        match &self.exchange {
            Some(exchange) if self.is_exchanged(category).await? => {
                exchange.list(category, self.representation(category), after, located).await
            }
            _ => Ok(PartOfList::Unlisted),
        }
    }

    /// The answers to questions for digests of what the parent has, in their order.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn digests(&self, asked: &[(Kind, Question)]) -> Result<Vec<OfDigests<Vec<Digest>>>> {
        let mut exchanged = Vec::with_capacity(asked.len());
        for (kind, question) in asked {
            if self.is_exchanged(kind.category).await? {
                exchanged.push((*kind, question.clone()));
            }
        }
        let answers = match &self.exchange {
            Some(exchange) if !exchanged.is_empty() => exchange.digests(&exchanged).await?,
            _ => Vec::new(),
        };
        let mut answers = exchanged.iter().zip(answers).peekable();
        let of_asked = asked.iter().map(|(kind, question)| {
            let of_it = answers.next_if(|((other, its), _)| other == kind && its == question);
            of_it.map_or(OfDigests::Without, |(_, answer)| answer)
        });
        Ok(of_asked.collect())
    }

    /// The objects of leaves of what the parent has, for each in their order; where asked with where each belongs.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn leaves(
        &self,
        kind: Kind,
        leaves: &[u32],
        located: bool,
    ) -> Result<Vec<OfDigests<Vec<ListedObject>>>> {
        match &self.exchange {
            Some(exchange) => exchange.leaves(kind, leaves, located).await,
            None => Ok(leaves.iter().map(|_| OfDigests::Without).collect()),
        }
    }

    /// Returns true if the parent has the exchange for this account. It is asked once a run.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn exchanges(&self) -> Result<bool> {
        match &self.exchange {
            Some(exchange) => exchange.is_there().await,
            None => Ok(false),
        }
    }

    /// What the parent has of each of these objects, by hashes in these versions of the canonical form. Only of those that go
    /// through the exchange.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn look(&self, objects: &[(ObjectId, u32)]) -> Result<HashMap<ObjectId, Side>> {
        let Some(exchange) = &self.exchange else { return Ok(HashMap::new()) };
        let mut asked = Vec::with_capacity(objects.len());
        for (object, version) in objects {
            if self.is_exchanged(object.category).await? {
                asked.push((object, self.representation(object.category), *version));
            }
        }
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let sides = exchange.look(&asked).await?.unwrap_or_default();
        Ok(asked.into_iter().zip(sides).map(|((object, ..), side)| (object.clone(), side)).collect())
    }

    /// Returns the decisions of persons at the parent about these conflicts with it.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn decisions(&self, conflicts: &[Conflict]) -> Result<Vec<(Conflict, Decision)>> {
        let Some(exchange) = &self.exchange else { return Ok(Vec::new()) };
        let mut asked = Vec::with_capacity(conflicts.len());
        for conflict in conflicts {
            if self.is_exchanged(conflict.object.category).await? {
                asked.push(conflict);
            }
        }
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let decisions = exchange.decisions(&asked).await?.unwrap_or_default();
        let decided = asked.into_iter().zip(decisions);
        Ok(decided.filter_map(|(conflict, decision)| Some((conflict.clone(), decision?))).collect())
    }

    /// Nothing when they have to be asked for in another way.
    async fn exchange_objects(&self, objects: &[&ObjectId]) -> Result<Option<Vec<(ObjectId, Reply)>>> {
        let Some(exchange) = &self.exchange else { return Ok(None) };
        for object in objects {
            if !self.is_exchanged(object.category).await? {
                return Ok(None);
            }
        }
        let asked: Vec<_> = objects.iter().map(|object| (*object, self.representation(object.category))).collect();
        let Some(replies) = exchange.fetch(&asked).await? else { return Ok(None) };
        let replies = asked.into_iter().zip(replies).map(|((object, _), reply)| {
            if let Reply::CategoryClosed(error) = &reply {
                self.remember_closed(object.category, error);
            }
            (object.clone(), reply)
        });
        Ok(Some(replies.collect()))
    }

    async fn fetch_by_category(&self, objects: &[&ObjectId]) -> Result<Vec<(ObjectId, Reply)>> {
        let mut replies = Vec::with_capacity(objects.len());
        for (category, uuids) in by_category(objects.iter().copied()) {
            let fetched: Vec<Reply> = match self.fetch_unchecked(category, &uuids).await? {
                GroupReply::Objects(fetched) => fetched.into_iter().map(Reply::Object).collect(),
                GroupReply::CategoryClosed(error) => vec![Reply::CategoryClosed(error); uuids.len()],
            };
            replies.extend(uuids.into_iter().map(|uuid| ObjectId { category, uuid }).zip(fetched));
        }
        Ok(replies)
    }

    /// Returns true if objects of this category go through the exchange. The parent is asked once a run whether it has it.
    async fn is_exchanged(&self, category: Category) -> Result<bool> {
        match &self.exchange {
            Some(exchange) if self.injected_client(category).is_none() => exchange.is_there().await,
            _ => Ok(false),
        }
    }

    /// Every category has one.
    fn representation(&self, category: Category) -> Representation {
        self.representations.get(&category).copied().unwrap_or_else(|| category.default_representation())
    }

    fn injected_client(&self, category: Category) -> Option<&Arc<dyn ResourceClient>> {
        self.injected.iter().find(|client| client.serves(category, self.representation(category)))
    }

    /// Gets the objects of one category with these uuids (see [`is_object_uuid`](crate::event::is_object_uuid)) without
    /// the exchange, as a group where the parent can.
    ///
    /// Errors: `Unreachable`, `Busy`, `Unauthorized` (the parent is away: the run stops), `Cancelled`,
    /// `Configuration` (no client serves this category), `Internal` (a client answered for other objects).
    pub async fn fetch(&self, category: Category, uuids: &[String]) -> Result<GroupReply> {
        Ok(match self.fetch_unchecked(category, uuids).await? {
            GroupReply::Objects(fetched) => {
                let representation = self.representation(category);
                let objects = uuids.iter().map(|uuid| ObjectId { category, uuid: uuid.clone() });
                let checked = objects.zip(fetched).map(|(object, fetched)| checked(&object, representation, fetched));
                GroupReply::Objects(checked.collect())
            }
            closed => closed,
        })
    }

    async fn fetch_unchecked(&self, category: Category, uuids: &[String]) -> Result<GroupReply> {
        if let Some(closed) = self.closed_before(category) {
            return Ok(GroupReply::CategoryClosed(closed));
        }
        let representation = self.representation(category);
        let client = self.client_for(category, representation)?;
        match client.fetch(category, uuids).await? {
            GroupReply::CategoryClosed(error) => {
                self.remember_closed(category, &error);
                Ok(GroupReply::CategoryClosed(error))
            }
            GroupReply::Objects(fetched) if fetched.len() == uuids.len() => Ok(GroupReply::Objects(fetched)),
            GroupReply::Objects(fetched) => Err(Error::new(
                ErrorKind::Internal,
                format!("client {} answered {} of {} objects", client.name(), fetched.len(), uuids.len()),
            )),
        }
    }

    fn client_for(&self, category: Category, representation: Representation) -> Result<&dyn ResourceClient> {
        let plain = || self.plain.iter().find(|client| client.serves(category, representation));
        let client = self.injected_client(category).or_else(plain);
        client.map(Arc::as_ref).ok_or_else(|| not_served(category, representation))
    }

    fn closed_before(&self, category: Category) -> Option<Error> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).get(&category).cloned()
    }

    fn remember_closed(&self, category: Category, error: &Error) {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).insert(category, error.clone());
    }
}

/// How a probe found that objects of a category are given.
pub(crate) enum Way {
    /// One by one, by FHIR or REST.
    Plain,
    /// By the exchange alone.
    Exchange,
}

/// Asks the parent for any one object of a category, in the representation that the configuration gives it.
///
/// Errors: why it cannot be read.
pub(crate) async fn probe(parent: Arc<ParentClient>, config: &Config, category: Category) -> Result<Way> {
    let representation = config.representation(category);
    let plain = match representation {
        Representation::Fhir => FhirClient::new(parent.clone(), config, Room::unlimited()).probe(category).await,
        Representation::Rest => RestClient::new(parent.clone(), config, Room::unlimited()).probe(category).await,
    };
    match plain {
        // An account of a child may do no more at its parent than exchange objects.
        Err(refused) if refused.kind == ErrorKind::Forbidden && config.may_exchange() => {
            let exchange = ExchangeClient::new(parent, config, PROBING, Room::unlimited());
            if exchange.gives(category, representation).await? { Ok(Way::Exchange) } else { Err(refused) }
        }
        plain => plain.map(|()| Way::Plain),
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
    let malformed = |what: String| {
        Fetched::Failed(Error::new(ErrorKind::Malformed, format!("{object}: {what}")).at(document.url.as_str()))
    };
    if document.representation != representation {
        return malformed("the answer has another representation than categories.NAME.representation says".to_string());
    }
    match document.json.read() {
        Ok(json) => match mismatch(representation, object, json) {
            None => fetched,
            Some(what) => malformed(format!("the answer {what}")),
        },
        Err(why) => malformed(unusable(why)),
    }
}

fn unusable(why: &Unreadable) -> String {
    format!("the parent answers with a document that cannot be used: {why}")
}
