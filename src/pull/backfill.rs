//! Everything that the parent has, compared with what is here object by object: the remedy where its feed does not go on where
//! it was read last. What both sides agreed on is gone through first, then what the parent lists (`listed.rs`); then the
//! feeds that do not go on are read from their beginnings, or from what the parent has left of them. How far it has come is
//! committed after each portion: what a run leaves, the next one does.

use std::collections::HashMap;

use log::info;
use uuid::Uuid;

use super::SyncPullService;
use super::ahead::Answer;
use super::item::{Item, Record, Source, Started, Work};
use super::listed::beginning;
use super::received::Received;
use crate::backfill::{self, Compared};
use crate::config::FirstRun;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Direction, ObjectId};
use crate::feed::{self, Continuity, Dialect, FeedScope, FeedStart};
use crate::host::Host;
use crate::restored::{self, Met};
use crate::store::backfills::{self, Backfill, Found, Phase};
use crate::store::markers::Marker;
use crate::store::object_states::ObjectState;
use crate::store::runs::RunKind;
use crate::store::{markers, object_states, switched_on, transaction};
use crate::switched_on::{brought, to_list};

/// The advice when a pull ends so.
const REMEDY: &str =
    "POST \u{2026}/sync2/backfill compares everything with the parent as it is now, and the pull goes on from there";

/// The advice when even a backfill ends so.
const REMEDY_OF_A_BACKFILL: &str = "This was a backfill already: the parent's feed changed while it was read. What it has compared stays. \
     See that nobody restores or replaces the parent any more and that no proxy mixes up its answers, then ask for a backfill once more";

/// Says in the error of a run of that kind what to do about it.
pub(super) fn with_remedy(kind: RunKind, error: Error) -> Error {
    let remedy = match (error.kind, kind) {
        (ErrorKind::NeedsBackfill, RunKind::Backfill) => REMEDY_OF_A_BACKFILL,
        (ErrorKind::NeedsBackfill, _) => REMEDY,
        _ => return error,
    };
    Error { message: format!("{}. {remedy}", error.message), ..error }
}

/// The newest event of a feed counts as passed where the lists bring what it and those before it told of.
const PASSED_BY_LISTS: u64 = 1;

