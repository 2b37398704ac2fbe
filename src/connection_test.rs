//! The connection test: tries, one after the other, what a pull needs of the parent, and says of each step what an
//! administrator has to do when it fails. Reads only, once, without retries, and remembers nothing.

mod zone;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::{BoxFuture, join_all};
use serde::Serialize;
use serde_json::Value;
use tokio::net::{TcpStream, lookup_host};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::{Config, FeedDialect, ParentConfig};
use crate::decide::zones::{Zone, compared};
use crate::environment::{Environment, Proxy};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Representation};
use crate::feed::{self, Dialect};
use crate::http::{Answer, Get, LARGEST_CLOCK_DIFFERENCE_MS, ParentClient, is_authenticated};
use crate::json;
use crate::resource;

/// The longest time of one step. Eight of them follow each other, so the whole test takes two minutes at the most.
const LONGEST_STEP: Duration = Duration::from_secs(15);

/// A `Date` header leaves out the fraction of its second; on average that is half of one.
const CUT_OFF_BY_DATE_MS: i64 = 500;

/// Names and versions are shown, and come from outside.
const LONGEST_VERSION: usize = 100;

/// The answers that are not of a configured size: sessions, versions, what the FHIR module serves.
const LARGEST_ANSWER: usize = 8 << 20;

/// The modules of the parent whose versions are told.
const MODULES: [&str; 4] = ["atomfeed", "fhir2", "sync2", "webservices.rest"];

/// The findings of the test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// True if every check is well.
    pub ok: bool,
    /// In their order. After one that everything else depends on has failed, the rest is not tried.
    pub checks: Vec<Check>,
    /// By product: `openmrs`, modules by their ids, `hapi`, `fhir`. Only what the parent tells this account.
    pub versions: BTreeMap<String, String>,
    /// How far the parent's clock is ahead of this server's, in milliseconds, exact to about half a second; negative
    /// when it is behind, nothing when the parent tells no time.
    pub clock_difference_ms: Option<i64>,
    /// How far the parent's clocks on the wall are ahead of this server's, in seconds, because of their time zones; nothing when
    /// either zone is not known.
    pub zone_difference_seconds: Option<i32>,
}

/// One step of the test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `dns` and `connect` (`proxyDns` and `proxyConnect` when there is a proxy in between), `http` or `tls`, `logIn`, `feed`, `fhir`, `rest`, `versions`, `clock` or `zone`.
    pub name: &'static str,
    /// The category that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    /// True if the step went well.
    pub ok: bool,
    /// The finding; if it is not well, what to do.
    pub message: String,
    /// How long it took, waiting for the other steps of its kind included.
    pub milliseconds: u64,
}

/// Tests the connection to the parent. Takes about a second with a parent that is well, and two minutes at the most.
///
/// `dialect` is that of the feeds which the last run read, if there was one.
///
/// Errors: `Configuration` (no parent, or TLS or the proxy cannot be set up), `Cancelled`.
pub(crate) async fn test_connection(
    config: &Config,
    dialect: Option<Dialect>,
    environment: &Environment,
    cancel: CancellationToken,
) -> Result<ConnectionTest> {
    let config = without_patience(config);
    let client = Arc::new(ParentClient::new(&config, environment, cancel.clone())?);
    let mut tester = Tester {
        config: &config,
        dialect,
        proxy: environment.proxy.as_ref(),
        zone: environment.zone.as_ref().and_then(|zone| zone.at(millis(SystemTime::now()))),
        client,
        checks: Vec::new(),
        versions: BTreeMap::new(),
    };
    let (clock_difference_ms, zone_difference_seconds) =
        cancel.run_until_cancelled(tester.run()).await.unwrap_or_default();
    // The client gives up its waits by the same token, and may have been first: that is no finding.
    if cancel.is_cancelled() {
        return Err(cancelled());
    }
    let Tester { checks, versions, .. } = tester;
    let ok = checks.iter().all(|check| check.ok);
    Ok(ConnectionTest { ok, checks, versions, clock_difference_ms, zone_difference_seconds })
}

/// The same parent, asked once.
pub(crate) fn without_patience(config: &Config) -> Config {
    let mut config = config.clone();
    config.retry.attempts = 1;
    config
}

struct Tester<'a> {
    config: &'a Config,
    /// The dialect of the feeds which the last run read.
    dialect: Option<Dialect>,
    proxy: Option<&'a Proxy>,
    /// This server's.
    zone: Option<Zone>,
    client: Arc<ParentClient>,
    checks: Vec<Check>,
    versions: BTreeMap<String, String>,
}

