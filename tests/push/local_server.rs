//! Reading what is sent at this server's own FHIR and REST addresses.

use serde_json::json;
use sync2::error::ErrorKind;
use sync2::store::audit::AuditStatus::{Applied, Removed};
use sync2::testing::mock_parent::{MockParent, PASSWORD, USERNAME};

use crate::node::{Child, category, config, effects, parent, patient, state};

/// A child whose objects are asked for at `itself`.
fn child_of(parent: &MockParent, itself: &MockParent) -> Child {
    let mut document = config(parent);
    document["local"] =
        json!({"access": "http", "url": itself.url().as_str(), "username": USERNAME, "password": PASSWORD});
    Child::configured(document)
}

#[test]
fn objects_are_read_where_any_client_reads_them() {
    let (parent, itself) = (parent(), MockParent::start());
    let mut child = child_of(&parent, &itself);
    for uuid in ["p", "q"] {
        child.edit("patient", patient(uuid, "not what is served"));
        itself.store(category("patient"), patient(uuid, "Okello"));
    }
    child.push_to_the_end();
    assert_eq!(parent.document(category("patient"), "p"), Some(patient("p", "Okello")));
    assert_eq!(child.host.counters().reads, 0);

    child.void("patient", "p");
    itself.void(category("patient"), "p");
    child.push_to_the_end();
    assert_eq!(child.statuses_of("p"), [Applied, Removed]);
    assert_eq!(effects(&parent).len(), 3);
}

#[test]
fn local_server_that_does_not_answer_stops_the_run_with_words() {
    let (parent, itself) = (parent(), MockParent::start());
    let mut child = child_of(&parent, &itself);
    child.edit("patient", patient("p", "Okello"));
    itself.stop();
    let report = child.push();
    assert_eq!(state(&report), "interrupted");
    let error = report.run.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.starts_with("this server, asked at local.url"), "{}", error.message);
    assert!(child.parked().is_empty() && child.audit().is_empty());
}
