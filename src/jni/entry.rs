//! The functions that `org.openmrs.sync2.Native` declares. Each one turns its arguments into Rust's, calls the engine
//! and turns the answer back; an error or a panic becomes an exception.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObject, JObjectArray, JString};
use jni::sys::jlong;
use jni::{Env, refs::Reference};
use serde::Serialize;

use crate::engine::{AuditQuery, Engine};
use crate::error::{Error, ErrorKind, Result};

use super::errors::ThrowSyncException;
use super::handle;

/// The most rows of a list that one call answers.
const MAX_LIMIT: u64 = 1000;

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_checkConfig(
    mut env: EnvUnowned<'_>,
    _: JClass<'_>,
    config: JByteArray<'_>,
) {
    env.with_env(|env| Engine::check_config(&text(env, &config)?)).resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_open<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    config: JByteArray<'local>,
    host: JObject<'local>,
) -> jlong {
    env.with_env(|env| {
        let config = text(env, &config)?;
        handle::open(env, &config, &host)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_pull<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let report = handle::with_host(handle, |engine, host| engine.pull(host))?;
        json(env, &report)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_status<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let status = handle::with_engine(handle, Engine::status)?;
        json(env, &status)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_cancel(mut env: EnvUnowned<'_>, _: JClass<'_>, handle: jlong) {
    env.with_env(|_| {
        handle::with_engine(handle, |engine| {
            engine.cancel();
            Ok(())
        })
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_audit<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    query: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let query: AuditQuery = serde_json::from_str(&text(env, &query)?)
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("the audit query is wrong: {error}")))?;
        let messages = handle::with_host(handle, |engine, host| engine.audit(host, &query))?;
        json(env, &messages)
    })
    .resolve::<ThrowSyncException>()
}

/// The entry point of one object by its id: null when there is none.
macro_rules! one_by_id {
    ($entry:ident, $find:ident) => {
        #[unsafe(no_mangle)]
        pub extern "system" fn $entry<'local>(
            mut env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
            id: JString<'local>,
        ) -> JByteArray<'local> {
            env.with_env(|env| {
                let id = id.try_to_string(env)?;
                match handle::with_host(handle, |engine, host| engine.$find(host, &id))? {
                    Some(found) => json(env, &found),
                    None => Ok(JByteArray::null()),
                }
            })
            .resolve::<ThrowSyncException>()
        }
    };
}

one_by_id!(Java_org_openmrs_sync2_Native_auditMessage, audit_message);
one_by_id!(Java_org_openmrs_sync2_Native_run, run);

/// The entry point of a list that is paged by limit and offset.
macro_rules! paged_list {
    ($entry:ident, $list:ident) => {
        #[unsafe(no_mangle)]
        pub extern "system" fn $entry<'local>(
            mut env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
            limit: jlong,
            offset: jlong,
        ) -> JByteArray<'local> {
            env.with_env(|env| {
                let page = Page::new(limit, offset)?;
                let rows = handle::with_host(handle, |engine, host| engine.$list(host, page.limit, page.offset))?;
                json(env, &rows)
            })
            .resolve::<ThrowSyncException>()
        }
    };
}

paged_list!(Java_org_openmrs_sync2_Native_runs, runs);
paged_list!(Java_org_openmrs_sync2_Native_parked, parked);
paged_list!(Java_org_openmrs_sync2_Native_conflicts, conflicts);
paged_list!(Java_org_openmrs_sync2_Native_markers, markers);

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_retry<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    audit_uuids: JObjectArray<'local, JString<'local>>,
) -> jlong {
    env.with_env(|env| {
        let uuids = texts(env, &audit_uuids)?;
        let retried = handle::with_host(handle, |engine, host| engine.retry(host, &uuids))?;
        Ok::<_, Error>(i64::try_from(retried).unwrap_or(i64::MAX))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_close(mut env: EnvUnowned<'_>, _: JClass<'_>, handle: jlong) {
    env.with_env(|_| handle::close(handle)).resolve::<ThrowSyncException>()
}

/// A page of a list.
struct Page {
    limit: u64,
    offset: u64,
}

impl Page {
    fn new(limit: jlong, offset: jlong) -> Result<Page> {
        match (u64::try_from(limit), u64::try_from(offset)) {
            (Ok(limit @ 1..=MAX_LIMIT), Ok(offset)) => Ok(Page { limit, offset }),
            _ => Err(Error::new(
                ErrorKind::Configuration,
                format!("limit is 1 to {MAX_LIMIT} and offset not negative; got {limit} and {offset}"),
            )),
        }
    }
}

/// Text crosses as UTF-8 bytes where it can be long: JNI's own strings are in a modified UTF-8.
fn text(env: &Env<'_>, utf8: &JByteArray<'_>) -> Result<String> {
    if utf8.is_null() {
        return Err(Error::new(ErrorKind::Configuration, "a text is needed; it was given null"));
    }
    String::from_utf8(env.convert_byte_array(utf8)?)
        .map_err(|_| Error::new(ErrorKind::Configuration, "a text that is not UTF-8"))
}

fn texts(env: &mut Env<'_>, array: &JObjectArray<'_, JString<'_>>) -> Result<Vec<String>> {
    let count = array.len(env)?;
    (0..count)
        .map(|index| {
            let element = array.get_element(env, index)?;
            let text = element.try_to_string(env)?;
            env.delete_local_ref(element);
            Ok(text)
        })
        .collect()
}

fn json<'local>(env: &mut Env<'local>, value: &impl Serialize) -> Result<JByteArray<'local>> {
    let json = serde_json::to_vec(value)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("an answer could not be written: {error}")))?;
    Ok(env.byte_array_from_slice(&json)?)
}
