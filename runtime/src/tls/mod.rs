//! One TLS for both faces: rustls with ring, and Mozilla's roots unless others are given.
//!
//! The process-wide default provider is never asked: where someone else links a second provider, it does not exist.

mod der;
mod given;
mod unverified;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::call::Error;

/// How servers are verified.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tls {
    /// In place of Mozilla's.
    pub(crate) roots: Option<Arc<[CertificateDer<'static>]>>,
    pub(crate) is_unverified: bool,
}

impl Tls {
    pub(crate) fn with_roots(mut self, pem: &[u8]) -> Result<Self, Error> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots = roots.map_err(|error| {
            let text = format!("the root certificates can't be read: {error}");
            Error::config_source(&text, error)
        })?;
        if roots.is_empty() {
            return Err(Error::config(
                "the root certificates hold no certificate in PEM",
            ));
        }
        given::check(&roots)?;
        self.roots = Some(roots.into());
        Ok(self)
    }

    pub(crate) fn without_verification(mut self) -> Self {
        self.is_unverified = true;
        self
    }

    /// Says in the log that nothing is verified.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn warn(&self) {
        if self.is_unverified {
            tracing::warn!(
                "TLS certificates are not verified: whoever is on the way to the server can read and change everything"
            );
        }
    }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(crate) fn client_config(tls: &Tls) -> Result<rustls::ClientConfig, Error> {
    let builder = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::config_source("TLS cannot be set up", error))?;
    if tls.is_unverified {
        let verifier = Arc::new(unverified::AcceptAll(provider()));
        let builder = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        return Ok(builder.with_no_client_auth());
    }
    let Some(given) = &tls.roots else {
        let mut roots = rustls::RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(builder.with_root_certificates(roots).with_no_client_auth());
    };
    let verifier = given::Verifier::new(given, provider())
        .map_err(|error| Error::config_source("a root certificate can't be used", error))?;
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}
