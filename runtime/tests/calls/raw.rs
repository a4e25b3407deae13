//! Answers byte for byte, which both faces must judge alike.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{
    CallOptions, Config, Error, Operation, Progress, TransportErrorKind, asynchronous, blocking,
};
use http::Method;

use crate::failures::listen;
use crate::{both, errors, support};

static EXPORT: Operation = Operation::new("export", Method::GET, "/export", "Flows");

/// As much as a client of these tests takes.
const MAX_BODY: u64 = 1024;

/// Answers each request with these bytes, and closes the connection.
fn config(answer: impl Into<Vec<u8>>) -> Config {
    let answer = answer.into();
    let port = listen(move |mut stream| {
        if head_comes(&mut stream) {
            drop(stream.write_all(&answer));
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(stream.read_to_end(&mut Vec::new()));
        }
    });
    let config = Config::new(&format!("http://127.0.0.1:{port}")).unwrap();
    config
        .no_proxy()
        .timeout(Duration::from_mins(1))
        .max_body(MAX_BODY)
}

fn head_comes(stream: &mut TcpStream) -> bool {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}

fn told(answer: &str) -> [Error; 2] {
    errors(&config(answer), support::read_flow)
}

fn answer(headers: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n1")
}

#[test]
fn a_length_beyond_the_limit_is_too_large_before_anything_of_it_comes() {
    let (beyond, most) = (MAX_BODY + 1, u64::MAX - 2);
    for length in [beyond, u64::MAX / 2, most] {
        for error in told(&answer(&format!("content-length: {length}"))) {
            let kind = TransportErrorKind::BodyTooLarge(MAX_BODY);
            assert_eq!(error.transport_kind(), Some(kind), "{length}: {error}");
        }
    }
    for length in [most + 1, u64::MAX] {
        for error in told(&answer(&format!("content-length: {length}"))) {
            let kind = TransportErrorKind::Interrupted;
            assert_eq!(error.transport_kind(), Some(kind), "{length}: {error}");
        }
    }
}

#[test]
fn a_head_is_too_large_for_both_faces_alike() {
    let with_head_of = |bytes: usize| {
        let (begin, end) = ("x: ", "\r\ncontent-length: 1");
        let length = bytes - answer(&format!("{begin}{end}")).len() + 1;
        answer(&format!("{begin}{}{end}", "a".repeat(length)))
    };
    let most = 32 * 1024 - 1;
    let config = config(with_head_of(most));
    for read in both(&config, &CallOptions::new(), support::read_flow) {
        assert_eq!(read.unwrap(), 1);
    }
    for bytes in [most + 1, 100_000, 400_000] {
        for error in told(&with_head_of(bytes)) {
            let kind = error.transport_kind();
            assert_eq!(kind, Some(TransportErrorKind::Interrupted), "{error}");
            assert_eq!(error.progress(), Progress::MayBeExecuted);
            let why = "the answer's head has 32768 bytes or more";
            assert!(error.to_string().ends_with(why), "{bytes}: {error}");
        }
    }
}

/// What comes of a stream before it ends, and the error that it ends with.
fn streamed(config: &Config) -> [(Vec<u8>, Error); 2] {
    let call = || RequestBuilder::new(&EXPORT).answer(read::bytes);
    let client = blocking::Client::new(config.clone()).unwrap();
    let mut first = (Vec::new(), None);
    for chunk in client.stream_bytes(call()).unwrap() {
        match chunk {
            Ok(chunk) => first.0.extend(chunk),
            Err(error) => first.1 = Some(error),
        }
    }
    let client = asynchronous::Client::new(config.clone()).unwrap();
    let second = support::block_on(async {
        let mut stream = client.stream_bytes(call()).await.unwrap();
        let mut second = (Vec::new(), None);
        while let Some(chunk) = stream.anext().await {
            match chunk {
                Ok(chunk) => second.0.extend(chunk),
                Err(error) => second.1 = Some(error),
            }
        }
        second
    });
    [first, second].map(|(came, error)| (came, error.unwrap()))
}

#[test]
fn a_stream_that_breaks_off_or_is_silent_names_the_address_and_the_limit() {
    let cut = config(answer("content-length: 5"));
    for (came, error) in streamed(&cut) {
        assert_eq!(came, b"1");
        assert_eq!(
            error.transport_kind(),
            Some(TransportErrorKind::Interrupted)
        );
        let address = cut.base_url();
        let told = format!("the exchange with {address} broke off: ");
        assert!(error.to_string().contains(&told), "{error}");
    }
    let silent = listen(|mut stream| {
        if head_comes(&mut stream) {
            drop(stream.write_all(answer("content-length: 5").as_bytes()));
            drop(stream.read_to_end(&mut Vec::new()));
        }
    });
    let silent = Config::new(&format!("http://127.0.0.1:{silent}")).unwrap();
    let silent = silent.no_proxy().timeout(Duration::from_secs(1));
    for (came, error) in streamed(&silent) {
        assert_eq!(came, b"1");
        let address = silent.base_url();
        let told = format!("the deadline passed at {address}; nothing came for 1s, which");
        assert!(
            error.is_timeout() && error.to_string().contains(&told),
            "{error}"
        );
    }
}
