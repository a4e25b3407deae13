//! Values by their names, as setters take them.

use std::collections::BTreeMap;

use serde_json::Value;

pub(super) fn named(
    values: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
) -> BTreeMap<String, Value> {
    let values = values.into_iter();
    values
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}