impl SyncPullService<'_> {
    /// Begins the first pull of all with what the parent lists, where that is configured (`pull.firstRun`) and the parent has
    /// the exchange. What is changed there meanwhile, its feed tells after the place where it ends now.
    pub(super) fn begin_with_lists(&mut self, host: &mut dyn Host) -> Result<()> {
        let is_wanted = self.config.first_run == FirstRun::Backfill && self.config.may_exchange();
        if !is_wanted || self.copied_at.is_some() || has_begun(host)? {
            return Ok(());
        }
        if self.choose_dialect(host)? != Dialect::Sync2 || self.meet(host)? == Met::WithoutExchange {
            return Ok(());
        }
        let end = if self.wants_some_actions_only() { None } else { self.end_of_own_feed(host)? };
        info!("what the parent has is listed first");
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            if let Some(marker) = &end {
                markers::put(host, Direction::Pull, marker, PASSED_BY_LISTS)?;
            }
            backfills::begin(host, None)
        })
    }

    /// Begins to compare what was switched on when events that may have told of it had been passed already, where new children
    /// begin with lists, too. What it leaves over, because another one has not ended, the next run begins.
    pub(super) fn begin_with_what_is_on_late(&mut self, host: &mut dyn Host) -> Result<()> {
        if self.config.first_run != FirstRun::Backfill || !self.config.may_exchange() {
            return Ok(());
        }
        let (known, last) = transaction::read(host, |host| Ok((switched_on::list(host)?, backfills::last(host)?)))?;
        if last.as_ref().is_some_and(|last| last.ended_at.is_none()) {
            return Ok(());
        }
        let only = to_list(&known, self.config, last.map(|last| last.begun_at));
        if only.is_empty() {
            return Ok(());
        }
        let names = only.iter().map(|category| category.name()).collect::<Vec<_>>().join(", ");
        info!("what the parent has of {names} is listed: it was switched on when events had been passed");
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            backfills::begin(host, Some(&only))
        })
    }

    /// Returns true if the filters may leave out what is listed and take what happened to it before: a list says that an object is
    /// there, as if it had been created.
    fn wants_some_actions_only(&self) -> bool {
        self.config.categories.values().any(|category| category.pull && category.actions.is_some())
    }

    fn end_of_own_feed(&mut self, host: &mut dyn Host) -> Result<Option<Marker>> {
        let (parent, limit) = (self.parent.clone(), self.config.transfer.max_group_bytes());
        self.run.wait(host, feed::own_end(parent, limit))
    }

    /// Begins to compare everything: finds out what has become of the parent, and where its feeds go on.
    pub(super) fn begin_backfill(&mut self, host: &mut dyn Host) -> Result<()> {
        let dialect = self.choose_dialect(host)?;
        restored::find_what_was_lost(&self.run, host)?;
        let met = self.meet(host)?;
        let (mut anew, mut removed) = (Vec::new(), Vec::new());
        let mut was_restored = false;
        for feed in self.feeds(host, dialect)? {
            match self.continuity(host, feed.clone())? {
                Continuity::GoesOn => {}
                Continuity::Broken => {
                    was_restored = true;
                    anew.push(feed);
                }
                // The rest of it is read when all is compared.
                Continuity::Removed => removed.push(feed),
            }
        }
        // Where it was before is known from the exchange only.
        if was_restored && matches!(met, Met::WithoutExchange | Met::First) {
            restored::doubt_everything(&self.run, host)?;
        }
        let anew = anew.into_iter().map(|feed| self.begun_anew(host, &feed)).collect::<Result<Vec<_>>>()?;
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            for (name, epoch) in &anew {
                info!("the feed {name} is read from its beginning");
                markers::start_epoch(host, Direction::Pull, name, epoch)?;
            }
            for feed in &removed {
                info!("the feed {} is read from the first of its events that the parent still has", feed.scope.name());
                markers::start_epoch(host, Direction::Pull, feed.scope.name(), &feed.epoch)?;
            }
            backfills::begin(host, None)
        })
    }

    /// A category's feed that cannot be read is held by the run that follows.
    fn continuity(&mut self, host: &mut dyn Host, feed: FeedStart) -> Result<Continuity> {
        let is_of_category = feed.scope != FeedScope::Complete;
        let asked = feed::continuity(self.parent.clone(), feed, self.config.transfer.max_group_bytes());
        match self.run.wait(host, asked) {
            Err(error) if is_of_category && !error.kind.stops_run() => Ok(Continuity::GoesOn),
            answer => answer,
        }
    }

    /// The epoch in which a feed begins anew. Only a complete feed tells its own.
    fn begun_anew(&mut self, host: &mut dyn Host, feed: &FeedStart) -> Result<(&'static str, String)> {
        let epoch = match feed.scope {
            FeedScope::Complete => {
                self.run.wait(host, feed::own_epoch(self.parent.clone(), self.config.transfer.max_group_bytes()))?
            }
            FeedScope::Category(_) => Uuid::new_v4().to_string(),
        };
        Ok((feed.scope.name(), epoch))
    }

    /// Goes on comparing where an earlier run left it, to the end.
    pub(super) fn go_on_with_backfill(&mut self, host: &mut dyn Host) -> Result<()> {
        while let Some(backfill) = transaction::read(host, |host| backfills::unfinished(host))? {
            self.run.check_cancelled()?;
            match backfill.phase {
                Phase::Agreed => self.compare_agreed(host, &backfill)?,
                Phase::Listed => self.compare_lists(host, &backfill)?,
            }
        }
        Ok(())
    }

    /// Compares the next portion of what was agreed on with what the parent has.
    fn compare_agreed(&mut self, host: &mut dyn Host, backfill: &Backfill) -> Result<()> {
        let most = self.config.transfer.batch_size as u32;
        let reached = backfill.reached.clone().or_else(|| first_about(backfill, ""));
        let agreed = transaction::read(host, |host| object_states::after(host, reached.as_ref(), most))?;
        let next = agreed.last().and_then(|(last, _)| goes_on_at(backfill, last));
        let wanted = |(object, state): &(ObjectId, ObjectState)| {
            let is_about = backfill.is_about(object.category) && self.config.pulls(object.category);
            is_about && !self.will_be_offered(object, state)
        };
        let pulled: HashMap<ObjectId, ObjectState> = agreed.into_iter().filter(wanted).collect();
        let compared = pulled.len() as u64;
        let Compared { same, other } = self.ask_hashes(host, &pulled)?;
        let (same_after_all, items) = self.ask_documents(host, &pulled, other)?;
        let missing = items.iter().filter(|item| is_lost(item)).count() as u64;
        let differing = items.len() as u64 - missing;
        self.process(host, items)?;
        let found = Found { compared, differing, missing };
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            object_states::unmark(host, &[same, same_after_all].concat())?;
            match &next {
                Some(next) => backfills::reach(host, backfill.number, next, found),
                None => {
                    backfills::found(host, backfill.number, found)?;
                    backfills::enter(host, backfill.number, Phase::Listed)
                }
            }
        })?;
        self.run.progressed();
        Ok(())
    }

    /// Returns true if the parent may have lost it: it is sent to it again, and the parent says what it has otherwise.
    fn will_be_offered(&self, object: &ObjectId, state: &ObjectState) -> bool {
        state.restored_to.is_some() && self.config.offers_again(object.category)
    }

    fn ask_hashes(&mut self, host: &mut dyn Host, agreed: &HashMap<ObjectId, ObjectState>) -> Result<Compared> {
        let objects: Vec<&ObjectId> = agreed.keys().collect();
        let fetching = self.fetching.clone();
        let hashes = self.run.wait(host, fetching.hashes(&objects))?;
        Ok(backfill::compare(agreed, &hashes, |category| self.config.representation(category)))
    }

    /// Asks for the documents of what is not known to be the same. Those that are the same after all, and what there is to do
    /// with the others.
    fn ask_documents(
        &mut self,
        host: &mut dyn Host,
        agreed: &HashMap<ObjectId, ObjectState>,
        objects: Vec<ObjectId>,
    ) -> Result<(Vec<ObjectId>, Vec<Item>)> {
        let fetching = self.fetching.clone();
        let started = fetching.now();
        let mut answers = self.run.wait(host, fetching.fetch(&objects.iter().collect::<Vec<_>>()))?;
        let (mut same, mut items) = (Vec::new(), Vec::new());
        for object in objects {
            let (Some(state), Some(answer)) = (agreed.get(&object), answers.remove(&object)) else { continue };
            match treatment(state, answer)? {
                Treatment::Same => same.push(object),
                Treatment::LeftOut => {}
                Treatment::Work(action, work) => items.push(item(object, action, work, started)),
            }
        }
        items.sort_by_key(|item| item.written_object().cloned());
        Ok((same, items))
    }

    /// All is compared: a feed that begins anew goes on behind what the parent has removed of it meanwhile, or before.
    pub(super) fn end_backfill(&mut self, host: &mut dyn Host, backfill: &Backfill) -> Result<()> {
        let dialect = self.choose_dialect(host)?;
        let mut beginnings = Vec::new();
        for feed in self.feeds(host, dialect)?.into_iter().filter(|feed| feed.marker.is_none()) {
            beginnings.extend(self.first_left(host, feed)?);
        }
        let unread = beginnings.iter().map(|marker| marker.updated).max();
        let (unread, known) = transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            for marker in &beginnings {
                markers::put(host, Direction::Pull, marker, 0)?;
            }
            if backfills::last(host)?.is_some_and(|last| !last.not_listed) {
                let known = switched_on::list(host)?;
                let come = brought(&known, self.config, backfill.only.as_ref(), backfill.begun_at);
                switched_on::has_come(host, Direction::Pull, &come)?;
            }
            Ok((backfills::end(host, backfill.number, unread)?, switched_on::list(host)?))
        })?;
        self.parts.run.progress.unread(unread);
        self.parts.run.progress.switched_on(known);
        Ok(())
    }

    /// Before the first event that a feed still has; nothing where it has all of them, or cannot be read.
    fn first_left(&mut self, host: &mut dyn Host, feed: FeedStart) -> Result<Option<Marker>> {
        let is_of_category = feed.scope != FeedScope::Complete;
        let asked = feed::first_left(self.parent.clone(), feed, self.config.transfer.max_group_bytes());
        match self.run.wait(host, asked) {
            Err(error) if is_of_category && !error.kind.stops_run() => Ok(None),
            left => left,
        }
    }
}

