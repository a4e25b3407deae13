//! What bytes go over: TCP, and TLS on it, which may lead through the TLS of a proxy.

use std::io::{self, Read, Write};
use std::time::Instant;

use super::tcp::Tcp;

/// A connection that bytes go over, until its deadline.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(Tcp),
    #[cfg(feature = "rustls")]
    Tls(Box<rustls::StreamOwned<rustls::ClientConnection, Stream>>),
}

impl Stream {
    /// Begins TLS on this connection, to its end.
    #[cfg(feature = "rustls")]
    pub(super) fn secure(
        mut self,
        config: std::sync::Arc<rustls::ClientConfig>,
        host: &str,
    ) -> io::Result<Self> {
        let name = rustls::pki_types::ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let mut session = rustls::ClientConnection::new(config, name).map_err(io::Error::other)?;
        while session.is_handshaking() {
            session.complete_io(&mut self)?;
        }
        Ok(Self::Tls(Box::new(rustls::StreamOwned::new(session, self))))
    }

    /// Sets when reading and writing end; `None` is never.
    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        match self {
            Self::Plain(tcp) => tcp.set_deadline(deadline),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => tls.sock.set_deadline(deadline),
        }
    }

    /// Whether the server has neither closed the connection nor said anything unasked.
    pub(super) fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_quiet(),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => {
                let has_nothing = tls.conn.process_new_packets().is_ok_and(|state| {
                    state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed()
                });
                has_nothing && tls.sock.is_quiet()
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => tls.flush(),
        }
    }
}
