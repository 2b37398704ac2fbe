//! A person decides about a conflict: both sides end equal, nothing is left open, and nothing is sent any more.

use serde_json::{Value, json};
use sync2::decide::resolution::{Choice, Whose};
use sync2::error::{ErrorKind, Result};
use sync2::event::Representation;
use sync2::resolution::{ConflictDetail, Decided, Resolved, Which};
use sync2::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use sync2::store::conflicts::{ConflictFilter, ConflictKind};

use crate::nodes::*;

const OURS: Choice = Choice::Side(Whose::Ours);
const THEIRS: Choice = Choice::Side(Whose::Theirs);

fn decided(choice: Choice) -> Decided {
    Decided { choice, by: "clerk".to_string(), reason: "as the paper file says".to_string(), version: None }
}

fn shown(node: &mut Node, object: &str) -> ConflictDetail {
    let found = node.conflicts().into_iter().find(|conflict| conflict.object.to_string() == object);
    let uuid = found.unwrap_or_else(|| panic!("no conflict of {object}")).uuid;
    node.engine.conflict(&mut node.host, &uuid).unwrap().unwrap()
}

fn resolve(node: &mut Node, object: &str, choice: Choice) -> Result<Resolved> {
    let uuid = shown(node, object).conflict.uuid;
    node.engine.resolve(&mut node.host, &uuid, &decided(choice))
}

fn resolve_shown(node: &mut Node, shown: &ConflictDetail, choice: Choice) -> Result<Resolved> {
    let decided = Decided { version: Some(shown.version.clone()), ..decided(choice) };
    node.engine.resolve(&mut node.host, &shown.conflict.uuid, &decided)
}

fn messages(node: &mut Node, uuid: &str) -> Vec<AuditMessage> {
    let query = AuditQuery { object_uuid: Some(uuid.to_string()), limit: 100, ..AuditQuery::default() };
    node.engine.audit(&mut node.host, &query).unwrap().into_messages()
}

/// Nothing is open on either side, and nothing travels any more.
fn quiet(pair: &mut Pair) {
    pair.sync();
    pair.sync();
    assert_eq!(pair.child.disputes(), [], "{:?}", pair.child.conflicts());
    assert!(pair.child.parked().is_empty(), "{:?}", pair.child.parked());
    assert_eq!(pair.parent().disputes(), []);
    let (pulled, pushed) = (pair.child.pull(), pair.child.push());
    assert_eq!((pulled.run.progress.events, pushed.run.progress.events), (0, 0));
}

/// The object is live on both sides with the same document, which is returned; or on neither.
fn equal(pair: &Pair, category: &str, uuid: &str) -> Option<Value> {
    let (here, there) = (pair.child.live(category, uuid), pair.parent().live(category, uuid));
    assert_eq!(here, there, "{category}/{uuid}");
    here
}

#[test]
fn conflict_is_open_at_the_parent_until_the_child_tells_its_end() {
    for met in MET {
        for choice in [OURS, THEIRS] {
            let mut pair = in_dispute(met);
            pair.child.push();
            let there = pair.parent().conflicts();
            assert_eq!((there.len(), there[0].object.to_string().as_str()), (1, "patient/p"));
            let conflict = pair.child.conflicts().remove(0);
            assert!(there[0].child_node.is_some() && there[0].kind == conflict.kind);
            assert_eq!((&there[0].ours_hash, &there[0].theirs_hash), (&conflict.theirs_hash, &conflict.ours_hash));
            resolve(&mut pair.child, "patient/p", choice).unwrap();
            pair.child.push();
            assert!(pair.parent().conflicts().is_empty(), "{met:?}");
            assert_eq!(pair.parent().engine.status().unwrap().conflicts, 0);
            quiet(&mut pair);
        }
    }
}

