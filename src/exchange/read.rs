//! This node's answers for the objects that a child asks for.

use serde_json::Value;

use super::digests::{self, Inventories};
use super::lines::{self, check, lines, object, out_of_scope, parse, subject, written};
use super::listing::Asking;
use crate::config::Config;
use crate::decide::canonical;
use crate::decide::scope::{Scope, Verb};
use crate::defect::caught;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{ObjectId, Representation};
use crate::host::{Host, Stored};
use crate::places::Places;
use crate::removal::dependents;
use crate::saving::{expect_reads, parse_stored};
use crate::store::conflicts;
use crate::store::digests::Kind;
use crate::store::transaction;
use crate::wire::{Decision, Disputed, Name, ReadAnswer, ReadLine, ReadState, WireError};

/// One line of the request.
struct Asked {
    /// As the line names it.
    category: String,
    uuid: String,
    /// The object to read; or why none can be.
    object: Result<(ObjectId, Representation)>,
    /// True if it is asked what hangs on it.
    hanging: bool,
    /// The version of the canonical form that its hash is asked for in; nothing where the document is.
    hashed: Option<u32>,
    /// The conflict of which it is asked whether somebody decided it.
    decided: Option<Disputed>,
    /// The part of a list that is asked for in the place of an object; or why none can be.
    listing: Option<Result<Asking>>,
    /// The digests that are asked for in the place of an object; or why none can be.
    digests: Option<Result<digests::Asking>>,
}

/// An object that is found, readable or not.
pub(super) struct Readable {
    pub state: ReadState,
    pub document: Option<Value>,
    /// Why it was removed, where that is known.
    reason: Option<String>,
    hanging: Option<Vec<Name>>,
    hash: Option<String>,
    decision: Option<Decision>,
}

/// Answers [`ReadLine`]s with [`ReadAnswer`]s. Blocks on the host's database. Once the answers have so many bytes, the rest
/// is answered with `Busy`, and the child asks for it again.
///
/// Errors: `Host` when the database is away.
pub(crate) fn read_objects(host: &mut dyn Host, config: &Config, scope: Scope<'_>, request: &[u8]) -> Result<Vec<u8>> {
    let most_bytes = config.transfer.max_body_bytes.saturating_mul(2);
    let asked: Vec<Asked> = lines(request).map(Asked::of).collect();
    let inventories = digests::bring_up(host, config, asked.iter().filter_map(|asked| asked.digested(scope)))?;
    let mut answers = Answers { lines: Vec::new(), count: 0, most_bytes, inventories };
    let mut loaded_together = true;
    while let Some(rest) = asked.get(answers.count..).filter(|rest| !rest.is_empty()) {
        transaction::read(host, |host| {
            if loaded_together
                && let Err(error) = expect_reads(host, rest.iter().filter_map(|asked| asked.allowed(scope)))
            {
                // One of them cannot be read. Read one by one, it fails alone.
                log::info!("objects are read one by one: {}", error.kind);
                loaded_together = false;
                return Ok(());
            }
            let mut places = Places::new(config, scope);
            places.expect(host, rest.iter().filter_map(|asked| Some(asked.allowed(scope)?.1)))?;
            answers.read_until_failure(host, (scope, &mut places), rest)
        })?;
    }
    Ok(answers.lines)
}

/// Answers as they travel: a document is in memory no longer than it takes to write it.
struct Answers {
    lines: Vec<u8>,
    count: usize,
    most_bytes: usize,
    inventories: Inventories,
}

impl Answers {
    /// After a failure the host's transaction cannot be used any more: what comes behind it is read in another one.
    fn read_until_failure(
        &mut self,
        host: &mut dyn Host,
        (scope, places): (Scope<'_>, &mut Places<'_>),
        asked: &[Asked],
    ) -> Result<()> {
        for asked in asked {
            let is_full = self.lines.len() >= self.most_bytes;
            let answer = match &asked.digests {
                _ if is_full => asked.not_now(),
                Some(digests) => asked.digest(host, (scope, places), digests, &mut self.inventories),
                None => asked.answer(host, scope, places),
            };
            self.lines.extend(written(std::slice::from_ref(&answer))?);
            self.count += 1;
            if answer.state == ReadState::Failed && !is_full {
                break;
            }
        }
        Ok(())
    }
}

