//! The questions of the engine to the side that it runs in: OpenMRS, the standalone node, or a test. All of it happens on the
//! thread that called the engine, in that thread's one transaction.

use std::time::Duration;

use crate::decide::belonging::Place;
use crate::error::Result;
use crate::event::{Action, Category, ObjectId, Representation};
use crate::store::Transaction;

/// A call into the host that has not come back for so long will hardly do so by itself: a batch takes seconds.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(600);

/// The host's version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Never seen here, or purged.
    Absent,
    /// Here, but voided or deleted; over FHIR also retired.
    Removed,
    /// Here; the document in the representation that was asked for, as JSON.
    Present(Vec<u8>),
}

/// Something that hangs on an object: removing that one removes it, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// Which object.
    pub object: ObjectId,
    /// True if it is removed already.
    pub removed: bool,
    /// The name by which a person knows it: kind, date and type, never what was found or noted. Shown to who may see the object;
    /// never logged.
    pub label: String,
}

/// How an object is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The action that the event names.
    pub action: Action,
    /// Why, for who looks at the removed object later.
    pub reason: String,
}

/// The Java side. Every call may block on the host's database, none on the network.
///
/// Errors: [`ErrorKind::Rejected`](crate::error::ErrorKind::Rejected) when the host's validators refuse the object,
/// [`Duplicate`](crate::error::ErrorKind::Duplicate) when another object has its identifier,
/// [`Host`](crate::error::ErrorKind::Host) for everything else. After any error the engine rolls back.
///
/// A method that is added here is added to [`MappedHost`](crate::mapped_host::MappedHost), too.
pub trait Host: Transaction {
    /// Creates or updates the object under its uuid, whatever was here (a removed object is restored), and flushes, so
    /// that an error belongs to this object.
    fn save(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()>;

    /// As [`save`](Host::save), but what the other side holds was accepted there: a rule of data entry of the host does not
    /// refuse it, as long as the host can hold it. Returns the rules that it does not keep, in words without its values.
    fn record(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<Vec<String>> {
        self.save(representation, object, document)?;
        Ok(Vec::new())
    }

    /// Voids, retires or deletes the object, as its kind knows it, with all that hangs on it.
    fn remove(&mut self, representation: Representation, object: &ObjectId, removal: &Removal) -> Result<()>;

    /// Everything that hangs on an object of a kind that takes others along when it is removed: on a patient its visits,
    /// encounters and observations; on a visit its encounters; on an encounter its observations; on a group its members;
    /// and what hangs on these. What is removed already is among them. Nothing in a host that removes objects alone.
    fn dependents(&mut self, _object: &ObjectId) -> Result<Vec<Dependent>> {
        Ok(Vec::new())
    }

    /// For each object why it was removed, in its author's words with the author's name; nothing when it is not removed.
    /// A host that does not know says of none that it is.
    fn why_removed(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        Ok(vec![None; objects.len()])
    }

    /// For each object, removed or not, where it belongs: at its encounter's location, else at its own, else at its patient's,
    /// who is at those of the identifiers. Nothing for an object that is not here, and for one of which only its document
    /// says it.
    fn places(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<Place>>> {
        Ok(vec![None; objects.len()])
    }

    /// Flushes and clears the session, so that what is read next comes from the database.
    fn clear(&mut self) -> Result<()>;

    /// Locks what this transaction will write, and what that refers to, in one order and before anything else: so it waits
    /// for others only while it holds nothing that they need. To be called at most once, directly after `begin`: a host that
    /// is chosen as the victim of a deadlock may roll back and begin anew. May lock nothing.
    fn lock(&mut self, _objects: &[ObjectId], _referred: &[ObjectId]) -> Result<()> {
        Ok(())
    }

    /// Says which objects are read next in this transaction, without locking them: a host may load them together. Nothing
    /// depends on it: what cannot be loaded fails when it is read.
    fn expect_reads(&mut self, _representation: Representation, _objects: &[ObjectId]) -> Result<()> {
        Ok(())
    }

    /// Reads the object; with `lock` its rows stay locked until the transaction ends.
    fn read(&mut self, representation: Representation, object: &ObjectId, lock: bool) -> Result<Stored>;

    /// For each object whether it is here, removed or not, so that a reference to it holds.
    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>>;

    /// The uuids of the objects of a category, removed or not, that come after that uuid in an order of the host's own, which does
    /// not change; from the first without one. At most so many, and less only at the end. Nothing in a host that cannot say.
    fn list(&mut self, _category: Category, _after: Option<&str>, _most: usize) -> Result<Option<Vec<String>>> {
        Ok(None)
    }

    /// Until [`await_index`](Host::await_index) with the same name, no commit on this thread waits for the index that people are
    /// searched in: it follows by itself. Outside of a transaction. Returns false where there is no such index or where a commit
    /// waits for it all the same.
    fn index_behind(&mut self, _call: &str) -> Result<bool> {
        Ok(false)
    }

    /// Waits until the index has on its disk whatever was committed under that name, on any thread; from then on commits wait for
    /// it again. Outside of a transaction.
    ///
    /// Errors: [`Host`](crate::error::ErrorKind::Host) when the index may lack some of it.
    fn await_index(&mut self, _call: &str) -> Result<()> {
        Ok(())
    }

    /// Brings what the index has of these objects up to what the database has, and waits for it. Objects that are not here, and
    /// those of a kind that has no index, are left out. In a transaction in which they are locked.
    fn index_again(&mut self, _objects: &[ObjectId]) -> Result<()> {
        Ok(())
    }

    /// Waits until all that this call of the engine has committed is found by a search, where the host lets its index follow.
    /// Outside of a transaction. What fails is tried again later.
    fn catch_index_up(&mut self) {}
}
