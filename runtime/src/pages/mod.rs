//! The answers of an operation that gives them page by page: [`Pages`], by item or by page, with either face.
//!
//! What is asked for next is decided by a [`Sequence`], which does no I/O and is the same for both.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;
#[cfg(any(feature = "blocking", feature = "async"))]
mod reading;
mod rule;
mod sequence;

#[cfg(any(feature = "blocking", feature = "async"))]
pub use reading::{ByPage, Caller, Pages, Sender};
pub use sequence::{Linked, Numbered, Sequence};
