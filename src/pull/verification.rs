//! Both sides compared, category by category: the list here and the parent's are gone through in step, a portion at a time. How far
//! it has come is committed with what was found. What differs is looked at again (`second_look.rs`) once the feed was read to its
//! end: what the feed was to bring is no difference. Where both sides keep digests, most of the lists need not be gone through
//! (`digests.rs`).

use std::collections::{BTreeMap, HashSet};

use super::SyncPullService;
use super::digests::{Descended, Descent};
use super::second_look::Here;
use crate::decide::canonical;
use crate::decide::conflict::{Agreed, Version};
use crate::decide::content::Content;
use crate::decide::listing::{ListingSoFar, READ_TOGETHER};
use crate::decide::verification::{Depth, Finding, Lists, Newer, Pairing, Part, Side, Why, compare};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, is_object_uuid};
use crate::feed::Dialect;
use crate::filter::Filter;
use crate::host::Host;
use crate::inventory::listed_objects;
use crate::resource::PartOfList;
use crate::store::object_states::ObjectState;
use crate::store::runs::RunKind;
use crate::store::verifications::{self, Difference, Verified};
use crate::store::{now, object_states, transaction};
use crate::wire::ListedObject;

/// Portions between two readings of the feed, and the most of a run that somebody asked for otherwise: what clinics enter goes
/// first.
const PORTIONS: usize = 50;

/// A category that is gone through.
pub(super) struct Walk {
    verified: Verified,
    lists: Lists<ListedObject>,
    so_far: ListingSoFar,
    /// How far it has come by digests; nothing where both lists are gone through.
    descent: Option<Descent>,
}

/// The result of the first look at a portion.
#[derive(Default)]
pub(super) struct FirstLook {
    /// Each once, however often the lists name it.
    pub suspects: BTreeMap<ObjectId, Difference>,
    pub left_out: u64,
}

/// An object that is not the same at the first look.
struct Candidate {
    object: ObjectId,
    /// Where it is in the list here.
    here: Option<Here>,
    /// Where it is in the parent's list.
    listed: Option<ListedObject>,
    newer: Newer,
    /// True if both sides agreed on it.
    is_known: bool,
}

impl Walk {
    fn of(verified: Verified) -> Walk {
        let here = Part::after(verified.here_after.clone());
        let there = Part::after(verified.there_after.clone());
        Walk { verified, lists: Lists { here, there }, so_far: ListingSoFar::default(), descent: None }
    }

    fn is_over(&self) -> bool {
        self.verified.why.is_some() || self.verified.ended_at.is_some() || self.lists.are_over()
    }
}

