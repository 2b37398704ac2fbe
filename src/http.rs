//! The HTTP client for the parent: one log-in shared by all requests, retries of what is transient, nothing sent
//! anywhere else. It knows nothing of feeds and resources.

mod clock;
pub(crate) mod endpoint;
mod session;
mod transport;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::{Config, LONGEST_WAIT_IN_A_RUN, ParentConfig};
use crate::decide::retry::{self, RetryConfig};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::jitter::jitter;
use crate::json;
use clock::ParentClock;
use session::{Credentials, Pass, Session};
use transport::{Reply, Transport};

/// A log-in answers with the user, roles, privileges and locales.
const LOGIN_MAX_BYTES: usize = 1 << 20;

/// A clock that is further off than this is reported: log-ins and certificates depend on it.
pub(crate) const LARGEST_CLOCK_DIFFERENCE_MS: u64 = 60_000;

/// Speaks with the parent. One for the life of an engine, so that connections and session are kept from run to run.
pub struct ParentClient {
    shared: Arc<Shared>,
    cancel: CancellationToken,
    /// The introduction of this node, until it is sent.
    introduction: Mutex<Option<String>>,
}

struct Shared {
    parent: ParentConfig,
    retry: RetryConfig,
    transport: Transport,
    session: Session,
    clock: ParentClock,
}

/// A GET request.
pub struct Get<'a> {
    /// Must be on the parent.
    pub url: &'a Url,
    /// The media type that is asked for.
    pub accept: &'a str,
    /// The tag of the version that is here already: the parent may answer 304.
    pub etag: Option<&'a str>,
    /// Name and value of what else stands in the head of the request.
    pub headers: &'a [(&'a str, &'a str)],
    /// The most bytes that the answer may have, after decompression.
    pub max_bytes: usize,
}

/// A request that changes something, or has a body.
pub struct Send<'a> {
    /// The HTTP method.
    pub method: Method,
    /// Must be on the parent.
    pub url: &'a Url,
    /// The media type that is asked for.
    pub accept: &'a str,
    /// Name and value of what else stands in the head of the request.
    pub headers: &'a [(&'a str, &'a str)],
    /// As it goes over the line; its media type and encoding are among the headers.
    pub body: Bytes,
    /// The most bytes that the answer may have, after decompression.
    pub max_bytes: usize,
}

