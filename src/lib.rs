//! The sync engine of Sync 2 for OpenMRS.

pub mod config;
pub mod decide;
pub mod error;
pub mod event;
pub mod host;
pub mod resource;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
