//! Taking over what a child brings: what is here is read under lock and decided on, the child's is saved, read back and
//! compared, and the record of its request goes with it in one transaction. When that fails it is cut until the bad line
//! stands alone.

mod together;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

use serde_json::Value;
use uuid::Uuid;

use super::greeting;
use super::lines::{check, lines, malformed, object, out_of_scope, parse, subject, written};
use super::{disputes, removal};
use crate::config::Config;
use crate::decide::batching::{Split, batch_length, split};
use crate::decide::belonging::{Belonging, named_in, refers_otherwise, without_strangers};
use crate::decide::canonical::{self, differences};
use crate::decide::conflict::Version;
use crate::decide::content::{Content, mismatch};
use crate::decide::exchange::{self, Decision, Earlier, Meanwhile};
use crate::decide::naming::role;
use crate::decide::removal::owners;
use crate::decide::scope::{Account, Scope, Verb, has_what_runs, sets_what_runs};
use crate::defect::caught;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Category, Direction, ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::pace::Pace;
use crate::passing::NAMESPACE;
use crate::places::Places;
use crate::reconciliation::parsed;
use crate::saving::{
    BatchFailure, Ours, ReadBack, confirm_removed, expect_reads, lock_first, parse_stored, read_back, save,
};
use crate::store::entry_rules::EntryRule;
use crate::store::requests::{self, Request};
use crate::store::{events, kept_since, transaction};
use crate::wire::{ApplyAnswer, ApplyLine, ApplyStatus, Name, Named, WireError};
use crate::withheld::{self, Reduced};

/// Who brings objects.
pub(crate) struct Child<'a> {
    /// Its node id, as it says.
    pub node: &'a str,
    /// Its requests are remembered by this: its node id and its account, so that nobody passes for it by
    /// its id alone.
    pub identity: String,
    /// The scope of its account.
    pub scope: Scope<'a>,
    /// The treatment of a record that does not keep a rule of data entry here.
    pub config: &'a Config,
}

impl<'a> Child<'a> {
    /// The child that sends a request by that account.
    pub(crate) fn new(node: &'a str, account: &Account, scope: Scope<'a>, config: &'a Config) -> Child<'a> {
        let name = format!("{node}\n{}", account.name);
        Child { node, identity: Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string(), scope, config }
    }
}

/// The results of a request.
pub(crate) struct Applied {
    /// The answer's lines.
    pub answers: Vec<u8>,
    /// The rules of data entry here that objects do not keep, each as often as it was met.
    pub rules: Vec<EntryRule>,
    /// True if anything is in conflict.
    pub in_conflict: bool,
}

/// One line of the request.
struct Line {
    /// As the line names it.
    category: String,
    uuid: String,
    /// The change to make; or why none can be made.
    sent: Result<Sent>,
}

/// The version that a child brings of one object. Patient data.
pub(super) struct Sent {
    pub(super) object: ObjectId,
    pub(super) representation: Representation,
    pub(super) action: Action,
    /// See [`ApplyLine::canonical_version`].
    canonical_version: u32,
    /// Nothing when it was removed there.
    pub(super) content: Option<Content>,
    /// The places that its document says it belongs to.
    pub(super) belonging: Option<Belonging>,
    pub(super) last_seen: Option<String>,
    /// See [`ApplyLine::pending`].
    pub(super) pending: Vec<String>,
    /// See [`ApplyLine::restored_to`].
    pub(super) restored_to: Option<u64>,
    /// See [`ApplyLine::replaced`].
    pub(super) replaced: Vec<String>,
    /// See [`ApplyLine::copied_at`].
    pub(super) copied_at: Option<u64>,
    /// The document that is saved in the place of the whole one.
    pub(super) reduced: Option<Reduced>,
    /// See [`ApplyLine::takes_along`]: what the child saw last of each, and in what.
    pub(super) along: HashMap<ObjectId, (Representation, String)>,
    /// See [`ApplyLine::reason`].
    pub(super) reason: Option<String>,
    /// See [`ApplyLine::number`].
    number: Option<u64>,
}

/// How the lines of a batch are written.
#[derive(Clone, Copy)]
enum Order<'a> {
    /// As they came.
    AsSent,
    /// First what is here is replaced by what others need between, then all are written in the order of these indexes.
    Together { between: &'a HashMap<ObjectId, Vec<u8>>, order: &'a [usize] },
}