/// The child hears of it by its pull, and both are equal after its push. What only one side changed stays, also here.
#[test]
fn conflict_decided_at_the_parent_is_carried_out_by_the_child() {
    for met in MET {
        for (choice, family, gender) in [(OURS, "Akello", "female"), (THEIRS, "Auma", "male"), (Choice::Newest, "", "")]
        {
            let mut pair = in_dispute(met);
            pair.child.push();
            let shown_there = shown(&mut pair.parent(), "patient/p");
            let offered: Vec<&str> = shown_there.choices.iter().map(|offer| offer.choice).collect();
            assert_eq!(offered, ["ours", "theirs"]);
            assert_eq!(shown_there.conflict.child_name.as_deref(), Some("sync2"));
            let decided = resolve_shown(&mut pair.parent(), &shown_there, choice.clone());
            if choice == Choice::Newest {
                // The documents do not say when they were written.
                assert_eq!(decided.unwrap_err().kind, ErrorKind::Rejected);
                continue;
            }
            let decided = decided.unwrap();
            assert!(decided.goes_down && !decided.goes_up);
            let waiting = pair.parent().conflicts().remove(0).decision.unwrap();
            assert_eq!((waiting.choice.as_str(), waiting.by.as_str()), (choice.name(), "clerk"));
            pair.child.pull();
            assert_eq!(pair.child.disputes(), []);
            pair.child.push();
            assert!(pair.parent().conflicts().is_empty(), "{met:?}");
            quiet(&mut pair);
            assert_eq!(equal(&pair, "patient", "p"), Some(person(family, gender, "1991-01-01")));
            for (told, by) in [
                (messages(&mut pair.child, "p"), "clerk (at the parent)"),
                (messages(&mut pair.parent(), "p"), "clerk"),
            ] {
                let resolved = told.into_iter().find(|message| message.outcome.status == AuditStatus::Resolved);
                assert_eq!(resolved.unwrap().outcome.detail.unwrap()["resolution"]["by"], json!(by));
            }
        }
    }
}

#[test]
fn decision_at_the_parent_lapses_when_either_side_moves() {
    for moves_here in [true, false] {
        let mut pair = in_dispute(MetIn::Push);
        resolve(&mut pair.parent(), "patient/p", OURS).unwrap();
        let edited = person("Nakato", "male", "1991-01-01");
        if moves_here {
            pair.child.edit(&edited)
        } else {
            pair.parent().edit(&edited)
        }
        pair.child.pull();
        assert_eq!(pair.child.disputes().len(), 1);
        pair.child.push();
        let there = shown(&mut pair.parent(), "patient/p");
        assert_eq!(there.conflict.decision, None);
        let moved = if moves_here { pair.child.live("patient", "p") } else { pair.parent().live("patient", "p") };
        assert_eq!(moved, Some(edited));
        // Decided once more, on what is shown now.
        resolve_shown(&mut pair.parent(), &there, OURS).unwrap();
        quiet(&mut pair);
        let family = if moves_here { "Akello" } else { "Nakato" };
        assert_eq!(equal(&pair, "patient", "p").unwrap()["name"][0]["family"], json!(family));
    }
}

#[test]
fn a_decision_at_the_parent_that_is_none_is_refused() {
    let pair = in_dispute(MetIn::Push);
    let fields = Choice::Fields([("gender".to_string(), Whose::Ours)].into());
    for choice in [Choice::Keep, fields, Choice::Document(person("Nakato", "male", "1991-01-01"))] {
        assert_eq!(resolve(&mut pair.parent(), "patient/p", choice).unwrap_err().kind, ErrorKind::Rejected);
    }
    let shown = shown(&mut pair.parent(), "patient/p");
    pair.parent().edit(&person("Opio", "female", "1990-01-01"));
    assert_eq!(resolve_shown(&mut pair.parent(), &shown, OURS).unwrap_err().kind, ErrorKind::Outdated);
    assert_eq!(pair.parent().conflicts().remove(0).decision, None);
}

#[test]
fn a_removal_in_dispute_is_decided_at_the_parent() {
    for removed_here in [true, false] {
        for choice in [Choice::Keep, Choice::Apply] {
            let mut pair = shared();
            let (edited, at_parent) = (person("Nakato", "male", "1991-01-01"), choice.clone());
            if removed_here {
                pair.child.void("patient", "p");
                pair.parent().edit(&edited);
            } else {
                pair.child.edit(&edited);
                pair.parent().void("patient", "p");
            }
            pair.child.push();
            resolve(&mut pair.parent(), "patient/p", at_parent).unwrap();
            quiet(&mut pair);
            let expected = (choice == Choice::Keep).then_some(edited);
            assert_eq!(equal(&pair, "patient", "p"), expected, "{removed_here}");
            for (category, uuid) in [("encounter", "e"), ("observation", "o")] {
                assert_eq!(equal(&pair, category, uuid).is_some(), choice == Choice::Keep, "{category} {removed_here}");
            }
        }
    }
}

