//! Objects in bulk, between two nodes that both have this module: what the parent does with what travels ([`crate::wire`]).
//!
//! A line that cannot be done answers so for itself; only what ends it all is an error. Every call works in transactions of
//! its own, on the calling thread, and answers one line for each line, in their order.

mod apply;
mod digests;
mod disputes;
mod greeting;
mod lines;
mod listing;
mod read;
mod removal;
pub(crate) mod turns;

pub(crate) use apply::{Applied, Child, apply_objects, forget_old_requests};
pub(crate) use read::read_objects;
