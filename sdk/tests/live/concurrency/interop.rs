//! Python on the other side, and holders that are killed.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use prefect_sdk::concurrency::{ConcurrencyOptions, concurrency_with};
use serde_json::json;

use super::limits::{LONG, limit, taken, wait_taken};
use crate::{python, server};

const MINUTE: Duration = Duration::from_mins(1);
/// The name of the limit that a copy of this program is to hold: see [`hold_until_killed`].
const HELD: &str = "PREFECT_TEST_HOLD";
const THIS_TEST: &str =
    "concurrency::interop::the_slots_of_killed_holders_come_back_when_their_leases_end";

#[test]
fn python_waits_for_what_rust_holds_and_rust_for_what_python_holds() {
    let name = limit(1);
    let slots = concurrency_with(&server::client(), [&name], &ConcurrencyOptions::new()).unwrap();
    let arguments = json!({"name": name});
    let late = python::run(PYTHON_TRIES, &arguments);
    assert_eq!(late, json!("timeout"));
    let waiting = python::start(PYTHON_HOLDS_BRIEFLY, &arguments);
    slots.release().unwrap();
    wait_taken(&name, 1, 2 * LONG);
    // Held by Python now, which gives it back after a while.
    let slots = concurrency_with(&server::client(), [&name], &ConcurrencyOptions::new()).unwrap();
    assert_eq!(python::answer(waiting, PYTHON_HOLDS_BRIEFLY), json!("held"));
    slots.release().unwrap();
    assert_eq!(taken(&name), 0);
}

#[test]
fn the_slots_of_killed_holders_come_back_when_their_leases_end() {
    if let Ok(name) = std::env::var(HELD) {
        hold_until_killed(&name);
    }
    let name = limit(2);
    let mut rust = start_holder(&name);
    let mut python = python::start(PYTHON_HOLDS_FOREVER, &json!({"name": name}));
    wait_taken(&name, 2, 2 * LONG);
    for holder in [&mut rust, &mut python] {
        holder.kill().unwrap();
        holder.wait().unwrap();
    }
    let killed = Instant::now();
    assert_eq!(taken(&name), 2);
    let both = ConcurrencyOptions::new().slots(2).timeout(4 * MINUTE);
    concurrency_with(&server::client(), [&name], &both)
        .unwrap()
        .release()
        .unwrap();
    println!("free {:?} after the kill", killed.elapsed());
    assert_eq!(taken(&name), 0);
}

/// What the copy of this program does that the test kills.
fn hold_until_killed(name: &str) -> ! {
    let request = ConcurrencyOptions::new().lease_duration(MINUTE);
    let _slots = concurrency_with(&server::client(), [name], &request).unwrap();
    std::thread::sleep(10 * MINUTE);
    panic!("nobody killed the holder of {name}");
}

fn start_holder(name: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", THIS_TEST])
        .env(HELD, name)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

const PYTHON_TRIES: &str = r"
from prefect.concurrency.sync import concurrency
try:
    with concurrency(arguments['name'], timeout_seconds=1):
        answer('held')
except TimeoutError:
    answer('timeout')
";

const PYTHON_HOLDS_BRIEFLY: &str = r"
import time
from prefect.concurrency.sync import concurrency
with concurrency(arguments['name']):
    time.sleep(2)
answer('held')
";

const PYTHON_HOLDS_FOREVER: &str = r"
import time
from prefect.concurrency.sync import concurrency
with concurrency(arguments['name'], lease_duration=60):
    time.sleep(600)
";