/// In FHIR a document says encounter where it means the visit, which is what the parent says that it misses.
#[test]
fn record_refused_for_a_voided_visit_follows_it_at_once() {
    for representation in [Representation::Fhir, Representation::Rest] {
        let mut pair = Pair::travelling_in(representation);
        pair.parent().edit(&numbered(representation, "p", "1"));
        pair.parent().edit(&visit("v", "p"));
        pair.sync();
        pair.child.edit(&visited(representation, "new", "p", "v"));
        pair.parent().void("visit", "v");
        pair.sync();
        let parked = pair.child.parked();
        let awaited: Vec<&str> =
            parked.iter().flat_map(|parked| &parked.waiting_for).map(|object| object.uuid.as_str()).collect();
        assert_eq!(awaited, ["v"], "{parked:?}");
        resolve(&mut pair.child, "visit/v", OURS).unwrap();
        pair.child.push();
        assert!(pair.parent().is_live("encounter", "new"), "{representation:?}: {:?}", pair.child.parked());
        quiet(&mut pair);
    }
}

/// The word that a conflict is over is no edit: it stands against nothing that the parent has changed since.
#[test]
fn end_of_a_conflict_does_not_oppose_a_newer_parents_edit() {
    let mut pair = shared();
    pair.child.edit(&person("Okello", "male", "1990-01-01"));
    pair.parent().edit(&person("Okello", "female", "1990-01-01"));
    pair.child.push();
    resolve(&mut pair.child, "patient/p", THEIRS).unwrap();
    let mut agreed = pair.child.live("patient", "p").unwrap();
    agreed["gender"] = json!("other");
    pair.parent().edit(&agreed);
    pair.child.push();
    assert!(pair.child.conflicts().is_empty(), "{:?}", pair.child.conflicts());
    quiet(&mut pair);
    assert_eq!(equal(&pair, "patient", "p"), Some(agreed));
}

/// Which run meets a conflict first.
#[derive(Clone, Copy, Debug)]
enum MetIn {
    Pull,
    Push,
}

const MET: [MetIn; 2] = [MetIn::Pull, MetIn::Push];

fn meet(pair: &mut Pair, met: MetIn) {
    match met {
        MetIn::Pull => drop(pair.child.pull()),
        MetIn::Push => drop(pair.child.push()),
    }
    assert_eq!(pair.child.conflicts().len(), 1, "{met:?}: {:?}", pair.child.disputes());
}

fn person(family: &str, gender: &str, birth_date: &str) -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"family": family}], "gender": gender, "birthDate": birth_date})
}

/// Both sides changed the gender and the family name; the child the day of birth, too, which nobody disputes.
fn in_dispute(met: MetIn) -> Pair {
    let mut pair = shared();
    pair.parent().edit(&person("Okello", "other", "1990-01-01"));
    pair.sync();
    pair.child.edit(&person("Auma", "male", "1991-01-01"));
    pair.parent().edit(&person("Akello", "female", "1990-01-01"));
    meet(&mut pair, met);
    pair
}

#[test]
fn conflict_resolved_by_a_side_keeps_undisputed_fields() {
    for met in MET {
        for (choice, family, gender) in [(OURS, "Auma", "male"), (THEIRS, "Akello", "female")] {
            let mut pair = in_dispute(met);
            resolve(&mut pair.child, "patient/p", choice).unwrap();
            assert!(pair.child.conflicts().is_empty());
            quiet(&mut pair);
            assert_eq!(equal(&pair, "patient", "p"), Some(person(family, gender, "1991-01-01")), "{met:?}");
        }
    }
}

#[test]
fn a_content_conflict_is_resolved_field_by_field() {
    for met in MET {
        let mut pair = in_dispute(met);
        let paths: Vec<String> =
            shown(&mut pair.child, "patient/p").differences.into_iter().map(|difference| difference.path).collect();
        assert_eq!(paths, ["gender", "name"]);
        let some = Choice::Fields([("gender".to_string(), Whose::Ours)].into());
        let refused = resolve(&mut pair.child, "patient/p", some).unwrap_err();
        assert!(refused.kind == ErrorKind::Rejected && refused.message.contains("name"), "{refused}");
        let all = [("gender".to_string(), Whose::Ours), ("name".to_string(), Whose::Theirs)];
        resolve(&mut pair.child, "patient/p", Choice::Fields(all.into())).unwrap();
        quiet(&mut pair);
        let resolved = equal(&pair, "patient", "p").unwrap();
        assert_eq!((&resolved["gender"], &resolved["name"][0]["family"]), (&json!("male"), &json!("Akello")));
    }
}

