//! The way to a server, the same in both faces: certificates of its own, and proxies.
#![cfg(all(feature = "blocking", feature = "async", feature = "rustls"))]

mod support;

use std::io::{BufReader, Write};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use diptych_runtime::{Config, Error, asynchronous, blocking};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::{Reply, Server};
use test_server::{each_connection, head, tunnels};

/// As `openssl req -x509` makes it: for `localhost`, and an authority.
fn own() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn signed(params: &CertificateParams) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap(), key)
}

/// A server that shows this certificate and says `1` to every request; its port.
fn tls_server(certificate: &Certificate, key: &KeyPair) -> u16 {
    let tls = server_config(certificate, key);
    let port = each_connection(move |stream| {
        let session = ServerConnection::new(Arc::clone(&tls)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(session, stream));
        while let Some(_head) = head(&mut stream) {
            stream.get_mut().write_all(ONE).ok()?;
            stream.get_mut().flush().ok()?;
        }
        None
    });
    port.unwrap()
}

const ONE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n1";

fn server_config(certificate: &Certificate, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(tls)
}

/// A connection on which TLS has a word of its own between two answers stays.
#[test]
fn a_connection_survives_what_tls_says_in_between() {
    let (certificate, key) = signed(&own());
    let tls = server_config(&certificate, &key);
    let (connections, said) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = (Arc::clone(&connections), Arc::clone(&said));
    let port = each_connection(move |stream| {
        counted.0.fetch_add(1, Ordering::SeqCst);
        stream.set_nodelay(true).ok()?;
        let session = ServerConnection::new(Arc::clone(&tls)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(session, stream));
        while let Some(_head) = head(&mut stream) {
            let tls = stream.get_mut();
            tls.write_all(ONE).ok()?;
            tls.flush().ok()?;
            // Behind the answer, and hardly ever together with it.
            thread::sleep(Duration::from_millis(20));
            tls.conn.refresh_traffic_keys().ok()?;
            while tls.conn.wants_write() {
                tls.conn.write_tls(&mut tls.sock).ok()?;
            }
            counted.1.fetch_add(1, Ordering::SeqCst);
        }
        None
    });
    let config = trusting(&certificate, "localhost", port.unwrap());
    let client = blocking::Client::new(config.clone()).unwrap();
    for answered in 1..=3 {
        assert_eq!(client.execute(support::read_flow()).unwrap(), 1);
        while said.load(Ordering::SeqCst) < answered {
            thread::sleep(Duration::from_millis(1));
        }
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1, "blocking");
    let client = asynchronous::Client::new(config).unwrap();
    support::block_on(async {
        for answered in 4..=6 {
            assert_eq!(client.execute(support::read_flow()).await.unwrap(), 1);
            while said.load(Ordering::SeqCst) < answered {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    assert_eq!(connections.load(Ordering::SeqCst), 2, "async");
}

/// What both faces get.
fn both(config: &Config) -> [Result<i64, Error>; 2] {
    let client = asynchronous::Client::new(config.clone()).unwrap();
    [
        blocking::Client::new(config.clone())
            .unwrap()
            .execute(support::read_flow()),
        support::block_on(client.execute(support::read_flow())),
    ]
}

fn works(config: &Config, what: &str) {
    for result in both(config) {
        assert_eq!(
            result.unwrap_or_else(|error| panic!("{what}: {error:?}")),
            1
        );
    }
}

fn is_refused(config: &Config, what: &str) {
    for result in both(config) {
        assert!(result.unwrap_err().is_connect(), "{what}");
    }
}

fn trusting(certificate: &Certificate, host: &str, port: u16) -> Config {
    let config = Config::new(&format!("https://{host}:{port}/api")).unwrap();
    let config = config.root_certificates(certificate.pem().as_bytes());
    config.unwrap().no_proxy()
}

#[test]
fn a_server_s_own_certificate_is_accepted_although_it_is_an_authority_s() {
    let mut by_address = own();
    let address = rcgen::SanType::IpAddress("127.0.0.1".parse().unwrap());
    by_address.subject_alt_names.push(address);
    let mut by_common_name = own();
    by_common_name.subject_alt_names.clear();
    by_common_name
        .distinguished_name
        .push(DnType::CommonName, "LocalHost");
    let mut for_servers = own();
    for_servers.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyCertSign,
    ];
    for_servers.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut no_authority = own();
    no_authority.is_ca = IsCa::ExplicitNoCa;
    let cases = [
        ("plain", own(), "localhost"),
        ("by address", by_address, "127.0.0.1"),
        ("by common name", by_common_name, "localhost"),
        ("for servers", for_servers, "localhost"),
        ("no authority", no_authority, "localhost"),
    ];
    for (what, params, host) in cases {
        let (certificate, key) = signed(&params);
        let port = tls_server(&certificate, &key);
        works(&trusting(&certificate, host, port), what);
    }
}

#[test]
fn a_certificate_that_openssl_would_refuse_is_refused() {
    let other_name = CertificateParams::new(vec!["elsewhere".to_owned()]).unwrap();
    let mut expired = own();
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut not_yet = own();
    not_yet.not_before = date_time_ymd(4000, 1, 1);
    not_yet.not_after = date_time_ymd(4001, 1, 1);
    let mut for_clients = own();
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut for_signing = own();
    for_signing.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let mut common_name_of_other = own();
    common_name_of_other.subject_alt_names.clear();
    let mut common_name_beside_others = own();
    common_name_beside_others.subject_alt_names =
        vec![rcgen::SanType::DnsName("elsewhere".try_into().unwrap())];
    common_name_beside_others
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let authority = |mut params: CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let cases = [
        ("another name", authority(other_name)),
        ("expired", expired),
        ("not yet valid", not_yet),
        ("for clients", for_clients),
        ("for signing", for_signing),
        ("another common name", common_name_of_other),
        ("a common name beside names", common_name_beside_others),
    ];
    for (what, params) in cases {
        let (certificate, key) = signed(&params);
        let port = tls_server(&certificate, &key);
        is_refused(&trusting(&certificate, "localhost", port), what);
    }
    let (certificate, key) = signed(&own());
    let port = tls_server(&certificate, &key);
    let (another, _) = signed(&own());
    is_refused(&trusting(&another, "localhost", port), "another key");
    is_refused(&trusting(&certificate, "127.0.0.1", port), "another host");
    let config = Config::new(&format!("https://localhost:{port}")).unwrap();
    is_refused(&config.no_proxy(), "none given");
}

#[test]
fn what_is_wrong_with_a_file_of_certificates_is_told() {
    let (certificate, _) = signed(&own());
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let end = "-----END CERTIFICATE-----\n";
    let good = certificate.pem();
    let cases = [
        (String::new(), "hold no certificate in PEM"),
        (format!("{begin}AAAA\n"), "can't be read: "),
        (format!("{good}{begin}!\n{end}"), "can't be read: "),
        (
            format!("{good}{begin}AAAA\n{end}"),
            "certificate 2 of 2 can't be used: ",
        ),
    ];
    for (pem, why) in cases {
        let config = Config::new("https://localhost").unwrap();
        let error = config.root_certificates(pem.as_bytes()).unwrap_err();
        assert!(
            error.is_config() && error.to_string().contains(why),
            "{error}"
        );
        assert!(!error.to_string().ends_with(": "), "{error}");
    }
    // What openssl takes: comments, other line ends, keys beside it.
    let key = KeyPair::generate().unwrap().serialize_pem();
    let text = format!("# for tests\r\n{key}\n\n{}", good.replace('\n', "\r\n"));
    let config = Config::new("https://localhost").unwrap();
    config.root_certificates(text.as_bytes()).unwrap();
}

#[test]
fn an_idle_connection_may_be_kept_for_ever() {
    static PANICKED: AtomicBool = AtomicBool::new(false);
    let (here, before) = (thread::current().id(), panic::take_hook());
    panic::set_hook(Box::new(move |panic| {
        PANICKED.fetch_or(thread::current().id() == here, Ordering::SeqCst);
        before(panic);
    }));
    let server = Server::start(vec![Reply::Answer(200, "application/json", "1")]);
    let config = Config::new(&server.url()).unwrap().no_proxy();
    let config = config.idle_timeout(Duration::MAX).timeout(Duration::MAX);
    let client = blocking::Client::new(config.clone()).unwrap();
    let twin = asynchronous::Client::new(config).unwrap();
    for _ in 0..2 {
        assert_eq!(client.execute(support::read_flow()).unwrap(), 1);
    }
    support::block_on(async {
        for _ in 0..2 {
            assert_eq!(twin.execute(support::read_flow()).await.unwrap(), 1);
            // The task that closes idle connections has its turn.
            tokio::task::yield_now().await;
        }
    });
    assert!(!PANICKED.load(Ordering::SeqCst), "in a task of the runtime");
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_proxy_is_told_the_whole_address_and_who_the_client_is() {
    let proxy = Server::start(vec![Reply::Answer(200, "application/json", "1")]);
    let port = proxy.url().rsplit(':').next().unwrap().replace("/api/", "");
    let config = Config::new("http://api.invalid:4200/api").unwrap();
    let config = config
        .proxy(&format!("http://user:s3cr%65t@localhost:{port}"))
        .unwrap();
    works(&config, "in absolute form");
    let asked = proxy.recorded();
    assert_eq!(asked.len(), 2);
    for request in &asked {
        let line = "GET http://api.invalid:4200/api/flows/a%2Fb?tags=x%20y&tags=z HTTP/1.1";
        assert_eq!(request.line, line);
        for header in [
            "host: api.invalid:4200",
            "proxy-authorization: Basic dXNlcjpzM2NyZXQ=",
        ] {
            assert!(request.headers.iter().any(|it| it == header), "{request:?}");
        }
    }
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cr"), "{shown}");
}

#[test]
fn https_goes_through_a_tunnel_and_the_proxy_sees_nothing_else() {
    let (certificate, key) = signed(&own());
    let server = tls_server(&certificate, &key);
    let (proxy, asked) = tunnels().unwrap();
    let config = Config::new(&format!("https://localhost:{server}/api")).unwrap();
    let config = config
        .root_certificates(certificate.pem().as_bytes())
        .unwrap();
    let config = config
        .proxy(&format!("user:s3cret@127.0.0.1:{proxy}"))
        .unwrap();
    works(&config, "through a tunnel");
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    for lines in asked.iter() {
        assert_eq!(lines[0], format!("CONNECT localhost:{server} HTTP/1.1"));
        let lower: Vec<_> = lines.iter().map(|line| line.to_ascii_lowercase()).collect();
        let authorization = "proxy-authorization: basic dxnlcjpzm2nyzxq=";
        assert!(lower.iter().any(|line| line == authorization), "{lines:?}");
    }
}

#[test]
fn a_proxy_that_refuses_is_no_connection_and_shows_no_secret() {
    let proxy = Server::start(vec![Reply::Answer(407, "text/plain", "who are you?")]);
    let port = proxy.url().rsplit(':').next().unwrap().replace("/api/", "");
    let config = Config::new("https://api.invalid/api").unwrap();
    let config = config
        .proxy(&format!("http://user:s3cret@localhost:{port}"))
        .unwrap();
    for result in both(&config) {
        let error = result.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}

#[test]
fn what_is_no_proxy_is_refused_and_not_shown() {
    for bad in [
        "socks5://user:s3cret@host:1",
        "http://user:s3cret@",
        "http://s3cret:x",
        "http://user:s3cret/1@host:1",
        "user:s3cret#1@host:1",
    ] {
        let config = Config::new("http://host").unwrap();
        let error = config.proxy(bad).unwrap_err();
        assert!(error.is_config());
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}
