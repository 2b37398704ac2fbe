//! Lines of one request that were refused because of one another are tried in one transaction, in several ways. A patient
//! who is refused for good because of an identifier that another one has here is saved without it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{Child, Line, Order, Sent, apply_batch};
use crate::decide::blocked::{self, Member, Way, freed, identifiers, may_be_blocked, may_be_freed};
use crate::decide::content::Content;
use crate::error::{Error, ErrorKind, Result};
use crate::event::ObjectId;
use crate::host::{Host, Stored};
use crate::saving::{BatchFailure, parse_stored};
use crate::store::transaction;
use crate::wire::ApplyAnswer;
use crate::withheld::without_taken;

/// The most transactions that are tried for the refused lines of one request.
const MOST_TRIES: usize = 200;

/// Refused lines that belong together.
struct Group {
    /// Their indexes in the request.
    lines: Vec<usize>,
    /// The documents that those that are here can have for a moment.
    between: HashMap<ObjectId, Vec<u8>>,
}

/// Tries again what was refused because of others, and replaces its answers.
///
/// Errors: the database is away.
pub(super) fn try_refused(
    host: &mut dyn Host,
    child: &Child<'_>,
    lines: &mut [Line],
    answers: &mut [ApplyAnswer],
) -> Result<()> {
    let refused: Vec<usize> =
        (0..lines.len()).filter(|index| refusal(lines, answers, *index).is_some_and(may_be_blocked)).collect();
    let only_waits = |index: &usize| refusal(lines, answers, *index) == Some(ErrorKind::MissingReference);
    if refused.iter().all(only_waits) {
        return Ok(());
    }
    let mut tries = MOST_TRIES;
    for group in groups(host, lines, answers, &refused)? {
        try_group(host, child, (lines, answers), group, &mut tries)?;
    }
    Ok(())
}

/// Why a line that brings a document was refused.
fn refusal(lines: &[Line], answers: &[ApplyAnswer], index: usize) -> Option<ErrorKind> {
    content(lines.get(index)?)?;
    ErrorKind::parse(&answers.get(index)?.error.as_ref()?.kind)
}

fn content(line: &Line) -> Option<(&Sent, &Content)> {
    let sent = line.sent.as_ref().ok()?;
    Some((sent, sent.content.as_ref()?))
}

fn try_group(
    host: &mut dyn Host,
    child: &Child<'_>,
    (lines, answers): (&mut [Line], &mut [ApplyAnswer]),
    group: Group,
    tries: &mut usize,
) -> Result<()> {
    let mut members = group.lines;
    while !members.is_empty() && *tries > 0 {
        let batch: Vec<&Line> = members.iter().filter_map(|index| lines.get(*index)).collect();
        let failed = match try_ways(host, child, &batch, &group.between, tries)? {
            Tried::Written(written) => {
                for (index, answer) in members.iter().zip(written) {
                    put(answers, *index, answer);
                }
                return Ok(());
            }
            Tried::Failed(position, error) => (position.min(members.len() - 1), error),
        };
        let index = members.remove(failed.0);
        if let Some(line) = lines.get_mut(index) {
            put(answers, index, finish_refused(host, child, line, failed.1)?);
        }
    }
    Ok(())
}

fn put(answers: &mut [ApplyAnswer], index: usize, answer: ApplyAnswer) {
    if let Some(place) = answers.get_mut(index) {
        *place = answer;
    }
}

enum Tried {
    Written(Vec<ApplyAnswer>),
    /// In the last way, at this line.
    Failed(usize, Error),
}

fn try_ways(
    host: &mut dyn Host,
    child: &Child<'_>,
    batch: &[&Line],
    between: &HashMap<ObjectId, Vec<u8>>,
    tries: &mut usize,
) -> Result<Tried> {
    let members: Vec<(&ObjectId, &BTreeSet<ObjectId>)> = batch
        .iter()
        .filter_map(|line| content(line))
        .map(|(sent, content)| (&sent.object, &content.references))
        .collect();
    let mut failed = (0, Error::new(ErrorKind::Internal, "nothing was tried"));
    for way in Way::worth_trying(members.len(), !between.is_empty()) {
        *tries = tries.saturating_sub(1);
        let nothing = HashMap::new();
        let order = way.order(&members);
        let between = if way.frees_first() { between } else { &nothing };
        match apply_batch(host, child, batch, Order::Together { between, order: &order }) {
            Ok(answers) => return Ok(Tried::Written(answers)),
            Err(BatchFailure::Run(error)) => return Err(error),
            Err(BatchFailure::Item(index, error)) => failed = (index, error),
            Err(BatchFailure::Commit(error)) => failed = (batch.len() - 1, error),
        }
    }
    Ok(Tried::Failed(failed.0, failed.1))
}

