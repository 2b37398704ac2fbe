//! A parent whose answers each test writes itself. It knows the log-in, and notes what it was asked.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Version, header};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub const USER: &str = "sync";
pub const PASSWORD: &str = "correct horse";
/// `sync:correct horse`
const BASIC: &str = "Basic c3luYzpjb3JyZWN0IGhvcnNl";
const LOGIN: &str = "/openmrs/ws/rest/v1/session";

/// One request as it arrived.
#[derive(Clone)]
pub struct Seen {
    pub target: String,
    pub headers: HeaderMap,
    pub version: Version,
}

impl Seen {
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn has_password(&self) -> bool {
        self.header(header::AUTHORIZATION) == Some(BASIC)
    }

    pub fn has_session(&self, number: usize) -> bool {
        self.header(header::COOKIE) == Some(&format!("JSESSIONID=S{number}"))
    }
}

/// Stops serving when dropped.
pub struct Parent {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Parent {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Parent {
    /// Answers everything, the log-in too, with `answer`.
    pub async fn bare<F>(answer: impl Fn(Seen) -> F + Clone + Send + Sync + 'static) -> Parent
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Parent::serve(listener, format!("http://{address}/openmrs"), answer)
    }

    /// As `bare`, over TLS.
    pub async fn tls<F>(acceptor: TlsAcceptor, answer: impl Fn(Seen) -> F + Clone + Send + Sync + 'static) -> Parent
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let listener = TlsListener { tcp: TcpListener::bind("127.0.0.1:0").await.unwrap(), acceptor };
        let address = listener.local_addr().unwrap();
        Parent::serve(listener, format!("https://{address}/openmrs"), answer)
    }

    /// Accepts every log-in with the right password (`JSESSIONID=S1`, then `S2` …); other requests go to `answer`.
    pub async fn start(answer: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static) -> Parent {
        let logins = Arc::new(AtomicUsize::new(0));
        Parent::bare(move |seen| {
            let response = if is_login(&seen) { log_in(&seen, &logins) } else { answer(&seen) };
            async { response }
        })
        .await
    }

    fn serve<L, F>(listener: L, url: String, answer: impl Fn(Seen) -> F + Clone + Send + Sync + 'static) -> Parent
    where
        L: Listener,
        L::Addr: std::fmt::Debug,
        F: Future<Output = Response> + Send + 'static,
    {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = seen.clone();
        let app = Router::new().fallback(move |request: Request| {
            let seen = Seen {
                target: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
                headers: request.headers().clone(),
                version: request.version(),
            };
            log.lock().unwrap().push(seen.clone());
            answer(seen)
        });
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Parent { url, seen, server }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// What was asked besides log-ins, below `/openmrs`.
    pub fn targets(&self) -> Vec<String> {
        let asked = self.seen().into_iter().filter(|seen| !is_login(seen));
        asked.map(|seen| seen.target.trim_start_matches("/openmrs").to_string()).collect()
    }

    pub fn logins(&self) -> usize {
        self.seen().iter().filter(|seen| is_login(seen)).count()
    }
}

pub fn is_login(seen: &Seen) -> bool {
    seen.target == LOGIN
}

/// As OpenMRS does: a wrong password gets an anonymous session with status 200.
pub fn log_in(seen: &Seen, logins: &AtomicUsize) -> Response {
    let number = logins.fetch_add(1, Ordering::SeqCst) + 1;
    let cookie = [(header::SET_COOKIE, format!("JSESSIONID=S{number}; Path=/openmrs; HttpOnly"))];
    (cookie, format!(r#"{{"authenticated": {}}}"#, seen.has_password())).into_response()
}

pub fn json(body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body.into()).into_response()
}

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (connection, address) = Listener::accept(&mut self.tcp).await;
            // A client that does not trust us ends the handshake.
            if let Ok(stream) = self.acceptor.accept(connection).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
