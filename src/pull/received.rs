//! What the parent gave for an object, worked out where it was fetched: the calling thread, which saves, is the one that
//! everything waits for.

use crate::audit::Origin;
use crate::decide::content::Content;
use crate::error::Error;
use crate::event::ObjectId;
use crate::resource::{Document, Fetched};

/// What became of one object that was asked for.
#[derive(Debug)]
pub(super) enum Received {
    Document(Box<Incoming>),
    /// The parent says with 410 that it is no longer there.
    Gone {
        url: String,
    },
    /// It could not be had.
    Failed(Error),
}

/// A document of the parent.
#[derive(Debug)]
pub(super) struct Incoming {
    pub origin: Origin,
    pub content: Content,
}

impl Received {
    pub fn of(object: &ObjectId, fetched: Fetched) -> Received {
        match fetched {
            Fetched::Document(document) => Received::Document(Box::new(Incoming::of(object, document))),
            Fetched::Gone { url } => Received::Gone { url },
            Fetched::Failed(error) => Received::Failed(error),
        }
    }
}

impl Incoming {
    fn of(object: &ObjectId, document: Document) -> Incoming {
        let Document { representation, client, url, json } = document;
        Incoming {
            origin: Origin { representation, client: client.to_string(), url },
            content: Content::of(representation, object, &json),
        }
    }
}
