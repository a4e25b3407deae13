use std::io::{BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::IsCa;
use rustls::{ServerConnection, StreamOwned};
use test_server::each_connection;

use super::address::Address;
use super::*;
use crate::own_certificate::own_certificate;

/// A number behind its mark, and the end of the line.
fn number(reader: &mut impl BufRead, mark: char) -> Option<usize> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    line.trim_end().strip_prefix(mark)?.parse().ok()
}

/// A command as the protocol has it: texts, each with its length.
fn command(reader: &mut impl BufRead) -> Option<Vec<Vec<u8>>> {
    let parts = number(reader, '*')?;
    let part = |reader: &mut _| {
        let length = number(reader, '$')?;
        let mut part = vec![0; length + 2];
        Read::read_exact(reader, &mut part).ok()?;
        part.truncate(length);
        Some(part)
    };
    (0..parts).map(|_| part(reader)).collect()
}

/// Answers each command of a connection by `answer`, and closes the connection where that gives nothing.
fn serve(stream: impl Read + Write, answer: impl Fn(&[Vec<u8>]) -> Option<String>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let command = command(&mut stream)?;
        let answer = answer(&command)?;
        stream.get_mut().write_all(answer.as_bytes()).ok()?;
        stream.get_mut().flush().ok()?;
    }
}

fn one(part: &str) -> String {
    format!("${}\r\n{part}\r\n", part.len())
}