/// The result of a line.
pub(super) struct LineResult {
    pub(super) status: ApplyStatus,
    /// Of what is here now; nothing when it is removed.
    pub(super) hash: Option<String>,
    pub(super) lost_paths: Vec<String>,
    /// The rules of data entry here that it does not keep.
    pub(super) rules: Vec<String>,
    /// The parts that it was saved without, and why.
    pub(super) notes: Vec<String>,
    /// The version here, at a conflict and where not all of it was kept.
    pub(super) theirs: Option<Value>,
    /// The objects that stand against a removal, as far as they are named, and how many more do.
    pub(super) against: (Vec<Named>, usize),
    /// See [`ApplyAnswer::stayed`].
    pub(super) stayed: Vec<ObjectId>,
}

impl LineResult {
    pub(super) fn of(status: ApplyStatus, hash: Option<String>) -> LineResult {
        let against = (Vec::new(), 0);
        LineResult {
            status,
            hash,
            lost_paths: Vec::new(),
            rules: Vec::new(),
            notes: Vec::new(),
            theirs: None,
            against,
            stayed: Vec::new(),
        }
    }
}

/// The step to write for a line; the object is then read back.
pub(super) enum Step<'a> {
    /// Nothing.
    Settled(Result<LineResult>),
    Save(&'a Sent, &'a Content, Before),
    Remove(&'a Sent),
}

/// The step that was written for a line, before the object is read back.
enum Written<'a> {
    /// Nothing.
    Settled(Result<LineResult>),
    /// With the rules of data entry that it does not keep.
    Saved(&'a Sent, &'a Content, Vec<String>),
    /// With what stays of what the child says goes along.
    Removed(&'a Sent, Vec<ObjectId>),
}

/// The owners of the object that is saved in this server's version of it; nothing where it is not here, or removed.
pub(super) type Before = Vec<ObjectId>;

/// Answers [`ApplyLine`]s with [`ApplyAnswer`]s. Blocks on the host's database.
///
/// Errors: `Busy` when the child speaks an unknown version; `Host` when the database is away. What was committed before is
/// known again when it is sent once more.
pub(crate) fn apply_objects(host: &mut dyn Host, child: &Child<'_>, pace: &Pace, request: &[u8]) -> Result<Applied> {
    let mut requested = lines(request).peekable();
    let greeting = requested.peek().and_then(|line| greeting::parse(line));
    let greeted = match &greeting {
        Some(greeting) => written(&[greeting::answer(host, child, greeting)?])?,
        None => Vec::new(),
    };
    let mut sent: Vec<Line> =
        requested.skip(usize::from(greeting.is_some())).map(|line| Line::of(line, child.scope)).collect();
    if let Some(wait) = speaks_unknown_version(&sent) {
        log::warn!("{}", wait.for_log());
        return Err(wait.clone());
    }
    let mut answers = Vec::with_capacity(sent.len());
    let mut most = pace.length();
    while let Some(waiting) = sent.get(answers.len()..).filter(|waiting| !waiting.is_empty()) {
        let length = batch_length(waiting.iter().map(Line::object), most);
        let batch: Vec<&Line> = waiting.iter().take(length).collect();
        let begun = Instant::now();
        match apply_batch(host, child, &batch, Order::AsSent) {
            Ok(applied) => {
                answers.extend(applied);
                pace.held(length, begun.elapsed());
                most = pace.length();
            }
            Err(failure) => match cut(&batch, failure)? {
                Cut::At(first) => most = first,
                Cut::Answered(answer) => {
                    answers.push(*answer);
                    most = pace.length();
                }
            },
        }
    }
    together::try_refused(host, child, &mut sent, &mut answers)?;
    withheld::put_what_is_free(host, &mut |_| Ok(()))?;
    name_no_strangers(host, child, request, &mut answers)?;
    greeting::tell_where_the_feed_ends(host, child, &mut answers);
    let in_conflict = answers.iter().any(|answer| answer.status == ApplyStatus::Conflict);
    Ok(Applied { rules: met_rules(&answers), in_conflict, answers: [greeted, written(&answers)?].concat() })
}

/// Why a child waits as a whole, so that nothing of it is refused for good: nobody here can make the hashes of any of its
/// lines.
fn speaks_unknown_version(sent: &[Line]) -> Option<&Error> {
    let errors = sent.iter().map(|line| line.sent.as_ref().err().filter(|error| error.kind == ErrorKind::Busy));
    errors.collect::<Option<Vec<&Error>>>()?.first().copied()
}

