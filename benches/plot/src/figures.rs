//! Which figures are shown, and under which names.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Bars on one scale.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) bars: Vec<Bar>,
}

/// One way to make the call.
pub(crate) struct Bar {
    pub(crate) label: &'static str,
    /// Microseconds of the caller's processor time.
    pub(crate) cpu_us: f64,
    /// Whether it is one of this repository's faces.
    pub(crate) is_ours: bool,
}

/// The name in the report, the name in the picture.
type Names = (&'static str, &'static str);

const BLOCKING: Names = ("blocking", "PrefectClient");
const ASYNC: Names = ("async", "AsyncPrefectClient");

const RUST: [Names; 7] = [
    ("raw", "raw socket and serde"),
    BLOCKING,
    ("ureq", "ureq"),
    ("reqwest", "reqwest"),
    ASYNC,
    ("block_on", "block_on(async)"),
    ("reqwest_blocking", "reqwest::blocking"),
];

/// On a scale of their own, where the others would be lines.
const PYTHON: [Names; 4] = [
    BLOCKING,
    ASYNC,
    ("python_blocking", "Python's SyncPrefectClient"),
    ("python_async", "Python's PrefectClient"),
];

/// Beside what is written in Rust, and beside Prefect's own clients.
pub(crate) fn panels(report: &Value) -> Result<[Panel; 2]> {
    Ok([
        Panel::new("beside other clients in Rust", &RUST, report)?,
        Panel::new("beside Prefect's own clients", &PYTHON, report)?,
    ])
}

impl Panel {
    fn new(title: &'static str, names: &[Names], report: &Value) -> Result<Self> {
        let bars: Result<Vec<_>> = names.iter().map(|names| bar(*names, report)).collect();
        Ok(Self { title, bars: bars? })
    }
}

/// The figure of one caller that runs apart from the server.
fn bar((name, label): Names, report: &Value) -> Result<Bar> {
    let entries = report.as_array().context("the figures are no list")?;
    let is_it = |entry: &&Value| entry["name"] == name && entry["callers"] == 1;
    let cpu_us = entries
        .iter()
        .find(is_it)
        .and_then(|entry| entry["cpu_us"].as_f64())
        .with_context(|| format!("the figures have none for one caller of `{name}`"))?;
    ensure!(cpu_us > 0.0, "a call of `{name}` takes {cpu_us} us");
    Ok(Bar {
        label,
        cpu_us,
        is_ours: [BLOCKING, ASYNC].contains(&(name, label)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_figure_is_that_of_one_caller() {
        let report = json!([
            { "name": "ureq", "callers": 64, "cpu_us": 90.0 },
            { "name": "ureq", "callers": 1, "cpu_us": 30.0 },
        ]);
        let found = bar(("ureq", "ureq"), &report).unwrap();
        assert!((found.cpu_us - 30.0).abs() < f64::EPSILON && !found.is_ours);
        let error = panels(&report).err().unwrap().to_string();
        assert!(error.ends_with("`raw`"), "{error}");
    }
}
