//! The configuration of a node: one JSON document in camelCase. Every key has a default but `parent.url` and its
//! credentials. A wrong document is refused with every wrong field named by its path, all at once.

mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use crate::decide::conflict::Policy;
use crate::decide::retry::RetryConfig;
use crate::decide::scope::ChildScope;
use crate::decide::uuid_map::UuidMap;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, ObjectId, Representation, is_object_uuid};
use crate::json;
use reader::{Object, Problems};

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// `node`: what this server is called.
    pub node: NodeConfig,
    /// Absent on the root, which has no parent and can only be pulled from.
    pub parent: Option<ParentConfig>,
    /// `pull`: when this node fetches from its parent.
    pub pull: DirectionConfig,
    /// `pull.firstRun`: how the first pull of all begins.
    pub first_run: FirstRun,
    /// `push`: when this node sends to its parent.
    pub push: DirectionConfig,
    /// `local`: how a push reads what is to be sent.
    pub local: LocalAccess,
    /// The enabled and disabled categories that the document names.
    pub categories: BTreeMap<Category, CategoryConfig>,
    /// Of the categories that do not say it themselves.
    pub validation: Validation,
    /// Metadata that is here under another uuid than at the parent.
    pub uuid_map: UuidMap,
    /// `filter`: which events of the wanted categories are wanted.
    pub filter: FilterConfig,
    /// `retry`: how often and when something that failed is tried again.
    pub retry: RetryConfig,
    /// `transfer`: the limits of batches, requests and answers.
    pub transfer: TransferConfig,
    /// `audit`: what is recorded, and for how many days.
    pub audit: AuditConfig,
    /// `feed`: how this node publishes its own changes.
    pub feed: FeedConfig,
    /// `exchange`: what this node lets its children read and write.
    pub exchange: ExchangeConfig,
}

/// `node`
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// The name that people call this server by; shown on the status.
    pub name: String,
}

/// `parent`
#[derive(Clone, Debug)]
pub struct ParentConfig {
    /// Where the parent's OpenMRS is, such as `https://emr.example.org/openmrs`, without a trailing slash.
    pub url: Url,
    /// The user name of this node's account at the parent.
    pub username: String,
    /// The password of that account.
    pub password: Secret,
    /// The publisher of the feed that is pulled from.
    pub feed: FeedDialect,
    /// The use of the parent's exchange.
    pub exchange: ExchangeUse,
    /// Below `url`, default `/ws/fhir2/R4`.
    pub fhir_path: String,
    /// Below `url`, default `/ws/rest/v1`.
    pub rest_path: String,
    /// A PEM file with the certificates that the parent's certificate may be issued by, besides the system's.
    pub ca_file: Option<String>,
    /// The longest time to set up a connection, TLS included.
    pub connect_timeout: Duration,
    /// The longest silence while an answer is read.
    pub read_timeout: Duration,
}

/// `parent.feed`: what publishes the feed that is pulled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedDialect {
    /// This module's own where the parent has it, else the atomfeed module's. A node goes on with the one that it began with.
    Auto,
    /// This module's own: one feed of all categories below `/ws/rest/v1/sync2/feed`.
    Sync2,
    /// The OpenMRS atomfeed module: one feed per category below `/ws/atomfeed`.
    Atomfeed,
}

/// `parent.exchange`: whether objects travel in batches between two nodes that both have this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeUse {
    /// Where the parent has it.
    Auto,
    /// Never: each object travels by FHIR or REST.
    Never,
}

/// `local`: how a push reads what is to be sent.
#[derive(Clone, Debug)]
pub enum LocalAccess {
    /// By the host, in this process.
    InProcess,
    /// By this server's own FHIR and REST addresses.
    Http {
        /// Where this server's OpenMRS is, such as `http://localhost:8080/openmrs`, without a trailing slash.
        url: Url,
        /// The user name of an account of this server that may read what is pushed.
        username: String,
        /// The password of that account.
        password: Secret,
    },
}

/// `pull.firstRun`: how the first pull of all begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstRun {
    /// With the first event of the parent's feed.
    Feed,
    /// With the lists of what the parent has; its feed is read from where it ended before. Where it has no exchange, or does not
    /// list what it has: with its feed.
    Backfill,
}

