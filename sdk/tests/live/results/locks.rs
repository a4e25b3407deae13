//! Locks of results: either language waits for the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prefect_sdk::results::FileLocks;
use serde_json::json;

use super::store_in;
use crate::python;
use crate::room::Room;

#[test]
fn python_and_rust_keep_each_other_out() {
    let room = Room::new("results");
    let store = store_in(&room)
        .locks(Arc::new(FileLocks::new(room.text())))
        .lock_timeout(Duration::ZERO);
    store.acquire_lock("ours", None).unwrap();
    let found = python::run(
        r"
from pathlib import Path
from prefect.locking.filesystem import FileSystemLockManager
locks = FileSystemLockManager(Path(arguments['path']))
found = [locks.is_locked('ours'), locks.is_lock_holder('ours', arguments['holder']), locks.acquire_lock('ours', 'me', 0.1)]
locks.acquire_lock('theirs', 'holder-of-python')
locks.acquire_lock('soon', 'holder-of-python', hold_timeout=0.001)
answer(found)
",
        &json!({"path": room.text(), "holder": store.lock_holder("ours").unwrap().unwrap().name}),
    );
    assert_eq!(found, json!([true, true, false]));
    let error = store.acquire_lock("theirs", None).unwrap_err();
    assert!(
        error.is_timeout() && error.to_string().contains("holder-of-python"),
        "{error}"
    );
    store.acquire_lock("soon", None).unwrap();
}

const HOLDS: &str = r"
import time
from pathlib import Path
from prefect.locking.filesystem import FileSystemLockManager
from prefect.results import ResultStore
holder = ResultStore.generate_default_holder()
FileSystemLockManager(Path(arguments)).acquire_lock('killed', holder)
time.sleep(600)
";

/// Nobody gives it back, and nobody waits for that.
#[cfg(unix)]
#[test]
fn a_lock_whose_holder_was_killed_is_told_at_once() {
    let room = Room::new("results");
    let store = store_in(&room)
        .locks(Arc::new(FileLocks::new(room.text())))
        .lock_timeout(None);
    let mut python = python::start(HOLDS, &json!(room.text()));
    let limit = Instant::now() + Duration::from_mins(5);
    while std::fs::read(room.0.join("killed.lock"))
        .unwrap_or_default()
        .is_empty()
    {
        assert!(Instant::now() < limit, "Python takes no lock");
        std::thread::sleep(Duration::from_millis(50));
    }
    python.kill().unwrap();
    python.wait().unwrap();
    for error in [
        store.acquire_lock("killed", None).unwrap_err(),
        store.read("killed").unwrap_err(),
    ] {
        assert!(error.is_lost(), "{error}");
        let holder = format!(":{}:", python.id());
        assert!(error.to_string().contains(&holder), "{error}");
    }
}
