//! The lines that the exchange sends and answers: newline-delimited JSON, one object a line, an answer for each line, in
//! their order.
//!
//! `POST objects/read` takes [`ReadLine`]s and answers [`ReadAnswer`]s; `POST objects/apply` takes [`ApplyLine`]s and
//! answers [`ApplyAnswer`]s. Both ends say with [`MEDIA_TYPE`] which version they speak: another one is refused with 415,
//! and the child then goes on without the exchange. A request may be gzip, which its first bytes tell and no header needs
//! to: OpenMRS refuses requests with `Content-Encoding` unless a global property allows their path.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decide::removal::Standing;
use crate::error::{Error, Namesake};
use crate::event::{Category, ObjectId, is_object_uuid};
use crate::introduction::Introduction;

/// The content type of requests and answers; its `v1` is the version.
pub const MEDIA_TYPE: &str = "application/vnd.openmrs.sync2.v1+ndjson";

/// The header in which a child says its node id.
pub const NODE_HEADER: &str = "x-sync2-node";

/// May be the first line of an `objects/apply` request, and is answered by a [`GreetingAnswer`]: the two nodes learn how the
/// other one stands. A node that does not know it answers that it cannot read the line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GreetingLine {
    /// How the child stands.
    pub greeting: Greeting,
}

/// The greeting of a child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Greeting {
    /// Places of the parent's feed at which the child has seen it, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<FeedPlace>,
    /// How the child is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Introduction>,
}

/// Answers a [`GreetingLine`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GreetingAnswer {
    /// How the parent stands.
    pub greeting: Greeted,
}

/// The answer of a parent to a greeting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Greeted {
    /// The versions of the canonical form that it compares documents by.
    #[serde(default)]
    pub canonical_versions: Vec<u32>,
    /// Where its feed ends; nothing for an account that may do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedPlace>,
    /// Which of the places that the child has seen is the first that this feed has had, counted from 0; nothing when none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<usize>,
    /// From where on the child numbers its requests until it greets again: greater than all numbers that this parent gave before. A
    /// parent of an earlier release gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbered_from: Option<u64>,
}

/// A place in the complete feed of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedPlace {
    /// The epoch of the feed, at most 64 characters; event numbers and ids are its own.
    pub epoch: String,
    /// The number of the event; 0 before the first.
    pub number: u64,
    /// The event's id; empty before the first.
    pub event: String,
}

impl FeedPlace {
    /// Returns true if the database has room for it: it comes from outside.
    pub(crate) fn can_be_kept(&self) -> bool {
        let kept = |id: &str| id.len() <= 64;
        kept(&self.epoch) && kept(&self.event) && i64::try_from(self.number).is_ok()
    }
}

/// Asks for one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadLine {
    /// The name of the object's category.
    pub category: String,
    /// The object's uuid; empty with `listing` and `digests`.
    pub uuid: String,
    /// `fhir` or `rest`.
    pub representation: String,
    /// Asks what hangs on the object, and not for its document.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hanging: bool,
    /// Asks for the hash of its document in this version of the canonical form, and not for the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashed: Option<u32>,
    /// Asks what somebody decided about a conflict, beside what else is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Disputed>,
    /// Asks for a list of what is there of the category, and not for an object: `uuid` is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
    /// Asks for digests of what is there of the category, and not for an object: `uuid` is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<Digesting>,
}

/// Asks for a part of the list of a category, with the hashes of the documents in the representation of the line, in the
/// version of their form that `hashed` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// See [`Listed::reached`]; nothing at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many objects at most; there are less where the parent does not want to read so many at once.
    pub most: usize,
    /// True if it is to say where each object belongs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub located: bool,
}

/// A part of the list of what the parent has of a category and the account may read. What was removed there is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The objects, in the order of the list; it may be empty before the end.
    #[serde(default)]
    pub objects: Vec<ListedObject>,
    /// How far the list has come, also where nothing of that may be read; nothing at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<String>,
}

/// An object that the parent has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedObject {
    /// The object's uuid.
    pub uuid: String,
    /// Nothing where its document cannot be read, or was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The locations that it belongs to, where that was asked for, as the entries of the feed name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<String>,
}

