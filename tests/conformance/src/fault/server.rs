//! The server: a thread for each connection, and a record of everything that came.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use super::{End, Fault, perform};
use crate::Recorded;
use crate::recorder::read;

/// How many connections may wait to be accepted at an open door.
const BACKLOG: i32 = 128;
/// How long a connection may take that should come about on this machine.
const KNOCK: Duration = Duration::from_millis(200);

/// What becomes of those who want to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// They are served.
    Open,
    /// They are refused: the port is taken, but nobody listens there.
    Refusing,
    /// They wait: so many others wait already that nobody answers.
    Full,
}

/// A request from its first byte on.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The number of its connection, from 1, counting those on which a request came.
    pub connection: usize,
    /// The request, where it was read and came whole.
    pub request: Option<Recorded>,
}

/// The server. Dropping it closes everything and waits for its threads.
pub struct FaultServer {
    address: SocketAddr,
    socket: Socket,
    shared: Arc<Shared>,
    fillers: Vec<TcpStream>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    stop: Condvar,
}

#[derive(Default)]
struct State {
    is_stopped: bool,
    script: VecDeque<Fault>,
    connections: usize,
    seen: Vec<Seen>,
    open: Vec<Weak<TcpStream>>,
}

impl FaultServer {
    /// A server at a free port of this machine. Each request meets the next fault of the script, and the last one from
    /// then on.
    ///
    /// # Errors
    ///
    /// When there is no port, or a door can't be made full.
    pub fn start(door: Door, script: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        let shared = Arc::<Shared>::default();
        shared.state().script.extend(script);
        let mut server = Self {
            address: address.ok_or_else(|| io::Error::other("a socket without a port"))?,
            socket,
            shared,
            fillers: Vec::new(),
            acceptor: None,
        };
        match door {
            Door::Open => server.open()?,
            Door::Refusing => {}
            Door::Full => server.fill()?,
        }
        Ok(server)
    }

    /// Serves from now on, whatever the door was.
    ///
    /// # Errors
    ///
    /// When the system does not let it.
    pub fn open(&mut self) -> io::Result<()> {
        self.fillers.clear();
        self.socket.listen(BACKLOG)?;
        let listener = TcpListener::from(self.socket.try_clone()?);
        let shared = Arc::clone(&self.shared);
        self.acceptor = Some(thread::spawn(move || accept(&listener, &shared)));
        Ok(())
    }

    /// The URL of the API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Every request so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    fn fill(&mut self) -> io::Result<()> {
        self.socket.listen(0)?;
        for _ in 0..BACKLOG {
            match TcpStream::connect_timeout(&self.address, KNOCK) {
                Ok(filler) => self.fillers.push(filler),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("the door never gets full"))
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        let open = {
            let mut state = self.shared.state();
            state.is_stopped = true;
            std::mem::take(&mut state.open)
        };
        self.shared.stop.notify_all();
        for stream in open.iter().filter_map(Weak::upgrade) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(acceptor) = self.acceptor.take() {
            // The acceptor looks at the stop when somebody comes.
            let _ = TcpStream::connect_timeout(&self.address, KNOCK);
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection into the list of those that a stop closes; `false` is after the stop.
    fn admit(&self, stream: &Arc<TcpStream>) -> bool {
        let mut state = self.state();
        state.open.retain(|open| open.strong_count() > 0);
        state.open.push(Arc::downgrade(stream));
        !state.is_stopped
    }

    /// The fault for a request whose first byte is there, and the request's place in the record.
    fn begin(&self, connection: &mut Option<usize>) -> Option<(Fault, usize)> {
        let mut state = self.state();
        let connection = *connection.get_or_insert_with(|| {
            state.connections += 1;
            state.connections
        });
        state.seen.push(Seen {
            connection,
            request: None,
        });
        let fault = if state.script.len() > 1 {
            state.script.pop_front()
        } else {
            state.script.front().cloned()
        };
        Some((fault?, state.seen.len() - 1))
    }

    fn read(&self, place: usize, request: Recorded) {
        if let Some(seen) = self.state().seen.get_mut(place) {
            seen.request = Some(request);
        }
    }

    fn wait_for_stop(&self) {
        let running = |state: &mut State| !state.is_stopped;
        drop(self.stop.wait_while(self.state(), running));
    }
}

fn accept(listener: &TcpListener, shared: &Shared) {
    thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            let stream = Arc::new(stream);
            if !shared.admit(&stream) {
                return;
            }
            // A client that goes away is no concern of the server's.
            scope.spawn(move || drop(serve(&stream, shared)));
        }
    });
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut connection = None;
    // An error is the end of the time that an idle connection is kept.
    while !reader.fill_buf()?.is_empty() {
        let Some((fault, place)) = shared.begin(&mut connection) else {
            return Ok(());
        };
        stream.set_read_timeout(None)?;
        if !matches!(fault, Fault::Unread(_)) {
            let Some(request) = read(&mut reader)? else {
                return Ok(());
            };
            shared.read(place, request);
        }
        match perform::send(stream, &fault)? {
            End::Keep => {}
            End::Close => return Ok(()),
            End::Reset => return SockRef::from(stream).set_linger(Some(Duration::ZERO)),
            End::Stall => {
                shared.wait_for_stop();
                return Ok(());
            }
        }
        if let Fault::CloseIdleAfter(_, idle) = fault {
            stream.set_read_timeout(Some(idle))?;
        }
    }
    Ok(())
}
