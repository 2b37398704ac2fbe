//! The bridge to Java, and the only module that knows JNI.
//!
//! - `entry`: the exported functions. Each one catches panics.
//! - `handle`: what a Java `long` stands for. Java never holds a pointer.
//! - `host`: the engine's `Host` as calls into Java, on the calling thread only.
//! - `injected`: clients and filters of the Java side, on the calling thread only.
//! - `errors`: engine errors to Java exceptions and back.
//! - `json`: what crosses as JSON and is not the engine's own.
//! - `node`: requests of the API, and its `Node` as calls into Java, on the calling thread only.
//! - `logging`: the `log` facade to slf4j.
//!
//! No class of ours is held in a static: everything that refers to Java lives in an open engine and goes with it, so
//! that a stopped module's class loader can be collected.

mod entry;
mod errors;
mod handle;
mod host;
mod injected;
mod json;
mod logging;
mod node;
#[cfg(feature = "testing")]
#[allow(clippy::panic, clippy::expect_used, reason = "it is never shipped")]
mod testing;
