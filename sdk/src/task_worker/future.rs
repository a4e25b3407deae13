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
use crate::polling::{Missed, Polling};
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

    /// Waits until the run has ended, for ever, and gives its last state. A server that is away for some minutes is waited for, too.
    ///
    /// # Errors
    ///
    /// There is no such run ([`Error::is_not_found`]); or the server can't be asked, or was away for five minutes.
    pub async fn wait(&self) -> Result<State, Error> {
        self.ended(&mut Polling::new(None, INTERVAL)).await
    }

    /// As [`wait`](Self::wait), but no longer than that.
    ///
    /// # Errors
    ///
    /// The time is up ([`Error::is_timeout`]), and the run goes on; or as those of [`wait`](Self::wait).
    pub async fn wait_at_most(&self, timeout: Duration) -> Result<State, Error> {
        let mut polling = Polling::new(Some(timeout), INTERVAL);
        self.ended(&mut polling).await
    }

    async fn ended(&self, polling: &mut Polling) -> Result<State, Error> {
        let mut missed = Missed::default();
        loop {
            let client = abounded(&self.client, polling.for_look());
            let (seen, cause) = match client.read_task_run(self.id).await {
                Ok(run) => {
                    missed.forget();
                    // The server writes a run and its state one after the other, and whoever looks between sees none.
                    match run.state {
                        Some(state) if is_last(&state.type_) => return Ok(state),
                        Some(state) => (state.name.unwrap_or_default(), None),
                        None => ("without a state".to_owned(), None),
                    }
                }
                Err(error) if missed.passes(&error) => ("not known".to_owned(), Some(error)),
                Err(error) => return Err(error.into()),
            };
            let Some(wait) = polling.next_wait() else {
                let text = format!("the task run {} has not ended: it is {seen}", self.id);
                let late = Error::timeout(text);
                return Err(match cause {
                    Some(cause) => late.because(cause),
                    None => late,
                });
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
        let mut polling = Polling::new(timeout, INTERVAL);
        let state = self.ended(&mut polling).await?;
        let mut options = StateResultOptions::new();
        options.settings.clone_from(&self.settings);
        let mut missed = Missed::default();
        loop {
            let error = match aget_state_result_with(&self.client, &state, &options).await {
                Ok(given) => return Ok(given),
                Err(error) => error,
            };
            // The server may know where it is kept, and be away.
            let passes = error.api().is_some_and(|error| missed.passes(error));
            match polling.next_wait() {
                Some(wait) if passes => asleep(wait).await,
                _ => return Err(error),
            }
        }
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

    /// The server has its bad moments.
    #[test]
    fn a_look_that_fails_is_followed_by_another() {
        let away = |failures, status| {
            let (server, looks) = (MockServer::new(), AtomicUsize::new(0));
            server.on(&READ_TASK_RUN).answers_with(move |_| {
                if looks.fetch_add(1, Ordering::Relaxed) < failures {
                    return Reply::Failure(status, "no".to_owned());
                }
                let state = json!({"id": Uuid::nil(), "type": "COMPLETED", "data": 7});
                Reply::Json(json!({
                    "id": Uuid::nil(), "task_key": "t", "dynamic_key": "0", "created": null, "updated": null, "state": state,
                }))
            });
            server
        };
        let future = DistributedFuture::<i64>::new(&away(2, 500).client(), Uuid::nil());
        assert!(is_last(&future.wait().unwrap().type_));
        let future = DistributedFuture::<i64>::new(&away(1, 404).client(), Uuid::nil());
        assert!(future.wait().unwrap_err().is_not_found());
        // It is told what went wrong last.
        let future = DistributedFuture::<i64>::new(&away(9, 500).client(), Uuid::nil());
        let error = future.wait_at_most(Duration::ZERO).unwrap_err();
        assert!(error.is_timeout() && error.api().is_some(), "{error:?}");
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
