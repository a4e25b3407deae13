//! Python on the other side.

use std::thread;
use std::time::{Duration, Instant};

use prefect_sdk::task_worker::TaskWorkerOptions;
use serde_json::{Value, json};

use super::{PATIENCE, Sum, Working, add, delayed, settings};
use crate::room::Room;
use crate::{python, server};

const DELAYS: &str = r"
import os
os.environ['PREFECT_HOME'] = arguments['path']
os.environ['PREFECT_RESULTS_LOCAL_STORAGE_PATH'] = arguments['path']
from prefect import task
@task(persist_result=True, result_serializer='json')
def add(x: int, y: int = 0):
    raise NotImplementedError('Rust executes it')
add.task_key = arguments['key']
futures = [add.delay(20, y=22), add.delay(2**63 - 1, y=1), add.delay('many')]
def outcome(future):
    try:
        return future.result(timeout=120)
    except Exception as error:
        return f'{type(error).__name__}: {error}'
answer([outcome(future) for future in futures])
";

#[test]
fn rust_executes_what_python_delays() {
    let (room, key) = (Room::new("python-delays"), server::unique("add"));
    let options = TaskWorkerOptions::new().results(settings(&room));
    let _working = Working::start(&[&add(&key)], &options);
    let answer = python::run(DELAYS, &json!({"path": room.text(), "key": key}));
    let Value::Array(outcomes) = &answer else {
        panic!("{answer}")
    };
    assert_eq!(outcomes[0], 42);
    let text = |outcome: &Value| outcome.as_str().unwrap_or_default().to_owned();
    assert!(text(&outcomes[1]).contains("it is too much"), "{answer}");
    assert!(
        text(&outcomes[2]).contains("x: invalid type: string"),
        "{answer}"
    );
}

const SERVES: &str = r"
import faulthandler, os, threading
# The test ends it, or else the timer.
faulthandler.cancel_dump_traceback_later()
os.environ['PREFECT_HOME'] = arguments['path']
os.environ['PREFECT_RESULTS_LOCAL_STORAGE_PATH'] = arguments['path']
def end():
    os._exit(1)
timer = threading.Timer(900, end)
timer.daemon = True
timer.start()
from prefect import task
@task(persist_result=True, result_serializer='json')
def own_name(x: int, y: int = 0):
    if x < 0:
        raise ValueError('it is too little')
    return x + y
with open(arguments['path'] + '/new', 'w') as file:
    file.write(own_name.task_key)
os.rename(arguments['path'] + '/new', arguments['path'] + '/key')
own_name.serve()
";

#[test]
fn python_executes_what_rust_delays() {
    let room = Room::new("rust-delays");
    // The key is made of the name and the code; no other test has this one.
    let own_name = server::unique("add").replace('-', "_");
    let program = SERVES.replace("own_name", &own_name);
    let mut served = python::start(&program, &json!({"path": room.text()}));
    let (limit, file) = (Instant::now() + PATIENCE, room.0.join("key"));
    while !file.exists() {
        assert!(Instant::now() < limit, "Python does not start");
        thread::sleep(Duration::from_millis(50));
    }
    let key = std::fs::read_to_string(file).unwrap();
    let (client, task) = (server::client(), add(&key));
    let delayed = delayed(&room);
    let sum = task
        .delay_with(&client, &Sum { x: 1, y: 2 }, &delayed)
        .unwrap();
    let given = sum.result_at_most(PATIENCE);
    // Only now: Python's worker can lock itself up where its first two runs come at once, as its event loop waits for what a thread
    // holds that waits for the loop.
    let wrong = task
        .delay_with(&client, &Sum { x: -1, y: 2 }, &delayed)
        .unwrap();
    let failed = wrong.result_at_most(PATIENCE);
    drop(served.kill());
    drop(served.wait());
    assert_eq!(given.unwrap(), 3);
    let failed = failed.unwrap_err();
    let said = failed
        .exception()
        .map(|exception| exception.message.clone());
    let said = said.unwrap_or_else(|| panic!("it has no exception: {failed:?}"));
    assert!(said.contains("it is too little"), "{failed}");
}
