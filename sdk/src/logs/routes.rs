//! Where what runs say through `tracing` goes: each run that is wanted has a route while it runs.

use std::collections::HashMap;
#[cfg(feature = "tracing-layer")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use prefect_client::models::LogCreate;
use tracing::Span;
use tracing::level_filters::LevelFilter;
use uuid::Uuid;

use super::SendLogsOptions;
use crate::Error;

/// What a span of a run is known by.
pub(super) const TARGET: &str = "prefect_sdk::run";
#[cfg(feature = "tracing-layer")]
pub(super) const FLOW_RUN: &str = "flow_run_id";
#[cfg(feature = "tracing-layer")]
pub(super) const TASK_RUN: &str = "task_run_id";
#[cfg(feature = "tracing-layer")]
pub(super) const LEVEL: &str = "log_level";

type Ship = dyn Fn(LogCreate) -> Result<(), Error> + Send + Sync;

/// The way of one flow run, and of the task runs in it, for as long as it is there.
pub(crate) struct Route {
    flow_run_id: Uuid,
    /// From which level on it ships, where that is not the layer's.
    #[cfg(feature = "tracing-layer")]
    level: Option<LevelFilter>,
    #[cfg_attr(
        not(feature = "tracing-layer"),
        expect(dead_code, reason = "there is no layer that ships anything")
    )]
    ship: Box<Ship>,
}

static ROUTES: RwLock<Option<HashMap<Uuid, Weak<Route>>>> = RwLock::new(None);
/// How what runs say is sent, once anybody wants it.
static WANTED: RwLock<Option<SendLogsOptions>> = RwLock::new(None);
#[cfg(feature = "tracing-layer")]
static HAVE_LEVELS: AtomicBool = AtomicBool::new(false);

/// From now on there is a layer that wants what runs say, sent so.
#[cfg(feature = "tracing-layer")]
pub(super) fn want(options: SendLogsOptions) {
    *WANTED.write().unwrap_or_else(PoisonError::into_inner) = Some(options);
}

/// How what runs say is sent, if anybody wants it.
pub(crate) fn wanted() -> Option<SendLogsOptions> {
    WANTED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Whether there was any run with a level of its own.
#[cfg(feature = "tracing-layer")]
pub(super) fn have_levels() -> bool {
    HAVE_LEVELS.load(Ordering::Relaxed)
}

/// A run has a level of its own, or has none.
#[cfg(feature = "tracing-layer")]
fn note(level: Option<LevelFilter>) {
    if level.is_some() {
        HAVE_LEVELS.store(true, Ordering::Relaxed);
    }
}

/// The route of a run.
#[cfg(feature = "tracing-layer")]
pub(super) fn of(flow_run_id: Uuid) -> Weak<Route> {
    let routes = ROUTES.read().unwrap_or_else(PoisonError::into_inner);
    let route = routes.as_ref().and_then(|routes| routes.get(&flow_run_id));
    route.map(Weak::clone).unwrap_or_default()
}

impl Route {
    /// The way of a run that ships from that level on, or from the layer's on.
    #[cfg_attr(
        not(feature = "tracing-layer"),
        expect(unused_variables, reason = "there is no layer that has levels")
    )]
    pub(crate) fn open(
        flow_run_id: Uuid,
        level: Option<LevelFilter>,
        ship: impl Fn(LogCreate) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        #[cfg(feature = "tracing-layer")]
        note(level);
        let route = Arc::new(Self {
            flow_run_id,
            #[cfg(feature = "tracing-layer")]
            level,
            ship: Box::new(ship),
        });
        let mut routes = ROUTES.write().unwrap_or_else(PoisonError::into_inner);
        let routes = routes.get_or_insert_default();
        routes.insert(flow_run_id, Arc::downgrade(&route));
        route
    }

    /// The way of one task run, and of what it calls. It is known by that, as there may be no flow run, and several such task runs of one
    /// flow run.
    pub(crate) fn of_task_run(
        task_run_id: Uuid,
        flow_run_id: Option<Uuid>,
        level: Option<LevelFilter>,
        ship: impl Fn(LogCreate) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::open(task_run_id, level, move |mut log| {
            log.flow_run_id = flow_run_id;
            ship(log)
        })
    }

    #[cfg(feature = "tracing-layer")]
    pub(super) fn level(&self) -> Option<LevelFilter> {
        self.level
    }

    #[cfg(feature = "tracing-layer")]
    pub(super) fn ship(&self, log: LogCreate) -> Result<(), Error> {
        (self.ship)(log)
    }
}

impl Drop for Route {
    fn drop(&mut self) {
        let mut routes = ROUTES.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(routes) = routes.as_mut() {
            let is_gone = |route: &Weak<Self>| route.strong_count() == 0;
            if routes.get(&self.flow_run_id).is_some_and(is_gone) {
                routes.remove(&self.flow_run_id);
            }
        }
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Route").field(&self.flow_run_id).finish()
    }
}

/// The span of a flow run: what is said in it is the run's. Its level is the one that no filter by level leaves out.
pub(crate) fn span_of_flow_run(flow_run_id: Uuid) -> Span {
    tracing::error_span!(target: TARGET, "flow_run", flow_run_id = %flow_run_id)
}

/// The span of a task run in a flow run, from which is shipped what is said from that level on, or from the flow run's on.
pub(crate) fn span_of_task_run(
    flow_run_id: Uuid,
    task_run_id: Uuid,
    level: Option<LevelFilter>,
) -> Span {
    #[cfg(feature = "tracing-layer")]
    note(level);
    tracing::error_span!(
        target: TARGET,
        "task_run",
        flow_run_id = %flow_run_id,
        task_run_id = %task_run_id,
        log_level = level.map(tracing::field::display),
    )
}
