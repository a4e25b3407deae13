//! Both faces send the same requests and read the same answers.
#![cfg(all(feature = "blocking", feature = "async"))]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diptych_runtime::blocking::Transport;
use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{
    Answer, Authorization, Bytes, Call, Config, Error, Operation, TransportError, asynchronous,
    blocking,
};
use http::{HeaderMap, Method, StatusCode};
use support::{AfterUnavailable, Recorded, Reply, Server};

const JSON: &str = "application/json";

fn config(server: &Server) -> Config {
    let authorization = Authorization::Bearer("pnu_s3cret".into());
    Config::new(&server.url())
        .unwrap()
        .authorization(&authorization)
        .unwrap()
}

/// What both faces got, and what they sent, each against a server of its own with the same script.
fn both<T>(
    script: &[Reply],
    call: fn() -> Call<T>,
    set: fn(Config) -> Config,
) -> ([Result<T, Error>; 2], Vec<Recorded>) {
    let servers = [
        Server::start(script.to_vec()),
        Server::start(script.to_vec()),
    ];
    let blocking = blocking::Client::new(set(config(&servers[0]))).unwrap();
    let asynchronous = asynchronous::Client::new(set(config(&servers[1]))).unwrap();
    let results = [
        blocking.execute(call()),
        support::block_on(asynchronous.execute(call())),
    ];
    let [first, second] = servers.map(|server| without_host(server.recorded()));
    assert_eq!(first, second);
    (results, first)
}

/// The requests without the host, which has the port of its server.
fn without_host(mut requests: Vec<Recorded>) -> Vec<Recorded> {
    for request in &mut requests {
        let before = request.headers.len();
        request
            .headers
            .retain(|header| !header.starts_with("host: "));
        assert_eq!(request.headers.len() + 1, before);
    }
    requests
}

fn same(config: Config) -> Config {
    config
}

