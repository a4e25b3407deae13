//! A seat of a worker: a connection over which the server hands out one run at a time, which is executed and then confirmed.
//!
//! The server hands out nothing more on a connection before the last run is confirmed, and hands that to somebody else where the
//! connection ends before. So each run that is executed at a time has a connection of its own, and is confirmed when its last
//! state is with the server: whoever is killed has lost nothing.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_client::models::TaskRun;

use super::any_task::is_away;
#[dual(task_workers)]
use super::execute::aexecuted;
#[dual(task_workers)]
use super::shared::AsyncShared;
use super::status::InFlight;
use super::{task_workers, wire};
use crate::Error;
#[dual(task_workers)]
use crate::background::{AsyncSignal, abegin};
use crate::deadline::Deadline;
#[dual(task_workers)]
use crate::engine::AsyncGround;
use crate::websocket::Broken;
#[dual(task_workers)]
use crate::websocket::{AsyncUp, aconnect};

/// How often a seat looks up from its connection: whether it is to stop, or whether the server is still there.
const LOOK: Duration = Duration::from_millis(250);
/// How long what is there already is looked for.
const GLANCE: Duration = Duration::from_millis(1);
/// After how long a free seat goes that is not the only one.
const SPARE: Duration = Duration::from_secs(10);
/// How long the first connection after one that was lost is waited for; each other is waited for twice as long, but no longer
/// than that.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A connection that was there for so long was of use.
const OF_USE: Duration = Duration::from_secs(5);

/// A seat, until it is dropped.
#[dual(task_workers)]
pub(super) struct AsyncSeat {
    shared: Arc<AsyncShared>,
    ground: Arc<AsyncGround>,
    is_taken: bool,
    /// It is counted no more.
    is_left: bool,
}

/// What is known of a run that is being executed.
#[dual(task_workers)]
#[derive(Default)]
struct AsyncExecution {
    ended: Mutex<Option<Result<(), Error>>>,
    changed: AsyncSignal,
}

/// Why a seat leaves its connection.
enum Left {
    /// It is needed no more.
    Over,
    Broken(Broken),
    /// A run could not be brought to an end; somebody else may.
    Released,
}

impl From<Broken> for Left {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

#[dual(task_workers)]
impl AsyncSeat {
    pub(super) fn new(shared: &Arc<AsyncShared>, ground: &Arc<AsyncGround>) -> Self {
        Self {
            shared: Arc::clone(shared),
            ground: Arc::clone(ground),
            is_taken: false,
            is_left: false,
        }
    }

    fn take(&mut self) {
        self.shared.seats().take();
        self.is_taken = true;
        if let Err(error) = aadd_seat(&self.shared, &self.ground) {
            tracing::warn!("fewer runs are executed at once: {error}");
        }
    }

    fn free(&mut self) {
        if std::mem::take(&mut self.is_taken) {
            self.shared.seats().free();
        }
    }
}

#[dual(task_workers)]
impl Drop for AsyncSeat {
    fn drop(&mut self) {
        self.free();
        if !self.is_left {
            self.shared.seats().remove();
        }
        self.shared.changed.raise();
    }
}

/// Adds a seat where none is free.
#[allow(
    clippy::let_and_return,
    reason = "a statement can be of one face, an expression can't"
)]
#[dual(task_workers)]
pub(super) fn aadd_seat(shared: &Arc<AsyncShared>, ground: &Arc<AsyncGround>) -> Result<(), Error> {
    if shared.is_stopping() || !shared.seats().add() {
        return Ok(());
    }
    let seat = AsyncSeat::new(shared, ground);
    #[dual(async)]
    let begun = abegin(async move { asit(seat).await });
    #[dual(blocking)]
    let begun = begin(move || sit(seat));
    begun
}

