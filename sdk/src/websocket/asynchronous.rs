//! The websocket of the async face.

use std::io;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use prefect_client::proxy::Tunnel;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tungstenite::{Message, Utf8Bytes};

use super::{ANSWER_TIMEOUT, Broken, Endpoint, Incoming, OPEN_TIMEOUT, pong};

/// A websocket on the caller's tokio.
pub(crate) struct AsyncSocket {
    inner: WebSocketStream<Box<dyn Duplex>>,
}

/// What a websocket runs over.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl AsyncSocket {
    /// Opens the connection, without Prefect's handshake.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, Broken> {
        let opening = async {
            let stream = dial(endpoint).await;
            let stream = stream.map_err(|error| Broken::lost(error.to_string()))?;
            let (inner, _) = tokio_tungstenite::client_async(endpoint.request()?, stream).await?;
            Ok(Self { inner })
        };
        let opened = timeout(OPEN_TIMEOUT, opening).await;
        opened.unwrap_or_else(|_| Err(Broken::lost("the server does not answer")))
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, text: Utf8Bytes) -> Result<(), Broken> {
        self.write(Message::Text(text)).await
    }

    /// Sends a ping, which is answered once everything before it has arrived.
    pub(crate) async fn ping(&mut self, number: u64) -> Result<(), Broken> {
        let payload = number.to_be_bytes().to_vec();
        self.write(Message::Ping(payload.into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Broken> {
        match timeout(ANSWER_TIMEOUT, self.inner.send(message)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(Broken::lost("the server takes nothing more")),
        }
    }

    /// Waits for what comes next. The server's pings are answered meanwhile. Nothing is lost where this is dropped.
    pub(crate) async fn receive(&mut self, within: Duration) -> Result<Incoming, Broken> {
        let deadline = Instant::now() + within;
        loop {
            let incoming = match timeout_at(deadline, self.inner.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => Some(Incoming::Text(text)),
                Ok(Some(Ok(Message::Pong(payload)))) => pong(&payload),
                Ok(Some(Ok(Message::Close(frame)))) => {
                    // Says goodbye as well; who is gone does not hear it.
                    let _ = timeout(ANSWER_TIMEOUT, self.inner.flush()).await;
                    return Err(Broken::closed(frame.as_ref()));
                }
                Ok(Some(Ok(_))) => None,
                Ok(Some(Err(failure))) => return Err(failure.into()),
                Ok(None) => return Err(Broken::lost("the connection is closed")),
                Err(_) => Some(Incoming::Nothing),
            };
            if let Some(incoming) = incoming {
                return Ok(incoming);
            }
        }
    }

    /// Says goodbye, and does not wait for the answer.
    pub(crate) async fn close(mut self) {
        let _ = timeout(ANSWER_TIMEOUT, self.inner.send(Message::Close(None))).await;
    }
}

/// Through the proxy, where there is one.
async fn dial(endpoint: &Endpoint) -> io::Result<Box<dyn Duplex>> {
    let tcp = TcpStream::connect(endpoint.first_stop()).await?;
    tcp.set_nodelay(true)?;
    let mut stream: Box<dyn Duplex> = Box::new(tcp);
    if let Some((proxy, tunnel)) = endpoint.tunnel() {
        if proxy.is_tls() {
            stream = secure(endpoint, proxy.host(), stream).await?;
        }
        dig(&mut stream, tunnel).await?;
    }
    if endpoint.is_tls() {
        stream = secure(endpoint, endpoint.host(), stream).await?;
    }
    Ok(stream)
}

/// Asks the proxy at the other end for a tunnel.
async fn dig(stream: &mut Box<dyn Duplex>, mut tunnel: Tunnel) -> io::Result<()> {
    stream.write_all(tunnel.request()).await?;
    stream.flush().await?;
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        if tunnel.take(&buffer[..read]).map_err(io::Error::other)? {
            return Ok(());
        }
    }
}

async fn secure(
    endpoint: &Endpoint,
    host: &str,
    stream: Box<dyn Duplex>,
) -> io::Result<Box<dyn Duplex>> {
    let Some(tls) = &endpoint.tls else {
        return Ok(stream);
    };
    let name =
        rustls::pki_types::ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let connector = tokio_rustls::TlsConnector::from(tls.clone());
    Ok(Box::new(connector.connect(name, stream).await?))
}
