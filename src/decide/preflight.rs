//! What the facts that were gathered before the first sync mean, check by check, and what to do about each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

/// The verdict of a check, and of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Nothing to do.
    Ok,
    /// Nobody told what the check needs.
    Unknown,
    /// A sync works, and somebody should know this before.
    Warning,
    /// A sync would fail, or do what nobody wants.
    Failed,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Its name: see [`CHECKS`].
    pub check: &'static str,
    /// The verdict.
    pub result: Verdict,
    /// The finding, for the person who must act.
    pub what: String,
    /// What to do; empty where there is nothing to do.
    pub todo: String,
    /// The figures and names that it is based on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

/// The names of all checks, in their order.
pub const CHECKS: [&str; 13] = [
    "reach",
    "privileges",
    "versions",
    "parentModules",
    "clock",
    "zone",
    "node",
    "modulesHere",
    "metadata",
    "firstRun",
    "amount",
    "database",
    "disk",
];

/// A step of the connection test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name and the category that it is about.
    pub subject: String,
    /// True if it went well.
    pub ok: bool,
    /// The finding, with what to do.
    pub message: String,
}

/// Metadata of one name with two uuids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Namesakes {
    /// Its kind.
    pub category: &'static str,
    /// The name of both.
    pub name: String,
}

/// Metadata as one side lists it: names by uuid.
pub type Names = BTreeMap<String, String>;

/// What was measured of the parent's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many objects the parent has of each category that it told.
    pub objects: BTreeMap<&'static str, u64>,
    /// The categories that it did not tell.
    pub untold: Vec<&'static str>,
    /// Of the objects that were read as samples.
    pub sampled: u64,
    /// The bytes of the samples' answers.
    pub bytes: u64,
    /// How long these answers took, in milliseconds.
    pub milliseconds: u64,
}

/// The most names of one kind that are told.
const MOST_NAMES: usize = 5;

const MILLISECONDS_OF_A_DAY: f64 = 86_400_000.0;

/// A first sync that takes longer than this is told as such.
const MANY_DAYS: f64 = 3.0;

/// The answer of the database to the largest body needs this room besides: the rest of the statement.
const BESIDE_THE_BODY: u64 = 1 << 20;

impl Check {
    fn of(check: &'static str, result: Verdict, what: impl Into<String>, todo: impl Into<String>) -> Check {
        Check { check, result, what: what.into(), todo: todo.into(), details: None }
    }

    /// A check whose facts nobody told.
    pub fn unknown(check: &'static str, why: impl Into<String>, todo: impl Into<String>) -> Check {
        Check::of(check, Verdict::Unknown, why, todo)
    }

    fn with(self, details: Value) -> Check {
        Check { details: Some(details), ..self }
    }
}

/// The worst of the checks. What is unknown holds nobody up, and does not count.
pub fn overall(checks: &[Check]) -> Verdict {
    let known = checks.iter().map(|check| check.result).filter(|result| *result != Verdict::Unknown);
    known.max().unwrap_or(Verdict::Unknown)
}

/// Whether the parent answers and takes the account; by the steps of the connection test up to the log-in.
pub fn reach(steps: &[Step]) -> Check {
    match steps.iter().find(|step| !step.ok) {
        Some(failed) => Check::of(
            "reach",
            Verdict::Failed,
            format!("the parent cannot be used: {}: {}", failed.subject, failed.message),
            "put right what the step says, then check again: nothing else can be checked before",
        ),
        None => Check::of("reach", Verdict::Ok, "the parent answers and takes the account", ""),
    }
}

/// Which feeds and categories the account may read; by the steps of the connection test after the log-in.
pub fn privileges(steps: &[Step]) -> Check {
    let failed: Vec<&Step> = steps.iter().filter(|step| !step.ok).collect();
    let Some(first) = failed.first() else {
        let what = "the account may read every feed and every category that is to be pulled";
        return Check::of("privileges", Verdict::Ok, what, "");
    };
    let told: Vec<Value> = failed.iter().map(|step| json!({"step": step.subject, "says": step.message})).collect();
    Check::of(
        "privileges",
        Verdict::Failed,
        format!("the account cannot read {} of {}, first {}: {}", failed.len(), steps.len(), first.subject, first.message),
        "give the account's role at the parent the privileges that docs/install.md lists for what is to be pulled, or switch \
         these categories off here",
    )
    .with(json!(told))
}

