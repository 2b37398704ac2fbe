//! Objects in bulk, between two nodes that both have this module: what travels, and (at the parent) what is done with it.

pub mod wire;
