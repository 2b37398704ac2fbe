//! A first pull of patients into a host that costs nothing, beside a bare loop that makes the same requests and throws
//! the answers away: the ratio says what everything besides transport costs.

use futures_util::{StreamExt, stream};
use reqwest::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use reqwest::{ClientBuilder, Response};
use serde_json::{Value, json};
use sync2::engine::Engine;
use sync2::testing::mock_parent::{PASSWORD, USERNAME};
use sync2::testing::null_host::NullHost;
use tokio::runtime::Runtime;

use crate::measure::{Cost, cost, median, rounded};
use crate::parent::{PATIENT_COUNT, PATIENTS, PATIENTS_ON_LARGE_PAGES, Parent};

/// How often both are run, one after the other.
const PAIRS: usize = 5;

/// Requests under way at once, of both.
const CONCURRENCY: usize = 4;

/// The part of the bare loop's rate that the engine is to reach.
const TARGET: f64 = 0.6;

/// One run of each.
struct Pair {
    engine: Cost,
    bare: Cost,
}

pub fn run() -> Value {
    let (as_published, on_large_pages) = (compare(PATIENTS), compare(PATIENTS_ON_LARGE_PAGES));
    let reached = [&as_published, &on_large_pages].iter().all(|figures| figures["ratio"].as_f64() >= Some(TARGET));
    json!({
        "bench": "throughput", "resources": PATIENT_COUNT, "pairs": PAIRS, "concurrency": CONCURRENCY,
        "pagesOf5": as_published, "pagesOf100": on_large_pages, "target": {"ratio": TARGET}, "reached": reached,
    })
}

fn compare(content: &str) -> Value {
    let mut parent = Parent::start(content);
    pull(&parent);
    let requests = parent.take_requests();
    let bare = BareLoop::new(&parent);
    let bytes = bare.run(&requests);
    let pairs: Vec<Pair> =
        (0..PAIRS).map(|_| Pair { engine: pull(&parent), bare: cost(|| bare.run(&requests)).1 }).collect();
    let rate = |cost: Cost| PATIENT_COUNT as f64 / cost.wall.as_secs_f64();
    let cpu = |cost: Cost| cost.cpu.as_secs_f64() * 1e6 / PATIENT_COUNT as f64;
    let median_of = |figure: &dyn Fn(&Pair) -> f64| rounded(median(pairs.iter().map(figure)));
    json!({
        "requests": requests.len(),
        "bytes": bytes,
        "ratio": median_of(&|pair| rate(pair.engine) / rate(pair.bare)),
        "engineResourcesPerSecond": median_of(&|pair| rate(pair.engine)),
        "bareResourcesPerSecond": median_of(&|pair| rate(pair.bare)),
        "engineCpuMicrosPerResource": median_of(&|pair| cpu(pair.engine)),
        "bareCpuMicrosPerResource": median_of(&|pair| cpu(pair.bare)),
    })
}

/// One first pull.
fn pull(parent: &Parent) -> Cost {
    let mut host = NullHost::new().expect("a database in memory");
    let engine = Engine::open(&parent.config(json!({"patient": {}})), &mut host).expect("an engine");
    let (report, cost) = cost(|| engine.pull(&mut host).expect("a pull"));
    assert_eq!(report.run.progress.events, PATIENT_COUNT, "{:?}", report.run.error);
    engine.close().expect("an engine that was open");
    cost
}

/// The program of somebody who only wants the bytes, with as many threads and connections as the engine has.
struct BareLoop {
    runtime: Runtime,
    client: reqwest::Client,
}

impl BareLoop {
    /// Logs in.
    fn new(parent: &Parent) -> BareLoop {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("threads");
        let session = runtime.block_on(log_in(parent.url()));
        let client = plain_client().default_headers(HeaderMap::from_iter([(COOKIE, session)])).build();
        BareLoop { runtime, client: client.expect("a client") }
    }

    /// Makes the requests; how many bytes the answers had.
    fn run(&self, urls: &[String]) -> usize {
        let answers = stream::iter(urls.to_vec()).map(|url| get(self.client.clone(), url)).buffered(CONCURRENCY);
        self.runtime.block_on(answers.fold(0, |sum, bytes| async move { sum + bytes }))
    }
}

fn plain_client() -> ClientBuilder {
    reqwest::Client::builder().no_proxy().tls_certs_only([])
}

/// The cookie of a session.
async fn log_in(parent: &str) -> HeaderValue {
    let client = plain_client().build().expect("a client");
    let login = client.get(format!("{parent}/ws/rest/v1/session")).basic_auth(USERNAME, Some(PASSWORD));
    let answer = login.send().await.expect("an answer to the log-in");
    answer.headers()[SET_COOKIE].clone()
}

async fn get(client: reqwest::Client, url: String) -> usize {
    let response = client.get(url).send().await.and_then(Response::error_for_status).expect("a good answer");
    response.bytes().await.expect("a whole body").len()
}
