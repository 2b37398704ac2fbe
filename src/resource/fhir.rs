//! Objects as FHIR R4: groups by one search, what the search leaves out by single reads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, try_join_all};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::address::{AddressReader, Reading};
use super::room::{Place, Room};
use super::{Document, Fetched, GroupReply, Json, ResourceClient, not_served};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};
use crate::http::ParentClient;
use crate::json::{self, Measured};

/// The largest page of OpenMRS's FHIR module; a hundred ids of 64 characters also fit into the 8 KB that servers allow
/// for the head of a request.
const IDS_PER_SEARCH: usize = 100;

/// Without the generated narrative, which makes OpenMRS six times slower.
const WITHOUT_NARRATIVE: &str = "_summary=data";

/// Reads from the parent's FHIR endpoint.
pub(super) struct FhirClient {
    reader: AddressReader,
    /// `parent.fhirPath`
    path: String,
    max_group_bytes: usize,
}

#[derive(Deserialize)]
struct Bundle<'a> {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(default, borrow)]
    entry: Vec<Entry<'a>>,
    #[serde(default)]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

/// The part of a document that tells which resource it is.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "resourceType", borrow)]
    resource_type: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

impl FhirClient {
    pub(super) fn new(parent: Arc<ParentClient>, config: &Config, room: Room) -> FhirClient {
        FhirClient {
            path: config.parent.as_ref().map(|parent| parent.fhir_path.clone()).unwrap_or_default(),
            max_group_bytes: config.transfer.max_group_bytes(),
            reader: AddressReader {
                parent,
                representation: Representation::Fhir,
                client: "fhir".into(),
                accept: "application/fhir+json",
                max_body_bytes: config.transfer.max_body_bytes,
                room,
            },
        }
    }

    async fn fetch_group(&self, category: Category, uuids: &[String]) -> Result<GroupReply> {
        let Some(fhir_type) = category.fhir_type() else {
            return Err(not_served(category, Representation::Fhir));
        };
        let probe = self.probe_url(fhir_type);
        let mut found = self.search_all(fhir_type, uuids).await?;
        if uuids.len() > 1
            && found.is_empty()
            && let Some(closed) = self.reader.closed(&probe).await?
        {
            return Ok(GroupReply::CategoryClosed(closed));
        }
        // A uuid has nothing to be escaped, and most addresses are only told of.
        let all = self.url(fhir_type, "");
        let fetched = uuids.iter().map(|uuid| {
            let found = found
                .remove(uuid)
                .map(|(json, place)| self.reader.document(format!("{all}/{uuid}?{WITHOUT_NARRATIVE}"), json, place));
            self.read_unless_found(ObjectId { category, uuid: uuid.clone() }, fhir_type, found)
        });
        let fetched = try_join_all(fetched).await?;
        self.reader.reply(fetched, &probe).await
    }

    /// The search leaves out what is voided: only its own address tells whether it is gone, refused or unknown.
    async fn read_unless_found(&self, object: ObjectId, fhir_type: &str, found: Option<Document>) -> Result<Reading> {
        match found {
            Some(document) => Ok(Reading::Answered(Fetched::Document(document))),
            // Boxed: a request takes 10 KB while it is under way, and without one this would be as large.
            None => {
                let url = self.url(fhir_type, &format!("/{}?{WITHOUT_NARRATIVE}", object.uuid));
                Box::pin(self.reader.read(&object, url)).await
            }
        }
    }

    /// Searches by id. One object alone is read at its own address at once.
    async fn search_all(&self, fhir_type: &str, uuids: &[String]) -> Result<HashMap<String, Found>> {
        if uuids.len() < 2 || self.reader.room.is_full() {
            return Ok(HashMap::new());
        }
        let searches = uuids.chunks(IDS_PER_SEARCH).map(|ids| self.search(fhir_type, ids));
        Ok(try_join_all(searches).await?.into_iter().flatten().collect())
    }

