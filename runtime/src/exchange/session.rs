//! What a server wants settled before it takes a request: its version, a token.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use http::HeaderMap;

use super::clock::Clock;
use crate::call::{Answer, Call, Error, Operation, Request, TransportError};

/// What a client settles with its server, beside the requests of its user. One for each client; clones share it.
///
/// An exchange asks [`before`](Self::before) ahead of each attempt. The questions that come out of it are requests
/// like any other: they have the client's headers, retries and deadline, but are never questioned themselves.
pub trait Session: Send + Sync + 'static {
    /// What must happen before this request is sent.
    ///
    /// # Errors
    /// The request must not be sent to this server.
    fn before(&self, request: &Request, clock: &dyn Clock) -> Result<Before, Error>;

    /// Takes the answer to a question.
    ///
    /// # Errors
    /// The request that waits for the answer must not be sent.
    fn learn(
        &self,
        question: &'static Operation,
        outcome: Result<&Answer, &TransportError>,
        clock: &dyn Clock,
    ) -> Result<(), Error>;

    /// Whether the server refused the request because of what was settled, and has not executed it. The session
    /// forgets it then, and the request is sent again with what is settled anew. `sent` is what [`Before::Send`] gave.
    fn is_refused(&self, sent: &HeaderMap, answer: &Answer) -> bool;

    /// What is settled with another server of the same API, at this base URL, where calls are sent there
    /// ([`CallOptions::server`](crate::CallOptions::server)): one server's token is none of another's. It is asked once for
    /// each of them. `None` is nothing.
    fn elsewhere(&self, base_url: &str) -> Option<Arc<dyn Session>> {
        let _ = base_url;
        None
    }

    /// Whether the answer says that the server does not know the operation at all, as one at another address or of an
    /// older version does: see [`Error::is_unserved`].
    fn is_unserved(&self, answer: &Answer) -> bool {
        let _ = answer;
        false
    }

    /// What a person has to change after this outcome, as far as it can be told. It becomes part of the error's text, and
    /// must not hold a secret.
    fn advice(&self, outcome: Result<&Answer, &TransportError>) -> Option<String> {
        let _ = outcome;
        None
    }
}

/// What must happen before a request is sent.
#[derive(Debug)]
pub enum Before {
    /// Nothing: it is sent with these headers.
    Send(HeaderMap),
    /// The server must be asked.
    Ask(Question),
    /// Another exchange is asking: look again after this long.
    Wait(Duration),
}

/// A request whose answer goes to [`Session::learn`].
#[derive(Debug)]
pub struct Question {
    pub(crate) request: Request,
    _ticket: Ticket,
}

impl Question {
    /// Takes the request out of a call.
    ///
    /// # Errors
    /// An argument cannot be sent.
    pub fn new<T>(call: Call<T>, ticket: Ticket) -> Result<Self, Error> {
        Ok(Self {
            request: call.into_request()?,
            _ticket: ticket,
        })
    }
}

/// Lets one exchange ask while others wait for what it learns.
#[derive(Debug, Default)]
pub struct SingleFlight {
    asking: Mutex<Option<(Weak<()>, Instant)>>,
}

/// The right to ask. It ends when it is dropped, and with it when the exchange that asks is cancelled.
#[derive(Debug)]
pub struct Ticket {
    _held: Arc<()>,
}

/// How long others wait for one that asks. A future that nobody polls would hold them up for ever.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often those who wait look again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

impl SingleFlight {
    /// The right to ask, or how long to wait before looking again.
    ///
    /// # Errors
    /// Somebody else is asking.
    pub fn begin(&self, now: Instant) -> Result<Ticket, Duration> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((held, since)) = &*asking
            && held.strong_count() > 0
            && now.saturating_duration_since(*since) < PATIENCE
        {
            return Err(LOOK_AGAIN);
        }
        let ticket = Arc::new(());
        *asking = Some((Arc::downgrade(&ticket), now));
        Ok(Ticket { _held: ticket })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asks_and_the_others_wait_until_it_is_over_or_takes_too_long() {
        let (flight, now) = (SingleFlight::default(), Instant::now());
        let ticket = flight.begin(now).unwrap();
        assert_eq!(flight.begin(now).unwrap_err(), LOOK_AGAIN);
        drop(ticket);
        let _never_polled = flight.begin(now).unwrap();
        assert!(flight.begin(now).is_err());
        assert!(flight.begin(now + PATIENCE).is_ok());
    }
}
