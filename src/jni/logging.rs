//! The `log` facade to slf4j, through the Java class `SyncLog`.
//!
//! The runtime's threads are attached to the JVM for one message only, so that none of them holds up its exit. Once
//! the last engine is closed nothing is logged any more: the Java class must become collectable.

use std::sync::{Arc, PoisonError, RwLock, Weak};

use jni::objects::{JClass, JStaticMethodID, JValue};
use jni::refs::Global;
use jni::signature::{Primitive, ReturnType};
use jni::{AttachConfig, Env, JavaVM, jni_sig, jni_str};
use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::error::Result;

/// The longest message that is handed to Java, in characters.
const MAX_MESSAGE: usize = 8000;

/// The prefix of our own targets. Other crates speak only when something is wrong.
const OWN_TARGET: &str = env!("CARGO_PKG_NAME");

/// Local references of one message.
const FRAME: usize = 4;

static LOGGER: JavaLogger = JavaLogger { sink: RwLock::new(Weak::new()) };

/// The Java class that messages go to, as long as an engine is open.
pub(crate) struct LogSink {
    class: Global<JClass<'static>>,
    log: JStaticMethodID,
}

/// Sends log messages to Java from now on until the returned sink and all its copies are dropped. The level is the
/// one that slf4j has at that moment.
pub(crate) fn attach(env: &mut Env<'_>) -> Result<Arc<LogSink>> {
    let sink = match LOGGER.sink() {
        Some(sink) => sink,
        None => Arc::new(LogSink::find(env)?),
    };
    *LOGGER.sink.write().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&sink);
    // An error says that the logger is set already: by an earlier engine, or by a Rust program that hosts us.
    let _ = log::set_logger(&LOGGER);
    log::set_max_level(sink.level(env)?);
    Ok(sink)
}

impl LogSink {
    fn find(env: &mut Env<'_>) -> Result<LogSink> {
        let class = env.find_class(jni_str!("org/openmrs/sync2/SyncLog"))?;
        let signature = jni_sig!("(ILjava/lang/String;Ljava/lang/String;)V");
        let log = env.get_static_method_id(&class, jni_str!("log"), signature)?;
        Ok(LogSink { class: env.new_global_ref(&class)?, log })
    }

    fn level(&self, env: &mut Env<'_>) -> Result<LevelFilter> {
        let level = env.call_static_method(&self.class, jni_str!("level"), jni_sig!("()I"), &[])?.into_int()?;
        Ok(LevelFilter::iter().nth(usize::try_from(level).unwrap_or(0)).unwrap_or(LevelFilter::Trace))
    }

    fn send(&self, level: Level, target: &str, message: &str) -> jni::errors::Result<()> {
        let attachment = || AttachConfig::new().scoped(true).thread_name(jni_str!("sync2"));
        JavaVM::singleton()?.attach_current_thread_with_config(attachment, Some(FRAME), |env| {
            let target = env.new_string(target)?;
            let message = env.new_string(message)?;
            let arguments =
                [JValue::Int(level as i32), JValue::Object(&target), JValue::Object(&message)].map(|v| v.as_jni());
            // SAFETY: the method id is of this class, which is held, and takes (int, String, String).
            unsafe {
                env.call_static_method_unchecked(
                    &self.class,
                    self.log,
                    ReturnType::Primitive(Primitive::Void),
                    &arguments,
                )?;
            }
            Ok(())
        })
    }
}

struct JavaLogger {
    sink: RwLock<Weak<LogSink>>,
}

impl JavaLogger {
    fn sink(&self) -> Option<Arc<LogSink>> {
        self.sink.read().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}

impl Log for JavaLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(OWN_TARGET) || metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if let Some(sink) = self.sink() {
            let message = one_line(&record.args().to_string());
            // There is nowhere to report a failure of the log to.
            let _ = sink.send(record.level(), record.target(), &message);
        }
    }

    fn flush(&self) {}
}

/// The message as one line: what comes from outside must not be able to forge a line of its own, nor to turn one around.
fn one_line(message: &str) -> String {
    message.chars().take(MAX_MESSAGE).map(|character| if is_plain(character) { character } else { ' ' }).collect()
}

fn is_plain(character: char) -> bool {
    let separates = matches!(character, '\u{2028}' | '\u{2029}');
    let turns_around = matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !character.is_control() && !separates && !turns_around
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_one_line_whatever_is_in_it() {
        let forged = "refused\r\n2026-11-29 INFO admin logged in\u{1b}[2J\u{2028}x\u{202E}y\0z\u{85}";
        assert_eq!(one_line(forged), "refused  2026-11-29 INFO admin logged in [2J x y z ");
        assert_eq!(one_line("Ökello 漢"), "Ökello 漢");
        assert_eq!(one_line(&"a".repeat(2 * MAX_MESSAGE)).len(), MAX_MESSAGE);
    }
}
