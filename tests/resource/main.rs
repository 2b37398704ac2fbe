//! The client for the parent and the choice of resource clients, against small servers that behave well and badly.

mod exchange;
mod http;
mod objects;
mod parent;
mod proxy;

use serde_json::{Value, json};
use sync2::config::Config;
use sync2::environment::Environment;
use sync2::http::ParentClient;
use tokio_util::sync::CancellationToken;

/// Retries at once, and allows small bodies only.
fn document(url: &str) -> Value {
    json!({
        "parent": {"url": url, "username": parent::USER, "password": parent::PASSWORD},
        "categories": {"patient": {}, "encounter_type": {}},
        "retry": {"attempts": 3, "firstDelaySeconds": 0},
        "transfer": {"maxBodyBytes": 4096, "fetchConcurrency": 16},
    })
}

fn config(document: &Value) -> Config {
    Config::parse(&document.to_string(), &|_| None).unwrap()
}

/// A client on the host program's way to the parent.
fn client_in(url: &str, environment: Environment) -> ParentClient {
    ParentClient::new(&config(&document(url)), &environment, CancellationToken::new()).unwrap()
}

fn client(url: &str) -> ParentClient {
    ParentClient::new(&config(&document(url)), &Environment::default(), CancellationToken::new()).unwrap()
}
