//! Work ahead of the calling thread, on tokio: windows of events are read, filtered, coalesced and fetched, a
//! bounded number of them at once, and handed over in the order of the feed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::{JoinError, yield_now};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::calling_thread::DelegatedFilters;
use super::item::{Item, Passed, Record, Source, Started, Work, event_audit_uuid, malformed_entry, unreadable_object};
use super::received::Received;
use crate::config::Config;
use crate::decide::coalesce::{Role, roles};
use crate::decide::digest::{Digest, Question};
use crate::decide::verification::Side;
use crate::defect::caught;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, Event, NoObject, ObjectId};
use crate::feed::{FeedReader, FeedStep};
use crate::filter::{Filter, Filters, LOCATION_TERM};
use crate::json;
use crate::resource::room::{Room, no_room};
use crate::resource::{Document, Fetched, OfDigests, PartOfList, Reply, SyncResourceManager, Unchecked};
use crate::store::conflicts::Conflict;
use crate::store::digests::Kind;
use crate::wire::{Decision, ListedObject};

/// Windows that are fetched at once, besides the one being read and the one being applied.
const WINDOWS_AHEAD: usize = 6;

/// Documents that are worked out before the thread looks after the network again: a tenth of a millisecond, less than a request to
/// a server next door takes.
const DOCUMENTS_AT_ONCE: usize = 2;

/// The most events that are read before what is wanted of them goes on, so that markers move over filtered stretches.
const MOST_EVENTS_IN_A_WINDOW: usize = 10_000;

/// A stretch of the feed, ready to be applied.
#[derive(Debug)]
pub(super) struct Window {
    /// In the order of the feed.
    pub items: Vec<Item>,
    /// Categories whose feed could not be read on after these items.
    pub held: Vec<(Category, Error)>,
    /// How many events are estimated to come after this window.
    pub remaining: Option<u64>,
    /// The error that stops the run after these items.
    pub stopped: Option<Error>,
}

/// The parts that fetching needs; shared by all windows.
pub(super) struct Fetching {
    /// The parent, and one that always has room, for one object at a time.
    resources: SyncResourceManager,
    alone: SyncResourceManager,
    room: Room,
    ahead: Ahead,
    filters: Arc<Filters>,
    host_filters: DelegatedFilters,
    batch_size: usize,
    record_filtered: bool,
    /// Requests under way at once.
    permits: Semaphore,
    /// The database's time, as the calling thread heard it last.
    database_time: AtomicI64,
}

impl Fetching {
    pub(crate) fn new(
        config: &Config,
        (room, resources): (Room, SyncResourceManager),
        alone: SyncResourceManager,
        filters: Arc<Filters>,
        host_filters: DelegatedFilters,
    ) -> Fetching {
        Fetching {
            resources,
            alone,
            room,
            ahead: Ahead::default(),
            filters,
            host_filters,
            batch_size: config.transfer.batch_size,
            record_filtered: config.audit.record_filtered,
            permits: Semaphore::new(config.transfer.fetch_concurrency),
            database_time: AtomicI64::new(i64::MIN),
        }
    }

    /// Tells the database's time.
    pub(crate) fn tell_time(&self, database_time: i64) {
        self.database_time.store(database_time, Ordering::Release);
    }

    /// The moment before something is asked for.
    pub(crate) fn now(&self) -> Started {
        Started { at: Instant::now(), database_time: self.database_time.load(Ordering::Acquire) }
    }

    /// Asks the parent for objects, in groups of at most a batch. Errors stop the run.
    pub(crate) async fn fetch(&self, objects: &[&ObjectId]) -> Result<HashMap<ObjectId, Answer>> {
        let groups = self.resources.groups(objects, self.batch_size).await?;
        let mut answers = HashMap::new();
        for group in join_all(groups.iter().map(|group| self.fetch_group(group))).await {
            answers.extend(group?);
        }
        Ok(answers)
    }

