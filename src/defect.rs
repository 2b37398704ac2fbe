//! A defect of this engine, or of what was brought along, is an error like any other where its panic can be caught: it costs
//! the record that met it, or the run, and never more.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, ErrorKind, Result};

/// Does work on one record. A panic is that record's failure.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(defect(&*panic)))
}

/// The error that a panic comes to.
pub(crate) fn defect(panic: &(dyn Any + Send)) -> Error {
    let what = panic.downcast_ref::<String>().map(String::as_str);
    let what = what.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Error::new(ErrorKind::Internal, format!("a defect in the sync engine, please report it: {what}"))
}
