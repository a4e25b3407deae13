//! Transports of the user's own: each request goes through them, with its operation.
#![cfg(all(feature = "blocking", feature = "async"))]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use diptych_runtime::asynchronous::{BoxFuture, ReqwestTransport, reqwest};
use diptych_runtime::blocking::HttpTransport;
use diptych_runtime::{Answer, Bytes, Config, Operation, TransportError, asynchronous, blocking};
use http::HeaderMap;
use http::header::HeaderValue;
use support::{AfterUnavailable, Reply, Server};

const JSON: &str = "application/json";

/// Says its name in a header, and keeps those of the operations.
struct Named<T> {
    below: T,
    seen: Arc<Mutex<Vec<&'static str>>>,
}

impl<T> Named<T> {
    fn around(below: T) -> (Self, Arc<Mutex<Vec<&'static str>>>) {
        let seen = Arc::default();
        let named = Self {
            below,
            seen: Arc::clone(&seen),
        };
        (named, seen)
    }

    fn mark(&self, request: &mut http::Request<Bytes>) {
        let operation = request.extensions().get::<&'static Operation>().unwrap();
        self.seen.lock().unwrap().push(operation.name());
        let name = HeaderValue::from_static("named");
        request.headers_mut().insert("x-transport", name);
    }
}

impl<T: blocking::Transport> blocking::Transport for Named<T> {
    fn send(
        &self,
        mut request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        self.mark(&mut request);
        self.below.send(request, deadline)
    }
}

impl<T: asynchronous::Transport> asynchronous::Transport for Named<T> {
    fn send(
        &self,
        mut request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        self.mark(&mut request);
        self.below.send(request, deadline)
    }
}

fn server() -> (Server, Config) {
    let script = [
        Reply::Answer(503, JSON, "{}"),
        Reply::Answer(200, JSON, "3"),
    ];
    let server = Server::start(script.to_vec());
    let config = Config::new(&server.url()).unwrap();
    (server, config.retry_policy(AfterUnavailable))
}

fn has_header(server: &Server, header: &str) {
    let recorded = server.recorded();
    assert_eq!(recorded.len(), 2);
    for request in recorded {
        assert!(
            request.headers.iter().any(|sent| sent == header),
            "{request:?}"
        );
    }
}

#[test]
fn each_attempt_goes_through_the_user_s_transport_with_its_operation() {
    let (server, config) = self::server();
    let (named, seen) = Named::around(HttpTransport::new(&config).unwrap());
    let client = blocking::Client::new(config.transport(named)).unwrap();
    assert_eq!(client.execute(support::create_flow()).unwrap(), 3);
    assert_eq!(*seen.lock().unwrap(), ["create_flow"; 2]);
    has_header(&server, "x-transport: named");

    let (server, config) = self::server();
    let (named, seen) = Named::around(ReqwestTransport::new(&config).unwrap());
    let client = asynchronous::Client::new(config.async_transport(named)).unwrap();
    let result = support::block_on(client.execute(support::create_flow()));
    assert_eq!(result.unwrap(), 3);
    assert_eq!(*seen.lock().unwrap(), ["create_flow"; 2]);
    has_header(&server, "x-transport: named");
}

#[test]
fn a_client_of_reqwest_s_own_sends_the_requests() {
    let (server, config) = self::server();
    let mut headers = HeaderMap::new();
    headers.insert("x-reqwest", HeaderValue::from_static("mine"));
    let http: reqwest::Client = ReqwestTransport::client_builder(&config)
        .unwrap()
        .default_headers(headers)
        .build()
        .unwrap();
    let transport = ReqwestTransport::with_client(http, &config);
    let client = asynchronous::Client::new(config.async_transport(transport)).unwrap();
    let result = support::block_on(client.execute(support::create_flow()));
    assert_eq!(result.unwrap(), 3);
    has_header(&server, "x-reqwest: mine");
}
