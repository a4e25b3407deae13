//! An address at which nobody listens.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// The ports below those that a system gives to whoever asks for any, so that no other test gets one of them meanwhile.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// `host:port` of this machine, where a connection is refused.
///
/// # Panics
///
/// Where all such ports are taken.
#[must_use]
pub fn nobody() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(process::id() % u32::from(COUNT)).unwrap_or_default();
    let ports = std::iter::repeat_with(|| {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        FIRST + own.wrapping_add(next) % COUNT
    });
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let free = ports.take(usize::from(COUNT)).find(is_free);
    format!("127.0.0.1:{}", free.expect("a free port"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn each_caller_gets_another_port_where_nobody_is() {
        let (one, other) = (nobody(), nobody());
        assert_ne!(one, other);
        for address in [one, other] {
            assert!(TcpStream::connect(address).is_err());
        }
    }
}
