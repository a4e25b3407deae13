//! Connections with TLS.

use std::path::{Path, PathBuf};

#[cfg(feature = "rustls")]
pub(super) use self::with_rustls::{open, provide};
#[cfg(not(feature = "rustls"))]
pub(super) use self::without::{open, provide};
use crate::Error;

/// The files of what a server is known by, and of what it knows who asks by, in PEM.
#[derive(Clone, Default)]
pub(super) struct Certificates {
    /// Authorities in place of those of the system.
    pub(super) ca: Option<PathBuf>,
    /// A certificate and its key.
    pub(super) own: Option<(PathBuf, PathBuf)>,
}

/// What is in the files.
pub(super) struct Read {
    ca: Option<Vec<u8>>,
    own: Option<(Vec<u8>, Vec<u8>)>,
}

impl Certificates {
    pub(super) fn read(&self) -> Result<Read, Error> {
        let ca = self.ca.as_deref().map(|path| read("ssl_ca_certs", path));
        let own: Option<Result<_, Error>> = self.own.as_ref().map(|(certificate, key)| {
            let certificate = read("ssl_certfile", certificate)?;
            Ok((certificate, read("ssl_keyfile", key)?))
        });
        Ok(Read {
            ca: ca.transpose()?,
            own: own.transpose()?,
        })
    }
}

fn read(name: &str, path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| {
        let path = path.display();
        let text = format!("reading `{path}`, the `{name}` of a Redis connection string");
        Error::of_storage(text, error)
    })
}

#[cfg(feature = "rustls")]
mod with_rustls {
    use redis::{Client, ClientTlsConfig, ConnectionInfo, RedisResult, TlsCertificates};
    use rustls::crypto::CryptoProvider;

    use super::Read;
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

    pub(in super::super) fn open(info: ConnectionInfo, certificates: Read) -> RedisResult<Client> {
        let Read { ca, own } = certificates;
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
    use super::Read;
    use crate::Error;

    pub(in super::super) fn provide() -> Result<(), Error> {
        Err(unusable("`rediss://` needs the feature `rustls`"))
    }

    pub(in super::super) fn open(info: ConnectionInfo, certificates: Read) -> RedisResult<Client> {
        // Nobody comes here, as nothing provides for it.
        drop((certificates.ca, certificates.own));
        Client::open(info)
    }
}
