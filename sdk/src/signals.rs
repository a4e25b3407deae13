//! What the system tells the process: that it is to end.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::Error;

/// Why the process is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndSignal {
    /// Somebody pressed Ctrl-C.
    Interrupt,
    /// Whoever started the process, or the system, wants it to end.
    Terminate,
}

type Tell = dyn Fn(EndSignal) + Send + Sync;

/// Who is told, until it is dropped.
pub(crate) struct Listening {
    _tell: Arc<Tell>,
}

/// All who are told. Where there is nobody any more, a signal does what it does to any process.
static LISTENERS: Mutex<Vec<Weak<Tell>>> = Mutex::new(Vec::new());

/// Tells of signals, instead of what they would do, until what this gives is dropped. It is called on a thread of its own.
pub(crate) fn listen(tell: impl Fn(EndSignal) + Send + Sync + 'static) -> Result<Listening, Error> {
    system::begin()?;
    let tell: Arc<Tell> = Arc::new(tell);
    let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    listeners.retain(|listener| listener.strong_count() > 0);
    listeners.push(Arc::downgrade(&tell));
    Ok(Listening { _tell: tell })
}

/// Whether anybody was told.
#[cfg(unix)]
fn told(signal: EndSignal) -> bool {
    let listeners: Vec<Arc<Tell>> = {
        let listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().filter_map(Weak::upgrade).collect()
    };
    // Who is told may listen in turn.
    for tell in &listeners {
        tell(signal);
    }
    !listeners.is_empty()
}

/// What the signals of the process did before anybody listened here, as far as the system says so: where it does not, what they do
/// to any process.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Before {
    /// A bit for each signal, the first one's first.
    ignored: u64,
    handled: u64,
}

#[cfg(unix)]
impl Before {
    fn read() -> Self {
        let status = std::fs::read_to_string("/proc/self/status");
        status.map_or_else(|_| Self::default(), |status| Self::of(&status))
    }

    fn of(status: &str) -> Self {
        let set = |name| {
            let text = status.lines().find_map(|line| line.strip_prefix(name));
            text.and_then(|text| u64::from_str_radix(text.trim(), 16).ok())
        };
        Self {
            ignored: set("SigIgn:").unwrap_or_default(),
            handled: set("SigCgt:").unwrap_or_default(),
        }
    }

    fn ignored(self, signal: i32) -> bool {
        has(self.ignored, signal)
    }

    fn handled(self, signal: i32) -> bool {
        has(self.handled, signal)
    }
}

#[cfg(unix)]
fn has(set: u64, signal: i32) -> bool {
    let bit = u32::try_from(signal - 1).ok();
    bit.and_then(|bit| set.checked_shr(bit))
        .is_some_and(|set| set & 1 == 1)
}

#[cfg(unix)]
mod system {
    use std::sync::OnceLock;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{Before, EndSignal, told};
    use crate::Error;

    static BEGUN: OnceLock<Result<(), String>> = OnceLock::new();

    /// One thread hears the signals of the process from the first who listens on.
    pub(super) fn begin() -> Result<(), Error> {
        let begun = BEGUN.get_or_init(|| hear().map_err(|error| error.to_string()));
        let begun = begun.as_ref();
        begun.map_err(|error| Error::invalid(format!("signals can't be heard: {error}")))?;
        Ok(())
    }

    fn hear() -> std::io::Result<()> {
        let before = Before::read();
        // Who started the process may want it to go on.
        let heard = [SIGINT, SIGTERM].map(|signal| (!before.ignored(signal)).then_some(signal));
        let mut signals = Signals::new(heard.iter().flatten())?;
        let thread = std::thread::Builder::new().name("prefect-signals".to_owned());
        thread.spawn(move || {
            for signal in signals.forever() {
                let meaning = if signal == SIGINT {
                    EndSignal::Interrupt
                } else {
                    EndSignal::Terminate
                };
                // What the program itself does on a signal is done besides.
                if !told(meaning) && !before.handled(signal) {
                    // It can't fail for these two.
                    drop(emulate_default_handler(signal));
                }
            }
        })?;
        Ok(())
    }
}

/// There are none that a program could hear without more ado.
#[cfg(not(unix))]
mod system {
    use crate::Error;

    #[expect(clippy::unnecessary_wraps, reason = "it may fail elsewhere")]
    pub(super) fn begin() -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn who_listens_is_told_until_it_is_dropped() {
        let (sender, heard) = mpsc::channel();
        let also = sender.clone();
        let first = listen(move |signal| sender.send((1, signal)).unwrap()).unwrap();
        let second = listen(move |signal| also.send((2, signal)).unwrap()).unwrap();
        assert!(told(EndSignal::Interrupt));
        assert_eq!(heard.recv().unwrap(), (1, EndSignal::Interrupt));
        assert_eq!(heard.recv().unwrap(), (2, EndSignal::Interrupt));
        drop(first);
        assert!(told(EndSignal::Terminate));
        assert_eq!(heard.recv().unwrap(), (2, EndSignal::Terminate));
        drop(second);
        assert!(heard.recv().is_err());
        // Who is told may listen.
        let (sender, heard) = mpsc::channel();
        let listen_too = move |_| sender.send(listen(|_| ()).unwrap()).unwrap();
        let _third = listen(listen_too).unwrap();
        assert!(told(EndSignal::Interrupt));
        drop(heard.recv().unwrap());
    }

    #[test]
    fn what_signals_did_before_is_known() {
        let status = "Name:\tcat\nSigIgn:\t0000000000000002\nSigCgt:\t0000000000004000\n";
        let before = Before::of(status);
        assert!(before.ignored(2) && !before.ignored(15) && before.handled(15));
        for nothing in ["", "SigIgn: many\nSigCgt:\n"] {
            assert_eq!(Before::of(nothing), Before::default());
        }
        assert!(!has(u64::MAX, 0) && !has(u64::MAX, 65) && has(u64::MAX, 64));
    }
}
