//! A conversation that nobody goes on with still says how its run ends.

#[cfg(feature = "async")]
use super::AsyncFlowConversation;
#[cfg(feature = "blocking")]
use super::FlowConversation;
#[cfg(feature = "async")]
use crate::engine::forced::aend_left;
#[cfg(feature = "blocking")]
use crate::engine::forced::end_left;
use crate::engine::last_state;
use crate::engine::pool::Left;
#[cfg(feature = "async")]
use crate::engine::scope::adelivered_or_said;
#[cfg(feature = "blocking")]
use crate::engine::scope::delivered_or_said;

/// Whoever dropped the future waits for nothing, so a task tells that the run ends here: of the runtime that the run began in, as
/// it may be dropped anywhere. Where that has ended, so has all that was begun in it, and nothing is waited for.
#[cfg(feature = "async")]
impl Drop for AsyncFlowConversation {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        drop(self.heartbeats.take());
        let (id, client, sender) = (self.run.id, self.client.clone(), self.sender.clone());
        let voice = self.voice();
        let (work, cancellation) = (self.work.take(), self.cancellation.clone());
        let (part, hooks) = (self.part.take(), self.hooks.clone());
        let flow_name = std::mem::take(&mut self.flow.name);
        if let Some(work) = &work {
            work.parts.cancellation.request();
        }
        let home = self.home.clone();
        self.home.begin_last(async move {
            if home.is_here() {
                if let Some(work) = work {
                    work.finish(Left::Stops, &cancellation).await;
                }
                adelivered_or_said(&sender, id).await;
            }
            let enclosing = part.as_ref().map(|_| &cancellation);
            let last = last_state::dropped_within(enclosing);
            aend_left(&client, id, last, (&flow_name, &hooks), voice).await;
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
        let voice = self.voice();
        if let Some(work) = self.work.take() {
            work.finish(Left::Stops, &self.cancellation);
        }
        self.home.begin(|| {
            delivered_or_said(&self.sender, self.run.id);
            let (id, last) = (self.run.id, last_state::dropped());
            let told = (&*self.flow.name, &self.hooks);
            end_left(&self.client, id, last, told, voice);
        });
    }
}
