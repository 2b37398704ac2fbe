//! The parent's lists, compared with what is here: what a backfill finds beside what was agreed on. Category by category, a part
//! of the list at a time; how far it has come is committed after each.

use std::collections::{HashMap, HashSet};

use log::info;

use super::SyncPullService;
use super::ahead::Answer;
use super::backfill::item;
use super::item::{Item, Work};
use super::received::Received;
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

impl SyncPullService<'_> {
    /// Compares the next part of a list, or ends the backfill where there is none.
    pub(super) fn compare_listed(
        &mut self,
        host: &mut dyn Host,
        backfill: &Backfill,
        so_far: &mut ListingSoFar,
    ) -> Result<()> {
        let Some((category, after)) = self.next_listed(backfill.reached.as_ref()) else {
            return self.end_backfill(host, backfill);
        };
        let (fetching, located) = (self.fetching.clone(), !self.config.filter.locations.is_empty());
        let listed = match self.run.wait(host, fetching.list(category, after.as_deref(), located))? {
            PartOfList::Listed(listed) => Some(listed),
            PartOfList::Closed => Some(Listed::default()),
            PartOfList::Unlisted => None,
        };
        let listed = listed.filter(|part| {
            so_far.comes_forward(category, after.as_deref(), part.objects.len(), part.reached.as_deref())
        });
        let unlisted = listed.is_none();
        if unlisted {
            info!("the parent does not list what it has of {category}, or its list does not come forward");
        }
        let Listed { objects, reached } = listed.unwrap_or_default();
        let compared = objects.len() as u64;
        let items = self.news(host, category, objects)?;
        let differing = items.len() as u64;
        self.process(host, items)?;
        let reached = match reached {
            Some(uuid) => Some(ObjectId { category, uuid }),
            None => self.category_after(category).map(|category| ObjectId { category, uuid: String::new() }),
        };
        let found = Found { compared, differing, missing: 0 };
        transaction::write(host, |host| {
            self.run.renew_lease(host)?;
            if unlisted {
                backfills::not_listed(host, backfill.number)?;
            }
            match &reached {
                Some(reached) => backfills::reach(host, backfill.number, reached, found),
                None => backfills::found(host, backfill.number, found),
            }
        })?;
        self.run.progressed();
        match reached {
            Some(_) => Ok(()),
            None => self.end_backfill(host, backfill),
        }
    }

    /// Which category is listed next, and after which uuid; nothing at the end.
    fn next_listed(&self, reached: Option<&ObjectId>) -> Option<(Category, Option<String>)> {
        let Some(reached) = reached else { return Some((self.listed_categories().into_iter().next()?, None)) };
        let after = Some(reached.uuid.clone()).filter(|uuid| !uuid.is_empty());
        if self.listed_categories().contains(&reached.category) {
            Some((reached.category, after))
        } else {
            Some((self.category_after(reached.category)?, None))
        }
    }

    fn category_after(&self, category: Category) -> Option<Category> {
        self.listed_categories().into_iter().find(|other| *other > category)
    }

    fn listed_categories(&self) -> Vec<Category> {
        let mut categories: Vec<Category> = self.config.pulled_categories().collect();
        categories.sort();
        categories
    }

    /// Returns those that both sides have never agreed on: each is fetched, unless it is here as it is there.
    fn news(&mut self, host: &mut dyn Host, category: Category, listed: Vec<ListedObject>) -> Result<Vec<Item>> {
        let fetching = self.fetching.clone();
        let listed = listed.into_iter().filter(|listed| is_object_uuid(&listed.uuid)).collect();
        let wanted = self.run.wait(host, fetching.wanted(category, listed))?;
        let mut unknown = self.unknown(host, category, wanted)?;
        let started = fetching.now();
        let here = self.as_listed(host, &unknown)?;
        unknown.retain(|object, _| !here.iter().any(|(same, _)| same == object));
        let mut answers = self.run.wait(host, fetching.as_fetched(here))?;
        answers.extend(self.run.wait(host, fetching.fetch(&unknown.keys().collect::<Vec<_>>()))?);
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
        Ok(items)
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
        let objects: Vec<ObjectId> = hashes.keys().cloned().collect();
        let agreed: HashSet<ObjectId> =
            transaction::read(host, |host| object_states::get_all(host, &objects))?.into_keys().collect();
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
