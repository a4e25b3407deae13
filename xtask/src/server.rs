//! A real Prefect server of the pinned version, for as long as the value lives: own database, own home, own port.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{Group, interrupted, log_tail, spawn};
use crate::python;
use crate::workspace::{Scratch, Workspace};

const SCRIPT: &str = include_str!("../python/serve.py");
/// The first start with an empty database takes ten to twenty seconds on an idle machine.
const START: Duration = Duration::from_mins(2);

/// Dropping it stops the server and removes everything but the log.
pub(crate) struct Server {
    child: Child,
    group: Group,
    port: u16,
    python: PathBuf,
    log: PathBuf,
    _home: Scratch,
}

/// Installs the pinned server if needed, starts it and waits until it answers.
pub(crate) fn start(workspace: &Workspace) -> Result<Server> {
    let python = python::pinned(workspace)?;
    let mut server = Server::spawn(workspace, &python)?;
    server.wait_ready()?;
    Ok(server)
}

/// Runs the server until a signal or its own end.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut server = start(workspace)?;
    let storages = python::storages(workspace)?;
    println!(
        "pages: {}\nAPI:   {}\nfiles: {}\nlog:   {}\nCtrl-C stops it.",
        server.page_url(),
        server.api_url(),
        storages.display(),
        server.log.display()
    );
    while interrupted().is_none() {
        server.check_alive()?;
        thread::sleep(Duration::from_millis(200));
    }
    bail!("interrupted")
}

impl Server {
    /// Starts the process; it takes a while until it answers.
    pub(crate) fn spawn(workspace: &Workspace, python: &Path) -> Result<Self> {
        let home = workspace.scratch()?;
        let directory = workspace.target.join("server");
        fs::create_dir_all(&directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
        let log = directory.join("server.log");
        let file =
            File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
        let mut command = python::isolated(python, &home);
        command
            .env("PREFECT_SERVER_LOGGING_LEVEL", "INFO")
            .args(["-c", SCRIPT]);
        // The open standard input is how the server knows that this process lives.
        let (mut child, group) = spawn(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(file),
        )?;
        let told = child.stdout.take().map(first_line);
        let mut server = Self {
            child,
            group,
            port: 0,
            python: python.to_owned(),
            log,
            _home: home,
        };
        match told.and_then(|line| line.trim().parse().ok()) {
            Some(port) => server.port = port,
            None => bail!(
                "the server ended before it had a port; {}",
                log_tail(&server.log, 30)
            ),
        }
        Ok(server)
    }

    /// Waits until the server answers on `/api/health`.
    pub(crate) fn wait_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            self.check_alive()?;
            if self.is_healthy() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!(
            "the server did not answer within {} s; {}",
            START.as_secs(),
            log_tail(&self.log, 30)
        )
    }

    pub(crate) fn page_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }

    /// The interpreter of the environment that the server is installed in.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    fn check_alive(&mut self) -> Result<()> {
        if interrupted().is_some() {
            bail!("interrupted");
        }
        match self
            .child
            .try_wait()
            .context("cannot look after the server")?
        {
            None => Ok(()),
            Some(status) => bail!(
                "the server ended with {status}; {}",
                log_tail(&self.log, 30)
            ),
        }
    }

    fn is_healthy(&self) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let patience = Duration::from_secs(2);
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect_timeout(&address, patience)?;
            stream.set_read_timeout(Some(patience))?;
            stream.write_all(
                b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            )?;
            let mut answer = [0; 12];
            stream.read_exact(&mut answer)?;
            Ok(&answer == b"HTTP/1.1 200")
        };
        ask().unwrap_or(false)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.group.stop(&mut self.child);
    }
}

fn first_line(stdout: impl Read) -> String {
    let mut line = String::new();
    let _ = BufReader::new(stdout).read_line(&mut line);
    line
}
