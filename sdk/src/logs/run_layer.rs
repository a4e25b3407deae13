//! A layer for `tracing` that knows which run says what.

use std::fmt;
use std::sync::Weak;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

use super::layer::{number, said};
use super::routes::{self, FLOW_RUN, LEVEL, Route, TARGET, TASK_RUN};
use super::{SendLogsOptions, settings};
use crate::{Error, RunContext};

/// Ships what the flows and tasks of this program say through `tracing` to Prefect, each event as a log of the run that it is
/// said in:
///
/// ```
/// use prefect_sdk::logs::RunLayer;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry().with(RunLayer::new());
/// # let _guard = tracing::subscriber::set_default(subscriber);
/// ```
///
/// A run is known by the span that its function is called in. Where a function starts threads or tasks, it gives them that
/// span: [`AsyncFlowRun::span`](crate::flows::AsyncFlowRun::span), [`AsyncTaskRun::span`](crate::tasks::AsyncTaskRun::span), or
/// `in_current_span` of `tracing`. What is said outside of runs is not shipped. All that a run has said is with the server
/// before its last state; where the server takes no logs, that is waited for a few seconds. What the engine says of runs comes with it, in
/// the words of Python's: when they begin, what an attempt failed with, whether it is tried again, and in which state they have finished.
///
/// From which level on is said by the flow or task ([`FlowOptions::log_level`](field@crate::flows::FlowOptions::log_level),
/// [`TaskOptions::log_level`](field@crate::tasks::TaskOptions::log_level)), or else by the layer.
///
/// [`run`](crate::run) installs one by itself ([`from_env`](Self::from_env)) where the program has no subscriber yet. Filters that leave out the target
/// `prefect_sdk` leave out the spans too, so that nothing is shipped: such a filter belongs to another layer, by `with_filter`.
#[derive(Debug)]
pub struct RunLayer {
    level: LevelFilter,
    ships: bool,
}

impl Default for RunLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl RunLayer {
    /// A layer that ships what is information, a warning or an error.
    #[must_use]
    pub fn new() -> Self {
        routes::want(SendLogsOptions::new());
        Self {
            level: LevelFilter::INFO,
            ships: true,
        }
    }

    /// A layer as the environment says, by Prefect's variables: from which level on it ships (`PREFECT_LOGGING_LEVEL`), and whether it
    /// ships at all (`PREFECT_LOGGING_TO_API_ENABLED`), which runs with a level of their own can't change. How logs are sent is that of
    /// [`SendLogsOptions::from_env`].
    ///
    /// `PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW` says nothing here: what is said outside of runs is not asked of this layer, as Python
    /// does not ask it of loggers that are no run's.
    ///
    /// # Errors
    ///
    /// A variable does not say what it must ([`Error::is_invalid`]).
    pub fn from_env() -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok();
        let level = settings::level(variable)?.unwrap_or(LevelFilter::INFO);
        let ships = settings::to_api(variable)?;
        let options = SendLogsOptions::from_env()?;
        if ships {
            routes::want(options);
        }
        Ok(Self { level, ships })
    }

    /// Sets the level from which on it ships what runs say that have no level of their own.
    #[must_use]
    pub fn level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.level = level.into();
        self
    }
}

/// Installs a layer as the environment says for the whole program, unless that has a subscriber.
pub(crate) fn install() -> Result<(), Error> {
    let subscriber = tracing_subscriber::registry().with(RunLayer::from_env()?);
    // The program's own goes before.
    drop(tracing::subscriber::set_global_default(subscriber));
    Ok(())
}

/// Kept with the span of a run.
struct OfRun {
    context: RunContext,
    level: Option<LevelFilter>,
    route: Weak<Route>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RunLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !self.ships || attributes.metadata().target() != TARGET {
            return;
        }
        let mut ids = Ids::default();
        attributes.record(&mut ids);
        if let (Some(flow_run_id), Some(span)) = (ids.flow_run, context.span(id)) {
            let mut context = RunContext::flow_run(flow_run_id);
            context.task_run_id = ids.task_run;
            let of = OfRun {
                context,
                level: ids.level,
                route: routes::of(flow_run_id),
            };
            span.extensions_mut().insert(of);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        if !self.ships || (level > self.level && !routes::have_levels()) {
            return;
        }
        let Some(scope) = context.event_scope(event) else {
            return;
        };
        for span in scope {
            let extensions = span.extensions();
            let Some(of) = extensions.get::<OfRun>() else {
                continue;
            };
            // A layer has nobody to tell that there is no room, or that the run has ended.
            let Some(route) = of.route.upgrade() else {
                return;
            };
            if level > of.level.or(route.level()).unwrap_or(self.level) {
                return;
            }
            if let Some(text) = said(event) {
                let log = super::of_run(&of.context, number(level), text);
                drop(log.and_then(|log| route.ship(log)));
            }
            return;
        }
    }
}

