//! One HTTP request and its answer: TLS, time-outs, a bounded body, and failures sorted by what they mean for a run.

use std::io::Read;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, Method, Proxy, Response, StatusCode, redirect};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use crate::config::{Config, ParentConfig};
use crate::environment::{self, Environment, TrustAnchors};
use crate::error::{Error, ErrorKind, Result};

const USER_AGENT: &str = concat!("sync2/", env!("CARGO_PKG_VERSION"));

/// So much of an error page is read, only to keep its connection for the next request.
const DISCARDED_BYTES: usize = 64 << 10;

/// The fewest bytes a second of a body, once it has taken longer than a silence may. A slow mobile line has four times as
/// many; a peer that sends a byte now and then must not hold a run for ever.
const LEAST_BYTES_A_SECOND: f64 = 256.0;

/// All certificates of a system together are a quarter of it, in bytes.
const LARGEST_CA_FILE: u64 = 1 << 20;

/// The reply to a request.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Decompressed; empty unless the status says success.
    pub(super) body: Bytes,
}

/// The connections to the parent.
pub(super) struct Transport {
    http: Client,
    /// `transfer.fetchConcurrency`: requests under way at once, whoever makes them.
    slots: Semaphore,
    connect_timeout: Duration,
    read_timeout: Duration,
    /// ` through the proxy …`, for messages; empty without one.
    way: String,
}

impl Transport {
    /// Errors: `Configuration` if `parent.caFile` or the proxy cannot be used, or an https parent cannot be verified
    /// because this machine has no certificates at all.
    pub(super) fn new(config: &Config, parent: &ParentConfig, environment: &Environment) -> Result<Transport> {
        install_tls_provider();
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(parent.connect_timeout)
            .read_timeout(parent.read_timeout);
        let builder = with_trust(builder, parent, environment.trust_anchors.as_ref())?;
        let http = with_proxy(builder, environment.proxy.as_ref())?.build().map_err(|error| {
            let cause = root_cause(&error);
            Error::new(
                ErrorKind::Configuration,
                format!(
                    "TLS cannot be set up: {cause}. Install the system's CA certificates, or set parent.caFile to a PEM \
                     file with the parent's CA"
                ),
            )
        })?;
        Ok(Transport {
            http,
            slots: Semaphore::new(config.transfer.fetch_concurrency),
            connect_timeout: parent.connect_timeout,
            read_timeout: parent.read_timeout,
            way: environment
                .proxy
                .as_ref()
                .map(|proxy| format!(" through the proxy {}", proxy.url()))
                .unwrap_or_default(),
        })
    }

    /// A request to be completed with headers and sent.
    pub(super) fn request(&self, method: Method, url: &Url) -> reqwest::RequestBuilder {
        self.http.request(method, url.clone())
    }

    /// Sends a request and reads the answer, at most `max_bytes` of it.
    ///
    /// Errors: `Unreachable` (transport, 502, 504), `Busy` (429, 503), `ParentFailed` (redirect, body that breaks off),
    /// `Malformed` (body too large).
    pub(super) async fn round_trip(&self, request: reqwest::RequestBuilder, max_bytes: usize) -> Result<Reply> {
        let _slot = self.slots.acquire().await.map_err(|_| Error::new(ErrorKind::Closed, "the client is closed"))?;
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let url = response.url().to_string();
        self.read(response, max_bytes).await.map_err(|error| error.at(url))
    }

    async fn read(&self, mut response: Response, max_bytes: usize) -> Result<Reply> {
        let status = response.status();
        refuse_redirect(&response)?;
        if !status.is_success() {
            self.discard(&mut response).await;
            refuse_away(status, response.headers())?;
            return Ok(Reply { status, headers: response.headers().clone(), body: Bytes::new() });
        }
        let body = self.read_body(&mut response, max_bytes).await?;
        Ok(Reply { status, headers: response.headers().clone(), body })
    }

