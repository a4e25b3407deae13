//! What is made for a run that has not begun.

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunCreate, FlowRunResponse, StateCreate, TaskRun, TaskRunCreate};
use prefect_client::requests::SetTaskRunState;
use uuid::Uuid;

#[dual(engine)]
use super::forced::aend_left;
#[dual(engine)]
use super::hooks::{AsyncFlowRunEntered, AsyncHooks};
#[dual(engine)]
use super::parts::AsyncPart;
use super::{engine, last_state};
use crate::Error;
#[dual(engine)]
use crate::background::AsyncHome;
#[dual(engine)]
use crate::flow_runs::atry_to_create;
use crate::flow_runs::{Unmade, give_key, is_last, is_refusal};

/// A run, until whoever makes it has all that it takes. Where that goes wrong, or is dropped, what is there by then ends, as the run
/// itself does when it is dropped later.
#[dual(engine)]
pub(super) struct AsyncUnbegun {
    client: AsyncPrefectClient,
    home: AsyncHome,
    flow_name: String,
    hooks: AsyncHooks<AsyncFlowRunEntered>,
    /// The task run that stands for a subflow.
    task_run: Option<Uuid>,
    made: Made,
    part: Option<AsyncPart>,
}

/// How far it has got.
#[derive(Default)]
enum Made {
    #[default]
    Nothing,
    /// The server may have made the task run that stands for a subflow: who asks once more, by the same keys, is given the same one.
    TaskRunMaybe(Box<TaskRunCreate>),
    TaskRun(Uuid),
    /// The server may have made the run; where it has not, it has what was made before.
    FlowRunMaybe(Box<FlowRunCreate>, Box<Made>),
    FlowRun(Uuid),
}

impl Made {
    fn task_run(run: &TaskRun) -> Self {
        // An attempt before may have left it so.
        match &run.state_type {
            Some(state) if is_last(state) => Self::Nothing,
            _ => Self::TaskRun(run.id),
        }
    }

    /// What there is where the server has not made the last thing.
    fn before(self) -> Self {
        match self {
            Self::TaskRunMaybe(_) => Self::Nothing,
            Self::FlowRunMaybe(_, before) => *before,
            known => known,
        }
    }
}

#[dual(engine)]
impl AsyncUnbegun {
    pub(super) fn here(
        client: &AsyncPrefectClient,
        (flow_name, hooks): (&str, &AsyncHooks<AsyncFlowRunEntered>),
        part: Option<AsyncPart>,
    ) -> Result<Self, Error> {
        Ok(Self {
            client: client.clone(),
            home: AsyncHome::here()?,
            flow_name: flow_name.to_owned(),
            hooks: hooks.clone(),
            task_run: None,
            made: Made::Nothing,
            part,
        })
    }

    /// Makes the task run that stands for a subflow, or finds it again, and gives its id.
    pub(super) async fn make_task_run(&mut self, run: TaskRunCreate) -> Result<Uuid, Error> {
        self.made = Made::TaskRunMaybe(Box::new(run.clone()));
        let made = atry_to_create(&self.client, || self.client.create_task_run(&run)).await;
        let run = made.map_err(|unmade| self.unmade(unmade))?;
        self.made = Made::task_run(&run);
        self.task_run = Some(run.id);
        Ok(run.id)
    }

    /// Makes the run.
    pub(super) async fn make_flow_run(
        &mut self,
        mut run: FlowRunCreate,
    ) -> Result<FlowRunResponse, Error> {
        run.parent_task_run_id = self.task_run;
        give_key(&mut run.idempotency_key);
        let before = std::mem::take(&mut self.made);
        self.made = Made::FlowRunMaybe(Box::new(run.clone()), Box::new(before));
        let made = atry_to_create(&self.client, || self.client.create_flow_run(&run)).await;
        let run = made.map_err(|unmade| self.unmade(unmade))?;
        self.made = Made::FlowRun(run.id);
        Ok(run)
    }

    /// The run is there already.
    pub(super) fn take_up(&mut self, run: &FlowRunResponse) {
        let has_ended = run.state_type.as_ref().is_some_and(is_last);
        self.made = if has_ended {
            Made::Nothing
        } else {
            Made::FlowRun(run.id)
        };
    }

    /// Why the server has not made what it was told to make, unless it may have.
    fn unmade(&mut self, unmade: Unmade) -> Error {
        if !unmade.may_be_made {
            self.made = std::mem::take(&mut self.made).before();
        }
        unmade.error
    }

    /// The run has begun.
    pub(super) fn begun(mut self) -> Option<AsyncPart> {
        self.made = Made::Nothing;
        self.part.take()
    }
}

/// What is left of a run that nobody goes on with.
#[dual(engine)]
struct AsyncRemains {
    client: AsyncPrefectClient,
    flow_name: String,
    hooks: AsyncHooks<AsyncFlowRunEntered>,
    part: Option<AsyncPart>,
}

#[dual(engine)]
impl AsyncRemains {
    /// Says that it ends. The server has the state of a subflow's run for its task run, too.
    async fn end(self, made: Made) {
        let made = match self.settled(made).await {
            Ok(made) => made,
            Err(error) => {
                let flow = &self.flow_name;
                tracing::error!(
                    flow,
                    "a run that was not begun may be left pending: {error}"
                );
                return;
            }
        };
        let enclosing = self.part.as_ref().map(AsyncPart::cancellation);
        let last = last_state::dropped_within(enclosing);
        match made {
            Made::FlowRun(id) => {
                aend_left(&self.client, id, last, &self.flow_name, &self.hooks).await;
            }
            Made::TaskRun(id) => self.end_task_run(id, &last).await,
            _ => {}
        }
    }

    /// What the server has of it.
    async fn settled(&self, made: Made) -> Result<Made, Error> {
        let asked = match &made {
            Made::TaskRunMaybe(run) => {
                let found = self.client.create_task_run(run).await;
                found.map(|run| Made::task_run(&run))
            }
            Made::FlowRunMaybe(run, _) => {
                let found = self.client.create_flow_run(run).await;
                found.map(|run| Made::FlowRun(run.id))
            }
            _ => return Ok(made),
        };
        match asked {
            Err(error) if is_refusal(&error) => Ok(made.before()),
            asked => Ok(asked?),
        }
    }

    async fn end_task_run(&self, id: Uuid, last: &StateCreate) {
        let force = SetTaskRunState::new().force(true);
        let told = self.client.set_task_run_state_with(id, last, &force).await;
        if let Err(error) = told {
            tracing::error!(task_run = %id, "the task run of a subflow has no last state: {error}");
        }
    }
}

#[dual(engine)]
impl AsyncUnbegun {
    fn remains(&mut self) -> Option<(AsyncRemains, Made)> {
        let made = std::mem::take(&mut self.made);
        if matches!(made, Made::Nothing) {
            return None;
        }
        let remains = AsyncRemains {
            client: self.client.clone(),
            flow_name: std::mem::take(&mut self.flow_name),
            hooks: std::mem::take(&mut self.hooks),
            part: self.part.take(),
        };
        Some((remains, made))
    }
}

#[cfg(feature = "async")]
impl Drop for AsyncUnbegun {
    fn drop(&mut self) {
        if let Some((remains, made)) = self.remains() {
            self.home.begin(remains.end(made));
        }
    }
}

#[cfg(feature = "blocking")]
impl Drop for Unbegun {
    fn drop(&mut self) {
        if let Some((remains, made)) = self.remains() {
            self.home.begin(|| remains.end(made));
        }
    }
}