impl Tester<'_> {
    /// Runs all steps; the difference of the clocks, and of the zones.
    async fn run(&mut self) -> (Option<i64>, Option<i32>) {
        if !self.reach().await || !self.log_in().await {
            return (None, None);
        }
        self.read_feeds().await;
        self.read_objects().await;
        self.tell_versions().await;
        (self.compare_clocks().await, self.compare_zones().await)
    }

    /// Returns true if the parent answers, told apart by what can be in the way.
    async fn reach(&mut self) -> bool {
        let Some(parent) = &self.config.parent else { return false };
        // Through a proxy it is that one that looks up the parent and connects to it.
        let (server, dns, connecting) = match self.proxy {
            Some(proxy) => (proxy.url().clone(), "proxyDns", "proxyConnect"),
            None => (parent.url.clone(), "dns", "connect"),
        };
        let Some(addresses) = self.step(dns, Box::pin(resolve(&server))).await else { return false };
        let Some(()) = self.step(connecting, Box::pin(connect(&server, &addresses))).await else { return false };
        let name = if parent.url.scheme() == "https" { "tls" } else { "http" };
        let client = self.client.clone();
        self.step(name, Box::pin(answers(&client, parent))).await.is_some()
    }

    async fn log_in(&mut self) -> bool {
        let client = self.client.clone();
        self.step("logIn", Box::pin(log_in(&client))).await.is_some()
    }

    async fn read_feeds(&mut self) {
        if !self.read_own_feed().await {
            self.read_category_feeds().await;
        }
    }

    /// Tries the feed that the parent publishes itself. False: that is not the one that is read.
    async fn read_own_feed(&mut self) -> bool {
        let expected = match self.config.parent.as_ref().map(|parent| parent.feed) {
            Some(FeedDialect::Sync2) => Some(Dialect::Sync2),
            Some(FeedDialect::Atomfeed) => Some(Dialect::Atomfeed),
            Some(FeedDialect::Auto) | None => self.dialect,
        };
        if expected == Some(Dialect::Atomfeed) {
            return false;
        }
        let epoch = feed::own_epoch(self.client.clone(), self.config.transfer.max_group_bytes());
        let published = async move {
            match epoch.await {
                Ok(_) => {
                    Ok(Found { message: "the feed that the parent publishes itself is readable".into(), value: true })
                }
                Err(error) if error.kind == ErrorKind::NotFound && expected.is_none() => {
                    Ok(Found { message: "the parent publishes no feed of its own".into(), value: false })
                }
                Err(error) => Err(error),
            }
        };
        let (check, published) = check("feed", Box::pin(published)).await;
        if published == Some(false) {
            return false;
        }
        self.checks.push(check);
        true
    }

    async fn read_category_feeds(&mut self) {
        let page_limit_bytes = self.config.transfer.max_group_bytes();
        let checks = self.config.pulled_categories().map(|category| {
            let readable = feed::probe(self.client.clone(), category, page_limit_bytes);
            let readable = async move { readable.await.map(|()| found("the feed is readable")) };
            category_check("feed", category, Box::pin(readable))
        });
        let checks = join_all(checks).await;
        self.checks.extend(checks);
    }

    async fn read_objects(&mut self) {
        // Parts of persons have feeds, and come with the person.
        let whole = self.config.pulled_categories().filter(|category| category.part_of().is_none());
        let checks = whole.map(|category| {
            let name = match self.config.representation(category) {
                Representation::Fhir => "fhir",
                Representation::Rest => "rest",
            };
            let readable = resource::probe(self.client.clone(), self.config, category);
            let readable = async move {
                readable.await.map(|way| match way {
                    resource::Way::Plain => found("objects are readable"),
                    resource::Way::Exchange => found("objects are readable by the exchange only, which suffices"),
                })
            };
            category_check(name, category, Box::pin(readable))
        });
        let checks = join_all(checks).await;
        self.checks.extend(checks);
    }

    /// Never a failure: an account that may not see the versions can pull all the same.
    async fn tell_versions(&mut self) {
        let Some(parent) = &self.config.parent else { return };
        let (client, parent) = (self.client.clone(), parent.clone());
        let told = async move {
            let versions = versions(&client, &parent).await;
            let message = match &versions {
                none if none.is_empty() => "the parent does not tell this account its versions".to_string(),
                told => told.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", "),
            };
            Ok(Found { message, value: versions })
        };
        self.versions = self.step("versions", Box::pin(told)).await.unwrap_or_default();
    }

    async fn compare_clocks(&mut self) -> Option<i64> {
        let client = self.client.clone();
        let (check, difference) = check("clock", Box::pin(clock_difference(&client))).await;
        let difference = difference.flatten();
        self.checks.push(match difference {
            Some(ms) if ms.unsigned_abs() > LARGEST_CLOCK_DIFFERENCE_MS => Check {
                ok: false,
                message: format!("{}: let both servers set their clocks by the network (NTP)", check.message),
                ..check
            },
            _ => check,
        });
        difference
    }

    /// Never a failure: whatever the zones, nothing is lost.
    async fn compare_zones(&mut self) -> Option<i32> {
        let parent = self.config.parent.as_ref()?;
        let (client, parent, here) = (self.client.clone(), parent.clone(), self.zone.clone());
        let told = async move {
            Ok(match (here, zone::of_parent(&client, &parent).await) {
                (Some(here), Some(parent)) => Found {
                    message: compared(&here, &parent),
                    value: Some(parent.offset_seconds - here.offset_seconds),
                },
                (None, _) => Found { message: "this server's time zone is not known".to_string(), value: None },
                (_, None) => {
                    Found { message: "the parent does not tell this account its time zone".to_string(), value: None }
                }
            })
        };
        self.step("zone", Box::pin(told)).await.flatten()
    }

    /// Runs a step and notes it; what it found, if it is well.
    async fn step<T>(&mut self, name: &'static str, work: Work<'_, T>) -> Option<T> {
        let (check, value) = check(name, work).await;
        self.checks.push(check);
        value
    }
}

