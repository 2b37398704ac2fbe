//! Decides what to do, without doing it: no I/O, no clock and no randomness but what is passed in. A test holds that nothing
//! here imports tokio, reqwest, jni or SQL.

pub mod batching;
pub mod belonging;
pub mod blocked;
pub mod canonical;
pub mod changes;
pub mod child;
pub mod coalesce;
pub mod conflict;
pub mod content;
pub mod digest;
pub mod exchange;
pub mod listing;
pub mod loss;
pub mod merge;
pub mod naming;
pub mod preflight;
pub mod push;
pub mod reconcile;
pub mod references;
pub mod removal;
pub mod resolution;
pub mod retry;
pub mod same_meaning;
pub mod scope;
pub mod uuid_map;
pub mod verification;
pub mod zones;