/// `pull` and `push`
#[derive(Clone, Debug)]
pub struct DirectionConfig {
    /// True if the direction runs by schedule; a run that somebody asks for starts all the same.
    pub enabled: bool,
    /// From the end of one run to the start of the next.
    pub interval: Duration,
    /// The effect of a record that cannot be applied on those behind it.
    pub on_record_failure: OnRecordFailure,
}

/// The effect of a record that cannot be applied on those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRecordFailure {
    /// It is parked, the others go on.
    Proceed,
    /// The run stops before it; the next run begins with it.
    Halt,
}

/// `validation` and `categories.NAME.validation`: what becomes of a record that does not keep a rule of data entry of this
/// server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    /// It is saved as long as it can be held, and the rule is recorded: it was accepted where it comes from.
    Record,
    /// It is parked.
    Strict,
}

impl Validation {
    fn name(self) -> &'static str {
        match self {
            Validation::Record => "record",
            Validation::Strict => "strict",
        }
    }
}

/// `categories.NAME`
#[derive(Clone, Debug)]
pub struct CategoryConfig {
    /// True if objects of the category are pulled.
    pub pull: bool,
    /// True if objects of the category are pushed.
    pub push: bool,
    /// The representation that the documents travel in.
    pub representation: Representation,
    /// The actions that are synchronized; the others are filtered. Default: all.
    pub actions: Option<Vec<Action>>,
    /// The treatment of a record that does not keep a rule of data entry; [`Config::validation`] where the category says nothing.
    pub validation: Validation,
    /// Who is right where both sides changed the same: in a pull, and about what children bring.
    pub conflict: Policy,
}

/// `filter`
#[derive(Clone, Debug, Default)]
pub struct FilterConfig {
    /// Location uuids. When any are given, an event whose entry names locations (terms `location:UUID`) is wanted only
    /// if it names one of these; an entry that names none is always wanted.
    pub locations: Vec<String>,
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
    /// Entries on a page of the feed that this node publishes. Fixed with the feed's first event, since archived pages
    /// never change.
    pub page_size: u32,
}

impl TransferConfig {
    /// The most bytes of a page of the feed, or of a group of objects.
    pub fn max_group_bytes(&self) -> usize {
        self.max_body_bytes.saturating_mul(4)
    }
}

/// `feed`: the feed that this node publishes.
#[derive(Clone, Debug)]
pub struct FeedConfig {
    /// Events older than this are removed, by whole pages, if they are pushed or nothing is. 0: kept for ever.
    pub keep_days: u32,
}

/// `exchange`: what this node does for its children.
#[derive(Clone, Debug)]
pub struct ExchangeConfig {
    /// Requests of children that are served at once; the others are told to come later.
    pub concurrency: usize,
    /// Requests of all children that may be open at once, each of which holds a thread of the server.
    pub max_open: usize,
    /// The most bytes of one object that a child brings.
    pub max_line_bytes: usize,
    /// The rights of each child's account to read and write, by user name. An account that is not named may do nothing.
    pub children: BTreeMap<String, ChildScope>,
}