/// Takes the objects out of the words of the answers that the account may not know of: whose number a patient has, for
/// instance. What the child itself has named stays.
fn name_no_strangers(
    host: &mut dyn Host,
    child: &Child<'_>,
    request: &[u8],
    answers: &mut [ApplyAnswer],
) -> Result<()> {
    if !child.scope.is_local(Category::patient()) {
        return Ok(());
    }
    let is_said = |uuid: &str| request.windows(uuid.len()).any(|part| part == uuid.as_bytes());
    let named: BTreeSet<ObjectId> = answers
        .iter()
        .flat_map(words)
        .flat_map(|words| named_in(words))
        .filter(|object| !is_said(&object.uuid))
        .collect();
    let mut known = BTreeSet::new();
    if !named.is_empty() {
        transaction::read(host, |host| {
            let mut places = Places::new(child.config, child.scope);
            for object in named {
                let may_be_named = child.scope.may(Verb::Read, object.category);
                if may_be_named && places.allow(host, &object, None)? {
                    known.insert(object);
                }
            }
            Ok(())
        })?;
    }
    let is_known = |category: Option<Category>, uuid: &str| {
        let named = category.map(|category| ObjectId { category, uuid: uuid.to_string() });
        is_said(uuid) || named.is_some_and(|object| known.contains(&object))
    };
    for answer in answers {
        let words = answer.notes.iter_mut().chain(answer.error.as_mut().map(|error| &mut error.message));
        words.for_each(|words| *words = without_strangers(words, is_known));
    }
    Ok(())
}

fn words(answer: &ApplyAnswer) -> impl Iterator<Item = &String> {
    answer.notes.iter().chain(answer.error.as_ref().map(|error| &error.message))
}

fn met_rules(answers: &[ApplyAnswer]) -> Vec<EntryRule> {
    let rules_of = |answer: &ApplyAnswer| {
        let category = Category::parse(&answer.category);
        let rules = answer.rules.clone().into_iter();
        rules.filter_map(move |rule| Some(EntryRule { direction: Direction::Push, category: category?, rule }))
    };
    answers.iter().flat_map(rules_of).collect()
}

/// The most requests of children that are forgotten after one: more than it can bring, so that forgetting keeps up.
const FORGOTTEN_AT_ONCE: u32 = 500;

/// Forgets some of the requests that were answered more than so many days ago; none when it is 0. What was answered stands,
/// whatever happens here: a failure is only logged.
pub(crate) fn forget_old_requests(host: &mut dyn Host, keep_days: u32) {
    let forgotten = transaction::write(host, |host| match kept_since(host, keep_days)? {
        Some(oldest) => requests::prune(host, oldest, FORGOTTEN_AT_ONCE),
        None => Ok(0),
    });
    if let Err(error) = forgotten {
        log::warn!("old requests of children could not be forgotten: {}", error.for_log());
    }
}

/// The treatment of a batch that was rolled back.
enum Cut {
    /// This many lines are tried together next.
    At(usize),
    /// The bad line stood alone.
    Answered(Box<ApplyAnswer>),
}

/// Errors: what ends it all.
fn cut(batch: &[&Line], failure: BatchFailure) -> Result<Cut> {
    let (index, error) = match failure {
        BatchFailure::Run(error) => return Err(error),
        BatchFailure::Item(index, error) => (Some(index), error),
        BatchFailure::Commit(error) => (None, error),
    };
    Ok(match split(batch.len(), index) {
        Split::At(first) => Cut::At(first),
        Split::Alone => match batch {
            [line, ..] => Cut::Answered(Box::new(line.answer(Err(error)))),
            [] => return Err(error),
        },
    })
}

impl Line {
    fn of(line: &[u8], scope: Scope<'_>) -> Line {
        match parse::<ApplyLine>(line) {
            Ok(line) => Line {
                category: line.category.clone(),
                uuid: line.uuid.clone(),
                sent: caught(|| Sent::of(line, scope)),
            },
            Err(error) => {
                let (category, uuid) = subject(line);
                Line { category, uuid, sent: Err(error) }
            }
        }
    }

    fn object(&self) -> Option<&ObjectId> {
        self.sent.as_ref().ok().map(|sent| &sent.object)
    }

    /// Returns the references of the document that it brings.
    fn references(&self) -> impl Iterator<Item = &ObjectId> {
        let content = self.sent.as_ref().ok().and_then(|sent| sent.content.as_ref());
        content.into_iter().flat_map(|content| &content.references)
    }

