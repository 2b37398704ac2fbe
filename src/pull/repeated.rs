//! Events that come once more, because their marker was set back or because the feed repeats an entry: they have an
//! audit message, so they only move the marker. What such an event was to bring is brought by the next event of its
//! object, if that one is new.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::item::{Item, Passed, Record, Source, Work, event_audit_uuid};
use crate::error::Result;
use crate::event::{Action, Direction, Event};
use crate::host::Host;
use crate::store::audit;

/// The items of one window, without the effects of events that the audit knows.
pub(super) fn pass_repeated(host: &mut dyn Host, items: Vec<Item>) -> Result<Vec<Item>> {
    let audited = audited(host, &items)?;
    if audited.is_empty() {
        return Ok(items);
    }
    let mut left_over = LeftOver::default();
    Ok(items.into_iter().map(|item| left_over.sort(item, &audited)).collect())
}

/// The audit uuids of those of the events that have an audit message already.
fn audited(host: &mut dyn Host, items: &[Item]) -> Result<HashSet<String>> {
    let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for event in items.iter().filter_map(event_of) {
        ids.entry(&event.epoch).or_default().push(&event.id);
    }
    let mut audited = HashSet::new();
    for (epoch, ids) in ids {
        audited.extend(audit::known(host, Direction::Pull, epoch, &ids)?.into_values());
    }
    Ok(audited)
}

fn event_of(item: &Item) -> Option<&Event> {
    match item {
        Item::Record(record) => match &record.source {
            Source::Event(event) => Some(event),
            Source::Reference | Source::Asked | Source::Parked(_) => None,
        },
        Item::Passed(_) => None,
    }
}

/// The objects that repeated events were to bring, by their audit uuids.
#[derive(Default)]
struct LeftOver {
    work: HashMap<Uuid, (Action, Work)>,
    /// The new events that bring it instead.
    heirs: HashMap<Uuid, Uuid>,
}

impl LeftOver {
    fn sort(&mut self, item: Item, audited: &HashSet<String>) -> Item {
        let Item::Record(mut record) = item else { return item };
        let Source::Event(event) = &record.source else { return Item::Record(record) };
        let uuid = event_audit_uuid(event);
        if audited.contains(&uuid.to_string()) {
            let passed = Passed::of(event);
            self.work.insert(uuid, (record.action, record.work));
            return Item::Passed(passed);
        }
        self.hand_on(uuid, &mut record);
        Item::Record(record)
    }

    fn hand_on(&mut self, uuid: Uuid, record: &mut Record) {
        let Work::Coalesced { carried_by } = record.work else { return };
        if let Some(heir) = self.heirs.get(&carried_by) {
            record.work = Work::Coalesced { carried_by: *heir };
        } else if let Some((action, work)) = self.work.remove(&carried_by) {
            (record.action, record.work) = (action, work);
            self.heirs.insert(carried_by, uuid);
        }
    }
}
