//! The engine's `Host` as calls into a Java `SyncHost`, on the thread that called the engine.
//!
//! Each call has a local frame of its own, so that a long run leaves no references behind, and takes what Java throws
//! before it calls JNI again.

use std::marker::PhantomData;

use jni::objects::{
    JBooleanArray, JByteArray, JClass, JLongArray, JMethodID, JObject, JObjectArray, JStaticMethodID, JString,
    JThrowable, JValue, JValueOwned,
};
use jni::refs::{Global, Reference};
use jni::signature::{MethodSignature, Primitive, ReturnType};
use jni::strings::JNIStr;
use jni::{Env, JavaVM, jni_sig, jni_str};

use serde::Deserialize;

use crate::decide::belonging::Place;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};
use crate::host::{Dependent, Host, Removal, Stored};
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction};

use super::errors;

/// Local references that a frame is made for; the JVM adds more when a call needs them.
const FRAME: usize = 16;

/// The longest byte array that is taken from Java.
const MAX_BYTES: usize = 256 << 20;

/// A Java `SyncHost`, and what is needed to call it. The method ids hold as long as the object keeps its class.
pub(crate) struct HostObject {
    object: Global<JObject<'static>>,
    methods: Methods,
    values: Values,
    rejected: Global<JClass<'static>>,
    duplicate: Global<JClass<'static>>,
    dialect: Dialect,
}

/// The methods of `SyncHost`.
struct Methods {
    begin: JMethodID,
    commit: JMethodID,
    rollback: JMethodID,
    save: JMethodID,
    lock: JMethodID,
    record: JMethodID,
    remove: JMethodID,
    dependents: JMethodID,
    why_removed: JMethodID,
    places: JMethodID,
    clear: JMethodID,
    expect_reads: JMethodID,
    read: JMethodID,
    exists: JMethodID,
    list: JMethodID,
    index_behind: JMethodID,
    await_index: JMethodID,
    index_again: JMethodID,
    update: JMethodID,
    update_all: JMethodID,
    query: JMethodID,
}

/// The Java classes of SQL values.
struct Values {
    long: Global<JClass<'static>>,
    value_of: JStaticMethodID,
    long_value: JMethodID,
}

impl HostObject {
    /// Holds that `SyncHost` and asks it for its database.
    pub(crate) fn new(env: &mut Env<'_>, object: &JObject<'_>) -> Result<HostObject> {
        if object.is_null() {
            return Err(Error::new(ErrorKind::Configuration, "an engine needs a SyncHost; it was given null"));
        }
        let class = env.find_class(jni_str!("org/openmrs/sync2/SyncHost"))?;
        Ok(HostObject {
            object: env.new_global_ref(object)?,
            methods: Methods::of(env, &class)?,
            values: Values::find(env)?,
            rejected: global_class(env, jni_str!("org/openmrs/sync2/SyncRejectedException"))?,
            duplicate: global_class(env, jni_str!("org/openmrs/sync2/SyncDuplicateException"))?,
            dialect: dialect(&database_product(env, object)?)?,
        })
    }

    /// The Java exception that is pending, as an error of the host.
    fn caught(&self, env: &mut Env<'_>) -> Error {
        let Some(thrown) = errors::take_pending(env) else {
            return Error::new(ErrorKind::Host, "the host failed and did not say why");
        };
        let kind = self.kind_of(env, &thrown);
        let message = match kind {
            ErrorKind::Host => None,
            _ => errors::message(env, &thrown),
        };
        let error = Error::new(kind, message.unwrap_or_else(|| errors::describe(env, &thrown)));
        match (kind == ErrorKind::Duplicate).then(|| errors::namesake(env, &thrown)).flatten() {
            Some(namesake) => error.beside(namesake),
            None => error,
        }
    }

