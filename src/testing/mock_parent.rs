//! A parent for tests and benchmarks: what an OpenMRS with the atomfeed, FHIR and REST modules answers, as it was seen on
//! 2.8.9, from memory. It can be told to fail in any way that a server, a proxy or a network fails.
//!
//! All calls are blocking and short, and can be made from any thread, also while requests are served. The server runs on
//! threads of its own.

mod applying;
mod exchange;
mod fault;
mod feed;
mod objects;
mod own_feed;
mod server;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::Url;

use crate::error::ErrorKind;
use crate::event::{Action, Category, ObjectId};
use crate::wire::{Digested, Digesting, Listed, ReadLine};
pub use fault::{Fault, Gate};
use feed::{MockEntry, MockEvent};
use objects::{Found, Removal};
pub use own_feed::OwnFeed;
use server::{Shared, State};

/// The account that may log in.
pub const USERNAME: &str = "sync";
/// The password of [`USERNAME`].
pub const PASSWORD: &str = "sync-test";

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The HTTP method, such as `GET`.
    pub method: String,
    /// Path and query, with the context path: `/openmrs/ws/…`.
    pub path: String,
}

/// The server. Stops when it is dropped.
pub struct MockParent {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Absent while the server is stopped.
    runtime: Mutex<Option<Runtime>>,
}

impl MockParent {
    /// Starts a parent without any objects, on a free port of 127.0.0.1.
    pub fn start() -> MockParent {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port of a listener");
        let shared = Arc::new(Shared { state: Mutex::new(State::new()), url: format!("http://{address}/openmrs") });
        let runtime = server::serve(listener, shared.clone());
        MockParent { shared, address, runtime: Mutex::new(Some(runtime)) }
    }

    /// Where it is: what `parent.url` has to be.
    pub fn url(&self) -> Url {
        Url::parse(&self.shared.url).expect("a url made of an address")
    }

    /// A configuration document that pulls these categories from here by FHIR and REST; retries are immediate.
    pub fn config_document(&self, categories: &[&str]) -> Value {
        let categories: serde_json::Map<String, Value> =
            categories.iter().map(|name| (name.to_string(), json!({}))).collect();
        json!({
            "parent": {"url": self.shared.url, "username": USERNAME, "password": PASSWORD, "exchange": "never"},
            "retry": {"attempts": 3, "firstDelaySeconds": 0, "maxDelaySeconds": 0},
            "categories": categories,
        })
    }

    /// Closes the port and every connection. Returns when both are closed.
    pub fn stop(&self) {
        let runtime = lock(&self.runtime).take();
        let stopped = std::thread::spawn(move || drop(runtime)).join();
        stopped.expect("the server's threads end");
    }

    /// Listens on the same port again, with the same objects and feeds. Sessions are still good.
    pub fn restart(&self) {
        let mut runtime = lock(&self.runtime);
        let listener = TcpListener::bind(self.address).expect("the port that was free before");
        *runtime = Some(server::serve(listener, self.shared.clone()));
    }

    // --- Objects and feeds.

    /// Creates or changes an object, and appends the event of it. FHIR documents have a `resourceType` and `id`, REST
    /// documents a `uuid`.
    pub fn put(&self, category: Category, document: Value) {
        let (uuid, existed) = self.state().objects.store(category, document);
        self.append_event(category, if existed { Action::Updated } else { Action::Created }, &uuid);
    }

    /// Creates or changes an object without an event.
    pub fn store(&self, category: Category, document: Value) {
        self.state().objects.store(category, document);
    }

    /// Voids an object: 410 over FHIR, `voided` over REST, and the two events that OpenMRS publishes.
    pub fn void(&self, category: Category, uuid: &str) {
        self.remove(category, uuid, Removal::Voided, Action::Voided);
    }

    /// Retires metadata: 410 over FHIR, `retired` over REST, and the two events that OpenMRS publishes.
    pub fn retire(&self, category: Category, uuid: &str) {
        self.remove(category, uuid, Removal::Retired, Action::Retired);
    }

    fn remove(&self, category: Category, uuid: &str, removal: Removal, action: Action) {
        self.state().objects.remove(category, uuid, removal);
        self.append_event(category, Action::Updated, uuid);
        self.append_event(category, action, uuid);
    }

    /// Purges an object: 404 from now on, and an event.
    pub fn delete(&self, category: Category, uuid: &str) {
        self.state().objects.delete(category, uuid);
        self.append_event(category, Action::Deleted, uuid);
    }

    /// Appends an event, a second after the one before it in any feed. The object need not exist.
    pub fn append_event(&self, category: Category, action: Action, uuid: &str) {
        let mut state = self.state();
        let updated = state.tick();
        state.append(category, MockEntry::Event(MockEvent { action, uuid: uuid.to_string(), updated }));
    }

    /// Appends an event with a time of its own, such as `2031-01-01T00:00:00Z`.
    pub fn append_event_at(&self, category: Category, action: Action, uuid: &str, updated: &str) {
        let event = MockEvent { action, uuid: uuid.to_string(), updated: updated.to_string() };
        self.state().append(category, MockEntry::Event(event));
    }

    /// Appends an `entry` element as it is.
    pub fn append_raw_entry(&self, category: Category, entry: &str) {
        self.state().append(category, MockEntry::Raw(entry.to_string()));
    }

    /// Makes the category's feed one of so many UPDATED events, each of another object. Pages are made when they are
    /// asked for and not kept.
    pub fn serve_synthetic_feed(&self, category: Category, events: u64) {
        self.state().feed(category.name()).serve_synthetic(events);
    }

    /// Forgets all events of the category but the first so many, as a parent does that was restored from a backup.
    pub fn truncate_feed(&self, category: Category, keep: usize) {
        self.state().feed(category.name()).truncate(keep);
    }