    /// A person who is a patient is synchronized as the patient: events of names, addresses and attributes say only whose
    /// person's they are, so the parent is asked. What it answered is given back. Errors stop the run.
    async fn resolve_persons(&self, events: &mut [Event]) -> Result<HashMap<ObjectId, Answer>> {
        if events.iter().all(|event| event.part().is_none()) {
            return Ok(HashMap::new());
        }
        let known: HashSet<ObjectId> = events.iter().filter_map(|event| event.object.clone().ok()).collect();
        let mut answers = self.fetch_as_patients(events, &known).await?;
        answers.retain(|_, answer| !is_unknown(answer));
        for event in events.iter_mut().filter(|event| event.part().is_some()) {
            let Ok(object) = &mut event.object else { continue };
            let patient = as_patient(object);
            if known.contains(&patient) || answers.contains_key(&patient) {
                *object = patient;
            }
            if !self.filters.wants_category(object.category) {
                answers.insert(object.clone(), Answer::LeftOut);
            }
        }
        Ok(answers)
    }

    /// Persons of whose parts the events tell, and of whom no other event says that they are patients.
    async fn fetch_as_patients(
        &self,
        events: &[Event],
        known: &HashSet<ObjectId>,
    ) -> Result<HashMap<ObjectId, Answer>> {
        let parts = events.iter().filter(|event| event.part().is_some());
        let patients = parts.filter_map(|event| event.object.as_ref().ok()).map(as_patient);
        let patients: HashSet<ObjectId> = patients.filter(|patient| !known.contains(patient)).collect();
        let wanted = |patient: &&ObjectId| self.filters.wants_category(patient.category);
        self.fetch(&patients.iter().filter(wanted).collect::<Vec<_>>()).await
    }

    /// Asks the parent for objects that somebody named, in their order: no filter leaves them out. Errors stop the run.
    pub(crate) async fn fetch_named(&self, objects: &[ObjectId]) -> Result<Vec<(ObjectId, Work)>> {
        let groups = self.resources.groups(&objects.iter().collect::<Vec<_>>(), self.batch_size).await?;
        let mut replies = HashMap::new();
        for group in join_all(groups.iter().map(|group| self.ask(group))).await {
            replies.extend(group?);
        }
        let named = objects.iter().map(|object| {
            let work = match replies.remove(object).map(|unchecked: Unchecked| unchecked.checked(object)) {
                Some(Reply::Object(fetched)) => Work::Received(Received::of(object, fetched)),
                Some(Reply::CategoryClosed(error)) => Work::CategoryClosed(error),
                None => Work::Received(Received::Failed(unanswered(object))),
            };
            (object.clone(), work)
        });
        Ok(named.collect())
    }

