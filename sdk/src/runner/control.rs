//! How a runner tells a process what it is about to end for: over a connection that the process opens, before the signal. As in
//! Prefect's runner: the process sends a token on a line; a byte says what is meant, and the process answers `a`.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::deadline::Deadline;
use crate::entry::{CONTROL_PORT, CONTROL_TOKEN};

/// How long a process has to say who it is, and to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a token may be.
const LONGEST: u64 = 256;
/// It is cancelled.
const CANCEL: u8 = b'c';
const UNDERSTOOD: u8 = b'a';

/// The runner's side, for all of its processes.
pub(super) struct Control {
    address: SocketAddr,
    sessions: Arc<Sessions>,
}

#[derive(Default)]
struct Sessions {
    is_over: AtomicBool,
    /// The connection of each process, once it is there; each token opens one.
    by_token: Mutex<HashMap<String, Option<TcpStream>>>,
}

impl Sessions {
    fn by_token(&self) -> MutexGuard<'_, HashMap<String, Option<TcpStream>>> {
        self.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process says who it is.
    fn greet(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        // Nothing follows that is not answered to something.
        let mut reader = BufReader::with_capacity(1, (&stream).take(LONGEST));
        reader.read_line(&mut line)?;
        if let Some(session) = self.by_token().get_mut(line.trim_end())
            && session.is_none()
        {
            *session = Some(stream);
        }
        Ok(())
    }
}

impl Control {
    pub(super) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let sessions = Arc::<Sessions>::default();
        let accepting = Arc::clone(&sessions);
        let thread = thread::Builder::new().name("prefect-control".to_owned());
        thread.spawn(move || {
            for stream in listener.incoming() {
                if accepting.is_over.load(Ordering::Acquire) {
                    return;
                }
                let (sessions, Ok(stream)) = (Arc::clone(&accepting), stream) else {
                    continue;
                };
                // One that says nothing holds up no other.
                let thread = thread::Builder::new().name("prefect-control".to_owned());
                let greeting = thread.spawn(move || drop(sessions.greet(stream)));
                if let Err(error) = greeting {
                    tracing::warn!("a process can't say who it is: {error}");
                }
            }
        })?;
        Ok(Self { address, sessions })
    }

    /// What a process is told, so that it can say who it is.
    pub(super) fn expect(&self) -> (String, [(String, String); 2]) {
        let token = Uuid::new_v4().simple().to_string();
        self.sessions.by_token().insert(token.clone(), None);
        let env = [
            (CONTROL_PORT, self.address.port().to_string()),
            (CONTROL_TOKEN, token.clone()),
        ];
        (token, env.map(|(name, value)| (name.to_owned(), value)))
    }

    /// A process has ended.
    pub(super) fn forget(&self, token: &str) {
        self.sessions.by_token().remove(token);
    }

    /// Tells a process that it is cancelled, if it can hear that; whether it understood.
    pub(super) fn cancel(&self, token: &str) -> bool {
        let session = self.sessions.by_token().get_mut(token).map(Option::take);
        let Some(Some(mut stream)) = session else {
            return false;
        };
        let understood = told(&mut stream);
        understood.unwrap_or_default()
    }
}

fn told(stream: &mut TcpStream) -> io::Result<bool> {
    let end = Deadline::after(Some(PATIENCE), Instant::now());
    stream.write_all(&[CANCEL])?;
    let mut byte = [0];
    loop {
        let left = end.left(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        stream.set_read_timeout(Some(left))?;
        // Processes of Python's offer to say more.
        match stream.read(&mut byte)? {
            0 => return Ok(false),
            _ if byte[0] == UNDERSTOOD => return Ok(true),
            _ => {}
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.sessions.is_over.store(true, Ordering::Release);
        // Who accepts connections hears of it by one.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that knows nothing of this crate.
    fn process(env: &[(String, String); 2]) -> TcpStream {
        let port: u16 = env[0].1.parse().unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        writeln!(stream, "{}", env[1].1).unwrap();
        stream.write_all(b"\0PF\x02\x01").unwrap();
        stream
    }

    fn until_known(control: &Control, token: &str) {
        while control.sessions.by_token()[token].is_none() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_process_is_told_why_and_answers() {
        let control = Control::open().unwrap();
        let (token, env) = control.expect();
        let mut stream = process(&env);
        until_known(&control, &token);
        // Nobody else takes its place.
        let _second = process(&env);
        let heard = thread::spawn(move || {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            stream.write_all(b"a").unwrap();
            byte[0]
        });
        assert!(control.cancel(&token));
        assert_eq!(heard.join().unwrap(), CANCEL);
    }

    #[test]
    fn who_is_not_there_or_does_not_answer_has_not_understood() {
        let control = Control::open().unwrap();
        let (token, env) = control.expect();
        assert!(!control.cancel(&token) && !control.cancel("nobody"));
        let (other, _) = control.expect();
        let silent = process(&env);
        until_known(&control, &token);
        assert!(!control.cancel(&token));
        drop(silent);
        control.forget(&other);
        assert!(!control.cancel(&other));
    }
}