    fn answer(&self, outcome: Result<LineResult>) -> ApplyAnswer {
        let (category, uuid) = (self.category.clone(), self.uuid.clone());
        let feed = None;
        let (outcome, error) = match outcome {
            Ok(outcome) => (outcome, None),
            Err(error) => (LineResult::of(ApplyStatus::Failed, None), Some(WireError::from(&error))),
        };
        let LineResult { status, hash, lost_paths, rules, notes, theirs, against: (takes_along, more), stayed } =
            outcome;
        let stayed = stayed.into_iter().map(Name::of).collect();
        ApplyAnswer {
            category,
            uuid,
            status,
            hash,
            lost_paths,
            notes,
            rules,
            theirs,
            takes_along,
            more,
            stayed,
            error,
            feed,
        }
    }
}

impl Sent {
    /// Errors: `Malformed`, `Forbidden`, and `Busy` when the child's hashes cannot be compared with ours.
    fn of(line: ApplyLine, scope: Scope<'_>) -> Result<Sent> {
        let (object, representation) = object(&line.category, &line.uuid, &line.representation)?;
        if !canonical::is_known(line.canonical_version) {
            return Err(unknown_version(line.canonical_version));
        }
        let content = match &line.document {
            Some(document) => {
                if let Some(what) = mismatch(representation, &object, document) {
                    return Err(malformed(format!("{object}: the document {what}")));
                }
                if refers_otherwise(representation, document) {
                    return Err(refers_by_more_than_type_and_id(&object));
                }
                Some(Content::of(representation, &object, document)).filter(|content| !content.says_removed)
            }
            None => None,
        };
        let belonging = line.document.as_ref().map(|document| Belonging::of(representation, &object, document));
        check(scope, if content.is_some() { Verb::Write } else { Verb::Remove }, &object)?;
        let action = action_of(&line.action);
        if content.is_none() && !action.is_removal() {
            return Err(malformed(format!(
                "{object}: there is no document, but {action:?} does not say that it was removed"
            )));
        }
        Ok(Sent {
            object,
            representation,
            action,
            canonical_version: line.canonical_version,
            content,
            belonging,
            last_seen: line.last_seen,
            pending: line.pending,
            restored_to: line.restored_to,
            replaced: line.replaced,
            copied_at: line.copied_at,
            reduced: None,
            along: removal::known(line.takes_along)?,
            reason: line.reason,
            // The database has no larger ones.
            number: line.number.filter(|number| i64::try_from(*number).is_ok()),
        })
    }