    /// The hashes of the parent's documents of those objects whose hash it gives. Errors stop the run.
    pub(crate) async fn hashes(&self, objects: &[&ObjectId]) -> Result<HashMap<ObjectId, String>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.hashes(objects).await
    }

    /// A part of the list of what the parent has of a category. Errors stop the run.
    pub(crate) async fn list(&self, category: Category, after: Option<&str>, located: bool) -> Result<PartOfList> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.list(category, after, located).await
    }

    /// Digests of what the parent has, in the order of the questions. Errors stop the run.
    pub(crate) async fn digests(&self, asked: &[(Kind, Question)]) -> Result<Vec<OfDigests<Vec<Digest>>>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.digests(asked).await
    }

    /// The objects of leaves of what the parent has, in their order. Errors stop the run.
    pub(crate) async fn leaves(
        &self,
        kind: Kind,
        leaves: &[u32],
        located: bool,
    ) -> Result<Vec<OfDigests<Vec<ListedObject>>>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.leaves(kind, leaves, located).await
    }

    /// Returns true if the parent has the exchange for this account. Errors stop the run.
    pub(crate) async fn exchanges(&self) -> Result<bool> {
        self.resources.exchanges().await
    }

    /// What the parent has of each of these objects, by hashes in these versions of the canonical form. Errors stop the run.
    pub(crate) async fn look(&self, objects: &[(ObjectId, u32)]) -> Result<HashMap<ObjectId, Side>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.look(objects).await
    }

    /// Those of the listed objects that the filters of events let through, as if an event told that each was created. Errors stop
    /// the run, also that of a filter which cannot decide: nothing passes it unseen.
    pub(crate) async fn wanted(&self, category: Category, listed: Vec<ListedObject>) -> Result<Vec<ListedObject>> {
        let events = listed.iter().map(|object| told_of(category, object)).collect();
        let (sifted, stopped) = self.sift(events).await?;
        match stopped {
            Some(error) => Err(error),
            None => Ok(listed.into_iter().zip(sifted).filter(|(_, (_, wanted))| *wanted).map(|(one, _)| one).collect()),
        }
    }

    /// Asks the filters about documents that need not be fetched: the parent has them as they are here. Errors stop the run.
    pub(crate) async fn as_fetched(&self, documents: Vec<(ObjectId, Document)>) -> Result<HashMap<ObjectId, Answer>> {
        let fetched =
            documents.into_iter().map(|(object, document)| (object, Reply::Object(Fetched::Document(document))));
        let answers = self.answers(fetched).await;
        Ok(self.host_filters.judge(answers).await?.into_iter().collect())
    }

    /// Asks for decisions of persons at the parent about these conflicts with it. Errors stop the run.
    pub(crate) async fn decisions(&self, conflicts: &[Conflict]) -> Result<Vec<(Conflict, Decision)>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.decisions(conflicts).await
    }

    /// Returns the objects that hang on an object at the parent, of the kinds that are pulled. Errors stop the run.
    pub(crate) async fn hanging_on(&self, object: &ObjectId) -> Result<Vec<ObjectId>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.hanging_on(object, &|category| self.filters.wants_category(category)).await
    }

    /// Asks the parent for one object that found no room before.
    ///
    /// Errors: what stops the run.
    pub(crate) async fn fetch_alone(&self, object: &ObjectId) -> Result<Work> {
        let fetched = self.alone.fetch_group(std::slice::from_ref(object)).await?;
        let answers = self.host_filters.judge(self.answers(checked(fetched)).await).await?;
        let answer = answers.into_iter().next().map(|(_, answer)| answer);
        Ok(answer.map_or_else(|| Work::Received(Received::Failed(unanswered(object))), Work::answered))
    }

    /// Why the parent's exchange is not used, if it is not and could be.
    pub(crate) fn without_exchange(&self) -> Option<Error> {
        self.resources.without_exchange()
    }

    async fn ask(&self, group: &[ObjectId]) -> Result<Vec<(ObjectId, Unchecked)>> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::new(ErrorKind::Cancelled, "the run ended"))?;
        self.resources.fetch_group(group).await
    }

    async fn fetch_group(&self, group: &[ObjectId]) -> Result<Vec<(ObjectId, Answer)>> {
        let answers = self.answers(checked(self.ask(group).await?)).await;
        self.host_filters.judge(answers).await
    }

    /// The events, and which of them are wanted. Those after one that a filter could not decide on are left out, and the
    /// error comes with the others.
    async fn sift(&self, events: Vec<Event>) -> Result<(Vec<(Event, bool)>, Option<Error>)> {
        let sifted = events.into_iter().map(|event| {
            let wanted = self.wants(&event);
            (event, wanted)
        });
        self.host_filters.sift(sifted.collect()).await
    }

    /// Works out the answers, a few documents at a time: in between, requests and answers of others move on.
    async fn answers(&self, fetched: impl Iterator<Item = (ObjectId, Reply)>) -> Vec<(ObjectId, Answer)> {
        let mut answers = Vec::with_capacity(fetched.size_hint().0);
        for (object, reply) in fetched {
            answers.push(self.answer(object, reply));
            if answers.len() % DOCUMENTS_AT_ONCE == 0 {
                yield_now().await;
            }
        }
        answers
    }

    /// An entry that does not say what it is about passes no filter, and is told of where its category is wanted.
    fn wants(&self, event: &Event) -> bool {
        match &event.object {
            Ok(_) => self.filters.wants_event(event),
            Err(NoObject::Malformed { category, .. }) => self.filters.wants_category(*category),
            Err(NoObject::UnknownCategory) => false,
        }
    }

    fn answer(&self, object: ObjectId, reply: Reply) -> (ObjectId, Answer) {
        let answer = caught(|| Ok(self.judged(&object, reply)));
        let answer = answer.unwrap_or_else(|defect| Answer::Object(Received::Failed(defect)));
        (object, answer)
    }

    fn judged(&self, object: &ObjectId, reply: Reply) -> Answer {
        match reply {
            Reply::CategoryClosed(error) => Answer::CategoryClosed(error),
            Reply::Object(Fetched::Document(document)) if !self.filters.wants_document(object, &document.json) => {
                Answer::LeftOut
            }
            Reply::Object(fetched) => Answer::Object(Received::of(object, self.kept(object, fetched))),
        }
    }

    /// A client that was brought along does not look whether there is room.
    fn kept(&self, object: &ObjectId, fetched: Fetched) -> Fetched {
        let Fetched::Document(document) = fetched else { return fetched };
        if document.place.bytes() > 0 {
            return Fetched::Document(document);
        }
        match self.room.take(json::weight(&document.json)) {
            Some(place) => Fetched::Document(Document { place, ..document }),
            None => Fetched::Failed(no_room(object)),
        }
    }
}

