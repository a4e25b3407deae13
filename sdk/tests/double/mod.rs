//! A server that speaks Prefect's websockets and misbehaves: it cuts connections, refuses the client, closes with a
//! code, answers pings late, and reorders and repeats what it sends.

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
    /// The connection is cut this often.
    pub(crate) cut_every: Option<Duration>,
    /// What the client must say.
    pub(crate) token: Option<&'static str>,
    /// Closes with this code and reason, once the client said what it wants.
    pub(crate) close_with: Option<(u16, &'static str)>,
    /// Answers to pings come this late.
    pub(crate) late: Duration,
    /// What each connection sends, one after the other; the last one again and again. Then it is cut.
    pub(crate) sends: Vec<Vec<Value>>,
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
    /// The first message of each connection.
    greetings: Mutex<Vec<Value>>,
    /// What each connection asked for.
    filters: Mutex<Vec<Value>>,
    authorizations: Mutex<Vec<Option<HeaderValue>>>,
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
                thread::spawn(move || drop(converse(stream, &manner, &seen)));
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

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn greetings(&self) -> Vec<Value> {
        self.seen.greetings.lock().unwrap().clone()
    }

    pub(crate) fn filters(&self) -> Vec<Value> {
        self.seen.filters.lock().unwrap().clone()
    }

    pub(crate) fn authorizations(&self) -> Vec<Option<HeaderValue>> {
        self.seen.authorizations.lock().unwrap().clone()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.seen.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

type Ended = Result<(), Box<tungstenite::Error>>;

fn converse(stream: TcpStream, manner: &Manner, seen: &Seen) -> Ended {
    let number = seen.connections.fetch_add(1, Ordering::Relaxed);
    let is_cut = cut(&stream, manner);
    let mut path = String::new();
    #[expect(clippy::result_large_err, reason = "tungstenite asks for this type")]
    let callback = |request: &Request, mut response: Response| {
        request.uri().path().clone_into(&mut path);
        let authorization = request.headers().get("authorization").cloned();
        seen.authorizations.lock().unwrap().push(authorization);
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
    if path == "/api/events/in" {
        return receive(&mut socket, manner, seen, &is_cut);
    }
    seen.filters.lock().unwrap().push(read(&mut socket)?);
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

/// Cuts the connection in time. What is read afterwards counts as lost.
fn cut(stream: &TcpStream, manner: &Manner) -> Arc<AtomicBool> {
    let is_cut = Arc::new(AtomicBool::new(false));
    if let Some(after) = manner.cut_every {
        let (stream, is_cut) = (stream.try_clone().expect("a handle"), Arc::clone(&is_cut));
        thread::spawn(move || {
            thread::sleep(after);
            is_cut.store(true, Ordering::SeqCst);
            drop(stream.shutdown(Shutdown::Both));
        });
    }
    is_cut
}

fn receive(
    socket: &mut WebSocket<TcpStream>,
    manner: &Manner,
    seen: &Seen,
    is_cut: &AtomicBool,
) -> Ended {
    loop {
        let message = socket.read()?;
        if is_cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        match message {
            Message::Text(text) => {
                let event: Value = serde_json::from_str(&text).expect("an event");
                let id = serde_json::from_value(event["id"].clone()).expect("an id");
                *seen.events.lock().unwrap().entry(id).or_default() += 1;
            }
            // The answer goes out with the next read.
            Message::Ping(_) => thread::sleep(manner.late),
            _ => {}
        }
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
