//! A server that takes events and logs by request, sends them over websockets, and misbehaves: it cuts connections, refuses
//! the client and what it can't read, closes with a code, and reorders and repeats what it sends.

mod http;

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::handshake::server::{Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};
use uuid::Uuid;

/// How the double misbehaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    /// The connection is cut after this time.
    pub(crate) cut_every: Option<Duration>,
    /// One of so many requests is cut: some before it is taken, some after.
    pub(crate) cuts_request: Option<usize>,
    /// It does not say which items it can't read.
    pub(crate) unfit_is_unclear: bool,
    /// The header that a request must have.
    pub(crate) authorization: Option<&'static str>,
    /// What the client must say on a websocket.
    pub(crate) token: Option<&'static str>,
    /// Closes with this code and reason, once the client said what it wants.
    pub(crate) close_with: Option<(u16, &'static str)>,
    /// What each connection sends, one after the other; the last one again and again. Then it is cut.
    pub(crate) sends: Vec<Vec<Value>>,
    /// From this connection on, each is dropped as soon as it is there.
    pub(crate) drops_from: Option<usize>,
    /// Drops each websocket as soon as it was told what to send, as the server does where it can't read that.
    pub(crate) drops_at_filter: bool,
    /// Says goodbye after what it sends, once everything is sent.
    pub(crate) says_goodbye: bool,
}

pub(crate) struct Double {
    port: u16,
    seen: Arc<Seen>,
}

/// What the double saw.
#[derive(Default)]
struct Seen {
    /// How often each event came.
    events: Mutex<BTreeMap<Uuid, usize>>,
    logs: Mutex<Vec<Value>>,
    /// How many requests with items came.
    requests: AtomicUsize,
    /// The first message of each connection.
    greetings: Mutex<Vec<Value>>,
    /// What each connection asked for.
    filters: Mutex<Vec<Value>>,
    connections: AtomicUsize,
    is_over: AtomicBool,
}

impl Double {
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Seen::default());
        let for_thread = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if for_thread.is_over.load(Ordering::Relaxed) {
                    break;
                }
                let (manner, seen) = (manner.clone(), Arc::clone(&for_thread));
                // A connection that breaks is what this is about.
                thread::spawn(move || converse(stream, &manner, &seen));
            }
        });
        Self { port, seen }
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }

    /// How often each event came.
    pub(crate) fn events(&self) -> BTreeMap<Uuid, usize> {
        self.seen.events.lock().unwrap().clone()
    }

    /// The logs, as they came.
    pub(crate) fn logs(&self) -> Vec<Value> {
        self.seen.logs.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn greetings(&self) -> Vec<Value> {
        self.seen.greetings.lock().unwrap().clone()
    }

    pub(crate) fn filters(&self) -> Vec<Value> {
        self.seen.filters.lock().unwrap().clone()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.seen.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

type Ended = Result<(), Box<tungstenite::Error>>;

/// A connection that breaks is what this is about, so errors are none.
fn converse(stream: TcpStream, manner: &Manner, seen: &Seen) {
    let number = seen.connections.fetch_add(1, Ordering::Relaxed);
    if manner.drops_from.is_some_and(|first| number >= first) {
        return;
    }
    cut(&stream, manner);
    if is_websocket(&stream) {
        drop(speak(stream, manner, seen, number));
    } else {
        drop(http::serve(&stream, manner, seen));
    }
}

/// Whether the first request, which stays unread, is for a websocket: the server hears no other below `/out`.
fn is_websocket(stream: &TcpStream) -> bool {
    let mut start = [0; 64];
    while let Ok(read) = stream.peek(&mut start) {
        let text = String::from_utf8_lossy(&start[..read]);
        if read == 0 || read == start.len() || text.contains('\n') {
            return text.contains("/out ");
        }
        thread::sleep(Duration::from_millis(1));
    }
    false
}

fn speak(stream: TcpStream, manner: &Manner, seen: &Seen, number: usize) -> Ended {
    #[expect(clippy::result_large_err, reason = "tungstenite asks for this type")]
    let callback = |request: &Request, mut response: Response| {
        let protocol = request.headers().get("sec-websocket-protocol");
        assert_eq!(protocol, Some(&HeaderValue::from_static("prefect")));
        let prefect = HeaderValue::from_static("prefect");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", prefect);
        Ok(response)
    };
    let Ok(mut socket) = tungstenite::accept_hdr(stream, callback) else {
        return Ok(());
    };
    let greeting = read(&mut socket)?;
    let token = greeting["token"].as_str().map(str::to_owned);
    seen.greetings.lock().unwrap().push(greeting);
    if manner
        .token
        .is_some_and(|expected| token.as_deref() != Some(expected))
    {
        return close(&mut socket, 1008, "Invalid token");
    }
    socket.send(Message::text(r#"{"type": "auth_success"}"#))?;
    seen.filters.lock().unwrap().push(read(&mut socket)?);
    if manner.drops_at_filter {
        return Ok(());
    }
    if let Some((code, reason)) = manner.close_with {
        return close(&mut socket, code, reason);
    }
    let last = manner.sends.len().saturating_sub(1);
    for message in manner.sends.get(number.min(last)).into_iter().flatten() {
        socket.send(Message::text(message.to_string()))?;
    }
    if manner.says_goodbye && number >= last {
        return close(&mut socket, 1000, "");
    }
    Ok(())
}

/// Cuts the connection in time.
fn cut(stream: &TcpStream, manner: &Manner) {
    if let Some(after) = manner.cut_every {
        let stream = stream.try_clone().expect("a handle");
        thread::spawn(move || {
            thread::sleep(after);
            drop(stream.shutdown(Shutdown::Both));
        });
    }
}

fn read(socket: &mut WebSocket<TcpStream>) -> Result<Value, Box<tungstenite::Error>> {
    let text = socket.read()?.into_text()?;
    Ok(serde_json::from_str(&text).unwrap_or_else(|_| json!({})))
}

fn close(socket: &mut WebSocket<TcpStream>, code: u16, reason: &'static str) -> Ended {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: reason.into(),
    };
    socket.close(Some(frame))?;
    // Until the client has said goodbye as well.
    while socket.read().is_ok() {}
    Ok(())
}
