//! The JSON that crosses the boundary, where it is not the engine's own.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::Secret;
use crate::decide::scope::{Account, Rights};
use crate::environment::{Environment, Proxy, TrustAnchors};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction, ObjectId};
use crate::listening::ListeningStep;
use crate::store::LARGEST_LIST;
use crate::store::attempts::Attempt;
use crate::store::audit::{AuditMessage, AuditQuery, AuditStatus};
use crate::store::listing::{Cursor, Page};
use crate::store::markers::FeedPosition;

/// An audit query as Java writes it: names, not yet looked up.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenQuery {
    direction: Option<String>,
    category: Option<String>,
    object_uuid: Option<String>,
    status: Option<String>,
    run_id: Option<String>,
    error_kind: Option<String>,
    from: Option<i64>,
    until: Option<i64>,
    limit: i64,
    offset: i64,
    after: Option<String>,
}

/// Reads an audit query.
///
/// Errors: `Configuration`, naming the field that is wrong.
pub fn audit_query(json: &str) -> Result<AuditQuery> {
    let written: WrittenQuery =
        crate::json::read(json.as_bytes()).map_err(|why| wrong(format!("the audit query cannot be read: {why}")))?;
    let (limit, offset) = (limit(written.limit)?, offset(written.offset)?);
    Ok(AuditQuery {
        direction: known("direction", written.direction, direction)?,
        category: known("category", written.category, Category::parse)?,
        object_uuid: written.object_uuid,
        status: known("status", written.status, AuditStatus::parse)?,
        run_id: written.run_id,
        error_kind: known("errorKind", written.error_kind, ErrorKind::parse)?,
        from: written.from,
        until: written.until,
        limit,
        offset,
        after: written.after,
    })
}

/// The account of a child as Java writes it.
#[derive(Deserialize)]
struct WrittenAccount {
    name: String,
    rights: Option<WrittenRights>,
}

/// Names of categories. One that this version does not know is nobody's to exchange.
#[derive(Deserialize)]
struct WrittenRights {
    read: Vec<String>,
    write: Vec<String>,
    remove: Vec<String>,
}

/// Reads an account.
///
/// Errors: `Internal`: only our own Java writes it.
pub fn account_of(json: &str) -> Result<Account> {
    let written: WrittenAccount = serde_json::from_str(json)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("an account cannot be read: {error}")))?;
    let known = |names: Vec<String>| names.iter().filter_map(|name| Category::parse(name)).collect();
    let rights = written.rights.map(|rights| Rights {
        read: known(rights.read),
        write: known(rights.write),
        remove: known(rights.remove),
    });
    Ok(Account { name: written.name, rights })
}

/// Reads what the host tells of its listening.
///
/// Errors: `Internal`: only our own Java writes it.
pub fn listening_step(json: &str) -> Result<ListeningStep> {
    serde_json::from_str(json).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("a step of the host's listening cannot be read: {error}"))
    })
}

/// What `SyncEnvironment` says, but for what are Java objects.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEnvironment {
    /// PEM.
    trusted_certificates: Option<String>,
    proxy: Option<WrittenProxy>,
    data_directory: Option<PathBuf>,
}

#[derive(Deserialize)]
struct WrittenProxy {
    url: String,
    username: Option<String>,
    password: Option<String>,
}

/// Reads the settings of the host program.
///
/// Errors: `Configuration`, without the proxy's password.
pub fn environment(json: &str) -> Result<Environment> {
    let written: WrittenEnvironment = crate::json::read(json.as_bytes())
        .map_err(|_| wrong("the settings of the program cannot be read".to_string()))?;
    Ok(Environment {
        trust_anchors: written.trusted_certificates.map(|pem| TrustAnchors::from_pem(&pem)).transpose()?,
        proxy: written.proxy.map(proxy).transpose()?,
        data_directory: written.data_directory,
    })
}

fn proxy(written: WrittenProxy) -> Result<Proxy> {
    let proxy = Proxy::new(&written.url)?;
    Ok(match written.username {
        Some(username) => proxy.with_credentials(username, Secret::new(written.password.unwrap_or_default())),
        None => proxy,
    })
}

fn known<T>(field: &str, name: Option<String>, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
    match name {
        None => Ok(None),
        Some(name) => match parse(&name) {
            None => Err(wrong(format!("{field}: there is no {name:?}"))),
            found => Ok(found),
        },
    }
}

fn direction(name: &str) -> Option<Direction> {
    [Direction::Pull, Direction::Push].into_iter().find(|direction| direction.name() == name)
}

/// The object that Java names.
///
/// Errors: `Configuration` when there is no such category.
pub fn object(category: &str, uuid: String) -> Result<ObjectId> {
    let category = Category::parse(category).ok_or_else(|| wrong(format!("category: there is no {category:?}")))?;
    Ok(ObjectId { category, uuid })
}

/// The page of a list that Java asks for: after the row with that cursor, or without so many of the newest.
///
/// Errors: `Configuration` for a cursor that no list gave, or a negative offset.
pub fn page(from: i64, after: Option<&str>) -> Result<Page> {
    match after {
        Some(cursor) => Cursor::parse(cursor).map(Page::After),
        None => offset(from).map(Page::From),
    }
}

/// Errors: `Configuration` unless it is 1 to [`LARGEST_LIST`] rows.
pub fn limit(rows: i64) -> Result<u32> {
    let limit = u32::try_from(rows).ok().filter(|rows| (1..=LARGEST_LIST).contains(rows));
    limit.ok_or_else(|| wrong(format!("limit is 1 to {LARGEST_LIST}; got {rows}")))
}

fn offset(rows: i64) -> Result<u32> {
    u32::try_from(rows).map_err(|_| wrong(format!("offset is 0 to {}; got {rows}", u32::MAX)))
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// An audit message with the tries after it was parked.
#[derive(Serialize)]
pub struct AuditDetail {
    #[serde(flatten)]
    message: AuditMessage,
    attempts: Vec<Attempt>,
}

impl From<(AuditMessage, Vec<Attempt>)> for AuditDetail {
    fn from((message, attempts): (AuditMessage, Vec<Attempt>)) -> AuditDetail {
        AuditDetail { message, attempts }
    }
}

/// How far a feed has been worked through.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkerRow {
    feed: String,
    epoch: String,
    /// Events passed in this epoch.
    events: u64,
    /// Of the last event passed, as the next three; null before the first one.
    page_url: Option<String>,
    entry_id: Option<String>,
    /// Milliseconds since 1970.
    entry_updated: Option<i64>,
}

impl From<FeedPosition> for MarkerRow {
    fn from(position: FeedPosition) -> MarkerRow {
        let marker = position.marker.as_ref();
        MarkerRow {
            feed: position.feed.to_string(),
            epoch: position.epoch.to_string(),
            events: position.events,
            page_url: marker.map(|marker| marker.page_url.to_string()),
            entry_id: marker.map(|marker| marker.entry_id.to_string()),
            entry_updated: marker.map(|marker| marker.updated),
        }
    }
}
