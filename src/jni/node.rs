//! The API's `Node` as calls into a Java `SyncNode`, on the thread that called, and the API's requests and answers as they
//! cross: a line of JSON, then the body.

use std::sync::Arc;

use jni::objects::{JObject, JObjectArray, JString, JThrowable, JValue};
use jni::refs::Reference;
use jni::signature::MethodSignature;
use jni::strings::JNIStr;
use jni::{Env, JavaVM, jni_sig, jni_str};
use serde::Deserialize;
use serde_json::json;

use crate::api::{Answer, Node, Refusal, Refused, Request, User};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Direction;
use crate::host::Host;
use crate::store::runs::RunId;

use super::errors;
use super::handle::{self, Open};

/// Local references that a frame is made for; the JVM adds more when a call needs them.
const FRAME: usize = 16;

/// The head that a carrier gives before the body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    method: String,
    path: String,
    query: Option<String>,
    url: Option<String>,
    user: Option<User>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Why no engine is open; nothing when one is.
    closed: Option<String>,
    commit: Option<String>,
    #[serde(default)]
    problems: Vec<String>,
}

/// The node that a request is for.
pub(crate) struct JniNode<'a> {
    open: Result<Arc<Open>>,
    handle: i64,
    commit: Option<String>,
    problems: Vec<String>,
    /// A `SyncNode`; null for an engine that no program serves over HTTP.
    program: &'a JObject<'a>,
}

/// Reads what a carrier wrote.
///
/// Errors: `Closed` for a handle of no engine; `Internal`: only our own Java writes it.
pub(crate) fn read<'a>(handle: i64, program: &'a JObject<'a>, written: &[u8]) -> Result<(JniNode<'a>, Request)> {
    let end = written.iter().position(|byte| *byte == b'\n').unwrap_or(written.len());
    let (head, body) = written.split_at_checked(end).unwrap_or((written, &[]));
    let head: Head = serde_json::from_slice(head)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("a request cannot be read: {error}")))?;
    let open = match head.closed {
        Some(why) => Err(Error::new(ErrorKind::Closed, why)),
        None => Ok(handle::find(handle)?),
    };
    let node = JniNode { open, handle, commit: head.commit, problems: head.problems, program };
    let request = Request {
        method: head.method,
        path: head.path,
        query: head.query.unwrap_or_default(),
        url: head.url.unwrap_or_default(),
        user: head.user,
        headers: head.headers,
        body: body.get(1..).unwrap_or_default().to_vec(),
    };
    Ok((node, request))
}

/// An answer as a carrier reads it.
pub(crate) fn write(answer: &Answer) -> Vec<u8> {
    let mut written = json!({"status": answer.status, "headers": answer.headers}).to_string().into_bytes();
    written.push(b'\n');
    written.extend_from_slice(&answer.body);
    written
}

impl Node for JniNode<'_> {
    fn engine(&self) -> Result<&Engine> {
        self.open.as_ref().map(|open| &open.engine).map_err(Error::clone)
    }

    fn with_host(&self, work: &mut dyn FnMut(&mut dyn Host) -> Result<()>) -> Result<()> {
        let open = self.open.as_ref().map_err(Error::clone)?;
        open.with_host(self.handle, |_, host| work(host))
    }

    fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }

    fn perform(&self, direction: Direction, id: RunId) -> Refused<()> {
        self.call(|call| {
            let (direction, id) = (call.env.new_string(direction.name())?, call.env.new_string(id.to_string())?);
            let signature = jni_sig!("(Ljava/lang/String;Ljava/lang/String;)V");
            call.run(jni_str!("perform"), signature, &[(&direction).into(), (&id).into()])
        })
    }

    fn configuration(&self) -> Refused<String> {
        self.call(|call| call.text(jni_str!("configuration"), jni_sig!("()Ljava/lang/String;"), &[]))
    }

    fn save_configuration(&self, document: &str) -> Refused<()> {
        self.call(|call| {
            let document = call.env.new_string(document)?;
            call.run(jni_str!("saveConfiguration"), jni_sig!("(Ljava/lang/String;)V"), &[(&document).into()])
        })
    }

    fn check_configuration(&self, document: &str) -> Refused<Vec<String>> {
        self.call(|call| {
            let document = call.env.new_string(document)?;
            call.texts(
                jni_str!("checkConfiguration"),
                jni_sig!("(Ljava/lang/String;)Ljava/util/List;"),
                &[(&document).into()],
            )
        })
    }
}

