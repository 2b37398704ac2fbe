//! The preflight: gathers what can be known of this server, the line and the parent before the first sync, and has it decided
//! (`decide/preflight.rs`). Reads only, and remembers nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::{Config, FirstRun, ParentConfig, may_be_mapped};
use crate::connection_test::{ConnectionTest, test_connection, without_patience};
use crate::decide::preflight::{self as decide, Amount, Begins, Check, Names, Namesakes, Step, Verdict};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId, Representation};
use crate::feed::{self, Dialect};
use crate::host::{Host, Stored};
use crate::http::{Get, LARGEST_CLOCK_DIFFERENCE_MS, ParentClient};
use crate::json;
use crate::resource::SyncResourceManager;
use crate::store::{backfills, events, limits, markers, node, transaction};

/// The longest time of each of the five parts that follow the connection test, which takes two minutes at the most. So a preflight takes
/// four.
const LONGEST_PART: Duration = Duration::from_secs(24);

/// The most objects of a kind of metadata that are compared by name, at each side.
const MOST_NAMED: usize = 500;

/// The objects that are asked for at once in a list by name; OpenMRS gives no more.
const NAMES_AT_ONCE: usize = 100;

/// The objects of a category that are read as samples.
const SAMPLES: usize = 5;

/// The longest name that is shown: it comes from outside.
const LONGEST_NAME: usize = 100;

/// The largest list that is read.
const LARGEST_ANSWER: usize = 4 << 20;

/// The findings of a preflight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preflight {
    /// The worst of the checks; what is unknown does not count.
    pub result: Verdict,
    /// In their order. Where the parent is not reached the rest is not tried.
    pub checks: Vec<Check>,
}

/// What this server knows of itself.
pub(crate) struct Here {
    node: String,
    /// The epoch of its own feed; nothing where it has published nothing.
    epoch: Option<String>,
    has_begun: bool,
    largest_statement: Option<u64>,
    unreadable: BTreeMap<&'static str, String>,
    names: BTreeMap<Category, Option<Names>>,
}

/// The way to the parent.
pub(crate) struct Way<'a> {
    pub(crate) config: &'a Config,
    pub(crate) environment: &'a Environment,
    /// The dialect of the feeds which the last run read, if there was one.
    pub(crate) dialect: Option<Dialect>,
    pub(crate) cancel: CancellationToken,
}

/// Gathers what this server knows of itself. Blocks on the host's database, in transactions of its own.
///
/// Errors: `Host`.
pub(crate) fn here(host: &mut dyn Host, config: &Config) -> Result<Here> {
    let mut here = transaction::read(host, |host| {
        let begun = markers::load(host, Direction::Pull)?.iter().any(|position| position.marker.is_some());
        Ok(Here {
            node: node::id(host)?,
            epoch: events::last_place(host)?.map(|place| place.epoch),
            has_begun: begun || backfills::last(host)?.is_some(),
            largest_statement: limits::largest_statement(host)?,
            unreadable: BTreeMap::new(),
            names: BTreeMap::new(),
        })
    })?;
    for category in config.listed_categories() {
        if let Err(error) = try_reading(host, category, config.representation(category)) {
            here.unreadable.insert(category.name(), error.message);
        }
    }
    for category in named(config) {
        // What is not readable is told already.
        here.names.insert(category, names_here(host, category, config.representation(category)).unwrap_or_default());
    }
    Ok(here)
}

/// Checks all that can be checked. Blocks on the network for four minutes at the most.
///
/// Errors: `Configuration` (no parent, or TLS or the proxy cannot be set up), `Cancelled`.
pub(crate) async fn check(way: Way<'_>, here: Here) -> Result<Preflight> {
    let Way { config, environment, dialect, cancel } = way;
    let test = test_connection(config, dialect, environment, cancel.clone()).await?;
    let (reaching, reading) = steps(&test);
    let mut checks = vec![decide::reach(&reaching)];
    if checks.iter().all(|check| check.result == Verdict::Ok) {
        let config = without_patience(config);
        let client = Arc::new(ParentClient::new(&config, environment, cancel.clone())?);
        let parent =
            config.parent.as_ref().ok_or_else(|| Error::new(ErrorKind::Configuration, "parent: must be given"))?;
        let gatherer = Gatherer { config: &config, parent, client };
        checks.push(decide::privileges(&reading));
        checks.extend(gatherer.check(&test, &here).await);
    }
    match cancel.is_cancelled() {
        true => Err(Error::new(ErrorKind::Cancelled, "the preflight was cancelled: the engine is closing")),
        false => Ok(Preflight { result: decide::overall(&checks), checks }),
    }
}

