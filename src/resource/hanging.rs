//! The objects that hang on an object at a parent that is asked by FHIR and REST alone: lists by patient, visit and encounter.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::Config;
use crate::decide::content::{is_visit, says_removed};
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation, is_object_uuid};
use crate::http::{Get, ParentClient};
use crate::json;

/// The most objects that OpenMRS gives on a page of REST unless it is configured otherwise.
const REST_PAGE: usize = 50;

/// The largest page of OpenMRS's FHIR module.
const FHIR_PAGE: usize = 100;

/// The most pages of one list: nobody has twenty thousand observations.
const MOST_PAGES: usize = 200;

/// Asks the parent's lists.
pub(super) struct HangingLists {
    parent: Arc<ParentClient>,
    fhir_path: String,
    rest_path: String,
    max_bytes: usize,
}

/// A page of a list.
struct Page {
    objects: Vec<Value>,
    next: Option<Url>,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    entry: Vec<Entry>,
    #[serde(default)]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Option<Value>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Value>,
}

impl HangingLists {
    pub(super) fn new(parent: Arc<ParentClient>, config: &Config) -> HangingLists {
        let paths = config.parent.as_ref().map(|parent| (parent.fhir_path.clone(), parent.rest_path.clone()));
        let (fhir_path, rest_path) = paths.unwrap_or_default();
        HangingLists { parent, fhir_path, rest_path, max_bytes: config.transfer.max_group_bytes() }
    }

    /// Everything of the wanted kinds that hangs on the object, what others refer to first.
    ///
    /// Errors: what stops the run; `Forbidden` or `ParentFailed` when the parent does not give a list.
    pub(super) async fn on(
        &self,
        object: &ObjectId,
        representation: &(dyn Fn(Category) -> Representation + Sync),
        wanted: &(dyn Fn(Category) -> bool + Sync),
    ) -> Result<Vec<ObjectId>> {
        let list = async |kind: &str, owner: &ObjectId| match Category::parse(kind).filter(|kind| wanted(*kind)) {
            Some(category) => self.list(category, representation(category), owner).await,
            None => Ok(Vec::new()),
        };
        let mut hanging = Vec::new();
        match object.category.name() {
            "patient" => {
                for kind in ["visit", "encounter", "observation"] {
                    hanging.extend(list(kind, object).await?);
                }
            }
            "visit" => {
                hanging.extend(self.encounters_of_visit(object).await?);
                for encounter in hanging.clone() {
                    hanging.extend(list("observation", &encounter).await?);
                }
            }
            "encounter" => hanging.extend(list("observation", object).await?),
            _ => {}
        }
        Ok(hanging)
    }

