//! That the text of an error names the address and the cause, in either face alike.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use diptych_runtime::{
    Call, CallOptions, Config, Error, Progress, TransportErrorKind, asynchronous, blocking,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::errors;
use crate::support::{self, Reply, Server};

/// The texts of both faces, which have the same answers to questions.
fn told(url: &str, kind: TransportErrorKind, progress: Progress) -> [String; 2] {
    let config = Config::new(url).unwrap().timeout(Duration::from_secs(20));
    errors(&config, support::read_flow).map(|error| {
        assert_eq!(error.transport_kind(), Some(kind), "{error:?}");
        assert_eq!(error.progress(), progress, "{error:?}");
        assert!(is_one_line(&error), "{error}");
        error.to_string()
    })
}

fn is_one_line(error: &Error) -> bool {
    let text = error.to_string();
    text.len() < 500 && !text.contains('\n')
}

/// Serves each connection on a thread of its own.
pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}

/// A port at which nobody listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Speaks TLS with a certificate that nobody knows.
fn tls_server() -> u16 {
    let (port, _) = listen_through_tls(|mut stream| {
        drop(stream.read(&mut [0; 1024]));
        drop(stream.flush());
    });
    port
}

/// Serves through TLS, with a certificate of its own; that is given as PEM.
pub(crate) fn listen_through_tls(
    serve: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + Sync + 'static,
) -> (u16, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let tls = Arc::new(tls);
    let port = listen(move |stream| {
        // What is held back is lost where the connection is closed before all was read.
        stream.set_nodelay(true).unwrap();
        let session = ServerConnection::new(Arc::clone(&tls)).unwrap();
        serve(StreamOwned::new(session, stream));
    });
    (port, cert.pem())
}

#[test]
fn what_kept_a_connection_from_coming_about_is_told() {
    let refused = free_port();
    let unknown = tls_server();
    let plain = listen(|mut stream| {
        drop(stream.read(&mut [0; 1024]));
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
    });
    let cases = [
        (
            format!("http://127.0.0.1:{refused}/api"),
            format!("to http://127.0.0.1:{refused}: "),
            "os error",
        ),
        (
            "http://no-such-host.invalid/api".to_owned(),
            "to http://no-such-host.invalid: ".to_owned(),
            "lookup",
        ),
        (
            format!("https://127.0.0.1:{unknown}"),
            format!("to https://127.0.0.1:{unknown}: "),
            "UnknownIssuer",
        ),
        (
            format!("https://127.0.0.1:{plain}"),
            format!("to https://127.0.0.1:{plain}: "),
            "does not speak TLS",
        ),
    ];
    for (url, address, cause) in cases {
        for text in told(&url, TransportErrorKind::Connect, Progress::NotSent) {
            let rest = text.split_once("could not connect ").unwrap().1;
            assert!(rest.starts_with(&address), "{text}");
            assert!(rest.contains(cause), "{text}");
        }
    }
}

#[test]
fn a_server_that_speaks_tls_where_plain_http_was_asked_for_is_told() {
    let port = tls_server();
    for text in told(
        &format!("http://127.0.0.1:{port}"),
        TransportErrorKind::Interrupted,
        Progress::MayBeExecuted,
    ) {
        assert!(
            text.contains(&format!("with http://127.0.0.1:{port} broke off: ")),
            "{text}"
        );
        assert!(text.contains("https://"), "{text}");
    }
}

#[test]
fn who_only_waited_for_a_turn_has_sent_nothing() {
    let server = Server::start(vec![Reply::Silence, Reply::Silence]);
    let config = Config::new(&server.url())
        .unwrap()
        .timeout(Duration::from_secs(20))
        .max_connections(1);
    let soon = || CallOptions::new().timeout(Duration::from_millis(200));
    let blocking = blocking::Client::new(config.clone()).unwrap();
    let first = blocking.clone();
    drop(std::thread::spawn(move || {
        first.execute(support::read_flow())
    }));
    while server.recorded().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let waited = blocking.with(soon()).execute(support::read_flow());
    let asynchronous = asynchronous::Client::new(config).unwrap();
    let awaited = support::block_on(async {
        let first = asynchronous.clone();
        drop(tokio::spawn(async move {
            first.execute(support::read_flow()).await
        }));
        while server.recorded().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let second = asynchronous.with(soon());
        second.execute(support::read_flow()).await
    });
    for error in [waited.unwrap_err(), awaited.unwrap_err()] {
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(error.progress(), Progress::NotSent, "{error:?}");
        assert!(error.to_string().contains("`max_connections`"), "{error}");
    }
}

