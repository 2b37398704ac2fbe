//! Both sides compared by digests: what the parent says of whole ranges that is as here need not be gone through. Of a range that
//! differs its parts are asked for, and of a leaf its objects; what is not as expected there gets its first look like anything else.
//! How many leaves were passed is committed with what was found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::SyncPullService;
use super::verification::{FirstLook, agreement, not_begun};
use crate::decide::digest::{Course, Digest, LEAVES, Leaves, MOST_IN_LEAF, Question, Waits, expected_there, leaf_of};
use crate::decide::listing::READ_TOGETHER;
use crate::decide::verification::Pairing;
use crate::error::Result;
use crate::event::{Category, ObjectId, is_object_uuid};
use crate::feed::publisher::publish;
use crate::host::Host;
use crate::inventory::{Kept, bring_on};
use crate::resource::OfDigests;
use crate::store::digests::Kind;
use crate::store::object_states::ObjectState;
use crate::store::verifications::{self, Verified};
use crate::store::{digests, object_states, transaction};
use crate::wire::ListedObject;

/// The most ranges whose leaves are asked for at once: of each come up to 64 digests.
const RANGES_AT_ONCE: usize = 16;

/// The most leaves that are asked for at once, and about how many objects they have.
const LEAVES_AT_ONCE: usize = 64;
const OBJECTS_AT_ONCE: u64 = 5000;

/// The most agreements that are looked at once.
const MOST_AGREEMENTS: u32 = 500;

/// A category that is compared by digests.
pub(super) struct Descent {
    kind: Kind,
    /// Nothing before the parent was asked whether it has any.
    begun: Option<(Ours, Course)>,
    waits: Waits,
}

/// What the parent is expected to have.
struct Ours {
    /// The number of the rows that are kept here.
    inventory: i64,
    leaves: Leaves,
}

impl Ours {
    /// Returns true if these digests, of everything, are as here.
    fn is_all(&self, theirs: &[Digest]) -> bool {
        *theirs == [self.leaves.of(0..LEAVES)]
    }
}

/// How far a comparison by digests has come.
pub(super) enum Descended {
    Further(Descent),
    ToTheEnd,
    /// One of both sides has none.
    WithoutDigests,
}

impl Descent {
    pub(super) fn of(kind: Kind) -> Descent {
        Descent { kind, begun: None, waits: Waits::default() }
    }

    /// Returns true if the parent is asked again.
    fn waits_for<T>(&mut self, answer: &OfDigests<T>) -> bool {
        matches!(answer, OfDigests::Behind(turn) if self.waits.goes_on(*turn))
    }
}

/// How a question ended.
enum Heard {
    Further,
    /// The parent is to be asked again.
    Later,
    /// It has no digests, or none that lead any further.
    Nothing,
}

