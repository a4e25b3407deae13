//! Receiving messages.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::FlowRunInput;
use prefect_client::requests::FilterFlowRunInput;
use uuid::Uuid;

#[dual(sdk)]
use super::actions::afilter_flow_run_input;
use super::actions::decode;
use super::keys::message_prefix;
use super::kinds::Input;
use super::messages::{Received, RunInputMetadata};
use crate::Error;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;

/// What is optional about receiving inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiveInput {
    /// How long to wait for each input; an hour unless set, and `None` is for ever.
    pub timeout: Option<Duration>,
    /// How long to wait between two looks at the server; 10 seconds unless set.
    pub poll_interval: Duration,
    /// Whether it is an error if no input comes in time; the inputs just end unless set.
    pub raise_timeout_error: bool,
    /// The keys of inputs that are not wanted; none unless set.
    pub exclude_keys: BTreeSet<String>,
    /// What the keys begin with; `{type in lower case}-auto` unless set.
    pub key_prefix: Option<String>,
}

impl Default for ReceiveInput {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_secs(3600)),
            poll_interval: Duration::from_secs(10),
            raise_timeout_error: false,
            exclude_keys: BTreeSet::new(),
            key_prefix: None,
        }
    }
}

impl ReceiveInput {
    /// All inputs of the type; the end comes when none was sent for an hour.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to wait for each input; `None` is for ever.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets how long to wait between two looks at the server.
    #[must_use]
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.poll_interval = poll_interval;
        self
    }

    /// It is an error if no input comes in time ([`Error::is_timeout`]).
    #[must_use]
    pub fn raise_timeout_error(mut self) -> Self {
        self.raise_timeout_error = true;
        self
    }

    /// Sets the keys of inputs that are not wanted.
    #[must_use]
    pub fn exclude_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude_keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what the keys begin with, where the sender did.
    #[must_use]
    pub fn key_prefix(mut self, key_prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(key_prefix.into());
        self
    }
}

/// The inputs that are sent to a flow run, oldest first, each once.
#[dual(sdk)]
#[derive(Clone, Debug)]
pub struct AsyncGetInputHandler<T> {
    client: AsyncPrefectClient,
    flow_run_id: Uuid,
    key_prefix: String,
    request: ReceiveInput,
    input: PhantomData<fn() -> T>,
}

/// The inputs of a type, or bare values, that are sent to a flow run: an iterator, in the async face one with
/// [`anext`](AsyncGetInputHandler::anext).
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input::{ReceiveInput, areceive_input}};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let mut numbers = areceive_input::<i64>(&client, id, &ReceiveInput::new());
/// while let Some(number) = numbers.anext().await {
///     println!("{}", *number? + 1);
/// }
/// # Ok(()) }
/// ```
#[dual(sdk, map(anext => next))]
#[must_use]
pub fn areceive_input<T: Input>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    request: &ReceiveInput,
) -> AsyncGetInputHandler<T> {
    let prefix = request.key_prefix.clone();
    AsyncGetInputHandler {
        client: client.clone(),
        flow_run_id,
        key_prefix: prefix.unwrap_or_else(|| message_prefix(T::type_name())),
        request: request.clone(),
        input: PhantomData,
    }
}

#[dual(sdk)]
impl<T: Input> AsyncGetInputHandler<T> {
    /// The next input: waits until there is one, or until the time is over. `None` then, and an error if
    /// [`raise_timeout_error`](ReceiveInput::raise_timeout_error) says so; asking again waits again.
    ///
    /// An input that can't be read is an error, and is skipped when the next one is asked for.
    #[dual(async)]
    pub async fn anext(&mut self) -> Option<Result<Received<T>, Error>> {
        self.wait_for_next().await.transpose()
    }

    async fn wait_for_next(&mut self) -> Result<Option<Received<T>>, Error> {
        let start = Instant::now();
        loop {
            if let Some(found) = self.look().await? {
                return self.read(found).map(Some);
            }
            let left = self
                .request
                .timeout
                .map(|limit| limit.saturating_sub(start.elapsed()));
            if left.is_some_and(|left| left.is_zero()) {
                if self.request.raise_timeout_error {
                    return Err(too_late(&self.key_prefix, self.flow_run_id));
                }
                return Ok(None);
            }
            let pause = self.request.poll_interval;
            asleep(left.map_or(pause, |left| left.min(pause))).await;
        }
    }

    async fn look(&mut self) -> Result<Option<FlowRunInput>, Error> {
        let request = FilterFlowRunInput::new()
            .limit(1)
            .exclude_keys(&self.request.exclude_keys);
        let (client, prefix) = (&self.client, &self.key_prefix);
        let found = afilter_flow_run_input(client, self.flow_run_id, prefix, &request).await?;
        let first = found.into_iter().next();
        if let Some(first) = &first {
            self.request.exclude_keys.insert(first.key.clone());
        }
        Ok(first)
    }

    fn read(&self, found: FlowRunInput) -> Result<Received<T>, Error> {
        let input = T::from_json(decode(&found.key, &found.value)?)?;
        let metadata = RunInputMetadata {
            key: found.key,
            sender: found.sender,
            receiver: self.flow_run_id,
        };
        Ok(Received { input, metadata })
    }
}

/// Waits for each input: `None` when the time is over, unless that is to be an error.
#[cfg(feature = "blocking")]
impl<T: Input> Iterator for GetInputHandler<T> {
    type Item = Result<Received<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.wait_for_next().transpose()
    }
}

fn too_late(key_prefix: &str, flow_run_id: Uuid) -> Error {
    Error::timeout(format!(
        "no input `{key_prefix}-…` was sent to the flow run {flow_run_id} in time"
    ))
}
