//! Which events and objects this node wants. What is filtered only moves the marker.

use serde_json::Value;

use crate::config::Config;
use crate::decide::uuid_map::UuidMap;
use crate::error::Result;
use crate::event::{Category, Event, ObjectId, Representation};

/// A rule that leaves records out. Injected ones run on the engine's threads and must not block.
pub trait Filter: Send + Sync {
    /// Returns true if objects of this kind are wanted at all, also when another object refers to them.
    fn wants_category(&self, _category: Category) -> bool {
        true
    }

    /// Returns true if the event is worth fetching.
    fn wants_event(&self, _event: &Event) -> bool {
        true
    }

    /// Returns true if the object, once fetched, belongs here.
    fn wants_document(&self, _object: &ObjectId, _document: &Value) -> bool {
        true
    }
}

/// A filter that the host program brings along, called on the thread that called the engine, outside of any transaction.
pub trait HostFilter: Send + Sync {
    /// Returns true if the event of this object is worth fetching it.
    ///
    /// Errors: stop the run before the event, since nothing may pass a filter unseen.
    fn wants_event(&self, object: &ObjectId, event: &Event) -> Result<bool>;

    /// Returns true if the object, once fetched, belongs here; the document is JSON, as it would be saved.
    ///
    /// Errors: as those of [`HostClient::fetch`](crate::resource::HostClient::fetch), of this object.
    fn wants_document(&self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<bool>;
}

/// All filters of a node: an event must pass every one.
pub struct Filters(Vec<Box<dyn Filter>>);

impl Filters {
    /// The filters of a pull: those that the configuration asks for, and then the injected ones.
    pub fn new(config: &Config, injected: Vec<Box<dyn Filter>>) -> Filters {
        let mut filters: Vec<Box<dyn Filter>> = vec![
            Box::new(PulledCategories(config.clone())),
            Box::new(Unmapped(config.uuid_map.clone())),
            Box::new(Catchment(config.filter.locations.clone())),
        ];
        filters.extend(injected);
        Filters(filters)
    }

    /// The filters of a push, which the catchment of this node is none of: what was entered here belongs to the parent
    /// wherever it was.
    pub fn of_push(config: &Config, injected: Vec<Box<dyn Filter>>) -> Filters {
        let mut filters: Vec<Box<dyn Filter>> =
            vec![Box::new(PushedCategories(config.clone())), Box::new(Unmapped(config.uuid_map.clone()))];
        filters.extend(injected);
        Filters(filters)
    }
}

impl Filter for Filters {
    fn wants_category(&self, category: Category) -> bool {
        self.0.iter().all(|filter| filter.wants_category(category))
    }

    fn wants_event(&self, event: &Event) -> bool {
        self.0.iter().all(|filter| filter.wants_event(event))
    }

    fn wants_document(&self, object: &ObjectId, document: &Value) -> bool {
        self.0.iter().all(|filter| filter.wants_document(object, document))
    }
}

/// Returns the categories of whose events this node wants none, so that the parent need not tell of them: those that are switched
/// off. All else that leaves events out is decided here. None where the audit is to say what was filtered.
pub(crate) fn unwanted_at_the_parent(config: &Config) -> Vec<Category> {
    // In a complete feed an entry of a part tells of what it is a part of.
    let wanted = |category: Category| std::iter::once(category).chain(category.part_of()).any(|one| config.pulls(one));
    Category::all().filter(|category| !config.audit.record_filtered && !wanted(*category)).collect()
}

/// Category and action of what is pulled.
struct PulledCategories(Config);

impl Filter for PulledCategories {
    fn wants_category(&self, category: Category) -> bool {
        self.0.pulls(category)
    }

    fn wants_event(&self, event: &Event) -> bool {
        event.category().is_some_and(|category| self.0.pulls(category)) && wants_action(&self.0, event)
    }
}

/// Category and action of what is pushed. A part travels with the object that it belongs to.
struct PushedCategories(Config);

impl Filter for PushedCategories {
    fn wants_category(&self, category: Category) -> bool {
        self.0.pushes(category) && category.part_of().is_none()
    }

    fn wants_event(&self, event: &Event) -> bool {
        event.category().is_some_and(|category| self.wants_category(category)) && wants_action(&self.0, event)
    }
}

fn wants_action(config: &Config, event: &Event) -> bool {
    let configured = event.category().and_then(|category| config.categories.get(&category));
    let actions = configured.and_then(|category| category.actions.as_ref());
    actions.is_none_or(|wanted| wanted.contains(&event.action))
}

/// Metadata that is here under another uuid than at the parent: each server keeps its own.
struct Unmapped(UuidMap);

impl Unmapped {
    fn wants(&self, object: &ObjectId) -> bool {
        !self.0.has(object) && !self.0.has_here(object)
    }
}

impl Filter for Unmapped {
    fn wants_event(&self, event: &Event) -> bool {
        event.object.as_ref().map_or(true, |object| self.wants(object))
    }

