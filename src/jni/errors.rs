//! Engine errors as Java exceptions, Java exceptions as engine errors.

use std::any::Any;
use std::time::Duration;

use jni::errors::{Error as JniError, ErrorPolicy, Result as JniResult};
use jni::objects::{JObject, JString, JThrowable, JValue};
use jni::refs::Reference;
use jni::strings::JNIStr;
use jni::{Env, jni_sig, jni_str};

use crate::defect::defect;
use crate::error::{Error, ErrorKind, Namesake};

/// The longest message that is taken from a Java exception, in characters. Some print whole documents.
const MAX_MESSAGE: usize = 2000;

/// How an entry point ends when it fails or panics: it throws the `SyncException` of the error's kind.
pub(crate) struct ThrowSyncException;

impl<T: Default> ErrorPolicy<T, Error> for ThrowSyncException {
    type Captures<'frame: 'native, 'native> = ();

    fn on_error<'frame: 'native, 'native>(env: &mut Env<'frame>, _: &mut (), error: Error) -> JniResult<T> {
        throw(env, &error);
        Ok(T::default())
    }

    fn on_panic<'frame: 'native, 'native>(
        env: &mut Env<'frame>,
        _: &mut (),
        payload: Box<dyn Any + Send>,
    ) -> JniResult<T> {
        throw(env, &defect(&*payload));
        Ok(T::default())
    }
}

/// A JNI call failed by itself. What a host throws does not come this way: see [`caught`].
impl From<JniError> for Error {
    fn from(error: JniError) -> Error {
        Error::new(ErrorKind::Internal, format!("a call between Rust and Java failed: {error}"))
    }
}

/// Leaves the exception of that error pending, for Java to see when the entry point returns.
fn throw(env: &mut Env<'_>, error: &Error) {
    if env.exception_check() {
        return;
    }
    // `Err(JavaException)` is how jni says that it has been thrown.
    if !matches!(throw_typed(env, error), Err(JniError::JavaException)) {
        env.exception_clear();
        let _ =
            env.throw_new(jni_str!("java/lang/IllegalStateException"), jni::strings::JNIString::new(error.to_string()));
    }
}

fn throw_typed(env: &mut Env<'_>, error: &Error) -> JniResult<()> {
    let kind = env.new_string(error.kind.name())?;
    let message = env.new_string(&error.message)?;
    let url = match &error.url {
        Some(url) => env.new_string(url)?.into(),
        None => JObject::null(),
    };
    let wait = error.retry_after.map_or(-1, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    // Not by its name: that would ask the thread's context class loader, which may know another copy of this class.
    let class = env.find_class(jni_str!("org/openmrs/sync2/SyncException"))?;
    let exception = env
        .call_static_method(
            &class,
            jni_str!("of"),
            jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;J)Lorg/openmrs/sync2/SyncException;"),
            &[JValue::Object(&kind), JValue::Object(&message), JValue::Object(&url), JValue::Long(wait)],
        )?
        .into_object()?;
    let exception = env.cast_local::<JThrowable>(exception)?;
    env.throw(exception)
}

/// Takes the pending Java exception, if there is one, so that JNI can be called again.
pub(crate) fn take_pending<'local>(env: &mut Env<'local>) -> Option<JThrowable<'local>> {
    let thrown = env.exception_occurred();
    env.exception_clear();
    thrown
}

/// `class: message` of a Java exception.
pub(crate) fn describe(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> String {
    let class = class_name(env, thrown).unwrap_or_else(|_| "a Java exception".to_owned());
    match message(env, thrown) {
        Some(message) => format!("{class}: {message}"),
        None => class,
    }
}

/// Converts what a client or filter threw: a `SyncException` keeps its kind, everything else is a failure of the host.
pub(crate) fn typed(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> Error {
    match kind_and_wait(env, thrown) {
        Ok(Some((kind, wait))) => {
            let error = Error::new(kind, message(env, thrown).unwrap_or_else(|| kind.name().to_owned()));
            match u64::try_from(wait) {
                Ok(wait) => error.after(Duration::from_millis(wait)),
                Err(_) => error,
            }
        }
        _ => {
            env.exception_clear();
            Error::new(ErrorKind::Host, describe(env, thrown))
        }
    }
}

/// Of a `SyncException` that our own Java threw: its kind, whatever it is.
pub(crate) fn kind_and_message(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> Option<(ErrorKind, String)> {
    let known = exception_kind(env, thrown);
    env.exception_clear();
    let kind = ErrorKind::parse(&known.ok()??)?;
    Some((kind, message(env, thrown).unwrap_or_else(|| kind.name().to_owned())))
}

/// Of a `SyncException`; a negative wait means that there is none.
fn kind_and_wait(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> JniResult<Option<(ErrorKind, i64)>> {
    let Some(kind) = exception_kind(env, thrown)? else { return Ok(None) };
    let wait = env.call_method(thrown, jni_str!("retryAfterMillis"), jni_sig!("()J"), &[])?.into_long()?;
    Ok(Some((kind_named(&kind), wait)))
}

/// The name of the kind of a `SyncException`; nothing of another exception.
fn exception_kind(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> JniResult<Option<String>> {
    let class = env.find_class(jni_str!("org/openmrs/sync2/SyncException"))?;
    if !env.is_instance_of(thrown, &class)? {
        return Ok(None);
    }
    let kind = env.call_method(thrown, jni_str!("kind"), jni_sig!("()Ljava/lang/String;"), &[])?.into_object()?;
    Ok(Some(env.cast_local::<JString>(kind)?.try_to_string(env)?))
}

/// The kind of that name if a client may say so of an object or of the parent; else it is the host that failed.
pub(crate) fn kind_named(name: &str) -> ErrorKind {
    let known = ErrorKind::parse(name).filter(|kind| {
        matches!(
            kind,
            ErrorKind::Unreachable
                | ErrorKind::Unauthorized
                | ErrorKind::Busy
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::Gone
                | ErrorKind::Rejected
                | ErrorKind::ParentFailed
                | ErrorKind::Malformed
        )
    });
    known.unwrap_or(ErrorKind::Host)
}

/// Returns the object that a `SyncDuplicateException` names as having the same name; nothing where it names none.
pub(crate) fn namesake(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> Option<Namesake> {
    let told = text(env, thrown, jni_str!("namesakeName")).zip(text(env, thrown, jni_str!("namesakeUuid")));
    env.exception_clear();
    told.and_then(|(name, uuid)| Namesake::told(&name, &uuid))
}

/// Returns the text of a method without parameters; nothing where that is null or fails.
fn text(env: &mut Env<'_>, object: &JThrowable<'_>, method: &JNIStr) -> Option<String> {
    let answer = env.call_method(object, method, jni_sig!("()Ljava/lang/String;"), &[]).ok()?.into_object().ok()?;
    let text = env.cast_local::<JString>(answer).ok().filter(|text| !text.is_null())?;
    text.try_to_string(env).ok()
}

/// The message of a Java exception, shortened; none when it has none, or when asking for it throws.
pub(crate) fn message(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> Option<String> {
    let message = thrown.get_message(env);
    env.exception_clear();
    let message = message.ok().filter(|message| !message.is_null())?;
    let text = message.try_to_string(env).ok()?;
    Some(text.chars().take(MAX_MESSAGE).collect())
}

/// The name of its class.
pub(crate) fn class_name(env: &mut Env<'_>, thrown: &JThrowable<'_>) -> JniResult<String> {
    env.get_object_class(thrown)?.get_name(env)?.try_to_string(env)
}