/// `audit`
#[derive(Clone, Debug)]
pub struct AuditConfig {
    /// Audit messages, runs and requests of children that are older than this are removed. 0: kept for ever.
    pub keep_days: u32,
    /// True if events that the filters leave out get an audit message too.
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
        let value: Value = json::read(document.as_bytes())
            .map_err(|why| Error::new(ErrorKind::Configuration, format!("the document cannot be read: {why}")))?;
        let problems = Problems::default();
        let config = read_config(&mut Object::root(&value, &problems), environment);
        problems.finish(config)
    }

    /// The categories that are pulled, in the order of dependence.
    pub fn pulled_categories(&self) -> impl Iterator<Item = Category> + '_ {
        self.categories.iter().filter(|(_, category)| category.pull).map(|(name, _)| *name)
    }

    /// The categories that are pulled and that a parent lists, in the order of dependence. What is a part of another object
    /// comes with that.
    pub fn listed_categories(&self) -> Vec<Category> {
        self.pulled_categories().filter(|category| category.part_of().is_none()).collect()
    }

    /// Returns true if objects of this category are pushed.
    pub fn pushes(&self, category: Category) -> bool {
        self.categories.get(&category).is_some_and(|category| category.push)
    }

    /// Returns warnings of what is allowed but can hardly be meant, one sentence each with the path of the field. What the parent's
    /// feeds lack is told once it is known which are read: by `parent.feed`, or by a run.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings_reading(self.parent.as_ref().map_or(FeedDialect::Auto, |parent| parent.feed))
    }

    /// Everybody between here and the parent reads the password and the patients.
    fn unencrypted_parent(&self) -> Option<String> {
        let parent =
            self.parent.as_ref().filter(|parent| parent.url.scheme() == "http" && !is_loopback(&parent.url))?;
        let host = parent.url.host_str().unwrap_or_default();
        Some(format!(
            "parent.url: http sends the password and all patients to {host} unencrypted; use https, with parent.caFile where \
             the parent's certificate is of its own authority"
        ))
    }

    /// As [`warnings`](Config::warnings), of a node that is known to read feeds of that kind.
    pub fn warnings_reading(&self, feed: FeedDialect) -> Vec<String> {
        let mut warnings: Vec<String> = self.unencrypted_parent().into_iter().collect();
        warnings.extend(self.warnings_of_pull(feed));
        warnings
    }

    fn warnings_of_pull(&self, feed: FeedDialect) -> Vec<String> {
        if !self.pull.enabled {
            return Vec::new();
        }
        if self.pulled_categories().next().is_none() {
            let nothing_pulled = "categories: none is pulled, so a pull brings nothing; name what is wanted, such as \
                                  {\"patient\": {}, \"encounter\": {}}";
            return vec![nothing_pulled.to_string()];
        }
        match feed {
            FeedDialect::Atomfeed => self.parts_not_decided_on().into_iter().collect(),
            // The feed that a parent publishes itself tells of parts with what they are parts of.
            FeedDialect::Sync2 | FeedDialect::Auto => Vec::new(),
        }
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
                "categories: the atomfeed module tells of changes of a person's or patient's parts in feeds of their \
                 own, and these are not read: {}; name each, as {{}} or with \"pull\": false",
                names.join(", ")
            )
        })
    }

    /// Returns true if objects of this category are pulled.
    pub fn pulls(&self, category: Category) -> bool {
        self.categories.get(&category).is_some_and(|category| category.pull)
    }

    /// Returns the treatment of a record of that category that does not keep a rule of data entry of this server.
    pub fn validation(&self, category: Category) -> Validation {
        self.categories.get(&category).map_or(self.validation, |configured| configured.validation)
    }

    /// Who is right where both sides changed the same of an object of this category.
    pub fn conflict_policy(&self, category: Category) -> Policy {
        self.categories.get(&category).map(|configured| configured.conflict).unwrap_or_default()
    }

    /// The pause between two scheduled runs of the direction that runs most often; nothing where none is scheduled.
    pub fn shortest_interval(&self) -> Option<Duration> {
        [&self.pull, &self.push]
            .into_iter()
            .filter(|direction| direction.enabled)
            .map(|direction| direction.interval)
            .min()
    }

    /// Returns true if the parent's exchange is used where it has one.
    pub fn may_exchange(&self) -> bool {
        self.parent.as_ref().is_some_and(|parent| parent.exchange == ExchangeUse::Auto)
    }

    /// Returns true if the parent, if it has this module, hears from this node what becomes of conflicts.
    pub fn tells_parent(&self) -> bool {
        self.may_exchange() && self.push.enabled
    }

    /// Returns true if pushes offer to a restored parent what it may have lost of a category.
    pub fn offers_again(&self, category: Category) -> bool {
        self.push.enabled && self.pushes(category)
    }

    /// The representation that a category travels in.
    pub fn representation(&self, category: Category) -> Representation {
        self.categories
            .get(&category)
            .map_or_else(|| category.default_representation(), |configured| configured.representation)
    }
}