    /// The chunks arrive decompressed, so the limit holds for what a small compressed body grows to as well.
    async fn read_body(&self, response: &mut Response, max_bytes: usize) -> Result<Bytes> {
        let announced = response.content_length().unwrap_or(0);
        if announced > max_bytes as u64 {
            return Err(too_large(max_bytes));
        }
        let mut body = BytesMut::with_capacity(announced as usize);
        let begun = Instant::now();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken_off(&error))? {
            if body.len() + chunk.len() > max_bytes {
                return Err(too_large(max_bytes));
            }
            body.extend_from_slice(&chunk);
            self.refuse_crawling(body.len(), begun.elapsed())?;
        }
        Ok(body.freeze())
    }

    /// Errors: `Unreachable` when so many bytes took so long.
    fn refuse_crawling(&self, bytes: usize, time: Duration) -> Result<()> {
        if time <= self.read_timeout || bytes as f64 >= LEAST_BYTES_A_SECOND * time.as_secs_f64() {
            return Ok(());
        }
        let message = format!(
            "the parent's answer comes too slowly: {bytes} bytes in {} seconds, fewer than {LEAST_BYTES_A_SECOND} a second",
            time.as_secs()
        );
        Err(Error::new(ErrorKind::Unreachable, message))
    }

    /// An error page that breaks off, or takes longer than a silence may, changes nothing about its status, so a failure
    /// here is of no interest.
    async fn discard(&self, response: &mut Response) {
        let discarded = async {
            let mut read = 0;
            while read < DISCARDED_BYTES
                && let Ok(Some(chunk)) = response.chunk().await
            {
                read += chunk.len();
            }
        };
        let _ = tokio::time::timeout(self.read_timeout, discarded).await;
    }

    /// The parent had begun to answer, so a body that ends too early or cannot be decompressed may lie in what was asked
    /// for. A silence says nothing of that kind.
    fn broken_off(&self, error: &reqwest::Error) -> Error {
        if error.is_timeout() {
            return self.unreachable(error);
        }
        Error::new(ErrorKind::ParentFailed, format!("the parent's answer breaks off: {}", root_cause(error)))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Error {
        let message = match (error.is_connect(), error.is_timeout()) {
            (true, true) => {
                format!("the parent did not accept a connection{} within {:?}", self.way, self.connect_timeout)
            }
            (true, false) => format!("no connection to the parent{}: {}", self.way, root_cause(error)),
            (false, true) => format!("the parent was silent for {:?}", self.read_timeout),
            (false, false) => format!("the connection to the parent broke: {}", root_cause(error)),
        };
        let away = Error::new(ErrorKind::Unreachable, message);
        match error.url() {
            Some(url) => away.at(url.as_str()),
            None => away,
        }
    }
}