#[test]
fn field_added_by_this_side_alone_goes_up_with_a_decision() {
    let by_field = Choice::Fields([("gender".to_string(), Whose::Theirs)].into());
    for met in MET {
        for choice in [OURS, THEIRS, by_field.clone()] {
            let mut pair = shared();
            pair.parent().edit(&person("Okello", "other", "1990-01-01"));
            pair.sync();
            let mut edited = person("Okello", "male", "1990-01-01");
            edited["language"] = json!("lg");
            pair.child.edit(&edited);
            pair.parent().edit(&person("Okello", "female", "1990-01-01"));
            meet(&mut pair, met);
            resolve(&mut pair.child, "patient/p", choice.clone()).unwrap();
            quiet(&mut pair);
            let both = equal(&pair, "patient", "p").unwrap();
            assert_eq!(both["language"], json!("lg"), "{met:?}");
            assert_eq!(pair.parent().conflicts().len(), 0, "{met:?}");
        }
    }
}

#[test]
fn a_content_conflict_is_resolved_by_an_edited_document() {
    for met in MET {
        let mut pair = in_dispute(met);
        let edited = person("Auma Akello", "female", "1991-01-01");
        resolve(&mut pair.child, "patient/p", Choice::Document(edited.clone())).unwrap();
        quiet(&mut pair);
        assert_eq!(equal(&pair, "patient", "p"), Some(edited));
    }
}

#[test]
fn resolution_by_a_foreign_or_dangling_document_is_refused() {
    let mut pair = shared();
    pair.child.edit(&encounter_on("e", "p", "2026-11-21"));
    pair.parent().edit(&encounter_on("e", "p", "2026-11-22"));
    pair.child.pull();
    let other = Choice::Document(encounter("other", "p"));
    assert_eq!(resolve(&mut pair.child, "encounter/e", other).unwrap_err().kind, ErrorKind::Rejected);
    let dangling = resolve(&mut pair.child, "encounter/e", Choice::Document(encounter("e", "nobody"))).unwrap_err();
    assert!(dangling.kind == ErrorKind::MissingReference && dangling.message.contains("patient/nobody"), "{dangling}");
    assert_eq!(pair.child.live("encounter", "e"), Some(encounter_on("e", "p", "2026-11-21")));
    assert_eq!(pair.child.conflicts().len(), 1);
}

fn encounter_on(uuid: &str, patient: &str, day: &str) -> Value {
    let mut document = encounter(uuid, patient);
    document["period"]["start"] = json!(format!("{day}T09:30:00+00:00"));
    document
}

#[test]
fn a_conflict_at_first_contact_is_resolved_either_way() {
    for met in MET {
        for (choice, family) in [(OURS, "Auma"), (THEIRS, "Okello")] {
            let mut pair = Pair::start();
            pair.parent().edit(&patient("p", "Okello"));
            pair.child.edit(&patient("p", "Auma"));
            meet(&mut pair, met);
            resolve(&mut pair.child, "patient/p", choice).unwrap();
            quiet(&mut pair);
            assert_eq!(equal(&pair, "patient", "p"), Some(patient("p", family)), "{met:?}");
        }
    }
}

#[test]
fn an_edit_here_between_look_and_decision_is_told_and_stays() {
    for met in MET {
        let mut pair = in_dispute(met);
        let seen = shown(&mut pair.child, "patient/p");
        pair.child.edit(&person("Auma-Odongo", "male", "1991-01-01"));
        for choice in [OURS, THEIRS] {
            let refused = resolve_shown(&mut pair.child, &seen, choice.clone()).unwrap_err();
            assert!(refused.kind == ErrorKind::Outdated && refused.message.contains("patient/p"), "{refused}");
            let unseen = pair.child.engine.resolve(&mut pair.child.host, &seen.conflict.uuid, &decided(choice));
            assert_eq!(unseen.unwrap_err().kind, ErrorKind::Outdated);
        }
        assert_eq!(pair.child.live("patient", "p"), Some(person("Auma-Odongo", "male", "1991-01-01")));
        // Who looks again sees it, and decides on it.
        let seen = shown(&mut pair.child, "patient/p");
        assert!(seen.changed_here_since);
        resolve_shown(&mut pair.child, &seen, OURS).unwrap();
        quiet(&mut pair);
        assert_eq!(equal(&pair, "patient", "p").unwrap()["name"][0]["family"], "Auma-Odongo");
    }
}

