//! What comes out of a state: a result, or an exception.

use diptych_macros::dual;
#[dual(states)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{State, StateType};
use serde::de::DeserializeOwned;

#[dual(states)]
use super::reading::aread_record;
use super::{Ending, StateException, states};
use crate::results::{ResultRecordMetadata, ResultSettings, Value};
use crate::{Error, Refusal};

/// A state may hold a state, whose exception is meant; no run nests them deeper.
const DEEPEST: usize = 16;

/// What is optional about what comes out of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateResultOptions {
    /// Where results are that were kept in the local storage of whoever reads them; needed for those only.
    pub settings: Option<ResultSettings>,
    /// Whether a result that is not there is looked for again, for up to 2.25 s, as it may be written after its state.
    pub retry: bool,
}

impl Default for StateResultOptions {
    fn default() -> Self {
        Self {
            settings: None,
            retry: true,
        }
    }
}

impl StateResultOptions {
    /// What is not there is looked for again.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where results are that were kept in the local storage of whoever reads them.
    #[must_use]
    pub fn settings(mut self, settings: ResultSettings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Sets whether a result that is not there is looked for again.
    #[must_use]
    pub fn retry(mut self, retry: bool) -> Self {
        self.retry = retry;
        self
    }
}

/// The result of a run that is completed: [`aget_state_result_with`].
///
/// # Errors
///
/// As those of [`aget_state_result_with`].
#[dual(states)]
pub async fn aget_state_result<T: DeserializeOwned>(
    client: &AsyncPrefectClient,
    state: &State,
) -> Result<T, Error> {
    aget_state_result_with(client, state, &StateResultOptions::new()).await
}

/// The result of a run that is completed, whichever language it is written in.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, states};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let run = client.read_flow_run(id).await?;
/// if let Some(state) = &run.state {
///     let sum: u64 = states::aget_state_result(&client, state).await?;
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The run failed, crashed or was cancelled ([`Error::exception`] says with what); it has not ended, or is paused
/// ([`Error::is_refused`]); its result was not kept, or is not there ([`Error::is_not_found`]); the result is not of that
/// type, or of a Python class that can't be read here ([`Error::is_unfit`]); or a call failed.
#[dual(states)]
pub async fn aget_state_result_with<T: DeserializeOwned>(
    client: &AsyncPrefectClient,
    state: &State,
    options: &StateResultOptions,
) -> Result<T, Error> {
    araise_state_exception_with(client, state, options).await?;
    if state.type_ != StateType::Completed {
        let text = format!("the run is {}: it has no result", state.type_);
        return Err(Error::refused(Refusal::State, text));
    }
    let Some(data) = state.data.as_ref().filter(|data| !data.is_null()) else {
        return Err(Error::not_found(
            "the state has no data: the result was not persisted",
        ));
    };
    match ResultRecordMetadata::of_state_data(data)? {
        Some(metadata) => aread_record(client, &metadata, options).await?.value(),
        None => T::deserialize(data).map_err(|error| {
            Error::unfit("the state's data is not of the type that is asked for").because(error)
        }),
    }
}

/// What a run ended with that failed, crashed or was cancelled: [`aget_state_exception_with`].
///
/// # Errors
///
/// As those of [`aget_state_exception_with`].
#[dual(states)]
pub async fn aget_state_exception(
    client: &AsyncPrefectClient,
    state: &State,
) -> Result<StateException, Error> {
    aget_state_exception_with(client, state, &StateResultOptions::new()).await
}

/// What a run ended with that failed, crashed or was cancelled: the exception that it kept, or else the message of its state.
///
/// An exception of a class that can't be read outside of Python is told by the message of the state, too.
///
/// # Errors
///
/// The run did not end so ([`Error::is_invalid`]); what it kept is not there ([`Error::is_not_found`]), or no exception
/// ([`Error::is_unfit`]); or a call failed.
#[dual(states)]
pub async fn aget_state_exception_with(
    client: &AsyncPrefectClient,
    state: &State,
    options: &StateResultOptions,
) -> Result<StateException, Error> {
    let mut state = state.clone();
    for _ in 0..DEEPEST {
        let ending = Ending::of_state(&state).ok_or_else(|| {
            let text = format!("the run is {}: it has no exception", state.type_);
            Error::invalid(text)
        })?;
        let metadata = match &state.data {
            Some(data) => ResultRecordMetadata::of_state_data(data)?,
            None => None,
        };
        let value = match metadata {
            Some(metadata) => match aread_record(client, &metadata, options).await {
                Ok(record) => record.to_value()?,
                Err(error) if error.names_class() => Value::None,
                Err(error) => return Err(error),
            },
            None => attached(state.data.as_ref())?,
        };
        match said(ending, &state, value)? {
            Said::Exception(exception) => return Ok(exception),
            Said::State(inner) => state = *inner,
        }
    }
    Err(Error::unfit("the states hold each other"))
}

/// Gives what a run ended with as an error, if it failed, crashed or was cancelled: [`araise_state_exception_with`].
///
/// # Errors
///
/// As those of [`araise_state_exception_with`].
#[dual(states)]
pub async fn araise_state_exception(
    client: &AsyncPrefectClient,
    state: &State,
) -> Result<(), Error> {
    araise_state_exception_with(client, state, &StateResultOptions::new()).await
}

/// Gives what a run ended with as an error, if it failed, crashed or was cancelled.
///
/// # Errors
///
/// The run ended so: [`Error::exception`] says with what; or that can't be read.
#[dual(states)]
pub async fn araise_state_exception_with(
    client: &AsyncPrefectClient,
    state: &State,
    options: &StateResultOptions,
) -> Result<(), Error> {
    if Ending::of_state(state).is_none() {
        return Ok(());
    }
    let exception = aget_state_exception_with(client, state, options).await?;
    Err(Error::raised(exception))
}

/// What a state speaks of.
enum Said {
    Exception(StateException),
    /// Another state's exception is meant.
    State(Box<State>),
}

/// A value that the state holds itself.
fn attached(data: Option<&serde_json::Value>) -> Result<Value, Error> {
    match data {
        None => Ok(Value::None),
        Some(data) => Value::of_json(data),
    }
}

fn said(ending: Ending, state: &State, value: Value) -> Result<Said, Error> {
    let exception = |class: Option<String>, message: String| {
        Ok(Said::Exception(StateException {
            ending,
            class,
            message,
        }))
    };
    match value {
        Value::Exception { class, message } => exception(Some(class), message),
        Value::Text(message) => exception(None, message),
        Value::None => {
            let message = state.message.clone().filter(|message| !message.is_empty());
            exception(
                None,
                message.unwrap_or_else(|| ending.usual_message().to_owned()),
            )
        }
        value if is_state(&value) => inner(value),
        Value::List(values) if !values.is_empty() && values.iter().all(is_state) => first(values),
        _ => Err(Error::unfit("what the run kept is no exception")),
    }
}

fn is_state(value: &Value) -> bool {
    matches!(value, Value::Object { class, .. } if class == "prefect.client.schemas.objects.State")
}

fn inner(value: Value) -> Result<Said, Error> {
    let state: State = value.deserialize()?;
    Ok(Said::State(Box::new(state)))
}

/// The first that failed.
fn first(values: Vec<Value>) -> Result<Said, Error> {
    for value in values {
        let state: State = value.deserialize()?;
        if Ending::of_state(&state).is_some() {
            return Ok(Said::State(Box::new(state)));
        }
    }
    Err(Error::unfit("none of the states that the run kept failed"))
}
