//! The websocket of the async face.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use prefect_client::proxy::Tunnel;
use prefect_client::sockets;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tungstenite::{Message, Utf8Bytes};

use super::{ANSWER_TIMEOUT, Broken, Endpoint, Incoming, OPEN_TIMEOUT};

/// A websocket on the caller's tokio.
pub(crate) struct AsyncSocket {
    inner: WebSocketStream<Box<dyn Duplex>>,
}

/// A websocket that is being opened: whoever waits for it can come back.
pub(super) struct AsyncConnecting(Opening);

type Opening = Pin<Box<dyn Future<Output = Result<AsyncSocket, Broken>> + Send>>;

/// What a websocket runs over.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl AsyncSocket {
    /// Opens the connection, without Prefect's handshake.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, Broken> {
        let opening = async {
            let stream = dial(endpoint).await;
            let stream = stream.map_err(|error| Broken::unreachable(endpoint, error))?;
            let asked = tokio_tungstenite::client_async(endpoint.request()?, stream).await;
            let (inner, _) = asked.map_err(|failure| Broken::unopened(endpoint, failure))?;
            Ok(Self { inner })
        };
        let opened = timeout(OPEN_TIMEOUT, opening).await;
        opened.unwrap_or_else(|_| Err(Broken::silent(endpoint)))
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, text: Utf8Bytes) -> Result<(), Broken> {
        self.write(Message::Text(text)).await
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&mut self) -> Result<(), Broken> {
        self.write(Message::Ping(Vec::new().into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Broken> {
        match timeout(ANSWER_TIMEOUT, self.inner.send(message)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(Broken::lost("the server takes nothing more")),
        }
    }

    /// Waits for what comes next. The server's pings are answered meanwhile.
    pub(super) async fn receive(&mut self, within: Duration) -> Result<Incoming, Broken> {
        // What is there already is seen in any case.
        let Ok(incoming) = timeout(within, self.next()).await else {
            return Ok(Incoming::Nothing);
        };
        incoming
    }

    async fn next(&mut self) -> Result<Incoming, Broken> {
        loop {
            match self.inner.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Incoming::Text(text)),
                Some(Ok(Message::Pong(_))) => return Ok(Incoming::Pong),
                Some(Ok(Message::Close(frame))) => {
                    // Says goodbye as well; who is gone does not hear it.
                    let _ = timeout(ANSWER_TIMEOUT, self.inner.flush()).await;
                    return Err(Broken::closed(frame.as_ref()));
                }
                Some(Ok(_)) => {}
                Some(Err(failure)) => return Err(failure.into()),
                None => return Err(Broken::lost("the connection is closed")),
            }
        }
    }
}

impl AsyncConnecting {
    pub(super) fn begin(
        work: impl Future<Output = Result<AsyncSocket, Broken>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(work))
    }

    /// `None` where it takes longer.
    pub(super) async fn ready_within(
        &mut self,
        wait: Duration,
    ) -> Option<Result<AsyncSocket, Broken>> {
        timeout(wait, &mut self.0).await.ok()
    }
}

/// Through the proxy, where there is one.
async fn dial(endpoint: &Endpoint) -> io::Result<Box<dyn Duplex>> {
    let found: Vec<SocketAddr> = lookup_host(endpoint.first_stop()).await?.collect();
    let tcp = sockets::aconnect(&found).await?;
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
