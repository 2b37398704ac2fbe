//! Carries out here what somebody at the parent decided about conflicts that were met here: only this side knows what both
//! had when they last agreed. It is decided on what both sides are, and goes up like any other decision.

use log::info;

use super::SyncPullService;
use crate::error::{ErrorKind, Result};
use crate::host::Host;
use crate::resolution::{self, Decided};
use crate::store::conflicts::{self, Conflict};
use crate::store::transaction;
use crate::wire::Decision;

impl SyncPullService<'_> {
    /// Asks the parent about the conflicts with it that are open here. It knows those that a push has met.
    pub(super) fn carry_out_decisions(&mut self, host: &mut dyn Host) -> Result<()> {
        if !self.config.tells_parent() {
            return Ok(());
        }
        let most = self.config.transfer.batch_size as u32;
        let mut reached = String::new();
        loop {
            self.run.check_cancelled()?;
            let open = transaction::read(host, |host| conflicts::with_parent_after(host, &reached, most))?;
            let Some(last) = open.last() else { return Ok(()) };
            reached.clone_from(&last.uuid);
            let fetching = self.fetching.clone();
            for (conflict, decision) in self.run.wait(host, fetching.decisions(&open))? {
                self.carry_out(host, &conflict, &decision)?;
            }
        }
    }

    /// Where it does not fit what is here by now, the conflict stays.
    fn carry_out(&self, host: &mut dyn Host, conflict: &Conflict, decision: &Decision) -> Result<()> {
        let Some(decided) = Decided::at_the_parent(decision) else { return Ok(()) };
        match resolution::resolve(self.config, host, &conflict.uuid, &decided) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ErrorKind::Host => Err(error),
            Err(error) => {
                info!("{}: what was decided at the parent is not carried out: {}", conflict.object, error.kind);
                Ok(())
            }
        }
    }
}
