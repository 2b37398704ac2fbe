//! What a parent does with the lines of its children, over a real database.

mod apply;
mod digests;
mod list;
mod parent;
mod read;
mod release_before;
mod repeated;
mod scope;
mod search_index;
mod together;
mod versions;
mod who_may_what;
