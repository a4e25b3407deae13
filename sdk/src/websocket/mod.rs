//! Websockets with Prefect's handshake. What each face has of its own is a [`Socket`]; everything else is dual.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;
mod broken;
mod endpoint;
mod handshake;
mod subscriber;

use std::time::Duration;

use diptych_macros::dual;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tungstenite::Utf8Bytes;

use crate::faces::sdk;

#[cfg(feature = "async")]
pub(crate) use asynchronous::AsyncSocket;
#[cfg(feature = "blocking")]
pub(crate) use blocking::Socket;
pub(crate) use broken::Broken;
pub(crate) use endpoint::{EVENTS_IN, Endpoint, is_cloud};
#[dual(sdk)]
pub(crate) use handshake::aconnect;
#[dual(sdk)]
pub use subscriber::AsyncSubscriber;
pub use subscriber::{Feed, Subscribe};

/// What came on a websocket.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Text(Utf8Bytes),
    /// The answer to the ping with this number.
    Pong(u64),
    /// Nothing, for as long as was waited.
    Nothing,
}

/// How long a connection may take until it can be used; websockets' own default in Python.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the other side may take to make room for what is sent, and to answer a ping.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// The number of a ping travels as its payload.
fn pong(payload: &[u8]) -> Option<Incoming> {
    let number = payload.try_into().ok().map(u64::from_be_bytes)?;
    Some(Incoming::Pong(number))
}

/// A member of a message.
pub(crate) fn member<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, serde_json::Error> {
    let mut message: Value = serde_json::from_str(text)?;
    serde_json::from_value(message.get_mut(name).map(Value::take).unwrap_or_default())
}
