//! A pipeline of three tasks over CSV: reads what weather stations measured, sums it up for each station, and writes a report.

use std::collections::BTreeMap;
use std::time::Duration;

use prefect_sdk::flows::{FlowRun, RunFailed};
use prefect_sdk::prelude::*;
use prefect_sdk::tasks::{TaskRun, unmapped};
use serde::{Deserialize, Serialize};

/// A line of the input.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Measurement {
    station: String,
    day: String,
    degrees: f64,
}

/// A line of the report.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Summary {
    station: String,
    days: usize,
    coldest: f64,
    warmest: f64,
    mean: f64,
}

/// What each station measured.
#[task(retries = 3, retry_delay = 5, viz_return_value = BTreeMap::from([("A".to_owned(), Vec::new()), ("B".to_owned(), Vec::new())]))]
fn read(_: &TaskRun, input: String) -> Result<BTreeMap<String, Vec<Measurement>>, csv::Error> {
    let mut stations = BTreeMap::<String, Vec<Measurement>>::new();
    for line in csv::Reader::from_path(input)?.deserialize() {
        let measured: Measurement = line?;
        let station = stations.entry(measured.station.clone()).or_default();
        station.push(measured);
    }
    Ok(stations)
}

/// Sums up one station. It can be made slow, to see what a run in progress does.
#[task(task_run_name = "sum up {station}")]
fn sum_up(
    run: &TaskRun,
    station: String,
    measured: Vec<Measurement>,
    seconds: u64,
) -> Result<Summary, csv::Error> {
    // It ends at once where the run is cancelled.
    let _ = run
        .cancellation()
        .requested_within(Duration::from_secs(seconds));
    let degrees = || measured.iter().map(|measured| measured.degrees);
    let days = measured.len();
    #[expect(clippy::cast_precision_loss, reason = "so many days are not measured")]
    let mean = degrees().sum::<f64>() / days as f64;
    Ok(Summary {
        station,
        days,
        coldest: degrees().fold(f64::INFINITY, f64::min),
        warmest: degrees().fold(f64::NEG_INFINITY, f64::max),
        mean: (mean * 100.0).round() / 100.0,
    })
}

/// Writes the report, and says of how many stations it is.
#[task(viz_return_value = 0)]
fn write(_: &TaskRun, report: Vec<Summary>, output: String) -> Result<usize, csv::Error> {
    let mut writer = csv::Writer::from_path(output)?;
    for summary in &report {
        writer.serialize(summary)?;
    }
    writer.flush()?;
    Ok(report.len())
}

/// Sums up what weather stations measured.
#[flow(flow_run_name = "stations of {input}")]
fn stations(
    run: &FlowRun,
    /// A file of CSV, with the columns station, day and degrees.
    input: String,
    /// The file that the report is written to.
    #[default("report.csv")]
    output: String,
    /// How long each station takes, to see a run in progress.
    #[default(0)]
    seconds: u64,
) -> Result<usize, RunFailed<csv::Error>> {
    let measured = read::call(run, input)?;
    let (names, measured): (Vec<String>, Vec<Vec<Measurement>>) = measured.into_iter().unzip();
    let report = sum_up::map(run, names, measured, unmapped(seconds))?;
    write::submit(run, report, output).result()
}

fn main() {
    prefect_sdk::run(&[stations::flow()]);
    println!("This program is called with `prefect`: `prefect --help` says how.");
}
