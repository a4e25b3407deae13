//! The server: a thread for each connection, and a record of everything that came.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::count::Count;
use crate::perform;
use crate::plan::{Next, Plan};
use crate::{End, Fault, Request};

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
    pub request: Option<Request>,
}

/// The server. Dropping it closes everything and waits for its threads.
pub struct Server {
    address: SocketAddr,
    socket: Socket,
    shared: Arc<Shared>,
    fillers: Vec<TcpStream>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    stop: Condvar,
    connections: Count,
    in_work: Count,
}

struct State {
    is_stopped: bool,
    plan: Plan,
    connections: usize,
    seen: Vec<Seen>,
    /// How many came before those in `seen`.
    forgotten: usize,
    open: Vec<Weak<TcpStream>>,
}

impl Server {
    /// A server at a free port of this machine. Each request meets the next fault of the script, and the last one from
    /// then on.
    ///
    /// # Errors
    ///
    /// When there is no port, or a door can't be made full.
    pub fn start(door: Door, script: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        Self::new(door, Plan::Script(script.into_iter().collect()))
    }

    /// A server that asks a function what a request meets, outside of all locks.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub fn answering<F: Into<Fault>>(
        function: impl Fn(&Request) -> F + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let function = move |request: &Request| function(request).into();
        Self::new(Door::Open, Plan::Function(Arc::new(function)))
    }

    fn new(door: Door, plan: Plan) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        let shared = Arc::new(Shared::new(plan));
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

    /// The URL of the API, by its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// The same, by the name of this machine.
    #[must_use]
    pub fn url_by_name(&self) -> String {
        format!("http://localhost:{}/api", self.address.port())
    }

    /// Plans anew for what comes from now on: a fault for each request, and the last one from then on.
    pub fn plan(&self, script: impl IntoIterator<Item = Fault>) {
        self.shared.state().plan = Plan::Script(script.into_iter().collect());
    }

    /// Every request so far, from its first byte on.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// Every request so far that was read.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let seen = self.seen().into_iter();
        seen.filter_map(|seen| seen.request).collect()
    }

    /// The same, and forgets them.
    #[allow(clippy::must_use_candidate, reason = "also empties the record")]
    pub fn take(&self) -> Vec<Request> {
        let seen = {
            let mut state = self.shared.state();
            state.forgotten += state.seen.len();
            std::mem::take(&mut state.seen)
        };
        seen.into_iter().filter_map(|seen| seen.request).collect()
    }

    /// How many connections came so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.all()
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.connections.now()
    }

    /// How many requests its function was asked about at once, at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.in_work.most()
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

impl Drop for Server {
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
    fn new(plan: Plan) -> Self {
        Self {
            state: Mutex::new(State {
                is_stopped: false,
                plan,
                connections: 0,
                seen: Vec::new(),
                forgotten: 0,
                open: Vec::new(),
            }),
            stop: Condvar::new(),
            connections: Count::default(),
            in_work: Count::default(),
        }
    }

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

    /// What a request meets whose first byte is there, and the request's place in the record.
    fn begin(&self, connection: &mut Option<usize>) -> (Next, usize) {
        let mut state = self.state();
        let connection = *connection.get_or_insert_with(|| {
            state.connections += 1;
            state.connections
        });
        let request = None;
        state.seen.push(Seen {
            connection,
            request,
        });
        let place = state.forgotten + state.seen.len() - 1;
        (state.plan.next(), place)
    }

    fn read(&self, place: usize, request: Request) {
        let mut state = self.state();
        let place = place.checked_sub(state.forgotten);
        if let Some(seen) = place.and_then(|place| state.seen.get_mut(place)) {
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
            let counted = shared.connections.begin();
            scope.spawn(move || {
                drop(serve(&stream, shared));
                drop(counted);
            });
        }
    });
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut connection = None;
    // An error is the end of the time that an idle connection is kept.
    while !reader.fill_buf()?.is_empty() {
        let (next, place) = shared.begin(&mut connection);
        stream.set_read_timeout(None)?;
        let Some(fault) = meet(&mut reader, shared, next, place)? else {
            return Ok(());
        };
        match perform::send(stream, &fault)? {
            End::Keep => {}
            End::Close => return Ok(()),
            End::Reset => return SockRef::from(stream).set_linger(Some(Duration::ZERO)),
            End::Stall => return stall(stream, shared, &fault),
        }
        if let Fault::CloseIdleAfter(_, idle) = fault {
            stream.set_read_timeout(Some(idle))?;
        }
    }
    Ok(())
}

/// What is done with the request, which is read unless that is the harm; nothing where it breaks off.
fn meet(
    reader: &mut BufReader<&TcpStream>,
    shared: &Shared,
    next: Next,
    place: usize,
) -> io::Result<Option<Fault>> {
    if let Next::Fault(fault @ Fault::Unread(_)) = next {
        return Ok(Some(fault));
    }
    let Some(request) = Request::read(reader)? else {
        return Ok(None);
    };
    shared.read(place, request.clone());
    Ok(Some(match next {
        Next::Fault(fault) => fault,
        Next::Ask(function) => {
            let _counted = shared.in_work.begin();
            function(&request)
        }
    }))
}

/// Until the server stops, or the client goes away: that can be seen only where its request was read.
fn stall(mut stream: &TcpStream, shared: &Shared, fault: &Fault) -> io::Result<()> {
    if matches!(fault, Fault::Unread(_)) {
        shared.wait_for_stop();
        return Ok(());
    }
    let mut bytes = [0; 256];
    while stream.read(&mut bytes)? > 0 {}
    Ok(())
}
