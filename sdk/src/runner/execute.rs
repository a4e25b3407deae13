//! One run, from being due until its process has ended.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_client::models::{FlowRunResponse, StateType};
use uuid::Uuid;

use super::child::Child;
#[dual(runners)]
use super::conclude::aconclude;
use super::control::Control;
#[dual(runners)]
use super::runner::AsyncShared;
#[dual(runners)]
use super::running::AsyncRunning;
use super::running::Facts;
use super::{REQUEST, runners};
use crate::Error;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
#[dual(runners)]
use crate::faces::asleep;
use crate::flow_runs::Proposal;
#[dual(runners)]
use crate::flow_runs::apropose_state;
use crate::states;

/// How long to wait until a server is asked again that did not answer.
const AGAIN: Duration = Duration::from_secs(5);

/// What has become of a run that has no process any more, or had none.
#[derive(Clone, Debug)]
pub(super) enum Over {
    /// Its process ended so.
    Ended(Facts),
    /// It could not be started.
    NotStarted(String),
}

/// Executes a run.
#[dual(runners)]
pub(super) async fn aexecute(
    shared: &AsyncShared,
    running: &Arc<AsyncRunning>,
    run: &FlowRunResponse,
) {
    let (id, name) = (run.id, run.name.as_deref().unwrap_or_default());
    let over = match abegins(shared, id).await {
        Ok(false) => None,
        Ok(true) => {
            tracing::info!(flow_run = %id, "the run `{name}` begins");
            Some(aprocess(shared, running, id).await)
        }
        Err(error) => Some(Over::NotStarted(error.to_string())),
    };
    if let Some(over) = over {
        aconclude(shared, id, &over).await;
        tracing::info!(flow_run = %id, "the run `{name}` is over");
    }
    shared.done(id);
}

/// Takes the run, which the server gives to one runner only: it is pending, and then submitting.
#[dual(runners)]
async fn abegins(shared: &AsyncShared, id: Uuid) -> Result<bool, Error> {
    let client = abounded(&shared.client, REQUEST);
    let first = apropose_state(&client, id, &states::pending()).await;
    if let Ok(proposal) = &first
        && !is_taken(id, proposal)
    {
        return Ok(false);
    }
    // Where that answer was lost, this one tells as well.
    let mut is_certain = first.is_ok();
    loop {
        match apropose_state(&client, id, &states::submitting()).await {
            Ok(proposal) if is_certain || is_taken(id, &proposal) => {
                return Ok(is_taken(id, &proposal));
            }
            // The state may be the one of the lost answer.
            Ok(_) => {
                let run = client.read_flow_run(id).await?;
                return Ok(run.state_name.as_deref() == Some("Submitting"));
            }
            Err(error) if shared.is_stopping() => return Err(error),
            Err(error) => {
                tracing::warn!(flow_run = %id, "the run can't begin yet: {error}");
                is_certain = false;
                asleep(AGAIN).await;
            }
        }
    }
}

fn is_taken(id: Uuid, proposal: &Proposal) -> bool {
    let why = match proposal {
        Proposal::Accepted(state) if state.type_ == StateType::Pending => return true,
        Proposal::Accepted(state) | Proposal::Rejected(Some(state), _) => {
            state.name.as_deref().unwrap_or_default()
        }
        Proposal::Rejected(None, reason) | Proposal::Aborted(reason) => reason,
    };
    tracing::info!(flow_run = %id, "the run does not begin here: {why}");
    false
}

/// Runs the process, to its end.
#[dual(runners)]
async fn aprocess(shared: &AsyncShared, running: &Arc<AsyncRunning>, id: Uuid) -> Over {
    let mut start = shared.start.clone();
    start.env.extend(environment(id));
    let control = shared.control.as_ref().map(|control| {
        let (token, env) = control.expect();
        start.env.extend(env);
        (Arc::clone(control), token)
    });
    let told = Arc::clone(running);
    let over = match Child::start(&start, move |status| told.ended(status)) {
        Ok(child) => {
            tracing::debug!(flow_run = %id, process = child.id(), "the run has a process");
            let ending = Ending {
                child,
                control: control.clone(),
            };
            Over::Ended(aend_of(running, ending, shared.options.grace).await)
        }
        Err(error) => Over::NotStarted(told_of(&error)),
    };
    if let Some((control, token)) = control {
        control.forget(&token);
    }
    over
}

/// What it takes to end a process.
struct Ending {
    child: Child,
    control: Option<(Arc<Control>, String)>,
}

impl Ending {
    /// Asks the process to end, on a thread of its own, as it may have something to answer.
    fn ask(&self) {
        let (child, control) = (self.child.clone(), self.control.clone());
        let ask = move || {
            if let Some((control, token)) = control {
                control.cancel(&token);
            }
            child.terminate();
        };
        let thread = thread::Builder::new().name("prefect-ending".to_owned());
        if thread.spawn(ask).is_err() {
            self.child.terminate();
        }
    }
}

fn told_of(error: &io::Error) -> String {
    format!("the process can't be started: {error}")
}

/// What a process is told of its run: as Prefect's runner tells it, which reports cancellations itself.
fn environment(id: Uuid) -> [(String, String); 2] {
    [
        ("PREFECT__FLOW_RUN_ID", id.to_string()),
        (
            "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS",
            "false".to_owned(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

/// Waits until the process has ended. One that is to end is asked to, and killed when its time is up.
#[dual(runners)]
async fn aend_of(running: &AsyncRunning, ending: Ending, grace: Duration) -> Facts {
    let mut kill = None;
    loop {
        let facts = running.now();
        if facts.code.is_some() {
            return facts;
        }
        let mut left = Duration::MAX;
        if facts.end.is_some() {
            let at: &mut Deadline = kill.get_or_insert_with(|| {
                ending.ask();
                Deadline::after(Some(grace), Instant::now())
            });
            if at.is_over(Instant::now()) {
                ending.child.kill();
                *at = Deadline::after(None, Instant::now());
            }
            left = at.left(Instant::now());
        }
        running.changes(facts, left).await;
    }
}
