//! Watches over the run of a process: the function runs on a thread of its own, and this one hears what may end it.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::control::Control;
use super::found::Found;
use super::{AnyFlow, Environment, Exit, faces};
use crate::cancellation::{Cancellation, Why};
use crate::control::Intent;
use crate::deadline::Deadline;
use crate::signals::{self, EndSignal};
use crate::watching::Watcher;

/// How much room the function of a blocking flow has: as much as a program's first thread has.
const STACK: usize = 8 * 1024 * 1024;
/// How long a function has to end by itself; containers are given ten seconds.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is looked whether a shield is gone.
const SHIELDED: Duration = Duration::from_millis(100);
/// How long it may take to say how the run ends, where that has begun.
const TELLING: Duration = Duration::from_secs(30);

/// What is heard.
enum Told {
    /// The run is over.
    Over(Exit),
    Signal(EndSignal),
    /// The server says that the run is being cancelled.
    Cancelling,
}

/// Runs the run that the environment names, and ends the process with what is said of how it ended.
pub(super) fn supervise(
    environment: &Environment,
    flows: &[&dyn AnyFlow],
    code: &dyn Fn(&Exit) -> i32,
) -> ! {
    let (tell, told) = mpsc::channel();
    let cancellation = Cancellation::new();
    let signal = tell.clone();
    let listening = signals::listen(move |heard| drop(signal.send(Told::Signal(heard))));
    if let Err(error) = &listening {
        tracing::warn!("{error}");
    }
    let control = environment.control.as_ref();
    let control = control.and_then(|(port, token)| {
        // Nobody else could tell any more that the run is cancelled.
        let (id, tell) = (environment.flow_run_id, tell.clone());
        Control::connect(*port, token, move || watch(id, tell))
    });
    if control.is_none() {
        watch(environment.flow_run_id, tell.clone());
    }
    thread::scope(|scope| {
        let running = thread::Builder::new()
            .name("prefect-run".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || {
                let mut over = Over {
                    tell,
                    exit: Exit::Untold,
                };
                over.exit = run_named(environment, flows, &cancellation);
            });
        let exit = match running {
            Ok(_) => Attending {
                environment,
                cancellation: &cancellation,
                control: control.as_ref(),
            }
            .until_over(&told),
            Err(error) => Exit::untold(&error),
        };
        if exit == Exit::Told {
            give_receipt(control.as_ref(), &cancellation);
        }
        // A function that goes on is not waited for.
        std::process::exit(code(&exit))
    })
}

/// Whoever started the process need not look how the run ended.
fn give_receipt(control: Option<&Control>, cancellation: &Cancellation) {
    if let Some(control) = control
        && let Some(receipt) = cancellation.receipt()
        && control.takes_receipts()
        && !control.give(&receipt)
    {
        tracing::debug!("a receipt was not taken");
    }
}

/// Says that the run is over, also where its thread panics.
struct Over {
    tell: Sender<Told>,
    exit: Exit,
}

impl Drop for Over {
    fn drop(&mut self) {
        drop(self.tell.send(Told::Over(self.exit)));
    }
}

fn run_named(
    environment: &Environment,
    flows: &[&dyn AnyFlow],
    cancellation: &Cancellation,
) -> Exit {
    match faces::find(environment, flows) {
        Ok(Found::Due(flow, existing)) => flow.enter(*existing, cancellation),
        Ok(Found::Over(exit)) => exit,
        Err(error) => Exit::untold(&error),
    }
}

/// Where nobody else could tell the process that its run is cancelled, it hears of it itself.
fn watch(flow_run_id: Uuid, tell: Sender<Told>) {
    let own = Own { flow_run_id, tell };
    let thread = thread::Builder::new().name("prefect-watch".to_owned());
    let watching = thread.spawn(move || {
        if let Err(error) = faces::watch(&own) {
            tracing::warn!(flow_run = %flow_run_id, "the run can't be cancelled: {error}");
        }
    });
    if let Err(error) = watching {
        tracing::warn!(flow_run = %flow_run_id, "the run can't be cancelled: {error}");
    }
}

/// The run of this process.
struct Own {
    flow_run_id: Uuid,
    tell: Sender<Told>,
}

impl Watcher for Own {
    fn runs(&self) -> Vec<Uuid> {
        vec![self.flow_run_id]
    }

    fn heard(&self, _: Uuid) {
        drop(self.tell.send(Told::Cancelling));
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// What it takes to attend to a run.
struct Attending<'a> {
    environment: &'a Environment,
    cancellation: &'a Cancellation,
    control: Option<&'a Control>,
}

impl Attending<'_> {
    /// Until the run is over, or is to end and does not.
    fn until_over(&self, told: &Receiver<Told>) -> Exit {
        let mut patience = Deadline::after(None, Instant::now());
        let mut is_signalled = false;
        loop {
            match told.recv_timeout(patience.left(Instant::now())) {
                Ok(Told::Over(exit)) => return exit,
                // It was said before, and once more is enough.
                Ok(Told::Signal(_)) if is_signalled => return self.tell(told),
                Ok(Told::Signal(signal)) => {
                    is_signalled = true;
                    self.cancellation.request_for(self.why(signal));
                    patience = Deadline::after(Some(GRACE), Instant::now());
                }
                Ok(Told::Cancelling) if self.cancellation.is_requested() => {}
                Ok(Told::Cancelling) => {
                    self.cancellation.request();
                    patience = Deadline::after(Some(GRACE), Instant::now());
                }
                Err(RecvTimeoutError::Timeout) if self.cancellation.is_to_stop() => {
                    return self.tell(told);
                }
                Err(RecvTimeoutError::Timeout) => {
                    patience = Deadline::after(Some(SHIELDED), Instant::now());
                }
                // Its thread says so before it is gone.
                Err(RecvTimeoutError::Disconnected) => return Exit::Untold,
            }
        }
    }

    /// Why a signal ends the run.
    fn why(&self, signal: EndSignal) -> Why {
        match self.control.and_then(Control::intent) {
            Some(Intent::Leave) => Why::Left,
            Some(Intent::Cancel) if self.environment.is_told_by_parent => {
                if self.environment.has_hooks_of_parent {
                    Why::LeftToRunner
                } else {
                    Why::LeftToParent
                }
            }
            Some(Intent::Cancel) => Why::Cancelled,
            None => Why::Signal(signal),
        }
    }

    /// Says how the run ends, in the place of a function that goes on; unless that is being said.
    fn tell(&self, told: &Receiver<Told>) -> Exit {
        let why = self.cancellation.why().unwrap_or(Why::Cancelled);
        if self.cancellation.tell() {
            return Exit::of(faces::stop(self.environment.flow_run_id, why));
        }
        let end = Deadline::after(Some(TELLING), Instant::now());
        loop {
            match told.recv_timeout(end.left(Instant::now())) {
                Ok(Told::Over(exit)) => return exit,
                Ok(_) => {}
                Err(_) => return Exit::Untold,
            }
        }
    }
}
