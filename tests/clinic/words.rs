//! What was removed at the parent under what hangs on it, and the words that a clerk reads.

use serde_json::Value;
use sync2::error::{Error, ErrorKind};
use sync2::event::Representation;
use sync2::store::audit::{AuditQuery, AuditStatus};

use crate::nodes::*;

const BOTH: [Representation; 2] = [Representation::Fhir, Representation::Rest];

/// The last word of the audit about an object of the child.
fn last_status(pair: &mut Pair, uuid: &str) -> Option<AuditStatus> {
    let query = AuditQuery { object_uuid: Some(uuid.into()), limit: 10, ..AuditQuery::default() };
    let messages = pair.child.engine.audit(&mut pair.child.host, &query).unwrap().into_messages();
    messages.first().map(|message| message.outcome.status)
}

fn parked_words(pair: &mut Pair, uuid: &str) -> Option<String> {
    pair.child.parked().into_iter().find(|parked| parked.object.uuid == uuid).map(|parked| parked.error.message)
}

#[test]
fn encounter_whose_visit_was_voided_by_sql_comes_without_it() {
    for representation in BOTH {
        let mut pair = Pair::travelling_in(representation);
        {
            let mut parent = pair.parent();
            parent.edit(&numbered(representation, "p", "100HA1"));
            parent.edit(&visit("v", "p"));
            parent.edit(&visited(representation, "e", "p", "v"));
            parent.void_by_sql("v");
        }
        pair.child.pull();
        let here = pair.child.live("encounter", "e").expect("it is here");
        match representation {
            Representation::Fhir => assert_eq!(here.get("partOf"), None),
            // OpenMRS takes a field of REST that is not there for withheld.
            Representation::Rest => assert_eq!(here.get("visit"), Some(&Value::Null)),
        }
        assert_eq!(last_status(&mut pair, "e"), Some(AuditStatus::Partial));
        assert_eq!(parked_words(&mut pair, "e"), None);
        // It is not sent back to the parent as an edit.
        pair.sync();
        assert_eq!(pair.parent().live("encounter", "e"), Some(visited(representation, "e", "p", "v")));
        assert!(pair.child.conflicts().is_empty());
    }
}

#[test]
fn encounter_whose_patient_was_voided_by_sql_waits_with_advice() {
    for representation in BOTH {
        let mut pair = Pair::travelling_in(representation);
        {
            let mut parent = pair.parent();
            parent.edit(&numbered(representation, "p", "100HA1"));
            parent.edit(&visit("v", "p"));
            parent.edit(&visited(representation, "e", "p", "v"));
            parent.void_by_sql("p");
        }
        pair.sync();
        let words = parked_words(&mut pair, "e").expect("it is listed");
        for part in ["encounter of 2026-11-20 (encounter/e)", "its patient (patient/p)", "restore that patient there"] {
            assert!(words.contains(part), "{words}");
        }
        let patient = parked_words(&mut pair, "p").expect("so is the patient");
        assert!(patient.contains("before it came here") && patient.contains("restore it there"), "{patient}");
        // Who repairs it there needs to do nothing here.
        pair.parent().edit(&numbered(representation, "p", "100HA1"));
        pair.sync();
        assert!(pair.child.is_live("encounter", "e"), "{:?}", pair.child.parked());
    }
}

#[test]
fn waiting_record_is_named_by_its_day_and_its_patients_number() {
    for representation in BOTH {
        let mut pair = Pair::travelling_in(representation);
        pair.child.host.fail_save("v", Error::new(ErrorKind::Rejected, "it overlaps"));
        {
            let mut parent = pair.parent();
            parent.edit(&numbered(representation, "p", "100HA1"));
            parent.edit(&visit("v", "p"));
            parent.edit(&visited(representation, "e", "p", "v"));
        }
        pair.child.pull();
        let visit = parked_words(&mut pair, "v").unwrap();
        assert!(visit.starts_with("visit of 2026-11-20") && visit.contains("it overlaps"), "{visit}");
        let words = parked_words(&mut pair, "e").unwrap();
        assert!(
            words.starts_with("encounter of 2026-11-20 of patient 100HA1 (encounter/e) waits for its visit"),
            "{words}"
        );
    }
}

#[test]
fn refusal_of_the_parent_names_the_object_as_people_know_it() {
    for representation in BOTH {
        let mut pair = Pair::travelling_in(representation);
        pair.parent().edit(&numbered(representation, "p", "100HA1"));
        pair.sync();
        pair.parent().host.fail_save("e", Error::new(ErrorKind::Rejected, "no such form"));
        pair.child.edit(&visit("v", "p"));
        pair.child.edit(&visited(representation, "e", "p", "v"));
        pair.child.push();
        let words = parked_words(&mut pair, "e").unwrap();
        assert!(words.starts_with("encounter of 2026-11-20 of patient 100HA1 (encounter/e)"), "{words}");
        assert!(words.contains("no such form"), "{words}");
    }
}

#[test]
fn object_voided_by_sql_at_the_parent_stays_here_with_advice() {
    let mut pair = shared();
    {
        let mut parent = pair.parent();
        parent.edit(&encounter_in("e", "p", "elsewhere"));
        parent.void_by_sql("e");
    }
    pair.child.pull();
    assert!(pair.child.is_live("encounter", "e"));
    let words = parked_words(&mut pair, "e").expect("it is listed");
    assert!(words.contains("stays here until one does") && words.contains("remove it there once more"), "{words}");
}
