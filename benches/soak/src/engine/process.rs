//! The process of a run.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{FlowCreate, FlowRunCreate, StateCreate, StateType};
use serde_json::Value;
use uuid::Uuid;

use super::work::{JOURNAL, pieces};
use crate::flow::patiently;

/// How long a run may take, whatever happens to it.
const PATIENCE: Duration = Duration::from_mins(10);

/// What a run does.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) count: u64,
    pub(super) milliseconds: u64,
    pub(super) bytes: usize,
}

/// A run in a process of its own, which is gone when this is dropped.
pub(super) struct Process {
    pub(super) flow_run: Uuid,
    child: Child,
    began: Instant,
    room: PathBuf,
}

/// What a process left.
pub(super) struct Left {
    pub(super) flow_run: Uuid,
    /// By which states the task runs ended that it reported.
    pub(super) reported: BTreeMap<Uuid, String>,
    pub(super) panics: usize,
    pub(super) took: Duration,
    pub(super) status: ExitStatus,
    /// The last of what it said.
    pub(super) said: String,
}

impl Process {
    /// Begins a run that speaks to that API, and keeps its results in that directory, if in any.
    pub(super) fn begin(
        client: &PrefectClient,
        api: &str,
        work: Work,
        results: Option<&Path>,
    ) -> Result<Self> {
        let flow_run = made(client, work)?;
        let room = std::env::temp_dir().join(format!("soak-{flow_run}"));
        fs::create_dir(&room)?;
        let said = File::create(room.join("said"))?;
        let mut program = Command::new(std::env::current_exe()?);
        program
            .env("PREFECT__FLOW_RUN_ID", flow_run.to_string())
            .env("PREFECT__FLOW_NAME", pieces::flow().name())
            .env("PREFECT_API_URL", api)
            .env(JOURNAL, room.join("journal"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said);
        if let Some(results) = results {
            program
                .env("PREFECT_RESULTS_LOCAL_STORAGE_PATH", results)
                .env("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "true");
        }
        Ok(Self {
            flow_run,
            child: program.spawn().context("the process of a run")?,
            began: Instant::now(),
            room,
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn is_over(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// What it left, once it has ended.
    pub(super) fn wait(mut self) -> Result<Left> {
        let limit = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait()? {
                Some(status) => break status,
                None if Instant::now() > limit => {
                    bail!("the run {} does not end: {}", self.flow_run, self.said());
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        let journal = fs::read_to_string(self.room.join("journal")).unwrap_or_default();
        // The last line of a process that was killed may be half of one.
        let lines = journal
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        let reported = lines.filter_map(|line| {
            let (id, state) = line.trim().split_once(' ')?;
            Some((id.parse().ok()?, state.to_owned()))
        });
        let said = self.said();
        Ok(Left {
            flow_run: self.flow_run,
            reported: reported.collect(),
            panics: said.matches("panicked at").count(),
            took: self.began.elapsed(),
            status,
            said,
        })
    }

    fn said(&self) -> String {
        fs::read_to_string(self.room.join("said")).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.room));
    }
}

/// A run that nobody executes yet.
fn made(client: &PrefectClient, work: Work) -> Result<Uuid> {
    let flow = pieces::flow();
    let flow = patiently(|| client.create_flow(&FlowCreate::new(flow.name())))?;
    let parameters = [
        ("count", Value::from(work.count)),
        ("milliseconds", work.milliseconds.into()),
        ("bytes", work.bytes.into()),
    ];
    let run = FlowRunCreate::new(flow.id)
        .state(StateCreate::new(StateType::Pending))
        .parameters(parameters);
    Ok(patiently(|| client.create_flow_run(&run))?.id)
}
