//! The CSRF token: fetched when it is needed, sent until it expires, fetched again when it is refused.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use diptych_runtime::exchange::session::{Before, Question, SingleFlight};
use diptych_runtime::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use diptych_runtime::{Answer, Clock, Error};
use uuid::Uuid;

use crate::models::CsrfToken;
use crate::operations;

const TOKEN: HeaderName = HeaderName::from_static("prefect-csrf-token");
const CLIENT: HeaderName = HeaderName::from_static("prefect-csrf-client");

/// The token of one client.
#[derive(Debug)]
pub(super) struct Csrf {
    client: String,
    state: Mutex<State>,
    asking: SingleFlight,
}

#[derive(Debug)]
enum State {
    Unknown,
    /// The server has no such protection.
    Off,
    /// What is sent: marked as sensitive, so that `Debug` does not show it.
    Token(HeaderMap, DateTime<Utc>),
}

impl Csrf {
    pub(super) fn new() -> Self {
        Self {
            client: Uuid::new_v4().to_string(),
            state: Mutex::new(State::Unknown),
            asking: SingleFlight::default(),
        }
    }

    pub(super) fn before(&self, clock: &dyn Clock) -> Result<Before, Error> {
        match &*self.state() {
            State::Off => return Ok(Before::Send(HeaderMap::new())),
            State::Token(headers, expiration) if is_before(clock.wall(), *expiration) => {
                return Ok(Before::Send(headers.clone()));
            }
            State::Token(..) | State::Unknown => {}
        }
        match self.asking.begin(clock.now()) {
            Ok(ticket) => {
                let call = operations::create_csrf_token(&self.client);
                Question::new(call, ticket).map(Before::Ask)
            }
            Err(wait) => Ok(Before::Wait(wait)),
        }
    }

    pub(super) fn learn(&self, answer: &Answer) -> Result<(), Error> {
        let state = if is_off(answer) {
            State::Off
        } else {
            let token = operations::create_csrf_token(&self.client).read(answer.clone())?;
            State::Token(self.headers(&token)?, token.expiration)
        };
        *self.state() = state;
        Ok(())
    }

    /// Another exchange may have fetched a new token since: only the one that was sent is forgotten.
    pub(super) fn is_refused(&self, sent: &HeaderMap, answer: &Answer) -> bool {
        if answer.status() != StatusCode::FORBIDDEN || !says(answer, b"Invalid CSRF token") {
            return false;
        }
        let mut state = self.state();
        if matches!(&*state, State::Token(headers, _) if headers == sent) || sent.is_empty() {
            *state = State::Unknown;
        }
        true
    }

    fn headers(&self, token: &CsrfToken) -> Result<HeaderMap, Error> {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        let pair = value(token.token.expose()).zip(value(&self.client));
        let (mut token, client) = pair.ok_or_else(|| {
            Error::incompatible("the server's CSRF token can't be sent in a header")
        })?;
        token.set_sensitive(true);
        Ok(HeaderMap::from_iter([(TOKEN, token), (CLIENT, client)]))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether requests go without a token: the server is too old for it or has it off, or it does not let this client in at
/// all. Then the request itself is what fails, and says so.
fn is_off(answer: &Answer) -> bool {
    match answer.status() {
        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
        StatusCode::OK => super::advice::is_page(answer),
        StatusCode::UNPROCESSABLE_ENTITY => says(answer, b"CSRF protection is disabled"),
        _ => false,
    }
}

fn says(answer: &Answer, words: &[u8]) -> bool {
    answer.body().windows(words.len()).any(|part| part == words)
}

fn is_before(now: SystemTime, expiration: DateTime<Utc>) -> bool {
    DateTime::<Utc>::from(now) < expiration
}
