//! What is measured, in both faces.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, anyhow, ensure};
use diptych_macros::dual;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Cancellation, Flow, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use stats_alloc::Stats;

use crate::HEAP;
use crate::cost::Moment;

const TASKS: u32 = 1000;
const FLOWS: u32 = 100;
const TASKS_OF_FLOW: u32 = 10;
const WAITING: u32 = 10_000;
/// As many as run at once unless a flow says otherwise.
const AT_ONCE: usize = 100;

type Failed = RunFailed<String>;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// One flow that calls tasks.
    Sequence,
    /// One flow that submits tasks.
    Submitted,
    /// Flows with some tasks each.
    Flows,
    /// Flows without tasks.
    FlowAlone,
    /// All that a process does until the function of its first flow runs.
    Start,
    /// Very many tasks that were submitted and wait.
    Waiting,
}

impl Case {
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match name {
            "sequence" => Some(Self::Sequence),
            "submitted" => Some(Self::Submitted),
            "flows" => Some(Self::Flows),
            "flow_alone" => Some(Self::FlowAlone),
            "start" => Some(Self::Start),
            "waiting" => Some(Self::Waiting),
            _ => None,
        }
    }

    /// How many runs there are of what is counted.
    pub(crate) fn runs(self) -> u32 {
        match self {
            Self::Sequence | Self::Submitted => TASKS,
            Self::Flows => FLOWS * TASKS_OF_FLOW,
            Self::FlowAlone => FLOWS,
            Self::Start => 1,
            Self::Waiting => WAITING,
        }
    }
}

diptych_macros::faces! {
    /// The names that differ between the faces.
    faces {
        AsyncFlow => Flow,
        AsyncFlowRun => FlowRun,
        AsyncPrefectClient => PrefectClient,
        AsyncTask => Task,
        AsyncTaskRun => TaskRun,
        acalls => calls,
        adouble => double,
        ameasured => measured,
        arequested => requested,
        arun => run,
        astarts => starts,
        asubmits => submits,
        awaiting => waiting,
    }
}

#[dual(crate::cases::faces)]
fn adouble() -> AsyncTask<u32, u32, String> {
    AsyncTask::new("double", |_: AsyncTaskRun, n: u32| async move { Ok(2 * n) })
}

/// What a case takes in microseconds, of processors and on the clock; and how many bytes a waiting task holds, where that is measured.
pub(crate) type Measured = ((f64, f64), Option<usize>);

/// Measures a case, in a process that began then.
#[dual(crate::cases::faces)]
pub(crate) async fn ameasured(
    case: Case,
    client: &AsyncPrefectClient,
    begun: Moment,
) -> Result<Measured> {
    if case == Case::Start {
        return Ok((astarts(client, begun).await?, None));
    }
    // What is done once in a process.
    acalls(client, 1).await?;
    let begun = Moment::now()?;
    let waiting = arun(case, client).await?;
    Ok((begun.elapsed()?, waiting))
}

/// What the process has taken when the function of its first flow is called.
#[dual(crate::cases::faces)]
async fn astarts(client: &AsyncPrefectClient, begun: Moment) -> Result<(f64, f64)> {
    let flow = AsyncFlow::new("bench-starts", move |_: AsyncFlowRun, ()| async move {
        begun.elapsed().map_err(|error| error.to_string())
    });
    let taken = flow.call(client, &()).await;
    taken.map_err(|failed| anyhow!("{failed}"))
}

#[dual(crate::cases::faces)]
async fn arun(case: Case, client: &AsyncPrefectClient) -> Result<Option<usize>> {
    match case {
        Case::Sequence => acalls(client, TASKS).await?,
        Case::Submitted => asubmits(client).await?,
        Case::Flows => {
            for _ in 0..FLOWS {
                acalls(client, TASKS_OF_FLOW).await?;
            }
        }
        Case::FlowAlone => {
            for _ in 0..FLOWS {
                acalls(client, 0).await?;
            }
        }
        Case::Start => {}
        Case::Waiting => return awaiting(client).await.map(Some),
    }
    Ok(None)
}

/// A flow that calls so many tasks.
#[dual(crate::cases::faces)]
async fn acalls(client: &AsyncPrefectClient, count: u32) -> Result<()> {
    let flow = AsyncFlow::new("bench-calls", |run: AsyncFlowRun, count: u32| async move {
        let double = adouble();
        let mut sum = 0;
        for n in 0..count {
            sum += double.call(&run, n).await?;
        }
        Ok::<_, Failed>(sum)
    });
    let sum = flow
        .call(client, &count)
        .await
        .map_err(|failed| anyhow!("{failed}"))?;
    ensure!(sum == count * count.saturating_sub(1), "the sum is {sum}");
    Ok(())
}

#[dual(crate::cases::faces)]
async fn asubmits(client: &AsyncPrefectClient) -> Result<()> {
    let flow = AsyncFlow::new(
        "bench-submits",
        |run: AsyncFlowRun, count: u32| async move {
            let mut sum = 0;
            for future in adouble().map(&run, 0..count)? {
                sum += future.result().await?;
            }
            Ok::<_, Failed>(sum)
        },
    );
    let sum = flow
        .call(client, &TASKS)
        .await
        .map_err(|failed| anyhow!("{failed}"))?;
    ensure!(sum == TASKS * (TASKS - 1), "the sum is {sum}");
    Ok(())
}

/// Gives how many bytes a waiting task holds, after all of them have completed.
#[dual(crate::cases::faces)]
async fn awaiting(client: &AsyncPrefectClient) -> Result<usize> {
    let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let flow = AsyncFlow::new("bench-waits", move |run: AsyncFlowRun, ()| {
        let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
        // What all wait for.
        let gate = Cancellation::new();
        let opened = gate.clone();
        let waits = AsyncTask::new("waits", move |_: AsyncTaskRun, n: u32| {
            let (gate, at_once) = (opened.clone(), Arc::clone(&at_once));
            most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            async move {
                gate.arequested().await;
                at_once.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, String>(n)
            }
        });
        async move {
            let before = held(&HEAP.stats());
            let futures = waits.map(&run, 0..WAITING)?;
            let bytes = held(&HEAP.stats()).saturating_sub(before) / futures.len();
            gate.request();
            let mut sum = 0;
            for future in futures {
                sum += future.result().await?;
            }
            Ok::<_, Failed>((bytes, sum))
        }
    });
    let (bytes, sum) = flow
        .call(client, &())
        .await
        .map_err(|failed| anyhow!("{failed}"))?;
    ensure!(sum == WAITING * (WAITING - 1) / 2, "the sum is {sum}");
    let most = seen.load(Ordering::SeqCst);
    ensure!(most <= AT_ONCE, "{most} have run at once");
    Ok(bytes)
}

fn held(stats: &Stats) -> usize {
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}
