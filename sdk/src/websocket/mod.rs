//! Websockets with Prefect's handshake. What each face has of its own is a [`Socket`]; everything else is dual.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;
mod broken;
mod endpoint;
mod feed;
mod handshake;
mod listener;
mod seen;
mod subscriber;
#[cfg(all(test, feature = "blocking", feature = "async", feature = "rustls"))]
mod ways;

use std::time::Duration;

use diptych_macros::dual;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tungstenite::Utf8Bytes;

use crate::faces::sdk;

#[cfg(feature = "async")]
use asynchronous::AsyncConnecting;
#[cfg(feature = "async")]
pub(crate) use asynchronous::AsyncSocket;
#[cfg(feature = "blocking")]
use blocking::Connecting;
#[cfg(feature = "blocking")]
pub(crate) use blocking::Socket;
pub(crate) use broken::Broken;
pub(crate) use endpoint::Endpoint;
pub(crate) use endpoint::is_cloud;
pub(crate) use feed::sealed;
pub use feed::{Feed, SubscribeOptions};
#[dual(sdk)]
pub(crate) use handshake::aconnect;
#[dual(sdk)]
use listener::AsyncListener;
#[cfg(feature = "flows")]
#[dual(sdk)]
pub(crate) use listener::AsyncUp;
#[cfg(feature = "async")]
pub use subscriber::AsyncSubscriber;
#[cfg(feature = "blocking")]
pub use subscriber::Subscriber;

/// What came on a websocket.
#[derive(Debug)]
enum Incoming {
    /// A message.
    Text(Utf8Bytes),
    /// A sign of life.
    Pong,
    /// Nothing, for as long as was waited.
    Nothing,
}

/// How long a connection may take until it can be used; websockets' own default in Python.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the other side may take to make room for what is sent, and to answer a ping.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// A member of a message.
pub(crate) fn member<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, serde_json::Error> {
    let mut message: Value = serde_json::from_str(text)?;
    serde_json::from_value(message.get_mut(name).map(Value::take).unwrap_or_default())
}
