//! What the server did not take of what a sender sent.

use uuid::Uuid;

/// Something that the server did not take, and never will.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The event's id; logs have none before they are stored.
    pub id: Option<Uuid>,
    /// The event's name; of a log, its logger, its level and when it was written.
    pub name: String,
    /// What is wrong with it, as the server says it.
    pub reason: String,
}
