//! A server whose database or data directory was copied from another one.

use std::fs;
use std::path::{Path, PathBuf};

use sync2::engine::{Engine, Injected};
use sync2::environment::Environment;
use sync2::error::{Error, ErrorKind};
use sync2::event::{Action, Direction};
use sync2::feed::own::FeedRequest;
use sync2::identity::NodeChoice;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, config, parent, patient};

/// A child that keeps its id in a directory, too.
struct Kept {
    child: Child,
    directory: PathBuf,
}

impl Kept {
    fn of(parent: &MockParent, test: &str) -> Kept {
        let name = format!("identity-{test}-{}", std::process::id());
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        // Left behind by an earlier process with the same id, if at all.
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let mut kept = Kept { child: Child::of(parent), directory };
        kept.open(parent);
        kept
    }

    fn open(&mut self, parent: &MockParent) {
        let environment = Environment { data_directory: Some(self.directory.clone()), ..Environment::default() };
        let document = config(parent).to_string();
        let opened = Engine::open_with(&document, Injected::default(), environment, &mut self.child.host);
        self.child.engine = opened.unwrap();
    }

    fn file(&self) -> PathBuf {
        self.directory.join("sync2-node-id")
    }

    fn id_in_file(&self) -> String {
        fs::read_to_string(self.file()).unwrap().trim().to_string()
    }

    /// The database of this server is that of another one from now on.
    fn copy_another_database(&self) {
        fs::write(self.file(), "another-node\n").unwrap();
    }

    fn refused(&mut self, direction: Direction) -> Error {
        let (engine, host) = (&self.child.engine, &mut self.child.host);
        let run = match direction {
            Direction::Pull => engine.pull(host),
            Direction::Push => engine.push(host),
        };
        run.unwrap_err()
    }

    fn choose(&mut self, choice: NodeChoice) -> Result<String, Error> {
        self.child.engine.choose_node(&mut self.child.host, choice)
    }

    fn problems(&self) -> Vec<String> {
        self.child.engine.status().unwrap().problems
    }

    /// The epoch of its own feed, with which every tag of it begins.
    fn epoch(&mut self) -> String {
        let recent = FeedRequest::of("http://here/openmrs/ws/rest/v1/sync2/feed/recent", None).unwrap();
        self.child.engine.feed_page(&mut self.child.host, &recent).unwrap().etag[3..39].to_string()
    }
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn node_with_two_ids_does_not_run_until_one_is_adopted() {
    let parent = parent();
    let mut kept = Kept::of(&parent, "adopt");
    kept.child.edit("patient", patient("p", "Okello"));
    let id = kept.child.push_to_the_end().run.node_id;
    assert_eq!((kept.id_in_file(), kept.problems()), (id.clone(), vec![]));

    kept.copy_another_database();
    let runs = kept.child.count("sync2_run");
    for opened_anew in [false, true] {
        if opened_anew {
            kept.open(&parent);
        }
        for direction in [Direction::Pull, Direction::Push] {
            let error = kept.refused(direction);
            assert_eq!(error.kind, ErrorKind::Configuration);
            assert!(error.message.contains("another-node") && error.message.contains(&id), "{error}");
            assert_eq!(kept.child.engine.check_run(direction).unwrap_err().message, error.message);
            assert_eq!(kept.problems(), [error.message]);
        }
    }
    assert_eq!(kept.child.count("sync2_run"), runs);

    assert_eq!(kept.choose(NodeChoice::Adopt).unwrap(), id);
    assert_eq!((kept.id_in_file(), kept.problems(), entries(&kept.directory)), (id.clone(), vec![], 1));
    kept.child.engine.check_run(Direction::Push).unwrap();
    kept.child.pull_to_the_end();
    assert_eq!(kept.child.push_to_the_end().run.node_id, id);
}

#[test]
fn renewed_node_pushes_on_from_the_copied_databases_marker() {
    let parent = parent();
    let mut kept = Kept::of(&parent, "renew");
    kept.child.edit("patient", patient("before", "Okello"));
    let old = kept.child.push_to_the_end().run.node_id;
    let epoch = kept.epoch();
    kept.copy_another_database();
    kept.open(&parent);
    kept.child.edit("patient", patient("after", "Auma"));

    let new = kept.choose(NodeChoice::Renew).unwrap();
    assert_ne!(new, old);
    assert_eq!((kept.id_in_file(), kept.problems()), (new.clone(), vec![]));
    assert_ne!(kept.epoch(), epoch);
    let push = kept.child.push_to_the_end().run;
    assert_eq!((push.node_id, push.progress.events), (new, 1));
    assert!(parent.document(category("patient"), "after").is_some());
    kept.child.pull_to_the_end();
}

#[test]
fn no_node_is_renewed_under_a_run_of_another_server() {
    let parent = parent();
    let mut kept = Kept::of(&parent, "other-server");
    let id = kept.id_in_file();
    kept.child.change("UPDATE sync2_lease SET lease_owner = 'B', expires_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000 + 25000 WHERE direction = 'push'");
    assert_eq!(kept.choose(NodeChoice::Renew).unwrap_err().kind, ErrorKind::AlreadyRunning);
    assert_eq!(kept.id_in_file(), id);
    kept.child.change("UPDATE sync2_lease SET expires_at = 0");
    assert_eq!(kept.child.push_to_the_end().run.node_id, id);
}

#[test]
fn an_id_that_cannot_be_kept_is_a_problem_but_stops_nothing() {
    let parent = parent();
    let mut kept = Kept::of(&parent, "not-kept");
    fs::remove_dir_all(&kept.directory).unwrap();
    kept.child.edit("patient", patient("p", "Okello"));
    kept.child.push_to_the_end();
    let problems = kept.problems();
    assert!(problems.len() == 1 && problems[0].contains("sync2-node-id"), "{problems:?}");
    assert_eq!(kept.child.statuses_of("p").len(), 1);
    assert!(parent.effects().iter().any(|(_, action)| *action == Action::Created));
    fs::create_dir_all(&kept.directory).unwrap();
    kept.child.push_to_the_end();
    assert!(kept.problems().is_empty());
}
