//! A runner, cancellations and task workers under load, for as long as it takes: `soak runner COUNT`, `soak cancel COUNT`,
//! `soak task-worker COUNT`. The server is that of the settings. Each prints a table, and fails where a run is lost.

mod background;
mod cancel;
mod figures;
mod flow;
mod runner;

use anyhow::{Context, Result, bail};
use prefect_sdk::client::PrefectClient;

fn main() -> Result<()> {
    prefect_sdk::run(&[flow::work::flow()]);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let client = PrefectClient::from_env()?;
    match words[..] {
        ["runner", count] => runner::soak(&client, number(count)?),
        ["cancel", count] => cancel::soak(&client, number(count)?),
        ["task-worker", count] => background::soak(&client, number(count)?),
        // A process of the one before.
        [background::WORK] => background::work(&client),
        _ => bail!("usage: soak runner|cancel|task-worker COUNT"),
    }
}

fn number(text: &str) -> Result<usize> {
    text.parse()
        .with_context(|| format!("`{text}` is no number"))
}
