//! The index that people are searched in follows what a run saves, instead of holding up each commit. What it may not have yet is
//! noted in the transaction that saves it. The notes are removed once it certainly has that; those that a killed process left
//! are carried out by the next one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use log::warn;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::decide::belonging::Place;
use crate::error::Result;
use crate::event::{Category, ObjectId, Representation};
use crate::host::{Dependent, Host, Removal, Stored};
use crate::store::unindexed::{self, Note};
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction, transaction};

/// The most objects of one note: what is indexed anew in one transaction.
const OBJECTS_OF_A_NOTE: usize = 100;

/// After so many objects the index is waited for in the middle of a call, so that a kill leaves no more than these behind.
const MOST_OBJECTS: usize = 5_000;

/// The most notes that are carried out at once; the next time goes on.
const MOST_NOTES: u32 = 200;

/// Which calls of an engine have the index follow.
pub(crate) struct Indexing {
    closing: CancellationToken,
    /// The names of those that will wait for it themselves: their notes are left to them.
    under_way: Mutex<HashSet<String>>,
    /// Those that brought the lines of an exchange, by the child's node id, until that exchange ends.
    brought: Mutex<HashMap<String, Vec<Committed>>>,
    /// Held by who carries notes out.
    carrying_out: Mutex<()>,
}

/// What a call has committed and the index may lack.
struct Committed {
    call: String,
    notes: Vec<i64>,
}

impl Indexing {
    /// Of an engine that ends with this token.
    pub(crate) fn new(closing: CancellationToken) -> Indexing {
        Indexing { closing, under_way: Mutex::default(), brought: Mutex::default(), carrying_out: Mutex::default() }
    }

    /// Does the work with an index that follows, after what killed calls have left. All of it is found by a search once this
    /// returns.
    pub(crate) fn behind<T>(&self, host: &mut dyn Host, work: impl FnOnce(&mut dyn Host) -> T) -> T {
        let mut following = Following::begin(host, self.enter());
        if following.follows {
            self.carry_out(following.host);
            following.follow();
        }
        let done = work(&mut following);
        following.catch_index_up();
        let call = following.call;
        self.leave(&call);
        done
    }

    /// As [`behind`](Indexing::behind), but nobody waits for the index before [`end_exchange`](Indexing::end_exchange) of the
    /// same child.
    pub(crate) fn behind_exchange<T>(
        &self,
        host: &mut dyn Host,
        child: &str,
        work: impl FnOnce(&mut dyn Host) -> T,
    ) -> T {
        let mut following = Following::begin(host, self.enter());
        let done = work(&mut following);
        match following.committed() {
            Some(committed) => lock(&self.brought).entry(child.to_string()).or_default().push(committed),
            None => {
                let call = following.call;
                self.leave(&call);
            }
        }
        done
    }

    /// Waits until what this child has brought is found by a search.
    pub(crate) fn end_exchange(&self, host: &mut dyn Host, child: &str) {
        let brought = lock(&self.brought).remove(child).unwrap_or_default();
        for committed in brought {
            await_index(host, &committed);
            self.leave(&committed.call);
        }
    }

    /// Has the index take what calls have noted that have ended before it had that. What fails is left for the next time.
    pub(crate) fn carry_out(&self, host: &mut dyn Host) {
        let _only = lock(&self.carrying_out);
        let outcomes: Vec<Result<()>> = match self.left_behind(host) {
            Ok(left) => left.iter().map(|(call, note)| self.index_anew(host, call, note)).collect(),
            Err(error) => vec![Err(error)],
        };
        for error in outcomes.into_iter().filter_map(Result::err) {
            warn!("the search index may lack what was saved, which is tried again: {}", error.for_log());
        }
    }

    /// Returns notes of calls that have ended.
    fn left_behind(&self, host: &mut dyn Host) -> Result<Vec<(String, Note)>> {
        let mut calls = transaction::read(host, |host| unindexed::calls(host))?;
        calls.retain(|call| !lock(&self.under_way).contains(call));
        let mut left: Vec<(String, Note)> = Vec::new();
        for call in calls {
            let most = MOST_NOTES - left.len() as u32;
            let notes = transaction::read(host, |host| unindexed::list(host, &call, most))?;
            left.extend(notes.into_iter().map(|note| (call.clone(), note)));
        }
        Ok(left)
    }

    /// The objects stay locked until the index has them, so that it never has an older version after a newer one.
    fn index_anew(&self, host: &mut dyn Host, call: &str, note: &Note) -> Result<()> {
        if self.closing.is_cancelled() {
            return Ok(());
        }
        transaction::write(host, |host| {
            host.lock(&note.objects, &[])?;
            host.index_again(&note.objects)?;
            unindexed::remove(host, call, &[note.number])
        })
    }

    fn enter(&self) -> String {
        let call = Uuid::new_v4().to_string();
        lock(&self.under_way).insert(call.clone());
        call
    }

    fn leave(&self, call: &str) {
        lock(&self.under_way).remove(call);
    }
}

