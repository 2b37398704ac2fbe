//! Whole pulls: a real HTTP server on one side, a real database on the other.

mod bounds;
#[path = "../common/child.rs"]
mod child;
mod clocks;
mod connection;
mod database_away;
mod edits;
mod events;
mod exchange;
mod host_clients;
#[path = "../common/intercepted.rs"]
mod intercepted;
mod lifecycle;
mod model;
mod node;
mod objects;
mod own_feed;
mod parent_away;
mod parts;
mod records;
mod references;
mod search_index;
mod switched_on;
mod together;
mod updated;
mod uuids;