impl Asked {
    fn of(line: &[u8]) -> Asked {
        match parse::<ReadLine>(line) {
            Ok(ReadLine { category, uuid, representation, hanging, hashed, decided, listing, digests }) => {
                let digests = digests.map(|asked| digests::Asking::of((&category, &representation), hashed, asked));
                let listing = listing.map(|listing| {
                    let (category, representation) = lines::category(&category, &representation)?;
                    Ok(Asking { category, representation, hashed, listing })
                });
                let object = object(&category, &uuid, &representation);
                Asked { object, category, uuid, hanging, hashed, decided, listing, digests }
            }
            Err(error) => {
                let (category, uuid) = subject(line);
                Asked {
                    category,
                    uuid,
                    object: Err(error),
                    hanging: false,
                    hashed: None,
                    decided: None,
                    listing: None,
                    digests: None,
                }
            }
        }
    }

    /// Returns the object to read, where the account may.
    fn allowed(&self, scope: Scope<'_>) -> Option<(Representation, &ObjectId)> {
        let (object, representation) = self.object.as_ref().ok()?;
        scope.may(Verb::Read, object.category).then_some((*representation, object))
    }

    /// Returns the kind of which digests are asked for, where the account may have any.
    fn digested(&self, scope: Scope<'_>) -> Option<Kind> {
        let asking = self.digests.as_ref()?.as_ref().ok()?;
        asking.may_be_answered(scope).then_some(asking.kind)
    }

    fn digest(
        &self,
        host: &mut dyn Host,
        (scope, places): (Scope<'_>, &mut Places<'_>),
        asking: &Result<digests::Asking>,
        inventories: &mut Inventories,
    ) -> ReadAnswer {
        let digested = match asking {
            Ok(asking) if !scope.may(Verb::Read, asking.kind.category) => {
                return self.answered(ReadState::Closed, None);
            }
            Ok(asking) => caught(|| asking.answer(host, (scope, places), inventories)),
            Err(error) => Err(error.clone()),
        };
        match digested {
            Ok(digested) => ReadAnswer { digested, ..self.answered(ReadState::Present, None) },
            Err(error) => self.answered(ReadState::Failed, Some(&error)),
        }
    }

    fn answer(&self, host: &mut dyn Host, scope: Scope<'_>, places: &mut Places<'_>) -> ReadAnswer {
        if let Some(asking) = &self.listing {
            return self.list(host, scope, places, asking);
        }
        let found = match &self.object {
            Ok((object, representation)) => caught(|| {
                check(scope, Verb::Read, object)?;
                let mut found = find(host, places, object, *representation)?;
                if let Some(disputed) = &self.decided {
                    found.decision = decision(host, (object, *representation), disputed, &found)?;
                }
                match (self.hanging, self.hashed) {
                    (true, _) => with_hanging(host, scope, places, (object, found)),
                    (false, Some(version)) => Ok(hashed(found, version, *representation)),
                    (false, None) => Ok(found),
                }
            }),
            Err(error) => Err(error.clone()),
        };
        match found {
            Ok(Readable { state, document, reason, hanging, hash, decision }) => {
                ReadAnswer { document, reason, hanging, hash, decision, ..self.answered(state, None) }
            }
            Err(error) if error.kind == ErrorKind::Forbidden => self.answered(self.refused(scope), Some(&error)),
            Err(error) => self.answered(ReadState::Failed, Some(&error)),
        }
    }

    fn list(
        &self,
        host: &mut dyn Host,
        scope: Scope<'_>,
        places: &mut Places<'_>,
        asking: &Result<Asking>,
    ) -> ReadAnswer {
        let listed = match asking {
            Ok(asking) if !scope.may(Verb::Read, asking.category) => return self.answered(ReadState::Closed, None),
            Ok(asking) => caught(|| asking.list(host, scope, places)),
            Err(error) => Err(error.clone()),
        };
        match listed {
            Ok(listed) => ReadAnswer { listed, ..self.answered(ReadState::Present, None) },
            Err(error) => self.answered(ReadState::Failed, Some(&error)),
        }
    }

