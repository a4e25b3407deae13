//! The interfaces in both faces against a double of the server, in memory: what a real one does too seldom, or never.

#[cfg(unix)]
mod forked;
mod leases;
mod missing;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        aconcurrency => concurrency,
        aget => get,
        arate_limit => rate_limit,
        aread_flow_run_input => read_flow_run_input,
        aunset => unset,
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
        .recv_timeout(std::time::Duration::from_secs(120))
        .expect("it ends")
}
