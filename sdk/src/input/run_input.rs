//! A struct as an input.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::form::InputForm;
use super::input_type::{InputType, encode, read, refuse_unknown};
use super::keys::Keyset;
use super::messages::SendInputOptions;
#[dual(sdk)]
use super::receive::AsyncInputs;
use super::receive::ReceiveInputOptions;
use super::schema::object_schema;
use crate::Error;
use crate::faces::sdk;

/// A struct that is the input of a flow run; `#[derive(RunInput)]` implements it.
///
/// As in Python, fields that the struct does not have are refused when it is received.
///
/// ```no_run
/// use prefect_sdk::client::AsyncPrefectClient;
/// use prefect_sdk::input::{RunInput, schemars};
///
/// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, RunInput)]
/// struct Approval {
///     approved: bool,
/// }
///
/// # async fn run(other: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// Approval { approved: true }.asend_to(&client, other).await?;
/// let mut approvals = Approval::areceive(&client, other);
/// while let Some(approval) = approvals.anext().await {
///     println!("{}", approval?.approved);
/// }
/// # Ok(()) }
/// ```
#[allow(
    clippy::must_use_candidate,
    reason = "a future is must_use by its type, and the results of the twins are"
)]
#[dual(sdk)]
pub trait RunInput: Serialize + DeserializeOwned + JsonSchema + Send + Sync {
    /// The name of the type, which is the name of Python's class: keys begin with it in lower case.
    const NAME: &'static str;

    /// The keys of this type: `{name}-schema` and so on.
    #[must_use]
    fn keyset() -> Keyset {
        Keyset::from_base_key(&Self::NAME.to_lowercase())
    }

    /// A form for this input: with a description, and with values that whoever fills it in starts from.
    #[must_use]
    fn with_initial_data() -> InputForm<Self> {
        InputForm::new()
    }

    /// Saves the schema below these keys; a run that is paused with them can then be resumed with this input only.
    ///
    /// # Errors
    ///
    /// As [`InputForm::asave`].
    #[dual(name = save)]
    fn asave(
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        keyset: &Keyset,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            let form = InputForm::<Self>::new();
            form.asave(client, flow_run_id, keyset).await
        }
    }

    /// Loads the input that the run was resumed with.
    ///
    /// # Errors
    ///
    /// As [`InputForm::aload`].
    #[dual(name = load)]
    fn aload(
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        keyset: &Keyset,
    ) -> impl Future<Output = Result<Self, Error>> + Send {
        async move {
            let form = InputForm::<Self>::new();
            form.aload(client, flow_run_id, keyset).await
        }
    }

    /// Sends this input to a flow run.
    ///
    /// # Errors
    ///
    /// As [`asend_input`](super::asend_input).
    #[dual(name = send_to)]
    fn asend_to(
        &self,
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move { super::messages::asend_input(client, flow_run_id, self).await }
    }

    /// Sends this input to a flow run, with what is optional about it.
    ///
    /// # Errors
    ///
    /// As [`asend_input_with`](super::asend_input_with).
    #[dual(name = send_to_with)]
    fn asend_to_with(
        &self,
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        options: &SendInputOptions,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move { super::messages::asend_input_with(client, flow_run_id, self, options).await }
    }

    /// The inputs of this type that are sent to a flow run, one after the other.
    #[dual(name = receive)]
    #[must_use]
    fn areceive(client: &AsyncPrefectClient, flow_run_id: Uuid) -> AsyncInputs<Self> {
        super::receive::areceive_input(client, flow_run_id)
    }

    /// The inputs of this type that are sent to a flow run, with what is optional about receiving them.
    #[dual(name = receive_with)]
    #[must_use]
    fn areceive_with(
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        options: &ReceiveInputOptions,
    ) -> AsyncInputs<Self> {
        super::receive::areceive_input_with(client, flow_run_id, options)
    }
}

impl<T: RunInput> InputType for T {
    fn type_name() -> &'static str {
        T::NAME
    }

    fn schema() -> Schema {
        object_schema::<T>(T::NAME)
    }

    fn to_json(&self) -> Result<Value, Error> {
        encode(T::NAME, self)
    }

    fn from_json(value: Value) -> Result<Self, Error> {
        refuse_unknown(T::NAME, &T::schema(), &value)?;
        read(T::NAME, value)
    }
}
