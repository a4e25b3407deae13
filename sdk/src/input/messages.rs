//! Inputs as messages between runs.

use std::ops::Deref;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::requests::CreateFlowRunInput;
use uuid::Uuid;

#[dual(sdk)]
use super::actions::acreate_flow_run_input_with;
use super::input_type::InputType;
use super::keys::{flow_run_of, message_key, message_prefix, sender_of};
use crate::faces::sdk;
use crate::{Error, RunContext};

/// What is optional about sending an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendInputOptions {
    /// The run that sends it, so that its flow run can be responded to; none unless set.
    pub run: Option<RunContext>,
    /// Who sends it, where it is not [`run`](field@Self::run): `prefect.flow-run.{id}` for a flow run.
    pub sender: Option<String>,
    /// What its key begins with; `{type in lower case}-auto` unless set.
    pub key_prefix: Option<String>,
}

impl SendInputOptions {
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

    /// Sets the run that sends it.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }

    fn sent_by(&self) -> Option<String> {
        let flow_run = || self.run.as_ref()?.flow_run_id;
        self.sender.clone().or_else(|| flow_run().map(sender_of))
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
impl<T: InputType> Received<T> {
    /// Sends an input to the flow run that sent this one.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, input::Received};
    /// # async fn run(question: Received<String>) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// question.arespond(&client, &42).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// This input was not sent by a flow run ([`Error::is_invalid`]); or as [`asend_input`].
    pub async fn arespond<R: InputType>(
        &self,
        client: &AsyncPrefectClient,
        response: &R,
    ) -> Result<(), Error> {
        self.arespond_with(client, response, &SendInputOptions::new())
            .await
    }

    /// Sends an input to the flow run that sent this one, with what is optional about it.
    ///
    /// ```no_run
    /// # use prefect_sdk::{RunContext, client::AsyncPrefectClient};
    /// # use prefect_sdk::input::{Received, SendInputOptions};
    /// # async fn run(question: Received<String>, run: RunContext) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let options = SendInputOptions::new().run(&run);
    /// question.arespond_with(&client, &42, &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`arespond`](Self::arespond).
    pub async fn arespond_with<R: InputType>(
        &self,
        client: &AsyncPrefectClient,
        response: &R,
        options: &SendInputOptions,
    ) -> Result<(), Error> {
        let to = self.metadata.sender.as_deref().and_then(flow_run_of);
        let to = to.ok_or_else(|| {
            let key = &self.metadata.key;
            Error::invalid(format!(
                "the input `{key}` was not sent by a flow run, so there is none to respond to"
            ))
        })?;
        asend_input_with(client, to, response, options).await
    }
}

/// Sends an input, or a bare value, to a flow run.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input::asend_input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// asend_input(&client, id, &vec![1, 2]).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The input has no JSON ([`Error::is_invalid`]); there is no such run ([`Error::is_not_found`]); or the call failed.
#[dual(sdk)]
pub async fn asend_input<T: InputType>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    input: &T,
) -> Result<(), Error> {
    asend_input_with(client, flow_run_id, input, &SendInputOptions::new()).await
}

/// As [`asend_input`], with what is optional about it.
///
/// ```no_run
/// # use prefect_sdk::{RunContext, client::AsyncPrefectClient};
/// # use prefect_sdk::input::{SendInputOptions, asend_input_with};
/// # async fn run(id: uuid::Uuid, run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = SendInputOptions::new().run(&run).key_prefix("numbers");
/// asend_input_with(&client, id, &vec![1, 2], &options).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// No key begins with the given prefix ([`Error::is_invalid`]); or as [`asend_input`].
#[dual(sdk)]
pub async fn asend_input_with<T: InputType>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    input: &T,
    options: &SendInputOptions,
) -> Result<(), Error> {
    let prefix = options.key_prefix.clone();
    let key = message_key(&prefix.unwrap_or_else(|| message_prefix(T::type_name())));
    let mut create = CreateFlowRunInput::new();
    create.sender = options.sent_by();
    let value = input.to_json()?;
    acreate_flow_run_input_with(client, flow_run_id, &key, &value, &create).await
}
