//! Receiving messages.

use std::collections::BTreeSet;
use std::fmt;
#[cfg(feature = "async")]
use std::future::poll_fn;
use std::marker::PhantomData;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};
use std::time::Duration;

use diptych_macros::dual;
#[cfg(feature = "async")]
use futures_util::Stream;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::FlowRunInput;
use prefect_client::requests::FilterFlowRunInput;
use uuid::Uuid;

#[dual(sdk)]
use super::actions::afilter_flow_run_input_with;
use super::actions::decode;
use super::input_type::InputType;
use super::keys::message_prefix;
use super::messages::{Received, RunInputMetadata};
use crate::Error;
#[dual(sdk)]
use crate::deadline::abounded;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;
use crate::polling::Polling;

/// What is optional about receiving inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiveInputOptions {
    /// How long to wait for each input; `None` is for ever. An hour unless set.
    pub timeout: Option<Duration>,
    /// How long to wait between two looks at most: the first follows soon, and the waits grow. 10 seconds unless set.
    pub poll_interval: Duration,
    /// Whether the inputs just end when none comes in time; it is an error unless set.
    pub end_at_timeout: bool,
    /// The keys of inputs that are not wanted; none unless set.
    pub exclude_keys: BTreeSet<String>,
    /// What the keys begin with; `{type in lower case}-auto` unless set.
    pub key_prefix: Option<String>,
}

impl Default for ReceiveInputOptions {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_hours(1)),
            poll_interval: Duration::from_secs(10),
            end_at_timeout: false,
            exclude_keys: BTreeSet::new(),
            key_prefix: None,
        }
    }
}

impl ReceiveInputOptions {
    /// All inputs of the type, for each of which an hour is waited at most.
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

    /// Sets how long to wait between two looks at most; 10 milliseconds at least.
    #[must_use]
    pub fn poll_interval(mut self, poll_interval: Duration) -> Self {
        self.poll_interval = poll_interval;
        self
    }

    /// Sets whether the inputs just end when none comes in time, as in Python.
    #[must_use]
    pub fn end_at_timeout(mut self, end_at_timeout: bool) -> Self {
        self.end_at_timeout = end_at_timeout;
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
///
/// Each is waited for. When none comes in time, that is an error ([`Error::is_timeout`]), or the end where
/// [`end_at_timeout`](ReceiveInputOptions::end_at_timeout) says so; asking again waits again. An input that can't be read is
/// an error, and is skipped when the next one is asked for.
#[dual(sdk)]
pub struct AsyncInputs<T> {
    source: Source<AsyncPrefectClient>,
    /// The look at the server that is under way, for the stream.
    #[dual(async)]
    underway: Option<Underway>,
    input: PhantomData<fn() -> T>,
}

/// Where inputs come from, and which of them were there.
#[derive(Clone)]
struct Source<C> {
    client: C,
    flow_run_id: Uuid,
    key_prefix: String,
    options: ReceiveInputOptions,
}

#[cfg(feature = "async")]
type Underway = Pin<Box<dyn Future<Output = (Source<AsyncPrefectClient>, Found)> + Send>>;

/// `None` where the inputs end.
type Found = Result<Option<FlowRunInput>, Error>;

/// The inputs of a type, or bare values, that are sent to a flow run: an iterator, in the async face a stream with
/// [`anext`](AsyncInputs::anext).
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, input::areceive_input};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let mut numbers = areceive_input::<i64>(&client, id);
/// while let Some(number) = numbers.anext().await {
///     println!("{}", *number? + 1);
/// }
/// # Ok(()) }
/// ```
#[dual(sdk, map(anext => next))]
#[must_use]
pub fn areceive_input<T: InputType>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
) -> AsyncInputs<T> {
    areceive_input_with(client, flow_run_id, &ReceiveInputOptions::new())
}

/// As [`areceive_input`], with what is optional about it.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::client::AsyncPrefectClient;
/// # use prefect_sdk::input::{ReceiveInputOptions, areceive_input_with};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let options = ReceiveInputOptions::new().timeout(Duration::from_mins(1)).end_at_timeout(true);
/// let mut numbers = areceive_input_with::<i64>(&client, id, &options);
/// while let Some(number) = numbers.anext().await {
///     println!("{}", *number? + 1);
/// }
/// # Ok(()) }
/// ```
#[dual(sdk, map(anext => next))]
#[must_use]
pub fn areceive_input_with<T: InputType>(
    client: &AsyncPrefectClient,
    flow_run_id: Uuid,
    options: &ReceiveInputOptions,
) -> AsyncInputs<T> {
    let prefix = options.key_prefix.clone();
    let source = Source {
        client: client.clone(),
        flow_run_id,
        key_prefix: prefix.unwrap_or_else(|| message_prefix(T::type_name())),
        options: options.clone(),
    };
    AsyncInputs::of(source)
}

