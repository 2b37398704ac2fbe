//! A stretch of this node's complete feed: what comes after a place, without what its reader does not want or is not told of.
//! The work for one is bounded, however long the feed is: it says how far it has looked.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Told;
use crate::error::Result;
use crate::event::Category;
use crate::feed::stretch::{AFTER, Stretch, WITHOUT, page_of};
use crate::host::Host;
use crate::store::Sql;
use crate::store::events::{self, OwnFeed, PublishedEvent};

/// The most events that one stretch goes over. The database walks over those of other categories, in the order of its key.
const MOST_LOOKED_AT: u64 = 150_000;

/// The most events of wanted categories that are looked at one by one: of each it may matter where its object belongs.
const MOST_CONSIDERED: usize = 25_000;

/// The most documents that are read to find out where objects belong, where the host does not say it.
const MOST_DOCUMENTS: usize = 500;

/// The most events that one stretch tells: as much as a few pages.
const MOST_TOLD: usize = 500;

/// How many events are taken from the database at once.
const AT_ONCE: u32 = 500;

/// The longest query, and the most categories in it: there are a few dozen.
const LONGEST_QUERY: usize = 8192;
const MOST_CATEGORIES: usize = 200;

/// What a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AskedStretch {
    /// The categories that it does not want, as far as they are known here.
    without: BTreeSet<Category>,
    /// The event after which it begins; nothing: the first of its page.
    after: Option<Uuid>,
}

impl AskedStretch {
    /// Reads a query. Nothing when it does not ask for a stretch.
    ///
    /// Errors: what is wrong with one that does.
    pub(super) fn parse(query: &str) -> std::result::Result<Option<AskedStretch>, &'static str> {
        let pairs = || url::form_urlencoded::parse(query.as_bytes());
        if !pairs().any(|(name, _)| name == WITHOUT || name == AFTER) {
            return Ok(None);
        }
        if query.len() > LONGEST_QUERY {
            return Err("the query is too long");
        }
        let (mut without, mut after) = (None, None);
        for (name, value) in pairs() {
            let place = match name.as_ref() {
                WITHOUT => &mut without,
                AFTER => &mut after,
                _ => return Err("beside without there is no other parameter than after"),
            };
            if place.replace(value).is_some() {
                return Err("a parameter is there twice");
            }
        }
        let after =
            after.map(|uuid| Uuid::try_parse(&uuid)).transpose().map_err(|_| "after is the uuid of an event")?;
        let Some(without) = without else { return Ok(None) };
        let without =
            known_categories(&without).ok_or("without is none, or names of categories with commas between them")?;
        Ok(Some(AskedStretch { without, after }))
    }
}

/// A newer reader may name categories that this version does not know: there are no events of them.
fn known_categories(names: &str) -> Option<BTreeSet<Category>> {
    let names: Vec<&str> = names.split(',').collect();
    let is_name = |name: &&str| {
        (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let are_names = names.len() <= MOST_CATEGORIES && names.iter().all(is_name);
    are_names.then(|| names.into_iter().filter_map(Category::parse).collect())
}

/// The events of a stretch, with those that are told.
pub(super) struct Found {
    /// What it says of itself.
    pub stretch: Stretch,
    /// The events that are told.
    pub told: Vec<PublishedEvent>,
    /// The last one that was looked at, where that is not told.
    pub last: Option<PublishedEvent>,
}

/// Looks for the events after a place of a page. Nothing where the feed does not go on there, or has lost events: the page itself
/// says it.
pub(super) fn find(
    host: &mut dyn Host,
    feed: &OwnFeed,
    (asked, page): (&AskedStretch, u64),
    told: &mut Told<'_>,
) -> Result<Option<Found>> {
    let page_size = u64::from(feed.page_size.max(1));
    let end = events::last_number(host, None)?;
    let Some(first) = first_number(host, asked, (page, page_size), end)? else { return Ok(None) };
    let unwanted: Vec<Category> = Category::all()
        .filter(|category| asked.without.contains(category) || !told.is_of_its_scope(*category))
        .collect();
    let reach = end.min(first - 1 + MOST_LOOKED_AT);
    let looked = look(host, [first, reach], &unwanted, told)?;
    let last = match looked.told.last().map_or(first - 1, |told| told.number) {
        number if number == looked.until => None,
        _ => events::range(host, looked.until, looked.until)?.pop(),
    };
    // What was removed while it was looked at is not left out: it is lost for this reader.
    if events::count_range(host, first, looked.until)? != looked.until + 1 - first {
        return Ok(None);
    }
    let stretch = Stretch { after: asked.after, first, last: looked.until, end, page_size };
    Ok(Some(Found { stretch, told: looked.told, last }))
}

/// The number of the first event that is looked at, one more than that of the last event where nothing is new.
fn first_number(
    sql: &mut dyn Sql,
    asked: &AskedStretch,
    (page, page_size): (u64, u64),
    end: u64,
) -> Result<Option<u64>> {
    match asked.after {
        Some(after) => {
            let number = events::number_of(sql, &after.to_string())?;
            Ok(number.filter(|number| page_of(*number, page_size) == page).map(|number| number + 1))
        }
        None => Ok(page.checked_sub(1).map(|before| before * page_size + 1).filter(|first| *first <= end)),
    }
}

struct Looked {
    told: Vec<PublishedEvent>,
    /// The number of the last event that was looked at.
    until: u64,
}

fn look(host: &mut dyn Host, [first, reach]: [u64; 2], unwanted: &[Category], reader: &mut Told<'_>) -> Result<Looked> {
    let mut looked = Looked { told: Vec::new(), until: first - 1 };
    let mut considered = 0;
    while looked.until < reach {
        let some = events::range_without(host, [looked.until + 1, reach], unwanted, AT_ONCE)?;
        let is_all = some.len() < AT_ONCE as usize;
        reader.expect(host, &some)?;
        for published in some {
            looked.until = published.number;
            considered += 1;
            if reader.hears_of(host, &published)? {
                looked.told.push(published);
            }
            if looked.told.len() == MOST_TOLD
                || considered == MOST_CONSIDERED
                || reader.documents_read() >= MOST_DOCUMENTS
            {
                return Ok(looked);
            }
        }
        if is_all {
            looked.until = reach;
        }
    }
    Ok(looked)
}