/// Finishes the lines that are refused in every way: a patient is saved without what another one has here.
fn finish_refused(host: &mut dyn Host, child: &Child<'_>, line: &mut Line, error: Error) -> Result<ApplyAnswer> {
    let reductions = match content(line) {
        Some((sent, content)) if error.kind == ErrorKind::Duplicate => without_taken(&sent.object, content, &error),
        _ => Vec::new(),
    };
    for reduced in reductions {
        if let Ok(sent) = &mut line.sent {
            sent.reduced = Some(reduced);
        }
        match apply_batch(host, child, &[line], Order::AsSent) {
            Ok(answers) => {
                if let Some(answer) = answers.into_iter().next() {
                    return Ok(answer);
                }
            }
            Err(BatchFailure::Run(error)) => return Err(error),
            Err(BatchFailure::Item(..) | BatchFailure::Commit(_)) => {}
        }
    }
    Ok(line.answer(Err(error)))
}

/// The refused lines by who may block whom. What only waits for something is tried with what it waits for.
fn groups(host: &mut dyn Host, lines: &[Line], answers: &[ApplyAnswer], refused: &[usize]) -> Result<Vec<Group>> {
    let sent: Vec<(usize, &Sent, &Content)> = refused
        .iter()
        .filter_map(|index| content(lines.get(*index)?).map(|(sent, content)| (*index, sent, content)))
        .collect();
    let held =
        transaction::read(host, |host| sent.iter().map(|(_, sent, _)| held(host, sent)).collect::<Result<Vec<_>>>())?;
    let members: Vec<Member<'_>> = sent
        .iter()
        .zip(&held)
        .map(|((index, sent, content), held)| Member {
            object: &sent.object,
            references: &content.references,
            identifiers: wanted(sent, content).into_iter().chain(held.iter().flatten().cloned()).collect(),
            reason: answers.get(*index).and_then(|answer| answer.error.as_ref()).map_or("", |error| &error.message),
        })
        .collect();
    let blocks = |position: &usize| {
        let index = sent.get(*position).map(|(index, ..)| *index);
        index.and_then(|index| refusal(lines, answers, index)) != Some(ErrorKind::MissingReference)
    };
    let groups = blocked::groups(&members).into_iter().filter(|group| group.iter().any(blocks));
    let groups = groups.map(|group| Group {
        lines: group.iter().filter_map(|position| sent.get(*position).map(|(index, ..)| *index)).collect(),
        between: between(&group, &sent, &held),
    });
    Ok(groups.collect())
}

fn wanted(sent: &Sent, content: &Content) -> BTreeSet<String> {
    let document: Value = serde_json::from_slice(&content.to_save).unwrap_or_default();
    identifiers(sent.representation, &sent.object, &document).into_iter().map(|(key, _)| key).collect()
}

/// The identifiers that are here of it; None when it is not here.
fn held(host: &mut dyn Host, sent: &Sent) -> Result<Option<BTreeSet<String>>> {
    if !may_be_freed(sent.object.category) {
        return Ok(None);
    }
    let Stored::Present(bytes) = host.read(sent.representation, &sent.object, false)? else { return Ok(None) };
    let document = parse_stored(&sent.object, &bytes)?;
    Ok(Some(identifiers(sent.representation, &sent.object, &document).into_iter().map(|(key, _)| key).collect()))
}

/// Returns the documents that each of a group that is here can have for a moment, so that others can be written.
fn between(
    group: &[usize],
    sent: &[(usize, &Sent, &Content)],
    held: &[Option<BTreeSet<String>>],
) -> HashMap<ObjectId, Vec<u8>> {
    let one = |position: &usize| {
        held.get(*position)?.as_ref()?;
        let (_, sent, content) = sent.get(*position)?;
        let others = group.iter().filter(|other| *other != position);
        let taken = others.filter_map(|other| held.get(*other)?.clone()).flatten().collect();
        let document: Value = serde_json::from_slice(&content.to_save).ok()?;
        let freed = freed(sent.representation, &sent.object, &document, &taken)?;
        Some((sent.object.clone(), freed.to_string().into_bytes()))
    };
    group.iter().filter_map(one).collect()
}
