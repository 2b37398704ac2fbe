//! Code that tests and benchmarks share; a release never ships it.

pub mod feed_page;
pub mod many_events;
pub mod mock_parent;
pub mod null_host;
pub mod objects;
pub mod proxy;
pub mod sqlite_host;
pub mod store_contract;