/// Returns the place before the agreements on the first category, in the order of their table, that a backfill of some categories
/// is about and that has a greater name; nothing for a backfill of all, and behind the last.
fn first_about(backfill: &Backfill, name: &str) -> Option<ObjectId> {
    let categories = backfill.only.iter().flatten().copied().filter(|category| category.name() > name);
    categories.min_by_key(|category| category.name()).map(beginning)
}

/// Returns the place where the agreements of a backfill go on after that one; nothing where no more of them can follow.
fn goes_on_at(backfill: &Backfill, last: &ObjectId) -> Option<ObjectId> {
    if backfill.is_about(last.category) { Some(last.clone()) } else { first_about(backfill, last.category.name()) }
}

/// Returns true if anything of the parent's feeds was passed, or compared, before.
fn has_begun(host: &mut dyn Host) -> Result<bool> {
    transaction::read(host, |host| {
        let positions = markers::load(host, Direction::Pull)?;
        Ok(positions.iter().any(|position| position.marker.is_some()) || backfills::last(host)?.is_some())
    })
}

/// Reads the parent's own feed from its first event after all, in the transaction, where it was to go on behind what the lists
/// bring: it alone tells of what is not listed.
pub(super) fn read_all_of_the_feed(host: &mut dyn Host) -> Result<()> {
    let name = FeedScope::Complete.name();
    let positions = markers::load(host, Direction::Pull)?;
    match positions.iter().find(|position| *position.feed == *name) {
        Some(feed) if feed.events == PASSED_BY_LISTS => markers::start_epoch(host, Direction::Pull, name, &feed.epoch),
        _ => Ok(()),
    }
}

