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
    let listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    let listeners: Vec<Arc<Tell>> = listeners.iter().filter_map(Weak::upgrade).collect();
    for tell in &listeners {
        tell(signal);
    }
    !listeners.is_empty()
}

#[cfg(unix)]
mod system {
    use std::sync::OnceLock;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{EndSignal, told};
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
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let thread = std::thread::Builder::new().name("prefect-signals".to_owned());
        thread.spawn(move || {
            for signal in signals.forever() {
                let meaning = if signal == SIGINT {
                    EndSignal::Interrupt
                } else {
                    EndSignal::Terminate
                };
                if !told(meaning) {
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
    }
}
