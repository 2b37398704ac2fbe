//! Whatever happens in whatever order: changes there, edits here, failures of both sides, kills, markers set back. In the
//! end every event is in the audit once, no edit is lost, and everything else is as the parent has it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use sync2::error::{Error, ErrorKind};
use sync2::event::{ObjectId, Representation};
use sync2::testing::mock_parent::{Fault, MockParent};
use sync2::testing::sqlite_host::CommitFailure;

use crate::intercepted::{Call, Intercepted};
use crate::node::{Child, category, encounter, object, patient, state};
use crate::own_feed;

/// How many objects of each category there are.
const OBJECTS: u8 = 3;

/// Patients, encounters of the patients, at locations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Patient,
    Encounter,
    Location,
}

type Id = (Kind, u8);

#[derive(Clone, Debug)]
enum Step {
    Put(Id),
    Void(Id),
    Delete(Id),
    Edit(Id),
    Pull,
    /// The next requests for this kind fail.
    ParentFails(Kind, u32, Failure),
    /// The next requests for feeds fail.
    FeedFails(u32, Failure),
    /// Saves of this object are refused from now on.
    Refuse(Id),
    /// A pull whose commit of this number fails; then the process is killed.
    PullAndKill(u32, CommitFailure),
    SetMarkersBack,
    Heal,
}

#[derive(Clone, Copy, Debug)]
enum Failure {
    Status(u16),
    CutOff,
    HalfBody,
    NotJson,
}

