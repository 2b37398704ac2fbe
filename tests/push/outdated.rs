//! A pull and a push at the same time: what the pull has fetched before the push brought both sides further is the past.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::Result;
use sync2::event::{Action, Category, Representation};
use sync2::host::Stored;
use sync2::resource::{Document, Fetched, HostClient, Place};
use sync2::testing::mock_parent::MockParent;
use sync2::testing::sqlite_host::SqliteHost;

use crate::node::{category, config, object, parent, patient, state};

/// Asks the parent, and lets something happen before its answer arrives; once.
struct SlowLine {
    parent: Arc<MockParent>,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl HostClient for SlowLine {
    fn name(&self) -> &str {
        "slow"
    }

    fn serves(&self, representation: Representation, served: Category) -> bool {
        (representation, served) == (Representation::Fhir, category("patient"))
    }

    fn fetch(&self, representation: Representation, served: Category, uuids: &[String]) -> Result<Vec<Fetched>> {
        let answer = |uuid: &String| {
            let json = self.parent.document(served, uuid).unwrap();
            Fetched::Document(Document {
                representation,
                client: "slow".into(),
                url: format!("slow://{uuid}"),
                json: json.into(),
                place: Place::default(),
            })
        };
        let answers = uuids.iter().map(answer).collect();
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        Ok(answers)
    }
}

fn database(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("push-outdated-{name}-{}", std::process::id()));
    // Left behind by an earlier process with the same id, if at all.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("node.sqlite")
}

fn edit(host: &mut SqliteHost, document: &Value) {
    host.edit(Representation::Fhir, &object("patient", "p"), document.to_string().as_bytes()).unwrap();
}

#[test]
fn document_fetched_before_a_push_does_not_undo_a_newer_edit() {
    edit_and_push_meanwhile([0, 0]);
}

#[test]
fn clock_set_during_fetch_and_push_does_not_undo_a_newer_edit() {
    for clocks in [[365, 0], [0, -365], [0, 365], [-365, 0]] {
        edit_and_push_meanwhile(clocks);
    }
}

/// A pull has asked for a document, and before it is decided on a push brings the next version up. The database's clock is
/// so many days ahead when the pull begins, and when the push does.
fn edit_and_push_meanwhile([before, after]: [i32; 2]) {
    let parent = Arc::new(parent());
    let file = database(&format!("{before}-{after}"));
    let document = json!(config(&parent)).to_string();
    let mut pushing = SqliteHost::open(&file).unwrap();
    let pusher = Arc::new(Engine::open(&document, &mut pushing).unwrap());
    pushing.capture_changes();
    edit(&mut pushing, &patient("p", "first"));
    assert_eq!(state(&pusher.push(&mut pushing).unwrap()), "completed");
    // The parent tells of the child's own first version, which the pull fetches; then the second one is pushed.
    parent.append_event(category("patient"), Action::Updated, "p");
    let meanwhile = move || {
        pushing.set_clock_ahead(after);
        edit(&mut pushing, &patient("p", "second"));
        assert_eq!(state(&pusher.push(&mut pushing).unwrap()), "completed");
    };
    let client = SlowLine { parent: parent.clone(), meanwhile: Mutex::new(Some(Box::new(meanwhile))) };
    let injected = Injected { host_clients: vec![Arc::new(client)], ..Injected::default() };
    let mut pulling = SqliteHost::open(&file).unwrap();
    let puller = Engine::open_with(&document, injected, Environment::default(), &mut pulling).unwrap();
    pulling.set_clock_ahead(before);
    pulling.before_lock(move |host| host.set_clock_ahead(after));
    assert_eq!(state(&puller.pull(&mut pulling).unwrap()), "completed");
    let second = patient("p", "second");
    assert_eq!(parent.document(category("patient"), "p"), Some(second.clone()));
    match pulling.look(&object("patient", "p")).unwrap() {
        Stored::Present(bytes) => assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), second),
        other => panic!("{other:?}"),
    }
    assert!(puller.conflicts(&mut pulling, 10, 0).unwrap().is_empty());
}
