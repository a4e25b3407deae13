//! Connecting to a name that has several addresses, of which some may lead nowhere.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long the first turns are: what RFC 8305 recommends between two attempts.
const FIRST_TURN: Duration = Duration::from_millis(250);

/// Connects to the first address that takes a connection.
///
/// They take turns, those of IPv6 and of IPv4 alternately, and a round of turns is twice as long as the one before: an
/// address at which nobody answers holds the others up for a moment, and one that takes its time has it later. One that
/// refuses has no other turn, and the last one that remains has all the time.
///
/// # Errors
/// `TimedOut` at the deadline; else why the last one could not be connected to.
pub(super) fn connect(
    addresses: &[SocketAddr],
    deadline: Option<Instant>,
) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(ErrorKind::NotFound, "the name has no address");
    let (mut remaining, mut turn) = (alternately(addresses), FIRST_TURN);
    while !remaining.is_empty() {
        let longest = (remaining.len() > 1).then_some(turn);
        let mut silent = Vec::new();
        for address in remaining {
            match connect_within(address, longest, deadline) {
                Ok(stream) => return Ok(stream),
                Err(error) if is_over_time(&error) && longest.is_some() => silent.push(address),
                Err(error) => failed = error,
            }
        }
        (remaining, turn) = (silent, turn * 2);
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(ErrorKind::TimedOut.into());
        }
    }
    Err(failed)
}

fn connect_within(
    address: SocketAddr,
    longest: Option<Duration>,
    deadline: Option<Instant>,
) -> io::Result<TcpStream> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    match [left, longest].into_iter().flatten().min() {
        None => TcpStream::connect(address),
        Some(time) if time.is_zero() => Err(ErrorKind::TimedOut.into()),
        Some(time) => TcpStream::connect_timeout(&address, time),
    }
}

/// Whether our own time is over: the system's time limit has a number.
fn is_over_time(error: &io::Error) -> bool {
    error.kind() == ErrorKind::TimedOut && error.raw_os_error().is_none()
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

#[cfg(test)]
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
        // Shares of the time would have been half a minute each.
        assert!(deadline.saturating_duration_since(Instant::now()) > Duration::from_secs(90));
        let soon = Some(Instant::now() + Duration::from_millis(300));
        let late = connect(&[silent.0, other.0], soon).unwrap_err();
        assert!(is_over_time(&late), "{late:?}");
        let refused = connect(&[refusing.0, refusing.0], Some(deadline)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let none = connect(&[], None).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::NotFound);
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
}
