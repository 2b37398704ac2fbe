//! The rights of a child's account to read and write at its parent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::belonging::Place;
use crate::event::Category;

/// Who asks: the account that a child logged in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its user name.
    pub name: String,
    /// The rights that the host gives it; nothing where the host has no rights of its own.
    pub rights: Option<Rights>,
}

/// The categories whose objects the host lets an account read, write and remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The categories whose objects the account may read.
    pub read: BTreeSet<Category>,
    /// The categories whose objects it may save, new or changed.
    pub write: BTreeSet<Category>,
    /// The categories whose objects it may void, retire or delete.
    pub remove: BTreeSet<Category>,
}

impl From<&str> for Account {
    fn from(name: &str) -> Account {
        Account { name: name.to_string(), rights: None }
    }
}

/// The verbs of an account on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads the object.
    Read,
    /// Saves the object, new or changed.
    Write,
    /// Voids, retires or deletes the object.
    Remove,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Write => "write",
            Verb::Remove => "remove",
        }
    }
}

impl Rights {
    fn of(&self, verb: Verb) -> &BTreeSet<Category> {
        match verb {
            Verb::Read => &self.read,
            Verb::Write => &self.write,
            Verb::Remove => &self.remove,
        }
    }
}

/// `exchange.children.NAME`
#[derive(Clone, Debug)]
pub struct ChildScope {
    /// The categories that it may read at most. Nothing: all.
    pub categories: Option<Vec<Category>>,
    /// The categories that it may write and remove, of those that it may read. Nothing: patient data, but no metadata.
    pub write: Option<Vec<Category>>,
    /// Location uuids; empty: all. What is about patients is in scope only if it belongs to one of these
    /// ([`Place`]).
    pub locations: Vec<String>,
}

impl ChildScope {
    /// Returns true if objects of this category may be read.
    pub fn reads(&self, category: Category) -> bool {
        self.categories.as_ref().is_none_or(|categories| categories.contains(&category))
    }

    /// Returns true if objects of this category may be written and removed.
    pub fn writes(&self, category: Category) -> bool {
        self.write.as_ref().map_or(category.is_patient_data(), |categories| categories.contains(&category))
    }
}

/// The limits of one account.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    account: &'a Account,
    /// Nothing for an account that is not named: it may do nothing.
    child: Option<&'a ChildScope>,
}

impl<'a> Scope<'a> {
    /// Those of an account by its user name, of what `exchange.children` says.
    pub fn of(children: &'a BTreeMap<String, ChildScope>, account: &'a Account) -> Scope<'a> {
        Scope { account, child: children.get(&account.name) }
    }

    /// The account's user name.
    pub fn account(self) -> &'a str {
        &self.account.name
    }

    /// Returns true if somebody has decided what this account may do.
    pub fn is_named(self) -> bool {
        self.child.is_some()
    }

    /// Why the account may not do that with objects of this category; nothing when it may. Who may not read may not write.
    pub fn refusal(self, verb: Verb, category: Category) -> Option<String> {
        let Some(child) = self.child else {
            return Some(
                "this account is not named in exchange.children of the parent's configuration, and may do nothing until it \
                 is"
                .to_string(),
            );
        };
        let configured = child.reads(category) && (verb == Verb::Read || child.writes(category));
        if !configured {
            return Some(format!(
                "exchange.children of the parent's configuration does not let this account {} a {category}",
                verb.name()
            ));
        }
        let rights = self.account.rights.as_ref();
        let has = |verb| rights.is_none_or(|rights| rights.of(verb).contains(&category));
        (!has(Verb::Read) || !has(verb))
            .then(|| format!("this account does not have the privileges at the parent to {} a {category}", verb.name()))
    }

    /// Returns true if the account may do that with objects of this category.
    pub fn may(self, verb: Verb, category: Category) -> bool {
        self.refusal(verb, category).is_none()
    }

    /// Returns true if it matters where objects of this category belong: the account is limited to some locations, and they are
    /// about patients.
    pub fn is_local(self, category: Category) -> bool {
        category.is_patient_data() && self.child.is_some_and(|child| !child.locations.is_empty())
    }

    /// Returns true if what belongs there is within the account's locations. For categories that are local to it.
    pub fn allows(self, place: &Place) -> bool {
        let is_own = |location: &String| self.child.is_some_and(|child| child.locations.contains(location));
        match place {
            Place::Anywhere => true,
            Place::At(locations) => locations.iter().any(is_own),
        }
    }

    /// Returns true if the feed tells this account of objects of this category: all to an account that is not named, which has the
    /// feed by its privilege only.
    pub fn is_told_of(self, category: Category) -> bool {
        self.child.is_none_or(|child| child.reads(category))
    }
}

/// Classes of Java itself, and of OpenMRS, that hold a value and nothing else.
const HARMLESS: &[&str] = &[
    "java.lang.String",
    "java.lang.Boolean",
    "java.lang.Integer",
    "java.lang.Float",
    "java.util.Date",
    "org.openmrs.customdatatype.datatype.FreeTextDatatype",
    "org.openmrs.customdatatype.datatype.BooleanDatatype",
    "org.openmrs.customdatatype.datatype.DateDatatype",
    "org.openmrs.customdatatype.datatype.FloatDatatype",
];

/// Returns true if objects of that category have fields that say what the server runs or opens.
pub fn has_what_runs(category: Category) -> bool {
    !category.kind().run_by_the_server.is_empty()
}

