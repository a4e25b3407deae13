//! One run that was handed out, from what it waits for to its end.

use std::sync::Arc;
use std::time::Duration;

use diptych_macros::dual;
use prefect_client::models::TaskRun;

#[dual(task_workers)]
use super::AsyncAnyTask;
use super::any_task::Attempt;
#[dual(task_workers)]
use super::shared::AsyncShared;
use super::task_workers;
use super::upstream;
#[dual(task_workers)]
use super::upstream::auntil_ended;
use crate::Error;
#[dual(task_workers)]
use crate::engine::AsyncGround;
use crate::engine::Unable;
#[dual(task_workers)]
use crate::faces::asleep;
use crate::flow_runs::is_last;
use crate::polling::Polling;
#[dual(task_workers)]
use crate::tasks::AsyncTask;

/// How often a run that may not begin yet looks up.
const LOOK: Duration = Duration::from_millis(250);
/// For how long a run may not be there that was handed out; longer, and it was deleted.
const UNSEEN: Duration = Duration::from_secs(20);

/// Executes a run that was handed out, as soon as it may begin, until its last state is with the server. Where it waits for others, its
/// place is lent, and another seat is added.
#[dual(task_workers)]
pub(super) async fn aexecuted(
    shared: &AsyncShared,
    ground: &AsyncGround,
    scheduled: &TaskRun,
    add_seat: &(dyn Fn() -> Result<(), Error> + Send + Sync),
) -> Result<(), Error> {
    let is_last_attempt = shared.remembered().is_last_attempt(scheduled);
    let known = shared.tasks.get(&scheduled.task_key).map(Arc::clone);
    let (task, mut attempt) = match known {
        Some(task) if is_last_attempt => (task, Attempt::Last),
        Some(task) => (task, Attempt::One),
        None if is_last_attempt => aunknown(scheduled),
        // Somebody else may have it.
        None => return Err(Error::invalid(missing(scheduled))),
    };
    let Some(now) = adue(ground, scheduled).await? else {
        return Ok(());
    };
    let upstreams = upstream::upstreams(&now);
    if !upstreams.is_empty() {
        let _lent = AsyncLent::of(shared, add_seat);
        let is_stopping = || shared.is_stopping();
        if let Some(id) = auntil_ended(&ground.client, &upstreams, &is_stopping).await? {
            attempt = Attempt::Refused(Unable::Upstream(id));
        }
    }
    let _place = AsyncPlace::take(shared).await?;
    task.execute(ground, &now, scheduled, attempt).await
}

/// Executes a run now, unless the server has its last state already, or has it no more.
#[dual(task_workers)]
pub(super) async fn aend_of(
    task: &dyn AsyncAnyTask,
    ground: &AsyncGround,
    scheduled: &TaskRun,
) -> Result<(), Error> {
    let Some(now) = adue(ground, scheduled).await? else {
        return Ok(());
    };
    let upstreams = upstream::upstreams(&now);
    let attempt = match auntil_ended(&ground.client, &upstreams, &|| false).await? {
        Some(id) => Attempt::Refused(Unable::Upstream(id)),
        None => Attempt::One,
    };
    task.execute(ground, &now, scheduled, attempt).await
}

/// The run as the server has it, unless that has its last state already, or has it no more.
#[dual(task_workers)]
async fn adue(ground: &AsyncGround, scheduled: &TaskRun) -> Result<Option<TaskRun>, Error> {
    let mut polling = Polling::new(Some(UNSEEN), LOOK);
    let now = loop {
        match ground.client.read_task_run(scheduled.id).await {
            Ok(now) => break now,
            // The server hands it out before its own transaction is done.
            Err(error) if error.is_not_found() => {
                let Some(wait) = polling.next_wait() else {
                    tracing::warn!(task_run = %scheduled.id, "the server has the run no more");
                    return Ok(None);
                };
                asleep(wait).await;
            }
            Err(error) => return Err(error.into()),
        }
    };
    let state = now.state.as_ref();
    let has_ended = state.is_some_and(|state| is_last(&state.type_));
    Ok((!has_ended).then_some(now))
}

/// What stands for a task that nobody here has: its run ends, and says so.
#[dual(task_workers)]
fn aunknown(run: &TaskRun) -> (Arc<dyn AsyncAnyTask>, Attempt) {
    let name = run.name.as_deref().unwrap_or(&run.task_key);
    #[dual(async)]
    let task = AsyncTask::new(name, |_, (): ()| async { Ok::<(), String>(()) });
    #[dual(blocking)]
    let task = Task::new(name, |_, (): ()| Ok::<(), String>(()));
    let task = task.with_key(&run.task_key);
    let why = Unable::Parameters(missing(run));
    (Arc::new(task), Attempt::Refused(why))
}

fn missing(run: &TaskRun) -> String {
    format!("the worker has no task with the key `{}`", run.task_key)
}

/// The seat of a run that waits for others; it is lent until this is dropped.
#[dual(task_workers)]
struct AsyncLent<'a>(&'a AsyncShared);

#[dual(task_workers)]
impl<'a> AsyncLent<'a> {
    /// `None` where too many are lent.
    fn of(shared: &'a AsyncShared, add_seat: &dyn Fn() -> Result<(), Error>) -> Option<Self> {
        if !shared.seats().lend() {
            return None;
        }
        let lent = Self(shared);
        if let Err(error) = add_seat() {
            tracing::warn!("fewer runs are executed at once: {error}");
        }
        Some(lent)
    }
}

#[dual(task_workers)]
impl Drop for AsyncLent<'_> {
    fn drop(&mut self) {
        self.0.seats().take_back();
        self.0.changed.raise();
    }
}

/// One of so many runs that are executed at once, until it is dropped.
#[dual(task_workers)]
struct AsyncPlace<'a>(&'a AsyncShared);

#[dual(task_workers)]
impl<'a> AsyncPlace<'a> {
    async fn take(shared: &'a AsyncShared) -> Result<Self, Error> {
        loop {
            let seen = shared.changed.count();
            if shared.seats().begin() {
                return Ok(Self(shared));
            }
            if shared.is_stopping() {
                let text = "the worker stops before the run could begin";
                return Err(Error::lost(text));
            }
            shared.changed.wait(seen, LOOK).await;
        }
    }
}

#[dual(task_workers)]
impl Drop for AsyncPlace<'_> {
    fn drop(&mut self) {
        self.0.seats().end();
        self.0.changed.raise();
    }
}