    /// Servers may put less on a page than was asked for. What is not on it is then asked for anew, by id: the link to
    /// the next page would lead wherever the server says.
    async fn search(&self, fhir_type: &str, ids: &[String]) -> Result<HashMap<String, Found>> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = ids.to_vec();
        loop {
            let page = self.search_page(fhir_type, &missing).await?;
            let goes_on = page.has_next && !page.resources.is_empty();
            found.extend(page.resources);
            missing.retain(|id| !found.contains_key(id));
            if !goes_on || missing.is_empty() {
                return Ok(found);
            }
        }
    }

    /// A search that fails finds nothing: one bad record must not spoil its group, so each is then read by itself.
    async fn search_page(&self, fhir_type: &str, ids: &[String]) -> Result<SearchPage> {
        let query = format!("?_id={}&_count={}&{WITHOUT_NARRATIVE}", ids.join(","), ids.len());
        let url = self.url(fhir_type, &query);
        let answer = match self.reader.get(&url, self.max_group_bytes).await {
            Ok(answer) => answer,
            Err(error) if matches!(error.kind, ErrorKind::Malformed | ErrorKind::ParentFailed) => {
                log::info!("a group is read one by one: {}", error.for_log());
                return Ok(SearchPage::default());
            }
            Err(error) => return Err(error),
        };
        if answer.status != 200 {
            log::info!("a group is read one by one: the search answers {} ({url})", answer.status);
            return Ok(SearchPage::default());
        }
        let measured = Measured::of(&answer.body, json::MOST_VALUES_OF_A_GROUP).ok();
        let placed = measured.and_then(|measured| Some((self.reader.room.take(measured.weight())?, measured)));
        let Some((place, measured)) = placed else {
            log::info!("a group is read one by one: the answer to the search takes too much memory ({url})");
            return Ok(SearchPage::default());
        };
        Ok(SearchPage::parse((&answer.body, &measured), fhir_type, ids, place))
    }

    /// Asks for any one object of a category. Errors: why it cannot be read.
    pub(super) async fn probe(&self, category: Category) -> Result<()> {
        let fhir_type = category.fhir_type().ok_or_else(|| not_served(category, Representation::Fhir))?;
        match self.reader.probe(&self.probe_url(fhir_type)).await {
            Err(error) => Err(self.explained(fhir_type, error).await),
            readable => readable,
        }
    }

    /// The same error, with the reason why a whole type answers 404 where the server itself tells it.
    async fn explained(&self, fhir_type: &str, error: Error) -> Error {
        if error.kind != ErrorKind::NotFound {
            return error;
        }
        let why = self.served_types().await.and_then(|served| why_not_served(&served, fhir_type));
        why.map_or(error.clone(), |message| Error { message, ..error })
    }

    /// The types that the server says that it serves; nothing when it does not say.
    async fn served_types(&self) -> Option<Vec<String>> {
        let url = self.reader.parent.url(&format!("{}/metadata", self.path));
        match self.reader.get(&url, self.max_group_bytes).await {
            Ok(answer) => served_types(&answer.body),
            Err(error) => {
                log::info!("why the FHIR server answers 404 is not known: {}", error.for_log());
                None
            }
        }
    }

    fn probe_url(&self, fhir_type: &str) -> Url {
        self.url(fhir_type, &format!("?_count=1&{WITHOUT_NARRATIVE}"))
    }

    fn url(&self, fhir_type: &str, rest: &str) -> Url {
        self.reader.parent.url(&format!("{}/{fhir_type}{rest}", self.path))
    }
}

impl ResourceClient for FhirClient {
    fn name(&self) -> &str {
        &self.reader.client
    }

    fn serves(&self, category: Category, representation: Representation) -> bool {
        representation == Representation::Fhir && category.has(representation)
    }

    fn fetch<'a>(&'a self, category: Category, uuids: &'a [String]) -> BoxFuture<'a, Result<GroupReply>> {
        Box::pin(async move {
            match (self.fetch_group(category, uuids).await?, category.fhir_type()) {
                (GroupReply::CategoryClosed(error), Some(fhir_type)) => {
                    Ok(GroupReply::CategoryClosed(self.explained(fhir_type, error).await))
                }
                (reply, _) => Ok(reply),
            }
        })
    }
}

