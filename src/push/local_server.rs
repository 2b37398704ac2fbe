//! The way to this server's own FHIR and REST addresses, for a node that reads what it sends as any client would
//! (`local.access = http`).

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::{Config, ExchangeUse, FeedDialect, LocalAccess, ParentConfig};
use crate::environment::Environment;
use crate::error::Result;
use crate::http::ParentClient;

/// This server is on the same machine: it accepts at once, or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A document is made while it is asked for.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A client for this server itself, and the configuration in which this server stands in the parent's place; nothing when
/// the host reads. No proxy stands in between.
///
/// Errors: `Configuration` when TLS cannot be set up.
pub(super) fn client(config: &Config) -> Result<Option<(Config, ParentClient)>> {
    let LocalAccess::Http { url, username, password } = &config.local else { return Ok(None) };
    let itself = ParentConfig {
        url: url.clone(),
        username: username.clone(),
        password: password.clone(),
        feed: FeedDialect::Auto,
        exchange: ExchangeUse::Never,
        fhir_path: "/ws/fhir2/R4".to_string(),
        rest_path: "/ws/rest/v1".to_string(),
        ca_file: None,
        connect_timeout: CONNECT_TIMEOUT,
        read_timeout: READ_TIMEOUT,
    };
    let config = Config { parent: Some(itself), ..config.clone() };
    let client = ParentClient::new(&config, &Environment::default(), CancellationToken::new())?;
    Ok(Some((config, client)))
}
