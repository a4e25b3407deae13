//! Runtimes that end while runs are made in them, or run: the runs end nevertheless.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use super::*;

fn runtimes() -> [Runtime; 2] {
    let mut of = [Builder::new_multi_thread(), Builder::new_current_thread()];
    of.each_mut()
        .map(|runtime| runtime.enable_all().build().unwrap())
}

#[test]
fn a_run_whose_runtime_ends_while_it_is_made_ends() {
    for making in MAKING {
        for had in [Had::Request, Had::Nothing] {
            for runtime in runtimes() {
                let (server, told) = (TestServer::new(), Arc::default());
                let way = Stalling::new(server.mock(), making, had);
                let config = server.mock().config().async_transport(way.clone());
                let client = AsyncPrefectClient::from_config(config).unwrap();
                let flow = with_subflow(&told);
                runtime.block_on(async {
                    drop(tokio::spawn(async move { flow.call(&client, &()).await }));
                    way.stalled.acquire().await.unwrap().forget();
                });
                drop(runtime);
                let is_inner_run = making.of_subflow && making.operation == "create_flow_run";
                let expected: &[_] = if is_inner_run {
                    &["Crashed", "Crashed"]
                } else {
                    &["Crashed"]
                };
                let runs = server.flow_runs();
                assert_eq!(last_states(&runs), expected, "{making:?} {had:?}");
                let told = told.load(Ordering::SeqCst);
                assert_eq!(
                    told,
                    u32::try_from(runs.len()).unwrap(),
                    "{making:?} {had:?}"
                );
            }
        }
    }
}

#[test]
fn a_run_whose_runtime_ends_ends() {
    for runtime in runtimes() {
        let server = TestServer::new();
        let client = server.aclient();
        let is_running = Arc::new(Semaphore::new(0));
        let of_function = Arc::clone(&is_running);
        let flow = AsyncFlow::new("waits", move |run: AsyncFlowRun, ()| {
            let is_running = Arc::clone(&of_function);
            async move {
                let waits = AsyncTask::new("waits", move |_: AsyncTaskRun, (): ()| {
                    is_running.add_permits(1);
                    std::future::pending::<Result<(), String>>()
                });
                let submitted = [(); 2].map(|()| waits.submit(&run, ()));
                for one in submitted {
                    one.await.map_err(|failed| failed.to_string())?;
                }
                Ok::<_, String>(())
            }
        });
        runtime.block_on(async {
            drop(tokio::spawn(async move { flow.call(&client, &()).await }));
            is_running.acquire_many(2).await.unwrap().forget();
        });
        let begun = Instant::now();
        drop(runtime);
        assert!(
            begun.elapsed() < Duration::from_secs(4),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(last_states(&server.flow_runs()), ["Crashed"]);
    }
}

/// A way to a server on which nothing comes back any more, once a task run is made.
#[derive(Clone)]
struct Falling {
    server: MockServer,
    is_silent: Arc<AtomicBool>,
    silent: Arc<Semaphore>,
}

impl AsyncTransport for Falling {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        let operation = request.extensions().get::<&'static Operation>();
        if operation.is_some_and(|operation| operation.name() == "create_task_run") {
            self.is_silent.store(true, Ordering::SeqCst);
            self.silent.add_permits(1);
        }
        if self.is_silent.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        AsyncTransport::send(&self.server, request, deadline)
    }
}

#[test]
fn a_server_that_answers_no_more_does_not_hold_a_runtime_that_ends() {
    let server = TestServer::new();
    let way = Falling {
        server: server.mock().clone(),
        is_silent: Arc::default(),
        silent: Arc::new(Semaphore::new(0)),
    };
    let config = server.mock().config().async_transport(way.clone());
    let client = AsyncPrefectClient::from_config(config).unwrap();
    let flow = with_subflow(&Arc::default());
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        drop(tokio::spawn(async move { flow.call(&client, &()).await }));
        way.silent.acquire().await.unwrap().forget();
    });
    let (ends, ended) = mpsc::channel();
    thread::spawn(move || {
        drop(runtime);
        ends.send(())
    });
    ended.recv_timeout(Duration::from_mins(1)).unwrap();
}
