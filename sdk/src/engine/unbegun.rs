//! What is made for a run that has not begun.

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunCreate, FlowRunResponse, TaskRunCreate};
use uuid::Uuid;

#[dual(engine)]
use super::forced::aend_left;
#[dual(engine)]
use super::hooks::{AsyncFlowRunEntered, AsyncHooks};
#[dual(engine)]
use super::parts::AsyncPart;
use super::voice::Voice;
use super::{engine, last_state};
use crate::Error;
#[dual(engine)]
use crate::flow_runs::{AsyncLeftPlaceholder, AsyncPlaceholder, atry_to_create};
use crate::flow_runs::{give_key, is_last, is_refusal};

/// A run, until whoever makes it has all that it takes. Where that goes wrong, or is dropped, what is there by then ends, as the run
/// itself does when it is dropped later.
#[dual(engine)]
pub(super) struct AsyncUnbegun<'a> {
    flow_name: &'a str,
    hooks: &'a AsyncHooks<AsyncFlowRunEntered>,
    part: Option<AsyncPart>,
    /// That of a subflow.
    placeholder: AsyncPlaceholder,
    /// Its task run.
    task_run: Option<Uuid>,
    /// The server may have made the run: who asks once more, by the same key, is given the same one.
    asked: Option<Box<FlowRunCreate>>,
    flow_run: Option<Uuid>,
}

#[dual(engine)]
impl<'a> AsyncUnbegun<'a> {
    pub(super) fn here(
        client: &AsyncPrefectClient,
        (flow_name, hooks): (&'a str, &'a AsyncHooks<AsyncFlowRunEntered>),
        part: Option<AsyncPart>,
    ) -> Result<Self, Error> {
        Ok(Self {
            flow_name,
            hooks,
            part,
            placeholder: AsyncPlaceholder::here(client)?,
            task_run: None,
            asked: None,
            flow_run: None,
        })
    }

    /// Makes the task run that stands for a subflow, or finds it again, and gives its id.
    pub(super) async fn make_task_run(&mut self, run: TaskRunCreate) -> Result<Uuid, Error> {
        let id = self.placeholder.make(run).await?;
        self.task_run = Some(id);
        Ok(id)
    }

    /// Makes the run.
    pub(super) async fn make_flow_run(
        &mut self,
        mut run: FlowRunCreate,
    ) -> Result<FlowRunResponse, Error> {
        run.parent_task_run_id = self.task_run;
        give_key(&mut run.idempotency_key);
        let (client, run) = (
            self.placeholder.client(),
            &**self.asked.insert(Box::new(run)),
        );
        match atry_to_create(client, || client.create_flow_run(run)).await {
            Ok(run) => {
                self.asked = None;
                self.has(run.id);
                Ok(run)
            }
            Err(unmade) => {
                self.asked.take_if(|_| !unmade.may_be_made);
                Err(unmade.error)
            }
        }
    }

    /// The run is there already.
    pub(super) fn take_up(&mut self, run: &FlowRunResponse) {
        if run.state_type.as_ref().is_some_and(is_last) {
            self.placeholder.taken();
        } else {
            self.has(run.id);
        }
    }

    /// The server has its states for its task run, too.
    fn has(&mut self, run: Uuid) {
        self.placeholder.taken();
        self.flow_run = Some(run);
    }

    /// The run has begun.
    pub(super) fn begun(mut self) -> Option<AsyncPart> {
        self.flow_run = None;
        self.part.take()
    }
}

/// What is left of a run that nobody goes on with.
#[dual(engine)]
struct AsyncRemains {
    flow_name: String,
    hooks: AsyncHooks<AsyncFlowRunEntered>,
    part: Option<AsyncPart>,
    placeholder: AsyncLeftPlaceholder,
    asked: Option<Box<FlowRunCreate>>,
    flow_run: Option<Uuid>,
}

#[dual(engine)]
impl AsyncRemains {
    /// Says that it ends.
    async fn end(self) {
        let run = match self.found().await {
            Ok(run) => run,
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
        let Some(run) = run else {
            return self.placeholder.end(&last).await;
        };
        let told = (&*self.flow_name, &self.hooks);
        aend_left(&self.placeholder.client, run, last, told, Voice::Engine).await;
    }

    /// The run, if the server has made it.
    async fn found(&self) -> Result<Option<Uuid>, Error> {
        let Some(run) = &self.asked else {
            return Ok(self.flow_run);
        };
        match self.placeholder.client.create_flow_run(run).await {
            Err(error) if is_refusal(&error) => Ok(None),
            found => Ok(Some(found?.id)),
        }
    }
}

#[dual(engine)]
impl AsyncUnbegun<'_> {
    fn remains(&mut self) -> Option<AsyncRemains> {
        let (asked, flow_run) = (self.asked.take(), self.flow_run.take());
        let is_left = self.placeholder.is_left() || asked.is_some() || flow_run.is_some();
        is_left.then(|| AsyncRemains {
            flow_name: self.flow_name.to_owned(),
            hooks: self.hooks.clone(),
            part: self.part.take(),
            placeholder: self.placeholder.take(),
            asked,
            flow_run,
        })
    }
}

#[cfg(feature = "async")]
impl Drop for AsyncUnbegun<'_> {
    fn drop(&mut self) {
        if let Some(remains) = self.remains() {
            self.placeholder.home.begin_last(remains.end());
        }
    }
}

#[cfg(feature = "blocking")]
impl Drop for Unbegun<'_> {
    fn drop(&mut self) {
        if let Some(remains) = self.remains() {
            self.placeholder.home.begin(|| remains.end());
        }
    }
}