#[test]
fn the_same_request_goes_out_byte_for_byte() {
    let script = [Reply::Answer(200, JSON, "3")];
    let (results, sent) = both(&script, support::read_flow, same);
    assert_eq!(results.map(Result::unwrap), [3, 3]);
    assert_eq!(
        sent[0].line,
        "GET /api/flows/a%2Fb?tags=x%20y&tags=z HTTP/1.1"
    );
    assert_eq!(
        sent[0].headers,
        [
            "accept: application/json, */*;q=0.5".to_owned(),
            "authorization: Bearer pnu_s3cret".to_owned(),
            format!("user-agent: diptych-runtime/{}", env!("CARGO_PKG_VERSION")),
        ]
    );
    let (results, sent) = both(&script, support::create_flow, same);
    assert_eq!(results.map(Result::unwrap), [3, 3]);
    assert_eq!(sent[0].body, r#"{"name":"etl"}"#);
    let (_, sent) = both(&script, support::delete_with_body, same);
    assert_eq!(sent[0].body, "[1,2]");
    let (_, sent) = both(&script, support::ping, same);
    assert_eq!(sent[0].line, "POST /api/ping HTTP/1.1");
    let framing =
        |header: &&String| header.starts_with("content-") || header.starts_with("transfer-");
    let framing: Vec<&String> = sent[0].headers.iter().filter(framing).collect();
    assert_eq!(framing, ["content-length: 0"]);
}

#[test]
fn a_retry_policy_gives_the_same_sequence() {
    let script = [
        Reply::Answer(503, JSON, "{}"),
        Reply::Answer(200, JSON, "4"),
    ];
    let (results, sent) = both(&script, support::create_flow, |config| {
        config.retry_policy(AfterUnavailable)
    });
    assert_eq!(results.map(Result::unwrap), [4, 4]);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[test]
fn an_error_answer_is_kept_whole() {
    let bodies = [
        (JSON, r#"{"detail":"no"}"#),
        ("text/plain", "no"),
        ("text/html", "<p>"),
        (JSON, ""),
    ];
    for (media_type, body) in bodies {
        for status in [302, 404, 409, 422, 500] {
            let script = [Reply::Answer(status, media_type, body)];
            let (results, sent) = both(&script, support::read_flow, |config| {
                config.max_redirects(0)
            });
            assert_eq!(sent.len(), 1);
            for error in results.map(Result::unwrap_err) {
                assert_eq!(error.status().unwrap().as_u16(), status);
                assert_eq!(error.body(), Some(body.as_bytes()));
                assert_eq!(error.headers().unwrap()["location"], "/other");
                assert_eq!(error.detail().is_some(), body.contains("detail"));
                assert!(!format!("{error} {error:?}").contains("s3cret"));
            }
        }
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_a_decode_error() {
    for (media_type, body) in [("text/html", "<p>"), (JSON, "\"x\""), (JSON, "")] {
        let script = [Reply::Answer(200, media_type, body)];
        let (results, _) = both(&script, support::read_flow, same);
        for error in results.map(Result::unwrap_err) {
            assert!(error.is_decode());
            assert_eq!(error.body(), Some(body.as_bytes()));
            assert_eq!(
                error.to_string().contains("text/html came"),
                media_type == "text/html"
            );
        }
    }
}

#[test]
fn a_deadline_ends_a_call_that_gets_nothing_or_half_a_body() {
    for reply in [Reply::Silence, Reply::Stalled] {
        let (results, _) = both(&[reply], support::read_flow, |config| {
            config.timeout(Duration::from_millis(200))
        });
        for error in results.map(Result::unwrap_err) {
            assert!(error.is_timeout(), "{error:?}");
            assert!(!error.is_connect());
        }
    }
}

#[test]
fn an_answer_that_breaks_off_is_neither_timeout_nor_connect() {
    let (results, _) = both(&[Reply::Broken], support::create_flow, same);
    for error in results.map(Result::unwrap_err) {
        assert!(
            !error.is_timeout() && !error.is_connect() && !error.is_decode(),
            "{error:?}"
        );
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[test]
fn a_body_at_the_limit_is_read_and_a_larger_one_is_refused() {
    let (results, _) = both(
        &[Reply::Answer(200, JSON, "1234")],
        support::read_flow,
        |config| config.max_body(4),
    );
    assert_eq!(results.map(Result::unwrap), [1234, 1234]);
    let (results, _) = both(
        &[Reply::Answer(200, JSON, "12345")],
        support::read_flow,
        |config| config.max_body(4),
    );
    for error in results.map(Result::unwrap_err) {
        assert!(
            error
                .to_string()
                .contains(": the answer is larger than 4 bytes (`max_body`) at http://"),
            "{error}"
        );
    }
}

#[test]
fn no_connection_is_a_connect_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for host in [
        format!("http://{free}"),
        "http://nowhere.invalid".to_owned(),
    ] {
        let config = Config::new(&host).unwrap();
        let blocking = blocking::Client::new(config.clone()).unwrap();
        let asynchronous = asynchronous::Client::new(config).unwrap();
        let results = [
            blocking.execute(support::read_flow()),
            support::block_on(asynchronous.execute(support::read_flow())),
        ];
        for error in results.map(Result::unwrap_err) {
            assert!(error.is_connect() && error.is_retryable(), "{error:?}");
            assert!(std::error::Error::source(&error).is_some());
            assert!(!format!("{error:?}").contains("tags"), "{error:?}");
        }
    }
}

#[test]
fn an_argument_that_cannot_be_sent_reaches_no_server() {
    static READ: Operation = Operation::new("read", Method::GET, "/flows/{id}", "Flows");
    let call = || {
        let mut builder = RequestBuilder::new(&READ);
        builder.path("id", "..");
        builder.answer(read::nothing)
    };
    let (results, sent) = both(&[Reply::Answer(200, JSON, "")], call, same);
    assert!(sent.is_empty());
    assert!(
        results
            .into_iter()
            .all(|result| result.unwrap_err().is_request())
    );
}

/// Answers from memory: 503 first, then 200.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<http::Request<Bytes>>>>);

impl Transport for Memory {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        assert!(deadline.is_some());
        let mut sent = self.0.lock().unwrap();
        sent.push(request.clone());
        let status = if sent.len() == 1 {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        };
        Ok(Answer::new(status, HeaderMap::new(), support::bytes("5")))
    }
}

#[test]
fn a_transport_from_memory_gets_the_same_requests() {
    let memory = Memory::default();
    let config = Config::new("http://host/api")
        .unwrap()
        .transport(memory.clone());
    let client = blocking::Client::new(config.retry_policy(AfterUnavailable)).unwrap();
    assert_eq!(client.execute(support::create_flow()).unwrap(), 5);
    let sent = memory.0.lock().unwrap();
    assert_eq!(sent.len(), 2);
    for request in sent.iter() {
        assert_eq!(request.uri(), "http://host/api/flows/");
        assert_eq!(&request.body()[..], br#"{"name":"etl"}"#);
    }
}

#[test]
fn an_idle_connection_is_used_again() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let client = blocking::Client::new(config(&server)).unwrap();
    for _ in 0..3 {
        client.clone().execute(support::create_flow()).unwrap();
    }
    assert_eq!(server.recorded().len(), 3);
    assert_eq!(server.connections(), 1);
}

/// A server may close it without a word, and then the next request would break off halfway.
#[test]
fn a_connection_is_not_used_again_after_a_server_error() {
    let script = [500, 503, 599, 404].map(|status| Reply::Answer(status, JSON, "1"));
    let call = support::create_flow;
    let blocking = |server: &Server| {
        let client = blocking::Client::new(config(server)).unwrap();
        for _ in &script {
            assert!(client.execute(call()).unwrap_err().status().is_some());
        }
        client.execute(call()).unwrap_err();
    };
    let asynchronous = |server: &Server| {
        let client = asynchronous::Client::new(config(server)).unwrap();
        support::block_on(async {
            for _ in &script {
                assert!(client.execute(call()).await.unwrap_err().status().is_some());
            }
            client.execute(call()).await.unwrap_err();
        });
    };
    for face in [&blocking as &dyn Fn(&Server), &asynchronous] {
        let server = Server::start(script.to_vec());
        face(&server);
        assert_eq!(server.recorded().len(), 5);
        assert_eq!(server.connections(), 4);
    }
}

#[test]
fn clients_and_futures_can_cross_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    fn sendable<T: Send>(_: &T) {}
    let config = Config::new("http://host").unwrap();
    let blocking = blocking::Client::new(config.clone()).unwrap();
    let asynchronous = asynchronous::Client::new(config.clone()).unwrap();
    shared(&config);
    shared(&blocking);
    shared(&asynchronous);
    sendable(&support::read_flow());
    sendable(&asynchronous.execute(support::read_flow()));
}

#[test]
fn clients_show_no_key() {
    let config = Config::new("http://host").unwrap();
    let config = config
        .authorization(&Authorization::Bearer("s3cret".into()))
        .unwrap();
    let blocking = blocking::Client::new(config.clone()).unwrap();
    let asynchronous = asynchronous::Client::new(config).unwrap();
    assert!(!format!("{blocking:?} {asynchronous:?}").contains("s3cret"));
}

#[cfg(not(feature = "rustls"))]
#[test]
fn without_tls_an_https_url_is_refused_before_any_call() {
    let config = Config::new("https://host").unwrap();
    assert!(
        blocking::Client::new(config.clone())
            .unwrap_err()
            .is_config()
    );
    assert!(asynchronous::Client::new(config).unwrap_err().is_config());
}

#[test]
fn many_threads_share_one_client() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let client = blocking::Client::new(config(&server)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(client.execute(support::create_flow()).unwrap(), 1);
                }
            });
        }
    });
    assert_eq!(server.recorded().len(), 160);
    assert!(server.connections() <= 32);
}

#[test]
fn a_blocking_client_is_used_and_dropped_inside_a_runtime() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    support::block_on(async {
        let client = blocking::Client::new(config(&server)).unwrap();
        assert_eq!(client.execute(support::create_flow()).unwrap(), 1);
        drop(client);
    });
}

#[test]
fn an_async_client_outlives_a_runtime() {
    let server = Server::start(vec![Reply::Answer(200, JSON, "1")]);
    let client = asynchronous::Client::new(config(&server)).unwrap();
    for _ in 0..2 {
        let result = support::block_on(client.execute(support::create_flow()));
        assert_eq!(result.unwrap(), 1);
    }
}