/// Executes one run after the other, until the worker stops or the seat is needed no more.
#[dual(task_workers)]
pub(super) async fn asit(mut seat: AsyncSeat) {
    let shared = Arc::clone(&seat.shared);
    let mut pause = FIRST_PAUSE;
    while !shared.is_stopping() {
        let begun = Instant::now();
        let mut is_of_use = false;
        let left = match aset_up(&shared).await {
            Ok(up) => seat.serve(up, &mut is_of_use).await,
            Err(broken) => broken.into(),
        };
        seat.free();
        if is_of_use || begun.elapsed() >= OF_USE {
            pause = FIRST_PAUSE;
        }
        match left {
            Left::Over => return,
            Left::Broken(broken @ (Broken::Refused(_) | Broken::Misunderstood(_))) => {
                shared.fail(broken.into_error(&shared.endpoint.address()));
                return;
            }
            Left::Broken(broken) => tracing::debug!(?broken, "the worker connects again"),
            Left::Released => {}
        }
        // Workers that lost one server do not come back at one time.
        let until = Deadline::after(Some(pause.mul_f64(0.5 + fastrand::f64())), Instant::now());
        loop {
            let (seen, now) = (shared.changed.count(), Instant::now());
            if shared.is_stopping() || until.is_over(now) {
                break;
            }
            shared.changed.wait(seen, until.left(now)).await;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A connection on which the server hands out runs.
#[dual(task_workers)]
async fn aset_up(shared: &AsyncShared) -> Result<AsyncUp, Broken> {
    let mut up = AsyncUp::new(aconnect(&shared.endpoint).await?);
    let keys: Vec<&str> = shared.tasks.keys().map(String::as_str).collect();
    up.say(wire::subscribe(&keys, &shared.client_id)).await?;
    Ok(up)
}

#[dual(task_workers)]
impl AsyncSeat {
    async fn serve(&mut self, mut up: AsyncUp, is_of_use: &mut bool) -> Left {
        let mut free_since = Instant::now();
        loop {
            if self.shared.is_stopping() {
                return Left::Over;
            }
            let text = match up.hear(Deadline::after(Some(LOOK), Instant::now())).await {
                Ok(Some(text)) => text,
                Ok(None) => {
                    let mut seats = self.shared.seats();
                    // Seats that leave at one time leave one of them.
                    self.is_left = if free_since.elapsed() < SPARE {
                        seats.remove_over()
                    } else {
                        seats.remove_spare()
                    };
                    drop(seats);
                    if self.is_left {
                        return Left::Over;
                    }
                    continue;
                }
                Err(broken) => return broken.into(),
            };
            // What comes when nothing more is to be taken is somebody else's.
            if self.shared.is_stopping() {
                return Left::Over;
            }
            self.take();
            let done = self.handle(&mut up, &text).await;
            self.free();
            if let Err(left) = done {
                return left;
            }
            // One that nobody can execute is handed out again and again.
            *is_of_use = true;
            free_since = Instant::now();
        }
    }

    /// Executes what was handed out, and confirms it.
    async fn handle(&self, up: &mut AsyncUp, text: &str) -> Result<(), Left> {
        let run = match wire::read(text) {
            Ok(run) => run,
            Err(error) => {
                // It would be handed out for ever.
                tracing::error!("the server handed out what is no task run: {error}");
                return Ok(up.say(wire::ack()).await?);
            }
        };
        let mut line = Some(up);
        // It was handed out before, over a connection that is gone.
        while self.shared.running().contains_key(&run.id) {
            self.mind(&mut line).await?;
        }
        if self.shared.remembered().has_ended(&run) {
            return match line {
                Some(up) => Ok(up.say(wire::ack()).await?),
                None => Err(Left::Released),
            };
        }
        let (id, execution) = (run.id, Arc::new(AsyncExecution::default()));
        let in_flight = InFlight::begun(&run.task_key);
        self.shared.running().insert(id, in_flight);
        let guard = AsyncRunningRun {
            shared: Arc::clone(&self.shared),
            execution: Arc::clone(&execution),
            run,
        };
        let ground = Arc::clone(&self.ground);
        #[dual(async)]
        let begun = abegin(async move { guard.aexecute(&ground).await });
        #[dual(blocking)]
        let begun = begin(move || guard.execute(&ground));
        if let Err(error) = begun {
            tracing::error!(task_run = %id, "the run can't begin: {error}");
            return Err(Left::Released);
        }
        Self::confirm(line, id, &execution).await
    }

    /// Waits for the end of a run, minding the connection meanwhile, and confirms it.
    async fn confirm(
        mut line: Option<&mut AsyncUp>,
        id: uuid::Uuid,
        execution: &AsyncExecution,
    ) -> Result<(), Left> {
        let mut lost = None;
        loop {
            let seen = execution.changed.count();
            if let Some(ended) = execution.take() {
                if let Err(error) = ended {
                    tracing::error!(task_run = %id, "the run is left to another worker: {error}");
                    return Err(Left::Released);
                }
                break;
            }
            execution.changed.wait(seen, LOOK).await;
            if let Some(up) = &mut line {
                // The run goes on.
                if let Err(broken) = up.hear(Deadline::after(Some(GLANCE), Instant::now())).await {
                    (line, lost) = (None, Some(broken));
                }
            }
        }
        match (line, lost) {
            (Some(up), _) => Ok(up.say(wire::ack()).await?),
            (None, lost) => Err(lost.map_or(Left::Released, Left::Broken)),
        }
    }

    /// Minds the connection for a moment.
    async fn mind(&self, line: &mut Option<&mut AsyncUp>) -> Result<(), Left> {
        let seen = self.shared.changed.count();
        self.shared.changed.wait(seen, LOOK).await;
        if let Some(up) = line {
            up.hear(Deadline::after(Some(GLANCE), Instant::now()))
                .await?;
        }
        Ok(())
    }
}

#[dual(task_workers)]
impl AsyncExecution {
    fn place(&self) -> MutexGuard<'_, Option<Result<(), Error>>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Result<(), Error>> {
        self.place().take()
    }
}

/// A run that is being executed; whoever drops it says that it was left.
#[dual(task_workers)]
struct AsyncRunningRun {
    shared: Arc<AsyncShared>,
    execution: Arc<AsyncExecution>,
    run: TaskRun,
}

#[dual(task_workers)]
impl AsyncRunningRun {
    async fn aexecute(&self, ground: &Arc<AsyncGround>) {
        let add_seat = || aadd_seat(&self.shared, ground);
        self.end(aexecuted(&self.shared, ground, &self.run, &add_seat).await);
    }

    fn end(&self, ended: Result<(), Error>) {
        let mut remembered = self.shared.remembered();
        match &ended {
            Ok(()) => remembered.ended(&self.run, Instant::now()),
            // Another attempt is not like this one.
            Err(error) if is_away(error) || self.shared.is_stopping() => {}
            Err(_) => remembered.failed(&self.run, Instant::now()),
        }
        drop(remembered);
        *self.execution.place() = Some(ended);
    }
}

#[dual(task_workers)]
impl Drop for AsyncRunningRun {
    fn drop(&mut self) {
        self.shared.running().remove(&self.run.id);
        self.shared.finished.fetch_add(1, Ordering::AcqRel);
        let left = || Err(Error::lost("it was left before it had ended"));
        self.execution.place().get_or_insert_with(left);
        self.execution.changed.raise();
        self.shared.changed.raise();
    }
}
