//! What a served run takes, beside Python's `serve` on the same server: processor time of the runner and of the run's process, and how
//! late it begins.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench;
use crate::measure::median;
use crate::partner::{number, parsed};
use crate::process::{capture, run};
use crate::python;
use crate::server::{self, Server};
use crate::table;
use crate::workspace::{Scratch, Workspace, without_prefect_settings};

const ROUNDS: usize = 3;
const WHO: [&str; 2] = ["rust", "python"];

/// Has each serve in turn, and writes the medians.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    let line = "build --release -p prefect-benches --features engine --bin bench-serve";
    run(workspace.cargo().args(line.split_whitespace()))?;
    let server = server::start(workspace)?;
    let home = workspace.scratch()?;
    let mut told: [Vec<Value>; WHO.len()] = Default::default();
    for round in 1..=ROUNDS {
        for (who, told) in WHO.into_iter().zip(&mut told) {
            let turn = turn(workspace, &server, &home, who)?;
            eprintln!("round {round}: {who}: {turn}");
            told.push(turn);
        }
    }
    let figures = told
        .iter()
        .map(|told| Figures::of(told))
        .collect::<Result<Vec<_>>>()?;
    let theirs = figures.last().context("there are both")?.cpu_ms;
    let (mut list, mut rows) = (Vec::new(), Vec::new());
    for (who, own) in WHO.into_iter().zip(&figures) {
        let ratio = theirs / own.cpu_ms;
        list.push(json!({
            "name": format!("serve_{who}"), "cpu_ms_per_run": own.cpu_ms, "python_to_this": ratio,
            "late_ms": own.late, "late_ms_longest": own.longest, "begins_ms": own.begins,
        }));
        rows.push([
            who.to_owned(),
            format!("{:.1}", own.cpu_ms),
            format!("{ratio:.1}"),
            format!("{:.0}", own.late),
            format!("{:.0}", own.longest),
            format!("{:.0}", own.begins),
        ]);
    }
    let head = [
        "served by",
        "cpu ms/run",
        "python/this",
        "late ms",
        "longest ms",
        "Pending to Running ms",
    ];
    println!("\n{}", table::render(&head, &rows));
    bench::write(workspace, "serve.json", &Value::Array(list))
}

/// The medians of all rounds, and the latest of all runs.
struct Figures {
    cpu_ms: f64,
    late: f64,
    longest: f64,
    begins: f64,
}

impl Figures {
    fn of(told: &[Value]) -> Result<Self> {
        let all = |name: &str| -> Vec<f64> {
            let lists = told.iter().filter_map(|told| told[name].as_array());
            lists.flatten().filter_map(Value::as_f64).collect()
        };
        let cpu = told.iter().map(|told| number(told, "cpu_ms"));
        let late = all("late_ms");
        Ok(Self {
            cpu_ms: median(cpu.collect::<Result<_>>()?),
            longest: late.iter().copied().fold(f64::NAN, f64::max),
            late: median(late),
            begins: median(all("begins_ms")),
        })
    }
}

fn turn(workspace: &Workspace, server: &Server, home: &Scratch, who: &str) -> Result<Value> {
    let program = workspace.target.join("release/bench-serve");
    let mut command = match who {
        // What serves is started by what drives it, in the same surroundings.
        "python" => {
            let isolated = python::isolated(server.python(), home);
            let mut command = Command::new(&program);
            command.env_clear();
            for (name, value) in isolated.get_envs() {
                command.envs(value.map(|value| (name, value)));
            }
            command.current_dir(home.path());
            command
        }
        _ => Command::new(&program),
    };
    without_prefect_settings(&mut command).env("PREFECT_LOGGING_LEVEL", "CRITICAL");
    command.env("PREFECT_HOME", home.path());
    command.arg(server.api_url());
    match who {
        "python" => command
            .arg(server.python())
            .arg(workspace.root.join("benches/python_serve.py")),
        _ => command.arg(&program).arg("serve"),
    };
    parsed(&capture(&mut command)?.stdout)
}
