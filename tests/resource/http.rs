//! Log-in, retries, limits, TLS and where credentials go.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use sync2::config::Secret;
use sync2::environment::{Environment, Proxy, TrustAnchors};
use sync2::error::{Error, ErrorKind, Result};
use sync2::http::{Answer, Get, ParentClient};
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Notify};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::parent::{PASSWORD, Parent, is_login, log_in};
use super::proxy::{self, ProxyServer};
use super::{client, client_in, config, document};

async fn get(client: &ParentClient) -> Result<Answer> {
    get_at(client, &client.url("/thing")).await
}

async fn get_at(client: &ParentClient, url: &Url) -> Result<Answer> {
    client.get(Get { url, accept: "text/plain", etag: None, headers: &[], max_bytes: 4096 }).await
}

async fn error_of(parent: &Parent) -> Error {
    let error = get(&client(&parent.url)).await.err().expect("an error");
    assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    error
}

fn ok() -> Response {
    "hello".into_response()
}

#[tokio::test]
async fn one_login_serves_all_requests_without_the_password() {
    let parent = Parent::start(|_| ok()).await;
    let client = client(&parent.url);
    for answer in join_all((0..16).map(|_| get(&client))).await {
        assert_eq!(answer.unwrap().body, "hello");
    }
    assert_eq!(parent.logins(), 1);
    for seen in parent.seen().iter().filter(|seen| !is_login(seen)) {
        assert!(seen.has_session(1));
        assert!(!seen.has_password());
    }
}

#[tokio::test]
async fn the_session_outlives_the_run_that_logged_in() {
    let parent = Parent::start(|_| ok()).await;
    let client = client(&parent.url);
    let cancel = CancellationToken::new();
    get(&client.with_cancellation(cancel.clone())).await.unwrap();
    cancel.cancel();
    get(&client.with_cancellation(CancellationToken::new())).await.unwrap();
    assert_eq!(parent.logins(), 1);
}

#[tokio::test]
async fn many_requests_that_meet_a_dead_session_log_in_once() {
    let logins = Arc::new(AtomicUsize::new(0));
    let all_here = Arc::new(Barrier::new(16));
    let parent = Parent::bare(move |seen| {
        let (logins, all_here) = (logins.clone(), all_here.clone());
        async move {
            if is_login(&seen) {
                return log_in(&seen, &logins);
            }
            if seen.has_session(1) {
                all_here.wait().await;
                return StatusCode::UNAUTHORIZED.into_response();
            }
            ok()
        }
    })
    .await;
    let client = client(&parent.url);
    for answer in join_all((0..16).map(|_| get(&client))).await {
        assert_eq!(answer.unwrap().status, 200);
    }
    assert_eq!(parent.logins(), 2);
}

