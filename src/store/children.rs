//! The children of this node, by their node ids: by which account each comes, when it was heard of last, and what it said of
//! itself then.
//!
//! A row goes away when somebody forgets the child. There are at most [`MOST`].

use serde::Serialize;

use super::row::{Columns, read_all, read_first};
use super::{Sql, SqlValue, now};
use crate::error::Result;
use crate::introduction::Introduction;
use crate::json;

/// The most children that are kept: somebody who makes up node ids must not fill the table.
pub const MOST: u64 = 5000;

/// How long nobody else may speak for a child that was heard of, in milliseconds.
const ACCOUNT_IS_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// A child of this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// The account by which it was heard of last.
    pub account: String,
    /// When it was heard of last, milliseconds since 1970 by the database's clock.
    pub heard_at: i64,
    /// Its introduction of then.
    #[serde(flatten)]
    pub introduction: Introduction,
}

/// Notes what a child says of itself. Who says to be a child that came by another account less than a day ago is not believed.
pub fn hear(sql: &mut dyn Sql, account: &str, introduction: &Introduction) -> Result<()> {
    let node = introduction.node.as_str();
    let statement = "SELECT account, heard_at FROM sync2_child WHERE child_node = ?";
    let known = read_first(sql, statement, &[node.into()], |row| Ok((row.text()?, row.int()?)))?;
    let time = now(sql)?;
    let statement = match known {
        Some((known, heard_at)) if known != account && (time - heard_at).abs() < ACCOUNT_IS_KEPT_MS => {
            log::warn!(
                "the account {account:?} says that it is the node {node}, which comes by another account: that is not noted"
            );
            return Ok(());
        }
        Some(_) => {
            "UPDATE sync2_child SET account = ?, child_name = ?, heard_at = ?, introduction = ? WHERE child_node = ?"
        }
        None if count(sql)? >= MOST => {
            log::warn!(
                "there are {MOST} children already: forget those that are no more. What the node {node} says is not noted"
            );
            return Ok(());
        }
        None => {
            "INSERT INTO sync2_child (account, child_name, heard_at, introduction, child_node) VALUES (?, ?, ?, ?, ?)"
        }
    };
    let told = introduction.to_header();
    let values: [SqlValue; 5] =
        [account.into(), introduction.name.as_str().into(), time.into(), told.into(), node.into()];
    sql.update(statement, &values).map(drop)
}

fn count(sql: &mut dyn Sql) -> Result<u64> {
    Ok(read_first(sql, "SELECT COUNT(*) FROM sync2_child", &[], Columns::count)?.unwrap_or_default())
}

/// All of them, in the order of their names.
pub fn list(sql: &mut dyn Sql) -> Result<Vec<Child>> {
    let statement = "SELECT child_node, child_name, account, heard_at, introduction FROM sync2_child ORDER BY child_name, child_node";
    read_all(sql, statement, &[], |row| {
        let (node, name) = (row.text()?, row.text()?);
        let (account, heard_at, told) = (row.text()?, row.int()?, row.text()?);
        let told = json::read::<Introduction>(told.as_bytes()).unwrap_or_default();
        Ok(Child { account, heard_at, introduction: Introduction { node, name, ..told } })
    })
}

/// Forgets a child, until it comes again. Returns whether there was one.
pub fn forget(sql: &mut dyn Sql, child_node: &str) -> Result<bool> {
    Ok(sql.update("DELETE FROM sync2_child WHERE child_node = ?", &[child_node.into()])? > 0)
}
