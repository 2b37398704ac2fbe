//! Whole pulls: a real HTTP server on one side, a real database on the other.

mod node;
mod records;