impl SyncPullService<'_> {
    /// Begins to compare both sides, in the place of an earlier comparison.
    ///
    /// Errors: `Configuration` where the parent does not have the exchange; what stops the run.
    pub(super) fn begin_verification(&mut self, host: &mut dyn Host, depth: Depth) -> Result<()> {
        self.require_exchange(host)?;
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            verifications::forget(host)
        })?;
        while self.remove_some(host)? {
            self.run.check_cancelled()?;
        }
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            verifications::begin(host, depth)
        })
    }

    fn remove_some(&self, host: &mut dyn Host) -> Result<bool> {
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            verifications::remove_some(host)
        })
    }

    /// Errors: `Configuration` where the parent does not have the exchange; what stops the run.
    pub(super) fn require_exchange(&mut self, host: &mut dyn Host) -> Result<()> {
        let fetching = self.fetching.clone();
        if self.run.wait(host, fetching.exchanges())? {
            return Ok(());
        }
        let why = fetching
            .without_exchange()
            .map_or_else(|| "parent.exchange: it is switched off here".to_string(), |error| error.message);
        let message = format!(
            "both sides are compared and repaired through the parent's exchange, which this node cannot use: {why}. The parent \
             needs this module, and exchange.children there has to name the account of this node"
        );
        Err(Error::new(ErrorKind::Configuration, message))
    }

    /// Goes on with a comparison that has not ended: to the end in a run that is for it, else a stretch.
    pub(super) fn go_on_with_verification(&mut self, host: &mut dyn Host, dialect: Dialect) -> Result<()> {
        let (mut walk, mut is_first) = (None, true);
        while let Some(depth) = transaction::read(host, |host| verifications::unfinished(host))? {
            let fetching = self.fetching.clone();
            if !self.run.wait(host, fetching.exchanges())? {
                return Ok(());
            }
            if depth == Depth::Quick && std::mem::take(&mut is_first) {
                self.compare_whole_categories(host)?;
            }
            let is_compared = self.compare_stretch(host, depth, &mut walk)?;
            self.read_feed(host, dialect)?;
            self.look_again(host)?;
            if is_compared {
                return transaction::write(host, |host| {
                    self.run.renew_lease(host)?;
                    verifications::end(host)
                });
            }
            if self.run.record.kind != RunKind::Verify {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Returns true if all categories were gone through.
    fn compare_stretch(&mut self, host: &mut dyn Host, depth: Depth, walk: &mut Option<Walk>) -> Result<bool> {
        for _ in 0..PORTIONS {
            self.run.check_cancelled()?;
            let next = match walk.take() {
                Some(walk) => Some(walk),
                None => self.next_walk(host, depth)?,
            };
            let Some(mut next) = next else { return Ok(true) };
            match next.descent.take() {
                Some(descent) => self.descend_in(host, &mut next, descent)?,
                None => self.compare_portion(host, &mut next)?,
            }
            *walk = Some(next).filter(|next| !next.is_over());
        }
        Ok(false)
    }

    /// Compares the next portion by digests; where there are none, the lists are gone through from their beginning.
    fn descend_in(&mut self, host: &mut dyn Host, walk: &mut Walk, descent: Descent) -> Result<()> {
        match self.descend(host, &mut walk.verified, descent)? {
            Descended::Further(descent) => walk.descent = Some(descent),
            Descended::ToTheEnd => {}
            Descended::WithoutDigests => walk.verified = not_begun(walk.verified.category),
        }
        Ok(())
    }

    /// The first category that was not gone through; nothing at the end.
    fn next_walk(&self, host: &mut dyn Host, depth: Depth) -> Result<Option<Walk>> {
        let known = transaction::read(host, |host| verifications::verified(host))?;
        let next = self.verified_categories().find_map(|category| {
            let verified = known.iter().find(|verified| verified.category == category);
            match verified {
                Some(verified) if verified.ended_at.is_some() => None,
                Some(verified) => Some(verified.clone()),
                None => Some(not_begun(category)),
            }
        });
        Ok(next.map(|verified| {
            let is_by_digests = depth == Depth::Quick && self.goes_by_digests(&verified);
            let descent = is_by_digests.then(|| Descent::of(self.kind(verified.category)));
            Walk { descent, ..Walk::of(verified) }
        }))
    }

    /// In the order of dependence. A part travels with the object that it belongs to.
    pub(super) fn verified_categories(&self) -> impl Iterator<Item = Category> {
        let config = self.config;
        let travels = move |category: &Category| config.pulls(*category) || config.pushes(*category);
        Category::all().filter(travels).filter(|category| category.part_of().is_none())
    }

    fn compare_portion(&mut self, host: &mut dyn Host, walk: &mut Walk) -> Result<()> {
        walk.verified.why = self.read_on(host, walk)?;
        let pairings = walk.lists.pairings();
        walk.verified.compared += pairings.len() as u64;
        let looked = self.first_look(host, walk.verified.category, pairings)?;
        walk.verified.here_after = walk.lists.here.place().map(str::to_string);
        walk.verified.there_after = walk.lists.there.place().map(str::to_string);
        let is_over = walk.is_over();
        self.keep(host, &mut walk.verified, looked, is_over)
    }

    /// Commits what was found in a portion, and how far the category has come.
    pub(super) fn keep(
        &mut self,
        host: &mut dyn Host,
        verified: &mut Verified,
        FirstLook { suspects, left_out }: FirstLook,
        is_over: bool,
    ) -> Result<()> {
        let mut suspects: Vec<Difference> = suspects.into_values().collect();
        verified.left_out += left_out;
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            let time = now(host)?;
            suspects.iter_mut().for_each(|suspect| suspect.found_at = time);
            verified.ended_at = is_over.then_some(time);
            verifications::put_all(host, &suspects)?;
            verifications::put(host, verified)
        })?;
        self.run.progressed();
        Ok(())
    }

    /// Reads those of the lists on that were gone through as far as they were read. Returns why they cannot be, if so.
    fn read_on(&mut self, host: &mut dyn Host, walk: &mut Walk) -> Result<Option<Why>> {
        let category = walk.verified.category;
        if self.held.contains_key(&category) {
            return Ok(Some(Why::Closed));
        }
        if walk.lists.here.needs_more() {
            let after = walk.lists.here.reached().map(str::to_string);
            let listed = transaction::read(host, |host| list_here(host, category, after.as_deref()))?;
            let Some((objects, reached)) = listed else { return Ok(Some(Why::UnlistedHere)) };
            walk.lists.here.add(objects.into_iter().map(|object| (object.uuid, ())), reached);
        }
        if walk.lists.there.needs_more() {
            let after = walk.lists.there.reached().map(str::to_string);
            let (fetching, located) = (self.fetching.clone(), !self.config.filter.locations.is_empty());
            let part = match self.run.wait(host, fetching.list(category, after.as_deref(), located))? {
                PartOfList::Listed(part) => part,
                PartOfList::Closed => return Ok(Some(Why::Closed)),
                PartOfList::Unlisted => return Ok(Some(Why::UnlistedThere)),
            };
            let (count, reached) = (part.objects.len(), part.reached);
            if !walk.so_far.comes_forward(category, after.as_deref(), count, reached.as_deref()) {
                return Ok(Some(Why::UnlistedThere));
            }
            let objects = part.objects.into_iter().filter(|listed| is_object_uuid(&listed.uuid));
            walk.lists.there.add(objects.map(|listed| (listed.uuid.clone(), listed)), reached);
        }
        Ok(None)
    }

    /// Looks at a portion. What is not certainly the same is suspected.
    pub(super) fn first_look(
        &mut self,
        host: &mut dyn Host,
        category: Category,
        pairings: Vec<Pairing<ListedObject>>,
    ) -> Result<FirstLook> {
        let candidates = self.candidates(host, category, pairings)?;
        let listed = candidates.iter().filter_map(|candidate| candidate.listed.clone()).collect();
        let fetching = self.fetching.clone();
        let wanted = self.run.wait(host, fetching.wanted(category, listed))?;
        let wanted: HashSet<String> = wanted.into_iter().map(|listed| listed.uuid).collect();
        let mut looked = FirstLook::default();
        for candidate in candidates {
            if self.is_left_out(&candidate, &wanted)? {
                looked.left_out += 1;
            } else {
                looked.suspects.insert(candidate.object.clone(), candidate.suspect());
            }
        }
        Ok(looked)
    }

    fn candidates(
        &self,
        host: &mut dyn Host,
        category: Category,
        pairings: Vec<Pairing<ListedObject>>,
    ) -> Result<Vec<Candidate>> {
        let object = |uuid: &str| ObjectId { category, uuid: uuid.to_string() };
        let objects: Vec<ObjectId> = pairings.iter().map(|pairing| object(uuid_of(pairing))).collect();
        let listed_here = pairings.iter().zip(&objects).filter(|(pairing, _)| !matches!(pairing, Pairing::There(..)));
        let listed_here: Vec<(ObjectId, u32)> =
            listed_here.map(|(_, object)| (object.clone(), canonical::VERSION)).collect();
        let mut ours = self.read_here(host, &listed_here)?;
        let states = transaction::read(host, |host| object_states::get_all(host, &objects))?;
        let representation = self.config.representation(category);
        let candidates = pairings.into_iter().zip(objects).filter_map(|(pairing, object)| {
            let (here, state) = (ours.remove(&object), states.get(&object));
            let agreed = state.filter(|state| state.is_comparable(representation)).map(agreement);
            let newer = newer_at_first_look(&pairing, here.as_ref(), agreed)?;
            let (here, listed) = match pairing {
                Pairing::Both(_, listed) => (here, Some(listed)),
                Pairing::Here(_) => (here, None),
                Pairing::There(_, listed) => (None, Some(listed)),
            };
            Some(Candidate { object, here, listed, newer, is_known: state.is_some() })
        });
        Ok(candidates.collect())
    }

    /// Returns true if this node does not synchronize what differs.
    ///
    /// Errors: a filter of the host program stops the run.
    fn is_left_out(&self, candidate: &Candidate, wanted: &HashSet<String>) -> Result<bool> {
        let Candidate { object, here, listed, newer, is_known } = candidate;
        let map = &self.config.uuid_map;
        if map.has(object) || map.has_here(object) {
            return Ok(true);
        }
        let is_wanted = wanted.contains(&object.uuid);
        Ok(match (here, listed) {
            (Some(here), None) => !is_known && !self.is_pushed(object, here)?,
            (None, _) => !is_known && !is_wanted,
            // It left the places of this node.
            (Some(_), Some(_)) => self.config.pulls(object.category) && *newer != Newer::Here && !is_wanted,
        })
    }

    /// Returns true if a push would bring it to the parent. One of which a filter cannot say is looked at again.
    ///
    /// Errors: a filter of the host program stops the run.
    fn is_pushed(&self, object: &ObjectId, here: &Here) -> Result<bool> {
        let Some(document) = &here.document else { return Ok(true) };
        let filters = &self.parts.push_filters;
        let is_wanted = filters.wants_category(object.category) && filters.wants_document(object, document);
        if !self.config.push.enabled || !is_wanted {
            return Ok(false);
        }
        let representation = self.config.representation(object.category);
        for filter in &self.parts.host_push_filters {
            let document = Content::of(representation, object, document).to_save;
            match filter.wants_document(representation, object, &document) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) if error.kind.stops_run() => return Err(error),
                Err(_) => {}
            }
        }
        Ok(true)
    }
}

