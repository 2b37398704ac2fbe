//! The second look at objects that were not the same at the first: the parent is asked for each by its name, what is here is read
//! anew, and what is under way is taken into account.

use std::collections::HashMap;

use serde_json::Value;

use super::SyncPullService;
use super::verification::agreement;
use crate::config::Config;
use crate::decide::canonical;
use crate::decide::verification::{Judged, Look, Side, Why, judge};
use crate::error::Result;
use crate::event::{Direction, ObjectId};
use crate::host::{Host, Stored};
use crate::saving::{expect_reads, parse_stored};
use crate::store::object_states::ObjectState;
use crate::store::verifications::{self, Difference};
use crate::store::{conflicts, events, markers, now, object_states, parked, pending, transaction};

/// What is here of an object.
pub(super) struct Here {
    pub side: Side,
    /// The document, where there is one. Patient data: never printed.
    pub document: Option<Value>,
}

/// An object as both sides have it now.
pub(super) struct Looked {
    pub object: ObjectId,
    pub ours: Side,
    pub theirs: Side,
    /// The last agreement.
    pub state: Option<ObjectState>,
    /// The version of the canonical form that the hashes are of.
    version: u32,
    waits: Option<Why>,
    /// True if a push has brought both sides further meanwhile.
    is_moving: bool,
}

impl Looked {
    /// What is said of it; nothing where both sides are the same.
    pub(super) fn judged(&self) -> Option<Judged> {
        self.judged_since(None)
    }

    fn judged_since(&self, first: Option<&Difference>) -> Option<Judged> {
        // A parent that has lost it knows nothing of the agreement.
        let agreed = self.state.as_ref().filter(|state| state.restored_to.is_none());
        let agreed = agreed.filter(|state| state.canonical_version == self.version);
        judge(Look {
            ours: &self.ours,
            theirs: &self.theirs,
            agreed: agreed.map(agreement),
            waits: self.waits,
            is_moving: self.is_moving || first.is_some_and(|first| self.has_moved_since(first)),
        })
    }

    fn has_moved_since(&self, first: &Difference) -> bool {
        let is_other = |before: &Option<String>, now: &Side| before.is_some() && before.as_deref() != now.hash();
        self.version == canonical::VERSION
            && (is_other(&first.ours_hash, &self.ours) || is_other(&first.theirs_hash, &self.theirs))
    }
}

