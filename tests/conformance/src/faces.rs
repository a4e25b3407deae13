//! The clients that are compared.

use std::sync::Arc;

use diptych_runtime::NoRetry;
use prefect_client::{AsyncPrefectClient, Config, PrefectClient, PrefectSession};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;

use crate::{Fallible, Recorder};

/// Both faces and progenitor's client, at one recorder.
pub struct Faces {
    /// The blocking face.
    pub blocking: PrefectClient,
    /// The async face.
    pub asynchronous: AsyncPrefectClient,
    /// progenitor's client.
    pub reference: progenitor_reference::Client,
    runtime: Runtime,
}

impl Faces {
    /// All three, at this recorder.
    ///
    /// # Errors
    ///
    /// When one can't be built.
    pub fn new(recorder: &Recorder) -> Fallible<Self> {
        let config = config(recorder)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            blocking: PrefectClient::from_config(config.clone())?,
            asynchronous: AsyncPrefectClient::from_config(config)?,
            reference: reference(&recorder.url())?,
            runtime,
        })
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

/// For clients whose errors are looked at as they come: nothing is tried again, nothing waits, and nothing is settled
/// before.
///
/// # Errors
///
/// When the recorder has no good address.
pub fn config(recorder: &Recorder) -> Fallible<Config> {
    let url = recorder.url();
    let session = PrefectSession::new(&url)
        .without_version_check()
        .without_csrf();
    let config = prefect_client::config(&url)?;
    Ok(config.retry_policy(NoRetry).session(session))
}

/// progenitor's client would ask for the provider of the process, which our own faces must do without.
fn reference(url: &str) -> Fallible<progenitor_reference::Client> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .build()?;
    Ok(progenitor_reference::Client::new_with_client(url, client))
}
