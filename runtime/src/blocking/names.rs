//! Looking up names: within a deadline, with a short memory, and only when a connection is opened.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long addresses are remembered.
const MEMORY: Duration = Duration::from_secs(30);

type LookUp = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// Names and their addresses.
///
/// The system's resolver takes no deadline, so that a name that isn't remembered is looked up on a thread of its own:
/// at most one per name at a time, however many callers wait for it, and it ends when the system gives up. An IP
/// address, and `localhost`, which no name server is asked for, need no thread.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    shared: Arc<Shared>,
    look_up: LookUp,
}

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<HashMap<(String, u16), Known>>,
    changed: Condvar,
}

#[derive(Clone, Debug)]
enum Known {
    /// A thread is asking.
    Asking,
    Addresses(Vec<SocketAddr>, Instant),
    /// The callers that waited get the error; the next one asks again.
    Failed(Arc<io::Error>, Instant),
}

/// How long a failed lookup answers those who waited for it.
const FAILURE_MEMORY: Duration = Duration::from_millis(100);

impl Resolver {
    pub(super) fn new() -> Self {
        Self::with(system)
    }

    fn with(look_up: LookUp) -> Self {
        Self {
            shared: Arc::default(),
            look_up,
        }
    }

    /// The addresses of a host.
    ///
    /// # Errors
    /// `TimedOut` at the deadline; else what the system says.
    pub(super) fn addresses(
        &self,
        host: &str,
        port: u16,
        deadline: Option<Instant>,
    ) -> io::Result<Vec<SocketAddr>> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        if bare.eq_ignore_ascii_case("localhost") {
            return (self.look_up)(bare, port);
        }
        self.looked_up(bare, port, deadline)
    }

    fn looked_up(
        &self,
        host: &str,
        port: u16,
        deadline: Option<Instant>,
    ) -> io::Result<Vec<SocketAddr>> {
        let key = (host.to_owned(), port);
        let mut known = self.shared.lock();
        loop {
            match known.get(&key) {
                Some(Known::Addresses(addresses, until)) if Instant::now() < *until => {
                    return Ok(addresses.clone());
                }
                Some(Known::Failed(error, until)) if Instant::now() < *until => {
                    return Err(io::Error::new(error.kind(), Arc::clone(error)));
                }
                Some(Known::Asking) => {}
                _ => {
                    known.insert(key.clone(), Known::Asking);
                    if let Err(error) = self.ask(&key) {
                        known.remove(&key);
                        return Err(error);
                    }
                }
            }
            known = self.shared.wait(known, deadline)?;
        }
    }

    fn ask(&self, key: &(String, u16)) -> io::Result<()> {
        let (shared, look_up) = (Arc::clone(&self.shared), self.look_up);
        let (host, port) = key.clone();
        let thread = std::thread::Builder::new().name(format!("look up {host}"));
        thread.spawn(move || {
            let answer = look_up(&host, port);
            let now = Instant::now();
            let known = match answer {
                Ok(addresses) => Known::Addresses(addresses, now + MEMORY),
                Err(error) => Known::Failed(Arc::new(error), now + FAILURE_MEMORY),
            };
            shared.lock().insert((host, port), known);
            shared.changed.notify_all();
        })?;
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<(String, u16), Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        deadline: Option<Instant>,
    ) -> io::Result<MutexGuard<'a, T>> {
        let Some(deadline) = deadline else {
            let woken = self.changed.wait(guard);
            return Ok(woken.unwrap_or_else(PoisonError::into_inner));
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let woken = self.changed.wait_timeout(guard, left);
        Ok(woken.unwrap_or_else(PoisonError::into_inner).0)
    }
}

fn system(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[test]
    fn an_ip_address_and_localhost_are_not_looked_up_on_a_thread_of_its_own() {
        static ASKED_ON: Mutex<Option<thread::ThreadId>> = Mutex::new(None);
        fn here(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            *ASKED_ON.lock().unwrap() = Some(thread::current().id());
            system(host, port)
        }
        let names = Resolver::with(here);
        let v4 = names.addresses("127.0.0.1", 80, None).unwrap();
        assert_eq!(v4, ["127.0.0.1:80".parse().unwrap()]);
        let v6 = names.addresses("[::1]", 80, None).unwrap();
        assert_eq!(v6, ["[::1]:80".parse().unwrap()]);
        assert_eq!(*ASKED_ON.lock().unwrap(), None);
        assert!(!names.addresses("LocalHost", 80, None).unwrap().is_empty());
        assert_eq!(*ASKED_ON.lock().unwrap(), Some(thread::current().id()));
    }

    #[test]
    fn a_name_is_looked_up_once_for_all_who_wait_and_remembered() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        fn slow(_: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            ASKED.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(30));
            system("10.0.0.1", port)
        }
        let names = Resolver::with(slow);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| names.addresses("host.example", 80, None).unwrap());
            }
        });
        let again = names.addresses("host.example", 80, None).unwrap();
        assert_eq!(again, ["10.0.0.1:80".parse().unwrap()]);
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn hazard_14_a_stalled_name_server_holds_nobody_beyond_the_deadline_and_one_thread_at_most() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        fn stalled(_: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
            ASKED.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_secs(3));
            Err(io::Error::other("no name server"))
        }
        let names = Resolver::with(stalled);
        for _ in 0..5 {
            let error = names
                .addresses("host.example", 80, Some(soon()))
                .unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failure_is_told_and_the_next_caller_asks_again() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        fn first_fails(_: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            if ASKED.fetch_add(1, Ordering::SeqCst) == 0 {
                return Err(io::Error::other("no such host"));
            }
            Ok(vec![SocketAddr::from(([10, 0, 0, 1], port))])
        }
        let names = Resolver::with(first_fails);
        let error = names.addresses("host.example", 80, None).unwrap_err();
        assert!(error.to_string().contains("no such host"), "{error}");
        thread::sleep(FAILURE_MEMORY * 2);
        assert!(names.addresses("host.example", 80, None).is_ok());
    }
}
