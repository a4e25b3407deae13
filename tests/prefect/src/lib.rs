//! A Prefect server that can be killed and started again, on the same port and the same database. Who asks it is up to whoever
//! stands on this, so that the tests of every package may.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("../serve.py");
/// The first start with an empty database takes about twenty seconds on a busy machine.
const START: Duration = Duration::from_mins(3);
const ANSWER: Duration = Duration::from_secs(2);

/// Dropping it kills the server and removes its database.
#[derive(Debug)]
pub struct Server {
    python: OsString,
    /// Of Prefect, beside the usual ones.
    settings: &'static [(&'static str, &'static str)],
    home: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Server {
    /// Starts a server with an empty database and waits until it answers. What it keeps is in a directory of its own.
    ///
    /// # Errors
    ///
    /// It does not start, or says nothing for minutes: the error has what it wrote.
    pub fn start(
        python: OsString,
        home: PathBuf,
        settings: &'static [(&'static str, &'static str)],
    ) -> io::Result<Self> {
        fs::create_dir_all(&home)?;
        let mut server = Self {
            python,
            settings,
            home,
            port: free_port()?,
            child: None,
        };
        server.start_again()?;
        Ok(server)
    }

    /// The URL of its API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }

    /// Ends the process at once (SIGKILL), whatever it is doing.
    ///
    /// # Errors
    ///
    /// It can't be ended.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts the process after [`kill`](Self::kill) and waits until it answers.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_again(&mut self) -> io::Result<()> {
        self.child = Some(self.command()?.spawn()?);
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if self.is_healthy().unwrap_or(false) {
                return Ok(());
            }
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait()?
            {
                return Err(self.failed(&format!("ended with {status}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(self.failed("does not answer"))
    }

    fn command(&self) -> io::Result<Command> {
        let log = File::create(self.log())?;
        let mut command = Command::new(&self.python);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
            .env("HOME", &self.home)
            .env("PREFECT_HOME", &self.home)
            .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
            .env("DO_NOT_TRACK", "1")
            .env("PREFECT_SERVER_LOGGING_LEVEL", "WARNING")
            // Nobody looks at its pages, and without them it is sooner there.
            .env("PREFECT_SERVER_UI_ENABLED", "false")
            .envs(self.settings.iter().copied())
            .args(["-c", SCRIPT, &self.port.to_string()])
            .current_dir(&self.home)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log);
        Ok(command)
    }

    fn is_healthy(&self) -> io::Result<bool> {
        let address = (Ipv4Addr::LOCALHOST, self.port).into();
        let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(
            b"GET /api/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        )?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer.ends_with(b" 200"))
    }

    fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    fn failed(&self, what: &str) -> io::Error {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        io::Error::other(format!("the server {what}:\n{log}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What can't be ended or removed now is ended and removed with the parent and with target/.
        let _ = self.kill();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// A port below those that the system gives to outgoing connections: while the server is down, one of the clients' own
/// attempts to connect could take one of those, and even connect to itself.
fn free_port() -> io::Result<u16> {
    let offset = u16::try_from(std::process::id() % 9000).unwrap_or_default();
    (20_000 + offset..30_000)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| io::Error::other("no free port"))
}
