//! Getting objects from the parent.

pub mod http;