/// The parent's versions beside this node's own.
pub fn versions(parents: &BTreeMap<String, String>, own: &str) -> Check {
    let details = json!({"parent": parents, "here": {"sync2": own}});
    if parents.is_empty() {
        let why = "the parent does not tell this account its versions";
        return Check::unknown("versions", why, "compare the versions of both modules by hand");
    }
    match parents.get("sync2") {
        Some(theirs) if series(theirs) != series(own) => Check::of(
            "versions",
            Verdict::Warning,
            format!("the parent has version {theirs} of this module, this server {own}"),
            "update the older one of the two, the parent first",
        ),
        Some(theirs) => {
            Check::of("versions", Verdict::Ok, format!("both servers have version {theirs} of this module"), "")
        }
        None => Check::of("versions", Verdict::Ok, "the parent tells its versions", ""),
    }
    .with(details)
}

/// Versions of one series understand each other without further ado: `0.2` of `0.2.0-SNAPSHOT`.
fn series(version: &str) -> Vec<&str> {
    version.split(['.', '-']).take(2).collect()
}

/// Which modules the parent lacks. `modules` are the ids of those that it told; `fhir` is true if a category is pulled in FHIR.
pub fn parent_modules(modules: &BTreeSet<String>, fhir: bool) -> Check {
    if modules.is_empty() {
        let why = "the parent does not tell this account its modules";
        return Check::unknown(
            "parentModules",
            why,
            "see that the parent has this module, or atomfeed, webservices.rest and fhir2",
        );
    }
    let has = |id: &str| modules.contains(id);
    let mut missing = Vec::new();
    if !has("sync2") && !has("atomfeed") {
        missing.push("sync2");
    }
    if fhir && !has("fhir2") {
        missing.push("fhir2");
    }
    match missing.is_empty() {
        true => Check::of("parentModules", Verdict::Ok, "the parent has the modules that a pull needs", ""),
        false => Check::of(
            "parentModules",
            Verdict::Failed,
            format!("the parent lacks the module {}", missing.join(" and ")),
            "install and start it at the parent",
        ),
    }
    .with(json!({"missing": missing}))
}

/// The difference of the clocks: how far the parent's is ahead, and how far it may be, in milliseconds.
pub fn clock(ahead: Option<i64>, most: u64) -> Check {
    let Some(ahead) = ahead else {
        return Check::unknown(
            "clock",
            "the parent does not tell its time",
            "compare the clocks of both servers by hand",
        );
    };
    let seconds = ahead.unsigned_abs() / 1000;
    match ahead.unsigned_abs() > most {
        true => Check::of(
            "clock",
            Verdict::Failed,
            format!("the clocks of both servers differ by {seconds} seconds"),
            "let both servers set their clocks by the network (NTP)",
        ),
        false => Check::of("clock", Verdict::Ok, "the clocks of both servers agree", ""),
    }
    .with(json!({"parentAheadMs": ahead}))
}

/// The difference of the time zones: how far the parent's is ahead, in seconds.
pub fn zone(ahead: Option<i32>) -> Check {
    match ahead {
        None => Check::unknown(
            "zone",
            "the time zone of one of the servers is not told",
            "see that both servers have the time zone of the country",
        ),
        Some(0) => Check::of("zone", Verdict::Ok, "both servers show the same time of day", ""),
        Some(ahead) => Check::of(
            "zone",
            Verdict::Warning,
            format!(
                "the clocks on the wall of both servers differ by {} minutes because of their time zones",
                ahead.abs() / 60
            ),
            "give this server the parent's time zone now, before it has data: OpenMRS saves times without their zone",
        )
        .with(json!({"parentAheadSeconds": ahead})),
    }
}

