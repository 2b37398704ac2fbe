//! The configuration of a node: one JSON document in camelCase. Every key has a default but `parent.url` and its
//! credentials. A wrong document is refused with every wrong field named by its path, all at once.

mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, Representation};
use reader::{Object, Problems};

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    pub node: NodeConfig,
    /// Absent on the root, which has no parent and can only be pulled from.
    pub parent: Option<ParentConfig>,
    pub pull: DirectionConfig,
    /// The enabled and disabled categories that the document names.
    pub categories: BTreeMap<Category, CategoryConfig>,
    pub filter: FilterConfig,
    pub retry: RetryConfig,
    pub transfer: TransferConfig,
    pub audit: AuditConfig,
}

/// `node`
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// What people call this server; shown on the status.
    pub name: String,
}

/// `parent`
#[derive(Clone, Debug)]
pub struct ParentConfig {
    /// Where the parent's OpenMRS is, such as `https://emr.example.org/openmrs`, without a trailing slash.
    pub url: Url,
    pub username: String,
    pub password: Secret,
    pub feed: FeedDialect,
    /// Below `url`, default `/ws/fhir2/R4`.
    pub fhir_path: String,
    /// Below `url`, default `/ws/rest/v1`.
    pub rest_path: String,
    /// A PEM file with the certificates that the parent's certificate may be issued by, besides the system's.
    pub ca_file: Option<String>,
    pub connect_timeout: Duration,
    /// The longest silence while an answer is read.
    pub read_timeout: Duration,
}

/// `parent.feed`: what publishes the feed that is pulled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedDialect {
    /// The OpenMRS atomfeed module: one feed per category below `/ws/atomfeed`.
    Atomfeed,
}

/// `pull`
#[derive(Clone, Debug)]
pub struct DirectionConfig {
    pub enabled: bool,
    /// From the end of one run to the start of the next.
    pub interval: Duration,
    pub on_record_failure: OnRecordFailure,
}

/// What a record that cannot be applied does to those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRecordFailure {
    /// It is parked, the others go on.
    Proceed,
    /// The run stops before it; the next run begins with it.
    Halt,
}

/// `categories.NAME`
#[derive(Clone, Debug)]
pub struct CategoryConfig {
    pub pull: bool,
    pub representation: Representation,
    /// The actions that are pulled; the others are filtered. Default: all.
    pub actions: Option<Vec<Action>>,
}

/// `filter`
#[derive(Clone, Debug, Default)]
pub struct FilterConfig {
    /// Location uuids. When any are given, an event whose entry names locations (terms `location:UUID`) is wanted only
    /// if it names one of these; an entry that names none is always wanted.
    pub locations: Vec<String>,
}

/// `retry`: how often and when a failed request or record is tried again.
#[derive(Clone, Debug)]
pub struct RetryConfig {
    /// Tries in all, 1 to 20.
    pub attempts: u32,
    pub first_delay: Duration,
    /// Each further delay is this many times the one before.
    pub factor: f64,
    pub max_delay: Duration,
}

/// `transfer`
#[derive(Clone, Debug)]
pub struct TransferConfig {
    /// The most records saved in one transaction, and asked for in one request.
    pub batch_size: usize,
    /// Requests under way at once.
    pub fetch_concurrency: usize,
    /// The most bytes of one object's answer; a page of the feed or a group of objects may have 4 times as many.
    pub max_body_bytes: usize,
    /// How long a run that shows no sign of life keeps others out.
    pub lease: Duration,
}

/// `audit`
#[derive(Clone, Debug)]
pub struct AuditConfig {
    /// Audit messages older than this are removed. 0: kept for ever.
    pub keep_days: u32,
    /// Whether events that the filters leave out get an audit message too.
    pub record_filtered: bool,
}

/// A password. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret that comes from elsewhere than the document.
    pub fn new(secret: String) -> Secret {
        Secret(secret)
    }

    /// The secret itself, for the one request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How deep a parent's failure may make us wait within one run, whatever `Retry-After` says.
pub const LONGEST_WAIT_IN_A_RUN: Duration = Duration::from_secs(30);

