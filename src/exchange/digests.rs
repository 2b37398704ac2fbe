//! The digests of what this node has of a category and an account may read, for a child that compares both sides without reading every
//! object. The hashes are kept; where an account is limited to locations, where each object belongs is asked anew for each answer, since
//! that changes without an event of its own.

use std::ops::Range;

use super::lines;
use super::listing::locations;
use crate::config::Config;
use crate::decide::canonical;
use crate::decide::digest::{Digest, MOST_IN_LEAF, Question};
use crate::decide::scope::{Scope, Verb};
use crate::error::{Error, ErrorKind, Result};
use crate::event::ObjectId;
use crate::feed::publisher::publish;
use crate::host::Host;
use crate::inventory::{self, Kept};
use crate::places::Places;
use crate::store::digests::{self, Kind};
use crate::wire::{Digested, Digesting, ListedObject, RangeDigest};

/// The most portions of objects that are read for one request.
const MOST_PORTIONS: u32 = 10;

/// The most objects of which it is asked for one request where they belong; from documents, of so many.
const MOST_PLACED: usize = 40_000;
const MOST_DOCUMENTS: usize = 500;

/// The question of a child.
pub(super) struct Asking {
    pub kind: Kind,
    /// The version of the canonical form that hashes are asked for in.
    hashed: Option<u32>,
    leaves: Asked,
}

enum Asked {
    Digests(Question),
    Objects { leaf: u32, located: bool },
}

/// What is kept here of each kind that a request asks for.
#[derive(Default)]
pub(super) struct Inventories {
    kept: Vec<(Kind, Kept)>,
    /// Of how many objects it was asked where they belong.
    placed: usize,
}

impl Asking {
    /// Errors: `Malformed` where it is no question.
    pub(super) fn of(
        (category, representation): (&str, &str),
        hashed: Option<u32>,
        Digesting { from, to, width, located }: Digesting,
    ) -> Result<Asking> {
        let (category, representation) = lines::category(category, representation)?;
        let leaves = match width {
            Some(width) => Asked::Digests(Question { leaves: from..to, width }),
            None => Asked::Objects { leaf: from, located },
        };
        if let Asked::Digests(question) = &leaves
            && question.ranges().is_none()
        {
            return Err(Error::new(ErrorKind::Malformed, "these are no leaves of which there are digests"));
        }
        Ok(Asking { kind: Kind { category, representation }, hashed, leaves })
    }

    /// Returns true if the account may have digests of these objects, and of these hashes.
    pub(super) fn may_be_answered(&self, scope: Scope<'_>) -> bool {
        scope.may(Verb::Read, self.kind.category) && self.hashed == Some(canonical::VERSION)
    }

    /// Nothing where there are none.
    ///
    /// Errors: those of the host.
    pub(super) fn answer(
        &self,
        host: &mut dyn Host,
        (scope, places): (Scope<'_>, &mut Places<'_>),
        inventories: &mut Inventories,
    ) -> Result<Option<Digested>> {
        let kept = inventories.kept.iter().find(|(kind, _)| *kind == self.kind).map(|(_, kept)| *kept);
        let number = match kept.filter(|_| self.may_be_answered(scope)) {
            None | Some(Kept::Unlisted) => return Ok(None),
            Some(Kept::Behind(turn)) => return Ok(Some(Digested { turn, ..Digested::default() })),
            Some(Kept::Current(number)) => number,
        };
        let mut readable = ReadableLeaves { kind: self.kind, number, places, placed: &mut inventories.placed };
        let mut digested = Digested { whole: true, ..Digested::default() };
        match &self.leaves {
            Asked::Digests(question) => {
                let leaves = digests::leaves(host, number, question.leaves.clone())?;
                for range in question.ranges().unwrap_or_default() {
                    let all = leaves.of(range.clone());
                    let told = if scope.is_local(self.kind.category) {
                        readable.digest(host, range, all.objects)?
                    } else {
                        Some(all)
                    };
                    let Some(digest) = told else { break };
                    digested.digests.push(RangeDigest { objects: digest.objects, sum: digest.text() });
                }
            }
            Asked::Objects { leaf, located } => {
                let Some(objects) = readable.objects(host, *leaf)? else { return Ok(None) };
                for (object, hash) in objects {
                    let locations = if *located { locations(host, readable.places, &object)? } else { Vec::new() };
                    let hash = inventory::hash_of(&hash).map(str::to_string);
                    digested.objects.push(ListedObject { uuid: object.uuid, hash, locations });
                }
            }
        }
        Ok(Some(digested))
    }
}

