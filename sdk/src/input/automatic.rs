//! Bare values as inputs: Prefect wraps them in an object with the one field `value`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::input_type::{InputType, encode, read, refuse_unknown};
use super::schema::object_schema;
use crate::Error;

// The object that a bare value is sent as; a doc comment would be shown to whoever fills in the form.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
struct Automatic<T> {
    value: T,
}

/// Implements [`InputType`] for types whose class in Python has this name.
macro_rules! automatic {
    ($($python:literal: $([$($parameter:ident),*] $type:ty),+;)+) => {$($(
        impl<$($parameter: Serialize + DeserializeOwned + JsonSchema + Send + Sync),*> InputType for $type {
            fn type_name() -> &'static str {
                concat!($python, "AutomaticRunInput")
            }

            fn schema() -> Schema {
                object_schema::<Automatic<Self>>(Self::type_name())
            }

            fn to_json(&self) -> Result<Value, Error> {
                Ok(json!({"value": encode(Self::type_name(), self)?}))
            }

            fn from_json(mut value: Value) -> Result<Self, Error> {
                let name = Self::type_name();
                refuse_unknown(name, &Self::schema(), &value)?;
                let bare = value.get_mut("value").map(Value::take);
                let bare = bare.ok_or_else(|| Error::unfit(format!("this {name} has no field `value`")))?;
                read(name, bare)
            }
        }
    )+)+};
}

automatic! {
    "bool": [] bool;
    "int": [] i8, [] i16, [] i32, [] i64, [] isize, [] u8, [] u16, [] u32, [] u64, [] usize;
    "float": [] f32, [] f64;
    "str": [] String;
    "list": [T] Vec<T>;
    "set": [] BTreeSet<String>, [] BTreeSet<i64>;
    "dict": [T] BTreeMap<String, T>, [T] HashMap<String, T>;
    "datetime": [] DateTime<Utc>;
    "date": [] NaiveDate;
    "uuid": [] Uuid;
}
