//! The database's clock goes wrong by a year and is put right again: what was refused meanwhile is sent again.

use sync2::error::ErrorKind;

use crate::node::{Child, category, parent, patient};

#[test]
fn a_push_tries_again_after_its_clock_was_wrong() {
    for days in [365, -365] {
        let parent = parent();
        let mut child = Child::of(&parent);
        child.edit("patient", patient("p0", "Okello"));
        child.push_to_the_end();

        child.host.set_clock_ahead(days);
        parent.refuse("late", ErrorKind::Rejected);
        child.edit("patient", patient("p0", "Nakato"));
        child.edit("patient", patient("late", "Auma"));
        child.push_to_the_end();
        assert_eq!(child.parked().len(), 1, "{days}");

        child.host.set_clock_ahead(0);
        parent.accept("late");
        child.edit("patient", patient("p1", "Okello"));
        child.push_to_the_end();
        assert_eq!(child.parked(), [], "{days}");
        for (uuid, family) in [("p0", "Nakato"), ("late", "Auma"), ("p1", "Okello")] {
            assert_eq!(parent.document(category("patient"), uuid), Some(patient(uuid, family)), "{days}");
        }
        assert_eq!(child.push_to_the_end().run.progress.events, 0);
    }
}
