//! Runs the push's table of `docs/failures.md`: each row is one scenario, and what is expected of it is read from the row.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::event::Direction;
use sync2::testing::mock_parent::{Fault, MockParent};

use crate::node::{Child, category, config, encounter, patient, state};
use crate::table::{self, ComesBack, GoesOn, MarkerAt, Row};

/// Good records before the bad one, and as many after it.
const OTHERS: u64 = 3;

struct World {
    parent: MockParent,
    child: Child,
    /// What is sent beside the good records.
    bad: &'static str,
}

struct Scenario {
    id: &'static str,
    /// Brings the failure about; what it edits is the bad record.
    spoil: fn(&mut World),
    heal: fn(&mut World),
}

const SCENARIOS: &[Scenario] = &[
    Scenario { id: "push-refused", spoil: |world| world.refuse(ErrorKind::Rejected), heal: World::accept },
    Scenario { id: "push-duplicate", spoil: |world| world.refuse(ErrorKind::Duplicate), heal: World::accept },
    Scenario { id: "push-outside-scope", spoil: |world| world.refuse(ErrorKind::Forbidden), heal: World::accept },
    Scenario {
        id: "push-reference-missing",
        spoil: |world| world.edit_bad_encounter(),
        heal: |world| world.child.edit("patient", patient("elsewhere", "Auma")),
    },
    Scenario {
        id: "push-unreadable-here",
        spoil: |world| {
            world.edit_bad_patient();
            world.child.change("UPDATE test_object SET representation = 'rest' WHERE uuid = 'bad'");
        },
        heal: |world| world.child.change("UPDATE test_object SET representation = 'fhir' WHERE uuid = 'bad'"),
    },
    Scenario {
        id: "push-line-unanswered",
        spoil: |world| {
            world.edit_bad_patient();
            // The conflict's document is larger than an answer may be.
            let mut huge = patient("bad", "Auma");
            huge["language"] = json!("x".repeat(100_000));
            world.parent.store(category("patient"), huge);
        },
        heal: |world| world.parent.delete(category("patient"), "bad"),
    },
    Scenario {
        id: "push-breaks-once",
        spoil: |world| {
            world.edit_bad_patient();
            let mut seen = 0;
            world.fail_exchange(Fault::Unanswered, move || {
                seen += 1;
                seen == 2
            });
        },
        heal: |_| {},
    },
    Scenario {
        id: "push-answer-lost",
        spoil: |world| {
            world.edit_bad_patient();
            world.fail_lines(Fault::Unanswered);
        },
        heal: World::heal,
    },
    Scenario {
        id: "push-exchange-fails",
        spoil: |world| {
            world.edit_bad_patient();
            world.fail_lines(Fault::status(500));
        },
        heal: World::heal,
    },
    Scenario {
        id: "push-parent-away",
        spoil: |world| {
            world.edit_bad_patient();
            world.parent.stop();
        },
        heal: |world| world.parent.restart(),
    },
    Scenario {
        id: "push-parent-goes-away",
        spoil: |world| {
            world.edit_bad_patient();
            world.child.restart_with(|config| config["transfer"]["batchSize"] = json!(2));
            let mut seen = 0;
            world.fail_exchange(Fault::status(502), move || {
                seen += 1;
                seen > 2
            });
        },
        heal: World::heal,
    },
    Scenario {
        id: "push-parent-401",
        spoil: |world| {
            world.edit_bad_patient();
            world.fail_lines(Fault::status(401));
        },
        heal: World::heal,
    },
    Scenario {
        id: "push-parent-503",
        spoil: |world| {
            world.edit_bad_patient();
            world.fail_lines(Fault::status(503));
        },
        heal: World::heal,
    },
    Scenario {
        id: "push-database-lost",
        spoil: |world| {
            world.edit_bad_patient();
            world.child.host.after_read(|host, object| {
                if object.uuid == "bad" {
                    host.lose_database();
                }
            });
        },
        heal: |world| world.child.host.after_read(|_, _| {}),
    },
    Scenario {
        id: "push-feed-removed",
        spoil: |world| {
            world.edit_bad_patient();
            // Published, but not pushed.
            world.parent.stop();
            world.child.push();
            world.parent.restart();
            world.child.change("CREATE TABLE kept AS SELECT * FROM sync2_event");
            world.child.change("DELETE FROM sync2_event WHERE event_no <= 3");
        },
        heal: |world| world.child.change("INSERT INTO sync2_event SELECT * FROM kept WHERE event_no <= 3"),
    },
    Scenario { id: "push-halt-refused", spoil: |world| world.refuse(ErrorKind::Rejected), heal: World::accept },
];

impl World {
    fn with(on_record_failure: &str) -> World {
        let parent = crate::node::parent();
        let mut document = config(&parent);
        document["push"]["onRecordFailure"] = json!(on_record_failure);
        document["transfer"] = json!({"maxBodyBytes": 16384});
        let mut child = Child::configured(document);
        child.edit("patient", patient("here", "Okello"));
        child.push_to_the_end();
        World { parent, child, bad: "patient" }
    }

    fn edit_others(&mut self, first: u64) {
        for number in first..first + OTHERS {
            self.child.edit("patient", patient(&format!("p{number}"), "Okello"));
        }
    }

    fn edit_bad_patient(&mut self) {
        self.child.edit("patient", patient("bad", "Nakato"));
    }

