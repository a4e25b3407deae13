//! What a flow run is to all that runs in it.

use std::sync::Arc;
#[cfg(all(feature = "async", feature = "blocking"))]
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
#[cfg(all(feature = "async", feature = "blocking"))]
use prefect_client::Attempt;
use prefect_client::models::RelatedResource;
use serde_json::{Map, Value};
use uuid::Uuid;

#[cfg(all(feature = "async", feature = "blocking"))]
use super::on_thread;
#[dual(engine)]
use super::parts::AsyncParts;
#[dual(engine)]
use super::pool::AsyncPool;
use super::pool::Left;
use super::{Drawing, RunFailed, Subflows, Suspension, Unlimited, engine};
use crate::cancellation::Cancellation;
use crate::deadline::Deadline;
#[dual(engine)]
use crate::events::AsyncEventSender;
use crate::events::Written;
use crate::flows::FlowOptions;
use crate::logs;
#[dual(engine)]
use crate::results::AsyncResultStore;
#[dual(engine)]
use crate::transactions::AsyncTransaction;
use crate::{Error, RunContext};

/// How long the last state of a flow run waits for the events of its task runs to be delivered while nothing of that goes on. A server
/// that is away for so long would not take the state either.
pub(super) const DELIVERY: Duration = Duration::from_mins(1);

/// One attempt of a flow run: what its function, and the tasks that it calls, share.
#[dual(engine)]
pub(crate) struct AsyncScope {
    pub(crate) client: AsyncPrefectClient,
    pub(crate) sender: AsyncEventSender,
    /// Pauses are counted over all attempts.
    pub(crate) context: RunContext,
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) flow_name: String,
    pub(crate) run_count: i64,
    pub(crate) tags: Vec<String>,
    pub(crate) parameters: Map<String, Value>,
    /// What its events, and those of its task runs, are about as well.
    pub(crate) related: Vec<RelatedResource>,
    pub(crate) results: Option<AsyncResultStore>,
    pub(crate) persists: bool,
    pub(crate) unlimited: Arc<Unlimited>,
    pub(crate) subflows: Arc<Subflows>,
    pub(crate) cancellation: Cancellation,
    pub(crate) suspension: Suspension,
    /// What is said in its task runs finds its way by this id.
    pub(crate) logs: Uuid,
    /// What its function says through `tracing` is said in this.
    pub(crate) span: tracing::Span,
    pub(crate) work: AsyncWork,
    /// What keeps the calls in it, where they are to be drawn in the place of being run.
    pub(crate) drawing: Option<Arc<Drawing>>,
    /// What is called in it is part of this, as it was called in that.
    pub(crate) transaction: Option<AsyncTransaction>,
}

#[dual(engine)]
impl AsyncScope {
    /// That of a task run which is part of no flow run.
    pub(super) fn without_flow(
        client: &AsyncPrefectClient,
        sender: &AsyncEventSender,
        run: Uuid,
        cancellation: &Cancellation,
    ) -> Result<Self, Error> {
        Ok(Self {
            client: client.clone(),
            sender: sender.clone(),
            context: RunContext::default(),
            id: Uuid::nil(),
            name: String::new(),
            flow_name: String::new(),
            run_count: 0,
            tags: Vec::new(),
            parameters: Map::new(),
            related: Vec::new(),
            results: None,
            persists: false,
            unlimited: Arc::default(),
            subflows: Arc::default(),
            cancellation: cancellation.clone(),
            suspension: Suspension::default(),
            logs: run,
            span: logs::span_of_task_run(run, run, None),
            transaction: None,
            work: AsyncWork::new(FlowOptions::new().max_workers, cancellation)?,
            drawing: None,
        })
    }

    /// The flow run, if it is one; most task runs in the background are part of none, and none is that is called with a client.
    pub(super) fn flow_run(&self) -> Option<Uuid> {
        (!self.id.is_nil()).then_some(self.id)
    }

