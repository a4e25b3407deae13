//! Many callers at once: threads for what blocks, tasks of one thread for what does not.

use std::sync::Barrier;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use prefect_client::models::FlowRunResponse;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::clock::{Cost, Moment};

/// How many callers there are, and how many calls each of them makes.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    callers: u32,
    warm_up: u32,
    calls: u32,
}

impl Plan {
    /// Shares `calls` out among the callers. A tenth of them comes before, uncounted, to warm up.
    pub(crate) fn new(callers: u32, calls: u32) -> Result<Self> {
        ensure!(callers > 0 && calls >= callers, "fewer calls than callers");
        let calls = calls / callers;
        Ok(Self {
            callers,
            warm_up: (calls / 10).max(3),
            calls,
        })
    }

    /// The calls that are counted.
    pub(crate) fn counted(self) -> f64 {
        f64::from(self.callers * self.calls)
    }

    /// All calls.
    pub(crate) fn made(self) -> f64 {
        f64::from(self.callers * (self.warm_up + self.calls))
    }
}

/// The runtime of all that is async here.
pub(crate) fn runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot build a runtime")
}

/// A thread for each caller; all begin together once all are warm.
pub(crate) fn in_threads<C>(
    plan: Plan,
    make: impl Fn() -> Result<C> + Sync,
    call: impl Fn(&mut C) -> Result<FlowRunResponse> + Sync,
) -> Result<Cost> {
    let together = Barrier::new(plan.callers as usize + 1);
    let repeat = |caller: &mut C, times| (0..times).try_for_each(|_| call(caller).map(drop));
    let work = || {
        let ready = make().and_then(|mut caller| {
            repeat(&mut caller, plan.warm_up)?;
            Ok(caller)
        });
        together.wait();
        // Those that failed go on to the end too, since the others wait for them there.
        let done = ready.and_then(|mut caller| {
            repeat(&mut caller, plan.calls)?;
            Ok(caller)
        });
        together.wait();
        done.map(drop)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.callers).map(|_| scope.spawn(work)).collect();
        together.wait();
        let start = Moment::now()?;
        together.wait();
        let end = Moment::now()?;
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a caller panicked"))??;
        }
        Ok(start.until(&end))
    })
}

/// The same with clones of one client.
pub(crate) fn in_threads_sharing<C: Clone + Sync>(
    plan: Plan,
    client: &C,
    call: impl Fn(&mut C) -> Result<FlowRunResponse> + Sync,
) -> Result<Cost> {
    in_threads(plan, || Ok(client.clone()), call)
}

/// A task for each caller, all on one thread. Each call gets a clone of the caller's client, which is cheap for all of them.
pub(crate) fn in_tasks<C, F>(
    plan: Plan,
    make: impl Fn() -> Result<C>,
    call: impl Fn(C) -> F + Copy + Send + 'static,
) -> Result<Cost>
where
    C: Clone + Send + 'static,
    F: Future<Output = Result<FlowRunResponse>> + Send + 'static,
{
    let callers: Vec<C> = (0..plan.callers).map(|_| make()).collect::<Result<_>>()?;
    let runtime = runtime()?;
    runtime.block_on(all(&callers, plan.warm_up, call))?;
    let start = Moment::now()?;
    runtime.block_on(all(&callers, plan.calls, call))?;
    Ok(start.until(&Moment::now()?))
}

/// The same with clones of one client.
pub(crate) fn in_tasks_sharing<C, F>(
    plan: Plan,
    client: &C,
    call: impl Fn(C) -> F + Copy + Send + 'static,
) -> Result<Cost>
where
    C: Clone + Send + 'static,
    F: Future<Output = Result<FlowRunResponse>> + Send + 'static,
{
    in_tasks(plan, || Ok(client.clone()), call)
}

async fn all<C, F>(
    callers: &[C],
    times: u32,
    call: impl Fn(C) -> F + Copy + Send + 'static,
) -> Result<()>
where
    C: Clone + Send + 'static,
    F: Future<Output = Result<FlowRunResponse>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for caller in callers {
        let caller = caller.clone();
        tasks.spawn(async move {
            for _ in 0..times {
                call(caller.clone()).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("a caller panicked")??;
    }
    Ok(())
}