    fn edit_bad_encounter(&mut self) {
        self.bad = "encounter";
        self.child.edit("encounter", encounter("bad", "elsewhere"));
    }

    fn refuse(&mut self, kind: ErrorKind) {
        self.edit_bad_patient();
        self.parent.refuse("bad", kind);
    }

    fn accept(&mut self) {
        self.parent.accept("bad");
    }

    fn fail_exchange(&self, fault: Fault, mut acts: impl FnMut() -> bool + Send + 'static) {
        self.parent.fail(move |path| path.ends_with("/objects/apply") && acts(), fault);
    }

    /// Lets all requests of the exchange fail but the first, which only asks whether there is one.
    fn fail_lines(&self, fault: Fault) {
        let mut seen = 0;
        self.fail_exchange(fault, move || {
            seen += 1;
            seen > 1
        });
    }

    fn heal(&mut self) {
        self.parent.heal();
    }

    fn arrived(&self, uuid: &str) -> bool {
        self.parent.document(category("patient"), uuid).is_some()
    }

    fn check_after_the_failure(&mut self, row: &Row, report: &sync2::status::RunReport) {
        assert_eq!(state(report), row.run);
        let audit = self.child.statuses_of("bad").last().map_or("–", |status| status.name());
        assert_eq!(audit, row.audit);
        let parked = self.child.parked();
        let kind = match (&parked.first(), &report.run.error) {
            (Some(parked), _) => parked.error.kind.name(),
            (None, Some(error)) => error.kind.name(),
            (None, None) => "–",
        };
        assert_eq!(kind, row.kind);
        assert_eq!(parked.len(), usize::from(row.audit == "PARKED"));
        let passed = self.child.marker().events - 1;
        match row.marker {
            MarkerAt::PastIt => assert_eq!(passed, 2 * OTHERS + 1),
            MarkerAt::BeforeIt => assert_eq!(passed, OTHERS),
            MarkerAt::Unmoved => assert_eq!(passed, 0),
            MarkerAt::AsFarAsSaved => assert!(passed > 0 && passed < 2 * OTHERS + 1),
        }
        match row.goes_on {
            GoesOn::Everything => assert!(self.arrived("p0") && self.arrived("p5")),
            GoesOn::OtherCategories => panic!("one feed holds all categories"),
            GoesOn::Nothing => assert_eq!(self.child.audit().len() as u64, passed + 1),
        }
    }

    fn ask_again_as(&mut self, row: &Row) {
        let parked = self.child.parked();
        let uuids: Vec<String> = parked.iter().map(|parked| parked.audit_uuid.clone()).collect();
        match row.comes_back {
            // The schedule's tries are used up within the run, which waits for none.
            ComesBack::Administrator | ComesBack::Retry => {
                // What others may block is tried once more at the end of the run.
                let soon = row.comes_back == ComesBack::Retry;
                assert!(parked.iter().all(|parked| if soon { parked.attempts > 0 } else { parked.attempts <= 1 }));
                assert_eq!(self.child.engine.retry(&mut self.child.host, &uuids).unwrap(), uuids.len() as u64);
            }
            ComesBack::NewerEvent => self.edit_bad_patient(),
            ComesBack::Arrived | ComesBack::NextRun | ComesBack::Arrival => {}
        }
    }

    fn check_at_the_end(&mut self, report: &sync2::status::RunReport) {
        assert_eq!(state(report), "completed", "{:?}", report.run.error);
        assert!(self.child.parked().is_empty(), "{:?}", self.child.parked());
        assert!(self.child.conflicts().is_empty());
        assert!((0..2 * OTHERS).all(|number| self.arrived(&format!("p{number}"))));
        assert!(self.parent.document(category(self.bad), "bad").is_some());
        let effects = crate::node::effects(&self.parent);
        assert_eq!(
            effects.iter().collect::<BTreeSet<_>>().len(),
            effects.len(),
            "something was done twice: {effects:?}"
        );
        assert_eq!(self.child.count("sync2_pending"), 0);
    }
}

#[test]
fn every_row_has_a_scenario_and_every_scenario_a_row() {
    let rows: Vec<String> = table::rows(Direction::Push).into_iter().map(|row| row.id).collect();
    let scenarios: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
    assert_eq!(rows, scenarios);
}

#[test]
fn each_row_is_true() {
    let mut wrong = Vec::new();
    for row in table::rows(Direction::Push) {
        let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.id == row.id) else { continue };
        // The thread's name stands in the message of a failure.
        let thread = thread::Builder::new().name(row.id.clone());
        let outcome = thread::scope(|scope| thread.spawn_scoped(scope, || run(&row, scenario)).unwrap().join());
        if outcome.is_err() {
            wrong.push(row.id.clone());
        }
    }
    assert!(wrong.is_empty(), "these rows are not true: {wrong:?}");
}

fn run(row: &Row, scenario: &Scenario) {
    let mut world = World::with(row.on_record_failure());
    world.edit_others(0);
    // In the middle: the scenario edits the bad record first of all.
    (scenario.spoil)(&mut world);
    world.edit_others(OTHERS);
    let report = world.child.push();
    world.child.host.find_database();
    world.check_after_the_failure(row, &report);
    (scenario.heal)(&mut world);
    world.ask_again_as(row);
    let report = world.child.push();
    world.check_at_the_end(&report);
}
