//! The parent's lists, compared with what is here: what a backfill finds beside what was agreed on. Category by category, a
//! portion of the list at a time; lists are read ahead, and how far it has come is committed after each portion.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use log::info;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::ahead::{Answer, Fetching};
use super::backfill::{item, read_all_of_the_feed};
use super::item::{Item, Started, Work};
use super::received::Received;
use super::{SyncPullService, reading_failed};
use crate::decide::canonical;
use crate::decide::listing::{ListingSoFar, READ_TOGETHER};
use crate::error::{ErrorKind, Result};
use crate::event::{Action, Category, ObjectId, is_object_uuid};
use crate::host::{Host, Stored};
use crate::resource::{Document, Json, PartOfList, Place};
use crate::saving::{expect_reads, parse_stored};
use crate::store::backfills::{self, Backfill, Found};
use crate::store::{object_states, transaction};
use crate::wire::{Listed, ListedObject};

/// Portions of lists that are read before they are needed. Each answer says after what the next one begins, so these come one by
/// one.
const PORTIONS_AHEAD: usize = 10;

/// Portions whose documents are on their way at once.
const PORTIONS_ASKED: usize = 3;

/// A portion of the parent's lists: at most so many as are compared together.
struct Portion {
    category: Category,
    objects: Vec<ListedObject>,
    /// True if the parent does not list the category, or its list does not come forward.
    unlisted: bool,
    /// After what the next one begins, with an empty uuid at the beginning of a category; nothing at the end of all lists.
    next: Option<ObjectId>,
}

/// A portion whose documents are asked for.
struct Asked {
    portion: Portion,
    /// Those that are here as they are there.
    here: Vec<(ObjectId, Document)>,
    started: Started,
    /// Dropping it ends it.
    answers: AbortOnDropHandle<Result<HashMap<ObjectId, Answer>>>,
}

/// The portions that are asked for, in their order, and how asking ended.
#[derive(Default)]
struct Coming {
    asked: VecDeque<Asked>,
    ended: Option<Result<()>>,
}

/// Reads the parent's lists ahead of the calling thread.
struct Lists {
    fetching: Arc<Fetching>,
    /// In their order.
    categories: Vec<Category>,
    located: bool,
    so_far: ListingSoFar,
}

impl Lists {
    /// Starts reading after that object. The channel ends with the lists, or after the first error.
    fn read_ahead(
        mut self,
        runtime: &Handle,
        first: ObjectId,
    ) -> (mpsc::Receiver<Result<Portion>>, AbortOnDropHandle<()>) {
        let (sender, receiver) = mpsc::channel(PORTIONS_AHEAD);
        let reading = runtime.spawn(async move {
            let mut next = Some(first);
            while let Some(after) = next {
                let part = self.read(after).await;
                next = part.as_ref().ok().and_then(|part| part.next.clone());
                let portions = match part {
                    Ok(part) => split(part).into_iter().map(Ok).collect(),
                    Err(error) => vec![Err(error)],
                };
                for portion in portions {
                    if sender.send(portion).await.is_err() {
                        return;
                    }
                }
            }
        });
        (receiver, AbortOnDropHandle::new(reading))
    }

    async fn read(&mut self, ObjectId { category, uuid }: ObjectId) -> Result<Portion> {
        let after = Some(uuid.as_str()).filter(|uuid| !uuid.is_empty());
        let listed = match self.fetching.list(category, after, self.located).await? {
            PartOfList::Listed(listed) => Some(listed),
            PartOfList::Closed => Some(Listed::default()),
            PartOfList::Unlisted => None,
        };
        let listed = listed
            .filter(|part| self.so_far.comes_forward(category, after, part.objects.len(), part.reached.as_deref()));
        let unlisted = listed.is_none();
        let Listed { mut objects, reached } = listed.unwrap_or_default();
        objects.retain(|listed| is_object_uuid(&listed.uuid));
        let next = match reached {
            Some(uuid) => Some(ObjectId { category, uuid }),
            None => category_after(&self.categories, category).map(beginning),
        };
        Ok(Portion { category, objects, unlisted, next })
    }
}

/// Cuts a part of a list into portions. The next one begins after the last object of the one before.
fn split(part: Portion) -> Vec<Portion> {
    let Portion { category, mut objects, unlisted, next } = part;
    let mut portions = Vec::new();
    while objects.len() > READ_TOGETHER {
        let rest = objects.split_off(READ_TOGETHER);
        let next = objects.last().map(|last| ObjectId { category, uuid: last.uuid.clone() });
        portions.push(Portion { category, objects, unlisted, next });
        objects = rest;
    }
    portions.push(Portion { category, objects, unlisted, next });
    portions
}

