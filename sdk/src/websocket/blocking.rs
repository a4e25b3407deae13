//! The websocket of the blocking face.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use prefect_client::proxy::Tunnel;
use prefect_client::sockets::{self, patience};
use tungstenite::handshake::HandshakeError;
use tungstenite::{Error as Failure, Message, Utf8Bytes, WebSocket};

use super::{ANSWER_TIMEOUT, Broken, Endpoint, Incoming, OPEN_TIMEOUT};
use crate::deadline::Deadline;

/// A websocket that blocks the thread.
pub(crate) struct Socket {
    inner: WebSocket<Box<dyn Duplex>>,
    /// When what is being done with the connection below ends.
    limit: Limit,
}

/// A websocket that is being opened, on a thread: whoever waits for it can come back.
pub(super) struct Connecting(mpsc::Receiver<Result<Socket, Broken>>);

/// What a websocket runs over.
trait Duplex: Read + Write + Send {}

impl<T: Read + Write + Send> Duplex for T {}

impl Socket {
    /// Opens the connection, without Prefect's handshake.
    pub(super) fn open(endpoint: &Endpoint) -> Result<Self, Broken> {
        let limit = Limit::after(OPEN_TIMEOUT);
        let tcp = dial(endpoint, &limit).map_err(|error| unreachable(endpoint, error))?;
        let wire = Wire {
            tcp,
            limit: limit.clone(),
        };
        let stream = stream(endpoint, wire)?;
        match tungstenite::client(endpoint.request()?, stream) {
            Ok((inner, _)) => Ok(Self { inner, limit }),
            Err(HandshakeError::Failure(Failure::Io(error))) if is_timeout(&error) => {
                Err(Broken::silent(endpoint))
            }
            Err(HandshakeError::Failure(failure)) => Err(Broken::unopened(endpoint, failure)),
            Err(HandshakeError::Interrupted(_)) => Err(Broken::silent(endpoint)),
        }
    }

    /// Sends a message.
    pub(super) fn send(&mut self, text: Utf8Bytes) -> Result<(), Broken> {
        self.limit.set(ANSWER_TIMEOUT);
        Ok(self.inner.send(Message::Text(text))?)
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&mut self) -> Result<(), Broken> {
        self.limit.set(ANSWER_TIMEOUT);
        Ok(self.inner.send(Message::Ping(Vec::new().into()))?)
    }

    /// Waits for what comes next. The server's pings are answered meanwhile.
    pub(super) fn receive(&mut self, timeout: Duration) -> Result<Incoming, Broken> {
        // What is there already is seen in any case.
        self.limit.set(timeout.max(Duration::from_millis(1)));
        loop {
            let incoming = match self.inner.read() {
                Ok(Message::Text(text)) => Some(Incoming::Text(text)),
                Ok(Message::Pong(_)) => Some(Incoming::Pong),
                Ok(Message::Close(frame)) => {
                    // Says goodbye as well; who is gone does not hear it.
                    self.limit.set(ANSWER_TIMEOUT);
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
}

impl Connecting {
    pub(super) fn begin(work: impl FnOnce() -> Result<Socket, Broken> + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("prefect-websocket".to_owned());
        // Without a thread the sender is gone, which is an error when it is waited for.
        drop(thread.spawn(move || drop(sender.send(work()))));
        Self(receiver)
    }

    /// `None` where it takes longer.
    pub(super) fn ready_within(&mut self, wait: Duration) -> Option<Result<Socket, Broken>> {
        match self.0.recv_timeout(wait) {
            Ok(opened) => Some(opened),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Some(Err(Broken::lost("no thread can be started to connect")))
            }
        }
    }
}

/// A connection of which each read and write ends in time.
struct Wire {
    tcp: TcpStream,
    limit: Limit,
}

/// When what is being done ends.
#[derive(Clone)]
struct Limit(Arc<Mutex<Deadline>>);

impl Limit {
    fn after(wait: Duration) -> Self {
        Self(Arc::new(Mutex::new(Deadline::after(
            Some(wait),
            Instant::now(),
        ))))
    }

    fn set(&self, wait: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Deadline::after(Some(wait), Instant::now());
    }

    /// What is left, or an error where nothing is.
    fn left(&self) -> io::Result<Duration> {
        let deadline = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match deadline.left(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.limit.left()?;
            self.tcp.set_read_timeout(Some(patience(left)))?;
            match self.tcp.read(buffer) {
                Err(error) if is_timeout(&error) => {}
                read => return read,
            }
        }
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        loop {
            let left = self.limit.left()?;
            self.tcp.set_write_timeout(Some(patience(left)))?;
            match self.tcp.write(buffer) {
                Err(error) if is_timeout(&error) => {}
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn dial(endpoint: &Endpoint, limit: &Limit) -> io::Result<TcpStream> {
    let found: Vec<SocketAddr> = endpoint.first_stop().to_socket_addrs()?.collect();
    let deadline = Instant::now().checked_add(limit.left()?);
    let stream = sockets::connect(&found, deadline)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Why there is no connection: our own time limit has no number.
fn unreachable(endpoint: &Endpoint, error: io::Error) -> Broken {
    if is_timeout(&error) && error.raw_os_error().is_none() {
        Broken::silent(endpoint)
    } else {
        Broken::unreachable(endpoint, error)
    }
}

/// What the websocket runs over, through the proxy, where there is one.
fn stream(endpoint: &Endpoint, wire: Wire) -> Result<Box<dyn Duplex>, Broken> {
    let mut stream: Box<dyn Duplex> = Box::new(wire);
    if let Some((proxy, tunnel)) = endpoint.tunnel() {
        if proxy.is_tls() {
            stream = secure(endpoint, proxy.host(), stream)?;
        }
        dig(&mut stream, tunnel).map_err(|error| unreachable(endpoint, error))?;
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
    let secured = begin_tls(Arc::clone(tls), host, stream);
    secured.map_err(|error| unreachable(endpoint, error))
}

/// Begins TLS to its end, so that what is wrong with it is told before anything is asked.
#[cfg(feature = "rustls")]
fn begin_tls(
    config: Arc<rustls::ClientConfig>,
    host: &str,
    mut stream: Box<dyn Duplex>,
) -> io::Result<Box<dyn Duplex>> {
    let name =
        rustls::pki_types::ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut session = rustls::ClientConnection::new(config, name).map_err(io::Error::other)?;
    while session.is_handshaking() {
        session.complete_io(&mut stream)?;
    }
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
