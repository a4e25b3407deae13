//! One run, from being due until its process has ended.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_client::models::FlowRunResponse;
use uuid::Uuid;

use super::child::Child;
#[dual(runners)]
use super::conclude::aconclude;
use super::control::Control;
use super::ending::Over;
use super::progress::Progress;
#[dual(runners)]
use super::running::AsyncRunning;
use super::running::Facts;
#[dual(runners)]
use super::shared::AsyncShared;
use super::taking::Taken;
#[dual(runners)]
use super::taking::atake;
use super::{REQUEST, runners};
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;

/// Executes a run.
#[dual(runners)]
pub(super) async fn aexecute(
    shared: &AsyncShared,
    running: &Arc<AsyncRunning>,
    run: &FlowRunResponse,
) {
    let (id, name) = (run.id, run.name.as_deref().unwrap_or_default());
    let _held = AsyncHeld { shared, id };
    let client = abounded(&shared.client, REQUEST);
    let mut progress = None;
    let over = match atake(&client, id, &|| shared.is_stopping()).await {
        Taken::Left => {
            shared.leave_out(id);
            None
        }
        Taken::Over(over) => Some(over),
        Taken::Ours => {
            tracing::info!(flow_run = %id, "the run `{name}` begins");
            progress = Progress::of(
                shared.options.progress,
                name,
                shared.name_of(run).as_deref(),
            );
            Some(aprocess(shared, running, run).await)
        }
    };
    if let Some(over) = over {
        shared.has_room(running);
        let state = aconclude(shared, id, &over).await;
        if let Some(progress) = progress {
            progress.ended(state.as_deref());
        }
        tracing::info!(flow_run = %id, "the run `{name}` is over");
    }
}

/// A run that the runner has: however it is left, also by a panic, the runner has it no more then.
#[dual(runners)]
struct AsyncHeld<'a> {
    shared: &'a AsyncShared,
    id: Uuid,
}

#[dual(runners)]
impl Drop for AsyncHeld<'_> {
    fn drop(&mut self) {
        self.shared.done(self.id);
    }
}

/// Runs the process, to its end.
#[dual(runners)]
async fn aprocess(
    shared: &AsyncShared,
    running: &Arc<AsyncRunning>,
    run: &FlowRunResponse,
) -> Over {
    let id = run.id;
    let facts = running.now();
    if facts.end.is_some() {
        return Over::Ended(facts);
    }
    let mut start = shared.start_of(run);
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
            Over::Ended(aend_of(running, &ending, shared.options.grace).await)
        }
        Err(error) => Over::NotStarted(told_of(&error)),
    };
    let receipt = control.and_then(|(control, token)| control.forget(&token));
    match (over, receipt) {
        (Over::Ended(facts), Some(receipt)) => Over::Receipted(facts, receipt),
        (over, _) => over,
    }
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

impl Drop for Ending {
    /// A process that nobody waits for any more, as a runtime has ended or something panicked, is to end, and says itself how its
    /// run does.
    fn drop(&mut self) {
        self.child.terminate();
    }
}

fn told_of(error: &io::Error) -> String {
    format!("the process can't be started: {error}")
}

/// Waits until the process has ended. One that is to end is asked to, and killed when its time is up.
#[dual(runners)]
async fn aend_of(running: &AsyncRunning, ending: &Ending, grace: Duration) -> Facts {
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
            if facts.is_hurried || at.is_over(Instant::now()) {
                ending.child.kill();
                *at = Deadline::after(None, Instant::now());
            }
            left = at.left(Instant::now());
        }
        running.changes(facts, left).await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc;

    use super::super::child::{Start, code};
    use super::*;

    #[test]
    fn a_process_that_nobody_waits_for_any_more_is_to_end() {
        let start = Start {
            program: "sleep".into(),
            arguments: vec!["600".to_owned()],
            env: Vec::new(),
            directory: None,
            code: None,
        };
        let (tell, told) = mpsc::channel();
        let child = Child::start(&start, move |status| {
            let _ = tell.send(code(status.unwrap()));
        });
        let child = child.unwrap();
        drop(Ending {
            child,
            control: None,
        });
        assert_eq!(told.recv().unwrap(), -15);
    }
}