pub(super) fn not_begun(category: Category) -> Verified {
    Verified {
        category,
        here_after: None,
        there_after: None,
        leaves: None,
        compared: 0,
        left_out: 0,
        why: None,
        ended_at: None,
        findings: BTreeMap::new(),
    }
}

/// A part of the list here, and how far it has come; nothing where the host cannot say.
fn list_here(
    host: &mut dyn Host,
    category: Category,
    after: Option<&str>,
) -> Result<Option<(Vec<ObjectId>, Option<String>)>> {
    let Some(uuids) = host.list(category, after, READ_TOGETHER)? else { return Ok(None) };
    let reached = uuids.last().filter(|_| uuids.len() >= READ_TOGETHER).cloned();
    Ok(Some((listed_objects(host, category, uuids)?, reached)))
}

fn uuid_of(pairing: &Pairing<ListedObject>) -> &str {
    match pairing {
        Pairing::Both(uuid, _) | Pairing::Here(uuid) | Pairing::There(uuid, _) => uuid,
    }
}

/// The side that seems to be newer; nothing where both are the same.
fn newer_at_first_look(
    pairing: &Pairing<ListedObject>,
    here: Option<&Here>,
    agreed: Option<Agreed<'_>>,
) -> Option<Newer> {
    match pairing {
        Pairing::Both(_, listed) => {
            let ours = here.and_then(|here| here.side.version());
            match ours.zip(listed.hash.as_deref().map(Version::Document)) {
                Some((ours, theirs)) => compare(ours, theirs, agreed).map(|(_, newer)| newer),
                None => Some(Newer::Both),
            }
        }
        Pairing::Here(_) => here.filter(|here| !matches!(here.side, Side::Absent | Side::Removed)).map(|_| Newer::Here),
        Pairing::There(..) => Some(Newer::There),
    }
}

impl Candidate {
    fn suspect(self) -> Difference {
        Difference {
            object: self.object,
            finding: Finding::Suspected,
            newer: None,
            why: None,
            ours_hash: self.here.and_then(|here| here.side.hash().map(str::to_string)),
            theirs_hash: self.listed.and_then(|listed| listed.hash),
            found_at: 0,
            repaired_at: None,
        }
    }
}

pub(super) fn agreement(state: &ObjectState) -> Agreed<'_> {
    Agreed { local_hash: state.local_hash.as_deref(), remote_hash: state.remote_hash.as_deref() }
}
