//! A child that is a parent: a root, a server in the middle, a leaf below it, and another child of the root. What is done at any
//! of them reaches all others once, and then nothing travels any more, also after the middle one was away, restored or renewed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use sync2::decide::resolution::{Choice, Whose};
use sync2::error::ErrorKind;
use sync2::event::Representation;
use sync2::identity::NodeChoice;
use sync2::resolution::Decided;
use tokio::runtime::Runtime;

use crate::nodes::{Node, child_of, encounter, object, patient, serve};

/// Rounds after which everything has come everywhere.
const ROUNDS: usize = 4;

struct Levels {
    root: Arc<Mutex<Node>>,
    middle: Arc<Mutex<Node>>,
    leaf: Node,
    /// The root's other child.
    other: Node,
    /// Serves until it is dropped.
    _runtime: Runtime,
}

impl Levels {
    /// All have these patients.
    fn with(uuids: &[&str]) -> Levels {
        let exchange = json!({"children": {"sync": {}}});
        let runtime = Runtime::new().unwrap();
        let served = |config: Value| {
            let node = Arc::new(Mutex::new(Node::of(&config)));
            (node.clone(), serve(&runtime, node))
        };
        let below = |address: SocketAddr| child_of(address, Representation::Fhir);
        let (root, at_root) = served(json!({"pull": {"enabled": false}, "exchange": exchange}));
        let mut config = below(at_root);
        config["exchange"] = exchange.clone();
        let (middle, at_middle) = served(config);
        let (leaf, other) = (Node::of(&below(at_middle)), Node::of(&below(at_root)));
        let mut levels = Levels { root, middle, leaf, other, _runtime: runtime };
        uuids.iter().for_each(|uuid| levels.root().edit(&patient(uuid, "Okello")));
        levels.settle();
        levels
    }

    fn root(&self) -> MutexGuard<'_, Node> {
        self.root.lock().unwrap()
    }

    fn middle(&self) -> MutexGuard<'_, Node> {
        self.middle.lock().unwrap()
    }

    /// Everybody synchronizes, until all is everywhere.
    fn settle(&mut self) {
        for _ in 0..ROUNDS {
            sync(&mut self.leaf);
            sync(&mut self.middle());
            sync(&mut self.other);
        }
    }

    /// Of each server whether the object is live, and its family name.
    fn families(&self, uuid: &str) -> [Option<String>; 4] {
        [&*self.root(), &*self.middle(), &self.leaf, &self.other].map(|node| family(node, uuid))
    }

    fn assert_everywhere(&self, uuid: &str, expected: Option<&str>) {
        assert_eq!(self.families(uuid), [(); 4].map(|()| expected.map(str::to_string)), "{uuid}");
    }

    /// Nothing is open anywhere, and nothing travels or is written any more.
    fn assert_quiet(&mut self) {
        let before = self.effects();
        for _ in 0..2 {
            assert_eq!(sync(&mut self.leaf), (0, 0));
            assert_eq!(sync(&mut self.middle()), (0, 0));
            assert_eq!(sync(&mut self.other), (0, 0));
        }
        assert_eq!(self.effects(), before);
        let (mut root, mut middle) = (self.root.lock().unwrap(), self.middle.lock().unwrap());
        for node in [&mut self.leaf, &mut self.other, &mut *middle, &mut *root] {
            assert_eq!(node.disputes(), []);
            assert!(node.parked().is_empty(), "{:?}", node.parked());
        }
    }

    /// How often each server has saved and removed.
    fn effects(&self) -> [u64; 4] {
        [&*self.root(), &*self.middle(), &self.leaf, &self.other].map(effects)
    }
}

/// How many events were pulled, and pushed.
fn sync(node: &mut Node) -> (u64, u64) {
    let (pulled, pushed) = (node.pull(), node.push());
    (pulled.run.progress.events, pushed.run.progress.events)
}

fn effects(node: &Node) -> u64 {
    let counters = node.host.counters();
    counters.saves + counters.removes
}

fn family(node: &Node, uuid: &str) -> Option<String> {
    Some(node.live("patient", uuid)?["name"][0]["family"].as_str().unwrap().to_string())
}

/// A patient with a family name and a gender.
fn gendered(uuid: &str, family: &str, gender: &str) -> Value {
    let mut document = patient(uuid, family);
    document["gender"] = json!(gender);
    document
}

