//! The decisions stay pure: nothing in `decide/` or `event.rs` imports what does I/O or keeps time.

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

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn decisions_import_nothing_that_acts() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("event.rs")];
    rust_files(&src.join("decide"), &mut files);
    assert!(files.len() > 5, "the files of decide/ were not found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let broken: Vec<_> = code.filter(|line| FORBIDDEN.iter().any(|word| line.contains(word))).collect();
        assert!(broken.is_empty(), "{}: {broken:?}", file.display());
    }
}