    fn kind_of(&self, env: &mut Env<'_>, thrown: &JThrowable<'_>) -> ErrorKind {
        let mut is = |class: &Global<JClass<'static>>| env.is_instance_of(thrown, class).unwrap_or(false);
        if is(&self.duplicate) {
            ErrorKind::Duplicate
        } else if is(&self.rejected) {
            ErrorKind::Rejected
        } else {
            ErrorKind::Host
        }
    }
}

impl Methods {
    fn of(env: &mut Env<'_>, class: &JClass<'_>) -> Result<Methods> {
        let mut id = |name: &'static JNIStr, signature: MethodSignature<'static, 'static>| {
            env.get_method_id(class, name, signature)
        };
        Ok(Methods {
            begin: id(jni_str!("begin"), jni_sig!("()V"))?,
            commit: id(jni_str!("commit"), jni_sig!("()V"))?,
            rollback: id(jni_str!("rollback"), jni_sig!("()V"))?,
            save: id(jni_str!("save"), jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[B)V"))?,
            lock: id(
                jni_str!("lock"),
                jni_sig!("([Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/String;)V"),
            )?,
            record: id(
                jni_str!("record"),
                jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[B)[Ljava/lang/String;"),
            )?,
            remove: id(
                jni_str!("remove"),
                jni_sig!(
                    "(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)V"
                ),
            )?,
            dependents: id(jni_str!("dependents"), jni_sig!("(Ljava/lang/String;Ljava/lang/String;)[B"))?,
            why_removed: id(
                jni_str!("whyRemoved"),
                jni_sig!("([Ljava/lang/String;[Ljava/lang/String;)[Ljava/lang/String;"),
            )?,
            places: id(jni_str!("places"), jni_sig!("([Ljava/lang/String;[Ljava/lang/String;)[Ljava/lang/String;"))?,
            clear: id(jni_str!("clear"), jni_sig!("()V"))?,
            expect_reads: id(
                jni_str!("expectReads"),
                jni_sig!("(Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/String;)V"),
            )?,
            read: id(jni_str!("read"), jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Z)[B"))?,
            exists: id(jni_str!("exists"), jni_sig!("([Ljava/lang/String;[Ljava/lang/String;)[Z"))?,
            list: id(jni_str!("list"), jni_sig!("(Ljava/lang/String;Ljava/lang/String;I)[Ljava/lang/String;"))?,
            index_behind: id(jni_str!("indexBehind"), jni_sig!("(Ljava/lang/String;)Z"))?,
            await_index: id(jni_str!("awaitIndex"), jni_sig!("(Ljava/lang/String;)V"))?,
            index_again: id(jni_str!("indexAgain"), jni_sig!("([Ljava/lang/String;[Ljava/lang/String;)V"))?,
            update: id(jni_str!("update"), jni_sig!("(Ljava/lang/String;[Ljava/lang/Object;)J"))?,
            update_all: id(jni_str!("updateAll"), jni_sig!("(Ljava/lang/String;[[Ljava/lang/Object;)[J"))?,
            query: id(jni_str!("query"), jni_sig!("(Ljava/lang/String;[Ljava/lang/Object;)[[Ljava/lang/Object;"))?,
        })
    }
}

fn global_class(env: &mut Env<'_>, name: &JNIStr) -> Result<Global<JClass<'static>>> {
    let class = env.find_class(name)?;
    Ok(env.new_global_ref(&class)?)
}

fn database_product(env: &mut Env<'_>, host: &JObject<'_>) -> Result<String> {
    let answer = env.call_method(host, jni_str!("databaseProduct"), jni_sig!("()Ljava/lang/String;"), &[]);
    if let Some(thrown) = errors::take_pending(env) {
        let why = errors::describe(env, &thrown);
        return Err(Error::new(ErrorKind::Host, format!("the host could not name its database: {why}")));
    }
    let name = env.cast_local::<JString>(answer?.into_object()?)?;
    Ok(if name.is_null() { String::new() } else { name.try_to_string(env)? })
}

/// The database that a JDBC driver names so.
///
/// Errors: `Configuration` when it is none that the statements are written for.
pub(crate) fn dialect(product: &str) -> Result<Dialect> {
    match product {
        "MySQL" | "MariaDB" => Ok(Dialect::MySql),
        "PostgreSQL" => Ok(Dialect::PostgreSql),
        "H2" => Ok(Dialect::H2),
        "SQLite" => Ok(Dialect::Sqlite),
        other => Err(Error::new(
            ErrorKind::Configuration,
            format!("the database {other:?} is not supported; MySQL, MariaDB, PostgreSQL, H2 and SQLite are"),
        )),
    }
}

/// The host for the length of one call of the engine. Rolls back a transaction that a panic left open.
pub(crate) struct JniHost<'open> {
    host: &'open HostObject,
    in_transaction: bool,
    /// The host's transaction belongs to this thread.
    _not_send: PhantomData<*const ()>,
}

impl<'open> JniHost<'open> {
    /// To be used on the Java thread that is calling.
    pub(crate) fn new(host: &'open HostObject) -> JniHost<'open> {
        JniHost { host, in_transaction: false, _not_send: PhantomData }
    }

    fn upcall<T>(&self, work: impl FnOnce(&mut Upcall<'_, '_>) -> Result<T>) -> Result<T> {
        JavaVM::singleton()?.with_local_frame(FRAME, |env| work(&mut Upcall { env, host: self.host }))
    }

    fn upcall_plain(&self, method: JMethodID) -> Result<()> {
        self.upcall(|call| call.run(method, &[]))
    }
}

impl Drop for JniHost<'_> {
    fn drop(&mut self) {
        if self.in_transaction {
            self.rollback();
        }
    }
}

impl Transaction for JniHost<'_> {
    fn begin(&mut self) -> Result<()> {
        self.upcall_plain(self.host.methods.begin)?;
        self.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.upcall_plain(self.host.methods.commit)?;
        self.in_transaction = false;
        Ok(())
    }

    fn rollback(&mut self) {
        self.in_transaction = false;
        if let Err(error) = self.upcall_plain(self.host.methods.rollback) {
            log::warn!("the host failed to roll back: {}", error.for_log());
        }
    }
}

impl Host for JniHost<'_> {
    fn save(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        self.upcall(|call| {
            let [representation, category, uuid] = call.object_name(representation, object)?;
            let document = call.env.byte_array_from_slice(document)?;
            let arguments = [(&representation).into(), (&category).into(), (&uuid).into(), (&document).into()];
            call.run(call.host.methods.save, &arguments)
        })
    }

