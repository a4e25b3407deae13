//! Events: what happened, told to Prefect, and heard from it.
//!
//! [`aemit_event`] sends one and waits until it is there; [`AsyncEventSender`] sends many in the background;
//! [`asubscribe`] hears those that a filter lets through.

mod build;
mod emit;
mod feed;
mod limits;
mod related;
mod sender;
mod tell;
mod written;

use diptych_macros::dual;

pub use build::EmitEventOptions;
#[cfg(feature = "flows")]
pub(crate) use build::follows;
#[dual(sdk)]
pub use emit::aemit_event;
#[cfg(feature = "flows")]
pub(crate) use emit::{add_related, unknown};
pub use feed::EventFeed;
#[cfg(feature = "flows")]
#[dual(sdk, map(alisten => listen))]
pub(crate) use feed::alisten;
#[dual(sdk)]
pub use feed::{AsyncEventSubscriber, asubscribe};
#[cfg(feature = "flows")]
pub(crate) use limits::check_related;
#[dual(sdk)]
pub use related::arelated_resources;
#[cfg(feature = "flows")]
pub(crate) use related::of_flow_run;
#[dual(sdk)]
pub use sender::AsyncEventSender;
pub use sender::{Confirmation, SendEventsOptions};
#[dual(sdk, map(atell => tell))]
pub(crate) use tell::atell;
#[cfg(feature = "flows")]
pub(crate) use written::Known;
#[cfg(any(feature = "flows", feature = "testing"))]
pub(crate) use written::Written;

use crate::faces::sdk;
#[dual(sdk)]
pub use crate::websocket::AsyncSubscriber;
pub use crate::websocket::{Feed, SubscribeOptions};
