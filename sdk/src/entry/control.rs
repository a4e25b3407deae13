//! How the process of a run hears what it is about to end for, before the signal, and says that all is said of its run: over a
//! connection to whoever started it ([`crate::control`]).

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::control::{Intent, OFFER, Receipt, UNDERSTOOD, Word};

/// How long it may take to be heard: it is a connection within the machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// The connection.
pub(super) struct Control {
    stream: TcpStream,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    facts: Mutex<Facts>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    intent: Option<Intent>,
    /// Whoever started the process takes receipts.
    takes_receipts: bool,
    is_received: bool,
}

impl Heard {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// `None` where nobody listens. What is given is called once there is nobody any more who could say anything.
    pub(super) fn connect(
        port: u16,
        token: &str,
        lost: impl FnOnce() + Send + 'static,
    ) -> Option<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        let greeting = [token.as_bytes(), b"\n", &OFFER].concat();
        stream.write_all(&greeting).ok()?;
        let heard = Arc::<Heard>::default();
        let (hearing, said) = (Arc::clone(&heard), stream.try_clone().ok()?);
        let thread = thread::Builder::new().name("prefect-control".to_owned());
        let listen = move || {
            hear(said, &hearing);
            lost();
        };
        thread.spawn(listen).ok()?;
        Some(Self { stream, heard })
    }

    /// What was heard, if anything.
    pub(super) fn intent(&self) -> Option<Intent> {
        self.heard.facts().intent
    }

    /// Whether whoever started the process takes receipts.
    pub(super) fn takes_receipts(&self) -> bool {
        self.heard.facts().takes_receipts
    }

    /// Gives a receipt; whether it was taken.
    pub(super) fn give(&self, receipt: &Receipt) -> bool {
        let Ok(said) = receipt.said() else {
            return false;
        };
        if (&self.stream).write_all(&said).is_err() {
            return false;
        }
        let (heard, facts) = (&self.heard, self.heard.facts());
        let waited = heard
            .changed
            .wait_timeout_while(facts, PATIENCE, |facts| !facts.is_received);
        let (facts, _) = waited.unwrap_or_else(PoisonError::into_inner);
        facts.is_received
    }
}

/// Until there is nobody any more. The first that is wanted stays.
fn hear(mut stream: TcpStream, heard: &Heard) {
    while let Ok(word) = Word::hear(&mut stream) {
        match word {
            Word::Intent(intent) => {
                heard.facts().intent.get_or_insert(intent);
                if stream.write_all(&[UNDERSTOOD]).is_err() {
                    return;
                }
            }
            Word::Offer => heard.facts().takes_receipts = true,
            Word::Received => {
                heard.facts().is_received = true;
                heard.changed.notify_all();
            }
            Word::Understood | Word::Receipt(_) | Word::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::net::TcpListener;
    use std::sync::mpsc;

    use super::*;

    fn port(listener: &TcpListener) -> u16 {
        listener.local_addr().unwrap().port()
    }

    /// Who started the process, after it has heard who that is.
    fn parent(listener: &TcpListener) -> TcpStream {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        let mut reader = BufReader::with_capacity(1, &stream);
        reader.read_line(&mut line).unwrap();
        assert_eq!(line, "who\n");
        let mut offer = [0; OFFER.len()];
        stream.read_exact(&mut offer).unwrap();
        assert_eq!(offer, OFFER);
        stream
    }

    #[test]
    fn what_is_wanted_is_known_before_it_is_answered() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let control = Control::connect(port(&listener), "who", || {}).unwrap();
        let mut stream = parent(&listener);
        assert_eq!(control.intent(), None);
        let mut answer = [0];
        // What a later version of it may say is not answered.
        stream.write_all(b"\0PF\x02\x02c").unwrap();
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(
            (answer, control.intent()),
            ([UNDERSTOOD], Some(Intent::Cancel))
        );
        stream.write_all(b"q").unwrap();
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(control.intent(), Some(Intent::Cancel));
        assert!(!control.takes_receipts());
    }

    #[test]
    fn a_receipt_is_given_and_answered() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (lost, is_lost) = mpsc::channel();
        let lost = move || lost.send(()).unwrap();
        let control = Control::connect(port(&listener), "who", lost).unwrap();
        let mut stream = parent(&listener);
        stream.write_all(&OFFER).unwrap();
        let taken = thread::spawn(move || {
            let word = Word::hear(&mut stream).unwrap();
            stream.write_all(&[crate::control::RECEIVED]).unwrap();
            word
        });
        let receipt = Receipt::OrchestrationAborted;
        assert!(control.give(&receipt));
        assert!(control.takes_receipts());
        assert_eq!(taken.join().unwrap(), Word::Receipt(receipt));
        // It is gone.
        is_lost.recv().unwrap();
        assert!(is_lost.recv().is_err());
    }

    #[test]
    fn nobody_may_listen() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = port(&listener);
        drop(listener);
        assert!(Control::connect(port, "who", || {}).is_none());
    }
}