#[tokio::test]
async fn a_request_refused_after_a_new_log_in_is_unauthorized() {
    let parent = Parent::start(|_| StatusCode::UNAUTHORIZED.into_response()).await;
    assert_eq!(error_of(&parent).await.kind, ErrorKind::Unauthorized);
    assert_eq!((parent.logins(), parent.targets().len()), (2, 2));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_by_however_many_requests() {
    let parent = Parent::start(|_| ok()).await;
    let mut wrong = document(&parent.url);
    wrong["parent"]["password"] = json!("wrong");
    let client = ParentClient::new(&config(&wrong), &Environment::default(), CancellationToken::new()).unwrap();
    for answer in join_all((0..16).map(|_| get(&client))).await {
        assert_eq!(answer.err().unwrap().kind, ErrorKind::Unauthorized);
    }
    assert_eq!((parent.logins(), parent.targets().len()), (1, 0));
}

#[tokio::test]
async fn a_session_that_turns_out_dead_is_renewed_once() {
    let parent = Parent::start(|_| ok()).await;
    let client = client(&parent.url);
    let (first, second) = (get(&client).await.unwrap(), get(&client).await.unwrap());
    client.renew_session(&first).await.unwrap();
    client.renew_session(&second).await.unwrap();
    assert_eq!(parent.logins(), 2);
    get(&client).await.unwrap();
    assert!(parent.seen().last().unwrap().has_session(2));
}

#[tokio::test]
async fn parent_without_sessions_gets_the_password_each_time() {
    let parent =
        Parent::bare(async |seen| if seen.has_password() && !is_login(&seen) { ok() } else { not_found() }).await;
    let client = client(&parent.url);
    assert_eq!(get(&client).await.unwrap().status, 200);
    assert_eq!(get(&client).await.unwrap().status, 200);
    assert_eq!(parent.logins(), 1);
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

#[tokio::test]
async fn a_failing_log_in_stops_the_run_and_blames_no_record() {
    for (answer, kind) in [
        ("<html>Welcome to our hotel</html>".into_response(), ErrorKind::Unreachable),
        ((StatusCode::FOUND, [(header::LOCATION, "/login.htm")]).into_response(), ErrorKind::Unreachable),
        ("x".repeat(2 << 20).into_response(), ErrorKind::Unreachable),
        (StatusCode::INTERNAL_SERVER_ERROR.into_response(), ErrorKind::Unreachable),
        (StatusCode::SERVICE_UNAVAILABLE.into_response(), ErrorKind::Busy),
        (StatusCode::FORBIDDEN.into_response(), ErrorKind::Unauthorized),
        (StatusCode::UNAUTHORIZED.into_response(), ErrorKind::Unauthorized),
    ] {
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let parent = Parent::bare(move |_| {
            let response = Response::from_parts(parts.clone(), Body::from(body.clone()));
            async { response }
        })
        .await;
        let error = error_of(&parent).await;
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.url.unwrap().ends_with("/ws/rest/v1/session"));
    }
}

/// Fails `failures` times, then is well.
async fn failing_parent(failures: usize, failure: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Parent {
    let requests = Arc::new(AtomicUsize::new(0));
    Parent::start(move |_| if requests.fetch_add(1, Ordering::SeqCst) < failures { failure() } else { ok() }).await
}

fn broken_off() -> Response {
    let cut = async {
        // Lets the server send what it has.
        tokio::task::yield_now().await;
        Err(io::Error::other("planned"))
    };
    let start = stream::iter([Ok(Bytes::from_static(b"hel"))]);
    Body::from_stream(start.chain(stream::once(cut))).into_response()
}

#[tokio::test]
async fn transient_failure_is_tried_again() {
    let failures: [fn() -> Response; 5] = [
        || StatusCode::BAD_GATEWAY.into_response(),
        || StatusCode::GATEWAY_TIMEOUT.into_response(),
        || StatusCode::SERVICE_UNAVAILABLE.into_response(),
        || (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response(),
        broken_off,
    ];
    for failure in failures {
        let parent = failing_parent(2, failure).await;
        assert_eq!(get(&client(&parent.url)).await.unwrap().body, "hello");
        assert_eq!((parent.logins(), parent.targets().len()), (1, 3));
    }
}

#[tokio::test]
async fn when_the_attempts_are_used_up_the_last_failure_is_told() {
    let failures: [(fn() -> Response, ErrorKind); 3] = [
        (|| StatusCode::BAD_GATEWAY.into_response(), ErrorKind::Unreachable),
        (|| StatusCode::TOO_MANY_REQUESTS.into_response(), ErrorKind::Busy),
        (broken_off, ErrorKind::ParentFailed),
    ];
    for (failure, kind) in failures {
        let parent = failing_parent(usize::MAX, failure).await;
        let error = error_of(&parent).await;
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(parent.targets().len(), 3);
    }
}

#[tokio::test]
async fn a_longer_wait_than_a_run_may_last_is_left_to_the_next_run() {
    let parent = failing_parent(usize::MAX, || {
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "3600")]).into_response()
    })
    .await;
    let error = error_of(&parent).await;
    assert_eq!((error.kind, error.retry_after.unwrap().as_secs()), (ErrorKind::Busy, 3600));
    assert_eq!(parent.targets().len(), 1);
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/openmrs", closed.local_addr().unwrap());
    drop(closed);
    let error = get(&client(&url)).await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_silent_parent_is_unreachable() {
    let parent = Parent::bare(|_| std::future::pending::<Response>()).await;
    let mut impatient = document(&parent.url);
    impatient["parent"]["readTimeoutSeconds"] = json!(1);
    impatient["retry"]["attempts"] = json!(1);
    let client = ParentClient::new(&config(&impatient), &Environment::default(), CancellationToken::new()).unwrap();
    let error = get(&client).await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("silent for 1s"), "{error}");
}

