//! What the caller gets of an exchange.

use super::{Exchange, Outcome};
use crate::call::{Answer, Error, Progress, TransportError};

impl Exchange<'_> {
    /// What the caller gets. Where something can be said about a failure, it is an error already; else the call makes
    /// one of the answer.
    pub(super) fn result(&mut self, outcome: Outcome) -> Result<Answer, Error> {
        let answer = outcome.map_err(|error| self.transport_error(error))?;
        let operation = self.request.operation();
        let session = self.session();
        if session.is_some_and(|session| session.is_unserved(&answer)) {
            let advice = self.advice(Ok(&answer));
            return Err(Error::unserved(operation, answer).noted(advice));
        }
        if answer.status().is_success() {
            return Ok(answer);
        }
        let notes = [self.unfollowed.take(), self.advice(Ok(&answer))];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        if notes.is_empty() {
            return Ok(answer);
        }
        Err(Error::from_answer(operation, answer).noted(Some(notes.join("; "))))
    }

    pub(super) fn transport_error(&self, error: TransportError) -> Error {
        let advice = self.advice(Err(&error));
        let unfollowed = self.unfollowed.clone();
        let unfollowed = unfollowed.filter(|_| self.request.is_spent());
        let notes: Vec<String> = [unfollowed, advice].into_iter().flatten().collect();
        let notes = (!notes.is_empty()).then(|| notes.join("; "));
        let operation = self.request.operation();
        Error::transport(operation, error, Some(self.origin()), self.progress()).noted(notes)
    }

    fn advice(&self, outcome: Result<&Answer, &TransportError>) -> Option<String> {
        self.session()?.advice(outcome)
    }

    /// How far the request itself came, as long as there is no answer to it.
    pub(super) fn progress(&self) -> Progress {
        if self.was_sent {
            Progress::MayBeExecuted
        } else {
            Progress::NotSent
        }
    }

    /// Where requests are sent at the moment: scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        let (scheme, authority) = self.base_url().scheme_and_authority();
        let own = || format!("{scheme}://{authority}");
        let Some(address) = &self.redirected else {
            return own();
        };
        match (address.scheme_str(), address.authority()) {
            (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
            _ => own(),
        }
    }
}
