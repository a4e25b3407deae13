//! The run of a task, as its function sees it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

#[cfg(all(feature = "async", feature = "blocking"))]
use crate::Error;
use crate::RunContext;
#[cfg(all(feature = "async", feature = "blocking"))]
use crate::background::AsyncHome;
use crate::cancellation::Cancellation;
use crate::deadline::Deadline;
#[cfg(all(feature = "async", feature = "blocking"))]
use crate::engine::Host;
#[dual(engine)]
use crate::engine::{AsyncEnclosingRun, AsyncTurn, AsyncWithin};
use crate::engine::{CalledFor, TaskRecord, engine, timeout_of};
#[dual(engine)]
use crate::flows::AsyncFlowRun;
use crate::logs;
use crate::tasks::TaskOptions;
#[dual(engine)]
use crate::transactions::AsyncTransaction;

/// The run that a task's function is called for. Clones are the same run; tasks can be called within it, too.
#[dual(engine)]
#[derive(Clone)]
pub struct AsyncTaskRun {
    flow_run: AsyncFlowRun,
    turn: Option<AsyncTurn>,
    transaction: Option<AsyncTransaction>,
    facts: Arc<Facts>,
}

struct Facts {
    id: Uuid,
    name: String,
    run_count: u32,
    context: RunContext,
    persists: bool,
    deadline: Option<Deadline>,
    span: tracing::Span,
}

#[dual(engine)]
impl AsyncTaskRun {
    pub(crate) fn new(
        within: &AsyncWithin,
        transaction: &AsyncTransaction,
        run: &TaskRecord,
        persists: bool,
        options: &TaskOptions,
    ) -> Self {
        let scope = Arc::clone(&within.scope);
        let facts = Facts {
            id: run.id,
            name: run.name.clone(),
            run_count: run.run_count,
            context: scope.context.clone().task_run(run.id),
            persists,
            span: logs::span_of_task_run(scope.logs, run.id, options.log_level),
            deadline: timeout_of(options.timeout)
                .map(|timeout| Deadline::after(Some(timeout), Instant::now())),
        };
        Self {
            flow_run: AsyncFlowRun::new(scope),
            turn: within.turn.clone(),
            transaction: Some(transaction.clone()),
            facts: Arc::new(facts),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.facts.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// How often it has run: 1, and one more for each retry.
    #[must_use]
    pub fn run_count(&self) -> u32 {
        self.facts.run_count
    }

    /// The run of the flow that it is part of. A run [in the background](crate::task_worker) may be part of none: the id of
    /// this is nil then.
    #[must_use]
    pub fn flow_run(&self) -> &AsyncFlowRun {
        &self.flow_run
    }

    /// The client that it speaks to the server with.
    #[must_use]
    pub fn client(&self) -> &AsyncPrefectClient {
        self.flow_run.client()
    }

    /// What says that it is to end: its flow run is, or the function of that has taken longer than its timeout. A task that takes long asks
    /// for it now and then, as its flow run does not end before it.
    #[must_use]
    pub fn cancellation(&self) -> &Cancellation {
        self.flow_run.of_attempt()
    }

    /// What its function is called in: what is said through `tracing` in this span is said by the run.
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        &self.facts.span
    }

    /// The run, for interfaces that act for one, such as artifacts.
    #[must_use]
    pub fn context(&self) -> &RunContext {
        &self.facts.context
    }

    /// How long it is until its time is up; `None` where it has as long as it likes.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        let deadline = self.facts.deadline?;
        Some(deadline.left(Instant::now()))
    }
}

#[dual(engine)]
impl AsyncEnclosingRun for AsyncTaskRun {
    fn within(&self) -> AsyncWithin {
        AsyncWithin {
            parent: Some(self.facts.id),
            persists: self.facts.persists,
            turn: self.turn.clone(),
            transaction: self.transaction.clone(),
            ..self.flow_run.within()
        }
    }
}

/// It is stopped with its flow.
#[dual(engine)]
impl CalledFor for AsyncTaskRun {
    fn span(&self) -> tracing::Span {
        self.facts.span.clone()
    }

    #[cfg(feature = "async")]
    fn stopped_by(&self) -> Option<Cancellation> {
        None
    }
}

#[dual(engine)]
impl fmt::Debug for AsyncTaskRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRun")
            .field("id", &self.facts.id)
            .field("name", &self.facts.name)
            .finish_non_exhaustive()
    }
}

/// A blocking task that is called in an async run has a thread of its own.
#[cfg(all(feature = "async", feature = "blocking"))]
impl Host for AsyncTaskRun {
    type Guest = TaskRun;

    fn guest(&self, home: &AsyncHome) -> Result<TaskRun, Error> {
        let transaction = self.transaction.as_ref();
        Ok(TaskRun {
            flow_run: self.flow_run.guest(home)?,
            // Its run has one, which it keeps.
            turn: None,
            transaction: transaction.map(|host| host.guest(home)).transpose()?,
            facts: Arc::clone(&self.facts),
        })
    }

    async fn left(&self, guest: TaskRun) {
        if let (Some(host), Some(guest)) = (&self.transaction, guest.transaction) {
            host.aleft_by(guest).await;
        }
    }

    fn forgotten(guest: TaskRun) {
        if let Some(transaction) = guest.transaction {
            transaction.forgotten();
        }
    }
}
