//! Inputs as messages between runs.

use std::ops::Deref;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::requests::CreateFlowRunInput;
use uuid::Uuid;

#[dual(sdk)]
use super::actions::acreate_flow_run_input;
use super::keys::{flow_run_of, message_key, message_prefix, sender_of};
use super::kinds::Input;
use crate::faces::sdk;
use crate::{Error, RunContext};

/// What is optional about sending an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendInput {
    /// Who sends it; nobody unless set, and then it can't be responded to.
    pub sender: Option<String>,
    /// What its key begins with; `{type in lower case}-auto` unless set.
    pub key_prefix: Option<String>,
}

impl SendInput {
    /// From nobody, below the key of its type.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the sender: `prefect.flow-run.{id}` for a flow run, another text for others.
    #[must_use]
    pub fn sender(mut self, sender: impl Into<String>) -> Self {
        self.sender = Some(sender.into());
        self
    }

    /// The flow run of this context sends it, so that it can be responded to.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.sender = run.flow_run_id.map(sender_of);
        self
    }

    /// Sets what its key begins with; whoever receives it asks for the same.
    #[must_use]
    pub fn key_prefix(mut self, key_prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(key_prefix.into());
        self
    }
}

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunInputMetadata {
    /// Its key.
    pub key: String,
    /// Who sent it; `prefect.flow-run.{id}` is a flow run.
    pub sender: Option<String>,
    /// The flow run that it was sent to.
    pub receiver: Uuid,
}

/// An input that was sent to a flow run. It can be used as the input itself.
///
/// Python's `with_metadata` is always on here, as the type tells the two apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received<T> {
    /// The input.
    pub input: T,
    /// Where it comes from.
    pub metadata: RunInputMetadata,
}

impl<T> Deref for Received<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.input
    }
}

#[dual(sdk)]
impl<T: Input> Received<T> {
    /// Sends an input to the flow run that sent this one.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, input::{Received, SendInput}};
    /// # async fn run(question: Received<String>) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// question.arespond(&client, &42, &SendInput::new()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// This input was not sent by a flow run ([`Error::is_invalid`]); or as [`asend_input`].
    pub async fn arespond<R: Input>(
        &self,
        client: &AsyncPrefectClient,
        response: &R,
        request: &SendInput,
    ) -> Result<(), Error> {
        let to = self.metadata.sender.as_deref().and_then(flow_run_of);
        let to = to.ok_or_else(|| {
            let key = &self.metadata.key;
            Error::invalid(format!(
                "the input `{key}` was not sent by a flow run, so there is none to respond to"
            ))
        })?;
        asend_input(client, to, response, request).await
    }
}

/// Sends an input, or a bare value, to a flow run.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input::{SendInput, asend_input}};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// asend_input(&client, id, &vec![1, 2], &SendInput::new()).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// No key begins with the given prefix, or the input has no JSON ([`Error::is_invalid`]); there is no such run
/// ([`Error::is_not_found`]); or the call failed.
#[dual(sdk)]
pub async fn asend_input<T: Input>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    input: &T,
    request: &SendInput,
) -> Result<(), Error> {
    let prefix = request.key_prefix.clone();
    let key = message_key(&prefix.unwrap_or_else(|| message_prefix(T::type_name())));
    let mut create = CreateFlowRunInput::new();
    create.sender.clone_from(&request.sender);
    let value = input.to_json()?;
    acreate_flow_run_input(client, flow_run_id, &key, &value, &create).await
}