#[test]
fn an_edit_at_the_parent_that_is_known_here_is_told_and_stays() {
    let mut pair = in_dispute(MetIn::Pull);
    let seen = shown(&mut pair.child, "patient/p");
    pair.parent().edit(&person("Apio", "female", "1990-01-01"));
    pair.child.pull();
    let refused = resolve_shown(&mut pair.child, &seen, OURS).unwrap_err();
    assert!(refused.kind == ErrorKind::Outdated && refused.message.contains("since it was shown"), "{refused}");
    let seen = shown(&mut pair.child, "patient/p");
    assert_eq!(seen.theirs.as_ref().unwrap()["name"][0]["family"], "Apio");
    resolve_shown(&mut pair.child, &seen, THEIRS).unwrap();
    quiet(&mut pair);
    assert_eq!(equal(&pair, "patient", "p").unwrap()["name"][0]["family"], "Apio");
}

/// The child cannot know of it when somebody decides: the parent says so when the decision arrives.
#[test]
fn parents_edit_unknown_here_is_not_overwritten_by_a_decision() {
    for met in MET {
        let mut pair = in_dispute(met);
        pair.parent().edit(&person("Apio", "female", "1990-01-01"));
        resolve(&mut pair.child, "patient/p", OURS).unwrap();
        pair.child.push();
        assert_eq!(pair.parent().live("patient", "p").unwrap()["name"][0]["family"], "Apio");
        pair.child.pull();
        let again = shown(&mut pair.child, "patient/p");
        let paths: Vec<&str> = again.differences.iter().map(|difference| difference.path.as_str()).collect();
        // The gender was decided on, and has not changed since: only the name is in dispute again.
        assert_eq!(paths, ["name"]);
        resolve_shown(&mut pair.child, &again, OURS).unwrap();
        quiet(&mut pair);
        let resolved = equal(&pair, "patient", "p").unwrap();
        assert_eq!((&resolved["name"][0]["family"], &resolved["gender"]), (&json!("Auma"), &json!("male")));
    }
}

#[test]
fn a_conflict_that_both_made_equal_closes_by_itself() {
    for met in MET {
        for here in [true, false] {
            let mut pair = in_dispute(met);
            let there = pair.parent().live("patient", "p").unwrap();
            let ours = pair.child.live("patient", "p").unwrap();
            if here {
                pair.child.edit(&there)
            } else {
                pair.parent().edit(&ours)
            }
            quiet(&mut pair);
            equal(&pair, "patient", "p").unwrap();
        }
    }
}

#[test]
fn decision_is_in_the_audit_with_who_and_why() {
    let mut pair = in_dispute(MetIn::Pull);
    let conflict = shown(&mut pair.child, "patient/p").conflict;
    let resolved = resolve(&mut pair.child, "patient/p", OURS).unwrap();
    assert!(resolved.goes_up);
    let messages = messages(&mut pair.child, "p");
    let message = messages.iter().find(|message| message.uuid == resolved.audit_uuid).unwrap();
    assert_eq!(message.outcome.status, AuditStatus::Resolved);
    let expected = json!({"resolution": {"choice": "ours", "by": "clerk", "reason": "as the paper file says",
                                         "conflict": conflict.uuid}});
    assert_eq!(message.outcome.detail, Some(expected));
    // The conflict's own message says which one settled it.
    let noticed = messages.iter().find(|message| Some(&message.uuid) == conflict.audit_uuid.as_ref()).unwrap();
    assert_eq!(noticed.outcome.carried_by, Some(resolved.audit_uuid));
    let over = pair.child.engine.resolve(&mut pair.child.host, &conflict.uuid, &decided(OURS)).unwrap_err();
    assert_eq!(over.kind, ErrorKind::NotFound);
}

#[test]
fn the_story_of_an_object_is_told_in_order_of_time() {
    let mut pair = in_dispute(MetIn::Push);
    resolve(&mut pair.child, "patient/p", OURS).unwrap();
    pair.child.push();
    let story = pair.child.engine.story(&mut pair.child.host, &object("patient", "p")).unwrap();
    assert_eq!(story.now, ["It is here as both sides agreed last."]);
    assert!(story.happened.is_sorted_by_key(|told| told.at));
    let words: Vec<&str> = story.happened.iter().map(|told| told.words.as_str()).collect();
    for expected in ["Pull, CREATED: saved here.", "Changed on this server: UPDATED.", "saved at the parent"] {
        assert!(words.iter().any(|words| words.contains(expected)), "{expected}: {words:#?}");
    }
    assert!(words.iter().any(|words| words.ends_with("clerk decided \"ours\": as the paper file says")), "{words:#?}");
    let there = {
        let node = &mut *pair.parent();
        node.engine.story(&mut node.host, &object("patient", "p")).unwrap()
    };
    assert!(there.happened.iter().any(|told| told.what == "child" && told.words.contains("brought it")), "{there:?}");
    let nothing = pair.child.engine.story(&mut pair.child.host, &object("visit", "never")).unwrap();
    assert!(nothing.happened.is_empty() && nothing.now[0].contains("never came here"));
}

