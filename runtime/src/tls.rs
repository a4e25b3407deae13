//! One TLS for both faces: rustls with ring and the Mozilla roots.
//!
//! The process-wide default provider is never asked: where someone else links a second provider, it does not exist.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

#[cfg(feature = "async")]
pub(crate) fn client_config() -> Result<rustls::ClientConfig, crate::Error> {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| crate::Error::config_source("TLS cannot be set up", error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