    /// Returns the bytes of that content that are saved, and their representation.
    fn as_saved<'a>(&'a self, content: &'a Content) -> (Representation, &'a [u8]) {
        match &self.reduced {
            Some(reduced) => (content.representation, &reduced.to_save),
            None => content.as_saved(),
        }
    }

    /// Errors: `Forbidden` when its document says what this server is to run or open.
    fn check_what_runs(&self, here: Option<&Value>) -> Result<()> {
        let content = self.content.as_ref().filter(|_| has_what_runs(self.object.category));
        let Some(content) = content else { return Ok(()) };
        let document: Value = parse_stored(&self.object, &content.to_save)?;
        match sets_what_runs(self.object.category, &document, here) {
            Some(field) => {
                let message = format!(
                    "{}: what stands in its field {field} is a class name, an expression or a file that this server would \
                     use; no child may set it: set it here by hand",
                    self.object
                );
                Err(Error::new(ErrorKind::Forbidden, message))
            }
            None => Ok(()),
        }
    }

    /// Of what it brings, in the child's version of the canonical form.
    fn hash(&self) -> Option<Cow<'_, str>> {
        self.content.as_ref().map(|content| content.hash_at(self.canonical_version))
    }

    /// Returns true if the child's hashes are of another form than documents have here.
    fn is_of_another_form(&self) -> bool {
        canonical::differs(self.canonical_version, self.representation)
    }

    /// The hash of a document of ours, in the child's version.
    fn hash_of(&self, document: &Value) -> String {
        canonical::hash_at(self.canonical_version, self.representation, document)
    }

    /// Returns the answer to the line, with the hash of the version here in the child's form.
    fn in_its_terms(&self, host: &mut dyn Host, outcome: LineResult) -> Result<LineResult> {
        if outcome.hash.is_none() || !self.is_of_another_form() {
            return Ok(outcome);
        }
        let hash = match host.read(self.representation, &self.object, false)? {
            Stored::Present(bytes) => Some(self.hash_of(&parse_stored(&self.object, &bytes)?)),
            Stored::Absent | Stored::Removed => None,
        };
        Ok(LineResult { hash, ..outcome })
    }

    /// Reads what is here under lock and decides on it.
    fn settle(
        &self,
        host: &mut dyn Host,
        config: &Config,
        places: &mut Places<'_>,
        earlier: Option<&Request>,
    ) -> Result<Step<'_>> {
        let stored = host.read(self.representation, &self.object, true)?;
        let document = match &stored {
            Stored::Present(bytes) => Some(parse_stored(&self.object, bytes)?),
            Stored::Absent | Stored::Removed => None,
        };
        if !self.is_in_scope(host, places, (&stored, document.as_ref()))? {
            return Ok(Step::Settled(Err(out_of_scope(&self.object))));
        }
        if let Err(refused) = self.check_what_runs(document.as_ref()) {
            return Ok(Step::Settled(Err(refused)));
        }
        let ours = Ours::of(&self.object, self.representation, &stored)?;
        let is_newer = match self.restored_to.or(self.copied_at) {
            // The child knows none of the events of this feed: only of what never was here nothing was changed before it began.
            Some(0) => stored == Stored::Absent && !events::is_told_of_after(host, &self.object, 0)?,
            Some(number) => events::is_untouched_since(host, &self.object, number)?,
            None => false,
        };
        let in_its_terms =
            document.as_ref().filter(|_| self.is_of_another_form()).map(|document| self.hash_of(document));
        let version = match (&ours, &in_its_terms) {
            (Ours::Document { .. }, Some(hash)) => Version::Document(hash),
            (ours, _) => ours.version(),
        };
        let earlier = earlier.map(as_decided);
        if exchange::is_late(version, self.number, earlier) {
            return Ok(Step::Settled(Err(late(&self.object))));
        }
        let meanwhile = Meanwhile {
            is_newer,
            replaced: if is_newer { &[] } else { self.replaced_since(host, config)? },
            changed_since_copy: self.restored_to.is_none() && self.copied_at.is_some() && !is_newer,
        };
        Ok(match (self.decide(version, meanwhile, earlier), &self.content) {
            (Decision::Save, Some(content)) => {
                let before = document.map(|document| removal::owners_in(self.representation, &self.object, &document));
                Step::Save(self, content, before.unwrap_or_default())
            }
            (Decision::Save | Decision::Remove, _) => Step::Remove(self),
            (Decision::Unchanged, _) => Step::Settled(Ok(LineResult::of(ApplyStatus::Unchanged, ours.into_hash()))),
            (Decision::SavedBefore, _) => Step::Settled(Ok(self.saved_before(ours))),
            (Decision::Conflict, _) => {
                let conflict = LineResult::of(ApplyStatus::Conflict, ours.into_hash());
                Step::Settled(Ok(LineResult { theirs: document, ..conflict }))
            }
        })
    }

    /// The child's document may say that the object is at the child's location, and ours that it is elsewhere. What is removed
    /// here belongs where it was.
    fn is_in_scope(
        &self,
        host: &mut dyn Host,
        places: &mut Places<'_>,
        (stored, document): (&Stored, Option<&Value>),
    ) -> Result<bool> {
        let document = document.map(|document| (self.representation, document));
        if *stored != Stored::Absent && !places.allow(host, &self.object, document)? {
            return Ok(false);
        }
        match &self.belonging {
            Some(belonging) => places.allow_brought(host, &self.object, belonging),
            None => Ok(true),
        }
    }

    /// See [`Meanwhile::replaced`].
    fn replaced_since(&self, host: &mut dyn Host, config: &Config) -> Result<&[String]> {
        let Some(number) = self.restored_to.filter(|number| *number > 0 && !self.replaced.is_empty()) else {
            return Ok(&[]);
        };
        let remembers = match (events::published_at(host, number)?, kept_since(host, config.audit.keep_days)?) {
            (Some(published), Some(oldest)) => published >= oldest,
            (published, None) => published.is_some(),
            (None, Some(_)) => false,
        };
        Ok(if remembers { &self.replaced } else { &[] })
    }

    fn decide(&self, ours: Version<'_>, meanwhile: Meanwhile<'_>, earlier: Option<Earlier<'_>>) -> Decision {
        let hash = self.hash();
        let sent = exchange::Sent {
            hash: hash.as_deref(),
            last_seen: self.last_seen.as_deref(),
            pending: &self.pending,
            meanwhile,
        };
        exchange::decide(ours, sent, earlier)
    }

    /// Returns the answer where the version here came of the same document, of which this server did not keep every detail.
    fn saved_before(&self, ours: Ours) -> LineResult {
        let lost_paths = match (&ours, &self.content) {
            (Ours::Document { canonical, .. }, Some(content)) => differences(&content.canonical, canonical),
            _ => Vec::new(),
        };
        let theirs = match &ours {
            Ours::Document { canonical, .. } => parsed(canonical).ok(),
            Ours::Absent | Ours::Removed => None,
        };
        LineResult { lost_paths, theirs, ..LineResult::of(ApplyStatus::Partial, ours.into_hash()) }
    }

    /// Returns the note of the line: the version here now is the one that this child sent. Nothing when it is not.
    fn request(&self, outcome: &LineResult) -> Option<(ObjectId, Request)> {
        let agreed = !matches!(outcome.status, ApplyStatus::Conflict | ApplyStatus::Failed);
        agreed.then(|| {
            let (sent_hash, result_hash) = (self.hash().map(Cow::into_owned), outcome.hash.clone());
            (self.object.clone(), Request { sent_hash, result_hash, number: self.number })
        })
    }
}

