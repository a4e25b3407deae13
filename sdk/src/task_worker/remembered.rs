//! What a worker remembers of the runs that it was handed. No I/O.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use prefect_client::models::TaskRun;
use uuid::Uuid;

/// How often it is tried to execute a run before what keeps it from that is how it ends.
const ATTEMPTS: u32 = 5;
/// How long something is remembered.
const LONG: Duration = Duration::from_hours(1);

/// A run as it was handed out: it may be submitted again, in another state.
type Handed = (Uuid, Option<Uuid>);

#[derive(Debug, Default)]
pub(super) struct Remembered {
    ended: HashMap<Handed, Instant>,
    failed: HashMap<Handed, (u32, Instant)>,
}

impl Remembered {
    /// The run has ended here. Who hands it out again may not know that yet.
    pub(super) fn ended(&mut self, run: &TaskRun, now: Instant) {
        self.failed.remove(&handed(run));
        self.ended.retain(|_, since| is_fresh(*since, now));
        self.ended.insert(handed(run), now);
    }

    pub(super) fn has_ended(&self, run: &TaskRun) -> bool {
        self.ended.contains_key(&handed(run))
    }

    /// The run could not be executed.
    pub(super) fn failed(&mut self, run: &TaskRun, now: Instant) {
        self.failed.retain(|_, (_, since)| is_fresh(*since, now));
        let (count, since) = self.failed.entry(handed(run)).or_insert((0, now));
        *count = count.saturating_add(1);
        *since = now;
    }

    /// Whether it is tried for the last time.
    pub(super) fn is_last_attempt(&self, run: &TaskRun) -> bool {
        let failed = self.failed.get(&handed(run));
        failed.is_some_and(|(count, _)| *count + 1 >= ATTEMPTS)
    }
}

fn handed(run: &TaskRun) -> Handed {
    (run.id, run.state.as_ref().map(|state| state.id))
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    now.duration_since(since) < LONG
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(state: u128) -> TaskRun {
        serde_json::from_value(json!({
            "id": Uuid::nil(), "task_key": "t", "dynamic_key": "0", "created": null, "updated": null,
            "state": {"id": Uuid::from_u128(state), "type": "SCHEDULED"},
        }))
        .unwrap()
    }

    #[test]
    fn what_has_ended_is_known_until_it_is_submitted_again() {
        let (mut remembered, now) = (Remembered::default(), Instant::now());
        remembered.ended(&run(1), now);
        assert!(remembered.has_ended(&run(1)) && !remembered.has_ended(&run(2)));
        // Not for ever.
        remembered.ended(&run(2), now + LONG);
        assert!(!remembered.has_ended(&run(1)));
    }

    #[test]
    fn what_fails_again_and_again_is_tried_for_the_last_time() {
        let (mut remembered, now) = (Remembered::default(), Instant::now());
        for _ in 1..ATTEMPTS {
            assert!(!remembered.is_last_attempt(&run(1)));
            remembered.failed(&run(1), now);
        }
        assert!(remembered.is_last_attempt(&run(1)) && !remembered.is_last_attempt(&run(2)));
        remembered.ended(&run(1), now);
        assert!(!remembered.is_last_attempt(&run(1)));
    }
}
