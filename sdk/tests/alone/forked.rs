//! A process that was forked while its parent held slots.

use std::thread;
use std::time::Duration;

use prefect_sdk::concurrency::{ConcurrencyOptions, Slots, aconcurrency_with, concurrency_with};

use crate::leases::server;

/// What a child ends with that hangs.
const HANGS: i32 = 9;

/// What a forked child ends with that does this.
pub(crate) fn in_a_child(work: impl FnOnce() -> i32) -> i32 {
    match fork::fork().expect("a process") {
        fork::Fork::Child => {
            thread::spawn(|| {
                thread::sleep(Duration::from_secs(30));
                std::process::exit(HANGS);
            });
            std::process::exit(work())
        }
        fork::Fork::Parent(child) => fork::waitpid(child).expect("a child"),
    }
}

fn given_back(server: &prefect_client::testing::MockServer) -> bool {
    let name = "bulk_decrement_active_slots_with_lease";
    let requests = server.requests();
    requests
        .iter()
        .any(|request| request.operation().name() == name)
}

#[test]
fn the_copy_of_a_blocking_guard_holds_nothing() {
    let server = server();
    let slots = concurrency_with(&server.client(), ["there"], &ConcurrencyOptions::new()).unwrap();
    let mut slots = Some(slots);
    let released = in_a_child(|| match slots.take().map(Slots::release) {
        Some(Err(error)) if error.is_invalid() => 0,
        _ => 1,
    });
    assert_eq!(released, 0);
    let dropped = in_a_child(|| {
        drop(slots.take());
        i32::from(given_back(&server))
    });
    assert_eq!(dropped, 0);
    slots
        .take()
        .expect("the parent holds it")
        .release()
        .unwrap();
    assert!(given_back(&server));
}

#[test]
fn the_copy_of_an_async_guard_holds_nothing() {
    let server = server();
    let runtime = crate::runtime();
    let client = server.async_client();
    let slots = runtime.block_on(aconcurrency_with(
        &client,
        ["there"],
        &ConcurrencyOptions::new(),
    ));
    let mut slots = Some(slots.unwrap());
    let released = in_a_child(|| {
        let released = slots.take().map(|copy| pollster::block_on(copy.release()));
        match released {
            Some(Err(error)) if error.is_invalid() => 0,
            _ => 1,
        }
    });
    assert_eq!(released, 0);
    let slots = slots.take().expect("the parent holds it");
    runtime.block_on(slots.release()).unwrap();
    assert!(given_back(&server));
}
