//! Conflicts that children met here: each is kept, so that it is seen here, too, until the child brings what agrees.

use uuid::Uuid;

use super::apply::{LineResult, Sent};
use crate::error::Result;
use crate::event::{Direction, ObjectId};
use crate::host::Host;
use crate::removal;
use crate::store::conflicts::{self, Conflict, ConflictKind, Documents};
use crate::store::now;
use crate::wire::ApplyStatus;

/// Keeps what is in conflict, and forgets what the child and this server agree on by now. In the transaction that answers.
pub(super) fn remember<'a>(
    host: &mut dyn Host,
    child_node: &str,
    answered: impl Iterator<Item = (&'a Sent, &'a LineResult)>,
) -> Result<()> {
    let mut agreed: Vec<ObjectId> = Vec::new();
    for (sent, outcome) in answered {
        match outcome.status {
            ApplyStatus::Conflict => {
                let documents = Documents {
                    ours: outcome.theirs.as_ref().map(|document| document.to_string().into_bytes()),
                    theirs: sent.content.as_ref().map(|content| content.to_save.clone()),
                };
                let conflict = conflict(sent, outcome, child_node, now(host)?);
                conflicts::put(host, &conflict, &documents)?;
            }
            ApplyStatus::Failed => {}
            ApplyStatus::Applied | ApplyStatus::Partial | ApplyStatus::Unchanged | ApplyStatus::Removed => {
                agreed.push(sent.object.clone());
            }
        }
    }
    let open = conflicts::get_all_of_child(host, child_node, &agreed)?;
    let over: Vec<ObjectId> = open.into_keys().collect();
    if over.is_empty() { Ok(()) } else { conflicts::remove_of_child(host, child_node, &over).map(drop) }
}

/// As it is seen here: ours is this server's.
fn conflict(sent: &Sent, outcome: &LineResult, child_node: &str, detected_at: i64) -> Conflict {
    let both_have_it = outcome.theirs.is_some() && sent.content.is_some();
    let (named, more) = &outcome.against;
    Conflict {
        uuid: Uuid::new_v4().to_string(),
        kind: if both_have_it { ConflictKind::Content } else { ConflictKind::Removal },
        direction: Direction::Push,
        object: sent.object.clone(),
        child_node: Some(child_node.to_string()),
        child_name: None,
        decision: None,
        audit_uuid: None,
        representation: sent.representation,
        ours_hash: outcome.hash.clone(),
        theirs_hash: sent.content.as_ref().map(|content| content.hash.clone()),
        remote_hash: sent.last_seen.clone(),
        detail: (!named.is_empty() || *more > 0).then(|| removal::detail(named, *more)),
        detected_at,
    }
}
