//! What becomes of what is left in a pool, as the flow's function has ended.

use diptych_macros::dual;

#[dual(engine)]
use super::super::arrivals::AsyncLent;
use super::super::engine;
use super::super::submitted::{Line as _, want_all};
use super::Left;
#[cfg(feature = "async")]
use super::spawned;
#[dual(engine)]
use super::{AsyncPool, AsyncTurn};
use crate::cancellation::Cancellation;

#[dual(engine)]
impl AsyncPool {
    /// Waits for what is left, as the flow's function has ended. What can be stopped is stopped where the run is cancelled.
    pub(in crate::engine) async fn finish(&self, left: Left, cancellation: &Cancellation) {
        match left {
            Left::Runs => {}
            Left::RunsOn => self.close(),
            Left::Stops => self.stop(),
        }
        // A flow that is called in a task which was submitted has its turn, which what is left may depend on.
        let of_caller = AsyncTurn::current().map(|turn| {
            self.want_all();
            AsyncLent::new(turn)
        });
        #[dual(async)]
        if spawned::is_stopped_before(self.idle(), cancellation).await {
            self.stop();
        }
        #[dual(blocking)]
        let _ = cancellation;
        loop {
            self.idle().await;
            if self.turns().close_if_idle() {
                break;
            }
        }
        #[dual(blocking)]
        self.crew.dismiss();
        if let Some(lent) = of_caller {
            lent.take_back().await;
        }
    }

    /// What those depend on is wanted that wait for it.
    fn want_all(&self) {
        let later = self.turns().later();
        for ticket in later {
            want_all(self.want(ticket));
        }
    }

    fn stop(&self) {
        self.close();
        self.crew.stop();
    }
}
