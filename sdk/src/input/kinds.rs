//! What can be an input.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::form::InputForm;
use super::keys::Keyset;
use super::messages::SendInput;
#[dual(sdk)]
use super::receive::AsyncGetInputHandler;
use super::receive::ReceiveInput;
use super::schema::{closed_fields, object_schema};
use crate::Error;
use crate::faces::sdk;

/// A struct that is the input of a flow run; `#[derive(RunInput)]` implements it.
///
/// As in Python, fields that the struct does not have are refused when it is received.
///
/// ```no_run
/// use prefect_sdk::client::AsyncPrefectClient;
/// use prefect_sdk::input::{Keyset, ReceiveInput, RunInput, SendInput, schemars};
///
/// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, RunInput)]
/// # #[schemars(crate = "prefect_sdk::input::schemars")]
/// struct Approval {
///     approved: bool,
/// }
///
/// # async fn run(paused: uuid::Uuid, other: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let keyset = Keyset::of_pause("Paused", "1");
/// Approval::asave(&client, paused, &keyset).await?;
/// let approval = Approval::aload(&client, paused, &keyset).await?;
/// approval.asend_to(&client, other, &SendInput::new()).await?;
/// let mut approvals = Approval::areceive(&client, other, &ReceiveInput::new());
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
        request: &SendInput,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move { super::messages::asend_input(client, flow_run_id, self, request).await }
    }

    /// The inputs of this type that were sent to a flow run, one after the other.
    #[dual(name = receive)]
    #[must_use]
    fn areceive(
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        request: &ReceiveInput,
    ) -> AsyncGetInputHandler<Self> {
        super::receive::areceive_input(client, flow_run_id, request)
    }
}

/// What can be sent and received: each [`RunInput`], and the bare values that have an automatic type: numbers, texts,
/// lists and maps.
pub trait Input: Send + Sync + Sized {
    /// The name of Python's class, such as `Approval` or `intAutomaticRunInput`.
    #[must_use]
    fn type_name() -> &'static str;

    /// The JSON schema of the object that is sent.
    #[must_use]
    fn schema() -> Schema;

    /// The object that is sent.
    ///
    /// # Errors
    ///
    /// The value has no JSON ([`Error::is_invalid`]).
    fn to_json(&self) -> Result<Value, Error>;

    /// Reads the object that was sent.
    ///
    /// # Errors
    ///
    /// It is no such object ([`Error::is_unfit`]).
    fn from_json(value: Value) -> Result<Self, Error>;
}

impl<T: RunInput> Input for T {
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

pub(super) fn encode<T: Serialize>(name: &str, value: &T) -> Result<Value, Error> {
    serde_json::to_value(value)
        .map_err(|error| Error::invalid(format!("this {name} has no JSON")).because(error))
}

/// Serde skips fields that it does not know, Python's classes and the server refuse them.
pub(super) fn refuse_unknown(name: &str, schema: &Schema, value: &Value) -> Result<(), Error> {
    let (Some(fields), Some(given)) = (closed_fields(schema), value.as_object()) else {
        return Ok(());
    };
    match given.keys().find(|field| !fields.contains_key(*field)) {
        Some(field) => Err(Error::unfit(format!("{name} has no field `{field}`"))),
        None => Ok(()),
    }
}

pub(super) fn read<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::unfit(format!("this input is no {name}")).because(error))
}
