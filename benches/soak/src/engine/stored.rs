//! What the server has stored of runs, beside what their processes have reported.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{
    FlowRunFilter, FlowRunFilterId, StateType, TaskRun, TaskRunSort,
};
use prefect_sdk::client::requests::ReadTaskRuns;
use uuid::Uuid;

use super::process::Left;
use crate::flow::{is_over, patiently};

/// How long the server may take to store what it has.
const STORING: Duration = Duration::from_mins(5);

/// What became of runs.
#[derive(Default)]
pub(super) struct Found {
    pub(super) runs: usize,
    /// The task runs that processes reported the end of.
    pub(super) reported: usize,
    /// Those that it should have reported beside them, as it was to end by itself.
    pub(super) unreported: usize,
    /// Those of them that the server does not have.
    pub(super) missing: usize,
    /// Those that it has beside them, of runs that have reported all that they began.
    pub(super) doubled: usize,
    /// Those that are in another state than the one that was reported.
    pub(super) otherwise: usize,
    /// The flow runs and task runs that have no last state, though their process could speak.
    pub(super) running: usize,
    pub(super) panics: usize,
    pub(super) longest: Duration,
}

/// How the process of a run has ended.
#[derive(Clone, Copy)]
pub(super) enum Ending {
    /// By itself, after so many task runs.
    Whole(u64),
    /// Early, but it had the time to say so.
    Stopped,
    /// At once.
    Killed,
}

impl Found {
    /// Compares a run whose process has ended so.
    pub(super) fn add(
        &mut self,
        client: &PrefectClient,
        left: &Left,
        ending: Ending,
    ) -> Result<()> {
        self.runs += 1;
        self.reported += left.reported.len();
        self.panics += left.panics;
        self.longest = self.longest.max(left.took);
        let limit = Instant::now() + STORING;
        let mut differs = Differs::of(client, left, ending)?;
        while differs.may_settle() && Instant::now() < limit {
            thread::sleep(Duration::from_millis(500));
            differs = Differs::of(client, left, ending)?;
        }
        self.unreported += differs.unreported;
        self.doubled += differs.doubled;
        self.missing += differs.missing;
        self.otherwise += differs.otherwise;
        self.running += differs.running;
        if differs != Differs::default() {
            let states = patiently(|| client.read_flow_run_states(left.flow_run))?;
            let states: Vec<_> = states
                .iter()
                .map(|state| (state.name.as_deref(), state.message.as_deref()))
                .collect();
            eprintln!(
                "the run {}: {differs:?}, {}, {states:?}\n{}",
                left.flow_run, left.status, left.said
            );
        }
        Ok(())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            runs,
            reported,
            unreported,
            missing,
            doubled,
            otherwise,
            running,
            panics,
            longest,
        } = self;
        write!(
            f,
            "{runs} runs, {reported} task runs reported, {unreported} not, {missing} missing, {doubled} doubled, {otherwise} otherwise, {running} running, {panics} panics, {:.1} s",
            longest.as_secs_f64()
        )
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Differs {
    unreported: usize,
    missing: usize,
    doubled: usize,
    otherwise: usize,
    running: usize,
}

impl Differs {
    fn of(client: &PrefectClient, left: &Left, ending: Ending) -> Result<Self> {
        let stored = task_runs(client, left.flow_run)?;
        let mut differs = Self::default();
        for (id, state) in &left.reported {
            match stored.get(id) {
                None => differs.missing += 1,
                // What was told last of a process that was killed may not have been confirmed.
                Some(run) if is_last(state) || !matches!(ending, Ending::Killed) => {
                    let type_ = run.state_type.as_ref().map(StateType::as_str);
                    differs.otherwise += usize::from(type_ != Some(state));
                }
                Some(_) => {}
            }
        }
        if let Ending::Whole(count) = ending {
            let unknown = stored.keys().filter(|id| !left.reported.contains_key(id));
            differs.doubled = unknown.count();
            differs.unreported = usize::try_from(count)?.saturating_sub(left.reported.len());
        }
        if !matches!(ending, Ending::Killed) {
            let flow_run = patiently(|| client.read_flow_run(left.flow_run))?;
            let types = stored.values().map(|run| run.state_type.as_ref());
            let running = types.filter(|type_| !type_.is_some_and(|type_| is_last(type_.as_str())));
            differs.running = running.count() + usize::from(!is_over(&flow_run));
        }
        Ok(differs)
    }

    /// Whether the server may still come to have what is reported.
    fn may_settle(&self) -> bool {
        let settled = Self {
            unreported: self.unreported,
            ..Self::default()
        };
        *self != settled
    }
}

fn is_last(type_: &str) -> bool {
    [
        StateType::Completed,
        StateType::Failed,
        StateType::Crashed,
        StateType::Cancelled,
    ]
    .iter()
    .any(|last| last.as_str() == type_)
}

/// All task runs of a flow run. What comes meanwhile is among the last.
fn task_runs(client: &PrefectClient, flow_run: Uuid) -> Result<BTreeMap<Uuid, TaskRun>> {
    let of_run = FlowRunFilter::new().id(FlowRunFilterId::new().any([flow_run]));
    let (mut all, mut offset) = (BTreeMap::new(), 0);
    loop {
        let page = ReadTaskRuns::new()
            .flow_runs(of_run.clone())
            .sort(TaskRunSort::ExpectedStartTimeAsc)
            .offset(offset);
        let page = patiently(|| client.read_task_runs_with(&page))?;
        if page.is_empty() {
            return Ok(all);
        }
        offset += i64::try_from(page.len())?;
        all.extend(page.into_iter().map(|run| (run.id, run)));
    }
}
