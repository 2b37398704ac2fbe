//! Visits that both sides close before they hear of each other, as the task does that closes old visits.

use serde_json::{Value, json};
use sync2::store::audit::AuditStatus;

use super::nodes::{Pair, patient, visit};

fn closed(uuid: &str, at: &str) -> Value {
    let mut document = visit(uuid, "p");
    document["stopDatetime"] = json!(at);
    document
}

fn stops(pair: &Pair) -> Vec<(Value, Value)> {
    let stop = |visit: Option<Value>| visit.unwrap()["stopDatetime"].clone();
    let of = |n: usize| {
        let uuid = format!("v{n}");
        (stop(pair.child.live("visit", &uuid)), stop(pair.parent().live("visit", &uuid)))
    };
    (0..10).map(of).collect()
}

#[test]
fn visits_closed_on_both_sides_are_no_conflict_and_end_alike() {
    let mut pair = Pair::start();
    pair.parent().edit(&patient("p", "Okello"));
    for n in 0..10 {
        pair.parent().edit(&visit(&format!("v{n}"), "p"));
    }
    pair.sync();
    // Half of them later here, half of them later there.
    for n in 0..10 {
        let (here, there) = if n % 2 == 0 { (40, 20) } else { (20, 40) };
        let at = |seconds: u8| closed(&format!("v{n}"), &format!("2026-11-20T23:59:{seconds}.000+0000"));
        pair.child.edit(&at(here));
        pair.parent().edit(&at(there));
    }
    pair.sync();
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty());
    let latest = json!("2026-11-20T23:59:40.000+0000");
    assert_eq!(stops(&pair), vec![(latest.clone(), latest); 10]);
    let quiet = pair.child.push();
    assert!(quiet.run.progress.counts.keys().all(|status| *status == AuditStatus::Unchanged));
}

#[test]
fn visit_closed_twice_met_by_a_push_ends_without_conflict() {
    let mut pair = Pair::start();
    pair.parent().edit(&patient("p", "Okello"));
    pair.parent().edit(&visit("v0", "p"));
    pair.sync();
    pair.child.edit(&closed("v0", "2026-11-20T23:59:40.000+0000"));
    pair.parent().edit(&closed("v0", "2026-11-20T23:59:20.000+0000"));
    pair.child.push();
    pair.sync();
    assert!(pair.child.conflicts().is_empty() && pair.child.parked().is_empty());
    let stop = |visit: Option<Value>| visit.unwrap()["stopDatetime"].clone();
    assert_eq!(stop(pair.parent().live("visit", "v0")), json!("2026-11-20T23:59:40.000+0000"));
    assert_eq!(stop(pair.child.live("visit", "v0")), json!("2026-11-20T23:59:40.000+0000"));
}