/// Process-wide, and the same whoever comes first.
fn install_tls_provider() {
    // An error only says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The certificates of the host program or else the system's, and those of `parent.caFile`. A plain http parent needs
/// none, and must work on a machine that has none.
fn with_trust(builder: ClientBuilder, parent: &ParentConfig, anchors: Option<&TrustAnchors>) -> Result<ClientBuilder> {
    let own = own_certificates(parent)?;
    match anchors {
        None if parent.url.scheme() == "https" => Ok(builder.tls_certs_merge(own)),
        None => Ok(builder.tls_certs_only(own)),
        Some(anchors) => {
            let lent = anchors.der().map(Certificate::from_der).collect::<reqwest::Result<Vec<_>>>();
            let lent = lent.map_err(|error| {
                Error::new(ErrorKind::Configuration, format!("trusted certificates: {}", root_cause(&error)))
            })?;
            Ok(builder.tls_certs_only(own.into_iter().chain(lent)))
        }
    }
}

fn with_proxy(builder: ClientBuilder, proxy: Option<&environment::Proxy>) -> Result<ClientBuilder> {
    let Some(proxy) = proxy else { return Ok(builder) };
    let through = Proxy::all(proxy.url().clone())
        .map_err(|error| Error::new(ErrorKind::Configuration, format!("proxy: {}", root_cause(&error))))?;
    Ok(builder.proxy(match proxy.credentials() {
        Some((username, password)) => through.basic_auth(username, password),
        None => through,
    }))
}

fn own_certificates(parent: &ParentConfig) -> Result<Vec<Certificate>> {
    let Some(path) = &parent.ca_file else { return Ok(Vec::new()) };
    let unusable = |why: String| Error::new(ErrorKind::Configuration, format!("parent.caFile: {path}: {why}"));
    let pem = read_small_file(path).map_err(|error| unusable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(root_cause(&error)))?;
    if certificates.is_empty() {
        return Err(unusable("holds no certificate in PEM form".to_string()));
    }
    Ok(certificates)
}

/// A regular file of at most [`LARGEST_CA_FILE`]: a device never ends, and a pipe never begins.
fn read_small_file(path: &str) -> std::io::Result<Vec<u8>> {
    let wrong = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidInput, what.to_string());
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(wrong("is no regular file"));
    }
    let mut content = Vec::new();
    std::fs::File::open(path)?.take(LARGEST_CA_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LARGEST_CA_FILE {
        return Err(wrong("is larger than 1 MiB"));
    }
    Ok(content)
}

fn refuse_redirect(response: &Response) -> Result<()> {
    if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
    Err(Error::new(
        ErrorKind::ParentFailed,
        format!(
            "the parent redirects to {}, which is not followed: if that is the right address, put it in parent.url",
            redirect_target(response.url(), target)
        ),
    ))
}

/// Without query: it may hold a session id.
fn redirect_target(from: &Url, target: Option<&str>) -> String {
    match target.and_then(|target| from.join(target).ok()) {
        Some(mut target) => {
            target.set_query(None);
            target.set_fragment(None);
            target.to_string()
        }
        None => "nowhere".to_string(),
    }
}

/// Statuses by which the parent, or a proxy before it, says that it cannot answer now.
fn refuse_away(status: StatusCode, headers: &HeaderMap) -> Result<()> {
    let message = format!("the parent answers {status}");
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(Error::new(
            ErrorKind::Unreachable,
            format!(
                "{message}: the proxy in between wants a user name and password, or refuses those that it is given"
            ),
        )),
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Err(Error::new(ErrorKind::Unreachable, message)),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let busy = Error::new(ErrorKind::Busy, message);
            Err(match retry_after(headers, SystemTime::now()) {
                Some(wait) => busy.after(wait),
                None => busy,
            })
        }
        _ => Ok(()),
    }
}

/// `Retry-After` in seconds or as a date; a date that has passed means now. It is a date of the clock that dated the answer,
/// where the answer is dated: this server's may be years off.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            let answered = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
            Some(date.duration_since(answered.unwrap_or(now)).unwrap_or_default())
        }
    }
}

fn too_large(max_bytes: usize) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("the answer is larger than the {max_bytes} bytes that are allowed here (see transfer.maxBodyBytes)"),
    )
}

/// The innermost reason, which is what an administrator can act on ("Connection refused", "certificate expired").
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_for(value: &str) -> Option<Duration> {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]), now)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(wait_for("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait_for("Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(wait_for("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait_for("soon"), None);
    }

    #[test]
    fn retry_date_is_read_by_the_clock_of_the_answer() {
        let [date, in_a_minute] = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT"];
        let headers =
            HeaderMap::from_iter([(DATE, date.parse().unwrap()), (RETRY_AFTER, in_a_minute.parse().unwrap())]);
        let year = Duration::from_secs(365 * 86_400);
        let right = httpdate::parse_http_date(date).unwrap();
        for now in [right, right + year, right - year] {
            assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(60)));
        }
    }
}
