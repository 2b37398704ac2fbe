//! The functions that `org.openmrs.sync2.Native` declares. Each one turns its arguments into Rust's, calls the engine
//! and turns the answer back; an error or a panic becomes an exception.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObject, JObjectArray, JString};
use jni::sys::{jint, jlong};
use jni::{Env, refs::Reference};
use serde::Serialize;

use crate::api;
use crate::api::refusal::status_of;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Category;
use crate::store::outbox;
use crate::store::runs::RunId;

use super::errors::ThrowSyncException;
use super::handle;
use super::host::dialect;
use super::injected::injected;
use super::json::{account_of, environment, kinds, listening_step, wanted_run};
use super::node;

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_checkConfig<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    config: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let warnings = Engine::check_config(&text(env, &config)?)?;
        json(env, &warnings)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_storedConfiguration<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let stored = handle::without_engine(env, &host, |host| Engine::stored_configuration(host))?;
        stored.map_or(Ok(JByteArray::null()), |document| Ok(env.byte_array_from_slice(document.as_bytes())?))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_storeConfiguration<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
    document: JByteArray<'local>,
) {
    env.with_env(|env| {
        let document = text(env, &document)?;
        handle::without_engine(env, &host, |host| Engine::store_configuration(host, &document))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_restView<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    category: JString<'local>,
) -> JString<'local> {
    env.with_env(|env| {
        let category = category.try_to_string(env)?;
        match Category::parse(&category) {
            Some(category) => Ok(env.new_string(category.rest_view())?),
            None => Err(Error::new(ErrorKind::Configuration, format!("there is no category {category:?}"))),
        }
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_kinds<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| json(env, &kinds())).resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_outboxInsert<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    database_product: JString<'local>,
) -> JString<'local> {
    env.with_env(|env| {
        let dialect = dialect(&name(env, &database_product)?)?;
        Ok(env.new_string(outbox::insert_statement(dialect))?)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_open<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    config: JByteArray<'local>,
    host: JObject<'local>,
    settings: JByteArray<'local>,
    clients: JObjectArray<'local>,
    filters: JObjectArray<'local>,
) -> jlong {
    env.with_env(|env| {
        let config = text(env, &config)?;
        let environment = environment(&text(env, &settings)?)?;
        let injected = injected(env, &clients, &filters)?;
        handle::open(env, &config, &host, injected, environment)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_answer<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    program: JObject<'local>,
    request: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let (node, request) = node::read(handle, &program, &bytes(env, &request)?)?;
        let answer = api::answer(&node, &request);
        Ok::<_, Error>(env.byte_array_from_slice(&node::write(&answer))?)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_httpStatus<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    kind: JString<'local>,
) -> jint {
    env.with_env(|env| {
        let kind = ErrorKind::parse(&name(env, &kind)?).unwrap_or(ErrorKind::Internal);
        Ok::<_, Error>(jint::from(status_of(kind)))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_announce<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    wanted: JByteArray<'local>,
) -> JString<'local> {
    env.with_env(|env| {
        let wanted = wanted_run(&text(env, &wanted)?)?;
        let id = handle::with_engine(handle, |engine| engine.announce(wanted))?;
        Ok::<_, Error>(env.new_string(id.to_string())?)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_withdraw<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    run_id: JString<'local>,
    why: JString<'local>,
) {
    env.with_env(|env| {
        let id = RunId::parse(&name(env, &run_id)?)?;
        let why = Error::new(ErrorKind::Closed, name(env, &why)?);
        handle::with_engine(handle, |engine| {
            engine.withdraw(id, &why);
            Ok(())
        })
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_perform<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    run_id: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let id = RunId::parse(&name(env, &run_id)?)?;
        let report = handle::with_host(handle, |engine, host| engine.perform(id, host))?;
        json(env, &report)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_readObjects<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    account: JByteArray<'local>,
    lines: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let (account, lines) = (account_of(&text(env, &account)?)?, bytes(env, &lines)?);
        let answers = handle::with_host(handle, |engine, host| engine.read_objects(host, account, &lines))?;
        Ok::<_, Error>(env.byte_array_from_slice(&answers)?)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_applyObjects<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    account: JByteArray<'local>,
    child_node: JString<'local>,
    lines: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let account = account_of(&text(env, &account)?)?;
        let (child_node, lines) = (name(env, &child_node)?, bytes(env, &lines)?);
        let answers =
            handle::with_host(handle, |engine, host| engine.apply_objects(host, account, &child_node, &lines))?;
        Ok::<_, Error>(env.byte_array_from_slice(&answers)?)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_endExchange<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    child_node: JString<'local>,
) {
    env.with_env(|env| {
        let child_node = name(env, &child_node)?;
        handle::with_host(handle, |engine, host| engine.end_exchange(host, &child_node))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_listening<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    step: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let step = listening_step(&text(env, &step)?)?;
        let left = handle::with_host(handle, |engine, host| engine.listening(host, &step))?;
        json(env, &left)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_mostOpenExchanges(
    mut env: EnvUnowned<'_>,
    _: JClass<'_>,
    handle: jlong,
) -> jint {
    env.with_env(|_| {
        let most = handle::with_engine(handle, Engine::most_open_exchanges)?;
        Ok::<_, Error>(jint::try_from(most).unwrap_or(jint::MAX))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_largestLine(
    mut env: EnvUnowned<'_>,
    _: JClass<'_>,
    handle: jlong,
) -> jlong {
    env.with_env(|_| {
        let largest = handle::with_engine(handle, Engine::largest_line)?;
        Ok::<_, Error>(i64::try_from(largest).unwrap_or(i64::MAX))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_Native_close(
    mut env: EnvUnowned<'_>,
    _: JClass<'_>,
    handle: jlong,
) {
    env.with_env(|_| handle::close(handle)).resolve::<ThrowSyncException>()
}

/// Text crosses as UTF-8 bytes where it can be long: JNI's own strings are in a modified UTF-8.
fn text(env: &Env<'_>, utf8: &JByteArray<'_>) -> Result<String> {
    String::from_utf8(bytes(env, utf8)?).map_err(|_| Error::new(ErrorKind::Configuration, "a text that is not UTF-8"))
}

fn bytes(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Vec<u8>> {
    if array.is_null() {
        return Err(given_null());
    }
    Ok(env.convert_byte_array(array)?)
}

fn given_null() -> Error {
    Error::new(ErrorKind::Configuration, "a text is needed; it was given null")
}

/// A short text, such as an id.
fn name(env: &Env<'_>, text: &JString<'_>) -> Result<String> {
    if text.is_null() {
        return Err(given_null());
    }
    Ok(text.try_to_string(env)?)
}

fn json<'local>(env: &mut Env<'local>, value: &impl Serialize) -> Result<JByteArray<'local>> {
    let json = serde_json::to_vec(value)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("an answer could not be written: {error}")))?;
    Ok(env.byte_array_from_slice(&json)?)
}
