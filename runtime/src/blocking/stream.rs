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

    /// See [`Tcp::look_up`].
    pub(super) fn look_up(&mut self, looks_up: bool) {
        match self {
            Self::Plain(tcp) => tcp.look_up(looks_up),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => tls.sock.look_up(looks_up),
        }
    }

    /// Whether there is something to be read, or to be known, without waiting: what belongs to TLS alone is passed over.
    pub(super) fn has_input(&mut self) -> bool {
        match self {
            Self::Plain(tcp) => !tcp.is_quiet(),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => {
                while says_nothing(&mut tls.conn) {
                    if !tls.sock.has_input() {
                        return false;
                    }
                    match tls.conn.read_tls(&mut tls.sock) {
                        Ok(1..) => {}
                        Ok(0) | Err(_) => break,
                    }
                }
                true
            }
        }
    }
}

/// Whether nothing has come over TLS that is not read: neither bytes nor the end nor an error.
#[cfg(feature = "rustls")]
fn says_nothing(session: &mut rustls::ClientConnection) -> bool {
    let state = session.process_new_packets();
    state.is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed())
}

/// TLS on a connection that blocks. rustls's own stream writes what it could not write before it reads, and reads where it
/// can't write: it would wait for a server that waits for us, and not hear one that wants no more.
#[cfg(feature = "rustls")]
struct OneWay<'t>(&'t mut rustls::StreamOwned<rustls::ClientConnection, Stream>);

#[cfg(feature = "rustls")]
impl OneWay<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let tls = &mut *self.0;
        loop {
            match tls.conn.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            tls.conn.read_tls(&mut tls.sock)?;
            if let Err(error) = tls.conn.process_new_packets() {
                // The server is told what was wrong with it, if it listens.
                drop(tls.conn.write_tls(&mut tls.sock));
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        let taken = self.0.conn.writer().write(bytes)?;
        // They are taken, so that an error is that of the next call, which meets it again.
        drop(self.flush());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let tls = &mut *self.0;
        while tls.conn.wants_write() {
            tls.conn.write_tls(&mut tls.sock)?;
        }
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => OneWay(tls).read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => OneWay(tls).write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            #[cfg(feature = "rustls")]
            Self::Tls(tls) => OneWay(tls).flush(),
        }
    }
}
