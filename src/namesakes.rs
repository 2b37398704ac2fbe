//! Metadata that waits because other metadata has its name: what `uuidMap` of the configuration could say to be one.

use serde::Serialize;

use crate::config::may_be_mapped;
use crate::decide::uuid_map::UuidMap;
use crate::error::Result;
use crate::event::{Direction, ObjectId};
use crate::run::MOST_PAIRS;
use crate::store::Sql;
use crate::store::parked::{self, Parked};

/// Two that have one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Pair {
    /// The kind of metadata of both.
    pub category: &'static str,
    /// The name that people know both by.
    pub name: String,
    /// The uuid at the parent.
    pub parent: String,
    /// The uuid here.
    pub here: String,
}

/// Those that the map does not say to be one, each once.
pub(crate) fn pairs(sql: &mut dyn Sql, map: &UuidMap) -> Result<Vec<Pair>> {
    let refused = parked::beside_namesakes(sql, MOST_PAIRS)?;
    let mut pairs: Vec<Pair> = refused.into_iter().filter_map(|refused| pair(refused, map)).collect();
    pairs.sort();
    pairs.dedup();
    Ok(pairs)
}

/// A record that is refused here is the parent's; one that the parent refuses is from here.
fn pair(Parked { direction, object, namesake, .. }: Parked, map: &UuidMap) -> Option<Pair> {
    let ObjectId { category, uuid } = object;
    let namesake = namesake.filter(|_| may_be_mapped(category))?;
    let (parent, here) = match direction {
        Direction::Pull => (uuid, namesake.uuid),
        Direction::Push => (namesake.uuid, uuid),
    };
    let is_mapped = map.has(&ObjectId { category, uuid: parent.clone() });
    (!is_mapped).then(|| Pair { category: category.name(), name: namesake.name, parent, here })
}
