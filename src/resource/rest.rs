//! Objects as OpenMRS REST documents, in the view of their category: one request each, several at once.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use url::Url;

use super::address::AddressReader;
use super::room::Room;
use super::{Document, Fetched, GroupReply, ResourceClient, not_served};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::event::{Category, ObjectId, Representation};
use crate::http::ParentClient;

/// Reads from the parent's REST endpoint.
pub(super) struct RestClient {
    reader: AddressReader,
    /// `parent.restPath`
    path: String,
}

impl RestClient {
    pub(super) fn new(parent: Arc<ParentClient>, config: &Config, room: Room) -> RestClient {
        RestClient {
            path: config.parent.as_ref().map(|parent| parent.rest_path.clone()).unwrap_or_default(),
            reader: AddressReader {
                parent,
                representation: Representation::Rest,
                client: "rest".into(),
                accept: "application/json",
                max_body_bytes: config.transfer.max_body_bytes,
                room,
            },
        }
    }

    async fn fetch_group(&self, category: Category, uuids: &[String]) -> Result<GroupReply> {
        let Some(resource) = category.rest_resource() else {
            return Err(not_served(category, Representation::Rest));
        };
        let resource = format!("{}/{resource}", self.path);
        let addresses = uuids.iter().map(|uuid| {
            let url = self.reader.parent.url(&format!("{resource}/{uuid}?v={}", category.rest_view()));
            (ObjectId { category, uuid: uuid.clone() }, url)
        });
        let fetched = self.reader.read_all(addresses.collect()).await?;
        Ok(match self.reader.reply(fetched, &self.probe_url(&resource)).await? {
            GroupReply::Objects(fetched) => GroupReply::Objects(fetched.into_iter().map(with_short_address).collect()),
            closed => closed,
        })
    }

    /// Asks for any one object of a category. Errors: why it cannot be read.
    pub(super) async fn probe(&self, category: Category) -> Result<()> {
        let resource = category.rest_resource().ok_or_else(|| not_served(category, Representation::Rest))?;
        self.reader.probe(&self.probe_url(&format!("{}/{resource}", self.path))).await
    }

    fn probe_url(&self, resource: &str) -> Url {
        self.reader.parent.url(&format!("{resource}?limit=1"))
    }
}

/// The view is long, the same for all objects of a category, and not to be written beside each of them.
fn with_short_address(fetched: Fetched) -> Fetched {
    let short = |url: String| url.split('?').next().unwrap_or_default().to_string();
    match fetched {
        Fetched::Document(document) => Fetched::Document(Document { url: short(document.url), ..document }),
        Fetched::Gone { url, reason } => Fetched::Gone { url: short(url), reason },
        Fetched::Failed(error) => Fetched::Failed(Error { url: error.url.map(short), ..error }),
    }
}

impl ResourceClient for RestClient {
    fn name(&self) -> &str {
        &self.reader.client
    }

    fn serves(&self, category: Category, representation: Representation) -> bool {
        representation == Representation::Rest && category.has(representation)
    }

    fn fetch<'a>(&'a self, category: Category, uuids: &'a [String]) -> BoxFuture<'a, Result<GroupReply>> {
        Box::pin(self.fetch_group(category, uuids))
    }
}
