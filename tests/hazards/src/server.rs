//! A server with a thread for each connection, which keeps what it is sent and answers as a function says.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use uuid::Uuid;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// The headers, with names in lower case, sorted.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The number of its connection, from 1.
    pub connection: usize,
}

/// What the server answers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    ending: Ending,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is sent as a whole, and the connection stays open.
    Whole,
    /// The connection is reset before the answer.
    Reset,
    /// The connection ends within the body.
    Cut,
    /// Nothing comes, until the client goes away.
    NoHead,
    /// Nothing comes after the head and a part of the body, until the client goes away.
    NoBody,
}

/// The server. Its threads end with the process.
pub struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    in_work: AtomicUsize,
    most_in_work: AtomicUsize,
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

impl Reply {
    /// 200 with a body of JSON.
    pub fn json(body: impl Into<String>) -> Self {
        Self::new(200, "application/json", body)
    }

    /// An answer with this status, media type and body.
    pub fn new(status: u16, media_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
            ending: Ending::Whole,
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, ending like this.
    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// A flow as the server describes it.
    #[must_use]
    pub fn flow(id: &str) -> Self {
        Self::json(flow(id))
    }

    /// A list of flows.
    #[must_use]
    pub fn flows(ids: &[Uuid]) -> Self {
        let flows: Vec<String> = ids.iter().map(|id| flow(&id.to_string())).collect();
        Self::json(format!("[{}]", flows.join(",")))
    }
}

impl Server {
    /// A server at a free port of this machine.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, Arc::new(handler))
    }

    /// A server that closes connections on which nothing comes for this long.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn closing_idle(
        idle: Duration,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(idle), Arc::new(handler))
    }

    /// A server that is well: everything is answered with `true`.
    #[must_use]
    pub fn healthy() -> Self {
        Self::start(|_| Reply::json("true"))
    }

    fn listen(idle: Option<Duration>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::<Seen>::default();
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, handler) = (Arc::clone(&shared), Arc::clone(&handler));
                let number = seen.connections.fetch_add(1, Ordering::SeqCst) + 1;
                seen.open.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    // A client that goes away is no concern of the server's.
                    drop(serve(&stream, number, idle, &seen, &*handler));
                    seen.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, seen }
    }

    /// The URL of the API, with a host name.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}/api", self.address.port())
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.seen.requests.lock();
        requests.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.seen.open.load(Ordering::SeqCst)
    }

    /// How many requests there were at once, at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.seen.most_in_work.load(Ordering::SeqCst)
    }
}

fn flow(id: &str) -> String {
    format!(r#"{{"name":"etl","id":"{id}","created":null,"updated":null,"tags":[]}}"#)
}

fn serve(
    stream: &TcpStream,
    number: usize,
    idle: Option<Duration>,
    seen: &Seen,
    handler: &Handler,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        stream.set_read_timeout(idle)?;
        let request = read(stream, number)?;
        stream.set_read_timeout(None)?;
        let mut requests = seen.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push(request.clone());
        drop(requests);
        let in_work = seen.in_work.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_in_work.fetch_max(in_work, Ordering::SeqCst);
        let reply = handler(&request);
        seen.in_work.fetch_sub(1, Ordering::SeqCst);
        if !answer(stream, &reply)? {
            return Ok(());
        }
    }
}

/// The head byte by byte and then the body, so that the two are never read at once.
fn read(mut stream: &TcpStream, connection: usize) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (words.next(), words.next());
    let mut headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    headers.sort();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, length)| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(Request {
        method: method.unwrap_or_default().to_owned(),
        target: target.unwrap_or_default().to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        connection,
    })
}

/// Whether the connection stays open.
fn answer(mut stream: &TcpStream, reply: &Reply) -> io::Result<bool> {
    let mut text = format!("HTTP/1.1 {} X\r\n", reply.status);
    for (name, value) in &reply.headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    let length = reply.body.len().to_string();
    text.extend(["content-length: ", &length, "\r\n\r\n", &reply.body]);
    let part = &text.as_bytes()[..text.len().saturating_sub(reply.body.len().div_ceil(2))];
    match reply.ending {
        Ending::Whole => stream.write_all(text.as_bytes())?,
        Ending::Reset => {
            rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO))?;
            return Ok(false);
        }
        Ending::Cut => {
            stream.write_all(part)?;
            return Ok(false);
        }
        Ending::NoHead => wait_for_end(stream)?,
        Ending::NoBody => {
            stream.write_all(part)?;
            wait_for_end(stream)?;
        }
    }
    Ok(reply.ending == Ending::Whole)
}

fn wait_for_end(mut stream: &TcpStream) -> io::Result<()> {
    let mut byte = [0];
    while stream.read(&mut byte)? > 0 {}
    Ok(())
}