#[test]
fn change_at_any_level_reaches_all_others_once() {
    let mut levels = Levels::with(&["a", "b", "c", "d"]);
    let before = levels.effects();
    levels.root().edit(&patient("a", "Auma"));
    levels.middle().edit(&patient("b", "Nakato"));
    levels.leaf.edit(&patient("c", "Opio"));
    levels.other.void("patient", "d");
    levels.settle();
    for (uuid, expected) in [("a", Some("Auma")), ("b", Some("Nakato")), ("c", Some("Opio")), ("d", None)] {
        levels.assert_everywhere(uuid, expected);
    }
    let done = levels.effects();
    let new: Vec<u64> = done.iter().zip(before).map(|(done, before)| done - before).collect();
    assert_eq!(new, [3, 3, 3, 3], "each takes over what the three others did");
    levels.assert_quiet();
}

/// It does nothing and answers nothing, while all others go on.
#[test]
fn a_middle_server_that_was_away_catches_up_on_both_sides() {
    let mut levels = Levels::with(&["a", "b", "c"]);
    for number in 0..20 {
        levels.root().edit(&patient("a", &format!("Auma {number}")));
        levels.leaf.edit(&patient("b", &format!("Nakato {number}")));
        levels.other.edit(&encounter(&format!("e{number}"), "c"));
        sync(&mut levels.other);
    }
    levels.root().edit(&gendered("c", "Okello", "female"));
    levels.leaf.edit(&patient("c", "Opio"));
    levels.settle();
    levels.assert_everywhere("a", Some("Auma 19"));
    levels.assert_everywhere("b", Some("Nakato 19"));
    levels.assert_everywhere("c", Some("Opio"));
    for node in [&*levels.root(), &*levels.middle(), &levels.leaf, &levels.other] {
        assert_eq!(node.live("patient", "c"), Some(gendered("c", "Opio", "female")));
        assert!((0..20).all(|number| node.is_live("encounter", &format!("e{number}"))));
    }
    levels.assert_quiet();
}

/// It is a restored parent to the leaf, and a restored child of the root.
#[test]
fn restored_middle_server_gets_back_its_loss_from_both_sides() {
    for passed_on in [true, false] {
        let mut levels = Levels::with(&["a", "b", "c", "d"]);
        let backup = levels.middle().back_up();
        levels.leaf.edit(&patient("a", "Auma"));
        levels.root().edit(&patient("b", "Nakato"));
        levels.middle().edit(&patient("made", "Okot"));
        sync(&mut levels.leaf);
        if passed_on {
            sync(&mut levels.middle());
            sync(&mut levels.leaf);
        }
        levels.middle().restore(backup);
        levels.middle().tell_anew(&object("patient", "a"));
        levels.leaf.edit(&patient("c", "Opio"));
        levels.other.edit(&patient("d", "Akello"));
        assert_eq!(levels.leaf.pull_stopped().kind, ErrorKind::NeedsBackfill);
        levels.leaf.backfill();
        levels.settle();
        // What was made at the middle one had come to the leaf.
        for (uuid, expected) in [("a", "Auma"), ("b", "Nakato"), ("c", "Opio"), ("d", "Akello"), ("made", "Okot")] {
            levels.assert_everywhere(uuid, Some(expected));
        }
        levels.assert_quiet();
    }
}

#[test]
fn renewed_middle_server_goes_on_with_parent_and_child() {
    let mut levels = Levels::with(&["a", "b", "c"]);
    {
        let Node { engine, host, .. } = &mut *levels.middle();
        engine.choose_node(host, NodeChoice::Renew).unwrap();
    }
    levels.middle().edit(&patient("a", "Auma"));
    levels.leaf.edit(&patient("b", "Nakato"));
    levels.root().edit(&patient("c", "Opio"));
    assert_eq!(levels.leaf.pull_stopped().kind, ErrorKind::NeedsBackfill);
    levels.leaf.backfill();
    levels.settle();
    for (uuid, expected) in [("a", "Auma"), ("b", "Nakato"), ("c", "Opio")] {
        levels.assert_everywhere(uuid, Some(expected));
    }
    levels.assert_quiet();
}

#[test]
fn a_restored_root_gets_back_what_came_from_below_the_middle() {
    let mut levels = Levels::with(&["a", "b"]);
    let backup = levels.root().back_up();
    levels.leaf.edit(&patient("a", "Auma"));
    levels.leaf.edit(&patient("new", "Nakato"));
    levels.settle();
    levels.root().restore(backup);
    levels.root().tell_anew(&object("patient", "a"));
    levels.root().edit(&patient("b", "Opio"));
    levels.middle().pull_stopped();
    levels.middle().backfill();
    levels.other.pull_stopped();
    levels.other.backfill();
    levels.settle();
    for (uuid, expected) in [("a", "Auma"), ("new", "Nakato"), ("b", "Opio")] {
        levels.assert_everywhere(uuid, Some(expected));
    }
    levels.assert_quiet();
}