    /// What says to its task runs that they are to end: the run is, or its time is up.
    pub(crate) fn of_attempt(&self) -> &Cancellation {
        &self.work.parts.cancellation
    }

    /// Whether what has not begun in it may still begin.
    pub(super) fn goes_on<E>(&self) -> Result<(), RunFailed<E>> {
        self.suspension.check()?;
        if self.of_attempt().is_to_stop() {
            return Err(RunFailed::Cancelled);
        }
        Ok(())
    }
}

/// What an attempt has begun, and does not end before.
#[dual(engine)]
#[derive(Clone)]
pub(crate) struct AsyncWork {
    /// The tasks that were submitted.
    pub(crate) pool: Arc<AsyncPool>,
    pub(crate) parts: Arc<AsyncParts>,
    #[dual(async)]
    #[cfg(feature = "blocking")]
    pub(crate) guests: Arc<Guests>,
}

#[dual(engine)]
impl AsyncWork {
    #[dual(async)]
    pub(super) fn new(max_workers: usize, cancellation: &Cancellation) -> Result<Self, Error> {
        Ok(Self {
            pool: AsyncPool::new(max_workers)?,
            parts: AsyncParts::of(cancellation),
            #[cfg(feature = "blocking")]
            guests: Arc::default(),
        })
    }

    #[dual(blocking)]
    pub(super) fn new(max_workers: usize, cancellation: &Cancellation) -> Result<Self, Error> {
        Ok(Self {
            pool: Pool::new(max_workers)?,
            parts: Parts::of(cancellation),
        })
    }

    /// Waits for what is left, as the flow's function has ended. Subflows may have submitted tasks in it, and tasks begin subflows.
    pub(super) async fn finish(&self, left: Left, cancellation: &Cancellation) {
        match left {
            Left::Runs => self.parts.over().await,
            Left::RunsOn => {}
            Left::Stops => self.parts.cancellation.request(),
        }
        #[dual(async)]
        #[cfg(feature = "blocking")]
        self.guests.leave(left);
        self.pool.finish(left, cancellation).await;
        self.parts.over().await;
        #[dual(async)]
        #[cfg(feature = "blocking")]
        self.guests.finish(left).await;
    }
}

/// What the guests in one attempt of a run share, once there is one.
#[cfg(all(feature = "async", feature = "blocking"))]
#[derive(Default)]
pub(crate) struct Guests(Mutex<Option<Shared>>);

#[cfg(all(feature = "async", feature = "blocking"))]
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) scope: Arc<Scope>,
    /// What the attempt is part of, and the same as they see it.
    pub(super) transactions: Option<(AsyncTransaction, Transaction)>,
}

#[cfg(all(feature = "async", feature = "blocking"))]
impl Guests {
    pub(super) fn shared(&self) -> MutexGuard<'_, Option<Shared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What follows for what the guests have submitted, as the function of the run has ended: nothing new begins, unless it succeeded.
    pub(super) fn leave(&self, left: Left) {
        let shared = self.shared().clone();
        let Some(Shared { scope, .. }) = shared else {
            return;
        };
        match left {
            Left::Runs => {}
            Left::RunsOn => scope.work.pool.close(),
            Left::Stops => {
                scope.work.parts.cancellation.request();
                scope.work.pool.close();
            }
        }
    }

    /// Waits for what the guests have submitted, and until the server has what was told of it.
    pub(super) async fn finish(&self, left: Left) {
        let shared = self.shared().clone();
        let Some(Shared {
            scope,
            transactions,
        }) = shared
        else {
            return;
        };
        let finished = on_thread(move || {
            scope.work.finish(left, &scope.cancellation);
            sure_or_said(&scope.sender, scope.id, DELIVERY);
        });
        waited_or_said(finished).await;
        if let Some((host, guest)) = transactions {
            host.aleft_by(guest).await;
        }
    }

