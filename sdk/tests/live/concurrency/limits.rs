//! Limits on the server, which tests make and look at.

use std::time::{Duration, Instant};

use prefect_sdk::client::models::ConcurrencyLimitV2Create;

use crate::server;

/// Longer than anything here takes, unless it hangs.
pub(super) const LONG: Duration = Duration::from_secs(30);

/// A limit that no other test has, and its name.
pub(super) fn limit(slots: i64) -> String {
    let name = server::unique("limit");
    let limit = ConcurrencyLimitV2Create::new(name.as_str(), slots);
    server::client()
        .create_concurrency_limit_v2(&limit)
        .unwrap();
    name
}

/// A limit whose slots come back by themselves.
pub(super) fn decaying(slots: i64, per_second: f64) -> String {
    let name = server::unique("rate");
    let limit =
        ConcurrencyLimitV2Create::new(name.as_str(), slots).slot_decay_per_second(per_second);
    server::client()
        .create_concurrency_limit_v2(&limit)
        .unwrap();
    name
}

pub(super) fn taken(name: &str) -> i64 {
    server::client()
        .read_concurrency_limit_v2(name)
        .unwrap()
        .active_slots
}

/// Waits until that many slots are taken.
pub(super) fn wait_taken(name: &str, slots: i64, patience: Duration) {
    let end = Instant::now() + patience;
    while taken(name) != slots {
        assert!(
            Instant::now() < end,
            "{} slots of {name} are taken, not {slots}",
            taken(name)
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
