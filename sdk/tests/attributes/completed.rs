//! Task runs that are given each as soon as it has ended, in both faces and without a server.

use std::time::Duration;

use diptych_macros::dual;
use futures_util::{Stream as _, StreamExt as _};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, Cancellation, Flow, FlowOptions, FlowRun, RunFailed,
};
use prefect_sdk::tasks::{AsCompleted, AsyncAsCompleted, AsyncTask, AsyncTaskRun, Task, TaskRun};
use prefect_sdk::testing::TestServer;

use crate::runs::later;

type Failed = RunFailed<String>;

const BACKWARDS: [usize; 4] = [3, 2, 1, 0];

/// What each of four tasks waits for; the last one's is open.
#[derive(Clone, Default)]
struct Gates([Cancellation; 4]);

impl Gates {
    fn new() -> Self {
        let gates = Self::default();
        gates.open_before(4);
        gates
    }

    fn open_before(&self, n: usize) {
        if let Some(before) = n.checked_sub(1) {
            self.0[before].request();
        }
    }
}

#[dual(crate::faces)]
fn awaits(gates: &Gates) -> AsyncTask<usize, usize, String> {
    let gates = gates.clone();
    AsyncTask::new("waits", move |_: AsyncTaskRun, n: usize| {
        let gate = gates.0[n].clone();
        async move {
            gate.arequested().await;
            Ok(n)
        }
    })
}

#[dual(crate::faces)]
async fn abackwards(client: &AsyncPrefectClient) -> Vec<usize> {
    let flow = AsyncFlow::new("backwards", |run: AsyncFlowRun, ()| async move {
        let gates = Gates::new();
        let mut ended = AsyncAsCompleted::new(awaits(&gates).map(&run, 0..4)?);
        let mut order = Vec::new();
        while let Some(future) = ended.anext().await {
            let n = future.result().await?;
            gates.open_before(n);
            order.push(n);
        }
        assert!(ended.anext().await.is_none(), "there are no more");
        Ok::<_, Failed>(order)
    });
    let flow = flow.with_options(FlowOptions::new().max_workers(4));
    flow.call(client, &()).await.unwrap()
}

#[test]
fn each_is_given_when_it_has_ended() {
    let server = TestServer::new();
    assert_eq!(backwards(&server.client()), BACKWARDS);
    let client = server.aclient();
    assert_eq!(later(abackwards(&client)), BACKWARDS);
}

/// Whoever polls it is woken, and a wait that is dropped costs nobody anything.
#[test]
fn they_are_a_stream() {
    let flow = AsyncFlow::new("stream", |run: AsyncFlowRun, ()| async move {
        let gates = Gates::default();
        let mut ended = AsyncAsCompleted::new(awaits(&gates).map(&run, 0..4)?);
        assert_eq!(ended.size_hint(), (4, Some(4)));
        let vain = tokio::time::timeout(Duration::from_millis(20), ended.next()).await;
        assert!(vain.is_err(), "none has ended");
        let vain = tokio::time::timeout(Duration::from_millis(20), ended.anext()).await;
        assert!(vain.is_err(), "none has ended");
        gates.open_before(4);
        let mut order = vec![ended.anext().await.unwrap().await?];
        assert_eq!(ended.size_hint(), (3, Some(3)));
        gates.open_before(3);
        while let Some(future) = ended.next().await {
            let n = future.await?;
            gates.open_before(n);
            order.push(n);
        }
        Ok::<_, Failed>(order)
    });
    let server = TestServer::new();
    let client = server.aclient();
    let order = later(async { flow.call(&client, &()).await });
    assert_eq!(order.unwrap(), BACKWARDS);
}