fn as_decided(request: &Request) -> Earlier<'_> {
    Earlier {
        sent_hash: request.sent_hash.as_deref(),
        result_hash: request.result_hash.as_deref(),
        number: request.number,
    }
}

/// Returns the action that the child names. Nothing that comes from a child is purged here: what it deleted is voided or retired.
fn action_of(name: &str) -> Action {
    match Action::parse(name) {
        Some(Action::Deleted) => Action::Voided,
        Some(action) => action,
        None => Action::Other,
    }
}

impl<'a> Step<'a> {
    fn references(&self) -> impl Iterator<Item = &ObjectId> {
        let content = match self {
            Step::Save(_, content, _) => Some(content),
            Step::Settled(_) | Step::Remove(_) => None,
        };
        content.into_iter().flat_map(|content| &content.references)
    }

    /// Writes what was decided. Refused is an object that would refer to one that is missing, or come to hang on one that is
    /// removed; a removal that would take along what the child does not know is a conflict.
    fn write(self, host: &mut dyn Host, child: &Child<'_>, here: &mut References<'_>) -> Result<Written<'a>> {
        Ok(match self {
            Step::Settled(outcome) => Written::Settled(outcome),
            Step::Save(sent, content, before) => match here.refusal(sent, content, &before) {
                Some(refused) => Written::Settled(Err(refused)),
                None => {
                    let rules = save(
                        host,
                        child.config.validation(sent.object.category),
                        &sent.object,
                        sent.as_saved(content),
                    )?;
                    here.saved(&sent.object);
                    Written::Saved(sent, content, rules)
                }
            },
            Step::Remove(sent) => match sent.against(host, child.scope, &mut here.places)? {
                Some(against) => Written::Settled(Ok(sent.conflict(host, against)?)),
                None => {
                    let stays = sent.stays(host, &mut here.places)?;
                    host.remove(sent.representation, &sent.object, &sent.removal(child.node))?;
                    here.removed(&sent.object);
                    Written::Removed(sent, stays)
                }
            },
        })
    }
}

impl Written<'_> {
    /// Reads back what was written. The outer error is the host's, the inner one the line's.
    fn verify(self, host: &mut dyn Host) -> Result<Result<LineResult>> {
        match self {
            Written::Settled(outcome) => Ok(outcome),
            Written::Saved(sent, content, rules) => {
                let ReadBack { losses, canonical, hash } = read_back(host, &sent.object, content)?;
                // The child tells apart what loses nothing: it has both documents.
                let lost_paths = [losses.lost, losses.adjusted].concat();
                let status = if lost_paths.is_empty() { ApplyStatus::Applied } else { ApplyStatus::Partial };
                let notes = sent.reduced.as_ref().map(|reduced| reduced.notes.clone()).unwrap_or_default();
                let theirs = canonical.filter(|_| status == ApplyStatus::Partial);
                let theirs = theirs.as_deref().map(parsed).transpose()?;
                Ok(Ok(LineResult { lost_paths, rules, notes, theirs, ..LineResult::of(status, Some(hash)) }))
            }
            Written::Removed(sent, stayed) => {
                confirm_removed(host, &sent.object, sent.representation)?;
                Ok(Ok(LineResult { stayed, ..LineResult::of(ApplyStatus::Removed, None) }))
            }
        }
    }
}

