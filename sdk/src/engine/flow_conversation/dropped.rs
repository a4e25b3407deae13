//! A conversation that nobody goes on with still says how its run ends.

#[cfg(feature = "async")]
use super::AsyncFlowConversation;
#[cfg(feature = "blocking")]
use super::FlowConversation;
#[cfg(feature = "async")]
use crate::engine::forced::aforce;
#[cfg(feature = "blocking")]
use crate::engine::forced::force;
#[cfg(feature = "async")]
use crate::engine::hooks::AsyncFlowRunEntered;
use crate::engine::last_state;
use crate::engine::pool::Left;
#[cfg(feature = "async")]
use crate::engine::scope::adelivered_or_said;
#[cfg(feature = "blocking")]
use crate::engine::scope::delivered_or_said;
#[cfg(feature = "async")]
use crate::{logs, states};

/// Whoever dropped the future waits for nothing, so a task tells that the run ends here: of the runtime that the run began in, as
/// it may be dropped anywhere.
#[cfg(feature = "async")]
impl Drop for AsyncFlowConversation {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        drop(self.heartbeats.take());
        let (id, client, sender) = (self.run.id, self.client.clone(), self.sender.clone());
        let (work, cancellation) = (self.work.take(), self.cancellation.clone());
        let (part, hooks) = (self.part.take(), self.hooks.clone());
        let entered = AsyncFlowRunEntered {
            client: self.client.clone(),
            flow_name: self.flow.name.clone(),
            flow_run: self.run.clone(),
            state: last_state::as_hooks_see(&last_state::dropped()),
            span: logs::span_of_flow_run(id),
        };
        if let Some(work) = &work {
            work.parts.cancellation.request();
        }
        self.home.begin(async move {
            if let Some(work) = work {
                work.finish(Left::Stops, &cancellation).await;
            }
            adelivered_or_said(&sender, id).await;
            // A subflow is dropped with the function that called it, as the whole was cancelled.
            let crashed = if part.is_some() && cancellation.is_requested() {
                states::cancelled().message("Flow run was cancelled.")
            } else {
                last_state::dropped()
            };
            if let Some(state) = aforce(&client, id, crashed).await {
                let state = last_state::as_hooks_see(&state);
                let type_ = state.type_.clone();
                hooks
                    .entered(&type_, AsyncFlowRunEntered { state, ..entered })
                    .await;
            }
            drop(part);
        });
    }
}

/// A panic that is not the function's, such as one of what shows its error, leaves the run without a last state.
#[cfg(feature = "blocking")]
impl Drop for FlowConversation {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        drop(self.heartbeats.take());
        if let Some(work) = self.work.take() {
            work.finish(Left::Stops, &self.cancellation);
        }
        self.home.begin(|| {
            delivered_or_said(&self.sender, self.run.id);
            let forced = force(&self.client, self.run.id, last_state::dropped());
            if let Some(state) = forced {
                self.entered(last_state::as_hooks_see(&state));
            }
        });
    }
}
