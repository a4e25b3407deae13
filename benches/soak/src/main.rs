//! A runner, cancellations and task workers under load, for as long as it takes: `soak runner COUNT`, `soak cancel COUNT`,
//! `soak task-worker COUNT`, `soak workers COUNT`; and `soak kill` and `soak engine COUNT [FAULT]`, which have a server of their own. Else the
//! server is that of the settings. Each prints a table, and fails where a run is lost.

mod background;
mod cancel;
mod child;
mod engine;
mod figures;
mod flow;
mod kill;
mod python;
mod room;
mod runner;
mod workers;

use anyhow::{Context, Result, bail};
use prefect_sdk::client::PrefectClient;

fn main() -> Result<()> {
    prefect_sdk::run(&[
        flow::work::flow(),
        flow::mark::flow(),
        engine::pieces::flow(),
    ]);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["kill"] => return kill::soak(),
        ["engine", count] => return engine::soak(number(count)?, None),
        ["engine", count, fault] => return engine::soak(number(count)?, Some(fault)),
        _ => {}
    }
    let client = PrefectClient::from_env()?;
    match words[..] {
        ["runner", count] => runner::soak(&client, number(count)?),
        ["cancel", count] => cancel::soak(&client, number(count)?),
        ["task-worker", count] => background::soak(&client, number(count)?),
        ["workers", count] => workers::soak(&client, number(count)?),
        // A process of that of task workers.
        [background::WORK] => background::work(&client),
        // A process of that which kills each in turn.
        [kill::SERVE, name] => kill::serve(&client, name),
        _ => bail!(
            "usage: soak runner|cancel|task-worker|workers COUNT, soak engine COUNT [FAULT], or soak kill"
        ),
    }
}

fn number(text: &str) -> Result<usize> {
    text.parse()
        .with_context(|| format!("`{text}` is no number"))
}
