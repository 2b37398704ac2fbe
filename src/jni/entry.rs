//! The functions that `org.openmrs.sync2.Native` declares. Each one turns its arguments into Rust's, calls the engine
//! and turns the answer back; an error or a panic becomes an exception.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObject, JObjectArray, JString};
use jni::sys::jlong;
use jni::{Env, refs::Reference};
use serde::Serialize;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::feed::own::FeedRequest;
use crate::identity::NodeChoice;
use crate::store::audit::AuditMessage;
use crate::store::listing::Listed;
use crate::store::outbox;
use crate::store::runs::RunId;

use super::errors::ThrowSyncException;
use super::handle;
use super::host::dialect;
use super::injected::injected;
use super::json::{
    self as written, AuditDetail, MarkerRow, account_of, audit_query, environment, listening_step, object,
};

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_checkConfig<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_storedConfiguration<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_storeConfiguration<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_restView<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_outboxInsert<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_open<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_pull<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    run_id: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let id = RunId::parse(&name(env, &run_id)?)?;
        let report = handle::with_host(handle, |engine, host| engine.pull_as(id, host))?;
        json(env, &report)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_push<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    run_id: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let id = RunId::parse(&name(env, &run_id)?)?;
        let report = handle::with_host(handle, |engine, host| engine.push_as(id, host))?;
        json(env, &report)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_checkPull<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    env.with_env(|_| handle::with_engine(handle, |engine| engine.check_run(Direction::Pull)))
        .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_checkPush<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    env.with_env(|_| handle::with_engine(handle, |engine| engine.check_run(Direction::Push)))
        .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_checkObject<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    category: JString<'local>,
    uuid: JString<'local>,
) {
    env.with_env(|env| {
        let object = object(&name(env, &category)?, name(env, &uuid)?)?;
        handle::with_engine(handle, |engine| engine.check_object(&object))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_pullObject<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    run_id: JString<'local>,
    category: JString<'local>,
    uuid: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let id = RunId::parse(&name(env, &run_id)?)?;
        let object = object(&name(env, &category)?, name(env, &uuid)?)?;
        let report = handle::with_host(handle, |engine, host| engine.pull_object_as(id, &object, host))?;
        json(env, &report)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_connectionTest<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    env.with_env(|env| {
        // Refused inside a callback, as what has a host: its transaction would wait for the network.
        let test = handle::with_host(handle, |engine, _| engine.connection_test())?;
        json(env, &test)
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
    env.with_env(|_| handle::with_engine(handle, Engine::cancel)).resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_audit<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    query: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let query = audit_query(&text(env, &query)?)?;
        let messages = handle::with_host(handle, |engine, host| engine.audit(host, &query))?;
        json(env, &messages.into_iter().map(listed).collect::<Vec<_>>())
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_auditMessage<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    uuid: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let uuid = name(env, &uuid)?;
        let found = handle::with_host(handle, |engine, host| engine.audit_message(host, &uuid))?;
        json_or_null(env, found.map(AuditDetail::from))
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_run<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    id: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let id = name(env, &id)?;
        let found = handle::with_host(handle, |engine, host| engine.run(host, &id))?;
        json_or_null(env, found)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_markers<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let positions = handle::with_host(handle, Engine::markers)?;
        json(env, &positions.into_iter().map(MarkerRow::from).collect::<Vec<_>>())
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_chooseNode<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    choice: JString<'local>,
) -> JString<'local> {
    env.with_env(|env| {
        let choice = NodeChoice::parse(&name(env, &choice)?)?;
        let id = handle::with_host(handle, |engine, host| engine.choose_node(host, choice))?;
        Ok(env.new_string(id)?)
    })
    .resolve::<ThrowSyncException>()
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_org_openmrs_sync2_Native_feedPage<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    url: JString<'local>,
    if_none_match: JString<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let known = if if_none_match.is_null() { None } else { Some(name(env, &if_none_match)?) };
        let request = FeedRequest::of(&name(env, &url)?, known.as_deref())?;
        let page = handle::with_host(handle, |engine, host| engine.feed_page(host, &request))?;
        json(env, &page)
    })
    .resolve::<ThrowSyncException>()
}

/// The entry point of a list that is paged by limit, and by offset or by the cursor of a row.
macro_rules! paged_list {
    ($entry:ident, $list:ident) => {
        #[unsafe(no_mangle)]
        pub extern "system" fn $entry<'local>(
            mut env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
            limit: jlong,
            offset: jlong,
            after: JString<'local>,
        ) -> JByteArray<'local> {
            env.with_env(|env| {
                let after = if after.is_null() { None } else { Some(name(env, &after)?) };
                let (page, limit) = (written::page(offset, after.as_deref())?, written::limit(limit)?);
                let rows = handle::with_host(handle, |engine, host| engine.$list(host, &page, limit))?;
                json(env, &rows)
            })
            .resolve::<ThrowSyncException>()
        }
    };
}

paged_list!(Java_org_openmrs_sync2_Native_runs, list_runs);
paged_list!(Java_org_openmrs_sync2_Native_parked, list_parked);
paged_list!(Java_org_openmrs_sync2_Native_conflicts, list_conflicts);

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
pub extern "system" fn Java_org_openmrs_sync2_Native_readObjects<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_applyObjects<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_listening<'local>(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_largestLine(
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
pub extern "system" fn Java_org_openmrs_sync2_Native_close(mut env: EnvUnowned<'_>, _: JClass<'_>, handle: jlong) {
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

/// The list of messages goes on after one by its uuid.
fn listed(message: AuditMessage) -> Listed<AuditMessage> {
    Listed { cursor: message.uuid.clone(), row: message }
}

fn json_or_null<'local>(env: &mut Env<'local>, value: Option<impl Serialize>) -> Result<JByteArray<'local>> {
    value.map_or(Ok(JByteArray::null()), |value| json(env, &value))
}

fn json<'local>(env: &mut Env<'local>, value: &impl Serialize) -> Result<JByteArray<'local>> {
    let json = serde_json::to_vec(value)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("an answer could not be written: {error}")))?;
    Ok(env.byte_array_from_slice(&json)?)
}
