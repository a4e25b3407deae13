//! A flow and its runs, made and moved through states with the blocking client, and read back concurrently with the
//! async one. `cargo xtask demo` runs it against a real server; by hand it needs `PREFECT_API_URL`.

use std::error::Error;

use prefect_client::models::{FlowCreate, FlowRunCreate, FlowRunResponse, StateCreate, StateType};
use prefect_client::{AsyncPrefectClient, PrefectClient};
use uuid::Uuid;

const NAMES: [&str; 3] = ["monday", "tuesday", "wednesday"];

fn main() -> Result<(), Box<dyn Error>> {
    let ids = make_runs()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let runs = runtime.block_on(read_runs(&ids))?;
    print_table(&runs);
    let api_url = std::env::var("PREFECT_API_URL")?;
    let page = api_url.trim_end_matches('/').trim_end_matches("/api");
    println!("\n{page}/runs/flow-run/{}", ids[0]);
    Ok(())
}

/// The blocking face: one call after the other.
fn make_runs() -> Result<Vec<Uuid>, prefect_client::Error> {
    let client = PrefectClient::from_env()?;
    let flow = client.create_flow(&FlowCreate::new("quickstart"))?;
    let mut ids = Vec::new();
    for (index, name) in NAMES.into_iter().enumerate() {
        let run = FlowRunCreate::new(flow.id).name(name).tags(["quickstart"]);
        let run = client.create_flow_run(&run)?;
        let end = if index == 1 {
            StateType::Failed
        } else {
            StateType::Completed
        };
        for state in [StateType::Pending, StateType::Running, end] {
            client.set_flow_run_state(run.id, &StateCreate::new(state))?;
        }
        ids.push(run.id);
    }
    Ok(ids)
}

/// The async face: the same methods, all calls at once.
async fn read_runs(ids: &[Uuid]) -> Result<Vec<FlowRunResponse>, prefect_client::Error> {
    let client = AsyncPrefectClient::from_env()?;
    let calls = ids.iter().map(|id| client.read_flow_run(*id));
    futures_util::future::try_join_all(calls).await
}

fn print_table(runs: &[FlowRunResponse]) {
    println!("{:<12} {:<10} {:>10}  id", "run", "state", "seconds");
    for run in runs {
        let state = run
            .state_type
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        println!(
            "{:<12} {state:<10} {:>10.3}  {}",
            run.name.as_deref().unwrap_or_default(),
            run.total_run_time,
            run.id
        );
    }
}
