//! A server that makes things of what it is told, in memory.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::SECOND;
use crate::background::outbox::spares::Sought;
use crate::background::{Described, Item, Tells};

/// That the thing of this number is in its state of that number.
#[derive(Debug)]
pub(super) struct State(pub(super) u32, pub(super) u32);

impl Item for State {
    const PLURAL: &'static str = "states";
    const OPTIONS: &'static str = "SendStates";
    const MAX_ITEMS: &'static str = "max_states";
    const PATH: &'static str = "/states";
    const THINGS: &'static str = "things";

    type Trace = ();

    fn operation() -> &'static str {
        "create_states"
    }

    fn describe(&self) -> Described {
        Described {
            id: None,
            name: format!("state {} of {}", self.1, self.0),
        }
    }

    fn trace(&self) {}

    fn tells(&self) -> Option<Tells> {
        (self.0 > 0).then(|| Tells {
            of: Uuid::from_u128(self.0.into()),
            state: self.1.to_string(),
        })
    }
}

/// A server that answers at once, and makes things of a few states in each second.
pub(super) struct Server {
    /// Of all of them at once where this is zero.
    pub(super) every: Duration,
    pub(super) a_second: usize,
    pub(super) waiting: VecDeque<(Uuid, u32)>,
    /// How many it was sent.
    pub(super) taken: usize,
    pub(super) made: BTreeMap<Uuid, u32>,
    /// It makes nothing of these.
    pub(super) skips: fn(&State) -> bool,
    pub(super) at: Instant,
    pub(super) asked: usize,
}

impl Server {
    pub(super) fn new(a_second: usize, at: Instant) -> Self {
        Self {
            every: SECOND,
            a_second,
            waiting: VecDeque::new(),
            taken: 0,
            made: BTreeMap::new(),
            skips: |_| false,
            at,
            asked: 0,
        }
    }

    pub(super) fn take(&mut self, states: &[State]) {
        self.taken += states.len();
        let states = states.iter().filter(|state| !(self.skips)(state));
        let states = states.map(|state| (Uuid::from_u128(state.0.into()), state.1));
        self.waiting.extend(states);
    }

    pub(super) fn make(&mut self, now: Instant) {
        while self.at + self.every <= now && !self.waiting.is_empty() {
            self.at += self.every;
            let part = self.a_second.min(self.waiting.len());
            for (thing, state) in self.waiting.drain(..part) {
                let known = self.made.entry(thing).or_default();
                *known = state.max(*known);
            }
        }
    }

    /// Its process ends, and another one begins.
    pub(super) fn restart(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn count(&mut self, sought: &Sought) -> usize {
        self.asked += 1;
        let states = sought.ids.iter().filter_map(|id| self.made.get(id));
        states
            .filter(|state| state.to_string() == sought.state)
            .count()
    }

    pub(super) fn find(&mut self, ids: &[Uuid]) -> Vec<(Uuid, String)> {
        self.asked += 1;
        let found = ids.iter().filter_map(|id| Some((*id, self.made.get(id)?)));
        found.map(|(id, state)| (id, state.to_string())).collect()
    }

    pub(super) fn has(&self, things: u32, state: u32) -> bool {
        (1..=things).all(|thing| self.made.get(&Uuid::from_u128(thing.into())) == Some(&state))
    }
}
