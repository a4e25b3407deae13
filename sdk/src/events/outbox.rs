//! What is still to be sent, and what is sent but not confirmed. Without I/O: both faces do what it says.
//!
//! The server acknowledges nothing. It answers pings in turn with what it receives, so the answer to a ping confirms
//! everything that was sent before.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tungstenite::Utf8Bytes;

use crate::background::{Delivered, Queue};
use crate::websocket::ANSWER_TIMEOUT;
use crate::{Error, Refusal};

/// What is still to be sent, and what is sent but not confirmed.
#[derive(Debug)]
pub(super) struct Outbox {
    limits: Limits,
    waiting: VecDeque<Utf8Bytes>,
    /// Sent on this connection, and not confirmed; before everything that waits.
    sent: VecDeque<Utf8Bytes>,
    bytes: usize,
    /// How many were confirmed ever.
    confirmed: u64,
    /// What someone waits for, counted like `confirmed`.
    hurry: u64,
    ping: Option<Ping>,
    pings: u64,
    /// After how many events the next ping is sent.
    batch: usize,
    /// Whether this connection confirmed anything.
    proved: bool,
    checkpoint: Instant,
    looked: Instant,
    failed: Option<Failed>,
}

/// When to ask for a confirmation, and how much may wait for one.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) checkpoint_every: usize,
    pub(super) checkpoint_interval: Duration,
    pub(super) max_events: usize,
    pub(super) max_bytes: usize,
}

/// What a connection does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Send this.
    Send(Utf8Bytes),
    /// Send a ping with this number.
    Ping(u64),
    /// Wait for the answer to the ping so long, then give the connection up.
    Await(Duration),
    /// See whether anything came.
    Look,
    /// Wait so long for something to send.
    Idle(Duration),
}

#[derive(Clone, Copy, Debug)]
struct Ping {
    number: u64,
    /// How many of those sent it confirms.
    covers: usize,
    at: Instant,
}

/// Why nothing more is sent, ever.
#[derive(Clone, Debug)]
pub(super) enum Failed {
    /// The server does not accept the client.
    Refused(String),
    /// The sender was dropped, and the server can't be reached.
    GivenUp(String),
}

/// How often a connection is looked at: the server's pings are to be answered, and its close to be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Outbox {
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            batch: limits.checkpoint_every,
            limits,
            waiting: VecDeque::new(),
            sent: VecDeque::new(),
            bytes: 0,
            confirmed: 0,
            hurry: 0,
            ping: None,
            pings: 0,
            proved: false,
            checkpoint: now,
            looked: now,
            failed: None,
        }
    }

    /// Takes an event, unless there is no room for it.
    pub(super) fn push(&mut self, event: Utf8Bytes) -> Result<(), Error> {
        if let Some(failed) = &self.failed {
            return Err(failed.error());
        }
        if self.len() >= self.limits.max_events || self.bytes + event.len() > self.limits.max_bytes
        {
            return Err(Error::full(format!(
                "{} events ({} bytes) wait to be confirmed, and the sender takes no more: flush it, or raise its limits",
                self.len(),
                self.bytes
            )));
        }
        self.bytes += event.len();
        self.waiting.push_back(event);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.waiting.len() + self.sent.len()
    }

    /// A connection is there.
    pub(super) fn connected(&mut self, now: Instant) {
        self.proved = false;
        self.checkpoint = now;
        self.looked = now;
        // What was sent before is confirmed as soon as it is sent again.
        let again = self.waiting.len().min(self.batch) as u64;
        self.hurry = self.hurry.max(self.confirmed + again);
    }

    /// The connection is gone: whatever is not confirmed is sent again on the next one. `true` where this one confirmed
    /// something.
    ///
    /// A connection that did not live long enough to confirm a batch makes the next batch smaller, so that some day one
    /// gets through.
    pub(super) fn disconnected(&mut self) -> bool {
        if !self.proved && !self.sent.is_empty() {
            self.batch = (self.batch / 2).max(1);
        }
        self.ping = None;
        while let Some(event) = self.sent.pop_back() {
            self.waiting.push_front(event);
        }
        self.proved
    }

    /// Nothing more is sent, ever.
    pub(super) fn fail(&mut self, failed: Failed) {
        self.failed = Some(failed);
    }

    /// Says that everything is to be confirmed soon.
    pub(super) fn hurry_all(&mut self) {
        self.hurry = self.confirmed + self.len() as u64;
    }

    pub(super) fn looked(&mut self, now: Instant) {
        self.looked = now;
    }

    /// What a connection does next.
    pub(super) fn next(&mut self, now: Instant) -> Step {
        if let Some(ping) = self.ping {
            return Step::Await((ping.at + ANSWER_TIMEOUT).saturating_duration_since(now));
        }
        if now >= self.looked + LOOK_EVERY {
            return Step::Look;
        }
        if self.is_checkpoint(now) {
            return Step::Ping(self.send_ping(now));
        }
        let Some(event) = self.waiting.pop_front() else {
            return Step::Idle((self.looked + LOOK_EVERY).saturating_duration_since(now));
        };
        self.sent.push_back(event.clone());
        Step::Send(event)
    }

    /// The answer to a ping came. `true` where it confirms something.
    pub(super) fn pong(&mut self, number: u64, now: Instant) -> bool {
        let Some(ping) = self.ping.take_if(|ping| ping.number == number) else {
            return false;
        };
        for event in self.sent.drain(..ping.covers.min(self.sent.len())) {
            self.bytes = self.bytes.saturating_sub(event.len());
            self.confirmed += 1;
        }
        self.batch = (self.batch * 2).min(self.limits.checkpoint_every);
        self.proved = true;
        self.checkpoint = now;
        true
    }

    fn is_checkpoint(&self, now: Instant) -> bool {
        let sent = self.sent.len();
        let reached = self.confirmed + sent as u64;
        let is_wanted = self.hurry > self.confirmed && reached >= self.hurry;
        sent > 0
            && (sent >= self.batch
                || is_wanted
                || now >= self.checkpoint + self.limits.checkpoint_interval)
    }

    fn send_ping(&mut self, now: Instant) -> u64 {
        self.pings += 1;
        self.ping = Some(Ping {
            number: self.pings,
            covers: self.sent.len(),
            at: now,
        });
        self.pings
    }
}

impl Queue for Outbox {
    fn hurry(&mut self) -> u64 {
        self.hurry_all();
        self.hurry
    }

    fn delivered(&mut self, up_to: u64) -> Delivered {
        if self.confirmed >= up_to {
            return Delivered::Yes;
        }
        match &self.failed {
            Some(failed) => Delivered::Never(failed.error()),
            None => {
                Delivered::Missing(usize::try_from(up_to - self.confirmed).unwrap_or(usize::MAX))
            }
        }
    }
}

impl Failed {
    fn error(&self) -> Error {
        match self {
            Self::Refused(text) => Error::refused(Refusal::Credentials, text.clone()),
            Self::GivenUp(text) => Error::disconnected(text.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
