//! Clients say who they are as the description says, and addresses are made of its servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diptych_cases::access::{AsyncClient, Client, requests, security, servers};
use diptych_runtime::{CallOptions, Config, Error, Secret};
use test_server::Request;

use crate::{nothing, on_tokio, plain, server};

/// What a client sends with a configuration that is made of the server's: the same in both faces.
fn sent(make: impl Fn(Config) -> Result<Config, Error>) -> Request {
    let request = requests::Things::new().page(2).seen("yes");
    let (recorded, config) = server(&nothing());
    let client = Client::from_config(make(config).unwrap()).unwrap();
    client.things_with(&request).unwrap();
    let mut sent = plain(recorded.take());
    let also_sent = on_tokio(async {
        let (recorded, config) = server(&nothing());
        let client = AsyncClient::from_config(make(config).unwrap()).unwrap();
        client.things_with(&request).await.unwrap();
        plain(recorded.take())
    });
    assert_eq!(sent, also_sent);
    sent.remove(0)
}

#[test]
fn a_client_says_who_it_is_by_each_scheme() {
    let request = sent(|config| security::token(config, "t"));
    assert_eq!(request.header("authorization"), Some("Bearer t"));
    let request = sent(|config| security::basic_auth(config, "u", "p:q"));
    assert_eq!(request.header("authorization"), Some("Basic dTpwOnE="));
    let request = sent(|config| security::key_in_header(config, "k"));
    assert_eq!(request.header("x-key"), Some("k"));
    let request = sent(|config| security::key_in_query(config, "k&1"));
    assert_eq!(request.target, "/api/things?page=2&api%20key=k%261");
    let request = sent(|config| security::key_in_cookie(config, "k;1"));
    assert_eq!(request.header("cookie"), Some("seen=yes; sid=k%3B1"));
    let all = |config| security::key_in_header(security::token(config, "t")?, "k");
    let request = sent(all);
    assert_eq!(request.header("authorization"), Some("Bearer t"));
    assert_eq!(request.header("x-key"), Some("k"));
}

