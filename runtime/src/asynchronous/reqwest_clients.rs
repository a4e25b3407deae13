//! What reqwest's clients are built from.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::runtime::Id;

use super::clients::{PerRuntime, Used, idle_time};
use crate::call::Error;
use crate::config::Config;
use crate::proxy::{Proxies, without_brackets};
use crate::reach::Reach;

/// What sends the requests.
#[derive(Debug)]
pub(super) enum Clients {
    /// The caller's own, on all runtimes.
    Given(reqwest::Client),
    Own(Box<Own>),
}

/// Those of ours, one for each runtime.
#[derive(Debug)]
pub(super) struct Own {
    idle_timeout: Duration,
    max_idle: usize,
    tls: rustls::ClientConfig,
    proxies: Proxies,
    reach: Reach,
    clients: PerRuntime<reqwest::Client>,
}

impl Clients {
    /// Builds the first one, so that what can't be used is found out.
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let (idle_timeout, max_idle) = (config.idle_timeout, config.max_idle_connections);
        let (tls, proxies) = (crate::tls::client_config(&config.tls)?, config.proxies()?);
        let reach = config.reach;
        let first = build(idle_timeout, max_idle, &tls, &proxies, reach)
            .map_err(|error| Error::config_source("the HTTP client cannot be built", error))?;
        Ok(Self::Own(Box::new(Own {
            idle_timeout,
            max_idle,
            tls,
            proxies,
            reach,
            clients: PerRuntime::new(first),
        })))
    }

    /// The proxy on the way to an address, as far as it is known, without user and password.
    pub(super) fn proxy_to(&self, address: &http::Uri) -> Option<String> {
        match self {
            Self::Given(_) => None,
            Self::Own(own) => Some(own.proxies.to_address(address)?.address()),
        }
    }

    /// The client for a runtime.
    pub(super) fn of(&self, runtime: Id) -> Result<Used<reqwest::Client>, reqwest::Error> {
        match self {
            Self::Given(client) => Ok(Used {
                client: client.clone(),
                number: 0,
            }),
            Self::Own(own) => own.clients.of(runtime, || own.build()),
        }
    }

    /// Lets no other call use the idle connections of this client: reqwest can't close a single one. Calls that are under
    /// way end as they would. The caller's own client stays what it is.
    pub(super) fn leave(&self, runtime: Id, used: &Used<reqwest::Client>) {
        if let Self::Own(own) = self {
            own.clients.leave(runtime, used.number);
        }
    }
}

impl Own {
    fn build(&self) -> Result<reqwest::Client, reqwest::Error> {
        let (tls, proxies) = (&self.tls, &self.proxies);
        build(self.idle_timeout, self.max_idle, tls, proxies, self.reach)
    }
}

fn build(
    idle_timeout: Duration,
    max_idle: usize,
    tls: &rustls::ClientConfig,
    proxies: &Proxies,
    reach: Reach,
) -> Result<reqwest::Client, reqwest::Error> {
    let builder = builder(idle_timeout, max_idle, tls.clone());
    within(through(builder, proxies), reach).build()
}

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
        .pool_idle_timeout(idle_time(idle_timeout))
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