/// Applies the lines in one transaction and commits it. After an error it is rolled back.
fn apply_batch(
    host: &mut dyn Host,
    child: &Child<'_>,
    batch: &[&Line],
    order: Order<'_>,
) -> std::result::Result<Vec<ApplyAnswer>, BatchFailure> {
    host.begin()?;
    let filled = fill_transaction(host, child, batch, order);
    let committed = filled.and_then(|answers| match host.commit() {
        Ok(()) => Ok(answers),
        Err(error) => Err(BatchFailure::Commit(error)),
    });
    if committed.is_err() {
        host.rollback();
    }
    committed
}

fn fill_transaction(
    host: &mut dyn Host,
    child: &Child<'_>,
    batch: &[&Line],
    order: Order<'_>,
) -> std::result::Result<Vec<ApplyAnswer>, BatchFailure> {
    lock_first(host, batch.iter().filter_map(|line| line.object()), batch.iter().flat_map(|line| line.references()))?;
    let objects: Vec<ObjectId> = batch.iter().filter_map(|line| line.object()).cloned().collect();
    let earlier = requests::get_all(host, &child.identity, &objects)?;
    let mut places = Places::new(child.config, child.scope);
    places.expect(host, objects.iter())?;
    for sent in batch.iter().filter_map(|line| line.sent.as_ref().ok()) {
        if let Some(belonging) = &sent.belonging {
            places.brings(&sent.object, belonging.clone());
        }
    }
    let steps = each(batch, |line| match &line.sent {
        Ok(sent) => sent.settle(host, child.config, &mut places, earlier.get(&sent.object)),
        Err(refused) => Ok(Step::Settled(Err(refused.clone()))),
    })?;
    let mut here = References::of(host, &steps, places)?;
    let written = match order {
        Order::AsSent => each(steps, |step| step.write(host, child, &mut here))?,
        Order::Together { between, order } => {
            replace_between(host, child.config, &steps, between)?;
            write_in_order(host, child, (steps, order), &mut here)?
        }
    };
    host.clear()?;
    let saved = written.iter().filter_map(|written| match written {
        Written::Saved(sent, ..) => Some((sent.representation, &sent.object)),
        Written::Settled(_) | Written::Removed(..) => None,
    });
    expect_reads(host, saved).map_err(BatchFailure::Commit)?;
    let outcomes = each(written, |written| written.verify(host))?;
    let outcomes = each(batch.iter().zip(outcomes), |(line, outcome)| match (&line.sent, outcome) {
        (Ok(sent), Ok(outcome)) => sent.in_its_terms(host, outcome).map(Ok),
        (_, outcome) => Ok(outcome),
    })?;
    let settled =
        batch.iter().zip(&outcomes).filter_map(|(line, outcome)| line.sent.as_ref().ok().zip(outcome.as_ref().ok()));
    let requests: Vec<_> = settled.filter_map(|(sent, outcome)| sent.request(outcome)).collect();
    requests::put_all(host, &child.identity, &requests)?;
    let answered =
        batch.iter().zip(&outcomes).filter_map(|(line, outcome)| line.sent.as_ref().ok().zip(outcome.as_ref().ok()));
    disputes::remember(host, child.node, answered)?;
    remember_withheld(host, batch, &outcomes)?;
    Ok(batch.iter().zip(outcomes).map(|(line, outcome)| line.answer(outcome)).collect())
}

/// Replaces what is here for a moment, so that others can be written.
fn replace_between(
    host: &mut dyn Host,
    config: &Config,
    steps: &[Step<'_>],
    between: &HashMap<ObjectId, Vec<u8>>,
) -> std::result::Result<(), BatchFailure> {
    each(steps, |step| match step {
        Step::Save(sent, ..) => match between.get(&sent.object) {
            Some(document) => {
                let document = (sent.representation, document.as_slice());
                save(host, config.validation(sent.object.category), &sent.object, document).map(drop)
            }
            None => Ok(()),
        },
        Step::Settled(_) | Step::Remove(_) => Ok(()),
    })
    .map(drop)
}

fn write_in_order<'a>(
    host: &mut dyn Host,
    child: &Child<'_>,
    (steps, order): (Vec<Step<'a>>, &[usize]),
    here: &mut References<'_>,
) -> std::result::Result<Vec<Written<'a>>, BatchFailure> {
    let mut steps: Vec<Option<Step<'a>>> = steps.into_iter().map(Some).collect();
    let mut written: Vec<Option<Written<'a>>> = steps.iter().map(|_| None).collect();
    for position in order {
        if let (Some(step), Some(place)) = (steps.get_mut(*position).and_then(Option::take), written.get_mut(*position))
        {
            let done = caught(|| step.write(host, child, here));
            *place = Some(done.map_err(|error| BatchFailure::Item(*position, error))?);
        }
    }
    Ok(written.into_iter().flatten().collect())
}

