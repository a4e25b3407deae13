//! One HTTP client for each runtime.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::runtime::Id;

use crate::call::Error;
use crate::config::Config;
use crate::proxy::{Proxies, without_brackets};
use crate::reach::Reach;

/// How many runtimes keep their connections. The one that was used least recently loses its idle ones.
const MOST_RUNTIMES: usize = 8;

/// What sends the requests.
#[derive(Debug)]
pub(super) enum Clients {
    /// The caller's own, on all runtimes.
    Given(reqwest::Client),
    PerRuntime(Box<PerRuntime>),
}

/// A connection is driven by a task of the runtime that opened it. A call on another runtime would wait for it until the
/// deadline while the first one stands still, as one of a single thread does between two `block_on`.
#[derive(Debug)]
pub(super) struct PerRuntime {
    idle_timeout: Duration,
    max_idle: usize,
    tls: rustls::ClientConfig,
    proxies: Proxies,
    reach: Reach,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    /// Built before there was a runtime.
    first: Option<reqwest::Client>,
    /// The one that was used last is the last.
    of_runtimes: Vec<(Id, Used)>,
    /// How many clients runtimes were given.
    given: u64,
}

/// A client as one call uses it. Clones share their connections.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) client: reqwest::Client,
    number: u64,
}

impl Clients {
    /// Builds the first one, so that what can't be used is found out.
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let clients = PerRuntime {
            idle_timeout: config.idle_timeout,
            max_idle: config.max_idle_connections,
            tls: crate::tls::client_config(&config.tls)?,
            proxies: config.proxies()?,
            reach: config.reach,
            known: Mutex::new(Known {
                first: None,
                of_runtimes: Vec::new(),
                given: 0,
            }),
        };
        let first = clients
            .build()
            .map_err(|error| Error::config_source("the HTTP client cannot be built", error))?;
        clients.known().first = Some(first);
        Ok(Self::PerRuntime(Box::new(clients)))
    }

    /// The proxy on the way to an address, as far as it is known, without user and password.
    pub(super) fn proxy_to(&self, address: &http::Uri) -> Option<String> {
        match self {
            Self::Given(_) => None,
            Self::PerRuntime(clients) => {
                let proxy = clients.proxies.to_address(address)?;
                Some(proxy.address())
            }
        }
    }

    /// The client for a runtime.
    pub(super) fn of(&self, runtime: Id) -> Result<Used, reqwest::Error> {
        match self {
            Self::Given(client) => Ok(Used {
                client: client.clone(),
                number: 0,
            }),
            Self::PerRuntime(clients) => clients.of(runtime),
        }
    }

    /// Lets no other call use the idle connections of this client: reqwest can't close a single one. Calls that are under
    /// way end as they would. The caller's own client stays what it is.
    pub(super) fn leave(&self, runtime: Id, used: &Used) {
        if let Self::PerRuntime(clients) = self {
            clients.leave(runtime, used.number);
        }
    }
}

impl PerRuntime {
    fn of(&self, runtime: Id) -> Result<Used, reqwest::Error> {
        let mut known = self.known();
        let clients = &mut known.of_runtimes;
        let used = match clients.iter().position(|(id, _)| *id == runtime) {
            Some(place) => clients.remove(place).1,
            None => self.begin(&mut known)?,
        };
        known.of_runtimes.push((runtime, used.clone()));
        if known.of_runtimes.len() > MOST_RUNTIMES {
            known.of_runtimes.remove(0);
        }
        Ok(used)
    }

    fn begin(&self, known: &mut Known) -> Result<Used, reqwest::Error> {
        let client = match known.first.take() {
            Some(first) => first,
            None => self.build()?,
        };
        known.given += 1;
        Ok(Used {
            client,
            number: known.given,
        })
    }

    /// Where many calls fail at once on one client, it is left once.
    fn leave(&self, runtime: Id, number: u64) {
        let is_it = |(id, used): &(Id, Used)| *id == runtime && used.number == number;
        self.known().of_runtimes.retain(|used| !is_it(used));
    }

    fn build(&self) -> Result<reqwest::Client, reqwest::Error> {
        let builder = builder(self.idle_timeout, self.max_idle, self.tls.clone());
        within(through(builder, &self.proxies), self.reach).build()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// hyper adds the time to the present, which must not overflow. Nobody sees the end of so many years.
const FOR_EVER: Duration = Duration::from_hours(30 * 365 * 24);

/// What each client is built from: no redirects and no retries, as the exchange has its own.
pub(super) fn builder(
    idle_timeout: Duration,
    max_idle: usize,
    tls: rustls::ClientConfig,
) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .pool_idle_timeout((idle_timeout < FOR_EVER).then_some(idle_timeout))
        .pool_max_idle_per_host(max_idle)
        .tls_backend_preconfigured(tls)
}

/// Lets a client use these proxies, and none of those that it would find on its own.
pub(super) fn through(
    builder: reqwest::ClientBuilder,
    proxies: &Proxies,
) -> reqwest::ClientBuilder {
    let builder = builder.no_proxy();
    if proxies.is_empty() {
        return builder;
    }
    let proxies = proxies.clone();
    builder.proxy(reqwest::Proxy::custom(move |address| {
        let host = address.host_str()?;
        let port = address.port_or_known_default()?;
        let proxy = proxies.to(address.scheme(), without_brackets(host), port)?;
        Some(proxy.whole_address())
    }))
}

/// Lets a client look names up by itself only where they may lead anywhere.
pub(super) fn within(builder: reqwest::ClientBuilder, reach: Reach) -> reqwest::ClientBuilder {
    match reach {
        Reach::Anywhere => builder,
        Reach::Public => builder.dns_resolver(Checked(reach)),
    }
}

/// Looks names up, and refuses those that lead out of reach.
struct Checked(Reach);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            // The port is the connector's business.
            let addresses: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            reach.check(&addresses)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
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
        let Clients::PerRuntime(clients) = clients else {
            panic!("there is one for each runtime");
        };
        let runtimes: Vec<_> = (0..=MOST_RUNTIMES).map(|_| runtime()).collect();
        let ids: Vec<Id> = runtimes.iter().map(|it| it.handle().id()).collect();
        for id in ids.iter().chain(&ids[2..4]) {
            clients.of(*id).unwrap();
        }
        let known = clients.known();
        let remembered: Vec<Id> = known.of_runtimes.iter().map(|(id, _)| *id).collect();
        assert_eq!(remembered, [&ids[1..2], &ids[4..], &ids[2..4]].concat());
    }
}
