//! The JSON that crosses the boundary, where it is not the engine's own.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::Secret;
use crate::decide::scope::{Account, Rights};
use crate::engine::Wanted;
use crate::environment::{Environment, HostZone, Proxy, TrustAnchors};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, Direction};
use crate::listening::ListeningStep;

/// A kind of object as Java reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrittenKind {
    category: &'static str,
    fhir_type: Option<&'static str>,
    rest_resource: Option<&'static str>,
    patient_data: bool,
}

/// Every kind of object that has documents of its own, in the order of dependence.
pub(crate) fn kinds() -> Vec<WrittenKind> {
    let whole = Category::all().filter(|category| category.part_of().is_none());
    let written = whole.map(|category| WrittenKind {
        category: category.name(),
        fhir_type: category.fhir_type(),
        rest_resource: category.rest_resource(),
        patient_data: category.is_patient_data(),
    });
    written.collect()
}

/// A run as Java asks for it: of a direction, or of one object.
#[derive(Deserialize)]
struct WrittenRun {
    direction: String,
    object: Option<WrittenObject>,
}

#[derive(Deserialize)]
struct WrittenObject {
    category: String,
    uuid: String,
}

/// Reads what somebody wants a run to work through.
///
/// Errors: `Configuration` when there is no such category.
pub(crate) fn wanted_run(json: &str) -> Result<Wanted> {
    let unreadable = || Error::new(ErrorKind::Internal, "the run that is asked for cannot be read");
    let written: WrittenRun = serde_json::from_str(json).map_err(|_| unreadable())?;
    let direction = Direction::parse(&written.direction).ok_or_else(unreadable)?;
    match written.object {
        None => Ok(Wanted::Feed(direction)),
        Some(WrittenObject { category, uuid }) => Wanted::object(direction, &category, uuid),
    }
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
pub(crate) fn account_of(json: &str) -> Result<Account> {
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
pub(crate) fn listening_step(json: &str) -> Result<ListeningStep> {
    serde_json::from_str(json).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("a step of the host's listening cannot be read: {error}"))
    })
}

/// The content of a `SyncEnvironment`, but for what are Java objects.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEnvironment {
    /// PEM.
    trusted_certificates: Option<String>,
    proxy: Option<WrittenProxy>,
    data_directory: Option<PathBuf>,
    zone: Option<WrittenZone>,
}

#[derive(Deserialize)]
struct WrittenZone {
    name: String,
    offsets: Vec<(i64, i32)>,
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
pub(crate) fn environment(json: &str) -> Result<Environment> {
    let written: WrittenEnvironment = crate::json::read(json.as_bytes())
        .map_err(|_| wrong("the settings of the program cannot be read".to_string()))?;
    Ok(Environment {
        trust_anchors: written.trusted_certificates.map(|pem| TrustAnchors::from_pem(&pem)).transpose()?,
        proxy: written.proxy.map(proxy).transpose()?,
        data_directory: written.data_directory,
        zone: written.zone.map(|WrittenZone { name, offsets }| HostZone { name, offsets }),
    })
}

fn proxy(written: WrittenProxy) -> Result<Proxy> {
    let proxy = Proxy::new(&written.url)?;
    Ok(match written.username {
        Some(username) => proxy.with_credentials(username, Secret::new(written.password.unwrap_or_default())),
        None => proxy,
    })
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