#[test]
fn decision_that_the_host_refuses_changes_nothing() {
    let mut pair = in_dispute(MetIn::Pull);
    let before = pair.child.live("patient", "p");
    let error = sync2::error::Error::new(ErrorKind::Rejected, "patient/p: the name is too long");
    pair.child.host.fail_save("p", error.clone());
    assert_eq!(resolve(&mut pair.child, "patient/p", THEIRS).unwrap_err(), error);
    assert_eq!((pair.child.live("patient", "p"), pair.child.conflicts().len()), (before, 1));
    pair.child.host.accept_save("p");
    resolve(&mut pair.child, "patient/p", THEIRS).unwrap();
    quiet(&mut pair);
}

/// One side removed what the other changed.
fn removed_and_changed(removed_there: bool, met: MetIn) -> Pair {
    let mut pair = shared();
    if removed_there {
        pair.parent().void("encounter", "e");
        pair.child.edit(&encounter_on("e", "p", "2026-11-21"));
    } else {
        pair.child.void("encounter", "e");
        pair.parent().edit(&encounter_on("e", "p", "2026-11-21"));
    }
    meet(&mut pair, met);
    assert_eq!(pair.child.conflicts()[0].kind, ConflictKind::Removal);
    pair
}

#[test]
fn removal_against_a_change_is_decided_from_either_side() {
    for met in MET {
        for removed_there in [true, false] {
            let (mine, other) = if removed_there { (OURS, THEIRS) } else { (THEIRS, OURS) };
            for choice in [Choice::Keep, mine.clone()] {
                let mut pair = removed_and_changed(removed_there, met);
                resolve(&mut pair.child, "encounter/e", choice).unwrap();
                quiet(&mut pair);
                let expected = Some(encounter_on("e", "p", "2026-11-21"));
                assert_eq!(equal(&pair, "encounter", "e"), expected, "{met:?}, removed there: {removed_there}");
                assert!(equal(&pair, "observation", "o").is_some());
            }
            for choice in [Choice::Apply, other.clone()] {
                let mut pair = removed_and_changed(removed_there, met);
                resolve(&mut pair.child, "encounter/e", choice).unwrap();
                quiet(&mut pair);
                assert_eq!(equal(&pair, "encounter", "e"), None, "{met:?}, removed there: {removed_there}");
                assert_eq!(equal(&pair, "observation", "o"), None);
                assert!(equal(&pair, "patient", "p").is_some());
            }
        }
    }
}

#[test]
fn a_removal_is_decided_as_a_whole() {
    let mut pair = removed_and_changed(true, MetIn::Pull);
    for choice in [Choice::Fields([].into()), Choice::Document(encounter("e", "p"))] {
        let refused = resolve(&mut pair.child, "encounter/e", choice).unwrap_err();
        assert!(refused.kind == ErrorKind::Rejected && refused.message.contains("keep or apply"), "{refused}");
    }
}

/// The parent voided the patient; here an encounter with an observation was added meanwhile.
fn voided_there() -> Pair {
    let mut pair = shared();
    pair.parent().void("patient", "p");
    pair.child.edit(&encounter("new", "p"));
    pair.child.edit(&observation("n1", "p", "new", "7"));
    pair.sync();
    assert_eq!(pair.child.conflicts().len(), 1);
    pair
}

const ALL: [(&str, &str); 5] =
    [("patient", "p"), ("encounter", "e"), ("observation", "o"), ("encounter", "new"), ("observation", "n1")];

#[test]
fn everything_that_a_removal_would_take_along_is_shown_and_why() {
    let mut pair = voided_there();
    let seen = shown(&mut pair.child, "patient/p");
    let mut along: Vec<(String, Option<String>)> = seen
        .takes_along
        .iter()
        .map(|one| (one.uuid.clone(), one.why.map(|why| serde_json::to_value(why).unwrap().to_string())))
        .collect();
    along.sort();
    let unseen = Some("\"unseen\"".to_string());
    let expected = [("e", None), ("n1", unseen.clone()), ("new", unseen), ("o", None)];
    assert_eq!(along, expected.map(|(uuid, why)| (uuid.to_string(), why)));
    assert!(seen.choices.iter().any(|offer| offer.choice == "apply" && offer.meaning.contains("4 objects")));
}