/// Returns those of the objects that both sides have agreed on.
fn agreed<'a>(host: &mut dyn Host, objects: impl Iterator<Item = &'a ObjectId>) -> Result<HashSet<ObjectId>> {
    let objects: Vec<ObjectId> = objects.cloned().collect();
    Ok(transaction::read(host, |host| object_states::get_all(host, &objects))?.into_keys().collect())
}

fn category_after(categories: &[Category], category: Category) -> Option<Category> {
    categories.iter().copied().find(|other| *other > category)
}

/// The place before the first object of a category.
pub(super) fn beginning(category: Category) -> ObjectId {
    ObjectId { category, uuid: String::new() }
}

impl SyncPullService<'_> {
    /// Compares the lists from where they were left, and ends the backfill. While a portion is compared, the documents of the next
    /// ones are on their way.
    pub(super) fn compare_lists(&mut self, host: &mut dyn Host, backfill: &Backfill) -> Result<()> {
        let mut left = self.next_listed(backfill);
        if let Some(first) = left.clone() {
            let (mut portions, _reading) = self.lists(backfill).read_ahead(&self.parts.run.runtime, first);
            let mut coming = Coming::default();
            loop {
                self.run.check_cancelled()?;
                self.ask_ahead(host, &mut portions, &mut coming);
                let Some(current) = coming.asked.pop_front() else { break };
                let (portion, items) = self.news(host, current)?;
                left = portion.next.clone();
                self.take_over(host, backfill, portion, items)?;
            }
            coming.ended.unwrap_or(Ok(()))?;
        }
        match left {
            None => self.end_backfill(host, backfill),
            Some(_) => Err(reading_failed()),
        }
    }

    /// Asks for the documents of so many portions as may be on their way. What stops it is told when those before it are done.
    fn ask_ahead(&mut self, host: &mut dyn Host, portions: &mut mpsc::Receiver<Result<Portion>>, coming: &mut Coming) {
        while coming.ended.is_none() && coming.asked.len() < PORTIONS_ASKED {
            match self.ask_next(host, portions) {
                Ok(Some(asked)) => coming.asked.push_back(asked),
                Ok(None) => coming.ended = Some(Ok(())),
                Err(error) => coming.ended = Some(Err(error)),
            }
        }
    }

    fn lists(&self, backfill: &Backfill) -> Lists {
        Lists {
            fetching: self.fetching.clone(),
            categories: self.listed_categories(backfill),
            located: !self.config.filter.locations.is_empty(),
            so_far: ListingSoFar::default(),
        }
    }

    /// Takes over what the parent has of a portion, and notes how far it has come.
    fn take_over(
        &mut self,
        host: &mut dyn Host,
        backfill: &Backfill,
        portion: Portion,
        items: Vec<Item>,
    ) -> Result<()> {
        let Portion { category, objects, unlisted, next } = portion;
        if unlisted {
            info!("the parent does not list what it has of {category}, or its list does not come forward");
        }
        let found = Found { compared: objects.len() as u64, differing: items.len() as u64, missing: 0 };
        self.process(host, items)?;
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            if unlisted {
                backfills::not_listed(host, backfill.number)?;
                read_all_of_the_feed(host)?;
            }
            match &next {
                Some(next) => backfills::reach(host, backfill.number, next, found),
                None => backfills::found(host, backfill.number, found),
            }
        })?;
        self.run.progressed();
        Ok(())
    }

    /// After what the next portion begins; nothing at the end.
    fn next_listed(&self, backfill: &Backfill) -> Option<ObjectId> {
        let categories = self.listed_categories(backfill);
        match backfill.reached.as_ref() {
            None => categories.first().copied().map(beginning),
            Some(reached) if categories.contains(&reached.category) => Some(reached.clone()),
            Some(reached) => category_after(&categories, reached.category).map(beginning),
        }
    }

    fn listed_categories(&self, backfill: &Backfill) -> Vec<Category> {
        let mut categories = self.config.listed_categories();
        categories.retain(|category| backfill.is_about(*category));
        categories
    }

    /// Takes the next portion, and asks for those of it that both sides have never agreed on, unless they are here as they are there.
    fn ask_next(
        &mut self,
        host: &mut dyn Host,
        portions: &mut mpsc::Receiver<Result<Portion>>,
    ) -> Result<Option<Asked>> {
        let next = self.run.wait(host, async { portions.recv().await.transpose() })?;
        let Some(portion) = next else { return Ok(None) };
        let fetching = self.fetching.clone();
        let wanted = self.run.wait(host, fetching.wanted(portion.category, portion.objects.clone()))?;
        let mut unknown = self.unknown(host, portion.category, wanted)?;
        let started = fetching.now();
        let here = self.as_listed(host, &unknown)?;
        unknown.retain(|object, _| !here.iter().any(|(same, _)| same == object));
        let fetched = async move { fetching.fetch(&unknown.keys().collect::<Vec<_>>()).await };
        let answers = AbortOnDropHandle::new(self.parts.run.runtime.spawn(fetched));
        Ok(Some(Asked { portion, here, started, answers }))
    }

    /// Waits for the answers to a portion: what there is to do with them.
    fn news(&mut self, host: &mut dyn Host, asked: Asked) -> Result<(Portion, Vec<Item>)> {
        let Asked { portion, here, started, answers: asked } = asked;
        let fetching = self.fetching.clone();
        let mut answers = self.run.wait(host, fetching.as_fetched(here))?;
        answers.extend(self.run.wait(host, async { asked.await.unwrap_or_else(|_| Err(reading_failed())) })?);
        // What another object referred to, or the list names twice, has come meanwhile.
        let came = agreed(host, answers.keys())?;
        answers.retain(|object, _| !came.contains(object));
        let mut items = Vec::with_capacity(answers.len());
        for (object, answer) in answers {
            match answer {
                Answer::CategoryClosed(error) => return Err(error),
                Answer::LeftOut => {}
                // It was removed since it was listed, which an event tells.
                Answer::Object(Received::Gone { .. }) => {}
                Answer::Object(Received::Failed(error)) if error.kind == ErrorKind::NotFound => {}
                Answer::Object(received) => items.push(item(object, Action::Other, Work::Received(received), started)),
            }
        }
        items.sort_by_key(|item| item.written_object().cloned());
        Ok((portion, items))
    }

    /// Those of the listed objects that both sides have never agreed on, with the hashes that the parent gave.
    fn unknown(
        &self,
        host: &mut dyn Host,
        category: Category,
        listed: Vec<ListedObject>,
    ) -> Result<HashMap<ObjectId, Option<String>>> {
        let named = |ListedObject { uuid, hash, .. }| (ObjectId { category, uuid }, hash);
        let hashes: HashMap<ObjectId, Option<String>> = listed.into_iter().map(named).collect();
        let agreed = agreed(host, hashes.keys())?;
        Ok(hashes.into_iter().filter(|(object, _)| !agreed.contains(object)).collect())
    }

    /// Returns those that are here just as the parent has them, by the hashes that it gave: they are not transferred.
    fn as_listed(
        &self,
        host: &mut dyn Host,
        listed: &HashMap<ObjectId, Option<String>>,
    ) -> Result<Vec<(ObjectId, Document)>> {
        let hashed = listed.iter().filter_map(|(object, hash)| Some((object, hash.as_deref()?)));
        let hashed: Vec<(&ObjectId, &str)> = hashed.collect();
        transaction::read(host, |host| {
            let expected = hashed.iter().map(|(object, _)| (self.config.representation(object.category), *object));
            expect_reads(host, expected)?;
            let mut same = Vec::new();
            for (object, hash) in &hashed {
                let representation = self.config.representation(object.category);
                let Stored::Present(bytes) = host.read(representation, object, false)? else { continue };
                let json = parse_stored(object, &bytes)?;
                if canonical::hash_at(canonical::VERSION, representation, &json) == *hash {
                    let (client, url, place) = ("list".into(), String::new(), Place::default());
                    let json = Json::from(json);
                    same.push(((*object).clone(), Document { representation, client, url, json, place }));
                }
            }
            Ok(same)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_is_cut_into_portions_that_follow_each_other() {
        let category = Category::patient();
        let listed = |number: usize| ListedObject { uuid: format!("{number}"), hash: None, locations: Vec::new() };
        let after = |uuid: String| Some(ObjectId { category, uuid });
        for (count, lengths) in [(0, vec![0]), (100, vec![100]), (101, vec![100, 1]), (250, vec![100, 100, 50])] {
            let end = after("end".to_string());
            let objects = (1..=count).map(listed).collect();
            let portions = split(Portion { category, objects, unlisted: false, next: end.clone() });
            assert_eq!(portions.iter().map(|portion| portion.objects.len()).collect::<Vec<_>>(), lengths);
            assert_eq!(portions.last().unwrap().next, end);
            let followed = portions.iter().rev().skip(1).rev();
            assert!(followed.clone().all(|one| one.next == after(one.objects.last().unwrap().uuid.clone())));
        }
    }
}
