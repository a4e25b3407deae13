//! What happens to the runs.

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use prefect_sdk::client::PrefectClient;
use test_prefect::Server;

use super::process::{Process, Work};
use super::proxy::Cut;
use super::stored::{Ending, Found};
use super::witness::Witness;

/// How often the server is killed while a run goes on.
const RESTARTS: usize = 10;
/// The longest time that a server is there until it is killed.
const UP: Duration = Duration::from_secs(6);
const CUT_EVERY: Duration = Duration::from_millis(200);
/// How large the disk is that results are kept on.
const DISK: &str = "size=256k";

#[derive(Clone, Copy)]
pub(super) enum Fault {
    Restarts,
    Cuts,
    /// So many processes get this signal.
    Signals(&'static str, usize),
    FullDisk,
}

impl Fault {
    /// All of them, with so many processes that get a signal.
    pub(super) fn all(count: usize) -> [Self; 5] {
        let killed = count / 2;
        [
            Self::Cuts,
            Self::FullDisk,
            Self::Signals("TERM", count - killed),
            Self::Signals("KILL", killed),
            Self::Restarts,
        ]
    }

    pub(super) fn happen(self, server: &mut Server) -> Result<Found> {
        match self {
            Self::Restarts => restarts(server),
            Self::Cuts => cuts(server),
            Self::Signals(signal, count) => signals(server, signal, count),
            Self::FullDisk => full_disk(server),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Restarts => "restarts",
            Self::Cuts => "cuts",
            Self::Signals(signal, _) => &format!("SIG{signal}"),
            Self::FullDisk => "full disk",
        };
        f.pad(text)
    }
}

fn client(server: &Server) -> Result<PrefectClient> {
    Ok(PrefectClient::new(&server.url())?)
}

fn address(server: &Server) -> Result<SocketAddr> {
    let url = server.url();
    let rest = url
        .strip_prefix("http://")
        .and_then(|url| url.strip_suffix("/api"));
    rest.context("an address of this machine")?
        .parse()
        .context("an address")
}

/// The server is killed and started again while a run goes on.
fn restarts(server: &mut Server) -> Result<Found> {
    let work = Work {
        count: 2_500,
        milliseconds: 500,
        bytes: 1,
    };
    let mut run = Process::begin(&client(server)?, &server.url(), work, None)?;
    for _ in 0..RESTARTS {
        thread::sleep(UP.mul_f64(0.2 + 0.8 * fastrand::f64()));
        ensure!(
            !run.is_over()?,
            "the run ended before the server was killed"
        );
        server.kill()?;
        thread::sleep(Duration::from_secs(1).mul_f64(fastrand::f64()));
        server.start_again()?;
    }
    let mut found = Found::default();
    found.add(&client(server)?, &run.wait()?, Ending::Whole(work.count))?;
    Ok(found)
}

/// No connection lasts.
fn cuts(server: &mut Server) -> Result<Found> {
    let work = Work {
        count: 300,
        milliseconds: 200,
        bytes: 1,
    };
    let cut = Cut::every(CUT_EVERY, address(server)?)?;
    let run = Process::begin(&client(server)?, &cut.api(), work, None)?;
    let mut found = Found::default();
    found.add(&client(server)?, &run.wait()?, Ending::Whole(work.count))?;
    ensure!(cut.cuts() > 10, "nothing was cut");
    Ok(found)
}

/// Processes get a signal at random moments.
fn signals(server: &mut Server, signal: &str, count: usize) -> Result<Found> {
    let work = Work {
        count: 60,
        milliseconds: 100,
        bytes: 1,
    };
    let client = client(server)?;
    let mut found = Found::default();
    for _ in 0..count {
        let witness = Witness::of(address(server)?)?;
        let run = Process::begin(&client, &witness.api(), work, None)?;
        thread::sleep(Duration::from_secs(3).mul_f64(fastrand::f64()));
        let id = run.id().to_string();
        let mut kill = Command::new("kill");
        let killed = kill.args(["-s", signal, &id]).status()?;
        ensure!(killed.success(), "no signal could be sent");
        let mut left = run.wait()?;
        let ending = if signal == "KILL" {
            left.reported = witness.confirmed();
            Ending::Killed
        } else {
            Ending::Stopped
        };
        found.add(&client, &left, ending)?;
    }
    Ok(found)
}

/// There is no room for what the tasks give.
fn full_disk(server: &mut Server) -> Result<Found> {
    let work = Work {
        count: 60,
        milliseconds: 20,
        bytes: 20_000,
    };
    let disk = Disk::mount()?;
    let client = client(server)?;
    let run = Process::begin(&client, &server.url(), work, Some(&disk.0))?;
    let left = run.wait()?;
    let kept = fs::read_dir(&disk.0)?.count();
    ensure!(kept > 0 && kept < 60, "{kept} results had room");
    let mut found = Found::default();
    found.add(&client, &left, Ending::Whole(work.count))?;
    Ok(found)
}

/// A small disk, which is taken away when this is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("soak-disk-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        let place = Self(path);
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]);
        let mounted = mount.arg(&place.0).status()?;
        ensure!(
            mounted.success(),
            "a small disk can be mounted by root only"
        );
        Ok(place)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.path()).status();
        if unmounted
            .context("umount")
            .is_ok_and(|status| status.success())
        {
            drop(fs::remove_dir(self.path()));
        }
    }
}
