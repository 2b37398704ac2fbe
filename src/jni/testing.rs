//! Entry points of `org.openmrs.sync2.NativeTesting`, which only test builds have: panics on purpose, every kind of
//! error, every call of a host.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObject, JString};

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, ObjectId, Representation};
use crate::host::{Host, Removal};
use crate::store::{SqlValue, Transaction};
use crate::testing::{many_events, store_contract};

use super::errors::ThrowSyncException;
use super::host::{HostObject, JniHost};

/// Returns values that must come out of Java as they went in: the limits of each type, characters that JNI encodes in its own way.
fn awkward_values() -> Vec<SqlValue> {
    vec![
        SqlValue::Null,
        SqlValue::Int(i64::MIN),
        SqlValue::Int(i64::MAX),
        SqlValue::Text(String::new()),
        SqlValue::Text("nul \0, ä, 漢, 😀".to_owned()),
        SqlValue::Bytes(Vec::new()),
        SqlValue::Bytes((0..=255).collect()),
    ]
}

#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_panic(mut env: EnvUnowned<'_>, _: JClass<'_>) {
    env.with_env(|_| -> Result<()> { panic!("on purpose") }).resolve::<ThrowSyncException>()
}

/// Panics inside a transaction of the host.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_panicInTransaction<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
) {
    env.with_env(|env| -> Result<()> {
        let host = HostObject::new(env, &host)?;
        let mut host = JniHost::new(&host);
        host.begin()?;
        panic!("on purpose")
    })
    .resolve::<ThrowSyncException>()
}

/// The names of all kinds of error, separated by spaces.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_errorKinds<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> JString<'local> {
    let names: Vec<&str> = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
    env.with_env(|env| Ok::<_, Error>(env.new_string(names.join(" "))?)).resolve::<ThrowSyncException>()
}

/// Fails with that kind of error.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_fail<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    kind: JString<'local>,
) {
    env.with_env(|env| -> Result<()> {
        let kind = ErrorKind::parse(&kind.try_to_string(env)?).expect("a kind of error");
        let wait = std::time::Duration::from_millis(1500);
        Err(Error::new(kind, "on purpose").at("http://127.0.0.1/").after(wait))
    })
    .resolve::<ThrowSyncException>()
}

/// Calls every method of the host once or more and answers with what came back, one line per call.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_callHost<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let host = HostObject::new(env, &host)?;
        let lines = call_every_method(&mut JniHost::new(&host))?;
        Ok::<_, Error>(env.byte_array_from_slice(lines.join("\n").as_bytes())?)
    })
    .resolve::<ThrowSyncException>()
}

fn call_every_method(host: &mut dyn Host) -> Result<Vec<String>> {
    let values = awkward_values();
    let patient = ObjectId { category: Category::parse("patient").expect("known"), uuid: "p-1".to_owned() };
    let absent = ObjectId { uuid: "absent".to_owned(), ..patient.clone() };
    let removed = ObjectId { uuid: "removed".to_owned(), ..patient.clone() };
    let dialect = host.dialect();
    let removal = Removal { action: Action::Voided, reason: "entered twice".to_owned() };
    host.begin()?;
    let updated = host.update("UPDATE ?", &values)?;
    let batch = host.update_all("INSERT ?", &[values.clone(), Vec::new(), values.clone()])?;
    let rows = host.query("SELECT ?", &values)?;
    host.save(Representation::Fhir, &patient, "{\"ä\":1}".as_bytes())?;
    host.remove(Representation::Rest, &patient, &removal)?;
    host.clear()?;
    host.expect_reads(Representation::Fhir, &[patient.clone(), absent.clone()])?;
    let present = host.read(Representation::Fhir, &patient, true)?;
    let absent_read = host.read(Representation::Fhir, &absent, false)?;
    let removed_read = host.read(Representation::Rest, &removed, false)?;
    let dependents = host.dependents(&patient)?;
    let why_removed = host.why_removed(&[patient.clone(), removed])?;
    let exists = host.exists(&[patient, absent])?;
    host.commit()?;
    host.rollback();
    Ok(vec![
        format!("{dialect:?}"),
        format!("{updated}"),
        format!("{batch:?}"),
        format!("{}", rows == vec![values, Vec::new()]),
        format!("{present:?}"),
        format!("{absent_read:?}"),
        format!("{removed_read:?}"),
        format!("{exists:?}"),
        format!("{dependents:?}"),
        format!("{why_removed:?}"),
    ])
}