/// To a server that says nothing in the handshake, and through a proxy that does not answer.
#[test]
fn who_was_still_connecting_at_the_deadline_has_sent_nothing() {
    let silent = listen(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    let config = |url: &str| {
        let config = Config::new(url).unwrap();
        config.timeout(Duration::from_millis(300))
    };
    let (direct, proxy) = (
        format!("https://127.0.0.1:{silent}"),
        format!("http://127.0.0.1:{silent}"),
    );
    let through = config("https://api.invalid").proxy(&proxy).unwrap();
    let cases = [
        (config(&direct), format!("to {direct}")),
        (
            through,
            format!("to https://api.invalid through the proxy {proxy}"),
        ),
    ];
    for (config, to) in cases {
        for error in errors(&config, support::create_flow) {
            assert!(error.is_timeout(), "{error:?}");
            assert_eq!(error.progress(), Progress::NotSent, "{error:?}");
            let told = format!("the deadline passed before anything was sent {to}");
            assert!(error.to_string().ends_with(&told), "{error}");
        }
    }
}

#[test]
fn a_deadline_and_a_break_name_the_address() {
    let (silent, broken) = (
        Server::start(vec![Reply::Silence]),
        Server::start(vec![Reply::Broken]),
    );
    let url = |server: &Server| server.url().replace("/api/", "");
    let config = Config::new(&silent.url())
        .unwrap()
        .timeout(Duration::from_millis(300));
    for error in errors(&config, support::read_flow) {
        assert!(
            error
                .to_string()
                .ends_with(&format!("the deadline passed at {}", url(&silent))),
            "{error}"
        );
        assert_eq!(error.progress(), Progress::MayBeExecuted);
    }
    for text in told(
        &broken.url(),
        TransportErrorKind::Interrupted,
        Progress::MayBeExecuted,
    ) {
        assert!(
            text.contains(&format!("with {} broke off: ", url(&broken))),
            "{text}"
        );
    }
}

#[test]
fn how_far_a_call_came_does_not_forget_its_first_attempts() {
    // The first attempt may have been executed; the second one finds nobody.
    let port = listen(|mut stream| {
        drop(stream.read(&mut [0; 1024]));
    });
    let config = Config::new(&format!("http://127.0.0.1:{port}")).unwrap();
    for error in errors(&config, support::create_flow) {
        assert_eq!(error.progress(), Progress::MayBeExecuted, "{error}");
        assert!(!error.is_connect());
    }
    let config = config.timeout(Duration::ZERO);
    for error in errors(&config, support::create_flow) {
        assert!(
            error.is_timeout() && error.progress() == Progress::NotSent,
            "{error}"
        );
    }
    let server = Server::start(vec![Reply::Answer(409, "application/json", "{}")]);
    for error in errors(&Config::new(&server.url()).unwrap(), support::create_flow) {
        assert!(
            error.is_conflict() && error.progress() == Progress::Answered,
            "{error}"
        );
        assert_eq!(error.transport_kind(), None);
    }
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_is_told_by_its_address() {
    let refusing = listen(|mut stream| {
        drop(stream.read(&mut [0; 1024]));
        drop(stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"));
    });
    for port in [refusing, free_port()] {
        let config = Config::new("https://api.invalid/api")
            .unwrap()
            .proxy(&format!("http://user:s3cret@127.0.0.1:{port}"))
            .unwrap();
        for error in errors(&config, support::read_flow) {
            let text = error.to_string();
            assert!(
                error.is_connect() && error.progress() == Progress::NotSent,
                "{error:?}"
            );
            assert!(
                text.contains(&format!("proxy http://127.0.0.1:{port}")),
                "{text}"
            );
            assert_eq!(text.contains("os error"), port != refusing, "{text}");
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }
}

/// What is behind a tunnel is not there: the proxy may be why.
#[test]
fn what_fails_within_a_tunnel_names_the_proxy() {
    let port = listen(|mut stream| {
        drop(stream.read(&mut [0; 1024]));
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
        drop(stream.read(&mut [0; 1024]));
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    let config = Config::new("https://api.invalid/api").unwrap();
    let config = config.proxy(&format!("http://127.0.0.1:{port}")).unwrap();
    for error in errors(&config, support::read_flow) {
        let text = error.to_string();
        let way = format!("to https://api.invalid through the proxy http://127.0.0.1:{port}: ");
        assert!(error.is_connect() && text.contains(&way), "{text}");
    }
}

type Make = fn() -> Call<i64>;

#[test]
fn a_redirect_that_is_not_followed_says_why() {
    let answer = |line: &'static str| {
        let port = listen(move |mut stream| {
            while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {
                let answer = format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n");
                drop(stream.write_all(answer.as_bytes()));
            }
        });
        Config::new(&format!("http://127.0.0.1:{port}")).unwrap()
    };
    let cases: [(&str, Make, &str); 8] = [
        (
            "301 Moved\r\nlocation: https://moved.example/api/flows/?s3cret",
            support::create_flow,
            "it leads to https://moved.example, and only a 307 or 308 is followed with a POST",
        ),
        (
            "308 Moved\r\nlocation: https://moved.example:1/s3cret",
            support::create_flow,
            "it leads to https://moved.example:1, and no POST is sent to another origin",
        ),
        (
            "302 Moved\r\nlocation: /flows/1",
            support::read_flow,
            "10 redirects were followed (`max_redirects`)",
        ),
        ("302 Moved", support::read_flow, "it says no address"),
        (
            "302 Moved\r\nlocation: https://u:s3cret@moved.example",
            support::read_flow,
            "it leads to no address that can be followed",
        ),
        (
            "302 Moved\r\nlocation: ftp://moved.example/s3cret",
            support::read_flow,
            "it leads to no address that can be followed",
        ),
        (
            "302 Moved\r\nlocation: http://127.0.0.1:99999/",
            support::read_flow,
            "it leads to no address that can be followed",
        ),
        ("304 Not Modified", support::read_flow, "304 Not Modified"),
    ];
    for (line, call, why) in cases {
        for error in errors(&answer(line), call) {
            let text = error.to_string();
            assert!(text.ends_with(why), "{text}");
            assert!(is_one_line(&error) && !text.contains("s3cret"), "{text}");
            assert!(error.status().is_some_and(|status| status.is_redirection()));
        }
    }
}

#[test]
fn an_answer_that_is_packed_unasked_is_told() {
    let server = test_server::Answer::json(200, "packed").header("content-encoding", "br");
    let server = test_server::Server::start(test_server::Door::Open, [server.into()]).unwrap();
    let config = Config::new(&server.url()).unwrap();
    for error in errors(&config, support::read_flow) {
        let text = error.to_string();
        assert!(
            text.contains("it is packed (`content-encoding: br`), which was not asked for"),
            "{text}"
        );
    }
}
