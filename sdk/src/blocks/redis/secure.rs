//! Connections with TLS.

#[cfg(feature = "rustls")]
pub(super) use self::with_rustls::{open, provide};
#[cfg(not(feature = "rustls"))]
pub(super) use self::without::{open, provide};

/// What a server is known by, and what it knows who asks by, in PEM.
#[derive(Clone, Default)]
pub(super) struct Certificates {
    /// Authorities in place of those of the system.
    pub(super) ca: Option<Vec<u8>>,
    /// A certificate and its key.
    pub(super) own: Option<(Vec<u8>, Vec<u8>)>,
}

#[cfg(feature = "rustls")]
mod with_rustls {
    use redis::{Client, ClientTlsConfig, ConnectionInfo, RedisResult, TlsCertificates};
    use rustls::crypto::CryptoProvider;

    use super::Certificates;
    use crate::Error;

    /// The library takes the process's provider of cryptography, and panics where there is none to take.
    pub(in super::super) fn provide() -> Result<(), Error> {
        if CryptoProvider::get_default().is_none() {
            let config = prefect_client::Config::new("https://localhost")?;
            let tls = config.tls_client_config()?;
            // Somebody else may have been faster.
            drop(CryptoProvider::clone(tls.crypto_provider()).install_default());
        }
        Ok(())
    }

    pub(in super::super) fn open(
        info: ConnectionInfo,
        certificates: &Certificates,
    ) -> RedisResult<Client> {
        let Certificates { ca, own } = certificates.clone();
        if ca.is_none() && own.is_none() {
            return Client::open(info);
        }
        let client_tls = own.map(|(client_cert, client_key)| ClientTlsConfig {
            client_cert,
            client_key,
        });
        let root_cert = ca;
        let certificates = TlsCertificates {
            client_tls,
            root_cert,
        };
        Client::build_with_tls(info, certificates)
    }
}

#[cfg(not(feature = "rustls"))]
mod without {
    use redis::{Client, ConnectionInfo, RedisResult};

    use super::super::failure::unusable;
    use super::Certificates;
    use crate::Error;

    pub(in super::super) fn provide() -> Result<(), Error> {
        Err(unusable("`rediss://` needs the feature `rustls`"))
    }

    pub(in super::super) fn open(info: ConnectionInfo, _: &Certificates) -> RedisResult<Client> {
        Client::open(info)
    }
}