/// Whether this server is a copy of the parent that is still the same node: both publish a feed of one epoch.
pub fn node(own: Option<&str>, parents: Option<&str>) -> Check {
    match (own, parents) {
        (Some(own), Some(parents)) if own == parents => Check::of(
            "node",
            Verdict::Failed,
            "this server's database is a copy of the parent's, and is the same node still",
            "choose which node this server is: POST …/sync2/node {\"choice\": \"childOfCopy\"}",
        ),
        (_, Some(_)) | (None, None) => Check::of("node", Verdict::Ok, "this server and the parent are two nodes", ""),
        (Some(_), None) => Check::unknown(
            "node",
            "the parent publishes no feed of its own, by which a copy of its database could be told",
            "if this database was copied from the parent, choose which node this server is: POST …/sync2/node",
        ),
    }
}

/// What this server cannot read or write itself: categories with why.
pub fn modules_here(unreadable: &BTreeMap<&'static str, String>) -> Check {
    match unreadable.iter().next() {
        None => Check::of("modulesHere", Verdict::Ok, "this server reads every category that is to be pulled", ""),
        Some((category, why)) => Check::of(
            "modulesHere",
            Verdict::Failed,
            format!("this server cannot read its own {category}: {why}"),
            "install and start the module that serves it here (fhir2 for FHIR), or give the category another representation",
        )
        .with(json!(unreadable)),
    }
}

/// Metadata of one name with two uuids, of one category. `mapped` gives the uuid here of one of the parent's.
pub fn namesakes(
    category: &'static str,
    parents: &Names,
    here: &Names,
    mapped: &dyn Fn(&str) -> String,
) -> Vec<Namesakes> {
    let alone_here = |uuid: &String| !parents.contains_key(uuid);
    let by_name: BTreeMap<&str, &String> =
        here.iter().filter(|(uuid, _)| alone_here(uuid)).map(|(uuid, name)| (name.trim(), uuid)).collect();
    let unmatched = parents.iter().filter(|(uuid, name)| {
        let expected = mapped(uuid);
        !here.contains_key(&expected) && by_name.contains_key(name.trim())
    });
    unmatched.map(|(_, name)| Namesakes { category, name: name.trim().to_string() }).collect()
}

/// All metadata of one name with two uuids; `unlisted` are the categories that either side does not list, or not whole.
pub fn metadata(found: &[Namesakes], unlisted: &[&'static str]) -> Check {
    let mut details: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    for Namesakes { category, name } in found {
        let (count, names) = details.entry(category).or_default();
        *count += 1;
        if names.len() < MOST_NAMES {
            names.push(name);
        }
    }
    let told: BTreeMap<&str, Value> =
        details.iter().map(|(category, (count, names))| (*category, json!({"count": count, "names": names}))).collect();
    let details = json!({"sameNames": told, "unlisted": unlisted});
    match (found.first(), unlisted.is_empty()) {
        (Some(first), _) => Check::of(
            "metadata",
            Verdict::Failed,
            format!(
                "{} of the parent's metadata have the name of something here with another uuid, such as the {} '{}'",
                found.len(),
                first.category,
                first.name
            ),
            "say in uuidMap of the configuration which are one, or rename those that are not",
        ),
        (None, false) => Check::unknown(
            "metadata",
            format!("not all metadata could be compared by name: {}", unlisted.join(", ")),
            "the first pull tells the others: see GET …/sync2/namesakes after it",
        ),
        (None, true) => Check::of("metadata", Verdict::Ok, "no metadata has one name and two uuids", ""),
    }
    .with(details)
}

/// How the first pull begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// It has begun before.
    Already,
    /// With the parent's feed, as the configuration says.
    WithFeedAsWanted,
    /// With the parent's lists.
    WithLists,
    /// With the parent's feed, since the parent has no exchange for this account or no feed of its own.
    WithFeedForWant,
}

/// Whether the first pull can begin with the parent's lists.
pub fn first_run(begins: Begins) -> Check {
    match begins {
        Begins::Already => Check::of("firstRun", Verdict::Ok, "the first pull has begun already", ""),
        Begins::WithFeedAsWanted => {
            Check::of("firstRun", Verdict::Ok, "the first pull begins with the parent's feed, as is configured", "")
        }
        Begins::WithLists => {
            Check::of("firstRun", Verdict::Ok, "the first pull begins with the lists of what the parent has", "")
        }
        Begins::WithFeedForWant => Check::of(
            "firstRun",
            Verdict::Warning,
            "the parent does not list what it has to this account: the first pull reads its feed from the beginning, and what has no event does not come",
            "install this module at the parent and give the account Exchange Sync2 Objects and Get Sync2 Feed, or set pull.firstRun to feed",
        ),
    }
}