/// A child never says what the server runs or opens: returns the field with which a child's document would have this server run or
/// open something else than what is `here`.
pub fn sets_what_runs(category: Category, sent: &Value, here: Option<&Value>) -> Option<&'static str> {
    category.kind().run_by_the_server.iter().copied().find(|field| {
        let value = |document: &Value| document.get(*field).filter(|value| !value.is_null()).cloned();
        let said = value(sent);
        let harmless = said.as_ref().is_none_or(|said| said.as_str().is_some_and(|said| HARMLESS.contains(&said)));
        !harmless && said != here.and_then(value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;

    fn category(name: &str) -> Category {
        Category::parse(name).unwrap()
    }

    fn config() -> Config {
        let document = json!({
            "pull": {"enabled": false},
            "exchange": {"children": {
                "clinic": {"locations": ["here"]},
                "registry": {"categories": ["patient"]},
                "reader": {"write": []},
                "ministry": {"write": ["location", "patient"]},
                "root": {"write": ["*"]},
            }},
        });
        Config::parse(&document.to_string(), &|_| None).unwrap()
    }

    /// The names of the categories with which an account may do that.
    fn may(account: &Account, verb: Verb) -> Vec<&'static str> {
        let config = config();
        let scope = Scope::of(&config.exchange.children, account);
        Category::all().filter(|category| scope.may(verb, *category)).map(Category::name).collect()
    }

    #[test]
    fn an_account_that_is_not_named_may_do_nothing_and_is_told_why() {
        for verb in [Verb::Read, Verb::Write, Verb::Remove] {
            assert!(may(&"somebody".into(), verb).is_empty());
        }
        let (config, account) = (config(), Account::from("somebody"));
        let scope = Scope::of(&config.exchange.children, &account);
        assert!(scope.refusal(Verb::Read, category("patient")).unwrap().contains("not named in exchange.children"));
    }

    #[test]
    fn metadata_is_only_read_unless_it_is_named() {
        let written = may(&"clinic".into(), Verb::Write);
        assert!(written.contains(&"patient") && written.contains(&"observation"));
        let metadata: Vec<_> =
            Category::all().filter(|category| !category.is_patient_data()).map(Category::name).collect();
        assert!(metadata.iter().all(|name| !written.contains(name)), "{written:?}");
        assert!(metadata.iter().all(|name| may(&"clinic".into(), Verb::Read).contains(name)));
        assert_eq!(may(&"ministry".into(), Verb::Write), ["location", "patient"]);
        assert!(may(&"reader".into(), Verb::Remove).is_empty());
        assert_eq!(may(&"root".into(), Verb::Remove).len(), Category::all().count());
    }

    #[test]
    fn only_the_categories_of_the_account_are_read_and_written() {
        for verb in [Verb::Read, Verb::Write, Verb::Remove] {
            assert_eq!(may(&"registry".into(), verb), ["patient"]);
        }
    }

    #[test]
    fn account_has_no_right_that_the_host_does_not_give() {
        let only = |name: &str| BTreeSet::from([category(name)]);
        let reads = Account {
            name: "root".to_string(),
            rights: Some(Rights { read: only("patient"), write: only("encounter"), ..Rights::default() }),
        };
        assert_eq!(may(&reads, Verb::Read), ["patient"]);
        // Who may not read an encounter may not write one either: the answer would tell what is there.
        assert!(may(&reads, Verb::Write).is_empty());
        assert!(may(&reads, Verb::Remove).is_empty());
        let nothing = Account { name: "root".to_string(), rights: Some(Rights::default()) };
        assert!(may(&nothing, Verb::Read).is_empty());
    }

    #[test]
    fn account_with_locations_sees_their_objects_and_metadata() {
        let config = config();
        let (clinic, root) = (Account::from("clinic"), Account::from("root"));
        let scope = Scope::of(&config.exchange.children, &clinic);
        let at = |locations: &[&str]| Place::At(locations.iter().map(ToString::to_string).collect());
        assert!(scope.allows(&at(&["elsewhere", "here"])) && scope.allows(&Place::Anywhere));
        assert!(!scope.allows(&at(&["elsewhere"])) && !scope.allows(&at(&[])));
        for category in Category::all() {
            assert_eq!(scope.is_local(category), category.is_patient_data());
            assert!(!Scope::of(&config.exchange.children, &root).is_local(category));
        }
    }

    #[test]
    fn field_that_the_server_runs_is_refused_from_a_child() {
        let identifiers = category("patient_identifier_type");
        let here = json!({"format": "[0-9]+", "validator": "org.openmrs.LuhnIdentifierValidator"});
        assert_eq!(sets_what_runs(identifiers, &here, Some(&here)), None);
        assert_eq!(sets_what_runs(identifiers, &json!({"format": null, "name": "x"}), Some(&here)), None);
        assert_eq!(sets_what_runs(identifiers, &here, None), Some("format"));
        let other = json!({"format": "[0-9]+", "validator": "javax.script.ScriptEngineManager"});
        assert_eq!(sets_what_runs(identifiers, &other, Some(&here)), Some("validator"));
        let attributes = category("person_attribute_type");
        assert_eq!(sets_what_runs(attributes, &json!({"format": "java.lang.String"}), None), None);
        assert_eq!(sets_what_runs(attributes, &json!({"format": "java.io.File"}), None), Some("format"));
        for name in ["visit_attribute_type", "location_attribute_type", "provider_attribute_type"] {
            let plain = json!({"datatypeClassname": "org.openmrs.customdatatype.datatype.FreeTextDatatype"});
            assert_eq!(sets_what_runs(category(name), &plain, None), None);
            let checked = json!({"datatypeConfig": "(a+)+$"});
            assert_eq!(sets_what_runs(category(name), &checked, Some(&plain)), Some("datatypeConfig"));
        }
        let observation = category("observation");
        assert_eq!(
            sets_what_runs(observation, &json!({"valueComplex": "../../etc/passwd"}), None),
            Some("valueComplex")
        );
        assert_eq!(sets_what_runs(category("encounter"), &other, None), None);
    }
}
