//! The parts that an object is saved without, when the whole document cannot be: identifiers that another live patient has here,
//! and a reference to what was removed before it came. Identifiers are remembered, and put where they belong once they are free.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::decide::blocked::{
    holder, identifier_type, identifiers, may_be_blocked, with_identifier, without_identifiers, without_reference,
};
use crate::decide::content::Content;
use crate::decide::naming::role;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Category, ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::saving::{Ours, ReadBack, parse_stored, read_back};
use crate::store::audit::{self, AuditStatus};
use crate::store::object_states::{self, ObjectState};
use crate::store::withheld::{self, Withheld};
use crate::store::{now, transaction};

/// The most patients whose missing identifiers are looked after at once.
const MOST_AT_ONCE: u32 = 200;

/// The most identifiers of a patient that are tried one by one.
const MOST_IDENTIFIERS: usize = 10;

/// A document that is saved in the place of one which cannot be saved whole. Patient data: never printed.
pub(crate) struct Reduced {
    pub to_save: Vec<u8>,
    /// The parts that were left out, why, and what becomes of them, for people.
    pub notes: Vec<String>,
    /// Other objects that it does not refer to any more.
    pub without: BTreeSet<ObjectId>,
    /// Identifiers that another patient has here.
    identifiers: Vec<Value>,
    /// Who that is, where the refusal says so.
    holder: Option<String>,
}

impl std::fmt::Debug for Reduced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reduced").finish_non_exhaustive()
    }
}

/// Returns the documents to try of a patient that was refused because of an identifier: without each of them in turn, then without
/// any. Nothing of other objects.
pub(crate) fn without_taken(object: &ObjectId, content: &Content, refused: &Error) -> Vec<Reduced> {
    let Ok(document) = serde_json::from_slice::<Value>(&content.to_save) else { return Vec::new() };
    let all = identifiers(content.representation, object, &document);
    let each = all.iter().map(|(key, _)| BTreeSet::from([key.clone()])).take(MOST_IDENTIFIERS);
    let every: BTreeSet<String> = all.iter().map(|(key, _)| key.clone()).collect();
    let every = (every.len() > 1).then_some(every);
    let holder = holder(&refused.message, object).map(str::to_string);
    let reduced = each.chain(every).map(|keys| {
        let taken: Vec<Value> =
            all.iter().filter(|(key, _)| keys.contains(key)).map(|(_, element)| element.clone()).collect();
        Reduced {
            to_save: without_identifiers(content.representation, &document, &keys).to_string().into_bytes(),
            notes: taken.iter().map(|element| note(content.representation, element, holder.as_deref())).collect(),
            without: BTreeSet::new(),
            identifiers: taken,
            holder: holder.clone(),
        }
    });
    reduced.collect()
}

fn note(representation: Representation, element: &Value, holder: Option<&str>) -> String {
    let kind = identifier_type(representation, element).unwrap_or("a unique type");
    let holder = holder.map_or_else(|| "another patient here".to_string(), |uuid| format!("the patient {uuid} here"));
    format!(
        "the identifier of the type '{kind}' is the one of {holder}: look at both. If they are one person, merge them in OpenMRS; \
         if not, correct the number of the one who has it wrongly. It is added by itself when it becomes free"
    )
}

/// The document without a reference to something that was removed, where its object can be without it.
pub(crate) fn without_removed(object: &ObjectId, content: &Content, reference: &ObjectId) -> Option<Reduced> {
    let document = serde_json::from_slice::<Value>(&content.to_save).ok()?;
    let (document, path) = without_reference(content.representation, object, &document, reference)?;
    Some(Reduced {
        to_save: document.to_string().into_bytes(),
        notes: vec![format!(
            "{path}: {} was removed at the parent before it came here, so {object} is here without it: restore it there, or \
             correct this one there",
            role(object, reference)
        )],
        without: reference.names().chain([reference.clone()]).collect(),
        identifiers: Vec::new(),
        holder: None,
    })
}

/// In the transaction that saved the patient without them: remembers the identifiers.
pub(crate) fn remember(
    host: &mut dyn Host,
    object: &ObjectId,
    representation: Representation,
    reduced: &Reduced,
    audit_uuid: Option<String>,
) -> Result<()> {
    if reduced.identifiers.is_empty() {
        return Ok(());
    }
    let holder_hash = holder_hash(host, representation, reduced.holder.as_deref())?;
    let withheld = Withheld {
        object: object.clone(),
        representation,
        identifiers: Value::Array(reduced.identifiers.clone()).to_string(),
        holder: reduced.holder.clone(),
        holder_hash,
        audit_uuid,
        withheld_at: now(host)?,
    };
    withheld::put(host, &withheld)
}

/// In the transaction that saved or removed these objects: nothing of them waits any more.
pub(crate) fn forget<'a>(host: &mut dyn Host, objects: impl Iterator<Item = &'a ObjectId>) -> Result<()> {
    let patients: Vec<ObjectId> = objects.filter(|object| object.category == Category::patient()).cloned().collect();
    if patients.is_empty() { Ok(()) } else { withheld::remove(host, &patients) }
}

fn holder_hash(host: &mut dyn Host, representation: Representation, holder: Option<&str>) -> Result<Option<String>> {
    let Some(uuid) = holder else { return Ok(None) };
    let holder = ObjectId { category: Category::patient(), uuid: uuid.to_string() };
    let stored = host.read(representation, &holder, false)?;
    Ok(Ours::of(&holder, representation, &stored)?.into_hash())
}