    /// The objects of a category that hang on an owner. None of a kind that the parent does not serve at all: it has none.
    async fn list(
        &self,
        category: Category,
        representation: Representation,
        owner: &ObjectId,
    ) -> Result<Vec<ObjectId>> {
        let Some(mut url) = self.first_page(category, representation, owner) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(page) = self.page(category, representation, &url).await? else { return Ok(found) };
            let objects = page.objects.iter().filter(|document| !says_removed(representation, document));
            found.extend(objects.filter_map(|document| listed(category, representation, document)));
            match page.next {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
        let message = format!("{owner}: the parent's list of what hangs on it does not end");
        Err(Error::new(ErrorKind::ParentFailed, message).at(url.as_str()))
    }

    fn first_page(&self, category: Category, representation: Representation, owner: &ObjectId) -> Option<Url> {
        let (by, uuid) = (owner.category.name(), &owner.uuid);
        Some(match representation {
            Representation::Fhir => {
                let fhir_type = category.fhir_type()?;
                self.parent.url(&format!("{}/{fhir_type}?{by}={uuid}&_count={FHIR_PAGE}&_summary=data", self.fhir_path))
            }
            Representation::Rest => {
                let resource = category.rest_resource()?;
                self.parent.url(&format!(
                    "{}/{resource}?{by}={uuid}&v=custom:(uuid,voided)&limit={REST_PAGE}&startIndex=0",
                    self.rest_path
                ))
            }
        })
    }

    /// None where the parent serves no such objects.
    async fn page(&self, category: Category, representation: Representation, url: &Url) -> Result<Option<Page>> {
        let accept = match representation {
            Representation::Fhir => "application/fhir+json",
            Representation::Rest => "application/json",
        };
        let answer = self.parent.get(Get { url, accept, etag: None, headers: &[], max_bytes: self.max_bytes }).await?;
        let refused = |kind, what: String| {
            let message = format!("the parent does not list what is asked for ({category}): {what}");
            Err(Error::new(kind, message).at(url.as_str()))
        };
        match answer.status {
            200 => {}
            404 => return Ok(None),
            403 => return refused(ErrorKind::Forbidden, "the account at the parent may not read it".to_string()),
            status => return refused(ErrorKind::ParentFailed, format!("it answers {status}")),
        }
        let page = match representation {
            Representation::Fhir => json::read_group(&answer.body).map(|bundle| self.fhir_page(category, bundle)),
            Representation::Rest => json::read_group(&answer.body).map(|results| rest_page(url, results)),
        };
        page.map(Some).or_else(|why| refused(ErrorKind::Malformed, why.to_string()))
    }

    /// The link to the next page may name the server otherwise than it is asked; only its query counts.
    fn fhir_page(&self, category: Category, bundle: Bundle) -> Page {
        let next = bundle.link.into_iter().find(|link| link.relation.as_deref() == Some("next"));
        let query = next.and_then(|link| Some(Url::parse(&link.url?).ok()?.query()?.to_string()));
        let next = query.map(|query| {
            let of_a_kept_search = query.starts_with("_getpages=") || query.contains("&_getpages=");
            let path =
                if of_a_kept_search { String::new() } else { format!("/{}", category.fhir_type().unwrap_or("")) };
            self.parent.url(&format!("{}{path}?{query}", self.fhir_path))
        });
        let of_the_kind = |resource: &Value| {
            resource.get("resourceType").and_then(Value::as_str) == category.fhir_type() && !is_visit(resource)
        };
        let objects = bundle.entry.into_iter().filter_map(|entry| entry.resource).filter(of_the_kind).collect();
        Page { objects, next }
    }

    /// A visit's document names its encounters, also where FHIR gives these.
    async fn encounters_of_visit(&self, visit: &ObjectId) -> Result<Vec<ObjectId>> {
        let Some(encounter) = Category::parse("encounter") else { return Ok(Vec::new()) };
        let view = "v=custom:(uuid,encounters:(uuid,voided))";
        let url = self.parent.url(&format!("{}/visit/{}?{view}", self.rest_path, visit.uuid));
        let request =
            Get { url: &url, accept: "application/json", etag: None, headers: &[], max_bytes: self.max_bytes };
        let answer = self.parent.get(request).await?;
        let document: Value = match answer.status {
            200 => json::read_group(&answer.body).map_err(|why| {
                Error::new(ErrorKind::Malformed, format!("{visit}: the parent's answer cannot be used: {why}"))
            })?,
            404 | 410 => return Ok(Vec::new()),
            status => {
                let message =
                    format!("{visit}: which encounters it has at the parent is not told: it answers {status}");
                return Err(Error::new(ErrorKind::ParentFailed, message).at(url.as_str()));
            }
        };
        let encounters = document.get("encounters").and_then(Value::as_array).into_iter().flatten();
        let live = encounters.filter(|document| !says_removed(Representation::Rest, document));
        Ok(live.filter_map(|document| listed(encounter, Representation::Rest, document)).collect())
    }
}

fn rest_page(url: &Url, results: Results) -> Page {
    let objects = results.results;
    let is_full = objects.len() >= REST_PAGE;
    let next = is_full.then(|| following(url, objects.len()));
    Page { objects, next }
}

/// The same list from so many objects further on.
fn following(url: &Url, passed: usize) -> Url {
    let mut next = url.clone();
    let start = url.query_pairs().find(|(name, _)| name == "startIndex");
    let start = start.and_then(|(_, start)| start.parse::<usize>().ok()).unwrap_or(0) + passed;
    let query = url.query().unwrap_or_default();
    let kept = query.rsplit_once("&startIndex=").map_or(query, |(kept, _)| kept);
    next.set_query(Some(&format!("{kept}&startIndex={start}")));
    next
}

fn listed(category: Category, representation: Representation, document: &Value) -> Option<ObjectId> {
    let id = match representation {
        Representation::Fhir => "id",
        Representation::Rest => "uuid",
    };
    let uuid = document.get(id).and_then(Value::as_str).filter(|uuid| is_object_uuid(uuid))?.to_string();
    Some(ObjectId { category, uuid })
}
