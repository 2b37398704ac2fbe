//! The parent's answers for objects, worked out where they were fetched: the calling thread, which saves, is the one that
//! everything waits for.

use crate::audit::Origin;
use crate::decide::content::Content;
use crate::decide::merge::is_changeable;
use crate::error::Error;
use crate::event::{ObjectId, Representation};
use crate::resource::{Document, Fetched, Place};
use crate::store::bases::Packed;
use crate::withheld::Reduced;

/// The result for one object that was asked for.
#[derive(Debug)]
pub(super) enum Received {
    Document(Box<Incoming>),
    /// The parent says with 410 that it is no longer there.
    Gone {
        url: String,
        /// Why it was removed, in its author's words, where the parent tells.
        reason: Option<String>,
    },
    /// It could not be had.
    Failed(Error),
}

/// A document of the parent.
#[derive(Debug)]
pub(super) struct Incoming {
    pub origin: Origin,
    pub content: Content,
    /// The canonical form as it is kept for merges; nothing for what is never changed.
    pub packed: Option<Packed>,
    /// The document that is saved in its place; nothing when all of it is.
    pub reduced: Option<Reduced>,
    /// Where it is kept until it is applied.
    pub place: Place,
}

impl Received {
    pub(crate) fn of(object: &ObjectId, fetched: Fetched) -> Received {
        match fetched {
            Fetched::Document(document) => Received::Document(Box::new(Incoming::of(object, document))),
            Fetched::Gone { url, reason } => Received::Gone { url, reason },
            Fetched::Failed(error) => Received::Failed(error),
        }
    }
}

impl Incoming {
    fn of(object: &ObjectId, document: Document) -> Incoming {
        let Document { representation, client, url, json, place } = document;
        let content = Content::of(representation, object, &json);
        // A document that cannot be packed here fails with words when it is kept.
        let packed = is_changeable(object.category).then(|| Packed::of(&content.canonical).ok()).flatten();
        let bytes = content.to_save.len() + content.canonical.len() + packed.as_ref().map_or(0, Packed::bytes);
        Incoming {
            origin: Origin { representation, client: client.to_string(), url },
            place: place.shrunk_to(bytes),
            content,
            packed,
            reduced: None,
        }
    }

    /// Returns the bytes that are saved.
    pub(crate) fn as_saved(&self) -> (Representation, &[u8]) {
        let document = self.reduced.as_ref().map_or(&self.content.to_save, |reduced| &reduced.to_save);
        (self.content.representation, document)
    }

    /// The other objects that what is saved refers to.
    pub(crate) fn references(&self) -> impl Iterator<Item = &ObjectId> {
        let is_left_out = |object: &&ObjectId| self.reduced.iter().any(|reduced| reduced.without.contains(*object));
        self.content.references.iter().filter(move |object| !is_left_out(object))
    }
}