/// Notes an object that was saved without identifiers that another patient has here: it waits for them; one that was saved whole
/// does not.
fn remember_withheld(host: &mut dyn Host, batch: &[&Line], outcomes: &[Result<LineResult>]) -> Result<()> {
    let written = batch.iter().zip(outcomes).filter_map(|(line, outcome)| {
        let status = outcome.as_ref().ok()?.status;
        let is_written = matches!(status, ApplyStatus::Applied | ApplyStatus::Partial | ApplyStatus::Removed);
        is_written.then_some((line.sent.as_ref().ok()?, status))
    });
    let written: Vec<(&Sent, ApplyStatus)> = written.collect();
    withheld::forget(host, written.iter().map(|(sent, _)| &sent.object))?;
    for (sent, status) in written {
        if let (Some(reduced), ApplyStatus::Partial) = (&sent.reduced, status) {
            withheld::remember(host, &sent.object, sent.representation, reduced, None)?;
        }
    }
    Ok(())
}

/// Does the same with each item of a batch; a failure is that item's.
fn each<I: IntoIterator, T>(
    items: I,
    mut work: impl FnMut(I::Item) -> Result<T>,
) -> std::result::Result<Vec<T>, BatchFailure> {
    let done = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| caught(|| work(item)).map_err(|error| BatchFailure::Item(index, error)));
    done.collect()
}

/// The objects here that the lines of a batch refer to.
struct References<'a> {
    /// Not here at all.
    missing: HashSet<ObjectId>,
    /// Removed here, of what objects hang on; with the reason.
    removed: HashMap<ObjectId, String>,
    /// Where objects belong.
    places: Places<'a>,
}

impl<'a> References<'a> {
    /// Finds the objects that those to be saved refer to.
    fn of(host: &mut dyn Host, steps: &[Step<'_>], mut places: Places<'a>) -> Result<References<'a>> {
        let references: BTreeSet<&ObjectId> = steps.iter().flat_map(Step::references).collect();
        let references: Vec<ObjectId> = references.into_iter().cloned().collect();
        if references.is_empty() {
            return Ok(References { missing: HashSet::new(), removed: HashMap::new(), places });
        }
        let here = host.exists(&references)?;
        let missing = references.into_iter().zip(here).filter(|(_, here)| !here).map(|(reference, _)| reference);
        let missing = missing.collect();
        let removed = removal::removed_owners(host, steps, &mut places)?;
        Ok(References { missing, removed, places })
    }

    fn refusal(&self, sent: &Sent, content: &Content, before: &Before) -> Option<Error> {
        if let Some(reference) = content.references.iter().find(|reference| self.missing.contains(*reference)) {
            return Some(missing_reference(&sent.object, reference));
        }
        let owners = owners(content.representation, &sent.object, &content.references);
        let mut new = owners.iter().filter(|owner| !before.contains(*owner));
        let (owner, why) = new.find_map(|owner| self.removed.get_key_value(owner))?;
        Some(removal::hangs_on_removed(&sent.object, owner, why))
    }

    fn saved(&mut self, object: &ObjectId) {
        for name in object.names() {
            self.missing.remove(&name);
            self.removed.remove(&name);
        }
    }

    fn removed(&mut self, object: &ObjectId) {
        self.removed.insert(object.clone(), "the same child has just removed it".to_string());
    }
}

/// Such as `Patient?identifier=…`, with which this server would look up what the child may not see.
fn refers_by_more_than_type_and_id(object: &ObjectId) -> Error {
    malformed(format!("{object}: the document refers to something in another way than by Type/id"))
}

fn late(object: &ObjectId) -> Error {
    let message = format!(
        "{object}: this arrives after its time. The same server has sent something later, or what it brought was changed since: \
         nothing is done"
    );
    Error::new(ErrorKind::Outdated, message)
}

fn missing_reference(object: &ObjectId, reference: &ObjectId) -> Error {
    let message = format!(
        "{object} waits for {}, not at the parent. It goes there first by itself, if it is at the child and its push lets it \
         through; else bring it back there, or take this one out of it",
        role(object, reference)
    );
    Error::new(ErrorKind::MissingReference, message)
}

fn unknown_version(version: u32) -> Error {
    let message = format!(
        "a child compares documents by version {version} of their form and this node by {} to {}: it is told to come again until \
         the module of the older one of the two is updated",
        canonical::OLDEST_VERSION,
        canonical::VERSION
    );
    Error::new(ErrorKind::Busy, message)
}