impl JniNode<'_> {
    fn call<T>(&self, work: impl FnOnce(&mut Upcall<'_, '_>) -> Called<T>) -> Refused<T> {
        if self.program.is_null() {
            return Err(Error::new(ErrorKind::Closed, "this engine has no program around it that could do this").into());
        }
        let done = JavaVM::singleton()
            .map_err(Failed::Jni)
            .and_then(|vm| vm.with_local_frame(FRAME, |env| work(&mut Upcall { env, program: self.program })));
        done.map_err(Refusal::from)
    }
}

/// The result of a call into the program.
type Called<T> = std::result::Result<T, Failed>;

/// Why a call into the program failed.
enum Failed {
    Thrown(Refusal),
    Jni(jni::errors::Error),
}

impl From<jni::errors::Error> for Failed {
    fn from(error: jni::errors::Error) -> Failed {
        Failed::Jni(error)
    }
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Refusal {
        match failed {
            Failed::Thrown(refusal) => refusal,
            Failed::Jni(error) => Error::from(error).into(),
        }
    }
}

struct Upcall<'a, 'local> {
    env: &'a mut Env<'local>,
    program: &'a JObject<'a>,
}

impl<'local> Upcall<'_, 'local> {
    fn run(
        &mut self,
        name: &JNIStr,
        signature: MethodSignature<'static, 'static>,
        arguments: &[JValue<'_>],
    ) -> Called<()> {
        let answer = self.env.call_method(self.program, name, signature, arguments);
        self.thrown()?;
        answer?;
        Ok(())
    }

    fn object(
        &mut self,
        name: &JNIStr,
        signature: MethodSignature<'static, 'static>,
        arguments: &[JValue<'_>],
    ) -> Called<JObject<'local>> {
        let answer = self.env.call_method(self.program, name, signature, arguments);
        self.thrown()?;
        Ok(answer?.into_object()?)
    }

    fn text(
        &mut self,
        name: &JNIStr,
        signature: MethodSignature<'static, 'static>,
        arguments: &[JValue<'_>],
    ) -> Called<String> {
        let text = self.object(name, signature, arguments)?;
        Ok(self.env.cast_local::<JString>(text)?.try_to_string(self.env)?)
    }

    fn texts(
        &mut self,
        name: &JNIStr,
        signature: MethodSignature<'static, 'static>,
        arguments: &[JValue<'_>],
    ) -> Called<Vec<String>> {
        let list = self.object(name, signature, arguments)?;
        let array =
            self.env.call_method(&list, jni_str!("toArray"), jni_sig!("()[Ljava/lang/Object;"), &[])?.into_object()?;
        let array = self.env.cast_local::<JObjectArray>(array)?;
        let count = array.len(self.env)?;
        let text = |index| {
            let element = array.get_element(self.env, index)?;
            Ok(self.env.cast_local::<JString>(element)?.try_to_string(self.env)?)
        };
        (0..count).map(text).collect()
    }

    /// Converts what Java threw to a refusal: a `SyncException` has its kind, and what a program says it cannot do is not allowed.
    fn thrown(&mut self) -> Called<()> {
        let Some(thrown) = errors::take_pending(self.env) else { return Ok(()) };
        Err(Failed::Thrown(self.refusal(&thrown)))
    }

    fn refusal(&mut self, thrown: &JThrowable<'_>) -> Refusal {
        if let Some((kind, message)) = errors::kind_and_message(self.env, thrown) {
            return Error::new(kind, message).into();
        }
        let unsupported = self
            .env
            .find_class(jni_str!("java/lang/UnsupportedOperationException"))
            .and_then(|class| self.env.is_instance_of(thrown, &class))
            .unwrap_or(false);
        if unsupported {
            return Refusal::method_not_allowed(errors::message(self.env, thrown).unwrap_or_default());
        }
        log::error!("the program failed at a request: {}", errors::class_name(self.env, thrown).unwrap_or_default());
        Refusal::internal()
    }
}