/// The steps up to the log-in, and those in which feeds and objects are read.
fn steps(test: &ConnectionTest) -> (Vec<Step>, Vec<Step>) {
    let of = |names: &[&str]| {
        let wanted = test.checks.iter().filter(|check| names.contains(&check.name));
        let step = wanted.map(|check| Step {
            subject: [Some(check.name), check.category].into_iter().flatten().collect::<Vec<_>>().join(" "),
            ok: check.ok,
            message: check.message.clone(),
        });
        step.collect()
    };
    (of(&["dns", "connect", "proxyDns", "proxyConnect", "http", "tls", "logIn"]), of(&["feed", "fhir", "rest"]))
}

/// The listed categories whose objects sites make by hand, so that one may be under two uuids.
fn named(config: &Config) -> impl Iterator<Item = Category> + '_ {
    config
        .listed_categories()
        .into_iter()
        .filter(|category| may_be_mapped(*category) && category.rest_resource().is_some())
}

fn try_reading(host: &mut dyn Host, category: Category, representation: Representation) -> Result<()> {
    let nobodys = ObjectId { category, uuid: Uuid::nil().to_string() };
    transaction::read(host, |host| host.read(representation, &nobodys, false)).map(drop)
}

/// Nothing where the host does not list them, or has too many.
fn names_here(host: &mut dyn Host, category: Category, representation: Representation) -> Result<Option<Names>> {
    transaction::read(host, |host| {
        let Some(uuids) = host.list(category, None, MOST_NAMED)?.filter(|uuids| uuids.len() < MOST_NAMED) else {
            return Ok(None);
        };
        let mut names = Names::new();
        for uuid in uuids {
            let object = ObjectId { category, uuid };
            if let Stored::Present(document) = host.read(representation, &object, false)?
                && let Some(name) = json::read::<Value>(&document).ok().as_ref().and_then(name_in)
            {
                names.insert(object.uuid, name);
            }
        }
        Ok(Some(names))
    })
}

fn name_in(document: &Value) -> Option<String> {
    let name = document.get("name").or_else(|| document.get("display"))?.as_str()?;
    Some(name.chars().filter(|character| !character.is_control()).take(LONGEST_NAME).collect())
}

/// Asks the parent.
struct Gatherer<'a> {
    config: &'a Config,
    parent: &'a ParentConfig,
    client: Arc<ParentClient>,
}