/// How much a first pull brings, and how long that takes at the rate that was measured.
pub fn amount(measured: &Amount) -> Check {
    let total = measured.objects.values().fold(0u64, |sum, objects| sum.saturating_add(*objects));
    let objects = json!({"objects": measured.objects, "untold": measured.untold});
    if measured.objects.is_empty() {
        return Check::unknown(
            "amount",
            "the parent does not tell how many objects it has",
            "expect a first pull of unknown length",
        )
        .with(objects);
    }
    if total == 0 {
        return Check::of("amount", Verdict::Ok, "the parent has nothing of what it tells", "").with(objects);
    }
    if measured.sampled == 0 || measured.bytes == 0 {
        let why = format!("the parent has {total} objects; how large they are was not told");
        return Check::unknown("amount", why, "expect a first pull of unknown length").with(objects);
    }
    let bytes = total as f64 * (measured.bytes as f64 / measured.sampled as f64);
    let rate = measured.bytes as f64 * 1000.0 / measured.milliseconds.max(1) as f64;
    let days = bytes * 1000.0 / rate / MILLISECONDS_OF_A_DAY;
    let details = json!({
        "objects": measured.objects, "untold": measured.untold, "estimatedBytes": bytes as u64,
        "bytesPerSecond": rate as u64, "estimatedDays": (days * 100.0).ceil() / 100.0
    });
    let what = format!("the parent has {total} objects, about {} MB", (bytes / 1e6).ceil() as u64);
    match days > MANY_DAYS {
        true => Check::of(
            "amount",
            Verdict::Warning,
            format!("{what}: over this line the first pull takes about {} days", days.ceil() as u64),
            "pull for the first time over a better line, or set up this server from a copy of the parent's database",
        ),
        false => Check::of("amount", Verdict::Ok, what, ""),
    }
    .with(details)
}

