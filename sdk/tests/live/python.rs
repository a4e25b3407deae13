//! Python's Prefect on the other side.

use std::io::{BufRead as _, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const STORAGES: &str = "PREFECT_TEST_STORAGE_PYTHON";

/// Runs a program of Python and gives the JSON on the last line that it prints. It has Prefect, `arguments` (JSON), and
/// `answer(value)`, which prints that line.
pub(crate) fn run(program: &str, arguments: &Value) -> Value {
    answer(start(program, arguments), program)
}

/// Starts a program of Python and lets it run beside the test.
pub(crate) fn start(program: &str, arguments: &Value) -> Child {
    start_in("PREFECT_TEST_PYTHON", program, arguments)
}

/// The same as [`run`], with what the tests of storages need beside Prefect.
pub(crate) fn run_with_storages(program: &str, arguments: &Value) -> Value {
    answer(start_with_storages(program, arguments), program)
}

/// The same as [`start`], with what the tests of storages need beside Prefect.
pub(crate) fn start_with_storages(program: &str, arguments: &Value) -> Child {
    start_in(STORAGES, program, arguments)
}

/// Starts a server that prints its port first, and ends when nobody can tell it anything any more.
pub(crate) fn serve_with_storages(program: &str, arguments: &[&str]) -> (Child, u16) {
    let mut process = Command::new(interpreter(STORAGES))
        .args(["-c", program])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let stdout = process.stdout.take().expect("it is piped");
    let mut port = String::new();
    BufReader::new(stdout).read_line(&mut port).unwrap();
    (process, port.trim().parse().expect("it has a port"))
}

fn interpreter(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run `cargo xtask test`"))
}

/// `variable` says where the interpreter is.
fn start_in(variable: &str, program: &str, arguments: &Value) -> Child {
    let mut child = Command::new(interpreter(variable))
        .args(["-c", PRELUDE, &arguments.to_string(), program])
        .env("PREFECT_API_URL", super::server::api_url())
        .env("PREFECT_LOGGING_LEVEL", "WARNING")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    // Nothing is said to it: whatever reads finds the end.
    drop(child.stdin.take().map(|mut stdin| stdin.flush()));
    child
}

/// Waits for a program that was started, and gives its answer.
pub(crate) fn answer(child: Child, program: &str) -> Value {
    let output = child.wait_with_output().expect("python ends");
    let printed = String::from_utf8(output.stdout).expect("python prints UTF-8");
    assert!(
        output.status.success(),
        "python failed: {program}\n{printed}"
    );
    let last = printed.lines().next_back().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("python printed no JSON: {printed}"))
}

const PRELUDE: &str = r"
import faulthandler, json, sys
# A program that waits for what never comes says where, and ends.
faulthandler.dump_traceback_later(150, exit=True)
arguments = json.loads(sys.argv[1])
def answer(value):
    print(json.dumps(value), flush=True)
exec(compile(sys.argv[2], '<test>', 'exec'), globals())
";