/// Checked one by one, as they are taken: a document that is not built yet is built then.
fn checked(fetched: Vec<(ObjectId, Unchecked)>) -> impl Iterator<Item = (ObjectId, Reply)> {
    fetched.into_iter().map(|(object, unchecked)| {
        let reply = unchecked.checked(&object);
        (object, reply)
    })
}

/// As an entry of the feed would tell of it.
fn told_of(category: Category, listed: &ListedObject) -> Event {
    Event {
        feed: Arc::from(category.name()),
        epoch: Arc::from(""),
        id: listed.uuid.clone(),
        page_url: Arc::from(""),
        updated: 0,
        action: Action::Created,
        tags: listed.locations.iter().map(|location| format!("{LOCATION_TERM}{location}")).collect(),
        object: Ok(ObjectId { category, uuid: listed.uuid.clone() }),
        left_out: 0,
    }
}

/// The patient who that person is, if any is.
fn as_patient(person: &ObjectId) -> ObjectId {
    ObjectId { category: Category::patient(), uuid: person.uuid.clone() }
}

fn is_unknown(answer: &Answer) -> bool {
    matches!(answer, Answer::Object(Received::Failed(error)) if error.kind == ErrorKind::NotFound)
}

fn unanswered(object: &ObjectId) -> Error {
    Error::new(ErrorKind::Internal, format!("{object} was not among the answers to its own request"))
}

/// The parent's answer to the question for one object.
#[derive(Debug)]
pub(super) enum Answer {
    Object(Received),
    /// The filters leave it out now that it is known.
    LeftOut,
    /// It answers so to every question for this category.
    CategoryClosed(Error),
}

impl Answer {
    /// Returns the bytes of the room for documents that it takes.
    fn bytes(&self) -> usize {
        match self {
            Answer::Object(Received::Document(document)) => document.place.bytes(),
            Answer::Object(_) | Answer::LeftOut | Answer::CategoryClosed(_) => 0,
        }
    }
}

/// How many windows are being fetched, so that none is begun for which there will hardly be room: what finds none has to be
/// fetched twice.
#[derive(Default)]
struct Ahead {
    begun: AtomicUsize,
    /// The bytes of the last window; 0 before the first.
    last: AtomicUsize,
    ended: Notify,
}

/// Windows that are fetched at once as long as nobody knows how large they are.
const FIRST_WINDOWS: usize = 2;

