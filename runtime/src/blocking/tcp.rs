//! TCP connections with a deadline, and with few system calls.
//!
//! A socket knows timeouts only, and setting one is a system call. So one that is about right stays: calls with the same
//! deadline, one after another, set none.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::sockets::{self, patience};

/// A TCP connection. Reading and writing end at its deadline, with `TimedOut`.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    deadline: Deadline,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    looks_up: bool,
}

/// How long a connection that looks up waits for room to write into.
const GLANCE: Duration = Duration::from_millis(100);

impl Tcp {
    /// Connects to one of these addresses.
    pub(super) fn open(addresses: &[SocketAddr], deadline: Option<Instant>) -> io::Result<Self> {
        let stream = sockets::connect(addresses, deadline)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            deadline: Deadline(deadline),
            read_timeout: None,
            write_timeout: None,
            looks_up: false,
        })
    }

    /// Sets when reading and writing end; `None` is never.
    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = Deadline(deadline);
    }

    /// Sets whether writing ends soon where nothing can be written, with `WouldBlock`, so that somebody can see whether
    /// there is something to be read.
    pub(super) fn look_up(&mut self, looks_up: bool) {
        self.looks_up = looks_up;
    }

    /// Whether the server has neither closed the connection nor said anything unasked.
    pub(super) fn is_quiet(&self) -> bool {
        is_quiet(&self.stream)
    }
}

impl Read for Tcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.deadline.set(None, &mut self.read_timeout, |limit| {
                self.stream.set_read_timeout(limit)
            })?;
            match self.stream.read(buffer) {
                Err(error) => self.deadline.pass_over(error)?,
                read => return read,
            }
        }
    }
}

impl Write for Tcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let longest = self.looks_up.then_some(GLANCE);
        loop {
            self.deadline
                .set(longest, &mut self.write_timeout, |limit| {
                    self.stream.set_write_timeout(limit)
                })?;
            match self.stream.write(bytes) {
                Err(error) if self.looks_up && is_over_time(&error) && !self.deadline.is_over() => {
                    return Err(ErrorKind::WouldBlock.into());
                }
                Err(error) => self.deadline.pass_over(error)?,
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

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
#[derive(Clone, Copy, Debug)]
struct Deadline(Option<Instant>);

/// How much longer than wanted a socket may wait, as a part of the time that is left.
const SLACK: u32 = 64;

impl Deadline {
    fn left(self) -> Option<Duration> {
        self.0
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn is_over(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// Sets the socket's timeout, which is at most the longest one, unless the one that is set is as good.
    fn set(
        self,
        longest: Option<Duration>,
        known: &mut Option<Duration>,
        set: impl FnOnce(Option<Duration>) -> io::Result<()>,
    ) -> io::Result<()> {
        let wanted = self.left();
        if wanted.is_some_and(|left| left.is_zero()) {
            return Err(ErrorKind::TimedOut.into());
        }
        let wanted = [wanted.map(patience), longest].into_iter().flatten().min();
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

    /// Whether to try again: a signal interrupted the call, or the socket's timeout ran out before the deadline.
    fn pass_over(self, error: io::Error) -> io::Result<()> {
        match error.kind() {
            ErrorKind::Interrupted => Ok(()),
            _ if is_over_time(&error) => match self.left() {
                Some(left) if left.is_zero() => Err(ErrorKind::TimedOut.into()),
                Some(_) => Ok(()),
                None => Err(error),
            },
            _ => Err(error),
        }
    }
}

/// Whether the socket's timeout ran out: systems have either word for it.
fn is_over_time(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