    fn lock(&mut self, objects: &[ObjectId], referred: &[ObjectId]) -> Result<()> {
        self.upcall(|call| {
            let categories = call.strings(objects.iter().map(|object| object.category.name()))?;
            let uuids = call.strings(objects.iter().map(|object| object.uuid.as_str()))?;
            let referred_categories = call.strings(referred.iter().map(|object| object.category.name()))?;
            let referred_uuids = call.strings(referred.iter().map(|object| object.uuid.as_str()))?;
            let arguments =
                [(&categories).into(), (&uuids).into(), (&referred_categories).into(), (&referred_uuids).into()];
            call.run(call.host.methods.lock, &arguments)
        })
    }

    fn record(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<Vec<String>> {
        self.upcall(|call| {
            let [representation, category, uuid] = call.object_name(representation, object)?;
            let document = call.env.byte_array_from_slice(document)?;
            let arguments = [(&representation).into(), (&category).into(), (&uuid).into(), (&document).into()];
            let rules = call.answer::<JObjectArray<JString>>(call.host.methods.record, &arguments)?;
            call.texts(&rules)
        })
    }

    fn remove(&mut self, representation: Representation, object: &ObjectId, removal: &Removal) -> Result<()> {
        self.upcall(|call| {
            let [representation, category, uuid] = call.object_name(representation, object)?;
            let action = call.env.new_string(removal.action.name())?;
            let reason = call.env.new_string(&removal.reason)?;
            let arguments =
                [(&representation).into(), (&category).into(), (&uuid).into(), (&action).into(), (&reason).into()];
            call.run(call.host.methods.remove, &arguments)
        })
    }

    fn dependents(&mut self, object: &ObjectId) -> Result<Vec<Dependent>> {
        let json = self.upcall(|call| {
            let category = call.env.new_string(object.category.name())?;
            let uuid = call.env.new_string(&object.uuid)?;
            let arguments = [(&category).into(), (&uuid).into()];
            let answer = call.answer::<JByteArray>(call.host.methods.dependents, &arguments)?;
            if answer.is_null() { Ok(Vec::new()) } else { call.bytes(&answer) }
        })?;
        dependents_of(&json)
    }

    fn why_removed(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        self.upcall(|call| call.text_of_each("whyRemoved", call.host.methods.why_removed, objects))
    }

    fn places(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<Place>>> {
        let told = self.upcall(|call| call.text_of_each("places", call.host.methods.places, objects))?;
        Ok(told.into_iter().map(|text| text.map(|text| place(&text))).collect())
    }

    fn clear(&mut self) -> Result<()> {
        self.upcall_plain(self.host.methods.clear)
    }

    fn expect_reads(&mut self, representation: Representation, objects: &[ObjectId]) -> Result<()> {
        self.upcall(|call| {
            let representation = call.env.new_string(representation.name())?;
            let categories = call.strings(objects.iter().map(|object| object.category.name()))?;
            let uuids = call.strings(objects.iter().map(|object| object.uuid.as_str()))?;
            let arguments = [(&representation).into(), (&categories).into(), (&uuids).into()];
            call.run(call.host.methods.expect_reads, &arguments)
        })
    }

    fn read(&mut self, representation: Representation, object: &ObjectId, lock: bool) -> Result<Stored> {
        self.upcall(|call| {
            let [representation, category, uuid] = call.object_name(representation, object)?;
            let arguments = [(&representation).into(), (&category).into(), (&uuid).into(), JValue::Bool(lock)];
            let document = call.answer::<JByteArray>(call.host.methods.read, &arguments)?;
            if document.is_null() {
                return Ok(Stored::Absent);
            }
            let document = call.bytes(&document)?;
            Ok(if document.is_empty() { Stored::Removed } else { Stored::Present(document) })
        })
    }

    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>> {
        self.upcall(|call| {
            let categories = call.strings(objects.iter().map(|object| object.category.name()))?;
            let uuids = call.strings(objects.iter().map(|object| object.uuid.as_str()))?;
            let arguments = [(&categories).into(), (&uuids).into()];
            let answer = call.answer::<JBooleanArray>(call.host.methods.exists, &arguments)?;
            let mut found = vec![false; objects.len()];
            call.check_count("exists", objects.len(), || answer.len(call.env))?;
            answer.get_region(call.env, 0, &mut found)?;
            Ok(found)
        })
    }

    fn list(&mut self, category: Category, after: Option<&str>, most: usize) -> Result<Option<Vec<String>>> {
        self.upcall(|call| {
            let category = call.env.new_string(category.name())?;
            let after = match after {
                Some(after) => call.env.new_string(after)?,
                None => JString::null(),
            };
            let arguments = [(&category).into(), (&after).into(), JValue::Int(most as i32)];
            let uuids = call.answer::<JObjectArray<JString>>(call.host.methods.list, &arguments)?;
            if uuids.is_null() { Ok(None) } else { call.texts(&uuids).map(Some) }
        })
    }

    fn index_behind(&mut self, call: &str) -> Result<bool> {
        self.upcall(|upcall| {
            let name = upcall.env.new_string(call)?;
            Ok(upcall.invoke(upcall.host.methods.index_behind, BOOLEAN, &[(&name).into()])?.into_bool()?)
        })
    }

    fn await_index(&mut self, call: &str) -> Result<()> {
        self.upcall(|upcall| {
            let name = upcall.env.new_string(call)?;
            upcall.run(upcall.host.methods.await_index, &[(&name).into()])
        })
    }

    fn index_again(&mut self, objects: &[ObjectId]) -> Result<()> {
        self.upcall(|call| {
            let categories = call.strings(objects.iter().map(|object| object.category.name()))?;
            let uuids = call.strings(objects.iter().map(|object| object.uuid.as_str()))?;
            call.run(call.host.methods.index_again, &[(&categories).into(), (&uuids).into()])
        })
    }
}

impl Sql for JniHost<'_> {
    fn dialect(&self) -> Dialect {
        self.host.dialect
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.upcall(|call| {
            let statement = call.env.new_string(statement)?;
            let parameters = call.parameters(parameters)?;
            let arguments = [(&statement).into(), (&parameters).into()];
            let changed = call.invoke(call.host.methods.update, LONG, &arguments)?.into_long()?;
            row_count(changed)
        })
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        self.upcall(|call| {
            let statement = call.env.new_string(statement)?;
            let batch = call.parameter_rows(rows)?;
            let arguments = [(&statement).into(), (&batch).into()];
            let answer = call.answer::<JLongArray>(call.host.methods.update_all, &arguments)?;
            call.check_count("updateAll", rows.len(), || answer.len(call.env))?;
            let mut changed = vec![0; rows.len()];
            answer.get_region(call.env, 0, &mut changed)?;
            changed.into_iter().map(row_count).collect()
        })
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.upcall(|call| {
            let statement = call.env.new_string(statement)?;
            let parameters = call.parameters(parameters)?;
            let arguments = [(&statement).into(), (&parameters).into()];
            let rows = call.answer::<JObjectArray<JObjectArray>>(call.host.methods.query, &arguments)?;
            let count = rows.len(call.env)?;
            (0..count).map(|index| call.nested(|call| call.row(&rows, index))).collect()
        })
    }
}

/// Reads a host's word on one object in the answer to `places`: `*`, or uuids with a comma between two.
fn place(told: &str) -> Place {
    match told {
        "*" => Place::Anywhere,
        uuids => Place::At(uuids.split(',').filter(|uuid| !uuid.is_empty()).map(str::to_string).collect()),
    }
}

/// A host's word on one object in the answer to `dependents`.
#[derive(Deserialize)]
struct JavaDependent {
    category: String,
    uuid: String,
    removed: bool,
    #[serde(default)]
    label: String,
}

/// Kinds of objects that this version does not know are left out: they are no part of what is synchronized.
fn dependents_of(json: &[u8]) -> Result<Vec<Dependent>> {
    if json.is_empty() {
        return Ok(Vec::new());
    }
    let dependents: Vec<JavaDependent> = serde_json::from_slice(json).map_err(|error| {
        Error::new(ErrorKind::Host, format!("the host's answer to dependents is not as agreed: {error}"))
    })?;
    let known = dependents.into_iter().filter_map(|JavaDependent { category, uuid, removed, label }| {
        let object = ObjectId { category: Category::parse(&category)?, uuid };
        Some(Dependent { object, removed, label })
    });
    Ok(known.collect())
}

const BOOLEAN: ReturnType = ReturnType::Primitive(Primitive::Boolean);
const LONG: ReturnType = ReturnType::Primitive(Primitive::Long);
const VOID: ReturnType = ReturnType::Primitive(Primitive::Void);

fn row_count(changed: i64) -> Result<u64> {
    u64::try_from(changed)
        .map_err(|_| Error::new(ErrorKind::Host, format!("the host says that a statement changed {changed} rows")))
}

/// One call into Java with the frame that its references live in.
struct Upcall<'frame, 'env> {
    env: &'env mut Env<'frame>,
    host: &'env HostObject,
}

impl<'frame> Upcall<'frame, '_> {
    /// Calls a method of the host; what it throws becomes the error.
    fn invoke(
        &mut self,
        method: JMethodID,
        returns: ReturnType,
        arguments: &[JValue<'_>],
    ) -> Result<JValueOwned<'frame>> {
        let arguments: Vec<_> = arguments.iter().map(JValue::as_jni).collect();
        // SAFETY: the ids are of `SyncHost`, which the object implements; each is used in one place only, with the
        // arguments and the result of the signature that it was looked up with.
        let answer = unsafe { self.env.call_method_unchecked(&self.host.object, method, returns, &arguments) };
        match answer {
            Err(jni::errors::Error::JavaException) => Err(self.host.caught(self.env)),
            other => Ok(other?),
        }
    }

