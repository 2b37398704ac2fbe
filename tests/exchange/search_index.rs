//! What children bring is found by a search once their request has ended, and after a kill in the middle of one.

use sync2::engine::Engine;
use sync2::listening::ListeningStep;
use sync2::store::{Sql, Transaction};

use super::parent::*;

fn parent() -> Parent {
    let mut parent = Parent::new();
    parent.host.keep_index();
    parent
}

fn notes(parent: &mut Parent) -> usize {
    parent.host.begin().unwrap();
    let notes = parent.host.query("SELECT objects FROM sync2_unindexed", &[]).unwrap().len();
    parent.host.rollback();
    notes
}

#[test]
fn index_is_waited_for_at_the_end_of_a_request_only() {
    let mut parent = parent();
    for group in [["a", "b"], ["c", "d"]] {
        parent.apply(&group.map(|uuid| sent(&patient(uuid, "Okello"))));
    }
    parent.engine.listening(&mut parent.host, &ListeningStep::Listens { time: 1 }).unwrap();
    assert_eq!((parent.host.waits_for_index(), parent.host.not_found().unwrap().len(), notes(&mut parent)), (0, 4, 2));
    parent.engine.end_exchange(&mut parent.host, "another-child").unwrap();
    assert_eq!(notes(&mut parent), 2);
    parent.engine.end_exchange(&mut parent.host, NODE).unwrap();
    assert_eq!((parent.host.not_found().unwrap(), notes(&mut parent)), (vec![], 0));
}

#[test]
fn who_came_before_a_kill_is_found_after_the_next_start() {
    let mut parent = parent();
    parent.apply_one(&sent(&patient("a", "Okello")));
    parent.host.lose_what_is_not_indexed();
    let document = r#"{"pull": {"enabled": false}}"#;
    parent.engine = Engine::open(document, &mut parent.host).unwrap();
    parent.engine.listening(&mut parent.host, &ListeningStep::Begins { time: 1 }).unwrap();
    assert_eq!((parent.host.not_found().unwrap(), notes(&mut parent)), (vec![], 0));
}
