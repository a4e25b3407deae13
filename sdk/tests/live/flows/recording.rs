//! A way to the server that keeps what goes to it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::rows::blur;
use crate::server;

/// Passes connections on to the server.
pub(crate) struct Recording {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<Value>>,
    is_over: AtomicBool,
    /// The path to which what the server says to a POST is lost, once so many have been answered.
    loses: Mutex<Option<(&'static str, usize)>>,
}

impl Recording {
    pub(crate) fn start() -> Self {
        Self::of(Shared::default())
    }

    /// A way on which what the server says to one POST to that path is lost, with the connection: to the one after so many.
    pub(crate) fn losing(path: &'static str, after: usize) -> Self {
        Self::of(Shared {
            loses: Mutex::new(Some((path, after))),
            ..Shared::default()
        })
    }

    fn of(shared: Shared) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(shared);
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if of_thread.is_over.load(Ordering::Relaxed) {
                    break;
                }
                let server = TcpStream::connect(host()).expect("the server");
                pass(client, server, Arc::clone(&of_thread));
            }
        });
        Self { address, shared }
    }

    /// Whether it has lost what it was to lose.
    pub(crate) fn has_lost(&self) -> bool {
        self.shared.loses.lock().unwrap().is_none()
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// What was written: method, path and body of all that is not read, without events and logs, which go beside, and
    /// without slots, which Python does not ask for again within five seconds.
    pub(crate) fn writes(&self) -> Vec<Value> {
        let requests = self.shared.requests.lock().unwrap();
        let beside = [
            "/filter",
            "/logs/",
            "/events",
            "/v2/concurrency_limits",
            "/task_runs/count",
        ];
        let is_written = |request: &&Value| {
            let path = request["path"].as_str().unwrap();
            request["method"] != "GET" && !beside.iter().any(|part| path.contains(part))
        };
        let mut writes: Vec<Value> = requests.iter().filter(is_written).cloned().collect();
        // What a busy server answers with a 503 is sent again as it was.
        writes.dedup();
        writes
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

/// The server's own address.
fn host() -> String {
    let url = server::api_url();
    let rest = url.strip_prefix("http://").expect("http");
    rest.split('/').next().unwrap().to_owned()
}

impl Shared {
    /// Keeps a request, and says whether what the server says to it is lost.
    fn keep(&self, request: Value) -> bool {
        let mut loses = self.loses.lock().unwrap();
        let is_of =
            loses.is_some_and(|(path, _)| request["method"] == "POST" && request["path"] == path);
        self.requests.lock().unwrap().push(request);
        match &mut *loses {
            Some((_, 0)) if is_of => loses.take().is_some(),
            Some((_, after)) if is_of => {
                *after -= 1;
                false
            }
            _ => false,
        }
    }
}

fn pass(client: TcpStream, server: TcpStream, shared: Arc<Shared>) {
    let (mut from_server, mut to_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    let is_lost = Arc::new(AtomicBool::new(false));
    let loses = Arc::clone(&is_lost);
    thread::spawn(move || {
        let mut buffer = [0; 16384];
        while let Ok(read @ 1..) = from_server.read(&mut buffer) {
            let is_lost = is_lost.load(Ordering::SeqCst);
            if is_lost || to_client.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        for end in [&to_client, &from_server] {
            drop(end.shutdown(Shutdown::Both));
        }
    });
    let (mut from_client, mut to_server) = (client, server);
    thread::spawn(move || {
        let (mut bytes, mut buffer) = (Vec::new(), [0; 16384]);
        while let Ok(read @ 1..) = from_client.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..read]);
            // It is kept before the server can answer: so the order is that of the calls.
            while let Some((request, length)) = whole(&bytes) {
                if shared.keep(request) {
                    loses.store(true, Ordering::SeqCst);
                }
                bytes.drain(..length);
            }
            if to_server.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        drop(to_server.shutdown(Shutdown::Write));
    });
}

/// The request that the bytes begin with, if all of it is there, and its length. A websocket's bytes are none.
fn whole(bytes: &[u8]) -> Option<(Value, usize)> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let mut words = text.split_whitespace();
    let (method, path) = (words.next()?, words.next()?);
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().unwrap())
    });
    let (start, length): (usize, usize) = (head + 4, length.unwrap_or(0));
    let body = bytes.get(start..start + length)?;
    let mut body = serde_json::from_slice(body).unwrap_or(Value::Null);
    bare(&mut body);
    blur(&mut body);
    let mut path: Vec<_> = path.split('/').collect();
    for part in &mut path {
        if uuid::Uuid::parse_str(part).is_ok() {
            *part = "<id>";
        }
    }
    let request = json!({"method": method, "path": path.join("/"), "body": body});
    Some((request, start + length))
}

/// Leaves out what says nothing: nulls, and what is as it is for the server anyway.
fn bare(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(bare),
        Value::Object(fields) => {
            fields.values_mut().for_each(bare);
            // Python's runs have none: see `flow_runs/create.rs`.
            fields.remove("idempotency_key");
            fields.retain(|_, value| {
                let is_empty = value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(serde_json::Map::is_empty);
                !(value.is_null() || is_empty || *value == json!(false))
            });
        }
        _ => {}
    }
}
