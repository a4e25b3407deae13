//! A layer for `tracing` that knows which run says what.

use std::fmt;
use std::sync::Weak;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

use super::layer::{number, said};
use super::routes::{self, FLOW_RUN, Route, TARGET, TASK_RUN};
use crate::RunContext;

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
/// before its last state; where the server takes no logs, that is waited for a few seconds.
///
/// [`run`](crate::run) installs one by itself where the program has no subscriber yet. Filters that leave out the target
/// `prefect_sdk` leave out the spans too, so that nothing is shipped: such a filter belongs to another layer, by `with_filter`.
#[derive(Debug)]
pub struct RunLayer {
    level: Level,
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
        routes::want();
        Self { level: Level::INFO }
    }

    /// Sets the level from which on it ships.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

/// Installs a layer for the whole program, unless that has a subscriber.
pub(crate) fn install() {
    let subscriber = tracing_subscriber::registry().with(RunLayer::new());
    // The program's own goes before.
    drop(tracing::subscriber::set_global_default(subscriber));
}

/// Kept with the span of a run.
struct OfRun {
    context: RunContext,
    route: Weak<Route>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RunLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() != TARGET {
            return;
        }
        let mut ids = Ids::default();
        attributes.record(&mut ids);
        if let (Some(flow_run_id), Some(span)) = (ids.flow_run, context.span(id)) {
            let mut context = RunContext::flow_run(flow_run_id);
            context.task_run_id = ids.task_run;
            let route = routes::of(flow_run_id);
            span.extensions_mut().insert(OfRun { context, route });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > self.level {
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
            if let (Some(route), Some(text)) = (of.route.upgrade(), said(event)) {
                let log = super::of_run(&of.context, number(level), text);
                drop(log.and_then(|log| route.ship(log)));
            }
            return;
        }
    }
}

/// The ids in a span.
#[derive(Default)]
struct Ids {
    flow_run: Option<Uuid>,
    task_run: Option<Uuid>,
}

impl Visit for Ids {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let id = || Uuid::parse_str(&format!("{value:?}")).ok();
        match field.name() {
            FLOW_RUN => self.flow_run = id(),
            TASK_RUN => self.task_run = id(),
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

    fn route(id: Uuid) -> (Arc<Route>, Shipped) {
        let shipped = Shipped::default();
        let also = Arc::clone(&shipped);
        let ship = move |log: LogCreate| {
            assert_eq!(log.flow_run_id, Some(id));
            also.lock().unwrap().push((log.message, log.task_run_id));
            Ok(())
        };
        (Route::open(id, ship), shipped)
    }

    fn messages(shipped: &Shipped) -> Vec<(String, Option<Uuid>)> {
        shipped.lock().unwrap().clone()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_said_goes_to_the_run_that_it_is_said_in() {
        let subscriber = tracing_subscriber::registry().with(RunLayer::new());
        let dispatch = tracing::Dispatch::new(subscriber);
        let ids = [Uuid::new_v4(), Uuid::new_v4()];
        let (first, second) = (route(ids[0]), route(ids[1]));
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
                let of_task = span_of_task_run(ids[0], task);
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
}
