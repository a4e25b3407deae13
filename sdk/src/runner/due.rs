//! Which of the runs that are due begin, and when is looked again. No I/O.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use prefect_client::models::FlowRunResponse;
use uuid::Uuid;

use super::ending::is_retried_in_process;

/// How long after its time a retry is taken to be left, as its process is gone.
const LEFT: TimeDelta = TimeDelta::minutes(5);

/// Nobody looks more often, as the server has others to answer; nor more seldom, as somebody may wait.
pub(super) const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_hours(24);
/// How long before its time a run may be taken: times have room for it.
const FARTHEST: TimeDelta = TimeDelta::days(365);

/// Runs that did not begin here although they were due: others have their turn before they are tried again.
#[derive(Default)]
pub(super) struct LeftOut(HashMap<Uuid, Instant>);

impl LeftOut {
    pub(super) fn add(&mut self, id: Uuid, until: Instant) {
        self.0.insert(id, until);
    }

    /// Whether it is left out; once it is not, nothing is known of it any more.
    pub(super) fn has(&mut self, id: Uuid, now: Instant) -> bool {
        self.0.retain(|_, until| *until > now);
        self.0.contains_key(&id)
    }
}

/// Those that begin now: the earliest first, as many as there is room for, and none that has begun already.
pub(super) fn begins(
    mut due: Vec<FlowRunResponse>,
    running: impl Fn(Uuid) -> bool,
    room: usize,
    now: DateTime<Utc>,
) -> Vec<FlowRunResponse> {
    due.retain(|run| !running(run.id) && !is_elsewhere(run, now));
    due.sort_by_key(|run| {
        let time = run.next_scheduled_start_time.or(run.expected_start_time);
        (time.is_none(), time)
    });
    if due.len() > room {
        tracing::info!("{} runs wait until others have ended", due.len() - room);
    }
    due.truncate(room);
    due
}

/// Whether a process waits to run it again, somewhere: the server gives it to whoever asks all the same.
fn is_elsewhere(run: &FlowRunResponse, now: DateTime<Utc>) -> bool {
    let is_late = run
        .next_scheduled_start_time
        .is_some_and(|time| now.signed_duration_since(time) > LEFT);
    is_retried_in_process(run) && !is_late
}

/// How much room there is.
pub(super) fn room(limit: Option<usize>, running: usize) -> usize {
    limit.map_or(usize::MAX, |limit| limit.saturating_sub(running))
}

/// Up to when runs are looked for.
pub(super) fn until(prefetch: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    let prefetch = TimeDelta::from_std(prefetch).unwrap_or(TimeDelta::MAX);
    now + prefetch.min(FARTHEST)
}

/// How long between two looks at least, also where there is room for more.
pub(super) fn shortest(interval: Duration) -> Duration {
    interval.clamp(SHORTEST, Duration::from_secs(1))
}

/// How long until the next look; `chance` is from 0 to 1. Runners that begin together do not look together.
pub(super) fn wait(interval: Duration, chance: f64) -> Duration {
    let interval = interval.clamp(SHORTEST, LONGEST);
    interval.mul_f64(0.7 + 0.6 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn run(number: u128, due: Option<&str>) -> FlowRunResponse {
        let now = chrono::Utc::now();
        let value: Value = serde_json::json!({
            "id": Uuid::from_u128(number), "flow_id": Uuid::nil(), "created": now, "updated": now,
            "next_scheduled_start_time": due,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_earliest_begin_and_none_twice() {
        let due = vec![
            run(1, None),
            run(2, Some("2031-01-01T00:00:02Z")),
            run(3, Some("2031-01-01T00:00:01Z")),
            run(4, Some("2031-01-01T00:00:00Z")),
        ];
        let fourth = Uuid::from_u128(4);
        let begin = |room| -> Vec<u128> {
            let begun = begins(due.clone(), |id| id == fourth, room, Utc::now());
            begun.iter().map(|run| run.id.as_u128()).collect()
        };
        assert_eq!(begin(usize::MAX), [3, 2, 1]);
        assert_eq!(begin(2), [3, 2]);
        assert_eq!(begin(0), [0; 0]);
    }

    #[test]
    fn a_retry_is_left_to_the_process_that_waits_for_it() {
        let due: DateTime<Utc> = "2031-01-01T00:00:00Z".parse().unwrap();
        let begin = |name: &str, retry_type: &str, now| {
            let mut run = run(1, Some("2031-01-01T00:00:00Z"));
            run.state_name = Some(name.to_owned());
            let policy = serde_json::json!({"retry_type": retry_type});
            run.empirical_policy = serde_json::from_value(policy).ok();
            begins(vec![run], |_| false, 1, now).len()
        };
        assert_eq!(begin("AwaitingRetry", "in_process", due), 0);
        assert_eq!(begin("AwaitingRetry", "in_process", due + LEFT * 2), 1);
        assert_eq!(begin("AwaitingRetry", "reschedule", due), 1);
        // It was suspended after a retry.
        assert_eq!(begin("Resuming", "in_process", due), 1);
    }

    #[test]
    fn there_is_room_up_to_the_limit() {
        assert_eq!(room(Some(5), 2), 3);
        assert_eq!(room(Some(5), 9), 0);
        assert_eq!(room(None, 9), usize::MAX);
    }

    #[test]
    fn looks_are_some_time_apart() {
        let ten = Duration::from_secs(10);
        assert_eq!(wait(ten, 0.0), Duration::from_secs(7));
        assert_eq!(wait(ten, 1.0), Duration::from_secs(13));
        assert_eq!(shortest(ten), Duration::from_secs(1));
        // Never at once, nor never at all.
        for interval in [Duration::ZERO, Duration::MAX] {
            for chance in [0.0, 1.0] {
                let wait = wait(interval, chance);
                assert!(wait > SHORTEST / 2 && wait < 2 * LONGEST, "{wait:?}");
            }
            assert!(shortest(interval) >= SHORTEST);
            assert!(until(interval, Utc::now()) < Utc::now() + FARTHEST * 2);
        }
    }

    #[test]
    fn what_was_refused_is_left_out_for_a_while() {
        let (id, now) = (Uuid::nil(), Instant::now());
        let soon = now + Duration::from_secs(1);
        let mut left_out = LeftOut::default();
        left_out.add(id, soon);
        assert!(left_out.has(id, now) && !left_out.has(Uuid::max(), now));
        assert!(!left_out.has(id, soon) && left_out.0.is_empty());
    }
}
