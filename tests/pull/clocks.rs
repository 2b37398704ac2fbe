//! The database's clock goes wrong by a year and is put right again: nothing waits for a time that was never meant, and nothing
//! is done twice.

use serde_json::json;
use sync2::engine::Engine;
use sync2::event::Action;
use sync2::testing::mock_parent::MockParent;

use crate::node::{Child, category, patient, state};

const YEAR: i32 = 365;

fn put(parent: &MockParent, uuid: &str, family: &str) {
    parent.put(category("patient"), patient(uuid, family));
}

#[test]
fn a_pull_goes_on_and_tries_again_after_its_clock_was_wrong() {
    for days in [YEAR, -YEAR] {
        let parent = MockParent::start();
        put(&parent, "p0", "Okello");
        let mut document = parent.config_document(&["patient"]);
        document["audit"] = json!({"keepDays": 30});
        let mut child = Child::configured(document);
        child.pull_to_the_end();

        child.host.set_clock_ahead(days);
        put(&parent, "p0", "Nakato");
        parent.append_event(category("patient"), Action::Created, "late");
        child.pull_to_the_end();
        assert_eq!(child.parked().len(), 1, "{days}");

        child.host.set_clock_ahead(0);
        parent.store(category("patient"), patient("late", "Auma"));
        put(&parent, "p1", "Okello");
        child.pull_to_the_end();
        assert_eq!(child.parked(), [], "{days}");
        for (uuid, family) in [("p0", "Nakato"), ("late", "Auma"), ("p1", "Okello")] {
            assert_eq!(child.document("patient", uuid), Some(patient(uuid, family)), "{days}");
        }
        child.assert_audited(4);
        assert_eq!(child.pull_to_the_end().run.progress.events, 0);
    }
}

#[test]
fn run_killed_under_a_wrong_clock_holds_up_no_later_run() {
    for days in [YEAR, -YEAR] {
        let parent = MockParent::start();
        (0..5).for_each(|number| put(&parent, &format!("p{number}"), "Okello"));
        let document = parent.config_document(&["patient"]);
        let mut child = Child::configured(document.clone());
        child.host.set_clock_ahead(days);
        child.host.lose_database_after(15);
        assert!(child.try_pull().map_or(true, |report| state(&report) != "completed"), "{days}");

        child.host.find_database();
        child.host.set_clock_ahead(0);
        // Another process: the lease is still the other's.
        child.engine = Engine::open(&document.to_string(), &mut child.host).unwrap();
        child.pull_to_the_end();
        assert_eq!(child.host.present().unwrap(), 5, "{days}");
        child.assert_audited(5);
    }
}
