//! Clients and filters of the host program, which tokio's threads have asked on the thread that called the engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::ahead::Answer;
use super::received::Received;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::event::{Category, Event, ObjectId, Representation};
use crate::filter::HostFilter;
use crate::resource::{Fetched, GroupReply, HostClient, ResourceClient};
use crate::run::calling_thread::CallingThread;

/// A client of the host as one that tokio can ask.
pub(super) struct DelegatedClient {
    client: Arc<dyn HostClient>,
    representations: BTreeMap<Category, Representation>,
    thread: CallingThread,
}

impl DelegatedClient {
    pub(crate) fn new(client: Arc<dyn HostClient>, config: &Config, thread: CallingThread) -> DelegatedClient {
        let representations = Category::all().map(|category| (category, config.representation(category))).collect();
        DelegatedClient { client, representations, thread }
    }
}

impl ResourceClient for DelegatedClient {
    fn name(&self) -> &str {
        self.client.name()
    }

    fn serves(&self, category: Category, representation: Representation) -> bool {
        self.client.serves(representation, category)
    }

    /// A failure of the group as a whole that does not stop the run is the failure of each of its objects.
    fn fetch<'a>(&'a self, category: Category, uuids: &'a [String]) -> BoxFuture<'a, Result<GroupReply>> {
        let (client, asked) = (self.client.clone(), uuids.to_vec());
        let representation =
            self.representations.get(&category).copied().unwrap_or_else(|| category.default_representation());
        Box::pin(async move {
            let fetched = self.thread.run(move || client.fetch(representation, category, &asked)).await?;
            Ok(GroupReply::Objects(match fetched {
                Ok(fetched) => fetched,
                Err(error) if error.kind.stops_run() => return Err(error),
                Err(error) => vec![Fetched::Failed(error); uuids.len()],
            }))
        })
    }
}

/// The filters of the host.
pub(super) struct DelegatedFilters {
    filters: Vec<Arc<dyn HostFilter>>,
    thread: CallingThread,
}

impl DelegatedFilters {
    pub(crate) fn new(filters: Vec<Arc<dyn HostFilter>>, thread: CallingThread) -> DelegatedFilters {
        DelegatedFilters { filters, thread }
    }

    /// Which of the events are still wanted. Events after one that a filter could not decide on are left out, and the
    /// error comes with the others: nothing may pass a filter unseen.
    pub(crate) async fn sift(&self, events: Vec<(Event, bool)>) -> Result<(Vec<(Event, bool)>, Option<Error>)> {
        if self.filters.is_empty() {
            return Ok((events, None));
        }
        let filters = self.filters.clone();
        self.thread.run(move || sift(&filters, events)).await
    }

    /// Which of the documents are wanted. One that a filter could not decide on is that object's failure, unless the
    /// error stops the run.
    pub(crate) async fn judge(&self, answers: Vec<(ObjectId, Answer)>) -> Result<Vec<(ObjectId, Answer)>> {
        if self.filters.is_empty() {
            return Ok(answers);
        }
        let filters = self.filters.clone();
        let judge = move || answers.into_iter().map(|(object, answer)| judge(&filters, object, answer)).collect();
        self.thread.run(judge).await?
    }
}

fn sift(filters: &[Arc<dyn HostFilter>], events: Vec<(Event, bool)>) -> (Vec<(Event, bool)>, Option<Error>) {
    let mut sifted = Vec::with_capacity(events.len());
    for (event, wanted) in events {
        // An entry that cannot be understood is parked whatever it is about.
        let wanted = match &event.object {
            Ok(object) if wanted => all(filters, |filter| filter.wants_event(object, &event)),
            _ => Ok(wanted),
        };
        match wanted {
            Ok(wanted) => sifted.push((event, wanted)),
            Err(error) => return (sifted, Some(error)),
        }
    }
    (sifted, None)
}

fn judge(filters: &[Arc<dyn HostFilter>], object: ObjectId, answer: Answer) -> Result<(ObjectId, Answer)> {
    let Answer::Object(Received::Document(document)) = &answer else { return Ok((object, answer)) };
    let representation = document.origin.representation;
    let answer = match all(filters, |filter| filter.wants_document(representation, &object, &document.content.to_save))
    {
        Ok(true) => answer,
        Ok(false) => Answer::LeftOut,
        Err(error) if error.kind.stops_run() => return Err(error),
        Err(error) => Answer::Object(Received::Failed(error)),
    };
    Ok((object, answer))
}

fn all(filters: &[Arc<dyn HostFilter>], mut wants: impl FnMut(&dyn HostFilter) -> Result<bool>) -> Result<bool> {
    for filter in filters {
        if !wants(filter.as_ref())? {
            return Ok(false);
        }
    }
    Ok(true)
}
