//! A flow run that somebody suspends while it runs stops before its next task or subflow, and nothing is said of it any more: who
//! resumes it starts another process.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, State, StateCreate, StateType};
use uuid::Uuid;

use super::{RunFailed, engine, task_state};
use crate::Error;
#[cfg(feature = "async")]
use crate::background::abegin;
#[cfg(feature = "blocking")]
use crate::background::begin;
use crate::cancellation::Cancellation;
#[cfg(feature = "async")]
use crate::watching::awatch;
#[cfg(feature = "blocking")]
use crate::watching::watch;
use crate::watching::{SUSPENDED, Wanted, Watcher};

/// Whether a flow run is suspended, which its tasks and subflows share. Clones are of the same run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suspension(Arc<OnceLock<Box<State>>>);

impl Suspension {
    /// The state that the run is in, if it is suspended.
    pub(super) fn state(&self) -> Option<Box<State>> {
        self.0.get().cloned()
    }

    pub(super) fn is_told(&self) -> bool {
        self.0.get().is_some()
    }

    /// Whether something may begin in the run.
    pub(super) fn check<E>(&self) -> Result<(), RunFailed<E>> {
        match self.state() {
            Some(state) => Err(RunFailed::Ended(state)),
            None => Ok(()),
        }
    }

    fn tell(&self) {
        let suspended = StateCreate::new(StateType::Paused).name("Suspended");
        drop(self.0.set(Box::new(task_state::made(&suspended))));
    }
}

/// Hears whether a run is suspended, for as long as this is there.
#[dual(engine)]
pub(super) struct AsyncSuspending {
    over: Cancellation,
}

#[dual(engine)]
impl AsyncSuspending {
    pub(super) fn of(
        client: &AsyncPrefectClient,
        run: &FlowRunResponse,
        suspension: &Suspension,
    ) -> Result<Self, Error> {
        let over = Cancellation::new();
        let own = Own {
            run: run.id,
            since: run.state.as_ref().and_then(|state| state.timestamp),
            suspension: suspension.clone(),
            over: over.clone(),
        };
        let client = client.clone();
        #[dual(async)]
        abegin(async move { awatch(&client, &own).await })?;
        #[dual(blocking)]
        begin(move || watch(&client, &own))?;
        Ok(Self { over })
    }
}

#[dual(engine)]
impl Drop for AsyncSuspending {
    fn drop(&mut self) {
        self.over.request();
    }
}

struct Own {
    run: Uuid,
    /// When it began here.
    since: Option<DateTime<Utc>>,
    suspension: Suspension,
    over: Cancellation,
}

impl Watcher for Own {
    fn wants(&self) -> &'static Wanted {
        &SUSPENDED
    }

    fn runs(&self) -> Vec<Uuid> {
        vec![self.run]
    }

    fn heard(&self, _: Uuid) {
        self.suspension.tell();
    }

    fn is_over(&self) -> bool {
        self.over.is_requested() || self.suspension.is_told()
    }

    fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }
}
