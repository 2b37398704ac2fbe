//! A first pull through the parent's lists, killed again and again while people go on working at the parent.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use serde_json::{Value, json};
use sync2::decide::listing::READ_TOGETHER;
use sync2::event::Representation;
use tokio::runtime::Runtime;

use crate::nodes::{Node, child_of, feed_and_exchange, listen, object_of, patient};

const OBJECTS: usize = 10_000;
const KILLS: usize = 10;
const EDITS_AFTER_EACH: usize = 50;

/// Calls of the host until a kill, at most: ten kills fit into what there is to do.
const MOST_CALLS: u64 = 8_000;

/// Portions whose documents are on their way when a run is killed, with the one that is applied.
const UNDER_WAY: usize = 4;

/// The uuids of the documents that the parent has sent.
type Sent = Arc<Mutex<Vec<String>>>;

async fn note_documents(State(sent): State<Sent>, request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let answers = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let documents = answers.filter(|answer| answer["document"].is_object());
    sent.lock().unwrap().extend(documents.map(|answer| answer["uuid"].as_str().unwrap().to_string()));
    Response::from_parts(parts, Body::from(bytes))
}

/// Moments and objects that look as if drawn, the same in each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

struct Trial {
    parent: Arc<Mutex<Node>>,
    child: Node,
    sent: Sent,
    /// Who was edited: she may be fetched once more.
    edited: HashSet<String>,
    draw: Draw,
    _runtime: Runtime,
}

impl Trial {
    fn begin() -> Trial {
        let parent = Node::of(&json!({"pull": {"enabled": false}, "exchange": {"children": {"sync": {}}}}));
        let parent = Arc::new(Mutex::new(parent));
        let old = (0..OBJECTS).map(|number| patient(&uuid(number), "Okello"));
        let old: Vec<_> = old.map(|one| (object_of(&one), one.to_string().into_bytes())).collect();
        parent.lock().unwrap().host.edit_untold(&old, &[]).unwrap();
        let (runtime, sent) = (Runtime::new().unwrap(), Sent::default());
        let noted: Router = feed_and_exchange(parent.clone()).layer(from_fn_with_state(sent.clone(), note_documents));
        let mut config = child_of(listen(&runtime, noted), Representation::Fhir);
        config["pull"] = json!({"firstRun": "backfill"});
        let child = Node::of(&config);
        Trial { parent, child, sent, edited: HashSet::new(), draw: Draw(7), _runtime: runtime }
    }

    fn parent(&self) -> MutexGuard<'_, Node> {
        self.parent.lock().unwrap()
    }

    fn edit_some(&mut self, round: usize) {
        for _ in 0..EDITS_AFTER_EACH {
            let uuid = uuid(self.draw.below(OBJECTS as u64) as usize);
            self.parent().edit(&patient(&uuid, &format!("Auma {round}")));
            self.edited.insert(uuid);
        }
    }

    fn come(&self) -> HashSet<String> {
        self.child.host.contents().unwrap().into_iter().map(|(object, ..)| object.uuid).collect()
    }
}

fn uuid(number: usize) -> String {
    format!("p{number:05}")
}

#[test]
fn first_pull_killed_ten_times_fetches_nothing_twice() {
    let mut trial = Trial::begin();
    let mut come = HashSet::new();
    for round in 0..KILLS {
        let calls = 1 + trial.draw.below(MOST_CALLS);
        trial.child.die_in_pull_after(calls as u32);
        let sent = std::mem::take(&mut *trial.sent.lock().unwrap());
        let again = sent.iter().filter(|uuid| come.contains(*uuid) && !trial.edited.contains(*uuid));
        assert_eq!(again.count(), 0, "committed before the kill {round}");
        come = trial.come();
        let lost = sent.iter().filter(|uuid| !come.contains(*uuid)).count();
        assert!(lost <= UNDER_WAY * READ_TOGETHER, "{lost} were on their way");
        trial.edit_some(round);
    }
    assert!(come.len() > OBJECTS / 10 && come.len() < OBJECTS, "the kills met the work: {}", come.len());
    trial.child.pull();
    let sent = std::mem::take(&mut *trial.sent.lock().unwrap());
    let again = sent.iter().filter(|uuid| come.contains(*uuid) && !trial.edited.contains(*uuid));
    assert_eq!(again.count(), 0);
    assert_eq!(trial.child.host.contents().unwrap(), trial.parent().host.contents().unwrap());
    assert!(trial.child.conflicts().is_empty() && trial.child.parked().is_empty());
}