    fn run(&mut self, method: JMethodID, arguments: &[JValue<'_>]) -> Result<()> {
        self.invoke(method, VOID, arguments).map(drop)
    }

    fn answer<T: Reference>(&mut self, method: JMethodID, arguments: &[JValue<'_>]) -> Result<T::Kind<'frame>> {
        let answer = self.invoke(method, ReturnType::Object, arguments)?.into_object()?;
        Ok(self.env.cast_local::<T>(answer)?)
    }

    /// The same in a frame of its own, for what is repeated.
    fn nested<T>(&mut self, work: impl FnOnce(&mut Upcall<'_, '_>) -> Result<T>) -> Result<T> {
        self.env.with_local_frame(FRAME, |env| work(&mut Upcall { env, host: self.host }))
    }

    fn check_count(
        &self,
        method: &str,
        asked: usize,
        answered: impl FnOnce() -> jni::errors::Result<usize>,
    ) -> Result<()> {
        match answered()? {
            answered if answered == asked => Ok(()),
            answered => Err(Error::new(
                ErrorKind::Host,
                format!("the host's {method}() was asked about {asked} items and answered for {answered}"),
            )),
        }
    }

    fn object_name(&mut self, representation: Representation, object: &ObjectId) -> Result<[JString<'frame>; 3]> {
        Ok([
            self.env.new_string(representation.name())?,
            self.env.new_string(object.category.name())?,
            self.env.new_string(&object.uuid)?,
        ])
    }

    fn strings<'text>(
        &mut self,
        texts: impl ExactSizeIterator<Item = &'text str>,
    ) -> Result<JObjectArray<'frame, JString<'frame>>> {
        let array = JObjectArray::<JString>::new(self.env, texts.len(), JString::null())?;
        for (index, text) in texts.enumerate() {
            self.nested(|call| {
                let text = call.env.new_string(text)?;
                Ok(array.set_element(call.env, index, &text)?)
            })?;
        }
        Ok(array)
    }

    /// Asks for a text about each of the objects; none where Java gives null.
    fn text_of_each(&mut self, name: &str, method: JMethodID, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        let categories = self.strings(objects.iter().map(|object| object.category.name()))?;
        let uuids = self.strings(objects.iter().map(|object| object.uuid.as_str()))?;
        let answer = self.answer::<JObjectArray<JString>>(method, &[(&categories).into(), (&uuids).into()])?;
        if answer.is_null() {
            return Ok(vec![None; objects.len()]);
        }
        self.check_count(name, objects.len(), || answer.len(self.env))?;
        let text = |index| {
            self.nested(|call| {
                let text = answer.get_element(call.env, index)?;
                if text.is_null() { Ok(None) } else { Ok(Some(text.try_to_string(call.env)?)) }
            })
        };
        (0..objects.len()).map(text).collect()
    }

    /// None where Java gives null.
    fn texts(&mut self, array: &JObjectArray<'_, JString<'_>>) -> Result<Vec<String>> {
        if array.is_null() {
            return Ok(Vec::new());
        }
        let count = array.len(self.env)?;
        (0..count)
            .map(|index| {
                self.nested(|call| {
                    let text = array.get_element(call.env, index)?;
                    Ok(if text.is_null() { String::new() } else { text.try_to_string(call.env)? })
                })
            })
            .collect()
    }

    fn parameter_rows(&mut self, rows: &[Vec<SqlValue>]) -> Result<JObjectArray<'frame, JObjectArray<'frame>>> {
        let batch = JObjectArray::<JObjectArray>::new(self.env, rows.len(), JObjectArray::<JObject>::null())?;
        for (index, row) in rows.iter().enumerate() {
            self.nested(|call| {
                let row = call.parameters(row)?;
                Ok(batch.set_element(call.env, index, &row)?)
            })?;
        }
        Ok(batch)
    }

    fn parameters(&mut self, values: &[SqlValue]) -> Result<JObjectArray<'frame>> {
        let array = JObjectArray::<JObject>::new(self.env, values.len(), JObject::null())?;
        for (index, value) in values.iter().enumerate() {
            let value = self.parameter(value)?;
            array.set_element(self.env, index, &value)?;
            self.env.delete_local_ref(value);
        }
        Ok(array)
    }

    fn parameter(&mut self, value: &SqlValue) -> Result<JObject<'frame>> {
        Ok(match value {
            SqlValue::Null => JObject::null(),
            SqlValue::Int(number) => self.boxed(*number)?,
            SqlValue::Text(text) => self.env.new_string(text)?.into(),
            SqlValue::Bytes(bytes) => self.env.byte_array_from_slice(bytes)?.into(),
        })
    }

