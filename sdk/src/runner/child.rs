//! The process of a run.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use shared_child::SharedChild;

use super::code::Code;
use super::surroundings::OF_A_RUN;

/// How a process is started for a run.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) program: OsString,
    pub(super) arguments: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    /// The directory that it is in; the runner's own unless set.
    pub(super) directory: Option<PathBuf>,
    /// What it runs from is there for as long as this is.
    pub(super) code: Option<Arc<Code>>,
}

/// A process that runs, and what it has started. Whoever drops it leaves it alone.
#[derive(Clone)]
pub(super) struct Child(Arc<Process>);

struct Process {
    child: SharedChild,
    life: Mutex<Life>,
}

/// How far its life is. While it is locked, the number of the process is nobody else's.
#[derive(Default)]
struct Life {
    is_to_end: bool,
    is_gone: bool,
}

impl Process {
    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until it has ended. What it has started, and leaves behind although it was to end, is killed then.
    fn wait(&self) -> io::Result<ExitStatus> {
        group::until_exited(&self.child);
        let mut life = self.life();
        if life.is_to_end {
            group::kill(&self.child);
        }
        life.is_gone = true;
        self.child.wait()
    }

    fn end(&self, by: fn(&SharedChild)) {
        let mut life = self.life();
        if !life.is_gone {
            life.is_to_end = true;
            by(&self.child);
        }
    }
}

impl Child {
    /// Starts a process, and says on a thread of its own how it has ended.
    pub(super) fn start(
        start: &Start,
        ended: impl FnOnce(io::Result<ExitStatus>) + Send + 'static,
    ) -> io::Result<Self> {
        let mut command = Command::new(&start.program);
        command.args(&start.arguments).stdin(Stdio::null());
        // What this process may have been started for is no business of that one.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(OF_A_RUN) {
                command.env_remove(name);
            }
        }
        if let Some(directory) = &start.directory {
            command.current_dir(directory);
        }
        command.envs(start.env.iter().map(|(name, value)| (name, value)));
        group::apart(&mut command);
        let child = Self(Arc::new(Process {
            child: SharedChild::spawn(&mut command)?,
            life: Mutex::default(),
        }));
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
        self.0.child.id()
    }

    /// Asks it to end, and what it has started. Where processes can't be asked, it is killed.
    pub(super) fn terminate(&self) {
        self.0.end(group::terminate);
    }

    /// Ends it, and what it has started.
    pub(super) fn kill(&self) {
        self.0.end(group::kill);
    }
}

/// A process and what it has started are a group. It is apart from the runner's: what a terminal tells that, such as Ctrl-C, is
/// for the runner alone, which ends its processes in turn.
#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use rustix::io::Errno;
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    use shared_child::SharedChild;

    pub(super) fn apart(command: &mut Command) {
        command.process_group(0);
    }

    /// Its number is still its own afterwards.
    pub(super) fn until_exited(child: &SharedChild) {
        let Some(id) = id(child) else { return };
        let how = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(id), how), Err(Errno::INTR)) {}
    }

    pub(super) fn terminate(child: &SharedChild) {
        signal(child, Signal::TERM);
    }

    pub(super) fn kill(child: &SharedChild) {
        signal(child, Signal::KILL);
    }

    fn signal(child: &SharedChild, signal: Signal) {
        if let Some(id) = id(child) {
            // All of it may have ended.
            let _ = kill_process_group(id, signal);
        }
    }

    fn id(child: &SharedChild) -> Option<Pid> {
        Pid::from_raw(i32::try_from(child.id()).ok()?)
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::Command;

    use shared_child::SharedChild;

    pub(super) fn apart(_: &mut Command) {}

    /// To wait for it leaves its number its own.
    pub(super) fn until_exited(child: &SharedChild) {
        drop(child.wait());
    }

    pub(super) fn terminate(child: &SharedChild) {
        kill(child);
    }

    pub(super) fn kill(child: &SharedChild) {
        // It may have ended.
        drop(child.kill());
    }
}

/// How a process has ended, as Python numbers it: with its code, or minus the signal that ended it.
pub(super) fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return -signal;
    }
    status.code().unwrap_or(-1)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::sync::mpsc;

    use super::*;

    fn shell(script: &str) -> (Child, mpsc::Receiver<i32>) {
        let start = Start {
            program: "sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            env: vec![("PREFECT__FLOW_RUN_ID".to_owned(), "this".to_owned())],
            directory: None,
            code: None,
        };
        let (tell, told) = mpsc::channel();
        let child = Child::start(&start, move |status| {
            let _ = tell.send(code(status.unwrap()));
        });
        (child.unwrap(), told)
    }

    #[test]
    fn a_process_has_the_variables_that_it_is_given() {
        let (_child, told) = shell("test \"$PREFECT__FLOW_RUN_ID\" = this");
        assert_eq!(told.recv().unwrap(), 0);
    }

    /// A process ends, and what it has started and what does not hear of it ends too: the pipe that it holds is closed.
    #[test]
    fn what_a_process_has_started_ends_with_it() {
        let room = std::env::temp_dir().join(format!("prefect-group-{}", std::process::id()));
        assert!(
            Command::new("mkfifo")
                .arg(&room)
                .status()
                .unwrap()
                .success()
        );
        let path = room.display();
        let (child, told) = shell(&format!(
            "exec 3>'{path}'; (trap '' TERM; echo; sleep 600) >&3 & wait"
        ));
        let mut pipe = std::fs::File::open(&room).unwrap();
        std::fs::remove_file(&room).unwrap();
        // It ignores what it is asked by now.
        pipe.read_exact(&mut [0]).unwrap();
        child.terminate();
        assert_eq!(told.recv().unwrap(), -15);
        assert_eq!(pipe.read(&mut [0]).unwrap(), 0);
        // Nobody else has the number, as nobody is asked.
        child.kill();
    }
}
