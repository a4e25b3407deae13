//! What works beside the caller: a queue that both sides see, and a thread or task that empties it.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;
mod mailbox;

use diptych_macros::dual;

use crate::faces::sdk;

#[cfg(feature = "async")]
pub(crate) use asynchronous::{AsyncSignal, abegin};
#[cfg(feature = "blocking")]
pub(crate) use blocking::{Signal, begin};
#[dual(sdk)]
pub(crate) use mailbox::{AsyncHandle, AsyncMailbox};
pub(crate) use mailbox::{Delivered, Queue};