#[cfg(feature = "async")]
impl<T> AsyncInputs<T> {
    fn of(source: Source<AsyncPrefectClient>) -> Self {
        Self {
            source,
            underway: None,
            input: PhantomData,
        }
    }
}

#[cfg(feature = "blocking")]
impl<T> Inputs<T> {
    fn of(source: Source<PrefectClient>) -> Self {
        Self {
            source,
            input: PhantomData,
        }
    }
}

#[dual(sdk)]
impl Source<AsyncPrefectClient> {
    /// Waits until there is an input, or until the time is over.
    async fn wait_for_next(&mut self) -> Found {
        let mut polling = Polling::new(self.options.timeout, self.options.poll_interval);
        loop {
            if let Some(found) = self.look(polling.for_look()).await? {
                return Ok(Some(found));
            }
            match polling.next_wait() {
                Some(wait) => asleep(wait).await,
                None if self.options.end_at_timeout => return Ok(None),
                None => return Err(too_late(&self.key_prefix, self.flow_run_id)),
            }
        }
    }

    async fn look(&mut self, within: Duration) -> Found {
        let request = FilterFlowRunInput::new()
            .limit(1)
            .exclude_keys(&self.options.exclude_keys);
        let (client, prefix) = (abounded(&self.client, within), &self.key_prefix);
        let found =
            afilter_flow_run_input_with(&client, self.flow_run_id, prefix, &request).await?;
        let first = found.into_iter().next();
        if let Some(first) = &first {
            self.options.exclude_keys.insert(first.key.clone());
        }
        Ok(first)
    }
}

impl<C> Source<C> {
    fn read<T: InputType>(&self, found: FlowRunInput) -> Result<Received<T>, Error> {
        let input = T::from_json(decode(&found.key, &found.value)?)?;
        let metadata = RunInputMetadata {
            key: found.key,
            sender: found.sender,
            receiver: self.flow_run_id,
        };
        Ok(Received { input, metadata })
    }
}

#[cfg(feature = "async")]
impl<T: InputType> AsyncInputs<T> {
    /// The next input. A future that is dropped loses nothing: the next one goes on with it.
    ///
    /// # Errors
    ///
    /// No input came in time ([`Error::is_timeout`]), it can't be read ([`Error::is_unfit`]), or a call of the client
    /// failed.
    pub async fn anext(&mut self) -> Option<Result<Received<T>, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

#[cfg(feature = "async")]
impl<T: InputType> Stream for AsyncInputs<T> {
    type Item = Result<Received<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let inputs = self.get_mut();
        let underway = inputs.underway.get_or_insert_with(|| {
            let mut source = inputs.source.clone();
            Box::pin(async move {
                let found = source.wait_for_next().await;
                (source, found)
            })
        });
        let (source, found) = ready!(underway.as_mut().poll(context));
        inputs.underway = None;
        inputs.source = source;
        let read = |found| inputs.source.read(found);
        Poll::Ready(
            found
                .and_then(|found| found.map(read).transpose())
                .transpose(),
        )
    }
}

#[cfg(feature = "blocking")]
impl<T: InputType> Iterator for Inputs<T> {
    type Item = Result<Received<T>, Error>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        let found = match self.source.wait_for_next() {
            Ok(found) => found?,
            Err(error) => return Some(Err(error)),
        };
        Some(self.source.read(found))
    }
}

#[dual(sdk)]
impl<T> fmt::Debug for AsyncInputs<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs")
            .field("flow_run_id", &self.source.flow_run_id)
            .field("key_prefix", &self.source.key_prefix)
            .finish_non_exhaustive()
    }
}

fn too_late(key_prefix: &str, flow_run_id: Uuid) -> Error {
    Error::timeout(format!(
        "no input `{key_prefix}-…` was sent to the flow run {flow_run_id} in time"
    ))
}
