//! What a child's account may read and write at its parent.

use serde_json::Value;

use super::references::references;
use crate::config::{ChildScope, ExchangeConfig};
use crate::event::{Category, ObjectId, Representation};

/// The limits of one account.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a>(Option<&'a ChildScope>);

impl<'a> Scope<'a> {
    /// Those of an account by its user name. One that is not named has none.
    pub fn of(config: &'a ExchangeConfig, account: &str) -> Scope<'a> {
        Scope(config.children.get(account))
    }

    /// Whether objects of this category may be in scope at all.
    pub fn allows_category(self, category: Category) -> bool {
        let categories = self.0.and_then(|scope| scope.categories.as_ref());
        categories.is_none_or(|categories| categories.contains(&category))
    }

    /// Whether the object is in scope as this document shows it: of an allowed category, and at one of the child's
    /// locations if it is at any.
    pub fn allows(self, representation: Representation, object: &ObjectId, document: &Value) -> bool {
        if !self.allows_category(object.category) {
            return false;
        }
        let Some(scope) = self.0.filter(|scope| !scope.locations.is_empty()) else { return true };
        let named = named_locations(representation, object, document);
        named.is_empty() || named.iter().any(|location| scope.locations.contains(location))
    }
}

/// The uuids of the locations that a document says the object is at. A location is at none: it is a place that anything
/// may refer to, as other metadata.
fn named_locations(representation: Representation, object: &ObjectId, document: &Value) -> Vec<String> {
    let is_location = |object: &ObjectId| object.category.name() == "location";
    if is_location(object) {
        return Vec::new();
    }
    let named = references(representation, object, document).into_iter().filter(is_location);
    named.map(|location| location.uuid).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;

    fn object(category: &str) -> ObjectId {
        ObjectId { category: Category::parse(category).unwrap(), uuid: "own".into() }
    }

    fn config() -> Config {
        let document = json!({
            "pull": {"enabled": false},
            "exchange": {"children": {
                "clinic": {"locations": ["here"]},
                "registry": {"categories": ["patient"]},
            }},
        });
        Config::parse(&document.to_string(), &|_| None).unwrap()
    }

    fn fhir_encounter(location: &str) -> Value {
        json!({"resourceType": "Encounter", "id": "own",
               "location": [{"location": {"reference": format!("Location/{location}")}}]})
    }

    fn rest_encounter(location: &str) -> Value {
        json!({"uuid": "own", "location": {"uuid": location}})
    }

    #[test]
    fn an_account_that_is_not_named_may_all() {
        let config = config();
        let scope = Scope::of(&config.exchange, "somebody");
        assert!(scope.allows(Representation::Fhir, &object("encounter"), &fhir_encounter("elsewhere")));
    }

    #[test]
    fn only_the_categories_of_the_account() {
        let config = config();
        let scope = Scope::of(&config.exchange, "registry");
        assert!(scope.allows_category(Category::patient()));
        assert!(!scope.allows(Representation::Fhir, &object("encounter"), &fhir_encounter("here")));
    }

    #[test]
    fn only_what_is_at_the_locations_of_the_account() {
        let config = config();
        let scope = Scope::of(&config.exchange, "clinic");
        let encounter = object("encounter");
        for (representation, document) in
            [(Representation::Fhir, fhir_encounter as fn(&str) -> Value), (Representation::Rest, rest_encounter)]
        {
            assert!(scope.allows(representation, &encounter, &document("here")));
            assert!(!scope.allows(representation, &encounter, &document("elsewhere")));
        }
        let both = json!({"uuid": "own", "identifiers": [{"location": {"uuid": "elsewhere"}}, {"location": {"uuid": "here"}}]});
        assert!(scope.allows(Representation::Rest, &object("patient"), &both));
    }

    #[test]
    fn what_names_no_location_is_in_scope_and_so_is_a_location() {
        let config = config();
        let scope = Scope::of(&config.exchange, "clinic");
        assert!(scope.allows(Representation::Rest, &object("encounter_type"), &json!({"uuid": "own"})));
        let ward = json!({"resourceType": "Location", "id": "own", "partOf": {"reference": "Location/elsewhere"}});
        assert!(scope.allows(Representation::Fhir, &object("location"), &ward));
    }
}
