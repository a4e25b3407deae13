//! Whether the server's version fits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use diptych_runtime::exchange::session::{Before, Question, SingleFlight};
use diptych_runtime::{Answer, Clock, Error};

use crate::{PREFECT_VERSION, operations};

/// The servers that were found to fit. Prefect's own client, too, asks once per process.
static FITTING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The version of one server.
#[derive(Debug)]
pub(super) struct VersionCheck {
    api_url: String,
    is_settled: AtomicBool,
    asking: SingleFlight,
}

impl VersionCheck {
    pub(super) fn new(api_url: &str) -> Self {
        Self {
            api_url: api_url.to_owned(),
            is_settled: AtomicBool::new(false),
            asking: SingleFlight::default(),
        }
    }

    /// What must happen before the version is known.
    pub(super) fn before(&self, clock: &dyn Clock) -> Result<Option<Before>, Error> {
        if self.is_settled.load(Ordering::Relaxed) || fitting().contains(&self.api_url) {
            self.is_settled.store(true, Ordering::Relaxed);
            return Ok(None);
        }
        match self.asking.begin(clock.now()) {
            Ok(ticket) => {
                Question::new(operations::read_version(), ticket).map(|it| Some(Before::Ask(it)))
            }
            Err(wait) => Ok(Some(Before::Wait(wait))),
        }
    }

    /// A server that does not tell its version is not asked again by this client: the call shows what is wrong.
    pub(super) fn learn(&self, answer: &Answer) -> Result<(), Error> {
        if let Ok(server) = operations::read_version().read(answer.clone()) {
            self.compare(&server)?;
            fitting().insert(self.api_url.clone());
        }
        self.is_settled.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn compare(&self, server: &str) -> Result<(), Error> {
        let (Some(theirs), Some(ours)) = (release(server), release(PREFECT_VERSION)) else {
            return Ok(());
        };
        if theirs.first() != ours.first() {
            let url = &self.api_url;
            return Err(Error::incompatible(format!(
                "the server at {url} is Prefect {server}, and this client is made for Prefect {PREFECT_VERSION}: use a \
                 client and a server of the same major version"
            )));
        }
        if theirs < ours {
            let url = &self.api_url;
            tracing::warn!(
                "the server at {url} is Prefect {server}, older than this client's {PREFECT_VERSION}: some operations \
                 may not work"
            );
        }
        Ok(())
    }
}

fn fitting() -> MutexGuard<'static, BTreeSet<String>> {
    FITTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The numbers of a version such as `3.8.8.dev1+g12ab`, without what follows them.
fn release(version: &str) -> Option<Vec<u32>> {
    let numbers: Vec<u32> = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse().ok())
        .take(3)
        .collect();
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_version_are_compared() {
        assert_eq!(release("3.8.8"), Some(vec![3, 8, 8]));
        assert_eq!(release("3.10.0.dev1+g12ab"), Some(vec![3, 10, 0]));
        assert_eq!(release("v4"), Some(vec![4]));
        assert_eq!(release("unknown"), None);
        assert!(release("3.9.0") < release("3.10"));
    }

    #[test]
    fn another_major_version_is_refused() {
        let check = VersionCheck::new("http://host/api");
        for fine in ["3.8.8", "3.0.0", "3.99.1.dev4", "nightly", ""] {
            assert!(check.compare(fine).is_ok(), "{fine}");
        }
        for other in ["2.20.4", "4.0.0"] {
            let error = check.compare(other).unwrap_err();
            assert!(error.is_incompatible());
            let text = error.to_string();
            assert!(
                text.contains(other) && text.contains("http://host/api"),
                "{text}"
            );
        }
    }
}