    fn wants_document(&self, object: &ObjectId, _document: &Value) -> bool {
        self.wants(object)
    }
}

/// The term by which an entry says which location its object belongs to.
pub(crate) const LOCATION_TERM: &str = "location:";

/// The locations that this node serves; empty: all.
struct Catchment(Vec<String>);

impl Filter for Catchment {
    fn wants_event(&self, event: &Event) -> bool {
        let mut named = event.tags.iter().filter_map(|tag| tag.strip_prefix(LOCATION_TERM)).peekable();
        self.0.is_empty() || named.peek().is_none() || named.any(|location| self.0.iter().any(|ours| ours == location))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Action;

    fn filters(document: &str) -> Filters {
        Filters::new(&Config::parse(document, &|_| None).unwrap(), vec![])
    }

    fn event(category: &str, action: Action, tags: &[&str]) -> Event {
        Event {
            feed: category.into(),
            epoch: "e".into(),
            id: "1".into(),
            page_url: "http://example.org/1".into(),
            updated: 0,
            action,
            tags: tags.iter().map(|tag| tag.to_string()).collect(),
            object: Ok(ObjectId { category: Category::parse(category).unwrap(), uuid: "u".into() }),
            left_out: 0,
        }
    }

    #[test]
    fn category_and_action() {
        let filters = filters(
            r#"{"pull": {"enabled": false}, "categories": {"patient": {"actions": ["CREATED"]}, "visit": {"pull": false}}}"#,
        );
        assert!(filters.wants_event(&event("patient", Action::Created, &[])));
        assert!(!filters.wants_event(&event("patient", Action::Voided, &[])));
        assert!(!filters.wants_event(&event("visit", Action::Created, &[])));
        assert!(!filters.wants_event(&event("location", Action::Created, &[])));
    }

    #[test]
    fn parent_may_leave_out_categories_that_are_off_and_no_others() {
        let unwanted = |document: &str| {
            let config = Config::parse(document, &|_| None).unwrap();
            unwanted_at_the_parent(&config).into_iter().map(Category::name).collect::<Vec<_>>()
        };
        let off = unwanted(
            r#"{"pull": {"enabled": false}, "filter": {"locations": ["here"]},
                "categories": {"person": {}, "patient": {"actions": ["CREATED"]}, "visit": {"pull": false}}}"#,
        );
        assert_eq!(off.len(), Category::all().count() - 6, "{off:?}");
        assert!(off.contains(&"visit") && off.contains(&"encounter"));
        // They may tell of a person.
        assert!(!off.iter().any(|name| name.starts_with("person_") && *name != "person_attribute_type"), "{off:?}");
        let audited =
            r#"{"pull": {"enabled": false}, "categories": {"patient": {}}, "audit": {"recordFiltered": true}}"#;
        assert!(unwanted(audited).is_empty());
    }

    #[test]
    fn push_filters_are_apart_from_pull_filters() {
        let document = r#"{"pull": {"enabled": false}, "filter": {"locations": ["here"]},
            "categories": {"patient": {"push": false}, "visit": {"pull": false, "actions": ["CREATED"]}}}"#;
        let filters = Filters::of_push(&Config::parse(document, &|_| None).unwrap(), vec![]);
        assert!(!filters.wants_event(&event("patient", Action::Created, &[])));
        assert!(filters.wants_event(&event("visit", Action::Created, &["location:there"])));
        assert!(!filters.wants_event(&event("visit", Action::Voided, &[])));
        assert!(!filters.wants_event(&event("location", Action::Created, &[])));
    }

    #[test]
    fn catchment_by_the_locations_that_an_entry_names() {
        let filters = filters(
            r#"{"pull": {"enabled": false}, "categories": {"patient": {}}, "filter": {"locations": ["here"]}}"#,
        );
        assert!(filters.wants_event(&event("patient", Action::Created, &[])));
        assert!(filters.wants_event(&event("patient", Action::Created, &["location:there", "location:here"])));
        assert!(!filters.wants_event(&event("patient", Action::Created, &["location:there"])));
    }

    #[test]
    fn an_injected_filter_must_agree() {
        struct Nothing;
        impl Filter for Nothing {
            fn wants_event(&self, _: &Event) -> bool {
                false
            }
        }
        let config =
            Config::parse(r#"{"pull": {"enabled": false}, "categories": {"patient": {}}}"#, &|_| None).unwrap();
        let filters = Filters::new(&config, vec![Box::new(Nothing)]);
        assert!(!filters.wants_event(&event("patient", Action::Created, &[])));
    }
}