/// Puts the identifiers where they belong that have become free here, because their holder was voided, merged or changed.
/// Each patient has a transaction of its own, which begins with `prove`: that it may be committed.
///
/// Errors: the database is away, or what `prove` says.
pub(crate) fn put_what_is_free(host: &mut dyn Host, prove: &mut dyn FnMut(&mut dyn Host) -> Result<()>) -> Result<()> {
    let (waiting, changed) = transaction::read(host, |host| {
        let waiting = withheld::list(host, MOST_AT_ONCE)?;
        let changed: Vec<bool> = waiting.iter().map(|one| may_be_free(host, one)).collect::<Result<_>>()?;
        Ok((waiting, changed))
    })?;
    for (withheld, _) in waiting.into_iter().zip(changed).filter(|(_, changed)| *changed) {
        put_back(host, withheld, prove)?;
    }
    Ok(())
}

/// Not while the holder is as it was when the identifiers were tried last.
fn may_be_free(host: &mut dyn Host, withheld: &Withheld) -> Result<bool> {
    let hash = holder_hash(host, withheld.representation, withheld.holder.as_deref())?;
    Ok(hash.is_none() || hash != withheld.holder_hash)
}

fn put_back(host: &mut dyn Host, withheld: Withheld, prove: &mut dyn FnMut(&mut dyn Host) -> Result<()>) -> Result<()> {
    let elements: Vec<Value> = serde_json::from_str(&withheld.identifiers).unwrap_or_default();
    let mut refused = Vec::new();
    let mut holder_now = None;
    for element in elements {
        let added = transaction::write(host, |host| {
            prove(host)?;
            add(host, &withheld, &element)
        });
        match added {
            Ok(()) => {}
            Err(error) if may_be_blocked(error.kind) => {
                holder_now = holder(&error.message, &withheld.object).map(str::to_string);
                refused.push(element);
            }
            Err(error) => return Err(error),
        }
    }
    transaction::write(host, |host| {
        prove(host)?;
        if refused.is_empty() {
            log::info!("{} is whole: what it was saved without has become free", withheld.object);
            tell_that_it_is_whole(host, &withheld)?;
            return withheld::remove(host, std::slice::from_ref(&withheld.object));
        }
        let holder_hash = holder_hash(host, withheld.representation, holder_now.as_deref())?;
        let identifiers = Value::Array(refused).to_string();
        withheld::put(host, &Withheld { identifiers, holder: holder_now, holder_hash, ..withheld })
    })
}

/// Adds one identifier to the patient as it is here now. A patient who was removed needs none.
fn add(host: &mut dyn Host, withheld: &Withheld, element: &Value) -> Result<()> {
    let (object, representation) = (&withheld.object, withheld.representation);
    let Stored::Present(bytes) = host.read(representation, object, true)? else { return Ok(()) };
    let document = parse_stored(object, &bytes)?;
    let wanted = with_identifier(representation, &document, element);
    let has = identifiers(representation, object, &document);
    let is_there = |(key, _): &(String, Value)| has.iter().any(|(other, _)| other == key);
    if identifiers(representation, object, &wanted).iter().all(is_there) {
        return Ok(());
    }
    let before = Content::of(representation, object, &document);
    let content = Content::of(representation, object, &wanted);
    host.record(representation, object, &content.to_save)?;
    host.clear()?;
    let ReadBack { losses, hash, .. } = read_back(host, object, &content)?;
    if losses.lost.iter().any(|path| is_of_identifiers(path)) {
        let message = format!("{object}: this server does not keep the identifier that has become free");
        return Err(Error::new(ErrorKind::Rejected, message));
    }
    agree(host, object, &before.hash, hash)
}

/// Agrees on the version here: still the agreed one, with the identifier that the other side has had all along.
fn agree(host: &mut dyn Host, object: &ObjectId, before: &str, now: String) -> Result<()> {
    let states = object_states::get_all(host, std::slice::from_ref(object))?;
    match states.into_iter().next() {
        Some((object, state))
            if state.local_hash.as_deref() == Some(before) && state.is_comparable(state.representation) =>
        {
            object_states::put_all(host, &[(object, ObjectState { local_hash: Some(now), ..state })])
        }
        _ => Ok(()),
    }
}

fn is_of_identifiers(path: &str) -> bool {
    path.starts_with("identifier")
}

fn tell_that_it_is_whole(host: &mut dyn Host, withheld: &Withheld) -> Result<()> {
    let Some(uuid) = &withheld.audit_uuid else { return Ok(()) };
    let Some(message) = audit::get(host, uuid)?.filter(|message| message.outcome.status == AuditStatus::Partial) else {
        return Ok(());
    };
    let lost = message.outcome.detail.as_ref().and_then(|detail| detail.get("lostPaths")).and_then(Value::as_array);
    let only_identifiers = lost.into_iter().flatten().filter_map(Value::as_str).all(is_of_identifiers);
    if !only_identifiers {
        return Ok(());
    }
    let outcome = audit::Outcome { status: AuditStatus::Applied, detail: None, ..message.outcome };
    audit::update_outcome(host, uuid, &outcome)
}