impl Config {
    /// Reads and checks a configuration document; `environment` looks up the variables that `{"env": NAME}` names.
    ///
    /// Errors: [`ErrorKind::Configuration`] with one line for each wrong field, such as
    /// `transfer.batchSize: must be a whole number from 1 to 500`.
    pub fn parse(document: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Config> {
        let value: Value = serde_json::from_str(document)
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("the document is not JSON: {error}")))?;
        let problems = Problems::default();
        let config = read_config(&mut Object::root(&value, &problems), environment);
        problems.finish(config)
    }

    /// The categories that are pulled, in the order of dependence.
    pub fn pulled_categories(&self) -> impl Iterator<Item = Category> + '_ {
        self.categories.iter().filter(|(_, category)| category.pull).map(|(name, _)| *name)
    }

    /// What is allowed but can hardly be meant, one sentence each with the path of the field.
    pub fn warnings(&self) -> Vec<String> {
        if !self.pull.enabled {
            return Vec::new();
        }
        if self.pulled_categories().next().is_none() {
            let nothing_pulled = "categories: none is pulled, so a pull brings nothing; name what is wanted, such as \
                                  {\"patient\": {}, \"encounter\": {}}";
            return vec![nothing_pulled.to_string()];
        }
        self.parts_not_decided_on().into_iter().collect()
    }

    /// Parts of what is pulled that are neither pulled nor switched off by name.
    fn parts_not_decided_on(&self) -> Option<String> {
        let parts = Category::all().filter(|part| {
            let pulled = part.part_of().is_some_and(|whole| self.pulls(whole) || self.pulls(Category::patient()));
            pulled && !self.categories.contains_key(part)
        });
        let names: Vec<&str> = parts.map(Category::name).collect();
        (!names.is_empty()).then(|| {
            format!(
                "categories: OpenMRS tells of changes of a person's or patient's parts in feeds of their own, and these \
                 are not read: {}; name each, as {{}} or with \"pull\": false",
                names.join(", ")
            )
        })
    }

    /// Whether objects of this category are pulled.
    pub fn pulls(&self, category: Category) -> bool {
        self.categories.get(&category).is_some_and(|category| category.pull)
    }

    /// The representation that a category travels in.
    pub fn representation(&self, category: Category) -> Representation {
        self.categories
            .get(&category)
            .map_or_else(|| category.default_representation(), |configured| configured.representation)
    }
}

fn read_config(root: &mut Object<'_>, environment: &dyn Fn(&str) -> Option<String>) -> Config {
    let config = Config {
        node: read_node(&mut root.object("node")),
        parent: root.optional_object("parent").map(|mut parent| read_parent(&mut parent, environment)),
        pull: read_pull(&mut root.object("pull")),
        categories: read_categories(&mut root.object("categories")),
        filter: read_filter(&mut root.object("filter")),
        retry: read_retry(&mut root.object("retry")),
        transfer: read_transfer(&mut root.object("transfer")),
        audit: read_audit(&mut root.object("audit")),
    };
    if config.pull.enabled && config.parent.is_none() {
        root.problem("parent", "must be given, or pull.enabled be false: a pull needs a parent");
    }
    root.finish();
    config
}

fn read_node(node: &mut Object<'_>) -> NodeConfig {
    let config = NodeConfig { name: node.text("name").unwrap_or_else(|| "sync2".to_string()) };
    node.finish();
    config
}

fn read_parent(parent: &mut Object<'_>, environment: &dyn Fn(&str) -> Option<String>) -> ParentConfig {
    let config = ParentConfig {
        url: read_parent_url(parent),
        username: parent.required_text("username"),
        password: read_secret(parent, "password", environment),
        feed: parent.choice("feed", &[("auto", FeedDialect::Atomfeed), ("atomfeed", FeedDialect::Atomfeed)]),
        fhir_path: read_path(parent, "fhirPath", "/ws/fhir2/R4"),
        rest_path: read_path(parent, "restPath", "/ws/rest/v1"),
        ca_file: parent.text("caFile"),
        connect_timeout: parent.seconds("connectTimeoutSeconds", 1..=300, 10),
        read_timeout: parent.seconds("readTimeoutSeconds", 1..=3600, 60),
    };
    parent.finish();
    config
}

