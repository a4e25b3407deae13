//! The CSRF token: fetched when it is needed, sent until it expires, fetched again when it is refused.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

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
    pub(super) held: Mutex<Held>,
    asking: SingleFlight,
}

/// What belongs to one process: the server knows one token for each client, so a child after a fork is another one.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) process: u32,
    pub(super) client: String,
    state: State,
}

#[derive(Debug)]
enum State {
    Unknown,
    /// Requests go without.
    Off,
    Token {
        /// What is sent: marked as sensitive, so that `Debug` does not show it.
        headers: HeaderMap,
        /// Until then; until it is refused, where the clocks of both sides differ by more than it is good for.
        until: Option<Instant>,
    },
}

impl Csrf {
    pub(super) fn new() -> Self {
        Self {
            held: Mutex::new(Held::begin()),
            asking: SingleFlight::default(),
        }
    }

    pub(super) fn before(&self, clock: &dyn Clock) -> Result<Before, Error> {
        let held = self.held();
        match &held.state {
            State::Off => return Ok(Before::Send(HeaderMap::new())),
            State::Token { headers, until } if until.is_none_or(|until| clock.now() < until) => {
                return Ok(Before::Send(headers.clone()));
            }
            State::Token { .. } | State::Unknown => {}
        }
        match self.asking.begin(clock.now()) {
            Ok(ticket) => {
                let call = operations::create_csrf_token(&held.client);
                Question::new(call, ticket).map(Before::Ask)
            }
            Err(wait) => Ok(Before::Wait(wait)),
        }
    }

    pub(super) fn learn(&self, answer: &Answer, clock: &dyn Clock) -> Result<(), Error> {
        let mut held = self.held();
        held.state = if is_off(answer) {
            State::Off
        } else {
            let token = operations::create_csrf_token(&held.client).read(answer.clone())?;
            let left = token.expiration - DateTime::<Utc>::from(clock.wall());
            let left = left.to_std().ok().filter(|left| !left.is_zero());
            State::Token {
                headers: headers(&token, &held.client)?,
                until: left.and_then(|left| clock.now().checked_add(left)),
            }
        };
        Ok(())
    }

    /// Whether the request was refused for the token that it had, or lacked. Another exchange may have fetched a new one since: only
    /// what was sent is forgotten.
    pub(super) fn is_refused(&self, sent: &HeaderMap, answer: &Answer) -> bool {
        if answer.status() != StatusCode::FORBIDDEN || !names_token(answer) {
            return false;
        }
        let mut held = self.held();
        let was_sent = match &held.state {
            State::Token { headers, .. } => headers == sent,
            State::Off | State::Unknown => sent.is_empty(),
        };
        if was_sent {
            held.state = State::Unknown;
        }
        true
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.process != std::process::id() {
            *held = Held::begin();
        }
        held
    }
}

impl Held {
    fn begin() -> Self {
        Self {
            process: std::process::id(),
            client: Uuid::new_v4().to_string(),
            state: State::Unknown,
        }
    }
}

fn headers(token: &CsrfToken, client: &str) -> Result<HeaderMap, Error> {
    let value = |text: &str| HeaderValue::from_str(text).ok();
    let pair = value(token.token.expose()).zip(value(client));
    let (mut token, client) = pair
        .ok_or_else(|| Error::incompatible("the server's CSRF token can't be sent in a header"))?;
    token.set_sensitive(true);
    Ok(HeaderMap::from_iter([(TOKEN, token), (CLIENT, client)]))
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

/// The server's words for a token that is not there, and for one that it does not know.
fn names_token(answer: &Answer) -> bool {
    says(answer, b"Missing CSRF token") || says(answer, b"Invalid CSRF token")
}

fn says(answer: &Answer, words: &[u8]) -> bool {
    answer.body().windows(words.len()).any(|part| part == words)
}