impl Gatherer<'_> {
    async fn check(&self, test: &ConnectionTest, here: &Here) -> Vec<Check> {
        let epoch = within(feed::own_epoch(self.client.clone(), self.config.transfer.max_group_bytes())).await;
        let modules = within(self.modules()).await.unwrap_or_default();
        let fhir = self
            .config
            .listed_categories()
            .into_iter()
            .any(|category| self.config.representation(category) == Representation::Fhir);
        vec![
            decide::versions(&test.versions, env!("CARGO_PKG_VERSION")),
            decide::parent_modules(&modules, fhir),
            decide::clock(test.clock_difference_ms, LARGEST_CLOCK_DIFFERENCE_MS),
            decide::zone(test.zone_difference_seconds),
            decide::node(here.epoch.as_deref(), epoch.as_deref().ok()),
            decide::modules_here(&here.unreadable),
            self.metadata(here).await,
            decide::first_run(self.begins(here, epoch.is_ok()).await),
            self.amount().await,
            decide::database(here.largest_statement, self.config.transfer.max_body_bytes as u64),
            Check::unknown(
                "disk",
                "the host program does not tell how much room the disk has",
                "see that the disks of the database and of this program have room for what the check 'amount' tells, three times over",
            ),
        ]
    }

    /// The ids of the parent's modules.
    async fn modules(&self) -> Result<BTreeSet<String>> {
        let list = self.get(&format!("{}/module?v=custom:(uuid,version)", self.parent.rest_path)).await?;
        let results = list.get("results").and_then(Value::as_array).into_iter().flatten();
        Ok(results.filter_map(|module| module.get("uuid")?.as_str()).map(str::to_string).collect())
    }

    async fn begins(&self, here: &Here, has_own_feed: bool) -> Begins {
        if here.has_begun {
            return Begins::Already;
        }
        if self.config.first_run == FirstRun::Feed {
            return Begins::WithFeedAsWanted;
        }
        let resources = SyncResourceManager::new(self.client.clone(), self.config, Vec::new());
        let resources = resources.with_exchange(self.client.clone(), self.config, &here.node);
        match has_own_feed && within(resources.exchanges()).await.unwrap_or(false) {
            true => Begins::WithLists,
            false => Begins::WithFeedForWant,
        }
    }

    async fn metadata(&self, here: &Here) -> Check {
        let (mut found, mut unlisted): (Vec<Namesakes>, Vec<&'static str>) = (Vec::new(), Vec::new());
        let end = Instant::now() + LONGEST_PART;
        for (category, names) in &here.names {
            let left = end.saturating_duration_since(Instant::now());
            let parents = tokio::time::timeout(left, self.names(*category)).await.ok().and_then(Result::ok).flatten();
            match (parents, names) {
                (Some(parents), Some(names)) => {
                    let mapped = |uuid: &str| self.uuid_here(*category, uuid);
                    found.extend(decide::namesakes(category.name(), &parents, names, &mapped));
                }
                _ => unlisted.push(category.name()),
            }
        }
        decide::metadata(&found, &unlisted)
    }

    fn uuid_here(&self, category: Category, uuid: &str) -> String {
        self.config.uuid_map.object_here(&ObjectId { category, uuid: uuid.to_string() }).uuid
    }

    /// The names of the parent's objects of a category; nothing where it has too many, or serves none.
    async fn names(&self, category: Category) -> Result<Option<Names>> {
        let Some(resource) = category.rest_resource() else { return Ok(None) };
        let mut names = Names::new();
        for start in (0..MOST_NAMED).step_by(NAMES_AT_ONCE) {
            let path = format!(
                "{}/{resource}?v=custom:(uuid,name,display)&limit={NAMES_AT_ONCE}&startIndex={start}",
                self.parent.rest_path
            );
            let list = self.get(&path).await?;
            let Some(results) = list.get("results").and_then(Value::as_array) else { return Ok(None) };
            names
                .extend(results.iter().filter_map(|one| Some((one.get("uuid")?.as_str()?.to_string(), name_in(one)?))));
            if results.len() < NAMES_AT_ONCE {
                return Ok(Some(names));
            }
        }
        Ok(None)
    }

    /// Counts what the parent has, and reads a few objects of each category to see how large they are and how fast they come.
    async fn amount(&self) -> Check {
        let mut measured = Amount::default();
        let end = Instant::now() + LONGEST_PART;
        for category in self.config.listed_categories() {
            let left = end.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.sample(category)).await {
                Ok(Ok(Some(sample))) => {
                    measured.objects.insert(category.name(), sample.total);
                    measured.sampled = measured.sampled.saturating_add(sample.objects);
                    measured.bytes = measured.bytes.saturating_add(sample.bytes);
                    measured.milliseconds = measured.milliseconds.saturating_add(sample.milliseconds);
                }
                _ => measured.untold.push(category.name()),
            }
        }
        decide::amount(&measured)
    }

    /// Nothing where the parent does not say how many there are.
    async fn sample(&self, category: Category) -> Result<Option<Sample>> {
        let (path, total, list) = match (category.fhir_type(), category.rest_resource()) {
            (Some(fhir_type), _) => {
                (format!("{}/{fhir_type}?_count={SAMPLES}", self.parent.fhir_path), "total", "entry")
            }
            (None, Some(resource)) => {
                let query = format!("v=full&limit={SAMPLES}&totalCount=true");
                (format!("{}/{resource}?{query}", self.parent.rest_path), "totalCount", "results")
            }
            (None, None) => return Ok(None),
        };
        let start = Instant::now();
        let (bytes, answer) = self.measured(&path).await?;
        let milliseconds = start.elapsed().as_millis() as u64;
        let objects = answer.get(list).and_then(Value::as_array).map_or(0, Vec::len) as u64;
        let total = answer.get(total).and_then(Value::as_u64);
        Ok(total.map(|total| match objects {
            0 => Sample { total, objects, bytes: 0, milliseconds: 0 },
            _ => Sample { total, objects, bytes, milliseconds },
        }))
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.measured(path).await.map(|(_, answer)| answer)
    }

    /// The answer to a question, and how many bytes it has.
    ///
    /// Errors: as those of `ParentClient::get`; `ParentFailed` at any status but 200, `Malformed` when it is no JSON.
    async fn measured(&self, path: &str) -> Result<(u64, Value)> {
        let accept = "application/json, application/fhir+json";
        let url = self.client.url(path);
        let asked = Get { url: &url, accept, etag: None, headers: &[], max_bytes: LARGEST_ANSWER };
        let answer = Box::pin(self.client.get(asked)).await?;
        if answer.status != 200 {
            return Err(Error::new(ErrorKind::ParentFailed, format!("it answers {}", answer.status)).at(url.as_str()));
        }
        let read = json::read_group(&answer.body);
        let read = read.map_err(|why| Error::new(ErrorKind::Malformed, why.to_string()).at(url.as_str()))?;
        Ok((answer.body.len() as u64, read))
    }
}

/// A few objects of a category.
struct Sample {
    /// How many the parent has.
    total: u64,
    objects: u64,
    bytes: u64,
    milliseconds: u64,
}

async fn within<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let slow = |_| Err(Error::new(ErrorKind::Unreachable, "no answer in time"));
    tokio::time::timeout(LONGEST_PART, Box::pin(work)).await.unwrap_or_else(slow)
}
