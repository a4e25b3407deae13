//! The Python environment of the pinned server, made once under `target/python/` and used again as long as nothing changed.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, PipeReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::process::{capture, line, log_tail, spawn};
use crate::workspace::{Scratch, Workspace, without_prefect_settings};

/// `spec/requirements.txt`: comment lines, then one pinned package a line.
pub(crate) struct Requirements(String);

/// Which prefect the environment holds.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    Pinned,
    /// Another version, with the other pins as constraints.
    Version(&'a str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Shown,
    Quiet,
}

impl Requirements {
    pub(crate) fn file(workspace: &Workspace) -> PathBuf {
        workspace.spec().join("requirements.txt")
    }

    pub(crate) fn load(workspace: &Workspace) -> Result<Self> {
        let file = Self::file(workspace);
        Ok(Self(fs::read_to_string(&file).with_context(|| {
            format!("cannot read {}", file.display())
        })?))
    }

    pub(crate) fn prefect(&self) -> Result<&str> {
        self.pins()
            .find_map(|pin| pin.strip_prefix("prefect=="))
            .context("spec/requirements.txt has no line `prefect==X.Y.Z`")
    }

    /// The same comment above another list of pins.
    pub(crate) fn with_pins(&self, pins: &str) -> String {
        self.0
            .lines()
            .filter(|line| line.starts_with('#'))
            .chain(pins.lines())
            .flat_map(|line| [line, "\n"])
            .collect()
    }

    fn pins(&self) -> impl Iterator<Item = &str> {
        self.0
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    fn constraints(&self) -> String {
        self.pins()
            .filter(|pin| !pin.starts_with("prefect=="))
            .flat_map(|pin| [pin, "\n"])
            .collect()
    }
}

/// Makes the environment unless it is there already, and gives its interpreter.
pub(crate) fn install(
    workspace: &Workspace,
    wanted: Wanted,
    progress: Progress,
) -> Result<PathBuf> {
    let requirements = Requirements::load(workspace)?;
    let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let about = capture(
        Command::new(&python).args(["-c", "import sys; print(sys.executable, sys.version)"]),
    )
    .context("the server needs Python 3.10 or newer; PYTHON names the interpreter")?;
    let wish = match wanted {
        Wanted::Pinned => "pinned",
        Wanted::Version(version) => version,
    };
    let parent = workspace.target.join("python");
    fs::create_dir_all(&parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let home = parent
        .join(&sha256([requirements.0.as_bytes(), wish.as_bytes(), &about.stdout].concat())[..16]);

    // Two tasks may want it at once. The lock is given back when the file is closed.
    let lock = File::create(home.with_extension("lock"))
        .context("cannot create the lock of the Python environment")?;
    lock.lock().context("cannot lock the Python environment")?;
    let (interpreter, complete) = (home.join("bin/python"), home.join("complete"));
    if complete.exists() {
        return Ok(interpreter);
    }
    if home.exists() {
        fs::remove_dir_all(&home)
            .with_context(|| format!("cannot remove the unfinished {}", home.display()))?;
    }
    capture(Command::new(&python).args(["-m", "venv"]).arg(&home))
        .context("cannot make a Python environment")?;
    let mut pip = Command::new(&interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--no-compile",
        "--progress-bar",
        "off",
    ]);
    match wanted {
        Wanted::Pinned => pip.arg("-r").arg(Requirements::file(workspace)),
        Wanted::Version(version) => {
            let constraints = home.join("constraints.txt");
            fs::write(&constraints, requirements.constraints())
                .context("cannot write the constraints")?;
            pip.arg(format!("prefect=={version}"))
                .arg("-c")
                .arg(constraints)
        }
    };
    if let Err(error) = run_pip(
        &mut pip,
        &home.with_extension("log"),
        requirements.pins().count(),
        progress,
    ) {
        let _ = fs::remove_dir_all(&home);
        return Err(error);
    }
    File::create(complete).context("cannot mark the Python environment as complete")?;
    Ok(interpreter)
}

/// Every package of the environment with its version, one a line.
pub(crate) fn freeze(python: &Path) -> Result<String> {
    let output =
        capture(Command::new(python).args(["-m", "pip", "freeze", "--disable-pip-version-check"]))?;
    String::from_utf8(output.stdout).context("`pip freeze` did not write UTF-8")
}

/// The interpreter with nothing of the user's around it: some of Prefect's defaults, and with them its `OpenAPI` document,
/// depend on variables as far away as `SSL_CERT_FILE`. It starts in the scratch directory, since settings files count too.
pub(crate) fn isolated(python: &Path, scratch: &Scratch) -> Command {
    let mut command = Command::new(python);
    command.env_clear().current_dir(scratch.path());
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
        .env("HOME", scratch.path())
        .env("PREFECT_HOME", scratch.path())
        .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        .env("PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED", "true")
        .env("PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED", "true")
        .env("DO_NOT_TRACK", "1")
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONUTF8", "1")
        .env("TZ", "UTC");
    command
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let digits = Sha256::digest(bytes)
        .into_iter()
        .flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn run_pip(pip: &mut Command, log: &Path, packages: usize, progress: Progress) -> Result<()> {
    let (reader, writer) = io::pipe().context("cannot make a pipe for pip")?;
    let errors = writer.try_clone().context("cannot make a pipe for pip")?;
    without_prefect_settings(pip)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(errors);
    let shown = line(pip);
    let (mut child, _group) = spawn(pip)?;
    // The command holds the writing ends, and the reader would wait for them for ever.
    pip.stdout(Stdio::null()).stderr(Stdio::null());
    let text = follow(reader, log, packages, progress)?;
    let status = child.wait().context("cannot wait for pip")?;
    if status.success() {
        return Ok(());
    }
    match reason(&text) {
        Some(reason) => bail!(
            "{status} from `{shown}`\n{reason}\nthe whole log is {}",
            log.display()
        ),
        None => bail!("{status} from `{shown}`\n{}", log_tail(log, 20)),
    }
}

fn follow(reader: PipeReader, log: &Path, packages: usize, progress: Progress) -> Result<String> {
    let mut file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    let (mut text, mut seen) = (String::new(), 0);
    let overwrite = io::stderr().is_terminal();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("cannot read what pip writes")?;
        let line = String::from_utf8_lossy(&line);
        writeln!(file, "{line}").with_context(|| format!("cannot write {}", log.display()))?;
        text.extend([&line, "\n"]);
        if progress == Progress::Quiet {
            continue;
        }
        if let Some(package) = line.strip_prefix("Collecting ") {
            seen += 1;
            let package = package.split(' ').next().unwrap_or(package);
            if overwrite {
                eprint!("\r\x1b[2Kpython packages: {seen} of about {packages}: {package}");
            } else if seen % 20 == 1 {
                eprintln!("python packages: {seen} of about {packages}: {package}");
            }
        } else if line.starts_with("Installing collected packages") {
            eprintln!(
                "{}python packages: {seen} found, unpacking them takes up to a minute",
                if overwrite { "\r\x1b[2K" } else { "" }
            );
        }
    }
    Ok(text)
}

/// What a person needs of pip's log: the package it was at, and the lines from the first error on.
fn reason(log: &str) -> Option<String> {
    let noise =
        |line: &&str| line.trim().is_empty() || line.contains("ERROR: Ignored the following");
    let lines: Vec<_> = log.lines().filter(|line| !noise(line)).collect();
    let is_error = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("ERROR")
            || line.starts_with("error:")
            || line.contains("conflict is caused by")
    };
    let first = lines.iter().position(is_error)?;
    // A conflict names its packages itself, and they are seldom the last one that was looked at.
    let package = lines[..first]
        .iter()
        .rev()
        .find_map(|line| line.strip_prefix("Collecting "))
        .filter(|_| !log.contains("conflict is caused by"));
    let warnings = lines[..first]
        .iter()
        .filter(|line| line.starts_with("WARNING: Retrying"))
        .take(2);
    let errors = lines[first..].iter().take(25);
    let told = warnings
        .chain(errors)
        .map(|line| format!("  {}", shortened(line)));
    let at = package.map(|package| {
        format!(
            "while collecting {}:",
            package.split(' ').next().unwrap_or(package)
        )
    });
    Some(at.into_iter().chain(told).collect::<Vec<_>>().join("\n"))
}

