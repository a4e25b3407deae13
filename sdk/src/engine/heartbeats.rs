//! What tells that a flow run goes on, beside it: so a server notices those whose process is gone.

use std::time::Duration;

use diptych_macros::dual;
use prefect_client::models::{Event, Flow, FlowRunResponse, RelatedResource};

use super::engine;
use crate::Error;
#[cfg(feature = "async")]
use crate::background::abegin;
#[cfg(feature = "blocking")]
use crate::background::begin;
use crate::cancellation::Cancellation;
#[dual(engine)]
use crate::events::AsyncEventSender;
use crate::events::{EmitEventOptions, add_related, of_flow_run};

/// As Python's engine, which tells it no more often.
const MOST_OFTEN: Duration = Duration::from_secs(30);

/// They are sent for as long as this is there.
#[dual(engine)]
pub(super) struct AsyncHeartbeats {
    over: Cancellation,
}

#[dual(engine)]
impl AsyncHeartbeats {
    /// Sends one now, and then one every so often.
    pub(super) fn of(
        heartbeat: Heartbeat,
        every: Duration,
        sender: &AsyncEventSender,
    ) -> Result<Self, Error> {
        Heartbeat::told(heartbeat.event().and_then(|event| sender.send(&event)));
        let (over, sender) = (Cancellation::new(), sender.clone());
        let waits = over.clone();
        #[dual(async)]
        abegin(async move { abeat(&heartbeat, every, &sender, &waits).await })?;
        #[dual(blocking)]
        begin(move || beat(&heartbeat, every, &sender, &waits))?;
        Ok(Self { over })
    }
}

#[dual(engine)]
async fn abeat(
    heartbeat: &Heartbeat,
    every: Duration,
    sender: &AsyncEventSender,
    over: &Cancellation,
) {
    while !over.arequested_within(every.max(MOST_OFTEN)).await {
        Heartbeat::told(heartbeat.event().and_then(|event| sender.send(&event)));
    }
}

#[dual(engine)]
impl Drop for AsyncHeartbeats {
    fn drop(&mut self) {
        self.over.request();
    }
}

/// What tells that a run goes on.
pub(super) struct Heartbeat {
    resource: [(&'static str, String); 3],
    related: Vec<RelatedResource>,
}

impl Heartbeat {
    pub(super) fn of(run: &FlowRunResponse, flow: &Flow) -> Self {
        let mut related = of_flow_run(run, flow);
        let deployment = run.deployment_id.map(|id| {
            let id = format!("prefect.deployment.{id}");
            let labels = [
                ("prefect.resource.id", id),
                ("prefect.resource.role", "deployment".to_owned()),
            ];
            let labels = labels.map(|(name, value)| (name.to_owned(), value));
            RelatedResource::from(labels)
        });
        related.extend(deployment);
        let id = format!("prefect.flow-run.{}", run.id);
        Self {
            resource: [
                ("prefect.resource.id", id),
                (
                    "prefect.resource.name",
                    run.name.clone().unwrap_or_default(),
                ),
                (
                    "prefect.version",
                    prefect_client::PREFECT_VERSION.to_owned(),
                ),
            ],
            related,
        }
    }

    fn told(sent: Result<(), Error>) {
        if let Err(error) = sent {
            tracing::debug!("a heartbeat can't be sent: {error}");
        }
    }

    fn event(&self) -> Result<Event, Error> {
        let options = EmitEventOptions::new();
        let mut event = options.build("prefect.flow-run.heartbeat", self.resource.clone())?;
        // The run itself is not among what the event is about as well.
        add_related(&mut event, &self.related);
        Ok(event)
    }
}
