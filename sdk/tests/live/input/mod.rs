//! Flow run input in both faces, and beside Python.

mod faces;
mod pause;
mod python;

use std::time::Duration;

use chrono::{DateTime, Utc};
use prefect_sdk::client::models::{FlowCreate, FlowRunCreate};
use prefect_sdk::input::schemars::JsonSchema;
use prefect_sdk::input::{ReceiveInputOptions, RunInput};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::server;

/// Is it approved?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, RunInput)]
#[schemars(crate = "prefect_sdk::input::schemars")]
struct Approval {
    approved: bool,
    #[serde(default = "nobody")]
    given_by: String,
    times: Option<i64>,
    color: Color,
    address: Address,
    others: Vec<Address>,
    at: Option<DateTime<Utc>>,
    id: Option<Uuid>,
    /// how much
    #[serde(default)]
    ratio: f64,
}

fn nobody() -> String {
    "nobody".to_owned()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "prefect_sdk::input::schemars")]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "prefect_sdk::input::schemars")]
struct Address {
    street: String,
    zip_code: Option<String>,
}

/// The same in Python.
const CLASSES: &str = r#"
import datetime, enum, uuid
from typing import Optional
from uuid import UUID
import pydantic
from prefect.input import RunInput, receive_input, send_input

class Color(enum.Enum):
    RED = "red"
    GREEN = "green"

class Address(pydantic.BaseModel):
    street: str
    zip_code: Optional[str] = None

class Approval(RunInput):
    """Is it approved?"""
    approved: bool
    given_by: str = "nobody"
    times: Optional[int] = None
    color: Color
    address: Address
    others: list[Address]
    at: Optional[datetime.datetime] = None
    id: Optional[uuid.UUID] = None
    ratio: float = pydantic.Field(default=0.0, description="how much")
"#;

fn approval(given_by: &str) -> Approval {
    let address = Address {
        street: "Main Street".to_owned(),
        zip_code: None,
    };
    Approval {
        approved: true,
        given_by: given_by.to_owned(),
        times: Some(2),
        color: Color::Green,
        address: address.clone(),
        others: vec![address],
        at: DateTime::from_timestamp(1_700_000_000, 0),
        id: Some(Uuid::nil()),
        ratio: 0.5,
    }
}

/// A flow run without a state.
fn flow_run() -> Uuid {
    let client = server::client();
    let name = server::unique("input");
    let flow = client.create_flow(&FlowCreate::new(name)).unwrap();
    let run = client.create_flow_run(&FlowRunCreate::new(flow.id));
    run.unwrap().id
}

/// Quick enough for a test, and an error if nothing comes.
fn soon() -> ReceiveInputOptions {
    ReceiveInputOptions::new()
        .poll_interval(Duration::from_millis(50))
        .timeout(Duration::from_mins(1))
}