/// What the account may read of the leaves of an inventory.
struct ReadableLeaves<'a, 'b> {
    kind: Kind,
    number: i64,
    places: &'a mut Places<'b>,
    placed: &'a mut usize,
}

impl ReadableLeaves<'_, '_> {
    /// The digest of some leaves, which have so many objects; nothing where these are more than one request looks at.
    fn digest(&mut self, host: &mut dyn Host, leaves: Range<u32>, objects: u64) -> Result<Option<Digest>> {
        let fits = *self.placed as u64 + objects <= MOST_PLACED as u64;
        let mut digest = Digest::default();
        // One leaf is always looked at, so that who asks comes forward.
        if !fits && (*self.placed > 0 || leaves.len() > 1) {
            return Ok(None);
        }
        for leaf in leaves {
            if *self.placed > 0 && self.places.documents_read() >= MOST_DOCUMENTS {
                return Ok(None);
            }
            let Some(objects) = self.objects(host, leaf)? else { return Ok(None) };
            digest = objects.iter().fold(digest, |digest, (object, hash)| digest.with(&object.uuid, hash));
        }
        Ok(Some(digest))
    }

    /// The objects of a leaf with what is kept of them; nothing where there are too many.
    fn objects(&mut self, host: &mut dyn Host, leaf: u32) -> Result<Option<Vec<(ObjectId, String)>>> {
        let kept = digests::of_leaf(host, self.number, leaf, MOST_IN_LEAF + 1)?;
        if kept.len() > MOST_IN_LEAF {
            return Ok(None);
        }
        let category = self.kind.category;
        let objects = kept.into_iter().map(|(uuid, hash)| (ObjectId { category, uuid }, hash));
        let objects: Vec<(ObjectId, String)> = objects.collect();
        *self.placed += objects.len();
        self.places.expect(host, objects.iter().map(|(object, _)| object))?;
        let mut readable = Vec::with_capacity(objects.len());
        for (object, hash) in objects {
            if self.places.allow(host, &object, None)? {
                readable.push((object, hash));
            }
        }
        Ok(Some(readable))
    }
}

/// Brings what is kept of these kinds up to the end of this node's feed, as far as one request goes: a child asks again for the
/// rest. A kind whose objects cannot be read now is behind.
///
/// Errors: `Host` when the feed cannot be published.
pub(super) fn bring_up(host: &mut dyn Host, config: &Config, kinds: impl Iterator<Item = Kind>) -> Result<Inventories> {
    let mut inventories = Inventories::default();
    let mut portions = MOST_PORTIONS;
    for kind in kinds {
        if inventories.kept.iter().any(|(known, _)| *known == kind) {
            continue;
        }
        if inventories.kept.is_empty() {
            publish(host, config.transfer.page_size)?;
        }
        inventories.kept.push((kind, brought(host, config, kind, &mut portions)));
    }
    Ok(inventories)
}

fn brought(host: &mut dyn Host, config: &Config, kind: Kind, portions: &mut u32) -> Kept {
    loop {
        match inventory::bring_on(host, config, kind) {
            Ok(Kept::Behind(_)) if *portions > 0 => *portions -= 1,
            Ok(kept) => return kept,
            Err(error) => {
                log::warn!("there are no digests of {} for now: {}", kind.category, error.for_log());
                return Kept::Behind(0);
            }
        }
    }
}