/// A step. On the heap: the thread that called may have a small stack.
type Work<'a, T> = BoxFuture<'a, Result<Found<T>>>;

/// The finding of a step, and how it is told.
struct Found<T> {
    message: String,
    value: T,
}

fn found(message: impl Into<String>) -> Found<()> {
    Found { message: message.into(), value: () }
}

async fn check<T>(name: &'static str, work: Work<'_, T>) -> (Check, Option<T>) {
    let start = Instant::now();
    let outcome = tokio::time::timeout(LONGEST_STEP, work).await.unwrap_or_else(|_| Err(too_slow()));
    let milliseconds = start.elapsed().as_millis() as u64;
    let (ok, message, value) = match outcome {
        Ok(found) => (true, found.message, Some(found.value)),
        Err(error) => (false, told(&error), None),
    };
    (Check { name, category: None, ok, message, milliseconds }, value)
}

async fn category_check(name: &'static str, category: Category, work: Work<'_, ()>) -> Check {
    Check { category: Some(category.name()), ..check(name, work).await.0 }
}

fn told(error: &Error) -> String {
    match &error.url {
        Some(url) => format!("{} ({url})", error.message),
        None => error.message.clone(),
    }
}

fn unreachable(message: String) -> Error {
    Error::new(ErrorKind::Unreachable, message)
}

fn too_slow() -> Error {
    unreachable(format!(
        "no answer within {LONGEST_STEP:?}: the line or the parent is very slow, or something drops what is sent"
    ))
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the connection test was cancelled: the engine is closing")
}

/// The addresses that a server's name stands for.
async fn resolve(server: &Url) -> Result<Found<Vec<std::net::SocketAddr>>> {
    let (host, port) = host_and_port(server);
    let addresses = lookup_host((host, port)).await.map(Iterator::collect::<Vec<_>>).map_err(|error| {
        unreachable(format!("the name {host} has no address: check its spelling and this server's DNS ({error})"))
    })?;
    match addresses.first() {
        Some(first) => Ok(Found { message: format!("{host} is {}", first.ip()), value: addresses }),
        None => Err(unreachable(format!("the name {host} has no address: check its spelling and this server's DNS"))),
    }
}

async fn connect(server: &Url, addresses: &[std::net::SocketAddr]) -> Result<Found<()>> {
    let (host, port) = host_and_port(server);
    TcpStream::connect(addresses).await.map(|_| found(format!("{host} accepts connections at port {port}"))).map_err(
        |error| {
            unreachable(format!(
                "no connection to {host} at port {port} ({error}): check the port, that the server runs, and the \
                 firewalls in between"
            ))
        },
    )
}

/// Without the brackets of an IPv6 address.
fn host_and_port(server: &Url) -> (&str, u16) {
    let host = server.host_str().unwrap_or_default();
    (host.trim_start_matches('[').trim_end_matches(']'), server.port_or_known_default().unwrap_or_default())
}

async fn answers(client: &ParentClient, parent: &ParentConfig) -> Result<Found<()>> {
    let https = parent.url.scheme() == "https";
    match client.reach().await {
        Ok(()) if https => Ok(found("the certificate is trusted, and the parent answers")),
        Ok(()) => Ok(found("the parent answers; without https anybody in between can read what is sent")),
        Err(error) if https && error.kind == ErrorKind::Unreachable => {
            let advice = "check that the certificate is made for this name, has not expired, and is issued by an \
                          authority that this server trusts (parent.caFile for a private one)";
            Err(Error { message: format!("{}: {advice}", error.message), ..error })
        }
        Err(error) => Err(error),
    }
}

