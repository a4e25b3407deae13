//! One HTTP client for each runtime.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Id;

use crate::{Config, Error};

/// How many runtimes keep their connections. The one that was used least recently loses its idle ones.
const MOST_RUNTIMES: usize = 8;

/// What sends the requests.
#[derive(Debug)]
pub(super) enum Clients {
    /// The caller's own, on all runtimes.
    Given(reqwest::Client),
    /// A connection is driven by a task of the runtime that opened it. A call on another runtime would wait for it
    /// until the deadline while the first one stands still, as one of a single thread does between two `block_on`.
    PerRuntime(Settings, Mutex<Known>),
}

/// What all clients are built from.
#[derive(Debug)]
pub(super) struct Settings {
    idle_timeout: Duration,
    max_idle: usize,
    tls: rustls::ClientConfig,
}

#[derive(Debug)]
pub(super) struct Known {
    /// Built before there was a runtime.
    first: Option<reqwest::Client>,
    /// The one that was used last is the last.
    of_runtimes: Vec<(Id, reqwest::Client)>,
}

impl Clients {
    /// Builds the first one, so that what can't be used is found out.
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let settings = Settings {
            idle_timeout: config.idle_timeout,
            max_idle: config.max_idle_connections,
            tls: crate::tls::client_config(&config.tls)?,
        };
        let first = settings
            .build()
            .map_err(|error| Error::config_source("the HTTP client cannot be built", error))?;
        let known = Known {
            first: Some(first),
            of_runtimes: Vec::new(),
        };
        Ok(Self::PerRuntime(settings, Mutex::new(known)))
    }

    /// The client for a runtime. Clones share their connections.
    pub(super) fn of(&self, runtime: Id) -> Result<reqwest::Client, reqwest::Error> {
        let (settings, known) = match self {
            Self::Given(client) => return Ok(client.clone()),
            Self::PerRuntime(settings, known) => (settings, known),
        };
        let mut known = lock(known);
        let place = known.of_runtimes.iter().position(|(id, _)| *id == runtime);
        let used = match place {
            Some(place) => known.of_runtimes.remove(place),
            None => match known.first.take() {
                Some(first) => (runtime, first),
                None => (runtime, settings.build()?),
            },
        };
        let client = used.1.clone();
        known.of_runtimes.push(used);
        let forgotten =
            (known.of_runtimes.len() > MOST_RUNTIMES).then(|| known.of_runtimes.remove(0));
        drop(known);
        drop(forgotten);
        Ok(client)
    }
}

impl Settings {
    fn build(&self) -> Result<reqwest::Client, reqwest::Error> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_idle_timeout(self.idle_timeout)
            .pool_max_idle_per_host(self.max_idle)
            .tls_backend_preconfigured(self.tls.clone())
            .build()
    }
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    }

    #[test]
    fn the_runtimes_that_were_used_last_are_remembered() {
        let clients = Clients::new(&Config::new("http://host").unwrap()).unwrap();
        let Clients::PerRuntime(_, known) = &clients else {
            panic!("there is one for each runtime");
        };
        let runtimes: Vec<_> = (0..=MOST_RUNTIMES).map(|_| runtime()).collect();
        let ids: Vec<Id> = runtimes.iter().map(|it| it.handle().id()).collect();
        for id in ids.iter().chain(&ids[2..4]) {
            clients.of(*id).unwrap();
        }
        let remembered = lock(known);
        let remembered: Vec<Id> = remembered.of_runtimes.iter().map(|(id, _)| *id).collect();
        assert_eq!(remembered, [&ids[1..2], &ids[4..], &ids[2..4]].concat());
    }
}