#[test]
fn parents_removal_kept_off_brings_all_back_there() {
    for choice in [Choice::Keep, OURS] {
        let mut pair = voided_there();
        resolve(&mut pair.child, "patient/p", choice).unwrap();
        quiet(&mut pair);
        for (category, uuid) in ALL {
            assert!(equal(&pair, category, uuid).is_some(), "{category}/{uuid}");
        }
    }
}

/// As OpenMRS, which restores a patient without the encounters.
#[test]
fn parent_that_restores_singly_has_all_objects_in_the_end() {
    let mut pair = voided_there();
    pair.parent().host.restore_alone();
    resolve(&mut pair.child, "patient/p", Choice::Keep).unwrap();
    quiet(&mut pair);
    for (category, uuid) in ALL {
        assert!(equal(&pair, category, uuid).is_some(), "{category}/{uuid}");
    }
}

#[test]
fn parents_removal_applied_takes_along_all_that_is_shown() {
    for choice in [Choice::Apply, THEIRS] {
        let mut pair = voided_there();
        resolve(&mut pair.child, "patient/p", choice).unwrap();
        quiet(&mut pair);
        for (category, uuid) in ALL {
            assert_eq!(equal(&pair, category, uuid), None, "{category}/{uuid}");
        }
    }
}

#[test]
fn object_added_here_since_the_look_is_not_taken_along() {
    let mut pair = voided_there();
    let seen = shown(&mut pair.child, "patient/p");
    pair.child.edit(&encounter("later", "p"));
    let refused = resolve_shown(&mut pair.child, &seen, Choice::Apply).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Outdated);
    let unseen = pair.child.engine.resolve(&mut pair.child.host, &seen.conflict.uuid, &decided(Choice::Apply));
    assert!(unseen.unwrap_err().message.contains("encounter/later"));
    assert!(pair.child.is_live("patient", "p") && pair.child.is_live("encounter", "later"));
    let seen = shown(&mut pair.child, "patient/p");
    resolve_shown(&mut pair.child, &seen, Choice::Apply).unwrap();
    quiet(&mut pair);
    assert_eq!(equal(&pair, "encounter", "later"), None);
}

/// The child voided the patient; the parent has encounters of another clinic.
fn voided_here() -> Pair {
    let mut pair = shared();
    pair.parent().edit(&encounter("elsewhere", "p"));
    pair.parent().edit(&observation("x", "p", "elsewhere", "9"));
    pair.child.void("patient", "p");
    pair.child.push();
    assert_eq!(pair.child.conflicts().len(), 1);
    pair
}

const THERE: [(&str, &str); 5] =
    [("patient", "p"), ("encounter", "e"), ("observation", "o"), ("encounter", "elsewhere"), ("observation", "x")];

#[test]
fn childs_removal_refused_by_the_parent_is_undone_here() {
    for choice in [Choice::Keep, THEIRS] {
        let mut pair = voided_here();
        resolve(&mut pair.child, "patient/p", choice).unwrap();
        assert!(pair.child.is_live("patient", "p"));
        quiet(&mut pair);
        for (category, uuid) in THERE {
            assert!(equal(&pair, category, uuid).is_some(), "{category}/{uuid}");
        }
    }
}

/// As OpenMRS, which restores a patient without the encounters.
#[test]
fn child_that_restores_singly_gets_the_rest_with_the_next_pull() {
    let mut pair = voided_here();
    pair.child.host.restore_alone();
    let resolved = resolve(&mut pair.child, "patient/p", Choice::Keep).unwrap();
    assert_eq!(resolved.comes_back, 2);
    quiet(&mut pair);
    for (category, uuid) in THERE {
        assert!(equal(&pair, category, uuid).is_some(), "{category}/{uuid}");
    }
}

/// What somebody removed by itself, before the patient, stays removed when the patient comes back.
#[test]
fn object_removed_by_itself_stays_so_as_its_patient_returns() {
    let mut pair = shared();
    pair.parent().edit(&encounter("elsewhere", "p"));
    pair.child.host.restore_alone();
    pair.child.void("observation", "o");
    pair.child.void("patient", "p");
    pair.child.push();
    resolve(&mut pair.child, "patient/p", Choice::Keep).unwrap();
    quiet(&mut pair);
    assert_eq!(equal(&pair, "observation", "o"), None);
    assert!(equal(&pair, "encounter", "e").is_some());
}

