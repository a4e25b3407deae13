//! Values that scenarios need; nothing here talks to a server.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use prefect_client::Error;
use prefect_client::models::{FlowRunFilter, FlowRunFilterId, StateCreate, StateType};
use serde_json::Value;
use uuid::Uuid;

/// An id that nothing has.
pub(crate) const NOBODY: Uuid = Uuid::from_u128(0x0000_dead_beef_4000_8000_0000_0000_0001);

/// The fields of a JSON object.
pub(crate) fn object(value: Value) -> BTreeMap<String, Value> {
    match value {
        Value::Object(fields) => fields.into_iter().collect(),
        other => panic!("{other} is no object"),
    }
}

/// A map from pairs.
pub(crate) fn map<T>(pairs: impl IntoIterator<Item = (&'static str, T)>) -> BTreeMap<String, T> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// The present time as precisely as the server keeps it.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// The present time and some hours.
pub(crate) fn in_hours(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

/// A state with a name of its own.
pub(crate) fn state(type_: StateType, name: &str) -> StateCreate {
    StateCreate::new(type_).name(name)
}

/// The flow runs with these ids.
pub(crate) fn flow_runs<const N: usize>(ids: [Uuid; N]) -> FlowRunFilter {
    FlowRunFilter::new().id(FlowRunFilterId::new().any(ids))
}

/// The status of the answer, as a number.
pub(crate) fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}
