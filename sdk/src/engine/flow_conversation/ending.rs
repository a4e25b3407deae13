//! How a flow run ends: what is said of it last, and what has to be there before.

#[cfg(all(feature = "async", feature = "blocking"))]
use std::sync::Arc;
use std::time::Duration;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::CallOptions;
use prefect_client::models::{State, StateCreate};

#[dual(engine)]
use super::AsyncFlowConversation;
use crate::Error;
use crate::cancellation::Why;
use crate::control::Receipt;
use crate::engine::flow_step::{self, Begin, End};
#[dual(engine)]
use crate::engine::forced::{aforce, astop};
use crate::engine::remarks::{self, Shown};
#[dual(engine)]
use crate::engine::results::akept_error;
use crate::engine::scope::DELIVERY;
#[dual(engine)]
use crate::engine::scope::{adelivered_or_said, asure_or_said};
use crate::engine::{RunFailed, engine, last_state};
#[dual(engine)]
use crate::flow_runs::apropose_state;
use crate::states::{self, RunError};

/// How long a run that is stopped waits until it is certain that the server has its task runs: whoever stops it waits for it.
const STOPPING: Duration = Duration::from_secs(5);

#[dual(engine)]
impl AsyncFlowConversation {
    /// Its parameters don't fit, so that it never runs. The server would take that also of one that has ended meanwhile.
    pub(in crate::engine) async fn refuse(&mut self, error: &RunError) -> Result<End, Error> {
        let (store, _) = self.store().await?;
        let data = akept_error(store.as_ref(), error).await;
        let state = last_state::failed(last_state::unfit_message(error), data);
        let end = self.propose_last(&state, flow_step::meanwhile).await?;
        // Parameters that don't fit don't fit another time either.
        self.is_over = true;
        Ok(end)
    }

    /// Proposes a last state, after all that was told of task runs has arrived. What can't be delivered does not keep the run
    /// from ending. A run that was cancelled is stopped instead.
    pub(in crate::engine) async fn end(&mut self, state: &StateCreate) -> Result<End, Error> {
        self.heartbeats = None;
        self.delivered(DELIVERY).await;
        // The server would take a last state also of a run that somebody has cancelled, and forget that.
        self.propose_last(state, flow_step::cancelled_meanwhile)
            .await
    }