    fn boxed(&mut self, number: i64) -> Result<JObject<'frame>> {
        let values = &self.host.values;
        let argument = [JValue::Long(number).as_jni()];
        // SAFETY: the id is that of `Long.valueOf(long)`.
        let boxed = unsafe {
            self.env.call_static_method_unchecked(&values.long, values.value_of, ReturnType::Object, &argument)
        };
        Ok(boxed?.into_object()?)
    }

    fn row(&mut self, rows: &JObjectArray<'_, JObjectArray<'_>>, index: usize) -> Result<Row> {
        let row = rows.get_element(self.env, index)?;
        let count = row.len(self.env)?;
        (0..count)
            .map(|column| {
                let value = row.get_element(self.env, column)?;
                let result = self.value(&value);
                self.env.delete_local_ref(value);
                result
            })
            .collect()
    }

    fn value(&mut self, value: &JObject<'_>) -> Result<SqlValue> {
        if value.is_null() {
            return Ok(SqlValue::Null);
        }
        if self.env.is_instance_of(value, &self.host.values.long)? {
            return self.unboxed(value).map(SqlValue::Int);
        }
        if let Ok(text) = self.env.as_cast::<JString>(value) {
            return Ok(SqlValue::Text(text.try_to_string(self.env)?));
        }
        if let Ok(bytes) = self.env.as_cast::<JByteArray>(value) {
            return self.bytes(&bytes).map(SqlValue::Bytes);
        }
        let class = self.env.get_object_class(value)?.get_name(self.env)?;
        let message = format!("the host's query() returned a {class}; a value is null, Long, String or byte[]");
        Err(Error::new(ErrorKind::Host, message))
    }

    fn unboxed(&mut self, long: &JObject<'_>) -> Result<i64> {
        // SAFETY: the id is that of `Long.longValue()`, and the object is a Long.
        let number = unsafe { self.env.call_method_unchecked(long, self.host.values.long_value, LONG, &[]) };
        Ok(number?.into_long()?)
    }

    fn bytes(&self, array: &JByteArray<'_>) -> Result<Vec<u8>> {
        let length = array.len(self.env)?;
        if length > MAX_BYTES {
            let message = format!("the host returned {length} bytes; at most {MAX_BYTES} are taken");
            return Err(Error::new(ErrorKind::Host, message));
        }
        Ok(self.env.convert_byte_array(array)?)
    }
}

impl Values {
    fn find(env: &mut Env<'_>) -> Result<Values> {
        let long = global_class(env, jni_str!("java/lang/Long"))?;
        Ok(Values {
            value_of: env.get_static_method_id(&long, jni_str!("valueOf"), jni_sig!("(J)Ljava/lang/Long;"))?,
            long_value: env.get_method_id(&long, jni_str!("longValue"), jni_sig!("()J"))?,
            long,
        })
    }
}