impl Ahead {
    /// Waits until the next window may be begun: at once when there is none under way and nothing waits to be applied.
    async fn begin(&self, room: &Room) {
        loop {
            let ended = self.ended.notified();
            let (begun, last) = (self.begun.load(Ordering::Relaxed), self.last.load(Ordering::Relaxed));
            if begun == 0 || last > 0 || begun < FIRST_WINDOWS {
                let expected = last.saturating_mul(begun + 1);
                room.until_free(expected).await;
                break;
            }
            ended.await;
        }
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self, bytes: usize) {
        self.last.store(bytes.max(1), Ordering::Relaxed);
        self.begun.fetch_sub(1, Ordering::Relaxed);
        self.ended.notify_waiters();
    }
}

/// The task that reads ahead. Dropping it ends it at once; it fails when something panicked.
pub(super) type Reading = AbortOnDropHandle<std::result::Result<(), JoinError>>;

/// Starts reading ahead. The channel ends with the feed, with what stops the run, or when reading failed.
pub(super) fn start(
    runtime: &Handle,
    reader: FeedReader,
    fetching: Arc<Fetching>,
) -> (mpsc::Receiver<Window>, Reading) {
    let (sender, receiver) = mpsc::channel(1);
    let task = runtime.spawn(async move {
        let (unfetched, read) = mpsc::channel(1);
        // On a task of its own, so that feeds are read on while windows wait to be applied.
        let reading = AbortOnDropHandle::new(tokio::spawn(read_windows(reader, fetching.clone(), unfetched)));
        let prepared = stream::unfold((read, fetching.clone()), |(mut read, fetching)| async move {
            let window = read.recv().await?;
            fetching.ahead.begin(&fetching.room).await;
            Some((window, (read, fetching)))
        })
        .map(|window| AbortOnDropHandle::new(tokio::spawn(prepare(window, fetching.clone()))))
        .buffered(WINDOWS_AHEAD);
        let mut prepared = std::pin::pin!(prepared);
        while let Some(window) = prepared.next().await {
            let window = window?;
            let last = window.stopped.is_some();
            if sender.send(window).await.is_err() || last {
                return Ok(());
            }
        }
        reading.await
    });
    (receiver, AbortOnDropHandle::new(task))
}

/// Reads window after window until the feed ends or nobody takes them.
async fn read_windows(mut reader: FeedReader, fetching: Arc<Fetching>, windows: mpsc::Sender<Unfetched>) {
    while let Some(window) = read_window(&mut reader, &fetching).await {
        let last = window.stopped.is_some();
        if windows.send(window).await.is_err() || last {
            break;
        }
    }
}

/// The events of a window, before anything is fetched.
#[derive(Default)]
struct Unfetched {
    wanted: Vec<Event>,
    steps: Vec<Step<()>>,
    /// The audit uuids of the events that will have audit messages.
    audited: HashSet<Uuid>,
    held: Vec<(Category, Error)>,
    remaining: Option<u64>,
    stopped: Option<Error>,
}

/// The step at a place of the window.
enum Step<W> {
    /// A wanted event, or nothing where it is the next of the wanted events.
    Wanted(W),
    Filtered(Event),
    Passed(Passed),
}

/// The next window; None at the end of the feed. Called again after a window that stopped the run, it is not.
async fn read_window(reader: &mut FeedReader, fetching: &Fetching) -> Option<Unfetched> {
    let most = 2 * fetching.batch_size;
    let mut window = Unfetched::default();
    let mut read = 0;
    while window.wanted.len() < most && read < MOST_EVENTS_IN_A_WINDOW && window.stopped.is_none() {
        match reader.next(most).await {
            Ok(Some(FeedStep::Events(events))) => {
                read += events.len();
                match fetching.sift(events).await {
                    Ok((events, stopped)) => {
                        events.into_iter().for_each(|(event, wanted)| window.sort_in(event, wanted, fetching));
                        window.stopped = stopped;
                    }
                    Err(error) => window.stopped = Some(error),
                }
            }
            Ok(Some(FeedStep::Held { category, error })) => window.held.push((category, error)),
            Ok(None) if read == 0 && window.held.is_empty() => return None,
            Ok(None) => break,
            Err(error) => window.stopped = Some(error),
        }
    }
    window.remaining = reader.progress().remaining;
    Some(window)
}

