//! A way through a proxy to a host, without I/O.

use std::error::Error;
use std::fmt;
use std::io;

use http::StatusCode;

use super::Proxy;

/// So many bytes are too many for a proxy's answer.
const MAX_ANSWER: usize = 16 * 1024;

/// Asks a proxy for a connection to a host (`CONNECT`), over whatever the caller has open to the proxy.
///
/// Write [`request`](Self::request), then give what comes to [`take`](Self::take) until it says that the tunnel is open.
/// From then on the connection leads to the host.
pub struct Tunnel {
    proxy: String,
    host: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// A proxy does not connect to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TunnelRefused(String);

impl Tunnel {
    /// Begins a tunnel through this proxy. An IPv6 address has no brackets.
    #[must_use]
    pub fn new(proxy: &Proxy, host: &str, port: u16) -> Self {
        let host = if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        let mut request = format!("CONNECT {host} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
        if let Some(authorization) = proxy.authorization() {
            request.extend_from_slice(b"proxy-authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        Self {
            proxy: proxy.address(),
            host,
            request,
            answer: Vec::new(),
        }
    }

    /// What the proxy is asked. It holds the credentials.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes bytes of the proxy's answer; true once the tunnel is open. No bytes are the end of the connection.
    ///
    /// # Errors
    /// The proxy refuses, or what it says is no answer.
    pub fn take(&mut self, bytes: &[u8]) -> Result<bool, TunnelRefused> {
        if bytes.is_empty() {
            return Err(self.refused("it closes the connection"));
        }
        self.answer.extend_from_slice(bytes);
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(parsed) = response.parse(&self.answer) else {
            return Err(self.refused("it does not speak HTTP/1.1"));
        };
        let httparse::Status::Complete(length) = parsed else {
            return match self.answer.len() {
                ..MAX_ANSWER => Ok(false),
                _ => Err(self.refused("its answer has no end")),
            };
        };
        let status = StatusCode::from_u16(response.code.unwrap_or_default());
        match status {
            Ok(status) if status.is_success() && self.answer.len() > length => {
                Err(self.refused("it says more than it was asked"))
            }
            Ok(status) if status.is_success() => Ok(true),
            Ok(status) => Err(self.refused(&format!("it answers {status}"))),
            Err(_) => Err(self.refused("it does not speak HTTP/1.1")),
        }
    }

    fn refused(&self, why: &str) -> TunnelRefused {
        let Self { proxy, host, .. } = self;
        TunnelRefused(format!(
            "the proxy {proxy} does not connect to {host}: {why}"
        ))
    }
}

/// Whether a proxy's refusal is among the causes of an error.
#[must_use]
pub fn is_refusal(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        // What an I/O error was made of is not its source.
        let within = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if error.is::<TunnelRefused>()
            || within.is_some_and(<dyn Error + Send + Sync>::is::<TunnelRefused>)
        {
            return true;
        }
        next = error.source();
    }
    false
}

/// Without the request, which holds credentials.
impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel")
            .field("proxy", &self.proxy)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TunnelRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TunnelRefused {}