impl SyncPullService<'_> {
    /// How objects of a category are kept and compared.
    pub(super) fn kind(&self, category: Category) -> Kind {
        Kind { category, representation: self.config.representation(category) }
    }

    /// Returns true if a category can be compared by digests as far as this node is concerned. Metadata with two uuids, and what refers
    /// to it, is written otherwise here.
    pub(super) fn goes_by_digests(&self, verified: &Verified) -> bool {
        let is_gone_through = verified.here_after.is_some() || verified.there_after.is_some();
        self.config.uuid_map.is_empty() && !is_gone_through && !self.held.contains_key(&verified.category)
    }

    /// Compares the categories that were not begun by one digest each, all in one request. Those that are the same are done.
    pub(super) fn compare_whole_categories(&mut self, host: &mut dyn Host) -> Result<()> {
        let known = transaction::read(host, |host| verifications::verified(host))?;
        let is_known = |category: &Category| known.iter().any(|verified| verified.category == *category);
        let categories = self.verified_categories().filter(|category| !is_known(category));
        let by_digests = categories.filter(|category| self.goes_by_digests(&not_begun(*category)));
        let asked: Vec<(Kind, Question)> =
            by_digests.map(|category| (self.kind(category), Question::whole())).collect();
        let fetching = self.fetching.clone();
        let answers = self.run.wait(host, fetching.digests(&asked))?;
        for ((kind, _), answer) in asked.into_iter().zip(answers) {
            let OfDigests::Given(theirs) = answer else { continue };
            if let Some(ours) = self.ours(host, kind)?.filter(|ours| ours.is_all(&theirs)) {
                self.pass_at_once(host, &mut not_begun(kind.category), &ours)?;
            }
        }
        Ok(())
    }

    /// Compares the next portion of a category: asks one question.
    pub(super) fn descend(
        &mut self,
        host: &mut dyn Host,
        verified: &mut Verified,
        mut descent: Descent,
    ) -> Result<Descended> {
        let Some((ours, mut course)) = descent.begun.take() else { return self.begin_descent(host, verified, descent) };
        let leaves = course.next_leaves(&ours.leaves, (LEAVES_AT_ONCE, OBJECTS_AT_ONCE));
        let heard = if leaves.is_empty() {
            self.ask_for_digests(host, (&mut descent, &ours, &mut course))?
        } else {
            self.compare_leaves(host, verified, (&mut descent, &ours, &mut course), leaves)?
        };
        if matches!(heard, Heard::Nothing) {
            return Ok(Descended::WithoutDigests);
        }
        if course.is_over() && verified.ended_at.is_none() {
            self.pass(host, verified, (&ours, &course), Looked::default())?;
        }
        let is_over = verified.ended_at.is_some();
        descent.begun = Some((ours, course));
        Ok(if is_over { Descended::ToTheEnd } else { Descended::Further(descent) })
    }

    /// The parent is asked first: where it has no digests, nothing need be read here.
    fn begin_descent(
        &mut self,
        host: &mut dyn Host,
        verified: &mut Verified,
        mut descent: Descent,
    ) -> Result<Descended> {
        let fetching = self.fetching.clone();
        let asked = [(descent.kind, Question::whole())];
        let theirs = match self.run.wait(host, fetching.digests(&asked))?.pop() {
            Some(OfDigests::Given(theirs)) => theirs,
            Some(answer) if descent.waits_for(&answer) => return Ok(Descended::Further(descent)),
            _ => return Ok(Descended::WithoutDigests),
        };
        let Some(ours) = self.ours(host, descent.kind)? else { return Ok(Descended::WithoutDigests) };
        if ours.is_all(&theirs) {
            self.pass_at_once(host, verified, &ours)?;
            return Ok(Descended::ToTheEnd);
        }
        descent.begun = Some((ours, Course::from(verified.leaves.unwrap_or(0))));
        Ok(Descended::Further(descent))
    }

    /// The rest of a category is the same.
    fn pass_at_once(&mut self, host: &mut dyn Host, verified: &mut Verified, ours: &Ours) -> Result<()> {
        self.pass(host, verified, (ours, &Course::from(LEAVES)), Looked::default())
    }

    fn ask_for_digests(
        &mut self,
        host: &mut dyn Host,
        (descent, ours, course): (&mut Descent, &Ours, &mut Course),
    ) -> Result<Heard> {
        let asked: Vec<(Kind, Question)> =
            course.questions(RANGES_AT_ONCE).into_iter().map(|question| (descent.kind, question)).collect();
        let fetching = self.fetching.clone();
        for (number, answer) in self.run.wait(host, fetching.digests(&asked))?.into_iter().enumerate() {
            let theirs = match answer {
                // The answers before it are what the parent looks at for one request.
                OfDigests::Given(theirs) if number > 0 && theirs.is_empty() => break,
                OfDigests::Given(theirs) => theirs,
                answer if descent.waits_for(&answer) => return Ok(Heard::Later),
                _ => return Ok(Heard::Nothing),
            };
            match course.hear(&ours.leaves, &theirs) {
                Some(true) => {}
                Some(false) => return Ok(Heard::Further),
                None => return Ok(Heard::Nothing),
            }
        }
        Ok(Heard::Further)
    }

    fn compare_leaves(
        &mut self,
        host: &mut dyn Host,
        verified: &mut Verified,
        (descent, ours, course): (&mut Descent, &Ours, &mut Course),
        leaves: Vec<u32>,
    ) -> Result<Heard> {
        let (fetching, located) = (self.fetching.clone(), !self.config.filter.locations.is_empty());
        let answers = self.run.wait(host, fetching.leaves(descent.kind, &leaves, located))?;
        let (mut looked, mut heard) = (Looked::default(), Heard::Nothing);
        for (leaf, answer) in leaves.into_iter().zip(answers) {
            match answer {
                OfDigests::Given(listed) => {
                    self.compare_leaf(host, (descent.kind, ours.inventory, leaf), listed, &mut looked)?;
                    course.pass_leaf();
                    heard = Heard::Further;
                }
                // Those before it may be as much as travels at once.
                _ if matches!(heard, Heard::Further) => break,
                answer if descent.waits_for(&answer) => return Ok(Heard::Later),
                _ => return Ok(Heard::Nothing),
            }
        }
        self.pass(host, verified, (ours, course), looked)?;
        Ok(heard)
    }

    /// Commits what was found, and how far the category is compared.
    fn pass(
        &mut self,
        host: &mut dyn Host,
        verified: &mut Verified,
        (ours, course): (&Ours, &Course),
        looked: Looked,
    ) -> Result<()> {
        let before = verified.leaves.unwrap_or(0);
        verified.compared += ours.leaves.of(before..course.passed()).objects + looked.only_there;
        verified.leaves = Some(course.passed());
        self.keep(host, verified, looked.first, course.is_over())
    }

    /// Looks at the objects of a leaf that are not as they are expected at the parent.
    fn compare_leaf(
        &mut self,
        host: &mut dyn Host,
        (kind, inventory, leaf): (Kind, i64, u32),
        listed: Vec<ListedObject>,
        looked: &mut Looked,
    ) -> Result<()> {
        let is_of_leaf = |listed: &ListedObject| is_object_uuid(&listed.uuid) && leaf_of(&listed.uuid) == leaf;
        let listed = listed.into_iter().filter(is_of_leaf).map(|listed| (listed.uuid.clone(), listed));
        let theirs: BTreeMap<String, ListedObject> = listed.collect();
        let ours = transaction::read(host, |host| digests::of_leaf(host, inventory, leaf, MOST_IN_LEAF))?;
        let ours: HashMap<String, String> = ours.into_iter().collect();
        looked.only_there += theirs.keys().filter(|uuid| !ours.contains_key(*uuid)).count() as u64;
        let uuids: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        let objects: Vec<ObjectId> =
            uuids.into_iter().map(|uuid| ObjectId { category: kind.category, uuid: uuid.clone() }).collect();
        for objects in objects.chunks(READ_TOGETHER) {
            let states = transaction::read(host, |host| object_states::get_all(host, objects))?;
            let pairings = objects.iter().filter_map(|object| {
                let state = states.get(object).filter(|state| state.is_comparable(kind.representation));
                unlike(&object.uuid, ours.get(&object.uuid), theirs.get(&object.uuid), state)
            });
            let first = self.first_look(host, kind.category, pairings.collect())?;
            looked.first.suspects.extend(first.suspects);
            looked.first.left_out += first.left_out;
        }
        Ok(())
    }

    /// What the parent is expected to have of a kind, after all that was told here before is taken in; nothing where this server
    /// does not list it.
    fn ours(&mut self, host: &mut dyn Host, kind: Kind) -> Result<Option<Ours>> {
        publish(host, self.config.transfer.page_size)?;
        loop {
            self.run.check_cancelled()?;
            match bring_on(host, self.config, kind)? {
                Kept::Unlisted => return Ok(None),
                Kept::Current(inventory) => return self.expected(host, kind, inventory).map(Some),
                Kept::Behind(_) => transaction::write(host, |host| self.run.renew_lease(host))?,
            }
            self.run.progressed();
        }
    }

    /// What is kept here, but with the parent's hash where this side is as agreed and the parent's differs.
    fn expected(&self, host: &mut dyn Host, kind: Kind, inventory: i64) -> Result<Ours> {
        let mut leaves = transaction::read(host, |host| digests::leaves(host, inventory, 0..LEAVES))?;
        let mut after = String::new();
        loop {
            let (unlike, here) = transaction::read(host, |host| {
                let unlike = object_states::unlike(host, kind.category, &after, MOST_AGREEMENTS)?;
                let uuids: Vec<&str> = unlike.iter().map(|(uuid, _)| uuid.as_str()).collect();
                let here = digests::hashes(host, inventory, &uuids)?;
                Ok((unlike, here))
            })?;
            let Some((last, _)) = unlike.last() else { return Ok(Ours { inventory, leaves }) };
            after = last.clone();
            for (uuid, state) in unlike.iter().filter(|(_, state)| state.is_comparable(kind.representation)) {
                let here = here.get(uuid).map(String::as_str);
                leaves.replace(uuid, here, expected_there(here, Some(agreement(state))));
            }
        }
    }
}

/// What was found in a portion.
#[derive(Default)]
struct Looked {
    first: FirstLook,
    /// How many objects only the parent has.
    only_there: u64,
}

/// The sides that have an object; nothing where the parent has it as expected.
fn unlike(
    uuid: &str,
    ours: Option<&String>,
    theirs: Option<&ListedObject>,
    state: Option<&ObjectState>,
) -> Option<Pairing<ListedObject>> {
    let expected = expected_there(ours.map(String::as_str), state.map(agreement));
    match (ours, theirs) {
        // One whose hash the parent does not have is never as expected.
        (_, Some(theirs)) if theirs.hash.is_some() && theirs.hash.as_deref() == expected => None,
        (_, None) if expected.is_none() => None,
        (Some(_), Some(theirs)) => Some(Pairing::Both(uuid.to_string(), theirs.clone())),
        (Some(_), None) => Some(Pairing::Here(uuid.to_string())),
        (None, Some(theirs)) => Some(Pairing::There(uuid.to_string(), theirs.clone())),
        (None, None) => None,
    }
}