impl Unfetched {
    /// An entry with the id of an earlier one is that one again: it was sorted in.
    fn sort_in(&mut self, event: Event, wanted: bool, fetching: &Fetching) {
        let audited = wanted || fetching.record_filtered;
        if !audited || !self.audited.insert(event_audit_uuid(&event)) {
            self.pass(&event);
        } else if wanted {
            self.wanted.push(event);
            self.steps.push(Step::Wanted(()));
        } else {
            self.steps.push(Step::Filtered(event));
        }
    }

    fn pass(&mut self, event: &Event) {
        if !matches!(self.steps.last(), Some(Step::Passed(_))) {
            self.steps.push(Step::Passed(Passed::default()));
        }
        if let Some(Step::Passed(passed)) = self.steps.last_mut() {
            passed.pass(event);
        }
    }
}

/// Coalesces and fetches a window.
async fn prepare(window: Unfetched, fetching: Arc<Fetching>) -> Window {
    let started = fetching.now();
    let Unfetched { mut wanted, steps, held, remaining, mut stopped, .. } = window;
    let mut items = Vec::new();
    let mut bytes = 0;
    match fetch_carried(&mut wanted, &fetching).await {
        Ok((roles, answers)) => {
            bytes = answers.values().map(Answer::bytes).sum();
            let assembly = Assembly::new(&fetching, &wanted, answers, started);
            match in_their_places(steps, wanted.into_iter().zip(roles)) {
                Ok(steps) => items = assembly.items(steps),
                Err(error) => stopped = Some(error),
            }
        }
        // The parent went away: nothing of this window is consumed.
        Err(error) => stopped = Some(error),
    }
    fetching.ahead.end(bytes);
    Window { items, held, remaining, stopped }
}

/// Returns the task of each event, and the objects that are brought.
async fn fetch_carried(wanted: &mut [Event], fetching: &Fetching) -> Result<(Vec<Role>, HashMap<ObjectId, Answer>)> {
    let mut answers = fetching.resolve_persons(wanted).await?;
    let roles = roles(wanted);
    let carriers = wanted.iter().zip(&roles).filter(|(_, role)| matches!(role, Role::Carrier(_)));
    let carried: Vec<&ObjectId> = carriers
        .filter_map(|(event, _)| event.object.as_ref().ok())
        .filter(|object| !answers.contains_key(object))
        .collect();
    answers.extend(fetching.fetch(&carried).await?);
    Ok((roles, answers))
}

/// The steps of a window with its wanted events.
///
/// Errors: `Internal` when there are more or fewer of them than places. Nothing of the window is consumed then: a marker would
/// pass what was lost.
fn in_their_places<W>(steps: Vec<Step<()>>, mut wanted: impl Iterator<Item = W>) -> Result<Vec<Step<W>>> {
    let filled: Option<Vec<Step<W>>> = steps
        .into_iter()
        .map(|step| match step {
            Step::Wanted(()) => wanted.next().map(Step::Wanted),
            Step::Filtered(event) => Some(Step::Filtered(event)),
            Step::Passed(passed) => Some(Step::Passed(passed)),
        })
        .collect();
    filled.filter(|_| wanted.next().is_none()).ok_or_else(|| {
        Error::new(ErrorKind::Internal, "the events of a window are not as many as their places: none of it is done")
    })
}

/// Puts the answers to the events that they belong to.
struct Assembly<'a> {
    fetching: &'a Fetching,
    answers: HashMap<ObjectId, Answer>,
    /// Objects that the filters leave out now that they are known.
    unwanted: HashSet<ObjectId>,
    /// The audit uuid of each wanted event.
    audit_uuids: Vec<Uuid>,
    started: Started,
}

