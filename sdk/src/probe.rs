//! Answers over HTTP how this program is: what orchestrators ask again and again.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::deadline::Deadline;

/// How long somebody has to ask, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a question may be.
const LONGEST: usize = 8 * 1024;
/// How many are answered at once: others are told nothing.
const AT_ONCE: usize = 32;

/// What is answered: the code of HTTP, and JSON.
pub(crate) type Answer = (u16, Value);

/// Answers `GET` of paths that it knows, on threads of its own, until it is dropped. Nothing is changed by what is asked.
pub(crate) struct Probe {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Probe {
    /// `answer` is asked for a path, and knows nothing of it with `None`.
    pub(crate) fn open(
        host: &str,
        port: u16,
        answer: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((host, port))?;
        let address = listener.local_addr()?;
        let is_over = Arc::<AtomicBool>::default();
        let ends = Arc::clone(&is_over);
        let thread = thread::Builder::new().name("prefect-probe".to_owned());
        let thread = thread.spawn(move || accept(&listener, &ends, &Arc::new(answer)))?;
        Ok(Self {
            address,
            is_over,
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // Who accepts connections hears of it by one.
        let mut own = self.address;
        if own.ip().is_unspecified() {
            let is_v4 = own.is_ipv4();
            own.set_ip(if is_v4 {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        let heard = TcpStream::connect_timeout(&own, Duration::from_secs(1)).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| heard) {
            // The port is free again afterwards.
            drop(thread.join());
        }
    }
}

fn accept(
    listener: &TcpListener,
    is_over: &AtomicBool,
    answer: &Arc<impl Fn(&str) -> Option<Answer> + Send + Sync + 'static>,
) {
    let open = Arc::<AtomicUsize>::default();
    loop {
        let stream = listener.accept();
        if is_over.load(Ordering::Acquire) {
            return;
        }
        let Ok((stream, _)) = stream else {
            // Such as where there are no more files; it is not for ever.
            thread::sleep(Duration::from_millis(100));
            continue;
        };
        let held = Held::new(&open);
        if open.load(Ordering::Acquire) > AT_ONCE {
            continue;
        }
        let answer = Arc::clone(answer);
        // One that says nothing holds up no other.
        let thread = thread::Builder::new().name("prefect-probe".to_owned());
        let answering = thread.spawn(move || {
            let _held = held;
            drop(attend(stream, &*answer));
        });
        if let Err(error) = answering {
            tracing::warn!("somebody who asks how it is can't be answered: {error}");
        }
    }
}

/// One connection that is open.
struct Held(Arc<AtomicUsize>);

impl Held {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(open))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn attend(mut stream: TcpStream, answer: &dyn Fn(&str) -> Option<Answer>) -> io::Result<()> {
    let end = Deadline::after(Some(PATIENCE), Instant::now());
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some(head) = head(&mut stream, &end)? else {
        return Ok(());
    };
    let (status, body) = answered(&head, answer);
    stream.write_all(told(&head, status, &body).as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    // What is still said is heard, so that the system does not take the answer back.
    let mut rest = [0; 1024];
    for _ in 0..64 {
        let left = end.left(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left))?;
        if stream.read(&mut rest)? == 0 {
            break;
        }
    }
    Ok(())
}

/// What was said up to the empty line; `None` where that does not come, or too late.
fn head(stream: &mut TcpStream, end: &Deadline) -> io::Result<Option<Vec<u8>>> {
    let (mut said, mut piece) = (Vec::new(), [0; 1024]);
    while said.len() < LONGEST {
        let left = end.left(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(None);
        }
        said.extend_from_slice(&piece[..count]);
        let is_whole = |end: &[u8]| said.windows(end.len()).any(|window| window == end);
        if is_whole(b"\r\n\r\n") || is_whole(b"\n\n") {
            return Ok(Some(said));
        }
    }
    Ok(None)
}

/// The method and the path of a question.
fn asked(head: &[u8]) -> Option<(&str, &str)> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let mut words = str::from_utf8(line).ok()?.split_ascii_whitespace();
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_http = version.starts_with("HTTP/1.") && words.next().is_none();
    let path = target.split('?').next().unwrap_or(target);
    is_http.then_some((method, path))
}

fn answered(head: &[u8], answer: &dyn Fn(&str) -> Option<Answer>) -> Answer {
    let told = |code, text: &str| (code, json!({"message": text}));
    match asked(head) {
        None => told(400, "Bad Request"),
        Some(("GET" | "HEAD", path)) => answer(path).unwrap_or_else(|| told(404, "Not Found")),
        Some(_) => told(405, "Method Not Allowed"),
    }
}

fn told(head: &[u8], status: u16, body: &Value) -> String {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Service Unavailable",
    };
    let body = body.to_string();
    let length = body.len();
    let shown = if matches!(asked(head), Some(("HEAD", _))) {
        ""
    } else {
        &body
    };
    format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n{shown}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe() -> Probe {
        let answer = |path: &str| match path {
            "/health" => Some((200, json!({"message": "OK"}))),
            "/ill" => Some((503, json!("no"))),
            _ => None,
        };
        Probe::open("127.0.0.1", 0, answer).unwrap()
    }

    fn said(probe: &Probe, text: &[u8]) -> String {
        let mut stream = TcpStream::connect(probe.address()).unwrap();
        stream.write_all(text).unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        heard
    }

    #[test]
    fn who_asks_is_answered() {
        let probe = probe();
        let ask = |line: &str| said(&probe, format!("{line}\r\nhost: here\r\n\r\n").as_bytes());
        let (head, body) = ask("GET /health?verbose=1 HTTP/1.1")
            .split_once("\r\n\r\n")
            .map(|(head, body)| (head.to_owned(), body.to_owned()))
            .unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("content-length: 16\r\n"), "{head}");
        assert_eq!(body, r#"{"message":"OK"}"#);
        for (line, status) in [
            ("GET /ill HTTP/1.0", "HTTP/1.1 503 "),
            ("GET /other HTTP/1.1", "HTTP/1.1 404 "),
            ("POST /health HTTP/1.1", "HTTP/1.1 405 "),
            ("GET /health", "HTTP/1.1 400 "),
            ("GET /health SMTP/1", "HTTP/1.1 400 "),
        ] {
            let answer = ask(line);
            assert!(answer.starts_with(status), "{line}: {answer}");
        }
        let answer = ask("HEAD /health HTTP/1.1");
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
    }

    #[test]
    fn who_talks_nonsense_is_no_harm_and_who_says_nothing_holds_up_nobody() {
        let probe = probe();
        let silent: Vec<TcpStream> = (0..AT_ONCE / 2)
            .map(|_| TcpStream::connect(probe.address()).unwrap())
            .collect();
        assert!(said(&probe, b"\xff\xfe\r\n\r\n").starts_with("HTTP/1.1 400 "));
        assert!(said(&probe, b"GET /health HTTP/1.1\n\n").starts_with("HTTP/1.1 200 "));
        let mut stream = TcpStream::connect(probe.address()).unwrap();
        let _ = stream.write_all(&vec![b'a'; 2 * LONGEST]);
        // It is told nothing, and not heard any longer.
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        assert!(heard.is_empty());
        drop(silent);
    }

    #[test]
    fn its_port_is_free_afterwards() {
        // Somebody else may be given the port in the meantime.
        let is_free = (0..5).any(|_| {
            let first = probe();
            let address = first.address();
            drop(first);
            let again = Probe::open("127.0.0.1", address.port(), |_| None);
            again.is_ok_and(|again| again.address() == address)
        });
        assert!(is_free);
    }
}
