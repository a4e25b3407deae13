//! The task run that stands for a flow run in the run that it is part of.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    FlowRunFilter, FlowRunFilterParentTaskRunId, StateCreate, TaskRun, TaskRunCreate,
};
use prefect_client::requests::{ReadFlowRuns, SetTaskRunState};
use uuid::Uuid;

#[dual(sdk, map(atry_to_create => try_to_create))]
use super::create::atry_to_create;
use super::create::is_refusal;
use super::wait::is_last;
#[dual(sdk)]
use crate::background::AsyncHome;
use crate::faces::sdk;
use crate::{Error, states};

/// The task run, until there is a flow run whose states the server sets for it, too: where whoever makes that goes away, it ends.
#[dual(sdk)]
pub(crate) struct AsyncPlaceholder {
    pub(crate) home: AsyncHome,
    left: AsyncLeftPlaceholder,
}

/// What there is of it that has to end. Where nobody goes on with that either, nothing more is begun.
#[dual(sdk)]
#[derive(Clone)]
pub(crate) struct AsyncLeftPlaceholder {
    pub(crate) client: AsyncPrefectClient,
    /// The server may have made it: who asks once more, by the same keys, is given the same one.
    asked: Option<Box<TaskRunCreate>>,
    id: Option<Uuid>,
}

#[dual(sdk, map(atry_to_create => try_to_create))]
impl AsyncPlaceholder {
    /// There is none yet.
    pub(crate) fn here(client: &AsyncPrefectClient) -> Result<Self, Error> {
        Ok(Self {
            home: AsyncHome::here()?,
            left: AsyncLeftPlaceholder {
                client: client.clone(),
                asked: None,
                id: None,
            },
        })
    }

    #[cfg(feature = "flows")]
    pub(crate) fn client(&self) -> &AsyncPrefectClient {
        &self.left.client
    }

    /// Makes it, or finds it again, and gives its id.
    pub(crate) async fn make(&mut self, run: TaskRunCreate) -> Result<Uuid, Error> {
        let left = &mut self.left;
        let (client, run) = (&left.client, &**left.asked.insert(Box::new(run)));
        let made = atry_to_create(client, || client.create_task_run(run)).await;
        match made {
            Ok(run) => {
                (left.asked, left.id) = (None, open(&run));
                Ok(run.id)
            }
            Err(unmade) => {
                left.asked.take_if(|_| !unmade.may_be_made);
                Err(unmade.error)
            }
        }
    }

    /// There is a flow run that it stands for.
    pub(crate) fn taken(&mut self) {
        drop(self.take());
    }

    /// Whether there is something that has to end.
    pub(crate) fn is_left(&self) -> bool {
        self.left.asked.is_some() || self.left.id.is_some()
    }

    /// What is left of it, for somebody else.
    pub(crate) fn take(&mut self) -> AsyncLeftPlaceholder {
        let left = &mut self.left;
        AsyncLeftPlaceholder {
            client: left.client.clone(),
            asked: left.asked.take(),
            id: left.id.take(),
        }
    }

    /// Says that it ends so, unless there is a flow run that it stands for.
    pub(crate) async fn end(mut self, last: &StateCreate) {
        // It is left until that is said, as this may be dropped meanwhile.
        self.left.clone().end(last).await;
        self.taken();
    }
}

#[dual(sdk)]
impl AsyncLeftPlaceholder {
    /// Says that it ends so, unless there is a flow run that it stands for.
    pub(crate) async fn end(self, last: &StateCreate) {
        if let Err(error) = self.try_to_end(last).await {
            let id = self.id;
            tracing::error!(task_run = ?id, "the task run that stands for a flow run may be left pending: {error}");
        }
    }

    async fn try_to_end(&self, last: &StateCreate) -> Result<(), Error> {
        let Some(id) = self.found().await? else {
            return Ok(());
        };
        let of_it = FlowRunFilterParentTaskRunId::new().any([id]);
        let of_it = ReadFlowRuns::new()
            .flow_runs(FlowRunFilter::new().parent_task_run_id(of_it))
            .limit(1);
        if self.client.read_flow_runs_with(&of_it).await?.is_empty() {
            let force = SetTaskRunState::new().force(true);
            self.client
                .set_task_run_state_with(id, last, &force)
                .await?;
        }
        Ok(())
    }

    /// Its id, if there is one that is open.
    async fn found(&self) -> Result<Option<Uuid>, Error> {
        let Some(run) = &self.asked else {
            return Ok(self.id);
        };
        match self.client.create_task_run(run).await {
            Err(error) if is_refusal(&error) => Ok(None),
            found => Ok(open(&found?)),
        }
    }
}

/// Its id, unless an attempt before has brought it into a last state.
fn open(run: &TaskRun) -> Option<Uuid> {
    let has_ended = run.state_type.as_ref().is_some_and(is_last);
    (!has_ended).then_some(run.id)
}

#[cfg(feature = "async")]
impl Drop for AsyncPlaceholder {
    fn drop(&mut self) {
        if self.is_left() {
            let rest = self.take();
            self.home
                .begin_last(async move { rest.end(&states::dropped()).await });
        }
    }
}

#[cfg(feature = "blocking")]
impl Drop for Placeholder {
    fn drop(&mut self) {
        if self.is_left() {
            let rest = self.take();
            self.home.begin(|| rest.end(&states::dropped()));
        }
    }
}