/// The same patient is edited at two children of the root, and below one of them.
#[test]
fn edits_of_different_fields_on_all_sides_are_merged_everywhere() {
    let mut levels = Levels::with(&["a"]);
    levels.leaf.edit(&patient("a", "Auma"));
    levels.other.edit(&gendered("a", "Okello", "female"));
    let mut born = patient("a", "Okello");
    born["birthDate"] = json!("1990-01-01");
    levels.middle().edit(&born);
    levels.settle();
    let mut expected = gendered("a", "Auma", "female");
    expected["birthDate"] = json!("1990-01-01");
    for node in [&*levels.root(), &*levels.middle(), &levels.leaf, &levels.other] {
        assert_eq!(node.live("patient", "a"), Some(expected.clone()));
    }
    levels.assert_quiet();
}

fn decide(node: &mut Node, whose: Whose) {
    let uuid = node.conflicts().remove(0).uuid;
    let (by, reason) = ("clerk".to_string(), "as the paper file says".to_string());
    let decided = Decided { choice: Choice::Side(whose), by, reason, version: None };
    node.engine.resolve(&mut node.host, &uuid, &decided).unwrap();
}

/// The leaf met it at the middle one: it is decided at either, and comes everywhere.
#[test]
fn a_decision_at_either_side_of_a_conflict_reaches_all() {
    for (at_middle, whose, expected) in [
        (true, Whose::Ours, "Nakato"),
        (true, Whose::Theirs, "Auma"),
        (false, Whose::Ours, "Auma"),
        (false, Whose::Theirs, "Nakato"),
    ] {
        let mut levels = Levels::with(&["a"]);
        levels.leaf.edit(&patient("a", "Auma"));
        levels.other.edit(&patient("a", "Nakato"));
        sync(&mut levels.other);
        sync(&mut levels.middle());
        levels.settle();
        assert_eq!((levels.leaf.disputes().len(), levels.middle().disputes().len()), (1, 1));
        assert_eq!(levels.root().disputes(), []);
        if at_middle {
            decide(&mut levels.middle(), whose)
        } else {
            decide(&mut levels.leaf, whose)
        }
        levels.settle();
        levels.assert_everywhere("a", Some(expected));
        levels.assert_quiet();
    }
}

/// An encounter of that patient at a location of that name.
fn encounter_at(uuid: &str, location: &str) -> Value {
    let mut document = encounter(uuid, "p");
    document["location"] = json!([{"location": {"reference": format!("Location/{location}")}}]);
    document
}

/// What the middle one does not want does not get past it; what is entered below gets up all the same.
#[test]
fn a_filter_of_the_middle_one_holds_for_those_below_it() {
    let mut levels = Levels::with(&["p"]);
    for location in ["north", "south"] {
        levels.root().edit(&json!({"resourceType": "Location", "id": location, "name": location}));
    }
    for node in [&mut levels.leaf, &mut *levels.middle.lock().unwrap(), &mut levels.other] {
        node.restart_with(|config| config["categories"]["location"] = json!({}));
    }
    levels.middle().restart_with(|config| config["filter"] = json!({"locations": ["north"]}));
    levels.root().edit(&encounter_at("e-north", "north"));
    levels.other.edit(&encounter_at("e-south", "south"));
    levels.settle();
    let live = |levels: &Levels, uuid: &str| {
        [&*levels.root(), &*levels.middle(), &levels.leaf, &levels.other].map(|node| node.is_live("encounter", uuid))
    };
    assert_eq!(live(&levels, "e-north"), [true; 4]);
    assert_eq!(live(&levels, "e-south"), [true, false, false, true]);

    // An edit elsewhere and a removal of what is out of scope pass the middle one by, too.
    levels.other.edit(&encounter_at("e-south", "south"));
    levels.leaf.edit(&encounter_at("e-leaf", "south"));
    levels.root().void("encounter", "e-north");
    levels.settle();
    assert_eq!(live(&levels, "e-north"), [false; 4]);
    assert_eq!(live(&levels, "e-south"), [true, false, false, true]);
    assert_eq!(live(&levels, "e-leaf"), [true; 4]);
    levels.assert_quiet();
}