/// The treatment of the parent's answer for something that was agreed on.
enum Treatment {
    /// It is as it was agreed on.
    Same,
    /// The filters leave it out.
    LeftOut,
    Work(Action, Work),
}

/// Errors: the parent is closed to the whole category. Nothing is passed unseen.
fn treatment(state: &ObjectState, answer: Answer) -> Result<Treatment> {
    let received = match answer {
        Answer::CategoryClosed(error) => return Err(error),
        Answer::LeftOut => return Ok(Treatment::LeftOut),
        Answer::Object(received) => received,
    };
    Ok(match received {
        Received::Document(document) if !document.content.says_removed => {
            let is_same = state.is_comparable(document.content.representation)
                && state.remote_hash.as_deref() == Some(&document.content.hash);
            if is_same {
                Treatment::Same
            } else {
                Treatment::Work(Action::Other, Work::Received(Received::Document(document)))
            }
        }
        Received::Document(_) | Received::Gone { .. } if state.remote_hash.is_none() => Treatment::Same,
        received @ (Received::Document(_) | Received::Gone { .. }) => {
            Treatment::Work(Action::Voided, Work::Received(received))
        }
        Received::Failed(error) if error.kind == ErrorKind::NotFound && state.remote_hash.is_none() => Treatment::Same,
        Received::Failed(error) if error.kind == ErrorKind::NotFound => Treatment::Work(Action::Other, Work::Lost),
        Received::Failed(error) => Treatment::Work(Action::Other, Work::Received(Received::Failed(error))),
    })
}

pub(super) fn item(object: ObjectId, action: Action, work: Work, started: Started) -> Item {
    Item::Record(Box::new(Record { source: Source::Asked, object, action, work, started, fetched_anew: 0 }))
}

fn is_lost(item: &Item) -> bool {
    matches!(item, Item::Record(record) if matches!(record.work, Work::Lost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backfill_that_needs_a_backfill_gets_other_advice() {
        let told = |run, kind| with_remedy(run, Error::new(kind, "it began anew")).message;
        assert!(told(RunKind::Feed, ErrorKind::NeedsBackfill).contains("sync2/backfill"));
        let again = told(RunKind::Backfill, ErrorKind::NeedsBackfill);
        assert!(again.starts_with("it began anew. This was a backfill already"), "{again}");
        assert_eq!(told(RunKind::Backfill, ErrorKind::Unreachable), "it began anew");
    }
}
