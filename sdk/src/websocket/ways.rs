//! The ways to a server, in both faces: its own certificate, and proxies.

use std::io::{BufReader, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use prefect_client::{Config, config};
use rcgen::{BasicConstraints, IsCa};
use rustls::{ServerConnection, StreamOwned};
use test_server::{each_connection, head, tunnels};
use tungstenite::Message;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};

use crate::own_certificate::own_certificate;

use super::{AsyncSocket, Broken, Endpoint, Incoming, Socket};

/// How long a busy machine may take for what should come at once.
const WAIT: Duration = Duration::from_mins(1);

#[expect(
    clippy::result_large_err,
    clippy::unnecessary_wraps,
    reason = "tungstenite wants it so"
)]
fn agree(_request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let protocol = http::HeaderValue::from_static("prefect");
    response
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    Ok(response)
}

/// Says one word on a websocket.
fn greet(stream: impl Read + Write) -> Option<()> {
    let mut socket = tungstenite::accept_hdr(stream, agree).ok()?;
    socket.send(Message::text("welcome")).ok()?;
    while socket.read().is_ok() {}
    None
}

/// A server of websockets over TLS; its port, and a configuration that trusts it.
fn secure_server() -> (u16, Config) {
    let (tls, certificate) = own_certificate(IsCa::Ca(BasicConstraints::Unconstrained));
    let port = each_connection(move |stream| {
        let session = ServerConnection::new(Arc::clone(&tls)).ok()?;
        greet(StreamOwned::new(session, stream))
    });
    let port = port.unwrap();
    let config = config(&format!("https://localhost:{port}/api")).unwrap();
    let config = config.root_certificates(certificate.as_bytes());
    (port, config.unwrap())
}

/// What both faces hear first.
fn both(config: &Config) -> [Result<String, Broken>; 2] {
    let endpoint = Endpoint::new(config, "/events/out").unwrap();
    let heard = |incoming| match incoming {
        Incoming::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    [
        Socket::open(&endpoint).and_then(|mut socket| socket.receive(WAIT).map(heard)),
        runtime.block_on(async {
            let mut socket = AsyncSocket::open(&endpoint).await?;
            socket.receive(WAIT).await.map(heard)
        }),
    ]
}

fn works(config: &Config) {
    for heard in both(config) {
        assert_eq!(heard.unwrap(), "welcome");
    }
}

#[test]
fn a_server_s_own_certificate_is_accepted() {
    let (_, config) = secure_server();
    works(&config.no_proxy());
}

#[test]
fn websockets_go_through_a_tunnel_with_tls_and_without() {
    let plain = each_connection(greet).unwrap();
    let (secure, trusting) = secure_server();
    let cases = [
        (
            plain,
            config(&format!("http://localhost:{plain}/api")).unwrap(),
        ),
        (secure, trusting),
    ];
    for (port, config) in cases {
        let (proxy, asked) = tunnels().unwrap();
        let config = config.proxy(&format!("http://user:s3cret@127.0.0.1:{proxy}"));
        works(&config.unwrap());
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), 2);
        for head in asked.iter() {
            let line = format!("CONNECT localhost:{port} HTTP/1.1");
            assert_eq!(head.first(), Some(&line), "{head:?}");
            // user:s3cret
            let header = "proxy-authorization: Basic dXNlcjpzM2NyZXQ=";
            assert!(head.iter().any(|line| line == header), "{head:?}");
        }
    }
}

/// Answers whoever asks for a websocket with this.
fn answering(answer: &'static str) -> Config {
    let port = each_connection(move |stream| {
        let mut stream = BufReader::new(stream);
        head(&mut stream)?;
        stream.get_mut().write_all(answer.as_bytes()).ok()
    });
    let url = format!("http://localhost:{}/api", port.unwrap());
    config(&url).unwrap().no_proxy()
}

#[test]
fn what_kept_a_websocket_from_being_opened_is_told_with_what_to_change() {
    let nobody = test_server::nobody();
    let plainly = |url: &str| config(url).unwrap().no_proxy();
    let (secure, _) = secure_server();
    let through = config("http://api.invalid/api").unwrap();
    let cases = [
        (
            plainly(&format!("http://{nobody}/api")),
            "refused",
            "does PREFECT_API_URL (api.url) name it?",
        ),
        (
            plainly(&format!("https://localhost:{secure}/api")),
            "could not connect: invalid peer certificate",
            "PREFECT_API_SSL_CERT_FILE",
        ),
        (
            plainly(&format!("http://localhost:{secure}/api")),
            "does not speak HTTP",
            "PREFECT_API_URL (api.url) may have to begin with https://",
        ),
        (
            through
                .proxy(&format!("http://user:s3cret@{nobody}"))
                .unwrap(),
            "through the proxy http://",
            "refused",
        ),
        (
            answering("HTTP/1.1 404 Not Found\r\n\r\n"),
            "404 Not Found",
            "does not know this operation",
        ),
        (
            answering("HTTP/1.1 301 Moved\r\nlocation: https://other/\r\n\r\n"),
            "301 Moved Permanently",
            "PREFECT_API_URL (api.url) must name the address that the server has now",
        ),
        (
            answering(""),
            "closed the connection before it answered",
            "",
        ),
    ];
    for (config, why, advice) in cases {
        let [blocking, asynchronous] = both(&config).map(|heard| match heard.unwrap_err() {
            Broken::Lost(text) => text,
            other => panic!("{other:?}"),
        });
        assert!(blocking.contains(why), "{blocking}");
        assert!(blocking.contains(advice), "{blocking}");
        assert!(!blocking.contains("s3cret"), "{blocking}");
        assert_eq!(blocking, asynchronous);
    }
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let proxy = each_connection(|mut stream| {
        let _ = stream.read(&mut [0; 4096]).ok()?;
        stream
            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            .ok()
    });
    let proxy = proxy.unwrap();
    let config = config("http://api.invalid/api").unwrap();
    let config = config.proxy(&format!("http://user:s3cret@127.0.0.1:{proxy}"));
    for heard in both(&config.unwrap()) {
        let shown = format!("{:?}", heard.unwrap_err());
        assert!(
            shown.contains(&format!("http://127.0.0.1:{proxy}")),
            "{shown}"
        );
        assert!(
            shown.contains("407") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