/// A resource that was found, and where it is kept.
type Found = (Json, Place);

/// The content of one answer to a search.
#[derive(Default)]
struct SearchPage {
    /// By id.
    resources: HashMap<String, Found>,
    /// True if there is more than fits on the page.
    has_next: bool,
}

impl SearchPage {
    /// The resources of a Bundle that were asked for; entries of other types (an OperationOutcome) and ids are left
    /// aside. Nothing if it is no Bundle.
    fn parse((body, measured): (&Bytes, &Measured<'_>), fhir_type: &str, ids: &[String], place: Place) -> SearchPage {
        let Ok(bundle) = measured.read::<Bundle>() else { return SearchPage::default() };
        if bundle.resource_type != "Bundle" {
            return SearchPage::default();
        }
        let resources = bundle.entry.into_iter().filter_map(|entry| entry.resource);
        let resources: Vec<(String, &[u8])> = resources
            .filter_map(|resource| {
                let text = resource.get().as_bytes();
                let head: Head = json::build(text).ok().filter(|_| text.starts_with(b"{"))?;
                let is_wanted = head.resource_type == fhir_type && ids.iter().any(|id| *id == head.id);
                is_wanted.then(|| (head.id.into_owned(), text))
            })
            .collect();
        let places = place.cut(resources.iter().map(|(_, text)| json::weight_of_text(text)));
        let resources = resources
            .into_iter()
            .zip(places)
            .map(|((id, text), place)| (id, (Json::unbuilt(body.slice_ref(text)), place)));
        SearchPage {
            resources: resources.collect(),
            has_next: bundle.link.iter().any(|link| link.relation.as_deref() == Some("next")),
        }
    }
}

/// Of a CapabilityStatement; nothing if it is none.
fn served_types(body: &[u8]) -> Option<Vec<String>> {
    let statement: Value = json::read_group(body).ok()?;
    if statement.get("resourceType")? != "CapabilityStatement" {
        return None;
    }
    let servers = statement.get("rest")?.as_array()?.iter();
    let resources = servers.filter_map(|server| server.get("resource")?.as_array()).flatten();
    let types = resources.filter_map(|resource| resource.get("type")?.as_str());
    Some(types.map(str::to_string).collect())
}

/// Why a type answers 404 at a server that serves these; nothing when they do not explain it.
fn why_not_served(served: &[String], fhir_type: &str) -> Option<String> {
    if !served.iter().any(|served| Category::of_fhir_type(served).is_some()) {
        return Some(
            "the parent's FHIR servlet is without resources, as it is after any module was started or stopped there: \
             restart the parent's OpenMRS. Nothing is lost or removed meanwhile"
                .to_string(),
        );
    }
    let missing = !served.iter().any(|served| served == fhir_type);
    missing.then(|| {
        format!(
            "the parent's FHIR module does not serve {fhir_type}: update the module there, or switch the category off or \
             to another representation here"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(metadata: &str) -> Option<String> {
        why_not_served(&served_types(metadata.as_bytes())?, "Patient")
    }

    #[test]
    fn a_404_is_explained_by_what_the_server_says_that_it_serves() {
        let without_resources = r#"{"resourceType": "CapabilityStatement", "rest": [{"mode": "server"}]}"#;
        assert!(why(without_resources).unwrap().contains("restart"));
        let only_operations =
            r#"{"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "OperationDefinition"}]}]}"#;
        assert!(why(only_operations).unwrap().contains("restart"));
        let others = r#"{"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "Location"}]}]}"#;
        assert!(why(others).unwrap().contains("does not serve Patient"));
    }

    #[test]
    fn nothing_is_guessed_from_an_answer_that_explains_nothing() {
        let served = r#"{"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "Patient"}]}]}"#;
        for metadata in [served, "<html>", "{}", r#"{"resourceType": "OperationOutcome", "rest": []}"#] {
            assert_eq!(why(metadata), None, "{metadata}");
        }
    }
}
