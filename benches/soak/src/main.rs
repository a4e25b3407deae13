//! A runner, cancellations and task workers under load, for as long as it takes: `soak runner COUNT`, `soak cancel COUNT`,
//! `soak task-worker COUNT`, `soak workers COUNT`; and `soak kill`, which has a server of its own. Else the server is that of the settings. Each prints a table, and fails where a run is lost.

mod background;
mod cancel;
mod figures;
mod flow;
mod kill;
mod python;
mod room;
mod runner;
mod server;
mod workers;

use anyhow::{Context, Result, bail};
use prefect_sdk::client::PrefectClient;

fn main() -> Result<()> {
    prefect_sdk::run(&[flow::work::flow(), flow::mark::flow()]);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words == ["kill"] {
        return kill::soak();
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
        _ => bail!("usage: soak runner|cancel|task-worker|workers COUNT, or soak kill"),
    }
}

fn number(text: &str) -> Result<usize> {
    text.parse()
        .with_context(|| format!("`{text}` is no number"))
}
