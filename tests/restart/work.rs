//! What the callers do, the same through both faces.

use std::time::{Duration, Instant};

use prefect_client::models::{
    ArtifactCreate, ArtifactFilter, ArtifactFilterKey, FlowCreate, VariableCreate, VariableUpdate,
    VariableValue,
};
use prefect_client::requests::ReadArtifacts;
use prefect_client::{AsyncPrefectClient, Error, PrefectClient};

/// One call. The texts are names that nothing else has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    CreateArtifact(String),
    CreateVariable(String),
    CreateFlow(String),
    UpdateVariable(String, i64),
    ReadVariable(String),
    FindArtifact(String),
}

/// One call that has ended.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) work: Work,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    /// What was found, where something was looked for.
    pub(crate) outcome: Result<Option<usize>, Error>,
}

/// One thread or task: what it does next, and what it has done.
pub(crate) struct Caller {
    name: String,
    turn: u32,
    artifact: Option<String>,
    variable: Option<String>,
    pub(crate) journal: Vec<Entry>,
}

/// The call of some work, with what follows it: nothing, or `.await`.
macro_rules! perform {
    ($client:expr, $work:expr $(, $($wait:tt)+)?) => {
        match $work {
            Work::CreateArtifact(key) => $client
                .create_artifact(&ArtifactCreate::new().key(key.as_str()).data(key.as_str()))
                $($($wait)+)?
                .map(|_| None),
            Work::CreateVariable(name) => $client
                .create_variable(&VariableCreate::new(name.as_str(), VariableValue::from(0)))
                $($($wait)+)?
                .map(|_| None),
            Work::CreateFlow(name) => $client
                .create_flow(&FlowCreate::new(name.as_str()))
                $($($wait)+)?
                .map(|_| None),
            Work::UpdateVariable(name, value) => $client
                .update_variable_by_name(
                    name,
                    &VariableUpdate::new().value(VariableValue::from(*value)),
                )
                $($($wait)+)?
                .map(|()| None),
            Work::ReadVariable(name) => $client
                .read_variable_by_name(name)
                $($($wait)+)?
                .map(|_| Some(1)),
            Work::FindArtifact(key) => $client
                .read_artifacts_with(&with_key(key))
                $($($wait)+)?
                .map(|found| Some(found.len())),
        }
    };
}

pub(crate) fn blocking(client: &PrefectClient, work: &Work) -> Result<Option<usize>, Error> {
    perform!(client, work)
}

pub(crate) async fn asynchronous(
    client: &AsyncPrefectClient,
    work: &Work,
) -> Result<Option<usize>, Error> {
    perform!(client, work, .await)
}

impl Work {
    pub(crate) fn is_create(&self) -> bool {
        matches!(
            self,
            Self::CreateArtifact(_) | Self::CreateVariable(_) | Self::CreateFlow(_)
        )
    }
}

impl Entry {
    /// A call that has just ended.
    pub(crate) fn ended(work: Work, began: Instant, outcome: Result<Option<usize>, Error>) -> Self {
        Self {
            work,
            began,
            ended: Instant::now(),
            outcome,
        }
    }

    /// Whether the server was killed while the call was under way.
    pub(crate) fn spans(&self, kill: Instant) -> bool {
        self.began < kill && kill < self.ended
    }

    pub(crate) fn took(&self) -> Duration {
        self.ended - self.began
    }
}

impl Caller {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name,
            turn: 0,
            artifact: None,
            variable: None,
            journal: Vec::new(),
        }
    }

    pub(crate) fn next(&mut self) -> Work {
        self.turn += 1;
        let name = format!("{}-{}", self.name, self.turn);
        match (self.turn % 7, &self.artifact, &self.variable) {
            (2, ..) => Work::CreateVariable(name),
            (3, _, Some(variable)) => Work::UpdateVariable(variable.clone(), i64::from(self.turn)),
            (4, Some(artifact), _) => Work::FindArtifact(artifact.clone()),
            (5, _, Some(variable)) => Work::ReadVariable(variable.clone()),
            (6, ..) => Work::CreateFlow(name),
            _ => Work::CreateArtifact(name),
        }
    }

    /// Notes how a call ended; the answer is how long to wait before the next one.
    pub(crate) fn note(&mut self, entry: Entry) -> Option<Duration> {
        let has_failed = entry.outcome.is_err();
        match &entry.work {
            Work::CreateArtifact(key) if !has_failed => self.artifact = Some(key.clone()),
            Work::CreateVariable(name) if !has_failed => self.variable = Some(name.clone()),
            _ => {}
        }
        self.journal.push(entry);
        // A server that is down refuses at once, and would be asked thousands of times.
        has_failed.then_some(Duration::from_millis(100))
    }
}

fn with_key(key: &str) -> ReadArtifacts {
    let filter = ArtifactFilter::new().key(ArtifactFilterKey::new().any([key]));
    ReadArtifacts::new().artifacts(filter)
}
