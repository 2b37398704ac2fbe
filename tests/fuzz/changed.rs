//! Files of the corpus, changed at random.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What parsers stumble over.
const PIECES: &[&str] = &[
    "1e20000000",
    "-1E+1000000000",
    "1e400",
    "99999999999999999999999999",
    "\"$serde_json::private::Number\":",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "\u{202e}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "null",
    "{}",
    "[]",
    "\"\"",
    "true",
    "../../",
    "Patient?identifier=7",
    "http://elsewhere.example.org/",
    "file:///etc/passwd",
    "hidden",
    "here",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>&b;",
    "<![CDATA[",
    "]]>",
    "&#0;",
    "\n",
    "\r\n",
    "VOIDED",
    "DELETED",
];

/// One change.
#[derive(Clone, Debug)]
enum Change {
    /// The byte there becomes another.
    Byte(Index, u8),
    /// What is between the two places goes.
    Cut(Index, Index),
    /// What is between the two places comes once more at the third.
    Copy(Index, Index, Index),
    /// A piece comes in.
    Insert(Index, &'static str),
    /// A piece stands in place of the rest up to the next quote.
    Replace(Index, &'static str),
    /// Everything from another file's place on comes in.
    Splice(Index, Index, Index),
}

/// A file of that folder of the corpus, with a few changes.
pub fn changed(folder: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let files = corpus(folder);
    let others = files.clone();
    (select(files), vec(change(), 0..8))
        .prop_map(move |(file, changes)| changes.into_iter().fold(file, |bytes, change| change.on(bytes, &others)))
}

fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (place(), place()).prop_map(|(from, to)| Change::Cut(from, to)),
        (place(), place(), place()).prop_map(|(from, to, at)| Change::Copy(from, to, at)),
        (place(), select(PIECES)).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (place(), select(PIECES)).prop_map(|(at, piece)| Change::Replace(at, piece)),
        (place(), place(), place()).prop_map(|(file, from, at)| Change::Splice(file, from, at)),
    ]
}

impl Change {
    fn on(self, mut bytes: Vec<u8>, others: &[Vec<u8>]) -> Vec<u8> {
        let place = |index: Index, bytes: &[u8]| index.index(bytes.len() + 1);
        let span = |from: Index, to: Index, bytes: &[u8]| {
            let (from, to) = (place(from, bytes), place(to, bytes));
            from.min(to)..from.max(to)
        };
        match self {
            Change::Byte(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            Change::Byte(_, byte) => bytes.push(byte),
            Change::Cut(from, to) => drop(bytes.drain(span(from, to, &bytes))),
            Change::Copy(from, to, at) => {
                let copied = bytes[span(from, to, &bytes)].to_vec();
                let at = place(at, &bytes);
                bytes.splice(at..at, copied);
            }
            Change::Insert(at, piece) => {
                let at = place(at, &bytes);
                bytes.splice(at..at, piece.bytes());
            }
            Change::Replace(at, piece) => {
                let at = place(at, &bytes);
                let end = bytes[at..].iter().position(|byte| *byte == b'"').map_or(at, |length| at + length);
                bytes.splice(at..end, piece.bytes());
            }
            Change::Splice(file, from, at) => {
                let other = &others[file.index(others.len())];
                let (from, at) = (place(from, other), place(at, &bytes));
                bytes.splice(at..at, other[from..].iter().copied());
            }
        }
        bytes
    }
}