fn read_config(root: &mut Object<'_>, environment: &dyn Fn(&str) -> Option<String>) -> Config {
    let validation = read_validation(root, Validation::Record);
    let (pull, first_run) = read_pull(&mut root.object("pull"));
    let config = Config {
        node: read_node(&mut root.object("node")),
        parent: root.optional_object("parent").map(|mut parent| read_parent(&mut parent, environment)),
        pull,
        first_run,
        push: read_direction(&mut root.object("push"), false),
        local: read_local(&mut root.object("local"), environment),
        categories: read_categories(&mut root.object("categories"), validation),
        validation,
        uuid_map: read_uuid_map(&mut root.object("uuidMap")),
        filter: read_filter(&mut root.object("filter")),
        retry: read_retry(&mut root.object("retry")),
        transfer: read_transfer(&mut root.object("transfer")),
        audit: read_audit(&mut root.object("audit")),
        feed: read_feed(&mut root.object("feed")),
        exchange: read_exchange(&mut root.object("exchange")),
    };
    if config.parent.is_none() && (config.pull.enabled || config.push.enabled) {
        root.problem("parent", "must be given, or pull.enabled and push.enabled be false: both need a parent");
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
        url: read_server_url(parent),
        username: parent.required_text("username"),
        password: read_secret(parent, "password", environment),
        feed: parent.choice(
            "feed",
            &[("auto", FeedDialect::Auto), ("sync2", FeedDialect::Sync2), ("atomfeed", FeedDialect::Atomfeed)],
        ),
        exchange: parent.choice("exchange", &[("auto", ExchangeUse::Auto), ("never", ExchangeUse::Never)]),
        fhir_path: read_path(parent, "fhirPath", "/ws/fhir2/R4"),
        rest_path: read_path(parent, "restPath", "/ws/rest/v1"),
        ca_file: parent.text("caFile"),
        connect_timeout: parent.seconds("connectTimeoutSeconds", 1..=300, 10),
        read_timeout: parent.seconds("readTimeoutSeconds", 1..=3600, 60),
    };
    parent.finish();
    config
}