#[test]
fn a_removal_of_the_childs_goes_up_with_what_the_parent_named() {
    for choice in [Choice::Apply, OURS] {
        let mut pair = voided_here();
        let seen = shown(&mut pair.child, "patient/p");
        assert_eq!(seen.takes_along.iter().map(|one| one.uuid.as_str()).collect::<Vec<_>>(), ["elsewhere", "x"]);
        resolve_shown(&mut pair.child, &seen, choice).unwrap();
        quiet(&mut pair);
        for (category, uuid) in THERE {
            assert_eq!(equal(&pair, category, uuid), None, "{category}/{uuid}");
        }
    }
}

#[test]
fn object_added_or_changed_at_the_parent_is_not_taken_along() {
    for changed in [encounter("later", "p"), encounter_on("elsewhere", "p", "2026-11-29")] {
        let mut pair = voided_here();
        pair.parent().edit(&changed);
        resolve(&mut pair.child, "patient/p", Choice::Apply).unwrap();
        pair.child.push();
        let uuid = changed["id"].as_str().unwrap();
        for (category, uuid) in [("patient", "p"), ("encounter", "elsewhere"), ("encounter", uuid)] {
            assert!(pair.parent().is_live(category, uuid), "{category}/{uuid}");
        }
        assert_eq!(pair.child.disputes(), [("patient/p".to_string(), vec![format!("encounter/{uuid}")])]);
        // Decided on once more, with this one.
        resolve(&mut pair.child, "patient/p", Choice::Apply).unwrap();
        quiet(&mut pair);
        assert_eq!((equal(&pair, "patient", "p"), equal(&pair, "encounter", uuid)), (None, None));
    }
}

#[test]
fn object_that_the_parent_does_not_name_is_not_taken_along() {
    let mut pair = Pair::configured(json!({"children": {"sync": {"categories": ["patient", "visit"]}}}));
    pair.parent().edit(&patient("p", "Okello"));
    pair.sync();
    pair.parent().edit(&encounter("hidden", "p"));
    pair.child.void("patient", "p");
    pair.child.push();
    let refused = resolve(&mut pair.child, "patient/p", Choice::Apply).unwrap_err();
    assert!(refused.kind == ErrorKind::Rejected && refused.message.contains("1 objects"), "{refused}");
    resolve(&mut pair.child, "patient/p", Choice::Keep).unwrap();
    assert!(pair.child.is_live("patient", "p"));
}

#[test]
fn several_are_resolved_each_by_itself() {
    let mut pair = shared();
    for uuid in ["a", "b", "c"] {
        pair.parent().edit(&patient(uuid, "Okello"));
    }
    pair.sync();
    for uuid in ["a", "b", "c"] {
        pair.child.edit(&patient(uuid, "Auma"));
        pair.parent().edit(&patient(uuid, "Akello"));
    }
    pair.child.edit(&encounter_on("e", "p", "2026-11-21"));
    pair.parent().edit(&encounter_on("e", "p", "2026-11-22"));
    pair.sync();
    assert_eq!(pair.child.conflicts().len(), 4);
    pair.child.edit(&patient("b", "Auma-Odongo"));
    let filter = ConflictFilter { category: Some(object("patient", "x").category), ..ConflictFilter::default() };
    let results =
        pair.child.engine.resolve_all(&mut pair.child.host, &Which::Filter(filter), &decided(THEIRS)).unwrap();
    let refused: Vec<_> = results.iter().filter_map(|one| one.error.as_ref()).collect();
    assert_eq!((results.len(), refused.len(), refused[0].kind), (3, 1, "Outdated"));
    let mut left: Vec<String> = pair.child.disputes().into_iter().map(|(object, _)| object).collect();
    left.sort();
    assert_eq!(left, ["encounter/e", "patient/b"]);
    let uuids = pair.child.conflicts().into_iter().map(|conflict| conflict.uuid);
    let all = Which::Uuids(uuids.chain(["none".to_string()]).collect());
    pair.child.push();
    let results = pair.child.engine.resolve_all(&mut pair.child.host, &all, &decided(OURS)).unwrap();
    assert_eq!(results.iter().filter(|one| one.resolved.is_some()).count(), 2);
    quiet(&mut pair);
    assert_eq!(equal(&pair, "patient", "a"), Some(patient("a", "Akello")));
    assert_eq!(equal(&pair, "patient", "b"), Some(patient("b", "Auma-Odongo")));
    assert_eq!(equal(&pair, "encounter", "e"), Some(encounter_on("e", "p", "2026-11-21")));
}
