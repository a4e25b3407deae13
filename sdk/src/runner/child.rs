//! The process of a run.

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;

use shared_child::SharedChild;

/// How a process is started for a run.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) program: OsString,
    pub(super) arguments: Vec<String>,
    pub(super) env: Vec<(String, String)>,
}

/// A process that runs. Whoever drops it leaves it alone.
#[derive(Clone)]
pub(super) struct Child(Arc<SharedChild>);

impl Child {
    /// Starts a process, and says on a thread of its own how it has ended.
    pub(super) fn start(
        start: &Start,
        ended: impl FnOnce(io::Result<ExitStatus>) + Send + 'static,
    ) -> io::Result<Self> {
        let mut command = Command::new(&start.program);
        command
            .args(&start.arguments)
            .envs(start.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        apart(&mut command);
        let child = Self(Arc::new(SharedChild::spawn(&mut command)?));
        let waiting = child.clone();
        let thread = thread::Builder::new().name("prefect-child".to_owned());
        let thread = thread.spawn(move || ended(waiting.0.wait()));
        if let Err(error) = thread {
            // Nobody would hear of its end.
            child.kill();
            drop(child.0.wait());
            return Err(error);
        }
        Ok(child)
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end. Where processes can't be asked, it is killed.
    pub(super) fn terminate(&self) {
        #[cfg(unix)]
        {
            use shared_child::unix::SharedChildExt;
            // It may have ended.
            drop(self.0.send_signal(signal_hook::consts::SIGTERM));
        }
        #[cfg(not(unix))]
        self.kill();
    }

    /// Ends it.
    pub(super) fn kill(&self) {
        // It may have ended.
        drop(self.0.kill());
    }
}

/// What a terminal tells the runner, such as Ctrl-C, is for the runner alone: it ends its processes in turn.
fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// How a process has ended, as Python numbers it: with its code, or minus the signal that ended it.
pub(super) fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return -signal;
    }
    status.code().unwrap_or(-1)
}
