//! What a task run and a flow run cost, beside Prefect's own engine on the same server.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench;
use crate::process::{capture, run};
use crate::python;
use crate::server;
use crate::table;
use crate::workspace::Workspace;

const FACES: [&str; 2] = ["blocking", "async"];
/// What both engines do.
const CASES: [&str; 5] = ["sequence", "submitted", "flows", "flow_alone", "start"];
/// What ours does alone.
const WAITING: &str = "waiting";

/// Runs each case with each engine in each face, each in a process of its own beside a server of its own: one that still has
/// the events of thousands of runs to keep answers others late.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    let line = "build --release -p prefect-benches --features engine --bin bench-engine";
    run(workspace.cargo().args(line.split_whitespace()))?;
    let mut list = Vec::new();
    for case in CASES {
        for face in FACES {
            let ours = of_rust(workspace, face, case)?;
            let theirs = of_python(workspace, face, case)?;
            let ratio = number(&theirs, "cpu_us")? / number(&ours, "cpu_us")?;
            list.push(row(&format!("rust_{face}"), case, &ours, Some(ratio))?);
            list.push(row(&format!("python_{face}"), case, &theirs, None)?);
        }
    }
    for face in FACES {
        let ours = of_rust(workspace, face, WAITING)?;
        let mut row = row(&format!("rust_{face}"), WAITING, &ours, None)?;
        row["bytes_per_waiting"] = ours["bytes_per_waiting"].clone();
        list.push(row);
    }
    print!("\n{}", shown(&list));
    bench::write(workspace, "engine.json", &Value::Array(list))
}

fn of_rust(workspace: &Workspace, face: &str, case: &str) -> Result<Value> {
    let server = server::start(workspace)?;
    let program = workspace.target.join("release/bench-engine");
    told(Command::new(program).args([face, case, &server.api_url()]))
        .inspect(|told| eprintln!("{case}: rust, {face}: {told}"))
}

fn of_python(workspace: &Workspace, face: &str, case: &str) -> Result<Value> {
    let server = server::start(workspace)?;
    let home = workspace.scratch()?;
    let mut command = python::isolated(server.python(), &home);
    command
        .arg(workspace.root.join("benches/python_engine.py"))
        .args([face, case])
        .env("PREFECT_API_URL", server.api_url())
        .env("PREFECT_LOGGING_LEVEL", "CRITICAL");
    told(&mut command).inspect(|told| eprintln!("{case}: python, {face}: {told}"))
}

/// The last line that a program prints.
fn told(command: &mut Command) -> Result<Value> {
    let output = capture(command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().context("it printed nothing")?;
    serde_json::from_str(last).context("what it printed is not JSON")
}

fn number(told: &Value, name: &str) -> Result<f64> {
    let found = told[name].as_f64();
    found.with_context(|| format!("`{name}` is missing in {told}"))
}

fn row(name: &str, case: &str, told: &Value, less_than_python: Option<f64>) -> Result<Value> {
    Ok(json!({
        "name": name, "case": case, "runs": told["runs"],
        "cpu_us_per_task": number(told, "cpu_us")?, "wall_us_per_task": number(told, "wall_us")?,
        "peak_kb": told["peak_kb"], "python_to_rust": less_than_python,
    }))
}

fn shown(list: &[Value]) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let figure = |value: &Value| {
        value
            .as_f64()
            .map_or_else(String::new, |value| format!("{value:.0}"))
    };
    let rows: Vec<[String; 7]> = list
        .iter()
        .map(|row| {
            [
                text(&row["case"]),
                text(&row["name"]),
                figure(&row["cpu_us_per_task"]),
                figure(&row["wall_us_per_task"]),
                text(&row["peak_kb"]),
                figure(&row["python_to_rust"]),
                text(&row["bytes_per_waiting"]),
            ]
        })
        .collect();
    let head = [
        "case",
        "engine",
        "cpu us/run",
        "wall us/run",
        "peak kB",
        "python/rust",
        "bytes/waiting",
    ];
    table::render(&head, &rows)
}