impl SyncPullService<'_> {
    /// Looks again at everything that is suspected.
    pub(super) fn look_again(&mut self, host: &mut dyn Host) -> Result<()> {
        loop {
            self.run.check_cancelled()?;
            let suspects = transaction::read(host, |host| verifications::suspected(host))?;
            if suspects.is_empty() {
                return Ok(());
            }
            let objects: Vec<ObjectId> = suspects.iter().map(|suspect| suspect.object.clone()).collect();
            let (mut same, mut found) = (Vec::new(), Vec::new());
            for (suspect, looked) in suspects.into_iter().zip(self.look(host, &objects)?) {
                match looked.judged_since(Some(&suspect)) {
                    Some(judged) => found.push(told(suspect, judged)),
                    None => same.push(looked.object),
                }
            }
            transaction::write(host, |host| {
                self.run.renew_lease(host)?;
                let time = now(host)?;
                found.iter_mut().for_each(|difference| difference.found_at = time);
                verifications::remove(host, &same)?;
                verifications::put_all(host, &found)
            })?;
            self.run.progressed();
        }
    }

    /// Looks at objects on both sides, in their order.
    pub(super) fn look(&mut self, host: &mut dyn Host, objects: &[ObjectId]) -> Result<Vec<Looked>> {
        let before = transaction::read(host, |host| object_states::get_all(host, objects))?;
        let config = self.config;
        // An agreement of an earlier release is compared in the form that it is of.
        let version = |object: &ObjectId| {
            let known = before.get(object).filter(|state| state.is_known(config.representation(object.category)));
            known.map_or(canonical::VERSION, |state| state.canonical_version)
        };
        let asked: Vec<(ObjectId, u32)> = objects.iter().map(|object| (object.clone(), version(object))).collect();
        let fetching = self.fetching.clone();
        let mut theirs = self.run.wait(host, fetching.look(&asked))?;
        let mut ours = self.read_here(host, &asked)?;
        // Read last: what was changed here since is told by an event.
        let (mut states, waits) = transaction::read(host, |host| {
            Ok((object_states::get_all(host, objects)?, waiting(host, config, objects)?))
        })?;
        let looked = asked.into_iter().map(|(object, version)| {
            let state = states.remove(&object);
            let is_moving = before.get(&object) != state.as_ref();
            let of_representation = |state: &ObjectState| state.is_known(config.representation(object.category));
            Looked {
                ours: ours.remove(&object).map_or(Side::Unreadable, |here| here.side),
                theirs: theirs.remove(&object).unwrap_or(Side::Unreadable),
                state: state.filter(of_representation),
                waits: waits.get(&object).copied(),
                is_moving,
                version,
                object,
            }
        });
        Ok(looked.collect())
    }

    /// Reads objects here, each with the hash in that version of the canonical form: all in one transaction; when one cannot be read,
    /// each in its own.
    ///
    /// Errors: there is no transaction to be had.
    pub(super) fn read_here(
        &self,
        host: &mut dyn Host,
        objects: &[(ObjectId, u32)],
    ) -> Result<HashMap<ObjectId, Here>> {
        host.begin()?;
        let expected = objects.iter().map(|(object, _)| (self.config.representation(object.category), object));
        let read: Result<Vec<Here>> = expect_reads(host, expected)
            .and_then(|()| objects.iter().map(|(object, version)| self.read_one(host, object, *version)).collect());
        host.rollback();
        let read = match read {
            Ok(read) => read,
            Err(_) => objects.iter().map(|object| self.read_alone(host, object)).collect::<Result<_>>()?,
        };
        Ok(objects.iter().map(|(object, _)| object.clone()).zip(read).collect())
    }

    fn read_alone(&self, host: &mut dyn Host, (object, version): &(ObjectId, u32)) -> Result<Here> {
        host.begin()?;
        let read = self.read_one(host, object, *version);
        host.rollback();
        Ok(read.unwrap_or_else(|error| {
            log::info!("{object} is not compared, because it cannot be read here: {}", error.kind);
            Here { side: Side::Unreadable, document: None }
        }))
    }

    fn read_one(&self, host: &mut dyn Host, object: &ObjectId, version: u32) -> Result<Here> {
        let representation = self.config.representation(object.category);
        Ok(match host.read(representation, object, false)? {
            Stored::Absent => Here { side: Side::Absent, document: None },
            Stored::Removed => Here { side: Side::Removed, document: None },
            Stored::Present(bytes) => {
                let document = parse_stored(object, &bytes)?;
                let side = Side::Document(canonical::hash_at(version, representation, &document));
                Here { side, document: Some(document) }
            }
        })
    }
}

/// With what was judged of it.
pub(super) fn told(difference: Difference, judged: Judged) -> Difference {
    Difference { finding: judged.finding, newer: judged.newer, why: judged.why, ..difference }
}

/// What is under way of these objects, which settles them sooner or later.
fn waiting(host: &mut dyn Host, config: &Config, objects: &[ObjectId]) -> Result<HashMap<ObjectId, Why>> {
    let mut waiting = HashMap::new();
    let pushed: Vec<ObjectId> = objects.iter().filter(|object| config.offers_again(object.category)).cloned().collect();
    let up_to = pushed_up_to(host)?;
    let told = events::told_of_after(host, &pushed, up_to)?;
    waiting.extend(told.into_iter().map(|object| (object, Why::Event)));
    waiting.extend(pending::get_all(host, objects)?.into_keys().map(|object| (object, Why::Sent)));
    for direction in [Direction::Pull, Direction::Push] {
        waiting.extend(parked::get_all(host, direction, objects)?.into_keys().map(|object| (object, Why::Parked)));
    }
    waiting.extend(conflicts::get_all(host, objects)?.into_keys().map(|object| (object, Why::Conflict)));
    Ok(waiting)
}

/// The number of the last event of this node's feed that was pushed; 0 before the first.
fn pushed_up_to(host: &mut dyn Host) -> Result<u64> {
    let position = markers::load(host, Direction::Push)?.pop();
    let Some(marker) = position.and_then(|position| position.marker) else { return Ok(0) };
    Ok(events::number_of(host, &marker.entry_id)?.unwrap_or(0))
}
