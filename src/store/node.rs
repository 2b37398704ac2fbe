//! Who this database belongs to.

use uuid::Uuid;

use super::row::read_first;
use super::{Sql, events, now};
use crate::error::{Error, ErrorKind, Result};

/// The id of this node: minted at the first call, the same ever after. Two servers on one database get the same one.
pub fn id(sql: &mut dyn Sql) -> Result<String> {
    if let Some(id) = stored(sql)? {
        return Ok(id);
    }
    let minted = Uuid::new_v4().to_string();
    let time = now(sql)?;
    sql.update(
        "UPDATE sync2_node SET node_id = ?, created_at = ? WHERE slot = 1 AND node_id IS NULL",
        &[minted.as_str().into(), time.into()],
    )?;
    stored(sql)?.ok_or_else(|| {
        Error::new(ErrorKind::Host, "the row of table sync2_node was deleted: insert it again (slot 1, node_id null)")
    })
}

/// Makes another node of this one, because another server goes on as the old one: a new id, and a new epoch of its own feed.
/// Returns the id.
pub fn renew(sql: &mut dyn Sql) -> Result<String> {
    id(sql)?;
    let minted = Uuid::new_v4().to_string();
    let time = now(sql)?;
    let parameters = [minted.as_str().into(), time.into()];
    sql.update("UPDATE sync2_node SET node_id = ?, created_at = ? WHERE slot = 1", &parameters)?;
    events::begin_epoch(sql)?;
    Ok(minted)
}

fn stored(sql: &mut dyn Sql) -> Result<Option<String>> {
    let rows = read_first(sql, "SELECT node_id FROM sync2_node WHERE slot = 1", &[], |row| row.text_or_null())?;
    Ok(rows.flatten())
}
