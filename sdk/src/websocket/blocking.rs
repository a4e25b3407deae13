//! The websocket of the blocking face.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use prefect_client::proxy::Tunnel;
use tungstenite::handshake::HandshakeError;
use tungstenite::{Error as Failure, Message, Utf8Bytes, WebSocket};

use super::{ANSWER_TIMEOUT, Broken, Endpoint, Incoming, OPEN_TIMEOUT, pong};

/// A websocket that blocks the thread.
pub(crate) struct Socket {
    inner: WebSocket<Box<dyn Duplex>>,
    /// The connection below, for its timeouts.
    tcp: TcpStream,
}

/// What a websocket runs over.
trait Duplex: Read + Write + Send {}

impl<T: Read + Write + Send> Duplex for T {}

impl Socket {
    /// Opens the connection, without Prefect's handshake.
    pub(super) fn open(endpoint: &Endpoint) -> Result<Self, Broken> {
        let tcp = dial(endpoint).map_err(|error| Broken::lost(error.to_string()))?;
        let limits = tcp.set_nodelay(true).and_then(|()| {
            tcp.set_read_timeout(Some(OPEN_TIMEOUT))?;
            tcp.set_write_timeout(Some(ANSWER_TIMEOUT))
        });
        limits.map_err(|error| Broken::lost(error.to_string()))?;
        let handle = tcp
            .try_clone()
            .map_err(|error| Broken::lost(error.to_string()))?;
        let stream = stream(endpoint, tcp)?;
        match tungstenite::client(endpoint.request()?, stream) {
            Ok((inner, _)) => Ok(Self { inner, tcp: handle }),
            Err(HandshakeError::Failure(failure)) => Err(failure.into()),
            Err(HandshakeError::Interrupted(_)) => Err(Broken::lost("the server does not answer")),
        }
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, text: Utf8Bytes) -> Result<(), Broken> {
        Ok(self.inner.send(Message::Text(text))?)
    }

    /// Sends a ping, which is answered once everything before it has arrived.
    pub(crate) fn ping(&mut self, number: u64) -> Result<(), Broken> {
        let payload = number.to_be_bytes().to_vec();
        Ok(self.inner.send(Message::Ping(payload.into()))?)
    }

    /// Waits for what comes next. The server's pings are answered meanwhile.
    pub(crate) fn receive(&mut self, timeout: Duration) -> Result<Incoming, Broken> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_millis(1));
            let set = self.tcp.set_read_timeout(Some(left));
            set.map_err(|error| Broken::lost(error.to_string()))?;
            let incoming = match self.inner.read() {
                Ok(Message::Text(text)) => Some(Incoming::Text(text)),
                Ok(Message::Pong(payload)) => pong(&payload),
                Ok(Message::Close(frame)) => {
                    // Says goodbye as well; who is gone does not hear it.
                    let _ = self.inner.flush();
                    return Err(Broken::closed(frame.as_ref()));
                }
                Ok(_) => None,
                Err(Failure::Io(error)) if is_timeout(&error) => Some(Incoming::Nothing),
                Err(failure) => return Err(failure.into()),
            };
            if let Some(incoming) = incoming {
                return Ok(incoming);
            }
        }
    }

    /// Says goodbye, and does not wait for the answer.
    pub(crate) fn close(mut self) {
        let _ = self.inner.close(None).and_then(|()| self.inner.flush());
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Tries one address after the other.
fn dial(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in endpoint.first_stop().to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, OPEN_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// What the websocket runs over, through the proxy, where there is one.
fn stream(endpoint: &Endpoint, tcp: TcpStream) -> Result<Box<dyn Duplex>, Broken> {
    let mut stream: Box<dyn Duplex> = Box::new(tcp);
    if let Some((proxy, tunnel)) = endpoint.tunnel() {
        if proxy.is_tls() {
            stream = secure(endpoint, proxy.host(), stream)?;
        }
        dig(&mut stream, tunnel).map_err(|error| Broken::lost(error.to_string()))?;
    }
    if endpoint.is_tls() {
        stream = secure(endpoint, endpoint.host(), stream)?;
    }
    Ok(stream)
}

/// Asks the proxy at the other end for a tunnel.
fn dig(stream: &mut Box<dyn Duplex>, mut tunnel: Tunnel) -> io::Result<()> {
    stream.write_all(tunnel.request())?;
    stream.flush()?;
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer)?;
        if tunnel.take(&buffer[..read]).map_err(io::Error::other)? {
            return Ok(());
        }
    }
}

#[cfg(feature = "rustls")]
fn secure(
    endpoint: &Endpoint,
    host: &str,
    stream: Box<dyn Duplex>,
) -> Result<Box<dyn Duplex>, Broken> {
    let Some(tls) = &endpoint.tls else {
        return Ok(stream);
    };
    let name = rustls::pki_types::ServerName::try_from(host.to_owned())
        .map_err(|error| Broken::lost(error.to_string()))?;
    let session = rustls::ClientConnection::new(tls.clone(), name)
        .map_err(|error| Broken::lost(error.to_string()))?;
    Ok(Box::new(rustls::StreamOwned::new(session, stream)))
}

#[cfg(not(feature = "rustls"))]
fn secure(
    _endpoint: &Endpoint,
    _host: &str,
    _stream: Box<dyn Duplex>,
) -> Result<Box<dyn Duplex>, Broken> {
    let text = "the feature `rustls` of prefect-sdk is off, which an `https` URL needs";
    Err(Broken::Misunderstood(text.to_owned()))
}
