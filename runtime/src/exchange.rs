//! One exchange with the server, without any I/O: both senders do what it says.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use crate::retry::{Attempt, AttemptOutcome};
use crate::{Answer, Config, Error, Request, TransportError};

/// What a sender does next.
pub enum Step {
    /// Send this, and report what came of it with [`Exchange::answered`] or [`Exchange::failed`].
    Send(http::Request<Bytes>),
    /// Wait this long.
    Sleep(Duration),
    /// The exchange is over.
    Done(Result<Answer, Error>),
}

/// Without headers, query and body: they may hold secrets.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => f
                .debug_struct("Send")
                .field("method", request.method())
                .field("path", &request.uri().path())
                .finish_non_exhaustive(),
            Self::Sleep(wait) => f.debug_tuple("Sleep").field(wait).finish(),
            Self::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
        }
    }
}

/// One exchange: an attempt, and those that the retry policy lets follow until the deadline.
pub struct Exchange<'a> {
    request: &'a Request,
    config: &'a Config,
    deadline: Option<Instant>,
    attempts: u32,
    state: State,
}

enum State {
    Ready,
    Waiting(Duration),
    Over(Outcome),
    Finished,
}

type Outcome = Result<Answer, TransportError>;

impl<'a> Exchange<'a> {
    /// Begins an exchange; its time runs from here.
    #[must_use]
    pub fn new(request: &'a Request, config: &'a Config) -> Self {
        Self {
            request,
            config,
            deadline: config
                .timeout
                .and_then(|timeout| Instant::now().checked_add(timeout)),
            attempts: 0,
            state: State::Ready,
        }
    }

    /// When the exchange must be over.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What to do next.
    #[expect(
        clippy::should_implement_trait,
        reason = "an exchange answers back and forth, which an iterator does not"
    )]
    pub fn next(&mut self) -> Step {
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Ready => self.send(),
            State::Waiting(delay) => {
                self.state = State::Ready;
                Step::Sleep(delay)
            }
            State::Over(outcome) => {
                let operation = self.request.operation();
                Step::Done(outcome.map_err(|error| Error::transport(operation, error)))
            }
            State::Finished => Step::Done(Err(self.refused("the exchange is already over"))),
        }
    }

    /// Reports that an answer came.
    pub fn answered(&mut self, answer: Answer) {
        self.ended(Ok(answer));
    }

    /// Reports that no answer came.
    pub fn failed(&mut self, error: TransportError) {
        self.ended(Err(error));
    }

    fn ended(&mut self, outcome: Outcome) {
        let attempt = Attempt {
            number: self.attempts,
            request: self.request,
            outcome: match &outcome {
                Ok(answer) => AttemptOutcome::Answered(answer),
                Err(error) => AttemptOutcome::Failed(error),
            },
        };
        let delay = self.config.retry.retry(&attempt);
        self.state = match delay.filter(|delay| self.is_in_time(*delay)) {
            Some(delay) => State::Waiting(delay),
            None => State::Over(outcome),
        };
    }

    /// Whether the deadline leaves time for an attempt after this delay.
    fn is_in_time(&self, delay: Duration) -> bool {
        match self.deadline {
            None => true,
            Some(deadline) => Instant::now()
                .checked_add(delay)
                .is_some_and(|then| then < deadline),
        }
    }

    fn send(&mut self) -> Step {
        if !self.is_in_time(Duration::ZERO) {
            let error = TransportError::timeout();
            return Step::Done(Err(Error::transport(self.request.operation(), error)));
        }
        self.attempts += 1;
        // The state is left at `Finished`, so that a sender that reports nothing gets an error and no loop.
        match self.http_request() {
            Ok(request) => Step::Send(request),
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn http_request(&self) -> Result<http::Request<Bytes>, Error> {
        let address = self.config.base_url.join(self.request.path_and_query());
        let address = address.map_err(|error| {
            let text = "the address cannot be sent";
            Error::request_source(self.request.operation(), text, error)
        })?;
        let mut request = http::Request::new(self.request.body_bytes());
        *request.method_mut() = self.request.method().clone();
        *request.uri_mut() = address;
        *request.headers_mut() = self.headers();
        Ok(request)
    }

    /// The headers of the client, then those of the operation, which win.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/json, */*;q=0.5"),
        );
        headers.insert(USER_AGENT, self.config.user_agent.clone());
        if let Some(authorization) = &self.config.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        replace(&mut headers, &self.config.default_headers);
        replace(&mut headers, self.request.headers());
        self.set_length(&mut headers);
        headers
    }

    /// Says how long the body is. Left to themselves, the two transports frame a body of a DELETE, and a POST without
    /// a body, each in its own way.
    fn set_length(&self, headers: &mut HeaderMap) {
        let length = self.request.body().unwrap_or_default().len();
        let expects_body = matches!(self.request.method().as_str(), "POST" | "PUT" | "PATCH");
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONTENT_LENGTH);
        if length > 0 || expects_body {
            headers.insert(CONTENT_LENGTH, length.into());
        }
    }

    fn refused(&self, text: &str) -> Error {
        Error::request(self.request.operation(), text)
    }
}

/// Replaces headers by others; a header with several values keeps all of them.
fn replace(headers: &mut HeaderMap, others: &HeaderMap) {
    for name in others.keys() {
        headers.remove(name);
        for value in others.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests;