/// Saves one object; what the host throws comes back as the engine sees it: `kind: message`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_errorOfSave<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
) -> JString<'local> {
    env.with_env(|env| {
        let host = HostObject::new(env, &host)?;
        let patient = ObjectId { category: Category::parse("patient").expect("known"), uuid: "p-1".to_owned() };
        let answer = match JniHost::new(&host).save(Representation::Fhir, &patient, b"{}") {
            Ok(()) => "saved".to_owned(),
            Err(error) => match &error.namesake {
                Some(namesake) => format!("{error}, beside '{}' {}", namesake.name, namesake.uuid),
                None => error.to_string(),
            },
        };
        Ok::<_, Error>(env.new_string(answer)?)
    })
    .resolve::<ThrowSyncException>()
}

/// Logs the message at level `info` on the calling thread and on one that the JVM does not know.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_log<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    message: JString<'local>,
) {
    env.with_env(|env| {
        let message = message.try_to_string(env)?;
        log::info!("{message} on the calling thread");
        log::debug!("{message} in detail");
        log::info!(target: "another_crate", "{message} from another crate");
        std::thread::spawn(move || log::info!("{message} on another thread")).join().expect("logging does not panic");
        Ok::<_, Error>(())
    })
    .resolve::<ThrowSyncException>()
}

/// The names of the store's promises, one per line.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_storePromises<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> JString<'local> {
    env.with_env(|env| {
        let names: Vec<_> = store_contract::promises().collect();
        Ok::<_, Error>(env.new_string(names.join("\n"))?)
    })
    .resolve::<ThrowSyncException>()
}

/// Holds the host's database against the promise of this name. A broken one panics.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_keepStorePromise<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    name: JString<'local>,
    host: JObject<'local>,
) {
    env.with_env(|env| {
        let name = name.try_to_string(env)?;
        let host = HostObject::new(env, &host)?;
        store_contract::keep(&name, &mut JniHost::new(&host))
    })
    .resolve::<ThrowSyncException>()
}

/// Fills the lists' tables of the host's empty database with so many rows and checks that no list is sorted; how many plans
/// there were. One that sorts panics.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_checkListPlans<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
    rows: jni::sys::jlong,
) -> jni::sys::jlong {
    env.with_env(|env| {
        let host = HostObject::new(env, &host)?;
        Ok::<_, Error>(store_contract::lists_are_not_sorted(&mut JniHost::new(&host), rows)? as i64)
    })
    .resolve::<ThrowSyncException>()
}

/// Fills the lists' tables of the host's empty database with so many messages; the milliseconds of each list, as JSON.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_listMilliseconds<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
    messages: jni::sys::jlong,
) -> JString<'local> {
    env.with_env(|env| {
        let host = HostObject::new(env, &host)?;
        let milliseconds = store_contract::list_milliseconds(&mut JniHost::new(&host), messages)?;
        Ok::<_, Error>(env.new_string(milliseconds.to_string())?)
    })
    .resolve::<ThrowSyncException>()
}

/// Does in the tables of the host's database what a pull of so many events does, after the first `passed`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_org_openmrs_sync2_NativeTesting_pullEvents<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    host: JObject<'local>,
    passed: jni::sys::jlong,
    events: jni::sys::jlong,
) {
    env.with_env(|env| {
        let host = HostObject::new(env, &host)?;
        many_events::pull(&mut JniHost::new(&host), passed.unsigned_abs(), events.unsigned_abs())
    })
    .resolve::<ThrowSyncException>()
}
