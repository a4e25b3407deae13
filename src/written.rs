//! Calls whose bodies are JSON already, for who keeps much of that.

use diptych_runtime::Call;
use diptych_runtime::generated::{RequestBuilder, read};
use serde::Serialize;

use crate::operations::CREATE_EVENTS;

/// As [`operations::create_events`](crate::operations::create_events), of events that say themselves how they are written.
pub fn create_events(events: &[impl Serialize]) -> Call<()> {
    let mut http = RequestBuilder::new(&CREATE_EVENTS);
    http.json(events);
    http.answer(read::nothing)
}
