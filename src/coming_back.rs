//! Objects that were removed here with another one and are there at the parent: the next pull brings them back.

use uuid::Uuid;

use crate::audit::{Entry, Settled, SyncAuditLogger, Verdict};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Action, Direction, ObjectId};
use crate::host::Host;
use crate::removal::{dependents, gone_with};
use crate::store::{conflicts, parked};

/// Has the next pull bring these, for this reason. Both sides count as having removed them, so that what the parent has is news.
pub(crate) fn await_pull(
    config: &Config,
    host: &mut dyn Host,
    logger: &SyncAuditLogger<'_>,
    awaited: &[ObjectId],
    why: &str,
) -> Result<()> {
    let new_id = |_| {
        let audit_uuid = Uuid::new_v4();
        (audit_uuid, format!("resolution:{audit_uuid}"))
    };
    let ids: Vec<(Uuid, String)> = awaited.iter().map(new_id).collect();
    let settled: Vec<Settled<'_>> = awaited
        .iter()
        .zip(&ids)
        .map(|(object, (audit_uuid, event_id))| {
            let message = format!("{object} comes back {why}: the next pull brings it");
            let (_, gone) = gone_with(object, config.representation(object.category));
            Settled {
                object,
                action: Action::Other,
                object_is_known: true,
                entry: Entry::New { audit_uuid: *audit_uuid, epoch: logger.run_id, event_id },
                verdict: Verdict { agreed: Some(gone), ..Verdict::parked(Error::new(ErrorKind::Gone, message)) },
            }
        })
        .collect();
    if settled.is_empty() {
        return Ok(());
    }
    logger.record(host, &settled)?;
    parked::retry_objects(host, Direction::Pull, awaited, logger.now)
}

/// Brings back what went along with a removal here and stays at the parent, where it hangs on something else by now: whoever
/// removed its owner decided on nothing that does not hang on it. What is in dispute, and what hangs on that, waits for the
/// decision.
pub(crate) fn after_removal(
    config: &Config,
    host: &mut dyn Host,
    logger: &SyncAuditLogger<'_>,
    stayed: &[ObjectId],
) -> Result<()> {
    let mut awaited: Vec<ObjectId> = stayed.iter().filter(|object| config.pulls(object.category)).cloned().collect();
    for disputed in conflicts::get_all(host, &awaited)?.into_keys() {
        let hanging = dependents(host, &disputed)?;
        awaited.retain(|object| *object != disputed && !hanging.iter().any(|one| one.object == *object));
    }
    await_pull(config, host, logger, &awaited, "because at the parent it hangs on something else by now")
}