    fn answered(&self, state: ReadState, error: Option<&Error>) -> ReadAnswer {
        ReadAnswer {
            category: self.category.clone(),
            uuid: self.uuid.clone(),
            state,
            document: None,
            reason: None,
            hanging: None,
            hash: None,
            decision: None,
            listed: None,
            digested: None,
            error: error.map(WireError::from),
        }
    }

    /// The answer of a group that is large enough.
    fn not_now(&self) -> ReadAnswer {
        let error = Error::new(ErrorKind::Busy, "the answer would become too large: ask for this object again");
        self.answered(ReadState::Failed, Some(&error))
    }

    /// Says whether it is this object that may not be read, or everything of its kind.
    fn refused(&self, scope: Scope<'_>) -> ReadState {
        match &self.object {
            Ok((object, _)) if !scope.may(Verb::Read, object.category) => ReadState::Closed,
            _ => ReadState::Refused,
        }
    }
}

impl Readable {
    fn of(state: ReadState, document: Option<Value>) -> Readable {
        Readable { state, document, reason: None, hanging: None, hash: None, decision: None }
    }
}

/// Returns the decision of a person here on a conflict that the child met, as long as each side has what was decided on.
fn decision(
    host: &mut dyn Host,
    (object, representation): (&ObjectId, Representation),
    disputed: &Disputed,
    found: &Readable,
) -> Result<Option<Decision>> {
    let open = conflicts::get_all_of_child(host, &disputed.child, std::slice::from_ref(object))?.remove(object);
    let Some(conflict) = open.filter(|conflict| conflict.decision.is_some()) else { return Ok(None) };
    let here = found.document.as_ref().map(|document| canonical::hash_at(canonical::VERSION, representation, document));
    let holds = conflict.representation == representation
        && conflict.theirs_hash == disputed.childs
        && conflict.ours_hash == disputed.parents
        && conflict.ours_hash == here;
    Ok(conflict.decision.filter(|_| holds))
}

/// The hash in the place of the document, where this version knows the form.
fn hashed(found: Readable, version: u32, representation: Representation) -> Readable {
    match found.document {
        Some(document) if canonical::is_known(version) => {
            let hash = canonical::hash_at(version, representation, &document);
            Readable { hash: Some(hash), document: None, ..found }
        }
        document => Readable { document, ..found },
    }
}

/// Errors: `Forbidden` outside of the scope; those of the host.
pub(super) fn find(
    host: &mut dyn Host,
    places: &mut Places<'_>,
    object: &ObjectId,
    representation: Representation,
) -> Result<Readable> {
    let (state, document) = match host.read(representation, object, false)? {
        Stored::Absent => return Ok(Readable::of(ReadState::Absent, None)),
        Stored::Removed => (ReadState::Removed, None),
        Stored::Present(bytes) => (ReadState::Present, Some(parse_stored(object, &bytes)?)),
    };
    if !places.allow(host, object, document.as_ref().map(|document| (representation, document)))? {
        return Err(out_of_scope(object));
    }
    let reason = match state {
        ReadState::Removed => host.why_removed(std::slice::from_ref(object))?.into_iter().next().flatten(),
        _ => None,
    };
    Ok(Readable { reason, ..Readable::of(state, document) })
}

/// Answers with the objects that hang on one that was found, in the place of its document. Only what the account may read is named.
fn with_hanging(
    host: &mut dyn Host,
    scope: Scope<'_>,
    places: &mut Places<'_>,
    (object, found): (&ObjectId, Readable),
) -> Result<Readable> {
    let live = dependents(host, object)?.into_iter().filter(|dependent| !dependent.removed);
    let readable = live.map(|dependent| dependent.object).filter(|object| scope.may(Verb::Read, object.category));
    let readable: Vec<ObjectId> = readable.collect();
    places.expect(host, readable.iter())?;
    let mut hanging = Vec::new();
    for object in readable {
        if places.allow(host, &object, None)? {
            hanging.push(Name::of(object));
        }
    }
    Ok(Readable { document: None, hanging: Some(hanging), ..found })
}