async fn log_in(client: &ParentClient) -> Result<Found<()>> {
    let answer = get(client, &client.session_url()).await?;
    match (answer.status, is_authenticated(&answer.body)) {
        (200, Some(true)) => Ok(found("the parent accepts the account")),
        (404, _) => Ok(found("the parent has no sessions: the password is sent with each request")),
        _ => Err(Error::new(
            ErrorKind::Unauthorized,
            "the parent accepts the log-in and then does not know its session: a proxy in between may take the cookies \
             away",
        )
        .at(client.session_url().as_str())),
    }
}

/// By the middle of the round trip, when the parent is taken to have answered.
async fn clock_difference(client: &ParentClient) -> Result<Found<Option<i64>>> {
    let sent = SystemTime::now();
    let answer = get(client, &client.session_url()).await?;
    let received = SystemTime::now();
    let difference = answer.date.map(|date| difference_ms(millis(date), millis(sent), millis(received)));
    let message = match difference {
        Some(ms) if ms < 0 => format!("the parent's clock is {} ms behind this server's", -ms),
        Some(ms) => format!("the parent's clock is {ms} ms ahead of this server's"),
        None => "the parent does not tell its time".to_string(),
    };
    Ok(Found { message, value: difference })
}

fn difference_ms(date: i64, sent: i64, received: i64) -> i64 {
    date + CUT_OFF_BY_DATE_MS - (sent + (received - sent) / 2)
}

fn millis(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// Returns the versions that the parent tells; what it does not is left out.
async fn versions(client: &ParentClient, parent: &ParentConfig) -> BTreeMap<String, String> {
    let rest = &parent.rest_path;
    let system = json(client, format!("{rest}/systeminformation"));
    let modules = json(client, format!("{rest}/module?v=custom:(uuid,version)"));
    let metadata = json(client, format!("{}/metadata", parent.fhir_path));
    let (system, modules, metadata) = tokio::join!(system, modules, metadata);
    let mut versions = BTreeMap::new();
    let mut tell = |name: &str, version: Option<&str>| {
        if let Some(version) = version {
            versions.insert(name.to_string(), version.chars().take(LONGEST_VERSION).collect());
        }
    };
    tell("openmrs", openmrs_version(&system));
    for module in MODULES {
        tell(module, module_version(&modules, module));
    }
    tell("hapi", metadata.pointer("/software/version").and_then(Value::as_str));
    tell("fhir", metadata.pointer("/fhirVersion").and_then(Value::as_str));
    versions
}

/// Without the build that follows it.
fn openmrs_version(system: &Value) -> Option<&str> {
    let path = "/systemInfo/SystemInfo.title.openmrsInformation/SystemInfo.OpenMRSInstallation.openmrsVersion";
    system.pointer(path)?.as_str()?.split_whitespace().next()
}

fn module_version<'a>(modules: &'a Value, id: &str) -> Option<&'a str> {
    let results = modules.get("results")?.as_array()?;
    let module = results.iter().find(|module| module.get("uuid").and_then(Value::as_str) == Some(id))?;
    module.get("version")?.as_str()
}

/// `Null` when it is not answered.
async fn json(client: &ParentClient, path: String) -> Value {
    match get(client, &client.url(&path)).await {
        Ok(answer) => json::read_group(&answer.body).unwrap_or_default(),
        Err(error) => {
            log::debug!("a version is not known: {}", error.for_log());
            Value::Null
        }
    }
}

async fn get(client: &ParentClient, url: &Url) -> Result<Answer> {
    let accept = "application/json, application/fhir+json";
    Box::pin(client.get(Get { url, accept, etag: None, headers: &[], max_bytes: LARGEST_ANSWER })).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_round_trip_is_not_taken_for_a_difference() {
        assert_eq!(difference_ms(10_000, 9_500, 11_500), 0);
        assert_eq!(difference_ms(70_000, 9_500, 11_500), 60_000);
        assert_eq!(difference_ms(10_000, 70_500, 70_500), -60_000);
    }

    #[test]
    fn an_ipv6_address_is_resolved_without_its_brackets() {
        assert_eq!(host_and_port(&Url::parse("https://[::1]/openmrs").unwrap()), ("::1", 443));
        assert_eq!(host_and_port(&Url::parse("http://example.org:8080/openmrs").unwrap()), ("example.org", 8080));
    }
}
