//! Rows that were made for a run that has not begun.

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::requests::SetTaskRunState;
use uuid::Uuid;

#[dual(engine)]
use super::forced::aforce;
#[dual(engine)]
use super::parts::AsyncPart;
use super::{engine, last_state};
use crate::Error;
#[dual(engine)]
use crate::background::AsyncHome;

/// The rows, until whoever makes the run has all that it takes. Where that goes wrong, or is dropped, they say so.
#[dual(engine)]
pub(super) struct AsyncUnbegun {
    client: AsyncPrefectClient,
    home: AsyncHome,
    /// The task run that stands for a subflow, if it is new.
    pub(super) task_run: Option<Uuid>,
    pub(super) flow_run: Option<Uuid>,
    part: Option<AsyncPart>,
}

#[dual(engine)]
impl AsyncUnbegun {
    pub(super) fn here(
        client: &AsyncPrefectClient,
        part: Option<AsyncPart>,
    ) -> Result<Self, Error> {
        Ok(Self {
            client: client.clone(),
            home: AsyncHome::here()?,
            task_run: None,
            flow_run: None,
            part,
        })
    }

    /// The run has begun.
    pub(super) fn begun(mut self) -> Option<AsyncPart> {
        (self.task_run, self.flow_run) = (None, None);
        self.part.take()
    }
}

/// The server has the state of a subflow's run for its task run, too.
#[dual(engine)]
async fn acrash(client: &AsyncPrefectClient, task_run: Option<Uuid>, flow_run: Option<Uuid>) {
    let crashed = last_state::dropped();
    match (flow_run, task_run) {
        (Some(id), _) => drop(aforce(client, id, crashed).await),
        (None, Some(id)) => {
            let force = SetTaskRunState::new().force(true);
            let told = client.set_task_run_state_with(id, &crashed, &force).await;
            if let Err(error) = told {
                tracing::error!(task_run = %id, "the task run of a subflow has no last state: {error}");
            }
        }
        (None, None) => {}
    }
}

#[cfg(feature = "async")]
impl Drop for AsyncUnbegun {
    fn drop(&mut self) {
        let (task_run, flow_run) = (self.task_run, self.flow_run);
        if task_run.is_none() && flow_run.is_none() {
            return;
        }
        let (client, part) = (self.client.clone(), self.part.take());
        self.home.begin(async move {
            acrash(&client, task_run, flow_run).await;
            drop(part);
        });
    }
}

#[cfg(feature = "blocking")]
impl Drop for Unbegun {
    fn drop(&mut self) {
        let (task_run, flow_run) = (self.task_run, self.flow_run);
        self.home.begin(|| crash(&self.client, task_run, flow_run));
    }
}
