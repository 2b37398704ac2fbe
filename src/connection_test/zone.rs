//! In which zone the parent is, as far as it tells: OpenMRS's system information has its zone and its time on the wall, and
//! what searches over FHIR answer is dated in the zone of the server.

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use super::{Answer, ParentClient, ParentConfig, get, millis};
use crate::decide::zones::{Zone, offset};
use crate::json;

const SYSTEM: &str = "/systemInfo/SystemInfo.title.openmrsInformation/SystemInfo.OpenMRSInstallation.";
const ZONE: &str =
    "/systemInfo/SystemInfo.title.javaRuntimeEnvironmentInformation/SystemInfo.JavaRuntimeEnv.systemTimezone";

/// Nothing where the parent does not tell this account.
pub(super) async fn of_parent(client: &ParentClient, parent: &ParentConfig) -> Option<Zone> {
    if let Some(zone) = ask(client, &format!("{}/systeminformation", parent.rest_path)).await.and_then(by_system) {
        return Some(zone);
    }
    // A search that finds nothing: its answer is dated now.
    let (_, found) = ask(client, &format!("{}/Location?_id=none&_summary=count", parent.fhir_path)).await?;
    by_search(&found)
}

async fn ask(client: &ParentClient, path: &str) -> Option<(Answer, Value)> {
    let answer = get(client, &client.url(path)).await.ok()?;
    let told = json::read_group(&answer.body).ok()?;
    Some((answer, told))
}

fn by_system((answer, system): (Answer, Value)) -> Option<Zone> {
    let told = |name: &str| system.pointer(&format!("{SYSTEM}{name}")).and_then(Value::as_str);
    let wall = format!("{} {}", told("systemDate")?, told("systemTime")?);
    let wall = NaiveDateTime::parse_from_str(&wall, "%Y-%m-%d %H:%M:%S").ok()?.and_utc().timestamp();
    let utc = millis(answer.date?) / 1000;
    let name = system.pointer(ZONE).and_then(Value::as_str).filter(|name| !name.is_empty());
    Some(Zone { name: name.map(|name| name.chars().take(100).collect()), offset_seconds: offset(wall, utc)? })
}

fn by_search(found: &Value) -> Option<Zone> {
    let time = found.pointer("/meta/lastUpdated")?.as_str()?;
    let offset = DateTime::parse_from_rfc3339(time).ok()?.offset().local_minus_utc();
    Some(Zone { name: None, offset_seconds: offset })
}
