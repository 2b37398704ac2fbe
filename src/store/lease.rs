//! One run of a direction at a time, over all servers that share the database.

use super::row::read_first;
use super::statement::name;
use super::{Sql, now};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Direction;

/// The right to run one direction, until it expires or is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which direction.
    pub direction: Direction,
    /// Who holds it; shown to others who ask for it.
    pub owner: String,
    /// Greater than the token of every earlier holder.
    pub token: i64,
    /// When it ends unless it is renewed, milliseconds since 1970 by the database's clock.
    pub expires_at: i64,
}

/// Takes the lease of a direction for `duration_ms`, if nobody else holds it. The caller commits at once, so that others
/// see it. One that ends later than a lease taken now is void: it was taken while the clock was ahead. An owner who has it
/// still, because a run of theirs could not give it back, takes it with a new token: what that
/// run may yet do is then refused. The caller sees to it that no run of this owner is under way.
///
/// # Errors
///
/// [`ErrorKind::AlreadyRunning`] when somebody else holds it: says who, and for how long yet.
pub fn acquire(sql: &mut dyn Sql, direction: Direction, owner: &str, duration_ms: i64) -> Result<Lease> {
    let time = now(sql)?;
    let expires_at = time + duration_ms;
    let taken = sql.update(
        "UPDATE sync2_lease SET lease_owner = ?, expires_at = ?, fencing_token = fencing_token + 1 \
         WHERE direction = ? AND (expires_at <= ? OR expires_at > ? OR lease_owner = ?)",
        &[owner.into(), expires_at.into(), name(direction), time.into(), expires_at.into(), owner.into()],
    )?;
    let current = current(sql, direction)?;
    if taken == 0 {
        return Err(already_running(&current, time));
    }
    Ok(current)
}

/// Extends the lease to `duration_ms` from now. In the transaction of a batch it proves that the batch may be committed:
/// the row stays locked until then.
///
/// # Errors
///
/// [`ErrorKind::LeaseLost`] when a later run has taken it: roll back and stop.
pub fn renew(sql: &mut dyn Sql, lease: &Lease, duration_ms: i64) -> Result<()> {
    let expires_at = now(sql)? + duration_ms;
    let renewed = sql.update(
        "UPDATE sync2_lease SET expires_at = ? WHERE direction = ? AND fencing_token = ?",
        &[expires_at.into(), name(lease.direction), lease.token.into()],
    )?;
    if renewed == 0 { Err(lost(lease)) } else { Ok(()) }
}

/// Waits for the end of a transaction in which a run of this direction renews its lease, and keeps out others until this one
/// ends. Takes no lease.
pub fn hold_up(sql: &mut dyn Sql, direction: Direction) -> Result<()> {
    let statement = "UPDATE sync2_lease SET lease_owner = lease_owner WHERE direction = ?";
    sql.update(statement, &[name(direction)]).map(drop)
}

/// Gives the lease back. Does nothing when another server has it by now.
pub fn release(sql: &mut dyn Sql, lease: &Lease) -> Result<()> {
    sql.update(
        "UPDATE sync2_lease SET expires_at = 0 WHERE direction = ? AND fencing_token = ?",
        &[name(lease.direction), lease.token.into()],
    )?;
    Ok(())
}

fn current(sql: &mut dyn Sql, direction: Direction) -> Result<Lease> {
    let statement = "SELECT lease_owner, fencing_token, expires_at FROM sync2_lease WHERE direction = ?";
    read_first(sql, statement, &[name(direction)], |row| {
        Ok(Lease { direction, owner: row.text()?, token: row.int()?, expires_at: row.int()? })
    })?
    .ok_or_else(|| {
        let message = format!(
            "the row '{0}' of table sync2_lease was deleted: insert it again ('{0}', '', 0, 0)",
            direction.name()
        );
        Error::new(ErrorKind::Host, message)
    })
}

fn already_running(holder: &Lease, time: i64) -> Error {
    let seconds = (holder.expires_at - time).max(0) / 1000 + 1;
    let message = format!(
        "a {} run is under way on {}; if that server has stopped, the next run can start in {seconds} s",
        holder.direction.name(),
        holder.owner
    );
    Error::new(ErrorKind::AlreadyRunning, message)
}

fn lost(lease: &Lease) -> Error {
    let message = format!(
        "a later {} run has taken the lease of {}: this one stops and changes nothing more",
        lease.direction.name(),
        lease.owner
    );
    Error::new(ErrorKind::LeaseLost, message)
}