    /// It is in its last state. What its hooks said, and this, is with the server, too, before whoever called it goes on.
    async fn finished<'s>(&self, state: impl Into<Shown<'s>>) {
        remarks::flow_run_finished(&self.voice(), state);
        self.logs.delivered().await;
    }

    /// Proposes it, unless something else has become of the run.
    async fn propose_last(
        &mut self,
        state: &StateCreate,
        meanwhile: fn(State) -> Option<Begin>,
    ) -> Result<End, Error> {
        if let Some(why) = self.cancellation.why() {
            return self.stop(why).await;
        }
        if !self.cancellation.tell() {
            // Somebody else says how it ends.
            self.is_over = true;
            return Ok(End::Cancelled);
        }
        let client = self.heard_client();
        let now = client.read_flow_run(self.run.id).await?.state;
        let end = match now.and_then(meanwhile) {
            Some(Begin::Ended(state)) => End::Ended(state),
            Some(_) => End::Cancelled,
            None => {
                let proposal = apropose_state(&client, self.run.id, state).await?;
                self.heard(flow_step::end(proposal))?
            }
        };
        if matches!(end, End::Over(_) | End::Ended(_)) {
            // Its process may have ended before it took that.
            self.sure(DELIVERY).await;
        }
        match end {
            End::Cancelled => {
                self.cancellation.take_back();
                return self.stop(Why::Cancelled).await;
            }
            End::Again => {
                self.cancellation.take_back();
                remarks::flow_run_is_tried_again(&self.span(), state);
            }
            End::Over(ref state) => {
                self.is_over = true;
                self.cancellation.keep_receipt(Receipt::of(state));
                self.entered(State::clone(state)).await;
                self.finished(&**state).await;
            }
            // Whoever brought it there calls what is to be called.
            End::Ended(ref state) => {
                self.is_over = true;
                self.finished(&**state).await;
            }
        }
        Ok(end)
    }

    /// It was cancelled: nothing else is said of it any more.
    pub(in crate::engine) async fn stop(&mut self, why: Why) -> Result<End, Error> {
        self.heartbeats = None;
        // Whoever started the process knows the outermost run only.
        let why = match why {
            Why::LeftToParent | Why::LeftToRunner if self.part.is_some() => Why::Cancelled,
            why => why,
        };
        // Unless somebody says it already.
        self.cancellation.request_for(why);
        let mut forced = Vec::new();
        if self.cancellation.tell() {
            self.delivered(STOPPING).await;
            forced = astop(&self.client, self.run.id, why).await?;
        }
        self.is_over = true;
        let entered = match why {
            // Whoever started the process does not know what to call.
            Why::LeftToParent => Some(states::cancelling()),
            _ => forced.into_iter().next(),
        };
        if let Some(state) = entered {
            self.entered(last_state::as_hooks_see(&state)).await;
            self.finished(&state).await;
        }
        Ok(End::Cancelled)
    }

    /// The state of a run that is suspended: it is left as it is, after what was told of its task runs has arrived.
    pub(in crate::engine) async fn suspended(&mut self) -> Option<Box<State>> {
        let state = self.suspension.state()?;
        self.heartbeats = None;
        self.delivered(STOPPING).await;
        self.is_over = true;
        Some(state)
    }

    /// What was told of task runs, and what they said, is with the server; or is said to be missing.
    async fn delivered(&self, patience: Duration) {
        // What is last here is nearest to what follows, so that no process of the server ends between them unseen.
        self.sender.hurry();
        self.logs.delivered().await;
        self.sure(patience).await;
    }

    /// Waits until the server has what was told of task runs. Where it may have lost some of it, as its process may have ended, the
    /// outermost run waits so long until it has made task runs of that, those of its subflows as well.
    async fn sure(&self, patience: Duration) {
        if self.part.is_some() {
            adelivered_or_said(&self.sender, self.run.id).await;
        } else {
            asure_or_said(&self.sender, self.run.id, patience).await;
        }
        #[dual(async)]
        #[cfg(feature = "blocking")]
        if let Some(work) = &self.work {
            work.guests.sure(patience).await;
        }
    }

    /// The client, whose attempts those hear of who send events to the same server.
    fn heard_client(&self) -> AsyncPrefectClient {
        let sender = self.sender.clone();
        #[dual(async)]
        #[cfg(feature = "blocking")]
        let guests = self.work.as_ref().map(|work| Arc::clone(&work.guests));
        let options = CallOptions::new().on_attempt(move |attempt, _| {
            sender.heard(attempt);
            #[dual(async)]
            #[cfg(feature = "blocking")]
            if let Some(guests) = &guests {
                guests.heard(attempt);
            }
        });
        self.client.with(options)
    }

    /// Where the engine could not go on, says that it ends here.
    pub(in crate::engine) async fn ended<T, E>(
        &mut self,
        ended: Result<T, RunFailed<E>>,
    ) -> Result<T, RunFailed<E>> {
        if let Err(RunFailed::Engine(error)) = &ended {
            self.crash(error).await;
        }
        ended
    }

    /// Says that it ends here; but not where it has ended, or the server has decided already.
    async fn crash(&mut self, why: &Error) {
        self.heartbeats = None;
        if !self.is_over {
            let crashed = last_state::crashed(why);
            remarks::flow_run_crashed(&self.voice(), &crashed);
            let forced = aforce(&self.client, self.run.id, crashed).await;
            if let Some(state) = forced {
                self.entered(last_state::as_hooks_see(&state)).await;
                self.finished(&state).await;
            }
        }
        self.is_over = true;
    }
}
