//! Handles for Java: the `long` that it holds is a key of a registry. So a handle that is stale, closed twice or made up
//! gives an exception, and never touches memory.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jni::Env;
use jni::objects::JObject;
use once_cell::sync::Lazy;
use uuid::Uuid;

use crate::engine::{Engine, Injected};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;

use super::host::{HostObject, JniHost};
use super::logging::{self, LogSink};

/// An open engine with everything that it holds of Java.
pub(crate) struct Open {
    /// The engine that the handle stands for.
    pub engine: Engine,
    host: HostObject,
    /// Held, not used: the log goes to Java as long as an engine is open.
    _log: Arc<LogSink>,
}

impl Open {
    /// Calls the engine with its host. Errors: `AlreadyRunning` inside a callback of the engine with that handle.
    pub(crate) fn with_host<T>(
        &self,
        handle: i64,
        work: impl FnOnce(&Engine, &mut dyn Host) -> Result<T>,
    ) -> Result<T> {
        let _inside = Inside::enter(handle)?;
        work(&self.engine, &mut JniHost::new(&self.host))
    }
}

static REGISTRY: Lazy<Mutex<HashMap<i64, Arc<Open>>>> = Lazy::new(Mutex::default);

thread_local! {
    /// The engines that this thread is inside of: a host's callback runs below them.
    static INSIDE: RefCell<Vec<i64>> = const { RefCell::new(Vec::new()) };
}

/// Opens an engine over that `SyncHost`, with what else the program around it gives; its handle.
pub(crate) fn open(
    env: &mut Env<'_>,
    config: &str,
    host: &JObject<'_>,
    injected: Injected,
    environment: Environment,
) -> Result<i64> {
    let log = logging::attach(env)?;
    let host = HostObject::new(env, host)?;
    let engine = Engine::open_with(config, injected, environment, &mut JniHost::new(&host))?;
    let open = Arc::new(Open { engine, host, _log: log });
    let mut registry = registry();
    let handle = unused_handle(&registry);
    registry.insert(handle, open);
    Ok(handle)
}

/// Uses that `SyncHost` for one call, without an engine.
pub(crate) fn without_engine<T>(
    env: &mut Env<'_>,
    host: &JObject<'_>,
    work: impl FnOnce(&mut dyn Host) -> Result<T>,
) -> Result<T> {
    let _log = logging::attach(env)?;
    work(&mut JniHost::new(&HostObject::new(env, host)?))
}

/// Calls the engine with its host. Refused inside a callback of the same engine, whose transaction is open.
pub(crate) fn with_host<T>(handle: i64, work: impl FnOnce(&Engine, &mut dyn Host) -> Result<T>) -> Result<T> {
    find(handle)?.with_host(handle, work)
}

/// Calls the engine without its host: possible everywhere, also inside a callback.
pub(crate) fn with_engine<T>(handle: i64, work: impl FnOnce(&Engine) -> Result<T>) -> Result<T> {
    work(&find(handle)?.engine)
}

/// Closes the engine: cancels its runs, waits for them, joins its threads. Blocks as long as a host call does.
pub(crate) fn close(handle: i64) -> Result<()> {
    let _inside = Inside::enter(handle)?;
    let open = registry().remove(&handle).ok_or_else(closed)?;
    open.engine.close()
}

/// Errors: `Closed`.
pub(crate) fn find(handle: i64) -> Result<Arc<Open>> {
    registry().get(&handle).cloned().ok_or_else(closed)
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "this engine has been closed; open a new one")
}

/// Only a map is guarded, which no panic leaves half done.
fn registry() -> MutexGuard<'static, HashMap<i64, Arc<Open>>> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Random, so that a handle cannot be guessed from another; never 0, which Java has before it opens.
fn unused_handle(registry: &HashMap<i64, Arc<Open>>) -> i64 {
    loop {
        let handle = Uuid::new_v4().as_u64_pair().0.cast_signed();
        if handle != 0 && !registry.contains_key(&handle) {
            return handle;
        }
    }
}

/// Marks this thread as being inside an engine for as long as it lives.
struct Inside(i64);

impl Inside {
    fn enter(handle: i64) -> Result<Inside> {
        INSIDE.with_borrow_mut(|inside| {
            if inside.contains(&handle) {
                let message = "called by the host from inside a call of the same engine, which it would wait for; \
                               only status() and cancel() can be used there";
                return Err(Error::new(ErrorKind::AlreadyRunning, message));
            }
            inside.push(handle);
            Ok(Inside(handle))
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(|inside| inside.retain(|handle| *handle != self.0));
    }
}
