//! Reading what a document holds, and saying what does not fit without showing it: it may be a secret.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Error;

/// Reads the data of a block of this type.
pub(super) fn read<T: DeserializeOwned>(slug: &str, data: Map<String, Value>) -> Result<T, Error> {
    let again = data.clone();
    let why = match serde_json::from_value(Value::Object(data)) {
        Ok(value) => return Ok(value),
        Err(error) => error.to_string(),
    };
    let what = match shown(&why) {
        Some(what) => what,
        None => match culprit::<T>(&again, &why) {
            Some(field) => format!("its field `{field}` does not fit{}", expected(&why)),
            None => "it does not fit".to_owned(),
        },
    };
    Err(Error::unfit(format!("the data are no `{slug}`: {what}")))
}

/// What names fields only.
fn shown(why: &str) -> Option<String> {
    let names = ["missing field `", "unknown field `", "duplicate field `"];
    names
        .iter()
        .any(|start| why.starts_with(start))
        .then(|| why.to_owned())
}

/// What serde says that it expected stands in the code.
fn expected(why: &str) -> String {
    let own = ["invalid type: ", "invalid length "];
    let expected = why.rsplit_once(", expected ");
    match expected {
        Some((_, what)) if own.iter().any(|start| why.starts_with(start)) => {
            format!(": {what} is expected")
        }
        _ => String::new(),
    }
}

/// The field without which something else is wrong.
fn culprit<T: DeserializeOwned>(data: &Map<String, Value>, why: &str) -> Option<String> {
    data.keys()
        .find(|key| {
            let mut rest = data.clone();
            rest.remove(*key);
            match serde_json::from_value::<T>(Value::Object(rest)) {
                Ok(_) => true,
                Err(error) => error.to_string() != why,
            }
        })
        .cloned()
}
