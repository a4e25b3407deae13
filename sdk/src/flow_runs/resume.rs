//! Resuming: a paused run goes on.

use std::collections::BTreeMap;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, StateType};
use prefect_client::requests;
use serde_json::Value;
use uuid::Uuid;

use super::propose::{Proposal, answer_of};
use crate::faces::sdk;
use crate::{Error, Refusal};

/// What is optional about resuming a flow run.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ResumeFlowRunOptions {
    /// The input that the run waits for; the server compares it with the schema that the run stored.
    pub run_input: Option<BTreeMap<String, Value>>,
}

impl ResumeFlowRunOptions {
    /// Without input.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the input that the run waits for.
    #[must_use]
    pub fn run_input(
        mut self,
        input: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        let input = input
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.run_input = Some(input.collect());
        self
    }
}

/// Resumes a paused or suspended flow run: the first is running then, and the second is scheduled.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, flow_runs};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// flow_runs::aresume_flow_run(&client, id).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The run isn't paused, or waits for an input ([`Error::is_refused`]). The pause is over, and the server failed the run
/// ([`Error::is_timeout`]). A call of the client failed.
#[dual(sdk)]
pub async fn aresume_flow_run(client: &AsyncPrefectClient, id: Uuid) -> Result<(), Error> {
    aresume_flow_run_with(client, id, &ResumeFlowRunOptions::new()).await
}

/// As [`aresume_flow_run`], with the input that the run waits for.
///
/// ```no_run
/// # use prefect_sdk::client::AsyncPrefectClient;
/// # use prefect_sdk::flow_runs::{self, ResumeFlowRunOptions};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = ResumeFlowRunOptions::new().run_input([("approved", true)]);
/// flow_runs::aresume_flow_run_with(&client, id, &options).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The input is not what the run waits for ([`Error::is_refused`], due to the request); or as [`aresume_flow_run`].
#[dual(sdk)]
pub async fn aresume_flow_run_with(
    client: &AsyncPrefectClient,
    id: Uuid,
    options: &ResumeFlowRunOptions,
) -> Result<(), Error> {
    must_be_paused(&client.read_flow_run(id).await?)?;
    let mut body = requests::ResumeFlowRun::new();
    body.run_input.clone_from(&options.run_input);
    let answer = client.resume_flow_run_with(id, &body).await?;
    resumed(id, answer_of(answer)?)
}

fn must_be_paused(run: &FlowRunResponse) -> Result<(), Error> {
    let type_ = run.state.as_ref().map(|state| &state.type_);
    if type_ == Some(&StateType::Paused) {
        return Ok(());
    }
    let now = type_.map_or("has no state", StateType::as_str);
    let id = run.id;
    let text = format!("cannot resume the flow run {id}, which isn't paused: it is {now}");
    Err(Error::refused(Refusal::State, text))
}

fn resumed(id: Uuid, proposal: Proposal) -> Result<(), Error> {
    match proposal {
        Proposal::Accepted(_) => Ok(()),
        Proposal::Rejected(Some(state), reason) if state.type_ == StateType::Failed => {
            Err(Error::timeout(format!(
                "the flow run {id} can no longer be resumed: {reason}"
            )))
        }
        // It is paused, so it is the input that the server refuses.
        Proposal::Rejected(_, reason) | Proposal::Aborted(reason) => {
            let text = format!("cannot resume the flow run {id}: {reason}");
            Err(Error::refused(Refusal::Request, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow_runs::wait::tests::run_in;

    #[test]
    fn only_a_paused_run_can_be_resumed() {
        assert!(must_be_paused(&run_in("PAUSED")).is_ok());
        let error = must_be_paused(&run_in("RUNNING")).unwrap_err();
        assert!(error.is_refused() && error.to_string().ends_with("it is RUNNING"));
    }

    #[test]
    fn a_rejection_is_a_timeout_where_the_server_failed_the_run() {
        let id = Uuid::nil();
        let rejected = |type_| Proposal::Rejected(run_in(type_).state, "because".to_owned());
        assert!(resumed(id, rejected("FAILED")).unwrap_err().is_timeout());
        assert!(resumed(id, rejected("PAUSED")).unwrap_err().is_refused());
        let aborted = Proposal::Aborted("it runs".to_owned());
        assert!(
            resumed(id, aborted)
                .unwrap_err()
                .to_string()
                .ends_with(": it runs")
        );
    }
}
