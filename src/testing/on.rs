//! Telling a server what to answer.

use std::fmt;
use std::sync::Arc;

use diptych_runtime::{Answer, TypedOperation};
use serde::Serialize;
use serde_json::Value;

use super::script::{Reply, Scripted, Sent};
use super::{MockServer, Received};

/// Tells a [`MockServer`] what to answer to an operation.
///
/// Answers are used in the order in which they were given, one for each request, and the last one from then on:
/// `.fails(503, "busy").answers(&flow)` fails once.
pub struct On<'s, T: 'static> {
    server: &'s MockServer,
    operation: &'static TypedOperation<T>,
}

impl<'s, T: 'static> On<'s, T> {
    pub(super) fn new(server: &'s MockServer, operation: &'static TypedOperation<T>) -> Self {
        Self { server, operation }
    }
}

impl<T: Serialize + 'static> On<'_, T> {
    /// A success with this value, written as the server would. An operation without an answer takes `&()`.
    pub fn answers(&self, value: &T) -> &Self {
        self.add(Scripted::Fixed(Sent::value(self.operation, value)))
    }

    /// A success with this JSON. That it has the form of the answer shows when the client reads it: the call fails with
    /// the path of what does not fit.
    pub fn answers_json(&self, value: impl Into<Value>) -> &Self {
        self.add(Scripted::Fixed(Sent::json(200, &value.into())))
    }

    /// What the function makes of the request: a value, or a [`Reply`] of any other kind.
    pub fn answers_with<R: Into<Reply<T>>>(
        &self,
        answer: impl Fn(&Received) -> R + Send + Sync + 'static,
    ) -> &Self {
        let operation = self.operation;
        let compute = move |request: &Received| Sent::reply(operation, answer(request).into());
        self.add(Scripted::Computed(Arc::new(compute)))
    }

    /// An error status with this detail, in Prefect's form.
    #[expect(clippy::must_use_candidate, reason = "tells the server")]
    pub fn fails(&self, status: u16, detail: &str) -> &Self {
        self.replies(Reply::Failure(status, detail.to_owned()))
    }

    /// No answer: the connection breaks off after the request was sent.
    pub fn breaks_off(&self) -> &Self {
        self.replies(Reply::BreaksOff)
    }

    /// No answer within the deadline. The clock does not move.
    pub fn times_out(&self) -> &Self {
        self.replies(Reply::TimesOut)
    }

    /// This answer, byte for byte: its status, headers and body.
    pub fn sends(&self, answer: Answer) -> &Self {
        self.replies(Reply::Answer(answer))
    }

    /// A reply of any kind.
    pub fn replies(&self, reply: Reply<T>) -> &Self {
        self.add(Scripted::Fixed(Sent::reply(self.operation, reply)))
    }

    fn add(&self, scripted: Scripted) -> &Self {
        self.server.add(self.operation, scripted);
        self
    }
}

impl<T: 'static> fmt::Debug for On<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("On")
            .field("operation", &self.operation.name())
            .finish_non_exhaustive()
    }
}
