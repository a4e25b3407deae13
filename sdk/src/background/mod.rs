//! What works beside the caller: an outbox that both sides see, and a thread or task that delivers what is in it.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;
mod delivery;
mod item;
mod mailbox;
mod outbox;
mod rejections;
mod verdict;

use diptych_macros::dual;

use crate::faces::sdk;

#[cfg(feature = "async")]
pub(crate) use asynchronous::{AsyncHome, AsyncSignal, abegin};
#[cfg(feature = "blocking")]
pub(crate) use blocking::{Home, Signal, begin};
#[dual(sdk)]
pub(crate) use delivery::{adeliver, asending};
#[dual(sdk)]
pub(crate) use item::AsyncShip;
pub(crate) use item::{Described, Item, OnRejected, Tells};
#[dual(sdk)]
pub(crate) use mailbox::{AsyncHandle, AsyncMailbox};
#[cfg(feature = "flows")]
pub(crate) use outbox::Heard;
pub(crate) use outbox::{Limits, Outbox, Sought, Storing};
pub(crate) use verdict::Verdict;
