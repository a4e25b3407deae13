//! Answers that come while the request is still being sent, in both faces and with either kind of body.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{Call, CallOptions, Config, File, Operation};
use http::Method;
use rustls::{ServerConnection, StreamOwned};

use crate::errors;
use crate::failures::{listen, listen_through_tls};

static PUT: Operation = Operation::new("put_file", Method::PUT, "/file", "Files");

/// More than any buffer on the way holds.
const LARGE: usize = 24 * 1024 * 1024;

const REFUSAL: &[u8] =
    b"HTTP/1.1 413 Payload Too Large\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n{\"detail\":\"large\"}";

/// How a server goes on that has read the begin of a request.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// It refuses it, and closes the connection.
    Closes,
    /// It refuses it, and reads no more.
    ReadsNoMore,
    /// The same, once nothing more can be written to it.
    Waits,
}

fn in_memory() -> Call<i64> {
    let mut request = RequestBuilder::new(&PUT);
    request.multipart(|parts| parts.files("file", "text/plain", [&File::new(vec![b'x'; LARGE])]));
    request.answer(read::json)
}

/// Of no length that is known.
fn from_a_source() -> Call<i64> {
    let mut request = RequestBuilder::new(&PUT);
    let source = File::from_reader(std::io::repeat(b'x').take(LARGE as u64));
    request.multipart(|parts| parts.files("file", "text/plain", [&source]));
    request.answer(read::json)
}

fn refuse(mut stream: impl Read + Write, then: Then) {
    let mut head = [0; 1024];
    drop(stream.read(&mut head));
    if let Then::Waits = then {
        std::thread::sleep(Duration::from_millis(500));
    }
    drop(stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n"));
    drop(stream.write_all(REFUSAL));
    drop(stream.flush());
    if !matches!(then, Then::Closes) {
        // Longer than any call of these tests takes.
        std::thread::sleep(Duration::from_mins(1));
    }
}

fn is_told(config: &Config, then: Then) {
    // So long that nothing ends by it unless it hangs.
    let config = config.clone().timeout(Duration::from_secs(40));
    for call in [in_memory, from_a_source] {
        for (face, error) in ["blocking", "async"].iter().zip(errors(&config, call)) {
            let what = format!("{face}, {then:?}: {error:?}");
            assert!(!error.is_timeout(), "{what}");
            // hyper may write where it could read, and loses the answer of who has closed the connection by then.
            let is_lost = *face == "async" && error.status().is_none();
            if is_lost && matches!(then, Then::Closes) {
                continue;
            }
            assert_eq!(
                error.status().map(|status| status.as_u16()),
                Some(413),
                "{what}"
            );
            assert!(error.to_string().contains("large"), "{error}");
        }
    }
}

#[test]
fn a_refusal_is_heard_before_all_is_sent() {
    for then in [Then::Closes, Then::ReadsNoMore, Then::Waits] {
        let port = listen(move |stream: TcpStream| {
            stream.set_nodelay(true).unwrap();
            refuse(stream, then);
        });
        let config = Config::new(&format!("http://127.0.0.1:{port}")).unwrap();
        is_told(&config, then);
    }
}

/// What serves through TLS, and a configuration that trusts it.
fn through_tls(
    serve: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + Sync + 'static,
) -> Config {
    let (port, certificate) = listen_through_tls(serve);
    let config = Config::new(&format!("https://localhost:{port}")).unwrap();
    config.root_certificates(certificate.as_bytes()).unwrap()
}

#[test]
fn a_refusal_is_heard_through_tls() {
    for then in [Then::Closes, Then::ReadsNoMore, Then::Waits] {
        is_told(&through_tls(move |stream| refuse(stream, then)), then);
    }
}

/// Counts what comes, with a pause after the begin of it, and says how much that was.
fn count(mut stream: impl Read + Write) {
    let mut buffer = vec![0; 1 << 20];
    let mut counted = stream.read(&mut buffer).unwrap_or_default();
    drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n"));
    std::thread::sleep(Duration::from_millis(500));
    while counted < LARGE {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => counted += read,
            _ => return,
        }
    }
    drop(stream.write_all(format!("{LARGE:8}").as_bytes()));
    drop(stream.flush());
    drop(stream.read_to_end(&mut buffer));
}

/// One that is a success may come before the server has all that it is made from.
#[test]
fn a_success_that_begins_early_ends_no_request() {
    let port = listen(count);
    let plain = Config::new(&format!("http://127.0.0.1:{port}")).unwrap();
    for config in [plain, through_tls(count)] {
        let config = config.timeout(Duration::from_secs(40));
        for call in [in_memory, from_a_source] {
            for counted in crate::both(&config, &CallOptions::new(), call) {
                assert_eq!(counted.unwrap(), i64::try_from(LARGE).unwrap());
            }
        }
    }
}
