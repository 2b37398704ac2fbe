//! The sync engine of Sync 2 for OpenMRS: the map of the crate.
//!
//! A pull goes through it from top to bottom:
//!
//! | module | what it does |
//! |---|---|
//! | [`api`] | every address of the administrative API, above the engine |
//! | [`engine`] | what callers see: open, pull, status, audit, close |
//! | `run` | what every run has: lease, record, waiting on the calling thread |
//! | `pull` | the order of the steps of a pull |
//! | `push` | the order of the steps of a push |
//! | [`feed`] | Atom feeds: the parent's, from a marker to the events after it; and this node's own, page by page |
//! | [`filter`] | which of them this node wants |
//! | [`resource`] | gets the objects from the parent, over FHIR, REST or what is injected |
//! | [`http`] | asks the parent: one log-in, retries of what is transient |
//! | [`decide`] | what to do: pure, no I/O, no clock, no randomness |
//! | [`host`] | what the Java side is asked to do: read, save, remove, commit |
//! | `backfill` | what was agreed on, compared with what the parent has now |
//! | `copied` | that this server was made from a copy of its parent |
//! | `indexing` | what a search may not find yet of what was saved |
//! | `inventory` | which objects are here, with the hashes of their documents |
//! | `places` | where objects belong, for accounts that are limited to locations |
//! | `saving` | what is here of an object, and whether a save is what it says |
//! | `withheld` | what an object is saved without, and when that is put where it belongs |
//! | [`audit`] | what became of each event |
//! | [`exchange`] | objects in bulk, between two nodes that both have this module |
//! | [`wire`] | the lines that the exchange sends and answers |
//! | `greeter` | how a child greets its parent's exchange |
//! | `passing` | how far events are passed, and the keys of their audit messages |
//! | [`store`] | everything that is remembered, in the host's database and transaction |
//! | [`json`] | what comes from outside as JSON, read within limits |
//! | [`environment`] | what only the host program knows: trust store, proxy, data directory |
//! | `restored` | that the parent was restored from an older copy, and what it may have lost |
//! | [`resolution`] | what somebody decides about a conflict: what is shown of it, and what is done
//! | [`story`] | everything that is known of one object, in words
//! | [`identity`] | which node this server is, also when its database was copied |
//! | [`children`] | how this node's children are, for who has to look after them |
//! | [`introduction`] | what a child says of itself to its parent |
//! | [`listening`] | when the host heard its own changes, and what it missed |
//! | [`connection_test`] | whether a pull would work, step by step, for an administrator |
//! | [`preflight`] | what stands in the way of the first sync, and what to do about it |
//! | `jni` | the only module that knows of Java |
//!
//! Invariants, on which the guarantees of ARCHITECTURE.md stand:
//!
//! - The effect of an event, its audit message and its marker are written in one transaction of the host. Nothing else
//!   moves a marker.
//! - The thread that called does all host work; tokio's threads never call the host. Nobody waits on the network with a
//!   transaction open.
//! - Whatever is decided on was read in the transaction that writes the decision, with the object's rows locked; after
//!   a rollback it is decided again.
//! - A hash is compared with its own side, version and representation only.
//! - Everything that comes from outside has a size limit; everything that waits in memory is bounded by windows and
//!   batches, not by the backlog.

// Nothing that comes from outside may panic. What is safe all the same says why.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic,
        clippy::unreachable,
        clippy::todo
    )
)]
// Of the library only: nothing of a test program or a benchmark is reachable from outside, so that each `pub` there would
// count.
#![warn(missing_docs, unreachable_pub)]

pub mod api;
pub mod audit;
mod backfill;
pub mod children;
mod coming_back;
pub mod config;
pub mod connection_test;
mod copied;
pub mod days;
pub mod decide;
mod defect;
pub mod engine;
pub mod environment;
pub mod error;
pub mod event;
pub mod exchange;
pub mod feed;
pub mod filter;
mod greeter;
pub mod host;
pub mod http;
pub mod identity;
mod indexing;
pub mod introduction;
mod inventory;
mod jitter;
mod jni;
pub mod json;
pub mod listening;
mod mapped_host;
pub mod namesakes;
mod naming;
mod pace;
mod passing;
mod places;
pub mod preflight;
mod pull;
mod push;
mod reconciliation;
mod removal;
pub mod resolution;
pub mod resource;
mod restored;
mod run;
mod saving;
pub mod status;
pub mod store;
pub mod story;
mod switched_on;
#[cfg(feature = "testing")]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "it is never shipped"
)]
pub mod testing;
pub mod wire;
mod withheld;