impl<'a> Assembly<'a> {
    fn new(
        fetching: &'a Fetching,
        wanted: &[Event],
        answers: HashMap<ObjectId, Answer>,
        started: Started,
    ) -> Assembly<'a> {
        let unwanted = answers.iter().filter(|(_, answer)| matches!(answer, Answer::LeftOut));
        let unwanted = unwanted.map(|(object, _)| object.clone()).collect();
        let audit_uuids = wanted.iter().map(event_audit_uuid).collect();
        Assembly { fetching, answers, unwanted, audit_uuids, started }
    }

    fn items(mut self, steps: Vec<Step<(Event, Role)>>) -> Vec<Item> {
        let items = steps.into_iter().map(|step| match step {
            Step::Passed(passed) => Item::Passed(passed),
            Step::Filtered(event) => self.filtered(event),
            Step::Wanted((event, role)) => self.wanted(event, role),
        });
        items.collect()
    }

    fn wanted(&mut self, event: Event, role: Role) -> Item {
        let Some(object) = recorded_object(&event).filter(|object| !self.unwanted.contains(object)) else {
            return self.filtered(event);
        };
        let (action, work) = match role {
            Role::Coalesced(carrier) => (event.action, self.coalesced_work(carrier, &object)),
            Role::Carrier(action) => (action, self.carried_work(&event, &object)),
        };
        self.record(event, object, action, work)
    }

    fn coalesced_work(&self, carrier: usize, object: &ObjectId) -> Work {
        match self.audit_uuids.get(carrier) {
            Some(carried_by) => Work::Coalesced { carried_by: *carried_by },
            None => Work::Received(Received::Failed(unanswered(object))),
        }
    }

    fn carried_work(&mut self, event: &Event, object: &ObjectId) -> Work {
        match (&event.object, self.answers.remove(object)) {
            (Err(NoObject::Malformed { reason, .. }), _) => {
                Work::Received(Received::Failed(malformed_entry(event, reason)))
            }
            (Ok(_), Some(Answer::Object(received))) => Work::Received(received),
            (Ok(_), Some(Answer::LeftOut)) | (Err(NoObject::UnknownCategory), _) => Work::Filtered,
            (Ok(_), Some(Answer::CategoryClosed(error))) => Work::CategoryClosed(error),
            (Ok(_), None) => Work::Received(Received::Failed(unanswered(object))),
        }
    }

    fn filtered(&self, event: Event) -> Item {
        match recorded_object(&event).filter(|_| self.fetching.record_filtered) {
            Some(object) => {
                let action = event.action;
                self.record(event, object, action, Work::Filtered)
            }
            None => Item::Passed(Passed::of(&event)),
        }
    }

    fn record(&self, event: Event, object: ObjectId, action: Action, work: Work) -> Item {
        Item::Record(Box::new(Record {
            source: Source::Event(event),
            object,
            action,
            work,
            started: self.started,
            fetched_anew: 0,
        }))
    }
}

/// Returns the object of an event's records; None: nothing that this version could name.
fn recorded_object(event: &Event) -> Option<ObjectId> {
    match &event.object {
        Ok(object) => Some(object.clone()),
        Err(NoObject::Malformed { category, .. }) => Some(unreadable_object(*category, &event.id)),
        Err(NoObject::UnknownCategory) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_of_other_events_than_places_is_an_error() {
        let placed = |events: &[&'static str]| {
            let steps = vec![Step::Wanted(()), Step::Passed(Passed::default()), Step::Wanted(())];
            in_their_places(steps, events.iter().copied())
        };
        assert!(matches!(placed(&["a", "b"]).as_deref(), Ok([Step::Wanted("a"), Step::Passed(_), Step::Wanted("b")])));
        for events in [&["a"][..], &["a", "b", "c"]] {
            assert_eq!(placed(events).err().unwrap().kind, ErrorKind::Internal);
        }
    }
}