/// A server whose connections are numbered.
fn server(
    answer: impl Fn(usize, &[Vec<u8>]) -> Option<String> + Clone + Send + Sync + 'static,
) -> u16 {
    let connections = Arc::new(AtomicUsize::new(0));
    let port = each_connection(move |stream| {
        let connection = connections.fetch_add(1, Ordering::SeqCst);
        serve(stream, |command| answer(connection, command))
    });
    port.unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn at(port: u16, options: &str) -> RedisStorageContainer {
    let text = format!("redis://user:s3cret@127.0.0.1:{port}/{options}");
    RedisStorageContainer::from_connection_string(text)
}

fn shown(block: &RedisStorageContainer) -> Result<String, Error> {
    Address::of(block).map(|address| address.to_string())
}

#[test]
fn connection_strings_say_where_the_server_is() {
    for (text, expected) in [
        ("redis://host", "redis://host:6379/0"),
        ("redis://host:7/2", "redis://host:7/2"),
        ("redis://:p%40ss@host/2?db=3", "redis://host:6379/3"),
        ("redis://user:p@[::1]:7", "redis://::1:7/0"),
        (
            "rediss://host?ssl_cert_reqs=required",
            "rediss://host:6379/0",
        ),
        (
            "unix:///run/redis%20a.sock?db=1",
            "unix:///run/redis a.sock?db=1",
        ),
        ("unix://user:p@/redis.sock?db=1", "unix:///redis.sock?db=1"),
        (
            "redis://host?max_connections=3&health_check_interval=1",
            "redis://host:6379/0",
        ),
        ("redis://host?socket_timeout=1e300", "redis://host:6379/0"),
    ] {
        let block = RedisStorageContainer::from_connection_string(text);
        assert_eq!(shown(&block).unwrap(), expected, "{text}");
    }
    let host = RedisStorageContainer::from_host("host").port(7).db(2);
    assert_eq!(shown(&host).unwrap(), "redis://host:7/2");
}

#[test]
fn what_can_t_be_used_is_named_without_secrets() {
    for (text, expected) in [
        ("s3cret", "no URL"),
        ("http://:s3cret@host", "its scheme is `http`"),
        ("redis://:s3cret@", "URL"),
        ("redis:///2", "names no host"),
        ("unix://", "names no socket"),
        ("redis://:s3cret@host/x", "its database is no number"),
        ("redis://:s3cret@host/-1", "no database -1"),
        (
            "redis://:s3cret@host?decode_responses=s3cret",
            "`decode_responses`",
        ),
        (
            "redis://:s3cret@host?socket_timeout=s3cret",
            "`socket_timeout`",
        ),
        (
            "redis://:s3cret@host?socket_timeout=NaN",
            "`socket_timeout`",
        ),
        (
            "rediss://:s3cret@host?ssl_cert_reqs=none",
            "`ssl_cert_reqs`",
        ),
        (
            "rediss://:s3cret@host?ssl_ca_certs=/nowhere",
            "`ssl_ca_certs`",
        ),
        ("rediss://:s3cret@host?protocol=s3cret", "`protocol`"),
    ] {
        let block = RedisStorageContainer::from_connection_string(text);
        let error = block.read_path("a").unwrap_err();
        let shown = format!("{error} {error:?} {block:?}");
        assert!(error.to_string().contains(expected), "{text}: {error}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    let nowhere = RedisStorageContainer::from_host("");
    assert!(
        nowhere
            .read_path("a")
            .unwrap_err()
            .to_string()
            .contains("`host`")
    );
    let nobody = RedisStorageContainer::from_host("host").username("user");
    let error = nobody.read_path("a").unwrap_err();
    assert!(
        error.is_invalid() && error.to_string().contains("`password`"),
        "{error}"
    );
}

/// Each connection answers twice: to who asks, and to one question.
fn closing() -> u16 {
    let asked = Arc::new(AtomicUsize::new(0));
    server(move |_, command| match &command[0][..] {
        b"AUTH" => {
            asked.store(0, Ordering::SeqCst);
            assert_eq!(command[1..], [b"user".to_vec(), b"s3cret".to_vec()]);
            Some("+OK\r\n".to_owned())
        }
        b"GET" if asked.fetch_add(1, Ordering::SeqCst) == 0 => Some(one("value")),
        _ => None,
    })
}

#[test]
fn a_connection_that_was_closed_is_made_anew() {
    let block = at(closing(), "");
    for _ in 0..3 {
        assert_eq!(block.read_path("a").unwrap(), b"value");
    }
    let block = at(closing(), "");
    run(async {
        for _ in 0..3 {
            assert_eq!(block.aread_path("a").await.unwrap(), b"value");
        }
    });
    // Another runtime does not wait for one that is gone.
    assert_eq!(run(block.aread_path("a")).unwrap(), b"value");
}

#[test]
fn one_connection_is_used_by_one_call_after_the_other() {
    let port = server(|connection, command| match &command[0][..] {
        b"GET" => Some(one(&connection.to_string())),
        _ => Some("+OK\r\n".to_owned()),
    });
    let block = at(port, "");
    for _ in 0..3 {
        assert_eq!(block.read_path("a").unwrap(), b"0");
        assert_eq!(block.clone().write_path("a", "b").unwrap(), "a");
    }
    run(async {
        for _ in 0..3 {
            assert_eq!(block.aread_path("a").await.unwrap(), b"1");
        }
    });
}

#[test]
fn what_a_server_says_is_told_apart() {
    for (answer, is) in [
        ("$-1\r\n", Error::is_not_found as fn(&Error) -> bool),
        ("-NOAUTH who\r\n", Error::is_refused),
        ("-WRONGPASS s3cret\r\n", Error::is_refused),
        ("-NOPERM no\r\n", Error::is_refused),
        ("-WRONGTYPE a list\r\n", Error::is_storage),
        ("-OOM no memory\r\n", Error::is_storage),
        (":3\r\n*\u{1b}", Error::is_storage),
    ] {
        let port = server(move |_, command| match &command[0][..] {
            b"AUTH" => Some("+OK\r\n".to_owned()),
            _ => Some(answer.to_owned()),
        });
        let block = at(port, "");
        for error in [
            block.read_path("a key").unwrap_err(),
            run(block.aread_path("a key")).unwrap_err(),
        ] {
            let shown = format!("{error} {error:?}");
            assert!(is(&error), "{answer:?}: {shown}");
            assert!(
                shown.contains("a key") && !shown.contains("s3cret"),
                "{shown}"
            );
        }
    }
}

#[test]
fn nobody_waits_for_a_server_that_says_nothing() {
    let port = server(|_, command| {
        if command[0] != b"AUTH" {
            std::thread::park();
        }
        Some("+OK\r\n".to_owned())
    });
    let block = at(port, "?socket_timeout=0.1");
    for error in [
        block.read_path("a").unwrap_err(),
        block.write_path("a", "b").unwrap_err(),
        run(block.aread_path("a")).unwrap_err(),
    ] {
        assert!(error.is_timeout(), "{error:?}");
    }
    // Nor for one that does not even say hello.
    let port = server(|_, _| {
        std::thread::park();
        None
    });
    let block = at(port, "?socket_connect_timeout=0.1");
    for error in [
        block.read_path("a").unwrap_err(),
        run(block.aread_path("a")).unwrap_err(),
    ] {
        assert!(error.is_timeout(), "{error:?}");
    }
}

#[test]
fn nobody_there_is_said_so() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let block = at(port, "");
    for error in [
        block.read_path("a").unwrap_err(),
        run(block.aread_path("a")).unwrap_err(),
    ] {
        assert!(error.is_connect(), "{error:?}");
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
}

#[test]
fn a_server_with_tls_is_verified() {
    let (tls, certificate) = own_certificate(IsCa::NoCa);
    let port = each_connection(move |stream| {
        let session = ServerConnection::new(Arc::clone(&tls)).ok()?;
        serve(StreamOwned::new(session, stream), |command| {
            Some(if command[0] == b"GET" {
                one("value")
            } else {
                "+OK\r\n".to_owned()
            })
        })
    });
    let port = port.unwrap();
    let ca = std::env::temp_dir().join(format!("redis-ca-{}.pem", uuid::Uuid::new_v4()));
    std::fs::write(&ca, certificate).unwrap();
    let text = format!("rediss://localhost:{port}?ssl_ca_certs={}", ca.display());
    let block = RedisStorageContainer::from_connection_string(text);
    block.write_path("a", "value").unwrap();
    assert_eq!(block.read_path("a").unwrap(), b"value");
    assert_eq!(run(block.aread_path("a")).unwrap(), b"value");
    std::fs::remove_file(ca).unwrap();
    // Who is connected needs no certificates.
    assert_eq!(block.read_path("a").unwrap(), b"value");
    let error = run(block.aread_path("a")).unwrap_err();
    assert!(
        error.is_not_found() && error.to_string().contains("`ssl_ca_certs`"),
        "{error}"
    );
    let unknown = format!("rediss://localhost:{port}");
    let block = RedisStorageContainer::from_connection_string(unknown);
    for error in [
        block.read_path("a").unwrap_err(),
        run(block.aread_path("a")).unwrap_err(),
    ] {
        assert!(error.is_connect(), "{error:?}");
    }
}