#[allow(clippy::expect_used, reason = "a constant url")]
fn read_server_url(server: &mut Object<'_>) -> Url {
    let text = server.required_text("url");
    let usable = Url::parse(text.trim_end_matches('/')).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    usable.unwrap_or_else(|| {
        server.problem("url", "must be an http or https address without user, query and fragment");
        Url::parse("http://invalid.invalid").expect("a constant url")
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
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

fn read_direction(direction: &mut Object<'_>, enabled: bool) -> DirectionConfig {
    let config = DirectionConfig {
        enabled: direction.flag("enabled", enabled),
        interval: direction.seconds("intervalSeconds", 1..=7 * 86_400, 300),
        on_record_failure: direction
            .choice("onRecordFailure", &[("proceed", OnRecordFailure::Proceed), ("halt", OnRecordFailure::Halt)]),
    };
    direction.finish();
    config
}

fn read_pull(pull: &mut Object<'_>) -> (DirectionConfig, FirstRun) {
    let first_run = pull.choice("firstRun", &[("feed", FirstRun::Feed), ("backfill", FirstRun::Backfill)]);
    (read_direction(pull, true), first_run)
}

fn read_local(local: &mut Object<'_>, environment: &dyn Fn(&str) -> Option<String>) -> LocalAccess {
    let over_http = local.choice("access", &[("inProcess", false), ("http", true)]);
    let access = if over_http {
        LocalAccess::Http {
            url: read_server_url(local),
            username: local.required_text("username"),
            password: read_secret(local, "password", environment),
        }
    } else {
        LocalAccess::InProcess
    };
    local.finish();
    access
}

/// Returns true if `uuidMap` may name objects of that category: people make them on each server, and their uuids may differ.
pub(crate) fn may_be_mapped(category: Category) -> bool {
    category.kind().is_made_by_hand
}

fn read_uuid_map(categories: &mut Object<'_>) -> UuidMap {
    let mut map = UuidMap::default();
    for name in categories.keys() {
        let category = Category::parse(&name).filter(|category| may_be_mapped(*category));
        let mut uuids = categories.object(&name);
        for theirs in uuids.keys() {
            let here = uuids.text(&theirs).unwrap_or_default();
            match category {
                None => {
                    let names: Vec<&str> =
                        Category::all().filter(|known| may_be_mapped(*known)).map(Category::name).collect();
                    uuids.problem(&theirs, &format!("is of none of the categories {}", names.join(", ")));
                }
                Some(_) if !is_object_uuid(&theirs) || !is_object_uuid(&here) => {
                    uuids.problem(&theirs, "must be a uuid at the parent with the uuid of the same thing here");
                }
                Some(category) => {
                    if !map.add(ObjectId { category, uuid: theirs.clone() }, here) {
                        uuids.problem(&theirs, "is, or is mapped to, what is in the map already");
                    }
                }
            }
        }
        uuids.finish();
    }
    categories.finish();
    map
}

fn read_validation(object: &mut Object<'_>, default: Validation) -> Validation {
    let other = match default {
        Validation::Record => Validation::Strict,
        Validation::Strict => Validation::Record,
    };
    object.choice("validation", &[(default.name(), default), (other.name(), other)])
}

fn read_categories(categories: &mut Object<'_>, validation: Validation) -> BTreeMap<Category, CategoryConfig> {
    let mut read = BTreeMap::new();
    for name in categories.keys() {
        match Category::parse(&name) {
            Some(category) => {
                read.insert(category, read_category(&mut categories.object(&name), category, validation));
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

fn read_category(object: &mut Object<'_>, category: Category, validation: Validation) -> CategoryConfig {
    let default = category.default_representation();
    let other = match default {
        Representation::Fhir => Representation::Rest,
        Representation::Rest => Representation::Fhir,
    };
    let representation = object.choice("representation", &[(default.name(), default), (other.name(), other)]);
    if category.part_of().is_none() && !category.has(representation) {
        object.problem("representation", &format!("{category} does not exist in it"));
    }
    let conflict = object.choice("conflict", &Policy::NAMED);
    let config = CategoryConfig {
        conflict,
        pull: object.flag("pull", true),
        push: object.flag("push", true),
        representation,
        actions: read_actions(object),
        validation: read_validation(object, validation),
    };
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
        page_size: transfer.whole("pageSize", 1..=1000, 100) as u32,
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

fn read_feed(feed: &mut Object<'_>) -> FeedConfig {
    let config = FeedConfig { keep_days: feed.whole("keepDays", 0..=36_500, 365) as u32 };
    feed.finish();
    config
}

fn read_exchange(exchange: &mut Object<'_>) -> ExchangeConfig {
    let config = ExchangeConfig {
        concurrency: exchange.whole("concurrency", 1..=64, 4) as usize,
        max_open: exchange.whole("maxOpen", 1..=10_000, 64) as usize,
        max_line_bytes: exchange.whole("maxLineBytes", 1 << 10..=1 << 30, 1 << 20) as usize,
        children: read_children(&mut exchange.object("children")),
    };
    exchange.finish();
    config
}

fn read_children(children: &mut Object<'_>) -> BTreeMap<String, ChildScope> {
    let accounts = children.keys();
    let read = accounts.into_iter().map(|account| {
        let scope = read_scope(&mut children.object(&account));
        (account, scope)
    });
    let read = read.collect();
    children.finish();
    read
}

fn read_scope(scope: &mut Object<'_>) -> ChildScope {
    let read = ChildScope {
        categories: category_names(scope, "categories"),
        write: category_names(scope, "write"),
        locations: scope.texts("locations").unwrap_or_default(),
    };
    scope.finish();
    read
}

/// Names of categories; `*` stands for all of them.
fn category_names(scope: &mut Object<'_>, key: &str) -> Option<Vec<Category>> {
    let names = scope.texts(key)?;
    if names == ["*"] {
        return Some(Category::all().collect());
    }
    let known = names.iter().filter_map(|name| {
        let category = Category::parse(name);
        if category.is_none() {
            scope.problem(key, &format!("{name} is no category that this version knows"));
        }
        category
    });
    Some(known.collect())
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
    fn metadata_is_mapped_once_on_each_side() {
        let document = |map: &str| {
            format!(r#"{{"parent": {{"url": "http://parent", "username": "s", "password": "x"}}, "uuidMap": {map}}}"#)
        };
        let config = parse(&document(r#"{"location": {"theirs": "ours"}}"#)).unwrap();
        let location = |uuid: &str| ObjectId { category: Category::parse("location").unwrap(), uuid: uuid.to_string() };
        assert!(config.uuid_map.has(&location("theirs")) && config.uuid_map.has_here(&location("ours")));
        for (map, wrong) in [
            (r#"{"patient": {"theirs": "ours"}}"#, "uuidMap.patient.theirs: is of none of the categories"),
            (r#"{"location": {"a": "ours", "b": "ours"}}"#, "uuidMap.location.b: is, or is mapped to"),
            (r#"{"location": {"a": "not a uuid"}}"#, "uuidMap.location.a: must be a uuid"),
        ] {
            let error = parse(&document(map)).unwrap_err();
            assert!(error.message.contains(wrong), "{}", error.message);
        }
    }

    #[test]
    fn a_category_says_its_own_validation_or_takes_that_of_all() {
        let parent = r#""parent": {"url": "http://parent", "username": "sync", "password": "x"}"#;
        let validations = |document: &str| {
            let config = parse(document).unwrap();
            ["patient", "visit", "location"].map(|name| config.validation(Category::parse(name).unwrap()))
        };
        assert_eq!(validations(&format!("{{{parent}}}")), [Validation::Record; 3]);
        let strict = format!(
            r#"{{{parent}, "validation": "strict", "categories": {{"patient": {{}}, "visit": {{"validation": "record"}}}}}}"#
        );
        assert_eq!(validations(&strict), [Validation::Strict, Validation::Record, Validation::Strict]);
        let wrong = parse(&format!(r#"{{{parent}, "validation": "lenient"}}"#)).unwrap_err();
        assert!(wrong.message.contains("validation: must be one of: record, strict"), "{}", wrong.message);
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
                "pull": {"intervalSeconds": 0, "firstRun": "lists"},
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
    }

    #[test]
    fn unencrypted_parent_on_another_machine_gives_a_warning() {
        let warnings = |url: &str| {
            let parent = format!(r#"{{"url": "{url}", "username": "u", "password": "x"}}"#);
            parse(&format!(r#"{{"parent": {parent}, "categories": {{"location": {{}}}}}}"#)).unwrap().warnings()
        };
        let told = warnings("http://p.example.org/openmrs");
        assert!(told.len() == 1 && told[0].contains("to p.example.org unencrypted"), "{told:?}");
        for host in ["https://p.example.org", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080"] {
            assert!(warnings(&format!("{host}/openmrs")).is_empty(), "{host}");
        }
    }

    #[test]
    fn unread_part_with_a_feed_of_its_own_gives_a_warning() {
        let config = |feed: &str| {
            let document = r#"{"parent": {"url": "https://p.example.org/openmrs", "username": "u", "password": "x",
                    "feed": "FEED"},
                "categories": {"patient": {}, "person_name": {}, "person_address": {"pull": false}}}"#;
            parse(&document.replace("FEED", feed)).unwrap()
        };
        let told = config("atomfeed").warnings();
        assert!(told.len() == 1 && told[0].contains("patient_identifier, person_attribute;"), "{told:?}");
        assert!(config("sync2").warnings().is_empty());
        let auto = config("auto");
        assert!(auto.warnings().is_empty());
        assert!(auto.warnings_reading(FeedDialect::Sync2).is_empty());
        assert_eq!(auto.warnings_reading(FeedDialect::Atomfeed), told);
    }

    #[test]
    fn a_pull_or_push_needs_a_parent() {
        assert!(parse("{}").unwrap_err().message.contains("parent: "));
        assert!(parse(r#"{"pull": {"enabled": false}}"#).is_ok());
        let push_only = r#"{"pull": {"enabled": false}, "push": {"enabled": true}}"#;
        assert!(parse(push_only).unwrap_err().message.contains("parent: "));
    }

    #[test]
    fn keys_of_push_and_children_are_read() {
        let config = parse(
            r#"{"pull": {"enabled": false}, "categories": {"patient": {"push": false}, "encounter": {}},
                "local": {"access": "http", "url": "http://localhost:8080/openmrs", "username": "u", "password": "p"},
                "exchange": {"children": {"site": {"categories": ["patient"], "locations": ["here"]}, "all": {}}}}"#,
        )
        .unwrap();
        assert!(matches!(&config.local, LocalAccess::Http { username, .. } if username == "u"));
        let pushed: Vec<_> = Category::all().filter(|category| config.pushes(*category)).collect();
        assert_eq!(pushed, [Category::parse("encounter").unwrap()]);
        assert_eq!(config.exchange.children["site"].categories, Some(vec![Category::patient()]));
        assert!(config.exchange.children["all"].categories.is_none());
        let error = parse(
            r#"{"pull": {"enabled": false}, "local": {"url": "http://localhost"},
                "exchange": {"children": {"site": {"categories": ["unicorn"]}}}}"#,
        );
        let message = error.unwrap_err().message;
        assert!(
            message.contains("local.url: ") && message.contains("exchange.children.site.categories: "),
            "{message}"
        );
    }
}
