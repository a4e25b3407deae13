//! One event, sent now.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{Event, RelatedResource};

use super::EmitEventOptions;
use super::limits::{ID, MAX_RELATED};
#[dual(sdk)]
use super::related::arelated_resources;
use crate::Error;
use crate::faces::sdk;

/// Sends an event with this name, such as `shop.order.placed`, about this resource: its labels, one of which is
/// `prefect.resource.id`. It has arrived when this returns; for many events there is
/// [`AsyncEventSender`](super::AsyncEventSender).
///
/// Where it happens in a run ([`EmitEventOptions::run`]), the run's resources are added to the related ones, as far as there is
/// room for them.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, events::{EmitEventOptions, aemit_event}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let order = [("prefect.resource.id", "shop.order.1")];
/// let placed = aemit_event(&client, "shop.order.placed", order, &EmitEventOptions::new()).await?;
/// let paid = EmitEventOptions::new().follows(&placed).payload([("total", 12)]);
/// aemit_event(&client, "shop.order.paid", order, &paid).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The server would not take the event (see [`EmitEventOptions::build`]), or a call of the client failed.
#[dual(sdk)]
pub async fn aemit_event<K: Into<String>, V: Into<String>>(
    client: &AsyncPrefectClient,
    event: &str,
    resource: impl IntoIterator<Item = (K, V)>,
    options: &EmitEventOptions,
) -> Result<Event, Error> {
    let mut event = options.build(event, resource)?;
    if let Some(run) = &options.run {
        let found = arelated_resources(client, run).await?;
        add_related(&mut event, &found);
    }
    client.create_events(std::slice::from_ref(&event)).await?;
    Ok(event)
}

/// Adds resources that are not in the event yet, as many as it may have. An event about lineage says itself what it
/// comes from.
pub(crate) fn add_related(event: &mut Event, found: &[RelatedResource]) {
    if event
        .resource
        .contains_key("prefect.resource.lineage-group")
    {
        return;
    }
    let related = event.related.get_or_insert_default();
    let known = related.iter().chain([&event.resource]);
    let known: Vec<_> = known
        .map(|resource| resource.get(ID).map(String::as_str))
        .collect();
    let new: Vec<_> = unknown(found, &known).cloned().collect();
    related.extend(new);
}

/// Of these resources those with other ids, as many as an event may have beside them. One of the ids is that of the resource that
/// the event is about.
pub(crate) fn unknown<'f>(
    found: &'f [RelatedResource],
    known: &[Option<&str>],
) -> impl Iterator<Item = &'f RelatedResource> {
    let room = (MAX_RELATED + 1).saturating_sub(known.len());
    let is_new =
        |resource: &&RelatedResource| !known.contains(&resource.get(ID).map(String::as_str));
    found.iter().filter(is_new).take(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(id: &str) -> RelatedResource {
        let labels = [("prefect.resource.id", id), ("prefect.resource.role", "r")];
        labels
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn what_is_there_already_is_not_added_and_neither_is_too_much() {
        let options = EmitEventOptions::new().related([resource("a")]);
        let mut event = options.build("x", resource("b")).unwrap();
        add_related(&mut event, &[resource("a"), resource("b"), resource("c")]);
        assert_eq!(event.related, Some(vec![resource("a"), resource("c")]));
        let many: Vec<_> = (0..200).map(|id| resource(&id.to_string())).collect();
        add_related(&mut event, &many);
        assert_eq!(
            event.related.map(|related| related.len()),
            Some(MAX_RELATED)
        );
    }
}
