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
    requests: Arc<Mutex<Vec<Value>>>,
    is_over: Arc<AtomicBool>,
}

impl Recording {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (requests, is_over) = (Arc::<Mutex<Vec<Value>>>::default(), Arc::default());
        let recording = Self {
            address,
            requests: Arc::clone(&requests),
            is_over: Arc::clone(&is_over),
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let server = TcpStream::connect(host()).expect("the server");
                pass(client, server, Arc::clone(&requests));
            }
        });
        recording
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// What was written: method, path and body of all that is not read, without events and logs, which go beside, and
    /// without slots, which Python does not ask for again within five seconds.
    pub(crate) fn writes(&self) -> Vec<Value> {
        let requests = self.requests.lock().unwrap();
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
        self.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

/// The server's own address.
fn host() -> String {
    let url = server::api_url();
    let rest = url.strip_prefix("http://").expect("http");
    rest.split('/').next().unwrap().to_owned()
}

fn pass(client: TcpStream, server: TcpStream, requests: Arc<Mutex<Vec<Value>>>) {
    let (mut from_server, mut to_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        drop(std::io::copy(&mut from_server, &mut to_client));
        drop(to_client.shutdown(Shutdown::Both));
    });
    let (mut from_client, mut to_server) = (client, server);
    thread::spawn(move || {
        let (mut bytes, mut buffer) = (Vec::new(), [0; 16384]);
        while let Ok(read @ 1..) = from_client.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..read]);
            // It is kept before the server can answer: so the order is that of the calls.
            while let Some((request, length)) = whole(&bytes) {
                requests.lock().unwrap().push(request);
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
            fields.retain(|_, value| {
                let is_empty = value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(serde_json::Map::is_empty);
                !(value.is_null() || is_empty || *value == json!(false))
            });
        }
        _ => {}
    }
}
