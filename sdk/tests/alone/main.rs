//! The interfaces in both faces against a double of the server, in memory: what a real one does too seldom, or never.

mod blocks;
mod dropped;
#[cfg(unix)]
mod forked;
mod imports;
mod leases;
mod missing;
mod stalled;
#[cfg(all(target_os = "linux", feature = "flows", feature = "testing"))]
mod threads;
mod waits;

use chrono::Utc;
use prefect_sdk::client::models::{Event, LogCreate};
use prefect_sdk::events::EmitEventOptions;
use uuid::Uuid;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        await_for => wait_for,
        aconcurrency_with => concurrency_with,
        adelete => delete,
        aget => get,
        arate_limit_with => rate_limit_with,
        aregister_type_and_schema => register_type_and_schema,
        aread_flow_run_input => read_flow_run_input,
        aunset => unset,
        anext => next,
        apause_flow_run_for_input_with => pause_flow_run_for_input_with,
        apause_flow_run_with => pause_flow_run_with,
        areceive_input_with => receive_input_with,
        arun_deployment_with => run_deployment_with,
        astart_deployment_with => start_deployment_with,
        asuspend_flow_run_with => suspend_flow_run_with,
        await => wait,
        await_for_flow_run_with => wait_for_flow_run_with,
    }
}

/// Runs the async face.
fn run<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Runs something that must end, and says so where it does not. Nothing here takes so long but what hangs.
fn must_end<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    is_done
        .recv_timeout(std::time::Duration::from_mins(2))
        .expect("it ends")
}

fn event() -> Event {
    let resource = [("prefect.resource.id", "shop")];
    EmitEventOptions::new()
        .build("shop.open", resource)
        .expect("fit")
}

fn log(message: &str) -> LogCreate {
    let mut log = LogCreate::new("prefect.flow_runs", 20, message, Utc::now());
    log.flow_run_id = Some(Uuid::nil());
    log
}