/// Asks for digests of what is there of a category in the representation of the line, by hashes in the version of their form that
/// `hashed` says: one for each `width` of the leaves from `from` to before `to` ([`crate::decide::digest`]). Without a width it asks
/// for the objects of the one leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Digesting {
    /// The first leaf.
    pub from: u32,
    /// The leaf after the last.
    pub to: u32,
    /// How many leaves a digest is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// True if it is to say where each object belongs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub located: bool,
}

/// Answers a question for digests. What was removed at the parent is not in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Digested {
    /// True if all is in it that the parent has; else it is still working them out, and is to be asked again.
    #[serde(default)]
    pub whole: bool,
    /// Rises as long as it works on them.
    #[serde(default)]
    pub turn: u64,
    /// The digests, in the order of the leaves: fewer than asked for where the parent does not want to look at so many objects at
    /// once, from the first on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<RangeDigest>,
    /// The objects of the leaf that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ListedObject>,
}

/// The digest of a range of leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RangeDigest {
    /// How many objects there are.
    pub objects: u64,
    /// 32 hexadecimal digits: the sum, modulo 2 to the 128th, of the first 16 bytes of the SHA-256 of uuid, blank and hash of each.
    pub sum: String,
}

/// A conflict that a child met, with the hashes of what each side has; nothing of one that removed the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Disputed {
    /// The child's node id.
    pub child: String,
    /// The hash of the child's version; nothing when the child removed the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub childs: Option<String>,
    /// The hash of the parent's version; nothing when the parent removed the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parents: Option<String>,
}

/// Names one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Name {
    /// The name of the object's category.
    pub category: String,
    /// The object's uuid.
    pub uuid: String,
}

impl Name {
    /// The name of an object.
    pub(crate) fn of(object: ObjectId) -> Name {
        Name { category: object.category.name().to_string(), uuid: object.uuid }
    }

    /// The object of that name; nothing for a kind of object that this version does not know.
    pub(crate) fn object(self) -> Option<ObjectId> {
        let category = Category::parse(&self.category)?;
        is_object_uuid(&self.uuid).then_some(ObjectId { category, uuid: self.uuid })
    }
}

/// The answer of a parent about one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadAnswer {
    /// The category of the line that is answered.
    pub category: String,
    /// The uuid of the line that is answered.
    pub uuid: String,
    /// The state of the object at the parent.
    pub state: ReadState,
    /// Of a present object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
    /// Of a removed object: why, in its author's words with the author's name. A parent of 0.1.0 does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it was asked for: what hangs on the object and is not removed, as far as the account may read it. A parent that
    /// does not know the question gives its document instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hanging: Option<Vec<Name>>,
    /// Where it was asked for, the hash of the document. A parent that does not know the question, or the version, gives the
    /// document instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Where it was asked for, what somebody at the parent decided about exactly these two versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Where it was asked for. A parent that does not know the question, or whose server cannot say, does not give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
    /// Where it was asked for. A parent that does not know the question, or keeps no digests of what the account may read, does not
    /// give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digested: Option<Digested>,
    /// Why it is refused or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<WireError>,
}

/// The answer of a parent that was asked for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReadState {
    /// It is here, and the account may read it: what 200 says of one address.
    Present,
    /// It was here, and was voided or deleted: what 410 says of one address.
    Removed,
    /// Never seen here: what 404 says of one address.
    Absent,
    /// Outside of what the account may read: what 403 says of one address.
    Refused,
    /// The account may read nothing of this category: what 403 says of every address.
    Closed,
    /// It could not be read.
    Failed,
}

/// The decision of a person at a parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// A choice by its name, as the parent sees it: `ours` is the parent's.
    pub choice: String,
    /// The account of the person.
    pub by: String,
    /// In the person's words.
    pub reason: String,
}

