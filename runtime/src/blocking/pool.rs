//! Connections that wait for the next request.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Uri;
use http::uri::{Authority, Scheme};

use super::connection::Connection;

/// Where a connection leads.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

impl Origin {
    /// The origin of an address that is whole.
    pub(super) fn of(address: &Uri) -> Option<Self> {
        Some(Self {
            scheme: address.scheme()?.clone(),
            authority: address.authority()?.clone(),
        })
    }

    /// The host, an IPv6 address without its brackets.
    pub(super) fn host(&self) -> &str {
        let host = self.authority.host();
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
    }

    pub(super) fn port(&self) -> u16 {
        let usual = if self.is_tls() { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(usual)
    }

    /// Whether both lead to the same place. Mostly they are the same text, and the host's case is not looked at.
    fn is(&self, other: &Self) -> bool {
        let is_same_text = self.authority.as_str() == other.authority.as_str();
        self.scheme == other.scheme && (is_same_text || self.authority == other.authority)
    }

    pub(super) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }
}

/// Idle connections, the one that was used last behind the others.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<VecDeque<Idle>>,
    most: usize,
    longest: Duration,
}

#[derive(Debug)]
struct Idle {
    origin: Origin,
    since: Instant,
    connection: Connection,
}

impl Pool {
    /// Keeps this many connections, each for as long.
    pub(super) fn new(most: usize, longest: Duration) -> Self {
        Self {
            idle: Mutex::default(),
            most,
            longest,
        }
    }

    /// The connection to this origin that was used last and is still good.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let mut connection = self.last(origin)?;
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, origin: Origin, connection: Connection) {
        if self.most == 0 {
            return;
        }
        let mut idle = self.lock();
        let one_too_many = if idle.len() < self.most {
            None
        } else {
            idle.pop_front()
        };
        idle.push_back(Idle {
            origin,
            since: Instant::now(),
            connection,
        });
        drop(idle);
        // Closing it holds nobody up.
        drop(one_too_many);
    }

    fn last(&self, origin: &Origin) -> Option<Connection> {
        let mut idle = self.lock();
        let now = Instant::now();
        let is_old = |one: &Idle| now.saturating_duration_since(one.since) >= self.longest;
        while idle.front().is_some_and(is_old) {
            idle.pop_front();
        }
        let place = idle.iter().rposition(|one| one.origin.is(origin))?;
        idle.remove(place).map(|one| one.connection)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
