//! The feed that the mock parent publishes itself, as a node with this module does: all categories in one sequence.

use uuid::Uuid;

use super::feed::{EntryHead, MockEntry, PageHead, PagePlace, write_event, write_head};
use crate::event::Category;

/// A feed of events of all categories, and its copy in a backup.
#[derive(Clone)]
pub struct OwnFeed {
    epoch: Uuid,
    entries: Vec<OwnEntry>,
    /// How many of its first pages were removed.
    removed_pages: u64,
}

#[derive(Clone)]
struct OwnEntry {
    uuid: Uuid,
    category: Category,
    entry: MockEntry,
}

/// The answer at the place of a page.
pub(super) enum OwnPage {
    Page(String),
    Removed,
    None,
}

impl OwnFeed {
    /// A feed that begins.
    pub(super) fn begin() -> OwnFeed {
        OwnFeed { epoch: Uuid::new_v4(), entries: Vec::new(), removed_pages: 0 }
    }

    pub(super) fn append(&mut self, category: Category, entry: MockEntry) {
        self.entries.push(OwnEntry { uuid: Uuid::new_v4(), category, entry });
    }

    pub(super) fn remove_pages(&mut self, pages: u64) {
        self.removed_pages = pages;
    }

    /// `recent` is page 0 when there are no events at all.
    pub(super) fn page(&self, place: &PagePlace<'_>) -> OwnPage {
        let newest = (self.entries.len() as u64).div_ceil(place.page_size);
        let number = match place.requested {
            "recent" => Some(newest),
            number => number.parse().ok().filter(|number| (1..=newest).contains(number)),
        };
        match number {
            None => OwnPage::None,
            Some(number) if (1..=self.removed_pages).contains(&number) => OwnPage::Removed,
            Some(number) => OwnPage::Page(self.write_page(place, number, newest)),
        }
    }

    fn write_page(&self, place: &PagePlace<'_>, number: u64, newest: u64) -> String {
        let mut page = String::new();
        write_head(&mut page, place, &PageHead { id: format!("urn:uuid:{}", self.epoch), number, newest });
        let first = (number.saturating_sub(1) * place.page_size) as usize;
        for own in self.entries.iter().skip(first).take(place.page_size as usize) {
            let id = format!("urn:uuid:{}", own.uuid);
            match &own.entry {
                MockEntry::Raw(entry) => page.push_str(entry),
                MockEntry::Event(event) => {
                    let head = EntryHead { id, category: own.category.name(), fhir_path: "/ws/fhir2/R4" };
                    write_event(&mut page, &head, event);
                }
            }
        }
        page.push_str("</feed>\n");
        page
    }
}