/// Brings one object to the parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyLine {
    /// The name of the object's category.
    pub category: String,
    /// The object's uuid.
    pub uuid: String,
    /// `fhir` or `rest`: what the document and the hashes are in.
    pub representation: String,
    /// The version of the canonical form that the hashes are of (see [`crate::decide::canonical::VERSION`]).
    pub canonical_version: u32,
    /// The action that the child's event names, such as `VOIDED`.
    pub action: String,
    /// Nothing when it was removed at the child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
    /// The hash of the parent's version that the child saw last; nothing when it saw none, or saw that it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// The hashes of what the child sent since `last_seen` and never heard of again; the empty text stands for a removal.
    /// There may be several: a line can break at each of several tries, between which the object was edited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// The parent was restored from a copy that has the events of its feed up to this number, and `last_seen` is of later: what
    /// nobody has changed there since is older than what the child brings. 0 where none of its events is known: then nothing tells
    /// what was changed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_to: Option<u64>,
    /// With `restored_to`: the hashes of the parent's versions that the child's edits replaced one after the other, up to
    /// `last_seen`, the oldest first. What the parent has of them is older than what the child brings, though its feed told of it
    /// anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<String>,
    /// The child was made from a copy of the parent's database that has the events of its feed up to this number, and both have
    /// not agreed on the object since: the child saw last what was there then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_at: Option<u64>,
    /// Of a removal: what went along at the child, and what somebody there decided is to go along here, each as the child
    /// knows it. Anything else that hangs on the object here stands against the removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_along: Vec<Along>,
    /// Of a removal: why, in its author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The number of the request that brings it, greater than those of all that this child sent before: what a line held back until the
    /// child had gone on is known by it, and not done any more. Nothing where the parent gave none (see
    /// [`Greeted::numbered_from`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

/// Something that goes along with a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Along {
    /// The name of its category.
    pub category: String,
    /// Its uuid.
    pub uuid: String,
    /// The representation that the hash is of.
    pub representation: String,
    /// The hash of the parent's version that the child saw last.
    pub last_seen: String,
}

/// An object that stands against a removal, as a conflict tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// The name of its category.
    pub category: String,
    /// Its uuid.
    pub uuid: String,
    /// The name by which a person knows it. No medical content.
    pub label: String,
    /// Why it stands against the removal.
    pub why: Standing,
    /// The representation that the hash is of.
    pub representation: String,
    /// Of what it is on the side where it is not removed: who decides to remove it, too, decides on this.
    pub hash: String,
}

/// The answer of a parent to one change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyAnswer {
    /// The category of the line that is answered.
    pub category: String,
    /// The uuid of the line that is answered.
    pub uuid: String,
    /// The result of the change.
    pub status: ApplyStatus,
    /// The hash of what the parent has now, read back from its database; nothing when it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The paths that differ after it was saved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost_paths: Vec<String>,
    /// Notes that people should know about it: what it was saved without, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The parent's rules of data entry that it does not keep, in the parent's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// At a conflict, and where not all of what was sent was kept: the parent's document, unless it was removed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// The objects that hang on an object that the child wanted to remove, and stand against that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_along: Vec<Named>,
    /// How many more stand against it, which are not named: they are many, or the account may not read them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
    /// Of a removal that was done: what the child said goes along and stays here, because it hangs on something else by now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stayed: Vec<Name>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<WireError>,
    /// In the last answer of some, where the parent's feed ends: what was done tells of itself before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedPlace>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The result of a change at the parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ApplyStatus {
    /// It was saved, and all of it survived.
    Applied,
    /// Saved, but not all of it survived.
    Partial,
    /// The parent had this already.
    Unchanged,
    /// It was removed, and read back as removed.
    Removed,
    /// The parent's version is not the one that the child saw last.
    Conflict,
    /// Nothing of it was changed; `error` says why.
    Failed,
}

/// An error as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// The name of an [`ErrorKind`](crate::error::ErrorKind).
    pub kind: String,
    /// The failure in words, for a person.
    pub message: String,
    /// Of metadata that the parent has under another uuid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namesake: Option<Namesake>,
}

impl From<&Error> for WireError {
    fn from(error: &Error) -> WireError {
        let namesake = error.namesake.as_deref().cloned();
        WireError { kind: error.kind.name().to_string(), message: error.message.clone(), namesake }
    }
}
