//! TLS where the process has no default provider: hazard 26. This package builds rustls as it is where two providers
//! are linked, so that asking for the default would panic.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use prefect_client::{Config, Error};
use prefect_hazards::{Warnings, asynchronous, blocking, config, current_thread};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A server with a certificate of its own for `localhost`, and that certificate as PEM.
fn server() -> (String, String) {
    let CertifiedKey { cert, signing_key } = own_certificate();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let tls = Arc::new(tls);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}/api",
        listener.local_addr().unwrap().port()
    );
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = ServerConnection::new(Arc::clone(&tls)).unwrap();
            thread::spawn(move || answer(StreamOwned::new(tls, stream)));
        }
    });
    (url, cert.pem())
}

fn own_certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
}

/// Says `true` to every request, until the client goes away or refuses the certificate.
fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            head.extend(byte);
        }
        let text =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\ntrue";
        stream.write_all(text).ok()?;
        stream.flush().ok()?;
    }
}

/// What both faces get, twice each.
fn both(config: &Config) -> [Result<bool, Error>; 4] {
    let (client, other) = (blocking(config.clone()), asynchronous(config.clone()));
    let runtime = current_thread();
    [
        client.health_check(),
        client.health_check(),
        runtime.block_on(other.health_check()),
        runtime.block_on(other.health_check()),
    ]
}

fn no_provider_is_the_default() {
    assert!(CryptoProvider::get_default().is_none());
    // What others do, and what panics then, without any client.
    let others = std::panic::catch_unwind(rustls::ClientConfig::builder);
    assert!(
        others.is_err(),
        "a default provider is taken from the features"
    );
}

#[test]
fn hazard_26_https_needs_no_default_provider() {
    no_provider_is_the_default();
    let (url, pem) = server();
    let config = config(&url).root_certificates(pem.as_bytes()).unwrap();
    assert!(both(&config).into_iter().all(|result| result.unwrap()));
    assert!(CryptoProvider::get_default().is_none(), "and sets none");
}

#[test]
fn hazard_26_an_unknown_certificate_is_a_typed_error() {
    no_provider_is_the_default();
    let (url, _) = server();
    let other_root = own_certificate().cert.pem();
    let default_roots = config(&url);
    let other_root = default_roots
        .clone()
        .root_certificates(other_root.as_bytes());
    for config in [default_roots, other_root.unwrap()] {
        for error in both(&config).map(Result::unwrap_err) {
            assert!(error.is_connect() && !error.is_timeout(), "{error:?}");
        }
    }
}

#[test]
fn hazard_26_to_accept_every_certificate_works_and_warns() {
    no_provider_is_the_default();
    let (url, _) = server();
    let warnings = Warnings::default();
    let config = config(&url).danger_accept_invalid_certificates();
    let results = warnings.within(|| both(&config));
    assert!(results.into_iter().all(|result| result.unwrap()));
    let texts = warnings.take();
    assert_eq!(texts.len(), 2, "one for each client: {texts:?}");
    assert!(
        texts
            .iter()
            .all(|text| text.contains("certificates are not verified"))
    );
}