#[test]
fn a_token_is_asked_for_each_time() {
    let provider = || {
        let count = Arc::new(AtomicUsize::new(0));
        move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            Ok(Secret::from(format!("t{number}")))
        }
    };
    let tokens = |sent: &[Request]| {
        let tokens = sent.iter().map(|request| request.header("authorization"));
        tokens
            .map(|token| token.map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let expected = [Some("Bearer t0".to_owned()), Some("Bearer t1".to_owned())];
    let (recorded, config) = server(&nothing());
    let client = Client::with_flow(config, provider()).unwrap();
    client.things().unwrap();
    client.with_token_2().unwrap();
    assert_eq!(tokens(&recorded.take()), expected);
    let sent = on_tokio(async {
        let (recorded, config) = server(&nothing());
        let client = AsyncClient::with_flow(config, provider()).unwrap();
        client.things().await.unwrap();
        client.with_token_2().await.unwrap();
        recorded.take()
    });
    assert_eq!(tokens(&sent), expected);
}

#[test]
fn who_asks_may_be_said_by_open_id_connect() {
    let request = sent(|config| security::identity(config, || Ok(Secret::from("id"))));
    assert_eq!(request.header("authorization"), Some("Bearer id"));
    let (recorded, config) = server(&nothing());
    let client = Client::with_identity(config, || Ok(Secret::from("id"))).unwrap();
    client.things().unwrap();
    assert_eq!(
        recorded.take()[0].header("authorization"),
        Some("Bearer id")
    );
}

#[test]
fn a_call_goes_to_its_own_server_which_has_variables() {
    let described = servers::With::new();
    assert_eq!(described.url(), "http://with.example.com/live");
    let url = |recorded: &test_server::Server| {
        let address = recorded.url();
        let host = address.strip_prefix("http://").unwrap();
        let host = host.split('/').next().unwrap();
        servers::With::new().host(host).stage("test").url()
    };
    let (one, config) = server(&nothing());
    let (other, _) = server(&nothing());
    let client = Client::from_config(config.clone()).unwrap();
    let there = CallOptions::new().server(&url(&other));
    client.with(there).with_token_2().unwrap();
    assert_eq!(other.take()[0].target, "/test/with");
    let sent = on_tokio(async {
        let (other, _) = server(&nothing());
        let client = AsyncClient::from_config(config).unwrap();
        let there = CallOptions::new().server(&url(&other));
        client.with(there).with_token_2().await.unwrap();
        other.take()
    });
    assert_eq!(sent[0].target, "/test/with");
    assert!(one.take().is_empty());
}

#[test]
fn a_call_s_own_authorization_goes_before_the_token() {
    let provider = || Ok(Secret::from("provided"));
    let own = CallOptions::new().header("authorization", "Bearer own");
    let (recorded, config) = server(&nothing());
    let client = Client::with_flow(config, provider).unwrap();
    client.with(own.clone()).things().unwrap();
    let sent = recorded.take();
    assert_eq!(sent[0].header("authorization"), Some("Bearer own"));
    let sent = on_tokio(async {
        let (recorded, config) = server(&nothing());
        let client = AsyncClient::with_flow(config, provider).unwrap();
        client.with(own).things().await.unwrap();
        recorded.take()
    });
    assert_eq!(sent[0].header("authorization"), Some("Bearer own"));
}

#[test]
fn a_call_goes_to_the_server_that_it_says() {
    let (one, config) = server(&nothing());
    let (other, _) = server(&nothing());
    let there = CallOptions::new().server(&format!("{}/v9", other.url()));
    let client = Client::from_config(config.clone()).unwrap();
    client.with(there.clone()).things().unwrap();
    let client = AsyncClient::from_config(config).unwrap();
    let (other_too, _) = server(&nothing());
    let there_too = there.server(&other_too.url());
    on_tokio(async { client.with(there_too).things().await.unwrap() });
    assert!(one.take().is_empty());
    assert_eq!(other.take()[0].target, "/api/v9/things");
    assert_eq!(other_too.take()[0].target, "/api/things");
}

#[test]
fn without_a_token_nothing_is_sent() {
    let (recorded, config) = server(&nothing());
    let client = Client::with_flow(config, || Err("the well is dry".into())).unwrap();
    let error = client.things().unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert!(recorded.take().is_empty());
    let (_recorded, config) = server(&nothing());
    assert!(Client::with_token(config, "two\nlines").is_err());
}

#[test]
fn a_key_is_never_shown() {
    let (_recorded, config) = server(&nothing());
    let config = security::key_in_query(config, "hush").unwrap();
    let config = security::key_in_cookie(config, "hush").unwrap();
    let config = security::key_in_header(config, "hush").unwrap();
    let shown = format!("{config:?}");
    let client = Client::from_config(config).unwrap();
    assert!(!format!("{shown}{client:?}").contains("hush"));
    let closed = Config::new("http://127.0.0.1:1").unwrap();
    let client = Client::with_key_in_query(closed, "hush").unwrap();
    let error = client.things().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"));
}

#[test]
fn addresses_are_those_of_the_description() {
    let production = servers::Production::new();
    assert_eq!(production.url(), "https://eu.example.com:8443/v1");
    let other = production.region("us").port("443");
    assert_eq!(other.url(), "https://us.example.com:443/v1");
    assert_eq!(servers::SERVER, "http://localhost:8080");
    let described_at = "https://example.com/docs/openapi.json";
    assert_eq!(
        servers::here(described_at).unwrap(),
        "https://example.com/v2"
    );
    assert!(servers::here("/docs/openapi.json").is_err());
    let beside = servers::Beside::new().zone("b");
    assert_eq!(
        beside.url(described_at).unwrap(),
        "https://example.com/b/v3"
    );
    assert_eq!(servers::Braces::new().url(), "https://example.org/{ac");
    assert_eq!(servers::THINGS, "https://things.example.com");
}
