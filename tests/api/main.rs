//! The administrative API without a JVM: a real engine over SQLite, a real HTTP server as its parent, and a program that keeps
//! what it is asked to do.

mod children;
mod days;
mod feed;
#[path = "../common/intercepted.rs"]
mod intercepted;
mod namesakes;
mod openapi;
mod parked;
mod preflight;
mod program;
mod refusals;
mod runs;
mod search;
mod verification;
