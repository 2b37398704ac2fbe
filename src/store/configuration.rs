//! The configuration document, for hosts that keep it in their database. Its secrets are the host's matter: the engine
//! gets a document to run with when it opens.

use super::row::read_first;
use super::{Sql, now};
use crate::error::Result;

/// The document as it was put last; nothing when there is none yet.
pub fn get(sql: &mut dyn Sql) -> Result<Option<String>> {
    read_first(sql, "SELECT document FROM sync2_config WHERE slot = 1", &[], |row| row.text())
}

/// Keeps the document in place of the one before.
pub fn put(sql: &mut dyn Sql, document: &str) -> Result<()> {
    let time = now(sql)?;
    let parameters = [document.into(), time.into()];
    if sql.update("UPDATE sync2_config SET document = ?, changed_at = ? WHERE slot = 1", &parameters)? == 0 {
        sql.update("INSERT INTO sync2_config (slot, document, changed_at) VALUES (1, ?, ?)", &parameters)?;
    }
    Ok(())
}