/// Whether the database takes the largest object. `most` is the largest statement that it takes; nothing where it knows no such
/// limit.
pub fn database(most: Option<u64>, largest_body: u64) -> Check {
    let needed = largest_body.saturating_add(BESIDE_THE_BODY);
    match most {
        Some(most) if most < needed => Check::of(
            "database",
            Verdict::Warning,
            format!("the database takes statements of {most} bytes at the most, and an object may have {largest_body}"),
            format!("set max_allowed_packet of the database to {needed} or more, or lower transfer.maxBodyBytes"),
        )
        .with(json!({"maxAllowedPacket": most, "needed": needed})),
        Some(_) | None => {
            Check::of("database", Verdict::Ok, "the database takes objects of every size that is allowed", "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(ok: bool) -> Step {
        Step { subject: "fhir patient".into(), ok, message: "403".into() }
    }

    fn names(pairs: &[(&str, &str)]) -> Names {
        pairs.iter().map(|(uuid, name)| ((*uuid).to_string(), (*name).to_string())).collect()
    }

    #[test]
    fn unknown_does_not_count_and_worst_does() {
        let unknown = Check::unknown("disk", "", "");
        assert_eq!(overall(std::slice::from_ref(&unknown)), Verdict::Unknown);
        assert_eq!(overall(&[unknown.clone(), reach(&[])]), Verdict::Ok);
        assert_eq!(overall(&[unknown, zone(Some(3600)), reach(&[])]), Verdict::Warning);
        assert_eq!(overall(&[zone(Some(3600)), reach(&[step(false)])]), Verdict::Failed);
    }

    #[test]
    fn steps_that_failed_fail_their_check() {
        assert_eq!(reach(&[step(true)]).result, Verdict::Ok);
        assert_eq!(reach(&[step(true), step(false)]).result, Verdict::Failed);
        let refused = privileges(&[step(true), step(false)]);
        assert_eq!(refused.result, Verdict::Failed);
        assert!(refused.what.contains("1 of 2, first fhir patient"), "{}", refused.what);
    }

    #[test]
    fn versions_of_another_series_are_a_warning() {
        let of = |version: &str| BTreeMap::from([("sync2".to_string(), version.to_string())]);
        assert_eq!(versions(&of("0.2.1"), "0.2.0-SNAPSHOT").result, Verdict::Ok);
        assert_eq!(versions(&of("0.1.9"), "0.2.0").result, Verdict::Warning);
        assert_eq!(versions(&BTreeMap::new(), "0.2.0").result, Verdict::Unknown);
    }

    #[test]
    fn modules_that_a_pull_needs_are_told_when_missing() {
        let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_string()).collect::<BTreeSet<_>>();
        assert_eq!(parent_modules(&of(&[]), true).result, Verdict::Unknown);
        assert_eq!(parent_modules(&of(&["sync2"]), false).result, Verdict::Ok);
        assert_eq!(parent_modules(&of(&["atomfeed", "fhir2"]), true).result, Verdict::Ok);
        assert!(parent_modules(&of(&["sync2"]), true).what.contains("fhir2"));
        assert!(parent_modules(&of(&["idgen"]), false).what.contains("sync2"));
    }

    #[test]
    fn one_epoch_at_both_ends_is_one_node() {
        assert_eq!(node(Some("a"), Some("a")).result, Verdict::Failed);
        assert_eq!(node(Some("a"), Some("b")).result, Verdict::Ok);
        assert_eq!(node(None, Some("b")).result, Verdict::Ok);
        assert_eq!(node(Some("a"), None).result, Verdict::Unknown);
    }

    #[test]
    fn namesakes_are_those_that_neither_a_uuid_nor_the_map_joins() {
        let parents = names(&[("p1", "Ward "), ("p2", "Lab"), ("p3", "Both"), ("p4", "Alone")]);
        let here = names(&[("h1", "Ward"), ("h2", "Lab"), ("p3", "Both"), ("h3", "Both")]);
        let found = namesakes("location", &parents, &here, &|uuid| uuid.replace("p2", "h2"));
        assert_eq!(found, [Namesakes { category: "location", name: "Ward".into() }]);
        assert_eq!(metadata(&found, &[]).result, Verdict::Failed);
        assert_eq!(metadata(&[], &["location"]).result, Verdict::Unknown);
    }

    #[test]
    fn amount_of_a_slow_line_is_a_warning_in_days() {
        let measured = Amount {
            objects: BTreeMap::from([("patient", 1_000_000)]),
            sampled: 10,
            bytes: 20_000,
            milliseconds: 20_000,
            ..Amount::default()
        };
        let told = amount(&measured);
        assert_eq!((told.result, told.what.contains("24 days")), (Verdict::Warning, true), "{told:?}");
        assert_eq!(amount(&Amount { milliseconds: 20, ..measured.clone() }).result, Verdict::Ok);
        let absurd = Amount { objects: BTreeMap::from([("a", u64::MAX), ("b", u64::MAX)]), ..measured };
        assert_eq!(amount(&absurd).result, Verdict::Warning);
        assert_eq!(amount(&Amount::default()).result, Verdict::Unknown);
    }

    #[test]
    fn database_takes_the_largest_body_or_is_told() {
        assert_eq!(database(Some(1 << 20), 16 << 20).result, Verdict::Warning);
        assert_eq!(database(Some(64 << 20), 16 << 20).result, Verdict::Ok);
        assert_eq!(database(None, 16 << 20).result, Verdict::Ok);
    }

    #[test]
    fn clocks_and_zones_are_told_by_how_far_they_differ() {
        assert_eq!(clock(Some(-61_000), 60_000).result, Verdict::Failed);
        assert_eq!(clock(Some(900), 60_000).result, Verdict::Ok);
        assert_eq!(clock(None, 60_000).result, Verdict::Unknown);
        assert_eq!(zone(Some(0)).result, Verdict::Ok);
        assert_eq!(zone(None).result, Verdict::Unknown);
    }
}
