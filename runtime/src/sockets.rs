//! What the sockets of requests that block and of websockets have in common. reqwest sees to those of the async face.
//!
//! Connecting: a name has several addresses, of which some may lead nowhere. Waiting: systems let a socket's time limit run out late.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
#[cfg(feature = "blocking")]
use std::net::TcpStream;
use std::time::Duration;
#[cfg(feature = "blocking")]
use std::time::Instant;

/// How long a first turn is: what RFC 8305 recommends between two attempts.
const FIRST_TURN: Duration = Duration::from_millis(250);

/// Who is tried next.
///
/// Addresses take turns, those of IPv6 and of IPv4 alternately, and each has twice the time in its next one: an address at
/// which nobody answers holds the others up for a moment, and one that takes its time has it later. One that refuses has no
/// other turn, and the last one that remains has all the time.
struct Turns(VecDeque<(SocketAddr, Duration)>);

/// The turn of an address.
struct Turn {
    address: SocketAddr,
    time: Duration,
    /// Whether nobody else waits for one.
    is_alone: bool,
}

impl Turns {
    fn of(addresses: &[SocketAddr]) -> Self {
        let in_order = alternately(addresses).into_iter();
        Self(in_order.map(|address| (address, FIRST_TURN)).collect())
    }

    fn next(&mut self) -> Option<Turn> {
        let (address, time) = self.0.pop_front()?;
        Some(Turn {
            address,
            time,
            is_alone: self.0.is_empty(),
        })
    }

    /// Nobody has answered in this turn.
    fn again(&mut self, turn: &Turn) {
        self.0.push_back((turn.address, turn.time * 2));
    }
}

impl Turn {
    fn longest(&self) -> Option<Duration> {
        (!self.is_alone).then_some(self.time)
    }
}

fn no_address() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "the name has no address")
}