async fn cancelled_while(answer: impl Fn() -> Option<Response> + Clone + Send + Sync + 'static) -> Error {
    let asked = Arc::new(Notify::new());
    let notify = asked.clone();
    let parent = Parent::bare(move |_| {
        notify.notify_one();
        let response = answer();
        async move {
            match response {
                Some(response) => response,
                None => std::future::pending().await,
            }
        }
    })
    .await;
    let cancel = CancellationToken::new();
    let client = ParentClient::new(&config(&document(&parent.url)), &Environment::default(), cancel.clone()).unwrap();
    let request = tokio::spawn(async move { get(&client).await });
    asked.notified().await;
    cancel.cancel();
    request.await.unwrap().err().unwrap()
}

#[tokio::test]
async fn cancelling_ends_the_wait_for_an_answer() {
    assert_eq!(cancelled_while(|| None).await.kind, ErrorKind::Cancelled);
}

#[tokio::test]
async fn cancelling_ends_the_wait_for_the_next_try() {
    let busy = || Some((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")]).into_response());
    assert_eq!(cancelled_while(busy).await.kind, ErrorKind::Cancelled);
}

#[tokio::test]
async fn other_statuses_are_answers() {
    for status in [204, 304, 400, 403, 404, 409, 410, 500, 501] {
        let parent = Parent::start(move |_| StatusCode::from_u16(status).unwrap().into_response()).await;
        assert_eq!(get(&client(&parent.url)).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn an_unchanged_page_is_asked_for_by_its_etag() {
    let parent = Parent::start(|seen| match seen.header(header::IF_NONE_MATCH) {
        Some("\"1\"") => StatusCode::NOT_MODIFIED.into_response(),
        _ => ([(header::ETAG, "\"1\"")], "page").into_response(),
    })
    .await;
    let client = client(&parent.url);
    let first = get(&client).await.unwrap();
    let again =
        Get { url: &client.url("/thing"), accept: "*/*", etag: first.etag.as_deref(), headers: &[], max_bytes: 4096 };
    assert_eq!(client.get(again).await.unwrap().status, 304);
}

fn gzip_bomb() -> Response {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b' '; 50 << 20]).unwrap();
    ([(header::CONTENT_ENCODING, "gzip")], encoder.finish().unwrap()).into_response()
}

#[tokio::test]
async fn body_that_is_too_large_is_malformed_and_not_retried() {
    let without_length = || {
        Body::from_stream(stream::iter((0..1000).map(|_| Ok::<_, io::Error>(Bytes::from(vec![b' '; 1000])))))
            .into_response()
    };
    let with_length = || "x".repeat(5000).into_response();
    let answers: [fn() -> Response; 3] = [gzip_bomb, without_length, with_length];
    for answer in answers {
        let parent = Parent::start(move |_| answer()).await;
        let error = error_of(&parent).await;
        assert_eq!(error.kind, ErrorKind::Malformed, "{error}");
        assert!(error.message.contains("4096 bytes"), "{error}");
        assert_eq!(parent.targets().len(), 1);
    }
}

#[tokio::test]
async fn announced_size_that_is_too_large_is_refused_before_the_body() {
    let parent = Parent::start(|_| {
        let never = stream::pending::<io::Result<Bytes>>();
        ([(header::CONTENT_LENGTH, "5000")], Body::from_stream(never)).into_response()
    })
    .await;
    assert_eq!(error_of(&parent).await.kind, ErrorKind::Malformed);
}

#[tokio::test]
async fn a_body_of_just_the_allowed_size_is_taken() {
    let parent = Parent::start(|_| "x".repeat(4096).into_response()).await;
    assert_eq!(get(&client(&parent.url)).await.unwrap().body.len(), 4096);
}

#[tokio::test]
async fn a_large_error_page_stays_the_error_that_it_is() {
    let parent = Parent::start(|_| (StatusCode::INTERNAL_SERVER_ERROR, "x".repeat(1 << 20)).into_response()).await;
    let answer = get(&client(&parent.url)).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (500, 0));
}

#[tokio::test]
async fn nothing_is_ever_sent_to_another_server() {
    let other = Parent::start(|_| ok()).await;
    let target = format!("{}/thing?jsessionid=secret", other.url);
    let parent =
        Parent::start(move |_| (StatusCode::FOUND, [(header::LOCATION, target.clone())]).into_response()).await;
    let redirected = error_of(&parent).await;
    assert_eq!(redirected.kind, ErrorKind::ParentFailed);
    assert!(redirected.message.contains(&format!("{}/thing,", other.url)), "{redirected}");

    let linked = Url::parse(&format!("{}/thing", other.url)).unwrap();
    assert_eq!(get_at(&client(&parent.url), &linked).await.err().unwrap().kind, ErrorKind::Malformed);
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn an_address_below_the_parent_stays_on_the_parent() {
    let client = client("https://emr.example.org/openmrs");
    assert_eq!(client.url("/ws/x?_id=a,b").as_str(), "https://emr.example.org/openmrs/ws/x?_id=a,b");
    assert_eq!(client.url(".example.com/").host_str(), Some("emr.example.org"));
    for (url, same) in [
        ("https://emr.example.org:443/other", true),
        ("http://emr.example.org/openmrs", false),
        ("https://emr.example.org:8443/openmrs", false),
        ("https://emr.example.org.example.com/openmrs", false),
    ] {
        assert_eq!(client.is_same_origin(&Url::parse(url).unwrap()), same, "{url}");
    }
}

/// A CA of our own as a PEM file, and a server with a certificate from it.
fn private_ca() -> (PathBuf, TlsAcceptor) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca_params = CertificateParams::new(Vec::new()).unwrap();
    ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = ca_params.self_signed(&ca_key).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ca-{}.pem", uuid::Uuid::new_v4()));
    std::fs::write(&path, ca.pem()).unwrap();

    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(ca_params, ca_key);
    let params = CertificateParams::new(vec!["127.0.0.1".to_string()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (path, TlsAcceptor::from(Arc::new(config)))
}

/// A parent over TLS, with a certificate of a private CA; the CA's PEM file.
async fn private_parent() -> (PathBuf, Parent) {
    let (ca_file, acceptor) = private_ca();
    let logins = Arc::new(AtomicUsize::new(0));
    let parent = Parent::tls(acceptor, move |seen| {
        let response = if is_login(&seen) { log_in(&seen, &logins) } else { ok() };
        async { response }
    })
    .await;
    (ca_file, parent)
}

#[tokio::test]
async fn a_private_ca_is_trusted_when_configured_and_only_then() {
    let (ca_file, parent) = private_parent().await;
    let mut trusting = document(&parent.url);
    trusting["parent"]["caFile"] = json!(ca_file);
    let trusting = ParentClient::new(&config(&trusting), &Environment::default(), CancellationToken::new()).unwrap();
    assert_eq!(get(&trusting).await.unwrap().body, "hello");
    assert!(parent.seen().iter().all(|seen| seen.version == Version::HTTP_2));

    let requests = parent.seen().len();
    // On a machine without any certificates the client cannot even be made.
    let untrusting =
        ParentClient::new(&config(&document(&parent.url)), &Environment::default(), CancellationToken::new());
    let error = match untrusting {
        Ok(client) => get(&client).await.err().unwrap(),
        Err(error) => error,
    };
    assert!(matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Configuration), "{error}");
    assert_eq!(parent.seen().len(), requests);
}

#[test]
fn a_ca_file_that_cannot_be_used_is_named() {
    for path in ["/nonexistent/ca.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let mut document = document("https://emr.example.org/openmrs");
        document["parent"]["caFile"] = json!(path);
        let error =
            ParentClient::new(&config(&document), &Environment::default(), CancellationToken::new()).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Configuration);
        assert!(error.message.contains(path), "{error}");
    }
}

fn trusting(pem: &str) -> Environment {
    Environment { trust_anchors: Some(TrustAnchors::from_pem(pem).unwrap()), ..Environment::default() }
}

#[tokio::test]
async fn trust_anchors_of_the_host_program_replace_the_systems() {
    let (ca_file, parent) = private_parent().await;
    let lent = trusting(&std::fs::read_to_string(ca_file).unwrap());
    assert_eq!(get(&client_in(&parent.url, lent)).await.unwrap().body, "hello");

    let other = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&KeyPair::generate().unwrap()).unwrap();
    for pem in [other.pem(), String::new()] {
        let error = get(&client_in(&parent.url, trusting(&pem))).await.err().unwrap();
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains("certificate"), "{error}");
    }
}

