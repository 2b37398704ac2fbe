//! The faults that `./sync2 faults` plants one at a time, to see that this test finds them. Here only: each still fits the
//! sources.

use std::fs;
use std::path::{Path, PathBuf};

/// The place of one change: what stands there before it, in a file.
struct Place {
    file: String,
    before: String,
}

/// Reads the changes of a patch in the unified format.
fn places(patch: &str) -> Vec<Place> {
    let mut file = String::new();
    let mut places: Vec<Place> = Vec::new();
    for line in patch.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            file = name.to_string();
        } else if line.starts_with("@@") {
            places.push(Place { file: file.clone(), before: String::new() });
        } else if let (Some(place), Some(kept)) = (places.last_mut(), line.strip_prefix([' ', '-'])) {
            place.before += kept;
            place.before.push('\n');
        }
    }
    places
}

fn faults() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model/faults");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "patch")).collect()
}

#[test]
fn each_fault_that_can_be_planted_fits_the_sources() {
    let faults = faults();
    assert!(faults.len() >= 15, "{faults:?}");
    for fault in faults {
        let places = places(&fs::read_to_string(&fault).unwrap());
        assert!(!places.is_empty(), "{fault:?} changes nothing");
        for Place { file, before } in places {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap();
            assert!(text.contains(&before), "{fault:?} does not fit {file} any more: write it anew\n{before}");
        }
    }
}

#[test]
fn each_fault_is_told_of_in_the_docs() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/testing.md")).unwrap();
    for fault in faults() {
        let name = fault.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(docs.contains(&format!("| `{name}` |")), "docs/testing.md does not tell of {name}");
    }
}
