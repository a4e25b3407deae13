//! Each option of a flow or a task that is a time, at its ends, in both faces and without a server: nothing overflows, and
//! whatever is waited for comes.

use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, RunFlowOptions};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskOptions, TaskRun};
use prefect_sdk::testing::TestServer;

use crate::runs::later;

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(2);

const TIMES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_secs(u32::MAX as u64),
    Duration::from_secs(i64::MAX as u64),
    Duration::MAX,
];

/// What is set to a time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Set {
    FlowTimeout,
    FlowRetryDelay,
    Heartbeats,
    TaskTimeout,
    TaskRetryDelay,
    CacheExpiration,
}

const ALL: [Set; 6] = [
    Set::FlowTimeout,
    Set::FlowRetryDelay,
    Set::Heartbeats,
    Set::TaskTimeout,
    Set::TaskRetryDelay,
    Set::CacheExpiration,
];

impl Set {
    fn flow(self, time: Duration) -> FlowOptions {
        let options = FlowOptions::new().retries(1);
        match self {
            Self::FlowTimeout => options.timeout(time),
            Self::FlowRetryDelay => options.retry_delay(time),
            _ => options,
        }
    }

    fn run(self, time: Duration) -> RunFlowOptions {
        match self {
            Self::Heartbeats => RunFlowOptions::new().heartbeat_frequency(time),
            _ => RunFlowOptions::new(),
        }
    }

    fn task(self, time: Duration) -> TaskOptions {
        let options = TaskOptions::new().retries(1);
        match self {
            Self::TaskTimeout => options.timeout(time),
            Self::TaskRetryDelay => options.retry_delay(time),
            Self::CacheExpiration => options.cache_expiration(time),
            _ => options,
        }
    }

    /// Whether nothing can be done in time.
    fn is_too_short(self, time: Duration) -> bool {
        let is_limit = matches!(self, Self::FlowTimeout | Self::TaskTimeout);
        is_limit && time == Duration::from_nanos(1)
    }
}

/// A flow with a task, of which each succeeds when it is tried again; submitted, waited for, and read.
#[dual(crate::faces)]
async fn aends(client: AsyncPrefectClient, set: Set, time: Duration) -> Result<u32, String> {
    let task = AsyncTask::new("tried", |run: AsyncTaskRun, ()| async move {
        match run.run_count() {
            1 => Err("once more".to_owned()),
            count => Ok(count),
        }
    });
    let task = task.with_options(set.task(time));
    let flow = AsyncFlow::new("tries", move |run: AsyncFlowRun, ()| {
        let task = task.clone();
        async move {
            if run.run_count() == 1 {
                return Err("once more".to_owned());
            }
            let future = task.submit(&run, ());
            let waited = future.wait_at_most(Duration::MAX).await;
            waited.map_err(|error| error.to_string())?;
            let count = future.result().await;
            count.map_err(|error| error.to_string())
        }
    });
    let flow = flow.with_options(set.flow(time));
    let ended = flow.call_with(&client, &(), &set.run(time)).await;
    ended.map_err(|error| error.to_string())
}

#[test]
fn times_may_be_as_short_and_as_long_as_they_can() {
    for set in ALL {
        for time in TIMES {
            let begun = Instant::now();
            let ended = [
                ends(TestServer::new().client(), set, time),
                later(aends(TestServer::new().aclient(), set, time)),
            ];
            for ended in ended {
                if set.is_too_short(time) {
                    let text = ended.unwrap_err();
                    assert!(text.contains("took longer"), "{set:?} {time:?}: {text}");
                } else {
                    assert_eq!(ended, Ok(2), "{set:?} {time:?}");
                }
            }
            assert!(begun.elapsed() < LONG, "{set:?} {time:?}");
        }
    }
}
