//! TCP connections for ureq, with few system calls.
//!
//! ureq's own ones take ten in a call: before and after each exchange they make the socket non-blocking, read, and make
//! it blocking again, and each deadline is another timeout to set. These take three: look whether the connection is
//! still open, write, read.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, time,
};

use super::names::Names;

/// Opens TCP connections, where no proxy has opened one before.
#[derive(Debug)]
pub(super) struct TcpConnector {
    names: Names,
}

impl TcpConnector {
    pub(super) fn new() -> Self {
        Self {
            names: Names::new(),
        }
    }
}

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, TcpTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        if let Some(chained) = chained {
            return Ok(Some(Either::A(chained)));
        }
        let deadline = limit(details.timeout).and_then(|left| Instant::now().checked_add(left));
        let port = details.uri.port_u16().unwrap_or_else(|| {
            let is_https = details.uri.scheme_str() == Some("https");
            if is_https { 443 } else { 80 }
        });
        let host = details.uri.host().ok_or(Error::HostNotFound)?;
        let stream = self
            .names
            .addresses(host, port, deadline)
            .and_then(|addresses| open(&addresses, deadline))
            .map_err(|error| failure(error, details.timeout))?;
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Some(Either::B(TcpTransport {
            stream,
            buffers,
            read_timeout: None,
            write_timeout: None,
            has_just_answered: false,
        })))
    }
}

/// The first address that takes a connection. Those that remain share the time.
fn open(addresses: &[SocketAddr], deadline: Option<Instant>) -> io::Result<TcpStream> {
    let mut failed = io::Error::from(ErrorKind::AddrNotAvailable);
    for (index, address) in addresses.iter().enumerate() {
        let opened = match deadline {
            None => TcpStream::connect(address),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                let share = left / u32::try_from(addresses.len() - index).unwrap_or(1);
                if share.is_zero() {
                    return Err(ErrorKind::TimedOut.into());
                }
                TcpStream::connect_timeout(address, share)
            }
        };
        match opened {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// One TCP connection.
#[derive(Debug)]
pub(super) struct TcpTransport {
    stream: TcpStream,
    buffers: LazyBuffers,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    has_just_answered: bool,
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        let deadline = Deadline::of(timeout)?;
        let output = &self.buffers.output()[..amount];
        let mut written = 0;
        while written < output.len() {
            deadline
                .set(&mut self.write_timeout, |limit| {
                    self.stream.set_write_timeout(limit)
                })
                .map_err(|error| failure(error, timeout))?;
            match (&self.stream).write(&output[written..]) {
                Ok(0) => return Err(Error::Io(ErrorKind::WriteZero.into())),
                Ok(amount) => written += amount,
                Err(error) if is_worth_another_try(&error, deadline) => {}
                Err(error) => return Err(failure(error, timeout)),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        let deadline = Deadline::of(timeout)?;
        loop {
            deadline
                .set(&mut self.read_timeout, |limit| {
                    self.stream.set_read_timeout(limit)
                })
                .map_err(|error| failure(error, timeout))?;
            match (&self.stream).read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    self.has_just_answered = amount > 0;
                    return Ok(amount > 0);
                }
                Err(error) if is_worth_another_try(&error, deadline) => {}
                Err(error) => return Err(failure(error, timeout)),
            }
        }
    }

    /// ureq asks when it puts a connection back and when it takes it out again. Right after an answer there is nothing
    /// to be learnt that the second question would not tell.
    fn is_open(&mut self) -> bool {
        std::mem::take(&mut self.has_just_answered) || is_quiet(&self.stream)
    }
}

/// Whether the server has neither closed the connection nor said anything unasked.
#[cfg(unix)]
fn is_quiet(stream: &TcpStream) -> bool {
    use rustix::net::{RecvFlags, recv};
    let peeked = recv(stream, &mut [0u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    matches!(peeked, Err(error) if error == rustix::io::Errno::WOULDBLOCK)
}

#[cfg(not(unix))]
fn is_quiet(stream: &TcpStream) -> bool {
    let peeked = stream.set_nonblocking(true).map(|()| stream.peek(&mut [0]));
    let is_quiet = matches!(peeked, Ok(Err(error)) if error.kind() == ErrorKind::WouldBlock);
    stream.set_nonblocking(false).is_ok() && is_quiet
}

/// When reading or writing must be over.
#[derive(Clone, Copy)]
struct Deadline(Option<Instant>);

/// How much longer than wanted a socket may wait, as a part of the time that is left.
const SLACK: u32 = 64;

impl Deadline {
    fn of(timeout: NextTimeout) -> Result<Self, Error> {
        let left = limit(timeout);
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Error::Timeout(timeout.reason));
        }
        Ok(Self(left.and_then(|left| Instant::now().checked_add(left))))
    }

    fn left(self) -> Option<Duration> {
        self.0
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Sets the socket's timeout, unless the one that is set is as good: calls with the same deadline, one after
    /// another, leave it alone.
    fn set(
        self,
        known: &mut Option<Duration>,
        set: impl FnOnce(Option<Duration>) -> io::Result<()>,
    ) -> io::Result<()> {
        let wanted = match self.left() {
            None => None,
            Some(left) if left.is_zero() => return Err(ErrorKind::TimedOut.into()),
            Some(left) => Some(left),
        };
        let is_as_good = match (*known, wanted) {
            (None, None) => true,
            (Some(known), Some(wanted)) => known.abs_diff(wanted) <= wanted / SLACK,
            _ => false,
        };
        if !is_as_good {
            set(wanted)?;
            *known = wanted;
        }
        Ok(())
    }
}

/// Whether a signal interrupted the call, or the socket's timeout ran out before the deadline.
fn is_worth_another_try(error: &io::Error, deadline: Deadline) -> bool {
    match error.kind() {
        ErrorKind::Interrupted => true,
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            deadline.left().is_some_and(|left| !left.is_zero())
        }
        _ => false,
    }
}

fn failure(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}

/// The time that is left; `None` is without end.
fn limit(timeout: NextTimeout) -> Option<Duration> {
    match timeout.after {
        time::Duration::Exact(left) => Some(left),
        time::Duration::NotHappening => None,
    }
}