/// Trust stores hold what is too old or too odd to be used.
#[tokio::test]
async fn odd_certificate_in_a_trust_store_leaves_the_others_usable() {
    let (ca_file, parent) = private_parent().await;
    let ca = CertificateDer::from_pem_file(ca_file).unwrap();
    let anchors = TrustAnchors::from_der([b"no certificate".to_vec(), ca.to_vec()]);
    let environment = Environment { trust_anchors: Some(anchors), ..Environment::default() };
    assert_eq!(get(&client_in(&parent.url, environment)).await.unwrap().body, "hello");
}

#[tokio::test]
async fn a_ca_file_adds_to_the_host_programs_trust_anchors() {
    let (ca_file, parent) = private_parent().await;
    let mut document = document(&parent.url);
    document["parent"]["caFile"] = json!(ca_file);
    let client = ParentClient::new(&config(&document), &trusting(""), CancellationToken::new()).unwrap();
    assert_eq!(get(&client).await.unwrap().body, "hello");
}

fn through(proxy: &ProxyServer, password: &str) -> Proxy {
    Proxy::new(&proxy.url).unwrap().with_credentials(proxy::USER.to_string(), Secret::new(password.to_string()))
}

#[tokio::test]
async fn an_https_parent_is_reached_through_the_tunnel_of_a_proxy() {
    let (ca_file, parent) = private_parent().await;
    let proxy = ProxyServer::start().await;
    let environment = Environment {
        proxy: Some(through(&proxy, proxy::PASSWORD)),
        ..trusting(&std::fs::read_to_string(ca_file).unwrap())
    };
    assert_eq!(get(&client_in(&parent.url, environment)).await.unwrap().body, "hello");
    let host = parent.url.trim_start_matches("https://").trim_end_matches("/openmrs");
    assert!(!proxy.asked().is_empty());
    assert!(proxy.asked().iter().all(|asked| asked.starts_with(&format!("CONNECT {host} "))), "{:?}", proxy.asked());
}

