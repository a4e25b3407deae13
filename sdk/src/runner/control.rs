//! How a runner tells a process what it is about to end for, before the signal, and hears that all is said of its run: over a
//! connection that the process opens ([`crate::control`]).

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use uuid::Uuid;

use crate::control::{CANCEL, OFFER, RECEIVED, Receipt, Word};
use crate::entry::{CONTROL_PORT, CONTROL_TOKEN};

/// How long a process has to say who it is, and to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a token may be.
const LONGEST: u64 = 256;

/// The runner's side, for all of its processes.
pub(super) struct Control {
    address: SocketAddr,
    sessions: Arc<Sessions>,
}

#[derive(Default)]
struct Sessions {
    is_over: AtomicBool,
    /// Each token opens one.
    by_token: Mutex<HashMap<String, Arc<Session>>>,
}

/// What is known of a process.
#[derive(Default)]
struct Session {
    facts: Mutex<Facts>,
    changed: Condvar,
}

#[derive(Default)]
struct Facts {
    /// Its connection, once it is there.
    stream: Option<TcpStream>,
    is_understood: bool,
    receipt: Option<Receipt>,
    is_over: bool,
}

impl Session {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears what it says, until it is gone.
    fn hear(&self, mut stream: TcpStream) -> io::Result<()> {
        loop {
            let word = Word::hear(&mut stream)?;
            let mut facts = self.facts();
            // Whoever cancels it speaks as well, and one at a time.
            let answer = |facts: &mut Facts, said: &[u8]| match &mut facts.stream {
                Some(stream) => stream.write_all(said),
                None => Ok(()),
            };
            match word {
                Word::Offer => answer(&mut facts, &OFFER)?,
                Word::Receipt(receipt) => {
                    facts.receipt = Some(receipt);
                    answer(&mut facts, &[RECEIVED])?;
                }
                Word::Understood => facts.is_understood = true,
                Word::Intent(_) | Word::Received | Word::Unknown => {}
            }
            drop(facts);
            self.changed.notify_all();
        }
    }

    fn over(&self) {
        let mut facts = self.facts();
        facts.is_over = true;
        if let Some(stream) = facts.stream.take() {
            drop(stream.shutdown(Shutdown::Both));
        }
        drop(facts);
        self.changed.notify_all();
    }
}

impl Sessions {
    fn by_token(&self) -> MutexGuard<'_, HashMap<String, Arc<Session>>> {
        self.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process says who it is, and what else it has to say.
    fn attend(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        // What follows is heard later.
        let mut reader = BufReader::with_capacity(1, (&stream).take(LONGEST));
        reader.read_line(&mut line)?;
        let Some(session) = self.by_token().get(line.trim_end()).map(Arc::clone) else {
            return Ok(());
        };
        {
            let mut facts = session.facts();
            if facts.stream.is_some() || facts.is_over {
                return Ok(());
            }
            facts.stream = Some(stream.try_clone()?);
        }
        stream.set_read_timeout(None)?;
        let heard = session.hear(stream);
        session.over();
        heard
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
                let attending = thread.spawn(move || drop(sessions.attend(stream)));
                if let Err(error) = attending {
                    tracing::warn!("a process can't say who it is: {error}");
                }
            }
        })?;
        Ok(Self { address, sessions })
    }

    /// What a process is told, so that it can say who it is.
    pub(super) fn expect(&self) -> (String, [(String, String); 2]) {
        let token = Uuid::new_v4().simple().to_string();
        let session = Arc::<Session>::default();
        self.sessions.by_token().insert(token.clone(), session);
        let env = [
            (CONTROL_PORT, self.address.port().to_string()),
            (CONTROL_TOKEN, token.clone()),
        ];
        (token, env.map(|(name, value)| (name.to_owned(), value)))
    }

    fn session(&self, token: &str) -> Option<Arc<Session>> {
        self.sessions.by_token().get(token).map(Arc::clone)
    }

    /// A process has ended; the receipt that it gave, if it did.
    pub(super) fn forget(&self, token: &str) -> Option<Receipt> {
        let session = self.sessions.by_token().remove(token)?;
        session.over();
        // It was there before it was answered, for which the process waits.
        session.facts().receipt.take()
    }

    /// Tells a process that it is cancelled, if it can hear that; whether it understood.
    pub(super) fn cancel(&self, token: &str) -> bool {
        let Some(session) = self.session(token) else {
            return false;
        };
        let mut facts = session.facts();
        let Some(stream) = &mut facts.stream else {
            return false;
        };
        if stream.write_all(&[CANCEL]).is_err() {
            return false;
        }
        let waited = session
            .changed
            .wait_timeout_while(facts, PATIENCE, |facts| {
                !facts.is_understood && facts.stream.is_some()
            });
        let (facts, _) = waited.unwrap_or_else(PoisonError::into_inner);
        facts.is_understood
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
        stream.write_all(&OFFER).unwrap();
        stream
    }

    fn heard<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
        let mut bytes = [0; N];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Whoever did not read all that was said to it ends a connection by a reset.
    fn is_gone(stream: &mut TcpStream) -> bool {
        matches!(stream.read(&mut [0]), Ok(0) | Err(_))
    }

    #[test]
    fn a_process_is_told_why_and_answers() {
        let control = Control::open().unwrap();
        let (token, env) = control.expect();
        let mut stream = process(&env);
        assert_eq!(heard(&mut stream), OFFER);
        // Nobody else takes its place.
        let mut second = process(&env);
        assert!(is_gone(&mut second));
        let answering = thread::spawn(move || {
            let byte: [u8; 1] = heard(&mut stream);
            stream.write_all(b"a").unwrap();
            (byte, stream)
        });
        assert!(control.cancel(&token));
        let (byte, stream) = answering.join().unwrap();
        assert_eq!(byte, [CANCEL]);
        drop(stream);
        assert_eq!(control.forget(&token), None);
    }

    #[test]
    fn a_receipt_is_taken_and_answered() {
        let control = Control::open().unwrap();
        let (token, env) = control.expect();
        let mut stream = process(&env);
        assert_eq!(heard(&mut stream), OFFER);
        let receipt = Receipt::OrchestrationAborted;
        stream.write_all(&receipt.said().unwrap()).unwrap();
        assert_eq!(heard(&mut stream), [RECEIVED]);
        drop(stream);
        assert_eq!(control.forget(&token), Some(receipt));
        // It is asked for once, and nobody may say it after that.
        assert_eq!(control.forget(&token), None);
        let mut late = process(&env);
        assert!(is_gone(&mut late));
    }

    #[test]
    fn who_is_not_there_or_does_not_answer_has_not_understood() {
        let control = Control::open().unwrap();
        let (token, env) = control.expect();
        assert!(!control.cancel(&token) && !control.cancel("nobody"));
        let (other, _) = control.expect();
        let mut silent = process(&env);
        assert_eq!(heard(&mut silent), OFFER);
        assert!(!control.cancel(&token));
        // Nonsense ends it.
        silent.write_all(b"\x01\xff\xff\xff\xff").unwrap();
        assert_eq!(heard(&mut silent), [CANCEL]);
        assert!(is_gone(&mut silent));
        assert!(!control.cancel(&token));
        assert_eq!(control.forget(&other), None);
        assert!(!control.cancel(&other));
    }
}