    /// What came of an attempt to ask the same server something else.
    pub(super) fn heard(&self, attempt: &Attempt<'_>) {
        if let Some(Shared { scope, .. }) = &*self.shared() {
            scope.sender.heard(attempt);
        }
    }

    /// Waits once more until the server has what was told of what they have called.
    pub(super) async fn sure(&self, patience: Duration) {
        let shared = self.shared().clone();
        if let Some(Shared { scope, .. }) = shared {
            let sure = on_thread(move || sure_or_said(&scope.sender, scope.id, patience));
            waited_or_said(sure).await;
        }
    }
}

#[cfg(all(feature = "async", feature = "blocking"))]
async fn waited_or_said(work: impl Future<Output = Result<(), Error>>) {
    if let Err(error) = work.await {
        tracing::error!("what blocking functions have begun is not waited for: {error}");
    }
}

/// The last one of a sender waits until the server has what it was given, which holds up no executor.
#[cfg(all(feature = "async", feature = "blocking"))]
impl Drop for Guests {
    fn drop(&mut self) {
        if let Some(shared) = self.shared().take() {
            drop(std::thread::Builder::new().spawn(move || drop(shared)));
        }
    }
}

/// Gives an event to the sender, which takes it out of there; where that is full, waits until there is room, but no longer than for a delivery.
#[dual(engine)]
pub(crate) async fn asend(
    sender: &AsyncEventSender,
    event: &mut Option<Written>,
) -> Result<(), Error> {
    let deadline = Deadline::after(Some(DELIVERY), Instant::now());
    while let Err(error) = sender.send_written(event) {
        if !error.is_full() || deadline.is_over(Instant::now()) {
            return Err(error);
        }
        adelivered(sender).await?;
    }
    Ok(())
}

/// Waits until the server has what was sent. What it can't read was told already; what is late is still sent.
#[dual(engine)]
async fn adelivered(sender: &AsyncEventSender) -> Result<(), Error> {
    match aall_taken(sender).await {
        Err(error) if error.is_rejected() || error.is_timeout() => {
            tracing::error!("the server lacks events of task runs: {error}");
            Ok(())
        }
        done => done,
    }
}

/// Waits until the server has what was sent, for as long as it takes some of it.
#[dual(engine)]
async fn aall_taken(sender: &AsyncEventSender) -> Result<(), Error> {
    loop {
        let before = sender.left();
        match sender.flush(DELIVERY).await {
            Err(error) if error.is_timeout() && sender.left() < before => {}
            done => return done,
        }
    }
}

/// Waits until the server has made task runs of what it took and may have lost since, for as long as it makes some.
#[dual(engine)]
async fn aall_sure(sender: &AsyncEventSender, patience: Duration) -> Result<(), Error> {
    loop {
        let before = sender.left();
        match sender.until_sure(patience).await {
            Err(error) if error.is_timeout() && sender.left() < before && patience >= DELIVERY => {}
            done => return done,
        }
    }
}

/// Waits until the server has what was sent, for a run that ends: what can't be delivered does not keep it from that.
#[dual(engine)]
pub(super) async fn adelivered_or_said(sender: &AsyncEventSender, flow_run: Uuid) {
    or_said(aall_taken(sender).await, flow_run);
}

/// As [`adelivered_or_said`], and where the server's process may have ended since it took some of it, until that is seen to be there
/// nevertheless. It waits so long while nothing of that goes on, or, where it is less than usual, at all.
#[dual(engine)]
pub(super) async fn asure_or_said(sender: &AsyncEventSender, flow_run: Uuid, patience: Duration) {
    adelivered_or_said(sender, flow_run).await;
    or_said(aall_sure(sender, patience).await, flow_run);
}

fn or_said(delivered: Result<(), Error>, flow_run: Uuid) {
    if let Err(error) = delivered {
        tracing::error!(%flow_run, "the server lacks events of task runs: {error}");
    }
}
