//! The events that follow from what an interface did.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::Event;

use super::emit::add_related;
#[dual(sdk)]
use super::related::arelated_resources;
use crate::RunContext;
use crate::faces::sdk;

/// Tells events, each with the run that they happen in, and what that belongs to, as related resources. What fails is a
/// warning: what they tell of is done.
#[dual(sdk)]
pub(crate) async fn atell(
    client: &AsyncPrefectClient,
    mut events: Vec<Event>,
    run: Option<&RunContext>,
) {
    let Some(name) = events.first().map(|event| event.event.clone()) else {
        return;
    };
    if let Some(run) = run {
        match arelated_resources(client, run).await {
            Ok(found) => {
                for event in &mut events {
                    add_related(event, &found);
                }
            }
            Err(error) => tracing::warn!("the event {name} lacks related resources: {error}"),
        }
    }
    if let Err(error) = client.create_events(&events).await {
        tracing::warn!("the event {name} could not be emitted: {error}");
    }
}