    /// Publishes all events, those before and those to come, also in a feed of its own below `/ws/rest/v1/sync2/feed`, as a
    /// parent with this module does.
    pub fn publish_own_feed(&self) {
        self.state().publishes_own_feed = true;
    }

    /// Takes the feed of its own away, as a parent does whose module was stopped.
    pub fn withdraw_own_feed(&self) {
        self.state().publishes_own_feed = false;
    }

    /// The feed of its own, as a backup of the database holds it.
    pub fn back_up_own_feed(&self) -> OwnFeed {
        self.state().own_feed.clone()
    }

    /// Puts the feed of its own back to what a backup holds.
    pub fn restore_own_feed(&self, backup: OwnFeed) {
        self.state().own_feed = backup;
    }

    /// Lets the feed of its own begin anew, without events.
    pub fn begin_own_feed_anew(&self) {
        self.state().own_feed = OwnFeed::begin();
    }

    /// Removes the first so many pages from the feed of its own, as retention does: 410 from now on.
    pub fn remove_own_pages(&self, pages: u64) {
        self.state().own_feed.remove_pages(pages);
    }

    /// How many entries a page has from now on. Default: 5, as the atomfeed module.
    pub fn set_page_size(&self, entries: u64) {
        self.state().page_size = entries;
    }

    /// Sends an `ETag` with each page of a feed from now on, and answers 304 to `If-None-Match`.
    pub fn send_etags(&self) {
        self.state().etags = true;
    }

    // --- Exchange.

    /// Serves the exchange from now on, as a parent with this module does. What is asked for goes through it when
    /// `parent.exchange` is `auto`.
    pub fn serve_exchange(&self) {
        self.state().exchange = true;
    }

    /// Lists from now on what this says, whatever there is. It is given the question.
    pub fn list_as(&self, lists: impl FnMut(&ReadLine) -> Listed + Send + 'static) {
        self.state().said.lists = Some(Box::new(lists));
    }

    /// Gives from now on these digests, whatever there is.
    pub fn digest_as(&self, digests: impl FnMut(&Digesting) -> Digested + Send + 'static) {
        self.state().said.digests = Some(Box::new(digests));
    }

    /// Refuses the object when a child sends it, with that kind of error.
    pub fn refuse(&self, uuid: &str, kind: ErrorKind) {
        self.state().applying.refused.insert(uuid.to_string(), kind.name().to_string());
    }

    /// Takes the object again.
    pub fn accept(&self, uuid: &str) {
        self.state().applying.refused.remove(uuid);
    }

    /// Stores what `transform` makes of each document that a child sends, as a lossy server does.
    pub fn transform_applied(&self, transform: fn(&mut Value)) {
        self.state().applying.transform = Some(transform);
    }

    /// Returns the changes that the lines of children made here, in their order.
    pub fn effects(&self) -> Vec<(ObjectId, Action)> {
        self.state().applying.effects.clone()
    }

    /// The document that is here; nothing when there is none, or it was removed.
    pub fn document(&self, category: Category, uuid: &str) -> Option<Value> {
        let state = self.state();
        match state.objects.fhir(category, uuid) {
            Found::Present(document) => Some(document.clone()),
            Found::Gone => None,
            Found::Missing => {
                state.objects.rest(category, uuid).filter(|document| document["voided"] != Value::Bool(true)).cloned()
            }
        }
    }

    // --- Failures.

    /// Lets every request fail whose path and query match, until [`heal`](MockParent::heal). Of several faults that match,
    /// the one that was given first acts.
    pub fn fail(&self, matches: impl FnMut(&str) -> bool + Send + 'static, fault: Fault) {
        self.state().faults.add(None, Box::new(matches), fault);
    }

    /// Lets the next so many requests fail whose path and query match.
    pub fn fail_times(&self, times: u32, matches: impl Fn(&str) -> bool + Send + 'static, fault: Fault) {
        self.state().faults.add(Some(times), Box::new(matches), fault);
    }

    /// Leaves the FHIR servlet without resources, as the start of a module does: 404 for every type.
    pub fn lose_fhir_resources(&self) {
        self.fail(|path| path.ends_with("/fhir2/R4/metadata"), Fault::served_types(&["OperationDefinition"]));
        self.fail(|path| path.contains("/ws/fhir2/R4/"), Fault::unknown_resource_type("Patient"));
    }

    /// Takes all faults away.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Lets matching requests wait until the gate is released.
    pub fn hold(&self, matches: impl FnMut(&str) -> bool + Send + 'static) -> Gate {
        let gate = Gate::new();
        self.fail(matches, Fault::Wait(gate.clone()));
        gate
    }

    /// Ends all sessions, as a restart of OpenMRS does.
    pub fn invalidate_sessions(&self) {
        self.state().sessions.clear();
    }

    // --- What arrived.

    /// All requests since the start or [`forget_requests`](MockParent::forget_requests), in their order.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state().log.clone()
    }

    /// How many requests have such a path and query.
    pub fn count_requests(&self, matches: impl Fn(&str) -> bool) -> usize {
        self.state().log.iter().filter(|request| matches(&request.path)).count()
    }

    /// The `If-Match` headers that came, in their order.
    pub fn if_match(&self) -> Vec<String> {
        self.state().if_match.clone()
    }

    /// Returns the introductions of children in headers, in the order of the requests.
    pub fn introductions(&self) -> Vec<String> {
        self.state().introductions.clone()
    }

    /// Empties the log.
    pub fn forget_requests(&self) {
        self.state().log.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }
}

impl Drop for MockParent {
    fn drop(&mut self) {
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_background();
        }
    }
}

/// A test that panicked while it held the lock shall not hide its own message behind a poisoned lock's.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
