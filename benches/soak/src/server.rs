//! A Prefect server that can be killed and started again, on the same port and the same database.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use prefect_sdk::client::PrefectClient;

use crate::python;
use crate::room::Room;

const SCRIPT: &str = include_str!("../../../tests/restart/serve.py");
const START: Duration = Duration::from_mins(3);

/// Gone when this is dropped.
pub(crate) struct Server {
    room: Room,
    port: u16,
    child: Option<Child>,
}

impl Server {
    pub(crate) fn start() -> Result<Self> {
        let mut server = Self {
            room: Room::new()?,
            port: free_port()?,
            child: None,
        };
        server.start_again()?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Starts it, and waits until it answers.
    pub(crate) fn start_again(&mut self) -> Result<()> {
        let home = self.room.path();
        let mut command = python::command(home)?;
        python::quiet(&mut command, &home.join("server.log"))?;
        command
            .args(["-c", SCRIPT, &self.port.to_string()])
            .env("PREFECT_SERVER_UI_ENABLED", "false")
            .stdin(Stdio::piped());
        self.child = Some(command.spawn().context("a server")?);
        let (client, limit) = (PrefectClient::new(&self.url())?, Instant::now() + START);
        while client.health_check().is_err() {
            if Instant::now() > limit {
                bail!("the server does not answer");
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Below those that the system gives to connections, which clients make while the server is away.
fn free_port() -> Result<u16> {
    let offset = u16::try_from(std::process::id() % 9000)?;
    (20_000 + offset..30_000)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .context("a free port")
}