/// What fails leaves the notes there.
fn await_index(host: &mut dyn Host, committed: &Committed) {
    let awaited = host
        .await_index(&committed.call)
        .and_then(|()| transaction::write(host, |host| unindexed::remove(host, &committed.call, &committed.notes)));
    if let Err(error) = awaited {
        warn!("the search index did not take what was saved, which is tried again: {}", error.for_log());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands every call on and notes what is saved. Every method of [`Host`] has to be here, also those with a default.
struct Following<'a> {
    host: &'a mut dyn Host,
    call: String,
    /// True if the host lets the index follow.
    follows: bool,
    /// What the transaction has written so far.
    written: BTreeSet<ObjectId>,
    /// How many objects the notes name.
    objects: usize,
    /// The last number of a note, committed or not.
    last: i64,
    /// The notes that are committed.
    notes: Vec<i64>,
}

impl<'a> Following<'a> {
    fn begin(host: &'a mut dyn Host, call: String) -> Following<'a> {
        let mut following =
            Following { host, call, follows: false, written: BTreeSet::new(), objects: 0, last: 0, notes: Vec::new() };
        following.follow();
        following
    }

    /// An index that cannot follow holds up each commit, as it does where nobody asks.
    fn follow(&mut self) {
        self.follows = self.host.index_behind(&self.call).unwrap_or_else(|error| {
            warn!("the search index is waited for in each transaction: {}", error.for_log());
            false
        });
    }

    fn writes(&mut self, object: &ObjectId) {
        if self.follows && object.category.kind().is_indexed {
            self.written.insert(object.clone());
        }
    }

    /// In the transaction. Returns the numbers of its notes.
    fn note(&mut self) -> Result<Vec<i64>> {
        let written: Vec<ObjectId> = std::mem::take(&mut self.written).into_iter().collect();
        let mut numbers = Vec::new();
        for objects in written.chunks(OBJECTS_OF_A_NOTE) {
            self.last += 1;
            unindexed::add(self.host, &self.call, &Note { number: self.last, objects: objects.to_vec() })?;
            numbers.push(self.last);
        }
        self.objects += written.len();
        Ok(numbers)
    }

    /// What the index may lack; nothing where it follows nobody.
    fn committed(&mut self) -> Option<Committed> {
        let notes = std::mem::take(&mut self.notes);
        self.objects = 0;
        self.follows.then(|| Committed { call: self.call.clone(), notes })
    }
}

impl Host for Following<'_> {
    fn save(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<()> {
        self.writes(object);
        self.host.save(representation, object, document)
    }

    fn record(&mut self, representation: Representation, object: &ObjectId, document: &[u8]) -> Result<Vec<String>> {
        self.writes(object);
        self.host.record(representation, object, document)
    }

    fn remove(&mut self, representation: Representation, object: &ObjectId, removal: &Removal) -> Result<()> {
        self.writes(object);
        self.host.remove(representation, object, removal)
    }

    fn dependents(&mut self, object: &ObjectId) -> Result<Vec<Dependent>> {
        self.host.dependents(object)
    }

    fn why_removed(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<String>>> {
        self.host.why_removed(objects)
    }

    fn places(&mut self, objects: &[ObjectId]) -> Result<Vec<Option<Place>>> {
        self.host.places(objects)
    }

    fn clear(&mut self) -> Result<()> {
        self.host.clear()
    }

    fn lock(&mut self, objects: &[ObjectId], referred: &[ObjectId]) -> Result<()> {
        self.host.lock(objects, referred)
    }

    fn expect_reads(&mut self, representation: Representation, objects: &[ObjectId]) -> Result<()> {
        self.host.expect_reads(representation, objects)
    }

    fn read(&mut self, representation: Representation, object: &ObjectId, lock: bool) -> Result<Stored> {
        self.host.read(representation, object, lock)
    }

    fn exists(&mut self, objects: &[ObjectId]) -> Result<Vec<bool>> {
        self.host.exists(objects)
    }

    fn list(&mut self, category: Category, after: Option<&str>, most: usize) -> Result<Option<Vec<String>>> {
        self.host.list(category, after, most)
    }

    fn index_behind(&mut self, call: &str) -> Result<bool> {
        self.host.index_behind(call)
    }

    fn await_index(&mut self, call: &str) -> Result<()> {
        self.host.await_index(call)
    }

    fn index_again(&mut self, objects: &[ObjectId]) -> Result<()> {
        self.host.index_again(objects)
    }

    fn catch_index_up(&mut self) {
        if let Some(committed) = self.committed() {
            self.follows = false;
            await_index(self.host, &committed);
        }
    }
}

impl Sql for Following<'_> {
    fn dialect(&self) -> Dialect {
        self.host.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.host.update(statement, parameters)
    }

    fn update_all(&mut self, statement: &str, rows: &[Vec<SqlValue>]) -> Result<Vec<u64>> {
        self.host.update_all(statement, rows)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.host.query(statement, parameters)
    }
}

impl Transaction for Following<'_> {
    fn begin(&mut self) -> Result<()> {
        self.written.clear();
        self.host.begin()
    }

    /// A note of a commit whose outcome is unknown stays: the index may not have been asked.
    fn commit(&mut self) -> Result<()> {
        let notes = self.note()?;
        self.host.commit()?;
        self.notes.extend(notes);
        if self.objects >= MOST_OBJECTS {
            self.catch_index_up();
            self.follow();
        }
        Ok(())
    }

    fn rollback(&mut self) {
        self.written.clear();
        self.host.rollback();
    }
}
