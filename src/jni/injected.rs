//! Clients and filters of the Java side, as the engine calls them: on the Java thread that called the engine. The Java
//! class `Injected` calls them in types that cross the boundary.

use std::collections::HashSet;
use std::sync::Arc;

use jni::objects::{JByteArray, JClass, JObject, JObjectArray, JString, JValue};
use jni::refs::{Global, Reference};
use jni::{Env, JavaVM, jni_sig, jni_str};
use serde_json::Value;

use crate::engine::Injected;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Event, ObjectId, Representation};
use crate::filter::HostFilter;
use crate::json;
use crate::resource::{Document, Fetched, HostClient, Json, Place};

use super::errors;

/// Local references that a frame is made for; the JVM adds more when a call needs them.
const FRAME: usize = 16;

/// The names in `SyncFetched` of an object that is here, and one that is gone. Everything else is a kind of error.
const DOCUMENT: &str = "Document";
const GONE: &str = "Gone";

/// A Java object, and the class that calls it.
struct Callee {
    object: Global<JObject<'static>>,
    bridge: Arc<Global<JClass<'static>>>,
}

/// Holds these clients and filters, and asks the clients what they serve.
///
/// Errors: `Configuration` when one of them is null or throws.
pub(crate) fn injected(env: &mut Env<'_>, clients: &JObjectArray<'_>, filters: &JObjectArray<'_>) -> Result<Injected> {
    let class = env.find_class(jni_str!("org/openmrs/sync2/Injected"))?;
    let bridge = Arc::new(env.new_global_ref(&class)?);
    let mut injected = Injected::default();
    for callee in callees(env, clients, &bridge)? {
        injected.host_clients.push(Arc::new(JavaClient::of(env, callee)?));
    }
    for callee in callees(env, filters, &bridge)? {
        injected.host_filters.push(Arc::new(JavaFilter(callee)));
    }
    Ok(injected)
}

fn callees(
    env: &mut Env<'_>,
    objects: &JObjectArray<'_>,
    bridge: &Arc<Global<JClass<'static>>>,
) -> Result<Vec<Callee>> {
    (0..objects.len(env)?)
        .map(|index| {
            env.with_local_frame(FRAME, |env| {
                let object = objects.get_element(env, index)?;
                if object.is_null() {
                    return Err(Error::new(ErrorKind::Configuration, "a client or filter that is to be used is null"));
                }
                Ok(Callee { object: env.new_global_ref(&object)?, bridge: bridge.clone() })
            })
        })
        .collect()
}

/// A `SyncClient`.
struct JavaClient {
    callee: Callee,
    name: String,
    served: HashSet<(Representation, Category)>,
}

impl JavaClient {
    fn of(env: &mut Env<'_>, callee: Callee) -> Result<JavaClient> {
        let mut client = JavaClient { callee, name: String::new(), served: HashSet::new() };
        client.name = client.asked_name(env)?;
        for representation in [Representation::Fhir, Representation::Rest] {
            for category in Category::all().filter(|category| category.has(representation)) {
                if client.asked_whether_it_serves(env, representation, category)? {
                    client.served.insert((representation, category));
                }
            }
        }
        Ok(client)
    }

    fn asked_name(&self, env: &mut Env<'_>) -> Result<String> {
        env.with_local_frame(FRAME, |env| {
            let arguments = [JValue::Object(&self.callee.object)];
            let signature = jni_sig!("(Lorg/openmrs/sync2/SyncClient;)Ljava/lang/String;");
            let name = env.call_static_method(&*self.callee.bridge, jni_str!("name"), signature, &arguments);
            let name = answered(env, name).map_err(at_open)?.into_object()?;
            let name = env.cast_local::<JString>(name)?;
            Ok(name.try_to_string(env)?)
        })
    }

    fn asked_whether_it_serves(
        &self,
        env: &mut Env<'_>,
        representation: Representation,
        category: Category,
    ) -> Result<bool> {
        env.with_local_frame(FRAME, |env| {
            let (representation, category) = (env.new_string(representation.name())?, env.new_string(category.name())?);
            let arguments = [JValue::Object(&self.callee.object), (&representation).into(), (&category).into()];
            let signature = jni_sig!("(Lorg/openmrs/sync2/SyncClient;Ljava/lang/String;Ljava/lang/String;)Z");
            let serves = env.call_static_method(&*self.callee.bridge, jni_str!("serves"), signature, &arguments);
            Ok(answered(env, serves).map_err(at_open)?.into_bool()?)
        })
    }

    fn fetched(
        &self,
        env: &mut Env<'_>,
        representation: Representation,
        category: Category,
        uuids: &[String],
    ) -> Result<Vec<Fetched>> {
        let (written, name) = (env.new_string(representation.name())?, env.new_string(category.name())?);
        let asked = strings(env, uuids)?;
        let arguments = [JValue::Object(&self.callee.object), (&written).into(), (&name).into(), (&asked).into()];
        let signature = jni_sig!(
            "(Lorg/openmrs/sync2/SyncClient;Ljava/lang/String;Ljava/lang/String;[Ljava/lang/String;)[[Ljava/lang/Object;"
        );
        let rows = env.call_static_method(&*self.callee.bridge, jni_str!("fetch"), signature, &arguments);
        let rows = answered(env, rows)?.into_object()?;
        let rows = env.cast_local::<JObjectArray<JObjectArray>>(rows)?;
        let count = rows.len(env)?;
        (0..count)
            .map(|index| {
                env.with_local_frame(FRAME, |env| {
                    let row = rows.get_element(env, index)?;
                    self.row(env, &row, representation)
                })
            })
            .collect()
    }