/// What is said in a span of a run.
#[derive(Default)]
struct Ids {
    flow_run: Option<Uuid>,
    task_run: Option<Uuid>,
    level: Option<LevelFilter>,
}

impl Visit for Ids {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let id = || Uuid::parse_str(&format!("{value:?}")).ok();
        match field.name() {
            FLOW_RUN => self.flow_run = id(),
            TASK_RUN => self.task_run = id(),
            LEVEL => self.level = format!("{value:?}").parse().ok(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use prefect_client::models::LogCreate;
    use tracing::Instrument;

    use super::*;
    use crate::logs::{span_of_flow_run, span_of_task_run};

    type Shipped = Arc<Mutex<Vec<(String, Option<Uuid>)>>>;

    fn route(id: Uuid, level: Option<LevelFilter>) -> (Arc<Route>, Shipped) {
        let shipped = Shipped::default();
        let also = Arc::clone(&shipped);
        let ship = move |log: LogCreate| {
            assert_eq!(log.flow_run_id, Some(id));
            also.lock().unwrap().push((log.message, log.task_run_id));
            Ok(())
        };
        (Route::open(id, level, ship), shipped)
    }

    fn messages(shipped: &Shipped) -> Vec<(String, Option<Uuid>)> {
        shipped.lock().unwrap().clone()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_said_goes_to_the_run_that_it_is_said_in() {
        let subscriber = tracing_subscriber::registry().with(RunLayer::new());
        let dispatch = tracing::Dispatch::new(subscriber);
        let ids = [Uuid::new_v4(), Uuid::new_v4()];
        let (first, second) = (route(ids[0], None), route(ids[1], None));
        let task = Uuid::new_v4();
        let (flow, other) = tracing::dispatcher::with_default(&dispatch, || {
            tracing::info!(target: "shop", "outside");
            (span_of_flow_run(ids[0]), span_of_flow_run(ids[1]))
        });
        let said = tracing::dispatcher::with_default(&dispatch, || {
            flow.in_scope(|| {
                tracing::info!(target: "shop", "in the flow");
                tracing::debug!(target: "shop", "too little");
                tracing::info!(target: "hyper::client", "not theirs");
                let of_task = span_of_task_run(ids[0], task, None);
                of_task.in_scope(|| tracing::warn!(target: "shop", n = 1, "in the task"));
                other.in_scope(|| tracing::info!(target: "shop", "in another"));
            });
            let later = async {
                tokio::task::yield_now().await;
                tracing::info!(target: "shop", "in a future");
            };
            tracing::instrument::WithSubscriber::with_subscriber(
                later.instrument(flow.clone()),
                dispatch.clone(),
            )
        });
        tokio::spawn(said).await.unwrap();
        let of_flow = |text: &str| (text.to_owned(), None);
        let expected = [
            of_flow("in the flow"),
            ("in the task n=1".to_owned(), Some(task)),
            of_flow("in a future"),
        ];
        assert_eq!(messages(&first.1), expected);
        assert_eq!(messages(&second.1), [of_flow("in another")]);
        // What is said after the end goes nowhere.
        drop(first.0);
        tracing::dispatcher::with_default(&dispatch, || {
            flow.in_scope(|| tracing::info!(target: "shop", "too late"));
        });
        assert_eq!(messages(&first.1).len(), 3);
    }
    #[test]
    fn a_task_run_has_its_level_or_that_of_its_flow_run_or_the_layer_s() {
        let id = Uuid::new_v4();
        let quiet = route(id, Some(LevelFilter::WARN));
        let subscriber = tracing_subscriber::registry().with(RunLayer::new());
        tracing::subscriber::with_default(subscriber, || {
            let say = || {
                tracing::debug!(target: "shop", "debug");
                tracing::warn!(target: "shop", "warning");
            };
            span_of_flow_run(id).in_scope(say);
            let (of_flow, own) = (Uuid::new_v4(), Uuid::new_v4());
            span_of_task_run(id, of_flow, None).in_scope(say);
            span_of_task_run(id, own, Some(LevelFilter::DEBUG)).in_scope(say);
            span_of_task_run(id, Uuid::new_v4(), Some(LevelFilter::OFF)).in_scope(say);
            let said = |text: &str, task| (text.to_owned(), task);
            let expected = [
                said("warning", None),
                said("warning", Some(of_flow)),
                said("debug", Some(own)),
                said("warning", Some(own)),
            ];
            assert_eq!(messages(&quiet.1), expected);
        });
    }
}
