//! What reads from outside, given what nobody thought of: the files of the corpus, changed at random. docs/testing.md says
//! what must hold, and how to run it for hours.

mod changed;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed, TestCaseResult, TestRunner};
use serde_json::{Value, json};
use sync2::config::Config;
use sync2::decide::belonging::{Belonging, refers_otherwise};
use sync2::decide::canonical::{canonical, differences, hash};
use sync2::decide::content::{Content, mismatch};
use sync2::decide::merge::{Versions, merge};
use sync2::engine::Engine;
use sync2::event::{Category, ObjectId, Representation};
use sync2::json;
use sync2::testing::feed_page::events_of_page;
use sync2::testing::sqlite_host::SqliteHost;

use changed::changed;

/// Cases of each target, unless `FUZZ_CASES` says how many.
const CASES: u32 = 400;
/// Cases between two looks at the time.
const CASES_AT_A_TIME: u32 = 50;

fn said(variable: &str) -> Option<u32> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The seed of a round, from that of the whole run: each round has cases of its own, the same in each run.
fn seed_of(round: u64, seed: RngSeed) -> RngSeed {
    match seed {
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed.wrapping_add(round)),
        RngSeed::Random => RngSeed::Random,
    }
}

/// Gives a target what is generated, for as many seconds as `FUZZ_SECONDS` says, or for the usual cases without it.
fn fuzz<S: Strategy>(target: &'static str, inputs: S, holds: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = said("FUZZ_SECONDS");
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or_default().into());
    let cases = said("FUZZ_CASES").unwrap_or(if seconds.is_some() { CASES_AT_A_TIME } else { CASES });
    for round in 0.. {
        let mut runner = TestRunner::new(ProptestConfig {
            cases,
            rng_seed: seed_of(round, ProptestConfig::default().rng_seed),
            failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
            source_file: Some(file!()),
            test_name: Some(target),
            ..ProptestConfig::default()
        });
        if let Err(failure) = runner.run(&inputs, &holds) {
            panic!("{target}: {failure}\n{runner}");
        }
        if Instant::now() >= until {
            println!("{target}: {} cases", (round + 1) * u64::from(cases));
            return;
        }
    }
}

fn object() -> ObjectId {
    ObjectId { category: Category::patient(), uuid: "p".into() }
}

fn check_document(representation: Representation, document: &Value, other: &Value) -> Result<(), TestCaseError> {
    let (one, another) = (canonical(representation, document), canonical(representation, other));
    let again: Value = serde_json::from_slice(&one).unwrap();
    prop_assert_eq!(hash(&canonical(representation, &again)), hash(&one), "a canonical form is its own");
    prop_assert_eq!(differences(&one, &another).is_empty(), one == another);
    let _ = mismatch(representation, &object(), document);
    let _ = Content::of(representation, &object(), document);
    let _ = (Belonging::of(representation, &object(), document), refers_otherwise(representation, document));
    let form: Value = serde_json::from_slice(&another).unwrap();
    let same = merge(representation, Versions { base: &form, ours: &again, theirs: &again });
    prop_assert!(same.disputes.is_empty(), "both sides are the same: {:?}", same.paths());
    prop_assert_eq!(hash(&canonical(representation, &same.document)), hash(&one));
    let taken = merge(representation, Versions { base: &form, ours: &form, theirs: &again });
    prop_assert!(taken.disputes.is_empty(), "one side is unchanged: {:?}", taken.paths());
    merge(representation, Versions { base: &Value::Null, ours: &form, theirs: &again });
    Ok(())
}

/// A parent whose child may have what is of the clinic, and not the hidden patient.
fn parent() -> (Engine, SqliteHost) {
    let document = json!({
        "pull": {"enabled": false},
        "exchange": {"children": {"clinic": {"locations": ["here"], "write": ["*"]}}},
    });
    let mut host = SqliteHost::in_memory().unwrap();
    let engine = Engine::open(&document.to_string(), &mut host).unwrap();
    host.edit(Representation::Fhir, &hidden(), HIDDEN.as_bytes()).unwrap();
    (engine, host)
}

fn hidden() -> ObjectId {
    ObjectId { category: Category::patient(), uuid: "hidden".into() }
}

const HIDDEN: &str = r#"{"resourceType": "Patient", "id": "hidden", "name": [{"family": "Nobodyknows"}]}"#;

#[test]
fn rounds_with_a_seed_have_cases_of_their_own() {
    let seeds = [0, 1].map(|round| seed_of(round, RngSeed::Fixed(u64::MAX)));
    assert_ne!(seeds[0], seeds[1]);
    assert_eq!(seeds[0], RngSeed::Fixed(u64::MAX), "the first round has the seed that was said");
}

#[test]
fn page_of_a_feed() {
    fuzz("page", changed("page"), |body| {
        let _ = events_of_page(&body);
        Ok(())
    });
}

#[test]
fn document_from_its_text_to_a_merge() {
    fuzz("document", (changed("document"), changed("document")), |(text, other)| {
        let (Ok(document), Ok(other)) = (json::read::<Value>(&text), json::read::<Value>(&other)) else {
            return Ok(());
        };
        for representation in [Representation::Fhir, Representation::Rest] {
            check_document(representation, &document, &other)?;
        }
        Ok(())
    });
}

#[test]
fn line_of_the_exchange() {
    fuzz("line", changed("line"), |lines| {
        let (engine, mut host) = parent();
        let asked = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        let applied = engine.apply_objects(&mut host, "clinic", "child-node", &lines).unwrap();
        let read = engine.read_objects(&mut host, "clinic", &lines).unwrap();
        for answers in [applied, read] {
            let answers = String::from_utf8(answers).unwrap();
            prop_assert!(answers.lines().count() >= asked, "{} lines, {answers}", asked);
            prop_assert!(!answers.contains("Nobodyknows"), "{answers}");
        }
        let stored = host.look(&hidden()).unwrap();
        prop_assert_eq!(stored, sync2::host::Stored::Present(HIDDEN.as_bytes().to_vec()));
        Ok(())
    });
}

#[test]
fn configuration() {
    fuzz("configuration", changed("configuration"), |text| {
        let text = String::from_utf8_lossy(&text);
        if let Err(refused) = Config::parse(&text, &|_| None) {
            prop_assert!(!refused.message.contains("s3cret"), "{}", refused.message);
        }
        Ok(())
    });
}
