//! Whole pushes: a real database on one side, a real HTTP server on the other.

mod acknowledgements;
mod changes;
#[path = "../common/child.rs"]
mod child;
mod clocks;
mod database_away;
mod failures;
mod identity;
#[path = "../common/intercepted.rs"]
mod intercepted;
mod local_server;
mod merging;
mod node;
mod outdated;
mod parent_away;
mod plain;
mod real_parent;
mod records;
mod restored_parent;
mod retention;
mod runs;
#[path = "../common/table.rs"]
mod table;
