//! The run of a task that is executed somewhere, as whoever waits for it knows it.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::State;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::task_workers;
use crate::Error;
#[dual(task_workers)]
use crate::deadline::abounded;
#[dual(task_workers)]
use crate::faces::asleep;
use crate::flow_runs::is_last;
use crate::polling::Polling;
use crate::results::ResultSettings;
use crate::states::StateResultOptions;
#[dual(task_workers)]
use crate::states::aget_state_result_with;

/// How long there is between two looks at most.
const INTERVAL: Duration = Duration::from_secs(2);

/// The run of a task that is executed somewhere: by a [worker](super), or in a flow of another program. Dropping it changes
/// nothing.
#[dual(task_workers)]
pub struct AsyncDistributedFuture<T> {
    client: AsyncPrefectClient,
    id: Uuid,
    settings: Option<ResultSettings>,
    gives: PhantomData<fn() -> T>,
}

#[dual(task_workers)]
impl<T> AsyncDistributedFuture<T> {
    /// The task run of that id, which any program may have submitted.
    #[must_use]
    pub fn new(client: &AsyncPrefectClient, id: Uuid) -> Self {
        Self {
            client: client.clone(),
            id,
            settings: None,
            gives: PhantomData,
        }
    }

    /// Sets where its result is, where that was kept in the local storage of whoever reads it.
    #[must_use]
    pub fn settings(mut self, settings: ResultSettings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// The id of the task run.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The state that the server has of the run now.
    ///
    /// # Errors
    ///
    /// There is no such run ([`Error::is_not_found`]), or a call failed.
    pub async fn state(&self) -> Result<State, Error> {
        let run = self.client.read_task_run(self.id).await?;
        run.state
            .ok_or_else(|| Error::answer(format!("the task run {} has no state", self.id)))
    }

    /// Waits until the run has ended, for ever, and gives its last state.
    ///
    /// # Errors
    ///
    /// There is no such run ([`Error::is_not_found`]), or a call failed.
    pub async fn wait(&self) -> Result<State, Error> {
        self.ended(None).await
    }

    /// As [`wait`](Self::wait), but no longer than that.
    ///
    /// # Errors
    ///
    /// The time is up ([`Error::is_timeout`]), and the run goes on; or as those of [`wait`](Self::wait).
    pub async fn wait_at_most(&self, timeout: Duration) -> Result<State, Error> {
        self.ended(Some(timeout)).await
    }

    async fn ended(&self, timeout: Option<Duration>) -> Result<State, Error> {
        let mut polling = Polling::new(timeout, INTERVAL);
        loop {
            let client = abounded(&self.client, polling.for_look());
            let run = client.read_task_run(self.id).await?;
            // The server writes a run and its state one after the other, and whoever looks between sees none.
            let name = match run.state {
                Some(state) if is_last(&state.type_) => return Ok(state),
                Some(state) => state.name.unwrap_or_default(),
                None => "without a state".to_owned(),
            };
            let Some(wait) = polling.next_wait() else {
                let text = format!("the task run {} has not ended: it is {name}", self.id);
                return Err(Error::timeout(text));
            };
            asleep(wait).await;
        }
    }
}

#[dual(task_workers)]
impl<T: DeserializeOwned> AsyncDistributedFuture<T> {
    /// Waits until the run has ended, for ever, and gives what its function gave, whichever language that is written in.
    ///
    /// # Errors
    ///
    /// The run failed, crashed or was cancelled ([`Error::exception`] says with what); or as those of
    /// [`aget_state_result`](crate::states::aget_state_result) and of [`wait`](Self::wait).
    pub async fn result(&self) -> Result<T, Error> {
        self.given(None).await
    }

    /// As [`result`](Self::result), but waiting no longer than that for the end of the run.
    ///
    /// # Errors
    ///
    /// The time is up ([`Error::is_timeout`]), and the run goes on; or as those of [`result`](Self::result).
    pub async fn result_at_most(&self, timeout: Duration) -> Result<T, Error> {
        self.given(Some(timeout)).await
    }

    async fn given(&self, timeout: Option<Duration>) -> Result<T, Error> {
        let state = self.ended(timeout).await?;
        let mut options = StateResultOptions::new();
        options.settings.clone_from(&self.settings);
        aget_state_result_with(&self.client, &state, &options).await
    }
}

#[dual(task_workers)]
impl<T> Clone for AsyncDistributedFuture<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            settings: self.settings.clone(),
            ..Self::new(&self.client, self.id)
        }
    }
}

#[dual(task_workers)]
impl<T> fmt::Debug for AsyncDistributedFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DistributedFuture")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "blocking", feature = "async"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use prefect_client::operations::READ_TASK_RUN;
    use prefect_client::testing::{MockServer, Reply};
    use serde_json::json;

    use super::*;

    /// A run whose state is not there at the first look.
    fn late() -> MockServer {
        let server = MockServer::new();
        let looks = AtomicUsize::new(0);
        server.on(&READ_TASK_RUN).answers_with(move |_| {
            let state = match looks.fetch_add(1, Ordering::Relaxed) {
                0 => json!(null),
                _ => json!({"id": Uuid::nil(), "type": "COMPLETED", "name": "Completed"}),
            };
            Reply::Json(json!({
                "id": Uuid::nil(), "task_key": "t", "dynamic_key": "0", "created": null, "updated": null, "state": state,
            }))
        });
        server
    }

    #[test]
    fn a_run_whose_state_is_not_there_yet_is_waited_for() {
        let future = DistributedFuture::<i64>::new(&late().client(), Uuid::nil());
        assert!(is_last(&future.wait().unwrap().type_));
        let future = DistributedFuture::<i64>::new(&late().client(), Uuid::nil());
        let error = future.wait_at_most(Duration::ZERO).unwrap_err();
        assert!(error.is_timeout(), "{error}");
        let future = AsyncDistributedFuture::<i64>::new(&late().async_client(), Uuid::nil());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        assert!(is_last(
            &runtime.unwrap().block_on(future.wait()).unwrap().type_
        ));
    }
}
