//! Children: each leads a process group that is known here, so that an interrupt or an early return stops all of it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{iter, thread};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);

static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());
static SIGNAL: AtomicU8 = AtomicU8::new(0);
static STOPPED: AtomicBool = AtomicBool::new(false);

/// The process group of one child. Whatever is left of it when this is dropped is killed.
pub(crate) struct Group(Pid);

impl Group {
    /// Asks every process of the group to end, and kills what does not listen. Reaps the leader.
    pub(crate) fn stop(&self, leader: &mut Child) {
        let _ = killpg(self.0, Signal::SIGTERM);
        let deadline = Instant::now() + GRACE;
        while matches!(leader.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = killpg(self.0, Signal::SIGKILL);
        let _ = leader.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = killpg(self.0, Signal::SIGKILL);
        groups().retain(|group| *group != self.0);
    }
}

/// From here on Ctrl-C, SIGTERM and SIGHUP stop the children, whose callers then return and clean up.
pub(crate) fn watch_signals() -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot watch signals")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            SIGNAL.store(u8::try_from(signal).unwrap_or(u8::MAX), Ordering::SeqCst);
            stop_all();
        }
    });
    Ok(())
}

/// The signal that asked this process to end, if one did.
pub(crate) fn interrupted() -> Option<u8> {
    match SIGNAL.load(Ordering::SeqCst) {
        0 => None,
        signal => Some(signal),
    }
}

/// Stops every child that is running now, whose callers see it fail, and lets none start after that.
pub(crate) fn stop_all() {
    STOPPED.store(true, Ordering::SeqCst);
    signal_all(Signal::SIGTERM);
    let deadline = Instant::now() + GRACE;
    while !groups().is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    signal_all(Signal::SIGKILL);
}

/// Starts `command` as the leader of its own group.
pub(crate) fn spawn(command: &mut Command) -> Result<(Child, Group)> {
    let mut child = command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot run `{}`", line(command)))?;
    let Ok(pid) = i32::try_from(child.id()) else {
        let _ = child.kill();
        let _ = child.wait();
        bail!("`{}` has a process id out of range", line(command));
    };
    let group = Group(Pid::from_raw(pid));
    groups().push(group.0);
    // Looked at only now, so that a child is either in the list that is stopped or sees that it came too late.
    if STOPPED.load(Ordering::SeqCst) {
        group.stop(&mut child);
        bail!("`{}` was stopped", line(command));
    }
    Ok((child, group))
}

/// The same command, but what runs beside it comes first. All systems that the tasks run on have `nice`.
pub(crate) fn patient(command: &Command) -> Command {
    let mut nice = Command::new("nice");
    nice.args(["-n", "10"]).arg(command.get_program());
    nice.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    nice
}

/// Runs `command` with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let (mut child, _group) = spawn(command.stdin(Stdio::null()))?;
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for `{}`", line(command)))?;
    if !status.success() {
        bail!("{status} from `{}`; its output is above", line(command));
    }
    Ok(())
}

/// Runs `command` with its output in a file.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<()> {
    let cannot = || format!("cannot write {}", log.display());
    let file = File::create(log).with_context(cannot)?;
    let errors = file.try_clone().with_context(cannot)?;
    command.stdin(Stdio::null()).stdout(file).stderr(errors);
    let (mut child, _group) = spawn(command)?;
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for `{}`", line(command)))?;
    if !status.success() {
        bail!("{status} from `{}`", line(command));
    }
    Ok(())
}

/// Runs `command` with its errors on the terminal, and gives what it wrote.
pub(crate) fn answer(command: &mut Command) -> Result<Vec<u8>> {
    eprintln!("$ {}", line(command));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let (child, _group) = spawn(command)?;
    let output = child
        .wait_with_output()
        .with_context(|| format!("cannot wait for `{}`", line(command)))?;
    if !output.status.success() {
        let status = output.status;
        bail!("{status} from `{}`; its errors are above", line(command));
    }
    Ok(output.stdout)
}

/// Runs `command` in silence and gives what it wrote; a failure shows the end of that.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let (child, _group) = spawn(command)?;
    let output = child
        .wait_with_output()
        .with_context(|| format!("cannot wait for `{}`", line(command)))?;
    if !output.status.success() {
        let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        bail!(
            "{} from `{}`\n{}",
            output.status,
            line(command),
            tail(&String::from_utf8_lossy(&text), 30)
        );
    }
    Ok(output)
}

/// The command as a person would type it. `PATH` is left out: it is long and says nothing.
pub(crate) fn line(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value.filter(|_| name != "PATH")?;
        Some(format!("{}={}", name.display(), quoted(value)))
    });
    // Cargo tells its children its whole path, which nobody would type.
    let program = if command
        .get_program()
        .as_encoded_bytes()
        .ends_with(b"/cargo")
    {
        "cargo".to_owned()
    } else {
        quoted(command.get_program())
    };
    variables
        .chain(iter::once(program))
        .chain(command.get_args().map(quoted))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The last `count` lines of a log, or a word on why it cannot be read.
pub(crate) fn log_tail(log: &Path, count: usize) -> String {
    match fs::read(log) {
        Ok(bytes) => format!(
            "{}:\n{}",
            log.display(),
            tail(&String::from_utf8_lossy(&bytes), count)
        ),
        Err(error) => format!("{} cannot be read: {error}", log.display()),
    }
}

fn tail(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    // A script given on the command line would hide the rest of it.
    if word.contains('\n') {
        return "'…'".to_owned();
    }
    let plain = |c: char| c.is_alphanumeric() || "-_=+./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn signal_all(signal: Signal) {
    for group in groups().iter() {
        let _ = killpg(*group, signal);
    }
}

fn groups() -> MutexGuard<'static, Vec<Pid>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_shows_the_end_of_its_output() {
        let error = capture(Command::new("sh").args(["-c", "echo first; echo last >&2; exit 3"]))
            .unwrap_err();
        let message = error.to_string();
        assert!(message.contains("exit status: 3"), "{message}");
        assert!(
            message.contains("sh -c 'echo first; echo last >&2; exit 3'"),
            "{message}"
        );
        assert!(message.ends_with("first\nlast"), "{message}");
    }

    #[test]
    fn dropping_a_group_ends_the_grandchildren() {
        let (child, group) = spawn(
            Command::new("sh")
                .args(["-c", "sleep 600 & echo started"])
                .stdout(Stdio::piped()),
        )
        .unwrap();
        drop(group);
        // The pipe closes only when the sleeping grandchild is gone too.
        child.wait_with_output().unwrap();
    }

    #[test]
    fn words_are_quoted_as_a_shell_reads_them() {
        let mut command = Command::new("cargo");
        command
            .args(["run", "--", "it's", ""])
            .env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            line(&command),
            r"RUSTDOCFLAGS='-D warnings' cargo run -- 'it'\''s' ''"
        );
    }
}