/// Connects to the first of these addresses that takes a connection.
///
/// # Errors
/// `TimedOut` at the deadline; else why the last one could not be connected to.
#[cfg(feature = "blocking")]
pub fn connect(addresses: &[SocketAddr], deadline: Option<Instant>) -> io::Result<TcpStream> {
    let (mut turns, mut failed) = (Turns::of(addresses), no_address());
    while let Some(turn) = turns.next() {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let connected = match [left, turn.longest()].into_iter().flatten().min() {
            None => TcpStream::connect(turn.address),
            Some(time) if time.is_zero() => return Err(ErrorKind::TimedOut.into()),
            Some(time) => TcpStream::connect_timeout(&turn.address, time),
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) if is_over_time(&error) => turns.again(&turn),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// How late a system lets a socket's time limit run out, as a part of it: Linux does not look more closely.
#[cfg(feature = "blocking")]
const LATE: u32 = 8;

/// The time limit of a socket that is to wait this long. What is left behind it is to be waited for anew.
#[cfg(feature = "blocking")]
#[must_use]
pub fn patience(left: Duration) -> Duration {
    left.saturating_sub(left / LATE)
}

/// Whether our own time is over: the system's time limit has a number.
#[cfg(feature = "blocking")]
fn is_over_time(error: &io::Error) -> bool {
    error.kind() == ErrorKind::TimedOut && error.raw_os_error().is_none()
}

/// Connects to the first of these addresses that takes a connection, however long it takes.
///
/// # Errors
/// Why the last one could not be connected to.
#[cfg(feature = "async")]
pub async fn aconnect(addresses: &[SocketAddr]) -> io::Result<tokio::net::TcpStream> {
    let (mut turns, mut failed) = (Turns::of(addresses), no_address());
    while let Some(turn) = turns.next() {
        let connecting = tokio::net::TcpStream::connect(turn.address);
        match within(turn.longest(), connecting).await {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => failed = error,
            None => turns.again(&turn),
        }
    }
    Err(failed)
}

/// What comes of it in this time, where there is one.
#[cfg(feature = "async")]
async fn within<T>(time: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match time {
        None => Some(work.await),
        Some(time) => tokio::time::timeout(time, work).await.ok(),
    }
}

/// One of each kind in turn, as the system prefers them.
fn alternately(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let is_first_kind = |address: &SocketAddr| address.is_ipv6() == is_ipv6;
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().copied().partition(is_first_kind);
    let longest = first.len().max(second.len());
    let pair = |at| [first.get(at).copied(), second.get(at).copied()];
    (0..longest).flat_map(pair).flatten().collect()
}

#[cfg(all(test, feature = "blocking", feature = "async"))]
mod tests {
    use std::net::TcpListener;

    use test_server::{Door, Fault, Server};

    use super::*;

    fn start(door: Door) -> (SocketAddr, Server) {
        let server = Server::start(door, Vec::<Fault>::new()).unwrap();
        let url = server.url();
        let address = url.strip_prefix("http://").unwrap().strip_suffix("/api");
        (address.unwrap().parse().unwrap(), server)
    }

    fn on_tokio<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(work)
    }

    #[test]
    fn an_address_at_which_nobody_answers_holds_no_other_up() {
        let [silent, other] = [start(Door::Full), start(Door::Full)];
        let refusing = start(Door::Refusing);
        let listening = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listening.local_addr().unwrap();
        let deadline = Instant::now() + Duration::from_mins(2);
        let addresses = [silent.0, other.0, refusing.0, open];
        let stream = connect(&addresses, Some(deadline)).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
        let stream = on_tokio(aconnect(&addresses)).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
        // Shares of the time would have been half a minute each.
        assert!(deadline.saturating_duration_since(Instant::now()) > Duration::from_secs(80));
    }

    #[test]
    fn where_nobody_can_be_connected_to_it_is_told_why() {
        let [silent, other] = [start(Door::Full), start(Door::Full)];
        let refusing = start(Door::Refusing);
        let soon = Instant::now() + Duration::from_millis(300);
        let late = connect(&[silent.0, other.0], Some(soon)).unwrap_err();
        assert!(is_over_time(&late), "{late:?}");
        let both = [refusing.0, refusing.0];
        for refused in [connect(&both, None).err(), on_tokio(aconnect(&both)).err()] {
            assert_eq!(refused.unwrap().kind(), ErrorKind::ConnectionRefused);
        }
        for none in [connect(&[], None).err(), on_tokio(aconnect(&[])).err()] {
            assert_eq!(none.unwrap().kind(), ErrorKind::NotFound);
        }
    }

    #[test]
    fn who_did_not_answer_has_twice_the_time_in_its_next_turn() {
        let addresses = ["1.1.1.1:1", "1.1.1.2:1"].map(|text| text.parse().unwrap());
        let mut turns = Turns::of(&addresses);
        let mut seen = Vec::new();
        for _ in 0..4 {
            let turn = turns.next().unwrap();
            seen.push((turn.address, turn.longest().unwrap().as_millis()));
            turns.again(&turn);
        }
        let [first, second] = addresses;
        assert_eq!(
            seen,
            [(first, 250), (second, 250), (first, 500), (second, 500)]
        );
        // One of them refuses.
        turns.next().unwrap();
        assert_eq!(turns.next().unwrap().longest(), None);
        assert!(turns.next().is_none());
    }

    #[test]
    fn kinds_of_addresses_take_turns() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            let texts = texts.iter().map(|text| text.parse().unwrap());
            texts.collect()
        };
        let (six, four) = (
            ["[::1]:1", "[::2]:1", "[::3]:1"],
            ["1.1.1.1:1", "1.1.1.2:1"],
        );
        let given = addresses(&[six.as_slice(), &four].concat());
        let turns = [six[0], four[0], six[1], four[1], six[2]];
        assert_eq!(alternately(&given), addresses(&turns));
        assert_eq!(alternately(&addresses(&four)), addresses(&four));
        assert_eq!(alternately(&[]), []);
    }

    #[test]
    fn a_timeout_that_runs_out_late_is_over_in_time() {
        let mut left = Duration::from_mins(1);
        let mut waits = 0;
        while left > Duration::from_millis(1) {
            let late = patience(left) + patience(left) / LATE;
            assert!(late <= left, "{left:?}");
            left -= late;
            waits += 1;
        }
        assert!(waits < 8, "{waits}");
    }
}