/// pip lists every version there is; the newest ones are at the end and say enough.
fn shortened(line: &str) -> String {
    const START: &str = "(from versions: ";
    let Some((before, after)) = line.split_once(START) else {
        return line.to_owned();
    };
    let Some((versions, rest)) = after.split_once(')') else {
        return line.to_owned();
    };
    let newest: Vec<_> = versions.rsplit(", ").take(3).collect();
    format!("{before}(newest versions: {}){rest}", newest.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_does_not_exist_is_named_with_the_newest_ones() {
        let log = "Collecting rich\nERROR: Could not find a version that satisfies the requirement prefect==99 \
                   (from versions: 1.0, 2.0, 3.0, 3.1)\nERROR: No matching distribution found for prefect==99\n";
        let reason = reason(log).unwrap();
        assert!(
            reason.contains("requirement prefect==99 (newest versions: 3.1, 3.0, 2.0)"),
            "{reason}"
        );
        assert!(reason.starts_with("while collecting rich:"), "{reason}");
        assert!(reason.contains("No matching distribution"), "{reason}");
    }

    #[test]
    fn a_conflict_names_both_sides() {
        let log = "Collecting prefect==3.9.0\nDownloading prefect\nERROR: Cannot install prefect==3.9.0\n\n\
                   The conflict is caused by:\n    prefect 3.9.0 depends on rich>=16\n    The user requested (constraint) rich==15.0.0\n";
        let reason = reason(log).unwrap();
        assert!(
            reason.starts_with("  ERROR: Cannot install prefect==3.9.0"),
            "{reason}"
        );
        assert!(
            reason.contains("(constraint) rich==15.0.0") && !reason.contains("Downloading"),
            "{reason}"
        );
    }

    #[test]
    fn a_log_without_an_error_has_no_reason() {
        assert_eq!(reason("Collecting rich\n"), None);
    }

    #[test]
    fn a_hash_is_written_as_two_digits_a_byte() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn moving_the_pin_keeps_the_comment_and_the_other_pins() {
        let requirements = Requirements("# why\nprefect==3.8.8\nrich==15.0.0\n".to_owned());
        assert_eq!(requirements.prefect().unwrap(), "3.8.8");
        assert_eq!(requirements.constraints(), "rich==15.0.0\n");
        assert_eq!(
            requirements.with_pins("prefect==3.9.0\n"),
            "# why\nprefect==3.9.0\n"
        );
    }
}
