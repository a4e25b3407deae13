//! What the server has at the end, held against what it acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use prefect_client::models::{ArtifactSort, FlowSort, VariableSort, VariableValue};
use prefect_client::requests::{ReadArtifacts, ReadFlows, ReadVariables};
use prefect_client::transport::TransportErrorKind;
use prefect_client::{Error, PrefectClient};

use crate::work::{Entry, Work};

/// How much later than its deadline a call may end on a machine that is busy with everything else.
const SLACK: Duration = Duration::from_secs(10);

/// What the server has, by name.
pub(crate) struct Found {
    artifacts: BTreeMap<String, usize>,
    flows: BTreeMap<String, usize>,
    variables: BTreeMap<String, usize>,
    values: BTreeMap<String, Option<VariableValue>>,
}

impl Found {
    pub(crate) fn read(client: &PrefectClient) -> Result<Self, Error> {
        let by_key = ReadArtifacts::new().sort(ArtifactSort::KeyAsc);
        let artifacts = client.read_artifacts_pages_with(by_key);
        let artifacts = artifacts.collect::<Result<Vec<_>, _>>()?;
        let by_name = ReadFlows::new().sort(FlowSort::NameAsc);
        let flows = client
            .read_flows_pages_with(by_name)
            .collect::<Result<Vec<_>, _>>()?;
        let by_name = ReadVariables::new().sort(VariableSort::NameAsc);
        let variables = client.read_variables_pages_with(by_name);
        let variables = variables.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            artifacts: counted(artifacts.into_iter().filter_map(|artifact| artifact.key)),
            flows: counted(flows.into_iter().map(|flow| flow.name)),
            variables: counted(variables.iter().map(|variable| variable.name.clone())),
            values: variables
                .into_iter()
                .map(|variable| (variable.name, variable.value))
                .collect(),
        })
    }

    fn count(&self, work: &Work) -> usize {
        let (found, name) = match work {
            Work::CreateArtifact(name) => (&self.artifacts, name),
            Work::CreateFlow(name) => (&self.flows, name),
            Work::CreateVariable(name) => (&self.variables, name),
            _ => return 0,
        };
        found.get(name).copied().unwrap_or_default()
    }

    fn total(&self) -> usize {
        let all = [&self.artifacts, &self.flows, &self.variables];
        all.iter().flat_map(|found| found.values()).sum()
    }
}

/// What is wrong with the calls themselves: how long they took, how they failed, what they found.
pub(crate) fn wrong_calls(journal: &[Entry], deadline: Duration) -> Vec<String> {
    let late = |entry: &&Entry| entry.took() > deadline + SLACK;
    let late = journal.iter().filter(late);
    let mut wrong: Vec<_> = late
        .map(|entry| format!("took too long: {entry:?}"))
        .collect();
    for entry in journal {
        let is_right = match (&entry.work, &entry.outcome) {
            (Work::FindArtifact(_), Ok(found)) => *found == Some(1),
            (_, Ok(_)) => true,
            // A name that is taken would be a create that was sent twice, and one that is unknown a write that was lost.
            (_, Err(error)) => is_expected(error),
        };
        if !is_right {
            wrong.push(format!("{entry:?}"));
        }
    }
    wrong
}

/// What is wrong with what the server has.
pub(crate) fn wrong_writes(journal: &[Entry], found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut named = 0;
    for entry in journal.iter().filter(|entry| entry.work.is_create()) {
        let count = found.count(&entry.work);
        named += count;
        let is_right = if entry.outcome.is_ok() {
            count == 1
        } else {
            count <= 1
        };
        if !is_right {
            wrong.push(format!("{count} times there: {entry:?}"));
        }
    }
    if named != found.total() {
        wrong.push(format!("{} are there, {named} were created", found.total()));
    }
    wrong.extend(wrong_values(journal, found));
    wrong
}

/// A variable has the value that was acknowledged last, or one of those for which there was no answer.
fn wrong_values(journal: &[Entry], found: &Found) -> Vec<String> {
    let mut acknowledged: BTreeMap<&str, (Instant, i64)> = BTreeMap::new();
    let mut unanswered: BTreeSet<(&str, i64)> = BTreeSet::new();
    for entry in journal {
        let (name, value) = match &entry.work {
            Work::CreateVariable(name) => (name.as_str(), 0),
            Work::UpdateVariable(name, value) => (name.as_str(), *value),
            _ => continue,
        };
        if entry.outcome.is_err() {
            unanswered.insert((name, value));
            continue;
        }
        let last = acknowledged.entry(name).or_insert((entry.ended, value));
        if entry.ended >= last.0 {
            *last = (entry.ended, value);
        }
    }
    let mut wrong = Vec::new();
    for (name, (_, value)) in acknowledged {
        let is_right = match found.values.get(name) {
            Some(Some(VariableValue::Integer(found))) => {
                *found == value || unanswered.contains(&(name, *found))
            }
            _ => false,
        };
        if !is_right {
            let found = found.values.get(name);
            wrong.push(format!("{name} is {found:?}, and {value} was acknowledged"));
        }
    }
    wrong
}

/// No connection, no answer in time, one that broke off, or a server that says that it can't.
fn is_expected(error: &Error) -> bool {
    match error.status() {
        Some(status) => status.is_server_error() && !error.is_decode(),
        None => {
            error.is_connect()
                || error.is_timeout()
                || error.transport_kind() == Some(TransportErrorKind::Interrupted)
        }
    }
}

fn counted(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}
