//! Transactions around a closure. A `begin` that is refused is not rolled back: the transaction that is open then is
//! somebody else's.

use crate::error::Result;
use crate::store::Transaction;

/// Runs something that only reads in a transaction of its own.
pub(crate) fn read<H: Transaction + ?Sized, T>(host: &mut H, body: impl FnOnce(&mut H) -> Result<T>) -> Result<T> {
    host.begin()?;
    let read = body(host);
    host.rollback();
    read
}

/// Runs something that writes in a transaction of its own. An error of the commit leaves the result unknown.
pub(crate) fn write<H: Transaction + ?Sized, T>(host: &mut H, body: impl FnOnce(&mut H) -> Result<T>) -> Result<T> {
    host.begin()?;
    let written = body(host).and_then(|written| host.commit().map(|()| written));
    if written.is_err() {
        host.rollback();
    }
    written
}
