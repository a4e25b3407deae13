//! A way to the server that keeps what that has confirmed to have taken of task runs, whatever becomes of who sent it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Result;
use prefect_sdk::client::models::Event;
use uuid::Uuid;

use super::door::Door;

/// Passes requests on, for as long as this is there.
pub(super) struct Witness {
    door: Door,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The last state that was confirmed of each task run.
    confirmed: Mutex<BTreeMap<Uuid, String>>,
}

impl Witness {
    pub(super) fn of(server: SocketAddr) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let of_door = Arc::clone(&shared);
        let door = Door::open(move |client| {
            let shared = Arc::clone(&of_door);
            // A client that is killed breaks its connections.
            thread::spawn(move || drop(shared.pass(&client, server)));
        })?;
        Ok(Self { door, shared })
    }

    pub(super) fn api(&self) -> String {
        self.door.api()
    }

    /// What has been confirmed so far.
    pub(super) fn confirmed(&self) -> BTreeMap<Uuid, String> {
        let confirmed = self.shared.confirmed.lock();
        confirmed.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    /// One request after the other.
    fn pass(&self, client: &TcpStream, server: SocketAddr) -> io::Result<()> {
        let server = TcpStream::connect(server)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut requests, mut answers) = (BufReader::new(client), BufReader::new(&server));
        while let Some(request) = Message::read(&mut requests)? {
            (&server).write_all(&request.bytes())?;
            let Some(answer) = Message::read(&mut answers)? else {
                break;
            };
            let is_of_events = request.line().starts_with("POST /api/events ");
            if is_of_events && answer.line().split(' ').nth(1) == Some("204") {
                self.confirm(&request.body)?;
            }
            let mut client = client;
            client.write_all(&answer.bytes())?;
        }
        Ok(())
    }

    fn confirm(&self, events: &[u8]) -> io::Result<()> {
        let events: Vec<Event> = serde_json::from_slice(events)?;
        let confirmed = self.confirmed.lock();
        let mut confirmed = confirmed.unwrap_or_else(PoisonError::into_inner);
        for event in events {
            let label = |name: &str| event.resource.get(name).map(String::as_str);
            let id =
                label("prefect.resource.id").and_then(|id| id.strip_prefix("prefect.task-run."));
            let id = id.and_then(|id| id.parse().ok());
            if let (Some(id), Some(state)) = (id, label("prefect.state-type")) {
                confirmed.insert(id, state.to_owned());
            }
        }
        Ok(())
    }
}

/// A request or an answer, whose body has a length.
struct Message {
    head: String,
    body: Vec<u8>,
}

impl Message {
    /// The next one, unless there is none any more.
    fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Ok(None);
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().ok()).flatten()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body)?;
        Ok(Some(Self { head, body }))
    }

    fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }
}