impl Failure {
    fn fault(self) -> Fault {
        match self {
            Failure::Status(status) => Fault::status(status),
            Failure::CutOff => Fault::CutOff,
            Failure::HalfBody => Fault::HalfBody,
            Failure::NotJson => Fault::body("text/html", "<html>Service status page</html>"),
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = || prop_oneof![Just(Kind::Patient), Just(Kind::Encounter), Just(Kind::Location)];
    let id = move || (kind(), 0..OBJECTS);
    let failure = prop_oneof![
        proptest::sample::select(vec![401, 403, 404, 409, 429, 500, 503]).prop_map(Failure::Status),
        Just(Failure::CutOff),
        Just(Failure::HalfBody),
        Just(Failure::NotJson),
    ];
    let commit = prop_oneof![Just(CommitFailure::Committed), Just(CommitFailure::RolledBack)];
    let step = prop_oneof![
        8 => id().prop_map(Step::Put),
        2 => id().prop_map(Step::Void),
        1 => id().prop_map(Step::Delete),
        1 => id().prop_map(Step::Edit),
        5 => Just(Step::Pull),
        2 => (kind(), 1..6_u32, failure.clone()).prop_map(|(kind, times, failure)| Step::ParentFails(kind, times, failure)),
        1 => (1..4_u32, failure).prop_map(|(times, failure)| Step::FeedFails(times, failure)),
        1 => id().prop_map(Step::Refuse),
        2 => (1..8_u32, commit).prop_map(|(nth, failure)| Step::PullAndKill(nth, failure)),
        1 => Just(Step::SetMarkersBack),
        1 => Just(Step::Heal),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Both nodes, and what is known of them from outside.
struct World {
    parent: MockParent,
    child: Child,
    /// Makes each version another one.
    version: u32,
    /// What the parent shows; nothing when it was voided. Deleted objects are not in it.
    there: BTreeMap<Id, Option<Value>>,
    /// The last edit of each object here.
    edits: BTreeMap<Id, Value>,
    events: usize,
}

impl World {
    /// The child reads the parent's feeds of that dialect.
    fn reading(dialect: &str, parent: MockParent) -> World {
        parent.set_page_size(3);
        let mut document = parent.config_document(&["patient", "encounter"]);
        document["categories"]["location"] = json!({"representation": "rest"});
        document["transfer"] = json!({"batchSize": 4});
        document["parent"]["feed"] = dialect.into();
        let child = Child::configured(document);
        World { parent, child, version: 0, there: BTreeMap::new(), edits: BTreeMap::new(), events: 0 }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Put(id) => {
                let document = self.new_version(*id);
                self.parent.put(category(name(id.0)), document.clone());
                self.there.insert(*id, Some(document));
                self.events += 1;
            }
            Step::Void(id) if self.there.contains_key(id) => {
                self.parent.void(category(name(id.0)), &uuid(*id));
                self.there.insert(*id, None);
                self.events += 2;
            }
            Step::Delete(id) if self.there.remove(id).is_some() => {
                self.parent.delete(category(name(id.0)), &uuid(*id));
                self.events += 1;
            }
            Step::Void(_) | Step::Delete(_) => {}
            Step::Edit(id) => {
                let document = self.new_version(*id);
                self.child.edit_as(representation(id.0), &object(name(id.0), &uuid(*id)), &document);
                self.edits.insert(*id, document);
            }
            Step::Pull => {
                let report = self.child.pull();
                assert_ne!(state(&report), "running");
                assert_ne!(state(&report), "failed", "{:?}", report.run.error);
            }
            Step::ParentFails(kind, times, failure) => {
                let part = path(*kind);
                self.parent.fail_times(*times, move |path| path.contains(part), failure.fault());
            }
            Step::FeedFails(times, failure) => {
                self.parent.fail_times(*times, |path| path.contains("feed"), failure.fault());
            }
            Step::Refuse(id) => {
                self.child.host.fail_save(&uuid(*id), Error::new(ErrorKind::Rejected, "refused"));
            }
            Step::PullAndKill(nth, failure) => self.pull_and_kill(*nth, *failure),
            Step::SetMarkersBack => self.child.set_markers_back(),
            Step::Heal => self.heal(),
        }
    }

    fn pull_and_kill(&mut self, nth: u32, failure: CommitFailure) {
        let mut commits = 0;
        let mut host = Intercepted::new(&mut self.child.host, |host, call| {
            commits += u32::from(call == Call::Commit);
            if call == Call::Commit && commits == nth {
                host.fail_next_commit(failure);
            }
            Ok(())
        });
        match self.child.engine.pull(&mut host) {
            Ok(report) => assert_ne!(state(&report), "failed", "{:?}", report.run.error),
            Err(error) => assert_eq!(error.kind, ErrorKind::Host),
        }
        self.child.restart();
    }

    fn new_version(&mut self, (kind, number): Id) -> Value {
        self.version += 1;
        let (own, text) = (uuid((kind, number)), format!("version {}", self.version));
        match kind {
            Kind::Patient => patient(&own, &text),
            Kind::Encounter => {
                let subject = (self.version % u32::from(OBJECTS)) as u8;
                let place = format!("Location/{}", uuid((Kind::Location, subject)));
                let mut document = encounter(&own, &uuid((Kind::Patient, subject)));
                document["location"] = json!([{"location": {"reference": place}}]);
                document["reasonCode"] = json!([{"text": text}]);
                document
            }
            Kind::Location => json!({"uuid": own, "name": text, "voided": false}),
        }
    }

    fn heal(&mut self) {
        self.parent.heal();
        for id in all_ids() {
            self.child.host.accept_save(&uuid(id));
        }
    }

    /// Lets everything pass that can, and looks at what has become of it.
    fn judge(mut self) {
        self.heal();
        self.child.pull_to_the_end();
        let parked: Vec<String> = self.child.parked().into_iter().map(|parked| parked.audit_uuid).collect();
        self.child.engine.retry(&mut self.child.host, &parked).unwrap();
        self.child.pull_to_the_end();
        self.child.assert_audited(self.events);

        let conflicts: BTreeSet<_> = self.child.conflicts().into_iter().collect();
        let parked: BTreeSet<_> = self.child.parked().into_iter().map(|parked| parked.object).collect();
        for id in all_ids() {
            let object = object(name(id.0), &uuid(id));
            let here = self.child.document(name(id.0), &uuid(id));
            if let Some(edit) = self.edits.get(&id) {
                assert_eq!(here.as_ref(), Some(edit), "the edit of {object} is lost");
                continue;
            }
            assert!(!conflicts.contains(&object), "{object} was not edited");
            if parked.contains(&object) {
                let waits_for_a_person = self.may_wait_with_its_patient(id, &conflicts, &parked);
                assert!(waits_for_a_person || self.may_be_parked(id), "{object}");
                continue;
            }
            if let Some(there) = self.there.get(&id) {
                assert_eq!(&here, there, "{object}");
            }
        }
    }

    /// Returns true if it was voided there, as a patient was who was edited here, or deleted without a proof: what hangs on that
    /// patient waits for a person, too.
    fn may_wait_with_its_patient(&self, id: Id, conflicts: &BTreeSet<ObjectId>, parked: &BTreeSet<ObjectId>) -> bool {
        let waits = |number| {
            let patient = object("patient", &uuid((Kind::Patient, number)));
            let is_deleted = !self.there.contains_key(&(Kind::Patient, number));
            conflicts.contains(&patient) || is_deleted && parked.contains(&patient)
        };
        id.0 == Kind::Encounter && self.there.get(&id) == Some(&None) && (0..OBJECTS).any(waits)
    }

    /// Returns true if something is missing that nobody can bring: the object itself, or what it refers to.
    fn may_be_parked(&self, id: Id) -> bool {
        let Some(there) = self.there.get(&id) else { return true };
        let numbers = (0..OBJECTS).filter(|number| {
            there.as_ref().is_some_and(|document| {
                document["subject"]["reference"] == format!("Patient/{}", uuid((Kind::Patient, *number)))
            })
        });
        numbers.into_iter().any(|number| {
            let referred = [(Kind::Patient, number), (Kind::Location, number)];
            referred.iter().any(|id| !matches!(self.there.get(id), Some(Some(_))))
        })
    }
}

fn all_ids() -> impl Iterator<Item = Id> {
    let kinds = [Kind::Patient, Kind::Encounter, Kind::Location];
    kinds.into_iter().flat_map(|kind| (0..OBJECTS).map(move |number| (kind, number)))
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient => "patient",
        Kind::Encounter => "encounter",
        Kind::Location => "location",
    }
}

fn representation(kind: Kind) -> Representation {
    match kind {
        Kind::Patient | Kind::Encounter => Representation::Fhir,
        Kind::Location => Representation::Rest,
    }
}

/// What is in the addresses of this kind, and of its feed.
fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient => "atient",
        Kind::Encounter => "ncounter",
        Kind::Location => "ocation",
    }
}

fn uuid((kind, number): Id) -> String {
    format!("{}-{number}", name(kind))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_is_done_once_and_no_edit_is_lost(steps in steps()) {
        let mut world = World::reading("atomfeed", MockParent::start());
        steps.iter().for_each(|step| world.take(step));
        world.judge();
    }

    #[test]
    fn so_it_is_with_a_parent_that_publishes_its_own_feed(steps in steps()) {
        let mut world = World::reading("sync2", own_feed::parent());
        steps.iter().for_each(|step| world.take(step));
        world.judge();
    }
}
