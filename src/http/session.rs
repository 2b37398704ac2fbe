//! The log-in at the parent that all requests share, so that a password is checked once and not on each request.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use tokio::sync::Mutex;

use crate::error::Result;

/// The credentials that a request shows the parent.
#[derive(Clone)]
pub(super) enum Credentials {
    /// The cookies of the log-in, as a `Cookie` header.
    Cookies(HeaderValue),
    /// User name and password each time: this parent keeps no sessions.
    Basic,
}

impl Credentials {
    /// Returns the cookies of an answer to a log-in, by name and value only, since they go back to the same server and
    /// nowhere else.
    pub(super) fn of_login(headers: &HeaderMap) -> Credentials {
        let pairs: Vec<&str> = headers.get_all(SET_COOKIE).iter().filter_map(cookie_pair).collect();
        match HeaderValue::from_str(&pairs.join("; ")) {
            Ok(mut cookies) if !cookies.is_empty() => {
                cookies.set_sensitive(true);
                Credentials::Cookies(cookies)
            }
            _ => Credentials::Basic,
        }
    }
}

fn cookie_pair(header: &HeaderValue) -> Option<&str> {
    let pair = header.to_str().ok()?.split(';').next()?.trim();
    let (name, value) = pair.split_once('=')?;
    (!name.is_empty() && !value.is_empty()).then_some(pair)
}

/// The result of one log-in.
#[derive(Clone)]
pub(super) struct Pass {
    /// Which log-in it was; later ones have higher numbers.
    pub(super) generation: u64,
    pub(super) credentials: Credentials,
}

/// Logs in at the first need and keeps the pass until somebody says that it is dead.
#[derive(Default)]
pub(super) struct Session {
    last: Mutex<Option<Result<Pass>>>,
    finished: AtomicU64,
}

impl Session {
    /// A pass newer than `dead`. Those who ask while a log-in is under way share its result, also its failure: many
    /// requests with a wrong password must not lock the account.
    pub(super) async fn pass(
        &self,
        dead: Option<u64>,
        log_in: impl Future<Output = Result<Credentials>>,
    ) -> Result<Pass> {
        let finished_before = self.finished.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        let finished = self.finished.load(Ordering::SeqCst);
        match &*last {
            Some(Ok(pass)) if dead.is_none_or(|dead| dead < pass.generation) => return Ok(pass.clone()),
            Some(outcome) if finished != finished_before => return outcome.clone(),
            _ => {}
        }
        let generation = finished + 1;
        let outcome = log_in.await.map(|credentials| Pass { generation, credentials });
        *last = Some(outcome.clone());
        self.finished.store(generation, Ordering::SeqCst);
        outcome
    }
}
