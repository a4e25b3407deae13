//! A server that keeps what it is sent and answers what it is told.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path and query as they were sent.
    pub target: String,
    /// The headers, with names in lower case, sorted.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What the server answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The media type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The server. Its threads end with the process.
pub struct Recorder {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    recorded: Vec<Recorded>,
    reply: Option<Reply>,
    in_turn: VecDeque<Reply>,
}

impl Recorder {
    /// A server at a free port of this machine.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that goes away is no concern of the server's.
                thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
        Ok(Self { address, state })
    }

    /// The URL of the API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Sets the answer to whatever comes next.
    pub fn reply(&self, reply: &Reply) {
        locked(&self.state).reply = Some(reply.clone());
    }

    /// Sets the answers to the requests that come next, one each.
    pub fn reply_in_turn(&self, replies: impl IntoIterator<Item = Reply>) {
        locked(&self.state).in_turn.extend(replies);
    }

    /// How many requests came since the last time that they were taken.
    #[must_use]
    pub fn count(&self) -> usize {
        locked(&self.state).recorded.len()
    }

    /// What came since the last time.
    #[allow(clippy::must_use_candidate, reason = "also empties the record")]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut locked(&self.state).recorded)
    }
}

impl Recorded {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The target, cut at the question mark.
    #[must_use]
    pub fn path_and_query(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader)? {
        let reply = {
            let mut state = locked(state);
            state.recorded.push(request);
            state.in_turn.pop_front().or_else(|| state.reply.clone())
        };
        write(stream, &reply.unwrap_or_else(missing))?;
    }
    Ok(())
}

fn missing() -> Reply {
    Reply {
        status: 500,
        content_type: "text/plain".to_owned(),
        body: b"no reply was set".to_vec(),
    }
}

pub(crate) fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Recorded>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut request = Recorded {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        ..Recorded::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request
            .headers
            .push((name.to_lowercase(), value.trim().to_owned()));
    }
    request.headers.sort();
    let length = request
        .header("content-length")
        .and_then(|text| text.parse().ok());
    request.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}

fn write(mut stream: &TcpStream, reply: &Reply) -> io::Result<()> {
    let mut bytes = format!("HTTP/1.1 {} Test\r\n", reply.status).into_bytes();
    // A 204 has neither body nor length.
    if reply.status != 204 {
        let head = format!(
            "content-type: {}\r\ncontent-length: {}\r\n",
            reply.content_type,
            reply.body.len()
        );
        bytes.extend(head.into_bytes());
    }
    bytes.extend(b"\r\n");
    if reply.status != 204 {
        bytes.extend(&reply.body);
    }
    stream.write_all(&bytes)
}
