//! The programs that are measured: those of `benches/`, and Prefect's own clients in one Python process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::turn::{Contender, Place, Sample, Setting};
use crate::partner::{Partner, number, parsed};
use crate::process::capture;
use crate::python;
use crate::workspace::{Scratch, Workspace};

/// How the programs call all processors.
const ANY: &str = "any";

/// The servers, and all that calls them.
pub(super) struct Programs {
    directory: PathBuf,
    /// On a processor of its own, where there are several.
    kept: Server,
    free: Server,
    processors: Option<Processors>,
    counts_instructions: bool,
    python: Partner,
    _home: Scratch,
}

struct Server {
    url: String,
    _partner: Partner,
}

/// The processor of the server, and all others.
struct Processors {
    one: String,
    others: String,
}

impl Programs {
    /// Installs the pinned Prefect if needed, and starts the servers and the Python process.
    pub(super) fn start(workspace: &Workspace) -> Result<Self> {
        let interpreter = python::pinned(workspace)?;
        let directory = workspace.target.join("release");
        let server = directory.join("bench-server");
        let processors = Processors::of_this_machine();
        let home = workspace.scratch()?;
        let mut command = python::isolated(&interpreter, &home);
        let script = workspace.root.join("benches/python_calls.py");
        let python = Partner::start(command.arg(script))?;
        Ok(Self {
            kept: Server::start(&server, processors.as_ref().map_or(ANY, |all| &all.one))?,
            free: Server::start(&server, ANY)?,
            directory,
            processors,
            counts_instructions: instructions_of(&mut Command::new("true")).is_ok(),
            python,
            _home: home,
        })
    }

    /// One turn of a contender.
    pub(super) fn measure(&mut self, contender: &Contender, setting: Setting) -> Result<Sample> {
        let Contender { name, calls, .. } = *contender;
        let Setting { callers, place } = setting;
        let told = if contender.is_python() {
            let (url, processors) = self.at(place);
            let line = format!("{name} {callers} {calls} {url} {processors}");
            self.python.say(&line)?;
            parsed(self.python.hear()?.as_bytes())?
        } else {
            parsed(&capture(&mut self.client(name, calls, setting))?.stdout)?
        };
        Ok(Sample {
            cpu_us: number(&told, "cpu_us")?,
            wall_us: number(&told, "wall_us")?,
        })
    }

    /// Whether perf can count instructions here.
    pub(super) fn counts_instructions(&self) -> bool {
        self.counts_instructions
    }

    /// The instructions of a call by one caller: those of many calls without those of few, so that starting is not in them.
    pub(super) fn instructions(&self, contender: &Contender) -> Result<f64> {
        let count = |calls| -> Result<(f64, f64)> {
            let mut client = self.client(contender.name, calls, Setting::BESIDE);
            let made = number(&parsed(&capture(&mut client)?.stdout)?, "made")?;
            Ok((instructions_of(&mut client)?, made))
        };
        let (few, many) = (count(contender.calls / 4)?, count(contender.calls)?);
        Ok((many.0 - few.0) / (many.1 - few.1))
    }

    /// Starts `bench-idle`.
    pub(super) fn idle(&self, what: &str) -> Result<Partner> {
        let mut command = Command::new(self.directory.join("bench-idle"));
        Partner::start(command.arg(what).arg(&self.free.url))
    }

    /// The server for a place, and the processors of its callers.
    fn at(&self, place: Place) -> (&str, &str) {
        match (place, &self.processors) {
            (Place::Free, _) | (_, None) => (&self.free.url, ANY),
            (Place::Apart, Some(all)) => (&self.kept.url, &all.others),
            (Place::Together, Some(all)) => (&self.kept.url, &all.one),
        }
    }

    fn client(&self, name: &str, calls: u32, setting: Setting) -> Command {
        let (url, processors) = self.at(setting.place);
        let mut command = Command::new(self.directory.join("bench-client"));
        command
            .arg(name)
            .arg(setting.callers.to_string())
            .arg(calls.to_string())
            .args([url, processors]);
        command
    }
}

impl Server {
    fn start(program: &Path, processors: &str) -> Result<Self> {
        let mut partner = Partner::start(Command::new(program).arg(processors))?;
        let port = partner.hear_port()?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/api"),
            _partner: partner,
        })
    }
}

impl Processors {
    /// Nothing where there is one only, or the system lets nobody choose.
    #[cfg(target_os = "linux")]
    fn of_this_machine() -> Option<Self> {
        use nix::sched::{CpuSet, sched_getaffinity};
        use nix::unistd::Pid;

        let set = sched_getaffinity(Pid::from_raw(0)).ok()?;
        let mut all = (0..CpuSet::count()).filter(|number| set.is_set(*number) == Ok(true));
        let one = all.next()?.to_string();
        let others: Vec<_> = all.map(|number| number.to_string()).collect();
        (!others.is_empty()).then(|| Self {
            one,
            others: others.join(","),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn of_this_machine() -> Option<Self> {
        None
    }
}

fn instructions_of(command: &mut Command) -> Result<f64> {
    let mut perf = Command::new("perf");
    perf.args(["stat", "-x", ",", "-e", "instructions"].map(OsStr::new))
        .arg(command.get_program())
        .args(command.get_args());
    let told = capture(&mut perf)?.stderr;
    counted(&String::from_utf8_lossy(&told)).context("perf counts no instructions here")
}

/// The count in what `perf stat -x ,` wrote: a number, its unit, the event.
fn counted(told: &str) -> Option<f64> {
    told.lines().find_map(|line| {
        let mut fields = line.split(',');
        let count = fields.next()?;
        let event = fields.nth(1)?;
        event
            .starts_with("instructions")
            .then(|| count.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfs_count_is_read_where_there_is_one() {
        let told = "some warning\n1234567,,instructions:u,2000000,100.00,1.10,insn per cycle\n";
        assert_eq!(counted(told), Some(1_234_567.0));
        assert_eq!(counted("<not supported>,,instructions,0,100.00,,\n"), None);
    }
}