fn read_parent_url(parent: &mut Object<'_>) -> Url {
    let text = parent.required_text("url");
    let usable = Url::parse(text.trim_end_matches('/')).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    usable.unwrap_or_else(|| {
        parent.problem("url", "must be an http or https address without user, query and fragment");
        Url::parse("http://invalid.invalid").expect("a constant url")
    })
}

fn read_path(parent: &mut Object<'_>, key: &str, default: &str) -> String {
    let path = parent.text(key).unwrap_or_else(|| default.to_string());
    if !path.starts_with('/') || path.contains("//") || path.contains("..") || path.contains(['?', '#']) {
        parent.problem(key, "must be a path that begins with /");
    }
    path.trim_end_matches('/').to_string()
}

fn read_secret(parent: &mut Object<'_>, key: &str, environment: &dyn Fn(&str) -> Option<String>) -> Secret {
    let secret = match parent.value(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Object(fields)) if fields.len() == 1 => match fields.get("env").and_then(Value::as_str) {
            Some(name) => environment(name).ok_or(format!("the environment has no variable {name}")),
            None => Err("must be a text or {\"env\": NAME}".to_string()),
        },
        _ => Err("must be given: a text or {\"env\": NAME}".to_string()),
    };
    Secret(secret.unwrap_or_else(|problem| {
        parent.problem(key, &problem);
        String::new()
    }))
}

fn read_pull(pull: &mut Object<'_>) -> DirectionConfig {
    let config = DirectionConfig {
        enabled: pull.flag("enabled", true),
        interval: pull.seconds("intervalSeconds", 1..=7 * 86_400, 300),
        on_record_failure: pull
            .choice("onRecordFailure", &[("proceed", OnRecordFailure::Proceed), ("halt", OnRecordFailure::Halt)]),
    };
    pull.choice("firstRun", &[("feed", ())]);
    pull.finish();
    config
}

fn read_categories(categories: &mut Object<'_>) -> BTreeMap<Category, CategoryConfig> {
    let mut read = BTreeMap::new();
    for name in categories.keys() {
        match Category::parse(&name) {
            Some(category) => {
                read.insert(category, read_category(&mut categories.object(&name), category));
            }
            None => {
                categories.value(&name);
                categories.problem(&name, "is no category that this version knows");
            }
        }
    }
    categories.finish();
    read
}

fn read_category(object: &mut Object<'_>, category: Category) -> CategoryConfig {
    let default = category.default_representation();
    let other = match default {
        Representation::Fhir => Representation::Rest,
        Representation::Rest => Representation::Fhir,
    };
    let representation = object.choice("representation", &[(default.name(), default), (other.name(), other)]);
    if category.part_of().is_none() && !category.has(representation) {
        object.problem("representation", &format!("{category} does not exist in it"));
    }
    object.choice("conflict", &[("manual", ())]);
    let config = CategoryConfig { pull: object.flag("pull", true), representation, actions: read_actions(object) };
    object.finish();
    config
}

fn read_actions(object: &mut Object<'_>) -> Option<Vec<Action>> {
    let names = object.texts("actions")?;
    let mut actions = Vec::new();
    for name in names {
        match Action::parse(&name) {
            Some(action) => actions.push(action),
            None => object.problem("actions", &format!("{name} is no action of a feed")),
        }
    }
    Some(actions)
}

fn read_filter(filter: &mut Object<'_>) -> FilterConfig {
    let config = FilterConfig { locations: filter.texts("locations").unwrap_or_default() };
    filter.finish();
    config
}

fn read_retry(retry: &mut Object<'_>) -> RetryConfig {
    let config = RetryConfig {
        attempts: retry.whole("attempts", 1..=20, 5) as u32,
        first_delay: retry.duration("firstDelaySeconds", 0.0..=3600.0, 2.0),
        factor: retry.number("factor", 1.0..=10.0, 3.0),
        max_delay: retry.duration("maxDelaySeconds", 0.0..=86_400.0, 3600.0),
    };
    retry.finish();
    config
}

fn read_transfer(transfer: &mut Object<'_>) -> TransferConfig {
    let config = TransferConfig {
        batch_size: transfer.whole("batchSize", 1..=500, 100) as usize,
        fetch_concurrency: transfer.whole("fetchConcurrency", 1..=64, 4) as usize,
        max_body_bytes: transfer.whole("maxBodyBytes", 1024..=1 << 30, 8 << 20) as usize,
        lease: transfer.seconds("leaseSeconds", 1..=3600, 30),
    };
    transfer.finish();
    config
}

