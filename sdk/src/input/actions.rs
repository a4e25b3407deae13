//! Inputs of a flow run, by key.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::FlowRunInput;
use prefect_client::requests::{CreateFlowRunInput, FilterFlowRunInput};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::keys::check_key;
use crate::Error;
use crate::faces::sdk;

/// Stores an input of a flow run below a key: lowercase letters, digits and dashes.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// input::acreate_flow_run_input(&client, id, "color", &"red").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The key can't be one, or the value has no JSON ([`Error::is_invalid`]); the run has an input with this key
/// ([`Error::is_already_exists`]); there is no such run ([`Error::is_not_found`]); or the call failed.
#[dual(sdk)]
pub async fn acreate_flow_run_input<V: Serialize + Sync + ?Sized>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    key: &str,
    value: &V,
) -> Result<(), Error> {
    let options = CreateFlowRunInput::new();
    acreate_flow_run_input_with(client, flow_run_id, key, value, &options).await
}

/// As [`acreate_flow_run_input`], with what is optional about it: who sends it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = input::CreateFlowRunInput::new().sender("the operator");
/// input::acreate_flow_run_input_with(&client, id, "color", &"red", &options).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`acreate_flow_run_input`].
#[dual(sdk)]
pub async fn acreate_flow_run_input_with<V: Serialize + Sync + ?Sized>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    key: &str,
    value: &V,
    options: &CreateFlowRunInput,
) -> Result<(), Error> {
    check_key(key)?;
    let text = prefect_client::json::to_string(value).map_err(|error| {
        Error::invalid(format!("the value of the input `{key}` has no JSON")).because(error)
    })?;
    client
        .create_flow_run_input_with(flow_run_id, key, &text, options)
        .await?;
    Ok(())
}

/// The oldest input of a flow run whose key begins with a prefix, if there is one.
///
/// The value is JSON text.
///
/// Python's function takes any prefix, and the server reads `_` and `%` in it as wildcards; this one refuses what no key
/// begins with.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let approval = input::afilter_flow_run_input(&client, id, "approval-auto").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// No key begins so ([`Error::is_invalid`]), or the call failed.
#[dual(sdk)]
pub async fn afilter_flow_run_input(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    key_prefix: &str,
) -> Result<Vec<FlowRunInput>, Error> {
    let options = FilterFlowRunInput::new();
    afilter_flow_run_input_with(client, flow_run_id, key_prefix, &options).await
}

/// As [`afilter_flow_run_input`], with what is optional about it: how many inputs
/// ([`limit`](FilterFlowRunInput::limit)), oldest first, and which not.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = input::FilterFlowRunInput::new().limit(10);
/// let approvals = input::afilter_flow_run_input_with(&client, id, "approval-auto", &options).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`afilter_flow_run_input`].
#[dual(sdk)]
pub async fn afilter_flow_run_input_with(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    key_prefix: &str,
    options: &FilterFlowRunInput,
) -> Result<Vec<FlowRunInput>, Error> {
    if !key_prefix.is_empty() {
        check_key(key_prefix)?;
    }
    Ok(client
        .filter_flow_run_input_with(flow_run_id, key_prefix, options)
        .await?)
}

/// The input of a flow run with this key; `None` where there is none.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let color = input::aread_flow_run_input(&client, id, "color").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The key can't be one ([`Error::is_invalid`]), the value is not JSON ([`Error::is_unfit`]), or the call failed.
#[dual(sdk)]
pub async fn aread_flow_run_input(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    key: &str,
) -> Result<Option<Value>, Error> {
    check_key(key)?;
    match client.read_flow_run_input(flow_run_id, key).await {
        Ok(text) => decode(key, &text).map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes an input of a flow run.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// input::adelete_flow_run_input(&client, id, "color").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The key can't be one ([`Error::is_invalid`]), there is no such input ([`Error::is_not_found`]), or the call failed.
#[dual(sdk)]
pub async fn adelete_flow_run_input(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    key: &str,
) -> Result<(), Error> {
    check_key(key)?;
    Ok(client.delete_flow_run_input(flow_run_id, key).await?)
}

/// The value of an input, which is JSON text.
pub(super) fn decode(key: &str, text: &str) -> Result<Value, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::unfit(format!("the input `{key}` is not JSON")).because(error))
}
