//! The parent's lists, compared with what is here: what a backfill finds beside what was agreed on. Category by category, a part
//! of the list at a time; lists are read ahead, and how far it has come is committed after each part.

use std::collections::{HashMap, HashSet};
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
use crate::decide::listing::ListingSoFar;
use crate::error::{ErrorKind, Result};
use crate::event::{Action, Category, ObjectId, is_object_uuid};
use crate::host::{Host, Stored};
use crate::resource::{Document, Json, PartOfList, Place};
use crate::saving::{expect_reads, parse_stored};
use crate::store::backfills::{self, Backfill, Found};
use crate::store::{object_states, transaction};
use crate::wire::{Listed, ListedObject};

/// Parts that are asked for before they are needed. Each says after what the next one begins, so they come one by one.
const PARTS_AHEAD: usize = 3;

/// A part of the parent's lists.
struct Part {
    category: Category,
    objects: Vec<ListedObject>,
    /// True if the parent does not list the category, or its list does not come forward.
    unlisted: bool,
    /// After what the next part begins, with an empty uuid at the beginning of a category; nothing at the end of all lists.
    next: Option<ObjectId>,
}

/// A part whose documents are asked for.
struct Asked {
    part: Part,
    /// Those that are here as they are there.
    here: Vec<(ObjectId, Document)>,
    started: Started,
    /// Dropping it ends it.
    answers: AbortOnDropHandle<Result<HashMap<ObjectId, Answer>>>,
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
    ) -> (mpsc::Receiver<Result<Part>>, AbortOnDropHandle<()>) {
        let (sender, receiver) = mpsc::channel(PARTS_AHEAD);
        let reading = runtime.spawn(async move {
            let mut next = Some(first);
            while let Some(after) = next {
                let part = self.read(after).await;
                next = part.as_ref().ok().and_then(|part| part.next.clone());
                if sender.send(part).await.is_err() {
                    return;
                }
            }
        });
        (receiver, AbortOnDropHandle::new(reading))
    }

    async fn read(&mut self, ObjectId { category, uuid }: ObjectId) -> Result<Part> {
        let after = Some(uuid.as_str()).filter(|uuid| !uuid.is_empty());
        let listed = match self.fetching.list(category, after, self.located).await? {
            PartOfList::Listed(listed) => Some(listed),
            PartOfList::Closed => Some(Listed::default()),
            PartOfList::Unlisted => None,
        };
        let listed = listed
            .filter(|part| self.so_far.comes_forward(category, after, part.objects.len(), part.reached.as_deref()));
        let unlisted = listed.is_none();
        let Listed { objects, reached } = listed.unwrap_or_default();
        let next = match reached {
            Some(uuid) => Some(ObjectId { category, uuid }),
            None => category_after(&self.categories, category).map(beginning),
        };
        Ok(Part { category, objects, unlisted, next })
    }
}

/// Returns those of the objects that both sides have agreed on.
fn agreed<'a>(host: &mut dyn Host, objects: impl Iterator<Item = &'a ObjectId>) -> Result<HashSet<ObjectId>> {
    let objects: Vec<ObjectId> = objects.cloned().collect();
    Ok(transaction::read(host, |host| object_states::get_all(host, &objects))?.into_keys().collect())
}

/// The categories of these that are listed, in their order. What is a part of another object comes with that.
fn listed(pulled: impl Iterator<Item = Category>) -> Vec<Category> {
    let mut categories: Vec<Category> = pulled.filter(|category| category.part_of().is_none()).collect();
    categories.sort();
    categories
}

fn category_after(categories: &[Category], category: Category) -> Option<Category> {
    categories.iter().copied().find(|other| *other > category)
}

/// The place before the first object of a category.
fn beginning(category: Category) -> ObjectId {
    ObjectId { category, uuid: String::new() }
}

impl SyncPullService<'_> {
    /// Compares the lists from where they were left, and ends the backfill. While a part is compared, the documents of the next
    /// one are on their way.
    pub(super) fn compare_lists(&mut self, host: &mut dyn Host, backfill: &Backfill) -> Result<()> {
        let mut left = self.next_listed(backfill.reached.as_ref());
        if let Some(first) = left.clone() {
            let (mut parts, _reading) = self.lists().read_ahead(&self.parts.run.runtime, first);
            let mut asked = self.ask_next(host, &mut parts)?;
            while let Some(current) = asked {
                self.run.check_cancelled()?;
                let next = self.ask_next(host, &mut parts);
                let (part, items) = self.news(host, current)?;
                left = part.next.clone();
                self.take_over(host, backfill, part, items)?;
                asked = next?;
            }
        }
        match left {
            None => self.end_backfill(host, backfill),
            Some(_) => Err(reading_failed()),
        }
    }

    fn lists(&self) -> Lists {
        Lists {
            fetching: self.fetching.clone(),
            categories: self.listed_categories(),
            located: !self.config.filter.locations.is_empty(),
            so_far: ListingSoFar::default(),
        }
    }

    /// Takes over what the parent has of a part, and notes how far it has come.
    fn take_over(&mut self, host: &mut dyn Host, backfill: &Backfill, part: Part, items: Vec<Item>) -> Result<()> {
        let Part { category, objects, unlisted, next } = part;
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

    /// After what the next part begins; nothing at the end.
    fn next_listed(&self, reached: Option<&ObjectId>) -> Option<ObjectId> {
        let categories = self.listed_categories();
        match reached {
            None => categories.first().copied().map(beginning),
            Some(reached) if categories.contains(&reached.category) => Some(reached.clone()),
            Some(reached) => category_after(&categories, reached.category).map(beginning),
        }
    }

    fn listed_categories(&self) -> Vec<Category> {
        listed(self.config.pulled_categories())
    }

    /// Takes the next part, and asks for those of it that both sides have never agreed on, unless they are here as they are there.
    fn ask_next(&mut self, host: &mut dyn Host, parts: &mut mpsc::Receiver<Result<Part>>) -> Result<Option<Asked>> {
        let Some(mut part) = self.run.wait(host, async { parts.recv().await.transpose() })? else { return Ok(None) };
        part.objects.retain(|listed| is_object_uuid(&listed.uuid));
        let fetching = self.fetching.clone();
        let wanted = self.run.wait(host, fetching.wanted(part.category, part.objects.clone()))?;
        let mut unknown = self.unknown(host, part.category, wanted)?;
        let started = fetching.now();
        let here = self.as_listed(host, &unknown)?;
        unknown.retain(|object, _| !here.iter().any(|(same, _)| same == object));
        let fetched = async move { fetching.fetch(&unknown.keys().collect::<Vec<_>>()).await };
        let answers = AbortOnDropHandle::new(self.parts.run.runtime.spawn(fetched));
        Ok(Some(Asked { part, here, started, answers }))
    }

    /// Waits for the answers to a part: what there is to do with them.
    fn news(&mut self, host: &mut dyn Host, asked: Asked) -> Result<(Part, Vec<Item>)> {
        let Asked { part, here, started, answers: asked } = asked;
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
        Ok((part, items))
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
    fn parts_of_other_objects_are_not_listed() {
        let pulled = ["person_name", "encounter", "patient", "patient_identifier"].map(Category::parse);
        let listed = listed(pulled.into_iter().flatten()).into_iter().map(Category::name);
        assert_eq!(listed.collect::<Vec<_>>(), ["patient", "encounter"]);
    }
}
