//! The same call for everyone: what it asks, with which headers, and how a library would be used for it by hand.

use std::sync::Arc;

use anyhow::Result;
use prefect_client::models::FlowRunResponse;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The flow run that is asked for.
pub(crate) const FLOW_RUN: Uuid = Uuid::from_u128(0x5b1c_3a4e_7d2f_4c1e_9a6b_0f1e_2d3c_4b5a);

/// The headers that `prefect-client` sends.
pub(crate) const HEADERS: [(&str, &str); 3] = [
    ("accept", "application/json, */*;q=0.5"),
    ("user-agent", "prefect/3.8.8 (API 0.8.4)"),
    ("x-prefect-api-version", "0.8.4"),
];

pub(crate) fn ureq_agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .build()
        .into()
}

pub(crate) fn read_with_ureq(agent: &ureq::Agent, url: &str) -> Result<FlowRunResponse> {
    let mut request = agent.get(address(url));
    for (name, value) in HEADERS {
        request = request.header(name, value);
    }
    let body = request.call()?.body_mut().read_to_vec()?;
    Ok(serde_json::from_slice(&body)?)
}

pub(crate) fn reqwest_client() -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder().default_headers(headers());
    Ok(builder.tls_backend_preconfigured(tls()?).build()?)
}

pub(crate) async fn read_with_reqwest(
    (client, url): (reqwest::Client, Arc<str>),
) -> Result<FlowRunResponse> {
    let answer = client.get(address(&url)).send().await?.error_for_status()?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

pub(crate) fn reqwest_blocking_client() -> Result<reqwest::blocking::Client> {
    let builder = reqwest::blocking::Client::builder().default_headers(headers());
    Ok(builder.tls_backend_preconfigured(tls()?).build()?)
}

pub(crate) fn read_with_reqwest_blocking(
    client: &reqwest::blocking::Client,
    url: &str,
) -> Result<FlowRunResponse> {
    let answer = client.get(address(url)).send()?.error_for_status()?;
    Ok(serde_json::from_slice(&answer.bytes()?)?)
}

fn address(url: &str) -> String {
    format!("{url}/flow_runs/{FLOW_RUN}")
}

fn headers() -> HeaderMap {
    HEADERS
        .into_iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

/// Nothing here goes over TLS, but without a configuration reqwest asks for the provider of the process.
fn tls() -> Result<rustls::ClientConfig> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = rustls::ClientConfig::builder_with_provider(provider.into());
    Ok(builder
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}
