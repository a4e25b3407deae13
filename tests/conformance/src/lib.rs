//! What the tests of `prefect-client` stand on.
//!
//! [`entries`] has every operation of the description in `spec/`: as data, through both faces, and through
//! progenitor's own client, each called with arguments that are read from the JSON of a [`Case`]. The cases are
//! made from the description as the server gave it, and not from what the generator made of it. A [`Recorder`]
//! answers and keeps what it was sent; in [`fault`] are callers of a server that misbehaves.

mod case;
mod cases;
mod compare;
mod faces;
pub mod fault;
mod findings;
pub mod grown;
mod mutate;
mod outcome;
mod recorder;
mod sample;
mod spec;
pub mod surface;

#[allow(
    clippy::all,
    clippy::pedantic,
    deprecated,
    missing_docs,
    unused_imports,
    unused_variables,
    reason = "written by the build script, the same way for every operation"
)]
mod entries {
    include!(concat!(env!("OUT_DIR"), "/entries.rs"));
}

pub use case::{AnswerKind, Case, Entry, Place, Sent};
pub use cases::{Answered, answers, cases};
pub use compare::{Leave, is_same};
pub use faces::{Faces, config};
pub use findings::Findings;
pub use mutate::{Mutation, mutations};
pub use outcome::{Data, Failure, Outcome, PagesPair, Pair, Theirs};
pub use recorder::{Recorder, Reply};
pub use sample::{Sampler, Twist};
pub use spec::{choices, description, document, generated, snapshots};
pub use test_server::Request;

/// The error of anything that a test can only report.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Every operation, by name.
#[must_use]
pub fn entries() -> &'static [Entry] {
    entries::ENTRIES
}
