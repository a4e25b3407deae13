//! Transactions: tasks that take effect together, or are undone together.
//!
//! A transaction is open while a function runs that is given it. Tasks that are called in it, and transactions that are opened in
//! it, are part of it: when it ends, their results are kept below their keys, and then their `on_commit` hooks have been called.
//! Where the function gives an error, panics or is dropped, or one of them fails, all that has been done is rolled back: the
//! `on_rollback` hooks of those that had completed are called, the last one first, and their runs are `RolledBack`.
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::flows::FlowRun;
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::tasks::TaskRun;
//! use prefect_sdk::transactions::{Transaction, transaction};
//!
//! type Failed = Box<dyn std::error::Error + Send + Sync>;
//!
//! #[task(on_rollback = remove)]
//! fn write(_: &TaskRun, path: String) -> Result<(), std::io::Error> {
//!     std::fs::write(path, "all of it")
//! }
//!
//! fn remove(_: Transaction) -> Result<(), std::io::Error> {
//!     std::fs::remove_file("all.txt")
//! }
//!
//! #[task]
//! fn check(_: &TaskRun) -> Result<(), String> {
//!     Err("it is not good".to_owned())
//! }
//!
//! #[flow]
//! fn load(run: &FlowRun) -> Result<(), String> {
//!     transaction(run, |all| {
//!         write::call(&all, "all.txt".to_owned())?;
//!         check::call(&all)?;
//!         Ok::<_, Failed>(())
//!     })
//!     .map_err(|failed| failed.to_string())
//! }
//! # fn main() {}
//! ```
//!
//! # Other than Python's
//!
//! - Nothing is ambient: what is called with the transaction is part of it, and what is called with the run is not. A task that is
//!   called in a task's run, and what a subflow calls, is part of that one's transaction.
//! - A task that is tried again rolls back what was called in the attempt that failed, and nothing else. Python rolls back the
//!   transaction that it is part of.
//! - A hook finds the values of the transactions that it is part of, whichever of them is open when it is called. Python's looks in the
//!   one that is open then.
//! - A task that ends after its transaction, as it was submitted and nobody waited for it, goes the way that this has gone.
//! - A task with neither hooks nor a transaction around it keeps its result before its state says so.

mod carried;
mod ending;
#[cfg(all(feature = "async", feature = "blocking"))]
mod guest;
mod open;
mod options;
mod transaction;
mod values;

use diptych_macros::dual;

use crate::engine::engine;

pub(crate) use ending::Leaves;
#[dual(engine)]
pub(crate) use open::AsyncOpen;
#[dual(engine)]
pub use open::{atransaction, atransaction_with};
pub use options::{CommitMode, IsolationLevel, TransactionOptions, TransactionState};
#[dual(engine)]
pub use transaction::AsyncTransaction;
#[dual(engine)]
pub(crate) use transaction::AsyncTransactionFacts;