fn read_audit(audit: &mut Object<'_>) -> AuditConfig {
    let config = AuditConfig {
        keep_days: audit.whole("keepDays", 0..=36_500, 365) as u32,
        record_filtered: audit.flag("recordFiltered", false),
    };
    audit.finish();
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(document: &str) -> Result<Config> {
        Config::parse(document, &|name| (name == "SYNC2_PASSWORD").then(|| "from the environment".to_string()))
    }

    #[test]
    fn the_smallest_document_has_all_defaults() {
        let config = parse(
            r#"{"parent": {"url": "http://parent:8080/openmrs/", "username": "sync", "password": "x"},
                "categories": {"patient": {}, "encounter_type": {}}}"#,
        )
        .unwrap();
        let parent = config.parent.as_ref().unwrap();
        assert_eq!(parent.url.as_str(), "http://parent:8080/openmrs");
        assert_eq!(parent.fhir_path, "/ws/fhir2/R4");
        assert_eq!(config.transfer.batch_size, 100);
        let pulled: Vec<_> = config.pulled_categories().map(Category::name).collect();
        assert_eq!(pulled, ["encounter_type", "patient"]);
        assert_eq!(config.representation(Category::parse("encounter_type").unwrap()), Representation::Rest);
    }

    #[test]
    fn a_secret_can_come_from_the_environment_and_is_never_printed() {
        let config = parse(
            r#"{"parent": {"url": "https://p/openmrs", "username": "u", "password": {"env": "SYNC2_PASSWORD"}}}"#,
        )
        .unwrap();
        assert_eq!(config.parent.as_ref().unwrap().password.expose(), "from the environment");
        assert!(!format!("{config:?}").contains("from the environment"));
    }

    #[test]
    fn every_wrong_field_is_named_by_its_path_at_once() {
        let error = parse(
            r#"{"parent": {"url": "ftp://x", "password": {"env": "NOT_SET"}, "colour": 1},
                "pull": {"intervalSeconds": 0, "firstRun": "backfill"},
                "categories": {"patient": {"representation": "soap", "actions": ["EATEN"]}, "unicorn": {}},
                "retry": {"factor": 0.5, "firstDelaySeconds": "soon"}, "transfer": {"batchSize": 1.5}, "extra": {}}"#,
        )
        .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Configuration);
        for path in [
            "parent.url",
            "parent.username",
            "parent.password",
            "parent.colour",
            "pull.intervalSeconds",
            "pull.firstRun",
            "categories.patient.representation",
            "categories.patient.actions",
            "categories.unicorn",
            "retry.factor",
            "retry.firstDelaySeconds",
            "transfer.batchSize",
            "extra",
        ] {
            assert!(error.message.contains(&format!("{path}: ")), "{path} is missing in {}", error.message);
        }
        assert_eq!(error.message.lines().count(), 13, "{}", error.message);
    }

    #[test]
    fn a_pull_of_nothing_is_warned_of() {
        let warnings = |categories: &str, enabled: bool| {
            let parent = r#"{"url": "https://p.example.org/openmrs", "username": "u", "password": "x"}"#;
            let pull = format!(r#"{{"enabled": {enabled}}}"#);
            parse(&format!(r#"{{"parent": {parent}, "pull": {pull}, "categories": {categories}}}"#)).unwrap().warnings()
        };
        for categories in ["{}", r#"{"patient": {"pull": false}}"#] {
            let warnings = warnings(categories, true);
            assert!(warnings.len() == 1 && warnings[0].starts_with("categories: "), "{warnings:?}");
        }
        assert!(warnings("{}", false).is_empty());
        assert!(warnings(r#"{"location": {}}"#, true).is_empty());
        let parts = warnings(r#"{"patient": {}, "person_name": {}, "person_address": {"pull": false}}"#, true);
        assert!(parts.len() == 1 && parts[0].contains("patient_identifier, person_attribute;"), "{parts:?}");
    }

    #[test]
    fn a_pull_needs_a_parent() {
        assert!(parse("{}").unwrap_err().message.contains("parent: "));
        assert!(parse(r#"{"pull": {"enabled": false}}"#).is_ok());
    }
}
