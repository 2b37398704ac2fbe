//! What the children of this node call themselves, by their node ids.

use super::row::{Columns, read_first};
use super::{Sql, now};
use crate::error::Result;

/// The longest name that is kept, in characters.
const LONGEST: usize = 255;

/// Notes what a child calls itself.
pub fn put(sql: &mut dyn Sql, child_node: &str, child_name: &str) -> Result<()> {
    let child_name: String = child_name.chars().take(LONGEST).collect();
    let known = name(sql, child_node)?;
    if known.as_deref() == Some(child_name.as_str()) {
        return Ok(());
    }
    let statement = match known {
        Some(_) => "UPDATE sync2_child SET child_name = ?, changed_at = ? WHERE child_node = ?",
        None => "INSERT INTO sync2_child (child_name, changed_at, child_node) VALUES (?, ?, ?)",
    };
    let time = now(sql)?;
    sql.update(statement, &[child_name.into(), time.into(), child_node.into()]).map(drop)
}

/// What a child calls itself; nothing of one that has not said so.
pub fn name(sql: &mut dyn Sql, child_node: &str) -> Result<Option<String>> {
    read_first(sql, "SELECT child_name FROM sync2_child WHERE child_node = ?", &[child_node.into()], Columns::text)
}
