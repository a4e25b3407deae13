//! One HTTP client for each runtime.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Id;

/// How many runtimes keep their connections. The one that was used least recently loses its idle ones.
const MOST_RUNTIMES: usize = 8;

/// A connection is driven by a task of the runtime that opened it. A call on another runtime would wait for it until the
/// deadline while the first one stands still, as one of a single thread does between two `block_on`.
#[derive(Debug)]
pub(super) struct PerRuntime<C>(Mutex<Known<C>>);

#[derive(Debug)]
struct Known<C> {
    /// Built before there was a runtime.
    first: Option<C>,
    /// The one that was used last is the last.
    of_runtimes: Vec<(Id, Used<C>)>,
    /// How many clients runtimes were given.
    given: u64,
}

/// A client as one call uses it. Clones share their connections.
#[derive(Clone, Debug)]
pub(super) struct Used<C> {
    pub(super) client: C,
    pub(super) number: u64,
}

impl<C: Clone> PerRuntime<C> {
    /// `first`: the client of the first runtime that asks for one.
    pub(super) fn new(first: C) -> Self {
        Self(Mutex::new(Known {
            first: Some(first),
            of_runtimes: Vec::new(),
            given: 0,
        }))
    }

    /// The client of a runtime, which is made where there is none.
    pub(super) fn of<E>(
        &self,
        runtime: Id,
        make: impl FnOnce() -> Result<C, E>,
    ) -> Result<Used<C>, E> {
        let mut known = self.known();
        let clients = &mut known.of_runtimes;
        let used = match clients.iter().rposition(|(id, _)| *id == runtime) {
            Some(place) if place + 1 == clients.len() => return Ok(clients[place].1.clone()),
            Some(place) => clients.remove(place).1,
            None => known.begin(make)?,
        };
        known.of_runtimes.push((runtime, used.clone()));
        if known.of_runtimes.len() > MOST_RUNTIMES {
            known.of_runtimes.remove(0);
        }
        Ok(used)
    }

    /// Lets no other call use the idle connections of this client. Where many calls fail at once on one client, it is left
    /// once.
    pub(super) fn leave(&self, runtime: Id, number: u64) {
        let is_it = |(id, used): &(Id, Used<C>)| *id == runtime && used.number == number;
        self.known().of_runtimes.retain(|used| !is_it(used));
    }

    fn known(&self) -> MutexGuard<'_, Known<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Known<C> {
    fn begin<E>(&mut self, make: impl FnOnce() -> Result<C, E>) -> Result<Used<C>, E> {
        let client = match self.first.take() {
            Some(first) => first,
            None => make()?,
        };
        self.given += 1;
        let number = self.given;
        Ok(Used { client, number })
    }
}

/// hyper adds the time to the present, which must not overflow. Nobody sees the end of so many years.
const FOR_EVER: Duration = Duration::from_hours(30 * 365 * 24);

/// How long an idle connection is kept; `None` is for ever.
pub(super) fn idle_time(chosen: Duration) -> Option<Duration> {
    (chosen < FOR_EVER).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    }

    #[test]
    fn the_runtimes_that_were_used_last_are_remembered() {
        let clients = PerRuntime::new("first");
        let runtimes: Vec<_> = (0..=MOST_RUNTIMES).map(|_| runtime()).collect();
        let ids: Vec<Id> = runtimes.iter().map(|it| it.handle().id()).collect();
        let client = |id: &Id| clients.of(*id, || Ok::<_, Infallible>("later"));
        assert_eq!(client(&ids[0]).unwrap().client, "first");
        for id in ids.iter().chain(&ids[2..4]) {
            client(id).unwrap();
        }
        let known = clients.known();
        let remembered: Vec<Id> = known.of_runtimes.iter().map(|(id, _)| *id).collect();
        assert_eq!(remembered, [&ids[1..2], &ids[4..], &ids[2..4]].concat());
    }
}