#[tokio::test]
async fn a_plain_parent_is_asked_through_the_proxy() {
    let parent = Parent::start(|_| ok()).await;
    let proxy = ProxyServer::start().await;
    let environment = Environment { proxy: Some(through(&proxy, proxy::PASSWORD)), ..Environment::default() };
    assert_eq!(get(&client_in(&parent.url, environment)).await.unwrap().body, "hello");
    assert!(proxy.asked()[0].starts_with(&format!("GET {}/", parent.url)), "{:?}", proxy.asked());
}

#[tokio::test]
async fn proxy_that_refuses_or_is_away_is_named_without_password() {
    let (ca_file, secure) = private_parent().await;
    let plain = Parent::start(|_| ok()).await;
    let trusted = std::fs::read_to_string(ca_file).unwrap();
    let proxy = ProxyServer::start().await;
    for url in [&secure.url, &plain.url] {
        let environment = Environment { proxy: Some(through(&proxy, "proxy-wrong")), ..trusting(&trusted) };
        let error = get(&client_in(url, environment)).await.err().unwrap();
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains("proxy"), "{error}");
        assert!(!error.to_string().contains("proxy-wrong"), "{error}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let away = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let environment = Environment { proxy: Some(Proxy::new(&away).unwrap()), ..Environment::default() };
    let error = get(&client_in(&plain.url, environment)).await.err().unwrap();
    assert!(error.message.contains(&format!("through the proxy {away}")), "{error}");
    assert!(secure.seen().is_empty() && plain.seen().is_empty());
}
