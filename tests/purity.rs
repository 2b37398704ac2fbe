//! What no line of the sources may do: the decisions stay pure, nothing in `decide/` or `event.rs` imports what does I/O or keeps
//! time; and the log has no words of a host, a parent or a document.

use std::fs;
use std::path::{Path, PathBuf};

const FORBIDDEN: [&str; 9] = [
    "tokio",
    "reqwest",
    "jni::",
    "rusqlite",
    "crate::store",
    "crate::host",
    "std::time::Instant",
    "SystemTime",
    "Uuid::new_v4",
];

fn files_of(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_of(&path, extension, found);
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
}

#[test]
fn decisions_import_nothing_that_acts() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("event.rs")];
    files_of(&src.join("decide"), "rs", &mut files);
    assert!(files.len() > 5, "the files of decide/ were not found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let broken: Vec<_> = code.filter(|line| FORBIDDEN.iter().any(|word| line.contains(word))).collect();
        assert!(broken.is_empty(), "{}: {broken:?}", file.display());
    }
}

/// The arguments of each call that begins so.
fn arguments<'a>(text: &'a str, calls: &[&str]) -> Vec<&'a str> {
    let starts = calls.iter().flat_map(|call| text.match_indices(call).map(|(start, call)| start + call.len()));
    starts.filter_map(|start| text[start..].split(");\n").next()).collect()
}

/// No call of those has any of these words. Returns how many calls there are.
fn no_call_has(folder: &str, extension: &str, calls: &[&str], words: &[&str]) -> usize {
    let mut files = Vec::new();
    files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut files);
    let mut found = 0;
    for file in files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "testing")) {
        for call in arguments(&fs::read_to_string(file).unwrap(), calls) {
            found += 1;
            let call = format!("{call})");
            assert!(!words.iter().any(|words| call.contains(words)), "{}: {call}", file.display());
        }
    }
    found
}

/// What `Error::for_log` gives may be logged, an error itself may not.
#[test]
fn no_error_is_logged_whole() {
    let calls = ["trace!(", "debug!(", "info!(", "warn!(", "error!("];
    let whole = ["{error}", "{error:?}", "error.message", "error.to_string()", " error)"];
    assert!(no_call_has("src", "rs", &calls, &whole) > 40, "the calls were not found");
}

/// Nor what OpenMRS, its modules or a database throw, but what `LoggedFailure` makes of it.
#[test]
fn no_exception_is_logged_whole() {
    let calls = ["LOG.trace(", "LOG.debug(", "LOG.info(", "LOG.warn(", "LOG.error("];
    let whole = ["getMessage()", "toString()", " e)", " e,", " failure)", " why)", " exception)", " cause)"];
    let calls_in = |folder: &str| no_call_has(folder, "java", &calls, &whole);
    assert!(calls_in("java-bindings/src/main") > 3 && calls_in("omod/src/main") > 10, "the calls were not found");
}
