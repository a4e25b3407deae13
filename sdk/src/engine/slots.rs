//! The slots that a task run holds while it runs: one of each limit of its tags.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;

#[dual(engine)]
use super::AsyncWithin;
#[dual(engine)]
use super::waiting::await_to_go_on;
use super::{RunFailed, TaskRecord, engine};
#[dual(engine)]
use crate::concurrency::AsyncSlots;
use crate::concurrency::{Refused, SlotsOfTags};

/// For how long it is remembered that tags have no limits; as long as in Python.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Tags that had no limits when the server was asked, and when that was.
#[derive(Default)]
pub(crate) struct Unlimited(Mutex<BTreeMap<Vec<String>, Instant>>);

impl Unlimited {
    fn has(&self, tags: &[String], now: Instant) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = known.get(tags);
        asked.is_some_and(|asked| now.saturating_duration_since(*asked) < REMEMBERED)
    }

    fn remember(&self, tags: &[String], now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, asked| now.saturating_duration_since(*asked) < REMEMBERED);
        known.insert(tags.to_owned(), now);
    }
}

/// Waits for a slot of each limit of the run's tags, unless its flow run stops meanwhile; `None` where there are none. What was
/// cancelled before, and calls a task nevertheless, has the slots that are free.
#[dual(engine)]
pub(super) async fn atake_slots<E>(
    within: &AsyncWithin,
    run: &TaskRecord,
) -> Result<Option<AsyncSlots>, RunFailed<E>> {
    let scope = &within.scope;
    if run.tags.is_empty() || scope.unlimited.has(&run.tags, Instant::now()) {
        return scope.suspension.check().map(|()| None);
    }
    let was_to_stop = scope.of_attempt().is_to_stop();
    let mut wanted = SlotsOfTags::new(&run.tags, run.id);
    let slots = loop {
        match wanted.aask(&scope.client).await {
            Ok(slots) => break slots,
            Err(Refused::For(wait)) => await_to_go_on(scope, wait).await?,
            Err(Refused::Finally(error)) => return Err(error.into()),
        }
    };
    if slots.limits().is_empty() {
        scope.unlimited.remember(&run.tags, Instant::now());
    }
    let goes_on = if was_to_stop {
        scope.suspension.check()
    } else {
        scope.goes_on()
    };
    match goes_on {
        Ok(()) => Ok(Some(slots)),
        Err(over) => {
            agive_back(Some(slots)).await;
            Err(over)
        }
    }
}

/// Gives the slots back, as the run has ended. What goes wrong says nothing against the run.
#[dual(engine)]
pub(super) async fn agive_back(slots: Option<AsyncSlots>) {
    let Some(slots) = slots else { return };
    if let Err(error) = slots.release().await {
        tracing::warn!("the slots of a task run could not be given back: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_remembered_for_a_while_and_forgotten() {
        let unlimited = Unlimited::default();
        let (now, tags) = (Instant::now(), ["a".to_owned()]);
        assert!(!unlimited.has(&tags, now));
        unlimited.remember(&tags, now);
        assert!(unlimited.has(&tags, now + REMEMBERED / 2));
        assert!(!unlimited.has(&["a".to_owned(), "b".to_owned()], now));
        assert!(!unlimited.has(&tags, now + REMEMBERED));
        unlimited.remember(&[], now + REMEMBERED);
        assert_eq!(unlimited.0.lock().unwrap().len(), 1);
    }
}
