//! TLS does not depend on the provider that the process has by default.
#![cfg(all(feature = "blocking", feature = "async", feature = "rustls"))]

mod support;

use std::net::TcpListener;

use diptych_runtime::{Config, asynchronous, blocking};

/// Accepts one connection and ends it, so that the handshake begins and fails.
fn rude_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
        }
    });
    format!("https://{address}")
}

#[test]
fn without_a_default_provider_a_handshake_begins_and_fails_typed() {
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    let config = Config::new(&rude_server()).unwrap();
    let blocking = blocking::Client::new(config.clone()).unwrap();
    let asynchronous = asynchronous::Client::new(config).unwrap();
    let results = [
        blocking.execute(support::read_flow()),
        support::block_on(asynchronous.execute(support::read_flow())),
    ];
    for error in results.map(Result::unwrap_err) {
        assert!(error.is_connect(), "{error:?}");
    }
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