    /// One row of `SyncFetched`: kind, document, address, message.
    fn row(&self, env: &mut Env<'_>, row: &JObjectArray<'_>, representation: Representation) -> Result<Fetched> {
        let kind = text(env, row, 0)?.unwrap_or_default();
        let url = text(env, row, 2)?;
        match kind.as_str() {
            DOCUMENT => {
                let bytes = row.get_element(env, 1)?;
                let bytes = env.cast_local::<JByteArray>(bytes)?;
                Ok(self.document(representation, url.unwrap_or_default(), &env.convert_byte_array(&bytes)?))
            }
            GONE => Ok(Fetched::Gone { url: url.unwrap_or_default(), reason: None }),
            kind => Ok(Fetched::Failed(Error {
                url,
                ..Error::new(errors::kind_named(kind), text(env, row, 3)?.unwrap_or_default())
            })),
        }
    }

    fn document(&self, representation: Representation, url: String, bytes: &[u8]) -> Fetched {
        match json::read::<Value>(bytes) {
            Ok(json) => {
                let client = self.name.as_str().into();
                Fetched::Document(Document {
                    representation,
                    client,
                    url,
                    json: Json::from(json),
                    place: Place::default(),
                })
            }
            Err(why) => {
                let message = format!("the client {} answers with a document that cannot be used: {why}", self.name);
                Fetched::Failed(Error::new(ErrorKind::Malformed, message).at(url))
            }
        }
    }
}

impl HostClient for JavaClient {
    fn name(&self) -> &str {
        &self.name
    }

    fn serves(&self, representation: Representation, category: Category) -> bool {
        self.served.contains(&(representation, category))
    }

    fn fetch(&self, representation: Representation, category: Category, uuids: &[String]) -> Result<Vec<Fetched>> {
        upcall(|env| self.fetched(env, representation, category, uuids))
    }
}

/// A `SyncFilter`.
struct JavaFilter(Callee);

impl HostFilter for JavaFilter {
    fn wants_event(&self, object: &ObjectId, event: &Event) -> Result<bool> {
        upcall(|env| {
            let (category, uuid) = (env.new_string(object.category.name())?, env.new_string(&object.uuid)?);
            let action = env.new_string(event.action.name())?;
            let tags = strings(env, &event.tags)?;
            let arguments =
                [JValue::Object(&self.0.object), (&category).into(), (&uuid).into(), (&action).into(), (&tags).into()];
            let signature = jni_sig!(
                "(Lorg/openmrs/sync2/SyncFilter;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[Ljava/lang/String;)Z"
            );
            let wanted = env.call_static_method(&*self.0.bridge, jni_str!("wantsEvent"), signature, &arguments);
            Ok(answered(env, wanted)?.into_bool()?)
        })
    }

    fn wants_document(&self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<bool> {
        upcall(|env| {
            let representation = env.new_string(representation.name())?;
            let (category, uuid) = (env.new_string(object.category.name())?, env.new_string(&object.uuid)?);
            let json = env.byte_array_from_slice(document)?;
            let arguments = [
                JValue::Object(&self.0.object),
                (&representation).into(),
                (&category).into(),
                (&uuid).into(),
                (&json).into(),
            ];
            let signature =
                jni_sig!("(Lorg/openmrs/sync2/SyncFilter;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[B)Z");
            let wanted = env.call_static_method(&*self.0.bridge, jni_str!("wantsDocument"), signature, &arguments);
            Ok(answered(env, wanted)?.into_bool()?)
        })
    }
}

/// A call into Java with a frame of its own. The thread is the Java thread that called the engine.
fn upcall<T>(work: impl FnOnce(&mut Env<'_>) -> Result<T>) -> Result<T> {
    JavaVM::singleton()?.with_local_frame(FRAME, work)
}

/// The answer, or what Java threw, with its kind.
fn answered<T>(env: &mut Env<'_>, answer: jni::errors::Result<T>) -> Result<T> {
    match errors::take_pending(env) {
        Some(thrown) => Err(errors::typed(env, &thrown)),
        None => Ok(answer?),
    }
}

fn at_open(error: Error) -> Error {
    Error::new(ErrorKind::Configuration, format!("a client cannot say what it serves: {}", error.message))
}

fn strings<'local>(env: &mut Env<'local>, texts: &[String]) -> Result<JObjectArray<'local, JString<'local>>> {
    let array = JObjectArray::<JString>::new(env, texts.len(), JString::null())?;
    for (index, text) in texts.iter().enumerate() {
        let text = env.new_string(text)?;
        array.set_element(env, index, &text)?;
        env.delete_local_ref(text);
    }
    Ok(array)
}

fn text(env: &mut Env<'_>, row: &JObjectArray<'_>, column: usize) -> Result<Option<String>> {
    let value = row.get_element(env, column)?;
    if value.is_null() {
        return Ok(None);
    }
    let text = env.cast_local::<JString>(value)?;
    Ok(Some(text.try_to_string(env)?))
}
