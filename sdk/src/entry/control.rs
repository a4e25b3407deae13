//! How the process of a run hears what it is about to end for, before the signal: over a connection to whoever started it. A byte
//! says what is meant, and is answered with `a`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

/// How long it may take to be heard: it is a connection within the machine.
const PATIENCE: Duration = Duration::from_secs(1);
const UNDERSTOOD: u8 = b'a';

/// What whoever started the process wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// The run is cancelled.
    Cancel,
    /// The run goes on elsewhere, or at another time, and whoever wants it says so.
    Leave,
}

impl Intent {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b'c' => Some(Self::Cancel),
            b'r' | b'q' => Some(Self::Leave),
            _ => None,
        }
    }
}

/// The connection.
pub(super) struct Control {
    intent: Arc<OnceLock<Intent>>,
}

impl Control {
    /// `None` where nobody listens.
    pub(super) fn connect(port: u16, token: &str) -> Option<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(format!("{token}\n").as_bytes()).ok()?;
        let intent = Arc::<OnceLock<Intent>>::default();
        let heard = Arc::clone(&intent);
        let thread = thread::Builder::new().name("prefect-control".to_owned());
        thread.spawn(move || hear(stream, &heard)).ok()?;
        Some(Self { intent })
    }

    /// What was heard, if anything.
    pub(super) fn intent(&self) -> Option<Intent> {
        self.intent.get().copied()
    }
}

/// The first that is wanted stays.
fn hear(mut stream: TcpStream, heard: &OnceLock<Intent>) {
    let mut byte = [0];
    while stream.read_exact(&mut byte).is_ok() {
        if let Some(intent) = Intent::of(byte[0]) {
            let _ = heard.set(intent);
            if stream.write_all(&[UNDERSTOOD]).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn what_is_wanted_is_known_before_it_is_answered() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let control = Control::connect(port, "who").unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "who\n");
        assert_eq!(control.intent(), None);
        let mut answer = [0];
        // What a later version of it may say is not answered.
        stream.write_all(b"\0PF\x02\x01c").unwrap();
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(
            (answer, control.intent()),
            ([UNDERSTOOD], Some(Intent::Cancel))
        );
        stream.write_all(b"q").unwrap();
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(control.intent(), Some(Intent::Cancel));
    }

    #[test]
    fn nobody_may_listen() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(Control::connect(port, "who").is_none());
    }
}