/// The parent's answer.
pub struct Answer {
    /// The HTTP status: never a redirect, 401, 429, 502, 503 or 504.
    pub status: u16,
    /// The `ETag` header, for the next [`Get::etag`].
    pub etag: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Date` header: the parent's clock when it answered, in whole seconds.
    pub date: Option<SystemTime>,
    /// The body, decompressed; empty unless the status is 2xx.
    pub body: Bytes,
    generation: u64,
}

impl ParentClient {
    /// A client on this way to the parent that gives up all its waits when `cancel` is cancelled. Does not connect.
    ///
    /// Errors: `Configuration` when there is no parent, or TLS or the proxy cannot be set up.
    pub fn new(config: &Config, environment: &Environment, cancel: CancellationToken) -> Result<ParentClient> {
        let parent =
            config.parent.clone().ok_or_else(|| Error::new(ErrorKind::Configuration, "parent: must be given"))?;
        let transport = Transport::new(config, &parent, environment)?;
        let shared = Shared {
            parent,
            retry: config.retry.clone(),
            transport,
            session: Session::default(),
            clock: ParentClock::default(),
        };
        Ok(ParentClient { shared: Arc::new(shared), cancel, introduction: Mutex::default() })
    }

    /// The same connections and session for a run, under another token: a cancelled run must not end the next one.
    pub fn with_cancellation(&self, cancel: CancellationToken) -> ParentClient {
        self.shared.clock.begin_run();
        ParentClient { shared: self.shared.clone(), cancel, introduction: Mutex::default() }
    }

    /// The same, for a run in which this node says that of itself.
    pub(crate) fn introducing(self, header: String) -> ParentClient {
        ParentClient { introduction: Mutex::new(Some(header)), ..self }
    }

    /// Takes the introduction that this node has yet to send. It is sent once.
    pub(crate) fn take_introduction(&self) -> Option<String> {
        self.introduction.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Asks the parent. Logs in when needed, tries again what is transient as `retry` says, follows no redirect.
    ///
    /// Errors: `Unreachable`, `Busy` and `Unauthorized` when the parent is away; `ParentFailed` when the answer breaks off
    /// each time or is a redirect: it lies in what was asked for, or in the line; `Malformed` when the answer is too large
    /// or the url not on the parent; `Cancelled`. Every other status is an [`Answer`].
    pub async fn get(&self, request: Get<'_>) -> Result<Answer> {
        self.check_origin(request.url)?;
        let etag = request.etag.and_then(|etag| HeaderValue::from_str(etag).ok());
        let build = || {
            let builder = self.shared.transport.request(Method::GET, request.url).header(ACCEPT, request.accept);
            let builder = request.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
            match &etag {
                Some(etag) => builder.header(IF_NONE_MATCH, etag),
                None => builder,
            }
        };
        self.unless_cancelled(self.with_retries(Built { build, url: request.url, max_bytes: request.max_bytes })).await
    }

    /// Sends what the parent may get twice: tried again as [`get`](ParentClient::get), also when it is unknown whether it
    /// arrived.
    ///
    /// Errors: as `get`.
    pub async fn send(&self, request: Send<'_>) -> Result<Answer> {
        self.check_origin(request.url)?;
        self.unless_cancelled(self.with_retries(self.built(&request))).await
    }

    /// Sends what the parent must not get twice: it is not tried again, except after a 401, which did nothing.
    ///
    /// Errors: as `get`. After `Unreachable` and `ParentFailed` it is unknown what the parent did.
    pub async fn send_once(&self, request: Send<'_>) -> Result<Answer> {
        self.check_origin(request.url)?;
        self.unless_cancelled(self.in_session(&self.built(&request))).await
    }

    fn built<'a>(&'a self, request: &'a Send<'a>) -> Built<'a, impl Fn() -> RequestBuilder> {
        let build = || {
            let builder = self.shared.transport.request(request.method.clone(), request.url);
            let builder = builder.header(ACCEPT, request.accept).body(request.body.clone());
            request.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value))
        };
        Built { build, url: request.url, max_bytes: request.max_bytes }
    }

    fn check_origin(&self, url: &Url) -> Result<()> {
        if self.is_same_origin(url) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Malformed, "this address is not on the parent: it is not asked").at(url.as_str()))
    }

    /// To be called when a good status hides that the session is dead (the atomfeed module answers 200 with a JSON
    /// error). Logs in again, unless somebody has since.
    ///
    /// Errors: as [`get`](ParentClient::get), `Unauthorized` when the log-in is refused.
    pub async fn renew_session(&self, answer: &Answer) -> Result<()> {
        self.unless_cancelled(self.renew_with_retries(answer.generation)).await
    }

    /// How far the parent's clock is ahead of this server's, in milliseconds, as its answers in the last run told; nothing
    /// before the first answer.
    pub(crate) fn clock_difference_ms(&self) -> Option<i64> {
        self.shared.clock.difference_ms()
    }

    /// Asks for the session without logging in, once: whether an HTTP server answers there, over TLS where the url says
    /// so.
    ///
    /// Errors: as [`get`](ParentClient::get) before a log-in.
    pub(crate) async fn reach(&self) -> Result<()> {
        let request = self.shared.transport.request(Method::GET, &self.session_url());
        self.unless_cancelled(self.shared.transport.round_trip(request, LOGIN_MAX_BYTES)).await.map(drop)
    }

    /// Asks the parent, which has failed at what was asked, for its session: it may serve nothing at all just now.
    ///
    /// Errors: `Unreachable` when it fails at that, too; as [`get`](ParentClient::get).
    pub(crate) async fn must_serve(&self) -> Result<()> {
        let url = self.session_url();
        let session =
            Get { url: &url, accept: "application/json", etag: None, headers: &[], max_bytes: LOGIN_MAX_BYTES };
        match self.get(session).await?.status {
            status @ 500.. => {
                let message = format!("the parent answers {status} to everything: it starts, stops, or loads a module");
                Err(Error::new(ErrorKind::Unreachable, message).at(url.as_str()))
            }
            _ => Ok(()),
        }
    }

    /// Where OpenMRS tells who is logged in.
    pub(crate) fn session_url(&self) -> Url {
        self.rest_url("/session")
    }

    /// The address of a path below `parent.restPath`, such as `/session`.
    pub(crate) fn rest_url(&self, path: &str) -> Url {
        self.url(&format!("{}{path}", self.shared.parent.rest_path))
    }

    /// The address of a path below `parent.url`, such as `/ws/fhir2/R4/Patient?_count=1`.
    pub fn url(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.shared.parent.url.clone();
        url.set_path(&format!("{}{path}", self.shared.parent.url.path().trim_end_matches('/')));
        url.set_query(query);
        url
    }

    /// Returns true if scheme, host and port are the parent's.
    pub fn is_same_origin(&self, url: &Url) -> bool {
        url.origin() == self.shared.parent.url.origin()
    }

    async fn unless_cancelled<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = self.cancel.run_until_cancelled(work).await;
        outcome.unwrap_or_else(|| Err(Error::new(ErrorKind::Cancelled, "the run was cancelled")))
    }

    async fn with_retries(&self, request: Built<'_, impl Fn() -> RequestBuilder>) -> Result<Answer> {
        let mut retries = Retries { config: &self.shared.retry, made: 0 };
        loop {
            match self.in_session(&request).await {
                Err(error) => retries.wait_after(error).await?,
                answer => return answer,
            }
        }
    }

    async fn renew_with_retries(&self, dead: u64) -> Result<()> {
        let mut retries = Retries { config: &self.shared.retry, made: 0 };
        loop {
            match self.pass(Some(dead)).await {
                Err(error) => retries.wait_after(error).await?,
                Ok(_) => return Ok(()),
            }
        }
    }

    /// One try, with one new log-in if the session has died.
    async fn in_session(&self, request: &Built<'_, impl Fn() -> RequestBuilder>) -> Result<Answer> {
        let answer = self.exchange_as(self.pass(None).await?, request).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let answer = self.exchange_as(self.pass(Some(answer.generation)).await?, request).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        Err(self.unauthorized("answers 401 right after a log-in that it accepted").at(request.url.as_str()))
    }

    async fn exchange_as(&self, pass: Pass, request: &Built<'_, impl Fn() -> RequestBuilder>) -> Result<Answer> {
        let builder = (request.build)();
        let builder = match pass.credentials {
            Credentials::Cookies(cookies) => builder.header(COOKIE, cookies),
            Credentials::Basic => self.with_password(builder),
        };
        let reply = self.shared.transport.round_trip(builder, request.max_bytes).await?;
        let date = text(&reply.headers, DATE).and_then(|date| httpdate::parse_http_date(&date).ok());
        if let Some(date) = date {
            self.shared.clock.heard(date, SystemTime::now());
        }
        Ok(Answer {
            status: reply.status.as_u16(),
            etag: text(&reply.headers, ETAG),
            content_type: text(&reply.headers, CONTENT_TYPE),
            date,
            body: reply.body,
            generation: pass.generation,
        })
    }

    async fn pass(&self, dead: Option<u64>) -> Result<Pass> {
        self.shared.session.pass(dead, self.log_in()).await
    }

    fn with_password(&self, builder: RequestBuilder) -> RequestBuilder {
        let parent = &self.shared.parent;
        builder.basic_auth(&parent.username, Some(parent.password.expose()))
    }

    /// One log-in. Its failures are all of the kinds that stop a run: nobody's record is to blame for them.
    async fn log_in(&self) -> Result<Credentials> {
        let url = self.session_url();
        let request =
            self.with_password(self.shared.transport.request(Method::GET, &url)).header(ACCEPT, "application/json");
        let reply = self.shared.transport.round_trip(request, LOGIN_MAX_BYTES).await;
        reply.map_err(as_parent_away).and_then(|reply| self.judge_login(&reply)).map_err(|error| error.at(url.as_str()))
    }

    fn judge_login(&self, reply: &Reply) -> Result<Credentials> {
        match reply.status {
            StatusCode::OK => match is_authenticated(&reply.body) {
                Some(true) => Ok(Credentials::of_login(&reply.headers)),
                Some(false) => Err(self.unauthorized("does not accept these credentials")),
                None => Err(not_openmrs("with something else than OpenMRS's session")),
            },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(self.unauthorized(&format!("answers the log-in with {}", reply.status)))
            }
            // No OpenMRS, such as a plain FHIR server: it has no sessions.
            StatusCode::NOT_FOUND => Ok(Credentials::Basic),
            status => Err(not_openmrs(&format!("with {status}"))),
        }
    }

    fn unauthorized(&self, what: &str) -> Error {
        Error::new(
            ErrorKind::Unauthorized,
            format!(
                "the parent {what}: check parent.username (\"{}\") and parent.password, and that the account is not \
                 locked",
                self.shared.parent.username
            ),
        )
    }
}

/// `authenticated` of OpenMRS's session; `None` if it is no such document.
pub(crate) fn is_authenticated(body: &[u8]) -> Option<bool> {
    let session: Value = json::read(body).ok()?;
    session.get("authenticated")?.as_bool()
}

fn not_openmrs(how: &str) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!(
            "the log-in is answered {how}: the parent is starting or failing, parent.url or parent.restPath is wrong, \
             or a proxy stands in between"
        ),
    )
}

fn as_parent_away(error: Error) -> Error {
    if error.kind.is_parent_away() { error } else { Error { kind: ErrorKind::Unreachable, ..error } }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_string)
}

/// A request that can be sent as often as need be.
struct Built<'a, F> {
    /// Makes it anew, without what shows who asks.
    build: F,
    url: &'a Url,
    /// The most bytes that the answer may have, after decompression.
    max_bytes: usize,
}

/// The tries of one request.
struct Retries<'a> {
    config: &'a RetryConfig,
    made: u32,
}

impl Retries<'_> {
    /// Waits until the next try is due; gives the error back if it will not help, or not within this run.
    async fn wait_after(&mut self, error: Error) -> Result<()> {
        self.made += 1;
        let transient = matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Busy | ErrorKind::ParentFailed);
        if !transient || self.made >= self.config.attempts {
            return Err(error);
        }
        let own = retry::delay(self.config, self.made, jitter()).min(LONGEST_WAIT_IN_A_RUN);
        let wait = error.retry_after.unwrap_or(own);
        if wait > LONGEST_WAIT_IN_A_RUN {
            return Err(error);
        }
        log::debug!(
            "try {} of {} failed, the next one in {wait:?}: {}",
            self.made,
            self.config.attempts,
            error.for_log()
        );
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    /// How long each wait after such a failure lasts, until there is none.
    async fn waits_after(error: Error) -> Vec<Duration> {
        let config = RetryConfig {
            attempts: 3,
            first_delay: Duration::from_secs(3600),
            factor: 3.0,
            max_delay: Duration::from_secs(3600),
        };
        let mut retries = Retries { config: &config, made: 0 };
        let mut waits = Vec::new();
        loop {
            let start = Instant::now();
            match retries.wait_after(error.clone()).await {
                Ok(()) => waits.push(start.elapsed()),
                Err(given_back) => {
                    assert_eq!(given_back, error);
                    return waits;
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_that_the_parent_asks_for_is_kept() {
        let wait = Duration::from_secs(20);
        assert_eq!(waits_after(Error::new(ErrorKind::Busy, "later").after(wait)).await, [wait, wait]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_wait_of_our_own_is_longer_than_a_run_allows() {
        let waits = waits_after(Error::new(ErrorKind::Unreachable, "refused")).await;
        assert_eq!(waits.len(), 2);
        // The clock of tokio counts whole milliseconds.
        let longest = LONGEST_WAIT_IN_A_RUN + Duration::from_millis(1);
        assert!(waits.iter().all(|wait| *wait <= longest), "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn lasting_failure_or_long_pause_is_not_waited_for() {
        let hour = Duration::from_secs(3600);
        assert_eq!(waits_after(Error::new(ErrorKind::Busy, "much later").after(hour)).await, [Duration::ZERO; 0]);
        assert_eq!(waits_after(Error::new(ErrorKind::Unauthorized, "no")).await, [Duration::ZERO; 0]);
        assert_eq!(waits_after(Error::new(ErrorKind::Malformed, "too large")).await, [Duration::ZERO; 0]);
    }
}
